"""Does what was heard ask for somebody, and for whom? Judged mentions → the events that open cases, and that continue them.

A case is opened for what a person must answer or decide on: a report of harm, a lawyer, an authority, the press, a security
report, a complaint, a question, a wrong fact, a buying signal, praise that is meant for us. What only speaks about us, rants
without a question, what others repeat, what we said ourselves and what is older than three days opens none.

The same sentence from many accounts is one matter: while its case waits for an answer, the further accounts are noted in it.
A short sentence may be said by two people of two things, and so may one in which a word differs: those stay two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import regex

from signalbook import cases as cases_
from signalbook import matrix, routing
from signalbook.classes import dataclass
from signalbook.records import CaseEvent, Mention, digest
from signalbook.sense import cues, wants
from signalbook.sense import severity as severities
from signalbook.understanding import READ

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.cases import Case
    from signalbook.records import Judgement
    from signalbook.sense.route import Router
    from signalbook.sense.severity import Severity

FRESH: Final = timedelta(days=3)
"""Whoever wrote longer ago does not wait for us any more; the mention counts, and opens no case."""
COMPLAINS: Final = 50
"""Chance in percent from which on what sounds negative is a complaint."""
SURELY: Final = 70
"""Chance in percent from which on it is one however it sounds. A text that says nothing either way has about 50."""
BY_CHANCE: Final = 8
"""Two people may write the same seven words without knowing of each other; so many they copy."""
_CALLED: Final = regex.compile(r"https?://\S+|(?<!\w)@[\w.-]+(?:@[\w.-]+)?")
_WORD: Final = regex.compile(r"\w+(?:'\w+)?")
TOLD: Final = COMPLAINS + 1
"""The same of what is said to us: more for it than against it, however it sounds."""
_FIRST: Final = ("abuse", "legal", "press", "security")
"""Wishes that decide before any tone; in the order of the response matrix."""


@dataclass(frozen=True, slots=True)
class Asks:
    """What a mention asks of us.

    Attributes:
        row: name of the line of the response matrix; empty for nothing.
        why: a sentence, without a word of theirs.
    """

    row: str
    why: str


def asks(mention: Mention, judged: Judgement, *, to_us: bool = False) -> Asks:
    """Say which line of the response matrix a mention is, from what was understood of it and from its words.

    ``to_us``: somebody wrote to us, and not only about us. Then a need that is told is a question, and little is a complaint.
    """
    if {"death", "injury"} & set(judged.claims):
        return Asks("safety", "It reports that somebody is or may be hurt.")
    if "personal-data" in judged.claims:
        return Asks("private-data", "It speaks of personal data in the open.")
    words = f"{mention.title}\n{mention.text}"
    said = wants.read(words)
    for name in _FIRST:
        if name in said:
            return Asks(name, f"Its words are those of “{matrix.ROWS[name].what}”.")
    if "authority" in judged.claims:
        return Asks("legal", "It says that an authority asks.")
    enough = COMPLAINS if judged.tone == "negative" else TOLD if to_us else SURELY
    complains = judged.complaint >= enough
    if "correction" in said and (judged.complaint < SURELY or not cues.grieved(words, judged.lang or "en")):
        return Asks("correction", "It says that something of ours is wrong.")
    if complains:
        return Asks("complaint", f"It complains (chance {judged.complaint} %).")
    if "lead" in said and judged.tone != "negative":
        return Asks("lead", "It reads as interest in what we offer.")
    if "suggestion" in said:
        return Asks("suggestion", "It proposes something.")
    if judged.asks or "question" in said:
        return Asks("question", "It asks something.")
    if "thanks" in said and judged.tone != "negative" and judged.complaint < SURELY:
        return Asks("praise", "It thanks or praises us.")
    if to_us and "need" in said:
        return Asks("question", "It tells us of a need.")
    if to_us and judged.lang and judged.lang.partition("-")[0] not in READ:
        return Asks("question", "It is said to us in a language whose words are not known here.")
    return Asks("", "It asks for nothing.")


def decide(
    book: Book,
    heard: Iterable[tuple[Mention, Judgement]],
    now: datetime,
    *,
    cases: Sequence[Case] | None = None,
    router: Router | None = None,
    firsts: Mapping[str, Mention] | None = None,
) -> list[CaseEvent]:
    """The events that what was heard makes: cases that open, and cases in which the person wrote again.

    ``cases`` are those that exist, read from the Book when not given. ``firsts`` are earlier mentions by key, of the stories that
    what was heard belongs to. Deciding the same twice makes the same events, and what
    has its case already makes none.
    """
    known = list(cases_.read(book, now) if cases is None else cases)
    by_mention = {key: one for one in known for key in (one.mention, one.newest, *one.echoes) if key}
    heard = list(heard)
    words = {mention.key: mention for mention, _ in heard} | dict(firsts or {})
    # Mention → the case that waits for its first answer.
    waits = {one.mention: one.id for one in known if one.open and one.replied_at is None and one.mention}
    by_answer = {place: one for one in known for place in _answers(one)}
    done = {said.get("mention", "") for one in known for row in one.events for said in (cases_.facts(row),)}
    sent = {place for row in book.receipts for place in (row.id, row.url) if place}
    loads = cases_.loads(book, known, now)
    made: list[CaseEvent] = []
    for mention, judged in heard:
        if mention.key in done or judged.spread != "voice" or judged.same != mention.key:
            continue
        if (mention.published_at or mention.heard_at) < now - FRESH:
            continue
        before = by_answer.get(mention.reply_to) if mention.reply_to else None
        if before is None and mention.reply_to:
            before = by_mention.get(digest(mention.source, mention.reply_to))
        if before is not None:
            made.append(
                cases_.event(before.id, "heard", now, "", {"mention": mention.key, "inside_at": mention.heard_at})
            )
            done.add(mention.key)
            continue
        if not _ours(book, mention, judged, sent):
            continue
        found = asks(mention, judged, to_us=_to_us(book, mention, sent))
        if not found.row:
            continue
        done.add(mention.key)
        if (name := waits.get(judged.story)) and _same_words(words.get(judged.story), mention):
            made.append(cases_.event(name, "echoed", now, "", {"mention": mention.key, "inside_at": mention.heard_at}))
            continue
        event = _opened(book, mention, judged, found, now, loads, router)
        made.append(event)
        waits[mention.key] = event.case
        if owner := cases_.facts(event).get("owner", ""):
            load = loads[owner]
            loads[owner] = cases_.Load(owner, load.open + 1, load.today + 1, load.limit, load.late)
    return made


def _same_words(first: Mention | None, mention: Mention) -> bool:
    """Whether two mentions say the same sentence, so long that nobody says it by chance; names called and addresses do not count."""
    said = _sentence(mention)
    return first is not None and len(said) >= BY_CHANCE and said == _sentence(first)


def _sentence(mention: Mention) -> list[str]:
    text = _CALLED.sub(" ", f"{mention.title} {mention.text}".casefold())
    found: list[str] = _WORD.findall(text)
    return found


def _answers(one: Case) -> Iterable[str]:
    """The ids and addresses of what we said in a case."""
    for row in one.events:
        if row.what == "answered":
            said = cases_.facts(row)
            yield from filter(None, (said.get("id", ""), said.get("url", "")))


def _ours(book: Book, mention: Mention, judged: Judgement, sent: set[str]) -> bool:
    """Whether it is said to us or about us: not about a competitor alone, and not merely found by a tag."""
    return _to_us(book, mention, sent) or any(name.startswith(("subject/", "watch/")) for name in judged.about)


def _to_us(book: Book, mention: Mention, sent: set[str]) -> bool:
    """Whether somebody wrote to us: below a post of ours, by our name, or a letter into a box that is answered."""
    if (mention.reply_to and mention.reply_to in sent) or _answers_on(book, mention.channel) != mention.channel:
        return True
    text = mention.text.casefold()
    return any(
        (name := channel.account.strip().removeprefix("@").casefold()) and f"@{name}" in text
        for channel in book.settings.channels.values()
    )


def _opened(
    book: Book, mention: Mention, judged: Judgement, found: Asks, now: datetime, loads: Mapping[str, cases_.Load],
    router: Router | None,
) -> CaseEvent:  # fmt: skip
    row = matrix.rows(book)[found.row]
    bad = severity(judged, row)
    about = judged.about
    routed = routing.route(
        book, now, row=row, severity=bad.level, about=about, lang=judged.lang, source=mention.source,
        channel=mention.channel, loads=loads, router=router, text=f"{mention.title} {mention.text}".strip(),
    )  # fmt: skip
    facts = {
        "mention": mention.key, "source": mention.source, "channel": _answers_on(book, mention.channel), "row": row.name, "type": row.type,
        "severity": bad.level, "points": bad.points, "floor": bad.floor, "topic": _topic(about), "lang": judged.lang,
        "received_at": mention.published_at or mention.heard_at, "inside_at": mention.heard_at, "owner": routed.act,
        "backup": routed.backup, "inform": routed.inform, "rule": routed.rule,
        "why": " ".join((found.why, *routed.why)),
    }  # fmt: skip
    return cases_.event(cases_.case_id(mention.key), "opened", now, "", facts)


def _answers_on(book: Book, channel: str) -> str:
    """The channel an answer goes out on: where it was heard, or the one that ``answer_by`` names, e.g. mail for a mailbox."""
    found = book.settings.channels.get(channel)
    named = str(found.more.get("answer_by") or "") if found else ""
    return named if named in book.settings.channels else channel


def severity(judged: Judgement, row: matrix.Row) -> Severity:
    """How bad one voice is: at most S3 unless what it reports has a floor; harm is S2 until it is disproved."""
    claims = frozenset(judged.claims) & frozenset(severities.FLOORS)
    if row.type == "safety" and not claims:
        claims = frozenset({"injury"})
    return severities.judge(
        sources=1, times_usual=1, voice="trade" if judged.followers >= 10_000 else "none",
        negative=judged.tone == "negative", rated=bool(judged.tone), matter=judged.matter, claims=claims, echo=False,
    )  # fmt: skip


def _topic(about: Sequence[str]) -> str:
    """The name a case is filed under: the subject, else the watch."""
    ranked = sorted(about, key=lambda name: (not name.startswith("subject/"), not name.startswith("watch/")))
    return ranked[0] if ranked else ""


__all__ = ["COMPLAINS", "FRESH", "Asks", "asks", "decide", "severity"]
