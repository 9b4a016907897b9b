"""``signalbook publish``: what is due goes out once.

::

    reserve     decide(Book) ─► claims ─► ledger          the claim on the ledger is what lets a run send
    send        Book and ledger anew ─► still ours, still due, lease still open? ─► publisher ─► receipt
    reconcile   claims that outlived their lease ─► look ─► receipt, claim given back, or a person

Each step may be repeated, and may die at any instruction. A claim that is not known to be recorded is not sent; what may
have been sent is never sent again without a look; what a look cannot tell waits for a person. Every effect is handed in
by a ``Desk``; ``Desk.step`` is told of every boundary between two effects.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from datetime import UTC, datetime, timedelta
from math import isinf
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pipelines.ledger import Ledger, LedgerError, Snapshot
from pipelines.services import Absence, Sent
from signalbook import delivery, quiet
from signalbook.classes import dataclass
from signalbook.delivery import Alike, Delivery
from signalbook.errors import Denied, NotSent, Refused, SignalbookError, Unanswered
from signalbook.model import Post
from signalbook.records import Intent, Receipt
from signalbook.settings import BY_HAND

if TYPE_CHECKING:
    from pipelines.services import Item, Publisher
    from signalbook.book import Book
    from signalbook.records import Outcome as What
    from signalbook.settings import Channel

OPEN = "open-"
"""How the name of a run begins whose claims any run may take over: ``publish reserve`` alone sends nothing itself."""

AGAIN = 2
"""So often a request that was not answered is repeated at once, where the service recognises the repeat."""

LOOK_BACK = timedelta(hours=2)
"""So long before its claim a delivery is looked for: the clocks of the run and of the service may differ by so much."""


# --- deciding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """Reserve a delivery and send it.

    Attributes:
        attempt: one more than the last claim's.
        created_at: the creation time, the same in every attempt: the delivery's own time.
    """

    delivery: Delivery
    attempt: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """A delivery that is due and goes out later.

    Attributes:
        why: a sentence.
        closed: whether it waits because its channel cannot be reached, which a person must see to.
    """

    delivery: Delivery
    why: str
    closed: bool = False


def decide(
    book: Book,
    now: datetime,
    *,
    only: Collection[str] = (),
    closed: Mapping[str, str] = MappingProxyType({}),
    rows: Iterable[Delivery] | None = None,
) -> tuple[list[Claim], list[Wait]]:
    """What is to be claimed now, earliest first, and what is due and has to wait.

    ``only`` names channels, all when empty; ``closed`` says of a channel why it cannot be reached, e.g. for want of a
    secret, and nothing is claimed for it. ``rows`` are the deliveries where they are known already.
    """
    now = now.astimezone(UTC)
    due: dict[str, list[Delivery]] = {}
    claims: list[Claim] = []
    waits: list[Wait] = []
    for found in delivery.deliveries(book, now) if rows is None else rows:
        if found.state in delivery.SENDABLE and (not only or found.channel in only):
            channel = book.settings.channels.get(found.channel)
            if channel is None or channel.connector in BY_HAND:
                continue
            if found.channel in closed:
                waits.append(Wait(found, closed[found.channel], closed=True))
            else:
                due.setdefault(found.channel, []).append(found)
    if due:
        paces = _paces(book, now, due)
        for name, mine in due.items():
            mine.sort(key=lambda row: (row.due or now, row.post.slug, row.occurrence, row.part))
            taken, left = _paced(book, book.settings.channels[name], paces[name], mine, now)
            claims += taken
            waits += left
    claims.sort(
        key=lambda claim: (claim.created_at, claim.delivery.post.slug, claim.delivery.channel, claim.delivery.part)
    )
    return claims, waits


def explained(book: Book, post: Post, now: datetime) -> list[Delivery]:
    """The deliveries of one post; of those that are due the reason says also what they wait for.

    That may be the channel's pace, or a service that asked us to wait.
    """
    rows = delivery.of(book, post, now)
    if not any(row.state in delivery.SENDABLE for row in rows):
        return rows
    waits = {wait.delivery.key: wait.why for wait in decide(book, now)[1]}
    return [
        dataclasses.replace(row, reason=f"{row.reason} {why}".strip())
        if (why := waits.get(row.key, "")) and why not in row.reason
        else row
        for row in rows
    ]


@dataclass(slots=True)
class _Pace:
    """What a channel did lately.

    Attributes:
        last: when the newest post went out or was claimed.
        times: when each of the last ones did, within the channel's rate.
        wait_until: until when the service asked us to wait.
    """

    last: datetime | None = None
    times: list[datetime] = field(default_factory=list)
    wait_until: datetime | None = None


def _paces(book: Book, now: datetime, channels: Iterable[str]) -> dict[str, _Pace]:
    paces = {name: _Pace() for name in channels}
    spans = {name: now - book.settings.channels[name].rate.per.elapsed for name in paces}
    voided: dict[str, int] = {}
    for row in book.receipts:
        if row.attempt and row.what != "sent":
            voided[row.key] = max(row.attempt, voided.get(row.key, 0))
        pace = paces.get(row.channel)
        if pace is None:
            continue
        if row.what == "sent" and row.part == 1:
            pace.last = max(row.at, pace.last or row.at)
            if row.at > spans[row.channel]:
                pace.times.append(row.at)
        elif row.what == "released" and (until := wait_until(row)) and until > now:
            pace.wait_until = max(until, pace.wait_until or until)
    sent = {row.key for row in book.receipts if row.what == "sent" and row.channel in paces}
    for claim in book.intents:
        pace = paces.get(claim.channel)
        if pace is None or claim.part > 1 or claim.key in sent or claim.attempt <= voided.get(claim.key, 0):
            continue
        pace.last = max(claim.at, pace.last or claim.at)
        if claim.at > spans[claim.channel]:
            pace.times.append(claim.at)
    return paces


def _paced(
    book: Book, channel: Channel, pace: _Pace, rows: Sequence[Delivery], now: datetime
) -> tuple[list[Claim], list[Wait]]:
    from signalbook import approval

    claims: list[Claim] = []
    waits: list[Wait] = []
    gone = _gone(book, channel.key)
    spacing = channel.cadence.spacing.elapsed if channel.cadence.spacing else timedelta()
    ready: set[str] = set()
    for found in rows:
        thread = delivery.key(found.post.slug, found.channel, occurrence=found.occurrence)
        if found.part > 1:
            before = thread if found.part == 2 else f"{thread}/{found.part - 1}"
            out = any(row.what in delivery.PUBLISHED for row in book.proofs.get(before, ((), ()))[0])
            if pace.wait_until is None and (out or before in ready):
                claims.append(_claim(found, now))
                ready.add(found.key)
            else:
                waits.append(Wait(found, found.reason))
            continue
        if gone and (old := gone.get(approval.content(book, found))):
            why = f"The same words went out as {old}, whose file was renamed. Settle it as sent, or change its copy."
            waits.append(Wait(found, why, closed=True))
            continue
        free = pace.last + spacing if pace.last and spacing else now
        if pace.wait_until is not None:
            waits.append(Wait(found, f"The service asked us to wait until {_clock(book, pace.wait_until)}."))
        elif len(pace.times) >= channel.rate.max:
            waits.append(Wait(found, f"{channel.name} takes {channel.rate.max} in {channel.rate.per} at most."))
        elif free > now and (found.post.type or "original") not in quiet.RUNG_ANYWAY:
            waits.append(
                Wait(
                    found,
                    f"{channel.name} keeps {channel.cadence.spacing} between two posts: from {_clock(book, free)} on.",
                )
            )
        else:
            claims.append(_claim(found, now))
            ready.add(found.key)
            pace.last = now
            pace.times.append(now)
    return claims, waits


def _gone(book: Book, channel: str) -> dict[str, str]:
    """Content → the delivery it went out as, of posts that are no longer there: a file that was renamed is not new."""
    return {
        row.content: row.key
        for row in book.receipts
        if row.channel == channel and row.what == "sent" and row.part == 1 and row.content
        and book.get(Post, row.post) is None
    }  # fmt: skip


def _claim(found: Delivery, now: datetime) -> Claim:
    return Claim(found, found.attempt + 1, (found.due or now).astimezone(UTC))


def _clock(book: Book, at: datetime) -> str:
    return f"{at.astimezone(book.settings.team.zone):%d %b, %H:%M}"


def wait_until(row: Receipt) -> datetime | None:
    """Until when the service asked us to wait, as a receipt remembers it."""
    from pipelines import outgoing

    said = outgoing.read_facts(row.facts).get("wait_until", "")
    return datetime.fromisoformat(said) if said else None


def plan(book: Book, now: datetime, *, only: Collection[str] = ()) -> list[Delivery | Alike]:
    """Every delivery as it stands, by post, with the reason why one that is due does not go out with the next run.

    What only waits is one for all channels of a post.
    """
    rows = [*delivery.outline(book, now), *delivery.orphans(book, now)]
    if only:
        rows = [left for found in rows if (left := _of_channels(found, only))]
    waits = _waits(book, now, [row for row in rows if isinstance(row, Delivery)], only)
    return [_waiting(row, waits) if isinstance(row, Delivery) else row for row in rows] if waits else rows


def _of_channels(found: Delivery | Alike, only: Collection[str]) -> Delivery | Alike | None:
    if isinstance(found, Delivery):
        return found if found.channel in only else None
    names = tuple(name for name in found.channels if name in only)
    return dataclasses.replace(found, channels=names) if names else None


def _waits(book: Book, now: datetime, rows: list[Delivery], only: Collection[str]) -> Mapping[str, str]:
    """Why what is due does not go out with the next run, by delivery."""
    if not any(found.state in delivery.SENDABLE for found in rows):
        return {}
    return {wait.delivery.key: wait.why for wait in decide(book, now, only=only, rows=rows)[1]}


def _waiting(row: Delivery, waits: Mapping[str, str]) -> Delivery:
    return dataclasses.replace(row, reason=waits[row.key]) if row.key in waits else row


# --- doing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that publishing needs from outside.

    Attributes:
        source: reads the approved Book, anew at every call; its own records do not count.
        ledger: where claims are made.
        publishers: channel → its open account.
        clock: the instant it is.
        run: a name that no other run has.
        closed: channel → why it cannot be reached.
        only: the channels meant; all when empty.
        sleep: waits so many seconds.
        step: is told the name of every boundary between two effects, and the delivery.
        closing: until the end of its block no request starts once the given question is answered with yes; the last
            fence, for a run that is suspended between its look at the clock and the request (``Client.closing``).
    """

    source: Callable[[], Book]
    ledger: Ledger
    publishers: Mapping[str, Publisher]
    clock: Callable[[], datetime]
    run: str
    closed: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    sleep: Callable[[float], None] = lambda _: None
    step: Callable[[str, str], None] = lambda _step, _delivery: None
    closing: Callable[[Callable[[], bool]], AbstractContextManager[None]] = lambda _is_over: nullcontext()

    def book(self) -> Book:
        """The approved Book with the ledger as it is now."""
        return with_ledger(self.source(), self.ledger.read())

    def unreachable(self, book: Book) -> dict[str, str]:
        """Channel → why nothing can be sent there."""
        missing = {
            key: "no publisher is at hand for it"
            for key, channel in book.settings.channels.items()
            if key not in self.publishers and channel.connector not in BY_HAND
        }
        return missing | dict(self.closed)


