"""Book → the home page: what needs a person, who is waited for, the next seven days, what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.classes import dataclass
from signalbook.model import Campaign, Document, Hold, Incident, Message, Person, Plan, Playbook, Policy, Report
from signalbook.period import Period, span
from site_plugins import components as sb
from site_plugins.calendar import acts, byhand
from site_plugins.calendar.controls import monday_of, week_name
from site_plugins.calendar.entries import DAYS, MONTHS, Entry, entries, upcoming
from site_plugins.calendar.week import cadence
from site_plugins.home import silence, status
from site_plugins.home.waits import DAYS_AHEAD, earliest, waiting, wanted
from site_plugins.markup import Markup
from site_plugins.pages import Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.history import Change
    from site_plugins.home.waits import Wait
    from site_plugins.pages import Asset
    from site_plugins.site import Site

MOST: Final = 7
"""Items a list holds; a longer one is a board."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a list.

    Attributes:
        weight: the loudest first.
        state: the status in front.
        why: what happened and the next action, with its command where there is one.
        end: how old it is, or which channels.
    """

    weight: tuple[int, float]
    state: str
    title: str
    address: str
    why: str | Markup
    end: Markup | str


@dataclass(frozen=True, slots=True)
class Need:
    """An item that is made only when it is among the loudest: there may be thousands.

    Attributes:
        posts: the posts it speaks of, by slug; the lists below leave them out.
    """

    weight: tuple[int, float]
    title: str
    item: Callable[[], Item]
    posts: tuple[str, ...] = ()


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The one page, made at every build."""
    search = (SearchEntry("", "Home", "Today: what goes out, what is late, what needs a person"),)
    home = Page("index.html", "Today", "home", partial(page, book, now, site), "", search=search)
    return [home, status.asset(entries(book, now), book, now)]


def page(book: Book, now: datetime, site: Site) -> str:
    """The home page."""
    found = entries(book, now)
    loud = sorted(needs(book, found, now, site), key=lambda need: (need.weight, need.title))
    waits = waiting(book, now, site)
    above = {slug for need in loud[:MOST] for slug in need.posts}
    parts = [
        _head(book, now, site),
        Markup('<div class="sb-cols sb-cols--21"><div class="sb-stack">{}</div>{}</div>').format(
            Markup("").join(
                (
                    _needs(loud, found, now, site),
                    _today(found, above, site),
                    _by_hand(found, above, book, now, site),
                    _tiles(site),
                    _plans(book, site),
                )
            ),
            _waiting(waits, site),
        ),
        _lanes(book, found, site),
        status.line(book),
        _below(book, now, site),
    ]
    return f'<div class="sb-stack">{"".join(str(part) for part in parts if part)}</div>'


def _head(book: Book, now: datetime, site: Site) -> Markup:
    today = site.today
    place = book.settings.team.zone.key.rpartition("/")[2].replace("_", " ")
    facts: list[str | Markup] = [f"{now:%H:%M} in {place}", f"week {today.isocalendar()[1]}"]
    for campaign in book.all(Campaign):
        span = campaign.period
        if not span or not span.from_ or not span.to or campaign.state in {"idea", "draft", "stopped", "closed"}:
            continue
        if span.from_ <= today <= span.to:
            day, days = (today - span.from_).days + 1, (span.to - span.from_).days + 1
            facts.append(Markup("{}, day {} of {}").format(site.anchor(campaign), day, days))
        elif today < span.from_ <= today + timedelta(days=DAYS_AHEAD):
            facts.append(Markup("{} begins {}").format(site.anchor(campaign), _day(span.from_, today)))
    acts = [
        Markup('<a class="sb-btn" href="{}">{}Calendar</a>').format(
            href("calendar/index.html"), sb.icon("calendar-month")
        )
    ]
    if any(playbook.type != "network" for playbook in book.all(Playbook)):
        # Whoever needs one in the night has a phone in the hand, where the rooms are folded away.
        acts.append(sb.button("Open playbooks", href("policies/index.html"), glyph="book-open-variant-outline"))
    from site_plugins.calendar.post import DRAFT

    if new := site.new_url("content/calendar", f"{today}-untitled.md", DRAFT.format(day=today)):
        acts.append(sb.button("New post", new, glyph="plus", main=True))
    return sb.head(f"{DAYS[today.weekday()]} {today.day} {MONTHS[today.month]}", sub=facts, acts=acts)


