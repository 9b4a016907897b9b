"""A post's body → the text, parts and additions for one channel.

Text networks get plain text as written; channels that take HTML get the Markdown of their section. Everything added on
the way is added here, before anything is counted, previewed, approved or hashed, so that what was seen is what is sent.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from signalbook import counting, facets, prose, tracking, twitter_text
from signalbook.classes import dataclass
from signalbook.model import Campaign, Event, Post
from signalbook.pattern import pattern
from signalbook.settings import Channel, Settings

HTML_CONNECTORS = frozenset({"feed", "wordpress", "mail"})
"""Connectors whose copy is Markdown and goes out as HTML; a rule there is a rule and a heading a heading."""

THREAD_CONNECTORS = frozenset({"bluesky", "mastodon", "x", "threads", "matrix", "console"})
"""Connectors on which a line of three dashes starts the next part."""

TITLED_CONNECTORS = frozenset({"feed", "wordpress", "mail", "youtube", "reddit", "pinterest"})
"""Services on which people read a title too."""

CARD_CONNECTORS = frozenset({"bluesky", "linkedin", "facebook"})
"""Services to which a link is given beside the text, and which show it as a card where no picture takes the place."""

FIELD_NETWORKS = frozenset({"reddit", "pinterest", "google_business"})
"""Networks with a place of its own for a link."""

LINKLESS_NETWORKS = frozenset({"instagram", "tiktok"})
"""Networks in whose texts no link leads anywhere."""

WARNING_NETWORKS = frozenset({"mastodon"})
"""Networks that show a ``content_warning`` before the text, which then is hidden, and count the two together."""

_HEADING = pattern(r"^##[ \t]+(\S+)[ \t]*$")
_LIKE_HEADING = pattern(r"^ {0,3}(?:#[ \t]+|#{2,6}[ \t]*)([^\s#][^#\n]{0,40}?)[ \t]*#*[ \t]*$")
"""One sign at a word is a hashtag: a post may end with ``#Bluesky``."""
NETWORKS = frozenset(
    "bluesky mastodon wordpress matrix linkedin x twitter facebook instagram threads reddit youtube flickr tiktok".split()
)
"""Names of networks as people write them above copy."""
_FENCE = pattern(r"^(```|~~~)")
_RULE = pattern(r"^---[ \t]*$")


class Section(NamedTuple):
    """A stretch of a post's body.

    Attributes:
        channel: the channel whose own copy it is; empty for the copy of every channel.
        text: as written, without empty lines around it.
        line: 1-based line in the file on which the text begins.
    """

    channel: str
    text: str
    line: int


class Part(NamedTuple):
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
    if "##" not in body:  # as most are: one stretch for every channel
        return (_trimmed("", first_line, body.split("\n")),)
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


def meant_for(heading: str, channels: Mapping[str, Channel]) -> str:
    """The channel that a heading in copy seems to be meant for though it is not exactly its key; empty for none.

    ``heading`` is a line such as ``# LinkedIn``. A network on which the team has no channel gives that network's name.
    """
    found = _LIKE_HEADING.match(heading)
    if not found:
        return ""
    word = found[1].strip(" :*_").casefold()
    for key, channel in channels.items():
        if word in {key.casefold(), channel.name.casefold()}:
            return key
    if word in NETWORKS:
        return next((key for key, channel in channels.items() if channel.connector == word), word)
    close = difflib.get_close_matches(word, list(channels), n=1, cutoff=0.84) if " " not in word else []
    return close[0] if close else ""


def _trimmed(channel: str, line: int, lines: list[str]) -> Section:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return Section(channel, "\n".join([item.rstrip() for item in lines[start:end]]), line + start)


@functools.lru_cache(maxsize=20_000)
def _sections(body: str, keys: tuple[str, ...], first_line: int) -> tuple[Section, ...]:
    return sections(body, keys, first_line)


def section_for(post: Post, key: str, channels: Mapping[str, Channel]) -> Section:
    """The copy of a post for a channel: its own section, or the one for every channel."""
    found = _sections(post.body, tuple(channels), post.body_line)
    if len(found) == 1:
        return found[0]
    return next((section for section in reversed(found) if section.channel == key), found[0])


def count_parts(post: Post, key: str, channels: Mapping[str, Channel]) -> int:
    """How many parts go out on a channel, at least 1; nothing is added to them to find out."""
    channel = channels.get(key)
    if channel is None or channel.connector not in THREAD_CONNECTORS:
        return 1
    section = section_for(post, key, channels)
    return _rules(section.text) if "---" in section.text else 1


