"""A finding: a problem as a value, with its place, its rule and what to write instead."""

from __future__ import annotations

from enum import StrEnum

from signalbook.classes import dataclass


class Level(StrEnum):
    """How much a finding weighs: *block* stops the merge or the send, *warn* wants an answer, *inform* is said."""

    BLOCK = "block"
    WARN = "warn"
    INFORM = "inform"


LEVEL_ORDER = {Level.BLOCK: 0, Level.WARN: 1, Level.INFORM: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in one place.

    Attributes:
        path: posix path relative to the workspace, e.g. ``content/calendar/opening.md``.
        line: 1-based line in that file, 1 when the file as a whole is meant.
        column: 1-based column, 1 when the line as a whole is meant.
        field: the field's path, e.g. ``media.0.alt``; empty when it is about the body or the file.
        rule: the rule's id, e.g. ``alt-text``.
        level: how much it weighs.
        message: what is wrong and why it matters to the reader, in whole sentences.
        remedy: what to write or do instead.
        waived: the reason of the waiver that answers it; empty when nothing does.
    """

    path: str
    line: int
    column: int
    field: str
    rule: str
    level: Level
    message: str
    remedy: str
    waived: str = ""

    def __reduce__(self) -> tuple[type[Finding], tuple[object, ...]]:
        """Keep it between runs as its plain values; thousands are read back at every build."""
        return Finding, (
            self.path, self.line, self.column, self.field, self.rule, self.level, self.message, self.remedy, self.waived,
        )  # fmt: skip

    @property
    def blocks(self) -> bool:
        """Whether it fails ``check`` and the strict build."""
        return self.level is Level.BLOCK and not self.waived


def ordered(findings: list[Finding]) -> list[Finding]:
    """Sort by place, then by weight, so that two runs print the same list."""
    return sorted(findings, key=lambda f: (f.path, f.line, f.column, LEVEL_ORDER[f.level], f.rule, f.field, f.message))
