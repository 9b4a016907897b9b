"""A page for every post: its copy as each channel gets it, where each delivery stands, what it serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from signalbook import copytext, delivery
from signalbook.model import Audience, Campaign, Document, Experiment, Message, Objective, Plan, Post
from site_plugins import components as sb
from site_plugins import text
from site_plugins.calendar import acts, byhand, evidence, preview, results
from site_plugins.calendar.entries import MONTH, TWO, WEEKDAY, clock, month_name, name, short
from site_plugins.feeds import pages as feeds
from site_plugins.markup import Markup, fill, html, safe
from site_plugins.pages import Page, SearchEntry, digest, digest_of, href
from site_plugins.site import address_in, folder_of

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from site_plugins.calendar.entries import Entry
    from site_plugins.site import Site

DRAFT: Final = """---
title: ""
status: draft
publish_at: {day} 09:30
channels: []
owner: ""
---

"""
"""What the forge's new-file form is filled with."""


def surroundings(book: Book, site: Site) -> str:
    """A digest of all that a post's page may name: every document that is no post, the settings, the files."""
    others = [document.digest for kind, rows in book.documents.items() if kind is not Post for document in rows]
    return digest(book.settings.digest, site.repo, site.edit, *others, *site.files.items())


def pages(book: Book, times: Mapping[str, Sequence[Entry]], around: str, site: Site) -> Iterator[Page]:
    """A page a post; its key is its own bytes, where it stands, and what is around it.

    ``times`` are the entries of each post. There may be thousands, of which one is to be made: what most have nothing of is
    not asked for each.
    """
    naming: dict[str, list[str]] = {}
    for document in book.all(Post):
        if document.translation_of or document.reuse_of:
            for slug in (document.translation_of, document.reuse_of):
                if slug:
                    naming.setdefault(slug, []).append(document.digest)
    readings = results.known(book)
    channels = book.settings.channels
    html = {key for key, channel in channels.items() if copytext.takes_html(channel)}
    hands = {key for key, channel in channels.items() if acts.by_hand(channel)}
    today = str(site.today)
    folder = folder_of(Post)
    for path, mine in times.items():
        document = mine[0].post
        deliveries = mine[0].deliveries if len(mine) == 1 else tuple(one for entry in mine for one in entry.deliveries)
        told = site.findings_key(path) if path in site.findings else ""
        parts = ["post", around, document.slug, told, *[entry.key for entry in mine], *naming.get(document.slug, ())]
        if document.translation_of or document.reuse_of:
            named = (book.get(Post, slug) for slug in (document.translation_of, document.reuse_of))
            parts += [other.digest for other in named if other]
        parts += evidence.key(document, deliveries, site)
        if readings:
            parts.append(results.key(deliveries, readings))
        if document.link:
            parts += ("link", preview.key(document, site))
        if not hands.isdisjoint(document.channels):
            parts.append(byhand.nearness(deliveries, hands, site.now))
        for one in deliveries:
            if one.state in acts.MAY_WAIT and acts.waits(one, book):
                parts.append(today)
                break
        if not html.isdisjoint(document.channels):
            parts.append(site.markdown_key(document.body, path))
        yield Page(
            address_in(folder, document.slug), document.name, "calendar", partial(page, mine, site), digest_of(parts),
            source=path, search=partial(_search, mine, site),
        )  # fmt: skip


def speaking(found: Sequence[Entry], site: Site) -> Entry:
    """Of the times of a post that comes again the one that speaks for it: what needs a person, the next, the last."""
    if len(found) == 1:
        return found[0]
    loud = [entry for entry in found if entry.state in delivery.ALARMING]
    if loud:
        return min(loud, key=lambda entry: delivery.ALARMING.index(entry.state))
    return next((entry for entry in found if entry.at is None or entry.at > site.now), found[-1])


