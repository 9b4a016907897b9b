"""Home: what goes out, what is late, what needs me; seven items a list, each with what to do next."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from signalbook import cases, store
from signalbook.records import CaseEvent, Intent, Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.browser import serving
from tests.build import NOW, TODAY


def home(place: Workspace) -> str:
    return unescape((build(place).site_dir / "index.html").read_text(encoding="utf-8"))


def panel(page: str, ident: str) -> str:
    return page.partition(f'id="{ident}"')[2].partition("</section>")[0]


def rows(html: str) -> list[str]:
    return re.findall(r"<li>.*?(?=<li>|</[uo]l>)", html, re.DOTALL)


def approved(at: str, **more: object) -> dict[str, object]:
    return make.post(status="approved", publish_at=at, channels=["bluesky"], **more)


def test_a_list_holds_seven_items_and_says_how_many_there_are(tmp_path: Path) -> None:
    late = {f"calendar/late-{n}": approved("2026-11-20 09:00", title=f"Late {n}") for n in range(12)}
    needs = panel(home(make.workspace(tmp_path, late)), "needs")
    assert len(rows(needs)) == 7
    assert re.search(r"the loudest 7 of \d\d", needs)


def test_every_item_says_what_to_do_next(tmp_path: Path) -> None:
    place = make.workspace(
        tmp_path,
        {
            "calendar/unknown": approved("2026-11-23 08:00", title="Claimed"),
            "calendar/missed": approved("2026-11-20 09:00", title="Missed"),
            "calendar/overdue": approved("2026-11-23 08:00", title="Overdue"),
            "policies/incidents/fire": {
                "title": "Fire",
                "owner": "writer",
                "status": "open",
                "severity": "S2",
                "detected_at": "2026-11-23 08:00",
            },
        },
    )
    store.append(
        place,
        [
            Intent(
                "unknown/bluesky",
                "unknown",
                "bluesky",
                1,
                "r",
                "c",
                NOW - timedelta(hours=1),
                NOW - timedelta(minutes=30),
            )
        ],
    )
    found = rows(panel(home(place), "needs"))
    said = {
        title: row
        for row in reversed(found)
        for title in ("Claimed", "Missed", "Overdue", "Fire")
        if f">{title}<" in row
    }
    assert set(said) == {"Claimed", "Missed", "Overdue", "Fire"}
    assert "Fire" in found[0], "the loudest first"
    assert "record what you saw" in said["Claimed"]
    assert "A person decides" in said["Missed"]
    assert "Find out why" in said["Overdue"]
    assert all("href=" in row for row in found)


def test_a_post_missed_on_several_channels_is_decided_at_once(tmp_path: Path) -> None:
    missed = approved("2026-11-20 09:00", title="Missed") | {"channels": ["bluesky", "mastodon"]}
    needs = panel(home(make.workspace(tmp_path, {"calendar/missed": missed})), "needs")
    assert ">signalbook publish settle missed --send-at 2026-11-24T10:00+01:00</code>" in needs
    assert "Send all of it later" in needs


def test_what_went_out_or_was_cancelled_needs_nobody(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/a": approved("2026-11-23 08:00", title="Went out")})
    assert "Find out why" in panel(home(place), "needs")
    store.append(
        place, [Receipt("a/bluesky", "a", "bluesky", 1, NOW - timedelta(minutes=50), "1", "https://x.example/1", "c")]
    )
    assert "Find out why" not in panel(home(place), "needs")


def test_a_quiet_day_says_so_and_what_comes_next(tmp_path: Path) -> None:
    page = home(make.workspace(tmp_path, {"calendar/a": make.post(title="Next", status="idea")}))
    assert "Nothing needs a person" in page
    assert "No post is scheduled" in page


def test_the_next_seven_days_stand_by_channel_with_gaps_named(tmp_path: Path) -> None:
    days = {f"calendar/d{n}": approved(f"{TODAY + timedelta(days=n)} 12:00", title=f"Day {n}") for n in (0, 6, 7)}
    week = panel(home(make.workspace(tmp_path, days)), "week")
    assert "Day 0" in week
    assert "Day 6" in week
    assert "Day 7" not in week
    assert "2 of 2 planned" in week
    assert len(re.findall(r"<th\b", week.partition("</thead>")[0].partition("<tbody>")[0])) == 8


def test_whoever_is_waited_for_is_named_with_what_for(tmp_path: Path) -> None:
    place = make.workspace(
        tmp_path,
        {
            "people/approver": make.person(title="Approver", roles=["approver"]),
            "calendar/r": make.post(title="Read me", status="review", publish_at="2026-11-25 10:00"),
            "calendar/d": make.post(title="Finish me", publish_at="2026-11-26 10:00"),
        },
    )
    waiting = panel(home(place), "waiting")
    assert "Approve “Read me”" in waiting
    assert "Finish “Finish me”" in waiting
    assert len(rows(waiting)) <= 7
    assert 'href="people/approver.html#waits"' in waiting


def test_the_page_of_a_role_lists_what_waits_for_it_and_is_written_anew_when_that_changes(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"people/approver": make.person(title="Approver", roles=["approver"])})

    def waits() -> str:
        page = build(place).site_dir / "people/approver.html"
        return panel(unescape(page.read_text(encoding="utf-8")), "waits")

    assert waits() == ""
    make.document(place, "calendar/r", make.post(title="Read me", status="review", publish_at="2026-11-25 10:00"))
    assert "Approve “Read me”" in waits()
    assert "Wed 25 Nov 2026" in waits()
    make.document(place, "calendar/r", make.post(title="Read me", status="approved", publish_at="2026-11-25 10:00"))
    assert waits() == ""


def test_open_cases_stand_with_their_clock_at_whoever_owns_them(tmp_path: Path) -> None:
    """What waits for an answer is work like any other; a case that nobody owns is nobody's, and says so."""

    def opened(name: str, row: str, owner: str) -> CaseEvent:
        facts = {"mention": name, "row": row, "severity": "S3", "owner": owner, "inside_at": NOW - timedelta(hours=1)}
        return cases.event(cases.case_id(name), "opened", NOW - timedelta(hours=1), "", facts)

    place = make.workspace(tmp_path, {"people/writer": make.person(title="Writer")})
    done = opened("m3", "question", "writer")
    store.append(
        place,
        [
            opened("m1", "complaint", "writer"),
            opened("m2", "question", ""),
            done,
            cases.event(done.case, "declined", NOW, "writer", {"why": "not ours"}),
        ],
    )
    waiting = panel(home(place), "waiting")
    mine, nobody = (next(row for row in rows(waiting) if name in row) for name in ("Writer", "Nobody owns them yet"))
    assert re.search(r'listening/cases/case-[\w-]+\.html">Answer: [^<]+</a> <time [^>]*data-sb-deadline', mine), mine
    assert ">Take: " in nobody
    assert done.case not in waiting, "it was declined"


