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
                twice = key in document.channels[:index]
                if key in channels and not twice:
                    continue
                line, column = document.mark(f"channels.{index}")
                if twice:
                    yield ask(
                        document.path, f"channels.{index}", f"“{shortened(key)}” stands here twice; it goes there once.",
                        "Take the second one out, or write the channel that was meant.", line=line, column=column,
                    )  # fmt: skip
                    continue
                listed = [part.strip() for part in key.split(" - ")]
                if len(listed) > 1 and all(part in channels for part in listed):
                    yield ask(
                        document.path, f"channels.{index}",
                        f"“{shortened(key)}” reads as one channel, since its lines begin in different columns.",
                        f"Write `channels: [{', '.join(listed)}]`, or begin each item in the same column.",
                        line=line, column=column,
                    )  # fmt: skip
                    continue
                yield ask(
                    document.path, f"channels.{index}",
                    f"“{shortened(key)}” is not a channel, so nothing would be sent there.{near(key, known)}",
                    f"Write one of: {', '.join(known)}; or add [channels.{shortened(key)}] to signalbook.toml."
                    if known else f"Add [channels.{shortened(key)}] to signalbook.toml.",
                    line=line, column=column,
                )  # fmt: skip
