"""A query can be read the way it was meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook.book import Book
from signalbook.decode import shortened
from signalbook.findings import Finding, Level
from signalbook.model import Competitor, Message, Subject, Watch
from signalbook.rule import Ask, rule


@rule(
    "query",
    level=Level.BLOCK,
    about="Quotation marks and parentheses of a query are closed, and its operators are known.",
)
def query(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find queries that would find nothing, or everything."""
    for watch in book.all(Watch):
        if watch.query and not is_over(watch) and (fault := wrong(watch.query)):
            yield ask(watch, "query", *fault)
    documents: tuple[Subject | Competitor | Message, ...] = (
        *book.all(Subject),
        *book.all(Competitor),
        *book.all(Message),
    )
    for document in documents:
        for index, text in enumerate(() if is_over(document) else document.queries):
            if fault := wrong(text):
                yield ask(document, f"queries.{index}", *fault)


def wrong(text: str) -> tuple[str, str] | None:
    """What a reader of queries would stumble over, and what to write; ``None`` when it can be read."""
    from signalbook.sense import match

    try:
        match.parse(text)
    except match.QueryError as error:
        where = f" at letter {error.column}" if error.column > 1 else ""
        return f"The query {shortened(text, 50)} cannot be read{where}: {error.message}", error.remedy
    return None
