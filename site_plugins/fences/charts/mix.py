"""Content mix by channel: how much is our own offer, how much is useful, how much is conversation, beside the target."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from site_plugins.fences.charts import Chart

if TYPE_CHECKING:
    from datetime import datetime

    import altair as alt
    import pandas as pd

    from signalbook.book import Book
    from signalbook.fence import Fence
    from signalbook.period import Period

KINDS: Final = ("useful", "conversation", "own-offer")


def mix(book: Book, period: Period, fence: Fence, now: datetime) -> Chart:
    """Share of posts by mix on each channel, in percent of the posts that say theirs; one channel with ``channel:``."""
    title = fence.title or "Content mix by channel"
    zone = book.settings.team.zone
    counts: Counter[tuple[str, str]] = Counter()
    silent = 0
    for found in delivery.deliveries(book, now):
        if found.state == "cancelled" or found.due is None or (fence.channel and found.channel != fence.channel):
            continue
        if not period.first <= found.due.astimezone(zone).date() <= period.last:
            continue
        if found.post.mix:
            counts[found.channel, found.post.mix] += 1
        else:
            silent += 1
    channels = [key for key in book.settings.channels if any(counts[key, kind] for kind in KINDS)]
    if not channels:
        return Chart(
            title, why=f"No post in {period.label} says its mix", remedy="Write mix: useful in a post’s front matter."
        )
    data, rows = [], []
    for key in channels:
        total = sum(counts[key, kind] for kind in KINDS)
        channel = book.settings.channels[key]
        cells = []
        for kind in KINDS:
            share = counts[key, kind] / total * 100
            data.append((f"{channel.name} (n = {total})", kind.replace("-", " "), round(share, 1)))
            goal = channel.mix.get(kind)
            cells.append(f"{share:.0f}" + (f" (target {goal})" if goal is not None else ""))
        rows.append((f"{channel.name}, n = {total}", *cells))
    return Chart(
        title,
        unit="% of posts",
        source=f"documents in content/calendar, {now.astimezone(zone):%d %b %Y}",
        columns=("Channel", *(f"{kind.replace('-', ' ')}, %" for kind in KINDS)),
        rows=tuple(rows),
        says=f"{title}: "
        + "; ".join(f"{row[0]}: {', '.join(f'{k} {c}' for k, c in zip(KINDS, row[1:], strict=True))}" for row in rows)
        + ".",
        spec=lambda width: chart(_frame(data), width=width).to_dict(),
        data=json.dumps(data),
        note=f"{silent} deliveries do not say their mix." if silent else "",
    )


def _frame(data: list[tuple[str, str, float]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(data, columns=["channel", "kind", "share"])


def chart(frame: pd.DataFrame, *, width: int = 640) -> alt.Chart:
    """Draw a frame with ``channel``, ``kind`` (a series) and ``share`` (percent)."""
    import altair as alt

    kinds = list(dict.fromkeys(frame["kind"]))
    values = [
        {"channel": c, "of": k, "share": float(s), "order": kinds.index(k)} for c, k, s in frame.itertuples(index=False)
    ]
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            y=alt.Y("channel:N", sort=list(dict.fromkeys(frame["channel"])), title=None, axis=alt.Axis(labelLimit=200)),
            x=alt.X("sum(share):Q", title="% of posts", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=5)),
            color=alt.Color("of:N", sort=kinds, title=None),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("channel:N", title="Channel"),
                alt.Tooltip("of:N", title="Mix"),
                alt.Tooltip("share:Q", title="% of posts"),
            ],
        )
        .properties(width=width)
    )
    return drawn
