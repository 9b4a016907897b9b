"""A post that comes again stays true each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Asset
from signalbook.pattern import pattern
from signalbook.posts import View
from signalbook.rule import Ask, rule

_PRICE = pattern(r"[€$£]\s?\d|\d\s?(?:€|\$|£|euro?s?\b|eur\b|usd\b|pounds?\b)")
_DATED = pattern(
    r"\b(?:today|tomorrow|tonight|yesterday|this (?:week|month|monday|friday)|heute|morgen abend|gestern|diese woche|diesen monat)\b"
)


@rule(
    "expires-evergreen",
    level=Level.BLOCK,
    about="A repeated post ends before its proof, its picture or its price does.",
)
def expires_evergreen(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find repeated posts that outlive what they stand on."""
    for view in posts.views(book):
        again = view.post.evergreen
        if again is None:
            continue
        end, what = min(_ends(book, view), default=(None, ""))
        if end and (again.until is None or again.until > end):
            yield ask(
                view.post, "evergreen.until" if again.until else "evergreen",
                f"It comes again {'until ' + str(again.until) if again.until else 'without end'}, and {what} ends on {end}.",
                f"Write `until: {end}` or earlier under `evergreen`.",
            )  # fmt: skip
        for said in view.said:
            if again.until is None and (found := _PRICE.search(said.prose.low)):
                yield ask(
                    view.post, said.field, "It names a price and comes again without end; prices change.",
                    "Write `until:` with the day the price holds to, or leave the price out.", **posts.where(said, found.start()),
                )  # fmt: skip
                break
            if found := _DATED.search(said.prose.low):
                yield ask(
                    view.post, said.field, f"It says “{found[0]}” and comes again on other days.",
                    "Say it without the day.", **posts.where(said, found.start()),
                )  # fmt: skip
                break


def _ends(book: Book, view: View) -> Iterator[tuple[date, str]]:
    for message in view.messages:
        if message.expires:
            yield message.expires, f"the message {message.name}"
        ends = [proof.until for proof in message.proof if proof.until]
        if ends and len(ends) == len(message.proof):
            yield max(ends), f"the proof of {message.name}"
    for media in view.post.media:
        asset = book.get(Asset, media.rights) if media.rights else None
        if asset and asset.expires:
            yield asset.expires, f"the right to {asset.name}"
        for release in asset.people if asset else ():
            if release.until:
                yield release.until, f"the yes of {release.who or 'a person shown'}"
