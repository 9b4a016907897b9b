"""Mastodon without a server: what a server says of itself, and answers that nobody should believe."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from pipelines.connectors.mastodon import statuses
from pipelines.connectors.mastodon.account import Connector
from pipelines.http import Answer, Client
from pipelines.services import Absence, Ask, Attached, Item
from signalbook.errors import Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.records import Receipt
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
OWN = {"version": "4.5.0", "configuration": {}}
LOST = Unanswered("mastodon", "social.example broke off")
ME = (200, {"id": "7", "acct": "team"})


def item(text: str = "Doors open", **more) -> Item:
    return Item(**{"key": "opening/mastodon", "post": "opening", "text": text, "created_at": AT, **more})


def status(number: str = "11", text: str = "Doors open", at: datetime = AT, **more):
    made = {
        "id": number,
        "created_at": at.isoformat(),
        "content": f"<p>{text}</p>",
        "media_attachments": [],
        "url": "https://social.example/@team/11",
    }
    return {**made, **more}  # fmt: skip


class Said(Client):
    """A client that answers from a table: «METHOD path» → status, body and headers; or an error; or a list of them."""

    def __init__(self, **said) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.heads: list[dict] = []
        self.said = {"GET /api/v2/instance": (200, OWN), "GET /api/v1/accounts/verify_credentials": ME, **said}

    def request(self, method, url, **more):
        name = f"{method} {url.removeprefix('https://social.example').partition('?')[0]}"
        self.asked.append(name)
        self.heads.append(dict(more.get("headers") or {}))
        answer = self.said[name]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        code, body = answer[:2]
        head = answer[2] if len(answer) > 2 else {}
        return Answer(code, head, body if isinstance(body, bytes) else json.dumps(body).encode())


def opened(said: Said, waits: list[float] | None = None):
    channel = Channel("mastodon", "mastodon", url="https://social.example", secrets={"token": "MASTODON_TOKEN"})
    kept = waits if waits is not None else []
    return Connector(kept.append).publisher(channel, {"token": "secret-77"}, said)


POST = "POST /api/v1/statuses"
LIST = "GET /api/v1/accounts/7/statuses"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"GET /api/v2/instance": LOST}, NotSent),
        ({"GET /api/v2/instance": (500, {})}, NotSent),
        ({"GET /api/v2/instance": (200, ["no", "server"])}, Refused),
        ({POST: LOST}, Unanswered),
        ({POST: (503, {})}, Unanswered),
        ({POST: (200, {})}, Unanswered),
        ({POST: (200, {"id": 11})}, Unanswered),
        ({POST: (200, {"id": "../../11"})}, Unanswered),
        ({POST: (200, b"<html>")}, Unanswered),
        ({POST: (302, b"")}, Refused),
        ({POST: (401, {"error": "The access token is invalid"})}, Denied),
        ({POST: (403, {"error": "This action is outside the authorized scopes"})}, Denied),
        ({POST: (422, {"error": "Validation failed: Text limit exceeded"})}, Refused),
        ({POST: (429, {"error": "Too many requests"})}, NotSent),
    ],
)
def test_each_answer_says_no_more_than_it_proves(said, error):
    with pytest.raises(error) as told:
        opened(Said(**said)).send(item())
    assert type(told.value) is error
    assert "secret-77" not in str(told.value)


def test_the_service_may_say_how_long_to_wait():
    head = {"x-ratelimit-reset": (AT + timedelta(minutes=5)).isoformat(), "date": "Tue, 24 Nov 2026 08:30:00 GMT"}
    with pytest.raises(NotSent) as told:
        opened(Said(**{POST: (429, {}, head)})).send(item())
    assert told.value.retry_after_s == 300


def test_every_attempt_of_one_delivery_bears_one_key():
    said = Said(**{POST: (200, status())})
    account = opened(said)
    account.send(item())
    account.send(item())
    account.send(item("Other words"))
    account.send(item(key="other/mastodon"))
    keys = [head["Idempotency-Key"] for head in said.heads if "Idempotency-Key" in head]
    assert keys[0] == keys[1] == keys[2], "also after its words were changed"
    assert len(set(keys)) == 2


@pytest.mark.parametrize(
    ("text", "age_s", "same"), [("Doors open", 900, True), ("Old words", 900, False), ("", 2, True)]
)
def test_the_answer_to_an_earlier_request_says_whether_it_has_these_words(text, age_s, same):
    """A status of this second is ours by the request itself; how a server writes our words is its own affair."""
    head = {"date": "Tue, 24 Nov 2026 08:30:00 GMT"}
    made = status(text=text, at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC) - timedelta(seconds=age_s))
    assert opened(Said(**{POST: (200, made, head)})).send(item()).same is same


def test_a_file_that_is_worked_on_is_waited_for():
    waits: list[float] = []
    medium = Attached("film.mp4", b"x", "video/mp4", "A door opens")
    said = Said(
        **{
            "POST /api/v2/media": (202, {"id": "5", "url": None}),
            "GET /api/v1/media/5": [
                (206, {"id": "5", "url": None}),
                (200, {"id": "5", "url": "https://social.example/5"}),
            ],
            POST: (200, status()),
        }
    )
    assert opened(said, waits).send(item(media=(medium,))).id == "11"
    assert said.asked.count("GET /api/v1/media/5") == 2
    assert waits == [0.5, 0.75]


def test_a_file_that_is_never_ready_publishes_nothing_and_one_that_fails_is_refused():
    medium = Attached("film.mp4", b"x", "video/mp4", "A door opens")
    for answer, error in (((206, {"id": "5"}), NotSent), ((422, {"error": "Error processing"}), Refused)):
        waits: list[float] = []
        said = Said(**{"POST /api/v2/media": (202, {"id": "5"}), "GET /api/v1/media/5": answer})
        with pytest.raises(error):
            opened(said, waits).send(item(media=(medium,)))
        assert sum(waits) <= 125
        assert POST not in said.asked


@pytest.mark.parametrize("number", ["../1", "a b", "", "x" * 300])
def test_an_upload_that_names_no_file_publishes_nothing(number):
    said = Said(**{"POST /api/v2/media": (200, {"id": number})})
    with pytest.raises(NotSent):
        opened(said).send(item(media=(Attached("a.png", b"x", "image/png", "x"),)))
    assert POST not in said.asked


OLD = status("3", "Older", AT - timedelta(days=1))


@pytest.mark.parametrize(
    ("pages", "seen"),
    [
        ([[]], Absence.PROVEN),
        ([[OLD]], Absence.PROVEN),
        ([[status("9", "Other")], []], Absence.PROVEN),
        ([[status("9", "Other")], [OLD]], Absence.PROVEN),
        ([[status(str(n), "Other") for n in range(60, 30, -1)], [status(str(n), "Other") for n in range(60, 30, -1)]], Absence.UNSEEN),
        ([[status("9", "Other", created_at="no time")], [status("9", "Other", created_at="no time")]], Absence.PROVEN),
        ([[status(str(1000 - page), "Other")] for page in range(20)], Absence.UNSEEN),
        ([[status("9", "Other"), status(), OLD]], "11"),
        ([[status("12"), status("11"), OLD]], "11"),
        ([[status("12")], [status("11")], [OLD]], "11"),
        ([[status("12", reblog={"id": "1"}), OLD]], Absence.PROVEN),
        ([[status(media_attachments=[{"id": "1"}]), OLD]], Absence.PROVEN),
        ([[status(in_reply_to_id="4"), OLD]], Absence.PROVEN),
        ([[status(at=AT - timedelta(hours=1))]], Absence.PROVEN),
    ],
)  # fmt: skip
def test_a_look_proves_absence_only_when_the_list_reaches_back_far_enough(pages, seen):
    found = opened(Said(**{LIST: [(200, page) for page in pages]})).look(item(), since=AT - timedelta(minutes=1))
    assert (found if isinstance(found, Absence) else found.id) == seen


def test_a_look_reckons_by_the_clock_of_the_service():
    late = "Tue, 24 Nov 2026 09:30:00 GMT"

    class Behind(Said):
        def request(self, method, url, **more):
            answer = super().request(method, url, **more)
            return Answer(answer.status, {"date": late}, answer.body, AT)

    # Their clock is an hour ahead, and so is what they write: an hour-old status of theirs is from before.
    old = status(at=AT + timedelta(minutes=30))
    assert opened(Behind(**{LIST: [(200, [old])]})).look(item(), since=AT) is Absence.PROVEN
    new = status(at=AT + timedelta(minutes=61))
    found = opened(Behind(**{LIST: [(200, [new]), (200, [])]})).look(item(), since=AT)
    assert not isinstance(found, Absence)


@pytest.mark.parametrize("answer", [LOST, (500, {}), (401, {}), (404, {})])
def test_a_look_that_fails_proves_nothing(answer):
    with pytest.raises((Unanswered, Refused)):
        opened(Said(**{LIST: answer})).look(item(), since=AT)


def test_files_that_did_not_change_are_not_uploaded_again():
    kept, new = Attached("a.png", b"a", "image/png", "Old"), Attached("b.png", b"b", "image/png", "New")
    said = Said(
        **{
            "POST /api/v2/media": [(200, {"id": "5", "url": "x"}), (200, {"id": "6", "url": "x"})],
            POST: (200, status()),
            "PUT /api/v1/statuses/11": (200, status()),
        }
    )
    account = opened(said)
    sent = account.send(item(media=(kept,)))
    assert sent.facts["media"] == "5"
    assert account.amend(item(media=(kept, new)), sent).facts["media"] == "5,6"
    assert said.asked.count("POST /api/v2/media") == 2


@pytest.mark.parametrize(
    ("version", "own", "snac"),
    [
        ("4.5.0", True, False),
        ("4.3.2+glitch", True, False),
        ("4.6.0-nightly.2026-11-20", True, False),
        ("4.0.0 (not true; really snac/2.75)", False, True),
        ("2.7.2 (compatible; Pleroma 2.6.0)", False, False),
        ("", False, False),
        ("4" * 500, False, False),
    ],
)
def test_only_mastodon_itself_is_trusted_with_a_repeat(version, own, snac):
    found = statuses.server({"version": version})
    assert (found.own, found.snac) == (own, snac)


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"configuration": 7},
        {"configuration": {"statuses": {"max_characters": "all"}}},
        {"max_toot_chars": -1},
    ],
)
def test_a_server_that_tells_nonsense_has_the_numbers_of_mastodon(told):
    found = statuses.server(told)
    assert (found.limit, found.link, found.media, found.alt) == (500, 23, 4, 1500)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello @bob", "Hello @bob@social.example"),
        ("See *this*", "See this"),
        ("one\n\ntwo", "one two"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_what_a_server_only_dressed_is_alike(one, other):
    assert statuses.alike(one) == statuses.alike(other)


def test_what_says_something_else_is_not_alike():
    assert statuses.alike("It is 3 pm") != statuses.alike("It is 2 pm")


@pytest.mark.parametrize(
    ("url", "secrets", "words"),
    [
        ("", {"token": "T"}, "the service's address is missing"),
        ("http://social.example", {"token": "T"}, "over http everybody"),
        ("https://social.example", {}, "the token is not named"),
    ],
)
def test_a_channel_that_lacks_something_says_what_to_write(url, secrets, words):
    with pytest.raises(SettingsError, match=words):
        Connector().publisher(
            Channel("mastodon", "mastodon", url=url, secrets=secrets), dict.fromkeys(secrets, "x"), Client()
        )


def test_only_our_own_posts_are_counted_each_by_its_id_or_its_address():
    def out(key: str, number: str, url: str = "", *facts: str) -> Receipt:
        return Receipt(key, key, "mastodon", 1, AT, number, url, "c", facts=facts)

    rows = [
        status("11", favourites_count=3, reblogs_count="many", replies_count=True),
        status("12", favourites_count=4),
    ]
    said = Said(**{"GET /api/v1/statuses": (200, [*rows, status("666", favourites_count=9), "no status"])})
    sent = (
        out("a", "11"),
        out("b", "", "https://social.example/@team/12"),
        out("boost", "13", "", "boosts=99"),
        out("else", "", "https://other.example/@x/14"),
    )
    found = list(opened(said).readings(Ask(None, date(2026, 11, 23), sent, AT)))
    assert [(row.subject, row.metric, row.value) for row in found] == [
        ("11", "likes", 3),
        ("https://social.example/@team/12", "likes", 4),
    ]


def test_a_server_without_many_at_once_is_asked_one_by_one_and_what_is_gone_is_left_out():
    said = Said(
        **{
            "GET /api/v1/statuses": (404, {}),
            "GET /api/v1/statuses/11": (200, status("11", favourites_count=3)),
            "GET /api/v1/statuses/12": (404, {}),
        }
    )
    sent = tuple(Receipt(key, key, "mastodon", 1, AT, key, "", "c") for key in ("11", "12"))
    found = list(opened(said).readings(Ask(None, date(2026, 11, 23), sent, AT)))
    assert [(row.subject, row.value) for row in found] == [("11", 3)]
