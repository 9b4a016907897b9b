"""Links and emoji as twitter-text finds them: how X weighs a text, and which links Mastodon counts as 23.

The rules are those of twitter-text 3.1.0 (``extractUrlsWithIndices``, ``parseTweet``), written so that their time grows
with the text and no faster. A link is a domain whose last label is known, with or without ``https://`` before it, and
what may follow: a port, a path, a query. Mastodon has the same rules with wider paths (``twitter_regex.rb``) and without
bare domains. Offsets are those of Python: a sign each.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from importlib import resources

from signalbook.classes import dataclass
from signalbook.pattern import pattern

# What stands in regular expressions of twitter-text, as what they match (a pattern of JavaScript that ignores case
# matches some letters beyond those it names).
_PUNCTUATION = r"!'#%&'()*+,\\\-./:;<=>?@\[\]^_{|}~$"
_SPACES = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_INVALID = r"\uFFFE\uFEFF\uFFFF"
_DIRECTIONS = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_LATIN = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0260\u0263\u0268\u0269\u026F\u0272\u0275\u0280"
    r"\u0283\u0288-\u028C\u0292\u02BB\u0300-\u036F\u0399\u03B9\u1E00-\u1EFF\u1FBE\u2C65\u2C66\u2C7E\u2C7F\uA7DC"
)
_CYRILLIC = r"\u0400-\u04FF\u1C80-\u1C87"

_RUN = pattern(rf"(?:[^{_PUNCTUATION}{_SPACES}{_INVALID}{_DIRECTIONS}]|[._-])+")
"""Signs of domains and the three that join them."""
_NOT_BEFORE = pattern(rf"[A-Za-z0-9@＠$#＃{_INVALID}]")
"""Signs after which no link begins."""
_SCHEME_END = "://"
_ALNUM = pattern(r"[0-9A-Za-z]+")
_PUNYCODE = pattern(r"xn--[-0-9a-z]+", re.IGNORECASE | re.ASCII)
_LATIN_ONLY = pattern(r"[-a-zA-Z0-9.]+")
_ASCII_LABELS = rf"(?:[-a-zA-Z0-9{_LATIN}]+\.)+"
_T_CO = pattern(
    r"https?://t\.co/([a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?", re.IGNORECASE | re.ASCII
)
_DOTS = pattern("[\u3002\uff0e\uff61]")
_BASIC = 0xFFFF
_MOST_URL, _MOST_LABEL, _MOST_SLUG = 4096, 63, 40


@dataclass(frozen=True, slots=True)
class Rules:
    """Where two families of the same rules differ.

    Attributes:
        schemes: what may stand before ``://``.
        rest: a port, a path, a query, after the domain; compiled when the first link is met.
        bare: whether a domain alone is a link.
        reserved: whether the names kept for examples (RFC 2606) count as known.
    """

    schemes: re.Pattern[str]
    rest: str
    bare: bool
    reserved: bool = False


def _rest(general: str, ending: str, query: str, query_ending: str) -> str:
    parens = rf"\((?:[{general}]+|[{general}]*\([{general}]+\)[{general}]*)\)"
    return (
        rf"(?::[0-9]+)?(?P<path>/(?:[{general}]*(?:{parens}[{general}]*)*(?:[{ending}]|{parens}))?)?"
        rf"(?P<query>\?[{query}]*[{query_ending}])?"
    )


_compiled = functools.cache(re.compile)


X = Rules(
    schemes=re.compile(r"https?$", re.IGNORECASE | re.ASCII),
    rest=_rest(
        rf"a-zA-Z0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_CYRILLIC}{_LATIN}",
        rf"+\-a-zA-Z0-9=_#/{_CYRILLIC}{_LATIN}",
        r"a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|",
        r"a-zA-Z0-9\-_&=#/",
    ),
    bare=True,
)
_WIDE = (
    r"\xA0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF\U00010000-\U0001FFFD\U00020000-\U0002FFFD\U00030000-\U0003FFFD"
    r"\U00040000-\U000DFFFD\U000E1000-\U000EFFFD\uE000-\uF8FF\U000F0000-\U000FFFFD\U00100000-\U0010FFFD"
)
MASTODON = Rules(
    schemes=re.compile(r"(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)$", re.IGNORECASE | re.ASCII),
    rest=_rest(
        r"^\s<>()?",
        r"^\s()?!*\"'「」<>;:=,.$%\[\]~&|@",
        rf"a-zA-Z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{_WIDE}",
        rf"a-zA-Z0-9_&=#/\-{_WIDE}",
    ),
    bare=False,
    reserved=True,
)
_SCHEME_LETTERS = pattern(r"[a-z]{3,6}$", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A link or an emoji: ``text[start:end]`` counts as one."""

    start: int
    end: int


