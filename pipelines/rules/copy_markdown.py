"""Copy for text networks is plain text: Markdown marks would be seen as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from signalbook import copytext, posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_MARKS = (
    ("bold", "**", pattern(r"(?<![\w*])\*\*(?=\S)[^*\n]+\*\*(?!\w)")),
    ("bold", "__", pattern(r"(?<!\w)__(?=\S)[^_\n]+__(?!\w)")),
    ("link", "](", pattern(r"!?\[[^\[\]\n]+\]\([^()\s]+[^()\n]*\)")),
    ("heading", "# ", pattern(r"^#{1,6}[ \t]+\S.*$", re.MULTILINE)),
    ("code", "```", pattern(r"^```.*$", re.MULTILINE)),
    ("code", "~~~", pattern(r"^~~~.*$", re.MULTILINE)),
    ("italic", "*", pattern(r"(?<![\w*])\*(?=[^\W_])[^*\n]*[^\s*]\*(?![\w*])")),
    ("html", "<", pattern(r"<!--.*?-->|</?(?:b|i|em|strong|a|p|br|ul|li|h[1-6]|img|div|span)(?:\s[^<>]*)?/?>")),
)
"""What it is, the sign to look for first, the mark."""
_SIGNS = "*_]#`~<"
"""A letter of each of these signs: one letter is found many times faster than two."""
_WHY = {
    "bold": (
        "Asterisks do not make bold here",
        "Take the marks out; put the word first in its sentence if it matters.",
    ),
    "italic": ("Asterisks do not make italics here", "Take the marks out, or use quotation marks."),
    "link": (
        "A link in brackets does not become a link here",
        "Write the words, a colon and the address, or set `link:`.",
    ),
    "heading": ("A number sign does not make a heading here", "Write the words on a line of their own."),
    "code": ("Backticks do not make code here", "Write the text without them."),
    "html": ("HTML does not work here", "Take the tags out."),
}


@rule(
    "copy-markdown",
    level=Level.WARN,
    about="Copy for text networks holds no Markdown and no HTML.",
    source="own: copy is text",
    waive="A",
    alone=True,
)
def copy_markdown(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find marks that people would see; one finding a stretch of copy."""
    for view in posts.views(book):
        for said in view.said:
            text = said.text
            if said.field or not prose.holds(text, _SIGNS):
                continue
            found = [
                (match.start(), kind, match[0])
                for kind, sign, pattern in _MARKS
                if sign in text
                for match in pattern.finditer(text)
                if kind != "heading" or not copytext.meant_for(match[0], book.settings.channels)  # copy-place tells it
            ]
            on = [channel for channel in said.channels if not copytext.takes_html(channel)] if found else []
            if not on:
                continue
            start, kind, mark = min(found)
            why, remedy = _WHY[kind]
            more = len(found) - 1
            names = " and ".join((", ".join(c.name for c in on[:-1]), on[-1].name)) if len(on) > 1 else on[0].name
            yield ask(
                view.post, "",
                f"{why}: {names} would show “{prose.short(mark, 40)}” as it is typed."
                + (f" {more} more {'mark' if more == 1 else 'marks'} below." if more else ""),
                remedy, **posts.where(said, start),
            )  # fmt: skip
