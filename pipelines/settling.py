"""A person's word on a delivery: settle what is unknown or missed, change what is out, take it down.

Each leaves a receipt of its own. Settling sends nothing: it says what happened, or gives a new time. Amending sends what is
approved today to where the network can change a post; withdrawing takes it down where the network can.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipelines import outgoing
from pipelines.publish import Desk, Outcome, with_ledger
from pipelines.services import Sent
from signalbook import approval, delivery
from signalbook import sent as sent_
from signalbook.classes import dataclass
from signalbook.delivery import OPEN_TO_PEOPLE, Delivery
from signalbook.errors import Refused, SignalbookError, UsageError
from signalbook.model import Post
from signalbook.records import Receipt
from signalbook.settings import BY_HAND

if TYPE_CHECKING:
    from pipelines.ledger import Snapshot
    from pipelines.services import Publisher
    from signalbook.book import Book
    from signalbook.records import Outcome as What


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says of a delivery; one of the first four.

    Attributes:
        sent: the live address; they saw it.
        not_sent: they looked, and nothing went out; it may be sent again.
        send_at: it is to go out at this time instead.
        cancel: it is not to go out.
        why: their reason.
        by: their role.
    """

    sent: str = ""
    not_sent: bool = False
    send_at: datetime | None = None
    cancel: bool = False
    why: str = ""
    by: str = ""


def settle(desk: Desk, name: str, word: Word) -> list[Receipt]:
    """Note a person's word. A new time counts for the later parts of a thread too, as far as they are missed.

    ``name`` is a delivery, or a post (``opening``, ``opening@2026-12-01``) for all of it that waits for a person.

    Raises:
        UsageError: there is no such delivery, or nothing about it is open.
        LedgerError: the ledger cannot be written.
    """
    made: list[Receipt] = []

    def decided(snapshot: Snapshot) -> list[Receipt]:
        book = with_ledger(desk.source(), snapshot)
        now = desk.clock()
        rows: dict[str, Delivery] = {}
        for found in _meant(book, name, word, now):
            _allow(book, found, word, now)
            rows.setdefault(found.key, found)
            if word.send_at is not None or word.cancel:
                for one in delivery.of(book, found.post, now):
                    if _follows(one, found):
                        rows.setdefault(one.key, one)
        made[:] = [_receipt(book, one, word, now) for one in rows.values()]
        return made

    desk.ledger.append(decided)
    return made


def _meant(book: Book, name: str, word: Word, now: datetime) -> list[Delivery]:
    """The delivery of this name; of a post's name all of its deliveries that wait for a person.

    Raises:
        UsageError: there is none, or the word cannot be said of all of them at once.
    """
    slug, _, occurrence = name.partition("@")
    if "/" in name:
        return [_found(book, name, now)]
    post = _post(book, slug)
    rows = [one for one in delivery.of(book, post, now) if not occurrence or one.occurrence == occurrence]
    found = [one for one in rows if one.state in OPEN_TO_PEOPLE or (one.state == "due" and _open(book, one))]
    listed = ", ".join(one.key for one in found[:10])
    if not found:
        stand = ", ".join(f"{one.key} is {one.state}" for one in rows[:10]) or "it has no delivery"
        message = f"Nothing of “{name}” waits for a person: {stand}."
        raise UsageError(message)
    if len({one.occurrence for one in found}) > 1:
        message = f"“{slug}” comes again and again. Say which time, such as “{slug}@{found[-1].occurrence}”: {listed}."
        raise UsageError(message)
    if (word.sent or word.not_sent) and len(found) > 1:
        message = f"What somebody saw is said of one delivery. Of “{name}” these wait for it: {listed}."
        raise UsageError(message)
    if word.cancel and (doubt := next((one for one in found if one.state == "unknown"), None)):
        message = f"{doubt.key} is unknown: it may be out already. Settle it first, with --sent or --not-sent; then the others."
        raise UsageError(message)
    return found


def _found(book: Book, name: str, now: datetime) -> Delivery:
    try:
        key = delivery.read_key(name)
    except ValueError as error:
        raise UsageError(str(error)) from error
    found = delivery.find(book, name, now)
    found = found or next((one for one in delivery.orphans(book, now) if one.key == name), None)
    if found is not None:
        return found
    post = book.get(Post, key.post)
    if post is None:
        from signalbook.decode import near

        message = f"There is no post “{key.post}”.{near(key.post, tuple(one.slug for one in book.all(Post)))}"
        raise UsageError(message)
    known = ", ".join(one.key for one in delivery.of(book, post, now)[:10])
    message = f"“{name}” is no delivery of {post.name}. It has: {known or 'none, for it names no channel'}."
    raise UsageError(message)


