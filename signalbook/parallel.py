"""Do one thing to many items on every core: the process forks, each part is done in its own, results come back in order.

Only what is pure, or touches files that no other part touches, may be done here. Where the system cannot fork, where
threads are running, or where a part fails, everything is done in this process: the result is the same.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 4
"""More processes than this wait for the disk rather than work."""
ENGINES = ("duckdb", "pyarrow")
"""Libraries with threads of their own, which a fork would lose."""


def shares(items: Sequence[T], work: Callable[[Sequence[T]], R], *, least: int = 250) -> list[R]:
    """``work`` on the items in as many parts as there are cores, each of at least ``least`` items; results in order."""
    parts = _parts(items, least)
    if len(parts) < 2 or not _may_fork():
        return [work(items)] if items else []
    sys.stdout.flush()
    sys.stderr.flush()
    children = [_begin(work, part) for part in parts]  # all of them, so that this process stays small
    out: list[R] = []
    for part, (pid, pipe) in zip(parts, children, strict=True):
        done, result = _end(pid, pipe)
        out.append(result if done else work(part))
    return out


def apart(work: Callable[[], object]) -> bool:
    """Do something in a process of its own, for what it leaves on the disk; whether that was done.

    What it loaded and made is gone with the process. ``False`` where that cannot be, or when it failed: do it here then.
    """
    if not _may_fork():
        return False
    sys.stdout.flush()
    sys.stderr.flush()
    return _end(*_begin(lambda _: work() is not None, ()))[0]


def _parts(items: Sequence[T], least: int) -> list[Sequence[T]]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = max(1, min(cores, MOST, len(items) // least))
    size = -(-len(items) // count) if items else 0
    return [items[i * size : (i + 1) * size] for i in range(count)] if count > 1 else [items]


def _may_fork() -> bool:
    return (
        hasattr(os, "fork")
        and sys.platform != "darwin"
        and threading.active_count() == 1
        and not any(name in sys.modules for name in ENGINES)
    )


def _begin(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> tuple[int, int]:
    """Start a part in a child; answers with its process and the pipe its result comes through."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1
    try:
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(work(part), pipe, protocol=5)
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
