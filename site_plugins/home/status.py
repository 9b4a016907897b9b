"""What a reader's browser needs to notice that the site is older than what should have gone out.

A page cannot know what happened after it was built. Its file ``status.json`` says when the newest run left its mark in
the ledger, and when something comes due next; the browser compares that with its own clock. A host that can write
beside the site may set ``ran`` to the moment of each run, also of those that had nothing to do; then its age counts too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from signalbook import delivery
from signalbook.settings import BY_HAND
from site_plugins.markup import Markup
from site_plugins.pages import Asset, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.calendar.entries import Entry

ADDRESS: Final = "status.json"
AHEAD: Final = timedelta(days=14)
MOST: Final = 200
"""Times that are told; who opens a page two weeks old is told enough by the first."""


def last_run(book: Book) -> datetime | None:
    """When a run last left a mark in the ledger; ``None`` before the first."""
    marks = [row.at for row in book.intents if row.run] + [row.at for row in book.receipts if row.run]
    return max(marks, default=None)


def due(found: Iterable[Entry], book: Book, now: datetime) -> list[datetime]:
    """When the next deliveries come due that no person places, each time once, earliest first."""
    channels = book.settings.channels
    times = {
        one.due.astimezone(UTC)
        for entry in found
        for one in entry.deliveries
        if one.state == "scheduled" and one.due and one.due <= now + AHEAD
        and (channel := channels.get(one.channel)) and channel.connector not in BY_HAND
    }  # fmt: skip
    return sorted(times)[:MOST]


def asset(found: Iterable[Entry], book: Book, now: datetime) -> Asset:
    """The file."""
    last = last_run(book)
    told = {
        "last_run": _iso(last) if last else None,
        "due": [_iso(at) for at in due(found, book, now)],
        "patience_s": int(delivery.PATIENCE.total_seconds()),
        "ran": None,
        "every_s": 600,
    }
    data = (json.dumps(told, indent=1) + "\n").encode()
    return Asset(ADDRESS, lambda: data, digest(data))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def line(book: Book) -> Markup:
    """What is known without a script; with one its age, and a word when something should have happened since."""
    last = last_run(book)
    if last is None:
        said = "No run has published anything yet."
    else:
        here = last.astimezone(book.settings.team.zone)
        said = f"A run last published or claimed something on {here:%a} {here.day} {here:%b}, {here:%H:%M}."
    stated = Markup(' data-at="{}"').format(_iso(last)) if last else ""
    return Markup(
        '<p class="sb-run" data-sb-run="{}"{}><span>{}</span> <span data-sb-run-age></span><b data-sb-run-late role="status"></b></p>'
    ).format(href(ADDRESS), stated, said)
