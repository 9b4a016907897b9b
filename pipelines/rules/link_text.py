"""The words of a link say where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import copytext, posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_LINK = pattern(r"(?<!!)\[([^\[\]\n]{1,200})\]\(([^()\s]+)[^()\n]*\)")
_EMPTY = frozenset(
    ["here", "click here", "read more", "more", "link", "this link", "this", "this page", "learn more", "see more", "find out more",
     "hier", "hier klicken", "klicken sie hier", "klick hier", "mehr", "mehr lesen", "weiterlesen", "mehr erfahren", "dieser link"]
)  # fmt: skip
_SAID = pattern(r"\bclick here\b|\btap here\b|\bhier klicken\b|\bklick(?:e|en sie)? hier\b")


@rule(
    "link-text", level=Level.WARN, about="A link says where it leads.", source="WCAG 2.2, 2.4.4", waive="A", alone=True
)
def link_text(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find links whose words say nothing, in articles, letters and copy."""
    for view in posts.views(book):
        for said in view.said:
            if "](" in said.text and any(copytext.takes_html(channel) for channel in said.channels):
                for found in _LINK.finditer(said.text):
                    if found[1].strip(" .!→»").lower() in _EMPTY:
                        yield ask(
                            view.post, said.field,
                            f"A link says only “{prose.short(found[1])}”. People who jump from link to link hear that and nothing else.",
                            "Let the link be the words that name what is there: “the seven questions”.",
                            **posts.where(said, found.start()),
                        )  # fmt: skip
            elif ("here" in said.prose.words or "hier" in said.prose.words) and (
                found_said := _SAID.search(said.prose.low)
            ):
                yield ask(
                    view.post, said.field,
                    f"“{found_said[0]}” says what to do with a mouse and not what waits there.",
                    "Say what the link leads to: “The checklist: https://…”.", **posts.where(said, found_said.start()),
                )  # fmt: skip
