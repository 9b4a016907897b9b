"""The front door: what a person or a program at a terminal can rely on."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signalbook import cli
from tests import build as make

NOW = "2026-11-23T09:00:00+01:00"


def run(*words: str, at: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "signalbook.cli", *words], cwd=at, capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"NO_COLOR": "1"} | environment,
    )  # fmt: skip


@pytest.fixture
def here(capsys):
    """A command in this process: status, stdout, stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(list(words))
        found = capsys.readouterr()
        return int(left.value.code or 0), found.out, found.err

    return call


@pytest.fixture
def good(tmp_path):
    return make.workspace(tmp_path / "good", {"calendar/a": make.post(status="idea")})


@pytest.fixture
def bad(tmp_path):
    return make.workspace(
        tmp_path / "bad", {"calendar/a": make.post(channels=["blgo"], status="approved"), "calendar/b": {"title": "B"}}
    )


def test_python_can_run_the_package(good):
    told = subprocess.run(
        [sys.executable, "-m", "signalbook", "--json", "check", "--now", NOW], cwd=good.root, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert {row["level"] for row in json.loads(told.stdout)} <= {"warn", "inform"}


def test_a_workspace_one_folder_below_is_named(here, good):
    status, _, err = here("check", "-C", str(good.root.parent))
    assert (status, err.rstrip().endswith("Name it: -C good.")) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "--channel", "nowhere"), "“nowhere” is no channel and no source of numbers"),
        (("count", "--connector", "nowhere"), "is no service that can be counted for"),
        (("import",), "See `signalbook import --help`."),
        (("check", "--base", "nowhere"), "--base: The workspace is not in git"),
        (("build", "--as-of", "nowhere"), "--as-of: The workspace is not in git"),
        (("report", "month"), "There is no report “month”"),
        (("report", "digest", "--period", "2026-W47"), "--period goes with `signalbook report week`"),
        (("--now", "tomorrow", "check"), "“tomorrow” is no"),
    ],
)
def test_a_misused_command_says_what_to_write_and_leaves_with_2(here, good, words, said):
    status, out, err = here("--json", "-C", str(good.root), *words)
    assert (status, said in err) == (2, True)
    assert said in json.loads(out)["error"]


def test_our_own_mistake_is_json_too(here, monkeypatch):
    def broken(words):
        cli.common.as_json = True
        raise RuntimeError("broken")

    monkeypatch.setattr(cli, "_common", broken)
    status, out, err = here("--json", "check")
    assert status == 1
    assert "error" in json.loads(out)
    assert "RuntimeError" in err


@pytest.mark.parametrize("command", ["check", "diff"])
def test_format_json_is_json_also_where_there_is_no_workspace(here, tmp_path, command):
    status, out, _ = here(command, "--format", "json", "-C", str(tmp_path / "nowhere"))
    assert status == 1
    assert "is not a workspace" in json.loads(out)["error"]


