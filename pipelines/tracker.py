"""Cases as issues of the forge, where the team has one: opened once, kept up to date, and read back.

An issue holds a case's number, type, severity, owner, due and the way to it: no quote, no name, no address of anybody outside. A
person who may write to the repository steers the case by comments, one command a comment, at its beginning::

    /take    /hand ROLE why    /escalate why    /decline why    /close OUTCOME

``[cases]`` of the settings: ``issues = true``, and ``people = {login = "role"}``. A comment of anybody else, and every other word, is
left alone. What was done because of a comment is on record with its number, so that it is done once. One of these people may also close the issue: as "not planned" that declines the case, otherwise it ends one
that was answered. Whoever closes the issue of a case in which nobody was answered is told so below it, and it is open again.

Labels and people that they set on the issue are their word too: ``S1`` to ``S4``, a line of the response matrix, and who it is
assigned to, as far as ``people`` knows their role. Everything else that is set there is left, or put back with the next change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import regex

from pipelines import casework
from signalbook import cases, matrix
from signalbook.classes import dataclass
from signalbook.errors import Refused, SignalbookError, UsageError

if TYPE_CHECKING:
    from pipelines.casework import Desk, Step
    from pipelines.forge import Forge
    from signalbook.book import Book
    from signalbook.cases import Case
    from signalbook.records import CaseEvent

LABEL: Final = "case"
_BEGINS: Final = frozenset({"opened", "reopened", "heard"})
_MAY: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_MARK = regex.compile(r"<!-- signalbook (case-[0-9a-f]{10}) -->")
_COMMAND = regex.compile(r"\A/(take|hand|escalate|decline|close)(?:[ \t]+([^\n]{1,500}))?")


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: ``opened``, ``updated``, ``read`` (a comment was obeyed), ``refused`` (it could not be), ``failed``."""

    case: str
    what: str
    why: str = ""


def settings_of(book: Book) -> Mapping[str, Any]:
    """The table ``[cases]``."""
    table = book.settings.more.get("cases")
    return table if isinstance(table, dict) else {}


def title_of(case: Case) -> str:
    """An issue's title: no word of anybody outside."""
    topic = case.topic.partition("/")[2] or case.source
    return f"{case.severity} {case.row.name}: {topic} ({case.id})"


def body_of(case: Case, book: Book) -> str:
    """An issue's text."""
    zone = book.settings.team.zone
    due = f"{case.due.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}" if case.due else "no clock runs"
    return (
        f"<!-- signalbook {case.id} -->\n"
        f"| | |\n| --- | --- |\n| state | {case.state} |\n| owner | {book.person(case.owner) if case.owner else 'nobody'} |\n"
        f"| stands in | {book.person(case.backup) if case.backup else 'nobody'} |\n| due | {due} |\n"
        f"| to do | {case.row.hard if case.hard else case.row.normal} |\n\n"
        f"Their words are in the private store: `signalbook case show {case.id}`. Do not copy them here: an issue cannot forget.\n\n"
        "Steer it by a comment: `/take`, `/hand ROLE why`, `/escalate why`, `/decline why`, `/close OUTCOME`.\n"
    )


def labels_of(case: Case) -> list[str]:
    """An issue's labels."""
    return [LABEL, case.severity, case.row.name, *([case.state] if case.open else [])]


def sync(desk: Desk, forge: Forge) -> list[Done]:
    """Open what has no issue, obey what people wrote, and write down what changed.

    Raises:
        LedgerError: the ledger cannot be read or written.
        ConnectorError: the forge does not answer.
    """
    book = desk.source()
    now = desk.clock()
    issues = _issues(forge)
    done: list[Done] = []
    for case in cases.read(book, now, desk.ledger.read().cases):
        issue = issues.get(case.id)
        if issue is None and not case.open:
            continue
        try:
            if issue is None:
                issue = _opened(desk, forge, case, book)
                done.append(Done(case.id, "opened"))
            elif not case.issue:
                # A run died between the issue and its record.
                _noted(desk, case, issue)
            done += _obeyed(desk, forge, book, case, issue)
            done += _set(desk, forge, book, case.id, issue)
            if issue.get("state") == "closed":
                done += _closed(desk, forge, book, case.id, issue)
            after = casework.find(book, desk.ledger.read(), case.id, desk.clock())
            if _updated(forge, after, issue, book):
                done.append(Done(case.id, "updated"))
        except SignalbookError as error:
            done.append(Done(case.id, "failed", str(error)))
    return done


