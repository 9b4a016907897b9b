"""Tables → numbers: sums, series, changes and what is unusual. The one place that writes queries.

Rules that hold for every number here:

* Of several readings of the same thing (source, channel, subject, metric, day, dimensions) the newest counts. What is
  told since publication (grain ``post``) counts once a post, as it was read last.
* Where a source tells a whole and its parts (rows with dimensions), the whole counts and the parts are left out; where it
  tells parts only, they are added.
* A metric's ``adds`` decides: ``sum`` adds days, channels and posts; ``last`` is the newest day's; ``mean`` is the mean of
  the readings; ``never`` is one reading or nothing, but of durations told post by post it is the median. ``last`` and ``never`` do not add over channels: a number that would
  have to is refused with the sentence that says so.
* A day without a reading is a gap, never a 0. Totals over a whole export (grain ``total``) belong to no day and are left
  out.
* Whole numbers stay whole.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from signalbook.model.declared import declared
from signalbook.period import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pandas as pd

    from signalbook.store import Tables

Number = int | float
Adds = Literal["sum", "last", "mean", "never"]
Bucket = Literal["day", "week", "month", "quarter", "year", "whole"]

USUAL_PERIODS = 8
"""How many periods before are looked at to know what is usual."""
USUAL_LEAST = 5
"""With fewer than this nothing is called usual or unusual."""
USUAL_SPREADS = 3.0
"""So many spreads from the median and more is unusual."""


class Mixed(ValueError):  # noqa: N818 - it says what the numbers are
    """Numbers that may not be put together: two currencies, or followers of two channels."""


@declared
class Point:
    """A number of one bucket of time.

    Attributes:
        first: the bucket's first day, in the period.
        last: its last day, in the period.
        value: ``None`` where nothing was read: a gap.
        n: how many days (weeks, posts) with readings are in it.
    """

    first: date
    last: date
    value: Number | None
    n: int


@declared
class Amount:
    """A number over a period, with what it stands on.

    Attributes:
        value: ``None`` when there is none, or too few to be shown; ``why`` says which.
        unit: as the readings have it, e.g. ``count`` or ``EUR``; empty without readings.
        n: how many days (weeks, posts) with readings it stands on.
        missing: days of the period, up to ``until``, on which nothing was read. Empty for weekly and for post readings.
        read_at: when the newest of the readings was taken.
        places: source and channel of the readings, e.g. ``("x", "x")``, in order.
        why: a sentence when the value is ``None``; empty otherwise.
    """

    value: Number | None
    unit: str
    n: int
    missing: tuple[date, ...]
    read_at: datetime | None
    places: tuple[tuple[str, str], ...]
    why: str = ""


@declared
class Latest:
    """The newest number there is."""

    value: Number
    unit: str
    on: date
    read_at: datetime
    source: str
    channel: str


@declared
class Change:
    """A number against the one of the period before.

    Attributes:
        difference: ``None`` unless both are there.
        share: difference ÷ before, ``None`` when there is no before or it is 0.
        why: a sentence when there is no difference, or when the two stand on unlike numbers of days.
    """

    current: Amount
    before: Amount
    difference: Number | None
    share: float | None
    why: str = ""


@declared
class Unusual:
    """How a number of a period stands to its usual variation.

    Attributes:
        metric: as the readings name it.
        source: where the readings come from.
        channel: its channel, may be empty.
        value: the period's.
        usual: the median of the periods before; ``None`` with too few.
        low: below this it is unusual.
        high: above this it is unusual.
        n: how many periods before could be compared.
        verdict: ``above``, ``below``, ``usual``, ``too few`` (periods before) or ``gaps`` (days of this one).
        spreads: how many spreads from the median, 0 when that cannot be said.
    """

    metric: str
    source: str
    channel: str
    unit: str
    value: Number | None
    usual: float | None
    low: float | None
    high: float | None
    n: int
    verdict: Literal["above", "below", "usual", "too few", "gaps"]
    spreads: float = 0.0


def name_of(metric: Any) -> str:
    """Give the name that readings use for a Metric document: ``readings``, else its slug with underscores."""
    return str(getattr(metric, "readings", None) or metric.slug.replace("-", "_"))


def series(
    tables: Tables,
    metric: str,
    period: Period,
    *,
    adds: Adds = "sum",
    by: Bucket = "day",
    source: str | None = None,
    channel: str | None = None,
    subject: str | None = None,
    dims: Sequence[str] = (),
) -> list[Point]:
    """Give a metric's numbers over a period, a point for every bucket in order; gaps have the value ``None``.

    ``metric`` is the readings' name (``name_of``). Weekly readings lie on their Monday: by ``day`` they are told as one
    point a week, since a week cannot be told by the day. ``dims`` are texts such as ``page=Prices`` that all must hold.

    Raises:
        Mixed: the readings may not be put together.
    """
    rows = _of_metric(tables, metric, period, source, channel, subject, tuple(dims))
    if by == "day" and rows and all(row.grain == "week" for row in rows):
        by = "week"
    points = []
    for bucket in _buckets(period, by):
        inside = [row for row in rows if bucket.first <= row.on <= bucket.last]
        value = _combine(inside, adds, bucket)
        points.append(
            Point(
                max(bucket.first, period.first), min(bucket.last, period.last), value, len({row.on for row in inside})
            )
        )
    _refuse(rows, adds, metric)
    return points


def total(
    tables: Tables,
    metric: str,
    period: Period,
    *,
    adds: Adds = "sum",
    min_n: int | None = None,
    until: date | None = None,
    source: str | None = None,
    channel: str | None = None,
    subject: str | None = None,
    dims: Sequence[str] = (),
) -> Amount:
    """Give a metric's number over a period.

    Below ``min_n`` it is not shown: of a metric that counts, the count itself is meant, of any other the number of
    readings. Days after ``until`` (today) are not missing yet.

    Raises:
        Mixed: the readings may not be put together.
    """
    rows = _of_metric(tables, metric, period, source, channel, subject, tuple(dims))
    return _amount(rows, metric, period, adds, min_n, until)


def latest(
    tables: Tables,
    metric: str,
    *,
    until: date | None = None,
    source: str | None = None,
    channel: str | None = None,
    subject: str | None = None,
) -> Latest | None:
    """Give the newest day's number, or ``None`` when nothing was read up to ``until``.

    Raises:
        Mixed: that day has numbers of several channels or units.
    """
    import ibis

    table = _filtered(_current(tables), [metric], source=source, channel=channel, subject=subject)
    if until is not None:
        table = table.filter(table.on <= ibis.date(until.isoformat()))
    last = table.filter(table.on == table.on.max().as_scalar())
    rows = _fetch(last)
    if not rows:
        return None
    places = {(row.source, row.channel) for row in rows}
    if len(places) > 1 or len({row.unit for row in rows}) > 1:
        raise Mixed(_mixed(rows, metric))
    value = _combine(rows, "sum", None)
    assert value is not None  # noqa: S101 - there are rows
    return Latest(value, rows[0].unit, rows[0].on, max(row.read_at for row in rows), rows[0].source, rows[0].channel)


def last_read(tables: Tables, metric: str, *, source: str, channel: str) -> tuple[date, datetime] | None:
    """Give the day of a place's newest reading and when that was taken; ``None`` without one."""
    known = tables.answers.get((metric, "last read"))
    if known is None:
        table = tables.readings
        table = table.filter(table.metric == metric)
        summed = table.group_by(["source", "channel"]).agg(on=table.on.max(), read_at=table.taken_at.max())
        rows = summed.to_pyarrow().to_pylist()
        known = {(row["source"], row["channel"]): (row["on"], row["read_at"]) for row in rows}
        tables.answers[metric, "last read"] = known
    found: tuple[date, datetime] | None = known.get((source, channel))
    return found


