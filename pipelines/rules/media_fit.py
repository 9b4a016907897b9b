"""Each network takes the files of a post: how many, together with what, of which kind, size and shape."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from signalbook import counting, media, posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.media import Looked
from signalbook.posts import View
from signalbook.rule import Ask, rule

_HEAD = 128 * 1024
"""So many bytes hold the headers of any picture that people make."""


@rule(
    "media-fit",
    level=Level.BLOCK,
    about="Each network takes a post's pictures and videos: how many, which kinds together, type, size, shape.",
    source="the networks",
    waive="A",
)
def media_fit(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Look at the files of posts that are still to go out; what can be re-encoded is no finding."""
    known = frozenset(book.files)
    networks = {key: counting.network_of(channel) for key, channel in book.settings.channels.items()}
    rows = media.table()
    needing = {name for name, row in rows.items() if row.required}
    look = functools.cache(functools.partial(_looked, book, known=known))  # many posts show the same file
    answers: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[media.Problem]] = {}
    for view in posts.views(book):
        post = view.post
        if (
            view.sent
            or post.type == "repost"
            or not (post.media or any(networks[c.key] in needing for c in view.channels))
        ):
            continue
        folder = post.path.rpartition("/")[0]
        asked = (folder, tuple([item.src or "" for item in post.media]), post.channels)
        answer = answers.get(asked)
        if answer is None:
            files = [look(folder, src) for src in asked[1]]
            seen = tuple([one for one in files if one])
            # Of a file that is not there the rule `media` speaks.
            answer = answers[asked] = [] if None in files else list(_problems(view, networks, seen))
        for problem in answer:
            field = f"media.{problem.index}.src" if problem.index >= 0 else "media" if post.media else "channels"
            yield ask(post, field, problem.message, problem.remedy, level=None if problem.sure else Level.WARN)


def _problems(view: View, networks: Mapping[str, str], seen: tuple[Looked, ...]) -> Iterator[media.Problem]:
    """What a post's networks have against its files, each thing once."""
    told: set[str] = set()
    for channel in view.channels:
        for problem in media.problems(networks[channel.key], channel.name, seen):
            if problem.message not in told:
                told.add(problem.message)
                yield problem


def _looked(book: Book, folder: str, value: str, *, known: frozenset[str]) -> Looked | None:
    base = "content" if value.startswith("/") else folder
    found = posixpath.normpath(posixpath.join(base, value.lstrip("/")))
    if found not in known:
        return None
    file = book.workspace.root / found
    try:
        state = file.stat()
        return _at(str(file), state.st_size, state.st_mtime_ns)
    except OSError:
        return None


@functools.lru_cache(maxsize=8192)
def _at(file: str, size: int, changed_ns: int) -> Looked:  # noqa: ARG001 - it says that the file is the same
    with Path(file).open("rb") as opened:
        return media.look(opened.read(_HEAD), size)
