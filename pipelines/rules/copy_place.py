"""Each stretch of copy goes where its writer thinks it goes, and no channel gets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from signalbook import copytext, posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.pattern import pattern
from signalbook.posts import View
from signalbook.rule import Ask, rule
from signalbook.settings import Channel

_HEADING = pattern(r"^ {0,3}#", re.MULTILINE)


@rule(
    "copy-place",
    level=Level.BLOCK,
    about="A channel's own copy stands once, under its exact key, in a post that goes there; no channel gets an empty post.",
    source="own",
    alone=True,
)
def copy_place(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find copy under headings that begin no channel's copy, twice or nowhere, and channels without copy."""
    for view in posts.views(book):
        if "#" in view.post.body and _HEADING.search(view.post.body):
            yield from _headings(view, book, ask)
        if "##" in view.post.body or not view.post.body or view.post.body.isspace():
            yield from _empty(view, book, ask)


def _headings(view: View, book: Book, ask: Ask) -> Iterator[Finding]:
    post, channels = view.post, book.settings.channels
    seen: dict[str, int] = {}
    for section in copytext.own_sections(post, channels):
        goes = section.channel or ""
        if goes and goes in seen:
            yield ask(
                post, "",
                f"A second “## {goes}” stands here; the copy of the first, from line {seen[goes]} on, would be lost.",
                "Put the copy together under one heading.", line=section.line,
            )  # fmt: skip
        elif goes and goes not in post.channels:
            yield ask(
                post, "",
                f"This copy is for {channels[goes].name}, and the post does not go there, so nobody would read it.",
                f"Add `{goes}` to `channels`, or take the copy out.", level=Level.WARN, line=section.line,
            )  # fmt: skip
        if goes:
            seen.setdefault(goes, section.line)
        readers = [channel for channel in view.channels if goes in {"", channel.key}]
        if "#" not in section.text or all(copytext.takes_html(channel) for channel in readers):
            continue
        fenced = False
        for number, line in enumerate(section.text.split("\n"), section.line):
            fenced ^= line.startswith(("```", "~~~"))
            meant = "" if fenced or "#" not in line else copytext.meant_for(line, channels)
            if not meant:
                continue
            if meant in channels:
                why, remedy = f"only “## {meant}” begins the copy of {channels[meant].name}", f"Write `## {meant}`."
            else:
                why = f"the team has no channel “{meant}”"
                remedy = f"Use one of: {', '.join(channels)}; add [channels.{meant}] to signalbook.toml, or take the copy out."
            yield ask(
                post, "",
                f"“{line.strip()}” is sent as it stands, with all that follows, to {_names(readers)}: {why}.",
                remedy, line=number,
            )  # fmt: skip


def _empty(view: View, book: Book, ask: Ask) -> Iterator[Finding]:
    post = view.post
    if not post.is_ready or post.media or post.link or post.repost_of or post.quote_of or post.poll:
        return
    silent = [
        channel for channel in view.channels
        if not copytext.section_for(post, channel.key, book.settings.channels).text
    ]  # fmt: skip
    if silent:
        yield ask(
            post, "", f"The post is approved and says nothing on {_names(silent)}: no words, no picture, no link.",
            "Write the copy below the second line of dashes, or set `status: draft`.", line=post.body_line,
        )  # fmt: skip


def _names(channels: Sequence[Channel]) -> str:
    names = [channel.name for channel in channels]
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names) or "every channel"
