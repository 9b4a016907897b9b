"""Who may see what: a Book narrowed to one audience, so that nothing else exists for whoever reads it.

``narrowed`` is the one place that decides. It hands out a Book whose documents, references, files, records and history
hold nothing that the audience may not see, in a workspace whose ``data`` and ``cache`` are its own; a room that is written
tomorrow is safe because there is nothing it could tell.

::

    section in may_see ─┐
    audiences: absent, ─┼─► held ─► references, links, fences and files to anything else left out
      or names it       │
    narrow kinds named ─┘    records about what is held ─► .cache/…/audiences/…/data
                             history of what is held, or none

Three things are narrower than their section (``docs/reference/audiences.md``): kinds and states that only a document's own
``audiences`` opens (``NARROW``), fields that only a grant opens (``FIELDS``), and the audience called ``public``, which sees
what is published and nothing else. A document that could not be read in full is nobody's but the team's: its
``audiences`` may be what could not be read.
"""

from __future__ import annotations

import contextlib
import dataclasses
import posixpath
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from signalbook import caching, fence, frontmatter, store
from signalbook.book import Book
from signalbook.classes import dataclass
from signalbook.content import Ordinary, folded
from signalbook.decode import kinds_of, near, without_none
from signalbook.errors import UsageError
from signalbook.findings import Finding, Level
from signalbook.model import (
    Acknowledgement,
    Asset,
    Campaign,
    Case,
    Community,
    Competitor,
    Document,
    Event,
    Experiment,
    Incident,
    Insight,
    Message,
    Metric,
    Person,
    Plan,
    Playbook,
    Post,
    Report,
    Subject,
    System,
    Training,
    Watch,
    hints,
)
from signalbook.model.calendar import Incentive
from signalbook.model.plans import Backlash, Guard, MetricValue, Slots
from signalbook.model.reports import Restated
from signalbook.records import (
    PRIVATE,
    Alert,
    CaseEvent,
    Correction,
    Intent,
    Judgement,
    Mention,
    Reading,
    Receipt,
    digest,
)
from signalbook.workspace import Narrowed

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from signalbook.records import Record
    from signalbook.settings import Channel, Settings

SECTIONS: Final = (
    "home", "calendar", "boards", "plans", "policies", "people", "cases", "metrics", "listening", "reports", "changes",
    "guide",
)  # fmt: skip
"""What ``may_see`` may name: the rooms of the site."""
GRANTS: Final[Mapping[str, str]] = {
    "risks": "risks, pre-mortems and what would stop a campaign",
    "money": "budgets, costs and hours",
    "communities": "communities that are not public",
    "contacts": "contact trees and who is told first",
    "embargoed": "what is under embargo, and pages prepared in the dark",
    "legal": "legal clocks, grounds and permissions",
    "absences": "who is away, and when",
    "staff": "skills, loads, who attended what, people outside",
    "results": "results before they are released",
}
"""What ``may_see`` may name besides: matters that are narrow by default."""
BY_NAME: Final[Mapping[str, frozenset[str]]] = {
    "executives": frozenset({"risks", "money", "communities"}),
    "crisis": frozenset({"contacts", "embargoed", "legal"}),
}
"""Audiences that practice knows by name, and the grants that come with it."""
PUBLIC: Final = "public"
"""The audience that sees what is published, and of everything else only what names it."""

