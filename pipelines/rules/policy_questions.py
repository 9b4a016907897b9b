"""A policy of the usual set answers the questions that people will have when they need it.

A question counts as answered when a heading or the text uses one of its words, in English or German; whether the
answer is a good one, only a reader can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from pipelines.judging import counted, is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Policy
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "social-media": {
        "Who is it for?": r"who is (this|it) for|everyone|everybody|applies to|covers|für wen|gilt für",
        "Is an account mine or ours?": r"accounts?|profiles?|konto|konten",
        "What may I always do?": r"working conditions|\bpay\b|union|always (do|say)|arbeitsbedingungen|gehalt|gewerkschaft",
        "What is confidential?": r"confidential|secret|not public|internal|vertraulich|geheim",
        "How do I say who I work for?": r"work for|employer|disclos|arbeit(e|en|est)? für|arbeitgeber",
        "What do I do in a crisis?": r"crisis|emergency|incident|alarm|krise|notfall",
        "What do I do when the press writes?": r"press\b|journalist|reporter|presse",
        "What if I make a mistake?": r"mistake|\berr(or|ors|ed)?\b|wrong|correct|fehler|irr",
        "Who helps?": r"\bhelps?\b|\bask\b|contact|hilf|fragen",
        "Are private accounts watched? (no, said plainly)": r"watch|monitor|private accounts?|surveil|überwach|beobacht|private konten",
    },
    "disclosure": {
        "Who counts as connected?": r"connect|relationship|family|employee|gift|verbindung|familie|geschenk",
        "Which words, where, on each network and in each language?": r"words?|wording|label|\bad\b|wort|worte|kennzeichn|anzeige",
        "Who adds them?": r"who (adds?|appends?|writes?|puts?)|we (add|append|put)|added by|author|wer (setzt|schreibt|fügt)",
        "Do likes, shares and reviews count?": r"likes?\b|shares?\b|reviews?\b|gefällt|teilen|bewertung",
        "What do partners sign?": r"partners?\b|sign(s|ed)?\b|contract|vertrag|unterschr",
        "Who samples, and how often?": r"sampl|check|audit|how often|every (month|week|quarter)|stichprobe|prüf",
        "What about media made by a machine?": r"generated|altered|artificial|\bai\b|\bki\b|machine|künstlich",
    },
    "approval": {
        "Which tier is what?": r"tiers?\b|stufen?\b",
        "Who approves, and who stands in?": r"stands? in|deput|backup|in place of|vertret",
        "What counts as an approval?": r"counts as|approval is|evidence|exactly these|gilt als|nachweis",
        "How long does it hold, and what undoes it?": r"hold|valid|ends|undo|expire|gilt .* tage|verfäll|erlisch",
        "Is there a fast lane?": r"fast lane|urgent|quick|express|eil|schnell",
        "What about nights and a crisis?": r"night|crisis|weekend|nacht|krise|wochenende",
    },
    "accessibility": {
        "Alt text: who, by when?": r"alt[ -]?texts?|alternativtext|bildbeschreibung",
        "Captions?": r"captions?|subtitle|untertitel",
        "Contrast?": r"contrast|kontrast",
        "Hashtags and emoji?": r"hashtag|emoji",
        "Plain language?": r"plain|simple words|readab|einfach|verständlich",
        "What when a network cannot?": r"cannot|can't|not able|does not (allow|offer)|unless .* network|kann .* nicht|nicht möglich",
    },
    "crisis": {
        "Who may call one?": r"who may|may (call|open|declare|raise)|calls? (it|one)|wer darf|ausruf",
        "How bad is it?": r"severity|how bad|\bS1\b|schwere|stufe",
        "Who does what, and who stands in?": r"roles?\b|who does|stands? in|backup|deput|rollen|vertret",
        "Who speaks?": r"speaks?\b|spokes|sprech|sprich",
        "How does a hold begin and end?": r"\bholds?\b|stop|release|halt|freigab",
        "When are drills?": r"drill|exercise|rehears|übung|proben",
        "Do staff hear it first?": r"staff|our own people|colleagues|employees|inside first|team (is told|hears)|mitarbeit|belegschaft|kolleg",
    },
    "privacy": {
        "What do we keep of mentions and people, on what ground, where, how long?": r"(?s:(ground|basis|consent|interest).*(days|months|year|long|until))|(?s:(grundlage|einwilligung).*(tage|monat|jahr|lange))",
        "How is it erased, on request or when the author deletes?": r"eras|delet|lösch",
        "Who sees it?": r"who (may )?(see|read)s?|access|visible|wer (sieht|liest)|zugriff|zugang",
        "What do the networks' terms ask?": r"terms\b|conditions of|nutzungsbedingung|bedingungen",
        "With whose consent does a contact reach the customer system?": r"\bcrm\b|customer (system|relation)|sales|contacts?\b|kunden|vertrieb",
        "What about minors?": r"minors?\b|children|under (1[0-8]|age)|minderjährig|kinder",
    },
    "community-rules": {
        "What is welcome?": r"welcom|like to (see|read)|willkommen|gern",
        "What is hidden, removed, banned?": r"(?s:hid(e|den).*(remov|delet))|(?s:remov.*(hid(e|den)|ban))|verberg|verborgen|entfern|gelöscht",
        "Who decides?": r"decid|moderator|entscheid",
        "How does one appeal?": r"appeal|object|disagree|complain|widerspr|einspruch|beschwer",
        "What is logged?": r"log(ged|s|\b)|record|written down|note[sd]?\b|protokoll|aufgezeichnet|notier",
        "How do moderators rest?": r"\brest\b|breaks?\b|pause|turns?\b|relie|erhol",
    },
}
_NAMES = {
    "social-media": "social-media",
    "disclosure": "disclosure",
    "approval": "approval",
    "approvals": "approval",
    "accessibility": "accessibility",
    "crisis": "crisis",
    "privacy": "privacy",
    "data-protection": "privacy",
    "community-rules": "community-rules",
    "house-rules": "community-rules",
}
_COMPILED = {
    name: {question: pattern(words, re.IGNORECASE) for question, words in rows.items()}
    for name, rows in _QUESTIONS.items()
}


@rule(
    "policy-questions", level=Level.BLOCK, about="The policies of the usual set answer the questions people will have."
)
def policy_questions(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find policies that leave a question of their set open."""
    for policy in book.all(Policy):
        name = next((_NAMES[part] for part in _NAMES if part == policy.slug or part in policy.slug), None)
        if name is None or is_over(policy) or policy.unreadable:
            continue
        text = f"{policy.summary or ''}\n{policy.body}"
        missing = [question for question, pattern in _COMPILED[name].items() if not pattern.search(text)]
        if missing:
            yield ask(
                policy,
                "",
                f"{policy.name} leaves {counted(len(missing), 'question')} open: {' '.join(missing)} Somebody will look "
                "here for the answer on the day it matters, and act on a guess.",
                f"Add a heading for each, for example `## {missing[0]}`, and answer it in a sentence or two; ‘we do not "
                "know yet, ask …’ is an answer.",
                line=policy.body_line,
            )
