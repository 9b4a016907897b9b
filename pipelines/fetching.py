"""Fetch many pages at once from servers that nobody vouches for: capped, patient only so far, polite, and never led astray.

::

    Wanted ──► who may be asked? ──► connect to the address that was checked ──► read, capped ──► Page | Trouble
                     ▲                                                             │
                     └─────────────── a redirect is a new address ◄────────────────┘

* Only http and https; never from https back to http. Addresses of this machine and of private networks are refused, also
  after a redirect and also when a name leads there: what was looked up is what is connected to, so that a name cannot mean
  something else a moment later. ``Guard.private`` names the hosts that may be private all the same, and an address that the
  team's own settings write out (``Wanted.own``) is asked for that very host and port.
* Conditional: ``ETag`` and ``Last-Modified`` go back as they came, and an answer with the bytes of the last one is unchanged.
* A body is cut off at ``most_bytes``, compressed or not, and a server that takes more than ``seconds`` is left, however
  slowly or busily it talks.
* At most ``per_host`` requests to a host at a time, ``connections`` in all. ``Retry-After`` is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import ipaddress
import socket
import ssl
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from pipelines.http import AGENT, Answer
from signalbook.classes import dataclass

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import ResolveResult
    from yarl import URL

LISTENS = AGENT.replace("publishing and counting", "listening")
TAKES = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.3"
)
_MOVED = {301, 308}
_ELSEWHERE = {301, 302, 303, 307, 308}
_PORTS = {80, 443}
_MAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


@dataclass(frozen=True, slots=True)
class Guard:
    """What no server can talk us out of.

    Attributes:
        private: names or addresses of hosts that may be on a private network or this machine, in small letters.
        seconds: how long one page may take, from the look-up of its name to its last byte, redirects included.
        most_bytes: the longest body, after it was unpacked.
        hops: so many redirects are followed.
        connections: so many at once.
        per_host: so many at once to one host; a host of ``private`` takes as many as there are.
    """

    private: frozenset[str] = frozenset()
    seconds: float = 4.0
    most_bytes: int = 8 * 1024 * 1024
    hops: int = 5
    connections: int = 64
    per_host: int = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page to fetch.

    Attributes:
        key: by which the answer is told.
        etag: as the server wrote it the last time; empty for none.
        modified: the same of ``Last-Modified``.
        content: hash of the last whole answer.
        own: whether the team's settings write this address out, so that a private host in it is meant.
        takes: the ``Accept`` header.
        seconds: how long this page may take; 0 for as long as the guard says.
        headers: further headers, for this address only and never for one a redirect leads to.
    """

    key: str
    url: str
    etag: str = ""
    modified: str = ""
    content: str = ""
    own: bool = False
    takes: str = TAKES
    seconds: float = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What a server gave.

    Attributes:
        url: where it was found in the end.
        moved_to: where the server says it lives for good; empty when it lives where it was asked for.
        unchanged: nothing is new: the server said so, or these are the bytes of the last time; then ``body`` is empty.
        kind: the media type, e.g. ``application/rss+xml``, in small letters.
    """

    url: str
    body: bytes = field(default=b"", repr=False)
    moved_to: str = ""
    etag: str = ""
    modified: str = ""
    content: str = ""
    unchanged: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no page: a sentence without a word of the server's.

    Attributes:
        retry_after_s: how long the server asks us to wait; 0 when it does not say.
        gone: the server says that the page is gone for good.
    """

    message: str
    retry_after_s: float = 0
    gone: bool = False


class _Stop(Exception):  # noqa: N818 - no error: how a fetch ends
    """A fetch ends here."""

    def __init__(self, message: str, retry_after_s: float = 0, *, gone: bool = False) -> None:
        super().__init__(message)
        self.trouble = Trouble(message, retry_after_s, gone)


