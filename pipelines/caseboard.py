"""The command ``case``: from its words to what is printed and the exit status. Every effect is handed in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines import accounts, casework, http, ledger, opening
from pipelines.casework import Desk, Sending
from pipelines.publishing import Effects
from signalbook import cases, store, suggesting
from signalbook.cases import Case
from signalbook.classes import dataclass
from signalbook.errors import SignalbookError, UsageError
from signalbook.model import Message
from signalbook.records import CaseEvent, Mention, Reply
from signalbook.terminal import printable

if TYPE_CHECKING:
    from pipelines.http import Client
    from pipelines.opening import Opened
    from signalbook.book import Book
    from signalbook.suggesting import Suggestion
    from signalbook.workspace import Workspace

WORDS = (
    "list",
    "show",
    "take",
    "answer",
    "decline",
    "escalate",
    "hand",
    "wait",
    "close",
    "reopen",
    "correct",
    "settle",
    "remind",
    "incident",
    "issues",
)
BEGINNING = 88
"""So many characters of what somebody wrote stand in the list."""
MOST_SHOWN = 60
EVERY_WORD = (
    "list, show, take, answer, decline, escalate, hand, wait, close, reopen, correct, settle, remind, incident, issues"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line, as it was typed."""

    word: str = "list"
    case: str = ""
    by: str = ""
    to: str = ""
    why: str = ""
    text: str = ""
    message: str = ""
    lang: str = ""
    sent: str = ""
    not_sent: bool = False
    despite_hold: str = ""
    on: str = ""
    outcome: str = ""
    severity: str = ""
    type: str = ""
    topic: str = ""
    deadline: str = ""
    everything: bool = False
    owner: str = ""
    again: bool = False


def run(place: Workspace, asked: Asked, effects: Effects) -> int:
    """Do what was asked and give the exit status: 0 done, 1 something needs a person.

    Raises:
        UsageError: the command was misused, or the step cannot be taken as things stand.
        SignalbookError: nothing could be done at all.
    """
    _check(asked)
    if asked.word == "remind":
        return remind(place, effects)
    if asked.word == "incident":
        return incident(place, effects)
    opened = opening.place(place, effects.clock, effects.sleep, kinds=ledger.CASES)
    book = opened.source()
    veil = accounts.veil_of(book.settings, effects.environment)
    for note in opened.notes:
        effects.say(veil(note))
    if asked.word == "list":
        return _list(place, book, opened, asked, effects)
    with http.client() as client:
        desk = desk_of(place, opened, book, effects, client)
        if asked.word == "show":
            return _show(desk, book, asked, effects)
        if asked.word == "issues":
            status = _issues(desk, book, opened, effects, client)
            _bring(opened, place, effects)
            return status
        status, case, done = _act(desk, book, asked, effects)
        _bring(opened, place, effects)
    if case is not None:
        _told(case, done, book, effects)
    elif effects.as_json:
        effects.write(json.dumps([_sending(one) for one in done], ensure_ascii=False) + "\n")
    else:
        for one in done:
            effects.write(
                f"{one.case}  {_SAID[one.what]}{': ' if one.why or one.url else ''}{printable(veil(one.url or one.why))}\n"
            )
        if not done:
            effects.say("No answer is left to look for.")
    return status


def remind(place: Workspace, effects: Effects) -> int:
    """Tell whoever must be told of alerts, new cases and clocks that run out, each once; 1 when something could not be told.

    Raises:
        SettingsError: ``[alerts]`` names a channel that does not exist.
        LedgerError: nothing is claimed, so nothing is told.
    """
    from pipelines import telling
    from signalbook import book as books

    opened = opening.place(place, effects.clock, effects.sleep, kinds=ledger.MESSAGES)
    book = books.load(place)
    veil = accounts.veil_of(book.settings, effects.environment)
    table = telling.settings_of(book)
    people = table.get("people")
    named = [table.get("channel"), table.get("urgent"), *(people.values() if isinstance(people, dict) else ())]
    only = tuple(dict.fromkeys(str(name) for name in named if name))
    if not only:
        effects.say("signalbook.toml names no channel for alerts, so nobody is told. Write [alerts] channel = “…”.")
        if effects.as_json:
            effects.write("[]\n")
        return 0
    with http.client() as client:
        found = opening.channels(book.settings, effects.environment, client, only=only)
        open_ = effects.publishers if effects.publishers is not None else found.publishers
        done = telling.run(telling.Desk(
            book, opened.ledger, open_, effects.clock, f"{effects.clock():%Y%m%dT%H%M%S}-{effects.run}", found.closed,
            effects.step, client.closing,
        ))  # fmt: skip
    _bring(opened, place, effects)
    if effects.as_json:
        rows = [
            {"channel": one.channel, "what": one.what, "notices": one.notices, "why": veil(one.why)} for one in done
        ]
        effects.write(json.dumps(rows, ensure_ascii=False) + "\n")
    for one in done:
        tail = f": {veil(one.why)}" if one.why else ""
        effects.say(
            printable(f"{one.channel}: {one.notices} {'notice' if one.notices == 1 else 'notices'} {one.what}{tail}")
        )
    return int(any(one.what != "sent" for one in done))


