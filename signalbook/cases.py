"""Case events → cases as they stand now: who answers whom, by when, and what comes first.

::

    CaseEvent, CaseEvent, … ─► read(book, now) ─► Case, Case, … ─┬─► queue(cases, now)      in the order of work
                                                                 ├─► loads(book, cases, now) how much each person has
                                                                 └─► times(cases)            how long people waited

Nothing here knows a word of anybody outside: a case names its mention by key, and whoever may read the private store finds
the quote there. Clocks are those of ``signalbook.clock``, targets those of ``signalbook.matrix``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

from signalbook import clock, matrix, working
from signalbook.matrix import HARD, Row
from signalbook.model import Case as Written
from signalbook.model import Duration, Person
from signalbook.model.declared import declared
from signalbook.period import Hours
from signalbook.records import CaseEvent, digest

if TYPE_CHECKING:
    from signalbook.book import Book

State = Literal["new", "owned", "waiting-inside", "waiting-outside", "answered", "closed", "declined", "escalated"]
STATES: Final[tuple[State, ...]] = (
    "new", "escalated", "owned", "waiting-inside", "waiting-outside", "answered", "closed", "declined",
)  # fmt: skip
OVER: Final = frozenset({"closed", "declined"})
"""States in which nothing is left to do."""
REMIND, BACKUP = 0.5, 0.8
"""Share of the time after which the owner is reminded, and after which the backup is called; the manager at all of it."""
RESERVED: Final = 5
"""Each so-manieth place of the queue belongs to a question or a lead, or what is negative would starve them."""

EVENTS: Final[Mapping[str, str]] = {
    "opened": "it began: the mention, what it is, how bad, and whose it is",
    "owned": "somebody took it",
    "handed": "somebody else owns it now, and the minutes used go along",
    "waiting": "it waits, for somebody inside or outside",
    "heard": "the person wrote again",
    "echoed": "another account wrote the same words",
    "answering": "a run has claimed the answer and is sending it",
    "answered": "a human answer went out",
    "given-back": "the claim is void: nothing went out, that is sure",
    "unseen": "a run lost the answer and could not tell whether it is out; a person settles it",
    "declined": "it is not answered, and why",
    "escalated": "it went to somebody who decides more",
    "judged": "its severity changed, and why",
    "corrected": "its type, topic or deadline was put right",
    "reopened": "it is not over",
    "closed": "it is over, and how it ended",
    "told": "somebody was reminded of it",
    "issue": "it has an issue in the forge",
}
"""What may happen to a case."""


def case_id(mention: str) -> str:
    """The case of a mention: the same whoever opens it, so that two runs open one case."""
    return f"case-{digest('case', mention)[:10]}"


def event(case: str, what: str, at: datetime, by: str, facts: Mapping[str, object] | None = None) -> CaseEvent:
    """Make an event; facts that are empty are left out.

    Raises:
        ValueError: cases know no such event.
    """
    if what not in EVENTS:
        message = f"a case knows no “{what}” (known: {', '.join(EVENTS)})"
        raise ValueError(message)
    rows = tuple(f"{name}={text}" for name, value in (facts or {}).items() if (text := _text(value)))
    # A case opens once, whoever of several runs writes it down first.
    key = digest(case, what) if what == "opened" else digest(case, what, at.astimezone(UTC).isoformat(), by, *rows)
    return CaseEvent(key, case, what, at, by, rows)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return " ".join(str(value).split()) if value is not None else ""


def facts(row: CaseEvent) -> dict[str, str]:
    """An event's facts by name."""
    return {name: value for fact in row.facts for name, _, value in (fact.partition("="),)}


@declared
class Clock:
    """A clock that runs, or ran.

    Attributes:
        what: ``first reply`` or ``solve``.
        start: when it began.
        target: how long it may take; ``None`` for a deadline that others set.
        due: ``None`` while it waits for somebody outside.
        remind_at: when half of the time is over.
        backup_at: when four fifths are.
        business: whether it runs in the owner's working time.
    """

    what: str
    start: datetime
    target: Duration | None
    due: datetime | None
    remind_at: datetime | None
    backup_at: datetime | None
    business: bool

    def stage(self, now: datetime) -> str:
        """How far it is: ``running``, ``reminder``, ``backup``, ``over``; ``paused`` while it waits."""
        if self.due is None:
            return "paused"
        if now >= self.due:
            return "over"
        if self.backup_at and now >= self.backup_at:
            return "backup"
        return "reminder" if self.remind_at and now >= self.remind_at else "running"


