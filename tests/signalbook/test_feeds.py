"""The three feeds say the same, read back by a library that others wrote, and hold nothing that runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook import feeds
from signalbook.feeds import Enclosed, Entry, Feed

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def entry(number: int = 1, **given) -> Entry:
    facts = {
        "id": feeds.item_id("https://harbour.example/blog/", f"post-{number}/blog"),
        "url": f"https://harbour.example/blog/post-{number}.html",
        "title": f"Post {number} & <more>",
        "html": '<p>Words with <a href="https://x.example/?a=1&amp;b=2">a link</a></p><script>alert(1)</script>',
        "published_at": AT + timedelta(hours=number),
        "updated_at": AT + timedelta(hours=number),
        "author": "Writer",
        "lang": "en",
        "tags": ("news",),
    }
    return Entry(**{**facts, **given})


def feed(*entries: Entry) -> Feed:
    return Feed(
        "Harbour “News”", "https://harbour.example/blog/", "https://harbour.example/feeds/blog/", "What we do", "en", "Harbour",
        entries,
    )  # fmt: skip


def test_all_three_tell_the_same_items_newest_first():
    made = feeds.write(feed(entry(1), entry(3), entry(2)))
    assert set(made) == set(feeds.FILES)
    rss, atom = feedparser.parse(made["rss.xml"]), feedparser.parse(made["atom.xml"])
    told = json.loads(made["feed.json"])
    assert not rss.bozo
    assert not atom.bozo
    assert (rss.version, atom.version, told["version"]) == ("rss20", "atom10", "https://jsonfeed.org/version/1.1")
    ids = [feeds.item_id("https://harbour.example/blog/", f"post-{n}/blog") for n in (3, 2, 1)]
    assert (
        [one.id for one in rss.entries]
        == [one.id for one in atom.entries]
        == [one["id"] for one in told["items"]]
        == ids
    )
    for found in (rss, atom):
        first = found.entries[0]
        assert first.title == "Post 3 & <more>"
        assert first.link == "https://harbour.example/blog/post-3.html"
        assert first.published_parsed[:5] == (2026, 11, 24, 11, 30)
        assert "https://x.example/?a=1" in first.content[0].value
        assert first.tags[0].term == "news"
    item = told["items"][0]
    assert item["title"] == "Post 3 & <more>"
    assert item["date_published"] == "2026-11-24T11:30:00Z"
    assert item["authors"] == [{"name": "Writer"}]


def test_nothing_that_runs_is_in_a_feed():
    bad = entry(
        html="<p onclick=x()>a</p><script>alert(1)</script>", url="javascript:alert(1)", title="]]> <b>\x00\x0b"
    )
    for name, data in feeds.write(feed(bad)).items():
        text = data.decode()
        assert "alert(1)" not in text, name
        assert "javascript:" not in text, name
        assert "onclick" not in text, name
        assert "\x00" not in text, name


def test_an_id_stays_whatever_the_title_or_address_becomes():
    assert feeds.item_id("https://harbour.example/blog", "a/blog") == feeds.item_id(
        "https://harbour.example/blog/", "a/blog"
    )
    assert feeds.item_id("https://harbour.example/blog/", "a/blog") != feeds.item_id(
        "https://other.example/blog/", "a/blog"
    )


def test_an_occurrence_has_an_address_of_its_own():
    assert feeds.item_url("https://h.example/blog/", "tip/blog") == "https://h.example/blog/tip.html"
    assert (
        feeds.item_url("https://h.example/blog", "tip@2026-12-01/blog") == "https://h.example/blog/tip-2026-12-01.html"
    )
    assert feeds.item_url("", "tip/blog") == ""


def test_pictures_of_the_item_stay_and_are_enclosed():
    picture = Enclosed("https://harbour.example/blog/media/door.jpg", "image/jpeg", 1200, "The door")
    one = entry(
        html='<p><img src="https://harbour.example/blog/media/door.jpg" alt="The door"></p>', enclosed=(picture,)
    )
    made = feeds.write(feed(one))
    assert feedparser.parse(made["rss.xml"]).entries[0].enclosures[0].href == picture.url
    assert feedparser.parse(made["atom.xml"]).entries[0].enclosures[0].length == "1200"
    item = json.loads(made["feed.json"])["items"][0]
    assert item["image"] == picture.url
    assert 'alt="The door"' in item["content_html"]


def test_a_feed_without_items_is_valid():
    made = feeds.write(feed())
    assert feedparser.parse(made["rss.xml"]).bozo == 0
    assert json.loads(made["feed.json"])["items"] == []


def test_the_same_items_give_the_same_bytes_in_any_order():
    assert feeds.write(feed(entry(1), entry(2))) == feeds.write(feed(entry(2), entry(1)))


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_text_gives_well_formed_files(title, body, tag):
    made = feeds.write(feed(entry(title=title, html=body, tags=(tag,), author=tag)))
    ET.fromstring(made["rss.xml"])  # noqa: S314 - our own bytes
    ET.fromstring(made["atom.xml"])  # noqa: S314 - our own bytes
    json.loads(made["feed.json"])
