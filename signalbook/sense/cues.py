"""Words that speak of trouble or of thanks, beside what a dictionary of moods knows: the everyday language of complaints.

Each list is of general words, none of one trade. They feed ``sentiment`` as numbers and are shown as the reason.
"""

from __future__ import annotations

from typing import Final

import regex

from signalbook.classes import dataclass

_TROUBLE: Final = {
    "en": (
        r"delay\w*|cancel\w*|wait(?:ed|ing)|on hold|broken|refus\w+|rude|lost|losing|missed|missing|stuck|stranded|worst|terrible|"
        r"horrible|awful|ridiculous|unacceptable|fail\w*|problems?|issues?|errors?|wrong|never|still|can'?t|cannot|won'?t|doesn'?t|"
        r"didn'?t|isn'?t|wasn'?t|not|no one|nobody|nothing|complain\w*|disappoint\w*|poor|bad|charged|fees?|late|slow|crash\w*|"
        r"hung up|hang up|useless|joke|fault|damage\w*|dirty|annoy\w*|frustrat\w*|ruin\w*|wtf|waste\w*|instead|hours|hrs|"
        r"no response|why|without|anymore|enough|unable|nor|neither|forced|stop|suck\w*|sick of|tired of|shame|apolog\w*|excuse|"
        r"lack|lies?|lied|denied|rejected|unhelpful|unprofessional|mess|nightmare|fix"
    ),
    "de": (
        r"verspät\w*|storniert?|warte\w*|kaputt|verweiger\w*|unfreundlich|verloren|verpasst|schlecht\w*|schlimm\w*|furchtbar|"
        r"unmöglich|problem\w*|fehler\w*|falsch\w*|nie|niemand|nichts|nicht|kein\w*|beschwer\w*|enttäusch\w*|zu spät|langsam|"
        r"abgestürzt|nutzlos|schuld|beschädigt|schmutzig|ärger\w*|nerv\w*|frust\w*|verschwend\w*|stattdessen|stunden|warum|ohne|"
        r"frechheit|unverschämt|ausrede|gelogen|abgelehnt|katastroph\w*|immer noch"
    ),
}
_THANKS: Final = {
    "en": (
        r"thank\w*|thx|love|great|awesome|amazing|appreciate\w*|best|excellent|kudos|shout ?out|congrat\w*|glad|happy|nice|good"
    ),
    "de": r"dank\w*|toll\w*|super|großartig\w*|klasse|wunderbar\w*|beste[nrs]?|freu\w*|schön\w*|gut\w*|lob\w*",
}
_SPAN = regex.compile(
    r"\d+\s*\+?\s*(?:h|hr|hrs|hours?|min|mins|minutes|days?|weeks?|months?|std|stunden?|minuten|tagen?|wochen?|monaten?)\b",
    regex.IGNORECASE,
)


def _compiled(words: dict[str, str]) -> dict[str, regex.Pattern[str]]:
    return {lang: regex.compile(rf"\b(?:{text})\b", regex.IGNORECASE) for lang, text in words.items()}


_TROUBLES, _THANKED = _compiled(dict(_TROUBLE)), _compiled(dict(_THANKS))


@dataclass(frozen=True, slots=True)
class Cues:
    """What a text says beside its mood.

    Attributes:
        trouble: the words of trouble in it, in order.
        thanks: the words of thanks and praise.
        span: whether it names a span of time (``3 hours``).
        asks: whether it asks something.
        shouts: exclamation marks, three at most.
    """

    trouble: tuple[str, ...]
    thanks: tuple[str, ...]
    span: bool
    asks: bool
    shouts: int


def read(text: str, lang: str = "en") -> Cues:
    """Find the cues of a text; languages without a list have none."""
    plain = text.replace("’", "'")
    trouble = _TROUBLES[lang].findall(plain) if lang in _TROUBLES else []
    thanks = _THANKED[lang].findall(plain) if lang in _THANKED else []
    return Cues(tuple(trouble), tuple(thanks), _SPAN.search(plain) is not None, "?" in plain, min(plain.count("!"), 3))
