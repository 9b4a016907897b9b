"""``signalbook forget``: after it no byte of somebody's words or name is left where we keep anything.

::

    WHO or ID ─► mentions, contacts, quotes of that account ─► marks (hashes) ─► data/private/forgotten/
                                                    │
                                                    ├─► private store: rewritten without them
                                                    ├─► caches and the built site: files that hold them are removed
                                                    ├─► private branch: replaced; objects that no branch holds removed here
                                                    └─► search: every file, every object; what still holds them is listed

A mark keeps the words from coming back with the next run. The ledger stays: it holds keys and counts.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipelines import forgotten, private
from pipelines.repository import RepositoryError, around
from signalbook import settings as settings_
from signalbook import store
from signalbook.classes import dataclass
from signalbook.records import Contact, Correction, Forgotten, Judgement, Mention, Reply

if TYPE_CHECKING:
    from pipelines.repository import Repository
    from signalbook.workspace import Workspace

SHORTEST: Final = 12
"""Words shorter than this prove nothing when they are found elsewhere."""
SHORTEST_NAME: Final = 4
"""A name of fewer letters is a word of others: it is not taken out of what they said."""
GONE: Final = "[forgotten]"
_PART: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was forgotten.

    Attributes:
        who: what was asked for.
        mentions: how many mentions were erased, or lost the name.
        others: folder of the private store → how many other records were erased.
        removed: files of caches and of the built site that were removed.
        branch: what became of the private branch, a sentence; empty without one.
        left: where the name or the words still stand, for a person to change.
        dry: whether nothing was done.
    """

    who: str
    mentions: int
    others: Mapping[str, int]
    removed: tuple[str, ...] = ()
    branch: str = ""
    left: tuple[str, ...] = ()
    dry: bool = False


def run(
    workspace: Workspace,
    who: str,
    now: datetime,
    *,
    dry: bool = False,
    replace_branch: Callable[[], str] | None = None,
) -> Outcome:
    """Forget an account, by its handle or its address, or one mention, by its key.

    Args:
        workspace: where.
        who: as a source writes it, with or without an ``@``; a mail address; or a mention's key.
        now: when.
        dry: say what would be erased, and erase nothing.
        replace_branch: replaces the private branch by what is kept now, and says so.

    Raises:
        LookupError: nothing private is about anybody of that name.
        StoreError: the store is damaged or cannot be written.
    """
    found = [
        one for one in store.read_large(workspace, "mentions") if forgotten.handle(who) in _names(one) or one.key == who
    ]
    contacts = [
        one
        for one in store.read(workspace, Contact)[0]
        if forgotten.handle(who) in {forgotten.handle(one.id), forgotten.handle(one.email), forgotten.handle(one.name)}
    ]
    known = forgotten.marks(workspace)
    again = (
        any(forgotten.mark_of_account(source, who) in known for source in ("", *_sources(workspace)))
        or forgotten.mark_of_mention(who) in known
    )
    if not found and not contacts and not again:
        raise LookupError(who)
    by_key = any(one.key == who for one in found)
    words = _words(found, contacts, "" if by_key else who)
    if dry:
        others = {"contacts": len(contacts)} if contacts else {}
        return Outcome(who, len(found), others, left=tuple(_holders(workspace, words, ledger=False)), dry=True)
    fresh = [Forgotten(forgotten.mark_of_mention(one.key), "mention", now) for one in found]
    if not by_key:
        accounts = {(one.source, one.author) for one in found if one.author} | {(one.source, who) for one in contacts}
        accounts |= {("", who)}
        accounts |= {(one.source, name) for one in contacts for name in (one.id, one.email, one.name) if name}
        fresh += [
            Forgotten(forgotten.mark_of_account(source, account), "account", now)
            for source, account in sorted(accounts)
        ]
    store.append(workspace, fresh)
    erased = forgotten.purge(workspace)
    if not by_key:
        named = {who, *(one.author for one in found), *(name for one in contacts for name in (one.name, one.email))}
        for folder, number in _mask(workspace, {name.strip().removeprefix("@") for name in named if name}).items():
            erased[folder] = erased.get(folder, 0) + number
    _clear_states(workspace, words)
    removed = _clear_copies(workspace, words)
    branch = replace_branch() if replace_branch else ""
    _prune(workspace)
    left = tuple(dict.fromkeys(_holders(workspace, words)))
    others = {folder: number for folder, number in erased.items() if folder != "mentions"}
    return Outcome(who, erased.get("mentions", 0), others, tuple(removed), branch, left)


