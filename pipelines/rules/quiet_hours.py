"""Posts go out while the people they are for are awake."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_RINGS_FOR_NOBODY = frozenset({"feed", "wordpress", "console", "files"})


@rule("quiet-hours", level=Level.WARN, about="Nothing goes out outside the audience's waking hours.", waive="A")
def quiet_hours(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts that arrive at night in most of their audience's zones."""
    begin, end = _clock(ask.limit("from", "21:00"), time(21)), _clock(ask.limit("to", "07:00"), time(7))
    for view in posts.ahead(book, now):
        if view.at is None or view.post.type in posts.RUNG_ANYWAY:
            continue
        if all(channel.connector in _RINGS_FOR_NOBODY for channel in view.channels):
            continue
        audience = posts.audience_of(book, view)
        names = audience.zones if audience and audience.zones else (book.settings.team.zone.key,)
        zones = [zone for name in names if (zone := _zone(name))] or [book.settings.team.zone]
        night = [zone for zone in zones if _quiet(posts.clock(view.at, zone), begin, end)]
        if 2 * len(night) > len(zones):
            there = view.at.astimezone(night[0])
            whom = f"for {audience.name}" if audience else "for its readers"
            yield ask(
                view.post, "publish_at",
                f"It is {there:%H:%M} in {_city(night[0])} then, which is night {whom}: it rings where people sleep, or is buried by "
                f"the morning. We are quiet from {begin:%H:%M} to {end:%H:%M}.",
                f"Choose a time after {end:%H:%M} there.",
            )  # fmt: skip


@functools.cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _city(zone: ZoneInfo) -> str:
    return zone.key.rpartition("/")[2].replace("_", " ")


def _clock(text: object, otherwise: time) -> time:
    try:
        return time.fromisoformat(str(text))
    except ValueError:
        return otherwise


def _quiet(at: time, begin: time, end: time) -> bool:
    return begin <= at < end if begin <= end else at >= begin or at < end