def _issues(forge: Forge) -> dict[str, Mapping[str, Any]]:
    """Case → its issue, by our mark in the text; of several the oldest."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in forge.every("/issues", "list the issues", state="all", labels=LABEL):
        match = _MARK.search(str(row.get("body") or "")[:200])
        if match and isinstance(row.get("number"), int) and "pull_request" not in row:
            before = found.get(match[1])
            if before is None or int(row["number"]) < int(before["number"]):
                found[match[1]] = row
    return found


def _opened(desk: Desk, forge: Forge, case: Case, book: Book) -> Mapping[str, Any]:
    asked = {"title": title_of(case), "body": body_of(case, book), "labels": labels_of(case)}
    made = forge.ask("POST", "/issues", json=asked).demand("forge", "open an issue").json()
    issue: Mapping[str, Any] = made if isinstance(made, dict) else {}
    desk.step("issue opened", case.id)
    _noted(desk, case, issue)
    return issue


def _noted(desk: Desk, case: Case, issue: Mapping[str, Any]) -> None:
    row = cases.event(case.id, "issue", desk.clock(), "", {"number": issue.get("number", "")})
    desk.ledger.append(lambda _: [row])


def _obeyed(desk: Desk, forge: Forge, book: Book, case: Case, issue: Mapping[str, Any]) -> list[Done]:
    """Do what people wrote below it, oldest first, each once."""
    number = issue.get("number")
    if not issue.get("comments") or not isinstance(number, int):
        return []
    known = {cases.facts(row).get("comment", "") for row in case.events}
    people = settings_of(book).get("people")
    roles = people if isinstance(people, dict) else {}
    done = []
    for row in forge.every(f"/issues/{number}/comments", "read the comments"):
        match = _COMMAND.match(str(row.get("body") or ""))
        user = row.get("user")
        login = str(user.get("login") or "") if isinstance(user, dict) else ""
        if (
            match is None
            or row.get("author_association") not in _MAY
            or login not in roles
            or str(row.get("id")) in known
        ):
            continue
        step = _step(desk.clock(), match[1], (match[2] or "").strip(), str(roles[login]))
        try:
            casework.act(desk, case.id, _with_comment(step, str(row.get("id"))))
            done.append(Done(case.id, "read", f"/{match[1]} of {login}"))
        except UsageError as error:
            noted = cases.event(
                case.id, "told", desk.clock(), "", {"comment": row.get("id"), "step": f"comment {row.get('id')}"}
            )
            desk.ledger.append(lambda _, noted=noted: [noted])  # type: ignore[misc]
            done.append(Done(case.id, "refused", str(error)))
    return done


def _set(desk: Desk, forge: Forge, book: Book, name: str, issue: Mapping[str, Any]) -> list[Done]:
    """Take labels and assignments by people of the team as their word on the case, oldest first, each once.

    Only what is still set counts, and only if it was set after the case was last judged, corrected or handed: what came
    before has been overtaken.
    """
    case = casework.find(book, desk.ledger.read(), name, desk.clock())
    labels, assigned = _named(issue, "labels", "name"), _named(issue, "assignees", "login")
    if not case.open or (labels <= set(labels_of(case)) and not assigned):
        return []
    people = settings_of(book).get("people")
    roles = people if isinstance(people, dict) else {}
    known = {cases.facts(row).get("comment", "") for row in case.events}
    done = []
    for row in _events(forge, issue):
        actor, at, ident = row.get("actor"), _instant(row.get("created_at")), f"event {row.get('id')}"
        login = str(actor.get("login") or "") if isinstance(actor, dict) else ""
        if login not in roles or at is None or ident in known:
            continue
        case = casework.find(book, desk.ledger.read(), name, desk.clock())
        step = _asked(desk.clock(), case, row, at, labels, assigned, roles, login)
        if step is None:
            continue
        try:
            casework.act(desk, case.id, _with_comment(step, ident))
            done.append(Done(case.id, "read", f"{row.get('event')} by {login}"))
        except UsageError as error:
            done.append(Done(case.id, "refused", str(error)))
    return done


_LATEST: Final = {
    "S": frozenset({"opened", "reopened", "judged"}),
    "row": frozenset({"opened", "reopened", "corrected"}),
    "owner": frozenset({"opened", "reopened", "owned", "handed", "escalated"}),
}
"""What of a case's events decides a severity, a type, an owner."""