def _names(mention: Mention) -> set[str]:
    """How a mention's author may be named: the handle, and the handle with the server it stands on."""
    from signalbook.understanding import site

    author = forgotten.handle(mention.author)
    if not author:
        return set()
    host = site(mention.url)
    return {author, f"{author}@{host}", author.partition("@")[0] + (f"@{host}" if host else "")}


def _sources(workspace: Workspace) -> list[str]:
    names: set[str] = set()
    for one in store.read_large(workspace, "judgements"):
        names.add(one.source)
    return sorted(names)


def _words(found: Iterable[Mention], contacts: Iterable[Contact], who: str) -> list[bytes]:
    """What must not stand anywhere any more: names, addresses and texts, as they may be written in a file."""
    plain: set[str] = set()
    for one in found:
        plain |= {one.text, one.title, one.url, *one.text.split("\n")}
        if who:
            plain |= {one.author}
    for contact in contacts:
        plain |= {contact.email, contact.name, contact.id}
    if who:
        plain.add(who)
    long = {text.strip() for text in plain if len(text.strip()) >= SHORTEST}
    names = {one.author for one in found if who and len(forgotten.handle(one.author)) >= 4} | (
        {who} if len(forgotten.handle(who)) >= 4 else set()
    )
    names |= {name for contact in contacts for name in (contact.email, contact.name) if len(name) >= 4}
    spelled: set[bytes] = set()
    for text in long | {name.strip().removeprefix("@") for name in names}:
        head = text[:200]
        for form in (head, json.dumps(head)[1:-1], json.dumps(head, ensure_ascii=False)[1:-1], _as_html(head)):
            spelled.add(form.encode("utf-8", "replace"))
    return sorted(spelled, key=len, reverse=True)


def _mask(workspace: Workspace, names: set[str]) -> dict[str, int]:
    """Take the name out of what others said, and erase contacts that bear it; folder → how many records that changed."""
    long = sorted((name for name in names if len(name) >= SHORTEST_NAME), key=len, reverse=True)
    if not long:
        return {}
    pattern = re.compile(r"@?(?<![\w])(?:" + "|".join(map(re.escape, long)) + r")(?:@[\w.-]+)?(?![\w])", re.IGNORECASE)

    def mention(one: Mention) -> Mention:
        if not any(map(pattern.search, (one.text, one.title, one.url, one.author, one.id, *one.links))):
            return one
        return replace(
            one,
            text=pattern.sub(GONE, one.text),
            title=pattern.sub(GONE, one.title),
            url="" if pattern.search(one.url) else one.url,
            links=tuple(link for link in one.links if not pattern.search(link)),
        )

    def judgement(one: Judgement) -> Judgement:
        return replace(one, why=()) if any(map(pattern.search, one.why)) else one

    def correction(one: Correction) -> Correction:
        return replace(one, why="") if pattern.search(one.why) else one

    def contact(one: Contact) -> Contact | None:
        return None if any(map(pattern.search, (one.id, one.name, one.email, *one.fields))) else one

    def reply(one: Reply) -> Reply:
        return replace(one, text=pattern.sub(GONE, one.text)) if pattern.search(one.text) else one

    changes: dict[str, Callable[[Any], Any]] = {
        "mentions": mention, "judgements": judgement, "corrections": correction, "contacts": contact,
        "replies": reply,
    }  # fmt: skip
    return {
        folder: number for folder, change in changes.items() if (number := store.rewrite(workspace, folder, change))
    }


def _as_html(text: str) -> str:
    import html

    return html.escape(text)


def _clear_states(workspace: Workspace, words: Iterable[bytes]) -> None:
    """Remove what is remembered of sources when a cursor names the person; the next run asks those sources anew."""
    file = workspace.private / "sources.json"
    if file.is_file() and not file.is_symlink() and _holds(file, list(words)):
        file.unlink()


