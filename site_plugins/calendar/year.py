"""A year of the calendar: twelve small months, each day as strong as the number of its posts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.period import month_grid
from site_plugins import components as sb
from site_plugins.calendar import controls
from site_plugins.calendar.entries import DAYS, MONTHS, name
from site_plugins.markup import Markup
from site_plugins.pages import Page, digest, href

if TYPE_CHECKING:
    from site_plugins.calendar.controls import Around

LEVELS: Final = 4
"""So many strengths of colour beside none."""
NOT_COUNTED: Final = frozenset({"cancelled", "withdrawn"})


def pages(around: Around, frame: str) -> Iterable[Page]:
    """A page for each year that has a month."""
    years = sorted({year for year, _ in around.months})
    by_year: dict[int, dict[date, int]] = {year: {} for year in years}
    for day, entries in around.by_day.items():
        number = sum(entry.state not in NOT_COUNTED for entry in entries)
        if number and day.year in by_year:
            by_year[day.year][day] = number
    for index, year in enumerate(years):
        before = years[index - 1] if index else None
        after = years[index + 1] if index + 1 < len(years) else None
        counts = by_year[year]
        mine = [month for month in around.months if month[0] == year]
        monday = controls.monday_of(around.site.today)
        key = digest("year", year, before, after, frame, mine, monday, sorted(counts.items()))
        yield Page(
            f"calendar/{year}.html", f"{year}", "calendar", partial(page, around, year, counts, before, after), key, search=()
        )  # fmt: skip


def page(around: Around, year: int, counts: dict[date, int], before: int | None, after: int | None) -> str:
    """One year."""
    site = around.site
    mine = [month for month in around.months if month[0] == year]
    month = (site.today.year, site.today.month) if year == site.today.year else mine[0]
    monday = controls.monday_of(site.today)
    acts = [controls.views(around, "Year", month, monday)]
    if before is not None:
        acts.append(controls.step(href(f"calendar/{before}.html"), f"{before}", "chevron-left", "prev"))
    acts.append(controls.to_today(href(f"calendar/{site.today.year}.html", f"d{site.today}")))
    if after is not None:
        acts.append(controls.step(href(f"calendar/{after}.html"), f"{after}", "chevron-right", "next"))
    most = max(counts.values(), default=0)
    head = sb.head(f"{year}", sub=_facts(counts, most), acts=acts)
    off = _off_days(around, year)
    tables = Markup("").join(_month(around, (year, number), counts, most, off) for number in range(1, 13))
    steps = Markup("").join(Markup('<i class="sb-h{}"></i>').format(level) for level in range(LEVELS + 1))
    scale = Markup('<span class="sb-scale">none {} {}</span>').format(steps, most or "many")
    body = Markup('<div class="sb-year">{}</div>').format(tables)
    foot = "Hatched days are holidays, quiet and sensitive days without a post. A day leads to its month."
    return f'<div class="sb-stack">{head}{sb.panel("Posts a day", body, scope=scale, foot=foot)}</div>'


def _facts(counts: dict[date, int], most: int) -> Sequence[str]:
    if not counts:
        return ["no post in this year"]
    days = sorted(counts)
    busiest = next(day for day in days if counts[day] == most)
    gap, since = max(((b - a).days - 1, a) for a, b in itertools.pairwise(days)) if len(days) > 1 else (0, days[0])
    total = sum(counts.values())
    return [
        f"{total} post{'s' * (total != 1)}",
        f"busiest: {busiest.day} {MONTHS[busiest.month]} with {most}",
        f"longest gap: {gap} day{'s' * (gap != 1)} after {since.day} {MONTHS[since.month]}" if gap > 0 else "",
    ]


def _off_days(around: Around, year: int) -> dict[date, str]:
    """Day → why we hold back on it."""
    out: dict[date, str] = {}
    for span in around.over(date(year, 1, 1), date(year, 12, 31)):
        if span.kind in {"off", "quiet", "hold"}:
            first, last = max(span.start, date(year, 1, 1)), min(span.end, date(year, 12, 31))
            for number in range(first.toordinal(), last.toordinal() + 1):
                out.setdefault(date.fromordinal(number), span.title)
    return out


def _month(around: Around, month: tuple[int, int], counts: dict[date, int], most: int, off: dict[date, str]) -> Markup:
    rows = []
    total = 0
    known = month in around.near
    for week in month_grid(*month):
        cells = []
        for day in week:
            if (day.year, day.month) != month:
                cells.append('<td class="is-void"></td>')
                continue
            number = counts.get(day, 0)
            total += number
            cells.append(_day(around, day, number, most, off.get(day, ""), known=known))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    heads = "".join(
        f'<th scope="col"><span aria-hidden="true">{day[0]}</span><span class="sb-sr">{day}</span></th>' for day in DAYS
    )
    title: str | Markup = MONTHS[month[1]]
    if known:
        title = Markup('<a class="sb-quiet" href="{}">{}</a>').format(href(f"calendar/{name(month)}.html"), title)
    said = f"{total} post{'s' * (total != 1)}" if total else "none"
    return Markup(
        '<table class="sb-month"><caption>{} <span class="sb-num">{}</span></caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(title, said, Markup(heads), Markup("".join(rows)))


def _day(around: Around, day: date, number: int, most: int, why: str, *, known: bool) -> str:
    today = day == around.site.today
    level = -(-number * LEVELS // most) if number else 0
    classes = f"sb-h{level}{' is-today' if today else ''}{' is-off' if why and not number else ''}"
    said = f", {number} post{'s' * (number != 1)}" if number else ""
    words = f"{MONTHS[day.month]}{said}{', ' + why if why else ''}{', today' if today else ''}"
    inner = Markup('{}<span class="sb-sr"> {}</span>').format(day.day, words)
    if known:
        address = href(f"calendar/{name((day.year, day.month))}.html", f"d{day}")
        inner = Markup('<a data-sb-day href="{}">{}</a>').format(address, inner)
    current = ' aria-current="date"' if today else ""
    title = Markup(' title="{}"').format(why) if why else ""
    return f'<td id="d{day}" class="{classes}"{current}{title}>{inner}</td>'
