"""``signalbook store copy FROM TO``: the records of one workspace added to another's, for a move, a merger or a trial.

Months that were compacted are read as well as lines. What is there already is not added again, nothing is removed or changed, and
the place they come from is only read. Other people's words go along only when asked; what was forgotten in either
place does not come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pipelines import forgotten
from signalbook import store
from signalbook.classes import dataclass
from signalbook.errors import UsageError
from signalbook.records import LEDGER, PRIVATE, Forgotten
from signalbook.workspace import Workspace

AT_ONCE = 5_000
"""So many records are held in memory."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was copied.

    Attributes:
        added: folder of records → how many were new there.
        unread: lines that could not be read, as ``path:line``; they are left where they are.
        why: one sentence.
    """

    added: dict[str, int]
    unread: tuple[str, ...]
    why: str


def run(source: Path, target: Path, *, private: bool = False) -> Outcome:
    """Add the records of one workspace to another's.

    Raises:
        UsageError: one of the two is no workspace, or both are the same.
        StoreError: a record cannot be read or written; what was added before stays, and the same command goes on.
    """
    one, other = _workspace(source, "FROM"), _workspace(target, "TO")
    if one.root.resolve() == other.root.resolve():
        message = f"FROM and TO are the same workspace, {one.root}: there is nothing to copy."
        raise UsageError(message)
    added: dict[str, int] = {}
    unread: list[str] = []
    for folder in LEDGER:
        records, problems = store.read(one, folder)
        unread += [f"{problem.path}:{problem.line}" for problem in problems]
        added[folder] = _append(other, folder, records)
    if private:
        gone, _ = store.read(one, Forgotten)
        forgotten.learn(other, gone)
        for folder in PRIVATE:
            if folder != "forgotten":
                added[folder] = _append(other, folder, store.read_large(one, folder))
        forgotten.purge(other)
    n = sum(added.values())
    why = f"{n:,} records were added to {other.root}." if n else f"{other.root} holds all of it."
    return Outcome({folder: number for folder, number in added.items() if number}, tuple(unread), why)


def _append(other: Workspace, folder: str, records: Iterable[Any]) -> int:
    return sum(store.append(other, batch).get(folder, 0) for batch in _batches(records))


def _batches(records: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(records)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def _workspace(path: Path, name: str) -> Workspace:
    found = Workspace(path)
    if not found.settings.is_file():
        message = (
            f"{name} is the folder of a workspace, one with a signalbook.toml; {path} is none. "
            "Write for example: signalbook store copy ../old-team ."
        )
        raise UsageError(message)
    return found
