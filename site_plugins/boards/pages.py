"""Book → the boards: open posts by status, owner, channel and campaign; who carries how much; what is missing.

Nothing is dragged here: a column follows from the file and from what was sent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.classes import dataclass
from signalbook.model import Campaign, Person
from signalbook.prose import short
from site_plugins import components as sb
from site_plugins.calendar import controls
from site_plugins.calendar.entries import MONTHS, Entry, entries
from site_plugins.calendar.week import NOT_PLANNED, cadence, planned
from site_plugins.markup import Markup, html
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.settings import Channel
    from site_plugins.site import Site

AHEAD: Final = timedelta(days=28)
"""A board holds what is open now or has its time within four weeks; what is further off stands in the calendar."""
MOST: Final = 25
"""Cards in a column."""
MOST_COLUMNS: Final = 8
LACK: Final = 110
"""Characters of what blocks a post that a card shows."""
WEEKS: Final = 4
DONE: Final = frozenset({"published", "cancelled", "withdrawn"})
TALKS: Final = frozenset({"reply", "quote", "repost", "spotlight", "help-offered", "reactive"})
"""Types that answer somebody or credit somebody, as the rule ``broadcast`` counts them."""
KINDS: Final = (("own-offer", "Own offer"), ("useful", "Useful"), ("conversation", "Conversation"))
ENOUGH: Final = 8
"""Fewer posts than this make no share."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a board: its entries, the loudest or the earliest first."""

    title: Markup
    glyph: str
    rows: tuple[Entry, ...]
    loud: bool = False
    more: str = ""


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The four boards; none while there is no post."""
    found = entries(book, now)
    if not found:
        return
    today = site.today
    end = today + AHEAD
    open_ = [e for e in found if e.state not in DONE and (e.at is None or e.at.date() < end)]
    first = controls.monday_of(today)
    near = [
        e for e in found
        if e.at and min(first, today - AHEAD) <= e.at.date() < max(first + timedelta(weeks=WEEKS), end)
    ]  # fmt: skip
    counted = digest(*(f"{e.post.slug}{e.at}{e.state}" for e in near))
    shown = digest(*(e.face + site.findings_key(e.post.path) for e in open_))
    around = digest(
        today, book.settings.digest, site.repo, counted, shown, *((c.slug, c.name, c.state) for c in book.all(Campaign)),
        *((p.slug, p.name) for p in book.all(Person)),
    )  # fmt: skip
    for name, word in VIEWS.items():
        search = (SearchEntry("", "Boards", "Open posts by status, owner, channel, campaign; load, gaps, mix"),)
        yield Page(
            _address(name),
            "Boards" if name == "status" else f"Board by {word.lower()}",
            "boards",
            partial(page, name, open_, near, site),
            digest("board", name, around),
            search=search if name == "status" else (),
        )


VIEWS: Final = {"status": "Status", "owner": "Owner", "channel": "Channel", "campaign": "Campaign"}


def _address(name: str) -> str:
    return "boards/index.html" if name == "status" else f"boards/{name}.html"


def page(name: str, open_: Sequence[Entry], near: Sequence[Entry], site: Site) -> str:
    """One board, and below it what the four share."""
    acts = [sb.seg([(word, href(_address(key))) for key, word in VIEWS.items()], VIEWS[name], "Group by")]
    if new := controls.new_post(site, site.today):
        acts.append(sb.button("New post", new, glyph="plus", main=True))
    sub = [
        f"{len(open_)} open post{'s' * (len(open_) != 1)}",
        "now and in the next four weeks",
        "a column follows from the file and its receipts",
    ]
    head = sb.head("Board", sub=sub, acts=acts)
    columns = {"status": by_status, "owner": by_owner, "channel": by_channel, "campaign": by_campaign}[name](
        open_, site
    )
    if columns:
        listed = [entry for column in columns for entry in column.rows[:MOST]]
        board = Markup('{}<div class="sb-board" id="board">{}</div>').format(
            _filters(name, listed, site),
            Markup("").join(_column(column, index, name, site) for index, column in enumerate(columns)),
        )
    else:
        board = sb.panel("Open posts", sb.empty("Nothing is open", "Everything is out, or nothing is planned for four weeks.", glyph="view-column-outline"))  # fmt: skip
    below = Markup('<div class="sb-cols sb-cols--3">{}{}{}</div>').format(
        _load(near, site), _gaps(near, site), _mix(near, site)
    )
    return f'<div class="sb-stack">{head}{board}{below}</div>'


def _filters(name: str, listed: Sequence[Entry], site: Site) -> Markup:
    book = site.book
    used = {key for entry in listed for key in entry.post.channels}
    options: dict[str, list[tuple[str, str]]] = {
        "status": [(s, sb.status_of(s).word) for s in delivery.STATES if any(e.state == s for e in listed)],
        "owner": [(slug, book.person(slug)) for slug in sorted({e.post.owner for e in listed if e.post.owner})],
        "channel": [(key, c.name or key) for key, c in book.settings.channels.items() if key in used],
        "campaign": [
            (slug, controls.called(book, slug)) for slug in sorted({e.post.campaign for e in listed if e.post.campaign})
        ],
    }
    selects = Markup("").join(
        controls.select(key, key, rows) for key, rows in options.items() if key != name and len(rows) > 1
    )
    return Markup(
        '<form class="sb-filter" data-sb-filter="#board" aria-label="Filter the board">{}'
        '<input class="sb-input" type="search" name="q" placeholder="Words on the card" aria-label="Words on the card">'
        '<button class="sb-btn sb-btn--bare" type="reset">Clear</button>'
        '<span class="sb-faint sb-small" data-sb-total role="status"></span></form>{}'
    ).format(selects, controls.nothing_fits("#board"))


# --- columns ---------------------------------------------------------------------------------------------------------


def by_status(open_: Sequence[Entry], site: Site) -> list[Column]:
    """What needs a person first, then the way a post goes."""
    order = {state: rank for rank, state in enumerate(delivery.ALARMING)}
    loud = sorted((e for e in open_ if e.state in order), key=lambda e: (order[e.state], _time(e)))
    columns = [Column(Markup("Needs a person"), "alert-circle", tuple(loud), loud=True)] if loud else []
    for word, glyph, states in (
        ("Idea", "lightbulb-outline", {"idea"}),
        ("Draft", "pencil-outline", {"draft"}),
        ("In review", "eye-outline", {"review"}),
        ("Approved", "clock-outline", {"approved", "scheduled", "due", "sending"}),
    ):
        rows = tuple(sorted((e for e in open_ if e.state in states), key=_time))
        more = _calendar(site, status=next(iter(states))) if len(states) == 1 else _calendar(site)
        columns.append(Column(Markup(word), glyph, rows, more=more))
    return columns if any(column.rows for column in columns) else []


def by_owner(open_: Sequence[Entry], site: Site) -> list[Column]:
    """A column for each owner, the one with most first."""
    groups = _grouped(open_, lambda entry: [entry.post.owner or ""])
    return [
        Column(
            site.who(slug) or Markup("{}").format(site.book.person(slug) if slug else "Nobody"),
            "account-outline" if not slug else "", rows, loud=not slug, more=_calendar(site, owner=slug),
        )
        for slug, rows in groups
    ]  # fmt: skip


def by_channel(open_: Sequence[Entry], site: Site) -> list[Column]:
    """A column for each channel, in the order of the settings; a post stands in each of its channels."""
    groups = dict(_grouped(open_, lambda entry: entry.post.channels or ("",)))
    order = [*(key for key in site.book.settings.channels if key in groups), *(key for key in groups if key and key not in site.book.settings.channels)]  # fmt: skip
    columns = [Column(site.channel(key), "", groups[key], more=_calendar(site, channel=key)) for key in order]
    if "" in groups:
        columns.append(Column(Markup("No channel yet"), "view-column-outline", groups[""]))
    return columns


def by_campaign(open_: Sequence[Entry], site: Site) -> list[Column]:
    """A column for each campaign, and one for what belongs to none."""
    groups = _grouped(open_, lambda entry: [entry.post.campaign or ""])
    return [
        Column(
            site.ref(Campaign, slug) or Markup("{}").format(slug or "No campaign"),
            "flag-outline", rows, more=_calendar(site, campaign=slug),
        )
        for slug, rows in sorted(groups, key=lambda group: not group[0])
    ]  # fmt: skip


def _grouped(open_: Sequence[Entry], keys: Callable[[Entry], Iterable[str]]) -> list[tuple[str, tuple[Entry, ...]]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in open_:
        for key in keys(entry):
            groups[key].append(entry)
    order = {state: rank for rank, state in enumerate(delivery.ALARMING)}
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [(key, tuple(sorted(rows, key=lambda e: (order.get(e.state, 9), _time(e))))) for key, rows in ranked]


def _time(entry: Entry) -> tuple[bool, float, str]:
    return entry.at is None, entry.at.timestamp() if entry.at else 0.0, entry.post.slug


def _calendar(site: Site, **fields: str) -> str:
    from urllib.parse import urlencode

    query = urlencode({key: value for key, value in fields.items() if value})
    return href("calendar/index.html".replace("index", f"{site.today:%Y-%m}-agenda")) + (f"?{query}" if query else "")


def _column(column: Column, index: int, name: str, site: Site) -> Markup:
    rest = len(column.rows) - MOST
    cards = Markup("").join(_card(entry, name, site) for entry in column.rows[:MOST])
    if rest > 0:
        words = f"{rest} more in the calendar" if column.more else f"and {rest} more"
        cards += (
            Markup('<li><a class="sb-small" href="{}">{}</a></li>').format(column.more, words)
            if column.more
            else Markup('<li class="sb-small">{}</li>').format(words)
        )
    if not column.rows:
        cards = Markup('<li class="sb-small sb-faint sb-col__none">nothing</li>')
    return Markup(
        '<section class="sb-col{}" aria-labelledby="col-{}"><div class="sb-col__head"><h2 id="col-{}">{}{}</h2>'
        '<span class="sb-count">{}</span></div><ul class="sb-cards">{}</ul></section>'
    ).format(
        " sb-col--loud" if column.loud else "",
        index,
        index,
        sb.icon(column.glyph) if column.glyph else "",
        column.title,
        len(column.rows),
        cards,
    )


def _card(entry: Entry, name: str, site: Site) -> Markup:
    document = entry.post
    loud = sb.status_of(entry.state).loud
    lacks = []
    if loud and (reason := next((d.reason for d in entry.deliveries if d.state == entry.state and d.reason), "")):
        lacks.append(reason)
    blocking = [finding for finding in site.of(document.path) if finding.blocks]
    if blocking:
        more = f", {len(blocking) - 1} more" if len(blocking) > 1 else ""
        lacks.append(f"{short(blocking[0].message, LACK)}{more}")
    lack = Markup("").join(
        Markup('<div class="sb-card__lack">{}<span>{}</span></div>').format(sb.icon("alert"), text) for text in lacks
    )
    state = sb.status(entry.state) if loud or name != "status" else Markup()
    attributes = html(sb.data_of({"status": entry.state}), controls.filtered_by(entry, site))
    return Markup(
        '<li class="sb-card" data-sb-item{}><h3 class="sb-card__title"><a href="{}">{}</a></h3>'
        '<div class="sb-card__row"><span class="sb-num">{}</span>{}</div>{}<div class="sb-card__row"><span>{}</span>{}</div></li>'
    ).format(
        attributes,
        site.link(document),
        document.name,
        _when(entry, site.today),
        site.channels(document.channels),
        lack,
        site.book.person(document.owner) if document.owner else "nobody",
        state,
    )


def _when(entry: Entry, today: date) -> str:
    if entry.at is None:
        return "on merge" if entry.post.publish_at == "on-merge" else "no time yet"
    day = entry.at.date()
    away = (day - today).days
    word = {0: "Today", 1: "Tomorrow", -1: "Yesterday"}.get(away)
    year = "" if day.year == today.year else f" {day.year}"
    return f"{word or f'{entry.at:%a} {day.day} {MONTHS[day.month][:3]}{year}'} {entry.at:%H:%M}"


# --- below -----------------------------------------------------------------------------------------------------------


def _load(near: Sequence[Entry], site: Site) -> Markup:
    """Posts in each owner's name in this and the next weeks."""
    first = controls.monday_of(site.today)
    weeks = [first + timedelta(weeks=step) for step in range(WEEKS)]
    counts: dict[str, Counter[date]] = defaultdict(Counter)
    for entry in near:
        if entry.at and entry.state not in NOT_PLANNED and weeks[0] <= entry.at.date() < weeks[-1] + timedelta(weeks=1):
            counts[entry.post.owner or ""][controls.monday_of(entry.at.date())] += 1
    if not counts:
        return sb.panel("Work by owner", sb.empty("Nothing is planned", "Posts of the next four weeks are counted here by owner.", glyph="account-outline"))  # fmt: skip
    most = max(max(row.values()) for row in counts.values())
    rows = []
    for slug, row in sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))[:MOST_COLUMNS]:
        name = site.book.person(slug) if slug else "Nobody"
        share = sb.bar(
            row[first] / most * 100, f"{row[first]} posts of {name} this week; the fullest week of anybody has {most}"
        )
        rows.append((name, *(f"{row[week]}" if row[week] else "·" for week in weeks), share))
    heads = ("Owner", *(f"{week.isocalendar()[1]}" for week in weeks), "This week")
    table = sb.table("Posts by owner and week", heads, rows, numbers=range(1, WEEKS + 1))
    return sb.panel("Work by owner", table, scope="posts by ISO week", foot=f"The fullest week of anybody has {most}.")