def with_ledger(book: Book, snapshot: Snapshot) -> Book:
    """A Book whose claims and receipts are those of a ledger."""
    if book.receipts is snapshot.receipts and book.intents is snapshot.intents:
        return book
    return dataclasses.replace(book, receipts=snapshot.receipts, intents=snapshot.intents)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one delivery in a run.

    Attributes:
        what: ``claimed``, ``sent``, ``waiting``, ``stopped`` (claim given back), ``failed``, ``refused``, ``unknown``,
            ``found`` (a look found it), ``absent`` (a look proved that it is not there), ``unrecorded`` (sent, and the
            receipt lies on this machine only), ``closed`` (the channel cannot be reached).
        why: a sentence; never a secret.
    """

    delivery: str
    what: str
    why: str = ""
    url: str = ""


TROUBLE = frozenset({"failed", "refused", "unknown", "unrecorded", "closed"})
"""What makes a run end with status 1."""


@dataclass(slots=True)
class Outcome:
    """What a run did, in order.

    Attributes:
        failures: what stopped a step as a whole, as sentences.
    """

    run: str
    did: list[Done] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def note(self, name: str, what: str, why: str = "", url: str = "") -> None:
        """Add a line."""
        self.did.append(Done(name, what, why, url))

    @property
    def troubled(self) -> bool:
        """Whether a person should look."""
        return bool(self.failures) or any(done.what in TROUBLE for done in self.did)


def run(desk: Desk, acts: Sequence[Callable[[Desk, Outcome], None]] = ()) -> Outcome:
    """Reserve, send, reconcile; or only some of it. One that fails does not keep the next from trying."""
    outcome = Outcome(desk.run)
    for act in acts or (reserve, send, reconcile):
        try:
            act(desk, outcome)
        except SignalbookError as error:
            outcome.failures.append(str(error))
    return outcome


def reserve(desk: Desk, outcome: Outcome) -> None:
    """Claim what is due.

    Raises:
        LedgerError: the claims are not known to be recorded; nothing may be sent.
    """
    taken: list[Intent] = []
    waits: list[Wait] = []
    broken: list[tuple[str, str]] = []

    def decided(snapshot: Snapshot) -> list[Intent]:
        nonlocal taken, waits, broken
        book = with_ledger(desk.source(), snapshot)
        now = desk.clock().astimezone(UTC)
        claims, waits = decide(book, now, only=desk.only, closed=desk.unreachable(book))
        lease = book.settings.publish.lease.elapsed
        taken, broken = [], []
        for claim in claims:
            try:
                taken.append(_intent(book, claim, desk.run, now, lease))
            except Exception as error:  # noqa: BLE001 - one post that nobody thought of must not stop the others
                broken.append((claim.delivery.key, f"its text could not be made ({type(error).__name__})"))
        return taken

    desk.step("reserve", "")
    desk.ledger.append(decided)
    for wait in waits:
        outcome.note(wait.delivery.key, "closed" if wait.closed else "waiting", wait.why)
    for name, why in broken:
        outcome.note(name, "failed", why)
    for row in taken:
        outcome.note(row.key, "claimed")
        desk.step("claimed", row.key)


def _intent(book: Book, claim: Claim, name: str, now: datetime, lease: timedelta) -> Intent:
    from signalbook import approval

    found = claim.delivery
    content = approval.content(book, found)
    return Intent(
        key=found.key, post=found.post.slug, channel=found.channel, part=found.part, run=name, content=content, at=now,
        send_before=now + lease, attempt=claim.attempt, created_at=claim.created_at,
    )  # fmt: skip


def send(desk: Desk, outcome: Outcome) -> None:
    """Send what this run claimed, and what ``publish reserve`` left for whoever comes.

    Raises:
        LedgerError: the ledger cannot be read; nothing was sent.
    """
    desk.step("send", "")
    mine = _takeover(desk)
    for name in mine:
        try:
            _send(desk, name, outcome)
        except LedgerError as error:
            outcome.note(name, "unrecorded" if error.kept else "unknown", str(error))
        except SignalbookError as error:
            outcome.note(name, "failed", str(error))
        except Exception as error:  # noqa: BLE001 - one post that nobody thought of must not stop the others
            outcome.note(name, "failed", f"it could not be made ready ({type(error).__name__})")


def _takeover(desk: Desk) -> list[str]:
    """The deliveries whose newest claim is this run's, threads in order; claims left open are taken first."""

    def free(snapshot: Snapshot) -> list[Intent]:
        now = desk.clock()
        return [
            dataclasses.replace(claim, run=desk.run, at=now, attempt=claim.attempt + 1)
            for claim in open_claims(snapshot)
            if claim.run.startswith(OPEN) and now < claim.send_before and (not desk.only or claim.channel in desk.only)
        ]

    snapshot = desk.ledger.append(free)
    claims = [claim for claim in open_claims(snapshot) if claim.run == desk.run]
    claims.sort(key=lambda claim: (claim.created_at or claim.at, claim.post, claim.channel, claim.part))
    return [claim.key for claim in claims]


