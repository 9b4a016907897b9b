"""Dataclasses whose methods are written when one of them is first called.

``dataclasses.dataclass`` writes and compiles six methods for each frozen class, which takes longer than all else that a
module does when it is imported. Every command imports more than a hundred such classes and makes objects of a few. Here a
class has its fields and slots at once; its first use has ``dataclasses`` write the methods, and from then on they are
the same and as quick.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass  # what type checkers know of it holds here
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, **options: Any) -> Any:
        """What ``dataclasses.dataclass`` is; only plain frozen classes are made in the way of this module."""
        if not frozen or options:
            return dataclasses.dataclass(cls, frozen=frozen, slots=slots, **options)

        def made(cls: type) -> type:
            # A class that says how to compare and not how to hash has None for the latter.
            own = [name for name in _WRITTEN if vars(cls).get(name) is None]
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            for name in own:
                setattr(cls, name, _first(cls, name, own))
            cls.__setattr__ = cls.__delattr__ = _refuse
            if slots:
                cls.__getstate__, cls.__setstate__ = _state, _restore
            return cls

        return made


__all__ = ["dataclass"]

_WRITTEN = ("__init__", "__repr__", "__eq__", "__hash__")
_OPTIONS = ("default", "default_factory", "init", "repr", "hash", "compare", "kw_only")


def _first(cls: type, name: str, own: list[str]) -> Callable[..., Any]:
    """A method that has the methods of its class written, and then does what was asked."""

    def method(self: Any, *args: Any, **given: Any) -> Any:
        # Most classes are made and never shown or compared.
        _write(cls, [name] if name == "__init__" else [one for one in own if one != "__init__"])
        return getattr(cls, name)(self, *args, **given)

    return method


def _write(cls: type[Any], own: list[str]) -> None:
    """Give a class some of the methods that ``dataclasses`` writes for a twin of it, a class with the same fields."""
    kinds: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for one in dataclasses.fields(cls):
        kinds[one.name] = one.type
        options = {name: getattr(one, name) for name in _OPTIONS}
        values[one.name] = dataclasses.field(**options)
    if hasattr(cls, "__post_init__"):
        values["__post_init__"] = cls.__post_init__
    twin: Any = type(cls.__name__, (), {"__annotations__": kinds, **values})
    made = "__init__" in own
    slots = "__slots__" in vars(cls)
    twin = dataclasses.dataclass(init=made, repr=not made, eq=not made, frozen=True, slots=slots)(twin)
    for name in own:
        setattr(cls, name, getattr(twin, name))


def _refuse(self: Any, name: str, *_: object) -> NoReturn:
    message = f"cannot set or delete {type(self).__name__}.{name}"
    raise dataclasses.FrozenInstanceError(message)


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
