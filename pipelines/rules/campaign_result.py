"""A campaign that has ended is decided: scale, keep or stop, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import counted, says, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Campaign
from signalbook.rule import Ask, rule


@rule(
    "campaign-result",
    level=Level.WARN,
    about="A campaign is decided within 30 days of its end: scale, keep or stop, and why.",
    waive="A",
)
def campaign_result(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find campaigns that ended without a decision."""
    day = today(book, now)
    days = ask.limit("days", 30)
    for campaign in book.all(Campaign):
        result = campaign.result
        if result and result.decision and says(result.why):
            continue
        remedy = (
            "Write scale, keep or stop, and why; ‘not provable’ is an answer: "
            "`result: {summary: …, decision: stop, on: " + day.isoformat() + ", why: not provable with two sales}`."
        )
        if campaign.state == "closed":
            yield ask(
                campaign,
                "status",
                "The campaign is closed without a decision, so the next one starts where it did.",
                remedy,
            )
            continue
        end = campaign.period.to if campaign.period else None
        if end and campaign.state in {"ready", "live", "stopped"} and (day - end).days > days:
            yield ask(
                campaign,
                "result" if result else "period",
                f"The campaign ended {counted((day - end).days, 'day')} ago without a decision; by now nobody "
                "remembers what else happened that month.",
                remedy,
            )
