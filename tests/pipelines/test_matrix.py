"""Matrix: what a message is made of, and a real homeserver that is asked what its room holds."""

from __future__ import annotations

import dataclasses
import io
import re
import secrets
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

import pytest
from PIL import Image

from pipelines.connectors import matrix
from pipelines.http import Client
from pipelines.services import Absence, Attached, Item, Poll, Sent
from signalbook.errors import Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.records import Receipt
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def item(**given) -> Item:
    return Item(
        **{
            "key": "opening/room",
            "post": "opening",
            "text": "Doors open.\nhttps://x.example/?a=1&b=2",
            "created_at": AT,
            **given,
        }
    )


def picture(name="door.png", alt="The door at seven", colour="teal") -> Attached:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(out, "PNG")
    return Attached(name, out.getvalue(), "image/png", alt, 8, 6)


def receipt(number, event, key="opening/room") -> Receipt:
    return Receipt(key, "opening", "room", number, AT, event, "", "c")


# --- the pure half ---------------------------------------------------------------------------------------------------


def test_a_message_has_plain_and_formatted_text_and_nothing_in_it_is_obeyed():
    made = matrix.message(item(text="<b>a</b> & https://x.example/?a=1&b=2"))
    assert made["body"] == "<b>a</b> & https://x.example/?a=1&b=2"
    assert made["formatted_body"] == (
        '<p>&lt;b&gt;a&lt;/b&gt; &amp; <a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a></p>'
    )
    assert "m.relates_to" not in made


def test_a_later_part_belongs_to_the_first_and_answers_the_one_before():
    made = matrix.message(item(part=3, parts=3, before=(receipt(1, "$one"), receipt(2, "$two"))))
    relation = made["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", "$one")
    assert relation["m.in_reply_to"] == {"event_id": "$two"}


@pytest.mark.parametrize(
    ("address", "event"),
    [
        ("https://matrix.to/#/!r:example.org/$abc-_1?via=example.org", "$abc-_1"),
        ("https://matrix.to/#/%21r%3Aexample.org/%24abc", "$abc"),
        ("matrix:roomid/r:example.org/e/abc", ""),
        ("https://example.org", ""),
    ],
)
def test_the_message_an_address_leads_to(address, event):
    assert matrix.event_of(address) == event


def test_requests_of_one_delivery_have_lasting_and_different_names():
    names = {matrix.transaction("a/room", ""), matrix.transaction("a/room", "1"), matrix.transaction("b/room", "")}
    assert len(names) == 3
    assert matrix.transaction("a/room", "") == matrix.transaction("a/room", "")


def test_only_the_accounts_own_marks_count_and_the_oldest_of_each():
    own = matrix.message(item())[matrix.MARK]
    said = [
        {"event_id": "$3", "content": {matrix.MARK: own}},
        {"event_id": "$2", "content": {matrix.MARK: f"{own}/1"}},
        {"event_id": "$x", "content": {matrix.MARK: "other"}},
        {"event_id": "$y", "content": {}},
        {"event_id": "$1", "content": {matrix.MARK: own}},
    ]
    assert matrix.marks(iter(said), "opening/room") == {"": "$1", "1": "$2"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"more": {}}, 'Write room = "#news'),
        ({"more": {"room": "news"}}, 'Write room = "#news'),
        ({"url": "http://matrix.example"}, "over http"),
        ({"secrets": {}}, "secrets = {token"),
    ],
)
def test_a_channel_that_cannot_work_is_told_what_to_write(given, words):
    channel = Channel(**{
        "key": "room", "connector": "matrix", "url": "https://matrix.example", "secrets": {"token": "T"},
        "more": {"room": "#a:b"}, **given,
    })  # fmt: skip
    with pytest.raises(SettingsError, match=re.escape(words)):
        matrix.CONNECTOR.publisher(channel, {"token": "x"} if channel.secrets else {}, Client())


# --- the real server -------------------------------------------------------------------------------------------------

servers = pytest.mark.servers("matrix")


class Losing(Client):
    """Loses the answer to the nth changing request after the server has worked on it."""

    def __init__(self, lose: int) -> None:
        super().__init__(timeout_s=30)
        self.lose, self.changes = lose, 0

    def request(self, method, url, **rest):
        answer = super().request(method, url, **rest)
        if method != "GET":
            self.changes += 1
            if self.changes == self.lose:
                raise Unanswered(rest["channel"], "the line died")
        return answer


