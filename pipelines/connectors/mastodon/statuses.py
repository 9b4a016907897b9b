"""An ``Item`` → what Mastodon's API is told; what a server says of itself and of its statuses → values. Pure.

Entities and methods: docs.joinmastodon.org/methods/statuses, /entities/Instance, /entities/Status. Other programs speak the
same API and leave parts of it out, some without a word: ``Server`` knows what may be relied upon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pipelines import answers
from pipelines.pagetext import Text
from pipelines.services import Attached, Item
from signalbook.classes import dataclass
from signalbook.records import digest

VISIBILITIES = ("public", "unlisted", "private", "direct")
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What a status's id may look like; ids of other programs than Mastodon are no numbers."""
_OWN = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:[-+.]?[a-z0-9.+-]*)?$", re.IGNORECASE)
_MENTION = re.compile(r"@([\w.-]+?)@[\w.:-]+")
_MARKS = str.maketrans("", "", "*_~`")


@dataclass(frozen=True, slots=True)
class Server:
    """What a server says of itself, with Mastodon's own numbers where it is silent.

    Attributes:
        version: as it writes it.
        own: whether it is Mastodon itself, which keeps an ``Idempotency-Key`` for an hour; who only speaks its API may not.
        snac: whether it is snac, which takes some requests and leaves half of them out.
        limit: characters of a status.
        link: what every address counts.
        media: files of a status.
        alt: characters of a description.
        sizes: bytes of a picture, and of a video.
        mimes: types it takes; empty when it does not say.
        options: answers of a poll, and the characters of one.
        closes_s: the shortest and the longest time of a poll.
        quotes: whether a status can quote another (since 4.5).
    """

    version: str = ""
    own: bool = False
    snac: bool = False
    limit: int = 500
    link: int = 23
    media: int = 4
    alt: int = 1_500
    sizes: tuple[int, int] = (16_777_216, 103_809_024)
    mimes: tuple[str, ...] = ()
    options: tuple[int, int] = (4, 50)
    closes_s: tuple[int, int] = (300, 2_629_746)
    quotes: bool = False


def server(instance: object) -> Server:
    """Read the entity Instance, of either version of the API."""
    told = answers.table(instance)
    version = answers.text(told.get("version"), most=200)
    parts = answers.table(told.get("configuration"))
    statuses, media, polls = (answers.table(parts.get(name)) for name in ("statuses", "media_attachments", "polls"))
    match = _OWN.match(version)
    base = Server()

    def number(table: Mapping[str, Any], name: str, default: int) -> int:
        found = answers.number(table.get(name), most=10**10)
        return found or default

    mimes = media.get("supported_mime_types")
    api = answers.number(answers.table(told.get("api_versions")).get("mastodon")) or 0
    return Server(
        version=version,
        own=match is not None,
        snac="snac" in version.lower(),
        limit=number(statuses, "max_characters", answers.number(told.get("max_toot_chars")) or base.limit),
        link=number(statuses, "characters_reserved_per_url", base.link),
        media=number(statuses, "max_media_attachments", base.media),
        alt=number(media, "description_limit", base.alt),
        sizes=(number(media, "image_size_limit", base.sizes[0]), number(media, "video_size_limit", base.sizes[1])),
        mimes=tuple(kind for kind in mimes[:100] if isinstance(kind, str)) if isinstance(mimes, list) else (),
        options=(number(polls, "max_options", 4), number(polls, "max_characters_per_option", 50)),
        closes_s=(number(polls, "min_expiration", 300), number(polls, "max_expiration", 2_629_746)),
        quotes=bool(match and (int(match[1]), int(match[2])) >= (4, 5)) or api >= 7,
    )


def visibility(item: Item) -> str:
    """Who shall see it; empty for what the account does by itself."""
    return str(item.options.get("visibility") or "")


def warning(item: Item) -> str:
    """The words in front of the text, behind which it is folded."""
    return str(item.options.get("content_warning") or "")


def wrong(item: Item, host: Server) -> str:
    """Why this server can never take this item; empty when it may. Length is the server's to judge: it counts for itself."""
    asked = visibility(item)
    if asked and asked not in VISIBILITIES:
        return f"“{asked}” is no visibility of Mastodon; write one of: {', '.join(VISIBILITIES)}"
    if host.snac and asked in {"unlisted", "direct"}:
        return f"this server (snac) would show it otherwise than “{asked}” means; it knows public and private only"
    if len(item.media) > host.media:
        return f"it has {len(item.media)} files, and this server takes {host.media}"
    for medium in item.media:
        if why := _wrong_file(medium, host):
            return why
    if item.poll and (why := _wrong_poll(item, host)):
        return why
    if item.quote_of and not host.quotes:
        return f"this server (version {host.version or 'unknown'}) has no quotes; put the address into the text instead"
    return ""


