"""Cases as issues of a forge: opened once, without a word of anybody outside, steered by those who may, and kept up to date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines import casework, forge, http, ledger, tracker
from pipelines.ledger import FolderLedger
from signalbook import cases, store
from tests import build as make
from tests import forge as double
from tests.build import NOW
from tests.fakes import Clock, KilledError, Network, die_at
from tests.pipelines.test_casework import CASE, KEY, MENTION, PEOPLE

SETTINGS = make.SETTINGS + '\n[cases]\nissues = true\npeople = {ana-cm = "community-manager", writer-1 = "writer"}\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    made = make.workspace(tmp_path / "team", PEOPLE, settings=SETTINGS)
    store.append(made, [MENTION, cases.event(CASE, "opened", NOW, "", {
        "mention": KEY, "source": "mastodon", "channel": "mastodon", "row": "question", "severity": "S4", "owner": "community-manager",
        "inside_at": MENTION.heard_at,
    })])  # fmt: skip
    return made


@pytest.fixture
def server(tmp_path):
    with double.serve(tmp_path / "forge") as made:
        yield made


def desk(place, clock, **more):
    return casework.Desk(
        lambda: make.book(place), FolderLedger(place, kinds=ledger.CASES), {"mastodon": Network()}, clock, "r1", {KEY: MENTION}.get,
        lambda _: None, lambda _: None, **more,
    )  # fmt: skip


def sync(place, server, clock=None, **more):
    with http.client() as client:
        mine = desk(place, clock or Clock(), **more)
        return [(one.what, one.why) for one in tracker.sync(mine, forge.here(server.environment, client))]


def case(place):
    (found,) = cases.read(make.book(place), NOW.replace(hour=20))
    return found


def test_an_issue_is_opened_once_and_holds_no_word_of_theirs(place, server):
    assert sync(place, server) == [("opened", "")]
    assert sync(place, server) == []
    issue = server.get("issues/1.json")
    assert issue["title"] == f"S4 question: mastodon ({CASE})"
    assert {one["name"] for one in issue["labels"]} == {"case", "S4", "question", "new"}
    for word in ("ana@", "@ana", "locked", MENTION.url):
        assert word not in str(issue)
    assert case(place).issue == "1"


def test_a_run_that_died_behind_the_issue_opens_no_second_one(place, server):
    with pytest.raises(KilledError):
        sync(place, server, step=die_at("issue opened"))
    assert sync(place, server) == []
    assert server.get("issues/2.json") is None
    assert case(place).issue == "1"


def test_who_may_steers_it_by_comments_each_once(place, server):
    clock = Clock()
    sync(place, server, clock)
    server.told(1, "/take", "ana-cm")
    server.told(1, "/hand writer knows the doors", "ana-cm")
    clock.forward(minutes=1)
    assert sync(place, server, clock) == [("read", "/take of ana-cm"), ("read", "/hand of ana-cm"), ("updated", "")]
    assert (case(place).owner, case(place).reason) == ("writer", "knows the doors")
    assert "| owner | Writer |" in server.get("issues/1.json")["body"]
    assert sync(place, server, clock) == []
    server.told(1, "/decline already answered in the thread\nmore words", "writer-1")
    clock.forward(minutes=1)
    sync(place, server, clock)
    assert (case(place).state, case(place).reason) == ("declined", "already answered in the thread")
    assert server.get("issues/1.json")["state"] == "closed"


def test_strangers_and_other_words_steer_nothing_and_what_cannot_be_done_is_told_once(place, server):
    clock = Clock()
    sync(place, server, clock)
    server.told(1, "/decline because I say so", "stranger", "NONE")
    server.told(1, "/decline because I say so", "ana-cm", "CONTRIBUTOR")
    server.told(1, "please /decline this one", "ana-cm")
    server.told(1, "/close solved", "ana-cm")
    clock.forward(minutes=1)
    ((what, why),) = sync(place, server, clock)
    assert (what, "Nobody was answered" in why) == ("refused", True)
    assert sync(place, server, clock) == []
    assert case(place).state == "new"


def test_closing_the_issue_ends_a_case_that_was_answered(place, server):
    clock = Clock()
    sync(place, server, clock)
    clock.forward(minutes=1)
    casework.by_hand(desk(place, clock), CASE, "https://social.example/@team/9", by="community-manager")
    server.close(1, "ana-cm", at="2099-01-01T00:00:00Z")
    clock.forward(minutes=1)
    assert sync(place, server, clock) == [("read", "closed by ana-cm"), ("updated", "")]
    found = case(place)
    assert (found.state, found.outcome, found.events[-1].by) == ("closed", "solved", "community-manager")
    assert server.get("issues/1.json")["state"] == "closed"
    assert sync(place, server, clock) == []

    # They write again: the case is open, and the old closing is not taken for a new one.
    server.close(1, "ana-cm", at=clock().isoformat())
    clock.forward(minutes=1)
    casework.act(desk(place, clock), CASE, casework.reopen(clock(), "wrote again", "writer"))
    clock.forward(minutes=1)
    assert sync(place, server, clock) == [("updated", "")]
    assert server.get("issues/1.json")["state"] == "open"


def test_closing_it_as_not_planned_declines_and_nobody_else_closes_anything(place, server):
    clock = Clock()
    sync(place, server, clock)
    clock.forward(minutes=1)
    server.close(1, "stranger", "not_planned", at="2099-01-01T00:00:00Z")
    assert sync(place, server, clock) == [("updated", "")]
    assert (case(place).state, server.get("issues/1.json")["state"]) == ("new", "open")
    server.close(1, "writer-1", "not_planned", at="2099-01-01T00:00:00Z")
    assert sync(place, server, clock) == [("read", "closed by writer-1"), ("updated", "")]
    found = case(place)
    assert (found.state, found.reason, found.events[-1].by) == (
        "declined",
        "the issue was closed as not planned",
        "writer",
    )


def test_closing_the_issue_of_somebody_who_waits_for_an_answer_opens_it_again_and_says_why(place, server):
    clock = Clock()
    sync(place, server, clock)
    clock.forward(minutes=1)
    server.close(1, "ana-cm", at="2099-01-01T00:00:00Z")
    ((what, why), updated) = sync(place, server, clock)
    assert (what, "Nobody was answered" in why, updated) == ("refused", True, ("updated", ""))
    assert (case(place).state, server.get("issues/1.json")["state"]) == ("new", "open")
    (said,) = server.said(1)
    assert "Nobody was answered" in said
    assert sync(place, server, clock) == []


def test_labels_and_people_set_on_the_issue_are_read_back_into_the_case(place, server):
    clock = Clock()
    sync(place, server, clock)
    clock.forward(minutes=5)
    at = (clock() + timedelta(seconds=-30)).isoformat()
    server.did(1, "ana-cm", "labeled", "S2", at)
    server.did(1, "ana-cm", "labeled", "complaint", at)
    server.did(1, "ana-cm", "assigned", "writer-1", at)
    found = sync(place, server, clock)
    assert found[:3] == [("read", "labeled by ana-cm"), ("read", "labeled by ana-cm"), ("read", "assigned by ana-cm")]
    now = case(place)
    assert (now.severity, now.row.name, now.owner) == ("S2", "complaint", "writer")
    names = {one["name"] for one in server.get("issues/1.json")["labels"]}
    assert {"S2", "complaint"} < names
    assert not names & {"S4", "question"}
    assert sync(place, server, clock) == []


def test_labels_of_strangers_and_words_that_mean_nothing_are_put_back(place, server):
    clock = Clock()
    sync(place, server, clock)
    clock.forward(minutes=5)
    at = clock().isoformat()
    server.did(1, "stranger", "labeled", "S1", at)
    server.did(1, "stranger", "assigned", "writer-1", at)
    server.did(1, "ana-cm", "labeled", "urgent!!", at)
    server.did(1, "ana-cm", "assigned", "stranger", at)
    assert sync(place, server, clock) == [("updated", "")]
    now = case(place)
    assert (now.severity, now.owner) == ("S4", "community-manager")
    assert {one["name"] for one in server.get("issues/1.json")["labels"]} == {"case", "S4", "question", "new"}


def test_a_label_from_before_does_not_undo_what_was_said_since(place, server):
    clock = Clock()
    sync(place, server, clock)
    clock.forward(minutes=5)
    server.did(1, "ana-cm", "labeled", "S2", clock().isoformat())
    clock.forward(minutes=5)
    casework.act(desk(place, clock), CASE, casework.correct(clock(), {"severity": "S3"}, "seen by us", "writer"))
    clock.forward(minutes=5)
    assert sync(place, server, clock) == [("updated", "")]
    assert case(place).severity == "S3"


def test_a_severity_is_lowered_by_a_label_as_well(place, server):
    """The issue's history says who did it and when; the case's says that it was done there."""
    clock = Clock()
    sync(place, server, clock)
    casework.act(desk(place, clock), CASE, casework.correct(clock(), {"severity": "S2"}, "", "writer"))
    sync(place, server, clock)
    clock.forward(minutes=5)
    server.did(1, "ana-cm", "labeled", "S3", clock().isoformat())
    assert ("read", "labeled by ana-cm") in sync(place, server, clock)
    assert case(place).severity == "S3"


def test_a_forge_that_refuses_stops_no_other_case(place, server):
    with http.client() as client:
        here = replace(forge.here(server.environment, client), token="wrong")
        with pytest.raises(Exception, match=r"Bad credentials|401"):
            tracker.sync(desk(place, Clock()), here)
    assert sync(place, server) == [("opened", "")]
