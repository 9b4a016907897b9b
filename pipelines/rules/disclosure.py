"""Whoever is connected to the subject says so in the post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import mistyped
from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person
from signalbook.pattern import pattern
from signalbook.posts import View
from signalbook.rule import Ask, rule

_WORDS = frozenset(
    [
        "sponsored",
        "sponsor",
        "ad",
        "anzeige",
        "werbung",
        "advertisement",
        "gifted",
        "paid",
        "affiliate",
        "bezahlte",
        "gesponsert",
        "promotion",
    ]
)
_SAYS = pattern(
    r"(?<!\w)#(?:ad|anzeige|werbung|sponsored|gifted|paidpartnership|affiliate)\b|\bsponsored by\b|\bpaid partnership\b|\bgesponsert von\b"
    r"|\bbezahlte partnerschaft\b|\baffiliate links?\b|^\s*(?:ad|anzeige|werbung)\s*[:|–-]",
    re.MULTILINE,
)
_RELATIONS = {"gifted": "gifted", "paid": "paid", "employee-family": "employee", "investor": "partner"}


@rule(
    "disclosure", level=Level.BLOCK, source="FTC Endorsement Guides; UCPD; ASA and CMA guidance",
    about="The author's connection to the subject is said in the post.",
    alone=True,
)  # fmt: skip
def disclosure(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find posts that do not say a connection they have."""
    told = mistyped(book)
    for view in posts.views(book):
        post = view.post
        if post.disclosure is None:
            if post.is_ready and (post.path, "disclosure") not in told:
                yield ask(
                    post, "status",
                    "The post does not say whether its author is connected to what it is about, so nothing will be disclosed.",
                    "Write `disclosure: not-needed` when we speak for ourselves; else employee, gifted, paid, affiliate or partner.",
                )  # fmt: skip
            continue
        if post.disclosure == "not-needed":
            yield from _needed(book, view, ask)


def _needed(book: Book, view: View, ask: Ask) -> Iterator[Finding]:
    post = view.post
    author = book.get(Person, post.author)
    if author and author.side == "outside" and (relation := _RELATIONS.get(author.relation or "")):
        yield ask(
            post, "disclosure",
            f"{author.name} speaks here and is connected to us ({author.relation}); readers would weigh the words differently.",
            f"Write `disclosure: {relation}`; the words are put first on every channel.",
        )  # fmt: skip
    elif post.partner:
        yield ask(
            post, "disclosure",
            f"The post is made with {prose.short(post.partner)} and says that nothing needs to be disclosed.",
            "Write `disclosure: partner`, or `paid` when money changed hands.",
        )  # fmt: skip
    if not view.words.isdisjoint(_WORDS):
        for said in view.said:
            if found := _SAYS.search(said.prose.low):
                yield ask(
                    post, said.field,
                    f"The copy says “{found[0].strip()}” and the post says that nothing needs to be disclosed; one of them is wrong.",
                    "Set `disclosure: paid` (or gifted, affiliate, partner) and take the words out: they are put first on every channel.",
                    **posts.where(said, found.start()),
                )  # fmt: skip
                return
