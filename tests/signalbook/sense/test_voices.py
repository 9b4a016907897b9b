"""Language, influence and trends: what nobody can tell is not told, and no ordinary person gets a score."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from signalbook.sense import influence, trends
from signalbook.sense.language import language

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told", "is_"),
    [
        ("The oven was cold again this morning and nobody told us why", "", "en"),
        ("Heute morgen war der Ofen schon wieder kalt, und niemand sagt warum", "", "de"),
        ("Heute morgen war der Ofen schon wieder kalt, und niemand sagt warum", "en-GB", "de"),
        ("Ce matin le four était encore froid et personne ne nous a dit pourquoi", "und", "fr"),
        ("ok", "de-AT", "de"),
        ("ok", "", ""),
        ("https://example.org/brot #brot @jemand 🎉", "", ""),
        ("", "sv", "sv"),
    ],
)
def test_the_text_decides_where_it_is_clear_and_the_source_elsewhere(text: str, told: str, is_: str) -> None:
    assert language(text, told) == is_


def speaker(who: str, **more: object) -> influence.Speaker:
    values = {
        "followers": 0,
        "outlet": False,
        "on_topic": 4,
        "in_all": 8,
        "engaged": 0,
        "repeated": 0,
        "last": NOW,
        **more,
    }
    return influence.Speaker(who, "mastodon", **values)  # type: ignore[arg-type]


def test_each_part_of_the_formula_has_its_points_and_they_add_up() -> None:
    loud = speaker("loud", followers=50_000, engaged=90, repeated=9, on_topic=8)
    old = speaker("old", followers=2_000, last=NOW - timedelta(days=45))
    (first, second) = influence.ranked([old, loud, speaker("quiet", followers=1)], NOW)
    assert (first.who, first.points) == ("loud", 100)
    assert dict(second.parts) == {"reach": 15.0, "relevance": 12.5, "engagement": 0.0, "resonance": 0.0, "recency": 5.0}
    assert second.points == 32


def test_a_private_person_below_a_thousand_followers_has_no_score_and_an_outlet_has() -> None:
    found = influence.ranked(
        [speaker("person", followers=999), speaker("paper", outlet=True), speaker("told", followers=1_000)], NOW
    )
    assert sorted(one.who for one in found) == ["paper", "told"]


def said(number: int, text: str, who: str = "") -> trends.Said:
    return trends.Said(f"k{number}", NOW + timedelta(minutes=number), who or f"w{number}", text)


def test_a_phrase_that_rises_is_named_whole_with_its_first_mention_and_its_spreaders() -> None:
    before = [said(-n, f"the bakery sells bread number {n}") for n in range(1, 60)]
    now = [said(n, "the bakery has rat poison in the flour", "w1" if n < 3 else "") for n in range(8)]
    now += [said(100 + n, f"the bakery sells bread number {n}") for n in range(20)]
    found = trends.rising(now, before)
    assert {one.phrase for one in found} == {"rat poison", "flour"}
    assert found[0].now == 8
    assert found[0].before == 0
    assert found[0].first == "k0"
    assert found[0].spreaders[0] == ("w1", 3)
    assert not any("bread" in one.phrase for one in found)


def test_one_loud_voice_and_expected_words_are_no_trend() -> None:
    loud = [said(n, "buy my wonderful lamps", "seller") for n in range(30)]
    named = [said(100 + n, "crumb lane") for n in range(30)]
    assert trends.rising([*loud, *named], [said(-1, "other")], leaving_out=["Crumb Lane"]) == []
