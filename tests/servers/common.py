"""What the start scripts of the test servers share.

Every ``run`` is called as ``tests/servers/NAME/run WORKDIR [--port N] [--life SECONDS]``. It keeps its state under WORKDIR,
binds 127.0.0.1 only, prints one JSON object once the server answers, and stops its children on SIGTERM, on SIGINT, when
its life is over, or when a child dies by itself. What it stands on was put in place by ``tests/servers/install``.
"""

import argparse
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HOST = "127.0.0.1"
MAX_LIFE = 3600
ROOT = pathlib.Path(__file__).resolve().parents[2]
_children = []
_life = [MAX_LIFE]


def options(doc, **extra):
    p = argparse.ArgumentParser(description=doc)
    p.add_argument("workdir", type=pathlib.Path)
    p.add_argument("--port", type=int, default=0, help="0 takes a free port")
    p.add_argument("--life", type=float, default=900, help="seconds (at most 3600)")
    for name, default in extra.items():
        flag = "--" + name.replace("_", "-")
        if isinstance(default, bool):
            p.add_argument(flag, action="store_true")
        else:
            p.add_argument(flag, default=default, type=type(default))
    o = p.parse_args()
    o.workdir = o.workdir.resolve()
    o.workdir.mkdir(parents=True, exist_ok=True)
    o.life = min(o.life, MAX_LIFE)
    _life[0] = o.life + 120
    o.port = o.port or free_port()
    signal.signal(signal.SIGTERM, _stop_signal)
    signal.signal(signal.SIGINT, _stop_signal)
    return o


def installed(name, *, needs):
    """The folder where ``install`` put something; ``needs`` is a path in it that proves it."""
    folder = pathlib.Path(os.environ.get("SIGNALBOOK_SERVERS") or ROOT / ".cache/servers").resolve() / name
    if not (folder / needs).exists():
        raise SystemExit(f"{folder / needs} is not there: run tests/servers/install first")
    return folder


def free_port():
    with socket.socket() as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


def _stop_signal(signum, frame):
    raise SystemExit(0)


def _die_with_parent():
    os.setsid()
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def start(argv, workdir, log, env=None, cwd=None, user=None):
    """Start a child in its own process group; its output goes to WORKDIR/log.

    timeout ends the whole group, grandchildren too, even when this script was killed.
    """
    out = (workdir / log).open("ab")
    child = subprocess.Popen(
        ["timeout", "--kill-after=10", str(_life[0]), *map(str, argv)],
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        user=user,
        preexec_fn=_die_with_parent,  # noqa: PLW1509  these scripts start no thread before their children
    )
    child.log_path = workdir / log
    _children.append(child)
    return child


def call(argv, workdir, log="setup.log", **kw):
    with (workdir / log).open("ab") as out:
        subprocess.run(
            [str(a) for a in argv], check=True, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **kw
        )


def wait_http(url, seconds=60, ok=(200, 301, 302, 401, 403, 404)):
    def answered():
        try:
            return urllib.request.urlopen(url, timeout=5).status in ok
        except urllib.error.HTTPError as e:
            return e.code in ok
        except OSError:
            return False

    wait_until(answered, url, seconds)


def wait_port(port, seconds=60):
    def answered():
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            return False
        return True

    wait_until(answered, f"port {port}", seconds)


def wait_until(check, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for c in _children:
            if c.poll() is not None:
                fail(f"child ended with {c.returncode} before {what} answered", c)
        if check():
            return
        time.sleep(0.1)
    fail(f"{what} did not answer in {seconds} s", *_children)


def fail(why, *children):
    print(why, file=sys.stderr)
    for c in children:
        print(c.log_path.read_text(errors="replace")[-2000:], file=sys.stderr)
    stop()
    raise SystemExit(1)


def stop():
    for c in reversed(_children):
        for sig, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            if c.poll() is not None:
                break
            try:
                os.killpg(c.pid, sig)
                c.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def serve(life, **facts):
    """Print the facts as one JSON line, then hold until it is time to stop."""
    print(json.dumps(facts), flush=True)
    end = time.monotonic() + life
    try:
        while time.monotonic() < end:
            for c in _children:
                if c.poll() is not None:
                    fail(f"child ended with {c.returncode}", c)
            time.sleep(0.2)
    finally:
        stop()


def unprivileged(argv):
    """For servers that refuse to run as root: root only becomes a plain user inside
    a user namespace, so the files stay where and whose they are."""
    if os.geteuid() != 0:
        return list(argv)
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--", *argv]


def postgres(workdir, port=0):
    """Debian's PostgreSQL on a new or kept cluster under WORKDIR/pg; its URL."""
    port = port or free_port()
    binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        raise SystemExit("no PostgreSQL: apt-get install postgresql")
    data = workdir / "pg"
    if not (data / "PG_VERSION").exists():
        call(
            unprivileged(
                [
                    str(binaries[-1] / "initdb"),
                    "-D",
                    str(data),
                    "-U",
                    "test",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "-N",
                ]
            ),
            workdir,
        )
    start(
        unprivileged(
            [
                binaries[-1] / "postgres",
                "-D",
                data,
                "-p",
                str(port),
                "-c",
                f"listen_addresses={HOST}",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=200",
            ]
        ),
        workdir,
        "postgres.log",
    )
    asked = [binaries[-1] / "pg_isready", "-q", "-h", HOST, "-p", str(port)]
    wait_until(lambda: subprocess.run(asked, check=False).returncode == 0, "postgres")
    return f"postgresql://test@{HOST}:{port}/postgres"


def redis(workdir, port=0):
    port = port or free_port()
    data = workdir / "redis"
    data.mkdir(exist_ok=True)
    start(
        ["redis-server", "--bind", HOST, "--port", str(port), "--dir", data, "--save", "", "--appendonly", "no"],
        workdir,
        "redis.log",
    )
    wait_port(port)
    return f"redis://{HOST}:{port}/0"
