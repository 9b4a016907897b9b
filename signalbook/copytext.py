"""A post's body → the text, parts and additions for one channel.

Text networks get plain text as written; channels that take HTML get the Markdown of their section. Everything added on
the way is added here, before anything is counted, previewed, approved or hashed, so that what was seen is what is sent.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signalbook import prose
from signalbook.model import Post
from signalbook.settings import Channel

HTML_CONNECTORS = frozenset({"feed", "wordpress", "mail"})
"""Connectors whose copy is Markdown and goes out as HTML; a rule there is a rule and a heading a heading."""

THREAD_CONNECTORS = frozenset({"bluesky", "mastodon", "x", "threads", "matrix", "console"})
"""Connectors on which a line of three dashes starts the next part."""

_HEADING = re.compile(r"^##[ \t]+(\S+)[ \t]*$")
_FENCE = re.compile(r"^(```|~~~)")
_RULE = re.compile(r"^---[ \t]*$")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a post's body.

    Attributes:
        channel: the channel whose own copy it is; empty for the copy of every channel.
        text: as written, without empty lines around it.
        line: 1-based line in the file on which the text begins.
    """

    channel: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a delivery: a post, or one post of a thread.

    Attributes:
        text: as it will be sent.
        line: 1-based line in the file on which it begins.
    """

    text: str
    line: int


def sections(body: str, keys: Iterable[str], first_line: int = 1) -> tuple[Section, ...]:
    """Cut a body at the level-two headings that are exactly a channel's key; headings inside code are text.

    The copy of every channel comes first, also when it is empty.
    """
    known = frozenset(keys)
    found: list[tuple[str, int, list[str]]] = [("", first_line, [])]
    fence = ""
    for number, line in enumerate(body.split("\n"), first_line):
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence == mark[1] else fence or mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading and heading[1] in known:
            found.append((heading[1], number + 1, []))
        else:
            found[-1][2].append(line)
    return tuple(_trimmed(channel, line, lines) for channel, line, lines in found)


def _trimmed(channel: str, line: int, lines: list[str]) -> Section:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return Section(channel, "\n".join(item.rstrip() for item in lines[start:end]), line + start)


@functools.lru_cache(maxsize=20_000)
def _sections(body: str, keys: tuple[str, ...], first_line: int) -> tuple[Section, ...]:
    return sections(body, keys, first_line)


def section_for(post: Post, key: str, channels: Mapping[str, Channel]) -> Section:
    """The copy of a post for a channel: its own section, or the one for every channel."""
    found = _sections(post.body, tuple(channels), post.body_line)
    return next((section for section in reversed(found) if section.channel == key), found[0])


def parts(post: Post, key: str, channels: Mapping[str, Channel]) -> tuple[Part, ...]:
    """What goes out on a channel, part by part; one part everywhere but on networks with threads.

    Empty when there is no copy for the channel.
    """
    section = section_for(post, key, channels)
    connector = channels[key].connector if key in channels else key
    if not section.text:
        return ()
    if connector in HTML_CONNECTORS or "---" not in section.text:
        found: tuple[Part, ...] = (Part(section.text, section.line),)
    else:
        found = split_thread(section.text, section.line)
        if connector not in THREAD_CONNECTORS and len(found) > 1:
            found = (Part("\n\n".join(part.text for part in found), found[0].line),)
    words = disclosed(post, section.text)
    return (Part(f"{words} {found[0].text}", found[0].line), *found[1:]) if words and found else found


DISCLOSED: Mapping[str, Mapping[str, str]] = {
    "en": {
        "employee": "I work here.",
        "gifted": "I got this free of charge.",
        "paid": "Ad.",
        "affiliate": "Ad. I earn money if you buy through this link.",
        "partner": "Ad, together with a partner.",
    },
    "de": {
        "employee": "Ich arbeite hier.",
        "gifted": "Kostenlos erhalten.",
        "paid": "Anzeige.",
        "affiliate": "Anzeige. Ich verdiene mit, wenn Sie über diesen Link kaufen.",
        "partner": "Anzeige, gemeinsam mit einem Partner.",
    },
}
"""Language → connection → the words that come before everything else; English where a language has none."""


def disclosed(post: Post, text: str) -> str:
    """What is put before the copy so that readers know of the author's connection; empty when there is none to tell."""
    kind = post.disclosure
    if kind is None or kind == "not-needed":
        return ""
    lang = (post.locale or "").partition("-")[0] or prose.language(prose.read(text).words)
    words = DISCLOSED.get(lang, DISCLOSED["en"])[kind]
    return "" if text.startswith(words.rstrip(".")) else words


def split_thread(text: str, first_line: int = 1) -> tuple[Part, ...]:
    """Cut at lines of three dashes; empty parts are left out."""
    out: list[Part] = []
    lines: list[str] = []
    start = first_line
    for number, line in enumerate([*text.split("\n"), "---"], first_line):
        if _RULE.match(line):
            section = _trimmed("", start, lines)
            if section.text:
                out.append(Part(section.text, section.line))
            lines, start = [], number + 1
        else:
            lines.append(line)
    return tuple(out)


def copies(post: Post, channels: Mapping[str, Channel]) -> dict[str, tuple[Part, ...]]:
    """Channel → what goes out there, for every channel the post names."""
    return {key: parts(post, key, channels) for key in post.channels}


def takes_html(channel: Channel | None) -> bool:
    """Whether a channel's copy is Markdown that goes out as HTML."""
    return channel is not None and channel.connector in HTML_CONNECTORS


def own_sections(post: Post, channels: Mapping[str, Channel]) -> tuple[Section, ...]:
    """Every stretch of the body, the one for every channel first."""
    return _sections(post.body, tuple(channels), post.body_line)
