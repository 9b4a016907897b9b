"""Every chart and every number that a page asks for can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import fence as fences
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule(
    "fence",
    level=Level.BLOCK,
    about="A chart or kpi block names a metric, a period and a chart that exist; a query can be answered.",
)
def fence(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find blocks that would show a note instead of a chart."""
    texts = [(doc.path, doc.body, doc.body_line) for doc in book.everything() if not doc.unreadable]
    for path, body, first in [*texts, *((page.path, page.body, page.body_line) for page in book.pages)]:
        for block in fences.find(body):
            _, problems = fences.read(book, block.lang, block.source, now)
            for problem in problems:
                line = first + block.line - 1 + problem.line
                yield ask(path, problem.field, problem.message, problem.remedy, line=line)
