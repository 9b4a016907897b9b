"""The team's own feed as RSS 2.0, Atom and JSON Feed: pure writers, and how an item is called for good.

A post on a ``feed`` channel is published when its receipt is recorded; the next build of the site puts exactly those
posts into the files. An item's id comes from its receipt and never changes, whatever becomes of its title or address, so
that no reader shows it twice.

Sources: RSS 2.0 (rssboard.org/rss-specification), its content and Dublin Core modules; RFC 4287; jsonfeed.org/version/1.1.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from signalbook import hypertext
from signalbook.classes import dataclass
from signalbook.pattern import pattern

FILES = {
    "rss.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
}
"""Name of a feed's file → its type."""

_SLUG = pattern(r"[a-z0-9][a-z0-9-]{0,99}")

NEWEST = 50
"""So many items stand in a feed: readers ask for the whole file each time."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A picture or a sound of an item.

    Attributes:
        url: where it lies, absolute.
        size: in bytes.
    """

    url: str
    mime: str
    size: int = 0
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One published post as a feed shows it.

    Attributes:
        id: the receipt's id: ``urn:uuid:…``.
        url: its live address.
        html: the body; it is sanitised once more on the way out.
        published_at: the first receipt's time.
        updated_at: the newest amendment's time; the same as ``published_at`` when there is none.
        author: a role's name.
        lang: BCP 47; empty when unknown.
    """

    id: str
    url: str
    title: str
    html: str
    published_at: datetime
    updated_at: datetime
    author: str = ""
    lang: str = ""
    tags: tuple[str, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """What all three files tell of themselves.

    Attributes:
        home: the page that the feed stands for.
        base: the folder of the three files, with a slash at its end.
        entries: in any order; the newest come first in the files, ``NEWEST`` of them.
    """

    title: str
    home: str
    base: str
    description: str = ""
    lang: str = ""
    author: str = ""
    entries: tuple[Entry, ...] = ()


def item_id(site: str, key: str) -> str:
    """The id of a delivery's item: from the site's address and the delivery's key, kept in its receipt for good."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site.rstrip('/')}/#{key}").urn


def item_name(key: str) -> str:
    """The name of an item's page: ``first-morning/blog`` → ``first-morning``; ``@`` and a part become dashes."""
    post, _, rest = key.partition("/")
    part = rest.partition("/")[2]
    name = f"{post}-{part}" if part and part != "1" else post
    return name.replace("@", "-")


def item_url(site: str, key: str, slug: object = "") -> str:
    """The live address of a delivery's item below the channel's ``url``; empty when the channel has none.

    ``slug`` is what the post asks for (``options: {blog: {slug: first-morning}}``): ``…/first-morning/``. One that is no
    plain name is passed over.
    """
    if not site:
        return ""
    if isinstance(slug, str) and _SLUG.fullmatch(slug) and read_part(key) == 1:
        return f"{site.rstrip('/')}/{slug}/"
    return f"{site.rstrip('/')}/{quote(item_name(key))}.html"


def read_part(key: str) -> int:
    """The part of its thread that a delivery is, and 0 for one of the times of a post that comes again."""
    post, _, rest = key.partition("/")
    part = rest.partition("/")[2]
    return 0 if "@" in post else int(part) if part.isdecimal() else 1


def write(feed: Feed) -> dict[str, bytes]:
    """The three files by name."""
    return {"rss.xml": rss(feed), "atom.xml": atom(feed), "feed.json": json_feed(feed)}


def newest(entries: Iterable[Entry]) -> list[Entry]:
    """The items of a feed in its order: newest first, ids decide between equals."""
    return sorted(entries, key=lambda entry: (-entry.published_at.timestamp(), entry.id))[:NEWEST]


def _changed(found: list[Entry]) -> datetime:
    return max((entry.updated_at for entry in found), default=datetime(1970, 1, 1, tzinfo=UTC))


def rss(feed: Feed) -> bytes:
    """RSS 2.0 with ``content:encoded``; times as RFC 822 says."""
    found = newest(feed.entries)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        (
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        ),
        "<channel>",
        _tag("title", feed.title),
        _tag("link", _web(feed.home)),
        _tag("description", feed.description or feed.title),
        *([_tag("language", feed.lang)] if feed.lang else []),
        _tag("lastBuildDate", _rfc822(_changed(found))),
        _tag("generator", "Signalbook"),
        f'<atom:link href={_attr(feed.base + "rss.xml")} rel="self" type="application/rss+xml"/>',
    ]
    for entry in found:
        body = hypertext.sanitise(entry.html, pictures=_own(entry))
        lines += [
            "<item>",
            _tag("title", entry.title),
            *([_tag("link", _web(entry.url))] if _web(entry.url) else []),
            f'<guid isPermaLink="false">{_text(entry.id)}</guid>',
            _tag("pubDate", _rfc822(entry.published_at)),
            *([_tag("dc:creator", entry.author)] if entry.author else []),
            *(_tag("category", tag) for tag in entry.tags),
            # Readers take a description for HTML, so that a plain text's own signs are escaped once more.
            _tag("description", escape(hypertext.excerpt(body), quote=False)),
            _tag("content:encoded", body),
            # One at most: the specification is silent on more, and readers differ.
            *(
                f'<enclosure url={_attr(one.url)} length="{one.size}" type={_attr(one.mime)}/>'
                for one in entry.enclosed[:1]
            ),
            "</item>",
        ]
    return "\n".join([*lines, "</channel>", "</rss>", ""]).encode()


