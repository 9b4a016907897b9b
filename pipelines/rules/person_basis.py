"""Notes about people stand on a ground that can be named, and outside the history that cannot forget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person, System
from signalbook.rule import Ask, rule


@rule(
    "person-basis",
    level=Level.BLOCK,
    about="Whoever outside is written about agreed or is public by role, and is kept where it can be erased.",
    source="GDPR 6, 17",
)
def person_basis(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find people outside in the history, notes without a ground, and sources without one."""
    for person in book.all(Person):
        if person.side != "outside" or person.state == "erased":
            continue
        line, column = person.mark("side")
        if not person.basis or not says(person.basis_evidence):
            yield ask(
                person.path,
                "basis",
                "You keep notes on a private person without saying on what ground.",
                "Add consent with its evidence (`basis: consent`, `basis_evidence: form of 2026-11-02`), or keep the "
                "public handle and nothing else.",
                line=line,
                column=column,
            )
        yield ask(
            person.path,
            "side",
            "A person outside stands in content/, whose history cannot forget them when they ask.",
            "Move the file to data/private/contacts/ and take it out of the history while it is new.",
            line=line,
            column=column,
        )
        if person.do_not_contact and person.next_step:
            yield ask(
                person.path,
                "next_step",
                "They asked to be left alone, and a next step is planned.",
                "Take `next_step:` out.",
                line=person.line("next_step"),
            )
    for system in book.all(System):
        if system.personal_data and not is_over(system) and not says(system.legal_basis):
            yield ask(
                system,
                "personal_data",
                f"{system.name} holds data about people, and nobody has written on what ground; the first of them who asks "
                "has a right to know.",
                "Add `legal_basis: consent`, or the contract or interest it stands on, and let legal read it.",
            )
