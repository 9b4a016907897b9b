"""What waits and who acts: the queue in its order, each case with its clock, its quote, its answers and its log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote as quoted

from signalbook import cases as cases_
from signalbook.model import Case as Written
from signalbook.model import Message, Playbook
from site_plugins import components as sb
from site_plugins.documents import values
from site_plugins.listening import parts
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from signalbook.cases import Case
    from signalbook.monthly import Said
    from signalbook.records import CaseEvent
    from site_plugins.listening.parts import View

HEAD: Final = 7
ANSWERS: Final = 3
STEPS: Final = {
    "opened": ("ear-hearing", "Opened"), "owned": ("account-outline", "Taken"), "handed": ("swap-horizontal", "Handed over"),
    "waiting": ("progress-clock", "Waits"), "heard": ("ear-hearing", "They wrote again"), "echoed": ("ear-hearing", "Others wrote the same"),
    "answering": ("send", "Being sent"),
    "answered": ("reply", "Answered"), "given-back": ("undo-variant", "Given back"), "unseen": ("help-circle", "Not known whether it is out"),
    "declined": ("cancel", "Declined"), "escalated": ("arrow-up", "Escalated"), "judged": ("scale-balance", "Severity changed"),
    "corrected": ("pencil-outline", "Put right"), "reopened": ("history", "Reopened"), "closed": ("archive-outline", "Closed"),
    "told": ("bell-outline", "Reminded"), "issue": ("source-pull", "Issue opened"),
}  # fmt: skip


def title(one: Case) -> str:
    """``Complaint a1b2c3``: what it is, never what somebody said."""
    kind = one.row.what[:1].upper() + one.row.what[1:]
    return f"{kind} ({one.id.removeprefix('case-')[:10]})"


def clock(one: Case, view: View) -> Markup:
    """When it is due, in words that stay true; a script makes a countdown of it."""
    if one.due is None:
        return Markup('<span class="sb-muted">{}</span>').format(
            "paused, waits for them" if one.clock else "no clock runs"
        )
    return Markup('<time class="sb-num" data-sb-deadline datetime="{}">by {}</time>').format(
        one.due.isoformat(timespec="minutes"), view.when(one.due)
    )


def _stage(one: Case, view: View) -> str:
    """What the clock asks of people now."""
    return {
        "reminder": "Half of the time is over.", "backup": "Four fifths are over: the backup is called.",
        "over": "The time is over: the manager knows.", "paused": "Waits for them.",
    }.get(one.stage(view.now), "")  # fmt: skip


# --- the queue -------------------------------------------------------------------------------------------------------


def line(one: Case, view: View) -> Markup:
    """A case as a row: how bad, what, whose, how long."""
    facts = [
        sb.status(one.state, bare=True),
        view.site.who(one.owner) if one.owner else Markup('<span class="sb-down">nobody owns it</span>'),
        view.topic(one.topic) if one.topic else "",
        _stage(one, view),
    ]
    why = Markup('<span class="sb-inline">{}</span>').format(
        Markup("").join(Markup("<span>{}</span>").format(fact) for fact in facts if fact)
    )
    return sb.row(
        title(one),
        why,
        lead=sb.severity(one.severity, word=False),
        end=clock(one, view),
        address=href(parts.case_address(one)),
    )


def head_of_queue(view: View) -> Markup:
    """The first of the queue, on the overview."""
    if not view.queue:
        return sb.panel(
            "What waits",
            sb.empty(
                "Nothing waits for an answer",
                "A mention that needs one becomes a case, and stands here.",
                glyph="check-all",
            ),
        )
    rows = [line(one, view) for one in view.queue[:HEAD]]
    more = Markup('<a href="{}">The whole queue, {}</a>').format(href("listening/queue.html"), len(view.queue))
    return sb.panel("What waits", sb.rows(rows, kind="status"), scope=f"{len(view.queue)} open, in order", foot=more)


def tile(view: View) -> Markup:
    """How long people wait for an answer."""
    since = view.now - timedelta(days=28)
    found = cases_.times([one for one in view.cases if one.opened_at >= since])
    late = sum(one.stage(view.now) == "over" for one in view.queue)
    waits = f"{len(view.queue)} open, {late} late" if view.queue else "nothing open"
    if found.public is None:
        return sb.kpi(
            "Median time to answer", "–", address=href("listening/queue.html"), source=f"No answer in 28 days; {waits}."
        )
    kept = f" {found.in_time:.0%} in time.".replace("%", " %") if found.in_time is not None else ""
    return sb.kpi(
        "Median time to answer", sb.age(found.public.total_seconds() / 60), address=href("listening/queue.html"),
        source=f"From when they wrote, {found.answered} {'case' if found.answered == 1 else 'cases'} in 28 days; {waits}.{kept}",
    )  # fmt: skip


def queue(view: View) -> str:
    """The whole queue, how long people wait, and how much each has."""
    late = [one for one in view.queue if one.stage(view.now) == "over"]
    sub = [
        f"{len(view.queue)} open",
        Markup('<span class="sb-down">{} late</span>').format(len(late)) if late else "",
        f"as of {view.when(view.now)}",
    ]
    blocks: list[Markup] = [
        sb.head("Queue", sub=sub if view.cases else [], acts=[parts.seg("Queue")], path=parts.path())
    ]
    if not view.cases:
        why = "A mention that needs a human answer becomes a case: listen opens it, routes it to who can act, and starts its clock."
        blocks.append(sb.panel("What waits", sb.empty("No case yet", why, glyph="check-all")))
        return f'<div class="sb-stack">{"".join(map(str, blocks))}</div>'
    if view.queue:
        order = "Safety first, then S1 to S3 by the time that is left, then complaints, questions, leads, praise. Each fifth place is a question's or a lead's."
        blocks.append(
            sb.panel("In this order", sb.rows((line(one, view) for one in view.queue), kind="status"), foot=order)
        )
    else:
        blocks.append(
            sb.panel(
                "In this order",
                sb.empty(
                    "Nothing waits for an answer",
                    "Every case is closed or declined, with its reason.",
                    glyph="check-all",
                ),
            )
        )
    blocks.append(Markup('<div class="sb-cols">{}{}</div>').format(_times(view), _loads(view)))
    done = sorted(
        (one for one in view.cases if not one.open), key=lambda one: one.closed_at or one.opened_at, reverse=True
    )[:30]
    if done:
        lines = [
            (
                Markup('<a href="{}">{}</a>').format(href(parts.case_address(one)), title(one)),
                sb.status(one.state, bare=True),
                one.outcome or "–",
                one.reason or "–",
                view.when(one.closed_at) if one.closed_at else "–",
            )
            for one in done
        ]
        blocks.append(
            sb.panel(
                "Done",
                sb.table("Closed and declined", ["Case", "State", "Outcome", "Why", "When"], lines, cards=True),
                scope=f"the newest {len(done)}",
            )
        )
    return f'<div class="sb-stack">{"".join(map(str, blocks))}</div>'


def _times(view: View) -> Markup:
    found = cases_.times(view.cases)

    def said(span: timedelta | None) -> str:
        return sb.age(span.total_seconds() / 60) if span is not None else "–"

    pairs = [
        ("To reach us", said(found.inside)), ("Until somebody took it", said(found.owner)), ("Until we answered", said(found.answer)),
        ("What they waited", said(found.public)), ("In time", f"{found.in_time:.0%}".replace("%", " %") if found.in_time is not None else "–"),
        ("Answered, declined", f"{found.answered}, {found.declined}"),
    ]  # fmt: skip
    return sb.panel(
        "How long it takes",
        sb.facts(pairs),
        padded=True,
        scope=f"medians of {found.n} cases" if found.n != 1 else "of one case",
        foot="First rounds only, so that a long talk hides no slow start.",
    )


def _loads(view: View) -> Markup:
    found = [one for one in cases_.loads(view.book, view.cases, view.now).values() if one.open or one.today]
    if not found:
        return sb.panel(
            "Who has how much",
            sb.empty(
                "Nobody has an open case",
                "Loads are bounded by what people state in their file: max_cases_per_day.",
                glyph="scale-balance",
            ),
        )
    lines = [
        (
            view.site.who(one.person),
            str(one.open),
            str(one.late),
            f"{one.today} of {one.limit}" if one.limit is not None else str(one.today),
            "full" if one.full else "has room",
        )
        for one in sorted(found, key=lambda one: (-one.open, one.person))
    ]
    return sb.panel(
        "Who has how much",
        sb.table("Load", ["Person", "Open", "Late", "Today", "Room"], lines, numbers=(1, 2, 3)),
        foot="Whoever is full gets no more today, S1 and S2 apart.",
    )


# --- a case ----------------------------------------------------------------------------------------------------------


def case(view: View, one: Case) -> str:
    """A case: what was said, answers that may fit, the log; beside them the clock, who, and how to act."""
    sub: list[str | Markup] = [
        one.row.type, sb.severity(one.severity), sb.status(one.state), f"opened {view.when(one.opened_at)}",
    ]  # fmt: skip
    head = sb.head(title(one), sub=sub, path=parts.path(("Queue", "listening/queue.html")), acts=_acts(view, one))
    found = view.words_of(one)
    main = [_said(view, one, found), _answers(view, one, found), _log(view, one)]
    side = [_clock(view, one), _commands(one), _who(view, one)]
    return (
        f'<div class="sb-stack">{head}<div class="sb-split sb-split--act"><div class="sb-stack">{"".join(str(p) for p in main if p)}</div>'
        f'<div class="sb-stack">{"".join(str(p) for p in side if p)}</div></div></div>'
    )


def _acts(view: View, one: Case) -> list[Markup]:
    """Its issue in the forge; where there is none, the form that opens one, with no word of anybody in it."""
    repo = view.site.repo
    if not repo:
        return []
    lab = "/-/issues" if "gitlab" in repo or view.site.edit.startswith("-/") else "/issues"
    if one.issue.isdigit():
        return [sb.button(f"Issue {one.issue}", f"{repo}{lab}/{one.issue}", glyph="open-in-new", main=True)]
    words_ = quoted(f"{one.severity} {title(one)}")
    body = quoted(f"Case {one.id}. What was said stands in the private store: signalbook case show {one.id}")
    key = "issue[title]" if lab.startswith("/-") else "title"
    text = "issue[description]" if lab.startswith("/-") else "body"
    return [
        sb.button("Open an issue", f"{repo}{lab}/new?{quoted(key)}={words_}&{quoted(text)}={body}", glyph="open-in-new")
    ]


def _said(view: View, one: Case, found: dict[str, Said]) -> Markup:
    quotes = [found[key] for key in dict.fromkeys((one.mention, one.newest)) if key in found]
    if not quotes:
        if not one.mention:
            return sb.panel(
                "What was said",
                sb.empty("Opened by hand", "No mention belongs to it.", glyph="hand-back-right-outline"),
            )
        return sb.panel("What was said", parts.unworded(view, "Their words"))
    body = Markup("").join(parts.quote(each, view) for each in quotes)
    if one.echoes:
        more = f"{len(one.echoes)} more accounts" if len(one.echoes) > 1 else "1 more account"
        body += Markup('<p class="sb-small">{} wrote the same words.</p>').format(more)
    story = quotes[0].story
    foot = (
        Markup('<a href="{}">The same story elsewhere</a>').format(href(parts.story_address(story)))
        if story in view.story_pages
        else Markup("Not rated right? {}").format(
            sb.command(f"signalbook listen correct {quotes[0].key} --tone neutral --by ROLE")
        )
    )
    return sb.panel("What was said", body, padded=True, scope=f"wrote {view.when(one.received_at)}", foot=foot)


def _answers(view: View, one: Case, found: dict[str, Said]) -> Markup:
    """Reviewed answers that share most words with what was asked, with what proves them."""
    from signalbook.sense.duplicates import words  # knows Unicode's properties, which takes long to load

    said = " ".join(f"{each.title} {each.text}" for each in found.values())
    asked = set(words(said)) if said else set()
    today = view.local(view.now).date()
    scored = []
    for message in view.book.all(Message):
        if (
            message.type not in {"answer", "claim"}
            or message.state != "approved"
            or (message.expires and message.expires < today)
        ):
            continue
        own = set(words(" ".join((message.name, *message.questions))))
        same = len(own & asked) / max(1, len(own))
        if same >= 0.2:
            scored.append((same, message))
    scored.sort(key=lambda pair: (-pair[0], pair[1].slug))
    if not scored:
        if not one.open:
            return sb.EMPTY
        why = "No approved answer shares enough words with it. When it is answered, write the answer down as a message: the next one is quicker."
        new = view.site.new_url("content/plans/messages", "untitled.md")
        return sb.panel(
            "Answers that may fit",
            sb.empty("None yet", why, glyph="message-reply-text-outline", act="Write one" if new else "", address=new),
        )
    blocks = []
    for number, (_, message) in enumerate(scored[:ANSWERS], start=1):
        text = _says(message, one.lang)
        proof = ", ".join(each.covers or each.source or "" for each in message.proof if each.covers or each.source)
        held = Markup(" Proof: {}.").format(proof) if proof else Markup(" No proof is named.")
        never = Markup(" Never: {}").format(message.never) if message.never else sb.EMPTY
        review = f"look at it again {message.review_by:%d %b %Y}" if message.review_by else ""
        ident = f"answer-{number}"
        blocks.append(
            Markup(
                '<div class="sb-say"><div class="sb-say__head"><span><b>{}</b> <span class="sb-faint">{}</span></span>{}</div>'
                '<div class="sb-say__text" id="{}">{}</div></div><p class="sb-small sb-muted">{}.{}{}</p>'
            ).format(
                message.name,
                review,
                sb.copier(ident, f"answer {number}"),
                ident,
                text,
                view.site.anchor(message, "The message"),
                held,
                never,
            )
        )
    return sb.panel("Answers that may fit", Markup("").join(blocks), padded=True, scope="approved, in date")


def _says(message: Message, lang: str) -> str:
    says = message.says
    if says is None or isinstance(says, str):
        return says or ""
    return str(says.get(lang) or next(iter(says.values()), ""))


def _log(view: View, one: Case) -> Markup:
    """What happened, step by step, from the ledger."""
    steps = [_step(view, row) for row in one.events]
    if one.open and one.waits:
        steps.append(Markup("<li>{}<b>Answer</b> not yet recorded</li>").format(sb.icon("circle-outline")))
    return sb.panel(
        "Log",
        Markup('<ol class="sb-steps">{}</ol>').format(Markup("").join(steps)),
        padded=True,
        scope=f"{len(one.events)} {'step' if len(one.events) == 1 else 'steps'}",
    )


def _step(view: View, row: CaseEvent) -> Markup:
    glyph, word = STEPS.get(row.what, ("circle-outline", row.what))
    facts = cases_.facts(row)
    by = view.site.who(row.by) if row.by else Markup("the machine")
    why = facts.get("why") or facts.get("reason") or facts.get("outcome") or ""
    to = (
        Markup(" to {}").format(view.site.who(facts["owner"]))
        if row.what in {"owned", "handed", "escalated", "opened"} and facts.get("owner")
        else sb.EMPTY
    )
    return Markup('<li class="is-done">{}<b>{}</b>{} by {}<br><time datetime="{}">{}</time>{}</li>').format(
        sb.icon(glyph),
        word,
        to,
        by,
        row.at.isoformat(timespec="minutes"),
        view.when(row.at),
        f" · {why}" if why else "",
    )


def _clock(view: View, one: Case) -> Markup:
    running = one.clock
    if running is None:
        word = f"{one.outcome or 'over'}" if not one.open else "no answer is owed"
        return sb.panel("Clock", Markup("<p>{}</p>").format(f"No clock runs: {word}."), padded=True)
    if running.due is None:
        return sb.panel("Clock", Markup("<p>{}</p>").format("It waits for them; the clock stands still."), padded=True)
    stage = one.stage(view.now)
    mark = " is-over" if stage == "over" else " is-soon" if stage in {"backup", "reminder"} else ""
    target = f"{values.duration(running.target)} " if running.target else ""
    kind = (
        "in the owner's working time, which stops at night and on holidays"
        if running.business
        else "as time elapses, night and day"
    )
    public = f"They wrote {view.when(one.received_at)}; it reached us {view.when(running.start)}."
    return Markup(
        '<section class="sb-panel" aria-label="Clock"><div class="sb-clock{}"><p class="sb-small sb-muted">{} due {}</p>'
        '<p class="sb-clock__left">{}</p><p class="sb-small sb-muted">{}{} {}</p>{}</div></section>'
    ).format(
        mark, running.what.capitalize(), view.when(running.due), clock(one, view), target, kind + ".", public,
        Markup('<p class="sb-small">{}</p>').format(_stage(one, view)) if _stage(one, view) else "",
    )  # fmt: skip


def _who(view: View, one: Case) -> Markup:
    book = Markup("{}").format(view.site.ref(Playbook, one.playbook)) if one.playbook else ""
    written = view.book.get(Written, one.document)
    pairs: list[tuple[str, str | Markup]] = [
        ("Acts", view.site.who(one.owner) or "nobody could be found"),
        ("Backup", view.site.who(one.backup)),
        ("Must know", Markup(" ").join(view.site.who(slug) for slug in one.inform)),
        ("Topic", view.topic(one.topic) if one.topic else ""),
        ("We do", one.row.hard if one.hard else one.row.normal),
        ("Tone", one.row.tone),
        ("Playbook", book),
        ("Written down", view.site.anchor(written) if written else ""),
        ("Our answer", _link(one.url)),
    ]  # fmt: skip
    why = Markup("").join(Markup("<li>{}</li>").format(text) for text in one.why)
    foot = Markup('<ul class="sb-plain">{}</ul>').format(why) if one.why else ""
    return sb.panel("Who", sb.facts(pairs), padded=True, foot=foot)


def _link(url: str) -> Markup | str:
    if url.lower().startswith(("https://", "http://")):
        return Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(url)
    return url


def _commands(one: Case) -> Markup:
    """What a person does next, as commands to copy."""
    if one.open:
        ways = [
            ("Take it", f"signalbook case take {one.id}"),
            ("Answer", f'signalbook case answer {one.id} --text "…"'),
            ("Decline", f'signalbook case decline {one.id} --why "…"'),
            ("Escalate", f'signalbook case escalate {one.id} --why "…"'),
        ]
    else:
        ways = [("Read it", f"signalbook case show {one.id}")]
    body = Markup("").join(Markup("<p>{}</p>").format(sb.command(text, said)) for said, text in ways)
    return sb.panel("Act", body, padded=True, foot="A case moves in minutes, not in merges: each step is a record.")
