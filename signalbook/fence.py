"""Author fences: a block in a page that asks for a chart, a number or a table; found, read and judged, never drawn here.

An author writes, between three backticks and the word ``chart`` or ``kpi``::

    metric: posts-merged
    period: 28d

or below the word ``query`` a statement of SQL (``signalbook.asking``). ``read`` gives the ``Fence`` and every ``Problem`` with it. The check and the page use the same function, so that a page never
shows what the check let pass, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from signalbook import frontmatter, registry
from signalbook.classes import dataclass
from signalbook.decode import near, shortened
from signalbook.model import Metric
from signalbook.pattern import pattern
from signalbook.period import Period

if TYPE_CHECKING:
    from signalbook.book import Book

LANGUAGES: Final = ("chart", "kpi", "query")
"""The fences that can be drawn."""
CHARTS: Final = "signalbook.charts"
DEFAULT_CHART: Final = "readings"
DEFAULT_PERIOD: Final = {"chart": "90d", "kpi": "28d"}
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "chart": ("metric", "period", "title", "chart", "source", "channel"),
    "kpi": ("metric", "metrics", "period", "title", "source", "channel"),
}
"""Language → the fields it has."""
MOST_METRICS: Final = 7
LONGEST_TITLE: Final = 160

_ANY = pattern(r"^(`{3,}|~{3,})([^\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_WORD = pattern(r"[ \t]*(?P<lang>[a-z]+)(?=[^a-z0-9_-]|$)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fence as it stands in a text.

    Attributes:
        lang: ``chart``, ``kpi`` or ``query``.
        source: what stands between its first and its last line.
        line: 1-based line of its first line, the one with the backticks, in the text.
    """

    lang: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a fence cannot be shown.

    Attributes:
        line: 1-based inside the fence; 1 is the line below the backticks.
        field: the field, empty when it is about the whole.
        message: what is wrong.
        remedy: what to write instead.
    """

    line: int
    field: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fence:
    """What an author asked for.

    Attributes:
        lang: ``chart`` or ``kpi``.
        metrics: slugs of Metric documents; a chart of readings has one, a chart of documents none.
        period: as written, e.g. ``90d`` or ``2026-W47``.
        title: as written; empty when the metric's own does.
        chart: the registered chart; only of a chart.
        source: only readings of this source; empty for all.
        channel: only readings of this channel; empty for all.
    """

    lang: str
    metrics: tuple[str, ...]
    period: str
    title: str = ""
    chart: str = DEFAULT_CHART
    source: str = ""
    channel: str = ""


def find(text: str) -> Iterator[Block]:
    """List the author fences of a Markdown text in order; one that is quoted inside a longer fence is none."""
    if "```" not in text and "~~~" not in text:
        return
    for match in _ANY.finditer(text):
        word = _WORD.match(match[2])
        if word and word["lang"] in LANGUAGES:
            yield Block(word["lang"], match[3], text.count("\n", 0, match.start()) + 1)


def read(book: Book, lang: str, source: str, now: datetime) -> tuple[Fence | None, list[Problem]]:
    """Read a fence and judge it against the Book; the fence is ``None`` when nothing could be shown of it."""
    if lang == "query":
        from signalbook import asking

        question, _, wrong = asking.answer(book, source, now)
        complaints = [Problem(one.line, one.field, one.message, one.remedy) for one in wrong]
        return (Fence(lang, (), "", question.title) if question and not wrong else None), complaints
    taken = frontmatter.split(f"---\n{source.rstrip()}\n---\n")
    # The fence's first line is the second one here.
    problems = [
        Problem(max(t.mark[0] - 1, 1), t.field, t.message.replace("The front matter", "The block"), t.remedy)
        for t in taken.troubles
    ]
    if any(trouble.fatal for trouble in taken.troubles):
        return None, problems
    values, lines = dict(taken.values), {key: mark[0] - 1 for key, mark in taken.marks.items()}
    judge = _Judge(book, lang, values, lines, problems)
    known = KEYS[lang]
    for key in values:
        if key not in known:
            judge.say(
                key, f"“{shortened(key)}” is no field of a {lang}.{near(key, known)}", f"Fields: {', '.join(known)}."
            )
    fence = Fence(
        lang,
        judge.metrics(),
        judge.period(now),
        judge.text("title")[:LONGEST_TITLE],
        judge.chart(),
        judge.text("source"),
        judge.channel(),
    )
    return (None if problems else fence), problems


class _Judge:
    """One fence against one Book."""

    def __init__(
        self, book: Book, lang: str, values: Mapping[str, Any], lines: Mapping[str, int], problems: list[Problem]
    ) -> None:
        self.book, self.lang, self.values, self.lines, self.problems = book, lang, values, lines, problems

    def say(self, field: str, message: str, remedy: str) -> None:
        line = self.lines.get(field) or self.lines.get(field.partition(".")[0], 1)
        self.problems.append(Problem(line, field, message, remedy))

    def text(self, field: str) -> str:
        value = self.values.get(field)
        if value is None or isinstance(value, list | dict):
            if isinstance(value, list | dict):
                self.say(field, f"`{field}` is a text.", f"Write {field}: and one text on the same line.")
            return ""
        return str(value)

    def metrics(self) -> tuple[str, ...]:
        many = self.lang == "kpi" and "metrics" in self.values
        given = self.values.get("metrics" if many else "metric")
        if many and "metric" in self.values:
            self.say("metric", "`metric` and `metrics` both stand here.", "Keep one of the two.")
        slugs = given if isinstance(given, list) and many else [given]
        known = tuple(metric.slug for metric in self.book.all(Metric))
        if given is None and self.lang == "chart" and self.values.get("chart", DEFAULT_CHART) != DEFAULT_CHART:
            return ()
        if given is None or given == []:
            self.say("metric", "The block names no metric.", f"Write metric: {known[0] if known else 'posts-merged'}")
            return ()
        if len(slugs) > MOST_METRICS:
            self.say(
                "metrics",
                f"A row holds {MOST_METRICS} numbers at most; these are {len(slugs)}.",
                "Leave the others out.",
            )
        for index, slug in enumerate(slugs):
            if not isinstance(slug, str) or self.book.get(Metric, slug) is None:
                word = shortened(str(slug)) if not isinstance(slug, list | dict) else "this"
                self.say(
                    f"metrics.{index}" if many else "metric",
                    f"There is no metric “{word}” in content/metrics/.{near(word, known)}",
                    f"Write one of its files' names, e.g. {known[0]}." if known else "Write content/metrics/ first.",
                )
        return tuple(str(slug) for slug in slugs)

    def period(self, now: datetime) -> str:
        text = self.text("period") or DEFAULT_PERIOD[self.lang]
        try:
            Period.parse(text, self.book.settings.team.zone, now)
        except ValueError as error:
            self.say(
                "period", f"{str(error).partition('. ')[0].rstrip('.')}.", "Write 28d, 2026-W47, 2026-11 or 2026-Q4."
            )
        return text

    def chart(self) -> str:
        name = self.text("chart") or DEFAULT_CHART
        known = tuple(registry.group(CHARTS))
        if self.lang == "chart" and name not in known:
            self.say("chart", f"“{shortened(name)}” is no chart.{near(name, known)}", f"Charts: {', '.join(known)}.")
        return name

    def channel(self) -> str:
        key = self.text("channel")
        known = tuple(self.book.settings.channels)
        if key and key not in known:
            self.say(
                "channel", f"“{shortened(key)}” is not a channel.{near(key, known)}", f"Channels: {', '.join(known)}."
            )
        return key
