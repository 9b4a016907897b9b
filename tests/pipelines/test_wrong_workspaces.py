"""Wrong workspaces and the exact findings expected: adding a case adds no code.

A case is a YAML file in ``tests/workspaces/wrong/``:

- ``files``: path → text; a text may instead be ``{bytes: base64}``, ``{repeat: {text, times}, before, after}``,
  ``{encoded: {text, as: utf-16}}`` or ``{symlink: target}``;
- ``now``: the instant; ``team: true`` puts the files of ``_team.yml`` under the case's own;
- ``findings``: every finding as path, line, rule, level and, where it has one, field. A case may list fewer keys.
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from signalbook import book, checking
from signalbook.findings import Finding
from signalbook.workspace import Workspace

FOLDER = Path(__file__).parents[1] / "workspaces" / "wrong"
GOLDEN = Path(__file__).parents[1] / "golden" / "messages.txt"
CASES = sorted(path.stem for path in FOLDER.glob("*.yml") if not path.stem.startswith("_"))
SLOWEST_S = 2.0


@dataclass(frozen=True)
class Case:
    files: dict[str, Any]
    now: datetime
    findings: list[dict[str, Any]]


def case(name: str) -> Case:
    data = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    files: dict[str, Any] = {}
    if data.get("team"):
        files |= yaml.safe_load((FOLDER / "_team.yml").read_text(encoding="utf-8"))["files"]
    return Case(files | (data.get("files") or {}), datetime.fromisoformat(str(data["now"])), data.get("findings") or [])


def build(root: Path, files: dict[str, Any]) -> Workspace:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict) and "symlink" in content:
            file.symlink_to(content["symlink"])
        else:
            file.write_bytes(content.encode() if isinstance(content, str) else made(content))
    return Workspace(root)


def made(how: dict[str, Any]) -> bytes:
    """What YAML cannot hold, or nobody wants to read."""
    if "bytes" in how:
        return base64.b64decode(how["bytes"])
    if "encoded" in how:
        return str(how["encoded"]["text"]).encode(how["encoded"]["as"])
    repeated = str(how["repeat"]["text"]) * int(how["repeat"]["times"])
    return (how.get("before", "") + repeated + how.get("after", "")).encode()


def found_in(root: Path, name: str) -> list[Finding]:
    wanted = case(name)
    return checking.findings(book.load(build(root, wanted.files), use_cache=False), wanted.now)


def told(finding: Finding) -> dict[str, Any]:
    row = {"path": finding.path, "line": finding.line, "rule": finding.rule, "level": finding.level.value}
    return row | ({"field": finding.field} if finding.field else {}) | ({"waived": True} if finding.waived else {})


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_workspace_has_exactly_the_findings_it_should(name, tmp_path):
    wanted = case(name).findings
    begun = time.process_time()
    found = found_in(tmp_path, name)
    took = time.process_time() - begun
    rows = [told(finding) for finding in found]
    assert sorted(map(str, rows)) == sorted(str({key: row[key] for key in told_order(row)}) for row in wanted)
    assert took < SLOWEST_S


def told_order(row: dict[str, Any]) -> list[str]:
    return [key for key in ("path", "line", "rule", "level", "field", "waived") if key in row]


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_workspace_hides_nothing_of_a_right_one_beside_it(name, tmp_path):
    """One bad file never hides the others: a post beside it with a finding of its own keeps that finding."""
    build(tmp_path, case(name).files)
    beside = tmp_path / "content" / "calendar" / "zz-beside.md"
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.write_text(
        "---\ntitle: Beside\nstatus: approved\nowner: writer\nchannels: [nowhere]\n---\nHello there.\n",
        encoding="utf-8",
    )
    found = checking.findings(book.load(Workspace(tmp_path), use_cache=False), case(name).now)
    assert "post-time" in {finding.rule for finding in found if finding.path.endswith("zz-beside.md")}


def test_every_message_reads_well_and_stands_in_one_file(tmp_path, golden_update):
    blocks = []
    for name in CASES:
        folder = tmp_path / name
        folder.mkdir()
        lines = [f"## {name}"]
        for finding in found_in(folder, name):
            field = f"  {finding.field}" if finding.field else ""
            lines.append(f"\n{finding.path}:{finding.line}:{finding.column}{field}  ({finding.rule}, {finding.level})")
            lines += [f"  {finding.message}", f"  → {finding.remedy}"]
            if finding.waived:
                lines.append(f"  waived: {finding.waived}")
        blocks.append("\n".join(lines).replace(str(folder), "…"))
    text = (
        "What every rule says in the cases of tests/workspaces/wrong, made by `pytest --golden-update`.\n"
        "Read it from top to bottom once in a while: where, what, why it matters, what to write.\n\n"
        + "\n\n".join(blocks)
        + "\n"
    )
    if golden_update:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text
    for word in ("invalid", "please", "!", "oops"):
        for block in blocks:
            told_lines = [
                line for line in block.lower().split("\n") if line.startswith("  ") and not line.startswith("  →")
            ]
            assert not any(word in line.split("“")[0] for line in told_lines), (word, block)


def test_every_rule_has_a_case_that_shows_its_message():
    """The rules that need a history, a clock or a network beyond a workspace are named here."""
    beyond = {"post-past", "reference", "channel", "erase-due"}
    shown = {row["rule"] for name in CASES for row in case(name).findings}
    assert set(checking.rules()) - shown - beyond == set()


def test_the_team_on_which_cases_stand_has_no_findings(tmp_path):
    files = yaml.safe_load((FOLDER / "_team.yml").read_text(encoding="utf-8"))["files"]
    found = checking.findings(
        book.load(build(tmp_path, files), use_cache=False), datetime.fromisoformat("2026-11-23T09:00:00+01:00")
    )
    assert [str(finding) for finding in found] == []


def test_no_case_was_built_outside_its_folder(tmp_path):
    for name in CASES:
        assert not any(path.startswith("/") or ".." in path.split("/") for path in case(name).files)
