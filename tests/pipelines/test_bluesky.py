"""Bluesky against a real PDS: what was sent is read back, by other code, field by field."""

from __future__ import annotations

import io
import json
import urllib.parse
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from pipelines.connectors.bluesky import CONNECTOR
from pipelines.http import Client, client
from pipelines.services import Absence, Attached, Card, Counts, Item, Poll, Publishes, Sent
from signalbook.errors import Denied, Refused
from signalbook.records import Receipt
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, 0, 123_000, tzinfo=UTC)
TEXT = "Café ☕ opens: https://example.org/door?a=1&b=2. With @bob.test and @nobody.test #GutenMorgen 👩‍👩‍👧‍👦"


def picture(colour: str = "teal", size: tuple[int, int] = (64, 48), kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, kind)
    return data.getvalue()


def attached(alt: str = "A teal box", colour: str = "teal") -> Attached:
    return Attached("box.png", picture(colour), "image/png", alt, 64, 48)


def item(key: str = "opening/bluesky", text: str = TEXT, **more) -> Item:
    return Item(**{"key": key, "post": key.partition("/")[0], "text": text, "created_at": AT, "lang": "en", **more})


def channel(url: str, account: str = "alice.test", **more) -> Channel:
    return Channel("bluesky", "bluesky", url=url, account=account, secrets={"password": "BLUESKY_PASSWORD"}, more=more)


def receipt(sent: Sent, given: Item) -> Receipt:
    facts = tuple(f"{name}={value}" for name, value in sent.facts.items())
    return Receipt(given.key, given.post, "bluesky", given.part, AT, sent.id, sent.url, "", facts=facts)


def xrpc(url: str, method: str, body: dict | None = None, token: str = "", **params):
    """The other code: one request by the standard library."""
    head = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(
        f"{url}/xrpc/{method}?{urllib.parse.urlencode(params)}",
        json.dumps(body).encode() if body is not None else None,
        head,
    )
    with urllib.request.urlopen(request, timeout=30) as found:
        data = found.read()
    return data if found.headers.get_content_type() != "application/json" else json.loads(data)


@pytest.fixture(scope="module")
def pds(server):
    """The server's facts, with a second account to mention and to answer."""
    facts = server("bluesky-pds")
    body = {"handle": "bob.test", "email": "bob@example.com", "password": "test-password-2"}
    bob = xrpc(facts["url"], "com.atproto.server.createAccount", body)
    return {**facts, "bob": bob}


@pytest.fixture
def alice(pds):
    with client() as opened:
        yield CONNECTOR.publisher(channel(pds["url"]), {"password": pds["app_password"]}, opened)


