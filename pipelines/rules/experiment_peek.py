"""An experiment is read at its planned size, not when it looks good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Experiment
from signalbook.period import spoken
from signalbook.rule import Ask, rule


@rule(
    "experiment-peek",
    level=Level.WARN,
    about="A result is read at the planned size; before it only the harm rule counts.",
    source="statistics: repeated looks inflate false alarms (Armitage and others, 1969)",
    waive="A",
)
def experiment_peek(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find results that were read early."""
    for test in book.all(Experiment):
        result = test.result
        if not result or not test.size or result.n_per_arm is None or test.verdict in {"stopped-for-harm", "invalid"}:
            continue
        if result.n_per_arm < test.size:
            when = f" on {spoken(result.read_on)}" if result.read_on else ""
            yield ask(
                test,
                "result.n_per_arm",
                f"Read{when} at {result.n_per_arm} of {test.size} {test.unit or 'unit'}s. Differences this early are "
                "usually noise; the page shows the interval only.",
                "Take the result out until both arms are full, or, if people were harmed, write "
                "`verdict: stopped-for-harm`.",
            )
