"""A small world in one process: virtual time, runners that race, a branch that decides, services that obey or do not.

Runners are ordinary code on greenlets. Each thing they do to the world is a *step*: there the world may let others go
first, stop the runner for an hour, or never wake it again. All chance comes from one seeded generator, so that a schedule
is its seed.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MINUTE = 60.0
HOUR = 3600.0


def instant(seconds: float) -> datetime:
    """World time as an instant."""
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad a schedule is: the chance of each fault wherever it can happen.

    Attributes:
        kill: a runner dies at a step.
        stop: a runner is stopped at a step, for ``stop_s``.
        lost: the service obeys and the answer is lost.
        silent: no answer, and the service did not obey.
        late: the service obeys long after the request came, up to ``Service.longest_s``.
        busy: 429 with ``Retry-After``.
        refused: no connection.
        push_rejected: the branch refuses a push for no reason of ours.
        push_lost: the push lands and the answer is lost.
        push_silent: the push neither lands nor is answered; or lands later.
        fetch_fails: the remote does not answer a fetch.
        look_fails: a look gets no answer.
        sleeper: the step at which one runner is sure to be stopped, to wake in the last minute of its lease or past it.
        early: the sleeper wakes before its lease ends, and not past it.
        skew_s: a runner's clock is wrong by up to so much; it jumps between two runs, within one it goes on evenly.
    """

    kill: float = 0.0
    stop: float = 0.0
    lost: float = 0.0
    silent: float = 0.0
    late: float = 0.0
    busy: float = 0.0
    refused: float = 0.0
    push_rejected: float = 0.0
    push_lost: float = 0.0
    push_silent: float = 0.0
    fetch_fails: float = 0.0
    look_fails: float = 0.0
    sleeper: str = ""
    early: bool = False
    skew_s: float = 0.0


FAIR = Weather()


@dataclass(eq=False)
class Runner:
    """One run of a publisher, on a machine of its own.

    Attributes:
        skew_s: how wrong its clock is.
        kill_at: the step at which it dies for certain: its name and how often it may pass before.
        fair: whether it meets no fault.
    """

    name: str
    skew_s: float = 0.0
    kill_at: tuple[str, int] = ("", 0)
    stop_at: tuple[str, int] = ("", 0)
    fair: bool = False
    dead: bool = False
    done: bool = False
    failed: str = ""
    passed: Counter[str] = field(default_factory=Counter)
    thread: Any = None
    read_at: float = -math.inf
    """When it last read the main branch."""
    told_at: float = -math.inf
    """When it last read the ledger."""


