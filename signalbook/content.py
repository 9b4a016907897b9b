"""``content/`` → documents and findings.

The folder decides the kind; folders below it are free. A file that cannot be read as its kind still becomes a document,
with nothing but its findings. ``README.md``, ``index.md`` and Markdown outside the folders of the kinds are ordinary
pages.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from signalbook import caching, frontmatter, parallel
from signalbook.findings import Finding, Level
from signalbook.model import KINDS, Document
from signalbook.workspace import Workspace

VERSION = "content-2"
"""Changes when what is made of a file changes; older caches then count as empty."""

FOLDERS: Mapping[str, type[Document]] = {kind.FOLDER: kind for kind in KINDS}
"""Folder under ``content/`` → the kind of the documents in it."""

BY_NAME: Mapping[str, type[Document]] = {kind.KIND: kind for kind in KINDS}
"""The kind's name in commands → the kind."""

ORDINARY = frozenset({"readme.md", "index.md"})
MAX_FILES = 200_000
_SLUG = re.compile(r"[^\W_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Ordinary:
    """A Markdown page that is no document.

    Attributes:
        path: posix path relative to the workspace.
        title: of the front matter, else the first heading, else the file's name.
        body: the Markdown.
        digest: hex of the file's bytes.
        body_line: 1-based line of the body's first line.
    """

    path: str
    title: str
    body: str
    digest: str
    body_line: int = 1


@dataclass(frozen=True, slots=True)
class Content:
    """Everything under ``content/``.

    Attributes:
        documents: kind → its documents, by slug.
        pages: ordinary pages, by path.
        files: other files (pictures, captions), posix paths relative to the workspace.
        findings: what is wrong with files and front matter.
        digest: of all of it.
    """

    documents: Mapping[type[Document], tuple[Document, ...]]
    pages: tuple[Ordinary, ...]
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class _Read:
    """What one file became."""

    thing: Document | Ordinary
    findings: tuple[Finding, ...]


def kind_of(path: str) -> type[Document] | None:
    """The kind of the document at a path relative to ``content/``; ``None`` for an ordinary page."""
    *folders, name = path.split("/")
    if name.lower() in ORDINARY:
        return None
    for depth in range(len(folders), 0, -1):
        if kind := FOLDERS.get("/".join(folders[:depth])):
            return kind
    return None


def read(workspace: Workspace, zone: ZoneInfo, *, use_cache: bool = True) -> Content:
    """Read everything under ``content/``; what a file became is kept for the next run by the hash of its bytes."""
    cache_file = workspace.cache / "documents"
    version = f"{VERSION}:{zone.key}:{_code_version()}"
    known: dict[tuple[str, str], _Read] = {}
    if use_cache:
        rows = caching.load(cache_file, version)
        known = _known(rows)
    count = len(known)
    order: list[tuple[str, str]] = []
    new: list[tuple[str, bytes, str]] = []
    findings: list[Finding] = []
    files: list[str] = []
    total = hashlib.blake2b(digest_size=16)
    for path in walk(workspace, findings):
        if not path.lower().endswith(".md"):
            files.append(path)
            continue
        try:
            data = Path(workspace.root, path).read_bytes()
        except OSError as error:
            findings.append(
                _finding(path, (1, 1), "", "file", f"The file cannot be read: {error.strerror}.", "Look at its rights.")
            )
            continue
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        total.update(f"{path}\0{digest}\0".encode("utf-8", "surrogateescape"))
        order.append((path, digest))
        if (path, digest) not in known:
            new.append((path, data, digest))
    for part in parallel.shares(new, partial(_parse_all, zone=zone)):
        known.update(part)
    changed = bool(new)
    kept = [(path, digest, known[path, digest].thing, known[path, digest].findings) for path, digest in order]
    if use_cache and (changed or len(kept) != count):
        caching.save(cache_file, version, kept)
    documents: dict[type[Document], list[Document]] = {kind: [] for kind in KINDS}
    pages: list[Ordinary] = []
    for _, _, thing, found_here in kept:
        findings.extend(found_here)
        if isinstance(thing, Document):
            documents[type(thing)].append(thing)
        else:
            pages.append(thing)
    findings.extend(_collisions(documents))
    return Content(
        {kind: tuple(sorted(rows, key=lambda doc: (doc.slug, doc.path))) for kind, rows in documents.items()},
        tuple(pages),
        tuple(files),
        tuple(findings),
        total.hexdigest(),
    )


def _parse_all(files: Sequence[tuple[str, bytes, str]], zone: ZoneInfo) -> dict[tuple[str, str], _Read]:
    """What several files become: path and digest → what the file became."""
    from signalbook import decode  # noqa: F401 - once here, and not in every process

    return {(path, digest): _parse(path, data, digest, zone) for path, data, digest in files}


def _known(rows: object) -> dict[tuple[str, str], _Read]:
    """What a cache file says of files, by path and digest; nothing when it is not of the form that we write."""
    out: dict[tuple[str, str], _Read] = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, tuple) or len(row) != 4:
            return {}
        path, digest, thing, found = row
        if not isinstance(thing, Document | Ordinary) or not isinstance(found, tuple) or thing.path != path:
            return {}
        out[str(path), str(digest)] = _Read(thing, found)
    return out


def _code_version() -> str:
    """Changes with the declarations, so that a newer Signalbook does not read what an older one kept."""
    here = Path(__file__).parent
    total = hashlib.blake2b(digest_size=8)
    for path in (
        *sorted((here / "model").glob("*.py")),
        here / "content.py",
        here / "decode.py",
        here / "frontmatter.py",
    ):
        total.update(path.read_bytes())
    return total.hexdigest()


