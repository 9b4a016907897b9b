"""A post as each network will show it: its parts with their counts, what was added, its files, and what is missing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from signalbook import approval, copytext, counting, media, posts, prose
from signalbook.classes import dataclass
from signalbook.model import Post
from signalbook.pattern import pattern

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.copytext import Outgoing
    from signalbook.findings import Finding

LOOKS: frozenset[str] = frozenset(
    {"alt-text", "captions", "copy-markdown", "count-limit", "disclosure", "link-domain", "media", "media-fit", "post-time",
     "thread-alone"}
)  # fmt: skip
"""Rules whose findings say that a post would look otherwise than meant, or would not go out."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of a post on one channel.

    Attributes:
        counted: how long it is there.
        fold: readers see no more than ``text[:fold]`` until they ask; the whole length where they see all.
        cut: ``text[cut:]`` does not fit; the whole length where all fits.
    """

    text: str
    counted: counting.Count
    fold: int
    cut: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A file as it will be sent.

    Attributes:
        facts: what it is, in words.
        problem: why it would not be taken; empty when it is.
    """

    src: str
    alt: str
    facts: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A post on one channel."""

    channel: str
    name: str
    out: Outgoing
    parts: tuple[Shown, ...]
    pictures: tuple[Picture, ...] = ()
    missing: tuple[Finding, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)


def previews(book: Book, post: Post, now: datetime, channel: str = "") -> list[Preview]:
    """A post on each of its channels, or on one of them. Reads the files it names; changes nothing."""
    found = _missing(book, post, now)
    return [
        _preview(book, post, key, found)
        for key in dict.fromkeys(post.channels)
        if key in book.settings.channels and channel in {"", key}
    ]


def _preview(book: Book, post: Post, key: str, found: tuple[Finding, ...]) -> Preview:
    channel = book.settings.channels[key]
    out = posts.outgoing(book, post, key)
    limit = counting.limit_of(channel)
    counts = copytext.counts(out, book.settings.channels)
    parts = tuple(
        Shown(part.text, counted, *places(part.text, out.warning, counted, limit))
        for part, counted in zip(out.parts, counts, strict=True)
    )
    beside = {
        "answers": post.in_reply_to, "quotes": post.quote_of, "repeats": post.repost_of,
        "poll": " | ".join(post.poll.options) if post.poll else "", "first comment": out.first_comment,
    }  # fmt: skip
    said = {name: str(value) for name, value in beside.items() if value}
    return Preview(
        key, channel.name or key, out, parts, tuple(_pictures(book, post, out, channel.name or key)), found, said
    )


def places(text: str, before: str, counted: counting.Count, limit: counting.Limit | None) -> tuple[int, int]:
    """After how many characters readers see "more", and how many fit: the whole length where they see all and all fits."""
    if limit is None:
        return len(text), len(text)
    letters = prose.graphemes(text)
    fold = len("".join(letters[: limit.fold])) if 0 < limit.fold < min(limit.limit, len(letters)) else len(text)
    if fold < len(text) and (space := max(text.rfind(sign, fold - 20, fold + 1) for sign in " \n")) > 0:
        fold = space + 1  # networks fold between words
    if counted.fits:
        return fold, len(text)
    low, high = 0, len(letters)
    while low < high:
        middle = (low + high + 1) // 2
        if counting.count(limit.name, "".join(letters[:middle]), before=before, limit=limit).fits:
            low = middle
        else:
            high = middle - 1
    return fold, len("".join(letters[:low]))


def _pictures(book: Book, post: Post, out: Outgoing, name: str) -> Iterator[Picture]:
    for one in post.media:
        src = str(one.src or "")
        alt = "" if one.decorative else one.alt or ""
        path = approval.media_path(book, post, src)
        try:
            data = path.read_bytes() if path.resolve().is_relative_to(book.workspace.root.resolve()) else b""
        except OSError:
            data = b""
        if not data:
            yield Picture(src, alt, "", "the file is not there")
            continue
        network = out.network or book.settings.channels[out.channel].connector
        made = media.fitted(data, network, name)
        if isinstance(made, media.Problem):
            yield Picture(src, alt, "", f"{made.message} {made.remedy}")
            continue
        measure = f", {made.width} × {made.height}" if made.width else ""
        done = f"; {'; '.join(made.done)}" if made.done else ""
        yield Picture(src, alt, f"{made.mime}{measure}, {len(made.data):,} bytes{done}")


def _missing(book: Book, post: Post, now: datetime) -> tuple[Finding, ...]:
    """What the checks say of this post alone that bears on how it will look."""
    from signalbook import checking

    alone = replace(book, documents={**book.documents, Post: (post,)})
    rules = checking.rules()
    found = [
        finding
        for name in sorted(LOOKS & rules.keys())
        for finding in rules[name](alone, now)
        if finding.path == post.path
    ]
    return tuple(sorted(found, key=lambda finding: finding.line))


# --- in words --------------------------------------------------------------------------------------------------------

_CONTROL = pattern("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def _safe(text: str) -> str:
    """A text without what could move a terminal's cursor; emoji keep the signs that join them."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\t", "    "))


