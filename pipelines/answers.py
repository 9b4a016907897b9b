"""What a service answered, taken apart with mistrust: a value of the wrong type or size is as good as none.

Every function takes what JSON can hold. Nothing here raises on odd values; who needs a value says so with ``need``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from signalbook.errors import Unanswered

_PLAIN = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:[/?#][!#-&(-;=?-~]*)?").fullmatch
"""Addresses so plain that they need not be taken apart."""
MOST = 4_000
"""The longest text that is kept of an answer, in code points."""


def text(value: object, *, most: int = MOST) -> str:
    """A text without control characters; empty for anything else, and for one that is longer than ``most``."""
    if not isinstance(value, str) or len(value) > most:
        return ""
    if value.isprintable():
        return value
    return "".join(letter for letter in value if letter.isprintable() or letter == "\n")


def number(value: object, *, most: int = 10**15) -> int | None:
    """A whole number from 0 to ``most``; ``None`` for anything else, ``True`` and texts included."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def table(value: object) -> dict[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: object, *, most: int = 1_000) -> list[dict[str, Any]]:
    """The objects of a list, at most so many; none for anything else."""
    return [row for row in value[:most] if isinstance(row, dict)] if isinstance(value, list) else []


def address(value: object) -> str:
    """An address for people, with http or https; empty for anything else."""
    if isinstance(value, str) and len(value) <= 2_000 and _PLAIN(value):
        return value
    found = text(value, most=2_000)
    try:
        parts = urlsplit(found)
    except ValueError:
        return ""
    return found if parts.scheme in {"http", "https"} and parts.hostname and not set(found) & set(" \n<>\"'") else ""


def instant(value: object) -> datetime | None:
    """An aware instant in UTC; ``None`` for anything that is none, or has no zone."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def need(value: str, channel: str, what: str) -> str:
    """The text itself.

    Raises:
        Unanswered: it is empty: the answer does not say what became of the request.
    """
    if not value:
        raise Unanswered(
            channel, f"the service's answer lacks {what}, so it says nothing about what became of the request"
        )
    return value
