"""Chat rooms through Apprise: one room a channel, its address (which is the secret) in an environment variable.

Apprise knows a hundred services and tells no more than whether it worked, so this connector has no look and no repeat: what
was not answered is unknown, and a person looks into the room. What can be told apart is told apart: no connection, and a
plain no, mean that nothing was sent.

Needs the extra ``chat``. Addresses: github.com/caronc/apprise/wiki.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from pipelines import access
from pipelines.services import Absence, Item, Repeats, Secrets, Sent, Trial
from signalbook.classes import dataclass
from signalbook.errors import Denied, NotSent, Refused, SettingsError, Unanswered

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.settings import Channel

_STATUS = re.compile(r"\berror=(\d{3})\b")
_NO_CONNECTION = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "CERTIFICATE_VERIFY_FAILED")
"""What a log says when no connection came about, so that nothing can have been received."""


# --- the pure half ---------------------------------------------------------------------------------------------------


def meaning(channel: str, log: str, rooms: int) -> NotSent | Refused | Unanswered:
    """What a failure means for publishing once, from Apprise's own log; none of its words are kept, they hold addresses.

    With several rooms behind one address nobody can say which of them has the message.
    """
    statuses = [int(found) for found in _STATUS.findall(log)]
    if rooms == 1 and "\tINFO\tSent" not in log:
        if len(statuses) == 1:
            (status,) = statuses
            if status in {401, 403, 404, 410}:
                return Denied(
                    channel, f"the room's address is not known or not valid any more (status {status})", status=status
                )
            if status == 429:
                return NotSent(channel, "the service asks us to wait (status 429)")
            if 400 <= status < 500 and status != 408:
                return Refused(channel, f"the service will not take the message (status {status})", status=status)
        if not statuses and any(word in log for word in _NO_CONNECTION):
            return NotSent(channel, "the service cannot be reached")
    said = f" (status {statuses[-1]})" if statuses else ""
    return Unanswered(channel, f"the service did not confirm the message{said}; look into the room")


def body_of(item: Item) -> str:
    """The text as it is sent; what a picture tells goes below, since no service gets it otherwise."""
    told = [f"[{one.alt}]" for one in item.media if one.alt]
    return "\n\n".join([item.text, *(["\n".join(told)] if told else [])])


# --- the thin half ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chat:
    """One room.

    Attributes:
        room: Apprise's own object for the address.
    """

    channel: str
    room: Any = field(repr=False)
    client: Client = field(repr=False)

    @property
    def repeats(self) -> Repeats:
        """Nothing recognises a repeat, and nothing can be looked for."""
        return Repeats(longest_request_s=60)

    def send(self, item: Item) -> Sent:
        """Send one message.

        Raises:
            NotSent, Refused, Unanswered: as the protocol says; in doubt always the last.
        """
        import apprise
        from apprise.attachment.memory import AttachMemory

        if item.repost_of or item.quote_of or item.in_reply_to or item.poll:
            raise Refused(
                self.channel, "chat rooms take no reposts, quotes, answers or polls. Write a message for this channel"
            )
        if item.media and not self.room.attachment_support:
            raise Refused(
                self.channel,
                f"{self.room.service_name} takes no files. Leave `media` out for this channel, or link them",
            )
        attached: Any = AttachMemory  # neither this nor the log is typed by the library
        captured: Any = apprise.LogCapture
        files = [attached(content=one.data, name=one.name, mimetype=one.mime) for one in item.media]
        rooms = apprise.Apprise()
        rooms.add(self.room)
        self.client.in_time(self.channel)
        with captured(level=10, fmt="\t%(levelname)s\t%(message)s") as log:
            done = rooms.notify(
                body=body_of(item), title=str(item.options.get("title") or ""), body_format=apprise.NotifyFormat.TEXT,
                attach=files or None,
            )  # fmt: skip
            told = log.getvalue()
        if done:
            return Sent(item.key)
        raise meaning(self.channel, told, len(self.room))

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - the protocol's
        """See nothing: rooms are written to, not read."""
        return Absence.UNSEEN

    def amend(self, item: Item, sent: Sent) -> Sent:  # noqa: ARG002 - the protocol's
        """Refuse.

        Raises:
            Refused: always.
        """
        self._gone()

    def withdraw(self, sent: Sent) -> None:  # noqa: ARG002 - the protocol's
        """Refuse.

        Raises:
            Refused: always.
        """
        self._gone()

    def _gone(self) -> NoReturn:
        raise Refused(self.channel, "a chat message cannot be changed or taken down from here. Do it in the room")

    def trials(self) -> Iterator[Trial]:
        """What can be known without sending: the address is one of a service."""
        rooms = len(self.room)
        yield Trial(
            f"channel {self.channel}", "the room's address", ok=True,
            detail=f"one of {self.room.service_name}; only `doctor --send` can try it",
        )  # fmt: skip
        if rooms > 1:
            yield Trial(
                f"channel {self.channel}", "one room", ok=False, detail=f"the address names {rooms} rooms",
                remedy="Make a channel of each: when one of them fails nobody can say which have the message.",
            )  # fmt: skip

    def limits(self) -> Mapping[str, int]:
        """How long a message may be, as Apprise knows it."""
        most = getattr(self.room, "body_maxlen", 0)
        return {"limit": most} if isinstance(most, int) and most > 0 else {}


class Connector:
    """What is registered."""

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Chat:
        """A room.

        Raises:
            SettingsError: the extra is not installed, or the address is missing, is none, or would repeat by itself.
        """
        try:
            import apprise
        except ImportError as error:
            raise SettingsError("Chat rooms need the extra: pip install 'signalbook[chat]'") from error
        variable = channel.secrets.get("url", "")
        written = access.secret(channel, secrets, "url").strip()
        if len(written.split()) > 1:
            raise SettingsError(
                f"{variable} holds several addresses. Make a channel of each room: each then has its own proof."
            )
        room = apprise.Apprise.instantiate(written, suppress_exceptions=True)
        if room is None:
            raise SettingsError(
                f"{variable} holds no address that Apprise knows. One looks like slack://… or matrix://…; its wiki lists them."
            )
        if getattr(room, "retry", 0):
            raise SettingsError(
                f"The address in {variable} says retry=: then a message could come twice. Take that out."
            )
        # Ours is counted and was agreed to: nothing may be cut or split on the way.
        return Chat(channel.key, room, client)


CONNECTOR = Connector()
