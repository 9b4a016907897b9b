"""A week's report: built from the Book alone, built again without losing a word, never over one that left the team."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import report
from signalbook import checking, frontmatter, store
from signalbook.errors import ContentError, UsageError
from signalbook.history import Commit, Facts, File, History
from signalbook.model import Report
from signalbook.records import Reading, Receipt
from tests import build

if TYPE_CHECKING:
    from signalbook.workspace import Workspace

NOW = build.NOW
GOLDEN = Path(__file__).parents[1] / "golden" / "report-week.md"
WEEK = "2026-W47"


def metric(**more: Any) -> dict[str, Any]:
    return {
        "title": "Posts merged", "status": "in-use", "owner": "writer", "means": "Posts that arrived", "formula": "count",
        "unit": "count", "grain": "week", "stage": "process", "source": "git history", "adds": "sum", "direction": "none",
        "informs": "pace", "not_for": "posts sent", "vanity": False, "how_to_get": "Run `signalbook measure`.",
    } | more  # fmt: skip


def reading(week: int, value: int) -> Reading:
    return Reading.of(
        source="git", subject="content", metric="posts_merged", on=date(2026, 11, 16) - timedelta(weeks=week),
        grain="week", value=value, taken_at=NOW.astimezone(UTC), origin="git commit abc",
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A team whose week had something of everything."""
    place = build.workspace(
        tmp_path,
        {
            "people/analyst": build.person(title="Analyst", roles=["analyst"]),
            "metrics/posts-merged": metric(),
            "calendar/doors-open": build.post(
                status="approved", channels=["bluesky", "mastodon"], publish_at="2026-11-17 08:30", title="Doors [open]"
            ),
            "calendar/late-one": build.post(status="approved", title="Late one", publish_at="2026-11-20 08:00", channels=["blog"]),
            "calendar/waits": build.post(status="review", title="Waits", publish_at="2026-11-24 10:00", channels=["bluesky"]),
            "plans/opening": {
                "title": "Opening", "status": "active", "owner": "writer", "route": "one-page",
                "actions": [
                    {"what": "Order flyers.", "owner": "writer", "due": "2026-11-16", "measure": "posts-merged"},
                    {"what": "Count chairs", "owner": "analyst", "due": "2026-12-01", "measure": "posts-merged"},
                ],
                "changes": [{"on": "2026-11-18", "what": "One evening more", "why": "the first was full"}],
            },
            "policies/voice": {"title": "Voice", "status": "in-force", "owner": "writer", "review_by": "2026-11-01"},
            "plans/insights/chairs": {
                "title": "People stand", "status": "noted", "owner": "writer", "type": "other", "observed": "They stood.", "act": "analyst",
            },
        },
    )  # fmt: skip
    sent = datetime(2026, 11, 17, 7, 31, tzinfo=UTC)
    store.append(place, [reading(0, 40), *(reading(week, 5 + week % 2) for week in range(1, 9))])
    store.append(
        place,
        [
            Receipt(f"doors-open/{channel}", "doors-open", channel, 1, sent, "1", "", "x")
            for channel in ("bluesky", "mastodon")
        ],
    )
    return place


def history() -> History:
    """A policy came into force on Thursday; the report itself was committed last."""
    at = datetime(2026, 11, 19, 12, tzinfo=UTC)
    draft = Commit(
        "a" * 40, "Writer", at, at, "policies: draft", (File("added", "content/policies/voice.md", "", "1"),)
    )
    force = Commit(
        "b" * 40, "Writer", at, at, "policies: in force", (File("changed", "content/policies/voice.md", "", "2"),)
    )
    own = Commit("c" * 40, "Writer", at, at, "report", (File("added", "content/reports/2026-W47.md", "", "3"),))
    facts = {"1": Facts("draft"), "2": Facts("in-force"), "3": Facts("built")}
    return History("c" * 40, "", (draft, force, own), (draft, force, own), facts)


def test_the_week_as_it_was(place: Workspace, golden_update: bool) -> None:
    book = build.book(place)
    period = report.period_of(WEEK, book, NOW)
    text = report.merge(report.decide(book, period, NOW, past=history()), "")
    text = text.replace(f"signalbook {report.version('signalbook')}", "signalbook 0")
    if golden_update:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_same_book_and_moment_give_the_same_bytes(place: Workspace) -> None:
    path = report.run(place, "week", WEEK, NOW)
    first = path.read_bytes()
    stamp = path.stat().st_mtime_ns
    assert report.run(place, "week", WEEK, NOW) == path
    assert path.read_bytes() == first
    assert path.stat().st_mtime_ns == stamp