@declared
class Claim:
    """An answer that a run has claimed.

    Attributes:
        content: hash of what is sent and where.
        attempt: 1 for the first.
        send_before: the end of the lease.
        created_at: the creation time that every attempt sends.
        unseen: whether a run looked and could not tell.
    """

    run: str
    content: str
    attempt: int
    at: datetime
    send_before: datetime
    created_at: datetime
    channel: str
    by: str
    unseen: bool = False


@declared
class Case:
    """One conversation as it stands.

    Attributes:
        id: ``case-`` and ten letters.
        row: the line of the response matrix it is answered by.
        state: see ``STATES``; a case that is ``new`` has an owner proposed, and nobody has taken it yet.
        mention: the key of the mention in the private store; empty when somebody opened it by hand.
        newest: the key of the person's newest mention in it, the one to answer.
        source: where it was heard.
        channel: the channel on which it can be answered; empty for none.
        owner: a person's slug; empty while nobody could be found.
        inform: who must know of it.
        why: why it went to whom it went, in sentences.
        received_at: when they wrote: the public measure counts from here.
        inside_at: when it reached us: the clock of this round counts from here.
        owned_at: when somebody first took it.
        answered_at: our first human answer.
        replied_at: our first human answer in this round; ``None`` while they wait for one.
        first: the clock of the first reply in this round; ``None`` where none is owed.
        solve: the clock of the whole matter; ``None`` where the first answer ends it.
        round: 1, and one more each time it was reopened.
        reason: why it was declined, escalated or closed.
        claim: an answer that a run has claimed and nobody knows the end of.
        url: the address of our newest answer.
        issue: the number of its issue in the forge; empty for none.
        told: steps that were told already, as ``round/clock/stage/person``.
        echoes: the keys of mentions in which other accounts wrote the same words, in the order they came.
    """

    id: str
    row: Row
    severity: str
    state: State
    mention: str
    newest: str
    source: str
    channel: str
    topic: str
    lang: str
    owner: str
    backup: str
    inform: tuple[str, ...]
    why: tuple[str, ...]
    received_at: datetime
    inside_at: datetime
    opened_at: datetime
    owned_at: datetime | None = None
    answered_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    first: Clock | None = None
    solve: Clock | None = None
    round: int = 1
    outcome: str = ""
    reason: str = ""
    claim: Claim | None = None
    url: str = ""
    issue: str = ""
    playbook: str = ""
    told: frozenset[str] = frozenset()
    echoes: tuple[str, ...] = ()
    events: tuple[CaseEvent, ...] = ()
    document: str = ""

    @property
    def type(self) -> str:
        """Its type, as a Case document names it."""
        return self.row.type

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return self.state not in OVER

    @property
    def waits(self) -> bool:
        """Whether the person waits for a first answer in this round."""
        return self.open and self.replied_at is None and self.first is not None

    @property
    def clock(self) -> Clock | None:
        """The clock that runs now: that of the first reply, then that of the whole matter."""
        if not self.open:
            return None
        if self.waits and self.first and self.solve and self.first.due and self.solve.due:
            return min(self.first, self.solve, key=lambda one: one.due or _LAST)
        return self.first if self.waits else self.solve

    @property
    def due(self) -> datetime | None:
        """When what runs now is due; ``None`` when nothing runs or it waits for somebody outside."""
        return self.clock.due if self.clock else None

    def stage(self, now: datetime) -> str:
        """How far the clock is; empty when none runs."""
        return self.clock.stage(now) if self.clock else ""

    def left(self, now: datetime) -> timedelta | None:
        """Time left until it is due, below nothing when it is late; ``None`` when no clock runs."""
        return self.due.astimezone(UTC) - now.astimezone(UTC) if self.due else None

    @property
    def hard(self) -> bool:
        """Whether it breaks quiet hours."""
        return self.severity in HARD


# --- events → cases --------------------------------------------------------------------------------------------------


