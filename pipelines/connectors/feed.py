"""The team's own feed: published when its receipt is recorded, shown by the next build of the site.

No request is made. The receipt is the publication: the site puts exactly the posts with receipts into RSS, Atom and
JSON Feed (``signalbook.feeds``), so an item cannot be in the feed twice, whatever happened to a run: its id and its
address follow from the delivery's key alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipelines.services import Absence, Item, Repeats, Secrets, Sent, Trial
from signalbook import feeds

if TYPE_CHECKING:
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


class Connector:
    """What is registered."""

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Feed:  # noqa: ARG002 - needs neither
        """A channel's feed."""
        return Feed(channel.key, channel.url)


CONNECTOR = Connector()
