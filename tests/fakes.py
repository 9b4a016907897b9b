"""A network in memory, a clock that is told the time, and a desk over both: publishing without a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pipelines import publish
from pipelines.ledger import FolderLedger, Ledger
from pipelines.services import Absence, Item, Repeats, Sent, Trial
from signalbook.workspace import Workspace
from tests import build as make
from tests.build import NOW


class KilledError(BaseException):
    """The process dies here; nobody may catch it."""


@dataclass
class Clock:
    """Says what it is told."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass
class Network:
    """A service that remembers what it was asked to publish.

    ``answers`` holds what happens to the next requests: an error is raised, ``"lost"`` accepts and loses the answer,
    ``"other words"`` is the answer to an earlier request under the same key.
    """

    repeats: Repeats = field(default_factory=lambda: Repeats(looks=True, amends=True, withdraws=True))
    answers: list[Any] = field(default_factory=list)
    posts: list[Item] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    seen: Absence = Absence.PROVEN
    lost: type[Exception] | None = None

    def send(self, item: Item) -> Sent:
        self.asked.append(f"send {item.key}")
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer()
        if answer == "other words":
            return replace(self._sent(1), same=False)
        self.posts.append(item)
        if answer == "lost":
            from signalbook.errors import Unanswered

            raise Unanswered("net", "the line broke")
        return self._sent(len(self.posts))

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:
        self.asked.append(f"look {item.key}")
        for number, post in enumerate(self.posts, 1):
            if post.key == item.key and self.repeats.looks:
                return replace(self._sent(number), same=post.text == item.text)
        return self.seen

    def amend(self, item: Item, sent: Sent) -> Sent:
        self.asked.append(f"amend {item.key}")
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.changed.append(item)
        return replace(sent, facts={"cid": "new"})

    def withdraw(self, sent: Sent) -> None:
        self.asked.append(f"withdraw {sent.id}")
        self.gone.append(sent.id)

    def trials(self) -> Iterable[Trial]:
        return ()

    def limits(self) -> Mapping[str, int]:
        return {}

    @staticmethod
    def _sent(number: int) -> Sent:
        return Sent(str(number), f"https://net.example/{number}", facts={"cid": f"c{number}"})

    @property
    def keys(self) -> list[str]:
        """What it published, by delivery."""
        return [item.key for item in self.posts]


def desk(
    place: Workspace,
    networks: Mapping[str, Any],
    *,
    clock: Clock | None = None,
    ledger: Ledger | None = None,
    run: str = "run-1",
    source: Callable[[], Any] | None = None,
    **more: Any,
) -> publish.Desk:
    """A desk in a workspace: its files are approved, its folder is the ledger."""
    return publish.Desk(
        source or (lambda: make.book(place)), ledger or FolderLedger(place), networks, clock or Clock(), run, **more
    )  # fmt: skip


def die_at(step: str, key: str = "") -> Callable[[str, str], None]:
    """A process that dies at a boundary."""

    def stepped(name: str, delivery: str) -> None:
        if name == step and (not key or delivery == key):
            raise KilledError

    return stepped
