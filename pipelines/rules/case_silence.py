"""Not answering is a decision, and it has a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Case
from signalbook.rule import Ask, rule


@rule("case-silence", level=Level.BLOCK, about="A case that ends without an answer says why.")
def case_silence(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find cases that were closed in silence."""
    for case in book.all(Case):
        silent = case.state == "declined" or (
            case.state == "closed" and not (case.answered_at or case.answer or case.hand_off or case.moderated)
        )
        if silent and not says(case.why_silent):
            yield ask(
                case,
                "why_silent" if case.why_silent else "status",
                "Closing without an answer is a decision, and the next person who asks cannot see why it was taken.",
                "Say why: `why_silent: provocation`, ‘already answered at …’, ‘not ours’, or ‘hold’.",
            )
