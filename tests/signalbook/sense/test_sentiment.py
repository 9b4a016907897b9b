"""Tone and routing: rules where nothing was learnt, a model that is the same everywhere, and nobody's language unrated."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook.sense import cues, route
from signalbook.sense.sentiment import LABELS, Example, Model, complaints, learn, tone, tones, train

GOOD = ("lovely", "wunderbar", "calm and kind", "sehr gern wieder")
BAD = ("broken again", "furchtbar", "nobody answers", "nie wieder")
PLAIN = ("opens at seven", "um sieben", "on the corner", "an der Ecke")


def examples() -> list[Example]:
    return [
        Example(f"{words} number {number}", label, "de" if index % 2 else "en")
        for number in range(30)
        for label, texts in (("positive", GOOD), ("negative", BAD), ("neutral", PLAIN))
        for index, words in enumerate(texts)
    ]


@pytest.fixture(scope="module")
def model() -> Model:
    return train(examples())


def test_untrained_english_is_rated_by_rules_and_no_other_language_at_all():
    assert [tone(text).label for text in ("I love this shop", "This is awful", "The shop is on the corner")] == [
        "positive",
        "negative",
        "neutral",
    ]
    assert tone("Ich liebe diesen Laden", lang="de") == type(tone(""))(None, 0.0, "nobody")


def test_what_was_learnt_decides_in_the_languages_it_was_learnt_in(model):
    found = tones([("so broken again", "en"), ("wirklich wunderbar", "de"), ("Magnifique", "fr")], model=model)
    assert [(one.label, one.by) for one in found] == [("negative", "model"), ("positive", "model"), (None, "nobody")]
    assert all(0 <= one.confidence <= 1 for one in found)


def test_a_model_is_one_file_and_gives_the_same_answers(model):
    data = model.dump()
    again = Model.load(data)
    assert again.dump() == data == train(examples()).dump()
    texts = [(example.text, example.lang) for example in examples()]
    assert [one.label for one in tones(texts, model=again)] == [one.label for one in tones(texts, model=model)]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"form": "signalbook-sentiment-1", "bits": 18, "kept": 99999999}\nxx', b"\x80\x04pickled"]
)
def test_what_is_no_model_is_refused(data):
    with pytest.raises(ValueError, match="no model"):
        Model.load(data)


def test_a_model_cut_short_is_refused(model):
    with pytest.raises(ValueError, match="no model"):
        Model.load(model.dump()[:-200])


def test_too_little_teaches_nothing():
    with pytest.raises(ValueError, match="teach nothing"):
        train(examples()[:9])
    with pytest.raises(ValueError, match="teach nothing"):
        train([Example("one", "neutral")] * 20)


def test_cross_validation_judges_each_text_once(model):
    _, judged = learn(examples())
    right = sum(one.label == example.label for one, example in zip(judged, examples(), strict=True))
    assert len(judged) == len(examples())
    assert right / len(judged) > 0.9


def test_trouble_and_waiting_speak_for_a_complaint_and_thanks_against_it():
    found = complaints(
        [("On hold for 3 hours, still no answer", "en"), ("Thank you, lovely flight!", "en"), ("", "en")]
    )
    assert [said for said, _ in found[:2]] == [True, False]
    assert cues.read("Warte seit 2 Stunden, nichts passiert", "de").span
    assert complaints([], model=None) == []


def test_corrections_are_learnt(model):
    found = complaints([("broken again, sigh", "en"), ("opens at seven", "en")], model=model)
    assert [said for said, _ in found] == [True, False]


@given(st.text(max_size=200), st.sampled_from(["en", "de", "xx"]))
@settings(max_examples=100, deadline=None)
def test_no_text_is_too_odd(text, lang):
    assert tone(text, lang=lang).label in {*LABELS, None}
    assert 0 <= complaints([(text, lang)])[0][1] <= 1


def test_a_router_suggests_what_was_right_before_with_the_next_best_beside_it():
    taught = [
        ("where is my parcel", "delivery"),
        ("parcel has not arrived", "delivery"),
        ("the invoice is wrong", "money"),
        ("refund my invoice", "money"),
    ]
    router = route.learn(taught)
    (first, second), *_ = router.ranked(["my parcel is lost"], most=2)
    assert (first[0], second[0]) == ("delivery", "money")
    assert first[1] + second[1] == pytest.approx(1, abs=0.01)
    with pytest.raises(ValueError, match="nothing to choose"):
        route.learn(taught[:2])


def test_a_plain_complaint_outweighs_a_faint_mood_and_not_a_bright_one():
    assert tone("Nobody answers the phone at the bakery, I want my money back").label == "negative"
    assert tone("The parcel came two hours late again").label == "negative"
    assert tone("Still waiting for you lovely people, thank you so much, this is wonderful!").label == "positive"
    assert tone("The shop opens at seven").label == "neutral"
