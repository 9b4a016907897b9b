"""What a person can do about a delivery that waits for one: each way in words, and the exact command for it."""

from __future__ import annotations

import shlex
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from signalbook.settings import BY_HAND
from site_plugins import components as sb
from site_plugins.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.settings import Channel

ADDRESS = "https://…"
"""Stands in a command where a person writes the live address."""
HOUR = 10
"""The hour that is proposed for a new time, in the team's zone."""


class Act(NamedTuple):
    """One way on.

    Attributes:
        word: what it says, e.g. ``It is there``.
        command: to be copied as it stands, but for ``…``.
    """

    word: str
    command: str


_OPEN: Final = frozenset({"unknown", "missed", "failed", "due", "overdue", "held"})


def acts(found: Delivery, book: Book, now: datetime) -> tuple[Act, ...]:
    """The ways on from a state, the likeliest first; none where nobody is waited for."""
    if found.state not in _OPEN:
        return ()
    key = shlex.quote(found.key)
    channel = book.settings.channels.get(found.channel)
    settle = f"signalbook publish settle {key}"
    there = Act("It is there", f"{settle} --sent {ADDRESS}")
    later = Act("Send it later", f"{settle} --send-at {proposed(channel, book, now)}")
    never = Act("Let it go", f'{settle} --cancel --why "…"')
    if found.state == "unknown":
        return there, Act("It is not there", f"{settle} --not-sent")
    if found.state == "missed":
        return later, never, went_out(found)
    if found.state == "failed":
        return Act("See what the service says", "signalbook doctor"), later, never
    if by_hand(channel) and found.state in {"due", "overdue"}:
        return Act("It is placed", there.command), later, never
    if found.state == "overdue":
        return Act("Send it now", "signalbook publish"), Act(
            "Ask why", f"signalbook why {shlex.quote(found.post.slug)}"
        )
    if found.state == "held":
        return (Act("Ask why", f"signalbook why {shlex.quote(found.post.slug)}"),)
    return ()


def together(found: Sequence[Delivery], book: Book, now: datetime) -> tuple[Act, ...]:
    """The ways on that are one decision for all missed deliveries of a post; none where each has to be looked at."""
    if len(found) < 2 or any(one.state != "missed" or one.occurrence for one in found):
        return ()
    settle = f"signalbook publish settle {shlex.quote(found[0].post.slug)}"
    times = [proposed(book.settings.channels.get(one.channel), book, now) for one in found]
    return (
        Act("Send all of it later", f"{settle} --send-at {max(times)}"),
        Act("Let all of it go", f'{settle} --cancel --why "…"'),
    )


def went_out(found: Delivery) -> Act:
    """What to say of a missed delivery that is there all the same."""
    return Act("It went out all the same", f"signalbook publish settle {shlex.quote(found.key)} --sent {ADDRESS}")


def by_hand(channel: Channel | None) -> bool:
    """Whether people place the posts of a channel."""
    return channel is not None and channel.connector in BY_HAND


MAY_WAIT: Final = frozenset({"missed", "failed", "due", "overdue"})
"""States in which ``waits`` may hold."""


def waits(found: Delivery, book: Book) -> bool:
    """Whether a page that shows it proposes a time, so that it is another tomorrow."""
    return found.state in {"missed", "failed"} or (
        found.state in {"due", "overdue"} and by_hand(book.settings.channels.get(found.channel))
    )


def proposed(channel: Channel | None, book: Book, now: datetime) -> str:
    """The next working day at ten, not before the channel starts: ``2026-11-30T10:00+01:00``."""
    zone = book.settings.team.zone
    here = now if now.tzinfo is zone else now.astimezone(zone)
    return _working(here.date() + timedelta(days=1), channel.start if channel is not None else None, zone)


@lru_cache(maxsize=64)
def _working(day: date, start: date | None, zone: ZoneInfo) -> str:
    if start and start > day:
        day = start
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, HOUR, tzinfo=zone).isoformat(timespec="minutes")


def listed(ways: tuple[Act, ...]) -> Markup:
    """Ways on as commands under one another."""
    return sb.EMPTY.join([sb.command(way.command, way.word) for way in ways])
