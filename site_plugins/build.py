"""The site, in order: read the Book, ask the rooms for pages, find the shell, write what changed.

``prepare`` is pure but for reading the workspace; ``write`` is the only thing here that writes. The command, the server
and the builder's plugin share both, so that all of them give the same bytes.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import re
from dataclasses import replace
from functools import cache, cached_property, partial
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signalbook import parallel
from signalbook.classes import dataclass
from signalbook.errors import SignalbookError
from signalbook.findings import Finding, Level, ordered
from site_plugins import components, manifest, moment, search, shells
from site_plugins import conf as conf_
from site_plugins import frame as frame_
from site_plugins.components.icons import NAMES
from site_plugins.pages import ROOT, SECTIONS, Asset, Page, Room, digest, digest_of_bytes, inside
from site_plugins.prose import pages as prose
from site_plugins.site import SUFFIXES, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from signalbook.book import Book
    from signalbook.workspace import Workspace

HERE: Final = Path(__file__).parent
_OWN_ASSETS: Final = ("signalbook.css", "signalbook.js", "search.js", "boot.js", "favicon.svg")
_ACTIVE_SVG: Final = re.compile(
    rb"<\s*(script|foreignobject|iframe|object|embed|!entity|!doctype|style)\b|\bon\w+\s*=|javascript:|data:|<\?xml-stylesheet",
    re.IGNORECASE,
)
_BUNDLE: Final = ("assets/javascripts", "bundle.*.min.js")
_PICTURE_LIMIT: Final = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made.

    Attributes:
        pages: how many pages the site has.
        written: addresses that were written because they changed.
        removed: addresses that are gone.
        findings: everything the checks and the build say, in order.
        site_dir: where the site is.
        done: false when a strict build found something that blocks; nothing was written then.
    """

    pages: int
    written: tuple[str, ...]
    removed: tuple[str, ...]
    findings: tuple[Finding, ...]
    site_dir: Path
    done: bool = True


@dataclass(frozen=True)
class Prepared:
    """A build before anything is rendered or written."""

    workspace: Workspace
    conf: conf_.Conf
    moment: moment.Moment
    book: Book
    findings: tuple[Finding, ...]
    site: Site
    pages: tuple[Page, ...]
    assets: tuple[Asset, ...]
    frame: frame_.Frame
    stamp: str
    theme: Path

    @property
    def shell_key(self) -> str:
        """Equal key, equal shell: everything the builder is given."""
        return digest(shells.VERSION, self.frame.key, self.conf.digest, _templates())

    @property
    def order(self) -> Order:
        """What the builder works from in this process."""
        return Order(self.workspace, self.conf, lambda: Look(self.frame, self.shell_key, self.site))

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """The findings that fail a strict build."""
        return tuple(one for one in self.findings if one.blocks)


def build(
    workspace: Workspace,
    *,
    site_dir: Path | None = None,
    strict: bool = False,
    now: datetime | None = None,
    audience: str | None = None,
    rooms: Iterable[Room] | None = None,
) -> Built:
    """Build the site of a workspace.

    ``now`` is the moment somebody named for this run, ``None`` for the option of ``mkdocs.yml`` or the clock. A strict
    build with a finding that blocks writes nothing and says so in ``done``.

    Raises:
        SettingsError: ``mkdocs.yml`` or ``signalbook.toml`` cannot be used.
        SiteFolderError: the folder for the site holds something that no build made.
    """
    conf = conf_.read(workspace.builder)
    with contextlib.closing(Builder(workspace, conf)) as builder:
        if conf.direct and not shells.any_kept(workspace.cache):
            builder.begin()
        prepared = prepare(workspace, conf, now=now, audience=audience, rooms=rooms)
        target = (site_dir or conf.site_dir).absolute()
        if (strict or conf.strict) and prepared.blocked:
            return Built(len(prepared.pages), (), (), prepared.findings, target, done=False)
        return write(prepared, Rendering(prepared, builder), target)


def site_folder(workspace: Workspace) -> Path:
    """Where the site of a workspace goes when nobody names another place.

    Raises:
        SettingsError: ``mkdocs.yml`` cannot be used.
    """
    return conf_.read(workspace.builder).site_dir


