"""What was sent, beside what stands in the file now: found in git where it is there, and told word by word.

A receipt holds the hash of what went out. When the file says something else today, some commit said what was sent:
the one whose content has that hash. Where no commit has it (a picture was replaced, the workspace is in no git, the
settings added other words then), the last merge before the receipt is the best that is known, and is called that.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from signalbook import approval, content, history, posts
from signalbook.classes import dataclass
from signalbook.model import Post
from signalbook.pattern import pattern

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.history import History, Version

MOST = 60
"""So many versions of a file are looked at, the newest first."""

Sort = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Copy:
    """A post as it was.

    Attributes:
        commit: the commit that holds it.
        exact: whether its content has the hash that the receipt bears.
    """

    post: Post
    commit: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was sent and is another now.

    Attributes:
        what: ``title``, ``copy``, ``part 2``, ``link``, ``pictures``, ``alternative text``, ``disclosure``, ``poll``, ``first comment``, ``options``.
        was: empty when it was not there.
        now: empty when it is gone.
    """

    what: str
    was: str
    now: str


def changed(book: Book, found: Delivery) -> bool:
    """Whether the file says something else than what people can read; also where nobody knows which words are out."""
    last = found.sent
    if last is None or not (last.content or last.what == "sent"):
        return False
    return last.content != _content(book, found.post, found)


def _content(book: Book, post: Post, found: Delivery) -> str:
    return approval.content(book, found if post is found.post else replace(found, post=post))


def copy_of(book: Book, past: History, found: Delivery) -> Copy | None:
    """The post as it was sent, from git; ``None`` where git knows nothing of it."""
    last, life = found.sent, past.lives.get(found.post.path)
    if last is None or life is None:
        return None
    versions = [one for one in reversed(life.versions) if one.file.what != "removed"][:MOST]
    for version in versions:
        post = _read(book, version)
        if post is not None and last.content and _content(book, post, found) == last.content:
            return Copy(post, version.commit.sha, exact=True)
    main = past.main_lives.get(found.post.path)
    for version in reversed(main.versions if main else ()):
        if version.commit.at <= last.at and (post := _read(book, version)) is not None:
            return Copy(post, version.commit.sha, exact=False)
    return None


def _read(book: Book, version: Version) -> Post | None:
    data = history.file_at(book.workspace, version.commit.sha, version.file.path)
    if data is None:
        return None
    document, _ = content.parse(version.file.path, data, book.settings.team.zone)
    return document if isinstance(document, Post) and not document.unreadable else None


def differences(book: Book, was: Post, found: Delivery) -> Iterator[Difference]:
    """What differs on one channel between a post as it was and as it is, each thing once."""
    now = found.post
    before, after = (posts.outgoing(book, one, found.channel, at=found.due) for one in (was, now))
    if before.title != after.title:
        yield Difference("title", before.title, after.title)
    many = max(len(before.parts), len(after.parts)) > 1
    for index in range(max(len(before.parts), len(after.parts))):
        if found.part != index + 1 and many:
            continue
        old = before.parts[index].text if index < len(before.parts) else ""
        new = after.parts[index].text if index < len(after.parts) else ""
        if old != new:
            yield Difference(f"part {index + 1}" if many else "copy", old, new)
    for what, old, new in (
        ("content warning", before.warning, after.warning),
        ("link", before.link, after.link),
        ("pictures", _sources(was), _sources(now)),
        ("alternative text", _alts(was), _alts(now)),
        ("disclosure", was.disclosure or "", now.disclosure or ""),
        ("poll", _poll(was), _poll(now)),
        ("first comment", before.first_comment, after.first_comment),
        ("options", _options(before.options), _options(after.options)),
    ):
        if old != new:
            yield Difference(what, old, new)


def _sources(post: Post) -> str:
    return "\n".join(media.src or "" for media in post.media)


def _alts(post: Post) -> str:
    return "\n".join("(decorative)" if media.decorative else media.alt or "" for media in post.media)


def _poll(post: Post) -> str:
    return "\n".join((*post.poll.options, str(post.poll.closes or ""))) if post.poll else ""


def _options(values: object) -> str:
    return (
        "\n".join(f"{key}: {value}" for key, value in sorted(dict(values).items())) if isinstance(values, dict) else ""
    )


_WORDS = pattern(r"\s+|[^\s]+")


def words(was: str, now: str) -> list[tuple[Sort, str]]:
    """Two texts as stretches that stayed, went and came, in reading order; what went comes before what came."""
    old, new = _WORDS.findall(was), _WORDS.findall(now)
    out: list[tuple[Sort, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            out.append(("gone", "".join(old[a:b])))
        if d > c:
            out.append(("new", "".join(new[c:d])))
    return out
