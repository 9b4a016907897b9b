"""Book → the plans' front page and a page for every plan: objectives, progress, actions, timeline, completeness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from signalbook.model import Action, Campaign, Document, Experiment, Insight, Metric, Objective, Plan, Post
from signalbook.sense.forecast import Forecast, forecast
from site_plugins import components as sb
from site_plugins.calendar.entries import Entry, entries
from site_plugins.documents import pages as documents
from site_plugins.documents import values
from site_plugins.fences import numbers
from site_plugins.markup import Markup
from site_plugins.pages import Asset, Page, SearchEntry, digest, href
from site_plugins.plans import campaign as campaigns_
from site_plugins.plans import gantt
from site_plugins.site import folder_of

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.site import Site

ROUTES: Final = {"ten-step": "ten steps", "five-phase": "five phases", "one-page": "one page"}

PARTS: Final = (
    ("want", "What it is for"), ("work", "How it works"), ("findings", "Findings"), ("analysis", "Analysis"),
    ("interpretation", "Interpretation"), ("audiences_served", "Audiences"), ("objectives", "Objectives"),
    ("actions", "Actions"), ("perception", "Perception"), ("budget", "Budget"), ("risks", "Risks"),
    ("it_partner", "Technical partner"), ("sign_off", "Sign-off"),
)  # fmt: skip
"""The parts of a plan, as the completeness panel names them."""

ONE_PAGE: Final = frozenset({"findings", "analysis", "interpretation", "perception", "sign_off"})
"""Parts that a plan on one page does without."""

SHOWN_ABOVE: Final = frozenset(
    {"want", "work", "actions", "objectives", "route", "period", "risks", "changes", "budget", "hours", "sign_off"}
)


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The front page of the section, and the plans."""
    plans = book.all(Plan)
    everything = _around(book)
    posts = _posts(book, now)
    stands = {slug: digest(*(f"{one.post.slug}{one.face}" for one in mine)) for slug, mine in posts.items()}
    key = digest("plans", site.today, site.repo, everything, *sorted(stands.items()))
    if any(book.all(kind) for kind in (Plan, Campaign, Objective)):
        search = (SearchEntry("", "Plans", "Plans, campaigns, objectives and what they stand on"),)
        yield Page("plans/index.html", "Plans", "plans", partial(front, book, site, posts), key, search=search)
    for plan in plans:
        fences = _fence_key(plan, site)
        phases = [stands.get(c.slug, "") for c in book.all(Campaign) if c.plan == plan.slug]
        yield documents.page_of(plan, site, page, (everything, fences, phases, site.today))
    campaigns = book.all(Campaign)
    if campaigns:
        search = (SearchEntry("", Campaign.PLURAL, Campaign.ABOUT),)
        make = partial(campaigns_.front, posts, site)
        blocking = [sum(finding.blocks for finding in site.of(one.path)) for one in campaigns]
        more = digest(key, *blocking)
        yield Page(f"{folder_of(Campaign)}/index.html", Campaign.PLURAL, "plans", make, more, search=search)
    for campaign in campaigns:
        mine = posts.get(campaign.slug, [])
        body = partial(campaigns_.page, mine=mine)
        yield documents.page_of(campaign, site, body, (everything, stands.get(campaign.slug, ""), site.today))
    objectives = book.all(Objective)
    if objectives:
        search = (SearchEntry("", Objective.PLURAL, Objective.ABOUT),)
        blocking = [sum(finding.blocks for finding in site.of(one.path)) for one in objectives]
        more = digest("objectives", site.today, site.repo, everything, *blocking)
        make = partial(objectives_front, book, site)
        yield Page(f"{folder_of(Objective)}/index.html", Objective.PLURAL, "plans", make, more, search=search)
    for one in objectives:
        drawn = site.fences.key("chart", source) if site.fences is not None and (source := _chart(one, site)) else ""
        yield documents.page_of(one, site, objective_page, (everything, drawn, site.today))


def _posts(book: Book, now: datetime) -> dict[str, list[Entry]]:
    """Campaign → its posts, earliest first."""
    out: dict[str, list[Entry]] = {}
    for entry in entries(book, now):
        if entry.post.campaign:
            out.setdefault(entry.post.campaign, []).append(entry)
    return out


def _around(book: Book) -> str:
    # A plan shows words and counts of almost every kind, and there are few plans: any change makes them anew; but of
    # posts only those of its campaigns.
    others = [(doc.digest, doc.path) for kind, rows in book.documents.items() if kind is not Post for doc in rows]
    return digest(book.settings.digest, numbers.stamp(book), *others)


