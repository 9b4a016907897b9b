"""Book → the calendar's pages: months as grids and lists, weeks, timelines, years, a page for every post, feeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.classes import dataclass
from signalbook.period import month_grid
from site_plugins import components as sb
from site_plugins.calendar import acts, byhand, controls, feeds, post, timeline, week, year
from site_plugins.calendar.controls import Around, chip, monday_of, week_name
from site_plugins.calendar.entries import (
    DAYS,
    MONTHS,
    NEEDS_PERSON,
    Entry,
    Month,
    Span,
    by_post,
    day_name,
    entries,
    later,
    month_name,
    months,
    name,
    spans,
)
from site_plugins.markup import Markup, fill, html, safe
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.site import Site

MOST_A_DAY: Final = 4
"""A day of the month's grid shows so many posts, the loud ones first of all; the others wait behind one link."""

MONTHS_NEAR: Final = 13
"""Weeks and timelines have pages so many months back and ahead; what lies further off is in its month."""


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """Every page of the calendar, and its feeds."""
    found = entries(book, now)
    lasting = spans(book, site)
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in found:
        if entry.at:
            by_day[entry.at.date()].append(entry)
    shown = months(found, lasting, site.today)
    around = Around(by_day, tuple(lasting), tuple(shown), tuple(_weeks(by_day, site.today)), site)
    surroundings = post.surroundings(book, site)
    frame = digest(
        book.settings.digest, site.repo, site.second_zone, site.today, surroundings, [str(span) for span in lasting],
    )  # fmt: skip
    this = (site.today.year, site.today.month)
    first, last = later(this, -MONTHS_NEAR), later(this, MONTHS_NEAR)
    for index, month in enumerate(shown):
        view = MonthView(month, shown[index - 1] if index else None,
                         shown[index + 1] if index + 1 < len(shown) else None, around)  # fmt: skip
        key = digest(
            "month",
            month,
            view.before,
            view.after,
            view.monday,
            frame,
            *(entry.face for day in view.days for entry in by_day.get(day, ())),
        )
        title = month_name(month)
        yield Page(f"calendar/{name(month)}.html", title, "calendar", partial(grid, view), key, search=())
        yield Page(
            f"calendar/{name(month)}-agenda.html",
            f"{title}, agenda",
            "calendar",
            partial(agenda, view),
            digest("agenda", key),
            search=(),
        )
        if first <= month <= last:
            yield Page(
                f"calendar/{name(month)}-timeline.html",
                f"{title}, timeline",
                "calendar",
                partial(timeline.page, view),
                digest("timeline", key),
                search=(),
            )
        if month == this:
            search = (SearchEntry("", "Calendar", f"The calendar of {title}: posts, campaigns, holds, events"),)
            yield Page(
                "calendar/index.html",
                f"Calendar, {title}",
                "calendar",
                partial(grid, view),
                digest("index", key),
                search=search,
            )
    yield from week.pages(around, frame)
    yield from year.pages(around, frame)
    undated = [entry for entry in found if entry.at is None]
    yield Page("calendar/undated.html", "Posts without a time", "calendar", partial(_undated, undated, site),
               digest("undated", frame, *(entry.face for entry in undated)), search=())  # fmt: skip
    hands = byhand.tasks(found, book, now)
    if not site.audience and any(acts.by_hand(channel) for channel in book.settings.channels.values()):
        yield Page(byhand.ADDRESS, "To place by hand", "calendar", partial(byhand.page, hands, site),
                   byhand.key(hands, surroundings, site))  # fmt: skip
    yield from post.pages(book, by_post(book, now), surroundings, site)
    yield from feeds.assets(book, found, lasting, site)


def _weeks(by_day: Mapping[date, list[Entry]], today: date) -> list[date]:
    """The Mondays of the weeks that have a page: those near today, and those within a year that hold a post."""
    this = monday_of(today)
    near = MONTHS_NEAR * 31
    held = {monday_of(day) for day in by_day if abs((day - today).days) <= near}
    held |= {
        date.fromordinal(number)
        for step in range(-2, 6)
        if 0 < (number := this.toordinal() + 7 * step) <= date.max.toordinal() - 7
    }
    return sorted(held)


