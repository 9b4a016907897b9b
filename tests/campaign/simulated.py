"""Schedules by the thousand: git, services and time in one process.

A schedule draws a scenario, a weather and two to eight runners that start within an hour; then, when all the faults are
over, fair runs until nothing changes any more. What the services hold is judged against what was approved.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from tests.campaign import naive, scenario
from tests.campaign.scenario import CHANNELS, Proof, Scenario
from tests.campaign.world import HOUR, MINUTE, Branch, Runner, Service, Weather, World

WEATHERS: Mapping[str, Weather] = {
    "fair": Weather(),
    "deaths": Weather(kill=0.04),
    "answers lost": Weather(lost=0.3, silent=0.15, kill=0.01),
    "late": Weather(late=0.35, look_fails=0.1),
    "busy": Weather(busy=0.25, refused=0.15),
    "bad remote": Weather(push_rejected=0.12, push_lost=0.15, push_silent=0.12, fetch_fails=0.05),
    "suspended": Weather(stop=0.02, late=0.2),
    "wrong clocks": Weather(skew_s=14, stop=0.01, lost=0.1),
    "clocks far off": Weather(skew_s=20 * MINUTE, stop=0.02, lost=0.1),
    "awake in the last minute": Weather(sleeper="before the request", early=True, late=0.8),
    "asleep in the connector": Weather(sleeper="before the request", kill=0.005),
    "lost and busy": Weather(lost=0.3, busy=0.3),
    "all at once": Weather(
        kill=0.015, stop=0.015, lost=0.12, silent=0.06, late=0.08, busy=0.06, refused=0.05, push_rejected=0.05,
        push_lost=0.05, push_silent=0.05, fetch_fails=0.02, look_fails=0.05, skew_s=14,
    ),
}  # fmt: skip


TOLERATED_S = 15
"""Clocks that are wrong by no more than this are harmless everywhere: two of them differ by less than a look waits beyond
the longest request. With worse ones a delivery is safe where the service knows a repeat, or is never asked twice."""


class Publishing(Protocol):
    """What is put to the test: one run of a publisher, and what its ledger says."""

    lease_s: float

    def run(self, world: World, wanted: Scenario, branch: Branch, services: Mapping[str, Service]) -> None: ...

    def proofs(self, world: World, wanted: Scenario, branch: Branch) -> dict[str, Proof]: ...


@dataclass
class Naive:
    """See ``naive``."""

    lease_s: float = 10 * MINUTE

    def run(self, world: World, wanted: Scenario, branch: Branch, services: Mapping[str, Service]) -> None:
        naive.run(world, wanted, branch, services)

    def proofs(self, world: World, wanted: Scenario, branch: Branch) -> dict[str, Proof]:
        return naive.proofs(branch)


@dataclass
class Tally:
    """What a campaign saw, added up."""

    schedules: int = 0
    deliveries: int = 0
    published: int = 0
    unknown: int = 0
    kept_back: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Add another's."""
        for name in ("schedules", "deliveries", "published", "unknown", "kept_back", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("wrong", "steps", "faults", "kills"):
            getattr(self, name).update(getattr(other, name))
        self.failures += other.failures


def one(
    seed: int, publishing: Publishing, *, weather: str = "", trace: bool = False
) -> tuple[World, list[str], dict[str, Proof]]:
    """Run one schedule; what was wrong with it is empty when all is well. The seed draws the weather unless one is given."""
    rng = Random(seed)
    name = weather or rng.choice(tuple(WEATHERS))
    world = World(rng, WEATHERS[name], stop_s=publishing.lease_s + MINUTE)
    world.tracing = trace
    world.faults[f"weather: {name}"] += 1
    starts = [
        rng.choice((rng.uniform(0, 60), rng.uniform(0, 15 * MINUTE), rng.uniform(0, HOUR)))
        for _ in range(rng.choice((2, 2, 3, 3, 4, 5, 6, 8)))
    ]
    far = world.weather.skew_s > TOLERATED_S
    wanted = scenario.draw(rng, starts, ("keyed", "hour", "mute") if far else CHANNELS)
    branch = Branch(world)
    services = {channel: Service(world, channel, channel) for channel in CHANNELS}

    def start(name: str, at: float) -> Runner:
        runner = Runner(name, rng.uniform(-1, 1) * world.weather.skew_s)
        world.start(runner, lambda: publishing.run(world, wanted, branch, services), at)
        return runner

    runners = [start(f"run-{number + 1}", at) for number, at in enumerate(starts)]
    if world.weather.sleeper:
        rng.choice(runners).stop_at = world.weather.sleeper, 0
    elif rng.random() < 0.75:
        victim, where = rng.choice(runners), (rng.choice(STEPS), rng.choice((0, 0, 0, 1, 2)))
        if rng.random() < 0.5:
            victim.kill_at = where
        else:
            victim.stop_at = where
    heirs = iter(range(1, 4))

    def missed(slept: float) -> None:
        """Whoever dies or sleeps has heirs, as the lease ends and a little later."""
        early = world.weather.early
        if (early or rng.random() < 0.7) and (number := next(heirs, 0)):
            edge = world.now + publishing.lease_s + (rng.uniform(-5, 40) if early else rng.uniform(-15, 100))
            start(f"heir-{number}", edge)
            start(f"heir-{number}b", edge + rng.uniform(5, 60))

    world.missed = missed
    try:
        world.run()
        _settle(world, publishing, wanted, branch, services)
        proofs = publishing.proofs(world, wanted, branch)
    finally:
        world.close()
    clocks_s = 2 * world.weather.skew_s + 1
    return world, scenario.judge(wanted, services, proofs, late_s=world.now, clocks_s=clocks_s, told=world.told), proofs


def _settle(
    world: World, publishing: Publishing, wanted: Scenario, branch: Branch, services: Mapping[str, Service]
) -> None:
    """Fair runs, more than a lease apart, until one changes nothing and neither does the next, much later."""
    idle = 0
    world.now = max(world.now, wanted.last.at, *(copy.due_s for copy in wanted.last.posts)) + 60
    for number in range(40):
        before = len(branch.records), sum(len(service.things) for service in services.values())
        world.start(Runner(f"fair-{number + 1}", fair=True),
                    lambda: publishing.run(world, wanted, branch, services), world.now)  # fmt: skip
        world.run()
        idle = idle + 1 if before == (len(branch.records), sum(len(s.things) for s in services.values())) else 0
        if idle == 2 or (idle and number and not _open(publishing.proofs(world, wanted, branch))):
            return
        world.now += LATER + 2 * world.weather.skew_s if idle else publishing.lease_s + 90


def _open(proofs: Mapping[str, Proof]) -> bool:
    """Whether a later run may still do something by itself."""
    return any(proof.state in {"due", "overdue", "sending", "scheduled"} for proof in proofs.values())


LATER = 20 * MINUTE
"""More than a service asks us to wait. Clocks that were ahead make a claim last longer, so their error is waited for too."""
STEPS: tuple[str, ...] = (
    "at: reserve", "fetch ledger", "fetch main", "push claim", "push claim: answer", "push claim: no answer", "at: claimed",
    "at: send", "at: look before sending", "at: before the request", "before the request", "before the request",
    "send: inside the request", "send: no answer", "send: answer lost", "send: 429", "at: after the request",
    "at: unanswered", "push receipt", "push receipt: answer", "push receipt: no answer", "at: recorded", "at: reconcile",
    "at: before the look", "look", "at: after the look",
)  # fmt: skip
"""Where a runner of a schedule's choice dies or sleeps."""


def campaign(seeds: Iterable[int], make: Callable[[], Publishing], *, weather: str = "", stop_after: int = 0) -> Tally:
    """Run a schedule for each seed; ``stop_after`` failures it ends, 0 for never."""
    tally, begun = Tally(), time.perf_counter()
    publishing = make()
    for seed in seeds:
        world, wrong, proofs = one(seed, publishing, weather=weather)
        tally.schedules += 1
        tally.steps.update(dict.fromkeys(world.steps, 1))
        tally.faults.update(dict.fromkeys(world.faults, 1))
        tally.kills.update(dict.fromkeys(world.kills, 1))
        tally.deliveries += len(proofs)
        for proof in proofs.values():
            tally.published += proof.state == "published"
            tally.unknown += proof.state == "unknown"
            tally.kept_back += proof.state not in {"published", "unknown"}
        for sentence in wrong:
            tally.wrong[sentence.partition(":")[0]] += 1
            tally.failures.append((seed, sentence))
        if stop_after and len(tally.failures) >= stop_after:
            break
    tally.seconds = time.perf_counter() - begun
    return tally
