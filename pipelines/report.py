"""``signalbook report week``: a report that is built from the Book, and built again without losing what people wrote.

::

    Book, history, period, now ──decide──► Built ──merge with the file──► content/reports/2026-W47.md

Every generated part stands between two lines::

    <!-- signalbook: went-out -->
    <!-- /signalbook -->

What stands outside them is people's and stays as it is, and so do the fields that people fill in: title, owner, whom it is
for, decisions, notes, asks, corrections. The same Book, history and moment give the same bytes. A report that was approved
or sent is never written again; its correction is a report of its own.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipelines.judging import counted, is_over, listed
from signalbook import book as books
from signalbook import caching, delivery, frontmatter, history, tally
from signalbook.classes import dataclass
from signalbook.errors import ContentError, UsageError
from signalbook.history import History
from signalbook.model import Case, Document, Experiment, Insight, Message, Metric, Objective, Person, Plan, Post, Report
from signalbook.period import DAY, Period, day_of, span, spoken

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.records import Receipt
    from signalbook.workspace import Workspace

KINDS: Final = ("week",)
FINAL: Final = frozenset({"approved", "sent"})
MOST: Final = 6
"""So many lines a list has; the rest is counted."""
MOST_NUMBERS: Final = 4
DECIDING: Final = frozenset({"plan", "objective", "policy", "playbook", "campaign", "message", "hold", "incident"})
"""Kinds whose changes are decisions."""
PEOPLES: Final = ("title", "status", "for", "owner", "decisions_last", "notes", "asks", "restated", "approved_by")
"""Fields that a new build takes over from the file."""
NO_READINGS: Final = "No readings: "
DAYS_MISSING: Final = "Days missing: "
SILENT: Final = frozenset({"console"})
"""Connectors of channels from which nobody expects a number."""

_OPEN = re.compile(r"^<!--[ \t]*signalbook:[ \t]*([a-z-]+)[ \t]*-->[ \t]*$")
_CLOSE = re.compile(r"^<!--[ \t]*/signalbook[ \t]*-->[ \t]*$")


@dataclass(frozen=True, slots=True)
class Part:
    """A generated part: its name in the markers, and its Markdown."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Built:
    """A report before it meets its file.

    Attributes:
        slug: the file's stem, e.g. ``2026-W47``.
        fields: the front matter as it is when nobody has written anything yet.
        parts: in the order of the outline.
    """

    slug: str
    fields: dict[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


# --- doing -----------------------------------------------------------------------------------------------------------


def run(workspace: Workspace, kind: str, period_text: str, now: datetime, *, handed: bool = False) -> Path:
    """Build a report and write its file; people's words in it stay. Gives the file's path.

    ``handed``: it is wanted to be handed on, so one that has left the team already is given as it is.

    Raises:
        UsageError: there is no such report, or the period is none.
        ContentError: the report was approved or sent already, or its file cannot be taken apart.
    """
    if kind not in KINDS:
        message = f"There is no report “{kind}” yet; write `signalbook report week`."
        raise UsageError(message)
    book = books.load(workspace)
    if handed and (left := _left(book, period_of(period_text, book, now))):
        return left
    period = period_of(period_text, book, now)
    built = decide(book, period, now, past=history.load(workspace))
    path, old = _file(workspace, built.slug)
    text = merge(built, old, workspace.relative(path))
    if text != old:
        caching.replace(path, text.encode())
    return path


def period_of(text: str, book: Book, now: datetime) -> Period:
    """The week that was asked for; the last one that is over when nobody said.

    Raises:
        UsageError: it is no week, or it is not over.
    """
    zone = book.settings.team.zone
    today = day_of(now, zone)
    if not text:
        return Period.around("week", today - 7 * DAY, zone)
    try:
        period = Period.parse(text, zone, now)
    except ValueError as error:
        message = f"--period: {error}"
        raise UsageError(message) from error
    if period.kind != "week":
        message = f"--period: a week's report covers a week. Write --period {Period.around('week', period.last, zone)}."
        raise UsageError(message)
    if period.first > today:
        message = f"--period: {period.label} has not begun."
        raise UsageError(message)
    return period


def _left(book: Book, period: Period) -> Path | None:
    """The file of a report that was approved or sent, the newest correction first; ``None`` when there is none."""
    slugs = (f"{period}-restated", str(period))
    newest = next((found for slug in slugs if (found := book.get(Report, slug))), None)
    return book.workspace.root / newest.path if newest and newest.state in FINAL else None


def _file(workspace: Workspace, slug: str) -> tuple[Path, str]:
    """The file to write and what it holds now; that of the correction when there is one."""
    folder = workspace.content / "reports"
    for name in (f"{slug}-restated", slug):
        path = folder / f"{name}.md"
        if not path.is_file():
            continue
        old, trouble = frontmatter.text_of(path.read_bytes())
        if trouble:
            raise ContentError(workspace.relative(path), trouble.mark[0], f"{trouble.message} {trouble.remedy}")
        taken = frontmatter.split(old)
        fatal = next((one for one in taken.troubles if one.fatal), None)
        if fatal:
            raise ContentError(workspace.relative(path), fatal.mark[0], f"{fatal.message} {fatal.remedy}")
        state = str(taken.values.get("status") or "built")
        if state in FINAL:
            raise ContentError(
                workspace.relative(path),
                taken.marks.get("status", (0, 0))[0],
                f"This report is {state}, and somebody may have read it, so it is not written again. Its correction is a "
                f"report of its own: save content/reports/{slug}-restated.md with `status: restated`, say under "
                "`restated:` what changed and why, and run this again."
                if name == slug
                else f"This correction is {state}; it is not written again.",
            )
        return path, old
    return folder / f"{slug}.md", ""


def merge(built: Built, old: str, path: str = "") -> str:
    """The file's new text: generated parts made anew, everything else as people left it.

    Raises:
        ContentError: a generated part begins and nobody ends it.
    """
    taken = frontmatter.split(old)
    fields = dict(built.fields)
    for name in PEOPLES:
        if name in taken.values:
            fields[name] = taken.values[name]
    if isinstance(known := taken.values.get("gaps"), list):
        theirs = [gap for gap in known if isinstance(gap, str) and not gap.startswith((NO_READINGS, DAYS_MISSING))]
        fields["gaps"] = [*fields["gaps"], *theirs]
    for name, value in taken.values.items():
        fields.setdefault(name, value)
    body = _woven(built.parts, taken.body, path, taken.body_line) if old else _fresh(built.parts)
    return f"---\n{frontmatter.dump(fields)}---\n\n{body.strip(chr(10))}\n"


def _fresh(parts: Iterable[Part]) -> str:
    return "\n\n".join(_marked(part) for part in parts)


def _marked(part: Part) -> str:
    return f"<!-- signalbook: {part.name} -->\n\n{part.text.strip()}\n\n<!-- /signalbook -->"


def _woven(parts: tuple[Part, ...], body: str, path: str, first: int) -> str:
    """A body with its generated parts replaced where they stand; new parts come after the one they follow."""
    made = {part.name: part for part in parts}
    out: list[str] = []
    ends: dict[str, int] = {}
    name, begun = "", 0
    for number, line in enumerate(body.split("\n")):
        if opened := _OPEN.match(line):
            if name:
                raise ContentError(path, first + begun, _unclosed(name))
            name, begun = opened[1], number
        elif _CLOSE.match(line) and name:
            if name in made and name not in ends:
                out.append(_marked(made[name]))
                ends[name] = len(out)
            name = ""
        elif not name:
            out.append(line)
    if name:
        raise ContentError(path, first + begun, _unclosed(name))
    at = 0
    for part in parts:
        if part.name in ends:
            at = ends[part.name]
            continue
        out[at:at] = ["", _marked(part), ""] if at else [_marked(part), ""]
        grown = 3 if at else 2
        ends = {known: end + grown if end > at else end for known, end in ends.items()}
        at += grown
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(out))