def _gaps(near: Sequence[Entry], site: Site) -> Markup:
    """Channels that have less planned than they promised, this week and next."""
    first = controls.monday_of(site.today)
    rows = []
    for channel in site.book.settings.channels.values():
        if not channel.cadence.min or channel.cadence.per != "week" or channel.status == "retired":
            continue
        for step in range(2):
            week = first + timedelta(weeks=step)
            last = week + timedelta(days=6)
            if (channel.start and last < channel.start) or last < site.today:
                continue
            mine = [entry for entry in near if entry.at and week <= entry.at.date() <= last]
            note, gap = cadence(planned(channel.key, mine), channel)
            if gap:
                rows.append(_gap(channel, week, note, site))
    if not rows:
        return sb.panel("Gaps against the cadence", sb.empty("No gap", "Every channel has what it promised, this week and next.", glyph="check-circle-outline"))  # fmt: skip
    return sb.panel("Gaps against the cadence", sb.rows(rows[:7], kind="tight"), scope="this week and next")


def _gap(channel: Channel, week: date, note: str, site: Site) -> Markup:
    day = max(site.today, week)
    new = controls.new_post(site, day, channel.key)
    address = new or href(f"calendar/{controls.week_name(week)}.html")
    act = Markup('<a href="{}">{}<span class="sb-sr"> {}</span></a>').format(
        address, "Plan one" if new else "The week", f"for {channel.name or channel.key}, week {week.isocalendar()[1]}"
    )
    return sb.row(
        channel.name or channel.key, f"Week {week.isocalendar()[1]}: {note}.",
        lead=site.channel(channel.key, bare=True), end=act,
    )  # fmt: skip


