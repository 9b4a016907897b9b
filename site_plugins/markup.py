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

from signalbook.pattern import pattern

try:  # what ``escape`` calls on a plain text, without wrapping each piece that is joined at once
    from markupsafe import _escape_inner as _quoted  # type: ignore[attr-defined]  # there since 3.0
except ImportError:  # pragma: no cover - a later markupsafe

    def _quoted(text: str, /) -> str:
        return str(escape(text))


_forms: dict[str, list[str]] = {}
"""Template of ``fill`` → its text with nothing in its places, which are every second piece."""

_QUOTES = pattern(
    r' (class|scope|role|rel|type|title|tabindex|loading|width|height|dir|data-[a-z-]+|aria-[a-z]+)="([\w.:#-]+)"(?=[ >])'
)
"""What needs none: never around an address, an id or a policy, which programs look for between quotes."""
_ENDS = pattern(r"</(?:li|t[dhr]|thead|tbody|d[td]|option)>")
"""Ends that what follows says, as the standard has it (html, "optional tags")."""


def lean(html: str) -> Markup:
    """HTML without what browsers do not need: the same document in fewer bytes, for what stands on thousands of pages.

    Only for HTML written in code or escaped already; a tag must not be cut in two in the middle of a value.
    """
    return Markup(_ENDS.sub("", _QUOTES.sub(r" \1=\2", html)))


@functools.lru_cache(maxsize=8192)
def _form(template: str, many: int) -> tuple[str, ...] | None:
    """A template cut at its places; ``None`` when it is more than so many plain places."""
    pieces = [str.__str__(piece) for piece in str.split(lean(template), "{}")]
    if len(pieces) != many + 1 or any("{" in piece or "}" in piece for piece in pieces):
        return None
    out = [""] * (2 * len(pieces) - 1)
    out[::2] = pieces
    return tuple(out)


def safe(value: Any) -> str:
    """A value as HTML: as it stands when it is HTML already, else escaped."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return _quoted(value)
    return value if isinstance(value, markupsafe.Markup) else escape(value)


_PLAIN = pattern(r"[\w.:#-]+")


@functools.lru_cache(maxsize=4096)
def quoted(value: str) -> tuple[str, ...]:
    """The value of an attribute, between quotes where it needs them."""
    text = safe(value)
    return (text,) if _PLAIN.fullmatch(text) else ('"', text, '"')


class Markup(markupsafe.Markup):
    """``markupsafe.Markup`` with a quick ``format`` and ``join``; equal to it in everything else."""

    __slots__ = ()

    def __new__(cls, text: Any = "", encoding: str | None = None, errors: str = "strict") -> Self:
        """Take a text as HTML that is safe already."""
        if type(text) is str:
            return str.__new__(cls, text)
        return super().__new__(cls, text, encoding, errors)

    def format(self, *values: Any, **named: Any) -> Markup:
        """Fill the places in; every value is escaped unless it is HTML. What is written around them is made ``lean``.

        Raises:
            IndexError: there are more places than values.
        """
        form = None if named else _form(self, len(values))
        if form is None:
            return Markup(str(markupsafe.Markup(lean(self)).format(*values, **named)))  # noqa: S704 - what this is
        out = list(form)
        out[1::2] = map(safe, values)
        return str.__new__(Markup, "".join(out))

    def join(self, items: Iterable[Any], /) -> Markup:
        """Join pieces; every one is escaped unless it is HTML."""
        return str.__new__(Markup, str.join(self, [one if type(one) is Markup else safe(one) for one in items]))


def fill(template: str, *values: Any) -> Markup:
    """The same as ``Markup(template).format(*values)`` in a third of the time: the template is looked up, not read.

    Only for templates written in code, never for one that holds somebody's words.
    """
    known = _forms.get(template)
    if known is None:
        form = _form(template, len(values))
        if form is None:
            return Markup(template).format(*values)
        known = _forms[template] = list(form)
    if len(known) != 2 * len(values) + 1:
        return Markup(template).format(*values)
    out = known.copy()
    at = 1
    for value in values:
        kind = type(value)
        out[at] = value if kind is Markup else _quoted(value) if kind is str else safe(value)
        at += 2
    return str.__new__(Markup, "".join(out))


def html(*pieces: str) -> Markup:
    """Pieces of HTML as one: nothing is escaped here, so every value in it comes through ``safe`` or is ``Markup``.

    Nothing is looked at either: leave out by hand what ``lean`` leaves out.

    For the few components that stand on every page many times, in a third of the time of ``fill``.
    """
    return str.__new__(Markup, "".join(pieces))


__all__ = ["Markup", "escape", "fill", "html", "lean", "quoted", "safe"]
