"""Where each delivery of a post stands: derived from documents and records, never typed.

A delivery is a post on a channel, on one of the days it comes again, in one part of its thread. Its key says which::

    opening/bluesky                  the post, or the first part of a thread
    opening/bluesky/2                the second part
    fridays@2026-12-04/bluesky       one occurrence of a post that comes again

Only a receipt makes it published. Everybody asks here: the site, reports, ``why``, ``publish plan`` and the run that
sends. What is due here and not stopped here is sent, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, make_dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast, get_args

from signalbook import quiet
from signalbook.classes import dataclass
from signalbook.model import Campaign, Event, Hold, Message, Post
from signalbook.model.base import Duration
from signalbook.model.calendar import PostType
from signalbook.settings import BY_HAND, Channel

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.model import HoldScope
    from signalbook.records import Intent, Receipt

STATES = (
    "idea", "draft", "review", "approved", "scheduled", "due", "held", "missed", "sending", "published", "unknown",
    "failed", "overdue", "cancelled", "withdrawn",
)  # fmt: skip
"""Every state of a delivery, in the order of a delivery's life."""

ALARMING = ("unknown", "failed", "missed", "overdue", "held")
"""States that need a person, loudest first."""

SENDABLE = frozenset({"due", "overdue"})
"""States in which a run sends."""

OPEN_TO_PEOPLE = frozenset({"unknown", "failed", "missed", "overdue"})
"""States that a person may settle."""

PATIENCE = timedelta(minutes=15)
"""So long after its time a delivery counts as due; then, until ``max_late``, as overdue."""

AHEAD = timedelta(days=62)
"""So far ahead the occurrences of a recurring post are told; at least the next one is."""

OFTEN = timedelta(hours=1)
"""No post comes again more often than that."""

MOST = 500
"""So many occurrences of a recurring post that lie behind are told."""

PUBLISHED = frozenset({"sent", "amended", "settled"})
"""What a receipt says of a delivery that people can read."""

HELD = "held=yes"
"""The fact in a ``released`` receipt of a claim that a hold, an embargo or quiet hours stopped."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post on one channel, one time, one part.

    Attributes:
        key: the name in commands and records.
        state: one of ``STATES``.
        due: when it goes out; ``None`` while nobody has said, and for ``on-merge`` where the merge is not known.
        reason: why it stands so, in a sentence a writer understands.
        receipts: what proves it, oldest first.
        part: 1-based part of a thread.
        parts: how many there are.
        occurrence: which time of a recurring post, e.g. ``2026-12-04``; empty for a post that goes out once.
        intent: the newest claim, ``None`` when no run has claimed it.
    """

    key: str
    post: Post
    channel: str
    state: str
    due: datetime | None
    reason: str
    receipts: tuple[Receipt, ...] = ()
    part: int = 1
    parts: int = 1
    occurrence: str = ""
    intent: Intent | None = None

    @property
    def sent(self) -> Receipt | None:
        """The newest receipt of what people can read; ``None`` when nothing is out."""
        if not self.receipts:
            return None
        return next((row for row in reversed(self.receipts) if row.what in PUBLISHED), None)

    @property
    def attempt(self) -> int:
        """The newest claim's number, 0 before the first."""
        first = self.intent.attempt if self.intent else 0
        return max(first, *(row.attempt for row in self.receipts)) if self.receipts else first


_Made: Any = make_dataclass("_Made", [(one.name, Any) for one in fields(Delivery)], slots=True)


def _made(*given: object) -> Delivery:
    """A delivery from all its values, in a fifth of the time its own constructor takes: there may be 200,000 of them.

    A class that is not frozen takes its values quickly; having the same slots, it may become the frozen one.
    """
    made = _Made(*given)
    made.__class__ = Delivery
    return cast("Delivery", made)


class Key(NamedTuple):
    """What a delivery's key says."""

    post: str
    occurrence: str
    channel: str
    part: int


def key(post: str, channel: str, *, occurrence: str = "", part: int = 1) -> str:
    """The name of a delivery."""
    first = f"{post}@{occurrence}/{channel}" if occurrence else f"{post}/{channel}"
    return first if part == 1 else f"{first}/{part}"


