"""Bluesky without a server: keys, facets, and answers that nobody should believe."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.connectors.bluesky import CONNECTOR, records
from pipelines.connectors.bluesky.records import Around
from pipelines.http import Answer, Client, client
from pipelines.services import Ask, Item
from signalbook.errors import Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.records import Receipt
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
DID = "did:plc:abcdefghijklmnopqrstuvwx"
CID = "bafyreiepgcwk2daz3fagtepdu4gf633py3gcasertzmypuvrt3pkqbbxvq"
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no reason to fail."""
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.lists(
    st.sampled_from(
        [
            "a", " ", "é", "☕", "👩‍👩‍👧‍👦", "https://example.org/x?y=1", "http://ex.am/(b)", "#Tag", "#", "@bob.test", "@",
            "bob@bob.test", "@bob@bob.test", "\n", "#été", "https://x.test/#Tag", "https://x.test/@bob.test", ".", "漢字", "مرحبا",
        ]
    )
).map("".join)  # fmt: skip


def item(text: str = "Doors open", **more) -> Item:
    return Item(**{"key": "opening/bluesky", "post": "opening", "text": text, "created_at": AT, **more})


def channel(url: str, account: str = "alice.test") -> Channel:
    return Channel("bluesky", "bluesky", url=url, account=account, secrets={"password": "BLUESKY_PASSWORD"})


@slow
@given(st.text(min_size=1, max_size=40), st.integers(1, 60), INSTANTS)
def test_a_key_is_a_tid_and_always_the_same(delivery, part, at):
    key = records.key_of(delivery, part, at)
    assert len(key) == 13
    assert set(key) <= set("234567abcdefghijklmnopqrstuvwxyz")
    assert key[0] in "234567abcdefghij"
    assert key == records.key_of(delivery, part, at.replace(microsecond=0))


@slow
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40), INSTANTS, st.integers(1, 38))
def test_later_parts_and_later_seconds_sort_behind(delivery, other, at, part):
    now = records.key_of(delivery, part, at)
    assert now < records.key_of(other, part + 1, at)
    assert now < records.key_of(other, part, at + timedelta(seconds=1))


def test_two_thousand_deliveries_of_one_second_have_keys_of_their_own():
    assert len({records.key_of(f"post-{number}/bluesky", 1, AT) for number in range(2_000)}) == 2_000


@slow
@given(TEXTS)
def test_facets_lie_on_the_bytes_they_mean_and_never_overlap(text):
    data = text.encode()
    last = 0
    for facet in records.facets(text, {"bob.test": DID}):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        assert last <= start < end <= len(data)
        last = end
        (feature,) = facet["features"]
        shown = data[start:end].decode()
        expected = feature.get("uri") or ("#" + feature["tag"] if "tag" in feature else "@bob.test")
        assert shown == expected


