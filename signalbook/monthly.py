"""What was heard, month by month: sums for pages, and the rows of a month for whoever filters them.

A team may have heard millions of things. So nothing here reads more than one month at a time, and of a month whose files
are unchanged not even that: its sums are kept in ``.cache/`` under a digest of the files as they lie there. Sums hold
names of sources, sites, topics and languages, and counts; never a word of anybody and never a name of a person. The rows of a
month, each mention with its judgement and people's corrections, are put together once for each state of its files and lie by
column beside the copies of the store (``store.SHADOWS``, which ``forget`` empties); a page reads the columns it shows.

What is counted, everywhere alike: a mention once however many sources bring it (``same``), a repeat as spread and not as a
voice, our own posts not at all. *Not rated* is a tone like the others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from signalbook import caching, store
from signalbook.classes import dataclass
from signalbook.records import Correction, digest

if TYPE_CHECKING:
    from pathlib import Path

    from signalbook.store import Tables
    from signalbook.workspace import Workspace

TONES: Final = ("negative", "neutral", "positive", "")
"""What a mention can mean; the last one is *not rated*, which is a result and is never left out."""
CUT: Final = 320
"""Longer texts are cut in the table that browsers load; the export has them in full."""
PART: Final = 4_000
"""Rows in one file that a browser loads."""
BLOCK: Final = 8
"""So many files are read at once."""
EXPORT: Final = 100_000
"""Rows in one file of the export."""
PUBLIC: Final = 1_000
"""From so many followers on an account is a public voice, which may be called by its name."""
STORY: Final = 3
"""A story has at least so many appearances."""
_VERSION: Final = "heard-4"
_SIGNS: Final = r"[^\s/?#@\x00-\x20\"'<>`\\]"
_ADDRESS: Final = rf"^(?i:https?)://{_SIGNS}+([/?#][^\s\x00-\x20\"'<>`\\]*)?$"
"""An address that a page may link: no other scheme, nobody's name before the host, no sign that ends an attribute."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What one month holds, counted.

    Attributes:
        month: ``"2026-11"``, of the time of writing in UTC.
        rows: mentions whose words are still there, every appearance of them.
        n: voices: each mention once, repeats and our own posts left out.
        spread: repeats and further appearances.
        own: our own posts that came back to us.
        hours: hour in UTC (``"2026-11-24T08"``) → voices.
        cells: (day, topic, tone) → voices; one of two topics stands in both, one of none under the topic ``""``.
        tones: (day, tone) → voices, each once.
        sources: channel, or what else it was heard by → (mentions, when it was heard from last).
        sites: host → voices, the fifty with most.
        langs: language → voices.
        stories: key of the first mention → (appearances, sources, first said, last said), those with ``STORY`` or more.
    """

    month: str
    rows: int = 0
    n: int = 0
    spread: int = 0
    own: int = 0
    hours: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    tones: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sources: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)
    langs: Mapping[str, int] = field(default_factory=dict)
    stories: Mapping[str, tuple[int, int, datetime, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """One mention as a page quotes it: other people's words, to be set as text and as nothing else.

    Attributes:
        url: empty unless it is http or https.
        author: empty unless it is a public voice.
        sure: of the tone, 0 to 1; ``None`` when it is not rated.
    """

    key: str
    at: datetime
    source: str
    site: str
    author: str
    title: str
    text: str
    url: str
    lang: str
    tone: str
    sure: float | None
    about: tuple[str, ...]
    spread: str
    same: str
    story: str
    followers: int
    engaged: int


class Heard:
    """What a workspace has heard, read month by month and only when asked."""

    def __init__(self, workspace: Workspace, *, words: bool = True) -> None:
        """Look at the files; none is opened but people's corrections, which are few.

        Without ``words`` everything is counted and nothing is quoted, as if the words were erased.
        """
        self.workspace = workspace
        self._words = words
        corrections, _ = store.read(workspace, Correction)
        self._corrections: tuple[Correction, ...] = corrections
        told = digest(_VERSION, words, *(one.key for one in corrections))
        files: dict[str, list[str]] = {}
        for folder in ("mentions", "judgements"):
            for month, stamp in store.months(workspace, folder).items():
                files.setdefault(month, []).append(f"{folder} {stamp}")
        self.months: dict[str, str] = {m: digest(told, *files[m]) for m in sorted(files, reverse=True)}
        """Month → a digest of everything its rows are made of, newest first."""
        self.stamp = digest(*self.months.items())
        self._sums: dict[str, Sums] = {}
        self._tables: Tables | None = None
        self._rows: dict[str, Any] = {}
        self._block: tuple[str, int, Any] = ("", 0, None)

    def __bool__(self) -> bool:
        """Whether anything was heard."""
        return bool(self.months)

    def sums(self, month: str) -> Sums:
        """What a month holds, counted once for each state of its files; zeros for a month without any."""
        if month not in self.months:
            return Sums(month)
        if month not in self._sums:
            place = self.workspace.cache / "heard" / f"{month}.pickle"
            kept = caching.load(place, f"{_VERSION} {self.months[month]}")
            if kept is None:
                kept = _count(self.rows(month))
                caching.save(place, f"{_VERSION} {self.months[month]}", kept)
            self._sums[month] = Sums(month, *kept)
        return self._sums[month]

    def rows(self, month: str) -> Any:
        """The month's rows as a table: ``_judged`` names the columns. Nothing of it is held in memory."""
        if month not in self._rows:
            if self._tables is None:
                self._tables = store.tables(self.workspace, [])
            self._rows[month] = self._tables.connection.read_parquet(self._kept(month))
        return self._rows[month]

    def _kept(self, month: str) -> Path:
        """The file in which the rows of a month lie by column, made anew when something of them changed."""
        folder = self.workspace.cache / store.SHADOWS
        begin = f"{store.SAID}-{'words' if self._words else 'sums'}-{month}-"
        path = folder / f"{begin}{self.months[month]}.parquet"
        if path.exists():
            return path
        folder.mkdir(parents=True, exist_ok=True)
        tables = store.tables(self.workspace, [month])
        rows = _judged(tables)
        if not self._words:
            rows = rows.mutate(worded=False)
        if self._corrections:
            rows = _corrected(tables.keep("judged", lambda: rows), self._corrections)
        fresh = folder / f".{begin}{os.getpid()}.parquet"
        try:
            rows.order_by("nth").to_parquet(fresh, compression="zstd", row_group_size=PART * 2)
            for old in folder.glob(f"{begin}*"):
                old.unlink(missing_ok=True)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        return path

    def newest(self, month: str, most: int, *, about: str = "", story: str = "") -> list[Said]:
        """The newest mentions of a month whose words are there, each once, our own left out."""
        rows = self.rows(month)
        rows = rows.filter(rows.worded & (rows.spread != "own"))
        if about:
            rows = rows.filter(rows.about.contains(about))
        if story:
            rows = rows.filter((rows.story == story) | (rows.key == story))
        else:
            rows = rows.filter((rows.same == rows.key) & (rows.spread == "voice"))
        return _values(rows.order_by([rows.at.desc(), rows.key]).limit(most))

    def find(self, keys: Iterable[str], months: Iterable[str]) -> dict[str, Said]:
        """The mentions of these keys whose words are there, looked for in some months."""
        wanted = set(keys)
        found: dict[str, Said] = {}
        for month in months:
            if month in self.months and len(found) < len(wanted):
                rows = self.rows(month)
                rows = rows.filter(rows.worded & rows.key.isin(sorted(wanted)))
                found |= {one.key: one for one in _values(rows)}
        return found

    def words(self, months: Iterable[str]) -> str:
        """A digest of which words of some months are there: it changes when somebody is forgotten or corrected."""
        return digest(*(self.months.get(month, "") for month in months))

    def ask(self, name: str, months: Iterable[str], question: Callable[[Tables], Any]) -> Any:
        """The answer to a question about some months, kept until a file of theirs changes: plain values, no word of anybody.

        ``name`` says everything the question depends on besides.
        """
        wanted = [month for month in months if month in self.months]
        if not wanted:
            return None
        version = digest(_VERSION, name, self.words(wanted))
        place = self.workspace.cache / "heard" / f"ask-{digest(name)[:16]}.pickle"
        kept = caching.load(place, version)
        if kept is None:
            # People correct later than they hear: their words lie in other months.
            told = store.months(self.workspace, "corrections")
            kept = (question(store.tables(self.workspace, sorted({*wanted, *told}))),)
            caching.save(place, version, kept)
        return kept[0]

    def names(self, months: Iterable[str], whos: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Pseudonym → (name, site) of public voices and bylines; nobody else has one."""
        wanted = sorted(set(whos))
        found: dict[str, tuple[str, str]] = {}
        for month in months:
            if month in self.months and wanted:
                rows = self.rows(month)
                rows = rows.filter(rows.who.isin(wanted) & (rows.author != ""))
                rows = rows.group_by("who").agg(author=rows.author.max(), site=rows.site.max())
                for row in rows.to_pyarrow().to_pylist():
                    found.setdefault(row["who"], (row["author"], row["site"]))
        return found

    def parts(self, month: str) -> int:
        """In how many files the month's rows come to a browser."""
        return -(-self.sums(month).rows // PART)

    def part(self, month: str, number: int) -> bytes:
        """One file of rows, by column, in the order in which they were heard; ``number`` from 1, the oldest.

        Keys: ``at`` (minutes since 1970, UTC), ``s`` (index into ``sources``), ``w`` (site), ``a`` (name of a public voice),
        ``h`` (title), ``x`` (text, cut), ``u`` (address), ``l`` (language), ``t`` (index into ``TONES``), ``c`` (sureness in
        percent), ``p`` (indices into ``topics``), ``g`` (story), ``k`` (key), ``r`` (repeat: 1).
        """
        block, place = divmod(number - 1, BLOCK)
        if self._block[:2] != (month, block):
            rows = self.rows(month)
            first = block * BLOCK * PART
            rows = rows.filter(rows.worded & (rows.nth >= first) & (rows.nth < first + BLOCK * PART))
            self._block = (month, block, _cut(rows.order_by("nth")).to_pyarrow())
        found = self._block[2].slice(place * PART, PART).to_pydict()
        sources, topics = _places(found["source"]), _places(one for row in found["about"] for one in row)
        columns = {
            "month": month,
            "sources": list(sources),
            "topics": list(topics),
            "at": found["minute"],
            "s": [sources[one] for one in found["source"]],
            "w": found["site"],
            "a": found["author"],
            "h": found["title"],
            "x": found["text"],
            "u": found["url"],
            "l": found["lang"],
            "t": [TONES.index(one) for one in found["tone"]],
            "c": found["percent"],
            "p": [[topics[one] for one in row] for row in found["about"]],
            "g": found["story"],
            "k": found["key"],
            "r": found["again"],
        }
        return json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def exports(self, month: str) -> int:
        """In how many files the month is exported."""
        return -(-self.sums(month).rows // EXPORT)

    def export(self, month: str, number: int) -> bytes:
        """One file of the export: CSV, every text quoted, and no cell that a spreadsheet would calculate."""
        import io

        from pyarrow import csv

        rows = self.rows(month)
        rows = rows.filter(rows.worded & (rows.nth >= (number - 1) * EXPORT) & (rows.nth < number * EXPORT))
        out = io.BytesIO()
        csv.write_csv(_table(rows.order_by("nth")).to_pyarrow(), out, csv.WriteOptions(quoting_style="all_valid"))
        return out.getvalue()


# --- the rows of a month -------------------------------------------------------------------------------------------


def _judged(tables: Tables) -> Any:
    """A month's mentions with the newest judgement of each; one row a key.

    Columns: those of ``Said``, with ``url`` and ``author`` as they may be shown; ``heard_at``; ``who``, a pseudonym; ``worded``, whether its words
    are still there; ``nth``, the place among those in the order they were heard.
    """
    import ibis

    mentions = tables.mentions
    mentions = mentions.mutate(nth=ibis.row_number())
    judged = tables.judgements
    newest = ibis.window(group_by=judged.key, order_by=[judged.at.desc(), judged.rule])
    judged = judged.mutate(_nth=ibis.row_number().over(newest))
    judged = judged.filter(judged["_nth"] == 0)
    rows = mentions.join(judged, "key", how="outer", lname="m_{name}", rname="j_{name}")
    text = ibis.literal("")
    none: Any = ibis.literal([], type="array<string>")
    key = ibis.coalesce(rows.m_key, rows.j_key) if "m_key" in rows.columns else rows.key
    about = ibis.coalesce(rows.about, none)
    tone = ibis.coalesce(rows.tone, text)
    confidence = ibis.coalesce(rows.confidence, 0.0)
    story = ibis.coalesce(rows.story, text)
    followers = ibis.coalesce(rows.m_followers, rows.j_followers, 0)
    title = ibis.coalesce(rows.title, text)
    url = ibis.coalesce(rows.url, text)
    return rows.select(
        key=key,
        at=ibis.coalesce(rows.said_at, rows.published_at, rows.heard_at),
        heard_at=ibis.coalesce(rows.heard_at, rows.said_at),
        source=ibis.coalesce(rows.m_channel.nullif(""), rows.j_channel.nullif(""), rows.m_source, rows.j_source),
        who=ibis.coalesce(rows.who, text),
        site=ibis.coalesce(rows.site, text),
        author=((followers >= PUBLIC) | (title != "")).ifelse(ibis.coalesce(rows.author, text), ""),
        title=title,
        text=ibis.coalesce(rows.text, text),
        url=url.re_search(_ADDRESS).ifelse(url, ""),
        lang=ibis.coalesce(rows.j_lang.nullif(""), rows.m_lang, text),
        tone=tone,
        sure=(tone != "").ifelse(confidence, ibis.null("float64")),
        about=about,
        spread=ibis.coalesce(rows.spread, "voice"),
        same=ibis.coalesce(rows.same.nullif(""), key),
        story=story,
        followers=followers,
        engaged=ibis.coalesce(rows.m_engaged, rows.j_engaged, 0),
        worded=rows.nth.notnull(),
        nth=rows.nth,
    )


def _corrected(rows: Any, corrections: Iterable[Correction]) -> Any:
    """The rows with people's word in the place of the machine's; the newest word on each thing counts."""
    import ibis

    told: dict[str, list[Correction]] = {}
    for one in sorted(corrections, key=lambda one: one.at):
        told.setdefault(one.mention, []).append(one)
    if not told:
        return rows
    few = rows.filter(rows.key.isin(sorted(told))).select("key", "tone", "sure", "about", "story")
    changed = []
    for row in few.to_pyarrow().to_pylist():
        about = set(row["about"])
        for one in told[row["key"]]:
            about = (about - set(one.not_about)) | set(one.about)
            row["story"] = one.story or row["story"]
            if one.tone:
                row["tone"], row["sure"] = ("", None) if one.tone == "unclear" else (one.tone, 1.0)
        changed.append({f"n_{name}": value for name, value in (row | {"about": sorted(about)}).items()})
    if not changed:
        return rows
    kinds: Any = {
        "n_key": "string",
        "n_tone": "string",
        "n_sure": "float64",
        "n_about": "array<string>",
        "n_story": "string",
    }
    joined = rows.left_join(ibis.memtable(changed, schema=ibis.schema(kinds)), [("key", "n_key")])
    new = joined.n_key.notnull()
    return joined.mutate(
        **{name: new.ifelse(joined[f"n_{name}"], joined[name]) for name in ("tone", "sure", "about", "story")}
    ).drop(*kinds)


def _values(rows: Any) -> list[Said]:
    names = list(Said.__dataclass_fields__)
    found = rows.select(*names).to_pyarrow().to_pylist()
    return [Said(**(row | {"about": tuple(row["about"]), "at": row["at"].astimezone(UTC)})) for row in found]


def _count(rows: Any) -> tuple[Any, ...]:
    """The sums of a month, in the order of ``Sums``."""
    voices = rows.filter((rows.spread == "voice") & (rows.same == rows.key))
    facts = rows.aggregate(
        rows=rows.worded.sum(),
        own=(rows.spread == "own").sum(),
        spread=((rows.spread == "repeat") | ((rows.spread == "voice") & (rows.same != rows.key))).sum(),
    )
    all_, own, spread = (int(value or 0) for value in facts.to_pyarrow().to_pylist()[0].values())
    voices = voices.mutate(hour=voices.at.strftime("%Y-%m-%dT%H"), day=voices.at.strftime("%Y-%m-%d"))
    hours = _pairs(voices.group_by("hour").agg(n=voices.count()))
    tones = _pairs(voices.group_by(["day", "tone"]).agg(n=voices.count()))
    langs = _pairs(voices.group_by("lang").agg(n=voices.count()))
    sites = voices.filter(voices.site != "").group_by("site").agg(n=lambda t: t.count())
    places = _pairs(sites.order_by([sites.n.desc(), "site"]).limit(50))
    places_of = rows.group_by("source").agg(n=rows.count(), last=rows.heard_at.max()).order_by("source")
    sources = {row["source"]: (row["n"], row["last"].astimezone(UTC)) for row in places_of.to_pyarrow().to_pylist()}
    topics = (voices.about.length() == 0).ifelse([""], voices.about)
    each = voices.select("day", "tone", topic=topics).unnest("topic")
    cells = _pairs(each.group_by(["day", "topic", "tone"]).agg(n=each.count()))
    told = rows.filter((rows.story != "") & (rows.spread != "own"))
    told = told.group_by("story").agg(
        n=told.count(), sources=told.source.nunique(), first=told.at.min(), last=told.at.max()
    )
    told = told.filter(told.n >= STORY).order_by([told.n.desc(), "story"]).limit(200)
    stories = {
        row["story"]: (row["n"], row["sources"], row["first"].astimezone(UTC), row["last"].astimezone(UTC))
        for row in told.to_pyarrow().to_pylist()
    }
    return all_, sum(hours.values()), spread, own, hours, cells, tones, sources, places, langs, stories


def _pairs(table: Any) -> dict[Any, int]:
    names = [name for name in table.columns if name != "n"]
    found = table.order_by(names).to_pyarrow().to_pydict()
    keys: Iterator[Any] = iter(found[names[0]]) if len(names) == 1 else zip(*(found[one] for one in names), strict=True)
    return dict(zip(keys, found["n"], strict=True))


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(set(names)))}


def _cut(rows: Any) -> Any:
    """The rows as a browser gets them: short texts on one line, times in minutes."""
    text = rows.text.re_replace(r"\s+", " ").strip()
    return rows.mutate(
        minute=(rows.at.epoch_seconds() / 60).floor().cast("int64"),
        title=rows.title.substr(0, CUT),
        text=(text.length() > CUT).ifelse(text.substr(0, CUT).concat("…"), text),
        url=(rows.url.length() > 500).ifelse("", rows.url),
        percent=(rows.sure * 100).round().cast("int64").fill_null(0),
        again=((rows.spread != "voice") | (rows.same != rows.key)).cast("int8"),
    ).select(
        "minute", "source", "site", "author", "title", "text", "url", "lang", "tone", "percent", "about", "story", "key",
        "again",
    )  # fmt: skip


def _table(rows: Any) -> Any:
    """The rows as an export has them: a cell that begins like a formula, on any of its lines, begins with an apostrophe."""
    texts = {
        name: _inert(rows[name])
        for name in ("source", "site", "author", "title", "text", "url", "lang", "tone", "spread", "story", "key")
    }
    return rows.select(
        said_at=rows.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        heard_at=rows.heard_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **texts,
        sure=rows.sure,
        about=_inert(rows.about.join(" ")),
        followers=rows.followers,
        engaged=rows.engaged,
    )


def _inert(text: Any) -> Any:
    """No formula, for a spreadsheet that splits at commas, semicolons, tabs or lines (OWASP, CSV injection)."""
    signs = r"=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}"
    text = text.replace("\x00", "")
    text = text.re_replace(r"([;\t\r\n]['\"\s]*)([" + signs + "])", r"\1'\2")
    return text.re_replace(r"^(['\"\s]*)([" + signs + r"\t\r])", r"'\1\2")
