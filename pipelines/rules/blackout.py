"""On days of silence nothing of ours goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, quiet
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_DAYS = {
    "mourning": "a day of mourning",
    "election": "an election",
    "holiday": "a holiday",
    "results-day": "a day of results",
}


@rule(
    "blackout",
    level=Level.BLOCK,
    about="Nothing goes out on days that the calendar marks as quiet.",
    source="own; election law",
    waive="L",
)
def blackout(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts on days of silence."""
    silent = quiet.days(book)
    if not silent:
        return
    zone = book.settings.team.zone
    for view in posts.views(book):
        if view.at is None or not view.ahead(now) or view.post.type in posts.RUNG_ANYWAY:
            continue
        day = view.at.astimezone(zone).date()
        country = posts.country_of(view)
        for row in silent:
            if row.covers(day, country):
                what = _DAYS.get(row.event.kind or "", "")
                yield ask(
                    view.post, "publish_at",
                    f"{day:%A} {day.day} {day:%B} is {row.event.name}{f', {what}' if what and row.event.kind != 'holiday' else ''}; "
                    "the calendar says that we are quiet then.",
                    "Move it to another day; holding statements, corrections and replies may go out.",
                )  # fmt: skip
                break
