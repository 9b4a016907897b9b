"""Book → ``data/``: each table that has a row as CSV, JSON and Parquet, large ones cut by month, and the data dictionary.

A file has the digest of what it holds for a key, so that a build writes, and reads, only what changed: an edit of one post
of many makes three small files anew. No engine is loaded but for tables of records (``parquet``).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from signalbook import spreadsheet, tabling
from site_plugins import components as sb
from site_plugins.exports import parquet
from site_plugins.exports.parts import Cuts
from site_plugins.markup import Markup
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from signalbook.book import Book
    from signalbook.tabling import Column, Table
    from site_plugins.exports.parts import Part
    from site_plugins.site import Site

FOLDER: Final = "data"
FORMS: Final = ("csv", "json", "parquet")
PACKED: Final = frozenset({("", "json"), ("links", "csv")})
"""What is packed in a table of several parts, by table (empty for all) and form: programs read it so, and it weighs most.

A sheet of a month stays plain, for people open it; who refers to whom is for programs that join tables.
"""
VERSION: Final = "exports-4"
KEPT_OUT: Final = "body"
"""The column of documents that no file has: the words lie in the repository, and are most of what a table weighs."""

Rows = list[dict[str, Any]]


def pages(book: Book, now: datetime, site: Site) -> Iterator[Page | Asset]:
    """The dictionary and the files."""
    del site
    there: list[tuple[Table, tuple[str, ...]]] = []
    cuts = Cuts(book, now)
    kept: dict[tuple[str, str], Rows] = {}
    for name, table in tabling.known().items():
        # The moment of the build is for questions alone: as a file it would make every build another one.
        if name == "build" or not tabling.holds(book, name):
            continue
        parts = cuts.parts(table)
        there.append((table, tuple(part.name for part in parts if part.name)))
        for part in parts:
            for form in FORMS:
                made = partial(_file, table, part, form, kept)
                yield Asset(_address(name, part.name, form), made, digest(VERSION, part.key, name, part.name, form))
    # What the columns are and mean stands in the code, whose digest is a part of every page's.
    shown = [(table.name, parts) for table, parts in there]
    yield Page(
        f"{FOLDER}/index.html",
        "Data dictionary",
        "metrics",
        partial(_dictionary, there),
        digest(VERSION, "dictionary", shown),
        description="Every table of this workspace, what its columns mean, and its files for other tools.",
        search=(
            SearchEntry("", "Data dictionary", "CSV, JSON and Parquet of every table, and what each column means"),
        ),
    )


def _packed(name: str, form: str) -> bool:
    return not PACKED.isdisjoint({("", form), (name, form)})


def _address(name: str, part: str, form: str) -> str:
    if part:
        return f"{FOLDER}/{name}/{part}.{form}{'.gz' if _packed(name, form) else ''}"
    return f"{FOLDER}/{name}.{form}"


# --- files -----------------------------------------------------------------------------------------------------------


def columns_of(table: Table) -> tuple[Column, ...]:
    """The columns that its files have."""
    return tuple(one for one in table.columns if table.kind is None or one.name != KEPT_OUT)


def _file(table: Table, part: Part, form: str, kept: dict[tuple[str, str], Rows]) -> bytes:
    """One file; its rows are kept until those of another part are asked for."""
    rows = kept.get((table.name, part.name))
    if rows is None:
        kept.clear()
        rows = kept[table.name, part.name] = part.rows()
    data = {"csv": csv, "json": json_, "parquet": parquet.file}[form](columns_of(table), rows)
    return parquet.packed(data) if part.name and _packed(table.name, form) else data


def csv(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """RFC 4180 with a head, safe to open in a spreadsheet; lists are joined by ``; ``, instants are UTC."""
    names = [column.name for column in columns]
    places = {name: place for place, name in enumerate(names)}

    def cells(row: Mapping[str, Any]) -> list[object]:
        out: list[object] = [None] * len(names)
        for name, value in row.items():  # a document says a fifth of what it could
            if (place := places.get(name)) is not None:
                out[place] = value if value is None or type(value) is str else _cell(value)
        return out

    return spreadsheet.csv(names, map(cells, rows))


def json_(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One list of objects; days and instants as ISO 8601, in UTC.

    The first object names every column, for readers that learn them there; the others leave out what they have nothing of.
    """
    names = [column.name for column in columns]
    here = frozenset(names)
    held = [{name: cell for name, cell in row.items() if cell is not None and name in here} for row in rows]
    if rows:
        held[0] = {name: rows[0].get(name) for name in names}
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"), default=_said)
    return f"{text}\n".encode("utf-8", "replace")


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    text: str = value.isoformat()
    return text


def _cell(value: Any) -> object:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _said(value) if hasattr(value, "isoformat") else value


# --- the dictionary --------------------------------------------------------------------------------------------------


def _dictionary(there: Sequence[tuple[Table, tuple[str, ...]]]) -> str:
    columns = sum(len(table.columns) for table, _ in there)
    head = sb.head(
        "Data dictionary",
        sub=[f"{len(there)} tables", f"{columns} columns", "CSV, JSON and Parquet"],
        path=[("Metrics", href("metrics/index.html"))],
    )
    index = sb.table(
        "Tables",
        ("Table", "Holds", "Files"),
        [
            (
                Markup('<a href="#{0}"><code>{0}</code></a>').format(table.name),
                _about(table),
                _links(table.name, months),
            )
            for table, months in there
        ],
        cards=True,
    )
    intro = sb.note(
        "For spreadsheets, notebooks and other databases.",
        "The files are made anew with every build. A list is joined by “; ” in CSV and is a list elsewhere; parts of a document are JSON; "
        "instants are UTC. A document’s body is in no file, it lies in the repository; queries have it. Text that a spreadsheet would run as a formula has an apostrophe in front in CSV.",
    )
    parts = [sb.panel("Tables", index), intro]
    for table, _ in there:
        rows = [
            (
                Markup("<code>{}</code>").format(column.name),
                column.type,
                Markup("{}{}{}").format(_about(column), _values(column.values), _where(table, column)),
            )
            for column in table.columns
        ]
        shown = sb.table(f"Columns of {table.name}", ("Column", "Type", "Means"), rows, cards=True)
        parts.append(
            Markup('<details class="sb-panel" id="{}"><summary><b><code>{}</code></b> {}</summary>{}</details>').format(
                table.name, table.name, _about(table), shown
            )
        )
    return f'<div class="sb-stack">{head}{"".join(map(str, parts))}</div>'


def _about(thing: Table | Column) -> Markup:
    return sb.with_code(thing.about.replace("``", "`"))


def _values(values: Iterable[str]) -> Markup:
    listed = ", ".join(values)
    return Markup('<br><span class="sb-faint">One of: {}</span>').format(listed) if listed else Markup()


def _where(table: Table, column: Column) -> Markup:
    return Markup() if column in columns_of(table) else Markup('<br><span class="sb-faint">In queries only.</span>')


def _links(name: str, months: Sequence[str]) -> Markup:
    words = {"csv": "CSV", "json": "JSON", "parquet": "Parquet"}

    def one(month: str) -> Markup:
        return Markup(" · ").join(
            Markup('<a href="{}" download aria-label="{}">{}</a>').format(
                href(_address(name, month, form)), f"{name} {month} as {words[form]}".replace("  ", " "), words[form]
            )
            for form in FORMS
        )

    if not months:
        return one("")
    rows = Markup("").join(Markup("<li>{}: {}</li>").format(month, one(month)) for month in months)
    return Markup("<details><summary>{} parts</summary><ul>{}</ul></details>").format(len(months), rows)
