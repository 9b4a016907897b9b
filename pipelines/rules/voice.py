"""Words we do not use, as the voice policy and the do-not-say messages name them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Message
from signalbook.rule import Ask, rule


@rule(
    "voice",
    level=Level.WARN,
    about="Copy keeps to the voice guide: its words to avoid, its tones.",
    source="the voice policy",
    waive="A",
    alone=True,
)
def voice(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find words that the team decided not to use."""
    avoid = _avoided(book, ask)
    tones = tuple(str(tone) for tone in ask.limit("tones", []))
    pattern, firsts = _compiled(tuple(sorted(avoid))) if avoid else (None, frozenset())
    for view in posts.views(book):
        if tones and view.post.is_ready and view.post.tone not in tones:
            yield ask(
                view.post, "tone",
                f"“{prose.short(view.post.tone)}” is no tone of the voice guide." if view.post.tone
                else "The post does not say which tone of the voice guide it is in, so a reviewer cannot tell whether it keeps to it.",
                f"Write `tone:` with one of: {', '.join(tones)}.",
            )  # fmt: skip
        if pattern is None or view.words.isdisjoint(firsts):
            continue
        for said in view.said:
            if said.prose.words.isdisjoint(firsts):
                continue
            seen: set[str] = set()
            for found in pattern.finditer(said.prose.low):
                word = found[0]
                if word in seen:
                    continue
                seen.add(word)
                why = avoid.get(" ".join(word.split()), "")
                yield ask(
                    view.post, said.field,
                    f"“{said.prose.bare[found.start() : found.end()]}” is among the words we do not use.",
                    why or "Say what happens instead; the voice policy has examples.", **posts.where(said, found.start()),
                )  # fmt: skip


def _avoided(book: Book, ask: Ask) -> dict[str, str]:
    """Phrase in small letters → what to do instead."""
    found = {str(word).lower(): "" for word in ask.limit("avoid", []) if str(word).strip()}
    for message in book.all(Message):
        if message.type == "do-not-say" and message.status == "approved" and message.says:
            texts = [message.says] if isinstance(message.says, str) else list(message.says.values())
            short = message.short if isinstance(message.short, str) else ""
            for text in texts:
                if text.strip() and len(text) <= 60:
                    found[text.lower().strip()] = short
    return found


@functools.lru_cache(maxsize=4)
def _compiled(avoid: tuple[str, ...]) -> tuple[re.Pattern[str], frozenset[str]]:
    longest = sorted(avoid, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest)
    firsts = frozenset(words[0].lower() for phrase in avoid if (words := prose.words(phrase)))
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), firsts
