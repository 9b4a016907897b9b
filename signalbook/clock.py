"""When an answer is due: a target, the owner's working time, and what stops and moves the clock.

Targets in ``bh`` and ``bd`` run in the business time of whoever owns the case, all others as time elapses. Only waiting for
somebody outside pauses a clock, and never that of the first reply. Handing over keeps what was used and goes on in the
new owner's calendar. Raising the severity takes the earlier of the two dues (``min``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from signalbook.classes import dataclass
from signalbook.model.base import Duration
from signalbook.period import Hours, add_business, add_business_days, add_elapsed, business_between


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a running clock.

    Attributes:
        at: when.
        what: ``paused``: we asked back and wait; ``resumed``: they answered; ``handed``: somebody else owns it now.
        hours: the new owner's, for ``handed``.
    """

    at: datetime
    what: Literal["paused", "resumed", "handed"]
    hours: Hours | None = None


def due(start: datetime, target: Duration, hours: Hours, steps: Iterable[Step] = ()) -> datetime | None:
    """When a target that began at ``start`` is due, in the zone of the owner at that moment; ``None`` while it is paused.

    Steps after the due change nothing. They may come in any order.

    Raises:
        ValueError: a calendar has too few working hours, or a hand-over names nobody's hours.
    """
    if target.unit == "bd":
        owner = next((step.hours for step in sorted(steps, key=_when, reverse=True) if step.hours), hours)
        return add_business_days(start, max(1, int(target.amount)), owner)
    business = target.unit == "bh"
    left = target.elapsed
    since, running = start, True
    for step in sorted(steps, key=_when):
        if step.at < start:
            continue
        if running:
            used = business_between(since, step.at, hours) if business else step.at - since
            if used >= left:
                break
            left -= used
        since = step.at
        if step.what == "handed":
            if step.hours is None:
                message = "handing over names the new owner's hours"
                raise ValueError(message)
            hours = step.hours
        else:
            running = step.what == "resumed"
    if not running:
        return None
    if business:
        return add_business(since, left, hours)
    return add_elapsed(since.astimezone(hours.zone), left)


def share_used(start: datetime, end: datetime, now: datetime) -> float:
    """How much of the time to a due is over, 0 to more than 1: a reminder at 0.5, the backup at 0.8, the manager at 1."""
    whole = end.astimezone(UTC) - start.astimezone(UTC)
    gone = now.astimezone(UTC) - start.astimezone(UTC)
    return gone / whole if whole > timedelta() else 1.0


def _when(step: Step) -> datetime:
    return step.at
