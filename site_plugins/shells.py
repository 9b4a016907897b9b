"""The frame around every page: rendered once by the builder's theme, split once, set thousands of times.

The theme's templates write two kinds of marks: ``ROOT`` for the way to the site's root, and slots
(a name between two ``MARK``) for what differs from page to page. A rendered shell, the page for addresses that lead nowhere, the
theme's files and the search's settings are kept below ``.cache/signalbook/shells/`` under a digest of all that went
into them, so that an ordinary build does not start the builder at all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple
from urllib.parse import urlsplit

from signalbook.classes import dataclass
from signalbook.pattern import pattern
from site_plugins.markup import Markup, fill, lean, safe
from site_plugins.pages import ROOT, digest, href, prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from site_plugins.pages import Page
    from site_plugins.site import Site

MARK: Final = "\x03"
SLOTS: Final = ("title", "head", "feeds", "body", "edit", "live")
SHELL: Final = "_shell/index.html"
"""Where the builder writes the shell; it never reaches the site."""
VERSION: Final = "shell-2"
"""Changes when more or other files are kept with a shell."""
KEEP: Final = 6
"""How many rendered shells are kept: a few audiences and a few days."""

_SLOT = pattern(f"{MARK}([a-z]+){MARK}")
_FEEDS = pattern(f"{MARK}feeds{MARK}(.*?){MARK}feeds{MARK}", re.DOTALL)
_ROOM = pattern(f"{MARK}room:([a-z0-9-]+){MARK}")
_LINK = pattern(f'<li><a href="[^"]*"{MARK}room:([a-z0-9-]+){MARK}>[^<]*</a></li>')
_BREAKS: Final = pattern(rf"(?<=[>{MARK}])\n+(?=[<{MARK}])")
"""Line breaks between tags, and between tags and slots, that say nothing."""
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\r") | {0x7F})


def slot(name: str) -> Markup:
    """The mark a template writes where the setter puts something."""
    return Markup("{}{}{}").format(MARK, name, MARK)


@lru_cache(maxsize=256)
def _ways(folder: str) -> tuple[tuple[bytes, bytes], ...]:
    """How a page of a folder writes the way to others, the nearest first: to a page of the folder it needs no way."""
    out = []
    depth = folder.count("/") + 1 if folder else 0
    for up in range(depth):
        out.append((href(f"{folder}/").encode(), b"../" * up))
        folder = folder.rpartition("/")[0]
    return (*out, (ROOT.encode(), b"../" * depth))


def _bare(text: bytes) -> bytes:
    """Without the characters that no page may hold, all of which are bytes of their own in UTF-8."""
    # To look for each of them in a page is a third of the work of going through it byte by byte.
    for control in _CONTROLS:
        if control in text:
            return text.translate(None, _CONTROLS)
    return text


class SetPage(NamedTuple):
    """A page's bytes, and where in them its body stands, so that the next shell can take the body over."""

    data: bytes
    start: int
    end: int


