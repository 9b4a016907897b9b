"""Book → the policies' front page and a page for every playbook that one can act from at three in the morning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.model import Acknowledgement, Document, Hold, Incident, Message, Person, Playbook, Policy, Training
from signalbook.pattern import pattern
from site_plugins import components as sb
from site_plugins.documents import pages as documents
from site_plugins.documents import values
from site_plugins.markup import Markup, escape
from site_plugins.pages import Asset, Page, SearchEntry, digest, href
from site_plugins.policies import live

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.model.base import Duration
    from site_plugins.site import Site

SLOT: Final = pattern(r"\[([^\[\]\n]{2,40})\]")
"""What a holding statement leaves open: ``[time]``."""

NIGHT: Final = frozenset(
    {
        "type", "version", "triggers", "default_severity", "cluster", "roles", "contact_tree", "first_five", "first_hour",
        "statements", "hold_scope", "close_elsewhere", "tell_first", "legal_clocks", "cadence", "stand_down", "last_drilled",
        "drill_every", "never", "dark_page",
    }
)  # fmt: skip
"""Fields that the page of a crisis playbook places itself."""


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The front page of the section, the playbooks, incidents and holds."""
    if any(book.all(kind) for kind in (Policy, Playbook, Hold, Incident)):
        kinds = (Policy, Playbook, Hold, Incident, Training, Acknowledgement, Person)
        around = digest(*((doc.digest, doc.path) for kind in kinds for doc in book.all(kind)))
        key = digest("policies", around, site.today, site.repo)
        search = (
            SearchEntry(
                "", "Policies and playbooks", "What people may, must and must not do; what to do when it is hard"
            ),
        )
        yield Page(
            "policies/index.html", "Policies and playbooks", "policies", partial(front, book, site), key, search=search
        )
    for playbook in book.all(Playbook):
        messages = digest(*(m.digest for slug in playbook.statements if (m := book.get(Message, slug))))
        incident = _open_incident(playbook, site)
        open_ = (incident.digest, incident.path) if incident else ""
        make = crisis if playbook.type == "crisis" else documents.default
        yield documents.page_of(playbook, site, make, (messages, open_))
    yield from live.pages(book, now, site)


# --- the front page --------------------------------------------------------------------------------------------------


def front(book: Book, site: Site) -> str:
    """Playbooks first, then policies with their next review, then what people know of them."""
    parts: list[Markup] = []
    live = [
        doc
        for kind in (Incident, Hold)
        for doc in book.all(kind)
        if doc.state in {"suspected", "open", "contained", "monitoring", "renewed"}
    ]
    if live:
        rows = [sb.row(doc.name, type(doc).KIND, lead=sb.status(doc.state), address=site.link(doc)) for doc in live]
        parts.append(sb.panel("Open now", sb.rows(rows, kind="status"), loud=True))
    crisis_ = [p for p in book.all(Playbook) if p.type != "network"]
    network = [p for p in book.all(Playbook) if p.type == "network"]
    late = [p for p in book.all(Policy) if p.state == "in-force" and p.review_by and p.review_by < site.today]
    if late:
        rows = [
            sb.row(
                p.name, f"{book.person(p.owner)}: read it once, change the date or the text, and have it approved.",
                lead=sb.status("late"), address=site.link(p), end=f"{(site.today - p.review_by).days} d late" if p.review_by else "",
            )
            for p in sorted(late, key=lambda p: p.review_by or date.max)
        ]  # fmt: skip
        parts.append(sb.panel("Overdue for review", sb.rows(rows, kind="status"), loud=True, scope=f"{len(late)}"))
    if crisis_:
        parts.append(sb.panel("When it is hard", sb.rows([_playbook_row(p, site) for p in crisis_]), scope="playbooks"))
    if book.all(Policy):
        parts.append(sb.panel("Policies", _policies(book, site), scope=f"{len(book.all(Policy))}"))
    if network:
        parts.append(
            sb.panel(
                "How we behave on each network", documents.table(Playbook, network, site, ()), scope="network playbooks"
            )
        )
    rest = [
        sb.row(kind.PLURAL, kind.ABOUT, lead=sb.icon(glyph), end=f"{len(book.all(kind))}", address=href(f"{kind.FOLDER}/index.html"))
        for kind, glyph in (
            (Training, "school-outline"), (Acknowledgement, "check-decagram-outline"), (Hold, "pause-circle"), (Incident, "fire-alert"),
        )
        if book.all(kind)
    ]  # fmt: skip
    if not book.all(Hold) and not book.all(Incident):
        rest.append(
            sb.row(
                "No hold, no incident", "Nothing is stopped and nothing is open.", lead=sb.icon("shield-check-outline")
            )
        )
    parts.append(sb.panel("Training and evidence", sb.rows(rest)))
    head = sb.head("Policies and playbooks", sub=["what holds, and what to do when it is hard"])
    return f'<div class="sb-stack">{head}{Markup("").join(parts)}</div>'


