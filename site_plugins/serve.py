"""The site on this machine while people write: a small server that builds again when a file changes.

Everything stays on the loopback address. The server sends the headers that a host should send, so that what works here
works there; a page learns of a new build by a question that the server answers when there is one. What a build cannot
do is shown on the page, never a reason to stop.
"""

from __future__ import annotations

import functools
import html
import json
import logging
import sys
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from signalbook.errors import SignalbookError
from site_plugins import build
from site_plugins import conf as conf_
from site_plugins.pages import ROOT, Asset, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from signalbook.workspace import Workspace
    from site_plugins.pages import Room

log = logging.getLogger(__name__)

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-cache",
}
_SETTLE_S: Final = 0.05
"""How long nothing must change before a build begins: an editor writes a file in several steps."""
_WAIT_S: Final = 20.0
"""How long a page's question is held open."""
_LIVE: Final = f'<script src="{ROOT}assets/live.js" defer></script>\n'


@dataclass
class State:
    """What the pages are told.

    Attributes:
        build: counts the builds that changed something that can be seen.
        trouble: what blocks, or what the last build could not do, a line each.
        seconds: how long the last build took.
    """

    build: int = 0
    trouble: tuple[str, ...] = ()
    seconds: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)


class Server:
    """Builds, watches and serves one workspace; ``start`` it, ``stop`` it."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        port: int = 8000,
        now: datetime | None = None,
        audience: str | None = None,
        say: Callable[[str], None] | None = None,
        rooms: Iterable[Room] | None = None,
    ) -> None:
        """Take the port on the loopback address; 0 takes any that is free.

        Raises:
            SignalbookError: the port is taken.
        """
        self.workspace, self.now, self.audience = workspace, now, audience
        self._rooms = None if rooms is None else tuple(rooms)
        self.say = say or (lambda _line: None)
        self.state = State()
        self.site_dir: Path = workspace.cache / "serve"
        self._dirty, self._over = threading.Event(), threading.Event()
        try:
            self._http = ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Handler, self))
        except OSError as error:
            raise SignalbookError(f"Port {port} is taken: {error.strerror}. Name another with --port.") from error
        self._http.daemon_threads = True
        self._threads: list[threading.Thread] = []
        self._observer: Any = None

    @property
    def address(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self._http.server_port}/"

    def start(self) -> None:
        """Build once, then serve and watch in the background."""
        self.rebuild()
        self._watch()
        for work in (self._http.serve_forever, self._work):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop serving and watching."""
        self._over.set()
        self._dirty.set()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        with self.state.changed:
            self.state.changed.notify_all()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join(timeout=5)

    def rebuild(self) -> None:
        """Build what changed; trouble is kept for the pages to show."""
        began = time.perf_counter()
        changed = False
        try:
            done = self._build()
            trouble = tuple(
                f"{one.path}:{one.line}  {one.field + ': ' if one.field else ''}{one.message} {one.remedy}"
                for one in done.findings
                if one.blocks
            )
            changed = bool(done.written or done.removed)
            self.say(f"{done.pages} pages, {len(done.written)} files written, {time.perf_counter() - began:.2f} s")
        except SignalbookError as error:
            trouble = (str(error),)
            self.say(str(error))
        except Exception as error:  # whatever it is, the server goes on and says so
            log.exception("the build stopped")
            trouble = (f"The build stopped: {type(error).__name__}: {error}",)
            self.say(trouble[0])
        with self.state.changed:
            self.state.seconds = time.perf_counter() - began
            if changed or trouble != self.state.trouble:
                self.state.build += 1
            self.state.trouble = trouble
            self.state.changed.notify_all()

    def _build(self) -> build.Built:
        conf = conf_.read(self.workspace.builder)
        prepared = build.prepare(self.workspace, conf, now=self.now, audience=self.audience, rooms=self._rooms)
        script = build.HERE / "assets" / "live.js"
        more = [Asset("assets/live.js", script.read_bytes, digest(script.stat().st_mtime_ns))]
        shell = build.rendered(prepared)
        return build.write(prepared, shell, self.site_dir, live=_LIVE, base="/", more=more)

    def _watch(self) -> None:
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer

        server, workspace = self, self.workspace
        alone = {workspace.settings, workspace.builder}

        class Handler(FileSystemEventHandler):
            """Marks the site as old when a file that goes into it changes."""

            def on_any_event(self, event: FileSystemEvent) -> None:
                if event.event_type in {"opened", "closed_no_write"}:
                    return
                for place in (event.src_path, event.dest_path):
                    if place and server.counts(str(place), alone):
                        server._dirty.set()

        self._observer = Observer()
        handler = Handler()
        conf = conf_.read(workspace.builder)
        for folder in {workspace.content, workspace.data, *([workspace.root / conf.guide] if conf.guide else [])}:
            if folder.is_dir():
                self._observer.schedule(handler, str(folder), recursive=True)
        self._observer.schedule(handler, str(workspace.root), recursive=False)
        self._observer.start()

    def counts(self, place: str, alone: set[Path]) -> bool:
        """Whether a change at a path can change the site: hidden files and editors' own do not."""
        from pathlib import Path

        path = Path(place)
        try:
            parts = path.relative_to(self.workspace.root).parts
        except ValueError:
            return False
        if any(part.startswith(".") for part in parts) or path.name.endswith(("~", ".swp", ".tmp", ".new~")):
            return False
        return len(parts) > 1 or path in alone

    def _work(self) -> None:
        while not self._over.is_set():
            self._dirty.wait()
            while self._dirty.is_set() and not self._over.is_set():
                self._dirty.clear()
                time.sleep(_SETTLE_S)
            if not self._over.is_set():
                self.rebuild()