def change(
    tables: Tables,
    metric: str,
    period: Period,
    *,
    adds: Adds = "sum",
    min_n: int | None = None,
    until: date | None = None,
    source: str | None = None,
    channel: str | None = None,
    subject: str | None = None,
    dims: Sequence[str] = (),
) -> Change:
    """Compare a period with the one before it.

    Raises:
        Mixed: the readings may not be put together.
    """
    filters: dict[str, Any] = {"source": source, "channel": channel, "subject": subject}
    current = total(tables, metric, period, adds=adds, min_n=min_n, until=until, dims=dims, **filters)
    before = total(tables, metric, period.previous(), adds=adds, min_n=min_n, dims=dims, **filters)
    if current.value is None or before.value is None:
        return Change(current, before, None, None, current.why or f"Nothing to compare with: {_small(before.why)}")
    if current.unit != before.unit:
        why = f"The units differ: {current.unit} now, {before.unit} before."
        return Change(current, before, None, None, why)
    difference = current.value - before.value
    why = ""
    if adds == "sum" and len(current.missing) != len(before.missing):
        why = (
            f"The two stand on unlike numbers of days: {len(current.missing)} without a reading now, "
            f"{len(before.missing)} before."
        )
    return Change(current, before, difference, difference / before.value if before.value else None, why)