def _day(day: date, today: date) -> str:
    away = (day - today).days
    if away == 0:
        return "today"
    if away == 1:
        return "tomorrow"
    return f"{DAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month][:3]}"


# --- what needs a person ---------------------------------------------------------------------------------------------

_NEXT: Final = {
    "unknown": "Look at the account, then record what you saw.",
    "failed": "Mend the cause; the next run tries again.",
    "missed": "Decide: give it a new time, or cancel it.",
    "overdue": "Find out why the last run did not send it.",
    "held": "Release the hold, or decide post by post.",
}


def needs(book: Book, found: Sequence[Entry], now: datetime, site: Site) -> Iterator[Need]:
    """Everything that needs a person now, with its next action."""
    order = {state: rank for rank, state in enumerate(delivery.ALARMING)}
    holds = delivery.open_holds(book, now)
    held: dict[str, list[Entry]] = defaultdict(list)
    for entry in found:
        if entry.state not in order:  # a state that needs a person speaks for the whole post
            continue
        for state in dict.fromkeys(d.state for d in entry.deliveries if d.state in order):
            if state == "held" and (hold := _hold(book, holds, entry)):
                held[hold.slug].append(entry)
                continue
            due = next(d.due for d in entry.deliveries if d.state == state)
            age = (now - due).total_seconds() / 60 if due and due <= now else 0.0
            weight = (order[state], -age)
            yield Need(
                weight, entry.post.name, partial(_stuck, book, entry, state, weight, now, site), (entry.post.slug,)
            )
    for hold in holds:
        if mine := held.get(hold.slug):
            weight = (order["held"], -float(len(mine)))
            yield Need(
                weight, hold.name, partial(_held, hold, mine, weight, site), tuple(entry.post.slug for entry in mine)
            )
    for incident in book.all(Incident):
        if incident.state in {"suspected", "open", "contained"}:
            yield _made(
                Item(
                    (-1, 0),
                    incident.state,
                    incident.name,
                    site.link(incident),
                    "Follow its playbook and keep the promised time of the next word.",
                    sb.severity(incident.severity or "S4", word=False),
                )
            )
    for path, rows in sorted(site.findings.items()):
        number = sum(finding.blocks for finding in rows)
        thing = book.by_path(path) if number else None
        if number and isinstance(thing, Document):
            first = next(finding for finding in rows if finding.blocks)
            more = f" And {number - 1} more." if number > 1 else ""
            yield _made(
                Item(
                    (len(order), -number),
                    "block",
                    thing.name,
                    site.link(thing),
                    sb.with_code(f"{first.message} {first.remedy}{more}"),
                    f"line {first.line}",
                )
            )
    yield from map(_made, _overdue(book, site))


def _made(item: Item) -> Need:
    return Need(item.weight, item.title, lambda: item)


def _hold(book: Book, holds: Sequence[Hold], entry: Entry) -> Hold | None:
    """The hold that stops a post."""
    held = [one.channel for one in entry.deliveries if one.state == "held"]
    return next(
        (hold for hold in holds if any(delivery.covers(book, hold, entry.post, channel) for channel in held)), None
    )


def _held(hold: Hold, mine: Sequence[Entry], weight: tuple[int, float], site: Site) -> Item:
    """Everything one hold stops: one thing to decide, however many posts it is."""
    listed = Markup(", ").join(site.anchor(entry.post) for entry in mine[:3])
    more = f" and {len(mine) - 3} more" if len(mine) > 3 else ""
    reason = Markup("{} ").format(_sentence(hold.reason)) if hold.reason else ""
    title = f"{hold.name} holds {len(mine)} posts" if len(mine) > 1 else mine[0].post.name
    why = Markup("{}{} {}{}").format(reason, _NEXT["held"], listed if len(mine) > 1 else "", more)
    channels = dict.fromkeys(one.channel for entry in mine for one in entry.deliveries if one.state == "held")
    return Item(
        weight,
        "held",
        title,
        site.link(hold) if len(mine) > 1 else site.link(mine[0].post),
        why,
        site.channels(channels),
    )


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text}."


