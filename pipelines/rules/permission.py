"""What others made is used with their yes, and with their name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.posts import View
from signalbook.rule import Ask, rule


@rule(
    "permission",
    level=Level.BLOCK,
    about="A re-used post of others has their permission, and credit.",
    source="own; copyright",
    waive="A",
    alone=True,
)
def permission(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find other people's content without a yes, or without their name."""
    for view in posts.views(book):
        post = view.post
        if post.permission is None:
            if post.type in {"quote", "repost"} and not (post.quote_of or post.repost_of):
                yield ask(
                    post, "type",
                    f"A {post.type} that names no original is a copy of somebody else's post, and nothing says that they agreed.",
                    f"Use the network's own way: `{post.type}_of: https://…`; or write down their yes: "
                    "`permission: {from: …, words: …, date: …, evidence: https://…}`.",
                )  # fmt: skip
            elif post.type == "spotlight" and post.media and not any(media.rights for media in post.media):
                yield ask(
                    post, "type",
                    "The post shows somebody else's work with their picture, and nothing says that they agreed.",
                    "Ask them, and write down their yes: `permission: {from: …, words: …, date: …, evidence: https://…}`.",
                )  # fmt: skip
        elif post.permission.from_ and not _credited(view, post.permission.from_):
            yield ask(
                post, "permission.from",
                f"The copy does not name {prose.short(post.permission.from_)}, whose work it is.",
                "Name them where readers see it, with their handle where they have one.",
            )  # fmt: skip


def _credited(view: View, who: str) -> bool:
    names = {word for word in prose.words(who.lower()) if len(word) > 2}
    return not names or not names.isdisjoint(view.words) or any(who.lower() in said.prose.low for said in view.said)