def stored(pds, sent: Sent):
    """The record as the server has it."""
    did, collection, rkey = sent.id.removeprefix("at://").split("/")
    return xrpc(pds["url"], "com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)


def count(pds, collection: str = "app.bsky.feed.post") -> int:
    found = xrpc(pds["url"], "com.atproto.repo.listRecords", repo=pds["did"], collection=collection, limit=100)
    return len(found["records"])


pytestmark = pytest.mark.servers("bluesky-pds")


def test_it_publishes_and_counts():
    assert isinstance(CONNECTOR, Publishes)
    assert isinstance(CONNECTOR, Counts)


def test_text_links_mentions_and_tags_are_read_back_field_by_field(pds, alice):
    sent = alice.send(item())
    got = stored(pds, sent)
    assert sent.url == f"https://bsky.app/profile/alice.test/post/{sent.id.rsplit('/', 1)[1]}"
    assert sent.at == AT
    assert got["cid"] == sent.facts["cid"]
    value = got["value"]
    assert value["$type"] == "app.bsky.feed.post"
    assert value["text"] == TEXT
    assert value["createdAt"] == "2026-11-24T08:30:00.123Z"
    assert value["langs"] == ["en"]
    data = TEXT.encode()
    seen = [
        (data[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"])
        for facet in value["facets"]
    ]
    assert seen == [
        (
            "https://example.org/door?a=1&b=2",
            [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/door?a=1&b=2"}],
        ),
        ("@bob.test", [{"$type": "app.bsky.richtext.facet#mention", "did": pds["bob"]["did"]}]),
        ("#GutenMorgen", [{"$type": "app.bsky.richtext.facet#tag", "tag": "GutenMorgen"}]),
    ]


def test_pictures_with_their_alt_texts_and_bytes_are_read_back(pds, alice):
    media = tuple(attached(f"Box {colour}", colour) for colour in ("teal", "red", "gold", "navy"))
    sent = alice.send(item("pictures/bluesky", "Four boxes", media=media))
    images = stored(pds, sent)["value"]["embed"]["images"]
    assert [image["alt"] for image in images] == [medium.alt for medium in media]
    assert all(image["aspectRatio"] == {"width": 64, "height": 48} for image in images)
    for image, medium in zip(images, media, strict=True):
        blob = xrpc(pds["url"], "com.atproto.sync.getBlob", did=pds["did"], cid=image["image"]["ref"]["$link"])
        assert blob == medium.data


def test_a_picture_as_large_as_every_server_takes_it_is_read_back(pds, alice):
    data = picture() + bytes(999_000)
    sent = alice.send(item("large/bluesky", "Large", media=(replace(attached(), data=data),)))
    assert stored(pds, sent)["value"]["embed"]["images"][0]["image"]["size"] == len(data)


def test_a_card_a_video_and_labels_are_read_back(pds, alice):
    card = Card("The door", "It opens at seven", attached())
    got = stored(pds, alice.send(item("card/bluesky", "Look", link="https://example.org/d", card=card)))["value"]
    external = got["embed"]["external"]
    assert (external["uri"], external["title"], external["description"]) == (
        "https://example.org/d", "The door", "It opens at seven",
    )  # fmt: skip
    assert external["thumb"]["mimeType"] == "image/png"
    film = Attached(
        "film.mp4", b"\0\0\0\x18ftypmp42" + bytes(64), "video/mp4", "A door opens", 640, 360, captions=b"WEBVTT\n"
    )
    got = stored(pds, alice.send(item("film/bluesky", "Film", media=(film,), options={"labels": ["graphic-media"]})))[
        "value"
    ]
    assert got["embed"]["alt"] == "A door opens"
    assert got["embed"]["aspectRatio"] == {"width": 640, "height": 360}
    assert got["embed"]["captions"][0]["lang"] == "en"
    assert got["labels"]["values"] == [{"val": "graphic-media"}]


def test_a_thread_hangs_together_and_resumes_at_the_missing_part(pds, alice):
    first = item("thread/bluesky", "One", parts=3)
    one = alice.send(first)
    second = item("thread/bluesky/2", "Two", part=2, parts=3, before=(receipt(one, first),))
    two = alice.send(second)
    before = (receipt(one, first), receipt(two, second))
    three = alice.send(item("thread/bluesky/3", "Three", part=3, parts=3, before=before))
    root = {"uri": one.id, "cid": one.facts["cid"]}
    assert stored(pds, two)["value"]["reply"] == {"root": root, "parent": root}
    parent = {"uri": two.id, "cid": two.facts["cid"]}
    assert stored(pds, three)["value"]["reply"] == {"root": root, "parent": parent}
    assert one.id < two.id < three.id
    # A part that a person settled has an address and no facts.
    settled = replace(receipt(two, second), id="", facts=())
    other = alice.send(item("thread2/bluesky/3", "Three", part=3, parts=3, before=(before[0], settled)))
    assert stored(pds, other)["value"]["reply"] == {"root": root, "parent": parent}


def test_replies_quotes_and_reposts_of_others_are_read_back(pds, alice):
    bob = pds["bob"]
    made = xrpc(
        pds["url"], "com.atproto.repo.createRecord",
        {"repo": bob["did"], "collection": "app.bsky.feed.post",
         "record": {"$type": "app.bsky.feed.post", "text": "Hello", "createdAt": "2026-11-24T08:00:00.000Z"}},
        bob["accessJwt"],
    )  # fmt: skip
    rkey = made["uri"].rsplit("/", 1)[1]
    address = f"https://bsky.app/profile/bob.test/post/{rkey}"
    ref = {"uri": made["uri"], "cid": made["cid"]}
    reply = stored(pds, alice.send(item("reply/bluesky", "Yes", in_reply_to=address)))["value"]
    assert reply["reply"] == {"root": ref, "parent": ref}
    quoted = stored(pds, alice.send(item("quote/bluesky", "So", quote_of=made["uri"], media=(attached(),))))["value"][
        "embed"
    ]
    assert quoted["$type"] == "app.bsky.embed.recordWithMedia"
    assert quoted["record"]["record"] == ref
    assert quoted["media"]["images"][0]["alt"] == "A teal box"
    repost = item("again/bluesky", "", repost_of=address)
    sent = alice.send(repost)
    assert stored(pds, sent)["value"]["subject"] == ref
    assert alice.send(repost).id == sent.id
    assert count(pds, "app.bsky.feed.repost") == 1
    alice.withdraw(sent)
    assert count(pds, "app.bsky.feed.repost") == 0
    with pytest.raises(Refused, match="no post at"):
        alice.send(item("gone/bluesky", "Yes", in_reply_to="https://bsky.app/profile/bob.test/post/3kabcdefghi2a"))


def test_the_same_delivery_is_published_once_however_often_it_is_sent(pds, alice):
    given = item("once/bluesky", media=(attached(),))
    assert alice.look(given, since=AT) is Absence.PROVEN
    before = count(pds)
    first = alice.send(given)
    assert alice.send(given) == first
    with client() as other:
        again = CONNECTOR.publisher(channel(pds["url"]), {"password": pds["app_password"]}, other)
        assert again.send(given) == first
        assert again.look(given, since=AT) == first
    assert count(pds) == before + 1


def test_another_text_under_the_same_delivery_is_never_a_second_post(pds, alice):
    before = count(pds)
    first = alice.send(item("edited/bluesky", "First words"))
    again = alice.send(item("edited/bluesky", "Other words"))
    assert (first.id, first.same) == (again.id, True)
    assert not again.same, "what is there says something else than what was asked for"
    assert count(pds) == before + 1
    for words, same in (("First words", True), ("Other words", False)):
        seen = alice.look(item("edited/bluesky", words), since=AT)
        assert isinstance(seen, Sent)
        assert (seen.id, seen.same) == (first.id, same)


def test_an_edit_swaps_the_record_and_a_repeated_edit_does_no_harm(pds, alice):
    given = item("change/bluesky", "Old words")
    sent = alice.send(given)
    later = item("change/bluesky", "New words", created_at=AT + timedelta(hours=1), media=(attached(),))
    changed = alice.amend(later, sent)
    value = stored(pds, changed)["value"]
    assert (changed.id, changed.url) == (sent.id, sent.url)
    assert changed.facts["cid"] != sent.facts["cid"]
    assert value["text"] == "New words"
    assert value["createdAt"] == "2026-11-24T08:30:00.123Z"
    assert value["embed"]["images"][0]["alt"] == "A teal box"
    assert alice.amend(later, sent) == changed
    with pytest.raises(Refused, match="changed elsewhere"):
        alice.amend(item("change/bluesky", "Third words"), sent)


def test_what_was_taken_down_is_gone_and_taking_it_down_again_is_fine(pds, alice):
    given = item("down/bluesky", "Soon gone")
    sent = alice.send(given)
    alice.withdraw(sent)
    alice.withdraw(sent)
    assert alice.look(given, since=AT) is Absence.PROVEN
    with pytest.raises(Refused, match="not there any more"):
        alice.amend(given, sent)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"media": tuple(attached() for _ in range(5))}, "5 pictures"),
        ({"media": (replace(attached(), data=bytes(2_000_001)),)}, "2,000,001 bytes"),
        ({"media": (attached(), Attached("f.mp4", b"x", "video/mp4"))}, "never both"),
        ({"media": (Attached("f.webm", b"x", "video/webm"),)}, "MP4"),
        ({"media": (Attached("f.pdf", b"x", "application/pdf"),)}, "pictures and video only"),
        ({"poll": Poll(("yes", "no"), 3600)}, "no polls"),
        ({"options": {"labels": "rude"}}, "no label of Bluesky"),
        ({"text": "a" * 301}, "will not publish"),
        ({"quote_of": "https://example.org/"}, "no post of Bluesky"),
        ({"in_reply_to": "https://bsky.app/profile/nobody.test/post/3kabcdefghi2a"}, "nobody is called nobody.test"),
    ],
)
def test_what_bluesky_cannot_take_is_refused_and_nothing_is_published(pds, alice, given, why):
    before = count(pds)
    with pytest.raises(Refused, match=why):
        alice.send(item("wrong/bluesky", **given))
    assert count(pds) == before


