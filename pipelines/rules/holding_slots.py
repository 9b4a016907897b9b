"""A holding statement can be filled and sent in minutes: short, with four slots at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pipelines.judging import is_over, listed, words
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Message
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_SLOT = pattern(r"\[([^\[\]]+)\](?!\()")


@rule("holding-slots", level=Level.WARN, source="CDC CERC; own",
      about="A holding statement has 90 words, its short form 240 characters, and four slots: what, since when, what to do, "
            "next time.", waive="A")  # fmt: skip
def holding_slots(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find statements that would take too long to fill or to read."""
    most, short, slots = ask.limit("words", 90), ask.limit("short", 240), ask.limit("slots", 4)
    for message in book.all(Message):
        if message.type != "holding" or is_over(message):
            continue
        for field, lang, text in (*_texts("says", message.says), *_texts("short", message.short)):
            tongue = f" ({lang})" if lang else ""
            path = f"{field}.{lang}" if lang else field
            if field == "says" and (count := words(text)) > most:
                yield ask(
                    message, path,
                    f"The statement{tongue} has {count} words; frightened people read the first two sentences.",
                    f"Cut it to {most} words: what is seen, what we do, what to do now, when the next word comes.",
                )  # fmt: skip
            if field == "short" and len(text) > short:
                yield ask(
                    message, path,
                    f"The short form{tongue} has {len(text)} characters, and slots grow when they are filled; not every "
                    "network takes it.",
                    f"Cut it to {short} characters.",
                )  # fmt: skip
            found = list(dict.fromkeys(slot.strip().lower() for slot in _SLOT.findall(text)))
            if len(found) > slots:
                yield ask(
                    message, path,
                    f"The statement{tongue} has {len(found)} slots to fill ({listed([f'[{slot}]' for slot in found])}). Each one "
                    "is a decision at three in the morning, and an empty one stops sending.",
                    f"Keep {slots}: what, since when, what to do, next time; write the rest out, or leave it out.",
                )  # fmt: skip


def _texts(field: str, value: str | Mapping[str, str] | None) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, str):
        yield field, "", value
    elif value:
        for lang, text in value.items():
            yield field, lang, text
