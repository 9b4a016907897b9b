"""An incident and a hold, as one needs them while they last: what is known, what comes next, what is stopped."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.model import Campaign, Document, Hold, Incident, Message, Person, Playbook
from site_plugins import components as sb
from site_plugins.calendar.entries import Entry, entries, short
from site_plugins.documents import pages as documents
from site_plugins.documents import values
from site_plugins.markup import Markup
from site_plugins.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from signalbook.book import Book
    from site_plugins.site import Site

OVER: Final = frozenset({"closed", "false-alarm"})
MOST_STOPPED: Final = 12
"""Posts that a hold's page names; the rest is counted."""

_PLACED: Final = frozenset(
    {
        "severity", "playbook", "lead", "spokesperson", "scribe", "detected_at", "aware_at", "first_word_at", "contained_at", "closed_at",
        "affected", "known", "unknown", "doing", "log", "updates", "severity_changes", "body",
    }
)  # fmt: skip
"""Fields that the page of an incident places itself."""
_HELD: Final = frozenset({"reason", "scope", "from", "expires", "opened_by", "incident", "after_release", "released"})


def pages(book: Book, now: datetime, site: Site) -> Iterator[Page]:
    """A page for each incident and each hold."""
    for one in book.all(Incident):
        said = digest_of(book, one)
        moment = "" if one.state in OVER else now.isoformat()
        yield documents.page_of(one, site, incident, (said, moment))
    holds = book.all(Hold)
    found = entries(book, now) if holds else []
    for hold in holds:
        mine = stopped(book, hold, found)
        moment = now.isoformat() if _lasts(hold, now) else ""
        yield documents.page_of(hold, site, _hold_of(mine), (moment, [entry.key for entry, _ in mine]))


def digest_of(book: Book, one: Incident) -> list[str]:
    """The messages that an incident's updates name."""
    return [
        message.digest + message.path for update in one.updates if (message := book.get(Message, update.said or ""))
    ]


# --- an incident -----------------------------------------------------------------------------------------------------


def incident(document: Document, site: Site) -> str:
    """The clock, where it stands, what happened, newest first; beside it who and when."""
    assert isinstance(document, Incident)  # noqa: S101 - only incidents come here
    one = document
    if one.unreadable:
        return documents.default(one, site)
    acts = []
    playbook = site.book.get(Playbook, one.playbook or "")
    if playbook is not None:
        acts.append(sb.button("Open the playbook", site.link(playbook), glyph="book-open-variant-outline"))
    known = one.aware_at or one.detected_at
    sub = [
        sb.severity(one.severity) if one.severity else "",
        f"known since {values.instant(known, site)}" if known else "",
    ]
    body = one.body.strip()
    main = [
        _stands(one),
        sb.panel("What happened", _happened(one, site), scope="newest first", padded=True, ident="log"),
        sb.panel("Notes", Markup('<div class="sb-prose">{}</div>').format(site.markdown(one.body, one.path)), padded=True) if body else "",
        values.sections(one, site, without=_PLACED),
        values.findings(one, site),
    ]  # fmt: skip
    side = [
        _people(one, site), _when(one, site), values.facts(one, site, without=_PLACED, title="After it"),
        values.backlinks(one, site),
    ]  # fmt: skip
    return _laid(values.head(one, site, sub=sub, acts=acts), _next_word(one, site), main, side)


def _laid(head: Markup, lead: Markup | str, main: Iterable[Markup | str], side: Iterable[Markup | str]) -> str:
    return (
        f'<div class="sb-stack">{head}{lead}<div class="sb-split"><div class="sb-stack">{"".join(str(p) for p in main if p)}</div>'
        f'<div class="sb-stack">{"".join(str(p) for p in side if p)}</div></div></div>'
    )


def _stands(one: Incident) -> Markup:
    """What one may say, what one may not yet, and what is being done."""
    parts = [
        sb.panel(
            title,
            Markup('<div class="sb-prose"><ul>{}</ul></div>').format(
                Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
            )
            if items
            else Markup('<p class="sb-muted">{}</p>').format(none),
            padded=True,
        )
        for title, items, none in (
            ("Known", one.known, "Nothing is sure yet. Say that, and when the next word comes."),
            ("Not known", one.unknown, "Nobody has written what is still open."),
            ("Being done", one.doing, "Nobody has written what is being done."),
        )
    ]
    return Markup('<div class="sb-cols sb-cols--3">{}</div>').format(Markup("").join(parts))