def _follows(one: Delivery, found: Delivery) -> bool:
    """Whether it is a later part of the same thread that waits for a person too."""
    same = one.channel == found.channel and one.occurrence == found.occurrence
    return same and one.part > found.part and one.state in OPEN_TO_PEOPLE | {"held", "due"}


def _open(book: Book, found: Delivery) -> bool:
    """Whether a person may say something of it."""
    channel = book.settings.channels.get(found.channel)
    by_hand = channel is not None and channel.connector in BY_HAND
    return found.state in OPEN_TO_PEOPLE or (by_hand and found.state in {"due", "scheduled", "held"})


def _allow(book: Book, found: Delivery, word: Word, now: datetime) -> None:
    """Refuse what would contradict what is known.

    Raises:
        UsageError: with what can be done instead.
    """
    if not _open(book, found):
        message = f"{found.key} is {found.state}, so there is nothing to settle. {_instead(found)}"
        raise UsageError(message)
    if word.sent:
        parts = urlsplit(word.sent)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = (
                f"--sent takes the live address, such as https://social.example/@team/1; “{word.sent[:80]}” is none."
            )
            raise UsageError(message)
    if word.not_sent and found.state == "missed":
        message = (
            f"{found.key} is missed: it did not go out, that is sure. Give it a time with --send-at, or --cancel it."
        )
        raise UsageError(message)
    if word.send_at is not None:
        if found.state == "unknown":
            message = (
                f"{found.key} is unknown: it may be out already. Look at the account first, then write --sent with its address, "
                "or --not-sent, and after that a new time."
            )
            raise UsageError(message)
        if found.post.state != "approved":
            message = (
                f"{found.key} is not approved (its post says `status: {found.post.state}`), so it gets no new time."
            )
            raise UsageError(message)
        if word.send_at < now:
            message = f"--send-at takes a time to come; {word.send_at:%Y-%m-%d %H:%M} is over."
            raise UsageError(message)


def _instead(found: Delivery) -> str:
    return {
        "published": f"Change it with `signalbook publish amend {found.post.slug}`, take it down with `… withdraw {found.post.slug}`.",
        "sending": "A run is sending it; ask again when its lease is over.",
        "scheduled": "To stop it, take it out of `channels:`, or write `status: cancelled`, and merge that.",
        "due": "It goes out with the next run. To stop it, merge a hold or `status: cancelled`.",
        "held": "Release the hold, or give the post another time and merge that.",
    }.get(found.state, "Change the post and merge that.")


def _receipt(book: Book, found: Delivery, word: Word, now: datetime) -> Receipt:
    what: What
    if word.sent:
        what, why = "settled", word.why or "A person saw it live."
    elif word.not_sent:
        what, why = "released", word.why or "A person looked, and nothing went out."
    elif word.send_at is not None:
        what, why = "scheduled", word.why or "A person gave it a new time."
    else:
        what, why = "cancelled", word.why or "A person decided that it does not go out."
    content = (
        approval.content(book, found)
        if word.sent and not found.intent
        else found.intent.content
        if found.intent
        else ""
    )
    return Receipt(
        key=found.key, post=found.post.slug, channel=found.channel, part=found.part, at=now, id="",
        url=word.sent, content=content, what=what, why=" ".join(why.split())[:500], by=word.by,
        due=word.send_at, attempt=found.attempt,
    )  # fmt: skip


# --- what is out -----------------------------------------------------------------------------------------------------


def amend(desk: Desk, slug: str, outcome: Outcome) -> None:
    """Change what is out to what is approved today, wherever the two differ.

    Raises:
        UsageError: there is no such post, or it is not approved.
        LedgerError: the ledger cannot be read.
    """
    book = with_ledger(desk.source(), desk.ledger.read())
    post = _post(book, slug)
    if not (evidence := approval.evidence(book, post)).approved:
        message = f"{slug} is not approved, so nothing of it is sent. {evidence.why}"
        raise UsageError(message)
    rows = [one for one in _out(desk, book, post) if sent_.changed(book, one)]
    if not rows:
        outcome.note(slug, "same", "What is out is what the post says today.")
    for found in rows:
        publisher = desk.publishers.get(found.channel)
        if publisher is None or not publisher.repeats.amends:
            why = _cannot(desk, book, found, publisher, "change what is out")
            outcome.note(found.key, "failed", f"{why}. Take it down and send it anew, or change it there by hand.")
            continue
        _with_publisher(desk, book, found, publisher, outcome, "amended")


