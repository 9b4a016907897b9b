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
    "suspended": Weather(stop=0.04, lost=0.1),
    "wrong clocks": Weather(skew_s=40, lost=0.1),
    "all at once": Weather(
        kill=0.015, stop=0.015, lost=0.12, silent=0.06, late=0.08, busy=0.06, refused=0.05, push_rejected=0.05,
        push_lost=0.05, push_silent=0.05, fetch_fails=0.02, look_fails=0.05, skew_s=15,
    ),
}  # fmt: skip


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


def one(seed: int, publishing: Publishing, *, trace: bool = False) -> tuple[World, list[str], dict[str, Proof]]:
    """Run one schedule; what was wrong with it is empty when all is well."""
    rng = Random(seed)
    wanted = scenario.draw(rng)
    name = rng.choice(tuple(WEATHERS))
    world = World(rng, WEATHERS[name], stop_s=publishing.lease_s + 2 * MINUTE)
    world.tracing = trace
    world.faults[f"weather: {name}"] += 1
    branch = Branch(world)
    services = {channel: Service(world, channel, channel) for channel in CHANNELS}
    for number in range(rng.choice((2, 2, 3, 3, 4, 5, 6, 8))):
        start = rng.choice((rng.uniform(0, 60), rng.uniform(0, 15 * MINUTE), rng.uniform(0, HOUR)))
        runner = Runner(f"run-{number + 1}", rng.uniform(-1, 1) * world.weather.skew_s)
        if rng.random() < 0.3:
            runner.kill_at = rng.choice(KILLABLE), rng.choice((0, 0, 0, 1, 2))
        elif rng.random() < 0.15:
            runner.stop_at = rng.choice(KILLABLE), rng.choice((0, 0, 1))
        world.start(runner, lambda: publishing.run(world, wanted, branch, services), start)
    try:
        world.run()
        _settle(world, publishing, wanted, branch, services)
        proofs = publishing.proofs(world, wanted, branch)
    finally:
        world.close()
    return world, scenario.judge(wanted, services, proofs, late_s=world.now), proofs


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
        if idle == 2:
            return
        world.now += LATER if idle else publishing.lease_s + 90


LATER = 20 * MINUTE
"""More than a service asks us to wait."""
KILLABLE: tuple[str, ...] = (
    "fetch ledger", "fetch main", "push claim", "push claim: answer", "push claim: no answer", "before the request",
    "send: inside the request", "send: answer lost", "push receipt", "push receipt: answer", "look",
)  # fmt: skip


def campaign(seeds: Iterable[int], make: Callable[[], Publishing], *, stop_after: int = 0) -> Tally:
    """Run a schedule for each seed; ``stop_after`` failures it ends, 0 for never."""
    tally, begun = Tally(), time.perf_counter()
    publishing = make()
    for seed in seeds:
        world, wrong, proofs = one(seed, publishing)
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
