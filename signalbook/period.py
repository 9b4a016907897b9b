"""Days, weeks and months in the team's zone; local times that do not exist or happen twice; business time."""

from __future__ import annotations

import itertools
import re
from dataclasses import field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from signalbook.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
QUARTERS = ("first", "second", "third", "fourth")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")
"""For what asks for a zone and means none in particular."""


# Local times


@dataclass(frozen=True, slots=True)
class Gap:
    """A local time that no clock shows, because clocks jump over it.

    Attributes:
        before: the same distance into the jump, told with the clock of after it: 01:30 for 02:30 on a spring night.
        after: the same, told with the clock of before it: 03:30.
    """

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """A local time that happens twice, because clocks go back over it.

    Attributes:
        first: the earlier of the two instants, in the zone.
        second: the later one.
    """

    first: datetime
    second: datetime


def resolve_local(naive: datetime, zone: ZoneInfo) -> datetime | Gap | Fold:
    """Say which instant a local time means: one, none (``Gap``) or two (``Fold``). All instants are in the zone.

    The offsets of the two folds differ only around a change of the clocks, PEP 495, "The fold attribute".

    Raises:
        ValueError: the time already has a zone.
    """
    if naive.tzinfo is not None:
        message = f"{naive.isoformat()} already says its offset"
        raise ValueError(message)
    first = naive.replace(tzinfo=zone, fold=0)
    second = naive.replace(tzinfo=zone, fold=1)
    early, late = first.utcoffset(), second.utcoffset()
    if early is None or late is None or early == late:
        return first
    # Going through UTC moves a time inside a gap to one that clocks do show.
    shown = first.astimezone(UTC).astimezone(zone), second.astimezone(UTC).astimezone(zone)
    return Fold(*shown) if early > late else Gap(before=shown[1], after=shown[0])


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """Say which day an instant falls on in a zone."""
    return instant.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant of a day. Where clocks jump over midnight, or over a whole day, it is the jump itself."""
    return _at(day, 0, zone)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Give the instant of minutes after midnight: of two the first, of none the moment at which clocks jump over it."""
    if minutes == _DAY_MINUTES:
        return _at(day + DAY, 0, zone)
    naive = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60)  # noqa: DTZ001 - resolved below
    meant = resolve_local(naive, zone)
    if isinstance(meant, Fold):
        return meant.first
    if isinstance(meant, datetime):
        return meant
    # The jump lies between the two: halve the way until it is known to the second.
    early, late = meant.before.astimezone(UTC), meant.after.astimezone(UTC)
    old = meant.before.utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle == early:
            break
        if middle.astimezone(zone).utcoffset() == old:
            early = middle
        else:
            late = middle
    return late.astimezone(zone)


# Periods