def _wrong_file(medium: Attached, host: Server) -> str:
    if host.mimes and medium.mime not in host.mimes:
        return f"{medium.name} is {medium.mime}, which this server does not take"
    most = host.sizes[0 if medium.mime.startswith("image/") else 1]
    if len(medium.data) > most:
        return f"{medium.name} has {len(medium.data):,} bytes, and this server takes {most:,}"
    if len(medium.alt) > host.alt:
        return f"the alt text of {medium.name} has {len(medium.alt):,} characters, and this server takes {host.alt:,}"
    return ""


def _wrong_poll(item: Item, host: Server) -> str:
    poll = item.poll
    if poll is None:
        return ""
    if host.snac:
        return "this server (snac) takes no polls from other programs"
    if item.media:
        return "a post has a poll or media, never both"
    if not 2 <= len(poll.options) <= host.options[0]:
        return f"a poll has 2 to {host.options[0]} answers here, and this one has {len(poll.options)}"
    if long := [option for option in poll.options if len(option) > host.options[1]]:
        return f"the answer “{long[0][:60]}” is longer than {host.options[1]} characters"
    if not host.closes_s[0] <= poll.closes_s <= host.closes_s[1]:
        return f"a poll is open from {host.closes_s[0] // 60} minutes to {host.closes_s[1] // 86_400} days here"
    return ""


def key_of(item: Item) -> str:
    """The ``Idempotency-Key``: the same in every attempt of one delivery, whatever its words: a changed post goes out once too."""
    return digest("mastodon", item.key, item.part, item.created_at.isoformat())


def body(item: Item, *, media: Sequence[str], reply_to: str = "", quoted: str = "") -> dict[str, Any]:
    """What ``POST /api/v1/statuses`` is told."""
    said: dict[str, Any] = {"status": item.text}
    if media:
        said["media_ids"] = list(media)
    if reply_to:
        said["in_reply_to_id"] = reply_to
    if quoted:
        said["quoted_status_id"] = quoted
    if words := warning(item):
        said |= {"spoiler_text": words, "sensitive": True}
    elif item.options.get("sensitive") is True:
        said["sensitive"] = True
    if asked := visibility(item):
        said["visibility"] = asked
    if item.lang:
        said["language"] = item.lang
    if item.poll:
        multiple = item.options.get("multiple") is True
        said["poll"] = {"options": list(item.poll.options), "expires_in": item.poll.closes_s, "multiple": multiple}
    return said


def changed(item: Item, *, media: Sequence[str]) -> dict[str, Any]:
    """What ``PUT /api/v1/statuses/:id`` is told. What is left out there is taken away, so all of it is said."""
    said = body(item, media=media)
    said.pop("visibility", None)
    said |= {"spoiler_text": warning(item), "sensitive": said.get("sensitive", False), "media_ids": list(media)}
    if media:
        pairs = zip(media, item.media, strict=True)
        said["media_attributes"] = [{"id": number, "description": medium.alt} for number, medium in pairs]
    return said


def focus(item: Item, medium: Attached) -> str:
    """The point of a picture that stays in view, ``x,y`` from -1 to 1: ``options: {focus: {door.jpg: "0.2,0.5"}}``."""
    given = item.options.get("focus")
    found = given.get(medium.name) if isinstance(given, Mapping) else given
    text = str(found or "").replace(" ", "")
    return text if re.fullmatch(r"-?[01](\.\d+)?,-?[01](\.\d+)?", text) else ""


def plain(html: object) -> str:
    """A status's HTML as text."""
    page = Text()
    page.feed(html if isinstance(html, str) else "")
    page.close()
    return page.text


def alike(text: str) -> str:
    """A text as it can be compared after a server has dressed it: no spaces, no marks, mentions without their server."""
    bare = unicodedata.normalize("NFC", _MENTION.sub(r"@\1", text)).translate(_MARKS)
    return "".join(bare.split())


def same_number(one: str, other: str) -> bool:
    """Whether two ids name one status: snac's begin with the second of the last change, ten digits, and then stay."""
    return one == other or (len(one) == len(other) == 42 and one[:10].isdigit() and one[10:] == other[10:])


def same(status: Mapping[str, Any], item: Item, *, reply_to: str) -> bool:
    """Whether a status of ours is the item: its words, its warning, so many files, and what it answers."""
    files = status.get("media_attachments")
    return (
        not status.get("reblog")
        and alike(plain(status.get("content"))) == alike(item.text)
        and alike(str(status.get("spoiler_text") or "")) == alike(warning(item))
        and (len(files) if isinstance(files, list) else 0) == len(item.media)
        and same_number(str(status.get("in_reply_to_id") or ""), reply_to)
    )


def number_in(address: str, host: str) -> str:
    """The id in the address of a status on the channel's own server; empty for any other address."""
    try:
        found, own = urlsplit(address), urlsplit(host)
        parts = found.path.strip("/").split("/")
        if found.netloc.lower() != own.netloc.lower() or not parts:
            return ""
    except ValueError:
        return ""
    return parts[-1] if re.fullmatch(r"\d{1,30}", parts[-1]) else ""
