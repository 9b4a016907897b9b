"""A person's word: it says what happened, sends nothing, and leaves a receipt of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines import publish, settling
from pipelines.services import Absence, Repeats
from pipelines.settling import Word
from signalbook import delivery, store
from signalbook.errors import NotSent, Refused, Unanswered, UsageError
from signalbook.records import Receipt
from tests import build as make
from tests.build import NOW
from tests.fakes import Clock, Network, desk

AT = "2026-11-23 08:55"
THREAD = "One.\n\n---\n\nTwo.\n\n---\n\nThree.\n"
SETTINGS = make.SETTINGS + '\n[channels.office]\nconnector = "manual"\n'
LATER = NOW + timedelta(hours=5)


def post(**more):
    return make.post(**({"status": "approved", "publish_at": AT, "channels": ["bluesky"]} | more))


def workspace(tmp_path, **more):
    return make.workspace(tmp_path, {"calendar/a": post(**more)}, settings=SETTINGS)


def state(place, now=NOW, key="a/bluesky"):
    return delivery.find(make.book(place), key, now).state


def settle(place, clock=None, key="a/bluesky", **word):
    return settling.settle(desk(place, {}, clock=clock), key, Word(**word))


def unknown(tmp_path, **more):
    place, clock = workspace(tmp_path, **more), Clock()
    net = Network(repeats=Repeats(), answers=[Unanswered("bluesky", "broke")], seen=Absence.UNSEEN)
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    clock.forward(minutes=12)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert state(place, clock()) == "unknown"
    net.answers.clear()
    return place, clock, net


def test_what_was_seen_live_is_published_and_is_never_sent(tmp_path):
    place, clock, net = unknown(tmp_path)
    (row,) = settle(place, clock, sent="https://net.example/7", why="I saw it", by="social-lead")
    assert (row.what, row.url, row.why, row.by, row.attempt) == (
        "settled",
        "https://net.example/7",
        "I saw it",
        "social-lead",
        1,
    )
    assert state(place, clock()) == "published"
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert not net.posts


def test_what_is_not_there_is_sent_by_the_next_run(tmp_path):
    place, clock, net = unknown(tmp_path)
    settle(place, clock, not_sent=True)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.keys == ["a/bluesky"]
    assert state(place, clock()) == "published"


def test_what_is_not_there_and_too_late_is_missed(tmp_path):
    place, clock, net = unknown(tmp_path)
    clock.forward(hours=5)
    settle(place, clock, not_sent=True)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert not net.posts
    assert state(place, clock()) == "missed"


def test_what_was_missed_goes_out_at_its_new_time(tmp_path):
    place, clock, net = workspace(tmp_path), Clock(LATER), Network(answers=[NotSent("bluesky", "no line")])
    (row,) = settle(place, clock, send_at=LATER + timedelta(hours=1))
    assert row.why == "A person gave it a new time."
    assert state(place, clock()) == "scheduled"
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    assert not net.asked
    clock.forward(hours=1)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert state(place, clock()) == "due", "a claim that was given back does not undo the new time"
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.keys == ["a/bluesky"]


def test_a_post_that_is_moved_beyond_its_new_time_goes_by_the_post(tmp_path):
    place, clock = workspace(tmp_path), Clock(LATER)
    settle(place, clock, send_at=LATER + timedelta(hours=1))
    make.document(place, "calendar/a", post(publish_at="2026-11-30 09:00"))
    found = delivery.find(make.book(place), "a/bluesky", clock())
    assert (found.state, found.due.day) == ("scheduled", 30)


def test_a_hold_holds_what_got_a_new_time_too(tmp_path):
    place, clock = workspace(tmp_path), Clock(LATER)
    settle(place, clock, send_at=LATER + timedelta(hours=1))
    make.document(place, "policies/holds/h", {"title": "Storm", "owner": "writer", "status": "open", "reason": "Storm", "from": "2026-11-23 10:00",
                                              "expires": "2026-11-24 08:00", "scope": {"channels": "all"}})  # fmt: skip
    assert state(place, clock()) == "held"
    assert state(place, clock() + timedelta(hours=1)) == "missed"


def test_what_is_cancelled_never_goes_out(tmp_path):
    place, clock, net = workspace(tmp_path), Clock(LATER), Network()
    settle(place, clock, cancel=True, why="Nobody needs it")
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    assert not net.asked
    found = delivery.find(make.book(place), "a/bluesky", clock())
    assert (found.state, found.reason) == ("cancelled", "Nobody needs it")


def test_what_was_refused_may_be_settled(tmp_path):
    place, clock, net = workspace(tmp_path), Clock(), Network(answers=[Refused("bluesky", "no")])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    settle(place, clock, not_sent=True)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert net.keys == ["a/bluesky"]


def test_a_new_time_counts_for_the_rest_of_the_thread(tmp_path):
    place, clock = workspace(tmp_path, body=THREAD), Clock()
    net = Network(answers=[None, NotSent("bluesky", "no line")])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    clock.at = LATER
    rows = settle(place, clock, key="a/bluesky/2", send_at=LATER + timedelta(hours=1))
    assert [row.key for row in rows] == ["a/bluesky/2", "a/bluesky/3"]
    clock.forward(hours=1)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert net.keys == ["a/bluesky", "a/bluesky/2", "a/bluesky/3"]


def test_what_was_placed_by_hand_is_done_when_somebody_says_where(tmp_path):
    place = workspace(tmp_path, channels=["office"])
    (row,) = settle(place, key="a/office", sent="https://office.example/1")
    assert row.content
    assert state(place, key="a/office") == "published"


def test_what_is_not_planned_any_more_can_be_settled_too(tmp_path):
    place, clock, _ = unknown(tmp_path)
    (place.content / "calendar/a.md").unlink()
    (found,) = publish.plan(make.book(place), clock())
    assert (found.key, found.state) == ("a/bluesky", "unknown")
    assert "not planned any more" in found.reason
    settle(place, clock, sent="https://net.example/7")
    assert publish.plan(make.book(place), clock()) == []


@pytest.mark.parametrize(
    ("key", "word", "says"),
    [
        ("b/bluesky", {"cancel": True}, "There is no post “b”"),
        ("a/mastodon", {"cancel": True}, "no delivery of Doors open. It has: a/bluesky"),
        ("b", {"cancel": True}, "no post “b” on the protected branch"),
        ("a/bluesky/x", {"cancel": True}, "write one as"),
        ("a/bluesky", {"sent": "net.example/7"}, "live address"),
        ("a/bluesky", {"sent": "javascript:alert(1)"}, "live address"),
        ("a/bluesky", {"not_sent": True}, "did not go out, that is sure"),
        ("a/bluesky", {"send_at": NOW}, "is over"),
    ],
)
def test_a_word_that_cannot_be_is_refused_with_the_way(tmp_path, key, word, says):
    place = workspace(tmp_path)
    with pytest.raises(UsageError, match=says):
        settle(place, Clock(LATER), key=key, **word)
    assert not make.book(place).receipts


def test_one_word_on_a_post_counts_for_all_of_it_that_waits(tmp_path):
    place = workspace(tmp_path, channels=["bluesky", "mastodon", "office"], body=THREAD)
    keys = [f"a/{channel}{part}" for channel in ("bluesky", "mastodon", "office") for part in ("", "/2", "/3")]
    with pytest.raises(UsageError, match="said of one delivery"):
        settle(place, Clock(LATER), key="a", sent="https://net.example/7")
    rows = settle(place, Clock(LATER), key="a", send_at=LATER + timedelta(hours=1), why="The storm is over")
    assert sorted(row.key for row in rows) == sorted(key for key in keys if not key.startswith("a/office/"))
    assert {state(place, LATER, key) for key in ("a/bluesky", "a/mastodon/3", "a/office")} == {"scheduled"}
    rows = settle(place, Clock(LATER + timedelta(hours=20)), key="a", cancel=True)
    assert {row.what for row in rows} == {"cancelled"}
    with pytest.raises(UsageError, match="Nothing of “a” waits for a person: a/bluesky is cancelled"):
        settle(place, Clock(LATER + timedelta(hours=20)), key="a", cancel=True)


def test_one_word_on_a_post_leaves_what_may_be_out_to_a_look(tmp_path):
    place, _, _ = unknown(tmp_path, channels=["bluesky", "mastodon"])
    for word in ({"cancel": True}, {"send_at": LATER + timedelta(days=1)}):
        with pytest.raises(UsageError, match="a/bluesky is unknown"):
            settle(place, Clock(LATER + timedelta(hours=1)), key="a", **word)
    assert {row.key for row in make.book(place).receipts if row.what in {"cancelled", "scheduled"}} == set()
    (row,) = settle(place, Clock(NOW + timedelta(hours=1)), key="a/bluesky", not_sent=True)
    assert row.what == "released"


def test_of_a_post_that_comes_again_the_time_has_to_be_said(tmp_path):
    place = workspace(tmp_path, publish_at="2026-11-09 09:00", evergreen={"every": "7d", "max": 5})
    clock = Clock(LATER)
    with pytest.raises(UsageError, match="Say which time, such as “a@2026-11-23”: a@2026-11-09"):
        settle(place, clock, key="a", cancel=True)
    rows = settle(place, clock, key="a@2026-11-16", cancel=True)
    assert [row.key for row in rows] == ["a@2026-11-16/bluesky"]


def test_a_post_that_is_back_in_draft_gets_no_new_time(tmp_path):
    place, clock, net = workspace(tmp_path), Clock(), Network(answers=[Refused("bluesky", "no")])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    make.document(place, "calendar/a", post(status="draft"))
    with pytest.raises(UsageError, match="is draft"):
        settle(place, clock, send_at=LATER)


def test_what_may_be_out_gets_no_new_time(tmp_path):
    place, clock, _ = unknown(tmp_path)
    with pytest.raises(UsageError, match="Look at the account first"):
        settle(place, clock, send_at=LATER)


@pytest.mark.parametrize(
    ("at", "status", "says"),
    [
        ("2026-11-24 09:00", "approved", "To stop it"),
        ("2026-11-23 08:58", "approved", "next run"),
        (AT, "draft", "is draft"),
    ],
)
def test_what_is_not_open_is_not_settled(tmp_path, at, status, says):
    with pytest.raises(UsageError, match=says):
        settle(workspace(tmp_path, publish_at=at, status=status), cancel=True)


# --- amending and withdrawing ----------------------------------------------------------------------------------------


def out(tmp_path, net=None, **more):
    place, found = workspace(tmp_path, **more), net or Network()
    publish.run(desk(place, {"bluesky": found}))
    assert found.posts
    return place, found


def amend(place, net, run="run-2", **more):
    outcome = publish.Outcome(run)
    settling.amend(desk(place, net, run=run, **more), "a", outcome)
    return outcome


def withdraw(place, net, **more):
    outcome = publish.Outcome("run-2")
    settling.withdraw(desk(place, net, run="run-2"), "a", outcome, **more)
    return outcome


def test_amending_sends_what_is_approved_today_and_only_once(tmp_path):
    place, net = out(tmp_path)
    make.document(place, "calendar/a", post(body="Come in, please.\n"))
    outcome = amend(place, {"bluesky": net})
    assert [(done.what, done.url) for done in outcome.did] == [("amended", "https://net.example/1")]
    assert [item.text for item in net.changed] == ["Come in, please."]
    assert net.changed[0].created_at == net.posts[0].created_at
    found = delivery.find(make.book(place), "a/bluesky", NOW)
    assert (found.state, found.reason) == ("published", "It is out, and was changed afterwards.")
    assert found.sent.facts == ("cid=new",)
    assert [done.what for done in amend(place, {"bluesky": net}, run="run-3").did] == ["same"]
    assert len(net.changed) == 1


def test_amending_a_thread_changes_the_part_that_differs(tmp_path):
    place, net = out(tmp_path, body=THREAD)
    make.document(place, "calendar/a", post(body=THREAD.replace("Two", "Second")))
    outcome = amend(place, {"bluesky": net})
    assert [done.delivery for done in outcome.did] == ["a/bluesky/2"]
    assert [row.id for row in net.changed[0].before] == ["1"]


@pytest.mark.parametrize("status", ["draft", "review", "cancelled"])
def test_amending_needs_an_approval_like_sending(tmp_path, status):
    place, net = out(tmp_path)
    make.document(place, "calendar/a", post(body="Not approved.\n", status=status))
    with pytest.raises(UsageError, match="not approved"):
        amend(place, {"bluesky": net})
    assert not net.changed


def test_a_network_that_changes_and_takes_down_nothing_says_so(tmp_path):
    place, net = out(tmp_path, Network(repeats=Repeats()))
    make.document(place, "calendar/a", post(body="Other.\n"))
    assert "does not let anybody change" in amend(place, {"bluesky": net}).did[0].why
    done = withdraw(place, {"bluesky": net}).did[0]
    assert "by hand: https://net.example/1" in done.why
    assert not net.gone


def test_a_channel_that_is_closed_changes_nothing(tmp_path):
    place, _ = out(tmp_path)
    make.document(place, "calendar/a", post(body="Other.\n"))
    assert "no publisher" in amend(place, {}).did[0].why
    assert "people fill" in amend(*by_hand(tmp_path / "x")).did[0].why.lower()


def by_hand(tmp_path):
    place = workspace(tmp_path, channels=["office"])
    settle(place, key="a/office", sent="https://office.example/1")
    make.document(place, "calendar/a", post(channels=["office"], body="Other.\n"))
    return place, {}


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (Refused("bluesky", "no"), "refused"),
        (NotSent("bluesky", "no line"), "failed"),
        (Unanswered("bluesky", "broke"), "failed"),
    ],
)
def test_an_amendment_that_fails_leaves_no_receipt_and_may_be_repeated(tmp_path, error, what):
    place, net = out(tmp_path)
    make.document(place, "calendar/a", post(body="Other.\n"))
    net.answers = [error]
    assert [done.what for done in amend(place, {"bluesky": net}).did] == [what]
    assert [done.what for done in amend(place, {"bluesky": net}, run="run-3").did] == ["amended"]


def test_withdrawing_takes_a_thread_down_from_its_end(tmp_path):
    place, net = out(tmp_path, body=THREAD)
    withdraw(place, {"bluesky": net}, why="It is wrong", by="duty-officer")
    assert net.gone == ["3", "2", "1"]
    found = delivery.find(make.book(place), "a/bluesky", NOW)
    assert (found.state, found.reason) == ("withdrawn", "It is wrong")
    with pytest.raises(UsageError, match="Nothing of a is out"):
        withdraw(place, {"bluesky": net})
    publish.run(desk(place, {"bluesky": net}, run="run-3"))
    assert len(net.posts) == 3


def test_what_a_person_settled_is_changed_by_a_person(tmp_path):
    place = workspace(tmp_path)
    store.append(place, [Receipt("a/bluesky", "a", "bluesky", 1, NOW, "", "https://x.example/1", "old", "settled")])
    net = Network()
    assert "service's own id is not known" in amend(place, {"bluesky": net}).did[0].why
    assert not net.asked


def test_a_post_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="no post “a”"):
        amend(make.workspace(tmp_path), {})