Kind = Literal["day", "week", "month", "quarter", "year", "days", "range"]
_SPELLINGS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("day", re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)),
    ("week", re.compile(r"(\d{4})-[Ww](\d{2})", re.ASCII)),
    ("month", re.compile(r"(\d{4})-(\d{2})", re.ASCII)),
    ("quarter", re.compile(r"(\d{4})-[Qq]([1-4])", re.ASCII)),
    ("year", re.compile(r"(\d{4})", re.ASCII)),
    ("days", re.compile(r"(\d{1,4})d", re.ASCII)),
)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole days in a zone.

    Attributes:
        kind: which shape it has; ``days`` is a number of days that end today, ``range`` is any other run.
        first: its first day.
        last: its last day, itself included.
        zone: whose days they are.
    """

    kind: Kind
    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Refuse a run that ends before it begins."""
        if self.last < self.first:
            message = f"the period ends ({self.last}) before it begins ({self.first}): write the earlier day first"
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo, now: datetime) -> Period:
        """Read ``2026-W47``, ``2026-11``, ``2026-Q4``, ``2026``, ``2026-11-23``, ``28d`` or ``2026-11-01..2026-11-23``.

        ``now`` is asked only for ``28d``: 28 days of which today is the last.

        Raises:
            ValueError: the text is none of these; the message shows what can be written.
        """
        spelled = text.strip()
        try:
            if both := _RANGE.fullmatch(spelled):
                return cls("range", date.fromisoformat(both[1]), date.fromisoformat(both[2]), zone)
            for kind, pattern in _SPELLINGS:
                if match := pattern.fullmatch(spelled):
                    return cls._spelled(kind, [int(part) for part in match.groups()], zone, now)
        except (ValueError, OverflowError) as error:
            from signalbook.misdated import slip

            days = both.groups() if both else (spelled,)
            whys = [f"{said.why} Write {said.instead[0]}." for day in days if (said := slip(day)) and said.instead]
            message = f"“{text}” is no period: {' '.join(whys) or error}"
            raise ValueError(message) from error
        message = f"“{text}” is no period. Write 2026-W47, 2026-11, 2026-Q4, 2026, 28d or 2026-11-01..2026-11-23."
        raise ValueError(message)

    @classmethod
    def _spelled(cls, kind: Kind, parts: list[int], zone: ZoneInfo, now: datetime) -> Period:
        year = parts[0]
        if kind == "days":
            if not year:
                message = "0 days hold nothing"
                raise ValueError(message)
            today = day_of(now, zone)
            return cls("days", today - (year - 1) * DAY, today, zone)
        if kind == "day":
            return cls("day", date(*parts), date(*parts), zone)
        if kind == "week":
            monday = date.fromisocalendar(year, parts[1], 1)
            return cls("week", monday, monday + 6 * DAY, zone)
        if kind == "year":
            return cls("year", date(year, 1, 1), date(year, 12, 31), zone)
        months = 3 if kind == "quarter" else 1
        month = parts[1] * months - months + 1
        return cls(kind, date(year, month, 1), _last_of(year, month + months - 1), zone)

    @classmethod
    def around(cls, kind: Literal["day", "week", "month", "quarter", "year"], day: date, zone: ZoneInfo) -> Period:
        """Give the day, week, month, quarter or year that holds a day."""
        if kind == "week":
            monday = day - day.weekday() * DAY
            return cls("week", monday, monday + 6 * DAY, zone)
        if kind == "day":
            return cls("day", day, day, zone)
        text = {
            "month": f"{day.year:04}-{day.month:02}",
            "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
            "year": f"{day.year:04}",
        }[kind]
        return cls.parse(text, zone, datetime.min.replace(tzinfo=UTC))

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return start_of(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return start_of(self.last + DAY, self.zone)

    def __contains__(self, moment: date | datetime) -> bool:
        """Whether a day, or an instant, lies in it."""
        day = day_of(moment, self.zone) if isinstance(moment, datetime) else moment
        return self.first <= day <= self.last

    def __len__(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        """As it can be parsed: ``2026-W47``. A number of days ending today becomes the range it is."""
        year, week, _ = self.first.isocalendar()
        return {
            "day": self.first.isoformat(),
            "week": f"{year:04}-W{week:02}",
            "month": self.first.isoformat()[:7],
            "quarter": f"{self.first.year:04}-Q{(self.first.month + 2) // 3}",
            "year": f"{self.first.year:04}",
        }.get(self.kind, f"{self.first}..{self.last}")

    def days(self) -> list[date]:
        """List its days in order."""
        return [self.first + number * DAY for number in range(len(self))]

    def weeks(self) -> list[Period]:
        """List the ISO weeks that share a day with it, in order."""
        monday = self.first - self.first.weekday() * DAY
        count = (self.last - monday).days // 7 + 1
        return [Period.around("week", monday + number * 7 * DAY, self.zone) for number in range(count)]

    def previous(self) -> Period:
        """Give the one before it: the week before a week, the month before a month, as many days before a range."""
        eve = self.first - DAY
        if self.kind in {"days", "range"}:
            return replace(self, first=eve - (len(self) - 1) * DAY, last=eve)
        return Period.around(self.kind, eve, self.zone)  # type: ignore[arg-type]

    @property
    def label(self) -> str:
        """Its name in a sentence: ``week 47 of 2026, 16 to 22 November``."""
        if self.kind == "week":
            year, week, _ = self.first.isocalendar()
            same = self.first.year == self.last.year == year
            return f"week {week} of {year}, {span(self.first, self.last, year=not same)}"
        if self.kind == "month":
            return f"{MONTHS[self.first.month - 1]} {self.first.year}"
        if self.kind == "quarter":
            name = QUARTERS[self.first.month // 3]
            return (
                f"{name} quarter of {self.first.year}, {MONTHS[self.first.month - 1]} to {MONTHS[self.last.month - 1]}"
            )
        if self.kind == "year":
            return str(self.first.year)
        if self.kind == "days":
            return f"the {len(self)} days to {spoken(self.last)}" if len(self) > 1 else spoken(self.last)
        return span(self.first, self.last)


def spoken(day: date, *, year: bool = True) -> str:
    """Write a day as people do: ``23 November 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def span(first: date, last: date, *, year: bool = True) -> str:
    """Write a run of days, nothing said twice: ``1 to 23 November 2026``."""
    if first == last:
        return spoken(last, year=year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {spoken(last, year=year)}"
    return f"{spoken(first, year=year and first.year != last.year)} to {spoken(last, year=year)}"


def _last_of(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - DAY


def month_grid(year: int, month: int) -> list[tuple[date, ...]]:
    """Give the weeks of a month, Monday first, seven days each: days of the neighbours fill the first and the last.

    Raises:
        ValueError: there is no such month, or its last week leaves the calendar (December 9999).
    """
    first, last = date(year, month, 1), _last_of(year, month)
    monday = first - first.weekday() * DAY
    try:
        return [
            tuple(monday + (7 * week + day) * DAY for day in range(7)) for week in range((last - monday).days // 7 + 1)
        ]
    except OverflowError as error:
        message = f"the last week of {year:04}-{month:02} has days that no calendar here can tell"
        raise ValueError(message) from error


# Business time

_DAY_MINUTES = 24 * 60
_FAR = 3660
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
Shift = tuple[int, int]
"""Minutes after midnight: open from the first, closed from the second on."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody works.

    Attributes:
        zone: whose clock it is.
        week: weekday (0 is Monday) → shifts in order.
        closed: days off: holidays of the place.
        special: days with other hours, e.g. a short day before a holiday; before ``week``, after ``closed``.
        away: runs of days, both ends included, on which this person is absent.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Shift, ...]]
    closed: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)
    away: tuple[tuple[date, date], ...] = ()

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> Hours:
        """Read ``Mon-Fri 09:00-17:00``; several with commas, several shifts a day with spaces.

        ``Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00``. The end may be ``24:00``.

        Raises:
            ValueError: a part cannot be read; the message names it.
        """
        week: dict[int, list[Shift]] = {}
        for part in text.split(","):
            days, *clocks = part.split() or [""]
            for clock in clocks:
                for day in _weekdays(days, part):
                    week.setdefault(day, []).append(_shift(clock, part))
            if not clocks:
                message = f"“{part.strip()}” says no hours. Write days, then times: Mon-Fri 09:00-17:00"
                raise ValueError(message)
        for day, shifts in week.items():
            shifts.sort()
            if any(late[0] < early[1] for early, late in itertools.pairwise(shifts)):
                message = f"the hours of {WEEKDAYS[day]} overlap"
                raise ValueError(message)
        return cls(zone, {day: tuple(shifts) for day, shifts in sorted(week.items())})

    def on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """List the shifts of a day as instants: open from the first, closed from the second on."""
        if day in self.closed or any(first <= day <= last for first, last in self.away):
            return ()
        shifts = self.special.get(day, self.week.get(day.weekday(), ()))
        return tuple((_at(day, opens, self.zone), _at(day, closes, self.zone)) for opens, closes in shifts)

    def is_open(self, instant: datetime) -> bool:
        """Whether somebody works at an instant: yes when a shift begins, no any more when it ends."""
        return any(opens <= instant < closes for opens, closes in self.on(day_of(instant, self.zone)))