def is_private(host: str) -> bool:
    """Whether an address in numbers is none of the public internet; a name is not (nobody has looked it up yet)."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            address = address.ipv4_mapped
        elif address in _MAPPED[0]:
            address = ipaddress.IPv4Address(address.packed[12:])
        elif address in _MAPPED[1]:
            address = ipaddress.IPv4Address(address.packed[2:6])
    return not address.is_global or address.is_multicast


def is_here(host: str) -> bool:
    """Whether a host, as it is written, says itself that it is not public: in numbers, or a name for this machine."""
    bare = host.rstrip(".").lower()
    return is_private(bare) or bare == "localhost" or bare.endswith((".localhost", ".local", ".internal"))


def fetch(wanted: Iterable[Wanted], guard: Guard, took: Callable[[str, Page | Trouble], None]) -> None:
    """Fetch all pages; ``took`` is told each as it comes, in any order, in this thread. Ends when all are there."""
    asyncio.run(fetch_all(wanted, guard, took))


def fetch_one(url: str, guard: Guard, *, takes: str = "text/html, */*;q=0.5", own: bool = False) -> Page | Trouble:
    """Fetch one page; for whoever wants to see what stands at an address."""
    found: dict[str, Page | Trouble] = {}
    fetch([Wanted("", url, own=own, takes=takes)], guard, found.__setitem__)
    return found[""]


async def fetch_all(wanted: Iterable[Wanted], guard: Guard, took: Callable[[str, Page | Trouble], None]) -> None:
    """As ``fetch``, in a running loop."""
    import aiohttp

    # Host → its pages and where they are, each address taken apart once.
    waiting: dict[str, deque[tuple[Wanted, URL | None]]] = {}
    names = set(guard.private)
    for page in wanted:
        url = _address(page.url)
        host = (url.host or "").rstrip(".").lower() if url else ""
        if host not in waiting:
            waiting[host] = deque()
        waiting[host].append((page, url))
        if page.own and host and host not in names and is_here(host):
            names.add(host)
    connector = aiohttp.TCPConnector(
        limit=guard.connections, resolver=_resolver(frozenset(names)), ttl_dns_cache=300, ssl=_trusted()
    )
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False,
        headers={"User-Agent": LISTENS, "Accept-Encoding": "gzip, deflate"},
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:  # fmt: skip
        free = {host: guard.connections if host in names else guard.per_host for host in waiting}
        ready = deque(waiting)

        async def worker() -> None:
            # Whoever finds no host that may be asked goes home: what is left belongs to hosts that are being asked, and those
            # who ask them go on with it.
            while ready:
                host = ready.popleft()
                page, url = waiting[host].popleft()
                free[host] -= 1
                if waiting[host] and free[host]:
                    ready.append(host)
                took(page.key, await _fetched(session, page, url, guard))
                if waiting[host] and not free[host]:
                    ready.append(host)
                free[host] += 1

        await asyncio.gather(*(worker() for _ in range(min(guard.connections, sum(map(len, waiting.values()))))))


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The system's certificates, read once."""
    return ssl.create_default_context()


async def _fetched(session: aiohttp.ClientSession, page: Wanted, url: URL | None, guard: Guard) -> Page | Trouble:
    import aiohttp

    if url is None:
        return Trouble("its address is none that can be asked")
    seconds = page.seconds or guard.seconds
    try:
        async with asyncio.timeout(seconds):
            return await _followed(session, page, url, guard)
    except _Stop as stop:
        return stop.trouble
    except TimeoutError:
        return Trouble(
            f"it did not answer in {seconds:g} s. If it is always that slow, give it longer: seconds = {3 * seconds:g}"
        )
    except aiohttp.InvalidURL:
        return Trouble("its address is none that can be asked")
    except aiohttp.ClientConnectorCertificateError:
        return Trouble("its certificate is not trusted")
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, _RefusedAddress):
            return error.os_error.trouble
        unknown = isinstance(error, aiohttp.ClientConnectorDNSError)
        return Trouble("there is no such name" if unknown else "no connection came about")
    except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
        return Trouble(f"the answer broke off or is not HTTP ({type(error).__name__})")


async def _followed(session: aiohttp.ClientSession, page: Wanted, asked: URL, guard: Guard) -> Page:
    """The page at the end of its redirects."""
    import aiohttp
    from yarl import URL

    url, moved_to, for_good = asked, "", True
    for hop in range(guard.hops + 1):
        there_still = hop == 0 or (bool(url.host and asked.host) and url.origin() == asked.origin())
        _passes(url, guard, own=page.own and there_still)
        head = {"Accept": page.takes}
        # Validators and headers belong to the address they were given for.
        if there_still:
            head |= page.headers
            head |= {"If-None-Match": page.etag} if page.etag else {}
            head |= {"If-Modified-Since": page.modified} if page.modified else {}
        async with session.get(url, headers=head, allow_redirects=False) as found:
            status = found.status
            if status in _ELSEWHERE and "Location" in found.headers:
                there = found.headers["Location"]
                try:
                    after = url.join(URL(there))
                except ValueError:
                    raise _Stop("it leads to an address that is none") from None
                if url.scheme == "https" and after.scheme == "http":
                    raise _Stop("it leads from https back to http, which everybody on the way can read and change")
                for_good = for_good and status in _MOVED
                moved_to = str(after) if for_good else moved_to
                url = after.with_fragment(None)
                continue
            if status == 304:
                where = page.url if url is asked else str(url)
                return Page(where, b"", moved_to, page.etag, page.modified, page.content, unchanged=True)
            if status != 200:
                raise _Stop(*_status(status, found.headers), gone=status == 410)
            body = await _body(found, guard.most_bytes)
            content = hashlib.blake2b(body, digest_size=16).hexdigest()
            same = content == page.content
            kind = found.headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100]
            with contextlib.suppress(aiohttp.ClientError):
                return Page(
                    str(url), b"" if same else body, moved_to, _validator(found.headers.get("ETag", "")),
                    _validator(found.headers.get("Last-Modified", "")), content, unchanged=same, kind=kind,
                )  # fmt: skip
    raise _Stop(f"it leads from one address to the next, more than {guard.hops} times")


