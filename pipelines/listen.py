"""``signalbook listen``: hear all sources once, understand what is new, and tell what somebody must know.

::

    sources ──hear──► mentions ──► data/private/mentions/
                                        │ those nobody judged yet, oldest first
                  Rules ───judge────────┴─► data/private/judgements/
                  Matrix ──────cases──────► data/cases/
                  Thresholds ───alerts────► data/alerts/

Each step is safe to repeat and to interrupt: a mention is kept once by its key, what was kept and not judged is judged by the next
run, and an alert has the key of what it tells. States of sources are written last, so that what was not kept is heard again.
What a person had forgotten is not kept again, and what is older than its time is erased at the end of a run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pipelines import casing, forgotten
from signalbook import alerting, heard, sources, store, understanding
from signalbook import book as books
from signalbook.classes import dataclass
from signalbook.errors import SettingsError
from signalbook.records import Alert, CaseEvent, Correction, Judgement, Mention, digest
from signalbook.understanding import Earlier, Past, Rules

if TYPE_CHECKING:
    from pipelines.hearing import Heard
    from signalbook.book import Book
    from signalbook.sources import Source
    from signalbook.workspace import Workspace

BATCH: Final = 5_000
"""So many mentions are judged at a time."""
NEAR: Final = timedelta(days=3)
"""Mentions of so many days around are looked at for stories."""
MOST_NEAR: Final = 20_000
KEEP: Final = timedelta(days=365)
"""So long the words are kept where nobody says otherwise."""
SWEEP: Final = timedelta(hours=20)
"""The store is swept for what is too old once in so long."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Attributes:
        asked: the sources that were asked.
        heard: mentions the sources gave.
        added: how many of them were new.
        judged: how many were judged, those of earlier runs with them.
        alerts: the new ones.
        cases: what happened to cases: those that opened, and those in which somebody wrote again.
        forgotten: how many were not kept because somebody had them forgotten.
        erased: how many were too old.
        left_out: source → reason → how many.
        waiting: source → when it is due.
        failures: source → what happened and what to do.
        notes: sentences a person should see.
    """

    asked: tuple[str, ...] = ()
    heard: int = 0
    added: int = 0
    judged: int = 0
    alerts: tuple[Alert, ...] = ()
    cases: tuple[CaseEvent, ...] = ()
    forgotten: int = 0
    erased: int = 0
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    waiting: Mapping[str, datetime] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Hear = Callable[["Book", "Mapping[str, Source]"], "Heard | None"]
"""Asks the sources that are due; ``None`` when there is nothing to ask."""


def run(workspace: Workspace, now: datetime, hear: Hear, *, mentions: Iterable[Mention] = ()) -> Outcome:
    """Hear, keep, judge, tell.

    Args:
        workspace: where.
        now: the instant of the run.
        hear: asks the sources.
        mentions: more of them, e.g. read from files.

    Raises:
        StoreError: the store is damaged or cannot be written.
        SettingsError: the settings or the team's model cannot be read.
    """
    book = books.load(workspace)
    by = rules(book)
    states: Mapping[str, Source] = sources.read(workspace)
    told = hear(book, states)
    found = [*(told.mentions if told else ()), *mentions]
    wanted, forgotten = _remembered(workspace, found)
    added = store.append(workspace, wanted).get("mentions", 0) if wanted else 0
    months = None if _due(workspace, now) else _around([one.published_at or one.heard_at for one in wanted], now)
    judged = catch_up(workspace, book, by, now, months=months)
    if told:
        states = told.states
    opened = casing.run(workspace, book, now) if judged or told else []
    alerts = _alerts(workspace, book, now, states) if judged or told else []
    if told:
        sources.write(workspace, told.states)
    erased = sweep(workspace, book, now)
    notes = [
        *(told.notes if told else ()),
        *(f"{about}: a query of it cannot be read: {why}" for about, why in by.refused.items()),
    ]
    return Outcome(
        asked=told.asked if told else (),
        heard=len(found),
        added=added,
        judged=judged,
        alerts=tuple(alerts),
        cases=tuple(opened),
        forgotten=forgotten,
        erased=erased,
        left_out=told.left_out if told else {},
        waiting=told.waiting if told else {},
        failures={one.source: one.message for one in told.failures} if told else {},
        notes=tuple(notes),
    )


def rules(book: Book) -> Rules:
    """The rules of the workspace, with the team's model where ``[listen] model`` names one.

    Raises:
        SettingsError: the model cannot be read.
    """
    name = settings_of(book).get("model")
    if not name:
        return understanding.rules(book)
    root = book.workspace.root.resolve()
    path = (root / str(name)).resolve()
    if not path.is_relative_to(root):
        message = f"signalbook.toml: [listen] model = “{name}” leads out of the workspace. Put the file inside it."
        raise SettingsError(message)
    try:
        return understanding.rules(book, path.read_bytes())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        message = (
            f"signalbook.toml: [listen] model = “{name}” cannot be used: {why}. Write it anew: "
            f"signalbook train sentiment FILE --out {name}"
        )
        raise SettingsError(message) from error


def settings_of(book: Book) -> Mapping[str, Any]:
    """The table ``[listen]`` of the settings."""
    table = book.settings.more.get("listen")
    return table if isinstance(table, dict) else {}


# --- keeping ---------------------------------------------------------------------------------------------------------


def _remembered(workspace: Workspace, found: Sequence[Mention]) -> tuple[list[Mention], int]:
    """The mentions without those that somebody had forgotten, and how many those were."""
    gone = forgotten.marks(workspace)
    kept = [one for one in found if not forgotten.is_forgotten(one, gone)]
    return kept, len(found) - len(kept)


# --- understanding ---------------------------------------------------------------------------------------------------


def _around(moments: Iterable[datetime], now: datetime) -> frozenset[str]:
    """The months of some moments and of now, and those beside them."""
    found = set()
    for moment in {one.date().replace(day=15) for one in (*moments, now)}:
        found |= {(moment + timedelta(days=days)).strftime("%Y-%m") for days in (-30, 0, 30)}
    return frozenset(found)


def catch_up(
    workspace: Workspace, book: Book, by: Rules, now: datetime, *, months: Collection[str] | None = None
) -> int:
    """Judge every mention that nobody judged yet, oldest first; say how many.

    With ``months`` only these are looked at: a run need not read years to judge a day. Once a day all of them are.
    """
    if months is None:
        months = store.behind(workspace, "mentions", "judgements")
        if months:
            months |= _around([datetime(int(month[:4]), int(month[5:]), 15, tzinfo=UTC) for month in months], now)
    tables = store.tables(workspace, months)
    keys = _unjudged(tables)
    if not keys:
        return 0
    parted = apart(store.tables(workspace))
    sent = frozenset(place for one in book.receipts for place in (one.id, one.url) if place)
    done = 0
    recent: dict[str, str] = {}
    for at in range(0, len(keys), BATCH):
        batch = list(heard.texts(tables, keys[at : at + BATCH]).values())
        past = _past(tables, batch, parted, sent, recent)
        judged = understanding.judge(batch, by, past, now)
        recent |= {mark: one.same for one in judged for mark in one.marks}
        # Later batches know these by their marks and texts; the tables are as they were when the run began.
        done += store.append(workspace, judged).get("judgements", 0)
        if at + BATCH < len(keys):
            tables = store.tables(workspace, months)
    return done


def _unjudged(tables: store.Tables) -> list[str]:
    table = tables.mentions
    missing = table.anti_join(tables.judgements.select("key"), "key")
    when = missing.published_at.fill_null(missing.heard_at)
    ordered = missing.select("key", when=when).order_by(["when", "key"])
    return list(ordered.to_pyarrow()["key"].to_pylist())


def _past(
    tables: store.Tables,
    batch: Sequence[Mention],
    parted: frozenset[frozenset[str]],
    sent: frozenset[str],
    recent: Mapping[str, str],
) -> Past:
    """What is known of earlier mentions that this batch may repeat or tell again."""
    import ibis

    from signalbook.sense import duplicates

    marks = {mark for one in batch for mark in duplicates.marks(one.url, one.title, one.published_at)}
    table = tables.judgements
    bearing = table.select("same", "story", "said_at", mark=table.marks.unnest())
    known: dict[str, str] = {}
    story_of: dict[str, str] = {}
    if marks:
        found = bearing.filter(bearing.mark.isin(sorted(marks))).order_by(["said_at", "same"])
        for row in found.to_pyarrow().to_pylist():
            known.setdefault(row["mark"], row["same"])
            story_of.setdefault(row["same"], row["story"])
    known = {**recent, **known}
    times = [one.published_at or one.heard_at for one in batch]
    judged = heard.understood(tables)
    near = judged.filter((judged.said_at >= min(times) - NEAR) & (judged.said_at <= max(times) + NEAR))
    near = near.order_by([ibis.desc("said_at"), "key"]).limit(MOST_NEAR).select("key", "same", "said_at", "story")
    texts = tables.mentions.select("key", "title", "text")
    texts = texts.mutate(text=texts.title + " " + texts.text.substr(0, understanding.COMPARED)).drop("title")
    rows = near.inner_join(texts, "key").order_by(["said_at", "key"]).to_pyarrow().to_pylist()
    stories = [Earlier(row["key"], row["text"], row["story"], row["same"] != row["key"]) for row in rows]
    return Past(known, stories, story_of, sent, parted)


def apart(tables: store.Tables) -> frozenset[frozenset[str]]:
    """Pairs that a person took apart: a mention, and the story it was put to."""
    alone = {key for key, one in heard.corrected(tables).items() if one.story == key}
    if not alone:
        return frozenset()
    table = tables.judgements
    rows = table.filter(table.key.isin(sorted(alone))).select("key", "same", "story").to_pyarrow().to_pylist()
    return frozenset(
        frozenset((row["key"], other)) for row in rows for other in (row["same"], row["story"]) if other != row["key"]
    )


# --- telling ---------------------------------------------------------------------------------------------------------


def _alerts(workspace: Workspace, book: Book, now: datetime, states: Mapping[str, Source]) -> list[Alert]:
    told = store.read(workspace, Alert)[0]
    by = alerting.thresholds(book)
    # Four weeks for what is usual and four more for the same hours of the week: no more is asked.
    months = _around([now - alerting.HISTORY, now - 2 * alerting.HISTORY], now)
    found = alerting.alerts(store.tables(workspace, months), by, now, told=told, receipts=book.receipts, states=states)
    fresh = [one for one in found if one.key not in {alert.key for alert in told}]
    store.append(workspace, fresh)
    return fresh


# --- people's word ---------------------------------------------------------------------------------------------------


def correction(
    workspace: Workspace,
    key: str,
    now: datetime,
    *,
    by: str,
    tone: str = "",
    about: Collection[str] = (),
    not_about: Collection[str] = (),
    alone: bool = False,
    why: str = "",
) -> Correction:
    """Keep a person's word about a mention; it wins from now on.

    Raises:
        LookupError: no mention has that key.
        ValueError: nothing is said, or the tone is none.
    """
    tables = store.tables(workspace)
    table = tables.judgements
    if not table.filter(table.key == key).count().to_pyarrow().as_py():
        raise LookupError(key)
    if tone not in {"", "negative", "neutral", "positive", "unclear"}:
        message = f"“{tone}” is no tone"
        raise ValueError(message)
    if not (tone or about or not_about or alone):
        message = "nothing is corrected"
        raise ValueError(message)
    made = Correction(
        digest(key, now.astimezone(UTC).isoformat(), by), key, now, by, tone, tuple(about), tuple(not_about),  # type: ignore[arg-type]
        key if alone else "", why,
    )  # fmt: skip
    store.append(workspace, [made])
    return made


def lessons(workspace: Workspace) -> list[tuple[str, str, str]]:
    """What people corrected and is still kept, as tone, language and text: what ``train sentiment`` learns from first."""
    tables = store.tables(workspace)
    fixes = {key: one.tone for key, one in heard.corrected(tables).items() if one.tone not in {"", "unclear"}}
    if not fixes:
        return []
    said = heard.texts(tables, fixes)
    table = tables.judgements
    langs = {
        row["key"]: row["lang"]
        for row in table.filter(table.key.isin(sorted(fixes))).select("key", "lang").to_pyarrow().to_pylist()
    }
    return [
        (fixes[key], langs.get(key) or "und", f"{one.title}\n{one.text}" if one.title else one.text)
        for key, one in sorted(said.items())
        if one.text or one.title
    ]


# --- erasing ---------------------------------------------------------------------------------------------------------


def keep_for(book: Book, source: str, channel: str) -> timedelta:
    """How long the words of a source are kept: its channel's ``keep``, else ``[listen] keep``, else a year.

    Raises:
        SettingsError: it is no duration.
    """
    from signalbook.model.base import Duration

    table = book.settings.channels.get(channel) or book.settings.channels.get(source)
    text = (table.more.get("keep") if table else None) or settings_of(book).get("keep")
    if not text:
        return KEEP
    try:
        return Duration.parse(str(text)).elapsed
    except ValueError as error:
        message = f'signalbook.toml: keep = “{text}”: {error}. Write a duration, e.g. keep = "90d".'
        raise SettingsError(message) from error


STAMP: Final = "swept"
_WHO: Final = re.compile(rb'"who":"(?:[^"\\]|\\.)*"')
_WHY: Final = re.compile(rb'"why":\[(?:"(?:[^"\\]|\\.)*",?)*\]')


def _due(workspace: Workspace, now: datetime) -> bool:
    """Whether it is time to look at everything again: once a day."""
    try:
        last = datetime.fromisoformat((workspace.private / STAMP).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return True
    return not timedelta() <= now - last < SWEEP


def sweep(workspace: Workspace, book: Book, now: datetime) -> int:
    """Erase the words that are older than their time, at most once a day; their judgements stay without names. Say how many."""
    if not _due(workspace, now):
        return 0
    limits: dict[tuple[str, str], datetime] = {}

    def over(source: str, channel: str, at: datetime) -> bool:
        name = (source, channel)
        if name not in limits:
            limits[name] = now - keep_for(book, source, channel)
        return at < limits[name]

    erased = 0

    def mention(one: Mention) -> Mention | None:
        nonlocal erased
        if over(one.source, one.channel, one.published_at or one.heard_at):
            erased += 1
            return None
        return one

    def judgement(one: Judgement) -> Judgement:
        if (one.who or one.why) and over(one.source, one.channel, one.said_at):
            return replace(one, who="", why=())
        return one

    def no_mention(_: bytes) -> bytes:
        nonlocal erased
        erased += 1
        return b""

    def nameless(line: bytes) -> bytes | None:
        line, whos = _WHO.subn(b'"who":""', line)
        line, whys = _WHY.subn(b'"why":[]', line)
        return line if whos == whys == 1 else None

    def stripped(line: bytes) -> bytes | None:
        return line if b'"who":""' in line and b'"why":[]' in line else None

    kept = {keep_for(book, one.connector, key) for key, one in book.settings.channels.items()}
    kept.add(keep_for(book, "", ""))
    # Months of which everything is over need not be read, only those in which some of it is.
    every, some = (f"{now.astimezone(UTC) - span:%Y-%m}" for span in (max(kept), min(kept)))
    for folder, change, at_once, quick in (
        ("mentions", mention, no_mention, None), ("judgements", judgement, nameless, stripped),
    ):  # fmt: skip
        months = store.months(workspace, folder)
        old, mixed = [month for month in months if month < every], [month for month in months if every <= month <= some]
        store.rewrite(workspace, folder, change, months=old, quick=at_once)
        store.rewrite(workspace, folder, change, months=mixed, quick=quick)
    if workspace.private.is_dir():
        (workspace.private / STAMP).write_text(now.astimezone(UTC).isoformat(), encoding="ascii")
    return erased
