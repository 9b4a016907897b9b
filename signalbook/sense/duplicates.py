"""Seen before? Whether two texts tell the same thing in nearly the same words, and which stories a stream of texts makes.

Two texts are alike by the share of their content words that both have (Jaccard, on word stems without small words). Texts
that name different numbers, or of which one denies what the other says or says the opposite, are different however alike they read.

Measured on the news pairs of the STS benchmark (245 pairs rated 0 to 5 by five people): at the default of 0.8 no pair below 3
is merged, and a quarter of those at 4.6 or more; people who want more merged at the price of some wrong ones take 0.6
(3 % and 54 %). Merging is for reposts and syndication; a paraphrase is another voice.
"""

from __future__ import annotations

import functools
import hashlib
import math
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import field
from datetime import datetime
from operator import itemgetter
from urllib.parse import parse_qsl, urlencode, urlsplit

import regex

from signalbook.classes import dataclass

ALIKE = 0.8
"""At least so alike are two tellings of one story."""
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:[.,:'’][\p{L}\p{N}]+)*|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
_DROPPED = regex.compile(r"https?://\S+|(?<!\w)(?:RT\s+)?@[\w.]+:?|…")
_SMALL = frozenset(
    # English, German, French, Spanish: what stands in every sentence.
    "a an the of to in on at for by with and or as is are was were be been has have had it its that this from his her their "
    "they he she said says will would der die das ein eine einen dem den des und oder ist sind war im am zu zum zur von mit "
    "auf für als an bei le la les un une des du de et ou est sont à au aux en dans par pour sur el los las una unos y o es "
    "son del al con por para".split()
)
_DENIAL = frozenset("not no never without nicht kein keine nie ne pas jamais sans sin nunca".split())
_SIDES = {
    word: (axis, side)
    for axis, sides in enumerate(
        (
            ("up rise rises rising rose gain gains grow grows grew higher increase increases increased steigt steigen stieg gestiegen mehr",
             "down fall falls falling fell drop drops dropped lower decrease decreases decreased sinkt sinken sank gesunken weniger"),
            ("open opens opened opening reopen reopens reopened öffnet eröffnet geöffnet",
             "close closes closed closing shut shuts schließt geschlossen schließen"),
            ("works working restored fixed resolved funktioniert behoben", "down broken failing offline kaputt gestört ausgefallen"),
            ("win wins won gewinnt gewonnen", "lose loses lost verliert verloren"),
            ("start starts started begin begins began startet beginnt", "stop stops stopped end ends ended endet beendet stoppt"),
            ("confirm confirms confirmed admit admits admitted bestätigt", "deny denies denied reject rejects rejected dementiert bestreitet"),
            ("hire hires hired hiring", "fire fires fired firing layoffs"),
            ("safe sicher", "unsafe dangerous unsicher gefährlich"),
            ("before vor", "after nach"),
        )
    )
    for side, listed in enumerate(sides)
    for word in listed.split()
}  # fmt: skip
"""Word → the question it answers, and how: who says up and who says down tell two things, however alike the rest reads."""
_ENDINGS = ("ungen", "ing", "ung", "ed", "es", "en", "er", "s", "n", "e")


def words(text: str) -> list[str]:
    """The words of a text as they are compared: folded, without addresses, handles and the sign of a repost."""
    folded = unicodedata.normalize("NFKC", _DROPPED.sub(" ", text[:20_000])).casefold()
    return [word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(folded)]


@functools.lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True, slots=True)
class Gist:
    """What of a text is compared.

    Attributes:
        stems: its content words.
        numbers: the numbers it names.
        denies: whether it says no.
        sides: which of two opposites it names, where it names one of them.
        exact: all its words in order, as one.
    """

    stems: frozenset[str]
    numbers: frozenset[str]
    denies: bool
    exact: str
    sides: frozenset[tuple[int, int]] = frozenset()


def gist(text: str) -> Gist:
    """Read a text for comparing."""
    found = words(text)
    stems = frozenset(_stem(word) for word in found if word not in _SMALL)
    numbers = frozenset(word for word in found if word[0].isdigit())
    named = {_SIDES[word] for word in found if word in _SIDES}
    sides = frozenset(one for one in named if (one[0], 1 - one[1]) not in named)
    return Gist(stems, numbers, any(word in _DENIAL for word in found), " ".join(found), sides)


def alike(a: Gist, b: Gist) -> float:
    """How alike two texts are, 0 to 1; 1 only for the same words in the same order."""
    if a.exact == b.exact:
        return 1.0 if a.exact else 0.0
    if a.denies != b.denies or (a.numbers - b.numbers and b.numbers - a.numbers):
        return 0.0
    if a.sides and any((axis, 1 - side) in b.sides for axis, side in a.sides):
        return 0.0
    both = len(a.stems & b.stems)
    return min(0.999, both / (len(a.stems) + len(b.stems) - both)) if both else 0.0


_BITS = 256
_Filed = tuple[int, int, str, Gist]
"""A text as it is filed: its number, its words folded to bits, its key, its gist."""


def _folded(stems: Iterable[str]) -> int:
    bits = 0
    for stem in stems:
        bits |= 1 << (zlib.crc32(stem.encode("utf-8", "surrogatepass")) % _BITS)
    return bits


