"""A post in somebody else's venue keeps to its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Community
from signalbook.posts import View
from signalbook.rule import Ask, rule
from signalbook.settings import Channel

_KEYS = ("community", "subreddit", "group", "venue")


@rule(
    "community-rules",
    level=Level.BLOCK,
    about="A post in a venue keeps to its ratio, flair and link rule.",
    source="the venue",
    alone=True,
)
def community_rules(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find posts that a venue would remove, or ban us for."""
    venues = [community for community in book.all(Community) if not community.ours and not community.unreadable]
    if not venues:
        return
    for view in posts.views(book):
        for channel in view.channels:
            named = _named(view, channel)
            for venue in venues if named else ():
                if _is(venue, named):
                    for field, message, remedy in _wrong(venue, view, channel):
                        yield ask(view.post, field, message, remedy)


def _named(view: View, channel: Channel) -> str:
    """The venue that a post on a channel goes to; empty when none is named."""
    own = (view.post.options or {}).get(channel.key, {})
    found = next((held for key in _KEYS if isinstance(held := own.get(key) or channel.more.get(key), str)), "")
    return found.strip().lower().strip("/")


def _is(venue: Community, named: str) -> bool:
    place = (venue.venue or "").lower().rstrip("/")
    return named == venue.slug.lower() or place.endswith(f"/{named.removeprefix('r/')}") or place == named


def _wrong(venue: Community, view: View, channel: Channel) -> Iterator[tuple[str, str, str]]:
    post, rules = view.post, venue.rules
    where = f"options.{channel.key}" if channel.key in (post.options or {}) else "channels"
    if venue.standing == "banned":
        yield (
            where,
            f"{venue.name} has banned us; writing there under another name would make it worse.",
            "Take the channel out.",
        )
        return
    if rules is None or rules.read_on is None:
        yield (
            where,
            f"Nobody has written down the rules of {venue.name}, so nobody can tell whether this is welcome there.",
            (f"Read them, and fill in `rules:` in {venue.path}."),
        )
        return
    ours = post.mix == "own-offer" or bool(post.link)
    if rules.self_promotion == "none" and ours:
        yield (
            where,
            f"{venue.name} wants nobody's own links or offers.",
            "Answer a question there instead, or take the channel out.",
        )
    elif rules.self_promotion == "limited" and ours and (found := re.search(r"1\D+(\d+)", rules.ratio or "")):
        given = 0
        for entry in reversed(venue.log):
            if entry.about_us:
                break
            given += 1
        needed = int(found[1]) - 1
        if given < needed:
            yield (
                where,
                (
                    f"{venue.name} asks for {rules.ratio}, and since our last post about ourselves we gave {given} that were not."
                ),
                f"Contribute {needed - given} more first, and log them in {venue.path}.",
            )
    if rules.flair and not (post.options or {}).get(channel.key, {}).get("flair"):
        yield (
            where,
            f"{venue.name} removes posts without a flair.",
            f"Write `flair:` under `options.{channel.key}`: {rules.flair}.",
        )
    if post.link and rules.link_policy and re.match(r"\s*(?:no|none)\b", rules.link_policy, re.IGNORECASE):
        yield "link", f"{venue.name} allows no links: {rules.link_policy}.", "Say what the link would have said."