def _asked(
    now: datetime, case: Case, row: Mapping[str, Any], at: datetime, labels: set[str], assigned: set[str],
    roles: Mapping[str, Any], login: str,
) -> Step | None:  # fmt: skip
    """The step that an event of an issue asks for; ``None`` for nothing, or nothing any more."""
    by, why = str(roles[login]), "set on the issue"
    label, assignee = row.get("label"), row.get("assignee")
    said = str(label.get("name") or "") if isinstance(label, dict) else ""
    who = str(assignee.get("login") or "") if isinstance(assignee, dict) else ""

    def newest(kind: str) -> bool:
        return all(one.at < at for one in case.events if one.what in _LATEST[kind])

    if row.get("event") == "labeled" and said in labels:
        if said in {"S1", "S2", "S3", "S4"}:
            wanted = said != case.severity and newest("S")
            return casework.correct(now, {"severity": said}, why, by) if wanted else None
        line = matrix.ROWS.get(said)
        wanted = line is not None and not line.stands and said != case.row.name and newest("row")
        return casework.correct(now, {"row": said}, why, by) if wanted else None
    if row.get("event") == "assigned" and who in assigned and who in roles:
        wanted = str(roles[who]) != case.owner and newest("owner")
        return casework.hand(now, str(roles[who]), why, by) if wanted else None
    return None


def _events(forge: Forge, issue: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was done to an issue, oldest first; nothing where the forge does not tell (Gitea, Forgejo)."""
    try:
        return list(forge.every(f"/issues/{issue.get('number')}/events", "read what was done to the issue"))
    except Refused:
        return []


def _named(issue: Mapping[str, Any], key: str, name: str) -> set[str]:
    return {str(one.get(name) or "") if isinstance(one, dict) else str(one) for one in issue.get(key) or ()}


def _closed(desk: Desk, forge: Forge, book: Book, name: str, issue: Mapping[str, Any]) -> list[Done]:
    """Take a person's closing of the issue as their word on the case."""
    case = casework.find(book, desk.ledger.read(), name, desk.clock())
    whole = forge.get(f"/issues/{issue['number']}", "read the issue")
    by, at = (whole.get("closed_by"), _instant(whole.get("closed_at"))) if isinstance(whole, dict) else (None, None)
    login = str(by.get("login") or "") if isinstance(by, dict) else ""
    people = settings_of(book).get("people")
    role = people.get(login) if isinstance(people, dict) and login else None
    begun = max((row.at for row in case.events if row.what in _BEGINS), default=None)
    if not case.open or role is None or at is None or (begun is not None and at <= begun):
        return []  # what closed it was this machine, a stranger to the team, or came before the case was opened again
    if whole.get("state_reason") == "not_planned":
        step = casework.decline(desk.clock(), "the issue was closed as not planned", str(role))
    else:
        step = casework.close(desk.clock(), "solved", "the issue was closed", str(role))
    try:
        casework.act(desk, case.id, step)
    except UsageError as error:
        said = {"body": f"This is open again. {error}"}
        forge.ask("POST", f"/issues/{issue['number']}/comments", json=said).demand("forge", "comment below the issue")
        return [Done(case.id, "refused", str(error))]
    return [Done(case.id, "read", f"closed by {login}")]


def _instant(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _step(now: datetime, word: str, rest: str, by: str) -> Step:
    first, _, why = rest.partition(" ")
    if word == "take":
        return casework.take(now, by)
    if word == "hand":
        return casework.hand(now, first, why, by)
    if word == "escalate":
        return casework.hand(now, "", rest, by, escalated=True)
    if word == "decline":
        return casework.decline(now, rest, by)
    return casework.close(now, first, why, by)


def _with_comment(step: Step, comment: str) -> Step:
    def marked(book: Book, case: Case) -> CaseEvent:
        row = step(book, case)
        return cases.event(row.case, row.what, row.at, row.by, {**cases.facts(row), "comment": comment})

    return marked


def _updated(forge: Forge, case: Case, issue: Mapping[str, Any], book: Book) -> bool:
    """Write what changed; whether anything had to be written."""
    wanted = {
        "title": title_of(case),
        "body": body_of(case, book),
        "labels": labels_of(case),
        "state": "open" if case.open else "closed",
    }
    labels: Sequence[Any] = issue.get("labels") or []
    there = {
        "title": issue.get("title"), "body": issue.get("body"), "state": issue.get("state", "open"),
        "labels": [one.get("name") if isinstance(one, dict) else one for one in labels],
    }  # fmt: skip
    if {**there, "labels": sorted(map(str, there["labels"]))} == {**wanted, "labels": sorted(wanted["labels"])}:
        return False
    forge.ask("PATCH", f"/issues/{issue['number']}", json=wanted).demand("forge", "update the issue")
    return True


__all__ = ["Done", "body_of", "labels_of", "sync", "title_of"]
