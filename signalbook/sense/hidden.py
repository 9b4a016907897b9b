"""A small network of one hidden layer over rows of numbers: what a straight line through vectors of meaning cannot tell.

``sentiment`` mixes it with its linear model when vectors are at hand. Adam (Kingma and Ba 2015) in batches of 256, a fixed seed:
the same rows in the same order give the same weights.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any, Final

from signalbook.classes import dataclass

UNITS: Final = 64
EVEN: Final = 0.43
"""How far rare labels are raised to the others: 0 judges by how frequent they were, 1 as if all were equally frequent. At 1 too many
texts were called negative in a year that was not learnt from (0.87 of those that were, but half of what was neutral too)."""


@dataclass(frozen=True)
class Net:
    """What was learnt: ``softmax(max(0, row @ into + start) @ out + bias)``."""

    into: Any = field(repr=False)
    start: Any = field(repr=False)
    out: Any = field(repr=False)
    bias: Any = field(repr=False)

    def scores(self, rows: Any) -> Any:
        """A row of scores for each row."""
        import numpy as np

        return np.maximum(rows @ self.into + self.start, 0) @ self.out + self.bias


def fit(
    rows: Any,
    labels: Any,
    *,
    count: int,
    weight: Any,
    rounds: int,
    rate: float = 5e-4,
    shrink: float = 0.012,
    seed: int = 1,
) -> Net:
    """Learn from rows and their labels (integers below ``count``); ``weight`` says how much each row counts.

    Rare labels are raised by ``EVEN``.
    """
    import numpy as np

    from signalbook.sense.linear import softmax

    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    rows = ((rows - middle) / spread).astype(np.float32)
    chance = np.random.default_rng(seed)
    weight = (weight / weight.mean()).astype(np.float32)

    def begun(into: int, out: int) -> Any:
        return chance.uniform(-1, 1, (into, out)).astype(np.float32) * np.float32(np.sqrt(6 / (into + out)))

    kept = [begun(rows.shape[1], UNITS), np.zeros(UNITS, np.float32), begun(UNITS, count), np.zeros(count, np.float32)]
    mean, square = [np.zeros_like(one) for one in kept], [np.zeros_like(one) for one in kept]
    step = 0
    for _ in range(rounds):
        order = chance.permutation(len(rows))
        for at in range(0, len(rows), 256):
            part = order[at : at + 256]
            inside = np.maximum(rows[part] @ kept[0] + kept[1], 0)
            slope = softmax(inside @ kept[2] + kept[3])
            slope[np.arange(len(part)), labels[part]] -= 1
            slope *= weight[part][:, None] / len(part)
            back = (slope @ kept[2].T) * (inside > 0)
            slopes = [
                rows[part].T @ back + shrink * kept[0], back.sum(axis=0),
                inside.T @ slope + shrink * kept[2], slope.sum(axis=0),
            ]  # fmt: skip
            step += 1
            for number, one in enumerate(slopes):
                mean[number] += 0.1 * (one - mean[number])
                square[number] += 0.001 * (one**2 - square[number])
                size = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                kept[number] -= (size * mean[number] / (np.sqrt(square[number]) + 1e-8)).astype(np.float32)
    into = kept[0] / spread[:, None]
    share = np.bincount(labels, weights=weight, minlength=count) / weight.sum()
    # A label that nobody taught is not rare, it is unknown.
    raised = np.where(share > 0, -EVEN * np.log(np.maximum(share, 1e-9)), -20)
    return Net(into, kept[1] - middle @ into, kept[2], kept[3] + raised)
