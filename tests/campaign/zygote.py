"""Runners of the real campaign: processes of their own, forked from one that has everything imported.

Reads orders on stdin, one JSON object a line; answers on stdout: ``{"pid", "id"}`` when a runner was started, ``{"id",
"signal", "status"}`` when it ended. A runner is the product as it is: ``pipelines.publishing.run`` with the effects that the
command hands it. Only its clock is the schedule's, its patience with a silent service is short, and at the step of its
order it kills or stops itself.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import select
import signal
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pipelines import http, publishing
from signalbook.errors import SignalbookError
from signalbook.workspace import Workspace

PATIENCE_S = 5.0
"""How long a request may take; in life it is 30 seconds."""


def live(order: dict[str, Any]) -> int:
    """Be a runner: publish once, as ``signalbook publish`` does."""
    folder = Path(order["folder"])
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    passed: dict[str, int] = {}

    def step(name: str, delivery: str) -> None:
        os.write(log, f"{order['id']}\t{name}\t{delivery}\n".encode())
        count = passed[name] = passed.get(name, -1) + 1
        if [name, count] == order.get("kill_at"):
            os.write(log, f"{order['id']}\tSIGKILL at {name}\t{delivery}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
        if [name, count] == order.get("stop_at"):
            os.write(log, f"{order['id']}\tSIGSTOP at {name}\t{delivery}\n".encode())
            os.kill(os.getpid(), signal.SIGSTOP)

    def clock() -> datetime:
        """The machine's clock, the schedule's leap through time, and how wrong this runner's own clock is."""
        leap = float(Path(order["leap"]).read_text(encoding="ascii") or 0)
        return datetime.now(UTC) + timedelta(seconds=leap + order.get("skew_s", 0.0))

    out = os.open(order["out"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    effects = publishing.Effects(
        order["environment"], clock, time.sleep, secrets.token_hex(4), say=lambda text: os.write(out, f"{text}\n".encode()),
        write=lambda text: os.write(out, f"{order['id']} {text}".encode()), as_json=True, step=step,
    )  # fmt: skip
    client = http.Client
    http.client = partial(client, timeout_s=PATIENCE_S)
    return publishing.run(Workspace(folder), publishing.Asked(order.get("word", "")), effects)


def warm() -> None:
    """Import and read once what every runner would import and read: runners are many, and this machine is small."""
    import aiohttp  # noqa: F401 - for those who are forked
    import nh3  # noqa: F401 - for those who are forked
    from git import Repo  # noqa: F401 - for those who are forked

    from pipelines import accounts, outgoing, settling  # noqa: F401 - for those who are forked
    from signalbook import book, hypertext, registry

    hypertext.render("*x*")
    list(registry.everything("signalbook.connectors"))
    with tempfile.TemporaryDirectory() as folder:
        place = Workspace(Path(folder))
        (place.content / "calendar").mkdir(parents=True)
        place.settings.write_text('[team]\nname = "x"\n[channels.x]\nconnector = "console"\n', encoding="utf-8")
        (place.content / "calendar/x.md").write_text(
            "---\ntitle: x\nstatus: approved\npublish_at: 2026-11-24 09:00\nchannels: [x]\n---\nx\n", encoding="utf-8"
        )
        publishing.publishing.plan(book.load(place, use_cache=False), datetime.now(UTC))


def main() -> None:
    """Fork a runner for each order; tell how each ended."""
    warm()
    gc.freeze()
    names: dict[int, str] = {}
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [], 1.0)
        if wake in ready:
            os.read(wake, 4096)
        with suppress(ChildProcessError):
            while names:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                died = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
                _tell({"id": names.pop(pid), "signal": died, "status": code})
        if 0 not in ready:
            continue
        read = os.read(0, 1 << 16)
        if not read:
            return
        *lines, waiting = (waiting + read).split(b"\n")
        for line in lines:
            order = json.loads(line)
            pid = os.fork()
            if not pid:
                _be(order)
            names[pid] = order["id"]
            _tell({"id": order["id"], "pid": pid})


def _be(order: dict[str, Any]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    errors = os.open(order["out"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(errors, 1)
    os.dup2(errors, 2)
    os.environ.update(order["environment"])
    status = 70
    try:
        status = live(order)
    except SignalbookError as error:
        # As the command does: the sentence, and status 1.
        os.write(2, f"{order['id']} could do nothing: {error}\n".encode())
        status = 1
    except BaseException as error:  # noqa: BLE001 - whatever it is, the campaign wants to read it
        os.write(2, f"{order['id']} ended: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
