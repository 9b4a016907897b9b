"""Above the playbook's line: a Hold, an Incident and the holding statement as one pull request, for a person to merge.

What is prepared is prepared once: the branch has the name of what set it off, a second run finds it there, and a run that died
between the branch and the pull request is made good by the next.

An automatic hold is another thing. It exists only where the team decided so beforehand (``[alerts] hold``), covers a campaign or a
label and never a channel, lasts an hour, and rings the duty officer: outsiders must not be able to silence the team by shouting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pipelines.repository import Pushed
from signalbook import frontmatter, routing
from signalbook.classes import dataclass
from signalbook.errors import SettingsError, SignalbookError
from signalbook.model import Campaign, Hold, Incident, Message, Playbook
from signalbook.records import Alert, digest
from signalbook.settings import BY_HAND
from signalbook.suggesting import sayable, text_of

if TYPE_CHECKING:
    from pipelines.forge import Forge
    from pipelines.repository import Repository
    from signalbook.book import Book

LASTS: Final = timedelta(hours=4)
"""So long a prepared hold lasts; it can be renewed, and 24 hours are the most."""
AUTOMATIC: Final = timedelta(hours=1)
FRESH: Final = timedelta(hours=24)
_OPEN: Final = frozenset({"suspected", "open", "contained", "monitoring"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one pull request holds.

    Attributes:
        branch: its name, the same for the same cause.
        files: path below the workspace → content.
    """

    branch: str
    title: str
    body: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of it: ``opened``, ``there`` (a run before did it), ``failed``."""

    branch: str
    what: str
    url: str = ""
    why: str = ""


# --- deciding --------------------------------------------------------------------------------------------------------


def wanted(book: Book, now: datetime) -> list[Alert]:
    """The alerts above their playbook's line for which there is no incident, the worst first."""
    followed = {one.playbook for one in book.all(Incident) if one.status in _OPEN}
    found: dict[str, Alert] = {}
    for alert in book.alerts:
        playbook = book.get(Playbook, alert.playbook)
        if playbook is None or playbook.state != "approved" or alert.severity > 2 or not now - FRESH <= alert.at <= now:
            continue
        if playbook.slug in followed or book.get(Incident, _slug(alert, book)) is not None:
            continue
        before = found.get(playbook.slug)
        if before is None or alert.severity < before.severity:
            found[playbook.slug] = alert
    return sorted(found.values(), key=lambda one: (one.severity, one.at))


def _slug(alert: Alert, book: Book) -> str:
    day = alert.at.astimezone(book.settings.team.zone).date()
    return f"{day}-{alert.playbook}-{digest('incident', alert.key)[:6]}"


def prepare(book: Book, alert: Alert, now: datetime) -> Prepared:
    """The pull request for an alert: incident, hold and holding statement. No word of anybody outside is in it.

    Raises:
        SettingsError: the alert names no playbook of the workspace.
    """
    playbook = book.get(Playbook, alert.playbook)
    if playbook is None:
        message = f"The alert names the playbook “{alert.playbook}”, which does not exist."
        raise SettingsError(message)
    slug = _slug(alert, book)
    roles = playbook.roles
    duty = next((one.slug for one in routing.holders(book, routing.DUTY)), "")
    lead = (roles.lead if roles else None) or duty or playbook.owner or ""
    zone = book.settings.team.zone
    at = now.astimezone(zone).replace(second=0, microsecond=0)
    incident = {
        "title": playbook.name, "severity": f"S{alert.severity}", "status": "suspected", "owner": lead, "playbook": playbook.slug,
        "lead": lead, "spokesperson": roles.spokesperson if roles else None, "scribe": roles.scribe if roles else None,
        "detected_at": alert.at.astimezone(zone).replace(second=0, microsecond=0), "aware_at": at,
        "unknown": ["whether it is real and ours", "who is affected, and how many"],
        "log": [{"at": at, "by": lead, "what": alert.why, "evidence": f"alert {alert.key}"}],
    }  # fmt: skip
    scope = playbook.hold_scope
    held: dict[str, Any] = {
        "channels": (list(scope.channels) if isinstance(scope.channels, tuple) else scope.channels) if scope else "all",
        "campaigns": list(scope.campaigns) if scope else [], "labels": list(scope.labels) if scope else [],
        "types": list(scope.types) if scope else [], "except_types": list(scope.except_types) if scope else ["holding", "correction"],
    }  # fmt: skip
    hold = {
        "title": f"Hold: {playbook.name}", "status": "open", "owner": lead, "reason": f"{playbook.name}: we are finding out what happened",
        "scope": {key: value for key, value in held.items() if value}, "from": at, "expires": at + LASTS, "opened_by": lead,
        "incident": slug, "after_release": "decide-each",
    }  # fmt: skip
    first = (
        "\n".join(f"- [ ] {step}" for step in playbook.first_five) or "- [ ] The first five minutes of the playbook."
    )
    files = {
        f"content/policies/incidents/{slug}.md": _file(incident, f"The first five minutes:\n\n{first}\n"),
        f"content/policies/holds/{slug}.md": _file(hold, ""),
    }
    statement = _statement(book, playbook, lead, at)
    if statement:
        files[f"content/calendar/{slug}.md"] = statement
    body = _body(book, alert, playbook, statement=bool(statement))
    return Prepared(f"incident/{slug}", f"S{alert.severity}: {playbook.name}", body, files)


