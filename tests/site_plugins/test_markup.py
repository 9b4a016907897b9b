"""Filling HTML quickly gives what ``markupsafe`` gives, byte for byte, and escapes all that it escapes."""

from __future__ import annotations

from typing import Any

import markupsafe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_plugins import components as sb
from site_plugins.markup import Markup, fill, html, lean, safe

values = st.one_of(st.text(max_size=20), st.integers(), st.text(max_size=20).map(markupsafe.Markup), st.text(max_size=9).map(Markup))  # fmt: skip


@given(
    st.lists(st.sampled_from(["<b>", "%s", "%", "{}", "{}", "{{", "}}", "&amp;"]), max_size=8),
    st.lists(values, max_size=8),
)
def test_filling_is_formatting(pieces: list[str], given_: list[object]) -> None:
    template = "".join(pieces)
    try:
        expected = markupsafe.Markup(template).format(*given_)  # noqa: S704 - what it is compared with
    except IndexError:
        for how in (fill, lambda text, *rest: Markup(text).format(*rest)):
            with pytest.raises(IndexError):
                how(template, *given_)
        return
    for made in (fill(template, *given_), Markup(template).format(*given_)):
        assert made == expected
        assert type(made) is Markup


@given(st.lists(values, max_size=6), values)
def test_joining_is_joining(pieces: list[object], between: object) -> None:
    joined = markupsafe.Markup(safe(between)).join(pieces)  # noqa: S704 - what it is compared with
    assert Markup(safe(between)).join(pieces) == joined
    assert html(*map(safe, pieces)) == markupsafe.Markup().join(pieces)


HOSTILE = "<script>alert(1)</script>\"'&"


@pytest.mark.parametrize(
    "made",
    [
        sb.who(HOSTILE, HOSTILE), sb.label(HOSTILE), sb.note(HOSTILE, HOSTILE), sb.command(HOSTILE, HOSTILE),
        sb.crumbs([(HOSTILE, HOSTILE)]), sb.head(HOSTILE, sub=[HOSTILE], path=[(HOSTILE, HOSTILE)]),
        sb.panel(HOSTILE, Markup(), scope=HOSTILE, foot=HOSTILE, ident=HOSTILE), sb.row(HOSTILE, HOSTILE, end=HOSTILE, address=HOSTILE),
        sb.facts([(HOSTILE, HOSTILE)]), sb.table(HOSTILE, [HOSTILE], [[HOSTILE]], cards=True), sb.meter(1, 2, HOSTILE),
        sb.bar(1, HOSTILE, tone=HOSTILE), sb.chip(HOSTILE, HOSTILE, "draft", time=HOSTILE, data={HOSTILE: HOSTILE, "x": [HOSTILE]}),
    ],
)  # fmt: skip
def test_a_component_lets_nothing_through(made: Markup) -> None:
    assert "<script" not in made
    assert HOSTILE[-3:] not in made
    assert "&lt;script&gt;" in made


def test_a_text_and_the_same_html_are_not_taken_for_one_another() -> None:
    assert sb.label(Markup("<b>x</b>")) == "<span class=sb-label><b>x</b></span>"
    assert sb.label("<b>x</b>") == "<span class=sb-label>&lt;b&gt;x&lt;/b&gt;</span>"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('<p class="a">x</p>', "<p class=a>x</p>"),
        ('<p class="a b" role="note">', '<p class="a b" role=note>'),
        ('<a class="a" href="b.html" id="c">', '<a class=a href="b.html" id="c">'),
        ('<rect class="a"/>', '<rect class="a"/>'),
        ('<td class="{}" data-th="b"{}>', '<td class="{}" data-th="b"{}>'),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a<li>b</ul>"),
        ("<table><tbody><tr><td>a</td></tr></tbody></table>", "<table><tbody><tr><td>a</table>"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "<dl><dt>a<dd>b</dl>"),
        (str(safe('<b class="a">&</b>')), str(safe('<b class="a">&</b>'))),
    ],
)
def test_lean_leaves_out_what_says_nothing_and_nothing_else(written: str, kept: str) -> None:
    """No quotes around an address or an id, where programs look for them, nor around what a template fills in later."""
    assert lean(written) == kept


@pytest.mark.browser
def test_a_browser_reads_lean_html_as_the_same_document(browser: Any) -> None:
    whole = (
        '<ul class="a"><li role="note">a</li><li>b <i class="c"></i></li></ul><dl><dt>a</dt><dd>b</dd></dl>'
        '<table class="d e"><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td data-x="1">b</td></tr></tbody></table>'
    )
    with browser.page("about:blank") as page:
        read = "(html) => new DOMParser().parseFromString(html, 'text/html').body.innerHTML"
        assert page.driver.evaluate(read, str(lean(whole))) == page.driver.evaluate(read, whole) == whole