def _happened(one: Incident, site: Site) -> Markup:
    """The log, our public words and every change of severity as one row of time."""
    told: list[tuple[datetime, Markup]] = []
    for entry in one.log:
        if entry.at:
            proof = Markup(' <span class="sb-faint">({})</span>').format(entry.evidence) if entry.evidence else ""
            told.append(
                (
                    entry.at,
                    _step(
                        site,
                        entry.at,
                        "pencil-outline",
                        Markup("{}{}").format(entry.what or "", proof),
                        site.who(entry.by),
                    ),
                )
            )
    for word in one.updates:
        if word.at:
            message = site.book.get(Message, word.said or "")
            said = site.anchor(message) if message else Markup("“{}”").format(word.said or "")
            where = f" on {', '.join(_name(key, site) for key in word.where)}" if word.where else ""
            promised = (
                f"next word promised for {values.instant(word.next_at, site)}"
                if word.next_at
                else "no next word was promised"
            )
            told.append(
                (
                    word.at,
                    _step(
                        site, word.at, "bullhorn-outline", Markup("<b>We said</b> {}{}").format(said, where), promised
                    ),
                )
            )
    for change in one.severity_changes:
        if change.at:
            words = Markup("<b>Severity {} to {}</b>: {}").format(
                (change.from_ or "")[1:], (change.to or "")[1:], change.why or ""
            )
            told.append((change.at, _step(site, change.at, "scale-balance", words, "")))
    if not told:
        return sb.empty("Nothing is written yet", "The log is the record: one line for what was seen, decided and said, with its time.",
                        glyph="pencil-outline", act="Write the first line" if site.edit_url(one.path) else "",
                        address=site.edit_url(one.path))  # fmt: skip
    told.sort(key=lambda pair: pair[0], reverse=True)
    return Markup('<ol class="sb-steps">{}</ol>').format(Markup("").join(step for _, step in told))


def _name(key: str, site: Site) -> str:
    """A channel's name, or the place as it was written."""
    channel = site.book.settings.channels.get(key)
    return (channel.name or key) if channel else key


def _step(site: Site, at: datetime, glyph: str, words: Markup | str, by: Markup | str) -> Markup:
    more = Markup(" · {}").format(by) if by else ""
    return Markup('<li>{}{}<br><time datetime="{}">{}</time>{}</li>').format(
        sb.icon(glyph), words, at.isoformat(timespec="minutes"), values.instant(at, site), more
    )


def _next_word(one: Incident, site: Site) -> Markup:
    """The promise of the last public word, running out."""
    if one.state in OVER:
        return Markup()
    due = one.updates[-1].next_at if one.updates else None
    if due is None:
        why = (
            "Nobody outside has heard from us yet."
            if not one.updates
            else "The last word promised none: say when the next one comes."
        )
        return sb.panel("Next word", Markup("<p>{}</p>").format(why), padded=True, loud=True)
    return _clock("Next word", due, site, "Promised with the last one; say something then, even if nothing is new.")


def _clock(title: str, due: datetime, site: Site, why: str) -> Markup:
    over = " is-over" if due < site.now else ""
    return Markup(
        '<section class="sb-panel" aria-label="{}"><div class="sb-clock{}"><p class="sb-small sb-muted">{}, {}</p>'
        '<p class="sb-clock__left">{}</p><p class="sb-small sb-muted">{}</p></div></section>'
    ).format(title, over, title, values.instant(due, site), sb.clock(due, site.now), why)


def _people(one: Incident, site: Site) -> Markup:
    rows: list[tuple[str, Markup | str]] = [
        ("Decides", site.who(one.lead)), ("Speaks", site.who(one.spokesperson)), ("Writes the log", site.who(one.scribe)),
    ]  # fmt: skip
    rows = [(name, value or Markup('<span class="sb-down">nobody yet</span>')) for name, value in rows]
    affected = one.affected
    if affected and affected.who:
        about = "" if affected.certain else "about "
        count = f"{about}{sb.amount(affected.count)} " if affected.count is not None else ""
        rows.append(("Touches", f"{count}{affected.who}"))
    return sb.panel("Who", sb.facts(rows), padded=True)


def _when(one: Incident, site: Site) -> Markup:
    rows = [
        (word, values.instant(at, site))
        for word, at in (
            ("First sign", one.detected_at), ("We knew", one.aware_at), ("First word", one.first_word_at),
            ("Contained", one.contained_at), ("Closed", one.closed_at),
        )
        if at
    ]  # fmt: skip
    if one.aware_at and one.first_word_at:
        minutes = (one.first_word_at - one.aware_at).total_seconds() / 60
        rows.append(("Until we spoke", sb.age(max(minutes, 0.0))))
    return sb.panel("When", sb.facts(rows), padded=True) if rows else Markup()


# --- a hold ----------------------------------------------------------------------------------------------------------


def _lasts(hold: Hold, now: datetime) -> bool:
    return (
        hold.state in {"open", "renewed", ""} and hold.released is None and (hold.expires is None or now < hold.expires)
    )


def stopped(book: Book, hold: Hold, found: Sequence[Entry]) -> list[tuple[Entry, tuple[str, ...]]]:
    """The posts that a hold stops or made miss their time, with the channels on which it does, earliest first."""
    if hold.unreadable:
        return []
    out = []
    for entry in found:
        if entry.state not in {"held", "missed"}:
            continue
        channels = tuple(
            dict.fromkeys(
                one.channel
                for one in entry.deliveries
                if one.state in {"held", "missed"}
                and delivery.covers(book, hold, entry.post, one.channel)
                and _under(hold, one.due)
            )
        )
        if channels:
            out.append((entry, channels))
    return out