def _search(found: Sequence[Entry], site: Site) -> tuple[SearchEntry, ...]:
    entry = speaking(found, site)
    document, book = entry.post, site.book
    campaign = book.get(Campaign, document.campaign)
    parts = [
        f"{TWO[entry.at.day]} {MONTH[entry.at.month]} {entry.at.year} {clock(entry.at)}" if entry.at else "", ", ".join(document.channels), book.person(document.owner),
        f"{campaign.name} ({campaign.slug})" if campaign else "", text.one_line(document.body)[:480],
    ]  # fmt: skip
    return (SearchEntry("", document.name, " · ".join(filter(None, parts))),)


def page(found: Sequence[Entry], site: Site) -> str:
    """The page of one post, all its times on it."""
    entry = speaking(found, site)
    document = entry.post
    deliveries = [one for one_time in found for one in one_time.deliveries]
    # The ways on that are one decision for all that was missed; the note names them, and the tasks leave them out.
    missed = [one for one in entry.deliveries if one.state == "missed"] if entry.state == "missed" else []
    whole = acts.together(missed, site.book, site.now)
    parts = [
        _head(entry, site),
        _note(entry, whole, site) if entry.state in _SAID else "",
        _findings(document, site),
        _top(entry, deliveries, site),
        _hands(entry, site, whole=bool(whole)),
        preview.previews(entry, site),
        _mentions(document, site),
    ]
    return "".join(["<div class=sb-stack>", *parts, "</div>"])


def _head(entry: Entry, site: Site) -> Markup:
    document, at = entry.post, entry.at
    when = "no time yet"
    if at:
        zone = site.book.settings.team.zone.key.rpartition("/")[2].replace("_", " ")
        when = f"{WEEKDAY[at.weekday()]} {short(at)} {at.year}, {clock(at)} {zone}"
    if document.publish_at == "on-merge":
        when = "goes out on merge"
    edit = site.edit_url(document.path)
    kind = document.type or "original"
    sub = [when, site.who(document.owner), sb.status(entry.state), kind.replace("-", " ") if kind != "original" else ""]
    buttons = [sb.button("Edit the file", edit, glyph="pencil", main=True)] if edit else ()
    return sb.head(document.name, sub=sub, way=_way(at.date() if at else None), acts=buttons)


@lru_cache(maxsize=1024)
def _way(day: date | None) -> Markup:
    """The way back from a post: the calendar, and its day in the month. Several posts go out on a day."""
    path = [("Calendar", href("calendar/index.html"))]
    if day:
        month = (day.year, day.month)
        path.append((month_name(month), href(f"calendar/{name(month)}.html", f"d{day}")))
    return sb.crumbs(path)


_SAID: Final = {
    "unknown": ("ask", "We do not know whether this went out."),
    "failed": ("bad", "A delivery failed."),
    "missed": ("warn", "A delivery was missed; it waits for a person."),
    "overdue": ("warn", "This is late."),
    "held": ("warn", "This is held."),
}


def _note(entry: Entry, whole: tuple[acts.Act, ...], site: Site) -> Markup:
    kind, said = _SAID[entry.state]
    mine = [one for one in entry.deliveries if one.state == entry.state]
    reasons = list(dict.fromkeys([one.reason for one in mine]))
    if whole:
        said = f"{len(mine)} deliveries were missed; they wait for a person."
    # The table says of each why it stands so, where they differ.
    reason = reasons[0] if len(reasons) == 1 else ""
    if site.audience:  # whoever reads along has nothing to run
        return sb.note(said, reason, kind=kind)
    # What people place by hand has its task, with the same commands, further down.
    channels = site.book.settings.channels
    ways = [one for one in mine if not acts.by_hand(channels.get(one.channel))]
    found = [(one, (acts.went_out(one),) if whole else acts.acts(one, site.book, site.now)) for one in ways]
    listed = sb.EMPTY.join([_ways(one, its, site, named=len(ways) > 1) for one, its in found])
    if listed and len(ways) > 1:
        listed = html("<span class=sb-ways__many>", listed, "</span>")
    if whole:
        listed = html("<span class=sb-ways>", acts.listed(whole), "</span>", listed)
    task = next((one for one in mine if one.state in byhand.OPEN and acts.by_hand(channels.get(one.channel))), None)
    if task is not None:
        way = html(
            ' <a href="#place-', safe(task.channel), '">Its text, its media and how to record it</a> stand below.'
        )
        listed = html(way, listed)
    return sb.note(said, html(reason, listed), kind=kind)


