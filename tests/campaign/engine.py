"""The engine itself in the small world: ``pipelines.publish`` and ``pipelines.ledger`` as they are, on a desk of ours.

Nothing of the engine is replaced but what it asks for from outside: the branch, the main branch's Book, the publishers,
the clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pipelines import ledger, publish
from pipelines.ledger import Snapshot
from pipelines.repository import Pushed, RepositoryError
from pipelines.services import Absence, Item, Repeats, Sent, Trial
from signalbook import delivery
from signalbook.book import Book
from signalbook.errors import NotSent, Unanswered
from signalbook.model import Hold, Post
from signalbook.model.base import Duration
from signalbook.model.policies import HoldScope, Released
from signalbook.records import Intent, Receipt
from signalbook.settings import Channel, Publishing, Rate, Settings
from signalbook.workspace import Workspace
from tests.campaign.scenario import CHANNELS, Copy, Proof, Scenario, Stop, Version
from tests.campaign.world import START, Branch, Later, Lost, Rejected, Service, Silence, Thing, World, instant

LEASE = Duration(10, "m")
CONNECTORS = {"keyed": "bluesky", "hour": "mastodon", "looks": "wordpress", "mute": "mail"}
SETTINGS = Settings(
    channels={
        key: Channel(key, connector, name=key, max_late=Duration(30, "d"), rate=Rate(max=1000))
        for key, connector in CONNECTORS.items()
    },
    publish=Publishing(lease=LEASE),
    data_branch="signalbook-data",
)  # fmt: skip
WORKSPACE = Workspace(Path("/nowhere"))
REPEATS = {
    "keyed": Repeats(same_key_s=math.inf, looks=True, amends=True, withdraws=True),
    "hour": Repeats(same_key_s=3600, looks=True, amends=True, withdraws=True),
    "looks": Repeats(looks=True),
    "mute": Repeats(),
}


# --- the main branch as a Book ---------------------------------------------------------------------------------------


@cache
def _post(copy: Copy) -> Post:
    return Post(
        slug=copy.slug, path=f"content/calendar/{copy.slug}.md", body="\n\n---\n\n".join(copy.parts) + "\n",
        title=copy.slug, status=copy.status, publish_at=instant(copy.due_s), channels=copy.channels,
        digest=str(hash(copy)),
    )  # fmt: skip


@cache
def _hold(stop: Stop) -> Hold:
    begin = instant(stop.from_s)
    return Hold(
        slug=stop.slug, path=f"content/policies/holds/{stop.slug}.md", title=stop.slug, reason="a reason to be quiet",
        status="open" if stop.released_s is None else "released", scope=HoldScope(channels=stop.channels or "all"),
        from_=begin, expires=begin + timedelta(days=1),
        released=None if stop.released_s is None else Released(at=instant(stop.released_s)),
    )  # fmt: skip


def book_of(version: Version) -> Book:
    """A version of the main branch as publishing reads it."""
    posts = tuple(sorted((_post(copy) for copy in version.posts), key=lambda post: post.slug))
    return Book(WORKSPACE, SETTINGS, {Post: posts, Hold: tuple(_hold(stop) for stop in version.stops)})


# --- the branch ------------------------------------------------------------------------------------------------------


@dataclass
class SimulatedBranch:
    """The engine's view of the branch: what ``GitBranch`` is in life."""

    on: Branch
    forced: bool = False
    count: int = 0
    known: tuple[int, Snapshot] | None = None

    def fetch(self) -> Snapshot:
        try:
            head, records = self.on.fetch()
        except Silence:
            raise RepositoryError("The remote did not answer.") from None
        if self.known is None or self.known[0] != head or self.known[1].head != self._name(head):
            self.known = head, snapshot(records, self._name(head))
        return self.known[1]

    def _name(self, head: int) -> str:
        return f"{head}.{self.on.rewound}" if head else ""

    def push(self, onto: Snapshot, records: Sequence[Any]) -> tuple[Pushed, str, str]:
        base = int(onto.head.partition(".")[0] or 0)
        what = "claim" if any(isinstance(record, Intent) for record in records) else "receipt"
        self.count += 1
        commit = f"{self.on.world.runner.name}-{self.count}"
        try:
            self.on.push(base, list(records), what=what, commit=commit, forced=self.forced)
        except Rejected:
            return Pushed.REJECTED, commit, "fetch first"
        except Silence:
            return Pushed.UNANSWERED, commit, "no answer"
        return Pushed.YES, commit, ""

    def holds(self, head: str, commit: str) -> bool:
        return commit in self.on.commits


def snapshot(records: Iterable[Any], head: str) -> Snapshot:
    """What the ledger reads out of a branch."""
    rows = tuple(records)
    intents = tuple(row for row in rows if isinstance(row, Intent))
    return Snapshot(intents, tuple(row for row in rows if isinstance(row, Receipt)), head)


# --- the services ----------------------------------------------------------------------------------------------------


