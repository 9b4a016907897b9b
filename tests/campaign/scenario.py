"""What a team wants in one schedule: posts, the changes people commit meanwhile, and what must hold in the end.

A scenario is the main branch as a list of versions. It says what was approved when, and so it can judge, from nothing but
what the services hold and what the ledger says, whether every delivery happened once.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.campaign.world import HOUR, MINUTE, Service, Thing

CHANNELS = ("keyed", "hour", "looks", "mute")
"""Each is named after how its service recognises a repeat; see ``world.Service``."""
CLOCKS_S = 45.0
"""So far a machine's clock may be wrong, and with it what «now» is in «due» and «from»."""
THREADED = frozenset({"keyed", "hour"})
"""Those with threads."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A post as a version of the main branch has it.

    Attributes:
        due_s: when it goes out, in world time.
        parts: its text; more than one makes a thread on the channel that has threads.
    """

    slug: str
    due_s: float
    parts: tuple[str, ...]
    channels: tuple[str, ...]
    status: str = "approved"

    def deliveries(self) -> Iterable[tuple[str, str, int]]:
        """Every delivery: its key, its channel, its part."""
        for channel in self.channels:
            for part in range(1, len(self.parts_on(channel)) + 1):
                yield f"{self.slug}/{channel}" + (f"/{part}" if part > 1 else ""), channel, part

    def parts_on(self, channel: str) -> tuple[str, ...]:
        """What goes out there, part by part."""
        return self.parts if channel in THREADED else ("\n\n---\n\n".join(self.parts),)


@dataclass(frozen=True, slots=True)
class Stop:
    """A hold as a version of the main branch has it. No channels: all of them."""

    slug: str
    from_s: float
    released_s: float | None = None
    channels: tuple[str, ...] = ()

    def covers(self, channel: str, at: float) -> bool:
        """Whether it stops a channel at a time."""
        inside = self.from_s <= at and (self.released_s is None or at < self.released_s)
        return inside and (not self.channels or channel in self.channels)


@dataclass(frozen=True, slots=True)
class Version:
    """The main branch from a time on."""

    at: float
    posts: tuple[Copy, ...]
    stops: tuple[Stop, ...] = ()
    what: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The main branch's versions, oldest first."""

    versions: tuple[Version, ...]

    def main(self, at: float) -> Version:
        """The version that stood there at a time."""
        return self.versions[max(0, bisect.bisect_right([v.at for v in self.versions], at) - 1)]

    @property
    def last(self) -> Version:
        return self.versions[-1]


def draw(rng: Random, *, calm: bool = False) -> Scenario:
    """A scenario by chance: one to three posts, and up to three changes while runners race."""
    posts = []
    for number in range(rng.choice((1, 1, 2, 3))):
        channels = tuple(sorted(rng.sample(CHANNELS, rng.choice((1, 1, 2, 3))), key=CHANNELS.index))
        parts = tuple(f"Post {number}, part {part}." for part in range(1, rng.choice((1, 1, 1, 2, 3)) + 1))
        posts.append(Copy(f"post-{number}", rng.uniform(0, 10 * MINUTE), parts, channels))
    if len(posts) > 1 and rng.random() < 0.1:
        # The same words twice: a look must not take the one for the other.
        posts[1] = replace(posts[1], parts=posts[0].parts)
    versions = [Version(-HOUR, tuple(posts))]
    for _ in range(0 if calm else rng.choice((0, 0, 1, 1, 2, 3))):
        versions.append(_changed(rng, versions[-1]))
    return Scenario(tuple(sorted(versions, key=lambda version: version.at)))


