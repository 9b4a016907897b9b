"""What a new version of a document changed: which fields, and how much of its words.

For people who ask what happened to a plan or a post, not for software: a value is a short text, a list is what came and
what went, and words are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

from signalbook import frontmatter
from signalbook.classes import dataclass
from signalbook.pattern import pattern

DEEP: Final = 3
"""Levels of groups in groups whose fields are told apart; below them a group changed or did not."""

EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, ())
"""What a field says that says nothing."""

_WORDS = pattern(r"\S+")
_Scalar = str | int | float | bool | date | datetime


@dataclass(frozen=True, slots=True)
class Revised:
    """One difference between two versions.

    Attributes:
        field: its path, e.g. ``budget.spent``; ``body`` for the text below the front matter.
        how: ``added`` and ``removed`` where only one version has it.
        was: the value before, or what a list lost; ``None`` where there was none, or nothing short to tell.
        now: the value since, or what a list gained; ``None`` likewise.
        gone: words that went, of a text.
        new: words that came, of a text.
    """

    field: str
    how: Literal["added", "changed", "removed"] = "changed"
    was: Any = None
    now: Any = None
    gone: int = 0
    new: int = 0


def differences(was: bytes, now: bytes) -> tuple[Revised, ...]:
    """What differs between two versions of a file, in the order of its fields; the body last.

    ``status`` is left out, which history tells by itself. A version that cannot be read has no fields.
    """
    before, after = (frontmatter.split(frontmatter.text_of(data)[0]) for data in (was, now))
    found = list(_fields("", before.values, after.values, 1))
    if before.body.strip() != after.body.strip():
        found.append(_reworded("body", before.body, after.body))
    return tuple(one for one in found if one.field != "status")


def _fields(path: str, was: Mapping[str, Any], now: Mapping[str, Any], depth: int) -> Iterator[Revised]:
    for key in dict.fromkeys((*now, *was)):
        if was.get(key) != now.get(key):
            name = f"{path}.{key}" if path else str(key)
            if was.get(key) in EMPTY:
                if now.get(key) not in EMPTY:
                    yield Revised(name, "added", None, _short(now[key]))
            elif now.get(key) in EMPTY:
                yield Revised(name, "removed", _short(was[key]), None)
            else:
                yield from _value(name, was[key], now[key], depth)


def _value(path: str, was: Any, now: Any, depth: int) -> Iterator[Revised]:
    if isinstance(was, Mapping) and isinstance(now, Mapping) and depth < DEEP:
        yield from _fields(path, was, now, depth + 1)
    elif isinstance(was, str) and isinstance(now, str) and (_long(was) or _long(now)):
        yield _reworded(path, was, now)
    elif isinstance(was, list | tuple) and isinstance(now, list | tuple):
        yield from _items(path, was, now, depth)
    else:
        short = isinstance(was, _Scalar) and isinstance(now, _Scalar)
        yield Revised(path, "changed", was, now) if short else Revised(path)


def _items(path: str, was: Sequence[Any], now: Sequence[Any], depth: int) -> Iterator[Revised]:
    """A list of words by what came and went; of groups by the one field that names them."""
    if all(isinstance(item, str) and not _long(item) for item in (*was, *now)):
        lost, gained = tuple(x for x in was if x not in now), tuple(x for x in now if x not in was)
        # With neither, only the order changed.
        yield Revised(path, "changed", lost or None, gained or None)
        return
    name = next((key for key in ("id", "name", "title", "step", "what") if _named(key, was) and _named(key, now)), "")
    if not name:
        yield Revised(path)
        return
    old, new = ({str(item[name]): item for item in items} for items in (was, now))
    lost, gained = tuple(key for key in old if key not in new), tuple(key for key in new if key not in old)
    if lost or gained:
        yield Revised(path, "changed", lost or None, gained or None)
    for key, item in new.items():
        if key in old and old[key] != item:
            yield from _value(f"{path}.{key}", old[key], item, depth + 1)


def _named(key: str, items: Sequence[Any]) -> bool:
    keys = [item.get(key) if isinstance(item, Mapping) else None for item in items]
    return all(isinstance(value, str) for value in keys) and len(set(keys)) == len(keys)


def _short(value: Any) -> Any:
    """A value, or a list of words, that can be told in a line; ``None`` for any other."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) and not _long(item) for item in value):
        return tuple(value)
    return value if isinstance(value, _Scalar) and not (isinstance(value, str) and _long(value)) else None


def _long(text: str) -> bool:
    return "\n" in text.strip() or len(text) > 60


def _reworded(path: str, was: str, now: str) -> Revised:
    """Words that came and went, wherever they stand: a sentence that only moved is neither."""
    old, new = Counter(_WORDS.findall(was)), Counter(_WORDS.findall(now))
    return Revised(path, gone=(old - new).total(), new=(new - old).total())
