"""What was learnt is still known: trainings in date, what drills brought up mended, spokespeople trained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from pipelines.judging import after, counted, current, is_over, today, trained_until
from signalbook.book import Book
from signalbook.decode import shortened
from signalbook.findings import Finding, Level
from signalbook.model import Incident, Playbook, Training
from signalbook.rule import Ask, rule


@rule(
    "training-current",
    level=Level.WARN,
    about="Trainings are in date, what a drill brought up is mended, and who is named as spokesperson is trained.",
    waive="L",
)
def training_current(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find trainings that lapsed and spokespeople without one. Statements in a post are judged by ``spokesperson``."""
    day = today(book, now)
    for training in book.all(Training):
        if is_over(training):
            continue
        if training.state in {"held", "valid"}:
            last = max((sitting.on for sitting in training.held if sitting.on), default=None)
            if last is None:
                yield ask(
                    training, "status", f"This is marked {training.state}, and no day on which it was held is written.",
                    "Add `held: [{on: 2026-11-12, lead: social-lead, attended: [writer]}]`, or write `status: planned`.",
                )  # fmt: skip
            else:
                years = 1 if training.for_ == "spokespeople" else 2
                ends = after(last, training.valid_for, days=365 * years)
                if ends < day:
                    yield ask(
                        training, "held",
                        f"{training.name} lapsed on {ends}; those who took part should not be counted on for it any more.",
                        "Hold a refresher and add it to `held:`, or write `status: lapsed`.",
                    )  # fmt: skip
        elif training.planned_on and training.planned_on < day and training.state == "planned" and not training.held:
            yield ask(
                training, "planned_on",
                f"This was planned for {training.planned_on}, and nothing says whether it was held.",
                "Add `held:` with who took part, or write the new day.",
            )  # fmt: skip
        for index, fix in enumerate(training.drill.to_fix if training.drill else ()):
            if fix.due and fix.due < day and not fix.done:
                yield ask(
                    training, f"drill.to_fix.{index}",
                    f"“{shortened(fix.what or '', 60)}” came up in the drill and was to be mended by {fix.due}; the next "
                    "crisis will find it again.",
                    "Mend it and write `done: true`, or write the new day.",
                )  # fmt: skip
    named: dict[str, int] = {}
    for playbook in book.all(Playbook):
        if playbook.state == "approved" and playbook.roles and playbook.roles.spokesperson:
            named[playbook.roles.spokesperson] = named.get(playbook.roles.spokesperson, 0) + 1
    for incident in book.all(Incident):
        if incident.state in {"open", "contained", "monitoring"} and (
            what := _untrained(book, incident.spokesperson, day)
        ):
            yield ask(
                incident, "spokesperson",
                f"{what}, and is to speak for us in this incident.",
                "Choose the deputy, or let somebody trained read every statement first.",
            )  # fmt: skip
    for slug, count in sorted(named.items()):
        person = current(book, slug)
        if person and (what := _untrained(book, slug, day)):
            yield ask(
                person, "roles",
                f"{what}, and is named as spokesperson in {counted(count, 'playbook')}.",
                "Book a session for spokespeople, or name somebody who is trained.",
            )  # fmt: skip


def _untrained(book: Book, slug: str | None, day: date) -> str:
    """Why somebody present should not speak in public today, or nothing."""
    person = current(book, slug)
    if person is None:
        return ""
    ends = trained_until(book, person.slug)
    if ends is None:
        return f"{person.name} has had no training for speaking in public"
    return f"{person.name} was trained for speaking in public until {ends}" if ends < day else ""
