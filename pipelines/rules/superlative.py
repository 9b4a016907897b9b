"""“The first”, “the only”, “the best” have a dated source that covers the whole market named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.posts import Said
from signalbook.rule import Ask, rule

_USUAL = frozenset("first only best leading largest biggest fastest cheapest safest greenest finest most".split())
_RARE = frozenset(
    """unrivalled unmatched unbeatable unbeaten best-in-class world-class world-leading market-leading leader leading erste erster erstes
    ersten einzige einziger einziges einzigen beste bester bestes besten führende führender führenden größte größter größten schnellste
    schnellsten günstigste günstigsten sicherste sichersten nr marktführer unschlagbar konkurrenzlos weltweit europaweit deutschlandweit
    nummer""".split()
)
_PLACES = frozenset(
    "world world's world’s europe europe's germany germany's market market's industry's class kind country's city's".split()
)
_THING = (
    r"(?:tool|app|product|software|platform|service|system|solution|company|agency|brand|provider|shop|store|bakery|restaurant|hotel|"
    r"device|phone|car|bank|school|university|museum|network|calendar|newsletter|magazine|team|choice|price|offer|quality)s?\b"
)
_DING = (
    r"(?:werkzeug|app|produkt|software|plattform|dienst|dienstleister|system|lösung|firma|unternehmen|agentur|marke|anbieter|laden|"
    r"geschäft|bäckerei|restaurant|hotel|gerät|bank|schule|universität|museum|netzwerk|kalender|newsletter|magazin|wahl|preis|angebot|"
    r"qualität)\w{0,2}\b"
)
_BEST = r"(?:best|leading|largest|biggest|fastest|cheapest|safest|greenest|finest|most (?!of\b)\w+)"
_CLAIM = pattern(
    rf"\b(?:the|our) (?:first|only|{_BEST})(?: and only)? (?:(?!at |of |in |on |for |to )[\w-]+ ){{0,2}}?{_THING}(?! (?:we|that we|i|you) )"
    rf"|\b(?:world|europe|germany|britain|industry|market|country|city)['’]s (?:first|only|number one|{_BEST})\b"
    rf"|\b(?:first|only|{_BEST}) (?:[\w-]+ ){{0,2}}?(?:in the world|on the market|in europe|in germany|in its class|of its kind)\b"
    r"|\bnumber one (?:in|for|choice)\b|\bno\. ?1 (?:in|for)\b|\bmarket leader\b|\bleading provider\b|\bsecond to none\b"
    r"|\b(?:unrivalled|unmatched|unbeatable|unbeaten|best-in-class|world-class|world-leading|market-leading)\b"
    rf"|\b(?:de[rnm]|die|das|unsere?[rsnm]?) (?:erste|einzige|beste|führende|größte|schnellste|günstigste|sicherste)[rsnm]? (?:[\w-]+ ){{0,2}}?{_DING}"
    r"|\b(?:weltweit|europaweit|deutschlandweit) (?:erste|einzige|beste|führende|größte)\w?\b|\bmarktführer\w*|\b(?:nummer|nr\.?) ?(?:1|eins) (?:in|für|der)\b"
    r"|\b(?:unschlagbar|konkurrenzlos)\w*"
)


@rule(
    "superlative",
    level=Level.BLOCK,
    about="“First”, “only” and “best” have a dated source that covers the market named.",
    source="advertising law",
    waive="L",
    alone=True,
)
def superlative(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find superlatives in posts that name no proven one."""
    for view in posts.views(book):
        if not _perhaps(view.words, view.said):
            continue
        if any(
            message.superlative and any(proof.date and proof.covers for proof in message.proof)
            for message in view.messages
        ):
            continue
        for said in view.said:
            if _perhaps(said.prose.words, (said,)) and (found := _CLAIM.search(said.prose.low)):
                words = prose.short(said.prose.bare[found.start() : found.end()])
                yield ask(
                    view.post, said.field,
                    f"“{words}” says that nobody else comes near, which takes a dated source for the whole market named.",
                    "Name a message with `superlative: true` and its proof, or say what you can show.",
                    **posts.where(said, found.start()),
                )  # fmt: skip


def _perhaps(words: frozenset[str], said: Iterable[Said]) -> bool:
    """Whether a closer look is worth its time: these words are common, and what they claim is rare."""
    if (
        not words.isdisjoint(_RARE)
        or ("number" in words and "one" in words)
        or ("no" in words and "1" in words)
        or ("second" in words and "none" in words)
    ):
        return True
    for part in said:
        low = part.prose.low
        if "unschlagbar" in low or "konkurrenzlos" in low or "marktführer" in low:
            return True
    if words.isdisjoint(_USUAL):
        return False
    if not words.isdisjoint(_PLACES):
        return True
    usual = words & _USUAL
    return any(f"the {word}" in part.prose.low or f"our {word}" in part.prose.low for word in usual for part in said)
