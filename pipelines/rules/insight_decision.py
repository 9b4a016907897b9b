"""What somebody noticed is decided within a month, and whoever gave it sees the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, listed, says, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Insight
from signalbook.rule import Ask, rule


@rule(
    "insight-decision", level=Level.WARN, about="An insight is decided within 30 days: accepted, declined, parked or tested.",
    waive="A",
)  # fmt: skip
def insight_decision(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find insights that wait for an answer, and answers without a reason."""
    day = today(book, now)
    days = ask.limit("days", 30)
    for insight in book.all(Insight):
        if is_over(insight):
            continue
        if insight.decision is None:
            if insight.state in {"decided", "done"}:
                yield ask(
                    insight, "status",
                    f"This is marked {insight.state}, and what was decided is not written; the giver sees this page.",
                    "Write `decision: accepted`, `declined`, `parked` or `test-first`, with `decided_by`, `decided_on` "
                    "and `because`.",
                )  # fmt: skip
            elif insight.observed_on and (age := (day - insight.observed_on).days) > days:
                yield ask(
                    insight, "observed_on",
                    f"Accepted by nobody, declined by nobody, {age} days old; the giver sees this page.",
                    "Decide it (`decision: declined` is a normal answer), park it with a date "
                    "(`decision: parked`, `parked_until:`), or delete it.",
                )  # fmt: skip
            continue
        lacking = [
            key for key in ("decided_by", "decided_on", "because")
            if not (says(insight.because) if key == "because" else getattr(insight, key))
        ]  # fmt: skip
        if lacking:
            yield ask(
                insight, "decision",
                f"“{insight.decision}” without {listed([f'`{key}`' for key in lacking])}: whoever gave this cannot ask "
                "anybody, and in a year nobody knows the reason.",
                "Add who decided, on which day, and one sentence why.",
            )  # fmt: skip
        if insight.decision == "parked" and insight.parked_until is None:
            yield ask(
                insight,
                "decision",
                "Parked without a day is forgotten.",
                "Add `parked_until:` with the day it comes up again.",
            )
        elif insight.decision == "parked" and insight.parked_until and insight.parked_until < day:
            yield ask(
                insight, "parked_until", f"This was to come up again on {insight.parked_until}.",
                "Decide it now, or write a later day and why.",
            )  # fmt: skip