@dataclass(frozen=True, slots=True)
class Look:
    """What the builder must know of a prepared site; without the site it makes the shell and no page of its own."""

    frame: frame_.Frame
    shell_key: str
    site: Site | None = None


@dataclass(frozen=True)
class Order:
    """What the builder works from: where, and how it is to look, which is asked for as late as can be."""

    workspace: Workspace
    conf: conf_.Conf
    told: Callable[[], Look]

    @cached_property
    def look(self) -> Look:
        """How the site is to look; the builder may wait for it."""
        return self.told()


class Builder:
    """The builder in a process of its own.

    It and its theme are large and needed once, so they are there in a process that ends. Where it is certain to be needed
    it begins before the site is prepared, which one process does alone, and waits for the look of it.
    """

    def __init__(self, workspace: Workspace, conf: conf_.Conf) -> None:
        """Begin nothing yet."""
        self.workspace, self.conf = workspace, conf
        self.begun: parallel.Apart | None = None

    def begin(self) -> None:
        """Begin, if that was not done."""
        if self.begun is None:
            self.begun = parallel.Apart(lambda told: _by_the_builder(Order(self.workspace, self.conf, told)))

    def hand(self, prepared: Prepared) -> None:
        """Let it make the shell of a prepared site."""
        self.begin()
        if self.begun is not None:
            self.begun.hand(Look(prepared.frame, prepared.shell_key))

    def ended(self) -> bool:
        """Wait for its end; whether it made the shell, as far as this process can know."""
        return self.begun is not None and self.begun.ended()

    def close(self) -> None:
        """Wait for its end, also where nobody wants its shell."""
        if self.begun is not None:
            self.begun.close()


class Rendering:
    """The shell, once it is asked for: from the cache when nobody but us has a say in it, else from the builder.

    While the builder makes it, other processes make what needs no shell.
    """

    def __init__(self, prepared: Prepared, builder: Builder | None = None) -> None:
        """Look for the shell, or have it made."""
        self.prepared = prepared
        self._builder = builder or Builder(prepared.workspace, prepared.conf)
        self._known = self._kept() if prepared.conf.direct else None
        if self._known is None and prepared.conf.direct:
            self._builder.hand(prepared)

    def _kept(self) -> shells.Rendered | None:
        return shells.load(self.prepared.workspace.cache, self.prepared.shell_key)

    def __call__(self) -> shells.Rendered:
        """The shell.

        Raises:
            SignalbookError: the builder refused its configuration, or stopped.
        """
        if self._known is None:
            if self._builder.ended():
                self._known = self._kept()
            self._known = self._known or _by_the_builder(self.prepared.order)
        return self._known


def rendered(prepared: Prepared) -> shells.Rendered:
    """The shell; see ``Rendering``."""
    return Rendering(prepared)()


def _by_the_builder(order: Order) -> shells.Rendered:
    from site_plugins import _mkdocs

    return _mkdocs.render(order)


