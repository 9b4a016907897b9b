"""The console: prints what would be sent, and sends nothing. ``--dry-run`` puts it in the place of every connector.

What is printed is the delivery itself, whole and without anything invented: text, title, link, media with their
alternative texts, options. Control characters are shown, not obeyed; a secret is not in it, because none is asked for.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.services import Absence, Item, Repeats, Secrets, Sent, Trial
from signalbook.classes import dataclass
from signalbook.records import digest

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.settings import Channel

Write = Callable[[str], object]


def _aloud(text: str) -> None:
    """Stdout belongs to a command's own answer; a delivery on a console is said beside it."""
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True, slots=True)
class Console:
    """Shows deliveries of one channel.

    Attributes:
        write: takes each shown delivery as one text.
    """

    channel: str
    connector: str = "console"
    write: Write = _aloud

    @property
    def repeats(self) -> Repeats:
        """Showing again publishes nothing again."""
        return Repeats(longest_request_s=0, same_key_s=math.inf, looks=False, amends=True, withdraws=True)

    def send(self, item: Item) -> Sent:
        """Show it; the id is the same whenever the same content is shown under the same key."""
        self.write(shown(item, self.channel, "would be sent" if self.connector != "console" else "shown"))
        return Sent(id=digest("console", item.key, item.content))

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - the protocol's
        """Nothing is kept, so nothing can be seen; sending again is harmless."""
        return Absence.PROVEN

    def amend(self, item: Item, sent: Sent) -> Sent:  # noqa: ARG002 - the protocol's
        """Show what it would be changed to."""
        self.write(shown(item, self.channel, "would be changed to this"))
        return Sent(id=digest("console", item.key, item.content))

    def withdraw(self, sent: Sent) -> None:
        """Say that it would be taken down."""
        self.write(f"{self.channel}: {sent.url or sent.id} would be taken down")

    def trials(self) -> Iterable[Trial]:
        """There is nothing that could be broken."""
        yield Trial(f"channel {self.channel}", "print", ok=True, detail="nothing leaves this machine")

    def limits(self) -> Mapping[str, int]:
        """None."""
        return {}


@dataclass(frozen=True, slots=True)
class Connector:
    """What is registered. ``printing`` makes one that writes elsewhere, for ``--dry-run``."""

    write: Write = _aloud

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Console:  # noqa: ARG002 - needs neither
        """A console that says the channel's name."""
        return Console(channel.key, channel.connector, self.write)


def printing(write: Write) -> Connector:
    """The console that hands each delivery to ``write``."""
    return Connector(write)


CONNECTOR = Connector()


def shown(item: Item, channel: str, what: str) -> str:
    """A delivery as a person reads it: every field that would go out, and no other."""
    of = f", part {item.part} of {item.parts}" if item.parts > 1 else ""
    lines = [f"{_visible(item.key)} ({_visible(channel)}{of}) {what}:"]
    facts = [
        ("title", item.title), ("language", item.lang), ("repeats", item.repost_of), ("answers", item.in_reply_to),
        ("quotes", item.quote_of), ("link", item.link),
        ("card", " — ".join(filter(None, (item.card.title, item.card.description))) if item.card else ""),
        ("poll", f"{' / '.join(item.poll.options)} (open {item.poll.closes_s} s)" if item.poll else ""),
        *((f"option {name}", _plain(value)) for name, value in sorted(item.options.items())),
        *(
            (f"media {number}", f"{one.name}, {one.mime}, {len(one.data)} bytes, alt: {one.alt or '(none)'}")
            for number, one in enumerate(item.media, 1)
        ),
    ]  # fmt: skip
    lines += [f"  {name}: {_visible(value)}" for name, value in facts if value]
    if item.text and not item.repost_of:
        lines += [f"  | {_visible(line)}" for line in item.text.split("\n")]
    return "\n".join(lines)


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def _visible(text: str) -> str:
    """Text on one line in which a control or format character is seen, not obeyed; joined emoji stay whole."""
    return "".join(
        char if char.isprintable() or char in "\u200d\ufe0f\u200c" else char.encode("unicode_escape").decode()
        for char in text
    )
