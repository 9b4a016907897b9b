"""The calendar: every month has its ways, every post its page, and every program can subscribe."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest

from signalbook import store
from signalbook.period import month_grid
from signalbook.records import Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.browser import serving


def months(site: Path) -> list[str]:
    return sorted(path.stem for path in (site / "calendar").glob("????-??.html"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts in October, November and January, an event over the turn of a month, a post without a time."""
    place = make.workspace(
        tmp_path_factory.mktemp("calendar"),
        {
            "calendar/past": make.post(title="Gone by", publish_at="2026-10-05 10:00"),
            "calendar/opening": make.post(
                title="Doors open", publish_at="2026-11-25 09:30", status="approved", channels=["blog", "bluesky"]
            ),
            "calendar/night": make.post(
                title="New year", publish_at="2027-01-01 00:00", channels=["mastodon"], owner="duty-officer"
            ),
            "calendar/someday": make.post(title="Some day"),
            "calendar/gone": make.post(title="Called off", publish_at="2026-11-26 11:00", status="cancelled"),
            "calendar/events/fair": {
                "title": "The fair",
                "owner": "writer",
                "kind": "own",
                "when": "2026-11-28",
                "until": "2026-12-03",
            },
            "people/duty-officer": make.person(title="Duty officer", roles=["duty-officer"]),
        },
    )
    return build(place).site_dir


def test_the_months_run_without_a_gap_from_the_first_to_the_last(site: Path) -> None:
    assert months(site) == ["2026-10", "2026-11", "2026-12", "2027-01"]


def test_every_month_leads_to_its_neighbours_to_today_and_to_its_agenda(site: Path) -> None:
    found = months(site)
    for index, name in enumerate(found):
        for form in ("", "-agenda"):
            text = (site / "calendar" / f"{name}{form}.html").read_text(encoding="utf-8")
            assert f'href="2026-11{form}.html#d2026-11-23"' in text
            for other in found[max(index - 1, 0) : index] + found[index + 1 : index + 2]:
                assert f'href="{other}{form}.html"' in text, (name, other)
            assert f'href="{name}.html"' in text
            assert f'href="{name}-agenda.html"' in text


def test_a_grid_holds_each_day_of_its_month_once(site: Path) -> None:
    for name in months(site):
        text = (site / "calendar" / f"{name}.html").read_text(encoding="utf-8")
        year, month = map(int, name.split("-"))
        days = [f"d{day}" for week in month_grid(year, month) for day in week if day.month == month]
        found = [one for one in re.findall(r'id="(d\d{4}-\d\d-\d\d)"', text) if one in set(days)]
        assert found == days
        assert text.count('<th scope="row">') >= len(month_grid(year, month))


def test_the_current_month_stands_at_the_rooms_own_address_with_today_marked(site: Path) -> None:
    text = (site / "calendar" / "index.html").read_text(encoding="utf-8")
    assert "November 2026" in text
    assert text.count('aria-current="date"') == 1


def test_a_post_is_in_its_month_and_in_its_agenda_and_has_a_page(site: Path) -> None:
    for form in ("", "-agenda"):
        text = (site / "calendar" / f"2026-11{form}.html").read_text(encoding="utf-8")
        assert 'href="posts/opening.html"' in text
        assert "09:30" in text
        assert "The fair" in text
    assert "New year" in (site / "calendar" / "2027-01.html").read_text(encoding="utf-8")
    assert "The fair" in (site / "calendar" / "2026-12.html").read_text(encoding="utf-8"), (
        "it lasts over the turn of the month"
    )
    page = (site / "calendar" / "posts" / "opening.html").read_text(encoding="utf-8")
    assert "Come in." in page
    assert "Bluesky" in page


def test_a_post_without_a_time_is_not_lost(site: Path) -> None:
    assert "Some day" in (site / "calendar" / "undated.html").read_text(encoding="utf-8")