def add_elapsed(start: datetime, span: timedelta) -> datetime:
    """Add time as it passes, whatever clocks do meanwhile; the answer is in the zone of the start."""
    return (start.astimezone(UTC) + span).astimezone(start.tzinfo)


def add_business(start: datetime, hours: float | timedelta, calendar: Hours) -> datetime:
    """Say when so many working hours after an instant are over, in the calendar's zone.

    Work that fills a shift to its end is due at that end, not when the next one opens. Minutes that clocks skip
    are not worked, minutes that they repeat are.

    Raises:
        ValueError: the calendar has no such hours in the next ten years.
    """
    left = hours if isinstance(hours, timedelta) else timedelta(hours=hours)
    if left <= timedelta():
        return start.astimezone(calendar.zone)
    begin = start.astimezone(UTC)
    day = day_of(start, calendar.zone)
    for _ in range(_FAR):
        for opens, closes in calendar.on(day):
            worked_from = max(begin, opens.astimezone(UTC))
            room = closes.astimezone(UTC) - worked_from
            if room <= timedelta():
                continue
            if left <= room:
                return (worked_from + left).astimezone(calendar.zone)
            left -= room
        day += DAY
    message = "the calendar has too few working hours in the next ten years: look at the hours and the days off"
    raise ValueError(message)