def open_claims(snapshot: Snapshot) -> list[Intent]:
    """The newest claim of each delivery that nothing has answered yet."""
    newest: dict[str, Intent] = {}
    for claim in snapshot.intents:
        if claim.key not in newest or claim.attempt > newest[claim.key].attempt:
            newest[claim.key] = claim
    for row in snapshot.receipts:
        claim_ = newest.get(row.key)
        if claim_ is not None and (
            row.what in delivery.PUBLISHED or row.what == "withdrawn" or row.attempt >= claim_.attempt
        ):
            del newest[row.key]
    return list(newest.values())


def _send(desk: Desk, name: str, outcome: Outcome) -> None:
    from pipelines import outgoing

    desk.step("look before sending", name)
    snapshot = desk.ledger.read()
    claim = next((row for row in open_claims(snapshot) if row.key == name), None)
    if claim is None or claim.run != desk.run:
        # Somebody else decided about it while we were away.
        outcome.note(name, "stopped", "Another run has it now.")
        return
    book = with_ledger(desk.source(), snapshot)
    now = desk.clock()
    found = delivery.beneath(book, name, now)
    publisher = desk.publishers.get(claim.channel)
    why, held = _objection(book, found, claim, publisher, now)
    if why or found is None or publisher is None:
        _give_back(desk, claim, why, held=held)
        outcome.note(name, "stopped", why)
        return
    created = claim.created_at or claim.at
    try:
        item = outgoing.item(book, found, created_at=created, before=_before(book, found))
    except Refused as error:
        _answer(desk, claim, "refused", why=error.message)
        outcome.note(name, "refused", error.message)
        return
    _request(desk, claim, publisher, item, outcome)


