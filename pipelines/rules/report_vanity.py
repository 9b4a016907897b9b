"""A report has more in it than attention, or says in its title that it has not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import counted, is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Metric, Report
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_SHOWN = pattern(r"^\s*-?\s*metrics?:\s*\[?([^\]\n]+)|\bmetrics/([\w-]+)\.md", re.MULTILINE)


@rule("report-vanity", level=Level.WARN, about="A report shows an outcome, or calls itself an activity report.",
      source="Barcelona Principles 3, 7", waive="A")  # fmt: skip
def report_vanity(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find reports whose every number is attention."""
    for report in book.all(Report):
        if is_over(report) or re.search(r"\bactivity\b|\baktivität", report.title or "", re.IGNORECASE):
            continue
        names = {part.strip(" \"'") for one, two in _SHOWN.findall(report.body) for part in (one or two).split(",")}
        shown = [metric for name in sorted(names) if (metric := book.get(Metric, name))]
        if len(shown) > 1 and all(metric.vanity or metric.stage in {"input", "output"} for metric in shown):
            yield ask(
                report, "title",
                f"Every number here is attention ({counted(len(shown), 'metric')}), and the title promises a report on what "
                "came of it.",
                "Add an outcome, or title it ‘Activity report’.",
            )  # fmt: skip
