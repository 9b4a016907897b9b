"""HTML as text that is known to be safe, filled in quickly.

A page is put together of thousands of small pieces. ``markupsafe`` fills a template by parsing it each time; here a
template of plain ``{}`` is cut once and joined. What is filled in is escaped all the same, unless it is HTML already.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Self

import markupsafe
from markupsafe import escape

try:  # what ``escape`` calls on a plain text, without wrapping each piece that is joined at once
    from markupsafe import _escape_inner as _quoted  # type: ignore[attr-defined]  # there since 3.0
except ImportError:  # pragma: no cover - a later markupsafe

    def _quoted(text: str, /) -> str:
        return str(escape(text))


@functools.lru_cache(maxsize=8192)
def _pieces(template: str) -> tuple[str, ...] | None:
    """A template with nothing in its places, which are every second piece; ``None`` when it is more than plain places."""
    pieces = str.split(template, "{}")
    if any("{" in piece or "}" in piece for piece in pieces):
        return None
    out = [""] * (2 * len(pieces) - 1)
    out[::2] = [str.__str__(piece) for piece in pieces]
    return tuple(out)


def _safe(value: Any) -> str:
    if type(value) is str:
        return _quoted(value)
    return value if isinstance(value, markupsafe.Markup) else escape(value)


class Markup(markupsafe.Markup):
    """``markupsafe.Markup`` with a quick ``format`` and ``join``; equal to it in everything else."""

    __slots__ = ()

    def __new__(cls, text: Any = "", encoding: str | None = None, errors: str = "strict") -> Self:
        """Take a text as HTML that is safe already."""
        if type(text) is str:
            return str.__new__(cls, text)
        return super().__new__(cls, text, encoding, errors)

    def format(self, *values: Any, **named: Any) -> Markup:
        """Fill the places in; every value is escaped unless it is HTML.

        Raises:
            IndexError: there are more places than values.
        """
        pieces = None if named else _pieces(self)
        if pieces is None or 2 * len(values) != len(pieces) - 1:
            return Markup(str(super().format(*values, **named)))
        return _filled(pieces, values)

    def join(self, items: Iterable[Any], /) -> Markup:
        """Join pieces; every one is escaped unless it is HTML."""
        return str.__new__(Markup, str.join(self, map(_safe, items)))


def _filled(pieces: tuple[str, ...], values: tuple[Any, ...]) -> Markup:
    out = list(pieces)
    at = 1
    for value in values:
        kind = type(value)
        out[at] = value if kind is Markup else _quoted(value) if kind is str else _safe(value)
        at += 2
    return str.__new__(Markup, "".join(out))


def fill(template: str, *values: Any) -> Markup:
    """The same as ``Markup(template).format(*values)`` in half the time: the template is looked up and not copied first.

    Only for templates written in code, never for one that holds somebody's words.
    """
    pieces = _pieces(template)
    if pieces is None or 2 * len(values) != len(pieces) - 1:
        return Markup(template).format(*values)
    return _filled(pieces, values)


__all__ = ["Markup", "escape", "fill"]