def unusual(
    tables: Tables, period: Period, metrics: Iterable[tuple[str, Adds]], *, until: date | None = None
) -> list[Unusual]:
    """Judge each metric of each channel against the eight periods before; what stands out most comes first.

    Usual is the median of the periods before, give or take three spreads. The spread is the median distance from the
    median × 1.4826 (which is a standard deviation for normal numbers, Rousseeuw and Croux 1993), but at least the
    root of the median for counts (a count varies that much by itself) and a twentieth of it for anything else. Periods with
    gaps are not compared. Metrics that never add up are left out, and so is what has no reading in the period.
    """
    asked = {name: adds for name, adds in metrics if adds != "never"}
    if not asked:
        return []
    periods = [period]
    for _ in range(USUAL_PERIODS):
        periods.append(periods[-1].previous())
    rows = _between(tables, list(asked), periods[-1].first, period.last)
    found = []
    for metric, source, channel in sorted({(row.metric, row.source, row.channel) for row in rows}):
        ours = [row for row in rows if (row.metric, row.source, row.channel) == (metric, source, channel)]
        adds = asked[metric]
        amounts = []
        for each in periods:
            inside = [row for row in ours if each.first <= row.on <= each.last]
            try:
                amounts.append(_amount(inside, metric, each, adds, None, until))
            except Mixed:
                break
        else:
            if amounts[0].n:
                found.append(_judge(metric, source, channel, adds, amounts))
    return sorted(found, key=lambda judged: (-abs(judged.spreads), judged.metric, judged.source, judged.channel))


def names(tables: Tables) -> dict[str, tuple[tuple[str, str], ...]]:
    """List the metrics that have readings, each with its sources and channels."""
    table = tables.readings.select("metric", "source", "channel").distinct()
    places: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(table.to_pyarrow().to_pylist(), key=lambda row: (row["metric"], row["source"], row["channel"])):
        places.setdefault(row["metric"], []).append((row["source"], row["channel"]))
    return {metric: tuple(found) for metric, found in places.items()}


def newest(tables: Tables) -> dict[tuple[str, str, str], date]:
    """Metric, source and channel → the day of the newest reading there is."""
    table = tables.readings.group_by("metric", "source", "channel").aggregate(on=tables.readings.on.max())
    rows = table.to_pyarrow().to_pylist()
    return {(row["metric"], row["source"], row["channel"]): row["on"] for row in rows}


def frame(
    tables: Tables,
    metrics: Iterable[str],
    period: Period,
    *,
    by: Bucket = "day",
    adds: Adds = "sum",
    **filters: Any,
) -> pd.DataFrame:
    """Give series as a table for charts and notebooks, a row for every metric, place and bucket.

    Columns: ``metric``, ``source``, ``channel`` and ``unit`` (texts), ``first`` and ``last`` (days, as
    ``datetime64``), ``value`` (``float64``, empty in a gap), ``n`` (``int64``, days with readings).
    """
    import pandas as pd

    lines = []
    places = names(tables)
    for metric in metrics:
        for source, channel in places.get(metric, ()):
            if filters.get("source", source) != source or filters.get("channel", channel) != channel:
                continue
            more = {**filters, "source": source, "channel": channel}
            points = series(tables, metric, period, adds=adds, by=by, **more)
            unit = total(tables, metric, period, **more).unit if any(point.n for point in points) else ""
            lines += [
                (metric, source, channel, unit, point.first, point.last, point.value, point.n) for point in points
            ]
    table = pd.DataFrame(lines, columns=["metric", "source", "channel", "unit", "first", "last", "value", "n"])
    return table.astype({"first": "datetime64[s]", "last": "datetime64[s]", "value": "float64", "n": "int64"})


# Combining