@dataclass
class Stories:
    """Texts taken in one by one, each put to the first story that it tells.

    A text is compared only with those that can be alike enough: of two sets of which at least ``at_least`` is common, the
    few rarest words of one hold one of the other's (prefix filtering; Chaudhuri and others 2006). Of these only sizes that are
    close enough are looked at, and of them only texts whose words, folded to ``_BITS`` bits, differ in few enough: each bit that
    differs is at least one word that only one of the two has. Neither leaves out a pair that is alike enough.

    Attributes:
        at_least: how alike a text must be.
        apart: pairs of keys that a person took apart; never put together again.
        shortest: texts with fewer content words are the same story only word for word.
    """

    at_least: float = ALIKE
    apart: frozenset[frozenset[str]] = frozenset()
    shortest: int = 4
    _story: dict[str, str] = field(default_factory=dict, repr=False)
    _exact: dict[str, str] = field(default_factory=dict, repr=False)
    _filed: int = 0
    _by_stem: dict[str, dict[tuple[int, bool], list[_Filed]]] = field(default_factory=dict, repr=False)

    def add(self, key: str, text: str) -> str:
        """Take a text in; the key of the story's first text, its own when it begins one. A key is taken once."""
        if key in self._story:
            return self._story[key]
        found = gist(text)
        first = self._exact.get(found.exact) if found.exact else None
        if first is None or self._parted(key, first):
            first = self._nearest(key, found)
        self._story[key] = first or key
        if found.exact:
            self._exact.setdefault(found.exact, self._story[key])
        if first is None and len(found.stems) >= self.shortest:
            self._file(key, found)
        return self._story[key]

    def know(self, key: str, text: str, story: str, *, also: bool = False) -> None:
        """Take in a text whose story was decided before; with ``also`` a text that tells the whole story in other words."""
        if key in self._story:
            return
        found = gist(text)
        self._story[key] = story
        if found.exact:
            self._exact.setdefault(found.exact, story)
        if (also or story == key) and len(found.stems) >= self.shortest:
            self._file(key, found)

    def _file(self, key: str, found: Gist) -> None:
        self._filed += 1
        row = (self._filed, _folded(found.stems), key, found)
        kind = (len(found.stems), found.denies)
        for stem in self._rare(found):
            self._by_stem.setdefault(stem, {}).setdefault(kind, []).append(row)

    def _nearest(self, key: str, found: Gist) -> str | None:
        size = len(found.stems)
        if size < self.shortest:
            return None
        best, likeness = None, self.at_least
        mine = _folded(found.stems)
        tried: set[int] = set()
        for stem in self._rare(found):
            near: list[_Filed] = []
            for (other, denies), rows in self._by_stem.get(stem, {}).items():
                small, large = sorted((size, other))
                if denies == found.denies and small >= self.at_least * large:
                    common = math.ceil(self.at_least / (1 + self.at_least) * (size + other) - 1e-9)
                    most = size + other - 2 * common
                    near += [row for row in rows if (row[1] ^ mine).bit_count() <= most]
            for number, _, name, gist_ in sorted(near, key=itemgetter(0)):
                if number in tried or self._parted(key, name):
                    continue
                tried.add(number)
                measure = alike(found, gist_)
                if measure >= likeness and (best is None or measure > likeness):
                    best, likeness = name, measure
        return best and self._story.get(best, best)

    def _rare(self, found: Gist) -> Iterable[str]:
        """Long words first: they are the rare ones, and the order is the same for every text."""
        ordered = sorted(found.stems, key=lambda stem: (-len(stem), stem))
        return ordered[: len(ordered) - math.ceil(self.at_least * len(ordered)) + 1]

    def _parted(self, key: str, other: str) -> bool:
        return bool(self.apart) and frozenset((key, other)) in self.apart


# --- the same thing, heard from several sources -----------------------------------------------------------------------

_CARRIED = regex.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid?|ref|ref_src|cmp|cmpid|ocid|amp")
"""What is added to an address on its way and leads nowhere else."""


def address(url: str) -> str:
    """An address as it is compared: without scheme, ``www.``, what was added on the way and the place on the page.

    Empty for what is no address of a page: a home page alone tells nothing apart.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").casefold().removeprefix("www.").removeprefix("m.").removeprefix("amp.")
        query = [(name, value) for name, value in parse_qsl(parts.query) if not _CARRIED.fullmatch(name.casefold())]
    except ValueError:
        return ""
    path = parts.path.rstrip("/").removesuffix("/amp").removesuffix("/index.html")
    if parts.scheme not in {"http", "https"} or not host or not (path or query):
        return ""
    return host + path + (f"?{urlencode(sorted(query))}" if query else "")


def marks(url: str, title: str, published_at: datetime | None) -> tuple[str, ...]:
    """Hashes by which a further appearance of the same thing is known; one in common is enough.

    The address, and the title together with the minute of publication: a publication that exists in two formats often links
    each article to two places, and its titles and times agree. A repost has an address and a time of its own.
    """
    found = []
    if place := address(url):
        found.append(f"address {place}")
    if published_at is not None and (head := " ".join(words(title))):
        found.append(f"title {published_at.timestamp() // 60:.0f} {head}")
    return tuple(hashlib.blake2b(one.encode("utf-8", "replace"), digest_size=8).hexdigest() for one in found)
