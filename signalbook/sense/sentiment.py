"""How is it meant? Negative, neutral or positive with a confidence, or not rated where nobody here speaks the language.

Untrained, English is rated by VADER's rules (Hutto and Gilbert 2014) and every other language is not. ``train`` learns a
linear model from labelled texts, the team's corrections first: words, pairs of words, beginnings and endings, and the rules'
own verdict as one voice among them. A model is one small file and gives the same answers everywhere.

Measured: trained on the SemEval pool (40,860 tweets) and scored by ``signalbook evaluate sentiment``; the figures stand in the
guide beside the command. Irony, quotations and sad news fool every analyser: negative is not the same as against us.
"""

from __future__ import annotations

import base64
import functools
import json
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import regex

from signalbook.sense import cues, linear

Label = Literal["negative", "neutral", "positive"]
LABELS: Final[tuple[Label, ...]] = ("negative", "neutral", "positive")
BITS: Final = 18
"""Words are kept as numbers of so many bits; two that fall together are one to the model."""
MOST_LETTERS: Final = 4_000
FORM: Final = "signalbook-sentiment-1"


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
    """

    langs: tuple[str, ...]
    n: int
    words: Any = field(repr=False)
    rules: Any = field(repr=False)

    def dump(self) -> bytes:
        """The model as one file: a line of facts, then the weights, packed."""
        import numpy as np

        kept = np.flatnonzero(np.abs(self.words).max(axis=1) > 1e-3).astype(np.int32)
        weights = self.words[kept].astype(np.float16)
        head = {
            "form": FORM,
            "langs": list(self.langs),
            "n": self.n,
            "bits": BITS,
            "kept": len(kept),
            "rules": self.rules.tolist(),
        }
        packed = zlib.compress(np.diff(kept, prepend=np.int32(0)).astype(np.int32).tobytes() + weights.tobytes(), 9)
        return json.dumps(head).encode() + b"\n" + base64.b85encode(packed) + b"\n"

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
            kept = int(facts["kept"])
            if facts["form"] != FORM or facts["bits"] != BITS or not 0 <= kept <= 1 << BITS:
                raise ValueError(facts["form"])
            reader = zlib.decompressobj()
            packed = reader.decompress(base64.b85decode(body.strip()), kept * 10 + 1)
            if len(packed) != kept * 10:
                raise ValueError(len(packed))
            places = np.cumsum(np.frombuffer(packed[: kept * 4], dtype=np.int32))
            words = np.zeros((1 << BITS, 3), dtype=np.float32)
            words[places] = np.frombuffer(packed[kept * 4 :], dtype=np.float16).reshape(-1, 3)
            rules = np.array(facts["rules"], dtype=np.float32)
            if rules.shape != (_DENSE, 3):
                raise ValueError(rules.shape)
            return cls(tuple(map(str, facts["langs"])), int(facts["n"]), words, rules)
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

    Untrained: words of trouble and spans of waiting speak for it, a good mood and thanks against it. A model learnt from
    corrections is listened to for seven tenths, and a text with more than four tenths in all is a complaint: of three labels
    that weighed the same in learning, more than one in three is much.
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


def _complaining(text: str, lang: str) -> float:
    seen = cues.read(text[:MOST_LETTERS], lang)
    mood = _rules().polarity_scores(text[:MOST_LETTERS])["compound"] if lang == "en" else 0.0
    score = min(len(seen.trouble), 4) * 0.35 + seen.span * 0.4 - mood * 0.8 - min(len(seen.thanks), 2) * 0.35
    return float(min(1.0, max(0.0, 0.5 + score / 3)))


def _by_rules(text: str, lang: str) -> Tone:
    if lang.partition("-")[0] != "en":
        return Tone(None, 0.0, "nobody")
    compound = _rules().polarity_scores(text[:MOST_LETTERS])["compound"]
    label: Label = "negative" if compound <= -0.05 else "positive" if compound >= 0.05 else "neutral"
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


def _table(texts: Iterable[tuple[str, str]]) -> tuple[list[Any], Any]:
    import numpy as np

    rows = list(texts)
    return [np.array(features(text, lang), dtype=np.int32) for text, lang in rows], np.array(
        [_dense(text, lang) for text, lang in rows], dtype=np.float32
    )


def _chances(model: Model, texts: Sequence[tuple[str, str]]) -> Any:
    """A row of three chances a text."""
    return linear.chances(linear.Weights(model.words, model.rules), *_table(texts))


# --- learning --------------------------------------------------------------------------------------------------------


def train(examples: Sequence[Example], *, rounds: int | None = None, rate: float = 0.3, seed: int = 1) -> Model:
    """Learn from labelled texts; the same texts in the same order give the same model.

    Softmax regression by AdaGrad in batches of 256; without ``rounds`` about 200,000 texts are looked at in all. Each label weighs the same however rare it is, so that a pool with few
    negative texts does not make a model that overlooks them.

    Raises:
        ValueError: fewer than ten texts, or fewer than two labels among them.
    """
    if len(examples) < 10 or len({example.label for example in examples}) < 2:
        message = f"{len(examples)} texts teach nothing: at least ten with two different labels are needed"
        raise ValueError(message)
    table = _table((example.text, example.lang) for example in examples)
    return _fit(examples, *table, rounds=rounds or max(5, min(40, 200_000 // len(examples))), rate=rate, seed=seed)


def _fit(examples: Sequence[Example], found: list[Any], dense: Any, *, rounds: int, rate: float, seed: int) -> Model:
    import numpy as np

    labels = np.array([LABELS.index(example.label) for example in examples])
    share = np.bincount(labels, minlength=3)
    weight = (share.sum() / np.maximum(share, 1) / 3)[labels] * np.array([example.weight for example in examples])
    learnt = linear.fit(found, dense, labels, count=3, bits=BITS, weight=weight, rounds=rounds, rate=rate, seed=seed)
    return Model(tuple(sorted({example.lang for example in examples})), len(examples), learnt.words, learnt.dense)


def cross_validated(examples: Sequence[Example], *, folds: int = 3, seed: int = 1) -> list[Tone]:
    """A judgement of each text by a model that did not see it, in the order of the texts."""
    import numpy as np

    found, dense = _table((example.text, example.lang) for example in examples)
    fold = np.random.default_rng(seed).permutation(len(examples)) % folds
    judged: dict[int, Tone] = {}
    rounds = max(3, min(40, 120_000 // len(examples)))
    for number in range(folds):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = _fit(
            [examples[int(i)] for i in inside],
            [found[i] for i in inside],
            dense[inside],
            rounds=rounds,
            rate=0.3,
            seed=seed,
        )
        rows = linear.chances(linear.Weights(model.words, model.rules), [found[i] for i in outside], dense[outside])
        for place, row in zip(outside, rows, strict=True):
            judged[int(place)] = Tone(LABELS[int(row.argmax())], float(row.max()), "model")
    return [judged[number] for number in range(len(examples))]
