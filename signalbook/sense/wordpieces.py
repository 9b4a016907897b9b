"""Cut English text into the pieces of words that BERT models read.

The list ``wordpieces.txt`` is that of BERT, English in small letters (Devlin and others 2018; github.com/google-research/bert,
Apache-2.0: ``wordpieces-LICENSE.txt``); a piece is its line. The way of cutting is the one written there ("Tokenization"): small
letters without accents, words and signs apart, then from the left the longest piece that is in the list.
"""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from typing import Final

import regex

UNKNOWN: Final = 100
BEGIN: Final = 101
END: Final = 102
LONGEST_WORD: Final = 100

_SIGN = r"[\p{P}$+<=>^`|~]"
# Chinese letters stand each alone.
_WORD = regex.compile(rf"\p{{Unified_Ideograph}}|{_SIGN}|(?:(?!\p{{Unified_Ideograph}}|{_SIGN})[^\s])+")
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\ufffd--\t\n\r]+", regex.V1)
_ACCENT = regex.compile(r"\p{Mn}+")


def cut(text: str, *, most: int) -> list[int]:
    """The numbers of a text's pieces, between those of a beginning and an end; at most ``most`` in all."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFD", _UNSEEN.sub("", text).lower()))
    found = [BEGIN]
    for word in _WORD.finditer(plain):
        found += _cut(word[0])
        if len(found) >= most:
            break
    return [*found[: most - 1], END]


@functools.lru_cache(maxsize=50_000)
def _cut(word: str) -> tuple[int, ...]:
    if len(word) > LONGEST_WORD:
        return (UNKNOWN,)
    known, found, at = _numbers(), [], 0
    while at < len(word):
        before = "##" if at else ""
        end = next((end for end in range(len(word), at, -1) if before + word[at:end] in known), None)
        if end is None:
            return (UNKNOWN,)
        found.append(known[before + word[at:end]])
        at = end
    return tuple(found)


@functools.cache
def _numbers() -> dict[str, int]:
    """Each piece → its number."""
    lines = Path(__file__).with_name("wordpieces.txt").read_text("utf-8").split("\n")
    return {piece: number for number, piece in enumerate(lines) if piece}
