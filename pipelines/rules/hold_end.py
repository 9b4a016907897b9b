"""A hold ends within a day, and somebody decides what comes after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.judging import at, local, says, then
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Hold, Incident
from signalbook.rule import Ask, rule


@rule(
    "hold-end",
    level=Level.BLOCK,
    about="A hold ends within 24 hours, is renewed or released, and never just forgotten.",
)
def hold_end(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find holds without an end, with one too far away, or past it."""
    longest = timedelta(hours=min(ask.limit("hours", 24), 8760))
    for hold in book.all(Hold):
        if hold.unreadable:
            continue
        begin, end = hold.from_, hold.expires
        latest = then(begin or now, longest)
        if hold.state == "renewed":
            latest = max(latest, then(now, longest))
        if end is None and hold.state in {"open", "renewed"}:
            yield ask(
                hold,
                "expires",
                "This hold has no end. A hold without one is forgotten, and the team goes silent without knowing it.",
                f"Write `expires: {local(latest, book):%Y-%m-%d %H:%M}` or earlier; it can be renewed.",
            )
        elif end and begin and end <= begin:
            yield ask(
                hold,
                "expires",
                "The hold ends before it begins, so it stops nothing.",
                f"Write a time after {local(begin, book):%Y-%m-%d %H:%M}.",
            )
        elif end and end > latest and hold.state in {"open", "renewed"}:
            yield ask(
                hold,
                "expires",
                f"The hold ends more than {longest.total_seconds() / 3600:g} hours after it began; by then nobody has "
                "looked again.",
                f"Write `expires: {local(latest, book):%Y-%m-%d %H:%M}` or earlier; it can be renewed.",
            )
        elif end and end < now and hold.state in {"open", "renewed"} and not hold.released:
            yield ask(
                hold,
                "expires",
                f"The hold ended at {at(end, book, now)}, and nobody has said that it is over. What it held stays held until a "
                "person decides.",
                "Release it (`status: released` and `released: {by, at, why}`), or renew it with a new end.",
                level=Level.WARN if ask.level is Level.BLOCK else ask.level,
            )
        if hold.state == "released" and (not hold.released or not says(hold.released.why, least=2)):
            yield ask(
                hold,
                "released" if hold.released else "status",
                "Released, and nobody says by whom, when and why it is safe again.",
                "Add `released: {by: social-lead, at: 2026-11-24 12:10, why: the road is open again}`.",
            )
        incident = book.get(Incident, hold.incident)
        if hold.released and incident and incident.severity == "S1" and hold.released.by == hold.opened_by:
            yield ask(
                hold,
                "released.by",
                "At S1 somebody other than the opener ends a hold: whoever has been in it for hours is the last to see "
                "that it is too early.",
                "Let the social lead or the executive look, and name them.",
            )
