"""What a post brought, as the services count it: the newest number of each sort, and how it grew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from signalbook import delivery, tally
from signalbook.model import Metric
from site_plugins import components as sb
from site_plugins.markup import Markup
from site_plugins.pages import digest

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from signalbook.tally import Told
    from site_plugins.site import Site

Known = Mapping[str, tuple["Told", ...]]
"""The service's id of a post, or its address → its readings, oldest first."""

COUNTS: Sequence[str] = ("bluesky", "mastodon", "wordpress")
"""Connectors that count posts by themselves."""

_last: list[tuple[Book, Known]] = []


def known(book: Book) -> Known:
    """Every reading of posts that have a receipt; nothing is asked while there is no receipt or no reading."""
    if _last and _last[0][0] is book:
        return _last[0][1]
    ids = {word for row in book.receipts if row.what in delivery.PUBLISHED for word in (row.id, row.url) if word}
    folder = book.workspace.data / "readings"
    there = bool(ids) and folder.is_dir() and any(one.suffix in {".jsonl", ".parquet"} for one in folder.iterdir())
    found: Known = tally.told(book.tables, ids) if there else {}
    _last[:] = [(book, found)]
    return found


def _mine(one: Delivery, readings: Known) -> list[Told]:
    names = dict.fromkeys(
        word for row in one.receipts if row.what in delivery.PUBLISHED for word in (row.id, row.url) if word
    )
    return [told for name in names for told in readings.get(name, ()) if told.channel in {"", one.channel}]


def key(found: Sequence[Delivery], readings: Known) -> str:
    """What the results on a post's page depend on; the same for every post without any."""
    if not readings:
        return ""
    rows = [(told.metric, told.channel, told.on, told.value) for one in found for told in _mine(one, readings)]
    return digest(*rows) if rows else ""


def panel(found: Sequence[Delivery], site: Site) -> Markup:
    """Results by channel and metric; while nothing is out, nothing."""
    out = [one for one in found if one.state in {"published", "withdrawn"}]
    if not out:
        return sb.EMPTY
    readings = known(site.book)
    rows, read = [], None
    for one in out:
        series: dict[str, list[Told]] = {}
        for told in _mine(one, readings):
            series.setdefault(told.metric, []).append(told)
        for metric, points in series.items():
            last = points[-1]
            read = max(read, last.read_at) if read else last.read_at
            rows.append(
                (
                    _where(one, site),
                    _name(metric, site),
                    _value(last),
                    _line(points),
                    f"{last.on:%a} {last.on.day} {last.on:%b}",
                )
            )
    if not rows:
        if site.audience:  # readings may be what it must not see
            return Markup()
        return sb.panel("Results", sb.empty("No reading yet", _way(out, site), glyph="chart-line"), ident="results")
    table = sb.table(
        "Results", ("Where", "What", "Now", "Since it went out", "Read for"), rows, numbers=(2,), cards=True
    )
    foot = f"Counted by the networks since publication, read {read:%d %b}." if read else ""
    return sb.panel("Results", table, foot=foot, ident="results")


def _where(one: Delivery, site: Site) -> Markup:
    part = Markup(' <span class="sb-faint">part {}</span>').format(one.part) if one.parts > 1 else ""
    return Markup("{}{}").format(site.channel(one.channel), part)


def _name(metric: str, site: Site) -> Markup | str:
    document = next((one for one in site.book.all(Metric) if tally.name_of(one) == metric), None)
    if document is not None:
        return site.anchor(document)
    return metric.removeprefix("post_").replace("_", " ").capitalize()


def _value(told: Told) -> str:
    number = int(told.value) if float(told.value).is_integer() else told.value
    return sb.amount(number) if told.unit in {"count", "people"} else f"{sb.amount(number)} {told.unit}"


def _line(points: Sequence[Told]) -> Markup | str:
    if len(points) < 2:
        return "one reading"
    first, last = points[0], points[-1]
    values: list[float | None] = []
    day = first.on
    by_day = {one.on: float(one.value) for one in points}
    while day <= last.on and len(values) < 120:
        # A number that stayed is not noted again.
        values.append(by_day.get(day, values[-1] if values else None))
        day = day.fromordinal(day.toordinal() + 1)
    said = f"from {sb.amount(first.value)} on {first.on} to {sb.amount(last.value)} on {last.on}"
    return sb.spark(values, said)


def _way(out: Sequence[Delivery], site: Site) -> Markup:
    channels = [site.book.settings.channels.get(one.channel) for one in out]
    counted = sorted({channel.name or channel.key for channel in channels if channel and channel.connector in COUNTS})
    silent = sorted(
        {channel.name or channel.key for channel in channels if channel and channel.connector not in COUNTS}
    )
    said = Markup()
    if counted:
        said += Markup("<code>signalbook measure</code> reads what {} tells, once a day. ").format(
            " and ".join(counted)
        )
    if silent:
        verb = "tells" if len(silent) == 1 else "tell"
        said += Markup(
            "{} {} nobody how often a post was read; an export of its figures comes in with <code>signalbook import</code>."
        ).format(" and ".join(silent), verb)
    return said
