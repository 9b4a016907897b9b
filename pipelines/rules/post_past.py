"""A change does not approve a post for a time that is already over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from signalbook import frontmatter, history, posts
from signalbook.book import Book
from signalbook.decode import decode
from signalbook.errors import UsageError
from signalbook.findings import Finding, Level
from signalbook.model import Post
from signalbook.rule import Ask, rule


@rule("post-past", level=Level.BLOCK, about="A change approves no post for a time already over (with --base only).")
def post_past(book: Book, now: datetime, ask: Ask) -> Iterable[Finding]:  # noqa: ARG001 - a rule's shape
    """Find nothing: what a change does is only known against a base; see ``since``."""
    return ()


def since(book: Book, now: datetime, base: str) -> list[Finding]:
    """Find posts that a change since ``base`` approves for a time before ``now``, and of which nothing was sent.

    Raises:
        UsageError: ``base`` is no revision of this repository.
    """
    enforced = book.enforced("post-past")
    ask = Ask("post-past", Level(enforced.level) if enforced and enforced.level else Level.BLOCK, {})
    late = [
        view
        for view in posts.views(book)
        if view.post.is_ready and not view.sent and view.at is not None and view.at < now
    ]
    changed = changed_since(book, base, [view.post for view in late])
    return [
        ask(
            view.post, "publish_at",
            f"This change approves the post for {posts.local(book, view.at)}, which is over; it would be missed at once.",
            "Give it a time that is still to come, or `status: cancelled`.",
        )
        for view in late
        if view.post in changed and view.at
    ]  # fmt: skip


def changed_since(book: Book, base: str, rows: list[Post]) -> list[Post]:
    """The posts among ``rows`` that were not approved for the same time in ``base``.

    Raises:
        UsageError: ``base`` is no revision of this repository.
    """
    commit = history.revision(book.workspace, base)
    if commit is None:
        message = history.no_revision(book.workspace, base)
        raise UsageError(f"--base: {message}")
    return [post for post in rows if _approved_for(book, commit, post) != post.publish_at]


def _approved_for(book: Book, commit: str, post: Post) -> object:
    """What the front matter at a commit says of the time; ``None`` when the post was not approved there."""
    data = history.file_at(book.workspace, commit, post.path)
    text, trouble = frontmatter.text_of(data or b"")
    values = {} if trouble else frontmatter.split(text).values
    if values.get("status") != "approved":
        return None
    document, _ = decode(Post, values, zone=book.settings.team.zone, slug=post.slug, path=post.path)
    return document.publish_at
