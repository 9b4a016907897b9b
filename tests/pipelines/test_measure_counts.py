"""``measure`` and the accounts that count: what they are asked, what is kept, and that real servers' numbers come back."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import accounts, measure
from pipelines.connectors import bluesky, mastodon
from pipelines.http import client
from pipelines.services import Ask, Item, Sent
from signalbook import live, store, tally
from signalbook.errors import ConnectorError
from signalbook.records import Reading, Receipt
from signalbook.settings import Channel
from signalbook.workspace import Workspace
from tests import build

NOW = build.NOW  # Monday 23 November 2026, 09:00 in Berlin
DAY = timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return build.workspace(tmp_path)


def receipt(
    key: str = "opening/bluesky", *, at: datetime = NOW - DAY, what: str = "sent", number: str = "1", url: str = ""
):
    post, _, channel = key.partition("/")
    return Receipt(key, post, channel.partition("/")[0], 1, at, number, url, "c", what=what)


class Fake:
    """An account that tells what it was given, and then fails if it has to."""

    def __init__(self, *told: tuple[str, str, int], error: Exception | None = None, source: str = "bluesky") -> None:
        self.told, self.error, self.source = told, error, source
        self.asked: list[Ask] = []

    def readings(self, ask: Ask):
        self.asked.append(ask)
        for subject, metric, value in self.told:
            account = subject == "account"
            yield Reading.of(
                source=self.source, channel=self.source, subject=subject, metric=metric, value=value, taken_at=ask.now, origin="x",
                on=ask.today if account else ask.day_of(ask.sent[0]), grain="day" if account else "post",
            )  # fmt: skip
        if self.error:
            raise self.error


def told(place: Workspace):
    table = build.book(place).tables.readings
    return sorted(
        (row["subject"], row["metric"], row["on"], int(row["value"]), row["taken_at"])
        for row in table.to_pyarrow().to_pylist()
    )


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_posts_are_asked_about_that_are_out_and_not_older_than_ninety_days(place):
    store.append(
        place,
        [
            receipt("opening/bluesky"),
            receipt("old/bluesky", at=NOW - 91 * DAY),
            receipt("down/bluesky", at=NOW - 3 * DAY),
            receipt("down/bluesky", at=NOW - 2 * DAY, what="withdrawn"),
            receipt("no/bluesky", what="cancelled"),
            receipt("edited/bluesky", at=NOW - 9 * DAY, number="5"),
            receipt("edited/bluesky", at=NOW - DAY, number="6", what="amended"),
            receipt("opening/mastodon", number="9"),
        ],
    )
    found = measure.asks(build.book(place), NOW.astimezone(UTC))
    assert sorted((row.key, row.id) for row in found["bluesky"].sent) == [
        ("edited/bluesky", "6"),
        ("opening/bluesky", "1"),
    ]
    assert [row.id for row in found["mastodon"].sent] == ["9"]
    ask = found["bluesky"]
    assert (ask.since, ask.until, ask.today) == (None, date(2026, 11, 22), date(2026, 11, 23))
    edited = next(row for row in ask.sent if row.key == "edited/bluesky")
    assert ask.day_of(edited) == date(2026, 11, 14)  # the day on which it first went out


def test_the_day_is_the_teams(place):
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    assert measure.asks(build.book(place), late)["bluesky"].today == date(2026, 11, 23)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_a_number_asked_for_again_stands_beside_the_old_one_and_the_last_counts(place):
    store.append(place, [receipt()])
    for hours, followers, likes in ((0, 10, 1), (5, 10, 1), (9, 12, 3), (24, 11, 3)):
        counters = {"bluesky": Fake(("account", "followers", followers), ("1", "likes", likes))}
        measure.run(place, {}, NOW + timedelta(hours=hours), counters=counters)
    assert [row[:4] for row in told(place)] == [
        ("1", "likes", date(2026, 11, 22), 1),
        ("1", "likes", date(2026, 11, 22), 3),
        ("account", "followers", date(2026, 11, 23), 10),
        ("account", "followers", date(2026, 11, 23), 12),
        ("account", "followers", date(2026, 11, 24), 11),
    ]
    tables = build.book(place).tables
    assert [(row.on, row.value) for row in tally.told(tables, {"1"})["1"]] == [(date(2026, 11, 23), 3)]


def test_the_growth_of_a_post_is_told_by_the_days_of_reading(place):
    store.append(place, [receipt()])
    for days, likes in ((0, 1), (1, 4), (2, 4), (3, 9)):
        measure.run(place, {}, NOW + days * DAY, counters={"bluesky": Fake(("1", "likes", likes))})
    grown = tally.told(build.book(place).tables, {"1"})["1"]
    assert [(row.on.day, row.value) for row in grown] == [(23, 1), (24, 4), (26, 9)]


def test_each_failure_stays_with_its_channel_and_what_was_told_before_it_is_kept(place):
    counters = {
        "bluesky": Fake(("account", "followers", 10), error=ConnectorError("bluesky", "answered 503")),
        "mastodon": Fake(("account", "followers", 20), source="mastodon"),
    }
    outcome = measure.run(place, {}, NOW, counters=counters, closed={"blog": "it says no address"})
    assert [(row.channel, row.message) for row in outcome.failures] == [
        ("blog", "it says no address"),
        ("bluesky", "bluesky: answered 503"),
    ]
    assert [row[3] for row in told(place)] == [10, 20]
    assert outcome.counted == ("bluesky", "mastodon")


def test_days_that_nobody_can_fill_any_more_are_said_and_stay_gaps(place):
    fake = Fake(("account", "followers", 10))
    assert measure.run(place, {}, NOW, counters={"bluesky": fake}).notes == ()
    assert measure.run(place, {}, NOW + DAY, counters={"bluesky": fake}).notes == ()
    (note,) = measure.run(place, {}, NOW + 4 * DAY, counters={"bluesky": fake}).notes
    assert note == (
        "bluesky: nobody asked on 2 days from 2026-11-25 to 2026-11-26, and the service tells the present only; it stays a gap."
    )
    assert [row[2].day for row in told(place)] == [23, 24, 27]


def test_one_channel_can_be_counted_alone(place):
    one, other = Fake(("account", "followers", 1)), Fake(("account", "followers", 2), source="mastodon")
    measure.run(place, {}, NOW, channel="mastodon", counters={"bluesky": one, "mastodon": other})
    assert (len(one.asked), len(other.asked)) == (0, 1)


class Limited:
    """An account that says its limits, or fails."""

    def __init__(self, said):
        self.said = said

    def limits(self):
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def test_the_limits_that_services_say_are_written_down_and_one_that_fails_stops_no_other(place):
    book = build.book(place)
    keys = list(book.settings.channels)[:2]
    accounts_ = {keys[0]: Limited(ConnectorError(keys[0], "nobody answers")), keys[1]: Limited({"limit": 777})}
    outcome = measure.limits(place, book.settings, accounts_, NOW)
    assert [failure.channel for failure in outcome.failures] == [keys[0]]
    assert live.read(place)[keys[1]].limits == {"limit": 777}
    assert outcome.notes
    assert not measure.limits(place, book.settings, {keys[1]: Limited({"limit": 777})}, NOW).notes


def test_a_channel_whose_secrets_are_not_set_is_left_out_with_a_note(tmp_path):
    place = build.workspace(
        tmp_path,
        settings=build.SETTINGS
        + '\n[channels.sky]\nconnector = "bluesky"\nurl = "https://pds.example"\naccount = "a.test"\nsecrets = {password = "SKY"}\n'
        + '\n[channels.wrong]\nconnector = "mastodon"\nsecrets = {token = "WRONG"}\n',
    )
    with client() as opened:
        found = accounts.open_counters(build.book(place).settings, {"WRONG": "secret-77"}, opened)
    assert "sky: not counted, SKY is not set here." in found.notes
    assert "address is missing" in found.closed["wrong"]
    assert "secret-77" not in f"{found}"
    assert not found.counters


# --- real servers ----------------------------------------------------------------------------------------------------


def ask_json(url: str, body: dict | None = None, token: str = "", method: str = ""):
    """The other code: one request by the standard library."""
    head = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, head, method=method or None)
    with urllib.request.urlopen(request, timeout=30) as found:
        return json.loads(found.read() or b"null")


def item(key: str, text: str) -> Item:
    return Item(key=key, post=key.partition("/")[0], text=text, created_at=datetime.now(UTC), lang="en")


def kept(sent: Sent, given: Item) -> Receipt:
    facts = tuple(f"{name}={value}" for name, value in sent.facts.items())
    channel = given.key.partition("/")[2]
    return Receipt(given.key, given.post, channel, 1, datetime.now(UTC), sent.id, sent.url, "c", facts=facts)


def numbers(place: Workspace, source: str) -> dict[tuple[str, str], int]:
    rows = build.book(place).tables.readings.to_pyarrow().to_pylist()
    return {(row["subject"], row["metric"]): int(row["value"]) for row in rows if row["source"] == source}


@pytest.mark.servers("bluesky-network")
@pytest.mark.parametrize("through", ["the server", "an app view of its own"])
def test_what_others_did_with_our_posts_on_bluesky_is_read_as_the_app_view_shows_it(server, place, through):
    facts = server("bluesky-network")
    url, password = facts["url"], facts["password"]

    def signed(handle: str):
        return ask_json(f"{url}/xrpc/com.atproto.server.createSession", {"identifier": handle, "password": password})

    bob = signed("bob.test")

    def bob_writes(collection: str, **record):
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        body = {
            "repo": bob["did"],
            "collection": collection,
            "record": {"$type": collection, "createdAt": now, **record},
        }
        return ask_json(f"{url}/xrpc/com.atproto.repo.createRecord", body, bob["accessJwt"])

    more = {"appview": facts["appview"]} if through != "the server" else {}
    channel = Channel("bluesky", "bluesky", url=url, account="alice.test", secrets={"password": "P"}, more=more)
    with client() as opened:
        account = bluesky.CONNECTOR.publisher(channel, {"password": password}, opened)
        given = item(f"seen-{len(through)}/bluesky", "Who likes this?")
        quiet = item(f"quiet-{len(through)}/bluesky", "Nobody saw this")
        sent, unseen = account.send(given), account.send(quiet)
        subject = {"uri": sent.id, "cid": sent.facts["cid"]}
        bob_writes("app.bsky.feed.like", subject=subject)
        bob_writes("app.bsky.feed.repost", subject=subject)
        bob_writes("app.bsky.feed.post", text="Nice!", reply={"root": subject, "parent": subject})
        bob_writes("app.bsky.feed.post", text="Look", embed={"$type": "app.bsky.embed.record", "record": subject})
        bob_writes("app.bsky.graph.follow", subject=facts["accounts"]["alice.test"])

        def shown() -> tuple[dict, dict]:
            uris = urllib.parse.urlencode([("uris", sent.id), ("uris", unseen.id)])
            posts = ask_json(f"{facts['appview']}/xrpc/app.bsky.feed.getPosts?{uris}")["posts"]
            return {row["uri"]: row for row in posts}, ask_json(
                f"{facts['appview']}/xrpc/app.bsky.actor.getProfile?actor=alice.test"
            )

        for _ in range(100):
            posts, profile = shown()
            counts = [
                posts.get(sent.id, {}).get(name, 0) for name in ("likeCount", "repostCount", "replyCount", "quoteCount")
            ]
            if counts == [1, 1, 1, 1] and unseen.id in posts and profile["followersCount"]:
                break
            time.sleep(0.2)
        assert counts == [1, 1, 1, 1]
        # A post that a person settled by its address is counted too.
        store.append(place, [kept(sent, given), replace(kept(unseen, quiet), id="")])
        outcome = measure.run(place, {}, datetime.now(UTC), counters={"bluesky": account})
        assert outcome.failures == ()
        found = numbers(place, "bluesky")
        names = {
            "likes": "likeCount",
            "reposts": "repostCount",
            "replies": "replyCount",
            "quotes": "quoteCount",
            "bookmarks": "bookmarkCount",
        }
        for metric, name in names.items():
            assert found[sent.id, metric] == posts[sent.id][name]
            assert found[unseen.url, metric] == posts[unseen.id][name] == 0
        assert found["account", "followers"] == profile["followersCount"] == 1
        assert found["account", "following"] == profile["followsCount"]
        assert found["account", "posts"] == profile["postsCount"]
        assert measure.run(place, {}, datetime.now(UTC), counters={"bluesky": account}).added == 0


@pytest.mark.servers("mastodon-emulator")
def test_what_others_did_with_our_posts_on_mastodon_is_read_as_the_server_shows_it(server, place):
    # Emulator alone: snac tells nobody how many follow, and lets nobody act on what was not sent to them.
    facts = server("mastodon-emulator", fresh=True)
    url, bob = facts["url"], facts["accounts"]["bob"]["token"]
    alice = facts["accounts"]["alice"]["token"]
    channel = Channel("mastodon", "mastodon", url=url, account="@alice", secrets={"token": "T"})
    with client() as opened:
        account = mastodon.CONNECTOR.publisher(channel, {"token": alice}, opened)
        given, quiet = item("seen/mastodon", "Who likes this?"), item("quiet/mastodon", "Nobody saw this")
        sent, unseen = account.send(given), account.send(quiet)
        for act in ("favourite", "reblog"):
            ask_json(f"{url}/api/v1/statuses/{sent.id}/{act}", {}, bob)
        ask_json(f"{url}/api/v1/statuses", {"status": "Nice!", "in_reply_to_id": sent.id}, bob)
        ask_json(f"{url}/api/v1/statuses", {"status": "Look", "quoted_status_id": sent.id}, bob)
        me = ask_json(f"{url}/api/v1/accounts/verify_credentials", token=alice)
        ask_json(f"{url}/api/v1/accounts/{me['id']}/follow", {}, bob)
        gone = account.send(item("gone/mastodon", "Soon gone"))
        lost = kept(gone, item("gone/mastodon", "Soon gone"))
        account.withdraw(gone)
        store.append(place, [kept(sent, given), kept(unseen, quiet), lost])
        outcome = measure.run(place, {}, datetime.now(UTC), counters={"mastodon": account})
        assert outcome.failures == ()
        found = numbers(place, "mastodon")
        names = {
            "likes": "favourites_count",
            "reposts": "reblogs_count",
            "replies": "replies_count",
            "quotes": "quotes_count",
        }
        for one, least in ((sent, 1), (unseen, 0)):
            shown = ask_json(f"{url}/api/v1/statuses/{one.id}", token=alice)
            for metric, name in names.items():
                if name in shown:
                    assert found[one.id, metric] == shown[name] == least
        me = ask_json(f"{url}/api/v1/accounts/verify_credentials", token=alice)
        assert found["account", "followers"] == me["followers_count"] == 1
        assert found["account", "following"] == me["following_count"]
        assert found["account", "posts"] == me["statuses_count"]
        assert not any(subject == gone.id for subject, _ in found)
        assert measure.run(place, {}, datetime.now(UTC), counters={"mastodon": account}).added == 0
