"""On a channel for experts, whoever does the work writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person
from signalbook.rule import Ask, rule


@rule(
    "expert-wrote",
    level=Level.WARN,
    about="On an expert channel the author does the work they write about.",
    waive="A",
    alone=True,
)
def expert_wrote(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find posts on expert channels by somebody who publishes and does not practise.

    A channel is one for experts when its table says ``expert = true``, or the policy lists it under ``channels``.
    """
    listed = frozenset(str(key) for key in ask.limit("channels", []))
    expert = {
        key for key, channel in book.settings.channels.items() if channel.more.get("expert") is True or key in listed
    }
    if not expert:
        return
    for view in posts.views(book):
        found = next((channel for channel in view.channels if channel.key in expert), None)
        author = book.get(Person, view.post.author) if found else None
        if found and author and not author.practitioner:
            yield ask(
                view.post, "author",
                f"{found.name} is where experts speak, and {author.name} does not do the work; readers there notice.",
                "Let somebody who does it write or sign it: `author:` with a role that has `practitioner: true`.",
            )  # fmt: skip
