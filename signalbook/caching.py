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
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


@functools.cache
def zone_of(key: str) -> ZoneInfo:
    """The zone of that name."""
    return ZoneInfo(key)


_PLAIN = {
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "timezone"), ("datetime", "timedelta"),
    ("signalbook.caching", "zone_of"),
    ("signalbook.findings", "Finding"), ("signalbook.findings", "Level"),
    ("signalbook.content", "Ordinary"), ("signalbook.model.base", "Marks"),
}  # fmt: skip


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN or (module.startswith("signalbook.model.") and name.isidentifier()):
            found = super().find_class(module, name)
            if (module, name) not in _PLAIN and not hasattr(found, "__dataclass_fields__"):
                raise pickle.UnpicklingError(name)
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


class _Writer(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[ZoneInfo] = lambda zone: (zone_of, (zone.key,))


_CANNOT = (
    OSError, EOFError, ValueError, TypeError, AttributeError, ImportError, IndexError, KeyError, pickle.UnpicklingError,
    MemoryError, OverflowError, RecursionError,
)  # fmt: skip


def load(path: Path, version: str) -> Any:
    """What was saved under this version; ``None`` when nothing was, or when it cannot be used."""
    try:
        with path.open("rb") as file:
            found_version, thing = _Reader(file).load()
    except _CANNOT:
        return None
    return thing if found_version == version else None


def save(path: Path, version: str, thing: object) -> None:
    """Save for the next run; a folder that cannot be written is no reason to fail."""
    with contextlib.suppress(OSError):
        replace(path, packed(version, thing))


# --- a thing in several parts, so that a small change is a small write ------------------------------------------------


def packed(version: str, thing: object) -> bytes:
    """One part, ready for ``save_parts`` and ``add_part``."""
    buffer = io.BytesIO()
    _Writer(buffer, protocol=5).dump((version, thing))
    return buffer.getvalue()


def unpacked(part: bytes) -> Any:
    """What a part of this very run holds."""
    return _Reader(io.BytesIO(part)).load()[1]


def load_parts(path: Path, version: str) -> tuple[list[Any], bool]:
    """The parts saved under this version, oldest first; and whether that is all of the file and no crash cut it short."""
    parts: list[Any] = []
    try:
        file = io.BytesIO(path.read_bytes())
        size = file.getbuffer().nbytes
        while file.tell() < size:
            found_version, thing = _Reader(file).load()
            if found_version != version:
                return [], False
            parts.append(thing)
    except _CANNOT:
        return parts, False
    return parts, True


def save_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Save parts in the place of all that was there; a folder that cannot be written is no reason to fail."""
    with contextlib.suppress(OSError):
        replace(path, b"".join(parts))


def add_part(path: Path, part: bytes) -> None:
    """Add a part behind those that are there: one write, so that two runs at once leave both."""
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        file.write(part)


def replace(path: Path, data: bytes | bytearray, *, durable: bool = False) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part; ``durable``: also after a power cut.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
