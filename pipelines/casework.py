"""Work on cases: each step once, and an answer that goes out once.

::

    step     decide(cases as they are now) ─► event ─► ledger       of two people one takes it, the other is told who
    answer   claim ─► ledger ─► send ─► what became of it ─► ledger  as a post is published: reserve, send, note
    settle   claims that outlived their lease ─► look ─► answered, given back, or a person

The ledger of cases is the one of deliveries with another folder: with a branch, a claim is a push that is refused when somebody
else was first. A claim that is not known to be recorded is not sent; what may have been sent is never sent again without a look.
What is sent lies in the private store under the claim's key, so that a later run can recognise it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import regex

from pipelines import outgoing
from pipelines.ledger import Ledger, Snapshot
from pipelines.services import Absence, Item, Sent
from signalbook import cases, counting, delivery
from signalbook.cases import Case, facts
from signalbook.classes import dataclass
from signalbook.errors import NotSent, Refused, SignalbookError, Unanswered, UsageError
from signalbook.model import Person, Post
from signalbook.records import CaseEvent, Mention, Reply, digest

if TYPE_CHECKING:
    from pipelines.services import Publisher
    from signalbook.book import Book

LOOK_BACK = timedelta(hours=2)
"""So long before its claim an answer is looked for: two clocks may differ by so much."""
AHEAD = timedelta(hours=1)
"""So far ahead the clock of another machine may be."""
AGAIN = 2
"""So often a request that was not answered is repeated at once, where the service recognises the repeat."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that work on cases needs from outside.

    Attributes:
        source: reads the approved Book, anew at every call.
        ledger: where events are appended; its folder is ``cases``.
        publishers: channel → its open account.
        clock: the instant it is.
        run: a name that no other run has.
        mention: the words behind a key, while they are kept.
        keep: puts what is about to be sent into the private store.
        kept: gives it back; ``None`` where this machine has not got it.
        closed: channel → why it cannot be reached.
        step: is told the name of every boundary between two effects, and the case.
        closing: until the end of its block no request starts once the given question is answered with yes.
    """

    source: Callable[[], Book]
    ledger: Ledger
    publishers: Mapping[str, Publisher]
    clock: Callable[[], datetime]
    run: str
    mention: Callable[[str], Mention | None]
    keep: Callable[[Reply], None]
    kept: Callable[[str], Reply | None]
    closed: Mapping[str, str] = field(default_factory=dict)
    sleep: Callable[[float], None] = lambda _: None
    step: Callable[[str, str], None] = lambda _step, _case: None
    closing: Callable[[Callable[[], bool]], AbstractContextManager[None]] = lambda _is_over: nullcontext()


_ASKS = regex.compile(
    r"\b(?:your|ihre?n?|deine?n?)\s+(?:\w+\s+)?(?:order|customer|booking|invoice|contract|ticket|phone|telephone|mobile|bestell|kunden|buchungs|"
    r"rechnungs|vertrags|telefon|handy)[- ]?(?:number|no\.?|nr\.?|id|nummer)\b"
    r"|\b(?:your|ihre?|deine?)\s+(?:home |postal |e-?mail[- ]?)?(?:address|adresse|anschrift|geburtsdatum|date of birth)\b",
    regex.IGNORECASE,
)
_ASKED = "The answer asks for something about the person, in the open."

Step = Callable[["Book", Case], CaseEvent]
"""What to append, given the Book and the case as it stands.

Raises:
    UsageError: it cannot be done as things stand; says what can.
