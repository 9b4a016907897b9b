"""Author fences: charts and numbers that are honest about what is not there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from signalbook import checking, fence, store
from signalbook.records import Reading
from signalbook.settings import read as read_settings
from site_plugins import fences
from site_plugins.fences import drawing, numbers
from site_plugins.fences.charts import config
from tests import build
from tests.build import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from signalbook.workspace import Workspace

TAKEN = NOW.astimezone(UTC)


def metric(**more: Any) -> dict[str, Any]:
    return {
        "title": "Posts merged", "status": "in-use", "owner": "writer", "means": "Posts that arrived", "formula": "count",
        "unit": "count", "grain": "week", "stage": "process", "source": "git history", "adds": "sum", "direction": "up",
        "informs": "pace", "not_for": "posts sent", "vanity": False, "how_to_get": "Run `signalbook measure`.",
    } | more  # fmt: skip


def weekly(values: list[int | None], name: str = "posts_merged", **more: Any) -> list[Reading]:
    """Readings of whole weeks, the last of them that of 16 November."""
    last = date(2026, 11, 16)
    return [
        Reading.of(**{"source": "git", "subject": "content", "metric": name, "grain": "week", "value": value, "taken_at": TAKEN,
                      "origin": "x", "on": last - timedelta(weeks=len(values) - 1 - index)} | more)
        for index, value in enumerate(values) if value is not None
    ]  # fmt: skip


def daily(name: str, values: list[int], channel: str, unit: str = "people") -> list[Reading]:
    return [
        Reading.of(source=channel, channel=channel, subject="account", metric=name, value=value, unit=unit, taken_at=TAKEN,
                   origin="x", on=date(2026, 11, 22) - timedelta(days=len(values) - 1 - index))
        for index, value in enumerate(values)
    ]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return build.workspace(
        tmp_path,
        {
            "metrics/posts-merged": metric(),
            "metrics/followers": metric(title="Followers", unit="people", grain="day", adds="last", source="network"),
            "metrics/answer-time": metric(title="Answer time", unit="duration", adds="never", min_n=5, grain="post", direction="down"),
            "plans/objectives/more": {
                "title": "More", "status": "running", "owner": "writer", "change": "Writers merge more", "metric": "posts-merged",
                "target": 20, "by": "2026-12-31", "stage": "outcome",
            },
        },
    )  # fmt: skip


def html(place: Workspace, lang: str, source: str) -> str:
    made = fences.make(build.book(place), NOW).html(lang, source)
    assert made is not None
    return made


def cells(page: str) -> list[list[str]]:
    return [
        re.findall(r"<t[hd][^>]*>(.*?)(?=</?t[hd]|$)", row)
        for row in re.findall(r"<tr>(.*?)(?=</?tr|</t(?:body|able)>)", page.partition("<tbody>")[2])
    ]


def rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The data of a specification's first layer."""
    return spec["datasets"][(spec.get("data") or spec["layer"][0]["data"])["name"]]


# --- what stands in a fence --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "source", "line", "message"),
    [
        ("chart", "metrc: posts-merged\n", 1, "“metrc” is no field of a chart. Did you mean `metric`?"),
        ("chart", "metric: post-merged\n", 1, "There is no metric “post-merged”"),
        ("chart", "metric: posts-merged\nperiod: soon\n", 2, "“soon” is no period."),
        ("chart", "metric: posts-merged\n\nchart: pie\n", 3, "“pie” is no chart."),
        ("chart", "metric: posts-merged\nchannel: myspace\n", 2, "“myspace” is not a channel."),
        ("chart", "title: Numbers\n", 1, "The block names no metric."),
        ("chart", "metric: [posts-merged]\n", 1, "There is no metric “this”"),
        ("chart", "metric: posts-merged\ntitle: [a]\n", 2, "`title` is a text."),
        ("kpi", "metrics: [posts-merged, nowhere]\n", 1, "There is no metric “nowhere”"),
        ("kpi", "metric: posts-merged\nmetrics: [followers]\n", 1, "`metric` and `metrics` both stand here."),
        ("kpi", "just words\n", 1, "The block is not a list of fields."),
        ("kpi", "metric: *x\n", 1, "Anchors (&) and aliases (*) are not used here"),
        ("kpi", "metric: [\n", 2, "The block cannot be read here"),
        ("kpi", "", 1, "The block names no metric."),
    ],
)
def test_a_fence_that_cannot_be_shown_says_why_on_the_page_and_in_the_check(
    place: Workspace, lang: str, source: str, line: int, message: str
) -> None:
    build.write(place.content / "about/page.md", f"# Page\n\nText.\n\n```{lang}\n{source}```\n")
    page = re.sub(r"<[^>]+>", "", html(place, lang, source)).replace("&amp;", "&")
    assert "cannot be shown." in page
    assert message in page
    found = [one for one in checking.findings(build.book(place), NOW) if one.rule == "fence"]
    assert (found[0].path, found[0].blocks) == ("content/about/page.md", True)
    assert (5 + line, message) in [(one.line, one.message[: len(message)]) for one in found]


