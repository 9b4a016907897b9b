"""How long a text is as each network counts it, and whether it fits.

Networks count graphemes, code points, UTF-16 units, bytes or weights; links, mentions, emoji and reserved characters
have lengths of their own. The numbers stand in ``limits.toml`` with their source and year.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from signalbook import prose
from signalbook.settings import CONNECTORS, Channel


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of ``limits.toml``.

    Attributes:
        limit: the most that fits.
        highest: the most that any credible source allows; equal to ``limit`` where sources agree.
        unit: ``graphemes``, ``code points``, ``utf-16``, ``bytes``, ``weighted`` or ``emoji bytes``.
        bytes: a second limit in UTF-8 bytes; 0 for none.
        link: what every link counts, whatever its length; 0 when it counts as it is.
        alt: how long an alt text may be, in code points; 0 when unknown.
    """

    name: str
    limit: int
    unit: str
    source: str
    strength: str
    as_of: int
    highest: int = 0
    bytes: int = 0
    link: int = 0
    bare_domains: bool = False
    short_mentions: bool = False
    escaped: str = ""
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


def count(connector: str, text: str) -> Count:
    """Count a text as a service counts it; without a limit, by what a reader sees as characters."""
    limit = limits().get(connector)
    if limit is None:
        return Count(prose.length(text), None, fits=True)
    parts: list[Part] = []
    total = _UNITS[limit.unit](_links_apart(text, limit, parts), limit, parts) + sum(
        part.counts for part in parts if part.rule in _APART
    )
    fits = total <= limit.limit
    if limit.bytes and (size := len(text.encode("utf-8", "surrogatepass"))) > limit.bytes:
        parts.append(Part("", size, f"bytes in UTF-8, of {limit.bytes} that fit"))
        fits = False
    return Count(total, limit.limit, fits, tuple(parts))


def surely_fits(connector: str, text: str) -> bool:
    """Whether a text is so short that counting cannot say otherwise; quick."""
    limit = limits().get(connector)
    if limit is None:
        return True
    # A code point counts four at most (emoji bytes), a link at most 23 where it stands in nine characters or more.
    return len(text) * 4 <= limit.limit and (
        not limit.link or text.count(".") * limit.link + len(text) * 2 <= limit.limit
    )


