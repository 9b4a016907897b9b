"""Every metric says what it must not be used for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Metric
from signalbook.rule import Ask, rule


@rule("metric-not-for", level=Level.BLOCK, about="Every metric says what it must not be used for.")
def metric_not_for(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find numbers without a limit."""
    for metric in book.all(Metric):
        if not is_over(metric) and not metric.unreadable and not says(metric.not_for):
            yield ask(
                metric,
                "not_for",
                f"{metric.name} does not say what it must not be used for, and somebody will use it for that.",
                "Write `not_for:`; for reach it is ‘not the number of people who read or believed it’.",
            )