class Room:
    """A new room for a test, opened with any client, and asked beside our code what it holds."""

    def __init__(self, facts, client) -> None:
        self.facts, self.client, self.token = facts, client, facts["token"]
        alias = f"test-{secrets.token_hex(6)}"
        self.id = self.ask("POST", "/createRoom", json={"name": "test", "room_alias_name": alias})["room_id"]
        self.alias = f"#{alias}:localhost"

    def ask(self, method, path, token="", api=matrix.API, **rest):
        head = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.request(
            method, f"{self.facts['url']}{api}{path}", channel="test", headers=head, **rest
        ).json()

    def open(self, client=None, room="", token=""):
        channel = Channel(
            "room", "matrix", url=self.facts["url"], secrets={"token": "T"}, more={"room": room or self.alias}
        )
        return matrix.CONNECTOR.publisher(channel, {"token": token or self.token}, client or self.client)

    @property
    def path(self):
        return f"/rooms/{quote(self.id, safe='')}"

    def guest(self):
        """Somebody else's token; they have joined."""
        other = self.client.request(
            "POST", f"{self.facts['url']}{matrix.API}/register", channel="test",
            json={"username": f"other{secrets.token_hex(4)}", "password": "test-password-2", "auth": {"type": "m.login.dummy"}},
        ).json()  # fmt: skip
        self.ask("POST", f"{self.path}/invite", json={"user_id": other["user_id"]})
        self.ask("POST", f"{self.path}/join", token=other["access_token"], json={})
        return other["access_token"]

    def messages(self):
        found = self.ask("GET", f"/rooms/{quote(self.id, safe='')}/messages?dir=f&limit=100")["chunk"]
        return [event for event in found if event["type"] == "m.room.message" and event["content"]]


@pytest.fixture
def room(server):
    with Client() as client:
        yield Room(server("matrix"), client)


@servers
def test_a_message_with_a_picture_is_read_back_field_by_field(room):
    sent = room.open().send(item(media=(picture(),)))
    shown, said = room.messages()
    assert said["event_id"] == sent.id
    assert said["content"]["body"] == "Doors open.\nhttps://x.example/?a=1&b=2"
    assert 'href="https://x.example/?a=1&amp;b=2"' in said["content"]["formatted_body"]
    assert shown["content"]["msgtype"] == "m.image"
    assert shown["content"]["body"] == "The door at seven"
    assert shown["content"]["filename"] == "door.png"
    assert shown["content"]["info"] == {"mimetype": "image/png", "size": len(picture().data), "w": 8, "h": 6}
    path = shown["content"]["url"].removeprefix("mxc://")
    head = {"Authorization": f"Bearer {room.token}"}
    answer = room.client.request(
        "GET", f"{room.facts['url']}/_matrix/client/v1/media/download/{path}", channel="t", headers=head
    )
    assert answer.body == picture().data
    assert unquote(urlsplit(sent.url).fragment) == f"/{room.id}/{sent.id}"
    assert sent.facts == {"room": room.id, "pictures": shown["event_id"]}


@servers
def test_a_thread_hangs_on_its_first_part(room):
    first = room.open().send(item(parts=3))
    second = room.open().send(item(key="opening/room/2", part=2, parts=3, text="Two", before=(receipt(1, first.id),)))
    room.open().send(
        item(key="opening/room/3", part=3, parts=3, text="Three", before=(receipt(1, first.id), receipt(2, second.id)))
    )
    api = "/_matrix/client/v1"
    found = room.ask("GET", f"/rooms/{quote(room.id, safe='')}/relations/{quote(first.id, safe='')}/m.thread", api=api)[
        "chunk"
    ]
    assert [event["content"]["body"] for event in found] == ["Three", "Two"]


@servers
def test_sending_again_sends_nothing_and_gives_the_same_message(room):
    one = item(media=(picture(),))
    first = room.open().send(one)
    assert room.open().send(one) == first
    assert len(room.messages()) == 2


@servers
def test_a_new_token_does_not_know_the_old_ones_requests_and_still_sends_nothing_twice(room):
    """A token that was renewed is another device: the server's own memory of transactions does not help any more."""
    first = room.open().send(item(media=(picture(),)))
    login = {
        "type": "m.login.password",
        "password": room.facts["password"],
        "identifier": {"type": "m.id.user", "user": room.facts["user"]},
    }
    token = room.ask("POST", "/login", json=login)["access_token"]
    assert room.open(token=token).send(item(media=(picture(),))) == first
    assert len(room.messages()) == 2


