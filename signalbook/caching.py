"""Keep what was computed between runs, in ``.cache/``: never trusted further than plain documents.

The folder belongs to the workspace, so that what lies in it may have come with a pull request. Only our own dataclasses
and dates are ever made of it; anything else in a cache file makes it count as empty.
"""

from __future__ import annotations

import contextlib
import copyreg
import functools
import io
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signalbook.findings import Finding, Level


@functools.cache
def zone_of(key: str) -> ZoneInfo:
    """The zone of that name."""
    return ZoneInfo(key)


_PLAIN = {
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "timezone"), ("datetime", "timedelta"),
    ("signalbook.caching", "zone_of"),
    ("signalbook.findings", "Finding"), ("signalbook.findings", "Level"),
    ("signalbook.content", "Ordinary"),
}  # fmt: skip


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN or (module.startswith("signalbook.model.") and name.isidentifier()):
            found = super().find_class(module, name)
            if module.startswith("signalbook.model.") and not hasattr(found, "__dataclass_fields__"):
                raise pickle.UnpicklingError(name)
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


class _Writer(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[ZoneInfo] = lambda zone: (zone_of, (zone.key,))


def load(path: Path, version: str) -> Any:
    """What was saved under this version; ``None`` when nothing was, or when it cannot be used."""
    try:
        with path.open("rb") as file:
            found_version, thing = _Reader(file).load()
    except (OSError, EOFError, ValueError, TypeError, AttributeError, ImportError, IndexError, KeyError,
            pickle.UnpicklingError, MemoryError):  # fmt: skip
        return None
    return thing if found_version == version else None


def save(path: Path, version: str, thing: object) -> None:
    """Save for the next run; a folder that cannot be written is no reason to fail."""
    buffer = io.BytesIO()
    _Writer(buffer, protocol=5).dump((version, thing))
    with contextlib.suppress(OSError):
        replace(path, buffer.getvalue())


def replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


__all__ = ["Finding", "Level", "load", "replace", "save", "zone_of"]