def _under(hold: Hold, due: datetime | None) -> bool:
    """Whether a time falls under a hold: not after its end."""
    end = hold.released.at if hold.released else hold.expires
    return due is None or end is None or due <= end or hold.released is None


def _hold_of(mine: Sequence[tuple[Entry, tuple[str, ...]]]) -> object:
    def made(document: Document, site: Site) -> str:
        assert isinstance(document, Hold)  # noqa: S101 - only holds come here
        return hold_page(document, mine, site)

    return made


def hold_page(hold: Hold, mine: Sequence[tuple[Entry, tuple[str, ...]]], site: Site) -> str:
    """Why nothing goes out, what that touches, until when, and how it ends."""
    if hold.unreadable:
        return documents.default(hold, site)
    lead = Markup('<p class="sb-lead">{}</p>').format(hold.reason) if hold.reason else ""
    main = [_stopped(hold, mine, site), values.sections(hold, site, without=_HELD), values.findings(hold, site)]
    side = [
        _ends(hold, site),
        _scope(hold, site),
        values.facts(hold, site, without=_HELD),
        values.backlinks(hold, site),
    ]
    return _laid(values.head(hold, site), lead, main, side)


def _stopped(hold: Hold, mine: Sequence[tuple[Entry, tuple[str, ...]]], site: Site) -> Markup:
    if not mine:
        text = (
            "Nothing that is scheduled falls under it."
            if _lasts(hold, site.now)
            else "It is over, and nothing waits for a decision because of it."
        )
        return sb.panel("What it stops", sb.empty("No post", text, glyph="pause-circle-outline"))
    rows = [
        sb.row(
            entry.post.name, Markup("{} {}").format(site.channels(channels), f"{short(entry.at.date())}, {entry.at:%H:%M}" if entry.at else ""),
            lead=sb.status(entry.state), address=site.link(entry.post),
        )
        for entry, channels in mine[:MOST_STOPPED]
    ]  # fmt: skip
    scope = f"{len(mine)} posts" if len(mine) > 1 else "1 post"
    if len(mine) > MOST_STOPPED:
        scope = f"the first {MOST_STOPPED} of {len(mine)}"
    return sb.panel("What it stops", sb.rows(rows, kind="status"), scope=scope, loud=_lasts(hold, site.now))


def _ends(hold: Hold, site: Site) -> Markup:
    """The clock while it lasts; who ended it, when and why, once it is over."""
    if hold.released is not None:
        rows: list[tuple[str, str | Markup]] = [
            ("By", site.who(hold.released.by)), ("When", values.instant(hold.released.at, site) if hold.released.at else ""),
            ("Why", hold.released.why or ""),
        ]  # fmt: skip
        return sb.panel("Released", sb.facts(rows), padded=True)
    if not _lasts(hold, site.now):
        said = f"It ended {values.instant(hold.expires, site)}." if hold.expires else "It is not in force."
        return sb.panel("Over", Markup("<p>{}</p>").format(said), padded=True)
    how = Markup("To end it before, write <code>released: {by: …, at: …, why: …}</code> into its file and merge that.")
    if hold.expires is None:
        return sb.panel("Until it is released", Markup("<p>{}</p>").format(how), padded=True)
    return _clock("Ends", hold.expires, site, how)


def _scope(hold: Hold, site: Site) -> Markup:
    scope = hold.scope
    after = {"cancel-missed": "what was missed is cancelled", "decide-each": "somebody decides post by post"}
    labels = Markup(" ").join(
        Markup('<span class="sb-label">{}</span>').format(label) for label in (scope.labels if scope else ())
    )
    channels = (scope.channels or ()) if scope else ()
    keys = (channels,) if isinstance(channels, str) else channels
    everything = scope is None or not (keys or scope.labels or scope.campaigns or scope.types) or "all" in keys
    rows: list[tuple[str, str | Markup]] = [
        ("Stops", "everything" if everything else sb.lines(site.channel(key) for key in keys)),
        ("Campaigns", Markup(", ").join(site.ref(Campaign, slug) or Markup("{}").format(slug) for slug in (scope.campaigns if scope else ()))),
        ("Labels", labels),
        ("Types", ", ".join(scope.types) if scope else ""),
        ("But not", ", ".join(scope.except_types) if scope else ""),
        ("Since", values.instant(hold.from_, site) if hold.from_ else ""),
        ("Opened by", site.ref(Person, hold.opened_by) or hold.opened_by or ""),
        ("Incident", site.ref(Incident, hold.incident) if hold.incident else ""),
        ("Afterwards", after.get(hold.after_release or "", "")),
    ]  # fmt: skip
    return sb.panel("Reach", sb.facts(rows), padded=True)