def feed(site: Path, name: str) -> list[Any]:
    data = (site / "calendar" / f"{name}.ics").read_bytes()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_there_is_a_feed_for_everything_for_each_channel_and_for_each_owner(site: Path) -> None:
    everything = {str(event["SUMMARY"]): event for event in feed(site, "all")}
    assert set(everything) == {"Gone by", "Doors open", "New year", "Called off", "The fair"}
    assert {str(e["SUMMARY"]) for e in feed(site, "channel-mastodon")} == {"New year"}
    assert {str(e["SUMMARY"]) for e in feed(site, "owner-duty-officer")} == {"New year"}
    assert {str(e["SUMMARY"]) for e in feed(site, "channel-bluesky")} == {"Doors open"}
    opening, fair = everything["Doors open"], everything["The fair"]
    assert opening["DTSTART"].dt == datetime(2026, 11, 25, 9, 30, tzinfo=make.ZONE)
    assert str(opening["URL"]) == "https://harbour.example/news/calendar/posts/opening.html"
    assert everything["Called off"]["STATUS"] == "CANCELLED"
    assert (fair["DTSTART"].dt, fair["DTEND"].dt) == (date(2026, 11, 28), date(2026, 12, 4))
    page = (site / "calendar" / "feeds.html").read_text(encoding="utf-8")
    assert {"all.ics", "channel-mastodon.ics", "owner-duty-officer.ics"} <= set(re.findall(r"[\w-]+\.ics", page))


def test_a_feed_names_each_thing_once_and_says_hours_where_they_are_known(tmp_path: Path) -> None:
    """A program that finds one name twice keeps one of the two; an hour in a title is none in a calendar."""
    talk = {"kind": "talk", "on": "2026-11-24 15:00", "owner": "writer", "title": "At the library"}
    place = make.workspace(
        tmp_path,
        {
            "plans/campaigns/spring": {
                "title": "Spring", "owner": "writer", "status": "live", "type": "launch",
                "period": {"from": "2026-11-24", "to": "2026-12-20"}, "items": [talk, talk | {"title": "On the boat"}],
            },
            "calendar/events/fair": {"title": "The fair", "owner": "writer", "kind": "own", "when": "2026-11-28 10:00", "until": "2026-11-28 18:00"},
            "calendar/a": make.post(publish_at="2026-11-25 09:30", status="approved", channels=["blog", "bluesky"]),
        },
    )  # fmt: skip
    key = {"key": "a/blog", "post": "a", "channel": "blog", "part": 1, "content": "ab" * 16, "run": "r", "at": make.NOW}
    store.append(place, [Receipt(**key, id="1", url="https://blog.example/a")])
    events = feed(build(place).site_dir, "all")
    assert len({str(one["UID"]) for one in events}) == len(events) == 5
    named = {str(one["SUMMARY"]): one for one in events}
    assert named["Talk: At the library"]["DTSTART"].dt == datetime(2026, 11, 24, 15, 0, tzinfo=make.ZONE)
    assert named["The fair"]["DTEND"].dt == datetime(2026, 11, 28, 18, 0, tzinfo=make.ZONE)
    assert named["Spring"]["DTSTART"].dt == date(2026, 11, 24)
    assert "blog: published; bluesky: scheduled" in str(named["Doors open"]["DESCRIPTION"]).lower()


