"""Tell the people who must know: alerts, new cases, clocks that run out. Once, batched, by channels made for it.

::

    alerts, cases ─► due(book, now) ─► Notice, … ─► one message a channel ─► claim ─► send ─► what became of it

What was claimed is told, or nobody knows: it is not told again on a guess. A message whose run died is looked for where the
channel lets us; what a look cannot tell stays ``unseen``, and the next step of the clock rings somebody else anyway. At S3 and S4
a notice waits until whom it is for is at work; S1 and S2 ring at once. No word of anybody outside is in it.

``[alerts]`` of the settings: ``channel`` for everything, ``urgent`` for S1 and S2, ``people = {role = "channel"}`` for who reads
elsewhere. Each names a channel of the workspace (mail, matrix, apprise, console).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pipelines.ledger import Ledger, Snapshot
from pipelines.services import Absence, Item, Sent
from signalbook import cases, delivery, routing, working
from signalbook.classes import dataclass
from signalbook.errors import NotSent, Refused, SettingsError, SignalbookError, Unanswered
from signalbook.matrix import HARD
from signalbook.model import Person, Subject, Watch
from signalbook.records import Alert, Told, digest

if TYPE_CHECKING:
    from pipelines.services import Publisher
    from signalbook.book import Book
    from signalbook.cases import Case

FRESH: Final = timedelta(hours=24)
"""What happened longer ago is no news: it is told by the digest."""
MOST: Final = 20
"""So many lines a message; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one person is told.

    Attributes:
        key: what it is, and whom it is for; told once.
        to: a person's slug.
        severity: 1 to 4.
        line: one sentence.
    """

    key: str
    to: str
    severity: int
    line: str


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out on one channel in one run."""

    key: str
    channel: str
    notices: tuple[Notice, ...]
    text: str
    title: str

    @property
    def severity(self) -> int:
        """The worst of it."""
        return min(one.severity for one in self.notices)


# --- deciding --------------------------------------------------------------------------------------------------------


def due(book: Book, now: datetime, *, open_cases: Iterable[Case], alerts: Iterable[Alert]) -> list[Notice]:
    """What somebody is to be told now, whether or not they were told already; the worst first."""
    found: dict[str, Notice] = {}
    for alert in alerts:
        if now - FRESH <= alert.at <= now:
            for who in _for_alert(book, alert):
                _add(
                    found,
                    book,
                    now,
                    Notice(digest("alert", alert.key, who), who, alert.severity, f"S{alert.severity} {alert.why}"),
                )
    for hold in delivery.open_holds(book, now):
        # Whoever has the duty decides within the hour whether it stays: nobody else was asked.
        if hold.slug.startswith("automatic-") and hold.opened_by and hold.expires and hold.expires > now:
            line = f"S2 {hold.name} began by itself and ends at {hold.expires.astimezone(book.settings.team.zone):%H:%M}. Keep it or release it."
            _add(found, book, now, Notice(digest("hold", hold.slug), hold.opened_by, 2, line))
    for case in open_cases:
        for who, step, line in _for_case(book, case, now):
            severity = int(case.severity[1])
            _add(found, book, now, Notice(digest("case", case.id, case.round, step, who), who, severity, line))
    return sorted(found.values(), key=lambda one: (one.severity, one.line, one.to))


def _add(found: dict[str, Notice], book: Book, now: datetime, notice: Notice) -> None:
    person = book.get(Person, notice.to)
    if person is None:
        return
    if notice.severity > 2 and not working.at_work(book, person, now):
        return
    found.setdefault(notice.key, notice)


def _for_alert(book: Book, alert: Alert) -> list[str]:
    """Who must know of an alert: whom the watch informs, its expert; of a silent source who keeps it running; duty at S1, S2."""
    kind, _, slug = alert.about.partition("/")
    named: list[str | None] = []
    if kind == "watch" and (watch := book.get(Watch, slug)):
        named += [watch.act, watch.expert, *watch.inform]
        if alert.kind == "silence":
            named = [watch.tech_owner or watch.expert]
    elif kind == "subject" and (subject := book.get(Subject, slug)):
        named.append(subject.expert)
    channel = book.settings.channels.get(alert.source or alert.about)
    if channel is not None and not named:
        named.append(channel.owner)
    if alert.severity <= 2 or not any(named):
        named += [one.slug for role in (routing.DUTY, "social-lead") for one in routing.holders(book, role)]
    return list(dict.fromkeys(slug for slug in named if slug))


