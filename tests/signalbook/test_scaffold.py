"""A new team's repository is whole or not there at all; a new document explains itself."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from signalbook import scaffold
from signalbook.errors import UsageError
from signalbook.model import KINDS

DAY = dt.date(2026, 11, 23)
STARTER = Path(str(files("signalbook") / "starter"))


def new_team(folder: Path, name: str = "Bakery & Sons", zone: str = "Europe/Berlin") -> list[Path]:
    return scaffold.new_team(folder, name=name, zone=zone, today=DAY)


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "content" / "people").mkdir(parents=True)
    for role in ("writer", "approver"):
        (tmp_path / "content" / "people" / f"{role}.md").write_text("---\ntitle: x\n---\n", encoding="utf-8")
    return SimpleNamespace(content=tmp_path / "content")


def test_the_repository_holds_every_file_of_the_starter_and_no_other(tmp_path):
    made = new_team(tmp_path / "team")
    expected = {
        path.relative_to(STARTER).as_posix().removesuffix(".tmpl")
        for path in STARTER.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {path.relative_to(tmp_path / "team").as_posix() for path in made} == expected
    assert {path for path in (tmp_path / "team").rglob("*") if path.is_file()} == set(made)


def test_only_templates_hold_fields():
    for path in STARTER.rglob("*"):
        if path.is_file() and path.suffix != ".tmpl" and "__pycache__" not in path.parts:
            assert not scaffold._FIELD.search(path.read_bytes().decode("utf-8", "replace")), path


@pytest.mark.parametrize("name", ["Bakery & Sons", 'The "Left Bank" Team', "Zoë’s Café: Öffentlichkeit", "a#b\\n"])
def test_any_name_people_use_is_written_so_that_it_reads_back(tmp_path, name):
    new_team(tmp_path / "team", name=name)
    settings = tomllib.loads((tmp_path / "team" / "signalbook.toml").read_text(encoding="utf-8"))
    assert settings["team"]["name"] == name
    assert settings["team"]["timezone"] == "Europe/Berlin"
    look = (tmp_path / "team" / "mkdocs.yml").read_text(encoding="utf-8")
    title = next(line for line in look.splitlines() if line.startswith("site_name:"))
    assert yaml.safe_load(title) == {"site_name": name}
    project = tomllib.loads((tmp_path / "team" / "pyproject.toml").read_text(encoding="utf-8"))
    assert re.fullmatch(r"[a-z0-9-]+", project["project"]["name"])


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\u202eb"])
def test_a_name_nobody_can_see_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="name"):
        new_team(tmp_path / "team", name=name)
    assert not (tmp_path / "team").exists()


def test_an_unknown_zone_is_refused_with_the_one_that_was_meant(tmp_path):
    with pytest.raises(UsageError, match='Did you mean "Europe/Berlin"'):
        new_team(tmp_path / "team", zone="Europe/Berln")


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        new_team(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_fresh_clone_counts_as_empty(tmp_path):
    (tmp_path / ".git").mkdir()
    assert new_team(tmp_path)
    assert (tmp_path / "signalbook.toml").is_file()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "team").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        new_team(tmp_path / "team")


def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path, monkeypatch):
    written = []
    write = Path.write_bytes

    def full(self, content):
        written.append(self)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        new_team(tmp_path / "deep" / "team")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_value_is_an_error_and_the_forges_own_braces_stay():
    assert scaffold.fill("${{ secrets.TOKEN }} {{ name }}", {"name": "x"}, source="a") == "${{ secrets.TOKEN }} x"
    with pytest.raises(ValueError, match=r"a: no value for \{\{ nmae \}\}"):
        scaffold.fill("{{ nmae }}", {"name": "x"}, source="a")


def test_a_day_moves_and_a_word_does_not():
    assert scaffold.fill("{{ today+14 }} {{ today-1 }}", {"today": DAY}, source="a") == "2026-12-07 2026-11-22"
    with pytest.raises(ValueError, match="cannot be moved"):
        scaffold.fill("{{ name+1 }}", {"name": "x"}, source="a")


@pytest.mark.parametrize("kind", [cls.KIND for cls in KINDS])
def test_a_new_document_reads_and_explains_every_field(workspace, kind):
    from signalbook import decode

    path = scaffold.new_document(workspace, kind, "first-one", on=DAY)
    text = path.read_text(encoding="utf-8")
    cls = scaffold._kind(kind)
    assert path == workspace.content / cls.FOLDER / "first-one.md"
    for key in decode.fields_of(cls):
        assert re.search(rf"^(# )?{key}:", text, re.MULTILINE), key
    bare = re.sub(r"^# (?=[a-z_]+:( |$))", "", text, flags=re.MULTILINE)
    for version in (text, bare):
        assert isinstance(yaml.safe_load(version.split("---\n")[1]), dict)
    assert "owner: approver" in text


def test_a_taken_slug_is_refused_whatever_its_case_or_folder(workspace):
    deep = workspace.content / "calendar" / "2026" / "Opening.md"
    deep.parent.mkdir(parents=True)
    deep.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"content/calendar/2026/Opening\.md is a post"):
        scaffold.new_document(workspace, "post", "opening", on=DAY)
    # Another kind may use it: slugs are unique within their kind.
    assert scaffold.new_document(workspace, "event", "opening", on=DAY)


@pytest.mark.parametrize("slug", ["../outside", "Opening Day", "a_b", "", "con", "é"])
def test_a_slug_that_makes_trouble_is_refused(workspace, slug):
    with pytest.raises(UsageError, match="slug"):
        scaffold.new_document(workspace, "post", slug, on=DAY)


def test_a_wrong_word_is_answered_with_the_right_ones(workspace):
    with pytest.raises(UsageError, match='Did you mean "post"'):
        scaffold.new_document(workspace, "psot", "x", on=DAY)


def test_every_template_fills_and_keeps_front_matter_that_reads(workspace):
    for kind in KINDS:
        for name in scaffold.templates(kind.KIND):
            path = scaffold.new_document(workspace, kind.KIND, f"from-{name}", template=name, on=DAY)
            text = path.read_text(encoding="utf-8")
            assert text.startswith("---\n"), path
            assert isinstance(yaml.safe_load(text.split("\n---\n")[0]), dict), path
            assert not scaffold._FIELD.search(text), path
