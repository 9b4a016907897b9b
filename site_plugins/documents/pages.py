"""Book → an index and a page for every kind that has no room of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from signalbook.decode import fields_of, kinds_of, type_of, without_none
from signalbook.model import KINDS, Document, Post
from site_plugins import components as sb
from site_plugins import text
from site_plugins.documents import values
from site_plugins.markup import Markup
from site_plugins.pages import SECTIONS, Asset, Page, SearchEntry, digest, href
from site_plugins.site import folder_of

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.site import Site

ROOMS: Final[dict[str, str]] = {
    "plan": "plans", "campaign": "plans", "objective": "plans", "playbook": "policies", "hold": "policies", "incident": "policies", "person": "people", "metric": "metrics", "report": "reports",
}  # fmt: skip
"""Kinds whose pages a room of their own makes; the index pages stay here unless that room makes them too."""

OWN_INDEX: Final = frozenset({"plan", "policy", "person", "metric", "report", "campaign", "objective"})
"""Kinds whose index is the front page of a section, made by that section's room."""

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "event": ("when", "kind", "effect", "place"),
    "audience": ("segment", "size"),
    "message": ("type", "says", "review_by"),
    "experiment": ("hypothesis", "metric", "size"),
    "insight": ("type", "decision", "act"),
    "asset": ("licence", "expires"),
    "policy": ("summary", "version", "review_by"),
    "playbook": ("type", "default_severity", "last_drilled"),
    "hold": ("reason", "from", "expires"),
    "incident": ("severity", "detected_at", "lead"),
    "training": ("kind", "for", "valid_for"),
    "acknowledgement": ("of", "version", "by", "on"),
    "community": ("venue", "visibility", "standing"),
    "competitor": ("positioning",),
    "watch": ("topic", "expert", "backup"),
    "subject": ("type", "expert"),
    "system": ("system", "technical_owner", "personal_data"),
    "case": ("type", "severity", "received_at", "due"),
}
"""What the index of a kind shows beside title, state and owner."""


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:  # noqa: ARG001 - a room's shape
    """Index and pages of every kind but posts and those with a room of their own."""
    for kind in KINDS:
        if kind is Post:
            continue
        rows = book.all(kind)
        if kind.KIND not in OWN_INDEX and rows:
            yield index_page(kind, rows, site)
        if kind.KIND not in ROOMS:
            for document in rows:
                yield page_of(document, site)


def page_of(document: Document, site: Site, body: Any = None, more: object = "") -> Page:
    """The page of a document; ``body`` makes another HTML than the one derived from the declaration."""
    kind = type(document)
    make = body or default
    return Page(
        site.address(document),
        document.name,
        folder_of(kind).partition("/")[0],
        partial(make, document, site),
        digest(kind.KIND, values.key(document, site), more),
        source=document.path,
        search=partial(search, document, site),
    )


def search(document: Document, site: Site) -> tuple[SearchEntry, ...]:
    """What the search knows of a document: its kind, its words."""
    words = text.words(site.markdown(document.body, document.path), 280) if document.body.strip() else ""
    more = [str(v) for _, tp, v in values.shown(document) if isinstance(v, str) and without_none(tp) is not None][:4]
    return (SearchEntry("", document.name, f"{type(document).KIND}. {' '.join(more)} {words}"[:420].strip()),)


def default(document: Document, site: Site) -> str:
    """A document's page as its declaration asks for it."""
    if document.unreadable:
        body = values.findings(document, site)
        return f'<div class="sb-stack">{values.head(document, site)}{body}</div>'
    main = values.sections(document, site)
    side = Markup("{}{}").format(values.facts(document, site), values.backlinks(document, site))
    if not main:
        main = sb.empty(
            "No text yet",
            "The facts stand beside; the text is what comes below them in the file.",
            glyph="text-box-outline",
        )
    return (
        f'<div class="sb-stack">{values.head(document, site)}{values.findings(document, site)}'
        f'<div class="sb-split"><div class="sb-stack">{main}</div><div class="sb-stack">{side}</div></div></div>'
    )


