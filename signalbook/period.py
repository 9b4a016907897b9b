"""Days, weeks and months in the team's zone; local times that do not exist or happen twice; business time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Gap:
    """A local time that no clock shows, because clocks jump over it.

    Attributes:
        before: the same distance into the jump, told with the clock of after it: 01:30 for 02:30 on a spring night.
        after: the same, told with the clock of before it: 03:30.
    """

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """A local time that happens twice, because clocks go back over it.

    Attributes:
        first: the earlier of the two instants, in the zone.
        second: the later one.
    """

    first: datetime
    second: datetime


def resolve_local(naive: datetime, zone: ZoneInfo) -> datetime | Gap | Fold:
    """Say which instant a local time means: one, none (``Gap``) or two (``Fold``). All instants are in the zone.

    The offsets of the two folds differ only around a change of the clocks, PEP 495, "The fold attribute".

    Raises:
        ValueError: the time already has a zone.
    """
    if naive.tzinfo is not None:
        message = f"{naive.isoformat()} already says its offset"
        raise ValueError(message)
    first = naive.replace(tzinfo=zone, fold=0)
    second = naive.replace(tzinfo=zone, fold=1)
    early, late = first.utcoffset(), second.utcoffset()
    if early is None or late is None or early == late:
        return first
    # Going through UTC moves a time inside a gap to one that clocks do show.
    shown = first.astimezone(UTC).astimezone(zone), second.astimezone(UTC).astimezone(zone)
    return Fold(*shown) if early > late else Gap(before=shown[1], after=shown[0])
