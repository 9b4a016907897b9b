"""What rises? Words and phrases that are said far more often now than before, each by several voices.

A phrase of one to three words rises when its share of the texts of now is well above its share before, by the signed root of the
log-likelihood ratio (Dunning 1993), and enough different voices say it. A longer phrase takes the place of the shorter ones that
it explains.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from signalbook.classes import dataclass
from signalbook.sense.duplicates import _SMALL, words

LEAST_VOICES: Final = 3
"""Fewer voices are no trend, however loud."""
SURE: Final = 3.3
"""The root of the ratio from which a rise is none of chance (one in a thousand)."""
MOST: Final = 20
_MORE_SMALL: Final = frozenset(
    "i you we me my your our us am do does did can will just so if but about what when who how why all there here out up no not dont get "
    "got im its ive more most some any than then too very ich du wir mir mich dir uns ihr sie es er nicht auch nur noch schon wie was wer "
    "wenn aber dass so da hier hat haben wird werden kann mal ja nein bei nach über je tu il elle nous vous qui que pas plus ce cette "
    "amp rt via".split()
)


@dataclass(frozen=True, slots=True)
class Said:
    """A text to look at: who said what when."""

    key: str
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A phrase that rises.

    Attributes:
        phrase: in small letters.
        now: texts of now that hold it.
        before: texts of before that hold it.
        growth: its share now by its share before, both plus half a text.
        voices: how many different voices say it now.
        first_seen: when it was first said in what was looked at.
        first: the key of that mention.
        spreaders: the voices that say it most, most first, five at most.
        score: how little of it is chance.
    """

    phrase: str
    now: int
    before: int
    growth: float
    voices: int
    first_seen: datetime
    first: str
    spreaders: tuple[tuple[str, int], ...]
    score: float


def rising(
    now: Iterable[Said], before: Iterable[Said], *, leaving_out: Iterable[str] = (), most: int = MOST
) -> list[Trend]:
    """The phrases that rise, those that are least chance first.

    ``leaving_out`` are words that are expected, e.g. the names that were searched for.
    """
    expected = frozenset(word for text in leaving_out for word in words(text))
    texts_now, texts_before = list(now), list(before)
    counts: dict[str, list[Said]] = defaultdict(list)
    for said in texts_now:
        for phrase in _phrases(said.text, expected):
            counts[phrase].append(said)
    wanted = {phrase for phrase, found in counts.items() if len({one.who or one.key for one in found}) >= LEAST_VOICES}
    earlier: dict[str, list[Said]] = defaultdict(list)
    for said in texts_before:
        for phrase in _phrases(said.text, expected) & wanted:
            earlier[phrase].append(said)
    found = [_trend(phrase, counts[phrase], earlier[phrase], len(texts_now), len(texts_before)) for phrase in wanted]
    ordered = sorted(
        (one for one in found if one.score >= SURE), key=lambda one: (-one.score, -len(one.phrase), one.phrase)
    )
    # A phrase rises with the words at its ends: else it is an everyday word beside one that rises.
    single = {one.phrase for one in ordered if " " not in one.phrase}
    ordered = [one for one in ordered if {one.phrase.split()[0], one.phrase.split()[-1]} <= single]
    kept: list[Trend] = []
    for one in sorted(ordered, key=lambda one: (-len(one.phrase.split()), -one.score, one.phrase)):
        if not any(f" {one.phrase} " in f" {longer.phrase} " and longer.now >= 0.6 * one.now for longer in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (-one.score, one.phrase))[:most]


def _phrases(text: str, expected: frozenset[str]) -> set[str]:
    found = words(text)[:400]
    phrases = set()
    for length in (1, 2, 3):
        for at in range(len(found) - length + 1):
            part = found[at : at + length]
            if any(_small(word) for word in (part[0], part[-1])) or all(word in expected for word in part):
                continue
            phrases.add(" ".join(part))
    return phrases


def _small(word: str) -> bool:
    return len(word) < 2 or word in _SMALL or word in _MORE_SMALL or word.isdigit()


def _trend(phrase: str, found: list[Said], earlier: list[Said], texts_now: int, texts_before: int) -> Trend:
    share_now = (len(found) + 0.5) / (texts_now + 1)
    share_before = (len(earlier) + 0.5) / (texts_before + 1)
    score = _score(len(found), texts_now, len(earlier), texts_before) if share_now > share_before else 0.0
    voices: dict[str, int] = defaultdict(int)
    for said in found:
        voices[said.who or said.key] += 1
    first = min((*found, *earlier), key=lambda said: (said.at, said.key))
    most = sorted(voices.items(), key=lambda one: (-one[1], one[0]))[:5]
    return Trend(
        phrase, len(found), len(earlier), round(share_now / share_before, 1), len(voices), first.at, first.key, tuple(most),
        round(score, 2),
    )  # fmt: skip


def _score(a: int, all_a: int, b: int, all_b: int) -> float:
    """The root of the log-likelihood ratio of two shares."""
    whole = all_a + all_b
    if not all_a or not all_b:
        return 0.0
    rate = (a + b) / whole
    total = 0.0
    for seen, of in ((a, all_a), (b, all_b)):
        for part, expected in ((seen, of * rate), (of - seen, of * (1 - rate))):
            if part and expected:
                total += part * math.log(part / expected)
    return math.sqrt(max(0.0, 2 * total))