def _fence_key(plan: Plan, site: Site) -> tuple[str, ...]:
    if site.fences is None:
        return ()
    return tuple(site.fences.key("chart", source) for source in _charts(plan, site).values())


# --- the front page --------------------------------------------------------------------------------------------------


def front(book: Book, site: Site, posts: dict[str, list[Entry]]) -> str:
    """Every plan with its state and progress, then what the section holds besides."""
    acts = []
    if new := site.new_url("content/plans", "untitled.md"):
        acts.append(sb.button("New plan", new, glyph="plus", main=True))
    head = sb.head("Plans", sub=["why we communicate, to whom, to what end"], acts=acts)
    cards = [
        _card(plan, book, site)
        for plan in sorted(book.all(Plan), key=lambda plan: (_RANK.get(plan.state, 9), plan.name))
    ]
    body = Markup('<div class="sb-cols sb-cols--3">{}</div>').format(Markup("").join(cards)) if cards else sb.empty(
        "No plan yet", "A plan says what the team wants and how it will know. `signalbook new plan` begins one.", glyph="flag-outline"
    )  # fmt: skip
    campaigns = book.all(Campaign)
    parts = [body]
    if campaigns:
        parts.append(sb.panel("Campaigns", campaigns_.table(campaigns, posts, site), scope=_all("plans/campaigns")))
    objectives = book.all(Objective)
    if objectives:
        goals = Markup("").join(goal(objective, site) for objective in objectives[:8])
        parts.append(sb.panel("Objectives", goals, scope=_all("plans/objectives")))
    parts.append(_rest(book))
    return f'<div class="sb-stack">{head}{Markup("").join(parts)}</div>'


_RANK: Final = {"active": 0, "review": 1, "draft": 2, "closed": 3}


def _all(folder: str) -> Markup:
    return Markup('<a href="{}">All</a>').format(href(f"{folder}/index.html"))


def _rest(book: Book) -> Markup:
    from signalbook.model import Asset as Asset_
    from signalbook.model import Audience, Experiment, Message

    rows = [
        sb.row(kind.PLURAL, kind.ABOUT, lead=sb.icon(glyph), end=f"{len(book.all(kind))}", address=href(f"{kind.FOLDER}/index.html"))
        for kind, glyph in (
            (Audience, "account-group-outline"), (Message, "comment-quote-outline"), (Experiment, "flask-outline"),
            (Insight, "lightbulb-outline"), (Asset_, "image-multiple-outline"),
        )
        if book.all(kind)
    ]  # fmt: skip
    return sb.panel("What plans stand on", sb.rows(rows)) if rows else Markup()


def _card(plan: Plan, book: Book, site: Site) -> Markup:
    done, total = complete(plan)
    open_, late = _open(plan, site.today)
    todo = (
        f"{len(plan.actions) - len(open_)} of {len(plan.actions)} actions done"
        if plan.actions
        else "No action yet: nobody knows from it what to do."
    )
    if late:
        todo += f", {len(late)} late"
    facts = [
        ROUTES.get(plan.route or "", ""),
        values.html(plan.period, type(plan.period), plan, site) if plan.period else "",
        book.person(plan.owner) if plan.owner else "",
        "" if done == total else f"incomplete, {done} of {total} parts written",
    ]
    line = Markup(" · ").join(fact for fact in facts if fact)
    want = plan.want or "It does not say yet what it is for."
    share = (len(plan.actions) - len(open_)) / len(plan.actions) * 100 if plan.actions else 0
    bar = sb.bar(share, todo, tone="amber" if late else "") if plan.actions else ""
    body = Markup(
        '<p>{}</p><p class="sb-small sb-faint">{}</p>{}<p class="sb-small">{}</p><p><a href="{}">Open the plan</a></p>'
    ).format(want, line, bar, todo, site.link(plan))
    return sb.panel(plan.name, body, scope=sb.status(plan.state), padded=True)


# --- one plan --------------------------------------------------------------------------------------------------------


