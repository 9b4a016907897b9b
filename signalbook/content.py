"""``content/`` → documents and findings.

The folder decides the kind; folders below it are free. A file that cannot be read as its kind still becomes a document,
with nothing but its findings. ``README.md``, ``index.md`` and Markdown outside the folders of the kinds are ordinary
pages.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from signalbook import caching, frontmatter, parallel
from signalbook.classes import dataclass
from signalbook.findings import Finding, Level
from signalbook.model import KINDS, Document, Post
from signalbook.model.base import Marks
from signalbook.pattern import pattern
from signalbook.workspace import Workspace

VERSION = "content-3"
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


_Sign = tuple[int, int, int, int]
"""Time of change and of the file's facts in ns, size and inode: equal signs, equal bytes."""
_Read = tuple[str, _Sign | None, str, Document | Ordinary, tuple[Finding, ...]]
"""What one file became: path, sign (``None`` while it is too young to be trusted), digest, thing, findings."""

YOUNG_NS = 2_000_000_000
"""A file changed so shortly before it was read may change again within the same tick of its file system's clock."""
MOST_UNSIGNED = 64
"""So many files may be read again at every run for want of a sign, before their signs are worth a write."""


def kind_of(path: str) -> type[Document] | None:
    """The kind of the document at a path relative to ``content/``; ``None`` for an ordinary page."""
    *folders, name = path.split("/")
    if name.lower() in ORDINARY:
        return None
    for depth in range(len(folders), 0, -1):
        if kind := FOLDERS.get("/".join(folders[:depth])):
            return kind
    return None


