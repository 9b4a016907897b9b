"""Manual: people place these posts by hand. No machine ever sends one.

A delivery on such a channel is a task on the site, with its text, its media and a button that copies; it is done when a
person says where it stands: ``signalbook publish settle DELIVERY --sent URL``. See ``pipelines/publish.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from pipelines.services import Absence, Item, Repeats, Secrets, Sent, Trial
from signalbook.classes import dataclass
from signalbook.errors import Refused

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.settings import Channel

BY_HAND = True
"""Deliveries of this connector are tasks for people."""


@dataclass(frozen=True, slots=True)
class Manual:
    """A channel that people fill by hand; every act of a machine is refused with the way for a person."""

    channel: str

    @property
    def repeats(self) -> Repeats:
        """Nothing is known of what people did until they say so."""
        return Repeats()

    def send(self, item: Item) -> Sent:
        """Refuse.

        Raises:
            Refused: always.
        """
        self._refuse(f"place it there, then write: signalbook publish settle {item.key} --sent ADDRESS")

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - the protocol's
        """See nothing: only the person who placed it knows."""
        return Absence.UNSEEN

    def amend(self, item: Item, sent: Sent) -> Sent:
        """Refuse.

        Raises:
            Refused: always.
        """
        self._refuse(f"change it at {sent.url or 'the place where it stands'}; the text is {item.key}")

    def withdraw(self, sent: Sent) -> None:
        """Refuse.

        Raises:
            Refused: always.
        """
        self._refuse(f"take it down at {sent.url or 'the place where it stands'}")

    def trials(self) -> Iterable[Trial]:
        """Nothing can be tried by machine."""
        yield Trial(f"channel {self.channel}", "placed by hand", ok=True, detail="nothing is sent by machine")

    def limits(self) -> Mapping[str, int]:
        """None that could be asked for; those of ``network`` count."""
        return {}

    def _refuse(self, way: str) -> NoReturn:
        raise Refused(self.channel, f"people place these posts by hand: {way}")


class Connector:
    """What is registered."""

    by_hand = True

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Manual:  # noqa: ARG002 - needs neither
        """A channel nobody opens."""
        return Manual(channel.key)


CONNECTOR = Connector()
