"""Bytes → grids of cells: text tables, workbooks, HTML tables and archives of them, whatever their name claims.

What a file *is* is decided by its bytes. ``.xls`` from these tools is at times a workbook, at times HTML and at times
tabs; all three are read. Formulas are never computed, links to other files never followed, entities never expanded.
Everything has a cap, checked on the declared size before a byte is unpacked.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from pipelines.cells import Cell, is_empty, text_of
from signalbook.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILE = 64 * 2**20
"""Bytes of a file that are read at all."""
MAX_UNPACKED = 256 * 2**20
"""Bytes of everything in an archive or a workbook together."""
MAX_MEMBERS = 2_000
MAX_ROWS = 500_000
MAX_COLUMNS = 2_000
MAX_CELLS = 5_000_000
MAX_TEXT = 1_000_000
"""Characters in one cell."""
DELIMITERS = (",", ";", "\t", "|")


class Unreadable(ValueError):  # noqa: N818 - it says what the file is, not what went wrong in the program
    """A file that is refused, with the sentence a person is told: what was seen, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something.

    Attributes:
        line: 1-based line of a text table (where the row ends, when a cell holds line breaks), or row of a sheet.
        cells: left to right, as written.
    """

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table before anybody knows what its columns mean.

    Attributes:
        name: the sheet's name, or the name of the file in an archive; empty for a plain file.
        rows: without the blank ones.
        delimiter: of a text table; empty for a workbook or HTML.
    """

    name: str
    rows: tuple[Row, ...]
    delimiter: str = ""
    breaks: frozenset[int] = field(default_factory=frozenset)
    """Indexes into ``rows`` that follow a blank row."""


def read_grids(data: bytes) -> list[list[Grid]]:
    """All the ways a file can be read as tables: one for a workbook, one for each delimiter of a text table.

    The caller takes the way in which it knows the columns. An archive gives one way only, member by member, each
    member in the way that splits it most evenly.

    Raises:
        Unreadable: too large, encrypted, damaged, an old binary workbook that cannot be read, or no text at all.
    """
    if len(data) > MAX_FILE:
        raise Unreadable(f"The file has {len(data) // 2**20} MB; {MAX_FILE // 2**20} MB is the most that is read.")
    if not data.strip():
        raise Unreadable("The file is empty. Export it again.")
    if data[:4] == b"PK\x03\x04":
        archive = _archive(data)
        if "xl/workbook.xml" in archive.namelist() or "[Content_Types].xml" in archive.namelist():
            return [_workbook(data, archive)]
        return [_members(archive)]
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return [_old_workbook(data)]
    if data[:2] == b"\x1f\x8b":
        raise Unreadable("This is a gzip archive. Unpack it and import the file that is in it.")
    if data[:4] == b"%PDF":
        raise Unreadable("This is a PDF. Export the numbers as CSV or XLSX.")
    text = decoded(data)
    start = text.lstrip()[:2_000].casefold()
    if start.startswith("<") and ("<html" in start or "<table" in start or "<!doctype html" in start):
        return [_html(text)]
    return [[grid] for grid in _delimited(text)]


