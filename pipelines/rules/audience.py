"""A post is for an audience, its own or its campaign's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import mistyped
from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Audience
from signalbook.rule import Ask, rule


@rule(
    "audience",
    level=Level.WARN,
    about="A post is for an audience, its own or its campaign's.",
    source="AMEC: plan from the goal",
    waive="A",
    alone=True,
)
def audience(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find approved posts that are for nobody in particular."""
    known = book.all(Audience)
    told = mistyped(book)
    for view in posts.views(book):
        post = view.post
        if (
            not post.is_ready
            or post.audience
            or (post.path, "audience") in told
            or (view.campaign and view.campaign.audiences_served)
        ):
            continue
        example = known[0].slug if known else "its-name"
        yield ask(
            post, "status",
            "The post does not say whom it is for, so nobody can judge its words or its hour.",
            f"Write `audience: {example}`, or put the post into a campaign that has one.",
        )  # fmt: skip
