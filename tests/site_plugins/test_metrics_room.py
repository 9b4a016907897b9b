"""The metric dictionary and the reports, as pages: what a number must not be used for, and what a report leaves open."""

from __future__ import annotations

import re
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import report
from signalbook import store
from signalbook.records import Reading
from site_plugins import fences
from site_plugins.metrics.pages import pages as metric_pages
from site_plugins.pages import ROOT, Page
from site_plugins.reports.pages import pages as report_pages
from site_plugins.reports.pages import parts
from site_plugins.site import Site
from tests import build
from tests.build import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from signalbook.workspace import Workspace


def metric(**more: Any) -> dict[str, Any]:
    return {
        "title": "Posts merged", "status": "in-use", "owner": "writer", "means": "Posts that arrived", "formula": "count(posts)",
        "unit": "count", "grain": "day", "stage": "process", "source": "git history", "adds": "sum", "direction": "up",
        "informs": "pace", "not_for": "posts sent", "vanity": False, "how_to_get": "Run `signalbook measure`.",
    } | more  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return build.workspace(
        tmp_path,
        {
            "metrics/posts-merged": metric(),
            "metrics/reach": metric(title="Reach", stage="output", vanity=True, status="proposed", not_for="having been read", min_n=30),
            "metrics/recall": metric(title="Recall", stage="outcome", source="survey", readings="remembered"),
            "plans/objectives/more": {
                "title": "More", "status": "running", "owner": "writer", "change": "Writers merge more", "metric": "posts-merged",
                "target": 20, "by": "2026-12-31", "stage": "outcome",
            },
        },
    )  # fmt: skip


def read(place: Workspace, name: str = "posts_merged", value: int = 7) -> None:
    one = Reading.of(source="git", subject="content", metric=name, on=date(2026, 11, 20), value=value,
                     taken_at=NOW.astimezone(UTC), origin="x")  # fmt: skip
    store.append(place, [one])


def site_of(place: Workspace) -> Site:
    book = build.book(place)
    return Site(book=book, now=NOW, name="Harbour", fences=fences.make(book, NOW))


def room(place: Workspace, make: Any = metric_pages) -> dict[str, Page]:
    site = site_of(place)
    return {page.address: page for page in make(site.book, NOW, site)}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_page_says_what_the_number_must_not_be_used_for(place: Workspace) -> None:
    said = words(room(place)["metrics/reach.html"].body())
    assert "Must not be used for: having been read. Below 30 it is not shown. It is a vanity number" in said
    assert "No reading yet" in said
    assert "Run signalbook measure ." in said


def test_a_page_says_which_decision_it_serves_and_who_names_it(place: Workspace) -> None:
    html = room(place)["metrics/posts-merged.html"].body()
    assert "Decides pace" in words(html)
    assert "Promised by" in html
    assert "target 20 by 31 December 2026" in html
    assert f'href="{ROOT}plans/objectives/more.html"' in html
    assert "count(posts)" in html


def test_readings_become_a_chart_on_the_page_and_a_value_in_the_index(place: Workspace) -> None:
    before = room(place)
    read(place)
    after = room(place)
    assert 'class="sb-plot' in after["metrics/posts-merged.html"].body()
    index = words(after["metrics/index.html"].body())
    assert "7 20 November, 3 d ago" in index
    assert "3 definitions 1 with readings" in index
    assert all(after[address].key != page.key for address, page in before.items())


def test_an_index_without_a_number_says_so(place: Workspace) -> None:
    index = words(room(place)["metrics/index.html"].body())
    assert "No number has been read yet." in index
    assert index.count("no reading yet") == 3


def test_the_index_is_ordered_by_stage_and_flags_vanity(place: Workspace) -> None:
    html = room(place)["metrics/index.html"].body()
    assert re.findall(r'id="stage-([a-z-]+)"', html) == ["outcome", "output", "process"]
    row = next(row for row in html.split("<tr>") if "Reach" in row)
    assert "vanity" in row
    assert "proposed" in row


