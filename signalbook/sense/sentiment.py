"""How is it meant? Negative, neutral or positive with a confidence, or not rated where nobody here speaks the language.

Untrained, English is rated by VADER's rules (Hutto and Gilbert 2014), which a plain complaint outweighs where the mood is faint, and
every other language is not. ``train`` learns a linear model from labelled texts, the team's corrections first: words, pairs of words,
beginnings and endings, and the rules' own verdict as one voice among them. A model is one small file and gives the same answers
everywhere.

Measured: trained on the SemEval pool (40,860 tweets) and scored by ``signalbook evaluate sentiment``; the figures stand in the
guide beside the command. Irony, quotations and sad news fool every analyser: negative is not the same as against us.
"""

from __future__ import annotations

import base64
import functools
import html
import itertools
import json
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any, Final, Literal, NamedTuple

import regex

from signalbook.classes import dataclass
from signalbook.sense import cues, hidden, linear, vectors

Label = Literal["negative", "neutral", "positive"]
LABELS: Final[tuple[Label, ...]] = ("negative", "neutral", "positive")
BITS: Final = 18
"""Words are kept as numbers of so many bits; two that fall together are one to the model."""
MOST_LETTERS: Final = 4_000
FAINT: Final = 0.2
"""A mood up to here is so faint that a plain complaint outweighs it."""
PLAIN: Final = 0.9
"""From here on a text complains in so many words, though none of them is dark: "nobody answers, I want my money back"."""
FORM: Final = "signalbook-sentiment-1"
WITH_VECTORS: Final = "signalbook-sentiment-3"
"""The form of a model that judges with vectors beside, and cannot do without them."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A judgement.

    Attributes:
        label: ``None`` when it is not rated.
        confidence: 0 to 1; what a model gave the label, or how far the rules were from the nearest other label.
        by: ``rules``, ``model`` or ``nobody``.
        why: the words that weighed most, for showing.
    """

    label: Label | None
    confidence: float
    by: Literal["rules", "model", "nobody"]
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """A labelled text; ``weight`` above 1 for what the team corrected itself."""

    text: str
    label: Label
    lang: str = "en"
    weight: float = 1.0


@dataclass(frozen=True)
class Model:
    """What was learnt.

    Attributes:
        langs: the languages it was trained on.
        n: how many texts it was trained on.
        words: number of a word → its weight for each label (an array of shape ``2**BITS × 3``).
        rules: weights of the dense features (``_DENSE × 3``).
        net: what was learnt of the vectors of texts (``signalbook.sense.vectors``); ``None`` for nothing.
    """

    langs: tuple[str, ...]
    n: int
    words: Any = field(repr=False)
    rules: Any = field(repr=False)
    net: hidden.Net | None = field(default=None, repr=False)

    def dump(self) -> bytes:
        """The model as one file: a line of facts, then the weights, packed."""
        import numpy as np

        kept = np.flatnonzero(np.abs(self.words).max(axis=1) > 1e-3).astype(np.int32)
        weights = self.words[kept].astype(np.float16)
        head: dict[str, Any] = {
            "form": WITH_VECTORS if self.net else FORM,
            "langs": list(self.langs),
            "n": self.n,
            "bits": BITS,
            "kept": len(kept),
            "rules": self.rules.tolist(),
        }
        whole = np.diff(kept, prepend=np.int32(0)).astype(np.int32).tobytes() + weights.tobytes()
        if self.net:
            head |= {"vectors": vectors.NAME, "install": vectors.INSTALL}
            head |= {"start": self.net.start.tolist(), "bias": self.net.bias.tolist()}
            whole += self.net.into.astype(np.float16).tobytes() + self.net.out.astype(np.float16).tobytes()
        return json.dumps(head).encode() + b"\n" + base64.b85encode(zlib.compress(whole, 9)) + b"\n"

    @classmethod
    def load(cls, data: bytes) -> Model:
        """Read a model.

        Raises:
            ValueError: it is none, or of another form.
        """
        import numpy as np

        head, _, body = data.partition(b"\n")
        try:
            facts = json.loads(head)
            kept, beside = int(facts["kept"]), facts["form"] == WITH_VECTORS
            if facts["form"] not in {FORM, WITH_VECTORS} or facts["bits"] != BITS or not 0 <= kept <= 1 << BITS:
                raise ValueError(facts["form"])
            if beside and facts["vectors"] != vectors.NAME:
                raise ValueError(facts["vectors"])
            sizes = [kept * 4, kept * 6, *((_BESIDE * hidden.UNITS * 2, hidden.UNITS * 6) if beside else ())]
            reader = zlib.decompressobj()
            packed = reader.decompress(base64.b85decode(body.strip()), sum(sizes) + 1)
            if len(packed) != sum(sizes):
                raise ValueError(len(packed))
            cut = [packed[end - size : end] for size, end in zip(sizes, itertools.accumulate(sizes), strict=True)]
            words = np.zeros((1 << BITS, 3), dtype=np.float32)
            words[np.cumsum(np.frombuffer(cut[0], np.int32))] = np.frombuffer(cut[1], np.float16).reshape(-1, 3)
            rules, net = np.array(facts["rules"], dtype=np.float32), None
            if beside:
                into, out = (np.frombuffer(one, np.float16).astype(np.float32) for one in cut[2:])
                start, bias = (np.array(facts[name], dtype=np.float32) for name in ("start", "bias"))
                net = hidden.Net(into.reshape(-1, hidden.UNITS), start, out.reshape(-1, 3), bias)
                if start.shape != (hidden.UNITS,) or bias.shape != (3,):
                    raise ValueError(start.shape)
            if rules.shape != (_DENSE, 3):
                raise ValueError(rules.shape)
            return cls(tuple(map(str, facts["langs"])), int(facts["n"]), words, rules, net)
        except (ValueError, KeyError, TypeError, zlib.error, IndexError) as error:
            message = "it is no model of this version"
            raise ValueError(message) from error


