"""Numbers as tiles: a value, its change, its promise, its last periods, its source and age; or how to get one."""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signalbook import tally
from signalbook.classes import dataclass
from signalbook.model import Metric, Objective
from signalbook.period import DAY, Period, day_of, spoken
from site_plugins import components as sb
from site_plugins.fences import drawing, numbers
from site_plugins.markup import Markup
from site_plugins.pages import digest, href

if TYPE_CHECKING:
    from datetime import datetime

    from signalbook.book import Book
    from signalbook.fence import Fence
    from signalbook.tally import Amount, Bucket

PERIODS: Final = 12
HOME: Final = 4
"""How many tiles the home page shows."""


@dataclass(frozen=True, slots=True)
class Number:
    """A metric's number as a tile shows it.

    Attributes:
        value: formatted with its unit; empty when there is none.
        about: which bucket it is of, where it is not of the whole period.
        change: formatted; empty when nothing can be compared.
        good: whether the change is welcome, ``None`` when it is neither.
        values: of the last periods, oldest first.
        source: where from, how old.
        why: why there is no value.
        remedy: how to get one.
    """

    value: str = ""
    about: str = ""
    change: str = ""
    good: bool | None = None
    values: tuple[float | None, ...] = ()
    source: str = ""
    why: str = ""
    remedy: str = ""


def row(book: Book, fence: Fence, period: Period, now: datetime) -> Markup:
    """A row of tiles, one a metric."""
    metrics = [metric for slug in fence.metrics if (metric := book.get(Metric, slug))]
    made = Markup("").join(
        tile(book, metric, period, now, source=fence.source, channel=fence.channel,
             title=fence.title if len(metrics) == 1 else "")
        for metric in metrics
    )  # fmt: skip
    return Markup('<div class="sb-kpis{}">{}</div>').format(" sb-kpis--one" if len(metrics) == 1 else "", made)


def tile(
    book: Book, metric: Metric, period: Period, now: datetime, *, source: str = "", channel: str = "", title: str = ""
) -> Markup:
    """One metric as a tile; without a reading it says how to get one."""
    found = number(book, metric, period, now, source=source, channel=channel)
    address = href(f"metrics/{metric.slug if metric.slug.lower() != 'index' else 'index-'}.html")
    name = title or metric.name
    if not found.value:
        return Markup(
            '<div class="sb-kpi sb-kpi--none"><div class="sb-kpi__name"><a href="{}">{}</a></div>'
            '<div class="sb-kpi__none">{}</div><div class="sb-kpi__foot"><span>{}</span></div></div>'
        ).format(address, name, found.why, numbers.marked(found.remedy))
    goal = numbers.target(book, metric)
    promise = f"target {numbers.said(goal.value, _unit(metric))}" if goal else ""
    label = f"{name}, {found.about or _short(metric, period)}"
    return sb.kpi(
        label, found.value, address=address, change=found.change, good=found.good,
        against="the one before" if found.about else "the period before", promise=promise, values=found.values,
        target=float(goal.value) if goal else None, source=found.source,
    )  # fmt: skip


def _short(metric: Metric, period: Period) -> str:
    if period.kind == "week":
        return f"week {period.first.isocalendar()[1]}"
    if period.kind == "days" and metric.grain == "week":
        weeks = max(round(len(period) / 7), 1)
        return f"last {weeks} full weeks" if weeks > 1 else "last full week"
    return f"last {len(period)} days" if period.kind == "days" else period.label


def _unit(metric: Metric) -> str:
    return {"money": metric.currency or "", "duration": "days"}.get(metric.unit or "", metric.unit or "")


def number(book: Book, metric: Metric, period: Period, now: datetime, *, source: str = "", channel: str = "") -> Number:
    """A metric's number over a period; of a metric that never adds up, or keeps its last value, the newest bucket's."""
    name = tally.name_of(metric)
    places = [
        place for place in numbers.known(book).get(name, ()) if source in {"", place[0]} and channel in {"", place[1]}
    ]
    if not places:
        begins = numbers.begins(metric, day_of(now, book.settings.team.zone))
        return Number(why="no reading yet", remedy=f"{numbers.way(metric)} {begins}".strip())
    try:
        return _number(book, metric, period, now, source=source, channel=channel)
    except tally.Mixed as error:
        return Number(why="no one number", remedy=f"{error}")


