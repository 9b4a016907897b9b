"""CSV that a spreadsheet opens and does not run.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is a formula to Excel, LibreOffice and Google Sheets (OWASP,
CSV Injection), so text that begins so gets an apostrophe in front; numbers stay numbers. Lines end as RFC 4180 says; the file
begins with the mark that makes Excel read UTF-8.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import repeat
from typing import Any, Final

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


def csv(
    columns: Sequence[str],
    cells: Sequence[Sequence[object] | None],
    count: int,
    *,
    texts: Collection[str] = (),
    mark: bool = True,
) -> bytes:
    """A table as CSV: a head, then so many rows, which are given column by column; ``None`` is an empty cell.

    A column that is ``None`` is empty. ``texts`` names columns with nothing but texts in them, which are many times as quick.
    """
    written = [
        repeat("", count) if column is None else _texts(column) if name in texts else map(_cell, column)
        for name, column in zip(columns, cells, strict=True)
    ]
    lines: Iterable[str] = map(",".join, zip(*written, strict=True))
    if len(columns) == 1:
        lines = (line or '""' for line in lines)  # an empty line would be none
    text = "\r\n".join([",".join(map(_cell, columns)), *lines, ""])
    return (MARK.encode() if mark else b"") + text.encode("utf-8", "replace")


def _texts(cells: Sequence[Any]) -> Iterable[str]:
    """A column's texts as they are written; each different one is looked at once."""
    different = set(cells)
    different -= _EMPTY
    together = "".join(different)
    # What is printable has no line break and no control character either; most columns have nothing to be changed.
    if together.isprintable() and '"' not in together and "," not in together:
        different = {text for text in different if not text[0].isalnum()}
    if not different:
        return [cell or "" for cell in cells]
    known = {text: _cell(text) for text in different} | {None: ""}
    return [known.get(cell, cell) for cell in cells]


_EMPTY: Final = frozenset({None, ""})


def _cell(value: object) -> str:
    """RFC 4180: what would end a cell or a line stands in quotes, and quotes are doubled."""
    if value is None:
        return ""
    text = safe(value) if isinstance(value, str) else str(value)
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        text = text.replace('"', '""')
        return f'"{text}"'
    return text
