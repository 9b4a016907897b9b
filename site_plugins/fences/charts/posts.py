"""Posts by week and state: what the team has planned, approved and sent, as bars stacked by state."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from signalbook import delivery
from site_plugins.fences.charts import Chart

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import altair as alt
    import pandas as pd

    from signalbook.book import Book
    from signalbook.fence import Fence
    from signalbook.period import Period

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "published": ("published", "withdrawn", "sending"),
    "approved": ("approved", "scheduled", "due", "held"),
    "in review": ("review",),
    "draft or idea": ("draft", "idea"),
    "needs a person": ("missed", "overdue", "unknown", "failed"),
}
"""Series of the chart → the states it holds; cancelled posts are left out."""


def posts(book: Book, period: Period, fence: Fence, now: datetime) -> Chart:
    """Posts by ISO week of their time and by state; ``channel:`` narrows to one channel."""
    title = fence.title or "Posts by week"
    zone = book.settings.team.zone
    states: dict[str, str] = {}
    days: dict[str, date] = {}
    rows: dict[str, list[delivery.Delivery]] = {}
    for found in delivery.deliveries(book, now):
        if found.due and (not fence.channel or found.channel == fence.channel):
            rows.setdefault(found.post.slug, []).append(found)
    for slug, own in rows.items():
        states[slug] = delivery.loudest(own)
        days[slug] = own[0].due.astimezone(zone).date() if own[0].due else period.first
    inside = {
        slug: day for slug, day in days.items() if period.first <= day <= period.last and states[slug] != "cancelled"
    }
    if not inside:
        return Chart(
            title, why=f"No post in {period.label}", remedy="Posts appear here when their file says publish_at."
        )
    counts: Counter[tuple[date, str]] = Counter()
    for slug, day in inside.items():
        group = next(name for name, members in GROUPS.items() if states[slug] in members)
        counts[_monday(day), group] += 1
    first, last = _monday(min(inside.values())), _monday(max(inside.values()))
    weeks = [first + timedelta(weeks=i) for i in range((last - first).days // 7 + 1)]
    groups = [name for name in GROUPS if any(counts[week, name] for week in weeks)]
    table = tuple((_named(week), *(str(counts[week, group]) for group in groups)) for week in weeks)
    data = [(week.isoformat(), _named(week), group, counts[week, group]) for week in weeks for group in groups]
    total = sum(counts.values())
    where = f" on {book.settings.channels[fence.channel].name}" if fence.channel else ""
    return Chart(
        title,
        unit="posts",
        source=f"documents in content/calendar{where}, {now.astimezone(zone):%d %b %Y}",
        columns=("Week", *(f"{group}, posts" for group in groups)),
        rows=table,
        says=f"{title}: {total} posts in {len(weeks)} weeks, most in the week of {_named(max(weeks, key=lambda w: sum(counts[w, g] for g in groups)))}.",
        spec=lambda width: chart(_frame(data), width=width).to_dict(),
        data=json.dumps(data),
        note="Cancelled posts are left out.",
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _named(week: date) -> str:
    year, number, _ = week.isocalendar()
    return f"{year}, week {number}"


def _frame(data: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(data, columns=["week", "named", "group", "posts"])


def chart(frame: pd.DataFrame, *, width: int = 640) -> alt.Chart:
    """Draw a frame with ``week`` (ISO date of its Monday), ``named``, ``group`` (a series) and ``posts`` (a count)."""
    import altair as alt

    groups = list(dict.fromkeys(frame["group"]))
    labels = dict(zip(frame["week"], frame["named"], strict=True))
    short: dict[str, Any] = {week: name.rpartition(" ")[2] for week, name in labels.items()}
    values = [
        {"week": short[w], "when": n, "of": g, "posts": int(p), "order": groups.index(g), "at": w}
        for w, n, g, p in frame.itertuples(index=False)
    ]
    weeks = [short[week] for week in dict.fromkeys(frame["week"])]
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            x=alt.X("week:O", sort=weeks, title="ISO week", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("sum(posts):Q", title="posts", axis=alt.Axis(tickMinStep=1, tickCount=4, format=",d")),
            color=alt.Color("of:N", sort=groups, title=None),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("when:N", title="When"),
                alt.Tooltip("of:N", title="State"),
                alt.Tooltip("posts:Q", title="Posts"),
            ],
        )
        .properties(width=width, height=200)
    )
    return drawn
