"""Mastodon: one suite on a real ActivityPub server (snac) and on an emulator of Mastodon itself.

What was sent is read back, by other code, field by field. ``BOTH`` runs on the two; what only the emulator can show is
marked ``EMULATOR_ALONE`` with the reason why the real server cannot.
"""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from pipelines.connectors.mastodon import CONNECTOR, statuses
from pipelines.connectors.mastodon.statuses import plain
from pipelines.http import client
from pipelines.services import Absence, Ask, Attached, Counts, Item, Poll, Publishes, Sent
from signalbook.errors import Denied, Refused
from signalbook.records import Receipt
from signalbook.settings import Channel

SNAC = pytest.param("mastodon-snac", marks=pytest.mark.servers("mastodon-snac"), id="snac")
EMULATOR = pytest.param("mastodon-emulator", marks=pytest.mark.servers("mastodon-emulator"), id="emulator")
BOTH = pytest.mark.parametrize("name", [SNAC, EMULATOR])


def EMULATOR_ALONE(why: str) -> pytest.MarkDecorator:  # noqa: N802 - it stands where a constant would
    """Passes on the emulator alone, because snac …"""
    assert why
    return pytest.mark.parametrize("name", [EMULATOR])


SNAC_ALONE = pytest.mark.parametrize("name", [SNAC])
TEXT = "Café ☕ opens: https://example.org/door/that/is/quite/long?a=1&b=2 for all <you> & me\n\nSecond paragraph\nnext line #GutenMorgen 👩‍👩‍👧‍👦"


def attached(alt: str = "A teal box", colour: str = "teal") -> Attached:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(data, "PNG")
    return Attached(f"{colour}.png", data.getvalue(), "image/png", alt, 64, 48)


def item(key: str, text: str = TEXT, **more) -> Item:
    base = {"key": f"{key}/mastodon", "post": key, "text": text, "created_at": datetime.now(UTC), "lang": "de"}
    return Item(**{**base, **more})


def receipt(sent: Sent, given: Item) -> Receipt:
    facts = tuple(f"{name}={value}" for name, value in sent.facts.items())
    return Receipt(given.key, given.post, "mastodon", given.part, datetime.now(UTC), sent.id, sent.url, "", facts=facts)


class Place:
    """A server under test, as other code sees it, and our account on it."""

    def __init__(self, name: str, facts: dict, opened) -> None:
        self.name, self.url, self.facts = name, facts["url"], facts
        self.token = facts["accounts"]["alice"]["token"]
        channel = Channel("mastodon", "mastodon", url=self.url, account="@alice", secrets={"token": "MASTODON_TOKEN"})
        self.channel = channel
        self.account = CONNECTOR.publisher(channel, {"token": self.token}, opened)
        self.counter = CONNECTOR.counter(channel, {"token": self.token}, opened)

    def api(self, method: str, path: str, body: object = None, *, token: str = ""):
        head = {"authorization": f"Bearer {token or self.token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(self.url + path, data, head, method=method), timeout=30
        ) as got:
            return json.loads(got.read())

    def status(self, sent: Sent):
        return self.api("GET", f"/api/v1/statuses/{sent.id}")

    def newest(self) -> list[str]:
        """The account's latest statuses: what was published stands among them."""
        me = self.api("GET", "/api/v1/accounts/verify_credentials")["id"]
        return [status["id"] for status in self.api("GET", f"/api/v1/accounts/{me}/statuses?limit=5")]


@pytest.fixture
def place(name, server):
    with client() as opened:
        yield Place(name, server(name), opened)


def test_it_publishes_and_counts():
    assert isinstance(CONNECTOR, Publishes)
    assert isinstance(CONNECTOR, Counts)


