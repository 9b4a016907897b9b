"""Every page of this repository's own site, light and dark, on a phone and on a desk, with scripts and without."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.browser import COLOURS, WIDTHS, pages, serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
BUILDER = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` builds it, in a folder of its own; findings are the business of other tests."""
    now = re.search(r"^ *now: (\S+)$", BUILDER, re.MULTILINE)
    assert now
    folder = tmp_path_factory.mktemp("own") / "site"
    command = [str(Path(sys.executable).with_name("signalbook")), "build", "--now", now[1], "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("third", [0, 1, 2])
def test_no_page_shuts_anybody_out_or_scrolls_sideways(browser: Any, site: Path, third: int) -> None:
    """One visit a page: axe looks at both widths in both schemes; the window is measured at both."""
    wrong: list[str] = []
    looks: dict[tuple[int, str], set[str]] = defaultdict(set)
    with serving(site) as address, browser.page(address) as page:
        for path in pages(site)[third::3]:
            page.goto(path)
            for width in WIDTHS:
                page.driver.set_viewport_size({"width": width, "height": 900})
                if over := page.overflow():
                    wrong.append(f"{path}: {over} px wider than the window of {width} px")
                for scheme in ("light", "dark"):
                    page.driver.emulate_media(color_scheme=scheme)
                    found = page.axe_colours(looks[width, scheme])
                    # The second scheme changes colours only.
                    found += page.axe(without=COLOURS) if scheme == "light" else []
                    wrong += [f"{width} px, {scheme}: {one}" for one in found]
            page.driver.emulate_media(color_scheme="light")
        wrong += page.complaints
    assert not wrong, f"{len(wrong)} in all:\n" + "\n".join(wrong[:40])


def test_a_reader_who_chose_dark_gets_what_the_system_would_give(browser: Any, site: Path) -> None:
    """Then the pages above, seen by the system's choice, stand for both ways."""
    shades = "() => [document.body, document.querySelector('h1')].map(e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor])"
    with serving(site) as address:
        with browser.page(address, dark=True) as page:
            page.goto("index.html")
            by_system = page.driver.evaluate(shades)
        with browser.page(address) as page:
            page.goto("index.html")
            light = page.driver.evaluate(shades)
            page.driver.locator("[data-sb-scheme]").first.click()
            assert page.driver.evaluate(shades) == by_system != light
            page.goto("calendar/index.html")
            assert page.driver.evaluate("() => document.documentElement.dataset.mdColorScheme") == "slate"
            assert page.complaints == []


HIDDEN = """() => [...document.querySelectorAll('main [hidden], main details:not([open])')]
  .filter(e => e.matches('[hidden]') && !e.matches('button, [data-sb-none], form, .sb-tip'))
  .map(e => e.outerHTML.slice(0, 120))"""

TICKS = re.compile(r"Done: |\d+ of \d+ done\. ")
"""A box to tick, and how many are: kept by a script on the reader's device, so not there without one."""


def test_every_page_reads_without_scripts(browser: Any, site: Path) -> None:
    """The text is there, the ways between the rooms are there, and nothing waits for a script to be shown.

    A page deep in a room leads home and to its room, and these lead everywhere.
    """
    wrong: list[str] = []
    with serving(site) as address, browser.page(address, scripts=False) as bare, browser.page(address) as full:
        for number, path in enumerate(pages(site)):
            bare.goto(path, wait="domcontentloaded")
            seen = bare.driver.locator("main").inner_text()
            if len(seen.split()) < 5:
                wrong.append(f"{path}: {seen}")
            wrong += [f"{path}: waits for a script: {one}" for one in bare.driver.evaluate(HIDDEN)]
            ways = bare.driver.locator("header nav a:visible").count()
            if ways < (2 if path.count("/") > 1 else 5) and path != "404.html":
                wrong.append(f"{path}: {ways} ways to other rooms")
            if number % 10 == 0:  # what scripts add is buttons and their state, never words
                full.goto(path)
                plain = bare.text()
                more = [one for one in _sentences(full.text()) if one not in plain and not TICKS.match(one)]
                wrong += [f"{path}: only with scripts: {one}" for one in more]
        wrong += bare.complaints + full.complaints
    assert not wrong, "\n".join(wrong[:40])


def _sentences(text: str) -> set[str]:
    return {row.strip() for row in text.splitlines() if len(row.split()) > 6}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_phone_reaches_every_room_with_the_keys_alone(browser: Any, site: Path, width: int) -> None:
    with serving(site) as address, browser.page(address, width=width) as page:
        page.goto("index.html")
        page.driver.keyboard.press("Tab")
        first = page.driver.evaluate("() => document.activeElement.getAttribute('href')")
        assert first
        assert first.startswith("#"), "the first stop leads past the header"
        reached, said = set(), "() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent?.trim()"
        for _ in range(60):
            page.driver.keyboard.press("Tab")
            reached.add(page.driver.evaluate(said))
            if page.driver.evaluate(said) == "Rooms":
                page.driver.keyboard.press("Enter")
        assert {"Calendar", "Plans", "People"} <= reached


def test_the_month_prints_without_what_belongs_to_the_screen(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("calendar/2026-12.html")
        page.driver.emulate_media(media="print")
        assert page.driver.locator("main table").first.is_visible()
        assert not page.driver.locator("header nav").first.is_visible()
        assert page.axe(rules=("color-contrast",)) == []