@dataclass(frozen=True)
class Shell:
    """A rendered shell, ready to take bodies.

    Attributes:
        text: the page with its slots.
        site: gives canonical and edit links.
        live: HTML that goes last into the body while serving.
        base: path of the site on its host for pages shown at any address; empty: that of ``site.url``.
    """

    text: str
    site: Site
    live: str = ""
    base: str = ""
    _split: dict[tuple[str, int, bool], tuple[bytes | str, ...]] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """Equal key, equal frame."""
        return digest(self.text, self.live, self.site.url, self.site.repo, self.site.edit, self.site.name)

    def set(self, page: Page, body: str) -> SetPage:
        """The whole page, its body in the shell and every way to the root written out."""
        data = body.encode()
        for here, way in _ways(page.address.rpartition("/")[0]):
            data = data.replace(here, way)
        return self.frame(page, _bare(data))

    def frame(self, page: Page, body: bytes) -> SetPage:
        """The same with a body that was set before and is taken from its page."""
        pieces = self._pieces(page.section, page.address.count("/"), page.address.endswith("index.html"))
        way = prefix(page.address)
        out: list[bytes] = []
        start = size = 0
        for piece in pieces:
            if isinstance(piece, bytes):
                part = piece
            elif piece == "body":
                start, part = size, body
            elif said := self._fills[piece](self, page):
                part = said.encode() if said.isprintable() else _bare(said.replace(ROOT, way).encode())
            else:
                continue
            size += len(part)
            out.append(part)
        return SetPage(b"".join(out), start, start + len(body))

    def missing(self, text: str) -> bytes:
        """The page for addresses that lead nowhere: it may be shown at any depth, so its ways begin at the host."""
        path = self.base or urlsplit(self.site.url).path
        lit = _ROOM.sub("", _FEEDS.sub(r"\1", text)).replace(ROOT, path or "/")
        return _SLOT.sub(lambda m: self.live.replace(ROOT, path) if m[1] == "live" else "", lit).encode()

    def _pieces(self, section: str, depth: int, index: bool) -> tuple[bytes | str, ...]:
        """Bytes and names of slots in turn, with the room lit and the ways written for one depth.

        The team's feeds, and what made the site, are named by the first page of every section, where programs look for
        them, and not by thousands. Pages deep in a room, of which there are most, name the way home and to their room; the
        first script sets the other rooms beside them.
        """
        known = self._split.get((section, depth, index))
        if known is None:
            text = _FEEDS.sub(r"\1" if index else "", self.text)
            if depth > 1:
                text = _LINK.sub(lambda m: m[0] if m[1] in {"home", section} else "", text)
            lit = _ROOM.sub(lambda m: ' aria-current="page"' if m[1] == section else "", text)
            cut = _SLOT.split(_BREAKS.sub("", lean(lit.replace(ROOT, "../" * depth))))
            if "body" not in cut[1::2]:
                raise ValueError("the theme's shell has no place for a body; does an own template replace it?")
            known = tuple(piece if i % 2 else piece.encode() for i, piece in enumerate(cut))
            self._split[section, depth, index] = known
        return known

    def _title(self, page: Page) -> str:
        name = self.site.name
        return safe(name if page.address == "index.html" else f"{page.title} - {name}")

    def _head(self, page: Page) -> str:
        out = ""
        if page.description:
            out = fill('<meta name="description" content="{}">\n', " ".join(page.description.split())[:300])
        if self.site.url:
            address = page.address.removesuffix("index.html")
            out += fill('<link rel="canonical" href="{}">\n', href(address).replace(ROOT, self.site.url))
        return out

    def _edit(self, page: Page) -> str:
        if not page.source:
            return ""
        path = safe(page.source)
        if address := self.site.edit_url(page.source):
            return f'<span class=sb-edit><a href="{safe(address)}">Edit</a> <span class=sb-mono>{path}</span></span>'
        return f"<span class=sb-edit><span class=sb-mono>{path}</span></span>"

    def _live(self, _page: Page) -> str:
        return self.live

    _fills: ClassVar[Mapping[str, Callable[[Shell, Page], str]]] = {
        "title": _title, "head": _head, "edit": _edit, "live": _live,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one run of the builder gave.

    Attributes:
        shell: the shell with its slots.
        missing: the page for addresses that lead nowhere, with ``ROOT`` in its addresses.
        search: the search's settings and the entries of pages that are the builder's own; ``None`` without a search.
        files: address → (digest, where it lies) of everything else the builder wrote.
    """

    shell: str
    missing: str
    search: dict[str, object] | None
    files: Mapping[str, tuple[str, Path]]


def any_kept(cache: Path) -> bool:
    """Whether a shell of any key is there."""
    return any((cache / "shells").glob("[!.]*"))


def load(cache: Path, key: str) -> Rendered | None:
    """The rendered shell of that key, or ``None`` when it is not there or not whole."""
    folder = cache / "shells" / key
    try:
        facts = json.loads((folder / "shell.json").read_text(encoding="utf-8"))
        files = {address: (known, folder / "files" / address) for address, known in facts["files"].items()}
        return Rendered(facts["shell"], facts["missing"], facts["search"], files)
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def store(cache: Path, key: str, scratch: Path, *, missing: str = "") -> Rendered:
    """Keep what the builder wrote into ``scratch`` and read it back.

    Raises:
        FileNotFoundError: the builder wrote no shell.
    """
    shell = (scratch / SHELL).read_text(encoding="utf-8")
    index = scratch / "search" / "search_index.json"
    search = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else None
    if search is not None:
        search["docs"] = [doc for doc in search["docs"] if not doc["location"].startswith("_shell/")]
    folder = cache / "shells" / key
    fresh = cache / "shells" / f".{key}-{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    files = {}
    for path in sorted(scratch.rglob("*")):
        address = path.relative_to(scratch).as_posix()
        if path.is_dir() or address.startswith("_shell/") or address in _OURS:
            continue
        target = fresh / "files" / address
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        files[address] = digest(path.read_bytes().hex())
    facts = {"shell": shell, "missing": missing, "search": search, "files": files}
    (fresh / "shell.json").write_text(json.dumps(facts), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        fresh.rename(folder)
    except OSError:  # another build was first; its shell has the same key
        shutil.rmtree(fresh, ignore_errors=True)
    _forget(cache / "shells")
    loaded = load(cache, key)
    assert loaded is not None  # noqa: S101 - just written
    return loaded


_OURS: Final = frozenset({"404.html", "sitemap.xml", "sitemap.xml.gz", "search/search_index.json"})
"""Written by us, whatever the builder wrote."""


def _forget(folder: Path) -> None:
    """Drop all but the newest shells."""
    kept = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in kept[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