def count_lines(connector: str, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Count JSON strings, one a line; an object a line with ``count``, ``limit``, ``fits`` and ``parts``.

    A line that is no JSON string gives an object with ``error``, so that answers stay beside their lines.

    Raises:
        SettingsError: there is no such service.
    """
    if connector not in limits() and connector not in CONNECTORS:
        from signalbook.decode import near, shortened
        from signalbook.errors import SettingsError

        known = tuple(sorted({*limits(), *CONNECTORS}))
        message = f"“{shortened(connector)}” is no service that can be counted for.{near(connector, known)} Known: {', '.join(known)}."
        raise SettingsError(message)
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
        yield asdict(count(connector, text))


def _unread(error: str) -> dict[str, Any]:
    return {"count": None, "limit": None, "fits": None, "parts": (), "error": error}


# --- links and mentions, which count apart ---------------------------------------------------------------------------

_LINK_RULE = "every link counts the same"
_MENTION_RULE = "the server in a mention does not count"
_APART = frozenset({_LINK_RULE})

_GENERIC = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|museum|coop|aero|jobs|mobi|travel|tel|cat|asia|post|xxx|app|dev|page|"
    "blog|shop|store|online|site|website|tech|cloud|space|live|news|media|social|agency|studio|design|art|music|club|"
    "team|group|company|solutions|services|systems|software|network|support|help|guide|wiki|world|global|today|life|"
    "email|link|click|xyz|top|icu|fun|games|chat|events|academy|school|education|university|foundation|charity|green|"
    "eco|bio|health|care|berlin|hamburg|koeln|bayern|wien|tirol|london|paris|nyc|amsterdam|example"
)
_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd "
    "cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge "
    "gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki "
    "km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my "
    "mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se "
    "sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz "
    "va vc ve vg vi vn vu wf ws ye yt za zm zw"
).replace(" ", "|")
_BARE = re.compile(
    rf"(?<![\w@.#/$-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_GENERIC}|{_COUNTRIES})(?![\w@-])(?:/[^\s<>\"'“”]*)?",
    re.IGNORECASE,
)


_DOTTED = re.compile(r"(?<![/.\w@-])[a-zA-Z0-9-]+\.[a-zA-Z0-9]")


def _links_apart(text: str, limit: Limit, parts: list[Part]) -> str:
    """The text without what counts by a rule of its own; that is added to ``parts``."""
    if limit.link and "." in text:
        found = list(prose.links(text))
        if limit.bare_domains and _DOTTED.search(text):
            blank = prose.read(text).bare
            for match in _BARE.finditer(blank):
                address = match[0].rstrip(".,;:!?)·")
                found.append(prose.Found(address, match.start(), match.start() + len(address)))
        found.sort(key=lambda link: link.start)
        parts.extend(Part(link.text, limit.link, _LINK_RULE) for link in found)
        text = _without(text, found)
    if limit.short_mentions:
        servers = []
        for mention in prose.mentions(text):
            name, at, server = mention.text[1:].partition("@")
            if at:
                parts.append(Part(mention.text, len(name) + 1, _MENTION_RULE))
                servers.append(prose.Found(at + server, mention.start + 1 + len(name), mention.end))
        text = _without(text, servers)
    return text


def _without(text: str, found: Sequence[prose.Found]) -> str:
    pieces, last = [], 0
    for one in found:
        pieces.append(text[last : one.start])
        last = one.end
    return "".join([*pieces, text[last:]])


# --- units -----------------------------------------------------------------------------------------------------------


def _graphemes(text: str, limit: Limit, parts: list[Part]) -> int:  # noqa: ARG001 - a unit's shape
    return prose.length(text)


def _code_points(text: str, limit: Limit, parts: list[Part]) -> int:
    extra = 0
    if limit.escaped:
        for mark in limit.escaped:
            if number := text.count(mark):
                extra += number
                parts.append(Part(mark, 2 * number, f"{number} × 2: it is sent with a backslash before it"))
    return len(text) + extra


def _utf16(text: str, limit: Limit, parts: list[Part]) -> int:  # noqa: ARG001 - a unit's shape
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def _bytes(text: str, limit: Limit, parts: list[Part]) -> int:  # noqa: ARG001 - a unit's shape
    return len(text.encode("utf-8", "surrogatepass"))


def _emoji_bytes(text: str, limit: Limit, parts: list[Part]) -> int:  # noqa: ARG001 - a unit's shape
    total = len(text)
    for found in prose.emoji(text):
        size = len(found.text.encode())
        total += size - len(found.text)
        parts.append(Part(found.text, size, "an emoji counts as its bytes in UTF-8"))
    return total


def _weighted(text: str, limit: Limit, parts: list[Part]) -> int:  # noqa: ARG001 - a unit's shape
    """Code points of most alphabets weigh 1, all others 2, an emoji of any length 2; twitter-text configuration v3."""
    if text.isascii():
        return len(text)
    text = unicodedata.normalize("NFC", text)
    total = last = 0
    heavy: list[str] = []
    for found in (*prose.emoji(text), prose.Found("", len(text), len(text))):
        between = text[last : found.start]
        heavy += _HEAVY.findall(between)
        total += len(between)
        last = found.end
        if found.text:
            total += 2
            parts.append(Part(found.text, 2, "an emoji counts 2, however many signs it is made of"))
    if heavy:
        parts.append(
            Part(
                "".join(dict.fromkeys(heavy))[:20], 2 * len(heavy), "outside the alphabets that count 1, each counts 2"
            )
        )
    return total + len(heavy)


_HEAVY = re.compile("[^\\x00-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


_UNITS: Mapping[str, Callable[[str, Limit, list[Part]], int]] = {
    "graphemes": _graphemes,
    "code points": _code_points,
    "utf-16": _utf16,
    "bytes": _bytes,
    "emoji bytes": _emoji_bytes,
    "weighted": _weighted,
}