def withdraw(desk: Desk, slug: str, outcome: Outcome, *, why: str = "", by: str = "") -> None:
    """Take down what is out, the last part of a thread first.

    Raises:
        UsageError: there is no such post, or nothing of it is out.
        LedgerError: the ledger cannot be read.
    """
    book = with_ledger(desk.source(), desk.ledger.read())
    post = _post(book, slug)
    rows = _out(desk, book, post)
    if not rows:
        message = f"Nothing of {slug} is out. To stop what is still to come, write `status: cancelled` and merge that."
        raise UsageError(message)
    for found in sorted(rows, key=lambda one: -one.part):
        publisher = desk.publishers.get(found.channel)
        if publisher is None or not publisher.repeats.withdraws:
            said = _cannot(desk, book, found, publisher, "take down what is out")
            outcome.note(
                found.key, "failed", f"{said}. Take it down there by hand: {found.sent.url if found.sent else ''}"
            )
            continue
        _with_publisher(desk, book, found, publisher, outcome, "withdrawn", why=why, by=by)


def _post(book: Book, slug: str) -> Post:
    post = book.get(Post, slug)
    if post is None:
        from signalbook.decode import near

        message = (
            f"There is no post “{slug}” on the protected branch.{near(slug, tuple(one.slug for one in book.all(Post)))}"
        )
        raise UsageError(message)
    return post


def _out(desk: Desk, book: Book, post: Post) -> list[Delivery]:
    return [
        one for one in delivery.of(book, post, desk.clock())
        if one.state == "published" and (not desk.only or one.channel in desk.only)
    ]  # fmt: skip


def _cannot(desk: Desk, book: Book, found: Delivery, publisher: Publisher | None, what: str) -> str:
    if publisher is not None:
        return f"This network does not let anybody {what}"
    return desk.unreachable(book).get(found.channel, "People fill this channel by hand").rstrip(".")


def _with_publisher(
    desk: Desk, book: Book, found: Delivery, publisher: Publisher, outcome: Outcome, what: What, *, why: str = "",
    by: str = "",
) -> None:  # fmt: skip
    last = found.sent
    if last is None or not last.id:
        outcome.note(
            found.key,
            "failed",
            "A person noted its address, and the service's own id is not known. Do it there by hand.",
        )
        return
    sent = Sent(last.id, last.url, last.at, outgoing.read_facts(last.facts))
    content = last.content
    desk.step("before the request", found.key)
    try:
        if what == "amended":
            created = found.intent.created_at if found.intent and found.intent.created_at else found.due or last.at
            item = outgoing.item(book, found, created_at=created, before=_earlier(book, found))
            content = item.content
            sent = publisher.amend(item, sent)
        else:
            publisher.withdraw(sent)
    except Refused as error:
        outcome.note(found.key, "refused", error.message)
        return
    except SignalbookError as error:
        outcome.note(found.key, "failed", f"{error} Run the same command again: it is safe to repeat.")
        return
    desk.step("after the request", found.key)
    row = Receipt(
        key=found.key, post=found.post.slug, channel=found.channel, part=found.part, at=desk.clock(), id=sent.id,
        url=sent.url or last.url, content=content, what=what, why=" ".join(why.split())[:500], run=desk.run, by=by,
        facts=outgoing.facts_of(sent.facts), attempt=found.attempt,
    )  # fmt: skip
    desk.ledger.append(lambda _: [row])
    outcome.note(found.key, what, url=row.url)


def _earlier(book: Book, found: Delivery) -> list[Receipt]:
    names = (
        delivery.key(found.post.slug, found.channel, occurrence=found.occurrence, part=part)
        for part in range(1, found.part)
    )
    rows = (book.proofs.get(name, ((), ()))[0] for name in names)
    return [
        out
        for proofs in rows
        if (out := next((row for row in reversed(proofs) if row.what in delivery.PUBLISHED), None))
    ]
