"""A number has one unit, and is added up only where that means something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Metric
from signalbook.rule import Ask, rule

_MANY = {"percent": "percentages", "ratio": "ratios", "score": "scores"}


@rule(
    "metric-unit",
    level=Level.BLOCK,
    about="A metric says its unit, money its currency; shares and scores are never summed.",
)
def metric_unit(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find numbers that mix what does not mix."""
    told = {(finding.path, finding.field) for finding in book.findings}
    for metric in book.all(Metric):
        if is_over(metric) or metric.unreadable:
            continue
        if metric.unit is None and (metric.path, "unit") not in told:
            yield ask(
                metric,
                "unit",
                f"{metric.name} does not say what it counts, so two people will read it differently.",
                "Write `unit:` and one of count, people, percent, ratio, money, duration, score.",
            )
        if metric.unit == "money" and not metric.currency:
            yield ask(
                metric,
                "unit",
                f"{metric.name} is money without a currency; readings in EUR and USD in one sum give neither.",
                "Add `currency: EUR`, and convert other currencies with a dated rate.",
            )
        if metric.adds == "sum" and metric.unit in _MANY:
            yield ask(
                metric,
                "adds",
                f"Adding up {_MANY[metric.unit]} over days gives a number that means nothing: two days of 40 are not 80.",
                "Write `adds: never`, and let the formula divide the sums: replies of the week ÷ posts of the week.",
            )