def page(document: Document, site: Site) -> str:
    """The page of a plan."""
    assert isinstance(document, Plan)  # noqa: S101 - only plans come here
    plan = document
    if plan.unreadable:
        return documents.default(plan, site)
    acts = [
        Markup('<button class="sb-btn" type="button" data-sb-print>{}Print</button>').format(sb.icon("printer-outline"))
    ]
    sub = [
        values.html(plan.period, type(plan.period), plan, site) if plan.period else "",
        ROUTES.get(plan.route or "", ""),
    ]
    main = [_questions(plan, site), _objectives(plan, site), *_chart_panels(plan, site), _actions(plan, site)]
    side = [_completeness(plan), _money(plan, site), _risks(plan), _learning(plan, site), _sign_off(plan, site)]
    parts = [
        values.head(plan, site, sub=sub, acts=acts),
        values.findings(plan, site),
        Markup('<div class="sb-split"><div class="sb-stack">{}</div><div class="sb-stack">{}</div></div>').format(
            Markup("").join(main), Markup("").join(side)
        ),
        timeline(plan, site),
        Markup('<div class="sb-split"><div class="sb-stack">{}</div><div class="sb-stack">{}{}{}</div></div>').format(
            values.sections(plan, site, without=SHOWN_ABOVE), _changes(plan), values.facts(plan, site, without=SHOWN_ABOVE),
            values.backlinks(plan, site),
        ),
    ]  # fmt: skip
    return f'<div class="sb-stack">{"".join(str(part) for part in parts if part)}</div>'


def _questions(plan: Plan, site: Site) -> Markup:
    rows = []
    for question, answer, key in (
        ("What do you want it to do?", plan.want, "want"),
        ("How should it work for you?", plan.work, "work"),
    ):
        shown = (
            site.markdown(answer, plan.path, heading=3)
            if answer
            else Markup('<p class="sb-down">Not answered yet: write `{}:`.</p>').format(key)
        )
        rows.append(
            Markup('<h3 class="sb-faint sb-small">{}</h3><div class="sb-prose">{}</div>').format(question, shown)
        )
    return sb.panel("What it is for", Markup("").join(rows), padded=True)


def complete(plan: Plan) -> tuple[int, int]:
    """How many of a plan's parts are written, of how many."""
    wanted = [name for name, _ in PARTS if not (plan.route == "one-page" and name in ONE_PAGE)]
    return sum(bool(getattr(plan, name)) for name in wanted), len(wanted)


def _completeness(plan: Plan) -> Markup:
    done, total = complete(plan)
    rows = Markup("").join(
        Markup('<li class="{}">{}{}</li>').format(
            "is-done" if getattr(plan, name) else "is-open",
            sb.icon(
                "check" if getattr(plan, name) else "circle-outline", "written" if getattr(plan, name) else "missing"
            ),
            word,
        )
        for name, word in PARTS
        if not (plan.route == "one-page" and name in ONE_PAGE)
    )
    bar = sb.bar(done / total * 100, f"{done} of {total} parts written", tone="green" if done == total else "")
    word = "complete" if plan.want and plan.work and done == total else "incomplete"
    return sb.panel(
        "Complete",
        Markup('{}<ul class="sb-parts">{}</ul>').format(bar, rows),
        scope=f"{done} of {total}, {word}",
        padded=True,
    )


def _money(plan: Plan, site: Site) -> Markup:
    rows = []
    campaigns = [c for c in site.book.all(Campaign) if c.plan == plan.slug]
    for campaign in campaigns:
        if campaign.budget and campaign.budget.amount is not None:
            currency = campaign.budget.currency or ""
            rows.append(
                (
                    campaign.name,
                    f"{currency} {sb.amount(campaign.budget.spent or 0)}",
                    f"{currency} {sb.amount(campaign.budget.amount)}",
                )
            )
    rows += [
        (f"{campaign.name}, hours", sb.amount(campaign.hours.spent or 0), sb.amount(campaign.hours.planned or 0))
        for campaign in campaigns
        if campaign.hours
    ]
    foot = []
    if plan.budget and plan.budget.amount is not None:
        foot.append(f"The plan’s budget: {values.money(plan.budget)}.")
    if plan.hours is not None:
        foot.append(f"{sb.amount(plan.hours)} hours a week.")
    if not rows and not foot:
        return Markup()
    foot += [words for campaign in campaigns if (words := cost_per_outcome(campaign, site))]
    table = sb.table("Money and hours", ("Item", "Spent", "Planned"), rows, numbers=(1, 2)) if rows else Markup()
    return sb.panel("Money and hours", table, foot=" ".join(foot))


