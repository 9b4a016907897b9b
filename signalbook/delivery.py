"""Where each delivery of a post stands: derived from documents and records, never typed.

A delivery is a post on a channel (and, once it is sent, a part of a thread). Only a receipt makes it published. What
publishing adds (leases, occurrences) reads the same states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from signalbook.book import Book
from signalbook.model import Event, Hold, Post
from signalbook.model.base import Duration
from signalbook.records import Intent, Receipt

STATES = (
    "idea", "draft", "review", "approved", "scheduled", "due", "held", "missed", "sending", "published", "unknown",
    "failed", "overdue", "cancelled", "withdrawn",
)  # fmt: skip
"""Every state of a delivery, in the order of a delivery's life."""

ALARMING = ("unknown", "failed", "missed", "overdue", "held")
"""States that need a person, loudest first."""

PATIENCE = timedelta(minutes=15)
"""So long after its time a delivery counts as due; then, until ``max_late``, as overdue."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post on one channel.

    Attributes:
        key: ``post/channel``, the name in commands and records.
        state: one of ``STATES``.
        due: when it goes out; ``None`` while nobody has said, or ``on-merge``.
        reason: why it stands so, in a sentence a writer understands.
        receipts: what proves it.
    """

    key: str
    post: Post
    channel: str
    state: str
    due: datetime | None
    reason: str
    receipts: tuple[Receipt, ...] = ()


def due_at(book: Book, post: Post) -> datetime | None:
    """When a post goes out: its own time, or the one an event gives it; ``None`` for none, and for ``on-merge``."""
    if isinstance(post.publish_at, datetime):
        return post.publish_at
    if post.publish_at is None and post.relative_to and post.relative_to.event:
        event = book.get(Event, post.relative_to.event)
        when = event.when if event else None
        if isinstance(when, datetime):
            return when + offset(post.relative_to.offset)
        if when is not None:
            start = datetime(when.year, when.month, when.day, 9, tzinfo=book.settings.team.zone)
            return start + offset(post.relative_to.offset)
    return None


def offset(text: str | None) -> timedelta:
    """``-2d`` → two days before; no time at all where it cannot be read."""
    if not text:
        return timedelta()
    sign = -1 if text.startswith(("-", "−")) else 1
    try:
        return sign * Duration.parse(text.lstrip("+-−")).elapsed
    except ValueError:
        return timedelta()


def open_holds(book: Book, now: datetime) -> tuple[Hold, ...]:
    """Holds that stop something now: begun, not released. One that ran out keeps what it held until a person decides."""
    return tuple(
        hold
        for hold in book.all(Hold)
        if not hold.unreadable and hold.from_ and hold.from_ <= now and hold.state in {"open", "renewed"}
        and not (hold.released and hold.released.at and hold.released.at <= now)
    )  # fmt: skip


def covers(hold: Hold, post: Post, channel: str) -> bool:
    """Whether a hold stops a post on a channel. A hold without any scope stops everything."""
    scope = hold.scope
    if scope is None:
        return True
    if (post.type or "original") in scope.except_types:
        return False
    tests: list[bool] = []
    if scope.channels is not None:
        keys = (scope.channels,) if isinstance(scope.channels, str) else scope.channels
        tests.append("all" in keys or channel in keys)
    if scope.campaigns:
        tests.append(post.campaign in scope.campaigns)
    if scope.labels:
        tests.append(bool(set(scope.labels) & set(post.labels)))
    if scope.types:
        tests.append((post.type or "original") in scope.types)
    return all(tests) if tests else True


def deliveries(book: Book, now: datetime) -> list[Delivery]:
    """Every delivery of every post, by post and channel."""
    receipts: dict[tuple[str, str], list[Receipt]] = {}
    for receipt in book.receipts:
        receipts.setdefault((receipt.post, receipt.channel), []).append(receipt)
    intents: dict[tuple[str, str], list[Intent]] = {}
    for intent in book.intents:
        intents.setdefault((intent.post, intent.channel), []).append(intent)
    holds = open_holds(book, now)
    return [found for post in book.all(Post) for found in _of(book, post, now, receipts, intents, holds)]


