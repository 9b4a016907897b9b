"""A post as each network will show it, in a terminal and as JSON."""

from __future__ import annotations

import dataclasses
import io
import json
import re

import pytest
from PIL import Image

from signalbook import copytext, previewing
from signalbook.model import Post
from tests import build as make
from tests import values

SETTINGS = (
    make.SETTINGS
    + """
[channels.linkedin]
connector = "manual"
owner = "writer"

[channels.instagram]
connector = "instagram"
owner = "writer"

[links]
own = ["bakery.example"]
utm = true
"""
)


def shown(tmp_path, channel="", colour=False, **more):
    place = make.workspace(tmp_path, {"calendar/a": make.post(**more)}, settings=SETTINGS)
    picture = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(picture, "PNG")
    make.write(place.content / "calendar/media/door.png", picture.getvalue())
    book = make.book(place)
    found = previewing.previews(book, book.get(Post, "a"), make.NOW, channel)
    return found, "\n".join(line for one in found for line in previewing.lines(one, colour=colour))


def test_a_thread_is_shown_part_by_part_with_its_counts(tmp_path):
    _, text = shown(tmp_path, channels=["mastodon"], body="One https://bakery.example/a\n\n---\n\nTwo\n")
    assert "mastodon, part 1: 27 of 500" in text
    assert "mastodon, part 2: 3 of 500" in text
    assert "  One https://bakery.example/a?utm_source=mastodon&utm_medium=social&utm_content=a" in text
    assert "counts: “https://bakery.example/a" in text


def test_what_is_added_and_what_goes_beside_is_told(tmp_path):
    _, text = shown(
        tmp_path, channels=["bluesky"], disclosure="paid", link="https://bakery.example/a", first_comment="More below",
        poll=None, quote_of="https://other.example/1",
    )  # fmt: skip
    assert "  Ad. Come in." in text
    for line in ("put first: Ad.", "card: https://bakery.example/a?utm_source=bluesky", "first comment: More below",
                 "quotes: https://other.example/1", "in links: utm_source=bluesky"):  # fmt: skip
        assert line in text


def test_where_a_network_folds_and_where_it_ends_is_marked(tmp_path):
    (one,), text = shown(tmp_path, "linkedin", channels=["linkedin"], body="b" * 3010)
    assert (one.parts[0].fold, one.parts[0].cut) == (140, 3000)
    lines = text.split("\n")
    assert lines[0] == "linkedin, part 1: 3010 of 3000, too long"
    assert len(lines[1].strip()) == 140
    assert "LinkedIn shows “more” about here" in lines[2]
    assert "LinkedIn takes no more than this" in lines[4]
    assert lines[5].strip() == "b" * 10


@pytest.mark.parametrize("letter", ["a", "é", "👨‍👩‍👧", "日", "e\u0301"])
def test_the_cut_is_between_signs_and_what_is_before_it_fits(tmp_path, letter):
    (one,), _ = shown(tmp_path, "bluesky", channels=["bluesky"], body=letter * 310)
    part = one.parts[0]
    head = part.text[: part.cut]
    assert head == letter * (len(head) // len(letter))
    assert 0 < len(head) < len(part.text)


def test_a_picture_is_shown_as_it_will_be_sent(tmp_path):
    media = [{"src": "media/door.png", "alt": "The door"}, {"src": "media/lost.png"}]
    _, text = shown(tmp_path, channels=["instagram"], media=media)
    assert "media/door.png: image/jpeg, 800 × 600" in text
    assert "PNG is not taken; “The door”" in text
    assert "media/lost.png: the file is not there; no alternative text" in text
    assert "block, alt-text" in text or "warn, alt-text" in text


def test_a_channel_that_gets_nothing_says_so(tmp_path):
    _, text = shown(tmp_path, channels=["mastodon"], body="## bluesky\n\nOnly there\n")
    assert "No words for this channel" in text
    _, text = shown(tmp_path / "b", channels=["instagram"])
    assert "warn, media-fit: " in text


@pytest.mark.parametrize("colour", [False, True])
def test_no_text_moves_the_cursor(tmp_path, colour):
    one = values.post(body="a\x1b[2J\x07\r\nb\u2028c", title="\x1b]0;x", first_comment="\x9b2J", disclosure="paid")
    book = values.book(one, channels=[values.channel("bluesky"), values.channel("blog")])
    one = dataclasses.replace(one, channels=("bluesky", "blog"))
    for found in previewing.previews(book, one, values.NOW):
        for line in previewing.lines(found, colour=colour):
            assert not re.search("[\x00-\x1f\x7f-\x9f]", re.sub("\x1b\\[[0-9;]+m", "", line) if colour else line)


def test_emoji_keep_what_joins_them(tmp_path):
    assert "👨‍👩‍👧" in shown(tmp_path, channels=["bluesky"], body="👨‍👩‍👧")[1]


def test_json_has_an_object_a_part_with_what_leads_somewhere(tmp_path):
    found, _ = shown(tmp_path, channels=["bluesky"], body="See bakery.com and @ana.bsky.social #Bread\n\n---\n\nTwo")
    rows = json.loads(json.dumps([row for one in found for row in previewing.as_json(one)]))
    assert [row["part"] for row in rows] == [1, 2]
    assert [(link["kind"], link["value"]) for link in rows[0]["links"]] == [
        ("link", "https://bakery.com"), ("mention", "ana.bsky.social"), ("tag", "Bread"),
    ]  # fmt: skip
    assert rows[0]["missing"] == rows[1]["missing"]


@pytest.mark.parametrize("network", ["bluesky", "x", "mastodon", "instagram", ""])
def test_pieces_together_are_the_text(network):
    text = "See https://bakery.com/a, bakery.com, @ana@art.com #Bread 👍 (x.com)"
    pieces = copytext.shown(text, network)
    assert "".join(piece.text for piece in pieces) == text
    links = [piece.text for piece in pieces if piece.kind == "link"]
    assert links == {
        "bluesky": ["https://bakery.com/a", "bakery.com", "x.com"], "x": ["https://bakery.com/a", "bakery.com", "x.com"],
        "mastodon": ["https://bakery.com/a"], "instagram": [], "": ["https://bakery.com/a"],
    }[network]  # fmt: skip
