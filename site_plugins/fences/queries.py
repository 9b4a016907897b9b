"""A ``query`` block as a table with its file for spreadsheets and, where it is asked for, a chart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from signalbook import asking, spreadsheet
from signalbook import fence as fences
from site_plugins import components as sb
from site_plugins.fences.charts import Chart
from site_plugins.markup import Markup
from site_plugins.pages import Asset, digest, href

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from signalbook.asking import Answer, Question
    from site_plugins.fences import Fences

FOLDER: Final = "data/queries"
MOST_POINTS: Final = 60
"""More bars than this cannot be read; the table has them all."""
MOST_SERIES: Final = 6


def html(made: Fences, source: str) -> Markup:
    """A block as a figure; a note with the line where it cannot be answered, and nothing at all for an audience."""
    question, answer, wrong = asking.answer(made.book, source, made.now)
    if question is None or answer is None:
        from site_plugins.fences import trouble

        return Markup() if made.audience else trouble("query", wrong)
    title = question.title or "Answer"
    acts = Markup()
    if source in sources(made):
        acts = Markup('<a class="sb-btn sb-btn--bare sb-no-print" href="{}" download>{}CSV</a>').format(
            href(address(source)), sb.icon("download")
        )
    asked = Markup()
    if not made.audience:  # the statement may name what this audience must not know of
        asked = Markup('<details class="sb-more-data"><summary>How this was asked</summary><pre><code>{}</code></pre></details>').format(question.sql)  # fmt: skip
    drawn = Markup()
    if question.chart and answer.rows:
        from site_plugins.fences import figure

        return figure(made.book, chart_of(question, answer), acts=acts, more=asked)
    if not answer.rows:
        drawn = sb.empty("No row", "The question was understood, and nothing fits it.", glyph="view-column-outline")
    else:
        right = [index for index, number in enumerate(answer.numbers) if number]
        rows = [[_shown(value) for value in row] for row in answer.rows]
        drawn = Markup('<div class="sb-scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
            title, sb.table(title, [_head(name) for name in answer.columns], rows, numbers=right, sort=len(rows) > 1)
        )
    count = f"{len(answer.rows)} row{'s' * (len(answer.rows) != 1)}"
    return Markup(
        '<figure class="sb-chart sb-query"><div class="sb-chart__head"><b>{} <span>{}</span></b>{}</div>{}{}</figure>'
    ).format(title, count, acts, drawn, asked)


def _head(name: str) -> str:
    """A column's name as people read it."""
    return name.replace("_", " ")[:1].upper() + name.replace("_", " ")[1:]


