"""What a text reports: harm, leaks and authorities are told from figures of speech, questions and things that did not happen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from signalbook.sense import claims


@pytest.mark.parametrize(
    "text",
    [
        "My hand was injured by your oven, terrible, why does nobody answer?",
        "I was burnt by the oven this morning",
        "My son got burned when the door fell off",
        "Your oven set our kitchen on fire",
        "The battery exploded in my hand",
        "She has burns on her arm from the lid",
        "Mein Sohn hat sich am Ofen verbrannt",
        "Der Akku ist explodiert",
        "Two guests are in hospital since the dinner",
        "This bread made my kid sick, avoid",
        "Half of us got really ill after eating there",
        "She has been vomiting since the buffet",
        "Found a piece of sharp metal in my loaf",
        "There are shards of glass in the jar I bought",
        "Meinem Sohn ist von dem Kuchen schlecht geworden",
        "Da waren Glassplitter im Brot",
    ],
)
def test_a_report_of_harm_is_one(text):
    assert claims.reported(text).claims == ("injury",)


@pytest.mark.parametrize(
    "text",
    [
        "Was anybody injured?",
        "Nobody was hurt, all is well",
        "This new album hurts my feelings",
        "The team's injury list before the final",
        "We got burned out after the launch",
        "I got burned by their pricing again",
        "If it caught fire it would be news",
        "The app died again",
        "I am sick of your newsletters",
        "Your spokesman's words made me sick to my stomach",
        "A needle in a haystack, this setting",
        "A wonderful piece of glass art in your window",
        "Is there a piece of metal in this one?",
        "Great bread, friendly people",
    ],
)
def test_what_only_sounds_like_harm_is_none(text):
    assert claims.reported(text).claims == ()


def test_hostile_texts_are_read_in_a_moment_and_without_an_error():
    for text in (
        "burnt " * 5000,
        "\x00" * 9000,
        "set my " * 3000,
        "?" * 9000,
        "💥" * 5000,
        "cut my " * 600,
        "see another " * 400,
        "found a piece of " * 300,
        "police have " * 400,
        "",
    ):
        claims.reported(text)


REPORTS = Path(__file__).with_name("reports.tsv")
"""Lines of our own, as people of many trades would write them: ``claim`` is what a line reports, or ``none``."""


def rows(claim: str) -> list[str]:
    with REPORTS.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file, delimiter="\t") if row["claim"] == claim]


@pytest.mark.parametrize("claim", ["injury", "death", "personal-data", "authority"])
def test_of_reports_in_everyday_words_hardly_one_in_thirty_is_missed(claim):
    """A report that is missed is a person who is hurt and hears nothing; the floor cannot hold what is not seen."""
    lines = rows(claim)
    missed = [
        text
        for text in lines
        if not {claim, "death" if claim == "injury" else claim} & set(claims.reported(text).claims)
    ]
    assert len(missed) <= len(lines) / 30, missed


def test_everyday_words_that_only_sound_like_it_report_nothing():
    lines = rows("none")
    assert len(lines) > 80
    assert [text for text in lines if claims.reported(text).claims] == []


@pytest.mark.parametrize(
    "text",
    [
        "I'd like to report that my son was injured by your swing",
        "Never thought I'd end up in hospital because of a salad, my wife was taken to hospital too",
        "I'm not happy, my daughter had an allergic reaction",
        "How could you let this happen, my son was burned",
        "Can anybody tell me why my mother fell off your chair?",
    ],
)
def test_a_denial_or_a_question_beside_a_report_takes_nothing_from_it(text):
    assert claims.reported(text).claims == ("injury",)


def test_neither_quick_look_passes_over_what_the_patterns_find():
    """Words first, then the patterns on small letters, then the patterns themselves: each finds at least what the next does."""
    for text in [text for name in ("injury", "death", "personal-data", "authority", "none") for text in rows(name)]:
        found = {name for name, pattern in claims._CLAIMED.items() if pattern.search(text)}
        assert found <= {name for name, pattern in claims._MAYBE.items() if pattern.search(text.lower())}, text
        assert found <= claims._possible(text), text
