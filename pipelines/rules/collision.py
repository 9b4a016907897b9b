"""Two posts of ours do not run into each other, in time or in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Duration, Post
from signalbook.pattern import pattern
from signalbook.posts import Said, View
from signalbook.rule import Ask, rule

_NEAR = timedelta(days=14)
_ALIKE = 0.8
_FEW = 3
_SENTENCE = pattern(r"[.!?…]+\s|\n")
_LETTERS = pattern(r"[^\W_]+")


_GAPS = {number: " " for number in range(128) if not chr(number).isalnum() and chr(number) != "\n"}
"""For ``str.translate``: of ASCII, what is no letter and no number, but the line break that ends a sentence."""


def _sentences(post: Post) -> bytes:
    """The words of each sentence of a post's body as 8 bytes; the same words, the same bytes."""
    return b"".join(
        [
            hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest()
            for words in _words(post.body.lower())
            if len(words) >= _FEW
        ]
    )


def _words(text: str) -> list[list[str]]:
    """The words of each sentence."""
    if text.isascii() and not prose.holds(text, "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"):
        # Where a mark can have nothing behind it but a blank, replacing finds the sentences in a third of the time.
        for end in (". ", "! ", "? "):
            text = text.replace(end, "\n")
        return [sentence.split() for sentence in text.translate(_GAPS).split("\n")]
    return [_LETTERS.findall(sentence) for sentence in _SENTENCE.split(text)]


@rule(
    "collision",
    level=Level.WARN,
    about="Two posts on a channel keep their distance, and say different things within 14 days.",
    source="own; networks' spam rules",
    waive="A",
    look=_sentences,
)
def collision(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts too close to another on the same channel, and near copies."""
    coming = sorted(
        (
            (view.at, view)
            for view in posts.views(book)
            if view.at is not None and view.at >= now - _NEAR and view.post.status != "idea"
        ),
        key=lambda row: (row[0], row[1].post.slug),
    )
    yield from _too_close(book, coming, now, ask)
    yield from _alike(_perhaps(coming, ask), now, ask)


def _perhaps(coming: list[tuple[datetime, View]], ask: Ask) -> list[tuple[datetime, View]]:
    """Those that share a sentence's words with another within fourteen days; the others need no closer look."""
    said = [set(memoryview(ask.first(view.post)).cast("Q")) for _, view in coming]
    once: set[int] = set()
    again: set[int] = set()
    for keys in said:
        again |= once & keys
        once |= keys
    seen: dict[int, tuple[datetime, int]] = {}
    near: set[int] = set()
    for number, ((at, _), keys) in enumerate(zip(coming, said, strict=True)):
        for key in again & keys:
            before = seen.get(key)
            if before is not None and at - before[0] <= _NEAR:
                near |= {before[1], number}
            seen[key] = (at, number)
    return [row for number, row in enumerate(coming) if number in near]


def _too_close(book: Book, coming: list[tuple[datetime, View]], now: datetime, ask: Ask) -> Iterator[Finding]:
    usual = _span(ask.limit("spacing", ""))
    own = {key: channel.cadence.spacing for key, channel in book.settings.channels.items()}
    apart = {key: spacing for key, one in own.items() if (spacing := one.elapsed if one is not None else usual)}
    last: dict[str, tuple[datetime, View]] = {}
    for at, view in coming if apart else ():
        for channel in view.channels:
            if (between := apart.get(channel.key)) is None:
                continue
            before = last.get(channel.key)
            last[channel.key] = (at, view)
            if before is None or before[1] is view or at - before[0] >= between or not view.ahead(now):
                continue
            yield ask(
                view.post, "publish_at",
                f"It goes out on {channel.name} {_apart(at - before[0])} “{before[1].post.name}”; two of ours keep {_told(between)} "
                "between them there.",
                f"Write `publish_at: {posts.written(book, before[0] + between)}` or later, or move the other one.",
            )  # fmt: skip
            break


def _alike(coming: list[tuple[datetime, View]], now: datetime, ask: Ask) -> Iterator[Finding]:
    seen: dict[str, list[tuple[datetime, View, Said]]] = {}
    for at, view in coming:
        told = False
        if view.post.type in {"holding", "repost"} or view.post.evergreen:
            continue
        for said in view.said:
            if said.field or len(said.prose.words) < 6:
                continue
            keys = {
                prose.same(sentence.text) for sentence in prose.sentences(said.prose.bare) if len(sentence.text) > 24
            }
            others = {id(row[1]): row for key in keys for row in seen.get(key, ())}
            for then, other, their in others.values():
                if told or other is view or at - then > _NEAR or not view.ahead(now):
                    continue
                shared = {channel.key for channel in said.channels} & {channel.key for channel in their.channels}
                if shared and _share(said.prose.words, their.prose.words) >= _ALIKE:
                    told = True
                    name = next(channel.name for channel in said.channels if channel.key in shared)
                    yield ask(
                        view.post, "",
                        f"It says nearly the same on {name} as “{other.post.name}” on {then:%Y-%m-%d}; readers see a repeat, and networks "
                        "may take it for spam.",
                        "Say it from another side, or leave fourteen days between the two.", **posts.where(said, 0),
                    )  # fmt: skip
            for key in keys:
                seen.setdefault(key, []).append((at, view, said))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _span(text: object) -> timedelta:
    try:
        return Duration.parse(str(text)).elapsed
    except ValueError:
        return timedelta()


def _apart(gap: timedelta) -> str:
    return "at the same minute as" if gap < timedelta(minutes=1) else f"{_told(gap)} after"


def _told(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes >= 2880:
        return f"{minutes // 1440} days"
    if minutes >= 60 and minutes % 60 == 0:
        return "an hour" if minutes == 60 else f"{minutes // 60} hours"
    return (
        "a minute"
        if minutes == 1
        else f"{minutes} minutes"
        if minutes < 60
        else f"{minutes // 60} h {minutes % 60} min"
    )
