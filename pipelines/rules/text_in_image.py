"""Words in a picture stand in the copy or in the alt text too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_WORDS = (
    r"\b(?:quotes?|quotation|text|headline|slogan|caption|poster|flyer|leaflet|slide|sign|banner|infographic|zitat|schriftzug|schlagzeile"
    r"|überschrift|plakat|flugblatt|folie|schild|banner|infografik)\b"
)
_TEXT = pattern(_WORDS, re.IGNORECASE)
_SMALL = pattern(_WORDS)
"""The same in small letters, found in a fifth of the time; of ASCII both find the same."""
_QUOTED = pattern(r"[\"“”„«»‘‚]|\b(?:reads?|reading|says|saying|lautet|steht)\b|:\s*\S", re.IGNORECASE)


@rule(
    "text-in-image",
    level=Level.WARN,
    about="Words in a picture stand in the copy or in the alt text too.",
    source="WCAG 2.2, 1.4.5",
    waive="A",
    alone=True,
)
def text_in_image(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find alt texts that say a picture holds words and do not say which."""
    for view in posts.views(book):
        for index, media in enumerate(view.post.media):
            alt = "" if media.decorative else media.alt or ""
            found = _SMALL.search(alt.lower()) if alt.isascii() else _TEXT.search(alt)
            if not found or _QUOTED.search(alt) or len(prose.words(alt)) > 12:
                continue
            yield ask(
                view.post, f"media.{index}.alt",
                f"The alt text tells of a {found[0].lower()} and not what stands on it, so its words reach only those who see them.",
                "Repeat the words: “…, which reads: …”; or put them into the copy.",
            )  # fmt: skip
