"""How bad is it, and why? Points for what is seen, a floor for what must never be played down.

The points and floors are those of the team's practice; each judgement carries the sentences that make it up, so that a
person can check it line by line. Raising is anybody's; lowering takes a reason and stays with people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from signalbook.classes import dataclass

Level = Literal["S1", "S2", "S3", "S4"]
Voice = Literal["none", "trade", "national"]
Matter = Literal["routine", "quality", "money", "law"]

LEVELS: Final[tuple[tuple[int, Level], ...]] = ((70, "S1"), (45, "S2"), (25, "S3"), (0, "S4"))
"""At least so many points → the level; S1 is the worst."""
_VOICE: Final[Mapping[str, tuple[int, str]]] = {
    "none": (0, "no strong voice"),
    "trade": (10, "a strong voice in the topic, or the trade press"),
    "national": (20, "national press, an authority or an official"),
}
_MATTER: Final[Mapping[str, tuple[int, str]]] = {
    "routine": (0, "a routine matter"),
    "quality": (8, "the quality of what we make"),
    "money": (12, "money or a contract"),
    "law": (20, "data, safety, discrimination or law"),
}
FLOORS: Final[Mapping[str, tuple[Level, str]]] = {
    "death": ("S1", "death or grave injury"),
    "injury": ("S2", "a credible report of harm to somebody"),
    "personal-data": ("S2", "personal data"),
    "authority": ("S2", "an authority asks"),
    "executive": ("S3", "our own executive's words"),
}
"""What is claimed → the level it is at least, whatever the points; it ends when the claim is disproved."""


@dataclass(frozen=True, slots=True)
class Severity:
    """A judgement.

    Attributes:
        level: S1 (worst) to S4.
        points: 0 to 100.
        parts: name → points, in the order they are asked.
        floor: the floor that decided, empty when the points did.
        why: a sentence a part, and one for what held the level up or down.
    """

    level: Level
    points: int
    parts: Mapping[str, int]
    floor: str
    why: tuple[str, ...]


def judge(
    *,
    sources: int,
    times_usual: float,
    voice: Voice = "none",
    negative: int = 0,
    rated: int = 0,
    matter: Matter = "routine",
    claims: frozenset[str] = frozenset(),
    echo: bool = True,
) -> Severity:
    """Judge what is seen now.

    ``sources`` are independent sources in the last 24 hours; ``times_usual`` the last hour by its baseline; ``negative`` of
    ``rated`` mentions are negative; ``claims`` are keys of ``FLOORS`` that are credible and not disproved; ``echo`` is false
    where one voice stands alone, which without a floor is at most S3.

    Raises:
        ValueError: a number is below nothing, more are negative than rated, or a claim is unknown.
    """
    if sources < 0 or times_usual < 0 or not 0 <= negative <= rated:
        message = "sources and speed are at least 0, and at most all rated mentions are negative"
        raise ValueError(message)
    if unknown := claims - set(FLOORS):
        message = f"no such claim: {', '.join(sorted(unknown))} (known: {', '.join(FLOORS)})"
        raise ValueError(message)
    spread = _step(sources, ((3, 0), (10, 10), (50, 20)), 30)
    speed = _step(times_usual, ((2, 0), (4, 8), (8, 14)), 20)
    share = negative / rated if rated else 0.0
    tone = 0 if share < 0.4 else 5 if share <= 0.7 else 10
    parts = {
        "spread": spread,
        "speed": speed,
        "voice": _VOICE[voice][0],
        "tone": tone,
        "sensitivity": _MATTER[matter][0],
    }
    points = sum(parts.values())
    level = next(name for least, name in LEVELS if points >= least)
    why = [
        f"{sources} independent {'source' if sources == 1 else 'sources'} in 24 hours: {spread}.",
        f"The last hour is {times_usual:g} times the usual: {speed}.",
        f"{_VOICE[voice][1].capitalize()}: {parts['voice']}.",
        f"{negative} of {rated} rated are negative ({share:.0%}): {tone}." if rated else "None is rated yet: 0.",
        f"It is about {_MATTER[matter][1]}: {parts['sensitivity']}.",
    ]
    deciding = min((claim for claim in claims), key=lambda claim: FLOORS[claim][0], default="")
    if not echo and level < "S3":
        why.append(f"One voice without an echo is at most S3; the points alone say {level}.")
        level = "S3"
    floor = ""
    if deciding and FLOORS[deciding][0] < level:
        floor, level = deciding, FLOORS[deciding][0]
        why.append(f"{FLOORS[deciding][1].capitalize()} is at least {level}, whatever the points.")
    return Severity(level, points, parts, floor, tuple(why))


def _step(value: float, steps: tuple[tuple[float, int], ...], most: int) -> int:
    """The points of the first step that a value lies below, else the most."""
    return next((points for below, points in steps if value < below), most)


def worse(one: Level, other: Level) -> Level:
    """The higher of two levels; unsure means the higher."""
    return min(one, other)
