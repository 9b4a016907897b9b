"""A grave incident closes with what was learnt from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Incident, Report
from signalbook.rule import Ask, rule


@rule("incident-close", level=Level.BLOCK, source="PagerDuty incident documentation",
      about="S1 and S2 close with an after-action that has an action with owner and date, or with the sentence why not.")  # fmt: skip
def incident_close(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find incidents that were closed as if nothing had been."""
    for incident in book.all(Incident):
        if incident.state != "closed":
            continue
        if incident.closed_at is None:
            yield ask(
                incident, "status", "Closed, and nobody says when; how long it lasted cannot be told.",
                "Add `closed_at:` with day and time.", level=Level.WARN if ask.level is Level.BLOCK else ask.level,
            )  # fmt: skip
        if incident.severity not in {"S1", "S2"} or says(incident.nothing_to_change, least=4):
            continue
        report = book.get(Report, incident.after_action)
        if report is None and incident.after_action:
            continue  # the reference leads nowhere, and its own rule says so
        if report is None:
            yield ask(
                incident, "status",
                f"An {incident.severity} is closed without an after-action: the same will happen again, and somebody will "
                "ask what we learnt.",
                "Write the review as a report with at least one action that has an owner and a date, and name it: "
                "`after_action: …`; or write `nothing_to_change: Nothing to change, because …`.",
            )  # fmt: skip
        elif not any(row.of and says(row.what) and row.by for row in report.asks):
            yield ask(
                incident, "after_action",
                f"The after-action {report.slug} asks nobody for anything, so nothing will be different.",
                "Add an action with owner and date to the report's `asks:`, or write "
                "`nothing_to_change: Nothing to change, because …` here.",
            )  # fmt: skip
