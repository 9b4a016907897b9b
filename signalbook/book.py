"""The Book: all documents and records of a workspace, loaded once, read-only."""

from __future__ import annotations

import functools
import typing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

from signalbook import content as content_
from signalbook import live
from signalbook import settings as settings_
from signalbook.classes import dataclass
from signalbook.content import Ordinary, folded
from signalbook.decode import kinds_of, remembered, without_none
from signalbook.findings import Finding, Level
from signalbook.model import Document, Person, Policy, hints
from signalbook.model.policies import Enforce
from signalbook.records import Alert, CaseEvent, Intent, Receipt
from signalbook.settings import Settings
from signalbook.workspace import Workspace

D = TypeVar("D", bound=Document)
Found = tuple[str, tuple[type[Document], ...], str]
"""A reference: the field's path, the kinds it may lead to, the slug."""


@dataclass(frozen=True)
class Link:
    """One reference from a document to another.

    Attributes:
        source: the document that holds the reference.
        field: the field's path in it, e.g. ``actions.2.measure``.
        kinds: the kinds it may lead to.
        slug: the name it gives.
    """

    source: Document
    field: str
    kinds: tuple[type[Document], ...]
    slug: str


@dataclass(frozen=True)
class Book:
    """Everything the team wrote and promised; what can grow without end is in ``tables``.

    Attributes:
        documents: kind → its documents, by slug.
        pages: ordinary Markdown pages.
        files: pictures and other files under ``content/``, as paths relative to the workspace.
        findings: what is wrong with files and front matter; ``checking.findings`` adds what the rules say.
        approved_at: post → when the merge that approved it reached the protected branch, as far as somebody looked.
        digest: of everything that was read; equal digests mean equal books.
    """

    workspace: Workspace
    settings: Settings = field(default_factory=Settings)
    documents: Mapping[type[Document], tuple[Document, ...]] = field(default_factory=dict)
    pages: tuple[Ordinary, ...] = ()
    files: tuple[str, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    intents: tuple[Intent, ...] = ()
    alerts: tuple[Alert, ...] = ()
    case_events: tuple[CaseEvent, ...] = ()
    findings: tuple[Finding, ...] = ()
    approved_at: Mapping[str, datetime] = field(default_factory=dict)
    digest: str = ""

    def all(self, kind: type[D]) -> tuple[D, ...]:
        """Every document of a kind, by slug."""
        return typing.cast("tuple[D, ...]", self.documents.get(kind, ()))

    def get(self, kind: type[D], slug: str | None) -> D | None:
        """The document of that name, or ``None``."""
        if not slug:
            return None
        # Most names are written as they are compared, so that the first look finds them.
        found = self._index.get((kind, slug)) or self._index.get((kind, folded(slug)))
        return typing.cast("D | None", found)

    def find(self, kinds: tuple[type[Document], ...], slug: str) -> Document | None:
        """The document of that name among several kinds, or ``None``."""
        return next((found for kind in kinds if (found := self.get(kind, slug))), None)

    def everything(self) -> Iterator[Document]:
        """Every document, kind by kind."""
        for rows in self.documents.values():
            yield from rows

    def by_path(self, path: str) -> Document | Ordinary | None:
        """What the file at a path relative to the workspace became."""
        return self._paths.get(path)

    def person(self, slug: str | None) -> str:
        """How a role is called: its title, or the slug when nobody has written it down."""
        found = self.get(Person, slug)
        return found.name if found else (slug or "").replace("-", " ").capitalize()

    def links(self) -> tuple[Link, ...]:
        """Every reference from one document to another."""
        return self._links

    def backlinks(self, document: Document) -> tuple[Link, ...]:
        """Every reference that leads to a document."""
        return tuple(Link(source, *found) for source, found in self.naming(document))

    def naming(self, document: Document) -> Sequence[tuple[Document, Found]]:
        """The same as plain pairs of source and reference: thousands of posts may name one objective."""
        return self._naming.get((type(document), folded(document.slug)), ())

    def named(self) -> Iterator[tuple[Document | None, str, Sequence[tuple[Document, Found]]]]:
        """Every name that documents refer to: what it leads to, the name, and who refers so; ``None`` leads nowhere."""
        for name, rows in self._references.items():
            yield self.find(*name), name[1], rows

    def unanswered(self) -> tuple[Link, ...]:
        """Every reference that leads nowhere."""
        return tuple(
            Link(source, *found)
            for name, rows in self._references.items()
            if self.find(*name) is None
            for source, found in rows
        )

    def enforced(self, rule: str) -> Enforce | None:
        """What a policy in force sets for a rule; the newest version wins."""
        return self._enforced.get(rule)

    @functools.cached_property
    def tables(self) -> Any:
        """The tables over ``data/``: query expressions that run when they are asked."""
        from signalbook import store

        return store.tables(self.workspace)

    @functools.cached_property
    def proofs(self) -> Mapping[str, tuple[tuple[Receipt, ...], tuple[Intent, ...]]]:
        """Delivery → its receipts and its claims, each in the order of the ledger."""
        found: dict[str, tuple[list[Receipt], list[Intent]]] = {}
        for receipt in self.receipts:
            found.setdefault(receipt.key, ([], []))[0].append(receipt)
        for intent in self.intents:
            found.setdefault(intent.key, ([], []))[1].append(intent)
        return {key: (tuple(receipts), tuple(intents)) for key, (receipts, intents) in found.items()}

    @functools.cached_property
    def _index(self) -> dict[tuple[type[Document], str], Document]:
        return {(type(doc), folded(doc.slug)): doc for doc in reversed(list(self.everything()))}

    @functools.cached_property
    def _paths(self) -> dict[str, Document | Ordinary]:
        out: dict[str, Document | Ordinary] = {doc.path: doc for doc in self.everything()}
        return out | {page.path: page for page in self.pages}

    @functools.cached_property
    def _links(self) -> tuple[Link, ...]:
        return tuple(Link(doc, *found) for doc in self.everything() for found in references(doc))

    @functools.cached_property
    def _references(self) -> dict[tuple[tuple[type[Document], ...], str], list[tuple[Document, Found]]]:
        """Where a reference may lead, and the name it gives → who refers so."""
        out: dict[tuple[tuple[type[Document], ...], str], list[tuple[Document, Found]]] = defaultdict(list)
        # Thousands of posts say the same in a field: they share one reference, and its place is looked up once.
        shared: dict[tuple[str, tuple[type[Document], ...]], dict[str, tuple[Found, list[tuple[Document, Found]]]]] = {}
        for kind, documents in self.documents.items():
            if not documents:  # as most kinds in most workspaces
                continue
            steps = [(*step, shared.setdefault(step[1:3], {})) for step in _plan(kind)]
            for document in documents:
                held = document.__dict__
                for name, key, kinds, finder, known in steps:
                    value = held.get(name)
                    if value is None or value is _NOTHING:
                        continue
                    if kinds:
                        same = known.get(value)
                        if same is None:
                            same = known[value] = ((key, kinds, value), out[kinds, value])
                        same[1].append((document, same[0]))
                    elif finder is not None:
                        for found in finder(value, key):
                            out[found[1], found[2]].append((document, found))
        return out

    @functools.cached_property
    def _naming(self) -> dict[tuple[type[Document], str], list[tuple[Document, Found]]]:
        places = {id(document): place for place, document in enumerate(self.everything())}
        out: dict[tuple[type[Document], str], list[tuple[Document, Found]]] = {}
        joined: set[tuple[type[Document], str]] = set()
        for name, rows in self._references.items():
            target = self.find(*name)
            if target is None:
                continue
            key = (type(target), folded(target.slug))
            others = [row for row in rows if row[0] is not target]
            if key in out:
                joined.add(key)
                out[key] += others
            else:
                out[key] = others
        for key in joined:  # named by several spellings, or as one of several kinds
            out[key].sort(key=lambda row: places[id(row[0])])
        return out

    @functools.cached_property
    def _enforced(self) -> dict[str, Enforce]:
        policies = sorted((p for p in self.all(Policy) if p.status == "in-force"), key=lambda p: p.version or 0)
        return {enforce.rule: enforce for policy in policies for enforce in policy.enforce if enforce.rule}


def load(
    workspace: Workspace, *, use_cache: bool = True, claims: bool = True, meanwhile: Callable[[], object] | None = None
) -> Book:
    """Read a workspace.

    Without ``claims`` intents and receipts are left out, for whoever reads them where they are made; there may be many.
    ``meanwhile`` is something that will be needed, done while other processes parse documents, where there are many.

    Raises:
        SettingsError: ``signalbook.toml`` cannot be used.
        StoreError: ``data/`` is damaged.
    """
    from signalbook import store

    settings = live.told(settings_.read(workspace.settings), live.read(workspace))
    content = content_.read(workspace, settings.team.zone, use_cache=use_cache, meanwhile=meanwhile)
    findings = [*settings.findings, *content.findings]
    records: dict[str, tuple[Any, ...]] = {}
    # What can grow without end is not read here, but a line that a crash cut short is told all the same.
    damaged = {(problem.path, problem.line): problem for problem in store.cut_lines(workspace)}
    for name in ("receipts", "intents", "alerts", "cases"):
        if not claims and name in {"receipts", "intents"}:
            records[name] = ()
            continue
        records[name], problems = store.read(workspace, name)
        damaged |= {(problem.path, problem.line): problem for problem in problems}
    findings += [
        Finding(problem.path, problem.line, 1, "", "store-line", Level.WARN, problem.sentence,
                "Look at the line; if a run was cut short there, take it out in a commit that says so.")
        for problem in damaged.values()
    ]  # fmt: skip
    from signalbook.records import digest

    return Book(
        workspace=workspace,
        settings=settings,
        documents=content.documents,
        pages=content.pages,
        files=content.files,
        receipts=records["receipts"],
        intents=records["intents"],
        alerts=records["alerts"],
        case_events=records["cases"],
        findings=tuple(findings),
        digest=digest(settings.digest, content.digest, *(row.key for rows in records.values() for row in rows)),
    )


# --- references ------------------------------------------------------------------------------------------------------


def references(document: Document) -> list[Found]:
    """Every reference a document holds, in the order of its fields."""
    return _found(document, "")


Finder = Callable[[Any, str], Iterable[Found]]
Step = tuple[str, str, tuple[type[Document], ...], Finder | None]
"""A field that holds references: its name, its key in files, the kinds of a plain one, what finds those of another."""


@remembered
def _plan(cls: type) -> tuple[Step, ...]:
    """The fields that hold references."""
    return tuple(
        (name, name.removesuffix("_"), kinds_of(without_none(tp)), finder)
        for name, tp in hints(cls).items()
        if (finder := _finder(tp))
    )


_NOTHING = ()


def _found(thing: Any, before: str) -> list[Found]:
    """Every reference a thing holds, in the order of its fields; ``before`` stands before their keys."""
    out: list[Found] = []
    held = thing.__dict__
    for name, key, kinds, finder in _plan(type(thing)):
        value = held.get(name)  # a field that nothing was written into holds no reference
        if value is None or value is _NOTHING:
            continue
        if kinds:
            out.append((before + key, kinds, value))
        elif finder is not None:
            out += finder(value, before + key)
    return out


def _found_in(things: Iterable[Any], path: str) -> list[Found]:
    """Every reference that things of one sort hold, thing by thing."""
    out: list[Found] = []
    for index, thing in enumerate(things):
        out += _found(thing, f"{path}.{index}.")
    return out


def _finder(tp: Any) -> Finder | None:

    tp = without_none(tp)
    if kinds := kinds_of(tp):
        return lambda value, path: ((path, kinds, value),)
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if origin is tuple and is_dataclass(args[0]) and _plan(args[0]):  # type: ignore[arg-type]
        return _found_in
    if origin is tuple and (inner := _finder(args[0])):
        return lambda value, path: [
            found for index, item in enumerate(value) for found in inner(item, f"{path}.{index}")
        ]
    if origin is Mapping and (held := _finder(args[1])):
        return lambda value, path: [found for key, item in value.items() for found in held(item, f"{path}.{key}")]
    if isinstance(tp, type) and is_dataclass(tp) and _plan(tp):
        return lambda value, path: _found(value, f"{path}.")
    return None


def moment(now: datetime, book: Book) -> datetime:
    """An instant in the team's zone."""
    return now.astimezone(book.settings.team.zone)
