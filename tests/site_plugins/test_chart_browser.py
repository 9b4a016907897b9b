"""A chart in a real browser: nothing is loaded before it is asked for, nothing is refused when it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from signalbook import store
from signalbook.records import Reading
from site_plugins.build import build
from tests.browser import serving
from tests.site_plugins.small import workspace, write

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
METRIC = """\
---
title: {title}
status: in-use
owner: analyst
means: "Accounts that follow"
formula: "last value"
unit: people
grain: {grain}
stage: output
source: "network"
adds: {adds}
direction: up
informs: "nothing"
not_for: "health"
vanity: true
how_to_get: "Run `signalbook measure`."
---
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a line of two channels, bars, a page of text with a chart, and pages without."""
    root = tmp_path_factory.mktemp("team")
    place = workspace(root)
    write(root / "content/metrics/followers.md", METRIC.format(title="Followers", grain="day", adds="last"))
    write(root / "content/metrics/posts-merged.md", METRIC.format(title="Posts merged", grain="week", adds="sum"))
    write(
        root / "content/about/numbers.md",
        "# Numbers\n\n```chart\nmetric: posts-merged\n```\n\nAnd\n\n```kpi\nmetric: posts-merged\n```\n",
    )
    readings = [
        Reading.of(source=one, channel=one, subject="account", metric="followers", on=date(2026, 11, 22) - timedelta(days=day),
                   value=100 - day, unit="people", taken_at=NOW, origin="x")
        for one in ("blog", "other") for day in range(30) if day not in {7, 8}
    ]  # fmt: skip
    readings += [
        Reading.of(source="git", subject="content", metric="posts_merged", on=date(2026, 11, 16) - timedelta(weeks=week),
                   grain="week", value=week, taken_at=NOW, origin="x")
        for week in range(9)
    ]  # fmt: skip
    store.append(place, readings)
    target = root / "site"
    build(place, site_dir=target)
    return target


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("address", ["metrics/followers.html", "metrics/posts-merged.html", "about/numbers.html"])
def test_an_opened_chart_breaks_no_policy(browser, site: Path, address: str, dark: bool) -> None:
    with serving(site) as root, browser.page(root, width=1440, dark=dark) as page:
        loaded: list[str] = []
        page.driver.on("request", lambda request: loaded.append(request.url))
        page.goto(address)
        assert not [url for url in loaded if "vega" in url]
        page.driver.get_by_role("button", name="Explore").first.click()
        page.driver.wait_for_selector(".sb-chart__stage svg .role-mark", timeout=20_000)
        page.driver.locator(".sb-chart__stage svg").first.hover()
        page.driver.get_by_role("button", name="Show the picture").first.click()
        page.driver.wait_for_selector(".sb-chart__plot svg:visible")
        assert any(url.endswith("assets/vega/vega.js") for url in loaded)
        assert any(url.endswith(f"vega/{'dark' if dark else 'light'}.json") for url in loaded)
        assert page.violations == []
        assert page.console == []
        assert page.requests == []
        assert page.failed == []


@pytest.mark.browser
def test_the_numbers_are_told_at_the_pointer(browser, site: Path) -> None:
    with serving(site) as root, browser.page(root, width=1440) as page:
        page.goto("metrics/posts-merged.html")
        page.driver.get_by_role("button", name="Explore").click()
        bar = page.driver.locator(".sb-chart__stage .mark-rect.role-mark path").nth(1)
        bar.hover()
        assert page.driver.locator(".sb-tip").inner_text().split() == ["2026,", "week", "40", "7"]
        assert page.violations == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_one_picture_is_shown_and_it_fits(browser, site: Path, width: int) -> None:
    with serving(site) as root, browser.page(root, width=width) as page:
        page.goto("metrics/posts-merged.html")
        assert page.driver.locator(".sb-chart__plot svg:visible").count() == 1
        assert page.overflow() <= 0
        assert page.axe() == []


def test_a_page_without_a_chart_loads_no_chart_script(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert ("assets/charts.js" in text) == (re.search(r'class="?sb-chart[" >]', text) is not None), path


def test_nothing_in_a_chart_is_inline(site: Path) -> None:
    text = (site / "metrics/followers.html").read_text(encoding="utf-8")
    assert " style=" not in text
    assert "<style" not in text
