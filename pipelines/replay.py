"""``signalbook listen replay``: what the rules here would have told of what was heard before, and what the rules of before.

::

    base commit ─► Book ─► Rules, Thresholds ─┐
    files here  ─► Book ─► Rules, Thresholds ─┴─► the same mentions judged twice ─► alerts: new, no longer, changed

Nothing is kept and nobody is told. Mentions are judged as of when they were said, in memory; only those since a month before the
day asked for are read, for the rest changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines import listen
from signalbook import alerting, heard, store, understanding
from signalbook import book as books
from signalbook.alerting import Thresholds
from signalbook.classes import dataclass
from signalbook.period import start_of
from signalbook.records import Alert, Mention

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.understanding import Rules
    from signalbook.workspace import Workspace

LISTENING: Final = ("content/people/", "content/policies/playbooks/", "content/plans/messages/", "signalbook.toml")
"""Beginnings of paths that decide what is heard and told."""
MOST: Final = 200_000
"""The newest so many mentions are judged again."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A topic whose mentions are others by the new rules.

    Attributes:
        was: how many there were.
        now: how many there are.
        gained: keys of mentions that are found now and were not before, a few.
        lost: keys of those that are not found any more, a few.
    """

    about: str
    was: int
    now: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What changed rules would have done.

    Attributes:
        since: from when on.
        judged: how many mentions were judged again.
        fires: alerts that the new rules raise and the old ones did not.
        silent: alerts that the old rules raised and the new ones do not.
        changed: alerts of both, of another severity or playbook: the old one and the new one.
        same: how many alerts are the same.
        topics: topics that find other mentions.
        why_not: why nothing was compared; empty when it was.
    """

    since: datetime
    judged: int = 0
    fires: tuple[Alert, ...] = ()
    silent: tuple[Alert, ...] = ()
    changed: tuple[tuple[Alert, Alert], ...] = ()
    same: int = 0
    topics: tuple[Moved, ...] = ()
    why_not: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything is another than before."""
        return bool(self.fires or self.silent or self.changed or self.topics)


def run(workspace: Workspace, now: datetime, since: date, *, before: Book | None = None) -> Replay:
    """Judge what was heard since a day by the rules here and by those of ``before`` (what was really told, when absent).

    Raises:
        StoreError: the store is damaged.
        SettingsError: the settings or the team's model cannot be read.
    """
    book = books.load(workspace)
    start = start_of(since, book.settings.team.zone).astimezone(UTC)
    mentions = _mentions(workspace, start, now)
    if not mentions:
        return Replay(start, why_not="Nothing that was heard since then is kept here.")
    new, told_new = _told(workspace, book, mentions, start, now)
    if before is None:
        old = _about(store.tables(workspace), {one.key for one in mentions})
        told_old = [one for one in store.read(workspace, Alert)[0] if start <= one.at <= now and one.kind != "silence"]
    else:
        old, told_old = _told(workspace, before, mentions, start, now)
    return _compared(start, now, mentions, (old, new), (told_old, told_new))


def touches(paths: Iterable[str]) -> bool:
    """Whether a change of these paths can change what is heard or told."""
    return any(path.startswith(LISTENING) and path.endswith((".md", ".toml")) for path in paths)


def _mentions(workspace: Workspace, start: datetime, now: datetime) -> list[Mention]:
    """What was said from a month before the start on."""
    import ibis

    first = (start - alerting.HISTORY).astimezone(UTC)
    months = [month for month in store.months(workspace, "mentions") if month >= first.strftime("%Y-%m")]
    if not months:
        return []
    tables = store.tables(workspace, months)
    table = tables.mentions
    table = table.mutate(when=table.published_at.fill_null(table.heard_at))
    table = table.filter((table.when >= first) & (table.when <= now))
    rows = table.order_by([ibis.desc("when"), "key"]).limit(MOST).select("key").to_pyarrow()["key"].to_pylist()
    found = heard.texts(tables, rows)
    return sorted(found.values(), key=lambda one: (one.published_at or one.heard_at, one.key))


def _about(tables: store.Tables, keys: set[str]) -> dict[str, set[str]]:
    """Key → what the mention is about, corrections in it."""
    table = heard.understood(tables)
    rows = table.filter(table.key.isin(sorted(keys))).select("key", "about").to_pyarrow().to_pylist()
    return {row["key"]: set(row["about"]) for row in rows}


@dataclass(frozen=True, slots=True)
class _Aside:
    """A place for records that nobody keeps."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def private(self) -> Path:
        return self.root / "data" / "private"