def _unclosed(name: str) -> str:
    return (
        f"The generated part “{name}” begins here and does not end, so what is yours cannot be told from what is "
        "generated. Write a line <!-- /signalbook --> below it."
    )


# --- deciding --------------------------------------------------------------------------------------------------------


def decide(book: Book, period: Period, now: datetime, *, past: History | None = None) -> Built:
    """Everything a week's report says, from the Book and its history alone."""
    past = past or History()
    desk = _Desk(book, period, now, past)
    number = period.first.isocalendar()[1]
    fields: dict[str, Any] = {
        "title": f"Week {number}",
        "kind": "week",
        "status": "built",
        "period": str(period),
        "for": "team",
        "owner": desk.analyst(),
        "built_from": {"commit": desk.commit(), "queries": [f"signalbook {version('signalbook')}"]},
        "as_of": now.astimezone(book.settings.team.zone).isoformat(timespec="minutes"),
        "gaps": desk.gaps(),
        "decisions_last": [],
        "notes": [],
        "asks": [],
        "restated": [],
        "approved_by": [],
    }
    outline: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("went-out", "What went out", desk.went_out),
        ("late", "Late or missing", desk.late),
        ("plans", "Plans", desk.plans),
        ("changed", "What changed, and who changed it", desk.changed),
        ("numbers", "Numbers", desk.numbers),
        ("channels", "What the channels count", desk.channels),
        ("decide", "To decide", desk.to_decide),
        ("reviews", "Overdue reviews", desk.reviews),
        ("ahead", "The next seven days", desk.ahead),
        ("load", "Who carries what", desk.load),
    )
    parts = [Part(name, f"## {head}\n\n{text}") for name, head, make in outline if (text := make())]
    return Built(str(period), fields, tuple(parts))


