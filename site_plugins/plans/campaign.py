"""A campaign's page: what it is for, how far it is, what it costs, what could go wrong, what came of it; and all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.model import Campaign, Document, Objective, Plan, Post
from site_plugins import components as sb
from site_plugins.calendar.entries import Entry
from site_plugins.documents import pages as documents
from site_plugins.documents import values
from site_plugins.markup import Markup
from site_plugins.pages import href
from site_plugins.plans import gantt

if TYPE_CHECKING:
    from site_plugins.site import Site

ABOVE: Final = frozenset(
    {
        "objectives",
        "period",
        "budget",
        "hours",
        "paid",
        "premortem",
        "result",
        "items",
        "big_idea",
        "plan",
        "type",
        "backlash",
    }
)
"""Fields that the page places itself."""
SHOWN: Final = 12
"""Posts that a campaign lists; the agenda has all of them."""
BEFORE: Final = 4
"""So many of them may lie behind today."""
PARTS: Final = (
    ("big_idea", "Big idea"), ("objectives", "Objectives"), ("audiences_served", "Audiences"), ("messages", "Messages"),
    ("channels", "Channels"), ("call_to_action", "Call to action"), ("budget", "Budget"), ("hours", "Hours"),
    ("baseline", "Baseline"), ("premortem", "Pre-mortem"),
)  # fmt: skip


def page(document: Document, site: Site, *, mine: Sequence[Entry] = ()) -> str:
    """One campaign with its posts, earliest first."""
    from site_plugins.plans import pages as plans

    assert isinstance(document, Campaign)  # noqa: S101 - only campaigns come here
    campaign = document
    if campaign.unreadable:
        return documents.default(campaign, site)
    plan = site.book.get(Plan, campaign.plan)
    acts = [
        Markup('<a class="sb-btn" href="{}?campaign={}">{}Its posts</a>').format(
            _agenda(campaign, site), campaign.slug, sb.icon("calendar-month")
        )
    ]
    sub = [
        values.html(campaign.period, type(campaign.period), campaign, site) if campaign.period else "",
        (campaign.type or "").replace("-", " "),
        Markup("plan: {}").format(site.anchor(plan)) if plan else "",
    ]
    goals = [found for slug in campaign.objectives if (found := site.book.get(Objective, slug))]
    objectives = (
        sb.panel("Objectives", Markup("").join(plans.goal(one, site) for one in goals), scope="baseline, now, target")
        if goals
        else Markup()
    )
    idea = Markup('<p class="sb-lead">{}</p>').format(campaign.big_idea) if campaign.big_idea else Markup()
    main = [
        objectives,
        _posts(campaign, mine, site),
        _premortem(campaign),
        values.sections(campaign, site, without=ABOVE),
    ]
    side = [
        _completeness(campaign), _money(campaign, site), _stops(campaign, site), _result(campaign),
        plans.learning(campaign.objectives, (), site), values.facts(campaign, site, without=ABOVE),
        values.backlinks(campaign, site, without=(Post,)),
    ]  # fmt: skip
    parts = [
        values.head(campaign, site, sub=sub, acts=acts),
        idea,
        values.findings(campaign, site),
        gantt.panel(campaign.name, [campaign], (), campaign.period, site),
        Markup('<div class="sb-split"><div class="sb-stack">{}</div><div class="sb-stack">{}</div></div>').format(
            Markup("").join(part for part in main if part), Markup("").join(part for part in side if part)
        ),
    ]
    return f'<div class="sb-stack">{"".join(str(part) for part in parts if part)}</div>'


def _agenda(campaign: Campaign, site: Site) -> str:
    """The agenda of the month in which the campaign is now, begins or ended."""
    period = campaign.period
    day = site.today
    if period and period.from_ and period.from_ > day:
        day = period.from_
    elif period and period.to and period.to < day:
        day = period.to
    return href(f"calendar/{day:%Y-%m}-agenda.html")


def _completeness(campaign: Campaign) -> Markup:
    done = sum(bool(getattr(campaign, name)) for name, _ in PARTS)
    rows = Markup("").join(
        Markup('<li class="{}">{}{}</li>').format(
            "is-done" if getattr(campaign, name) else "is-open",
            sb.icon("check" if getattr(campaign, name) else "circle-outline", "written" if getattr(campaign, name) else "missing"),
            word,
        )
        for name, word in PARTS
    )  # fmt: skip
    bar = sb.bar(
        done / len(PARTS) * 100, f"{done} of {len(PARTS)} parts written", tone="green" if done == len(PARTS) else ""
    )
    scope = f"{done} of {len(PARTS)}" + (", complete" if done == len(PARTS) else ", incomplete")
    return sb.panel("Complete", Markup('{}<ul class="sb-parts">{}</ul>').format(bar, rows), scope=scope, padded=True)


def _money(campaign: Campaign, site: Site) -> Markup:
    from site_plugins.plans import pages as plans

    rows = []
    if campaign.budget and campaign.budget.amount is not None:
        currency = campaign.budget.currency or ""
        rows.append(_spent(f"Money, {currency}", float(campaign.budget.spent or 0), float(campaign.budget.amount)))
    if campaign.hours:
        rows.append(_spent("Hours", float(campaign.hours.spent or 0), float(campaign.hours.planned or 0)))
    if campaign.paid and campaign.paid.amount:
        rows.append((f"Paid reach, {campaign.paid.platform or ''}", "", values.money(campaign.paid.amount), ""))
    if not rows:
        return Markup()
    table = sb.table("Money and hours", ("Item", "Spent", "Planned", "Share"), rows, numbers=(1, 2))
    foot = (
        plans.cost_per_outcome(campaign, site)
        or "Cost per outcome: nothing spent, or nothing gained that was measured."
    )
    return sb.panel("Money and hours", table, foot=foot)


def _spent(what: str, spent: float, planned: float) -> tuple[str, str, str, Markup | str]:
    share = spent / planned * 100 if planned else 0.0
    bar = sb.bar(
        share, f"{what}: {spent:g} of {planned:g}", tone="red" if share > 100 else "amber" if share > 90 else ""
    )
    return what, sb.amount(spent, digits=0), sb.amount(planned, digits=0), bar if planned else ""


def _posts(campaign: Campaign, mine: Sequence[Entry], site: Site) -> Markup:
    """Its posts, those of now and of the next days first of all, each with where it stands."""
    if not mine:
        return Markup()
    counts = Counter(entry.state for entry in mine)
    said = ", ".join(f"{counts[state]} {_many(state, counts[state])}" for state in delivery.STATES if counts[state])
    first = next((i for i, one in enumerate(mine) if one.at is None or one.at.date() >= site.today), len(mine))
    begin = max(0, min(first - BEFORE, len(mine) - SHOWN))
    shown = mine[begin : begin + SHOWN]
    rows = [
        (
            site.anchor(entry.post),
            Markup('<span class="sb-num">{}</span>').format(_when(entry, site.today)),
            site.channels(entry.post.channels),
            site.book.person(entry.post.owner) if entry.post.owner else "",
            sb.status(entry.state),
        )
        for entry in shown
    ]
    table = sb.table(f"Posts of {campaign.name}", ("Post", "When", "Channels", "Owner", "Status"), rows, cards=True)
    more = f"{len(shown)} of {len(mine)} stand here. " if len(shown) < len(mine) else ""
    foot = Markup('{}<a href="{}">Board by campaign</a>').format(more, href("boards/campaign.html"))
    title = f"{len(mine)} posts" if len(mine) > 1 else "1 post"
    return sb.panel(title, table, scope=said, foot=foot, ident="its-posts")


def _many(state: str, number: int) -> str:
    word = sb.status_of(state).word.lower()
    return f"{word}s" if number > 1 and state in {"idea", "draft"} else word


def _when(entry: Entry, today: date) -> str:
    if entry.at is None:
        return "no time yet"
    year = f" {entry.at.year}" if entry.at.year != today.year else ""
    return f"{entry.at:%a} {entry.at.day} {entry.at:%b}{year}, {entry.at:%H:%M}"


# --- all of them -----------------------------------------------------------------------------------------------------


def front(posts: dict[str, list[Entry]], site: Site) -> str:
    """Every campaign: how far it is, and all of them over the weeks."""
    campaigns = site.book.all(Campaign)
    acts = []
    if new := site.new_url(f"content/{Campaign.FOLDER}", "untitled.md"):
        acts.append(sb.button("New campaign", new, glyph="plus", main=True))
    head = sb.head("Campaigns", sub=[Campaign.ABOUT], path=[("Plans", href("plans/index.html"))], acts=acts)
    title = f"{len(campaigns)} campaigns" if len(campaigns) > 1 else "1 campaign"
    known = [one for one in campaigns if not one.unreadable]
    parts = [sb.panel(title, table(campaigns, posts, site)), gantt.panel("every campaign", known, (), None, site)]
    return f'<div class="sb-stack">{head}{"".join(str(part) for part in parts if part)}</div>'


def table(campaigns: Iterable[Campaign], posts: dict[str, list[Entry]], site: Site) -> Markup:
    """Campaigns by what is on now, next, and over: the time, posts that are out, money and hours spent of what was planned."""
    lines = []
    for campaign in sorted(campaigns, key=lambda one: _order(one, site.today)):
        plan = site.book.get(Plan, campaign.plan)
        kind = (campaign.type or "").replace("-", " ")
        below = Markup(" · ").join(part for part in (kind, site.anchor(plan) if plan else "") if part)
        mine = posts.get(campaign.slug, ())
        out = sum(entry.state == "published" for entry in mine)
        lines.append(
            (
                documents.title(campaign, site),
                below,
                _period(campaign, site.today),
                f"{out} of {len(mine)} out" if mine else "none yet",
                _of(campaign.budget.spent, campaign.budget.amount, f"{campaign.budget.currency or ''} ") if campaign.budget else "–",
                _of(campaign.hours.spent, campaign.hours.planned) if campaign.hours else "–",
                sb.status(campaign.state) if campaign.state else "",
                site.book.person(campaign.owner) if campaign.owner else "",
            )
        )  # fmt: skip
    heads = ("Campaign", "For", "When", "Posts", "Money", "Hours", "State", "Owner")
    return sb.table("Campaigns", heads, lines, cards=True, sort=len(lines) > 7)


def _order(campaign: Campaign, today: date) -> tuple[int, date, str]:
    period = campaign.period
    start, end = (period.from_, period.to) if period else (None, None)
    if end and end < today:
        return 2, end, campaign.name
    return (0 if start and start <= today else 1), start or date.max, campaign.name


def _period(campaign: Campaign, today: date) -> Markup | str:
    """From when to when, and where in it we are."""
    period = campaign.period
    start, end = (period.from_, period.to) if period else (None, None)
    if not start or not end:
        return "no time yet"
    if end < today:
        stands = "over"
    elif start <= today:
        stands = f"day {(today - start).days + 1} of {(end - start).days + 1}"
    else:
        away = (start - today).days
        stands = "begins tomorrow" if away == 1 else f"in {away} days" if away < 21 else f"in {away // 7} weeks"
    first = f" {start.year}" if start.year != end.year else ""
    days = f"{start.day} {start:%b}{first} to {end.day} {end:%b} {end.year}"
    return Markup('{}<br><span class="sb-faint">{}</span>').format(days, stands)


def _of(spent: float | None, planned: float | None, unit: str = "") -> str:
    if planned is None:
        return "–"
    return f"{unit}{sb.amount(spent or 0, digits=0)} of {sb.amount(planned, digits=0)}"


def _premortem(campaign: Campaign) -> Markup:
    if not campaign.premortem:
        return Markup()
    rows = [(one.it_failed_because or "", one.sign or "", one.answer or "") for one in campaign.premortem]
    table = sb.table("Pre-mortem", ("It failed because", "We notice by", "Then we"), rows, cards=True)
    return sb.panel("Pre-mortem", table, scope="imagined beforehand")


def _stops(campaign: Campaign, site: Site) -> Markup:
    stop = campaign.backlash
    if stop is None or stop.above is None:
        return Markup()
    from signalbook.model import Metric

    metric = site.ref(Metric, stop.metric) or Markup("{}").format(stop.metric or "")
    text = Markup("<p>When {} is above {}, with at least {} replies: {}.</p>").format(
        metric, f"{stop.above:g}", stop.min_replies or 0, stop.do or ""
    )
    return sb.panel("It stops itself", text, padded=True)


def _result(campaign: Campaign) -> Markup:
    if campaign.result is None:
        return Markup()
    rows = [
        ("Decision", campaign.result.decision or ""), ("On", values.day(campaign.result.on) if campaign.result.on else ""),
        ("Why", campaign.result.why or ""), ("What came of it", campaign.result.summary or ""),
    ]  # fmt: skip
    return sb.panel("Result", sb.facts(rows), padded=True)
