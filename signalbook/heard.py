"""What was heard, in numbers: the questions that pages, alerts and replays ask of judged mentions.

Rules that hold for every number here:

* Of several judgements of a mention the newest counts, and a person's correction wins over all.
* What we said ourselves, and further appearances of what was counted already, are kept and not counted. A repost is spread and
  counts in volumes; it is no voice.
* Nothing here loads what it does not need: judgements hold no text, are asked as tables, and texts are read by key.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from signalbook.classes import dataclass
from signalbook.records import Correction, Mention, digest
from signalbook.sense import trends
from signalbook.sense.influence import Speaker
from signalbook.understanding import OUTLETS

if TYPE_CHECKING:
    from signalbook.store import Tables

SAMPLED: Final = 30
"""So many rated mentions a month and language are looked at by a person."""
LEAST_SHOWN: Final = 50
"""A share of fewer rated mentions says nothing."""
SHARE_FORMULA: Final = "ours ÷ (ours + listed competitors), stories, same sources and period"


def understood(tables: Tables) -> Any:
    """The judgement that counts of each mention, corrections in it: a table with the columns of a Judgement."""
    return tables.keep("understood_judgements", lambda: _understood(tables), lazily=True)


def _understood(tables: Tables) -> Any:
    import ibis

    table = tables.judgements
    newest = table.group_by(table.key.name("k")).agg(newest=table.at.max(), n=ibis._.count())
    again = newest.filter(newest.n > 1)
    table = table.left_join(again, table.key == again.k)
    table = table.filter(table.n.isnull() | (table.at == table.newest)).drop("k", "newest", "n")
    fixes = corrected(tables)
    if not fixes:
        return table
    # Few are corrected: their lists are made here, for engines do not agree on how to write a function over a list.
    said_of = table.filter(table.key.isin(sorted(fixes))).select("key", "about", "claims").to_pyarrow().to_pylist()
    rows = [
        {
            "k": row["key"],
            "fixed": (one := fixes[row["key"]]).tone,
            "names": list(dict.fromkeys([*(n for n in row["about"] if n not in one.not_about), *one.about])),
            "kept": [claim for claim in row["claims"] if f"claim/{claim}" not in one.not_about],
            "into": one.story,
        }
        for row in said_of
    ]
    schema = {"k": "string", "fixed": "string", "names": "array<string>", "kept": "array<string>", "into": "string"}
    words = tables.connection.create_table(
        "words_of_people", ibis.memtable(rows, schema=ibis.schema(schema)), temp=True, overwrite=True
    )
    table = table.left_join(words, table.key == words.k)
    said = table.fixed.fill_null("") != ""
    return table.mutate(
        tone=ibis.ifelse(said, ibis.ifelse(table.fixed == "unclear", "", table.fixed), table.tone),
        confidence=ibis.ifelse(said, 1.0, table.confidence),
        about=ibis.ifelse(table.k.isnull(), table.about, table.names),
        claims=ibis.ifelse(table.k.isnull(), table.claims, table.kept),
        story=ibis.ifelse(table.into.fill_null("") != "", table.into, table.story),
    ).drop("k", "fixed", "names", "kept", "into")


def corrected(tables: Tables) -> dict[str, Correction]:
    """Mention → what people said of it, all their words together; the newest word on each thing counts."""
    found: dict[str, Correction] = {}
    for row in tables.corrections.order_by(["at", "key"]).to_pyarrow().to_pylist():
        one = Correction(**{**row, "about": tuple(row["about"]), "not_about": tuple(row["not_about"])})
        before = found.get(one.mention)
        if before:
            about = tuple(dict.fromkeys([*(n for n in before.about if n not in one.not_about), *one.about]))
            without = tuple(dict.fromkeys([*(n for n in before.not_about if n not in one.about), *one.not_about]))
            one = Correction(
                one.key,
                one.mention,
                one.at,
                one.by,
                one.tone or before.tone,
                about,
                without,
                one.story or before.story,
                one.why,
            )
        found[one.mention] = one
    return found


def counted(tables: Tables) -> Any:
    """What counts in a volume: others' words and their spread, each thing once."""
    table = understood(tables)
    return table.filter((table.spread != "own") & (table.same == table.key))