@BOTH
def test_text_links_and_tags_are_read_back(place):
    given = item("text")
    sent = place.account.send(given)
    got = place.status(sent)
    assert sent.url == got["url"]
    assert sent.at is not None
    assert abs((sent.at - given.created_at).total_seconds()) < 30
    assert got["visibility"] == "public"
    assert 'href="https://example.org/door/that/is/quite/long?a=1&' in got["content"]
    shown = plain(got["content"])
    if place.name == "mastodon-emulator":
        assert shown == TEXT
    else:  # snac reads the text as Markdown, in which a tag is a tag
        assert statuses.alike(shown).startswith(statuses.alike(TEXT.partition("<")[0]))
    assert [tag["name"].lower() for tag in got["tags"]] == ["gutenmorgen"]


@EMULATOR_ALONE("keeps no language: it answers “en” whatever was said")
def test_the_language_is_read_back(place):
    assert place.status(place.account.send(item("lang")))["language"] == "de"


@BOTH
def test_files_with_their_descriptions_and_bytes_are_read_back(place):
    media = tuple(attached(f"Box {colour}", colour) for colour in ("teal", "red", "gold", "navy"))
    sent = place.account.send(item("files", "Four boxes", media=media))
    got = place.status(sent)["media_attachments"]
    assert [medium["description"] for medium in got] == [medium.alt for medium in media]
    for shown, medium in zip(got, media, strict=True):
        with urllib.request.urlopen(shown["url"], timeout=30) as found:
            assert found.read() == medium.data
    assert all(shown["type"] == "image" for shown in got)


@EMULATOR_ALONE("keeps no focus")
def test_the_point_that_stays_in_view_is_read_back(place):
    medium = attached()
    sent = place.account.send(item("focus", "Box", media=(medium,), options={"focus": {"teal.png": "0.2,-0.5"}}))
    assert place.status(sent)["media_attachments"][0]["meta"]["focus"] == {"x": 0.2, "y": -0.5}


@BOTH
def test_a_content_warning_is_read_back(place):
    got = place.status(place.account.send(item("warned", "Text", options={"content_warning": "Numbers ahead"})))
    assert got["spoiler_text"] == "Numbers ahead"
    assert got["sensitive"] is True


@BOTH
def test_what_only_followers_shall_see_is_not_public(place):
    got = place.status(place.account.send(item("followers", "For you", options={"visibility": "private"})))
    assert got["visibility"] == "private"


@EMULATOR_ALONE("shows “unlisted” to all and “direct” to followers, so we refuse them there")
@pytest.mark.parametrize("visibility", ["unlisted", "direct"])
def test_every_visibility_is_read_back(place, visibility):
    assert (
        place.status(place.account.send(item("seen", "x", options={"visibility": visibility})))["visibility"]
        == visibility
    )


@SNAC_ALONE
@pytest.mark.parametrize("visibility", ["unlisted", "direct"])
def test_a_visibility_that_the_server_would_widen_is_refused(place, visibility):
    before = place.newest()
    with pytest.raises(Refused, match="knows public and private only"):
        place.account.send(item("seen", "x", options={"visibility": visibility}))
    assert place.newest() == before


@BOTH
def test_a_thread_hangs_together_and_resumes_at_the_missing_part(place):
    first = item("thread", "One", parts=3)
    one = place.account.send(first)
    second = item("thread", "Two", part=2, parts=3, before=(receipt(one, first),))
    two = place.account.send(second)
    # A part that a person settled has an address and no id.
    settled = replace(receipt(two, second), id="", facts=())
    three = place.account.send(item("thread", "Three", part=3, parts=3, before=(receipt(one, first), settled)))
    assert place.status(one)["in_reply_to_id"] is None
    assert place.status(two)["in_reply_to_id"] == one.id
    assert place.status(three)["in_reply_to_id"] == two.id


@BOTH
def test_an_answer_to_an_address_is_read_back(place):
    other = place.account.send(item("first", "First"))
    reply = place.account.send(item("answer", "Yes", in_reply_to=other.url))
    assert place.status(reply)["in_reply_to_id"] == other.id
    with pytest.raises(Refused, match="cannot find the post"):
        place.account.send(item("lost", "Yes", in_reply_to=f"{place.url}/@alice/99999999"))


