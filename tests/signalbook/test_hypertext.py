"""Markdown becomes HTML of which nothing runs, and plain text that loses no address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook import hypertext

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "<a href='https://x.example' onclick='alert(1)'>x</a>",
    "<svg><a href='javascript:1'>x</a></svg>",
    "<iframe src='https://x.example'></iframe>",
    "<style>*{display:none}</style>",
    "<form action='https://x.example'><input name=q></form>",
    '![a](https://tracker.example/p.png "t")',
    "<p style='position:fixed'>x</p>",
    "\x05" + "0\x05 ![own](media/a.png)",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_runs_or_loads_comes_through(text):
    html = hypertext.render(text, pictures={"media/a.png": "https://own.example/a.png"}).lower()
    for word in (
        "<script",
        "onerror=",
        "onclick=",
        "javascript:",
        "data:",
        "<iframe",
        "<style",
        "<form",
        "<svg",
        "style=",
    ):
        assert word not in html.replace("&lt;", "")
    assert "tracker.example" not in html
    assert "\x05" not in html


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("<>&\"'()[]{}!*_`#-\n\\:/ aimgsrconerror=x\x05\x000"), max_size=200))
def test_whatever_is_written_no_tag_outside_the_list_appears(text):
    import re

    html = hypertext.render(text, pictures={"x": "cid:1"})
    assert {tag.lower() for tag in re.findall(r"<([a-zA-Z][\w-]*)", html)} <= hypertext.TAGS
    assert not re.search(r"<[^>]*\son\w+\s*=", html.replace("&lt;", ""))


def test_an_own_picture_is_sent_under_its_new_address_and_others_leave_their_words():
    html = hypertext.render("![The door](media/d.jpg) ![A map](media/m.jpg)", pictures={"media/d.jpg": "cid:1"})
    assert html == '<p><img src="cid:1" alt="The door"> A map</p>'


def test_a_bare_address_is_a_link_but_not_inside_code_or_a_link():
    html = hypertext.render("https://a.example/x?b=1&c=2. `https://b.example` [https://c.example](https://c.example/d)")
    assert html.count("<a ") == 2
    assert 'href="https://a.example/x?b=1&amp;c=2"' in html
    assert "<code>https://b.example</code>" in html


def test_the_highest_heading_gets_the_level_that_is_asked_for():
    assert hypertext.render("# One\n\n### Two", heading=3) == "<h3>One</h3>\n<h5>Two</h5>"


def test_plain_text_keeps_lists_tables_code_and_addresses():
    html = hypertext.render(
        "Hello [you](https://y.example).\n\n- one\n- two\n\n1. first\n1. second\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\nx  = 1\n```"
    )
    assert hypertext.words(html) == (
        "Hello you (https://y.example).\n\n- one\n- two\n\n1. first\n2. second\n\na | b\n1 | 2\n\nx  = 1"
    )


def test_an_excerpt_ends_at_a_word():
    assert hypertext.excerpt("<p>One two three</p><p>four</p>", 9) == "One two …"
    assert hypertext.excerpt("<p>One\ntwo</p>") == "One two"


def test_plain_copy_becomes_paragraphs_with_its_addresses_as_links():
    assert hypertext.plain("a < b\nsee https://x.example/?a=1&b=2.\n\n*c*") == (
        '<p>a &lt; b<br>see <a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>.</p><p>*c*</p>'
    )