def test_readings_under_another_name_are_found(place: Workspace) -> None:
    read(place, "remembered", 12)
    assert 'class="sb-plot' in room(place)["metrics/recall.html"].body()


def test_a_report_is_cut_at_its_headings_but_not_inside_a_block() -> None:
    intro, found = parts("Before.\n\n## One\n\na\n\n```kpi\n## not a heading\n```\n\n## Two \\[x\\] ##\n### Three\nb")
    assert intro == "Before."
    assert found == [("One", "a\n\n```kpi\n## not a heading\n```"), ("Two [x]", "### Three\nb")]


def test_without_a_report_there_is_no_room(place: Workspace) -> None:
    assert room(place, report_pages) == {}


def test_a_report_prints_its_gaps_its_notes_and_what_it_was_built_from(place: Workspace) -> None:
    read(place)
    path = report.run(place, "week", "", NOW)
    path.write_text(
        path.read_text()
        .replace("notes: []", 'notes:\n- {at: 2026-11-23, by: writer, text: "Half <b>term</b>."}')
        .replace("asks: []", "asks:\n- {of: writer, what: sign, by: 2026-11-25}")
    )
    made = room(place, report_pages)
    assert list(made) == ["reports/index.html", "reports/2026-W47.html"]
    html = made["reports/2026-W47.html"].body()
    said = words(html)
    assert "What is missing: " in said
    assert "Half &lt;b&gt;term&lt;/b&gt;." in html
    assert "What we need" in said
    assert "Built from not in git" in said
    assert "signalbook report week --period 2026-W47" in said
    assert "data-sb-print" in html
    assert "sb-kpi__value>7<" in html
    assert "signalbook:" not in html


def test_the_newest_report_comes_first_and_each_knows_its_neighbours(place: Workspace) -> None:
    for week in ("2026-W45", "2026-W46", "2026-W47"):
        report.run(place, "week", week, NOW)
    made = room(place, report_pages)
    index = made["reports/index.html"].body()
    assert re.findall(r">(Week \d+)</a>", index) == ["Week 47", "Week 46", "Week 45"]
    middle = made["reports/2026-W46.html"].body()
    assert "Before: Week 45" in words(middle)
    assert "After: Week 47" in words(middle)


def test_a_metric_says_where_it_is_shown_and_how_fresh_it_is(place: Workspace) -> None:
    """Charts, numbers and questions of any document or page count; the newest reading stands with its place and its lateness."""
    read(place)
    build.document(place, "plans/desk", {"title": "Desk plan", "owner": "writer", "status": "draft", "route": "one-page",
                                         "body": "Text.\n\n```kpi\nmetric: posts-merged\n```\n"})  # fmt: skip
    build.write(
        place.content / "notes" / "asked.md",
        "# Asked\n\n```query\nselect sum(value) as n from readings where metric = 'posts_merged'\n```\n",
    )
    path = place.content / "metrics" / "posts-merged.md"
    path.write_text(
        path.read_text(encoding="utf-8").replace("how_to_get", "expect_every: 1d\nhow_to_get", 1), encoding="utf-8"
    )
    html = shown(place)["metrics/posts-merged.html"].body()
    panel = html.partition('id="shown"')[2].partition("</section>")[0]
    assert "Desk plan" in panel
    assert "Asked" in panel
    fresh = html.partition('id="freshness"')[2].partition("</section>")[0]
    assert "git" in fresh
    assert "20 November" in fresh or "20 Nov" in fresh
    assert 'id="shown"' not in shown(place)["metrics/reach.html"].body()
    before = shown(place)["metrics/posts-merged.html"].key
    build.write(place.content / "notes" / "asked.md", "# Asked\n")
    assert shown(place)["metrics/posts-merged.html"].key != before


def shown(place: Workspace) -> dict[str, Page]:
    site = site_of(place)
    return {page.address: page for page in metric_pages(site.book, NOW, site) if isinstance(page, Page)}