def test_a_quoted_fence_is_no_fence() -> None:
    text = "````\n```chart\nx\n```\n````\n\n```python\n```\n\n```kpi\nmetric: a\n```\n\n``` chart\nb\n```\n"
    assert [(one.lang, one.line) for one in fence.find(text)] == [("kpi", 10), ("chart", 14)]


def test_the_line_is_counted_from_the_top_of_the_file(place: Workspace) -> None:
    front = {
        "title": "Plan",
        "status": "draft",
        "owner": "writer",
        "route": "one-page",
        "body": "One.\n\n```kpi\nmetric: gone\n```\n",
    }
    path = build.document(place, "plans/plan", front)
    other = build.write(
        place.content / "about/page.md", "---\ntitle: Page\n---\n\n# Page\n\n```chart\nmetric: gone\n```\n"
    )
    found = {one.path: one.line for one in checking.findings(build.book(place), NOW) if one.rule == "fence"}
    for file in (path, other):
        assert file.read_text().splitlines()[found[place.relative(file)] - 1] == "metric: gone"


def test_another_language_is_not_ours(place: Workspace) -> None:
    made = fences.make(build.book(place), NOW)
    assert made.html("python", "x") is None
    assert made.key("python", "x") == ""


# --- nothing there -------------------------------------------------------------------------------------------------------


def test_without_a_reading_there_is_no_chart_but_the_way_to_one(place: Workspace) -> None:
    page = html(place, "chart", "metric: posts-merged\n")
    assert '<svg class="sb-plot' not in page
    assert "charts.js" not in page
    assert "No reading yet" in page
    assert "Run <code>signalbook measure</code>." in page
    assert "A week is counted when it is over, this one from 30 November on." in page


def test_without_a_reading_a_number_says_how_to_get_one(place: Workspace) -> None:
    page = html(place, "kpi", "metrics: [posts-merged, followers]\n")
    assert page.count("no reading yet") == 2
    assert "sb-kpi__value>" not in page
    assert fences.make(build.book(place), NOW).tiles() == ""
    assert list(fences.make(build.book(place), NOW).assets()) == []


