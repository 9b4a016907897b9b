"""Every picture says what it tells, or is marked as an ornament."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import counting, posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Media
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

MOVING = (".mp4", ".mov", ".webm", ".m4v", ".mp3", ".wav", ".m4a", ".ogg", ".vtt", ".srt", ".pdf")
_FILE = pattern(
    r"[\w-]+\.(?:png|jpe?g|gif|webp|avif|svg|heic|tiff?)|(?:img|dsc|pxl|screenshot|bild)[-_ ]?\d[\w -]*", re.IGNORECASE
)
_OPENING = pattern(
    r"(?:an? |the )?(?:image|picture|photo|photograph|graphic|screenshot) (?:of|showing)\b|"
    r"(?:ein |das )?(?:bild|foto|abbildung|grafik|screenshot) (?:von|des|der|mit|eines|einer)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    {
        "alt",
        "alt text",
        "alttext",
        "image",
        "picture",
        "photo",
        "bild",
        "foto",
        "todo",
        "tbd",
        "tba",
        "...",
        "…",
        "x",
        "-",
    }
)


@rule(
    "alt-text",
    level=Level.BLOCK,
    about="Every picture says what it tells, or is marked decorative.",
    source="WCAG 2.2, 1.1.1",
    waive="A",
    alone=True,
)
def alt_text(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find pictures that say nothing to somebody who cannot see them."""
    for view in posts.views(book):
        for index, media in enumerate(view.post.media):
            if not media.src or media.decorative or media.src.lower().endswith(MOVING):
                continue
            wrong = _wrong(media) or _too_long(media, view)
            if wrong:
                yield ask(view.post, f"media.{index}.alt" if media.alt else f"media.{index}", *wrong)


def _wrong(media: Media) -> tuple[str, str] | None:
    alt = (media.alt or "").strip()
    name = (media.src or "").rpartition("/")[2]
    if not alt:
        return (
            f"The picture {name} has no alt text, so somebody who cannot see it learns nothing from it.",
            'Write what it tells here: `alt: "…"`; or `decorative: true` if it tells nothing.',
        )
    if alt.lower() in _EMPTY or _FILE.fullmatch(alt) or alt.lower() == name.rpartition(".")[0].lower():
        return (
            f"“{prose.short(alt)}” is the name of a thing, and a screen reader would read it aloud instead of the picture.",
            "Write what the picture tells: who does what, or the point of the chart.",
        )
    if found := _OPENING.match(alt):
        return (
            f"The alt text begins with “{found[0]}”. Screen readers already say that it is a picture, so people hear it twice.",
            "Begin with what the picture tells.",
        )
    return None


def _too_long(media: Media, view: posts.View) -> tuple[str, str] | None:
    length = len(media.alt or "")
    if length <= 400:
        return None
    for channel in view.channels:
        limit = counting.limit_of(channel)
        if limit and limit.alt and length > limit.alt:
            return (
                f"The alt text has {length:,} characters and {channel.name} takes {limit.alt:,}; the end would be lost.",
                "Say the point in a sentence or two, and put the details into the copy or on the page it leads to.",
            )
    return None
