"""A comparison with a named competitor compares like with like, by a dated proof."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose, tier
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_COMPARES = pattern(
    r"\b(?:than|unlike|versus|vs\.?|compared (?:to|with)|as opposed to|instead of|beats?|alternative to|replaces?|switch(?:ing|ed)? from"
    r"|als|anders als|im gegensatz zu|statt|verglichen mit|gegenüber)\b"
)


@rule(
    "competitor-fair",
    level=Level.BLOCK,
    about="A comparison with a named competitor is like with like, and dated.",
    source="Directive 2006/114/EC",
    waive="L",
    alone=True,
)
def competitor_fair(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find comparisons with a named competitor that no dated comparison proves."""
    rivals = tier.rivals(book)
    if rivals is None:
        return
    names, firsts = rivals
    for view in posts.views(book):
        if view.words.isdisjoint(firsts):
            continue
        if any(message.comparative and any(proof.date for proof in message.proof) for message in view.messages):
            continue
        for said in view.said:
            for sentence in prose.sentences(said.prose.bare):
                found = names.search(sentence.text)
                if found and _COMPARES.search(sentence.text.lower()):
                    yield ask(
                        view.post, said.field,
                        f"This compares us with {found[0]}, and the post names no comparison that could be checked: "
                        "like with like, measured on a day.",
                        "Name a message with `comparative: true` and dated proof, or say only what we do.",
                        **posts.where(said, sentence.start + found.start()),
                    )  # fmt: skip
                    break
