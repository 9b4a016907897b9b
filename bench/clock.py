"""Whole processes timed from outside: wall, CPU, the largest memory; and what a folder holds."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Took:
    """One run of a command, or the medians of several.

    Attributes:
        wall_s: from start to end.
        cpu_s: user and system, of the process and the children it waited for.
        memory_mib: the largest resident size of one process among them.
    """

    wall_s: float
    cpu_s: float
    memory_mib: float


def run(command: Sequence[str | Path], *, cwd: Path, log: Path) -> Took:
    """Run a command once, its output into ``log``.

    Raises:
        RuntimeError: it ended with another status than 0; the message holds the end of its output.
    """
    words = [str(word) for word in command]
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(words, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}:\n{end}")
    return Took(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(runs: Iterable[Took]) -> Took:
    """The median of each measure by itself."""
    all_runs = list(runs)
    return Took(*(statistics.median(getattr(one, name) for one in all_runs) for name in Took.__slots__))


def size_mib(folder: Path) -> float:
    """What the files of a folder hold, in MiB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def exponent(points: Iterable[tuple[int, float]]) -> float:
    """How a cost grows: the slope of its logarithm over the logarithm of the size; 1 is linear."""
    logs = [(math.log(n), math.log(cost)) for n, cost in points]
    middle_x = statistics.fmean(x for x, _ in logs)
    middle_y = statistics.fmean(y for _, y in logs)
    spread = sum((x - middle_x) ** 2 for x, _ in logs)
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / spread
