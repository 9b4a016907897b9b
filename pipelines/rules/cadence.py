"""A channel speaks as often as it said it would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule(
    "cadence",
    level=Level.INFORM,
    about="In each of the next four weeks a channel speaks as often as it means to.",
    waive="A",
)
def cadence(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find weeks with too few or too many posts on a channel; one finding a channel and side."""
    zone = book.settings.team.zone
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = monday if today == monday else monday + timedelta(days=7)
    weeks = [first + timedelta(days=7 * number) for number in range(4)]
    planned: dict[str, Counter[date]] = {}
    for view in posts.views(book):
        if view.post.status == "idea" or not view.at:
            continue
        day = view.at.astimezone(zone).date()
        if weeks[0] <= day < weeks[-1] + timedelta(days=7):
            for channel in view.channels:
                planned.setdefault(channel.key, Counter())[day - timedelta(days=day.weekday())] += 1
    if not planned:
        return
    for channel in book.settings.channels.values():
        if channel.status == "retired" or channel.cadence.per != "week":
            continue
        counted = planned.get(channel.key, Counter())
        open_weeks = [week for week in weeks if not channel.start or week + timedelta(days=6) >= channel.start]
        few = [week for week in open_weeks if counted[week] < channel.cadence.min]
        many = [week for week in open_weeks if channel.cadence.max is not None and counted[week] > channel.cadence.max]
        line = posts.settings_line(book, f"channels.{channel.key}", "cadence")
        if few:
            yield ask(
                "signalbook.toml", f"channels.{channel.key}.cadence",
                f"{channel.name} means to speak {_times(channel.cadence.min)} a week, and has less planned in {_weeks(few, counted)}.",
                "Plan something there, or lower `min` for good.", line=line,
            )  # fmt: skip
        if many:
            yield ask(
                "signalbook.toml", f"channels.{channel.key}.cadence",
                f"{channel.name} speaks {_times(channel.cadence.max or 0)} a week at most, and has more planned in {_weeks(many, counted)}.",
                "Move some of them, or raise `max` for good.", line=line,
            )  # fmt: skip


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _weeks(weeks: list[date], counted: Counter[date]) -> str:
    return ", ".join(f"{week.isocalendar().year}-W{week.isocalendar().week:02} ({counted[week]})" for week in weeks)
