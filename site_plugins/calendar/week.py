"""A week of the calendar: a row for each channel, a column for each day, gaps against the cadence named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from site_plugins import components as sb
from site_plugins.calendar import controls
from site_plugins.calendar.entries import DAYS, MONTHS, Entry, day_name
from site_plugins.markup import Markup, fill, html
from site_plugins.pages import Page, digest, href

if TYPE_CHECKING:
    from signalbook.settings import Channel
    from site_plugins.calendar.controls import Around
    from site_plugins.site import Site

NOT_PLANNED = frozenset({"idea", "cancelled", "withdrawn"})
"""States that count for no cadence: nobody has promised them, or they were taken back."""


def pages(around: Around, frame: str) -> Iterable[Page]:
    """The page of every week that has one."""
    for index, monday in enumerate(around.weeks):
        before = around.weeks[index - 1] if index else None
        after = around.weeks[index + 1] if index + 1 < len(around.weeks) else None
        days = [monday + timedelta(days=step) for step in range(7)]
        month = _month_of(days, around)
        key = digest(
            "week", monday, before, after, month in around.near, frame,
            *(entry.face for day in days for entry in around.by_day.get(day, ())),
        )  # fmt: skip
        title = f"Week {monday.isocalendar()[1]} of {monday.isocalendar()[0]}"
        body = partial(page, around, days, before, after)
        yield Page(f"calendar/{controls.week_name(monday)}.html", title, "calendar", body, key, search=())


def _month_of(days: Sequence[date], around: Around) -> tuple[int, int]:
    """The month a week counts to: today's, where today is in it, else that of its Thursday, as ISO counts years."""
    day = around.site.today if around.site.today in days else days[3]
    return day.year, day.month


def page(around: Around, days: list[date], before: date | None, after: date | None) -> str:
    """One week."""
    site = around.site
    monday = days[0]
    inside = [entry for day in days for entry in around.by_day.get(day, ())]
    acts = [controls.views(around, "Week", _month_of(days, around), monday)]
    if before is not None:
        acts.append(controls.step(_link(before), f"Week {before.isocalendar()[1]}", "chevron-left", "prev"))
    this = controls.monday_of(site.today)
    acts.append(controls.to_today(href(f"calendar/{controls.week_name(this)}.html", f"d{site.today}")))
    if after is not None:
        acts.append(controls.step(_link(after), f"Week {after.isocalendar()[1]}", "chevron-right", "next"))
    if new := controls.new_post(site, max(site.today, monday)):
        acts.append(sb.button("New post", new, glyph="plus", main=True))
    dates = f"{days[0].day} {MONTHS[days[0].month]} to {days[6].day} {MONTHS[days[6].month]} {days[6].year}"
    head = sb.head(f"Week {monday.isocalendar()[1]}", sub=[dates, *controls.facts(inside, site)], acts=acts)
    foot = Markup('<div class="sb-panel__foot">{}</div>').format(_foot(site))
    return (
        f'<div class="sb-stack">{head}{controls.filters(inside, "#week", site)}'
        f'<section class="sb-panel" aria-label="Posts by channel and day">{_table(around, days, inside)}{foot}</section></div>'
    )


def _link(monday: date) -> str:
    return href(f"calendar/{controls.week_name(monday)}.html")


def _foot(site: Site) -> str:
    from signalbook import quiet

    hours = quiet.hours(site.book)
    if hours is None:
        return "The cadence of a channel stands in signalbook.toml. Ideas and cancelled posts do not count."
    return (
        f"Quiet from {hours.begin:%H:%M} to {hours.end:%H:%M}: a post that falls into these hours is a finding before review ends. "
        "Ideas and cancelled posts count for no cadence."
    )