@pytest.mark.parametrize(
    "text",
    [
        "write to bob@bob.test",
        "@bob@bob.test",
        "https://x.test/@bob.test",
        "a@bob.test",
        "@bob.test_x",
        "@bob",
        "@.test",
    ],
)
def test_what_only_looks_like_a_handle_is_none(text):
    assert records.handles(text) == ()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (f"at://{DID}/app.bsky.feed.post/3kabc", (DID, records.POST, "3kabc")),
        ("https://bsky.app/profile/bob.test/post/3kabc", ("bob.test", records.POST, "3kabc")),
        ("https://bsky.app/profile/bob.test/post/3kabc?x=1", ("bob.test", records.POST, "3kabc")),
        ("https://bsky.app/profile/bob.test", None),
        ("https://[bad/profile/bob.test/post/3kabc", None),
        ("at://bob.test/app.bsky.feed.post/../x", None),
        ("at:///app.bsky.feed.post/x", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_only_posts_addresses_name_a_post(address, place):
    assert records.place(address) == place


def test_a_link_that_the_text_does_not_hold_gets_a_card_of_its_own():
    made = records.post(item("Doors open", link="https://example.org/door", title="The door"), Around({}))
    assert made["embed"]["external"] == {"uri": "https://example.org/door", "title": "The door", "description": ""}
    assert "embed" not in records.post(
        item("See https://example.org/door", link="https://example.org/door"), Around({})
    )


# --- answers nobody should believe -----------------------------------------------------------------------------------


class Said(Client):
    """A client that answers from a table: method of the protocol → status and body, or an error to raise."""

    def __init__(self, **said) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.said = {
            "createSession": (200, {"did": DID, "handle": "alice.test", "accessJwt": "a", "refreshJwt": "r"}),
            **said,
        }

    def request(self, method, url, **more):
        name = url.partition("/xrpc/")[2].partition("?")[0].rsplit(".", 1)[1]
        self.asked.append(name)
        answer = self.said[name]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body = answer[:2]
        head = answer[2] if len(answer) > 2 else {}
        return Answer(status, head, body if isinstance(body, bytes) else json.dumps(body).encode())


def opened(said: Said):
    return CONNECTOR.publisher(channel("https://pds.example"), {"password": "secret-77"}, said)


LOST = Unanswered("bluesky", "pds.example broke off")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"createSession": LOST}, NotSent),
        ({"createSession": (500, {})}, NotSent),
        (
            {"createSession": (401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})},
            Denied,
        ),
        ({"createSession": (200, {"did": "did:plc:" + "x" * 900, "accessJwt": "a"})}, NotSent),
        ({"createSession": (200, ["no", "object"])}, NotSent),
        ({"createSession": (200, {"did": DID, "handle": "a.test", "accessJwt": "a", "active": False})}, Denied),
        ({"putRecord": LOST}, Unanswered),
        ({"putRecord": (500, {})}, Unanswered),
        ({"putRecord": (200, {"uri": "x"})}, Unanswered),
        ({"putRecord": (200, {"cid": ["no"]})}, Unanswered),
        ({"putRecord": (200, b"<html>")}, Unanswered),
        ({"putRecord": (400, {"error": "InvalidRequest", "message": "Record/text must not be longer"})}, Refused),
        ({"putRecord": (429, {}, {"ratelimit-reset": "1795508700", "date": "Tue, 24 Nov 2026 08:30:00 GMT"})}, NotSent),
        ({"putRecord": (400, {"error": "InvalidSwap"}), "getRecord": LOST}, Unanswered),
        ({"putRecord": (400, {"error": "InvalidSwap"}), "getRecord": NotSent("bluesky", "refused")}, Unanswered),
        ({"putRecord": (400, {"error": "InvalidSwap"}), "getRecord": (400, {"error": "RecordNotFound"})}, Unanswered),
        ({"putRecord": (400, {"error": "InvalidSwap"}), "getRecord": (200, {"cid": 7, "value": {}})}, Unanswered),
    ],
)
def test_each_answer_says_no_more_than_it_proves(said, error):
    with pytest.raises(error) as told:
        opened(Said(**said)).send(item())
    assert type(told.value) is error
    assert "secret-77" not in str(told.value)


def test_the_service_may_say_how_long_to_wait():
    said = Said(
        putRecord=(
            429,
            {},
            {"ratelimit-reset": str(int(AT.timestamp()) + 600), "date": "Tue, 24 Nov 2026 08:30:00 GMT"},
        )
    )
    with pytest.raises(NotSent) as told:
        opened(said).send(item())
    assert told.value.retry_after_s == 600


def test_an_upload_that_names_no_file_publishes_nothing():
    from pipelines.services import Attached

    said = Said(
        uploadBlob=(200, {"blob": {"$type": "blob", "ref": {"$link": "../x"}, "mimeType": "image/png", "size": 3}})
    )
    with pytest.raises(NotSent):
        opened(said).send(item(media=(Attached("a.png", b"x", "image/png"),)))
    assert "putRecord" not in said.asked


def test_a_look_that_fails_proves_nothing():
    for answer in (
        LOST,
        (500, {}),
        (400, {"error": "InvalidRequest"}),
        (404, {}),
        (200, {"cid": CID, "value": {"$type": "other"}}),
    ):
        with pytest.raises((Unanswered, Refused)):
            opened(Said(getRecord=answer)).look(item(), since=AT)


