"""What people place by hand: a task a delivery, with its text, its media, where and when, and how to say that it is done.

Such a delivery is done when a person records the live address. Until then it stands here, on the home page once its
time has come, and on the page of its post.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from signalbook import posts
from site_plugins import components as sb
from site_plugins.calendar import acts
from site_plugins.calendar.entries import clock, moment
from site_plugins.markup import Markup, fill, html, safe
from site_plugins.pages import digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from site_plugins.calendar.entries import Entry
    from site_plugins.site import Site

ADDRESS: Final = "calendar/by-hand.html"
AHEAD: Final = timedelta(days=7)
OPEN: Final = frozenset({"due", "overdue", "missed", "unknown", "held", "scheduled"})
"""States in which a delivery by hand is still to be done, or to be decided on."""
WAITING: Final = frozenset({"due", "overdue"})
"""States in which somebody should place it now."""

MOST_WHOLE: Final = 40
"""So many tasks stand on the page of all with their texts; of those behind them only the names."""

Task = tuple["Entry", "Delivery"]


def tasks(found: Iterable[Entry], book: Book, now: datetime) -> list[Task]:
    """Deliveries that people place and that wait for them, or will within a week; earliest first."""
    hands = {key for key, channel in book.settings.channels.items() if acts.by_hand(channel)}
    end = now + AHEAD
    out = [
        (entry, one)
        for entry in found
        for one in entry.deliveries
        if one.channel in hands and one.state in OPEN and (one.due is None or one.due <= end)
    ]
    order = ("overdue", "due", "unknown", "missed", "held", "scheduled")
    return sorted(out, key=lambda task: (order.index(task[1].state), task[1].due or now, task[1].key))


def waiting(found: Sequence[Task]) -> list[Task]:
    """Those that should be placed now."""
    return [task for task in found if task[1].state in WAITING]


def key(found: Sequence[Task], around: str, site: Site) -> str:
    """What the page of all tasks depends on."""
    whole = [entry.key for entry, _ in found[:MOST_WHOLE]]
    rest = [entry.face for entry, _ in found[MOST_WHOLE:]]
    return digest("by hand", around, site.today, *whole, *rest, *(one.key for _, one in found))


def page(found: Sequence[Task], site: Site) -> str:
    """Every task, those that wait first."""
    now = waiting(found)
    sub = [
        f"{len(now)} to place now" if now else "nothing to place now",
        f"{len(found) - len(now)} later or to decide" if len(found) > len(now) else "",
        f"times in {site.book.settings.team.zone.key.rpartition('/')[2].replace('_', ' ')}",
    ]
    head = sb.head("To place by hand", sub=sub, path=[("Calendar", href("calendar/index.html"))])
    if not found:
        body: Markup = sb.panel(
            "Tasks",
            sb.empty(
                "Nothing to place within a week",
                "A post stands here when it is approved and one of its channels has the connector manual.",
                glyph="hand-back-right-outline",
            ),
        )
    else:
        body = Markup("").join(task(entry, one, site, heading=True) for entry, one in found[:MOST_WHOLE])
        rest = [
            sb.row(
                fill("{} on {}", site.anchor(entry.post), site.channel(one.channel)), "",
                lead=sb.status(one.state), end=f"{one.due.astimezone(site.now.tzinfo):%a %d %b, %H:%M}" if one.due else "",
            )
            for entry, one in found[MOST_WHOLE:]
        ]  # fmt: skip
        if rest:
            body += sb.panel("And these", sb.rows(rest, kind="status"), scope=f"{len(rest)} more, each on its own page")
    return f'<div class="sb-stack">{head}{body}</div>'


def near(found: Delivery, now: datetime) -> bool:
    """Whether a task is of now: its time lies within a week on either side, or nobody has said one."""
    return found.due is None or abs(found.due - now) <= AHEAD


def nearness(found: Iterable[Delivery], hands: Container[str], now: datetime) -> str:
    """How near each task is, for the key of a page that shows them: one letter each. ``hands`` are the channels by hand."""
    first, last = now - AHEAD, now + AHEAD
    return "".join(
        [
            "n" if one.due is None or first <= one.due <= last else "a" if one.due > last else "p"
            for one in found
            if one.channel in hands and one.state in OPEN
        ]
    )


def task(
    entry: Entry, found: Delivery, site: Site, *, heading: bool = False, ways: tuple[acts.Act, ...] = ()
) -> Markup:
    """One task: what, where, when, and the way to say that it is done.

    ``heading`` names the post too; ``ways`` takes the place of all the ways on.
    """
    book = site.book
    channel = book.settings.channels.get(found.channel)
    zone = book.settings.team.zone
    name = channel.name if channel else found.channel
    due = found.due.astimezone(zone) if found.due else None
    when = moment(due) if due else "when it is merged"
    if found.due and due and channel and found.state in {"due", "overdue", "scheduled"}:
        last = (found.due + channel.max_late.elapsed).astimezone(zone)
        when += f", until {clock(last) if last.date() == due.date() else moment(last)}"
    where: Markup | str = name
    if channel and channel.url.startswith(("https://", "http://")):
        where = fill('<a href="{}" rel="noopener noreferrer">{}</a>', channel.url, channel.url)
    answers = entry.post.watch_replies
    facts = sb.facts(
        [
            ("Where", where),
            ("As", channel.account if channel else ""),
            ("When", when),
            ("Who", site.who(channel.owner) if channel and channel.owner else ""),
            ("Answers", site.who(answers.by) if answers else ""),
        ]
    )
    # Of a time long past people decide first; the words stand below all the same.
    texts = _texts(entry, found, site) if heading or near(found, site.now) else sb.EMPTY
    if texts:
        texts = html("<div>", texts, _media(entry, digest(found.key)[:8], site), "</div>")
    title = fill("{} on {}", site.anchor(entry.post), name) if heading else html("Place it on ", safe(name), " by hand")
    return html(
        '<section class=sb-panel id="place-', digest(found.key)[:8] if heading else safe(found.channel),
        '"><div class=sb-panel__head><h2>', title, "</h2><span>", sb.status(found.state),
        "</span></div><div class=sb-panel__body><div class=sb-place>", texts, "<div>", facts,
        "<div class=sb-task__done><p><b>When it is there</b>, copy its address and record it:</p>",
        acts.listed(ways or acts.acts(found, book, site.now) or _placed(found)), "</div></div></div></div></section>",
    )  # fmt: skip


def _texts(entry: Entry, found: Delivery, site: Site) -> Markup:
    """Everything that is copied, one piece after the other."""
    out = posts.outgoing(site.book, entry.post, found.channel, at=found.due)
    ident = digest(found.key)[:8]
    texts = Markup("").join(
        _text(part.text, f"text-{ident}-{number}", f"Text, part {number} of {len(out.parts)}" if len(out.parts) > 1 else "Text")
        for number, part in enumerate(out.parts, 1)
    )  # fmt: skip
    if out.title:
        texts = _text(out.title, f"title-{ident}", "Title") + texts
    if out.link and out.link_in in {"card", "field"}:
        texts += _text(out.link, f"link-{ident}", "Link")
    if out.first_comment:
        texts += _text(out.first_comment, f"comment-{ident}", "First comment, right below it")
    return texts


def _placed(found: Delivery) -> tuple[acts.Act, ...]:
    import shlex

    return (acts.Act("", f"signalbook publish settle {shlex.quote(found.key)} --sent {acts.ADDRESS}"),)


def _text(words: str, ident: str, name: str) -> Markup:
    """A text to copy as it stands; it can be selected with a click where no script runs."""
    return fill(
        '<div class="sb-say"><div class="sb-say__head"><b>{}</b>{}</div><pre class="sb-say__text sb-say__text--exact" id="{}" '
        'tabindex="0">{}</pre></div>',
        name,
        sb.copier(ident, name),
        ident,
        words,
    )


def _media(entry: Entry, ident: str, site: Site) -> Markup:
    out = []
    for number, media in enumerate(entry.post.media, 1):
        address = site.resolve(entry.post.path, media.src) if media.src else None
        name = (media.src or "").rpartition("/")[2]
        file: Markup | str = (
            fill(
                '<a class="sb-btn" href="{}" download="{}">{}Download {}</a>', address, name, sb.icon("download"), name
            )
            if address
            else fill("<span>{}: not among the team’s files</span>", media.src or "no file")
        )
        alt = (
            _text(media.alt, f"alt-{ident}-{number}", f"What {name} tells (alternative text)")
            if media.alt
            else Markup()
        )
        out.append(fill('<div class="sb-place__file">{}{}</div>', file, alt))
    return Markup("").join(out)
