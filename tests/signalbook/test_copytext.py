"""From a post's body to what goes out: its own copy for a channel, in parts where a network has threads."""

from __future__ import annotations

import pytest

from signalbook import copytext
from signalbook.model import Post
from signalbook.settings import Channel

CHANNELS = {
    key: Channel(key, connector)
    for key, connector in [("blog", "feed"), ("bluesky", "bluesky"), ("linkedin", "linkedin")]
}


def said(body, key, **more):
    return [part.text for part in copytext.parts(Post(slug="x", body=body, **more), key, CHANNELS)]


def test_a_channel_without_its_own_copy_gets_everybodys():
    body = "All\n\n## bluesky\n\nShort\n"
    assert said(body, "blog") == ["All"]
    assert said(body, "bluesky") == ["Short"]


@pytest.mark.parametrize(
    "heading", ["# bluesky", "### bluesky", "## Bluesky", "##bluesky", "## bluesky and more", " ## bluesky"]
)
def test_only_a_level_two_heading_that_is_a_key_begins_a_channels_copy(heading):
    assert heading.strip() in said(f"All\n\n{heading}\n\nMore", "bluesky")[0]


def test_a_heading_inside_code_is_text():
    body = "All\n\n```\n## bluesky\n```\n\nend"
    assert said(body, "bluesky") == [body]


def test_of_two_copies_for_a_channel_the_last_counts():
    assert said("## blog\n\nOne\n\n## blog\n\nTwo", "blog") == ["Two"]


def test_a_line_of_three_dashes_is_the_next_part_on_networks_with_threads():
    body = "One\n\n---\n\nTwo\n--- \nThree\n\n---\n"
    assert said(body, "bluesky") == ["One", "Two", "Three"]
    assert said(body, "linkedin") == ["One\n\nTwo\n\nThree"]
    assert said(body, "blog")[0].count("---") == 3, "there it is a rule"


@pytest.mark.parametrize("body", ["", "\n\n", "   \n", "---", "---\n\n---", "## bluesky\n\n---\n"])
@pytest.mark.parametrize("disclosure", [None, "paid"])
def test_a_body_that_says_nothing_has_no_parts(body, disclosure):
    assert said(body, "bluesky", disclosure=disclosure) == []


def test_every_part_knows_its_line_in_the_file():
    post = Post(slug="x", body="\nOne\n\n---\n\nTwo\n\n## linkedin\n\nThree", body_line=6)
    assert [part.line for part in copytext.parts(post, "bluesky", CHANNELS)] == [7, 11]
    assert [part.line for part in copytext.parts(post, "linkedin", CHANNELS)] == [15]


def test_the_connection_to_the_subject_comes_first():
    (first, second) = said("One\n\n---\n\nTwo", "bluesky", disclosure="paid")
    assert first.endswith("One")
    assert first != "One"
    assert second == "Two"


def test_copies_are_those_of_the_channels_a_post_names():
    post = Post(slug="x", body="All", channels=("blog", "nowhere"))
    assert set(copytext.copies(post, CHANNELS)) == {"blog", "nowhere"}