def _passes(url: URL, guard: Guard, *, own: bool) -> None:
    """Let an address pass that may be asked.

    Raises:
        _Stop: it may not; the sentence says why and what to write.
    """
    host = (url.host or "").rstrip(".").lower()
    if url.scheme not in {"http", "https"} or not host:
        raise _Stop("it leads to an address that is not http or https")
    if url.user or url.password:
        raise _Stop("a name or a password stands in its address")
    if host in guard.private:
        return
    if is_here(host):
        if not own:
            raise _RefusedAddress(host).stop
        return
    if url.port not in _PORTS and (url.port or 0) < 1024:
        raise _Stop("it leads to a port that serves no pages")


def _refusal(host: str) -> str:
    shown = host[:100] if host.isprintable() else "its host"
    return (
        f"it leads into a private network ({shown}), and a source from outside could look around there. "
        f'If that is meant, write under [listen]: private_hosts = ["{shown}"]'
    )


class _RefusedAddress(OSError):  # noqa: N818 - as _Stop
    """A name leads to an address that may not be asked."""

    def __init__(self, host: str) -> None:
        super().__init__("refused")
        self.stop = _Stop(_refusal(host))
        self.trouble = self.stop.trouble


def _resolver(names: frozenset[str]) -> Any:
    """Look names up, and keep only the addresses that may be asked; what is kept is what is connected to."""
    from aiohttp import ThreadedResolver

    class Guarded(ThreadedResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            found = await super().resolve(host, port, family)
            if host.rstrip(".").lower() in names:
                return found
            kept = [one for one in found if not is_private(one["host"])]
            if found and not kept:
                raise _RefusedAddress(host)
            return kept

    return Guarded()


async def _body(found: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, unpacked and not longer than ``most``.

    Raises:
        _Stop: it is longer, or packed in a way that nobody asked for.
    """
    packed = found.headers.get("Content-Encoding", "").strip().lower()
    if packed not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise _Stop("its answer is packed in a way that nobody asked for")
    unpack: Any = None
    read, came = bytearray(), 0
    too_much = f"its answer is longer than {most // 2**20} MiB, which no feed is"
    async for chunk in found.content.iter_any():
        came += len(chunk)
        if came > most:
            raise _Stop(too_much)
        if packed in {"", "identity"}:
            read += chunk
            continue
        if unpack is None:
            # Deflate comes with and without its wrapper (RFC 9110, 8.4.1.2).
            raw = packed == "deflate" and chunk[:1] and (chunk[0] & 0x0F) != 8
            unpack = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
        read += unpack.decompress(chunk, most + 1 - len(read))
        if len(read) > most or unpack.unconsumed_tail:
            raise _Stop(too_much)
    if unpack is not None and not unpack.eof:
        raise _Stop("its answer breaks off")
    return bytes(read)


def _validator(value: str) -> str:
    """A validator that can go back as it came; empty for one that is too long or would break a header."""
    return value if len(value) <= 500 and value.isprintable() and value.isascii() else ""


def _status(status: int, headers: Mapping[str, str]) -> tuple[str, float]:
    after = Answer(status, {name.lower(): value for name, value in headers.items()}, b"").retry_after_s()
    if status == 410:
        return "it is gone for good (status 410). Take the source out, or find its new address", after
    if status == 404:
        return "there is nothing at its address (status 404). Look for its new one", after
    if status in {401, 403}:
        return f"it does not let us read (status {status})", after
    if status == 429:
        return "it asks us to come less often (status 429)", after
    return f"it answered with status {status}", after


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses name the same scheme, host and port."""
    from yarl import URL

    try:
        return URL(one).origin() == URL(other).origin()
    except ValueError:
        return False


def _address(url: str) -> URL | None:
    """An address taken apart; ``None`` for one that cannot be."""
    from yarl import URL

    try:
        return URL(url)
    except ValueError:
        return None
