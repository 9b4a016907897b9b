"""``signalbook import`` as a script sees it: JSON lines on stdout, words on stderr, a status that tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signalbook.cli import main

EXPORTS = Path(__file__).parent / "exports"


@pytest.fixture
def called(tmp_path, capsys):
    (tmp_path / "signalbook.toml").write_text('[team]\nname = "Team"\ntimezone = "Europe/Berlin"\n', encoding="utf-8")
    (tmp_path / "content").mkdir()

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(["-C", str(tmp_path), "--now", "2026-11-23T09:00:00+01:00", *map(str, words)])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return call


def test_each_file_is_one_line_of_json_and_a_second_import_adds_nothing(called):
    for added in (True, False):
        status, out, _ = called("--json", "import", EXPORTS / "x-days.csv", EXPORTS / "bluesky-feed.json")
        rows = [json.loads(line) for line in out.splitlines()]
        assert status == 0
        assert [row["network"] for row in rows] == ["x", "bluesky"]
        assert all(bool(sum(row["added"].values())) is added for row in rows)
        assert list(rows[0]) == [
            "file", "layout", "network", "posts", "days", "rows", "mentions", "totals", "first_published",
            "unknown_columns", "added", "warnings",
        ]  # fmt: skip


def test_a_refused_file_is_a_line_too_and_the_status_is_one(called):
    status, out, err = called("--json", "import", EXPORTS / "unknown-table.csv", EXPORTS / "x-days.csv")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 1
    assert "layout is not known" in rows[0]["error"]
    assert rows[1]["days"] == 2
    assert "layout is not known" in err


def test_a_dry_run_adds_nothing(called):
    _, out, _ = called("--json", "import", "--dry-run", EXPORTS / "x-days.csv")
    assert json.loads(out)["added"] == {"readings": 0}
    _, out, _ = called("--json", "import", EXPORTS / "x-days.csv")
    assert json.loads(out)["added"]["readings"] > 0


def test_a_person_decides_what_a_file_does_not(called):
    status, _, err = called("import", EXPORTS / "facebook-posts-that-may-be-either-day.csv")
    assert (status, "--dates day-first" in err) == (1, True)
    _, out, _ = called(
        "--json", "import", "--dates", "day-first", EXPORTS / "facebook-posts-that-may-be-either-day.csv"
    )
    assert json.loads(out)["first_published"] == "2026-04-03"
    _, out, _ = called("--json", "import", "--as", "instagram", EXPORTS / "meta-days-of-neither.csv")
    assert json.loads(out)["network"] == "instagram"
    _, out, _ = called("--json", "import", "--as", "linkedin", EXPORTS / "days-of-two-tools.csv")
    assert json.loads(out)["network"] == "linkedin"


@pytest.mark.parametrize("words", [["import", "nowhere.csv"], ["import", "--dates", "sometimes", str(EXPORTS / "x-days.csv")], ["import", "--as", "recipe", str(EXPORTS / "x-days.csv")]])  # fmt: skip
def test_a_misuse_ends_with_two(called, words):
    status, out, err = called(*words)
    assert (status, out) == (2, "")
    assert err


def test_people_read_sums_and_what_is_new(called):
    status, out, _ = called("import", EXPORTS / "x-days.csv")
    assert status == 0
    assert "x-days: 2 days" in out
    assert "net_follows: -2" in out
