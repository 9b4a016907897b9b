"""Emoji stand at the end, few and never in place of a word."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.prose import Found
from signalbook.rule import Ask, rule


@rule(
    "emoji-use", level=Level.WARN, waive="A", source="accessibility guides, e.g. Princeton's for social media",
    about="Emoji never stand for a word or a bullet; three at most, not repeated, at the end.",
    alone=True,
)  # fmt: skip
def emoji_use(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find emoji that are hard to listen to; one finding a text."""
    most = int(ask.limit("at_most", 3))
    for view in posts.views(book):
        if view.plain:
            continue
        for said in view.said:
            found = prose.emoji(said.text)
            wrong = _wrong(said.text, found, most) if found else None
            if wrong:
                at, message, remedy = wrong
                yield ask(view.post, said.field, message, remedy, **posts.where(said, at.start))


def _wrong(text: str, found: tuple[Found, ...], most: int) -> tuple[Found, str, str] | None:
    for one, two in itertools.pairwise(found):
        if one.text == two.text and not text[one.end : two.start].strip():
            return (
                two,
                f"{one.text} stands twice in a row, and a screen reader says its name each time.",
                f"Keep one {one.text}.",
            )
    bullets = [
        one
        for one in found
        if not text[text.rfind("\n", 0, one.start) + 1 : one.start].strip(" >") and _goes_on(text, one)
    ]
    if len(bullets) > 1:
        return (
            bullets[0],
            "Emoji stand as bullets, so every line begins with the name of a picture.",
            "Begin the lines with `- `, or with the word itself.",
        )
    for one in found:
        before, after = text[: one.start].rstrip(" "), text[one.end :].lstrip(" ")
        if before[-1:].isalpha() and after[:1].islower():
            return (
                one,
                f"{one.text} stands in the middle of a sentence, where it is read aloud by its name and may be taken for a word.",
                "Write the word, and put the emoji at the end if you want to keep it.",
            )
    if len(found) > most:
        return (
            found[most],
            f"{len(found)} emoji in one text: each is read aloud by its name.",
            f"Keep {most} at most, at the end.",
        )
    return None


def _goes_on(text: str, one: Found) -> bool:
    return text[one.end : one.end + 2].strip("\ufe0f")[:1] == " " and text[one.end : one.end + 40].strip()[:1].isalnum()