def _clear_copies(workspace: Workspace, words: list[bytes]) -> list[str]:
    """Remove from caches and the built site what holds the words: both are made anew by the next build."""
    removed = []
    shadows = workspace.cache / store.SHADOWS
    if shadows.is_dir():
        # By column and packed: what they hold cannot be seen from outside.
        shutil.rmtree(shadows)
        removed.append(f".cache/signalbook/{store.SHADOWS}/")
    for base in (workspace.cache, workspace.root / ".cache", workspace.root / "site"):
        for path in _files(base):
            packed = path.suffix in {".pickle", ".parquet", ".gz", ".duckdb"} and base != workspace.root / "site"
            if packed or _holds(path, words):
                path.unlink(missing_ok=True)
                with contextlib.suppress(ValueError):
                    removed.append(path.relative_to(workspace.root).as_posix())
    return removed


def _files(base: Path) -> Iterator[Path]:
    if base.is_dir() and not base.is_symlink():
        for path in sorted(base.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def _holds(path: Path, words: list[bytes]) -> bool:
    """Whether a file holds one of the words, read in parts that overlap."""
    if not words:
        return False
    longest = max(map(len, words))
    before = b""
    try:
        with path.open("rb") as file:
            while part := file.read(_PART):
                block = before + part
                folded = block.lower()
                if any(word in block or word.lower() in folded for word in words):
                    return True
                before = block[-longest:]
    except OSError:
        return False
    return False


def _holders(workspace: Workspace, words: list[bytes], *, ledger: bool = True) -> Iterator[str]:
    """Every file of the workspace and every object of git that still holds one of the words."""
    skipped = {workspace.root / ".git"}
    if not ledger:
        skipped |= {workspace.private, workspace.root / ".cache"}
    for path in _files(workspace.root):
        if not any(path.is_relative_to(base) for base in skipped) and _holds(path, words):
            yield path.relative_to(workspace.root).as_posix()
    repository = around(workspace.root)
    if repository is not None and words:
        yield from _objects(repository, words)


def _objects(repository: Repository, words: list[bytes]) -> Iterator[str]:
    """Objects of git, reachable or not, that hold one of the words, each with a path where it has one."""
    listed = repository.read(
        "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    )
    names = [row.split()[0].decode() for row in listed.splitlines() if row.split()[1] in {b"blob", b"commit", b"tag"}]
    for at in range(0, len(names), 200):
        blobs = repository.blobs(names[at : at + 200])
        for name, content in blobs.items():
            folded = content.lower()
            if any(word in content or word.lower() in folded for word in words):
                yield f"git object {name[:12]}"


def _prune(workspace: Workspace) -> None:
    """Remove from this clone what a plain ``git clone`` brought of the private branch and no other branch holds.

    Commits of people that no branch holds (dropped stashes, amended commits) are kept: only upkeep of git itself takes them.
    """
    repository = around(workspace.root)
    branch = private.branch_of(workspace)
    if repository is None or not branch:
        return
    remote = settings_.read(workspace.settings).publish.remote
    names = [f"refs/remotes/{remote}/{branch}", f"refs/heads/{branch}", f"refs/signalbook/{branch}"]
    private_commits = {repository.maybe("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") for name in names} - {
        ""
    }
    with contextlib.suppress(RepositoryError, subprocess.TimeoutExpired):
        for name in names:
            log = repository.maybe("reflog", "show", "--format=%H", name).split()
            private_commits |= set(log)
        for name in names:
            if repository.maybe("rev-parse", "--verify", "--quiet", name):
                repository.read("update-ref", "-d", name)
        lost = repository.maybe("fsck", "--unreachable", "--no-reflogs", "--no-progress").splitlines()
        kept = []
        for row in lost:
            kind, name = (*row.split()[1:], "", "")[:2]
            if kind == "commit" and name not in private_commits and not _is_private(repository, name):
                repository.read("update-ref", f"refs/signalbook/kept/{name}", name)
                kept.append(name)
        repository.read("repack", "-a", "-d", "-q")
        repository.read("prune", "--expire=now")
        for name in kept:
            repository.read("update-ref", "-d", f"refs/signalbook/kept/{name}")


def _is_private(repository: Repository, commit: str) -> bool:
    """Whether a commit is one of a private branch: it holds nothing but ``data/private/``."""
    paths = repository.maybe("ls-tree", "-r", "--name-only", "--full-tree", commit).splitlines()
    return bool(paths) and all(path.startswith("data/private/") for path in paths)
