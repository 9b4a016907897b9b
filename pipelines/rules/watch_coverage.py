"""Each topic has an expert and a backup, and one of the two is always there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import after, both_away, current, is_over, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person, Subject, Watch
from signalbook.period import span, spoken
from signalbook.rule import Ask, rule


@rule(
    "watch-coverage", level=Level.BLOCK,
    about="Each topic has an expert and a backup, two people who are not away at the same time.", waive="A",
)  # fmt: skip
def watch_coverage(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find topics that would go unheard."""
    day = today(book, now)
    soon = after(day, None, days=ask.limit("days", 60))
    topics: tuple[Watch | Subject, ...] = (*book.all(Watch), *book.all(Subject))
    for topic in topics:
        if is_over(topic) or topic.state == "paused" or topic.unreadable:
            continue
        for field, slug in (("expert", topic.expert), ("backup", topic.backup)):
            person = book.get(Person, slug)
            if person is not None and current(book, slug) is None:
                yield ask(
                    topic, field, f"{person.name} has left, so nobody is the {field} for {topic.name}.",
                    f"Name somebody who is here: `{field}: product-owner`.",
                )  # fmt: skip
        if (
            isinstance(topic, Watch)
            and topic.expert
            and (person := book.get(Person, topic.expert))
            and person.practitioner is False
        ):
            yield ask(
                topic, "expert",
                f"{person.name} does not do the work that {topic.name} is about; people who ask notice.",
                "Name a practitioner, and keep this role in `inform:`.",
                level=Level.WARN if ask.level is Level.BLOCK else ask.level,
            )  # fmt: skip
        if topic.expert and topic.expert == topic.backup:
            yield ask(
                topic, "backup",
                f"Expert and backup are the same person, so {topic.name} has nobody on that person's first day off.",
                "Name somebody else as `backup:`.",
            )  # fmt: skip
            continue
        expert, backup = current(book, topic.expert), current(book, topic.backup)
        if expert and backup and (gap := min(both_away(expert, backup, day), default=None)):
            near = gap[0] <= soon
            when = span(*gap) if gap[1] > gap[0] else f"on {spoken(gap[0])}"
            yield ask(
                topic, "backup",
                f"Expert and backup are both away, {when}. Name a third, or the alert goes to the duty officer.",
                "Write a `backup:` who is there, or move one of the two absences.",
                level=ask.level if near or ask.level is not Level.BLOCK else Level.WARN,
            )  # fmt: skip
        for field, slug in (("expert", topic.expert), ("backup", topic.backup)):
            if not slug:
                yield ask(
                    topic, field,
                    f"{topic.name} has no {field}: a question about it would wait for whoever happens to look.",
                    f"Name one: `{field}: product-owner`.",
                )  # fmt: skip