"""


def act(desk: Desk, name: str, step: Step) -> tuple[Case, CaseEvent]:
    """Take one step on a case, on its newest state; the case after it, and the event.

    Raises:
        UsageError: there is no such case, or the step cannot be taken now.
        LedgerError: it is not known to be written.
    """
    book = desk.source()
    made: list[CaseEvent] = []

    def decided(snapshot: Snapshot) -> list[CaseEvent]:
        found = find(book, snapshot, name, desk.clock())
        made[:] = [step(book, found)]
        return made

    after = desk.ledger.append(decided)
    return find(book, after, made[0].case, max(desk.clock(), made[0].at)), made[0]


def find(book: Book, snapshot: Snapshot, name: str, now: datetime) -> Case:
    """The case of a name.

    Raises:
        UsageError: there is none, or several begin so.
    """
    # The clock of whoever wrote last may be ahead of ours; what they did is done all the same.
    known = cases.read(book, now + AHEAD, snapshot.cases)
    found = cases.find(known, name)
    if found is None:
        near = (
            [one.id for one in known if one.id.removeprefix("case-").startswith(name.removeprefix("case-"))]
            if name
            else []
        )
        several = (
            f" Several begin so: {', '.join(near[:5])}." if near else " `signalbook case list` shows those there are."
        )
        message = f"There is no case “{name[:60]}”.{several}"
        raise UsageError(message)
    return found


# --- steps that send nothing -----------------------------------------------------------------------------------------


def _who(book: Book, slug: str, flag: str) -> str:
    """A role as it is written in content/people/."""
    person = book.get(Person, slug)
    if person is None or person.side == "outside":
        from signalbook.decode import near

        inside = tuple(one.slug for one in book.all(Person) if one.side != "outside")
        message = f"{flag} names “{slug}”, and there is nobody of that name in content/people/.{near(slug, inside)}"
        raise UsageError(message)
    return person.slug


def _open(case: Case) -> None:
    if not case.open:
        message = f"{case.id} is {case.state} ({case.reason or case.outcome or 'no reason stands'}). `signalbook case reopen {case.id} --why …` opens it again."
        raise UsageError(message)


def _free(case: Case) -> None:
    """Nobody's answer is on its way."""
    if case.claim is not None:
        message = (
            f"An answer of {case.claim.by or 'a run'} from {case.claim.at:%H:%M} is on its way in {case.id}, and nobody knows yet "
            f"what became of it. Look at the conversation, then write `signalbook case answer {case.id} --sent ADDRESS`, or "
            "`--not-sent`."
        )
        raise UsageError(message)


def take(now: datetime, by: str = "") -> Step:
    """Take a case; the owner proposed does, where nobody is named."""

    def step(book: Book, case: Case) -> CaseEvent:
        _open(case)
        who = _who(book, by or case.owner, "--by")
        taken = case.owned_at is not None and case.state != "new"
        if taken and case.owner != who:
            message = f"{book.person(case.owner)} has {case.id} already. To have it: signalbook case hand {case.id} --to {who} --why “…”"
            raise UsageError(message)
        if taken:
            message = f"{book.person(who)} has {case.id} already."
            raise UsageError(message)
        backup = case.backup if case.backup != who else case.owner if case.owner != who else ""
        return cases.event(case.id, "owned", now, who, {"owner": who, "backup": backup})

    return step


def hand(now: datetime, to: str, why: str, by: str = "", *, escalated: bool = False) -> Step:
    """Give a case to somebody else, or to somebody who decides more."""

    def step(book: Book, case: Case) -> CaseEvent:
        _open(case)
        from signalbook import routing

        target = to or (routing.manager(book, case.owner, case.channel) if escalated else "")
        if not target:
            message = (
                f"Say to whom: signalbook case {'escalate' if escalated else 'hand'} {case.id} --to ROLE --why “…”"
            )
            raise UsageError(message)
        who = _who(book, target, "--to")
        if who == case.owner:
            message = f"{book.person(who)} has {case.id} already."
            raise UsageError(message)
        if escalated and not why.strip():
            message = (
                f"Say why it is escalated, in words the team may read: signalbook case escalate {case.id} --why “…”"
            )
            raise UsageError(message)
        what = "escalated" if escalated else "handed"
        return cases.event(case.id, what, now, by or case.owner, {"owner": who, "backup": case.owner, "why": _why(why)})

    return step


def decline(now: datetime, why: str, by: str = "") -> Step:
    """Leave it unanswered, with the reason."""

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        _open(case)
        _free(case)
        if len(why.split()) < 2:
            message = (
                f"Closing without an answer is a decision. Say why: signalbook case decline {case.id} --why “provocation, already "
                "answered in the thread”. Reasons that fit: provocation, already answered at …, not ours, a hold."
            )
            raise UsageError(message)
        return cases.event(case.id, "declined", now, by or case.owner, {"why": _why(why), "outcome": "no-reply"})

    return step