def _stuck(book: Book, entry: Entry, state: str, weight: tuple[int, float], now: datetime, site: Site) -> Item:
    """A post with deliveries in a state that needs a person."""
    mine = [d for d in entry.deliveries if d.state == state]
    whole = acts.together(mine, book, now)
    ways = whole or acts.acts(mine[0], book, now)
    way_on = sb.command(ways[0].command, ways[0].word) if ways and not site.audience else Markup()
    end = Markup("{}<br>{}").format(site.channels(d.channel for d in mine), sb.age(-weight[1]) if weight[1] else "")
    reason: str | Markup = _sentence(mine[0].reason)
    if whole and len({one.reason for one in mine}) > 1:
        reason = "Its time passed by more than its channels allow. A person decides."
    address = site.link(entry.post)
    if (
        state == "overdue"
        and not site.audience
        and acts.by_hand(channel := book.settings.channels.get(mine[0].channel))
    ):
        # Who places it finds text, media and the command on the task, and nothing of it a second time on this page.
        address = href(byhand.ADDRESS, f"place-{digest(mine[0].key)[:8]}")
        owner = book.person(channel.owner if channel and channel.owner else entry.post.owner)
        reason = f"{reason} {owner} places it; text and media stand on the task."
    return Item(
        weight,
        state,
        entry.post.name,
        address,
        Markup("{} {}{}").format(reason, _next(state, mine[0].reason), way_on),
        end,
    )


def _next(state: str, reason: str) -> str:
    said = any(words in reason for words in ("record what you saw", "A person decides", "by hand"))
    return "" if said else _NEXT[state]


def _overdue(book: Book, site: Site) -> Iterator[Item]:
    today = site.today
    rank = len(delivery.ALARMING) + 1
    for policy in book.all(Policy):
        if policy.state == "in-force" and policy.review_by and policy.review_by < today:
            yield _late(
                policy, policy.review_by, "Read it once, change the date or the text, and have it approved.", rank, site
            )
    for plan in book.all(Plan):
        if plan.state != "active":
            continue
        for action in plan.actions:
            if action.due and action.due < today and (action.status or "open") == "open":
                why = f"{book.person(action.owner)}: do it, move the day with a reason, or drop it."
                yield _late(plan, action.due, why, rank, site, title=action.what or plan.name)
    for message in book.all(Message):
        if message.state == "approved" and message.review_by and message.review_by < today:
            yield _late(message, message.review_by, "Prove it again, or withdraw it.", rank, site)


def _late(document: Document, due: date, why: str, rank: int, site: Site, *, title: str = "") -> Item:
    days = (site.today - due).days
    end = Markup('<span class="sb-down">{} d late</span>').format(days)
    return Item((rank, -days), "late", title or document.name, site.link(document), why, end)


def _by_hand(found: Sequence[Entry], above: AbstractSet[str], book: Book, now: datetime, site: Site) -> Markup:
    """What people should place now and what does not stand ``above``; nothing while there is nothing."""
    open_ = byhand.tasks(found, book, now) if not site.audience else []
    mine = [(entry, one) for entry, one in byhand.waiting(open_) if entry.post.slug not in above]
    if not mine:
        return Markup()
    rows = []
    for entry, one in mine[:MOST]:
        channel = book.settings.channels.get(one.channel)
        owner = book.person(channel.owner if channel and channel.owner else entry.post.owner)
        late = sb.age((now - one.due).total_seconds() / 60) if one.due and one.due <= now else ""
        rows.append(
            sb.row(
                entry.post.name,
                f"{owner} places it; text, media and the command stand on the task.",
                lead=site.channel(one.channel),
                end=f"{late} ago" if late else "",
                address=href(byhand.ADDRESS, f"place-{digest(one.key)[:8]}"),
            )
        )
    more = Markup('<a href="{}">All tasks</a>').format(href(byhand.ADDRESS))
    return sb.panel("To place by hand", sb.rows(rows, kind="status"), scope=more, ident="by-hand")


