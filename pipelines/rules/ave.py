"""No advertising value equivalent, under any of its names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Metric, Report
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_NAME = pattern(
    r"\bAVEs?\b|(?i:\badvertis(?:ing|ement)[ -](?:value|equivalen\w*)(?:[ -]equivalen\w*)?|\bad[ -]value\b|\bpublicity[ -]value\b"
    r"|\bearned[ -]media[ -]value\b|\bmedia[ -]value\b|\bEMV\b|\bpr[ -]value\b|\banzeigen?(?:-?äquivalen\w*|wert\b)"
    r"|\bwerbewert\w*|\bwerbeäquivalen\w*)"
)
_NOT = pattern(r"\b(?:not?|never|nor|nie|kein\w*|nicht)\b", re.IGNORECASE)
_REMEDY = (
    "Take it out. If money is the question, use cost per outcome, or the margin of sales that carry our tags, with the "
    "model named."
)


@rule(
    "ave",
    level=Level.BLOCK,
    about="No metric and no column of a report prices attention as if it were bought.",
    source="Barcelona Principles 5",
)
def ave(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find advertising values as metrics or columns."""
    for metric in book.all(Metric):
        if is_over(metric):
            continue
        for field in ("title", "as_named_there", "formula", "means"):
            text = getattr(metric, field) or ""
            found = _NAME.search(text)
            if (found and not _NOT.search(text)) or (field == "title" and metric.slug in {"ave", "emv"}):
                name = found[0] if found else metric.slug
                yield ask(
                    metric, field,
                    f"“{name}” prices what people said as if we had bought the space. It measures neither what they "
                    "think nor what they did, and no buyer ever paid that price.", _REMEDY,
                )  # fmt: skip
                break
    for report in book.all(Report):
        for number, line in enumerate(report.body.splitlines()):
            if line.lstrip().startswith("|") and (found := _NAME.search(line)) and not _NOT.search(line):
                yield ask(
                    report, "",
                    f"A table of this report has “{found[0]}” in it: a price for attention that nobody paid.",
                    _REMEDY, line=report.body_line + number,
                )  # fmt: skip
                break
