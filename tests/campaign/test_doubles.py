"""The doubles are as strict as the services, and a door's faults are what they say."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.campaign.door import Answer, Door, Fault, beyond
from tests.campaign.mastodon import Mastodon, rendered
from tests.campaign.pds import Pds, cid_of, tid
from tests.campaign.wordpress import WordPress


def ask(method: str, url: str, body: Any = None, *, mime: str = "application/json", timeout: float = 5, **head: str):
    """Status, body and headers of an answer."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = ({"content-type": mime} if data is not None else {}) | {k.replace("_", "-"): v for k, v in head.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, headers, method=method), timeout=timeout
        ) as found:
            return found.status, json.loads(found.read() or b"null"), dict(found.headers)
    except urllib.error.HTTPError as error:
        with error:
            said = error.read()
            with contextlib.suppress(ValueError):
                said = json.loads(said)
            return error.code, said, dict(error.headers)


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pds():
    room = Pds(clock=Clock())
    with Door(room, clock=room.clock) as door:
        door.xrpc = f"{door.url}/xrpc/"
        _, session, _ = ask("POST", door.xrpc + "com.atproto.server.createSession",
                            {"identifier": room.handle, "password": room.password})  # fmt: skip
        door.auth = f"Bearer {session['accessJwt']}"
        yield door