def _objection(
    book: Book, found: Delivery | None, claim: Intent, publisher: Publisher | None, now: datetime
) -> tuple[str, bool]:
    """Why a claimed delivery may not go out after all, and whether that makes it missed; empty when it may."""
    from signalbook import approval

    if found is None:
        return "The post, or its channel, is not planned any more.", False
    if publisher is None:
        return "The channel cannot be reached.", False
    if any(row is None for row in _parents(book, found)):
        # First of all: what it waits for decides about it, and only then a hold or the time.
        return "The part before it is not out.", False
    if found.state not in delivery.SENDABLE:
        return found.reason, found.state in {"held", "missed"} and found.due is not None and found.due <= now
    if approval.content(book, found) != claim.content:
        return "The post was changed after it was claimed.", False
    if now >= claim.send_before:
        return "Its lease was over before it could be sent.", False
    return "", False


def _parents(book: Book, found: Delivery) -> list[Receipt | None]:
    """The receipts of the earlier parts of a thread, ``None`` where a part is not out."""
    rows: list[Receipt | None] = []
    for part in range(1, found.part):
        name = delivery.key(found.post.slug, found.channel, occurrence=found.occurrence, part=part)
        proofs = book.proofs.get(name, ((), ()))[0]
        out = next((row for row in reversed(proofs) if row.what in delivery.PUBLISHED), None)
        rows.append(out if out and not any(row.what == "withdrawn" for row in proofs) else None)
    return rows