def prepare(
    workspace: Workspace,
    conf: conf_.Conf,
    *,
    now: datetime | None = None,
    audience: str | None = None,
    book: Book | None = None,
    rooms: Iterable[Room] | None = None,
) -> Prepared:
    """Read the workspace and ask every room for its pages; nothing is rendered yet.

    ``book`` and ``rooms`` take the place of the workspace's own and of the registered ones.
    """
    from signalbook import book as book_

    book = book_.load(workspace, meanwhile=_code_that_is_asked) if book is None else book
    when = moment.moment(book.settings.team.zone, told=now, option=conf.now)
    # What blocks a strict build is asked of everything; from here on there is nothing but what the audience may see.
    found = tuple(_checked(book, when.now, narrowed=bool(audience)))
    seen = None
    if audience:
        from signalbook import audience as audiences

        seen = audiences.sight(book.settings, audience).sections
        book = audiences.narrowed(book, audience, when.now)
    guide = prose.guide_files(workspace.root, conf.guide) if seen is None or "guide" in seen else []
    files = dict(_files(workspace, book))
    site = Site(
        book=book,
        now=when.now,
        name=conf.name,
        url=conf.url,
        repo=conf.repo,
        edit=conf.edit,
        second_zone=conf.second_zone,
        audience=audience or "",
        findings={} if audience else _by_path(found),
        files=files,
        texts=prose.addresses(book, guide, conf.guide),
    )
    fences = _fences(book, when.now, site)
    site = replace(site, fences=fences)
    theme = theme_folder()
    stamp = digest(_code(), conf.digest, book.settings.digest, audience, *sorted(seen or ()))
    made = [
        *_from(_registered() if rooms is None else rooms, book, when.now, site),
        *prose.pages(book, when.now, site, guide=guide),
    ]
    if seen is not None:
        made = [one for one in made if _in_sight(one, seen)]
    searched = bool({"search", "material/search"} & set(conf.plugins))
    facts = _facts(theme, when, frame_.rooms(one for one in made if isinstance(one, Page)), search=searched)
    assets: list[Page | Asset] = [*_own_assets(facts), *_content_files(workspace, files)]
    if fences is not None and hasattr(fences, "assets"):
        assets += fences.assets()
    pages, other, twice = _distinct([*made, *assets])
    if all(page.address != "index.html" for page in pages):
        made_here = [*(page.address for page in pages), *(asset.address for asset in other)]
        pages = (prose.front(frame_.rooms(pages), site, more=made_here), *pages)
    frame = frame_.frame(site, pages, when, stamp=_asset_stamp(facts), version=version_of("signalbook"))
    frame = replace(
        frame,
        search=searched,
        bundle=_one(theme, *_BUNDLE),
    )
    return Prepared(
        workspace,
        conf,
        when,
        book,
        tuple(ordered([*found, *twice])) if twice else found,
        site,
        pages,
        other,
        frame,
        stamp,
        theme,
    )


def write(
    prepared: Prepared,
    shell: shells.Rendered | Rendering,
    site_dir: Path,
    *,
    live: str = "",
    base: str = "",
    more: Iterable[Asset] = (),
) -> Built:
    """Set every page that changed into the shell and write it; remove what is no longer made.

    While serving, ``live`` is HTML for the end of each page, ``base`` the path of the site on its host, and ``more`` the
    files that belong to them.
    """
    _safe_target(prepared.workspace, site_dir)
    given = shell

    @cache
    def set_in() -> shells.Shell:
        found = given() if isinstance(given, Rendering) else given
        return shells.Shell(found.shell, prepared.site, live, base)

    book = manifest.Manifest(site_dir, prepared.workspace.cache, prepared.stamp)
    book.pages(prepared.pages, set_in, prepared.assets)
    shell, setter = (given() if isinstance(given, Rendering) else given), set_in()
    book.assets(more)
    taken = {page.address for page in prepared.pages} | {asset.address for asset in prepared.assets}
    book.assets(
        Asset(address, path.read_bytes, key) for address, (key, path) in shell.files.items() if address not in taken
    )
    missing = setter.missing(shell.missing)
    book.assets([Asset("404.html", lambda: missing, digest(missing.hex()))])
    if shell.search is not None:
        _searched(book, shell.search)
    if prepared.site.url:
        own = [a for a in shell.files if a.endswith(".html")]
        there = search.sitemap(prepared.site.url, [*(page.address for page in prepared.pages), *own])
        book.assets([Asset("sitemap.xml", lambda: there, "")])
    done = book.close()
    return Built(len(prepared.pages), tuple(done.written), tuple(done.removed), prepared.findings, site_dir, done=True)


def _searched(book: manifest.Manifest, base: dict[str, object]) -> None:
    """Write the search's index, and the script that reads it."""
    index = search.index(base, book.done.fragments.values())
    ending = search.ending(index)
    worker = f"const PACKED = {json.dumps(bool(ending))};\n"
    book.assets(
        [
            Asset(f"search/search_index.json{ending}", partial(search.packed, index), digest_of_bytes(index)),
            Asset("assets/search.js", partial(_with_facts, HERE / "assets" / "search.js", worker), ""),
        ]
    )


def theme_folder() -> Path:
    """The theme's folder of templates and assets, found without importing it.

    Raises:
        SignalbookError: the theme is not installed.
    """
    spec = importlib.util.find_spec("material")
    if spec is None or not spec.submodule_search_locations:
        raise SignalbookError("The theme is not installed. Run: pip install 'signalbook[site]'")
    return Path(spec.submodule_search_locations[0]) / "templates"


