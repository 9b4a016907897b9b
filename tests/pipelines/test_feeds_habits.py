"""Feeds as the programs of the world write them: each habit and each mistake is a file in ``feeds/``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import feeds_fast, feeds_in, pagetext
from pipelines.connectors.feed import CONNECTOR, named
from pipelines.feeds_in import Entry, Feed
from pipelines.http import Client
from pipelines.services import Listen
from signalbook.settings import Channel
from signalbook.sources import Source

FOLDER = Path(__file__).parent / "feeds"
FILES = sorted(FOLDER.glob("*.xml"))
GOLDEN = FOLDER / "heard.txt"
WHERE = "https://feeds.harbour.test/of/feed.xml"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LISTENER = CONNECTOR.listener(Channel("f", "feed", url=WHERE), {}, Client()) or pytest.fail("a feed cannot be heard")
SLOW = {path.name: feeds_in.decode(path.read_bytes()) for path in FILES}
COMMON = (
    "wordpress.xml wordpress-bom.xml wordpress-stylesheet.xml wordpress-comments.xml ghost.xml substack.xml youtube.xml crlf.xml "
    "utf8-lower-single.xml dates-plain.xml twice-encoded.xml atom-offset.xml guid-twice.xml tail.xml"
).split()
"""What most feeds of the world are like; ``wordpress.xml`` bears a title with a sign that feedparser looks at twice."""


def told(entry: Entry) -> tuple[object, ...]:
    """What of an entry reaches anybody."""
    text = pagetext.words(entry.text)[0]
    return entry.id, entry.link, entry.title, entry.published, entry.updated, text, named(entry.author), entry.near


def whole(feed: Feed) -> tuple[object, ...]:
    return feed.kind, feed.title, feed.lang, feed.damaged, feed.error, [told(entry) for entry in feed.entries]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_quick_reader_says_in_every_field_what_feedparser_says_or_nothing(path):
    quick = feeds_fast.decode(path.read_bytes())
    if quick is not None:
        assert whole(quick) == whole(SLOW[path.name])


def test_the_quick_reader_reads_what_most_feeds_are_like():
    unread = [name for name in COMMON if feeds_fast.decode((FOLDER / name).read_bytes()) is None]
    assert unread == ["wordpress.xml"]


def test_every_feed_is_heard_as_the_file_of_all_says(golden_update):
    lines = []
    for name, feed in SLOW.items():
        heard = LISTENER.told(Listen(Source(), NOW), feed, WHERE)
        lines.append(f"{name}: {feed.kind}, {feed.title!r}, {feed.lang or 'no language'}{', damaged' * feed.damaged}")
        for one in heard.mentions:
            at = (
                one.published_at.strftime("%Y-%m-%d %H:%M")
                if one.published_at and one.published_at.year < 9999
                else "-"
            )
            lines.append(f"  {at} | {one.url or '-'} | {one.author or '-'} | {one.title!r} | {one.text[:60]!r}")
        lines += [f"  left out, {why}: {count}" for why, count in heard.left_out.items()]
    text = "\n".join(lines) + "\n"
    if golden_update:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_no_link_is_lost_that_a_browser_would_find():
    lost = {
        name
        for name, feed in SLOW.items()
        for one in LISTENER.told(Listen(Source(), NOW), feed, WHERE).mentions
        if not one.url
    }
    # One item of this feed is a sentence and nothing else.
    assert lost == {"rss092.xml"}


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("desk@bakery.example (The Desk)", "The Desk"),
        ("The Desk <desk@bakery.example>", "The Desk"),
        ("The Desk (desk@bakery.example)", "The Desk"),
        ("desk@bakery.example", "desk"),
        ("@guest7", "@guest7"),
        ("@guest7@social.example", "@guest7@social.example"),
        ("Desk, desk@bakery.example", "Desk"),
        ("A &amp; B", "A & B"),
        ("A @ B", "A @ B"),
        ("", ""),
    ],
)
def test_an_author_is_a_name_and_never_an_address_for_letters(author, name):
    assert named(author) == name


def test_what_is_near_a_link_comes_through_the_process_of_its_own():
    feed = feeds_in.decode((FOLDER / "relative-link.xml").read_bytes())
    assert feeds_in.from_plain(feeds_in.as_plain(feed)) == feed
    assert feed.entries[0].near == "/a"
