"""Read feeds: bytes in, entries out, in a process of their own with limits on time and memory.

::

    bytes ──Readers──► worker (feedparser, or JSON Feed) ──► Feed
                         └── too slow, too large, dead: a damaged Feed, and a new worker

A feed is hostile until shown otherwise. Entities declared in it are never expanded, nothing is fetched, all text stays text:
titles are not markup, and an address that is not http or https is dropped. feedparser's own sanitiser is not trusted.
"""

from __future__ import annotations

import calendar
import contextlib
import json
import re
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from signalbook.classes import dataclass

MOST_BYTES = 10 * 1024 * 1024
"""A longer file is not read."""
MOST_ENTRIES = 10_000
MOST_LETTERS = 4_000
"""The longest title or id that is kept."""
MOST_WORDS = 200_000
"""The longest text of an entry that is kept, in letters."""
SECONDS = 4.0
MEMORY = 448 * 1024 * 1024
DEEPEST = 200
"""Elements inside elements: no feed nests deeper, and a parser that meets more gets slow."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed; what the feed does not say is ``None``.

    Attributes:
        id: as the feed names it.
        link: http or https.
        title: as feedparser gives it, white space made single: text, its markup not interpreted.
        published: aware, in UTC.
        updated: aware, in UTC.
        text: the summary or content, as it stands in the feed; markup, never to be shown unsanitised.
        author: as the feed names it, may be empty; of several the last.
        near: where ``link`` is ``None``, what the feed writes in its place: an address that only the feed's own makes whole, one
            that nobody encoded, or the file that the entry is about. Empty when there is none.
    """

    id: str | None = None
    link: str | None = None
    title: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    text: str = ""
    author: str = ""
    near: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What was read.

    Attributes:
        kind: ``rss20``, ``atom10``, ``json`` …, ``unknown`` when it is no feed.
        damaged: whether something in it was broken; the entries are what could be saved.
        error: what is wrong, a sentence; empty when nothing is.
        links: feeds that a page of HTML offers instead.
        lang: the language that the feed says it is in; empty when it does not.
    """

    kind: str = "unknown"
    title: str | None = None
    entries: tuple[Entry, ...] = ()
    damaged: bool = False
    error: str = ""
    links: tuple[str, ...] = ()
    lang: str = ""


# --- the pure half ---------------------------------------------------------------------------------------------------

_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]{0,2000}\[.*?\]\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rb"<(/?)([A-Za-z_][^\s/>]*)[^<>]*?(/?)>")
_VOID = frozenset(
    {
        b"br",
        b"hr",
        b"img",
        b"input",
        b"link",
        b"meta",
        b"p",
        b"li",
        b"td",
        b"tr",
        b"area",
        b"base",
        b"col",
        b"embed",
        b"source",
        b"wbr",
    }
)
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_OFFERED = re.compile(rb"<link\b[^>]*>", re.IGNORECASE)


def decode(data: bytes) -> Feed:
    """Read one feed, in this process and without limits; whoever does not trust the bytes asks ``Readers``."""
    if len(data) > MOST_BYTES:
        return Feed(damaged=True, error=f"The file has more than {MOST_BYTES // 2**20} MiB, which no feed has.")
    if not data.strip(b"\xef\xbb\xbf\x00 \t\r\n"):
        return Feed(damaged=True, error="The file is empty.")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
        return _json(data)
    return _xml(data)


def _json(data: bytes) -> Feed:
    try:
        found = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Feed("json", damaged=True, error="It begins like JSON and is none, or was cut short.")
    version = found.get("version") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(version, str) or "jsonfeed.org" not in version:
        return Feed("json", damaged=True, error="It is JSON, but no JSON Feed: the version is missing.")
    items = found.get("items")
    entries = [
        _json_entry(item)
        for item in (items if isinstance(items, list) else [])[:MOST_ENTRIES]
        if isinstance(item, dict)
    ]
    return Feed("json", _line(found.get("title")), tuple(entries), damaged=not isinstance(items, list),
                error="" if isinstance(items, list) else "The feed has no list of items.",
                lang=(_text(found.get("language")) or "")[:35])  # fmt: skip


def _json_entry(item: dict[str, Any]) -> Entry:
    number = item.get("id")
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    author = next((one.get("name") for one in authors or () if isinstance(one, dict)), "")
    return Entry(
        _text(str(number)) if isinstance(number, int | float) and not isinstance(number, bool) else _text(number),
        _address(item.get("url")) or _address(item.get("external_url")),
        _line(item.get("title")),
        _written(item.get("date_published")),
        _written(item.get("date_modified")),
        next(
            (
                value[:MOST_WORDS]
                for name in ("content_html", "content_text", "summary")
                if isinstance(value := item.get(name), str)
            ),
            "",
        ),
        _text(author) or "",
    )


def _written(value: object) -> datetime | None:
    """RFC 3339, as JSON Feed 1.1 asks for."""
    if not isinstance(value, str):
        return None
    with contextlib.suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(value.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _xml(data: bytes) -> Feed:
    import feedparser

    page = _HTML.match(data[:4096]) is not None
    guarded = data
    if b"<!ENTITY" in data[:200_000].upper():
        # Without its declarations an entity stays what is written: nothing grows, nothing is read from a disk.
        guarded = _DOCTYPE.sub(b"", data, count=1)
    if _depth(guarded) > DEEPEST:
        return Feed(damaged=True, error=f"Its elements nest more than {DEEPEST} deep, which no feed does.")
    found = feedparser.parse(guarded, sanitize_html=False, resolve_relative_uris=True)
    entries = tuple(_entry(entry) for entry in found.entries[:MOST_ENTRIES])
    kind = found.get("version") or "unknown"
    title = _line(dict.get(found.feed, "title"))
    wrong = found.get("bozo_exception")
    damaged = bool(found.get("bozo")) and type(wrong).__name__ not in {"CharacterEncodingOverride", "NonXMLContentType"}
    if page and not entries:
        return Feed(kind, title, (), damaged=True, error="This is a page of HTML, not a feed.", links=_offered(data))
    error = ""
    if guarded is not data:
        damaged, error = True, "It declares entities, which are not expanded."
    elif kind == "unknown" and not entries:
        damaged, error = True, "There is no feed in it."
    elif damaged:
        line = getattr(wrong, "getLineNumber", lambda: None)()
        error = f"It is broken{f' in line {line}' if line else ''}; what could be read was read."
    return Feed(kind, title, entries, damaged=damaged, error=error, lang=(_text(found.feed.get("language")) or "")[:35])


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for closing, name, closed in _TAG.findall(data):
        if closing:
            depth = max(0, depth - 1)
        elif not closed and name.lower() not in _VOID:
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest > DEEPEST:
                    break
    return deepest


def _entry(entry: Any) -> Entry:
    content = dict.get(entry, "content")
    text = content[0].get("value") if isinstance(content, list) and content else None
    text = text or dict.get(entry, "summary")
    link = _address(dict.get(entry, "link"))
    return Entry(
        _text(dict.get(entry, "id")),
        link,
        _line(dict.get(entry, "title")),
        _parsed(dict.get(entry, "published_parsed")),
        # Where a feed names one time only, it is both, as for every reader of feedparser.
        _parsed(dict.get(entry, "updated_parsed") or dict.get(entry, "published_parsed")),
        text[:MOST_WORDS] if isinstance(text, str) else "",
        _text(dict.get(entry, "author")) or "",
        "" if link else _near(entry),
    )


def _near(entry: Any) -> str:
    """What stands where a link should: as it is written, else another address that the entry gives for itself."""
    links = [one for one in dict.get(entry, "links") or () if isinstance(one, dict)]

    def ranked(*ranks: str) -> list[Any]:
        return [one.get("href") for one in links if one.get("rel") in ranks]

    # An id that is no address stands as the link where there is none of HTML, so links that say what they are come first.
    pages = ranked("alternate", "http://www.iana.org/assignments/relation/alternate")
    written = (*pages, dict.get(entry, "link"), *ranked("enclosure"))
    found = next((one for one in written if isinstance(one, str) and one.strip()), "")
    return found.strip()[:MOST_LETTERS]


def _parsed(value: Any) -> datetime | None:
    with contextlib.suppress(ValueError, OverflowError, TypeError):
        return datetime.fromtimestamp(calendar.timegm(value), UTC)
    return None


def _text(value: object) -> str | None:
    return value[:MOST_LETTERS] if isinstance(value, str) else None


def _line(value: object) -> str | None:
    return " ".join(value.split())[:MOST_LETTERS] if isinstance(value, str) else None


def _address(value: object) -> str | None:
    if isinstance(value, str) and re.match(r"https?://[^\s<>\"]+\Z", value.strip(), re.IGNORECASE):
        return value.strip()[:MOST_LETTERS]
    return None


def _offered(data: bytes) -> tuple[str, ...]:
    found = []
    for tag in _OFFERED.findall(data[:200_000]):
        kind = re.search(rb"type\s*=\s*[\"']?application/(?:rss|atom|feed)\+", tag, re.IGNORECASE)
        where = re.search(rb"href\s*=\s*[\"']?([^\"'<>\s]{1,2000})", tag, re.IGNORECASE)
        if kind and where:
            found.append(where[1].decode("utf-8", "replace"))
    return tuple(found[:10])


# --- the process -----------------------------------------------------------------------------------------------------


def as_plain(feed: Feed) -> dict[str, Any]:
    """A feed as plain values; times as ``2026-11-24T08:30:00Z``."""
    return {
        "kind": feed.kind, "title": feed.title, "damaged": feed.damaged, "error": feed.error, "links": list(feed.links),
        "lang": feed.lang,
        "entries": [
            {"id": e.id, "link": e.link, "title": e.title, "published": _stamp(e.published), "updated": _stamp(e.updated),
             "text": e.text, "author": e.author, "near": e.near}
            for e in feed.entries
        ],
    }  # fmt: skip


def _stamp(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def from_plain(plain: dict[str, Any]) -> Feed:
    """A feed from the plain values of ``as_plain``."""
    entries = tuple(
        Entry(
            e["id"],
            e["link"],
            e["title"],
            _written(e["published"]),
            _written(e["updated"]),
            e["text"],
            e["author"],
            e["near"],
        )
        for e in plain["entries"]
    )
    return Feed(
        plain["kind"], plain["title"], entries, plain["damaged"], plain["error"], tuple(plain["links"]), plain["lang"]
    )


@dataclass
class Reader:
    """One worker process; it is started when it is first needed and again after it was ended.

    Attributes:
        seconds: how long one feed may take.
        memory: how much address space the worker may use, in bytes, beside what its interpreter maps.
    """

    seconds: float = SECONDS
    memory: int = MEMORY
    _worker: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the worker."""
        self.close()

    def close(self) -> None:
        """End the worker; safe to repeat."""
        worker, self._worker = self._worker, None
        if worker:
            worker.kill()
            worker.wait()
            for pipe in (worker.stdin, worker.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def read(self, data: bytes) -> Feed:
        """Read one feed. A feed that takes too long, too much memory, or kills the worker is a damaged one."""
        if len(data) > MOST_BYTES:
            return decode(data)
        worker = self._started()
        until = time.monotonic() + self.seconds
        try:
            _write(worker.stdin, data)
            answer = _read(worker.stdout, until)
        except TimeoutError:
            self.close()
            return Feed(damaged=True, error=f"Reading it took more than {self.seconds:g} s.")
        except (OSError, EOFError):
            self.close()
            return Feed(damaged=True, error="Reading it took more memory than a feed may take, or ended the reader.")
        return from_plain(json.loads(answer))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            self.close()
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "pipelines.feeds_in", str(self.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            # The interpreter's own start is not the feed's time.
            _write(self._worker.stdin, b"{}")
            _read(self._worker.stdout, time.monotonic() + 60)
        return self._worker


def read_all(feeds: Iterable[bytes]) -> Iterator[Feed]:
    """Read feeds one after the other in one worker, each within its limits; one broken feed never stops the others."""
    with Reader() as reader:
        for data in feeds:
            yield reader.read(data)


def read_files(paths: Iterable[Path], folder: Path = Path()) -> Iterator[dict[str, Any]]:
    """Read feed files, one object each in the order given, also for one that cannot be read.

    Keys: ``file`` as given, ``kind``, ``title``, ``damaged``, ``entries`` (``id``, ``link``, ``title``, ``published``,
    ``updated``), and ``error`` where something is wrong.
    """
    with Reader() as reader:
        for path in paths:
            try:
                with (folder / path).open("rb") as file:
                    feed = reader.read(file.read(MOST_BYTES + 1))
            except OSError as error:
                feed = Feed(damaged=True, error=f"The file cannot be read: {error.strerror}.")
            plain = as_plain(feed)
            kept = ("id", "link", "title", "published", "updated")
            entries = [{name: entry[name] for name in kept} for entry in plain["entries"]]
            row = {
                "file": str(path),
                "kind": feed.kind,
                "title": feed.title,
                "damaged": feed.damaged,
                "entries": entries,
            }
            yield (
                row | ({"error": feed.error} if feed.error else {}) | ({"links": plain["links"]} if feed.links else {})
            )


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe is None:
        raise EOFError
    pipe.write(struct.pack(">I", len(data)) + data)
    pipe.flush()


def _read(pipe: IO[bytes] | None, until: float) -> bytes:
    """One answer of a worker.

    Raises:
        TimeoutError: it did not come in time.
        EOFError: the worker ended.
    """
    if pipe is None:
        raise EOFError
    read = bytearray()
    wanted = 4
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while len(read) < wanted:
            left = until - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise TimeoutError
            piece = pipe.read1(1 << 20) if hasattr(pipe, "read1") else pipe.read(wanted - len(read))
            if not piece:
                raise EOFError
            read += piece
            if wanted == 4 and len(read) >= 4:
                wanted = 4 + struct.unpack(">I", read[:4])[0]
    return bytes(read[4:wanted])


def work(memory: int, given: IO[bytes], answers: IO[bytes]) -> None:
    """Answer feeds until there are no more: the worker's whole life."""
    import feedparser  # noqa: F401 - loaded before the limit counts

    if sys.platform != "win32":
        import resource

        used = 0
        with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            used = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    sys.setrecursionlimit(2_000)
    while len(head := given.read(4)) == 4:
        data = given.read(struct.unpack(">I", head)[0])
        try:
            feed = decode(data)
        except MemoryError:
            feed = Feed(damaged=True, error="Reading it took more memory than a feed may take.")
        except Exception as error:  # noqa: BLE001 - whatever a parser of foreign bytes meets is the feed's trouble
            feed = Feed(damaged=True, error=f"It cannot be read ({type(error).__name__}).")
        answer = json.dumps(as_plain(feed), ensure_ascii=True).encode()
        answers.write(struct.pack(">I", len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
