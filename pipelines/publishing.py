"""The command ``publish``: from its words to what is printed and the exit status. Every effect is handed in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines import ledger, opening
from pipelines import publish as publishing
from pipelines.ledger import Ledger, LedgerError
from pipelines.publish import OPEN, Desk, Outcome
from pipelines.repository import RepositoryError
from signalbook import delivery
from signalbook.classes import dataclass
from signalbook.delivery import Alike
from signalbook.errors import SignalbookError, UsageError
from signalbook.terminal import printable

if TYPE_CHECKING:
    from pipelines.http import Client
    from pipelines.opening import Opened
    from pipelines.services import Publisher
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.secrecy import Veil
    from signalbook.workspace import Workspace

WORDS = ("plan", "reserve", "send", "reconcile", "amend", "withdraw", "settle")


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line, as it was typed."""

    word: str = ""
    target: str = ""
    channels: tuple[str, ...] = ()
    dry_run: bool = False
    sent: str = ""
    not_sent: bool = False
    send_at: str = ""
    cancel: bool = False
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """What the command needs from the process it runs in.

    Attributes:
        environment: where secrets are, by name.
        run: a few letters that no other run has.
        say: tells a person; never a program.
        write: writes to the command's answer.
        instant: reads a time as people type it.
        publishers: takes the place of the channels' accounts, for tests.
        step: is told of every boundary between two effects.
    """

    environment: Mapping[str, str]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    run: str
    say: Callable[[str], None]
    write: Callable[[str], object]
    as_json: bool = False
    instant: Callable[[str], datetime] = datetime.fromisoformat
    publishers: Mapping[str, Publisher] | None = None
    step: Callable[[str, str], None] = field(default=lambda _step, _delivery: None)


def run(place: Workspace, asked: Asked, effects: Effects) -> int:
    """Do what was asked and give the exit status: 0 done, 1 something needs a person.

    Raises:
        UsageError: the command was misused.
        SignalbookError: nothing could be done at all.
    """
    _check(asked)
    if asked.word == "plan":
        return _plan(place, asked, effects)
    # `publish plan` sends nothing, and starts without what sends.
    from pipelines import accounts, http, settling

    opened = opening.place(place, effects.clock, effects.sleep)
    book = opened.source()
    effects = _veiled(effects, accounts.veil_of(book.settings, effects.environment))
    for note in opened.notes:
        effects.say(note)
    _known(asked.channels, book)
    with http.client() as client:
        desk = _desk(opened, book, asked, effects, client)
        outcome = Outcome(desk.run)
        if asked.word == "settle":
            _settle(desk, asked, effects, outcome)
        elif asked.word == "amend":
            settling.amend(desk, _slug(asked.target), outcome)
        elif asked.word == "withdraw":
            settling.withdraw(desk, _slug(asked.target), outcome, why=asked.why, by=asked.by)
        else:
            outcome = publishing.run(desk, _acts(asked.word))
            if not asked.dry_run and not asked.word and not outcome.failures:
                _ping(book, effects, client)
        if not asked.dry_run:
            _bring(opened, place, outcome)
    _print(outcome, asked, effects)
    return 1 if outcome.troubled else 0


def _veiled(effects: Effects, veil: Veil) -> Effects:
    """Effects that say no secret, whatever a service or git has answered."""
    return replace(effects, say=lambda text: effects.say(veil(text)), write=lambda text: effects.write(veil(text)))


def _acts(word: str) -> tuple[Callable[[Desk, Outcome], None], ...]:
    every = {"reserve": publishing.reserve, "send": publishing.send, "reconcile": publishing.reconcile}
    return (every[word],) if word else tuple(every.values())


def _check(asked: Asked) -> None:
    if asked.word and asked.word not in WORDS:
        from signalbook.decode import near

        message = (
            f"`publish` knows no word “{asked.word}”.{near(asked.word, WORDS)} Known: {', '.join(WORDS)}; or none."
        )
        raise UsageError(message)
    needs = {"amend": "a post: signalbook publish amend opening", "withdraw": "a post: signalbook publish withdraw opening",
             "settle": "a delivery: signalbook publish settle opening/bluesky --sent ADDRESS"}  # fmt: skip
    if asked.word in needs and not asked.target:
        message = f"`publish {asked.word}` needs {needs[asked.word]}"
        raise UsageError(message)
    if asked.target and asked.word not in needs:
        message = f"`publish {asked.word}` takes nothing behind it; “{asked.target}” was given."
        raise UsageError(message)
    answers = [name for name, given in (("--sent", asked.sent), ("--not-sent", asked.not_sent),
               ("--send-at", asked.send_at), ("--cancel", asked.cancel)) if given]  # fmt: skip
    if asked.word == "settle" and len(answers) != 1:
        message = "`publish settle` takes one answer: --sent ADDRESS, --not-sent, --send-at TIME or --cancel."
        raise UsageError(message)
    if answers and asked.word != "settle":
        message = f"{answers[0]} belongs to `publish settle DELIVERY`."
        raise UsageError(message)


