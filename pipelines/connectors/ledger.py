"""The ledger's meter: what the team's own records say by themselves, without an account anywhere.

Days are the team's, and over. What is told case by case has a case's name and no person's.

======================  =====  =======  ============================================================================
metric                  grain  unit     what is counted
======================  =====  =======  ============================================================================
``posts_sent``          day    count    posts that went out on a channel for the first time, its threads as one; from a
                                        channel's first post on a day without one reads 0
``time_to_inside``      post   hours    from when somebody wrote to when it reached us; one reading a case, on that day
``first_reply_time``    post   hours    from when somebody wrote to our first answer, in the working time of whoever owns
                                        the case; one reading a case, on the day of the answer; S1 and S2 are left out,
                                        whose clocks run at night as well
``answered_in_time``    post   percent  100 for a case whose first answer came by its due, else 0; one reading a case, on
                                        the day it was due; their mean is the share; what was declined counts for nothing
======================  =====  =======  ============================================================================
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from signalbook import cases, working
from signalbook.delivery import PUBLISHED
from signalbook.model import Person
from signalbook.period import business_between, day_of
from signalbook.records import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from pipelines.measure import Measure
    from signalbook.book import Book
    from signalbook.records import Receipt

GRAVE = frozenset({"S1", "S2"})
HOUR = timedelta(hours=1)


class Ledger:
    """The connector: it reads the records and counts."""

    def measure(self, book: Book, action: Measure, now: datetime) -> Iterator[Reading]:
        """Give all readings up to the action's last day; none where nothing was sent and no case is known."""
        yield from sent(book.receipts, book.settings.team.zone, action.until, now)
        yield from answered(book, action.until, now)


CONNECTOR = Ledger()
"""What is registered: it needs no account."""


def sent(receipts: Iterable[Receipt], zone: ZoneInfo, until: date, taken_at: datetime) -> Iterator[Reading]:
    """Posts sent, by channel and day, with the days on which none was."""
    first: dict[tuple[str, str], date] = {}
    for row in sorted(receipts, key=lambda row: row.at):
        if row.what in PUBLISHED:
            first.setdefault((row.channel, row.post), day_of(row.at, zone))
    counts: dict[str, dict[date, int]] = {}
    for (channel, _), day in first.items():
        days = counts.setdefault(channel, {})
        days[day] = days.get(day, 0) + 1
    for channel, days in sorted(counts.items()):
        day = min(days)
        while day <= until:
            yield Reading.of(
                source="ledger", channel=channel, subject="account", metric="posts_sent", on=day, value=days.get(day, 0),
                taken_at=taken_at, origin="receipts",
            )  # fmt: skip
            day += timedelta(days=1)


def answered(book: Book, until: date, taken_at: datetime) -> Iterator[Reading]:
    """Times of cases, each on the day on which it was known. Only the first round counts."""
    zone = book.settings.team.zone

    def told(case: str, metric: str, at: datetime, value: float, unit: str) -> Iterator[Reading]:
        if (day := day_of(at, zone)) <= until:
            yield Reading.of(
                source="ledger", subject=case, metric=metric, on=day, grain="post", value=value, unit=unit,
                taken_at=taken_at, origin="case events",
            )  # fmt: skip

    for case in cases.read(book, taken_at):
        came = cases.first_inside(case)
        yield from told(case.id, "time_to_inside", came, max(0.0, (came - case.received_at) / HOUR), "hours")
        if case.answered_at and case.severity not in GRAVE:
            hours = working.hours_of(book, book.get(Person, case.owner))
            if hours is not None:
                took = business_between(case.received_at, case.answered_at, hours)
                yield from told(case.id, "first_reply_time", case.answered_at, max(0.0, took / HOUR), "hours")
        # Whoever is declined gets a reason and no answer: nothing was due to them.
        if case.round == 1 and case.state != "declined" and case.first and case.first.due:
            in_time = case.answered_at is not None and case.answered_at <= case.first.due
            yield from told(case.id, "answered_in_time", case.first.due, 100 if in_time else 0, "percent")
