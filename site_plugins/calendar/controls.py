"""What every view of the calendar has: the switch between views, the steps, the filters, a post as a chip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from signalbook import delivery
from signalbook.classes import dataclass
from signalbook.model import Campaign
from signalbook.quiet import city, zone_of
from site_plugins import components as sb
from site_plugins.calendar import post
from site_plugins.calendar.entries import MONTHS, NEEDS_PERSON, Entry, Month, Span, clock, name
from site_plugins.markup import Markup, fill, safe
from site_plugins.pages import href

if TYPE_CHECKING:
    from datetime import datetime

    from signalbook.book import Book
    from site_plugins.site import Site

VIEWS: Final = ("Month", "Week", "Agenda", "Timeline", "Year")


@dataclass(frozen=True)
class Around:
    """What all views of one calendar share.

    Attributes:
        by_day: the posts of each day, earliest first.
        spans: what lasts, the longest first where they begin together.
        months: the months that have a page, in order.
        weeks: the Mondays of the weeks that have a page, in order.
    """

    by_day: Mapping[date, list[Entry]]
    spans: tuple[Span, ...]
    months: tuple[Month, ...]
    weeks: tuple[date, ...]
    site: Site

    @cached_property
    def near(self) -> frozenset[Month]:
        """The months that have a page, to look up."""
        return frozenset(self.months)

    @cached_property
    def known_weeks(self) -> frozenset[date]:
        """The weeks that have a page, to look up."""
        return frozenset(self.weeks)

    def over(self, first: date, last: date) -> list[Span]:
        """What lasts over at least one of the days from ``first`` to ``last``."""
        return [span for span in self.spans if span.start <= last and span.end >= first]


def views(around: Around, current: str, month: Month, monday: date) -> Markup:
    """The switch between the views of the same time. A view without a page for it leads to the page of today."""
    today = around.site.today
    there = month if month in around.near else (today.year, today.month)
    week = monday if monday in around.known_weeks else monday_of(today)
    links = {
        "Month": f"calendar/{name(there)}.html",
        "Week": f"calendar/{week_name(week)}.html",
        "Agenda": f"calendar/{name(there)}-agenda.html",
        "Timeline": f"calendar/{name(there)}-timeline.html",
        "Year": f"calendar/{there[0]}.html",
    }
    return sb.seg([(word, href(links[word])) for word in VIEWS], current, "View")


def monday_of(day: date) -> date:
    """The Monday of a day's week; the first day there is where that would be before all days."""
    return date.fromordinal(max(day.toordinal() - day.weekday(), 1))


def week_name(monday: date) -> str:
    """``2026-W48``, as ISO 8601 names weeks."""
    year, week, _ = monday.isocalendar()
    return f"{year:04}-W{week:02}"


def step(address: str, said: str, glyph: str, way: str) -> Markup:
    """The button to what stands before or after; ``way`` is ``prev`` or ``next``, for the arrow keys."""
    return fill(
        '<a class="sb-btn sb-btn--icon" rel="{}" href="{}" aria-label="{}">{}</a>', way, address, said, sb.icon(glyph)
    )


def to_today(address: str) -> Markup:
    """The button to today; ``t`` presses it."""
    return fill('<a class="sb-btn" data-sb-today href="{}">Today</a>', address)


def new_post(site: Site, day: date, channels: str = "") -> str:
    """The forge's new-file form for a post on a day, front matter filled in; empty without a forge."""
    if not site.repo:
        return ""
    text = post.DRAFT.format(day=day)
    if channels:
        text = text.replace("channels: []", f"channels: [{channels}]")
    return site.new_url("content/calendar", f"{day}-untitled.md", text)


def plus(site: Site, day: date, channel: str = "") -> Markup:
    """The button for a new post on a day that is not over; nothing without a forge."""
    if day < site.today or not (new := new_post(site, day, channel)):
        return Markup()
    where = f" for {_channel_name(site, channel)}" if channel else ""
    return fill(
        '<a class="sb-day__new" href="{}" aria-label="New post on {} {}{}">{}</a>',
        new,
        day.day,
        MONTHS[day.month],
        where,
        sb.icon("plus"),
    )


