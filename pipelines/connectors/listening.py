"""The meter of what is said: numbers of judged mentions by the day, for days that are over. No word and nobody's name is in them.

====================  =====  =====  ===============================================================================
metric                grain  unit   what is counted
====================  =====  =====  ===============================================================================
``earned_mentions``   day    count  stories about one of our brands or products that others began that day, each once:
                                    reposts and further appearances are none; a day without one reads 0
====================  =====  =====  ===============================================================================
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from signalbook import heard, store
from signalbook.model import Subject
from signalbook.records import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.measure import Measure
    from signalbook.book import Book

LATE = timedelta(days=7)
"""A source may tell a day's words so much later: these days are counted again."""
OURS = frozenset({"brand", "product"})
"""Types of subject that are us; a topic is what we care about."""


class Listening:
    """The connector: it asks the judgements and counts."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.why = ""

    def measure(self, book: Book, action: Measure, now: datetime) -> Iterator[Reading]:
        """Give the days since the last that is known, and those before it that may have changed; none without such a subject."""
        names = sorted(f"subject/{one.slug}" for one in book.all(Subject) if one.type in OURS)
        self.why = ""
        if not names:
            return
        if not store.months(book.workspace, "judgements"):
            # Nothing heard and nothing here are two things: a day that cannot be counted is no 0.
            if action.since is not None:
                self.why = "what was heard is not on this machine: fetch it with signalbook store fetch --private."
            return
        since = action.since - LATE if action.since else None
        days = heard.begun(book.tables, names, book.settings.team.zone, since)
        day = min(days, default=None) if since is None else since
        while day is not None and day <= action.until:
            yield Reading.of(
                source="listening", subject="us", metric="earned_mentions", on=day, value=days.get(day, 0), taken_at=now,
                origin="judgements",
            )  # fmt: skip
            day += timedelta(days=1)


CONNECTOR = Listening()
"""What is registered: it needs no account."""
