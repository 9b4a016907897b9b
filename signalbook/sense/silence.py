"""Too quiet? A source that is silent for longer than its own rhythm is news, as loud as a spike.

A source's rhythm is the gaps between the items it has had. Sources speak in bursts and sleep at night and at weekends, so
that neither the mean gap nor the longest one says when to worry: the first is reached every evening, and one holiday makes
the second useless. What is believed is the longest gap in twenty, half as long again, and never under six hours; a person
who knows better says so (``expect_every`` of a Watch), and is believed instead.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from signalbook.classes import dataclass

ENOUGH = 6
"""Fewer items than these have no rhythm."""
SHARE = 0.95
"""This share of a source's gaps is usual."""
SLACK = 1.5
LEAST = timedelta(hours=6)
MOST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that says nothing.

    Attributes:
        since: when it last said something; when it was first asked, if it never did.
        usual: the longest pause that is usual for it.
        expected: whether a person said how long is usual.
    """

    since: datetime
    usual: timedelta
    expected: bool

    def lasts(self, now: datetime) -> timedelta:
        """How long it has been silent."""
        return now - self.since


def rhythm(times: Sequence[datetime]) -> timedelta | None:
    """The longest pause that is usual for a source; ``None`` when it said too little to tell.

    ``times`` are those of its items, in any order; items of the same minute are one.
    """
    ordered = sorted({at.replace(second=0, microsecond=0) for at in times})
    if len(ordered) < ENOUGH:
        return None
    gaps = sorted(after - before for before, after in itertools.pairwise(ordered))
    usual = gaps[min(len(gaps) - 1, int(SHARE * len(gaps)))]
    return min(MOST, max(LEAST, usual * SLACK))


def silence(
    times: Sequence[datetime],
    now: datetime,
    *,
    since: datetime | None = None,
    expect_every: timedelta | None = None,
) -> Silence | None:
    """Whether a source is silent for longer than is usual; ``None`` when it is not, or nobody can tell.

    Args:
        times: when its items were written, in any order.
        now: the instant that is asked about.
        since: when it was first asked; counts where nothing was ever heard and a person expects something.
        expect_every: what a person says is usual, as elapsed time; its own rhythm when absent.
    """
    usual = expect_every or rhythm(times)
    last = max((at for at in times if at <= now), default=since)
    if usual is None or last is None or now - last <= usual:
        return None
    return Silence(last, usual, expected=expect_every is not None)