def incident(place: Workspace, effects: Effects) -> int:
    """Prepare what alerts above their playbook's line ask for: a pull request, and the automatic hold the team allowed.

    Raises:
        SettingsError: there is no forge or no remote, or an automatic hold that was allowed is not narrow.
    """
    from pipelines import forge, incidents
    from pipelines.repository import around
    from signalbook import book as books
    from signalbook.errors import SettingsError

    book = books.load(place)
    now = effects.clock()
    alerts = incidents.wanted(book, now)
    done: list[incidents.Opened] = []
    if alerts:
        repository, remote = around(place.root), book.settings.publish.remote
        address = repository.maybe("remote", "get-url", remote) if repository else ""
        with http.client() as client:
            here = forge.of(effects.environment, client, address)
            if repository is None or here is None or not here.token:
                message = (
                    "An alert is above its playbook's line, and there is no forge here to open a pull request on: it needs a git remote and "
                    "GH_TOKEN (or FORGEJO_TOKEN). Open the incident by hand: signalbook new incident NAME"
                )
                raise SettingsError(message)
            base = book.settings.publish.branch or repository.heads(remote).main or "main"
            for alert in alerts:
                made = incidents.prepare(book, alert, now)
                done.append(incidents.propose(made, repository, here, remote=remote, base=base, at=now))
                if (held := incidents.automatic(book, alert, now)) is not None:
                    done.append(incidents.hold(*held, repository, remote=remote, base=base, at=now))
    veil = accounts.veil_of(book.settings, effects.environment)
    if effects.as_json:
        rows = [{"branch": one.branch, "what": one.what, "url": one.url, "why": veil(one.why)} for one in done]
        effects.write(json.dumps(rows, ensure_ascii=False) + "\n")
    for one in done:
        effects.say(printable(f"{one.branch}: {one.what}  {one.url or veil(one.why)}".rstrip()))
    if not done:
        effects.say("No alert is above its playbook's line without an incident.")
    return int(any(one.what == "failed" for one in done))


def _issues(desk: Desk, book: Book, opened: Opened, effects: Effects, client: Client) -> int:
    from pipelines import forge, tracker
    from signalbook.errors import SettingsError

    if not tracker.settings_of(book).get("issues"):
        effects.say(
            "signalbook.toml does not ask for issues, so none is kept. Write [cases] issues = true, and who may steer them: "
            "people = {login = “role”}."
        )
        if effects.as_json:
            effects.write("[]\n")
        return 0
    address = opened.repository.maybe("remote", "get-url", book.settings.publish.remote) if opened.repository else ""
    here = forge.of(effects.environment, client, address)
    if here is None or not here.token:
        message = "Cases become issues where a forge is known: it needs a git remote and GH_TOKEN (or FORGEJO_TOKEN)."
        raise SettingsError(message)
    done = tracker.sync(desk, here)
    if effects.as_json:
        effects.write(
            json.dumps([{"case": one.case, "what": one.what, "why": one.why} for one in done], ensure_ascii=False)
            + "\n"
        )
    for one in done:
        effects.say(printable(f"{one.case}: {one.what}  {one.why}".rstrip()))
    return int(any(one.what == "failed" for one in done))


def desk_of(place: Workspace, opened: Opened, book: Book, effects: Effects, client: Client) -> Desk:
    """A desk over a workspace's channels and its private store."""
    if effects.publishers is not None:
        open_, closed = effects.publishers, {}
    else:
        found = opening.channels(book.settings, effects.environment, client)
        open_, closed = found.publishers, dict(found.closed)
    return Desk(
        opened.source, opened.ledger, open_, effects.clock, f"{effects.clock():%Y%m%dT%H%M%S}-{effects.run}",
        mention=lambda key: mentions(place, [key]).get(key), keep=lambda reply: _keep(place, reply),
        kept=lambda key: replies(place).get(key), closed=closed, sleep=effects.sleep, step=effects.step, closing=client.closing,
    )  # fmt: skip


