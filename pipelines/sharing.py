"""``signalbook store fetch`` and ``store push``: the ledger between ``data/`` and the branch that ``[data] branch`` names.

Claims and receipts go to the branch by publishing itself, which decides on them; what is pushed here is what anybody may
add: readings, alerts, case events. Lines are only ever added, on both sides, and ``data/private/`` is never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines import ledger
from pipelines.ledger import KINDS
from pipelines.repository import Pushed, Repository, around
from signalbook import settings as settings_
from signalbook.classes import dataclass
from signalbook.errors import SettingsError, StoreError
from signalbook.records import LEDGER

if TYPE_CHECKING:
    from signalbook.workspace import Workspace

TRIES = 8
"""So often a push is tried when others are first."""

OTHERS = tuple(kind for kind in LEDGER if kind not in KINDS)
"""Folders of records that anybody may add."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was brought or taken.

    Attributes:
        branch: the branch of the records; empty where there is none, and the records stay where they are.
        files: paths that changed, here or there.
        lines: how many lines the branch got.
        why: one sentence.
    """

    branch: str
    files: tuple[str, ...]
    lines: int
    why: str


def fetch(workspace: Workspace, *, offline: bool = False) -> Outcome:
    """Bring the branch's records into ``data/``; ``offline`` takes the branch as this clone knows it.

    Raises:
        SettingsError: ``signalbook.toml`` cannot be used.
        RepositoryError: the remote cannot be reached.
        StoreError: a record cannot be written.
    """
    place = _place(workspace)
    if isinstance(place, Outcome):
        return place
    repository, remote, branch = place
    if offline:
        head = repository.maybe("rev-parse", "--verify", "--quiet", f"refs/remotes/{remote}/{branch}^{{commit}}")
    else:
        head = repository.heads(remote, branch).branches.get(branch, "")
    if not head:
        return Outcome(branch, (), 0, f"There is no branch {branch} yet: nothing has been recorded.")
    if not offline:
        repository.fetch(remote, branch, head)
    changed = tuple(ledger.bring(repository, head, workspace))
    why = (
        f"{len(changed)} {'file' if len(changed) == 1 else 'files'} of {branch} brought here."
        if changed
        else f"data/ holds all of {branch}."
    )
    return Outcome(branch, changed, 0, why)


def push(workspace: Workspace, now: datetime, sleep: Callable[[float], None]) -> Outcome:
    """Add to the branch what ``data/`` holds and it does not; of two runs that race, both keep their lines.

    Raises:
        SettingsError: ``signalbook.toml`` cannot be used.
        RepositoryError: the remote cannot be reached.
        StoreError: others were faster every time, or the remote does not say whether it took the lines.
    """
    place = _place(workspace)
    if isinstance(place, Outcome):
        return place
    repository, remote, branch = place
    said = "others were faster every time"
    for turn in range(TRIES):
        if turn:
            sleep(min(8.0, 0.3 * 2**turn))
        head = repository.heads(remote, branch).branches.get(branch, "")
        if head:
            repository.fetch(remote, branch, head)
        files, lines = _ahead(workspace, repository, head)
        if not files:
            return Outcome(branch, (), 0, f"{branch} holds all of data/.")
        message = f"data: add {lines} {'line' if lines == 1 else 'lines'}\n"
        named = {f"{repository.prefix}{path}": content for path, content in files.items()}
        commit = repository.commit(head, named, message, at=int(now.timestamp()))
        became, answer = repository.push(remote, commit, branch)
        if became is Pushed.YES:
            return Outcome(
                branch, tuple(files), lines, f"{lines} {'line is' if lines == 1 else 'lines are'} on {branch}."
            )
        said = answer or said
    message = f"{branch} could not be written: {said}. The records are in data/ and go out with the next push."
    raise StoreError(message)


def _place(workspace: Workspace) -> tuple[Repository, str, str] | Outcome:
    settings = settings_.read(workspace.settings)
    branch, remote = settings.data_branch, settings.publish.remote
    if not branch:
        return Outcome("", (), 0, "signalbook.toml names no [data] branch: the records stay in data/.")
    repository = around(workspace.root)
    if repository is None or not repository.remotes():
        return Outcome("", (), 0, "There is no git remote here: the records stay in data/.")
    if remote not in repository.remotes():
        message = f"signalbook.toml names the remote “{remote}”, and this clone has none of that name. Add it, or write [publish] remote."
        raise SettingsError(message)
    return repository, remote, branch


def _ahead(workspace: Workspace, repository: Repository, head: str) -> tuple[Mapping[str, bytes], int]:
    """The files that the branch would have with our lines behind its own, and how many lines those are."""
    there = repository.files(head, *(f"data/{kind}" for kind in OTHERS)) if head else {}
    held = repository.blobs(there.values())
    found, added = {}, 0
    for kind in OTHERS:
        for path in sorted((workspace.data / kind).glob("*.jsonl")):
            if path.is_symlink() or not path.is_file():
                continue
            name = workspace.relative(path)
            before = held.get(there.get(name, ""), b"")
            known = set(before.splitlines())
            # A last line without its end was cut short by a crash: it is nobody's record.
            fresh = [
                line
                for line in path.read_bytes().splitlines(keepends=True)
                if line.endswith(b"\n") and line.strip() and line.rstrip(b"\n") not in known
            ]
            if fresh:
                found[name] = (
                    before + (b"" if before.endswith(b"\n") or not before else b"\n") + b"".join(dict.fromkeys(fresh))
                )
                added += len(dict.fromkeys(fresh))
        for path in sorted((workspace.data / kind).glob("*.parquet")):
            name = workspace.relative(path)
            if name not in there and path.is_file() and not path.is_symlink():
                found[name] = path.read_bytes()
                added += 1
    return found, added
