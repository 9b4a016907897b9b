"""Every channel that a document names is one of the team's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook.book import Book
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Asset, Campaign, Experiment, Post
from signalbook.rule import Ask, rule


@rule("channel", level=Level.BLOCK, about="A channel in a document is a table of signalbook.toml.", alone=True)
def channel(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find channels that signalbook.toml does not know."""
    channels = book.settings.channels
    known = tuple(channels)
    kinds: tuple[type[Post | Campaign | Experiment | Asset], ...] = (Post, Campaign, Experiment, Asset)
    for kind in kinds:
        for document in book.all(kind):
            for index, key in enumerate(document.channels):
                if key in channels:
                    continue
                line, column = document.mark(f"channels.{index}")
                yield ask(
                    document.path, f"channels.{index}",
                    f"“{shortened(key)}” is not a channel, so nothing would be sent there.{near(key, known)}",
                    f"Write one of: {', '.join(known)}; or add [channels.{shortened(key)}] to signalbook.toml."
                    if known else f"Add [channels.{shortened(key)}] to signalbook.toml.",
                    line=line, column=column,
                )  # fmt: skip