def _before(book: Book, found: Delivery) -> list[Receipt]:
    return [row for row in _parents(book, found) if row is not None]


def _request(desk: Desk, claim: Intent, publisher: Publisher, item: Item, outcome: Outcome) -> None:
    """Make the request and record its answer. From the check of the lease to the request there is nothing else to do."""
    first = desk.clock()
    for turn in range(1 + AGAIN):
        desk.step("before the request", claim.key)
        now = desk.clock()
        if now >= claim.send_before:
            if turn:
                break
            _give_back(desk, claim, "Its lease was over before it could be sent.")
            outcome.note(claim.key, "stopped", "Its lease was over before it could be sent.")
            return
        try:
            with desk.closing(lambda: desk.clock() >= claim.send_before):
                sent = publisher.send(item)
        except NotSent as error:
            if turn:
                break  # the repeat was not taken; the first request may have been
            wait = desk.clock() + timedelta(seconds=error.retry_after_s) if error.retry_after_s > 0 else None
            _give_back(desk, claim, error.message, wait=wait)
            outcome.note(claim.key, "failed", error.message)
            return
        except Refused as error:
            if turn:
                break
            if isinstance(error, Denied):
                # A wrong secret is mended outside of the post: the next run tries again.
                _give_back(desk, claim, error.message)
            else:
                _answer(desk, claim, "refused", why=error.message)
            outcome.note(claim.key, "refused", error.message)
            return
        except Unanswered as error:
            why = error.message
        except Exception as error:  # noqa: BLE001 - a connector's own mistake must not stop the other channels
            why = f"the connector broke off ({type(error).__name__})"
        else:
            desk.step("after the request", claim.key)
            _sent(desk, claim, sent)
            outcome.note(claim.key, "sent", "" if sent.same else WORDS, url=sent.url)
            desk.step("recorded", claim.key)
            return
        desk.step("unanswered", claim.key)
        if (desk.clock() - first).total_seconds() >= publisher.repeats.same_key_s / 2 or turn == AGAIN:
            break
        desk.sleep(1.0 + turn)
    outcome.note(claim.key, "unknown", f"{why}; the next run looks")


