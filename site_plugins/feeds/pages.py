"""Receipts → each ``feed`` channel's articles, its page, and RSS 2.0, Atom and JSON Feed.

Only a receipt puts an article here: what is planned, held or missed is in none of the files. An article stands where its
receipt says, so that its address outlives its title, and says what was sent, also when the post was edited since.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from signalbook import delivery, feeds, hypertext, posts, sent, sources
from signalbook.classes import dataclass
from signalbook.model import Campaign, Post
from site_plugins import components as sb
from site_plugins.markup import Markup
from site_plugins.pages import Asset, Page, SearchEntry, digest, href, inside

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.records import Receipt
    from signalbook.settings import Channel
    from site_plugins.site import Site

OUT: Final = frozenset({"sent", "amended", "settled"})
"""What a receipt says of an article that people can read."""


@dataclass(frozen=True, slots=True)
class Article:
    """A published post on a feed.

    Attributes:
        first: the receipt that published it; its id and its time are the article's.
        last: the newest receipt.
        address: where its page stands on this site.
    """

    post: Post
    first: Receipt
    last: Receipt
    address: str


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The pages and files of every channel whose connector is ``feed``."""
    del now
    for channel in book.settings.channels.values():
        if channel.connector == "feed" and not _is_heard(channel, book, site):
            yield from _channel(channel, book, site)


def _is_heard(channel: Channel, book: Book, site: Site) -> bool:
    """Whether it is somebody else's feed; what stands below the site's own address never is."""
    below = bool(site.url) and channel.url.startswith(site.url)
    return not below and sources.is_heard(channel, book.settings, sources.speaking(book))


def folder_of(channel: Channel, site: Site) -> str:
    """Where a channel's articles stand on this site: as its ``url`` lies below the site's, else below its key."""
    if site.url and channel.url.startswith(site.url):
        below = unquote(channel.url.removeprefix(site.url)).strip("/")
        if below and inside(f"{below}/index.html"):
            return below
    return channel.key


def root_of(channel: Channel, site: Site) -> str:
    """The public address of this site's root as the channel's ``url`` tells it; empty when nobody says."""
    folder = folder_of(channel, site)
    if channel.url.rstrip("/").endswith(f"/{folder}"):
        return channel.url.rstrip("/").removesuffix(folder)
    return site.url


def articles(channel: Channel, book: Book, site: Site) -> list[Article]:
    """What is published on a feed, newest first."""
    rows: dict[str, list[Receipt]] = {}
    for receipt in _receipts(book).get(channel.key, ()):
        rows.setdefault(receipt.key, []).append(receipt)
    found = []
    for key, receipts in rows.items():
        out = [one for one in receipts if one.what in OUT or one.what == "withdrawn"]
        if not out or out[-1].what == "withdrawn":
            continue
        post = book.get(Post, out[0].post)
        if post is None or post.unreadable:
            continue
        first = next(one for one in out if one.what in OUT)
        address = address_of(first, key, channel, site)
        found.append(Article(post, first, out[-1], address))
    return sorted(found, key=lambda one: (one.first.at, one.first.key), reverse=True)


@lru_cache(maxsize=2)
def _by_channel(receipts: tuple[Receipt, ...]) -> dict[str, list[Receipt]]:
    found: dict[str, list[Receipt]] = {}
    for receipt in sorted(receipts, key=lambda one: one.at):
        found.setdefault(receipt.channel, []).append(receipt)
    return found


def _receipts(book: Book) -> dict[str, list[Receipt]]:
    return _by_channel(book.receipts)


def address_of(receipt: Receipt, key: str, channel: Channel, site: Site) -> str:
    """The page of an article: as its live address lies below the channel's, else by the delivery's name."""
    folder = folder_of(channel, site)
    base = channel.url.rstrip("/") + "/"
    if channel.url and receipt.url.startswith(base):
        below = unquote(urlsplit(receipt.url.removeprefix(base)).path)
        name = f"{below}index.html" if below.endswith("/") else below
        if name.endswith(".html") and inside(f"{folder}/{name}") and name != "index.html":
            return f"{folder}/{name}"
    return f"{folder}/{feeds.item_name(key)}.html"


def _channel(channel: Channel, book: Book, site: Site) -> Iterator[Page | Asset]:
    folder = folder_of(channel, site)
    found = articles(channel, book, site)
    around = digest(book.settings.digest, site.url, site.name, site.repo, folder)
    keys = {one.first.key: _key(one, book, site) for one in found}
    every = digest("feed", around, *keys.values())
    search = (SearchEntry("", channel.name, f"Articles and feeds of {channel.name}: {channel.purpose}"),)
    kept_by = digest(every, site.who(channel.owner) if channel.owner else "")
    yield Page(f"{folder}/index.html", channel.name, "calendar", partial(_index, channel, found, site), kept_by,
               description=channel.purpose, search=search)  # fmt: skip
    for one in found:
        yield Page(one.address, one.post.name, "calendar", partial(_article, one, channel, site),
                   digest("article", around, keys[one.first.key]), source=one.post.path)  # fmt: skip
    for name in feeds.FILES:
        yield Asset(f"{folder}/{name}", partial(_file, name, channel, found, site), digest(every, name))