def read(book: Book, now: datetime, events: Iterable[CaseEvent] | None = None) -> list[Case]:
    """Every case as it stands at an instant, in the order in which they were opened.

    ``events`` take the place of the Book's own. Events after ``now`` do not count.
    """
    known = _people(book)
    rows = matrix.rows(book)
    written = {(one.mention or "").split(" ")[0]: one.slug for one in book.all(Written)}
    found: dict[str, list[CaseEvent]] = {}
    for row in book.case_events if events is None else events:
        if row.at <= now:
            found.setdefault(row.case, []).append(row)
    cases = []
    for name, steps in found.items():
        steps.sort(key=lambda row: (row.at, row.what != "opened"))
        if steps[0].what == "opened":
            cases.append(_case(name, steps, rows, known, written))
    return sorted(cases, key=lambda one: (one.opened_at, one.id))


def find(cases: Sequence[Case], name: str) -> Case | None:
    """The case of an id, or of its beginning when no other begins so."""
    wanted = name if name.startswith("case-") else f"case-{name}"
    exact = [one for one in cases if one.id == wanted]
    near = exact or [one for one in cases if len(wanted) > len("case-") and one.id.startswith(wanted)]
    return near[0] if len(near) == 1 else None


Calendar = Mapping[str, Hours | None]


def _people(book: Book) -> Mapping[str, Hours | None]:
    return _Calendar(book)