def _today(found: Sequence[Entry], above: AbstractSet[str], site: Site) -> Markup:
    """What goes out today, and what went out already, with its live address; what needs a person stands ``above``."""
    every = [one for one in upcoming(found, site.today, 1) if one.state not in {"idea", "cancelled"}]
    mine = [one for one in every if one.post.slug not in above]
    if not mine:
        if every:
            return Markup()
        return sb.panel(
            "Today",
            sb.empty(
                "Nothing goes out today",
                Markup('<a href="#week">The next six days, by channel</a>'),
                glyph="calendar-today-outline",
            ),
        )
    rows = []
    for entry in mine[:MOST]:
        live = [
            receipt.url
            for one in entry.deliveries
            for receipt in one.receipts[-1:]
            if receipt.url.startswith(("https://", "http://"))
        ]
        why = Markup(" ").join(
            (site.channels(entry.post.channels), *(Markup('<a class="sb-link" href="{}" rel="noopener noreferrer">live</a>').format(url) for url in live[:1]))
        )  # fmt: skip
        rows.append(
            sb.row(
                entry.post.name,
                why,
                lead=Markup('<span class="sb-num">{}</span>').format(f"{entry.at:%H:%M}"),
                end=sb.status(entry.state, bare=True),
                address=site.link(entry.post),
            )
        )
    scope = f"{len(mine)} posts" if len(mine) > 1 else "1 post"
    if len(mine) > MOST:
        scope = f"the first {MOST} of {len(mine)}"
    # On a phone the week lies three screens further down.
    ahead = Markup('<a href="#week">{}, then the week</a>').format(scope)
    return sb.panel("Today", sb.rows(rows), scope=ahead, ident="today")


def _needs(loud: Sequence[Need], found: Sequence[Entry], now: datetime, site: Site) -> Markup:
    if not loud:
        after = next((entry for entry in found if entry.at and entry.at > now and entry.state == "scheduled"), None)
        if after is not None and after.at is not None:
            text = Markup("Next out: {}, {} at {}.").format(
                site.anchor(after.post), _day(after.at.date(), site.today), f"{after.at:%H:%M}"
            )
        else:
            text = _first_step(found, site)
        return sb.panel("Needs a person", sb.empty("Nothing needs a person", text, glyph="check-circle-outline"))
    rows = [
        sb.row(item.title, item.why, lead=sb.status(item.state), end=item.end, address=item.address)
        for item in (need.item() for need in loud[:MOST])
    ]
    more = f"{len(loud)}, loudest first" if len(loud) <= MOST else f"the loudest {MOST} of {len(loud)}"
    return sb.panel("Needs a person", sb.rows(rows, kind="status"), scope=more, loud=True, ident="needs")


def _first_step(found: Sequence[Entry], site: Site) -> Markup:
    """What brings the next post onto the calendar: the draft that is nearest to it, or a new one."""
    draft = next(
        (one for state in ("review", "approved", "draft", "idea") for one in found if one.state == state), None
    )
    if draft is None:
        return Markup("No post is scheduled. <code>signalbook new post first-words</code> begins one.")
    lacks = [word for word, there in (("publish_at", draft.at), ("channels", draft.post.channels)) if not there]
    wants = Markup(" and ").join(Markup("<code>{}</code>").format(word) for word in lacks)
    given = Markup("give it {} and ").format(wants) if wants else Markup()
    return Markup("No post is scheduled. The nearest is {}: {}have it approved.").format(site.anchor(draft.post), given)


# --- who is waited for -----------------------------------------------------------------------------------------------


def _waiting(waits: Mapping[str, Sequence[Wait]], site: Site) -> Markup:
    if not waits:
        return sb.panel(
            "Waiting for",
            sb.empty(
                "Nobody is waited for",
                "Reviews, actions, drafts due soon and open cases would stand here.",
                glyph="account-outline",
            ),
        )
    order = sorted(waits, key=lambda role: (earliest(waits[role][0]), role))
    rows = []
    for role in order[:MOST]:
        items = waits[role]
        more = Markup("<span>and {} more</span>").format(len(items) - 3) if len(items) > 3 else Markup()
        listed = sb.lines((*(Markup("<span>{}</span>").format(wanted(one, site.book)) for one in items[:3]), more))
        person = site.book.get(Person, role)
        first = items[0]
        end = f"by {first.day.day} {MONTHS[first.day.month][:3]}" if first.day != date.max and not first.due else ""
        rows.append(
            sb.row(
                role.replace("-", " ").capitalize() if role else "Nobody owns them yet",
                listed,
                lead=sb.icon("account-outline" if role else "alert"),
                end=end,
                address=f"{site.link(person)}#waits" if person else "",
            )
        )
    return sb.panel("Waiting for", sb.rows(rows), scope=f"{sum(map(len, waits.values()))} things", ident="waiting")