def index_page(kind: type[Document], rows: Sequence[Document], site: Site) -> Page:
    """The index of a kind."""
    folder = folder_of(kind)
    key = digest("index", kind.KIND, site.repo, site.book.settings.digest, site.today, *_index_key(kind, rows, site))
    search = (SearchEntry("", kind.PLURAL, kind.ABOUT),)
    return Page(
        f"{folder}/index.html",
        kind.PLURAL,
        folder.partition("/")[0],
        partial(index, kind, rows, site),
        key,
        search=search,
    )


def _index_key(kind: type[Document], rows: Sequence[Document], site: Site) -> Iterator[object]:
    for document in rows:
        yield document.digest
        yield document.path
        yield sum(finding.blocks for finding in site.of(document.path))
        for column in ("owner", *COLUMNS.get(kind.KIND, ())):
            if kinds := kinds_of(type_of(kind, column)):
                target = site.book.find(kinds, getattr(document, fields_of(kind)[column].name) or "")
                yield target.name if target else ""


def index(kind: type[Document], rows: Sequence[Document], site: Site) -> str:
    """Every document of a kind as a table."""
    folder = folder_of(kind)
    way = (
        [(SECTIONS[folder.partition("/")[0]], href(f"{folder.partition('/')[0]}/index.html"))] if "/" in folder else []
    )
    acts = []
    if new := site.new_url(f"content/{kind.FOLDER}", "untitled.md"):
        acts.append(sb.button(f"New {kind.KIND}", new, glyph="plus", main=True))
    head = sb.head(kind.PLURAL, sub=[kind.ABOUT], path=way, acts=acts)
    return f'<div class="sb-stack">{head}{sb.panel(_counted(kind, rows), table(kind, rows, site))}</div>'


def _counted(kind: type[Document], rows: Sequence[Document]) -> str:
    return f"{len(rows)} {kind.KIND if len(rows) == 1 else kind.PLURAL.lower()}"


def table(kind: type[Document], rows: Sequence[Document], site: Site, columns: Sequence[str] | None = None) -> Markup:
    """Documents of one kind: title, what the kind is about, state, owner."""
    wanted = COLUMNS.get(kind.KIND, ()) if columns is None else columns
    has_state = any(document.state for document in rows)
    heads = ["Title", *(values.named(column) for column in wanted), *(["State"] if has_state else []), "Owner"]
    lines = []
    for document in sorted(rows, key=_order):
        cells: list[Markup | str] = [title(document, site)]
        for column in wanted:
            value = getattr(document, fields_of(kind)[column].name)
            cells.append(_cell(column, value, document, site))
        if has_state:
            cells.append(sb.status(document.state) if document.state else "")
        cells.append(site.book.person(document.owner) if document.owner else "")
        lines.append(cells)
    return sb.table(kind.PLURAL, heads, lines, cards=True, sort=len(lines) > 7)


def _order(document: Document) -> tuple[str, str]:
    when = getattr(document, "when", None)
    if isinstance(when, date):
        return (when.strftime("%Y%m%d%H%M"), document.slug)
    return ("", document.name.lower())


def title(document: Document, site: Site) -> Markup:
    """A document's name as a link, with what blocks it."""
    blocking = sum(finding.blocks for finding in site.of(document.path))
    mark = Markup(" {}").format(sb.status("block", f"{blocking} to mend")) if blocking else ""
    return Markup("{}{}").format(site.anchor(document), mark)


def _cell(column: str, value: Any, document: Document, site: Site) -> Markup | str:
    kind = type(document)
    if isinstance(value, str) and not kinds_of(type_of(kind, column)):
        shown = values.html(value, type_of(kind, column), document, site)
        return shown if len(value) <= 140 else value[:139] + "…"
    if isinstance(value, dict):
        first = next(iter(value.values()), "")
        return first if len(first) <= 140 else first[:139] + "…"
    return values.html(value, type_of(kind, column), document, site)