def _for_case(book: Book, case: Case, now: datetime) -> list[tuple[str, str, str]]:
    """Whom a case rings: who, at which step, and the sentence."""
    if not case.open:
        return []
    owner = book.person(case.owner) if case.owner else "nobody"
    head = f"{case.severity} {case.id} {case.row.name}"
    at = f"due {case.due.astimezone(book.settings.team.zone):%a %H:%M}" if case.due else "no clock runs"
    told: list[tuple[str, str, str]] = []
    manager = routing.manager(book, case.owner, case.channel)
    if case.state in {"new", "escalated"} and now - case.inside_at <= FRESH:
        told.append((case.owner or manager, f"given {case.owner}", f"{head}: it is for {owner}, {at}."))
        if case.severity in HARD:
            told += [
                (who, f"given {case.severity}", f"{head}: {owner} has it, {at}. You must know.") for who in case.inform
            ]
    stage = case.stage(now)
    what = case.clock.what if case.clock else ""
    if stage in {"reminder", "backup", "over"}:
        told.append(
            (case.owner or manager, f"{what} half", f"{head}: half of the time of the {what} is over, {at} ({owner}).")
        )
    if stage in {"backup", "over"} and case.backup:
        told.append((case.backup, f"{what} backup", f"{head}: {owner} has not answered, {at}. You stand in."))
    if stage == "over" and manager:
        told.append((manager, f"{what} over", f"{head}: the {what} is late, {at} ({owner})."))
    if case.claim is not None and case.claim.unseen:
        told.append(
            (
                case.owner or manager,
                f"unseen {case.claim.attempt}",
                f"{head}: an answer may be out, and nobody can tell. Look, and settle it.",
            )
        )
    return [row for row in told if row[0]]


def messages(book: Book, notices: Iterable[Notice], done: Iterable[Told]) -> list[Message]:
    """What is not told yet, one message a channel.

    Raises:
        SettingsError: ``[alerts]`` names a channel that does not exist.
    """
    void = {(row.key, row.attempt) for row in done if row.what == "void"}
    known = {key for row in done if row.what != "void" and (row.key, row.attempt) not in void for key in row.about}
    by_channel: dict[str, list[Notice]] = {}
    for notice in notices:
        if notice.key not in known and (channel := channel_of(book, notice)):
            by_channel.setdefault(channel, []).append(notice)
    return [_message(book, channel, rows) for channel, rows in by_channel.items()]


def settings_of(book: Book) -> Mapping[str, Any]:
    """The table ``[alerts]``."""
    table = book.settings.more.get("alerts")
    return table if isinstance(table, dict) else {}


def channel_of(book: Book, notice: Notice) -> str:
    """Where a notice goes; empty where the team has named no channel.

    Raises:
        SettingsError: the channel does not exist.
    """
    table = settings_of(book)
    people = table.get("people")
    own = people.get(notice.to) if isinstance(people, dict) else None
    name = str((table.get("urgent") if notice.severity <= 2 else None) or own or table.get("channel") or "")
    if name and name not in book.settings.channels:
        from signalbook.decode import near

        known = tuple(book.settings.channels)
        message = f"signalbook.toml: [alerts] names “{name}”, which is not a channel.{near(name, known)} Known: {', '.join(known)}."
        raise SettingsError(message)
    return name


def _message(book: Book, channel: str, rows: Sequence[Notice]) -> Message:
    by_line: dict[str, list[str]] = {}
    for one in rows:
        by_line.setdefault(one.line, []).append(book.person(one.to))
    lines = [f"{', '.join(dict.fromkeys(who))}: {line}" for line, who in by_line.items()]
    more = [f"… and {len(lines) - MOST} more: signalbook case"] if len(lines) > MOST else []
    worst = min(one.severity for one in rows)
    count = f"{len(by_line)} {'thing' if len(by_line) == 1 else 'things'}"
    title = f"S{worst}: {count} from {book.settings.team.name}"
    key = digest("told", channel, *sorted(one.key for one in rows))
    return Message(key, channel, tuple(rows), "\n".join([*lines[:MOST], *more]), title)


