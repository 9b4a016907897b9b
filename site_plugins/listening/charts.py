"""The room's own charts, drawn as the author fences are: one specification, a picture for each width, a table beneath."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from site_plugins.fences.charts import Chart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import altair as alt

    from signalbook.records import Alert

ROWS: Final = 400
"""A curve of more rows is drawn in coarser ones."""


def volume(names: Sequence[str], counts: Sequence[int], source: str, *, title: str = "Voices a day") -> Chart:
    """Counts of days as bars, with the usual of the days before as a line; ``names`` are ISO days, oldest first."""
    if not sum(counts):
        return Chart(title, why="Nothing was heard in these days", remedy="The sources page says which of them answer.")
    usual = float(median(counts[:-1])) if len(counts) > 7 else None
    short = [f"{(day := date.fromisoformat(name)).day} {day:%b}" for name in names]
    most = max(range(len(counts)), key=lambda i: counts[i])
    return Chart(
        title,
        unit="voices",
        source=source,
        columns=("Day", "voices"),
        rows=tuple(
            (f"{date.fromisoformat(name):%a} {said}", str(n))
            for name, said, n in zip(names, short, counts, strict=True)
        ),
        says=f"{title}: {sum(counts):,} in {len(counts)} days, most on {short[most]} ({counts[most]:,}).",
        spec=lambda width: _bars(names, short, counts, usual, width).to_dict(),
        data=json.dumps([list(names), list(counts), usual, "volume-2"]),
        note=f"Dotted line: {usual:,.0f}, the middle of the days before." if usual is not None else "",
    )


def _ticks(counts: Sequence[float]) -> int:
    """How many marks an axis of whole numbers takes, so that none of them is a half."""
    return max(1, min(4, round(max(counts, default=1))))


def _bars(
    names: Sequence[str], short: Sequence[str], counts: Sequence[int], usual: float | None, width: int
) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    data = alt.InlineData(values=[{"day": d, "when": s, "n": n} for d, s, n in zip(names, short, counts, strict=True)])
    step = -(-len(names) // (5 if width < 500 else 10))
    shown = list(names)[::-1][::step][::-1]
    words = " : ".join(f"datum.value == '{day}' ? '{short[list(names).index(day)]}'" for day in shown)
    bars = alt.Chart(data).mark_bar(color="#2f58d0").encode(
        x=alt.X("day:O", title=None, sort=list(names), axis=alt.Axis(values=shown, labelExpr=f"{words} : ''", labelAngle=0, labelOverlap=False)),
        y=alt.Y("n:Q", title=None, axis=alt.Axis(tickCount=_ticks(counts), format=",d")),
        tooltip=[alt.Tooltip("when:N", title="Day"), alt.Tooltip("n:Q", title="Voices")],
    )  # fmt: skip
    layers: list[Any] = [bars]
    if usual is not None:
        layers.append(alt.Chart(alt.InlineData(values=[{"usual": usual}])).mark_rule().encode(y="usual:Q"))
    return alt.layer(*layers).properties(width=width, height=200)


def curve(one: Alert, zone: ZoneInfo, title: str) -> Chart:
    """An alert's own counts with what was usual at each, and the moment at which somebody was told."""
    counts, usual = _numbers(one.curve), _numbers(one.baseline)
    if not counts or one.since is None or one.step_s <= 0 or len(usual) != len(counts):
        return Chart(
            title, why="The alert keeps no curve", remedy="Alerts of this kind come from a single report or a silence."
        )
    step = timedelta(seconds=one.step_s)
    at = [one.since + step * i for i in range(len(counts))]
    group = -(-len(counts) // ROWS)
    if group > 1:  # whole rows together, so that nothing is left out
        starts = range(0, len(counts), group)
        at = [at[i] for i in starts]
        counts, usual = ([sum(rows[i : i + group]) for i in starts] for rows in (counts, usual))
        step *= group
    local = [moment.astimezone(zone) for moment in at]
    unit = _step_word(step)
    said = [f"{moment:%a} {moment.day} {moment:%b} {moment:%H:%M}" for moment in local]
    told = one.at.astimezone(zone)
    peak = max(range(len(counts)), key=lambda i: counts[i])
    return Chart(
        title,
        unit=f"voices per {unit}",
        source=f"what was heard from {said[0]} to {said[-1]}, {zone.key}",
        columns=("When", "voices", "usual"),
        rows=tuple((when, f"{n:g}", f"{u:.1f}") for when, n, u in zip(said, counts, usual, strict=True)),
        says=f"{title}: at most {counts[peak]:g} per {unit} at {said[peak]}, where {usual[peak]:.1f} is usual. Told {told:%a %H:%M}.",
        spec=lambda width: _curve(local, counts, usual, told, width).to_dict(),
        data=json.dumps([[m.isoformat() for m in local], counts, usual, told.isoformat(), "curve-1"]),
        note=f"Dotted curve: what was usual. Line: {told:%a} {told.day} {told:%b}, {told:%H:%M}, somebody was told.",
    )


def _numbers(texts: Sequence[str]) -> list[float]:
    try:
        found = [float(text) for text in texts]
    except ValueError:
        return []
    return found if all(abs(number) < 1e12 for number in found) else []


def _step_word(step: timedelta) -> str:
    minutes = round(step.total_seconds() / 60)
    if minutes % 1440 == 0:
        return "day" if minutes == 1440 else f"{minutes // 1440} days"
    if minutes % 60 == 0:
        return "hour" if minutes == 60 else f"{minutes // 60} hours"
    return f"{minutes} min"


def _curve(
    at: Sequence[datetime], counts: Sequence[float], usual: Sequence[float], told: datetime, width: int
) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    def wall(moment: datetime) -> str:
        return moment.replace(tzinfo=None).isoformat(timespec="minutes")

    rows = [
        {"at": wall(moment), "when": f"{moment:%a %H:%M}", "n": n, "usual": round(u, 2)}
        for moment, n, u in zip(at, counts, usual, strict=True)
    ]
    long = at[-1] - at[0] > timedelta(days=3)
    x = alt.X(
        "at:T",
        title=None,
        axis=alt.Axis(
            format="%-d %b" if long else "%a %H:%M",
            tickCount=4 if width < 500 else 8,
            labelOverlap=True,
            labelFlush=False,
        ),
    )
    y = alt.Y("n:Q", title=None, scale=alt.Scale(domainMin=0, nice=True), axis=alt.Axis(tickCount=4, tickMinStep=1))
    base = alt.Chart(alt.InlineData(values=rows))
    return alt.layer(
        base.mark_area(color="#2f58d0", opacity=0.12).encode(x=x, y=y),
        base.mark_line(color="#2f58d0").encode(
            x=x, y=y, tooltip=[alt.Tooltip("when:N", title="When"), alt.Tooltip("n:Q", title="Voices"), alt.Tooltip("usual:Q", title="Usual")]
        ),
        base.mark_line(color="#5c6673", strokeDash=[3, 3], strokeWidth=1.5).encode(x=x, y=alt.Y("usual:Q")),
        alt.Chart(alt.InlineData(values=[{"told": wall(told)}])).mark_rule(color="#a32d50", strokeDash=[1, 0]).encode(x="told:T"),
    ).properties(width=width, height=220)  # fmt: skip
