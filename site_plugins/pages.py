"""A page of the site, and the few words every room needs to make one: addresses, links, digests.

A room is a pure function from a Book to pages. It never sees the builder: a page says where it stands, what it is
called and how to make its HTML, and the core sets it into a shell, compares, and writes what changed.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import quote

from signalbook.classes import dataclass
from signalbook.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from signalbook.book import Book
    from site_plugins.site import Site

ROOT: Final = "\x02"
"""Stands for the way from a page to the site's root: ``href="\\x02plans/launch.html"``.

The setter replaces it by ``""``, ``"../"``, ... It is a control character because those are taken out of everything
people write, so no text can forge it.
"""

SECTIONS: Final[dict[str, str]] = {
    "home": "Home",
    "calendar": "Calendar",
    "boards": "Boards",
    "plans": "Plans",
    "policies": "Policies & playbooks",
    "people": "People",
    "cases": "Cases",
    "metrics": "Metrics",
    "listening": "Listening",
    "reports": "Reports",
    "changes": "Changes",
    "guide": "Guide",
}
"""Section → its word in the header, in the header's order. A section without a page is not in the header at all."""

LONGEST_NAME: Final = 255
"""Bytes in the name of a file or a folder, on every file system in use."""


class SearchEntry(NamedTuple):
    """One thing the search can find.

    Attributes:
        anchor: the id inside the page, empty for the page itself.
        title: as the list of results shows it.
        text: what is searched and quoted, plain text; keep it short, everybody downloads it.
    """

    anchor: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it stands, what it is called, how to make it.

    Attributes:
        address: relative posix path with its ``.html``, e.g. ``calendar/2026-11.html``; unquoted.
        title: plain text, for the head of the page and for the search.
        section: a key of ``SECTIONS``: the room that is lit in the header.
        body: makes the HTML inside ``main``; called only when the page has to be made anew. ``ROOT`` stands for the
            site's root in every address.
        key: a digest of everything that goes into ``body``, ``title``, ``description``, ``source`` and ``search``
            (``digest`` makes one). Equal key, equal bytes: the core then does not call ``body``. Empty: made at
            every build and compared by bytes.
        source: the file that made it, posix path relative to the workspace; gives the edit link. Empty for pages
            made of many.
        description: one plain sentence for link previews; may be empty.
        search: what the search finds here, or a function that says so, called like ``body``. ``None``: the title.
            ``()``: nothing.
    """

    address: str
    title: str
    section: str
    body: Callable[[], str]
    key: str
    source: str = ""
    description: str = ""
    search: tuple[SearchEntry, ...] | Callable[[], tuple[SearchEntry, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that is not a page: a picture, a calendar feed, a JSON file.

    Attributes:
        address: relative posix path, unquoted.
        data: makes the bytes; called only when the key changed.
        key: as for a page.
    """

    address: str
    data: Callable[[], bytes]
    key: str


class Room(Protocol):
    """What the entry-point group ``signalbook.rooms`` names."""

    def __call__(self, book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
        """The room's pages, made from the Book alone."""
        ...


@lru_cache(maxsize=32_768)
def href(address: str, anchor: str = "") -> str:
    """Address of a page or asset, ready for an ``href`` in a body: ``ROOT`` and ``plans/second%20shop.html#goals``."""
    if _PLAIN.fullmatch(address) is None:
        # No colon: an address that is written from its own folder would begin like one with a scheme.
        address = quote(address, safe="/@!$'()*+,;=~-._")
    return f"{ROOT}{address}#{quote(anchor)}" if anchor else ROOT + address


def digest(*parts: object) -> str:
    """16 bytes of BLAKE2b in hex over the parts' text, each set apart from the next.

    Give strings, numbers, dates, ``doc.digest``, tuples of these; never an object whose text holds a memory address.
    """
    return digest_of([str(part) for part in parts])


def digest_of(parts: Iterable[str]) -> str:
    """The same of texts alone."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def digest_of_bytes(data: bytes | bytearray) -> str:
    """The same of bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def prefix(address: str) -> str:
    """The way from a page to the site's root: ``""`` for ``index.html``, ``"../"`` for ``plans/launch.html``."""
    return "../" * address.count("/")


_PLAIN: Final = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII)


def inside(address: str) -> bool:
    """Whether an address stays inside the site: relative, normal, without a control character, no part of it too long."""
    return (_PLAIN.fullmatch(address) is not None and len(address) <= LONGEST_NAME) or (
        bool(address)
        and not address.startswith("/")
        and "\\" not in address
        and posixpath.normpath(address) == address
        and not address.startswith("..")
        and address.isprintable()
        and all(len(part.encode()) <= LONGEST_NAME for part in address.split("/"))
    )
