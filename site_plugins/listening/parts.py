"""What the pages of this room show alike: a meaning, a share with its error, a quote, a topic, the way between the views."""

from __future__ import annotations

import math
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from signalbook.classes import dataclass
from signalbook.model import Competitor, Message, Subject, Watch
from signalbook.monthly import TONES, Heard
from signalbook.pattern import pattern
from signalbook.prose import same
from signalbook.records import digest
from site_plugins import components as sb
from site_plugins import text
from site_plugins.markup import Markup
from site_plugins.pages import href
from site_plugins.site import heard_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signalbook.book import Book
    from signalbook.cases import Case
    from signalbook.model import Document
    from signalbook.monthly import Said
    from signalbook.records import Alert
    from signalbook.store import Tables
    from site_plugins.site import Site

ABOUT: Final[dict[str, type[Document]]] = {
    "subject": Subject, "competitor": Competitor, "watch": Watch, "message": Message,
}  # fmt: skip
"""What a judgement's ``kind/slug`` may name."""
WORDS: Final = {"negative": "Negative", "neutral": "Neutral", "positive": "Positive", "": "Not rated"}
_SPREAD: Final = pattern(r"^rt ")
_CLASS: Final = {"negative": "neg", "neutral": "neu", "positive": "pos", "": "none"}


@dataclass(frozen=True)
class View:
    """What the pages of one build are made of."""

    book: Book
    now: datetime
    site: Site
    heard: Heard
    cases: Sequence[Case] = ()
    queue: Sequence[Case] = ()
    topics: Mapping[str, Document] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Today in UTC, in which days are counted here."""
        return self.now.astimezone(UTC).date()

    def local(self, at: datetime) -> datetime:
        """An instant in the team's zone."""
        return at.astimezone(self.book.settings.team.zone)

    def when(self, at: datetime) -> str:
        """``Tue 24 Nov, 08:52``, with its year outside this one."""
        local = self.local(at)
        year = f" {local.year}" if local.year != self.local(self.now).year else ""
        return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """What was told of topics and sources, the newest first."""
        known = [one for one in self.book.alerts if one.kind in {"spike", "claim", "silence"} and one.at <= self.now]
        return tuple(sorted(known, key=lambda one: (one.at, one.key), reverse=True))

    @cached_property
    def story_pages(self) -> frozenset[str]:
        """The stories that have a page."""
        from site_plugins.listening import stories

        return frozenset(list(stories.told(self))[: stories.PAGES])

    @cached_property
    def by_mention(self) -> dict[str, Case]:
        """Key of a mention → its case."""
        return {key: one for one in self.cases for key in (one.mention, one.newest) if key}

    def words_of(self, case: Case) -> dict[str, Said]:
        """What was said at the start and at the newest turn of a case, where the words are still there."""
        found: dict[str, Said] = {}
        for month in self.heard.months:
            if month in _months(case):
                words = self._case_words(month)
                found |= {key: words[key] for key in (case.mention, case.newest) if key in words}
        return found

    def _case_words(self, month: str) -> dict[str, Said]:
        """What all cases of a month ask for, looked up at once: a question costs as much for a thousand as for one."""
        if month not in self._words:
            near = [one for one in self.cases if month in _months(one)]
            keys = {key for one in near for key in (one.mention, one.newest) if key}
            self._words[month] = self.heard.find(keys, [month]) if keys else {}
        return self._words[month]

    @cached_property
    def _words(self) -> dict[str, dict[str, Said]]:
        return {}

    def topic(self, name: str) -> Markup:
        """A topic by its title, linked to its page; its name as it stands when nobody has written it down."""
        found = self.topics.get(name)
        if found is None:
            return Markup("{}").format(name.partition("/")[2] or name)
        if name.startswith("message/"):
            return self.site.anchor(found)
        return Markup('<a href="{}">{}</a>').format(href(topic_address(name)), found.name)

    def titles(self, names: Iterable[str]) -> Markup:
        """Several topics in one line."""
        return Markup(", ").join(self.topic(name) for name in names)


