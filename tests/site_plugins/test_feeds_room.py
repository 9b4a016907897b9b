"""The team's own feed: receipts decide what stands in it, and it stands where its receipt says, with what was sent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser

from signalbook import approval, delivery, feeds, store
from signalbook.records import Receipt
from site_plugins.build import build
from tests import build as make
from tests.build import NOW
from tests.signalbook.test_sent import commit

SETTINGS = make.SETTINGS.replace(
    '[channels.blog]\nconnector = "feed"\n',
    '[channels.blog]\nconnector = "feed"\nname = "The blog"\nurl = "https://harbour.example/news/blog/"\n',
)


def receipt(slug: str, hours: int, *, what: str = "sent", url: str = "") -> Receipt:
    key = f"{slug}/blog"
    base = "https://harbour.example/news/blog/"
    return Receipt(
        key, slug, "blog", 1, NOW - timedelta(hours=hours), feeds.item_id(base, key), url or f"{base}{slug}.html", "c",
        what,  # type: ignore[arg-type]
        run="r",
    )  # fmt: skip


def site(tmp_path: Path) -> Path:
    place = make.workspace(
        tmp_path,
        {
            "calendar/door": make.post(
                title="The door <b>", status="approved", publish_at="2026-11-22 09:00", body="## Ours\n\nCome *in*.\n\n<script>x</script>\n",
                media=[{"src": "door.png", "alt": "A door"}], options={"blog": {"categories": ["news"]}},
            ),
            "calendar/hall": make.post(title="The hall", status="approved", publish_at="2026-11-21 09:00"),
            "calendar/gone": make.post(title="Taken down", status="approved", publish_at="2026-11-20 09:00"),
            "calendar/soon": make.post(title="Not yet", status="approved", publish_at="2026-11-24 09:00"),
            "calendar/late": make.post(title="Nobody sent it", status="approved", publish_at="2026-11-20 09:00"),
        },
        settings=SETTINGS,
    )  # fmt: skip
    make.write(place.content / "calendar" / "door.png", b"png")
    store.append(
        place,
        [
            receipt("door", 20), receipt("hall", 40, url="https://harbour.example/news/blog/the-hall/"),
            receipt("gone", 60), receipt("gone", 50, what="withdrawn"),
        ],
    )  # fmt: skip
    return build(place).site_dir


def test_only_what_has_a_receipt_stands_in_the_three_files(tmp_path: Path) -> None:
    folder = site(tmp_path) / "blog"
    rss, atom = (
        feedparser.parse((folder / "rss.xml").read_bytes()),
        feedparser.parse((folder / "atom.xml").read_bytes()),
    )
    told = json.loads((folder / "feed.json").read_bytes())
    assert not rss.bozo
    assert not atom.bozo
    for titles in (
        [e.title for e in rss.entries],
        [e.title for e in atom.entries],
        [e["title"] for e in told["items"]],
    ):
        assert [title.replace("&lt;", "<").replace("&gt;", ">") for title in titles] == ["The door <b>", "The hall"]
    assert [e.link for e in rss.entries] == [
        "https://harbour.example/news/blog/door.html", "https://harbour.example/news/blog/the-hall/",
    ]  # fmt: skip
    assert rss.feed.title == "Harbour News: The blog"
    door = told["items"][0]
    assert door["image"] == "https://harbour.example/news/files/calendar/door.png"
    assert door["tags"] == ["news"]
    assert "<script" not in door["content_html"]
    assert "Come <em>in</em>." in door["content_html"]


def test_an_article_stands_where_its_receipt_says(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert "The hall" in (made / "blog" / "the-hall" / "index.html").read_text(encoding="utf-8")
    article = (made / "blog" / "door.html").read_text(encoding="utf-8")
    assert 'alt="A door"' in article
    assert "<script>x" not in article
    assert "../calendar/posts/door.html" in article
    assert not (made / "blog" / "gone.html").exists()
    assert not (made / "blog" / "soon.html").exists()


def test_the_first_page_of_each_section_and_the_channels_own_name_the_feeds(tmp_path: Path) -> None:
    made = site(tmp_path)
    for page, way in (
        ("index.html", ""),
        ("calendar/index.html", "../"),
        ("blog/the-hall/index.html", "../../"),
    ):
        links = re.findall(
            r'<link rel="alternate feed" type="([^"]+)" title="[^"]+" href="([^"]+)">', (made / page).read_text()
        )
        assert links == [
            ("application/rss+xml", f"{way}blog/rss.xml"), ("application/atom+xml", f"{way}blog/atom.xml"),
            ("application/feed+json", f"{way}blog/feed.json"),
        ]  # fmt: skip
    assert "alternate feed" not in (made / "calendar" / "posts" / "door.html").read_text(encoding="utf-8")
    own = (made / "blog" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}"' in own for name in feeds.FILES)
    assert "Taken down" not in own


def test_a_channel_that_published_nothing_says_so_and_its_feeds_are_valid(tmp_path: Path) -> None:
    made = build(make.workspace(tmp_path)).site_dir / "blog"
    assert "Nothing is published here yet" in (made / "index.html").read_text(encoding="utf-8")
    assert not feedparser.parse((made / "rss.xml").read_bytes()).bozo
    assert json.loads((made / "feed.json").read_bytes())["items"] == []


def test_a_slug_becomes_the_address_and_a_hostile_one_does_not() -> None:
    base = "https://harbour.example/blog/"
    assert feeds.item_url(base, "a/blog", "first-morning") == "https://harbour.example/blog/first-morning/"
    for slug in ("../../x", "A b", "", None, 7, "x" * 200, "a\n"):
        assert feeds.item_url(base, "a/blog", slug) == "https://harbour.example/blog/a.html"
    assert feeds.item_url(base, "a@2026-12-01/blog", "first") == "https://harbour.example/blog/a-2026-12-01.html"
    assert feeds.item_url("", "a/blog", "first") == ""


def test_an_edit_after_it_went_out_changes_no_article_until_it_is_amended(tmp_path: Path) -> None:
    def door(body: str) -> dict[str, object]:
        return make.post(title="The door", status="approved", publish_at="2026-11-22 09:00", body=body)

    place = make.workspace(tmp_path, {"calendar/door": door("Open at seven.\n")}, settings=SETTINGS)
    commit(place, 40)
    book = make.book(place)
    found = delivery.find(book, "door/blog", NOW)
    assert found
    store.append(place, [replace(receipt("door", 20), content=approval.content(book, found))])
    make.document(place, "calendar/door", door("Open at eight.\n"))
    for text in (
        (build(place).site_dir / "blog" / name).read_text()
        for name in ("door.html", "rss.xml", "feed.json", "index.html")
    ):
        assert "seven" in text
        assert "eight" not in text
    book = make.book(place)
    found = delivery.find(book, "door/blog", NOW)
    assert found
    store.append(place, [replace(receipt("door", 1, what="amended"), content=approval.content(book, found))])
    made = build(place).site_dir / "blog"
    assert "eight" in (made / "door.html").read_text()
    item = json.loads((made / "feed.json").read_bytes())["items"][0]
    assert "eight" in item["content_html"]
    assert item["date_published"] != item["date_modified"]
