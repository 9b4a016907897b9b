"""An ``Item`` → the record that Bluesky keeps: its key, its text with facets, what is embedded. Pure.

The record's key is derived from the delivery, so that a repeat meets the first: creating it twice is impossible, and one
look tells whether it is there. Lexicons: ``app.bsky.feed.post``, ``app.bsky.richtext.facet``, ``app.bsky.embed.*``,
``com.atproto.label.defs#selfLabels``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pipelines.services import Item
from signalbook.classes import dataclass
from signalbook.facets import facets as found_facets

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
MOST_IMAGES = 4
IMAGE_BYTES = 2_000_000
"""The lexicon of today; servers that know an older one take 1,000,000 and say so."""
THUMB_BYTES = 1_000_000
VIDEO_BYTES = 300_000_000
CAPTION_BYTES = 20_000
TAG_BYTES = 640
LABELS = frozenset({"!no-unauthenticated", "porn", "sexual", "nudity", "graphic-media"})
"""What an author may say of their own post (``com.atproto.label.defs#labelValue``)."""

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_HANDLE = re.compile(r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_RKEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")


@dataclass(frozen=True, slots=True)
class Ref:
    """A record of a known version (``com.atproto.repo.strongRef``)."""

    uri: str
    cid: str

    def json(self) -> dict[str, str]:
        """As it stands in a record."""
        return {"uri": self.uri, "cid": self.cid}


@dataclass(frozen=True, slots=True)
class Around:
    """What had to be asked before a record can be written.

    Attributes:
        people: handle in small letters → DID, for those who exist.
        parent: what it answers.
        root: the first post of that conversation.
        quoted: what it quotes.
        blobs: what ``uploadBlob`` answered for each medium, in order.
        captions: the same for each medium's captions, ``None`` without.
        thumb: the same for the card's picture.
    """

    people: Mapping[str, str]
    parent: Ref | None = None
    root: Ref | None = None
    quoted: Ref | None = None
    blobs: Sequence[Mapping[str, Any]] = ()
    captions: Sequence[Mapping[str, Any] | None] = ()
    thumb: Mapping[str, Any] | None = None


def key_of(delivery: str, part: int, created_at: datetime) -> str:
    """The record's key, a TID: 13 letters that sort by time (atproto.com/specs/tid).

    The second is that of the creation time, one more for each further part of a thread; all below it is told by the
    delivery. So every attempt of one delivery has one key, and deliveries of the same second have different ones: there
    are a billion.
    """
    told = int.from_bytes(hashlib.blake2b(delivery.encode(), digest_size=8).digest(), "big")
    second = int(created_at.timestamp()) + part - 1
    number = ((second * 1_000_000 + told % 1_000_000) << 10) | (told >> 32) % 1024
    letters = ""
    for _ in range(13):
        letters = _SORTABLE[number & 31] + letters
        number >>= 5
    return letters


def written(at: datetime) -> str:
    """An instant as records have it: UTC with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def post(item: Item, around: Around) -> dict[str, Any]:
    """The record of a post. The same item and surroundings give the same record, byte for byte."""
    record: dict[str, Any] = {"$type": POST, "text": item.text, "createdAt": written(item.created_at)}
    if found := list(facets(item.text, around.people)):
        record["facets"] = found
    if item.lang:
        record["langs"] = [item.lang]
    if around.parent:
        record["reply"] = {"root": (around.root or around.parent).json(), "parent": around.parent.json()}
    if embedded := _embed(item, around):
        record["embed"] = embedded
    if found_labels := labels(item):
        values = [{"val": label} for label in found_labels]
        record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return record


def repost(item: Item, subject: Ref) -> dict[str, Any]:
    """The record of a repost."""
    return {"$type": REPOST, "subject": subject.json(), "createdAt": written(item.created_at)}


def labels(item: Item) -> tuple[str, ...]:
    """The author's own labels of a post, from ``options``: ``labels`` or ``content_warning``, a text or a list."""
    given = item.options.get("labels") or item.options.get("content_warning") or ()
    return tuple(map(str, given)) if isinstance(given, list | tuple) else (str(given),)


def handles(text: str) -> tuple[str, ...]:
    """The handles that a text mentions and that can exist, in small letters, each once."""
    names = dict.fromkeys(one.value.lower() for one in found_facets(text) if one.kind == "mention")
    return tuple(name for name in names if _HANDLE.fullmatch(f"@{name}"))


def facets(text: str, people: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Links, mentions and hashtags of a text by their places in its UTF-8 bytes; they never overlap.

    What they are is said by ``signalbook.facets``, which previews and counts by the same rules; a mention is one of somebody
    whom ``people`` knows.
    """
    for one in found_facets(text):
        feature = {
            "link": {"$type": "app.bsky.richtext.facet#link", "uri": one.value},
            "mention": {"$type": "app.bsky.richtext.facet#mention", "did": people.get(one.value.lower(), "")},
            "tag": {"$type": "app.bsky.richtext.facet#tag", "tag": one.value},
        }[one.kind]
        if all(feature.values()) and len(one.value.encode()) <= (TAG_BYTES if one.kind == "tag" else 8_000):
            yield {"index": {"byteStart": one.byte_start, "byteEnd": one.byte_end}, "features": [feature]}


def _embed(item: Item, around: Around) -> dict[str, Any]:
    shown = _media(item, around) or _card(item, around)
    if around.quoted is None:
        return shown
    quoted = {"$type": "app.bsky.embed.record", "record": around.quoted.json()}
    return {"$type": "app.bsky.embed.recordWithMedia", "record": quoted, "media": shown} if shown else quoted


def _media(item: Item, around: Around) -> dict[str, Any]:
    if not item.media:
        return {}
    first = item.media[0]
    if first.mime.startswith("video/"):
        video: dict[str, Any] = {
            "$type": "app.bsky.embed.video",
            "video": around.blobs[0],
            **_shape(first.width, first.height),
        }
        if first.alt:
            video["alt"] = first.alt
        if around.captions and around.captions[0]:
            video["captions"] = [{"lang": item.lang or "en", "file": around.captions[0]}]
        return video
    images = [
        {"alt": medium.alt, "image": blob, **_shape(medium.width, medium.height)}
        for medium, blob in zip(item.media, around.blobs, strict=True)
    ]
    return {"$type": "app.bsky.embed.images", "images": images}


def _shape(width: int, height: int) -> dict[str, Any]:
    return {"aspectRatio": {"width": width, "height": height}} if width > 0 and height > 0 else {}


def card_address(item: Item) -> str:
    """The address that the card leads to; empty for no card.

    A link that the text does not hold gets a card even when nobody described the page, since it would be lost otherwise.
    """
    if item.media:
        return ""
    links = [one.value for one in found_facets(item.text) if one.kind == "link"]
    if item.card:
        return item.link or (links[0] if links else "")
    return item.link if item.link and item.link not in links else ""


def _card(item: Item, around: Around) -> dict[str, Any]:
    address = card_address(item)
    if not address:
        return {}
    external: dict[str, Any] = {
        "uri": address,
        "title": (item.card.title if item.card else item.title) or urlsplit(address).hostname or address,
        "description": item.card.description if item.card else "",
    }
    if around.thumb:
        external["thumb"] = around.thumb
    return {"$type": "app.bsky.embed.external", "external": external}


def wrong(item: Item) -> str:
    """Why Bluesky can never take this item; empty when it may."""
    pictures = [medium for medium in item.media if medium.mime.startswith("image/")]
    videos = [medium for medium in item.media if medium.mime.startswith("video/")]
    if len(pictures) + len(videos) != len(item.media):
        return "Bluesky shows pictures and video only; take the other files out"
    if videos and (pictures or len(videos) > 1):
        return "one video, or up to 4 pictures, never both"
    if len(pictures) > MOST_IMAGES:
        return f"it has {len(pictures)} pictures, and Bluesky shows {MOST_IMAGES}"
    if videos and videos[0].mime != "video/mp4":
        return "Bluesky takes video as MP4 only"
    for medium in item.media:
        most = VIDEO_BYTES if medium in videos else IMAGE_BYTES
        if len(medium.data) > most:
            return f"{medium.name} has {len(medium.data):,} bytes, and Bluesky takes {most:,}"
        if len(medium.captions) > CAPTION_BYTES:
            return f"the captions of {medium.name} have {len(medium.captions):,} bytes, and Bluesky takes {CAPTION_BYTES:,}"
    if item.poll:
        return "Bluesky has no polls"
    if unknown := [label for label in labels(item) if label not in LABELS]:
        return f"“{unknown[0]}” is no label of Bluesky; write one of: {', '.join(sorted(LABELS))}"
    return ""


def place(address: str) -> tuple[str, str, str] | None:
    """Repository (handle or DID), collection and key of an address: ``at://…``, or a post's page on the web."""
    parts = address.removeprefix("at://").split("/") if address.startswith("at://") else []
    if not parts:
        try:
            path = urlsplit(address).path.strip("/").split("/")
        except ValueError:
            return None
        if len(path) == 4 and path[0] == "profile" and path[2] == "post":
            parts = [path[1], POST, path[3]]
    if len(parts) != 3 or not _RKEY.fullmatch(parts[2]) or not re.fullmatch(r"[A-Za-z0-9.-]{3,300}", parts[1]):
        return None
    if not (_DID.fullmatch(parts[0]) or _HANDLE.fullmatch(f"@{parts[0]}")):
        return None
    return parts[0], parts[1], parts[2]


def is_did(name: object) -> bool:
    """Whether a text is a DID, of a length that can be."""
    return isinstance(name, str) and bool(_DID.fullmatch(name))
