"""A month as a timeline: a column for each day, a row for each channel, then one for each campaign, then the dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from signalbook.model import Campaign
from site_plugins import components as sb
from site_plugins.calendar import controls, week
from site_plugins.calendar.entries import DAYS, MONTHS, Entry, Span, clock, day_name, month_name
from site_plugins.markup import Markup, fill, html, quoted, safe
from site_plugins.pages import href

if TYPE_CHECKING:
    from site_plugins.calendar.pages import MonthView


def page(view: MonthView) -> str:
    """One month."""
    from site_plugins.calendar.pages import legend, month_head

    site, days = view.site, view.own_days
    inside = [entry for day in days for entry in view.by_day.get(day, ())]
    heads = Markup("").join(
        fill('<th scope="col" class="{}"{}><abbr title="{}">{}<span aria-hidden="true">{}</span></abbr></th>',
            _classes(day, site.today), Markup(' aria-current="date"') if day == site.today else "",
            day_name(day), day.day, DAYS[day.weekday()][:2],
        )
        for day in days
    )  # fmt: skip
    groups = [
        _group("By channel", [_channel_row(view, key, inside) for key in _channels(view, inside)], len(days)),
        _group("By campaign", _campaign_rows(view, inside), len(days)),
        _group("Dates", [_span_row(span, days, site.today) for span in _dates(view)], len(days)),
    ]
    table = fill(
        '<div class=sb-scroll tabindex=0 role=region aria-label="Timeline of {0}, scrolls sideways">'
        '<table class="sb-gantt sb-time" id="timeline"{2}><caption class=sb-sr>{0}: posts by channel and by campaign, day by day</caption>'
        '<thead><tr><th scope="col">{0}</th>{1}</tr></thead>{3}</table></div>',
        month_name(view.month),
        heads,
        view.common.attributes(),
        Markup("").join(groups),
    )
    from signalbook import delivery

    held = {entry.state for entry in inside}
    below = legend([state for state in delivery.STATES if state in held], days=False) if held else ""
    return (
        f"<div class=sb-stack>{month_head(view, 'Timeline')}{controls.filters(inside, '#timeline', site, clock=False)}"
        f"<section class=sb-panel aria-label=Timeline>{table}</section>{below}</div>"
    )


def _classes(day: date, today: date) -> str:
    return " ".join(filter(None, ("is-now" if day == today else "", "is-weekend" if day.weekday() > 4 else "")))


def _group(title: str, rows: Sequence[Markup], days: int) -> Markup:
    if not rows:
        return Markup()
    return fill(
        '<tbody><tr class=sb-gantt__group><th scope="rowgroup">{}</th><td colspan="{}"></td></tr>{}</tbody>',
        title,
        days,
        Markup("").join(rows),
    )


def _channels(view: MonthView, inside: Sequence[Entry]) -> list[str]:
    return [channel.key for channel in week.shown_channels(view.site, inside)]


def _channel_row(view: MonthView, key: str, inside: Sequence[Entry]) -> Markup:
    mine = [entry for entry in inside if key in entry.post.channels]
    return _row(view, view.site.channel(key), _marks(view, mine, key), channel=key)


def _campaign_rows(view: MonthView, inside: Sequence[Entry]) -> list[Markup]:
    site, days = view.site, view.own_days
    named = {entry.post.campaign for entry in inside if entry.post.campaign}
    spans = {span.campaign: span for span in view.around.over(days[0], days[-1]) if span.kind == "" and span.campaign}
    rows = []
    for slug in dict.fromkeys([*spans, *sorted(named)]):
        mine = [entry for entry in inside if entry.post.campaign == slug]
        title = site.ref(Campaign, slug) or fill("{}", slug)
        span = spans.get(slug)
        rows.append(_row(view, title, _marks(view, mine), span))
    loose = [entry for entry in inside if not entry.post.campaign]
    if loose and rows:
        rows.append(_row(view, Markup("No campaign"), _marks(view, loose)))
    return rows


def _marks(view: MonthView, mine: Iterable[Entry], channel: str = "") -> Mapping[date, Sequence[str]]:
    """Day → the marks of its posts, in a row of the channel if there is one."""
    by_day: dict[date, list[str]] = defaultdict(list)
    for entry in mine:
        if entry.at is not None:
            by_day[entry.at.date()].append(_mark(entry, view, channel))
    return by_day


def _row(
    view: MonthView,
    title: Markup,
    marks: Mapping[date, Sequence[str]],
    span: Span | None = None,
    *,
    channel: str = "",
) -> Markup:
    cells: list[str] = []
    for day in view.own_days:
        classes = _classes(day, view.site.today)
        if span is not None and span.start <= day <= span.end:
            classes += " is-span"
        cells += ("<td class=", *quoted(classes.strip()), ">", *marks.get(day, ()))
    held = {"sb-row": channel} if channel else {}
    return fill('<tr{}><th scope="row">{}</th>{}</tr>', sb.data_of(held), title, html(*cells))


def _mark(entry: Entry, view: MonthView, channel: str) -> str:
    """A post as one glyph: its state; who points at it or hears it is told when and what."""
    begun, word, more = _state(controls.state_on(entry, channel) if channel else entry.state)
    at = f"{clock(entry.at)} " if entry.at else ""
    title = safe(f"{at}{entry.post.name}")
    facts = controls.filtered_by(entry, view.site, view.common, row=bool(channel))
    return f'{begun}{safe(view.site.link(entry.post))}" title="{title}, {word}"{facts}{more}></a>'


@lru_cache(maxsize=256)
def _state(state: str) -> tuple[str, str, str]:
    """How the glyph of a state begins, its word, and what filters ask of one that has no class of its own."""
    it, known = sb.status_of(state), state in sb.STATUSES
    begun = f'<a class="sb-glyph sb-status--{safe(state if known else "idea")}{" is-loud" if it.loud else ""}" href="'
    return begun, safe(it.word.lower()), "" if known else sb.data_of({"status": state})


def _dates(view: MonthView) -> list[Span]:
    days = view.own_days
    return [span for span in view.around.over(days[0], days[-1]) if span.kind != ""]


def _span_row(span: Span, days: Sequence[date], today: date) -> Markup:
    """What lasts, as a bar over its days."""
    first = next(i for i, day in enumerate(days) if day >= span.start)
    last = max(i for i, day in enumerate(days) if day <= span.end)
    empty = [fill('<td class="{}"></td>', _classes(day, today)) for day in days]
    begin, end = span.start, span.end
    words = f"{begin.day} {MONTHS[begin.month][:3]}" + (
        f" to {end.day} {MONTHS[end.month][:3]}" if end != begin else ""
    )
    bar = fill('<td colspan="{}"><span class="sb-span sb-span--{} is-start is-end" title="{}"><span class=sb-sr>{}</span></span></td>',
        last - first + 1, span.kind, words, words
    )  # fmt: skip
    named = fill('<a href="{}">{}</a>', href(span.address), span.title)
    cells = Markup("").join([*empty[:first], bar, *empty[last + 1 :]])
    return fill('<tr><th scope="row">{}</th>{}</tr>', named, cells)