@EMULATOR_ALONE("takes no polls from other programs and says so to nobody, so we refuse them there")
def test_a_poll_is_read_back(place):
    got = place.status(place.account.send(item("poll", "Which?", poll=Poll(("Yes", "No", "Later"), 3600))))["poll"]
    assert [option["title"] for option in got["options"]] == ["Yes", "No", "Later"]
    assert got["multiple"] is False


@EMULATOR_ALONE("lets nobody boost or quote what it has not been sent from elsewhere")
def test_quotes_and_boosts_are_read_back_and_a_second_boost_is_the_first(place):
    other = place.api("POST", "/api/v1/statuses", {"status": "Hello"}, token=place.facts["accounts"]["bob"]["token"])
    quote = place.api("GET", f"/api/v1/statuses/{place.account.send(item('quote', 'So', quote_of=other['url'])).id}")
    assert quote["quote"]["quoted_status"]["id"] == other["id"]
    boost = item("boost", "", repost_of=other["url"])
    assert place.account.look(boost, since=boost.created_at) is Absence.PROVEN
    sent = place.account.send(boost)
    place.account.send(boost)
    assert place.api("GET", f"/api/v1/statuses/{other['id']}")["reblogs_count"] == 1
    assert isinstance(place.account.look(boost, since=boost.created_at), Sent)
    place.account.withdraw(sent)
    assert place.api("GET", f"/api/v1/statuses/{other['id']}")["reblogs_count"] == 0


@BOTH
def test_an_edit_is_read_back_and_a_repeated_edit_does_no_harm(place):
    sent = place.account.send(item("edit", "Old words"))
    time.sleep(1.1)  # snac's ids tell the second of the last change
    before = place.newest()
    later = item("edit", "New words https://example.org/new", options={"content_warning": "New"})
    for _ in range(2):
        changed = place.account.amend(later, sent)
        got = place.status(changed)
        assert (changed.id, changed.url) == (sent.id, sent.url)
        assert plain(got["content"]) == "New words https://example.org/new"
        assert got["edited_at"]
    assert all(statuses.same_number(*pair) for pair in zip(place.newest(), before, strict=True))
    now = datetime.now(UTC)
    counted = place.counter.readings(Ask(None, now.date(), (receipt(sent, later),), now))
    assert (sent.id, "likes", 0) in {(row.subject, row.metric, row.value) for row in counted}


@EMULATOR_ALONE("answers 404 to every deletion through this API")
def test_what_was_taken_down_is_gone_and_taking_it_down_again_is_fine(place):
    given = item("down", "Soon gone")
    sent = place.account.send(given)
    place.account.withdraw(sent)
    place.account.withdraw(sent)
    with pytest.raises(urllib.error.HTTPError):
        place.status(sent)
    assert place.account.look(given, since=given.created_at) is Absence.PROVEN
    with pytest.raises(Refused, match="not there any more"):
        place.account.amend(given, sent)


@SNAC_ALONE
def test_a_server_that_deletes_nothing_is_not_believed_to_have_deleted(place):
    sent = place.account.send(item("stays", "Still here"))
    with pytest.raises(Refused, match="delete it there by hand"):
        place.account.withdraw(sent)
    assert place.status(sent)["id"] == sent.id


@EMULATOR_ALONE("keeps no Idempotency-Key, so we never count on one there")
def test_a_repeat_inside_the_hour_is_answered_with_the_first(place):
    assert place.account.repeats.same_key_s == 3300
    given = item("once", media=(attached(),))
    first = place.account.send(given)
    before = place.newest()
    assert place.account.send(given).id == first.id
    assert place.newest() == before


@SNAC_ALONE
def test_a_server_that_keeps_no_key_is_never_repeated_to(place):
    assert place.account.repeats.same_key_s == 0
    assert place.account.repeats.looks


