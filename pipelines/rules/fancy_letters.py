"""No letters that only look like letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_ALPHABETS = "\U0001d400-\U0001d7ff\u24b6-\u24e9\U0001f110-\U0001f12b\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"
_FANCY = pattern(
    f"[{_ALPHABETS}][{_ALPHABETS} ]*[{_ALPHABETS}]|[\uff21-\uff3a\uff41-\uff5a][\uff21-\uff3a\uff41-\uff5a ]+"
)
_PERHAPS = pattern(f"[{_ALPHABETS}\uff21-\uff5a\u0370-\u04ff]")
_WORD = pattern(r"[^\W\d_]{2,}")
_LATIN, _OTHER = pattern(r"[A-Za-z\u00c0-\u024f]"), pattern(r"[\u0370-\u03ff\u0400-\u04ff]")
_ALIKE = str.maketrans("АВЕКМНОРСТУХаеорсухіѕјԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρα", "ABEKMHOPCTYXaeopcyxisjdhABEZHIKMNOPTYXovpa")


@rule(
    "fancy-letters",
    level=Level.BLOCK,
    about="No mathematical or look-alike letters as bold or italic.",
    source="how screen readers speak them",
    alone=True,
)
def fancy_letters(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find mathematical alphabets, and words that mix alphabets."""
    for view in posts.views(book):
        if view.plain:
            continue
        for said in view.said:
            if said.prose.plain or not _PERHAPS.search(said.text):
                continue
            if found := _FANCY.search(said.text):
                plain = prose.plain(found[0]).strip()
                yield ask(
                    view.post, said.field,
                    f"“{prose.short(found[0])}” is written in mathematical signs. A screen reader spells them out or leaves them "
                    "out, and search does not find them.",
                    f"Write {prose.short(plain)} in plain letters.", **posts.where(said, found.start()),
                )  # fmt: skip
            elif _OTHER.search(said.text):
                for word in _WORD.finditer(said.text):
                    if _OTHER.search(word[0]) and _LATIN.search(word[0]):
                        yield ask(
                            view.post, said.field,
                            f"“{prose.short(word[0])}” mixes letters of two alphabets that look alike, so it is read aloud wrongly "
                            "and looks like a forgery.",
                            f"Type it again: {word[0].translate(_ALIKE)}.", **posts.where(said, word.start()),
                        )  # fmt: skip
                        break
