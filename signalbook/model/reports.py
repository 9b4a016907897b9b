"""What happened, why it may be, what we do next: for one reader."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from signalbook.model.base import Document, Instant, Number, Ref, may, must
from signalbook.model.declared import declared

if TYPE_CHECKING:
    from signalbook.model.metrics import Metric
    from signalbook.model.people import Person


@declared
class BuiltFrom:
    """What a report was computed from."""

    commit: str | None = must("the commit")
    queries: tuple[str, ...] = may("versions of the queries", default=())


@declared
class Became:
    """A decision of last time and what became of it."""

    what: str | None = must("what was decided")
    became: str | None = must("what became of it")


@declared
class Note:
    """A person's note in a report; kept when it is built again."""

    at: Instant | date | None = must("when")
    by: Ref[Person] | None = must("who")
    text: str | None = must("the words")


@declared
class Ask:
    """What we need from somebody."""

    of: Ref[Person] | None = must("whom")
    what: str | None = must("what")
    by: date | None = must("by when")


@declared
class Restated:
    """A number that was corrected."""

    metric: Ref[Metric] | None = must("which")
    was: Number | None = must("what we said")
    is_: Number | None = must("what it is")
    why: str | None = must("why")


@declared
class Report(Document):
    """Built from records, annotated by people."""

    KIND: ClassVar[str] = "report"
    FOLDER: ClassVar[str] = "reports"
    PLURAL: ClassVar[str] = "Reports"
    ABOUT: ClassVar[str] = "What happened, why it may be, what we do next: for one reader."
    READY: ClassVar[frozenset[str]] = frozenset({"approved", "sent"})

    status: Literal["built", "annotated", "approved", "sent", "restated"] | None = may("built if absent")
    kind: Literal["week", "month", "quarter", "campaign", "plan", "incident", "executive"] | None = must(
        "what it covers"
    )
    period: str | None = must("e.g. 2026-W47")
    for_: str | None = must("whom it is for")
    built_from: BuiltFrom | None = must("what it was computed from")
    as_of: Instant | None = must("the moment it describes")
    gaps: tuple[str, ...] = must(
        "what is missing; an empty list says that nothing is", rule="report-gaps", default=None
    )
    decisions_last: tuple[Became, ...] = may("last time's decisions", default=())
    notes: tuple[Note, ...] = may("people's notes, kept on every build", default=())
    asks: tuple[Ask, ...] = may("what we need from whom", default=())
    restated: tuple[Restated, ...] = may("corrected numbers", default=())
    approved_by: tuple[Ref[Person], ...] = may("who let it leave the team", default=())