def _sent(
    desk: Desk,
    claim: Intent,
    sent: Sent,
    *,
    asked: str = "",
    why: str = "",
    twin: Callable[[Snapshot], bool] = lambda _: False,
) -> What:
    """Note that a delivery is out; with a twin, that nobody knows. ``asked``: the content asked about, if not the claim's."""
    from pipelines import outgoing

    row = Receipt(
        key=claim.key, post=claim.post, channel=claim.channel, part=claim.part, at=desk.clock(), id=sent.id, url=sent.url,
        content=asked or claim.content, what="sent", why=why, run=desk.run, facts=outgoing.facts_of(sent.facts),
        attempt=claim.attempt,
    )  # fmt: skip

    became: What = "sent"

    def decided(snapshot: Snapshot) -> list[Receipt]:
        nonlocal became
        # What is out is out: nothing that others wrote meanwhile makes this untrue. The same answer is noted once.
        there = any(old.key == row.key and old.what == "sent" and old.id == row.id for old in snapshot.receipts)
        became = "unseen" if not there and twin(snapshot) else "sent"
        if became == "unseen":
            return [dataclasses.replace(row, content=claim.content, what="unseen", id="", url="", facts=(), why=_TWIN)]
        if there:
            return []
        if sent.same:
            return [row]
        # One key stands for all attempts. If only one of them had other words, then those are out.
        others = {old.content for old in snapshot.intents if old.key == row.key} | {claim.content}
        others.discard(row.content)
        content = others.pop() if len(others) == 1 else ""
        return [dataclasses.replace(row, content=content, why=WORDS)]

    desk.ledger.append(decided)
    return became


WORDS: Final = (
    "It is out with other words than those asked for: an earlier request arrived before the post was changed. Look at it; "
    "`signalbook publish amend` puts the approved words there."
)
_TWIN = (
    "A run lost the answer, and another post with the same words may be what is there, so that only a person can tell."
)


def _is_twin(book: Book, snapshot: Snapshot, claim: Intent, item: Item, sent: Sent, since: datetime) -> bool:
    """Whether what was recognised by its words alone may be another delivery that says the same.

    It is, when it is noted as another one; and it may be, when another one was under way on the channel in that time,
    nobody knows what became of it, and its words are the same or are not known any more.
    """
    from pipelines import outgoing
    from signalbook import approval

    rows = [row for row in snapshot.receipts if row.channel == claim.channel and row.key != claim.key]
    if any(row.id == sent.id for row in rows if row.what in delivery.PUBLISHED):
        return True
    sure = {row.key for row in rows if row.what in delivery.PUBLISHED}
    void = {(row.key, row.attempt) for row in rows if row.what in {"released", "refused"}}
    for other in snapshot.intents:
        if other.channel != claim.channel or other.key == claim.key or other.send_before < since:
            continue
        if other.key in sure or (other.key, other.attempt) in void:
            continue
        try:
            found = delivery.beneath(book, other.key, other.at)
            if found is None or approval.content(book, found) != other.content:
                return True
            if outgoing.item(book, found, created_at=other.created_at or other.at).text == item.text:
                return True
        except Refused:
            return True
    return False


def _answer(desk: Desk, claim: Intent, what: What, *, why: str = "", facts: tuple[str, ...] = ()) -> None:
    """Note what became of a claim, unless something else did meanwhile."""
    row = Receipt(
        key=claim.key, post=claim.post, channel=claim.channel, part=claim.part, at=desk.clock(), id="", url="",
        content=claim.content, what=what, why=why, run=desk.run, facts=facts, attempt=claim.attempt,
    )  # fmt: skip

    def decided(snapshot: Snapshot) -> list[Receipt]:
        still = any(
            old.key == claim.key and old.attempt == claim.attempt and old.run == claim.run
            for old in open_claims(snapshot)
        )
        return [row] if still else []

    desk.ledger.append(decided)