def _ways(one: Delivery, ways: tuple[acts.Act, ...], site: Site, *, named: bool) -> Markup:
    if not ways:
        return sb.EMPTY
    if not named:
        return html("<span class=sb-ways>", acts.listed(ways), "</span>")
    return html(
        "<span class=sb-ways><span class=sb-ways__on>",
        site.channel(one.channel),
        "</span>",
        acts.listed(ways),
        "</span>",
    )


def _findings(document: Document, site: Site) -> Markup:
    found = site.of(document.path)
    if not found:
        return sb.EMPTY
    blocking = sum(finding.blocks for finding in found)
    scope = f"{blocking} to mend" if blocking else f"{len(found)} to look at"
    listed = sb.finding_list(found, site.edit_url(document.path))
    return sb.panel("What the checks say", listed, scope=scope, loud=bool(blocking), ident="findings")


def _top(entry: Entry, deliveries: Sequence[Delivery], site: Site) -> Markup:
    main = [
        _deliveries(deliveries, site),
        evidence.since(deliveries, site),
        results.panel(deliveries, site),
        _serves(entry.post, site),
    ]
    right = evidence.panel(entry.post, deliveries, site)
    if not right:
        return html("<div class=sb-stack>", *main, "</div>")
    return html(
        '<div class="sb-cols sb-cols--21"><div class=sb-stack>',
        *main,
        "</div><div class=sb-stack>",
        right,
        "</div></div>",
    )


MOST: Final = 60
"""Deliveries that are listed; of a post that comes again for years the latest are."""


def _deliveries(deliveries: Sequence[Delivery], site: Site) -> Markup:
    if not deliveries:
        return sb.panel(
            "Deliveries",
            sb.empty(
                "It goes nowhere yet", "Name its channels: channels: [bluesky, mastodon].", glyph="send-clock-outline"
            ),
        )
    out = sum(one.state == "published" for one in deliveries)
    shown = deliveries[-MOST:]
    rows: list[tuple[Markup | str, ...]] = [
        (_place(one, many, site), sb.status(one.state), _when(one, site), _bytes(one), _proof(one, site))
        for one, many in _alike(shown)
    ]
    heads: tuple[str, ...] = ("Channel", "Status", "When", "Bytes", "Evidence")
    if not any(row[3] for row in rows):
        rows, heads = [(*row[:3], row[4]) for row in rows], ("Channel", "Status", "When", "Evidence")
    table = sb.table("Deliveries by channel", heads, rows, cards=True, labels=False)
    more = f"; the last {MOST} are shown" if len(deliveries) > MOST else ""
    return sb.panel(
        "Deliveries",
        table,
        scope=f"{out} of {len(deliveries)} published{more}",
        foot=" ".join([told for told in (_next(deliveries, site), evidence.missing(deliveries, site)) if told]),
        ident="deliveries",
    )


_NEXT: Final = {
    "idea": "Next: write its copy and say status: draft.",
    "draft": "Next: say status: review once it can be read. Nothing goes out before a merge says approved.",
    "review": "Next: whoever approves reads it, and merges it with status: approved.",
    "approved": "Next: give it a time, publish_at; without one it stays where it is.",
}
"""What people do with a post that nothing has been tried with; the states that alarm have their own commands above."""