def read_key(text: str) -> Key:
    """Take a delivery's key apart.

    Raises:
        ValueError: it is none.
    """
    post, *rest = text.split("/")
    if len(rest) not in {1, 2} or not post or not rest[0] or (len(rest) == 2 and not rest[1].isdecimal()):
        message = (
            f"“{text[:80]}” is no delivery; write one as `opening/bluesky`, its second part as `opening/bluesky/2`"
        )
        raise ValueError(message)
    name, _, occurrence = post.partition("@")
    return Key(name, occurrence, rest[0], int(rest[1]) if len(rest) == 2 else 1)


# --- times -----------------------------------------------------------------------------------------------------------


def due_at(book: Book, post: Post) -> datetime | None:
    """When a post goes out: its own time, the one an event gives it, or that of the merge that approved it."""
    if isinstance(post.publish_at, datetime):
        return post.publish_at
    if post.publish_at == "on-merge":
        return book.approved_at.get(post.slug)
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


def occurrences(book: Book, post: Post, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Every time a recurring post comes: its name and its instant, up to ``AHEAD`` and at least the next one.

    The hour on the wall stays, whatever the clocks do in between. Times before the merge that approved the post do not
    count.
    """
    again, start = post.evergreen, due_at(book, post)
    if again is None or start is None or again.every is None or again.every.elapsed < OFTEN:
        return
    zone = book.settings.team.zone
    wall = start.astimezone(zone).replace(tzinfo=None)
    step = again.every.elapsed
    daily = step % timedelta(days=1) == timedelta()
    approved = book.approved_at.get(post.slug)
    number = max(0, -((wall - datetime.combine(again.from_, time())) // step)) if again.from_ else 0
    # Of very many, the last ones are told; they count in ``max`` all the same.
    skipped = max(0, (now.astimezone(zone).replace(tzinfo=None) - wall) // step - number - MOST)
    counted, number = skipped, number + skipped
    while again.max is None or counted < again.max:
        local = wall + number * step
        at = local.replace(tzinfo=zone).astimezone(UTC)
        if again.until and local.date() > again.until:
            return
        number += 1
        counted += 1
        if approved and at < approved:
            continue
        yield f"{local:%Y-%m-%d}" if daily else f"{local:%Y-%m-%dT%H%M}", at.astimezone(zone)
        if at > now + AHEAD or (at > now and step > AHEAD):
            return


# --- what stops a delivery -------------------------------------------------------------------------------------------


def open_holds(book: Book, now: datetime) -> tuple[Hold, ...]:
    """Holds that stop something now: begun, not released. One that ran out keeps what it held until a person decides."""
    return tuple(
        hold
        for hold in book.all(Hold)
        if not hold.unreadable and hold.from_ and hold.from_ <= now and hold.state in {"open", "renewed"}
        and not (hold.released and hold.released.at and hold.released.at <= now)
    )  # fmt: skip


POST_TYPES: frozenset[str] = frozenset(get_args(PostType))


def unknown(book: Book, scope: HoldScope) -> Iterator[tuple[str, str]]:
    """What the scope of a hold names and nobody knows: its field (``channels.0``) and the name."""
    if isinstance(scope.channels, str):
        if scope.channels != "all" and scope.channels not in book.settings.channels:
            yield "channels", scope.channels
    else:
        for place, name in enumerate(scope.channels or ()):
            if name != "all" and name not in book.settings.channels:
                yield f"channels.{place}", name
    for place, name in enumerate(scope.campaigns):
        if book.get(Campaign, name) is None:
            yield f"campaigns.{place}", name
    for field, types in (("types", scope.types), ("except_types", scope.except_types)):
        for place, name in enumerate(types):
            if name not in POST_TYPES:
                yield f"{field}.{place}", name


def covers(book: Book, hold: Hold, post: Post, channel: str) -> bool:
    """Whether a hold stops a post on a channel. A hold without any scope stops everything.

    So does an open one that names what nobody knows, except in ``except_types``: a slip of the pen must not stop nothing.
    """
    scope = hold.scope
    if scope is None:
        return True
    if (post.type or "original") in scope.except_types:
        return False
    lasts = hold.state in {"open", "renewed"} and not hold.released
    if lasts and any(not field.startswith("except_types") for field, _ in unknown(book, scope)):
        return True
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


class _Stop(NamedTuple):
    """A hold as a span of time; ``end`` is ``None`` while it is open."""

    hold: Hold
    begin: datetime
    end: datetime | None

    @property
    def why(self) -> str:
        if self.hold.unreadable:
            return f"{self.hold.path} cannot be read, and nothing goes out past a hold that nobody can read"
        return self.hold.reason or self.hold.name


_EVER = datetime(1, 1, 2, tzinfo=UTC)


def _stops(book: Book, now: datetime) -> tuple[_Stop, ...]:
    """Every hold that has begun, the released ones too: what fell under them stays missed."""
    found = []
    for hold in book.all(Hold):
        begin = hold.from_ or _EVER
        if begin > now:
            continue
        released = hold.released.at if hold.released else None
        end = released
        if end is None and not hold.unreadable and hold.state not in {"open", "renewed"}:
            # It says that it is over and not since when: as long as it could have lasted.
            end = min(hold.expires or begin, now)
        if end is not None and end > now:
            end = None
        found.append(_Stop(hold, begin, end))
    return tuple(found)


# --- states ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _View:
    """What all deliveries of one answer share."""

    book: Book
    now: datetime
    stops: tuple[_Stop, ...]
    silent: tuple[quiet.Days, ...]
    hours: quiet.Hours | None
    spoken: frozenset[str]
    """Posts of which a record speaks."""
    sorts: Mapping[str, object]
    """Channel → what decides about its untouched deliveries; equal for channels that answer alike."""
    ahead: Mapping[str, object]
    """The same while their time has not come, when less decides."""
    without: str = ""
    """A delivery whose claims do not count."""


def _view(book: Book, now: datetime) -> _View:
    # In UTC: between two times of one zone Python compares what stands on the wall, which errs when clocks change.
    now = now.astimezone(UTC)
    stops = _stops(book, now)
    spoken = frozenset({row.post for row in book.receipts} | {row.post for row in book.intents})
    silent, hours = quiet.days(book), quiet.hours(book)
    sorts: dict[str, object] = {}
    ahead: dict[str, object] = {}
    if not stops:
        # A hold may speak of single channels; where there is one, each is asked for itself.
        numbers: dict[object, int] = {}
        for name, found in book.settings.channels.items():
            retired = (found.name or name) if found.status == "retired" else ""
            heard = (found.connector in quiet.RINGS_FOR_NOBODY, found.audience) if silent or hours else ()
            sort = (retired, heard, found.connector in BY_HAND, found.max_late)
            sorts[name] = numbers.setdefault(sort, len(numbers))
            ahead[name] = numbers.setdefault((retired, heard), len(numbers))
    return _View(book, now, stops, silent, hours, spoken, sorts, ahead)


def deliveries(book: Book, now: datetime) -> list[Delivery]:
    """Every delivery of every post, by post, time, channel and part."""
    out: list[Delivery] = []
    for _, mine in by_post(book, now):
        out += mine
    return out


def by_post(book: Book, now: datetime) -> Iterator[tuple[Post, list[Delivery]]]:
    """Every post with its deliveries, by time, channel and part."""
    view = _view(book, now)
    for post in book.all(Post):
        yield post, _of(view, post)


@dataclass(frozen=True, slots=True)
class Alike:
    """Deliveries of one post that nothing has touched, that stand alike and ask nothing of anybody; one part each."""

    post: Post
    channels: tuple[str, ...]
    state: str
    due: datetime | None
    reason: str

    def each(self) -> list[Delivery]:
        """One by one."""
        slug, post, state, due, reason = self.post.slug, self.post, self.state, self.due, self.reason
        return [_made(f"{slug}/{name}", post, name, state, due, reason, (), 1, 1, "", None) for name in self.channels]


def outline(book: Book, now: datetime) -> list[Delivery | Alike]:
    """What ``deliveries`` tells, in its order, in a quarter of its time and memory: what only waits is one for a post."""
    view = _view(book, now)
    out: list[Delivery | Alike] = []
    groups: dict[tuple[bool, tuple[str, ...]], tuple[str, ...]] = {}
    for post in book.all(Post):
        if post.evergreen is not None or post.slug in view.spoken or "---" in post.body or not post.channels:
            out += _of(view, post)
            continue
        due = due_at(book, post)
        sorts = _sorts(view, due)
        one_of_each = groups.get((sorts is view.ahead, post.channels))
        if one_of_each is None:
            one_of_each = tuple({sorts.get(name, name): name for name in post.channels}.values())
            groups[sorts is view.ahead, post.channels] = one_of_each
        answer, *others = [_state(view, post, name, due, (), ()) for name in one_of_each]
        if answer[0] in _QUIET and all(other == answer for other in others):
            out.append(Alike(post, post.channels, *answer))
        else:
            out += _untouched(view, post, "", due)
    return out


_QUIET = frozenset({"idea", "draft", "review", "approved", "scheduled", "cancelled"})
"""States of a delivery in which neither a run nor a person has to do anything about it."""


def of(book: Book, post: Post, now: datetime) -> list[Delivery]:
    """The deliveries of one post."""
    return _of(_view(book, now), post)


def find(book: Book, name: str, now: datetime) -> Delivery | None:
    """The delivery of that key; ``None`` when the Book has none."""
    post = book.get(Post, read_key(name).post)
    return next((found for found in of(book, post, now) if found.key == name), None) if post else None


def orphans(book: Book, now: datetime) -> list[Delivery]:
    """Claims that nobody answered, of deliveries that are not planned any more: their post or its channel is gone.

    They may be out, so that a person must be able to see and to settle them.
    """
    view = _view(book, now)
    found = []
    for name, (receipts, intents) in book.proofs.items():
        if not intents:
            continue
        newest = max(intents, key=lambda row: row.attempt)
        if any(row.what in PUBLISHED or (row.attempt >= newest.attempt and row.what != "unseen") for row in receipts):
            continue
        said = read_key(name)
        post = book.get(Post, said.post)
        if post is not None and any(one.key == name for one in _of(view, post)):
            continue
        gone = post or Post(slug=said.post, title=said.post)
        state, due, reason = _state(view, gone, said.channel, None, receipts, intents)
        if state in {"unknown", "sending"}:
            reason = f"{reason} It is not planned any more."
            found.append(
                Delivery(name, gone, said.channel, state, due, reason, receipts, said.part, said.part, said.occurrence, newest)
            )  # fmt: skip
    return found


def beneath(book: Book, name: str, now: datetime) -> Delivery | None:
    """How a claimed delivery would stand without its claims: whether it may still be sent."""
    post = book.get(Post, read_key(name).post)
    view = replace(_view(book, now), without=name)
    return next((found for found in _of(view, post) if found.key == name), None) if post else None


def _of(view: _View, post: Post) -> list[Delivery]:
    if post.evergreen is None and post.slug not in view.spoken:
        return _untouched(view, post, "", due_at(view.book, post))
    out: list[Delivery] = []
    if post.evergreen is None:
        times: Sequence[tuple[str, datetime | None]] = (("", due_at(view.book, post)),)
    else:
        times = tuple(occurrences(view.book, post, view.now)) or (("", None),)
    for occurrence, due in times:
        if post.slug not in view.spoken:
            out += _untouched(view, post, occurrence, due)
            continue
        before = _last_sent(view.book, post) if occurrence else {}
        single = not occurrence and "---" not in post.body
        sorts, known = _sorts(view, due), cast("dict[object, _Answer]", {})
        for channel in post.channels:
            if single and (done := _plain(view, post, channel, due, sorts, known)) is not None:
                out.append(done)
                continue
            found = _thread(view, post, channel, occurrence, due)
            if before and found[0].state in SENDABLE | {"scheduled"}:
                found = [_rested(one, before.get(channel)) for one in found]
            out += found
    return out


_Answer = tuple[str, datetime | None, str]
"""A state, its time and its reason."""


def _sorts(view: _View, due: datetime | None) -> Mapping[str, object]:
    """What decides about the untouched deliveries of a post with that time."""
    return view.ahead if due is not None and due > view.now else view.sorts


def _plain(
    view: _View, post: Post, channel: str, due: datetime | None, sorts: Mapping[str, object],
    known: dict[object, _Answer],
) -> Delivery | None:  # fmt: skip
    """What most of a long history is: one part, claimed once, sent once, or one that no record speaks of.

    ``None`` for all else, which is looked at closely.
    """
    proofs = view.book.proofs
    name = f"{post.slug}/{channel}"
    found = proofs.get(name)
    if found is None:
        sort = sorts.get(channel, channel)
        answer = known.get(sort)
        if answer is None:
            answer = known[sort] = _state(view, post, channel, due, (), ())
        return _made(name, post, channel, *answer, (), 1, 1, "", None)
    receipts, intents = found
    if len(receipts) != 1 or len(intents) > 1 or receipts[0].what != "sent":
        return None
    if name == view.without or f"{name}/2" in proofs:
        return None
    intent = intents[0] if intents else None
    return _made(name, post, channel, "published", due, _RECEIPT, receipts, 1, 1, "", intent)


def _last_sent(book: Book, post: Post) -> dict[str, datetime]:
    """When a recurring post last went out on each channel; empty without a least time between two."""
    if post.evergreen is None or post.evergreen.cooldown is None:
        return {}
    found: dict[str, datetime] = {}
    for row in book.receipts:
        if row.post == post.slug and row.what in PUBLISHED:
            found[row.channel] = max(row.at, found.get(row.channel, row.at))
    return found


def _rested(found: Delivery, before: datetime | None) -> Delivery:
    """Miss an occurrence that would follow the one before too closely."""
    again = found.post.evergreen
    if before is None or again is None or again.cooldown is None or found.due is None or found.part > 1:
        return found
    free = before + again.cooldown.elapsed
    if found.due >= free:
        return found
    state = "held" if found.state == "scheduled" else "missed"
    reason = f"It went out on {before:%Y-%m-%d}, and {again.cooldown} must lie between two. A person decides."
    return Delivery(
        found.key, found.post, found.channel, state, found.due, reason, found.receipts, found.part, found.parts,
        found.occurrence, found.intent,
    )  # fmt: skip


def count_parts(book: Book, post: Post, channel: str) -> int:
    """How many parts a post's thread has on a channel; looks closely only where the copy could have several."""
    if "---" not in post.body:
        return 1
    from signalbook import copytext

    return copytext.count_parts(post, channel, book.settings.channels)


def _thread(view: _View, post: Post, channel: str, occurrence: str, due: datetime | None) -> list[Delivery]:
    proofs = view.book.proofs
    name = key(post.slug, channel, occurrence=occurrence)
    parts = count_parts(view.book, post, channel)
    # A part that went out before the copy was shortened is still out there.
    if name in proofs:
        while f"{name}/{parts + 1}" in proofs:
            parts += 1
    found: list[Delivery] = []
    for part in range(1, parts + 1):
        full = name if part == 1 else f"{name}/{part}"
        receipts, intents = proofs.get(full, _NOTHING)
        if full == view.without:
            # A newer claim is made only where the one before is answered, or was taken over.
            intents = ()
        state, at, reason = _state(view, post, channel, due, receipts, intents)
        if part > 1 and state in SENDABLE and found[-1].state != "published":
            state, reason = _after(found[-1].state, state)
        intent = max(intents, key=lambda row: row.attempt) if intents else None
        found.append(
            _made(full, post, channel, state, at, reason, receipts, part, parts, occurrence, intent)
        )  # fmt: skip
    return found


def _after(before: str, state: str) -> tuple[str, str]:
    """How a part stands that could go out if the part before it were out."""
    reason = f"It waits for the part before it, which is {before}."
    return (state if before in SENDABLE | {"sending", "scheduled"} else "held"), reason


def _untouched(view: _View, post: Post, occurrence: str, due: datetime | None) -> list[Delivery]:
    """The deliveries of a post that no record speaks of: the same answer on all channels of one sort."""
    out: list[Delivery] = []
    known: dict[object, _Answer] = {}
    sorts = _sorts(view, due)
    slug = f"{post.slug}@{occurrence}" if occurrence else post.slug
    threads = "---" in post.body
    for channel in post.channels:
        sort = sorts.get(channel, channel)
        answer = known.get(sort)
        if answer is None:
            answer = known[sort] = _state(view, post, channel, due, (), ())
        state, at, reason = answer
        parts = count_parts(view.book, post, channel) if threads else 1
        # As in ``_made``, without calling it: this is the line that runs 200,000 times.
        made = _Made(f"{slug}/{channel}", post, channel, state, at, reason, (), 1, parts, occurrence, None)
        made.__class__ = Delivery
        out.append(made)
        if parts > 1:
            if state in SENDABLE:
                state, reason = _after(state, state)
            out += [
                _made(f"{slug}/{channel}/{part}", post, channel, state, at, reason, (), part, parts, occurrence, None)
                for part in range(2, parts + 1)
            ]
    return out


_RECEIPT = "There is a receipt."
_NOTHING: tuple[tuple[Receipt, ...], tuple[Intent, ...]] = ((), ())
_TYPED: Mapping[str, str] = {
    "idea": "It is an idea.",
    "draft": "It is being written.",
    "review": "It waits for approval.",
}


def _state(
    view: _View, post: Post, channel: str, due: datetime | None, receipts: tuple[Receipt, ...],
    intents: tuple[Intent, ...],
) -> tuple[str, datetime | None, str]:  # fmt: skip
    last: Receipt | None = None
    if receipts:
        out = [row for row in receipts if row.what in PUBLISHED or row.what == "withdrawn"]
        if out:
            return _out(out, due)
        last = max(enumerate(receipts), key=lambda row: (row[1].attempt, row[1].at, row[0]))[1]
        if last.what == "cancelled":
            return "cancelled", due, last.why or "A person decided that it does not go out."
        if last.what == "unseen":
            return (
                "unknown",
                due,
                f"{last.why or 'A run looked and could not tell.'} Look at the account, then settle it.",
            )
    if intents:
        claim = max(intents, key=lambda row: row.attempt)
        if last is None or claim.attempt > last.attempt:
            if view.now < claim.send_before:
                return "sending", due, "A run has claimed it and is sending."
            return (
                "unknown",
                due,
                "A run claimed it and left no receipt. The next run looks; if it cannot tell, a person does.",
            )
    if post.state == "cancelled":
        return "cancelled", due, "It was cancelled before it went out."
    found = view.book.settings.channels.get(channel)
    if found is not None and found.status == "retired":
        return "cancelled", due, f"{found.name or channel} is retired; nothing goes out there any more."
    if receipts:
        due = _moved(due, receipts)
    if post.state != "approved":
        return post.state, due, _TYPED.get(post.state, "")
    if due is None:
        if post.publish_at == "on-merge":
            return "due", None, "It goes out with the next run."
        return "approved", None, "It is approved and says no time."
    if last is not None and due <= last.at and last.what != "scheduled":
        # A new time, in the post or by a person, is a new decision; until then what happened stands.
        if last.what == "refused":
            return "failed", due, last.why or "The network refused it."
        if HELD in last.facts:
            return "missed", due, f"{last.why or 'It was stopped at its time.'} A person decides."
    return _timed(view, post, channel, found, due, last)


def _moved(due: datetime | None, receipts: tuple[Receipt, ...]) -> datetime | None:
    """The time a person gave when they settled it, unless the post itself was moved beyond that."""
    times = [row for row in receipts if row.what == "scheduled" and row.due]
    if not times:
        return due
    given = max(times, key=lambda row: (row.attempt, row.at)).due
    return given if due is None or given is None else max(due, given)


def _out(rows: list[Receipt], due: datetime | None) -> tuple[str, datetime | None, str]:
    last = max(enumerate(rows), key=lambda row: (row[1].at, row[0]))[1]
    if last.what == "withdrawn":
        return "withdrawn", due, last.why or "It was taken down."
    twice = sorted({row.url or row.id for row in rows if row.what == "sent"})
    if len(twice) > 1:
        return "published", due, f"It went out more than once: {', '.join(twice)}. Take one down."
    words = {"amended": "It is out, and was changed afterwards.", "settled": "A person saw it live."}
    return "published", due, words.get(last.what, _RECEIPT)


def _timed(
    view: _View, post: Post, channel: str, found: Channel | None, due: datetime, last: Receipt | None
) -> tuple[str, datetime | None, str]:
    now = view.now
    ahead = due > now
    if post.expires and post.expires <= now:
        return "missed", due, "It expired before it went out. A person decides."
    embargo = _embargo(view.book, post)
    if embargo and due < embargo:
        if ahead:
            return "held", due, "Its time lies before the end of its embargo."
        return "missed", due, "Its time passed under an embargo. A person decides."
    for stop in view.stops:
        if ahead:
            if stop.end is None and covers(view.book, stop.hold, post, channel):
                return "held", due, f"Held: {stop.why}"
        elif (stop.end is None or stop.end > due) and covers(view.book, stop.hold, post, channel):
            return "missed", due, f"Its time passed under a hold ({stop.why}). A person decides."
    if view.silent or view.hours:
        silence = _silence(view, post, found, due)
        if silence:
            if ahead:
                return "held", due, f"Its time lies in {silence}."
            return "missed", due, f"Its time passed in {silence}. A person decides."
    if ahead:
        return "scheduled", due, "Approved; it goes out at its time."
    late = now - due
    if late > (found.max_late.elapsed if found else _TWO_HOURS):
        limit = f"{found.max_late}" if found else "2h"
        return "missed", due, f"Its time passed by more than this channel allows ({limit}). A person decides."
    if late > PATIENCE:
        if (view.silent or view.hours) and (silence := _silence(view, post, found, now)):
            return "held", due, f"It is late, and now is {silence}."
        if found and found.connector in BY_HAND:
            return "overdue", due, "Somebody should have placed it by hand by now."
        return "overdue", due, _lately(last) or "It should be out, and there is no receipt."
    if found and found.connector in BY_HAND:
        return "due", due, "Its time has come; somebody places it by hand."
    return "due", due, _lately(last) or "Its time has come."


_TWO_HOURS = timedelta(hours=2)


def _lately(last: Receipt | None) -> str:
    return f"The last try did not go through ({last.why.rstrip('.')}); it is tried again." if (
        last is not None and last.what == "released" and last.why
    ) else ""  # fmt: skip


def _embargo(book: Book, post: Post) -> datetime | None:
    """The latest embargo on a post: its own, its campaign's, its messages'."""
    ends = [post.embargo_until] if post.embargo_until else []
    if post.campaign and (campaign := book.get(Campaign, post.campaign)) and campaign.embargo_until:
        ends.append(campaign.embargo_until)
    for slug in post.messages:
        message = book.get(Message, slug)
        if message and message.embargo_until:
            ends.append(message.embargo_until)
    return max(ends) if ends else None


def _silence(view: _View, post: Post, channel: Channel | None, at: datetime) -> str:
    """What is quiet at an instant, e.g. ``quiet hours (22:00 to 07:00 in Berlin)``; empty when we may speak."""
    if (post.type or "original") in quiet.RUNG_ANYWAY:
        return ""
    day = quiet.day_of(view.silent, post, at, view.book.settings.team.zone) if view.silent else ""
    if day:
        return day
    return quiet.night_of(view.hours, view.book, post, channel, at) if view.hours else ""


def loudest(found: list[Delivery]) -> str:
    """The state that speaks for a post with several deliveries: what needs a person first, else the least advanced."""
    states = {delivery.state for delivery in found}
    if len(states) == 1 and not states.isdisjoint(STATES):
        return states.pop()
    for state in (*ALARMING, "sending", "due"):
        if state in states:
            return state
    for state in STATES:
        if state in states:
            return state
    return "draft"


__all__ = [
    "AHEAD", "ALARMING", "HELD", "OPEN_TO_PEOPLE", "PATIENCE", "PUBLISHED", "SENDABLE", "STATES", "Delivery", "Key",
    "beneath", "by_post", "count_parts", "covers", "deliveries", "due_at", "find", "key", "loudest", "occurrences", "of", "offset",
    "open_holds", "orphans", "read_key",
]  # fmt: skip
