"""A report says what is missing in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Report
from signalbook.rule import Ask, rule


@rule("report-gaps", level=Level.BLOCK, about="A report lists what is missing in it; an empty list says that nothing is.",
      source="Barcelona Principles 7")  # fmt: skip
def report_gaps(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find reports that are silent about their holes."""
    told = {(finding.path, finding.field) for finding in book.findings}
    for report in book.all(Report):
        if report.__dict__.get("gaps") is None and not report.unreadable and (report.path, "gaps") not in told:
            yield ask(
                report,
                "gaps",
                "The report does not say what is missing in it. A total over four days is not a week, and the reader cannot "
                "see which one it is.",
                'Write `gaps: ["LinkedIn: 16 to 18 November missing, token expired"]`, or `gaps: []` if nothing is.',
            )