def _mix(near: Sequence[Entry], site: Site) -> Markup:
    """What the last and next four weeks offer, help with and talk about; and how much of it only announces."""
    mine = [
        e for e in near if e.at and abs((e.at.date() - site.today).days) <= AHEAD.days and e.state not in NOT_PLANNED
    ]
    said: Counter[str] = Counter(entry.post.mix for entry in mine if entry.post.mix)
    total = said.total()
    if not total:
        return sb.panel("Content mix", sb.empty("No post says its part", sb.with_code("Write `mix: useful`, `own-offer` or `conversation` in a post."), glyph="chart-bar"))  # fmt: skip
    shares = {key: said[key] / total for key, _ in KINDS}
    parts, at = [], 0.0
    for number, (key, _) in enumerate(KINDS, 1):
        wide = shares[key] * 400
        if wide:
            parts.append(f'<rect class="sb-f{number}" x="{at:.1f}" width="{max(wide - 2, 1):.1f}" height="18" rx="3"/>')
        at += wide
    words = ", ".join(f"{word} {shares[key]:.0%}" for key, word in KINDS)
    legend = Markup("").join(
        Markup('<li><svg class="sb-key" viewBox="0 0 10 10" aria-hidden="true"><rect class="sb-f{}" width="10" height="10" rx="2"/></svg>{} {}</li>').format(
            number, word, f"{shares[key]:.0%}"
        )
        for number, (key, word) in enumerate(KINDS, 1)
    )  # fmt: skip
    drawn = Markup(
        '<div class="sb-panel__body"><svg class="sb-stackbar" viewBox="0 0 400 18" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg><ul class="sb-legend">{}</ul></div>'
    ).format(words, Markup("".join(parts)), legend)
    talking = sum(entry.post.mix == "conversation" or entry.post.type in TALKS for entry in mine)
    silent = len(mine) - total
    notes = [
        f"Broadcast ratio {1 - talking / len(mine):.2f}: {len(mine) - talking} of {len(mine)} posts ask or answer nobody."
        if len(mine) >= ENOUGH
        else f"Too few posts for a broadcast ratio: {len(mine)}, from {ENOUGH} on.",
        _targets(site.book.settings.channels),
        f"{silent} say no mix." if silent else "",
    ]
    scope = f"last and next four weeks, {total} post{'s' * (total != 1)}"
    return sb.panel("Content mix", drawn, scope=scope, foot=" ".join(note for note in notes if note))


def _targets(channels: Mapping[str, Channel]) -> str:
    own = [
        channel.mix["own-offer"]
        for channel in channels.values()
        if "own-offer" in channel.mix and channel.connector != "console"
    ]
    if not own:
        return ""
    low, high = min(own), max(own)
    return (
        f"Channels aim at {low} % of own offer." if low == high else f"Channels aim at {low} to {high} % of own offer."
    )