class _Calendar(dict[str, Hours | None]):
    """Person → working time, found when it is asked for."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.book = book

    def __missing__(self, slug: str) -> Hours | None:
        self[slug] = found = working.hours_of(self.book, self.book.get(Person, slug))
        return found


@dataclass
class _Draft:
    """A case while its events are read, one after the other."""

    id: str
    row: Row
    severity: str
    state: State
    facts: dict[str, str]
    received_at: datetime
    inside_at: datetime
    opened_at: datetime
    owner: str
    backup: str
    inform: tuple[str, ...]
    newest: str
    starts: list[tuple[datetime, str]]
    """When the clock of this round began, and with which severity; one more for each time it was raised."""
    steps: list[clock.Step] = field(default_factory=list)
    began: datetime | None = None
    """When the whole matter began."""
    first_owner: str = ""
    deadline: datetime | None = None
    owned_at: datetime | None = None
    answered_at: datetime | None = None
    round_answered: datetime | None = None
    closed_at: datetime | None = None
    round: int = 1
    outcome: str = ""
    reason: str = ""
    claim: Claim | None = None
    url: str = ""
    issue: str = ""
    told: set[str] = field(default_factory=set)
    echoes: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def _case(
    name: str, steps: list[CaseEvent], rows: Mapping[str, Row], people: Mapping[str, Hours | None],
    written: Mapping[str, str],
) -> Case:  # fmt: skip
    first = steps[0]
    said = facts(first)
    inside = _instant(said.get("inside_at")) or first.at
    received = _instant(said.get("received_at")) or inside
    severity = said.get("severity", "S4") if said.get("severity", "S4") in {"S1", "S2", "S3", "S4"} else "S4"
    draft = _Draft(
        id=name, row=rows.get(said.get("row", "") or said.get("type", ""), rows["question"]), severity=severity, state="new",
        facts=said, received_at=min(received, inside), inside_at=inside, opened_at=first.at, owner=said.get("owner", ""),
        backup=said.get("backup", ""), inform=_names(said.get("inform", "")), newest=said.get("mention", ""),
        starts=[(inside, severity)], began=inside, first_owner=said.get("owner", ""),
        deadline=_instant(said.get("deadline")), why=[said["why"]] if said.get("why") else [],
    )  # fmt: skip
    for row in steps[1:]:
        _apply(draft, row, rows, people)
    hours = people[draft.first_owner] or people[""]
    return Case(
        id=name, row=draft.row, severity=draft.severity, state=draft.state, mention=said.get("mention", ""),
        newest=draft.newest, source=said.get("source", ""), channel=draft.facts.get("channel", ""),
        topic=draft.facts.get("topic", ""), lang=draft.facts.get("lang", ""), owner=draft.owner, backup=draft.backup,
        inform=draft.inform, why=tuple(draft.why), received_at=draft.received_at, inside_at=draft.starts[0][0],
        opened_at=draft.opened_at, owned_at=draft.owned_at, answered_at=draft.answered_at, replied_at=draft.round_answered, closed_at=draft.closed_at,
        first=_first(draft, hours), solve=_solve(draft, hours), round=draft.round, outcome=draft.outcome,
        reason=draft.reason, claim=draft.claim, url=draft.url, issue=draft.issue, playbook=said.get("playbook", ""),
        told=frozenset(draft.told), echoes=tuple(dict.fromkeys(draft.echoes)), events=tuple(steps), document=written.get(said.get("mention", ""), "") if said.get("mention") else "",
    )  # fmt: skip


def _apply(draft: _Draft, row: CaseEvent, rows: Mapping[str, Row], people: Mapping[str, Hours | None]) -> None:
    said = facts(row)
    what = row.what
    if what in {"owned", "handed", "escalated"}:
        _owned(draft, row, said, people)
    elif what == "waiting":
        outside = said.get("for") == "outside"
        # The first reply never waits: only somebody who has had an answer can be waited for.
        if outside and draft.answered_at is not None:
            draft.steps.append(clock.Step(row.at, "paused"))
        draft.state = "waiting-outside" if outside else "waiting-inside"
        draft.reason = said.get("why", "")
    elif what == "heard":
        draft.newest = said.get("mention", draft.newest)
        if draft.state in {"answered", "closed", "declined", "waiting-outside"}:
            resumed = draft.state == "waiting-outside"
            if resumed:
                draft.steps.append(clock.Step(row.at, "resumed"))
            _again(draft, _instant(said.get("inside_at")) or row.at, keep_matter=resumed or draft.state == "answered")
    elif what == "echoed":
        # Neither the clock nor whom to answer changes: it is the same matter, told once more.
        draft.echoes += [said["mention"]] if said.get("mention") else []
    elif what == "reopened":
        _again(draft, row.at, keep_matter=False)
        draft.reason = said.get("why", "")
    elif what == "judged":
        _judged(draft, row, said)
    elif what == "corrected":
        _corrected(draft, said, rows)
    else:
        _ended(draft, row, said)


def _owned(draft: _Draft, row: CaseEvent, said: Mapping[str, str], people: Mapping[str, Hours | None]) -> None:
    owner = said.get("owner") or row.by
    if owner != draft.owner:
        if draft.owner:
            if (hours := people[owner] or people[""]) is not None:
                draft.steps.append(clock.Step(row.at, "handed", hours))
        else:
            draft.first_owner = owner
    draft.owner = owner
    draft.backup = said.get("backup", draft.backup if draft.backup != owner else "")
    if row.what == "owned" and draft.owned_at is None:
        draft.owned_at = row.at
    draft.state = "escalated" if row.what == "escalated" else "owned"
    if row.what != "owned":
        draft.reason = said.get("why", "")
    if said.get("why"):
        draft.why.append(said["why"])


def _again(draft: _Draft, at: datetime, *, keep_matter: bool) -> None:
    """Start a new clock for the first reply; that of the whole matter goes on, or begins anew."""
    draft.round += 1
    draft.starts = [(at, draft.severity)]
    draft.round_answered = None
    if not keep_matter:
        draft.began = at
    # Hand-overs of before are in the owner of now.
    draft.steps = [step for step in draft.steps if keep_matter]
    if not keep_matter:
        draft.first_owner = draft.owner
    draft.state = "owned" if draft.owner and draft.owned_at else "new"
    draft.closed_at = None
    draft.outcome = ""


def _judged(draft: _Draft, row: CaseEvent, said: Mapping[str, str]) -> None:
    severity = said.get("severity", "")
    if severity not in {"S1", "S2", "S3", "S4"}:
        return
    if severity < draft.severity:
        draft.starts.append((row.at, severity))
    elif severity > draft.severity:
        draft.starts = [(draft.starts[0][0], severity)]
    draft.severity = severity
    if said.get("why"):
        draft.why.append(said["why"])


def _corrected(draft: _Draft, said: Mapping[str, str], rows: Mapping[str, Row]) -> None:
    name = said.get("row", "") or said.get("type", "")
    draft.row = rows.get(name, draft.row)
    draft.deadline = _instant(said.get("deadline")) or draft.deadline
    draft.facts |= {name: said[name] for name in ("topic", "lang", "channel") if said.get(name)}


def _ended(draft: _Draft, row: CaseEvent, said: Mapping[str, str]) -> None:
    what = row.what
    if what == "answering":
        draft.claim = Claim(
            run=said.get("run", ""), content=said.get("content", ""), attempt=_number(said.get("attempt")), at=row.at,
            send_before=_instant(said.get("send_before")) or row.at, created_at=_instant(said.get("created_at")) or row.at,
            channel=said.get("channel", ""), by=row.by,
        )  # fmt: skip
    elif what in {"given-back", "unseen"}:
        if draft.claim and draft.claim.attempt == _number(said.get("attempt")):
            draft.claim = replace(draft.claim, unseen=True) if what == "unseen" else None
    elif what == "answered":
        draft.claim = None
        draft.answered_at = draft.answered_at or row.at
        draft.round_answered = draft.round_answered or row.at
        draft.url = said.get("url", draft.url)
        draft.state = "answered"
        draft.owned_at = draft.owned_at or row.at
    elif what in {"declined", "closed"}:
        draft.state = "declined" if what == "declined" else "closed"
        draft.closed_at = row.at
        draft.reason = said.get("why", "")
        draft.outcome = said.get("outcome", "no-reply" if what == "declined" else "")
    elif what == "told":
        draft.told.add(said.get("step", ""))
    elif what == "issue":
        draft.issue = said.get("number", draft.issue)


def _first(draft: _Draft, hours: Hours | None) -> Clock | None:
    """The clock of this round's first reply: of all that began with a rise of the severity, the earliest due."""
    if draft.deadline is not None and draft.round == 1:
        whole = draft.deadline - draft.starts[0][0]
        return Clock("first reply", draft.starts[0][0], None, draft.deadline, draft.starts[0][0] + whole * REMIND,
                     draft.starts[0][0] + whole * BACKUP, business=False)  # fmt: skip
    handed = [step for step in draft.steps if step.what == "handed"]
    hours = next((step.hours for step in reversed(handed) if step.at < draft.starts[0][0]), hours)
    clocks = [
        made
        for start, severity in draft.starts
        if (goal := matrix.target(draft.row, severity)) is not None
        and (made := _clock("first reply", start, goal, hours, handed)) is not None
    ]
    return min(clocks, key=lambda one: one.due or one.start, default=None)


