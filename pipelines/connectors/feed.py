"""Feeds: the team's own, which it publishes, and those of others, which it hears.

The team's own feed is published when its receipt is recorded, and shown by the next build of the site. No request is made. The receipt is the publication: the site puts exactly the posts with receipts into RSS, Atom and
JSON Feed (``signalbook.feeds``), so an item cannot be in the feed twice, whatever happened to a run: its id and its
address follow from the delivery's key alone.

Feeds of others are RSS, Atom, RDF and JSON Feed: blogs, forums, press wires, forges, videos, search alerts. They are
fetched and read with all the others (``pipelines.hearing``); here an entry becomes a mention: titles lose the markup that
search alerts put into them, links lead to the page itself and not to who counts the clicks.
"""

from __future__ import annotations

import html
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipelines import access, answers, pagetext, unwrapping
from pipelines.services import Absence, Item, Listen, Repeats, Secrets, Sent, Told, Trial
from signalbook import feeds
from signalbook.classes import dataclass
from signalbook.records import Mention, digest

if TYPE_CHECKING:
    from pipelines.feeds_in import Entry
    from pipelines.feeds_in import Feed as Document
    from pipelines.http import Client
    from signalbook.settings import Channel


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed.

    Attributes:
        url: the public address of the feed's folder; items stand below it.
    """

    channel: str
    url: str = ""

    @property
    def repeats(self) -> Repeats:
        """Our own key decides for good."""
        return Repeats(longest_request_s=0, same_key_s=math.inf, looks=True, amends=True, withdraws=True)

    def send(self, item: Item) -> Sent:
        """Give the item its id and its address; recording them is what publishes it."""
        slug = item.options.get("slug", "")
        return Sent(feeds.item_id(self.url or self.channel, item.key), feeds.item_url(self.url, item.key, slug))

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - the protocol's
        """Whatever has no receipt is not in the feed."""
        return Absence.PROVEN

    def amend(self, item: Item, sent: Sent) -> Sent:  # noqa: ARG002 - the site reads the copy from the Book
        """The same id, so that readers replace what they have."""
        return sent

    def withdraw(self, sent: Sent) -> None:
        """The receipt that says so takes it out of the next build."""

    def trials(self) -> Iterable[Trial]:
        """Whether items have an address."""
        parts = urlsplit(self.url)
        good = parts.scheme in {"http", "https"} and bool(parts.netloc)
        line = f'Write under [channels.{self.channel}]: url = "https://example.org/blog/"'
        yield Trial(
            f"channel {self.channel}", "the feed's address", ok=good or not self.url,
            detail=self.url or f"none is set, so receipts bear no link. {line}",
            remedy="" if good or not self.url else line,
        )  # fmt: skip

    def limits(self) -> Mapping[str, int]:
        """None."""
        return {}


EVERY = timedelta(minutes=15)
"""So often a feed is asked when nobody says how often."""
MOST_ENTRIES = 1_000
"""So many entries of one answer are heard; feeds put the newest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """A feed of somebody else.

    Attributes:
        source: the channel's key, or the address that a Watch names.
        address: where it is.
        every: how often it is asked at most.
        own: whether the settings write the address out.
        seconds: how long it may take; 0 for as long as any other.
    """

    source: str
    address: str
    every: timedelta = EVERY
    own: bool = True
    seconds: float = 0

    def told(self, ask: Listen, feed: Document, where: str) -> Told:
        """Its entries as mentions, in the feed's order."""
        found: dict[str, Mention] = {}
        left: Counter[str] = Counter()
        for entry in feed.entries[:MOST_ENTRIES]:
            mention = heard(entry, self.source, where, feed.lang, ask.now)
            if not (mention.title or mention.text or mention.url):
                left["nothing in it"] += 1
            elif mention.key in found:
                left["twice in the feed"] += 1
            else:
                found[mention.key] = mention
        if len(feed.entries) > MOST_ENTRIES:
            left[f"more than {MOST_ENTRIES} at once"] = len(feed.entries) - MOST_ENTRIES
        notes = (feed.error,) if feed.damaged and found else ()
        return Told(tuple(found.values()), left_out=dict(left), notes=notes)


def heard(entry: Entry, source: str, where: str, lang: str, now: datetime) -> Mention:
    """An entry of a feed as a mention.

    An id that a feed uses for two addresses is two things; so is an address that is there under two ids. A feed without ids
    is told apart by addresses, and one without either by its words.
    """
    url = unwrapping.true(answers.address(entry.link or _whole(entry, where)))
    text, links = pagetext.words(entry.text)
    title = pagetext.title(entry.title or "")
    marks = (entry.id or "", url) if entry.id or url else (title, text)
    return Mention(
        key=digest("feed", source, *marks),
        source="feed",
        id=entry.id or url,
        url=url,
        author=named(entry.author),
        title=title,
        text="" if text == title else text,
        lang=lang,
        published_at=entry.published or entry.updated,
        heard_at=now,
        links=tuple(dict.fromkeys(unwrapping.true(one) for one in links)) if links else (),
        channel=source,
    )


def _whole(entry: Entry, where: str) -> str:
    """The address of an entry that has none by itself; empty when there is none."""
    written = entry.near or (entry.id if entry.id and entry.id.startswith("/") else "")
    if not written:
        return ""
    if written.startswith("www."):
        written = f"//{written}"
    try:
        # Nobody encoded it: a space in a path is one of the few mistakes that every browser mends.
        return urljoin(where, "%20".join(written.split()))
    except ValueError:
        return ""


_LETTERS = re.compile(r"(?<![^\s<>(),;:])(?P<at>[^\s@<>()]+)@[^\s@<>()]+\.[^\s@<>()]+")


def named(author: str) -> str:
    """Who wrote, without the address for letters that feeds put beside the name; of an address alone what stands before its @.

    RSS asks for ``desk@example.org (The Desk)``, others write ``The Desk <desk@example.org>``; a name is public, and where its
    owner gets letters is nobody's business here.
    """
    author = html.unescape(author) if "&" in author else author
    found = _LETTERS.search(author) if "@" in author else None
    if not found:
        return author
    rest = " ".join((author[: found.start()] + author[found.end() :]).replace("()", " ").replace("<>", " ").split())
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1]
    return rest.strip(" ,;") or found["at"]


class Connector:
    """What is registered."""

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Source | None:  # noqa: ARG002 - needs neither
        """A feed of somebody else; ``None`` for one that has no address, or an address reserved for examples.

        Raises:
            SettingsError: it is to be heard (``listen = true``) and has no address that can be.
        """
        wanted = channel.more.get("listen") is True
        if not channel.url or access.reserved(channel.url):
            if wanted:
                access.address(channel, "https://example.org/feed.xml")
            return None
        parts = urlsplit(channel.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
            access.address(channel, "https://example.org/feed.xml")
        seconds = channel.more.get("seconds")
        patience = float(seconds) if isinstance(seconds, int | float) and 0 < seconds <= 120 else 0.0
        return Source(channel.key, channel.url, access.every(channel, EVERY), seconds=patience)

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Feed:  # noqa: ARG002 - needs neither
        """A channel's feed."""
        return Feed(channel.key, channel.url)


CONNECTOR = Connector()
