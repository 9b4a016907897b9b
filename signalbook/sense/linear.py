"""A small linear model over sets of numbers: softmax regression by AdaGrad, the same on every machine.

``sentiment`` and ``route`` learn with it. A text is a sorted list of distinct numbers below ``2**bits`` (its words, hashed)
and a row of dense values; a label's score is the mean weight of the numbers, scaled by the root of how many they are, plus the
dense values times theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from signalbook.classes import dataclass


@dataclass(frozen=True)
class Weights:
    """What was learnt.

    Attributes:
        words: array of ``2**bits`` rows, a column a label.
        dense: a row a dense value, a column a label.
        scale: how much each number counts, or ``None`` when all count the same.
    """

    words: Any = field(repr=False)
    dense: Any = field(repr=False)
    scale: Any = field(default=None, repr=False)


def chances(weights: Weights, found: Sequence[Any], dense: Any) -> Any:
    """Texts → a row of chances each, which add to one. ``found`` holds integer arrays, none of them empty."""
    import numpy as np

    rows = [
        softmax(_scores(weights, found[at : at + 512], dense[at : at + 512])[0]) for at in range(0, len(found), 512)
    ]
    return np.concatenate(rows) if rows else np.zeros((0, weights.dense.shape[1]), np.float32)


def fit(
    found: Sequence[Any],
    dense: Any,
    labels: Any,
    *,
    count: int,
    bits: int,
    weight: Any = None,
    scale: Any = None,
    rounds: int = 5,
    rate: float = 0.3,
    shrink: float = 1e-5,
    batch: int = 256,
    seed: int = 1,
) -> Weights:
    """Learn from texts and their labels (integers below ``count``); ``weight`` says how much each text counts."""
    import numpy as np

    weights = Weights(np.zeros((1 << bits, count), np.float32), np.zeros((dense.shape[1], count), np.float32), scale)
    seen, seen_dense = np.full((1 << bits, 1), 1e-3, np.float32), np.full(weights.dense.shape, 1e-3, np.float32)
    weight = np.ones(len(found), np.float32) if weight is None else (weight / weight.mean()).astype(np.float32)
    order = np.random.default_rng(seed)
    for _ in range(rounds):
        shuffled = order.permutation(len(found))
        for start in range(0, len(found), batch):
            part = shuffled[start : start + batch]
            scores, flat, sizes, each = _scores(weights, [found[number] for number in part], dense[part])
            slope = softmax(scores)
            slope[np.arange(len(part)), labels[part]] -= 1
            slope *= weight[part][:, None] / len(part)
            places, back = np.unique(flat, return_inverse=True)
            order_of = np.argsort(back, kind="stable")
            spread = (np.repeat(slope, sizes, axis=0) * each[:, None])[order_of]
            starts = np.searchsorted(back[order_of], np.arange(len(places)))
            step = np.add.reduceat(spread, starts, axis=0)
            step += shrink * weights.words[places]
            seen[places] += (step**2).sum(axis=1, keepdims=True)
            weights.words[places] -= rate * step / np.sqrt(seen[places])
            step = dense[part].T @ slope
            seen_dense += step**2
            weights.dense[...] -= rate * step / np.sqrt(seen_dense)
    return weights


def softmax(scores: Any) -> Any:
    """Scores → chances, row by row."""
    import numpy as np

    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)


def _scores(weights: Weights, found: Sequence[Any], dense: Any) -> tuple[Any, Any, Any, Any]:
    """Scores; all numbers in a row, how many each text has, and how much each of them counts."""
    import numpy as np

    sizes = np.array([len(row) for row in found])
    flat = np.concatenate(list(found))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    if weights.scale is None:
        each = np.repeat((1 / np.sqrt(sizes)).astype(np.float32), sizes)
    else:
        each = weights.scale[flat]
        length = np.sqrt(np.add.reduceat(each**2, starts))
        each = each / np.repeat(length, sizes)
    return (
        np.add.reduceat(weights.words[flat] * each[:, None], starts, axis=0) + dense @ weights.dense,
        flat,
        sizes,
        each,
    )