def _statement(book: Book, playbook: Playbook, lead: str, at: datetime) -> bytes:
    """The holding statement as a post that is still a draft: its four slots are filled by a person."""
    day = at.date()
    message = next(
        (one for name in playbook.statements if (one := book.get(Message, name)) and sayable(one, day)), None
    )
    channels = [
        key for key, one in book.settings.channels.items() if one.status == "live" and one.connector not in BY_HAND
    ]
    channels = channels or [key for key, one in book.settings.channels.items() if one.status == "test"]
    if message is None or not channels:
        return b""
    text, _ = text_of(message, "", book.settings.team.languages)
    front = {
        "title": f"Holding statement: {playbook.name}", "status": "draft", "type": "holding", "owner": lead, "channels": channels,
        "publish_at": "on-merge", "messages": [message.slug],
    }  # fmt: skip
    return _file(front, f"{text}\n")


def _file(front: Mapping[str, Any], body: str) -> bytes:
    said = {key: value for key, value in front.items() if value not in (None, "", [], ())}
    return f"---\n{frontmatter.dump(said)}---\n{body}".encode()


def _body(book: Book, alert: Alert, playbook: Playbook, *, statement: bool) -> str:
    reasons = "\n".join(f"- {one}" for one in alert.reasons)
    draft = (
        "The holding statement is a draft with its slots open: fill them, set `status: approved`, and it goes out with the merge."
        if statement
        else "There is no holding statement in date for it: write one now, four slots, ninety words."
    )
    return (
        f"{alert.why}\n\n{reasons}\n\nMerging this opens the incident and the hold that the playbook “{playbook.name}” names. If it is not "
        f"real, or not ours, close it and say why. Unsure: the higher severity and the narrower hold.\n\n{draft}\n\nA hold stops what this "
        f"workspace sends and nothing else. Close elsewhere: {', '.join(playbook.close_elsewhere) or 'nothing is listed'}.\n"
        f"\nPrepared for {book.settings.team.name}; a person decides."
    )