def _playbook_row(playbook: Playbook, site: Site) -> Markup:
    drilled = drill_words(playbook, site.today)
    severity = sb.severity(playbook.default_severity, word=False) if playbook.default_severity else ""
    return sb.row(
        playbook.name, drilled, lead=sb.icon("book-open-variant-outline"), end=severity, address=site.link(playbook)
    )


def drill_words(playbook: Playbook, today: date) -> str:
    """When it was last drilled, and whether that is long enough ago to say so."""
    if playbook.last_drilled is None:
        return "Never drilled."
    age = (today - playbook.last_drilled).days
    every = playbook.drill_every.elapsed if playbook.drill_every else timedelta(days=180)
    late = " Its next drill is overdue." if age > every.days else ""
    return f"Drilled {values.day(playbook.last_drilled)}.{late}"


def _policies(book: Book, site: Site) -> Markup:
    rows = []
    for policy in sorted(book.all(Policy), key=lambda policy: (policy.review_by or date.max, policy.name)):
        if policy.review_by and policy.review_by < site.today and policy.state == "in-force":
            review: Markup | str = sb.status("late", f"{(site.today - policy.review_by).days} d late")
        else:
            review = values.day(policy.review_by) if policy.review_by else "–"
        rows.append(
            (
                site.anchor(policy), sb.status(policy.state), f"{policy.version or '–'}", site.book.person(policy.owner), review,
                _read_by(policy, book),
            )
        )  # fmt: skip
    heads = ("Policy", "State", "Version", "Owner", "Next review", "Read by")
    return sb.table("Policies", heads, rows, cards=True, sort=len(rows) > 7)


def _read_by(policy: Policy, book: Book) -> str:
    """How many roles in post acknowledged this version; names are for the owner only."""
    inside = [person for person in book.all(Person) if person.side == "inside" and person.state != "left"]
    if not inside or not policy.must_read:
        return "–"
    given = {a.by for a in book.all(Acknowledgement) if a.of == policy.slug and a.version == policy.version}
    return f"{len(given & {person.slug for person in inside})} of {len(inside)}"


# --- a crisis playbook -----------------------------------------------------------------------------------------------


def crisis(document: Document, site: Site) -> str:
    """What to do, in the order in which it is done; no prose before the first action."""
    assert isinstance(document, Playbook)  # noqa: S101 - only playbooks come here
    playbook = document
    if playbook.unreadable:
        return documents.default(playbook, site)
    acts = [
        Markup('<button class="sb-btn" type="button" data-sb-print>{}Print one sheet</button>').format(
            sb.icon("printer-outline")
        )
    ]
    if new := site.new_url("content/policies/holds", f"{site.today}-{playbook.slug}.md", hold_text(playbook, site)):
        acts.append(Markup('<a class="sb-btn" href="{}">{}Open a hold</a>').format(new, sb.icon("pause-circle")))
    sub = [
        f"version {playbook.version}" if playbook.version else "",
        drill_words(playbook, site.today).removesuffix("."),
        sb.severity(playbook.default_severity) if playbook.default_severity else "",
    ]
    incident = _open_incident(playbook, site)
    # Ticks of one incident are none of the next.
    run = f"{incident.slug}-{playbook.slug}" if incident else playbook.slug
    below = Markup('<div class="sb-stack sb-after">{}{}</div>').format(
        values.sections(playbook, site, without=NIGHT), values.findings(playbook, site)
    )
    main = [
        _steps("First five minutes", playbook.first_five, "in this order, alone if need be", f"{run}-five"),
        _statements(playbook, site),
        _steps("First hour", playbook.first_hour, "", f"{run}-hour"),
        below,
    ]
    side = [
        _triggers(playbook), _roles(playbook, site), _calls(playbook, site), _rhythm(playbook, incident, run, site),
        _list("Close elsewhere", playbook.close_elsewhere, f"{run}-taps", "What this product cannot stop."),
        _plain("Who hears it first", playbook.tell_first), _clocks(playbook), _plain("Never", playbook.never),
        _plain("It is over when", playbook.stand_down if isinstance(playbook.stand_down, tuple) else (playbook.stand_down,) if playbook.stand_down else ()),
        Markup('<div class="sb-after">{}</div>').format(values.backlinks(playbook, site)),
    ]  # fmt: skip
    return (
        f'<div class="sb-stack sb-night">{values.head(playbook, site, sub=sub, acts=acts)}{_record(incident, site)}'
        f'<div class="sb-split"><div class="sb-stack">{Markup("").join(p for p in main if p)}</div>'
        f'<div class="sb-stack">{Markup("").join(p for p in side if p)}</div></div></div>'
    )


