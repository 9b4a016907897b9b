"""Git as evidence: who wrote, changed and approved which document, and when. Read only.

::

    git log --raw (every commit) ──┐
    git log --raw --first-parent ──┼─► commits ─► documents, transitions, changes
    git cat-file --batch ──────────┘   (front matter of versions never seen before)

A handful of processes read the whole history, whatever its length. What was read is kept in ``.cache``: one process runs
when nothing was committed since, and only what is new is read when something was. Nothing here runs a hook, a filter, a pager or a helper, follows a promise to
the network, or hands a word that somebody wrote to git.

A workspace without git, without a commit, or with a clone that is cut off (shallow) has an empty history that says why.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import tempfile
from dataclasses import field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from signalbook.classes import dataclass
from signalbook.content import kind_of
from signalbook.pattern import pattern
from signalbook.workspace import Narrowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from signalbook.period import Period
    from signalbook.workspace import Workspace

VERSION = "history-1"
"""Changes when what is kept of a history changes; older caches then count as empty."""
NO_GIT = "git is not installed, so that who wrote what and when is not known here."
NO_REPOSITORY = "The workspace is not in git, so that who wrote what and when is not known."
NO_COMMIT = "Nothing in content/ has been committed yet."
SHALLOW = "This clone is cut off (shallow), so that its history is not known. Fetch it with: git fetch --unshallow"

WITHHELD = "Who wrote what, and when, is not part of this site."
ELSEWHERE = "a change to several documents"
"""What is said of a commit that touched more than an audience may know of."""

What = Literal["added", "changed", "renamed", "removed"]
_WHAT: Mapping[str, What] = {"A": "added", "M": "changed", "T": "changed", "R": "renamed", "C": "added", "D": "removed"}


@dataclass(frozen=True, slots=True)
class File:
    """What a commit did to a file.

    Attributes:
        what: a renamed file may have changed too.
        path: posix, relative to the workspace; of a renamed file the new one.
        was: the old path of a renamed file, else empty.
        blob: git's name of the bytes; empty for a removed file.
    """

    what: What
    path: str
    was: str
    blob: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that touched ``content/``.

    Attributes:
        author: the name as git has it.
        written_at: when its author made it.
        at: when it was committed; on the main line never before the commit below it, whatever clocks said.
        subject: the first line of its message.
    """

    sha: str
    author: str
    written_at: datetime
    at: datetime
    subject: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a version of a document said in its front matter, as far as history asks.

    Attributes:
        status: as written; empty when it said none.
        review_by: ``None`` when it said none.
    """

    status: str = ""
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A document as one commit left it."""

    commit: Commit
    file: File
    facts: Facts


@dataclass(frozen=True, slots=True)
class Life:
    """A document's history, renames followed.

    Attributes:
        path: the last it had.
        versions: oldest first, every commit on any branch that was merged.
        contributors: authors in the order of their first commit.
    """

    path: str
    versions: tuple[Version, ...]
    contributors: tuple[str, ...]

    @property
    def first(self) -> Commit:
        """The commit that first added it."""
        return self.versions[0].commit

    @property
    def last(self) -> Commit:
        """The commit that changed it last."""
        return self.versions[-1].commit

    @property
    def removed(self) -> bool:
        """Whether it is gone."""
        return self.versions[-1].file.what == "removed"

    def reached(self, *states: str) -> Version | None:
        """Give the first version in one of these states, or ``None``."""
        return next((version for version in self.versions if version.facts.status in states), None)


@dataclass(frozen=True, slots=True)
class Transition:
    """A document that went from a state to another; ``was`` is empty for a new one, ``became`` for a removed one."""

    path: str
    kind: str
    when: datetime
    author: str
    was: str
    became: str
    sha: str


@dataclass(frozen=True, slots=True)
class Change:
    """A document that a commit touched, for people to read.

    Attributes:
        path: posix, relative to the workspace.
        kind: the kind's name, e.g. ``post``; ``page`` for an ordinary page, ``file`` for a picture.
        what: ``added``, ``changed``, ``renamed``, ``removed``; with its states where they changed:
            ``draft → approved``.
    """

    path: str
    kind: str
    when: datetime
    author: str
    subject: str
    what: str
    sha: str