def _months(case: Case) -> set[str]:
    """The months in which the words of a case may lie."""
    return {f"{at:%Y-%m}" for at in (case.received_at, case.inside_at)}


def topic_address(name: str) -> str:
    """Where the page of a topic stands; ``name`` is ``kind/slug``."""
    kind, _, slug = name.partition("/")
    return heard_address(kind, slug)


def alert_address(one: Alert) -> str:
    """Where the page of an alert stands."""
    return f"listening/alerts/{digest(one.key)[:12]}.html"


def story_address(story: str) -> str:
    """Where the page of a story stands; a key may hold anything, so its hash is the name."""
    return f"listening/stories/{digest(story)[:12]}.html"


def case_address(one: Case) -> str:
    """Where the page of a case stands."""
    safe = one.id if one.id.replace("-", "").isalnum() and one.id.isascii() else digest(one.id)[:12]
    return f"listening/cases/{safe}.html"


def month_address(month: str, newest: str) -> str:
    """Where a month's table stands; the newest is the front of them."""
    return "listening/mentions.html" if month == newest else f"listening/mentions/{month}.html"


VIEWS: Final = (
    ("Overview", "listening/index.html"),
    ("Mentions", "listening/mentions.html"),
    ("Queue", "listening/queue.html"),
    ("Stories", "listening/stories.html"),
    ("Voices", "listening/voices.html"),
    ("Alerts", "listening/alerts.html"),
    ("Sources", "listening/sources.html"),
)


def seg(current: str) -> Markup:
    """The way between the views of this room."""
    return sb.seg([(word, href(address)) for word, address in VIEWS], current, "Listening")