def decoded(data: bytes) -> str:
    """Text in whichever encoding it came: a byte-order mark decides, then UTF-16 by its zeros, UTF-8, Windows-1252.

    Raises:
        Unreadable: there are zero bytes or control characters left, so it is no text.
    """
    marks = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xef\xbb\xbf", "utf-8-sig"),
             (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
    encoding = next((name for mark, name in marks if data.startswith(mark)), "")
    if not encoding and b"\x00" in data[:4_000]:
        head = data[:4_000]
        even, odd = head[::2].count(0), head[1::2].count(0)
        if max(even, odd) > len(head) // 4:
            encoding = "utf-16-be" if even > odd else "utf-16-le"
    try:
        if encoding:
            text = data.decode(encoding)
        else:
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                text = data.decode("cp1252")
    except UnicodeError as error:
        raise Unreadable(
            "The text is in an encoding that is not known here (UTF-8, UTF-16 and Windows-1252 are). Save it as UTF-8."
        ) from error
    text = text.removeprefix("\ufeff")
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise Unreadable("The file holds zero bytes or control characters, so it is no text table. Export it again.")
    return text


# --- text tables -----------------------------------------------------------------------------------------------------


def _delimited(text: str) -> list[Grid]:
    """The text split at each delimiter that it contains; a first line ``sep=;`` decides alone."""
    told = re.match(r"\"?sep=(.)\"?\r?\n", text)
    skipped = 0
    wanted: tuple[str, ...] = DELIMITERS
    if told:
        wanted, text, skipped = (told[1],), text[told.end() :], 1
    found: list[Grid] = []
    problem: Unreadable | None = None
    for delimiter in wanted:
        if delimiter not in text and delimiter != ",":
            continue
        try:
            found.append(_split(text, delimiter, skipped))
        except Unreadable as error:
            problem = problem or error
    if not found:
        raise problem or Unreadable("The text has no rows.")
    return found


def _split(text: str, delimiter: str, skipped: int) -> Grid:
    rows: list[Row] = []
    breaks: set[int] = set()
    blank = False
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for raw in reader:
            if not any(cell.strip() for cell in raw):
                blank = True
                continue
            if blank and rows:
                breaks.add(len(rows))
            blank = False
            cells += len(raw)
            _within(len(rows), len(raw), cells)
            rows.append(Row(reader.line_num + skipped, tuple(raw)))
    except csv.Error as error:
        raise Unreadable(
            f"Line {reader.line_num + skipped}: a quotation mark opens or closes a cell in the wrong place ({error}), "
            "so it cannot be told which column is which. Export the file again without editing it."
        ) from error
    return Grid("", tuple(rows), delimiter, frozenset(breaks))


def _within(rows: int, columns: int, cells: int) -> None:
    if rows >= MAX_ROWS or columns > MAX_COLUMNS or cells > MAX_CELLS:
        raise Unreadable(
            f"The table is larger than {MAX_ROWS:,} rows, {MAX_COLUMNS:,} columns or {MAX_CELLS:,} cells. "
            "Export a shorter period."
        )


def _best(grids: list[Grid]) -> Grid:
    """The split that gives most rows of the same, largest width; used where the columns are not yet known."""

    def evenness(grid: Grid) -> tuple[int, int]:
        widths = [len(row.cells) for row in grid.rows[:200]]
        common = max(set(widths), key=lambda width: (widths.count(width) if width > 1 else 0, width), default=0)
        return (widths.count(common) if common > 1 else 0, common)

    return max(grids, key=evenness)


# --- archives and workbooks ------------------------------------------------------------------------------------------


def _archive(data: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise Unreadable("The archive or workbook is damaged. Export it again.") from error
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or size > MAX_UNPACKED:
        raise Unreadable(
            f"The file unpacks to {len(members):,} parts and {size // 2**20:,} MB; {MAX_MEMBERS:,} parts and "
            f"{MAX_UNPACKED // 2**20} MB are the most that is read."
        )
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("The file is protected by a password. Save it without one.")
    if any(member.file_size > 1_000 * max(member.compress_size, 1) for member in members):
        raise Unreadable("A part of the file unpacks to more than a thousand times its size. It is not read.")
    return archive


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Unreadable(f"“{name}” inside the file is damaged. Export it again.") from error
    except Exception as error:  # zlib and lzma raise their own kinds
        raise Unreadable(f"“{name}” inside the file is damaged. Export it again.") from error


def _members(archive: zipfile.ZipFile) -> list[Grid]:
    """The text tables of an archive, as Search Console and YouTube pack them."""
    grids: list[Grid] = []
    for member in archive.infolist():
        stem = member.filename.rsplit("/", 1)[-1]
        if member.is_dir() or stem.startswith(".") or "__MACOSX" in member.filename:
            continue
        if not stem.casefold().endswith((".csv", ".tsv", ".txt")):
            continue
        content = _part(archive, member.filename)
        if content.strip():
            try:
                best = _best(_delimited(decoded(content)))
            except Unreadable as error:
                raise Unreadable(f"“{member.filename}” inside the archive: {error}") from error
            grids.append(Grid(stem, best.rows, best.delimiter, best.breaks))
    if not grids:
        if "content.xml" in archive.namelist():
            raise Unreadable("This is an OpenDocument file. Open it in a spreadsheet and save it as .xlsx or CSV.")
        names = ", ".join(sorted(archive.namelist())[:5]) or "nothing"
        raise Unreadable(
            f"The archive holds no CSV files (it holds {names}). Unpack it and import the files that are in it."
        )
    return grids


def _workbook(data: bytes, archive: zipfile.ZipFile) -> list[Grid]:
    for part in archive.namelist():
        content = _part(archive, part) if part.endswith((".xml", ".rels")) else b""
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise Unreadable("The workbook declares entities of its own, which no export does. It is not read.")
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets KeyError, ValueError and the XML parser's own errors through
        raise Unreadable("The workbook is damaged, or not a workbook. Export it again.") from error
    grids: list[Grid] = []
    cells = 0
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows: list[Row] = []
            breaks: set[int] = set()
            blank = False
            for line, raw in enumerate(sheet.iter_rows(values_only=True), 1):
                if line > 1_100_000:
                    raise Unreadable("A sheet has more rows than a spreadsheet can hold. It is not read.")
                if all(cell is None or cell == "" for cell in raw):
                    blank = True
                    continue
                if blank and rows:
                    breaks.add(len(rows))
                blank = False
                width = max(index for index, cell in enumerate(raw, 1) if cell is not None)
                cells += width
                _within(len(rows), width, cells)
                rows.append(Row(line, tuple(_value(cell) for cell in raw[:width])))
            grids.append(Grid(sheet.title, tuple(rows), "", frozenset(breaks)))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("The workbook is damaged. Export it again.") from error
    finally:
        book.close()
    _computed(data, archive, grids)
    return [grid for grid in grids if grid.rows]


def _value(cell: object) -> Cell:
    """A workbook's cell; its error values (``#REF!``) and times of day become text."""
    if cell is None or isinstance(cell, str | int | float | bool):
        return cell
    from datetime import date

    return cell if isinstance(cell, date) else str(cell)


def _computed(data: bytes, archive: zipfile.ZipFile, grids: list[Grid]) -> None:
    """Refuse a workbook with formulas nobody has computed: their cells look empty and would be left out of sums."""
    sheets = [part for part in archive.namelist() if part.startswith("xl/worksheets/") and part.endswith(".xml")]
    if not any(re.search(rb"<f[ >/]", _part(archive, part)) for part in sheets):
        return
    import openpyxl

    known = {(grid.name, row.line): row.cells for grid in grids for row in grid.rows}
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            for line, raw in enumerate(sheet.iter_rows(values_only=True), 1):
                row = known.get((sheet.title, line), ())
                for column, cell in enumerate(raw):
                    if isinstance(cell, str) and cell.startswith("=") and (column >= len(row) or row[column] is None):
                        raise Unreadable(
                            f"Sheet “{sheet.title}”, row {line}, column {column + 1} is a formula without a value. "
                            "Open the workbook in a spreadsheet, save it, and import it again."
                        )
    finally:
        book.close()


def _old_workbook(data: bytes) -> list[Grid]:
    """The binary ``.xls`` of before 2007, as LinkedIn still writes it."""
    try:
        import xlrd
    except ImportError as error:
        raise Unreadable(
            "This is a binary .xls of before 2007. Open it in a spreadsheet and save it as .xlsx."
        ) from error
    try:
        book = xlrd.open_workbook(file_contents=data, on_demand=False, formatting_info=False, logfile=io.StringIO())
        grids = []
        cells = 0
        for sheet in book.sheets():
            rows: list[Row] = []
            breaks: set[int] = set()
            blank = False
            for line in range(sheet.nrows):
                raw = tuple(_old_value(sheet.cell(line, column), book.datemode) for column in range(sheet.ncols))
                if all(is_empty(cell) and text_of(cell) == "" for cell in raw):
                    blank = True
                    continue
                if blank and rows:
                    breaks.add(len(rows))
                blank = False
                cells += len(raw)
                _within(len(rows), len(raw), cells)
                rows.append(Row(line + 1, raw))
            if rows:
                grids.append(Grid(sheet.name, tuple(rows), "", frozenset(breaks)))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(
            "This binary .xls is damaged or protected. Open it in a spreadsheet and save it as .xlsx."
        ) from error
    return grids


def _old_value(cell: object, datemode: int) -> Cell:
    import xlrd

    kind, value = cell.ctype, cell.value  # type: ignore[attr-defined]
    if kind == xlrd.XL_CELL_NUMBER:
        return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)
    if kind == xlrd.XL_CELL_DATE:
        made: Cell = xlrd.xldate_as_datetime(value, datemode)
        return made
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
        return None
    return str(value)


# --- HTML ------------------------------------------------------------------------------------------------------------


class _Tables(HTMLParser):
    """The cells of every table of a page, outermost rows only; nothing is run or fetched."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._close()
            self.tables[-1].append([])
        elif tag in {"td", "th"} and self.tables:
            self._close()
            if not self.tables[-1]:
                self.tables[-1].append([])
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self._close()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _close(self) -> None:
        if self.cell is not None:
            self.tables[-1][-1].append("".join(self.cell).strip())
            self.cell = None
            self.count += 1
            _within(len(self.tables[-1]), len(self.tables[-1][-1]), self.count)


def _html(text: str) -> list[Grid]:
    page = _Tables()
    page.feed(text)
    page.close()
    grids = [Grid(f"table {number}", rows, "", breaks) for number, rows, breaks in _filled(page.tables)]
    if not grids:
        raise Unreadable("The file is a web page without a table. Export the numbers as CSV or XLSX.")
    return grids


def _filled(tables: list[list[list[str]]]) -> Iterator[tuple[int, tuple[Row, ...], frozenset[int]]]:
    for number, table in enumerate(tables, 1):
        rows = tuple(Row(line, tuple(cells)) for line, cells in enumerate(table, 1) if any(cells))
        if rows:
            yield number, rows, frozenset()