@declared
class _Row:
    """What was read of one metric on one day in one place, subjects and parts added.

    Attributes:
        value: the sum.
        mean: of the readings.
        readings: how many were put together.
        subjects: of how many accounts or posts.
        each: one by one, for durations; empty for everything else.
    """

    metric: str
    source: str
    channel: str
    unit: str
    grain: str
    on: date
    value: Number
    mean: float
    readings: int
    subjects: int
    read_at: datetime
    each: tuple[float, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether it is a duration of posts or documents, one by one: those have a median."""
        return self.grain == "post" and self.unit in _TIMES


_TIMES = frozenset({"days", "hours", "seconds", "duration"})


def _refuse(rows: Sequence[_Row], adds: Adds, metric: str) -> None:
    units = {row.unit for row in rows}
    places = {(row.source, row.channel) for row in rows}
    subjects = max((row.subjects for row in rows if not row.lasts), default=0)
    if len(units) > 1 or (adds in {"last", "never"} and (len(places) > 1 or subjects > 1)):
        raise Mixed(_mixed(rows, metric))


def _mixed(rows: Sequence[_Row], metric: str) -> str:
    units = sorted({row.unit for row in rows})
    if len(units) > 1:
        return f"{metric} has readings in {_listed(units)}, which give no number together. Ask for one of them."
    places = sorted({row.channel or row.source for row in rows})
    if len(places) > 1:
        return f"{metric} comes from {_listed(places)} and does not add up over channels. Ask for one of them."
    return f"{metric} is told for several subjects and does not add up over them. Ask for one of them."


def _combine(rows: Sequence[_Row], adds: Adds, bucket: Period | None) -> Number | None:
    if not rows:
        return None
    if adds == "mean":
        return sum(row.mean * row.readings for row in rows) / sum(row.readings for row in rows)
    if adds == "last":
        return max(rows, key=lambda row: row.on).value
    if adds == "never" and all(row.lasts for row in rows):
        return median(value for row in rows for value in row.each)
    if adds == "never":
        alone = len(rows) == 1 and (bucket is None or len(bucket) == 1 or rows[0].grain != "day")
        return rows[0].value if alone else None
    if all(isinstance(row.value, int) for row in rows):
        return sum(row.value for row in rows)
    return math.fsum(row.value for row in rows)


def _amount(
    rows: Sequence[_Row], metric: str, period: Period, adds: Adds, min_n: int | None, until: date | None
) -> Amount:
    _refuse(rows, adds, metric)
    places = tuple(sorted({(row.source, row.channel) for row in rows}))
    read = {row.on for row in rows}
    missing: tuple[date, ...] = ()
    if not rows or any(row.grain == "day" for row in rows):
        end = min(period.last, until) if until else period.last
        missing = tuple(day for day in period.days() if day not in read and day <= end)
    value = _combine(rows, adds, period)
    why = ""
    if not rows:
        why = f"No readings of {metric} in {period.label}."
    elif value is None:
        why = f"{metric} never adds up over days; ask for one day."
    elif min_n is not None:
        counted = value if rows[0].unit in {"count", "people"} else sum(row.readings for row in rows)
        if counted < min_n:
            why = f"{counted:g} is too few to show; this metric is shown from {min_n}."
            value = None
    return Amount(
        value,
        rows[0].unit if rows else "",
        len(read),
        missing,
        max((row.read_at for row in rows), default=None),
        places,
        why,
    )


def _judge(metric: str, source: str, channel: str, adds: Adds, amounts: Sequence[Amount]) -> Unusual:
    now, *earlier = amounts
    # A sum over fewer days is another number; of a last value or a mean that does not hold.
    before = [each.value for each in earlier if each.value is not None and (adds != "sum" or not each.missing)]
    at = (metric, source, channel, now.unit, now.value)
    if adds == "sum" and now.missing:
        return Unusual(*at, None, None, None, len(before), "gaps")
    if len(before) < USUAL_LEAST or now.value is None:
        return Unusual(*at, None, None, None, len(before), "too few")
    middle = float(median(before))
    spread = 1.4826 * float(median(abs(value - middle) for value in before))
    counts = now.unit in {"count", "people"}
    spread = max(spread, math.sqrt(abs(middle)) if counts else abs(middle) / 20, 1.0 if counts else 1e-9)
    low, high = middle - USUAL_SPREADS * spread, middle + USUAL_SPREADS * spread
    distance = (now.value - middle) / spread
    verdict: Literal["above", "below", "usual"] = (
        "above" if now.value > high else "below" if now.value < low else "usual"
    )
    return Unusual(*at, middle, low, high, len(before), verdict, distance)


def _buckets(period: Period, by: Bucket) -> list[Period]:
    if by == "whole":
        return [period]
    if by == "week":
        return period.weeks()
    buckets = [Period.around(by, period.first, period.zone)]
    while buckets[-1].last < period.last:
        buckets.append(Period.around(by, buckets[-1].last + timedelta(days=1), period.zone))
    return buckets


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


# Queries


@declared
class Told:
    """One reading of a post: since publication, as it was on a day.

    Attributes:
        subject: the service's id of the post, or its address.
        on: the day it was read, in UTC. A number that stayed the same is not noted again.
    """

    subject: str
    source: str
    channel: str
    metric: str
    on: date
    value: Number
    unit: str
    read_at: datetime


def told(tables: Tables, subjects: Collection[str]) -> dict[str, tuple[Told, ...]]:
    """Every reading of some posts by what the service calls them: of each day the newest, oldest first.

    Parts of a number (rows with dimensions) are left out.
    """
    table = tables.readings
    table = table.filter((table.grain == "post") & (table.dims.length() == 0))
    columns = ("subject", "source", "channel", "metric", "value", "value_whole", "unit", "taken_at")
    found: dict[str, dict[tuple[str, str, str, date], Told]] = {}
    for row in table.select(*columns).order_by(["subject", "metric", "taken_at"]).to_pyarrow().to_pylist():
        if row["subject"] in subjects:
            value = row["value"] if row["value_whole"] is None else int(row["value_whole"])
            day = row["taken_at"].date()
            found.setdefault(row["subject"], {})[row["source"], row["channel"], row["metric"], day] = Told(
                row["subject"], row["source"], row["channel"], row["metric"], day, value, row["unit"], row["taken_at"]
            )
    return {subject: tuple(rows.values()) for subject, rows in found.items()}


def _current(tables: Tables) -> Any:
    """The readings that count: the newest of each thing, parts left out where the whole is told."""
    return tables.keep("readings_that_count", lambda: _counting(tables.readings))


def _counting(table: Any) -> Any:
    import ibis

    table = table.filter(table.grain != "total")
    # What is told since publication is one number a post, whatever day it was read on.
    day = ibis.ifelse(table.grain == "post", ibis.date("1970-01-01"), table.on)
    thing = [table.source, table.channel, table.subject, table.metric, table.grain, day]
    newest = ibis.window(group_by=[*thing, table.dims], order_by=[table.taken_at.desc(), table.on.desc(), table.key])
    table = table.mutate(_nth=ibis.row_number().over(newest), _part=table.dims.length() > 0, _day=day)
    table = table.filter(table["_nth"] == 0)
    thing = [table[name] for name in ("source", "channel", "subject", "metric", "grain", "_day")]
    whole = ibis.window(group_by=thing)
    table = table.mutate(_parts_only=table["_part"].all().over(whole))
    return table.drop("_nth", "_day")


def _filtered(
    table: Any,
    metrics: Sequence[str],
    *,
    source: str | None = None,
    channel: str | None = None,
    subject: str | None = None,
    dims: Sequence[str] = (),
) -> Any:
    table = table.filter(table.metric.isin(list(metrics)))
    for name, wanted in (("source", source), ("channel", channel), ("subject", subject)):
        if wanted is not None:
            table = table.filter(table[name] == wanted)
    if dims:
        for wanted in dims:
            table = table.filter(table.dims.contains(wanted))
        return table
    return table.filter(table["_parts_only"] | ~table["_part"])


def _of_metric(
    tables: Tables,
    metric: str,
    period: Period,
    source: str | None,
    channel: str | None,
    subject: str | None,
    dims: tuple[str, ...],
) -> list[_Row]:
    """Read a metric once, all its days, and answer every question about it from there: a page asks many."""
    known = tables.answers.setdefault((metric, subject, dims), None)
    if known is None:
        known = _fetch(_filtered(_current(tables), [metric], subject=subject, dims=dims))
        tables.answers[metric, subject, dims] = known
    return [
        row
        for row in known
        if period.first <= row.on <= period.last and source in {None, row.source} and channel in {None, row.channel}
    ]


def _between(tables: Tables, metrics: Sequence[str], first: date, last: date) -> list[_Row]:
    import ibis

    table = _filtered(_current(tables), metrics)
    days = (table.on >= ibis.date(first.isoformat())) & (table.on <= ibis.date(last.isoformat()))
    return _fetch(table.filter(days))


def _fetch(table: Any) -> list[_Row]:
    by = ["metric", "source", "channel", "unit", "grain", "on"]
    summed = table.group_by(by).agg(
        value=table.value.sum(),
        whole=table.value_whole.sum(),
        wholes=table.value_whole.count(),
        mean=table.value.mean(),
        readings=table.count(),
        subjects=table.subject.nunique(),
        read_at=table.taken_at.max(),
        each=table.value.collect(where=(table.grain == "post") & table.unit.isin(sorted(_TIMES))),
    )
    return [
        _Row(
            **{name: found[name] for name in by},
            value=int(found["whole"]) if found["wholes"] == found["readings"] else found["value"],
            mean=found["mean"],
            readings=found["readings"],
            subjects=found["subjects"],
            read_at=found["read_at"],
            each=tuple(found["each"] or ()),
        )
        for found in summed.order_by(by).to_pyarrow().to_pylist()
    ]
