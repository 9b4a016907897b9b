"""The search as people use it: what it finds by which words, in which order, and when it reads its index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from site_plugins.build import build, theme_folder
from site_plugins.components import font, icons
from tests import build as make
from tests.browser import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = make.workspace(
        tmp_path_factory.mktemp("find"),
        {
            "people/duty-officer": make.person(title="Nightwatch"),
            "plans/campaigns/harvest": {"title": "Feast of apples", "owner": "writer", "status": "active"},
            "calendar/quince-jelly": make.post(title="Crème brûlée & more", owner="duty-officer", campaign="harvest"),
            "calendar/second": make.post(title="Something else"),
        },
    )
    copy = "Words " * 60 + "about a zeppelin over <b>Straße</b>. We write creme with no accent."
    make.write(place.content / "calendar" / "third.md", make.text_of(make.post(title="The third")) + copy)
    with serving(build(place).site_dir) as served:
        yield served


RESULTS = """() => [...document.querySelectorAll('.md-search-result__item')]
  .map((one) => [one.querySelector('a').pathname.replace(/.*[/]/, ''), one.innerText])"""


def test_a_post_is_found_by_title_address_copy_owner_and_campaign(browser: Any, address: str) -> None:
    with browser.page(address) as page:
        page.goto("index.html", wait="networkidle")
        asked = (
            "() => performance.getEntriesByType('resource').filter((one) => one.name.includes('search_index')).length"
        )
        read: list[str] = []
        page.driver.context.on(
            "request", lambda request: read.append(request.url) if "search_index" in request.url else None
        )
        assert page.driver.evaluate(asked) == 0
        assert read == [], "nobody has turned to the search"

        def find(words: str, first: str) -> list[tuple[str, str]]:
            page.driver.fill(".md-search__input", "")
            page.driver.click(".md-search__input")
            page.driver.keyboard.type(words)
            wanted = f"() => document.querySelector('.md-search-result__item a')?.pathname.endsWith('/{first}.html')"
            page.driver.wait_for_function(wanted, timeout=15_000)
            return [tuple(one) for one in page.driver.evaluate(RESULTS)]

        by_title = find("creme", "quince-jelly")
        assert [name for name, _ in by_title] == ["quince-jelly.html", "third.html"], "the title before the copy"
        assert "Crème brûlée & more" in by_title[0][1]
        find("quince", "quince-jelly")
        copy = find("zepp", "third")
        assert "zeppelin over <b>Straße</b>" in copy[0][1], "the words around it, as they were written"
        assert "…" in copy[0][1]
        by_owner = find("nightw", "duty-officer")
        assert [name for name, _ in by_owner] == ["duty-officer.html", "quince-jelly.html"], (
            "the person, and what is theirs"
        )
        find("feast apples creme", "quince-jelly")
        lacking = find("zeppelin submarine", "third")
        assert re.search(r"Without:\s*submarine", lacking[0][1])
        page.driver.fill(".md-search__input", "")
        page.driver.keyboard.type("xyzzy")
        page.driver.get_by_text("Nothing found").wait_for()
        assert page.complaints == []


def test_every_glyph_of_the_site_is_a_closed_drawing() -> None:
    """A letter for each name, within its square, and the same file whenever it is made."""
    folder: Path = theme_folder() / ".icons"
    assert icons.letters(folder) == icons.letters(folder)
    circle = font.contours("M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z")
    assert len(circle) == 1
    for x, y, on in circle[0]:
        far = ((x - 600) ** 2 + (y - 600) ** 2) ** 0.5
        assert abs(far - 500) < 2 if on else 500 < far < 520
    assert font.contours("m2 2h4v4h-4zM10 10q2 0 2 2t2 2") == [
        [(100, 1100, True), (300, 1100, True), (300, 900, True), (100, 900, True)],
        [(500, 700, True), (600, 700, False), (600, 600, True), (600, 500, False), (700, 500, True)],
    ]
    for wrong in ("12 3", "M1 x", "M1 2a1 1 0 2 0 1 1"):
        with pytest.raises(ValueError, match="at character"):
            font.contours(wrong)