# --- a month ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthView:
    """A month, what stands before and after it, and what lies in it."""

    month: Month
    before: Month | None
    after: Month | None
    around: Around

    @property
    def site(self) -> Site:
        """The build's site."""
        return self.around.site

    @property
    def by_day(self) -> Mapping[date, list[Entry]]:
        """The posts of each day."""
        return self.around.by_day

    @cached_property
    def weeks(self) -> list[list[date]]:
        """Weeks of seven days, Monday first."""
        return [list(week) for week in month_grid(*self.month)]

    @cached_property
    def days(self) -> list[date]:
        """Every day of the grid, also those of the months before and after."""
        return [day for week in self.weeks for day in week]

    @cached_property
    def own_days(self) -> list[date]:
        """The days of the month itself."""
        return [day for day in self.days if (day.year, day.month) == self.month]

    @cached_property
    def monday(self) -> date:
        """The week that the switch of views leads to: today's, else the month's first that has a page."""
        today = monday_of(self.site.today)
        own = [monday_of(day) for day in self.own_days[::7]]
        if today in own or today == monday_of(self.own_days[-1]):
            return today
        return next((monday for monday in own if monday in self.around.known_weeks), today)

    @cached_property
    def common(self) -> controls.Common:
        """What the lists of this month say of most posts, for filters."""
        return controls.common(self.posts(), self.site)

    def posts(self) -> list[Entry]:
        """The posts of the grid's days."""
        return [entry for day in self.days for entry in self.by_day.get(day, ())]

    def covering(self, day: date) -> list[Span]:
        """What lasts over a day."""
        return [span for span in self.around.spans if span.start <= day <= span.end]


def month_head(view: MonthView, current: str) -> Markup:
    """The head of a month's views: the switch, the steps, today, subscribe, a new post."""
    site = view.site
    inside = [entry for day in view.own_days for entry in view.by_day.get(day, ())]
    suffix = {"Agenda": "-agenda", "Timeline": "-timeline"}.get(current, "")
    today = (site.today.year, site.today.month)
    acts = [
        controls.views(view.around, current, view.month, view.monday),
        _step(view.before, suffix, "chevron-left", "prev"),
        controls.to_today(href(f"calendar/{name(today)}{suffix}.html", f"d{site.today}" if current != "Timeline" else "")),
        _step(view.after, suffix, "chevron-right", "next"),
        fill('<a class="sb-btn" href="{}">{}Subscribe</a>', href("calendar/feeds.html"), sb.icon("calendar-export-outline")),
    ]  # fmt: skip
    if new := controls.new_post(site, site.today):
        acts.append(sb.button("New post", new, glyph="plus", main=True))
    return sb.head(month_name(view.month), sub=controls.facts(inside, site), acts=acts)


def _step(month: Month | None, suffix: str, glyph: str, way: str) -> Markup:
    if month is None:
        return Markup()
    return controls.step(href(f"calendar/{name(month)}{suffix}.html"), month_name(month), glyph, way)


def rows_of(lasting: Sequence[Span], days: Sequence[date]) -> dict[date, list[Span | None]]:
    """Day → what lasts over it, each thing in the same place on all of these days; ``None`` is a place left free."""
    places: list[list[Span | None]] = []
    for span in lasting:
        over = [i for i, day in enumerate(days) if span.start <= day <= span.end]
        if not over:
            continue
        place = next((place for place in places if all(place[i] is None for i in over)), None)
        if place is None:
            place = [None] * len(days)
            places.append(place)
        for i in over:
            place[i] = span
    out: dict[date, list[Span | None]] = {}
    for i, day in enumerate(days):
        mine = [place[i] for place in places]
        while mine and mine[-1] is None:
            mine.pop()
        out[day] = mine
    return out


def span_item(span: Span | None, day: date) -> Markup:
    """A day's piece of what lasts, or the place it leaves free for what lasts beside it."""
    if span is None:
        return Markup('<li class="sb-span-gap" aria-hidden="true"></li>')
    first = day == span.start or day.weekday() == 0
    classes = " ".join(
        filter(
            None,
            (
                "sb-span",
                f"sb-span--{span.kind}" if span.kind else "",
                "is-start" if first else "",
                "is-end" if day == span.end or day.weekday() == 6 else "",
            ),
        )
    )
    if first:
        over = min((span.end - day).days + 1, 7 - day.weekday())
        title = fill('<span class="sb-over sb-over--{}">{}</span>', over, span.title) if over > 1 else span.title
        return fill(
            '<li><a class="{}" href="{}" title="{}">{}</a></li>', classes, href(span.address), span.title, title
        )
    return fill('<li><span class="{}"><span class="sb-sr">{}, continued</span></span></li>', classes, span.title)


def grid(view: MonthView) -> str:
    """A month as a table of weeks; on a phone the same table is a list of days."""
    heads = "".join(
        f'<th scope="col"><span aria-hidden="true">{day[:3]}</span><span class="sb-sr">{day}</span></th>'
        for day in DAYS
    )
    rows = "".join(_week_row(view, week) for week in view.weeks)
    title = month_name(view.month)
    return (
        f'<div class="sb-stack">{month_head(view, "Month")}{controls.filters(view.posts(), "#month", view.site)}'
        f'<table class="sb-cal" id="month" data-sb-tz="one"{view.common.attributes()}><caption class="sb-sr">{title}: posts, campaigns, holds and events, by week</caption>'
        f'<thead><tr><th scope="col"><abbr title="Week">Wk</abbr></th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"{_nothing(view)}{_legend(view)}</div>"
    )


