"""The same story, and what only looks like it."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from signalbook.sense.duplicates import ALIKE, Stories, alike, gist


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Bakery opens second shop on Monday", "RT @news: Bakery opens second shop on Monday https://t.example/x"),
        ("The bakery’s second shop opens on Monday at seven", "The bakery's second shop opens Monday at seven…"),
        ("Neue Öffnungszeiten der Bäckerei am Markt ab Montag", "NEUE ÖFFNUNGSZEITEN der Bäckerei am Markt ab Montag!"),
    ],
)
def test_the_same_words_tell_the_same_story(a, b):
    assert alike(gist(a), gist(b)) >= ALIKE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "Shares rose 3 percent to 20 euros in Paris on Friday",
            "Shares rose 4 percent to 20 euros in Paris on Friday",
        ),
        ("The bakery will open its second shop on Monday", "The bakery will not open its second shop on Monday"),
        ("Queue outside the new bakery this morning", "The new bakery was closed this morning, no bread"),
        ("", ""),
    ],
)
def test_other_numbers_a_no_and_other_words_tell_another(a, b):
    assert alike(gist(a), gist(b)) < ALIKE


def test_a_story_begins_with_its_first_text_and_a_person_can_take_it_apart():
    stories = Stories()
    assert stories.add("a", "Bakery opens second shop on Monday morning") == "a"
    assert stories.add("b", "Bakery opens second shop Monday morning!") == "a"
    assert stories.add("b", "whatever it says now") == "a"
    parted = Stories(apart=frozenset({frozenset({"a", "b"})}))
    parted.add("a", "Bakery opens second shop on Monday morning")
    assert parted.add("b", "Bakery opens second shop Monday morning!") == "b"


def test_short_texts_are_the_same_only_word_for_word():
    stories = Stories()
    assert [stories.add(key, text) for key, text in (("a", "so good"), ("b", "so good!"), ("c", "good bread"))] == [
        "a",
        "a",
        "c",
    ]


def test_the_quick_way_finds_a_story_whenever_one_is_alike_enough():
    chance = Random(11)
    vocabulary = [f"word{number:03d}x" for number in range(60)]
    texts = []
    for _ in range(300):
        base = chance.sample(vocabulary, 10)
        texts.append(" ".join(base))
        texts.append(" ".join(base[: chance.randint(8, 10)]))
    stories = Stories()
    firsts: list[str] = []
    for number, text in enumerate(texts):
        found = stories.add(str(number), text)
        expected = any(alike(gist(text), gist(texts[int(first)])) >= ALIKE for first in firsts)
        assert (found != str(number)) == expected
        if found == str(number):
            firsts.append(found)
    assert len(firsts) < len(texts)
    assert all(alike(gist(texts[int(a)]), gist(texts[int(b)])) < ALIKE for a, b in combinations(firsts[:60], 2))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Bank says card payments are working again after four-hour outage",
            "Bank says card payments are down again after four-hour outage",
        ),
        (
            "Oat & Rye opens its bakery in Harbour Street on Monday morning",
            "Oat & Rye closes its bakery in Harbour Street on Monday morning",
        ),
        (
            "Shares of NordPower rise after the report of the regulator today",
            "Shares of NordPower fall after the report of the regulator today",
        ),
    ],
)
def test_who_says_the_opposite_tells_another_story_in_nearly_the_same_words(one, other):
    assert alike(gist(one), gist(other)) == 0.0
    stories = Stories()
    assert stories.add("1", one) != stories.add("2", other)
    assert stories.add("3", f"RT @wire: {one}") == "1"
