"""Mastodon, heard on real servers and on answers that no honest server gives."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.connectors.mastodon import CONNECTOR
from pipelines.connectors.mastodon.listening import Ear
from pipelines.hearing import Sources, cleaned, hear
from pipelines.http import Answer, client
from pipelines.services import Listen, Listens
from signalbook.errors import Denied, SettingsError, Unanswered
from signalbook.records import Receipt
from signalbook.settings import Channel
from signalbook.sources import Source

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Place:
    """A server with us, ``alice``, and somebody else, ``bob``."""

    def __init__(self, facts: dict) -> None:
        self.url = facts["url"]
        self.tokens = {name: account["token"] for name, account in facts["accounts"].items()}
        self.channel = Channel(
            "mastodon", "mastodon", url=self.url, account="@alice", secrets={"token": "T"}, more={"tags": ["#harbour"]}
        )

    def post(self, who: str, text: str, **more: str) -> dict:
        head = {"authorization": f"Bearer {self.tokens[who]}", "content-type": "application/json"}
        body = json.dumps({"status": text, **more}).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/api/v1/statuses", body, head), timeout=30
        ) as got:
            return json.loads(got.read())


@pytest.mark.servers("mastodon-snac")
def test_a_tag_is_heard_on_another_programs_server_too(server):
    """It delivers nothing between accounts without https, so that there is nobody who names us."""
    place = Place(server("mastodon-snac"))
    tagged = place.post("bob", "Fog over the #harbour today")
    with client() as opened:
        sources = Sources({"mastodon": CONNECTOR.listener(place.channel, {"token": place.tokens["alice"]}, opened)})
        heard = hear(sources, {}, NOW)
        assert heard.failures == ()
        assert [mention.id for mention in heard.mentions] == [str(tagged["id"])]
        assert hear(sources, heard.states, NOW, again=True).mentions == ()


@pytest.mark.servers("mastodon-emulator")
def test_who_names_us_and_who_uses_our_tag_is_heard_once(server):
    place = Place(server("mastodon-emulator"))
    us = place.post("alice", "Doors open at seven")
    named = place.post("bob", "@alice the door was locked this morning!", visibility="public")
    answer = place.post("bob", "@alice still locked", in_reply_to_id=us["id"])
    tagged = place.post("bob", "Fog over the #harbour today")
    receipt = Receipt("post/mastodon", "post", "mastodon", 1, NOW, str(us["id"]), us["url"], "")
    with client() as opened:
        assert isinstance(CONNECTOR, Listens)
        sources = Sources({"mastodon": CONNECTOR.listener(place.channel, {"token": place.tokens["alice"]}, opened)})
        asks = {"mastodon": Listen(Source(), NOW, (), (receipt,))}
        heard = hear(sources, {}, NOW, asks=asks)
        assert heard.failures == ()
        said = {mention.id: mention for mention in heard.mentions}
        for status, words in (
            (named, "was locked this morning!"),
            (answer, "still locked"),
            (tagged, "Fog over the #harbour"),
        ):
            mention = said[str(status["id"])]
            assert words in mention.text
            assert mention.author.startswith("bob")
            assert (mention.source, mention.channel, mention.heard_at) == ("mastodon", "mastodon", NOW)
        assert said[str(answer["id"])].reply_to == str(us["id"])
        again = hear(sources, heard.states, NOW, asks=asks, again=True)
        assert again.mentions == ()
        late = place.post("bob", "@alice open now, thank you")
        assert [m.id for m in hear(sources, again.states, NOW, asks=asks, again=True).mentions] == [str(late["id"])]


def ear(answers: dict[str, object], **more: object) -> Ear:
    def ask(method: str, path: str) -> Answer:
        value = next((value for start, value in answers.items() if path.startswith(start)), 404)
        status, body = (value, b"{}") if isinstance(value, int) else (200, json.dumps(value).encode())
        return Answer(status, {}, body)

    return Ear("mastodon", ask, **more)


def status(number: str = "113", **more: object) -> dict:
    account = {"acct": "bob@b.example", "followers_count": 40}
    return {
        "id": number, "uri": f"https://b.example/{number}", "url": f"https://b.example/@bob/{number}", "account": account,
        "content": "<p>Locked <a href='https://h.example/'>door</a></p>", "created_at": "2026-11-27T08:00:00Z",
        "language": "en", "visibility": "public", "favourites_count": 2, "reblogs_count": 3, **more,
    }  # fmt: skip


def test_what_is_private_or_asks_not_to_be_indexed_is_left_out_unless_it_is_said_to_us():
    rows = [
        status("1"), status("2", visibility="private"), status("3", account={"acct": "c", "noindex": True}),
        status("4", account={"acct": "d", "note": "<p>#NoBot please</p>"}), {"id": "5"},
    ]  # fmt: skip
    said = {"id": "9", "type": "mention", "status": status("8", visibility="direct")}
    told = ear({"/api/v1/timelines/tag/": rows, "/api/v1/notifications": [said]}, tags=("harbour",)).listen(
        Listen(Source(), NOW)
    )
    assert {mention.id for mention in told.mentions} == {"1", "8"}
    assert told.left_out == {"not public": 1, "its author asks not to be indexed": 2, "no post": 1}
    first = next(mention for mention in told.mentions if mention.id == "1")
    assert (first.followers, first.engaged, first.links) == (40, 5, ("https://h.example/",))
    assert told.cursor == {"notifications": "9", "tag harbour": "5"}


def test_a_question_that_is_not_answered_never_stops_the_others():
    told = ear({"/api/v1/notifications": [], "/api/v2/search": 403}).listen(Listen(Source(), NOW, ("doors", "windows")))
    assert told.notes == ("search: the token may not. Give it `read:search`; the rest was heard.",)
    with pytest.raises(Denied):
        ear({"/api": 401}).listen(Listen(Source(), NOW, ("doors",)))
    with pytest.raises(Unanswered):
        ear({"/api": {"no": "list"}}).listen(Listen(Source(), NOW))


def test_pages_are_turned_back_to_where_we_stopped():
    pages = {
        "/api/v1/notifications?types%5B%5D=mention&limit=40&since_id=10&max_id=51": [
            {"id": str(n), "type": "mention", "status": status(str(n + 500))} for n in range(50, 8, -1)
        ],
        "/api/v1/notifications": [
            {"id": str(n), "type": "mention", "status": status(str(n + 500))} for n in range(90, 50, -1)
        ],
    }
    told = ear(pages).listen(Listen(Source(cursor={"notifications": "10"}), NOW))
    assert [int(mention.id) for mention in told.mentions] == list(range(590, 510, -1))
    assert told.cursor == {"notifications": "90"}


@pytest.mark.parametrize("more", [{"tags": 3}, {"every": "soon"}])
def test_settings_that_say_nothing_sensible_name_their_line(more):
    channel = Channel("m", "mastodon", url="https://m.example", account="@a", secrets={"token": "T"}, more=more)
    with pytest.raises(SettingsError, match=r"signalbook\.toml"), client() as opened:
        CONNECTOR.listener(channel, {"token": "x"}, opened)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("9" * 40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*status(), "reblog", "status", "type"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*status(), "reblog"]), VALUES), VALUES)
@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
def test_no_answer_raises_anything_but_that_it_is_none(changes, anything):
    rows = [{"id": "7", "type": "mention", "status": {**status(), **changes}}, {**status(), **changes}, anything]
    for body in (rows, anything):
        try:
            told = ear({"/api/v1": body, "/api/v2": {"statuses": body}}, tags=("h",)).listen(
                Listen(Source(), NOW, ("w",))
            )
        except Unanswered:
            continue
        for mention in told.mentions:
            cleaned(mention)
