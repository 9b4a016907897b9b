"""What a writer meant: a day in words, or an address without its beginning, in the form that a file takes.

Nothing here decides what a document says. It helps a refusal to name the line to write; ``misdated`` judges the days.
"""

from __future__ import annotations

import re

from signalbook.pattern import pattern

_MOST = 60
_MONTHS = {
    word: number
    for number, words in enumerate(
        ("jan", "feb", "mar mär", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for word in words.split()
}
_DAY_WORD = pattern(r"\b(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?\s+(?P<mon>[^\W\d_]{3,9})\.?,?\s+(?P<y>\d{4})\b")
_WORD_DAY = pattern(
    r"(?:\b[^\W\d_]{2,9}\.?,?\s+)?\b(?P<mon>[^\W\d_]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b"
)
_SHORT_YEAR = pattern(r"^(\d{1,2})([./])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)")
_O_CLOCK = pattern(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:uhr|h|o.clock)\b", re.IGNORECASE)
_ZONE = pattern(r"(?<=\d)\s+([a-z]{3,4})$", re.IGNORECASE)
_ZONES = {
    "utc": "+00:00", "gmt": "+00:00", "cet": "+01:00", "mez": "+01:00", "cest": "+02:00", "mesz": "+02:00", "bst": "+01:00",
    "est": "-05:00", "edt": "-04:00", "cst": "-06:00", "cdt": "-05:00", "pst": "-08:00", "pdt": "-07:00",
}  # fmt: skip


def in_numbers(text: str) -> str:
    """``25. November 2026, 9 Uhr MEZ`` as ``25.11.2026, 9:00+01:00``: the same in digits, whether or not it exists."""
    if len(text) > _MOST:
        return text
    said = " ".join(text.strip(" \"'“”„‘’").split())
    for form in (_DAY_WORD, _WORD_DAY):
        found = form.search(said)
        month = _MONTHS.get(found["mon"][:3].lower()) if found else None
        if found and month:
            said = f"{said[: found.start()]}{found['d']}.{month}.{found['y']}{said[found.end() :]}"
            break
    short = _SHORT_YEAR.match(said)
    if short:
        year = short[4] if len(short[4]) == len("2026") else f"20{short[4]}"
        said = f"{short[1]}{short[2]}{short[3]}{short[2]}{year}{said[short.end() :]}"
    said = re.sub(r"(?<=\d),?\s+(?:at|um)\s+(?=\d)", " ", said, flags=re.IGNORECASE)
    said = _O_CLOCK.sub(lambda clock: f"{clock[1]}:{clock[2] or '00'}", said)
    said = re.sub(r"\b([ap])\.\s?m\.", r"\1m", said, flags=re.IGNORECASE)
    return _ZONE.sub(lambda zone: _ZONES.get(zone[1].lower(), zone[0]), said)


def address(text: str) -> str:
    """``www.example.org/a b`` as ``https://www.example.org/a%20b``; empty when it is no address at all."""
    bare = text.strip()
    inside = re.fullmatch(r"\[[^\[\]]*\]\((\S+)\)|<(\S+)>", bare)
    if inside:
        bare = inside[1] or inside[2]
    bare = re.sub(r"^(?:https?:?/{0,2}|//)(?=[\w-]+\.)", "https://", bare)
    if "://" not in bare:
        bare = f"https://{bare}"
    bare = re.sub(r"\s", "%20", bare)
    return bare if re.fullmatch(r"https://[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:[/?#:][^\s\"<>\\^`{|}]*)?", bare) else ""
