"""Sentences short enough to be read on the way, without words that only insiders use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

LONGEST = {"en": 32, "de": 28}
"""Words in a sentence, by language; German words are longer."""

JARGON = {
    "en": {
        "leverage": "use", "leveraging": "using", "utilise": "use", "utilize": "use", "synergy": "working together",
        "synergies": "working together", "holistic": "whole", "paradigm": "pattern", "onboarding": "getting started",
        "learnings": "what we learnt", "actionable": "that can be used", "ideate": "think", "impactful": "that changes something",
        "incentivise": "encourage", "operationalise": "put to use", "granular": "detailed", "stakeholders": "the people concerned",
    },
    "de": {
        "synergien": "was gemeinsam besser geht", "ganzheitlich": "im Ganzen", "zeitnah": "bis zu einem Tag, der dasteht",
        "proaktiv": "von selbst", "implementieren": "einführen", "priorisieren": "zuerst tun", "nachhaltigkeitsfokussiert": "sparsam",
        "diesbezüglich": "dazu", "hinsichtlich": "zu", "learnings": "was wir gelernt haben", "stakeholder": "die Beteiligten",
    },
}  # fmt: skip


@rule(
    "plain-words",
    level=Level.INFORM,
    about="Sentences are short and words are plain.",
    source="WCAG 2.2, 3.1.5; own",
    waive="A",
    alone=True,
)
def plain_words(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find the longest sentence of a text when it is too long, and jargon."""
    own = ask.limit("jargon", [])
    extra = frozenset(str(word).lower() for word in own)
    hard = {lang: extra.union(words) for lang, words in JARGON.items()}
    longest = {lang: int(ask.limit("sentence", most)) for lang, most in LONGEST.items()}
    usual = int(ask.limit("sentence", 32))
    for view in posts.views(book):
        most = longest.get(view.lang, usual)
        avoided = hard.get(view.lang, extra)
        for said in view.said:
            if len(said.text) > most and _long(said.prose.bare, most):
                found = max(prose.sentences(said.prose.bare), key=lambda sentence: sentence.text.count(" "))
                length = len(prose.words(found.text)) if found.text.count(" ") >= most else 0
                if length > most:
                    yield ask(
                        view.post, said.field,
                        f"A sentence of {length} words, “{prose.short(said.text[found.start : found.end])}”: most readers lose the thread before its end.",
                        f"Make two of it; {most} words are the most.", **posts.where(said, found.start),
                    )  # fmt: skip
            for word in () if avoided.isdisjoint(said.prose.words) else sorted(avoided & said.prose.words):
                better = JARGON.get(view.lang, {}).get(word, "")
                yield ask(
                    view.post, said.field,
                    f"“{word}” is a word of offices; readers outside pass over it.",
                    f"Write “{better}”, or say what it means here." if better else "Say what it means here.",
                    **posts.where(said, max(0, said.prose.low.find(word))),
                )  # fmt: skip


def _long(text: str, most: int) -> bool:
    """Whether a sentence may be longer than that; quick, for most texts have none."""
    for line in text.split("\n"):
        if line.count(" ") >= most:
            for part in line.split(". "):
                if part.count(" ") >= most and any(
                    piece.count(" ") >= most for piece in part.replace("! ", "? ").split("? ")
                ):
                    return True
    return False
