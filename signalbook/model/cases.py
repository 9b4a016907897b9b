"""Conversations that need a human answer, for the few that need a document of their own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from signalbook.model.base import Document, Instant, Ref, may, must
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.people import Person
    from signalbook.model.plans import Message


@declared
class Answer:
    """What was answered."""

    text: str | None = must("the words")
    where: str | None = must("where")
    by: Ref[Person] | None = must("by whom")
    claims: tuple[Ref[Message], ...] = may("the messages it stands on", default=())


@declared
class HandOff:
    """A conversation that goes on elsewhere."""

    private: bool | None = must("whether it goes on in private")
    to: str | None = must("to whom")
    at: Instant | None = must("when")


@declared
class Promise:
    """Something promised."""

    what: str | None = must("what")
    by: date | None = must("by when")


@declared
class Moderated:
    """Something hidden, removed or banned."""

    what: Literal["hidden", "removed", "banned"] | None = must("what was done")
    rule: str | None = must("by which rule")
    by: Ref[Person] | None = must("by whom")
    appeal: str | None = may("what came of an appeal")


@declared
class Case(Document):
    """One conversation that needs a human answer, or a reasoned silence."""

    KIND: ClassVar[str] = "case"
    FOLDER: ClassVar[str] = "cases"
    PLURAL: ClassVar[str] = "Cases"
    ABOUT: ClassVar[str] = "A conversation that needs a human answer, or a reasoned silence."

    type: (
        Literal[
            "complaint",
            "question",
            "correction",
            "suggestion",
            "praise",
            "lead",
            "press",
            "legal",
            "security",
            "safety",
            "moderation",
            "misinformation",
        ]
        | None
    ) = must("what it is")
    severity: Literal["S1", "S2", "S3", "S4"] | None = must("how bad it is")
    status: (
        Literal["new", "owned", "waiting-inside", "waiting-outside", "answered", "closed", "declined", "escalated"]
        | None
    ) = must("where it stands")
    mention: str | None = must("the mention's id and address, never its words")
    received_at: Instant | None = must("when they wrote")
    inside_at: Instant | None = may("when it reached us")
    owned_at: Instant | None = may("when somebody took it")
    answered_at: Instant | None = may("our first human answer")
    closed_at: Instant | None = may("when it ended")
    backup: Ref[Person] | None = may("who stands in")
    due: Instant | None = may("when the answer is due; computed otherwise")
    stage: Literal["need", "explore", "compare", "decide", "use", "advocate"] | None = may("the person's stage")
    touchpoint: str | None = may("where they met us")
    answer: Answer | None = may("what was answered")
    hand_off: HandOff | None = may("where it goes on")
    promise: Promise | None = may("what was promised")
    why_silent: str | None = may("why nothing is answered")
    moderated: Moderated | None = may("what was hidden or removed")
    outcome: Literal["solved", "explained", "no-reply", "lost", "lead", "escalated"] | None = may("how it ended")
    satisfied: Literal["yes", "no", "unknown"] | None = may("whether they were content")
    deadline: Instant | None = may("press: their deadline")