def _channel_name(site: Site, key: str) -> str:
    known = site.book.settings.channels.get(key)
    return (known.name or key) if known else key


def facts(inside: Sequence[Entry], site: Site) -> list[str | Markup]:
    """How many posts, how many of them need somebody, and whose clock the times are of."""
    states = Counter([entry.state for entry in inside])
    loud, out = sum(states[state] for state in NEEDS_PERSON), states["published"]
    second = zone_of(site.second_zone) if site.second_zone else None
    return [
        f"{len(inside)} post{'s' * (len(inside) != 1)}",
        f"{out} published" if out else "",
        fill("<b>{} need{} a person</b>", loud, "s" if loud == 1 else "") if loud else "",
        fill(
            "times in {}{}",
            city(site.book.settings.team.zone),
            fill('<span class="sb-chip__t2">{}</span>', city(second)) if second else "",
        ),
    ]


def filters(inside: Sequence[Entry], target: str, site: Site, *, clock: bool = True) -> Markup:
    """The filters, from what the view holds; a choice of one is none. They live in the address.

    ``clock``: whether the view shows times, and so may show those of the second zone too.
    """
    if not inside:
        return Markup()
    book, posts = site.book, [entry.post for entry in inside]
    used = set().union(*{post.channels for post in posts})
    channels = [key for key in book.settings.channels if key in used]
    toggles = Markup("").join(_toggle("channel", key, site.channel(key)) for key in channels)
    held = {entry.state for entry in inside}
    states = [state for state in delivery.STATES if state in held]
    campaigns = sorted({post.campaign for post in posts if post.campaign})
    owners = sorted({post.owner for post in posts if post.owner})
    labels = sorted(set().union(*{post.labels for post in posts}))
    languages = sorted({_language(locale or site.language) for locale in {post.locale for post in posts}} - {""})
    selects = Markup("").join(
        select(key, word, options)
        for key, word, options in (
            ("status", "status", [(state, sb.status_of(state).word) for state in states]),
            ("campaign", "campaign", [(slug, called(book, slug)) for slug in campaigns]),
            ("owner", "owner", [(slug, book.person(slug)) for slug in owners]),
            ("label", "label", [(label.replace(" ", "_"), label) for label in labels]),
            ("lang", "language", [(lang, lang) for lang in languages]),
        )
        if len(options) > 1
    )
    second = zone_of(site.second_zone) if site.second_zone and clock else None
    zones = _toggle("zones", "two", fill("{}{} too", sb.icon("earth"), city(second))) if second else Markup()
    return fill(
        '<div class="sb-toolbar"><form class="sb-filter" data-sb-filter="{}" aria-label="Filter the calendar">'
        '<fieldset><legend class="sb-sr">Channels</legend>{}</fieldset>{}{}'
        '<button class="sb-btn sb-btn--bare" type="reset">Clear</button>'
        '<span class="sb-faint sb-small" data-sb-total role="status"></span></form></div>{}',
        target,
        toggles if len(channels) > 1 else "",
        selects,
        zones,
        nothing_fits(target),
    )


def nothing_fits(target: str) -> Markup:
    """What stands there while a filter fits nothing; the script shows it."""
    return fill(
        '<p class="sb-note" data-sb-none="{}" hidden>{}<span>Nothing here fits this filter.</span></p>',
        target,
        sb.icon("filter-variant"),
    )


def _toggle(key: str, value: str, words: Markup) -> Markup:
    return fill(
        '<label class="sb-toggle"><input type="checkbox" name="{}" value="{}"><span class="sb-toggle__in">{}</span></label>',
        key,
        value,
        words,
    )


