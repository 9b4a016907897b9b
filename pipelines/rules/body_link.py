"""A link in a text leads to a file that is there, and to a heading that is in it."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote

from signalbook.book import Book
from signalbook.content import Ordinary
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Document, Post
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_LINK = pattern(r"\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'(][^)]*)?\)|^ {0,3}\[[^\]^][^\]]*\]:\s+<?(\S+?)>?(?:\s|$)")
_FENCE = pattern(r" {0,3}(`{3,}|~{3,})")
_CODE = pattern(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_ELSEWHERE = pattern(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_HEADING = pattern(r" {0,3}#{1,6}\s+(.+?)\s*#*\s*$")
_OWN_ID = pattern(r"\{[^}]*#([\w-]+)[^}]*\}|\bid=[\"']([\w-]+)[\"']")


@rule("body-link", level=Level.INFORM, about="A link in a document's text leads to a file and a heading that exist.")
def body_link(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find links inside the workspace that lead nowhere."""
    known: frozenset[str] | None = None
    ids: dict[str, frozenset[str]] = {}
    pages: Iterator[Document | Ordinary] = (page for rows in (book.everything(), book.pages) for page in rows)
    for page in pages:
        if isinstance(page, Post) or ("](" not in page.body and "]:" not in page.body):
            continue
        begin = page.body_line if isinstance(page, Document) else 1
        for number, target in _links(page.body):
            where, _, anchor = target.partition("#")
            where = unquote(where.partition("?")[0])
            if known is None:
                known = frozenset(
                    {*book.files, *(doc.path for doc in book.everything()), *(one.path for one in book.pages)}
                )
            path = page.path
            if where:
                root = "content" if where.startswith("/") else posixpath.dirname(page.path)
                path = posixpath.normpath(posixpath.join(root, where.lstrip("/")))
                if not posixpath.splitext(path)[1] or path in known:
                    pass  # a folder or an address of the site, or a file that is there
                elif path.startswith("content/") or not (book.workspace.root / path).exists():
                    names = tuple({posixpath.basename(one) for one in known})
                    hint = near(posixpath.basename(path), names)
                    yield _lost(page, begin + number, target, f"there is no {path}.{hint}", ask)
                    continue
            if anchor and path in known and path.endswith(".md"):
                if path not in ids:
                    found = book.by_path(path)
                    ids[path] = _ids(found.body) if found else frozenset()
                if unquote(anchor) not in ids[path]:
                    yield _lost(page, begin + number, target, f"{path} has no heading “{shortened(anchor, 40)}”.", ask)


def _lost(page: Document | Ordinary, line: int, target: str, why: str, ask: Ask) -> Finding:
    return ask(
        page.path, "",
        f"The link to `{shortened(target)}` leads nowhere: {why} Whoever follows it is lost.",
        "Write the way from this file to the other one, for example `../plans/launch.md`, or take the link out.", line=line,
    )  # fmt: skip


def _links(body: str) -> Iterator[tuple[int, str]]:
    """Line from 0 and target of every link to this workspace, outside code."""
    fence = ""
    for number, line in enumerate(body.splitlines()):
        if found := _FENCE.match(line):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if fence or "]" not in line:
            continue
        for one, two in _LINK.findall(_CODE.sub("", line) if "`" in line else line):
            target = one or two
            if not _ELSEWHERE.match(target):
                yield number, target


def _ids(body: str) -> frozenset[str]:
    """The addresses of a page's headings, as the site builder makes them."""
    out: dict[str, int] = {}
    for line in body.splitlines():
        for one, two in _OWN_ID.findall(line):
            out[one or two] = 1
        if found := _HEADING.match(line):
            text = re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"\{[^}]*\}\s*$", "", found[1]))
            plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
            for form in (plain, unicodedata.normalize("NFC", text)):
                slug = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", form).strip().lower())
                if slug in out:
                    out[f"{slug}_{out[slug]}"] = 1
                    out[slug] += 1
                else:
                    out[slug] = 1
    return frozenset(out)
