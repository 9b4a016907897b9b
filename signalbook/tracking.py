"""The tracking words of a link: from templates of the workspace, channel, campaign and post; never over what is there.

A link says where a visit came from by ``utm_`` parameters (PRACTICE.md, section 7)::

    [links]
    own = ["bakery.example"]
    utm = true                                          # the standard words, below
    # utm = {campaign = "{campaign}", content = "{post}"}   # or words of the team's own

Each later level adds to the ones before, word by word: ``[links] utm``, ``utm`` in a channel's table, the campaign's
``utm``, the post's, and ``options: {<channel>: {utm: …}}``. ``false`` at any level turns it off, a word that is empty
leaves that word out. Only links to our own sites get words, and none that lead from our site to itself.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from signalbook.pattern import pattern

if TYPE_CHECKING:
    from signalbook.model import Campaign, Post
    from signalbook.settings import Channel, Settings

WORDS = ("source", "medium", "campaign", "term", "content")
"""The words, in the order in which they stand in a link, without their ``utm_``."""

STANDARD: Mapping[str, str] = {
    "source": "{network}",
    "medium": "{medium}",
    "campaign": "{campaign}",
    "content": "{post}-{variant}",
}
"""What ``utm = true`` stands for."""

FIELDS = ("network", "channel", "medium", "campaign", "post", "variant", "lang")
"""What a template may name: the service, the channel's key, its medium, the campaign's and the post's slug, the arm of an
experiment, the language."""

MEDIUMS = ("social", "paid_social", "email", "offline")
"""Words that web analytics and our reports know; others fall into "unassigned"."""

_HOST = pattern(r"[a-z]+://(?:[^/@?#]*@)?([^/:?#]+)", re.IGNORECASE)
_FIELD = pattern(r"\{(\w+)\}")
_OTHER = pattern(r"[^\w.~-]+")


def host_of(address: str) -> str:
    """The host of an address in small letters, without a port."""
    found = _HOST.match(address)
    return found[1].lower().rstrip(".") if found else ""


def within(host: str, domains: tuple[str, ...]) -> bool:
    """Whether a host is one of the domains or lies below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def medium_of(channel: Channel) -> str:
    """``utm_medium`` of a channel: what its table says, ``email`` for mail, ``social`` for all others."""
    said = channel.more.get("medium")
    return said if isinstance(said, str) and said else "email" if channel.connector == "mail" else "social"


def template(settings: Settings, channel: Channel, *, campaign: Campaign | None, post: Post) -> Mapping[str, str]:
    """Word → its template for one post on one channel; empty when nothing is added."""
    levels: list[Any] = [_links(settings).get("utm"), channel.more.get("utm")]
    if campaign is not None and campaign.utm is not None:
        # A campaign says "social" for its networks; a letter of the same campaign is mail all the same.
        levels.append(_plain(campaign.utm, without="medium" if channel.connector == "mail" else ""))
    if post.utm is not None:
        levels.append(_plain(post.utm))
    own = (post.options or {}).get(channel.key)
    if own and "utm" in own:
        levels.append(own["utm"])
    made: dict[str, str] = {}
    for level in levels:
        if level is None:
            continue
        if level is False:
            made = {}
        elif level is True:
            made = {**STANDARD, **made}
        elif isinstance(level, Mapping):
            made = {**STANDARD, **made, **{str(k): str(v) for k, v in level.items() if k in WORDS and v is not None}}
    return made


def says_words(settings: Settings, channel: Channel) -> bool:
    """Whether the workspace or a channel says words for links, or that there are none, whatever campaign or post say."""
    return _links(settings).get("utm") is not None or channel.more.get("utm") is not None


def _plain(utm: Any, *, without: str = "") -> dict[str, str]:
    return {
        field.name: value
        for field in dataclasses.fields(utm)
        if field.name != without and (value := getattr(utm, field.name)) is not None
    }


def _links(settings: Settings) -> Mapping[str, Any]:
    found = settings.more.get("links", {})
    return found if isinstance(found, Mapping) else {}


def filled(templates: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, str]:
    """``utm_source`` … → its value: small letters, no signs that tools split at. What comes out empty is left out."""
    out: dict[str, str] = {}
    for word in WORDS:
        text = _FIELD.sub(lambda match: facts.get(match[1], ""), templates.get(word, ""))
        if value := clean(text):
            out[f"utm_{word}"] = value
    return out


@functools.lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """A word as it stands in a link: ``Über uns`` → ``uber-uns``."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))
    return re.sub(r"-{2,}", "-", _OTHER.sub("-", unicodedata.normalize("NFC", bare))).strip("-.~")


@functools.lru_cache(maxsize=4096)
def _tail(words: tuple[tuple[str, str], ...]) -> str:
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in words)


def tagged(address: str, words: Mapping[str, str]) -> str:
    """An address with words that it does not have yet; what stands in it is never touched, nor is its fragment."""
    if not words or not address.lower().startswith(("http://", "https://")):
        return address
    if "?" not in address and "#" not in address:
        return f"{address}?{_tail(tuple(words.items()))}"
    head, mark, fragment = address.partition("#")
    path, question, query = head.partition("?")
    held = {pair.partition("=")[0].lower() for pair in re.split("[&;]", query)}
    more = _tail(tuple((key, value) for key, value in words.items() if key not in held))
    if not more:
        return address
    query = f"{query}{'' if not query or query.endswith('&') else '&'}{more}"
    return f"{path}{question or '?'}{query}{mark}{fragment}"


@dataclasses.dataclass(frozen=True, slots=True)
class Tagging:
    """What is added to the links of one post on one channel.

    Attributes:
        words: ``utm_source`` … → its value; empty when nothing is added.
        domains: only links to these get the words; empty for all.
    """

    words: Mapping[str, str]
    domains: tuple[str, ...] = ()

    def __call__(self, address: str) -> str:
        """The address as it goes out."""
        if not self.words or (self.domains and not within(host_of(address), self.domains)):
            return address
        return tagged(address, self.words)


NOTHING = Tagging({})


def tagging(
    settings: Settings, channel: Channel, network: str, *, campaign: Campaign | None, post: Post, lang: str = ""
) -> Tagging:
    """What is added to the links of one post on one channel."""
    templates = template(settings, channel, campaign=campaign, post=post)
    if not templates or (settings.own_domains and ours(channel, settings)):
        return NOTHING
    facts = {
        "network": network or channel.connector,
        "channel": channel.key,
        "medium": medium_of(channel),
        "campaign": campaign.slug if campaign else "",
        "post": post.slug,
        "variant": post.arm or "",
        "lang": lang.partition("-")[0],
    }
    return Tagging(filled(templates, facts), settings.own_domains or settings.link_domains)


def ours(channel: Channel, settings: Settings) -> bool:
    """Whether a channel is our own site, where every reader is already."""
    return channel.connector in {"feed", "wordpress"} and within(host_of(channel.url), settings.own_domains)
