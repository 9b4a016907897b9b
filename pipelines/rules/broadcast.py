"""A channel on which we only speak and never answer is a loudspeaker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from signalbook import posts
from signalbook.book import Book
from signalbook.copytext import HTML_CONNECTORS
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_TALKS = frozenset({"reply", "quote", "repost", "spotlight", "help-offered", "reactive"})


@rule(
    "broadcast",
    level=Level.INFORM,
    about="Over 28 days a network's posts also ask, answer or credit others.",
    waive="A",
)
def broadcast(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find networks whose next 28 days hold nothing but our own announcements."""
    most = int(ask.limit("most", 90))
    end = now + timedelta(days=28)
    counted: dict[str, list[int]] = {}
    for view in posts.views(book):
        if view.post.status == "idea" or not view.at or not now <= view.at < end:
            continue
        talks = view.post.mix == "conversation" or view.post.type in _TALKS
        for channel in view.channels:
            if channel.connector not in HTML_CONNECTORS and channel.connector != "console":
                row = counted.setdefault(channel.key, [0, 0])
                row[0] += 1
                row[1] += talks
    for key, (total, talking) in sorted(counted.items()):
        share = round(100 * (total - talking) / total)
        if total >= 8 and share > most:
            channel = book.settings.channels[key]
            yield ask(
                "signalbook.toml", f"channels.{key}",
                f"{channel.name}: {total - talking} of the {total} posts of the next 28 days only announce; nobody is asked or credited.",
                "Plan a question, an answer or a spotlight on somebody else.",
                line=posts.settings_line(book, f"channels.{key}"),
            )  # fmt: skip
