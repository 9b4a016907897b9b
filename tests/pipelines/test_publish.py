"""Publishing once: what is due is claimed, sent and proven; what may be out already is looked for, never repeated."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import outgoing, publish
from pipelines.ledger import FolderLedger, LedgerError, Snapshot
from pipelines.services import Absence, Repeats
from signalbook import approval, delivery, store
from signalbook import sent as sent_words
from signalbook.errors import Denied, NotSent, Refused, Unanswered
from signalbook.model import Post
from signalbook.records import Receipt
from tests import build as make
from tests.build import NOW, ZONE
from tests.fakes import Clock, KilledError, Network, desk, die_at

AT = "2026-11-23 08:55"
THREAD = "One.\n\n---\n\nTwo.\n\n---\n\nThree.\n"
HOLD = {"title": "Storm", "owner": "writer", "status": "open", "reason": "Storm warning", "scope": {"channels": "all"},
        "from": "2026-11-23 08:54:59", "expires": "2026-11-24 08:00"}  # fmt: skip
STEPS = (
    "reserve",
    "claimed",
    "send",
    "look before sending",
    "before the request",
    "after the request",
    "recorded",
    "reconcile",
)


@pytest.fixture
def place(tmp_path):
    return make.workspace(tmp_path, {"calendar/a": post()})


def post(**more):
    return make.post(**({"status": "approved", "publish_at": AT, "channels": ["bluesky"]} | more))


def state(place, key="a/bluesky", now=NOW):
    found = delivery.find(make.book(place), key, now)
    assert found is not None
    return found.state


def whats(outcome):
    return [(done.delivery, done.what) for done in outcome.did if done.what != "claimed"]


# --- the plain way ---------------------------------------------------------------------------------------------------


def test_what_is_due_goes_out_once_and_leaves_a_claim_and_a_receipt(place):
    net = Network()
    outcome = publish.run(desk(place, {"bluesky": net}))
    assert whats(outcome) == [("a/bluesky", "sent")]
    assert not outcome.troubled
    book = make.book(place)
    (intent,), (receipt,) = book.intents, book.receipts
    assert (intent.attempt, intent.run, intent.send_before - intent.at) == (1, "run-1", timedelta(minutes=10))
    assert (receipt.what, receipt.url, receipt.content, receipt.attempt) == (
        "sent",
        "https://net.example/1",
        intent.content,
        1,
    )
    assert net.posts[0].created_at == datetime(2026, 11, 23, 8, 55, tzinfo=ZONE), (
        "the delivery's own time, in every attempt"
    )


def test_a_second_run_asks_nobody_and_writes_nothing(place):
    net = Network()
    publish.run(desk(place, {"bluesky": net}))
    before = {path: path.read_bytes() for path in place.data.rglob("*.jsonl")}
    net.asked.clear()
    outcome = publish.run(desk(place, {"bluesky": net}, run="run-2"))
    assert not outcome.did
    assert not net.asked
    assert {path: path.read_bytes() for path in place.data.rglob("*.jsonl")} == before


def test_a_run_with_nothing_due_does_not_even_make_the_folder(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": post(publish_at="2026-11-24 08:00")})
    publish.run(desk(place, {}))
    assert not list(place.data.rglob("*.jsonl"))


@pytest.mark.parametrize("status", ["idea", "draft", "review", "cancelled"])
def test_only_what_is_approved_goes_out(tmp_path, status):
    net = Network()
    publish.run(desk(make.workspace(tmp_path, {"calendar/a": post(status=status)}), {"bluesky": net}))
    assert not net.posts


def test_what_people_place_by_hand_is_never_sent(tmp_path):
    text = make.SETTINGS + '\n[channels.office]\nconnector = "manual"\n'
    place = make.workspace(tmp_path, {"calendar/a": post(channels=["office"])}, settings=text)
    outcome = publish.run(desk(place, {"office": Network()}))
    assert not outcome.did
    assert state(place, "a/office") == "due"


def test_a_retired_channel_gets_nothing(tmp_path):
    text = make.SETTINGS.replace('connector = "bluesky"', 'connector = "bluesky"\nstatus = "retired"')
    place = make.workspace(tmp_path, {"calendar/a": post()}, settings=text)
    net = Network()
    publish.run(desk(place, {"bluesky": net}))
    assert not net.posts
    assert state(place) == "cancelled"


def test_a_channel_that_cannot_be_reached_is_told_and_nothing_is_claimed_for_it(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": post(channels=["bluesky", "mastodon"])})
    net = Network()
    outcome = publish.run(desk(place, {"mastodon": net}, closed={"bluesky": "BLUESKY_PASSWORD is not set here"}))
    assert ("a/bluesky", "closed") in whats(outcome)
    assert [row.channel for row in make.book(place).intents] == ["mastodon"]
    assert outcome.troubled


def test_only_the_channels_that_are_meant(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": post(channels=["bluesky", "mastodon"])})
    nets = {"bluesky": Network(), "mastodon": Network()}
    publish.run(desk(place, nets, only=("mastodon",)))
    assert (len(nets["bluesky"].posts), len(nets["mastodon"].posts)) == (0, 1)


def test_a_failing_channel_never_stops_the_others(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": post(channels=["bluesky", "mastodon", "blog"])})
    nets = {
        "bluesky": Network(answers=[ZeroDivisionError("secret")] * 9),
        "mastodon": Network(),
        "blog": Network(answers=[Refused("blog", "no")]),
    }
    outcome = publish.run(desk(place, nets))
    assert dict(whats(outcome)) == {"a/bluesky": "unknown", "a/mastodon": "sent", "a/blog": "refused"}
    assert "secret" not in repr(outcome)


# --- what the service says -------------------------------------------------------------------------------------------


def test_what_was_not_taken_is_tried_again_and_the_wait_is_kept(place):
    clock, net = Clock(), Network(answers=[NotSent("bluesky", "slow down", retry_after_s=900)])
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock))
    assert whats(outcome) == [("a/bluesky", "failed")]
    assert state(place) == "due"
    clock.forward(minutes=10)
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert whats(outcome) == [("a/bluesky", "waiting")]
    assert "09:15" in outcome.did[0].why
    clock.forward(minutes=6)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.keys == ["a/bluesky"]
    assert [row.attempt for row in make.book(place).intents] == [1, 2]


def test_what_is_refused_waits_for_a_person_until_the_post_gets_a_new_time(place):
    clock, net = Clock(), Network(answers=[Refused("bluesky", "too long")])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    assert state(place) == "failed"
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert not net.posts
    make.document(place, "calendar/a", post(publish_at="2026-11-23 09:30", body="Shorter.\n"))
    clock.forward(minutes=31)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert [item.text for item in net.posts] == ["Shorter."]


def test_a_wrong_secret_is_tried_again_by_the_next_run(place):
    net = Network(answers=[Denied("bluesky", "not you")])
    assert publish.run(desk(place, {"bluesky": net})).troubled
    publish.run(desk(place, {"bluesky": net}, run="run-2"))
    assert net.keys == ["a/bluesky"]


def test_a_lost_answer_is_never_repeated_blindly_but_found(place):
    clock, net = Clock(), Network(answers=["lost"])
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock))
    assert whats(outcome) == [("a/bluesky", "unknown")]
    clock.forward(minutes=5)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert net.asked == ["send a/bluesky"], "within the lease nobody touches it"
    clock.forward(minutes=5, seconds=59)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.asked == ["send a/bluesky"], "and not before the longest request is over"
    clock.forward(seconds=1)
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-4"))
    assert whats(outcome) == [("a/bluesky", "found")]
    assert state(place) == "published"
    assert len(net.posts) == 1


def test_what_is_proven_absent_is_claimed_again(place):
    clock, net = Clock(), Network(answers=[Unanswered("bluesky", "the line broke")])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    clock.forward(minutes=11)
    assert whats(publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))) == [("a/bluesky", "absent")]
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.keys == ["a/bluesky"]


@pytest.mark.parametrize("repeats", [Repeats(), Repeats(looks=True)])
def test_what_a_look_cannot_tell_waits_for_a_person_and_is_not_asked_again(place, repeats):
    clock, net = Clock(), Network(repeats=repeats, answers=[Unanswered("bluesky", "broke")], seen=Absence.UNSEEN)
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    clock.forward(minutes=12)
    assert publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2")).troubled
    assert state(place, now=clock()) == "unknown"
    asked = list(net.asked)
    clock.forward(days=3)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.asked == asked
    assert not net.posts


def test_a_look_that_fails_is_made_again_by_the_next_run(place):
    clock, net = Clock(), Network(answers=["lost"])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    clock.forward(minutes=12)
    sight, net.look = net.look, failing  # type: ignore[method-assign]
    assert whats(publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))) == [("a/bluesky", "unknown")]
    net.look = sight  # type: ignore[method-assign]
    assert whats(publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))) == [("a/bluesky", "found")]


def failing(item, *, since):
    raise Unanswered("bluesky", "the look broke off")


def test_where_the_service_knows_a_repeat_it_is_made_at_once(place):
    net = Network(repeats=Repeats(same_key_s=3600), answers=[Unanswered("bluesky", "broke")])
    assert whats(publish.run(desk(place, {"bluesky": net}))) == [("a/bluesky", "sent")]
    assert net.asked == ["send a/bluesky"] * 2


@pytest.mark.parametrize(
    "second", [NotSent("bluesky", "no line"), Refused("bluesky", "no"), Unanswered("bluesky", "broke")]
)
def test_a_repeat_that_fails_leaves_it_open_since_the_first_may_have_arrived(place, second):
    net = Network(repeats=Repeats(same_key_s=3600), answers=[Unanswered("bluesky", "broke"), second, second])
    assert whats(publish.run(desk(place, {"bluesky": net}))) == [("a/bluesky", "unknown")]
    assert not make.book(place).receipts


def test_no_repeat_after_the_lease(place):
    clock = Clock()
    net = Network(repeats=Repeats(same_key_s=math.inf), answers=[Unanswered("bluesky", "broke")])
    late = desk(place, {"bluesky": net}, clock=clock, sleep=lambda _: clock.forward(minutes=11))
    assert ("a/bluesky", "unknown") in whats(publish.run(late, (publish.reserve, publish.send)))
    assert len(net.asked) == 1


def test_what_was_changed_since_cannot_be_recognised_by_its_words(place):
    clock, net = Clock(), Network(answers=["lost"])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    make.document(place, "calendar/a", post(body="Other words.\n"))
    clock.forward(minutes=12)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert net.asked == ["send a/bluesky"]
    assert state(place, now=clock()) == "unknown"


KEYED = Repeats(same_key_s=math.inf, looks=True, amends=True)
BROKE = [Unanswered("bluesky", "broke")] * (1 + publish.AGAIN)


def changed_after_a_lost_answer(place, clock, net):
    """The first words arrive, nobody hears of it, and by the time somebody looks the post says something else."""
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    [first] = make.book(place).intents
    make.document(place, "calendar/a", post(body="Other words.\n"))
    clock.forward(minutes=12)
    return first


def test_where_our_key_tells_the_receipt_bears_the_words_that_are_out(place):
    clock, net = Clock(), Network(repeats=KEYED, answers=["lost", *BROKE[1:]])
    first = changed_after_a_lost_answer(place, clock, net)
    assert whats(publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))) == [("a/bluesky", "found")]
    [row] = make.book(place).receipts
    assert (row.what, row.content, row.why) == ("sent", first.content, publish.WORDS)
    found = delivery.find(make.book(place), "a/bluesky", clock())
    assert found is not None
    assert sent_words.changed(make.book(place), found), "the site says that other words are out than the file's"


def test_a_repeat_that_meets_the_words_of_an_earlier_attempt_says_so(place):
    """A run is told that nothing went out, claims anew with other words, and only then the first request arrives."""
    clock, net = Clock(), Network(repeats=KEYED, answers=[*BROKE])
    first = changed_after_a_lost_answer(place, clock, net)
    assert whats(publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))) == [("a/bluesky", "absent")]
    net.answers = ["other words"]
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    assert whats(outcome) == [("a/bluesky", "sent")]
    assert publish.WORDS in [done.why for done in outcome.did]
    last = make.book(place).receipts[-1]
    assert (last.what, last.content, last.attempt) == ("sent", first.content, 2), (
        "only one other attempt had other words"
    )


def test_where_three_attempts_had_three_texts_nobody_claims_to_know_which_is_out(place):
    clock, net = Clock(), Network(repeats=KEYED, answers=[*BROKE])
    changed_after_a_lost_answer(place, clock, net)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    net.answers = [*BROKE]
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-3"))
    make.document(place, "calendar/a", post(body="Third words.\n"))
    clock.forward(minutes=12)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-4"))
    net.answers = ["other words"]
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-5"))
    last = make.book(place).receipts[-1]
    assert (last.what, last.content, last.why) == ("sent", "", publish.WORDS)
    found = delivery.find(make.book(place), "a/bluesky", clock())
    assert found is not None
    assert sent_words.changed(make.book(place), found)


def test_what_is_not_planned_any_more_is_still_shown_as_unknown(place):
    clock, net = Clock(), Network(answers=["lost"])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    make.document(place, "calendar/a", post(channels=["blog"], status="draft"))
    clock.forward(minutes=12)
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert whats(outcome) == [("a/bluesky", "unknown")]
    assert [row.what for row in make.book(place).receipts] == ["unseen"]


def test_a_claim_on_a_channel_that_is_closed_stays_unknown(place):
    clock, net = Clock(), Network(answers=["lost"])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    clock.forward(minutes=12)
    outcome = publish.run(desk(place, {}, clock=clock, run="run-2", closed={"bluesky": "no secret"}))
    assert whats(outcome) == [("a/bluesky", "unknown")]
    assert "no secret" in outcome.did[0].why


# --- between reserve and send ----------------------------------------------------------------------------------------


def reserved(place, net, clock=None, run="run-1"):
    at = clock or Clock()
    table = desk(place, {"bluesky": net}, clock=at, run=run)
    outcome = publish.Outcome(run)
    publish.reserve(table, outcome)
    assert [done.what for done in outcome.did] == ["claimed"]
    return table


def sent(table):
    outcome = publish.Outcome(table.run)
    publish.send(table, outcome)
    return outcome


def test_a_hold_between_reserve_and_send_stops_it_and_its_end_sends_nothing(place):
    clock, net = Clock(), Network()
    table = reserved(place, net, clock)
    make.document(place, "policies/holds/storm", HOLD)  # it begins one second before the delivery's time
    assert whats(sent(table)) == [("a/bluesky", "stopped")]
    assert state(place) == "missed"
    clock.forward(minutes=10)
    released = HOLD | {"status": "released", "released": {"by": "writer", "at": "2026-11-23 09:05", "why": "over"}}
    make.document(place, "policies/holds/storm", released)
    publish.run(replace(table, run="run-2"))
    (place.content / "policies/holds/storm.md").unlink()
    publish.run(replace(table, run="run-3"))
    assert not net.asked
    assert state(place, now=clock()) == "missed"


@pytest.mark.parametrize(
    ("change", "why"),
    [({"body": "Other words.\n"}, "changed after"), ({"status": "draft"}, "being written"), ({"status": "cancelled"}, "cancelled"),
     ({"channels": ["blog"]}, "not planned"), ({"publish_at": "2026-11-23 12:00"}, "goes out at its time")],
)  # fmt: skip
def test_whatever_changes_between_reserve_and_send_counts(place, change, why):
    net = Network()
    table = reserved(place, net)
    make.document(place, "calendar/a", post(**change))
    outcome = sent(table)
    assert whats(outcome) == [("a/bluesky", "stopped")]
    assert why in outcome.did[-1].why
    assert not net.asked
    assert make.book(place).receipts[-1].what == "released"


def test_no_request_starts_after_the_lease(place):
    clock, net = Clock(), Network()
    table = reserved(place, net, clock)
    clock.forward(minutes=10)
    assert whats(sent(table)) == [("a/bluesky", "stopped")]
    assert not net.asked


def test_a_run_that_slept_between_the_look_and_the_request_does_not_send(place):
    clock, net = Clock(), Network()
    table = reserved(place, net, clock)
    outcome = sent(
        replace(table, step=lambda name, _: clock.forward(hours=1) if name == "before the request" else None)
    )
    assert whats(outcome) == [("a/bluesky", "stopped")]
    assert not net.asked


def test_a_claim_that_another_run_decided_about_is_not_sent(place):
    clock, net = Clock(), Network()
    table = reserved(place, net, clock)
    (claim,) = make.book(place).intents
    store.append(place, [replace(claim, run="other", attempt=2)])
    assert not whats(sent(table))
    assert not net.asked


def test_a_claim_that_is_answered_meanwhile_is_not_sent(place):
    net = Network()
    table = reserved(place, net)

    def settle(name, _):
        if name == "look before sending":
            store.append(place, [Receipt("a/bluesky", "a", "bluesky", 1, NOW, "", "https://x.example/", "", "settled")])

    assert whats(sent(replace(table, step=settle))) == [("a/bluesky", "stopped")]
    assert not net.asked


def test_a_channel_that_is_gone_between_reserve_and_send_gives_its_claim_back(place):
    table = reserved(place, Network())
    assert whats(sent(replace(table, publishers={}))) == [("a/bluesky", "stopped")]
    assert make.book(place).receipts[-1].what == "released"


def test_reserve_alone_leaves_claims_that_one_later_run_takes_over(place):
    net = Network()
    reserved(place, net, run=f"{publish.OPEN}1")
    assert whats(sent(desk(place, {"bluesky": net}, run="run-2"))) == [("a/bluesky", "sent")]
    assert not whats(sent(desk(place, {"bluesky": net}, run="run-3")))
    assert len(net.posts) == 1


def test_a_picture_that_is_missing_is_refused_before_anything_is_asked(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": post(media=[{"src": "door.jpg", "alt": "A door"}])})
    net = Network()
    assert whats(publish.run(desk(place, {"bluesky": net}))) == [("a/bluesky", "refused")]
    assert not net.asked
    assert state(place) == "failed"


@pytest.mark.parametrize("captions", ["none.vtt", "../../../../etc/hostname"])
def test_captions_that_are_not_there_are_refused_too(tmp_path, captions):
    place = make.workspace(
        tmp_path, {"calendar/a": post(media=[{"src": "d.png", "alt": "A door", "captions": captions}])}
    )
    from PIL import Image

    Image.new("RGB", (8, 8)).save(place.content / "calendar" / "d.png")
    net = Network()
    assert whats(publish.run(desk(place, {"bluesky": net}))) == [("a/bluesky", "refused")]
    assert not net.asked


def test_a_post_that_nobody_thought_of_does_not_stop_the_others(tmp_path, monkeypatch):
    place = make.workspace(tmp_path, {"calendar/a": post(), "calendar/b": post()})
    net, real = Network(), outgoing.item

    def broken(book, found, **more):
        if found.post.slug == "a":
            raise ZeroDivisionError("secret")
        return real(book, found, **more)

    monkeypatch.setattr(outgoing, "item", broken)
    outcome = publish.run(desk(place, {"bluesky": net}))
    assert whats(outcome) == [("a/bluesky", "failed"), ("b/bluesky", "sent")]
    assert "secret" not in repr(outcome)


def test_a_text_that_cannot_be_made_is_not_claimed(tmp_path, monkeypatch):
    place = make.workspace(tmp_path, {"calendar/a": post(), "calendar/b": post()})
    net, real = Network(), approval.content

    def broken(book, found):
        if found.post.slug == "a":
            raise ZeroDivisionError
        return real(book, found)

    monkeypatch.setattr(approval, "content", broken)
    outcome = publish.run(desk(place, {"bluesky": net}))
    assert whats(outcome) == [("a/bluesky", "failed"), ("b/bluesky", "sent")]
    assert [row.post for row in make.book(place).intents] == ["b"]


# --- threads ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def thread(tmp_path):
    return make.workspace(tmp_path, {"calendar/a": post(body=THREAD)})


def test_a_thread_goes_out_in_order_each_part_below_the_one_before(thread):
    net = Network()
    publish.run(desk(thread, {"bluesky": net}))
    assert net.keys == ["a/bluesky", "a/bluesky/2", "a/bluesky/3"]
    assert [[row.id for row in item.before] for item in net.posts] == [[], ["1"], ["1", "2"]]


def test_a_thread_that_broke_in_the_middle_goes_on_at_the_missing_part(thread):
    clock, net = Clock(), Network(answers=[None, NotSent("bluesky", "no line")])
    outcome = publish.run(desk(thread, {"bluesky": net}, clock=clock))
    assert whats(outcome) == [("a/bluesky", "sent"), ("a/bluesky/2", "failed"), ("a/bluesky/3", "stopped")]
    clock.forward(minutes=10)
    publish.run(desk(thread, {"bluesky": net}, clock=clock, run="run-2"))
    assert net.keys == ["a/bluesky", "a/bluesky/2", "a/bluesky/3"]
    assert [row.id for row in net.posts[2].before] == ["1", "2"]


def test_after_a_lost_answer_the_rest_of_a_thread_waits_for_what_is_known(thread):
    clock, net = Clock(), Network(answers=[None, "lost"])
    publish.run(desk(thread, {"bluesky": net}, clock=clock))
    assert state(thread, "a/bluesky/3", clock()) == "due"
    clock.forward(minutes=12)
    publish.run(desk(thread, {"bluesky": net}, clock=clock, run="run-2"))
    publish.run(desk(thread, {"bluesky": net}, clock=clock, run="run-3"))
    assert net.keys == ["a/bluesky", "a/bluesky/2", "a/bluesky/3"]


# --- pace ------------------------------------------------------------------------------------------------------------


def several(tmp_path, channel="", count=3, **more):
    text = make.SETTINGS.replace("cadence = {min = 2, max = 5}", channel) if channel else make.SETTINGS
    documents = {
        f"calendar/p{number}": post(publish_at=f"2026-11-23 08:{number:02}", **more) for number in range(count)
    }
    return make.workspace(tmp_path, documents, settings=text)


def test_spacing_lets_one_post_go_and_the_others_wait(tmp_path):
    place = several(tmp_path, 'cadence = {spacing = "30m"}\nmax_late = "5h"')
    clock, net = Clock(), Network()
    for minutes in (0, 29, 1, 30):
        clock.forward(minutes=minutes)
        publish.run(desk(place, {"bluesky": net}, clock=clock, run=f"run-{clock()}"))
    assert net.keys == ["p0/bluesky", "p1/bluesky", "p2/bluesky"]
    at = [row.at for row in make.book(place).receipts]
    assert min(b - a for a, b in itertools.pairwise(at)) >= timedelta(minutes=30)


def test_why_names_what_a_due_post_waits_for(tmp_path):
    place = several(tmp_path, 'cadence = {spacing = "30m"}\nmax_late = "5h"')
    publish.run(desk(place, {"bluesky": Network()}))
    book = make.book(place)
    told = {
        slug: " ".join(row.reason for row in publish.explained(book, book.get(Post, slug), NOW))
        for slug in ("p0", "p1")
    }
    assert "30m between two posts" in told["p1"]
    assert "30m" not in told["p0"]


def test_replies_and_corrections_do_not_wait_for_spacing(tmp_path):
    place = several(tmp_path, 'cadence = {spacing = "30m"}\nmax_late = "5h"', type="correction")
    net = Network()
    publish.run(desk(place, {"bluesky": net}))
    assert len(net.posts) == 3


def test_a_rate_lets_no_burst_through(tmp_path):
    place = several(tmp_path, 'rate = {max = 2, per = "1h"}\nmax_late = "5h"', count=5)
    clock, net = Clock(), Network()
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock))
    assert len(net.posts) == 2
    assert sum(what == "waiting" for _, what in whats(outcome)) == 3
    assert "2 in 1h" in outcome.did[0].why
    clock.forward(minutes=61)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert len(net.posts) == 4


def test_a_claim_that_nobody_answered_counts_in_the_rate_and_one_given_back_does_not(tmp_path):
    place = several(tmp_path, 'rate = {max = 1, per = "1h"}\nmax_late = "5h"', count=2)
    clock, net = Clock(), Network(answers=["lost"])
    publish.run(desk(place, {"bluesky": net}, clock=clock))
    outcome = publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert whats(outcome) == [("p1/bluesky", "waiting")]
    other = several(tmp_path / "x", 'rate = {max = 1, per = "1h"}\nmax_late = "5h"', count=1)
    net = Network(answers=[NotSent("bluesky", "no line")])
    publish.run(desk(other, {"bluesky": net}))
    publish.run(desk(other, {"bluesky": net}, run="run-2"))
    assert net.keys == ["p0/bluesky"]


def test_the_plan_says_what_a_due_delivery_waits_for(tmp_path):
    place = several(tmp_path, 'rate = {max = 1, per = "1h"}\nmax_late = "5h"', count=2)
    rows = publish.plan(make.book(place), NOW)
    assert [row.state for row in rows] == ["overdue", "overdue"]
    assert "1 in 1h" in rows[1].reason
    assert publish.plan(make.book(place), NOW, only=("blog",)) == []


def test_a_file_that_was_renamed_after_it_went_out_does_not_go_out_again(place):
    net = Network()
    publish.run(desk(place, {"bluesky": net}))
    (place.content / "calendar/a.md").rename(place.content / "calendar/b.md")
    outcome = publish.run(desk(place, {"bluesky": net}, run="run-2"))
    assert whats(outcome) == [("b/bluesky", "closed")]
    assert "a/bluesky" in outcome.did[0].why
    assert len(net.posts) == 1


# --- dying -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "repeats", [Repeats(looks=True), Repeats(looks=True, same_key_s=math.inf)], ids=["look", "key"]
)
def test_a_run_that_dies_at_any_step_is_finished_by_the_next_ones_exactly_once(tmp_path, step, repeats):
    place = make.workspace(tmp_path, {"calendar/a": post(body=THREAD, channels=["bluesky", "mastodon"])})
    clock, nets = Clock(), {"bluesky": Network(repeats=repeats), "mastodon": Network(repeats=repeats)}
    with pytest.raises(KilledError):
        publish.run(desk(place, nets, clock=clock, step=die_at(step)))
    for number in range(8):
        clock.forward(minutes=12)
        publish.run(desk(place, nets, clock=clock, run=f"run-{number + 2}"))
    for name, net in nets.items():
        assert sorted(net.keys) == [f"a/{name}", f"a/{name}/2", f"a/{name}/3"], (step, name)


def test_a_run_that_dies_inside_the_request_is_found(place):
    clock, net = Clock(), Network(answers=["lost"])
    send = net.send

    def dying(item):
        with pytest.raises(Unanswered):
            send(item)
        raise KilledError

    net.send = dying  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        publish.run(desk(place, {"bluesky": net}, clock=clock))
    net.send = send  # type: ignore[method-assign]
    clock.forward(minutes=12)
    publish.run(desk(place, {"bluesky": net}, clock=clock, run="run-2"))
    assert len(net.posts) == 1
    assert state(place) == "published"


class Broken(FolderLedger):
    """A ledger that fails when it is told to."""

    __slots__ = ("left",)

    def append(self, decide):
        self.left -= 1
        if self.left < 0:
            raise LedgerError("the branch could not be written", kept=self.left == -1)
        return super().append(decide)


@pytest.mark.parametrize(("appends", "what"), [(2, "unrecorded"), (0, None)])
def test_a_ledger_that_cannot_be_written(place, appends, what):
    """Before the claim: nothing is sent. After the request: it is out, it is said so, and it is not sent again."""
    net, ledger = Network(), Broken(place)
    ledger.left = appends
    outcome = publish.run(desk(place, {"bluesky": net}, ledger=ledger))
    assert outcome.troubled
    assert [name for _, name in whats(outcome)] == ([what] if what else [])
    assert len(net.posts) == (1 if what else 0)
    publish.run(desk(place, {"bluesky": net}, run="run-2"))
    assert len(net.posts) == 1


# --- properties ------------------------------------------------------------------------------------------------------

MINUTES = st.integers(-200, 90)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(MINUTES, st.booleans(), st.sampled_from([("bluesky",), ("bluesky", "mastodon"), ("blog",)])), max_size=6),
    spacing=st.sampled_from(["", 'cadence = {spacing = "20m"}', 'rate = {max = 2, per = "1h"}']),
)  # fmt: skip
def test_after_the_actions_of_a_decision_the_same_moment_asks_for_nothing(tmp_path_factory, rows, spacing):
    documents = {
        f"calendar/p{number}": post(publish_at=f"{NOW + timedelta(minutes=minutes):%Y-%m-%d %H:%M}", channels=list(channels),
                                    body=THREAD if long else "One.\n")
        for number, (minutes, long, channels) in enumerate(rows)
    }  # fmt: skip
    text = make.SETTINGS.replace("cadence = {min = 2, max = 5}", spacing)
    book = make.book(make.workspace(tmp_path_factory.mktemp("w"), documents, settings=text))
    claims, waits = publish.decide(book, NOW)
    done = Snapshot(
        tuple(publish._intent(book, claim, "run", NOW, timedelta(minutes=10)) for claim in claims),
        tuple(
            Receipt(claim.delivery.key, claim.delivery.post.slug, claim.delivery.channel, claim.delivery.part, NOW, "1", "", "c", attempt=1)
            for claim in claims
        ),
    )  # fmt: skip
    after = publish.with_ledger(book, done)
    again, still = publish.decide(after, NOW)
    assert not again
    assert {wait.delivery.key for wait in still} == {wait.delivery.key for wait in waits}
    left = {found.key for found in delivery.deliveries(after, NOW) if found.state in delivery.SENDABLE}
    assert left == {wait.delivery.key for wait in waits}


def test_the_records_of_a_book_that_did_not_change_are_not_read_anew(place):
    book = make.book(place)
    same = Snapshot(book.intents, book.receipts)
    assert publish.with_ledger(book, same) is book
    assert book.get(Post, "a") is not None