def voices(tables: Tables) -> Any:
    """What counts as somebody speaking: no reposts."""
    table = counted(tables)
    return table.filter(table.spread == "voice")


# --- volumes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of one thing over time.

    Attributes:
        about: ``kind/slug``.
        source: the one source, or empty for all.
        tone: the one tone, or empty for all.
        counts: number of a row since ``since`` → count; rows without a mention are missing.
        known_from: when the first of it was judged: what lies before is not known in full.
    """

    about: str
    source: str
    tone: str
    counts: Mapping[int, int]
    known_from: datetime


def series(
    tables: Tables, since: datetime, until: datetime, step: timedelta, *, about: Collection[str] | None = None
) -> list[Series]:
    """Counts by topic, by topic and source, and of the negative by topic, of rows of ``step`` from ``since`` to ``until``."""
    import ibis

    start, width = since.timestamp(), step.total_seconds()
    table = counted(tables)
    table = table.filter((table.said_at >= since) & (table.said_at <= until))
    # In whole seconds: the difference of two instants has no unit of its own in every engine.
    row = ((table.said_at.epoch_seconds() - int(start)) / width).floor().cast("int64")
    table = table.select("source", "tone", "at", row=row, about=table.about.unnest())
    if about is not None:
        table = table.filter(table.about.isin(sorted(about)))
    by = ["about", "source", "tone", "row"]
    found = table.group_by(by).agg(n=ibis._.count(), at=table["at"].min()).order_by(by).to_pyarrow().to_pylist()
    counts: dict[tuple[str, str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    known: dict[tuple[str, str, str], datetime] = {}
    for one in found:
        names = [(one["about"], "", ""), (one["about"], one["source"], "")]
        if one["tone"] == "negative":
            names.append((one["about"], "", "negative"))
        for name in names:
            counts[name][one["row"]] += one["n"]
            known[name] = min(known.get(name, one["at"]), one["at"])
    return [Series(*name, dict(rows), known[name].astimezone(UTC)) for name, rows in sorted(counts.items())]


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement as an alert needs it: a row of the table."""

    key: str
    said_at: datetime
    source: str
    site: str
    who: str
    tone: str
    spread: str
    story: str
    claims: tuple[str, ...]
    matter: str
    followers: int
    engaged: int

    @property
    def account(self) -> str:
        """Whose voice it is, as far as anybody can tell."""
        return self.who or self.site or self.key


def rows(tables: Tables, about: str, since: datetime, until: datetime, *, most: int = 50_000) -> list[Judged]:
    """The counted judgements about something in a span, oldest first; the newest ``most`` when there are more."""
    import ibis

    table = counted(tables)
    table = table.filter((table.said_at > since) & (table.said_at <= until) & table.about.contains(about))
    names = list(Judged.__slots__)
    table = table.order_by([ibis.desc("said_at"), "key"]).limit(most).select(*names)
    found = [
        Judged(**{**row, "said_at": row["said_at"].astimezone(UTC), "claims": tuple(row["claims"])})
        for row in table.to_pyarrow().to_pylist()
    ]
    return sorted(found, key=lambda one: (one.said_at, one.key))


