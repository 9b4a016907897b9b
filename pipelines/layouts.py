"""Layouts: what the columns of a tool's export mean, found by their names in any of the known languages.

A connector declares its layouts; this module finds a header row among them, reads every row below it and refuses what
can be read in two ways. The path of a file::

    bytes | tables.read_grids | find (header rows) | read (values) | a connector's decode | records and totals

Words of a column are written ``"Impressions|de:Impressionen|fr:Impressions"``: English first, then a language each.
``formerly`` holds names the tool used before; when both stand in one file, the older one keeps its own name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from pipelines.cells import (
    Cell,
    Figure,
    Moment,
    Order,
    Point,
    consecutive,
    day_of,
    figure,
    fold,
    id_of,
    is_empty,
    is_total,
    moment,
    orders,
    points,
    shortened,
    snake,
    text_of,
)
from pipelines.tables import Grid, Row, Unreadable
from pipelines.vocabulary import BY_TOOL, WORDS
from signalbook.classes import dataclass
from signalbook.records import Number, Reading, Record, digest

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """What the cells of a column are."""

    ID = "id"
    TEXT = "text"
    LINK = "link"
    DAY = "day"
    """The day a row is about."""
    PERIOD = "period"
    """The day a row is about, or a word for the whole life of a post."""
    PUBLISHED = "published"
    """When a post was published, or a person's record created."""
    COUNT = "count"
    NUMBER = "number"
    """A sum that need not be whole: hours, money."""
    RATE = "rate"
    """Per cent, ratios, means, positions: never added."""


