"""``python -m bench.filter``: how long the calendar of 5,000 posts takes from a choice to the picture of it.

A site is built of generated posts and its busiest month is opened in a real browser. Filters are pressed by the keyboard, as a
person does; what counts is what the browser itself measures of that press: from the key's event until the frame that shows its
effect is handed to the screen (W3C Event Timing, ``duration``; in steps of 8 ms). Laying out, painting and rastering count.

``floor_ms`` is the median of the same press on a box that filters nothing, on the same page: what the browser and a busy machine
take by themselves.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench import posts

if TYPE_CHECKING:
    from playwright.sync_api import Locator

AIM_MS = 100
VIEWS = ("", "-agenda", "-timeline")

LISTEN = """() => {
  window.__took = [];
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.__took.push([one.name, one.duration]); })
    .observe({ type: "event", durationThreshold: 16 });
}"""


IDLE = """() => {
  const box = Object.assign(document.createElement("input"), { type: "checkbox", id: "idle" });
  document.querySelector("main").prepend(box);
}"""


def measure(site: Path, *, width: int, view: str) -> dict[str, object]:
    """Press each channel's toggle and leave it again; the times in ms, 0 for those under 16."""
    from playwright.sync_api import TimeoutError  # noqa: A004  # its own, not the one built in

    from tests.browser import running, serving

    months = list((site / "calendar").glob("2???-??.html"))
    busiest = max(months, key=lambda one: one.read_bytes().count(b"data-sb-item")).stem
    with serving(site) as address, running() as browser, browser.page(address, width=width) as tab:
        page = tab.driver

        def press(box: Locator) -> float:
            box.focus()
            page.wait_for_timeout(300)
            page.evaluate("window.__took.length = 0")
            page.keyboard.press("Space")
            with suppress(TimeoutError):  # what took less than 16 ms is never told
                page.wait_for_function(
                    "() => window.__took.some(([name]) => name === 'keyup')", timeout=4_000, polling=100
                )
            page.wait_for_timeout(100)
            return max((one for _, one in page.evaluate("window.__took")), default=0)

        tab.goto(f"calendar/{busiest}{view}.html", wait="networkidle")
        items = page.locator("[data-sb-item]").count()
        page.evaluate(IDLE)
        page.wait_for_timeout(1_000)
        page.evaluate(LISTEN)
        boxes = page.locator("[data-sb-filter] input[type=checkbox][name=channel]")
        times = [press(boxes.nth(number)) for number in range(min(boxes.count(), 4)) for _ in range(2)]
        floor = statistics.median(press(page.locator("#idle")) for _ in range(4))
        complaints = tab.complaints
    return {
        "page": f"{busiest}{view}", "width": width, "items": items, "presses": len(times), "median_ms": statistics.median(times),
        "worst_ms": max(times), "floor_ms": floor, "complaints": complaints,
    }  # fmt: skip


def main() -> int:
    """Build, measure, print; 1 when the worst press of a view misses the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument("--site", type=Path, help="a built site to measure instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = given.site
        if site is None:
            from signalbook.workspace import Workspace
            from site_plugins.build import build

            root = Path(folder) / "team"
            posts.ours(root, posts.posts(given.posts))
            site = build(Workspace(root)).site_dir
        found = [measure(site, width=width, view=view) for view in VIEWS for width in (390, 1440)]
    print(json.dumps(found, indent=2))
    return int(any(float(str(one["worst_ms"])) > AIM_MS for one in found))


if __name__ == "__main__":
    sys.exit(main())
