"""Each action of a plan has somebody, a day and a number that moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, listed, says
from signalbook.book import Book
from signalbook.decode import shortened
from signalbook.findings import Finding, Level
from signalbook.model import Plan
from signalbook.rule import Ask, rule

_WANTED = {
    "owner": ("no owner", "owner: writer"),
    "due": ("no day", "due: 2026-12-11"),
    "measure": ("no measure", "measure: clicks"),
}


@rule(
    "action-complete", level=Level.BLOCK, about="Each action of a plan says what, who, by when, and which metric moves."
)
def action_complete(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find actions that are wishes."""
    told = {(finding.path, finding.field) for finding in book.findings}
    for plan in book.all(Plan):
        if is_over(plan):
            continue
        for index, action in enumerate(plan.actions):
            field = f"actions.{index}"
            name = f"Action {index + 1}" + (f" “{shortened(action.what, 50)}”" if action.what else "")
            if action.status == "dropped":
                if not says(action.why):
                    yield ask(
                        plan, f"{field}.status",
                        f"{name} was dropped without a word why; whoever asked for it reads this page.",
                        "Add `why:` with the reason, in one sentence.", level=Level.WARN,
                    )  # fmt: skip
                continue
            if not action.what and (plan.path, f"{field}.what") not in told:
                yield ask(
                    plan, field, f"{name} does not say what is done.", "Add `what:` with the step in a few words."
                )
            lacking = [
                key for key in _WANTED if getattr(action, key) is None and (plan.path, f"{field}.{key}") not in told
            ]
            if lacking:
                yield ask(
                    plan,
                    field,
                    f"{name} has {listed([_WANTED[key][0] for key in lacking])}. Nobody could say afterwards whether it "
                    "was done or what it did.",
                    f"Add {listed([f'`{_WANTED[key][1]}`' for key in lacking])}, or make it a note in the text.",
                )
