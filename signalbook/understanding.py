"""What a mention says to the team: the rules of a workspace, and the judgement of mentions by them.

Everything that listens asks here: the pipeline, replays of what was heard before, and the summary of a pull request; so they
cannot disagree. Nothing is read here: rules come from a Book, mentions and what is known of earlier ones are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from signalbook.classes import dataclass
from signalbook.model import Competitor, Message, Subject, Watch
from signalbook.records import Judgement, Mention, digest
from signalbook.sense import claims, cues, duplicates, language, match, sentiment

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.sense.claims import Matter

FORM: Final = "4"
"""Counts up whenever the same queries and model would judge otherwise."""
READ: Final = frozenset({"en", "de"})
"""Languages of which the words of complaints, wishes and reports are known."""
OVER: Final = frozenset({"retired", "dropped", "withdrawn", "expired"})
MOST_WHY: Final = 12
COMPARED: Final = 600
"""So many letters of a text are compared with others."""
OUTLETS: Final = frozenset({"feed", "imap", "files", "webmention"})
"""Sources of which each site is one voice, where no author is told."""


class Asked(NamedTuple):
    """One query: the document it belongs to, where it is asked, and in which language."""

    about: str
    sources: frozenset[str]
    lang: str


@dataclass(frozen=True)
class Rules:
    """What judges.

    Attributes:
        queries: all queries that can be read, by a name of their own.
        asked: that name → whose it is.
        own: accounts and addresses that are ours, folded: ``connector account``, or a host.
        langs: the team's languages.
        model: what was learnt of tone; ``None``: the rules alone.
        matters: ``kind/slug`` → how sensitive it is at least.
        version: a hash of all of this.
        refused: ``kind/slug`` → why a query of it cannot be read.
    """

    queries: match.Queries
    asked: Mapping[str, Asked]
    own: frozenset[str] = frozenset()
    langs: tuple[str, ...] = ("en",)
    model: sentiment.Model | None = field(default=None, repr=False)
    matters: Mapping[str, Matter] = field(default_factory=dict)
    version: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


def rules(book: Book, model: bytes | None = None) -> Rules:
    """The rules of a workspace; ``model`` is the file that ``train sentiment`` wrote.

    A query that cannot be read is left out and named: the others go on.

    Raises:
        ValueError: the model is none of this version.
    """
    nodes: dict[str, match.Node] = {}
    asked: dict[str, Asked] = {}
    refused: dict[str, str] = {}
    said: list[str] = []
    for about, texts, sources, lang in _queries(book):
        for number, text in enumerate(texts):
            name = f"{about}#{number}"
            said.append(f"{name}\t{text}\t{' '.join(sorted(sources))}\t{lang}")
            try:
                nodes[name] = match.parse(text)
            except match.QueryError as error:
                refused[about] = str(error)
            else:
                asked[name] = Asked(about, frozenset(sources), lang)
    settings = book.settings
    own = {f"{one.connector} {_handle(one.account)}" for one in settings.channels.values() if one.account}
    own |= {host.casefold().removeprefix("www.") for host in settings.own_domains}
    matters = {
        f"{kind}/{one.slug}": one.sensitivity
        for kind, documents in (("subject", book.all(Subject)), ("watch", book.all(Watch)))
        for one in documents
        if one.sensitivity
    }
    learnt = sentiment.Model.load(model) if model else None
    version = digest(
        FORM, *said, *sorted(own), *settings.team.languages, *sorted(matters.items()), digest(model or b"")
    )
    return Rules(
        match.Queries(nodes), asked, frozenset(own), settings.team.languages, learnt, matters, version[:16], refused
    )


def _queries(book: Book) -> Iterable[tuple[str, Sequence[str], Iterable[str], str]]:
    """Every document that listens: its name, its queries, where, and in which language."""
    for subject in book.all(Subject):
        yield f"subject/{subject.slug}", subject.queries or _phrases(subject.names), (), ""
    for rival in book.all(Competitor):
        if rival.status not in OVER:
            yield f"competitor/{rival.slug}", rival.queries or _phrases(rival.names), (), ""
    for message in book.all(Message):
        if message.status not in OVER:
            yield f"message/{message.slug}", message.queries, (), ""
    for watch in book.all(Watch):
        if watch.query and watch.status not in OVER:
            yield f"watch/{watch.slug}", (watch.query,), watch.sources, watch.lang or ""


def _phrases(names: Iterable[str]) -> list[str]:
    """Names as queries: words in a row."""
    return [f'"{plain}"' for name in names if (plain := name.replace('"', " ").strip())]


# --- judging ---------------------------------------------------------------------------------------------------------


class Earlier(NamedTuple):
    """An earlier mention to compare with."""

    key: str
    text: str
    story: str
    also: bool = False
    """Whether it is a further appearance, whose text may be another than the first one's."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of earlier mentions.

    Attributes:
        marks: mark → key of the first mention that bore it.
        stories: mentions of the last days, oldest first.
        story_of: key → story, of those that may be named again.
        sent: ids and addresses of our own posts.
        apart: pairs of keys that a person took apart.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    stories: Sequence[Earlier] = ()
    story_of: Mapping[str, str] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
    apart: frozenset[frozenset[str]] = frozenset()