def _number(book: Book, metric: Metric, period: Period, now: datetime, *, source: str, channel: str) -> Number:
    bucket = numbers.bucket_of(metric)
    current = numbers.amount(book, metric, period, now, source=source, channel=channel)
    if not current.n:
        last = tally.latest(book.tables, tally.name_of(metric), source=source or None, channel=channel or None)
        newest = f" The newest is of {spoken(last.on)}." if last else ""
        return Number(why="no reading in this period", remedy=f"{numbers.way(metric)}{newest}")
    origin = numbers.origin(book, current.places, current.read_at, now)
    if numbers.adds_of(metric) != "sum" or current.value is None:
        return _newest(book, metric, period, now, current, origin, bucket, source=source, channel=channel)
    values: list[float | None] = []
    first = one = numbers.span(metric, period)
    amounts = []
    for _ in range(PERIODS if len(period) <= 31 else 2):
        amount = current if one is first else numbers.amount(book, metric, one, now, source=source, channel=channel)
        amounts.append(amount)
        values.insert(0, None if amount.value is None else float(amount.value))
        one = one.previous()
    before = amounts[1]
    change, good = "", None
    if before.value is not None and before.unit == current.unit and len(before.missing) == len(current.missing):
        difference = current.value - before.value
        change = numbers.moved(difference, difference / before.value if before.value else None, current.unit)
        good = _good(metric, difference)
    gaps = f"; {len(current.missing)} of {len(period)} days without a reading" if current.missing else ""
    return Number(numbers.said(current.value, current.unit), "", change, good, _trimmed(values), f"{origin}{gaps}")


def _newest(
    book: Book, metric: Metric, period: Period, now: datetime, current: Amount, origin: str, bucket: Bucket, *, source: str, channel: str
) -> Number:  # fmt: skip
    # What came before the period shows how it moved; the number itself has to lie in it.
    days = {"day": 1, "week": 7, "month": 31, "quarter": 92}.get(bucket, 7)
    inside = numbers.span(metric, period)
    longer = Period("range", inside.first - (PERIODS - 1) * days * DAY, inside.last, period.zone)
    frame = numbers.frame(book, metric, longer, now, source=source, channel=channel)
    with_value = frame[frame["value"].notna()]
    if with_value.empty or with_value.iloc[-1]["last"].date() < inside.first:
        return Number(why="too few to show", remedy=current.why or f"{metric.name} is shown from {metric.min_n} on.")
    if len(set(zip(with_value["source"], with_value["channel"], strict=True))) > 1:
        raise tally.Mixed(
            f"{metric.name} is told by several channels and does not add up over them. Write channel: and one of them."
        )
    last = with_value.iloc[-1]
    unit = str(last["unit"])
    change, good = "", None
    if len(with_value) > 1:
        difference = float(last["value"]) - float(with_value.iloc[-2]["value"])
        change = numbers.moved(_whole(difference), None, unit)
        good = _good(metric, difference)
    values = tuple(None if math.isnan(value) else float(value) for value in frame["value"][-PERIODS:])
    about = numbers.bucket_name(last["first"].date(), bucket)
    year = f"{day_of(now, book.settings.team.zone).year}"
    about = about.removeprefix(f"{year}, ").removesuffix(f" {year}")
    return Number(numbers.said(float(last["value"]), unit), about, change, good, values, origin)


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _good(metric: Metric, difference: float) -> bool | None:
    if not difference or metric.direction in {None, "none"}:
        return None
    return (difference > 0) == (metric.direction == "up")


def _trimmed(values: list[float | None]) -> tuple[float | None, ...]:
    """Without the periods before the first reading: they are no gaps."""
    start = next((i for i, value in enumerate(values) if value is not None), len(values))
    return tuple(values[start:])


def home(book: Book, now: datetime, ground: str) -> Markup:
    """Up to four metrics with readings as a section; nothing while there is none. Kept until the readings change.

    Those in use, and those by which a running objective measures itself.
    """
    if not numbers.has_readings(book):
        return Markup()
    promised = {one.metric for one in book.all(Objective) if one.state in {"agreed", "running"} and one.metric}
    metrics = [metric for metric in book.all(Metric) if metric.state == "in-use" or metric.slug in promised]
    names = [(one.slug, one.digest) for one in (*metrics, *book.all(Objective))]
    code = [(file.name, file.stat().st_mtime_ns) for file in sorted(Path(__file__).parent.rglob("*.py"))]
    key = digest("home-tiles", ground, now.date(), *names, *code, Path(sb.__file__).stat().st_mtime_ns)
    path = book.workspace.cache / "charts" / f"home-{key}.html"
    if not path.is_file():
        for old in path.parent.glob("home-*.html"):
            old.unlink(missing_ok=True)
        drawing.put(path, str(_home(book, metrics, promised, now)))
    return Markup(path.read_text(encoding="utf-8"))


def _home(book: Book, metrics: list[Metric], promised: AbstractSet[str], now: datetime) -> Markup:
    read = numbers.known(book)
    own = sorted(
        (metric for metric in metrics if tally.name_of(metric) in read),
        key=lambda metric: (metric.slug not in promised, metric.stage not in {"outcome", "impact"}, metric.stage != "process", bool(metric.vanity), metric.slug),
    )  # fmt: skip
    made = []
    for metric in own:
        days = "7d" if metric.grain == "day" else "28d"
        period = Period.parse(days, book.settings.team.zone, now)
        if number(book, metric, period, now).value:
            made.append(tile(book, metric, period, now))
        if len(made) == HOME:
            break
    if not made:
        return Markup()
    return Markup('<section aria-label="Numbers">{}</section>').format(sb.tiles(made))