def walk(workspace: Workspace, findings: list[Finding]) -> Iterator[str]:
    """Posix paths, relative to the workspace, of every plain file under ``content/``, in order.

    Hidden files are passed over; a symbolic link is a finding, wherever it leads.
    """
    stack = [workspace.content]
    count = 0
    root = os.fspath(workspace.root) + os.sep
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            path = os.fspath(folder).removeprefix(root).replace(os.sep, "/")
            findings.append(
                _finding(
                    path, (1, 1), "", "file", f"The folder cannot be read: {error.strerror}.", "Look at its rights."
                )
            )
            continue
        plain: list[str] = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = entry.path.removeprefix(root).replace(os.sep, "/")
            if entry.is_symlink():
                findings.append(
                    _finding(
                        path,
                        (1, 1),
                        "",
                        "link",
                        "This is a link to another place, which a clone of the repository need not have; it is not read.",
                        "Put a copy of the file here.",
                    )
                )
            elif entry.is_dir():
                stack.append(Path(entry.path))
            elif entry.is_file():
                plain.append(path)
        plain.reverse()
        count += len(plain)
        if count > MAX_FILES:
            findings.append(
                _finding(
                    "content",
                    (1, 1),
                    "",
                    "file",
                    f"There are more than {MAX_FILES:,} files here; the rest is not read.",
                    "Move what is no content elsewhere.",
                )
            )
            return
        yield from plain


def parse(path: str, data: bytes, zone: ZoneInfo) -> tuple[Document | Ordinary, tuple[Finding, ...]]:
    """What one file becomes: ``path`` relative to the workspace, beginning with ``content/``."""
    found = _parse(path, data, hashlib.blake2b(data, digest_size=16).hexdigest(), zone)
    return found.thing, found.findings


def _parse(path: str, data: bytes, digest: str, zone: ZoneInfo) -> _Read:
    text, trouble = frontmatter.text_of(data)
    kind = kind_of(path.removeprefix("content/"))
    slug = path.rpartition("/")[2][:-3]
    if trouble:
        finding = _from_trouble(path, trouble)
        if kind is None:
            return _Read(Ordinary(path, slug, "", digest), (finding,))
        return _Read(kind(slug=slug, path=path, digest=digest, unreadable=True), (finding,))
    taken = frontmatter.split(text)
    findings = [_from_trouble(path, trouble) for trouble in taken.troubles]
    if kind is None:
        return _Read(Ordinary(path, _heading(taken, slug), taken.body, digest, taken.body_line), tuple(findings))
    if not _SLUG.fullmatch(slug):
        findings.append(
            _finding(
                path, (1, 1), "", "slug",
                f"The file's name “{slug[:60]}” becomes an address and a name in other files; it may hold letters, digits, "
                "-, _ and . only.",
                f"Rename it, for example to {slugified(slug)}.md.",
            )
        )  # fmt: skip
    if not taken.present:
        findings.append(
            _finding(
                path, (1, 1), "", "front-matter",
                f"This file lies where {kind.PLURAL.lower()} lie and has no front matter, so nothing is known of it but its text.",
                f"Begin it with three dashes, the fields of a {kind.KIND}, and three dashes; "
                f"`signalbook new {kind.KIND} {slugified(slug)}` writes them for you.",
            )
        )  # fmt: skip
    if not taken.readable:
        return _Read(
            kind(slug=slug, path=path, digest=digest, unreadable=True, body=taken.body, body_line=taken.body_line),
            tuple(findings),
        )
    from signalbook.decode import decode

    document, wrongs = decode(
        kind, taken.values, zone=zone, slug=slug, path=path, body=taken.body, digest=digest,
        marks=dict(taken.marks), body_line=taken.body_line,
    )  # fmt: skip
    findings += [
        _finding(path, document.mark(wrong.field), wrong.field, wrong.rule, wrong.message, wrong.remedy)
        for wrong in wrongs
    ]
    return _Read(document, tuple(findings))


def slugified(text: str) -> str:
    """A name that may stand in an address."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "untitled"


def _heading(taken: frontmatter.Split, slug: str) -> str:
    title = taken.values.get("title")
    if isinstance(title, str) and title:
        return title
    found = re.search(r"^#\s+(.+?)\s*#*$", taken.body, re.MULTILINE)
    return found[1] if found else slug.replace("-", " ").capitalize()


def _from_trouble(path: str, trouble: frontmatter.Trouble) -> Finding:
    return _finding(path, trouble.mark, trouble.field, "front-matter", trouble.message, trouble.remedy)


def _finding(path: str, mark: tuple[int, int], field: str, rule: str, message: str, remedy: str) -> Finding:
    return Finding(path, mark[0], mark[1], field, rule, Level.BLOCK, message, remedy)


def folded(slug: str) -> str:
    """A slug as it is compared: whatever the case, however its accents are written."""
    return unicodedata.normalize("NFC", slug).casefold()


def _collisions(documents: Mapping[type[Document], Iterable[Document]]) -> Iterator[Finding]:
    for kind, rows in documents.items():
        first: dict[str, Document] = {}
        for document in rows:
            other = first.setdefault(folded(document.slug), document)
            if other is not document:
                yield _finding(
                    document.path, (1, 1), "", "slug",
                    f"Another {kind.KIND} is called {other.slug} ({other.path}); a reference to the name could mean either.",
                    "Rename one of the two files.",
                )  # fmt: skip
