"""The frame in a real browser: nothing refused, nothing wider than the window, everything by keys and without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from site_plugins.build import build
from tests.browser import pages, serving
from tests.site_plugins.small import MKDOCS, post, room, workspace, write
from tests.site_plugins.test_text import INJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES: list[str] = []
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served site whose every text is hostile, with an open incident and hold."""
    place = workspace(tmp_path_factory.mktemp("frame") / "team", mkdocs=MKDOCS.replace("/news/", "/"))
    write(
        place.content / "policies/incidents/oven.md",
        "---\ntitle: Oven <script>alert(1)</script> fire\nowner: writer\nlead: writer\nstatus: open\nseverity: S2\n"
        "detected_at: 2026-11-23 08:00\n---\n",
    )
    write(
        place.content / "policies/holds/prices.md",
        "---\ntitle: Prices\nowner: writer\nstatus: open\nreason: '\"><img src=x onerror=alert(1)> A price is wrong.'\n"
        "scope: {channels: all}\nfrom: 2026-11-23 08:00\nexpires: 2026-11-23 20:00\nopened_by: writer\n---\n",
    )
    for number, text in enumerate(INJECTIONS):
        quoted = "".join(c for c in text if c.isprintable()).replace("'", "''")[:200]
        post(place.root, number, title=f"'{quoted}'", body=text)
        write(place.content / "about" / f"h{number}.md", f"# {quoted}\n\n{text}\n")
    NAMES[:] = pages(build(place, rooms=[room]).site_dir)
    with serving(place.root / "site") as served:
        yield served


def test_no_page_runs_or_asks_for_anything(browser: Any, address: str) -> None:
    with browser.page(address) as page:
        for name in NAMES:
            page.goto(name)
        # A picture by hand-written HTML may lead nowhere; what counts is that nothing ran and nobody else was asked.
        assert [one for one in page.complaints if "404" not in one] == []
        assert len(NAMES) > 90


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_every_kind_of_page_is_accessible_and_fits(browser: Any, address: str, width: int, dark: bool) -> None:
    with browser.page(address, width=width, dark=dark) as page:
        for name in ("index.html", "404.html", "calendar/index.html", "calendar/posts/post-0.html", "about/team.html"):
            page.goto(name)
            assert page.axe() == []
            assert page.overflow() == 0, name


def test_the_search_finds_a_post_by_its_copy(browser: Any, address: str) -> None:
    for width, way in ((390, ".sb-find"), (1440, ".md-search__input"), (1440, "/")):
        with browser.page(address, width=width) as page:
            page.goto("guide/first.html")
            assert not page.driver.evaluate("() => [...document.scripts].some((one) => one.src.includes('bundle'))")
            if way == "/":
                page.driver.keyboard.press(way)
            else:
                page.driver.click(way)
            page.driver.keyboard.type("coffee")
            page.driver.wait_for_selector(".md-search-result__link")
            found = page.driver.get_attribute(".md-search-result__link", "href")
            assert found is not None
            assert found.endswith("/guide/first.html")
            assert page.complaints == []


def test_a_scheme_is_chosen_and_kept(browser: Any, address: str) -> None:
    with browser.page(address) as page:
        page.goto("index.html")
        light = page.driver.evaluate("getComputedStyle(document.body).backgroundColor")
        page.driver.click("[data-sb-scheme]")
        page.goto("about/team.html")
        assert page.driver.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_without_scripts_the_rooms_are_there_and_the_page_is_whole(browser: Any, address: str) -> None:
    with browser.page(address, width=390, scripts=False) as page:
        page.driver.goto(f"{address}about/team.html")
        assert "Who we are" in page.driver.inner_text("main")
        assert page.driver.is_visible(".sb-rooms")
        assert page.overflow() == 0


def test_keys_reach_content_and_rooms(browser: Any, address: str) -> None:
    with browser.page(address, width=390) as page:
        page.goto("about/team.html")
        page.driver.keyboard.press("Tab")
        assert page.driver.evaluate("document.activeElement.textContent") == "Skip to content"
        page.driver.keyboard.press("Tab")
        page.driver.keyboard.press("Enter")
        assert page.driver.is_visible(".sb-rooms")
        assert page.driver.get_attribute('[data-sb-toggle="__drawer"]', "aria-expanded") == "true"


def test_glyphs_are_drawn(browser: Any, address: str) -> None:
    """The font of glyphs is read under the policy, each has a letter of it and a size, and none is read aloud."""
    with browser.page(address) as page:
        page.goto("about/team.html")
        page.driver.evaluate("() => document.fonts.ready")
        assert page.driver.evaluate("() => [...document.fonts].map((one) => [one.family, one.status])") == [
            ["sb-glyphs", "loaded"]
        ]
        glyph = page.driver.locator(".sb-brand i")
        box = glyph.bounding_box()
        assert box is not None
        assert box["width"] == box["height"] > 0
        letter = glyph.evaluate("(e) => getComputedStyle(e, '::before').content")
        assert re.fullmatch(r'"[\ue000-\uf8ff]" / ""', letter)
        assert glyph.aria_snapshot() == ""