def _week_row(view: MonthView, days: list[date]) -> str:
    monday = days[0]
    number: str | Markup = f"{monday.isocalendar()[1]}"
    if monday in view.around.known_weeks:
        number = fill('<a class="sb-quiet" href="{}">{}</a>', href(f"calendar/{week_name(monday)}.html"), number)
    places = rows_of(view.around.over(days[0], days[-1]), days)
    cells = "".join(_cell(view, day, places[day]) for day in days)
    return f'<tr><th scope="row"><span class="sb-sr">Week </span>{number}</th>{cells}</tr>'


def _nothing(view: MonthView) -> str:
    if any(view.by_day.get(day) for day in view.own_days):
        return ""
    after = min((day for day in view.by_day if day > view.own_days[-1]), default=None)
    text = (
        f"The next post is on {day_name(after)} {after.year}."
        if after
        else "Nothing is planned after this month either."
    )
    new = controls.new_post(view.site, view.own_days[0])
    return str(sb.empty(f"No post in {month_name(view.month)}", text, glyph="calendar-blank-outline",
                        act="New post" if new else "", address=new))  # fmt: skip


def _cell(view: MonthView, day: date, lasting: Sequence[Span | None]) -> str:
    mine = view.by_day.get(day, ())
    today = day == view.site.today
    classes = " ".join(
        filter(
            None,
            (
                "is-out" if (day.year, day.month) != view.month else "",
                "is-weekend" if day.weekday() > 4 else "",
                "is-today" if today else "",
                "" if mine or any(span is not None and span.start == day for span in lasting) else "is-bare",
            ),
        )
    )
    current = ' aria-current="date"' if today else ""
    short = f" {MONTHS[day.month][:3]}" if day.day == 1 else ""
    spans_ = "".join(str(span_item(span, day)) for span in lasting)
    items = f'<ul class="sb-cal__items">{spans_}</ul>' if spans_ else ""
    if mine:
        items += _posts(mine, day, view)
    group = " data-sb-group" if mine else ""
    return (
        f'<td id="d{day}" class="{classes}"{group}{current}><div class="sb-day">'
        f'<a class="sb-day__n" data-sb-day href="#d{day}"><span aria-hidden="true">{day.day}{short}</span>'
        f'<span class="sb-sr">{day_name(day)}{", today" if today else ""}</span></a>'
        f'<span class="sb-day__wd" aria-hidden="true">{DAYS[day.weekday()]}</span>{controls.plus(view.site, day)}</div>'
        f"{items}</td>"
    )


def _posts(mine: Sequence[Entry], day: date, view: MonthView) -> str:
    """A day's chips. The list says how many it shows, so that one that is off the screen takes the room it will fill."""
    rest = _rest(mine)
    waiting = {id(entry) for entry in rest}
    site, shared = view.site, view.common
    pieces: list[str] = []
    for entry in mine:
        pieces += ("<li class=is-more>" if id(entry) in waiting else "<li>", chip(entry, site, shared=shared))
    items = "".join(pieces)
    shown = f"data-n={len(mine) - len(rest)}"
    if not rest:
        return f'<ul class="sb-cal__items sb-cal__posts" {shown}>{items}</ul>'
    there = href(f"calendar/{name((day.year, day.month))}-agenda.html", f"d{day}")
    more = f'<li class=sb-more><a href="{there}">{_waiting(rest)}</a>'
    return f'<ul class="sb-cal__items sb-cal__posts" {shown} data-more>{items}{more}</ul>'


def _rest(mine: Sequence[Entry]) -> list[Entry]:
    """The posts of a day that its cell does not show: never one alone, which would take no more room than the link to it."""
    if len(mine) <= MOST_A_DAY + 1:
        return []
    return sorted(mine, key=lambda entry: entry.state not in NEEDS_PERSON)[MOST_A_DAY:]


def _waiting(rest: Sequence[Entry]) -> str:
    """``8 more, 2 need a person``; the script says the same of what a filter leaves."""
    loud = sum(entry.state in NEEDS_PERSON for entry in rest)
    return f"{len(rest)} more" + (f", {loud} need{'s' * (loud == 1)} a person" if loud else "")