@functools.cache
def known_domains() -> Mapping[str, frozenset[str]]:
    """``all``: top-level domains of the day; ``x``: those that twitter-text knows."""
    table = _table()["domains"]
    everything = frozenset(table["known"].split())
    known = (everything | frozenset(table["gone"].split())) - frozenset(table["since"].split())
    return {"all": everything, "x": known}


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("signalbook").joinpath("parsers.toml").read_text(encoding="utf-8"))


@functools.cache
def _ascii_names() -> frozenset[str]:
    return frozenset(name for name in known_domains()["x"] if name.isascii())


@functools.cache
def _other_names() -> Mapping[str, tuple[str, ...]]:
    """First letter → names that are not ASCII, the longest first."""
    found: dict[str, list[str]] = {}
    for name in sorted(known_domains()["x"], key=len, reverse=True):
        if not name.isascii():
            found.setdefault(name[0], []).append(name)
    return {letter: tuple(names) for letter, names in found.items()}


_RESERVED = frozenset({"example", "test", "invalid", "localhost"})


def _name_end(text: str, at: int, rules: Rules) -> int:
    """Where a known top-level domain that begins here ends; -1 for none."""
    if match := _ALNUM.match(text, at):
        word = match[0].lower()
        if (word in _ascii_names() or (rules.reserved and word in _RESERVED)) and text[
            match.end() : match.end() + 1
        ] not in {"@", "+", "-"}:
            return match.end()
    for name in _other_names().get(text[at : at + 1].lower(), ()):
        end = at + len(name)
        if text[at:end].lower() == name and not re.match(r"[0-9a-zA-Z@+-]", text[end : end + 1]):
            return end
    match = _PUNYCODE.match(text, at)
    return match.end() if match else -1


class _Labels:
    """A run of signs of domains, cut at its dots, and how far a domain that begins in a label reaches."""

    def __init__(self, text: str, start: int, end: int, rules: Rules) -> None:
        self.text = text
        begins = [start]
        at = text.find(".", start, end)
        while at >= 0:
            begins.append(at + 1)
            at = text.find(".", at + 1, end)
        self.begins = begins
        self.ends = [*(begin - 1 for begin in begins[1:]), end]
        count = len(begins)
        self.names = [-1, *(_name_end(text, begin, rules) for begin in begins[1:])]
        self.underline = [text.rfind("_", begin, end) for begin, end in zip(self.begins, self.ends, strict=True)]
        # Label → the end of the longest domain of at least two labels that begins with it; -1 for none.
        self.reach = [-1] * (count + 1)
        for label in range(count - 2, -1, -1):
            begin, stop = begins[label], self.ends[label]
            if not self.whole(begin, stop):
                continue
            if self.reach[label + 1] >= 0:
                self.reach[label] = self.reach[label + 1]
            elif self.underline[label] < 0:
                self.reach[label] = self.names[label + 1]

    def whole(self, begin: int, end: int) -> bool:
        """Whether a stretch can be a label: it begins and ends with neither hyphen nor underline."""
        return begin < end and self.text[begin] not in "-_" and self.text[end - 1] not in "-_"

    def domain_end(self, label: int, begin: int) -> int:
        """The end of the longest domain whose first label begins inside ``label``; -1 for none."""
        stop = self.ends[label]
        if label + 1 >= len(self.begins) or not self.whole(begin, stop):
            return -1
        if self.reach[label + 1] >= 0:
            return self.reach[label + 1]
        return self.names[label + 1] if begin > self.underline[label] else -1

    def starts(self) -> Iterator[tuple[int, int, bool]]:
        """Label and place of every sign at which a domain could begin, from left to right.

        The third says that the sign before is the first half of the same sign: the rules read UTF-16.
        """
        for label, (begin, end) in enumerate(zip(self.begins[:-1], self.ends[:-1], strict=True)):
            yield label, begin, False
            for match in _INNER.finditer(self.text, begin, max(begin, end)):
                if ord(match[0]) > _BASIC:
                    yield label, match.start(), True
                if match.end() < end:
                    yield label, match.end(), False