# --- numbers ---------------------------------------------------------------------------------------------------------


def _tiles(site: Site) -> Markup:
    """The team's own numbers, where there are readings."""
    tiles = getattr(site.fences, "tiles", None)
    return tiles() if tiles is not None else Markup()


# --- seven days ------------------------------------------------------------------------------------------------------


def _lanes(book: Book, found: Sequence[Entry], site: Site) -> Markup:
    days = [site.today + timedelta(days=step) for step in range(DAYS_AHEAD)]
    soon = list(upcoming(found, days[0], DAYS_AHEAD))
    channels = [c for c in book.settings.channels.values() if c.status != "retired"]
    used = {key for entry in soon for key in entry.post.channels}
    shown = [c for c in channels if c.key in used or (c.cadence.min and c.connector != "console")]
    if not shown:
        return sb.panel("Today and the next six days", sb.empty("Nothing is planned for the next seven days",
                        "A post appears here when its file says publish_at and channels.", glyph="calendar-blank-outline",
                        act="Calendar", address=href("calendar/index.html")), ident="week")  # fmt: skip
    heads = Markup("").join(
        Markup('<th scope="col"{}>{}{}</th>').format(
            Markup(' class="is-today"') if day == site.today else "",
            f"{DAYS[day.weekday()][:3]} {day.day}",
            Markup(' <span class="sb-sr">today</span>') if day == site.today else "",
        )
        for day in days
    )
    rows = []
    for channel in shown:
        mine = [
            entry for entry in soon if channel.key in entry.post.channels and entry.state not in {"cancelled", "idea"}
        ]
        cells = Markup("").join(_cell(site, channel.key, day, mine) for day in days)
        note, gap = cadence(len(mine), channel)
        rows.append(
            Markup('<tr><th scope="row">{}<span class="sb-faint{}">{}</span></th>{}</tr>').format(
                site.channel(channel.key), " sb-gap" if gap else "", note, cells
            )
        )
    table = Markup(
        '<table class="sb-lanes"><caption class="sb-sr">Posts by channel, {} to {}</caption>'
        '<thead><tr><th scope="col">Channel</th>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(_long(days[0]), _long(days[-1]), heads, Markup("").join(rows))
    scope = Markup('<a href="{}">Week by channel</a>').format(href(f"calendar/{week_name(monday_of(site.today))}.html"))
    return sb.panel("Today and the next six days", table, scope=scope, ident="week")


def _long(day: date) -> str:
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month]} {day.year}"


def _cell(site: Site, key: str, day: date, mine: Sequence[Entry]) -> Markup:
    here = [entry for entry in mine if entry.at and entry.at.date() == day]
    chips = Markup("").join(_lane_chip(entry, key, site) for entry in here)
    classes = " ".join(filter(None, ("is-today" if day == site.today else "", "" if here else "is-bare")))
    return Markup('<td class="{}" data-day="{}">{}</td>').format(classes, f"{DAYS[day.weekday()][:3]} {day.day}", chips)


def _lane_chip(entry: Entry, key: str, site: Site) -> Markup:
    state = next((d.state for d in entry.deliveries if d.channel == key), entry.state)
    return sb.chip(site.link(entry.post), entry.post.name, state, time=f"{entry.at:%H:%M}" if entry.at else "")


# --- below -----------------------------------------------------------------------------------------------------------


def _below(book: Book, now: datetime, site: Site) -> Markup:
    left = _changes(book, now, site)
    right = [part for part in (silence.panel(book, now, site, MOST), _reports(book, site)) if part]
    if not right:
        return left
    return Markup('<div class="sb-cols sb-cols--21">{}<div class="sb-stack">{}</div></div>').format(
        left, Markup("").join(right)
    )


