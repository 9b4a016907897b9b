"""Book → ``data/``: each table that has a row as CSV, JSON and Parquet, large ones cut by month, and the data dictionary.

A table's files have the digest of what it holds for a key, so that a build writes, and reads, only tables that changed.
The three files of a table are made from one Arrow table; what a month holds is asked of the engine.
"""

from __future__ import annotations

import io
import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from signalbook import spreadsheet, store, tabling
from site_plugins import components as sb
from site_plugins.markup import Markup
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from signalbook.book import Book
    from signalbook.tabling import Table
    from site_plugins.site import Site

FOLDER: Final = "data"
FORMS: Final = ("csv", "json", "parquet")
LARGE: Final = 5_000_000
"""Bytes of records from which on a table is cut by month."""
VERSION: Final = "exports-2"


def pages(book: Book, now: datetime, site: Site) -> Iterator[Page | Asset]:
    """The dictionary and the files."""
    del site
    there: list[tuple[Table, tuple[str, ...]]] = []
    kept: dict[tuple[str, str], Any] = {}
    for name, table in tabling.known().items():
        if not tabling.holds(book, name):
            continue
        months = _months(book, table)
        there.append((table, months))
        for month in months or ("",):
            known = _month_stamp(book, table, month) if month else tabling.stamp(book, name, now)
            for form in FORMS:
                made = partial(_file, book, table, month, form, now, months, kept)
                yield Asset(_address(name, month, form), made, digest(VERSION, known, month, form))
    shown = [(table.name, months) for table, months in there]
    yield Page(
        f"{FOLDER}/index.html",
        "Data dictionary",
        "metrics",
        partial(_dictionary, there),
        digest(VERSION, "dictionary", shown, [table.columns for table, _ in there]),
        description="Every table of this workspace, what its columns mean, and its files for other tools.",
        search=(
            SearchEntry("", "Data dictionary", "CSV, JSON and Parquet of every table, and what each column means"),
        ),
    )


def _address(name: str, month: str, form: str) -> str:
    return f"{FOLDER}/{name}/{month}.{form}" if month else f"{FOLDER}/{name}.{form}"


def _months(book: Book, table: Table) -> tuple[str, ...]:
    """The months a large table is cut into; none for a table that is one file."""
    if not table.day:
        return ()
    files = store.files(book.workspace, table.folder)
    if sum(path.stat().st_size for path in files) < LARGE:
        return ()
    return tuple(sorted({path.name.partition(".")[0] for path in files}))


# --- files -----------------------------------------------------------------------------------------------------------


def _month_stamp(book: Book, table: Table, month: str) -> str:
    files = (path for path in store.files(book.workspace, table.folder) if path.name.startswith(f"{month}."))
    return digest(table.name, *((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files))


def _file(
    book: Book,
    table: Table,
    month: str,
    form: str,
    now: datetime,
    months: tuple[str, ...],
    kept: dict[tuple[str, str], Any],
) -> bytes:
    """One file; the table it is of is kept until another is asked for."""
    if (table.name, month) not in kept:
        kept.clear()
        for part, rows in _cut(tabling.table(book, table.name, now), table, months):
            kept[table.name, part] = rows
    return {"csv": csv, "json": json_, "parquet": parquet}[form](kept[table.name, month])


def _cut(whole: Any, table: Table, months: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """A table by the months of its files: a record lies in the month that its own day says."""
    if not months:
        yield "", whole
        return
    from pyarrow import compute

    said = compute.strftime(compute.coalesce(*(whole[name] for name in table.day)), format="%Y-%m")
    for month in months:
        yield month, whole.filter(compute.equal(said, month))


def csv(rows: Any) -> bytes:
    """RFC 4180 with a head, safe to open in a spreadsheet; lists are joined by ``; ``, instants are UTC."""
    names = rows.column_names
    return spreadsheet.csv(names, ([_cell(value) for value in row.values()] for row in rows.to_pylist()))


def json_(rows: Any) -> bytes:
    """One list of objects, an object a line; days and instants as ISO 8601, in UTC.

    The first object names every column, for readers that learn them there; the others leave out what they have nothing of.
    """
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_said).encode
    held = (
        {name: value for name, value in row.items() if value is not None} if number else row
        for number, row in enumerate(rows.to_pylist())
    )
    lines = (encode(row) for row in held)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8", "replace")


def parquet(rows: Any) -> bytes:
    """Parquet with the types of the dictionary; the same rows give the same bytes."""
    from pyarrow import parquet as writer

    out = io.BytesIO()
    writer.write_table(rows.replace_schema_metadata(None), out, compression="zstd", store_schema=False)
    return out.getvalue()


def _said(value: Any) -> str:
    text: str = value.isoformat()
    return text.replace("+00:00", "Z")


def _cell(value: Any) -> object:
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
            (Markup('<a href="#{0}"><code>{0}</code></a>').format(table.name), table.about, _links(table.name, months))
            for table, months in there
        ],
        cards=True,
    )
    intro = sb.note(
        "For spreadsheets, notebooks and other databases.",
        "The files are made anew with every build. A list is joined by “; ” in CSV and is a list elsewhere; parts of a document are JSON; "
        "instants are UTC. Text that a spreadsheet would run as a formula has an apostrophe in front in CSV.",
    )
    parts = [sb.panel("Tables", index), intro]
    for table, _ in there:
        rows = [
            (
                Markup("<code>{}</code>").format(column.name),
                column.type,
                Markup("{}{}").format(column.about, _values(column.values)),
            )
            for column in table.columns
        ]
        shown = sb.table(f"Columns of {table.name}", ("Column", "Type", "Means"), rows, cards=True)
        parts.append(
            Markup('<details class="sb-panel" id="{}"><summary><b><code>{}</code></b> {}</summary>{}</details>').format(
                table.name, table.name, table.about, shown
            )
        )
    return f'<div class="sb-stack">{head}{"".join(map(str, parts))}</div>'


def _values(values: Iterable[str]) -> Markup:
    listed = ", ".join(values)
    return Markup('<br><span class="sb-faint">One of: {}</span>').format(listed) if listed else Markup()


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
    return Markup("<details><summary>{} months</summary><ul>{}</ul></details>").format(len(months), rows)