def cost_per_outcome(campaign: Campaign, site: Site) -> str:
    """What one more of the thing wanted has cost: money spent over what the objective's metric gained since its baseline."""
    spent = campaign.budget.spent if campaign.budget else None
    if not spent or campaign.budget is None:
        return ""
    for slug in campaign.objectives:
        objective = site.book.get(Objective, slug)
        metric = site.book.get(Metric, objective.metric) if objective else None
        now = latest(objective, site) if objective else None
        if objective is None or metric is None or now is None or objective.baseline is None or metric.unit == "percent":
            continue
        gained = float(now.value) - float(objective.baseline.value or 0)
        if gained > 0:
            each = float(spent) / gained
            return f"{campaign.name}: {campaign.budget.currency or ''} {sb.amount(each, digits=2)} for each of {sb.amount(gained)} more in {metric.name}."
    return ""


def _risks(plan: Plan) -> Markup:
    rows = [
        sb.row(risk.risk or "", risk.answer or "", lead=sb.icon("alert"), end=f"{risk.likelihood or ''}")
        for risk in plan.risks
    ]
    return sb.panel("What may go wrong", sb.rows(rows, kind="tight"), scope="likelihood") if rows else Markup()


def learning(objectives: Iterable[str], named: Iterable[str], site: Site) -> Markup:
    """Experiments on the metrics of these objectives, and insights that wait for a decision or led to this."""
    book = site.book
    metrics = {objective.metric for slug in objectives if (objective := book.get(Objective, slug))}
    rows = [
        sb.row(one.name, one.hypothesis or "", lead=sb.icon("flask-outline"), end=site.status(one, bare=True), address=site.link(one))
        for one in book.all(Experiment)
        if one.metric in metrics
    ]  # fmt: skip
    rows += [
        sb.row(one.name, "", lead=sb.icon("lightbulb-outline"), end=site.status(one, bare=True), address=site.link(one))
        for slug in dict.fromkeys(named)
        if (one := book.get(Insight, slug))
    ]
    return sb.panel("Experiments and insights", sb.rows(rows, kind="tight"), scope=f"{len(rows)}") if rows else Markup()


def _learning(plan: Plan, site: Site) -> Markup:
    named = [slug for finding in plan.findings for slug in finding.evidence]
    named += [change.feedback for change in plan.changes if change.feedback]
    return learning(plan.objectives, named, site)


def _sign_off(plan: Plan, site: Site) -> Markup:
    rows = [
        sb.row(
            site.who(sign.role), "", lead=sb.icon("check-decagram-outline"), end=values.day(sign.on) if sign.on else ""
        )
        for sign in plan.sign_off
    ]
    return sb.panel("Agreed", sb.rows(rows, kind="tight")) if rows else Markup()


def _changes(plan: Plan) -> Markup:
    rows = [
        sb.row(
            change.what or "", change.why or "", lead=sb.icon("history"), end=values.day(change.on) if change.on else ""
        )
        for change in sorted(plan.changes, key=lambda change: change.on or date.min, reverse=True)
    ]
    return sb.panel("How the plan changed", sb.rows(rows, kind="tight")) if rows else Markup()


# --- objectives ------------------------------------------------------------------------------------------------------


def _objectives(plan: Plan, site: Site) -> Markup:
    found = [objective for slug in plan.objectives if (objective := site.book.get(Objective, slug))]
    if not found:
        return sb.panel(
            "Objectives", sb.empty("No objective yet", "Name them: objectives: [bookings-q4].", glyph="target")
        )
    return sb.panel(
        "Objectives", Markup("").join(goal(objective, site) for objective in found), scope="baseline, now, target"
    )


def objectives_front(book: Book, site: Site) -> str:
    """Every objective with how far it is, by the plan that names it; those of no plan last."""
    acts = []
    if new := site.new_url("content/plans/objectives", "untitled.md"):
        acts.append(sb.button("New objective", new, glyph="plus", main=True))
    head = sb.head(Objective.PLURAL, sub=[Objective.ABOUT], path=[("Plans", href("plans/index.html"))], acts=acts)
    parts = []
    named: set[str] = set()
    for plan in sorted(book.all(Plan), key=lambda plan: (_RANK.get(plan.state, 9), plan.name)):
        mine = [one for slug in plan.objectives if (one := book.get(Objective, slug))]
        if mine:
            named.update(one.slug for one in mine)
            parts.append(_goals(site.anchor(plan), mine, site))
    rest = [one for one in book.all(Objective) if one.slug not in named]
    if rest:
        parts.append(_goals(Markup("No plan names them") if named else Markup(Objective.PLURAL), rest, site))
    return f'<div class="sb-stack">{head}{Markup("").join(parts)}</div>'


