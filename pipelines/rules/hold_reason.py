"""A hold says why, in words the whole team may read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Hold
from signalbook.rule import Ask, rule


@rule("hold-reason", level=Level.BLOCK, about="A hold says why, in words the whole team may read.")
def hold_reason(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find stops that nobody could explain."""
    for hold in book.all(Hold):
        if not hold.unreadable and not says(hold.reason, least=3):
            yield ask(
                hold,
                "reason",
                "Everyone sees that nothing goes out, and nobody can tell why; somebody will work around it.",
                "Say why in words the whole team may read: `reason: Accident near the shop; nothing cheerful until noon`.",
            )
