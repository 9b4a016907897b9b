"""Other people's words between ``data/private/`` and the branch that ``[data] private`` names.

The branch has one commit without a parent, replaced at each run: it holds what is kept now and no history. What passes between it and
the folder goes through a folder of objects of its own that is removed afterwards, so that this clone's ``.git`` never holds a word of
anybody outside, and nothing has to be found in it when somebody asks to be forgotten.

Two runs that race: the replacement names the commit that it replaces (``--force-with-lease``), and whoever comes second brings in
the first one's lines before it replaces them. What was forgotten on the branch is forgotten here before ours is added.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines import forgotten
from pipelines.repository import Repository, RepositoryError, around, said
from signalbook import settings as settings_
from signalbook import store
from signalbook.classes import dataclass
from signalbook.errors import SettingsError, StoreError
from signalbook.records import PRIVATE, Forgotten

if TYPE_CHECKING:
    from signalbook.workspace import Workspace

TRIES: Final = 6
FOLDER: Final = "data/private/"
_NAME: Final = re.compile(r"(?:[a-z]+/)?[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was brought or taken.

    Attributes:
        branch: the branch of private records; empty where there is none.
        files: paths that changed, here or there.
        why: one sentence.
    """

    branch: str
    files: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class _Place:
    repository: Repository
    url: str
    branch: str
    objects: Path

    def run(self, *words: str, given: bytes | None = None, more: dict[str, str] | None = None) -> bytes:
        """Run git with an object folder of our own.

        Raises:
            RepositoryError: it failed.
        """
        own = Path(os.fsdecode(self.repository.read("rev-parse", "--git-path", "objects").strip()))
        inherited = (self.repository.root / own).resolve()
        env = {"GIT_OBJECT_DIRECTORY": str(self.objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(inherited)}
        try:
            done = self.repository.run(
                *words, given=given, timeout_s=self.repository.timeout_s, more=env | (more or {})
            )
        except subprocess.TimeoutExpired as error:
            message = f"The remote did not answer in {self.repository.timeout_s:g} s."
            raise RepositoryError(message) from error
        if done.returncode:
            message = f"git {words[0]} failed: {said(done.stderr)}"
            raise RepositoryError(message)
        return done.stdout


def fetch(workspace: Workspace) -> Outcome:
    """Bring the branch's records into ``data/private/``, behind them the lines that are only here.

    Raises:
        SettingsError: the settings cannot be used.
        RepositoryError: the remote cannot be reached.
        StoreError: a record cannot be written.
    """
    with _place(workspace) as place:
        if isinstance(place, Outcome):
            return place
        head = _head(place)
        if not head:
            return Outcome(place.branch, (), f"There is no branch {place.branch} yet: nothing private has been kept.")
        changed = _bring(place, workspace, head)
    n = len(changed)
    why = (
        f"{n} {'file' if n == 1 else 'files'} of {place.branch} brought here."
        if n
        else "data/private/ holds all of it."
    )
    return Outcome(place.branch, tuple(changed), why)


def push(workspace: Workspace, now: datetime, sleep: Callable[[float], None], *, bring: bool = True) -> Outcome:
    """Replace the branch by one commit that holds what ``data/private/`` holds.

    Without ``bring`` what the branch holds and this folder does not is dropped: for forgetting.

    Raises:
        SettingsError: the settings cannot be used.
        RepositoryError: the remote cannot be reached.
        StoreError: others were faster every time.
    """
    reason = ""
    for turn in range(TRIES):
        if turn:
            sleep(min(8.0, 0.3 * 2**turn))
        with _place(workspace) as place:
            if isinstance(place, Outcome):
                return place
            head = _head(place)
            if head and bring:
                _bring(place, workspace, head)
            elif head:
                forgotten.learn(workspace, _forgotten_there(place, workspace, head))
            paths = _paths(workspace)
            if not paths and not head:
                return Outcome(place.branch, (), "Nothing private is kept here yet.")
            commit, tree = _commit(place, workspace, paths, now)
            if head and place.run("rev-parse", f"{head}^{{tree}}").decode().strip() == tree:
                return Outcome(place.branch, (), f"{place.branch} holds just this.")
            try:
                place.run(
                    "push", "--porcelain", "--no-verify", f"--force-with-lease=refs/heads/{place.branch}:{head}",
                    "--end-of-options", place.url, f"{commit}:refs/heads/{place.branch}",
                )  # fmt: skip
            except RepositoryError as error:
                reason = str(error)
                if _head(place) != commit:
                    continue
            return Outcome(place.branch, tuple(paths), f"{place.branch} was replaced: {len(paths)} files.")
    message = f"{place.branch} could not be written: {reason}. The records are in data/private/ and go out with the next push."
    raise StoreError(message)


def branch_of(workspace: Workspace) -> str:
    """The branch that ``[data] private`` names; empty when private records stay in the folder.

    Raises:
        SettingsError: it names something else.
    """
    named = settings_.read(workspace.settings).data_private
    if not named:
        return ""
    kind, _, branch = named.partition(":")
    plain = (
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", branch)
        and ".." not in branch
        and not branch.endswith((".lock", "/"))
    )
    if kind != "branch" or not plain:
        message = (
            f'signalbook.toml: [data] private = “{named}” is no place. Write private = "branch:signalbook-private".'
        )
        raise SettingsError(message)
    return branch


@contextlib.contextmanager
def _place(workspace: Workspace) -> Iterator[_Place | Outcome]:
    settings = settings_.read(workspace.settings)
    branch, remote = branch_of(workspace), settings.publish.remote
    if not branch:
        yield Outcome("", (), "signalbook.toml names no [data] private: private records stay in data/private/.")
        return
    repository = around(workspace.root)
    if repository is None or remote not in repository.remotes():
        yield Outcome("", (), "There is no git remote here: private records stay in data/private/.")
        return
    url = repository.read("remote", "get-url", "--push", "--", remote).decode("utf-8", "surrogateescape").strip()
    if "://" not in url and not url.startswith("/") and not re.match(r"[^/]+:", url):
        url = str((repository.root / url).resolve())  # git takes it from the top of the clone
    folder = Path(tempfile.mkdtemp(prefix="signalbook-private-"))
    try:
        yield _Place(repository, url, branch, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _head(place: _Place) -> str:
    output = place.run("ls-remote", "--end-of-options", place.url, f"refs/heads/{place.branch}").decode()
    return output.split("\t", 1)[0].strip() if output.strip() else ""


def _tree(place: _Place, head: str) -> dict[str, str]:
    """Path below ``data/private/`` → blob, of plain files whose names are ours."""
    place.run(
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--depth=1", "--update-shallow",
        "--end-of-options", place.url, f"refs/heads/{place.branch}",
    ) if not _has(place, head) else b""  # fmt: skip
    found = {}
    for row in place.run("ls-tree", "-r", "-z", "--full-tree", head).split(b"\0"):
        facts, _, path = row.partition(b"\t")
        mode, kind, blob = (*facts.split(b" "), b"", b"")[:3]
        name = os.fsdecode(path).removeprefix(FOLDER)
        if kind == b"blob" and mode == b"100644" and _NAME.fullmatch(name):
            found[name] = blob.decode()
    return found


def _has(place: _Place, commit: str) -> bool:
    try:
        place.run("cat-file", "-e", f"{commit}^{{tree}}")
    except RepositoryError:
        return False
    return True


def _forgotten_there(place: _Place, workspace: Workspace, head: str) -> list[Forgotten]:
    del workspace
    found: list[Forgotten] = []
    for name, blob in _tree(place, head).items():
        if name.startswith("forgotten/"):
            found += store.read_bytes(name, place.run("cat-file", "blob", blob), "forgotten")[0]
    return found


def _bring(place: _Place, workspace: Workspace, head: str) -> list[str]:
    """Put the branch's files in their places, our own lines behind theirs; forget first what was forgotten there."""
    forgotten.learn(workspace, _forgotten_there(place, workspace, head))
    changed = []
    for name, blob in _tree(place, head).items():
        target = workspace.private / name
        if target.is_symlink() or workspace.private.is_symlink() or target.parent.is_symlink():
            message = f"{FOLDER}{name}: this is a link, so nothing was written there. Put the file itself in its place."
            raise StoreError(message)
        if target.exists() and place.run("hash-object", "--no-filters", "--", str(target)).decode().strip() == blob:
            continue
        if target.exists() and name.partition("/")[0] not in PRIVATE:
            continue  # a state of this clone is newer, or can be made again
        target.parent.mkdir(parents=True, exist_ok=True)
        content = place.run("cat-file", "blob", blob)
        if not target.exists():
            _write(target, content)
            changed.append(name)
        elif store.merge_private(workspace, name, content):
            changed.append(name)
    # Lines of ours that were forgotten there, and lines of theirs that were forgotten here.
    forgotten.purge(workspace)
    return changed


def _write(target: Path, content: bytes) -> None:
    fresh = target.with_name(f".{target.name}.part")
    try:
        fresh.write_bytes(content)
        fresh.replace(target)
    except OSError as error:
        message = f"{FOLDER}{target.name}: the file cannot be written ({error.strerror})."
        raise StoreError(message) from error


def _paths(workspace: Workspace) -> list[str]:
    """What is kept of ``data/private/``: files whose names are ours, no links, nothing half written."""
    if workspace.private.is_symlink() or not workspace.private.is_dir():
        return []
    found = []
    for path in sorted(workspace.private.rglob("*")):
        name = path.relative_to(workspace.private).as_posix()
        if path.is_file() and not path.is_symlink() and not path.parent.is_symlink() and _NAME.fullmatch(name):
            found.append(name)
    return found


def _commit(place: _Place, workspace: Workspace, paths: list[str], now: datetime) -> tuple[str, str]:
    at = int(now.timestamp())
    who = {"GIT_AUTHOR_NAME": "Signalbook", "GIT_AUTHOR_EMAIL": "signalbook@localhost",
           "GIT_COMMITTER_NAME": "Signalbook", "GIT_COMMITTER_EMAIL": "signalbook@localhost",
           "GIT_AUTHOR_DATE": f"@{at} +0000", "GIT_COMMITTER_DATE": f"@{at} +0000"}  # fmt: skip
    rows = []
    for name in paths:
        blob = place.run("hash-object", "-w", "--no-filters", "--", str(workspace.private / name)).decode().strip()
        rows.append(f"100644 {blob}\t{FOLDER}{name}\0".encode())
    more = {"GIT_INDEX_FILE": str(place.objects / "index")}
    place.run("update-index", "-z", "--add", "--index-info", given=b"".join(rows), more=more)
    tree = place.run("write-tree", more=more).decode().strip()
    message = b"private: what is kept of others\n"
    return place.run("commit-tree", tree, "-F", "-", given=message, more=who).decode().strip(), tree
