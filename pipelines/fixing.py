"""``signalbook check --fix``: mend what has one sure remedy, and leave every other byte as it was.

Only three things are sure: a field's name, a word of a closed set, or a name of a document or channel that is one
slip away from exactly one that exists. Each is replaced where it stands, on its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from signalbook import book as books
from signalbook import caching, checking
from signalbook.findings import Finding
from signalbook.workspace import Workspace

SURE = frozenset({"unknown-field", "field-type", "reference", "channel"})
_MEANT = re.compile(r"Did you mean `([^`]+)`\?")


def run(workspace: Workspace, wanted: tuple[str, ...] = ()) -> Iterator[str]:
    """Mend what is sure; yields one sentence for each change.

    ``wanted`` limits it to these paths, relative to the workspace; empty for all.
    """
    book = books.load(workspace)
    rules = checking.rules()
    found = list(book.findings)
    from datetime import UTC, datetime

    for name in ("reference", "channel"):
        if name in rules:
            found += list(rules[name](book, datetime(2000, 1, 1, tzinfo=UTC)))
    by_path: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.rule in SURE and _MEANT.search(finding.message):
            by_path.setdefault(finding.path, []).append(finding)
    for path, findings in sorted(by_path.items()):
        if not wanted or any(path == one or path.startswith(one + "/") for one in wanted):
            yield from _mend(workspace.root / path, path, findings)


def _mend(file: Path, path: str, findings: list[Finding]) -> Iterator[str]:
    data = file.read_bytes()
    lines = data.decode("utf-8-sig").splitlines(keepends=True)
    said = []
    for finding in sorted(findings, key=lambda f: (f.line, f.column), reverse=True):
        meant = _MEANT.search(finding.message)
        if meant is None or not 1 <= finding.line <= len(lines):
            continue
        old = lines[finding.line - 1]
        new = _replaced(old, finding, meant[1])
        if new != old:
            lines[finding.line - 1] = new
            said.append(f"{path}:{finding.line}  {finding.field}: now {meant[1]}")
    if said:
        mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
        caching.replace(file, mark + "".join(lines).encode())
        yield from reversed(said)


def _replaced(line: str, finding: Finding, meant: str) -> str:
    key = finding.field.rpartition(".")[2]
    start = finding.column - 1
    if finding.rule == "unknown-field":
        return line[:start] + meant + line[start + len(key) :] if line[start:].startswith(key + ":") else line
    wrong = re.search(r"[“]([^”]+)[”]", finding.message)
    if wrong is None or line[start:].count(wrong[1]) != 1:
        return line
    return line[:start] + line[start:].replace(wrong[1], meant)
