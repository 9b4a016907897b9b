"""What is promised in several languages is ready in all of them, and read by a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from signalbook import delivery, posts, tier
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Post
from signalbook.rule import Ask, rule


@rule(
    "locale-parity",
    level=Level.WARN,
    about="All promised languages are ready; none is machine-only from tier 2 on.",
    waive="A",
)
def locale_parity(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find translations that lag behind, and those no person has read."""
    promised = tuple(str(lang) for lang in ask.limit("languages", []))
    by_original: dict[str, list[posts.View]] = {}
    views = posts.views(book)
    for view in views:
        if view.post.translation_of:
            by_original.setdefault(view.post.translation_of, []).append(view)
    for view in views:
        post = view.post
        if post.translation_of:
            original = book.get(Post, post.translation_of)
            if (
                post.translation == "machine"
                and post.status in {"review", "approved"}
                and tier.computed(book, view).number > 1
            ):
                yield ask(
                    post, "translation",
                    f"A machine translated it and nobody has read it; {tier.computed(book, view).why}, so a wrong word would cost us.",
                    "Have somebody who speaks the language read it: `translation: reviewed`.",
                )  # fmt: skip
            if original and original.is_ready and post.status in {"idea", "draft"} and _soon(book, view, original, now):
                yield ask(
                    post, "status",
                    f"The original, {original.name}, is approved and this language is not, so its readers would hear later or never.",
                    "Bring it to review, or cancel it and tell those readers where to look.",
                )  # fmt: skip
        elif promised and post.is_ready and view.ahead(now):
            have = {view.lang, *(other.lang for other in by_original.get(post.slug, ()))}
            missing = [lang for lang in promised if lang.partition("-")[0] not in have]
            if missing:
                yield ask(
                    post, "status", f"It is promised in {', '.join(promised)} and there is no {', '.join(missing)} of it.",
                    f"Write the translation with `translation_of: {post.slug}`.",
                )  # fmt: skip


def _soon(book: Book, view: posts.View, original: Post, now: datetime) -> bool:
    """Whether a translation is late: its time, or without one its original's, comes within a week."""
    at = view.at or delivery.due_at(book, original)
    return not view.sent and at is not None and at <= now + timedelta(days=7)