@functools.lru_cache(maxsize=20_000)
def _rules(text: str) -> int:
    return max(1, len(split_thread(text)))


def parts(post: Post, key: str, channels: Mapping[str, Channel]) -> tuple[Part, ...]:
    """The parts of ``outgoing`` for a team that has set nothing but its channels: no tracking words."""
    return outgoing(post, key, Settings(channels=channels)).parts


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
    "fr": {
        "employee": "Je travaille ici.",
        "gifted": "Produit offert.",
        "paid": "Publicité.",
        "affiliate": "Publicité. Je touche une commission si vous achetez par ce lien.",
        "partner": "Publicité, avec un partenaire.",
    },
    "es": {
        "employee": "Trabajo aquí.",
        "gifted": "Lo he recibido gratis.",
        "paid": "Publicidad.",
        "affiliate": "Publicidad. Gano dinero si compras con este enlace.",
        "partner": "Publicidad, con un socio.",
    },
    "it": {
        "employee": "Lavoro qui.",
        "gifted": "Ricevuto gratis.",
        "paid": "Pubblicità.",
        "affiliate": "Pubblicità. Guadagno se acquisti da questo link.",
        "partner": "Pubblicità, con un partner.",
    },
    "nl": {
        "employee": "Ik werk hier.",
        "gifted": "Gratis gekregen.",
        "paid": "Advertentie.",
        "affiliate": "Advertentie. Ik verdien eraan als je via deze link koopt.",
        "partner": "Advertentie, samen met een partner.",
    },
}
"""Language → connection → the words that come before everything else; English where a language has none."""


def disclosed(post: Post, text: str, lang: str = "", more: Mapping[str, Any] | None = None) -> str:
    """What is put before the copy so that readers know of the author's connection; empty when there is none to tell.

    ``more`` holds a team's own words: language → connection → words.
    """
    kind = post.disclosure
    if kind is None or kind == "not-needed":
        return ""
    lang = (lang or language(post, text)).partition("-")[0]
    own = (more or {}).get(lang)
    words = own.get(kind) if isinstance(own, Mapping) else None
    if not isinstance(words, str) or not words:
        words = DISCLOSED.get(lang, DISCLOSED["en"])[kind]
    bare = words.rstrip(".")
    # "Ad: …" says it already; "Advent …" does not.
    return "" if text.startswith(bare) and not text[len(bare) : len(bare) + 1].isalnum() else words


def speaks(lang: str, more: Mapping[str, Any] | None = None) -> bool:
    """Whether there are words for a disclosure in a language: ours, or a team's own."""
    name = lang.partition("-")[0]
    return not name or name in DISCLOSED or isinstance((more or {}).get(name), Mapping)


def language(post: Post, text: str, languages: tuple[str, ...] = ()) -> str:
    """BCP 47: what the post says, else what its words tell, else the team's first; empty when nothing tells."""
    if post.locale:
        return post.locale
    return _told(text) or next(iter(languages), "")


@functools.lru_cache(maxsize=4096)
def _told(text: str) -> str:
    """What a text's words tell of its language; asked once for all channels that get the same text."""
    words = prose.read(text).words
    return prose.language(words) if len(words) > 4 else ""


def forget() -> None:
    """Let go of the texts that were looked at: whoever makes thousands of pages needs each for one of them."""
    prose.read.cache_clear()
    prose.sentences.cache_clear()
    _sections.cache_clear()


# --- what goes out ---------------------------------------------------------------------------------------------------

Form = Literal["text", "markdown"]
"""``text`` is sent as it stands; ``markdown`` is rendered to HTML first."""

Place = Literal["", "text", "card", "field"]
"""Where a post's link is: nowhere, in the text, beside it as a card, in a field of its own."""


_NONE: Mapping[str, Any] = MappingProxyType({})


