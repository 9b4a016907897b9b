"""The engine with one fence taken out at a time. A campaign that does not find each of them proves nothing.

A mutant is a change of the engine's own source, made in memory: when the words that it replaces are not there any more,
making it fails, so that no mutant can go stale unseen. A few fences stand in the connector or in git; those are taken out
of the small world's stand-ins.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import ModuleType

from tests.campaign import engine
from tests.campaign.engine import Engine

LEDGER, PUBLISH = "pipelines.ledger", "pipelines.publish"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fence, and how it is taken out.

    Attributes:
        changes: module → (words, words instead), in turn; each stands there exactly once.
        world: switches of the small world, by the names of ``engine.Engine``.
        weather: the weather in which it shows soonest; empty for any.
    """

    changes: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    world: Mapping[str, bool] = field(default_factory=dict)
    weather: str = ""


def _publish(*changes: tuple[str, str], weather: str = "") -> Mutant:
    return Mutant({PUBLISH: changes}, weather=weather)


ONCE = """
_first: dict[object, Any] = {}


def _once(ledger: object, decide: Decide, before: Snapshot) -> Sequence[Record]:
    if decide not in _first:
        _first.clear()
        _first[decide] = decide(before)
    return _first[decide]


@dataclass(slots=True)
class BranchLedger:"""

MUTANTS: Mapping[str, Mutant] = {
    "the lease is looked at before each request": _publish(
        ("        if now >= claim.send_before:\n            if turn:", "        if False:\n            if turn:"),
        ("with desk.closing(lambda: desk.clock() >= claim.send_before):", "if True:"),
        ("    if now >= claim.send_before:\n        return", "    if False:\n        return"),
        weather="asleep in the connector",
    ),
    "the lease is looked at inside the connector": Mutant(world={"gate": False}, weather="asleep in the connector"),
    "holds and approval are read again before sending": _publish(
        ("    if found.state not in delivery.SENDABLE:", "    if False:"),
    ),
    "the words are compared with the claim before sending": _publish(
        ("    if approval.content(book, found) != claim.content:", "    if False:"),
    ),
    "a newer claim of somebody else stops a run": _publish(
        ("next((row for row in open_claims(snapshot) if row.key == name), None)",
         "next((row for row in snapshot.intents if row.key == name and row.run == desk.run), None)"),
        weather="clocks far off",
    ),
    "a look waits for the end of the lease": _publish(
        ("if claim.send_before <= desk.clock()]", "if True]"),
        ("    if now < free:", "    if False:"),
    ),
    "a look waits for the longest request": _publish(
        ("timedelta(seconds=publisher.repeats.longest_request_s)", "timedelta()"), weather="awake in the last minute",
    ),
    "what a look cannot tell waits for a person": _publish(
        ("    elif seen is Absence.PROVEN:", "    else:\n        seen = Absence.PROVEN\n    if seen is Absence.PROVEN:"),
    ),
    "what was not answered is not called free": _publish(
        ("        except Unanswered as error:\n            why = error.message",
         "        except Unanswered as error:\n            _give_back(desk, claim, error.message)\n            return"),
    ),
    "a request is repeated only where the service knows it": _publish(
        ("if (desk.clock() - first).total_seconds() >= publisher.repeats.same_key_s / 2 or turn == AGAIN:",
         "if turn == AGAIN:"),
    ),
    "a repeat that is not taken says nothing of the first": _publish(
        ("            if turn:\n                break  # the repeat", "            if False:\n                break  # the repeat"),
        weather="lost and busy",
    ),
    "changed words are not looked for": _publish(
        ("if item.content != claim.content and not isinf(publisher.repeats.same_key_s):", "if False:"),
        weather="answers lost",
    ),
    "another post with the same words is not ours": _publish(
        ("twin=lambda snapshot: by_words and _is_twin(book, snapshot, claim, item, seen, since),", ""),
        weather="answers lost",
    ),
    "a part waits for the one before it": _publish(
        ("    if any(row is None for row in _parents(book, found)):", "    if False:"),
    ),
    "the service gets a key that is the same each time": Mutant(world={"key": False}),
    "a rejected push is decided again": Mutant({LEDGER: ((
        "fresh = [record for record in decide(before) if", "fresh = [record for record in _once(self, decide, before) if",
    ), ("@dataclass(slots=True)\nclass BranchLedger:", ONCE))}),
    "an unanswered push is settled by fetching": Mutant({LEDGER: ((
        "                    if self.branch.holds(now.head, commit):", "                    if True:",
    ),)}, weather="bad remote"),
    "no push is forced": Mutant(world={"forced": True}),
}  # fmt: skip
"""Fence → the engine without it."""


@contextmanager
def taken_out(name: str) -> Iterator[Callable[[], Engine]]:
    """Makes the engine without a fence; the whole engine for an empty name."""
    if not name:
        yield Engine
        return
    mutant = MUTANTS[name]
    made = {module: changed(module, changes) for module, changes in mutant.changes.items()}
    yield lambda: Engine(
        publish=made.get(PUBLISH, engine.publish), ledger=made.get(LEDGER, engine.ledger), **dict(mutant.world)
    )


_numbers = count(1)


def changed(module: str, changes: tuple[tuple[str, str], ...]) -> ModuleType:
    """A module of its own, made from a module's source with some words replaced.

    Raises:
        LookupError: the words are not there exactly once; the fence has moved, and the mutant has to follow.
    """
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    for old, new in changes:
        if source.count(old) != 1:
            raise LookupError(f"{module} holds these words {source.count(old)} times, not once:\n{old}")
        source = source.replace(old, new)
    made = ModuleType(f"mutant{next(_numbers)}.{module}")
    made.__file__ = spec.origin
    sys.modules[made.__name__] = made  # dataclasses look their module up
    exec(compile(source, spec.origin, "exec"), made.__dict__)  # noqa: S102 - our own source
    return made