def _goals(name: Markup, found: Sequence[Objective], site: Site) -> Markup:
    goals = [goal(one, site, documents.title(one, site)) for one in found]
    return sb.panel(name, Markup("").join(goals), scope="baseline, now, target")


def latest(objective: Objective, site: Site) -> Any | None:
    """The newest reading of the objective's metric; ``None`` when there is none."""
    return (
        site.fences.latest(objective.metric)
        if site.fences is not None and hasattr(site.fences, "latest") and objective.metric
        else None
    )


def goal(objective: Objective, site: Site, name: Markup | None = None) -> Markup:
    """An objective with where it began, where it is, where it shall be, and where it will be if nothing changes."""
    metric = site.book.get(Metric, objective.metric)
    now = latest(objective, site)
    value = getattr(now, "value", None)
    base = objective.baseline.value if objective.baseline else None
    target = objective.target
    share = progress(value, base, target)
    note, tone = _said(objective, value, share, site.today)
    unit = " %" if metric and metric.unit == "percent" else ""
    nums = [
        f"baseline {sb.amount(base)}{unit}" if base is not None else "no baseline yet",
        f"now {sb.amount(value)}{unit}" if value is not None else "no reading yet",
        f"target {sb.amount(target)}{unit}" if target is not None else "no target yet",
        f"by {values.day(objective.by)}" if objective.by else "",
    ]
    going = going_to(objective, site) if share is not None and share < 1 else None
    ahead = None
    if going is not None and objective.by:
        low, high = (_round(number) for number in (going.low, going.high))
        nums.append(f"on this path {low} to {high}{unit} by then (80 %)")
        ahead = (progress(going.high, base, target) or 0) * 100
        if note.endswith("of the way"):
            tone, note = _path(going, base, target, note)
    words = f"{objective.name}: {', '.join(num for num in nums if num)}"
    goal = 100.0 if target is not None and share is not None else None
    bar = sb.bar(share * 100 if share is not None else 0, words, tone=tone, ahead=ahead, target=goal)
    return Markup(
        '<div class="sb-goal"><div class="sb-goal__top"><h3>{}</h3><span class="sb-small sb-strong {}">{}</span></div>{}'
        '<div class="sb-goal__nums">{}</div><p class="sb-small sb-faint">{}</p></div>'
    ).format(
        name or site.anchor(objective),
        {"green": "sb-up", "amber": "sb-down", "red": "sb-down"}.get(tone, ""),
        note,
        bar,
        Markup("").join(Markup("<span>{}</span>").format(num) for num in nums if num),
        Markup("{}{}").format(
            f"{objective.change.rstrip('.')}." if objective.change else "",
            Markup(" Measured by {}.").format(site.anchor(metric)) if metric else "",
        ),
    )


def going_to(objective: Objective, site: Site) -> Forecast | None:
    """Where the objective's metric will be on its day if nothing changes; ``None`` where nobody can tell."""
    if site.fences is None or not objective.metric or not objective.by or objective.by <= site.today:
        return None
    series = site.fences.series(objective.metric) if hasattr(site.fences, "series") else ()
    return forecast(series, objective.by)


def _round(number: float) -> str:
    return sb.amount(round(number) if abs(number) >= 100 else float(f"{number:.3g}"))


def _path(going: Forecast, base: float | None, target: float | None, note: str) -> tuple[str, str]:
    """What the path means for the promise: safe, open, or missed if nothing changes."""
    if target is None:
        return "", note
    up = target >= (base or 0)
    best, worst = (going.high, going.low) if up else (going.low, going.high)
    if (worst >= target) if up else (worst <= target):
        return "green", f"{note}, on track"
    if (best >= target) if up else (best <= target):
        return "amber", f"{note}, open"
    return "red", f"{note}, will be missed on this path"


def progress(value: float | None, base: float | None, target: float | None) -> float | None:
    """How far from the baseline to the target, 0 to 1; ``None`` without a reading or a target."""
    if value is None or target is None:
        return None
    start = base or 0
    if target == start:
        return 1.0
    return min(max((value - start) / (target - start), 0.0), 1.0)


