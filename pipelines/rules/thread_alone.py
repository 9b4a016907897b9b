"""The first part of a thread makes sense to somebody who sees nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import copytext, posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_HANGS = (":", "…", "...", "👇", "🧵", "⬇", "⬇️", "1/", "↓", "(thread)", "thread", ",")


@rule("thread-alone", level=Level.INFORM, about="A thread's first part makes sense alone.", alone=True)
def thread_alone(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find threads whose first part only announces the rest; one finding a stretch of copy."""
    for view in posts.views(book):
        for said in view.said:
            if said.field or "---" not in said.text:
                continue
            if not any(channel.connector in copytext.THREAD_CONNECTORS for channel in said.channels):
                continue
            found = copytext.split_thread(said.text, said.line)
            if len(found) < 2:
                continue
            text = found[0].text.rstrip()
            end = text.lower().rstrip("\ufe0f")
            if len(prose.words(text)) < 6 or end.endswith(_HANGS):
                yield ask(
                    view.post, "",
                    f"Most people see only the first part of a thread, and this one ends at “{prose.short(text[-40:].lstrip(), 40)}”.",
                    "Let it say the point; the other parts then say why.", line=found[0].line,
                )  # fmt: skip
