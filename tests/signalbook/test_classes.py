"""Dataclasses whose methods are written late do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, ClassVar

import pytest

from signalbook.classes import dataclass


@dataclass(frozen=True, slots=True)
class Late:
    """Made here."""

    name: str
    number: int = 3
    many: list[int] = dataclasses.field(default_factory=list, compare=False)
    hidden: str = dataclasses.field(default="", repr=False)
    made: str = dataclasses.field(default="so", init=False)
    KIND: ClassVar[str] = "kind"


@dataclasses.dataclass(frozen=True, slots=True)
class Early:
    """Made by the standard library, of the same fields."""

    name: str
    number: int = 3
    many: list[int] = dataclasses.field(default_factory=list, compare=False)
    hidden: str = dataclasses.field(default="", repr=False)
    made: str = dataclasses.field(default="so", init=False)
    KIND: ClassVar[str] = "kind"


@dataclass(frozen=True)
class Checked:
    """One that looks at its values, and has its own way to show itself."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(self.low)

    def __repr__(self) -> str:
        return f"{self.low} to {self.high}"


@dataclass(frozen=True)
class Named(Checked):
    """One that adds a field to another's."""

    name: str = "none"


def _same(act: Any) -> Any:
    """What an act gives or raises with either class, which must be the same."""
    said = []
    for cls in (Late, Early):
        try:
            said.append(str(act(cls)).replace(cls.__name__, "It"))
        except (TypeError, AttributeError) as problem:
            said.append(f"{type(problem).__name__} {problem}".replace(cls.__name__, "It"))
    assert said[0] == said[1]
    return said[0]


def test_a_late_class_is_made_shown_compared_and_kept_like_an_early_one() -> None:
    assert "number=4" in _same(lambda cls: cls("a", 4, hidden="x"))
    assert _same(lambda cls: cls("a") == cls("a", many=[1])) == "True"
    assert _same(lambda cls: cls("a") == cls("b")) == "False"
    assert _same(lambda cls: cls("a") == "a") == "False"
    assert _same(lambda cls: hash(cls("a", 1)) == hash(cls("a", 1))) == "True"
    assert "missing 1 required positional argument: 'name'" in _same(lambda cls: cls())
    assert "unexpected keyword argument 'made'" in _same(lambda cls: cls("a", made="else"))
    _same(lambda cls: [(one.name, one.type, one.default) for one in dataclasses.fields(cls)])
    _same(lambda cls: dataclasses.asdict(dataclasses.replace(cls("a", many=[1]), number=9)))
    _same(lambda cls: (cls.__slots__, cls.__match_args__, cls.__doc__ and cls.KIND))


def test_an_object_of_a_late_class_is_copied_and_kept_and_refuses_changes() -> None:
    thing = Late("a", many=[1])
    assert pickle.loads(pickle.dumps(thing)) == copy.copy(thing) == thing  # noqa: S301 - made on the line itself
    assert copy.deepcopy(thing).many == [1]
    for act in (lambda: setattr(thing, "name", "b"), lambda: delattr(thing, "name"), lambda: setattr(thing, "new", 1)):
        with pytest.raises(dataclasses.FrozenInstanceError, match=r"Late\.n"):
            act()
    assert Late.__init__ is Late.__init__
    assert Late.__init__.__code__.co_argcount == 5


def test_what_a_class_says_itself_stays_and_its_heirs_have_its_fields() -> None:
    assert repr(Checked(1, 2)) == "1 to 2"
    with pytest.raises(ValueError, match="3"):
        Checked(3, 2)
    assert Named(1, 2, "both").name == "both"
    assert Named(1, 2) != Checked(1, 2)
    with pytest.raises(ValueError, match="3"):
        Named(3, 2)
