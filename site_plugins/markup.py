"""HTML as text that is known to be safe, filled in quickly.

A page is put together of thousands of small pieces. ``markupsafe`` fills a template by parsing it each time; here a
template of plain ``{}`` is cut once and joined. What is filled in is escaped all the same, unless it is HTML already.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import markupsafe
from markupsafe import escape


@functools.lru_cache(maxsize=8192)
def _pieces(template: str) -> tuple[str, ...] | None:
    """The text between the places of a template; ``None`` when it is more than plain places."""
    pieces = template.split("{}")
    return None if any("{" in piece or "}" in piece for piece in pieces) else tuple(pieces)


class Markup(markupsafe.Markup):
    """``markupsafe.Markup`` with a quick ``format`` and ``join``; equal to it in everything else."""

    __slots__ = ()

    def format(self, *values: Any, **named: Any) -> Markup:
        """Fill the places in; every value is escaped unless it is HTML.

        Raises:
            IndexError: there are more places than values.
        """
        pieces = _pieces(str.__str__(self)) if not named else None
        if pieces is None or len(values) != len(pieces) - 1:
            return Markup(super().format(*values, **named))
        out = [pieces[0]]
        for value, piece in zip(values, pieces[1:], strict=True):
            out.append(value if isinstance(value, markupsafe.Markup) else escape(value))
            out.append(piece)
        return str.__new__(Markup, "".join(out))

    def join(self, items: Iterable[Any], /) -> Markup:
        """Join pieces; every one is escaped unless it is HTML."""
        parts = [item if isinstance(item, markupsafe.Markup) else escape(item) for item in items]
        return str.__new__(Markup, str.join(self, parts))


__all__ = ["Markup", "escape"]
