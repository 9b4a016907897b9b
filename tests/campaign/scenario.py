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


def draw(rng: Random, moments: Sequence[float], channels: Sequence[str] = CHANNELS) -> Scenario:
    """A scenario by chance: one to three posts, and up to three changes, most of them while a run is at work.

    Args:
        moments: when runs begin.
    """
    posts = []
    for number in range(rng.choice((1, 1, 2, 3))):
        chosen = tuple(sorted(rng.sample(channels, rng.choice((1, 1, 2, 3))), key=CHANNELS.index))
        parts = tuple(f"Post {number}, part {part}." for part in range(1, rng.choice((1, 1, 1, 2, 3)) + 1))
        posts.append(Copy(f"post-{number}", rng.uniform(0, 10 * MINUTE), parts, chosen))
    if len(posts) > 1 and rng.random() < 0.1:
        # The same words twice: a look must not take the one for the other.
        posts[1] = replace(posts[1], parts=posts[0].parts)
    versions = [Version(-HOUR, tuple(posts))]
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        near = rng.choice(moments) + rng.uniform(0, 15) if rng.random() < 0.6 else rng.uniform(0, 12 * MINUTE)
        versions.append(_changed(rng, versions[-1], max(near, versions[-1].at + 1)))
    return Scenario(tuple(sorted(versions, key=lambda version: version.at)))


def _changed(rng: Random, before: Version, at: float) -> Version:
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
        contents: the hash that each of those receipts gives of what went out.
        claims: when each claim landed on the branch, with the run that made it and its attempt.
    """

    state: str
    ids: tuple[str, ...]
    contents: tuple[str, ...] = ()
    claims: tuple[tuple[float, str, int], ...] = ()


def judge(
    scenario: Scenario, services: Mapping[str, Service], proofs: Mapping[str, Proof], *, late_s: float, clocks_s: float,
    told: Iterable[tuple[str, str]] = (),
) -> list[str]:  # fmt: skip
    """What is wrong, each in a sentence that begins with the sort of fault; empty when all is well.

    Args:
        late_s: when it ended.
        clocks_s: so far a machine's clock may be wrong, and with it what «now» is in «due» and «from».
        told: which delivery each run believed to have claimed.
    """
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
            wrong += _out_of_order(key, thing, by_key)
        wrong += _misnoted(key, things, proofs.get(key))
    for service in services.values():
        for thing in service.asked:
            wrong += _forbidden(scenario, thing.key, thing, proofs.get(thing.key), clocks_s)
    for key, proof in proofs.items():
        if len({attempt for _, _, attempt in proof.claims}) < len(proof.claims):
            wrong.append(f"claimed twice: {key} has two claims that call themselves the same attempt")
    for key, run in told:
        if key not in proofs or run not in {name for _, name, _ in proofs[key].claims}:
            wrong.append(f"not claimed: {run} believed that it had {key}, and the branch does not know")
    wanted = {key: (copy, channel) for copy in scenario.last.posts for key, channel, _ in copy.deliveries()}
    for key in sorted({*wanted, *by_key}):
        if key in wanted and key not in by_key and _waits(key, proofs):
            continue
        wrong += _account(scenario, key, wanted.get(key), by_key.get(key, []), proofs.get(key), late_s, clocks_s)
    return wrong


def _forbidden(scenario: Scenario, key: str, thing: Thing, proof: Proof | None, clocks_s: float) -> list[str]:
    """A request may start only for what was approved and free when its run last read the main branch, after its claim."""
    slug, channel, number = _apart(key)
    claims = proof.claims if proof else ()
    claimed, mine = max(
        ((at, n) for at, run, n in claims if run == thing.by and at <= thing.asked_at), default=(None, 0)
    )
    if any(attempt > mine > 0 and at < thing.told_at for at, _, attempt in claims):
        return [f"forbidden: {key} was asked for at {thing.asked_at:.1f} by {thing.by}, and another run had it by then"]
    if claimed is None:
        return []  # a publisher that claims nothing is judged by its duplicates
    if thing.read_at < claimed:
        return [f"forbidden: {key} went out at {thing.asked_at:.1f}, and nobody had looked for a hold since the claim"]
    version = scenario.main(thing.read_at)
    copy = next(copy for copy in version.posts if copy.slug == slug)
    parts = copy.parts_on(channel)
    reason = ""
    if copy.status != "approved":
        reason = f"it was {copy.status}"
    elif copy.due_s > thing.asked_at + clocks_s:
        reason = "its time had not come"
    elif any(
        stop.covers(channel, thing.read_at - clocks_s) and stop.covers(channel, thing.read_at) for stop in version.stops
    ):
        reason = "a hold covered it"
    elif number > len(parts) or parts[number - 1] != thing.text:
        reason = "other words were approved"
    return [f"forbidden: {key} went out at {thing.asked_at:.1f}, though {reason}"] if reason else []


def _apart(key: str) -> tuple[str, str, int]:
    slug, channel, *part = key.split("/")
    return slug, channel, int(part[0]) if part else 1


def _misnoted(key: str, things: Sequence[Thing], proof: Proof | None) -> list[str]:
    """A receipt says what is out, and not what somebody meant to send."""
    noted = {text for text in (proof.contents if proof else ()) if text}
    told = {thing.content for thing in things}
    if noted and told and not noted <= told:
        return [f"misnoted: {key} has a receipt for other words than those that went out"]
    return []


def _out_of_order(key: str, thing: Thing, by_key: Mapping[str, Sequence[Thing]]) -> list[str]:
    """A later part of a thread follows the one before it."""
    slug, channel, part = _apart(key)
    if part == 1:
        return []
    before = f"{slug}/{channel}" + (f"/{part - 1}" if part > 2 else "")
    if any(earlier.at <= thing.asked_at for earlier in by_key.get(before, ())):
        return []
    return [f"forbidden: {key} went out at {thing.asked_at:.1f}, before the part it follows"]


def _account(
    scenario: Scenario, key: str, wanted: tuple[Copy, str] | None, things: Sequence[Thing], proof: Proof | None,
    late_s: float, clocks_s: float,
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
    if state == "missed" and clocks_s > FAR_OFF_S:
        # To a machine whose clock is that wrong it was too late, or a hold was open: it says so, and a person decides.
        return []
    return [f"lost: {key} was approved and due, and is {state}"]


FAR_OFF_S = 60
"""Clocks that may be wrong by more than this make a delivery wait for a person; none is sent twice, none is silently lost."""


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
    # A hold whose end was written anew, and later, covers what was due before it.
    held = any(
        stop.covers(channel, at)
        for version in over
        for stop in version.stops
        for at in (copy.due_s, max(copy.due_s, version.at))
    )
    stopped = any(c.status != "approved" for v in scenario.versions for c in v.posts if c.slug == copy.slug)
    return held or stopped or any(version.what == "move" for version in scenario.versions)