def test_no_engine_starts_where_nothing_was_read(place: Workspace) -> None:
    """A page that has nothing to show costs nothing to show."""
    code = (
        "import sys; from pathlib import Path; from datetime import datetime; from signalbook import book;"
        "from signalbook.workspace import Workspace; from site_plugins import fences;"
        f"b = book.load(Workspace(Path({str(place.root)!r})));"
        "f = fences.make(b, datetime.fromisoformat('2026-11-23T09:00:00+01:00'));"
        "f.html('chart', 'metric: posts-merged'); f.html('kpi', 'metric: posts-merged'); f.tiles(); list(f.assets());"
        "print([m for m in ('altair', 'vl_convert', 'duckdb', 'ibis', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_days_of_a_week_that_is_not_over_are_there_and_not_yet_shown(place: Workspace) -> None:
    store.append(place, daily("posts_merged", [3, 4], "blog", unit="count"))
    page = html(place, "chart", "metric: posts-merged\nperiod: 2026-11-18..2026-11-24\n")
    assert "No whole week yet" in page
    assert "the newest of 22 November 2026" in page


def test_readings_of_another_time_are_no_chart(place: Workspace) -> None:
    store.append(place, weekly([3]))
    page = html(place, "chart", "metric: posts-merged\nperiod: 2026-05\n")
    assert "No reading in May 2026" in page
    assert "The newest is of 16 November 2026." in page


def test_too_few_are_not_shown(place: Workspace) -> None:
    days = [date(2026, 11, day) for day in (2, 3, 4, 10)]
    store.append(
        place,
        [Reading.of(source="git", subject=f"d{i}", metric="answer_time", on=day, grain="post", unit="days", value=1.5,
                    taken_at=TAKEN, origin="x") for i, day in enumerate(days)],
    )  # fmt: skip
    assert "Too few to show" in html(place, "chart", "metric: answer-time\n")
    assert "too few to show" in html(place, "kpi", "metric: answer-time\n")


# --- a chart ---------------------------------------------------------------------------------------------------------------


def test_a_chart_has_its_source_its_table_and_one_description(place: Workspace) -> None:
    store.append(place, weekly([4, None, 12]))
    page = html(place, "chart", "metric: posts-merged\ntitle: <b>Merged</b>\n")
    assert "&lt;b&gt;Merged&lt;/b&gt;" in page
    assert "Source: git, read 23 November, today." in page
    assert "1 week without a reading is a gap." in page
    assert "Dotted line: target 20 by 31 December 2026." in page
    assert cells(page) == [["2026, week 45", "4"], ["2026, week 46", "no reading"], ["2026, week 47", "12"]]
    assert page.count('role="img"') == 2  # one for a wide window, one for a phone
    assert "from 4 (2026, week 45) to 12 (2026, week 47). 1 without a reading.</title>" in page


def test_a_picture_serves_both_schemes_and_the_policy(place: Workspace) -> None:
    store.append(place, daily("followers", [1, 5, 3], "blog") + daily("followers", [2, 2, 9], "bluesky"))
    page = html(place, "chart", "metric: followers\n")
    pictures = page[page.index('<svg class="sb-plot') : page.index("<figcaption")]
    assert "var(--sb-c1)" in pictures
    assert "var(--sb-c2)" in pictures
    assert not re.findall(r"#[0-9a-fA-F]{6}", pictures)
    assert " style=" not in page
    assert "<style" not in page
    assert "font-family" not in pictures
    ids = re.findall(r'\bid="([^"]+)"', pictures)
    assert len(ids) == len(set(ids))


def test_every_colour_of_the_theme_has_a_token() -> None:
    used = set(re.findall(r"#[0-9a-f]{6}", json.dumps(config("light")).lower()))
    assert used - set(drawing.TOKENS) == set()


def test_bars_begin_at_zero_and_a_gap_holds_no_bar(place: Workspace) -> None:
    store.append(place, weekly([4, None, 12]))
    page = html(place, "chart", "metric: posts-merged\n")
    spec = json.loads(re.search(r"data-sb-chart='([^']*)'", page)[1])  # type: ignore[index]
    bars = spec["layer"][0]
    assert bars["mark"]["type"] == "bar"
    assert bars["encoding"]["y"]["scale"]["domainMin"] == 0
    assert [row["value"] for row in rows(spec)] == [4, None, 12]
    assert "config" not in spec


def test_the_specification_cannot_end_its_attribute(place: Workspace) -> None:
    settings = place.settings.read_text().replace('connector = "feed"', 'connector = "feed"\nname = "B\'l><&og"')
    place.settings.write_text(settings)
    store.append(place, daily("followers", [1, 2], "blog") + daily("followers", [1, 2], "bluesky"))
    page = html(place, "chart", "metric: followers\n")
    held = re.search(r"data-sb-chart='([^']*)'>", page)[1]  # type: ignore[index]
    assert "<" not in held
    assert "B'l><&og" in {row["of"] for row in rows(json.loads(held))}
    assert read_settings(place.settings).channels["blog"].name == "B'l><&og"


def test_a_drawing_is_kept_and_drawn_the_same_again(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(place, weekly([4, 5]))
    first = html(place, "chart", "metric: posts-merged\n")
    kept = list((place.cache / "charts").glob("*.json"))
    assert len(kept) == 1
    with monkeypatch.context() as patch:
        patch.setattr(drawing, "_draw", lambda _: pytest.fail("drawn again"))
        assert html(place, "chart", "metric: posts-merged\n") == first
    kept[0].write_text("half a f")
    assert html(place, "chart", "metric: posts-merged\n") == first


def test_a_chart_works_in_a_notebook(place: Workspace) -> None:
    from signalbook import tally
    from signalbook.period import Period
    from site_plugins.fences.charts import readings

    store.append(place, weekly([4, None, 12]))
    book = build.book(place)
    frame = tally.frame(book.tables, ["posts_merged"], Period.parse("2026-11", build.ZONE, NOW), by="week")
    spec = readings.chart(frame, unit="posts", bars=True).to_dict()
    assert spec["layer"][0]["mark"]["type"] == "bar"


# --- a number --------------------------------------------------------------------------------------------------------------


def test_a_number_has_its_change_its_promise_and_its_source(place: Workspace) -> None:
    store.append(place, weekly([10, 10, 10, 10, 4, 5, 6, 7]))
    page = html(place, "kpi", "metric: posts-merged\nperiod: 28d\n")
    assert ">Posts merged, last 4 full weeks</a>" in page
    assert "sb-kpi__value>22<" in page
    assert "−18 (−45 %)" in page
    assert "sb-down" in page
    assert "target 20" in page
    assert "git, read 23 November, today" in page


def test_weeks_are_never_counted_twice(place: Workspace) -> None:
    """28 days to a Monday touch five weeks; the four that are over are meant, and the four before them."""
    store.append(place, weekly([1, 2, 4, 8, 16, 32, 64, 128]))
    page = html(place, "kpi", "metric: posts-merged\nperiod: 28d\n")
    assert "sb-kpi__value>240<" in page
    assert "+225" in page


@pytest.mark.parametrize(("period", "value"), [("2026-W46", "64"), ("2026-11", "224"), ("2026-W47", "128")])
def test_a_period_means_the_weeks_that_begin_in_it(place: Workspace, period: str, value: str) -> None:
    store.append(place, weekly([1, 2, 4, 8, 16, 32, 64, 128]))
    assert f"sb-kpi__value>{value}<" in html(place, "kpi", f"metric: posts-merged\nperiod: {period}\n")


def test_a_last_value_is_that_of_its_day_and_channels_do_not_add(place: Workspace) -> None:
    store.append(place, daily("followers", [10, 12, 11], "blog"))
    page = html(place, "kpi", "metric: followers\nperiod: 7d\n")
    assert ">Followers, 22 November</a>" in page
    assert "11 people" in page
    assert "−1 people" in page
    store.append(place, daily("followers", [5, 5, 5], "bluesky"))
    both = html(place, "kpi", "metric: followers\nperiod: 7d\n")
    assert "no one number" in both
    assert "sb-kpi__value>" not in both
    assert "11 people" in html(place, "kpi", "metric: followers\nchannel: blog\n")


def test_home_shows_four_numbers_at_most_and_keeps_them(place: Workspace) -> None:
    store.append(place, weekly([4, 5]) + daily("followers", [1, 2], "blog"))
    made = fences.make(build.book(place), NOW).tiles()
    assert made.startswith("<section aria-label=Numbers><div class=sb-kpis>")
    assert 1 <= made.count("class=sb-kpi>") <= 4
    assert fences.make(build.book(place), NOW).tiles() == made
    store.append(place, weekly([50], on=date(2026, 11, 9)))
    assert fences.make(build.book(place), NOW).tiles() != made


# --- keys ------------------------------------------------------------------------------------------------------------------


def test_a_key_changes_with_everything_a_fence_shows(place: Workspace) -> None:
    def key(source: str = "metric: posts-merged\n", now: datetime = NOW) -> str:
        return fences.make(build.book(place), now).key("chart", source)

    seen = [key(), key("metric: followers\n"), key(now=NOW + timedelta(days=1))]
    store.append(place, weekly([4]))
    seen.append(key())
    build.document(place, "metrics/posts-merged", metric(title="Merged posts"))
    seen.append(key())
    (place.content / "plans/objectives/more.md").unlink()
    seen.append(key())
    assert len(set(seen)) == len(seen)
    assert key() == key()


# --- other builders --------------------------------------------------------------------------------------------------------


def test_any_builder_may_use_the_extension(place: Workspace) -> None:
    import markdown

    text = "One.\n\n```kpi\nmetric: posts-merged\n```\n\n````\n```kpi\nmetric: posts-merged\n```\n````\n\nTwo."
    settings = {"workspace": str(place.root), "root": "/site/", "now": "2026-11-23T09:00:00+01:00"}
    made = markdown.markdown(
        text, extensions=["fenced_code", "signalbook_fences"], extension_configs={"signalbook_fences": settings}
    )
    assert made.count("sb-kpi__name") == 1
    assert 'href="/site/metrics/posts-merged.html"' in made
    assert "metric: posts-merged" in made


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(12, "count", "12"), (1.0, "days", "1 day"), (2.5, "days", "2.5 days"), (3.14159, "percent", "3.14 %"),
     (48210, "people", "48,210 people"), (120, "EUR", "EUR 120"), (4320, "seconds", "1 h 12 min"), (-0.3, "ratio", "−0.3")],
)  # fmt: skip
def test_a_number_is_said_with_its_unit(value: float, unit: str, said: str) -> None:
    assert numbers.said(value, unit) == said
