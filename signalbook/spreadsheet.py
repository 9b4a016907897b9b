"""CSV that a spreadsheet opens and does not run.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is a formula to Excel, LibreOffice and Google Sheets (OWASP,
CSV Injection), so text that begins so gets an apostrophe in front; numbers stay numbers. Lines end as RFC 4180 says; the file
begins with the mark that makes Excel read UTF-8.
"""

from __future__ import annotations

import csv as csv_
import io
from collections.abc import Iterable, Sequence
from typing import Final

from signalbook.pattern import pattern

MARK: Final = "\ufeff"
_STARTS: Final = tuple("=+-@\t\r\n|%＝＋－＠")
_NUMBER: Final = pattern(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_CONTROL: Final = pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, also behind blanks."""
    if text[:1].isalnum() and text.isprintable():
        return text  # what most cells are: no control character, no blank or sign in front
    text = _CONTROL.sub("", text)
    if text.lstrip(" \u00a0").startswith(_STARTS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, mark: bool = True) -> bytes:
    """A table as CSV: a head, then its rows; ``None`` is an empty cell."""
    out = io.StringIO()
    out.write(MARK if mark else "")
    writer = csv_.writer(out, lineterminator="\r\n")
    writer.writerow([safe(name) for name in columns])
    known: dict[str, str] = {}  # most texts of a table stand in it many times
    for row in rows:
        cells: list[object] = []
        for cell in row:
            if type(cell) is str:
                said = known.get(cell)
                if said is None:
                    said = known[cell] = safe(cell)
                cells.append(said)
            else:
                cells.append("" if cell is None else safe(cell) if isinstance(cell, str) else cell)
        writer.writerow(cells)
    return out.getvalue().encode("utf-8", "replace")
