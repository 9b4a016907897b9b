"""Where deliveries are claimed: intents and receipts, appended so that of several runs only one can have a claim.

::

    read() ─► Snapshot ─► decide(Snapshot) ─► records ─► append ─┬─ first: done
                 ▲                                               ├─ somebody else was: read, decide again
                 └───────────────────────────────────────────────┴─ no answer: read, see whether it is there

With a git remote and a ``[data] branch`` the branch is the lock: a commit is pushed, never by force, and the push is
refused when somebody else was first. Without, a lock on the folder ``data/`` is held from reading to writing; it knows
only of runs on this machine.

A receipt is on this machine's disk before it is pushed. When the push fails it stays there, is read with the others, and
goes out with the next push; and should the disk be gone, the claim on the branch still stands.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.repository import Pushed, Repository, RepositoryError
from signalbook import store
from signalbook.classes import dataclass
from signalbook.errors import StoreError
from signalbook.records import LEDGER, CaseEvent, Intent, Receipt, Record, Told

if TYPE_CHECKING:
    from pathlib import Path

    from signalbook.workspace import Workspace

KINDS = ("intents", "receipts")
"""The folders that decide on deliveries."""

CASES = ("cases",)
"""The folder that decides on the steps of cases."""

MESSAGES = ("told",)
"""The folder that decides on alerts and reminders."""

TRIES = 12
"""So often a push is tried when others are first; between two lies a moment of growing length."""


class LedgerError(StoreError):
    """The ledger could not be read or written; nothing was claimed, and nothing may be sent.

    Attributes:
        kept: whether the records lie on this machine and go out with the next push.
    """

    def __init__(self, message: str, *, kept: bool = False) -> None:
        """Keep the fact beside the sentence."""
        super().__init__(message)
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every claim and receipt as of one moment, each in the order in which they were appended.

    Attributes:
        head: names the moment; equal heads mean equal snapshots.
    """

    intents: tuple[Intent, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    head: str = ""
    cases: tuple[CaseEvent, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """All of them, claims first."""
        return (*self.intents, *self.receipts, *self.cases, *self.told)


Decide = Callable[[Snapshot], Sequence[Record]]
"""What to append on a state. Pure: it is asked again whenever the state has moved on."""


class Ledger(Protocol):
    """What publishing asks of a place for claims."""

    def read(self) -> Snapshot:
        """The state as everybody sees it now.

        Raises:
            LedgerError: nobody can say.
        """

    def append(self, decide: Decide) -> Snapshot:
        """Append what is decided on the newest state, all of it or nothing, and give the state that holds it.

        Nothing is written when nothing is decided.

        Raises:
            LedgerError: it is not known to be written. With ``kept`` receipts lie on this machine.
        """


def subject(records: Sequence[Record]) -> str:
    """A commit's message that reads as news: ``publish: opening to bluesky, mastodon``.

    Several things are one a line below a first that counts them.
    """
    said: dict[tuple[str, str], list[str]] = {}
    for record in records:
        if isinstance(record, Intent):
            what = ("claims", record.post)
        elif isinstance(record, Receipt):
            what = (record.what, record.post)
        elif isinstance(record, CaseEvent):
            what = ("case", f"{record.case} {record.what}")
        else:
            what = ("notes", store.FOLDERS[type(record)])
        channels = said.setdefault(what, [])
        if (channel := getattr(record, "channel", "")) and channel not in channels:
            channels.append(channel)
    lines = [_sentence(what, post, channels) for (what, post), channels in said.items()]
    if len(lines) == 1:
        return f"{lines[0]}\n"
    return f"publish: {len(lines)} things\n\n" + "\n".join(line.removeprefix("publish: ") for line in lines) + "\n"


_SAID: Mapping[str, str] = {
    "claims": "publish: {post} to {channels}",
    "sent": "publish: {post} is out on {channels}",
    "amended": "publish: {post} was changed on {channels}",
    "withdrawn": "publish: {post} was taken down from {channels}",
    "settled": "publish: {post} was seen on {channels}",
    "cancelled": "publish: {post} does not go to {channels}",
    "refused": "publish: {post} was refused by {channels}",
    "released": "publish: {post} to {channels} was given back",
    "scheduled": "publish: {post} to {channels} has a new time",
    "unseen": "publish: nobody knows whether {post} is on {channels}",
    "notes": "data: {post}",
    "case": "cases: {post}",
}


def _sentence(what: str, post: str, channels: Sequence[str]) -> str:
    words = _SAID[what].format(post=post[:80], channels=", ".join(channels))
    return "".join(char if char.isprintable() else "\ufffd" for char in words)


# --- without a remote ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class FolderLedger:
    """The records in the workspace's ``data/``, under a lock that one process at a time holds.

    Attributes:
        before: what stands elsewhere already and counts too, e.g. on the protected branch; this clone may be old.
        kinds: the folders it is about.
    """

    workspace: Workspace
    before: Callable[[], Snapshot] | None = None
    kinds: tuple[str, ...] = KINDS
    _seen: tuple[object, Snapshot] | None = field(default=None, repr=False)

    def read(self) -> Snapshot:
        """The files as they are."""
        marks = _marks(self.workspace, self.kinds)
        if self._seen is None or self._seen[0] != marks:
            self._seen = (marks, _read_folder(self.workspace, self.kinds, head=str(hash(marks))))
        mine = self._seen[1]
        if self.before is None:
            return mine
        try:
            there = self.before()
        except RepositoryError as error:
            message = f"The records on the protected branch cannot be read: {error}"
            raise LedgerError(message) from error
        known = {store.identity(record) for record in there.records}
        return _joined(there, [record for record in mine.records if store.identity(record) not in known])

    def append(self, decide: Decide) -> Snapshot:
        """Read, decide and write under the lock."""
        with _locked(self.workspace):
            before = self.read()
            records = decide(before)
            if not records:
                return before
            store.append(self.workspace, records)
            return self.read()


def _marks(workspace: Workspace, kinds: Sequence[str]) -> tuple[object, ...]:
    found = []
    for kind in kinds:
        folder = workspace.data / kind
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                state = entry.stat()
                found.append((kind, entry.name, state.st_size, state.st_mtime_ns, state.st_ino))
    return tuple(found)


def _read_folder(workspace: Workspace, kinds: Sequence[str], *, head: str) -> Snapshot:
    found: dict[str, tuple[Any, ...]] = {}
    for kind in kinds:
        found[kind], problems = store.read(workspace, kind)
        for problem in problems:
            if problem.skipped:
                _judge(problem.path, problem.line, _line(workspace.root / problem.path, problem.line))
    return Snapshot(
        found.get("intents", ()), found.get("receipts", ()), head, found.get("cases", ()), found.get("told", ())
    )


def _line(path: Path, number: int) -> bytes:
    return path.read_bytes().split(b"\n")[number - 1]


def _judge(path: str, number: int, line: bytes) -> None:
    """Let pass a line that a crash cut short: whoever wrote it had not got further. Anything else is damage.

    Raises:
        LedgerError: the line could be a claim or a receipt that nobody can read any more.
    """
    text = line.strip()
    if b'{"key":"'.startswith(text) or (text.startswith(b'{"key":"') and not text.endswith(b"}")):
        return
    message = (
        f"{path}:{number}: this line is no record, and it could be the proof that something is out. Nothing is published "
        "until it is mended or taken out in a commit that says so."
    )
    raise LedgerError(message)


@contextlib.contextmanager
def _locked(workspace: Workspace) -> Iterator[None]:
    import fcntl

    try:
        workspace.data.mkdir(parents=True, exist_ok=True)
        handle = os.open(workspace.data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        message = f"data/: this should be a folder that can be written ({error.strerror})."
        raise LedgerError(message) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# --- with a branch ---------------------------------------------------------------------------------------------------


class Branch(Protocol):
    """A branch that several runs push to."""

    def fetch(self) -> Snapshot:
        """The branch as the remote has it now; ``head`` is empty while there is no such branch.

        Raises:
            RepositoryError: it could not be fetched.
        """

    def push(self, onto: Snapshot, records: Sequence[Record]) -> tuple[Pushed, str, str]:
        """Push one commit that adds records to a state; what became of it, the commit's name, what was said."""

    def holds(self, head: str, commit: str) -> bool:
        """Whether a commit is part of what the branch holds now."""


@dataclass(slots=True)
class BranchLedger:
    """Claims by compare and swap: a push is refused unless it stands on the newest commit.

    Attributes:
        local: this machine's own records, which may be ahead of the branch; ``None`` where there is no disk.
        sleep: waits so many seconds.
        chance: a number from 0 to 1.
    """

    branch: Branch
    local: FolderLedger | None
    sleep: Callable[[float], None]
    chance: Callable[[], float] = random.random
    tries: int = TRIES

    def read(self) -> Snapshot:
        """The branch and, behind it, what this machine has not pushed yet."""
        try:
            shared = self.branch.fetch()
        except RepositoryError as error:
            message = f"The ledger's branch cannot be read, so nobody knows what is claimed: {error}"
            raise LedgerError(message) from error
        return _joined(shared, self._ahead(shared))

    def append(self, decide: Decide) -> Snapshot:
        """Push until the branch holds what was decided, or something else makes it needless."""
        said = ""
        kept = False
        for turn in range(self.tries):
            if turn:
                self.sleep(min(8.0, 0.2 * 2**turn) * (0.5 + self.chance()))
            try:
                shared = self.branch.fetch()
            except RepositoryError as error:
                said = str(error)
                kept = kept or self._keep(decide(self._blind()))
                if turn >= 2:
                    break
                continue
            ahead = self._ahead(shared)
            before = _joined(shared, ahead)
            known = {store.identity(record) for record in before.records}
            fresh = [record for record in decide(before) if store.identity(record) not in known]
            if not fresh and not ahead:
                return before
            kept = self._keep(fresh) or kept
            became, commit, said = self.branch.push(shared, [*ahead, *fresh])
            if became is Pushed.YES:
                return self._landed(_joined(shared, [*ahead, *fresh], head=commit), fresh)
            if became is Pushed.UNANSWERED:
                self.sleep(0.5 + self.chance())
                with contextlib.suppress(RepositoryError):
                    now = self.branch.fetch()
                    if self.branch.holds(now.head, commit):
                        return self._landed(_joined(now, self._ahead(now)), fresh)
        message = f"The ledger's branch could not be written: {said or 'others were faster every time'}."
        raise LedgerError(message, kept=kept)

    def _blind(self) -> Snapshot:
        return self.local.read() if self.local else Snapshot()

    def _ahead(self, shared: Snapshot) -> list[Record]:
        """What this machine holds and the branch does not."""
        if self.local is None:
            return []
        mine = self.local.read()
        known = {store.identity(record) for record in shared.records}
        return [record for record in mine.records if store.identity(record) not in known]

    def _keep(self, records: Iterable[Record]) -> bool:
        """Put on this machine's disk what has happened outside. A claim is none before the branch has it."""
        receipts = [record for record in records if isinstance(record, Receipt) or _happened(record)]
        if not receipts or self.local is None:
            return False
        store.append(self.local.workspace, receipts)
        return True

    def _landed(self, after: Snapshot, records: Sequence[Record]) -> Snapshot:
        if self.local is not None and records:
            store.append(self.local.workspace, records)
        return after


def _happened(record: Record) -> bool:
    return (isinstance(record, CaseEvent) and record.what == "answered") or (
        isinstance(record, Told) and record.what == "sent"
    )


def _joined(shared: Snapshot, more: Sequence[Record], head: str = "") -> Snapshot:
    if not more:
        return shared
    intents = [record for record in more if isinstance(record, Intent)]
    receipts = [record for record in more if isinstance(record, Receipt)]
    cases = [record for record in more if isinstance(record, CaseEvent)]
    told = [record for record in more if isinstance(record, Told)]
    name = head or f"{shared.head}+{len(intents)}+{len(receipts)}+{len(cases)}+{len(told)}"
    every = (*shared.intents, *intents), (*shared.receipts, *receipts), (*shared.cases, *cases), (*shared.told, *told)
    return Snapshot(every[0], every[1], name, every[2], every[3])


@dataclass(slots=True)
class GitBranch:
    """A branch of a git remote, read and written through the clone around the workspace.

    Attributes:
        clock: gives a commit its time.
        cache: where it is remembered what long files said; ``None``: nowhere.
    """

    repository: Repository
    remote: str
    name: str
    clock: Callable[[], datetime]
    kinds: tuple[str, ...] = KINDS
    cache: Path | None = None
    _known: dict[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)
    _last: Snapshot | None = field(default=None, repr=False)
    head: str = ""

    def fetch(self) -> Snapshot:
        """Ask the remote, and read what is new."""
        head = self.repository.heads(self.remote, self.name).branches.get(self.name, "")
        if not head:
            self.head = ""
            return Snapshot()
        if self._last is not None and self._last.head == head:
            return self._last
        self.repository.fetch(self.remote, self.name, head)
        self.repository.keep(f"data/{self.name}", head)
        self.head = head
        self._last = self.at(head)
        return self._last

    def at(self, head: str) -> Snapshot:
        """The ledger at a commit that is here."""
        files = self.repository.files(head, *(f"data/{kind}" for kind in self.kinds))
        fresh = self.repository.blobs(blob for blob in files.values() if blob not in self._known)
        for path, blob in files.items():
            if blob in fresh:
                kind = path.split("/")[1]
                rows, problems = store.read_bytes(path, fresh[blob], kind, cache=self.cache)
                for number, line in problems:
                    _judge(path, number, line)
                self._known[blob] = rows
        found: dict[str, dict[tuple[object, ...], Any]] = {kind: {} for kind in self.kinds}
        for path in sorted(files):
            rows_of = found[path.split("/")[1]]
            for record in self._known[files[path]]:
                rows_of.setdefault(store.identity(record), record)
        held = {kind: tuple(one.values()) for kind, one in found.items()}
        return Snapshot(
            held.get("intents", ()), held.get("receipts", ()), head, held.get("cases", ()), held.get("told", ())
        )

    def push(self, onto: Snapshot, records: Sequence[Record]) -> tuple[Pushed, str, str]:
        """Make the commit from objects and push it."""
        lines: dict[str, list[bytes]] = {}
        for record in records:
            path = f"data/{store.FOLDERS[type(record)]}/{store.month_of(record)}.jsonl"
            lines.setdefault(path, []).append(store.encode(record))
        there = self.repository.files(onto.head, *lines) if onto.head else {}
        held = self.repository.blobs(there.values())
        files = {}
        for path, rows in lines.items():
            before = held.get(there.get(path, ""), b"")
            files[f"{self.repository.prefix}{path}"] = (
                before + (b"\n" if before[-1:] not in {b"", b"\n"} else b"") + b"".join(rows)
            )
        commit = self.repository.commit(onto.head, files, subject(records), at=int(self.clock().timestamp()))
        became, said = self.repository.push(self.remote, commit, self.name)
        return became, commit, said

    def holds(self, head: str, commit: str) -> bool:
        """Whether the commit leads to the head."""
        return bool(head) and self.repository.holds(head, commit)


def bring(repository: Repository, head: str, workspace: Workspace) -> list[str]:
    """Bring the branch's ledger into the workspace's ``data/``, so that the site and every command see it.

    Lines that stand here and not there stay. ``data/private`` is never touched. Gives the files that changed.
    """
    files = repository.files(head, *(f"data/{kind}" for kind in LEDGER)) if head else {}
    wanted = {
        path: blob for path, blob in files.items() if path.endswith((".jsonl", ".parquet")) and path.count("/") == 2
    }
    here = {path: workspace.root / path for path in wanted}
    missing = [path for path in wanted if not here[path].is_file() or _blob(here[path]) != wanted[path]]
    content = repository.blobs(wanted[path] for path in missing)
    return [path for path in missing if store.merge_file(workspace, path, content[wanted[path]])]


def _blob(path: Path) -> str:
    """Git's name of a file's bytes."""
    import hashlib

    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