def close(now: datetime, outcome: str, why: str = "", by: str = "") -> Step:
    """End a case that was answered."""

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        _open(case)
        _free(case)
        known = ("solved", "explained", "lost", "lead", "escalated")
        if outcome not in known:
            message = f"Say how it ended: signalbook case close {case.id} --outcome {'|'.join(known)}"
            raise UsageError(message)
        if case.replied_at is None and outcome != "escalated":
            message = (
                f"Nobody was answered in {case.id} yet. Answer first, or `signalbook case decline {case.id} --why …`."
            )
            raise UsageError(message)
        return cases.event(case.id, "closed", now, by or case.owner, {"outcome": outcome, "why": _why(why)})

    return step


def reopen(now: datetime, why: str, by: str = "") -> Step:
    """Open a case again."""

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        if case.open:
            message = f"{case.id} is open: it is {case.state}."
            raise UsageError(message)
        if not why.strip():
            message = f"Say why: signalbook case reopen {case.id} --why “the remedy did not help”"
            raise UsageError(message)
        return cases.event(case.id, "reopened", now, by or case.owner, {"why": _why(why)})

    return step


def wait(now: datetime, on: str, why: str = "", by: str = "") -> Step:
    """Wait for somebody, inside or outside."""

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        _open(case)
        if on not in {"inside", "outside"}:
            message = f"Say for whom: signalbook case wait {case.id} --for inside|outside"
            raise UsageError(message)
        if on == "outside" and case.replied_at is None:
            message = f"Whoever wrote in {case.id} has had no answer, so they do not know that we wait for them. Answer first."
            raise UsageError(message)
        return cases.event(case.id, "waiting", now, by or case.owner, {"for": on, "why": _why(why)})

    return step


def correct(now: datetime, changes: Mapping[str, object], why: str = "", by: str = "") -> Step:
    """Put right what a machine judged: severity, type, topic, deadline."""

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        from signalbook import matrix

        severity = str(changes.get("severity") or "")
        if severity:
            if severity not in {"S1", "S2", "S3", "S4"}:
                message = f"--severity takes S1 (worst) to S4, not “{severity[:20]}”."
                raise UsageError(message)
            if severity > case.severity and not why.strip():
                message = f"Raising is anybody's; lowering from {case.severity} to {severity} takes a reason: --why “the hand was burnt on another maker's oven”"
                raise UsageError(message)
            return cases.event(case.id, "judged", now, by or case.owner, {"severity": severity, "why": _why(why)})
        row = str(changes.get("row") or "")
        if row and (row not in matrix.ROWS or matrix.ROWS[row].stands):
            from signalbook.decode import near

            known = tuple(name for name, one in matrix.ROWS.items() if not one.stands)
            message = f"--type takes a line of the response matrix.{near(row, known)} Known: {', '.join(known)}."
            raise UsageError(message)
        said = {name: value for name, value in changes.items() if value}
        if not said:
            message = f"Say what is to be put right: signalbook case correct {case.id} --type question"
            raise UsageError(message)
        if row:
            said["type"] = matrix.ROWS[row].type
        return cases.event(case.id, "corrected", now, by or case.owner, {**said, "why": _why(why)})

    return step


def _why(text: str) -> str:
    return " ".join(text.split())[:500]


