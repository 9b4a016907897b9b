"""No tracking words on links from our own site to our own site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, tracking
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule(
    "utm-internal",
    level=Level.BLOCK,
    about="No tracking words on links inside our own site.",
    source="analytics practice",
    alone=True,
)
def utm_internal(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find tracking words in what we publish on our own site that lead to our own site."""
    own = book.settings.own_domains
    if not own:
        return
    for view in posts.views(book):
        for said in view.said:
            if "utm_" not in said.text or not any(
                _ours(channel.connector, channel.url, own) for channel in said.channels
            ):
                continue
            for link in said.prose.links:
                if "utm_" in link.text and tracking.within(tracking.host_of(link.text), own):
                    yield ask(
                        view.post, said.field,
                        "This link leads from our site to our site and has tracking words, which make every reader who follows it look "
                        "like a new visit from nowhere.",
                        f"Write `{link.text.partition('?')[0]}`.", **posts.where(said, link.start),
                    )  # fmt: skip


def _ours(connector: str, url: str, own: tuple[str, ...]) -> bool:
    return connector in {"feed", "wordpress"} and tracking.within(tracking.host_of(url), own)
