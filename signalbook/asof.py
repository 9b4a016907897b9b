"""A workspace as it was: the files of a commit and the records that were known then, laid out in a folder of their own.

::

    REV ──► commit ──► its files ────────────┐
              │ its time                     ├──► .cache/…/as-of/COMMIT/…, a workspace like any other
              ├──► [data] branch, last commit not later ──► data/
              └──► data/private, what was heard by then

The folder stands in for a working tree with that commit checked out: git's own files are linked to it the way a second
working tree is (gitrepository-layout(5), ``commondir``), detached at the commit, so that history ends there. Whoever reads it
needs to know nothing of this; the software is the one of today.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from signalbook import settings as settings_
from signalbook import store
from signalbook.classes import dataclass
from signalbook.errors import StoreError, UsageError
from signalbook.history import NO_GIT, Git, no_revision
from signalbook.records import LEDGER, PRIVATE
from signalbook.workspace import Workspace

KEEP: Final = 3
"""So many laid out workspaces are kept for the next build of the same commit."""
AT_ONCE: Final = 64 * 1024 * 1024
"""So many bytes of files are asked of git in one go."""


@dataclass(frozen=True, slots=True)
class Past:
    """A workspace as it was.

    Attributes:
        workspace: the folder that holds it.
        commit: full name.
        at: when it was committed, in UTC.
        records: the commit of the records' branch; empty when the records lie beside the documents.
    """

    workspace: Workspace
    commit: str
    at: datetime
    records: str


def at(workspace: Workspace, revision: str) -> Past:
    """Lay out a workspace as it was at a commit.

    Raises:
        UsageError: there is no git, or no such commit here.
        StoreError: git cannot read all of it: a clone that is cut off lacks the files of old commits.
        SettingsError: the settings of that commit cannot be used.
    """
    try:
        git = Git(workspace.root)
    except ImportError as error:
        raise UsageError(f"--as-of needs git: {NO_GIT}") from error
    commit = _commit(git, revision)
    if not commit:
        raise UsageError(f"--as-of: {no_revision(workspace, revision)}")
    when = datetime.fromtimestamp(int(_line(git, "show", "-s", "--format=%ct", commit)), UTC)
    prefix = _line(git, "rev-parse", "--show-prefix").strip("/")
    base = workspace.cache / "as-of"
    place = base / commit[:16]
    shutil.rmtree(place, ignore_errors=True)
    root = place / "tree" / prefix if prefix else place / "tree"
    root.mkdir(parents=True)
    _link(git, place, commit)
    _lay(git, commit, root)
    past = Workspace(root)
    records = _records(git, past, when)
    _private(workspace, past, when)
    _library(workspace, past)
    older = sorted((one for one in base.iterdir() if one != place), key=lambda one: one.stat().st_mtime)
    for one in older[: max(0, len(older) - KEEP + 1)]:
        shutil.rmtree(one, ignore_errors=True)
    return Past(past, commit, when, records)


def _commit(git: Git, name: str) -> str:
    found = git.read("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return (found or b"").decode("ascii", "replace").strip()


def _line(git: Git, *words: str) -> str:
    """What git says on one line; empty when it fails."""
    return os.fsdecode(git.read(*words) or b"").strip()


def _link(git: Git, place: Path, commit: str) -> None:
    """Make the folder a working tree of the same repository with the commit checked out."""
    common = _line(git, "rev-parse", "--path-format=absolute", "--git-common-dir")
    inside = place / "git"
    inside.mkdir()
    for name, text in (("HEAD", commit), ("commondir", common), ("gitdir", str(place / "tree" / ".git"))):
        (inside / name).write_text(f"{text}\n", encoding="utf-8")
    (place / "tree" / ".git").write_text(f"gitdir: {inside}\n", encoding="utf-8")


def _lay(git: Git, commit: str, root: Path, *below: str) -> list[str]:
    """Write the files of a commit into a folder and say which; links and other repositories are left out.

    Raises:
        StoreError: git does not have them all.
    """
    answer = git.read("ls-tree", "-r", "-l", "-z", commit, "--", *below)
    if answer is None:
        message = f"git cannot read the commit {commit[:12]}: this clone has not fetched all of it."
        raise StoreError(message)
    todo: list[tuple[str, str]] = []
    written: list[str] = []
    size = 0
    for row in answer.split(b"\0"):
        head, _, path = os.fsdecode(row).partition("\t")
        mode, *words = head.split() or [""]
        if mode not in {"100644", "100755"} or ".." in path.split("/") or ".git" in path.split("/"):
            continue
        todo.append((words[1], path))
        size += int(words[2])
        if size > AT_ONCE:
            written += _write(git, todo, root)
            todo, size = [], 0
    return written + _write(git, todo, root)


def _write(git: Git, todo: list[tuple[str, str]], root: Path) -> list[str]:
    found = git.blobs(sorted({blob for blob, _ in todo}))
    if found is None:
        message = "git cannot read all files of the commit: this clone has not fetched them. Try: git fetch --unshallow"
        raise StoreError(message)
    held = dict(found)
    for blob, path in todo:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(held[blob])
    return [path for _, path in todo]


def _records(git: Git, past: Workspace, when: datetime) -> str:
    """Bring in the records' branch at its last commit not later; says which that was."""
    settings = settings_.read(past.settings)
    branch, remote = settings.data_branch, settings.publish.remote
    if not branch:
        return ""
    newest: tuple[int, str] = (-1, "")
    for name in (f"refs/remotes/{remote}/{branch}", f"refs/heads/{branch}"):
        tip = _commit(git, name)
        rows = _line(git, "log", "--first-parent", "--format=%ct %H", tip, "--").splitlines() if tip else []
        times = [(int(row.partition(" ")[0]), row.partition(" ")[2]) for row in rows]
        newest = max([newest, *(row for row in times if row[0] <= when.timestamp())], key=lambda row: row[0])
    if not newest[1]:
        return ""
    aside = past.root.parent / f"{past.root.name}-records"
    for path in _lay(git, newest[1], aside, *(f"data/{folder}" for folder in LEDGER)):
        # What lies beside the documents keeps its lines, as when the branch is fetched.
        store.merge_file(past, path, (aside / path).read_bytes())
    shutil.rmtree(aside, ignore_errors=True)
    return newest[1]


def _private(workspace: Workspace, past: Workspace, when: datetime) -> None:
    """Bring in what others said and was heard by then; what was forgotten since stays forgotten."""
    shutil.rmtree(past.private, ignore_errors=True)  # a commit that holds it should not
    for folder, kind in PRIVATE.items():
        kept: list[Any] = [
            one for path in store.files(workspace, folder) for one in store.values(path, kind) if one.heard_at <= when
        ]
        store.append(past, kept)


def _library(workspace: Workspace, past: Workspace) -> None:
    """Bring in what is the same in every workspace and long in the making: the script that draws charts."""
    for path in (workspace.cache / "charts").glob("vega-*.js"):
        (past.cache / "charts").mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            os.link(path, past.cache / "charts" / path.name)