@BOTH
def test_a_look_finds_the_same_words_and_proves_that_others_are_absent(place):
    given = item("found", f"Found: {TEXT}", media=(attached(),), options={"content_warning": "Careful"})
    since = given.created_at
    if place.name == "mastodon-snac":  # it reads the text as Markdown: <you> is gone
        given = replace(given, text=given.text.replace("<you>", "you"))
    assert place.account.look(given, since=since) is Absence.PROVEN
    sent = place.account.send(given)
    found = place.account.look(given, since=since)
    assert isinstance(found, Sent)
    assert (found.id, found.url) == (sent.id, sent.url)
    for other in (
        replace(given, text="Other words"),
        replace(given, media=()),
        replace(given, options={}),
        replace(given, before=(receipt(sent, given),)),
    ):
        assert place.account.look(other, since=since) is Absence.PROVEN
    assert place.account.look(given, since=since + timedelta(hours=1)) is Absence.PROVEN


@BOTH
def test_a_look_turns_pages_or_says_that_it_cannot_tell(name, server):
    with client() as opened:  # a server of its own: nothing older shows how far back a list goes
        _look_far_back(Place(name, server(name, fresh=True), opened))


def _look_far_back(place):
    given = item("far", "The first of many")
    sent = place.account.send(given)
    for number in range(45):
        place.api("POST", "/api/v1/statuses", {"status": f"Number {number}"})
    absent = place.account.look(item("never", "Never sent"), since=given.created_at)
    found = place.account.look(given, since=given.created_at)
    if place.name == "mastodon-emulator":
        assert absent is Absence.PROVEN
        assert isinstance(found, Sent)
        assert found.id == sent.id
    else:  # it turns no pages
        assert absent is Absence.UNSEEN
        assert found is Absence.UNSEEN or found.id == sent.id


@SNAC_ALONE
def test_what_a_server_does_not_list_is_never_proven_absent(place):
    given = item("hidden", "For you", options={"visibility": "private"})
    assert place.account.look(given, since=given.created_at) is Absence.UNSEEN


@BOTH
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"options": {"visibility": "all"}}, "no visibility of Mastodon"),
        ({"media": tuple(attached() for _ in range(5))}, "5 files"),
        ({"media": (Attached("f.pdf", b"x", "application/pdf", "x"),)}, "does not take"),
        ({"media": (attached(),), "poll": Poll(("a", "b"), 3600)}, "poll"),
        ({"poll": Poll(("a",), 3600)}, "poll"),
        ({"poll": Poll(("a", "b"), 10)}, "poll"),
    ],
)
def test_what_the_server_cannot_take_is_refused_and_nothing_is_published(place, more, why):
    before = place.newest()
    with pytest.raises(Refused, match=why):
        place.account.send(item("wrong", **more))
    assert place.newest() == before


@EMULATOR_ALONE("takes 100,000 characters")
def test_a_text_that_is_too_long_is_refused_by_the_server(place):
    before = place.newest()
    with pytest.raises(Refused, match="too long"):
        place.account.send(item("long", "a" * 501))
    assert place.newest() == before


@BOTH
def test_the_limits_are_those_of_the_server(place):
    limits = place.account.limits()
    expected = (500, 23) if place.name == "mastodon-emulator" else (100_000, 32)
    assert (limits["limit"], limits["link"]) == expected
    assert limits["media"] == 4


@BOTH
def test_a_wrong_token_is_denied_and_never_shown(place):
    with client() as opened:
        account = CONNECTOR.publisher(place.channel, {"token": "wrong-token-77"}, opened)
        with pytest.raises(Denied) as told:
            account.send(item("denied"))
        trials = list(account.trials())
    assert "wrong-token-77" not in f"{told.value} {trials}"
    assert [trial.ok for trial in trials if trial.what == "sign in"] == [False]


@BOTH
def test_the_doctor_tries_everything_and_sends_nothing(place):
    before = place.newest()
    trials = {trial.what: trial for trial in place.account.trials()}
    assert all(trial.ok for trial in trials.values()), trials
    assert trials["sign in"].detail == "as alice"
    assert {"reach the service", "sign in", "allowed to post", "expiry"} <= trials.keys()
    assert place.newest() == before
