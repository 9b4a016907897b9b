"""Is this about us? Boolean queries over mentions, thousands of them at once.

::

    query   := all ("OR" all)*
    all     := near (["AND"] near)*             words side by side mean AND
    near    := not ("NEAR/" n not)*             at most n words apart, in any order
    not     := ["NOT"] one
    one     := "(" query ")" | field ":" value | "raw:" '"' text '"' | '"' phrase '"' | word
    field   := author | site | lang | source | title
    value   := '"' phrase '"' | word | "(" value ("OR" value)* ")"

Words match whatever their case. A word written without accents also finds it with them; one written with them finds only
that. ``*`` stands for any ending or beginning, ``?`` for one letter. A phrase also finds the hashtag or handle it is
written as (``"ant man"`` finds ``#AntMan``, ``@ant_man`` and ``antman``), and a word also finds its possessive
(``apple`` finds ``Apple's``). ``raw:`` is the text to the letter. Scripts without spaces are matched by character.

Measured on the topic tweets of SemEval-2016/2017 task 4 B (9,701 tweets, 119 topics as quoted phrases): see
``signalbook evaluate matching``.
"""

from __future__ import annotations

import functools
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

import regex

from signalbook.classes import dataclass

FIELDS = ("author", "site", "lang", "source", "title")
MOST_LETTERS = 10_000
MOST_TERMS = 2_000
DEEPEST = 60
_GAP = 1_000
"""Positions between the title and the text, so that no phrase or NEAR reaches across."""


class QueryError(ValueError):
    """A query cannot be read.

    Attributes:
        column: 1-based place in the query.
        message: what is wrong there, a sentence.
        remedy: what to write.
    """

    def __init__(self, column: int, message: str, remedy: str) -> None:
        """Keep the facts beside the sentence."""
        super().__init__(f"column {column}: {message} {remedy}")
        self.column = column
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Said:
    """What is matched: a mention's words and where it comes from."""

    text: str
    title: str = ""
    author: str = ""
    site: str = ""
    lang: str = ""
    source: str = ""