# --- judging ---------------------------------------------------------------------------------------------------------


def tone(text: str, *, lang: str = "en", model: Model | None = None) -> Tone:
    """Judge one text."""
    return tones([(text, lang)], model=model)[0]


def tones(texts: Sequence[tuple[str, str]], *, model: Model | None = None) -> list[Tone]:
    """Judge texts, each with its language, in their order."""
    found: list[Tone | None] = [None] * len(texts)
    mine = [number for number, (_, lang) in enumerate(texts) if model is not None and lang in model.langs]
    if model is not None and mine:
        import numpy as np

        for number, row in zip(mine, _chances(model, [texts[number] for number in mine]), strict=True):
            best = int(np.argmax(row))
            found[number] = Tone(LABELS[best], round(float(row[best]), 3), "model", _why(*texts[number]))
    for number, (text, lang) in enumerate(texts):
        if found[number] is None:
            found[number] = _by_rules(text, lang)
    return [one for one in found if one is not None]


def complaints(texts: Sequence[tuple[str, str]], *, model: Model | None = None) -> list[tuple[bool, float]]:
    """Whether each text said to us is a complaint, and how surely: 0 (surely not) to 1 (surely).

    Untrained: words of trouble, spans of waiting and what people complain of in so many words speak for it, a good mood and thanks
    against it. A model learnt from corrections is listened to for seven tenths, and a text with more than four tenths in all is
    a complaint: of three labels that weighed the same in learning, more than one in three is much.
    """
    prior = [_complaining(text, lang) for text, lang in texts]
    if model is None:
        return [(score >= 0.5, score) for score in prior]
    learnt = [float(row[0]) for row in _chances(model, texts)] if texts else []
    out = []
    for (_, lang), before, after in zip(texts, prior, learnt, strict=True):
        score = 0.7 * after + 0.3 * before if lang in model.langs else before
        out.append((score >= (0.4 if lang in model.langs else 0.5), score))
    return out


def _complaining(text: str, lang: str, mood: float | None = None) -> float:
    """How surely it complains; ``mood`` is what the rules make of it, where somebody knows."""
    text = cues.meant(text[:MOST_LETTERS])
    seen = cues.read(text, lang)
    if mood is None:
        mood = _rules().polarity_scores(text)["compound"] if lang == "en" else 0.0
    thanks = float(min(len(seen.thanks), 2))
    score = min(len(seen.trouble), 4) * 0.35 + seen.span * 0.4
    if cues.grieved(text, lang):
        # Who thanks for an hour on hold means it no more than half.
        score, mood, thanks = score + 1.3, min(mood, 0.3), thanks / 2
    score -= mood * 0.8 + thanks * 0.35
    return float(min(1.0, max(0.0, 0.5 + score / 3)))


def _by_rules(text: str, lang: str) -> Tone:
    if lang.partition("-")[0] != "en":
        return Tone(None, 0.0, "nobody")
    compound = _rules().polarity_scores(cues.meant(text[:MOST_LETTERS]))["compound"]
    label: Label = "negative" if compound <= -0.05 else "positive" if compound >= 0.05 else "neutral"
    if label != "negative" and compound < FAINT and _complaining(text, "en", compound) >= PLAIN:
        return Tone("negative", 0.5, "rules", _why(text, "en"))
    sure = 1 - min(1.0, abs(compound) / 0.05) if label == "neutral" else min(1.0, (abs(compound) - 0.05) / 0.95)
    return Tone(label, round(float(0.34 + 0.66 * sure), 3), "rules", _why(text, "en"))


def _why(text: str, lang: str) -> tuple[str, ...]:
    seen = cues.read(text[:MOST_LETTERS], lang)
    return tuple(dict.fromkeys(word.lower() for word in (*seen.trouble, *seen.thanks)))[:6]


