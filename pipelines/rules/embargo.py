"""Nothing goes out before the latest embargo of the post, its campaign and its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule("embargo", level=Level.BLOCK, about="Nothing goes out before the latest embargo on it.", waive="L")
def embargo(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts whose time lies before an embargo."""
    for view in posts.views(book):
        post = view.post
        if view.sent:
            continue
        ends = [(post.embargo_until, "the post")] if post.embargo_until else []
        if view.campaign and view.campaign.embargo_until:
            ends.append((view.campaign.embargo_until, f"the campaign {view.campaign.name}"))
        ends += [(m.embargo_until, f"the message {m.name}") for m in view.messages if m.embargo_until]
        if not ends:
            continue
        last, whose = max(ends, key=lambda row: row[0])
        if (view.at is not None and view.at < last) or (post.publish_at == "on-merge" and now < last):
            when = posts.local(book, view.at) if view.at else "as soon as it is merged"
            yield ask(
                post, "publish_at",
                f"It goes out {'on ' if view.at else ''}{when}, and the embargo of {whose} ends on {posts.local(book, last)}.",
                f"Write `publish_at: {posts.written(book, last)}` or later.",
            )  # fmt: skip
