"""An approved post says when it goes out, or that it goes out on merge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.judging import mistyped
from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule("post-time", level=Level.BLOCK, about="An approved post says when it goes out, or on-merge.")
def post_time(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find approved posts without a time."""
    told = mistyped(book)
    for view in posts.views(book):
        post = view.post
        if post.publish_at is not None or not post.is_ready or (post.path, "publish_at") in told or post.relative_to:
            continue
        if post.evergreen and post.evergreen.from_:
            continue
        tomorrow = (now + timedelta(days=1)).astimezone(book.settings.team.zone)
        yield ask(
            post, "status",
            "This post is approved and says no time, so it would wait for ever and nobody would miss it.",
            f"Write `publish_at: {tomorrow:%Y-%m-%d} 09:30`, or `publish_at: on-merge` if it should go out the moment it is "
            "merged.",
        )  # fmt: skip
