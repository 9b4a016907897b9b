"""Speech in a video or a sound has captions that a person made or corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

SPOKEN = (".mp4", ".mov", ".webm", ".m4v", ".mp3", ".wav", ".m4a", ".ogg", ".oga", ".flac")
_SILENT = pattern(
    r"\b(?:no|without) (?:speech|sound|audio|words)\b|\bsilent\b|\bohne (?:sprache|ton|worte)\b|\bstumm\b",
    re.IGNORECASE,
)


@rule(
    "captions",
    level=Level.BLOCK,
    about="Speech in video or sound has captions.",
    source="WCAG 2.2, 1.2.2",
    waive="A",
    alone=True,
)
def captions(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find films and sounds without captions."""
    for view in posts.views(book):
        for index, media in enumerate(view.post.media):
            if not media.src or media.captions or media.decorative or not media.src.lower().endswith(SPOKEN):
                continue
            if media.alt and _SILENT.search(media.alt):
                continue
            name = media.src.rpartition("/")[2]
            yield ask(
                view.post, f"media.{index}",
                f"{name} has no captions, so people who cannot hear it, or watch without sound, miss what is said.",
                f"Add the file and name it: `captions: {media.src.rpartition('.')[0]}.vtt`. If nobody speaks in it, say so in "
                "`alt`: “…, no speech”.",
            )  # fmt: skip
