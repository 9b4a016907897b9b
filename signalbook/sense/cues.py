"""Words that speak of trouble or of thanks, beside what a dictionary of moods knows: the everyday language of complaints.

Each list is of general words, none of one trade. They feed ``sentiment`` as numbers and are shown as the reason.
"""

from __future__ import annotations

import re
from typing import Final

import regex

from signalbook.classes import dataclass
from signalbook.pattern import pattern, unicode_pattern

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
_GRIEVANCE: Final = {
    "en": r"""still\ (?:waiting|no\b|nothing|not|hasn't|haven't|broken|down|missing|can't|cannot|unable|unresolved)|(?:waited|waiting|wait|hold|queue[ds]?|sat|stuck|stood)\ (?:\w+\ ){0,4}(?:\d+\ ?\+?|an|two|three|four|five|several|many|all)\ ?(?:hours?|hrs?|h|mins?|minutes|days?|weeks?|months?)
        |(?:\d+|an|another|two|three|four)\ (?:more\ )?(?:hours?|hrs?|minutes|mins)\ (?:\w+\ )?on\ hold|(?:nobody|no\ one|noone)\ (?:\w+\ )?(?:answer\w*|repl\w+|pick\w*|respond\w*|help\w*|cares?|came|come|knows?|calls?|called|told|tells)|no\ (?:repl(?:y|ies)|response|answer|refund|hot\ water|heating|explanation|apology|help\ (?:from|at))
        |charged\ (?:me\ |us\ )?(?:twice|double|again|wrong\w*|for\ nothing|too\ much)|overcharg\w+|ripp?(?:ed)?[-\ ]?off|my\ money\ back|refund\ (?:\w+\ ){0,2}(?:was|still|never|hasn't|promised|refused|denied|pending)|(?:refuse\w*|denied|deny)\ (?:\w+\ ){0,3}refund|(?:never|not)\ (?:arrived|delivered|received|came|come|showed|turned\ up|refunded|replied|answered|been\ (?:delivered|refunded|answered))
        |(?:items?|half|parts?|pieces?|bag|luggage)\ (?:\w+\ ){0,5}missing|missing\ (?:from\ my|items?|parts?)|(?:arrives?|arrived|came|comes|delivered|was|were|is|are)\ (?:\w+\ ){0,2}(?:broken|crushed|damaged|cold\b(?!\ (?:brew|outside))|filthy|mouldy|moldy|stale|raw|defective|faulty|torn|soggy|undercooked|inedible|rotten|unusable|overpriced|a\ (?:joke|mess|shambles|disgrace|nightmare))
        |unusable|unacceptable|appalling|disgraceful|shambles|abysmal|pathetic|shocking\ (?:service|customer)|worst\ (?:\w+\ ){0,3}(?:ever|i|service|experience|airline|bank|company|company|customer|loaf|food)|(?:would|will|can)(?:n't|not|\ not|\ never)\ recommend|never\ (?:again|(?:order|buy|fly|shop|book|stay|eat|com|bank|travel|us)\w*\ (?:\w+\ ){0,4}again)|avoid\ (?:at\ all|like|this|them)
        |logs?\ me\ out|kicks?\ me\ out|locked\ (?:me\ )?out\ of|keeps?\ (?:on\ )?(?:crash|eat|log|los|show|say|fail|ask|freez|send|charg|disconnect|cancel|delet|drop|stop)\w*|(?:won't|doesn't|didn't|can't|cannot|couldn't|don't|isn't|wasn't)\ (?:even\ )?(?:load|open|start|work|working|log\ ?in|pay|connect|update|reach|get\ through|access|deliver\w*|refund|answer|respond|help|check\ in)\b|(?:gets?|got|being|been|was)\ (?:declined|rejected|cut\ off|ignored|hung\ up\ on|bumped|overcharged|lied\ to)
        |stopped\ working|(?:second|third|fourth|2nd|3rd|4th|fifth)\ time\b|every\ single\ (?:time|day)|yet\ again|once\ again\ (?:no|not|late|cancel)|(?:rude|unfriendly|arrogant|dismissive|incompetent|clueless|unhelpful)\ (?:\w+\ )?(?:staff|waiter|waitress|driver|agents?|service|people|employee|lady|man|support|crew)|(?:staff|agents?|waiter|driver|support|service|crew|they)\ (?:\w+\ ){0,3}(?:rude|laughed|hung\ up|ignored|shouted|yelled|refused|lied|useless|clueless|a\ joke|terrible|awful|horrible|appalling)
        |cancel+ed\ (?:my|our)|without\ (?:telling|notice|warning|asking|explanation|any\ notice)|not\ (?:what|as)\ (?:was\ |i\ )?(?:pictured|described|advertised|ordered|promised|paid)|(?:sending|sent)\ it\ back|(?:promised|supposed\ to\ (?:arrive|be\ here|come))\ (?:\w+\ ){0,3}(?:week|yesterday|monday|tuesday|wednesday|thursday|friday|days|month)
        |where(?:'s|\ is|\ are)\ (?:the\ hell\ is\ )?my\ (?:\w+\ )?(?:order|parcel|package|refund|money|bags?|luggage|delivery|food|stuff|suitcase)|what\ happened\ to\ my|filthy|(?:was|were|been)\ told\ (?:\w+\ ){1,5}?(?:it\ is|it's|but|today)\b|told\ \w+\.\ it\ is|wrong\ (?:bill|order|item|size|colou?r|address|amount|food|price|flight|meal|product)\b|lost\ (?:my|our)\ (?:\w+\ )?(?:bags?|luggage|parcel|order|suitcase|booking|reservation|baggage)
        |(?:templates?|bots?|copy[-\ ]paste|canned|automated)\ (?:\w+\ )?(?:answers?|repl\w+|responses?)|sends?\ templates|(?<!not\ )(?<!never\ )(?<!n't\ )disappoint(?:ed|ing|ment)|fed\ up|had\ enough|sick\ (?:of|and\ tired)|(?:poor|bad|terrible|awful|horrible|horrendous|crap|atrocious|lousy)\ (?:\w+\ )?(?:service|quality|communication|experience|support|customer|food)|late\ again|delayed\ again|nothing\ works|(?:an?|two|three|four|five|\d+)\ (?:hours?|days?|weeks?|months?|mins?|minutes)\ late|took\ (?:over\ |more\ than\ |almost\ |nearly\ )?(?:an?|two|three|four|five|six|seven|eight|nine|ten|\d+|forever|ages)\ ?(?:hours?|days?|weeks?|months?)?|not\ a\ word\ (?:of|from)|(?:zero|0)\ (?:answers?|repl\w+|responses?|help|communication|apolog\w+)
        |(?:asked|called|emailed|e-mailed|phoned|rang|written|wrote|complained|tried)\ (?:\w+\ ){0,3}(?:twice|(?:two|three|four|five|six|ten|several|many|multiple|\d+)\ times|again\ and\ again)|hung\ up\ on|renewed\ without|without\ asking|(?:price|prices|fees?)\ (?:has\ |have\ )?(?:went|gone|go|keep\ going|doubled|tripled)\ ?(?:up)?|(?:have|has)\ (?:halved|shrunk|got\ worse|gone\ downhill)|gone\ downhill
        |(?:tasted?|tastes|smell(?:s|ed)?)\ (?:like|of)\ (?!home|heaven|childhood|summer|christmas|spring|more|the\ real|a\ dream)|(?:throw|threw|thrown)\ (?:\w+\ ){0,4}(?:away|out|in\ the\ bin)|(?:broke|snapped|fell\ apart|came\ apart|died|stopped)\ (?:\w+\ )?(?:after|within|in|on)\ (?:\w+\ )?(?:an?|one|two|three|\w+)\ (?:days?|weeks?|months?|uses?|hours?|wash(?:es)?)
        |your\ (?:\w+\ )?(?:driver|courier|staff|waiter|waitress|cashier|agent|technician|update|app|system|website|site|team|employee|manager|clerk|shop|store)\ (?:\w+\ ){0,2}(?:left|lost|wiped|deleted|broke|ruined|forgot|ignored|dropped|threw|cancel+ed|refus\w+|charged|kicked|yelled|shouted|lied|ate|walked|slammed|drove|blocked|sold|insult\w+)|(?:wiped|deleted|erased|ruined|destroyed|lost)\ (?:all\ )?(?:my|our)\b
        |(?:was|were|been)\ (?:given\ (?:to\ )?(?:away|others|someone)|shut|sold\ (?:twice|out\ despite)|turned\ away|thrown\ out|double[-\ ]booked|overbooked)|my\ (?:luggage|bags?|suitcase|baggage|parcel)\ (?:is|are|was|went|ended\ up)\ (?:still\ )?(?:in|at|to)\b|eating\ my\ (?:basket|order|cart)|waste\ of\ (?:money|time)|laughed\ when""",
    "de": r"""(?:warte\w*|gewartet)\ (?:\w+\ ){0,5}(?:auf\ (?:mein\w*|die|das|eine|den|unser\w*)|seit|stunden?|wochen|tagen?|minuten|noch|immer)|seit\ (?:\w+\ ){1,3}(?:stunden|tagen|wochen|monaten)\ (?:\w+\ )?(?:warte\w*|keine?|nichts|nicht|ohne)|immer\ noch\ (?:nicht|kein\w*|nichts)|geld\ zurück|rückerstattung\ (?:\w+\ ){0,3}(?:nicht|immer|fehlt)
        |(?:kam|kamen|war|waren|ist|sind|wurde)\ (?:\w+\ ){0,4}(?:zu\ spät|kalt|kaputt|defekt|roh|beschädigt|aufgerissen|verschimmelt|schmutzig|dreckig|falsch|leer|steinhart|ungenießbar|matschig|versalzen|eklig|trocken|verbrannt|unfreundlich|zerdrückt|abgelaufen)|nie\ wieder|unfreundlich\w*|frech\w*|unverschämt\w*|unmöglich(?:e[rsn]?)\ (?:service|personal|verhalten|zustand)
        |nicht\ (?:erreichbar|geliefert|angekommen|erhalten|bekommen|erstattet|geantwortet|zu\ erreichen|nutzbar)|ohne\ (?:antwort|reaktion|begründung|ankündigung|vorwarnung|erklärung)|keine\ (?:antwort|reaktion|rückmeldung|erstattung|lieferung|hilfe|entschuldigung)|(?:hälfte|teil|stück)\ (?:\w+\ )?fehl\w*|fehlt\w*\ (?:die|mein|noch|schon)|doppelt\ (?:abgebucht|berechnet|bezahlt)|zu\ viel\ (?:abgebucht|berechnet)
        |(?:keiner|niemand)\ (?:\w+\ )?(?:reagiert|antwortet|hilft|da|zuständig|zu\ sehen|erreichbar)|(?:lauwarm|ungenießbar|unvollständig|abgewürgt|lieblos|genervt|überteuert|angebrannt|angeschimmelt|angestanden|unpünktlich|abgezockt|vergessen\ worden)|entspr\w+\ nicht|nicht\ (?:der|wie)\ (?:beschreibung|beschrieben|bestellt|versprochen|abgebildet)|(?:stürzt|stürzte)\ (?:\w+\ ){0,4}ab|(?:stunde[n]?|tage|wochen|minuten)\ (?:zu\ spät|verspätet|verspätung|angestanden|gewartet|in\ der\ (?:schlange|warteschleife))|niemand\ (?:geht|antwortet|meldet|hilft|fühlt|kümmert|ruft|weiß)|(?<!nicht\ )enttäusch\w*|abzocke|saftladen|zumutung|mangelhaft|sauerei|(?:schlechte[rsn]?|mieser?|grottige[rs]?)\ (?:\w+\ )?(?:service|qualität|erfahrung|bedienung|laden|kundenservice|essen)|ärgerlich|(?:einfach|wieder|kurzfristig)\ storniert|wo\ (?:ist|bleibt|bleiben)\ (?:\w+\ )?mein\w*|stürzt\ (?:\w+\ ){0,3}ab|(?:geht|funktioniert|lädt|öffnet)\ (?:\w+\ )?nicht|beschwer(?:e|en|de)\b|schon\ wieder\ (?:\w+\ )?(?:verspät\w*|ausgefallen|kaputt|zu|falsch)|zum\ (?:zweiten|dritten|vierten)\ mal|reklam\w+|nicht\ (?:zu\ )?empfehlen""",
}
_SPAN = regex.compile(
    r"\d+\s*\+?\s*(?:h|hr|hrs|hours?|min|mins|minutes|days?|weeks?|months?|std|stunden?|minuten|tagen?|wochen?|monaten?)\b",
    regex.IGNORECASE,
)


_GRIEVED = {lang: pattern(rf"\b(?:{text})", re.VERBOSE) for lang, text in _GRIEVANCE.items()}
"""For texts in small letters."""


def grieved(text: str, lang: str = "en") -> str:
    """What somebody complains of in so many words, e.g. ``still waiting``; empty for nothing."""
    found = _GRIEVED[lang].search(text.lower().replace("’", "'")) if lang in _GRIEVED else None
    return found[0] if found else ""


_FIGURES = unicode_pattern(
    r"\b(?:to die for|(?:killed|killing|nailed|crushed) it|no complaints?|can'?t complain|never (?:disappoints?|disappointed)|not disappointed|"
    r"can'?t fault|(?:insanely|stupidly|ridiculously|crazy|wicked|dangerously) (?:good|tasty|delicious|fast|cheap)|(?:are|is|was) the bomb|"
    r"sick (?:beats?|tracks?|tunes?|design|moves?))\b",
    regex.IGNORECASE,
)


def meant(text: str) -> str:
    """A text in which figures of speech that praise with dark words say what they mean."""
    return str(_FIGURES.sub("great", text))


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
