"""Posts as checks look at them: what each says and where, what it belongs to, when it goes out."""

from __future__ import annotations

import functools
import re
from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from signalbook import copytext, delivery, prose, quiet
from signalbook.classes import dataclass
from signalbook.model import Audience, Campaign, Event, Message, Objective, Post

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from signalbook.book import Book
    from signalbook.prose import Prose
    from signalbook.settings import Channel

TITLED = frozenset({"feed", "wordpress", "mail", "youtube", "reddit"})
"""Connectors on which people read the title too."""


@dataclass(frozen=True, slots=True)
class Said:
    """One stretch of what a post says.

    Attributes:
        field: where it stands in the front matter; empty for the body.
        line: 1-based line in the file on which it begins; 0 when the field says where.
        channels: the channels it goes out on.
    """

    field: str
    prose: Prose
    line: int
    channels: tuple[Channel, ...]

    @property
    def text(self) -> str:
        """As written."""
        return self.prose.text


@dataclass(frozen=True, eq=False)
class View:
    """A post that may go out, and what checks ask about it; its words are read when they are first asked for.

    Attributes:
        at: when it goes out; ``None`` while nobody said or it goes out on merge.
        sent: whether something of it went out.
        channels: the channels it names that exist.
    """

    book: Book
    post: Post
    at: datetime | None
    sent: bool
    channels: tuple[Channel, ...]

    @property
    def campaign(self) -> Campaign | None:
        """The campaign it belongs to."""
        return self.book.get(Campaign, self.post.campaign) if self.post.campaign else None

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages it stands on."""
        if not self.post.messages:
            return ()
        return tuple(found for slug in self.post.messages if (found := self.book.get(Message, slug)))

    @functools.cached_property
    def said(self) -> tuple[Said, ...]:
        """Everything readers get to see in words, the body's stretches first."""
        return tuple(_said(self.book, self.post, self.channels))

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """All its words in small letters."""
        said = self.said
        return said[0].prose.words if len(said) == 1 else frozenset().union(*(part.prose.words for part in said))

    @functools.cached_property
    def plain(self) -> bool:
        """Whether it says nothing but ASCII."""
        return all(part.prose.plain for part in self.said)

    @functools.cached_property
    def lang(self) -> str:
        """Its language: the one it says, else the one of its words, else the team's first."""
        said = (self.post.locale or "").partition("-")[0] or (prose.language(self.words) if len(self.words) > 4 else "")
        return said or (self.book.settings.team.languages or ("en",))[0].partition("-")[0]

    def due(self, now: datetime) -> datetime:
        """The instant for which it must be true: its time, or now when that is past and nothing went out."""
        if self.at is None:
            return now
        return self.at if self.sent or self.at > now else now

    def ahead(self, now: datetime) -> bool:
        """Whether its time can still be changed."""
        return not self.sent and (self.at is None or self.at >= now)


def where(said: Said, index: int) -> dict[str, Any]:
    """The arguments of ``ask`` for a place in what a post says; none when the field says it."""
    if not said.line:
        return {}
    line, column = prose.place(said.text, index)
    return {"line": said.line + line, "column": column}


def outgoing(book: Book, post: Post, key: str, *, at: datetime | None = None) -> copytext.Outgoing:
    """What goes out on a channel, with all that the Book adds: the campaign's tracking words, the event it leads up to.

    ``at`` is when it goes out, its own time if absent; an occurrence of a recurring post has another.
    """
    event = book.get(Event, post.relative_to.event) if post.relative_to else None
    when = (at or delivery.due_at(book, post)) if event else None
    for known in _recent:
        if known[1] is post and known[2] == key and known[3] == when and known[0] is book:
            return known[4]
    made = copytext.outgoing(
        post, key, book.settings, campaign=book.get(Campaign, post.campaign) if post.campaign else None, event=event, at=when
    )  # fmt: skip
    _recent.append((book, post, key, when, made))
    return made


_recent: deque[tuple[Book, Post, str, datetime | None, copytext.Outgoing]] = deque(maxlen=8)
"""The page of a post asks for the same words for its previews, its hash and its counts."""


class _Same:
    """A Book as a key: itself and no other."""

    __slots__ = ("book",)

    def __init__(self, book: Book) -> None:
        self.book = book

    def __hash__(self) -> int:
        return id(self.book)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.book is self.book


def views(book: Book) -> tuple[View, ...]:
    """Every post that is not cancelled and can be read."""
    return _views(_Same(book))


@functools.lru_cache(maxsize=2)
def _views(key: _Same) -> tuple[View, ...]:
    book = key.book
    sent = {receipt.post for receipt in book.receipts if receipt.what in {"sent", "amended", "settled"}}
    known = book.settings.channels
    named: dict[tuple[str, ...], tuple[Channel, ...]] = {}  # thousands of posts name the same few
    out = []
    for post in book.all(Post):
        if post.status == "cancelled" or post.unreadable:
            continue
        channels = named.get(post.channels)
        if channels is None:
            channels = named[post.channels] = tuple(known[key] for key in post.channels if key in known)
        out.append(View(book, post, delivery.due_at(book, post), post.slug in sent, channels))
    return tuple(out)