def _open_incident(playbook: Playbook, site: Site) -> Incident | None:
    """The worst incident that this playbook is open for."""
    mine = [i for i in site.book.all(Incident) if i.playbook == playbook.slug and i.state in OPEN]
    return min(mine, key=lambda i: (i.severity or "S4", i.slug), default=None)


OPEN: Final = frozenset({"suspected", "open", "contained", "monitoring"})


def _record(incident: Incident | None, site: Site) -> Markup:
    if incident is None:
        return Markup()
    since = incident.aware_at or incident.detected_at
    began = f"Known since {values.instant(since, site)}. " if since else ""
    edit = site.edit_url(incident.path)
    log = (
        Markup('<a href="{}">Write into its log</a>').format(edit)
        if edit
        else Markup("Its log is {}").format(incident.path)
    )
    return sb.note(
        "This is happening.", Markup("{}. {}{}: the log is the record, ticks here are not.").format(site.anchor(incident), began, log),
        kind="bad",
    )  # fmt: skip


def hold_text(playbook: Playbook, site: Site) -> str:
    """A hold as the forge's new-file form gets it: only the reason is missing."""
    scope = playbook.hold_scope
    except_types = ", ".join(scope.except_types) if scope and scope.except_types else "holding, correction"
    now = site.now
    return (
        f'---\ntitle: Hold, {playbook.name}\nreason: ""\nscope: {{channels: all, except_types: [{except_types}]}}\n'
        f"from: {now:%Y-%m-%d %H:%M}\nexpires: {now + timedelta(hours=4):%Y-%m-%d %H:%M}\nopened_by: duty-officer\n"
        "owner: duty-officer\nafter_release: decide-each\n---\n"
    )


def _steps(title: str, steps: Sequence[str], scope: str, key: str) -> Markup:
    if not steps:
        return Markup()
    items = Markup("").join(
        Markup(
            '<li class="has-tick"><div>{}</div><label class="sb-first__tick"><input type="checkbox" value="{}"><span class="sb-sr">Done: {}</span></label></li>'
        ).format(_lead(step), number, step)
        for number, step in enumerate(steps)
    )
    return Markup(
        '<section class="sb-panel sb-panel--flow" data-sb-checks="{}"><div class="sb-panel__head"><h2>{}</h2><span>{}</span></div><ol class="sb-first">{}</ol>'
        '<div class="sb-panel__foot sb-no-print"><span data-sb-done>{} steps</span>. Ticks: this device only. '
        '<button class="sb-btn sb-btn--bare" type="button" data-sb-again>Start over</button></div></section>'
    ).format(key, title, scope, items, len(steps))


def _lead(step: str) -> Markup:
    """The first sentence of a step stands out."""
    first, dot, rest = step.partition(". ")
    return Markup("<b>{}{}</b>{}").format(first, "." if dot else "", f" {rest}" if rest else "")


def slots(words: str) -> Markup:
    """A statement with the places to fill marked, in brackets as it was written: so they are there when it is pasted."""
    out, at = Markup(""), 0
    for found in SLOT.finditer(words):
        out += escape(words[at : found.start()]) + Markup('<span class="sb-fill">{}</span>').format(found[0])
        at = found.end()
    return out + escape(words[at:])


def _statements(playbook: Playbook, site: Site) -> Markup:
    blocks = []
    for slug in playbook.statements:
        message = site.book.get(Message, slug)
        if message is None:
            continue
        first = site.book.settings.team.languages[0]
        says = {first: message.says or ""} if message.says is None or isinstance(message.says, str) else message.says
        for lang, words in says.items():
            ident = f"say-{slug}-{lang}"
            count = len(words.split())
            blocks.append(
                Markup(
                    '<div class="sb-say"><div class="sb-say__head"><span><b>{}</b> <span class="sb-faint">{}, {} words</span></span>'
                    '<button class="sb-btn" type="button" data-sb-copy="#{}" hidden>{}<span data-sb-word>Copy</span>'
                    '<span class="sb-sr"> {}, {}</span></button></div><div class="sb-say__text" id="{}" lang="{}">{}</div></div>'
                ).format(
                    site.anchor(message),
                    lang,
                    count,
                    ident,
                    sb.icon("content-copy"),
                    message.name,
                    lang,
                    ident,
                    lang,
                    slots(words),
                )
            )
    if not blocks:
        return Markup()
    return Markup(
        '<section class="sb-panel sb-panel--flow"><div class="sb-panel__head"><h2>Holding statements</h2><span>fill the marked places</span></div>'
        '<div class="sb-panel__body">{}</div></section>'
    ).format(Markup("").join(blocks))


