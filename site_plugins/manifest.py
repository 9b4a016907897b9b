"""What is written and what is removed: a build leaves exactly the built files, and touches only what changed.

The manifest remembers of every file we wrote the key it was made from, its size and time, and where in it the body
stands. A page whose key is known and whose file is untouched costs a dictionary look-up. When only the frame around
it changed, its body is taken from the old file. Whatever else lies in the site's folder is removed, as the builder
itself does, but names that begin with a dot; a folder that was never a site is refused before anything is touched.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from signalbook import caching, copytext, parallel
from signalbook.errors import SignalbookError
from site_plugins import search
from site_plugins.pages import Asset, Page, digest, digest_of_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from site_plugins.shells import Shell

VERSION: Final = "site-3"
KEEP: Final = 8
"""How many site folders are remembered: a preview's folder comes and goes."""
GRAIN: Final = 48
"""So many pages or files a process makes before it looks for the next: they do not take the same time."""
_SITE_MARKS: Final = ('name="generator" content="Signalbook', 'name="generator" content="mkdocs')


class SiteFolderError(SignalbookError):
    """The folder named for the site holds something that no build made."""


class Kept(NamedTuple):
    """What is remembered of one file: its key, size, time in ns, the body's place in bytes, its search entries."""

    key: str
    size: int
    time: int
    start: int = 0
    end: int = 0
    search: bytes = b""


@dataclass(slots=True)
class Written:
    """What a build did to the folder.

    Attributes:
        written: addresses whose bytes changed or are new, in order.
        removed: addresses that are gone.
        fragments: address → search entries of every page, in the order of the pages.
    """

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    fragments: dict[str, bytes] = field(default_factory=dict)


class Manifest:
    """One site folder and what is known of it; ``open_`` it, ``pages``, ``assets``, then ``close``."""

    def __init__(self, site_dir: Path, cache: Path, stamp: str) -> None:
        """Read what is known and look at what is there.

        ``stamp`` is a digest of everything that goes into every page: code, settings, audience.

        Raises:
            SiteFolderError: the folder holds something that no build made.
        """
        self.site_dir = site_dir
        self._root = str(site_dir)
        self.path = cache / f"site-{digest(site_dir.resolve())[:12]}"
        self.found = self.path.with_name(f"{self.path.name}-search")
        self.stamp = stamp
        self.done = Written()
        self._mark = ""
        known = self._read()
        self._old, self._shell = known or ({}, "")
        if known is None:
            refuse_foreign(site_dir)
            # A build that dies before its end leaves files, and the next one has to know whose they are.
            caching.replace(self.found, b"")
            caching.save(self.path, VERSION, (stamp, "", digest_of_bytes(b""), []))
        self._there = dict(_scan(site_dir))
        self._new: dict[str, Kept] = {}
        self._folders: set[str] = set()

    def pages(self, pages: Iterable[Page], shell: Callable[[], Shell], assets: Iterable[Asset] = ()) -> None:
        """Write the pages that changed, in their shell, and the files that changed; many of them on every core.

        While nothing is known of the folder the shell is asked for with the first page, and may still be in the making.
        """
        same_frame = not self._old or shell().key == self._shell
        make: list[Page | Asset] = []
        for page in pages:
            kept = self._known(page)
            if kept is not None:
                if not same_frame:
                    old = (self.site_dir / page.address).read_bytes()
                    made = shell().frame(page, old[kept.start : kept.end])
                    kept, written = self._put(page.address, made.data, page.key, made.start, made.end, kept.search)
                    if written:
                        self.done.written.append(page.address)
                self._keep(page.address, kept)
            else:
                self._new[page.address] = Kept("", 0, 0)  # holds the page's place in the order
                self.done.fragments[page.address] = b""
                make.append(page)
        first: list[Page | Asset] = []
        for asset in assets:
            kept = self._known(asset)
            self._new[asset.address] = kept or Kept("", 0, 0)
            if kept is None:
                first.append(asset)
        # Files of tables and feeds take longest, so they are begun first.
        for part in parallel.shares([*first, *make], partial(self._made, shell), grain=GRAIN):
            for address, kept, written in part:
                if address in self.done.fragments:
                    self._keep(address, kept)
                else:
                    self._new[address] = kept
                if written:
                    self.done.written.append(address)
        self._shell = shell().key

    def _known(self, one: Page | Asset) -> Kept | None:
        """What is remembered of a page or file that need not be made again."""
        kept = self._old.get(one.address)
        if kept is None or not one.key or kept.key != one.key:
            return None
        return kept if self._there.get(one.address) == (kept.size, kept.time) else None

    def _keep(self, address: str, kept: Kept) -> None:
        self._new[address] = kept
        self.done.fragments[address] = kept.search

    def _made(self, shell: Callable[[], Shell], some: Sequence[Page | Asset]) -> list[tuple[str, Kept, bool]]:
        """Make and write some pages and files, perhaps in a process of their own; answers with what became of each."""
        out = []
        for one in some:
            if isinstance(one, Asset):
                kept, written = self._put(one.address, one.data(), one.key)
            else:
                body = one.body()
                made = shell().set(one, body)
                kept, written = self._put(one.address, made.data, one.key, made.start, made.end, search.entries(one))
            out.append((one.address, kept, written))
        copytext.forget()
        return out

    def assets(self, assets: Iterable[Asset]) -> None:
        """Write the files that changed."""
        for asset in assets:
            kept = self._known(asset)
            if kept is None:
                kept, written = self._put(asset.address, asset.data(), asset.key)
                if written:
                    self.done.written.append(asset.address)
            self._new[asset.address] = kept

    def close(self) -> Written:
        """Remove what no build made now, and remember the rest."""
        for address in sorted(set(self._there) - set(self._new)):
            if address.split("/", 1)[0].startswith("."):
                continue
            self.done.removed.append(address)
            # A file of now may stand where its folder was, or a folder where it was.
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                (self.site_dir / address).unlink()
            _prune((self.site_dir / address).parent, self.site_dir)
        # No entry of the search holds a line break: all of them are lines of one text, which costs nothing to read.
        found = b"\n".join([kept.search for kept in self._new.values()])
        mark = digest_of_bytes(found)
        if mark != self._mark:
            caching.replace(self.found, found)
        rows = [(address, *kept[:5]) for address, kept in self._new.items()]
        caching.save(self.path, VERSION, (self.stamp, self._shell, mark, rows))
        known = sorted(self.path.parent.glob("site-*[0-9a-f]"), key=lambda one: one.stat().st_mtime)
        for old in known[:-KEEP]:
            old.unlink(missing_ok=True)
            old.with_name(f"{old.name}-search").unlink(missing_ok=True)
        return self.done

    def _put(
        self, address: str, data: bytes, key: str, start: int = 0, end: int = 0, found: bytes = b""
    ) -> tuple[Kept, bool]:
        """Write bytes unless they are there already; whether they were written."""
        target = f"{self._root}/{address}"
        there = self._there.get(address)
        if there is not None and there[0] == len(data) and Path(target).read_bytes() == data:
            return Kept(key, there[0], there[1], start, end, found), False
        folder = address.rpartition("/")[0]
        if folder not in self._folders:
            _make_room(self.site_dir, folder)
            self._folders.add(folder)
        if there is not None:
            size, time = _replace(target, data)
        else:
            try:
                size, time = _begin(target, data)
            except IsADirectoryError:  # an older build's folder stands in its place
                _clear(Path(target))
                size, time = _begin(target, data)
        return Kept(key, size, time, start, end, found), True

    def _read(self) -> tuple[dict[str, Kept], str] | None:
        """What the last build left and in which shell; ``None`` where none is known of."""
        facts = caching.load(self.path, VERSION)
        try:
            stamp, shell, known, rows = facts
            text = self.found.read_bytes()
            self._mark = digest_of_bytes(text)
            found = text.split(b"\n")
            if self._mark != known or len(found) != max(len(rows), 1):
                return None
            if stamp != self.stamp:
                # The files are ours, but nothing in them can be trusted to be what would be made now.
                return {row[0]: Kept("", row[2], row[3]) for row in rows}, shell
            return {
                address: Kept(key, size, time, start, end, search)
                for (address, key, size, time, start, end), search in zip(rows, found, strict=False)
            }, shell
        except (OSError, ValueError, TypeError):
            return None