# --- the query as a tree ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row; ``title`` keeps to the title.

    Attributes:
        forms: each word, folded.
        glued: the words as one, as hashtags and handles write them.
        mark: ``#`` or ``@`` when only the hashtag or handle is meant.
    """

    forms: tuple[str, ...]
    glued: str
    mark: str = ""
    title: bool = False


@dataclass(frozen=True, slots=True)
class Wild:
    """A word with ``*`` or ``?``; ``start`` is what every find begins with, maybe nothing."""

    pattern: str
    start: str
    title: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """Text to the letter."""

    text: str


@dataclass(frozen=True, slots=True)
class From:
    """A fact about where it comes from; ``pattern`` where the value has ``*`` or ``?``."""

    name: str
    value: str
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Two finds at most ``words`` apart."""

    left: Node
    right: Node
    words: int


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Anything else."""

    node: Node


Node = Words | Wild | Raw | From | Near | All | Any | Not


# --- reading a query -------------------------------------------------------------------------------------------------

_PIECE = regex.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<head>[a-z]+:)?(?P<quote>")|(?P<word>[^\s()"]+))')
_NEAR = regex.compile(r"NEAR/(\d{1,3})")
_FOREIGN = regex.compile(r"&&|\|\|?|!+|XOR|NAND|NEAR|ADJ|WITHIN|(?:near|within|adj|[A-Z]{1,8})/\d+")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int
    head: str = ""


def parse(query: str) -> Node:
    """Read a query.

    Raises:
        QueryError: it cannot be read; the error points at the column and says what to write.
    """
    if len(query) > MOST_LETTERS:
        raise QueryError(
            MOST_LETTERS, f"The query has {len(query):,} letters; {MOST_LETTERS:,} are read.", "Cut it in two."
        )
    tokens = _tokens(query)
    if not tokens:
        raise QueryError(1, "The query is empty, so it finds nothing.", "Write a word to look for.")
    reader = _Reader(tokens, len(query) + 1)
    node = reader.query(0)
    if reader.at < len(tokens):
        raise QueryError(
            reader.tokens[reader.at].column,
            "This parenthesis closes what was never opened.",
            "Take it out, or open one before.",
        )
    if _only_not(node):
        raise QueryError(
            1,
            "The query only says what it does not want, so it finds everything else in the world.",
            "Begin with what you look for.",
        )
    return node


def _tokens(query: str) -> list[_Token]:
    for at, letter in enumerate(query):
        if letter in "“”„«»":
            raise QueryError(
                at + 1,
                f"{letter} is a printed quotation mark, which keeps no words together.",
                'Use straight ones: "posted twice".',
            )
    found: list[_Token] = []
    at = 0
    while at < len(query):
        match = _PIECE.match(query, at)
        if match is None:
            break
        kind = match.lastgroup or ""
        column = match.start("head" if match["head"] else kind) + 1
        at = match.end()
        if kind == "quote":
            end = query.find('"', at)
            if end < 0:
                raise QueryError(
                    column, "This quotation mark is never closed, so all that follows is one long phrase.",
                    "Close it after the last word that belongs together.",
                )  # fmt: skip
            found.append(_Token("quote", query[at:end], column, (match["head"] or "")[:-1]))
            at = end + 1
            continue
        text = match[kind]
        if kind == "word" and (text in {"AND", "OR", "NOT"} or _NEAR.fullmatch(text)):
            kind = "operator"
        elif kind == "word" and _FOREIGN.fullmatch(text):
            raise QueryError(
                column, f"`{text}` is no operator here; it would be searched for as a word.",
                "Write AND, OR, NOT or NEAR/8 (at most eight words apart), in capitals.",
            )  # fmt: skip
        elif kind == "word" and text[0] in "-+" and len(text) > 1:
            raise QueryError(
                column, f"`{text[0]}` before a word means nothing here.",
                f"Write NOT {text[1:]}." if text[0] == "-" else f"Write {text[1:]}.",
            )  # fmt: skip
        found.append(_Token(kind, text, column))
    return found


class _Reader:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.tokens = tokens
        self.end = end
        self.at = 0
        self.terms = 0

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _operator(self, *names: str) -> _Token | None:
        token = self._peek()
        if (
            token
            and token.kind == "operator"
            and (token.text in names or ("NEAR" in names and token.text[:4] == "NEAR"))
        ):
            self.at += 1
            return token
        return None

    def query(self, depth: int) -> Node:
        if depth > DEEPEST:
            token = self._peek()
            raise QueryError(
                token.column if token else self.end,
                f"Parentheses stand more than {DEEPEST} deep here.",
                "Cut the query in two.",
            )
        nodes = [self.all(depth)]
        while self._operator("OR"):
            nodes.append(self.all(depth))
        return nodes[0] if len(nodes) == 1 else Any(tuple(nodes))

    def all(self, depth: int) -> Node:
        nodes = [self.near(depth)]
        while (token := self._peek()) and token.kind != "close" and token.text != "OR":
            if not self._operator("AND") and token.kind == "operator" and token.text != "NOT":
                break
            nodes.append(self.near(depth))
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def near(self, depth: int) -> Node:
        start = self._peek()
        left = self.without(depth)
        while token := self._operator("NEAR"):
            words = int(token.text[5:])
            if not 1 <= words <= 100:
                raise QueryError(
                    token.column, f"NEAR/{words} joins nothing.", "Write a number of words from 1 to 100, e.g. NEAR/8."
                )
            right = self.without(depth)
            for node, where in ((left, start), (right, token)):
                if not _has_place(node):
                    raise QueryError(
                        where.column if where else 1, "NEAR joins words that stand somewhere: words, phrases, and groups of them with OR.",
                        "Put NOT, AND and site:, author:, lang: outside of it.",
                    )  # fmt: skip
            left = Near(left, right, words)
        return left

    def without(self, depth: int) -> Node:
        if self._operator("NOT"):
            return Not(self.without(depth + 1)) if depth < DEEPEST else self.query(depth + 1)
        return self.one(depth)

    def one(self, depth: int) -> Node:
        token = self._peek()
        if token is None or token.kind in {"close", "operator"}:
            before = self.tokens[self.at - 1] if self.at else None
            if token and token.kind == "close" and before and before.kind == "open":
                raise QueryError(
                    before.column,
                    "There is nothing between these parentheses.",
                    "Write a word in them, or take them out.",
                )
            what = before if token is None or token.kind == "close" or (before and before.kind == "operator") else token
            text = what.text if what else ""
            raise QueryError(
                what.column if what else self.end,
                f"`{text}` has nothing on one side, so it joins nothing.",
                "Write a word or a group before and after it.",
            )
        self.at += 1
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise QueryError(token.column, f"The query has more than {MOST_TERMS:,} words.", "Cut it in two.")
        if token.kind == "open":
            return self._closed(token, self.query(depth + 1))
        if token.kind == "quote":
            return self._quoted(token)
        name, colon, value = token.text.partition(":")
        if colon and name in FIELDS:
            if value:
                return _fact(name, value, token.column)
            return self._group(name, token)
        if colon and name == "raw":
            raise QueryError(token.column, "raw: takes a text in quotation marks.", f'Write raw:"{value or "C++"}".')
        if colon and regex.fullmatch(r"[a-zA-Z]{2,12}", name) and value and not value.startswith("/"):
            raise QueryError(
                token.column,
                f"`{name}:` is no field.",
                f"Fields are {', '.join(FIELDS)} and raw:; put a word that has a colon into quotation marks.",
            )
        return _term(token.text, token.column)

    def _closed(self, opened: _Token, node: Node) -> Node:
        token = self._peek()
        if token is None or token.kind != "close":
            raise QueryError(opened.column, "This parenthesis is never closed.", "Count them: each ( has its ).")
        self.at += 1
        return node

    def _quoted(self, token: _Token) -> Node:
        if token.head == "raw":
            if not token.text.strip():
                raise QueryError(token.column, "raw: is empty.", 'Write what stands in the text, e.g. raw:"C++".')
            return Raw(token.text)
        if token.head in FIELDS:
            return _fact(token.head, token.text, token.column, quoted=True)
        if token.head:
            raise QueryError(token.column, f"`{token.head}:` is no field.", f"Fields are {', '.join(FIELDS)} and raw:.")
        return _term(token.text, token.column, quoted=True)

    def _group(self, name: str, token: _Token) -> Node:
        opened = self._peek()
        if opened is None or opened.kind not in {"open", "quote"}:
            raise QueryError(token.column, f"{name}: says no value.", f"Write {name}:value, or {name}:(one OR other).")
        self.at += 1
        if opened.kind == "quote":
            return _fact(name, opened.text, opened.column, quoted=True)
        values = []
        while True:
            found = self._peek()
            if found is None or found.kind not in {"word", "quote"}:
                raise QueryError(
                    found.column if found else self.end,
                    f"In {name}:( ) stand values with OR between them.",
                    f"Write {name}:(one OR other).",
                )
            self.at += 1
            values.append(_fact(name, found.text, found.column, quoted=found.kind == "quote"))
            if not self._operator("OR"):
                break
        return self._closed(opened, values[0] if len(values) == 1 else Any(tuple(values)))


def _term(text: str, column: int, *, quoted: bool = False, title: bool = False) -> Node:
    if ("*" in text or "?" in text) and not (quoted and any(letter.isspace() for letter in text.strip())):
        return _wild(text, column, title=title)
    mark = text[0] if text[:1] in {"#", "@"} and len(text) > 1 else ""
    forms = tuple(word for word, *_ in _spelled(text))
    if not forms:
        raise QueryError(
            column,
            f"“{text[:40]}” has no letter or digit, so nothing matches it.",
            f'Write raw:"{text[:20]}" for signs to the letter.',
        )
    return Words(forms, "".join(forms), mark, title)


def _wild(text: str, column: int, *, title: bool) -> Wild:
    folded = fold(text)
    start = regex.match(r"[^*?]*", folded)[0]
    if sum(letter.isalnum() for letter in folded) < 2:
        raise QueryError(
            column, f"“{text}” stands for nearly every word.", "Write at least two letters beside the * or ?."
        )
    if not regex.fullmatch(r"[\w*?'’#@-]+", folded):
        raise QueryError(column, f"“{text[:40]}” mixes * or ? with other signs.", "Use them in one word at a time.")
    pattern = regex.sub(
        r"\\\*",
        r"\\w*",
        regex.sub(r"\\\?", r"\\w", regex.escape(folded.lstrip("#@").replace("'", "").replace("-", ""))),
    )
    return Wild(pattern, start.lstrip("#@").replace("'", "").replace("-", ""), title)


def _fact(name: str, value: str, column: int, *, quoted: bool = False) -> Node:
    if name == "title":
        return _term(value, column, quoted=quoted, title=True)
    text = fold(value.strip().lstrip("@"))
    if name == "site":
        text = regex.sub(r"^https?://|/.*$", "", text).removeprefix("www.")
    if not text:
        raise QueryError(column, f"{name}: says no value.", f"Write {name}:value.")
    pattern = ""
    if "*" in text or "?" in text:
        pattern = regex.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    return From(name, text, pattern)


def _has_place(node: Node) -> bool:
    if isinstance(node, Words | Wild | Near):
        return True
    return isinstance(node, Any) and all(_has_place(one) for one in node.nodes)


def _only_not(node: Node) -> bool:
    if isinstance(node, Not):
        return True
    if isinstance(node, All):
        return all(_only_not(one) for one in node.nodes)
    return isinstance(node, Any) and any(_only_not(one) for one in node.nodes)


# --- a text as words -------------------------------------------------------------------------------------------------

# A character of a script without spaces is a word of its own; so is a pictograph.
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*"
    r"|(?P<mark>(?<![\w/])[#@])?(?P<word>[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:['’][\p{L}\p{N}][\p{L}\p{M}\p{N}_]*)*)"
    r"|\p{Extended_Pictographic}"
)
_HUMPS = regex.compile(r"\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}[\p{Ll}\p{M}]*|\p{Lu}+|\p{N}+|[\p{L}\p{M}]+")
_GLUE = frozenset("-/&.‐‑·+")


def fold(text: str) -> str:
    """Compatible characters made one, case gone, apostrophes of one kind; accents stay."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("’", "'")


