"""Phases, posts, actions and dates by ISO week, as a table that needs no script and reads aloud in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from signalbook.model import Event, Post
from site_plugins import components as sb
from site_plugins.calendar.controls import monday_of
from site_plugins.documents import values
from site_plugins.markup import Markup

if TYPE_CHECKING:
    from signalbook.model import Action, Campaign
    from site_plugins.site import Site

WEEKS_SHOWN: Final = 40
MOST_DATES: Final = 12
"""Rows of events and offline items."""


def panel(name: str, campaigns: Sequence[Campaign], actions: Sequence[Action], period: Any, site: Site) -> Markup:
    """The panel; nothing where fewer than two days are known."""
    due = [action for action in actions if action.due]
    dates = _dates(campaigns, site)
    days = [day for c in campaigns if c.period for day in (c.period.from_, c.period.to) if day]
    days += [action.due for action in due if action.due] + [day for day, _, _ in dates]
    if period:
        days += [day for day in (period.from_, period.to) if day]
    if len(days) < 2:
        return Markup()
    weeks = _weeks(days, site.today)
    groups = [
        _group("Phases and posts", _phases(campaigns, weeks, site), weeks),
        _group("Actions", [_action(action, weeks, site) for action in sorted(due, key=lambda a: a.due or date.max)], weeks),
        _group("Dates", [_line(weeks, site, title, day, day, "sb-task--point", _short(day), address) for day, title, address in dates], weeks),
    ]  # fmt: skip
    now = monday_of(site.today)
    heads = Markup("").join(
        Markup('<th scope="col"{}><abbr title="Week of {}">{}</abbr>{}</th>').format(
            Markup(' class="is-now"') if now == week else "", values.day(week), week.isocalendar()[1],
            Markup('<span class="sb-sr">, this week</span>') if now == week else "",
        )
        for week in weeks
    )  # fmt: skip
    table = Markup(
        '<div class="sb-scroll" tabindex="0" role="region" aria-label="Timeline, scrolls sideways"><table class="sb-gantt">'
        '<caption class="sb-sr">Phases, posts, actions and dates of {} by ISO week</caption><thead>{}<tr><th scope="col">Week</th>{}</tr></thead>'
        "{}</table></div>"
    ).format(name, _months(weeks), heads, Markup("").join(groups))
    return sb.panel("Timeline", table, scope=f"by ISO week; today is in week {site.today.isocalendar()[1]}", ident="timeline")  # fmt: skip


def _dates(campaigns: Sequence[Campaign], site: Site) -> list[tuple[date, str, str]]:
    """Events of these campaigns, their offline items, and the instants they lead up to; earliest first."""
    zone = site.book.settings.team.zone
    named = {campaign.slug for campaign in campaigns}
    out = [
        (_day(event.when, zone), event.name, site.link(event))
        for event in site.book.all(Event)
        if event.campaign in named and event.when
    ]
    for campaign in campaigns:
        out += [
            (_day(item.on, zone), item.title or (item.kind or "item").capitalize(), site.link(campaign))
            for item in campaign.items
            if item.on
        ]
        if campaign.event_at:
            out.append((_day(campaign.event_at, zone), f"{campaign.name}: the day", site.link(campaign)))
    return sorted(out)[:MOST_DATES]


def _day(when: Any, zone: Any) -> date:
    day: date = when.astimezone(zone).date() if isinstance(when, datetime) else when
    return day


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _weeks(days: Sequence[date], today: date) -> list[date]:
    first, last = monday_of(min(days)), monday_of(max(days))
    weeks = [first + timedelta(weeks=i) for i in range(min((last - first).days // 7 + 1, 520))]
    if len(weeks) > WEEKS_SHOWN:
        begin = max(0, min(len(weeks) - WEEKS_SHOWN, ((today - first).days // 7) - 4))
        weeks = weeks[begin : begin + WEEKS_SHOWN]
    return weeks


def _months(weeks: Sequence[date]) -> Markup:
    """The months over the weeks, by the Thursday that decides whose a week is."""
    spans = Counter(f"{(week + timedelta(days=3)):%b %Y}" for week in weeks)
    cells = Markup("").join(
        Markup('<th scope="colgroup" colspan="{}">{}</th>').format(number, name) if number > 1 else Markup("<td></td>")
        for name, number in spans.items()
    )
    return Markup('<tr class="sb-gantt__months"><td></td>{}</tr>').format(cells)


def _group(title: str, rows: Sequence[Markup], weeks: Sequence[date]) -> Markup:
    known = [row for row in rows if row]
    if not known:
        return Markup()
    return Markup(
        '<tbody><tr class="sb-gantt__group"><th scope="rowgroup">{}</th><td colspan="{}"></td></tr>{}</tbody>'
    ).format(title, len(weeks), Markup("").join(known))


def _phases(campaigns: Sequence[Campaign], weeks: Sequence[date], site: Site) -> list[Markup]:
    """A bar a campaign, and below it a number for each week with posts."""
    zone = site.book.settings.team.zone
    named = {campaign.slug for campaign in campaigns}
    posts: dict[str, Counter[date]] = {slug: Counter() for slug in named}
    for post in site.book.all(Post):
        if post.campaign in named and isinstance(post.publish_at, datetime) and post.state not in {"cancelled", "idea"}:
            posts[post.campaign or ""][monday_of(post.publish_at.astimezone(zone).date())] += 1
    rows = []
    for campaign in sorted(campaigns, key=lambda c: ((c.period and c.period.from_) or date.max, c.name)):
        start, end = (campaign.period.from_, campaign.period.to) if campaign.period else (None, None)
        if start and end:
            tone = "is-done" if end < site.today else "is-next" if start > site.today else ""
            number = posts[campaign.slug].total()
            words = f"{_short(start)} to {_short(end)}, {number} post{'s' * (number != 1)}"
            rows.append(_line(weeks, site, campaign.name, start, end, tone, words, site.link(campaign)))
        if posts[campaign.slug]:
            rows.append(_counts(posts[campaign.slug], weeks, site))
    return rows


def _counts(posts: Counter[date], weeks: Sequence[date], site: Site) -> Markup:
    now = monday_of(site.today)
    most = max(posts.values())
    cells = Markup("").join(
        Markup('<td class="sb-gantt__n{}{}">{}</td>').format(
            f" sb-h{min(4, -(-posts[week] * 4 // most))}" if posts[week] else "",
            " is-now" if week == now else "",
            Markup('{}<span class="sb-sr"> posts</span>').format(posts[week]) if posts[week] else "",
        )
        for week in weeks
    )
    return Markup('<tr><th scope="row" class="sb-faint">posts a week</th>{}</tr>').format(cells)


def _action(action: Action, weeks: Sequence[date], site: Site) -> Markup:
    if action.due is None:
        return Markup()
    late = action.due < site.today and (action.status or "open") == "open"
    state = "is-done" if action.status == "done" else "is-late" if late else ""
    said = " done" if action.status == "done" else " dropped" if action.status == "dropped" else " late" if late else ""
    return _line(weeks, site, action.what or "", action.due, action.due, f"{state} sb-task--point", f"{_short(action.due)}{said}")  # fmt: skip


def _line(
    weeks: Sequence[date], site: Site, name: str, start: date, end: date, classes: str, words: str, address: str = ""
) -> Markup:
    first, last = monday_of(start), monday_of(end)
    if last < weeks[0] or first > weeks[-1]:
        return Markup()
    begin = max(0, (first - weeks[0]).days // 7)
    stop = min(len(weeks) - 1, (last - weeks[0]).days // 7)
    now = (monday_of(site.today) - weeks[0]).days // 7

    def cells(low: int, high: int) -> Markup:
        return Markup("").join(
            Markup('<td class="is-now"></td>' if i == now else "<td></td>") for i in range(low, high)
        )

    named = Markup('<a href="{}">{}</a>').format(address, name) if address else name
    if start == end:  # on a phone most weeks lie beyond the edge
        named = Markup('{}<span class="sb-gantt__on" aria-hidden="true">{}</span>').format(named, words)
    span = stop - begin + 1
    lit = Markup(' class="is-now"') if span == 1 and begin == now else ""
    return Markup(
        '<tr><th scope="row">{}</th>{}<td colspan="{}"{}><span class="sb-task {}" title="{}">{}</span></td>{}</tr>'
    ).format(named, cells(0, begin), span, lit, classes.strip(), words, words, cells(stop + 1, len(weeks)))