def automatic(book: Book, alert: Alert, now: datetime) -> tuple[str, bytes] | None:
    """The hold that the team allowed beforehand for an alert's topic: path and content; ``None`` where it did not.

    Raises:
        SettingsError: what was allowed is not narrow.
    """
    table = book.settings.more.get("alerts")
    rules = table.get("hold") if isinstance(table, dict) else None
    for rule in rules if isinstance(rules, list) else []:
        if not isinstance(rule, dict) or rule.get("topic") != alert.about or alert.severity > 2:
            continue
        campaigns, labels = list(rule.get("campaigns") or []), list(rule.get("labels") or [])
        if not campaigns and not labels:
            message = (
                f"signalbook.toml: [alerts] hold for “{alert.about}” names neither campaigns nor labels. An automatic hold is narrow, or "
                'anybody could silence the team by shouting. Write campaigns = ["…"] or labels = ["…"].'
            )
            raise SettingsError(message)
        if unknown := [one for one in campaigns if book.get(Campaign, one) is None]:
            message = f"signalbook.toml: [alerts] hold names the campaign “{unknown[0]}”, which does not exist."
            raise SettingsError(message)
        at = now.astimezone(book.settings.team.zone).replace(second=0, microsecond=0)
        duty = next((one.slug for one in routing.holders(book, routing.DUTY)), "")
        slug = f"automatic-{at:%Y-%m-%d}-{digest('hold', alert.key)[:6]}"
        if book.get(Hold, slug) is not None:
            return None
        front = {
            "title": f"Automatic hold: {alert.about.partition('/')[2] or alert.about}", "status": "open", "owner": duty, "opened_by": duty,
            "reason": f"An alert of S{alert.severity} on {alert.about}; the duty officer decides within the hour",
            "scope": {**({"campaigns": campaigns} if campaigns else {}), **({"labels": labels} if labels else {}),
                      "except_types": ["holding", "correction", "reply"]},
            "from": at, "expires": at + AUTOMATIC, "after_release": "decide-each",
        }  # fmt: skip
        return f"content/policies/holds/{slug}.md", _file(front, "")
    return None


# --- doing -----------------------------------------------------------------------------------------------------------


def propose(made: Prepared, repository: Repository, forge: Forge, *, remote: str, base: str, at: datetime) -> Opened:
    """Push the branch and open the pull request, each unless it is there already."""
    try:
        heads = repository.heads(remote, base, made.branch)
        if made.branch not in heads.branches:
            parent = heads.branches.get(base, "")
            if not parent:
                return Opened(made.branch, "failed", why=f"The remote has no branch “{base}”.")
            repository.fetch(remote, base, parent)
            files = {f"{repository.prefix}{path}": content for path, content in made.files.items()}
            commit = repository.commit(parent, files, f"incident: {made.title}\n", at=int(at.timestamp()))
            became, said = repository.push(remote, commit, made.branch)
            if became is not Pushed.YES and made.branch not in repository.heads(remote, made.branch).branches:
                return Opened(made.branch, "failed", why=f"The branch could not be pushed: {said}")
        for pull in forge.pages("/pulls", "list the pull requests"):
            head = pull.get("head")
            name = head.get("ref") if isinstance(head, dict) else head
            if name == made.branch:
                return Opened(made.branch, "there", str(pull.get("html_url") or ""))
        asked = {"title": made.title, "head": made.branch, "base": base, "body": made.body}
        answer = forge.ask("POST", "/pulls", json=asked).demand("forge", "open the pull request").json()
        return Opened(made.branch, "opened", str(answer.get("html_url") or "") if isinstance(answer, dict) else "")
    except SignalbookError as error:
        return Opened(made.branch, "failed", why=str(error))


def hold(path: str, content: bytes, repository: Repository, *, remote: str, base: str, at: datetime) -> Opened:
    """Put an automatic hold on the protected branch; where the forge does not allow that, say so."""
    try:
        heads = repository.heads(remote, base)
        parent = heads.branches.get(base, "")
        if not parent:
            return Opened(base, "failed", why=f"The remote has no branch “{base}”.")
        repository.fetch(remote, base, parent)
        if f"{repository.prefix}{path}" in repository.files(parent, path) or path in repository.files(parent, path):
            return Opened(base, "there")
        commit = repository.commit(
            parent,
            {f"{repository.prefix}{path}": content},
            "hold: one hour, by the team's own rule\n",
            at=int(at.timestamp()),
        )
        became, said = repository.push(remote, commit, base)
    except SignalbookError as error:
        return Opened(base, "failed", why=str(error))
    if became is Pushed.YES:
        return Opened(base, "opened")
    return Opened(
        base,
        "failed",
        why=f"“{base}” did not take the hold ({said}). Open it by hand, or allow the workflow to push there.",
    )


__all__ = ["Opened", "Prepared", "automatic", "hold", "prepare", "propose", "wanted"]