# --- the answer --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of an answer.

    Attributes:
        what: ``sent``, ``failed`` (nothing went out, try again), ``refused`` (nothing went out, change it), ``unknown``.
        why: a sentence; never a secret.
    """

    case: str
    what: str
    why: str = ""
    url: str = ""


def answer(
    desk: Desk,
    name: str,
    text: str,
    *,
    lang: str = "",
    by: str = "",
    claims: Sequence[str] = (),
    despite_hold: str = "",
    again: bool = False,
) -> Sending:
    """Send an answer on the channel the person wrote on, once.

    ``claims`` are the messages it stands on; ``despite_hold`` says why it goes out although a hold covers the channel;
    ``again`` that more is to be said after an answer that is out.

    Raises:
        UsageError: it cannot be answered as things stand.
        LedgerError: nothing was claimed, so nothing was sent; or it went out and only this machine knows.
    """
    text = text.strip()
    holder: list[tuple[Case, Item, Reply]] = []

    def step(book: Book, case: Case) -> CaseEvent:
        holder.clear()
        _open(case)
        _free(case)
        if case.replied_at is not None and not again:
            message = f"{case.id} was answered at {case.replied_at:%H:%M} UTC: {case.url}. To say more: --again"
            raise UsageError(message)
        now = desk.clock().astimezone(UTC)
        publisher = _account(desk, book, case)
        mention = desk.mention(case.newest)
        _reachable(book, case, mention)
        whole = _addressed(book, case, mention, text) if text else ""
        _sayable(book, case, whole, now, despite_hold, publisher)
        attempt = 1 + sum(row.what == "answering" for row in case.events)
        said = _item(book, case, mention, whole, lang or case.lang, now)
        content = digest("answer", case.channel, said.in_reply_to, whole)
        reply = Reply(digest(said.key, attempt), case.id, case.newest, case.channel, said.lang, whole, now)
        holder.append((case, replace(said, content=content), reply))
        return cases.event(case.id, "answering", now, by or case.owner, {
            "run": desk.run, "attempt": attempt, "content": content, "channel": case.channel, "created_at": now,
            "send_before": now + book.settings.publish.lease.elapsed, "claims": tuple(claims),
        })  # fmt: skip

    desk.step("before the claim", name)
    _, made = act(desk, name, step)
    case, item, reply = holder[-1]
    desk.step("claimed", case.id)
    desk.keep(reply)
    return _send(desk, case, made, item, claims)


def _send(desk: Desk, case: Case, made: CaseEvent, item: Item, claims: Sequence[str]) -> Sending:
    publisher = desk.publishers[case.channel]
    said = facts(made)
    until = datetime.fromisoformat(said["send_before"])
    first = desk.clock()
    why = ""
    for turn in range(AGAIN + 1):
        if desk.clock() >= until:
            if not turn:
                return _void(desk, case, made, "failed", "Its lease was over before it began.")
            break
        desk.step("before the request", case.id)
        try:
            with desk.closing(lambda: desk.clock() >= until):
                sent = publisher.send(item)
        except Refused as error:
            return _void(desk, case, made, "refused", error.message)
        except NotSent as error:
            if turn:  # an earlier request of ours may have arrived
                why = error.message
                break
            return _void(desk, case, made, "failed", error.message)
        except Unanswered as error:
            why = error.message
        else:
            desk.step("after the request", case.id)
            _note(desk, case, made, sent, claims)
            desk.step("recorded", case.id)
            return Sending(case.id, "sent", url=sent.url)
        desk.step("unanswered", case.id)
        if (desk.clock() - first).total_seconds() >= publisher.repeats.same_key_s / 2 or turn == AGAIN:
            break
        desk.sleep(1.0 + turn)
    return Sending(case.id, "unknown", f"{why}; the next run looks")


def _note(desk: Desk, case: Case, made: CaseEvent, sent: Sent, claims: Sequence[str], by: str = "") -> None:
    said = facts(made)
    row = cases.event(case.id, "answered", desk.clock(), by or made.by, {
        "id": sent.id, "url": sent.url, "channel": said.get("channel", case.channel), "content": said.get("content", ""),
        "attempt": said.get("attempt", ""), "claims": claims or said.get("claims", ""),
        "facts": "&".join(outgoing.facts_of(sent.facts)),
    })  # fmt: skip

    def decided(snapshot: Snapshot) -> list[CaseEvent]:
        # What is out is out, whatever others wrote meanwhile; the same answer is noted once.
        known = [facts(old) for old in snapshot.cases if old.case == case.id and old.what == "answered"]
        return [] if any(old.get("id") == sent.id and old.get("url") == sent.url for old in known) else [row]

    desk.ledger.append(decided)


def _void(desk: Desk, case: Case, made: CaseEvent, what: str, why: str) -> Sending:
    row = cases.event(
        case.id, "given-back", desk.clock(), "", {"attempt": facts(made).get("attempt", ""), "why": _why(why)}
    )
    desk.ledger.append(lambda _: [row])
    return Sending(case.id, what, why)


def by_hand(desk: Desk, name: str, url: str, *, by: str = "", claims: Sequence[str] = ()) -> tuple[Case, CaseEvent]:
    """Note an answer that somebody gave elsewhere, or saw live after a run could not tell.

    Raises:
        UsageError: the address is none.
    """
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "mailto"} or not (parts.netloc or parts.path):
        message = (
            f"--sent takes the address of the answer, such as https://social.example/@team/1; “{url[:80]}” is none."
        )
        raise UsageError(message)

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        _open(case)
        more = {"attempt": case.claim.attempt, "content": case.claim.content} if case.claim else {}
        return cases.event(case.id, "answered", desk.clock(), by or case.owner, {
            "url": url, "channel": case.channel, "claims": tuple(claims), "why": "A person saw it live.", **more,
        })  # fmt: skip

    return act(desk, name, step)


def not_sent(desk: Desk, name: str, by: str = "") -> tuple[Case, CaseEvent]:
    """Note that an answer nobody could tell of did not go out, which a person looked up."""

    def step(book: Book, case: Case) -> CaseEvent:  # noqa: ARG001 - a step's shape
        if case.claim is None:
            message = f"No answer is open in {case.id}, so there is nothing to settle."
            raise UsageError(message)
        if desk.clock() < case.claim.send_before:
            message = f"A run is sending it until {case.claim.send_before:%H:%M} UTC; look after that."
            raise UsageError(message)
        return cases.event(case.id, "given-back", desk.clock(), by or case.owner, {
            "attempt": case.claim.attempt, "why": "A person looked, and nothing went out.",
        })  # fmt: skip

    return act(desk, name, step)


def settle(desk: Desk) -> list[Sending]:
    """Look for answers whose run died: noted when found, given back when proven absent, else left to a person.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    book = desk.source()
    now = desk.clock()
    done = []
    for case in cases.read(book, now, desk.ledger.read().cases):
        if case.claim is None or case.claim.unseen or now < case.claim.send_before:
            continue
        publisher = desk.publishers.get(case.claim.channel)
        if publisher is None:
            done.append(Sending(case.id, "unknown", desk.closed.get(case.claim.channel, "its channel cannot be asked")))
            continue
        if now < case.claim.send_before + timedelta(seconds=publisher.repeats.longest_request_s):
            continue
        try:
            done.append(_settled(desk, book, case, publisher))
        except SignalbookError as error:
            done.append(Sending(case.id, "unknown", str(error)))
    return done


