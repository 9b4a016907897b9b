"""Alerts and reminders: whom, when, in one message a channel, and nothing twice even when a run dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipelines import ledger, telling
from pipelines.ledger import FolderLedger
from pipelines.services import Absence, Repeats
from signalbook import cases, store
from signalbook.errors import NotSent, SettingsError, Unanswered
from signalbook.records import Alert, Told
from tests import build as make
from tests.build import NOW
from tests.fakes import Clock, KilledError, Network, die_at

SETTINGS = (
    make.SETTINGS
    + """
[channels.room]
connector = "console"

[channels.pager]
connector = "console"

[alerts]
channel = "room"
urgent = "pager"
"""
)
DOCUMENTS: dict[str, Any] = {
    "people/community-manager": make.person(title="Community manager", roles=["community-manager"], hours="Mon-Fri 09:00-17:00", reports_to="social-lead"),
    "people/social-lead": make.person(title="Social lead", roles=["social-lead"], hours="Mon-Fri 09:00-17:00"),
    "people/duty-officer": make.person(title="Duty officer", roles=["duty-officer"], hours="Mon-Fri 09:00-17:00"),
    "people/watches/bread": {"title": "Bread", "status": "on", "owner": "writer", "topic": "bread", "query": "bread", "sources": ["mastodon"],
                             "expert": "community-manager", "backup": "writer", "inform": ["social-lead"], "body": ""},
}  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return make.workspace(tmp_path, DOCUMENTS, settings=SETTINGS)


def opened(name="1", **more):
    facts = {
        "mention": name,
        "row": "question",
        "severity": "S4",
        "owner": "community-manager",
        "backup": "writer",
        "inside_at": NOW,
    } | more
    return cases.event(cases.case_id(name), "opened", NOW, "", facts)


def alert(**more):
    fields = {
        "key": "a1",
        "about": "watch/bread",
        "kind": "spike",
        "severity": 3,
        "at": NOW,
        "why": "Bread is talked about 4 times as much as usual.",
    }
    return Alert(**fields | more)


def desk(place, nets, clock=None, *, run="r1", **more):
    return telling.Desk(
        make.book(place), FolderLedger(place, kinds=ledger.MESSAGES), nets, clock or Clock(), run, **more
    )


def told(place, nets, clock=None, **more):
    return [(one.channel, one.what, one.notices) for one in telling.run(desk(place, nets, clock, **more))]


def test_everything_of_a_run_is_one_message_a_channel_and_is_told_once(place):
    store.append(place, [opened("1"), opened("2"), alert()])
    room = Network()
    assert told(place, {"room": room}) == [("room", "sent", 4)]
    (item,) = room.posts
    assert item.title == "S3: 3 things from Harbour"
    assert "Community manager, Social lead: S3 Bread is talked about 4 times as much as usual." in item.text
    assert item.text.count("it is for Community manager, due Mon 13:00.") == 2
    assert told(place, {"room": room}) == []
    store.append(place, [opened("3")])
    assert told(place, {"room": room}) == [("room", "sent", 1)]


def test_the_clock_rings_the_owner_at_half_the_backup_at_four_fifths_and_the_manager_at_the_end(place):
    store.append(place, [opened()])
    room, clock = Network(), Clock()
    told(place, {"room": room}, clock)
    for hours, words in ((2, "Community manager: S4 case-"), (1.25, "Writer: S4 case-"), (1, "Social lead: S4 case-")):
        clock.forward(hours=hours)
        assert told(place, {"room": room}, clock) == [("room", "sent", 1)]
        assert words in room.posts[-1].text
    assert [line.rpartition(": ")[2] for line in (room.posts[1].text, room.posts[3].text)] == [
        "half of the time of the first reply is over, due Mon 13:00 (Community manager).", "the first reply is late, due Mon 13:00 (Community manager).",
    ]  # fmt: skip


def test_what_is_not_urgent_waits_for_the_morning_and_s2_rings_at_night(place):
    night = Clock(NOW.replace(hour=3))
    store.append(place, [replace(opened("1"), at=night()), replace(alert(), at=night())])
    room, pager = Network(), Network()
    nets = {"room": room, "pager": pager}
    assert told(place, nets, night) == []
    store.append(
        place, [replace(alert(key="a2", severity=2, why="Somebody reports an injury.", kind="claim"), at=night())]
    )
    assert told(place, nets, night) == [("pager", "sent", 3)]
    assert pager.posts[0].text.startswith("Community manager, Duty officer, Social lead: S2 Somebody")
    assert [name for name, _, _ in told(place, nets, Clock(NOW))] == ["room"]


@pytest.mark.parametrize("boundary", ["claimed", "after the request"])
@pytest.mark.parametrize("looks", [True, False])
def test_no_alert_is_sent_twice_even_when_a_run_dies(place, boundary, looks):
    store.append(place, [alert()])
    room, clock = Network(Repeats(looks=looks)), Clock()
    with pytest.raises(KilledError):
        telling.run(desk(place, {"room": room}, clock, step=die_at(boundary)))
    assert told(place, {"room": room}, clock, run="r2") == [], "the claim stands"
    clock.forward(minutes=20)
    room.seen = Absence.PROVEN if looks else Absence.UNSEEN
    told(place, {"room": room}, clock, run="r3")
    told(place, {"room": room}, clock, run="r4")
    assert len(room.posts) == (1 if looks or boundary != "claimed" else 0)
    last = store.read(place, Told)[0][-1]
    assert last.what == ("sent" if looks else "unseen"), "what nobody can tell is on record"


def test_what_did_not_go_out_is_told_by_the_next_run_and_what_is_unknown_is_not(place):
    store.append(place, [alert()])
    room = Network(answers=[NotSent("room", "no line"), Unanswered("room", "broke")])
    assert [what for _, what, _ in told(place, {"room": room})] == ["failed"]
    assert [what for _, what, _ in told(place, {"room": room})] == ["unknown"]
    assert told(place, {"room": room}) == []


def test_two_runs_at_once_tell_it_once(place):
    store.append(place, [alert()])
    room = Network()

    def other(step, _message):
        if step == "claimed":
            assert told(place, {"room": room}, run="r2") == []

    assert len(telling.run(desk(place, {"room": room}, step=other))) == 1
    assert len(room.posts) == 1


def test_old_alerts_are_no_news_and_a_closed_channel_is_said(place):
    store.append(place, [replace(alert(), at=NOW - timedelta(days=2))])
    assert told(place, {"room": Network()}) == []
    store.append(place, [alert(key="new")])
    assert told(place, {}) == [("room", "closed", 2)]


def test_a_channel_that_does_not_exist_is_a_setting_to_mend(place):
    make.write(place.settings, SETTINGS.replace('channel = "room"', 'channel = "rom"'))
    store.append(place, [alert()])
    with pytest.raises(SettingsError, match="Did you mean `room`"):
        told(place, {})
