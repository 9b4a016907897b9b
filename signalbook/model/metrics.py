"""What a number means, so that nobody argues about it later."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from signalbook.model.base import Document, Ref, may, must, ready
from signalbook.model.declared import declared


@declared
class Break:
    """A day from which on the numbers are not comparable."""

    on: date | None = must("the day")
    what: str | None = must("what changed")


@declared
class Metric(Document):
    """One number's meaning."""

    KIND: ClassVar[str] = "metric"
    FOLDER: ClassVar[str] = "metrics"
    PLURAL: ClassVar[str] = "Metrics"
    ABOUT: ClassVar[str] = "One number's meaning, its source, and what it must not be used for."
    READY: ClassVar[frozenset[str]] = frozenset({"in-use"})

    status: Literal["proposed", "in-use", "deprecated"] | None = may("proposed if absent")
    means: str | None = must("what it says, in one sentence")
    formula: str | None = must("how it is computed")
    unit: Literal["count", "people", "percent", "ratio", "money", "duration", "score"] | None = must(
        "what it counts", rule="metric-unit"
    )
    grain: Literal["post", "day", "week", "month", "quarter", "campaign", "incident"] | None = must("over what")
    stage: Literal["input", "output", "out-take", "outcome", "impact", "process"] | None = must(
        "where it stands in the AMEC chain"
    )
    source: str | None = must("where it comes from")
    as_named_there: str | None = may("what it is called there")
    adds: Literal["sum", "last", "mean", "never"] | None = may("how days become weeks")
    direction: Literal["up", "down", "none"] | None = must("which way is good")
    informs: str | None = must("the decision it serves")
    not_for: str | None = must("what it must not be used for", rule="metric-not-for")
    vanity: bool | None = must("whether it flatters without informing")
    paid: Literal["organic", "paid", "both"] | None = may("organic, paid or both")
    starts_on: date | None = may("the first day with numbers")
    breaks: tuple[Break, ...] = may("days from which on numbers are not comparable", default=())
    min_n: int | None = may("below this it is not shown")
    readings: str | None = may("the readings' own name, if it differs from the slug with underscores")
    currency: str | None = may("ISO 4217, for money")
    successor: Ref[Metric] | None = may("what replaces it")
    expect_every: str | None = may("how often a number should come, e.g. 7d")
    how_to_get: str | None = ready("what to do to get a first number")
