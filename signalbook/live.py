"""What services say of their own limits, kept in ``data/limits.json`` so that checks need no network.

``measure`` asks each account and writes down the answer, the address it came from and the day; whoever reads the settings of a
workspace reads it beside them, and it beats the figures that Signalbook brings along. Limits that the team writes under
``[channels.NAME.limits]`` beat both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from signalbook import caching
from signalbook.records import digest
from signalbook.settings import Said

if TYPE_CHECKING:
    from signalbook.settings import Settings
    from signalbook.workspace import Workspace

NAME = "limits.json"
MOST_BYTES = 256 * 1024
"""A file that is larger was not written here, and is not read."""
MOST = 10_000_000
"""No service takes a longer text; a larger number is a mistake or a trick."""


def read(workspace: Workspace) -> dict[str, Said]:
    """Channel → what its service said. What cannot be read is as good as never asked: the figures brought along hold."""
    path = workspace.data / NAME
    try:
        if path.is_symlink() or path.stat().st_size > MOST_BYTES:
            return {}
        table = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {str(key): said for key, row in table.items() if (said := _said(row)) is not None}


def _said(row: Any) -> Said | None:
    if not isinstance(row, dict) or not isinstance(row.get("limits"), dict):
        return None
    try:
        as_of = date.fromisoformat(row["as_of"])
    except (KeyError, TypeError, ValueError):
        return None
    limits = {str(name): value for name, value in row["limits"].items() if _sane(value)}
    return Said(str(row.get("source", ""))[:300], as_of, limits) if limits else None


def _sane(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST


def write(workspace: Workspace, said: Mapping[str, Said]) -> bool:
    """Write down what services say; whether that changed anything. What says the same keeps the day it was first read.

    Channels that were not asked keep what they said before.

    Raises:
        OSError: the folder cannot be written.
    """
    before = read(workspace)
    after = dict(before)
    for key, answer in said.items():
        limits = {name: value for name, value in sorted(answer.limits.items()) if _sane(value)}
        one = replace(answer, limits=limits)
        known = before.get(key)
        if one.limits and (known is None or (known.source, known.limits) != (one.source, one.limits)):
            after[key] = one
    if after == before:
        return False
    rows = {
        key: {"as_of": one.as_of.isoformat(), "source": one.source, "limits": dict(one.limits)}
        for key, one in sorted(after.items())
    }
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    caching.replace(workspace.data / NAME, text.encode(), durable=True)
    return True


def told(settings: Settings, said: Mapping[str, Said]) -> Settings:
    """The settings with what services say in their channels."""
    known = {key: one for key, one in said.items() if key in settings.channels}
    if not known:
        return settings
    channels = {
        key: replace(channel, live=known[key]) if key in known else channel
        for key, channel in settings.channels.items()
    }
    words = [f"{key} {one.source} {one.as_of} {sorted(one.limits.items())}" for key, one in sorted(known.items())]
    return replace(settings, channels=channels, digest=digest(settings.digest, *words))
