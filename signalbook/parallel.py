"""Do one thing to many items on every core: the process forks, each part is done in its own, results come back in order.

Only what is pure, or touches files that no other part touches, may be done here. Where the system cannot fork, where
threads are running, or where a part fails, everything is done in this process: the result is the same.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 4
"""More processes than this wait for the disk rather than work."""
QUEUE = 16_000
"""Parts at most: their numbers fit into a pipe."""
ENGINES = ("duckdb", "pyarrow")
"""Libraries with threads of their own, which a fork would lose."""


def shares(items: Sequence[T], work: Callable[[Sequence[T]], R], *, least: int = 250, grain: int = 0) -> list[R]:
    """``work`` on the items in as many parts as there are cores, each of at least ``least`` items; results in order.

    With a ``grain`` the parts are of so many items, and each process takes the next one when it is done with its last: for
    items that do not take the same time.
    """
    return Begun(items, work, least=least, grain=grain).results()


class Begun(Generic[T, R]):
    """``shares`` that were begun: what this process does before it asks for the results is done at the same time."""

    def __init__(
        self, items: Sequence[T], work: Callable[[Sequence[T]], R], *, least: int = 250, grain: int = 0
    ) -> None:
        """Start the processes; where there is nothing to share, ``results`` does the work."""
        self.work = work
        many = _many(items, least)
        if many < 2 or not _may_fork():
            self.parts = [items] if items else []
            self.children: list[tuple[int, int]] = []
            return
        size = grain or -(-len(items) // many)
        self.parts = [items[at : at + size] for at in range(0, len(items), size)][:QUEUE]
        if len(self.parts) == QUEUE:
            self.parts[-1] = items[(QUEUE - 1) * size :]
        sys.stdout.flush()
        sys.stderr.flush()
        # All numbers of parts lie in the pipe before there is anybody to take one, and a read takes exactly one.
        queue, numbers = os.pipe()
        os.write(numbers, b"".join([number.to_bytes(4, "little") for number in range(len(self.parts))]))
        os.close(numbers)
        self.children = [_begin(partial(self._take, queue)) for _ in range(min(many, len(self.parts)))]
        os.close(queue)

    def _take(self, queue: int) -> list[tuple[int, R]]:
        """In a process of its own: part after part, until there is none."""
        out = []
        while number := os.read(queue, 4):
            place = int.from_bytes(number, "little")
            out.append((place, self.work(self.parts[place])))
        return out

    def results(self) -> list[R]:
        """What came of each part, in order; what a process did not bring back is done here."""
        found: dict[int, R] = {}
        for pid, pipe in self.children:
            done, rows = _end(pid, pipe)
            if done:
                found.update(rows)
        self.children = []
        return [found[place] if place in found else self.work(part) for place, part in enumerate(self.parts)]


class Apart:
    """Something done in a process of its own, for what it leaves on the disk, while this one goes on.

    What it loaded and made is gone with the process. Processes that begin later may wait for its end, too. The work is given
    a function that waits for what ``hand`` hands over, so that it may begin before all is known.
    """

    def __init__(self, work: Callable[[Callable[[], Any]], object]) -> None:
        """Begin; where there can be no such process nothing is done."""
        self.owner = os.getpid()
        self.child: tuple[int, int] | None = None
        self.open: int | None = None
        if not _may_fork():
            return
        sys.stdout.flush()
        sys.stderr.flush()
        # Nobody writes into the first pipe: it ends when the process that holds its other side does.
        self.gate, held = os.pipe()
        taken, self.open = os.pipe()
        self.child = _begin(partial(self._do, work, taken))
        os.close(held)
        os.close(taken)

    def _do(self, work: Callable[[Callable[[], Any]], object], taken: int) -> bool:
        """In the process of its own."""
        if self.open is not None:
            os.close(self.open)

        def handed() -> Any:
            with os.fdopen(taken, "rb") as pipe:
                return pickle.load(pipe)  # noqa: S301 - our own parent wrote it

        return work(handed) is not None

    def hand(self, matter: object) -> None:
        """Hand over, once, what the work waits for."""
        if self.open is not None:
            given, self.open = self.open, None
            with contextlib.suppress(BrokenPipeError), os.fdopen(given, "wb") as pipe:
                pickle.dump(matter, pipe, protocol=5)

    def close(self) -> None:
        """Wait for the end of the process, if nobody did; without what it waits for it gives up."""
        if self.open is not None:
            os.close(self.open)
            self.open = None
        self.ended()

    def ended(self) -> bool:
        """Wait for the end; whether it was done. A process that did not begin it learns only that it ended: ``True``."""
        if self.child is None:
            return False
        os.read(self.gate, 1)
        if os.getpid() != self.owner:
            return True
        child, self.child = self.child, None
        os.close(self.gate)
        return _end(*child)[0]


def _many(items: Sequence[T], least: int) -> int:
    """In how many processes items are worth doing."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST, len(items) // least)


def _may_fork() -> bool:
    return (
        hasattr(os, "fork")
        and sys.platform != "darwin"
        and threading.active_count() == 1
        and not any(name in sys.modules for name in ENGINES)
    )


def _begin(work: Callable[[], object]) -> tuple[int, int]:
    """Start something in a child; answers with its process and the pipe its result comes through."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1
    try:
        os.close(reader)
        gc.freeze()  # what was there before is not looked through again, and so stays shared with the parent
        gc.set_threshold(200_000, 20, 100)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(work(), pipe, protocol=5)
        status = 0
    except BaseException:  # noqa: BLE001 - the parent does it again and meets the same, where it can be told
        status = 1
    finally:
        os._exit(status)


def _end(pid: int, reader: int) -> tuple[bool, Any]:
    """Wait for a child; whether it did its part, and the result."""
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status:
        return False, None
    with contextlib.suppress(pickle.UnpicklingError, EOFError):
        return True, pickle.loads(data)  # noqa: S301 - our own child wrote it
    return False, None
