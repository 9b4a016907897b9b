"""What a team begins with can be kept: the starter's documents and every template stand up to every rule."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files
from pathlib import Path

import pytest

from signalbook import book, checking, scaffold
from signalbook.findings import Level
from signalbook.workspace import Workspace

DAY = dt.date(2026, 11, 23)
TEMPLATES = Path(str(files("signalbook") / "templates"))
EVERY = [(path.parent.name, path.stem) for path in sorted(TEMPLATES.rglob("*.md"))]


@pytest.fixture
def team(tmp_path):
    scaffold.new_team(tmp_path / "team", name="Bakery & Sons", zone="Europe/Berlin", today=DAY)
    return Workspace(tmp_path / "team")


def blocking(workspace: Workspace, on: dt.date) -> list[str]:
    now = dt.datetime.combine(on, dt.time(9, 0), dt.UTC)
    found = checking.findings(book.load(workspace, use_cache=False), now)
    return [f"{f.path}:{f.line} {f.field} {f.rule}: {f.message}" for f in found if f.level is Level.BLOCK]


@pytest.mark.parametrize("years", [0, 1, 5])
def test_a_new_team_has_nothing_to_repair_however_late_it_begins(team, years):
    """Nothing in the starter carries a day that can pass."""
    assert blocking(team, DAY.replace(year=DAY.year + years)) == []


def test_a_document_from_every_template_needs_no_repair_on_its_first_day(team):
    for kind, name in EVERY:
        scaffold.new_document(team, kind, f"{kind}-{name}", template=name, on=DAY)
    assert blocking(team, DAY) == []


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_field_that_waits_keeps_its_explanation_when_the_number_sign_goes(kind, name):
    """Taking the sign away must not turn the explanation into the field's value."""
    head = (TEMPLATES / kind / f"{name}.md").read_text(encoding="utf-8").split("---\n")[1]
    for line in head.splitlines():
        if waits := re.match(r"\s*#\s+[a-z_]+:(.*)", line):
            said = waits[1].split("#")[0].strip()
            assert " " not in said or said == "1 in 10", line
