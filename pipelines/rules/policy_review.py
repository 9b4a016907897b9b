"""A policy in force has been read again within its time."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, datetime

from pipelines.judging import today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Policy
from signalbook.period import spoken
from signalbook.rule import Ask, rule

_HALF_YEAR = ("crisis", "disclosure")


@rule(
    "policy-review",
    level=Level.WARN,
    about="A policy is read again by its review date: 12 months on at most, 6 for crisis and disclosure.",
    waive="A",
)
def policy_review(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find policies whose review is near or past.

    Thirty days after the date the practice also stops changes of the rules that the policy sets; that needs two
    versions to compare and is not judged here.
    """
    day = today(book, now)
    ahead = ask.limit("days", 30)
    for policy in book.all(Policy):
        if policy.state != "in-force" or not policy.review_by:
            continue
        left = (policy.review_by - day).days
        if left < 0:
            yield ask(
                policy,
                "review_by",
                f"{policy.name} was due for review on {policy.review_by}. People still follow it, and nobody has looked "
                "whether it is right.",
                "Read it once, change the date or the text, and let legal approve.",
            )
        elif left <= ahead:
            yield ask(
                policy,
                "review_by",
                f"{policy.name} is due for review on {spoken(policy.review_by)}, in {left} days; legal needs a few of them.",
                "Read it once, change the date or the text, and let legal approve.",
            )
        months = 6 if any(word in policy.slug for word in _HALF_YEAR) else 12
        if policy.in_force_from and policy.review_by > _later(max(policy.in_force_from, day), months):
            yield ask(
                policy,
                "review_by",
                f"The next look at {policy.name} is more than {months} months away; by then networks and law have moved on.",
                f"Write `review_by: {_later(max(policy.in_force_from, day), months)}` or earlier.",
            )


def _later(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
