"""When the site is built: the one module of this room that may read the clock and the environment."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from signalbook.classes import dataclass
from signalbook.errors import SettingsError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

VARIABLE = "SIGNALBOOK_NOW"


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a build takes for now.

    Attributes:
        now: aware, in the team's zone.
        fixed: whether somebody named it; pages then say so, and clocks on them stand still.
    """

    now: datetime
    fixed: bool


def moment(zone: ZoneInfo, *, told: datetime | None = None, option: object = None) -> Moment:
    """What was told for this run, else the environment's, else the plugin's option, else the clock.

    Raises:
        SettingsError: the option or the variable is no instant.
    """
    if told is not None:
        return Moment(_aware(told, zone), fixed=True)
    for where, value in ((VARIABLE, os.environ.get(VARIABLE)), ("the option now of the plugin signalbook", option)):
        if value:
            return Moment(_aware(_read(value, where), zone), fixed=True)
    return Moment(datetime.now(UTC).astimezone(zone), fixed=False)


def _read(value: object, where: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the team's zone is set next
    try:
        return datetime.fromisoformat(str(value))
    except ValueError as error:
        raise SettingsError(
            f"{where}: {str(value)!r} is no instant. Write it like 2026-11-23T09:00:00+01:00."
        ) from error


def _aware(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)
