"""When we do not speak: quiet days of the calendar, and the night of the people a post is for."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from signalbook.classes import dataclass
from signalbook.model import Audience, Campaign, Event, Post

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.settings import Channel

RUNG_ANYWAY = frozenset({"holding", "correction", "reply"})
"""Types that go out also when we are quiet: they keep people safe, put right or answer."""

RINGS_FOR_NOBODY = frozenset({"feed", "wordpress", "console", "files"})
"""Connectors whose posts wait until somebody comes to read them."""


@dataclass(frozen=True, slots=True)
class Days:
    """A quiet event as days, both included."""

    event: Event
    first: date
    last: date

    def covers(self, day: date, country: str) -> bool:
        """Whether nothing goes out on a day in a country (``AT``; empty for one that is not named)."""
        elsewhere = country and self.event.countries and country not in self.event.countries
        return self.first <= day <= self.last and not elsewhere


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours on the wall of whoever reads; ``begin`` after ``end`` spans midnight."""

    begin: time
    end: time

    def holds(self, at: time) -> bool:
        """Whether it is quiet at a time on the wall."""
        return self.begin <= at < self.end if self.begin <= self.end else at >= self.begin or at < self.end


def days(book: Book) -> tuple[Days, ...]:
    """The events on which nothing of ours goes out."""
    return tuple(
        Days(event, first, max(first, _day(event.until) or first))
        for event in book.all(Event)
        if event.effect == "quiet" and not event.unreadable and (first := _day(event.when))
    )


def hours(book: Book) -> Hours | None:
    """The quiet hours that a policy in force sets; ``None`` when none does, or when it only informs."""
    enforced = book.enforced("quiet-hours")
    if enforced is None or enforced.level == "inform":
        return None
    limits: Mapping[str, Any] = enforced.limits or {}
    return Hours(clock(limits.get("from", "21:00"), time(21)), clock(limits.get("to", "07:00"), time(7)))


def day_of(silent: tuple[Days, ...], post: Post, at: datetime, zone: ZoneInfo) -> str:
    """The quiet day an instant falls on, in words; empty for none."""
    day = at.astimezone(zone).date()
    country = (post.locale or "").partition("-")[2].upper()
    for row in silent:
        if row.covers(day, country):
            return f"a day on which we are quiet ({row.event.name})"
    return ""


def night_of(set_hours: Hours, book: Book, post: Post, channel: Channel | None, at: datetime) -> str:
    """The quiet hours an instant falls into for most of a post's audience, in words; empty for none."""
    if channel is not None and channel.connector in RINGS_FOR_NOBODY:
        return ""
    today = at.astimezone(book.settings.team.zone).date()
    if any(waiver.rule == "quiet-hours" and waiver.until and waiver.until >= today for waiver in post.waive):
        return ""
    campaign = book.get(Campaign, post.campaign)
    slugs = [post.audience, *(campaign.audiences_served if campaign else ()), channel.audience if channel else ""]
    audience = next((found for slug in slugs if (found := book.get(Audience, slug))), None)
    names = audience.zones if audience and audience.zones else (book.settings.team.zone.key,)
    zones = [zone for name in names if (zone := zone_of(name))] or [book.settings.team.zone]
    night = [zone for zone in zones if set_hours.holds(at.astimezone(zone).time())]
    if 2 * len(night) <= len(zones):
        return ""
    return f"quiet hours ({set_hours.begin:%H:%M} to {set_hours.end:%H:%M} in {city(night[0])})"


@functools.cache
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that name; ``None`` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def city(zone: ZoneInfo) -> str:
    """A zone as people say it: ``Europe/Berlin`` → ``Berlin``."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def clock(text: object, otherwise: time) -> time:
    """``22:00`` as a time on the wall."""
    try:
        return time.fromisoformat(str(text))
    except ValueError:
        return otherwise


def _day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value