def test_a_wrong_password_is_denied_and_never_shown(pds):
    with client() as opened:
        account = CONNECTOR.publisher(channel(pds["url"]), {"password": "wrong-password-77"}, opened)
        with pytest.raises(Denied) as told:
            account.send(item("denied/bluesky"))
        trials = list(account.trials())
    assert "wrong-password-77" not in f"{told.value} {trials}"
    assert [trial.ok for trial in trials if trial.what == "sign in"] == [False]


def test_the_doctor_tries_everything_and_sends_nothing(pds, alice):
    before = count(pds)
    trials = {trial.what: trial for trial in alice.trials()}
    assert all(trial.ok for trial in trials.values()), trials
    assert trials["sign in"].detail == "as alice.test, with an app password"
    assert {"reach the service", "sign in", "allowed to post", "expiry"} <= trials.keys()
    assert count(pds) == before


def test_the_doctor_says_which_account_a_password_opens(pds):
    with client() as opened:
        trials = list(
            CONNECTOR.publisher(channel(pds["url"], pds["did"]), {"password": pds["password"]}, opened).trials()
        )
        assert [(t.ok, t.remedy[:19]) for t in trials if t.what == "sign in"] == [(True, "Use an app password")]


def test_accounts_of_one_run_share_a_session(pds):
    with client() as opened:
        asked: list[str] = []
        counting = _Counting(opened, asked)
        for _ in range(3):
            CONNECTOR.publisher(channel(pds["url"]), {"password": pds["app_password"]}, counting).look(item(), since=AT)
    assert sum("createSession" in url for url in asked) == 1


def test_an_expired_token_is_renewed_and_the_request_made_once_more(pds):
    with client() as opened:
        account = CONNECTOR.publisher(channel(pds["url"]), {"password": pds["app_password"]}, opened)
        account.look(item(), since=AT)
        (session,) = account._sessions.values()
        head, body, sign = session.access.split(".")
        session.access = f"{head}.{body}.{sign[::-1]}"
        assert account.send(item("renewed/bluesky", "Renewed")).id


class _Counting(Client):
    """The real client, with a list of what was asked."""

    def __init__(self, inner: Client, asked: list[str]) -> None:
        super().__init__()
        self._inner = inner
        self._asked = asked

    def request(self, method, url, **more):
        self._asked.append(url)
        return self._inner.request(method, url, **more)
