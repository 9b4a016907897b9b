"""What a connector may be asked to do, and what passes between it and the pipelines.

A connector is one object a service, registered in ``signalbook.connectors``, and does what the service can: it has
``publisher`` (it sends), ``counter`` (it counts), ``listener`` (it hears), or several of them. Each opens one channel's
account with the secrets that the channel names and the one HTTP client::

    CONNECTOR.publisher(channel, secrets, client) ──► Publisher ──send(Item)──► Sent
                                                                └─look(Item)──► Sent | Absence

    CONNECTOR.listener(channel, secrets, client) ──► Listener ──listen(Listen)──► Told

What can go wrong is one of four errors (``signalbook.errors``), and which of them is the whole of publishing once:
``NotSent`` and ``Refused`` say that nothing was published, ``Unanswered`` says that nobody knows.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, NotSent, SignalbookError, Unanswered

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pipelines.feeds_in import Feed
    from pipelines.http import Client
    from signalbook.records import Mention, Reading, Receipt
    from signalbook.settings import Channel
    from signalbook.sources import Source

Secrets = Mapping[str, str]
"""Role (``token``, ``password``) → the secret itself. Never logged, never shown, never part of a message."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture, video or sound as it will be sent.

    Attributes:
        name: a file name without a folder.
        data: the bytes; those of the workspace, or re-encoded to fit the network.
        mime: e.g. ``image/jpeg``, found from the bytes.
        alt: what it tells; empty only when it is decorative.
        width: in pixels; 0 when unknown.
        height: in pixels; 0 when unknown.
        digest: hex of the bytes.
        captions: WebVTT of a video; empty for none.
    """

    name: str
    data: bytes = field(repr=False)
    mime: str
    alt: str = ""
    width: int = 0
    height: int = 0
    digest: str = ""
    captions: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Poll:
    """A question's answers, and how long they can be chosen, in seconds."""

    options: tuple[str, ...]
    closes_s: int