def ahead(book: Book, now: datetime) -> tuple[View, ...]:
    """The views of posts whose time can still be changed."""
    return _ahead(_Same(book), now)


@functools.lru_cache(maxsize=2)
def _ahead(key: _Same, now: datetime) -> tuple[View, ...]:
    return tuple(view for view in _views(key) if view.ahead(now))


def clock(at: datetime, zone: ZoneInfo) -> time:
    """What the clocks of a zone show at an instant."""
    return (at if at.tzinfo is zone else at.astimezone(zone)).time()


def _said(book: Book, post: Post, channels: tuple[Channel, ...]) -> Iterator[Said]:
    found = copytext.own_sections(post, book.settings.channels)
    own = {section.channel for section in found if section.channel}
    for section in found:
        if section.text:
            on = channels
            if own:
                on = tuple(c for c in channels if (c.key == section.channel if section.channel else c.key not in own))
            yield Said("", prose.read(section.text), section.line, on)
    if post.title and (on := tuple([channel for channel in channels if channel.connector in TITLED])):
        yield Said("title", prose.read(post.title), 0, on)
    if post.first_comment:
        yield Said("first_comment", prose.read(post.first_comment), 0, channels)
    if post.poll:
        for index, option in enumerate(post.poll.options):
            yield Said(f"poll.options.{index}", prose.read(option), 0, channels)
    for key, values in (post.options or {}).items():
        for name in ("subject", "title", "content_warning", "caption", "description"):
            if isinstance(text := values.get(name), str) and text:
                on = tuple(channel for channel in channels if channel.key == key)
                yield Said(f"options.{key}.{name}", prose.read(text), 0, on)


# --- what a post belongs to ------------------------------------------------------------------------------------------


def objective_of(book: Book, view: View) -> Objective | None:
    """What it serves: its own objective, or the campaign's first."""
    if view.post.objective:
        return book.get(Objective, view.post.objective)
    slugs = view.campaign.objectives if view.campaign else ()
    return next((found for slug in slugs if (found := book.get(Objective, slug))), None)


def audience_of(book: Book, view: View) -> Audience | None:
    """Whom it is for: its own audience, the campaign's first, or the channel's."""
    slugs: list[str | None] = [view.post.audience, *(view.campaign.audiences_served if view.campaign else ())]
    slugs += [channel.audience for channel in view.channels[:1]]
    return next((found for slug in slugs if slug and (found := book.get(Audience, slug))), None)


def country_of(view: View) -> str:
    """The country a post is for, as its locale names it (``de-AT``); empty when it names none."""
    return (view.post.locale or "").partition("-")[2].upper()


@dataclass(frozen=True, slots=True)
class Days:
    """An event as days.

    Attributes:
        first: its first day, in its own zone or the team's.
        last: its last day, included.
    """

    event: Event
    first: date
    last: date


def events(book: Book) -> tuple[Days, ...]:
    """Every event that says when it is."""
    return tuple(
        Days(event, first, max(first, _day(event.until) or first))
        for event in book.all(Event)
        if not event.unreadable and (first := _day(event.when))
    )


def _day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def touches(view: View, topics: tuple[str, ...]) -> str:
    """The first topic that a post speaks of, in its words, labels or theme; empty for none."""
    marked = {label.lower() for label in view.post.labels} | {(view.post.pillar or "").lower()}
    for topic in topics:
        low = topic.lower()
        if low in marked or low in view.words or f"{low}s" in view.words:
            return topic
        if " " in low and any(low in said.prose.low for said in view.said):
            return topic
    return ""


RUNG_ANYWAY = quiet.RUNG_ANYWAY
"""Types that go out also when we are quiet: they keep people safe, put right or answer."""


def local(book: Book, at: datetime) -> str:
    """An instant as people read it, in the team's zone: ``Tue 24 November 2026, 09:30``."""
    here = at.astimezone(book.settings.team.zone)
    return f"{here:%a} {here.day} {here:%B %Y}, {here:%H:%M}"


def written(book: Book, at: datetime) -> str:
    """An instant as a file has it, in the team's zone: ``2026-11-24 09:30``."""
    return f"{at.astimezone(book.settings.team.zone):%Y-%m-%d %H:%M}"


def settings_line(book: Book, table: str, key: str = "") -> int:
    """1-based line of a key in a table of signalbook.toml, of the table, or 1."""
    return _settings_lines(_Same(book)).get((table, key)) or _settings_lines(_Same(book)).get((table, "")) or 1


@functools.lru_cache(maxsize=2)
def _settings_lines(key: _Same) -> dict[tuple[str, str], int]:
    try:
        text = key.book.workspace.settings.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    out: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = head[1].replace('"', "")
            out.setdefault((table, ""), number)
        elif found := re.match(r'\s*"?([\w-]+)"?\s*=', line):
            out.setdefault((table, found[1]), number)
    return out
