"""A metric's numbers over a period, ready to be shown: buckets, units in words, source and age, the promise."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from signalbook import tally
from signalbook.classes import dataclass
from signalbook.model import Metric, Objective
from signalbook.period import DAY, MONTHS, Period, day_of, spoken
from site_plugins import components as sb
from site_plugins.markup import Markup, escape
from site_plugins.pages import digest

if TYPE_CHECKING:
    import pandas as pd

    from signalbook.book import Book
    from signalbook.tally import Adds, Amount, Bucket, Number

BUCKETS: Final[dict[str, Bucket]] = {
    "day": "day", "week": "week", "post": "week", "month": "month", "quarter": "quarter", "campaign": "month", "incident": "month",
}  # fmt: skip
"""A metric's grain → the buckets it is shown in."""
COUNTED: Final = frozenset({"count", "people"})
PROMISED: Final = frozenset({"agreed", "running", "met"})
"""States of an objective in which its target is a promise."""
UNITS: Final = {"count": "", "people": "people", "percent": "%", "ratio": "", "score": "", "seconds": "s"}


@dataclass(frozen=True, slots=True)
class Target:
    """What an objective promises for a metric."""

    value: Number
    by: date | None
    objective: Objective


def stamp(book: Book) -> str:
    """A digest of the readings' files as they lie there; equal stamps mean equal readings."""
    folder = book.workspace.data / "readings"
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return digest(*((file.name, stat.st_size, stat.st_mtime_ns) for file in files for stat in (file.stat(),)))


def has_readings(book: Book) -> bool:
    """Whether there is any reading at all, without asking the engine."""
    folder = book.workspace.data / "readings"
    return folder.is_dir() and any(file.suffix in {".jsonl", ".parquet"} for file in folder.iterdir())


def known(book: Book) -> dict[str, tuple[tuple[str, str], ...]]:
    """The readings' names, each with its sources and channels; empty without starting the engine where there are none."""
    return tally.names(book.tables) if has_readings(book) else {}


def adds_of(metric: Metric) -> Adds:
    """How a metric's days become weeks: as it says, else a count is added and anything else is not."""
    return metric.adds or ("sum" if metric.unit in {"count", "money"} else "never")


def bucket_of(metric: Metric) -> Bucket:
    """What a metric is shown by. One with a least sample is never shown by the day: a day is too few."""
    bucket = BUCKETS.get(metric.grain or "day", "day")
    return "week" if bucket == "day" and metric.min_n and metric.unit not in COUNTED else bucket


def span(metric: Metric, period: Period) -> Period:
    """The days whose readings a period means for a metric.

    A week's reading lies on its Monday and comes when the week is over. So of a number of days those whole weeks are
    meant that are over, and of a month the weeks that begin in it. Months and quarters are taken whole.
    """
    bucket = bucket_of(metric)
    if bucket in {"month", "quarter"}:
        first = Period.around(bucket, period.first, period.zone).first
        last = Period.around(bucket, period.last, period.zone).last
        return Period("range", first, last, period.zone)
    if metric.grain != "week" or period.kind in {"week", "day"}:
        return period
    if period.kind == "days":
        last = period.last - (period.last.weekday() + 1) * DAY
        return Period("range", last - (7 * max(round(len(period) / 7), 1) - 1) * DAY, last, period.zone)
    first = period.first + (-period.first.weekday() % 7) * DAY
    last = period.last + (6 - period.last.weekday()) * DAY
    return Period("range", first, last, period.zone) if first <= last else period


def frame(
    book: Book, metric: Metric, period: Period, now: datetime, *, source: str = "", channel: str = ""
) -> pd.DataFrame:
    """A metric's readings over a period as ``tally.frame`` gives them: a row for every place and bucket.

    Buckets that are not over yet and have no reading are no gaps and are left out; a bucket below the metric's least
    sample has no value.
    """
    bucket, name = bucket_of(metric), tally.name_of(metric)
    today = day_of(now, book.settings.team.zone)
    days = span(metric, period)
    filters = {key: value for key, value in (("source", source), ("channel", channel)) if value}
    table: pd.DataFrame = tally.frame(book.tables, [name], days, by=bucket, adds=adds_of(metric), **filters)
    table = table[(table["last"].dt.date < today) | table["value"].notna()]
    # What lies before the first reading is no gap: nobody was reading yet.
    table = table[table["first"] >= table[table["value"].notna()]["first"].min()].reset_index(drop=True)
    if metric.min_n:
        for index, row in table.iterrows():
            if row["value"] == row["value"]:
                one = Period("range", row["first"].date(), row["last"].date(), period.zone)
                amount = tally.total(
                    book.tables, name, one, adds=adds_of(metric), min_n=metric.min_n, source=row["source"], channel=row["channel"]
                )  # fmt: skip
                if amount.value is None:
                    table.loc[index, "value"] = None
    return table


