"""A metric's readings over time: bars for what is counted by the week or month, a line for the rest; gaps stay gaps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from signalbook import tally
from signalbook.model import Metric
from signalbook.period import Period, day_of, spoken
from site_plugins import components as sb
from site_plugins.fences import numbers
from site_plugins.fences.charts import Chart

if TYPE_CHECKING:
    from datetime import datetime

    import altair as alt
    import pandas as pd

    from signalbook.book import Book
    from signalbook.fence import Fence

MOST_SERIES: Final = 6
BARS_UNTIL: Final = 40
FEW: Final = 4
DAY_MS: Final = 86_400_000
"""More buckets than this make bars too thin to compare."""
WIDE: Final = 500
"""Up to this width the drawing is for a phone."""


def readings(book: Book, period: Period, fence: Fence, now: datetime) -> Chart:
    """A metric's readings over a period, one series a channel."""
    metric = book.get(Metric, fence.metrics[0])
    assert metric is not None  # noqa: S101 - the fence was judged
    title = fence.title or metric.name
    name = tally.name_of(metric)
    places = [
        place for place in numbers.known(book).get(name, ())
        if fence.source in {"", place[0]} and fence.channel in {"", place[1]}
    ]  # fmt: skip
    if not places:
        begins = numbers.begins(metric, day_of(now, book.settings.team.zone))
        return Chart(title, why="No reading yet", remedy=f"{numbers.way(metric)} {begins}".strip())
    if len(places) > MOST_SERIES:
        listed = ", ".join(numbers.place_name(book, *place) for place in places)
        return Chart(
            title, why=f"Too many to compare: {len(places)} channels",
            remedy=f"A chart holds {MOST_SERIES}. Write channel: and one of them: {listed}.",
        )  # fmt: skip
    try:
        frame = numbers.frame(book, metric, period, now, source=fence.source, channel=fence.channel)
        total = numbers.amount(book, metric, period, now, source=fence.source, channel=fence.channel)
    except tally.Mixed as error:
        frame, total, mixed = None, None, str(error)
    else:
        mixed = ""
    if frame is None or total is None:
        try:  # Side by side in one chart they may stand; put together they may not.
            frame = numbers.frame(book, metric, period, now, source=fence.source, channel=fence.channel)
        except tally.Mixed:
            return Chart(title, why="These readings give no chart together", remedy=mixed)
    values = frame["value"].dropna()
    if values.empty:
        if metric.min_n and frame["n"].sum():
            return Chart(title, why="Too few to show", remedy=f"{metric.name} is shown from {metric.min_n} on.")
        last = tally.latest(book.tables, name, source=places[0][0], channel=places[0][1])
        if last and last.on in period.days() and metric.grain in {"week", "month", "quarter"}:
            remedy = (
                f"Readings are there, the newest of {spoken(last.on)}. A {metric.grain} stands here when it is over."
            )
            return Chart(title, why=f"No whole {metric.grain} yet", remedy=remedy)
        newest = f" The newest is of {spoken(last.on)}." if last else ""
        return Chart(title, why=f"No reading in {period.label}", remedy=f"{numbers.way(metric)}{newest}")
    return _chart(book, metric, frame, title, total, period, now)