def _give_back(desk: Desk, claim: Intent, why: str, *, held: bool = False, wait: datetime | None = None) -> None:
    """Give a claim back: nothing of it went out, that is sure."""
    facts = ((delivery.HELD,) if held else ()) + (
        (f"wait_until={wait.astimezone(UTC).isoformat()}",) if wait is not None else ()
    )
    _answer(desk, claim, "released", why=why, facts=facts)


def reconcile(desk: Desk, outcome: Outcome) -> None:
    """Look for what claims that outlived their lease left behind.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    desk.step("reconcile", "")
    snapshot = desk.ledger.read()
    stale = [claim for claim in open_claims(snapshot) if claim.send_before <= desk.clock()]
    if not stale:
        return
    book = with_ledger(desk.source(), snapshot)
    for claim in sorted(stale, key=lambda row: (row.at, row.key)):
        if desk.only and claim.channel not in desk.only:
            continue
        try:
            _reconcile(desk, book, claim, outcome)
        except SignalbookError as error:
            outcome.note(claim.key, "unknown", str(error))


def _reconcile(desk: Desk, book: Book, claim: Intent, outcome: Outcome) -> None:
    publisher = desk.publishers.get(claim.channel)
    if publisher is None:
        outcome.note(
            claim.key,
            "unknown",
            f"Its channel cannot be asked: {desk.unreachable(book).get(claim.channel, 'there is none')}",
        )
        return
    now = desk.clock()
    free = claim.send_before + timedelta(seconds=publisher.repeats.longest_request_s)
    if now < free:
        outcome.note(
            claim.key, "waiting", f"A request may still be under way until {_clock(book, free)}; then it is looked for."
        )
        return
    desk.step("before the look", claim.key)
    since = claim.at - LOOK_BACK
    item, seen, why = _look(book, claim, publisher, now, since)
    desk.step("after the look", claim.key)
    if isinstance(seen, Sent) and item is not None:
        by_words = not isinf(publisher.repeats.same_key_s)
        became = _sent(
            desk, claim, seen, asked=item.content, why="A run lost the answer; a later one found it on the service.",
            twin=lambda snapshot: by_words and _is_twin(book, snapshot, claim, item, seen, since),
        )  # fmt: skip
        if became == "sent":
            outcome.note(claim.key, "found", url=seen.url)
        else:
            outcome.note(claim.key, "unknown", _TWIN)
    elif seen is Absence.PROVEN:
        _give_back(desk, claim, "A run died with it; the service shows that nothing went out.")
        outcome.note(claim.key, "absent", "It is proven that nothing went out; it may be claimed again.")
    else:
        _answer(desk, claim, "unseen", why=why)
        outcome.note(claim.key, "unknown", why)


def _look(
    book: Book, claim: Intent, publisher: Publisher, now: datetime, since: datetime
) -> tuple[Item | None, Sent | Absence, str]:
    """Ask the service for an item; the last value says why it could not tell."""
    from pipelines import outgoing

    if not publisher.repeats.looks and not isinf(publisher.repeats.same_key_s):
        return None, Absence.UNSEEN, "A run lost the answer, and this service cannot be asked what it holds."
    found = delivery.beneath(book, claim.key, now)
    if found is None:
        return None, Absence.UNSEEN, "A run lost the answer, and the post is not planned any more."
    try:
        item = outgoing.item(book, found, created_at=claim.created_at or claim.at, before=_before(book, found))
    except Refused as error:
        return (
            None,
            Absence.UNSEEN,
            f"A run lost the answer, and the post cannot be compared any more: {error.message}.",
        )
    if item.content != claim.content and not isinf(publisher.repeats.same_key_s):
        return (
            None,
            Absence.UNSEEN,
            "A run lost the answer, and the post was changed since, so that it cannot be recognised.",
        )
    seen = publisher.look(item, since=since)
    return (
        item,
        seen,
        "A run lost the answer, and a look at the service could not tell." if seen is Absence.UNSEEN else "",
    )
