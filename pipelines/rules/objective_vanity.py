"""What we aim at is more than attention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import counted, is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Metric, Objective, Plan
from signalbook.rule import Ask, rule

_CHANGE = frozenset({"outcome", "impact"})
_ATTENTION = frozenset({"input", "output"})


@rule(
    "objective-vanity",
    level=Level.WARN,
    about="No objective rests on attention alone, and a plan has at least one at outcome or impact.",
    source="Barcelona Principles 3, AMEC framework",
    waive="A",
)
def objective_vanity(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find objectives and plans that would be met by being looked at."""
    for objective in book.all(Objective):
        if is_over(objective):
            continue
        metric = book.get(Metric, objective.metric)
        if objective.stage == "output":
            yield ask(
                objective,
                "stage",
                "An output is something we do ourselves; reaching it says nothing about anybody else.",
                "Aim at what people notice (`stage: out-take`) or do (`stage: outcome`), and keep the output as a step "
                "of the plan.",
            )
        elif metric and (metric.vanity or metric.stage in _ATTENTION):
            yield ask(
                objective,
                "metric",
                f"{metric.name} counts attention: it can rise while nobody learns, changes or does anything.",
                "Measure what people did, and keep this number as a guard or in the report.",
            )
    for plan in book.all(Plan):
        rows = [found for slug in plan.objectives if (found := book.get(Objective, slug))]
        if is_over(plan) or not rows or len(rows) < len(plan.objectives):
            continue
        if not any(row.stage in _CHANGE for row in rows):
            attention = all(
                row.stage == "output" or ((m := book.get(Metric, row.metric)) is not None and bool(m.vanity))
                for row in rows
            )
            yield ask(
                plan,
                "objectives",
                f"All {counted(len(rows), 'measure')} count attention."
                if attention and len(rows) > 1
                else "None of the plan's objectives is an outcome: all could be met while nobody acts differently.",
                "Add one that shows somebody learnt, changed or did something: an objective with `stage: outcome`.",
            )