# --- doing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that telling needs from outside; see ``publish.Desk``."""

    book: Book
    ledger: Ledger
    publishers: Mapping[str, Publisher]
    clock: Callable[[], datetime]
    run: str
    closed: Mapping[str, str] = field(default_factory=dict)
    step: Callable[[str, str], None] = lambda _step, _message: None
    closing: Callable[[Callable[[], bool]], AbstractContextManager[None]] = lambda _is_over: nullcontext()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a message: ``sent``, ``failed``, ``unknown``, ``closed``."""

    channel: str
    what: str
    notices: int
    why: str = ""


def run(desk: Desk) -> list[Done]:
    """Look for what earlier runs left behind, then tell what is due, each message once.

    Raises:
        LedgerError: nothing is claimed, so nothing is told.
        SettingsError: ``[alerts]`` names a channel that does not exist.
    """
    done = [*_reconciled(desk)]
    now = desk.clock()
    known = [one for one in cases.read(desk.book, now) if one.open]
    notices = due(desk.book, now, open_cases=known, alerts=desk.book.alerts)
    for message in messages(desk.book, notices, desk.ledger.read().told):
        if message.channel not in desk.publishers:
            why = desk.closed.get(message.channel, "nothing of ours sends there")
            done.append(Done(message.channel, "closed", len(message.notices), why))
            continue
        done += _told(desk, message)
    return done


def _told(desk: Desk, message: Message) -> list[Done]:
    now = desk.clock().astimezone(UTC)
    lease = desk.book.settings.publish.lease.elapsed
    claims: list[Told] = []

    def decided(snapshot: Snapshot) -> list[Told]:
        claims.clear()
        # Another run may have claimed some of it since: what is left is another message.
        for left in messages(desk.book, message.notices, snapshot.told):
            if left.key == message.key:
                attempt = 1 + sum(row.key == message.key and row.what == "claimed" for row in snapshot.told)
                claims.append(Told(
                    message.key, "claimed", message.channel, now, desk.run, attempt, now + lease,
                    tuple(one.key for one in message.notices), tuple(dict.fromkeys(one.to for one in message.notices)), message.severity,
                ))  # fmt: skip
        return claims

    desk.ledger.append(decided)
    if not claims:
        return []
    claim = claims[0]
    desk.step("claimed", message.key)
    count = len(message.notices)
    item = _item(claim, message.title, message.text)
    try:
        with desk.closing(lambda: desk.clock() >= (claim.send_before or now)):
            sent = desk.publishers[message.channel].send(item)
    except (NotSent, Refused) as error:
        void = replace(claim, what="void", at=desk.clock(), send_before=None, why=error.message)
        desk.ledger.append(lambda _: [void])
        return [Done(message.channel, "failed", count, error.message)]
    except Unanswered as error:
        return [Done(message.channel, "unknown", count, error.message)]
    desk.step("after the request", message.key)
    _note(desk, claim, sent)
    return [Done(message.channel, "sent", count)]


def _note(desk: Desk, claim: Told, sent: Sent) -> None:
    row = replace(claim, what="sent", at=desk.clock(), send_before=None, id=sent.id)
    desk.ledger.append(
        lambda snapshot: [] if any(old.key == row.key and old.what == "sent" for old in snapshot.told) else [row]
    )


def _item(claim: Told, title: str, text: str) -> Item:
    return Item(
        key=f"told/{claim.key}", post="told", text=text, created_at=claim.at, title=title, options={"subject": title}
    )


def _reconciled(desk: Desk) -> Iterable[Done]:
    """Look for messages whose run died, where the channel lets us; a message is never sent again on a guess."""
    now = desk.clock()
    rows = desk.ledger.read().told
    over = {(row.key, row.attempt) for row in rows if row.what != "claimed"}
    for claim in rows:
        if claim.what != "claimed" or (claim.key, claim.attempt) in over or claim.send_before is None:
            continue
        publisher = desk.publishers.get(claim.channel)
        if publisher is None or now < claim.send_before + timedelta(seconds=publisher.repeats.longest_request_s):
            continue
        try:
            seen = (
                publisher.look(_item(claim, "", ""), since=claim.at - timedelta(hours=2))
                if publisher.repeats.looks
                else Absence.UNSEEN
            )
        except SignalbookError as error:
            yield Done(claim.channel, "unknown", len(claim.about), str(error))
            continue
        if isinstance(seen, Sent):
            _note(desk, claim, seen)
            continue
        proven = seen is Absence.PROVEN
        why = "It is proven that nothing went out." if proven else "A run died with it, and a look could not tell."
        row = replace(claim, what="void" if proven else "unseen", at=now, send_before=None, why=why)
        desk.ledger.append(lambda _, row=row: [row])  # type: ignore[misc]
        if not proven:
            yield Done(claim.channel, "unknown", len(claim.about), why)


__all__ = ["Desk", "Done", "Message", "Notice", "due", "messages", "run"]
