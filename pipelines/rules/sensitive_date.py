"""A post does not stand beside a day whose subject it touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule("sensitive-date", level=Level.WARN, about="A post does not stand on a day whose subject it touches.", waive="A")
def sensitive_date(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts that touch the subject of a day to be avoided, or offer something on a day without subjects."""
    days = [row for row in posts.events(book) if row.event.effect == "avoid"]
    if not days:
        return
    zone = book.settings.team.zone
    for view in posts.views(book):
        if view.at is None or not view.ahead(now) or view.post.type in posts.RUNG_ANYWAY:
            continue
        day = view.at.astimezone(zone).date()
        for row in days:
            if not row.first <= day <= row.last:
                continue
            topic = posts.touches(view, row.event.topics)
            if topic:
                yield ask(
                    view.post, "publish_at",
                    f"{day:%A} {day.day} {day:%B} falls on {row.event.name}, and the post speaks of “{topic}”; readers will put the two together.",
                    "Read it with that day in mind, and move it or say it differently.",
                )  # fmt: skip
                break
            if not row.event.topics and view.post.mix == "own-offer":
                yield ask(
                    view.post, "publish_at",
                    f"{day:%A} {day.day} {day:%B} falls on {row.event.name}, a day on which we keep our own offers back.",
                    "Move it to another day, or say something useful instead.",
                )  # fmt: skip
                break