def serve(
    workspace: Workspace,
    *,
    port: int = 8000,
    now: datetime | None = None,
    audience: str | None = None,
    say: Callable[[str], None] | None = None,
) -> None:
    """Serve the site until somebody presses Ctrl-C; ``say`` is told of every build, standard error if absent.

    Raises:
        SignalbookError: the port is taken, or the workspace cannot be read at all.
    """
    server = Server(workspace, port=port, now=now, audience=audience, say=say or _to_stderr)
    server.start()
    server.say(f"Open {server.address} (stop with Ctrl-C)")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.say("Stopped.")
    finally:
        server.stop()


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


class _Handler(SimpleHTTPRequestHandler):
    """Files of the site, the question for the next build, and nothing else."""

    protocol_version = "HTTP/1.1"

    def __init__(self, server: Server, *arguments: Any, **named: Any) -> None:
        self.site = server
        super().__init__(*arguments, directory=str(server.site_dir), **named)

    def do_GET(self) -> None:
        if not self._known_host():
            self.send_error(HTTPStatus.FORBIDDEN, "This server answers to 127.0.0.1 and localhost only")
        elif urlsplit(self.path).path == "/_live":
            self._live()
        else:
            super().do_GET()

    def do_HEAD(self) -> None:
        if self._known_host():
            super().do_HEAD()
        else:
            self.send_error(HTTPStatus.FORBIDDEN)

    def _known_host(self) -> bool:
        """Whether the request was meant for this machine: a foreign name that leads here is somebody else's page."""
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0].lower()
        return name in {"127.0.0.1", "localhost", "[::1]"}

    def _live(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("after", [""])[0]
        state = self.site.state
        with state.changed:
            if asked == str(state.build):
                state.changed.wait_for(lambda: asked != str(state.build) or self.site._over.is_set(), _WAIT_S)  # noqa: SLF001
            data = json.dumps({"build": state.build, "trouble": state.trouble}).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The site's own page for an address that leads nowhere."""
        try:
            page = (self.site.site_dir / "404.html").read_bytes() if code == HTTPStatus.NOT_FOUND else None
        except OSError:
            page = self._before_the_first() if code == HTTPStatus.NOT_FOUND else None
        if page is None:
            super().send_error(code, message, explain)
            return
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)

    def _before_the_first(self) -> bytes | None:
        """What stands in the way while no build has succeeded yet."""
        if urlsplit(self.path).path == "/assets/live.js":
            return None
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in self.site.state.trouble)
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not built yet</title>'
            f"<h1>The site could not be built yet</h1>{lines}<p>This page loads again with the next build.</p>"
            '<meta http-equiv="refresh" content="2">'
        ).encode()

    def list_directory(self, path: Any) -> None:
        """No lists of files: an address without a page leads nowhere."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Every answer carries the policy."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class names it
        """Requests are not news."""
