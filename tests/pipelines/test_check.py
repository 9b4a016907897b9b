"""`check` as a pipeline and for a forge, `check --fix`, and `doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import check, doctor, fixing
from signalbook.errors import UsageError
from signalbook.findings import Finding, Level
from tests import build as make
from tests.build import NOW


def finding(**more):
    given = {"path": "content/a.md", "line": 3, "column": 2, "field": "title", "rule": "r", "level": Level.BLOCK, "message": "M.",
             "remedy": "R."} | more  # fmt: skip
    return Finding(**given)


def test_findings_for_a_forge_are_workflow_commands():
    assert check.as_github(finding()) == "::error file=content/a.md,line=3,col=2,title=r::M. R."
    assert check.as_github(finding(level=Level.WARN)).startswith("::warning ")
    assert check.as_github(finding(level=Level.INFORM)).startswith("::notice ")
    assert check.as_github(finding(waived="because it is so")).startswith("::notice ")


@pytest.mark.parametrize(
    "hostile", ["a\n::stop-commands::x", "a\r\n::set-output name=x::y", "50%0Aoff", "x,line=1::error file=y", "%25"]
)
def test_nothing_in_a_finding_can_become_another_command(hostile):
    line = check.as_github(finding(path=hostile, message=hostile, remedy=hostile))
    assert "\n" not in line
    assert "\r" not in line
    place = line.partition(" ")[2].partition("::")[0]
    assert [part.partition("=")[0] for part in place.split(",")] == ["file", "line", "col", "title"]
    assert line.count("%0A") >= hostile.count("\n")


def test_paths_choose_files_and_folders_and_nothing_outside(tmp_path):
    place = make.workspace(tmp_path / "team", {"calendar/a": {"title": "A"}, "plans/b": {"title": "B"}})
    both = check.run(place, NOW)
    one = check.run(place, NOW, paths=(Path("content/calendar"),))
    assert {f.path for f in one.findings} == {"content/calendar/a.md"}
    assert {f.path for f in both.findings} > {f.path for f in one.findings}
    for outside in ("/etc/passwd", "..", "content/none.md"):
        with pytest.raises(UsageError):
            check.run(place, NOW, paths=(Path(outside),))


def test_a_wrong_document_hides_no_other(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": {"title": "A"}, "calendar/c": {"title": "C"}})
    make.write(place.content / "calendar" / "b.md", b"---\ntitle: [open\n---\n")
    make.write(place.content / "calendar" / "d.md", b"\xff\xfe")
    paths = {f.path for f in check.run(place, NOW).findings}
    assert {f"content/calendar/{name}.md" for name in "abcd"} <= paths


# --- mending ---------------------------------------------------------------------------------------------------------

WRONG = """\
---
titel: "Doors  open"   # a comment
status: aproved
owner: wirter
channels: [blgo, nowhere, bluesky]
labels: [blgo]
publish_at: 2026-11-25 09:30
nonsense: 1
---
blgo wirter titel

- aproved
"""


def test_what_is_sure_is_mended_and_every_other_byte_stays(tmp_path):
    place = make.workspace(tmp_path)
    file = make.write(place.content / "calendar" / "a.md", "\ufeff" + WRONG.replace("\n", "\r\n"))
    said = list(fixing.run(place))
    expected = (
        WRONG.replace("titel:", "title:", 1)
        .replace("status: aproved", "status: approved")
        .replace("owner: wirter", "owner: writer")
    )
    expected = expected.replace("channels: [blgo,", "channels: [blog,")
    assert file.read_bytes().decode() == "\ufeff" + expected.replace("\n", "\r\n")
    assert len(said) == 4
    assert list(fixing.run(place)) == [], "a second time there is nothing left"


@pytest.mark.parametrize(
    "text",
    ["---\ntitle: [open\n---\n", "---\nowner: somebody-else-entirely\n---\n", "---\ntitle: A\nlabels: []\nxyzzy: 1\n---\n", "plain\n",
     "---\ntitle: A\ntitle: B\n---\n", "---\ntier: 9\n---\n", "---\nowner: writer # wirter\n---\n"],
)  # fmt: skip
def test_what_is_not_sure_is_left_alone(tmp_path, text):
    place = make.workspace(tmp_path)
    file = make.write(place.content / "calendar" / "a.md", text)
    assert list(fixing.run(place)) == []
    assert file.read_text() == text


def test_mending_keeps_to_the_paths_that_were_named(tmp_path):
    place = make.workspace(tmp_path)
    one, other = (make.write(place.content / "calendar" / f"{name}.md", WRONG) for name in "ab")
    check.run(place, NOW, fix=True, paths=(Path("content/calendar/a.md"),))
    assert one.read_text() != WRONG
    assert other.read_text() == WRONG


def test_mending_never_leaves_more_to_mend(tmp_path):
    place = make.workspace(tmp_path)
    make.write(place.content / "calendar" / "a.md", WRONG)
    before = {(f.rule, f.field) for f in check.run(place, NOW).findings if f.rule in fixing.SURE}
    after = {(f.rule, f.field) for f in check.run(place, NOW, fix=True).findings if f.rule in fixing.SURE}
    assert after < before


# --- doctor ----------------------------------------------------------------------------------------------------------

SECRETS = make.SETTINGS.replace(
    'connector = "bluesky"\n', 'connector = "bluesky"\nsecrets = {password = "BLUESKY_PASSWORD"}\n'
)


def trials(place, environment=None):
    return {f"{trial.name}: {trial.what}": trial for trial in doctor.run(place, environment or {}, NOW)}


def test_a_secret_is_named_and_never_shown(tmp_path):
    place = make.workspace(tmp_path, settings=SECRETS)
    missing = trials(place)["channel bluesky: the password"]
    there = trials(place, {"BLUESKY_PASSWORD": "hunter2"})["channel bluesky: the password"]
    assert (missing.ok, there.ok) == (False, True)
    assert "BLUESKY_PASSWORD" in missing.remedy
    assert "hunter2" not in repr(there)


def test_every_thing_that_fails_says_what_to_do(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": {"title": "A"}})
    make.write(place.data / "readings" / "2026-11.jsonl", b'{"key": "cut')
    make.write(place.content / "calendar" / "b.md", b"---\n[\n---\n")
    failed = [trial for trial in trials(place).values() if not trial.ok]
    assert {trial.name for trial in failed} == {"content", "store readings", "history"}
    assert all(trial.remedy and trial.detail for trial in failed)


def test_settings_that_cannot_be_read_end_the_visit_with_their_line(tmp_path):
    place = make.workspace(tmp_path, settings="[team\n")
    (only,) = trials(place).values()
    assert not only.ok
    assert "line 1" in only.detail
