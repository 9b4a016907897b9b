"""Every media file of a post exists, in the workspace, as a file."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule


@rule("media", level=Level.BLOCK, about="A media file or captions file exists inside content/, as a plain file.")
def media(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find media paths that lead out of the workspace, nowhere, or through a link."""
    known = frozenset(book.files)
    asked: dict[tuple[str, str], tuple[str, str] | None] = {}  # posts beside each other show the same pictures
    for view in posts.views(book):
        for index, item in enumerate(view.post.media):
            for name, value in (("src", item.src), ("captions", item.captions)):
                if not value:
                    continue
                place = (view.post.path.rpartition("/")[0], value)
                if place not in asked:
                    asked[place] = _wrong(book, view.post.path, value, known)
                if wrong := asked[place]:
                    yield ask(view.post, f"media.{index}.{name}", *wrong)


def _wrong(book: Book, path: str, value: str, known: frozenset[str]) -> tuple[str, str] | None:
    shown = prose.short(value)
    if re.match(r"[a-z][a-z0-9+.-]*://|//", value, re.IGNORECASE):
        return (
            f"“{shown}” is an address, and what stands there can change after approval.",
            "Put the file beside the post and name it: `media/door.jpg`.",
        )
    if "\\" in value or "\0" in value or (value[1:2] == ":" and value[:1].isalpha()):
        return (
            f"“{shown}” is a path of one machine; nobody else has it.",
            "Write it relative to the post, with /: `media/door.jpg`.",
        )
    base = "content" if value.startswith("/") else posixpath.dirname(path)
    found = posixpath.normpath(posixpath.join(base, value.lstrip("/")))
    if not found.startswith("content/"):
        return (
            f"“{shown}” leaves content/, so it would not be in everybody's copy and may show what is nobody's business.",
            "Put a copy of the file below content/ and name that.",
        )
    if found in known:
        return None
    folded = {name.casefold(): name for name in _beside(known, posixpath.dirname(found))}
    if other := folded.get(found.casefold()):
        return (
            f"“{shown}” is written {posixpath.basename(other)} on disk; on most servers that is another file.",
            f"Write {posixpath.relpath(other, posixpath.dirname(path))}.",
        )
    if link := _link(book.workspace.root, found):
        return (
            f"“{shown}” leads through a link ({link}), which a clone of the repository need not have.",
            "Put the file itself there.",
        )
    return f"There is no file {found}.", "Add it, or correct the path; it is relative to the post."


@functools.lru_cache(maxsize=64)
def _beside(known: frozenset[str], folder: str) -> tuple[str, ...]:
    return tuple(name for name in known if posixpath.dirname(name).casefold() == folder.casefold())


def _link(root: Path, path: str) -> str:
    """The first symbolic link on the way to a path below the root; empty for none."""
    here = ""
    for part in path.split("/"):
        here = f"{here}/{part}" if here else part
        try:
            if (root / here).is_symlink():
                return here
        except (OSError, ValueError):
            return ""
    return ""