def record(text: str = "Doors open at seven.", **more: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-24T08:30:00Z", **more}


def put(door: Door, rkey: str, value: dict[str, Any], **more: Any):
    body = {"repo": "team.test", "collection": "app.bsky.feed.post", "rkey": rkey, "record": value, **more}
    return ask("POST", door.xrpc + "com.atproto.repo.putRecord", body, authorization=door.auth)


KEY = tid(1_795_000_000_000_000)


def test_a_record_is_made_once_under_its_key(pds):
    assert put(pds, KEY, record(), swapRecord=None)[0] == 200
    assert put(pds, KEY, record(), swapRecord=None)[0] == 200  # the same bytes change nothing
    status, said, _ = put(pds, KEY, record("Other words."), swapRecord=None)
    assert (status, said["error"]) == (400, "InvalidSwap")
    assert len(pds.room.created()) == 1


def test_an_amendment_names_the_record_it_replaces(pds):
    first = put(pds, KEY, record(), swapRecord=None)[1]["cid"]
    assert put(pds, KEY, record("Now at eight."), swapRecord="b" + "a" * 58)[0] == 400
    assert put(pds, KEY, record("Now at eight."), swapRecord=first)[0] == 200
    assert [held.value["text"] for held in pds.room.held()] == ["Now at eight."]


def test_create_on_a_taken_key_fails_behind_the_door(pds):
    body = {"repo": "team.test", "collection": "app.bsky.feed.post", "rkey": KEY, "record": record()}
    assert ask("POST", pds.xrpc + "com.atproto.repo.createRecord", body, authorization=pds.auth)[0] == 200
    assert ask("POST", pds.xrpc + "com.atproto.repo.createRecord", body, authorization=pds.auth)[0] == 500


@pytest.mark.parametrize("wrong", [
    record("x" * 301), record("x" * 300, langs=["en", "de", "fr", "it"]), {"$type": "app.bsky.feed.post", "text": "x"},
    record(embed={"$type": "app.bsky.embed.images", "images": [{"alt": "x", "image": {"ref": {"$link": "b1"}}}]}),
    record(facets=[{"index": {"byteStart": 0, "byteEnd": 99}, "features": []}]), record(likes=3),
    record(createdAt="yesterday"), record(reply={"root": {"uri": "at://x"}, "parent": {"uri": "at://x"}}),
], ids=["too long", "languages", "no time", "no such picture", "facet outside", "unknown", "no instant", "no cid"])  # fmt: skip
def test_a_record_outside_the_lexicon_is_refused(pds, wrong):
    assert put(pds, KEY, wrong)[0] == 400
    assert not pds.room.created()


def test_a_key_that_is_no_tid_and_a_stranger_are_refused(pds):
    assert put(pds, "my-own-key", record())[0] == 400
    pds.auth = "Bearer somebody"
    assert put(pds, KEY, record())[0] == 400


def test_the_pds_lists_newest_first_and_by_pages(pds):
    keys = [tid(1_795_000_000_000_000 + n * 1000) for n in range(5)]
    for key in keys:
        put(pds, key, record(key))
    where = pds.xrpc + "com.atproto.repo.listRecords?repo=team.test&collection=app.bsky.feed.post&limit=2"
    _, first, _ = ask("GET", where)
    _, second, _ = ask("GET", f"{where}&cursor={first['cursor']}")
    texts = [row["value"]["text"] for page in (first, second) for row in page["records"]]
    assert texts == keys[:0:-1]


def test_a_cid_is_the_one_the_protocol_gives():
    # The empty map, as IPLD's own fixtures have it.
    assert cid_of({}) == "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"


@pytest.fixture
def mastodon():
    room = Mastodon(clock=Clock())
    with Door(room, clock=room.clock) as door:
        yield door


def toot(door: Door, text: str, key: str = "", **more: Any):
    head = {"authorization": f"Bearer {door.room.token}"} | ({"idempotency_key": key} if key else {})
    return ask("POST", f"{door.url}/api/v1/statuses", {"status": text, **more}, **head)


def test_a_repeated_key_is_one_status_for_an_hour_and_no_longer(mastodon):
    first = toot(mastodon, "Doors open.", "k")[1]["id"]
    mastodon.room.clock.now += 3599
    assert toot(mastodon, "Doors open.", "k")[1]["id"] == first
    mastodon.room.clock.now += 1
    assert toot(mastodon, "Doors open.", "k")[1]["id"] != first
    assert len(mastodon.room.created()) == 2


@pytest.mark.parametrize(("given", "status"), [
    ({"text": ""}, 422), ({"text": "x" * 501}, 422), ({"text": "x", "media_ids": ["9"]}, 422),
    ({"text": "x", "in_reply_to_id": "9"}, 404), ({"text": "x", "visibility": "loud"}, 422), ({"text": "x", "z": 1}, 400),
    ({"text": "x " + "https://example.org/" + "y" * 500}, 200),
])  # fmt: skip
def test_mastodon_refuses_what_its_documents_refuse(mastodon, given, status):
    assert toot(mastodon, given.pop("text"), **given)[0] == status


def test_mastodon_edits_deletes_and_lists(mastodon):
    head = {"authorization": "Bearer token-1"}
    numbers = [toot(mastodon, f"post {n}")[1]["id"] for n in range(3)]
    where = f"{mastodon.url}/api/v1/statuses/{numbers[0]}"
    assert ask("PUT", where, {"status": "other"}, **head)[1]["content"] == "<p>other</p>"
    assert ask("GET", where + "/source", **head)[1]["text"] == "other"
    assert ask("DELETE", where, **head)[0] == 200
    assert ask("GET", where, **head)[0] == 404
    _, rows, _ = ask("GET", f"{mastodon.url}/api/v1/accounts/1/statuses", **head)
    assert [row["id"] for row in rows] == numbers[:0:-1]
    assert ask("GET", f"{mastodon.url}/api/v1/accounts/verify_credentials", authorization="Bearer x")[0] == 401


def test_a_picture_belongs_to_one_status(mastodon):
    body = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nPNG\r\n'
            b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\nA door.\r\n--b--\r\n')  # fmt: skip
    _, medium, _ = ask("POST", f"{mastodon.url}/api/v2/media", body, mime="multipart/form-data; boundary=b",
                       authorization="Bearer token-1")  # fmt: skip
    assert medium["description"] == "A door."
    assert toot(mastodon, "with a picture", media_ids=[medium["id"]])[0] == 200
    assert toot(mastodon, "again", media_ids=[medium["id"]])[0] == 422


def test_text_is_shown_as_paragraphs_links_and_tags():
    shown = rendered("One & two\nthree\n\nhttps://example.org/a #Tag")
    assert shown.startswith("<p>One &amp; two<br />three</p><p><a href=")
    assert "#<span>Tag</span>" in shown


@pytest.fixture
def wordpress():
    room = WordPress(clock=Clock())
    with Door(room, clock=room.clock) as door:
        door.posts = f"{door.url}/wp-json/wp/v2/posts"
        door.auth = "Basic " + base64.b64encode(b"editor:abcdefghijklmnop").decode()
        yield door


def test_a_taken_slug_becomes_a_second_post(wordpress):
    body = {"title": "Opening", "content": "<p>x</p>", "slug": "opening", "status": "publish", "meta": {"k": "v"}}
    slugs = [ask("POST", wordpress.posts, body, authorization=wordpress.auth)[1]["slug"] for _ in range(3)]
    assert slugs == ["opening", "opening-2", "opening-3"]
    _, rows, head = ask("GET", wordpress.posts + "?slug=opening")
    assert [row["slug"] for row in rows] == ["opening"]
    assert head["X-WP-Total"] == "1"
    assert rows[0]["meta"] == {}  # nobody registered it


def test_wordpress_lets_nobody_in_and_bins_before_it_deletes(wordpress):
    assert ask("POST", wordpress.posts, {"title": "x"})[0] == 401
    assert ask("POST", wordpress.posts, {"title": "x"}, authorization="Basic eDp5")[0] == 401
    number = ask("POST", wordpress.posts, {"title": "x", "status": "publish"}, authorization=wordpress.auth)[1]["id"]
    assert ask("DELETE", f"{wordpress.posts}/{number}", authorization=wordpress.auth)[1]["status"] == "trash"
    assert ask("DELETE", f"{wordpress.posts}/{number}", authorization=wordpress.auth)[0] == 410
    assert not wordpress.room.held()


def test_a_date_ahead_schedules_the_post(wordpress):
    _, entry, _ = ask("POST", wordpress.posts, {"title": "x", "status": "publish", "date_gmt": "2030-01-01T00:00:00"},
                      authorization=wordpress.auth)  # fmt: skip
    assert entry["status"] == "future"


@pytest.mark.parametrize(("kind", "obeyed"), [
    ("drop-before", 0), ("reset-before", 0), ("500-before", 0), ("503-before", 0), ("429", 0), ("drop-after", 1),
    ("reset-after", 1), ("cut-after", 1), ("500-after", 1), ("502-after", 1), ("slow-after", 1), ("slow-before", 1),
])  # fmt: skip
def test_a_fault_is_met_once_and_the_room_obeyed_or_did_not(kind, obeyed):
    heard = []

    def room(request):
        heard.append(request.target)
        return Answer.of({"heard": len(heard), "more": "x" * 200})

    with Door(room) as door, Door(beyond(door.url)) as network:
        network.arm([Fault(kind, wait_s=0.4)])
        try:
            status = ask("POST", network.url + "/a", {}, timeout=0.2)[0]
        except (OSError, http.client.HTTPException, ValueError):
            status = 0
        said = kind.partition("-")[0]
        assert status == (int(said) if said.isdigit() else 0)
        assert network.met == {kind: 1}
        assert ask("POST", network.url + "/b", {})[0] == 200
        until = time.monotonic() + 5
        while len(heard) < obeyed + 1 and time.monotonic() < until:
            time.sleep(0.02)
    assert sorted(heard) == ["/a", "/b"][1 - obeyed :]


def test_a_fault_can_wait_for_a_later_request_of_one_sort():
    with Door(lambda _: Answer.of({})) as door:
        door.arm([Fault("500-before", "POST", "/post", skip=1)])
        got = [ask(m, door.url + p, {} if m == "POST" else None)[0] for m, p in
               (("GET", "/post"), ("POST", "/else"), ("POST", "/post"), ("POST", "/post"), ("POST", "/post"))]  # fmt: skip
    assert got == [200, 200, 200, 500, 200]