def _settled(desk: Desk, book: Book, case: Case, publisher: Publisher) -> Sending:
    claim = case.claim
    made = next((row for row in reversed(case.events) if row.what == "answering"), None)
    if claim is None or made is None:
        return Sending(case.id, "unknown")
    key = _key(case)
    reply = desk.kept(digest(key, claim.attempt))
    seen: Sent | Absence = Absence.UNSEEN
    # Our own key tells where it decides for good; everywhere else the words are needed.
    if publisher.repeats.same_key_s == float("inf") or (publisher.repeats.looks and reply is not None):
        item = _item(book, case, desk.mention(case.newest), reply.text if reply else "", "", claim.created_at)
        seen = publisher.look(item, since=claim.at - LOOK_BACK)
    if isinstance(seen, Sent):
        _note(desk, case, made, seen, ())
        return Sending(case.id, "sent", "A run lost the answer; a later one found it on the service.", seen.url)
    if seen is Absence.PROVEN:
        return _void(desk, case, made, "failed", "A run died with it; the service shows that nothing went out.")
    row = cases.event(case.id, "unseen", desk.clock(), "", {"attempt": claim.attempt})
    desk.ledger.append(lambda _: [row])
    return Sending(case.id, "unknown", "A run lost the answer, and a look could not tell. A person settles it.")


def _key(case: Case) -> str:
    """The name of the next answer: the same until one is out."""
    return f"{case.id}/{1 + sum(row.what == 'answered' for row in case.events)}"


def _item(book: Book, case: Case, mention: Mention | None, text: str, lang: str, at: datetime) -> Item:
    channel = book.settings.channels.get(case.channel)
    options: dict[str, Any] = {}
    reply_to = (mention.url or mention.id) if mention else ""
    if channel is not None and channel.connector == "mail" and mention is not None:
        subject = mention.title or "Your message"
        options = {
            "to": [mention.author],
            "subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
        }
        reply_to = mention.id
    return Item(
        key=_key(case), post=case.id, text=text, created_at=at, lang=lang, in_reply_to=reply_to, options=options,
        title=str(options.get("subject", "")),
    )  # fmt: skip


