"""What a mention wants of us: everyday sentences of many trades, judged as they are when they are heard and told to their line."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signalbook import triage, understanding
from signalbook.records import Judgement, Mention
from signalbook.sense import cues, match, sentiment, wants

SENTENCES = Path(__file__).with_name("wants.tsv")
"""Lines of our own: ``row`` is the line of the response matrix a text is, or ``nothing``."""
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def heard(*texts: str) -> list[tuple[Mention, Judgement]]:
    mentions = [
        Mention(f"key{at:04}", "social", f"{at}", f"https://social.example/{at}", f"a{at}", "", text, "", NOW, NOW)
        for at, text in enumerate(texts)
    ]
    rules = understanding.Rules(match.Queries({}), {}, langs=("en", "de"))
    judged = {one.key: one for one in understanding.judge(mentions, rules, understanding.Past(), NOW)}
    return [(one, judged[one.key]) for one in mentions]


def row(text: str, *, to_us: bool = False) -> str:
    return triage.asks(*heard(text)[0], to_us=to_us).row or "nothing"


def test_everyday_sentences_are_told_to_their_line_of_the_matrix():
    """What is told to no line is a person who waits for an answer that nobody is asked for."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    found = [triage.asks(*one).row or "nothing" for one in heard(*(line["text"] for line in lines))]
    wrong = [(line["row"], was, line["text"]) for line, was in zip(lines, found, strict=True) if was != line["row"]]
    assert len(lines) > 180
    assert len(wrong) <= len(lines) / 40, wrong
    assert not [one for one in wrong if one[1] == "nothing"]


@pytest.mark.parametrize(
    ("text", "about", "to_us"),
    [
        ("My balance is the same as before the transfer", "nothing", "question"),
        ("Show me how to change the address", "nothing", "question"),
        ("Mein Gutschein wurde nicht angenommen", "nothing", "question"),
        ("My parcel has not moved since Monday", "nothing", "complaint"),
        ("The app is a bit slow today", "nothing", "complaint"),
        ("My grandmother baked there in the fifties", "nothing", "nothing"),
    ],
)
def test_a_need_told_to_us_is_a_case_where_one_told_about_us_is_none(text, about, to_us):
    assert (row(text), row(text, to_us=True)) == (about, to_us)


def test_an_hour_on_hold_is_a_complaint_however_warmly_one_thanks_for_it():
    assert row("Great, another hour on hold. Love it.") == "complaint"
    assert cues.grieved("Great, another hour on hold.") == "another hour on hold"
    assert cues.grieved("Wir wurden nicht enttäuscht", "de") == cues.grieved("I was not disappointed") == ""


@pytest.mark.parametrize(
    "text", ["That bread at Crumb Lane was to die for", "The band killed it tonight", "No complaints at all"]
)
def test_praise_in_dark_words_is_no_complaint(text):
    assert row(text, to_us=True) != "complaint"
    assert heard(text)[0][1].tone != "negative"


def test_a_name_after_the_verb_asks_without_a_question_mark():
    assert row("does Oat & Rye open on Sunday") == row("Is Oat & Rye open on Sunday") == "question"


def test_in_a_language_nobody_reads_whatever_is_said_to_us_reaches_a_person():
    said = "Bonjour, mon colis est abîmé et personne ne me répond depuis lundi"
    ((mention, judged),) = heard(said)
    assert judged.lang == "fr"
    assert (row(said), row(said, to_us=True)) == ("nothing", "question")
    negative = replace(judged, tone="negative", complaint=80)
    assert triage.asks(mention, negative).row == "complaint"


def test_what_a_trained_model_calls_negative_is_a_complaint_in_its_language():
    examples = [
        sentiment.Example(f"{word} {n}", label, "fr")
        for n in range(40)
        for word, label in (
            ("service affreux colis abîmé", "negative"),
            ("merci beaucoup parfait", "positive"),
            ("ouvert demain", "neutral"),
        )
    ]
    model, _ = sentiment.learn(examples)
    rules = understanding.Rules(match.Queries({}), {}, langs=("fr",), model=model)
    mention = Mention(
        "k", "social", "1", "https://social.example/1", "a", "", "service affreux, colis abîmé hier", "fr", NOW, NOW
    )
    (judged,) = understanding.judge([mention], rules, understanding.Past(), NOW)
    assert judged.tone == "negative"
    assert judged.complaint == round(judged.confidence * 100)
    assert triage.asks(mention, judged).row == "complaint"


def test_a_short_sentence_without_a_language_is_read_in_the_team_s_own():
    assert row("Still waiting.") == "complaint"


def test_hostile_texts_are_read_in_a_moment_and_without_an_error():
    for text in (
        "i do " * 4000,
        "my " * 6000,
        "(" * 9000,
        "your site " * 2000,
        "still " * 4000,
        "@a " * 4000,
        "\x00" * 9000,
        "",
    ):
        wants.read(text)
        cues.grieved(text[:4000])
        cues.grieved(text[:4000], "de")