def _next(deliveries: Sequence[Delivery], site: Site) -> str:
    """What happens next to the post, or who has to do what."""
    if site.audience or any(one.state in delivery.ALARMING for one in deliveries):
        return ""
    waits = [one for one in deliveries if one.state in {"scheduled", "due"}]
    if not waits:
        return _NEXT.get(deliveries[0].state, "")
    hands = [acts.by_hand(site.book.settings.channels.get(one.channel)) for one in waits]
    who = "people place it then" if all(hands) else "the next run after its time sends it"
    return f"Next: {who}. To move it, merge another publish_at before; to stop it, status: cancelled."


def _alike(deliveries: Sequence[Delivery]) -> list[tuple[Delivery, int]]:
    """The first of the parts of a thread that stand alike and were not tried yet, with how many they are."""
    out: list[tuple[Delivery, int]] = []
    for one in deliveries:
        first, many = out[-1] if out else (one, 0)
        if (
            out
            and one.part == first.part + many
            and not (one.receipts or one.intent or first.receipts or first.intent)
            and (one.channel, one.occurrence, one.state, one.due, one.reason)
            == (first.channel, first.occurrence, first.state, first.due, first.reason)
        ):
            out[-1] = (first, many + 1)
        else:
            out.append((one, 1))
    return out


def _place(one: Delivery, many: int, site: Site) -> Markup:
    which = []
    if one.parts > 1:
        last = one.part + many - 1
        which.append(
            f"{many} parts"
            if many == one.parts
            else f"part {one.part}{f' to {last}' if many > 1 else ''} of {one.parts}"
        )
    which += [one.occurrence] if one.occurrence else []
    if not which:
        return site.channel(one.channel)
    return fill('{} <span class="sb-faint sb-small">{}</span>', site.channel(one.channel), ", ".join(which))


def _bytes(one: Delivery) -> Markup | str:
    """The first letters of the hash of what was sent, or claimed to be sent; before that the commit is the proof."""
    said = one.sent.content if one.sent else one.intent.content if one.intent else ""
    return fill('<span class="sb-mono sb-nowrap" title="{}">{}</span>', said, said[: evidence.SHORT]) if said else ""


def _hands(entry: Entry, site: Site, *, whole: bool) -> Markup:
    """The tasks of people who place this post by hand; none for an audience.

    Where a ``whole`` way on for all of the post stands above, of each only what a person saw is asked.
    """
    if site.audience:
        return sb.EMPTY
    channels = site.book.settings.channels
    made = [
        byhand.task(entry, one, site, ways=(acts.went_out(one),) if whole and one.state == "missed" else ())
        for one in entry.deliveries
        if one.state in byhand.OPEN and acts.by_hand(channels.get(one.channel))
        and (one.due is None or one.due <= site.now + byhand.AHEAD)
    ]  # fmt: skip
    return html(*made) if made else sb.EMPTY


_BY_DUE: Final = frozenset({"scheduled", "held", "missed"})


def _when(found: Delivery, site: Site) -> str | Markup:
    zone = site.book.settings.team.zone
    at = found.due
    if found.receipts and found.state not in _BY_DUE:
        at = found.sent.at if found.sent else max(row.at for row in found.receipts)
    if not at:
        return "–"
    here = at if at.tzinfo is zone else at.astimezone(zone)
    return html(f"<span class=sb-num>{short(here)}, {clock(here)}</span>")


def _proof(found: Delivery, site: Site) -> str | Markup:
    """The live address of what is out; of everything else why it stands so, and how often it was tried."""
    tried = f" Tried {found.attempt} times." if found.attempt > 1 else ""
    last = found.sent
    if found.state != "published" or last is None:
        return f"{found.reason}{tried}"
    said = {"settled": "A person saw it live.", "amended": "Changed there since."}.get(last.what, "")
    if "more than once" in found.reason:
        said = found.reason
    row = evidence.receipts_out(found)
    where: Markup | str = (
        "Published; it has no address of its own." if row is None else _live(evidence.live(row), found, site)
    )
    return fill("{} {}{}", where, said, tried)