_KINDS: Final = {"plan", "objective", "policy", "playbook", "campaign", "message", "hold", "incident"}


def _changes(book: Book, now: datetime, site: Site) -> Markup:
    past = site.past
    if not past:
        return sb.panel(
            "Changed this week", sb.empty("No history yet", past.why or "Nothing is committed.", glyph="source-branch")
        )
    period = Period.parse("7d", book.settings.team.zone, now)
    steps: dict[str, list[Change]] = {}
    for change in past.changes(period, kinds=_KINDS):
        steps.setdefault(change.sha, []).append(change)
    rows = []
    for step in list(steps.values())[:MOST]:
        things = [thing for change in step if isinstance(thing := book.by_path(change.path), Document)]
        if not things:
            continue
        listed = Markup(", ").join(site.anchor(thing) for thing in things[:3])
        more = f" and {len(things) - 3} more" if len(things) > 3 else ""
        when = step[0].when.astimezone(book.settings.team.zone)
        glyph = sb.icon(_ICONS.get(step[0].kind, "file-document-outline"))
        rows.append(
            sb.row(
                Markup("{}{}").format(listed, more),
                f"{step[0].subject} ({step[0].author})",
                lead=glyph,
                end=f"{when:%a}",
            )
        )
    if not rows:
        return sb.panel(
            "Changed this week",
            sb.empty("Nothing changed this week", "Plans, policies and messages are as they were.", glyph="history"),
        )
    scope = Markup('<a href="{}">All changes</a>').format(href("changes/index.html"))
    return sb.panel("Changed this week", sb.rows(rows, kind="tight"), scope=scope)


_ICONS: Final = {
    "plan": "flag-outline", "objective": "target", "policy": "shield-check-outline", "playbook": "book-open-variant-outline",
    "campaign": "bullhorn-outline", "message": "comment-quote-outline", "hold": "pause-circle", "incident": "fire-alert",
}  # fmt: skip


def _plans(book: Book, site: Site) -> Markup:
    rows = []
    for plan in book.all(Plan):
        if plan.state not in {"active", "review"}:
            continue
        done = sum(action.status == "done" for action in plan.actions)
        todo = [action for action in plan.actions if (action.status or "open") == "open" and action.due]
        after = min(todo, key=lambda action: action.due or date.max, default=None)
        late = sum((action.due or site.today) < site.today for action in todo)
        why: str | Markup = f"{done} of {len(plan.actions)} actions done"
        if late:
            why = Markup('{}, <span class="sb-down">{} late</span>').format(why, late)
        why = Markup("{}.").format(why)
        if after is not None and after.due is not None:
            why += f" {'First' if late else 'Next'}: {after.what}, {_day(after.due, site.today)}."
        rows.append(
            sb.row(
                plan.name,
                why,
                lead=sb.icon("flag-outline"),
                end=sb.status(plan.state, bare=True),
                address=site.link(plan),
            )
        )
    return (
        sb.panel(
            "Plans",
            sb.rows(rows[:MOST], kind="tight"),
            scope=Markup('<a href="{}">All plans</a>').format(href("plans/index.html")),
        )
        if rows
        else Markup()
    )


def _reports(book: Book, site: Site) -> Markup:
    found = sorted(
        (r for r in book.all(Report) if r.as_of), key=lambda r: (str(r.as_of), r.period or ""), reverse=True
    )[:3]
    if not found:
        return Markup()
    rows = [
        sb.row(r.name, _covers(r, book, site.now), lead=sb.icon("file-document-outline"), address=site.link(r))
        for r in found
    ]
    every = Markup('<a href="{}">All reports</a>').format(href("reports/index.html"))
    return sb.panel("Reports", sb.rows(rows, kind="tight"), scope=every)


def _covers(report: Report, book: Book, now: datetime) -> str:
    """The days a report is about, and for whom it was made."""
    try:
        period = Period.parse(report.period or "", book.settings.team.zone, now)
    except ValueError:
        return report.period or ""
    days = span(period.first, period.last)
    return f"{days} · for {report.for_}" if report.for_ else days
