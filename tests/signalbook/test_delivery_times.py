"""Times that come again, times at which we are silent, and what stops a delivery: all derived, never typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbook import copytext, delivery, quiet, store
from signalbook.model import Post
from signalbook.records import Intent, Receipt
from tests import build as make
from tests.build import NOW, ZONE

AT = "2026-11-23 08:50"


def book(tmp_path, *records, settings=make.SETTINGS, more=(), **front):
    documents = {"calendar/a": make.post(**({"status": "approved", "publish_at": AT, "channels": ["bluesky"]} | front))}
    place = make.workspace(tmp_path, documents | dict(more), settings=settings)
    store.append(place, records)
    return make.book(place)


def rows(found, now=NOW):
    return delivery.of(found, found.get(Post, "a"), now)


def one(found, now=NOW):
    (row,) = rows(found, now)
    return row


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def receipt(key="a/bluesky", what="sent", **more):
    given_ = {
        "key": key,
        "post": "a",
        "channel": "bluesky",
        "part": 1,
        "at": NOW,
        "id": "1",
        "url": "",
        "content": "c",
        "what": what,
        "attempt": 1,
    }
    return Receipt(**(given_ | more))


# --- keys ------------------------------------------------------------------------------------------------------------


@given(post=st.from_regex(r"[a-z0-9-]{1,9}", fullmatch=True), channel=st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True),
       occurrence=st.sampled_from(["", "2026-12-04", "2026-12-04T0930"]), part=st.integers(1, 30))  # fmt: skip
def test_a_key_says_what_it_was_made_of(post, channel, occurrence, part):
    name = delivery.key(post, channel, occurrence=occurrence, part=part)
    assert delivery.read_key(name) == (post, occurrence, channel, part)


@pytest.mark.parametrize("text", ["", "a", "a/", "/b", "a/b/c", "a/b/2/3"])
def test_what_is_no_key_is_told(text):
    with pytest.raises(ValueError, match="no delivery"):
        delivery.read_key(text)


def test_a_delivery_is_found_by_its_key(tmp_path):
    found = book(tmp_path, body="One.\n\n---\n\nTwo.\n")
    assert delivery.find(found, "a/bluesky/2", NOW).part == 2
    assert delivery.find(found, "a/bluesky/3", NOW) is None
    assert delivery.find(found, "b/bluesky", NOW) is None


# --- times that come again -------------------------------------------------------------------------------------------


def again(tmp_path, now, *records, **evergreen):
    front = {"every": "7d"} | {key.rstrip("_"): value for key, value in evergreen.items()}
    found = book(tmp_path, *records, publish_at="2026-10-16 09:30", evergreen=front)
    return rows(found, at(now))


def test_each_occurrence_is_its_own_delivery_and_keeps_the_hour_on_the_wall(tmp_path):
    found = again(tmp_path, "2026-10-01 12:00", max=3)
    assert [row.key for row in found] == ["a@2026-10-16/bluesky", "a@2026-10-23/bluesky", "a@2026-10-30/bluesky"]
    assert [f"{row.due.astimezone(ZONE):%H:%M}" for row in found] == ["09:30"] * 3
    assert found[2].due.astimezone(UTC) - found[1].due.astimezone(UTC) == timedelta(days=7, hours=1), (
        "clocks go back on the 25th"
    )
    assert [row.state for row in found] == ["scheduled"] * 3
    assert [row.occurrence for row in found] == ["2026-10-16", "2026-10-23", "2026-10-30"]


def test_occurrences_end_with_their_last_day_and_begin_with_their_first(tmp_path):
    found = again(tmp_path, "2026-10-01 12:00", from_="2026-10-20", until="2026-11-10")
    assert [row.occurrence for row in found] == ["2026-10-23", "2026-10-30", "2026-11-06"]
    found = again(tmp_path / "x", "2026-10-01 12:00", from_="2026-10-09", until="2026-10-20")
    assert [row.occurrence for row in found] == ["2026-10-16"]


def test_an_endless_one_is_told_two_months_ahead_and_at_least_the_next_time(tmp_path):
    found = again(tmp_path, "2026-10-01 12:00")
    assert len(found) == 8
    rare = again(tmp_path / "x", "2026-10-17 12:00", every="90d")
    assert [row.occurrence for row in rare] == ["2026-10-16", "2027-01-14"]


def test_several_times_a_day_bear_their_hour(tmp_path):
    found = again(tmp_path, "2026-10-16 08:00", every="6h", max=2)
    assert [row.key for row in found] == ["a@2026-10-16T0930/bluesky", "a@2026-10-16T1530/bluesky"]


def test_one_occurrence_that_is_out_leaves_the_others_to_come(tmp_path):
    sent = receipt("a@2026-10-16/bluesky", at=at("2026-10-16 09:31"))
    found = again(tmp_path, "2026-10-16 10:00", sent, max=2)
    assert [row.state for row in found] == ["published", "scheduled"]


def test_what_would_follow_too_closely_is_missed(tmp_path):
    late = receipt("a@2026-10-16/bluesky", at=at("2026-10-20 12:00"))
    found = again(tmp_path, "2026-10-21 08:00", late, max=3, cooldown="5d")
    assert [row.state for row in found] == ["published", "held", "scheduled"]
    assert "5d must lie between" in found[1].reason
    found = again(tmp_path / "x", "2026-10-23 09:31", late, max=3, cooldown="5d")
    assert found[1].state == "missed"
    found = again(tmp_path / "y", "2026-10-23 09:31", late, max=3, cooldown="2d")
    assert found[1].state == "due"


def test_times_before_the_merge_that_approved_it_do_not_count(tmp_path):
    found = book(tmp_path, publish_at="2026-10-16 09:30", evergreen={"every": "7d", "max": 3})
    found = replace(found, approved_at={"a": at("2026-10-20 12:00")})
    assert [row.occurrence for row in rows(found, at("2026-10-21 08:00"))] == ["2026-10-23", "2026-10-30"]


@pytest.mark.parametrize(
    "front",
    [{"publish_at": None}, {"evergreen": {"max": 3}}, {"evergreen": {"every": "0m"}}, {"evergreen": {"every": "59m"}}],
)
def test_a_recurring_post_without_a_time_stands_still(tmp_path, front):
    found = rows(book(tmp_path, **({"evergreen": {"every": "7d"}} | front)))
    assert [row.state for row in found] == ["approved"]


def test_of_very_many_occurrences_the_last_ones_are_told_and_all_of_them_count(tmp_path):
    found = rows(book(tmp_path, publish_at="2006-01-01 09:30", evergreen={"every": "1d"}))
    assert found[0].occurrence == "2025-07-10"
    assert (
        rows(book(tmp_path / "x", publish_at="2006-01-01 09:30", evergreen={"every": "1d", "max": 1000}))[0].state
        == "approved"
    )


def test_how_late_something_is_does_not_depend_on_a_change_of_clocks(tmp_path):
    found = book(tmp_path, publish_at="2026-10-25 01:30")
    due = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    states = [one(found, (due + timedelta(minutes=late)).astimezone(ZONE)).state for late in (0, 119, 121)]
    assert states == ["due", "overdue", "missed"]


def test_on_merge_is_due_from_the_merge_on_and_missed_when_nobody_came(tmp_path):
    found = replace(book(tmp_path, publish_at="on-merge"), approved_at={"a": NOW})
    states = [one(found, NOW + timedelta(minutes=minutes)).state for minutes in (0, 15, 16, 121)]
    assert states == ["due", "due", "overdue", "missed"]
    assert one(book(tmp_path / "x", publish_at="on-merge")).state == "due"


# --- silence ---------------------------------------------------------------------------------------------------------

QUIET = {"title": "Nights", "owner": "writer", "status": "in-force", "version": 1,
         "enforce": [{"rule": "quiet-hours", "level": "warn", "limits": {"from": "21:00", "to": "07:00"}}]}  # fmt: skip
LATE = make.SETTINGS.replace('connector = "bluesky"', 'connector = "bluesky"\nmax_late = "20h"')


def silent(tmp_path, now, *, policy=QUIET, more=(), settings=LATE, **front):
    found = book(tmp_path, settings=settings, more=[("policies/nights", policy), *more], **front)
    return one(found, at(now))


def test_a_time_in_quiet_hours_is_held_and_then_missed(tmp_path):
    found = silent(tmp_path, "2026-11-23 12:00", publish_at="2026-11-23 22:00")
    assert (found.state, "21:00 to 07:00 in Berlin" in found.reason) == ("held", True)
    assert silent(tmp_path / "x", "2026-11-23 22:01", publish_at="2026-11-23 22:00").state == "missed"
    assert silent(tmp_path / "y", "2026-11-24 08:00", publish_at="2026-11-23 22:00").state == "missed", (
        "also in the morning"
    )


def test_what_is_late_into_the_night_waits_for_the_morning(tmp_path):
    states = [silent(tmp_path / now[-5:-3] / now[-2:], now, publish_at="2026-11-23 20:55").state
              for now in ("2026-11-23 21:05", "2026-11-23 21:20", "2026-11-24 07:30")]  # fmt: skip
    assert states == ["due", "held", "overdue"]


@pytest.mark.parametrize(
    "front",
    [{"type": "correction"}, {"type": "reply"}, {"channels": ["blog"]},
     {"waive": [{"rule": "quiet-hours", "why": "The night market opens then", "by": "writer", "until": "2026-11-30"}]}],
)  # fmt: skip
def test_what_may_go_out_at_night_does(tmp_path, front):
    assert silent(tmp_path, "2026-11-23 22:01", publish_at="2026-11-23 22:00", **front).state == "due"


def test_the_night_is_that_of_the_readers(tmp_path):
    readers = {
        "title": "Far away",
        "owner": "writer",
        "segment": "x",
        "needs": ["y"],
        "zones": ["America/Los_Angeles", "No/Where"],
    }
    more = [("plans/audiences/far", readers)]
    assert silent(tmp_path, "2026-11-23 22:01", publish_at="2026-11-23 22:00", audience="far", more=more).state == "due"
    found = silent(tmp_path / "x", "2026-11-23 12:01", publish_at="2026-11-23 12:00", audience="far", more=more)
    assert (found.state, "Los Angeles" in found.reason) == ("missed", True)


@pytest.mark.parametrize("change", [{"status": "draft"}, {"enforce": [{"rule": "quiet-hours", "level": "inform"}]}])
def test_quiet_hours_that_no_policy_sets_stop_nothing(tmp_path, change):
    assert silent(tmp_path, "2026-11-23 22:01", publish_at="2026-11-23 22:00", policy=QUIET | change).state == "due"


def test_quiet_hours_that_cannot_be_read_are_the_usual_ones(tmp_path):
    policy = QUIET | {"enforce": [{"rule": "quiet-hours", "level": "block", "limits": {"from": "late", "to": 7}}]}
    assert silent(tmp_path, "2026-11-23 21:01", publish_at="2026-11-23 21:00", policy=policy).state == "missed"
    assert silent(tmp_path / "x", "2026-11-23 12:01", publish_at="2026-11-23 12:00", policy=policy).state == "due"


def test_hours_of_one_day_do_not_span_midnight():
    hours = quiet.Hours(quiet.clock("12:00", NOW.time()), quiet.clock("14:00", NOW.time()))
    assert [hours.holds(datetime(2026, 1, 1, hour, tzinfo=UTC).time()) for hour in (11, 12, 13, 14)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("event", "front", "state"),
    [
        ({"when": "2026-11-23"}, {}, "missed"),
        ({"when": "2026-11-22", "until": "2026-11-23"}, {}, "missed"),
        ({"when": "2026-11-23 20:00"}, {}, "missed"),
        ({"when": "2026-11-22"}, {}, "due"),
        ({"when": "2026-11-23", "effect": "avoid"}, {}, "due"),
        ({"when": "2026-11-23"}, {"type": "holding"}, "due"),
        ({"when": "2026-11-23", "countries": ["FR"]}, {"locale": "de-AT"}, "due"),
        ({"when": "2026-11-23", "countries": ["AT"]}, {"locale": "de-AT"}, "missed"),
    ],
)
def test_on_a_quiet_day_nothing_goes_out(tmp_path, event, front, state):
    given_ = {"title": "Day of mourning", "owner": "writer", "kind": "mourning", "effect": "quiet"} | event
    found = one(book(tmp_path, more=[("calendar/events/e", given_)], **front))
    assert found.state == state
    assert ("Day of mourning" in found.reason) is (state == "missed")


# --- embargo and holds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["post", "campaign", "message"])
def test_the_latest_embargo_counts(tmp_path, where):
    until = "2026-11-23 12:00"
    campaign = {"title": "C", "owner": "writer"} | ({"embargo_until": until} if where == "campaign" else {})
    message = {"title": "M", "owner": "writer"} | ({"embargo_until": until} if where == "message" else {})
    front = {"campaign": "c", "messages": ["m"]} | ({"embargo_until": until} if where == "post" else {})
    more = [("plans/campaigns/c", campaign), ("plans/messages/m", message)]
    assert one(book(tmp_path, more=more, **front)).state == "missed"
    assert (
        one(
            book(tmp_path / "x", more=more, **(front | {"publish_at": "2026-11-23 12:00"})), at("2026-11-23 12:01")
        ).state
        == "due"
    )


def hold(**more):
    return {"title": "Storm", "owner": "writer", "status": "open", "reason": "Storm", "scope": {"channels": "all"},
            "from": "2026-11-23 08:00", "expires": "2026-11-24 08:00"} | more  # fmt: skip


def held(tmp_path, now="2026-11-23 09:00", *, publish_at=AT, **more):
    return one(
        book(tmp_path, settings=LATE, publish_at=publish_at, more=[("policies/holds/h", hold(**more))]), at(now)
    ).state


RELEASED = {"by": "writer", "at": "2026-11-23 08:55", "why": "over"}


def test_what_fell_under_a_hold_stays_missed_when_it_ends(tmp_path):
    assert held(tmp_path, status="released", released=RELEASED) == "missed"
    assert (
        held(tmp_path / "x", "2026-11-23 09:01", publish_at="2026-11-23 09:00", status="released", released=RELEASED)
        == "due"
    )
    assert held(tmp_path / "y", "2026-11-23 08:54", status="released", released=RELEASED) == "missed", (
        "released later, open still"
    )


def test_a_hold_that_came_after_its_time_and_before_it_was_sent_stops_it_too(tmp_path):
    """It was late, and then the hold came: when the hold is over, it does not go out by itself either."""
    assert held(tmp_path, **{"from": "2026-11-23 08:55"}) == "missed"
    assert (
        held(
            tmp_path / "x",
            "2026-11-23 09:30",
            **{"from": "2026-11-23 08:55"},
            status="released",
            released=RELEASED | {"at": "2026-11-23 09:20"},
        )
        == "missed"
    )


def test_a_hold_that_does_not_say_when_it_ended_counts_as_long_as_it_could_last(tmp_path):
    assert held(tmp_path, status="released") == "missed"
    assert held(tmp_path / "x", "2026-11-24 12:00", publish_at="2026-11-24 11:59", status="expired") == "due"
    assert held(tmp_path / "y", status="released", expires=None) == "due"


def test_a_hold_that_has_not_begun_stops_nothing_yet(tmp_path):
    assert held(tmp_path, **{"from": "2026-11-23 09:30"}) == "due"


def test_a_hold_that_says_no_beginning_stops_from_the_first(tmp_path):
    assert held(tmp_path, **{"from": None}) == "missed"


def test_nothing_goes_out_past_a_hold_that_nobody_can_read(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": make.post(status="approved", publish_at=AT, channels=["bluesky"])})
    make.write(place.content / "policies/holds/h.md", "---\ntitle: [Storm\n---\n")
    found = one(make.book(place))
    assert found.state == "missed"
    assert "content/policies/holds/h.md cannot be read" in found.reason


# --- records ---------------------------------------------------------------------------------------------------------


def test_a_late_word_of_another_run_does_not_undo_what_is_out(tmp_path):
    rows_ = [receipt(), receipt(what="released", at=NOW + timedelta(minutes=1), why="seemed absent")]
    assert one(book(tmp_path, *rows_)).state == "published"


def test_what_went_out_twice_is_said_with_both_addresses(tmp_path):
    found = one(
        book(
            tmp_path,
            receipt(url="https://x.example/1"),
            receipt(url="https://x.example/2", id="2", at=NOW + timedelta(seconds=1)),
        )
    )
    assert found.state == "published"
    assert "more than once: https://x.example/1, https://x.example/2" in found.reason


def test_a_receipt_answers_its_claim_and_no_later_one(tmp_path):
    """Clocks of two machines differ: numbers decide, not times."""
    claims = [
        Intent(
            "a/bluesky", "a", "bluesky", 1, f"r{n}", "c", NOW - timedelta(hours=n), NOW + timedelta(minutes=5), n, NOW
        )
        for n in (1, 2)
    ]
    released = receipt(what="released", at=NOW + timedelta(minutes=3), attempt=1)
    assert one(book(tmp_path, *claims, released)).state == "sending"
    assert one(book(tmp_path / "x", claims[0], released)).state == "due"


def test_a_part_that_went_out_before_the_copy_was_shortened_is_still_told(tmp_path):
    records = [receipt(), receipt("a/bluesky/2", part=2)]
    assert [row.key for row in rows(book(tmp_path, *records))] == ["a/bluesky", "a/bluesky/2"]


def test_a_part_below_one_that_does_not_go_out_is_held(tmp_path):
    failed = receipt(what="refused", why="too long")
    found = rows(book(tmp_path, failed, body="One.\n\n---\n\nTwo.\n"))
    assert [row.state for row in found] == ["failed", "held"]
    assert "which is failed" in found[1].reason


@given(
    words=st.lists(
        st.sampled_from(["One.", "---", "", "## bluesky", "## mastodon", "```", "Two", " ---", "----"]), max_size=9
    )
)
def test_the_quick_count_of_parts_is_that_of_the_text_that_goes_out(words):
    from signalbook import settings as settings_

    channels = {name: settings_.Channel(name, name) for name in ("bluesky", "mastodon", "feed")}
    post = Post(slug="a", body="\n".join(words), channels=tuple(channels))
    for name in channels:
        assert copytext.count_parts(post, name, channels) == max(1, len(copytext.parts(post, name, channels)))


@given(
    states=st.lists(st.sampled_from(["idea", "approved"]), min_size=1, max_size=3),
    minutes=st.integers(-300, 300),
    body=st.sampled_from(["One.", "One.\n\n---\n\nTwo."]),
)
def test_a_post_without_records_stands_the_same_by_the_short_way_and_the_long_one(states, minutes, body):
    from signalbook import settings as settings_
    from signalbook.book import Book
    from signalbook.workspace import Workspace

    channels = {name: settings_.Channel(name, kind, status=status) for name, kind, status in (
        ("a", "bluesky", "live"), ("b", "manual", "live"), ("c", "feed", "retired"), ("d", "mastodon", "test"))}  # fmt: skip
    posts = tuple(Post(slug=f"p{n}", body=body, status=state, publish_at=NOW + timedelta(minutes=minutes), channels=("a", "b", "c", "d", "e"))
                  for n, state in enumerate(states))  # fmt: skip
    from pathlib import Path

    found = Book(Workspace(Path()), settings_.Settings(channels=channels), {Post: posts})
    short = delivery.deliveries(found, NOW)
    view = replace(delivery._view(found, NOW), spoken=frozenset(post.slug for post in posts))
    assert short == [row for post in posts for row in delivery._of(view, post)]