def _known(channels: Collection[str], book: Book) -> None:
    for key in channels:
        if key not in book.settings.channels:
            from signalbook.decode import near

            known = tuple(book.settings.channels)
            message = f"“{key}” is not a channel.{near(key, known)} Known: {', '.join(known)}."
            raise UsageError(message)


def _slug(target: str) -> str:
    return target.rpartition("/")[2].removesuffix(".md")


def _desk(opened: Opened, book: Book, asked: Asked, effects: Effects, client: Client) -> Desk:
    name = f"{effects.clock():%Y%m%dT%H%M%S}-{effects.run}"
    closed: Mapping[str, str] = {}
    book_ledger: Ledger = opened.ledger
    if asked.dry_run:
        # Every publisher is swapped for the console; nothing else differs, but that nothing is written.
        shown = opening.consoles(
            book.settings, client, lambda text: effects.say(text.rstrip("\n")), only=asked.channels
        )
        open_, book_ledger = shown.publishers, opening.DryLedger(opened.ledger)
    elif effects.publishers is not None:
        open_ = effects.publishers
    else:
        found = opening.channels(book.settings, effects.environment, client, only=asked.channels)
        open_, closed = found.publishers, found.closed
    return Desk(
        opened.source, book_ledger, open_, effects.clock, f"{OPEN}{name}" if asked.word == "reserve" else name,
        closed=closed, only=asked.channels, sleep=effects.sleep, step=effects.step, closing=client.closing,
    )  # fmt: skip


def _settle(desk: Desk, asked: Asked, effects: Effects, outcome: Outcome) -> None:
    from pipelines import settling

    at = effects.instant(asked.send_at) if asked.send_at else None
    word = settling.Word(asked.sent, asked.not_sent, at, asked.cancel, asked.why, asked.by)
    for row in settling.settle(desk, asked.target, word):
        outcome.note(row.key, row.what, row.why, row.url)


def _bring(opened: Opened, place: Workspace, outcome: Outcome) -> None:
    """Let the site and every other command of this clone see what the branch holds."""
    if opened.branch is None or opened.repository is None:
        return
    try:
        opened.branch.fetch()
        ledger.bring(opened.repository, opened.branch.head, place)
    except SignalbookError as error:
        outcome.failures.append(f"The records could not be brought into data/: {error}")


def _ping(book: Book, effects: Effects, client: Client) -> None:
    name = book.settings.publish.ping
    if not name:
        return
    address = effects.environment.get(name, "")
    if not address.startswith(("http://", "https://")):
        effects.say(f"The monitor was not asked: {name} holds no address here.")
        return
    try:
        client.request("GET", address, channel="monitor", timeout_s=10).demand("monitor", "say that we are well")
    except SignalbookError as error:
        effects.say(f"The monitor was not reached ({type(error).__name__}); it will think that no run came.")


# --- saying it -------------------------------------------------------------------------------------------------------

_SAID: Mapping[str, str] = {
    "claimed": "claimed", "sent": "sent", "waiting": "waits", "stopped": "stopped", "failed": "FAILED", "refused": "REFUSED",
    "unknown": "UNKNOWN", "found": "found, it is out", "absent": "proven absent", "unrecorded": "SENT, NOT RECORDED",
    "closed": "CHANNEL CLOSED", "same": "unchanged", "settled": "settled as sent", "released": "settled as not sent",
    "scheduled": "has a new time", "cancelled": "cancelled", "amended": "changed", "withdrawn": "taken down",
}  # fmt: skip


def _print(outcome: Outcome, asked: Asked, effects: Effects) -> None:
    if effects.as_json:
        lists: dict[str, list[dict[str, str]]] = {what: [] for what in _SAID}
        for done in outcome.did:
            lists[done.what].append({"delivery": done.delivery, "why": done.why, "url": done.url})
        answer = {"run": outcome.run, "dry_run": asked.dry_run, **lists, "failures": outcome.failures}
        effects.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return
    final = {done.delivery: done for done in outcome.did if done.what != "claimed" or asked.word == "reserve"}
    for done in final.values():
        tail = ": ".join(filter(None, (_SAID[done.what], printable(done.url or done.why))))
        effects.write(f"{done.delivery}  {tail}\n")
    for failure in outcome.failures:
        effects.say(printable(failure))
    if not final and not outcome.failures:
        effects.say("Nothing is due.")
    if any(done.what == "unknown" for done in outcome.did):
        effects.say(
            "What is unknown is looked for by the next run; what it cannot tell, `signalbook publish settle` does."
        )


# --- plan ------------------------------------------------------------------------------------------------------------


