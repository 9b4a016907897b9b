"""``signalbook check``: rules over the Book → findings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from signalbook import book as books
from signalbook import checking
from signalbook.classes import dataclass
from signalbook.errors import UsageError
from signalbook.findings import Finding, Level
from signalbook.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found.

    Attributes:
        findings: in order of place, waived ones among them.
        fixed: one sentence for every thing that was mended.
        summary: one sentence about all of it.
    """

    findings: tuple[Finding, ...]
    fixed: tuple[str, ...]
    summary: str

    @property
    def blocks(self) -> bool:
        """Whether anything stops the merge."""
        return any(finding.blocks for finding in self.findings)


def run(
    workspace: Workspace,
    now: datetime,
    *,
    paths: tuple[Path, ...] = (),
    base: str = "",
    fix: bool = False,
    here: Path = Path(),
) -> Outcome:
    """Read the workspace and ask every rule.

    Raises:
        UsageError: a path lies outside the workspace, or ``base`` is no revision.
    """
    wanted = tuple(_inside(workspace, here, path) for path in paths)
    fixed: tuple[str, ...] = ()
    if fix:
        from pipelines import fixing

        fixed = tuple(fixing.run(workspace, wanted))
    book = books.load(workspace)
    findings = checking.findings(book, now)
    if base:
        from pipelines.rules import post_past

        findings = sorted([*findings, *post_past.since(book, now, base)], key=lambda f: (f.path, f.line, f.column))
    if wanted:
        findings = [f for f in findings if any(f.path == path or f.path.startswith(path + "/") for path in wanted)]
    documents = sum(1 for _ in book.everything())
    return Outcome(tuple(findings), fixed, _summary(findings, documents))


def _inside(workspace: Workspace, here: Path, path: Path) -> str:
    for found in (path, here / path, workspace.root / path):
        resolved = found.resolve()
        if resolved.exists() and resolved.is_relative_to(workspace.root):
            relative = workspace.relative(resolved)
            return "" if relative == "." else relative
    message = f"{path} is not a file or a folder of this workspace."
    raise UsageError(message)


def _summary(findings: list[Finding], documents: int) -> str:
    counted = checking.counted(findings)
    waived = sum(1 for finding in findings if finding.waived)
    if not findings:
        return f"{documents} documents, nothing to mend."
    parts = [f"{number} {word}" for level, word in _WORDS.items() if (number := counted[level])]
    if waived:
        parts.append(f"{waived} waived")
    return f"{documents} documents: {', '.join(parts) or 'nothing to mend'}."


_WORDS = {Level.BLOCK: "to mend before merging", Level.WARN: "to look at", Level.INFORM: "for information"}


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as ``check --json`` prints it."""
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "field": finding.field,
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "waived": finding.waived,
    }


def as_github(finding: Finding) -> str:
    """A finding as a workflow command, shown by the forge beside the line.

    The escapes are those of the forge's own toolkit: per cent, ends of lines, and in properties also colon and comma.
    """
    command = {Level.BLOCK: "error", Level.WARN: "warning", Level.INFORM: "notice"}[finding.level]
    if finding.waived:
        command = "notice"
    place = f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(finding.rule)}"
    return f"::{command} {place}::{_data(f'{finding.message} {finding.remedy}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