@functools.cache
def _rules() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


# --- what a text is to a model ---------------------------------------------------------------------------------------

_PIECE = regex.compile(r"https?\S*|[@#]?[\w\p{M}]+(?:['’][\w\p{M}]+)*|[!?.]+|[:;=8xX]['\-^]?[)(DPpoO/\\|3*]+|[^\w\s]")
_LONG = regex.compile(r"(.)\1{2,}")
_NO: Final = frozenset(
    "not no never cannot without nothing neither nor none nobody nicht kein keine nie ohne ne pas jamais sans no nunca sin non mai "
    "senza não nem".split()
)
_DENSE: Final = 14
_BESIDE: Final = vectors.WIDTH + _DENSE - 1


def _number(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace")) & ((1 << BITS) - 1)


@functools.lru_cache(maxsize=100_000)
def _pieces_of(word: str) -> tuple[int, ...]:
    """A word by itself, and its runs of three to five letters."""
    edged = f"<{word}>"
    runs = {edged[at : at + size] for size in (3, 4, 5) for at in range(len(edged) - size + 1)}
    return (_number(f"1{word}"), *sorted(_number(f"c{run}") for run in runs))


def features(text: str, lang: str = "en") -> list[int]:
    """The numbers of what stands in a text, each once."""
    found: set[int] = {_number(f"L{lang}")}
    before, second = "<s>", ""
    denied = 0
    for match in _PIECE.finditer(unicodedata.normalize("NFKC", text[:MOST_LETTERS])):
        word = match[0]
        if word.startswith("http"):
            word = "<address>"
        elif word.startswith("@"):
            word = "<handle>"
        else:
            if len(word) > 2 and word.isupper():
                found.add(_number("<capitals>"))
            word = _LONG.sub(r"\1\1", word.lower().replace("’", "'"))
        lettered = word[0].isalpha() or word[0] == "#"
        if lettered:
            found.update(_pieces_of(word))
        else:
            found.add(_number(f"1{word}"))
        found.add(_number(f"2{before} {word}"))
        if second:
            found.add(_number(f"3{second} {before} {word}"))
        if denied and lettered:
            found.add(_number(f"n{word}"))
        if word in _NO or word.endswith("n't"):
            denied = 4
        elif word[0] in ".!?,;:":
            denied = 0
        else:
            denied = max(0, denied - 1)
        second, before = before, word
    return sorted(found)


def _dense(text: str, lang: str) -> list[float]:
    """What the rules and the cues say, as numbers near one."""
    seen = cues.read(text[:MOST_LETTERS], lang)
    rated = _rules().polarity_scores(text[:MOST_LETTERS]) if lang == "en" else {"compound": 0.0, "pos": 0.0, "neg": 0.0}
    compound = rated["compound"]
    return [
        1.0, compound, rated["pos"], rated["neg"], max(compound - 0.05, 0.0), max(-compound - 0.05, 0.0), seen.shouts / 3,
        min(text.count("?"), 3) / 3, min(len(seen.trouble), 5) / 3, float(len(seen.trouble) >= 2), float(seen.span),
        min(len(seen.thanks), 2) / 2, float(seen.asks), float(text.lstrip().startswith("@")),
    ]  # fmt: skip


class _Seen(NamedTuple):
    """What a model sees of texts: the numbers of each, a row of values, and on demand its vector with these values.

    ``spoken`` says which texts are in the language that vectors know.
    """

    found: list[Any]
    dense: Any
    spoken: Any
    rows: Any = None

    def of(self, places: Any) -> _Seen:
        """Those of some texts."""
        rows = None if self.rows is None else self.rows[places]
        return _Seen([self.found[int(place)] for place in places], self.dense[places], self.spoken[places], rows)


def _seen(texts: Iterable[tuple[str, str]], *, beside: bool) -> _Seen:
    import numpy as np

    read = [(_read(text), lang) for text, lang in texts]
    dense = np.array([_dense(text, lang) for text, lang in read], dtype=np.float32).reshape(-1, _DENSE)
    spoken = np.array([lang.partition("-")[0] == "en" for _, lang in read], dtype=bool)
    known = [text if mine else "" for (text, _), mine in zip(read, spoken, strict=True)]
    return _Seen(
        [np.array(features(text, lang), dtype=np.int32) for text, lang in read],
        dense,
        spoken,
        np.hstack([vectors.of(known), dense[:, 1:]]) if beside else None,
    )


_ESCAPED = regex.compile(r"\\u([0-9a-fA-F]{4})")


def _read(text: str) -> str:
    r"""A text as people read it: exports of tools keep some letters as ``\u2019`` or ``&amp;``."""
    text = text[:MOST_LETTERS]
    if "\\u" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return html.unescape(text) if "&" in text else text


VECTORS_SAY: Final = (0.4, 0.7)
ENOUGH: Final = 20_000
"""How much vectors are listened to beside words: with few texts to learn from, and with so many; between them evenly more. Like
``hidden.EVEN`` these come from the pool's last year, judged by what was learnt from 100 to 25,000 texts of the years before."""


def _chances(model: Model, texts: Sequence[tuple[str, str]]) -> Any:
    """A row of three chances a text."""
    return _judged(model, _seen(texts, beside=model.net is not None))


def _judged(model: Model, seen: _Seen) -> Any:
    import numpy as np

    rows = linear.chances(linear.Weights(model.words, model.rules), seen.found, seen.dense)
    if model.net is None or not seen.spoken.any():
        return rows
    beside = linear.softmax(model.net.scores(seen.rows[seen.spoken]))
    least, most = VECTORS_SAY
    say = least + (most - least) * min(1.0, model.n / ENOUGH)
    rows[seen.spoken] = linear.softmax((1 - say) * np.log(rows[seen.spoken] + 1e-9) + say * np.log(beside + 1e-9))
    return rows


# --- learning --------------------------------------------------------------------------------------------------------


def learn(
    examples: Sequence[Example], *, extra: bool = False, folds: int = 3, seed: int = 1
) -> tuple[Model, list[Tone]]:
    """A model, and a judgement of each text by one that did not see it; the texts are looked at once for both.

    Raises:
        ValueError: fewer than ten texts, or fewer than two labels among them.
    """
    _enough(examples)
    seen = _seen(((example.text, example.lang) for example in examples), beside=extra)
    judged = _cross_validated(examples, seen, folds=folds, seed=seed)
    return _fit(examples, seen, rounds=_rounds(200_000, examples, least=5), rate=0.3, seed=seed), judged


def train(
    examples: Sequence[Example], *, extra: bool = False, rounds: int | None = None, rate: float = 0.3, seed: int = 1
) -> Model:
    """Learn from labelled texts; the same texts in the same order give the same model.

    Softmax regression by AdaGrad in batches of 256; without ``rounds`` about 200,000 texts are looked at in all. Each label
    weighs the same however rare it is, so that a pool with few negative texts does not make a model that overlooks them. ``extra`` looks at the vectors of
    texts beside their words, where these are English.

    Raises:
        ValueError: fewer than ten texts, or fewer than two labels among them.
    """
    _enough(examples)
    seen = _seen(((example.text, example.lang) for example in examples), beside=extra)
    return _fit(examples, seen, rounds=rounds or _rounds(200_000, examples, least=5), rate=rate, seed=seed)


def _enough(examples: Sequence[Example]) -> None:
    if len(examples) < 10 or len({example.label for example in examples}) < 2:
        message = f"{len(examples)} texts teach nothing: at least ten with two different labels are needed"
        raise ValueError(message)


def _rounds(looks: int, examples: Sequence[Example], *, least: int) -> int:
    """How often all texts are looked at, so that it is about ``looks`` texts."""
    return max(least, min(40, looks // len(examples)))


def _fit(examples: Sequence[Example], seen: _Seen, *, rounds: int, rate: float, seed: int) -> Model:
    import numpy as np

    labels = np.array([LABELS.index(example.label) for example in examples])
    share = np.bincount(labels, minlength=3)
    each = np.array([example.weight for example in examples])
    weight = (share.sum() / np.maximum(share, 1) / 3)[labels] * each
    learnt = linear.fit(
        seen.found, seen.dense, labels, count=3, bits=BITS, weight=weight, rounds=rounds, rate=rate, seed=seed
    )
    net = None
    if seen.rows is not None and len(set(labels[seen.spoken].tolist())) > 1:
        mine = seen.spoken
        often = max(8, min(200, 400_000 // int(mine.sum())))
        net = hidden.fit(seen.rows[mine], labels[mine], count=3, weight=each[mine], rounds=often, seed=seed)
    langs = tuple(sorted({example.lang for example in examples}))
    return Model(langs, len(examples), learnt.words, learnt.dense, net)


def _cross_validated(examples: Sequence[Example], seen: _Seen, *, folds: int, seed: int) -> list[Tone]:
    """A judgement of each text by a model that did not see it, in the order of the texts."""
    import numpy as np

    fold = np.random.default_rng(seed).permutation(len(examples)) % folds
    judged: dict[int, Tone] = {}
    rounds = _rounds(120_000, examples, least=3)
    for number in range(folds):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = _fit([examples[int(i)] for i in inside], seen.of(inside), rounds=rounds, rate=0.3, seed=seed)
        for place, row in zip(outside, _judged(model, seen.of(outside)), strict=True):
            judged[int(place)] = Tone(LABELS[int(row.argmax())], float(row.max()), "model")
    return [judged[number] for number in range(len(examples))]
