"""The Book that is approved: what stands on the protected branch, and not what lies in this clone.

A clone that is a week old, or that holds edits nobody merged, must neither send old words nor miss a hold. With a remote
the protected branch is fetched by name; without one the last commit counts; without git, the files as they are.

What stands at a commit is put into ``.cache``, a folder a commit, unchanged files as links to those of the commit before;
the clone's own files, index and branches are not touched.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pipelines.repository import Repository, RepositoryError
from signalbook import book as books
from signalbook import caching, frontmatter
from signalbook.classes import dataclass
from signalbook.errors import SettingsError
from signalbook.model import Post
from signalbook.workspace import BUILDER, SETTINGS, Workspace

if TYPE_CHECKING:
    from signalbook.book import Book

WANTED = ("content", "signalbook.toml", "mkdocs.yml")
"""What of a workspace is looked at."""
KEPT = 3
"""So many commits stay in the cache."""


@dataclass(frozen=True, slots=True)
class Checkout(Workspace):
    """A workspace as it stood at a commit; what is learnt of it is kept with the workspace it came from."""

    home: Workspace = field(default_factory=lambda: Workspace(Path()))

    @property
    def cache(self) -> Path:
        """Shared by all commits."""
        folder = self.home.cache / "approved" / "cache"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def files(workspace: Workspace, *, claims: bool = True) -> Book:
    """The Book of a workspace without git: the files as they are; without ``claims`` no intents and receipts."""
    return books.load(workspace, claims=claims)


@dataclass(slots=True)
class Committed:
    """The Book of the last commit, in a clone without a remote; called anew, it sees a newer commit."""

    workspace: Workspace
    repository: Repository
    _last: tuple[str, Book] | None = None

    def __call__(self) -> Book:
        """Read what is committed.

        Raises:
            RepositoryError: git failed, or nothing has been committed.
        """
        head = self.repository.head()
        if not head:
            message = "Nothing has been committed here yet, and a post is approved by the commit that brings it. Commit it first."
            raise RepositoryError(message)
        if self._last is None or self._last[0] != head:
            self._last = (head, at_commit(self.workspace, self.repository, head))
        return self._last[1]


@dataclass(slots=True)
class Protected:
    """The Book of the protected branch, fetched anew at every call.

    Attributes:
        branch: empty for the remote's own main branch.
    """

    workspace: Workspace
    repository: Repository
    remote: str
    branch: str = ""
    head: str = ""
    name: str = ""
    _last: tuple[str, Book] | None = None

    def __call__(self) -> Book:
        """Fetch and read.

        Raises:
            RepositoryError: the remote cannot be reached.
            SettingsError: it has no such branch.
        """
        if not self.name:
            self.name = self.branch or self.repository.heads(self.remote).main or "main"
        heads = self.repository.heads(self.remote, self.name)
        head = heads.branches.get(self.name, "")
        if not head:
            message = (
                f"The remote {self.remote} has no branch {self.name}, from which Signalbook would publish. "
                'Name the protected branch in signalbook.toml: [publish] branch = "main".'
            )
            raise SettingsError(message)
        if self._last is None or self._last[0] != head:
            self.repository.fetch(self.remote, self.name, head)
            self.repository.keep(f"approved/{self.name}", head)
            self._last = (head, at_commit(self.workspace, self.repository, head, deepen=self._deepen))
        self.head = head
        return self._last[1]

    def _deepen(self) -> None:
        self.repository.deepen(self.remote, self.name)


def at_commit(workspace: Workspace, repository: Repository, commit: str, *, deepen: Any = None) -> Book:
    """The Book as it stands at a commit, without records, with the time at which each waiting post was approved.

    Raises:
        RepositoryError: git failed.
        SettingsError: the commit holds no workspace.
    """
    place, blobs = checkout(workspace, repository, commit)
    if not blobs.keys() & {SETTINGS, BUILDER} and workspace.settings.exists():
        message = (
            f"The commit {commit[:10]}, from which Signalbook would publish, holds no workspace: there is no {SETTINGS} where this "
            "one has its own. Push what is committed here to that branch, or name the right one in signalbook.toml: "
            '[publish] branch = "main".'
        )
        raise SettingsError(message)
    book = books.load(place, claims=False)
    return dataclasses.replace(book, approved_at=_approved_at(book, repository, commit, blobs, deepen))


def checkout(workspace: Workspace, repository: Repository, commit: str) -> tuple[Checkout, dict[str, str]]:
    """Put a commit's files into the cache, and say which bytes each has by git's name of them."""
    home = workspace.cache / "approved"
    home.mkdir(parents=True, exist_ok=True)
    target = home / commit
    listing = home / f"{commit}.json"
    if target.is_dir() and (known := _listing(listing)) is not None:
        os.utime(listing)
        return Checkout(target, workspace), known
    blobs = {path: blob for path, blob in repository.files(commit, *WANTED).items() if _plain(path)}
    fresh = home / f".{commit}-{secrets.token_hex(4)}"
    before, before_blobs = _newest(home)
    missing: list[str] = []
    made: set[PurePosixPath] = set()
    fresh.mkdir()
    for path, blob in blobs.items():
        parent = PurePosixPath(path).parent
        if parent not in made:
            (fresh / parent).mkdir(parents=True, exist_ok=True)
            made.add(parent)
        if before is not None and before_blobs.get(path) == blob:
            with contextlib.suppress(OSError):
                os.link(before / path, fresh / path)
                continue
        missing.append(path)
    for batch in _batches(missing, 500):
        content = repository.blobs(blobs[path] for path in batch)
        for path in batch:
            (fresh / path).write_bytes(content[blobs[path]])
    caching.replace(listing, json.dumps(blobs).encode())
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)  # another run was first with the same commit
    _prune(home, commit)
    return Checkout(target, workspace), blobs


def _plain(path: str) -> bool:
    """Whether a path leads nowhere but below its folder; what pushes a tree could write anything into it."""
    parts = path.split("/")
    return not path.startswith("/") and not {"", ".", "..", ".git"} & set(parts)


def _batches(paths: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(paths), size):
        yield paths[start : start + size]


def _listing(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _newest(home: Path) -> tuple[Path | None, dict[str, str]]:
    """The commit that was looked at last."""
    for listing in sorted(home.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True):
        folder = listing.with_suffix("")
        if folder.is_dir() and (known := _listing(listing)) is not None:
            return folder, known
    return None, {}


def _prune(home: Path, keep: str) -> None:
    """Throw away what is old; another run may still read what is young."""
    listings = sorted(home.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    youngest = listings[0].stat().st_mtime if listings else 0
    for listing in listings[KEPT:]:
        if listing.stem not in {keep, "merged"} and listing.stat().st_mtime < youngest - 3600:
            listing.unlink(missing_ok=True)
            shutil.rmtree(listing.with_suffix(""), ignore_errors=True)


# --- when it was approved --------------------------------------------------------------------------------------------


def _approved_at(
    book: Book, repository: Repository, commit: str, blobs: dict[str, str], deepen: Any
) -> dict[str, datetime]:
    """Post → when the protected branch first held it as approved, for posts whose time hangs on that."""
    waiting = [
        post for post in book.all(Post)
        if post.state == "approved" and (post.publish_at == "on-merge" or post.evergreen is not None)
    ]  # fmt: skip
    if not waiting:
        return {}
    assert isinstance(book.workspace, Checkout)  # noqa: S101 - made so a few lines above
    kept = book.workspace.home.cache / "approved" / "merged"
    known = _listing(kept) or {}
    found: dict[str, datetime] = {}
    fresh: dict[str, list[str]] = {}
    deepened = False
    for post in waiting:
        blob = blobs.get(post.path, "")
        row = known.get(post.path)
        if isinstance(row, list) and len(row) == 2 and row[0] == blob:
            at = datetime.fromisoformat(row[1])
        else:
            if not deepened and deepen is not None:
                deepen()
                deepened = True
            at = _since(repository, commit, post.path)
        fresh[post.path] = [blob, at.isoformat()]
        found[post.slug] = at
    if fresh != known:
        caching.replace(kept, json.dumps(fresh).encode())
    return found


def _since(repository: Repository, commit: str, path: str) -> datetime:
    """When the main line last went from a version that was not approved, or from none, to one that was."""
    full = f"{repository.prefix}{path}"
    output = repository.read(
        "log", "--first-parent", "-m", "--format=%H %ct", "--end-of-options", commit, "--", f":(top,literal){full}"
    )
    at = datetime.fromtimestamp(0, UTC)
    for number, line in enumerate(output.decode("ascii").split("\n")):
        sha, _, seconds = line.partition(" ")
        if not seconds:
            continue
        if number and not _says_approved(repository, sha, full):
            break
        at = datetime.fromtimestamp(int(seconds), UTC)
    return at


def _says_approved(repository: Repository, commit: str, path: str) -> bool:
    done = repository.run("cat-file", "blob", f"{commit}:{path}")
    if done.returncode:
        return False
    text, _ = frontmatter.text_of(done.stdout)
    return bool(frontmatter.split(text).values.get("status") == "approved")
