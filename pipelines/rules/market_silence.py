"""Before results, a listed company says nothing about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

WORDS = (
    "revenue", "turnover", "profit", "earnings", "ebitda", "margin", "forecast", "guidance", "outlook", "dividend", "merger",
    "acquisition", "takeover", "quarter", "umsatz", "gewinn", "ergebnis", "prognose", "ausblick", "dividende", "fusion",
    "übernahme", "quartal", "marge",
)  # fmt: skip


@rule(
    "market-silence",
    level=Level.BLOCK,
    about="In a closed period nothing is said about results, deals or forecasts.",
    source="MAR; Regulation FD",
    waive="L",
)
def market_silence(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts about money in the days before results; only where the calendar has a day of results."""
    days = timedelta(days=int(ask.limit("closed_days", 30)))
    notified = frozenset(str(key) for key in ask.limit("channels", []))
    closed = [row for row in posts.events(book) if row.event.kind == "results-day"]
    if not closed:
        return
    zone = book.settings.team.zone
    for view in posts.views(book):
        if view.at is None or not view.ahead(now):
            continue
        day = view.at.astimezone(zone).date()
        row = next((row for row in closed if row.first - days <= day < row.first), None)
        found = posts.touches(view, WORDS) if row else ""
        if row and found and not (view.post.channels and notified.issuperset(view.post.channels)):
            yield ask(
                view.post, "publish_at",
                f"It speaks of “{found}” {(row.first - day).days} days before {row.event.name}; in this closed period that may move the market.",
                f"Move it after {row.first}, or leave out what touches results, deals and forecasts.",
            )  # fmt: skip
