"""``signalbook measure``: which readings are missing, and reading them.

::

    Book ──decide──► actions ──run──► meters ────┐
    Book ──asks────► asks ────run──► counters ───┴─► readings ──► data/readings/

A *meter* (the team's history, its ledger, what was heard) tells days and weeks that are over; a number of today would still change. A *counter* is a
channel's account: most services tell the present only, so its numbers are what they were when they were asked:

* of the account (followers, posts), on the day of asking; asked again that day, the last answer counts for the day;
* of a post (likes, answers) since it was published, on the day it was published; asked again later, the last answer counts,
  and the earlier ones stay beside it, which is how a post's growth is told.

Safe to repeat: what is there already is not added again, nothing is ever overwritten, and a number that changed is a new
reading beside the old one. A day on which nobody asked stays a gap unless the service still knows it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pipelines.services import Ask
from signalbook import book as books
from signalbook import live, store
from signalbook.classes import dataclass
from signalbook.delivery import PUBLISHED
from signalbook.errors import SignalbookError
from signalbook.period import day_of
from signalbook.records import digest
from signalbook.settings import Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.services import Counter, Publisher
    from signalbook.book import Book
    from signalbook.records import Reading, Receipt
    from signalbook.settings import Settings
    from signalbook.workspace import Workspace

OWN = ("git", "ledger", "listening")
"""Sources that every workspace has without a channel."""

FOLLOWED = timedelta(days=90)
"""So long after it went out a post is asked about each day; what comes later is little and costs requests."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Ask one source for its readings.

    Attributes:
        source: the connector.
        channel: the channel's key; empty for a source that is no channel.
        since: the day after the newest reading there is; ``None`` when there is none.
        until: the last day that is over.
    """

    source: str
    channel: str
    since: date | None
    until: date


@runtime_checkable
class Meter(Protocol):
    """A connector that counts."""

    def measure(self, book: Book, action: Measure, now: datetime) -> Iterable[Reading]:
        """Read what the action asks for. A reading that exists already may be given again.

        Raises:
            ConnectorError: the service refused or failed.
        """


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read; the others went on.

    Attributes:
        source: the connector.
        channel: the channel's key, may be empty.
        message: what happened and what to do.
    """

    source: str
    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did.

    Attributes:
        asked: the actions that a connector could answer.
        counted: the channels whose accounts answered, at least in part.
        read: how many readings the connectors gave.
        added: how many of them were new.
        failures: the sources that could not be read.
        notes: sentences a person should see, e.g. why a source has nothing.
    """

    asked: tuple[Measure, ...] = ()
    read: int = 0
    added: int = 0
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()


def decide(book: Book, now: datetime) -> list[Measure]:
    """Say which sources have days that are over and were not read yet."""
    until = day_of(now, book.settings.team.zone) - timedelta(days=1)
    newest = _newest(book)
    places = [(source, "") for source in OWN]
    places += [
        (channel.connector, key) for key, channel in book.settings.channels.items() if channel.status != "retired"
    ]
    actions = []
    for source, channel in dict.fromkeys(places):
        last = newest.get((source, channel))
        if last is None or last < until:
            since = last + timedelta(days=1) if last else None
            actions.append(Measure(source, channel, since, until))
    return actions


def asks(book: Book, now: datetime) -> dict[str, Ask]:
    """Channel → what its account is to be asked, for every channel that is not retired; ``now`` in the team's zone."""
    here = now.astimezone(book.settings.team.zone)
    newest = _newest(book)
    out: dict[str, list[Receipt]] = {}
    for receipt in _standing(book):
        if now - receipt.at <= FOLLOWED:
            out.setdefault(receipt.channel, []).append(receipt)
    found = {}
    for key, channel in book.settings.channels.items():
        if channel.status != "retired":
            last = newest.get((channel.connector, key))
            since = last + timedelta(days=1) if last else None
            found[key] = Ask(since, here.date() - timedelta(days=1), tuple(out.get(key, ())), here)
    return found


def _standing(book: Book) -> list[Receipt]:
    """The receipt of each delivery that is out and was not taken down: the first of it, with the newest one's id."""
    first: dict[str, Receipt] = {}
    last: dict[str, Receipt] = {}
    for receipt in sorted(book.receipts, key=lambda receipt: receipt.at):
        if receipt.what in PUBLISHED:
            first.setdefault(receipt.key, receipt)
            last[receipt.key] = receipt
        elif receipt.what == "withdrawn":
            first.pop(receipt.key, None)
            last.pop(receipt.key, None)
    return [replace(last[key], at=receipt.at) for key, receipt in first.items()]


