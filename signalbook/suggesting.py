"""Answers that were reviewed beforehand, for what somebody asked: the nearest first, each with its proof and its limits.

Only what is approved and in date is offered. At S1 and S2 it is the incident's lines only: holding statements, none of the
usual answers. Nothing is ever put together from several messages; a person reads, changes and sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

import regex

from signalbook.classes import dataclass
from signalbook.matrix import HARD
from signalbook.model import Message

if TYPE_CHECKING:
    from signalbook.book import Book

MOST: Final = 3
LEAST: Final = 0.12
"""Less in common than this is chance."""
_WORD = regex.compile(r"\p{L}{3,}")
_COMMON = frozenset(
    """the and for you are can does what when how who why where which with this that your from have has not one will there
    its was were all any our use get did but about into they them their been also just more than then der die das und ist ein
    eine wie was wer wann kann mit von für auf sich auch nicht noch wird sind den dem des ihr ihre wir uns man""".split()
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reviewed answer.

    Attributes:
        message: its slug.
        text: in the language of who asked, else in the team's first.
        lang: of the text.
        short: the same in a few words; empty for none.
        proof: what shows that it is true, a line each: kind, source, date, address.
        never: what it must not be stretched to; empty for none.
        hand_off: where the conversation goes on; empty for nowhere else.
        until: the last day it may be said; ``None`` when it says none.
        score: words in common, 0 to 1.
    """

    message: str
    title: str
    text: str
    lang: str
    short: str
    proof: tuple[str, ...]
    never: str
    hand_off: str
    until: date | None
    score: float


def suggest(
    book: Book, text: str, *, lang: str, severity: str, today: date, playbook: Iterable[str] = ()
) -> list[Suggestion]:
    """At most three reviewed answers for a text; ``playbook`` are the statements of the playbook that is followed."""
    asked = words(text)
    statements = set(playbook)
    found = []
    for message in book.all(Message):
        if not sayable(message, today) or message.type in {"do-not-say", None}:
            continue
        if severity in HARD:
            if message.type != "holding" or (statements and message.slug not in statements):
                continue
        elif message.type not in {"answer", "claim", "promise"}:
            continue
        score = max((_common(asked, words(one)) for one in (*message.questions, message.name)), default=0.0)
        if score >= LEAST or severity in HARD:
            said, spoken = text_of(message, lang, book.settings.team.languages)
            found.append(_made(message, said, spoken, score))
    found.sort(key=lambda one: (-one.score, one.message))
    return found[:MOST]


def sayable(message: Message, today: date) -> bool:
    """Whether a message is approved and in date."""
    ends = [day for day in (message.expires, message.review_by) if day]
    return message.state == "approved" and all(day >= today for day in ends) and not message.unreadable


def text_of(message: Message, lang: str, languages: tuple[str, ...]) -> tuple[str, str]:
    """What a message says, and in which language: that of who asked, else the team's first that it has."""
    return _in(message.says, lang, languages)


def _in(value: str | Mapping[str, str] | None, lang: str, languages: tuple[str, ...]) -> tuple[str, str]:
    if not isinstance(value, Mapping):
        return value or "", languages[0] if languages else ""
    for wanted in (lang, lang.partition("-")[0], *languages):
        if wanted and wanted in value:
            return str(value[wanted]), wanted
    return next(((str(text), name) for name, text in value.items()), ("", ""))


def _made(message: Message, text: str, lang: str, score: float) -> Suggestion:
    proof = tuple(
        ", ".join(str(part) for part in (one.kind, one.source, one.date, one.url) if part) for one in message.proof
    )
    ends = [day for day in (message.expires, message.review_by) if day]
    return Suggestion(
        message.slug, message.name, text, lang, _in(message.short, lang, (lang,))[0], proof, message.never or "",
        "" if message.hand_off in {None, "none"} else str(message.hand_off), min(ends, default=None), round(score, 2),
    )  # fmt: skip


def words(text: str) -> frozenset[str]:
    """The words that carry a question, cut to their beginnings so that one word's forms are one."""
    return frozenset(word[:6] for word in _WORD.findall(text.casefold()[:5_000]) if word not in _COMMON)


def _common(one: frozenset[str], other: frozenset[str]) -> float:
    """Words in common, by the shorter of the two; one shared word of a long question says little."""
    return len(one & other) / max(min(len(one), len(other)), 3) if one and other else 0.0


__all__ = ["Suggestion", "sayable", "suggest", "text_of"]