def mentions(place: Workspace, keys: Sequence[str]) -> dict[str, Mention]:
    """Key → the mention, of those that are still kept."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    table = store.tables(place).mentions
    found = {}
    for row in table.filter(table.key.isin(wanted)).to_pyarrow().to_pylist():
        moments = {name: row[name] and row[name].astimezone(UTC) for name in ("published_at", "heard_at")}
        found[row["key"]] = Mention(**{**row, **moments, "links": tuple(row["links"])})
    return found


def replies(place: Workspace) -> dict[str, Reply]:
    """Key → what we answered, of those that are still kept."""
    return {one.key: one for one in store.read(place, Reply)[0]}


def _keep(place: Workspace, reply: Reply) -> None:
    store.append(place, [reply])


def _check(asked: Asked) -> None:
    from signalbook.decode import near

    if asked.word not in WORDS:
        message = f"`case` knows no word “{asked.word}”.{near(asked.word, WORDS)} Known: {EVERY_WORD}."
        raise UsageError(message)
    if asked.word in {"list", "settle", "remind", "incident", "issues"}:
        if asked.case:
            message = f"`case {asked.word}` takes nothing behind it; “{asked.case}” was given. To see one: signalbook case show {asked.case}"
            raise UsageError(message)
        return
    if not asked.case:
        message = f"`case {asked.word}` needs a case: signalbook case {asked.word} case-0a1b2c3d4e"
        raise UsageError(message)
    if asked.word == "answer" and sum(map(bool, (asked.text, asked.message, asked.sent, asked.not_sent))) != 1:
        message = "`case answer` takes one of: --text “…”, --message SLUG, --sent ADDRESS, --not-sent."
        raise UsageError(message)


def _act(desk: Desk, book: Book, asked: Asked, effects: Effects) -> tuple[int, Case | None, list[Sending]]:
    now = desk.clock()
    if asked.word == "settle":
        done = casework.settle(desk)
        return int(any(one.what == "unknown" for one in done)), None, done
    if asked.word == "answer":
        return _answer(desk, book, asked)
    deadline = effects.instant(asked.deadline) if asked.deadline else None
    changes = {"severity": asked.severity, "row": asked.type, "topic": asked.topic, "deadline": deadline}
    step = {
        "take": lambda: casework.take(now, asked.by),
        "decline": lambda: casework.decline(now, asked.why, asked.by),
        "escalate": lambda: casework.hand(now, asked.to, asked.why, asked.by, escalated=True),
        "hand": lambda: casework.hand(now, asked.to, asked.why, asked.by),
        "wait": lambda: casework.wait(now, asked.on, asked.why, asked.by),
        "close": lambda: casework.close(now, asked.outcome, asked.why, asked.by),
        "reopen": lambda: casework.reopen(now, asked.why, asked.by),
        "correct": lambda: casework.correct(now, changes, asked.why, asked.by),
    }[asked.word]()
    case, _ = casework.act(desk, asked.case, step)
    return 0, case, []


def _answer(desk: Desk, book: Book, asked: Asked) -> tuple[int, Case | None, list[Sending]]:
    claims = (asked.message,) if asked.message else ()
    if asked.sent:
        return 0, casework.by_hand(desk, asked.case, asked.sent, by=asked.by)[0], []
    if asked.not_sent:
        return 0, casework.not_sent(desk, asked.case, asked.by)[0], []
    text, lang = asked.text, asked.lang
    if asked.message:
        found = casework.find(book, desk.ledger.read(), asked.case, desk.clock())
        text, lang = _reviewed(book, asked.message, asked.lang or found.lang, desk.clock())
    sent = casework.answer(
        desk,
        asked.case,
        text,
        lang=lang,
        by=asked.by,
        claims=claims,
        despite_hold=asked.despite_hold,
        again=asked.again,
    )
    case = casework.find(book, desk.ledger.read(), sent.case, desk.clock())
    return int(sent.what != "sent"), case, [sent]


def _reviewed(book: Book, slug: str, lang: str, now: datetime) -> tuple[str, str]:
    """What a reviewed message says.

    Raises:
        UsageError: there is none of that name, or it may not be said.
    """
    message = book.get(Message, slug)
    if message is None:
        from signalbook.decode import near

        said = f"There is no message “{slug}”.{near(slug, tuple(one.slug for one in book.all(Message)))}"
        raise UsageError(said)
    if not suggesting.sayable(message, now.astimezone(book.settings.team.zone).date()) or message.type == "do-not-say":
        said = f"“{message.name}” may not be said: it is {message.state}, or its day is over. Have it reviewed, or write --text."
        raise UsageError(said)
    return suggesting.text_of(message, lang, book.settings.team.languages)


def _bring(opened: Opened, place: Workspace, effects: Effects) -> None:
    """Let the site and every other command of this clone see what the branch holds."""
    if opened.branch is None or opened.repository is None:
        return
    try:
        opened.branch.fetch()
        ledger.bring(opened.repository, opened.branch.head, place)
    except SignalbookError as error:
        effects.say(f"The records could not be brought into data/: {error}")


# --- saying it -------------------------------------------------------------------------------------------------------

_SAID: Mapping[str, str] = {"sent": "answered", "failed": "NOT SENT", "refused": "REFUSED", "unknown": "UNKNOWN"}


def as_json(case: Case, book: Book, now: datetime) -> dict[str, Any]:
    """A case as the command prints it; no word of anybody outside."""
    clock = case.clock
    return {
        "case": case.id, "type": case.type, "row": case.row.name, "severity": case.severity, "state": case.state,
        "owner": case.owner, "backup": case.backup, "inform": list(case.inform), "why": list(case.why),
        "source": case.source, "channel": case.channel, "topic": case.topic, "lang": case.lang, "mention": case.mention,
        "received_at": case.received_at.isoformat(), "inside_at": case.inside_at.isoformat(),
        "owned_at": _iso(case.owned_at), "answered_at": _iso(case.answered_at), "closed_at": _iso(case.closed_at),
        "due": _iso(case.due.astimezone(book.settings.team.zone) if case.due else None), "clock": clock.what if clock else "",
        "stage": case.stage(now), "target": str(clock.target) if clock and clock.target else "", "round": case.round,
        "outcome": case.outcome, "reason": case.reason, "url": case.url, "issue": case.issue, "document": case.document,
        "unknown": case.claim is not None, "echoes": len(case.echoes),
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _sending(one: Sending) -> dict[str, str]:
    return {"case": one.case, "what": one.what, "why": one.why, "url": one.url}


def _list(place: Workspace, book: Book, opened: Opened, asked: Asked, effects: Effects) -> int:
    now = effects.clock()
    known = cases.read(book, now, opened.ledger.read().cases)
    rows = cases.queue(known)
    if asked.everything:
        rows += sorted(
            (one for one in known if not one.open), key=lambda one: one.closed_at or one.opened_at, reverse=True
        )
    if asked.owner:
        rows = [one for one in rows if one.owner == asked.owner]
    if effects.as_json:
        effects.write(json.dumps([as_json(one, book, now) for one in rows], ensure_ascii=False) + "\n")
        return 0
    said = mentions(place, [one.newest for one in rows[:MOST_SHOWN]])
    for one in rows[:MOST_SHOWN]:
        effects.write(line(one, book, now) + "\n")
        if (words := said.get(one.newest)) is not None:
            effects.write(f"    {_beginning(words)}\n")
        if one.echoes:
            effects.write(f"    {_echoed(one)}\n")
    if len(rows) > MOST_SHOWN:
        effects.write(f"… and {len(rows) - MOST_SHOWN} more; --json has them all\n")
    loads = [load for load in cases.loads(book, known, now).values() if load.open]
    if loads and not asked.owner:
        full = [f"{book.person(load.person)} {load.open}{' (full today)' if load.full else ''}" for load in loads]
        effects.say(f"Open: {', '.join(full)}.")
    if not rows:
        effects.say("Nothing waits for an answer.")
    return 0


def _beginning(said: Mention) -> str:
    """Who wrote, and how it begins, on one line: enough to tell one case from the next."""
    words = printable(" ".join(f"{said.title} {said.text}".split()))
    short = words if len(words) <= BEGINNING else f"{words[:BEGINNING].rsplit(' ', 1)[0]}…"
    return f"{printable(said.author) or 'Somebody'}: {short}"


def _echoed(case: Case) -> str:
    count = len(case.echoes)
    return "1 more account wrote the same words." if count == 1 else f"{count} more accounts wrote the same words."


def line(case: Case, book: Book, now: datetime) -> str:
    """A case on one line."""
    owner = book.person(case.owner) if case.owner else "nobody"
    topic = case.topic.partition("/")[2] or case.source
    state = case.state if case.claim is None else f"{case.state}, an answer is unknown"
    return printable(
        f"{case.id}  {case.severity} {case.row.name}  {when(case, book, now)}  {owner}  {state}  {topic}"
    ).rstrip()


def when(case: Case, book: Book, now: datetime) -> str:
    """When it is due, in words."""
    left = case.left(now)
    if left is None or case.due is None:
        return "paused" if case.stage(now) == "paused" else "no clock"
    at = case.due.astimezone(book.settings.team.zone)
    clock = f"{at:%H:%M}" if at.date() == now.astimezone(book.settings.team.zone).date() else f"{at:%a %d %b, %H:%M}"
    return f"due {clock} (in {span(left)})" if left > timedelta() else f"LATE by {span(-left)}, since {clock}"


def span(time: timedelta) -> str:
    """A span as people say it: ``12 min``, ``3 h 20 min``, ``2 d 4 h``."""
    minutes = int(time.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _show(desk: Desk, book: Book, asked: Asked, effects: Effects) -> int:
    now = desk.clock()
    case = casework.find(book, desk.ledger.read(), asked.case, now)
    said = desk.mention(case.newest)
    text = f"{said.title}\n{said.text}".strip() if said else ""
    offers = suggesting.suggest(
        book, text, lang=case.lang, severity=case.severity, today=now.astimezone(book.settings.team.zone).date()
    ) if text or case.hard else []  # fmt: skip
    if effects.as_json:
        more = {
            "quote": {"author": said.author, "url": said.url, "title": said.title, "text": said.text} if said else None,
            "suggestions": [_offer(one) for one in offers],
            "events": [{"at": row.at.isoformat(), "what": row.what, "by": row.by, **cases.facts(row)} for row in case.events],
            "do": case.row.hard if case.hard else case.row.normal, "tone": case.row.tone,
        }  # fmt: skip
        effects.write(json.dumps(as_json(case, book, now) | more, ensure_ascii=False) + "\n")
        return 0
    for row in _lines(case, book, now, said, offers):
        effects.write(printable(row) + "\n")
    return 0


def _offer(one: Suggestion) -> dict[str, Any]:
    return {"message": one.message, "text": one.text, "lang": one.lang, "short": one.short, "proof": list(one.proof),
            "never": one.never, "hand_off": one.hand_off, "until": one.until.isoformat() if one.until else None,
            "score": one.score}  # fmt: skip


def _lines(case: Case, book: Book, now: datetime, said: Mention | None, offers: Sequence[Suggestion]) -> list[str]:
    out = [line(case, book, now), ""]
    if said is not None:
        out += [
            f"{said.author or 'Somebody'}  {said.url}",
            *(f"  {row}" for row in f"{said.title}\n{said.text}".strip().splitlines()),
            "",
        ]
    else:
        out += ["Their words are not kept here (any more).", ""]
    out += [_echoed(case), ""] if case.echoes else []
    out.append(f"Do: {case.row.hard if case.hard else case.row.normal}. Tone: {case.row.tone}.")
    out += [f"Why here: {' '.join(case.why)}"] if case.why else []
    out += [f"Must know: {', '.join(map(book.person, case.inform))}"] if case.inform else []
    out += [f"Stands in: {book.person(case.backup)}"] if case.backup else []
    if case.claim is not None:
        out.append("An answer may be out, and nobody knows. Look, then: case answer --sent ADDRESS, or --not-sent.")
    for one in offers:
        out += ["", f"Reviewed answer “{one.title}” (--message {one.message})", f"  {one.text}"]
        out += [f"  Proof: {proof}" for proof in one.proof]
        out += [f"  Never: {one.never}"] if one.never else []
        out += [f"  It goes on in private: {one.hand_off}"] if one.hand_off else []
    out += ["", *(_event(row, book) for row in case.events)]
    return out


def _event(row: CaseEvent, book: Book) -> str:
    said = cases.facts(row)
    who = book.person(row.by) if row.by else "a run"
    tail = said.get("url") or said.get("why") or said.get("severity") or said.get("outcome") or ""
    return f"{row.at.astimezone(book.settings.team.zone):%Y-%m-%d %H:%M}  {row.what} by {who}  {tail}".rstrip()


def _told(case: Case, done: Sequence[Sending], book: Book, effects: Effects) -> None:
    if effects.as_json:
        more = _sending(done[0]) if done else {}
        effects.write(json.dumps(as_json(case, book, effects.clock()) | {"answer": more}, ensure_ascii=False) + "\n")
        return
    effects.write(line(case, book, effects.clock()) + "\n")
    for one in done:
        effects.say(printable(f"{_SAID[one.what]}{': ' if one.why or one.url else '.'}{one.url or one.why}"))
