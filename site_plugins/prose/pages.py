"""Pages of ordinary Markdown: ``content/*.md`` that is no document, and the guide's folder."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.pattern import pattern
from site_plugins import components as sb
from site_plugins.calendar.entries import entries
from site_plugins.markup import Markup
from site_plugins.pages import SECTIONS, Page, SearchEntry, digest, href
from site_plugins.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from signalbook.book import Book
    from signalbook.content import Ordinary
    from site_plugins.calendar.entries import Entry
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


ABOUT: Final = {
    "calendar": "What goes out, when and where; and how to have it in your own calendar.",
    "boards": "Open posts by status, owner, channel and campaign.",
    "plans": "Why we communicate, to whom, to what end, and how far we are.",
    "policies": "What holds, and what to do when it is hard.",
    "people": "Who decides, who answers, who stands in.",
    "metrics": "What each number means, and its newest value.",
    "listening": "What is said, how it is meant, and what waits for an answer.",
    "reports": "What happened, why it may be, what comes next.",
    "changes": "What was decided and changed, week by week.",
    "guide": "How all of this works.",
}
"""Room → what one finds there."""
LISTED: Final = 7
AHEAD: Final = frozenset({"approved", "scheduled", "held"})
"""States in which a post is meant to go out."""


def front(rooms: Iterable[Room], site: Site, *, more: Iterable[str] = ()) -> Page:
    """The front page of a build that has no other: its rooms, what comes next and what went out last.

    ``more`` are the addresses of the build, for the team's own feeds are no rooms. Made at every build: what comes next
    depends on the day.
    """
    known = [room for room in rooms if room.key != "home"]
    made = set(more)
    feeds = [
        (channel.name or key, f"{key}/index.html")
        for key, channel in site.book.settings.channels.items()
        if channel.connector == "feed" and f"{key}/index.html" in made
    ]

    def body() -> str:
        rows = [
            sb.row(room.word, ABOUT.get(room.key, ""), address=room.address, lead=sb.icon("chevron-right"))
            for room in known
        ]
        rows += [
            sb.row(name, "What we wrote, to read in full.", address=href(address), lead=sb.icon("chevron-right"))
            for name, address in feeds
        ]
        parts = [sb.head(site.name), sb.panel("Rooms", sb.rows(rows, kind="grid"))]
        if any(room.key == "calendar" for room in known):
            parts.append(_posts(site))
        return Markup('<div class="sb-stack">{}</div>').format(Markup("").join(part for part in parts if part))

    return Page("index.html", site.name, "home", body, "")


def _posts(site: Site) -> Markup:
    """What comes next and what went out last, side by side; of either nothing while there is none."""
    found = [entry for entry in entries(site.book, site.now) if entry.at is not None]
    after = [one for one in found if one.at and one.at > site.now and one.state in AHEAD]
    out = [one for one in reversed(found) if one.state == "published"]
    panels = [
        sb.panel(name, sb.rows([_post(one, site) for one in mine[:LISTED]], kind="tight"), scope=scope, ident=ident)
        for name, mine, scope, ident in (
            (
                "What comes next",
                after,
                "times in " + site.book.settings.team.zone.key.rpartition("/")[2].replace("_", " "),
                "next",
            ),
            ("What went out last", out, "", "last"),
        )
        if mine
    ]
    if len(panels) < 2:
        return Markup("").join(panels)
    return Markup('<div class="sb-cols">{}</div>').format(Markup("").join(panels))


def _post(entry: Entry, site: Site) -> Markup:
    at = entry.at
    when = f"{at:%a} {at.day} {at:%b}{f' {at.year}' if at.year != site.today.year else ''}, {at:%H:%M}" if at else ""
    return sb.row(entry.post.name, site.channels(entry.post.channels), end=when, address=site.link(entry.post))


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
