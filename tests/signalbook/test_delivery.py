"""Where a delivery stands: one list of questions, asked from top to bottom; only a receipt makes it published."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signalbook import delivery, store
from signalbook.model import Post
from signalbook.records import Intent, Receipt
from tests import build as make
from tests.build import NOW

AT = "2026-11-23 08:50"
HOLD = {
    "title": "Storm",
    "owner": "writer",
    "status": "open",
    "reason": "Storm",
    "from": "2026-11-23 08:00",
    "expires": "2026-11-24 08:00",
}


def stand(tmp_path, *records, now=NOW, hold=None, settings=make.SETTINGS, **more):
    front = make.post(**({"status": "approved", "publish_at": AT, "channels": ["bluesky"]} | more))
    documents = {"calendar/a": front} | ({"policies/holds/h": HOLD | hold} if hold is not None else {})
    documents["plans/campaigns/x"] = {"title": "X", "owner": "writer", "status": "live", "type": "launch"}
    documents["calendar/events/fair"] = {"title": "Fair", "owner": "writer", "kind": "own", "when": "2026-11-25 12:00"}
    place = make.workspace(tmp_path, documents, settings=settings)
    store.append(place, records)
    book = make.book(place)
    (found,) = delivery.of(book, book.get(Post, "a"), now)
    assert found in delivery.deliveries(book, now)
    assert found.reason
    return found


def receipt(what="sent", minutes=5, **more):
    given = {"key": "a/bluesky", "post": "a", "channel": "bluesky", "part": 1, "at": NOW - timedelta(minutes=minutes), "id": "1",
             "url": "https://x.example/1", "content": "c", "what": what} | more  # fmt: skip
    return Receipt(**given)


def intent(minutes):
    return Intent(
        "a/bluesky", "a", "bluesky", 1, "run", "c", NOW - timedelta(hours=1), NOW + timedelta(minutes=minutes)
    )


@pytest.mark.parametrize("status", ["idea", "draft", "review", "cancelled"])
def test_before_approval_a_delivery_stands_where_its_post_stands(tmp_path, status):
    assert stand(tmp_path, status=status).state == status


@pytest.mark.parametrize(
    ("after", "state"),
    [(-60, "scheduled"), (0, "due"), (15, "due"), (16, "overdue"), (120, "overdue"), (121, "missed"), (9999, "missed")],
)
def test_time_alone_makes_it_scheduled_due_overdue_and_missed(tmp_path, after, state):
    at = NOW - timedelta(minutes=10)
    assert stand(tmp_path, now=at + timedelta(minutes=after)).state == state


def test_a_channel_says_how_late_is_too_late(tmp_path):
    settings = make.SETTINGS.replace('connector = "bluesky"', 'connector = "bluesky"\nmax_late = "20m"')
    found = stand(tmp_path, now=NOW + timedelta(minutes=15), settings=settings)
    assert found.state == "missed"
    assert "20m" in found.reason


def test_only_a_receipt_makes_it_published(tmp_path):
    found = stand(tmp_path, receipt(), now=NOW + timedelta(days=9))
    assert found.state == "published"
    assert found.receipts[0].url == "https://x.example/1"


def test_a_receipt_of_another_channel_proves_nothing(tmp_path):
    assert stand(tmp_path, receipt(channel="mastodon", key="a/mastodon")).state == "due"


@pytest.mark.parametrize(
    ("what", "state"),
    [("withdrawn", "withdrawn"), ("cancelled", "published"), ("amended", "published"), ("settled", "published")],
)
def test_the_last_receipt_speaks(tmp_path, what, state):
    assert stand(tmp_path, receipt(minutes=9), receipt(what, minutes=1)).state == state


def test_a_person_may_decide_that_it_does_not_go_out(tmp_path):
    found = stand(tmp_path, receipt("cancelled", why="It is not true any more."))
    assert (found.state, found.reason) == ("cancelled", "It is not true any more.")


def test_a_claim_without_a_receipt_is_sending_and_then_unknown(tmp_path):
    assert stand(tmp_path / "a", intent(5)).state == "sending"
    assert stand(tmp_path / "b", intent(-5)).state == "unknown"
    assert stand(tmp_path / "c", intent(-5), receipt()).state == "published"


@pytest.mark.parametrize(
    ("scope", "held"),
    [(None, True), ({"channels": "all"}, True), ({"channels": ["bluesky"]}, True), ({"channels": ["mastodon"]}, False), ({"labels": ["fun"]}, True),
     ({"labels": ["dry"]}, False), ({"campaigns": ["x"]}, False), ({"channels": "all", "labels": ["dry"]}, False), ({"except_types": ["original"]}, False)],
    ids=str,
)  # fmt: skip
def test_a_hold_stops_what_its_scope_names(tmp_path, scope, held):
    more = {"publish_at": "2026-11-23 18:00", "labels": ["fun"]}
    found = stand(tmp_path, hold={"scope": scope} if scope else {}, **more)
    assert found.state == ("held" if held else "scheduled")
    assert ("Storm" in found.reason) is held


@pytest.mark.parametrize(
    "scope",
    [{"channels": ["blusky"]}, {"channels": "mastodonn"}, {"channels": ["mastodon", "blusky"]}, {"campaigns": ["opning"]}, {"types": ["repli"]}],
    ids=str,
)  # fmt: skip
def test_a_hold_with_a_slip_in_its_scope_stops_everything_and_never_nothing(tmp_path, scope):
    assert stand(tmp_path / "a", hold={"scope": scope}, publish_at="2026-11-23 18:00").state == "held"
    over = {
        "scope": scope,
        "status": "released",
        "released": {"by": "writer", "at": "2026-11-23 08:30", "why": "It has passed."},
    }
    assert stand(tmp_path / "b", hold=over, publish_at="2026-11-23 18:00").state == "scheduled"


def test_a_slip_among_what_still_goes_out_lets_nothing_more_out(tmp_path):
    scope = {"channels": ["mastodon"], "except_types": ["orignal"]}
    assert stand(tmp_path / "a", hold={"scope": scope}, publish_at="2026-11-23 18:00").state == "scheduled"
    assert (
        stand(tmp_path / "b", hold={"scope": scope | {"channels": "all"}}, publish_at="2026-11-23 18:00").state
        == "held"
    )


def test_what_passed_under_a_hold_is_missed_and_a_person_decides(tmp_path):
    assert "A person decides" in stand(tmp_path, hold={}).reason
    assert (
        stand(tmp_path / "x", hold={"released": {"by": "writer", "at": "2026-11-23 08:55", "why": "over"}}).state
        == "missed"
    )


def test_a_time_may_hang_on_an_event(tmp_path):
    found = stand(tmp_path, publish_at=None, relative_to={"event": "fair", "offset": "-2h"})
    assert (found.due.hour, found.state) == (10, "scheduled")
    assert stand(tmp_path / "x", publish_at=None, relative_to={"event": "nowhere", "offset": "-2h"}).state == "approved"


@pytest.mark.parametrize("offset", ["", "soon", "9999999999999d", "-99999999d", "--2h", "+"])
def test_an_offset_that_cannot_be_read_is_no_offset(tmp_path, offset):
    found = stand(tmp_path, publish_at=None, relative_to={"event": "fair", "offset": offset})
    assert found.due is not None


def test_the_loudest_delivery_speaks_for_the_post(tmp_path):
    place = make.workspace(
        tmp_path, {"calendar/a": make.post(status="approved", publish_at=AT, channels=["bluesky", "mastodon"])}
    )
    store.append(place, [receipt()])
    book = make.book(place)
    found = delivery.deliveries(book, NOW + timedelta(minutes=30))
    assert [one.state for one in found] == ["published", "overdue"]
    assert delivery.loudest(found) == "overdue"
    assert delivery.loudest([]) == "draft"


def test_a_post_that_expired_before_it_went_out_waits_for_a_person(tmp_path):
    found = stand(tmp_path, publish_at="2026-11-24 09:00", expires="2026-11-23 08:00")
    assert found.state == "missed"
    assert "expired" in found.reason


@pytest.mark.parametrize(("at", "state"), [("2026-11-24 09:00", "held"), (AT, "missed")])
def test_a_time_inside_an_embargo_is_held_and_then_missed(tmp_path, at, state):
    found = stand(tmp_path, publish_at=at, embargo_until="2026-11-25 09:00")
    assert found.state == state
    assert "embargo" in found.reason