def amount(book: Book, metric: Metric, period: Period, now: datetime, *, source: str = "", channel: str = "") -> Amount:
    """A metric's number over a period.

    Raises:
        tally.Mixed: its readings do not add up over channels or units.
    """
    today = day_of(now, book.settings.team.zone)
    return tally.total(
        book.tables, tally.name_of(metric), span(metric, period),
        adds=adds_of(metric), min_n=metric.min_n, until=today - DAY, source=source or None, channel=channel or None,
    )  # fmt: skip


def target(book: Book, metric: Metric) -> Target | None:
    """What an objective promises for a metric: of several the one that is due first."""
    found = [
        Target(one.target, one.by, one)
        for one in book.all(Objective)
        if one.metric == metric.slug and one.target is not None and one.state in PROMISED
    ]
    return min(found, key=lambda each: (each.by or date.max, each.objective.slug), default=None)


def unit_word(unit: str, value: Number | None = None) -> str:
    """A unit as people read it after a number: ``days``, ``%``, ``EUR``; empty for counts."""
    word = UNITS.get(unit, unit)
    return word[:-1] if value == 1 and word in {"days", "hours"} else word


def said(value: Number, unit: str) -> str:
    """A number with its unit: ``12``, ``3.1 %``, ``2.5 days``, ``EUR 120``, ``1 h 12 min``."""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if unit == "seconds":
        return sb.age(number / 60)
    word = unit_word(unit, number)
    if len(unit) == 3 and unit.isupper():
        return f"{unit} {sb.amount(number)}"
    return f"{sb.amount(number)} {word}" if word else sb.amount(number)


def moved(difference: Number, share: float | None, unit: str) -> str:
    """A change with its sign: ``+12 (+8 %)``; percentages change by points."""
    if not difference:
        return "no change"
    sign = "+" if difference > 0 else ""
    if unit == "percent":
        return f"{sign}{sb.amount(difference)} pt"
    more = f" ({'+' if share > 0 else ''}{sb.amount(share * 100, digits=0)} %)" if share is not None else ""
    return f"{sign}{said(difference, unit)}{more}"


def bucket_name(first: date, bucket: Bucket) -> str:
    """A bucket as a table names it: ``16 November 2026``, ``2026, week 47``, ``November 2026``."""
    if bucket == "week":
        year, week, _ = first.isocalendar()
        return f"{year}, week {week}"
    if bucket == "month":
        return f"{MONTHS[first.month - 1]} {first.year}"
    if bucket == "quarter":
        return f"{first.year}, quarter {(first.month + 2) // 3}"
    return spoken(first)


def place_name(book: Book, source: str, channel: str) -> str:
    """Where readings come from, as people call it: the channel's name, else the source."""
    found = book.settings.channels.get(channel)
    return (found.name or channel) if found else channel or source


def origin(book: Book, places: tuple[tuple[str, str], ...], read_at: datetime | None, now: datetime) -> str:
    """The source line: ``git, read 23 November, 2 d ago``."""
    names = ", ".join(dict.fromkeys(place_name(book, *place) for place in places))
    if read_at is None:
        return names
    zone = book.settings.team.zone
    day, today = day_of(read_at, zone), day_of(now, zone)
    age = (today - day).days
    ago = "today" if age == 0 else "yesterday" if age == 1 else f"{age} d ago"
    return f"{names}, read {spoken(day, year=day.year != today.year)}, {ago}"


def marked(text: str) -> Markup:
    """A sentence whose words between backticks are code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 and index < len(parts) - 1 else escape(part)
        for index, part in enumerate(parts)
    )


def way(metric: Metric) -> str:
    """How to get a first reading, in one or two sentences."""
    if metric.how_to_get:
        return metric.how_to_get
    return f"Its source is {metric.source}." if metric.source else "Its file names no source yet."


def begins(metric: Metric, today: date) -> str:
    """When the first reading from our own history can be there; empty for any other source."""
    if "git" not in (metric.source or ""):
        return ""
    if metric.grain != "week":
        return "A day is counted when it is over."
    monday = today + timedelta(days=7 - today.weekday())
    return f"A week is counted when it is over, this one from {spoken(monday, year=False)} on."
