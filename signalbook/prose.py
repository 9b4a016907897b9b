"""Words, sentences, links, hashtags and emoji of a text: pure, and remembered, since many checks ask the same."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable

from signalbook.classes import dataclass
from signalbook.pattern import pattern

URL = pattern(r"""https?://[^\s<>"'“”„()\[\]{}|\\^`]+(?:\([^\s<>()]*\)[^\s<>"'“”„()\[\]{}|\\^`]*)*""", re.IGNORECASE)
_TAIL = ".,;:!?…*_~'’"
_WORD = pattern(r"\w+(?:[-'’]\w+)*")
_BREAK = pattern(r"(?:[.!?…][\"'”“’)]*\s|\n)\s*")
_HASHTAG = pattern(r"(?<![\w&/#])#([^\W\d_]\w*|\d+[^\W\d_]\w*)")
_MENTION = pattern(r"(?<![\w/@.])@[\w.-]+(?:@[\w.-]+)?")

_ENGLISH = frozenset(["the", "and", "is", "of", "to", "we", "you", "in", "it", "for", "that", "what", "not", "with"])
_GERMAN = frozenset(
    ["und", "der", "die", "das", "ist", "nicht", "wir", "für", "mit", "ein", "eine", "sie", "zu", "auf", "den", "von"]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text: ``text[start:end]``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prose:
    """A text as checks see it.

    Attributes:
        bare: the text with every link turned into dots, so that places stay the same.
        low: ``bare`` in small letters; of the same length.
        words: its words in small letters.
        links: addresses beginning with http, without the mark that ends a sentence.
        plain: whether it holds nothing but ASCII.
    """

    text: str
    bare: str
    low: str
    words: frozenset[str]
    links: tuple[Found, ...]
    plain: bool


@functools.lru_cache(maxsize=65_536)
def read(text: str) -> Prose:
    """Look at a text once."""
    found: tuple[Found, ...] = ()
    bare = text
    if "://" in text:
        found = links(text)
        pieces, last = [], 0
        for link in found:
            pieces += [text[last : link.start], "·" * (link.end - link.start)]
            last = link.end
        bare = "".join([*pieces, text[last:]])
    low = bare.lower()
    if len(low) != len(bare):
        low = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in bare)
    return Prose(text, bare, low, _each(low), found, text.isascii())


_GAPS = bytes(byte if chr(byte).isalnum() or chr(byte) in "_-'" else ord(" ") for byte in range(128)).ljust(256)
"""For ``bytes.translate``: of ASCII, what cannot be part of a word becomes a gap."""


def _each(text: str) -> frozenset[str]:
    """Each word once; most stand between gaps with nothing but letters, and only what does not is looked at closely."""
    if text.isascii():
        text = text.encode("ascii").translate(_GAPS).decode("ascii")
        if "-" not in text and "'" not in text:
            return frozenset(text.split())
    found = frozenset(text.split())
    mixed = tuple(itertools.filterfalse(str.isalnum, found))
    return found.difference(mixed).union(_WORD.findall(" ".join(mixed))) if mixed else found


def holds(text: str, signs: Iterable[str]) -> bool:
    """Whether any of some signs is in a text: to look for each is quicker than to look at every letter."""
    for sign in signs:  # noqa: SIM110 - a generator would take longer than the search, and this asks every post
        if sign in text:
            return True
    return False


def links(text: str) -> tuple[Found, ...]:
    """Addresses beginning with http:// or https://, in order."""
    return tuple(
        Found(address, match.start(), match.start() + len(address))
        for match in URL.finditer(text)
        if (address := match[0].rstrip(_TAIL))
    )


def hashtags(text: str) -> tuple[Found, ...]:
    """Hashtags with their mark, in order."""
    if "#" not in text:
        return ()
    return tuple(Found(match[0], match.start(), match.end()) for match in _HASHTAG.finditer(text))


def mentions(text: str) -> tuple[Found, ...]:
    """Mentions with their mark, local (``@team``) and remote (``@team@example.org``), in order."""
    if "@" not in text:
        return ()
    return tuple(
        Found(name, match.start(), match.start() + len(name))
        for match in _MENTION.finditer(text)
        if (name := match[0].rstrip(".-"))
    )


def words(text: str) -> list[str]:
    """Words as they stand, hyphens and apostrophes inside."""
    return _WORD.findall(text)


@functools.lru_cache(maxsize=65_536)
def sentences(text: str) -> tuple[Found, ...]:
    """Sentences, and lines without an end of their own, in order."""
    out: list[Found] = []
    start = 0
    for match in (*_BREAK.finditer(text), None):
        end = match.end() if match else len(text)
        stretch = text[start:end].rstrip()
        if stretch:
            out.append(Found(stretch, start, start + len(stretch)))
        start = end
    return tuple(out)


def language(known: frozenset[str]) -> str:
    """Guess ``en`` or ``de`` from the small words of a text; empty when they do not tell."""
    english, german = len(known & _ENGLISH), len(known & _GERMAN)
    return "" if english == german else "en" if english > german else "de"


_PERHAPS = pattern("[0-9#*]?[\u00a9\u00ae\u200d\u203c-\u3299\ufe0f\u20e3\U0001f000-\U000fffff]+")
"""Stretches that may be emoji; most text has none, and a closer look is slow."""


@functools.cache
def _emoji() -> re.Pattern[str]:
    import regex  # the Unicode properties, which the standard library does not know

    one = r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Emoji}\uFE0F)\p{Emoji_Modifier}?"
    joined = r"\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?)+"
    flags = r"[\U0001F1E6-\U0001F1FF]{2}"
    signs = r"\U0001F3F4[\U000E0020-\U000E007F]+"
    found: re.Pattern[str] = regex.compile(
        rf"{joined}|{flags}|{signs}|[0-9#*]\uFE0F?\u20E3|\p{{Extended_Pictographic}}\p{{Emoji_Modifier}}|{one}"
    )
    return found


def emoji(text: str) -> tuple[Found, ...]:
    """Emoji as a reader sees them: a family, a flag or a keycap is one."""
    if text.isascii():
        return ()
    return tuple(
        Found(match[0], span.start() + match.start(), span.start() + match.end())
        for span in _PERHAPS.finditer(text)
        for match in _emoji().finditer(span[0])
    )


@functools.cache
def _clusters() -> re.Pattern[str]:
    import regex

    found: re.Pattern[str] = regex.compile(r"\X")
    return found


def graphemes(text: str) -> list[str]:
    """What a reader sees as one character each: extended grapheme clusters, UAX #29."""
    return _clusters().findall(text)


_ALONE = "\\x00-\u02ff\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
_JOINING = pattern(f"(?s:.)?[^{_ALONE}]+(?:(?s:.)[^{_ALONE}]+)*(?s:.)?")
"""A stretch whose letters may join with the one before them or after them; all others stand alone."""


def length(text: str) -> int:
    """How many characters a reader sees; the number of ``graphemes``, quicker."""
    total = len(text) - text.count("\r\n")
    if text.isascii():
        return total
    return total - sum(len(span[0]) - len(_clusters().findall(span[0])) for span in _JOINING.finditer(text))


def place(text: str, index: int) -> tuple[int, int]:
    """0-based line and 1-based column of a place in a text."""
    return text.count("\n", 0, index), index - text.rfind("\n", 0, index)


def plain(text: str) -> str:
    """Text with look-alike letters turned into the ones they stand for (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def same(text: str) -> str:
    """A text as it is compared: small letters, no marks, no links, one space between words."""
    return " ".join(_WORD.findall(read(text).low))


def short(text: str, most: int = 60) -> str:
    """A quotation that fits a line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"