@dataclass(frozen=True)
class _Desk:
    """One report's questions to one Book."""

    book: Book
    period: Period
    now: datetime
    past: History

    @property
    def zone(self) -> Any:
        return self.book.settings.team.zone

    @property
    def today(self) -> date:
        return day_of(self.now, self.zone)

    def analyst(self) -> str:
        people = self.book.all(Person)
        named = next((one.slug for one in people if "analyst" in {one.slug, *one.roles}), "")
        return named or next((one.slug for one in people if one.side != "outside"), "")

    def commit(self) -> str:
        """The last commit that changed anything but reports: a report that was committed is not a new state of affairs."""
        for one in reversed(self.past.main):
            if any(not file.path.startswith("content/reports/") for file in one.files):
                return one.sha[:12]
        return "not in git"

    # What went out, what did not

    def went_out(self) -> str:
        posts = {post.slug: post for post in self.book.all(Post)}
        sent = [one for one in self.book.receipts if one.what in {"sent", "settled"} and one.at in self.period]
        if not sent:
            heard = [one for one in self.book.settings.channels.values() if one.connector not in SILENT]
            live = [channel for channel in heard if channel.status == "live"]
            test = [channel for channel in heard if channel.status == "test"]
            more = (
                f" {counted(len(test), 'channel').capitalize()} {_are(len(test))} on test and none is live."
                if test and not live
                else ""
            )
            return f"Nothing went out: there is no receipt of {span(self.period.first, self.period.last)}.{more}"
        rows = []
        for slug in dict.fromkeys(one.post for one in sorted(sent, key=lambda one: (one.at, one.key))):
            mine = [one for one in sent if one.post == slug]
            first = min(one.at for one in mine).astimezone(self.zone)
            where = listed(
                dict.fromkeys(self._live(one) for one in sorted(mine, key=lambda one: one.key) if one.part <= 1)
            )
            title = self._link(posts[slug]) if slug in posts else _plain(slug)
            rows.append(f"{title} on {where}, {_day(first.date())} at {first:%H:%M}.{self._brought(mine)}")
        return (
            f"{counted(len(rows), 'post')} went out, {counted(len(sent), 'delivery', 'deliveries')}.\n\n{_list(rows)}"
        )

    def _live(self, receipt: Receipt) -> str:
        """A channel, linked to the post there where it has an address."""
        name = self._channel(receipt.channel)
        if not receipt.url.startswith(("https://", "http://")):
            return name
        return f"[{name}](<{_ADDRESS.sub('', receipt.url)}>)"

    def _brought(self, mine: list[Receipt]) -> str:
        """What the networks counted of a post until now, channel by channel; empty without a reading."""
        parts = []
        for key in dict.fromkeys(one.channel for one in mine):
            newest: dict[str, tally.Told] = {}
            for one in mine:
                for name in dict.fromkeys((one.id, one.url)):
                    newest |= {told.metric: told for told in self.told.get(name, ()) if one.channel == key}
            if newest:
                words = [f"{_figure(told.value)} {_counted(metric)}" for metric, told in newest.items() if told.value]
                parts.append(f" On {self._channel(key)}: {', '.join(words) or 'nothing yet'}.")
        return "".join(parts)

    @functools.cached_property
    def told(self) -> dict[str, tuple[tally.Told, ...]]:
        """Every reading of what went out in the week, by what the service calls it."""
        names = {name for one in self.book.receipts if one.at in self.period for name in (one.id, one.url) if name}
        return tally.told(self.book.tables, names) if names and self._any_readings() else {}

    def channels(self) -> str:
        """What each channel's own counts say at the end of the week; empty while none has one."""
        if not self._any_readings():
            return ""
        names = tally.names(self.book.tables)
        before = Period("range", self.period.first - 7 * DAY, self.period.last - 7 * DAY, self.period.zone)
        rows = []
        for key in self.book.settings.channels:
            if not any(place[1] == key for place in names.get("followers", ())):
                continue
            now, then = (self._followers(key, period) for period in (self.period, before))
            if now is None:
                continue
            moved = "" if then is None else "0" if now == then else f"{now - then:+,}".replace("-", "\N{MINUS SIGN}")
            out = sum(
                one.channel == key and one.what in {"sent", "settled"} and one.part <= 1 and one.at in self.period
                for one in self.book.receipts
            )
            rows.append(f"| {self._channel(key)} | {_figure(now)} | {moved or '–'} | {out} |")
        if not rows:
            return ""
        head = "| Channel | Followers | Change in the week | Posts |\n| --- | ---: | ---: | ---: |"
        chart = ""
        if any(tally.name_of(one) == "followers" for one in self.book.all(Metric)):
            slug = next(one.slug for one in self.book.all(Metric) if tally.name_of(one) == "followers")
            start = self.period.first - 7 * tally.USUAL_PERIODS * DAY
            chart = f"\n\n```chart\nmetric: {slug}\nperiod: {start}..{self.period.last}\n```"
        return f"{head}\n" + "\n".join(rows) + chart

    def _followers(self, key: str, period: Period) -> tally.Number | None:
        try:
            return tally.total(self.book.tables, "followers", period, adds="last", channel=key).value
        except tally.Mixed:
            return None

    def late(self) -> str:
        rows = []
        found = delivery.deliveries(self.book, self.now)
        order = {state: rank for rank, state in enumerate(delivery.ALARMING)}
        loud = sorted((one for one in found if one.state in order), key=lambda one: (order[one.state], one.key))
        for slug, state, reason in dict.fromkeys((one.post.slug, one.state, one.reason) for one in loud):
            mine = [one for one in loud if (one.post.slug, one.state, one.reason) == (slug, state, reason)]
            where = listed(dict.fromkeys(self._channel(one.channel) for one in mine))
            rows.append(f"{state.capitalize()}: {self._link(mine[0].post)} on {where}. {_said(mine[0].reason)}")
        for plan in self.book.all(Plan):
            if plan.state != "active":
                continue
            for action in plan.actions:
                if action.due and action.due < self.today and (action.status or "open") == "open":
                    days = (self.today - action.due).days
                    rows.append(
                        f"{days} d late: {_plain(_stopless(action.what))} ({self._link(plan)}), {self._who(action.owner)}."
                    )
        return _list(rows) if rows else "Nothing is late and nothing is missing."

    # Plans and decisions

    def plans(self) -> str:
        rows = []
        for plan in self.book.all(Plan):
            if plan.state != "active":
                continue
            done = sum(action.status == "done" for action in plan.actions)
            todo = [
                action
                for action in plan.actions
                if (action.status or "open") == "open" and action.due and action.due >= self.today
            ]
            after = min(todo, key=lambda action: (action.due or date.max, action.what or ""), default=None)
            text = f"{self._link(plan)}: {done} of {counted(len(plan.actions), 'action')} done."
            if after and after.due:
                text += f" Next: {_plain(_stopless(after.what))}, {_day(after.due)}, {self._who(after.owner)}."
            rows.append(text)
        goals = [one for one in self.book.all(Objective) if one.state in {"agreed", "running"}]
        for goal in sorted(goals, key=lambda one: (one.by or date.max, one.slug)):
            note = max(goal.status_note, key=lambda one: one.on or date.min, default=None)
            said = (
                f" {str(note.status).replace('-', ' ').capitalize()} on {_day(note.on)}: {_said(note.because, goes_on=True)}"
                if note and note.on
                else ""
            )
            by = f" by {spoken(goal.by)}" if goal.by else ""
            rows.append(
                f"Objective {self._link(goal)}: target {goal.target:g}{by}.{said}"
                if goal.target is not None
                else f"Objective {self._link(goal)}.{said}"
            )
        return _list(rows) if rows else "No plan is active."

    def changed(self) -> str:
        rows = []
        for plan in self.book.all(Plan):
            for change in plan.changes:
                if change.on and change.on in self.period:
                    why = f" {_said(change.why)}" if change.why else ""
                    rows.append(
                        (change.on, f"{_day(change.on)}, {self._link(plan)}: {_plain(_stopless(change.what))}.{why}")
                    )
        for insight in self.book.all(Insight):
            if insight.decided_on and insight.decided_on in self.period and insight.decision:
                because = f" {_said(insight.because)}" if insight.because else ""
                said = f"{str(insight.decision).replace('-', ' ')} by {self._who(insight.decided_by)}"
                rows.append(
                    (insight.decided_on, f"{_day(insight.decided_on)}, {self._link(insight)}: {said}.{because}")
                )
        told = [text for _, text in sorted(rows)]
        files: dict[str, history.Change] = {}
        for touched in self.past.changes(self.period, kinds=DECIDING):
            files.setdefault(touched.path, touched)
        steps = [change for change in files.values() if "→" in change.what]
        for step in sorted(steps, key=lambda one: (one.when, one.path)):
            found = self.book.by_path(step.path)
            name = self._link(found) if isinstance(found, Document) else _plain(step.path)
            told.append(f"{_day(day_of(step.when, self.zone))}, {name}: {step.what}, by {_plain(step.author)}.")
        quiet = len(files) - len(steps)
        tail = (
            f"{counted(quiet, 'more document')} changed without a change of state."
            if quiet and told
            else (f"{counted(quiet, 'document')} changed without a change of state." if quiet else "")
        )
        if not self.past:
            tail = _said(self.past.why) or "There is no history to read changes from."
        text = "\n\n".join(part for part in (_list(told), tail) if part)
        return text or "No plan, policy, message or objective changed."

    def to_decide(self) -> str:
        rows = [
            f"The hold {self._link(hold)} is open: release it or renew it, {self._who(hold.owner)}."
            for hold in delivery.open_holds(self.book, self.now)
        ]
        for one in self._soon():
            if one.state == "review":
                at = one.due.astimezone(self.zone) if one.due else None
                when = f", due {_day(at.date())} at {at:%H:%M}" if at else ""
                line = f"{self._link(one.post)} waits for approval{when}."
                if line not in rows:
                    rows.append(line)
        plans = [plan for plan in self.book.all(Plan) if plan.state == "review"]
        rows += [f"The plan {self._link(plan)} waits for approval." for plan in plans]
        trials = [one for one in self.book.all(Experiment) if one.state in {"stopped", "read"} and one.decision is None]
        rows += [
            f"The experiment {self._link(one)} is over: scale, keep or stop, {self._who(one.owner)}." for one in trials
        ]
        waiting = [
            one
            for one in self.book.all(Insight)
            if one.state in {"noted", "checked"} and one.decision is None and one.act
        ]
        rows += [f"{self._link(one)}: accept, decline, park or test, {self._who(one.act)}." for one in waiting]
        parked = [
            one
            for one in self.book.all(Insight)
            if one.decision == "parked" and one.parked_until and one.parked_until <= self.today
        ]
        rows += [
            f"{self._link(one)} was parked until {spoken(one.parked_until)}." for one in parked if one.parked_until
        ]
        return _list(rows) if rows else "Nothing waits for a decision."

    def reviews(self) -> str:
        late: list[tuple[date, Document]] = []
        ahead: list[tuple[date, Document]] = []
        for document in self.book.everything():
            review = getattr(document, "review_by", None)
            if (
                not isinstance(review, date)
                or is_over(document)
                or (isinstance(document, Message) and document.state != "approved")
            ):
                continue
            (late if review < self.today else ahead).append((review, document))
        rows = [
            f"{self._link(one)}: {(self.today - day).days} d, {self._who(one.owner)}."
            for day, one in sorted(late, key=lambda pair: (pair[0], pair[1].path))
        ]
        if rows:
            return _list(rows)
        after = min(ahead, key=lambda pair: (pair[0], pair[1].path), default=None)
        return "No review is overdue." + (
            f" The next is {self._link(after[1])}, {_day(after[0], year=after[0].year != self.today.year)}."
            if after
            else ""
        )

    # Numbers

    def numbers(self) -> str:
        names = tally.names(self.book.tables) if self._any_readings() else {}
        metrics = [one for one in self.book.all(Metric) if tally.name_of(one) in names and one.state == "in-use"]
        weight = {"impact": 0, "outcome": 1, "out-take": 2, "process": 3, "output": 4, "input": 5}
        metrics.sort(key=lambda one: (weight.get(one.stage or "", 6), bool(one.vanity), one.slug))
        shown = [one for one in metrics if self._has(one)][:MOST_NUMBERS]
        if not shown:
            own = [one for one in self.book.all(Metric) if one.state == "in-use" and one.source and "git" in one.source]
            more = (
                f" {counted(len(own), 'metric')} {_are(len(own), 'comes', 'come')} from our own history, {self._begins()}."
                if own
                else ""
            )
            return f"No source has a reading of this week, so there is no number to show.{more}"
        parts = [f"```kpi\nmetrics: [{', '.join(one.slug for one in shown)}]\nperiod: {self.period}\n```"]
        by_name = {tally.name_of(one): one for one in metrics}
        asked = [(name, one.adds or "sum") for name, one in by_name.items()]
        judged = tally.unusual(self.book.tables, self.period, asked, until=self.today - DAY)
        odd = [one for one in judged if one.verdict in {"above", "below"}]
        start = self.period.first - 7 * tally.USUAL_PERIODS * DAY
        for one in odd[:3]:
            metric = by_name[one.metric]
            place = f"\nchannel: {one.channel}" if one.channel else ""
            parts.append(
                f"{self._link(metric)} lies {one.verdict} what is usual ({one.n} weeks compared). Why it may be is for a "
                f"person to say, as a guess and marked as one.\n\n```chart\nmetric: {metric.slug}\n"
                f"period: {start}..{self.period.last}{place}\n```"
            )
        few = sum(one.verdict == "too few" for one in judged)
        if not odd and few == len(judged):
            parts.append(f"Nothing can be called unusual yet: that takes {tally.USUAL_LEAST} weeks before this one.")
        elif not odd:
            parts.append("Nothing lies beyond its usual variation.")
        return "\n\n".join(parts)

    def _begins(self) -> str:
        """What stands between our history and a first number."""
        first = day_of(self.past.main[0].at, self.zone) if self.past.main else None
        if first is None:
            return "which is not known here"
        if first > self.period.last:
            return f"which begins on {spoken(first)}, after this week"
        return "which `signalbook measure` reads when a week is over"

    def _has(self, metric: Metric) -> bool:
        try:
            amount = tally.total(self.book.tables, tally.name_of(metric), self.period, adds=metric.adds or "sum")
        except tally.Mixed:
            return False
        return bool(amount.n)

    def _any_readings(self) -> bool:
        folder = self.book.workspace.data / "readings"
        return folder.is_dir() and any(file.suffix in {".jsonl", ".parquet"} for file in folder.iterdir())

    def gaps(self) -> list[str]:
        """What is missing in the week's numbers, channel by channel."""
        names = tally.names(self.book.tables) if self._any_readings() else {}
        places = {place for found in names.values() for place in found}
        silent, out = [], []
        until = min(self.period.last, self.today - DAY)
        wanted = [("git", "")] if any("git" in (one.source or "") for one in self.book.all(Metric)) else []
        wanted += [
            (one.connector, key) for key, one in self.book.settings.channels.items()
            if one.status != "retired" and one.connector not in SILENT
        ]  # fmt: skip
        for source, key in wanted:
            mine = (
                {place for place in places if place[1] == key}
                if key
                else {place for place in places if place[0] == source}
            )
            name = self._channel(key) if key else "our own history"
            days = self._days(mine, until) if mine else None
            if days is None:
                silent.append(name)
            elif days:
                out.append(
                    f"{DAYS_MISSING}{name}, {counted(len(days), 'day')} of {counted((until - self.period.first).days + 1, 'day')}"
                )
        if silent:
            out.insert(0, f"{NO_READINGS}{listed(silent, most=20)}")
        return out

    def _days(self, places: set[tuple[str, str]], until: date) -> list[date] | None:
        """Days without any reading of a place; none missing when it is told by the week; ``None`` without a reading."""
        table = self.book.tables.readings
        rows = (
            table.filter(table.on >= self.period.first).filter(table.on <= self.period.last)
            .select("source", "channel", "grain", "on").distinct().to_pyarrow().to_pylist()
        )  # fmt: skip
        mine = [row for row in rows if (row["source"], row["channel"]) in places]
        if not mine:
            return None
        if all(row["grain"] != "day" for row in mine):
            return []
        read = {row["on"] for row in mine if row["grain"] == "day"}
        return [day for day in self.period.days() if day <= until and day not in read]

    # Ahead

    def ahead(self) -> str:
        soon = [one for one in self._soon() if one.state not in {"idea", "cancelled", "withdrawn"}]
        end = self.today + 6 * DAY
        lines, gaps = [], []
        for key, channel in self.book.settings.channels.items():
            if channel.connector in SILENT or channel.status == "retired" or (channel.start and channel.start > end):
                continue
            mine = [one for one in soon if one.channel == key]
            ready = sum(one.state in {"approved", "scheduled", "due", "published"} for one in mine)
            least = channel.cadence.min if channel.cadence.per == "week" else 0
            short = max(least - len(mine), 0)
            name = self._channel(key)
            lines.append(f"| {name} | {len(mine)} | {ready} | {least or '–'} | {f'{short} short' if short else ''} |")
            if short:
                gaps.append(name)
        if not lines:
            return "No channel is open in the next seven days."
        head = "| Channel | Planned | Ready | At least | Gap |\n| --- | ---: | ---: | ---: | --- |"
        first = f"{span(self.today, end)}. " + (
            f"Short of their cadence: {listed(gaps, most=20)}."
            if gaps
            else "Every channel has what its cadence asks for."
        )
        return f"{first}\n\n{head}\n" + "\n".join(lines)

    def _soon(self) -> list[Delivery]:
        end = self.today + 6 * DAY
        return sorted(
            (
                one for one in delivery.deliveries(self.book, self.now)
                if one.due and one.due >= self.now and day_of(one.due, self.zone) <= end
            ),
            key=lambda one: (one.due or self.now, one.key),
        )  # fmt: skip

    def load(self) -> str:
        end = self.today + timedelta(days=13)
        posts: Counter[str] = Counter()
        for slug in {one.post.slug for one in self._soon() if one.state in {"draft", "review"}}:
            post = self.book.get(Post, slug)
            if post and post.owner:
                posts[post.owner] += 1
        acts: Counter[str] = Counter(
            action.owner for plan in self.book.all(Plan) if plan.state == "active" for action in plan.actions
            if action.owner and action.due and action.due <= end and (action.status or "open") == "open"
        )  # fmt: skip
        cases: Counter[str] = Counter(
            case.owner for case in self.book.all(Case)
            if case.owner and case.state in {"new", "owned", "waiting-inside", "escalated", "reopened"}
        )  # fmt: skip
        rows = sorted({*posts, *acts, *cases}, key=lambda slug: (-(posts[slug] + acts[slug] + cases[slug]), slug))
        if not rows:
            return "Nobody has a post to finish this week, an action due in two weeks or an open case."
        head = "| Role | Posts to finish, 7 days | Actions due, 14 days | Open cases |\n| --- | ---: | ---: | ---: |"
        return f"{head}\n" + "\n".join(
            f"| {self._who(slug)} | {posts[slug] or ''} | {acts[slug] or ''} | {cases[slug] or ''} |" for slug in rows
        )

    # Words

    def _link(self, document: Document) -> str:
        path = posixpath.relpath(document.path, "content/reports")
        return f"[{_plain(document.name)}]({path.replace(' ', '%20')})"

    def _who(self, slug: str | None) -> str:
        return _plain(self.book.person(slug)) if slug else "nobody yet"

    def _channel(self, key: str) -> str:
        known = self.book.settings.channels.get(key)
        return _plain((known.name or key) if known else key)


