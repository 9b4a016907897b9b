"""What holds for every test: no network but loopback, no warning, and an account of what was left out."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.running import Servers

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
SERVERS = ROOT / "tests" / "servers"

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
os.environ.setdefault("DISABLE_MKDOCS_2_WARNING", "true")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does
# Git in tests knows nobody's settings and asks for no password.
os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
os.environ["GIT_CONFIG_NOSYSTEM"] = "1"
os.environ["GIT_TERMINAL_PROMPT"] = "0"

_left_out: dict[str, int] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="rewrite the expected files from what is made now")


@pytest.fixture
def golden_update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--golden-update"))


def _missing() -> dict[str, str]:
    """Marker → why its tests cannot run on this machine."""
    from tests.browser import chromium

    missing = {}
    if chromium() is None:
        missing["browser"] = "no Chromium here; install it (Debian: apt-get install chromium) or set CHROMIUM"
    if not SHARED.is_dir():
        missing["shared"] = "no reference folder beside this clone"
    return missing


def _unwanted(config: pytest.Config, marker: str) -> bool:
    return f"not {marker}" in (config.getoption("markexpr") or "")


def _cannot_start(name: str) -> str:
    from tests.servers.running import missing

    return missing(name)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep all tests of the same servers in one process, so that each server is started once."""
    wanted = item.get_closest_marker("servers")
    if wanted:
        item.add_marker(pytest.mark.xdist_group("+".join(wanted.args)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, and remember it for the summary; in CI that is a failure."""
    missing = _missing()
    kept, left = [], []
    for item in items:
        why = next((missing[marker] for marker in missing if item.get_closest_marker(marker)), "")
        wanted = item.get_closest_marker("servers")
        if wanted and not _unwanted(config, "servers"):
            why = why or next(filter(None, map(_cannot_start, wanted.args)), "")
        if not why:
            kept.append(item)
        else:
            left.append(item)
            _left_out[why] = _left_out.get(why, 0) + 1
    if left and os.environ.get("SIGNALBOOK_RUN_ALL"):
        reasons = "; ".join(_left_out)
        raise pytest.UsageError(f"every test was asked for, and {len(left)} cannot run: {reasons}")
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    expression = config.getoption("markexpr") or ""
    if "not registry" in expression:
        terminalreporter.write_line("Left out: axe on every page; it ran on two of each sort (.ci/run takes all).")
        terminalreporter.write_line("Left out: installing from the package registry (.ci/run does it).")
    if _unwanted(config, "servers"):
        terminalreporter.write_line("Left out: tests against real servers (make test-servers runs them).")
    if hasattr(config, "workerinput"):
        return
    for why, count in _left_out.items():
        terminalreporter.write_line(f"Left out: {count} tests: {why}.")
    if getattr(config.option, "numprocesses", None):
        for marker, why in _missing().items():
            terminalreporter.write_line(f"Left out: tests marked {marker}: {why}.")
        if not _unwanted(config, "servers"):
            for why in filter(None, map(_cannot_start, sorted(path.parent.name for path in SERVERS.glob("*/run")))):
                terminalreporter.write_line(f"Left out: tests that need {why}.")


def _loopback(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a local socket file
    host = str(address[0])
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return host in {"", "localhost"}


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse every connection that would leave this machine, by name or by address."""
    if request.node.get_closest_marker("registry"):
        yield
        return
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _loopback(address):
            raise AssertionError(f"a test tried to leave this machine: {address}")
        return connect(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _loopback((host or "",)):
            raise AssertionError(f"a test tried to look up {host}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference folder beside the clone; only for tests marked ``shared``."""
    return SHARED


@pytest.fixture(scope="session")
def signalbook() -> str:
    """The installed command."""
    command = ROOT / ".venv" / "bin" / "signalbook"
    return str(command) if command.exists() else str(shutil.which("signalbook"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Real servers on loopback, for tests marked ``servers("name", ...)``; see ``tests/servers/README.md``."""
    from tests.servers.running import Servers

    servers = Servers(tmp_path_factory.mktemp("servers"))
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running Chromium, one for each test process; see ``tests/browser.py``."""
    from tests.browser import running

    with running() as started:
        yield started
