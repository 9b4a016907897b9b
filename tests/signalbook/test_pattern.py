"""Expressions that are compiled when they are first used."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pipelines.rules
import signalbook
import site_plugins
from signalbook.pattern import Later, pattern


def held(value: object, depth: int = 3) -> Iterator[Later]:
    """Every expression in a module's value: itself, in a tuple, in a dictionary."""
    if isinstance(value, Later):
        yield value
    elif depth and isinstance(value, tuple | list):
        for one in value:
            yield from held(one, depth - 1)
    elif depth and isinstance(value, dict):
        for one in value.values():
            yield from held(one, depth - 1)


def test_every_expression_of_ours_can_be_compiled():
    found: dict[int, Later] = {}
    for package in (signalbook, pipelines.rules, site_plugins):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "_mkdocs" in module.name or module.name.startswith("signalbook.sense."):
                continue
            values = vars(importlib.import_module(module.name)).values()
            found |= {id(one): one for value in values for one in held(value)}
    assert len(found) > 150
    for one in found.values():
        assert re.compile(one.pattern, one.flags)


def test_it_is_what_re_makes_of_it():
    late, early = pattern(r"(?P<day>\d+)\.", re.ASCII), re.compile(r"(?P<day>\d+)\.", re.ASCII)
    assert (late.pattern, late.flags, late.groups) == (early.pattern, early.flags, early.groups)
    for text in ("12. 13.", "", "none"):
        assert late.findall(text) == early.findall(text)
        assert late.sub("-", text) == early.sub("-", text)
        assert [one.span("day") for one in late.finditer(text)] == [one.span("day") for one in early.finditer(text)]
