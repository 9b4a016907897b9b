"""Feeds as files: what is read, what is refused, and that no feed takes the reader down."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import feeds_in
from pipelines.feeds_in import Reader, decode, read_files
from tests.conftest import SHARED

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour  news</title>
<item><title>Doors &lt;b&gt;open&lt;/b&gt;</title><link>https://harbour.example/1</link><guid>1</guid>
<pubDate>Tue, 24 Nov 2026 09:30:00 +0100</pubDate><description>Come in</description></item>
<item><title>Odd</title><link>javascript:alert(1)</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>tag:x</id><title>One</title>
<link href="https://harbour.example/a"/><updated>2026-11-24T08:30:00Z</updated></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [
            {
                "id": 7,
                "url": "https://harbour.example/j",
                "title": "Jay",
                "date_published": "2026-11-24T09:30:00+01:00",
            },
            "no item",
        ],
    }
)


@pytest.fixture(scope="module")
def reader():
    with Reader() as opened:
        yield opened


def test_an_rss_feed_says_what_it_says(reader):
    feed = reader.read(RSS.encode())
    first, second = feed.entries
    assert (feed.kind, feed.title, feed.damaged) == ("rss20", "Harbour news", False)
    assert first.title == "Doors <b>open</b>"
    assert first.published == first.updated == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert (first.link, first.id, first.text) == ("https://harbour.example/1", "1", "Come in")
    assert second.link is None


def test_atom_and_json_feed_are_read_too(reader):
    assert [entry.id for entry in reader.read(ATOM.encode()).entries] == ["tag:x"]
    (entry,) = reader.read(JSON.encode()).entries
    assert (entry.id, entry.title, entry.published) == ("7", "Jay", datetime(2026, 11, 24, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<html><head><link rel=alternate type='application/rss+xml' href='/f.xml'></head></html>", "page of HTML"),
        (b'{"items": []}', "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items"', "cut short"),
        (b"just words", "no feed in it"),
        (b"<rss>" + b"<a>" * 100_000, "nest"),
        (b"x" * (feeds_in.MOST_BYTES + 1), "MiB"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_what_is_no_feed_says_so_and_the_next_is_read(reader, data, words):
    feed = reader.read(data)
    assert feed.damaged
    assert words in feed.error
    assert not feed.entries
    assert reader.read(ATOM.encode()).entries


def test_declared_entities_are_never_expanded_and_no_file_is_read(reader):
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + RSS.replace("Odd", "&b;&x;").replace('<?xml version="1.0"?>', "")
    )
    feed = reader.read(bomb.encode())
    assert feed.damaged
    assert "root:" not in repr(feed)
    assert "haha" not in repr(feed)


def test_a_feed_that_takes_too_long_or_too_much_is_given_up():
    heavy = (
        "<rss><channel>" + "<item><title>x</title><description>" + "&amp;" * 200 + "</description></item>" * 20_000
    ).encode()
    with Reader(seconds=0.03) as slow:
        start = time.monotonic()
        assert "more than 0.03 s" in slow.read(heavy).error
        assert time.monotonic() - start < 30
        assert slow.read(b"").damaged
    with Reader(memory=8 * 2**20) as small:
        feed = small.read(b"<rss><channel><item><title>" + b"y" * (9 * 2**20) + b"</title></item></channel></rss>")
        assert "memory" in feed.error


def test_every_file_gets_its_line_also_one_that_is_not_there(tmp_path):
    (tmp_path / "a.xml").write_text(RSS, encoding="utf-8")
    (tmp_path / "page.html").write_text(
        "<html><link type='application/atom+xml' href='/feed'></html>", encoding="utf-8"
    )
    rows = list(read_files([feeds_in.Path("a.xml"), feeds_in.Path("gone.xml"), feeds_in.Path("page.html")], tmp_path))
    assert [row["file"] for row in rows] == ["a.xml", "gone.xml", "page.html"]
    assert [row["damaged"] for row in rows] == [False, True, True]
    assert rows[0]["entries"][0] == {
        "id": "1", "link": "https://harbour.example/1", "title": "Doors <b>open</b>", "published": "2026-11-24T08:30:00Z",
        "updated": "2026-11-24T08:30:00Z",
    }  # fmt: skip
    assert "cannot be read" in rows[1]["error"]
    assert rows[2]["links"] == ["/feed"]


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(data):
    decode(b"<rss><channel><item>" + data)
    decode(b'{"version": "https://jsonfeed.org/version/1", "items": [' + data)


@pytest.mark.shared
def test_the_shared_feeds_are_read_as_expected():
    folder = SHARED / "feeds"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    counts = titles = dates = items = 0
    with Reader() as opened:
        for name, want in expected.items():
            feed = feeds_in.as_plain(opened.read((folder / name).read_bytes()))
            counts += len(feed["entries"]) == (want.get("entries") or 0)
            for wanted, got in zip(want.get("items", ()), feed["entries"], strict=False):
                items += 1
                titles += wanted["title"] == got["title"]
                dates += wanted.get("published") == got["published"]
        for file in sorted((folder / "hostile").glob("*.xml")):
            start = time.monotonic()
            opened.read(file.read_bytes())
            assert time.monotonic() - start < 5, file.name
    assert counts / len(expected) >= 0.99
    assert titles / items >= 0.98
    assert dates / items >= 0.98
