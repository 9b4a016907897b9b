"""From plain values to documents: every problem at once, in the writer's words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from signalbook import decode
from signalbook.model import KINDS, Event, Person, Policy, Post
from signalbook.model.base import Duration
from tests.build import ZONE


def wrong(kind, **values):
    _, found = decode.decode(kind, {"title": "T", "owner": "o", **values}, zone=ZONE, slug="x", marks={})
    return {one.field: one for one in found if one.rule != "required"}


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"titel": "x"}, "titel", "Did you mean `title`?"),
        ({"status": "aproved"}, "status", "Did you mean `approved`?"),
        ({"channels": "blog"}, "channels", "[blog]"),
        ({"title": 2026}, "title", '"2026"'),
        ({"title": True}, "title", '"true"'),
        ({"link": "example.org"}, "link", "https://"),
        ({"link": "javascript:x"}, "link", "https://"),
        ({"link": "https://x.example/ a"}, "link", "https://"),
        ({"tier": 4}, "tier", "1, 2, 3"),
        ({"tier": "1"}, "tier", "tier: 1"),
        ({"media": [{"src": "a.png", "altt": "x"}]}, "media.0.altt", "Did you mean `alt`?"),
        ({"media": [{"src": "a"}, 3]}, "media.1", "group of fields"),
        ({"publish_at": "on merge"}, "publish_at", "on-merge"),
        ({"publish_at": "2026-13-01 09:00"}, "publish_at", "2026-01-13 09:00"),
        ({"publish_at": "9999-12-31 09:00"}, "publish_at", "2026-11-24 09:30"),
        ({"watch_replies": {"by": "a", "until": "4 hours"}}, "watch_replies.until", "4h"),
        ({"evergreen": {"every": "99999999999d"}}, "evergreen.every", "4h"),
        ({"locale": "german"}, "locale", "pt-BR"),
        ({"hours": "3"}, "hours", "number"),
        ({"options": {"blog": "x"}}, "options.blog", "group of names"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_does_not_fit_is_told_where_it_stands_and_what_to_write(values, field, says):
    found = wrong(Post, **values)
    assert set(found) == {field}
    assert says in f"{found[field].message} {found[field].remedy}"


def test_every_problem_is_told_at_once_and_the_rest_is_kept():
    post, found = decode.decode(
        Post,
        {"title": 1, "status": "draft", "tier": 9, "nope": 1, "media": [{"src": 2}, {"src": "b.png"}], "link": "x"},
        zone=ZONE,
        marks={},
    )
    assert {one.field for one in found} >= {"title", "tier", "nope", "media.0.src", "link", "owner"}
    assert (post.status, post.tier, post.title) == ("draft", None, None)
    assert post.media[-1].src == "b.png"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_what_a_kind_needs_is_asked_for_with_an_example(kind):
    _, found = decode.decode(kind, {}, zone=ZONE, marks={})
    needed = {
        key
        for key, field in decode.fields_of(kind).items()
        if field.metadata["need"] == "!" and not field.metadata["rule"]
    }
    assert {one.field for one in found if one.rule == "required"} == needed
    assert all(one.remedy.startswith(f"Write `{one.field}: ") for one in found)


def test_a_time_that_no_clock_shows_names_both_neighbours():
    (found,) = wrong(Post, publish_at="2027-03-28 02:30").values()
    assert found.rule == "local-time"
    assert "01:30" in found.remedy
    assert "03:30" in found.remedy


def test_a_time_that_occurs_twice_names_both_instants():
    (found,) = wrong(Post, publish_at="2026-10-25 02:30").values()
    assert "00:30" in found.message
    assert "01:30" in found.message
    assert "+02:00" in found.remedy
    assert "+01:00" in found.remedy
    assert wrong(Post, publish_at="2026-10-25 02:30+01:00") == {}


@pytest.mark.parametrize(
    "text",
    ["2026-11-24 09:30", "2026-11-24T09:30", "2026-11-24 09:30:00", "2026-11-24T08:30Z", "2026-11-24 09:30 +0100"],
)
def test_an_instant_is_read_in_the_teams_zone_unless_it_says_its_own(text):
    post, _ = decode.decode(Post, {"publish_at": text}, zone=ZONE, marks={})
    assert post.publish_at.astimezone(UTC) == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_a_field_of_two_forms_takes_both():
    day, _ = decode.decode(Event, {"when": "2026-11-24"}, zone=ZONE, marks={})
    hour, _ = decode.decode(Event, {"when": "2026-11-24 09:30"}, zone=ZONE, marks={})
    assert day.when == date(2026, 11, 24)
    assert not isinstance(day.when, datetime)
    assert isinstance(hour.when, datetime)


def test_an_empty_field_is_an_absent_one():
    post, found = decode.decode(
        Post, {"title": "T", "owner": "o", "status": "draft", "link": None}, zone=ZONE, marks={}
    )
    assert (post.link, found) == (None, [])


@pytest.mark.parametrize(
    ("text", "value"), [("30m", Duration(30, "m")), ("4 bh", Duration(4, "bh")), ("1.5h", Duration(1.5, "h"))]
)
def test_a_duration_is_read_and_written_as_people_do(text, value):
    assert Duration.parse(text) == value
    assert Duration.parse(str(value)) == value


@pytest.mark.parametrize("amount", [1e6, 52_000_000, 0.1, 123456.5, 1 / 3])
def test_a_long_duration_is_written_as_it_is_read(amount):
    assert Duration.parse(str(Duration(amount, "m"))) == Duration(amount, "m") or "e" not in str(Duration(amount, "m"))


@pytest.mark.parametrize("text", ["", "4", "h", "-4h", "4 hours", "1e3h", "99999999999d", "9" * 400 + "m", "५h"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"duration|longer"):
        Duration.parse(text)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_the_schema_of_a_kind_names_every_field_with_its_help(kind):
    made = decode.schema(kind)
    json.dumps(made)
    assert set(made["properties"]) == set(decode.fields_of(kind))
    assert all(found.get("description") for found in made["properties"].values())


def test_fields_are_called_as_files_call_them():
    assert "from" in decode.fields_of(decode._part(decode.type_of(Person, "away")))
    assert "waive" in decode.fields_of(Policy)
    assert "body" not in decode.fields_of(Post)
