"""What does it report that must not be played down, and how sensitive is the matter?

Words in English and German, none of one trade, each meant to be read by a person: they raise a floor or some points of
``severity``, with the words that did it as the reason, and a person takes them back with a sentence. A report counts when
somebody speaks of themselves or of what happened, not when a word is denied, asked about or part of a figure of speech; what is
left is rather too much than too little, for the price of a wrong one is a minute of somebody's time.
"""

from __future__ import annotations

from typing import Final, Literal

import regex

from signalbook.classes import dataclass

Matter = Literal["routine", "quality", "money", "law"]
MATTERS: Final[tuple[Matter, ...]] = ("routine", "quality", "money", "law")
"""From the least to the most sensitive."""
_FLAGS = regex.IGNORECASE | regex.VERSION1

_CLAIMS: Final = {
    "death": r"""
        (?:\b(?:died|dead|killed|fatal\w*|deaths?|lost\ (?:his|her|their)\ li(?:fe|ves)|passed\ away
        |gestorben|tot|tote[nr]?|tödlich\w*|ums\ leben|verstorben\w*|todesf[aä]ll\w*)\b)""",
    "injury": r"""
        (?:\b(?:injur(?:ed|y|ies)|hurt\ (?:my|his|her|their|badly|people|someone|somebody)|burn(?:ed|t)\ (?:my|his|her|their|me|hands?)
        |burnt\ hands?|hospital\w*|ambulance|emergency\ room|allergic\ (?:reaction|shock)|anaphyla\w*|food\ poison\w*
        |(?:i|we|he|she|they|son|daughter|child|kid|baby|wife|husband|mother|father|mum|mom|dad|friend|guest|hands?|arms?|fingers?|face|legs?|skin)
        \ (?:was|were|got|has\ been|have\ been|had\ been)\ (?:\w+\ )?(?:burn(?:ed|t)|hurt|crushed)(?!\ (?:out|by\ (?:\w+\ )?(?:price|pricing|fees?|market|support)))
        |burns?\ (?:on|to)\ (?:my|his|her|their)|(?:second|third)[-\ ]degree\ burns?|caught\ fire|set\ (?:my|our|his|her|their)\ \w+\ on\ fire
        |(?:exploded|blew\ up)\ in\ (?:my|his|her|their)|feuer\ gefangen|in\ brand\ geraten|in\ flammen|explodiert
        |poison(?:ed|ing)|unconscious|electric\ shock|choked|broke\ (?:my|his|her)\ \w+|concussion|bleeding|scalded|seizure
        |made\ (?:me|us|him|her|them|people|(?:my|our|his|her|their)\ (?:\w+\ )?\w+|\w+\ of\ us)\ (?:(?:very|so|really|violently|seriously)\ )?(?:sick|ill)(?!\ (?:of|to\ (?:my|our)\ stomach))
        |(?:got|fell|felt|were|was|are|been)\ (?:(?:very|so|really|violently|seriously|all)\ )?(?:sick|ill)\ (?:after|from)\ (?:eating|drinking|using|your|the|this|that)
        |(?:been|was|were|started|kept)\ (?:vomiting|throwing\ up)|diarrh\w+|carbon\ monoxide|electrocuted
        |(?:pieces?|bits?|shards?|splinters?|slivers?|fragments?)\ of\ (?:\w+\ )?(?:glass|metal|steel|wire|plastic|bone)\ in|broken\ glass\ in|(?:needles?|razor\ blades?)\ in\ (?:my|our|his|her|their|the|this)
        |(?:krank|schlecht|übel)\ geworden|erbrochen|durchfall|(?:glas|metall|plastik|knochen)?splitter\ (?:im|in)
        |verletz(?:t\w*|ung\w*)|verbrannt|verbrüht|krankenhaus|notaufnahme|notarzt|krankenwagen|allergisch\w*\ (?:reaktion|schock)\w*
        |lebensmittelvergiftung|vergift\w*|bewusstlos|stromschlag|erstick\w*)\b)""",
    "personal-data": r"""
        (?:\b(?:data\ (?:breach|leak)\w*|leaked\ (?:my|our|customer|user|personal)\b.{0,20}|(?:my|our|customers?'?|user)\ (?:data|details|addresses|passwords?)[ ]
        (?:was|were|got|have\ been|has\ been|are|is)\ (?:\w+\ )?(?:leaked|stolen|exposed|published|public|online|hacked)
        |identity\ theft|see\ (?:other|another)\ (?:people|person|customer|user)\w*\ (?:data|orders?|details|messages)
        |datenleck\w*|datenpanne\w*|datenschutzverletzung\w*|(?:meine|unsere|kunden)-?\ ?(?:daten|adressen|passwörter)\ .{0,25}
        (?:öffentlich|gestohlen|veröffentlicht|geleakt|gehackt|einsehbar))\b)""",
    "authority": r"""
        (?:\b(?:health\ (?:inspect\w+|department|authority)|data\ protection\ (?:authority|commissioner|office)|public\ prosecutor|prosecutors?
        |subpoena|regulator\w*|police\ (?:are|is|were|investigat\w+|raid\w*|have)|court\ order|recall(?:ed)?\ by|consumer\ protection\ (?:agency|office)
        |gesundheitsamt|ordnungsamt|datenschutzbehörde|datenschutzbeauftragte[rn]?|staatsanwalt\w*|aufsichtsbehörde\w*|polizei\ (?:ermittelt|ist|war|durchsuch\w*)
        |verbraucherzentrale|bafin|bundesnetzagentur)\b)""",
}
_UNREAL = regex.compile(
    r"""(?:\b(?:nobody|no\ one|nothing|not?|never|isn't|wasn't|without|if|would|could|might|imagine|like|game|movie|film|song|novel|series
    |niemand|keine?[rnms]?|nicht|nie|ohne|falls|wenn|würde|könnte|stell\ dir|spiel|lied|roman)\b[^.!?\n]{0,30}\Z)""",
    _FLAGS | regex.VERBOSE,
)
_FIGURES = regex.compile(
    r"""\b(?:dead(?:line|\ link|\ simple|\ easy|\ end|\ wrong|\ on|\ tired|\ batter\w*|\ code|\ pixel)|killed\ it|to\ die\ for|died\ (?:laughing|of\ laughter)
    |i'?m\ dead\b|dead(?=\s*[😂🤣💀])|battery\ (?:died|is\ dead|dead)|(?:phone|laptop|app|site|server|link|account|feed|project|process|job)s?\ (?:\w+\ )?(?:died|is\ dead|was\ killed|dead|got\ killed|gestorben)
    |tot(?:al\w*|gelacht)|injury\ (?:time|blow|list|news|update|crisis)|hurt\ (?:by|in)\ the\ (?:poll|market)\w*|hurts?\ my\ (?:eyes|head|brain|heart|feelings)|burned\ (?:my|his|her|their)\ (?:bridges|money|cash|tongue\ on\ the\ joke)|poison\ pill
    |broke\ my\ (?:heart|build|site|app|workflow|record|streak|rule\w*|phone|laptop|silence|fast))\b""",
    _FLAGS | regex.VERBOSE,
)
_MATTERS: Final = {
    "law": r"""discriminat\w*|racis\w*|sexis\w*|harass\w*|lawsuits?|sue[ds]?|suing|lawyers?|solicitors?|attorney|illegal\w*|gdpr|privacy|unsafe|safety|hazard\w*
        |toxic|fraud\w*|scam\w*|phishing|copyright|diskriminier\w*|rassis\w*|belästig\w*|klage[n]?|verklag\w*|anwalt\w*|anwält\w*|illegal\w*|dsgvo
        |datenschutz\w*|sicherheitslücke\w*|gefährlich\w*|betrug\w*|betrüg\w*|urheberrecht\w*""",
    "money": r"""refund\w*|overcharg\w*|charged\ (?:me|us|twice)|double\ charged?|invoices?|contracts?|cancel\w*\ (?:my\ )?(?:subscription|contract|plan)|money\ back
        |compensat\w*|prices?\ (?:went\ up|increase\w*|hike\w*)|rückerstatt\w*|geld\ zurück|rechnung\w*|abgebucht|vertrag\w*|kündig\w*|preiserhöhung\w*|entschädig\w*""",
    "quality": r"""broken|defect\w*|faulty|bugs?|buggy|crash\w*|outage\w*|doesn'?t\ work|not\ working|stopped\ working|poor\ quality|disappoint\w*|useless|stale|mou?ldy
        |kaputt|defekt\w*|fehlerhaft\w*|funktioniert\ nicht|geht\ nicht|abstürz\w*|ausfall\w*|schlechte\ qualität|enttäusch\w*|verschimmelt\w*""",
}


