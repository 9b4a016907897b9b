"""What is new, as feeds and calendars: read back by the libraries that readers use, with the right counts and times."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import feedparser
import icalendar
import pytest

from signalbook import store
from signalbook.records import Receipt
from site_plugins.build import build
from tests import build as make
from tests.build import NOW

BERLIN = ZoneInfo("Europe/Berlin")
CHANGES = {  # both clock changes of a year, a day before, on the day, a day after
    "spring": [datetime(2027, 3, day, 9, 30, tzinfo=BERLIN) for day in (27, 28, 29)],
    "autumn": [datetime(2026, 10, day, 9, 30, tzinfo=BERLIN) for day in (24, 25, 26)],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = make.workspace(tmp_path_factory.mktemp("news") / "team")
    make.document(place, "plans/campaigns/spring", {"title": "Spring", "owner": "writer", "status": "live", "type": "launch",
                                                    "period": {"from": "2027-03-01", "to": "2027-04-10"}, "plan": "p"})  # fmt: skip
    make.document(place, "calendar/events/fair", {"title": "Fair", "owner": "writer", "when": "2027-03-20", "kind": "own", "effect": "promote",
                                                  "campaign": "spring"})  # fmt: skip
    for season, times in CHANGES.items():
        for at in times:
            slug = f"{season}-{at.day}"
            front = make.post(title=f"{season} {at.day}", status="approved", publish_at=f"{at:%Y-%m-%d %H:%M}", channels=["blog", "mastodon"],
                              campaign=season if season == "spring" else None, labels=["a, b; c"])  # fmt: skip
            make.document(place, f"calendar/{slug}", front)
    make.document(
        place,
        "calendar/long",
        make.post(title="Ä" * 90 + ", “b”; c\\d", status="approved", publish_at="2027-01-10 23:30", owner="editor"),
    )
    make.document(place, "calendar/draft", make.post(title="Draft", publish_at="2027-01-11 09:00"))
    receipts = [("autumn-24", "blog", "sent", 0), ("autumn-24", "mastodon", "sent", 1), ("autumn-25", "blog", "sent", 0),
                ("autumn-26", "blog", "sent", 0), ("autumn-26", "blog", "withdrawn", 2)]  # fmt: skip
    store.append(place, [
        Receipt(f"{post}/{channel}", post, channel, 1, NOW - timedelta(days=9) + timedelta(hours=hours), "1", f"https://x.example/{post}/{channel}", "x", what)
        for post, channel, what, hours in receipts
    ])  # fmt: skip
    rule = {"owner": "writer", "review_by": "2027-06-01", "scope": {"who": "all"}, "summary": "Say who you are."}
    make.document(
        place,
        "policies/voice",
        rule
        | {
            "title": "Voice",
            "status": "in-force",
            "version": 3,
            "in_force_from": "2026-11-02",
            "changed": "Now <b>shorter</b>.",
        },
    )
    make.document(
        place,
        "policies/later",
        rule | {"title": "Later", "status": "in-force", "version": 1, "in_force_from": "2026-12-24"},
    )
    make.document(place, "policies/draft", rule | {"title": "A draft", "status": "draft", "version": 1})
    return build(place).site_dir


@pytest.mark.parametrize(("folder", "titles"), [
    ("calendar/published", {"autumn 24", "autumn 25"}),
    ("calendar/upcoming", {"Sat 27 Mar 09:30: spring 27", "Sun 28 Mar 09:30: spring 28", "Mon 29 Mar 09:30: spring 29",
                           f"Sun 10 Jan 23:30: {'Ä' * 90}, “b”; c\\d"}),
    ("policies/changed", {"Voice, version 3"}),
])  # fmt: skip
def test_each_feed_holds_each_thing_once_in_all_three_forms(site, folder, titles):
    for name in ("rss.xml", "atom.xml"):
        read = feedparser.parse((site / folder / name).read_bytes())
        assert not read.bozo
        assert sorted(one.title for one in read.entries) == sorted(titles)
        assert len({one.id for one in read.entries}) == len(titles)
        assert all(one.link.startswith("https://") for one in read.entries)
        assert all(one.get("published_parsed") or one.get("updated_parsed") for one in read.entries)
        if folder == "policies/changed":  # a summary is HTML in RSS and text in Atom: either way its signs are signs
            said = "Now &lt;b&gt;shorter" if name == "rss.xml" else "Now <b>shorter"
            assert all(said in one.summary for one in read.entries)
    read = json.loads((site / folder / "feed.json").read_bytes())
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    assert {one["title"] for one in read["items"]} == titles
    assert all(datetime.fromisoformat(one["date_published"]) <= NOW for one in read["items"])


def test_the_page_of_feeds_leads_to_all_of_them(site):
    page = (site / "calendar/feeds.html").read_text(encoding="utf-8")
    there = {*re.findall(r'href="(?:\.\./)?([\w/-]+\.(?:ics|xml|json))"', page)}
    for folder in ("calendar/published", "calendar/upcoming", "policies/changed"):
        for name in ("rss.xml", "atom.xml", "feed.json"):
            assert any(f"{folder}/{name}".endswith(one) for one in there), (folder, name, there)
    assert "campaign-spring.ics" in page


@pytest.mark.parametrize(
    "name", ["all", "channel-blog", "channel-mastodon", "owner-writer", "owner-editor", "campaign-spring"]
)
def test_a_calendar_keeps_local_times_on_both_sides_of_a_clock_change(site, name):
    data = (site / "calendar" / f"{name}.ics").read_bytes()
    strict(data)
    calendar = icalendar.Calendar.from_ical(data)
    assert str(calendar["X-WR-TIMEZONE"]) == "Europe/Berlin"
    told = {str(one["SUMMARY"]): one["DTSTART"].dt for one in calendar.walk("VEVENT")}
    for season, times in CHANGES.items():
        for at in times:
            if name in {"all", "channel-blog", "channel-mastodon", "owner-writer"} or name == f"campaign-{season}":
                here = told[f"{season} {at.day}"].astimezone(BERLIN)
                assert (here.date(), here.hour, here.minute) == (at.date(), 9, 30)
            else:
                assert f"{season} {at.day}" not in told
    assert ("Fair" in told) == (name in {"all", "campaign-spring"})
    assert any(title.startswith("Ä" * 90) and title.endswith(", “b”; c\\d") for title in told) == (
        name in {"all", "channel-blog", "owner-editor"}
    )


def strict(data: bytes) -> None:
    """RFC 5545 where programs are particular: line ends, length, folding, required properties, ids, escapes, instants."""
    text = data.decode("utf-8")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode("utf-8")  # no character is cut in two
    whole = text.replace("\r\n ", "").split("\r\n")
    assert whole[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert sum(line.startswith("PRODID:") for line in whole) == 1
    events = text.replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
    ids = []
    for event in events:
        values = dict(line.split(":", 1) for line in event.split("\r\n") if ":" in line)
        (uid,) = (value for key, value in values.items() if key == "UID")
        ids.append(uid)
        assert re.fullmatch(r"\d{8}T\d{6}Z", values["DTSTAMP"])
        start = next(key for key in values if key.startswith("DTSTART"))
        shape = r"\d{8}" if "VALUE=DATE" in start else r"\d{8}T\d{6}Z"
        assert re.fullmatch(shape, values[start])
        assert not re.search(r"(?<!\\)[,;]", values["SUMMARY"].replace("\\\\", ""))
    assert len(ids) == len(set(ids))
