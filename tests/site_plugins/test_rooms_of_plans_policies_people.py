"""What the rooms of plans, policies and people promise."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from signalbook import store
from signalbook.records import Reading
from site_plugins.build import build
from tests import build as make
from tests.build import NOW, TODAY

PLAN = {
    "title": "The launch", "owner": "writer", "status": "active", "route": "one-page", "objectives": ["doors"],
    "actions": [
        {"what": "Paint the sign", "owner": "writer", "due": "2026-11-20", "status": "open"},
        {"what": "Order bread", "owner": "writer", "due": "2026-11-27", "status": "open"},
        {"what": "Rent a room", "owner": "writer", "due": "2026-11-01", "status": "done"},
    ],
}  # fmt: skip
OBJECTIVE = {
    "title": "More doors",
    "owner": "writer",
    "status": "agreed",
    "metric": "doors",
    "target": 40,
    "baseline": 10,
    "by": "2026-12-31",
}
METRIC = {
    "title": "Doors",
    "owner": "writer",
    "status": "in-use",
    "unit": "count",
    "grain": "day",
    "adds": "sum",
    "how_to_get": "Count them.",
}
POLICY = {
    "title": "Quiet hours",
    "owner": "writer",
    "status": "in-force",
    "version": 2,
    "review_by": "2026-11-01",
    "summary": "Nobody posts at night.",
}
PLAYBOOK = {
    "title": "Oven fire",
    "owner": "writer",
    "status": "in-force",
    "type": "crisis",
    "triggers": ["Smoke"],
    "first_steps": ["Call"],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = make.workspace(
        tmp_path_factory.mktemp("rooms"),
        {
            "plans/launch": PLAN, "plans/objectives/doors": OBJECTIVE, "metrics/doors": METRIC, "policies/quiet": POLICY,
            "policies/playbooks/fire": PLAYBOOK,
            "people/approver": make.person(title="Approver", roles=["approver"], skills={"crisis": 3}, backup="writer",
                                           away=[{"from": "2026-11-20", "to": "2026-11-30", "backup": "writer"}]),
            "people/watches/oven": {"title": "Ovens", "owner": "writer", "topic": "ovens", "expert": "writer"},
        },
    )  # fmt: skip
    return build(place).site_dir


def text(site: Path, address: str) -> str:
    return unescape((site / address).read_text(encoding="utf-8"))


def test_an_objectives_own_page_begins_with_where_it_stands(site: Path) -> None:
    page = (site / "plans" / "objectives" / "doors.html").read_text(encoding="utf-8")
    stands = page.partition('id="stands"')[2].partition("</section>")[0]
    assert "class=sb-goal>" in stands
    assert "no reading yet" in stands
    assert "target" in stands
    named = page.partition('id="named-by"')[2].partition("</section>")[0]
    assert named.count("The launch") == 1


def test_the_plan_shows_its_objective_its_actions_and_what_is_late(site: Path) -> None:
    page = text(site, "plans/launch.html")
    for words in ("More doors", "Paint the sign", "Order bread"):
        assert words in page
    assert 'href="objectives/doors.html"' in page
    assert 'href="../people/writer.html"' in page
    assert "late" in page.lower()


def test_a_number_nobody_measured_is_told_with_the_way_to_get_it(site: Path) -> None:
    assert "Count them." in text(site, "metrics/doors.html")
    assert (
        "No reading yet" in text(site, "plans/launch.html") or "no reading" in text(site, "plans/launch.html").lower()
    )


def test_with_readings_the_plan_shows_the_chart_and_the_progress(tmp_path: Path) -> None:
    place = make.workspace(
        tmp_path,
        {
            "plans/launch": PLAN,
            "plans/objectives/doors": OBJECTIVE | {"baseline": {"value": 2, "on": "2026-11-01", "n": 1}},
            "metrics/doors": METRIC,
            "plans/campaigns/spring": {
                "title": "Spring", "owner": "writer", "status": "live", "type": "launch", "plan": "launch", "objectives": ["doors"],
                "period": {"from": "2026-11-16", "to": "2026-12-20"}, "budget": {"amount": 100, "currency": "EUR", "spent": 34},
                "hours": {"planned": 20, "spent": 19}, "items": [{"kind": "talk", "on": "2026-12-01", "owner": "writer", "title": "At the library"}],
                "premortem": [{"it_failed_because": "nobody came", "sign": "an empty room", "answer": "ask one by one"}],
            },
            "plans/experiments/sign": {"title": "A larger sign", "owner": "writer", "metric": "doors", "hypothesis": "If it is larger"},
            "calendar/a": make.post(publish_at="2026-11-25 09:30", campaign="spring"),
            "calendar/b": make.post(publish_at="2026-11-26 09:30", campaign="spring"),
        },
    )  # fmt: skip
    store.append(
        place,
        [
            Reading.of(
                source="git",
                subject="account",
                metric="doors",
                on=TODAY.replace(day=day),
                value=day,
                taken_at=NOW,
                origin="x",
            )
            for day in range(2, 20)
        ],
    )
    built = build(place).site_dir
    page = text(built, "plans/launch.html")
    assert "on this path 61 to 61 by then (80 %)" in page, "a door a day from 19 on 19 November, to 31 December"
    assert "45% of the way, on track" in page
    assert "EUR 2.00 for each of 17 more in Doors." in page
    assert "A larger sign" in page
    bars = page.partition('id="timeline"')[2].partition("</section>")[0]
    assert "16 Nov to 20 Dec, 2 posts" in bars
    assert "At the library" in bars
    assert "20 Nov late" in bars
    assert "1 Nov done" in bars
    campaign = text(built, "plans/campaigns/spring.html")
    for words in (
        "nobody came",
        "At the library",
        "EUR 2.00 for each",
        "More doors",
        "45% of the way",
        "A larger sign",
        "2 posts",
    ):
        assert words in campaign, words
    assert 'href="../../calendar/2026-11-agenda.html?campaign=spring"' in campaign
    assert "<svg" in page.partition("sb-chart")[2]
    assert "<table" in page.partition("sb-chart")[2]
    assert "Source: git" in page
    posts = campaign.partition('id="its-posts"')[2].partition("</section>")[0]
    assert "2 drafts" in posts
    assert "Wed 25 Nov, 09:30" in posts
    assert "Posts" not in campaign.partition('id="named-by"')[2].partition("</section>")[0], (
        "they stand in a list of their own"
    )
    every = text(built, "plans/campaigns/index.html")
    for words in ("day 8 of 35", "0 of 2 out", "EUR 34 of 100", "19 of 20", "16 Nov to 20 Dec, 2 posts"):
        assert words in every, words

    # A post that moves moves everywhere, also where a build makes only what changed.
    make.document(place, "calendar/b", make.post(publish_at="2026-12-01 18:00", campaign="spring"))
    build(place)
    assert "Tue 1 Dec, 18:00" in text(built, "plans/campaigns/spring.html")
    weeks = text(built, "plans/launch.html").partition("posts a week")[2].partition("</tr>")[0]
    assert weeks.count('1<span class="sb-sr"> posts') + weeks.count("1<span class=sb-sr> posts") == 2


def test_the_front_of_each_room_leads_to_what_it_holds(site: Path) -> None:
    assert 'href="launch.html"' in text(site, "plans/index.html")
    front = text(site, "policies/index.html")
    assert 'href="quiet.html"' in front
    assert 'href="playbooks/fire.html"' in front
    people = text(site, "people/index.html")
    assert 'href="approver.html"' in people
    assert 'href="writer.html"' in people


def test_a_policy_past_its_review_says_so_in_the_list_and_on_home(site: Path) -> None:
    assert "Quiet hours" in text(site, "index.html").partition('id="needs"')[2].partition("</section>")[0]
    assert "1 Nov" in text(site, "policies/index.html") or "22 d" in text(site, "policies/index.html")


def test_a_role_that_is_away_names_its_stand_in(site: Path) -> None:
    for address in ("people/index.html", "people/approver.html"):
        page = text(site, address)
        assert "away" in page.lower()
        assert "1 Dec" in page, "the day they are back"
    assert "Writer" in text(site, "people/approver.html")


def test_the_people_room_shows_who_can_do_what(site: Path) -> None:
    assert "crisis" in text(site, "people/index.html").lower()
    assert "crisis" in text(site, "people/approver.html").lower()


@pytest.mark.parametrize("room", ["plans", "policies", "people"])
def test_an_empty_room_is_not_in_the_header_or_says_what_fills_it(tmp_path: Path, room: str) -> None:
    site = build(make.workspace(tmp_path)).site_dir
    front = site / room / "index.html"
    header = text(site, "index.html").partition("<nav")[2].partition("</nav>")[0]
    assert (f"{room}/index.html" in header) == front.is_file()