@dataclass(frozen=True)
class History:
    """What git knows about ``content/``.

    Attributes:
        head: the commit that was read; empty without history.
        why: the sentence that says why there is none; empty when there is one.
        commits: every commit, parents before children; merges themselves carry no files and are left out.
        main: the main line, oldest first: what each step brought to it, a merge as one.
        facts: blob → what it said.
    """

    head: str = ""
    why: str = ""
    commits: tuple[Commit, ...] = ()
    main: tuple[Commit, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.commits)

    def of(self, path: str) -> Life | None:
        """Give the history of the document that lies at a path now; ``None`` when git does not know it."""
        return self.lives.get(path)

    @cached_property
    def lives(self) -> Mapping[str, Life]:
        """Path → the document's history on every branch, by when it was committed."""
        return self._lives(self.commits)

    @cached_property
    def main_lives(self) -> Mapping[str, Life]:
        """Path → the document's history on the main line: what counts as merged and as approved."""
        return self._lives(self.main)

    def transitions(self, path: str | None = None) -> list[Transition]:
        """List the changes of state on the main line, oldest first; of one document, or of all."""
        lives = self.main_lives.values() if path is None else filter(None, [self.main_lives.get(path)])
        found = [transition for life in lives for transition in _transitions(life)]
        return sorted(found, key=lambda transition: (transition.when, transition.path))

    def changes(self, period: Period, *, kinds: Iterable[str] | None = None) -> list[Change]:
        """List what a period brought to the main line, newest first, perhaps only of some kinds."""
        wanted = None if kinds is None else frozenset(kinds)
        return [
            change for change in self.everything if change.when in period and (wanted is None or change.kind in wanted)
        ]

    @cached_property
    def everything(self) -> tuple[Change, ...]:
        """What the whole main line brought, newest first."""
        states = {(step.sha, step.path): step for step in self.transitions()}
        found = []
        for commit in reversed(self.main):
            for file in commit.files:
                step = states.get((commit.sha, file.path))
                what = f"{step.was} → {step.became}" if step and step.was and step.became else file.what
                kind = kind_name(file.path)
                found.append(Change(file.path, kind, commit.at, commit.author, commit.subject, what, commit.sha))
        return tuple(found)

    @cached_property
    def steps(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """Commit and path of each new version on the main line → git's names of the bytes before and after it.

        Where a document began, came back or went there is nothing to compare, and no entry.
        """
        return {
            (new.commit.sha, new.file.path): (old.file.blob, new.file.blob)
            for life in self.main_lives.values()
            for old, new in itertools.pairwise(life.versions)
            if old.file.blob and new.file.blob and old.file.blob != new.file.blob
        }

    def _lives(self, commits: Sequence[Commit]) -> dict[str, Life]:
        versions: dict[str, list[Version]] = {}
        for commit in commits:
            for file in commit.files:
                if file.what == "renamed" and file.was in versions:
                    versions[file.path] = versions.pop(file.was)
                known = versions.setdefault(file.path, [])
                known.append(Version(commit, file, self.facts.get(file.blob, Facts())))
        return {
            path: Life(path, tuple(known), tuple(dict.fromkeys(version.commit.author for version in known)))
            for path, known in versions.items()
        }


def load(workspace: Workspace) -> History:
    """Read the history of a workspace's ``content/``, or what was kept of it. Never raises: ``why`` says what failed."""
    if isinstance(workspace, Narrowed):
        return narrowed(load(workspace.whole), workspace.held) if workspace.history else History(why=WITHHELD)
    if not _in_git(workspace.root):
        return History(why=NO_REPOSITORY)
    try:
        git = Git(workspace.root)
    except ImportError:
        return History(why=NO_GIT)
    answer = git.read("rev-parse", "--is-shallow-repository", "--verify", "HEAD")
    lines = answer.decode().split() if answer is not None else []
    if len(lines) != 2:
        inside = git.read("rev-parse", "--is-inside-work-tree")
        return History(why=NO_REPOSITORY if inside is None else NO_COMMIT)
    shallow, head = lines
    if shallow == "true":
        return History(why=SHALLOW)
    cache = workspace.cache / "history.json"
    prefix = _blob(os.fsencode(workspace.root))
    known = _kept(cache)
    if known.get("head") == head and known.get("root") == prefix:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            return _thawed(known)
    before, since = History(), ""
    if known.get("root") == prefix and git.grew(str(known.get("head"))):
        with contextlib.suppress(KeyError, TypeError, ValueError):
            before, since = _thawed(known), str(known["head"])
    commits = git.log(since, "--topo-order", "--full-history")
    # Without merges the main line is the history.
    main = git.log(since, "--first-parent", "-m") if commits is None or git.has_merges(since) else commits
    if commits is None or main is None:
        return History(why="git could not read the history of content/: look at it with `git fsck`.")
    commits, main = before.commits + commits, before.main + main
    if not main:
        return History(why=NO_COMMIT)
    blobs = {file.blob for commit in (*commits, *main) for file in commit.files if file.blob and _document(file.path)}
    facts = {name: _facts_of(row) for name, row in known.get("facts", {}).items() if name in blobs}
    found = git.facts(sorted(blobs - facts.keys()))
    if found is None:
        return History(why="git could not read every version of content/: the clone has not fetched all of it.")
    history = History(head, "", commits, _in_order(main), facts | found)
    _keep(cache, history, prefix)
    return history


def narrowed(history: History, held: frozenset[str]) -> History:
    """Give the history of some files alone; what a commit says of itself stays only where it touched nothing else."""

    def lines(commits: Sequence[Commit]) -> tuple[Commit, ...]:
        out = []
        for commit in commits:
            files = tuple(
                replace(file, was=file.was if file.was in held else "", what="added" if hidden(file) else file.what)
                for file in commit.files
                if file.path in held
            )
            if files:
                whole = len(files) == len(commit.files) and not any(hidden(file) for file in commit.files)
                out.append(replace(commit, files=files, subject=commit.subject if whole else ELSEWHERE))
        return tuple(out)

    def hidden(file: File) -> bool:
        return bool(file.was) and file.was not in held

    commits, main = lines(history.commits), lines(history.main)
    blobs = {file.blob for commit in (*commits, *main) for file in commit.files}
    facts = {blob: said for blob, said in history.facts.items() if blob in blobs}
    return History(history.head if commits else "", history.why or ("" if commits else NO_COMMIT), commits, main, facts)


def _in_git(root: Path) -> bool:
    """Whether there can be a repository at all: without one, git need not even be started."""
    return "GIT_DIR" in os.environ or any((folder / ".git").exists() for folder in (root, *root.parents))


def changes(workspace: Workspace, period: Period) -> list[Change]:
    """List what a period brought to ``content/`` on the main line, newest first; empty without history."""
    return load(workspace).changes(period)


def revision(workspace: Workspace, name: str) -> str | None:
    """The commit that a branch, a tag or a commit's beginning names; ``None`` when there is none, or no git."""
    git = _git_of(workspace)
    found = git.read("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") if git else None
    return (found or b"").decode("ascii", "replace").strip() or None


def no_revision(workspace: Workspace, name: str) -> str:
    """Why a name names no commit here, as a sentence with what to do about it."""
    git = _git_of(workspace)
    if git is None or git.read("rev-parse", "--git-dir") is None:
        return (
            f"{NO_REPOSITORY} There is nothing before today to look at. Leave the option out, or begin a history: "
            "git init, git add ., git commit."
        )
    if revision(workspace, "HEAD") is None:
        return "Nothing has been committed here yet, so there is nothing to look back to. Commit first, or leave the option out."
    return (
        f"“{name}” is no revision of this repository: no branch, no tag and no commit is called that. Name one, for example "
        "origin/main; in a shallow clone, fetch it first: git fetch --unshallow."
    )


def file_at(workspace: Workspace, commit: str, path: str) -> bytes | None:
    """A file's bytes at a commit, by its posix path relative to the workspace; ``None`` when it was not there."""
    git = _git_of(workspace)
    return git.read("cat-file", "blob", f"{commit}:./{path}") if git and _SHA.fullmatch(commit) else None


def contents(workspace: Workspace, blobs: Sequence[str]) -> dict[str, bytes]:
    """Bytes by git's names of them; none where git cannot give them all, and none for an audience."""
    git = _git_of(workspace) if blobs else None
    return dict(git.blobs(blobs) or ()) if git else {}


def fork_point(workspace: Workspace, name: str) -> str | None:
    """The commit at which the work here left a branch, so that what others merged since is not taken for ours.

    The revision itself where the two share no history; ``None`` when the name names nothing.
    """
    commit = revision(workspace, name)
    git = _git_of(workspace)
    if commit is None or git is None:
        return None
    found = (git.read("merge-base", commit, "HEAD", "--") or b"").decode("ascii", "replace").strip()
    return found if _SHA.fullmatch(found) else commit


def written_at(workspace: Workspace, commit: str, folder: Path) -> None:
    """Write the texts of a commit's workspace into an empty folder: settings and ``content/``; other files stay empty.

    Links are left out, and so is a path that would lead elsewhere.

    Raises:
        StoreError: git cannot read them all.
    """
    from signalbook.errors import StoreError

    git = _git_of(workspace)
    words = ("ls-tree", "-r", "-z", commit, "--", "content", "signalbook.toml", "mkdocs.yml")
    rows = git.read(*words) if git and _SHA.fullmatch(commit) else None
    blobs: dict[str, list[str]] = {}
    for row in (rows or b"").split(b"\0"):
        head, _, path = os.fsdecode(row).partition("\t")
        mode, _, blob = head.partition(" blob ")
        if mode not in {"100644", "100755"} or ".." in path.split("/"):
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
        if path.lower().endswith((".md", ".toml", ".yml")):
            blobs.setdefault(blob, []).append(path)
    found = git.blobs(list(blobs)) if git and rows is not None else None
    if found is None:
        message = f"git cannot read the commit {commit[:12]} in full: the clone has not fetched all of it."
        raise StoreError(message)
    for name, content in found:
        for path in blobs[name]:
            (folder / path).write_bytes(content)


def touched(workspace: Workspace, commit: str) -> list[str]:
    """Paths that differ between a commit and the one that is checked out; what is not committed is not among them."""
    git = _git_of(workspace)
    if git is None or not _SHA.fullmatch(commit):
        return []
    found = git.read("diff-tree", "-r", "-z", "--name-only", "--relative", "--no-renames", commit, "HEAD", "--")
    return sorted({os.fsdecode(path) for path in (found or b"").split(b"\0") if path})


def _git_of(workspace: Workspace) -> Git | None:
    if isinstance(workspace, Narrowed):  # an old version may say what the one of today may not
        return None
    try:
        return Git(workspace.root)
    except ImportError:
        return None


def kind_name(path: str) -> str:
    """Say which kind of thing a path under ``content/`` is: a kind's name, ``page`` or ``file``."""
    if not path.lower().endswith(".md"):
        return "file"
    kind = kind_of(path.removeprefix("content/"))
    return kind.KIND if kind else "page"


def _document(path: str) -> bool:
    return kind_name(path) not in {"file", "page"}


def _transitions(life: Life) -> list[Transition]:
    found = []
    was = ""
    for version in life.versions:
        became = "" if version.file.what == "removed" else version.facts.status
        if became != was:
            commit = version.commit
            kind = kind_name(version.file.path)
            found.append(Transition(version.file.path, kind, commit.at, commit.author, was, became, commit.sha))
        was = became
    return found


def _in_order(main: Sequence[Commit]) -> tuple[Commit, ...]:
    """Let no step of the main line lie before the one below it: a clock that was wrong must not turn history round."""
    ordered: list[Commit] = []
    for commit in main:
        at = max(commit.at, ordered[-1].at) if ordered else commit.at
        ordered.append(Commit(commit.sha, commit.author, commit.written_at, at, commit.subject, commit.files))
    return tuple(ordered)


# Asking git


class Git:
    """Git, asked to read and nothing else, with everything off that a repository's own settings could start.

    Words are fixed, or stand after ``--end-of-options``, ``--`` or a commit's full name.
    """

    # What a repository's own settings could start is turned off; what they could change in the output is set.
    _SETTINGS = (
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.quotePath=false",
        "core.attributesFile=/dev/null",
        "log.showSignature=false",
        "log.mailmap=false",
        "log.follow=false",
        "diff.renameLimit=2000",
        "diff.orderFile=/dev/null",
        "color.ui=false",
        "protocol.allow=never",
    )
    _ENVIRONMENT: Mapping[str, str] = {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "TZ": "UTC",
    }
    _FORMAT = "%x01%H %at %ct %an%x02%s"

    def __init__(self, root: Path) -> None:
        """Find git.

        Raises:
            ImportError: it is not installed.
        """
        os.environ.setdefault("GIT_PYTHON_REFRESH", "raise")
        import git

        self._git = git.Git(str(root))
        self._error = (git.CommandError, OSError)
        self._environment = dict(self._ENVIRONMENT)
        if "GIT_DIR" in os.environ:
            # Inside a hook git names its folder in the environment, relative to where the hook runs.
            for folder in (root, *root.parents):
                if (folder / ".git").exists():
                    self._environment |= {"GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder)}
                    break

    def read(self, *words: str, given: Any = None) -> bytes | None:
        """Run a command that only reads; ``None`` when it fails."""
        settings = [word for setting in self._SETTINGS for word in ("-c", setting)]
        try:
            output = self._git.execute(
                ["git", "--no-pager", *settings, *words],
                istream=given,
                env=self._environment,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        except self._error:
            return None
        return output if isinstance(output, bytes) else None

    def grew(self, old: str) -> bool:
        """Whether the main line goes on from a commit, so that only what came after it need be read."""
        if not _SHA.fullmatch(old):
            return False
        steps = self.read("rev-list", "--first-parent", "--parents", "HEAD", f"^{old}", "--")
        # The oldest step since then stands on that commit, with its first foot.
        return bool(steps) and (steps or b"").splitlines()[-1].split()[1:2] == [old.encode()]

    def has_merges(self, since: str) -> bool:
        """Whether there are merges since a commit; since ever when it is empty."""
        found = self.read("rev-list", "--merges", "--max-count=1", "HEAD", *([f"^{since}"] if since else []), "--")
        return found != b""

    def log(self, since: str, *order: str) -> tuple[Commit, ...] | None:
        """Read the commits that touched ``content/``, oldest first, each with its files; ``None`` when git fails."""
        output = self.read(
            *("log", *order, "--reverse", f"--format=format:{self._FORMAT}", "--encoding=UTF-8"),
            *("--raw", "-z", "--no-abbrev", "--relative", "--find-renames", "--no-ext-diff", "--no-textconv"),
            *("--no-color", "HEAD", *([f"^{since}"] if since else []), "--", "content"),
        )
        return None if output is None else tuple(_parsed(output))

    def facts(self, blobs: Sequence[str]) -> dict[str, Facts] | None:
        """Read what versions said; ``None`` when git fails."""
        found = self.blobs(blobs)
        return None if found is None else {name: _front(content) for name, content in found}

    def blobs(self, names: Sequence[str]) -> list[tuple[str, bytes]] | None:
        """Read files by git's names of their bytes; ``None`` when git fails or lacks one."""
        if not names:
            return []
        with tempfile.TemporaryFile() as asked:
            asked.write("\n".join(names).encode() + b"\n")
            asked.seek(0)
            output = self.read("cat-file", "--batch", given=asked)
        if output is None:
            return None
        found = []
        at = 0
        while at < len(output):
            end = output.index(b"\n", at)
            name, what, *size = output[at:end].decode().split()
            if what == "missing":
                return None
            length = int(size[0])
            found.append((name, output[end + 1 : end + 1 + length]))
            at = end + 1 + length + 1
        return found


def _parsed(output: bytes) -> Iterable[Commit]:
    """Cut the log apart. Items end with NUL: a head that begins with U+0001, or a colon's line and its one or two paths."""
    commit: tuple[str, str, datetime, datetime, str] | None = None
    files: list[File] = []
    items = iter(output.split(b"\0"))
    for item in items:
        mark = item.lstrip(b"\n")
        # A head is followed by its first file's line without a NUL between.
        head, _, raw = mark.partition(b"\n:") if mark.startswith(b"\x01") else (b"", b"", mark.removeprefix(b":"))
        if head:
            if commit and files:
                yield Commit(*commit, tuple(files))
            commit, files = _head(head), []
        if not raw:
            continue
        *_, blob, letter = raw.decode("ascii").split(" ")
        path = os.fsdecode(next(items))
        was = ""
        if letter[0] in "RC":
            was, path = path, os.fsdecode(next(items))
        what = _WHAT.get(letter[0], "changed")
        files.append(File(what, path, was if what == "renamed" else "", "" if what == "removed" else blob))
    if commit and files:
        yield Commit(*commit, tuple(files))


def _head(line: bytes) -> tuple[str, str, datetime, datetime, str]:
    text = line[1:].decode("utf-8", "replace")
    sha, written, committed, rest = text.split(" ", 3)
    author, _, subject = rest.partition("\x02")
    return sha, author, _instant(written), _instant(committed), subject.strip()


def _instant(seconds: str) -> datetime:
    """Read a time in seconds; one that no calendar can tell is taken as the nearest that can."""
    return datetime.fromtimestamp(min(max(int(seconds), 0), 253_402_300_799 - 86_400), UTC)


_SHA = pattern(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_STATUS = re.compile(rb"""^status[ \t]*:[ \t]*["']?([A-Za-z][\w-]{0,40})["']?[ \t]*(?:\#.*)?\r?$""", re.MULTILINE)
_REVIEW = re.compile(rb"""^review_by[ \t]*:[ \t]*["']?(\d{4}-\d{2}-\d{2})["']?[ \t]*(?:\#.*)?\r?$""", re.MULTILINE)


def _front(content: bytes) -> Facts:
    """Read a version's state and review date: only the plain lines that people write, for there may be thousands."""
    match = _FRONT.match(content)
    if not match:
        return Facts()
    status, review = _STATUS.search(match[1]), _REVIEW.search(match[1])
    due = None
    if review:
        with contextlib.suppress(ValueError):
            due = date.fromisoformat(review[1].decode())
    return Facts(status[1].decode() if status else "", due)


# What is kept between runs


def _blob(content: bytes) -> str:
    import hashlib

    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _kept(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    good = isinstance(known, dict) and known.get("version") == VERSION and isinstance(known.get("facts"), dict)
    return known if good else {}


def _keep(path: Path, history: History, root: str) -> None:
    from signalbook.caching import replace

    rows = {
        "version": VERSION,
        "head": history.head,
        "root": root,
        "commits": [_frozen(commit) for commit in history.commits],
        "main": [_frozen(commit) for commit in history.main],
        "facts": {
            name: [fact.status, fact.review_by.isoformat() if fact.review_by else ""]
            for name, fact in history.facts.items()
        },
    }
    # A folder that cannot be written is no reason to fail.
    with contextlib.suppress(OSError):
        replace(path, json.dumps(rows, separators=(",", ":")).encode())


def _frozen(commit: Commit) -> list[Any]:
    files = [[file.what, file.path, file.was, file.blob] for file in commit.files]
    times = [int(commit.written_at.timestamp()), int(commit.at.timestamp())]
    return [commit.sha, commit.author, *times, commit.subject, files]


def _thawed(known: Mapping[str, Any]) -> History:
    def commits(rows: list[Any]) -> tuple[Commit, ...]:
        return tuple(
            Commit(sha, author, _instant(written), _instant(at), subject, tuple(File(*file) for file in files))
            for sha, author, written, at, subject, files in rows
        )

    facts = {name: _facts_of(row) for name, row in known["facts"].items()}
    return History(known["head"], "", commits(known["commits"]), commits(known["main"]), facts)


def _facts_of(row: Sequence[str]) -> Facts:
    status, review = row
    return Facts(status, date.fromisoformat(review) if review else None)
