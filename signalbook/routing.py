"""Who must know of something, and who can act on it: rules first, then what was learnt from past routing.

Two answers, each with its sentence. *Inform* are all who must know. *Act* is one person: somebody who does that work, is there
that day, speaks the language and has room; at S1 and S2 somebody who is at work this minute, and the duty officer otherwise.
Rules in order: the watch that found it, the subject it is about, what was learnt, the line of the response matrix, the channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from signalbook import working
from signalbook.classes import dataclass
from signalbook.matrix import HARD, Row
from signalbook.model import Person, Subject, Watch

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.cases import Case, Load
    from signalbook.sense.route import Router

SURE: Final = 0.6
"""A learnt answer of less chance is no answer."""
LEAST: Final = 20
"""From fewer cases nothing is learnt."""
DUTY: Final = "duty-officer"


@dataclass(frozen=True, slots=True)
class Routed:
    """The two answers.

    Attributes:
        act: a person's slug; empty when nobody can act, which ``why`` says.
        backup: who is called when the time runs out.
        inform: who must know, in the order in which the rules name them; the one who acts is not among them.
        why: sentences, those of the decision first.
        rule: what decided: ``watch/…``, ``subject/…``, ``learnt``, ``matrix``, ``channel``, ``duty`` or empty.
        learnt: what the model says, with its chance, best first; also where a rule decided.
    """

    act: str
    backup: str
    inform: tuple[str, ...]
    why: tuple[str, ...]
    rule: str
    learnt: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    person: Person
    rule: str
    why: str


def route(
    book: Book,
    now: datetime,
    *,
    row: Row,
    severity: str,
    about: Sequence[str] = (),
    lang: str = "",
    source: str = "",
    channel: str = "",
    loads: Mapping[str, Load] | None = None,
    router: Router | None = None,
    text: str = "",
) -> Routed:
    """Say who acts and who must know.

    ``about`` are names such as ``watch/allergens`` and ``subject/opening-hours``; ``loads`` what each person has today;
    ``text`` is only shown to ``router``.
    """
    learnt = tuple(router.ranked([text])[0]) if router is not None and text else ()
    named = list(_named(book, row, about, source, channel, learnt))
    inform = _inform(book, about, severity)
    notes: list[str] = []
    found = _able(book, now, named, severity, lang, loads or {}, notes)
    if found is None:
        notes.append("Nobody who may act on it is there and has room; whoever leads the team decides.")
        who = _manager(book, named[0].person if named else None)
        return Routed("", "", _without(inform, "", who), tuple(notes), "", learnt)
    backup = _backup(book, now, found.person, named, about)
    return Routed(
        found.person.slug, backup, _without(inform, found.person.slug), (found.why, *notes), found.rule, learnt
    )


def _named(
    book: Book, row: Row, about: Sequence[str], source: str, channel: str, learnt: Sequence[tuple[str, float]]
) -> Iterator[_Named]:
    """Everybody whom a rule names, the nearest first; a person may come several times."""
    watches = [found for name in about if (found := book.get(Watch, _slug(name, "watch")))]
    subjects = [topic for name in about if (topic := book.get(Subject, _slug(name, "subject")))]
    for watch in watches:
        for slug, what in ((watch.act, "to act on it"), (watch.expert, "as its expert"), (watch.backup, "to stand in")):
            yield from _known(book, slug, f"watch/{watch.slug}", f"The watch “{watch.name}” names {{}} {what}.")
    for subject in subjects:
        for slug, what in ((subject.expert, "its expert"), (subject.backup, "to stand in")):
            yield from _known(
                book, slug, f"subject/{subject.slug}", f"It is about “{subject.name}”, and {{}} is {what}."
            )
    for label, chance in learnt:
        if chance >= SURE:
            yield from _known(book, label, "learnt", f"Cases like this went to {{}} before (chance {chance:.0%}).")
    for role in row.who:
        for person in holders(book, role):
            yield _Named(person, "matrix", f"{person.name} answers {_what(row)}, by the response matrix.")
    place = book.settings.channels.get(channel or source)
    if place is not None:
        yield from _known(book, place.owner, "channel", f"{{}} answers for {place.name or place.key}.")
        yield from _known(book, place.backup, "channel", f"{{}} stands in on {place.name or place.key}.")
    for person in holders(book, DUTY):
        yield _Named(person, "duty", f"{person.name} has the duty.")


def _what(row: Row) -> str:
    return f"“{row.what}”"


def _known(book: Book, slug: str | None, rule: str, why: str) -> Iterator[_Named]:
    person = book.get(Person, slug)
    if person is not None and person.side != "outside":
        yield _Named(person, rule, why.replace("{}", person.name))


def _slug(name: str, kind: str) -> str:
    return name.removeprefix(f"{kind}/") if name.startswith(f"{kind}/") else ""


def holders(book: Book, role: str) -> list[Person]:
    """The people inside who hold a role, those who do that work themselves first."""
    found = [
        person
        for person in book.all(Person)
        if (role in person.roles or person.slug == role) and person.side != "outside" and person.state != "left"
    ]
    return sorted(found, key=lambda person: (person.practitioner is False, person.slug))


def _able(
    book: Book, now: datetime, named: Sequence[_Named], severity: str, lang: str, loads: Mapping[str, Load], notes: list[str],
) -> _Named | None:  # fmt: skip
    """The first who can act; why the others before cannot is noted."""
    hard = severity in HARD
    rows = [*named, *(one for one in _stand_ins(book, now, named))]
    if hard:
        # Somebody who is at work this minute goes before somebody nearer who is asleep.
        rows = [*rows, *(_Named(person, "duty", f"{person.name} has the duty.") for person in holders(book, DUTY))]
    seen: set[str] = set()
    for one in rows:
        slug = one.person.slug
        if slug in seen:
            continue
        seen.add(slug)
        why = _cannot(book, now, one.person, lang, loads.get(slug), hard=hard)
        if not why:
            return one
        notes.append(why)
    if hard:
        # At S1 and S2 somebody is rung, at work or not: the duty officer, else whoever is nearest.
        first = next((one for one in reversed(rows) if one.rule == "duty"), rows[0] if rows else None)
        return replace(first, why=f"{first.why} It is {severity}, and rings also now.") if first else None
    return None


def _cannot(book: Book, now: datetime, person: Person, lang: str, load: Load | None, *, hard: bool) -> str:
    """Why somebody cannot act now; empty when they can."""
    hours = working.hours_of(book, person)
    day = now.astimezone(hours.zone if hours else book.settings.team.zone).date()
    if person.state == "left":
        return f"{person.name} has left."
    if person.state == "away" or working.is_away(person, day):
        return f"{person.name} is away."
    if hard and hours is not None and not hours.is_open(now):
        return f"{person.name} is not at work now."
    spoken = {(one.lang or "").partition("-")[0].lower() for one in person.languages}
    if lang and spoken and lang.partition("-")[0].lower() not in spoken:
        return f"{person.name} does not answer in {lang}."
    if load is not None and load.full and not hard:
        return f"{person.name} has {load.today} today, and {load.limit} is their limit."
    return ""


def _stand_ins(book: Book, now: datetime, named: Sequence[_Named]) -> Iterator[_Named]:
    """Who stands in for those named, in their order."""
    for one in named:
        for slug in _stand_in(book, now, one.person):
            person = book.get(Person, slug)
            if person is not None and person.side != "outside":
                yield _Named(person, one.rule, f"{person.name} stands in for {one.person.name}.")


def _stand_in(book: Book, now: datetime, person: Person) -> list[str]:
    hours = working.hours_of(book, person)
    day = now.astimezone(hours.zone if hours else book.settings.team.zone).date()
    away = [row.backup for row in person.away if row.from_ and row.to and row.from_ <= day <= row.to]
    return [slug for slug in (*away, person.backup) if slug]


def _backup(book: Book, now: datetime, person: Person, named: Sequence[_Named], about: Sequence[str]) -> str:
    """Who is called at four fifths of the time: another person, and not away."""
    watched: list[str | None] = []
    for name in about:
        found = book.get(Watch, _slug(name, "watch")) or book.get(Subject, _slug(name, "subject"))
        watched += [found.backup, found.expert] if found is not None else []
    duty = [one.slug for one in holders(book, DUTY)]
    for slug in (*watched, *_stand_in(book, now, person), *(one.person.slug for one in named), *duty):
        other = book.get(Person, slug)
        if other is not None and other.slug != person.slug and not _cannot(book, now, other, "", None, hard=False):
            return other.slug
    return ""


def _inform(book: Book, about: Sequence[str], severity: str) -> list[str]:
    """Who must know: whom the watch names, the expert of the subject, and at S1 and S2 duty and lead."""
    found: list[str | None] = []
    for name in about:
        if watch := book.get(Watch, _slug(name, "watch")):
            found += [*watch.inform, watch.expert]
        if subject := book.get(Subject, _slug(name, "subject")):
            found.append(subject.expert)
    if severity in HARD:
        found += [one.slug for role in (DUTY, "social-lead") for one in holders(book, role)]
    if severity == "S1":
        found += [one.slug for role in ("executive", "legal") for one in holders(book, role)]
    return [
        one.slug for slug in found if (one := book.get(Person, slug)) and one.side != "outside" and one.state != "left"
    ]


def _without(inform: Iterable[str], act: str, *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slug for slug in (*inform, *more) if slug and slug != act))


def _manager(book: Book, person: Person | None) -> str:
    return manager(book, person.slug if person else "")


def manager(book: Book, slug: str, channel: str = "") -> str:
    """Who hears it when a clock has run out: whom the person reports to, the channel's owner, whoever leads."""
    person = book.get(Person, slug)
    found = book.settings.channels.get(channel)
    for name in (person.reports_to if person else None, person.owner if person else None, found.owner if found else None,
                 *(one.slug for one in holders(book, "social-lead"))):  # fmt: skip
        other = book.get(Person, name)
        if other is not None and other.slug != slug and other.state != "left":
            return other.slug
    return ""


def learn(cases: Iterable[Case], texts: Mapping[str, str]) -> Router | None:
    """Learn from cases that people took or handed over, and the words that began them; ``None`` from too few.

    ``texts`` are mention → words, of those that are still kept. What only a rule proposed teaches nothing.
    """
    from signalbook.sense.route import learn as learn_

    examples = [
        (texts[one.mention], one.owner)
        for one in cases
        if one.owner and one.owned_at is not None and one.state != "declined" and texts.get(one.mention)
    ]
    if len(examples) < LEAST or len({owner for _, owner in examples}) < 2:
        return None
    return learn_(examples)


__all__ = ["DUTY", "LEAST", "SURE", "Routed", "holders", "learn", "manager", "route"]
