"""How long a text is for each network: the traps in which tools were seen to fall, and a property or two."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook import counting, facets, prose
from signalbook.counting import count, count_lines
from signalbook.errors import UsageError
from tests import values

FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize(
    ("network", "text", "length"),
    [
        ("bluesky", "seven", 5),
        ("bluesky", FAMILY, 1),
        ("bluesky", "e\u0301", 1),
        ("bluesky", "🇩🇪🇦🇹", 2),
        ("bluesky", "a\r\nb", 3),
        ("mastodon", "https://bakery.example/" + "x" * 200, 23),
        ("mastodon", "See https://bakery.example/a, and (https://bakery.example/b).", 4 + 23 + 7 + 23 + 2),
        ("mastodon", "@ana@art.example hello", 10),
        ("mastodon", "@ana hello", 10),
        ("mastodon", FAMILY, 1),
        ("x", "seven", 5),
        ("x", FAMILY, 2),
        ("x", "日本", 4),
        ("x", "“Grüße” – ja", 12),
        ("x", "bakery.example.com and https://bakery.example.com/" + "x" * 99, 23 + 5 + 23),
        ("x", "e.g. seven o'clock. Bread", 25),
        ("x", "e\u0301", 1),
        ("linkedin", "#Bread (fresh)", 14 + 3),
        ("linkedin", "a_b*c~d\\e", 9 + 4),
        ("threads", "👍", 4),
        ("threads", FAMILY, 18),
        ("threads", "Grüße", 5),
        ("telegram", "👍", 2),
        ("teams", "ü", 2),
        ("instagram", "👍", 1),
        ("feed", FAMILY, 1),
    ],
)
def test_a_text_counts_as_the_network_counts(network, text, length):
    assert count(network, text).count == length


@pytest.mark.parametrize(
    ("network", "most"),
    [("bluesky", 300), ("mastodon", 500), ("x", 280), ("linkedin", 3000), ("threads", 500), ("instagram", 2200), ("facebook", 5000),
     ("youtube", 5000), ("youtube.title", 100), ("reddit", 40000), ("reddit.title", 300), ("telegram", 4096), ("discord", 2000),
     ("slack", 40000)],
)  # fmt: skip
def test_the_last_letter_that_fits_fits_and_the_next_does_not(network, most):
    assert count(network, "a" * most) == counting.Count(most, most, fits=True)
    assert not count(network, "a" * (most + 1)).fits


def test_bluesky_has_a_second_limit_in_bytes():
    found = count("bluesky", FAMILY * 200)
    assert (found.count, found.fits) == (200, False)
    assert found.parts[-1].counts == 3600


def test_what_was_weighted_is_told_with_its_rule():
    (link,) = count("x", "https://bakery.example.com/").parts
    assert (link.text, link.counts) == ("https://bakery.example.com/", 23)
    assert "same" in link.rule


def test_every_limit_has_a_source_a_year_and_how_sure_it_is():
    for limit in counting.limits().values():
        assert limit.source
        assert date(2026, 1, 1) <= limit.as_of
        assert limit.strength in {"official", "code", "report"}
        assert limit.unit in counting._UNITS
        assert limit.highest >= limit.limit


def test_a_channel_placed_by_hand_counts_as_the_network_it_is_called_after():
    assert counting.network_of(values.channel("linkedin")) == "linkedin"
    assert counting.network_of(values.channel("team", connector="manual", more={"network": "facebook"})) == "facebook"
    assert counting.network_of(values.channel("office", connector="manual")) == ""


def test_lines_of_json_are_counted_one_by_one():
    rows = list(count_lines("bluesky", ['"seven"\n', "\n", "7\n", "{\n"]))
    assert [row["count"] for row in rows] == [5, None, None]
    assert rows[0] == {"count": 5, "limit": 300, "fits": True, "parts": ()}
    assert "line 3" in rows[1]["error"]
    json.dumps(rows)


def test_an_unknown_service_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="Did you mean"):
        list(count_lines("mastadon", []))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_the_quick_count_of_characters_is_the_slow_one(text):
    assert prose.length(text) == len(prose.graphemes(text))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400), st.sampled_from(sorted(counting.limits())))
def test_what_surely_fits_fits(text, network):
    if counting.surely_fits(network, text):
        assert count(network, text).fits


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=120))
def test_no_text_counts_less_than_nothing_or_stops_the_count(text):
    assert all(count(network, text).count >= 0 for network in counting.limits())


@pytest.mark.parametrize("text", ["http://a.b ", "a.de ", "@a@b.c ", "👍", "é", "a.", "#(", "x" * 9 + " "])
def test_a_megabyte_is_counted_in_a_moment(text):
    long = text * (1_000_000 // len(text.encode()))
    for network in counting.limits():
        begun = time.process_time()
        count(network, long)
        assert time.process_time() - begun < 4, network


WORDS = st.lists(
    st.sampled_from(["a", "é", "e\u0301", "日本", FAMILY, "🇩🇪", "#Tag", "@ana@art.example.com", "https://a.com/b", "a.co", "(x)", "\n", "\U0001d160", "\u0344"]),
    max_size=30,
).map(" ".join)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(WORDS, st.sampled_from(sorted(counting.limits())))
def test_what_surely_fits_fits_whatever_it_is_made_of(text, network):
    if counting.surely_fits(network, text):
        assert count(network, text).fits


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS)
def test_on_networks_without_weights_two_lines_count_as_both_and_the_break(one, two):
    for network in ("linkedin", "instagram", "telegram", "threads", "teams"):
        assert count(network, f"{one}\n{two}").count == count(network, one).count + 1 + count(network, two).count


@settings(max_examples=150, deadline=None)
@given(WORDS, st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_facets_lie_on_the_bytes_they_mean_one_after_the_other(text, more):
    text = f"{text} {more}"
    data, last = text.encode(), 0
    for one in facets.facets(text):
        assert data[one.byte_start : one.byte_end].decode() == text[one.start : one.end]
        assert last <= one.byte_start < one.byte_end
        last = one.byte_end


@settings(max_examples=150, deadline=None)
@given(WORDS)
def test_a_text_of_x_weighs_the_same_composed_and_taken_apart(text):
    import unicodedata

    assert count("x", unicodedata.normalize("NFD", text)).count == count("x", unicodedata.normalize("NFC", text)).count


@settings(max_examples=100, deadline=None)
@given(WORDS, st.text(max_size=20).filter(lambda warning: not warning.endswith("\r")))  # it is one with the line break
def test_a_warning_counts_with_the_text_and_changes_no_link_in_it(text, warning):
    alone = count("mastodon", f"\n{text}").count
    assert count("mastodon", f"\n{text}", before=warning).count == alone + count("mastodon", warning).count or any(
        sign in warning for sign in ("@", "://")
    )


def test_a_live_services_word_beats_the_table_and_the_teams_word_beats_both():
    channel = values.channel("mastodon")
    assert counting.limit_of(channel).limit == 500
    assert counting.limit_of(channel, {"limit": 5000, "media": 9, "link": 30}).link == 30
    own = values.channel("mastodon", more={"limits": {"limit": 99}})
    assert counting.limit_of(own, {"limit": 5000}).limit == 99
    assert counting.limit_of(values.channel("office", connector="manual")) is None
    assert counting.limit_of(values.channel("office", connector="manual", more={"limits": {"limit": 9}})).limit == 9
