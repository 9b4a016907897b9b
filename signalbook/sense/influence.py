"""Whose voice carries, on one topic? Points of 100, with what they are made of.

    30 reach + 25 relevance + 20 engagement + 15 resonance + 10 recency

*Reach* and *engagement* are percentiles among those who spoke on the topic; *relevance* is the share of an account's mentions
that are on it; *resonance* the share of others' repeats that repeat this account, by its percentile; *recency* falls from ten on
the day of the last word to nothing after ninety days. It orders work. It never decides who deserves an answer, and an account
with fewer than a thousand followers that is no outlet has no score: no profiles of ordinary people.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from signalbook.classes import dataclass

FORMULA: Final = (
    "30 × reach percentile + 25 × share of their mentions on the topic + 20 × engagement percentile "
    "+ 15 × resonance percentile (who is repeated) + 10 × recency (1 today, 0 after 90 days), of 100"
)
LEAST_FOLLOWERS: Final = 1_000
STALE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Speaker:
    """One account, as far as it spoke where we listen.

    Attributes:
        who: its pseudonym.
        source: where.
        followers: as the source said last; 0 when it does not say.
        outlet: whether it is a publication (a feed, a press wire) and not a person.
        on_topic: its mentions on the topic.
        in_all: all its mentions.
        engaged: likes, repeats and answers to those on the topic.
        repeated: how many others repeated it on the topic.
        last: when it last spoke on the topic.
    """

    who: str
    source: str
    followers: int
    outlet: bool
    on_topic: int
    in_all: int
    engaged: int
    repeated: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Influence:
    """A score and its parts, each in points.

    Attributes:
        parts: name → points, in the order of the formula.
    """

    who: str
    source: str
    points: int
    parts: tuple[tuple[str, float], ...]


def ranked(speakers: Iterable[Speaker], now: datetime) -> list[Influence]:
    """The accounts whose voice carries, most first; those who may not be scored are left out.

    Percentiles are taken among all who spoke on the topic, also those without a score.
    """
    everyone = [one for one in speakers if one.on_topic > 0]
    reach, engaged, repeated = (
        sorted(getattr(one, name) for one in everyone) for name in ("followers", "engaged", "repeated")
    )
    found = []
    for one in everyone:
        if not one.outlet and one.followers < LEAST_FOLLOWERS:
            continue
        age = max(timedelta(), now - one.last)
        parts = (
            ("reach", 30 * _percentile(reach, one.followers)),
            ("relevance", 25 * one.on_topic / max(one.on_topic, one.in_all)),
            ("engagement", 20 * _percentile(engaged, one.engaged)),
            ("resonance", 15 * _percentile(repeated, one.repeated)),
            ("recency", 10 * max(0.0, 1 - age / STALE)),
        )
        found.append(
            Influence(
                one.who,
                one.source,
                round(sum(points for _, points in parts)),
                tuple((n, round(p, 1)) for n, p in parts),
            )
        )
    return sorted(found, key=lambda one: (-one.points, one.source, one.who))


def _percentile(ordered: Sequence[float], value: float) -> float:
    """The share of the others that lie below; nothing told is nothing, whatever the others have."""
    if value <= 0 or not ordered:
        return 0.0
    return bisect_left(ordered, value) / (len(ordered) - 1) if len(ordered) > 1 else 1.0