def _checked(book: Book, now: datetime, *, narrowed: bool) -> list[Finding]:
    """What the rules say. While other processes are at it, this one tells where posts stand, if rooms see all of them."""
    from signalbook import checking
    from site_plugins.calendar import entries

    return checking.findings(book, now, meanwhile=None if narrowed else partial(entries.by_post, book, now))


def _code_that_is_asked() -> None:
    """Load the rules and the rooms, which takes a while."""
    from signalbook import checking

    checking.rules()
    tuple(_registered())


def _registered() -> Iterator[Room]:
    """Every registered room, by name."""
    from signalbook import registry

    for _, room in registry.everything("signalbook.rooms"):
        yield room


def _from(rooms: Iterable[Room], book: Book, now: datetime, site: Site) -> Iterator[Page | Asset]:
    """What the rooms make, room by room."""
    for room in rooms:
        yield from room(book, now, site)


def _in_sight(one: Page | Asset, seen: frozenset[str]) -> bool:
    """Whether what a room made of a narrowed Book is of a room that the audience may enter."""
    section = one.section if isinstance(one, Page) else one.address.partition("/")[0]
    return section not in SECTIONS or section in seen


def _fences(book: Book, now: datetime, site: Site) -> Any:
    """The author fences made for this Book, where the module is there."""
    if importlib.util.find_spec("site_plugins.fences") is None:
        return None
    fences: Any = importlib.import_module("site_plugins.fences")
    return fences.make(book, now, site) if hasattr(fences, "make") else None