_ADDRESS: Final = re.compile(r"[<>\s\\]")
"""What would end an address inside a link of ours."""


def _figure(value: tally.Number) -> str:
    whole = int(value) if float(value).is_integer() else value
    return f"{whole:,}"


def _counted(metric: str) -> str:
    """A network's metric as people say it: ``post_likes`` → ``likes``."""
    return metric.removeprefix("post_").replace("_", " ")


def _plain(text: str | None) -> str:
    """Somebody's words inside our Markdown: one line in which nothing is a mark."""
    line = " ".join((text or "").split())
    line = re.sub(r"([\\`*_\[\]#])", r"\\\1", line)
    return line.replace("<", "&lt;").replace("|", "&#124;")


def _said(text: str | None, *, goes_on: bool = False) -> str:
    """Somebody's words as a sentence, or as the end of one."""
    line = _plain(text)
    line = line if goes_on else line[:1].upper() + line[1:]
    return f"{line}." if line and line[-1] not in ".!?…" else line


def _stopless(text: str | None) -> str:
    return (text or "").strip().rstrip(".")


def _day(day: date | None, *, year: bool = False) -> str:
    return f"{day:%a} {spoken(day, year=year)}" if day else ""


def _are(number: int, one: str = "is", many: str = "are") -> str:
    return one if number == 1 else many


def _list(rows: list[str], *, most: int = MOST) -> str:
    """A list, cut where a reader stops reading; what is left out is counted."""
    lines: Iterator[str] = (f"- {row}" for row in rows[:most])
    more = [f"- And {len(rows) - most} more."] if len(rows) > most else []
    return "\n".join([*lines, *more])


__all__ = ["Built", "Part", "decide", "merge", "period_of", "run"]
