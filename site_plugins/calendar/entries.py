"""What stands on the calendar: posts with their time and state, what lasts over days, and the months they fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.classes import dataclass
from signalbook.model import Campaign, Event, Hold, Post

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery
    from site_plugins.site import Site

MOST_MONTHS: Final = 240
"""A calendar spans so many months in a row at most; posts dated further apart get their months without the gaps."""

NEEDS_PERSON: Final = frozenset(delivery.ALARMING)
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A post on the calendar.

    Attributes:
        post: the document.
        at: when it goes out, in the team's zone; ``None`` while nobody has said.
        state: the state that speaks for it.
        deliveries: one a channel, and one a part of a thread.
        occurrence: which time of a post that comes again; empty for a post that goes out once.
    """

    post: Post
    at: datetime | None
    state: str
    deliveries: tuple[Delivery, ...]
    occurrence: str = ""

    @cached_property
    def stands(self) -> str:
        """When it goes out and where each of its deliveries stands, for keys."""
        at, time = self.at, str(self.at)
        each = [f"{d.key} {d.state} {time if d.due is at else d.due} {d.reason}" for d in self.deliveries]
        return f"{time} {self.state} {'|'.join(each)}"

    @property
    def key(self) -> str:
        """What a page depends on when it shows this entry."""
        post = self.post
        return f"{post.digest}{post.path}{self.stands}"

    @property
    def face(self) -> str:
        """The same of a page that shows no word of the copy: an edit of the body alone changes nothing there."""
        post = self.post
        return f"{post.said}{post.path}{self.stands}"

    @cached_property
    def shown(self) -> str:
        """What a calendar program shows of it besides names."""
        post = self.post
        return (
            f"{post.slug}|{self.occurrence}|{post.name}|{self.at}|{self.state}|{'|'.join(post.channels)}|{post.owner}"
            f"|{self.apart}"
        )

    @property
    def apart(self) -> tuple[tuple[str, str], ...]:
        """(channel, state) of each channel, where they do not all stand alike; else nothing."""
        if len({one.state for one in self.deliveries}) < 2:
            return ()
        first = {one.channel: one.state for one in reversed(self.deliveries)}
        return tuple((key, first[key]) for key in self.post.channels if key in first)


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts: a campaign, a hold, an event, a holiday.

    Attributes:
        kind: the class that colours it: empty for a campaign, ``hold``, ``event`` (ours and the field's), ``off``
            (holidays, days on which we hold back) or ``quiet`` (nothing of ours goes out).
        start: first day.
        end: last day.
        address: its page.
        campaign: the campaign it is or belongs to, for timelines; empty for none.
        begins: the instant, where an hour is known; ``None`` for something of whole days.
        ends: the instant, where one is known.
    """

    title: str
    kind: str
    start: date
    end: date
    address: str
    campaign: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


Month = tuple[int, int]


_last: list[tuple[Book, datetime, list[Entry], dict[str, list[Entry]]]] = []


def entries(book: Book, now: datetime) -> list[Entry]:
    """Every post with its time and its state, earliest first, those without a time last."""
    return list(_told(book, now)[2])


def by_post(book: Book, now: datetime) -> Mapping[str, Sequence[Entry]]:
    """Path of every post → its times, earliest first; told once a build like ``entries``."""
    return _told(book, now)[3]


def _told(book: Book, now: datetime) -> tuple[Book, datetime, list[Entry], dict[str, list[Entry]]]:
    if not _last or _last[0][0] is not book or _last[0][1] != now:
        out = _entries(book, now)
        times: dict[str, list[Entry]] = {}
        for entry in out:
            path = entry.post.path
            if path in times:
                times[path].append(entry)
            else:
                times[path] = [entry]
        _last[:] = [(book, now, out, times)]
    return _last[0]


def _entries(book: Book, now: datetime) -> list[Entry]:
    zone = book.settings.team.zone
    out = []
    for document, found in delivery.by_post(book, now):
        # Only a post that comes again has more than one time.
        times = {"": found} if document.evergreen is None or not found else _times(found)
        for occurrence, mine in times.items():
            due = mine[0].due if mine else delivery.due_at(book, document)
            if due is not None and due.tzinfo is not zone:
                due = due.astimezone(zone)
            state = document.state if not mine else mine[0].state if len(mine) == 1 else delivery.loudest(mine)
            out.append(Entry(document, due, state, tuple(mine), occurrence))
    far = datetime.max.replace(tzinfo=zone)
    out.sort(key=lambda entry: (entry.at or far, entry.post.slug))
    return out


def _times(found: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """Occurrence → its deliveries."""
    times: dict[str, list[Delivery]] = {}
    for one in found:
        times.setdefault(one.occurrence, []).append(one)
    return times


_QUIET: Final = {"quiet": "Quiet", "avoid": "Sensitive"}
_ITEMS: Final = {"event": "Event", "print": "Print", "reference": "Reference", "talk": "Talk", "mail": "Mail"}


def spans(book: Book, site: Site) -> list[Span]:
    """Campaigns and what they do away from the networks, holds, events; the longest first where they begin together."""
    zone = book.settings.team.zone
    out: list[Span] = []
    for campaign in book.all(Campaign):
        if campaign.state == "idea":
            continue
        if campaign.period and campaign.period.from_ and campaign.period.to:
            out.append(
                Span(
                    campaign.name, "", campaign.period.from_, campaign.period.to, site.address(campaign), campaign.slug
                )
            )
        for item in campaign.items:
            if item.on is not None:
                title = f"{_ITEMS.get(item.kind or '', 'Item')}: {item.title or item.place or campaign.name}"
                title, on = _timed(title, item.on, zone)
                out.append(Span(title, "event", on, on, site.address(campaign), campaign.slug, _instant(item.on)))
    for hold in book.all(Hold):
        if hold.from_ and hold.expires:
            ended = hold.released.at if hold.released and hold.released.at else hold.expires
            title = f"Hold: {hold.name}"
            first, last = hold.from_.astimezone(zone).date(), ended.astimezone(zone).date()
            out.append(Span(title, "hold", first, max(first, last), site.address(hold), begins=hold.from_, ends=ended))
    for event in book.all(Event):
        if event.when is None:
            continue
        title, start = _timed(event.name, event.when, zone)
        end = event.until or event.when
        last = end.astimezone(zone).date() if isinstance(end, datetime) else end
        if event.effect in _QUIET:
            kind, title = "quiet" if event.effect == "quiet" else "off", f"{_QUIET[event.effect]}: {title}"
        else:
            kind = "off" if event.kind in {"holiday", "mourning", "election"} else "event"
        hours = _instant(event.when), _instant(event.until)
        out.append(Span(title, kind, start, max(start, last), site.address(event), event.campaign or "", *hours))
    return sorted(
        (span for span in out if span.end >= span.start), key=lambda s: (s.start, -(s.end - s.start).days, s.title)
    )


def _instant(when: date | datetime | None) -> datetime | None:
    return when if isinstance(when, datetime) else None


def _timed(title: str, when: date | datetime, zone: tzinfo) -> tuple[str, date]:
    """A title with its hour in front where it has one, and its day in the team's zone."""
    if not isinstance(when, datetime):
        return title, when
    local = when.astimezone(zone)
    return f"{local:%H:%M} {title}", local.date()


def months(found: Sequence[Entry], lasting: Sequence[Span], today: date) -> list[Month]:
    """The months the calendar has pages for: from the first to the last that holds something, and today's."""
    held = {(entry.at.year, entry.at.month) for entry in found if entry.at}
    for span in lasting:
        held |= {(span.start.year, span.start.month), (span.end.year, span.end.month)}
    held |= {later((today.year, today.month), step) for step in (-1, 0, 1)}
    first, last = min(held), max(held)
    count = (last[0] - first[0]) * 12 + last[1] - first[1] + 1
    if count > MOST_MONTHS:
        return sorted(held)
    return [later(first, step) for step in range(count)]


def later(month: Month, step: int) -> Month:
    """The month so many months on."""
    number = month[0] * 12 + month[1] - 1 + step
    return number // 12, number % 12 + 1


def name(month: Month) -> str:
    """``2026-11``."""
    return f"{month[0]:04}-{month[1]:02}"


def month_name(month: Month) -> str:
    """``November 2026``."""
    return f"{MONTHS[month[1]]} {month[0]}"


WEEKDAY: Final = tuple(day[:3] for day in DAYS)
MONTH: Final = tuple(month[:3] for month in MONTHS)


TWO: Final = tuple(f"{number:02}" for number in range(60))
"""Numbers with two digits: a day, an hour, a minute."""


def clock(at: datetime) -> str:
    """``09:30``. This and the next are what ``strftime`` gives, in a tenth of the time; they stand on every page."""
    return f"{TWO[at.hour]}:{TWO[at.minute]}"


def short(day: date) -> str:
    """``24 Nov``."""
    return f"{day.day} {MONTH[day.month]}"


def moment(at: datetime) -> str:
    """``Tue 24 Nov, 09:30``, the day with two digits."""
    return f"{WEEKDAY[at.weekday()]} {TWO[at.day]} {MONTH[at.month]}, {clock(at)}"


def day_name(day: date) -> str:
    """``Tuesday 24 November``."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month]}"


def upcoming(found: Iterable[Entry], first: date, days: int) -> Iterator[Entry]:
    """Posts with a time on ``first`` or one of the next days."""
    last = first + timedelta(days=days - 1)
    return (entry for entry in found if entry.at and first <= entry.at.date() <= last)
