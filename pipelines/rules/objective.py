"""A post serves an objective, its own or its campaign's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import mistyped
from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Objective
from signalbook.rule import Ask, rule


@rule(
    "objective",
    level=Level.WARN,
    about="A post serves an objective, its own or its campaign's.",
    source="AMEC: plan from the goal",
    waive="A",
    alone=True,
)
def objective(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find approved posts that serve nothing."""
    known = book.all(Objective)
    told = mistyped(book)
    for view in posts.views(book):
        post = view.post
        if (
            not post.is_ready
            or post.objective
            or (post.path, "objective") in told
            or (view.campaign and view.campaign.objectives)
        ):
            continue
        example = known[0].slug if known else "its-name"
        yield ask(
            post, "status",
            "The post serves no objective, so nobody will be able to say whether it was worth the hours.",
            f"Write `objective: {example}`, or put the post into a campaign that has one.",
        )  # fmt: skip