class Outgoing(NamedTuple):
    """One post on one channel as it will be sent: what is counted, previewed, approved, hashed and sent.

    A tuple, for one is made of every post and channel, and a frozen class sets each of its fields by a call.

    Attributes:
        channel: the channel's key.
        network: whose limits hold; empty when none are known.
        form: whether the parts are plain text or Markdown's source.
        parts: at least one when anything goes out; its text is empty when nothing but a picture or a repeat does.
        title: for services that show one (a mail's subject); else empty.
        link: the post's link with its tracking words; empty for none.
        link_in: where the link is.
        warning: what is shown before the text and hides it, the disclosure first; counts with the text.
        disclosure: the words that were put first; empty for none.
        signature: the words that were put last; empty for none.
        first_comment: with its tracking words.
        tracking: the words its links got, e.g. ``{"utm_source": "bluesky"}``.
        options: the channel's options as they will be sent, the warning among them, without title and subject.
        spoken: what tells the language: the post, its words as written, the team's languages.
    """

    channel: str
    network: str
    spoken: tuple[Post, str, tuple[str, ...]]
    form: Form = "text"
    parts: tuple[Part, ...] = ()
    title: str = ""
    link: str = ""
    link_in: Place = ""
    warning: str = ""
    disclosure: str = ""
    signature: str = ""
    first_comment: str = ""
    tracking: Mapping[str, str] = _NONE
    options: Mapping[str, Any] = _NONE

    @property
    def lang(self) -> str:
        """BCP 47; empty when unknown. Told when it is asked for, since a preview does not and all words have to be read."""
        return language(*self.spoken)


def counts(
    out: Outgoing, channels: Mapping[str, Channel], live: Mapping[str, int] | None = None
) -> tuple[counting.Count, ...]:
    """How long each part is as its network counts, the warning before it included; ``live`` as in ``limit_of``."""
    channel = channels.get(out.channel) or Channel(out.channel, out.channel)
    limit = counting.limit_of(channel, live)
    return tuple(counting.count(out.network, part.text, before=out.warning, limit=limit) for part in out.parts)


def outgoing(
    post: Post,
    key: str,
    settings: Settings,
    *,
    campaign: Campaign | None = None,
    event: Event | None = None,
    at: datetime | None = None,
) -> Outgoing:
    """What goes out on a channel, everything that is added included.

    Added are, in this order: the days that are left, in a countdown to ``event`` that goes out ``at``; tracking words;
    the link, where the copy does not hold it; the channel's signature; the disclosure.
    """
    usual = _usual(settings, key)
    channel, network, markdown = usual.channel, usual.network, usual.markdown
    section = section_for(post, key, settings.channels)
    options = dict((post.options or {}).get(key) or {})
    spoken = (post, section.text, settings.team.languages)
    # Most posts are sent as they are written: what adds words is asked only where somebody said some.
    tagging = tracking.NOTHING
    if usual.tagged or post.utm is not None or "utm" in options or (campaign is not None and campaign.utm is not None):
        tagging = tracking.tagging(settings, channel, network, campaign=campaign, post=post, lang=language(*spoken))

    found = list(_cut(section, channel))
    if post.type == "countdown":
        zone = settings.team.zone
        found = [Part(_counted_down(part.text, post, event, at, zone), part.line) for part in found]
    if tagging.words:
        found = [Part(_tagged(part.text, tagging, markdown=markdown), part.line) for part in found]
    if not found and (post.media or post.poll or post.repost_of or post.quote_of):
        found = [Part("", section.line)]

    link = tagging(post.link) if post.link else ""
    place = _place(post, link, channel, network, settings, found) if link else ""
    if place == "text" and found and not _holds(found, link):
        shown = f"<{link}>" if markdown else link
        found[0] = Part(f"{found[0].text}\n\n{shown}".lstrip(), found[0].line)

    signature = _signature(channel, options, found) if usual.signed or options else ""
    if signature:
        found[-1] = Part(f"{found[-1].text}\n\n{signature}".lstrip(), found[-1].line)

    warning = _text(options.get("content_warning", "")) if network in WARNING_NETWORKS else ""
    words = ""
    if found and post.disclosure is not None and post.disclosure != "not-needed":
        words = disclosed(post, section.text, language(*spoken), settings.more.get("disclosure"))
    if words and warning:
        warning = options["content_warning"] = f"{words} {warning}"
    elif words:
        gap = "\n\n" if markdown else " "
        found[0] = Part(f"{words}{gap}{found[0].text}".rstrip(), found[0].line)

    title = ""
    if options:
        for used in ("utm", "signature"):
            options.pop(used, None)
        title = _text(options.pop("subject", "")) if channel.connector == "mail" else ""
        title = title or _text(options.pop("title", ""))
    if not title and usual.titled:
        title = post.title or ""
    return Outgoing(
        channel=key,
        network=network,
        spoken=spoken,
        form="markdown" if markdown else "text",
        parts=tuple(found),
        title=title,
        link=link,
        link_in=place,
        warning=warning,
        disclosure=words,
        signature=signature,
        first_comment=_tagged(post.first_comment, tagging, markdown=False) if post.first_comment else "",
        tracking=tagging.words,
        options=options,
    )