def _plan(place: Workspace, asked: Asked, effects: Effects) -> int:
    book = _as_planned(place, effects)
    _known(asked.channels, book)
    rows = publishing.plan(book, effects.clock(), only=asked.channels)
    for chunk in _json(rows) if effects.as_json else _lines(book, rows):
        effects.write(chunk)
    return 0


def _as_planned(place: Workspace, effects: Effects) -> Book:
    try:
        opened = opening.place(place, effects.clock, effects.sleep)
        for note in opened.notes:
            effects.say(note)
        return publishing.with_ledger(opened.source(), opened.ledger.read())
    except (RepositoryError, LedgerError) as error:
        from signalbook import book as books

        effects.say(f"{error}\nThis is as this clone knows it; a run would stop here.")
        return books.load(place)


def _json(rows: Sequence[Delivery | Alike]) -> Iterator[str]:
    """One list, written piece by piece: 200,000 rows are no reason to hold them twice."""
    encode = json.encoder.encode_basestring
    heads: dict[str, str] = {}
    ends: dict[tuple[str, str, str], str] = {}
    part: list[str] = []
    between = "["
    for row in rows:
        # As text: the two hours of one night in autumn are equal to Python.
        due = f'"{row.due.isoformat()}"' if row.due else "null"
        end = ends.get((row.state, row.reason, due))
        if end is None:
            end = f', "state": {encode(row.state)}, "reason": {encode(row.reason)}, "due": {due}}}'
            ends[row.state, row.reason, due] = end
        slug = encode(row.post.slug)
        middle = f', "post": {slug}, "channel": '
        if isinstance(row, Alike):
            start = f'{{"delivery": {slug[:-1]}/'
            for channel in row.channels:
                head = heads.get(channel) or heads.setdefault(channel, encode(channel))
                part.append(f'{between}{start}{head[1:]}{middle}{head}, "part": 1{end}')
                between = ", "
        else:
            part.append(
                f'{between}{{"delivery": {encode(row.key)}{middle}{encode(row.channel)}, "part": {row.part}{end}'
            )
            between = ", "
        if len(part) >= 2000:
            yield "".join(part)
            part.clear()
    yield "".join(part) + ("[]\n" if between == "[" else "]\n")


_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Needs a person", ("unknown", "failed", "missed", "overdue", "held")),
    ("Now", ("sending", "due")),
    ("To come", ("scheduled",)),
    ("Approved, and says no time", ("approved",)),
)
MOST_SHOWN = 40


def _soonest(found: Sequence[Delivery], alike: Sequence[Alike]) -> list[Delivery]:
    """As many as are shown, in order of time, those without one last. There may be 200,000, ten of a post at one instant."""
    latest = datetime.max.replace(tzinfo=UTC)
    # In UTC: between two times of one zone Python compares what stands on the wall, which errs when clocks change.
    dues = [*(row.due for row in found), *(one.due for one in alike)]
    times = {id(due): due.astimezone(UTC) if due else latest for due in dues}
    counted = Counter(times[id(row.due)] for row in found)
    for one in alike:
        counted[times[id(one.due)]] += len(one.channels)
    reached, last = 0, latest
    for at in sorted(counted):
        reached, last = reached + counted[at], at
        if reached >= MOST_SHOWN:
            break
    rows = [row for row in found if times[id(row.due)] <= last]
    rows += [row for one in alike if times[id(one.due)] <= last for row in one.each()]
    rows.sort(key=lambda row: (times[id(row.due)], row.key))
    return rows[:MOST_SHOWN]


def _lines(book: Book, rows: Iterable[Delivery | Alike]) -> Iterator[str]:
    """What needs a person first; then what goes out, in order; the rest in a line. Each with its end of line."""
    by_state: dict[str, list[Delivery]] = {}
    waiting: dict[str, list[Alike]] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        if isinstance(row, Alike):
            waiting.setdefault(row.state, []).append(row)
            counts[row.state] += len(row.channels)
        else:
            by_state.setdefault(row.state, []).append(row)
            counts[row.state] += 1
    zone = book.settings.team.zone
    shown: set[str] = set()
    for title, states in _GROUPS:
        shown |= set(states)
        count = sum(counts[state] for state in states)
        if not count:
            continue
        found = [row for state in states for row in by_state.get(state, ())]
        together = [one for state in states for one in waiting.get(state, ())]
        first = found[:MOST_SHOWN] if title == "Needs a person" else _soonest(found, together)
        yield f"{title} ({count})\n"
        for row in first:
            when = f"{row.due.astimezone(zone):%a %d %b %Y, %H:%M}" if row.due else "no time"
            state = f"{row.state}. " if title == "Needs a person" else ""
            yield f"  {when}  {row.key}  {state}{printable(row.reason)}\n"
        if count > MOST_SHOWN:
            yield f"  … and {count - MOST_SHOWN} more; --json has them all\n"
    rest = [f"{counts[state]} {state}" for state in delivery.STATES if counts[state] and state not in shown]
    if rest:
        yield f"Beside these: {', '.join(rest)}.\n"
