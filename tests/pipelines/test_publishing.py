"""The command ``publish``: its words, what it prints, its status, and that no secret leaves it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from pipelines import opening, publishing
from pipelines.publishing import Asked, Effects
from signalbook import delivery
from signalbook.errors import NotSent, Unanswered, UsageError
from tests import build as make
from tests.build import NOW, ZONE
from tests.fakes import Clock, Network

AT = "2026-11-23 08:55"
SETTINGS = make.SETTINGS + '\n[channels.office]\nconnector = "manual"\n\n[channels.screen]\nconnector = "console"\n'


@dataclass
class Terminal:
    """What the command said."""

    out: str = ""
    said: list[str] = field(default_factory=list)

    def write(self, text):
        self.out += text
        return len(text)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return make.workspace(tmp_path, {"calendar/a": post()}, settings=SETTINGS)


def post(**more):
    return make.post(**({"status": "approved", "publish_at": AT, "channels": ["bluesky"]} | more))


def call(place, *, net=None, clock=None, as_json=False, environment=None, run="r1", **asked):
    shown = Terminal()
    effects = Effects(
        environment or {}, clock or Clock(), lambda _: None, run, shown.said.append, shown.write, as_json,
        lambda text: datetime.fromisoformat(text).replace(tzinfo=ZONE), None if net is None else {"bluesky": net},
    )  # fmt: skip
    status = publishing.run(place, Asked(**asked), effects)
    return status, shown


def test_it_says_what_it_did_and_leaves_with_zero(place):
    status, shown = call(place, net=Network())
    assert (status, shown.out) == (0, "a/bluesky  sent: https://net.example/1\n")
    status, shown = call(place, net=Network(), run="r2")
    assert (status, shown.out, shown.said) == (0, "", ["Nothing is due."])


def test_json_is_one_object_of_lists(place):
    status, shown = call(place, net=Network(), as_json=True)
    found = json.loads(shown.out)
    assert (status, found["run"], found["dry_run"], found["failures"]) == (0, "20261123T090000-r1", False, [])
    assert found["sent"] == [{"delivery": "a/bluesky", "why": "", "url": "https://net.example/1"}]
    assert set(found) == {"run", "dry_run", "failures", *publishing._SAID}


@pytest.mark.parametrize(
    ("answer", "what"), [(NotSent("bluesky", "no line"), "failed"), (Unanswered("bluesky", "broke"), "unknown")]
)
def test_it_leaves_with_one_when_somebody_must_look(place, answer, what):
    status, shown = call(place, net=Network(answers=[answer]), as_json=True)
    assert status == 1
    assert [row["delivery"] for row in json.loads(shown.out)[what]] == ["a/bluesky"]


def test_what_is_unknown_comes_with_the_way(place):
    _, shown = call(place, net=Network(answers=[Unanswered("bluesky", "broke")]))
    assert "UNKNOWN" in shown.out
    assert "settle" in shown.said[-1]


def test_a_secret_that_is_not_set_is_named_and_nothing_is_claimed(place):
    make.write(
        place.settings,
        SETTINGS.replace(
            'connector = "bluesky"',
            'connector = "bluesky"\nurl = "https://pds.example"\naccount = "t.example"\nsecrets = {password = "BLUESKY_PASSWORD"}',
        ),
    )
    status, shown = call(place)
    assert status == 1
    assert "BLUESKY_PASSWORD is not set here" in shown.out
    assert not make.book(place).intents


def test_a_dry_run_shows_everything_sends_nothing_and_writes_nothing(place):
    make.document(place, "calendar/b", post(channels=["screen", "blog"], body="One.\n\n---\n\nTwo.\n"))
    files = {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file() and ".cache" not in path.parts}
    status, shown = call(place, dry_run=True)
    assert status == 0
    told = "\n".join(shown.said)
    assert "Come in." in told
    assert "b/screen/2" in told
    assert [line.split()[0] for line in shown.out.splitlines()] == ["a/bluesky", "b/blog", "b/screen", "b/screen/2"]
    after = {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file() and ".cache" not in path.parts}
    assert after == files


def test_reserve_and_send_and_reconcile_are_steps_of_their_own(place):
    clock, net = Clock(), Network(answers=["lost"])
    assert "claimed" in call(place, net=net, word="reserve")[1].out
    assert not net.asked
    assert "UNKNOWN" in call(place, net=net, word="send", run="r2")[1].out
    clock.forward(minutes=12)
    assert "found, it is out" in call(place, net=net, word="reconcile", run="r3", clock=clock)[1].out


def test_settle_amend_and_withdraw(place):
    net = Network()
    late = Clock(NOW.replace(hour=15))
    assert (
        call(place, net=net, clock=late, word="settle", target="a/bluesky", send_at="2026-11-23 16:00", why="Later")[0]
        == 0
    )
    late.forward(hours=1)
    call(place, net=net, clock=late)
    make.document(place, "calendar/a", post(body="Other.\n"))
    assert "changed" in call(place, net=net, clock=late, word="amend", target="content/calendar/a.md")[1].out
    assert "taken down" in call(place, net=net, clock=late, word="withdraw", target="a")[1].out
    assert [row.what for row in make.book(place).receipts] == ["scheduled", "sent", "amended", "withdrawn"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"word": "plann"}, "Did you mean"),
        ({"word": "amend"}, "needs a post"),
        ({"word": "withdraw"}, "needs a post"),
        ({"word": "settle"}, "needs a delivery"),
        ({"word": "send", "target": "a"}, "takes nothing behind it"),
        ({"word": "settle", "target": "a/bluesky"}, "takes one answer"),
        ({"word": "settle", "target": "a/bluesky", "cancel": True, "not_sent": True}, "takes one answer"),
        ({"cancel": True}, "--cancel belongs to"),
        ({"channels": ("bluebird",)}, "not a channel"),
        ({"word": "plan", "channels": ("bluebird",)}, "not a channel"),
    ],
)
def test_a_command_that_is_misused_says_how(place, asked, says):
    with pytest.raises(UsageError, match=says):
        call(place, net=Network(), **asked)


# --- plan ------------------------------------------------------------------------------------------------------------


def planned(place, **more):
    status, shown = call(place, word="plan", **more)
    assert status == 0
    return shown


def test_the_plan_as_json_is_a_list_with_these_keys(place):
    make.document(
        place,
        "calendar/b",
        post(
            channels=["screen", "office"],
            publish_at="2026-11-24 09:00",
            body='“Quoted” "text" \\ here.\n\n---\n\nTwo.\n',
            title='"Title"',
        ),
    )
    make.document(place, "calendar/c", make.post(channels=["blog"], status="draft"))
    rows = json.loads(planned(place, as_json=True).out)
    assert [set(row) for row in rows] == [{"delivery", "post", "channel", "part", "state", "reason", "due"}] * 5
    assert [(row["delivery"], row["part"], row["state"]) for row in rows] == [
        ("a/bluesky", 1, "due"), ("b/screen", 1, "scheduled"), ("b/screen/2", 2, "scheduled"), ("b/office", 1, "scheduled"), ("c/blog", 1, "draft"),
    ]  # fmt: skip
    assert (rows[0]["due"], rows[4]["due"]) == ("2026-11-23T08:55:00+01:00", None)
    assert json.loads(planned(place, as_json=True, channels=("mastodon",)).out) == []


def test_the_plan_of_many_is_whole(place):
    for number in range(1100):
        make.document(place, f"calendar/n{number}", post(publish_at="2026-12-01 09:00", channels=["bluesky", "blog"]))
    assert len(json.loads(planned(place, as_json=True).out)) == 2201
    assert "… and 2160 more" in planned(place).out


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_that_keeps_what_waits_together_says_what_the_full_one_says(place, seed):
    """Posts of every sort: what is printed, and every delivery behind it, is the same as asked for one by one."""
    rng = Random(seed)
    if rng.random() < 0.5:
        hold = {"title": "h", "reason": "Quiet.", "owner": "writer", "from": "2026-11-23 06:00", "expires": "2026-11-24 06:00",
                "opened_by": "writer", "scope": {"channels": ["mastodon"]}}  # fmt: skip
        make.document(place, "policies/holds/h", hold)
    times = (
        AT,
        "2026-11-23 03:00",
        "2026-11-24 09:00",
        "2026-11-24 09:00",
        "2027-01-05 11:30",
        "2026-10-25 02:30",
        None,
    )
    for number in range(60):
        at = rng.choice(times)
        names = rng.sample(("bluesky", "blog", "mastodon", "office", "screen"), rng.randint(1, 5))
        more = rng.choice([{}, {}, {"embargo_until": "2026-12-24 09:00"}, {"evergreen": {"every": "7d", "max": 5}}])
        status = rng.choice(("approved", "approved", "approved", "draft", "review", "cancelled"))
        body = rng.choice(("One.", "One.", "One.\n\n---\n\nTwo.")) + "\n"
        make.document(
            place, f"calendar/p{number}", post(publish_at=at, channels=names, status=status, body=body, **more)
        )
    call(place, net=Network())
    book, now = make.book(place), NOW + timedelta(minutes=rng.randint(0, 120))
    assert book.receipts
    for only in ((), ("bluesky",), ("mastodon", "office")):
        every = delivery.deliveries(book, now) + delivery.orphans(book, now)
        kept = [row for row in every if not only or row.channel in only]
        waits = {wait.delivery.key: wait.why for wait in publishing.publishing.decide(book, now, only=only)[1]}
        whole = [replace(row, reason=waits.get(row.key, row.reason)) for row in kept]
        rows = publishing.publishing.plan(book, now, only=only)
        alike = [row for row in rows if isinstance(row, delivery.Alike)]
        assert alike
        assert [one for row in rows for one in (row.each() if row in alike else [row])] == whole
        assert list(publishing._lines(book, rows)) == list(publishing._lines(book, whole))
        assert "".join(publishing._json(rows)) == "".join(publishing._json(whole))


def test_the_plan_tells_the_two_hours_of_a_night_in_autumn_apart(place):
    for name, at in (("b", "2027-10-31 02:30+02:00"), ("c", "2027-10-31 02:30+01:00")):
        make.document(place, f"calendar/{name}", post(publish_at=at))
    rows = {row["post"]: row["due"] for row in json.loads(planned(place, as_json=True).out)}
    assert (rows["b"][-6:], rows["c"][-6:]) == ("+02:00", "+01:00")


def test_the_plan_for_people_says_first_what_needs_one(place):
    make.document(place, "calendar/b", post(publish_at="2026-11-23 03:00"))
    make.document(place, "calendar/c", post(publish_at="2026-11-25 09:00"))
    make.document(place, "calendar/d", post(publish_at=None))
    make.document(place, "calendar/e", post(status="draft"))
    lines = planned(place).out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "Needs a person (1)", "Now (1)", "To come (1)", "Approved, and says no time (1)", "Beside these: 1 draft.",
    ]  # fmt: skip
    assert "missed. Its time passed" in lines[1]
    assert "Wed 25 Nov 2026, 09:00" in lines[5]


def test_a_plan_without_the_remote_is_told_to_be_what_the_clone_knows(place, monkeypatch):
    from pipelines.repository import RepositoryError

    def away(*_):
        raise RepositoryError("no line")

    monkeypatch.setattr(opening, "place", away)
    shown = planned(place)
    assert "as this clone knows it" in shown.said[0]
    assert "a/bluesky" in shown.out


# --- the monitor -----------------------------------------------------------------------------------------------------


def test_a_monitor_is_asked_after_a_run_and_its_address_is_never_said(place, httpserver):
    httpserver.expect_request("/hunter2hunter2").respond_with_data("ok")
    make.write(place.settings, SETTINGS + '\n[publish]\nping = "MONITOR"\n')
    address = httpserver.url_for("/hunter2hunter2")
    call(place, net=Network(), environment={"MONITOR": address})
    assert len(httpserver.log) == 1
    call(place, net=Network(), environment={"MONITOR": address}, dry_run=True)
    call(place, net=Network(), environment={"MONITOR": address}, word="reserve")
    assert len(httpserver.log) == 1
    status, shown = call(place, net=Network(), environment={"MONITOR": address + "x"})
    assert status == 0
    assert "not reached" in shown.said[0]
    _, without = call(place, net=Network())
    assert "MONITOR holds no address" in without.said[0]
    assert "hunter2" not in "".join([*shown.said, shown.out, *without.said])


def test_a_secret_that_a_service_repeats_is_covered(place):
    make.write(
        place.settings,
        SETTINGS.replace('connector = "bluesky"', 'connector = "bluesky"\nsecrets = {password = "BLUESKY_PASSWORD"}'),
    )
    net = Network(answers=[NotSent("bluesky", "you sent hunter2hunter2, which is wrong")])
    _, shown = call(place, net=net, environment={"BLUESKY_PASSWORD": "hunter2hunter2"})
    assert "hunter2" not in shown.out
    assert "•••" in shown.out


def test_a_delivery_that_is_placed_by_hand_is_never_sent_and_settled_by_its_address(place):
    make.document(place, "calendar/a", post(channels=["office"]))
    status, shown = call(place)
    assert (status, shown.out) == (0, "")
    call(place, word="settle", target="a/office", sent="https://office.example/1")
    assert delivery.find(make.book(place), "a/office", NOW).state == "published"