def test_an_empty_workspace_has_a_home(tmp_path: Path) -> None:
    page = home(make.workspace(tmp_path))
    assert "Monday 23 November" in page
    assert page.count("<h1") == 1


def test_home_shows_no_number_that_nobody_measured(tmp_path: Path) -> None:
    metric = {"title": "Doors", "owner": "writer", "status": "in-use", "unit": "count", "grain": "day"}
    assert "sb-kpi" not in home(make.workspace(tmp_path, {"metrics/doors": metric}))


# --- the age of the last run -----------------------------------------------------------------------------------------


def told(place: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((build(place).site_dir / "status.json").read_bytes())
    return found


def test_status_tells_the_newest_mark_of_a_run_and_what_comes_due_by_machine(tmp_path: Path) -> None:
    settings = make.SETTINGS + '\n[channels.office]\nconnector = "manual"\n'
    place = make.workspace(
        tmp_path,
        {
            "calendar/soon": approved("2026-11-24 09:00"),
            "calendar/by-hand": approved("2026-11-24 10:00") | {"channels": ["office"]},
            "calendar/draft": make.post(publish_at="2026-11-24 11:00"),
            "calendar/far": approved("2027-01-24 09:00"),
        },
        settings=settings,
    )
    assert told(place)["last_run"] is None
    claim = Intent("x/bluesky", "x", "bluesky", 1, "run", "c", NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    seen = Receipt(
        "y/bluesky", "y", "bluesky", 1, NOW - timedelta(hours=1), "1", "https://x.example/1", "", "settled", by="writer"
    )
    store.append(place, [claim, seen])
    assert told(place) | {"every_s": 0, "patience_s": 0} == {
        "last_run": "2026-11-23T06:00:00Z", "due": ["2026-11-24T08:00:00Z"], "patience_s": 0, "ran": None, "every_s": 0,
    }  # fmt: skip


@pytest.mark.browser
def test_a_reader_whose_clock_is_past_what_came_due_is_told_and_nobody_else(browser: Any, tmp_path: Path) -> None:
    mkdocs = make.MKDOCS.replace("{now: 2026-11-23T09:00:00+01:00}", "{}")
    place = make.workspace(tmp_path, {"calendar/soon": approved("2026-11-24 09:00")}, mkdocs=mkdocs)
    store.append(
        place, [Intent("x/bluesky", "x", "bluesky", 1, "run", "c", NOW - timedelta(hours=2), NOW - timedelta(hours=1))]
    )
    made = build(place, now=NOW).site_dir
    # A build for a moment that was named stands still; this one is read as one of the clock's.
    first = made / "assets" / "boot.js"
    told = first.read_text(encoding="utf-8")
    assert f'const NOW = "{NOW.isoformat()}";' in told
    first.write_text(re.sub(r'const NOW = "[^"]*"', 'const NOW = ""', told), encoding="utf-8")
    with serving(made) as address, browser.page(address) as tab:
        for at, late in (
            ("2026-11-23T09:00:00Z", False),
            ("2026-11-24T08:10:00Z", False),
            ("2026-11-24T10:00:00Z", True),
        ):
            tab.driver.clock.set_fixed_time(at)
            tab.goto("index.html", wait="networkidle")
            tab.driver.wait_for_function("() => document.querySelector('[data-sb-run-age]').textContent !== ''")
            assert ("2 h 0 min ago" in tab.driver.inner_text("[data-sb-run-late]")) is late
        assert tab.complaints == []


def test_without_a_script_the_line_says_when(tmp_path: Path) -> None:
    place = make.workspace(tmp_path)
    store.append(
        place, [Intent("x/bluesky", "x", "bluesky", 1, "run", "c", NOW - timedelta(hours=2), NOW - timedelta(hours=1))]
    )
    assert "A run last published or claimed something on Mon 23 Nov, 07:00." in home(place)


def test_what_has_stopped_is_as_loud_as_what_has_come(tmp_path: Path) -> None:
    """A feed that fell silent, one that fails, a number that no longer comes; not those that keep their rhythm."""
    from signalbook import sources
    from signalbook.records import Reading
    from signalbook.sources import Source

    metric = {
        "title": "Readers",
        "owner": "writer",
        "status": "in-use",
        "grain": "day",
        "unit": "count",
        "how_to_get": "Import it.",
    }
    place = make.workspace(
        tmp_path,
        {
            "people/watches/press": {
                "title": "Press wire",
                "owner": "writer",
                "sources": ["https://wire.example/feed?key=1"],
            },
            "metrics/readers": metric,
            "metrics/visits": metric | {"title": "Visits"},
        },
    )

    def heard(last: timedelta, **more: Any) -> Source:
        times = tuple(NOW - last - timedelta(hours=6) * step for step in range(20))
        return Source(times=times, answered_at=NOW - timedelta(hours=1), since=NOW - timedelta(days=90), **more)

    states = {
        "https://wire.example/feed?key=1": heard(timedelta(days=3)),
        "https://fine.example/feed": heard(timedelta(hours=2)),
        "mastodon": heard(timedelta(hours=1), failures=4, error="The server answers 500."),
    }
    sources.write(place, states)

    def reading(name: str, day: int) -> Reading:
        return Reading.of(
            source="site", channel="blog", subject="account", metric=name, on=TODAY - timedelta(days=day), value=3,
            taken_at=NOW - timedelta(days=day), origin="site",
        )  # fmt: skip

    store.append(place, [reading("readers", 9), reading("readers", 12), reading("visits", 1)])
    found = panel(home(place), "silence")
    titles = re.findall(r"sb-row__title>(?:<a[^>]*>)?([^<]+)", found)
    assert titles == ["Press wire", "Mastodon", "Readers"], "the longest in its own measure first"
    assert "3 of 5" in found
    assert "It failed 4 times in a row: The server answers 500." in found
    assert "It is seldom silent for more than 9 h." in found
    assert "Import it." in found
    assert "key=1" not in found, "an address may hold what is nobody's business"