def test_a_built_report_has_every_field_and_no_finding(place: Workspace) -> None:
    path = report.run(place, "week", "", NOW)
    book = build.book(place)
    made = book.get(Report, WEEK)
    assert made is not None
    assert (made.kind, made.period, made.for_, made.owner, made.as_of) == ("week", WEEK, "team", "analyst", NOW)
    found = [one for one in checking.findings(book, NOW) if one.path == place.relative(path)]
    assert [one.message for one in found if one.blocks] == []


def test_what_people_wrote_stays_where_they_wrote_it(place: Workspace) -> None:
    path = report.run(place, "week", WEEK, NOW)
    text = path.read_text()
    text = text.replace("notes: []", 'notes:\n- {at: 2026-11-23, by: analyst, text: "Half term."}\nmood: fair').replace(
        "title: Week 47", 'title: "Week 47: full house"'
    )
    text = text.replace("<!-- signalbook: late -->", "Before late.\n\n<!-- signalbook: late -->")
    text = text.replace(
        "<!-- signalbook: numbers -->", "## One thing to stop\n\nCounting twice.\n\n<!-- signalbook: numbers -->"
    )
    text = text.replace("Nothing", "Edited inside a generated part")
    path.write_text(text + "\nLast words.\n")
    store.append(place, [reading(9, 3)])
    report.run(place, "week", WEEK, NOW + timedelta(hours=2))
    again = path.read_text()
    taken = frontmatter.split(again)
    assert taken.values["title"] == "Week 47: full house"
    assert taken.values["mood"] == "fair"
    assert taken.values["notes"] == [{"at": "2026-11-23", "by": "analyst", "text": "Half term."}]
    assert str(taken.values["as_of"]).startswith("2026-11-23T11:00")
    assert "Before late.\n\n<!-- signalbook: late -->" in again
    assert "## One thing to stop\n\nCounting twice.\n\n<!-- signalbook: numbers -->" in again
    assert again.endswith("Last words.\n")
    assert "Edited inside" not in again
    report.run(place, "week", WEEK, NOW + timedelta(hours=2))
    assert path.read_text() == again


def test_a_part_that_somebody_took_out_comes_back_in_its_place(place: Workspace) -> None:
    path = report.run(place, "week", WEEK, NOW)
    whole = path.read_text()
    start, end = whole.index("<!-- signalbook: late -->"), whole.index("<!-- signalbook: plans -->")
    path.write_text(whole[:start] + whole[end:])
    report.run(place, "week", WEEK, NOW)
    names = [line.split()[2] for line in path.read_text().splitlines() if line.startswith("<!-- signalbook:")]
    assert names[:3] == ["went-out", "late", "plans"]


def test_a_part_without_its_end_is_told_and_nothing_is_written(place: Workspace) -> None:
    path = report.run(place, "week", WEEK, NOW)
    text = path.read_text().replace("<!-- /signalbook -->", "", 1) + "My words.\n"
    path.write_text(text)
    with pytest.raises(ContentError, match=r"2026-W47.md:\d+: The generated part “went-out” begins here"):
        report.run(place, "week", WEEK, NOW)
    assert path.read_text() == text


def test_gaps_that_people_added_stay_and_computed_ones_are_computed_anew(place: Workspace) -> None:
    path = report.run(place, "week", WEEK, NOW)
    assert "No readings: Blog, Bluesky and Mastodon" in path.read_text()
    path.write_text(path.read_text().replace("gaps:\n", 'gaps:\n- "The door counter was off on Monday"\n'))
    store.append(place, [Reading.of(source="feed", channel="blog", subject="account", metric="visits", on=date(2026, 11, day),
                                    value=1, taken_at=NOW.astimezone(UTC), origin="x") for day in (16, 17, 18)])  # fmt: skip
    report.run(place, "week", WEEK, NOW)
    gaps = frontmatter.split(path.read_text()).values["gaps"]
    assert gaps == [
        "No readings: Bluesky and Mastodon",
        "Days missing: Blog, 4 days of 7 days",
        "The door counter was off on Monday",
    ]


@pytest.mark.parametrize("state", ["approved", "sent"])
def test_a_report_that_left_the_team_is_never_written_again(place: Workspace, state: str) -> None:
    path = report.run(place, "week", WEEK, NOW)
    text = path.read_text().replace("status: built", f"status: {state}")
    path.write_text(text)
    with pytest.raises(ContentError, match=f"This report is {state}.*2026-W47-restated.md"):
        report.run(place, "week", WEEK, NOW + timedelta(days=1))
    assert path.read_text() == text


