"""What a room is handed beside the Book: where things stand on the site, and the team's settings of its look.

Everything here is a value or a pure question on values; a ``Site`` is made once a build.
"""

from __future__ import annotations

import posixpath
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from signalbook import counting
from signalbook.classes import dataclass
from signalbook.settings import Channel
from site_plugins import components, text
from site_plugins.markup import Markup, fill, safe
from site_plugins.pages import digest, href

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from signalbook.book import Book
    from signalbook.counting import Limit
    from signalbook.findings import Finding
    from signalbook.history import History
    from signalbook.model import Document

SUFFIXES = frozenset(
    "png jpg jpeg gif webp avif svg pdf mp4 webm mp3 ogg wav vtt srt csv txt ics docx xlsx pptx odt ods odp".split()
)
"""Files beside the documents that may go out with the site: none that a browser would run as a page of ours."""


@dataclass(frozen=True)
class Site:
    """One build of the site.

    Attributes:
        book: all documents and records.
        now: the moment the site is built at, aware, in the team's zone.
        name: the site's name from ``mkdocs.yml``.
        url: where it is published, with a slash at the end; empty when nobody said.
        repo: the forge's address of the repository, without a slash at the end; empty when nobody said.
        edit: what comes between ``repo`` and a path in the address that edits a file, e.g. ``edit/main/``.
        audience: the audience of this build; empty for the whole team.
        second_zone: the zone that the calendar shows beside the team's; empty for none.
        findings: path → what the checks say about that file, in order.
        files: path of every file beside the documents that goes out → its address.
        texts: path of every Markdown file that is no document → its address.
        fences: the author fences' module half made for this Book, or ``None``.
        stats: folder and name → a file beside the posts as it lies there, looked at once a build.
    """

    book: Book
    now: datetime
    name: str
    url: str = ""
    repo: str = ""
    edit: str = ""
    audience: str = ""
    second_zone: str = ""
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    fences: Any = None
    stats: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)
    # What stands on thousands of pages, made once: links to documents, channels' tiles, roles, where addresses lead.
    _links: dict[tuple[type[Document], str], str] = field(default_factory=dict, init=False, compare=False, repr=False)
    _anchors: dict[tuple[int, str], tuple[Document, Markup]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _tiles: dict[tuple[str, bool], Markup] = field(default_factory=dict, init=False, compare=False, repr=False)
    _names: dict[str | None, str] = field(default_factory=dict, init=False, compare=False, repr=False)
    _named: dict[tuple[str, ...], Markup] = field(default_factory=dict, init=False, compare=False, repr=False)
    _rows: dict[tuple[str, ...], Markup] = field(default_factory=dict, init=False, compare=False, repr=False)
    _roles: dict[str, Markup] = field(default_factory=dict, init=False, compare=False, repr=False)
    _limits: dict[str, Limit | None] = field(default_factory=dict, init=False, compare=False, repr=False)
    _resolved: dict[tuple[str, str], str | None] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def today(self) -> date:
        """The day of ``now`` in the team's zone."""
        return self.now.date()

    def address(self, document: Document) -> str:
        """Where a document's page stands: ``plans/campaigns/opening-week.html``. The slug decides, not the folder."""
        return address_of(type(document), document.slug)

    def link(self, document: Document, anchor: str = "") -> str:
        """A document's address, ready for an ``href`` in a body."""
        if anchor:
            return href(self.address(document), anchor)
        key = (type(document), document.slug)
        known = self._links.get(key)
        if known is None:
            known = self._links[key] = href.__wrapped__(self.address(document))  # kept here, and not there as well
        return known

    def anchor(self, document: Document, word: str = "") -> Markup:
        """A link to a document, named by its title or by ``word``."""
        key = (id(document), word)
        known = self._anchors.get(key)
        if known is None:  # the document is kept with it, so that its place in memory stays its own
            made = fill('<a href="{}">{}</a>', self.link(document), word or document.name)
            known = self._anchors[key] = (document, made)
        return known[1]

    def ref(self, kind: type[Document], slug: str | None, word: str = "") -> Markup:
        """A link to the document a reference names; the slug as text when it leads nowhere; empty for ``None``."""
        if not slug:
            return components.EMPTY
        found = self.book.get(kind, slug)
        return self.anchor(found, word) if found is not None else fill("{}", word or slug)

    def edit_url(self, path: str) -> str:
        """Where a file is edited on the forge; empty when ``mkdocs.yml`` names no repository. Not for ``href()``."""
        if not self.repo or not path:
            return ""
        return f"{self.repo}/{self.edit}{quote(path)}" if self.edit else ""

    def new_url(self, folder: str, filename: str, value: str = "") -> str:
        """Where a new file is begun on the forge, its name filled in; empty when no repository is named."""
        if not self.repo or not self.edit.startswith(("edit/", "-/edit/", "_edit/")):
            return ""
        start = self.edit.replace("edit/", "new/", 1)
        more = f"&value={quote(value, safe='')}" if value else ""
        return f"{self.repo}/{start}{quote(folder)}?filename={quote(filename, safe='')}{more}"

    def status(self, document: Document, *, bare: bool = False) -> Markup:
        """A document's own state; empty for a kind without states. A training that was held took place."""
        state = document.state
        key = "took-place" if state == "held" and document.KIND == "training" else state
        return components.status(key, bare=bare) if state else Markup()

    def of(self, path: str) -> tuple[Finding, ...]:
        """The findings about one file."""
        return self.findings.get(path, ())

    def findings_key(self, path: str) -> str:
        """What the findings about one file say, for the key of a page that shows them; empty for none."""
        rows = self.findings.get(path)
        return (
            ""
            if not rows
            else "\x1f".join(f"{f.line} {f.field} {f.level.value} {f.message} {f.remedy} {f.waived}" for f in rows)
        )

    def channel(self, key: str, *, bare: bool = False) -> Markup:
        """A channel's tile and name; a channel that the settings do not know is shown by its key."""
        made = self._tiles.get((key, bare))
        if made is None:
            known = self.book.settings.channels.get(key)
            name, connector = (known.name or key, known.connector) if known else (key, "manual")
            made = self._tiles[key, bare] = components.channel(name, connector, key=key, bare=bare)
        return made

    def limit(self, key: str) -> Limit | None:
        """How long a text may be on a channel; ``None`` when none is known."""
        if key not in self._limits:
            channel = self.book.settings.channels.get(key) or Channel(key, key)
            self._limits[key] = counting.limit_of(channel)
        return self._limits[key]

    def channels(self, keys: Iterable[str]) -> Markup:
        """Tiles without names, for chips and dense rows."""
        keys = tuple(keys)
        made = self._rows.get(keys)
        if made is None:
            made = self._rows[keys] = components.channels([self.channel(key, bare=True) for key in keys])
        return made

    def named(self, keys: tuple[str, ...]) -> Markup:
        """Tiles with names, set apart by blanks."""
        made = self._named.get(keys)
        if made is None:
            made = self._named[keys] = components.SPACE.join([self.channel(key) for key in keys])
        return made

    def person(self, slug: str | None) -> str:
        """How a role is called, as HTML."""
        made = self._names.get(slug)
        if made is None:
            made = self._names[slug] = safe(self.book.person(slug))
        return made

    def markdown(self, body: str, source: str, *, heading: int = 2) -> Markup:
        """Markdown of a file as safe HTML: its relative links lead to pages, its author fences are components."""
        render = self.fences.html if self.fences is not None else None
        return text.render_markdown(body, resolve=lambda to: self.resolve(source, to), fences=render, heading=heading)

    def markdown_key(self, body: str, source: str) -> str:
        """What ``markdown`` depends on besides the text: where its links lead and what its fences show now."""
        links = [self.resolve(source, to) or "" for to in text.targets(body)]
        known = [self.fences.key(lang, block) for lang, block in text.author_fences(body)] if self.fences else []
        return digest(*links, *known) if links or known else ""

    def who(self, slug: str | None) -> Markup:
        """A role with its initials, linked to its page; empty for none."""
        if not slug:
            return components.EMPTY
        made = self._roles.get(slug)
        if made is None:
            from signalbook.model import Person

            found = self.book.get(Person, slug)
            address = self.link(found) if found is not None else ""
            made = self._roles[slug] = components.who(self.book.person(slug), address)
        return made

    def resolve(self, source: str, target: str) -> str | None:
        """Where a relative address in the file ``source`` leads on the site, or ``None`` when it leads nowhere.

        A path that begins with a slash begins at ``content/``.
        """
        key = (source.rpartition("/")[0], target)
        try:
            return self._resolved[key]
        except KeyError:
            found = self._resolved[key] = self._leads(*key)
            return found

    def _leads(self, base: str, target: str) -> str | None:
        path, _, anchor = target.partition("#")
        path = unquote(path.partition("?")[0])
        whole = posixpath.normpath(f"content{path}" if path.startswith("/") else posixpath.join(base, path))
        found = self._places.get(whole) or self.files.get(whole)
        return href(found, f"t-{anchor}" if anchor else "") if found else None

    @cached_property
    def language(self) -> str:
        """The language of documents that name none: the team's first; empty where it says none."""
        languages = self.book.settings.team.languages
        return languages[0] if languages else ""

    @cached_property
    def past(self) -> History:
        """What git knows of the documents, read once a build."""
        from signalbook import history

        return history.load(self.book.workspace)

    @cached_property
    def _places(self) -> dict[str, str]:
        """Path of every Markdown file → its page's address."""
        places = dict(self.texts)
        for document in self.book.everything():
            places[document.path] = self.address(document)
        return places


def address_of(kind: type[Document], slug: str) -> str:
    """The address of a document of a kind."""
    return address_in(folder_of(kind), slug)


def address_in(folder: str, slug: str) -> str:
    """The address of a document in the folder of its kind's pages."""
    return f"{folder}/{slug if slug.lower() != 'index' else 'index-'}.html"


HEARD = frozenset({"subject", "competitor", "watch"})
"""Kinds with a page in the listening room, beside their own: what is said about them."""


def heard_address(kind: str, slug: str) -> str:
    """Where the listening room shows what is said about a document; ``kind`` is one of ``HEARD``."""
    name = slug if len(slug.encode("utf-8", "replace")) <= 200 else digest(slug)
    return f"listening/{kind}-{name}.html"


def folder_of(kind: type[Document]) -> str:
    """The folder of a kind's pages: that of its documents, but posts, which stand below the calendar."""
    return "calendar/posts" if kind.FOLDER == "calendar" else kind.FOLDER
