"""What others rely on has somebody who looks after it, and somebody who stands in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import away_on, counted, current, in_post, is_over, listed, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Metric, Person, Playbook, Policy, Subject
from signalbook.period import spoken
from signalbook.rule import Ask, rule
from signalbook.settings import line_of


@rule("orphan", level=Level.BLOCK, about="A channel, topic, metric, policy or playbook has a current owner, and a backup.",
      waive="A")  # fmt: skip
def orphan(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find what nobody looks after any more."""
    softer = Level.WARN if ask.level is Level.BLOCK else ask.level
    settings = book.workspace.settings
    for key, channel in book.settings.channels.items():
        for field, slug in (("owner", channel.owner), ("backup", channel.backup)):
            person = book.get(Person, slug)
            if channel.status != "retired" and person is not None and current(book, slug) is None:
                yield ask(
                    settings.name, f"channels.{key}.{field}",
                    f"{person.name} has left and is still the {field} of {channel.name or key}.",
                    f'Name who is it now: {field} = "social-lead".', line=line_of(settings, f"channels.{key}", field),
                )  # fmt: skip
    held: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {}
    for kind in (Subject, Metric, Policy, Playbook):
        for document in book.all(kind):
            if is_over(document) or document.unreadable:
                continue
            owner = book.get(Person, document.owner)
            if owner is None:
                continue  # missing, or a name that leads nowhere: both have their own finding
            if current(book, document.owner) is None:
                yield ask(
                    document, "owner",
                    f"{owner.name} has left, so nobody looks after this {kind.KIND} while others rely on it.",
                    "Name who looks after it now: `owner: social-lead`.",
                )  # fmt: skip
                continue
            held[owner.slug] += 1
            kinds.setdefault(owner.slug, set()).add(kind.PLURAL.lower())
    if len(in_post(book)) < 2:
        return
    day = today(book, now)
    for slug, count in sorted(held.items()):
        person = book.get(Person, slug)
        if person is None:
            continue
        what = listed(sorted(kinds[slug]))
        away = away_on(person, day)
        stand_in = away.backup if away else None
        if away and (found := book.get(Person, stand_in)) and (away_on(found, day) or current(book, stand_in) is None):
            yield ask(
                person, "away",
                f"{person.name} is away until {spoken(away.to) if away.to else 'an open day'}, and {found.name}, who stands "
                f"in, is not here either; {counted(count, 'document')} ({what}) wait.",
                "Name somebody who is here as `backup:`.", level=softer,
            )  # fmt: skip
        if not person.backup or person.backup == slug or (
            book.get(Person, person.backup) is not None and current(book, person.backup) is None
        ):  # fmt: skip
            yield ask(
                person, "backup",
                f"{person.name} looks after {counted(count, 'document')} ({what}), and nobody is named who would take over "
                "tomorrow.",
                "Add `backup:` with a role that could, for example `backup: product-owner`.", level=softer,
            )  # fmt: skip