def _by_path(findings: Iterable[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    out: dict[str, list[Finding]] = {}
    for one in findings:  # in order already
        out.setdefault(one.path, []).append(one)
    return {path: tuple(rows) for path, rows in out.items()}


def _files(workspace: Workspace, book: Book) -> Iterator[tuple[str, str]]:
    """The files beside the documents that go out, each below ``files/`` so that none stands in a page's place."""
    for path in book.files:
        if path.rpartition(".")[2].lower() not in SUFFIXES:
            continue
        address = "files/" + path.removeprefix("content/")
        place = workspace.root / path
        if inside(address) and _plain_file(workspace, path) and place.stat().st_size <= _PICTURE_LIMIT:
            if path.lower().endswith(".svg") and _ACTIVE_SVG.search(place.read_bytes()):
                continue
            yield path, address


def _plain_file(workspace: Workspace, path: str) -> bool:
    """Whether neither the file nor a folder on the way to it is a symlink or hidden."""
    at = workspace.root
    for part in path.split("/"):
        at = at / part
        if part.startswith(".") or at.is_symlink():
            return False
    return at.is_file()


def _content_files(workspace: Workspace, files: Mapping[str, str]) -> Iterator[Asset]:
    for path, address in files.items():
        place = workspace.root / path
        stat = place.stat()
        yield Asset(address, place.read_bytes, digest(stat.st_size, stat.st_mtime_ns))


def _own_assets(facts: str) -> Iterator[Asset]:
    """Our stylesheet and scripts; ``facts`` stand above the first script."""
    for name in _OWN_ASSETS:
        place = HERE / "assets" / name
        stat = place.stat()
        if name == "signalbook.css":
            glyphs = _glyphs()
            yield Asset(
                f"assets/{name}", partial(_styles, place, glyphs), digest(stat.st_size, stat.st_mtime_ns, glyphs)
            )
        elif name == "boot.js":
            made = partial(_with_facts, place, facts)
            yield Asset(f"assets/{name}", made, digest(stat.st_size, stat.st_mtime_ns, facts))
        elif name != "search.js":  # that is written with the index
            yield Asset(f"assets/{name}", place.read_bytes, digest(stat.st_size, stat.st_mtime_ns))


def _facts(theme: Path, when: moment.Moment, rooms: Iterable[frame_.Room], *, search: bool) -> str:
    """What the scripts must know of this site, and no page need say.

    The theme's script, the header's rooms (word as HTML, address), whether there is a search, and the moment if one was named.
    """
    now = when.now.isoformat(timespec="seconds") if when.fixed else ""
    known: dict[str, object] = {"BUNDLE": _one(theme, *_BUNDLE).removeprefix("assets/"), "SEARCH": search, "NOW": now}
    known["ROOMS"] = [(room.word, room.address.removeprefix(ROOT)) for room in rooms]
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())


def _with_facts(place: Path, facts: str) -> bytes:
    return facts.encode() + place.read_bytes()


@cache
def _glyphs() -> str:
    """The style rules of glyphs, which follow our stylesheet."""
    return components.sheet(f"glyphs.woff?{digest(*sorted(NAMES))[:8]}")


def _styles(place: Path, glyphs: str) -> bytes:
    return (
        place.read_bytes()
        + b"\n/* Glyphs, states and channels: made by site_plugins/components/icons.py */\n\n"
        + glyphs.encode()
    )


def _distinct(made: Iterable[Page | Asset]) -> tuple[tuple[Page, ...], tuple[Asset, ...], list[Finding]]:
    """Pages and assets with an address of their own; of two that claim one (whatever the case) the first stays."""
    pages: list[Page] = []
    assets: list[Asset] = []
    problems: list[Finding] = []
    taken: dict[str, Page | Asset] = {}
    for one in made:
        folded = one.address.casefold()
        source = getattr(one, "source", "") or "mkdocs.yml"
        if not inside(one.address):
            problems.append(
                Finding(
                    source, 1, 1, "", "address", Level.BLOCK,
                    f"The page cannot be written: “{one.address!r}” is no address inside the site.",
                    "Name the file with letters, digits, dots, dashes and underscores.",
                )
            )  # fmt: skip
            continue
        if folded in taken:
            other = getattr(taken[folded], "source", "") or one.address
            problems.append(
                Finding(
                    source, 1, 1, "", "address", Level.BLOCK,
                    f"Two pages want the address {one.address}; this one is left out, the other is made from {other}.",
                    "Rename one of the two files.",
                )
            )  # fmt: skip
            continue
        taken[folded] = one
        if isinstance(one, Page):
            pages.append(one)
        else:
            assets.append(one)
    return tuple(pages), tuple(assets), problems


def _safe_target(workspace: Workspace, site_dir: Path) -> None:
    """Refuse a folder that holds what people or machines wrote; a folder below the cache is nobody's.

    Raises:
        SiteFolderError: the site would replace the workspace or a part of it.
    """
    target = site_dir.resolve()
    root = workspace.root.resolve()
    for one in (root, workspace.content.resolve(), workspace.data.resolve()):
        if one.is_relative_to(target) or (one != root and target.is_relative_to(one)):
            raise manifest.SiteFolderError(
                f"{site_dir} holds the workspace's own files. Name a folder of its own with --site-dir."
            )


def _one(theme: Path, folder: str, pattern: str) -> str:
    """The one file of the theme that fits, as an address.

    Raises:
        SignalbookError: the theme is not laid out as we know it.
    """
    found = sorted((theme / folder).glob(pattern))
    if not found:
        raise SignalbookError(f"The theme has no {folder}/{pattern}; signalbook needs mkdocs-material 9.")
    return f"{folder}/{found[0].name}"


def _templates() -> str:
    return digest(*((p.name, p.read_bytes().hex()) for p in sorted((HERE / "theme").rglob("*.html"))))


def _asset_stamp(facts: str) -> str:
    """A digest of the files that browsers keep."""
    files = ((HERE / "assets" / name).read_bytes().hex() for name in _OWN_ASSETS)
    return digest(*files, _glyphs(), facts)


def _code() -> str:
    """A digest of the code that makes pages: another version, another page. By size and time, which is quick."""
    seen: list[object] = [version_of(name) for name in ("markdown", "nh3", "jinja2")]
    signalbook = importlib.util.find_spec("signalbook")
    roots = [HERE, *(Path(place) for place in (signalbook.submodule_search_locations or ()) if signalbook)]  # type: ignore[union-attr]
    todo = [str(root) for root in roots]
    while todo:
        for entry in sorted(os.scandir(todo.pop()), key=lambda e: e.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    todo.append(entry.path)
            elif entry.name.endswith((".py", ".html", ".json")):
                stat = entry.stat()
                seen.append((entry.path, stat.st_size, stat.st_mtime_ns))
    return digest(*seen)
