"""Somebody who wrote to us is answered in time, by the response matrix and the owner's clock."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.judging import at, counted, local, then
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Case, Duration, Event, Person
from signalbook.period import Hours, add_business, add_business_days
from signalbook.rule import Ask, rule

_TARGETS: Mapping[str, tuple[str, str]] = {
    "praise": ("8bh", "8bh"),
    "suggestion": ("8bh", "8bh"),
    "question": ("4bh", "4bh"),
    "complaint": ("2bh", "30m"),
    "correction": ("4bh", "30m"),
    "misinformation": ("4bh", "30m"),
    "moderation": ("30m", "30m"),
    "safety": ("15m", "15m"),
    "security": ("1h", "1h"),
    "legal": ("2bh", "30m"),
    "lead": ("4bh", "4bh"),
}
"""Type → time to the first human answer at S3 and S4, at S1 and S2; press goes by the journalist's deadline."""

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
    if begin is None or case.type not in _TARGETS:
        return None
    grave = case.severity in {"S1", "S2"}
    target = Duration.parse(_TARGETS[str(case.type)][1 if grave else 0])
    if grave or target.unit not in {"bh", "bd"}:
        return then(begin, target)
    calendar = _hours(book.get(Person, case.owner), book)
    if calendar is None:
        return None
    try:
        if target.unit == "bd":
            return add_business_days(begin, int(target.amount), calendar)
        return add_business(begin, target.amount, calendar)
    except (ValueError, OverflowError):
        return None  # no working hours at all: the settings and the person's page say so


def _hours(person: Person | None, book: Book) -> Hours | None:
    """An owner's working time; hours that cannot be read are the team's."""
    team = book.settings.team
    zone = team.zone
    if person and person.zone:
        try:
            zone = ZoneInfo(person.zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = team.zone
    for text in (person.hours if person else None, team.hours):
        try:
            found = Hours.parse(text, zone) if text else None
        except ValueError:
            continue
        if found:
            away = tuple((row.from_, row.to) for row in person.away if row.from_ and row.to) if person else ()
            return replace(found, closed=_closed(book, zone), away=away)
    return None


def _closed(book: Book, zone: ZoneInfo) -> frozenset[date]:
    """Public holidays where a zone is."""
    here = _countries(zone.key)
    out: set[date] = set()
    for event in book.all(Event):
        if (
            event.kind != "holiday"
            or event.when is None
            or (event.countries and here and not here & set(event.countries))
        ):
            continue
        first = local(event.when, book).date() if isinstance(event.when, datetime) else event.when
        last = local(event.until, book).date() if isinstance(event.until, datetime) else event.until or first
        out.update(first + timedelta(days=number) for number in range(min((last - first).days, 60) + 1))
    return frozenset(out)


@functools.cache
def _countries(zone: str) -> frozenset[str]:
    """The countries whose clocks a zone tells, by the time zone database's own table; empty when it has none."""
    import importlib.resources

    try:
        table = importlib.resources.files("tzdata").joinpath("zoneinfo/zone1970.tab").read_text(encoding="utf-8")
    except (OSError, ModuleNotFoundError):
        return frozenset()
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return frozenset(code for row in rows if len(row) > 2 and row[2] == zone for code in row[0].split(","))
