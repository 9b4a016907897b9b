"""The channels that make no request: the console, what people place by hand, and the team's own feed."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from pipelines.connectors import console, feed, manual
from pipelines.http import Client
from pipelines.services import Absence, Attached, Card, Item, Poll, Publishes
from signalbook import registry
from signalbook.errors import Refused
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def item(**given) -> Item:
    return Item(
        **{"key": "opening/blog", "post": "opening", "text": "Doors open.\nCome in.", "created_at": AT, **given}
    )


@pytest.mark.parametrize("name", ["console", "feed", "manual"])
def test_each_is_registered_and_opens_without_a_request(name):
    found = registry.load("signalbook.connectors", name)
    assert isinstance(found, Publishes)
    opened = found.publisher(Channel("blog", name), {}, Client())
    assert all(trial.name == "channel blog" for trial in opened.trials())
    assert opened.limits() == {}


def test_the_console_shows_every_field_that_would_go_out_and_nothing_is_obeyed():
    said: list[str] = []
    sent = console.printing(said.append).publisher(Channel("blog", "wordpress"), {}, Client()).send(
        item(
            title="First", lang="en", link="https://h.example/?utm_source=x", part=2, parts=3, text="One\x1b[2J\nTwo 👩‍🚀",
            card=Card("A title", "a description"), poll=Poll(("yes", "no"), 3600), options={"slug": "first", "tags": ["a", "b"]},
            media=(Attached("door.jpg", b"12345", "image/jpeg", "The door"),), quote_of="https://q.example/1",
        )
    )  # fmt: skip
    shown = (
        "opening/blog (blog, part 2 of 3) would be sent:\n"
        "  title: First\n  language: en\n  quotes: https://q.example/1\n  link: https://h.example/?utm_source=x\n"
        "  card: A title — a description\n  poll: yes / no (open 3600 s)\n  option slug: first\n  option tags: a, b\n"
        "  media 1: door.jpg, image/jpeg, 5 bytes, alt: The door\n"
        "  | One\\x1b[2J\n  | Two 👩\u200d🚀"
    )
    assert said == [shown]
    assert sent.id
    assert not sent.url


def test_the_console_gives_the_same_content_the_same_id():
    opened = console.printing(lambda _: None).publisher(Channel("blog", "console"), {}, Client())
    assert opened.send(item(content="a")) == opened.send(item(content="a"))
    assert opened.send(item(content="a")) != opened.send(item(content="b"))
    assert opened.repeats.same_key_s == math.inf


def test_what_people_place_by_hand_is_refused_with_the_way_for_a_person():
    opened = manual.CONNECTOR.publisher(Channel("office", "manual"), {}, Client())
    with pytest.raises(Refused, match="publish settle opening/blog --sent"):
        opened.send(item())
    assert opened.look(item(), since=AT) is Absence.UNSEEN


def test_an_item_of_the_feed_is_called_by_its_delivery_alone():
    opened = feed.CONNECTOR.publisher(Channel("blog", "feed", url="https://h.example/blog/"), {}, Client())
    first, again = opened.send(item()), opened.send(item(text="something else"))
    assert first == again
    assert first.url == "https://h.example/blog/opening.html"
    assert opened.look(item(), since=AT) is Absence.PROVEN
    assert opened.amend(item(), first) == first


def test_a_feed_whose_address_is_missing_or_wrong_is_told_to_whoever_asks_the_doctor():
    (none,) = feed.CONNECTOR.publisher(Channel("blog", "feed"), {}, Client()).trials()
    assert none.ok
    assert "[channels.blog]" in none.detail
    (wrong,) = feed.CONNECTOR.publisher(Channel("blog", "feed", url="blog"), {}, Client()).trials()
    assert not wrong.ok
    assert "[channels.blog]" in wrong.remedy
