"""How long a text is as each network counts it, and whether it fits.

Networks count graphemes, code points, UTF-16 units, bytes or weights; links, mentions, emoji and reserved characters
have lengths of their own. The numbers stand in ``limits.toml`` with their source and the day they were looked up; what
a service says of itself, and what a team sets for a channel, count more.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from importlib import resources
from typing import Any

from signalbook import prose, twitter_text
from signalbook.classes import dataclass
from signalbook.pattern import pattern
from signalbook.settings import CONNECTORS, Channel


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of ``limits.toml``.

    Attributes:
        name: the network, or the network and a field (``reddit.title``).
        limit: the most that fits.
        highest: the most that any credible source allows; equal to ``limit`` where sources agree.
        unit: ``graphemes``, ``code points``, ``utf-16``, ``bytes``, ``weighted`` or ``emoji bytes``.
        source: who says so.
        strength: ``official``, ``code`` or ``report``.
        as_of: the day on which the row was compared with its source.
        bytes: a second limit in UTF-8 bytes; 0 for none.
        link: what every link counts, whatever its length; 0 when it counts as it is.
        short_mentions: whether the server in a mention does not count.
        escaped: signs that are sent with a backslash before them, which counts.
        hashtags: how many hashtags it takes; 0 when unknown.
        mentions: how many mentions it takes; 0 when unknown.
        fold: after so many characters readers see no more until they ask; 0 when unknown.
        alt: how long an alt text may be, in code points; 0 when unknown.
    """

    name: str
    limit: int
    unit: str
    source: str
    strength: str
    as_of: date
    highest: int = 0
    bytes: int = 0
    link: int = 0
    short_mentions: bool = False
    escaped: str = ""
    hashtags: int = 0
    mentions: int = 0
    fold: int = 0
    alt: int = 0
    alt_strength: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that does not count as its plain length.

    Attributes:
        text: the stretch of text.
        counts: what it counts.
        rule: why.
    """

    text: str
    counts: int
    rule: str


@dataclass(frozen=True, slots=True)
class Count:
    """How long a text is.

    Attributes:
        count: its length as the network counts.
        limit: the most that fits; ``None`` when the network sets none.
        fits: whether it fits, a second limit included.
        parts: what was weighted, and by which rule.
    """

    count: int
    limit: int | None
    fits: bool
    parts: tuple[Part, ...] = ()


@functools.cache
def limits() -> Mapping[str, Limit]:
    """Network, or network and field (``reddit.title``) → its limit."""
    text = resources.files("signalbook").joinpath("limits.toml").read_text(encoding="utf-8")
    return {name: Limit(name=name, **{"highest": row["limit"], **row}) for name, row in tomllib.loads(text).items()}


def network_of(channel: Channel) -> str:
    """The network whose limits hold on a channel: its connector, or for posts placed by hand what the channel is called."""
    known = limits()
    if channel.connector in known:
        return channel.connector
    if channel.connector in {"manual", "apprise"}:
        for name in (channel.more.get("network"), channel.key, channel.name.lower()):
            if isinstance(name, str) and name in known:
                return name
    return ""


_SETTABLE = frozenset({"limit", "bytes", "link", "alt", "hashtags", "mentions", "fold"})
"""What a service or a team may say of itself, by the names of ``limits.toml``."""


def limit_of(channel: Channel, live: Mapping[str, int] | None = None) -> Limit | None:
    """The limit that holds on a channel; ``None`` when none is known.

    What the service says of itself (``live``, else ``channel.live``) beats ``limits.toml``; ``limits`` in the channel's table
    beats both.
    """
    base = limits().get(network_of(channel))
    written = channel.more.get("limits")
    own = dict(written) if isinstance(written, Mapping) else {}
    if (most := channel.more.get("max_characters")) is not None:
        own.setdefault("limit", most)
    heard = channel.live
    said = {**(heard.limits if heard else {}), **(live or {}), **own}
    said = {
        key: value
        for key, value in said.items()
        if key in _SETTABLE and isinstance(value, int) and not isinstance(value, bool) and value > 0
    }
    if not said:
        return base
    if base is None:
        if "limit" not in said:
            return None
        base = Limit(channel.key, said["limit"], "graphemes", "signalbook.toml", "report", date.min)
    if "limit" in said:
        said["highest"] = said["limit"]
    base = replace(base, **said)
    if heard and not live and "limit" in heard.limits and "limit" not in own:
        base = replace(base, source=heard.source, strength="official", as_of=heard.as_of)
    return base


def count(connector: str, text: str, *, before: str = "", limit: Limit | None = None) -> Count:
    """Count a text as a service counts it; without a limit, by what a reader sees as characters.

    ``before`` is a content warning, which counts with the text; ``limit`` is that of a channel with its own.
    """
    limit = limit or limits().get(connector)
    if limit is None:
        return Count(prose.length(before + text), None, fits=True)
    parts: list[Part] = []
    if before:
        parts.append(Part(before, prose.length(before), "the warning counts with the text"))
    total = _UNITS[limit.unit](text, limit, parts, before)
    fits = total <= limit.limit
    if limit.bytes and (size := len((before + text).encode("utf-8", "surrogatepass"))) > limit.bytes:
        parts.append(Part("", size, f"bytes in UTF-8, of {limit.bytes} that fit"))
        fits = False
    return Count(total, limit.limit, fits, tuple(parts))


def surely_fits(connector: str, text: str, limit: Limit | None = None) -> bool:
    """Whether a text is so short that counting cannot say otherwise; quick."""
    limit = limit or limits().get(connector)
    if limit is None:
        return True
    plain = text.isascii()
    most = len(text) * (2 if limit.escaped else 1 if plain else _MOST[limit.unit])
    if limit.link:
        most += text.count(".") * limit.link  # a link holds a dot
    return most <= limit.limit and (not limit.bytes or len(text) * (1 if plain else 4) <= limit.bytes)


_MOST: Mapping[str, int] = {"graphemes": 1, "code points": 1, "utf-16": 2, "bytes": 4, "emoji bytes": 4, "weighted": 6}
"""What a sign counts at most: on X one that NFC takes apart into three, each of weight 2."""


def count_lines(connector: str, lines: Iterable[str], limit: Limit | None = None) -> Iterator[dict[str, Any]]:
    """Count JSON strings, one a line; an object a line with ``count``, ``limit``, ``fits`` and ``parts``.

    A line that is no JSON string gives an object with ``error``, so that answers stay beside their lines.

    Raises:
        UsageError: there is no such service.
    """
    if limit is None and connector not in limits() and connector not in CONNECTORS:
        from signalbook.decode import near, shortened
        from signalbook.errors import UsageError

        known = tuple(sorted({*limits(), *CONNECTORS}))
        message = f"“{shortened(connector)}” is no service that can be counted for.{near(connector, known)} Known: {', '.join(known)}."
        raise UsageError(message)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)
        except ValueError as error:
            yield _unread(f"line {number} is no JSON: {error}")
            continue
        if not isinstance(text, str):
            yield _unread(f'line {number} is no JSON string; write "…" with quotation marks')
            continue
        yield asdict(count(connector, text, limit=limit))


def _unread(error: str) -> dict[str, Any]:
    return {"count": None, "limit": None, "fits": None, "parts": (), "error": error}


# --- units -----------------------------------------------------------------------------------------------------------

_LINK_RULE = "every link counts the same"
_MENTION_RULE = "the server in a mention does not count"

_USER = r"[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*"
_REMOTE = pattern(rf"(?<![=/\w])@(?:{_USER})(@\w+(?:[.-]+\w+)*)?", re.IGNORECASE)
"""A mention on Mastodon (``Account::MENTION_RE``); its group is the server, which does not count."""
_NO_MENTION = pattern(r"[@＠]|[\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0300-\u036F\u1E00-\u1EFF]|://")


def _graphemes(text: str, limit: Limit, parts: list[Part], before: str) -> int:
    """What readers see as characters; on Mastodon links are first replaced by 23 signs, and servers left out.

    As ``StatusLengthValidator`` of Mastodon does it: the warning joined with the rewritten text, in grapheme clusters.
    """
    found: list[tuple[int, int, str, Part]] = []
    if limit.link and "://" in text:
        for link in twitter_text.urls(text, twitter_text.MASTODON):
            said = text[link.start : link.end]
            found.append((link.start, link.end, "x" * limit.link, Part(said, limit.link, _LINK_RULE)))
    if limit.short_mentions and "@" in text:
        for match in _REMOTE.finditer(text):
            if match[1] and not _NO_MENTION.match(text, match.end()):
                name = text[match.start() : match.start(1)]
                found.append((match.start(), match.end(), name, Part(match[0], len(name), _MENTION_RULE)))
    if not found:
        return prose.length(before + text)
    pieces, last = [before], 0
    for start, end, instead, part in sorted(found, key=lambda row: row[:2]):
        if start < last:
            continue
        pieces += [text[last:start], instead]
        parts.append(part)
        last = end
    return prose.length("".join([*pieces, text[last:]]))


def _code_points(text: str, limit: Limit, parts: list[Part], before: str) -> int:
    extra = 0
    for mark in limit.escaped:
        if mark in text:  # hardly any is, and to count what is not there takes far longer
            number = text.count(mark)
            extra += number
            parts.append(Part(mark, 2 * number, f"{number} × 2: it is sent with a backslash before it"))
    return len(before) + len(text) + extra


def _utf16(text: str, limit: Limit, parts: list[Part], before: str) -> int:  # noqa: ARG001 - a unit's shape
    text = before + text
    if text.isascii():
        return len(text)
    heavy = sum(1 for letter in text if ord(letter) > _BASIC)
    if heavy:
        parts.append(Part("", 2 * heavy, f"{heavy} × 2: a sign beyond the basic plane, such as an emoji, is two units"))
    return len(text) + heavy


_BASIC = 0xFFFF


def _bytes(text: str, limit: Limit, parts: list[Part], before: str) -> int:  # noqa: ARG001 - a unit's shape
    return len((before + text).encode("utf-8", "surrogatepass"))


def _emoji_bytes(text: str, limit: Limit, parts: list[Part], before: str) -> int:  # noqa: ARG001 - a unit's shape
    text = before + text
    total = len(text)
    for found in prose.emoji(text):
        size = len(found.text.encode())
        total += size - len(found.text)
        parts.append(Part(found.text, size, "an emoji counts as its bytes in UTF-8"))
    return total


def _weighted(text: str, limit: Limit, parts: list[Part], before: str) -> int:
    """Code points of most alphabets weigh 1, others 2, an emoji of any length 2, a link 23."""
    found = twitter_text.weighed(before + text, limit.link)
    parts += [Part(found.text[link.start : link.end], limit.link, _LINK_RULE) for link in found.links]
    parts += [
        Part(found.text[one.start : one.end], 2, "an emoji counts 2, however many signs it is made of")
        for one in found.emoji
    ]
    if found.heavy:
        seen = "".join(dict.fromkeys(found.heavy))[:20]
        parts.append(Part(seen, 2 * len(found.heavy), "outside the alphabets that count 1, each counts 2"))
    return found.weight


_UNITS: Mapping[str, Callable[[str, Limit, list[Part], str], int]] = {
    "graphemes": _graphemes,
    "code points": _code_points,
    "utf-16": _utf16,
    "bytes": _bytes,
    "emoji bytes": _emoji_bytes,
    "weighted": _weighted,
}
