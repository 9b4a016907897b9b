"""An experiment is large enough to see the change it looks for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Experiment, Metric
from signalbook.rule import Ask, rule


@rule(
    "experiment-size",
    level=Level.BLOCK,
    about="An experiment has a control and enough units per arm to see the smallest change worth acting on.",
    source="Lehr, Statistics in Medicine 11 (1992): 16·(spread ÷ change)², 80 % power, 5 % two-sided",
    waive="A",
)
def experiment_size(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find experiments that could not show what they ask."""
    for test in book.all(Experiment):
        if is_over(test) or test.state in {"read", "decided", "stopped"}:
            continue
        if test.arms and (len(test.arms) < 2 or not any((arm.name or "").lower() == "control" for arm in test.arms)):
            yield ask(
                test,
                "arms",
                "No arm is the control, so whatever happens could have happened anyway.",
                "Add the usual way of doing it as an arm: `{name: control, what: statement in the first line}`.",
            )
        if test.size and test.stop_rule and test.stop_rule.size and test.stop_rule.size != test.size:
            yield ask(
                test,
                "stop_rule.size",
                f"The test plans {test.size} per arm and stops at {test.stop_rule.size}: two people would end it on "
                "different days.",
                f"Write `size: {test.size}` in both places.",
            )
        if test.size is None or not test.smallest_change:
            continue
        if test.size < 1:
            yield ask(
                test,
                "size",
                f"With {test.size} per arm nothing is tried, so nothing can be learnt.",
                "Write how many posts, people or weeks each arm gets: `size: 36`.",
            )
            continue
        metric = book.get(Metric, test.metric)
        rate = bool(metric and metric.unit in {"percent", "ratio"} and test.spread is None)
        if rate:
            if test.baseline is None:
                continue
            scale = 100 if metric and metric.unit == "percent" else 1
            share = test.baseline / scale
            if not 0 < share < 1:
                continue
            deviation = math.sqrt(share * (1 - share)) * scale
        elif test.spread:
            deviation = float(test.spread)
        else:
            yield ask(
                test,
                "size",
                f"Whether {test.size} per arm are enough cannot be told, because nobody has written how much the number "
                "varies anyway.",
                "Add `spread:` with the standard deviation of the last 20 or more, for example `spread: 1.5`.",
                level=Level.INFORM,
            )
            continue
        need = needed(deviation, abs(test.smallest_change))
        if need is None:
            yield ask(
                test,
                "smallest_change",
                f"Beside a spread of {deviation:g} a change of {test.smallest_change:g} could never be seen, however long the "
                "test ran.",
                "Write the smallest change that would make you act.",
            )
        elif test.size < need:
            seen = 4 * deviation / math.sqrt(test.size)
            unit = "percentage points" if metric and metric.unit == "percent" else "points" if rate else ""
            yield ask(
                test,
                "size",
                f"At {test.size} {test.unit or 'unit'}s per arm this test can only see a change of {seen:.1f} {unit}".rstrip()
                + f"; you want to see {test.smallest_change:g}. A smaller one would look like no difference.",
                f"Plan {need} per arm (`size: {need}`), or pick a bigger change.",
            )


def needed(deviation: float, change: float) -> int | None:
    """Units per arm that show a change beside a spread; ``None`` when no team could have so many."""
    try:
        need = math.ceil(16 * (deviation / change) ** 2 - 1e-6)
    except OverflowError:
        return None
    return need if need <= 10**9 else None
