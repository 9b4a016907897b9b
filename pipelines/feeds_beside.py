"""A second process that reads plain feeds, for a run to which so many come that one core is not enough.

::

    hearing ── a few bodies ──► python -m pipelines.feeds_beside ── ``feeds_fast.decode``, ``told`` ──► mentions, or None

``None`` is a feed for the careful reader. The process is started when it is first needed; what it does not answer is done here.
What passes between the two is pickled: both ends are this module, over a pair of sockets that nobody else has.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import struct
import subprocess
import sys
from dataclasses import field
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from pipelines import feeds_fast
from pipelines.services import Told, carefully
from signalbook.classes import dataclass
from signalbook.errors import SignalbookError
from signalbook.records import Mention

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pipelines.services import Listen, Reads

SECONDS = 30.0
"""How long a few feeds may take before they are read here."""
LONGEST = 256 * 1024 * 1024
"""No answer is longer, in bytes."""


class Question(NamedTuple):
    """A body that came, and who hears it."""

    key: str
    source: Reads
    ask: Listen
    body: bytes
    where: str


Answer = Told | SignalbookError | None
"""What a source told, what went wrong, or that its feed is none of the plain ones."""


def answer(one: Question) -> Answer:
    """Read one body."""
    feed = feeds_fast.decode(one.body)
    return None if feed is None else carefully(one.key, lambda: one.source.told(one.ask, feed, one.where))


@dataclass
class Beside:
    """The process, from its first question to ``close``.

    Attributes:
        free: whether it may be asked: it answers one at a time, and is not asked again once it failed.
    """

    free: bool = field(default_factory=lambda: len(_cores()) > 1)
    _worker: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, repr=False)

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Answer some questions, in their order; here, when the process cannot."""
        self.free = False
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._asked(questions)
        except (OSError, EOFError, ValueError, pickle.PickleError):  # it is gone, late, or says what is no answer
            return [answer(one) for one in questions]
        self.free = True
        return found

    async def _asked(self, questions: Sequence[Question]) -> list[Answer]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._start(), limit=1 << 20)
        answers, given = self._streams
        given.write(_framed(list(map(tuple, questions))))
        await given.drain()
        (length,) = struct.unpack(">I", await answers.readexactly(4))
        if length > LONGEST:
            message = f"an answer of {length:,} bytes"
            raise ValueError(message)
        return [_told(one) for one in pickle.loads(await answers.readexactly(length))]  # noqa: S301 - of our own process

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._worker = subprocess.Popen(
                    [sys.executable, "-m", "pipelines.feeds_beside"],
                    stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL,
                )  # fmt: skip
        except OSError:
            ours.close()
            raise
        return ours

    def close(self) -> None:
        """End the process; safe to repeat."""
        streams, self._streams = self._streams, None
        worker, self._worker = self._worker, None
        if streams:
            streams[1].close()
        if worker:
            worker.kill()
            worker.wait()


def _cores() -> Collection[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)


def _framed(value: object) -> bytes:
    data = pickle.dumps(value, protocol=5)
    return struct.pack(">I", len(data)) + data


# Objects are pickled by their class's own methods, one call each; their values alone cost a fifth of it.
_VALUES = attrgetter(*Mention.__slots__)


def _plain(told: Answer) -> Any:
    if not isinstance(told, Told):
        return told
    return list(map(_VALUES, told.mentions)), told.cursor, told.left_out, told.notes, told.unchanged


def _told(plain: Any) -> Answer:
    if not isinstance(plain, tuple):
        return plain  # type: ignore[no-any-return]  # what ``_plain`` left as it is
    mentions, *rest = plain
    return Told(tuple(Mention(*values) for values in mentions), *rest)


def work(given: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until nobody asks any more: the process's whole life."""
    while len(head := given.read(4)) == 4:
        questions = pickle.loads(given.read(struct.unpack(">I", head)[0]))  # noqa: S301 - of our own process
        answers.write(_framed([_plain(answer(Question(*one))) for one in questions]))
        answers.flush()


if __name__ == "__main__":
    work(sys.stdin.buffer, sys.stdout.buffer)