@functools.lru_cache(maxsize=50_000)
def _bare(word: str) -> str:
    """A word without its accents."""
    if word.isascii():
        return word
    parted = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(letter for letter in parted if not unicodedata.combining(letter)))


def _spelled(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Each word without apostrophes, folded; as it is written; and where it begins and ends."""
    normal = unicodedata.normalize("NFKC", text)
    for match in _WORD.finditer(normal):
        written = match["word"] or match[0]
        folded = fold(written)
        parts = [part for part in folded.split("_") if part] if "_" in folded else [folded]
        for part in parts:
            yield part.replace("'", ""), (match["mark"] or "") + written, match.start(), match.end()


Place = tuple[int, int]


class Index:
    """The words of one text by their forms, each with its places (first word, word behind the last)."""

    __slots__ = ("forms", "marked", "said", "title_words")

    def __init__(self, said: Said) -> None:
        """Read the words; a text of more than 100,000 letters is read that far."""
        self.said = said
        self.forms: dict[str, list[Place]] = {}
        self.marked: dict[str, list[Place]] = {}
        after = self._read(said.title[:100_000], 0) if said.title else 0
        self.title_words = after
        self._read(said.text[:100_000], after + _GAP if said.title else 0)

    def _read(self, text: str, position: int) -> int:
        normal = unicodedata.normalize("NFKC", text)
        previous = ""
        end = -1
        for match in _WORD.finditer(normal):
            written = match["word"]
            if written is None:
                self._add(fold(match[0]), position, position + 1)
                position, previous, end = position + 1, "", match.end()
                continue
            folded = fold(written)
            first = position
            pieces = [piece for piece in folded.split("_") if piece] or [folded]
            for piece in pieces:
                self._word(piece, position)
                position += 1
            glued = folded.replace("_", "").replace("'", "")
            if len(pieces) > 1:
                self._add(glued, first, position)
            if match["mark"]:
                self.marked.setdefault(match["mark"] + glued, []).append((first, position))
                self._humps(written, first, position)
            elif not written.islower() and len(pieces) == 1 and regex.search(r"\p{Ll}\p{Lu}", written):
                self._humps(written, first, position)
            # Written with a hyphen or a stroke, two words are also one: ant-man, AC/DC.
            if previous and match.start() == end + 1 and normal[end] in _GLUE:
                self._add(previous + glued, first - 1, position)
            previous, end = glued if len(pieces) == 1 else "", match.end()
        return position

    def _word(self, word: str, position: int) -> None:
        if "'" in word:
            self._add(word.replace("'", ""), position, position + 1)
            head, _, tail = word.rpartition("'")
            if tail == "s":
                self._add(head.replace("'", ""), position, position + 1)
            first, _, rest = word.partition("'")
            if len(first) <= 2:
                self._add(rest.replace("'", ""), position, position + 1)
        else:
            self._add(word, position, position + 1)

    def _humps(self, written: str, start: int, end: int) -> None:
        """``#KatyPerryConcert``: its words, and neighbours as one, all at the place of the whole."""
        humps = [fold(hump) for hump in _HUMPS.findall(written)]
        if len(humps) < 2:
            return
        for index in range(min(len(humps), 12)):
            glued = ""
            for hump in humps[index : index + 5]:
                glued += hump
                if not (index == 0 and glued == fold(written)):
                    self._add(glued, start, end)

    def _add(self, form: str, start: int, end: int) -> None:
        places = self.forms.setdefault(form, [])
        if not places or places[-1] != (start, end):
            places.append((start, end))
        if not form.isascii() and (bare := _bare(form)) != form:
            self._add(bare, start, end)


# --- matching --------------------------------------------------------------------------------------------------------


def holds(node: Node, index: Index) -> bool:
    """Whether a query finds a text."""
    if isinstance(node, Words):
        return bool(_words(node, index))
    if isinstance(node, All):
        return all(holds(one, index) for one in node.nodes)
    if isinstance(node, Any):
        return any(holds(one, index) for one in node.nodes)
    if isinstance(node, Not):
        return not holds(node.node, index)
    if isinstance(node, Near | Wild):
        return bool(places(node, index))
    if isinstance(node, Raw):
        return node.text in index.said.text or node.text in index.said.title
    return _from(node, index.said)


def places(node: Node, index: Index) -> list[Place]:
    """Where the words of a query stand in a text, in order: first word, word behind the last."""
    if isinstance(node, Words):
        return sorted(_words(node, index))
    if isinstance(node, Wild):
        test = _compiled(node.pattern).fullmatch
        found = {
            place
            for form, where in index.forms.items()
            if form.startswith(node.start) and test(form)
            for place in where
        }
        return sorted(place for place in found if not node.title or place[1] <= index.title_words)
    if isinstance(node, Any | All):
        return sorted({place for one in node.nodes for place in places(one, index)})
    if isinstance(node, Near):
        return _near(places(node.left, index), places(node.right, index), node.words)
    return []


@functools.lru_cache(maxsize=5_000)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _words(node: Words, index: Index) -> set[Place]:
    if node.mark:
        found = set(index.marked.get(node.mark + node.glued, ()))
    elif len(node.forms) == 1:
        found = set(index.forms.get(node.forms[0], ()))
    else:
        found = set(index.forms.get(node.glued, ()))
        ends = index.forms.get(node.forms[0], ())
        for start, end in ends:
            reached = {end}
            for form in node.forms[1:]:
                where = index.forms.get(form)
                reached = {stop for begin, stop in where if begin in reached} if where else set()
                if not reached:
                    break
            found |= {(start, stop) for stop in reached}
    if node.title:
        found = {place for place in found if place[1] <= index.title_words}
    return found


def _near(left: list[Place], right: list[Place], words: int) -> list[Place]:
    """Pairs of which the second begins at most ``words`` words from where the first ends, on either side."""
    found: set[Place] = set()
    begins = [place[0] for place in right]
    longest = max((stop - start for start, stop in right), default=0)
    for start, stop in left:
        at = bisect_left(begins, start - words - longest)
        while at < len(right) and right[at][0] <= stop - 1 + words:
            begin, end = right[at]
            if (begin >= stop or end <= start) and (begin - stop < words if begin >= stop else start - end < words):
                found.add((min(start, begin), max(stop, end)))
            at += 1
    return sorted(found)


def _from(node: From, said: Said) -> bool:
    given: str = getattr(said, node.name)
    value = fold(given.lstrip("@"))
    if node.name == "site":
        value = str(regex.sub(r"^https?://|[/?#].*$", "", value)).removeprefix("www.")
        if not node.pattern:
            return value == node.value or value.endswith(f".{node.value}")
    if node.pattern:
        return _compiled(node.pattern).fullmatch(value) is not None
    if node.name == "lang":
        return value == node.value or value.startswith(f"{node.value}-")
    return value == node.value


# --- many queries at once --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Queries:
    """Named queries, asked together: only those are looked at of which a needed word stands in the text.

    Attributes:
        nodes: name → query.
    """

    nodes: Mapping[str, Node]
    _by_word: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _by_start: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _always: list[str] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        """File each query under the words of which it needs one."""
        for name, node in self.nodes.items():
            needs = _needs(node)
            if needs is None:
                self._always.append(name)
                continue
            for need in needs:
                (self._by_start if need.endswith("*") else self._by_word).setdefault(need.rstrip("*"), []).append(name)

    @classmethod
    def of(cls, queries: Mapping[str, str]) -> Queries:
        """Read them all.

        Raises:
            QueryError: one cannot be read.
        """
        return cls({name: parse(query) for name, query in queries.items()})

    def found(self, said: Said) -> list[str]:
        """The names of the queries that find a text, in their own order."""
        index = Index(said)
        names = set(self._always)
        for form in index.forms:
            if form in self._by_word:
                names.update(self._by_word[form])
            if self._by_start:
                for length in range(2, min(len(form), 12) + 1):
                    if (start := form[:length]) in self._by_start:
                        names.update(self._by_start[start])
        held = {name for name in names if holds(self.nodes[name], index)}
        return [name for name in self.nodes if name in held] if len(held) > 1 else list(held)


def _needs(node: Node) -> set[str] | None:
    """Words of which one must stand in a text for the query to find it; ``None`` when none is needed."""
    if isinstance(node, Words):
        return {max(node.forms, key=len), node.glued} if not node.mark else {node.glued, *node.forms[:1]}
    if isinstance(node, Wild):
        return {f"{node.start[:12]}*"} if len(node.start) >= 2 else None
    if isinstance(node, Near):
        return min((need for need in (_needs(node.left), _needs(node.right)) if need), key=len, default=None)
    if isinstance(node, All):
        return min((need for one in node.nodes if (need := _needs(one))), key=len, default=None)
    if isinstance(node, Any):
        needs = [_needs(one) for one in node.nodes]
        return None if any(need is None for need in needs) else {word for need in needs for word in need or ()}
    return None


def explain(node: Node) -> Iterable[str]:
    """Every word and phrase a query looks for, for showing them."""
    if isinstance(node, Words):
        yield node.mark + " ".join(node.forms)
    elif isinstance(node, Wild):
        yield node.pattern.replace(r"\w*", "*").replace(r"\w", "?")
    elif isinstance(node, Raw):
        yield node.text
    elif isinstance(node, Near):
        yield from explain(node.left)
        yield from explain(node.right)
    elif isinstance(node, All | Any):
        for one in node.nodes:
            yield from explain(one)
