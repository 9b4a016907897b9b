"""An objective can be missed: it says who does what, from which number to which, by when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, today
from signalbook.book import Book
from signalbook.decode import shortened
from signalbook.findings import Finding, Level
from signalbook.model import Objective
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_VAGUE = pattern(
    r"\b(?:rais|increas|build|creat|driv|boost|improv|grow|strengthen|generat|maximi[sz]|enhanc)\w*\s+(?:\w+\s+){0,3}?"
    r"(?:awareness|visibility|engagement|presence|buzz|profile|image|reputation|publicity|community)\b"
    r"|\b(?:bekanntheit|sichtbarkeit|aufmerksamkeit|reichweite|image)\w*\s+(?:\w+\s+){0,2}?(?:steigern|erhöhen|stärken|verbessern)",
    re.IGNORECASE,
)


@rule(
    "objective-measurable",
    level=Level.BLOCK,
    about="An objective says who does, knows or feels what, from which number to which, by when.",
    source="Barcelona Principles 1",
    waive="A",
)
def objective_measurable(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find objectives that cannot be missed."""
    day = today(book, now)
    for objective in book.all(Objective):
        if is_over(objective):
            continue
        change, start = objective.change or "", objective.baseline
        if found := _VAGUE.search(change):
            yield ask(
                objective,
                "change",
                f"‘{shortened(found[0], 50)}’ cannot be missed, so it cannot be met. Who will say or do what?",
                "Write an audience and what it does, for example ‘30 % of neighbours name us unprompted by 31 January "
                "(now 12 %, n = 210)’.",
            )
        if start and start.value is not None and objective.target is not None and start.value == objective.target:
            yield ask(
                objective,
                "target",
                f"The target of {objective.target:g} is where we already are, so this objective is met by doing nothing.",
                "Write the number that would be worth the work, or, if keeping it is the aim, say so as a guard of "
                "another objective.",
            )
        if start and start.on and objective.by and objective.by <= start.on:
            yield ask(
                objective,
                "by",
                f"The last day, {objective.by}, is not after the baseline's, {start.on}: there is no time in which "
                "anything could change.",
                "Write the day by which the target is to be reached.",
            )
        elif objective.by and objective.by < day and objective.state in {"agreed", "running"}:
            yield ask(
                objective,
                "by",
                f"The last day was {objective.by}, and nobody has said how it ended. Whoever agreed to it is still waiting.",
                "Write `status: met`, `missed` or `dropped`, and a line in `status_note:` with why.",
                level=Level.WARN if ask.level is Level.BLOCK else ask.level,
            )
