"""The rooms as people use them: five everyday tasks, paper, weight."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from site_plugins.build import build
from tests import build as make
from tests import tasks
from tests.browser import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(make.workspace(tmp_path_factory.mktemp("use"), tasks.CONTENT)).site_dir


@pytest.mark.parametrize(("keys", "width"), [(False, 1440), (True, 1440), (False, 390)])
def test_five_tasks_take_at_most_three_actions_each(browser: Any, site: Path, keys: bool, width: int) -> None:
    counts = {}
    with serving(site) as address, browser.page(address, width=width) as page:
        page.driver.context.grant_permissions(["clipboard-read", "clipboard-write"])
        for name, task in tasks.TASKS.items():
            page.goto("index.html")
            hands = tasks.Hands(page, keys=keys)
            task(hands)
            counts[name] = hands.acts
        assert page.complaints == []
    assert max(counts.values()) <= tasks.MOST_ACTIONS, counts
    assert len(counts) == 5


def test_a_playbook_begins_with_the_first_act_and_fits_one_sheet(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("policies/playbooks/failure.html")
        assert page.driver.locator("main h2").first.inner_text() == "First five minutes"
        page.driver.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.driver.get_by_role("button", name="Copy").first.click()
        page.driver.get_by_text("Copied", exact=True).wait_for()
        copied = page.driver.evaluate("() => navigator.clipboard.readText()")
        assert copied == "We know that [what] since [time].", "what is still to be filled is not taken for our words"
        page.driver.locator(".sb-first input").first.check()
        page.goto("policies/playbooks/failure.html")
        assert page.driver.locator(".sb-first input").first.is_checked(), "kept in this browser"
        assert "1 of 2 done" in page.driver.locator("main").inner_text()
        assert "this device only" in page.driver.locator("main").inner_text()
        page.driver.get_by_role("button", name="Start the clock").click()
        assert re.match(r"First word in 1[45] min", page.driver.locator("output").inner_text())
        page.driver.get_by_role("button", name="We have spoken").click()
        assert re.match(r"Next word in (29|30) min", page.driver.locator("output").inner_text())
        assert page.axe() == []
        sheet = page.driver.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", sheet)) == 1
        page.goto("policies/playbooks/theft.html")
        assert "This is happening." in page.driver.locator("main").inner_text()
        assert page.driver.locator('[data-sb-checks="oven-theft-five"]').count() == 1, (
            "ticks of one incident are none of the next"
        )
        assert page.driver.locator("main time[data-sb-deadline]").inner_text() == "30 min left"
        assert page.complaints == []


def test_a_full_playbook_of_an_open_incident_fits_one_sheet_too(browser: Any, tmp_path: Path) -> None:
    """With four statements in two languages and the banner over it: the night it is printed is that of an incident."""
    incident = {
        "title": "A token is out", "owner": "writer", "severity": "S2", "status": "open", "playbook": "data-breach", "lead": "writer",
        "detected_at": "2026-11-23 08:00", "aware_at": "2026-11-23 08:10",
    }  # fmt: skip
    place = make.workspace(tmp_path, {"policies/incidents/token": incident})
    ours = Path(__file__).parents[2] / "content"
    for name in (
        "policies/playbooks/data-breach",
        "plans/messages/holding-data-breach",
        "plans/messages/holding-general",
    ):
        make.write(place.content / f"{name}.md", (ours / f"{name}.md").read_bytes())
    with serving(build(place).site_dir) as address, browser.page(address) as page:
        page.goto("policies/playbooks/data-breach.html")
        assert page.driver.locator(".sb-say").count() == 4
        assert page.driver.locator(".sb-banner").is_visible()
        sheet = page.driver.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", sheet)) == 1


SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 120);
})"""


def test_nothing_jumps_and_no_page_is_heavy(browser: Any, site: Path) -> None:
    """At most 0.02 of layout shift; 500 kB compressed with everything a page asks for; no chart script without a chart."""
    said = {}
    with serving(site) as address:
        for width in (390, 1440):
            with browser.page(address, width=width) as page:
                weight: dict[str, int] = {}
                page.driver.on("response", lambda r, w=weight: w.__setitem__(r.url, len(gzip.compress(r.body(), 6))))
                for path in ("index.html", "calendar/index.html", "calendar/2026-W48.html", "calendar/2026-11-timeline.html",
                             "calendar/2026.html", "boards/index.html", "plans/launch.html", "calendar/posts/late.html",
                             "policies/playbooks/failure.html", "people/index.html"):  # fmt: skip
                    weight.clear()
                    page.goto(path, wait="networkidle")
                    said[f"{path} at {width}"] = page.driver.evaluate(SHIFT)
                    assert sum(weight.values()) < 500_000, path
                    assert not any("charts" in url for url in weight), path
                    assert page.overflow() == 0, f"{path} at {width}"
                assert page.complaints == []
    assert max(said.values()) <= 0.02, said
