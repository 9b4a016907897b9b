"""The quick way through well-formed feeds: RSS 2.0 and Atom 1.0 of the plain kind. Everything else is feedparser's.

feedparser looks at every feed as if it were broken, which costs thirty times as much as reading one that is not. ``decode``
reads a feed only when each of its elements is one whose meaning cannot be mistaken, and gives ``None`` at the first thing
that feedparser would look at twice: markup or entities in a title, a link that is relative, a date that is written in
another way, an element from a name space that can rename something. Titles, links, ids and dates equal feedparser's,
which ``tests/pipelines/test_feeds_fast.py`` holds on every shared feed and on generated ones.

It runs in this process. What could grow (declared entities, documents of many megabytes) is refused before a parser sees it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pipelines.feeds_in import DEEPEST, MOST_LETTERS, MOST_WORDS, Entry, Feed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_BYTES = 2 * 1024 * 1024
MOST_TAGS = 60_000
MOST_ITEMS = 4_000

_ATOM = "{http://www.w3.org/2005/Atom}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_TUBE = "{http://www.youtube.com/xml/schemas/2015}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_LANGUAGE = "{http://purl.org/dc/elements/1.1/}language"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_RSS_ITEM = frozenset(
    {"title", "link", "description", "pubDate", "guid", "author", "category", "comments", "enclosure"}
)
_MODULES = frozenset({
    _CONTENT, _CREATOR, "{http://wellformedweb.org/CommentAPI/}commentRss", "{http://wellformedweb.org/CommentAPI/}comment",
    "{http://purl.org/rss/1.0/modules/slash/}comments", f"{_MEDIA}content", f"{_MEDIA}thumbnail",
})  # fmt: skip
_ITEM = _RSS_ITEM | _MODULES
_GUIDS: tuple[list[str], ...] = ([], ["isPermaLink"])
_KINDS: tuple[list[str], ...] = ([], ["type"])
_ATOM_ENTRY = frozenset(
    f"{_ATOM}{name}"
    for name in ("title", "link", "id", "published", "updated", "author", "category", "summary", "content", "rights")
)
_ONCE = frozenset({"title", "guid", "pubDate", f"{_ATOM}title", f"{_ATOM}id", f"{_ATOM}published", f"{_ATOM}updated"})
_TEXTS = frozenset({"text", "html", "text/plain", "text/html"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})

_ENTITY = re.compile(r"&#?\w+;|<|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][^\s<>\"\\\x7f-\U0010ffff]*\Z")
_NAME = re.compile(r"[\x21-\x7e]+\Z")
_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) (?:GMT|UTC|([+-])(\d\d)(\d\d))\Z",
    re.ASCII,
)
_MONTHS = {name: n for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)


class _Odd(Exception):  # noqa: N818 - no error: a feed for the other reader
    """Something that feedparser would look at twice."""


def decode(data: bytes) -> Feed | None:
    """Read a feed that is well-formed and plain; ``None`` for every other one."""
    from xml.etree import ElementTree as ET

    if len(data) > MOST_BYTES or data.count(b"<") > MOST_TAGS or b"<!DOCTYPE" in data or b":base" in data:
        return None
    head = data[:200].lstrip(b"\xef\xbb\xbf")
    if not head.startswith((b"<?xml", b"<rss", b"<feed")) or not _utf8(head, data):
        return None
    try:
        root = ET.fromstring(data)  # noqa: S314 - no document type can be declared in it: see above
        if root.tag == "rss":
            return _rss(root)
        if root.tag == f"{_ATOM}feed":
            return _atom(root)
    except (ET.ParseError, _Odd, ValueError, OverflowError, RecursionError):
        pass
    return None


def _utf8(head: bytes, data: bytes) -> bool:
    """Whether the feed is in UTF-8, and says nothing else."""
    declared = re.match(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", head)
    if declared and declared[1].lower() != b"utf-8":
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _rss(root: Element) -> Feed:
    if root.get("version") != "2.0" or len(root) != 1 or root[0].tag != "channel":
        raise _Odd
    channel = root[0]
    title, items, lang, image = None, [], "", False
    for child in channel:
        if child.tag == "item":
            items.append(child)
        elif child.tag == "title":
            if title is not None or image or len(child) or child.attrib:
                raise _Odd
            title = _title(child.text)
        elif child.tag in {"language", _LANGUAGE}:
            lang = (child.text or "").strip()[:35]
        elif child.tag == "image":
            image = True
        elif child.tag.endswith("}title") or child.tag in {"textInput", "textinput", "items"}:
            raise _Odd
    if len(items) > MOST_ITEMS:
        raise _Odd
    lang = lang or root.get(_LANG, "")[:35]
    return Feed("rss20", title, tuple(_item(item) for item in items), lang=lang)


def _item(item: Element) -> Entry:
    link = title = identity = author = None
    published = None
    summary = content = ""
    seen: set[str] = set()
    for child in item:
        tag, text = child.tag, child.text or ""
        if tag not in _ITEM or len(child) or (tag in _ONCE and tag in seen):
            raise _Odd
        seen.add(tag)
        # Not ``attrib``, which makes a dictionary for each element that has none.
        if tag == "title":
            if child.keys():
                raise _Odd
            title = _title(text)
        elif tag == "link":
            if link is not None or child.keys():
                raise _Odd
            link = _address(text)
        elif tag == "guid":
            identity = _identity(text, resolved=child.get("isPermaLink", "true") == "true")
            if child.keys() not in _GUIDS:
                raise _Odd
        elif tag == "pubDate":
            published = _rfc822(text.strip())
        elif tag == "description":
            summary = text
        elif tag == _CONTENT:
            content = text
        elif tag in {"author", _CREATOR}:
            author = _twice(text).strip() or author
    if link is None:
        raise _Odd
    return Entry(identity, link, title, published, published, _words(content or summary), _cut(author or ""))


def _atom(root: Element) -> Feed:
    if "version" in root.attrib:
        raise _Odd
    title, entries = None, []
    for child in root:
        if child.tag == f"{_ATOM}entry":
            entries.append(child)
        elif child.tag == f"{_ATOM}title":
            if title is not None:
                raise _Odd
            title = _atom_title(child)
        elif child.tag.endswith("}title") or not child.tag.startswith("{"):
            raise _Odd
    if len(entries) > MOST_ITEMS:
        raise _Odd
    lang = root.get(_LANG, "")[:35]
    return Feed("atom10", title, tuple(_entry(entry) for entry in entries), lang=lang)


def _entry(entry: Element) -> Entry:
    link = title = identity = None
    author = summary = content = ""
    published = updated = None
    seen: set[str] = set()
    for child in entry:
        tag, text = child.tag, child.text or ""
        if tag in _ONCE and tag in seen:
            raise _Odd
        seen.add(tag)
        if tag == f"{_MEDIA}group":
            # Its title and description come after the entry's own, which then count.
            if not title or len(child) > DEEPEST or any(not one.tag.startswith(_MEDIA) for one in child.iter()):
                raise _Odd
            summary = summary or child.findtext(f"{_MEDIA}description") or ""
        elif tag in {f"{_TUBE}videoId", f"{_TUBE}channelId"}:
            pass
        elif tag not in _ATOM_ENTRY or (len(child) and tag != f"{_ATOM}author"):
            raise _Odd
        elif tag == f"{_ATOM}title":
            title = _atom_title(child)
        elif tag == f"{_ATOM}link":
            if text.strip():
                raise _Odd
            if child.get("rel", "alternate") == "alternate":
                if link is not None or child.get("type", "text/html") not in _PAGES:
                    raise _Odd
                link = _address(child.get("href", ""))
        elif tag == f"{_ATOM}id":
            if child.keys():
                raise _Odd
            identity = _identity(text, resolved=True)
        elif tag == f"{_ATOM}published":
            published = _rfc3339(text.strip())
        elif tag == f"{_ATOM}updated":
            updated = _rfc3339(text.strip())
        elif tag == f"{_ATOM}summary":
            summary = text
        elif tag == f"{_ATOM}content":
            if child.get("type", "text") not in _TEXTS:
                raise _Odd
            content = text
        elif tag == f"{_ATOM}author":
            name = child.findtext(f"{_ATOM}name") or child.findtext(f"{_ATOM}email") or ""
            author = _twice(name).strip() or author
    if link is None:
        raise _Odd
    return Entry(identity, link, title, published, updated or published, _words(content or summary), _cut(author))


def _atom_title(element: Element) -> str:
    kind = element.get("type", "text")
    if kind not in _TEXTS or len(element) or element.keys() not in _KINDS:
        raise _Odd
    if kind.endswith("html") and "&" in (element.text or ""):
        raise _Odd
    return _title(element.text)


def _title(text: str | None) -> str:
    """As feedparser gives it, white space made single."""
    found = text or ""
    if _ENTITY.search(found):
        if "\n" not in found and "\t" not in found:
            raise _Odd
        if _ENTITY.search(found.replace("\n", " ").replace("\t", " ")):
            raise _Odd
    return " ".join(_twice(found).split())[:MOST_LETTERS]


def _twice(text: str) -> str:
    """A text that was encoded as UTF-8 twice, decoded twice, as feedparser does it."""
    if text.isascii():
        return text
    try:
        found = text.strip().encode("iso-8859-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
    if _ENTITY.search(found):
        raise _Odd
    return found


def _address(text: str) -> str:
    found = text.strip()
    if not _ADDRESS.match(found) or _ENTITY.search(found) or len(found) > MOST_LETTERS:
        raise _Odd
    return found


def _identity(text: str, *, resolved: bool) -> str:
    found = text.strip()
    if not _NAME.match(found) or _ENTITY.search(found) or len(found) > MOST_LETTERS:
        raise _Odd
    if resolved and "://" in found and not _ADDRESS.match(found):
        raise _Odd
    return found


def _words(text: str) -> str:
    return text[:MOST_WORDS].strip()


def _cut(text: str) -> str:
    return text[:MOST_LETTERS]


def _rfc822(text: str) -> datetime:
    found = _RFC822.match(text)
    if not found:
        raise _Odd
    date, name, of, hours, minutes, seconds, _, _, _ = found.groups()
    day, month, year, hour = int(date), _MONTHS[name], int(of), int(hours)
    minute, second = int(minutes), int(seconds)
    if not 1971 <= year <= 2100:
        raise _Odd
    if found[7]:
        ahead = timedelta(hours=int(found[8]), minutes=int(found[9]))
        if ahead >= timedelta(hours=15) or int(found[9]) > 59:
            raise _Odd
        if ahead:
            zone = timezone(-ahead if found[7] == "-" else ahead)
            return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _rfc3339(text: str) -> datetime:
    if not _RFC3339.match(text):
        raise _Odd
    found = datetime.fromisoformat(text)
    if found.tzinfo is UTC and 1971 <= found.year <= 2100:
        return found
    if not 1971 <= found.year <= 2100 or abs(found.utcoffset() or timedelta(0)) >= timedelta(hours=15):
        raise _Odd
    return found.astimezone(UTC)
