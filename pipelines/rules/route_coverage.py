"""Whatever a watch finds, somebody can act on it today, in its language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.judging import away_on, current, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person, Watch
from signalbook.period import spoken
from signalbook.rule import Ask, rule


@rule("route-coverage", level=Level.BLOCK, about="For each watch that is on, somebody can act, on every day, in its language.",
      waive="A")  # fmt: skip
def route_coverage(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find watches whose alerts would reach nobody who can act."""
    first = today(book, now)
    for watch in book.all(Watch):
        if watch.state != "on":
            continue
        people = _chain(book, watch)
        if not people:
            continue  # nobody is named: required and watch-coverage say so
        for ahead in range(min(ask.limit("days", 14), 366)):
            day = first + timedelta(days=ahead)
            if not any(away_on(person, day) is None for person in people):
                # Expert and backup together are watch-coverage's; here it is the one who acts as well.
                if watch.act and watch.act not in {watch.expert, watch.backup}:
                    yield ask(
                        watch, "act",
                        f"On {spoken(day)} nobody can act on what {watch.name} finds: {book.person(watch.act)} and all "
                        "who stand in are away.",
                        "Name somebody who is there: `act: duty-officer`.",
                    )  # fmt: skip
                break
        gone = book.get(Person, watch.act)
        if gone and current(book, watch.act) is None:
            yield ask(watch, "act", f"{gone.name} has left, and is the one who acts on {watch.name}.",
                      "Name somebody who is here: `act: duty-officer`.")  # fmt: skip
        if watch.lang and all(person.languages for person in people):
            wanted = watch.lang.split("-")[0].lower()
            if not any((s.lang or "").split("-")[0].lower() == wanted for person in people for s in person.languages):
                yield ask(
                    watch, "lang",
                    f"What {watch.name} finds is in the language {watch.lang}, and nobody named here answers in it.",
                    "Name an expert, a backup or an `act:` who does, or stop watching in that language.",
                    level=Level.WARN if ask.level is Level.BLOCK else ask.level,
                )  # fmt: skip


def _chain(book: Book, watch: Watch) -> list[Person]:
    """Who may act, in order: the one named, the expert, the backup, and who stands in for each."""
    out: list[Person] = []
    for slug in (watch.act, watch.expert, watch.backup):
        person = current(book, slug)
        if person is None:
            continue
        for one in (person, current(book, person.backup), *(current(book, away.backup) for away in person.away)):
            if one is not None and one not in out:
                out.append(one)
    return out