class World:
    """The clock, the queue of what happens next, and the faults."""

    def __init__(self, rng: Random, weather: Weather = FAIR, *, stop_s: float = 30 * MINUTE) -> None:
        self.rng = rng
        self.weather = weather
        self.stop_s = stop_s
        self.now = 0.0
        self.steps: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.log: list[tuple[float, str, str]] = []
        self.told: list[tuple[str, str]] = []
        self.tracing = False
        self.runner: Runner | None = None
        self.missed: Callable[[float], None] = lambda _slept: None
        self.over = False
        self._hub = getcurrent()
        self._queue: list[tuple[float, float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._stopped: list[Runner] = []

    # --- time ------------------------------------------------------------------------------------------------------

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Let something happen at a time of the world; of things at one time, chance says which is first."""
        heapq.heappush(self._queue, (max(seconds, self.now), self.rng.random(), next(self._count), act))

    def clock(self) -> datetime:
        """What the running runner's clock shows."""
        return instant(self.now + (self.runner.skew_s if self.runner else 0.0))

    def run(self, until: float = math.inf) -> None:
        """Let time pass until nothing is left to happen, or until then."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, _, act = heapq.heappop(queue)
            act()
        if until < math.inf:
            self.now = max(self.now, until)

    def close(self) -> None:
        """Throw away whoever was killed; nothing they do on the way out reaches the world."""
        self.over = True
        for runner in self._stopped:
            if runner.thread and not runner.thread.dead:
                runner.thread.throw(GreenletExit)
        self._queue.clear()

    # --- runners ---------------------------------------------------------------------------------------------------

    def start(self, runner: Runner, body: Callable[[], None], at: float) -> None:
        """Start a runner at a time."""

        def life() -> None:
            try:
                body()
            except GreenletExit:
                return
            runner.done = True

        def begin() -> None:
            runner.thread = greenlet(life, self._hub)
            self._go(runner)

        self.at(at, begin)

    def _go(self, runner: Runner) -> None:
        if runner.dead:
            return
        self.runner = runner
        runner.thread.switch()
        self.runner = None

    def step(self, name: str, takes: float = 0.0) -> None:
        """Do something that takes so many seconds; others may act meanwhile, and the runner may not come back."""
        runner = self.runner
        if self.over or runner is None or runner.dead:
            raise GreenletExit
        self.steps[name] += 1
        if self.tracing:
            self.log.append((self.now, runner.name, name))
        passed = runner.passed[name]
        runner.passed[name] = passed + 1
        if not runner.fair:
            weather, rng = self.weather, self.rng
            if runner.kill_at == (name, passed) or (weather.kill and rng.random() < weather.kill):
                self.kills[name] += 1
                self.faults["SIGKILL"] += 1
                if self.tracing:
                    self.log.append((self.now, runner.name, "dies"))
                runner.dead = True
                self._stopped.append(runner)
                self.missed(0.0)
                self._hub.switch()
                raise GreenletExit
            if runner.stop_at == (name, passed) or (weather.stop and rng.random() < weather.stop):
                self.faults["SIGSTOP and SIGCONT"] += 1
                # Long past its lease, or to the last minute of it.
                early = weather.early
                slept = (
                    self.stop_s - rng.uniform(65, 120)
                    if early
                    else rng.uniform(1.0, 2.5) * self.stop_s
                    if rng.random() < 0.7
                    else self.stop_s - rng.uniform(0, 240)
                )
                if self.tracing:
                    self.log.append((self.now, runner.name, f"sleeps {slept:.0f} s"))
                self.missed(slept)
                takes += slept
            takes += rng.random() * rng.random() * 2
        else:
            takes += 0.1
        self.at(self.now + takes, lambda: self._go(runner))
        self._hub.switch()
        if self.over or runner.dead:
            raise GreenletExit

    def meets(self, fault: str) -> bool:
        """Whether the running runner meets a fault here."""
        if self.runner is None or self.runner.fair:
            return False
        chance = getattr(self.weather, fault)
        if chance and self.rng.random() < chance:
            self.faults[fault] += 1
            if self.tracing:
                self.log.append((self.now, self.runner.name, f"meets {fault}"))
            return True
        return False


# --- the branch ------------------------------------------------------------------------------------------------------


class Rejected(Exception):  # noqa: N818 - what became of a push
    """The branch moved on: nothing of ours landed."""


class Silence(Exception):  # noqa: N818 - what became of a push
    """No answer: it may have landed."""


@dataclass
class Branch:
    """The ledger's branch on the server: records in order; its length is its head."""

    world: World
    records: list[Any] = field(default_factory=list)
    landed: list[float] = field(default_factory=list)
    commits: set[str] = field(default_factory=set)
    rewound: int = 0

    def fetch(self) -> tuple[int, tuple[Any, ...]]:
        """The head and what it holds.

        Raises:
            Silence: the remote did not answer.
        """
        self.world.step("fetch ledger", 0.3)
        if self.world.meets("fetch_fails"):
            self.world.step("fetch ledger: no answer", 10)
            raise Silence
        if self.world.runner is not None:
            self.world.runner.told_at = self.world.now
        return len(self.records), tuple(self.records)

    def push(self, base: int, records: list[Any], *, what: str = "", commit: str = "", forced: bool = False) -> None:
        """Add records on top of the head one has seen.

        Raises:
            Rejected, Silence: see there.
        """
        world = self.world
        world.step(f"push {what}".strip(), 0.2)
        if world.meets("push_rejected"):
            raise Rejected
        if world.meets("push_silent"):
            if world.rng.random() < 0.5:
                world.at(world.now + world.rng.uniform(1, 90), lambda: self._land(base, records, commit, forced=forced))
            world.step(f"push {what}: no answer".strip(), 30)
            raise Silence
        ok = self._land(base, records, commit, forced=forced)
        if world.meets("push_lost"):
            world.step(f"push {what}: no answer".strip(), 30)
            raise Silence
        world.step(f"push {what}: answer".strip(), 0.2)
        if not ok:
            world.faults["push lost a race"] += 1
            raise Rejected

    def _land(self, base: int, records: list[Any], commit: str, *, forced: bool) -> bool:
        if base != len(self.records):
            if not forced:
                return False
            self.rewound += 1
            del self.records[base:]
            del self.landed[base:]
        self.records.extend(records)
        self.landed.extend([self.world.now] * len(records))
        self.commits.add(commit)
        return True


# --- the services ----------------------------------------------------------------------------------------------------


class Lost(Exception):  # noqa: N818 - what became of a request
    """It went out and no usable answer came."""


class Later(Exception):  # noqa: N818 - what became of a request
    """Nothing was accepted; ``wait_s`` is what the service asks for, 0 when there was no connection."""

    def __init__(self, wait_s: float = 0) -> None:
        super().__init__()
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Thing:
    """What a service published.

    Attributes:
        key: the delivery's, as our side calls it; the service knows nothing of it.
        asked_at: when the request for it began.
        by: the run that asked.
        content: the engine's hash of what it asked for.
        read_at: when that run had last read the main branch.
        told_at: the same for the ledger.
    """

    id: str
    key: str
    text: str
    at: float
    asked_at: float
    by: str
    content: str = ""
    read_at: float = 0.0
    told_at: float = 0.0


@dataclass
class Service:
    """One service of a nature.

    ``keyed``: our own key decides for good. ``hour``: a repeat under the same key is recognised for an hour. ``looks``:
    nothing recognises a repeat, and one can look. ``mute``: neither.
    """

    world: World
    name: str
    nature: str
    longest_s: float = 60.0
    patience_s: float = 30.0
    things: list[Thing] = field(default_factory=list)
    asked: list[Thing] = field(default_factory=list)
    """Every request that began, whatever became of it."""
    _keys: dict[str, tuple[float, str]] = field(default_factory=dict)

    def post(self, key: str, text: str, token: str, content: str = "") -> Thing:
        """Ask for something to be published under a token, and wait for the answer.

        Raises:
            Later, Lost: see there.
        """
        world = self.world
        if world.meets("refused"):
            raise Later
        if world.meets("busy"):
            world.step("send: 429", 0.2)
            raise Later(world.rng.choice((5, 60, 900)))
        assert world.runner is not None
        runner = world.runner
        wanted = Thing("", key, text, 0.0, world.now, runner.name, content, runner.read_at, runner.told_at)
        self.asked.append(wanted)
        if world.meets("silent"):
            world.step("send: no answer", world.rng.choice((0.2, self.patience_s)))
            raise Lost
        if world.meets("late"):
            world.at(world.now + world.rng.uniform(1, self.longest_s), lambda: self._accept(wanted, token))
            world.step("send: no answer", self.patience_s)
            raise Lost
        made: list[Thing] = []
        world.at(world.now + world.rng.random(), lambda: made.append(self._accept(wanted, token)))
        if world.meets("lost"):
            world.step("send: inside the request", 1.1)
            world.step("send: answer lost", world.rng.choice((0.2, self.patience_s)))
            raise Lost
        world.step("send: inside the request", 1.1)
        return made[0]

    def _accept(self, wanted: Thing, token: str) -> Thing:
        noted = self._keys.get(token)
        if noted and (self.nature == "keyed" or (self.nature == "hour" and self.world.now - noted[0] < HOUR)):
            return next(thing for thing in self.things if thing.id == noted[1])
        thing = replace(wanted, id=f"{self.name}-{len(self.things) + 1}", at=self.world.now)
        self.things.append(thing)
        self._keys[token] = self.world.now, thing.id
        return thing

    def look(self, text: str, token: str, since: float) -> Thing | None:
        """Look for what was published: under the token where it decides, else by its text among what is newer.

        Raises:
            Lost: the look got no answer.
        """
        self.world.step("look", 0.3)
        if self.world.meets("look_fails"):
            raise Lost
        if self.nature == "keyed":
            noted = self._keys.get(token)
            return next((thing for thing in self.things if noted and thing.id == noted[1]), None)
        if self.nature == "mute":
            return None
        return next((thing for thing in reversed(self.things) if thing.text == text and thing.at >= since), None)