FIELDS: Final[Mapping[type, Mapping[str, str]]] = {
    Plan: {"risks": "risks", "budget": "money", "hours": "money"},
    Campaign: {
        "premortem": "risks", "backlash": "risks", "budget": "money", "hours": "money", "paid": "money",
        "launch_gate": "risks",
    },
    Experiment: {"max_cost": "money"},
    Post: {"cost": "money", "hours": "money", "permission": "legal"},
    Incentive: {"cost": "money"},
    Playbook: {
        "contact_tree": "contacts", "tell_first": "contacts", "legal_clocks": "legal", "dark_page": "embargoed",
    },
    Incident: {"log": "legal"},
    Insight: {"from_employee": "staff", "spreaders": "staff"},
    Person: {
        "away": "absences", "skills": "staff", "max_cases_per_day": "staff", "identities": "staff", "basis": "staff",
        "basis_evidence": "staff", "erase_by": "staff", "relation": "staff", "last_contact": "staff", "next_step": "staff",
        "do_not_contact": "staff",
    },
    Training: {"held": "staff", "drill": "staff", "check": "staff"},
    System: {"secret": "legal", "extract_query": "legal"},
    Case: {"mention": "staff", "hand_off": "staff", "answer": "staff", "moderated": "staff"},
}  # fmt: skip
"""Fields that only a grant opens."""
RELEASED: Final = frozenset({"approved", "sent", "restated"})
"""States of a report that has left the team."""
_ABOUT_A_METRIC: Final = (MetricValue, Guard, Slots, Backlash, Restated)
"""Parts of documents that are nothing but a metric's number."""
_LIVE: Final = frozenset({"sent", "amended", "settled"})
_CASE_FACTS: Final = ("severity=", "due=", "channel=", "topic=", "lang=")
_VERSION: Final = "audience-1"


@dataclass(frozen=True, slots=True)
class Sight:
    """What an audience may see.

    Attributes:
        sections: rooms.
        grants: matters that are narrow by default.
    """

    name: str
    sections: frozenset[str]
    grants: frozenset[str]


def sight(settings: Settings, name: str) -> Sight:
    """What an audience of the settings may see.

    Raises:
        UsageError: the settings name no such audience, or say something about it that means nothing: a build that
            misread who may see what would be worse than none.
    """
    known = settings.audiences.get(name)
    if known is None:
        named = tuple(settings.audiences)
        listed = f" Known: {', '.join(named)}." if named else ""
        message = (
            f"signalbook.toml knows no audience “{name}”.{near(name, named)}{listed} Write [audiences.{name}] and "
            'what it may see, e.g. may_see = ["plans", "policies", "calendar", "reports"].'
        )
        raise UsageError(message)
    words = (*SECTIONS, *GRANTS)
    for word in known.may_see:
        if word not in words:
            message = (
                f"[audiences.{name}] may_see names “{word}”, which is no room of the site.{near(word, words)} "
                f"Rooms: {', '.join(SECTIONS)}. Matters that are narrow by default: {', '.join(GRANTS)}."
            )
            raise UsageError(message)
    seen = frozenset(known.may_see)
    return Sight(name, seen & set(SECTIONS), (seen & set(GRANTS)) | BY_NAME.get(name, frozenset()))


def narrowed(book: Book, name: str, now: datetime) -> Book:
    """The Book as an audience may see it at a moment. Its workspace is laid out below the cache.

    Raises:
        UsageError: the settings name no such audience.
        StoreError: ``data/`` is damaged.
    """
    return _Narrowing(book, sight(book.settings, name), now).book()


def section_of(kind: type[Document]) -> str:
    """The room a kind belongs to: the first folder of its files."""
    return kind.FOLDER.partition("/")[0]


# --- what is held ----------------------------------------------------------------------------------------------------


