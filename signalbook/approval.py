"""What shows that a post may go out, and what exactly was approved. The one place that knows the evidence.

The evidence is that ``status: approved`` stands on the protected branch: whoever may merge there approves, and a later
change to the post is a change that was merged, or it is not there. What is approved is more than the text:
``content`` is the hash of everything a reader gets on one channel.
"""

from __future__ import annotations

import functools
import hashlib
import json
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from signalbook import posts
from signalbook.classes import dataclass
from signalbook.model import Post
from signalbook.records import digest

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Evidence:
    """Whether a post is approved, and what shows it.

    Attributes:
        at: when the merge that approved it reached the protected branch; ``None`` when nobody looked, or without git.
        why: one sentence.
    """

    approved: bool
    at: datetime | None
    why: str


def evidence(book: Book, post: Post) -> Evidence:
    """Judge a post as it stands in a Book that was read from the protected branch."""
    at = book.approved_at.get(post.slug)
    if post.unreadable:
        return Evidence(approved=False, at=None, why="Its front matter cannot be read.")
    if post.state != "approved":
        return Evidence(approved=False, at=None, why=f"It says `status: {post.state}`.")
    return Evidence(approved=True, at=at, why="It says `status: approved` on the protected branch.")


def content(book: Book, found: Delivery) -> str:
    """The hash of what a reader gets: copy, link, pictures and their alternative texts, and what changes how it shows.

    Disclosure, signature and tracking parameters are in the copy already. The creation time is not in it: a new time
    does not make other words. Empty when the copy has no such part.
    """
    post = found.post
    out = posts.outgoing(book, post, found.channel, at=found.due)
    if not 1 <= found.part <= len(out.parts):
        return ""
    shown: list[object] = [found.part, len(out.parts), out.parts[found.part - 1].text, out.lang, out.warning]
    if found.part == 1:
        shown += [
            out.title,
            out.link,
            post.in_reply_to or "",
            post.quote_of or "",
            post.repost_of or "",
            out.first_comment,
        ]
        shown += [(item.src or "", item.alt or "", bool(item.decorative), media_digest(book, post, item.src or ""),
                   media_digest(book, post, item.captions or "")) for item in post.media]  # fmt: skip
        shown += [post.poll.options, str(post.poll.closes or "")] if post.poll else []
    shown.append(json.dumps(dict(out.options), sort_keys=True, ensure_ascii=False, default=str))
    return digest(*shown)


def media_path(book: Book, post: Post, src: str) -> Path:
    """The file a post names: beside the post, or below ``content/`` when the name begins with a slash."""
    folder = book.workspace.root / PurePosixPath(post.path).parent
    return book.workspace.content / src.lstrip("/") if src.startswith("/") else folder / src


def media_digest(book: Book, post: Post, src: str) -> str:
    """The hash of a file's bytes; empty for none, ``missing`` when it is not there."""
    if not src:
        return ""
    path = media_path(book, post, src)
    try:
        # What lies outside, and what is no file (a device never ends), is not among the team's files.
        inside = path.resolve().is_relative_to(book.workspace.root.resolve()) and path.is_file()
        state = path.stat() if inside else None
    except (OSError, ValueError, RuntimeError):
        state = None
    if state is None:
        return "missing"
    return _digest(str(path), state.st_size, state.st_mtime_ns, state.st_ino)


@functools.lru_cache(maxsize=4096)
def _digest(path: str, size: int, changed_ns: int, inode: int) -> str:  # noqa: ARG001 - they say that it is the same
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