def _account(desk: Desk, book: Book, case: Case) -> Publisher:
    publisher = desk.publishers.get(case.channel)
    if publisher is None:
        named = book.settings.channels.get(case.channel)
        if named is not None and named.connector == "imap":
            message = (
                f"{case.id} came by letter, and the mailbox “{named.key}” only listens. Answer from your mail program, then note it: "
                f"signalbook case answer {case.id} --sent mailto:THEIR-ADDRESS. To answer the next letters from here, name a channel of "
                f'mail under [channels.{named.key}]: answer_by = "letters"'
            )
            raise UsageError(message)
        why = desk.closed.get(case.channel) or (
            f"{named.name or named.key} is filled by hand."
            if named
            else "It was heard where nothing of ours can answer."
        )
        message = (
            f"{case.id} cannot be answered from here: {why.rstrip('.')}. Answer there, then note it: signalbook case answer {case.id} "
            "--sent ADDRESS"
        )
        raise UsageError(message)
    return publisher


def _reachable(book: Book, case: Case, mention: Mention | None) -> None:
    """See that a letter has somebody to go to.

    Raises:
        UsageError: the writer's address is not known here, and how to answer all the same.
    """
    channel = book.settings.channels.get(case.channel)
    if channel is None or channel.connector != "mail" or (mention is not None and "@" in mention.author):
        return
    why = (
        "its words are not kept here any more"
        if mention is None
        else "it was heard before `answer_by` stood in the settings, and until then no writer's address is kept"
    )
    message = (
        f"{case.id} came by letter, and nobody here knows who wrote it: {why}. Answer from the mailbox itself, then note it: "
        f"signalbook case answer {case.id} --sent mailto:THEIR-ADDRESS. Letters heard from now on are answered from here."
    )
    raise UsageError(message)


def _addressed(book: Book, case: Case, mention: Mention | None, text: str) -> str:
    """The text as it goes out: on Mastodon a reply reaches who is named in it."""
    channel = book.settings.channels.get(case.channel)
    if channel is None or channel.connector != "mastodon" or mention is None or not mention.author:
        return text
    handle = f"@{mention.author.removeprefix('@')}"
    return text if handle.casefold() in text.casefold() else f"{handle} {text}"


def _sayable(book: Book, case: Case, text: str, now: datetime, despite_hold: str, publisher: Publisher) -> None:
    """Refuse what must not go out.

    Raises:
        UsageError: with what to do instead.
    """
    from pipelines.rules import personal_data

    if not text:
        message = (
            f"An answer needs words: signalbook case answer {case.id} --text “…”, or --message with a reviewed answer."
        )
        raise UsageError(message)
    found = personal_data.in_text(text, book) or (_ASKED if _ASKS.search(text) else "")
    if found:
        message = f"{found} Move to a private channel first: “Please write to us privately so that we can look it up.”"
        raise UsageError(message)
    channel = book.settings.channels[case.channel]
    network = counting.network_of(channel) or channel.connector
    counted = counting.count(network, text, limit=counting.limit_of(channel, dict(publisher.limits())))
    if not counted.fits:
        message = f"The answer has {counted.count} characters on {channel.name or channel.key}, and {counted.limit} fit. Shorten it."
        raise UsageError(message)
    post = Post(slug=case.id, title=case.id, type="reply", channels=(case.channel,))
    held = [hold for hold in delivery.open_holds(book, now) if delivery.covers(book, hold, post, case.channel)]
    if held and not despite_hold.strip():
        message = (
            f"A hold covers this channel: {held[0].reason}. Wait for its end, take it out of the hold (except_types: [reply]), or say "
            "why this answer must go out now: --despite-hold “people need to know what to do”"
        )
        raise UsageError(message)


__all__ = ["Desk", "Sending", "act", "answer", "by_hand", "close", "correct", "decline", "find", "hand", "not_sent", "reopen", "settle", "take", "wait"]  # fmt: skip