class _Narrowing:
    """One Book on its way to one audience."""

    def __init__(self, book: Book, seen: Sight, now: datetime) -> None:
        self.whole, self.seen, self.now = book, seen, now
        self.broken = {finding.path for finding in book.findings if _unread(finding)}
        self.published = _published(book)
        self.documents = {
            kind: tuple(document for document in rows if self.holds(document)) for kind, rows in book.documents.items()
        }
        self.pages = tuple(page for page in book.pages if self.holds_page(page))
        self.names = {(kind, folded(one.slug)) for kind, rows in self.documents.items() for one in rows}
        slugs = {one.slug for rows in self.documents.values() for one in rows}
        gone = [one for one in book.everything() if (type(one), folded(one.slug)) not in self.names]
        self.gone = {one.slug for one in gone} - slugs - set(book.settings.channels)
        """Names that stand for nothing here."""
        held = {one.path for rows in self.documents.values() for one in rows} | {page.path for page in self.pages}
        self.hidden = {one.path for one in gone} | {page.path for page in book.pages if page.path not in held}
        self.held = frozenset(held)
        self.files: set[str] = set()
        # A picture is as narrow as the asset that says whether we may use it.
        closed = {_place(one.file, one.path) for one in gone if isinstance(one, Asset) and one.file}
        self.hidden |= closed
        self.everything = frozenset(book.files) - closed

    def holds(self, document: Document) -> bool:
        """Whether the audience may see a document at all."""
        seen = self.seen
        if section_of(type(document)) not in seen.sections or document.unreadable or document.path in self.broken:
            return False
        named = seen.name in document.audiences
        if not named and ("audiences" in document.marks or document.audiences):
            return False
        if isinstance(document, Post) and seen.name == PUBLIC:
            return document.slug in self.published
        return named or not self.narrow(document)

    def narrow(self, document: Document) -> bool:
        """Whether a document is for those only whom it names, though it names nobody."""
        grants = self.seen.grants
        if self.seen.name == PUBLIC or isinstance(document, Acknowledgement | Case):
            return True
        if isinstance(document, Person):
            return document.side == "outside" and "staff" not in grants
        if isinstance(document, Community):
            return document.visibility != "public" and "communities" not in grants
        if isinstance(document, Report):
            return document.state not in RELEASED and "results" not in grants
        if isinstance(document, Experiment):
            return document.state in {"stopped", "read"} and "results" not in grants
        if isinstance(document, Event):
            return document.kind == "results-day" and "results" not in grants
        if isinstance(document, Post | Campaign | Message):
            until = document.embargo_until
            return until is not None and until > self.now and "embargoed" not in grants
        return False

    def holds_page(self, page: Ordinary) -> bool:
        """Whether the audience may see an ordinary page: by its folder's room, and by its own ``audiences``."""
        section = page.path.removeprefix("content/").partition("/")[0]
        room = section if section in SECTIONS and "/" in page.path.removeprefix("content/") else "home"
        if room not in self.seen.sections or page.path in self.broken:
            return False
        text, trouble = frontmatter.text_of(_bytes(self.whole.workspace.root / page.path))
        taken = frontmatter.split(text)
        if trouble or (taken.present and not taken.readable):
            return False
        if "audiences" not in taken.values:
            return self.seen.name != PUBLIC
        given = taken.values["audiences"]
        return isinstance(given, list) and self.seen.name in given

    # --- the Book --------------------------------------------------------------------------------------------------

    def book(self) -> Book:
        """All of it."""
        whole = self.whole
        documents = {kind: tuple(self.document(one) for one in rows) for kind, rows in self.documents.items()}
        pages = tuple(replace(page, body=self.text(page.body, page.path)) for page in self.pages)
        workspace = Narrowed(whole.workspace.root, self.seen.name, self.held, history="changes" in self.seen.sections)
        receipts = tuple(self.receipt(one) for one in whole.receipts if self.about_post(one.post))
        intents = tuple(replace(one, content="", run="") for one in whole.intents if self.about_post(one.post))
        alerts = tuple(one for one in whole.alerts if self.alert(one))
        events = tuple(self.case_event(one) for one in whole.case_events if self.about_case(one))
        settings = self.settings(whole.settings)
        _lay(workspace, {"receipts": receipts, "intents": intents, "alerts": alerts, "cases": events})
        _lay_large(workspace, "readings", self.reading, self.readings_rule())
        rule = self.mentions_rule()
        _lay_large(workspace, "judgements", self.judgement, rule)
        _lay_large(workspace, "corrections", self.correction, rule)
        _lay_large(workspace, "mentions", self.mention, rule)
        records: tuple[tuple[Receipt | Intent | Alert | CaseEvent, ...], ...] = (receipts, intents, alerts, events)
        known = (digest(one.path, one.slug, one.digest) for rows in documents.values() for one in rows)
        # Made anew and not copied: what a Book may hold some day is not handed on before somebody thought about it.
        return Book(
            workspace=workspace,
            settings=settings,
            documents=documents,
            pages=pages,
            files=tuple(path for path in whole.files if path in self.files),
            receipts=receipts,
            intents=intents,
            alerts=alerts,
            case_events=events,
            findings=(),
            approved_at={slug: at for slug, at in whole.approved_at.items() if self.about_post(slug)},
            digest=digest(_VERSION, self.seen, settings.digest, *known, *(page.digest for page in pages),
                          *(row.key for rows in records for row in rows)),
        )  # fmt: skip

    def settings(self, settings: Settings) -> Settings:
        """The team's settings without what is the team's own business."""
        return replace(
            settings,
            channels={key: self.channel(one) for key, one in settings.channels.items()},
            audiences={self.seen.name: settings.audiences[self.seen.name]},
            findings=(),
            more={key: settings.more[key] for key in ("links", "disclosure") if key in settings.more},
        )

    def channel(self, channel: Channel) -> Channel:
        more = {key: value for key, value in channel.more.items() if key in {"network", "limits", "max_characters", "signature", "utm", "medium", "tier"}}  # fmt: skip
        return replace(
            channel,
            secrets={}, access=(), recovery="", two_factor=None, more=more,
            owner=channel.owner if (Person, folded(channel.owner)) in self.names else "",
            backup=channel.backup if (Person, folded(channel.backup)) in self.names else "",
            audience=channel.audience if channel.audience not in self.gone else "",
        )  # fmt: skip

    # --- documents ---------------------------------------------------------------------------------------------------

    def document(self, document: Document) -> Document:
        """A document without what leads elsewhere."""
        kind = type(document)
        made = object.__new__(kind)
        held = dict(document.__dict__)
        for name in ("audiences", "waive"):
            held.pop(name, None)
        closed = FIELDS.get(kind, {})
        for name, value in list(held.items()):
            if name in _OWN:
                continue
            if closed.get(name, "") and closed[name] not in self.seen.grants:
                del held[name]
                continue
            kept = self.value(hints(kind)[name], value, document.path, title=name == "title")
            if kept is _GONE:
                del held[name]
            else:
                held[name] = kept
        held["body"] = self.text(document.body, document.path)
        if isinstance(document, Person) and document.status == "away" and "absences" not in self.seen.grants:
            held["status"] = "active"
        if isinstance(document, Insight | Experiment | Campaign) and "evidence" in held:
            held["evidence"] = tuple(word for word in held["evidence"] if "://" in word or self.stands(word))
        made.__dict__.update(held)
        return made

    def stands(self, slug: str) -> bool:
        return any((kind, folded(slug)) in self.names for kind in self.documents)

    def value(self, tp: Any, value: Any, path: str, *, title: bool = False) -> Any:
        """A field's value without what leads elsewhere, or ``_GONE``."""
        if value is None or isinstance(value, bool | int | float):
            return value
        tp = without_none(tp)
        if kinds := kinds_of(tp):
            return value if any((kind, folded(value)) in self.names for kind in kinds) else _GONE
        if isinstance(value, str):
            if value in self.gone and not title and typing.get_origin(tp) is not typing.Literal:
                return _GONE
            if _is_path(tp) and not self.take(value, path) and _place(value, path) in self.hidden:
                return _GONE
            return self.text(value, path)
        if isinstance(value, tuple):
            args = typing.get_args(tp) if typing.get_origin(tp) is tuple else ()
            inner = args[0] if args else Any
            return tuple(kept for one in value if (kept := self.value(inner, one, path)) is not _GONE)
        if isinstance(value, Mapping):
            args = typing.get_args(tp)
            inner = args[1] if len(args) == 2 else Any
            found = {key: self.value(inner, one, path) for key, one in value.items() if key not in self.gone}
            return {key: one for key, one in found.items() if one is not _GONE}
        if isinstance(value, list):
            return [kept for one in value if (kept := self.value(Any, one, path)) is not _GONE]
        if dataclasses.is_dataclass(value) and type(value).__module__.startswith("signalbook.model"):
            return self.part(value, path)
        return value

    def part(self, part: Any, path: str) -> Any:
        """A part of a document; a metric's number goes with the metric."""
        kind = type(part)
        if not hasattr(part, "__dict__"):  # a span of time, which names nothing
            return part
        held = dict(part.__dict__)
        closed = FIELDS.get(kind, {})
        for name, value in list(held.items()):
            kept = self.value(hints(kind)[name], value, path)
            if kept is _GONE and kind in _ABOUT_A_METRIC:
                return _GONE
            if kept is _GONE or (closed.get(name) and closed[name] not in self.seen.grants):
                held[name] = None if not isinstance(value, tuple) else ()
            else:
                held[name] = kept
        made = object.__new__(kind)
        made.__dict__.update(held)
        return made

    # --- text --------------------------------------------------------------------------------------------------------

    def text(self, text: str, path: str) -> str:
        """Markdown whose links to what is not held are their words, without blocks that ask for what is not held."""
        if "```" in text or "~~~" in text:
            text = self.without_blocks(text)
        if "](" in text:
            text = _LINK.sub(lambda match: match[0] if self.leads(match[2], path) else match[1].lstrip("!")[1:-1], text)
        if "]:" in text:
            text = _DEFINED.sub(lambda match: match[0] if self.leads(match[1], path) else "", text)
        if "href" in text or "src" in text:
            text = _ATTRIBUTE.sub(lambda match: match[0] if self.leads(match[2], path) else match[1], text)
        if "`" in text and self.gone:
            text = _CODE.sub(lambda match: "" if match[1] in self.gone else match[0], text)
        if "content/" in text:
            text = _NAMED.sub(lambda match: "" if match[0] in self.hidden else match[0], text)
        return text

    def without_blocks(self, text: str) -> str:
        lines = text.split("\n")
        for block in reversed(list(fence.find(text))):
            if self.gone & set(re.findall(r"[\w.-]+", block.source)):
                del lines[block.line - 1 : block.line + block.source.count("\n") + 1]
        return "\n".join(lines)

    def leads(self, target: str, path: str) -> bool:
        """Whether a link may stay; the file it leads to then goes out with the site."""
        if _SCHEME.match(target) or target.startswith(("#", "//", "{")):
            return True
        whole = _place(target, path)
        if whole in self.held:
            return True
        if not whole.startswith("content/"):
            return "guide" in self.seen.sections
        return self.take(target, path)

    def take(self, target: str, path: str) -> bool:
        """Take a file along that something held shows."""
        place = _place(target, path)
        if place in self.everything:
            self.files.add(place)
        return place in self.everything

    # --- records -----------------------------------------------------------------------------------------------------

    def about_post(self, slug: str) -> bool:
        return (Post, folded(slug)) in self.names

    def receipt(self, one: Receipt) -> Receipt:
        """A receipt without hashes and sentences: they are of the whole post, and of why."""
        by = one.by if (Person, folded(one.by)) in self.names else ""
        facts = tuple(fact for fact in one.facts if fact.startswith(("held=", "wait_until=")))
        return replace(one, content="", why="", run="", by=by, facts=facts)

    def alert(self, one: Alert) -> bool:
        words = set(re.findall(r"[\w.-]+", f"{one.about} {one.key} {one.why}"))
        return "listening" in self.seen.sections and not words & self.gone

    def about_case(self, one: CaseEvent) -> bool:
        return "cases" in self.seen.sections and one.case not in self.gone

    def case_event(self, one: CaseEvent) -> CaseEvent:
        by = one.by if (Person, folded(one.by)) in self.names else ""
        facts = tuple(f for f in one.facts if f.startswith(_CASE_FACTS) and f.partition("=")[2] not in self.gone)
        return replace(one, by=by, facts=facts)

    def readings_rule(self) -> str:
        """A digest of everything that decides about a reading; empty when none is held."""
        if "metrics" not in self.seen.sections:
            return ""
        self.metrics = {name for one in self.documents.get(Metric, ()) for name in _names_of(one)}
        self.withheld = {name for one in self.whole.all(Metric) for name in _names_of(one)} - self.metrics
        self.shown = {word for one in self.whole.receipts if self.about_post(one.post) for word in (one.id, one.url)}
        self.unshown = (
            {word for one in self.whole.receipts if not self.about_post(one.post) for word in (one.id, one.url)}
            - self.shown
            - {""}
        )
        parts = (self.metrics, self.withheld, self.shown, self.unshown, self.gone, self.whole.settings.channels)
        return digest(_VERSION, *(sorted(part) for part in parts))

    def reading(self, one: Reading) -> Reading | None:
        """A reading of what is held; what else a source says beside its numbers becomes a name without meaning."""
        if one.metric in self.withheld or one.subject in self.unshown or one.channel in self.gone:
            return None
        subject = (
            one.subject if one.subject == "account" or one.subject in self.shown else f"s-{digest(one.subject)[:12]}"
        )
        return Reading.of(
            source=one.source, channel=one.channel, subject=subject, metric=one.metric, on=one.on, grain=one.grain,
            value=one.value, unit=one.unit, dims=tuple(f"part={digest(dim)[:12]}" for dim in one.dims),
            taken_at=one.taken_at, origin="",
        )  # fmt: skip

    def mentions_rule(self) -> str:
        """A digest of everything that decides about a mention; empty when none is held."""
        if "listening" not in self.seen.sections:
            return ""
        from signalbook.sense import match

        def asked(rows: Iterable[Document]) -> Iterator[tuple[str, Any]]:
            for one in rows:
                texts = (one.query,) if isinstance(one, Watch) else getattr(one, "queries", ())
                for text in texts:
                    with contextlib.suppress(match.QueryError):
                        yield text or "", match.parse(text or "")

        kinds = (Watch, Subject, Competitor)
        held = [one for kind in kinds for one in self.documents.get(kind, ())]
        secret = [one for kind in kinds for one in self.whole.all(kind) if (kind, folded(one.slug)) not in self.names]
        self.open_queries, self.secret_queries = list(asked(held)), list(asked(secret))
        self.told_about = {f"{one.KIND}/{one.slug}" for rows in self.documents.values() for one in rows}
        # The newest judgement counts: what it found for nothing but what is not held, was never heard here.
        about: dict[str, tuple[datetime, bool]] = {}
        for path in store.files(self.whole.workspace, "judgements"):
            for one in store.values(path, Judgement):
                if one.key not in about or about[one.key][0] <= one.at:
                    about[one.key] = (one.at, bool(one.about) and not self.told_about & set(one.about))
        self.unheard = {key for key, (_, unheard) in about.items() if unheard}
        return digest(
            _VERSION, *(text for text, _ in self.open_queries), "|", *(text for text, _ in self.secret_queries),
            *sorted(self.unheard), *sorted(self.gone), *sorted(self.told_about),
        )  # fmt: skip

    def mention(self, one: Mention) -> Mention | None:
        """A mention, unless it was heard for a watch or a subject that is not held, and for none that is."""
        if one.source in self.gone or one.key in self.unheard:
            return None
        if self.secret_queries:
            from signalbook.sense import match

            said = match.Index(match.Said(one.text, title=one.title))
            if any(match.holds(node, said) for _, node in self.secret_queries) and not any(
                match.holds(node, said) for _, node in self.open_queries
            ):
                return None
        return one

    def judgement(self, one: Judgement) -> Judgement | None:
        """What was understood of a mention that is held, as far as it is about what is held."""
        if one.key in self.unheard or one.source in self.gone:
            return None
        about = tuple(name for name in one.about if name in self.told_about)
        return replace(one, about=about, why=(), who=f"w-{digest(one.who)[:12]}" if one.who else "")

    def correction(self, one: Correction) -> Correction | None:
        """A person's word about a mention that is held."""
        if one.mention in self.unheard:
            return None

        def kept(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in names if name in self.told_about)

        by = one.by if (Person, folded(one.by)) in self.names else ""
        return replace(one, about=kept(one.about), not_about=kept(one.not_about), why="", by=by)


