"""The words of ``signalbook listen``: each does one thing and says what it did, for people and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines import listen
from signalbook import heard as heard_
from signalbook import store
from signalbook.classes import dataclass
from signalbook.errors import UsageError

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has to say.

    Attributes:
        data: the same for programs.
        lines: for people, on stdout.
        notes: for people, on stderr.
        status: the exit status.
    """

    data: Mapping[str, Any]
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    status: int = 0


def heard(place: Workspace, book: Book, now: datetime, *, environment: Mapping[str, str], source: str = "") -> Said:
    """Hear all sources that are due, or one whether it is due or not.

    Raises:
        UsageError: no source has that name.
        StoreError: the store is damaged or cannot be written.
    """
    from pipelines import hearing, http

    with http.client() as client:
        opened = hearing.opened(book.settings, environment, client, only=(source,) if source else (), book=book)
        if source and not opened.listeners and not opened.closed:
            known = ", ".join(hearing.opened(book.settings, environment, client, book=book).listeners) or "none"
            message = f"“{source}” is no source that can be heard here (known: {known})."
            raise UsageError(message)
        outcome = listen.run(
            place,
            now,
            lambda book, states: hearing.hear(
                opened, states, now, asks=hearing.asks(book, now, states), again=bool(source)
            ),
        )
    told, alerts = _n(outcome.added, "new mention"), _n(len(outcome.alerts), "alert")
    begun = _n(sum(one.what == "opened" for one in outcome.cases), "new case")
    lines = [f"{_n(len(outcome.asked), 'source')} asked, {told}, {outcome.judged} judged, {begun}, {alerts}."]
    lines += [f"S{one.severity}  {one.kind:<7}  {one.why}" for one in outcome.alerts]
    notes = list(outcome.notes)
    notes += [
        f"{name}: left out {number}: {why}" for name, found in outcome.left_out.items() for why, number in found.items()
    ]
    if outcome.forgotten:
        notes.append(f"{_n(outcome.forgotten, 'mention')} not kept: they were forgotten on request.")
    if outcome.erased:
        notes.append(f"{_n(outcome.erased, 'mention')} erased: their time is over.")
    if not outcome.asked and outcome.waiting:
        first = min(outcome.waiting.values())
        notes.append(f"No source is due before {first.astimezone(book.settings.team.zone):%Y-%m-%d %H:%M}.")
    notes += [why if why.startswith(f"{name}:") else f"{name}: {why}" for name, why in outcome.failures.items()]
    data = {
        "asked": list(outcome.asked),
        "heard": outcome.heard,
        "added": outcome.added,
        "judged": outcome.judged,
        "alerts": list(outcome.alerts),
        "cases": [{"case": one.case, "what": one.what} for one in outcome.cases],
        "forgotten": outcome.forgotten,
        "erased": outcome.erased,
        "left_out": {name: dict(found) for name, found in outcome.left_out.items()},
        "waiting": dict(outcome.waiting),
        "failures": dict(outcome.failures),
        "notes": list(outcome.notes),
    }
    return Said(data, tuple(lines), tuple(notes), 1 if outcome.failures else 0)


def replayed(place: Workspace, book: Book, now: datetime, *, since: str, base: str = "") -> Said:
    """Judge stored mentions again and say what would be told.

    Raises:
        UsageError: no day is named, or no such revision.
    """
    from pipelines import diff, replay
    from signalbook import history

    try:
        day = date.fromisoformat(since)
    except ValueError:
        message = "Name the first day: signalbook listen replay --since 2026-11-01"
        raise UsageError(message) from None
    before = None
    if base:
        commit = history.fork_point(place, base)
        if commit is None:
            message = f"“{base}” is no revision of this repository. Name a branch or a commit: --base origin/main."
            raise UsageError(message)
        before = diff.at(place, commit, book)
    found = replay.run(place, now, day, before=before)
    data = {
        "since": found.since,
        "judged": found.judged,
        "fires": list(found.fires),
        "silent": list(found.silent),
        "changed": [{"was": was, "now": new} for was, new in found.changed],
        "same": found.same,
        "topics": list(found.topics),
        "why_not": found.why_not,
    }
    return Said(data, tuple(replay.sentences(found)))


def sampled(place: Workspace, book: Book, now: datetime, *, month: str = "", lang: str = "") -> Said:
    """The mentions of a month and language that a person is asked to check, with what the error is by now.

    Raises:
        UsageError: that is no month.
    """
    here = now.astimezone(book.settings.team.zone)
    month = month or (here.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    try:
        date.fromisoformat(f"{month}-01")
    except ValueError:
        message = f"“{month}” is no month. Write it like 2026-11."
        raise UsageError(message) from None
    lang = lang or book.settings.team.languages[0].partition("-")[0]
    tables = store.tables(place)
    keys = heard_.sample(tables, month, lang)
    error = heard_.error(tables, months=[month], lang=lang)
    fixes = heard_.corrected(tables)
    said = heard_.texts(tables, keys)
    table = tables.judgements
    tones = {
        row["key"]: row["tone"]
        for row in table.filter(table.key.isin(keys)).select("key", "tone").to_pyarrow().to_pylist()
    }
    rows = [
        {
            "key": key,
            "tone": tones.get(key, ""),
            "checked": fixes[key].tone if key in fixes else "",
            "text": f"{said[key].title} {said[key].text}".strip() if key in said else "",
        }
        for key in keys
    ]
    lines = [f"{month}, {lang}: {_n(len(keys), 'mention')} to check. {error.sentence}"]
    lines += [
        f"{row['key']}  {row['tone']:<8}  {row['checked'] or '?':<8}  {' '.join(row['text'].split())[:160]}"
        for row in rows
    ]
    if keys:
        lines.append("Say what each is: signalbook listen correct KEY --tone positive --by analyst")
    data = {"month": month, "lang": lang, "checked": error.checked, "wrong": error.wrong, "mentions": rows}
    return Said(data, tuple(lines))


def corrected(
    place: Workspace,
    book: Book,
    now: datetime,
    *,
    key: str,
    by: str,
    tone: str = "",
    about: Collection[str] = (),
    not_about: Collection[str] = (),
    alone: bool = False,
    why: str = "",
) -> Said:
    """Keep a person's word about a mention.

    Raises:
        UsageError: the mention or the role is not known, or nothing is said.
    """
    from signalbook.model import Person

    if not by or book.get(Person, by) is None:
        message = f"Say which role says so, with --by: “{by}” is none. A correction has a name to it."
        raise UsageError(message)
    try:
        made = listen.correction(
            place, key, now, by=by, tone=tone, about=about, not_about=not_about, alone=alone, why=why
        )
    except LookupError:
        message = f"No mention here has the key “{key}”. `signalbook listen sample` and the site show keys."
        raise UsageError(message) from None
    except ValueError as error:
        message = f"{str(error).capitalize()}. Write --tone negative, neutral, positive or unclear, --about, --not-about or --alone."
        raise UsageError(message) from None
    lessons = len(listen.lessons(place))
    line = f"Kept. It wins over every judgement; {_n(lessons, 'corrected text')} can be learnt from."
    return Said({"key": made.key, "mention": made.mention, "lessons": lessons}, (line,))


def _n(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
