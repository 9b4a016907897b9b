"""A tier may be raised by hand and never lowered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook import tier as tiers
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_WHO = {2: "an approver and the expert", 3: "an approver, legal and the person who speaks"}


@rule("tier", level=Level.BLOCK, about="The tier a post states is not below the one that follows from it.", alone=True)
def tier(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find posts that ask for fewer eyes than they need."""
    for view in posts.views(book):
        if view.post.tier is None:
            continue
        found = tiers.computed(book, view)
        if view.post.tier < found.number:
            yield ask(
                view.post, "tier",
                f"It says tier {view.post.tier} and is tier {found.number}, because {found.why}; {_WHO.get(found.number, 'more people')} "
                "have to say yes.",
                f"Write `tier: {found.number}`, or leave the line out: it is worked out.",
            )  # fmt: skip
