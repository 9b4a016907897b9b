"""While something lasts: an incident's page begins with its clock, a hold's with what it stops; both are said once at home."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.browser import serving
from tests.build import NOW

STORM = {
    "title": "Storm", "owner": "writer", "status": "open", "severity": "S2", "lead": "writer", "detected_at": "2026-11-23 06:10",
    "aware_at": "2026-11-23 06:30", "first_word_at": "2026-11-23 06:52", "known": ["The pier is closed"],
    "affected": {"who": "passengers", "count": 240, "certain": False},
    "log": [{"at": "2026-11-23 06:30", "by": "writer", "what": "Posts are held"}],
    "updates": [{"at": "2026-11-23 06:52", "said": "holding", "where": ["bluesky"], "next_at": "2026-11-23 09:30"}],
    "severity_changes": [{"at": "2026-11-23 07:00", "from": "S3", "to": "S2", "why": "a second pier"}],
}  # fmt: skip
HOLD = {
    "title": "Crossings", "owner": "writer", "status": "open", "reason": "Boats are stopped", "from": "2026-11-23 06:35",
    "expires": "2026-11-23 18:00", "opened_by": "writer", "incident": "storm", "scope": {"channels": ["bluesky"], "labels": ["boats"]},
    "after_release": "decide-each",
}  # fmt: skip


def held(number: int, **more: object) -> dict[str, object]:
    return make.post(title=f"Boat {number}", status="approved", publish_at=f"2026-11-23 1{number}:00", channels=["bluesky"], labels=["boats"], **more)  # fmt: skip


def place(tmp_path: Path, hold: dict[str, object] | None = None, posts: int = 3) -> Workspace:
    return make.workspace(
        tmp_path,
        {
            "policies/incidents/storm": STORM, "policies/holds/crossings": HOLD | (hold or {}),
            "plans/messages/holding": {"title": "Holding words", "owner": "writer", "type": "holding", "status": "approved", "says": "We know."},
            "calendar/other": make.post(title="Not about boats", status="approved", publish_at="2026-11-23 14:00", channels=["bluesky"]),
            **{f"calendar/boat-{number}": held(number) for number in range(posts)},
        },
    )  # fmt: skip


def page(of: Workspace, path: str) -> str:
    return unescape((build(of).site_dir / path).read_text(encoding="utf-8"))


def test_an_incident_begins_with_its_clock_and_tells_newest_first(tmp_path: Path) -> None:
    shown = page(place(tmp_path), "policies/incidents/storm.html")
    assert shown.index("Next word") < shown.index("The pier is closed") < shown.index("What happened")
    assert shown.index("Severity 3 to 2") < shown.index("We said") < shown.index("Posts are held")
    assert re.search(r'We said</b> <a href="[^"]*messages/holding\.html">Holding words</a> on Bluesky', shown)
    assert "about 240 passengers" in shown
    assert re.search(r"Until we spoke(?:</dt>)?<dd>22 min", shown)
    assert "Nobody has written what is still open." in shown


@pytest.mark.browser
def test_the_pages_of_a_crisis_are_clean_for_everybody_on_a_phone_in_the_dark(browser: Any, tmp_path: Path) -> None:
    with serving(build(place(tmp_path)).site_dir) as address, browser.page(address, width=390, dark=True) as tab:
        for path in ("policies/incidents/storm.html", "policies/holds/crossings.html"):
            tab.goto(path)
            assert tab.axe() == []
            assert tab.overflow() == 0
        assert tab.complaints == []


def test_an_incident_that_is_over_runs_no_clock(tmp_path: Path) -> None:
    made = make.workspace(tmp_path, {"policies/incidents/storm": STORM | {"status": "closed"}})
    assert "data-sb-deadline" not in page(made, "policies/incidents/storm.html")


def test_a_hold_names_what_it_stops_and_nothing_else(tmp_path: Path) -> None:
    shown = page(place(tmp_path), "policies/holds/crossings.html")
    stops = shown.partition("What it stops")[2].partition("</section>")[0]
    assert re.findall(r"Boat \d", stops) == ["Boat 0", "Boat 1", "Boat 2"]
    assert "Not about boats" not in shown
    assert "released: {by: …, at: …, why: …}" in shown
    assert "somebody decides post by post" in shown


def test_a_released_hold_says_who_ended_it_and_why(tmp_path: Path) -> None:
    done = {"status": "released", "released": {"by": "writer", "at": "2026-11-23 08:00", "why": "The wind is gone"}}
    shown = page(place(tmp_path, done), "policies/holds/crossings.html")
    assert "The wind is gone" in shown
    assert "data-sb-deadline" not in shown.partition("<main")[2]


def test_a_hold_that_changes_nothing_else_is_told_anew_when_a_post_falls_under_it(tmp_path: Path) -> None:
    made = place(tmp_path, posts=1)
    assert "Boat 2" not in page(made, "policies/holds/crossings.html")
    make.document(made, "calendar/boat-2", held(2))
    assert "Boat 2" in page(made, "policies/holds/crossings.html")


def test_home_says_a_hold_once_however_many_posts_it_stops(tmp_path: Path) -> None:
    needs = page(place(tmp_path), "index.html").partition('id="needs"')[2].partition("</section>")[0]
    assert needs.count("Held</span>") == 1
    assert "Crossings holds 3 posts" in needs
    assert "Boats are stopped. Release the hold, or decide post by post." in needs


def test_a_late_post_by_hand_stands_once_on_home_with_its_task(tmp_path: Path) -> None:
    settings = (
        make.SETTINGS
        + '\n[channels.linkedin]\nconnector = "manual"\nname = "LinkedIn"\nowner = "writer"\nmax_late = "8h"\n'
    )
    at = (NOW - timedelta(minutes=45)).strftime("%Y-%m-%d %H:%M")
    made = make.workspace(
        tmp_path, {"calendar/door": make.post(title="Doors open", status="approved", publish_at=at, channels=["linkedin"])}, settings=settings
    )  # fmt: skip
    shown = page(made, "index.html").partition("<main")[2].partition('id="week"')[0]
    rows = [row for row in re.findall(r"<li>.*?(?=<li>|</[uo]l>)", shown, re.DOTALL) if "Doors open" in row]
    (row,) = [row for row in rows if "Blocks</span>" not in row]  # what its file lacks is another thing to do
    assert "calendar/by-hand.html#place-" in row
    assert "writer places it" in row.lower()
    assert "signalbook publish settle door/linkedin --sent" in row
