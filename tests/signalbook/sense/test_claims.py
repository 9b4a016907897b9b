"""What a text reports: harm, leaks and authorities are told from figures of speech, questions and things that did not happen."""

from __future__ import annotations

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
    for text in ("burnt " * 5000, "\x00" * 9000, "set my " * 3000, "?" * 9000, "💥" * 5000, ""):
        claims.reported(text)