def add_business_days(start: datetime, days: int, calendar: Hours) -> datetime:
    """Say when the n-th working day after the day of an instant closes.

    Raises:
        ValueError: the calendar has no such day in the next ten years, or ``days`` is less than 1.
    """
    if days < 1:
        message = f"{days} working days are none: write 1 or more"
        raise ValueError(message)
    day = day_of(start, calendar.zone)
    for _ in range(_FAR):
        day += DAY
        if shifts := calendar.on(day):
            days -= 1
            if not days:
                return shifts[-1][1]
    message = "the calendar has too few working days in the next ten years: look at the hours and the days off"
    raise ValueError(message)


def business_between(start: datetime, end: datetime, calendar: Hours) -> timedelta:
    """Sum the working time between two instants; nothing when the end is not after the start."""
    total = timedelta()
    begin, finish = start.astimezone(UTC), end.astimezone(UTC)
    day = day_of(start, calendar.zone)
    # A shift may end at midnight, so that the day of the end is looked at too.
    while day <= day_of(end, calendar.zone):
        for opens, closes in calendar.on(day):
            worked = min(finish, closes.astimezone(UTC)) - max(begin, opens.astimezone(UTC))
            total += max(worked, timedelta())
        day += DAY
    return total


def _weekdays(text: str, part: str) -> list[int]:
    names = [name.title()[:3] for name in text.split("-")]
    if len(names) > 2 or any(name not in WEEKDAYS for name in names):
        message = f"“{part.strip()}” names no days. Write days, then times: Mon-Fri 09:00-17:00"
        raise ValueError(message)
    first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
    # Sat-Mon goes over the end of the week.
    return [day % 7 for day in range(first, last + 1 + (7 if last < first else 0))]


def _shift(text: str, part: str) -> Shift:
    match = _CLOCK.fullmatch(text)
    opens, closes = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if not opens < closes <= _DAY_MINUTES:
        message = f"“{part.strip()}” has times that cannot be read. Write both, the earlier first: Mon-Fri 09:00-17:00"
        raise ValueError(message)
    return opens, closes
