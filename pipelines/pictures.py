"""A post on a channel as a picture: a likeness of what readers will see, for the comment below a pull request.

Drawn here from the words of a ``Copy`` alone, as SVG: text and rectangles, nothing else. What somebody wrote becomes letters of
a text element, escaped, and can be no element, address, style or script; a file of theirs is never opened: where a picture goes
stands a frame with the words for those who cannot see it. A reader's own fonts show every script and emoji. The same copy
gives the same bytes, so a picture is known by their hash.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from pipelines.diff import Change, Copy, Picture, Text

WIDE: Final = 480
"""Points across; about what a phone gives a post."""
_LEFT, _LINE, _SIZE = 20, 21, 15
MOST_LINES: Final = 40
"""A picture longer than this says how much is left out; the whole text stands in the comment."""
MOST_PARTS: Final = 10
MOST_LETTERS: Final = 12_000
"""Of a part no more are looked at."""

# One colour a network, light and dark, as on the site (site_plugins/assets/signalbook.css).
_COLOURS: Final = {
    "bluesky": ("#0a66b0", "#6bbcff"), "mastodon": ("#5a3fc4", "#b6a3ff"), "linkedin": ("#0f5f73", "#6ccbe0"),
    "x": ("#2f3640", "#ccd3dd"), "facebook": ("#2b4fb8", "#9db6ff"), "instagram": ("#9c1f86", "#ff9ae8"),
    "threads": ("#3d3d45", "#d3d3dd"), "wordpress": ("#1c5a86", "#7fc4f2"), "mail": ("#9a4514", "#ffb184"),
    "matrix": ("#0b6a4f", "#6fd8b4"), "feed": ("#7a5200", "#eac06a"),
}  # fmt: skip
_OTHER: Final = ("#46505c", "#b4bfcc")

_STYLE: Final = (
    "text{{font:15px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;fill:#12161c}}"
    ".b{{font-weight:650}}.s{{font-size:12.5px;fill:#5c6673}}.r{{fill:#a3231b;font-weight:650}}"
    ".c{{fill:#fff;stroke:#dde2e8}}.m{{fill:#f6f7f9;stroke:#dde2e8}}.n{{fill:{0}}}"
    "@media(prefers-color-scheme:dark){{text{{fill:#e9ecf1}}.s{{fill:#949fae}}.r{{fill:#ff9a8f}}"
    ".c{{fill:#161a20;stroke:#2a313b}}.m{{fill:#0e1116;stroke:#2a313b}}.n{{fill:{1}}}}}"
)


def name(picture: str) -> str:
    """The file a picture is kept under: a hash of it, so that the same copy has the same address."""
    return f"{hashlib.sha256(picture.encode()).hexdigest()[:24]}.svg"


def drawn(change: Change, copy: Copy) -> str:
    """One channel's copy as an SVG, thread and all; empty when there is no copy."""
    if not copy.parts:
        return ""
    marks: list[str] = []
    top = 12
    for number, part in enumerate(copy.parts[:MOST_PARTS], 1):
        top = _card(marks, top, change, copy, part, number)
    if len(copy.parts) > MOST_PARTS:
        marks.append(_text(_LEFT, top + 8, f"… and {len(copy.parts) - MOST_PARTS} more parts", "s"))
        top += 24
    light, dark = _COLOURS.get(copy.network, _OTHER)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{top}" viewBox="0 0 {WIDE} {top}">'
        f"<style>{_STYLE.format(light, dark)}</style>{''.join(marks)}</svg>\n"
    )