def test_a_feed_follows_the_name_of_its_owner(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/a": make.post(publish_at="2026-11-25 09:30")})
    build(place)
    make.document(place, "people/writer", make.person(title="Chief writer"))
    site = build(place).site_dir
    assert "Chief writer" in str(feed(site, "all")[0]["DESCRIPTION"])


@pytest.mark.parametrize("moment", ["0001-01-01 00:30", "9999-12-31 23:30", "1582-10-10 10:00"])
def test_a_post_at_the_ends_of_time_has_its_page_and_hides_no_other(tmp_path: Path, moment: str) -> None:
    place = make.workspace(
        tmp_path,
        {
            "calendar/far": make.post(title="Far away", publish_at=moment, status="approved"),
            "calendar/near": make.post(publish_at="2026-11-25 09:30"),
            "calendar/events/far": {
                "title": "E",
                "owner": "writer",
                "kind": "own",
                "when": moment[:10],
                "until": "9999-12-31",
            },
        },
    )
    done = build(place)
    assert (done.site_dir / "calendar" / "posts" / "far.html").is_file()
    assert "Doors open" in (done.site_dir / "calendar" / "2026-11.html").read_text(encoding="utf-8")


def test_an_empty_calendar_says_what_fills_it(tmp_path: Path) -> None:
    site = build(make.workspace(tmp_path)).site_dir
    assert months(site) == ["2026-10", "2026-11", "2026-12"]
    text = (site / "calendar" / "2026-11-agenda.html").read_text(encoding="utf-8")
    assert "sb-empty" in text


def test_a_build_in_another_zone_puts_the_post_on_that_zones_day(tmp_path: Path) -> None:
    settings = make.SETTINGS.replace("Europe/Berlin", "Asia/Tokyo")
    place = make.workspace(tmp_path, {"calendar/a": make.post(publish_at="2026-11-25 23:30+01:00")}, settings=settings)
    text = (build(place).site_dir / "calendar" / "2026-11-agenda.html").read_text(encoding="utf-8")
    assert "07:30" in text
    assert 'id="d2026-11-26"' in text


def read(site: Path, name: str) -> str:
    return (site / "calendar" / f"{name}.html").read_text(encoding="utf-8")


def test_a_week_has_a_row_for_each_channel_and_says_what_the_cadence_lacks(site: Path) -> None:
    text = read(site, "2026-W48")
    rows = re.findall(r'<tr data-sb-row="(\w+)">(.*?)(?=<tr|</table>)', text)
    assert [key for key, _ in rows] == ["blog", "bluesky"], "Mastodon has no post and promised none"
    assert "1 of 2 planned" in dict(rows)["bluesky"]
    assert "Doors open" in dict(rows)["bluesky"]
    assert "Doors open" in dict(rows)["blog"]
    assert "Called off" in dict(rows)["blog"]
    assert "1 planned" in dict(rows)["blog"], "what was cancelled counts for nothing"
    assert "The fair" in text


def test_a_new_post_from_a_week_knows_its_day_and_its_channel(site: Path) -> None:
    from urllib.parse import parse_qs, urlsplit

    ways = re.findall(r'class=sb-day__new href="([^"]+)"', read(site, "2026-W48"))
    asked = [parse_qs(urlsplit(way.replace("&amp;", "&")).query) for way in ways]
    assert any(
        "publish_at: 2026-11-27 09:30" in one["value"][0] and "channels: [bluesky]" in one["value"][0] for one in asked
    )
    assert all("2026-11-22" not in one["filename"][0] for one in asked), "no new post on a day that is over"


def test_the_year_is_as_strong_as_its_days(site: Path) -> None:
    text = read(site, "2026")
    cells = dict(re.findall(r'<td id="d([\d-]+)" class="([^"]*)"', text))
    assert len(cells) == 365
    assert cells["2026-11-25"] == cells["2026-10-05"] == "sb-h4", "the most there is on any day"
    assert cells["2026-11-26"] == "sb-h0", "a cancelled post is none"
    assert "is-today" in cells["2026-11-23"]
    assert 'href="2026-11.html#d2026-11-25"' in text
    assert "2 posts" in text


def test_the_timeline_has_channels_campaigns_and_dates(tmp_path: Path) -> None:
    place = make.workspace(
        tmp_path,
        {
            "calendar/a": make.post(publish_at="2026-11-25 09:30", campaign="spring", channels=["bluesky"]),
            "calendar/b": make.post(title="Alone", publish_at="2026-11-26 09:30"),
            "calendar/events/night": {
                "title": "Night of mourning", "owner": "writer", "kind": "mourning", "effect": "quiet", "when": "2026-11-29",
            },
            "plans/campaigns/spring": {
                "title": "Spring", "owner": "writer", "status": "live", "type": "launch",
                "period": {"from": "2026-11-20", "to": "2026-12-02"},
                "items": [{"kind": "talk", "on": "2026-11-27", "owner": "writer", "title": "At the library"}],
            },
        },
    )  # fmt: skip
    site = build(place).site_dir
    text = read(site, "2026-11-timeline")
    by = dict(re.findall(r"<th scope=row>(?:<[^>]+>)*([\w: ]+)(.*?)(?=<tr|<tbody|</table>)", text))
    assert by["Spring"].count("is-span") == 11
    assert "Doors open" in by["Spring"]
    assert "Alone" in by["No campaign"]
    assert "Talk: At the library" in by
    assert "Quiet: Night of mourning" in by
    assert "Talk: At the library" in read(site, "2026-11")
    assert "2026-11-29, Quiet" not in text
    assert 'class="sb-h0 is-off"' in read(site, "2026")


def test_what_lasts_keeps_its_place_for_the_whole_week() -> None:
    """A span that begins beside another does not jump up when the other ends."""
    from site_plugins.calendar.entries import Span
    from site_plugins.calendar.pages import rows_of

    days = [date(2026, 11, 23) + timedelta(days=n) for n in range(7)]
    long = Span("Long", "", days[0], days[2], "a")
    short = Span("Short", "", days[1], days[5], "b")
    late = Span("Late", "", days[4], days[6], "c")
    places = rows_of([long, short, late], days)
    assert [row.index(short) for row in (places[day] for day in days[1:6])] == [1] * 5
    assert places[days[3]] == [None, short]
    assert places[days[6]] == [late]


def test_two_clocks_stand_side_by_side_and_a_wrong_zone_is_told(tmp_path: Path) -> None:
    from signalbook.errors import SettingsError

    plugin = "signalbook: {now: 2026-11-23T09:00:00+01:00"
    mkdocs = make.MKDOCS.replace(plugin, plugin + ", second_zone: America/New_York")
    place = make.workspace(tmp_path, {"calendar/a": make.post(publish_at="2026-11-25 02:30")}, mkdocs=mkdocs)
    site = build(place).site_dir
    for name in ("2026-11", "2026-W48", "2026-11-agenda"):
        assert "02:30 <span class=sb-chip__t2>20:30 Tue</span>" in read(site, name), name
    make.write(place.builder, mkdocs.replace("New_York", "Nowhere"))
    with pytest.raises(SettingsError, match="America/Nowhere"):
        build(place)


def test_the_agenda_leads_to_the_file(site: Path) -> None:
    assert 'href="https://forge.example/harbour/news/edit/main/content/calendar/opening.md"' in read(
        site, "2026-11-agenda"
    )


@pytest.mark.browser
def test_filters_go_along_from_view_to_view_and_keys_cross_the_edge_of_a_page(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("calendar/2026-11.html?channel=mastodon")
        assert page.driver.locator("[data-sb-none]").is_visible(), "November has nothing on Mastodon"
        page.driver.get_by_role("link", name="December 2026").click()
        page.driver.get_by_role("link", name="Agenda").click()
        assert page.driver.url.endswith("calendar/2026-12-agenda.html?channel=mastodon")
        page.driver.get_by_role("link", name="January 2027").click()
        assert page.driver.get_by_role("link", name="New year").first.is_visible()
        page.goto("calendar/2026-11.html#d2026-11-23")
        page.driver.keyboard.press("ArrowDown")
        page.driver.keyboard.press("ArrowDown")
        page.driver.wait_for_url("**/2026-12.html*")
        page.driver.wait_for_function("() => document.activeElement.textContent.startsWith('7')")
        page.driver.keyboard.press("ArrowRight")
        assert page.driver.evaluate("() => document.activeElement.textContent").startswith("8")
        page.driver.keyboard.press("t")
        page.driver.wait_for_url("**/2026-11.html*")
        page.driver.keyboard.press("ArrowRight")
        assert page.driver.evaluate("() => document.activeElement.textContent").startswith("24")
        page.driver.keyboard.press("/")
        assert page.driver.evaluate("() => document.activeElement.form !== null")
        assert page.complaints == []


@pytest.mark.browser
def test_a_month_works_with_scripts_off(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address, scripts=False) as page:
        page.goto("calendar/index.html")
        page.driver.get_by_role("link", name="December 2026").click()
        assert page.driver.locator("h1").inner_text() == "December 2026"
        page.driver.get_by_role("link", name="January 2027").click()
        page.driver.get_by_role("link", name="New year").click()
        assert page.driver.locator("h1").inner_text().startswith("New year")
        page.goto("calendar/2027-01.html")
        page.driver.get_by_role("link", name="Today").click()
        assert page.driver.url.endswith("calendar/2026-11.html#d2026-11-23")
        page.driver.get_by_role("link", name="Agenda").click()
        assert page.driver.get_by_role("link", name="Doors open").first.is_visible()
        assert page.complaints == []


@pytest.mark.browser
def test_arrows_walk_through_the_days_and_filters_are_kept_in_the_address(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("calendar/2026-11.html")
        page.driver.locator('a[data-sb-day][href*="2026-11-25"], #d2026-11-25 a[data-sb-day]').first.focus()
        page.driver.keyboard.press("ArrowRight")
        assert "26" in page.driver.evaluate("() => document.activeElement.textContent")
        page.driver.keyboard.press("ArrowUp")
        assert "19" in page.driver.evaluate("() => document.activeElement.textContent")
        page.driver.locator("form[data-sb-filter] select").first.select_option(index=1)
        assert "?" in page.driver.url
        assert page.complaints == []


def test_todays_link_survives_a_year(tmp_path: Path) -> None:
    """A site that is built a year later has today's month, though nothing lies in it."""
    place: Workspace = make.workspace(tmp_path, {"calendar/a": make.post(publish_at="2026-11-25 09:30")})
    site = build(place, now=make.NOW + timedelta(days=400)).site_dir
    assert "2027-12" in months(site)
    assert len(months(site)) == 15


@pytest.mark.browser
def test_a_full_day_shows_the_loud_ones_first_and_the_rest_behind_one_link(browser: Any, tmp_path: Path) -> None:
    """Every post is in the page, for filters, for paper and for readers without scripts; a link opens the day."""
    posts = {
        f"calendar/p{hour}": make.post(
            title=f"At {hour}",
            publish_at=f"2026-11-18 {hour}:00",
            status="approved" if hour == 17 else "draft",
            channels=["bluesky"] if hour % 2 else ["blog"],
        )
        for hour in range(10, 18)
    }
    five = {
        f"calendar/q{hour}": make.post(title=f"Five {hour}", publish_at=f"2026-11-19 {hour}:00")
        for hour in range(10, 15)
    }
    site = build(make.workspace(tmp_path, posts | five)).site_dir
    with serving(site) as address, browser.page(address) as page:
        page.goto("calendar/2026-11.html")
        day = page.driver.locator("#d2026-11-18")

        def seen() -> list[str]:
            return [one.inner_text() for one in day.locator(".sb-chip > b").all() if one.is_visible()]

        assert seen() == ["At 10", "At 11", "At 12", "At 17"], "17 was missed, and so is not the one to hide"
        assert day.locator(".sb-more").inner_text() == "4 more"
        assert page.driver.locator("#d2026-11-19 .sb-chip:visible").count() == 5, "a link alone would take as much room"
        page.driver.locator('input[name="channel"][value="blog"]').check(force=True)
        assert seen() == ["At 10", "At 12", "At 14", "At 16"]
        assert not day.locator(".sb-more").is_visible()
        page.driver.locator('.sb-filter [type="reset"]').click()
        page.driver.wait_for_function("() => !document.querySelector('#d2026-11-18 .sb-more').hidden")
        day.locator(".sb-more a").click()
        assert len(seen()) == 8
        assert page.driver.evaluate("() => document.activeElement.innerText").endswith("At 13")
        assert "2026-11.html" in page.driver.url, "it opens where one is"
        assert page.complaints == []
    with serving(site) as address, browser.page(address, scripts=False) as page:
        page.goto("calendar/2026-11.html")
        assert page.driver.locator("#d2026-11-18 .sb-chip:visible").count() == 8
        assert not page.driver.locator("#d2026-11-18 .sb-more").is_visible()