def read(
    workspace: Workspace, zone: ZoneInfo, *, use_cache: bool = True, meanwhile: Callable[[], object] | None = None
) -> Content:
    """Read everything under ``content/``; what a file became is kept for the next run.

    A file whose time, size and inode are what they were is not read again; one that was only touched is read and, by the
    hash of its bytes, not parsed again. ``meanwhile`` is done while others parse, and not at all where nobody does.
    """
    cache_file = workspace.cache / "documents"
    version = f"{VERSION}:{zone.key}:{_code_version()}"
    parts, whole = caching.load_parts(cache_file, version) if use_cache else ([], False)
    known, size = _known(parts)
    parts.clear()
    order: list[str] = []
    new: list[tuple[str, _Sign | None, str, bytes]] = []
    findings: list[Finding] = []
    files: list[str] = []
    unsigned = 0
    old = time.time_ns() - YOUNG_NS
    for path, entry in _walk(workspace, findings):
        if not path.endswith(".md") and not path.lower().endswith(".md"):
            files.append(path)
            if path.lower().endswith(_NOT_READ) and (wrong := _misnamed(path, entry)):
                findings.append(wrong)
            continue
        row = known.get(path)
        try:
            stat = entry.stat(follow_symlinks=False)
            sign = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
            if row is not None and row[1] == sign:
                order.append(path)
                continue
            with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - done for every file
                data = file.read()
        except OSError as error:
            findings.append(
                _finding(path, (1, 1), "", "file", f"The file cannot be read: {error.strerror}.", "Look at its rights.")
            )
            continue
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        order.append(path)
        settled = sign if max(stat.st_mtime_ns, stat.st_ctime_ns) < old else None
        if row is not None and row[2] == digest:
            unsigned += settled is not None
            known[path] = (path, settled, digest, row[3], row[4])
        else:
            new.append((path, settled, digest, data))
    made: list[bytes] = []
    begun = parallel.Begun(new, partial(_parse_all, zone=zone, version=version, few=len(new) < FEW))
    if meanwhile is not None and begun.children:
        meanwhile()
    for part in begun.results():
        if isinstance(part, bytes):
            made.append(part)
            known.update(_known([caching.unpacked(part)])[0])
        else:
            known.update(_known([part])[0])
    if use_cache:
        again = not whole or size > 2 * len(order) + FEW or unsigned > MOST_UNSIGNED
        if again and made and len(new) == len(order):
            caching.save_parts(cache_file, made)
        elif again:
            kept = [known[path] for path in order]
            caching.save_parts(
                cache_file, [caching.packed(version, kept[at : at + PART]) for at in range(0, len(kept), PART)]
            )
        elif new:
            for part in made or [caching.packed(version, [known[path] for path, *_ in new])]:
                caching.add_part(cache_file, part)
    documents: dict[type[Document], list[Document]] = {kind: [] for kind in KINDS}
    pages: list[Ordinary] = []
    names: list[str] = []
    for path in order:
        _, _, digest, thing, found_here = known[path]
        names += (path, digest)
        if found_here:
            findings.extend(found_here)
        if isinstance(thing, Document):
            documents[type(thing)].append(thing)
        else:
            pages.append(thing)
    findings.extend(_collisions(documents))
    return Content(
        {kind: tuple(sorted(rows, key=_by_slug)) for kind, rows in documents.items()},
        tuple(pages),
        tuple(files),
        tuple(findings),
        hashlib.blake2b("\0".join(names).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest(),
    )


FEW = 250
"""Fewer new files than this are parsed in this process, and added behind those that are kept."""
PART = 2500
"""Files in one part of what is kept."""


def _by_slug(document: Document) -> tuple[str, str]:
    return (document.slug, document.path)


def _parse_all(
    files: Sequence[tuple[str, _Sign | None, str, bytes]], zone: ZoneInfo, version: str, *, few: bool
) -> list[_Read] | bytes:
    """What several files become; of many, packed as they are kept, so that they cross between processes once."""
    from signalbook import decode  # noqa: F401 - once here, and not in every process

    rows = [(path, sign, digest, *_parse(path, data, digest, zone)) for path, sign, digest, data in files]
    return rows if few else caching.packed(version, rows)


def _known(parts: Iterable[object]) -> tuple[dict[str, _Read], int]:
    """What a cache file says of files, by path, and how many rows say it; nothing when it is not of the form we write."""
    out: dict[str, _Read] = {}
    size = 0
    for part in parts:
        if not isinstance(part, list):
            return {}, 0
        size += len(part)
        for row in part:
            if type(row) is not tuple or len(row) != 5:
                return {}, 0
            path, _, _, thing, found = row
            if not isinstance(thing, Document | Ordinary) or type(found) is not tuple or thing.path != path:
                return {}, 0
            out[path] = row
    return out, size


def _code_version() -> str:
    """Changes with the declarations, so that a newer Signalbook does not read what an older one kept."""
    here = Path(__file__).parent
    total = hashlib.blake2b(digest_size=8)
    for path in (
        *sorted((here / "model").glob("*.py")),
        here / "content.py",
        here / "decode.py",
        here / "meant.py",
        here / "frontmatter.py",
        here / "nodes.py",
    ):
        total.update(path.read_bytes())
    return total.hexdigest()


def _walk(workspace: Workspace, findings: list[Finding]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every plain file under ``content/``, in order, with its posix path relative to the workspace.

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
        before = os.fspath(folder).removeprefix(root).replace(os.sep, "/") + "/"
        plain: list[tuple[str, os.DirEntry[str]]] = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = before + entry.name
            if entry.is_file(follow_symlinks=False):  # what nearly all are, asked first
                plain.append((path, entry))
            elif entry.is_symlink():
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
    return _parse(path, data, hashlib.blake2b(data, digest_size=16).hexdigest(), zone)


def _parse(path: str, data: bytes, digest: str, zone: ZoneInfo) -> tuple[Document | Ordinary, tuple[Finding, ...]]:
    text, trouble = frontmatter.text_of(data)
    kind = kind_of(path.removeprefix("content/"))
    slug = path.rpartition("/")[2][:-3]
    if trouble:
        finding = _from_trouble(path, trouble)
        if kind is None:
            return Ordinary(path, slug, "", digest), (finding,)
        return kind(slug=slug, path=path, digest=digest, unreadable=True), (finding,)
    taken = frontmatter.split(text)
    findings = [_from_trouble(path, trouble) for trouble in taken.troubles]
    if kind is None:
        if {"status", "owner"} <= taken.values.keys() and path.count("/") > 1:
            findings.append(_astray(path, taken))
        return Ordinary(path, _heading(taken, slug), taken.body, digest, taken.body_line), tuple(findings)
    if not _SLUG.fullmatch(slug):
        findings.append(
            _finding(
                path, (1, 1), "", "slug",
                f"The file's name “{slug[:60]}” becomes an address and a name in other files; it may hold letters, digits, "
                "-, _ and . only.",
                f"Rename it, for example to {slugified(slug)}.md.",
            )
        )  # fmt: skip
    if not taken.present and (late := _LATE.match(text)):
        findings.append(
            _finding(
                path, (1, 1), "", "front-matter",
                f"The front matter begins on line {late[0].count(chr(10)) + 1}. What does not begin on the first line is read as "
                "text, and nothing is known of the document.",
                "Delete what stands above the three dashes.",
            )
        )  # fmt: skip
    elif not taken.present:
        findings.append(
            _finding(
                path, (1, 1), "", "front-matter",
                f"This file lies where {kind.PLURAL.lower()} lie and has no front matter, so nothing is known of it but its text.",
                f"Begin it with three dashes, the fields of a {kind.KIND}, and three dashes; "
                f"`signalbook new {kind.KIND} {slugified(slug)}` writes them for you.",
            )
        )  # fmt: skip
    if not taken.readable:
        return (
            kind(slug=slug, path=path, digest=digest, unreadable=True, body=taken.body, body_line=taken.body_line),
            tuple(findings),
        )
    from signalbook.decode import decode

    findings += _below(path, kind, taken)
    document, wrongs = decode(
        kind, taken.values, zone=zone, slug=slug, path=path, body=taken.body, digest=digest, head=taken.head,
        marks=Marks.of(taken.marks), body_line=taken.body_line,
    )  # fmt: skip
    findings += [
        _finding(path, document.mark(wrong.field), wrong.field, wrong.rule, wrong.message, wrong.remedy)
        for wrong in wrongs
    ]
    return document, tuple(findings)


_NOT_READ = (".markdown", ".mdown", ".mkd", ".txt", ".text")
"""Ends of names that editors give to what is meant as a document."""


def _misnamed(path: str, entry: os.DirEntry[str]) -> Finding | None:
    """A file that begins like a document, in a folder of documents, with a name that is not read."""
    kind = kind_of(path.removeprefix("content/"))
    if kind is None or not entry.is_file(follow_symlinks=False):
        return None
    try:
        with open(entry.path, "rb") as file:  # noqa: PTH123 - a few bytes of a file that is no document
            begins = file.read(6).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return None
    if not begins.startswith(b"---"):
        return None
    from signalbook.decode import a

    stem, _, end = path.rpartition(".")
    return _finding(
        path, (1, 1), "", "file",
        f"It begins like {a(kind.KIND)}, and a file that ends in .{end} is not read, so nothing of it is planned or shown.",
        f"Rename it to {stem.removesuffix('.md').rpartition('/')[2]}.md.",
    )  # fmt: skip


def _astray(path: str, taken: frontmatter.Split) -> Finding:
    """A page that has the fields of a document and lies where documents of no kind lie."""
    from signalbook.decode import near

    folder = path.removeprefix("content/").rpartition("/")[0]
    hint = near(folder, tuple(FOLDERS))
    meant = hint.partition("`")[2].partition("`")[0]
    return _finding(
        path, taken.marks.get("status", (1, 1)), "status", "front-matter",
        f"It has the fields of a document, and content/{folder}/ holds no kind of document; so it is an ordinary page, and "
        f"nothing in it would ever be done.{hint}",
        f"Move it to content/{meant or 'calendar'}/, or take `status` and `owner` out.",
    )  # fmt: skip


_LATE = pattern(r"\s+(?=---[ \t]*\n[a-z_]+:)")
_FIELD = pattern(r"([a-z_]+):(?:[ \t]|$)")
_SECOND = pattern(
    r"^---[ \t]*\n(?:[ \t]*\n)*(?=(?:title|status|type|owner|publish_at|channels):[ \t].*\n[a-z_]+:)", re.MULTILINE
)


def _below(path: str, kind: type[Document], taken: frontmatter.Split) -> Iterator[Finding]:
    """Fields that stand below the front matter, where they are text: a second set of them, or one that slipped down."""
    from signalbook.decode import fields_of

    if "---" in taken.body and (second := _SECOND.search(taken.body)):
        yield _finding(
            path, (taken.body_line + taken.body.count("\n", 0, second.start()), 1), "", "front-matter",
            f"A second set of fields begins here. A file is one {kind.KIND}, so all below would be read as text"
            f"{' and sent' if kind is Post else ''}.",
            "Move it into a file of its own, from these three dashes on.",
        )  # fmt: skip
    first = taken.body.lstrip("\n")
    slipped = _FIELD.match(first)
    if slipped and slipped[1] in fields_of(kind):
        line = taken.body_line + len(taken.body) - len(first)
        yield _finding(
            path, (line, 1), slipped[1], "front-matter",
            f"`{slipped[1]}:` stands below the second line of dashes, where it is text"
            f"{' that would be sent' if kind is Post else ' and nothing reads it'}.",
            "Move the line above the dashes.",
        )  # fmt: skip


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
    return slug.casefold() if slug.isascii() else unicodedata.normalize("NFC", slug).casefold()


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
