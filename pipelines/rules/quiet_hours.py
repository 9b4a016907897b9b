"""Posts go out while the people they are for are awake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from signalbook import posts, quiet
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Audience
from signalbook.rule import Ask, rule


@rule("quiet-hours", level=Level.WARN, about="Nothing goes out outside the audience's waking hours.", waive="A")
def quiet_hours(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts that arrive at night in most of their audience's zones."""
    hours = quiet.Hours(
        quiet.clock(ask.limit("from", "21:00"), time(21)), quiet.clock(ask.limit("to", "07:00"), time(7))
    )
    team = book.settings.team.zone
    known: dict[tuple[object, ...], tuple[Audience | None, list[ZoneInfo]]] = {}
    for view in posts.ahead(book, now):
        if view.at is None or view.post.type in posts.RUNG_ANYWAY:
            continue
        if all(channel.connector in quiet.RINGS_FOR_NOBODY for channel in view.channels):
            continue
        whose = (view.post.audience, view.post.campaign, view.post.channels)
        if whose not in known:  # thousands of posts are for the same few
            audience = posts.audience_of(book, view)
            names = audience.zones if audience and audience.zones else (team.key,)
            known[whose] = audience, [zone for name in names if (zone := quiet.zone_of(name))] or [team]
        audience, zones = known[whose]
        night = [zone for zone in zones if hours.holds(posts.clock(view.at, zone))]
        if 2 * len(night) > len(zones):
            there = view.at.astimezone(night[0])
            whom = f"for {audience.name}" if audience else "for its readers"
            yield ask(
                view.post, "publish_at",
                f"It is {there:%H:%M} in {quiet.city(night[0])} then, which is night {whom}: it rings where people sleep, or is buried by "
                f"the morning. We are quiet from {hours.begin:%H:%M} to {hours.end:%H:%M}.",
                f"Choose a time after {hours.end:%H:%M} there.",
            )  # fmt: skip
