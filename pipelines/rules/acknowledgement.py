"""An acknowledgement is somebody's own act about a version that exists, or has a witness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import says, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Acknowledgement, Message, Playbook, Policy
from signalbook.rule import Ask, rule


@rule("acknowledgement", level=Level.BLOCK,
      about="An acknowledgement is about a version that exists, one's own act or witnessed by another.")  # fmt: skip
def acknowledgement(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find evidence that shows nothing."""
    day = today(book, now)
    for ack in book.all(Acknowledgement):
        if ack.unreadable:
            continue
        about = book.find((Policy, Playbook, Message), ack.of) if ack.of else None
        version = getattr(about, "version", None)
        if about is not None and version is not None and ack.version is not None and ack.version > version:
            yield ask(
                ack, "version",
                f"This says that version {ack.version} was read, and {about.name} is at version {version}: nobody can have.",
                f"Write `version: {version}`, or the newer version first.",
            )  # fmt: skip
        if ack.state == "exempt":
            if not says(ack.reason):
                yield ask(ack, "status", "Somebody is exempt, and nobody says why.", "Add `reason:` in one sentence.")
            continue
        if ack.how and ack.how != "own-commit" and not ack.witness:
            yield ask(
                ack, "how",
                f"A {ack.how.replace('-', ' ')} shows nothing by itself; somebody must have seen it.",
                "Add `witness:` with the role that keeps the list or led the training.",
            )  # fmt: skip
        elif ack.witness and ack.witness == ack.by and ack.how != "own-commit":
            yield ask(ack, "witness", "Nobody is a witness of their own reading.", "Name the role that saw it.")
        if ack.how == "own-commit" and ack.by and ack.owner and ack.owner != ack.by:
            yield ask(
                ack, "owner",
                f"{book.person(ack.owner)} wrote down that {book.person(ack.by)} has read this; nobody reads for somebody else.",
                f"Let {book.person(ack.by)} add it (`owner: {ack.by}`), or write how it is known and a `witness:`.",
            )  # fmt: skip
        if ack.on and ack.on > day:
            yield ask(
                ack, "on", f"Read on {ack.on}, which is still to come.", f"Write the day it was read: `on: {day}`."
            )
