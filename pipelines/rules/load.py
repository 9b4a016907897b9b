"""Nobody holds more open cases than they said they can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import in_post
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Case
from signalbook.rule import Ask, rule

_WAITING = frozenset({"new", "owned", "waiting-inside", "escalated"})


@rule("load", level=Level.WARN, about="Nobody holds more open cases than the limit they stated.", waive="A")
def load(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find people with more open cases than their own limit."""
    held: Counter[str] = Counter(case.owner for case in book.all(Case) if case.state in _WAITING and case.owner)
    for person in in_post(book) if held else ():
        limit = person.max_cases_per_day
        if limit is not None and held[person.slug] > limit:
            yield ask(
                person,
                "max_cases_per_day",
                f"{held[person.slug]} cases wait for {person.name}, who can answer {limit} a day. The last ones will wait "
                "until tomorrow, and whoever sits before them will not rest.",
                f"Hand {held[person.slug] - limit} to the backup, or decline what needs no answer.",
            )
