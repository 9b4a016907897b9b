"""A delivery → the ``Item`` that a publisher sends: everything that was added on the way is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipelines.services import Attached, Item, Poll
from signalbook import approval, counting, hypertext, posts
from signalbook import media as pictures
from signalbook.errors import Refused

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.model import Media, Post
    from signalbook.records import Receipt


def item(book: Book, found: Delivery, *, created_at: datetime, before: Sequence[Receipt] = ()) -> Item:
    """Make what is sent.

    ``created_at`` is the creation time that every attempt sends; ``before`` are the receipts of the earlier parts of the
    thread, in order.

    Raises:
        Refused: the delivery has no copy, or a picture is missing: sending it as it stands would not be what was approved.
    """
    post = found.post
    out = posts.outgoing(book, post, found.channel, at=found.due)
    if not out.parts:
        raise Refused(found.channel, f"{found.key} has no copy for this channel")
    if found.part > len(out.parts):
        raise Refused(found.channel, f"{found.key} is no part of the copy any more")
    text = out.parts[found.part - 1].text
    options = dict(out.options)
    if out.warning:
        options["content_warning"] = out.warning
    body = Item(
        key=found.key, post=post.slug, text=text, created_at=created_at, part=found.part, parts=len(out.parts),
        title=out.title, lang=out.lang, before=tuple(before), options=options, content=approval.content(book, found),
    )  # fmt: skip
    if found.part > 1:
        return body
    if out.first_comment:
        options["first_comment"] = out.first_comment
    return replace(
        body,
        html=hypertext.render(text) if out.form == "markdown" else "",
        link=out.link,
        media=tuple(_attached(book, post, found.channel, media) for media in post.media),
        in_reply_to=str(post.in_reply_to or ""),
        quote_of=str(post.quote_of or ""),
        repost_of=str(post.repost_of or ""),
        poll=_poll(post),
    )


def _poll(post: Post) -> Poll | None:
    if post.poll is None or len(post.poll.options) < 2:
        return None
    closes = post.poll.closes
    return Poll(post.poll.options, int(closes.elapsed.total_seconds()) if closes else 86_400)


def _attached(book: Book, post: Post, channel: str, media: Media) -> Attached:
    src = str(media.src or "")
    path = approval.media_path(book, post, src)
    data = _read(book, post, channel, src)
    if data.startswith(b"version https://git-lfs.github.com/"):
        raise Refused(channel, f"{post.path}: {src} is only a pointer here; fetch the file with `git lfs pull`")
    connector = book.settings.channels[channel]
    made = pictures.fitted(data, counting.network_of(connector) or connector.connector, connector.name or channel)
    if isinstance(made, pictures.Problem):
        raise Refused(channel, f"{post.path}: {src}: {made.message} {made.remedy}")
    captions = _read(book, post, channel, str(media.captions)) if media.captions else b""
    return Attached(
        name=path.name if made.mime == pictures.look(data).mime else f"{path.stem}{_ENDINGS.get(made.mime, path.suffix)}",
        data=made.data, mime=made.mime, alt="" if media.decorative else media.alt or "", width=made.width, height=made.height,
        digest=made.digest, captions=captions,
    )  # fmt: skip


def _read(book: Book, post: Post, channel: str, src: str) -> bytes:
    path = approval.media_path(book, post, src)
    try:
        inside = path.resolve().is_relative_to(book.workspace.root.resolve()) and path.is_file()
        data = path.read_bytes() if inside else b""
    except (OSError, ValueError, RuntimeError):
        data = b""
    if not data:
        raise Refused(channel, f"{post.path}: the file {src} is not there or is empty")
    return data


_ENDINGS: Mapping[str, str] = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def facts_of(sent: Mapping[str, Any]) -> tuple[str, ...]:
    """What a service told, as a record keeps it."""
    return tuple(f"{name}={value}" for name, value in sorted(sent.items()))


def read_facts(facts: Sequence[str]) -> dict[str, str]:
    """What a record kept of a service's words."""
    return {name: value for fact in facts for name, _, value in (fact.partition("="),)}
