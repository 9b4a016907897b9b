"""A page for every post: its copy as each channel gets it, where each delivery stands, what it serves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook import copytext
from signalbook.model import Audience, Campaign, Document, Experiment, Message, Objective, Plan, Post
from site_plugins import components as sb
from site_plugins.calendar import acts, byhand, preview
from site_plugins.markup import Markup
from site_plugins.pages import Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from site_plugins.calendar.pages import Entry
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


def pages(book: Book, found: Sequence[Entry], around: str, site: Site) -> Iterator[Page]:
    """A page a post; its key is its own bytes, where it stands, and what is around it."""
    naming: dict[str, list[str]] = defaultdict(list)
    for document in book.all(Post):
        for slug in (document.translation_of, document.reuse_of):
            if slug:
                naming[slug].append(document.digest)
    for entry in found:
        document = entry.post
        key = digest(
            "post", entry.key, around, document.slug, *naming.get(document.slug, ()),
            *(book_post.digest for slug in (document.translation_of, document.reuse_of) if (book_post := book.get(Post, slug))),
            site.findings_key(document.path), *(receipt.url for d in entry.deliveries for receipt in d.receipts),
            *_markdown_keys(document, site),
        )  # fmt: skip
        yield Page(
            site.address(document), document.name, "calendar", partial(page, entry, site), key,
            source=document.path, search=partial(_search, entry),
        )  # fmt: skip


def _markdown_keys(document: Post, site: Site) -> list[str]:
    channels = site.book.settings.channels
    if not any(copytext.takes_html(channels.get(key)) for key in document.channels):
        return []
    return [site.markdown_key(document.body, document.path)]


def _search(entry: Entry) -> tuple[SearchEntry, ...]:
    when = f"{entry.at:%d %b %Y %H:%M} " if entry.at else ""
    words = " ".join(entry.post.body.split())[:280]
    return (SearchEntry("", entry.post.name, f"{when}{', '.join(entry.post.channels)}. {words}"),)


def page(entry: Entry, site: Site) -> str:
    """The page of one post."""
    document = entry.post
    parts = [
        _head(entry, site),
        _note(entry),
        _findings(document, site),
        _top(entry, site),
        _hands(entry, site),
        preview.previews(entry, site),
        _mentions(document, site),
    ]
    return f'<div class="sb-stack">{"".join(str(part) for part in parts if part)}</div>'


def _head(entry: Entry, site: Site) -> Markup:
    document = entry.post
    path = [("Calendar", href("calendar/index.html"))]
    if entry.at:
        from site_plugins.calendar.pages import month_name, name

        month = (entry.at.year, entry.at.month)
        path.append((month_name(month), href(f"calendar/{name(month)}.html", f"d{entry.at.date()}")))
    when: str = "no time yet"
    if document.publish_at == "on-merge":
        when = "goes out on merge"
    elif entry.at:
        zone = site.book.settings.team.zone.key.rpartition("/")[2].replace("_", " ")
        when = f"{entry.at:%a} {entry.at.day} {entry.at:%b %Y, %H:%M} {zone}"
    acts = []
    if edit := site.edit_url(document.path):
        acts.append(sb.button("Edit the file", edit, glyph="pencil", main=True))
    kind = document.type or "original"
    sub = [when, site.who(document.owner), sb.status(entry.state), kind.replace("-", " ") if kind != "original" else ""]
    return sb.head(document.name, sub=sub, path=path, acts=acts)


_SAID: Final = {
    "unknown": ("ask", "We do not know whether this went out."),
    "failed": ("bad", "A delivery failed."),
    "missed": ("warn", "A delivery was missed; it waits for a person."),
    "overdue": ("warn", "This is late."),
    "held": ("warn", "This is held."),
}


def _note(entry: Entry) -> Markup:
    if entry.state not in _SAID:
        return Markup()
    kind, said = _SAID[entry.state]
    reasons = {d.reason for d in entry.deliveries if d.state == entry.state}
    return sb.note(said, " ".join(sorted(reasons)), kind=kind)


def _findings(document: Document, site: Site) -> Markup:
    found = site.of(document.path)
    if not found:
        return Markup()
    blocking = sum(finding.blocks for finding in found)
    scope = f"{blocking} to mend" if blocking else f"{len(found)} to look at"
    listed = sb.finding_list(found, site.edit_url(document.path))
    return sb.panel("What the checks say", listed, scope=scope, loud=bool(blocking), ident="findings")


def _top(entry: Entry, site: Site) -> Markup:
    deliveries = _deliveries(entry, site)
    serves = _serves(entry.post, site)
    if not serves:
        return deliveries
    return Markup('<div class="sb-cols sb-cols--21">{}{}</div>').format(deliveries, serves)


def _deliveries(entry: Entry, site: Site) -> Markup:
    if not entry.deliveries:
        return sb.panel(
            "Deliveries",
            sb.empty(
                "It goes nowhere yet", "Name its channels: channels: [bluesky, mastodon].", glyph="send-clock-outline"
            ),
        )
    out = sum(d.state == "published" for d in entry.deliveries)
    alike: dict[tuple[str, str, str | Markup], list[str]] = {}
    for found in entry.deliveries:
        alike.setdefault((found.state, _when(found, site), _proof(found)), []).append(found.channel)
    rows = [
        (Markup(" ").join(site.channel(key) for key in keys), sb.status(state), when, why)
        for (state, when, why), keys in alike.items()
    ]
    table = sb.table("Deliveries by channel", ("Channel", "Status", "When", "Why"), rows, cards=True)
    return sb.panel("Deliveries", table, scope=f"{out} of {len(entry.deliveries)} published")


def _hands(entry: Entry, site: Site) -> Markup:
    """The tasks of people who place this post by hand."""
    channels = site.book.settings.channels
    return Markup("").join(
        byhand.task(entry, one, site)
        for one in entry.deliveries
        if one.state in byhand.OPEN and acts.by_hand(channels.get(one.channel))
    )


def _when(found: Delivery, site: Site) -> str:
    zone = site.book.settings.team.zone
    if found.receipts:
        return f"{max(r.at for r in found.receipts).astimezone(zone):%d %b, %H:%M}"
    return f"{found.due.astimezone(zone):%d %b, %H:%M}" if found.due else "–"


def _proof(found: Delivery) -> str | Markup:
    live = next((r for r in reversed(found.receipts) if r.url.startswith(("https://", "http://"))), None)
    if live is not None:
        return Markup('<a href="{}" rel="noopener noreferrer">Live address</a>').format(live.url)
    return found.reason


def _serves(document: Post, site: Site) -> Markup:
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
    messages = Markup("<br>").join(site.ref(Message, slug) for slug in document.messages)
    pairs: list[tuple[str, str | Markup]] = [
        ("Campaign", site.ref(Campaign, document.campaign)),
        ("Plan", site.anchor(plan) if plan else ""),
        ("Objective", Markup("{}{}").format(site.anchor(objective), inherited) if objective else document.objective or ""),
        ("Audience", site.anchor(audience) if audience else document.audience or ""),
        ("Stands on", messages),
        ("Experiment", site.ref(Experiment, document.experiment)),
        ("Mix", (document.mix or "").replace("-", " ")),
        ("Pillar", document.pillar or ""),
        ("Words by", site.who(document.author) if document.author != document.owner else ""),
        ("Disclosure", {"not-needed": "not needed"}.get(document.disclosure or "", document.disclosure or "")),
        ("Link", Markup('<a class="sb-mono" href="{0}" rel="noopener noreferrer">{0}</a>').format(document.link) if document.link else ""),
        ("Labels", Markup(" ").join(sb.label(word) for word in document.labels)),
        ("Answers read by", site.who(document.watch_replies.by) if document.watch_replies else ""),
        ("Until", _instant(document.expires, site)),
        ("Embargo until", _instant(document.embargo_until, site)),
    ]  # fmt: skip
    facts = sb.facts(pairs)
    return sb.panel("What it serves", facts, padded=True) if facts else Markup()


def _instant(at: datetime | None, site: Site) -> str:
    return f"{at.astimezone(site.book.settings.team.zone):%a %d %b %Y, %H:%M}" if at else ""


def _mentions(document: Post, site: Site) -> Markup:
    rows = [
        sb.row(link.source.name, link.field.split(".")[0].replace("_", " "), address=site.link(link.source))
        for link in site.book.backlinks(document)
    ]
    return sb.panel("Named by", sb.rows(rows), scope=f"{len(rows)}") if rows else Markup()
