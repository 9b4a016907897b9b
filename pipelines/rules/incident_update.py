"""In an incident the next word comes when it was promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import at, then
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Duration, Incident, Playbook
from signalbook.rule import Ask, rule


@rule("incident-update", level=Level.WARN, about="Every update of an incident names the next one, and it comes.",
      source="PagerDuty incident documentation; CDC CERC")  # fmt: skip
def incident_update(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find incidents in which people outside wait for a word."""
    for incident in book.all(Incident):
        if incident.state not in {"open", "contained"}:
            continue
        playbook = book.get(Playbook, incident.playbook)
        rhythm = playbook.cadence if playbook else None
        pause = rhythm.then if rhythm and rhythm.then else Duration(30, "m")
        spoken = [(update.at, index, update) for index, update in enumerate(incident.updates) if update.at]
        if not spoken:
            first = rhythm.first if rhythm and rhythm.first else Duration(15, "m")
            since = incident.aware_at or incident.detected_at
            if incident.severity in {"S1", "S2"} and since and not incident.first_word_at and now > then(since, first):
                yield ask(
                    incident, "updates",
                    f"We have known since {at(since, book, now)}, and nothing of ours is public yet; the first word was due "
                    f"at {at(then(since, first), book, now)}.",
                    "Send the holding statement with its slots filled, and add it to `updates:`.",
                )  # fmt: skip
            continue
        _, index, last = max(spoken, key=lambda row: row[:2])
        if last.next_at is None:
            yield ask(
                incident, f"updates.{index}",
                "The last update does not say when the next one comes, so people ask again every minute.",
                f"Add `next_at:`, for example {at(then(now, pause), book, now)}.",
            )  # fmt: skip
        elif last.next_at < now:
            yield ask(
                incident, f"updates.{index}.next_at",
                f"The last update promised word by {at(last.next_at, book, now)}; it is {at(now, book, now)}. Silence is "
                "read as hiding.",
                f"Say ‘no news yet, next at {at(then(now, pause), book, now)}’, and add it to `updates:`.",
            )  # fmt: skip