_GONE: Final = object()
_OWN: Final = frozenset({"slug", "path", "body", "digest", "head", "marks", "body_line", "unreadable", "status"})
_LINK: Final = re.compile(r"""(!?\[(?:[^\[\]]|\[[^\[\]]*\])*\])\(\s*<?([^)\s>]+)>?(?:\s+["'][^"'\n]*["'])?\s*\)""")
_DEFINED: Final = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)>?[^\n]*$", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(r"""\b(href|src)\s*=\s*["']?([^"'\s>]+)["']?""", re.IGNORECASE)
_CODE: Final = re.compile(r"`+([^`\n]+?)`+")
_NAMED: Final = re.compile(r"content/[\w./ -]*?\.\w+")
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def _place(target: str, path: str) -> str:
    """Where a relative address in a file leads, relative to the workspace."""
    place = unquote(target.partition("#")[0].partition("?")[0])
    return posixpath.normpath(
        f"content{place}" if place.startswith("/") else posixpath.join(posixpath.dirname(path), place)
    )


def _is_path(tp: Any) -> bool:
    return getattr(tp, "__name__", "") == "Path"


def _names_of(metric: Any) -> tuple[str, ...]:
    return tuple(filter(None, (metric.readings, metric.slug, metric.slug.replace("-", "_"))))


def _published(book: Book) -> set[str]:
    """Posts that somebody outside can read now."""
    out: dict[str, dict[str, bool]] = {}
    for one in book.receipts:
        if one.what in _LIVE or one.what == "withdrawn":
            out.setdefault(one.post, {})[one.key] = one.what != "withdrawn"
    return {slug for slug, keys in out.items() if any(keys.values())}


def _bytes(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


# --- records, laid out for the rooms ---------------------------------------------------------------------------------


def _lay(workspace: Narrowed, folders: Mapping[str, tuple[Record, ...]]) -> None:
    """Write small records as their months' files; what is there already stays untouched, what is left over goes."""
    for folder, records in folders.items():
        months: dict[str, list[bytes]] = {}
        for record in records:
            months.setdefault(store.month_of(record), []).append(store.encode(record))
        base = workspace.data / folder
        for month, lines in months.items():
            _put(base / f"{month}.jsonl", b"".join(lines))
        _only(base, {f"{month}.jsonl" for month in months})


