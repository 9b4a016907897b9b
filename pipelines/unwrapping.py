"""The true address behind one that search alerts, readers and networks put before it. Pure; nothing is asked."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines import answers

_BEHIND: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"(?:www\.)?google\.[a-z.]{2,6}", r"/url", ("url", "q")),
    (r"(?:www\.)?bing\.com", r"/news/apiclick\.aspx", ("url",)),
    (r"(?:[a-z]+\.)?news\.yahoo\.com|r\.search\.yahoo\.com", r"/.*", ("RU",)),
    (r"(?:[a-z]+\.)?talkwalker\.com", r"/.*(?:redirect|alert).*", ("url", "u")),
    (r"duckduckgo\.com", r"/l/?", ("uddg",)),
    (r"(?:l|lm)\.facebook\.com", r"/l\.php", ("u",)),
    (r"l\.instagram\.com", r"/", ("u",)),
    (r"(?:www\.)?youtube\.com", r"/redirect", ("q",)),
    (r"out\.reddit\.com", r"/.*", ("url",)),
    (r"(?:www\.)?linkedin\.com", r"/redir/redirect", ("url",)),
    (r"t\.umblr\.com", r"/redirect", ("z",)),
    (r"(?:steamcommunity|vk)\.com", r"/(?:linkfilter|away\.php).*", ("url", "to")),
    (r"[a-z0-9.]*safelinks\.protection\.outlook\.com", r"/.*", ("url",)),
)
"""Host, path and the names of the parameter that holds the true address."""
_RULES = tuple((re.compile(host), re.compile(path), names) for host, path, names in _BEHIND)
_TIMES = 3
_PERHAPS = re.compile(
    r"https?://(?:[^/?#]*\.)?(?:google|bing|yahoo|talkwalker|duckduckgo|facebook|instagram|youtube|reddit|linkedin|umblr|"
    r"steamcommunity|vk|outlook)\.",
    re.IGNORECASE,
).match
"""Most addresses have nothing before them, and are told by their host at once."""


def true(address: str) -> str:
    """The true address; the same one when nothing is put before it, or what is behind it is none for people."""
    if not _PERHAPS(address):
        return address
    found = address
    for _ in range(_TIMES):
        inner = _inner(found)
        if not inner or inner == found:
            break
        found = inner
    return found


def _inner(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if host == "news.google.com":
        return _article(parts.path)
    for hosts, paths, names in _RULES:
        if hosts.fullmatch(host) and paths.fullmatch(parts.path):
            # r.search.yahoo.com writes its parameters into the path.
            written = parts.query or (parts.path.replace("/", "&") if "RU=" in parts.path else "")
            try:
                given = parse_qs(written, max_num_fields=100)
            except ValueError:
                return ""
            return next((good for name in names for value in given.get(name, ()) if (good := _good(value))), "")
    return ""


def _good(value: str) -> str:
    text = value if value.lower().startswith(("http://", "https://")) else unquote(value)
    return answers.address(text.strip())


def _article(path: str) -> str:
    """The address inside an older id of Google News, which holds it as bytes; newer ones hold none."""
    code = path.rstrip("/").rsplit("/", 1)[-1]
    if not code.startswith("CBMi") or len(code) > 4_000:
        return ""
    try:
        inside = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except ValueError:
        return ""
    found = re.search(rb"https?://[\x21-\x7e]+", inside)
    # After the address comes a tag byte above 0x7e, or the letter of the next field and its length.
    return answers.address(found[0].decode("ascii")) if found else ""
