"""Plain paragraphs and lists take a short way to HTML; where it ends is where the converter's begins."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_plugins import text

WORDS = st.text(alphabet="abcZäß0189 ,.;:!?'\"“”’()…–-/%@=+^$*_#>\n\t é中", max_size=80)
PIECES = st.lists(
    st.one_of(WORDS, st.sampled_from(["- one\n- two", "- one", "\n\n", "1. x", "a\n\n\n\nb"])), max_size=6
)


def converted(words: str) -> str:
    """The long way, whatever the text."""
    converter = text._converter()
    converter.reset()
    return text._sanitise(converter.convert(words), None)


@settings(max_examples=1500, deadline=None)
@given(PIECES.map("\n\n".join))
def test_the_short_way_gives_what_the_converter_gives(words):
    words = text.clean(words)
    simple = text.simply(words)
    assert simple is None or simple == converted(words)


@pytest.mark.parametrize(
    "words", ["One line.", "Two\nlines.", "A: b.\n\n- one\n- two\n\nAnd on, “so”; it's (well) 50 %."]
)
def test_plain_copy_takes_the_short_way(words):
    assert text.simply(words) == converted(words)


@pytest.mark.parametrize(
    "words",
    ["*a*", "a_b_c", "<b>", "a & b", "[a](b)", "1. one", "# a", "> a", "a\n===", "- a\n\n- b", "    code", "a  \nb"],
)
def test_whatever_could_be_a_mark_is_left_to_the_converter(words):
    assert text.simply(words) is None