def _chart(
    book: Book,
    metric: Metric,
    frame: pd.DataFrame,
    title: str,
    total: tally.Amount | None,
    period: Period,
    now: datetime,
) -> Chart:
    bucket = numbers.bucket_of(metric)
    unit = str(frame.loc[frame["value"].notna(), "unit"].iloc[0])
    frame = frame.assign(
        series=[numbers.place_name(book, s, c) for s, c in zip(frame["source"], frame["channel"], strict=True)]
    )
    frame = frame.assign(named=[numbers.bucket_name(first.date(), bucket) for first in frame["first"]])
    series = list(dict.fromkeys(frame["series"]))
    goal = numbers.target(book, metric)
    bars = (
        bucket != "day"
        and numbers.adds_of(metric) in {"sum", "never", "mean"}
        and frame["first"].nunique() <= BARS_UNTIL
    )
    promise = float(goal.value) if goal else None
    word = numbers.unit_word(unit)
    rows = []
    for first in sorted(set(frame["first"])):
        cells = []
        for one in series:
            found = frame[(frame["first"] == first) & (frame["series"] == one)]["value"].dropna()
            cells.append(numbers.said(float(found.iloc[0]), unit).removesuffix(f" {word}") if len(found) else "")
        rows.append((numbers.bucket_name(first.date(), bucket), *cells))
    read_at = total.read_at if total else None
    if read_at is None:
        places = tuple(dict.fromkeys(zip(frame["source"], frame["channel"], strict=True)))
        read_at = max(numbers.amount(book, metric, period, now, source=s, channel=c).read_at or now for s, c in places)
    else:
        places = total.places if total else ()
    gaps = sum(1 for row in rows if not any(row[1:]))
    says = _says(title, rows, series, gaps, word)
    return Chart(
        title,
        unit=word,
        source=numbers.origin(book, places, read_at, now),
        columns=(
            bucket.capitalize(),
            *(f"{one}, {word}" if word else one for one in (series if len(series) > 1 else [metric.name])),
        ),
        rows=tuple(rows),
        says=says,
        spec=lambda width: chart(frame, unit=word, target=promise, bars=bars, width=width).to_dict(),
        data=f"{frame.to_json(orient='split', date_format='iso')}|{word}|{promise}|{bars}",
        note=_note(gaps, bucket, goal, unit),
    )


def _says(title: str, rows: list[tuple[str, ...]], series: list[str], gaps: int, word: str) -> str:
    filled = [row for row in rows if any(row[1:])]
    first, last = filled[0], filled[-1]
    of = f"{len(series)} series: {', '.join(series)}. " if len(series) > 1 else ""
    span = (
        f"{first[0]}: {first[1] or 'no reading'} {word}".strip()
        if first is last
        else f"from {first[1] or 'no reading'} ({first[0]}) to {last[1] or 'no reading'} ({last[0]}) {word}".strip()
    )
    return f"{title}. {of}{span}." + (f" {gaps} without a reading." if gaps else "")


def _note(gaps: int, bucket: str, goal: numbers.Target | None, unit: str) -> str:
    parts = []
    if gaps:
        parts.append(
            f"{gaps} {bucket}{'s' if gaps > 1 else ''} without a reading {'are gaps' if gaps > 1 else 'is a gap'}."
        )
    if goal:
        by = f" by {spoken(goal.by)}" if goal.by else ""
        parts.append(f"Dotted line: target {numbers.said(goal.value, unit)}{by}.")
    return " ".join(parts)