def _triggers(playbook: Playbook) -> Markup:
    rows = [
        sb.row(
            trigger.signal or "",
            Markup(" ").join(
                (
                    *([sb.severity(trigger.severity, word=False)] if trigger.severity else []),
                    *([f"from {trigger.threshold}"] if trigger.threshold is not None else []),
                )
            ),
            lead=sb.icon("alert-circle-outline"),
        )
        for trigger in playbook.triggers
    ]
    return sb.panel("It begins when", sb.rows(rows, kind="tight")) if rows else Markup()


_DOES: Final = {
    "lead": "decides", "deputy": "stands in for the lead", "spokesperson": "speaks", "legal": "says what the law asks",
    "expert": "knows what is true", "community": "answers people", "scribe": "writes the log",
}  # fmt: skip


def _roles(playbook: Playbook, site: Site) -> Markup:
    roles = playbook.roles
    if roles is None:
        return Markup()
    backups = roles.backups or {}
    rows = [
        sb.row(
            site.ref(Person, slug) or slug,
            f"{does}; if away: {site.book.person(backups[name])}" if name in backups else does,
            lead=sb.icon("account-outline"),
        )
        for name, does in _DOES.items()
        if (slug := getattr(roles, name))
    ]
    return sb.panel("Who", sb.rows(rows, kind="tight")) if rows else Markup()


def _calls(playbook: Playbook, site: Site) -> Markup:
    steps = [
        Markup('<li>{}<b>{}</b>, {}<br><span class="sb-faint">from minute {}</span></li>').format(
            sb.icon("phone-outline"), site.book.person(step.role), step.reach_by or "", step.after_minutes or 0
        )
        for step in playbook.contact_tree
    ]
    return (
        sb.panel(
            "Call in this order", Markup('<ol class="sb-steps">{}</ol>').format(Markup("").join(steps)), padded=True
        )
        if steps
        else Markup()
    )


def _rhythm(playbook: Playbook, incident: Incident | None, run: str, site: Site) -> Markup:
    """When the next public word is due: the promise of the open incident, or a clock that a person starts."""
    rhythm = playbook.cadence
    if rhythm is None:
        return Markup()
    rows: list[tuple[str, str | Markup]] = [
        ("First word", f"within {values.duration(rhythm.first)}" if rhythm.first else ""),
        ("Then", f"every {values.duration(rhythm.then)}" if rhythm.then else ""),
        ("Until", rhythm.until or ""),
    ]
    due = incident.updates[-1].next_at if incident and incident.updates else None
    if due is not None:
        rows.insert(0, ("Next word", sb.clock(due, site.now)))
    first, then = (_minutes(rhythm.first), _minutes(rhythm.then))
    clock = Markup()
    if due is None and first and then:
        clock = Markup(
            '<div class="sb-clock" data-sb-cadence="{}" data-first="{}" data-then="{}"><output></output>'
            '<button class="sb-btn" type="button" hidden>Start the clock</button>'
            '<button class="sb-btn" type="button" hidden>We have spoken</button>'
            '<button class="sb-btn sb-btn--bare" type="button" hidden>Stop</button>'
            '<span class="sb-small sb-faint">this device only</span></div>'
        ).format(run, first, then)
    body = Markup('<div class="sb-panel__body">{}</div>{}').format(sb.facts(rows), clock)
    return sb.panel("When we speak", body, foot="Every word names the time of the next one.")


def _minutes(span: Duration | None) -> int:
    elapsed = span.elapsed if span else None
    return round(elapsed.total_seconds() / 60) if elapsed else 0


def _clocks(playbook: Playbook) -> Markup:
    rows = [(clock.duty or "", clock.limit or "") for clock in playbook.legal_clocks]
    return sb.panel("Legal clocks", sb.table("Legal clocks", ("Duty", "Limit"), rows)) if rows else Markup()


def _list(title: str, items: Sequence[str], key: str, foot: str) -> Markup:
    if not items:
        return Markup()
    boxes = Markup("").join(
        Markup('<label><input type="checkbox" value="{}"><span>{}</span></label>').format(f"{i}", item)
        for i, item in enumerate(items)
    )
    return Markup(
        '<section class="sb-panel" data-sb-checks="{}"><div class="sb-panel__head"><h2>{}</h2><span data-sb-done>{} steps</span></div>'
        '<div class="sb-checks">{}</div><div class="sb-panel__foot">{} Ticks stay on this device only. '
        '<button class="sb-btn sb-btn--bare" type="button" data-sb-again>Start over</button></div></section>'
    ).format(key, title, len(items), boxes, foot)


def _plain(title: str, items: Sequence[str]) -> Markup:
    if not items:
        return Markup()
    rows = Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
    return sb.panel(title, Markup('<div class="sb-prose"><ul>{}</ul></div>').format(rows), padded=True)