def _live(address: str, found: Delivery, site: Site) -> Markup:
    """An address, and for an article of ours its page on this site."""
    shown = address.partition("://")[2]
    shown = shown if len(shown) <= 48 else f"{shown[:47]}…"
    out = fill('<a class="sb-mono sb-small" href="{}" rel="noopener noreferrer">{}</a>', address, shown)
    channel = site.book.settings.channels.get(found.channel)
    if channel is not None and channel.connector == "feed" and found.sent is not None:
        page = href(feeds.address_of(found.sent, found.key, channel, site))
        out = fill('<a href="{}">The article</a> at {}', page, out)
    return out


def _serves(document: Post, site: Site) -> Markup:
    """What a post serves, with its small facts; thousands of posts share a few sets of them."""
    if document.link or document.watch_replies or document.expires or document.embargo_until:
        return _served(document, site)
    author = document.author if document.author != document.owner else ""
    facts = (
        document.campaign, document.objective, document.audience, document.experiment, document.messages, document.mix,
        document.pillar, author, document.disclosure, document.labels,
    )  # fmt: skip
    if not _alike_served or _alike_served[0][0] is not site or len(_alike_served[0][1]) > SETS:
        _alike_served[:] = [(site, {})]
    known = _alike_served[0][1]
    made = known.get(facts)
    if made is None:
        made = known[facts] = _served(document, site)
    return made


SETS: Final = 512
"""So many sets of facts are remembered of one build."""
_alike_served: list[tuple[Site, dict[tuple[object, ...], Markup]]] = []


def _served(document: Post, site: Site) -> Markup:
    book = site.book
    campaign = book.get(Campaign, document.campaign)
    plan = book.get(Plan, campaign.plan) if campaign else None
    objective: Document | None = book.get(Objective, document.objective)
    audience: Document | None = book.get(Audience, document.audience)
    inherited = ""
    if campaign and not objective and campaign.objectives:
        objective, inherited = book.get(Objective, campaign.objectives[0]), " (the campaign’s)"
    if campaign and not audience and campaign.audiences_served:
        audience = book.get(Audience, campaign.audiences_served[0])
    messages = sb.lines([site.ref(Message, slug) for slug in document.messages]) if document.messages else ""
    pairs: list[tuple[str, str | Markup]] = [
        ("Campaign", site.ref(Campaign, document.campaign)),
        ("Plan", site.anchor(plan) if plan else ""),
        ("Objective", html(site.anchor(objective), inherited) if objective else document.objective or ""),
        ("Audience", site.anchor(audience) if audience else document.audience or ""),
        ("Experiment", site.ref(Experiment, document.experiment)),
        ("Mix", (document.mix or "").replace("-", " ")),
        ("Pillar", document.pillar or ""),
        ("Words by", site.who(document.author) if document.author != document.owner else ""),
        ("Disclosure", {"not-needed": "not needed"}.get(document.disclosure or "", document.disclosure or "")),
        ("Link", fill('<a class=sb-mono href="{0}" rel="noopener noreferrer">{0}</a>', document.link) if document.link else ""),
        ("Labels", sb.SPACE.join([sb.label(word) for word in document.labels]) if document.labels else ""),
        ("Answers read by", site.who(document.watch_replies.by) if document.watch_replies else ""),
        ("Until", _instant(document.expires, site)),
        ("Embargo until", _instant(document.embargo_until, site)),
        ("Stands on", messages),
    ]  # fmt: skip
    facts = sb.facts(pairs, two=True)
    return sb.panel("What it serves", facts, padded=True) if facts else sb.EMPTY


def _instant(at: datetime | None, site: Site) -> str:
    return f"{at.astimezone(site.book.settings.team.zone):%a %d %b %Y, %H:%M}" if at else ""


def _mentions(document: Post, site: Site) -> Markup:
    if not site.book.naming(document):
        return sb.EMPTY
    rows = [
        sb.row(link.source.name, link.field.split(".")[0].replace("_", " "), address=site.link(link.source))
        for link in site.book.backlinks(document)
    ]
    return sb.panel("Named by", sb.rows(rows), scope=f"{len(rows)}")