def run(
    workspace: Workspace,
    connectors: Mapping[str, object],
    now: datetime,
    *,
    channel: str | None = None,
    counters: Mapping[str, Counter] | None = None,
    closed: Mapping[str, str] | None = None,
) -> Outcome:
    """Load, decide, ask the meters and the accounts, append.

    ``connectors`` is name → connector, made already; those without ``measure`` are passed over. ``counters`` is channel → its
    open account, ``closed`` channel → why it cannot be opened. ``channel`` narrows to one channel, or to one source that is
    no channel.

    Raises:
        StoreError: the store is damaged or cannot be written.
        SettingsError: the settings cannot be read.
    """
    book = books.load(workspace)
    asked, failures, notes = [], [], []
    found: list[Reading] = []
    for action in decide(book, now):
        meter = connectors.get(action.source)
        if (
            isinstance(meter, type)
            or not isinstance(meter, Meter)
            or channel not in {None, action.channel or action.source}
        ):
            continue
        asked.append(action)
        try:
            readings = list(meter.measure(book, action, now))
        except SignalbookError as error:
            failures.append(Failure(action.source, action.channel, str(error)))
            continue
        found += readings
        if not readings and (why := getattr(meter, "why", "")):
            notes.append(f"{action.source}: {why}")
    counted = []
    channels = book.settings.channels
    for key, ask in asks(book, now).items():
        if channel not in {None, key}:
            continue
        if key in (closed or {}):
            failures.append(Failure(channels[key].connector, key, (closed or {})[key]))
        if key not in (counters or {}):
            continue
        before = len(found)
        try:
            # One by one: what was told before a failure is worth keeping.
            for reading in (counters or {})[key].readings(ask):
                found.append(reading)
        except SignalbookError as error:
            failures.append(Failure(channels[key].connector, key, str(error)))
        told = found[before:]
        if told:
            counted.append(key)
            if note := _gap(key, ask, told):
                notes.append(note)
    added = store.append(workspace, _news(book, found)).get("readings", 0)
    return Outcome(tuple(asked), len(found), added, tuple(failures), tuple(notes), tuple(counted))


def limits(workspace: Workspace, settings: Settings, publishers: Mapping[str, Publisher], now: datetime) -> Outcome:
    """Ask each account for the service's own limits and write them down, so that checks and counts hold to them.

    A service that says none, or does not answer, changes nothing; the others are written all the same.

    Raises:
        OSError: ``data/`` cannot be written.
    """
    said, failures, notes = {}, [], []
    today = day_of(now, settings.team.zone)
    for key, publisher in publishers.items():
        channel = settings.channels[key]
        try:
            found = publisher.limits()
        except SignalbookError as error:
            failures.append(Failure(channel.connector, key, str(error)))
            continue
        if found:
            said[key] = Said(channel.url, today, dict(found))
    if live.write(workspace, said):
        notes.append("What services say of their own limits has changed; data/limits.json holds it now.")
    return Outcome(failures=tuple(failures), notes=tuple(notes))


def _gap(channel: str, ask: Ask, told: list[Reading]) -> str:
    """Which days nobody can fill any more; empty when there is none."""
    if ask.since is None or ask.since > ask.until:
        return ""
    days = {ask.since + timedelta(days=n) for n in range((ask.until - ask.since).days + 1)}
    lost = sorted(days - {reading.on for reading in told if reading.grain == "day"})
    if not lost:
        return ""
    when = f"on {lost[0]}" if len(lost) == 1 else f"on {len(lost)} days from {lost[0]} to {lost[-1]}"
    return f"{channel}: nobody asked {when}, and the service tells the present only; it stays a gap."


def _news(book: Book, found: list[Reading]) -> list[Reading]:
    """Leave out what says the same as the newest reading of the same thing.

    A number that goes back to what it was before (a follower comes and leaves again) has the key it had then. It is news
    all the same, and gets a key of its own from the reading that it corrects.
    """
    if not found:
        return []
    table = book.tables.readings
    table = table.filter(table.source.isin(sorted({reading.source for reading in found})))
    newest: dict[tuple[object, ...], tuple[datetime, float]] = {}
    keys = set()
    for row in table.order_by(["taken_at", "key"]).to_pyarrow().to_pylist():
        thing = (*(row[name] for name in _THING), tuple(row["dims"]))
        value = row["value"] if row["value_whole"] is None else int(row["value_whole"])
        newest[thing] = (row["taken_at"], value)
        keys.add(row["key"])
    news = []
    for reading in found:
        known = newest.get((*(getattr(reading, name) for name in _THING), reading.dims))
        if known and known[1] == reading.value:
            continue
        if known and reading.key in keys:
            news.append(replace(reading, key=digest(reading.key, known[0].isoformat())))
        else:
            news.append(reading)
    return news


_THING = ("source", "channel", "subject", "metric", "grain", "on")


def _newest(book: Book) -> dict[tuple[str, str], date]:
    """Give the newest day of each source and channel that has readings by the day."""
    table = book.tables.readings
    table = table.filter(table.grain == "day").group_by(["source", "channel"]).agg(last=table.on.max())
    return {(row["source"], row["channel"]): row["last"] for row in table.to_pyarrow().to_pylist()}
