"""Somebody who wrote to us is answered in time, by the response matrix and the owner's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipelines.judging import at, counted, then
from signalbook import clock, matrix, working
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Case, Person
from signalbook.rule import Ask, rule

_OPEN = frozenset({"new", "owned", "waiting-inside", "waiting-outside", "escalated"})


@rule(
    "case-due",
    level=Level.WARN,
    about="A case has its first human answer by the time of the response matrix.",
    waive="A",
)
def case_due(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find people who still wait for a first answer."""
    for case in book.all(Case):
        if case.state not in _OPEN or case.answered_at is not None:
            continue
        if case.state == "waiting-outside":
            yield ask(
                case, "status",
                "This waits for the person outside, who has not had a first answer from us; for them we are silent.",
                "Answer, and write `answered_at:`; only later waits pause the clock.",
            )  # fmt: skip
        if case.type == "press" and case.deadline is None and case.due is None:
            yield ask(
                case, "type",
                "A journalist's question has a deadline of theirs, and it is not written; after it any answer is too late.",
                "Ask for it and add `deadline:` with day and time.",
            )  # fmt: skip
            continue
        due = due_at(case, book)
        if due is None:
            continue
        late = _utc(now) - _utc(due)
        if late <= timedelta():
            continue
        minutes = int(late.total_seconds() // 60)
        amount = (
            counted(minutes, "minute")
            if minutes < 120
            else counted(minutes // 60, "hour")
            if minutes < 48 * 60
            else counted(late.days, "day")
        )
        yield ask(
            case, "inside_at" if case.inside_at else "received_at",
            f"The first answer was due at {at(due, book, now)}, {amount} ago, and {book.person(case.owner)} has not sent one. "
            "Somebody is waiting.",
            "Answer and write `answered_at:`, hand it to the backup, or decline it with `why_silent:`.",
        )  # fmt: skip


def _utc(moment: datetime) -> datetime:
    """The instant in UTC, so that clocks that go back are counted; at either end of the calendar as it stands."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment


def due_at(case: Case, book: Book) -> datetime | None:
    """When the first answer is due: the deadline written in the case, else the matrix.

    S1, S2 and targets in minutes or hours run on the elapsed clock; the rest in the owner's business time.
    """
    if case.due or (case.type == "press" and case.deadline):
        return case.due or case.deadline
    begin = case.inside_at or case.received_at
    if begin is None or case.type not in matrix.ROWS:
        return None
    target = matrix.target(matrix.rows(book)[str(case.type)], str(case.severity))
    if target is None:
        return None
    if target.unit not in {"bh", "bd"}:
        return then(begin, target)
    calendar = working.hours_of(book, book.get(Person, case.owner))
    if calendar is None:
        return None
    try:
        return clock.due(begin, target, calendar)
    except (ValueError, OverflowError):
        return None  # no working hours at all: the settings and the person's page say so