def atom(feed: Feed) -> bytes:
    """Atom (RFC 4287); times as RFC 3339 says."""
    found = newest(feed.entries)
    own = uuid.uuid5(uuid.NAMESPACE_URL, feed.base or feed.home or feed.title).urn
    lang = f" xml:lang={_attr(feed.lang)}" if feed.lang else ""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom"{lang}>',
        _tag("title", feed.title),
        *([_tag("subtitle", feed.description)] if feed.description else []),
        _tag("id", own),
        _tag("updated", _rfc3339(_changed(found))),
        f'<link href={_attr(feed.base + "atom.xml")} rel="self" type="application/atom+xml"/>',
        *([f'<link href={_attr(_web(feed.home))} rel="alternate" type="text/html"/>'] if _web(feed.home) else []),
        f"<author>{_tag('name', feed.author or feed.title)}</author>",
        _tag("generator", "Signalbook"),
    ]
    for entry in found:
        body = hypertext.sanitise(entry.html, pictures=_own(entry))
        lines += [
            f"<entry{f' xml:lang={_attr(entry.lang)}' if entry.lang else ''}>",
            _tag("title", entry.title),
            _tag("id", entry.id),
            *([f'<link href={_attr(_web(entry.url))} rel="alternate" type="text/html"/>'] if _web(entry.url) else []),
            _tag("published", _rfc3339(entry.published_at)),
            _tag("updated", _rfc3339(max(entry.updated_at, entry.published_at))),
            *([f"<author>{_tag('name', entry.author)}</author>"] if entry.author else []),
            *(f"<category term={_attr(tag)}/>" for tag in entry.tags),
            _tag("summary", hypertext.excerpt(body)),
            f'<content type="html">{_text(body)}</content>',
            *(
                f'<link rel="enclosure" href={_attr(one.url)} type={_attr(one.mime)} length="{one.size}"/>'
                for one in entry.enclosed
            ),
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode()


def json_feed(feed: Feed) -> bytes:
    """JSON Feed 1.1."""
    found: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": hypertext.clean(feed.title),
        "home_page_url": _web(feed.home),
        "feed_url": feed.base + "feed.json",
        "description": hypertext.clean(feed.description),
        "language": feed.lang,
        "authors": [{"name": hypertext.clean(feed.author)}] if feed.author else [],
    }
    found = {name: value for name, value in found.items() if value}
    found["items"] = [_item(entry) for entry in newest(feed.entries)]
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _item(entry: Entry) -> dict[str, Any]:
    body = hypertext.sanitise(entry.html, pictures=_own(entry))
    found: dict[str, Any] = {
        "id": entry.id,
        "url": _web(entry.url),
        "title": hypertext.clean(entry.title),
        "content_html": body,
        "summary": hypertext.excerpt(body),
        "image": next((one.url for one in entry.enclosed if one.mime.startswith("image/")), ""),
        "date_published": _rfc3339(entry.published_at),
        "date_modified": _rfc3339(max(entry.updated_at, entry.published_at)),
        "authors": [{"name": hypertext.clean(entry.author)}] if entry.author else [],
        "tags": [hypertext.clean(tag) for tag in entry.tags],
        "language": entry.lang,
        "attachments": [
            {"url": one.url, "mime_type": one.mime, **({"size_in_bytes": one.size} if one.size else {})}
            for one in entry.enclosed
        ],
    }
    # An item without content is invalid; everything else that is empty is left out.
    return {name: value for name, value in found.items() if value or name == "content_html"}


def _own(entry: Entry) -> dict[str, str]:
    """The pictures that may stand in an item's body: those that are its own."""
    return {one.url: one.url for one in entry.enclosed}


def _web(url: str) -> str:
    """An address a reader may follow; empty for anything else."""
    return url if urlsplit(url).scheme in {"http", "https"} else ""


def _escaped(text: str) -> str:
    """Text as XML holds it; the standard library's own comes with a client for the network, which takes long to load."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(value: str) -> str:
    # A lone surrogate can be in no file; JSON in a front matter can hold one.
    return _escaped(hypertext.clean(value).encode("utf-8", "replace").decode())


def _tag(name: str, value: str) -> str:
    return f"<{name}>{_text(value)}</{name}>"


def _attr(value: str) -> str:
    words = _escaped(hypertext.clean(value).encode("utf-8", "replace").decode())
    for char, name in (('"', "&quot;"), ("\n", "&#10;"), ("\r", "&#13;"), ("\t", "&#9;")):
        words = words.replace(char, name)
    return f'"{words}"'


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