def judge(mentions: Iterable[Mention], by: Rules, past: Past, now: datetime) -> list[Judgement]:
    """Judge mentions, oldest first, each by the rules and by what was known before it."""
    ordered = sorted(mentions, key=lambda one: (one.published_at or one.heard_at, one.key))
    langs = [language.language(_whole(one), one.lang, among=by.langs) for one in ordered]
    tones = sentiment.tones(
        [(_whole(one), lang or "und") for one, lang in zip(ordered, langs, strict=True)], model=by.model
    )
    spoken = [lang or (by.langs[0] if by.langs else "") for lang in langs]
    complaints = sentiment.complaints([(_whole(one), lang) for one, lang in zip(ordered, spoken, strict=True)])
    stories = duplicates.Stories(apart=past.apart)
    for earlier in past.stories:
        stories.know(earlier.key, earlier.text, earlier.story, also=earlier.also)
    known = dict(past.marks)
    story_of = dict(past.story_of)
    found = []
    for one, lang, said, rated, (_, complains) in zip(ordered, langs, spoken, tones, complaints, strict=True):
        marks = duplicates.marks(one.url, one.title, one.published_at)
        same = next(
            (known[mark] for mark in marks if mark in known and not _apart(past, one.key, known[mark])), one.key
        )
        for mark in marks:
            known.setdefault(mark, same)
        if same == one.key:
            story = stories.add(one.key, compared(one))
        else:
            story = story_of.get(same, same)
            stories.know(one.key, compared(one), story, also=True)
        story_of[one.key] = story
        about, why = _about(one, lang, by)
        reported = claims.reported(_whole(one))
        matter: Matter = reported.matter
        for name in about:
            matter = claims.graver(matter, by.matters.get(name, "routine"))
        spread = _spread(one, by, past)
        tone = _grave(rated) if reported.claims else rated
        if tone.label:
            why.append(
                f"tone by {'the team’s model' if tone.by == 'model' else 'rules'}: {', '.join(tone.why) or 'the whole'}"
            )
        why += reported.why
        found.append(
            Judgement(
                key=one.key,
                rule=by.version,
                at=now,
                said_at=one.published_at or one.heard_at,
                source=one.source,
                channel=one.channel,
                site=site(one.url),
                who=who(one),
                lang=lang,
                tone=tone.label or "",
                confidence=tone.confidence,
                rated_by=tone.by,
                complaint=round(100 * (complains if said in READ else _told_by_model(tone))),
                asks="yes" if cues.read(_whole(one)[:2_000], lang).asks else "",
                spread=spread,
                about=tuple(about),
                same=same,
                story=story,
                claims=reported.claims if spread != "own" else (),
                matter=matter,
                followers=one.followers,
                engaged=one.engaged,
                why=tuple(why[:MOST_WHY]),
                marks=marks,
            )
        )
    return found


def _grave(tone: sentiment.Tone) -> sentiment.Tone:
    """The tone of a report of harm: whoever found a splinter says so in plain words, and "safety" is a bright one to the rules."""
    return replace(tone, label="negative", confidence=0.5) if tone.by == "rules" and tone.label != "negative" else tone


def _told_by_model(tone: sentiment.Tone) -> float:
    """How surely it is a complaint in a language of which no words are known: as surely as a trained model calls it negative."""
    return tone.confidence if tone.label == "negative" and tone.by == "model" else 0.0


def compared(mention: Mention) -> str:
    """What of a mention is compared with others."""
    return f"{mention.title} {mention.text[:COMPARED]}"


def who(mention: Mention) -> str:
    """A pseudonym of the author, the same for the same account of the same source; of an outlet that names none, of its site."""
    return pseudonym(mention.source, mention.author or (site(mention.url) if mention.source in OUTLETS else ""))


def pseudonym(source: str, account: str) -> str:
    """The pseudonym of an account; empty without one."""
    handle = _handle(account)
    return digest("who", source, handle)[:12] if handle else ""


def site(url: str) -> str:
    """The host of an address, without ``www.``."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.casefold().removeprefix("www.")


def _whole(mention: Mention) -> str:
    return f"{mention.title}\n{mention.text}" if mention.title else mention.text


def _handle(account: str) -> str:
    return account.strip().casefold().removeprefix("@")


def _apart(past: Past, key: str, other: str) -> bool:
    return frozenset((key, other)) in past.apart


def _about(mention: Mention, lang: str, by: Rules) -> tuple[list[str], list[str]]:
    """Whom a mention is about, in order, and by which words."""
    if not by.asked:
        return [], []
    said = match.Said(
        text=mention.text,
        title=mention.title,
        author=mention.author,
        site=mention.url,
        lang=lang,
        source=mention.source,
    )
    where = {mention.source, mention.channel, mention.url, site(mention.url)}
    about: dict[str, str] = {}
    for name in by.queries.found(said):
        asked = by.asked[name]
        if (asked.sources and not asked.sources & where) or (
            asked.lang and lang and asked.lang.partition("-")[0] != lang
        ):
            continue
        words = list(match.explain(by.queries.nodes[name]))[:4]
        about.setdefault(asked.about, f"{asked.about}: {', '.join(words)}")
    return list(about), list(about.values())


def _spread(mention: Mention, by: Rules, past: Past) -> Any:
    if mention.id in past.sent or mention.url in past.sent:
        return "own"
    if f"{mention.source} {_handle(mention.author)}" in by.own or site(mention.url) in by.own:
        return "own"
    return "repeat" if mention.boosts else "voice"