def _lay_large(workspace: Narrowed, folder: str, keep: Callable[[Any], Any], rule: str) -> None:
    """Write what can grow without end, month by month: a month whose file and rule are what they were is not read."""
    kind = store.KINDS[folder]
    private = folder in PRIVATE
    base = (workspace.private if private else workspace.data) / folder
    source = (workspace.whole.private if private else workspace.whole.data) / folder
    months: dict[str, list[Path]] = {}
    for path in store.files(workspace.whole, folder) if rule and source.is_dir() else ():
        months.setdefault(path.name.partition(".")[0], []).append(path)
    for month, paths in months.items():
        stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
        key = digest(rule, *stats).encode()
        mark, target = workspace.cache / "keys" / f"{folder}-{month}", base / f"{month}.jsonl"
        if target.is_file() and _bytes(mark) == key:
            continue
        kept = (keep(record) for path in paths for record in store.values(path, kind))
        _put(target, b"".join(store.encode(record) for record in kept if record is not None))
        caching.replace(mark, key)
    _only(base, {f"{month}.jsonl" for month in months})


def _put(path: Path, data: bytes) -> None:
    if not path.is_file() or _bytes(path) != data:
        caching.replace(path, data)


def _only(base: Path, names: set[str]) -> None:
    """Leave nothing else in a folder: an older rule may have let it through."""
    for path in base.iterdir() if base.is_dir() else ():
        if path.name not in names:
            path.unlink()


def _unread(finding: Finding) -> bool:
    """Whether a finding says that a document's ``audiences`` may not be what somebody meant."""
    top = "." not in finding.field
    return finding.level is Level.BLOCK and (
        finding.rule == "front-matter"
        or (top and finding.rule == "unknown-field")
        or finding.field.startswith("audience")
    )
