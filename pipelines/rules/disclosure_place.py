"""A disclosure stands first, in words that readers understand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import copytext, posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_WEAK = pattern(
    r"(?<!\w)#(?:sp|spon|collab|ambassador|partner|thanks|client)\b|\bthanks to @|\bdank an @|\bin collab with\b"
)
_FIRST = frozenset(["sp", "spon", "collab", "ambassador", "partner", "thanks", "client", "dank"])
_LATE = pattern(r"(?<!\w)#(?:ad|anzeige|werbung|sponsored|gifted)\b")
_TAGS = frozenset(["ad", "anzeige", "werbung", "sponsored", "gifted"])


@rule(
    "disclosure-place", level=Level.BLOCK, waive="L", source="FTC Disclosures 101; ASA guidance",
    about="A disclosure stands first, in plain words of the post's language, never among hashtags.",
    alone=True,
)  # fmt: skip
def disclosure_place(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find disclosures that readers would not see or not understand."""
    for view in posts.views(book):
        kind = view.post.disclosure
        if kind in {None, "not-needed"}:
            continue
        if not copytext.speaks(view.lang, book.settings.more.get("disclosure")):
            yield ask(
                view.post, "locale" if view.post.locale else "disclosure",
                f"The post is in “{view.lang}” and the words that are put first are there in English only, which its readers need not know.",
                f'Write them under [disclosure.{view.lang}] in signalbook.toml: {kind} = "…".', level=Level.WARN,
            )  # fmt: skip
        for said in view.said:
            if not said.prose.words.isdisjoint(_FIRST) and (found := _WEAK.search(said.prose.low)):
                yield ask(
                    view.post, said.field,
                    f"“{found[0]}” does not tell readers of a connection; most take it for a tag or a courtesy.",
                    f"Take it out. `disclosure: {kind}` puts plain words first on every channel.",
                    **posts.where(said, found.start()),
                )  # fmt: skip
            elif (
                not said.prose.words.isdisjoint(_TAGS) and (found := _LATE.search(said.prose.low)) and found.start() > 0
            ):
                yield ask(
                    view.post, said.field,
                    f"“{found[0]}” stands after the copy, where many readers have stopped.",
                    f"Take it out. `disclosure: {kind}` puts plain words first on every channel.",
                    **posts.where(said, found.start()),
                )  # fmt: skip
