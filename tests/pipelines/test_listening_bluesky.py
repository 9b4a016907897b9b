"""Bluesky, heard on a real server with and without an app view, and on answers that no honest service gives."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.connectors.bluesky import CONNECTOR
from pipelines.connectors.bluesky.listening import Ear
from pipelines.hearing import Sources, cleaned, hear
from pipelines.http import Answer, client
from pipelines.services import Listen, Listens
from signalbook.errors import ConnectorError, Denied
from signalbook.records import Receipt
from signalbook.settings import Channel
from signalbook.sources import Source
from tests.pipelines.test_bluesky import xrpc

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def signed_in(url: str, who: str, password: str) -> dict:
    return xrpc(url, "com.atproto.server.createSession", {"identifier": who, "password": password})


def post(url: str, session: dict, text: str, **more: object) -> str:
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": at, "langs": ["en"], **more}
    body = {"repo": session["did"], "collection": "app.bsky.feed.post", "record": record}
    return xrpc(url, "com.atproto.repo.createRecord", body, session["accessJwt"])


def naming(text: str, handle: str, did: str) -> list[dict]:
    start = text.encode().index(handle.encode())
    index = {"byteStart": start, "byteEnd": start + len(handle.encode())}
    return [{"index": index, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}]}]


def listening(url: str, password: str, opened) -> Sources:
    channel = Channel("bluesky", "bluesky", url=url, account="alice.test", secrets={"password": "P"})
    return Sources({"bluesky": CONNECTOR.listener(channel, {"password": password}, opened)})


@pytest.mark.servers("bluesky-pds")
def test_on_a_server_without_an_app_view_its_own_accounts_are_heard(server):
    facts = server("bluesky-pds")
    url = facts["url"]
    carol = xrpc(
        url,
        "com.atproto.server.createAccount",
        {"handle": "carol.test", "email": "c@example.com", "password": "test-password-3"},
    )
    us = post(url, signed_in(url, "alice.test", facts["password"]), "Doors open at seven")
    named = post(url, carol, "@alice.test it was locked!", facets=naming("@alice.test", "@alice.test", facts["did"]))
    ref = {"uri": us["uri"], "cid": us["cid"]}
    answer = post(url, carol, "still locked", reply={"root": ref, "parent": ref})
    word = post(url, carol, "Nothing beats the Harbour Bakery")
    post(url, carol, "Something else altogether")
    with client() as opened:
        assert isinstance(CONNECTOR, Listens)
        sources = listening(url, facts["app_password"], opened)
        asks = {"bluesky": Listen(Source(), NOW, ("harbour bakery",))}
        heard = hear(sources, {}, NOW, asks=asks)
        assert (heard.failures, heard.notes) == ((), ())
        said = {mention.id: mention for mention in heard.mentions}
        assert said.keys() == {named["uri"], answer["uri"], word["uri"]}
        first = said[named["uri"]]
        assert (first.author, first.text, first.channel) == ("carol.test", "@alice.test it was locked!", "bluesky")
        assert said[answer["uri"]].reply_to == us["uri"]
        assert hear(sources, heard.states, NOW, asks=asks, again=True).mentions == ()


@pytest.mark.servers("bluesky-network")
def test_the_app_view_tells_who_names_and_answers_us(server):
    facts = server("bluesky-network")
    url, password = facts["url"], facts["password"]
    alice, bob = signed_in(url, "alice.test", password), signed_in(url, "bob.test", password)
    with client() as opened:  # other tests post on this network too
        asks = {"bluesky": Listen(Source(), NOW, ())}
        before = {mention.id for mention in hear(listening(url, password, opened), {}, NOW, asks=asks).mentions}
    us = post(url, alice, "Doors open at seven")
    named = post(url, bob, "@alice.test it was locked!", facets=naming("@alice.test", "@alice.test", alice["did"]))
    ref = {"uri": us["uri"], "cid": us["cid"]}
    answer = post(url, bob, "still locked", reply={"root": ref, "parent": ref})
    deeper = {"root": ref, "parent": {"uri": answer["uri"], "cid": answer["cid"]}}
    below = post(url, bob, "and the bell is broken", reply=deeper)
    receipt = Receipt("post/bluesky", "post", "bluesky", 1, NOW, us["uri"], "", "")
    with client() as opened:
        sources = listening(url, password, opened)
        asks = {"bluesky": Listen(Source(), NOW, (), (receipt,))}
        wanted = {named["uri"], answer["uri"], below["uri"]}
        for _ in range(30):  # the app view follows the server at its own pace
            heard = hear(sources, {}, NOW, asks=asks)
            found = {mention.id for mention in heard.mentions}
            if wanted <= found:
                break
            time.sleep(1)
        assert found - before == wanted
        assert hear(sources, heard.states, NOW, asks=asks, again=True).mentions == ()


def view(number: int = 1, **more: object) -> dict:
    record = {
        "$type": "app.bsky.feed.post",
        "text": "Locked door",
        "createdAt": "2026-11-27T08:00:00Z",
        "langs": ["en"],
    }
    return {
        "uri": f"at://did:plc:bob/app.bsky.feed.post/{number}", "cid": "c", "record": record, "indexedAt": "2026-11-27T08:00:01Z",
        "author": {"did": "did:plc:bob", "handle": "bob.example"}, "likeCount": 2, "replyCount": 1, **more,
    }  # fmt: skip


def ear(answers: dict[str, object]) -> Ear:
    def ask(method: str, params: object) -> Answer:
        value = answers.get(method, 501)
        status, body = (value, b"{}") if isinstance(value, int) else (200, json.dumps(value).encode())
        return Answer(status, {}, body)

    return Ear("bluesky", ask, ask, lambda: ("did:plc:us", "us.example"), lambda receipt: receipt.id)


def test_notifications_and_a_search_become_mentions_and_likes_do_not():
    told = ear(
        {
            "app.bsky.notification.listNotifications": {"notifications": [view(1, reason="mention"), view(2, reason="like")]},
            "app.bsky.feed.searchPosts": {"posts": [
                view(3), view(4, author={"did": "d", "handle": "h", "labels": [{"val": "!no-unauthenticated"}]}), {"uri": "x"},
            ]},
        }
    ).listen(Listen(Source(), NOW, ("door",)))  # fmt: skip
    assert [mention.id[-1] for mention in told.mentions] == ["1", "3"]
    assert told.mentions[1].engaged == 3
    assert told.left_out == {"its author asks to be shown to nobody who is not signed in": 1}
    assert told.cursor == {"notifications": "2026-11-27T08:00:01Z"}


def test_one_question_that_fails_is_told_and_a_wrong_password_ends_it():
    told = ear({"app.bsky.notification.listNotifications": {"notifications": []}}).listen(
        Listen(Source(), NOW, ("a", "b"))
    )
    assert len(told.notes) == 1
    assert "the rest was heard" in told.notes[0]
    with pytest.raises(Denied):
        ear({"app.bsky.notification.listNotifications": 401}).listen(Listen(Source(), NOW, ("a",)))
    with pytest.raises(ConnectorError, match="see who is there"):
        ear({}).listen(Listen(Source(), NOW, ("a",)))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["at://did:plc:us/x", "2026-11-27T08:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*view(), "reason", "reply", "facets", "embed", "value", "did", "uri", "thread"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*view(), "reason"]), VALUES), VALUES)
@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
def test_no_answer_raises_anything_but_that_it_is_none(changes, anything):
    rows = [{**view(1, reason="reply"), **changes}, anything]
    bodies = [
        {"app.bsky.notification.listNotifications": {"notifications": rows, "cursor": anything},
         "app.bsky.feed.searchPosts": {"posts": rows}, "app.bsky.feed.getPostThread": {"thread": {"replies": rows}}},
        {"com.atproto.sync.listRepos": {"repos": [{"did": "did:plc:bob"}, anything]},
         "com.atproto.repo.listRecords": {"records": [{"uri": "at://a/b/c", "value": anything}, *rows]},
         "com.atproto.repo.describeRepo": anything},
    ]  # fmt: skip
    sent = (Receipt("k", "p", "bluesky", 1, NOW, "at://did:plc:us/app.bsky.feed.post/1", "", ""),)
    for body in bodies:
        for mention in ear(body).listen(Listen(Source(), NOW, ("door",), sent)).mentions:
            cleaned(mention)
