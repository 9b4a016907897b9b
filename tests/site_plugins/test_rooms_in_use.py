"""The rooms as people use them: five everyday tasks, paper, weight."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from site_plugins.build import build
from tests import build as make
from tests.browser import serving

pytestmark = pytest.mark.browser

PLAYBOOK = {
    "title": "Product failure", "owner": "writer", "type": "crisis", "status": "approved", "version": 1, "default_severity": "S2",
    "triggers": [{"signal": "three reports of the same harm", "threshold": 3, "severity": "S2"}],
    "roles": {"lead": "duty-officer", "spokesperson": "writer"},
    "contact_tree": [{"role": "duty-officer", "reach_by": "telephone", "after_minutes": 0}],
    "first_five": ["Is it ours? Look once.", "Open the hold."], "first_hour": ["Tell the staff."],
    "statements": ["holding"], "close_elsewhere": ["ads", "newsletter"], "tell_first": ["staff"], "never": ["guess a cause"],
    "cadence": {"first": "15m", "then": "30m", "until": "it is over"}, "last_drilled": "2026-10-14",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = make.workspace(
        tmp_path_factory.mktemp("use"),
        {
            "calendar/tomorrow": make.post(title="Tomorrow on Bluesky", status="approved", publish_at="2026-11-24 10:00", channels=["bluesky"]),
            "calendar/other": make.post(title="Tomorrow elsewhere", publish_at="2026-11-24 11:00"),
            "calendar/late": make.post(title="Too late", status="approved", publish_at="2026-11-20 10:00", channels=["bluesky"]),
            "people/duty-officer": make.person(title="Duty officer", roles=["duty-officer"], expertise=["allergens"], department="kitchen",
                                               languages=[{"lang": "en", "level": "native"}]),
            "plans/launch": {"title": "The launch", "owner": "writer", "status": "active", "route": "one-page", "objectives": ["guests"]},
            "plans/objectives/guests": {"title": "More guests", "owner": "writer", "metric": "guests", "target": 40, "by": "2026-12-31",
                                        "status_note": [{"on": "2026-11-20", "status": "on-track", "because": "they come"}]},
            "plans/messages/holding": {"title": "Holding words", "owner": "writer", "type": "holding", "status": "approved",
                                       "says": {"en": "We know that [what] since [time]."}},
            "policies/playbooks/failure": PLAYBOOK,
            "policies/playbooks/theft": PLAYBOOK | {"title": "Theft"},
            "policies/incidents/oven": {"title": "Oven fire", "owner": "writer", "status": "open", "severity": "S2", "playbook": "theft",
                                        "detected_at": "2026-11-23 08:00", "aware_at": "2026-11-23 08:10",
                                        "updates": [{"at": "2026-11-23 08:30", "said": "holding", "next_at": "2026-11-23 09:30"}]},
        },
    )  # fmt: skip
    return build(place).site_dir


FOCUSED = "() => document.activeElement.ariaLabel ?? document.activeElement.innerText ?? ''"
# How many stops lie before the thing of that name, from the top of the page; a little fewer is well, the rest is walked.
WAY = """(name) => {
  const stops = [...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0 && !one.disabled);
  const at = stops.findIndex((one) => (one.ariaLabel ?? one.innerText ?? '').includes(name));
  return Math.max(at - 2, 0);
}"""


class Hands:
    """Somebody with a keyboard or a mouse, and how often they did something."""

    def __init__(self, page: Any, *, keys: bool) -> None:
        self.page, self.keys, self.acts = page, keys, 0

    def use(self, name: str, role: str = "link") -> None:
        """Press the thing of that name; with the keyboard it has to be reached by Tab first."""
        self.acts += 1
        if not self.keys:
            thing = self.page.driver.get_by_role(role, name=name).first
            if role == "link":
                with self.page.driver.expect_navigation():
                    thing.click()
            else:
                thing.click()
            return
        keyboard = self.page.driver.keyboard
        for _ in range(self.page.driver.evaluate(WAY, name)):
            keyboard.press("Tab")
        for _ in range(6):
            if name in self.page.driver.evaluate(FOCUSED):
                break
            keyboard.press("Tab")
        assert name in self.page.driver.evaluate(FOCUSED), f"Tab does not reach {name}"
        if role == "link":
            with self.page.driver.expect_navigation():
                keyboard.press("Enter")
        else:
            keyboard.press("Enter")

    def sees(self, text: str) -> bool:
        return bool(self.page.driver.get_by_text(text).locator("visible=true").count())


@pytest.mark.parametrize("keys", [False, True])
def test_five_tasks_take_at_most_three_actions_each(browser: Any, site: Path, keys: bool) -> None:
    counts = {}
    with serving(site) as address, browser.page(address) as page:
        page.driver.context.grant_permissions(["clipboard-read", "clipboard-write"])

        def begin() -> Hands:
            page.goto("index.html")
            return Hands(page, keys=keys)

        hands = begin()
        hands.use("Week by channel")
        row = page.driver.locator('tr[data-sb-row="bluesky"]')
        assert "Tomorrow on Bluesky" in row.inner_text()
        assert "Tomorrow elsewhere" not in row.inner_text()
        counts["what goes out tomorrow on a channel"] = hands.acts

        hands = begin()
        hands.use("Too late")
        assert hands.sees("Its time passed")
        counts["why a post is late"] = hands.acts

        hands = begin()
        hands.use("Policies & playbooks")
        hands.use("Product failure")
        hands.use("Copy", "button")
        page.driver.get_by_text("Copied", exact=True).wait_for()
        assert page.driver.evaluate("() => navigator.clipboard.readText()") == "We know that what since time."
        counts["copy a holding statement"] = hands.acts

        hands = begin()
        hands.use("Plans")
        assert hands.sees("More guests")
        assert hands.sees("on track")
        counts["whether an objective is on track"] = hands.acts

        hands = begin()
        hands.use("People")
        assert page.driver.locator("#topics tr", has_text="allergens").get_by_text("Duty officer").is_visible()
        counts["who answers a topic"] = hands.acts
        assert page.complaints == []
    assert max(counts.values()) <= 3, counts
    assert len(counts) == 5


def test_a_playbook_begins_with_the_first_act_and_fits_one_sheet(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("policies/playbooks/failure.html")
        assert page.driver.locator("main h2").first.inner_text() == "First five minutes"
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