def _solve(draft: _Draft, hours: Hours | None) -> Clock | None:
    if draft.row.solve is None or draft.began is None:
        return None
    return _clock("solve", draft.began, draft.row.solve, hours, draft.steps)


def _clock(
    what: str, start: datetime, goal: Duration, hours: Hours | None, steps: Sequence[clock.Step]
) -> Clock | None:
    if hours is None:
        return None

    def at(share: float) -> datetime | None:
        # A share of a working day is working hours, however long that day is.
        part = (
            goal
            if share == 1
            else Duration(
                goal.amount * share * (8 if goal.unit == "bd" else 1), "bh" if goal.unit == "bd" else goal.unit
            )
        )
        return clock.due(start, part, hours, steps)

    try:
        return Clock(what, start, goal, at(1), at(REMIND), at(BACKUP), goal.unit in {"bh", "bd"})
    except (ValueError, OverflowError):
        return None  # no working hours at all: the settings and the person's page say so


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


# --- the order of work -----------------------------------------------------------------------------------------------

_LAST = datetime.max.replace(tzinfo=UTC)


def queue(cases: Iterable[Case]) -> list[Case]:
    """Order what is open: safety, then S1 to S3 by time left, then complaints, questions, leads, praise.

    Behind safety and the clocks of S1 and S2 each fifth place belongs to a question or a lead, the earliest due first:
    the loud would otherwise keep them waiting for ever. What was answered, and what waits for somebody outside, comes last.
    """
    rows = sorted((one for one in cases if one.open), key=_rank)
    urgent = [one for one in rows if _rank(one)[0] == 0]
    kept = [one for one in rows if one.row.name in {"question", "lead"} and one not in urgent and _rank(one)[0] == 1]
    kept.sort(key=lambda one: (one.due or _LAST, one.id))
    rest = [one for one in rows if one not in urgent and _rank(one)[0] == 1]
    out: list[Case] = []
    while rest:
        if len(out) % RESERVED == RESERVED - 1 and kept:
            out.append(kept.pop(0))
            rest.remove(out[-1])
            continue
        out.append(rest.pop(0))
        if out[-1] in kept:
            kept.remove(out[-1])
    return urgent + out + [one for one in rows if _rank(one)[0] == 2]