def test_a_repository_without_a_commit_is_told_from_a_name_that_is_unknown(here, good):
    git = ["git", "-C", str(good.root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for words in (("check", "--base", "HEAD"), ("build", "--as-of", "HEAD"), ("diff", "--base", "HEAD")):
        status, _, err = here(*words, "-C", str(good.root))
        assert (status, "Nothing has been committed here yet" in err) == (2, True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "a"], check=True)
    status, _, err = here("check", "--base", "nowhere", "-C", str(good.root))
    assert (status, "git fetch --unshallow" in err) == (2, True)


def _without_roots_rights():
    """Root passes every wall of a file system; the process to come does not. Nobody else has the right to lose."""
    prctl = ctypes.CDLL(None).prctl
    for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("build",), "site"),
        (("new", "post", "b"), "content/calendar/b.md"),
        (("report", "week"), "content/reports"),
        (("listen",), "data"),
        (("import", "plain.md"), "content/policies"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_folder_that_may_only_be_read_is_told_by_name_and_nothing_crashes(good, words, where):
    make.write(good.root / "plain.md", "# Plain\n\nOne sentence.\n")
    for folder in (good.root, *(path for path in good.root.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    try:
        told = subprocess.run(
            [sys.executable, "-m", "signalbook.cli", "--json", *words], cwd=good.root, capture_output=True, text=True,
            check=False, timeout=60, preexec_fn=_without_roots_rights,
        )  # fmt: skip
    finally:
        for folder in (good.root, *(path for path in good.root.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
    assert told.returncode == 1, told.stderr
    assert "Traceback" not in told.stderr
    assert json.loads(told.stdout)["error"].startswith(f"{where}")
    assert "Permission denied" in told.stdout
    assert "Let this account read and write there" in told.stdout


def test_a_folder_that_may_only_be_read_is_checked_all_the_same(bad):
    bad.root.chmod(0o555)
    try:
        told = subprocess.run(
            [sys.executable, "-m", "signalbook.cli", "--json", "check"], cwd=bad.root, capture_output=True, text=True,
            check=False, timeout=60, preexec_fn=_without_roots_rights,
        )  # fmt: skip
    finally:
        bad.root.chmod(0o755)
    assert told.returncode == 1
    assert any(row["level"] == "block" for row in json.loads(told.stdout))


WRONG = {
    "lost": "title: T\nowner: ghost\nstatus: approved\nchannels: [blog, blgo]\npublish_at: 2026-11-25 09:30",
    "typed": "title: T\nowner: writer\nstatus: Draft\nchannels: blog\nteh: x",
    "torn": "title: T\nowner: @writer",
}


@pytest.mark.parametrize(
    ("post", "places"),
    [
        ("lost", ["content/calendar/lost.md:5  channels", "content/calendar/lost.md:3  owner", "“ghost”", "blgo"]),
        (
            "typed",
            [
                "content/calendar/typed.md:4  status",
                "Write `status: draft`.",
                "Write `channels: [blog]`.",
                "`teh` is not",
            ],
        ),
        ("torn", ["content/calendar/torn.md:3", "A text cannot begin with “@” here."]),
    ],
)
def test_what_blocks_a_post_is_told_the_same_by_check_build_preview_and_why(here, tmp_path, post, places):
    place = make.workspace(tmp_path, {})
    for name, fields in WRONG.items():
        make.write(place.content / "calendar" / f"{name}.md", f"---\n{fields}\n---\nHello there.\n")
    file = f"content/calendar/{post}.md"
    for words in (("check", file), ("preview", file), ("why", post), ("build", "--strict")):
        status, out, err = here(*words, "-C", str(place.root), "--now", NOW)
        told = out if words[0] == "check" else err
        assert status == (0 if words[0] in {"preview", "why"} and post == "lost" else 1), words
        for said in places:
            assert said in told, words
    for command, word in (("preview", file), ("why", post)):
        status, out, _ = here(command, word, "--json", "-C", str(place.root), "--now", NOW)
        assert bool(json.loads(out)) is True
        assert ("error" in json.loads(out)) is (status == 1)


def test_a_file_where_count_wants_a_channel_is_told_of_preview(here, good):
    status, _, err = here("count", "content/calendar/a.md", "-C", str(good.root))
    assert status == 2
    assert "signalbook preview content/calendar/a.md" in err


def test_a_clean_workspace_leaves_with_0_and_a_blocked_one_with_1(here, good, bad):
    assert here("check", "-C", str(good.root), "--now", NOW)[0] == 0
    status, out, err = here("check", "-C", str(bad.root), "--now", NOW)
    assert status == 1
    assert "content/calendar/a.md:" in out
    assert "to mend before merging" in err


@pytest.mark.parametrize(
    "words",
    [("chekc",), ("check", "--formt", "x"), ("check", "--format", "xml"), ("check", "--now", "tomorrow"), ("check", "--now"),
     ("check", "-C"), ("check", "nowhere.md"), ("new", "psot", "x"), ("schema", "psot"), ("report", "year"), ("why", "nobody"),
     ("count", "nowhere"), ("check", "--base", "no-such-revision")],
    ids=" ".join,
)  # fmt: skip
def test_a_misused_command_leaves_with_2_and_one_helpful_line(here, good, words):
    status, out, err = here(*words, *(() if words[-1] == "-C" else ("-C", str(good.root))))
    assert status == 2
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("order", ["before", "after", "around"])
def test_the_common_flags_stand_before_or_after_the_command(here, good, order):
    flags = ["-C", str(good.root), "--now", NOW, "--json", "-q"]
    words = {"before": [*flags, "check"], "after": ["check", *flags], "around": [*flags[:2], "check", *flags[2:]]}[
        order
    ]
    status, out, err = here(*words)
    assert (status, err) == (0, "")
    assert isinstance(json.loads(out), list)
    assert here("check", f"-C={good.root}", f"--now={NOW}")[0] == 0


def test_two_moments_give_two_answers(here, tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": make.post(status="approved", publish_at="2026-11-25 09:30")})
    before = json.loads(here("why", "a", "--json", "-C", str(place.root), "--now", "2026-11-24T09:00+01:00")[1])
    after = json.loads(here("why", "a", "--json", "-C", str(place.root), "--now", "2026-11-26")[1])
    assert (before[0]["state"], after[0]["state"]) == ("scheduled", "missed")
    assert before[0]["due"] == "2026-11-25T09:30:00+01:00"


@pytest.mark.parametrize(
    "words",
    [("check",), ("check", "nowhere.md"), ("why", "nobody"), ("chekc",), ("schema", "psot"), ("preview", "x.md"), ("doctor",),
     ("new", "post", "a"), ("report", "year"), ("check", "--now", "x"), ("build", "--strict"), ("import", "nowhere.csv")],
    ids=" ".join,
)  # fmt: skip
def test_under_json_stdout_holds_nothing_but_json_also_on_failure(here, bad, words):
    status, out, _ = here(*words, "--json", "-C", str(bad.root))
    assert status in {0, 1, 2}
    for line in out.splitlines():
        json.loads(line)
    if status == 2:
        assert "error" in json.loads(out)


@pytest.mark.parametrize("settings", ["[team", "[team]\ntimezone = 'Mars/Olympus'\n", b"\xff\xfe"])
def test_settings_that_cannot_be_used_stop_every_command_with_1_and_json(here, good, settings):
    make.write(good.settings, settings)
    for command in ("check", "build", "doctor"):
        status, out, err = here(command, "--json", "-C", str(good.root))
        assert status == 1
        assert json.loads(out)
        assert "Traceback" not in err
    assert not (good.root / "site").exists()


def test_a_folder_that_is_no_workspace_says_how_to_get_one(here, tmp_path):
    status, _, err = here("check", "-C", str(tmp_path))
    assert status == 1
    assert "signalbook new my-team" in err


def test_a_command_works_from_a_folder_inside(good):
    assert run("check", at=good.content / "calendar").returncode == 0


def test_check_takes_paths_from_where_one_stands(bad):
    done = run("check", "b.md", "--json", at=bad.content / "calendar")
    assert {finding["path"] for finding in json.loads(done.stdout)} == {"content/calendar/b.md"}


def test_help_names_every_command_and_loads_no_engine(good):
    code = (
        "import sys\nfrom signalbook import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'ibis', 'duckdb', 'pandas', 'pydantic', 'mkdocs', 'altair', 'markdown', 'jinja2', 'git', 'yaml'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout
    assert {name for name, _ in cli.commands()} <= set(done.stdout.split())


def test_the_process_ends_with_its_status_and_leaves_nothing_undone():
    code = (
        "import atexit, sys\nfrom signalbook import cli\n"
        "def main():\n    atexit.register(print, 'closed')\n    print('x' * 200_000)\n    raise SystemExit(3)\n"
        "cli.main = main\ncli.command()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "x" * 200_000 + "\nclosed\n", "")


def test_a_reader_that_goes_away_is_no_error(bad):
    command = [sys.executable, "-m", "signalbook.cli", "check", "-C", str(bad.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()


def test_what_people_wrote_cannot_move_a_terminals_cursor(here, tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": make.post(channels=["\x1b[2J\x1b]0;x\x07"], status="approved")})
    for command in (("check",), ("build",)):
        _, out, err = here(*command, "-C", str(place.root))
        assert "\x1b" not in out + err


def test_a_preview_shows_each_part_with_its_count(here, tmp_path):
    place = make.workspace(
        tmp_path, {"calendar/a": make.post(channels=["bluesky", "blog"], body="One\n\n---\n\nTwo\n\n## blog\n\nLong\n")}
    )
    rows = json.loads(here("preview", "content/calendar/a.md", "--json", "-C", str(place.root))[1])
    assert [(row["channel"], row["part"], row["text"]) for row in rows] == [
        ("bluesky", 1, "One"),
        ("bluesky", 2, "Two"),
        ("blog", 1, "Long"),
    ]
    assert rows[0]["count"] == 3


def test_the_schema_of_every_kind_is_printed(here):
    made = json.loads(here("schema", "--json")[1])
    assert made["post"]["properties"]["channels"]
    assert "title" in made["post"]["required"]
    assert made["post"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["publish", "plan"], {"word": "plan"}),
        (["publish", "plan", "--channel", "a", "--channel=b", "--dry-run"],
         {"word": "plan", "channels": ["a", "b"], "dry_run": True}),
        (["publish", "settle", "a/b", "--why", "seen"], {"word": "settle", "target": "a/b", "why": "seen"}),
        (["publish", "--why", "a", "--why", "b"], None),
        (["publish", "--channel"], None),
        (["publish", "--dry-run=yes"], None),
        (["publish", "--help"], None),
        (["publisch"], None),
    ],
)  # fmt: skip
def test_a_plain_command_line_is_read_without_the_parser_and_any_other_goes_there(words, given):
    found = cli._plainly(words)
    assert (found and found.keywords) == given