def _compiled(words: dict[str, str], *, bound: bool) -> dict[str, regex.Pattern[str]]:
    return {
        name: regex.compile(rf"\b(?:{text})\b" if bound else text, _FLAGS | regex.VERBOSE)
        for name, text in words.items()
    }


_CLAIMED = _compiled(_CLAIMS, bound=False)
_SENSITIVE = _compiled(_MATTERS, bound=True)
MOST_LETTERS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Reported:
    """What a text reports.

    Attributes:
        claims: names of ``severity.FLOORS``, in their order.
        matter: how sensitive it is.
        why: ``name: the words``, one each.
    """

    claims: tuple[str, ...]
    matter: Matter
    why: tuple[str, ...]


def reported(text: str) -> Reported:
    """Read what a text reports."""
    plain = text[:MOST_LETTERS].replace("’", "'")
    real = _FIGURES.sub(lambda found: " " * len(found[0]), plain)
    claims, why = [], []
    for name, pattern in _CLAIMED.items():
        for found in pattern.finditer(real):
            if not _UNREAL.search(real, max(0, found.start() - 60), found.start()) and not _asked(real, found.end()):
                claims.append(name)
                why.append(f"{name}: {found[0].strip()[:40]}")
                break
    for matter in ("law", "money", "quality"):
        if found := _SENSITIVE[matter].search(plain):
            why.append(f"{matter}: {found[0][:40]}")
            return Reported(tuple(claims), "law" if claims else matter, tuple(why))
    return Reported(tuple(claims), "law" if claims else "routine", tuple(why))


def _asked(text: str, end: int) -> bool:
    """Whether the clause around a word is a question; what is reported before a comma stays reported."""
    close = regex.search(r"[.!?\n,;:–—]", text, pos=end)
    return close is not None and close[0] == "?"


def graver(one: Matter, other: Matter) -> Matter:
    """The more sensitive of two."""
    return max(one, other, key=MATTERS.index)