def test_a_second_factor_is_explained():
    with pytest.raises(Denied, match="make an app password"):
        opened(Said(createSession=(401, {"error": "AuthFactorTokenRequired"}))).look(item(), since=AT)


def test_a_refresh_that_fails_signs_in_again():
    there = (200, {"cid": CID, "value": {"$type": records.POST, "text": "x", "createdAt": records.written(AT)}})
    said = Said(getRecord=[(400, {"error": "ExpiredToken"}), there], refreshSession=(400, {"error": "ExpiredToken"}))
    assert opened(said).look(item(), since=AT).facts == {"cid": CID}
    assert said.asked == ["createSession", "getRecord", "refreshSession", "createSession", "getRecord"]


def test_a_service_that_is_not_there_is_not_sent():
    with client() as opened, pytest.raises(NotSent):
        CONNECTOR.publisher(channel("http://127.0.0.1:9"), {"password": "x"}, opened).send(item())


def test_only_our_own_posts_are_counted_and_odd_numbers_are_none():
    def out(key: str, number: str, url: str = "") -> Receipt:
        return Receipt(key, key, "bluesky", 1, AT, number, url, "c")

    ours = [f"at://{DID}/{records.POST}/3kaaaaaaaaa2{letter}" for letter in "ab"]
    other = f"at://did:plc:zzzzzzzzzzzzzzzzzzzzzzzz/{records.POST}/3kaaaaaaaaa2a"
    posts = [
        {"uri": ours[0], "likeCount": 3, "repostCount": -1, "replyCount": "many", "quoteCount": True},
        {"uri": ours[1], "likeCount": 10**30, "repostCount": 2},
        {"uri": other, "likeCount": 9},
        {"uri": ["no"], "likeCount": 9},
        "no post",
    ]
    said = Said(
        getProfile=(200, {"followersCount": 7, "followsCount": None, "postsCount": 2.5}),
        getPosts=(200, {"posts": posts}),
    )
    sent = (
        out("a", ours[0]),
        out("b", "", f"https://bsky.app/profile/alice.test/post/{ours[1][-13:]}"),
        out("repost", f"at://{DID}/{records.REPOST}/3kaaaaaaaaa2c"),
        out("else", other),
    )
    found = list(opened(said).readings(Ask(None, date(2026, 11, 23), sent, AT)))
    assert [(row.subject, row.metric, row.value, row.grain) for row in found] == [
        ("account", "followers", 7, "day"),
        (ours[0], "likes", 3, "post"),
        (sent[1].url, "reposts", 2, "post"),
    ]


def test_an_app_view_that_fails_after_the_account_keeps_what_was_told():
    said = Said(getProfile=(200, {"followersCount": 7}), getPosts=(502, {}))
    told = opened(said).readings(
        Ask(
            None,
            date(2026, 11, 23),
            (Receipt("a", "a", "bluesky", 1, AT, f"at://{DID}/{records.POST}/3kabc", "", "c"),),
            AT,
        )
    )
    assert next(told).value == 7
    with pytest.raises(Unanswered):
        next(told)


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("url", "the service's address is missing"),
        ("account", "the account is missing"),
        ("secrets", "the password is not named"),
    ],
)
def test_a_channel_that_lacks_something_says_what_to_write(lacking, words):
    made = replace(channel("https://pds.example"), **{lacking: {} if lacking == "secrets" else ""})
    with pytest.raises(SettingsError, match=rf"\[channels.bluesky\].* {words}.* Write .*{lacking} = "):
        CONNECTOR.publisher(made, {} if lacking == "secrets" else {"password": "x"}, Client())


def test_a_password_is_sent_nowhere_where_it_could_be_read():
    with pytest.raises(SettingsError, match="over http everybody on the way can read the secret"):
        CONNECTOR.publisher(channel("http://pds.example"), {"password": "x"}, Client())