_PLAIN = pattern(r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)+")


def _plain_end(text: str, start: int, end: int, rules: Rules) -> int:
    """The end of the longest domain in letters, digits and dots; -1 for none."""
    stop = end
    while (dot := text.rfind(".", start, stop)) >= 0:
        word = text[dot + 1 : stop].lower()
        known = word in _ascii_names() or (rules.reserved and word in _RESERVED)
        if known and text[stop : stop + 1] not in _NO_END:
            return stop
        stop = dot
    return -1


_NO_END = frozenset("@+-")
_INNER = pattern(r"[^A-Za-z0-9.]")


def urls(text: str, rules: Rules = X) -> list[Span]:
    """Links in order. ``end`` is where counting goes on, which for a domain in two alphabets is not where it ends."""
    found: list[Span] = []
    if "." not in text:
        return found
    after = 0  # the sign before the next link stands here or later
    for run in _RUN.finditer(text):
        start, end = run.span()
        if end <= after or text.find(".", start, end) < 0:
            continue
        begun = _scheme(text, start, after, rules)
        if (
            _PLAIN.fullmatch(run[0])
            and (begun >= 0 or start > after or not start)
            and (begun >= 0 or not start or not _NOT_BEFORE.match(text, start - 1))
        ):
            # Nearly all domains: letters, digits and dots, where a link may begin.
            domain = _plain_end(text, start, end, rules)
            if domain < 0:
                continue
            after = _end(text, domain, rules)
            if begun >= 0 and _fits(text, begun, start, domain, after):
                found += _short(text, Span(begun, after))
            elif (
                begun < 0
                and rules.bare
                and not (start and text[start - 1] in "-_./")
                and _fits(text, start, start, domain, after, "https://")
            ):
                found += _ascii_links(text, start, domain, after)
            continue
        labels = _Labels(text, start, end, rules)
        if max(labels.names) < 0:
            continue
        if begun >= 0 and (domain := labels.domain_end(0, start)) >= 0:
            after = _end(text, domain, rules)
            if _fits(text, begun, start, domain, after):
                found += _short(text, Span(begun, after))
        for label, at, inside in _ordered(text, labels.starts()):
            if at < after or (not inside and at and (at == after or _NOT_BEFORE.match(text, at - 1))):
                continue
            if not at and after:
                continue
            domain = labels.domain_end(label, at)
            if domain < 0:
                continue
            after = _end(text, domain, rules)
            # After these a domain is no link of its own, but what it takes is taken.
            if (
                not rules.bare
                or (at and not inside and text[at - 1] in "-_./")
                or not _fits(text, at, at, domain, after, "https://")
            ):
                continue
            found += _ascii_links(text, at, domain, after)
    return found


def _ordered(text: str, starts: Iterator[tuple[int, int, bool]]) -> Iterator[tuple[int, int, bool]]:
    """The same places; but a text's first sign, where it may stand before a link, is first taken for that."""
    first = next(starts, None)
    second = next(starts, None)
    if first and second and first[1] == 0 and second[1] == 1 and not _NOT_BEFORE.match(text):
        first, second = second, first
    yield from (place for place in (first, second) if place)
    yield from starts


def _scheme(text: str, start: int, after: int, rules: Rules) -> int:
    """Where the scheme of a domain at ``start`` begins; -1 when there is none, or no link may begin there."""
    if not text.startswith(_SCHEME_END, start - 3) or start < 3:
        return -1
    match = rules.schemes.search(text, max(0, start - 9), start - 3)
    if not match:
        return -1
    begun = match.start()
    if begun == 0:
        return 0 if after == 0 else -1
    return begun if begun - 1 >= after and not _NOT_BEFORE.match(text, begun - 1) else -1


def _end(text: str, domain: int, rules: Rules) -> int:
    if text[domain : domain + 1] not in {":", "/", "?"}:
        return domain
    match = _compiled(rules.rest).match(text, domain)
    return match.end() if match else domain