def _shown(value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return sb.amount(value) if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")


# --- files -----------------------------------------------------------------------------------------------------------


def address(source: str) -> str:
    """Where the file of an answer stands."""
    return f"{FOLDER}/{digest('query', source.strip())[:16]}.csv"


def sources(made: Fences) -> frozenset[str]:
    """Every ``query`` block of the pages and documents; a block quoted elsewhere has no file."""
    found = made.kept.get("sources")
    if found is None:
        texts = [doc.body for doc in made.book.everything() if "query" in doc.body]
        texts += [page.body for page in made.book.pages if "query" in page.body]
        found = made.kept["sources"] = frozenset(
            block.source for text in texts for block in fences.find(text) if block.lang == "query"
        )
    return found


def files(made: Fences) -> Iterator[Asset]:
    """The answers as files for spreadsheets."""
    for source in sorted(sources(made)):
        yield Asset(address(source), partial(_csv, made, source), asking.key(made.book, source, made.now))


def _csv(made: Fences, source: str) -> bytes:
    _, answer, _ = asking.answer(made.book, source, made.now)
    if not answer:
        return b""
    cells = [[row[place] for row in answer.rows] for place in range(len(answer.columns))]
    return spreadsheet.csv(answer.columns, cells, len(answer.rows))


def draws(source: str) -> bool:
    """Whether a block asks for a chart."""
    question, _ = asking.read(source)
    return bool(question and question.chart)


# --- charts ----------------------------------------------------------------------------------------------------------


def chart_of(question: Question, answer: Answer) -> Chart:
    """The answer as a chart: its first column (or ``x``) along the bottom, its numbers (or ``y``) upwards."""
    x = answer.columns.index(question.x) if question.x else 0
    numbers = [index for index, number in enumerate(answer.numbers) if number and index != x]
    ys = [answer.columns.index(name) for name in question.y] if question.y else numbers
    ys = ys[:MOST_SERIES]
    rows = answer.rows[:MOST_POINTS]
    data = [
        (_shown(row[x]), _head(answer.columns[index]), value)
        for row in rows
        for index in ys
        if isinstance(value := row[index], int | float)
    ]
    title = question.title or "Answer"
    said = f"the first {MOST_POINTS} of {len(answer.rows)} rows are drawn" if len(answer.rows) > MOST_POINTS else ""
    heads = [_head(name) for name in answer.columns]
    named = " and ".join(heads[index].lower() for index in ys)
    return Chart(
        title,
        unit=question.unit,
        source="this workspace’s tables",
        columns=(heads[x], *(head for index, head in enumerate(heads) if index != x)),
        rows=tuple(
            (_shown(row[x]), *("" if value is None else _shown(value) for index, value in enumerate(row) if index != x))
            for row in answer.rows
        ),
        says=f"{title}: {named} by {heads[x].lower()}, {len(rows)} values from {_shown(rows[0][x])} to {_shown(rows[-1][x])}.",
        spec=lambda width: chart(
            _frame(data), mark=question.chart, x=heads[x], unit=question.unit, width=width
        ).to_dict(),
        spans=f"{len(answer.rows)} row{'s' * (len(answer.rows) != 1)}",
        data=json.dumps([question.chart, question.unit, heads[x], data]),
        note=f"{said[:1].upper()}{said[1:]}." if said else "",
    )


def _frame(data: list[tuple[str, str, float]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(data, columns=["x", "series", "value"])


def _flat(names: Sequence[str], width: int) -> bool:
    """Whether names stand beside each other without touching; a letter of theirs is about six units wide."""
    return bool(names) and max(map(len, names)) * 6 + 10 <= width / len(names)


def chart(frame: pd.DataFrame, *, mark: str, x: str, unit: str = "", width: int = 640) -> alt.Chart:
    """Draw a frame with ``x`` (a text), ``series`` and ``value``: bars beside each other, or lines."""
    import altair as alt

    order = list(dict.fromkeys(frame["x"]))
    series = list(dict.fromkeys(frame["series"]))
    most = 8 if width < 500 else 24
    shown = order[:: -(-len(order) // most)] if order else []
    values: list[dict[str, Any]] = [
        {"x": one, "of": of, "value": float(value)} for one, of, value in frame.itertuples(index=False)
    ]
    base = alt.Chart(alt.InlineData(values=values))
    drawn = base.mark_line(point=True) if mark == "line" else base.mark_bar()
    shared: dict[str, Any] = {
        "x": alt.X("x:O", sort=order, title=x, axis=alt.Axis(values=shown, labelAngle=0 if _flat(shown, width) else -40, labelLimit=120)),
        "y": alt.Y("value:Q", title=unit or (series[0] if len(series) == 1 else None), axis=alt.Axis(tickCount=4, format=",.6~f")),
        "tooltip": [alt.Tooltip("x:N", title=x), alt.Tooltip("of:N", title="What"), alt.Tooltip("value:Q", title="Value", format=",.6~f")],
    }  # fmt: skip
    if len(series) > 1:
        shared["color"] = alt.Color("of:N", sort=series, title=None)
        if mark == "bar":
            shared["xOffset"] = alt.XOffset("of:N", sort=series)
    done: alt.Chart = drawn.encode(**shared).properties(width=width, height=200)
    return done
