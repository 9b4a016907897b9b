"""What the theme's search reads: one JSON file in its format, and the sitemap beside it.

The theme puts titles and texts into the page as HTML, so both are escaped here, once, before they are kept.
"""

from __future__ import annotations

import json
import zlib
from json.encoder import encode_basestring as _json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from site_plugins.markup import escape, safe
from site_plugins.pages import SearchEntry
from site_plugins.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from site_plugins.pages import Page

LIMIT = 600
"""Characters of text kept for one entry: everybody who searches downloads them all."""
LARGE: Final = 1_000_000
"""Bytes from which on the index is packed; the script that reads it unpacks it, whatever a host does with such files."""


def entries(page: Page) -> bytes:
    """A page's entries as JSON objects joined by commas, in UTF-8 and ready for ``index``; empty for none."""
    found = page.search if isinstance(page.search, tuple) else page.search() if page.search is not None else None
    if found is None:
        found = (SearchEntry("", page.title, page.description),)
    return ",".join(_entry(page, entry) for entry in found).encode("utf-8", "surrogatepass")


def _entry(page: Page, entry: SearchEntry) -> str:
    location = quote(page.address) + (f"#{quote(entry.anchor)}" if entry.anchor else "")
    text = _line(entry.text)
    if len(text) > LIMIT:
        text = text[:LIMIT].rsplit(" ", 1)[0] + " …"
    title = _line(entry.title) or page.title
    # As ``json.dumps`` writes an object of texts, without an encoder for each of thousands: an address that is quoted
    # needs no sign of JSON's, and of a line whose quotation marks are escaped only a backslash does.
    text = str(safe(text))
    told = _json(text) if "\\" in text else f'"{text}"'
    return f'{{"location":"{location}","title":{_json(str(safe(title)))},"text":{told}}}'


def _line(text: str) -> str:
    """A text on one line, without what no page may hold; most are that already."""
    # Of all white space only the blank is printable.
    line = text.strip(" ")
    return line if line.isprintable() and "  " not in line else " ".join(clean(text).split())


def index(base: dict[str, object], fragments: Iterable[bytes]) -> bytearray:
    """The whole index: the theme's settings and its own entries, then ours in the order of the pages.

    Written piece by piece into one place, for it is the largest thing that a build holds.
    """
    own = json.dumps(base.get("docs", []), ensure_ascii=False, separators=(",", ":"))[1:-1]
    config = json.dumps(base.get("config", {}), ensure_ascii=False, separators=(",", ":"))
    out = bytearray(f'{{"config":{config},"docs":['.encode())
    between = b""
    for part in (own.encode(), *fragments):
        if part:
            out += between
            out += part
            between = b","
    out += b"]}"
    return out


def ending(index: bytearray) -> str:
    """What is added to the name of an index: a large one is packed with gzip."""
    return ".gz" if len(index) > LARGE else ""


def packed(index: bytearray) -> bytes:
    """The index as it is written."""
    if not ending(index):
        return bytes(index)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(index) + packer.flush()


def sitemap(url: str, addresses: Iterable[str]) -> bytes:
    """The sitemap protocol's file (sitemaps.org, protocol): one address a page, nothing that changes by itself."""
    lines = [
        f"<url><loc>{escape(url + quote(address.removesuffix('index.html')))}</loc></url>"
        for address in sorted(addresses)
    ]
    top = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return (top + "\n".join(lines) + "\n</urlset>\n").encode()
