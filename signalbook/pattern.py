"""Regular expressions that are compiled when they are first used.

Every command loads the rules and what they stand on, with more than two hundred expressions in them. A text that is looked
at needs a quarter of these, and to compile the others takes longer than to look at it.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, cast


class Later:
    """Takes the place of a compiled expression, and is as quick as one from its second use on."""

    def __init__(self, text: str, flags: int, library: str = "re") -> None:
        """Compile nothing yet; ``library`` is the name of ``re`` or of one with the same functions."""
        self._asked = (text, flags)
        self._library = library

    def __getattr__(self, name: str) -> Any:
        """What the expression has: its methods, its text."""
        held = self.__dict__
        made = held.get("_made")
        if made is None:
            made = held["_made"] = import_module(held["_library"]).compile(*held["_asked"])
        found = held[name] = getattr(made, name)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What ``re.compile`` gives, compiled at its first use; for expressions of modules.

    One that is wrong is told at its first use; ``tests/signalbook/test_pattern.py`` compiles them all.
    """
    return cast("re.Pattern[str]", Later(text, flags))


def unicode_pattern(text: str, flags: int = 0) -> Any:
    """The same by the library ``regex``, which knows properties of letters and more kinds of case."""
    return Later(text, flags, "regex")
