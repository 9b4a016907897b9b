"""Accounts are opened apart from each other, and nothing they say holds a secret."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines import accounts
from pipelines.connectors import console
from pipelines.http import Client
from pipelines.services import Absence, Item, Repeats, Sent, Trial
from signalbook import secrecy
from signalbook.errors import Denied, NotSent, Refused, Unanswered
from signalbook.settings import Channel, Settings

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SECRET = "hunter2-hunter2-hunter2"
ITEM = Item(key="a/room", post="a", text="x", created_at=AT)


class Loud:
    """A publisher whose every word holds the secret."""

    repeats = Repeats()

    def __init__(self, error=None) -> None:
        self.error = error

    def _say(self):
        if self.error:
            try:
                raise ValueError(f"GET https://me:{SECRET}@service.example")
            except ValueError as cause:
                raise self.error from cause
        return Sent(f"id-{SECRET}", f"https://x.example/?token={SECRET}", facts={"a": SECRET})

    def send(self, item):
        return self._say()

    def look(self, item, *, since):
        return self._say()

    def amend(self, item, sent):
        return self._say()

    def withdraw(self, sent):
        self._say()

    def trials(self):
        yield Trial("channel room", "log in", ok=False, detail=f"answered {SECRET}", remedy=SECRET)

    def limits(self):
        return {}


def careful(error=None):
    return accounts.Careful("room", Loud(error), secrecy.veil([SECRET]))


def test_what_a_service_answers_is_covered():
    opened = careful()
    for sent in (opened.send(ITEM), opened.look(ITEM, since=AT), opened.amend(ITEM, Sent("1"))):
        assert SECRET not in repr(sent)
    (trial,) = opened.trials()
    assert SECRET not in repr(trial)
    assert SECRET not in repr(opened)


@pytest.mark.parametrize(
    "error",
    [
        NotSent("room", f"later, {SECRET}", retry_after_s=7), Refused("room", f"no {SECRET}", status=422),
        Denied("room", f"no {SECRET}", status=401), Unanswered("room", "a clean sentence"),
    ],
)  # fmt: skip
def test_an_error_keeps_its_meaning_and_loses_the_secret_in_its_causes_too(error):
    import traceback

    for act in (
        lambda: careful(error).send(ITEM),
        lambda: careful(error).look(ITEM, since=AT),
        lambda: careful(error).withdraw(Sent("1")),
    ):
        with pytest.raises(type(error)) as caught:
            act()
        assert type(caught.value) is type(error)
        assert caught.value.channel == "room"
        assert getattr(caught.value, "retry_after_s", 0) == getattr(error, "retry_after_s", 0)
        assert getattr(caught.value, "status", 0) == getattr(error, "status", 0)
        assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_channel_that_cannot_be_opened_is_told_apart_and_the_others_go_on():
    settings = Settings(channels={
        "blog": Channel("blog", "feed", url="https://h.example/"),
        "room": Channel("room", "matrix", url="https://m.example", secrets={"token": "ROOM_TOKEN"}, more={"room": "#a:b"}),
        "unset": Channel("unset", "matrix", url="https://m.example", secrets={"token": "UNSET_TOKEN"}, more={"room": "#a:b"}),
        "plain": Channel("plain", "wordpress", url=f"https://me:{SECRET}@w.example"),
        "later": Channel("later", "nothing-yet"),
        "office": Channel("office", "manual"),
        "old": Channel("old", "feed", status="retired"),
    })  # fmt: skip
    opened = accounts.open_all(settings, {"ROOM_TOKEN": SECRET}, Client())
    assert sorted(opened.publishers) == ["blog", "room"]
    assert sorted(opened.closed) == ["later", "plain", "unset"]
    assert "UNSET_TOKEN is not set" in opened.closed["unset"]
    assert SECRET not in repr(opened)
    assert sorted(accounts.open_all(settings, {}, Client(), only=["blog"]).publishers) == ["blog"]


def test_a_dry_run_opens_every_channel_on_the_console_and_looks_at_no_secret():
    class Nothing(dict):
        def get(self, *_):
            raise AssertionError("a secret was looked at")

    settings = Settings(channels={"room": Channel("room", "matrix", secrets={"token": "ROOM_TOKEN"})})
    said: list[str] = []
    opened = accounts.open_all(settings, Nothing(), Client(), instead=console.printing(said.append))
    opened.publishers["room"].send(ITEM)
    assert said
    assert opened.publishers["room"].look(ITEM, since=AT) is Absence.PROVEN
