"""Book → the calendar's pages: a month as a grid and as an agenda, a page for every post, calendar feeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.model import Campaign, Event, Hold, Post
from signalbook.period import month_grid
from site_plugins import components as sb
from site_plugins.calendar import acts, byhand, feeds, post
from site_plugins.markup import Markup, escape
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from site_plugins.site import Site

MOST_MONTHS: Final = 240
"""A calendar spans so many months in a row at most; posts dated further apart get their months without the gaps."""

NEEDS_PERSON: Final = frozenset(delivery.ALARMING)
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A post on the calendar.

    Attributes:
        post: the document.
        at: when it goes out, in the team's zone; ``None`` while nobody has said.
        state: the state that speaks for it.
        deliveries: one a channel, and one a part of a thread.
        occurrence: which time of a post that comes again; empty for a post that goes out once.
    """

    post: Post
    at: datetime | None
    state: str
    deliveries: tuple[Delivery, ...]
    occurrence: str = ""

    @cached_property
    def key(self) -> str:
        """What a page depends on when it shows this entry."""
        stands = "|".join([f"{d.key} {d.state} {d.due} {d.reason}" for d in self.deliveries])
        return f"{self.post.digest}{self.post.path}{self.at}{self.state}{stands}"

    @cached_property
    def shown(self) -> str:
        """What a calendar program shows of it besides names."""
        post = self.post
        return (
            f"{post.slug}|{self.occurrence}|{post.name}|{self.at}|{self.state}|{'|'.join(post.channels)}|{post.owner}"
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts: a campaign, a hold, a holiday.

    Attributes:
        kind: the class that colours it: empty, ``hold`` or ``off``.
        start: first day.
        end: last day.
        address: its page.
    """

    title: str
    kind: str
    start: date
    end: date
    address: str


Month = tuple[int, int]


_last: list[tuple[Book, datetime, list[Entry]]] = []


def entries(book: Book, now: datetime) -> list[Entry]:
    """Every post with its time and its state, earliest first, those without a time last."""
    if _last and _last[0][0] is book and _last[0][1] == now:
        return list(_last[0][2])
    out = _entries(book, now)
    _last[:] = [(book, now, out)]
    return list(out)


def _entries(book: Book, now: datetime) -> list[Entry]:
    zone = book.settings.team.zone
    rows: dict[str, dict[str, list[Delivery]]] = defaultdict(dict)
    for found in delivery.deliveries(book, now):
        rows[found.post.path].setdefault(found.occurrence, []).append(found)
    out = []
    for document in book.all(Post):
        for occurrence, mine in (rows.get(document.path) or {"": []}).items():
            own = tuple(mine)
            due = own[0].due if own else delivery.due_at(book, document)
            if due is not None and due.tzinfo is not zone:
                due = due.astimezone(zone)
            state = document.state if not own else own[0].state if len(own) == 1 else delivery.loudest(mine)
            out.append(Entry(document, due, state, own, occurrence))
    far = datetime.max.replace(tzinfo=zone)
    out.sort(key=lambda entry: (entry.at or far, entry.post.slug))
    return out


def spans(book: Book, site: Site) -> list[Span]:
    """Campaigns, holds and events as days from and to, the longest first where they begin together."""
    zone = book.settings.team.zone
    out: list[Span] = [
        Span(campaign.name, "", campaign.period.from_, campaign.period.to, site.address(campaign))
        for campaign in book.all(Campaign)
        if campaign.period and campaign.period.from_ and campaign.period.to and campaign.state != "idea"
    ]
    for hold in book.all(Hold):
        if hold.from_ and hold.expires:
            ended = hold.released.at if hold.released and hold.released.at else hold.expires
            title = f"Hold: {hold.name}"
            first, last = hold.from_.astimezone(zone).date(), ended.astimezone(zone).date()
            out.append(Span(title, "hold", first, max(first, last), site.address(hold)))
    for event in book.all(Event):
        if event.when is None:
            continue
        start = event.when.astimezone(zone).date() if isinstance(event.when, datetime) else event.when
        end = event.until or event.when
        last = end.astimezone(zone).date() if isinstance(end, datetime) else end
        title = event.name
        if isinstance(event.when, datetime):
            title = f"{event.when.astimezone(zone):%H:%M} {title}"
        kind = "" if event.kind in {"own", "industry"} and event.effect == "promote" else "off"
        out.append(Span(title, kind, start, max(start, last), site.address(event)))
    return sorted(
        (span for span in out if span.end >= span.start), key=lambda s: (s.start, -(s.end - s.start).days, s.title)
    )


def months(found: Sequence[Entry], lasting: Sequence[Span], today: date) -> list[Month]:
    """The months the calendar has pages for: from the first to the last that holds something, and today's."""
    held = {(entry.at.year, entry.at.month) for entry in found if entry.at}
    for span in lasting:
        held |= {(span.start.year, span.start.month), (span.end.year, span.end.month)}
    held |= {_later((today.year, today.month), step) for step in (-1, 0, 1)}
    first, last = min(held), max(held)
    count = (last[0] - first[0]) * 12 + last[1] - first[1] + 1
    if count > MOST_MONTHS:
        return sorted(held)
    return [_later(first, step) for step in range(count)]


def _later(month: Month, step: int) -> Month:
    number = month[0] * 12 + month[1] - 1 + step
    return number // 12, number % 12 + 1


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """Every page of the calendar, and its feeds."""
    found = entries(book, now)
    lasting = spans(book, site)
    shown = months(found, lasting, site.today)
    around = post.surroundings(book, site)
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in found:
        if entry.at:
            by_day[entry.at.date()].append(entry)
    frame = digest(
        book.settings.digest, site.repo, site.today, around, [str(span) for span in lasting],
    )  # fmt: skip
    for index, month in enumerate(shown):
        view = MonthView(month, shown[index - 1] if index else None,
                         shown[index + 1] if index + 1 < len(shown) else None, by_day, tuple(lasting), site)  # fmt: skip
        key = digest(
            "month",
            month,
            view.before,
            view.after,
            frame,
            *(entry.key for day in view.days for entry in by_day.get(day, ())),
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
        if month == (site.today.year, site.today.month):
            search = (SearchEntry("", "Calendar", f"The calendar of {title}: posts, campaigns, holds, events"),)
            yield Page(
                "calendar/index.html",
                f"Calendar, {title}",
                "calendar",
                partial(grid, view),
                digest("index", key),
                search=search,
            )
    undated = [entry for entry in found if entry.at is None]
    yield Page("calendar/undated.html", "Posts without a time", "calendar", partial(_undated, undated, site),
               digest("undated", frame, *(entry.key for entry in undated)), search=())  # fmt: skip
    hands = byhand.tasks(found, book, now)
    if any(acts.by_hand(channel) for channel in book.settings.channels.values()):
        yield Page(byhand.ADDRESS, "To place by hand", "calendar", partial(byhand.page, hands, site),
                   byhand.key(hands, around, site))  # fmt: skip
    yield from post.pages(book, found, around, site)
    yield from feeds.assets(book, found, lasting, site)


# --- a month ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthView:
    """A month, what stands before and after it, and what lies in it."""

    month: Month
    before: Month | None
    after: Month | None
    by_day: Mapping[date, list[Entry]]
    spans: tuple[Span, ...]
    site: Site

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

    def covering(self, day: date) -> list[Span]:
        """What lasts over a day."""
        return [span for span in self.spans if span.start <= day <= span.end]


def name(month: Month) -> str:
    """``2026-11``."""
    return f"{month[0]:04}-{month[1]:02}"


def month_name(month: Month) -> str:
    """``November 2026``."""
    return f"{MONTHS[month[1]]} {month[0]}"


def day_name(day: date) -> str:
    """``Tuesday 24 November``."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month]}"


def _head(view: MonthView, current: str) -> Markup:
    site = view.site
    inside = [entry for day in view.own_days for entry in view.by_day.get(day, ())]
    loud = sum(entry.state in NEEDS_PERSON for entry in inside)
    out = sum(entry.state == "published" for entry in inside)
    facts = [
        f"{len(inside)} post{'s' * (len(inside) != 1)}",
        f"{out} published" if out else "",
        Markup("<b>{} need{} a person</b>").format(loud, "s" if loud == 1 else "") if loud else "",
        f"times in {site.book.settings.team.zone.key.rpartition('/')[2].replace('_', ' ')}",
    ]
    suffix = "-agenda" if current == "Agenda" else ""
    acts = [
        sb.seg(
            [("Month", href(f"calendar/{name(view.month)}.html")), ("Agenda", href(f"calendar/{name(view.month)}-agenda.html"))],
            current, "View",
        ),
        _step(view.before, suffix, "chevron-left"),
        Markup('<a class="sb-btn" href="{}">Today</a>').format(
            href(f"calendar/{name((site.today.year, site.today.month))}{suffix}.html", f"d{site.today}")
        ),
        _step(view.after, suffix, "chevron-right"),
        Markup('<a class="sb-btn" href="{}">{}Subscribe</a>').format(href("calendar/feeds.html"), sb.icon("calendar-export-outline")),
    ]  # fmt: skip
    if new := site.new_url("content/calendar", f"{site.today}-untitled.md", post.DRAFT.format(day=site.today)):
        acts.append(sb.button("New post", new, glyph="plus", main=True))
    return sb.head(month_name(view.month), sub=facts, acts=acts)


def _step(month: Month | None, suffix: str, glyph: str) -> Markup:
    if month is None:
        return Markup()
    return Markup('<a class="sb-btn sb-btn--icon" href="{}" aria-label="{}">{}</a>').format(
        href(f"calendar/{name(month)}{suffix}.html"), month_name(month), sb.icon(glyph)
    )


def _filter(view: MonthView, target: str) -> Markup:
    """The filters, from what the month holds; a choice of one is none."""
    inside = [entry for day in view.days for entry in view.by_day.get(day, ())]
    if not inside:
        return Markup()
    book = view.site.book
    channels = [key for key in book.settings.channels if any(key in entry.post.channels for entry in inside)]
    toggles = Markup("").join(
        Markup(
            '<label class="sb-toggle"><input type="checkbox" name="channel" value="{}"><span class="sb-toggle__in">{}</span></label>'
        ).format(key, view.site.channel(key))
        for key in channels
    )
    states = [state for state in delivery.STATES if any(entry.state == state for entry in inside)]
    campaigns = sorted({entry.post.campaign for entry in inside if entry.post.campaign})
    owners = sorted({entry.post.owner for entry in inside if entry.post.owner})
    labels = sorted({label for entry in inside for label in entry.post.labels})
    selects = Markup("").join(
        _select(key, word, options)
        for key, word, options in (
            ("status", "status", [(state, sb.status_of(state).word) for state in states]),
            ("campaign", "campaign", [(slug, _called(book, slug)) for slug in campaigns]),
            ("owner", "owner", [(slug, book.person(slug)) for slug in owners]),
            ("label", "label", [(label.replace(" ", "_"), label) for label in labels]),
        )
        if len(options) > 1
    )
    return Markup(
        '<div class="sb-toolbar"><form class="sb-filter" data-sb-filter="{}" aria-label="Filter the calendar">'
        '<fieldset><legend class="sb-sr">Channels</legend>{}</fieldset>{}'
        '<button class="sb-btn sb-btn--bare" type="reset">Clear</button>'
        '<span class="sb-faint sb-small" data-sb-total role="status"></span></form></div>'
    ).format(target, toggles if len(channels) > 1 else "", selects)


def _called(book: Book, campaign: str) -> str:
    found = book.get(Campaign, campaign)
    return found.name if found else campaign


def _select(key: str, word: str, options: Iterable[tuple[str, str]]) -> Markup:
    rows = Markup("").join(Markup('<option value="{}">{}</option>').format(value, text) for value, text in options)
    return Markup(
        '<select class="sb-select" name="{}" aria-label="{}"><option value="">Any {}</option>{}</select>'
    ).format(key, word.capitalize(), word, rows)


def chip(entry: Entry, site: Site) -> Markup:
    """A post on the calendar."""
    document = entry.post
    return sb.chip(
        site.link(document),
        document.name,
        entry.state,
        time=f"{entry.at:%H:%M}" if entry.at else "",
        tiles=[site.channel(key, bare=True) for key in document.channels],
        data={
            "channel": document.channels,
            "campaign": document.campaign or "",
            "owner": document.owner or "",
            "label": [label.replace(" ", "_") for label in document.labels],
        },
    )


def _span(span: Span, day: date) -> Markup:
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
        return Markup('<li><a class="{}" href="{}" title="{}">{}</a></li>').format(
            classes, href(span.address), span.title, span.title
        )
    return Markup('<li><span class="{}"><span class="sb-sr">{}, continued</span></span></li>').format(
        classes, span.title
    )


def grid(view: MonthView) -> str:
    """A month as a table of weeks; on a phone the same table is a list of days."""
    heads = "".join(
        f'<th scope="col"><span aria-hidden="true">{day[:3]}</span><span class="sb-sr">{day}</span></th>'
        for day in DAYS
    )
    rows = "".join(
        f'<tr><th scope="row"><span class="sb-sr">Week </span>{week[0].isocalendar()[1]}</th>'
        f"{''.join(_cell(view, day) for day in week)}</tr>"
        for week in view.weeks
    )
    title = month_name(view.month)
    return (
        f'<div class="sb-stack">{_head(view, "Month")}{_filter(view, "#month")}'
        f'<table class="sb-cal" id="month"><caption class="sb-sr">{title}: posts, campaigns, holds and events, by week</caption>'
        f'<thead><tr><th scope="col"><abbr title="Week">Wk</abbr></th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"{_nothing(view)}{_legend(view)}</div>"
    )


def _nothing(view: MonthView) -> str:
    if any(view.by_day.get(day) for day in view.own_days):
        return ""
    later = min((day for day in view.by_day if day > view.own_days[-1]), default=None)
    text = (
        f"The next post is on {day_name(later)} {later.year}."
        if later
        else "Nothing is planned after this month either."
    )
    new = view.site.new_url(
        "content/calendar", f"{view.own_days[0]}-untitled.md", post.DRAFT.format(day=view.own_days[0])
    )
    return str(sb.empty(f"No post in {month_name(view.month)}", text, glyph="calendar-blank-outline",
                        act="New post" if new else "", address=new))  # fmt: skip


def _cell(view: MonthView, day: date) -> str:
    mine = view.by_day.get(day, ())
    lasting = view.covering(day)
    today = day == view.site.today
    classes = " ".join(
        filter(
            None,
            (
                "is-out" if (day.year, day.month) != view.month else "",
                "is-weekend" if day.weekday() > 4 else "",
                "is-today" if today else "",
                "" if mine or any(span.start == day for span in lasting) else "is-bare",
            ),
        )
    )
    new = view.site.new_url("content/calendar", f"{day}-untitled.md", post.DRAFT.format(day=day))
    plus = (
        Markup('<a class="sb-day__new" href="{}" aria-label="New post on {} {}">{}</a>').format(
            new, day.day, MONTHS[day.month], sb.icon("plus")
        )
        if new and day >= view.site.today
        else ""
    )
    current = ' aria-current="date"' if today else ""
    short = f" {MONTHS[day.month][:3]}" if day.day == 1 else ""
    items = "".join(str(_span(span, day)) for span in lasting) + "".join(
        f"<li>{chip(entry, view.site)}</li>" for entry in mine
    )
    return (
        f'<td id="d{day}" class="{classes}"{current}><div class="sb-day">'
        f'<a class="sb-day__n" data-sb-day href="#d{day}"><span aria-hidden="true">{day.day}{short}</span>'
        f'<span class="sb-sr">{day_name(day)}{", today" if today else ""}</span></a>'
        f'<span class="sb-day__wd" aria-hidden="true">{DAYS[day.weekday()]}</span>{plus}</div>'
        + (f'<ul class="sb-cal__items">{items}</ul>' if items else "")
        + "</td>"
    )


def _legend(view: MonthView) -> Markup:
    states = [
        state
        for state in delivery.STATES
        if any(entry.state == state for day in view.days for entry in view.by_day.get(day, ()))
    ]
    if not states:
        return Markup()
    keys = Markup(
        '<div class="sb-only-wide sb-no-print"><span><kbd class="sb-kbd">←</kbd> <kbd class="sb-kbd">→</kbd> day</span>'
        '<span><kbd class="sb-kbd">↑</kbd> <kbd class="sb-kbd">↓</kbd> week</span>'
        '<span><kbd class="sb-kbd">t</kbd> today</span><span><kbd class="sb-kbd">/</kbd> filter</span></div>'
    )
    return Markup('<div class="sb-toolbar sb-small sb-faint"><div>{}</div>{}</div>').format(
        Markup(" ").join(sb.status(state, bare=True) for state in states), keys
    )


# --- an agenda -------------------------------------------------------------------------------------------------------


def agenda(view: MonthView) -> str:
    """A month as a list of the days that hold something."""
    blocks = []
    for day in view.own_days:
        mine, lasting = view.by_day.get(day, ()), [s for s in view.covering(day) if s.start == day or day.day == 1]
        if not mine and not lasting:
            continue
        rows = [
            sb.row(span.title, _until(span), lead=sb.icon(_GLYPH[span.kind]), address=href(span.address))
            for span in lasting
        ]
        rows += [agenda_row(entry, view.site) for entry in mine]
        today = Markup(' <span class="sb-label">today</span>') if day == view.site.today else ""
        blocks.append(
            Markup('<section class="sb-panel" id="d{}"><div class="sb-panel__head"><h2>{}{}</h2><span>week {}</span></div>{}</section>').format(
                day, day_name(day), today, day.isocalendar()[1], sb.rows(rows, kind="status")
            )
        )  # fmt: skip
    body = Markup("").join(blocks) or _nothing(view)
    return f'<div class="sb-stack">{_head(view, "Agenda")}{_filter(view, "#agenda")}<div class="sb-stack" id="agenda">{body}</div></div>'


_GLYPH: Final = {"": "flag-outline", "hold": "pause-circle", "off": "calendar-star-outline"}


def _until(span: Span) -> str:
    return "" if span.start == span.end else f"{_short(span.start)} to {_short(span.end)}"


def _short(day: date) -> str:
    return f"{DAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month][:3]}"


def agenda_row(entry: Entry, site: Site) -> Markup:
    """One post as a row: state, title, where it goes and why it stands so, its time."""
    document = entry.post
    loud = next((d for d in entry.deliveries if d.state == entry.state and d.state in NEEDS_PERSON), None)
    why = Markup("{} {}").format(
        Markup(" ").join(site.channel(key) for key in document.channels), loud.reason if loud else ""
    )
    row = sb.row(
        document.name, why, lead=sb.status(entry.state), address=site.link(document),
        end=Markup("{}<br>{}").format(f"{entry.at:%H:%M}" if entry.at else "", site.book.person(document.owner)),
    )  # fmt: skip
    facts = {
        "channel": " ".join(document.channels), "status": entry.state, "campaign": document.campaign or "",
        "owner": document.owner or "", "label": " ".join(label.replace(" ", "_") for label in document.labels),
    }  # fmt: skip
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in facts.items() if value)
    return Markup(str(row).replace("<li>", f"<li data-sb-item{attributes}>", 1))


def _undated(found: Sequence[Entry], site: Site) -> str:
    body: Markup
    if found:
        body = sb.panel("Ideas and drafts", sb.rows([agenda_row(entry, site) for entry in found], kind="status"),
                        scope=f"{len(found)} posts")  # fmt: skip
    else:
        body = sb.empty("Every post has a time", "Ideas without one would be listed here.", glyph="lightbulb-outline")
    head = sb.head("Posts without a time", sub=["not on any day yet"], path=[("Calendar", href("calendar/index.html"))])
    return f'<div class="sb-stack">{head}{body}</div>'


def upcoming(found: Iterable[Entry], first: date, days: int) -> Iterator[Entry]:
    """Posts with a time on ``first`` or one of the next days."""
    last = first + timedelta(days=days - 1)
    return (entry for entry in found if entry.at and first <= entry.at.date() <= last)
