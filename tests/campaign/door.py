"""An HTTP server on loopback in which every request can meet a fault: before it is heard, or after it was obeyed.

What stands behind the door is a *room*: a function from a request to an answer. A double is a room; so is ``beyond``, which
hands the request on to a real server, and then the door is a faulty network in front of it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

HOST = "127.0.0.1"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. ``headers`` have names in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: float = 0.0

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def asked(self, name: str, default: str = "") -> str:
        """The last value of a name in the query."""
        return dict(self.query).get(name, default)

    @property
    def mime(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> list[tuple[str, str | bytes]]:
        """The fields of a form in order, urlencoded or multipart; a file is its bytes.

        Raises:
            ValueError: it is neither.
        """
        if self.mime == "application/x-www-form-urlencoded":
            return list(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=bool(self.body)))
        if self.mime != "multipart/form-data":
            raise ValueError(f"{self.mime or 'a body without a type'} is no form")
        head = b"Content-Type: " + self.headers["content-type"].encode() + b"\r\n\r\n"
        found: Message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        fields: list[tuple[str, str | bytes]] = []
        for part in found.get_payload():
            name = part.get_param("name", header="content-disposition")
            held = part.get_payload(decode=True)
            fields.append((name, held if part.get_filename() else held.decode()))
        return fields


@dataclass(frozen=True, slots=True)
class Answer:
    """What a room says to a request."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, value: object, status: int = 200, **headers: str) -> Answer:
        """An answer in JSON; ``x_total`` becomes ``x-total``."""
        named = tuple((name.replace("_", "-"), said) for name, said in headers.items())
        return cls(status, json.dumps(value).encode(), (("content-type", "application/json; charset=utf-8"), *named))


Room = Callable[[Request], Answer]

FAULTS = (
    "drop-before", "drop-after", "reset-before", "reset-after", "cut-after", "slow-after", "slow-before", "429",
    "500-before", "500-after", "503-before", "502-after",
)  # fmt: skip
"""What a request can meet.

``before``: the service never hears it, but for ``slow-before``, which it hears and obeys after the client has gone.
``after``: it was heard and obeyed, and the client does not learn it. ``drop`` ends the connection quietly, ``reset`` with
a reset, ``cut`` in the middle of the answer, ``slow`` after the client's patience.
"""
OBEYED = frozenset({"drop-after", "reset-after", "cut-after", "slow-after", "slow-before", "500-after", "502-after"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, for the first ``times`` requests that fit.

    Attributes:
        kind: one of ``FAULTS``.
        method: of the request; empty for any.
        path: what the path holds; empty for any.
        skip: so many that fit pass first.
        wait_s: what ``slow`` waits, and what 429 asks for.
    """

    kind: str
    method: str = "POST"
    path: str = ""
    skip: int = 0
    times: int = 1
    wait_s: float = 2.0

    def fits(self, request: Request) -> bool:
        return (not self.method or request.method == self.method) and self.path in request.target


@dataclass
class Door:
    """The server. ``met`` counts the faults that requests really met, ``heard`` keeps every request that got through.

    Use it as a context manager; ``url`` is where it answers.
    """

    room: Room
    clock: Callable[[], float] = time.time
    faults: list[Fault] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    heard: list[tuple[float, str, str, int]] = field(default_factory=list)
    watch: Callable[[Request], None] | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[int, int] = {}
        self._server = _Server((HOST, 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def arm(self, faults: Iterable[Fault]) -> None:
        """Set the faults that come; what was left of earlier ones is forgotten."""
        with self._lock:
            self.faults = list(faults)
            self._seen = {}

    def _meets(self, request: Request) -> Fault | None:
        with self._lock:
            chosen = None
            for number, fault in enumerate(self.faults):
                if not fault.fits(request):
                    continue
                seen = self._seen.get(number, 0)
                self._seen[number] = seen + 1
                if chosen is None and fault.skip <= seen < fault.skip + fault.times:
                    chosen = fault
            if chosen is not None:
                self.met[chosen.kind] += 1
            return chosen

    def take(self, request: Request, wire: socket.socket) -> Answer | None:
        """Bring a request through the door; ``None`` when no answer is to be written."""
        if self.watch is not None:
            self.watch(request)
        fault = self._meets(request)
        kind = fault.kind if fault else ""
        if kind in {"drop-before", "reset-before"}:
            return _end(wire, reset=kind.startswith("reset"))
        if kind == "429":
            return Answer.of({"error": "RateLimitExceeded", "message": "Too many requests"}, 429,
                             Retry_After=str(max(1, round(fault.wait_s))))  # fmt: skip
        if kind in {"500-before", "503-before"}:
            return Answer.of({"error": "InternalServerError", "message": "Something went wrong"}, int(kind[:3]))
        if kind == "slow-before":
            time.sleep(fault.wait_s)
        answer = self.room(request)
        self.heard.append((self.clock(), request.method, request.target, answer.status))
        if kind in {"drop-after", "reset-after"}:
            return _end(wire, reset=kind.startswith("reset"))
        if kind in {"500-after", "502-after"}:
            return Answer(int(kind[:3]), b"<html>Bad gateway</html>", (("content-type", "text/html"),))
        if kind == "cut-after":
            _half(wire, answer)
            return None
        if kind == "slow-after":
            time.sleep(fault.wait_s)
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is what this is for."""


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def serve(self) -> None:
            request = Request(
                self.command, self.path, {name.lower(): said for name, said in self.headers.items()}, self._body(),
                door.clock(),
            )  # fmt: skip
            answer = door.take(request, self.connection)
            if answer is None:
                self.close_connection = True
                return
            with contextlib.suppress(OSError):
                self.send_response(answer.status)
                for name, said in answer.headers:
                    self.send_header(name, said)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("transfer-encoding", ""):
                return self.rfile.read(int(self.headers.get("content-length") or 0))
            read = bytearray()
            while size := int(self.rfile.readline().split(b";")[0], 16):
                read += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return bytes(read)

        def log_message(self, *args: object) -> None:
            pass

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.serve)
    return Handler


def _end(wire: socket.socket, *, reset: bool) -> None:
    """Close the connection without a word; a reset makes the other side notice at once and rudely."""
    with contextlib.suppress(OSError):
        if reset:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.close()
        else:
            wire.shutdown(socket.SHUT_RDWR)


def _half(wire: socket.socket, answer: Answer) -> None:
    """Write the head and half of the body, then end."""
    head = (
        f"HTTP/1.1 {answer.status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer.body)}\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        wire.sendall(head.encode() + answer.body[: len(answer.body) // 2])
    _end(wire, reset=False)


_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade", "expect"})


def beyond(url: str, *, timeout_s: float = 60) -> Room:
    """A room that hands every request on to the real server at ``url`` and brings its answer back.

    The ``Host`` header is the real server's own, so that it makes the addresses it would make for anybody.
    """
    there = urlsplit(url)

    def hand_on(request: Request) -> Answer:
        wire = http.client.HTTPConnection(there.hostname or HOST, there.port or 80, timeout=timeout_s)
        try:
            headers = {name: said for name, said in request.headers.items() if name not in _HOP and name != "host"}
            wire.request(request.method, request.target, body=request.body, headers=headers)
            found = wire.getresponse()
            body = found.read()
            kept = tuple((name, said) for name, said in found.getheaders() if name.lower() not in _HOP)
            return Answer(found.status, body, kept)
        except OSError as error:
            return Answer.of({"error": "BadGateway", "message": type(error).__name__}, 502)
        finally:
            wire.close()

    return hand_on
