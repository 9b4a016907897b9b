"""Author fences as components: ``chart`` and ``kpi`` blocks of any page become figures and tiles.

``make(book, now)`` gives the ``Fences`` of one build. A fence that cannot be shown becomes a note that says the line and what
to write; the check says the same (``signalbook.fence``). ``site_plugins.fences.extension`` serves other builders.
"""

from __future__ import annotations

import json
from dataclasses import field
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signalbook import asking, registry, store, tally
from signalbook import fence as fences
from signalbook.classes import dataclass
from signalbook.model import Metric, Objective
from signalbook.period import Period, day_of
from site_plugins import components as sb
from site_plugins.fences import drawing, numbers, queries, tiles
from site_plugins.fences.charts import Chart, config
from site_plugins.markup import Markup
from site_plugins.pages import ROOT, Asset, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from signalbook.book import Book

HERE: Final = Path(__file__).parent
SCRIPT: Final = "assets/charts.js"
NOTHING: Final = Markup()


def make(book: Book, now: datetime, site: Any = None) -> Fences:
    """The fences of one build."""
    return Fences(book, now, getattr(site, "audience", ""))


@dataclass(frozen=True)
class Fences:
    """What a Book answers to author fences at one moment; to an audience, what cannot be shown is not there at all."""

    book: Book
    now: datetime
    audience: str = ""
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def html(self, lang: str, source: str) -> str | None:
        """A fence as trusted HTML, ``ROOT`` for the site's root; ``None`` when it is none of ours."""
        if lang not in fences.LANGUAGES:
            return None
        if lang == "query":
            return str(queries.html(self, source))
        asked, problems = fences.read(self.book, lang, source, self.now)
        if asked is None:
            return "" if self.audience else str(trouble(lang, problems))
        period = Period.parse(asked.period, self.book.settings.team.zone, self.now)
        if lang == "kpi":
            return str(tiles.row(self.book, asked, period, self.now))
        chart: Chart = registry.load(fences.CHARTS, asked.chart)(self.book, period, asked, self.now)
        return str(figure(self.book, chart))

    def key(self, lang: str, source: str) -> str:
        """A digest of everything that the HTML of a fence depends on, asked without starting the engine."""
        if lang not in fences.LANGUAGES:
            return ""
        if lang == "query":
            return asking.key(self.book, source, self.now)
        named = fences.find(f"```{lang}\n{source}```\n")
        known = [metric for block in named for metric in self._metrics(block.lang, block.source)]
        return digest(lang, source, self.now.date(), self._ground, *known)

    def _metrics(self, lang: str, source: str) -> Iterator[str]:
        asked, problems = fences.read(self.book, lang, source, self.now)
        yield from (f"{one.message}{one.remedy}" for one in problems)
        if asked and not asked.metrics:  # a chart of documents: any of them may be in it
            yield digest(self.book.digest, self.now)
        for slug in asked.metrics if asked else ():
            metric = self.book.get(Metric, slug)
            yield metric.digest if metric else slug
            yield from (f"{one.slug} {one.digest}" for one in self.book.all(Objective) if one.metric == slug)

    @property
    def _ground(self) -> str:
        return digest(numbers.stamp(self.book), self.book.settings.digest)

    def assets(self) -> Iterator[Asset]:
        """The scripts and settings of interactive charts; none while there is nothing to draw."""
        yield from queries.files(self)
        if not (numbers.has_readings(self.book) or self._listens() or self._draws_documents()):
            return
        # The library is the same for everybody, and is long in the making.
        cache = getattr(self.book.workspace, "whole", self.book.workspace).cache
        for address, place in (
            (SCRIPT, HERE / "assets" / "charts.js"),
            ("assets/vega/LICENSE.txt", HERE / "assets" / "vega-LICENSE.txt"),
        ):
            stat = place.stat()
            yield Asset(address, place.read_bytes, digest(stat.st_size, stat.st_mtime_ns))
        yield Asset(
            "assets/vega/vega.js", partial(drawing.bundle, cache), digest("bundle", version("vl-convert-python"))
        )
        for scheme in ("light", "dark"):
            made = json.dumps(config(scheme), separators=(",", ":"))
            yield Asset(f"assets/vega/{scheme}.json", made.encode, digest(made))

    def _listens(self) -> bool:
        """Whether the listening room may draw a curve: something was heard, or an alert keeps its own."""
        return any(one.curve for one in self.book.alerts) or any(
            store.months(self.book.workspace, folder) for folder in ("mentions", "judgements")
        )

    def _draws_documents(self) -> bool:
        """Whether any page asks for a chart of documents."""
        texts = [doc.body for doc in self.book.everything() if "```" in doc.body]
        texts += [page.body for page in self.book.pages if "```" in page.body]
        for text in texts:
            for block in fences.find(text):
                asked = fences.read(self.book, block.lang, block.source, self.now)[0] if block.lang == "chart" else None
                if (asked and not asked.metrics) or (block.lang == "query" and queries.draws(block.source)):
                    return True
        return False

    def latest(self, slug: str) -> tally.Latest | None:
        """The newest reading of a metric up to today; ``None`` without one, and where several channels do not add up."""
        metric = self.book.get(Metric, slug)
        if metric is None or not numbers.has_readings(self.book):
            return None
        today = day_of(self.now, self.book.settings.team.zone)
        try:
            return tally.latest(self.book.tables, tally.name_of(metric), until=today)
        except tally.Mixed:
            return None

    def series(self, slug: str) -> list[tuple[date, float]]:
        """A metric's numbers bucket by bucket, each on the last day it counts; empty where several places told it."""
        metric = self.book.get(Metric, slug)
        if metric is None or not numbers.has_readings(self.book):
            return []
        today = day_of(self.now, self.book.settings.team.zone)
        period = Period("range", today - timedelta(days=400), today, self.book.settings.team.zone)
        table = numbers.frame(self.book, metric, period, self.now)
        if len({*zip(table["source"], table["channel"], strict=True)}) > 1:
            return []
        told = table[table["value"].notna()]
        return [(row["last"].date(), float(row["value"])) for _, row in told.iterrows()]

    def tiles(self) -> Markup:
        """The home page's row: up to four metrics that have readings, the team's own process first; else nothing."""
        return tiles.home(self.book, self.now, self._ground)


