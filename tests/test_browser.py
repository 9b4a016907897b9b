"""The instruments themselves: what must be heard is heard, or every clean result would mean nothing."""

from __future__ import annotations

import pytest

from tests.browser import serving

pytestmark = pytest.mark.browser

CLEAN = (
    '<!doctype html><html lang="en"><head><title>Clean</title><link rel="icon" href="icon.png"></head>'
    "<body><main><h1>Clean</h1><p>Words.</p></main></body></html>"
)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "icon.png").write_bytes(b"")
    return tmp_path


def test_a_clean_page_draws_no_complaint(browser, site):
    with serving(site) as address, browser.page(address) as page:
        page.goto()
        assert page.complaints == []
        assert page.axe() == []
        assert page.overflow() == 0
        assert page.text().split() == ["Clean", "Words."]


def test_an_inline_script_is_refused_and_heard(browser, site):
    (site / "index.html").write_text(CLEAN.replace("Words.", "<script>alert(1)</script>"), encoding="utf-8")
    with serving(site) as address, browser.page(address) as page:
        page.goto()
        assert "script-src-elem refused inline" in page.violations[0]


def test_a_foreign_host_is_heard(browser, site):
    (site / "index.html").write_text(
        CLEAN.replace("Words.", '<img alt="" src="http://elsewhere.example/a.png">'), encoding="utf-8"
    )
    with serving(site, headers={}) as address, browser.page(address) as page:
        page.goto()
        assert page.requests == ["http://elsewhere.example/a.png"]


def test_a_script_that_opens_a_dialog_is_heard_where_no_policy_holds(browser, site):
    (site / "index.html").write_text(CLEAN.replace("Words.", "<script>alert('ran')</script>"), encoding="utf-8")
    with serving(site, headers={}) as address, browser.page(address) as page:
        page.goto()
        assert page.console == ["dialog: ran"]


def test_axe_finds_a_picture_without_words(browser, site):
    (site / "index.html").write_text(CLEAN.replace("Words.", '<img src="icon.png">'), encoding="utf-8")
    with serving(site) as address, browser.page(address, width=390, dark=True) as page:
        page.goto()
        assert any("image-alt" in one for one in page.axe())


def test_a_page_that_is_too_wide_is_measured(browser, site):
    (site / "wide.css").write_text("p { width: 800px }", encoding="utf-8")
    (site / "index.html").write_text(
        CLEAN.replace("</head>", '<link rel="stylesheet" href="wide.css"></head>'), encoding="utf-8"
    )
    with serving(site) as address, browser.page(address, width=390) as page:
        page.goto()
        assert page.overflow() > 300
        assert page.shot(site / "shots" / "wide.png").stat().st_size > 500


FAINT = """
p { color: #222 } .pale { background: #aaa } .pale b { color: #999; font-weight: 400 } .dark { background: #000 }
@media (prefers-color-scheme: dark) { i { color: #eee } }
"""


def test_colours_are_looked_at_once_for_each_look_and_none_is_missed(browser, site):
    """The same words around the same style are one look; another ground, scheme or element below is another."""
    (site / "style.css").write_text(FAINT, encoding="utf-8")
    head = CLEAN.replace("</head>", '<link rel="stylesheet" href="style.css"></head>')
    for name, words in (
        ("plain", "<i>one</i>"), ("again", "<i>two</i>"), ("pale", '<span class="pale">Well <b>faint</b></span>'),
        ("dark", '<span class="dark">nobody reads this</span>'),
    ):  # fmt: skip
        (site / f"{name}.html").write_text(head.replace("Words.", words), encoding="utf-8")
    with serving(site) as address, browser.page(address) as page:
        seen, by_night = set(), set()
        page.goto("plain.html")
        assert page.axe_colours(seen) == []
        many = len(seen)
        page.goto("again.html")
        assert page.axe_colours(seen) == []
        assert len(seen) == many, "nothing that was not looked at before"
        page.driver.emulate_media(color_scheme="dark")
        [found] = page.axe_colours(by_night)
        assert ": i:" in found
        assert page.axe_colours(by_night) == []
        page.driver.emulate_media(color_scheme="light")
        for name, selector in (("pale", "b"), ("dark", "span")):
            page.goto(f"{name}.html")
            [found] = page.axe_colours(seen)
            assert f": {selector}:" in found
            assert len(page.axe(rules=("color-contrast",))) == 1
