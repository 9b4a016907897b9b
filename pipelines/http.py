"""The one HTTP layer: time-outs, caps, a named user agent, and a clear word on whether a request can have been received.

A request that changes something is never repeated here, and never on a connection that was used before: whoever sends
must know whether it went out. Redirects are not followed; addresses of the team's own settings are the only ones asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json as json_
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from signalbook.classes import dataclass
from signalbook.errors import Denied, NotSent, Refused, Unanswered

if TYPE_CHECKING:
    import aiohttp

AGENT = f"Signalbook/{version('signalbook')} (publishing and counting for a team; no crawler)"
MOST_BYTES = 8 * 1024 * 1024
"""The longest answer that is read."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        headers: names in small letters; of several of one name, the last.
        asked_at: when the answer came, by this machine's clock; for ``skew_s`` only.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    asked_at: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether the status says that it was done."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; ``None`` when it is none."""
        try:
            return json_.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def date(self) -> datetime | None:
        """The service's clock, from ``Date``."""
        with contextlib.suppress(TypeError, ValueError, KeyError):
            found = parsedate_to_datetime(self.headers["date"])
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return None

    @property
    def skew_s(self) -> float | None:
        """How far the service's clock is ahead of this machine's, in seconds; ``None`` when it does not say."""
        return (self.date - self.asked_at).total_seconds() if self.date and self.asked_at else None

    def retry_after_s(self, now: datetime | None = None) -> float:
        """How long the service asks us to wait, in seconds; 0 when it does not say, a day at most.

        From ``Retry-After`` (RFC 9110, 10.2.3), else from the end of the window that was used up: ``RateLimit-Reset`` in
        seconds since 1970 (Bluesky), ``X-RateLimit-Reset`` as an instant (Mastodon).
        """
        said = self.headers.get("retry-after", "").strip()
        if said.isdigit() and len(said) < 9:
            return min(float(said), _A_DAY)
        until = None
        with contextlib.suppress(TypeError, ValueError):
            until = parsedate_to_datetime(said)
        start = now or self.date
        if until is None:
            until = _instant(self.headers.get("ratelimit-reset", "") or self.headers.get("x-ratelimit-reset", ""))
        if until is None or start is None or until.tzinfo is None:
            return 0.0
        return min(max(0.0, (until - start).total_seconds()), _A_DAY)

    def demand(self, channel: str, what: str) -> Answer:
        """Itself when it is fine, else the error that says what a status means for publishing once.

        Raises:
            NotSent: 429: the service counts and says «later».
            Denied: 401 or 403.
            Refused: any other 3xx or 4xx; it names what the service said, shortened.
            Unanswered: 5xx: a failure behind the door proves nothing.
        """
        if self.ok:
            return self
        said = _said(self)
        if self.status == 429:
            raise NotSent(
                channel, f"the service asks us to wait before we {what}{said}", retry_after_s=self.retry_after_s()
            )
        if self.status in {401, 403}:
            raise Denied(
                channel, f"the service does not let us {what} (status {self.status}){said}", status=self.status
            )
        if self.status in {408, 425} or self.status >= 500:
            raise Unanswered(channel, f"the service failed while we tried to {what} (status {self.status}){said}")
        raise Refused(channel, f"the service will not {what} (status {self.status}){said}", status=self.status)


_A_DAY = 86_400.0


def _instant(said: str) -> datetime | None:
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(said), UTC) if said.isdigit() else datetime.fromisoformat(said)
    return None


def _said(answer: Answer) -> str:
    found = answer.json()
    words: object = ""
    if isinstance(found, dict):
        words = next(
            (found[name] for name in ("error_description", "message", "error", "errmsg") if found.get(name)), ""
        )
    text = " ".join(str(words).split())[:200] if isinstance(words, str) else ""
    return f": {text}" if text else ""


