"""Git at the edge: fetch a branch by name, read what stands at a commit, push one commit. No checkout, no index, no hook.

People's own index, branches and files are never touched: commits are made of objects, with an index of our own, and what
is fetched is kept under ``refs/signalbook/``. No word that somebody wrote is handed to git as an option, a password is
never asked for, and every command has a time-out.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path

from signalbook.classes import dataclass
from signalbook.errors import SignalbookError

LOCAL_S = 60.0
"""How long a command on this machine may take."""
REMOTE_S = 120.0
"""How long a fetch or a push may take."""

_OURS = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.quotePath=false", "gc.auto=0", "maintenance.auto=false",
         "commit.gpgSign=false", "push.gpgSign=false", "push.followTags=false", "push.recurseSubmodules=no",
         "fetch.recurseSubmodules=no", "fetch.prune=false", "advice.statusHints=false", "color.ui=false",
         "protocol.ext.allow=never")  # fmt: skip
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECRET = re.compile(r"(?<=://)[^/@\s]+@")


class RepositoryError(SignalbookError):
    """Git could not do what was asked: no network, no right, or a repository that is damaged."""


class Pushed(Enum):
    """What became of a push."""

    YES = "yes"
    REJECTED = "rejected"
    """Somebody else was first; it proves nothing about what we wanted."""
    UNANSWERED = "unanswered"
    """It may have arrived: fetch and see."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What a remote says of itself.

    Attributes:
        main: the name of its own main branch, without ``refs/heads/``; empty when it has none.
        branches: branch → commit, of those asked for that exist.
    """

    main: str
    branches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Repository:
    """The clone around a workspace.

    Attributes:
        root: the folder git is asked in.
        prefix: the workspace's folder inside the repository, with a slash behind it; empty at its top.
        timeout_s: for commands that reach a remote.
    """

    root: Path
    prefix: str = ""
    timeout_s: float = REMOTE_S

    # --- asking ------------------------------------------------------------------------------------------------------

    def run(
        self, *words: str, given: bytes | None = None, timeout_s: float = LOCAL_S, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git, whatever status it ends with.

        Raises:
            RepositoryError: git is not installed.
            subprocess.TimeoutExpired: it took too long, and was ended.
        """
        settings = [word for setting in _OURS for word in ("-c", setting)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_TRACE")}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "GIT_OPTIONAL_LOCKS": "0",
                        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_PAGER": "cat", "LC_ALL": "C", "TZ": "UTC"}  # fmt: skip
        environment.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=20")
        try:
            return subprocess.run(
                ["git", *settings, *words],
                cwd=self.root, input=given, stdin=subprocess.DEVNULL if given is None else None, capture_output=True,
                env=environment | dict(more or {}), timeout=timeout_s, check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            message = "git is not installed here, and this workspace is kept in git. Install git."
            raise RepositoryError(message) from error

    def read(self, *words: str, given: bytes | None = None, more: Mapping[str, str] | None = None) -> bytes:
        """Run a command on this machine and give what it prints.

        Raises:
            RepositoryError: it failed.
        """
        try:
            done = self.run(*words, given=given, more=more)
        except subprocess.TimeoutExpired as error:
            message = f"git {words[0]} did not end in {LOCAL_S:g} s."
            raise RepositoryError(message) from error
        if done.returncode:
            message = f"git {words[0]} failed: {said(done.stderr)}"
            raise RepositoryError(message)
        return done.stdout

    def maybe(self, *words: str) -> str:
        """What a command prints, without the line's end; empty when it fails."""
        with contextlib.suppress(RepositoryError):
            return self.read(*words).decode("utf-8", "replace").strip()
        return ""

    def remotes(self) -> tuple[str, ...]:
        """The names of the remotes."""
        return tuple(self.maybe("remote").split())

    def head(self) -> str:
        """The commit that is checked out; empty before the first."""
        return self.maybe("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    def has(self, commit: str) -> bool:
        """Whether a commit's object is here."""
        return bool(_SHA.fullmatch(commit)) and self.run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def holds(self, head: str, commit: str) -> bool:
        """Whether a commit is part of what leads to ``head``."""
        return self.run("merge-base", "--is-ancestor", commit, head).returncode == 0

    def files(self, commit: str, *below: str) -> dict[str, str]:
        """Path → blob of every plain file at a commit, below paths relative to the workspace; links are left out."""
        paths = [f"{self.prefix}{path}" for path in below] or [self.prefix or "."]
        output = self.read("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit, "--", *paths)
        found = {}
        for row in output.split(b"\0"):
            head, _, path = row.partition(b"\t")
            mode, what, blob = (*head.split(b" "), b"", b"")[:3]
            if what == b"blob" and mode in {b"100644", b"100755"}:
                found[os.fsdecode(path).removeprefix(self.prefix)] = blob.decode()
        return found

    def blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """Blob → its bytes.

        Raises:
            RepositoryError: one is not here and cannot be fetched.
        """
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        with tempfile.TemporaryFile() as taken:
            # Into a file: many pictures are more than a pipe should hold in memory twice.
            output = self.read("cat-file", "--batch", given="\n".join(wanted).encode() + b"\n")
            taken.write(output)
        found, at = {}, 0
        for name in wanted:
            end = output.index(b"\n", at)
            head = output[at:end].split()
            if len(head) != 3:
                message = f"git does not hold the object {name}: fetch the clone anew."
                raise RepositoryError(message)
            size = int(head[2])
            found[name] = output[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    # --- reaching a remote -------------------------------------------------------------------------------------------

    def heads(self, remote: str, *branches: str) -> Heads:
        """Ask a remote for its main branch and for branches by name.

        Raises:
            RepositoryError: it could not be asked.
        """
        asked = ["HEAD", *(f"refs/heads/{branch}" for branch in branches)]
        output = self._far("ls-remote", "--symref", "--end-of-options", remote, *asked)
        main, found = "", {}
        for line in output.decode("utf-8", "replace").splitlines():
            value, _, name = line.partition("\t")
            if value.startswith("ref: refs/heads/") and name == "HEAD":
                main = value.removeprefix("ref: refs/heads/")
            elif name.startswith("refs/heads/") and _SHA.fullmatch(value):
                found[name.removeprefix("refs/heads/")] = value
        return Heads(main, found)

    def fetch(self, remote: str, branch: str, commit: str) -> None:
        """Bring a branch here, at least up to a commit that the remote named.

        Raises:
            RepositoryError: it could not be fetched.
        """
        if self.has(commit):
            return
        shallow = self.maybe("rev-parse", "--is-shallow-repository") == "true"
        # A clone that is cut off stays cut off; one that is whole stays whole.
        depth = ["--depth=1"] if shallow else []
        self._far("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", *depth,
                  "--end-of-options", remote, f"refs/heads/{branch}")  # fmt: skip
        if not self.has(commit):
            message = f"{remote} named a commit of {branch} that it does not give. Try again."
            raise RepositoryError(message)

    def deepen(self, remote: str, branch: str) -> None:
        """Bring the whole history of a branch into a clone that is cut off."""
        if self.maybe("rev-parse", "--is-shallow-repository") == "true":
            self._far("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--unshallow", "--end-of-options", remote,
                      f"refs/heads/{branch}")  # fmt: skip

    def keep(self, name: str, commit: str) -> None:
        """Remember a commit under ``refs/signalbook/``, so that upkeep does not throw it away. Nothing depends on it."""
        self.run("update-ref", f"refs/signalbook/{name}", commit)

    def _far(self, *words: str) -> bytes:
        try:
            done = self.run(*words, timeout_s=self.timeout_s)
        except subprocess.TimeoutExpired as error:
            message = f"The remote did not answer in {self.timeout_s:g} s."
            raise RepositoryError(message) from error
        if done.returncode:
            message = f"git {words[0]} failed: {said(done.stderr)}"
            raise RepositoryError(message)
        return done.stdout

    # --- writing -----------------------------------------------------------------------------------------------------

    def commit(self, parent: str, files: Mapping[str, bytes], message: str, *, at: int) -> str:
        """Make a commit that puts files (paths from the repository's top) on a parent; nothing but objects is written.

        The parent is empty for the first commit of a branch; ``at`` is the commit's time, in seconds since 1970.
        """
        who = {"GIT_AUTHOR_NAME": "Signalbook", "GIT_AUTHOR_EMAIL": "signalbook@localhost",
               "GIT_COMMITTER_NAME": "Signalbook", "GIT_COMMITTER_EMAIL": "signalbook@localhost",
               "GIT_AUTHOR_DATE": f"@{at} +0000", "GIT_COMMITTER_DATE": f"@{at} +0000"}  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="signalbook-") as folder:
            more = who | {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if parent:
                self.read("read-tree", parent, more=more)
            rows = []
            for path, content in files.items():
                blob = self.read("hash-object", "-w", "--stdin", given=content).decode().strip()
                rows.append(f"100644 {blob}\t{path}\0".encode())
            self.read("update-index", "-z", "--add", "--index-info", given=b"".join(rows), more=more)
            tree = self.read("write-tree", more=more).decode().strip()
            above = ["-p", parent] if parent else []
            return self.read("commit-tree", tree, *above, "-F", "-", given=message.encode(), more=more).decode().strip()

    def push(self, remote: str, commit: str, branch: str) -> tuple[Pushed, str]:
        """Push a commit to a branch, never by force; the second value is what the remote said."""
        try:
            done = self.run("push", "--porcelain", "--no-verify", "--end-of-options", remote,
                            f"{commit}:refs/heads/{branch}", timeout_s=self.timeout_s)  # fmt: skip
        except subprocess.TimeoutExpired:
            return Pushed.UNANSWERED, f"no answer in {self.timeout_s:g} s"
        if done.returncode == 0:
            return Pushed.YES, ""
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            if line.startswith("!\t"):
                words = line.split("\t")[-1]
                # «failed to update ref», «internal server error» and the like say that it went wrong, not that it did not
                # happen; only these are a plain no.
                plain = ("fetch first", "non-fast-forward", "already exists", "failed to lock", "cannot lock ref",
                         "incorrect old value", "declined", "protected", "prohibited", "denied", "stale info")  # fmt: skip
                if any(word in words for word in plain):
                    return Pushed.REJECTED, said(words.encode() + b" " + done.stderr)
                return Pushed.UNANSWERED, said(words.encode())
        return Pushed.UNANSWERED, said(done.stderr)


def around(folder: Path) -> Repository | None:
    """The clone that a workspace lies in; ``None`` without git, or outside of a repository."""
    here = Repository(folder)
    try:
        done = here.run("rev-parse", "--is-inside-work-tree", "--show-prefix")
    except RepositoryError:
        return None
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    return Repository(folder, lines[1]) if done.returncode == 0 and lines[0] == "true" else None


def said(output: bytes) -> str:
    """What git said, on one line, shortened, without a password that an address may hold."""
    text = " ".join(_SECRET.sub("", output.decode("utf-8", "replace")).split())
    return "".join(char if char.isprintable() else "\ufffd" for char in text)[:300]
