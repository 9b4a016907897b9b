"""A plan answers both questions: what it is to do, and how it should work for those who carry it out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Plan
from signalbook.rule import Ask, rule


@rule(
    "plan-questions",
    level=Level.WARN,
    about="A plan says what it is to do and how it should work; an active one that does not blocks.",
    waive="A",
)
def plan_questions(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find plans that leave one of the two questions open."""
    for plan in book.all(Plan):
        if is_over(plan) or plan.unreadable:
            continue
        level = Level.BLOCK if plan.is_ready and ask.level is Level.WARN else ask.level
        if not says(plan.want, least=4):
            yield ask(
                plan,
                "want",
                "The plan does not yet say what it is for, so nobody can tell later whether it did it.",
                "Answer in one sentence a shopkeeper would understand, with who does what differently at the end: "
                "`want: Two hundred neighbours order breakfast with us once by 31 January`.",
                level=level,
            )
        if not says(plan.work, least=4):
            yield ask(
                plan,
                "work",
                "The plan does not yet say how it should work for those who carry it out, so each of them will do it "
                "differently.",
                "Name the steps from what we do to what people do: "
                "`work: Posts lead to the booking page, bookings tell us who came`.",
                level=level,
            )