def _rank(one: Case) -> tuple[int, int, int, datetime, str]:
    due = one.due or _LAST
    if one.state in {"answered", "waiting-outside"}:
        return (2, 0, one.row.rank, due, one.id)
    if one.type == "safety":
        return (0, 0, 0, due, one.id)
    if one.severity in HARD:
        return (0, 1, 0, due, one.id)
    if one.severity == "S3":
        return (1, 1, 0, due, one.id)
    return (1, 2, one.row.rank, due, one.id)


@declared
class Load:
    """How much a person has.

    Attributes:
        open: cases that are theirs and not over.
        today: cases that came to them on their own today.
        limit: how many a day at most, as they stated; ``None`` where they stated none.
        late: how many of theirs are over their time.
    """

    person: str
    open: int
    today: int
    limit: int | None
    late: int

    @property
    def full(self) -> bool:
        """Whether they get no more today, S1 and S2 apart."""
        return self.limit is not None and self.today >= self.limit


def loads(book: Book, cases: Iterable[Case], now: datetime) -> dict[str, Load]:
    """Person → how much they have, of everybody inside; people without a case are there with 0."""
    rows = list(cases)
    found: dict[str, Load] = {}
    for person in book.all(Person):
        if person.side == "outside" or person.state == "left":
            continue
        hours = working.hours_of(book, person)
        zone = hours.zone if hours else book.settings.team.zone
        day = now.astimezone(zone).date()
        mine = [one for one in rows if one.owner == person.slug]
        found[person.slug] = Load(
            person.slug,
            sum(one.open for one in mine),
            sum(_came(one).astimezone(zone).date() == day for one in mine),
            person.max_cases_per_day,
            sum(one.open and one.stage(now) == "over" for one in mine),
        )
    return found


def _came(one: Case) -> datetime:
    """When a case came to its owner: when they took it or were given it, else when it was opened."""
    for row in reversed(one.events):
        if row.what in {"owned", "handed", "escalated", "reopened"}:
            return row.at
    return one.opened_at


@declared
class Times:
    """How long people waited; medians over the cases that got so far.

    Attributes:
        n: how many cases.
        inside: from when they wrote to when it reached us.
        owner: from there to when somebody took it.
        answer: from there to our first answer, on our own clock.
        public: from when they wrote to our first answer: what they felt.
        in_time: share of first answers that came by their due; ``None`` where none was owed.
        answered: how many were answered.
        declined: how many were not, with a reason.
    """

    n: int
    inside: timedelta | None
    owner: timedelta | None
    answer: timedelta | None
    public: timedelta | None
    in_time: float | None
    answered: int
    declined: int


def times(cases: Iterable[Case]) -> Times:
    """Measure the times of cases. Only the first round counts, so that a long talk does not hide a slow start."""
    rows = list(cases)
    answered = [one for one in rows if one.answered_at]
    begun = {one.id: first_inside(one) for one in rows}
    owed = [one for one in answered if one.round == 1 and one.first and one.first.due]
    return Times(
        len(rows),
        _median(begun[one.id] - one.received_at for one in rows),
        _median(one.owned_at - begun[one.id] for one in rows if one.owned_at),
        _median(one.answered_at - begun[one.id] for one in answered if one.answered_at),
        _median(one.answered_at - one.received_at for one in answered if one.answered_at),
        sum(one.answered_at <= one.first.due for one in owed if one.answered_at and one.first and one.first.due) / len(owed)
        if owed
        else None,
        len(answered),
        sum(one.state == "declined" for one in rows),
    )  # fmt: skip


def first_inside(case: Case) -> datetime:
    """When a case reached us first, whatever round it is in."""
    return _instant(facts(case.events[0]).get("inside_at")) or case.opened_at


def _median(spans: Iterable[timedelta]) -> timedelta | None:
    seconds = [max(0.0, span.total_seconds()) for span in spans]
    return timedelta(seconds=median(seconds)) if seconds else None


__all__ = [
    "EVENTS", "OVER", "STATES", "Case", "Claim", "Clock", "Load", "State", "Times", "case_id", "event", "facts", "find", "first_inside",
    "loads", "queue", "read", "times",
]  # fmt: skip
