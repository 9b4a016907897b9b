"""What of a text may be printed on a terminal: everything but what could move its cursor or turn its line around."""

from __future__ import annotations

_JOINERS = frozenset("\n\u200c\u200d")
"""A line's end, and what joins or parts letters and emoji: they print nothing of their own and change no direction."""


def printable(text: str) -> str:
    """A text in which each control, each direction override and each character without a picture is U+FFFD."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in _JOINERS else "\ufffd" for letter in text)