def _key(one: Article, book: Book, site: Site) -> str:
    """What an article shows: what was sent is in git, so its commits count."""
    post = one.post
    campaign = book.get(Campaign, post.campaign)
    life = site.past.lives.get(post.path)
    return digest(
        post.digest, post.path, one.address, one.first.key, one.first.at, one.first.id, one.last.at, one.last.what,
        one.last.content, book.person(post.author or post.owner), campaign.digest if campaign else "",
        life.last.sha if life else "",
        *(f"{media.src}{site.resolve(post.path, media.src or '')}" for media in post.media),
    )  # fmt: skip


def as_sent(one: Article, site: Site) -> Post:
    """The post as its newest receipt says: from git where the file says something else today.

    Where git does not hold exactly what was sent, the file as it stands is the best there is.
    """
    found = delivery.find(site.book, one.first.key, site.now)
    if found is None or not sent.changed(site.book, found):
        return one.post
    copy = sent.copy_of(site.book, site.past, found)
    return copy.post if copy is not None and copy.exact else one.post


def _pictures(one: Article, channel: Channel, site: Site) -> dict[str, feeds.Enclosed]:
    """Source as written → the picture as readers fetch it."""
    root = root_of(channel, site)
    found: dict[str, feeds.Enclosed] = {}
    if not root:
        return found
    for media in one.post.media:
        address = site.resolve(one.post.path, media.src) if media.src else None
        mime = mimetypes.guess_type(media.src or "")[0] or ""
        if address and media.src and mime.startswith(("image/", "audio/", "video/")):
            place = site.book.workspace.root / _path(media.src, one.post)
            size = place.stat().st_size if place.is_file() else 0
            alt = "" if media.decorative else media.alt or ""
            found[media.src] = feeds.Enclosed(root + address.lstrip("\x02"), mime, size, alt)
    return found


def _path(src: str, post: Post) -> str:
    import posixpath

    base = posixpath.dirname(post.path)
    return posixpath.normpath(f"content{src}" if src.startswith("/") else posixpath.join(base, src))


def _copy(one: Article, channel: Channel, site: Site) -> str:
    out = posts.outgoing(site.book, one.post, channel.key, at=one.first.at)
    return out.parts[0].text if out.parts else ""


def _title(one: Article, channel: Channel, site: Site) -> str:
    return posts.outgoing(site.book, one.post, channel.key, at=one.first.at).title or one.post.name


def _file(name: str, channel: Channel, found: list[Article], site: Site) -> bytes:
    """One of the three files."""
    root = root_of(channel, site)
    base = f"{root}{folder_of(channel, site)}/"
    entries = []
    for one in _sent(found[: feeds.NEWEST], site):
        pictures = _pictures(one, channel, site)
        html = hypertext.render(_copy(one, channel, site), pictures={src: it.url for src, it in pictures.items()})
        entries.append(
            feeds.Entry(
                id=one.first.id or feeds.item_id(channel.url or channel.key, one.first.key),
                url=one.first.url or f"{root}{one.address.removesuffix('index.html')}",
                title=_title(one, channel, site),
                html=html,
                published_at=one.first.at,
                updated_at=one.last.at,
                author=site.book.person(one.post.author or one.post.owner),
                lang=one.post.locale or site.book.settings.team.languages[0],
                tags=_tags(one, channel),
                enclosed=tuple(pictures.values()),
            )
        )
    team = site.book.settings.team
    feed = feeds.Feed(
        title=f"{site.name}: {channel.name}",
        home=channel.url or base,
        base=base,
        description=channel.purpose,
        lang=team.languages[0] if team.languages else "",
        author=team.name,
        entries=tuple(entries),
    )
    return {"rss.xml": feeds.rss, "atom.xml": feeds.atom, "feed.json": feeds.json_feed}[name](feed)


def _tags(one: Article, channel: Channel) -> tuple[str, ...]:
    said = ((one.post.options or {}).get(channel.key) or {}).get("categories")
    return tuple(str(word) for word in said) if isinstance(said, (list, tuple)) else ()


# --- pages -----------------------------------------------------------------------------------------------------------


def _day(at: datetime, site: Site) -> str:
    here = at.astimezone(site.book.settings.team.zone)
    return f"{here.day} {here:%B %Y}"