def test_a_correction_is_a_report_of_its_own(place: Workspace) -> None:
    path = report.run(place, "week", WEEK, NOW)
    sent = path.read_text().replace("status: built", "status: sent")
    path.write_text(sent)
    why = "restated:\n- {metric: posts-merged, was: 40, is: 41, why: one was missed}\n"
    fixed = path.with_name("2026-W47-restated.md")
    fixed.write_text(sent.replace("status: sent", "status: restated").replace("restated: []\n", why))
    assert report.run(place, "week", WEEK, NOW + timedelta(days=1)) == fixed
    assert path.read_text() == sent
    assert frontmatter.split(fixed.read_text()).values["restated"][0]["is"] == 41


def test_a_quiet_week_says_that_nothing_is_to_be_said(tmp_path: Path) -> None:
    place = build.workspace(tmp_path)
    text = report.run(place, "week", WEEK, NOW).read_text()
    for sentence in (
        "Nothing went out: there is no receipt of 16 to 22 November 2026.",
        "Nothing is late and nothing is missing.",
        "No plan is active.",
        "No source has a reading of this week, so there is no number to show.",
        "Nothing waits for a decision.",
        "No review is overdue.",
        "Short of their cadence: Bluesky.",
        "Nobody has a post to finish this week, an action due in two weeks or an open case.",
    ):
        assert sentence in text


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-23T00:00", "2026-W47"),
        ("2026-11-22T23:59", "2026-W46"),
        ("2027-01-04T09:00", "2026-W53"),
        ("2026-01-05T09:00", "2026-W01"),
    ],
)
def test_without_a_period_it_is_the_last_week_that_is_over(tmp_path: Path, now: str, week: str) -> None:
    book = build.book(build.workspace(tmp_path))
    moment = datetime.fromisoformat(now).replace(tzinfo=build.ZONE)
    assert str(report.period_of("", book, moment)) == week


@pytest.mark.parametrize(
    ("text", "why"), [("2026-11", "covers a week"), ("soon", "is no period"), ("2026-W50", "has not begun")]
)
def test_a_period_that_is_no_week_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        report.run(build.workspace(tmp_path), "week", text, NOW)


def test_titles_cannot_become_marks_of_ours(tmp_path: Path) -> None:
    title = "<!-- /signalbook --> | ](x) `code` <b>"
    place = build.workspace(
        tmp_path, {"calendar/a": build.post(title=title, status="review", publish_at="2026-11-24 10:00")}
    )
    text = report.run(place, "week", WEEK, NOW).read_text()
    assert "<b>" not in text
    assert text.count("<!-- /signalbook -->") == text.count("<!-- signalbook:")
    report.run(place, "week", WEEK, NOW)


def told(channel: str, metric: str, subject: str, on: date, value: int, grain: str = "post") -> Reading:
    return Reading.of(source=channel, channel=channel, subject=subject, metric=metric, on=on, value=value, grain=grain,  # type: ignore[arg-type]
                      taken_at=datetime(on.year, on.month, on.day, 12, tzinfo=UTC), origin="x")  # fmt: skip


def test_what_went_out_stands_with_its_address_and_what_it_brought(place: Workspace) -> None:
    at = datetime(2026, 11, 19, 8, tzinfo=UTC)
    first = Receipt("late-one/blog", "late-one", "blog", 1, at, "at://1", "https://x.example/a_b>(1)", "x")
    second = Receipt("waits/bluesky", "waits", "bluesky", 1, at, "2", "javascript:alert(1)", "x")
    store.append(place, [first, second])
    store.append(
        place,
        [
            told("blog", "post_likes", "at://1", date(2026, 11, 20), 3), told("blog", "post_likes", "at://1", date(2026, 11, 21), 1200),
            told("blog", "post_reposts", "at://1", date(2026, 11, 21), 0), told("blog", "post_likes", "another", date(2026, 11, 21), 7),
        ],
    )  # fmt: skip
    text = report.run(place, "week", WEEK, NOW).read_text()
    assert "on [Blog](<https://x.example/a_b(1)>), Thu 19 November at 09:00. On Blog: 1,200 likes." in text
    assert "javascript" not in text


def test_what_the_channels_count_stands_beside_the_week_before(place: Workspace) -> None:
    assert "What the channels count" not in report.run(place, "week", WEEK, NOW).read_text()
    days = [(date(2026, 11, 15), 120), (date(2026, 11, 18), 110), (date(2026, 11, 22), 108)]
    store.append(place, [told("bluesky", "followers", "account", on, value, "day") for on, value in days])
    text = report.run(place, "week", WEEK, NOW).read_text()
    assert "| Bluesky | 108 | −12 | 1 |" in text
    assert "| Mastodon |" not in text.partition("What the channels count")[2].partition("<!-- /signalbook")[0]
