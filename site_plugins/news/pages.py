"""Book → RSS, Atom and JSON Feed of published posts, upcoming posts and changed policies.

An item is a post or a version of a policy, never a delivery: a post on four channels is told once. Its id is made of its slug
and never changes. A channel's own feed for the public is another room's (``site_plugins.feeds``).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook import delivery, feeds, posts
from signalbook.model import Policy, Post
from site_plugins import text
from site_plugins.calendar.entries import entries
from site_plugins.markup import Markup
from site_plugins.pages import Asset, digest, href

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signalbook.book import Book
    from signalbook.model import Document
    from site_plugins.site import Site

PUBLISHED: Final = frozenset({"sent", "amended", "settled"})
TOLD: Final = frozenset({"in-force", "superseded", "withdrawn"})
"""States of a policy that concern those who keep to it."""
COMING: Final = frozenset({"approved", "scheduled", "due", "overdue", "sending"})
FOLDERS: Final = {
    "calendar/published": ("Published posts", "What is out, by post."),
    "calendar/upcoming": ("Upcoming posts", "What is approved and comes, the soonest fifty."),
    "policies/changed": ("Changed policies", "Each version that came into force, with what it changed."),
}
"""Folder of the three files → the feed's title and what it holds."""
AHEAD: Final = timedelta(days=28)
VERSION: Final = "news-1"


def pages(book: Book, now: datetime, site: Site) -> Iterator[Asset]:
    """Three files for each of the three feeds; none for a feed that nothing could ever stand in."""
    for folder, found in _feeds(book, now).items():
        for name in feeds.FILES:
            yield Asset(f"{folder}/{name}", partial(_file, folder, name, found, site), _key(folder, found, book, site))


def links(book: Book) -> list[tuple[str, str]]:
    """Title and folder of each feed that this Book has."""
    return [
        (title, folder)
        for folder, (title, _) in FOLDERS.items()
        if book.all(Policy if folder.startswith("policies") else Post)
    ]


Item = tuple["Document", datetime, datetime, str]
"""What it is about, when it was new, when it last changed, where it is read."""


def _feeds(book: Book, now: datetime) -> dict[str, list[Item]]:
    made: dict[str, Callable[[Book, datetime], list[Item]]] = {
        "calendar/published": _published, "calendar/upcoming": _upcoming, "policies/changed": _policies,
    }  # fmt: skip
    return {folder: made[folder](book, now) for _, folder in links(book)}


def _key(folder: str, found: list[Item], book: Book, site: Site) -> str:
    said = [(one.path, one.digest, first, last, url) for one, first, last, url in found]
    return digest(VERSION, folder, site.url, site.name, book.settings.digest, said)


def _published(book: Book, _: datetime) -> list[Item]:
    live: dict[str, dict[str, list[tuple[datetime, str, str]]]] = {}
    for one in book.receipts:
        if one.what in PUBLISHED or one.what == "withdrawn":
            live.setdefault(one.post, {}).setdefault(one.key, []).append((one.at, one.what, one.url))
    out: list[Item] = []
    for post in book.all(Post):
        rows = [sorted(steps) for steps in live.get(post.slug, {}).values()]
        open_ = [steps for steps in rows if steps[-1][1] != "withdrawn"]
        if open_ and not post.unreadable:
            first = min(steps[0][0] for steps in open_)
            last = max(steps[-1][0] for steps in open_)
            url = next(
                (address for steps in sorted(open_) for _, _, address in steps if address.startswith("http")), ""
            )
            out.append((post, first, last, url))
    return sorted(out, key=lambda item: (item[1], item[0].slug), reverse=True)[: feeds.NEWEST]


def _upcoming(book: Book, now: datetime) -> list[Item]:
    due: dict[str, datetime] = {}
    for entry in entries(book, now):
        for one in entry.deliveries:
            if one.state in COMING and one.due is not None and one.due >= now:
                due[one.post.slug] = min(due.get(one.post.slug, one.due), one.due)
    soonest = sorted(due, key=lambda slug: (due[slug], slug))[: feeds.NEWEST]
    out: list[Item] = []
    for slug in soonest:
        post = book.get(Post, slug)
        if post is not None:
            # Its own day lies ahead, where many readers show nothing; four weeks before, it becomes news.
            said = min(due[slug] - AHEAD, datetime.combine(now.date(), time(), now.tzinfo))
            out.append((post, said, said, ""))
    return out


def _policies(book: Book, now: datetime) -> list[Item]:
    out: list[Item] = []
    for policy in book.all(Policy):
        if policy.status in TOLD and not policy.unreadable:
            day = policy.in_force_from
            at = datetime.combine(day, time(), book.settings.team.zone) if day else None
            if at is not None and at <= now:
                out.append((policy, at, at, ""))
    return sorted(out, key=lambda item: (item[1], item[0].slug), reverse=True)[: feeds.NEWEST]


def _file(folder: str, name: str, found: list[Item], site: Site) -> bytes:
    title, about = FOLDERS[folder]
    book, root = site.book, site.url
    section = folder.partition("/")[0]
    entries = []
    for document, first, last, url in found:
        version = f"@{document.version}" if isinstance(document, Policy) else ""
        page = f"{root}{href(site.address(document))[1:]}"
        entries.append(
            feeds.Entry(
                id=feeds.item_id(root or site.name, f"{folder}/{document.slug}{version}"),
                url=url or page,
                title=_title(document, folder, site),
                html=str(_body(document, site)),
                published_at=first,
                updated_at=last,
                author=book.person(document.owner),
                lang=getattr(document, "locale", None) or (book.settings.team.languages or ("",))[0],
                tags=tuple(document.labels),
            )
        )
    feed = feeds.Feed(
        title=f"{site.name}: {title}", home=f"{root}{section}/index.html", base=f"{root}{folder}/", description=about,
        lang=(book.settings.team.languages or ("",))[0], author=book.settings.team.name, entries=tuple(entries),
    )  # fmt: skip
    return {"rss.xml": feeds.rss, "atom.xml": feeds.atom, "feed.json": feeds.json_feed}[name](feed)


def _title(document: Document, folder: str, site: Site) -> str:
    if isinstance(document, Policy):
        return f"{document.name}, version {document.version}" if document.version else document.name
    if folder == "calendar/upcoming" and isinstance(document, Post):
        at = delivery.due_at(site.book, document)
        here = at.astimezone(site.book.settings.team.zone) if at else None
        return f"{here:%a} {here.day} {here:%b %H:%M}: {document.name}" if here else document.name
    return document.name


def _body(document: Document, site: Site) -> Markup:
    if isinstance(document, Policy):
        said = Markup("").join(Markup("<p>{}</p>").format(one) for one in (document.changed, document.summary) if one)
        return said or Markup("<p>{}</p>").format(document.name)
    assert isinstance(document, Post)  # noqa: S101 - feeds hold posts and policies
    known = [key for key in document.channels if key in site.book.settings.channels]
    copy = Markup("")
    if known:
        parts = posts.outgoing(site.book, document, known[0], at=delivery.due_at(site.book, document)).parts
        copy = text.plain(parts[0].text) if parts else copy
    where = ", ".join(site.book.settings.channels[key].name or key for key in known)
    return Markup("{}<p>{}</p>").format(copy, f"On {where}." if where else "")
