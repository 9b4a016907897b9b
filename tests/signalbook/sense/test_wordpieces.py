"""Texts are cut as the models that read the pieces were taught to read them."""

from __future__ import annotations

import pytest

from signalbook.sense import wordpieces

NAMES = {number: piece for piece, number in wordpieces._numbers().items()}


def cut(text: str, most: int = 128) -> str:
    begin, *inside, end = (NAMES[number] for number in wordpieces.cut(text, most=most))
    assert (begin, end) == ("[CLS]", "[SEP]")
    return " ".join(inside)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ""),
        ("\u200b\x00 \n", ""),
        ("Unaffable crews", "una ##ffa ##ble crews"),
        ("UNWANTÉD,running", "unwanted , running"),
        ("It’s “good”—£5!!", "it ’ s “ good ” — £5 ! !"),
        ("$5 <3 :-) a|b", "$ 5 < 3 : - ) a | b"),
        ("中文", "中 文"),
        ("a" * 101, "[UNK]"),
        ("🙂 fine", "[UNK] fine"),
    ],
)
def test_a_text_is_cut_as_bert_cuts_it(text, pieces):
    assert cut(text) == pieces


def test_a_long_text_keeps_its_beginning_and_its_end_is_marked():
    found = wordpieces.cut("one two three four five", most=5)
    assert len(found) == 5
    assert (found[0], found[-1]) == (wordpieces.BEGIN, wordpieces.END)


def test_the_list_is_whole():
    assert len(NAMES) == 30_522
    assert [NAMES[number] for number in (0, 100, 101, 102, 2204)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good"]
