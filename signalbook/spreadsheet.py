"""CSV that a spreadsheet opens and does not run.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is a formula to Excel, LibreOffice and Google Sheets (OWASP,
CSV Injection), so text that begins so gets an apostrophe in front; numbers stay numbers. Lines end as RFC 4180 says; the file
begins with the mark that makes Excel read UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
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


def csv(columns: Sequence[str], cells: Sequence[Sequence[object]], *, mark: bool = True) -> bytes:
    """A table as CSV: a head, then its rows, which are given column by column; ``None`` is an empty cell."""
    lines: Iterable[str] = map(",".join, zip(*map(_written, cells), strict=True))
    if len(columns) == 1:
        lines = (line or '""' for line in lines)  # an empty line would be none
    text = "\r\n".join([",".join(_written(columns)), *lines, ""])
    return f"{MARK if mark else ''}{text}".encode("utf-8", "replace")


def _written(cells: Sequence[object]) -> Iterable[str]:
    """A column's cells as they are written."""
    different = set(map(type, cells))
    if different <= _NOTHING:
        return repeat("", len(cells))
    if different <= _TEXTS:  # most texts of a table stand in it many times, and are looked at once
        known = {cell: _cell(cell) for cell in set(cells)}
        return map(known.__getitem__, cells)
    return map(_cell, cells)


_NOTHING: Final = frozenset({type(None)})
_TEXTS: Final = frozenset({type(None), str})


def _cell(value: object) -> str:
    """RFC 4180: what would end a cell or a line stands in quotes, and quotes are doubled."""
    if value is None:
        return ""
    text = safe(value) if isinstance(value, str) else str(value)
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        text = text.replace('"', '""')
        return f'"{text}"'
    return text
