"""What has stopped: sources that say nothing or fail, and numbers that no longer come. As loud as a spike.

A source is measured against its own rhythm, or against what its Watch says is usual; a number against its grain.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from signalbook import sources, tally
from signalbook.classes import dataclass
from signalbook.model import Metric, Watch
from signalbook.sense.silence import silence
from site_plugins import components as sb
from site_plugins.fences import drawing, numbers
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.sources import Source
    from site_plugins.site import Site

FAILS: Final = 3
"""So many failures in a row are no accident."""
PATIENCE: Final = {"day": 4, "post": 8, "week": 16, "month": 45, "quarter": 120}
"""Grain → days after the day of its newest reading from which a number counts as stopped."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Something that has stopped.

    Attributes:
        share: how many times its usual pause it is silent; the largest first.
        since: when it last came; ``None`` for never.
        why: what is usual, and what to do.
    """

    share: float
    name: str
    address: str
    glyph: str
    since: datetime | date | None
    why: str


def stopped(book: Book, now: datetime, site: Site) -> tuple[list[Stopped], int]:
    """What has stopped, the longest in its own measure first; and how many sources and numbers were looked at."""
    heard, known = _sources(book, now, site)
    read, metrics = _numbers(book, site)
    return sorted([*heard, *read], key=lambda one: (-one.share, one.name)), known + metrics


def panel(book: Book, now: datetime, site: Site, most: int) -> Markup:
    """The panel of the home page; nothing while nothing is heard and nothing is counted."""
    found, looked_at = stopped(book, now, site)
    if not looked_at:
        return Markup()
    if not found:
        every = (
            "Every source and every number came when it should."
            if looked_at > 1
            else "The one there is came when it should."
        )
        return sb.panel(
            "Gone silent", sb.empty("Nothing has gone silent", every, glyph="ear-hearing"), scope=f"of {looked_at}"
        )
    rows = [
        sb.row(one.name, sb.with_code(one.why), lead=sb.icon(one.glyph), address=one.address, end=_for(one.since, now))
        for one in found[:most]
    ]
    scope = f"{len(found)} of {looked_at}" if len(found) <= most else f"the longest {most} of {len(found)}"
    foot = "Silence is measured against each source’s own rhythm and each number’s grain."
    return sb.panel("Gone silent", sb.rows(rows, kind="tight"), scope=scope, foot=foot, ident="silence")


def _for(since: datetime | date | None, now: datetime) -> Markup:
    if since is None:
        return Markup('<span class="sb-down">never</span>')
    if isinstance(since, datetime):
        return Markup('<span class="sb-down">{}</span>').format(sb.ago(since, now))
    return Markup('<span class="sb-down">{} d</span>').format((now.date() - since).days)


# --- sources ---------------------------------------------------------------------------------------------------------


def _sources(book: Book, now: datetime, site: Site) -> tuple[list[Stopped], int]:
    states = sources.read(book.workspace)
    watches = {address: watch for watch in book.all(Watch) for address in watch.sources}
    out = []
    for key, state in sorted(states.items()):
        watch = watches.get(key)
        expect = watch.expect_every.elapsed if watch and watch.expect_every else None
        channel = book.settings.channels.get(key)
        name = (channel.name or key) if channel else watch.name if watch else _host(key)
        address = site.link(watch) if watch else ""
        if state.failures >= FAILS:
            out.append(Stopped(float(state.failures), name, address, "alert", state.answered_at, _failed(state)))
        elif found := silence(state.times, now, since=state.since, expect_every=expect):
            usual = sb.age(found.usual.total_seconds() / 60)
            said = (
                f"Its watch expects something every {usual}."
                if found.expected
                else f"It is seldom silent for more than {usual}."
            )
            why = f"{said} It answers, with nothing new: look whether it has moved, or say in its watch what is usual."
            out.append(Stopped(found.lasts(now) / found.usual, name, address, "rss", found.since, why))
    return out, len(states)


def _failed(state: Source) -> str:
    return f"It failed {state.failures} times in a row: {state.error or 'no reason was kept.'} Mend it, or take it out."


def _host(key: str) -> str:
    """An address by its host, which is what people know it by."""
    return urlsplit(key).hostname or key


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(book: Book, site: Site) -> tuple[list[Stopped], int]:
    if not numbers.has_readings(book):
        return [], 0
    newest = _newest(book)
    out, looked_at = [], 0
    for metric in book.all(Metric):
        if metric.state == "deprecated":
            continue
        days = PATIENCE.get(metric.grain or "day", PATIENCE["week"])
        for source, channel, on in newest.get(tally.name_of(metric), ()):
            looked_at += 1
            age = (site.today - on).days
            if age > days:
                place = numbers.place_name(book, source, channel)
                why = f"From {place}; it should come every {metric.grain or 'day'}. {numbers.way(metric)}"
                out.append(Stopped(age / days, metric.name, href(site.address(metric)), "database-outline", on, why))
    return out, looked_at


def _newest(book: Book) -> dict[str, list[tuple[str, str, date]]]:
    """Metric → its sources and channels with the day of the newest reading; kept until the readings change."""
    path = book.workspace.cache / "charts" / f"newest-{numbers.stamp(book)}.json"
    if path.is_file():
        rows = json.loads(path.read_text(encoding="utf-8"))
    else:
        rows = [[*place, on.isoformat()] for place, on in sorted(tally.newest(book.tables).items())]
        for old in path.parent.glob("newest-*.json") if path.parent.is_dir() else ():
            old.unlink(missing_ok=True)
        drawing.put(path, json.dumps(rows))
    out: dict[str, list[tuple[str, str, date]]] = {}
    for name, source, channel, on in rows:
        out.setdefault(name, []).append((source, channel, date.fromisoformat(on)))
    return out
