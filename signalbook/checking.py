"""Ask every registered rule, apply the waivers: the findings of a Book."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from signalbook import registry
from signalbook.book import Book
from signalbook.findings import Finding, Level, ordered
from signalbook.model import Document
from signalbook.rule import Rule, waived

GROUP = "signalbook.rules"


def rules() -> Mapping[str, Rule]:
    """Every registered rule by its id."""
    return {found.name: found for _, found in registry.everything(GROUP)}


def findings(book: Book, now: datetime, *, only: Mapping[str, Rule] | None = None) -> list[Finding]:
    """Everything wrong with a Book at ``now``, in order of place.

    Documents whose front matter cannot be read are left to the finding that says so.
    """
    asked = rules() if only is None else only
    unreadable = {doc.path for doc in book.everything() if doc.unreadable}
    found = list(book.findings)
    for rule in asked.values():
        found += [finding for finding in rule(book, now) if finding.path not in unreadable]
    return ordered(list(waived(found, book, asked, now)))


def of(document: Document, found: list[Finding]) -> list[Finding]:
    """The findings in one document."""
    return [finding for finding in found if finding.path == document.path]


def counted(found: list[Finding]) -> dict[Level, int]:
    """How many findings of each level are not waived."""
    return {level: sum(1 for f in found if f.level is level and not f.waived) for level in Level}
