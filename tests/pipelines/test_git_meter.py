"""The git meter and ``measure``: the team's own process as readings, counted once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from pipelines import measure
from pipelines.connectors.git import Git, readings
from signalbook import book, store, tally
from signalbook.errors import ConnectorError
from signalbook.history import Commit, Facts, File, History
from signalbook.period import Period
from signalbook.records import Reading
from signalbook.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
SUNDAY = date(2026, 11, 22)


def at(days: float) -> datetime:
    return MONDAY + timedelta(days=days)


def history_of(*steps: tuple[float, str, dict[str, str]]) -> History:
    """A straight history. A step: days after the first Monday, who, and path → what became of it.

    ``draft`` is a state; ``draft 2026-11-01`` has a review date too; ``-`` removes; ``>path`` renames to it.
    """
    commits, facts = [], {}
    seen: set[str] = set()
    for number, (days, author, files) in enumerate(steps):
        made = []
        for path, word in files.items():
            blob = f"{number}:{path}"
            state, _, review = word.partition(" ")
            if word.startswith(">"):
                made.append(File("renamed", word[1:], path, blob))
                facts[blob] = Facts("draft")
                seen.add(word[1:])
                continue
            facts[blob] = Facts(state, date.fromisoformat(review) if review else None)
            what: Any = "removed" if word == "-" else "changed" if path in seen else "added"
            made.append(File(what, path, "", "" if word == "-" else blob))
            seen.add(path)
        commits.append(Commit(f"{number:040}", author, at(days), at(days), "subject", tuple(made)))
    return History("f" * 40, "", tuple(commits), tuple(commits), facts)


def counted(known: History, metric: str, until: date = SUNDAY) -> dict[str, float]:
    """Day (or subject) → value of one metric."""
    return {
        (found.subject if found.grain == "post" else found.on.isoformat()): found.value
        for found in readings(known, BERLIN, until, NOW)
        if found.metric == metric
    }


ONE, TWO, PLAN = "content/calendar/one.md", "content/calendar/two.md", "content/plans/launch.md"


def test_a_post_counts_in_the_week_it_was_added_and_not_again_when_renamed() -> None:
    known = history_of(
        (0, "a", {ONE: "draft", TWO: "idea", PLAN: "draft"}),
        (8, "a", {ONE: ">content/calendar/first.md"}),
        (15, "a", {"content/calendar/three.md": "draft"}),
    )
    assert counted(known, "posts_merged") == {"2026-11-02": 2, "2026-11-09": 0, "2026-11-16": 1}


def test_plan_changes_are_commits_and_documents_changed_are_documents() -> None:
    known = history_of(
        (0, "a", {PLAN: "draft", "content/plans/objectives/sales.md": "draft"}),
        (1, "b", {PLAN: "active", ONE: "draft", "content/about.md": "", "content/media/a.svg": ""}),
        (2, "b", {PLAN: "active"}),
    )
    assert counted(known, "plan_changes")["2026-11-02"] == 3
    assert counted(known, "documents_changed")["2026-11-02"] == 3
    assert counted(known, "contributors") == {"2026-11-02": 2, "2026-11-09": 0, "2026-11-16": 0}


def test_a_week_that_is_not_over_is_not_told() -> None:
    known = history_of((0, "a", {ONE: "draft"}))
    assert counted(known, "posts_merged", until=date(2026, 11, 7)) == {}
    assert counted(known, "posts_merged", until=date(2026, 11, 8)) == {"2026-11-02": 1}


def test_the_way_from_draft_to_approval_is_told_in_days() -> None:
    known = history_of(
        (0, "a", {ONE: "idea", TWO: "draft", PLAN: "active"}),
        (1, "a", {ONE: "draft"}),
        (2, "a", {ONE: "review", "content/policies/social.md": "review"}),
        (4.5, "b", {ONE: "approved", "content/policies/social.md": "in-force"}),
        (6, "b", {ONE: "draft"}),
        (9, "b", {ONE: "approved"}),
    )
    assert counted(known, "drafts_to_approval") == {"calendar/one": 3.5, "policies/social": 2.5}


def test_reviews_are_overdue_from_the_day_after_until_they_are_done_or_the_document_is_over() -> None:
    policy, person, old = (f"content/policies/{name}.md" for name in ("a", "b", "c"))
    known = history_of(
        (0, "a", {policy: "in-force 2026-11-04", person: "in-force 2026-10-01", old: "superseded 2026-01-01"}),
        (5, "a", {policy: "in-force 2027-11-04"}),
        (6, "a", {person: "-"}),
    )
    assert list(counted(known, "reviews_overdue", until=date(2026, 11, 9)).values()) == [1, 1, 1, 2, 2, 1, 0, 0]


def test_a_review_done_on_the_day_itself_was_never_overdue_at_its_end() -> None:
    known = history_of((0, "a", {ONE: "approved 2026-11-02"}), (1, "a", {ONE: "approved 2026-12-01"}))
    assert set(counted(known, "reviews_overdue").values()) == {0}


def test_days_are_the_teams() -> None:
    """At half past eleven in the evening in London it is the next day in Berlin."""
    late = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    known = history_of((0, "a", {PLAN: "draft"}), ((late - MONDAY) / timedelta(days=1), "a", {ONE: "draft"}))
    assert counted(known, "posts_merged") == {"2026-11-02": 0, "2026-11-09": 1, "2026-11-16": 0}
    assert next(iter(readings(known, ZoneInfo("Europe/London"), SUNDAY, NOW))).on == date(2026, 11, 2)


def test_the_same_history_gives_the_same_readings_whenever_it_is_counted() -> None:
    known = history_of((0, "a", {ONE: "draft"}), (3, "b", {ONE: "approved", PLAN: "active 2026-11-05"}))
    first = {found.key: found.value for found in readings(known, BERLIN, SUNDAY, NOW)}
    second = {found.key: found.value for found in readings(known, BERLIN, SUNDAY, NOW + timedelta(days=40))}
    assert first == second


def test_no_name_of_anybody_is_in_a_reading() -> None:
    known = history_of((0, "Zoë Example", {ONE: "draft"}), (3, "Zoë Example", {ONE: "approved"}))
    assert all("Zoë" not in repr(found) for found in readings(known, BERLIN, SUNDAY, NOW))


def test_without_history_there_is_no_reading() -> None:
    assert list(readings(History(why="no git"), BERLIN, SUNDAY, NOW)) == []


# measure


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "content").mkdir()
    (tmp_path / "signalbook.toml").write_text(
        '[team]\ntimezone = "Europe/Berlin"\n[channels.bluesky]\nconnector = "bluesky"\n'
        '[channels.old]\nconnector = "mastodon"\nstatus = "retired"\n'
    )
    return Workspace(tmp_path)


class Counter:
    """A meter that gives one reading a day, and remembers what it was asked."""

    def __init__(self, source: str, *, broken: bool = False) -> None:
        self.source = source
        self.broken = broken
        self.asked: list[measure.Measure] = []

    def measure(self, book: book.Book, action: measure.Measure, now: datetime) -> Iterator[Reading]:
        self.asked.append(action)
        if self.broken:
            raise ConnectorError(self.source, "answered 503")
        day = action.since or action.until
        while day <= action.until:
            yield Reading.of(
                source=self.source, channel=action.channel, subject="account", metric="clicks", on=day, value=1,
                taken_at=now, origin="test",
            )  # fmt: skip
            day += timedelta(days=1)


def test_what_is_missing_is_asked_of_every_source_and_channel_in_use(workspace: Workspace) -> None:
    assert measure.decide(book.load(workspace), NOW) == [
        measure.Measure("git", "", None, SUNDAY),
        measure.Measure("ledger", "", None, SUNDAY),
        measure.Measure("listening", "", None, SUNDAY),
        measure.Measure("bluesky", "bluesky", None, SUNDAY),
    ]


def test_after_a_run_nothing_is_due_and_a_second_run_adds_nothing(workspace: Workspace) -> None:
    connectors = {name: Counter(name) for name in (*measure.OWN, "bluesky")} | {"manual": object()}
    outcome = measure.run(workspace, connectors, NOW)
    assert (outcome.read, outcome.added, outcome.failures) == (4, 4, ())
    assert measure.decide(book.load(workspace), NOW) == []
    assert measure.run(workspace, connectors, NOW) == measure.Outcome()


def test_the_next_day_asks_only_for_what_came_since(workspace: Workspace) -> None:
    meter = Counter("bluesky")
    measure.run(workspace, {"bluesky": meter}, NOW)
    outcome = measure.run(workspace, {"bluesky": meter}, NOW + timedelta(days=3))
    assert meter.asked[-1] == measure.Measure("bluesky", "bluesky", date(2026, 11, 23), date(2026, 11, 25))
    assert outcome.added == 3


def test_a_number_that_goes_back_to_what_it_was_is_news(workspace: Workspace) -> None:
    class Followers:
        value = 100

        def measure(self, book: book.Book, action: measure.Measure, now: datetime) -> Iterator[Reading]:
            yield Reading.of(
                source="bluesky", channel="bluesky", subject="account", metric="followers", on=SUNDAY, grain="week",
                value=self.value, taken_at=now, origin="test",
            )  # fmt: skip

    meter = Followers()
    added = []
    for hour, meter.value in enumerate((100, 101, 100, 100, 101)):
        added.append(measure.run(workspace, {"bluesky": meter}, NOW + timedelta(hours=hour)).added)
        found = tally.latest(store.tables(workspace), "followers")
        assert found is not None
        assert found.value == meter.value
    assert added == [1, 1, 1, 0, 1]


def test_a_source_that_fails_does_not_stop_the_others(workspace: Workspace) -> None:
    outcome = measure.run(workspace, {"git": Counter("git", broken=True), "bluesky": Counter("bluesky")}, NOW)
    assert outcome.added == 1
    assert outcome.failures == (measure.Failure("git", "", "git: answered 503"),)


def test_one_channel_can_be_measured_alone(workspace: Workspace) -> None:
    connectors = {"git": Counter("git"), "bluesky": Counter("bluesky")}
    outcome = measure.run(workspace, connectors, NOW, channel="bluesky")
    assert [action.source for action in outcome.asked] == ["bluesky"]


def test_the_git_meter_reads_a_real_repository_and_a_second_run_adds_nothing(
    workspace: Workspace, git_clock: Any
) -> None:
    post = workspace.content / "calendar" / "opening.md"
    post.parent.mkdir(parents=True)
    for status, when in (("draft", "2026-11-03T09:00:00+01:00"), ("approved", "2026-11-05T21:00:00+01:00")):
        post.write_text(f"---\ntitle: Opening\nstatus: {status}\nowner: writer\n---\nCopy.\n")
        git_clock(workspace.root, when)
    outcome = measure.run(workspace, {"git": Git()}, NOW)
    # Three weeks of four numbers, twenty days of reviews, one approval.
    assert (outcome.read, outcome.added, outcome.notes) == (3 * 4 + 20 + 1, 33, ())
    assert measure.run(workspace, {"git": Git()}, NOW).added == 0
    tables = store.tables(workspace)
    november = Period.parse("2026-11", BERLIN, NOW)
    assert tally.total(tables, "drafts_to_approval", november, adds="never").value == 2.5
    assert tally.total(tables, "posts_merged", november).value == 1
    assert tally.total(tables, "reviews_overdue", november, adds="last").value == 0


def test_a_workspace_without_git_says_why_there_is_nothing(workspace: Workspace) -> None:
    outcome = measure.run(workspace, {"git": Git()}, NOW)
    assert (outcome.read, outcome.added) == (0, 0)
    assert outcome.notes == ("git: The workspace is not in git, so that who wrote what and when is not known.",)


@pytest.fixture
def git_clock() -> Any:
    """Commit everything in a folder at a time of our choosing."""
    import os
    import subprocess

    def commit(root: Path, when: str) -> None:
        stamps = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        who = ["-c", "user.name=Writer", "-c", "user.email=writer@example.org"]
        for words in (["init", "-q", "-b", "main"], ["add", "content"], [*who, "commit", "-q", "-m", "calendar"]):
            subprocess.run(["git", *words], cwd=root, check=True, env={**os.environ, **stamps})

    return commit
