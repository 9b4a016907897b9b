"""What a rule is: a named question to the Book whose answers are findings.

A rule lives in ``pipelines/rules/<name>.py`` and is registered under ``signalbook.rules``::

    @rule("post-time", level=Level.BLOCK, about="An approved post has an explicit time.", source="own")
    def post_time(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
        for post in book.all(Post):
            if post.is_ready and post.publish_at is None:
                yield ask(post, "publish_at", "This post is approved but says no time. …", "Write `publish_at: …`.")

``ask`` makes the finding at the rule's level. The level is the rule's own, or the one that a policy in force sets;
before review, what would block is only told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from signalbook.classes import dataclass
from signalbook.findings import Finding, Level
from signalbook.model import Document, Post

if TYPE_CHECKING:
    from signalbook.book import Book

EARLY = frozenset(
    {"idea", "draft", "noted", "assumed", "proposed", "found", "planned", "tuning", "listening", "prospect"}
)
"""States before anybody is asked to review: there a rule tells and does not block."""

WaivedBy = Literal["", "A", "L", "D", "executive", "release", "owner"]
"""Who may record a waiver: nobody (fix it), an approver who is not the author, legal, the duty officer (review on the
next business day), the executive; a hold is only released."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Makes the findings of one rule for one Book.

    Attributes:
        look: the rule's first look at a post, if it has one.
        seen: digest of a post → what that look gave.
    """

    rule: str
    level: Level
    limits: Mapping[str, Any]
    look: Callable[[Post], Any] | None = None
    seen: dict[str, Any] = field(default_factory=dict)

    def first(self, post: Post) -> Any:
        """What the rule's first look at a post gives: remembered by the post's digest, also between runs."""
        try:
            return self.seen[post.digest]
        except KeyError:
            assert self.look is not None  # noqa: S101 - a rule that asks declares its look
            found = self.look(post)
            if post.digest:
                self.seen[post.digest] = found
            return found

    def __call__(
        self,
        where: Document | str,
        field: str,
        message: str,
        remedy: str,
        *,
        level: Level | None = None,
        line: int = 0,
        column: int = 1,
    ) -> Finding:
        """A finding in a document (its line is looked up by ``field``), or at a path."""
        at = level or self.level
        if isinstance(where, str):
            return Finding(where, line or 1, column, field, self.rule, at, message, remedy)
        if at is Level.BLOCK and where.state in EARLY and not where.is_ready:
            at = Level.WARN if isinstance(where, Post) and where.state != "idea" else Level.INFORM
        elif at is Level.WARN and where.state == "idea":
            at = Level.INFORM
        mark = (line, column) if line else where.mark(field) if field else (1, 1)
        return Finding(where.path, mark[0], mark[1], field, self.rule, at, message, remedy)

    def limit(self, name: str, default: Any) -> Any:
        """A limit as a policy in force sets it, or the default."""
        value = self.limits.get(name, default)
        return value if isinstance(value, type(default)) or default is None else default


Judge = Callable[["Book", datetime, Ask], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check.

    Attributes:
        name: its id in findings, waivers and policies.
        level: how much its findings weigh unless a policy says otherwise.
        about: what holds, in one sentence, for the guide.
        source: the law, standard or habit it stands on.
        waive: who may record an exception.
        alone: what it says of a post depends on that post and on documents of other kinds only, never on another post
            nor on the moment; then it is asked about the posts that changed.
        look: a first look at a post that depends on the file's text alone and gives plain values, for a rule that is asked
            about every post at every run; ``ask.first(post)`` gives its answer, which is kept between runs.
    """

    name: str
    level: Level
    about: str
    source: str
    waive: WaivedBy
    judge: Judge
    alone: bool = False
    look: Callable[[Post], Any] | None = None

    def __call__(self, book: Book, now: datetime, seen: dict[str, Any] | None = None) -> Iterator[Finding]:
        """The rule's findings over a Book, waivers not yet applied; ``seen`` is what its first looks gave before."""
        enforced = book.enforced(self.name)
        level = Level(enforced.level) if enforced and enforced.level else self.level
        limits = enforced.limits if enforced and enforced.limits else {}
        yield from self.judge(book, now, Ask(self.name, level, limits, self.look, {} if seen is None else seen))