def refuse_foreign(site_dir: Path) -> None:
    """Refuse a folder that holds files and was never a site.

    Raises:
        SiteFolderError: with what to do.
    """
    if site_dir.is_dir() and any(not p.name.startswith(".") for p in site_dir.iterdir()):
        for name in ("404.html", "index.html"):
            try:
                top = (site_dir / name).read_bytes()[:8192].decode(errors="replace")
            except OSError:
                continue
            if any(mark in top for mark in _SITE_MARKS):
                return
        raise SiteFolderError(
            f"{site_dir} holds files that no build made, and a build leaves only its own files there. "
            "Name another folder with --site-dir (site_dir in mkdocs.yml), or empty this one."
        )
    if site_dir.exists() and not site_dir.is_dir():
        raise SiteFolderError(f"{site_dir} is a file. Name a folder with --site-dir (site_dir in mkdocs.yml).")


def _scan(root: Path) -> Iterable[tuple[str, tuple[int, int]]]:
    """Address, size and time of every file below a folder; a symlink is a file that is never intact."""
    todo = [""]
    while todo:
        below = todo.pop()
        try:
            entries = list(os.scandir(root / below))
        except FileNotFoundError:
            continue
        for entry in entries:
            address = f"{below}/{entry.name}" if below else entry.name
            if entry.is_symlink():
                yield address, (-1, -1)
            elif entry.is_dir():
                if below or not entry.name.startswith("."):
                    todo.append(address)
            else:
                stat = entry.stat()
                yield address, (stat.st_size, stat.st_mtime_ns)


def _make_room(root: Path, folder: str) -> None:
    """Make a folder; a file of an older build that stands in its way goes."""
    at = root
    for part in (p for p in folder.split("/") if p):
        at = at / part
        if at.is_symlink() or at.is_file():
            at.unlink()
    at.mkdir(parents=True, exist_ok=True)


def _clear(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


def _prune(folder: Path, root: Path) -> None:
    """Remove folders that became empty, up to the site's own."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _begin(target: str, data: bytes) -> tuple[int, int]:
    """Write a file that was not there; answers with size and time. What a crash leaves of it the next build compares."""
    # The system's own calls, for every file: a file object asks four more of it.
    handle = os.open(target, _NEW, 0o666)
    try:
        done = os.write(handle, data)
        while done < len(data):
            done += os.write(handle, memoryview(data)[done:])
        stat = os.fstat(handle)
    finally:
        os.close(handle)
    return stat.st_size, stat.st_mtime_ns


_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


def _replace(target: str, data: bytes) -> tuple[int, int]:
    """Write a file so that a reader sees the old one or the new one, never half; answers with size and time."""
    # A name of its own length, for the target's may be as long as names can be; without a dot, so that a leftover goes.
    name = f"{target.rpartition('/')[0]}/{os.getpid()}.new~"
    try:
        with open(name, "wb", buffering=0) as file:  # noqa: PTH123 - called for every file
            file.write(data)
            stat = os.fstat(file.fileno())
        os.replace(name, target)  # noqa: PTH105 - called for every file
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return stat.st_size, stat.st_mtime_ns