def _said(objective: Objective, value: float | None, share: float | None, today: date) -> tuple[str, str]:
    if objective.status_note:
        newest = max(objective.status_note, key=lambda note: note.on or date.min)
        word = sb.status_of(newest.status or "").word
        tone = {"on-track": "green", "met": "green", "at-risk": "amber", "off": "red", "missed": "red"}.get(
            newest.status or "", ""
        )
        said = f", said {_short(newest.on, today)}" if newest.on else ""
        return f"{word.lower()}{said}", tone
    if objective.state in {"draft", "dropped"}:
        return objective.state, ""
    if value is None:
        return "no reading yet", ""
    if share is not None and share >= 1:
        return "reached", "green"
    if objective.by and objective.by < today:
        return "not reached in time", "red"
    return f"{share:.0%} of the way" if share is not None else "", ""


def _chart(objective: Objective | None, site: Site) -> str:
    """The chart fence behind an objective, where its metric is known; else empty."""
    if objective is None or not objective.metric or site.book.get(Metric, objective.metric) is None:
        return ""
    return f"metric: {objective.metric}\nperiod: 90d\n"


def _charts(plan: Plan, site: Site) -> dict[str, str]:
    """Objective → the chart fence behind it."""
    found = {slug: _chart(site.book.get(Objective, slug), site) for slug in plan.objectives}
    return {slug: source for slug, source in found.items() if source}


def objective_page(document: Document, site: Site) -> str:
    """The page of an objective: where it stands, the numbers behind it, then what its file says."""
    assert isinstance(document, Objective)  # noqa: S101 - only objectives come here
    if document.unreadable:
        return documents.default(document, site)
    main = [sb.panel("Where it stands", goal(document, site), scope="baseline, now, target", ident="stands")]
    source = _chart(document, site)
    if site.fences is not None and source and latest(document, site) is not None:
        main.append(sb.panel("Behind it", Markup(site.fences.html("chart", source)), padded=True))
    main.append(values.sections(document, site, without={"change"}))
    side = Markup("{}{}").format(values.facts(document, site), values.backlinks(document, site))
    return (
        f'<div class="sb-stack">{values.head(document, site)}{values.findings(document, site)}'
        f'<div class="sb-split"><div class="sb-stack">{Markup("").join(main)}</div><div class="sb-stack">{side}</div></div></div>'
    )


def _chart_panels(plan: Plan, site: Site) -> list[Markup]:
    if site.fences is None:
        return []
    out = []
    for slug, source in _charts(plan, site).items():
        objective = site.book.get(Objective, slug)
        drawn = site.fences.html("chart", source)
        if objective is None or not drawn or latest(objective, site) is None:
            continue
        out.append(sb.panel(f"Behind it: {objective.name}", Markup(drawn), padded=True))
    return out


# --- actions and timeline --------------------------------------------------------------------------------------------


def _open(plan: Plan, today: date) -> tuple[list[Action], list[Action]]:
    open_ = [action for action in plan.actions if (action.status or "open") == "open"]
    return open_, [action for action in open_ if action.due and action.due < today]


def _actions(plan: Plan, site: Site) -> Markup:
    if not plan.actions:
        return sb.panel(
            "Actions",
            sb.empty("No action yet", "A step with an owner, a day and a measure.", glyph="clipboard-list-outline"),
        )
    rows = []
    for action in sorted(plan.actions, key=lambda action: action.due or date.max):
        state = action.status or "open"
        late = state == "open" and action.due is not None and action.due < site.today
        shown = (
            sb.status("late", f"{(site.today - action.due).days} d late")
            if late and action.due
            else sb.status(_ACTION.get(state, state))
        )
        rows.append((
            action.what or "", site.who(action.owner), _due(action.due, site.today) if action.due else "no day",
            site.ref(Metric, action.measure) or "no measure", shown,
        ))  # fmt: skip
    open_, _ = _open(plan, site.today)
    table = sb.table("Actions", ("Action", "Owner", "Due", "Measure", "State"), rows, cards=True)
    return sb.panel("Actions", table, scope=f"{len(open_)} of {len(plan.actions)} open", ident="actions")


_ACTION: Final = {"open": "to-do"}


def _due(day: date, today: date) -> str:
    """``Mon 30 Nov``, with the year where it is another one."""
    return f"{day:%a} {_short(day, today)}"


def _short(day: date, today: date) -> str:
    return f"{day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")


def timeline(plan: Plan, site: Site) -> Markup:
    """A plan's campaigns as phases, its actions, events and what happens away from the networks, by ISO week."""
    campaigns = [c for c in site.book.all(Campaign) if c.plan == plan.slug]
    return gantt.panel(plan.name, campaigns, plan.actions, plan.period, site)