def _units(text: str) -> int:
    """Its length in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fits(text: str, begun: int, start: int, domain: int, end: int, scheme: str = "") -> bool:
    """Whether a domain is one by length: labels of 63 signs in Punycode, 4,096 for the whole address and its scheme."""
    name = text[start:domain]
    if len(name) <= _MOST_LABEL and name.isascii() and end - begun < _MOST_URL // 2 and not name.startswith("xn--"):
        return True
    if name.startswith("xn--") and not _ascii_domains(name):
        return False
    for label in name.split("."):
        if not 1 <= len(".".join(map(_encoded, _DOTS.split(label)))) <= _MOST_LABEL:
            return False
    said = len(scheme) if scheme else start - begun
    return said + _units(text[begun:end]) <= _MOST_URL


def _encoded(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _short(text: str, link: Span) -> tuple[Span, ...]:
    """A link of X's own shortener ends with its code."""
    match = _T_CO.match(text, link.start, link.end)
    if not match:
        return (link,)
    return () if len(match[1]) > _MOST_SLUG else (Span(link.start, match.end()),)


def _ascii_domains(name: str) -> list[tuple[int, int]]:
    """The stretches of a domain that are domains in the Latin alphabet."""
    found: list[tuple[int, int]] = []
    at = 0
    while match := _compiled(_ASCII_LABELS).search(name, at):
        at = match.end()
        dots = [place for place in range(match.start(), match.end()) if name[place] == "."]
        for dot in reversed(dots):
            if (end := _name_end(name, dot + 1, X)) >= 0:
                found.append((match.start(), end))
                at = end
                break
    return found


def _ascii_links(text: str, start: int, domain: int, end: int) -> list[Span]:
    """The links of a domain without scheme: only what is Latin in it, the last with the path that follows the domain."""
    name = text[start:domain]
    latin = [(0, len(name))] if _LATIN_ONLY.fullmatch(name) else _ascii_domains(name)
    found = [Span(start + one, start + other) for one, other in latin]
    if found and end > domain and (rest := _compiled(X.rest).match(text, domain)) and rest["path"]:
        size = _units(text[found[-1].start : found[-1].end]) + _units(text[domain:end])
        found[-1] = Span(found[-1].start, _forward(text, found[-1].start, size))
    return found


def _forward(text: str, start: int, units: int) -> int:
    """The place so many units of UTF-16 further on; before a sign of two of which one would be left."""
    at = start
    while at < len(text) and (units := units - (2 if ord(text[at]) > _BASIC else 1)) >= 0:
        at += 1
    return at


# --- emoji and weight ------------------------------------------------------------------------------------------------

_PERHAPS = pattern("[0-9#*]?[\u00a9\u00ae\u200d\u203c-\u3299\ue50a\ufe0f\u20e3\U0001f000-\U000fffff]+")
"""Stretches that may be emoji; most text has none, and a closer look is slow."""


@functools.cache
def _emoji() -> re.Pattern[str]:
    return re.compile(_table()["emoji"]["twemoji"], re.VERBOSE)


def emoji(text: str) -> list[Span]:
    """Emoji in order, as X knows them: those of Unicode 11; later ones are the signs they are made of."""
    if text.isascii():
        return []
    return [
        Span(span.start() + match.start(), span.start() + match.end())
        for span in _PERHAPS.finditer(text)
        for match in _emoji().finditer(span[0])
    ]


HEAVY = pattern("[^\\x00-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
"""Signs that weigh 2; all others weigh 1."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How much a text weighs on X.

    Attributes:
        text: as it is counted, composed by Unicode's NFC; the spans are in it.
        links: each weighs 23.
        emoji: each weighs 2.
        heavy: other signs that weigh 2.
    """

    text: str
    weight: int
    links: tuple[Span, ...] = ()
    emoji: tuple[Span, ...] = ()
    heavy: str = ""


def weighed(text: str, link: int = 23) -> Weighed:
    """Weigh a text by configuration 3 of twitter-text: 280 fit."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    links = urls(text)
    if not links and text.isascii():
        return Weighed(text, len(text))
    found = sorted(
        [(span.start, 0, span) for span in links] + [(span.start, 1, span) for span in emoji(text)],
        key=lambda row: row[:2],
    )
    total = last = 0
    heavy: list[str] = []
    kept: tuple[list[Span], list[Span]] = ([], [])
    for start, kind, span in found:
        if start < last:
            continue
        between = text[last:start]
        heavy += HEAVY.findall(between)
        total += len(between) + (2 if kind else link)
        kept[kind].append(span)
        last = span.end
    heavy += HEAVY.findall(text[last:])
    total += len(text) - last if last < len(text) else 0
    return Weighed(text, total + len(heavy), tuple(kept[0]), tuple(kept[1]), "".join(heavy))