def figure(book: Book, chart: Chart, *, acts: Markup = NOTHING, more: Markup = NOTHING) -> Markup:
    """A chart with its caption, its numbers as a table, and the way to explore it; ``acts`` go beside, ``more`` below."""
    if chart.spec is None:
        return Markup(
            '<figure class="sb-chart sb-chart--none"><div class="sb-chart__head"><b>{}</b></div>{}</figure>'
        ).format(chart.title, sb.empty(chart.why, numbers.marked(chart.remedy), glyph="chart-line"))
    pictures, spec = drawing.drawn(chart, book.workspace.cache)
    unit = Markup(" <span>{}</span>").format(chart.unit) if chart.unit else ""
    note = Markup(" {}").format(chart.note) if chart.note else ""
    table = sb.table(
        f"{chart.title}, {_shown(chart)}", chart.columns, [[cell or "no reading" for cell in row] for row in chart.rows],
        numbers=range(1, len(chart.columns)),
    )  # fmt: skip
    return Markup(
        "<figure class=\"sb-chart\" data-sb-chart='{}'>"
        '<div class="sb-chart__head"><b>{}{}</b>{}'
        '<button class="sb-btn sb-btn--bare sb-no-print" type="button" data-sb-explore hidden>{}Explore</button></div>'
        '<div class="sb-chart__plot">{}</div><figcaption>{}. Source: {}.{}</figcaption>'
        '<details class="sb-more-data"><summary>The numbers as a table</summary>{}</details>{}</figure>'
        '<script src="{}" defer></script>'
    ).format(
        _attribute(spec),
        chart.title,
        unit,
        acts,
        sb.icon("chart-line"),
        pictures,
        _shown(chart),
        chart.source,
        note,
        table,
        more,
        href(SCRIPT),
    )


def _attribute(spec: str) -> Markup:
    """JSON for an attribute in single quotes: its many double quotes stay as they are."""
    safe = spec.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("'", "\\u0027")
    return Markup(safe)


def _shown(chart: Chart) -> str:
    """The first and the last bucket, as the table names them: ``2026, week 36 to 2026, week 47``."""
    if chart.spans:
        return chart.spans
    first, last = chart.rows[0][0], chart.rows[-1][0]
    if first == last:
        return first
    year, _, rest = last.partition(", ")
    return f"{first} to {rest}" if rest and first.startswith(f"{year}, ") else f"{first} to {last}"


def trouble(lang: str, problems: Iterable[fences.Problem | asking.Wrong]) -> Markup:
    """What is written where a fence cannot be shown."""
    lines = Markup("").join(
        Markup("<br>Line {} of the block: {} {}").format(one.line, one.message, one.remedy) for one in problems
    )
    word = {"chart": "chart", "query": "answer"}.get(lang, "number")
    return sb.note(f"This {word} cannot be shown.", lines, kind="bad")


__all__ = ["ROOT", "Fences", "figure", "make"]
