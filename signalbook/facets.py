"""What a reader can follow in a plain text: links, mentions and hashtags, where Bluesky's own apps find them.

The rules are those of ``detectFacets`` in ``@atproto/api`` 0.20: what it finds in a text is what is found here, with two
exceptions. A bare domain that begins with ``http`` (``httpbin.org``) is a link to ``https://`` like every other, and of
two that lie over each other the second is left out, since a record may not hold both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal

from signalbook import prose
from signalbook.classes import dataclass
from signalbook.pattern import pattern
from signalbook.twitter_text import known_domains

Kind = Literal["link", "mention", "tag"]


@dataclass(frozen=True, slots=True)
class Facet:
    """A stretch of a text that leads somewhere.

    Attributes:
        start: the first sign, counted in Python's.
        end: behind the last sign.
        byte_start: the first byte in UTF-8.
        byte_end: behind the last byte.
        kind: what it is.
        value: the address, the handle without ``@``, the word without ``#`` (a share's sign keeps its ``$``).
    """

    start: int
    end: int
    byte_start: int
    byte_end: int
    kind: Kind
    value: str


# White space of JavaScript.
_SPACE = "\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_LINES = "\n\r\u2028\u2029"
_MENTION = pattern(rf"(?:^|[{_SPACE}(])(@)([a-zA-Z0-9.-]+)(?a:\b)")
_LINK = pattern(
    rf"(?:^|(?<=[{_LINES}])|[{_SPACE}(])((?ai:https?)://[^{_SPACE}]+|(?P<domain>[a-zA-Z][a-zA-Z0-9]*(?:\.[a-zA-Z0-9]+)+)[^{_SPACE}]*)"
)
_HIDDEN = "\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
_TAG = pattern(rf"(?:^|[{_SPACE}])([#＃])([^{_SPACE}{_HIDDEN}]*)")
_SHARE = pattern(rf"(?:^|[{_SPACE}(])\$([A-Za-z][A-Za-z0-9]{{0,4}})(?=[{_SPACE}.,;:!?)\"'\u2019]|\Z)")
_MOST_TAG = 64


def facets(text: str) -> tuple[Facet, ...]:
    """What leads somewhere, in order, nothing over anything else."""
    out: list[Facet] = []
    for one in found(text):
        if not out or one.start >= out[-1].end:
            out.append(one)
    return tuple(out)


def found(text: str) -> list[Facet]:
    """Everything that the rules find, in order; some may lie over others."""
    rows: list[tuple[int, int, Kind, str]] = []
    if "@" in text:
        rows += _mentions(text)
    if "." in text or "://" in text:
        rows += _links(text)
    if "#" in text or "＃" in text:
        rows += _tags(text)
    if "$" in text:
        rows += [(m.start(1) - 1, m.end(1), "tag", f"${m[1].upper()}") for m in _SHARE.finditer(text)]
    rows.sort(key=lambda row: row[0])
    return list(_in_bytes(text, rows))


def _is_domain(name: str) -> bool:
    return name.rpartition(".")[2] in known_domains()["all"] and "." in name


def _mentions(text: str) -> Iterable[tuple[int, int, Kind, str]]:
    for match in _MENTION.finditer(text):
        handle = match[2]
        if _is_domain(handle) or handle.endswith(".test"):
            yield match.start(1), match.end(2), "mention", handle


def _links(text: str) -> Iterable[tuple[int, int, Kind, str]]:
    for match in _LINK.finditer(text):
        address, start, end = match[1], match.start(1), match.end(1)
        if domain := match["domain"]:
            if not _is_domain(domain):
                continue
            address = f"https://{address}"
        elif not address.startswith("http"):
            continue
        if address[-1] in ".,;:!?":
            address, end = address[:-1], end - 1
        if address[-1] == ")" and "(" not in address:
            address, end = address[:-1], end - 1
        yield start, end, "link", address


def _tags(text: str) -> Iterable[tuple[int, int, Kind, str]]:
    for match in _TAG.finditer(text):
        word = match[2]
        if word.startswith("\ufe0f") or not any(_counts(letter) for letter in word):
            continue
        while word and unicodedata.category(word[-1])[0] == "P":
            word = word[:-1]
        if word and prose.length(word) <= _MOST_TAG:
            yield match.start(1), match.end(1) + len(word), "tag", word


def _counts(letter: str) -> bool:
    """Whether a sign makes a tag of what would be a number or a row of marks."""
    return letter not in "0123456789" and unicodedata.category(letter)[0] != "P"


def _in_bytes(text: str, rows: Iterable[tuple[int, int, Kind, str]]) -> Iterable[Facet]:
    if text.isascii():
        for start, end, kind, value in rows:
            yield Facet(start, end, start, end, kind, value)
        return
    at = size = 0
    for start, end, kind, value in rows:
        size += (
            len(text[at:start].encode("utf-8", "surrogatepass"))
            if start >= at
            else -len(text[start:at].encode("utf-8", "surrogatepass"))
        )
        at = start
        yield Facet(start, end, size, size + len(text[start:end].encode("utf-8", "surrogatepass")), kind, value)