@dataclass
class SimulatedPublisher:
    """A connector for one service of the world: some requests first, then the one that makes it public."""

    world: World
    service: Service
    closed: Callable[[], bool] = lambda: False
    key: bool = True

    @property
    def repeats(self) -> Repeats:
        return REPEATS[self.service.nature]

    def send(self, item: Item) -> Sent:
        self.world.step("before the request")
        if self.closed():
            # The HTTP layer starts no request after the lease.
            raise NotSent(self.service.name, "the lease is over")
        try:
            thing = self.service.post(item.key, item.text, self._token(item), item.content)
        except Later as later:
            raise NotSent(self.service.name, "the service says «later»", retry_after_s=later.wait_s) from None
        except Lost:
            raise Unanswered(self.service.name, "no answer") from None
        return self._sent(thing, item)

    def _sent(self, thing: Thing, item: Item) -> Sent:
        """The answer; like our connectors it says whether what is there has the words that were asked for."""
        url = f"https://{self.service.name}.test/{thing.id}"
        return Sent(thing.id, url, instant(thing.at), same=thing.text == item.text)

    def _token(self, item: Item) -> str:
        """What the service recognises: the record's key, which bears the creation time, or the idempotency key."""
        if not self.key:
            return f"{self.world.now}"
        return f"{item.key} {item.created_at}" if self.service.nature == "keyed" else item.key

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:
        try:
            thing = self.service.look(item.text, self._token(item), (since - START).total_seconds())
        except Lost:
            raise Unanswered(self.service.name, "the look got no answer") from None
        if thing is not None:
            return self._sent(thing, item)
        return Absence.UNSEEN if self.service.nature == "mute" else Absence.PROVEN

    def amend(self, item: Item, sent: Sent) -> Sent:
        raise NotImplementedError

    def withdraw(self, sent: Sent) -> None:
        raise NotImplementedError

    def trials(self) -> Iterable[Trial]:
        return ()

    def limits(self) -> Mapping[str, int]:
        return {}


# --- the engine ------------------------------------------------------------------------------------------------------


@dataclass
class Engine:
    """What is put to the test.

    Attributes:
        publish: the module that publishes; a mutant has one of its own.
        ledger: the same for the ledger.
        gate: whether the HTTP layer refuses to start a request after the lease.
        key: whether connectors give the service a key by which it knows a repeat.
        forced: whether the branch takes a push that stands on an old head.
    """

    lease_s: float = LEASE.elapsed.total_seconds()
    publish: Any = publish
    ledger: Any = ledger
    gate: bool = True
    key: bool = True
    forced: bool = False

    def run(self, world: World, wanted: Scenario, branch: Branch, services: Mapping[str, Service]) -> None:
        """Reserve, send, reconcile."""
        assert world.runner is not None
        name = world.runner.name
        outcome = self.publish.run(self.desk(world, wanted, branch, services))
        world.told += [(done.delivery, name) for done in outcome.did if done.what == "claimed"]

    def desk(self, world: World, wanted: Scenario, branch: Branch, services: Mapping[str, Service]) -> Any:
        """A desk in the small world."""
        assert world.runner is not None
        read: dict[float, Book] = {}
        over: list[Callable[[], bool]] = []

        def source() -> Book:
            world.step("fetch main", 0.3)
            world.runner.read_at = world.now
            version = wanted.main(world.now)
            if version.at not in read:
                read[version.at] = book_of(version)
            return read[version.at]

        @contextmanager
        def closing(is_over: Callable[[], bool]) -> Iterator[None]:
            over.append(is_over)
            yield
            over.clear()

        def wait(seconds: float) -> None:
            world.step("wait", seconds)

        shut = (lambda: any(is_over() for is_over in over)) if self.gate else (lambda: False)
        return self.publish.Desk(
            source=source,
            ledger=self.ledger.BranchLedger(SimulatedBranch(branch, self.forced), None, sleep=wait, chance=lambda: 0.5),
            publishers={key: SimulatedPublisher(world, services[key], shut, self.key) for key in CHANNELS},
            clock=world.clock,
            run=world.runner.name,
            sleep=wait,
            closing=closing,
            step=lambda name, _: world.step(f"at: {name}"),
        )

    def proofs(self, world: World, wanted: Scenario, branch: Branch) -> dict[str, Proof]:
        """What the ledger says in the end, in the engine's own words."""
        told = snapshot(branch.records, "end")
        landed = [(at, record) for at, record in zip(branch.landed, branch.records, strict=True)]
        book = publish.with_ledger(book_of(wanted.main(world.now)), told)
        found: dict[str, Proof] = {}
        for one in delivery.deliveries(book, instant(world.now)):
            sent = tuple(row for row in one.receipts if row.what == "sent")
            claims = tuple(
                (at, row.run, row.attempt) for at, row in landed if isinstance(row, Intent) and row.key == one.key
            )
            found[one.key] = Proof(one.state, tuple(row.id for row in sent), tuple(row.content for row in sent), claims)
        return found