def _told(
    workspace: Workspace, book: Book, mentions: Sequence[Mention], start: datetime, now: datetime
) -> tuple[dict[str, set[str]], list[Alert]]:
    """What a Book's rules say of the mentions, and what its thresholds tell of them, step by step as it would have been."""
    by: Rules = listen.rules(book)
    thresholds: Thresholds = alerting.thresholds(book)
    sent = frozenset(place for one in book.receipts for place in (one.id, one.url) if place)
    tables = store.tables(workspace)
    past = understanding.Past(sent=sent, apart=listen.apart(tables))
    judged = understanding.judge(mentions, by, past, now)
    judged = [replace(one, at=one.said_at) for one in judged]
    with tempfile.TemporaryDirectory(prefix="signalbook-replay-") as folder:
        aside = _Aside(Path(folder))
        store.append(aside, judged)
        store.append(aside, mentions)
        store.append(aside, store.read(workspace, "corrections")[0])
        after = store.tables(aside)
        found = alerting.alerts(
            after, thresholds, now, receipts=book.receipts, since=start, imported=True, as_told=True
        )
        return _about(after, {one.key for one in mentions}), found


def _compared(
    start: datetime,
    now: datetime,
    mentions: Sequence[Mention],
    about: tuple[Mapping[str, set[str]], Mapping[str, set[str]]],
    told: tuple[Sequence[Alert], Sequence[Alert]],
) -> Replay:
    old, new = about
    before, after = told
    fires = list(after)
    silent, changed, same = [], [], 0
    for one in before:
        # The same thing told a little earlier or later is the same alert.
        twin = next((other for other in fires if _twins(one, other)), None)
        if twin is None:
            silent.append(one)
            continue
        fires.remove(twin)
        if (twin.severity, twin.playbook) != (one.severity, one.playbook):
            changed.append((one, twin))
        else:
            same += 1
    since = {one.key for one in mentions if (one.published_at or one.heard_at) >= start}
    names = sorted({name for found in (old, new) for key, abouts in found.items() if key in since for name in abouts})
    topics = []
    for name in names:
        was = {key for key in since if name in old.get(key, ())}
        is_now = {key for key in since if name in new.get(key, ())}
        if was != is_now:
            topics.append(
                Moved(name, len(was), len(is_now), tuple(sorted(is_now - was)[:5]), tuple(sorted(was - is_now)[:5]))
            )
    del now
    return Replay(start, len(since), tuple(fires), tuple(silent), tuple(changed), same, tuple(topics))


def _twins(one: Alert, other: Alert) -> bool:
    near = abs(one.at - other.at) <= timedelta(hours=3)
    if one.kind == "claim":
        return (one.kind, one.about, one.first) == (other.kind, other.about, other.first)
    return (one.kind, one.about) == (other.kind, other.about) and near


# --- for reading -----------------------------------------------------------------------------------------------------


def sentences(replay: Replay) -> list[str]:
    """What a person should know, a line each; no word of anybody outside is in it."""
    if replay.why_not:
        return [replay.why_not]
    lines = [
        f"{replay.judged} mentions since {replay.since:%Y-%m-%d} judged again; {replay.same} alerts stay as they were."
    ]
    lines += [f"would fire   {_line(one)}" for one in replay.fires]
    lines += [f"no longer    {_line(one)}" for one in replay.silent]
    lines += [
        f"changes      S{old.severity} {old.playbook or 'no playbook'} → S{new.severity} {new.playbook or 'no playbook'}: {_line(new)}"
        for old, new in replay.changed
    ]
    for one in replay.topics:
        lines.append(f"finds other  {one.about}: {one.was} mentions before, {one.now} now")
    if not replay.differs:
        lines.append("The changed rules tell the same.")
    return lines


def _line(alert: Alert) -> str:
    return f"{alert.at:%Y-%m-%d %H:%M} UTC  S{alert.severity}  {alert.why}"
