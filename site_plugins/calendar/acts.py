"""What a person can do about a delivery that waits for one: each way in words, and the exact command for it."""

from __future__ import annotations

import shlex
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from signalbook.settings import BY_HAND
from site_plugins import components as sb
from site_plugins.markup import html

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.settings import Channel
    from site_plugins.markup import Markup

ADDRESS = "https://…"
"""Stands in a command where a person writes the live address."""
OUT: Final = "It went out all the same"
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
    state = found.state
    if state not in _OPEN:
        return ()
    channel = book.settings.channels.get(found.channel)
    if state == "held" or (state == "overdue" and not by_hand(channel)):
        why = Act("Ask why", f"signalbook why {shlex.quote(found.post.slug)}")
        return (why,) if state == "held" else (Act("Send it now", "signalbook publish"), why)
    settle = f"signalbook publish settle {shlex.quote(found.key)}"
    there = f"{settle} --sent {ADDRESS}"
    if state == "unknown":
        return Act("It is there", there), Act("It is not there", f"{settle} --not-sent")
    later = Act("Send it later", f"{settle} --send-at {proposed(channel, book, now)}")
    never = Act("Let it go", f'{settle} --cancel --why "…"')
    if state == "missed":
        return later, never, Act(OUT, there)
    if state == "failed":
        return Act("See what the service says", "signalbook doctor"), later, never
    return (Act("It is placed", there), later, never) if by_hand(channel) else ()


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
    return Act(OUT, f"signalbook publish settle {shlex.quote(found.key)} --sent {ADDRESS}")


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
    if not _proposed or _proposed[0][0] is not book or _proposed[0][1] != now:
        _proposed[:] = [(book, now, {})]
    start = channel.start if channel is not None else None
    known = _proposed[0][2]
    if start not in known:
        zone = book.settings.team.zone
        known[start] = _working(now.astimezone(zone).date() + timedelta(days=1), start, zone)
    return known[start]


_proposed: list[tuple[Book, datetime, dict[date | None, str]]] = []


def _working(day: date, start: date | None, zone: ZoneInfo) -> str:
    if start and start > day:
        day = start
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, HOUR, tzinfo=zone).isoformat(timespec="minutes")


def listed(ways: tuple[Act, ...]) -> Markup:
    """Ways on as commands under one another."""
    return html(*[sb.command(command, word) for word, command in ways])