NUMERIC = frozenset({Kind.COUNT, Kind.NUMBER, Kind.RATE})
ADDED = frozenset({Kind.COUNT, Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a layout.

    Attributes:
        name: its English name in lower snake case; the total and the metric are called so.
        kind: what its cells are.
        words: headers that mean it, beside those that ``vocabulary.WORDS`` has for its name. A trailing ``*`` stands
            for any ending, and the metric is then named after the whole header.
        formerly: headers the tool used for it before.
        unit: of a reading; counts are ``count``.
        shared: whether the common vocabulary applies.
    """

    name: str
    kind: Kind
    words: str = ""
    formerly: str = ""
    unit: str = ""
    shared: bool = True

    def headers(self, network: str = "") -> Iterable[tuple[str, str, bool]]:
        """Folded header, language, and whether it is an older name; *network* adds the words of one tool alone."""
        shared = (WORDS.get(self.name, ""), BY_TOOL.get(network, {}).get(self.name, "")) if self.shared else ()
        own = "|".join(filter(None, (self.words, *shared)))
        for source, old in ((own, False), (self.formerly, True)):
            for word in filter(None, source.split("|")):
                language, colon, text = word.partition(":")
                if colon and len(language) == 2 and language.isalpha() and language.islower():
                    yield _folded(text), language, old
                else:
                    yield _folded(word), "en", old


def _folded(word: str) -> str:
    return fold(word) + ("*" if word.endswith("*") else "")


@dataclass(frozen=True)
class Layout:
    """One table of one tool.

    Attributes:
        name: e.g. ``x-posts``.
        network: the connector's name, or ``ga4``, ``search_console``, ``hubspot``, ``salesforce``.
        about: what a row is: a post, a day, a slice of the whole, or a person.
        columns: all that are known.
        needs: the table is this one when all columns of one of these sets are there.
        prefix: set before the names of metrics, where the same tool counts the same thing for days as well.
        order: how the tool writes dates in an English file when nothing in the file decides.
        hints: words in a file's or sheet's name that speak for this layout when the columns do not decide.
        dates_matter: whether a date that can be read in two ways refuses the file, or only leaves the date out.
        at_least: how many columns must be known.
        sure: sets of columns of which one must be there, where the needed ones are words of every tool; a hint in the
            name of the file, another table of the tool beside it, or a person's ``--as`` does as well.
        id_shape: what an id of the tool looks like. A row whose id does not, and which says nothing in words, is one of
            sums, whatever the tool's word for it.
        link_id: pattern that finds a post's id in its link, for ids that a spreadsheet has shortened.
    """

    name: str
    network: str
    about: str
    columns: tuple[Column, ...]
    needs: tuple[tuple[str, ...], ...]
    prefix: str = ""
    order: Order | None = None
    hints: tuple[str, ...] = ()
    dates_matter: bool = True
    link_id: str = ""
    id_shape: str = ""
    at_least: int = 2
    sure: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def lookup(self) -> dict[str, tuple[Column, str, bool]]:
        """Folded header → column, language, older name. The first declaration of a header holds."""
        found: dict[str, tuple[Column, str, bool]] = {}
        for column in self.columns:
            for word, language, old in column.headers(self.network):
                if word and not word.endswith("*"):
                    found.setdefault(word, (column, language, old))
        return found

    @cached_property
    def openings(self) -> tuple[tuple[str, Column, str], ...]:
        """Folded beginnings of headers, from words that end in ``*``."""
        return tuple(
            (word.rstrip("*"), column, language)
            for column in self.columns
            for word, language, _ in column.headers(self.network)
            if word.endswith("*")
        )

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class Found:
    """A header that stands in a file.

    Attributes:
        index: 0-based position in its row.
        header: as written.
        column: what it means, ``None`` when it is not known.
        name: the metric's name: the column's, or made from the header.
        language: of the header, empty when unknown.
        unit: a currency that stood in the header.
    """

    index: int
    header: str
    column: Column | None
    name: str
    language: str = ""
    old: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A table whose header was found."""

    layout: Layout
    grid: str
    delimiter: str
    header: Row
    found: tuple[Found, ...]
    notes: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def known(self) -> int:
        """How many headers are known."""
        return sum(1 for found in self.found if found.column is not None)


Value = str | int | float | Decimal | date | datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One row, read.

    Attributes:
        line: where it stands.
        values: column's name → value; a column without a value is absent.
        extras: header → text of the columns that are not known.
        units: column's name → unit, where a cell told it.
    """

    line: int
    values: Mapping[str, Value]
    extras: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table, read: its rows, its totals row if it has one, and what could not be used."""

    layout: Layout
    grid: str
    found: tuple[Found, ...]
    notes: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line | None
    unknown: tuple[str, ...]
    warnings: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether the column stands in the table."""
        return any(found.name == name and found.column is not None for found in self.found)

    @property
    def dimensions(self) -> tuple[Found, ...]:
        """The known columns of text that say what a row is about, in order."""
        return tuple(found for found in self.found if found.column is not None and found.column.kind is Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder may know beside the file.

    Attributes:
        file: its name, without folders.
        fingerprint: of its bytes; names readings of tables without dates, so that the same file adds nothing twice.
        taken_at: when it is read.
        zone: the team's; for times without one.
        channels: network → the workspace's channel, where exactly one fits.
        order: how dates are to be read, when a person said so.
        network: what a person said with ``--as``.
    """

    file: str
    fingerprint: str
    taken_at: datetime
    zone: ZoneInfo
    channels: Mapping[str, str] = field(default_factory=dict)
    order: Order | None = None
    network: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a connector made of a file: the records, and the facts the person is told.

    Attributes:
        posts: ids of posts in it.
        days: days in it.
        rows: rows of data, rows of sums not counted.
    """

    layout: str
    network: str
    records: tuple[Record, ...] = ()
    posts: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()
    rows: int = 0
    mentions: int = 0
    totals: Mapping[str, Number] = field(default_factory=dict)
    first_published: str | None = None
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """What a connector says of its tables: the layouts, and the function that makes records of them."""

    layouts: tuple[Layout, ...]
    decode: Callable[[Sequence[Sheet], Context], Decoded]


@dataclass(frozen=True, slots=True)
class Documents:
    """What a connector says of its JSON: whether a document is its own, and the function that makes records of it."""

    recognises: Callable[[object], bool]
    decode: Callable[[object, Context], Decoded]
    layouts: tuple[str, ...]


# --- finding ---------------------------------------------------------------------------------------------------------


def find(grid: Grid, layouts: Sequence[Layout]) -> list[Match]:
    """The tables of a grid whose header one of the layouts knows, in order; several may stand below one another."""
    matches: list[Match] = []
    notes: list[str] = []
    first_words = {word for layout in layouts for word in layout.lookup}
    starts = sorted({0, *grid.breaks})
    bounds = [*starts, len(grid.rows)]
    for start, end in pairwise(bounds):
        segment = grid.rows[start:end]
        position = 0
        header_seen = False
        while position < len(segment):
            row = segment[position]
            best = None
            if not header_seen and position < 20:
                announced = bool(notes) and notes[-1].startswith("#")
                best = best_match(row, layouts, loose=announced and bool(matches))
            elif header_seen and fold(text_of(row.cells[0])) in first_words:
                best = best_match(row, layouts)
            if best:
                layout, found = best
                matches.append(Match(layout, grid.name, grid.delimiter, row, found, tuple(notes), ()))
                notes, header_seen = [], True
            elif header_seen or (matches and not notes and position == 0 and len(segment[0].cells) > 1):
                # A blank row inside a table does not end it.
                header_seen = True
                matches[-1] = replace(
                    matches[-1], rows=matches[-1].rows + segment[position : _next(segment, position, first_words)]
                )
                position = _next(segment, position, first_words) - 1
            else:
                notes.append(" ".join(filter(None, (text_of(cell) for cell in row.cells))))
            position += 1
    return matches


def _next(segment: Sequence[Row], position: int, words: set[str]) -> int:
    """Index of the next row that may be a header, or the end."""
    for index in range(position + 1, len(segment)):
        cells = segment[index].cells
        if len(cells) > 1 and isinstance(cells[0], str) and isinstance(cells[1], str) and fold(cells[0]) in words:
            return index
    return len(segment)


def best_match(row: Row, layouts: Sequence[Layout], *, loose: bool = False) -> tuple[Layout, tuple[Found, ...]] | None:
    """The layout that knows most of a row's cells as headers, if it knows what it needs."""
    if sum(1 for cell in row.cells if isinstance(cell, str) and cell.strip()) < (1 if loose else 2):
        return None
    best: tuple[Layout, tuple[Found, ...]] | None = None
    for layout in layouts:
        found = _headers(row, layout)
        names = {item.name for item in found if item.column is not None}
        enough = any(set(need) <= names for need in layout.needs) and len(names) >= layout.at_least
        counted = loose and bool(names & {column.name for column in layout.columns if column.kind in NUMERIC})
        better = best is None or len(names) > sum(1 for item in best[1] if item.column is not None)
        if (enough or counted) and better:
            best = (layout, found)
    return best


def _headers(row: Row, layout: Layout) -> tuple[Found, ...]:
    found: list[Found] = []
    for index, cell in enumerate(row.cells):
        header = text_of(cell)
        if not header:
            continue
        column, language, old, unit = _meaning(header, layout)
        name = snake(header) if column is None or column.name == "*" else column.name
        found.append(Found(index, header, column, name, language, old, unit))
    current = {item.name for item in found if item.column is not None and not item.old}
    # An older name beside its successor is a number of its own.
    return tuple(
        replace(item, name=snake(item.header)) if item.old and item.name in current else item for item in found
    )


def _meaning(header: str, layout: Layout) -> tuple[Column | None, str, bool, str]:
    text = fold(header)
    known = layout.lookup.get(text)
    if known:
        return (*known, "")
    money = re.fullmatch(r"(.*\S)\s*[(\[]([A-Z]{3}|[€$£])[)\]]", header.strip())
    if money and (known := layout.lookup.get(fold(money[1]))):
        return (*known, {"€": "EUR", "$": "USD", "£": "GBP"}.get(money[2], money[2]))
    for opening, column, language in layout.openings:
        if text.startswith(opening):
            return column, language, False, ""
    return None, "", False, ""


# --- reading ---------------------------------------------------------------------------------------------------------

_FOOTER = re.compile(
    r"^(confidential information|copyright\b|©|generated by|filtered by|as of\b|total records|vertraulich"
    r"|informations confidentielles|informacion confidencial|report (generated|run))",
    re.IGNORECASE,
)


def read(matches: Sequence[Match], context: Context) -> list[Sheet]:
    """Read every row of the tables of one file, with one habit of numbers and one of dates for all of them.

    Raises:
        Unreadable: a cell is not what its column holds, two columns mean the same, or the numbers or dates can be read
            in two ways.
    """
    tables = [(match, *_sorted(match)) for match in matches]
    language = _language(matches)
    point = _point(tables, language)
    order = _order(tables, language, context)
    return [_sheet(match, data, total, language, point, order, context) for match, data, total in tables]


def _language(matches: Sequence[Match]) -> str:
    """The language of the headers: the most frequent one that is not English, since many words are also English."""
    counted: dict[str, int] = {}
    for match in matches:
        for found in match.found:
            if found.language:
                counted[found.language] = counted.get(found.language, 0) + 1
    foreign = {language: number for language, number in counted.items() if language != "en"}
    return max(foreign, key=lambda language: foreign[language]) if foreign else "en"


def _sorted(match: Match) -> tuple[list[Row], Row | None]:
    """A table's rows of data, and its row of sums."""
    width = max(found.index for found in match.found) + 1
    data: list[Row] = []
    total: Row | None = None
    subject = [found.index for found in match.found if found.column and found.column.kind in {Kind.ID, Kind.DAY}]
    words = [
        found.index
        for found in match.found
        if found.column and found.column.kind in {Kind.TEXT, Kind.LINK, Kind.PUBLISHED}
    ]
    numbers = [found.index for found in match.found if found.column and found.column.kind in NUMERIC]
    for row in match.rows:
        cells = row.cells
        first = text_of(cells[0])
        said = sum(1 for cell in cells if not is_empty(cell))
        below = (said <= 2 and _FOOTER.match(first)) or (said == 1 and is_total(first))
        remark = first.startswith("#") and said == 1 and match.layout.about != "people"
        if below or remark or (len(cells) == 1 and width >= 3):
            continue
        extra = [text_of(cell) for cell in cells[width:] if not is_empty(cell)]
        if [cell for cell in extra if not is_total(cell)]:
            raise Unreadable(
                f"Line {row.line} has {len(cells)} cells, the header on line {match.header.line} has {width}: something in "
                "that row shifts its columns, such as a comma outside quotation marks. Export the file again."
            )
        if _is_sum(row, subject, words, numbers, match.layout, bool(extra)):
            total = total or row
            continue
        data.append(row)
    if match.layout.about == "slices" and total is None:
        data, total = _hidden_sum(data, words, numbers)
    return data, total


def _cell(row: Row, index: int) -> Cell:
    return row.cells[index] if index < len(row.cells) else None


def _is_sum(row: Row, subject: list[int], words: list[int], numbers: list[int], layout: Layout, marked: bool) -> bool:
    """Whether a row says that it is the sum of the others, by a word or by saying nothing of what it is about."""
    if layout.about in {"people", "deals"}:
        named = [_cell(row, index) for index in (*subject, *words) if not is_empty(_cell(row, index))]
        return len(named) == 1 and is_total(named[0])
    filled = any(not is_empty(_cell(row, index)) for index in numbers)
    if marked and filled:
        return True
    if subject:
        if any(is_total(_cell(row, index)) for index in subject):
            return True
        names = [_cell(row, index) for index in subject if not is_empty(_cell(row, index))]
        silent = bool(words) and all(is_empty(_cell(row, index)) for index in words)
        if layout.id_shape and filled and silent and names and not _like_an_id(names[0], layout.id_shape):
            return True
        if not filled or any(not is_empty(_cell(row, index)) for index in subject):
            return False
        said = [_cell(row, index) for index in words if not is_empty(_cell(row, index))]
        return not said or all(is_total(cell) for cell in said)
    said = [_cell(row, index) for index in words]
    if not words or not filled:
        return False
    # Anybody may search for “total”; a row of sums of the Search Console must add up (see below).
    searched = layout.network == "search_console"
    return all(is_empty(cell) for cell in said) or (not searched and is_total(said[0]))


def _like_an_id(cell: Cell, shape: str) -> bool:
    try:
        return re.fullmatch(shape, id_of(cell)) is not None
    except ValueError:
        return True


def _hidden_sum(data: list[Row], words: list[int], numbers: list[int]) -> tuple[list[Row], Row | None]:
    """A first or last row called “Total” among slices, when its numbers are the sum of the others and not a slice."""
    for position in (0, len(data) - 1):
        if len(data) < 2 or not any(is_total(_cell(data[position], index)) for index in words[:1]):
            continue
        others = data[:position] + data[position + 1 :]
        for index in numbers:
            mine = figure(_cell(data[position], index))
            rest = [seen.point for row in others if (seen := figure(_cell(row, index))) and seen.point is not None]
            if mine and mine.point is not None and rest and mine.point == sum(rest, Decimal(0)) and mine.point != 0:
                return others, data[position]
    return data, None


Grain = Literal["day", "week", "post", "total"]
Sorted = tuple[Match, list[Row], "Row | None"]


def _point(tables: Sequence[Sorted], language: str) -> Point | None:
    """The file's decimal sign; ``None`` when nothing decides and some numbers would differ."""
    counts: list[Figure] = []
    others: list[Figure] = []
    seen: list[tuple[Figure, str]] = []
    for match, data, total in tables:
        for found in match.found:
            if not found.column or found.column.kind not in NUMERIC:
                continue
            for row in (*data, *((total,) if total else ())):
                value = figure(_cell(row, found.index))
                if value is None:
                    continue
                (counts if found.column.kind is Kind.COUNT else others).append(value)
                if value.point != value.comma:
                    seen.append((value, f"line {row.line}, “{found.header}”: {text_of(_cell(row, found.index))}"))
    possible = points(counts, others)
    if len(possible) == 1:
        return possible.pop()
    if not possible:
        by_point = next((place for value, place in seen if value.comma is None), seen[0][1])
        by_comma = next((place for value, place in seen if value.point is None), seen[-1][1])
        raise Unreadable(
            f"The numbers do not agree on their decimal sign, or a count is not whole ({by_point}; {by_comma}). "
            "Export the file again, in one language, without opening it in a spreadsheet."
        )
    if not seen:
        return "."
    if any(match.delimiter == ";" for match, _, _ in tables):
        return ","
    return "." if language == "en" else None


def _order(tables: Sequence[Sorted], language: str, context: Context) -> Order | None:
    """How the file writes its dates; ``None`` when nothing decides and some dates would differ."""
    seen: list[Moment] = []
    days: list[Moment] = []
    for match, data, _ in tables:
        for found in match.found:
            if found.column and found.column.kind in {Kind.DAY, Kind.PUBLISHED, Kind.PERIOD}:
                read_ = [value for row in data if (value := moment(_cell(row, found.index)))]
                seen += read_
                if found.column.kind is Kind.DAY:
                    days += read_
    possible = orders(seen, not_after=context.taken_at.date() + timedelta(days=1))
    if len(possible) == 1:
        return possible.pop()
    if not possible:
        return None if seen else "day-first"
    if not any(value.ambiguous for value in seen):
        return "day-first"
    if context.order:
        return context.order
    running = {order for order in possible if consecutive(day_of(at) for value in days if (at := value.read(order)))}
    if len(running) == 1:
        return running.pop()
    return tables[0][0].layout.order if language == "en" else None


def _sheet(
    match: Match,
    data: Sequence[Row],
    total: Row | None,
    language: str,
    point: Point | None,
    order: Order | None,
    context: Context,
) -> Sheet:
    warnings: list[str] = []
    found = _unique(match, data)
    left_out: set[int] = set()
    readers: list[tuple[Found, Column]] = [(item, item.column) for item in found if item.column is not None]
    for item, column in readers:
        if column.kind in NUMERIC and point is None:
            unclear = next(
                (row for row in data if (value := figure(_cell(row, item.index))) and value.point != value.comma), None
            )
            if unclear is None:
                continue
            shown = text_of(_cell(unclear, item.index))
            if column.kind is not Kind.RATE:
                raise Unreadable(
                    f"Line {unclear.line}, “{item.header}”: {shown} can be read in two ways, and nothing in the file says "
                    "whether the point or the comma is its decimal sign. Export it in English, or with more decimals."
                )
            left_out.add(item.index)
            warnings.append(f"“{item.header}” was left out: {shown} can be read in two ways.")
        if column.kind in {Kind.DAY, Kind.PUBLISHED} and order is None:
            unclear = next((row for row in data if (at := moment(_cell(row, item.index))) and at.ambiguous), None)
            if unclear is None and all(
                moment(_cell(row, item.index)) for row in data if not is_empty(_cell(row, item.index))
            ):
                continue
            if match.layout.dates_matter:
                place = unclear or data[0]
                raise Unreadable(
                    f"Line {place.line}, “{item.header}”: {text_of(_cell(place, item.index))} can be read with the day or "
                    "with the month first, and nothing in the file decides. Import it again with --dates day-first or "
                    "--dates month-first."
                )
            left_out.add(item.index)
            warnings.append(f"“{item.header}” was not used as a date: day and month cannot be told apart.")
    extras = [item for item in found if item.column is None]
    lines = [
        _line(
            row,
            [pair for pair in readers if pair[0].index not in left_out],
            extras,
            point or ".",
            order or "day-first",
            warnings,
        )
        for row in data
    ]
    _ends_early(match, data, readers, warnings)
    _ids(match, lines, readers)
    sums = (
        _line(
            total,
            [pair for pair in readers if pair[1].kind in NUMERIC and pair[0].index not in left_out],
            (),
            point or ".",
            "day-first",
            warnings,
        )
        if total
        else None
    )
    del language, context
    return Sheet(
        match.layout, match.grid, found, match.notes, tuple(lines), sums,
        tuple(item.header for item in extras), tuple(dict.fromkeys(warnings)),
    )  # fmt: skip


def _ends_early(
    match: Match, data: Sequence[Row], readers: Sequence[tuple[Found, Column]], warnings: list[str]
) -> None:
    """Say which rows of a text table have fewer cells than its header.

    Raises:
        Unreadable: it is the last row alone, so the file was cut off while it was written or copied.
    """
    width = max(found.index for found in match.found) + 1
    short = [row for row in data if len(row.cells) < width] if match.delimiter else []
    if not short:
        return
    if short == [data[-1]]:
        raise Unreadable(
            f"Line {short[0].line} is the last one and ends after {len(short[0].cells)} of {width} columns, so the file was "
            "cut off. Export or copy it again."
        )
    missed = next((item.header for item, _ in readers if item.index >= len(short[0].cells)), "")
    if missed:
        warnings.append(
            f"{len(short)} rows end before “{missed}” (line {short[0].line} is the first); what is missing there is no value."
        )


def _unique(match: Match, data: Sequence[Row]) -> tuple[Found, ...]:
    """The headers, of two that mean the same and hold the same only the first.

    Unknown ones of one name that differ are all kept, the second as ``Name (2)``.

    Raises:
        Unreadable: two known headers mean the same and their cells differ.
    """
    kept: dict[str, Found] = {}
    for item in match.found:
        other = kept.setdefault(item.name, item)
        if other is item:
            continue
        same = all(text_of(_cell(row, item.index)) == text_of(_cell(row, other.index)) for row in data)
        if item.column is None and other.column is None:
            twice = sum(1 for earlier in match.found if earlier.index <= item.index and earlier.header == item.header)
            if item.header != other.header:
                kept[f"{item.name} {item.index}"] = item
            elif not same:
                kept[f"{item.name} {item.index}"] = replace(item, header=f"{item.header} ({twice})")
            continue
        if not same:
            raise Unreadable(
                f"“{other.header}” and “{item.header}” both mean {item.name} and hold different values. "
                "Take one of the columns out and import the file again."
            )
    return tuple(kept.values())


def _line(
    row: Row,
    readers: Sequence[tuple[Found, Column]],
    extras: Sequence[Found],
    point: Point,
    order: Order,
    warnings: list[str],
) -> Line:
    values: dict[str, Value] = {}
    units: dict[str, str] = {}
    for item, column in readers:
        cell = _cell(row, item.index)
        if is_empty(cell):
            continue
        place = f"Line {row.line}, “{item.header}”: {text_of(cell)[:60]}"
        if column.kind in NUMERIC:
            number = figure(cell)
            if number is None and column.kind is Kind.RATE:
                number = _clock(cell)
            value = number.read(point) if number else None
            if number is None or value is None:
                raise Unreadable(f"{place} {_no_number(cell)}")
            if column.kind is Kind.COUNT:
                if value != value.to_integral_value() or (number.percent and value):
                    raise Unreadable(f"{place} is not a whole number, and this column counts things.")
                values[item.name] = int(value)
            else:
                values[item.name] = value
            if number.rounded:
                warnings.append(f"“{item.header}” holds numbers that the tool has shortened, such as {text_of(cell)}.")
            units[item.name] = _unit(item, column, number)
        elif column.kind in {Kind.DAY, Kind.PUBLISHED, Kind.PERIOD}:
            when = moment(cell)
            at = when.read(order) if when else None
            if at is None:
                if column.kind is Kind.PERIOD:
                    continue
                raise Unreadable(f"{place} {_no_date(cell)}")
            values[item.name] = at
        elif column.kind is Kind.ID:
            try:
                values[item.name] = id_of(cell)
            except ValueError as error:
                values[item.name] = f"\x00{error}"
        else:
            values[item.name] = text_of(cell)
    others = {item.header: text_of(cell) for item in extras if not is_empty(cell := _cell(row, item.index))}
    return Line(row.line, values, others, units)


def _no_number(cell: Cell) -> str:
    """Why a cell is no number, and what to do; follows on its place."""
    if re.match(r"^\s*[<>≤≥~≈]|\+\s*$", text_of(cell)):
        return (
            "says about how many, not how many, and no sum can be made of it. Export the exact numbers; where the tool "
            "hides them, empty the cell, and it counts as not known."
        )
    return "is not a number. If a cell was edited, export the file again."


def _no_date(cell: Cell) -> str:
    """Why a cell is no date, and what to do; follows on its place."""
    days = figure(cell)
    if days and days.point is not None and 30_000 <= days.point < 80_000:
        return (
            "is a spreadsheet's count of days, and spreadsheets begin to count in different years. Give the column the "
            "form of a date there (2026-07-14) and save it again, or import the export as the tool wrote it."
        )
    if not re.search(r"\d", text_of(cell)):
        return (
            "is a word, and this column must hold days. If each row is about a post, the column of the post's id is "
            "missing: export the file again with it."
        )
    return "is not a date that is known here. Dates such as 2026-07-14, 14.07.2026, 07/14/2026 and Jul 14, 2026 are."


def _clock(cell: Cell) -> Figure | None:
    """A duration such as ``0:01:32`` in seconds."""
    parts = re.fullmatch(r"(?:(\d+):)?(\d{1,2}):(\d{2})", text_of(cell))
    if not parts:
        return None
    seconds = Decimal(int(parts[1] or 0) * 3600 + int(parts[2]) * 60 + int(parts[3]))
    return Figure(seconds, seconds)


def _unit(item: Found, column: Column, number: Figure) -> str:
    if number.currency or item.unit:
        return number.currency or item.unit
    if number.percent or (column.kind is Kind.RATE and "%" in item.header):
        return "percent"
    return column.unit or ("ratio" if column.kind is Kind.RATE else "count")


def _ids(match: Match, lines: list[Line], readers: Sequence[tuple[Found, Column]]) -> None:
    """Put the ids that a spreadsheet shortened right from the links, or refuse the file."""
    for item, column in readers:
        if column.kind is not Kind.ID:
            continue
        ids = [str(line.values[item.name]) for line in lines if item.name in line.values]
        damaged = next((found[1:] for found in ids if found.startswith("\x00")), "") or shortened(ids)
        if not damaged:
            continue
        links = next((other.name for other, known in readers if known.kind is Kind.LINK), "")
        mended = []
        for line in lines:
            from_link = (
                re.search(match.layout.link_id, str(line.values.get(links, ""))) if match.layout.link_id else None
            )
            if from_link:
                mended.append(replace(line, values={**line.values, item.name: from_link[1]}))
        if len(mended) != len(lines):
            raise Unreadable(
                f"“{item.header}” holds {damaged}: a spreadsheet has cut the digits of the ids, and they cannot be brought "
                "back. Export the file again and import it without opening it in a spreadsheet."
            )
        lines[:] = mended


# --- from sheets to records ------------------------------------------------------------------------------------------


def number(value: Value) -> Number:
    """A value as a record holds it: whole numbers as ``int``."""
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def metrics(sheet: Sheet) -> list[Found]:
    """The columns with numbers that are known."""
    return [item for item in sheet.found if item.column is not None and item.column.kind in NUMERIC]


def sums(sheet: Sheet, *, prefix: str = "", lines: Iterable[Line] | None = None) -> dict[str, Number]:
    """The sum of each column that may be added; a column without a single value, or in several currencies, is absent."""
    chosen = sheet.lines if lines is None else tuple(lines)
    out: dict[str, Number] = {}
    for item in metrics(sheet):
        if item.column is None or item.column.kind not in ADDED:
            continue
        values = [line.values[item.name] for line in chosen if item.name in line.values]
        if values and len({line.units.get(item.name) for line in chosen if item.name in line.values}) == 1:
            out[prefix + item.name] = number(sum((Decimal(str(value)) for value in values), Decimal(0)))
    return out


def as_first(moments: Iterable[Value]) -> str | None:
    """The earliest moment: an instant in UTC when all have a zone, else a day as the source wrote it."""
    found = [value for value in moments if isinstance(value, date)]
    if not found:
        return None
    if all(isinstance(value, datetime) and value.tzinfo is not None for value in found):
        first = min(value for value in found if isinstance(value, datetime))
        from datetime import UTC

        return first.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return min(day_of(value) for value in found).isoformat()


def reading(
    context: Context,
    sheet: Sheet,
    item: Found,
    line: Line,
    *,
    subject: str,
    grain: Grain,
    on: date | None,
    prefix: str = "",
    dims: tuple[str, ...] = (),
) -> Reading:
    """One number of one row. Without a day in the file the reading is named after the file's bytes."""
    return made(
        context, sheet.layout.network, prefix + item.name, number(line.values[item.name]),
        subject=subject, grain=grain, on=on, unit=line.units.get(item.name, "count"), dims=dims,
    )  # fmt: skip


def made(
    context: Context,
    network: str,
    metric: str,
    value: Number,
    *,
    subject: str,
    grain: Grain,
    on: date | None,
    unit: str = "count",
    dims: tuple[str, ...] = (),
) -> Reading:
    """A reading of an import: its channel is the workspace's, its origin the file."""
    channel = context.channels.get(network, "")
    day = on or context.taken_at.astimezone(context.zone).date()
    when = on.isoformat() if on else context.fingerprint
    key = digest(network, channel, subject, metric, when, grain, "|".join(dims), value)
    return Reading(
        key, network, channel, subject, metric, day, grain, value, unit, dims, context.taken_at, context.file
    )


def extras(context: Context, sheet: Sheet, line: Line, *, subject: str, grain: Grain, on: date | None) -> list[Reading]:
    """Readings that keep what stood in unknown columns: a number as it is, a text as a count of 1 with its words.

    Both carry ``unknown=yes``, so that nobody takes them for a number the layout vouches for.
    """
    out: list[Reading] = []
    for header, text in line.extras.items():
        value = figure(text)
        plain = value.point if value and value.point == value.comma and not re.search(r"\bid$", fold(header)) else None
        if plain is not None and value is not None:
            unit = "percent" if value.percent else value.currency or "count"
            out.append(
                made(
                    context,
                    sheet.layout.network,
                    snake(header),
                    number(plain),
                    subject=subject,
                    grain=grain,
                    on=on,
                    unit=unit,
                    dims=("unknown=yes",),
                )
            )
        else:
            out.append(
                made(
                    context,
                    sheet.layout.network,
                    snake(header),
                    1,
                    subject=subject,
                    grain=grain,
                    on=on,
                    dims=("unknown=yes", f"value={text[:200]}"),
                )
            )
    return out


def posts(
    sheet: Sheet, context: Context, *, id_name: str = "", published: str = "published", link: str = ""
) -> Decoded:
    """A table with a row for each post, or for each post and day.

    Raises:
        Unreadable: a row has numbers and no post, or a post stands there twice with different numbers.
    """
    prefix = sheet.layout.prefix
    rows: dict[tuple[str, date | None], Line] = {}
    for line in sheet.lines:
        subject = str(line.values.get(id_name, "")) if id_name else ""
        if not subject and link:
            address = str(line.values.get(link, ""))
            inside = re.search(sheet.layout.link_id, address) if sheet.layout.link_id else None
            subject = inside[1] if inside else address
        if not subject:
            raise Unreadable(
                f"Line {line.line} has numbers but neither an id nor a link, so it cannot be told which post they belong to. "
                "Export the file again with the column of the id."
            )
        period = line.values.get("period")
        day = day_of(period) if isinstance(period, date) else None
        other = rows.get((subject, day))
        if other is not None:
            if dict(other.values) == dict(line.values):
                continue
            raise Unreadable(
                f"Lines {other.line} and {line.line} are about the same post ({subject}) and hold different values. "
                "Keep the newer export of the two and import that."
            )
        rows[subject, day] = line
    records: list[Record] = []
    for (subject, day), line in rows.items():
        at = line.values.get(published)
        on = day or (day_of(at) if isinstance(at, date) else None)
        grain: Grain = "day" if day else "post"
        records += [
            reading(context, sheet, item, line, subject=subject, grain=grain, on=on, prefix=prefix)
            for item in metrics(sheet)
            if item.name in line.values
        ]
        records += extras(context, sheet, line, subject=subject, grain=grain, on=on)
    return Decoded(
        sheet.layout.name,
        sheet.layout.network,
        tuple(records),
        posts=frozenset(subject for subject, _ in rows),
        days=frozenset(day for _, day in rows if day),
        rows=len(sheet.lines),
        totals=sums(sheet, prefix=prefix, lines=rows.values()),
        first_published=as_first(line.values[published] for line in rows.values() if published in line.values),
        unknown=sheet.unknown,
        warnings=sheet.warnings + _stated(sheet, rows.values()),
    )


def _stated(sheet: Sheet, lines: Iterable[Line]) -> tuple[str, ...]:
    """What the tool's own row of sums says otherwise."""
    if sheet.total is None:
        return ()
    added = sums(sheet, lines=lines)
    return tuple(
        f"The tool's own total of “{item.header}” is {number(stated)}; the rows add up to {added[item.name]}, and the rows count."
        for item in metrics(sheet)
        if (stated := sheet.total.values.get(item.name)) is not None
        and item.name in added
        and abs(Decimal(str(number(stated))) - Decimal(str(added[item.name])))
        > Decimal("0.01") * max(len(sheet.lines), 1)
    )


def days(sheet: Sheet, context: Context, *, day_name: str = "day", subject_name: str = "") -> Decoded:
    """A table with a row for each day.

    Raises:
        Unreadable: a day stands there twice with different numbers.
    """
    prefix = sheet.layout.prefix
    rows: dict[tuple[str, date], Line] = {}
    for line in sheet.lines:
        at = line.values.get(day_name)
        if not isinstance(at, date):
            raise Unreadable(
                f"Line {line.line} has numbers but no day. Export the file again with the column of the date."
            )
        subject = str(line.values.get(subject_name, "account")) if subject_name else "account"
        other = rows.get((subject, day_of(at)))
        if other is not None and dict(other.values) != dict(line.values):
            raise Unreadable(
                f"Lines {other.line} and {line.line} are about the same day, {day_of(at)}, and hold different values. "
                "Export the file by day, without a further breakdown."
            )
        rows[subject, day_of(at)] = line
    records: list[Record] = []
    for (subject, day), line in rows.items():
        records += [
            reading(context, sheet, item, line, subject=subject, grain="day", on=day, prefix=prefix)
            for item in metrics(sheet)
            if item.name in line.values
        ]
        records += extras(context, sheet, line, subject=subject, grain="day", on=day)
    return Decoded(
        sheet.layout.name,
        sheet.layout.network,
        tuple(records),
        days=frozenset(day for _, day in rows),
        rows=len(sheet.lines),
        totals=sums(sheet, prefix=prefix, lines=rows.values()),
        unknown=sheet.unknown,
        warnings=sheet.warnings + _stated(sheet, rows.values()),
    )


def slices(sheet: Sheet, context: Context, *, on: date | None = None, keep_total: bool = False) -> Decoded:
    """A table that breaks the whole down by one or several words: queries, pages, countries, places.

    *keep_total* takes the tool's own row of sums as the total, for numbers of people, who stand in several rows.
    """
    prefix = sheet.layout.prefix
    records: list[Record] = []
    for line in sheet.lines:
        told = tuple(
            f"{item.name}={str(line.values[item.name])[:300]}" for item in sheet.dimensions if item.name in line.values
        )
        # An unknown first column is the dimension nobody has named yet.
        unnamed = tuple(f"{snake(header)}={text[:300]}" for header, text in line.extras.items() if figure(text) is None)
        records += [
            reading(
                context, sheet, item, line, subject="account", grain="total", on=on, prefix=prefix, dims=told + unnamed
            )
            for item in metrics(sheet)
            if item.name in line.values
        ]
        numeric = replace(
            line, extras={header: text for header, text in line.extras.items() if figure(text) is not None}
        )
        records += [
            replace(found, key=digest(found.key, *told, *unnamed), dims=(*told, *unnamed, *found.dims))
            for found in extras(context, sheet, numeric, subject="account", grain="total", on=on)
        ]
    totals = sums(sheet, prefix=prefix)
    if keep_total and sheet.total is not None:
        totals |= {
            prefix + item.name: number(sheet.total.values[item.name])
            for item in metrics(sheet)
            if item.column is not None and item.column.kind in ADDED and item.name in sheet.total.values
        }
    return Decoded(
        sheet.layout.name,
        sheet.layout.network,
        tuple(records),
        rows=len(sheet.lines),
        totals=totals,
        unknown=sheet.unknown,
        warnings=sheet.warnings,
    )


def together(parts: Sequence[Decoded], *, layout: str = "", totals: Mapping[str, Number] | None = None) -> Decoded:
    """Several tables of one file as one: records, posts and days of all; of two totals of one name the first counts."""
    first = parts[0]
    merged: dict[str, Number] = {}
    for part in reversed(parts):
        merged |= part.totals
    starts = [part.first_published for part in parts if part.first_published]
    return Decoded(
        layout or first.layout,
        first.network,
        tuple(record for part in parts for record in part.records),
        posts=frozenset().union(*(part.posts for part in parts)),
        days=frozenset().union(*(part.days for part in parts)),
        rows=sum(part.rows for part in parts),
        mentions=sum(part.mentions for part in parts),
        totals=merged if totals is None else totals,
        first_published=min(starts) if starts else None,
        unknown=tuple(dict.fromkeys(header for part in parts for header in part.unknown)),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def fingerprint(data: bytes) -> str:
    """A short name for a file's bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()
