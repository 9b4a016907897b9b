"""The response matrix as data: what somebody wrote → who answers, how soon, how, and whether at all.

From the US Air Force web posting response assessment, extended by the team's practice. A policy in force that enforces
``case-due`` may set other times in its ``limits``, by the row's name: ``limits: {praise: 1bd, security: 30m}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, get_args

from signalbook.classes import dataclass
from signalbook.model.base import Duration

if TYPE_CHECKING:
    from signalbook.book import Book

HARD: Final = frozenset({"S1", "S2"})
"""Severities on whose clocks time elapses, and that break quiet hours; nothing else does."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix.

    Attributes:
        name: how a case names it; the same as its type, or a finer word.
        type: the type of the case.
        what: what somebody wrote, in a few words.
        normal: what we do at S3 and S4.
        hard: what we do at S1 and S2.
        who: roles, the first that is there answers.
        within: time to the first answer at S3 and S4; ``None`` where we let it stand. The press's own deadline, once it is
            known, takes its place.
        within_hard: the same at S1 and S2.
        solve: time until it is done; ``None`` when the first answer ends it.
        tone: in a few words.
        rank: place in the queue when neither safety nor severity decides; lower is earlier.
    """

    name: str
    type: str
    what: str
    normal: str
    hard: str
    who: tuple[str, ...]
    within: Duration | None
    within_hard: Duration | None
    tone: str
    rank: int
    solve: Duration | None = None

    @property
    def stands(self) -> bool:
        """Whether we let it stand: no case is opened for it."""
        return self.within is None


def _row(
    name: str, what: str, normal: str, hard: str, who: str, within: str, tone: str, rank: int, *, type: str = "",  # noqa: A002 - the document's word
    solve: str = "",
) -> Row:  # fmt: skip
    first, _, second = within.partition(" / ")
    times = [Duration.parse(text) if text else None for text in (first, second or first)]
    return Row(
        name, type or name, what, normal, hard, tuple(who.split(", ")), times[0], times[1], tone, rank,
        Duration.parse(solve) if solve else None,
    )  # fmt: skip


ROWS: Final[Mapping[str, Row]] = {
    row.name: row
    for row in (
        _row("safety", "somebody is or may be hurt", "treat as S2 until disproved", "it goes into the incident",
             "duty-officer, expert", "15m", "care first", 0),
        _row("abuse", "hate, threat, harassment", "remove by rule, keep the evidence, report, protect the target",
             "same; police if a person is in danger", "moderator, community-manager, duty-officer", "30m",
             "none to the author", 1, type="moderation"),
        _row("private-data", "personal data in public", "hide it, and tell them privately why", "same",
             "moderator, community-manager, duty-officer", "30m", "kind", 1, type="moderation"),
        _row("moderation", "something to hide or remove", "by rule, evidence kept", "same",
             "moderator, community-manager, duty-officer", "30m", "kind", 1),
        _row("security", "a security report", "thank, and move to a secure channel", "it goes into the incident",
             "expert, maintainer, duty-officer", "1h", "exact", 1),
        _row("legal", "a lawyer or an authority", "no public word; acknowledge receipt", "same", "legal", "2bh / 30m",
             "formal", 1),
        _row("press", "the press", "take question and deadline; no quote", "lead and spokesperson", "spokesperson",
             "2bh / 30m", "on record", 1),
        _row("complaint", "a complaint, and it is our fault", "own it, say the remedy, offer a private way",
             "same, and the case goes to the lead", "community-manager", "2bh / 30m", "sorry, without an if", 2,
             solve="8bh"),
        _row("complaint-not-ours", "a complaint, mistaken or not ours", "explain kindly, point to who can help", "same",
             "community-manager", "4bh", "patient", 2, type="complaint"),
        _row("misinformation", "a wrong fact about us", "correct once, with the source, if it spreads or is asked",
             "correct on our own page, pin it, brief others", "expert, product-owner", "4bh / 30m", "facts, no winner", 2),
        _row("correction", "somebody corrects us", "check, thank, put it right where it stands", "same, within the hour",
             "expert, product-owner", "4bh / 30m", "grateful", 2),
        _row("question", "a question", "answer, or link to the answer", "answer from the incident's lines only",
             "community-manager, expert", "4bh", "plain", 3),
        _row("lead", "a buying signal", "help first; offer contact, with consent", "hold offers", "community-manager",
             "4bh", "no pressure", 4),
        _row("suggestion", "an idea or a wish", "thank, and say what becomes of it", "thank later",
             "community-manager, product-owner", "8bh", "interested", 5),
        _row("employee", "a colleague, for us or against us", "never argue; remind of disclosure privately; their rights stand",
             "the lead decides, with those who know the law", "social-lead", "8bh", "respectful", 5, type="moderation"),
        _row("praise", "praise", "thank once, personally; ask before re-using it", "thank later; no celebration in a crisis",
             "community-manager", "8bh", "warm, short", 6),
        _row("rant", "a rant, or satire", "let it stand; watch", "let it stand; record it", "community-manager", "",
             "silence", 7),
        _row("provocation", "provocation", "let it stand; hide only by rule", "same; tell the lead if it is organised",
             "community-manager", "", "silence", 7),
        _row("spam", "spam", "hide", "hide", "moderator", "", "none", 7),
    )
}  # fmt: skip
"""Name → row, in the order in which they are read: the first that fits is the one."""


def row_of(name: str) -> Row:
    """The row of a name; a type without one of its own is answered like a question."""
    return ROWS.get(name, ROWS["question"])


def types() -> tuple[str, ...]:
    """The types that a case may have, in the document's order."""
    from signalbook.model import Case, hints

    return tuple(str(one) for one in get_args(get_args(hints(Case)["type"])[0]))


def rows(book: Book) -> Mapping[str, Row]:
    """The rows with the times that the team's own policy sets; a time that cannot be read changes nothing."""
    enforced = book.enforced("case-due")
    limits = (enforced.limits or {}) if enforced else {}
    changed: dict[str, Row] = {}
    for name, row in ROWS.items():
        said = limits.get(name)
        if said is None or row.stands:
            continue
        first, _, second = str(said).partition("/")
        try:
            times = Duration.parse(first), Duration.parse(second or first)
        except ValueError:
            continue
        changed[name] = replace(row, within=times[0], within_hard=times[1])
    return {**ROWS, **changed}


def target(row: Row, severity: str) -> Duration | None:
    """Time to the first answer. At S1 and S2 a business target runs on the elapsed clock."""
    found = row.within_hard if severity in HARD else row.within
    if found is not None and severity in HARD and found.unit in {"bh", "bd"}:
        return Duration(found.amount if found.unit == "bh" else found.amount * 24, "h")
    return found


__all__ = ["HARD", "ROWS", "Row", "row_of", "rows", "target", "types"]
