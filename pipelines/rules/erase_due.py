"""What was to be erased is erased, and what is kept has an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person, System
from signalbook.rule import Ask, rule


@rule("erase-due", level=Level.BLOCK, about="No erase date has passed, and data about people is kept for a stated time.",
      source="GDPR 5(1)(e), 17")  # fmt: skip
def erase_due(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find people and sources whose time is over or never ends."""
    day = today(book, now)
    for person in book.all(Person):
        if person.side != "outside" or person.state == "erased":
            continue
        line, column = person.mark("erase_by" if person.erase_by else "side")
        if person.erase_by is None:
            yield ask(
                person.path, "erase_by", "These notes on a person outside have no end.",
                "Add `erase_by:` with a day at most 12 months ahead.", line=line, column=column,
            )  # fmt: skip
        elif person.erase_by < day:
            yield ask(
                person.path, "erase_by",
                f"These notes were to be erased by {person.erase_by}; every further day is kept without a ground.",
                "Erase the file where it lies, or ask the person anew and write what they said.", line=line, column=column,
            )  # fmt: skip
    for system in book.all(System):
        if system.personal_data and not is_over(system) and system.retention is None:
            yield ask(
                system, "personal_data",
                f"{system.name} holds data about people, and nobody has said for how long.",
                "Add `retention: 90d`, or as long as the purpose lasts.",
            )  # fmt: skip
