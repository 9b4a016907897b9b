"""The alerts: what was louder or quieter than usual, what caused it, how bad it is, and which playbook is for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signalbook.model import Playbook, Post
from site_plugins import components as sb
from site_plugins import fences
from site_plugins.listening import charts, parts
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from signalbook.records import Alert
    from site_plugins.listening.parts import View

SHOWN: Final = 12
FLOORS: Final = {
    "death": "death or grave injury", "injury": "a credible report of harm", "personal-data": "personal data",
    "authority": "an authority asks", "executive": "our own executive's words",
}  # fmt: skip


def subject(one: Alert, view: View) -> str:
    """What an alert is about, in words."""
    found = view.topics.get(one.about)
    return found.name if found is not None else one.about.partition("/")[2] or one.about or one.source or "everything"


def title(one: Alert, view: View) -> str:
    """``More than usual about “Price”``."""
    of = f" on {one.source}" if one.source and one.source != one.about else ""
    if one.kind == "silence":
        return f"“{subject(one, view)}” is silent"
    if one.kind == "claim":
        return f"A report not to play down: “{subject(one, view)}”{of}"
    kind = f" {one.tone}" if one.tone else ""
    return f"More{kind} than usual about “{subject(one, view)}”{of}"


def row(one: Alert, view: View) -> Markup:
    """An alert in a list: how bad, what, its cause, when."""
    end = Markup('<time class="sb-num" datetime="{}">{}</time>').format(
        one.at.isoformat(timespec="minutes"), view.when(one.at)
    )
    glyph = {"silence": "volume-off", "claim": "alert"}.get(one.kind, "trending-up")
    why = Markup("{} {}").format(sb.severity(min(max(one.severity, 1), 4), word=False), cause(one))
    return sb.row(title(one, view), why, lead=sb.icon(glyph), end=end, address=href(parts.alert_address(one)))


def cause(one: Alert) -> str:
    """Its cause in a sentence."""
    told = [one.why]
    if one.accounts == 1:
        told.append("One account alone.")
    elif one.accounts:
        told.append(f"{sb.amount(one.accounts)} accounts.")
    if one.post:
        told.append("Our own post set it off.")
    return " ".join(part for part in told if part)


def playbook(one: Alert, view: View, *, lead: str = "") -> Markup:
    """The playbook of an alert, linked; empty when none fits."""
    if not one.playbook:
        return sb.EMPTY
    return Markup("{}{}").format(lead, view.site.ref(Playbook, one.playbook))


def index(view: View) -> str:
    """All alerts, newest first."""
    blocks = [
        sb.head(
            "Alerts",
            sub=[f"{len(view.alerts)} told"] if view.alerts else [],
            acts=[parts.seg("Alerts")],
            path=parts.path(),
        )
    ]
    if not view.alerts:
        why = (
            "An alert is written when a topic is louder than usual, a source quieter than its rhythm, or a report must not be played down. "
            "New watches tune for seven days, and tell nobody meanwhile."
        )
        blocks.append(sb.panel("Alerts", sb.empty("Nobody was told anything yet", why, glyph="bell-outline")))
    else:
        lines = [
            (
                Markup('<a href="{}">{}</a>').format(href(parts.alert_address(one)), title(one, view)),
                sb.severity(min(max(one.severity, 1), 4)),
                Markup('<span data-n="{}">{}</span>').format(int(one.at.timestamp()), view.when(one.at)),
                f"{sb.amount(one.count)} / {one.usual:.3g}" if one.count else "–",
                cause(one),
            )
            for one in view.alerts[:500]
        ]
        table = sb.table(
            "Alerts", ["Alert", "Severity", "When", "Count / usual", "Cause"], lines, numbers=(3,), cards=True
        )
        foot = (
            f"The newest 500 of {len(view.alerts)}."
            if len(view.alerts) > 500
            else "Told once, in batches; a pause follows."
        )
        blocks.append(sb.panel("Told", table, foot=foot))
    return f'<div class="sb-stack">{"".join(map(str, blocks))}</div>'


def page(view: View, one: Alert) -> str:
    """An alert: the curve, the cause, the mentions; beside them how bad and what to do."""
    severity = min(max(one.severity, 1), 4)
    sub: list[str | Markup] = [
        sb.severity(severity),
        Markup('told <time datetime="{}">{}</time>').format(one.at.isoformat(timespec="minutes"), view.when(one.at)),
        f"{one.times:.3g} times the usual" if one.times else "",
    ]
    topic = view.topic(one.about) if one.about in view.topics else sb.EMPTY
    head = sb.head(title(one, view), sub=sub, path=parts.path(("Alerts", "listening/alerts.html")))
    main = [block for block in (_curve(view, one), _mentions(view, one)) if block]
    side = [block for block in (_todo(view, one), _points(one), _cause(view, one, topic)) if block]
    lead = Markup('<p class="sb-lead">{}</p>').format(one.why)
    inner = (
        Markup(
            '<div class="sb-split sb-split--act"><div class="sb-stack">{}</div><div class="sb-stack">{}</div></div>'
        ).format(Markup("").join(main), Markup("").join(side))
        if main
        else Markup('<div class="sb-cols">{}</div>').format(Markup("").join(side))
    )
    return f'<div class="sb-stack">{head}{lead}{inner}</div>'


def _curve(view: View, one: Alert) -> Markup:
    if not one.curve:
        return sb.EMPTY
    chart = charts.curve(one, view.book.settings.team.zone, f"Voices about “{subject(one, view)}”")
    return Markup('<section class="sb-panel" id="curve">{}</section>').format(fences.figure(view.book, chart))


def _todo(view: View, one: Alert) -> Markup:
    """The playbook with its level and the reason."""
    book = view.book.get(Playbook, one.playbook)
    level = sb.severity(min(max(one.severity, 1), 4))
    if one.kind == "silence":
        quiet = Markup(
            'Look at it by hand: has it moved, stopped, or is it only quiet? <a href="{}">All sources, with their rhythm</a>'
        ).format(href("listening/sources.html"))
        return sb.panel(
            "What to do", Markup('<p>{}</p><p class="sb-muted">{}</p>').format(level, quiet), padded=True, ident="do"
        )
    if book is None:
        text = (
            "At this severity the topic's expert decides: nothing (and why), watch until, answer, prepare."
            if one.severity > 2
            else "No playbook fits it. The duty officer opens an incident and sets the severity; if unsure, the higher."
        )
        return sb.panel(
            "What to do", Markup('<p>{}</p><p class="sb-muted">{}</p>').format(level, text), padded=True, ident="do"
        )
    steps = Markup("").join(Markup("<li>{}</li>").format(step) for step in book.first_five[:5])
    first = Markup('<ol class="sb-first">{}</ol>').format(steps) if steps else sb.EMPTY
    why = (
        f"At least this because of {FLOORS.get(one.floor, one.floor)}, whatever the points."
        if one.floor
        else f"{one.points} points of 100."
    )
    way = sb.button("Open the playbook", view.site.link(book), glyph="book-open-variant-outline", main=True)
    return sb.panel(
        "What to do", Markup('<p>{} {}</p><p class="sb-muted">{}</p>{}<p>{}</p>').format(level, book.name, why, first, way),
        padded=True, ident="do", loud=one.severity <= 2,
    )  # fmt: skip


def _points(one: Alert) -> Markup:
    """The severity line by line, so that a person can check it."""
    if not one.reasons:
        return sb.EMPTY
    lines = Markup("").join(Markup("<li>{}</li>").format(text) for text in one.reasons)
    foot = f"{one.points} points of 100. S1 from 70, S2 from 45, S3 from 25. A person may raise it at once; lowering takes a reason."
    return sb.panel(
        "Why this severity", Markup('<ul class="sb-plain">{}</ul>').format(lines), padded=True, foot=foot, ident="why"
    )


def _cause(view: View, one: Alert, topic: Markup) -> Markup:
    spread = []
    for text in one.sources[:8]:
        name, _, n = text.rpartition("=")
        spread.append((name or text, n if name else ""))
    post = view.book.get(Post, one.post)
    pairs: list[tuple[str, str | Markup]] = [
        ("About", topic or subject(one, view)),
        ("Meaning", parts.tone(one.tone) if one.tone else ""),
        ("Accounts", "one alone" if one.accounts == 1 else sb.amount(one.accounts) if one.accounts else ""),
        ("Count", f"{sb.amount(one.count)} where {one.usual:.3g} is usual" if one.count else ""),
        ("Our post", view.site.anchor(post) if post else one.post),
        ("Story", Markup('<a href="{}">most tell this one</a>').format(href(parts.story_address(one.story))) if one.story in view.story_pages else ""),
        ("Judged by", one.rule[:12]),
    ]  # fmt: skip
    table = sb.table("Who spreads it", ["Who spreads it", "Mentions"], spread, numbers=(1,)) if spread else sb.EMPTY
    facts = Markup('<div class="sb-panel__body">{}</div>').format(sb.facts(pairs))
    return sb.panel(
        "What caused it", Markup("{}{}").format(facts, table), scope="the alert's own account", ident="cause"
    )


def months(view: View, one: Alert) -> list[str]:
    """Where the words an alert quotes are looked for: its month and the one before."""
    return [month for month in view.heard.months if month <= f"{one.at:%Y-%m}"][:2]


def _mentions(view: View, one: Alert) -> Markup:
    keys = [one.first, *one.mentions] if one.first else list(one.mentions)
    keys = list(dict.fromkeys(key for key in keys if key))[: SHOWN + 1]
    if not keys:
        return sb.EMPTY
    found = view.heard.find(keys, months(view, one))
    if not found:
        return sb.panel("What was said", parts.unworded(view), ident="mentions")
    blocks: list[Markup] = []
    if one.first in found:
        blocks.append(Markup('<h3 class="sb-under">First seen</h3>{}').format(parts.quotes([found[one.first]], view)))
    rest = [found[key] for key in keys if key in found and key != one.first]
    if rest:
        blocks.append(Markup('<h3 class="sb-under">Those that carry furthest</h3>{}').format(parts.quotes(rest, view)))
    return sb.panel("What was said", Markup("").join(blocks), padded=True, ident="mentions")