def _legend(view: MonthView) -> Markup:
    held = {entry.state for entry in view.posts()}
    states = [state for state in delivery.STATES if state in held]
    if not states:
        return Markup()
    return legend(states)


def legend(states: Sequence[str], *, days: bool = True) -> Markup:
    """What the glyphs say, and the keys; ``days``: whether the page has days to choose."""
    sideways = '<span><kbd class="sb-kbd">←</kbd> <kbd class="sb-kbd">→</kbd> {}</span>'.format(
        "day" if days else "month"
    )
    upright = '<span><kbd class="sb-kbd">↑</kbd> <kbd class="sb-kbd">↓</kbd> week</span>' if days else ""
    keys = Markup(
        f'<div class="sb-only-wide sb-no-print">{sideways}{upright}'
        '<span><kbd class="sb-kbd">t</kbd> today</span><span><kbd class="sb-kbd">/</kbd> filter</span></div>'
    )
    return fill(
        '<div class="sb-toolbar sb-small sb-faint"><div>{}</div>{}</div>',
        Markup(" ").join(sb.status(state, bare=True) for state in states),
        keys,
    )


# --- an agenda -------------------------------------------------------------------------------------------------------


def agenda(view: MonthView) -> str:
    """A month as a list of the days that hold something."""
    blocks, site = [], view.site
    for day in view.own_days:
        mine, lasting = view.by_day.get(day, ()), [s for s in view.covering(day) if s.start == day or day.day == 1]
        if not mine and not lasting:
            continue
        rows: list[str] = [
            sb.row(span.title, _until(span), lead=sb.icon(_GLYPH[span.kind]), address=href(span.address))
            for span in lasting
        ]
        rows += [agenda_row(entry, site, view.common) for entry in mine]
        today = Markup(' <span class="sb-label">today</span>') if day == site.today else ""
        blocks.append(
            fill('<section class="sb-panel" id="d{}"{}><div class="sb-panel__head"><h2>{}{}</h2><span>week {}</span></div>{}</section>',
                day, Markup(" data-sb-group") if mine else "", day_name(day), today, day.isocalendar()[1],
                sb.rows([html(*rows)], kind="status"),
            )
        )  # fmt: skip
    body = Markup("").join(blocks) or _nothing(view)
    return f'<div class="sb-stack">{month_head(view, "Agenda")}{_agenda_filters(view)}<div class="sb-stack" id="agenda" data-sb-tz="one"{view.common.attributes()}>{body}</div></div>'


def _agenda_filters(view: MonthView) -> Markup:
    inside = [entry for day in view.own_days for entry in view.by_day.get(day, ())]
    return controls.filters(inside, "#agenda", view.site)


_GLYPH: Final = {
    "": "flag-outline", "hold": "pause-circle", "off": "calendar-star-outline", "quiet": "weather-night",
    "event": "calendar-star-outline",
}  # fmt: skip


def _until(span: Span) -> str:
    return "" if span.start == span.end else f"{_short(span.start)} to {_short(span.end)}"


def _short(day: date) -> str:
    return f"{DAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month][:3]}"


def agenda_row(entry: Entry, site: Site, shared: controls.Common = controls.NOTHING) -> str:
    """One post as a row: state, title, where it goes and why it stands so, its time; ``shared`` as for a chip."""
    document = entry.post
    state, name, reason = entry.state, safe(document.name), ""
    if state in NEEDS_PERSON:
        reason = next((safe(one.reason) for one in entry.deliveries if one.state == state), "")
    why = f"{site.named(document.channels)} {reason}"
    end = f"{controls.times(entry.at, site)}<br>{site.person(document.owner)}"
    if edit := site.edit_url(document.path):
        words = '<br><a class="sb-no-print" href="{}" aria-label="Edit the file of {}">Edit</a>'
        end = html(end, fill(words, edit, Markup(name)))
    facts = f" data-sb-item{_status(state)}{controls.filtered_by(entry, site, shared)}"
    return sb.row_of(name, why, lead=sb.status(state), address=site.link(document), end=end, facts=facts)


@lru_cache(maxsize=256)
def _status(state: str) -> Markup:
    return sb.data_of({"status": state})


def _undated(found: Sequence[Entry], site: Site) -> str:
    body: Markup
    if found:
        body = sb.panel("Ideas and drafts", sb.rows([html(*[agenda_row(entry, site) for entry in found])], kind="status"),
                        scope=f"{len(found)} posts")  # fmt: skip
    else:
        body = sb.empty("Every post has a time", "Ideas without one would be listed here.", glyph="lightbulb-outline")
    head = sb.head("Posts without a time", sub=["not on any day yet"], path=[("Calendar", href("calendar/index.html"))])
    return f'<div class="sb-stack">{head}{body}</div>'
