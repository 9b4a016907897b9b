"""What is remembered of each source between two runs: validators, cursors, when it is due, how often it fails, its rhythm.

One small file, ``data/private/sources.json``: a JSON object, source → its state, keys in order. It lies beside other
people's words because a cursor can name one of their posts; it holds no word of anybody. It can be deleted at any time: the
next run asks every source from the start, and what was heard before has the keys it had, so nothing is heard twice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from signalbook import caching
from signalbook.classes import dataclass

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.settings import Channel, Settings
    from signalbook.workspace import Workspace

NAME = "sources.json"
MOST_TIMES = 60
"""So many of the newest items' times are kept: enough for a rhythm."""
MOST_SEEN = 2_000
"""So many of the newest items' keys are kept for a source: more than any feed holds at once."""


@dataclass(frozen=True, slots=True)
class Source:
    """The state of one source.

    Attributes:
        etag: the validator of the last whole answer (RFC 9110, 8.8.3), as the server wrote it; empty for none.
        modified: the server's ``Last-Modified``, as it wrote it; empty for none.
        content: hash of the last whole answer's bytes; an answer with the same hash is not read again.
        moved_to: where the server says the source lives for good (301, 308); empty while it lives at its own address.
        cursor: what a service needs to go on where we stopped, e.g. ``{"since_id": "113…"}``. No secret.
        tried_at: when it was last asked.
        answered_at: when it last answered well, whether or not there was news.
        heard_at: when it last had something new.
        due_at: it is not asked before; ``None`` for at once.
        failures: how often in a row it failed.
        error: why it failed the last time, a sentence without a secret and without a word of its answer; empty when it works.
        since: when it was asked first.
        times: when its newest items were written, oldest first, at most ``MOST_TIMES``.
        seen: keys of its newest items, so that a second fetch gives nothing again.
        read: how many items its last whole answer had.
        left_out: of the last whole answer, what was left out: reason → how many.
    """

    etag: str = ""
    modified: str = ""
    content: str = ""
    moved_to: str = ""
    cursor: Mapping[str, str] = field(default_factory=dict)
    tried_at: datetime | None = None
    answered_at: datetime | None = None
    heard_at: datetime | None = None
    due_at: datetime | None = None
    failures: int = 0
    error: str = ""
    since: datetime | None = None
    times: tuple[datetime, ...] = ()
    seen: tuple[str, ...] = ()
    read: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def working(self) -> bool:
        """Whether it answered when it was last asked."""
        return self.answered_at is not None and not self.failures


_INSTANTS = frozenset({"tried_at", "answered_at", "heard_at", "due_at", "since"})
_COUNTS = frozenset({"failures", "read"})
_WORDS = frozenset({"etag", "modified", "content", "moved_to", "error"})


_RESERVED = ("example", "invalid", "example.com", "example.net", "example.org")
"""Names that stand for nothing: RFC 2606, sections 2 and 3."""


def reserved(url: str) -> str:
    """The host of an address when its name is one reserved for examples, so that nothing of ours can be there; else empty."""
    host = _host(url)
    return host if any(host == name or host.endswith(f".{name}") for name in _RESERVED) else ""


def is_heard(channel: Channel, settings: Settings, speaking: Collection[str]) -> bool:
    """Whether a ``feed`` channel is somebody else's feed, to be heard, and not one that we publish.

    ``listen`` says so. Without it a feed is ours when posts go to it (``speaking`` names those channels) or it has a voice, a
    mix or a cadence, when its host is one of our own domains, or when it has no address that anything could be heard at.
    """
    wanted = channel.more.get("listen")
    if channel.connector != "feed" or isinstance(wanted, bool):
        return wanted is True and channel.connector == "feed"
    host = _host(channel.url)
    own = any(host == domain or host.endswith(f".{domain}") for domain in settings.own_domains)
    speaks = bool(channel.voice or channel.mix or channel.cadence.min or channel.key in speaking)
    return bool(host) and not own and not speaks and not reserved(channel.url)


def speaking(book: Book) -> frozenset[str]:
    """The channels that a post goes to, or went to."""
    from signalbook.model.calendar import Post

    going = {str(channel) for post in book.all(Post) for channel in post.channels}
    return frozenset(going | {receipt.channel for receipt in book.receipts})


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def path(workspace: Workspace) -> Path:
    """Where the states lie."""
    return workspace.private / NAME


def read(workspace: Workspace) -> dict[str, Source]:
    """Source → its state. Whatever cannot be read is as good as forgotten: the source is asked from the start."""
    file = path(workspace)
    try:
        if file.is_symlink():
            return {}
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): decode(value) for key, value in found.items() if isinstance(value, dict)}


def write(workspace: Workspace, states: Mapping[str, Source]) -> None:
    """Write all states, or none: a run that is killed leaves the file of before.

    Raises:
        OSError: the folder cannot be written.
    """
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(encode(states[key]))}" for key in sorted(states))
    caching.replace(path(workspace), f"{{\n{lines}\n}}\n".encode(), durable=True)


def encode(state: Source) -> dict[str, Any]:
    """A state as plain values; what is empty is left out."""
    plain: dict[str, Any] = {}
    for each in fields(Source):
        value = getattr(state, each.name)
        if not value:
            continue
        if isinstance(value, datetime):
            plain[each.name] = _stamp(value)
        elif each.name == "times":
            plain[each.name] = [_stamp(at) for at in value]
        elif isinstance(value, tuple):
            plain[each.name] = list(value)
        else:
            plain[each.name] = dict(value) if isinstance(value, Mapping) else value
    return plain


def decode(plain: Mapping[str, Any]) -> Source:
    """A state from plain values; a value of the wrong type is as good as none."""
    kept: dict[str, Any] = {}
    for name, value in plain.items():
        if name in _INSTANTS:
            kept[name] = _instant(value)
        elif (name in _COUNTS and isinstance(value, int) and not isinstance(value, bool) and value >= 0) or (
            name in _WORDS and isinstance(value, str)
        ):
            kept[name] = value
        elif name == "cursor" and isinstance(value, dict):
            kept[name] = {str(key): one for key, one in value.items() if isinstance(one, str)}
        elif name == "left_out" and isinstance(value, dict):
            kept[name] = {str(key): one for key, one in value.items() if type(one) is int}
        elif name == "times" and isinstance(value, list):
            kept[name] = tuple(at for one in value[-MOST_TIMES:] if (at := _instant(one)))
        elif name == "seen" and isinstance(value, list):
            kept[name] = tuple(one for one in value[-MOST_SEEN:] if isinstance(one, str))
    return Source(**kept)


def with_times(state: Source, times: Iterable[datetime], now: datetime) -> tuple[datetime, ...]:
    """The times of the newest items, those of before and the new ones; a time in the future is not believed."""
    late = now + timedelta(hours=1)
    return tuple(sorted({*state.times, *(at for at in times if at <= late)})[-MOST_TIMES:])


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
