"""What the theme's search reads: one JSON file in its format, and the sitemap beside it.

The theme puts titles and texts into the page as HTML, so both are escaped here, once, before they are kept.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring as _json
from typing import TYPE_CHECKING
from urllib.parse import quote

from site_plugins.markup import escape, safe
from site_plugins.pages import SearchEntry
from site_plugins.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from site_plugins.pages import Page

LIMIT = 600
"""Characters of text kept for one entry: everybody who searches downloads them all."""


def entries(page: Page) -> str:
    """A page's entries as JSON objects joined by commas, ready for ``index``; empty for none."""
    found = page.search if isinstance(page.search, tuple) else page.search() if page.search is not None else None
    if found is None:
        found = (SearchEntry("", page.title, page.description),)
    return ",".join(_entry(page, entry) for entry in found)


def _entry(page: Page, entry: SearchEntry) -> str:
    location = quote(page.address) + (f"#{quote(entry.anchor)}" if entry.anchor else "")
    text = " ".join(clean(entry.text).split())
    if len(text) > LIMIT:
        text = text[:LIMIT].rsplit(" ", 1)[0] + " …"
    title = " ".join(clean(entry.title).split()) or page.title
    # As ``json.dumps`` writes an object of texts, without an encoder for each of thousands.
    return f'{{"location":{_json(location)},"title":{_json(str(safe(title)))},"text":{_json(str(safe(text)))}}}'


def index(base: dict[str, object], fragments: Iterable[str]) -> bytes:
    """The whole index: the theme's settings and its own entries, then ours in the order of the pages."""
    own = json.dumps(base.get("docs", []), ensure_ascii=False, separators=(",", ":"))[1:-1]
    docs = ",".join(part for part in (own, *fragments) if part)
    config = json.dumps(base.get("config", {}), ensure_ascii=False, separators=(",", ":"))
    return f'{{"config":{config},"docs":[{docs}]}}'.encode()


def sitemap(url: str, addresses: Iterable[str]) -> bytes:
    """The sitemap protocol's file (sitemaps.org, protocol): one address a page, nothing that changes by itself."""
    lines = [
        f"<url><loc>{escape(url + quote(address.removesuffix('index.html')))}</loc></url>"
        for address in sorted(addresses)
    ]
    top = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return (top + "\n".join(lines) + "\n</urlset>\n").encode()
