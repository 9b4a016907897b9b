"""What several rules ask of people, days and words: who is in post and present, what says nothing, how a list is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from signalbook.book import Book
from signalbook.decode import meant_by
from signalbook.model import Document, Duration, Person, Training
from signalbook.model.people import Away
from signalbook.pattern import pattern
from signalbook.period import add_elapsed

OVER = frozenset(
    "cancelled closed stopped dropped retired withdrawn superseded expired left erased dormant declined refuted "
    "deprecated false-alarm released lapsed exempt outdated restated".split()
)
"""States in which nobody works with a document any more."""

_NOTHING = pattern(r"(to ?do|tbd|tbc|n/?a|none|nothing|unknown|later|soon|xxx+|fixme|-+|–|—|\.+|…|\?+)", re.IGNORECASE)
_WORD = pattern(r"[^\W_]+(?:['’\-][^\W_]+)*")


def today(book: Book, now: datetime) -> date:
    """The day it is where the team is."""
    return local(now, book).date()


def is_over(document: Document) -> bool:
    """Whether nobody works with it any more."""
    return document.state in OVER


def mistyped(book: Book) -> frozenset[tuple[str, str]]:
    """Path and field of what stands in a file in a form or under a name that cannot be read.

    It is not missing, and the finding that tells it is enough.
    """
    return frozenset(
        (finding.path, meant) for finding in book.findings
        if (meant := meant_by(finding.rule, finding.field, finding.message))
    )  # fmt: skip


def words(text: str | None) -> int:
    """How many words a text has; a slot in brackets counts by its words."""
    return len(_WORD.findall(text or ""))


def says(text: str | None, *, least: int = 1) -> bool:
    """Whether a text says something: it is no placeholder and has at least so many words."""
    plain = (text or "").strip().strip(".")
    return bool(plain) and not _NOTHING.fullmatch(plain) and words(plain) >= least


def listed(names: Iterable[str], *, most: int = 6) -> str:
    """``a, b and c``; beyond ``most`` the rest is counted."""
    rows = list(names)
    if len(rows) > most:
        rows = [*rows[:most], f"{len(rows) - most} more"]
    return rows[0] if len(rows) == 1 else ", ".join(rows[:-1]) + " and " + rows[-1] if rows else ""


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 case``, ``2 cases``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def in_post(book: Book) -> list[Person]:
    """Everybody inside who has not left."""
    return [p for p in book.all(Person) if p.side != "outside" and p.state not in OVER and not p.unreadable]


def current(book: Book, slug: str | None) -> Person | None:
    """The role of that name if somebody inside holds it today."""
    person = book.get(Person, slug)
    return person if person and person.side != "outside" and person.state not in OVER else None


def away_on(person: Person, day: date) -> Away | None:
    """The absence that covers a day."""
    for away in person.away:
        if away.from_ and away.to and away.from_ <= day <= away.to:
            return away
    return Away(day, day, person.backup) if person.state == "away" else None


def after(day: date, span: Duration | None, *, days: int) -> date:
    """The day so long after another, or ``days`` after it; the calendar's last day when it lies beyond."""
    try:
        return day + (span.elapsed if span else timedelta(days=days))
    except OverflowError:
        return date.max


def then(moment: datetime, span: Duration | timedelta) -> datetime:
    """The instant so long after another; the same one when no calendar reaches that far."""
    try:
        return add_elapsed(moment, span.elapsed if isinstance(span, Duration) else span)
    except OverflowError:
        return moment


def local(moment: datetime, book: Book) -> datetime:
    """An instant in the team's zone; as it stands at either end of the calendar."""
    try:
        return moment.astimezone(book.settings.team.zone)
    except (OverflowError, ValueError):
        return moment


def both_away(one: Person, other: Person, first: date) -> Iterator[tuple[date, date]]:
    """The runs of days from ``first`` on during which both are absent."""
    for mine in one.away:
        for theirs in other.away:
            if mine.from_ and mine.to and theirs.from_ and theirs.to:
                begin, end = max(mine.from_, theirs.from_, first), min(mine.to, theirs.to)
                if begin <= end:
                    yield begin, end


def trained_until(book: Book, slug: str) -> date | None:
    """The last day on which a role's training for speaking in public counts; ``None`` if it never took part.

    Courses and sessions for spokespeople count, 365 days unless they say otherwise.
    """
    ends = [
        after(sitting.on, training.valid_for, days=365)
        for training in book.all(Training)
        if training.for_ == "spokespeople" and training.kind in {"course", "session"}
        for sitting in training.held
        if sitting.on and slug in sitting.attended
    ]
    return max(ends, default=None)


def at(moment: datetime, book: Book, now: datetime) -> str:
    """An instant as a reader in the team's zone would say it: the hour, and the day unless it is today."""
    there, here = local(moment, book), local(now, book)
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%Y-%m-%d %H:%M}"