@servers
@pytest.mark.parametrize(("lost", "error"), [(1, NotSent), (2, Unanswered), (3, Unanswered)])
def test_a_lost_answer_at_any_step_leaves_one_message_and_one_picture(room, lost, error):
    one = item(media=(picture(),))
    with Losing(lost) as client, pytest.raises(error):
        room.open(client).send(one)
    looked = room.open().look(one, since=AT)
    assert isinstance(looked, Sent) if lost == 3 else looked is Absence.PROVEN
    sent = room.open().send(one)
    assert [event["content"]["msgtype"] for event in room.messages()] == ["m.image", "m.text"]
    assert room.open().look(one, since=AT) == sent


@servers
def test_somebody_else_in_the_room_cannot_pass_for_us(room):
    """Whoever knows how marks are made could write one; only what our own account said is believed."""
    other = room.guest()
    room.ask("PUT", f"{room.path}/send/m.room.message/t1", token=other, json=matrix.message(item()))
    assert len(room.messages()) == 1
    assert room.open().look(item(), since=AT) is Absence.PROVEN
    sent = room.open().send(item())
    assert [event["sender"] for event in room.messages() if event["event_id"] == sent.id] == [room.facts["user"]]


@servers
def test_an_edit_replaces_the_text_once_and_a_removal_takes_all_of_it_down(room):
    one = item(media=(picture(),))
    sent = room.open().send(one)
    changed = dataclasses.replace(one, text="Doors open at nine.")
    for _ in range(2):  # safe to repeat
        assert room.open().amend(changed, sent) == sent
    edits = [
        event for event in room.messages() if event["content"].get("m.relates_to", {}).get("rel_type") == "m.replace"
    ]
    assert [event["content"]["m.new_content"]["body"] for event in edits] == ["Doors open at nine."]
    assert edits[0]["content"]["m.relates_to"]["event_id"] == sent.id
    assert room.open().look(one, since=AT) == sent
    for _ in range(2):
        room.open().withdraw(sent)
    left = [event["event_id"] for event in room.messages()]
    assert sent.id not in left
    assert sent.facts["pictures"] not in left
    assert room.open().look(one, since=AT) is Absence.PROVEN


@servers
def test_an_answer_points_at_the_message_it_answers(room):
    first = room.open().send(item())
    answer = room.open().send(item(key="answer/room", text="Yes.", in_reply_to=first.url))
    (found,) = [event for event in room.messages() if event["event_id"] == answer.id]
    assert found["content"]["m.relates_to"] == {"m.in_reply_to": {"event_id": first.id}}


@servers
def test_what_the_room_cannot_hold_is_refused_before_anything_is_sent(room):
    for bad in ({"poll": Poll(("a", "b"), 60)}, {"in_reply_to": "https://example.org"}, {"text": "ä" * 40_000}):
        with pytest.raises(Refused):
            room.open().send(item(**bad))
    here = f"/rooms/{quote(room.id, safe='')}/state/m.room.encryption/"
    room.ask("PUT", here, json={"algorithm": "m.megolm.v1.aes-sha2"})
    with pytest.raises(Refused, match="encrypted"):
        room.open().send(item())
    assert room.messages() == []
    assert [trial.ok for trial in room.open().trials()] == [True, True, True, False]


@servers
def test_an_unknown_token_is_denied_and_said_without_it(room):
    with pytest.raises(Denied) as caught:
        room.open(token="hunter2-token").send(item())
    assert "hunter2" not in str(caught.value)


@servers
def test_the_trials_say_where_it_stands_and_send_nothing(room):
    assert [(trial.what, trial.ok) for trial in room.open().trials()] == [
        ("log in", True), ("in the room", True), ("may speak there", True), ("a room that is not encrypted", True),
    ]  # fmt: skip
    other = room.guest()
    levels = room.ask("GET", f"{room.path}/state/m.room.power_levels/")
    room.ask("PUT", f"{room.path}/state/m.room.power_levels/", json={**levels, "events": {"m.room.message": 50}})
    assert [trial.ok for trial in room.open(token=other).trials()] == [True, True, False, True]
    assert [trial.ok for trial in room.open().trials()] == [True, True, True, True]
    assert room.messages() == []
    assert room.open().limits()["image_bytes"] > 1_000_000