def _subscribe(channel: Channel, site: Site) -> Markup:
    folder = folder_of(channel, site)
    return Markup("").join(
        Markup('<a class="sb-btn" href="{}">{}{}</a>').format(href(f"{folder}/{name}"), sb.icon("rss"), word)
        for name, word in (("rss.xml", "RSS"), ("atom.xml", "Atom"), ("feed.json", "JSON Feed"))
    )


def _sent(found: Iterable[Article], site: Site) -> list[Article]:
    """Articles with their posts as they were sent."""
    return [replace(one, post=as_sent(one, site)) for one in found]


def _index(channel: Channel, found: list[Article], site: Site) -> str:
    found = _sent(found, site)
    head = sb.head(
        channel.name,
        sub=[site.name, f"{len(found)} article{'s' * (len(found) != 1)}", sb.status(channel.status, bare=True)],
        path=[("Calendar", href("calendar/index.html"))],
        acts=[_subscribe(channel, site)],
    )
    if not found:
        body = sb.empty(
            "Nothing is published here yet",
            "An article appears when its post is approved, its time has come and the next run has recorded its receipt.",
            glyph="rss",
        )
    else:
        body = sb.rows(
            sb.row(
                _title(one, channel, site),
                hypertext.excerpt(hypertext.render(_copy(one, channel, site))),
                end=_day(one.first.at, site),
                address=href(one.address),
                lead=sb.icon("post-outline"),
            )
            for one in found
        )
    about = sb.facts(
        [
            ("What for", channel.purpose),
            ("How it sounds", channel.voice),
            ("Kept by", site.who(channel.owner) if channel.owner else ""),
            ("Public address", channel.url),
        ]
    )
    foot = "Only what has a receipt stands here and in the feeds."
    side = sb.panel("The channel", about, padded=True) if about else Markup()
    main = sb.panel("Articles", body, scope="newest first" if len(found) > 1 else "", foot=foot)
    return f'<div class="sb-stack">{head}<div class="sb-cols sb-cols--21">{main}{side}</div></div>'


def _article(now: Article, channel: Channel, site: Site) -> str:
    (one,) = _sent([now], site)
    copy = _copy(one, channel, site)
    words = len(copy.split())
    author = site.book.person(one.post.author or one.post.owner)
    changed = f"changed {_day(one.last.at, site)}" if one.last.what == "amended" else ""
    head = sb.head(
        _title(one, channel, site),
        sub=[
            _day(one.first.at, site),
            f"by the {author[:1].lower()}{author[1:]}" if author else "",
            f"{max(1, round(words / 220))} min to read",
            changed,
        ],
        path=[
            ("Calendar", href("calendar/index.html")),
            (channel.name, href(f"{folder_of(channel, site)}/index.html")),
        ],
        acts=[
            Markup('<a class="sb-btn" href="{}">{}How it came to be</a>').format(
                site.link(now.post), sb.icon("clipboard-text-outline")
            )
        ],
    )
    shown: dict[str, str] = {
        src: address
        for src in (media.src for media in one.post.media)
        if src and (address := site.resolve(one.post.path, src))
    }
    pictures = Markup("").join(
        Markup('<figure class="sb-figure"><img src="{}" alt="{}" loading="lazy"></figure>').format(
            shown[media.src], "" if media.decorative else media.alt or ""
        )
        for media in one.post.media
        if media.src in shown and (mimetypes.guess_type(media.src)[0] or "").startswith("image/")
    )
    body = Markup(hypertext.render(copy, pictures=shown))
    return (
        f'<div class="sb-stack">{head}<section class="sb-panel"><div class="sb-article sb-prose">{pictures}{body}</div>'
        f'<div class="sb-panel__foot">{_foot(one, channel, site)}</div></section></div>'
    )


def _foot(one: Article, channel: Channel, site: Site) -> Markup:
    at = one.first.at.astimezone(site.book.settings.team.zone)
    live = (
        Markup(' at <span class="sb-mono">{}</span>').format(one.first.url)
        if one.first.url.startswith(("https://", "http://"))
        else ""
    )
    return Markup("Published on {} {}, {}{}.").format(channel.name, f"{at.day} {at:%B %Y}", f"{at:%H:%M}", live)


def links(book: Book, site: Site) -> list[tuple[str, str, str]]:
    """For the head of every page: title, type and address of each feed."""
    out = []
    for channel in book.settings.channels.values():
        if channel.connector == "feed" and channel.status != "retired" and not _is_heard(channel, book, site):
            folder = folder_of(channel, site)
            for name, mime in feeds.FILES.items():
                word = {"rss.xml": "RSS", "atom.xml": "Atom", "feed.json": "JSON Feed"}[name]
                out.append((f"{channel.name} ({word})", mime, f"{folder}/{name}"))
    return out