def _card(marks: list[str], top: int, change: Change, copy: Copy, part: Text, number: int) -> int:
    """Add one part, from ``top`` on; where the next begins."""
    place = len(marks)
    at = top + 30
    marks.append(f'<circle class="n" cx="38" cy="{top + 34}" r="17"/>')
    marks.append(_text(66, at, _cut(copy.name or copy.channel, 300, bold=True), "b"))
    of = f"part {number} of {len(copy.parts)}" if len(copy.parts) > 1 else copy.network
    marks.append(_text(66, at + 18, of, "s"))
    at += 48
    more = dict(copy.more) if number == 1 else {}
    for key in ("warning before it", "title"):
        if said := more.pop(key, ""):
            for line in _wrapped(said[:MOST_LETTERS], WIDE - 2 * _LEFT, bold=True)[:4]:
                marks.append(_text(_LEFT, at, line, "b"))
                at += _LINE
    fold = len(part.text) if part.fold is None else min(max(part.fold, 0), len(part.text))
    lines = _wrapped(part.text[: min(fold, MOST_LETTERS)].rstrip(), WIDE - 2 * _LEFT)
    for line in lines[:MOST_LINES]:
        marks.append(_text(_LEFT, at, line))
        at += _LINE
    if len(lines) > MOST_LINES or fold < len(part.text):
        hidden = len(part.text) - fold
        told = f"… more ({hidden:,} letters behind it)" if hidden else f"… and {len(lines) - MOST_LINES} more lines"
        marks.append(_text(_LEFT, at, told, "s"))
        at += _LINE
    if number == 1:
        at = _media(marks, at, change.media)
        if card := more.pop("link card", ""):
            at = _boxed(marks, at, ["Link card", *_wrapped(card[:MOST_LETTERS], WIDE - 2 * _LEFT - 24)[:2]])
    count = f"{part.count:,}" if part.limit is None else f"{part.count:,} of {part.limit:,}"
    marks.append(_text(_LEFT, at + 4, count if part.fits else f"{count}: too long", "s" if part.fits else "r"))
    at += 18
    marks.insert(place, f'<rect class="c" x="8" y="{top}" width="{WIDE - 16}" height="{at - top}" rx="10"/>')
    return at + 12


def _media(marks: list[str], at: int, media: Sequence[Picture]) -> int:
    for picture in media[:4]:
        said = _wrapped((picture.alt or "no words for those who cannot see it")[:MOST_LETTERS], WIDE - 2 * _LEFT - 24)
        at = _boxed(marks, at, [_cut(picture.path.rpartition("/")[2], WIDE - 2 * _LEFT - 24), *said[:4]])
    return at


def _boxed(marks: list[str], at: int, lines: Sequence[str]) -> int:
    high = 18 * len(lines) + 16
    marks.append(f'<rect class="m" x="{_LEFT}" y="{at - 10}" width="{WIDE - 2 * _LEFT}" height="{high}" rx="8"/>')
    for number, line in enumerate(lines):
        marks.append(_text(_LEFT + 12, at + 12 + 18 * number, line, "s"))
    return at + high + 8


def _text(x: int, y: int, said: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{named} xml:space="preserve">{escape(_plain(said))}</text>'


_TURNS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _plain(text: str) -> str:
    """Letters that XML can hold (XML 1.0, 2.2) and that cannot turn how others read."""
    return "".join(
        " "
        if char == "\t"
        else char
        if char not in _TURNS and unicodedata.category(char) not in {"Cc", "Cs"}
        else "\ufffd"
        for char in text
        if char not in "\ufffe\uffff"
    )


# --- how wide words are ------------------------------------------------------------------------------------------------


def _wide(char: str, *, bold: bool = False) -> float:
    """About how many points a letter takes; generous, since every reader has other fonts."""
    kind = unicodedata.category(char)
    if kind in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(char) in {"W", "F"} or ord(char) > 0x1F000:
        share = 1.25
    elif char in "iljtf.,:;'|!()[] ":
        share = 0.37
    else:
        share = 0.8 if char in "mwMW@%—" or char.isupper() else 0.61
    return share * _SIZE * (1.06 if bold else 1.0)


def _cut(text: str, room: float, *, bold: bool = False) -> str:
    first = _wrapped(text[:MOST_LETTERS], room, bold=bold)
    return first[0] + ("…" if len(first) > 1 else "") if first else ""


def _wrapped(text: str, room: float, *, bold: bool = False) -> list[str]:
    """A text in lines that fit, cut between words where there are any; each letter is looked at once."""
    lines = []
    for row in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        start, space, wide, since = 0, -1, 0.0, 0.0
        for at, char in enumerate(row):
            points = _wide(char, bold=bold)
            if wide + points > room and at > start:
                end = space if space > start else at
                lines.append(row[start:end])
                wide = since if space > start else 0.0
                start, space, since = end + (space > start), -1, 0.0
            wide += points
            since += points
            if char == " ":
                space, since = at, 0.0
        lines.append(row[start:])
    return lines