def rule(
    name: str,
    *,
    level: Level,
    about: str,
    source: str = "own",
    waive: WaivedBy = "",
    alone: bool = False,
    look: Callable[[Post], Any] | None = None,
) -> Callable[[Judge], Rule]:
    """Declare a rule."""

    def declare(judge: Judge) -> Rule:
        return Rule(name, level, about, source, waive, judge, alone, look)

    return declare


LONGEST: Mapping[str, timedelta] = {"L": timedelta(days=90)}
"""How far ahead a waiver may reach, by who grants it; 30 days otherwise."""


def waived(findings: Iterable[Finding], book: Book, rules: Mapping[str, Rule], now: datetime) -> Iterator[Finding]:
    """Answer findings by the waivers of their documents; a waiver that does not count is a finding itself."""
    today = now.astimezone(book.settings.team.zone).date()
    waiving = {document.path: document for document in book.everything() if document.waive}
    for finding in findings:
        document = waiving.get(finding.path)
        if document is None or finding.level is Level.INFORM:
            yield finding
            continue
        known = rules.get(finding.rule)
        why = next(
            (
                waiver.why
                for waiver in document.waive
                if waiver.rule == finding.rule
                and known
                and known.waive not in {"", "release"}
                and not _fault(waiver, known, document, book, today)
            ),
            None,
        )
        yield replace(finding, waived=why) if why else finding
    for document in waiving.values():
        for index, waiver in enumerate(document.waive):
            if not waiver.rule or not waiver.why or not waiver.by or not waiver.until:
                continue
            known = rules.get(waiver.rule)
            field = f"waive.{index}"
            if known is None:
                yield _told(document, f"{field}.rule", f"There is no rule called `{waiver.rule}`.",
                            "Write the id that stands in the finding, for example alt-text.")  # fmt: skip
            elif fault := _fault(waiver, known, document, book, today):
                yield _told(document, field, *fault)


def _told(document: Document, field: str, message: str, remedy: str) -> Finding:
    line, column = document.mark(field)
    return Finding(document.path, line, column, field, "waiver", Level.WARN, message, remedy)


def _fault(waiver: Any, known: Rule, document: Document, book: Book, today: Any) -> tuple[str, str] | None:
    """Why a waiver does not count, and what to write; ``None`` when it does."""
    from signalbook.model import Person

    if known.waive in {"", "release"}:
        return (
            f"`{known.name}` cannot be waived: it is there to be mended.",
            "Take the waiver out and mend what the finding says.",
        )
    if not (waiver.why and waiver.by and waiver.until):
        return ("A waiver says its rule, why, by whom and until when.", "Fill in all four.")
    if len(re.findall(r"\w+", waiver.why)) < 4:
        return (f"“{waiver.why}” does not tell a reader why the rule may rest.", "Say it in four words at least.")
    reach = LONGEST.get(known.waive, timedelta(days=30))
    if waiver.until < today:
        return (
            f"The waiver of `{known.name}` ended on {waiver.until}.",
            "Mend what it covered, or have it granted anew.",
        )
    if waiver.until > today + reach:
        return (
            f"A waiver of `{known.name}` reaches {reach.days} days ahead at most, so that somebody looks again.",
            f"Write `until: {today + reach}` or earlier.",
        )
    person = book.get(Person, waiver.by)
    if person is None:
        return (f"“{waiver.by}” is no role of this team.", "Name a role in content/people/.")
    if isinstance(document, Post) and waiver.by == document.author and waiver.by == document.owner:
        return ("A waiver comes from somebody who did not write the post.", "Let another approver grant it.")
    if known.waive == "A" and not person.approves and "approver" not in person.roles:
        return (
            f"{person.name} approves nothing, and a waiver of `{known.name}` needs an approver.",
            "Let an approver grant it.",
        )
    if known.waive == "L" and "legal" not in {person.slug, *person.roles}:
        return (f"A waiver of `{known.name}` is granted by legal.", "Write `by: legal`, when legal has agreed.")
    for grade, role in (("D", "duty-officer"), ("executive", "executive")):
        if known.waive == grade and role not in {person.slug, *person.roles}:
            return (
                f"{person.name} cannot let `{known.name}` rest; the {role.replace('-', ' ')} can.",
                f"Let the {role.replace('-', ' ')} grant it.",
            )
    return None