def of(book: Book, post: Post, now: datetime) -> list[Delivery]:
    """The deliveries of one post."""
    receipts: dict[tuple[str, str], list[Receipt]] = {}
    for receipt in book.receipts:
        if receipt.post == post.slug:
            receipts.setdefault((receipt.post, receipt.channel), []).append(receipt)
    intents: dict[tuple[str, str], list[Intent]] = {}
    for intent in book.intents:
        if intent.post == post.slug:
            intents.setdefault((intent.post, intent.channel), []).append(intent)
    return list(_of(book, post, now, receipts, intents, open_holds(book, now)))


def _of(
    book: Book,
    post: Post,
    now: datetime,
    receipts: Mapping[tuple[str, str], list[Receipt]],
    intents: Mapping[tuple[str, str], list[Intent]],
    holds: tuple[Hold, ...],
) -> Iterator[Delivery]:
    due = due_at(book, post)
    for channel in post.channels:
        pair = (post.slug, channel)
        proof = tuple(receipts.get(pair, ()))
        state, reason = _state(book, post, channel, due, now, proof, tuple(intents.get(pair, ())), holds)
        yield Delivery(f"{post.slug}/{channel}", post, channel, state, due, reason, proof)


def _state(
    book: Book,
    post: Post,
    channel: str,
    due: datetime | None,
    now: datetime,
    receipts: tuple[Receipt, ...],
    intents: tuple[Intent, ...],
    holds: tuple[Hold, ...],
) -> tuple[str, str]:
    if receipts:
        last = max(receipts, key=lambda receipt: receipt.at)
        if last.what == "withdrawn":
            return "withdrawn", "It was taken down."
        if last.what == "cancelled":
            return "cancelled", last.why or "A person decided that it does not go out."
        return "published", "There is a receipt."
    if post.state == "cancelled":
        return "cancelled", "It was cancelled before it went out."
    if intents:
        last_intent = max(intents, key=lambda intent: intent.at)
        if now < last_intent.send_before:
            return "sending", "A run has claimed it and is sending."
        return "unknown", "A run claimed it and left no receipt. Look at the account, then record what you saw."
    if post.state != "approved":
        return post.state, {
            "idea": "It is an idea.",
            "draft": "It is being written.",
            "review": "It waits for approval.",
        }.get(post.state, "")
    if due is None:
        if post.publish_at == "on-merge":
            return "due", "It goes out with the next run."
        return "approved", "It is approved and says no time."
    if post.expires and post.expires <= now:
        return "missed", "It expired before it went out. A person decides."
    if post.embargo_until and due < post.embargo_until:
        if due > now:
            return "held", "Its time lies before the end of its embargo."
        return "missed", "Its time passed under an embargo. A person decides."
    holding = next((hold for hold in holds if covers(hold, post, channel)), None)
    if holding is not None:
        if due > now:
            return "held", f"Held: {holding.reason or holding.name}"
        return "missed", f"Its time passed under a hold ({holding.reason or holding.name}). A person decides."
    if due > now:
        return "scheduled", "Approved; it goes out at its time."
    found = book.settings.channels.get(channel)
    late = now - due
    if late > (found.max_late.elapsed if found else timedelta(hours=2)):
        limit = f"{found.max_late}" if found else "2h"
        return "missed", f"Its time passed by more than this channel allows ({limit}). A person decides."
    if late > PATIENCE:
        if found and found.connector == "manual":
            return "overdue", "Somebody should have placed it by hand by now."
        return "overdue", "It should be out, and there is no receipt."
    return "due", "Its time has come."


def loudest(found: list[Delivery]) -> str:
    """The state that speaks for a post with several deliveries: what needs a person first, else the least advanced."""
    states = {delivery.state for delivery in found}
    for state in (*ALARMING, "sending", "due"):
        if state in states:
            return state
    for state in STATES:
        if state in states:
            return state
    return "draft"