class _Usual(NamedTuple):
    """What a channel does with every post: whose limits hold, and whether words are added to all of them."""

    channel: Channel
    network: str
    markdown: bool
    titled: bool
    tagged: bool
    signed: bool


_known: list[tuple[Settings, dict[str, _Usual]]] = []


def _usual(settings: Settings, key: str) -> _Usual:
    if not _known or _known[0][0] is not settings:
        _known[:] = [(settings, {})]
    usual = _known[0][1].get(key)
    if usual is None:
        channel = settings.channels.get(key) or Channel(key, key)
        network = counting.network_of(channel)
        usual = _known[0][1][key] = _Usual(
            channel,
            network,
            channel.connector in HTML_CONNECTORS,
            channel.connector in TITLED_CONNECTORS or network in TITLED_CONNECTORS,
            tracking.says_words(settings, channel),
            channel.more.get("signature") is not None,
        )
    return usual


def as_written(post: Post, channel: Channel) -> bool:
    """Whether nothing is added to a post's copy on a channel; quick, and ``False`` wherever it would have to look."""
    return not (
        post.link
        or post.options
        or post.type == "countdown"
        or post.disclosure not in {None, "not-needed"}
        or "://" in post.body
        or channel.more.get("signature")
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _cut(section: Section, channel: Channel) -> tuple[Part, ...]:
    """The copy of a channel, part by part; one part everywhere but on networks with threads."""
    if not section.text:
        return ()
    if channel.connector in HTML_CONNECTORS or "---" not in section.text:
        return (Part(section.text, section.line),)
    found = split_thread(section.text, section.line)
    if channel.connector not in THREAD_CONNECTORS and len(found) > 1:
        return (Part("\n\n".join(part.text for part in found), found[0].line),)
    return found


_DAYS = "{days}"


def _counted_down(text: str, post: Post, event: Event | None, at: datetime | None, zone: ZoneInfo) -> str:
    """``{days}`` in a countdown is the number of nights between the day it goes out and the event's first day."""
    if _DAYS not in text or post.type != "countdown" or event is None or event.when is None:
        return text
    here = ZoneInfo(event.zone) if event.zone else zone
    day = event.when.astimezone(here).date() if isinstance(event.when, datetime) else event.when
    if at is None:
        return text
    return text.replace(_DAYS, str(max(0, (day - at.astimezone(here).date()) // timedelta(days=1))))


def _tagged(text: str, tagging: tracking.Tagging, *, markdown: bool) -> str:
    """A text with the tracking words in its links; in Markdown not in code nor in the addresses of pictures."""
    if not tagging.words or "://" not in text:
        return text
    closed = _code(text) if markdown else ()
    pieces, last = [], 0
    for link in prose.links(text):
        if any(start <= link.start < end for start, end in closed):
            continue
        pieces += [text[last : link.start], tagging(link.text)]
        last = link.end
    return "".join([*pieces, text[last:]])


_CODE = pattern(
    r"^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|!\[[^\]\n]*\]\([^)\n]*\)|<img\b[^>]*>",
    re.MULTILINE | re.DOTALL,
)


def _code(text: str) -> tuple[tuple[int, int], ...]:
    return (
        tuple(match.span() for match in _CODE.finditer(text))
        if "`" in text or "~~~" in text or "!" in text or "<" in text
        else ()
    )


def _place(post: Post, link: str, channel: Channel, network: str, settings: Settings, found: list[Part]) -> Place:
    """Where a post's link stands on a channel."""
    if network in LINKLESS_NETWORKS:
        return "text" if _holds(found, link) else ""
    if tracking.ours(channel, settings) and tracking.within(tracking.host_of(link), settings.own_domains):
        return "text" if _holds(found, link) else ""
    if network in FIELD_NETWORKS and channel.connector not in HTML_CONNECTORS:
        return "field"
    # A picture or a poll takes the card's place, so the link would be seen nowhere.
    if channel.connector in CARD_CONNECTORS and not post.media and not post.poll:
        return "card"
    return "text"


def _holds(found: list[Part], link: str) -> bool:
    """Whether a text holds a link already, with or without its scheme, whatever its tracking words."""
    wanted = _bare(link)
    place = wanted.partition("?")[0]
    for part in found:
        if place not in part.text.lower():
            continue
        if any(_bare(one.text) == wanted for one in prose.read(part.text).links):
            return True
        if any(_bare(match[0].rstrip(".,;:!?…")) == wanted for match in _ADDRESS.finditer(part.text)):
            return True
    return False


_ADDRESS = pattern(r"(?<![\w@./-])[^\W_][\w.-]*\.\w+[^\s<>()\[\]\"“”]*")
"""What may be an address without its scheme."""
_UTM = pattern(r"[?&;]utm_\w+=[^&;#]*", re.IGNORECASE)


def _bare(link: str) -> str:
    """A link as it is compared: without scheme, ``www.``, tracking words and a last slash."""
    low = link.lower()
    address = low[low.find("://") + 3 if "://" in low else 0 :].removeprefix("www.")
    cleaned = _UTM.sub("", address)
    if "?" not in cleaned and "&" in cleaned and "?" in address:
        cleaned = cleaned.replace("&", "?", 1)
    return cleaned.rstrip("/")


def _signature(channel: Channel, options: Mapping[str, Any], found: list[Part]) -> str:
    """The channel's last words; ``options: {<channel>: {signature: …}}`` of a post says others, or ``false``."""
    said = options.get("signature", channel.more.get("signature"))
    if not isinstance(said, str) or not found or not said.strip():
        return ""
    words = said.strip()
    return "" if found[-1].text.rstrip().endswith(words) else words


# --- as it is shown --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text as a network shows it.

    Attributes:
        kind: ``link``, ``mention`` or ``tag``; empty for plain text.
        value: the address, the name without ``@``, the word without ``#``.
    """

    text: str
    kind: Literal["", "link", "mention", "tag"] = ""
    value: str = ""


def shown(text: str, network: str = "") -> tuple[Piece, ...]:
    """A plain text cut into what leads somewhere on a network and what does not; together they are the text.

    Links are those of the network's own rules on Bluesky, X and Mastodon, none where no link works, and elsewhere
    what begins with ``http://`` or ``https://``.
    """
    out: list[Piece] = []
    last = 0
    for start, end, kind, value in _leading(text, network):
        if start < last:
            continue
        if start > last:
            out.append(Piece(text[last:start]))
        out.append(Piece(text[start:end], kind, value))
        last = end
    if last < len(text):
        out.append(Piece(text[last:]))
    return tuple(out)


def _leading(text: str, network: str) -> list[tuple[int, int, Literal["link", "mention", "tag"], str]]:
    if network == "bluesky":
        return [(one.start, one.end, one.kind, one.value) for one in facets.facets(text)]
    found: list[tuple[int, int, Literal["link", "mention", "tag"], str]] = []
    if network in {"x", "mastodon"}:
        for span in twitter_text.urls(text, twitter_text.X if network == "x" else twitter_text.MASTODON):
            said = text[span.start : span.end]
            found.append((span.start, span.end, "link", said if "://" in said else f"https://{said}"))
    elif network not in LINKLESS_NETWORKS:
        found += [(one.start, one.end, "link", one.text) for one in prose.links(text)]
    found += [(one.start, one.end, "mention", one.text[1:]) for one in prose.mentions(text)]
    found += [(one.start, one.end, "tag", one.text[1:]) for one in prose.hashtags(text)]
    return sorted(found, key=lambda row: row[:2])


def hashed(post: Post, out: Outgoing) -> dict[str, Any]:
    """Everything an approval covers on one channel but the bytes of the media, as plain values in a fixed order.

    The digest of a medium stands beside it in whatever hashes this; ``line`` does not count, since a line above the
    copy changes nothing that readers see.
    """
    plain: dict[str, Any] = {
        "form": out.form, "parts": [part.text for part in out.parts], "title": out.title, "link": out.link,
        "link_in": out.link_in, "lang": out.lang, "warning": out.warning, "first_comment": out.first_comment,
        "media": [
            {"src": media.src or "", "alt": media.alt or "", "decorative": bool(media.decorative), "captions": media.captions or ""}
            for media in post.media
        ],
        "poll": {"options": list(post.poll.options), "closes": str(post.poll.closes or "")} if post.poll else None,
        "in_reply_to": post.in_reply_to or "", "quote_of": post.quote_of or "", "repost_of": post.repost_of or "",
        "disclosure": post.disclosure or "", "options": _ordered(out.options),
    }  # fmt: skip
    return plain


def _ordered(value: Any) -> Any:
    """Plain values that JSON writes the same way each time."""
    if isinstance(value, Mapping):
        return {str(key): _ordered(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_ordered(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


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
