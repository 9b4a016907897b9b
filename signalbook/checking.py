"""Ask every registered rule, apply the waivers: the findings of a Book."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from signalbook import caching, parallel, registry
from signalbook.book import Book
from signalbook.findings import Finding, Level, ordered
from signalbook.model import Document, Post
from signalbook.records import digest
from signalbook.rule import Rule, waived

GROUP = "signalbook.rules"


def rules() -> Mapping[str, Rule]:
    """Every registered rule by its id."""
    return {found.name: found for _, found in registry.everything(GROUP)}


def findings(
    book: Book, now: datetime, *, only: Mapping[str, Rule] | None = None, meanwhile: Callable[[], object] | None = None
) -> list[Finding]:
    """Everything wrong with a Book at ``now``, in order of place.

    Documents whose front matter cannot be read are left to the finding that says so. ``meanwhile`` is something that will
    be needed, done while other processes look at posts, where there are many.
    """
    asked = rules() if only is None else only
    unreadable = {doc.path for doc in book.everything() if doc.unreadable}
    alone = _Alone(book, now, [rule for rule in asked.values() if rule.alone])
    whole: list[Finding] = []
    looking = [rule for rule in asked.values() if rule.look is not None]
    with _looks(book, looking) as seen:
        for rule in asked.values():
            if not rule.alone:
                whole += rule(book, now, seen.get(rule.name))
    if meanwhile is not None and alone.begun is not None and alone.begun.children:
        meanwhile()
    found = [*book.findings, *alone.findings(), *whole]
    if unreadable:
        own = {id(finding) for finding in book.findings}
        found = [finding for finding in found if finding.path not in unreadable or id(finding) in own]
    return ordered(list(waived(found, book, asked, now)))


def blocking(book: Book, post: Post, now: datetime) -> list[Finding]:
    """What blocks one post, in order of place, without asking anything of the others; nothing is kept for the next run."""
    alone = replace(book, documents={**book.documents, Post: (post,)})
    asked = rules()
    found = [finding for finding in book.findings if finding.path == post.path]
    if not post.unreadable:
        found += [finding for rule in asked.values() for finding in rule(alone, now) if finding.path == post.path]
    return [
        finding
        for finding in ordered(list(waived(found, book, asked, now)))
        if finding.level is Level.BLOCK and not finding.waived
    ]


class _Alone:
    """The rules that judge each post alone, asked about the posts that changed since they were last asked.

    They are asked in other processes, where there are many posts, while this one asks the rules that look at everything.
    """

    def __init__(self, book: Book, now: datetime, asked: list[Rule]) -> None:
        """Begin to ask."""
        self.book = book
        self.posts = book.all(Post) if asked else ()
        others = [(doc.path, doc.digest) for kind, rows in book.documents.items() if kind is not Post for doc in rows]
        sent = [(receipt.key, receipt.what) for receipt in book.receipts]
        self.version = digest(
            book.settings.digest, others, book.files, sent, [(rule.name, _code(rule)) for rule in asked], _code(Post)
        )
        self.file = book.workspace.cache / "findings"
        self.known: dict[tuple[str, str], tuple[Finding, ...]] = caching.load(self.file, self.version) or {}
        self.new = tuple(post for post in self.posts if (post.path, post.digest) not in self.known)
        self.begun = parallel.Begun(self.new or ((),), partial(_asked, book, now, asked)) if asked else None

    def findings(self) -> list[Finding]:
        """What they say, of the posts that did not change from the last run."""
        if self.begun is None:
            return []
        posts, known, new = self.posts, self.known, self.new
        fresh: dict[str, list[Finding]] = {post.path: [] for post in new}
        rest: list[Finding] = []
        for number, found in enumerate(self.begun.results()):
            for finding in found:
                if finding.path in fresh:
                    fresh[finding.path].append(finding)
                elif number == 0:  # what is said of other documents is the same in every part
                    rest.append(finding)
        kept = {
            key: tuple(fresh[post.path]) if post.path in fresh else known[key]
            for post in posts
            if (key := (post.path, post.digest))
        }
        if new or len(kept) != len(known):
            caching.save(self.file, self.version, kept)
        return rest + [finding for rows in kept.values() for finding in rows]


@contextlib.contextmanager
def _looks(book: Book, looking: list[Rule]) -> Iterator[dict[str, dict[str, Any]]]:
    """Rule → digest of a post → what the rule's first look at that text gave, from the last run and for the next."""
    if not looking:
        yield {}
        return
    version = digest([(rule.name, _code(rule)) for rule in looking], _code(Post))
    file = book.workspace.cache / "looks"
    seen: dict[str, dict[str, Any]] = caching.load(file, version) or {}
    before = sum(map(len, seen.values()))
    for rule in looking:
        seen.setdefault(rule.name, {})
    yield seen
    if sum(map(len, seen.values())) != before:
        there = {post.digest for post in book.all(Post)}
        caching.save(file, version, {name: {key: row[key] for key in row.keys() & there} for name, row in seen.items()})


def _asked(book: Book, now: datetime, asked: list[Rule], posts: Sequence[Any]) -> list[Finding]:
    part = replace(book, documents={**book.documents, Post: tuple(post for post in posts if post)})
    return [finding for rule in asked for finding in rule(part, now)]


@functools.cache
def _package() -> str:
    """A digest of the code that rules stand on, so that a newer Signalbook asks anew."""
    total = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.*")):
        if path.suffix in {".py", ".toml"}:
            total.update(path.read_bytes())
    return total.hexdigest()


@functools.cache
def _file(module: str) -> str:
    where = getattr(sys.modules[module], "__file__", None)
    return hashlib.blake2b(Path(where).read_bytes(), digest_size=8).hexdigest() if where else ""


def _code(thing: Rule | type) -> str:
    module = thing.judge.__module__ if isinstance(thing, Rule) else thing.__module__
    return _file(module) + _package()


def of(document: Document, found: list[Finding]) -> list[Finding]:
    """The findings in one document."""
    return [finding for finding in found if finding.path == document.path]


def counted(found: list[Finding]) -> dict[Level, int]:
    """How many findings of each level are not waived."""
    return {level: sum(1 for f in found if f.level is level and not f.waived) for level in Level}
