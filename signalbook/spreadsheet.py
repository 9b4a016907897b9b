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


class _Known(dict[str, str]):
    """Text → what is written; most texts of a table stand in it many times."""

    def __missing__(self, text: str) -> str:
        """Look at a text that is new."""
        self[text] = said = safe(text)
        return said


def csv(columns: Sequence[str], rows: Iterable[Sequence[object]], *, mark: bool = True) -> bytes:
    """A table as CSV: a head, then its rows; ``None`` is an empty cell."""
    out = io.StringIO()
    out.write(MARK if mark else "")
    writer = csv_.writer(out, lineterminator="\r\n")
    writer.writerow([safe(name) for name in columns])
    known = _Known()
    for row in rows:
        # Most cells are empty; the writer leaves out what is None.
        writer.writerow([cell if cell is None else known[cell] if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8", "replace")
