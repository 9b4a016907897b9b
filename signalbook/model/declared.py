"""The classes of the model: frozen dataclasses whose methods are shared.

``dataclass`` writes and compiles five methods for each class. There are a hundred of them, every command starts with
them, and hardly one is ever called: documents are made of what a file holds (``signalbook.decode``). Here the fields are
those of ``dataclass``, and the methods do by looking what compiled ones would do by heart.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def declared(cls: type[T]) -> type[T]:
    """Make a frozen dataclass."""
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    made.__init__ = _init
    made.__repr__ = _repr
    made.__eq__ = _eq
    made.__hash__ = _hash
    made.__setattr__ = _refuse
    made.__delattr__ = _refuse
    return cls


_FIELDS: dict[Any, tuple[dataclasses.Field[Any], ...]] = {}


def _fields(cls: Any) -> tuple[dataclasses.Field[Any], ...]:
    if cls not in _FIELDS:
        _FIELDS[cls] = dataclasses.fields(cls)
    return _FIELDS[cls]


def _values(thing: Any) -> tuple[Any, ...]:
    return tuple([getattr(thing, field.name) for field in _fields(type(thing))])


def _init(self: Any, *args: Any, **given: Any) -> None:
    fields = _fields(type(self))
    if len(args) > len(fields):
        message = f"{type(self).__name__} takes {len(fields)} values, not {len(args)}"
        raise TypeError(message)
    held = self.__dict__
    for field, value in zip(fields, args, strict=False):
        held[field.name] = value
    for field in fields[len(args) :]:
        if field.name in given:
            held[field.name] = given.pop(field.name)
        elif field.default_factory is not MISSING:
            held[field.name] = field.default_factory()
        elif field.default is not MISSING:
            held[field.name] = field.default
        else:
            message = f"{type(self).__name__} needs a value for {field.name}"
            raise TypeError(message)
    if given:
        message = f"{type(self).__name__} has no field {', '.join(given)}, or was given it twice"
        raise TypeError(message)


def _repr(self: Any) -> str:
    shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in _fields(type(self)) if field.repr)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _refuse(self: Any, name: str, *_: object) -> NoReturn:
    message = f"{type(self).__name__}.{name} is written in its file, and never changed"
    raise FrozenInstanceError(message)
