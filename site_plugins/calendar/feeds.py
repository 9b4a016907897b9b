"""The calendar as iCalendar files: everything, one a channel, one an owner, one a campaign.

Written by hand to RFC 5545 because thousands of events are written at every build; the tests read the files back with
a library. Instants are in UTC, so that every program shows the same moment on both sides of a clock change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.feeds import FILES
from signalbook.model import Campaign, Event
from site_plugins import components as sb
from site_plugins.markup import Markup
from site_plugins.news import pages as news
from site_plugins.pages import Asset, Page, digest, digest_of, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.calendar.entries import Entry, Span
    from site_plugins.site import Site

BACK: Final = timedelta(days=180)
"""Feeds go back so far: a calendar program asks for the whole file every hour."""
LASTS: Final = timedelta(minutes=15)
LONGEST: Final = 60
"""Characters of a name in a file's name; owners are whatever a document says."""
UTC: Final = timezone.utc  # noqa: UP017 - the same object either way
FOLD: Final = 73
"""Bytes of a line before it is folded; RFC 5545, section 3.1, allows 75 with the break's own space."""


def assets(book: Book, found: Sequence[Entry], lasting: Sequence[Span], site: Site) -> Iterator[Page | Asset]:
    """The feeds and the page that lists them."""
    since = site.now - BACK
    dated = [entry for entry in found if entry.at and entry.at >= since]
    ranges = [span for span in lasting if span.end >= since.date()]
    feeds: list[tuple[str, str, list[Entry], list[Span]]] = [("all", "Everything", dated, ranges)]
    for key, channel in book.settings.channels.items():
        feeds.append((f"channel-{_safe(key)}", channel.name, [e for e in dated if key in e.post.channels], []))
    owners = sorted({entry.post.owner for entry in found if entry.post.owner})
    feeds += [
        (f"owner-{_safe(slug)}", book.person(slug), [e for e in dated if e.post.owner == slug], []) for slug in owners
    ]
    feeds += list(_campaigns(book, dated, ranges, site))
    people = [book.person(slug) for slug in owners]
    channels = [(key, channel.name) for key, channel in book.settings.channels.items()]
    events = Events(site)
    for name, title, rows, spans_ in feeds:
        said = "\n".join([entry.shown for entry in rows])
        key = digest("ics", site.url, channels, site.name, _stamp(site), title, people, said, *spans_)
        yield Asset(f"calendar/{name}.ics", partial(calendar, f"{site.name}: {title}", rows, spans_, site, events), key)
    listed = [(name, title, len(rows) + len(spans_)) for name, title, rows, spans_ in feeds]
    known = news.links(book)
    yield Page(
        "calendar/feeds.html",
        "Calendar feeds",
        "calendar",
        partial(_page, listed, known),
        digest("feeds", listed, known),
    )


def _campaigns(
    book: Book, dated: Sequence[Entry], ranges: Sequence[Span], site: Site
) -> Iterator[tuple[str, str, list[Entry], list[Span]]]:
    """Each campaign that has something ahead or lately behind: its posts, its days and its events."""
    by_campaign: dict[str, list[Entry]] = {}
    for entry in dated:
        if entry.post.campaign:
            by_campaign.setdefault(entry.post.campaign, []).append(entry)
    for campaign in book.all(Campaign):
        own = {site.address(campaign)} | {site.address(one) for one in book.all(Event) if one.campaign == campaign.slug}
        spans_ = [span for span in ranges if span.address in own]
        rows = by_campaign.get(campaign.slug, [])
        if rows or spans_:
            yield f"campaign-{_safe(campaign.slug)}", campaign.name, rows, spans_


def _safe(name: str) -> str:
    """A name as a part of a file's name: the same while it is short and plain, else cut and told apart by its digest."""
    plain = "".join(char if char.isalnum() or char in "-_" else "-" for char in name)
    return name if plain == name and len(name) <= LONGEST else f"{plain[:LONGEST]}-{digest(name)[:8]}"


def _page(listed: Sequence[tuple[str, str, int]], known: Sequence[tuple[str, str]]) -> str:
    rows = [
        (title, f"{count}", Markup('<a href="{0}">{1}.ics</a>').format(href(f"calendar/{name}.ics"), name))
        for name, title, count in listed
    ]
    head = sb.head(
        "Calendar feeds", sub=["for Outlook, Google Calendar, Apple Calendar and the rest"],
        path=[("Calendar", href("calendar/index.html"))],
    )  # fmt: skip
    note = Markup(
        "<p>Copy a file’s address and add it in your calendar as a calendar from the internet. "
        "The files are made anew with every build and go back half a year.</p>"
    )
    table = sb.table("Calendar feeds", ("What", "Entries", "File"), rows, numbers=(1,))
    body = Markup('<div class="sb-panel__body">{}</div>{}').format(note, table)
    readers = sb.table(
        "Feeds for readers",
        ("What", "RSS", "Atom", "JSON Feed"),
        [
            (
                title,
                *(
                    Markup('<a href="{}" aria-label="{}">{}</a>').format(
                        href(f"{folder}/{name}"), f"{title}, {name}", name
                    )
                    for name in FILES
                ),
            )
            for title, folder in known
        ],
    )
    news_ = sb.panel("Feeds for readers", readers) if known else Markup()
    return f'<div class="sb-stack">{head}{sb.panel("Subscribe", body)}{news_}</div>'