def path(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way back from a page below the overview."""
    return [("Listening", href("listening/index.html")), *((word, href(address)) for word, address in more)]


def tone(key: str, sure: float | None = None) -> Markup:
    """A meaning: its mark, its word, how sure."""
    more = Markup(' <span class="sb-faint sb-small sb-num">{}</span>').format(f"{sure:.2f}") if sure is not None else ""
    return Markup('<span class="sb-tone sb-tone--{}">{}</span>{}').format(
        _CLASS.get(key, "none"), WORDS.get(key, key), more
    )


def tones(counts: Mapping[str, int], of: str) -> Markup:
    """How many of each meaning, as a bar of the whole: not rated is a part of it."""
    whole = sum(counts.values())
    if not whole:
        return sb.EMPTY
    at, drawn, said = 0.0, [], []
    for key in TONES:
        share = 100 * counts.get(key, 0) / whole
        if share:
            drawn.append(
                f'<rect class="sb-f{_CLASS[key]}" x="{at:.2f}%" width="{max(share - 0.5, 0.3):.2f}%" height="100%" rx="2"/>'
            )
            said.append(f"{share:.0f} % {WORDS[key].lower()}")
        at += share
    return Markup('<svg class="sb-tones" role="img" aria-label="{}">{}</svg>').format(
        f"{of}: {', '.join(said)}", Markup("".join(drawn))
    )


def legend() -> Markup:
    """What the colours of ``tones`` mean."""
    items = Markup("").join(
        Markup(
            '<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{}" width="10" height="10" rx="2"/></svg>{}</li>'
        ).format(f"sb-f{_CLASS[key]}", WORDS[key])
        for key in TONES
    )
    return Markup('<ul class="sb-legend sb-legend--foot">{}</ul>').format(items)


def margin(part: int, whole: int) -> float:
    """How far a share of a sample may be off, in points: half of the 95 % interval (Wilson 1927)."""
    if not whole:
        return 0.0
    z, p = 1.96, part / whole
    return 100 * z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)


def share(part: int, whole: int) -> str:
    """A share of a sample with its sampling error: ``24 % ± 3``; a dash for a share of nothing."""
    if not whole:
        return "–"
    return f"{100 * part / whole:.0f} % ± {max(1, round(margin(part, whole)))}"


def quote(one: Said, view: View, *, small: bool = False) -> Markup:
    """What somebody said, as text and as nothing else, with where and when and how it seems meant."""
    titled = one.title and not one.text.startswith(one.title)
    title = Markup("<p><b>{}</b></p>").format(text.clean(one.title)) if titled else sb.EMPTY
    said = one.text if len(one.text) <= 1_200 else f"{one.text[:1_200].rstrip()} …"
    words = Markup("").join(
        Markup("<p>{}</p>").format(text.clean(line)) for line in said.splitlines()[:12] if line.strip()
    )
    return Markup(
        '<div class="sb-said"><blockquote class="sb-quote{}" dir="auto">{}{}</blockquote><p class="sb-said__by">{}</p></div>'
    ).format(" sb-quote--small" if small else "", title, words, _by(one, view))


def _by(one: Said, view: View) -> Markup:
    """Where and when something was said, how it seems meant, and what became of it."""
    case = view.by_mention.get(one.key)
    facts = [
        Markup('<time datetime="{}">{}</time>').format(one.at.isoformat(timespec="minutes"), view.when(one.at)),
        Markup("<span>{}</span>").format(where(one)),
        tone(one.tone, one.sure),
        view.titles(one.about),
        Markup('<a href="{}">{}</a>').format(href(case_address(case)), sb.status(case.state, bare=True))
        if case
        else "",
        Markup('<a href="{}" rel="noopener noreferrer nofollow">Where it stands</a>').format(one.url)
        if one.url
        else "",
    ]
    return Markup("").join(Markup("<span>{}</span>").format(fact) for fact in facts if fact)


def words_of(one: Said) -> str:
    """Title and text on one line, each once."""
    title, said = (" ".join(text.clean(part).split()) for part in (one.title, one.text))
    return said if not title or said.startswith(title) else f"{title} — {said}" if said else title


def where(one: Said) -> str:
    """Where it was heard and from whom: by name a public voice or an article's byline, nobody else."""
    return " · ".join(text.clean(part) for part in (one.source, one.site, one.author[:80]) if part)


def quotes(found: Iterable[Said], view: View) -> Markup:
    """A list of quotes; the same words stand once, and below them who else wrote them."""
    groups: dict[str, list[Said]] = {}
    for one in found:
        groups.setdefault(_SPREAD.sub("", same(words_of(one))) or one.key, []).append(one)
    items = Markup("").join(
        Markup("<li>{}{}</li>").format(quote(first, view, small=True), _others(others, view))
        for first, *others in groups.values()
    )
    return Markup('<ul class="sb-saids">{}</ul>').format(items)


def _others(others: Sequence[Said], view: View) -> Markup:
    if not others:
        return sb.EMPTY
    lines = Markup("").join(Markup('<li class="sb-said__by">{}</li>').format(_by(one, view)) for one in others)
    word = "Another wrote" if len(others) == 1 else f"{sb.amount(len(others))} others wrote"
    return Markup('<details class="sb-said__more"><summary>{} the same</summary><ul>{}</ul></details>').format(
        word, lines
    )


def unworded(view: View, of: str = "The words") -> Markup:
    """Why there is nothing to quote."""
    if view.site.audience:
        why = "This build leaves out what others said: their words are for the team alone."
    elif view.heard:
        why = f"{of} are not in this build: they were erased when their time was over, or forgotten on request. Counts stay."
    else:
        why = f"{of} lie in the team's private store, and this build was made without it. Fetch it with signalbook store fetch, then build again."
    return sb.empty("No words here", why, glyph="lock-outline")


# --- sums over months ------------------------------------------------------------------------------------------------


def days(last: date, count: int) -> list[str]:
    """So many days up to ``last``, oldest first, as they are written in sums."""
    return [(last - timedelta(days=back)).isoformat() for back in range(count - 1, -1, -1)]


def months_of(names: Iterable[str]) -> list[str]:
    """The months of some days."""
    return list(dict.fromkeys(name[:7] for name in names))


def by_day(heard: Heard, wanted: Sequence[str]) -> list[int]:
    """Voices of each day."""
    found: dict[str, int] = {}
    for month in months_of(wanted):
        for (day, _), n in heard.sums(month).tones.items():
            found[day] = found.get(day, 0) + n
    return [found.get(day, 0) for day in wanted]


def by_tone(heard: Heard, wanted: Sequence[str], topic: str | None = None) -> dict[str, int]:
    """Voices by meaning over some days; of one topic, or each once."""
    inside, found = set(wanted), dict.fromkeys(TONES, 0)
    for month in months_of(wanted):
        sums = heard.sums(month)
        if topic is None:
            for (day, key), n in sums.tones.items():
                if day in inside:
                    found[key] = found.get(key, 0) + n
        else:
            for (day, name, key), n in sums.cells.items():
                if name == topic and day in inside:
                    found[key] = found.get(key, 0) + n
    return found


def by_topic(heard: Heard, wanted: Sequence[str]) -> dict[str, dict[str, int]]:
    """Topic → meaning → voices over some days; under the empty topic what is about none."""
    inside = set(wanted)
    found: dict[str, dict[str, int]] = {}
    for month in months_of(wanted):
        for (day, name, key), n in heard.sums(month).cells.items():
            if day in inside:
                row = found.setdefault(name, dict.fromkeys(TONES, 0))
                row[key] = row.get(key, 0) + n
    return found


def rated(counts: Mapping[str, int]) -> int:
    """How many have a meaning."""
    return sum(n for key, n in counts.items() if key)


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose stories they are: ours, each competitor's, how it is reckoned, what is left out."""

    ours: int = 0
    theirs: tuple[tuple[str, int], ...] = ()
    formula: str = ""
    excluded: tuple[str, ...] = ()

    @property
    def whole(self) -> int:
        """All that are compared."""
        return self.ours + sum(n for _, n in self.theirs)


def share_of_voice(view: View, wanted: Sequence[str]) -> Voice:
    """Our brands and products beside the competitors that are not left out, over some days in UTC."""
    ours = [f"subject/{one.slug}" for one in view.book.all(Subject) if one.type in {"brand", "product"}]
    others = [one for one in view.book.all(Competitor) if one.status != "dropped"]
    out = {f"competitor/{one.slug}": one.excluded_why or "" for one in others if one.excluded_from_sov}
    rivals = [f"competitor/{one.slug}" for one in others]
    first, last = (datetime.fromisoformat(f"{wanted[at]}T00:00:00+00:00") for at in (0, -1))

    def ask(tables: Tables) -> Any:
        from signalbook import heard

        found = heard.share_of_voice(tables, first, last + timedelta(days=1), ours=ours, rivals=rivals, left_out=out)
        return found.ours, found.theirs, found.formula, found.excluded

    name = f"share {wanted[0]} {wanted[-1]} {ours} {rivals} {sorted(out.items())}"
    return Voice(*(view.heard.ask(name, months_of(wanted), ask) or ()))


def error(view: View) -> tuple[str, str]:
    """How often people found the tone wrong in the samples of the last three months: a sentence, and the same in few words."""
    months = list(view.heard.months)[:3]

    def ask(tables: Tables) -> Any:
        from signalbook import heard

        found = heard.error(tables, months=months)
        short = (
            f"{found.wrong} of {found.checked} checked are wrong" if found.checked else "not checked by a person yet"
        )
        return found.sentence, short

    sentence, short = view.heard.ask("error-2", months, ask) or ("Nothing was rated yet.", "nothing rated yet")
    return str(sentence), str(short)