_BOLD, _DIM, _RED, _YELLOW, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_KINDS = {"link": "\x1b[4;34m", "mention": "\x1b[34m", "tag": "\x1b[34m"}


def lines(one: Preview, *, colour: bool = False) -> Iterator[str]:
    """A preview as a terminal shows it; without colours it says the same."""

    def paint(code: str, text: str) -> str:
        return f"{code}{text}{_OFF}" if colour else text

    if not one.parts:
        yield paint(_BOLD, one.channel)
        yield paint(_YELLOW, "  No words for this channel, and nothing else that goes out.")
    for number, part in enumerate(one.parts, 1):
        counted = part.counted
        if number > 1:
            yield ""
        size = f"{counted.count} of {counted.limit}" if counted.limit else f"{counted.count}"
        wrong = "" if counted.fits else paint(_RED, ", too long")
        yield paint(_BOLD, f"{one.channel}, part {number}: {size}") + wrong
        if number == 1 and one.out.title:
            yield f"  {paint(_DIM, 'title:')} {_safe(one.out.title)}"
        if one.out.warning:
            yield f"  {paint(_DIM, 'warning:')} {_safe(one.out.warning)}"
        places = sorted({0, part.fold, part.cut, len(part.text)})
        for start, end in itertools.pairwise(places):
            if start and start == part.cut:
                yield paint(_RED, f"  --- {one.name} takes no more than this ---")
            elif start and start == part.fold:
                yield paint(_DIM, f"  --- {one.name} shows “more” about here ---")
            yield from (
                f"  {line}".rstrip() for line in _marked(_safe(part.text[start:end]), one.out.network, colour=colour)
            )
    for name, said in _notes(one):
        yield f"  {paint(_DIM, f'{_safe(name)}:')} {_safe(said)}"
    for finding in one.missing:
        yield (
            paint(_YELLOW if finding.level.value != "block" else _RED, f"  {finding.level.value}, {finding.rule}: ")
            + _safe(finding.message)
        )


def _marked(text: str, network: str, *, colour: bool) -> list[str]:
    if not colour:
        return text.split("\n")
    pieces = copytext.shown(text, network)
    marked = "".join(f"{_KINDS[piece.kind]}{piece.text}{_OFF}" if piece.kind else piece.text for piece in pieces)
    return marked.split("\n")


def _notes(one: Preview) -> Iterator[tuple[str, str]]:
    out = one.out
    if out.link_in in {"card", "field"}:
        yield ("card" if out.link_in == "card" else "link beside the text"), out.link
    for picture in one.pictures:
        alt = f"“{picture.alt}”" if picture.alt else "no alternative text"
        yield picture.src, f"{picture.problem}; {alt}" if picture.problem else f"{picture.facts}; {alt}"
    yield from one.beside.items()
    if out.disclosure:
        yield "put first", out.disclosure
    if out.signature:
        yield "put last", out.signature
    if out.tracking:
        yield "in links", "&".join(f"{key}={value}" for key, value in out.tracking.items())
    told: set[str] = set()
    for part in one.parts:
        for counted in part.counted.parts:
            said = (
                f"“{prose.short(counted.text, 40)}” {counted.counts}, {counted.rule}" if counted.text else counted.rule
            )
            if said not in told and len(told) < _MOST_COUNTED:
                told.add(said)
                yield "counts", said


_MOST_COUNTED = 3


def as_json(one: Preview) -> list[dict[str, Any]]:
    """An object a part; what belongs to the whole stands in each."""
    out = one.out
    whole = {
        "name": one.name, "network": out.network, "form": out.form, "title": out.title, "warning": out.warning, "lang": out.lang,
        "link": out.link, "link_in": out.link_in, "disclosure": out.disclosure, "signature": out.signature, "tracking": dict(out.tracking),
        "beside": dict(one.beside),
        "media": [{"src": p.src, "alt": p.alt, "facts": p.facts, "problem": p.problem} for p in one.pictures],
        "missing": [{"rule": f.rule, "level": f.level.value, "message": f.message, "remedy": f.remedy} for f in one.missing],
    }  # fmt: skip
    return [
        {
            "channel": one.channel, "part": number, "text": part.text, "count": part.counted.count, "limit": part.counted.limit,
            "fits": part.counted.fits, "fold": part.fold if part.fold < len(part.text) else None,
            "over": part.text[part.cut :],
            "parts": [{"text": p.text, "counts": p.counts, "rule": p.rule} for p in part.counted.parts],
            "links": [{"kind": p.kind, "text": p.text, "value": p.value} for p in copytext.shown(part.text, out.network) if p.kind],
            **whole,
        }
        for number, part in enumerate(one.parts, 1)
    ]  # fmt: skip