def counts(tables: Tables, about: str, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many counted judgements about something lie in each span (after its first instant, up to its last), asked at once."""
    table = counted(tables)
    first, last = min(since for since, _ in spans), max(until for _, until in spans)
    table = table.filter((table.said_at > first) & (table.said_at <= last) & table.about.contains(about))
    sums = {
        f"n{place}": ((table.said_at > since) & (table.said_at <= until)).sum()
        for place, (since, until) in enumerate(spans)
    }
    return [value or 0 for value in table.aggregate(**sums).to_pyarrow().to_pylist()[0].values()]


def begun(tables: Tables, about: Collection[str], zone: tzinfo, since: date | None = None) -> dict[date, int]:
    """Day in a zone → how many stories about any of these names began on it, each counted once; days without one are absent.

    ``since`` leaves out the days before it; a story that began before them began then.
    """
    table = voices(tables)
    named = table.select("story", "said_at", name=table.about.unnest())
    named = named.filter(named.name.isin(sorted(about)))
    first = named.group_by("story").agg(first=named.said_at.min())
    if since is not None:
        first = first.filter(first.first >= datetime.combine(since, time(), zone).astimezone(UTC))
    found: dict[date, int] = defaultdict(int)
    for value in first["first"].to_pyarrow().to_pylist():
        found[value.astimezone(zone).date()] += 1
    return dict(found)


def texts(tables: Tables, keys: Iterable[str]) -> dict[str, Mention]:
    """Key → the mention itself, of those that are still kept."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    table = tables.mentions
    found = {}
    for row in table.filter(table.key.isin(wanted)).to_pyarrow().to_pylist():
        moments = {name: row[name] and row[name].astimezone(UTC) for name in ("published_at", "heard_at")}
        found[row["key"]] = Mention(**{**row, **moments, "links": tuple(row["links"])})
    return found


# --- tone, and how far it is to be believed --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Error:
    """How often the tone was wrong among those that a person looked at.

    Attributes:
        checked: how many were looked at.
        wrong: how many of them were not what was said; those that people cannot tell are left out of both.
        share: wrong ÷ checked; ``None`` without any.
        low: the lower end of its interval (Wilson, 95 %).
        high: the upper end.
    """

    checked: int
    wrong: int

    @property
    def share(self) -> float | None:
        """Wrong ÷ checked."""
        return self.wrong / self.checked if self.checked else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, 19 times in 20 (Wilson)."""
        if not self.checked:
            return 0.0, 1.0
        n, p, z = self.checked, self.wrong / self.checked, 1.96
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def sentence(self) -> str:
        """What stands beside every share."""
        if not self.checked:
            return "Nobody has checked a sample yet, so how often the tone is wrong is not known."
        low, high = self.interval
        return (
            f"Of {self.checked} checked, {self.wrong} {'was' if self.wrong == 1 else 'were'} wrong "
            f"({self.wrong / self.checked:.0%}; between {low:.0%} and {high:.0%}). Smaller changes than that are no news."
        )


def sample(tables: Tables, month: str, lang: str, *, n: int = SAMPLED) -> list[str]:
    """Keys of the rated mentions of a month and language that a person is asked to check: the same for everybody."""
    table = tables.judgements
    table = table.filter(
        (table.lang == lang)
        & (table.tone != "")
        & (table.spread == "voice")
        & (table.same == table.key)
        & (table.said_at.strftime("%Y-%m") == month)
    )
    keys = table.select("key").distinct().to_pyarrow()["key"].to_pylist()
    return sorted(keys, key=lambda key: digest("sample", month, lang, key))[:n]


def error(tables: Tables, *, months: Collection[str] | None = None, lang: str = "") -> Error:
    """How often the tone was wrong among mentions that were sampled and checked; of some months and a language, or of all.

    What people corrected without being asked does not count here: they correct what is wrong.
    """
    import ibis

    fixes = {key: one for key, one in corrected(tables).items() if one.tone}
    if not fixes:
        return Error(0, 0)
    table = tables.judgements
    table = table.filter(table.key.isin(sorted(fixes)))
    table = table.select("key", "lang", "tone", "at", month=table.said_at.strftime("%Y-%m"))
    first: dict[str, Any] = {}
    for row in table.order_by([ibis.asc("at")]).to_pyarrow().to_pylist():
        # A mention that was judged again after its correction was judged by a model that may have learnt from it.
        first.setdefault(row["key"], row)
    samples: dict[tuple[str, str], set[str]] = {}
    checked = wrong = 0
    for key, row in first.items():
        if (months is not None and row["month"] not in months) or (lang and row["lang"] != lang) or not row["tone"]:
            continue
        name = (row["month"], row["lang"])
        if name not in samples:
            samples[name] = set(sample(tables, *name))
        if key in samples[name] and fixes[key].tone != "unclear":
            checked += 1
            wrong += fixes[key].tone != row["tone"]
    return Error(checked, wrong)


@dataclass(frozen=True, slots=True)
class Tones:
    """How something is spoken of.

    Attributes:
        negative: rated negative.
        neutral: rated neutral.
        positive: rated positive.
        not_rated: what nobody here can rate.
        error: how often the tone is wrong.
    """

    negative: int
    neutral: int
    positive: int
    not_rated: int
    error: Error

    @property
    def rated(self) -> int:
        """All that is rated."""
        return self.negative + self.neutral + self.positive

    @property
    def balance(self) -> float | None:
        """(positive − negative) ÷ rated, −1 to 1; nothing below fifty."""
        return (self.positive - self.negative) / self.rated if self.rated >= LEAST_SHOWN else None


def tones(tables: Tables, since: datetime, until: datetime, *, about: str = "", lang: str = "") -> Tones:
    """How something, or everything, was spoken of in a span."""
    import ibis

    table = voices(tables)
    table = table.filter((table.said_at >= since) & (table.said_at < until))
    if about:
        table = table.filter(table.about.contains(about))
    if lang:
        table = table.filter(table.lang == lang)
    found = {row["tone"]: row["n"] for row in table.group_by("tone").agg(n=ibis._.count()).to_pyarrow().to_pylist()}
    months = sorted({moment.strftime("%Y-%m") for moment in _days(since, until)})
    return Tones(
        found.get("negative", 0), found.get("neutral", 0), found.get("positive", 0), found.get("", 0),
        error(tables, months=months, lang=lang),
    )  # fmt: skip


def _days(since: datetime, until: datetime) -> list[date]:
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


# --- share of voice --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """Whose stories they are, in a span.

    Attributes:
        ours: stories about us.
        theirs: ``competitor/slug`` → stories about it, most first.
        share: ours by all; ``None`` without any.
        formula: how it is reckoned.
        excluded: what is left out, a sentence each.
    """

    ours: int
    theirs: tuple[tuple[str, int], ...]
    formula: str
    excluded: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Ours by all of them."""
        whole = self.ours + sum(n for _, n in self.theirs)
        return self.ours / whole if whole else None


def share_of_voice(
    tables: Tables,
    since: datetime,
    until: datetime,
    *,
    ours: Collection[str],
    rivals: Collection[str],
    left_out: Mapping[str, str] | None = None,
) -> Share:
    """Stories about us by those about us and the rivals. A story about two counts for both.

    ``left_out`` are rivals that are not counted, each with why.
    """
    import ibis

    table = voices(tables)
    table = table.filter((table.said_at >= since) & (table.said_at < until))
    own = _own(tables, since, until)
    table = table.select("story", name=table.about.unnest())
    wanted = {*ours, *rivals} - set(left_out or {})
    table = table.filter(table.name.isin(sorted(wanted)))
    group = ibis.ifelse(table.name.isin(sorted(set(ours) & wanted)), "us", table.name)
    found = table.mutate(group=group).group_by("group").agg(n=ibis._.story.nunique()).to_pyarrow().to_pylist()
    counts = {row["group"]: row["n"] for row in found}
    theirs = sorted(((name, counts.get(name, 0)) for name in set(rivals) & wanted), key=lambda one: (-one[1], one[0]))
    excluded = [f"{own} of our own posts", "reposts, and further appearances of a story"]
    excluded += [f"{name}: {why or 'no reason is given'}" for name, why in sorted((left_out or {}).items())]
    return Share(counts.get("us", 0), tuple(theirs), SHARE_FORMULA, tuple(excluded))


def _own(tables: Tables, since: datetime, until: datetime) -> int:
    table = understood(tables)
    found = table.filter((table.spread == "own") & (table.said_at >= since) & (table.said_at < until))
    return int(found.count().to_pyarrow().as_py())


# --- voices, stories, trends -----------------------------------------------------------------------------------------


def speakers(
    tables: Tables, about: str, since: datetime, until: datetime, *, without: Sequence[str] = ()
) -> list[Speaker]:
    """Every account that spoke about something in a span, as ``influence.ranked`` takes it; sources ``without`` left out."""
    import ibis

    table = tables.keep(f"speaking_{digest(since, until, *without)}", lambda: _speaking(tables, since, until, without))
    on = table.about.contains(about) & (table.spread == "voice")
    found = table.group_by(["who", "source"]).agg(
        followers=table.followers.max(),
        on_topic=on.sum(),
        in_all=(table.spread == "voice").sum(),
        engaged=ibis.ifelse(on, table.engaged, 0).sum(),
        last=ibis.ifelse(on, table.said_at, ibis.null("timestamp('UTC')")).max(),
    )
    repeats = table.filter(table.about.contains(about) & (table.story != table.key))
    repeated = {
        row["story"]: row["n"]
        for row in repeats.group_by("story").agg(n=repeats.who.nunique()).to_pyarrow().to_pylist()
    }
    began = (
        table.filter(table.key.isin(sorted(repeated))).select("key", "who").to_pyarrow().to_pylist() if repeated else []
    )
    resonance: dict[str, int] = defaultdict(int)
    for row in began:
        resonance[row["who"]] += repeated[row["key"]]
    return [
        Speaker(
            row["who"], row["source"], row["followers"], row["source"] in OUTLETS, row["on_topic"], row["in_all"],
            row["engaged"], resonance[row["who"]], row["last"].astimezone(UTC),
        )
        for row in found.filter(found.on_topic > 0).order_by(["source", "who"]).to_pyarrow().to_pylist()
    ]  # fmt: skip


def _speaking(tables: Tables, since: datetime, until: datetime, without: Sequence[str]) -> Any:
    """What every topic is asked of: once, for there may be dozens of them."""
    table = understood(tables)
    span = (table.said_at >= since) & (table.said_at < until) & (table.who != "") & (table.spread != "own")
    table = table.filter(span & (table.same == table.key) & ~table.source.isin(list(without)))
    return table.select("key", "who", "source", "followers", "spread", "about", "engaged", "said_at", "story")


def rising(
    tables: Tables,
    now: datetime,
    *,
    about: str = "",
    span: timedelta = timedelta(days=1),
    before: timedelta = timedelta(days=7),
    leaving_out: Iterable[str] = (),
    most_texts: int = 5_000,
) -> list[trends.Trend]:
    """Phrases that rise in the last ``span`` against ``before``. They are other people's words: nothing keeps them."""
    import ibis

    table = voices(tables)
    table = table.filter((table.said_at > now - span - before) & (table.said_at <= now))
    if about:
        table = table.filter(table.about.contains(about))
    parts = []
    for recent in (table.said_at > now - span, table.said_at <= now - span):
        part = table.filter(recent).order_by([ibis.desc("said_at"), "key"]).limit(most_texts)
        mentions = tables.mentions.select("key", "title", "text")
        part = part.select("key", "said_at", "who").inner_join(mentions, "key").to_pyarrow().to_pylist()
        parts.append(
            [
                trends.Said(
                    row["key"], row["said_at"].astimezone(UTC), row["who"], f"{row['title']} {row['text'][:2_000]}"
                )
                for row in sorted(part, key=lambda row: (row["said_at"], row["key"]))
            ]
        )
    return trends.rising(*parts, leaving_out=leaving_out)


@dataclass(frozen=True, slots=True)
class Story:
    """Mentions that tell the same.

    Attributes:
        key: that of its first mention.
        voices: how many accounts tell it.
        appearances: how often it was heard, reposts and further sources with it.
    """

    key: str
    first: datetime
    last: datetime
    voices: int
    appearances: int
    sources: tuple[str, ...]
    about: tuple[str, ...]


def stories(tables: Tables, since: datetime, until: datetime, *, about: str = "", most: int = 50) -> list[Story]:
    """The stories of a span, those with most appearances first."""
    import ibis

    table = understood(tables)
    table = table.filter((table.spread != "own") & (table.said_at >= since) & (table.said_at < until))
    if about:
        table = table.filter(table.about.contains(about))
    found = table.group_by("story").agg(
        first=table.said_at.min(),
        last=table.said_at.max(),
        voices=table.who.nunique(),
        appearances=ibis._.count(),
        sources=table.source.collect(distinct=True),
        about=table.about.first(),
    )
    ordered = found.order_by([ibis.desc("appearances"), ibis.desc("last"), "story"]).limit(most)
    return [
        Story(
            row["story"], row["first"].astimezone(UTC), row["last"].astimezone(UTC), max(1, row["voices"]),
            row["appearances"], tuple(sorted(row["sources"])), tuple(row["about"] or ()),
        )
        for row in ordered.to_pyarrow().to_pylist()
    ]  # fmt: skip
