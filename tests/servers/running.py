"""Start test servers once for all tests of a process, and know which cannot start here."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


@cache
def missing(name: str) -> str:
    """Why a server cannot start on this machine; empty when it can."""
    argv = [sys.executable, HERE / "install", "--check", name]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or [f"{name}: no reason given"])[-1]


@contextmanager
def running(name: str, workdir: Path, **options: object) -> Iterator[dict[str, Any]]:
    """A server that runs until the end of the block; yields what its ``run`` printed.

    ``options`` are its flags: ``handle="b.test"`` is ``--handle b.test``, ``protect=True`` is ``--protect``.
    """
    argv: list[str] = [sys.executable, str(HERE / name / "run"), str(workdir), "--life", "3600"]
    for flag, value in options.items():
        argv += [f"--{flag.replace('_', '-')}", *([] if value is True else [str(value)])]
    workdir.mkdir(parents=True, exist_ok=True)
    with (workdir / "run.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            process.wait(40)
            raise RuntimeError(f"{name} did not start: {(workdir / 'run.log').read_text(errors='replace')[-2000:]}")
        yield json.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(40)
        finally:
            process.kill()
            process.stdout.close()


class Servers:
    """The servers of one test process: ``server("bluesky-pds")`` starts it at the first call and returns its facts.

    Other options are another server. ``fresh=True`` starts one more, for a test that spoils it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._known: dict[tuple[object, ...], dict[str, Any]] = {}
        self._count = 0

    def __call__(self, name: str, *, fresh: bool = False, **options: object) -> dict[str, Any]:
        key = (name, *sorted(options.items()))
        if fresh or key not in self._known:
            self._count += 1
            workdir = self._folder / f"{name}-{self._count}"
            facts = self._stack.enter_context(running(name, workdir, **options))
            if fresh:
                return facts
            self._known[key] = facts
        return self._known[key]

    def close(self) -> None:
        self._stack.close()