def _changed(rng: Random, before: Version) -> Version:
    at = max(before.at, 0) + rng.uniform(0, 12 * MINUTE)
    what = rng.choice(("edit", "hold", "hold", "release", "cancel", "unapprove", "move"))
    posts, number = list(before.posts), rng.randrange(len(before.posts))
    chosen = posts[number]
    if what == "edit":
        posts[number] = replace(chosen, parts=tuple(f"{part} Changed at {at:.0f}." for part in chosen.parts))
    elif what == "cancel":
        posts[number] = replace(chosen, status="cancelled")
    elif what == "unapprove":
        posts[number] = replace(chosen, status="draft")
    elif what == "move":
        posts[number] = replace(chosen, due_s=chosen.due_s + rng.uniform(-5, 30) * MINUTE)
    elif what == "hold":
        channels = (rng.choice(CHANNELS),) if rng.random() < 0.4 else ()
        hold = Stop(f"hold-{len(before.stops) + 1}", at, None, channels)
        return Version(at, before.posts, (*before.stops, hold), what)
    elif before.stops:
        stops = (*before.stops[:-1], replace(before.stops[-1], released_s=at))
        return Version(at, before.posts, stops, what)
    return Version(at, tuple(posts), before.stops, what)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the ledger says of one delivery in the end: its state, its receipts' ids, and the landing of its claims.

    Attributes:
        claims: when each claim landed on the branch, with the run that made it.
    """

    state: str
    ids: tuple[str, ...]
    claims: tuple[tuple[float, str], ...] = ()


def judge(
    scenario: Scenario, services: Mapping[str, Service], proofs: Mapping[str, Proof], *, late_s: float
) -> list[str]:
    """What is wrong, each in a sentence that begins with the sort of fault; empty when all is well."""
    wrong: list[str] = []
    by_key: dict[str, list[Thing]] = defaultdict(list)
    for service in services.values():
        for thing in service.things:
            by_key[thing.key].append(thing)
    for key, things in by_key.items():
        if len(things) > 1:
            times = ", ".join(f"{thing.id} at {thing.at:.1f} by {thing.by}" for thing in things)
            wrong.append(f"duplicate: {key} went out {len(things)} times ({times})")
        for thing in things:
            wrong += _forbidden(scenario, key, thing, proofs.get(key))
    wanted = {key: (copy, channel) for copy in scenario.last.posts for key, channel, _ in copy.deliveries()}
    for key in sorted({*wanted, *by_key}):
        if key in wanted and key not in by_key and _waits(key, proofs):
            continue
        wrong += _account(scenario, key, wanted.get(key), by_key.get(key, []), proofs.get(key), late_s)
    return wrong


def _forbidden(scenario: Scenario, key: str, thing: Thing, proof: Proof | None) -> list[str]:
    """A request may start only for what was approved and free when the claim behind it landed, or later."""
    slug, _, rest = key.partition("/")
    channel, _, part = rest.partition("/")
    claimed = max((at for at, run in (proof.claims if proof else ()) if run == thing.by and at <= thing.asked_at),
                  default=None)  # fmt: skip
    if claimed is None:
        return []  # a publisher that claims nothing is judged by its duplicates
    fitting = [version for version in scenario.versions if claimed < version.at <= thing.asked_at]
    fitting.append(scenario.main(claimed))
    reasons = []
    for version in fitting:
        copy = next(copy for copy in version.posts if copy.slug == slug)
        text = (*copy.parts_on(channel), "")[min(int(part or 1), len(copy.parts_on(channel)) + 1) - 1]
        if copy.status != "approved":
            reasons.append(f"it was {copy.status}")
        elif copy.due_s > thing.asked_at + CLOCKS_S:
            reasons.append("its time had not come")
        elif any(stop.covers(channel, thing.asked_at - CLOCKS_S) for stop in version.stops):
            reasons.append("a hold covered it")
        elif text != thing.text:
            reasons.append("other words were approved")
        else:
            return []
    return [f"forbidden: {key} went out at {thing.asked_at:.1f}, claimed at {claimed:.1f}, though {reasons[0]}"]


def _account(
    scenario: Scenario, key: str, wanted: tuple[Copy, str] | None, things: Sequence[Thing], proof: Proof | None,
    late_s: float,
) -> list[str]:  # fmt: skip
    """What the service holds and what the ledger says must be one story, and what was due must be in it."""
    state = proof.state if proof else "absent"
    ids = set(proof.ids) if proof else set()
    if things and state not in {"published", "unknown", "withdrawn"} and not ids & {thing.id for thing in things}:
        return [f"unrecorded: {key} is out as {things[0].id}, and the ledger calls it {state}"]
    if ids and not ids & {thing.id for thing in things}:
        return [f"phantom: {key} has a receipt for {', '.join(sorted(ids))}, which is not what went out"]
    if state == "published" and not things:
        return [f"phantom: {key} is called published, and the service does not hold it"]
    if things or wanted is None:
        return []
    copy, channel = wanted
    if state == "unknown" and (channel == "mute" or _edited(scenario, copy) or _has_twin(scenario, copy)):
        return []
    if _kept_back(scenario, copy, channel, late_s):
        return []
    return [f"lost: {key} was approved and due, and is {state}"]


def _waits(key: str, proofs: Mapping[str, Proof]) -> bool:
    """Whether it is a later part of a thread of which an earlier one waits for a person, and is not told to be out."""
    slug, channel, *part = key.split("/")
    first = f"{slug}/{channel}"
    before = [first, *(f"{first}/{number}" for number in range(2, int(part[0])))] if part else []
    stuck = any(proofs[name].state in {"unknown", "missed", "failed"} for name in before if name in proofs)
    return stuck and key in proofs and proofs[key].state != "published"


def _edited(scenario: Scenario, copy: Copy) -> bool:
    """Whether its words or its time changed on the way: what went out under the old ones may be beyond finding."""
    return len({(c.parts, c.due_s) for v in scenario.versions for c in v.posts if c.slug == copy.slug}) > 1


def _has_twin(scenario: Scenario, copy: Copy) -> bool:
    """Whether another post says the same: what a look finds may be the one or the other."""
    return any(c.slug != copy.slug and c.parts == copy.parts for v in scenario.versions for c in v.posts)


def _kept_back(scenario: Scenario, copy: Copy, channel: str, late_s: float) -> bool:
    """Whether people had a reason in the end, or on the way, why a run would not send it by itself."""
    if copy.status != "approved" or copy.due_s > late_s:
        return True
    after = [version for version in scenario.versions if version.at >= copy.due_s]
    over = (scenario.main(copy.due_s), *after)
    held = any(stop.covers(channel, max(copy.due_s, version.at)) for version in over for stop in version.stops)
    stopped = any(c.status != "approved" for v in scenario.versions for c in v.posts if c.slug == copy.slug)
    return held or stopped or any(version.what == "move" for version in scenario.versions)