def calendar(
    title: str, found: Sequence[Entry], lasting: Sequence[Span], site: Site, events: Events | None = None
) -> bytes:
    """One iCalendar file; ``events`` keeps a post's lines for the next file that holds it."""
    events = events or Events(site)
    stamp = events.stamp
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Signalbook//Calendar//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(title)}", f"X-WR-TIMEZONE:{site.book.settings.team.zone.key}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    blocks = [events.of(entry) for entry in found]
    head, lines = lines, []
    seen: set[str] = set()
    for span in lasting:
        # A campaign and what it does on its first day have the same address and the same day: no two may have one name.
        name = digest("span", span.address, span.start)
        if name in seen:
            name = digest("span", span.address, span.start, span.title)
        seen.add(name)
        title, times = _lasting(span, site)
        lines += [
            "BEGIN:VEVENT", f"UID:{name}@signalbook", f"DTSTAMP:{stamp}", *times, f"SUMMARY:{escaped(title)}",
            "TRANSP:TRANSPARENT", *_url(site, span.address), "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return ("\r\n".join([*map(folded, head), *blocks, *map(folded, lines)]) + "\r\n").encode()


def _lasting(span: Span, site: Site) -> tuple[str, list[str]]:
    """The title and the lines of time: of an hour where one is known, else of whole days."""
    if span.begins is None:
        last = span.end + timedelta(days=1)
        return span.title, [f"DTSTART;VALUE=DATE:{span.start:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"]
    begins = span.begins.astimezone(UTC)
    ends = span.ends.astimezone(UTC) if span.ends else begins + LASTS
    hour = f"{span.begins.astimezone(site.book.settings.team.zone):%H:%M} "
    title = span.title.replace(hour, "", 1)  # the program shows it
    return title, [f"DTSTART:{begins:%Y%m%dT%H%M%SZ}", f"DTEND:{max(ends, begins + LASTS):%Y%m%dT%H%M%SZ}"]


def _stamp(site: Site) -> str:
    """When the file was made, by the day: a file that is made twice a day is the same file."""
    return f"{site.now.astimezone(UTC):%Y%m%d}T000000Z"


class Events:
    """The lines of posts, each made once for all files that hold it."""

    def __init__(self, site: Site) -> None:
        """Make none yet."""
        self.site = site
        self.stamp = _stamp(site)
        self._known: dict[str, str] = {}
        self._told: dict[tuple[object, ...], str] = {}

    def of(self, entry: Entry) -> str:
        """A post's lines."""
        name = f"{entry.post.slug}@{entry.occurrence}"
        lines = self._known.get(name)
        if lines is None:
            lines = self._known[name] = self._event(entry)
        return lines

    def _event(self, entry: Entry) -> str:
        assert entry.at is not None  # noqa: S101 - only posts with a time are in a feed
        post, apart = entry.post, entry.apart
        begins = entry.at.astimezone(UTC)
        # Most posts stand where many others do, on the same channels and with the same owner.
        place = (entry.state, post.channels, post.owner, apart)
        told = self._told.get(place)
        if told is None:
            told = self._told[place] = self._stands(entry)
        names = ["post", post.slug, entry.occurrence] if entry.occurrence else ["post", post.slug]
        ends = [folded(line) for line in _url(self.site, self.site.address(post))]
        lines = (
            "BEGIN:VEVENT",
            f"UID:{digest_of(names)}@signalbook",
            f"DTSTAMP:{self.stamp}",
            f"DTSTART:{_instant(begins)}",
            f"DTEND:{_instant(begins + LASTS)}",
            folded(f"SUMMARY:{escaped(post.name)}"),
            told,
            *ends,
            "END:VEVENT",
        )
        return "\r\n".join(lines)

    def _stands(self, entry: Entry) -> str:
        """The lines that say where a post stands."""
        book = self.site.book
        known = book.settings.channels
        names = {key: (known[key].name or key) if key in known else key for key in entry.post.channels}
        stands = f"{sb.status_of(entry.state).word}. {', '.join(names.values())}."
        if entry.apart:
            each = [f"{names.get(key, key)}: {sb.status_of(state).word.lower()}" for key, state in entry.apart]
            stands = f"{'; '.join(each)}."
        status = (
            "CANCELLED"
            if entry.state in {"cancelled", "withdrawn"}
            else "CONFIRMED"
            if entry.state in _SURE
            else "TENTATIVE"
        )
        about = escaped(f"{stands} Owner: {book.person(entry.post.owner)}.")
        return "\r\n".join([folded(f"DESCRIPTION:{about}"), f"STATUS:{status}", "TRANSP:TRANSPARENT"])


def _instant(at: datetime) -> str:
    """An instant of UTC as calendars have it: ``20261123T080000Z``; ``strftime`` takes four times as long."""
    day, time = at.year * 10_000 + at.month * 100 + at.day, at.hour * 10_000 + at.minute * 100 + at.second
    return f"{day}T{time:06}Z"


_SURE: Final = frozenset({"approved", "scheduled", "due", "sending", "published", "overdue"})


def _url(site: Site, address: str) -> list[str]:
    return [f"URL:{site.url}{href(address)[1:]}"] if site.url else []


def escaped(text: str) -> str:
    """Text as RFC 5545, section 3.3.11, wants it; control characters are left out."""
    plain = text
    if not text.isprintable():
        plain = "".join(char for char in text if (char >= " " and char != "\x7f") or char == "\n")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line cut so that no piece is longer than 75 bytes, never inside a character."""
    if len(line) <= FOLD and line.isascii():
        return line
    if line.isascii():
        return "\r\n ".join(line[start : start + FOLD] for start in range(0, len(line), FOLD))
    data = line.encode("utf-8", "replace")
    pieces: list[str] = []
    start = 0
    while len(data) - start > FOLD:
        end = start + FOLD
        while data[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        pieces.append(data[start:end].decode())
        start = end
    pieces.append(data[start:].decode())
    return "\r\n ".join(pieces)
