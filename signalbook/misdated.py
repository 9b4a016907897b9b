"""Days and times that cannot be, and what was meant by them.

A month with 30 days has no 31st, and no clock shows 25:00. Such a slip must never be answered with another meaning of the
field: of a post whose day does not exist, ``on-merge`` would be the worst thing to write. Here the day stays near, the
written hour stays, and whoever wrote it decides.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from signalbook.classes import dataclass

_YEAR_FIRST = re.compile(r"(?P<y>\d{4})(?P<s>[-./])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?P<rest>\D.*)?", re.ASCII)
_YEAR_LAST = re.compile(r"(?P<d>\d{1,2})(?P<s>[-./])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})(?P<rest>\D.*)?", re.ASCII)
_HOUR = re.compile(
    r"(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2}))?(?::(?P<s>\d{2})(?:\.\d+)?)? ?(?P<half>[ap]m)?"
    r"(?P<zone>(?<=\d)Z| ?[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)  # fmt: skip
_OFFSET = re.compile(r"Z|[+-](?:0\d|1[0-4]):?[0-5]\d")
_MOST = 60
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_NOON, _LAST_HOUR, _LAST_MINUTE, _MONTHS = 12, 23, 59, 12
_MORNING = "09:00"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a day or a time, and what fits in its place.

    Attributes:
        why: what cannot be, as a sentence, e.g. ``November 2026 has only 30 days.``
        instead: the values that could have been meant, as they are written in a file; empty where nothing is near.
        sure: whether they keep what was written; otherwise they are only an example near it.
    """

    why: str
    instead: tuple[str, ...]
    sure: bool = True


def slip(text: str, *, day: bool = True, timed: bool = False) -> Slip | None:
    """Say what keeps a refused text from being a day (``day``) or a day with a time (``timed``).

    Every value of ``instead`` is one that the field takes, save that a zone's clocks may jump over its hour. ``None``
    when the text resembles neither.
    """
    said = " ".join(text.split())
    found = len(said) <= _MOST and (_YEAR_FIRST.fullmatch(said) or _YEAR_LAST.fullmatch(said))
    if not found:
        return None
    days = _days(found)
    rest = (found["rest"] or "").lstrip("T ,").strip()
    if timed and (rest or not day):
        hour = _hour(rest)
        if hour is None:
            return None
    elif rest and not timed:
        hour = _Hour("This field takes a whole day, without an hour.", "")
    else:
        hour = _Hour("", "")
    instead = tuple(
        f"{moved} {hour.clock}".rstrip()
        for one in days.instead
        if (moved := one + timedelta(days=hour.days)).year <= _LAST_YEAR
    )
    whys = [why for why in (days.why, hour.why) if why]
    if not whys and text in instead:
        return None
    return Slip(
        " ".join(whys) or "A day and its hour stand one space apart, with nothing else.",
        instead,
        days.sure and hour.sure,
    )


def alone(text: str) -> Slip | None:
    """What keeps a right day or time from being one: the quotation marks or the words around it."""
    right = re.fullmatch(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?:[+-]\d{2}:\d{2})?)?", text)
    return Slip("It stands alone, in numbers, without other marks.", (text,)) if right else None


@dataclass(frozen=True, slots=True)
class _Days:
    why: str
    instead: tuple[date, ...]
    sure: bool = True


def _days(found: re.Match[str]) -> _Days:
    year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return _Days(f"Years go from {_FIRST_YEAR} to {_LAST_YEAR}.", (), sure=False)
    first = found.re is _YEAR_FIRST
    if month > _MONTHS and 1 <= day <= _MONTHS:
        # Only one of the two can be the month.
        month, day = day, month
        why = f"There is no month {day}, so the day seems to stand in the month's place." if first else (
            "A day is written with the year first, then the month."
        )  # fmt: skip
        return _within(year, month, day, why)
    if not 1 <= month <= _MONTHS:
        return _Days(
            f"There is no month {found['m']}.", (_nearest(year, 1 if month < 1 else _MONTHS, day),), sure=False
        )
    if not first and found["s"] == "/" and day <= _MONTHS and day != month and day:
        return _Days(
            "It may be one of two days, for some write the day first and others the month.",
            (date(year, month, day), date(year, day, month)),
        )
    right = first and found["s"] == "-" and len(found["m"]) == len(found["d"]) == 2
    return _within(year, month, day, "" if right else "A day is written with the year first and in two digits each.")


def _within(year: int, month: int, day: int, why: str) -> _Days:
    last = calendar.monthrange(year, month)[1]
    if day > last:
        why = f"{calendar.month_name[month]} {year} has only {last} days."
    elif not day:
        why = "Days are counted from 01."
    return _Days(why, (_nearest(year, month, day),))


def _nearest(year: int, month: int, day: int) -> date:
    return date(year, month, min(max(day, 1), calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class _Hour:
    why: str
    clock: str
    days: int = 0
    sure: bool = True


def _hour(rest: str) -> _Hour | None:
    if not rest:
        return _Hour("The hour is missing.", _MORNING, sure=False)
    found = _HOUR.fullmatch(rest)
    if not found:
        return None
    hour, minute, second = int(found["h"]), int(found["m"] or 0), int(found["s"] or 0)
    zone = (found["zone"] or "").strip()
    why, days, sure = "", 0, True
    if zone and not _OFFSET.fullmatch(zone.upper()):
        why, zone, sure = f"No zone is {zone} from UTC: offsets go to 14 hours.", "", False
    half = (found["half"] or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0) if 1 <= hour <= _NOON else hour
        why = why or "Hours go from 00 to 23, without am and pm."
    seconds = f":{second:02}" if second else ""
    if hour == _LAST_HOUR + 1 and not minute and not second:
        why, hour, days = "The day ends at 23:59, and midnight is 00:00 of the next.", 0, 1
    elif hour > _LAST_HOUR:
        why, hour, minute, seconds, sure = f"No clock shows {found['h']} hours: they go from 00 to 23.", 9, 0, "", False
    elif minute > _LAST_MINUTE:
        why, minute, seconds, sure = f"No clock shows {minute} minutes: they go from 00 to 59.", 0, "", False
    elif second > _LAST_MINUTE:
        why, seconds = f"No clock shows {second} seconds: they go from 00 to 59.", ""
    elif not why and (len(found["h"]) == 1 or not found["m"] or rest[2] != ":"):
        why = "An hour is written with two digits and its minutes after a colon."
    return _Hour(why, f"{hour:02}:{minute:02}{seconds}{zone}", days, sure)