def chart(
    frame: pd.DataFrame, *, unit: str = "", target: float | None = None, bars: bool = False, width: int = 640
) -> alt.LayerChart | alt.FacetChart:
    """Draw a frame as ``tally.frame`` gives it; works in a notebook as on a page.

    ``frame`` has ``first`` (the bucket's day), ``value`` (empty in a gap), ``channel`` and ``source``; ``series`` and
    ``named`` are made from them where they are missing. The axis begins at zero for bars and for lines alike.
    """
    import altair as alt

    if "series" not in frame:
        frame = frame.assign(
            series=[channel or source for source, channel in zip(frame["source"], frame["channel"], strict=True)]
        )
    if "named" not in frame:
        frame = frame.assign(named=frame["first"].dt.strftime("%Y-%m-%d"))
    narrow = width <= WIDE
    names = list(dict.fromkeys(frame["series"]))
    data = alt.InlineData(
        values=[
            {
                "day": first.strftime("%Y-%m-%d"),
                "when": named,
                "value": None if value != value else float(value),  # noqa: PLR0124 - a gap is no number
                **({"of": one} if len(names) > 1 else {}),
                "said": "" if value != value else f"{sb.amount(float(value))} {unit}".strip(),  # noqa: PLR0124
            }
            for first, named, value, one in zip(
                frame["first"], frame["named"], frame["value"], frame["series"], strict=True
            )
        ]
    )
    days = sorted(set(frame["first"].dt.strftime("%Y-%m-%d")))
    top = max([float(frame["value"].max()), target or 0.0, 1.0])
    whole = bool((frame["value"].dropna() % 1 == 0).all())
    # Of a few whole things each has its line; the scale's own steps would name the same number twice.
    few = alt.Scale(domain=[0, math.ceil(top)]) if whole and top <= FEW else None
    y = alt.Y(
        "value:Q",
        title=None,
        scale=few or alt.Scale(domainMin=0, domainMax=top * 1.05, nice=True),
        axis=alt.Axis(values=list(range(math.ceil(top) + 1)), format=",d")
        if few
        else alt.Axis(tickCount=4, tickMinStep=1, format=",d")
        if whole
        else alt.Axis(tickCount=4),
    )
    tips = [alt.Tooltip("when:N", title="When"), *([alt.Tooltip("of:N", title="Where")] if len(names) > 1 else [])]
    tips.append(alt.Tooltip("said:N", title="Value"))
    colour = alt.Color("of:N", sort=names, title=None) if len(names) > 1 else alt.Undefined
    base = alt.Chart(data)
    if bars:
        x = alt.X(
            "day:O",
            title=None,
            sort=days,
            axis=_labels(alt, frame, days, narrow=narrow),
            scale=alt.Scale(paddingInner=0.3),
        )
        more: dict[str, Any] = {"xOffset": alt.XOffset("of:N", sort=names)} if len(names) > 1 else {}
        size: dict[str, Any] = {"width": alt.RelativeBandSize(0.7)} if len(days) < 4 and len(names) == 1 else {}
        layers: list[Any] = [
            base.mark_bar(color="#2f58d0", **size).encode(x=x, y=y, color=colour, tooltip=tips, **more)
        ]
    else:
        x = alt.X(
            "day:T",
            title=None,
            axis=alt.Axis(
                format="%-d %b", tickCount=4 if narrow else 8, tickMinStep=DAY_MS, labelOverlap=True, labelFlush=False
            ),
        )
        line = base.mark_line(color="#2f58d0").encode(x=x, y=y, color=colour)
        dots = base.mark_point(color="#2f58d0", opacity=1 if len(days) <= BARS_UNTIL else 0).encode(
            x=x, y=y, color=colour, tooltip=tips
        )
        layers = [line, dots.transform_filter("isValid(datum.value)")]
    if target is not None:
        layers.append(alt.Chart(alt.InlineData(values=[{"target": target}])).mark_rule().encode(y="target:Q"))
    return alt.layer(*layers).properties(width=width, height=220 if not narrow else 200)


def _labels(alt: Any, frame: pd.DataFrame, days: list[str], *, narrow: bool) -> Any:
    """The axis below bars: weeks by their number, months by their name, a few of them."""
    named = dict(zip(frame["first"].dt.strftime("%Y-%m-%d"), frame["named"], strict=True))
    if all("week" in str(name) for name in named.values()):
        short = {day: str(name).rpartition(" ")[2] for day, name in named.items()}
        lead = "week "
    else:
        short, lead = {day: str(name) for day, name in named.items()}, ""
    most = 5 if narrow else 13
    step = -(-len(days) // most)
    shown = days[::-1][::step][::-1]
    pairs = " : ".join(f"datum.value == '{day}' ? '{lead if day == shown[0] else ''}{short[day]}'" for day in shown)
    return alt.Axis(values=shown, labelExpr=f"{pairs} : ''", labelAngle=0, labelOverlap=False)
