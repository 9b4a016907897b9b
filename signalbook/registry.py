"""Look up entry points of one group, by name; each is loaded when it is first asked for.

The groups are the system's switchboard: ``signalbook.connectors``, ``signalbook.rules``, ``signalbook.charts``,
``signalbook.rooms``. Other distributions register in the same groups.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any


@functools.cache
def group(name: str) -> dict[str, EntryPoint]:
    """Every entry point of a group by its name, in alphabetical order, not yet loaded."""
    return {point.name: point for point in sorted(_points().select(group=name), key=lambda point: point.name)}


@functools.cache
def _points() -> Any:
    """What all installed distributions register: their files are read once, and not once for each group."""
    return entry_points()


@functools.cache
def load(group_name: str, name: str) -> Any:
    """One object of a group.

    Raises:
        KeyError: nothing of that name is registered.
    """
    return group(group_name)[name].load()


def everything(group_name: str) -> Iterator[tuple[str, Any]]:
    """Every object of a group with its name, in alphabetical order."""
    for name in group(group_name):
        yield name, load(group_name, name)