def select(key: str, word: str, options: Iterable[tuple[str, str]]) -> Markup:
    """One choice of a filter."""
    rows = Markup("").join(fill('<option value="{}">{}</option>', value, text) for value, text in options)
    return fill(
        '<select class="sb-select" name="{}" aria-label="{}"><option value="">Any {}</option>{}</select>',
        key,
        word.capitalize(),
        word,
        rows,
    )


def called(book: Book, campaign: str) -> str:
    """A campaign's name, or the word that names it."""
    found = book.get(Campaign, campaign)
    return found.name if found else campaign


def _language(locale: str) -> str:
    """A language without its country."""
    return locale.partition("-")[0].lower()


class Common(NamedTuple):
    """What holds for most posts of a view: its list says it once, and each post only what differs."""

    owner: str | None = None
    lang: str | None = None

    def attributes(self) -> Markup:
        """As the list says it."""
        return sb.data_of({"owner": self.owner or "", "lang": self.lang or ""})


NOTHING: Final = Common()


def common(inside: Sequence[Entry], site: Site) -> Common:
    """What holds for most of these posts."""
    if not inside:
        return NOTHING
    posts = [entry.post for entry in inside]
    owners = Counter([one.owner or "" for one in posts])
    spoken = Counter[str]()
    for locale, number in Counter([one.locale for one in posts]).items():
        spoken[_language(locale or site.language)] += number
    return Common(owners.most_common(1)[0][0], spoken.most_common(1)[0][0])


def filtered_by(entry: Entry, site: Site, shared: Common = NOTHING, *, row: bool = False) -> Markup:
    """What the filters ask of a post, as ``data-`` attributes; what its list says of all (``common``) left out.

    ``row``: whether the row around it says its channel.
    """
    post = entry.post
    channels = () if row else post.channels
    return _filtered(channels, post.campaign, post.owner, post.labels, post.locale or site.language, shared)


@lru_cache(maxsize=1024)
def _filtered(
    channels: tuple[str, ...], campaign: str | None, owner: str | None, labels: tuple[str, ...], locale: str, shared: Common
) -> Markup:  # fmt: skip
    """Many posts are asked the same: of a thousand a hundred differ, and each stands in several views."""
    facts: dict[str, str | Sequence[str] | None] = {
        "channel": channels,
        "campaign": campaign or "",
        "owner": owner or "",
        "label": [label.replace(" ", "_") for label in labels],
        "lang": _language(locale),
    }
    for field, most in (("owner", shared.owner), ("lang", shared.lang)):
        if facts[field] == most:
            del facts[field]
        elif most is not None and not facts[field]:
            facts[field] = None
    return sb.data_of(facts)


def times(at: datetime | None, site: Site) -> str | Markup:
    """The team's time and, for those who asked for it, the second zone's, with its day where that is another."""
    if at is None:
        return ""
    second = zone_of(site.second_zone) if site.second_zone else None
    if second is None:
        return clock(at)
    there = at.astimezone(second)
    day = "" if there.date() == at.date() else f" {there:%a}"
    return fill('{} <span class="sb-chip__t2">{}{}</span>', clock(at), clock(there), day)


def chip(entry: Entry, site: Site, *, channel: str = "", shared: Common = NOTHING) -> str:
    """A post on the calendar; in a row of one ``channel`` the chip has that delivery's state and no tiles.

    ``shared``: what the list around it says of all (``common``). The row says its channel (``data-sb-row``).
    """
    post = entry.post
    tiles = site.channels(post.channels) if post.channels and not channel else ""
    data = filtered_by(entry, site, shared, row=bool(channel))
    state = state_on(entry, channel) if channel else entry.state
    return sb.chip_of(site.link(post), safe(post.name), state, times(entry.at, site), tiles, data)


def state_on(entry: Entry, channel: str) -> str:
    """How a post stands on one channel: as the first of its deliveries there."""
    for one in entry.deliveries:
        if one.channel == channel:
            return one.state
    return entry.state
