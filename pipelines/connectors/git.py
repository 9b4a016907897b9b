"""The git meter: how the team works, as readings from the history of ``content/``. Nobody is named in them.

Everything is told by the main line (what was merged), in the team's days and weeks, for days and weeks that are over;
a week's reading lies on its Monday. A week in which nothing happened reads 0.

======================  =======  ======  ==========================================================================
metric                  grain    unit    what is counted
======================  =======  ======  ==========================================================================
``drafts_to_approval``  post     days    from the commit that first saved a document as draft or for review until the
                                         main line first had it approved, in force or active; one reading a document,
                                         on the day of the approval; none when both are one commit
``posts_merged``        week     count   posts that were added to the main line; a renamed one does not count again
``plan_changes``        week     count   commits on the main line that touched a plan, a campaign or an objective
``documents_changed``   week     count   different documents that were added, changed, renamed or removed
``contributors``        week     people  different authors of commits on any branch that was merged
``reviews_overdue``     day      count   documents whose review date lay before the day, as they stood at its end; those
                                         no longer in use do not count
======================  =======  ======  ==========================================================================
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from signalbook import history
from signalbook.period import Period, day_of
from signalbook.records import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pipelines.measure import Measure
    from signalbook.book import Book
    from signalbook.history import History

STARTED = ("draft", "review")
APPROVED = ("approved", "in-force", "active")
OVER = frozenset({"superseded", "withdrawn", "cancelled", "closed", "deprecated", "dropped", "retired", "expired"})
"""States in which nobody need read a document again."""
PLANS = frozenset({"plan", "campaign", "objective"})
DAY = timedelta(days=1)


class Git:
    """The connector: it asks ``history`` and counts."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.why = ""

    def measure(self, book: Book, action: Measure, now: datetime) -> Iterator[Reading]:
        """Give all readings up to the action's last day; without history none, and ``why`` says why."""
        known = history.load(book.workspace)
        self.why = known.why
        yield from readings(known, book.settings.team.zone, action.until, now)


CONNECTOR = Git()
"""What is registered: it needs no account."""


def readings(known: History, zone: ZoneInfo, until: date, taken_at: datetime) -> Iterator[Reading]:
    """Count a history in a zone's days, up to a day that is over. The same history gives the same readings."""
    if not known.main:
        return
    made = _Made(known.head, taken_at)
    first = day_of(known.main[0].at, zone)
    yield from _approvals(known, zone, until, made)
    week = Period.around("week", first, zone)
    while week.last <= until:
        yield from _week(known, week, made)
        week = Period.around("week", week.last + DAY, zone)
    yield from _overdue(known, zone, first, until, made)


class _Made:
    """What all readings of a run share."""

    def __init__(self, head: str, taken_at: datetime) -> None:
        self.origin = f"git commit {head[:12]}"
        self.taken_at = taken_at

    def week(self, metric: str, week: Period, value: int, unit: str = "count") -> Reading:
        return Reading.of(
            source="git",
            subject="content",
            metric=metric,
            on=week.first,
            grain="week",
            value=value,
            unit=unit,
            taken_at=self.taken_at,
            origin=self.origin,
        )


def _week(known: History, week: Period, made: _Made) -> Iterator[Reading]:
    main = [commit for commit in known.main if commit.at in week]
    touched = [(commit, file, history.kind_name(file.path)) for commit in main for file in commit.files]
    documents = {file.path for _, file, kind in touched if kind not in {"page", "file"}}
    posts = {file.path for _, file, kind in touched if kind == "post" and file.what == "added"}
    plans = {commit.sha for commit, _, kind in touched if kind in PLANS}
    authors = {commit.author for commit in known.commits if commit.at in week}
    yield made.week("posts_merged", week, len(posts))
    yield made.week("plan_changes", week, len(plans))
    yield made.week("documents_changed", week, len(documents))
    yield made.week("contributors", week, len(authors), "people")


def _approvals(known: History, zone: ZoneInfo, until: date, made: _Made) -> Iterator[Reading]:
    for path, life in sorted(known.main_lives.items()):
        approved = life.reached(*APPROVED)
        written = (known.of(path) or life).reached(*STARTED)
        if approved is None or written is None or written.commit.sha == approved.commit.sha:
            continue
        start = min(written.commit.written_at, written.commit.at)
        if start >= approved.commit.at or day_of(approved.commit.at, zone) > until:
            continue
        yield Reading.of(
            source="git",
            # As it was called then: a later name would make another reading of it.
            subject=approved.file.path.removeprefix("content/").removesuffix(".md"),
            metric="drafts_to_approval",
            on=day_of(approved.commit.at, zone),
            grain="post",
            value=(approved.commit.at - start).total_seconds() / 86_400,
            unit="days",
            taken_at=made.taken_at,
            origin=made.origin,
        )


def _overdue(known: History, zone: ZoneInfo, first: date, until: date, made: _Made) -> Iterator[Reading]:
    # Each version is in force from its day until the day of the next one; of these days, those after its review date
    # count. The first day adds one and the day after the last takes it away again.
    steps: dict[date, int] = {}
    for life in known.main_lives.values():
        days = [day_of(version.commit.at, zone) for version in life.versions] + [until + DAY]
        for version, (start, end) in zip(life.versions, pairwise(days), strict=True):
            facts = version.facts
            if facts.review_by is None or facts.status in OVER or version.file.what == "removed":
                continue
            begin, stop = max(start, facts.review_by + DAY), min(end, until + DAY)
            if begin < stop:
                steps[begin] = steps.get(begin, 0) + 1
                steps[stop] = steps.get(stop, 0) - 1
    day, overdue = first, 0
    while day <= until:
        overdue += steps.get(day, 0)
        yield Reading.of(
            source="git",
            subject="content",
            metric="reviews_overdue",
            on=day,
            value=overdue,
            taken_at=made.taken_at,
            origin=made.origin,
        )
        day += DAY
