"""When each person works: their hours, their zone, the holidays of their country, their days off."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from signalbook.model import Event, Person
from signalbook.period import DAY, Hours, Shift, start_of

if TYPE_CHECKING:
    from signalbook.book import Book

_LONGEST_DAYS = 60
"""An event that lasts longer shuts no office."""


def hours_of(book: Book, person: Person | None) -> Hours | None:
    """A person's working time, ``None`` where neither they nor the team have hours that can be read.

    Somebody without hours of their own has the team's. A holiday is an event of that kind: whole days, or, where it says
    times, the part of the day on which the office is shut.
    """
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
            closed, special = _holidays(book, found)
            return replace(found, closed=closed, special=special, away=away)
    return None


def is_away(person: Person, day: date) -> bool:
    """Whether a person is off on a day of their own."""
    return any(row.from_ and row.to and row.from_ <= day <= row.to for row in person.away)


def at_work(book: Book, person: Person, now: datetime) -> bool:
    """Whether a person works at an instant."""
    hours = hours_of(book, person)
    return hours is not None and hours.is_open(now)


def _holidays(book: Book, hours: Hours) -> tuple[frozenset[date], dict[date, tuple[Shift, ...]]]:
    """The days that are off where a zone is, and those that are off in part."""
    here = countries_of(hours.zone.key)
    closed: set[date] = set()
    special: dict[date, tuple[Shift, ...]] = {}
    for event in book.all(Event):
        if event.kind != "holiday" or event.when is None:
            continue
        if event.countries and here and not here & set(event.countries):
            continue
        begin, end = event.when, event.until
        if isinstance(begin, datetime):
            until = end if isinstance(end, datetime) else start_of(_next(begin, hours.zone), hours.zone)
            _shut(hours, begin, until, special)
            continue
        last = end.astimezone(hours.zone).date() if isinstance(end, datetime) else end or begin
        closed.update(begin + timedelta(days=number) for number in range(min((last - begin).days, _LONGEST_DAYS) + 1))
    return frozenset(closed), special


def _next(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date() + DAY


def _shut(hours: Hours, begin: datetime, end: datetime, special: dict[date, tuple[Shift, ...]]) -> None:
    """Take the minutes of an event out of the shifts of the days it touches."""
    day, last = begin.astimezone(hours.zone).date(), end.astimezone(hours.zone).date()
    for number in range(min((last - day).days, _LONGEST_DAYS) + 1):
        on = day + number * DAY
        first = _minute(begin, hours.zone) if on == day else 0
        after = _minute(end, hours.zone) if on == last else 24 * 60
        left: list[Shift] = []
        for opens, closes in special.get(on, hours.week.get(on.weekday(), ())):
            left += [
                shift for shift in ((opens, min(closes, first)), (max(opens, after), closes)) if shift[0] < shift[1]
            ]
        special[on] = tuple(left)


def _minute(instant: datetime, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return local.hour * 60 + local.minute


@functools.cache
def countries_of(zone: str) -> frozenset[str]:
    """The countries whose clocks a zone tells, by the time zone database's own table; empty when it has none."""
    import importlib.resources

    try:
        table = importlib.resources.files("tzdata").joinpath("zoneinfo/zone1970.tab").read_text(encoding="utf-8")
    except (OSError, ModuleNotFoundError):
        return frozenset()
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return frozenset(code for row in rows if len(row) > 2 and row[2] == zone for code in row[0].split(","))