@dataclass(frozen=True, slots=True)
class Item:
    """One delivery, ready to send: everything that was added on the way is in it.

    Attributes:
        key: the delivery's key.
        post: the post's slug.
        part: 1-based.
        parts: how many parts the delivery's thread has.
        title: for networks that show one.
        text: plain text as it is sent; Markdown's source where the network takes HTML.
        html: the rendered body, for networks that take HTML; empty elsewhere.
        link: the post's link with its parameters; empty for none. ``text`` holds it where the copy says so.
        card: title and description of the linked page, for networks on which the sender makes the card.
        lang: BCP 47; empty when unknown.
        created_at: the creation time, the same in every attempt.
        in_reply_to: address of the post it answers; empty for none.
        quote_of: address of the post it quotes.
        repost_of: address of the post it repeats; then nothing else is sent.
        before: the receipts of the earlier parts of the thread, in order.
        options: what only this channel knows, e.g. ``{"content_warning": "…", "visibility": "unlisted"}``.
        content: hash of all of the above.
    """

    key: str
    post: str
    text: str
    created_at: datetime
    part: int = 1
    parts: int = 1
    title: str = ""
    html: str = ""
    link: str = ""
    card: Card | None = None
    media: tuple[Attached, ...] = ()
    lang: str = ""
    in_reply_to: str = ""
    quote_of: str = ""
    repost_of: str = ""
    poll: Poll | None = None
    before: tuple[Receipt, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """How a linked page presents itself."""

    title: str
    description: str = ""
    image: Attached | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The service's answer.

    Attributes:
        id: its id, as text.
        url: the live address for people; empty where there is none.
        at: when the service says it was published; ``None`` when it does not say.
        facts: what an amendment or a look needs later, e.g. ``{"cid": "bafy…"}``. No secret.
        same: whether it says what was asked for. A repeat under our key is answered with what the first request made, and
            that may have had other words.
    """

    id: str
    url: str = ""
    at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    same: bool = True


class Absence(Enum):
    """What a look says when it finds nothing."""

    PROVEN = "proven"
    """It is not there, and would be seen if it were: it may be sent."""
    UNSEEN = "unseen"
    """It was not seen, which proves nothing: a person settles it."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """How a service lets a repeated request be recognised.

    Attributes:
        longest_request_s: no request of ours is still being worked on by the service after so long.
        same_key_s: a repeat of the same request inside this span is answered, not published again; 0 for never,
            ``inf`` where our own key decides for good.
        looks: whether ``look`` can find what was sent.
        amends: whether a sent delivery can be edited.
        withdraws: whether a sent delivery can be taken down.
    """

    longest_request_s: float = 60
    same_key_s: float = 0
    looks: bool = False
    amends: bool = False
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing ``signalbook doctor`` tried.

    Attributes:
        name: e.g. ``channel bluesky``.
        what: what was tried, in a few words.
        detail: what was seen; never a secret.
        remedy: what to do, empty when all is well.
    """

    name: str
    what: str
    ok: bool
    detail: str
    remedy: str = ""


class Publisher(Protocol):
    """One channel's open account. No method reads the clock, the environment or a file."""

    @property
    def repeats(self) -> Repeats:
        """How this service recognises a repeat."""

    def send(self, item: Item) -> Sent:
        """Publish once. Several requests are fine (pictures first); the last one makes it public.

        Raises:
            NotSent: nothing was published; it may be tried again.
            Refused: nothing was published and repeating changes nothing.
            Unanswered: it may have been published.
        """

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:
        """Look for the delivery on the service: under our key, or the same content among the account's posts since then.

        Raises:
            NotSent, Refused, Unanswered: the look itself failed; nothing is known.
        """

    def amend(self, item: Item, sent: Sent) -> Sent:
        """Change what was published to the item's content. Safe to repeat."""

    def withdraw(self, sent: Sent) -> None:
        """Take it down. Safe to repeat: what is gone already is fine."""

    def trials(self) -> Iterable[Trial]:
        """Secret accepted, allowed to post, limits read, clock skew, expiry; sends nothing."""

    def limits(self) -> Mapping[str, int]:
        """What the service says of itself, by the names of ``limits.toml`` (``limit``, ``link``, ``alt``, …); may be empty."""


@runtime_checkable
class Publishes(Protocol):
    """A connector that sends."""

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Publisher:
        """Open a channel's account. Makes no request.

        Raises:
            SettingsError: the channel lacks what the service needs, e.g. its address.
        """


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be counted.

    Attributes:
        since: the first day without a reading; ``None`` when there is none at all.
        until: the last day that is over, in the team's zone.
        sent: receipts of the posts whose numbers are asked for: one of each delivery, with the newest id and the moment at
            which it first went out.
        now: when it is asked, in the team's zone; the time of every reading.

    What a service tells of the account as it is now is a reading ``on`` the day of ``now``, grain ``day``. What it tells of
    a post since its publication is ``on`` the day it went out, grain ``post``.
    """

    since: date | None
    until: date
    sent: tuple[Receipt, ...]
    now: datetime

    @property
    def today(self) -> date:
        """The day of the account's numbers."""
        return self.now.date()

    def day_of(self, receipt: Receipt) -> date:
        """The day of a post's numbers: on which it went out, in the team's zone."""
        return receipt.at.astimezone(self.now.tzinfo).date()


class Counter(Protocol):
    """One channel's open account, for counting."""

    def readings(self, ask: Ask) -> Iterable[Reading]:
        """Read the account's and the posts' numbers as they are now, and past days where the service still knows them.

        Raises:
            ConnectorError: the service refused or failed.
        """


@runtime_checkable
class Counts(Protocol):
    """A connector that counts."""

    def counter(self, channel: Channel, secrets: Secrets, client: Client) -> Counter:
        """Open a channel's account. Makes no request."""


@dataclass(frozen=True, slots=True)
class Listen:
    """What a source is asked.

    Attributes:
        state: what is remembered of it; a new ``Source()`` the first time.
        now: when it is asked; the ``heard_at`` of every mention.
        search: words and phrases to search for, where the service searches; from the channel's ``search``, else the names
            of the team's subjects and the plain words of its queries.
        sent: receipts of our own posts there, newest first: whose answers are to be heard.
    """

    state: Source
    now: datetime
    search: tuple[str, ...] = ()
    sent: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a source told.

    Attributes:
        mentions: in the order of the source, cleaned and capped, each key once; also those that were told before.
        cursor: where to go on the next time.
        left_out: what was left out, a reason → how many, e.g. ``{"no words and no address": 2}``.
        notes: sentences a person should see. No secret, no word of anybody outside.
        unchanged: whether the source said that nothing is new since the last time.
    """

    mentions: tuple[Mention, ...] = ()
    cursor: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unchanged: bool = False


class Listener(Protocol):
    """One channel's open source. No method reads the clock, the environment or a file."""

    @property
    def every(self) -> timedelta:
        """It is asked again after so long, not before."""

    def listen(self, ask: Listen) -> Told:
        """Hear what is new since ``ask.state``; what was told before may be told again. Safe to repeat.

        Raises:
            ConnectorError: the service refused or failed.
        """


@runtime_checkable
class Reads(Protocol):
    """A source that is one page at an address, fetched and read for it with all the others: a feed."""

    @property
    def every(self) -> timedelta:
        """It is asked again after so long, not before."""

    @property
    def address(self) -> str:
        """Where it is."""

    @property
    def own(self) -> bool:
        """Whether the team's settings write the address out, so that a host of a private network is meant."""

    @property
    def seconds(self) -> float:
        """How long it may take; 0 for as long as any other."""

    def told(self, ask: Listen, feed: Feed, where: str) -> Told:
        """What the feed says, ``where`` it was found. Pure."""


@runtime_checkable
class Inside(Protocol):
    """A source that lies in the workspace: it is told where that is before it is asked."""

    def inside(self, root: Path, zone: ZoneInfo) -> Listener:
        """The same source, in a workspace whose times without a zone are in ``zone``."""


@runtime_checkable
class Listens(Protocol):
    """A connector that hears."""

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Listener | Reads | None:
        """Open a channel's source; ``None`` for a channel that only speaks. Makes no request.

        Raises:
            SettingsError: the channel lacks what the service needs, e.g. its address.
        """


@contextmanager
def nothing_public() -> Iterator[None]:
    """Steps before the one request that publishes: whatever became of them, nothing is public.

    Raises:
        NotSent: in place of ``Unanswered``.
    """
    try:
        yield
    except Unanswered as error:
        raise NotSent(error.channel, error.message) from error


@contextmanager
def something_public() -> Iterator[None]:
    """A look after the request that publishes: when it fails, nobody knows.

    Raises:
        Unanswered: in place of any other error of a connector.
    """
    try:
        yield
    except ConnectorError as error:
        raise Unanswered(error.channel, error.message) from error


def carefully(source: str, act: Callable[[], Told]) -> Told | SignalbookError:
    """Do something; whatever goes wrong is a value, and says nothing that a stranger wrote."""
    try:
        return act()
    except SignalbookError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a connector's own mistake must not stop the other sources
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        return ConnectorError(source, f"the connector broke off ({type(error).__name__} in {where})")