class Client:
    """Requests from ordinary code, over one event loop in a thread of its own.

    Use it as a context manager. ``verify`` is the file of certificates to trust beside the system's, for a server of
    one's own.
    """

    def __init__(self, *, timeout_s: float = 30, verify: str = "") -> None:
        """Keep the limits; nothing is opened before the first request."""
        self.timeout_s = timeout_s
        self.verify = verify
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._lock = threading.Lock()
        self._is_over: Callable[[], bool] | None = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""
        self.close()

    def close(self) -> None:
        """End the loop and its thread; safe to repeat."""
        with self._lock:
            loop, session = self._loop, self._session
            self._loop = self._session = None
        if loop is None:
            return
        if session is not None:
            asyncio.run_coroutine_threadsafe(session.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)

    @contextlib.contextmanager
    def closing(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Until the end of the block, start no request that changes something once ``is_over`` says so.

        It is asked before a connection is made and again when there is one, right before the first byte: a process that
        slept in between must not wake up and send. Such a request is ``NotSent``; reading goes on.
        """
        before, self._is_over = self._is_over, is_over
        try:
            yield
        finally:
            self._is_over = before

    def in_time(self, channel: str) -> None:
        """Pass while something may still be sent; for those who talk to a service without this client.

        Raises:
            NotSent: the time of ``closing`` is over.
        """
        self._stop_late("POST", channel)

    def _stop_late(self, method: str, channel: str) -> None:
        if self._is_over is not None and method.upper() not in _READING and self._is_over():
            raise NotSent(channel, "the time in which this run may send was over before the request began")

    def request(
        self,
        method: str,
        url: str,
        *,
        channel: str,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout_s: float | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """Make one request, once.

        ``files`` is field → (file name, bytes, type), sent with ``form`` as multipart. An answer of any status is an
        answer; see ``Answer.demand``.

        Raises:
            NotSent: no connection came about, so nothing can have been received.
            Unanswered: the request went out, and the answer did not come, broke off or is longer than ``most_bytes``.
            Refused: the address is none for HTTP.
        """
        host = urlsplit(url).hostname or ""
        if urlsplit(url).scheme not in {"http", "https"} or not host:
            raise Refused(
                channel, "the channel's address must begin with https:// (or http:// on a network of your own)"
            )
        whole = timeout_s or self.timeout_s
        call = self._call(method, url, channel, host, dict(headers or {}), json, form, body, files, whole, most_bytes)
        future = asyncio.run_coroutine_threadsafe(call, self._running())
        try:
            return future.result(whole + 5)
        except TimeoutError as error:
            future.cancel()
            raise Unanswered(channel, f"{host} did not answer in {whole:g} s") from error

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="http", daemon=True).start()
            return self._loop

    async def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            context = ssl.create_default_context()
            if self.verify:
                context.load_verify_locations(self.verify)
            stop_late = self._stop_late

            class Connector(aiohttp.TCPConnector):
                async def connect(self, req: Any, *args: Any, **kwargs: Any) -> Any:
                    found = await super().connect(req, *args, **kwargs)
                    try:
                        stop_late(req.method, req.url.host or "")
                    except NotSent:
                        found.close()
                        raise
                    return found

            self._session = aiohttp.ClientSession(
                connector=Connector(force_close=True, ssl=context),
                headers={"User-Agent": AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=True,
            )
        return self._session

    async def _call(
        self, method: str, url: str, channel: str, host: str, headers: dict[str, str], json: Any,
        form: Mapping[str, str] | None, body: bytes | None, files: Mapping[str, tuple[str, bytes, str]] | None,
        whole: float, most_bytes: int,
    ) -> Answer:  # fmt: skip
        import aiohttp

        self._stop_late(method, channel)
        session = await self._opened()
        # As a stream: the library would otherwise hold up the loop with many bytes, and warns.
        data: Any = None if body is None else io.BytesIO(body)
        if files:
            data = aiohttp.FormData()
            for name, value in (form or {}).items():
                data.add_field(name, value)
            for name, (file, content, mime) in files.items():
                data.add_field(name, io.BytesIO(content), filename=file, content_type=mime)
        elif form is not None:
            data = dict(form)
        timeout = aiohttp.ClientTimeout(total=whole, sock_connect=min(10, whole))
        given: dict[str, Any] = {"json": json} if json is not None else {"data": data}
        try:
            async with session.request(
                method, url, headers=headers, timeout=timeout, allow_redirects=False, **given
            ) as found:
                read = bytearray()
                async for chunk in found.content.iter_any():
                    read += chunk
                    if len(read) > most_bytes:
                        raise Unanswered(channel, f"{host} answered with more than {most_bytes // 2**20} MiB")
                return Answer(
                    found.status, {k.lower(): v for k, v in found.headers.items()}, bytes(read), datetime.now(UTC)
                )
        except NotSent as error:
            raise NotSent(channel, error.message) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(channel, f"{host} cannot be reached ({_reason(error)})") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            said = "did not answer in time" if isinstance(error, TimeoutError) else "broke off"
            raise Unanswered(channel, f"{host} {said}") from error


def _reason(error: Exception) -> str:
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "there is no such name"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "its certificate is not trusted"
    if isinstance(error, TimeoutError):
        return "no connection in time"
    return "the connection was refused"


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


@contextlib.contextmanager
def client(*, timeout_s: float = 30, verify: str = "") -> Iterator[Client]:
    """A client that is closed at the end of the block."""
    with Client(timeout_s=timeout_s, verify=verify) as opened:
        yield opened