def _table(around: Around, days: list[date], inside: list[Entry]) -> Markup:
    from site_plugins.calendar.pages import rows_of, span_item

    site = around.site
    heads = Markup("").join(
        Markup('<th scope="col" id="d{}"{}><a class="sb-quiet" data-sb-day href="#d{}">{}<span class="sb-sr">{}</span></a></th>').format(
            day, Markup(' class="is-today" aria-current="date"') if day == site.today else "", day,
            Markup('<span aria-hidden="true">{} {}</span>').format(DAYS[day.weekday()][:3], day.day),
            f"{day_name(day)}{', today' if day == site.today else ''}",
        )
        for day in days
    )  # fmt: skip
    rows = []
    shared = controls.common(inside, site)
    places = rows_of(around.over(days[0], days[-1]), days)
    if any(places.values()):
        cells = Markup("").join(
            Markup('<td class="{}" data-day="{}"><ul class="sb-cal__items">{}</ul></td>').format(
                _classes(
                    day, site, bare=not any(span and (span.start == day or day == days[0]) for span in places[day])
                ),
                f"{DAYS[day.weekday()][:3]} {day.day}",
                Markup("").join(span_item(span, day) for span in places[day]),
            )
            if places[day]
            else Markup('<td class="{}"></td>').format(_classes(day, site, bare=True))
            for day in days
        )
        rows.append(Markup('<tr class="sb-lanes__spans"><th scope="row">Dates</th>{}</tr>').format(cells))
    rows += [_row(channel, days, around, shared) for channel in shown_channels(site, inside)]
    known = site.book.settings.channels.keys()
    lost = [entry for entry in inside if known.isdisjoint(entry.post.channels)]
    if lost:
        cells = html(*[_cell(site, day, [e for e in lost if e.at and e.at.date() == day], "", shared) for day in days])
        rows.append(Markup('<tr><th scope="row">No channel yet</th>{}</tr>').format(cells))
    return Markup(
        '<table class="sb-lanes sb-lanes--roomy" id="week" data-sb-tz="one"{}><caption class="sb-sr">Week {} of {}: posts by channel and day</caption>'
        '<thead><tr><th scope="col">Channel</th>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(shared.attributes(), days[0].isocalendar()[1], days[0].isocalendar()[0], heads, Markup("").join(rows))


def shown_channels(site: Site, inside: Iterable[Entry]) -> list[Channel]:
    """The channels that have a row: those in use this time, and those that promised a cadence."""
    used = set().union(*{entry.post.channels for entry in inside})
    return [
        channel
        for channel in site.book.settings.channels.values()
        if channel.key in used
        or (channel.cadence.min and channel.connector != "console" and channel.status != "retired")
    ]


def planned(channel: str, inside: Iterable[Entry]) -> int:
    """How many posts count for a channel's cadence."""
    return sum(channel in entry.post.channels and entry.state not in NOT_PLANNED for entry in inside)


def cadence(number: int, channel: Channel) -> tuple[str, bool]:
    """What a week's number says beside the promised one, and whether it is too few."""
    least = channel.cadence.min
    if not least or channel.cadence.per != "week":
        return f"{number} planned", False
    if number > least:
        return f"{number} planned, {least} promised", False
    return f"{number} of {least} planned", number < least


def _row(channel: Channel, days: list[date], around: Around, shared: controls.Common) -> Markup:
    site = around.site
    mine = [[entry for entry in around.by_day.get(day, ()) if channel.key in entry.post.channels] for day in days]
    number = sum(entry.state not in NOT_PLANNED for here in mine for entry in here)
    note, gap = cadence(number, channel)
    least = channel.cadence.min
    share = (
        sb.bar(min(number / least, 1) * 100, f"{note} for the cadence", tone="amber" if gap else "green")
        if least and channel.cadence.per == "week"
        else Markup()
    )
    cells = html(*[_cell(site, day, here, channel.key, shared) for day, here in zip(days, mine, strict=True)])
    return Markup('<tr data-sb-row="{}"><th scope="row">{}<span class="sb-faint{}">{}</span>{}</th>{}</tr>').format(
        channel.key, site.channel(channel.key), " sb-gap" if gap else "", note, share, cells
    )


def _classes(day: date, site: Site, *, bare: bool) -> str:
    return " ".join(filter(None, ("is-today" if day == site.today else "", "is-bare" if bare else "")))


def _cell(site: Site, day: date, here: Sequence[Entry], channel: str, shared: controls.Common) -> Markup:
    chips = [controls.chip(entry, site, channel=channel, shared=shared) for entry in here]
    plus = controls.plus(site, day, channel) if channel else ""
    return fill(
        '<td class="{}" data-day="{}"{}>{}</td>',
        _classes(day, site, bare=not here),
        f"{DAYS[day.weekday()][:3]} {day.day}",
        Markup(" data-sb-group") if here else "",
        html(*chips, plus),
    )
