"""Book → ``data/``: each table that has a row as CSV, JSON and Parquet, large ones cut by month, and the data dictionary.

A file has the digest of what it holds for a key, so that a build writes, and reads, only what changed: an edit of one post
of many makes three small files anew. No engine is loaded but for tables of records (``parquet``).
"""

from __future__ import annotations

import json
from functools import partial
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final

from signalbook import spreadsheet, tabling
from site_plugins import components as sb
from site_plugins.exports import parquet
from site_plugins.exports.parts import Cuts
from site_plugins.markup import Markup
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from signalbook.book import Book
    from signalbook.tabling import Cells, Column, Table
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


def pages(book: Book, now: datetime, site: Site) -> Iterator[Page | Asset]:
    """The dictionary and the files."""
    del site
    there: list[tuple[Table, tuple[str, ...]]] = []
    cuts = Cuts(book, now)
    kept: dict[tuple[str, str], Cells] = {}
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


def _file(table: Table, part: Part, form: str, kept: dict[tuple[str, str], Cells]) -> bytes:
    """One file; what it holds is kept until that of another part is asked for."""
    cells = kept.get((table.name, part.name))
    if cells is None:
        kept.clear()
        cells = kept[table.name, part.name] = part.cells()
    data = {"csv": csv, "json": json_, "parquet": parquet.file}[form](columns_of(table), cells)
    return parquet.packed(data) if part.name and _packed(table.name, form) else data


def csv(columns: Sequence[Column], cells: Cells) -> bytes:
    """RFC 4180 with a head, safe to open in a spreadsheet; lists are joined by ``; ``, instants are UTC."""
    told = [_sheet(one, cells) if one.name in cells.columns else None for one in columns]
    texts = {column.name for column in columns if column.type not in {"whole number", "number"}}
    return spreadsheet.csv([column.name for column in columns], told, cells.count, texts=texts)


def _sheet(column: Column, cells: Cells) -> Sequence[object]:
    """A column as a spreadsheet shows it."""
    values = cells.columns[column.name]
    if column.type == "texts":
        return ["; ".join(value) if value else None for value in values]
    if column.type == "yes or no":
        return [None if value is None else "yes" if value else "no" for value in values]
    return cells.said(column.name) if column.type in _SAID else values


_SAID: Final = frozenset({"day", "instant"})
_NUMBERS: Final = frozenset({"whole number", "number", "yes or no"})


def json_(columns: Sequence[Column], cells: Cells) -> bytes:
    """One list of objects; days and instants as ISO 8601, in UTC.

    The first object names every column, for readers that learn them there; the others leave out what they have nothing of.
    """
    if not cells.count:
        return b"[]\n"
    told, first = [], []
    for column in columns:
        begin = f"{encode_basestring(column.name)}:"
        members = _members(column, cells, begin) if column.name in cells.columns else []
        if members:
            told.append(members)
        first.append(members[0] if members and members[0] else f"{begin}null")
    objects = [",".join(filter(None, row)) for row in zip(*told, strict=True)] or [""] * cells.count
    objects[0] = ",".join(first)
    return f"[{{{'},{'.join(objects)}}}]\n".encode("utf-8", "replace")


def _members(column: Column, cells: Cells, begin: str) -> list[str]:
    """A column's cells as members of objects; empty where there is nothing."""
    values = cells.said(column.name) if column.type in _SAID else cells.columns[column.name]
    if column.type in _NUMBERS:  # none may stand for another: 0.0 and -0.0 are equal
        return ["" if value == "null" else f"{begin}{value}" for value in _json(values)[1:-1].split(",")]
    said = encode_basestring
    if column.type == "texts":
        values = [value if value is None else tuple(value) for value in values]
        said = _json
    known = {value: "" if value is None else f"{begin}{said(value)}" for value in set(values)}
    return list(map(known.__getitem__, values))


_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
