"""A number or a comparison that somebody could challenge names the message that proves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_FIRST = frozenset(
    """than als twice half percent prozent times doppelt halb climate-neutral carbon-neutral climate carbon klimaneutral co2-neutral
    eco-friendly environmentally-friendly environmentally umweltfreundlich biodegradable compostable recyclable zero-emission
    emission-free biologisch risk-free risikofrei proven nachweislich erwiesen guaranteed garantiert""".split()
)
_SIGNS = ("%", "×", "mal so", "fach", "neutral", "umweltfreundlich", "abbaubar", "risikofrei")
_TIMES = ("x more", "x less", "x as", "x faster", "x better", "x cheaper", "x mehr", "x so")
_CLAIM = pattern(
    r"(?P<number>(?<![\w.,])\d[\d.,]*\s?(?:%|percent\b|per cent\b|prozent\b)(?!\s*(?:off|discount|rabatt|reduced|deposit)\b)(?:\s+(?:faster|slower|cheaper|more|less|fewer|better|safer|higher|lower|longer|shorter|quicker|schneller|langsamer|günstiger|billiger|mehr|weniger|besser|sicherer|höher|niedriger|länger|kürzer)\b)?)"
    r"|(?P<times>\b\d[\d.,]*\s?(?:x|×|times|-?mal|-fach)\s+(?:as|more|less|fewer|faster|cheaper|better|safer|smaller|larger|mehr|weniger|schneller|günstiger|besser|so)\b[^.!?\n]{0,20})"
    r"|(?P<double>\b(?:twice|half|doppelt|halb)\s+(?:as|so)\s+[a-zäöüß]+\s+(?:as|wie)\b)"
    r"|(?P<than>\b(?:faster|cheaper|safer|better|quicker|easier|smaller|lighter|stronger|healthier|greener|fewer \w+|less \w+|more \w+)"
    r" than (?:any|every|all|other|others|the competition|our competitors|the rest|most)\b[^.!?\n]{0,20})"
    r"|(?P<als>\b(?:schneller|günstiger|billiger|sicherer|besser|einfacher|kleiner|leichter|gesünder|mehr \w+|weniger \w+)"
    r" als (?:jede[rsn]?|alle|andere|die konkurrenz|der wettbewerb|die meisten)\b[^.!?\n]{0,20})"
    r"|(?P<green>\b(?:climate|carbon|co2)[- ]?neutral\b|\bklimaneutral\w*|\beco-?friendly\b|\benvironmentally[- ]friendly\b"
    r"|\bumweltfreundlich\w*|\b(?:100 ?% |fully |voll )?(?:biodegradable|compostable|recyclable)\b|\bbiologisch abbaubar\w*"
    r"|\bzero[- ]emissions?\b|\bemission-free\b)"
    r"|(?P<safe>\b(?:completely|absolutely|totally|perfectly) (?:safe|secure|harmless)\b|\b(?:absolut|völlig|vollkommen) (?:sicher|harmlos)\b"
    r"|\brisk-free\b|\brisikofrei\w*|\b(?:clinically|scientifically) proven\b|\bproven to\b|\bnachweislich\b|\b(?:klinisch|wissenschaftlich) erwiesen\b"
    r"|\bguaranteed to\b)"
)
_WHY = {
    "green": "is a green claim: law asks for proof that covers the whole of it",
    "safe": "promises safety, and somebody may act on it",
}


@rule(
    "claim-proof", level=Level.BLOCK, waive="L", source="advertising law; Directive (EU) 2024/825 for green claims",
    about="A number, a comparison, a green or a safety claim names the message that proves it.",
    alone=True,
)  # fmt: skip
def claim_proof(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find claims in posts that name no claim."""
    for view in posts.views(book):
        if view.post.messages and any(
            message.type in {"claim", "promise"} or message.proof for message in view.messages
        ):
            continue
        told: set[str] = set()
        for said in view.said:
            if said.prose.words.isdisjoint(_FIRST) and not _signs(said.prose.low):
                continue
            for found in _CLAIM.finditer(said.prose.low):
                words = prose.short(said.prose.bare[found.start() : found.end()])
                if words.lower() in told:
                    continue
                told.add(words.lower())
                why = _WHY.get(str(found.lastgroup), "states a fact that a competitor or a reader could challenge")
                yield ask(
                    view.post, said.field, f"“{words}” {why}, and the post names no message that proves it.",
                    "Name it: `messages: [the-claim]`; or say it without the number or the comparison.",
                    **posts.where(said, found.start()),
                )  # fmt: skip


def _signs(low: str) -> bool:
    return prose.holds(low, _SIGNS) or ("x " in low and prose.holds(low, _TIMES))
