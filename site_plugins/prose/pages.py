"""Pages of ordinary Markdown: ``content/*.md`` that is no document, and the guide's folder."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from typing import TYPE_CHECKING

from signalbook.pattern import pattern
from site_plugins import components as sb
from site_plugins.markup import Markup
from site_plugins.pages import SECTIONS, Page, SearchEntry, digest, href
from site_plugins.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from signalbook.book import Book
    from signalbook.content import Ordinary
    from site_plugins.frame import Room
    from site_plugins.site import Site

_TITLE = pattern(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)|\A\s*(\S[^\n]*)\n=+[ \t]*(?:\n|\Z)")
_HEADING = pattern(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)


def pages(book: Book, now: datetime, site: Site, *, guide: Iterable[Ordinary] = ()) -> Iterator[Page]:
    """One page for every ordinary Markdown file that has an address in ``site.texts``."""
    del now
    ours = list(guide)
    for text in (*book.pages, *ours):
        address = site.texts.get(text.path)
        if address is None:
            continue
        section = address.split("/", 1)[0] if "/" in address else "home"
        if section not in SECTIONS:
            section = "home"
        found = site.of(text.path)
        yield Page(
            address=address,
            title=text.title,
            section=section,
            body=partial(_body, text, section, site),
            key=digest("prose", text.path, text.digest, text.title, *found, site.markdown_key(text.body, text.path)),
            source=text.path,
            search=partial(_search, text, site),
        )


def addresses(book: Book, guide: Iterable[Ordinary], folder: str) -> dict[str, str]:
    """Path → address of every ordinary page: below the site's root as below ``content/``, the guide below ``guide/``.

    ``README.md`` and ``index.md`` become the index of their folder; where a room has its own index there, ``readme.html``.
    """
    out = {text.path: _apart(_address(text.path.removeprefix("content/"))) for text in book.pages}
    return out | {text.path: "guide/" + _address(text.path[len(folder) :].lstrip("/")) for text in guide}


def front(rooms: Iterable[Room], site: Site) -> Page:
    """The front page of a build that has no other: the rooms it holds."""
    known = list(rooms)

    def body() -> str:
        links = sb.rows(sb.row(room.word, address=room.address, lead=sb.icon("chevron-right")) for room in known)
        return Markup('<div class="sb-stack">{}{}</div>').format(sb.head(site.name), sb.panel("Rooms", links))

    return Page("index.html", site.name, "home", body, digest("front", site.name, known))


def guide_files(root: Path, folder: str) -> list[Ordinary]:
    """The guide's Markdown files, by path; no file outside the workspace, no symlink, no dot file."""
    from signalbook.content import Ordinary

    base = root / folder
    if not folder or not base.is_dir() or not base.resolve().is_relative_to(root.resolve()):
        return []
    out = []
    for path in sorted(base.rglob("*.md")):
        parts = path.relative_to(root).parts
        if any(part.startswith(".") for part in parts) or any(
            (root / posixpath.join(*parts[: i + 1])).is_symlink() for i in range(len(parts))
        ):
            continue
        body = path.read_text(encoding="utf-8", errors="replace")
        match = _TITLE.match(body)
        title = (match[1] or match[2]) if match else path.stem.replace("-", " ").replace("_", " ").capitalize()
        out.append(Ordinary("/".join(parts), _plain(title), body, digest(body)))
    return out


def _address(path: str) -> str:
    stem = path[: -len(".md")] if path.lower().endswith(".md") else path
    folder, name = posixpath.split(stem)
    if name.lower() in {"readme", "index"}:
        name = "index"
    return posixpath.join(folder, f"{name}.html")


def _apart(address: str) -> str:
    """An address that no room and no page of the build's own can have."""
    folder, name = posixpath.split(address)
    if name == "index.html" and (not folder or folder.split("/", 1)[0] in SECTIONS):
        return posixpath.join(folder, "readme.html")
    return "404-page.html" if address == "404.html" else address


def _body(text: Ordinary, section: str, site: Site) -> str:
    body = _TITLE.sub("", text.body, count=1)
    html = site.markdown(body, text.path)
    path = (
        [("Guide", href("guide/index.html"))]
        if section == "guide" and site.texts[text.path] != "guide/index.html"
        else []
    )
    edit = site.edit_url(text.path)
    acts = [sb.button("Edit the file", edit, glyph="pencil")] if edit else []
    contents = _contents(html)
    findings = sb.finding_list(site.of(text.path), edit)
    noted = sb.panel("What the checks say", findings) if findings else Markup()
    if not html.strip():
        html = Markup("<p>Nothing is written here yet.</p>")
    prose = Markup('<div class="sb-panel sb-panel--flow sb-panel--page"><div class="sb-prose">{}</div></div>').format(
        html
    )
    inner = Markup('<div class="sb-split"><div class="sb-stack">{}{}</div>{}</div>').format(noted, prose, contents)
    if not contents:
        inner = noted + prose
    return Markup('<div class="sb-stack">{}{}</div>').format(sb.head(text.title, path=path, acts=acts), inner)


def _contents(html: str) -> Markup:
    found = _HEADING.findall(html)
    if len(found) < 3:
        return Markup()
    items = Markup("").join(Markup('<li><a href="#{}">{}</a></li>').format(i, _plain(t)) for i, t in found)
    return Markup('<nav class="sb-toc" aria-label="On this page"><h2>On this page</h2><ul>{}</ul></nav>').format(items)


def _plain(title: str) -> str:
    return words(re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", title))


def _search(text: Ordinary, site: Site) -> tuple[SearchEntry, ...]:
    """The page, and each part under a heading of its own."""
    html = str(site.markdown(_TITLE.sub("", text.body, count=1), text.path))
    parts = _HEADING.split(html)
    out = [SearchEntry("", text.title, words(parts[0], 400))]
    rest = (parts[at : at + 3] for at in range(1, len(parts), 3))
    return (*out, *(SearchEntry(anchor, words(title), words(html, 400)) for anchor, title, html in rest))
