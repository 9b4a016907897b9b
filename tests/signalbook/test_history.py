"""Git as evidence: what a repository says about its documents, read with fixed words and kept between runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from signalbook import history
from signalbook.period import Period
from signalbook.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 9, 8, tzinfo=UTC)
POST = "content/calendar/opening.md"


def document(status: str = "", more: str = "", body: str = "Copy.") -> str:
    lines = [
        "---",
        "title: Opening",
        *([f"status: {status}"] if status else []),
        *([more] if more else []),
        "---",
        body,
    ]
    return "\n".join(lines) + "\n"


@dataclass
class Repository:
    """A real repository whose clock stands still until it is moved."""

    root: Path
    now: datetime = START
    extra: dict[str, str] = field(default_factory=dict)

    def git(self, *words: str, author: str = "Writer") -> str:
        """Run git as somebody, at the repository's own time."""
        stamp = self.now.isoformat()
        people = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", author), ("EMAIL", "role@example.org"), ("DATE", stamp))
        }
        done = subprocess.run(
            ["git", "-C", str(self.root), *words],
            check=True,
            capture_output=True,
            env={**os.environ, **people, **self.extra},
        )
        return done.stdout.decode()

    def commit(self, subject: str, files: dict[str, str | None], *, author: str = "Writer", days: float = 1) -> str:
        """Write or remove files, commit them, and let time pass."""
        for path, text in files.items():
            target = self.root / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject, author=author)
        self.now += timedelta(days=days)
        return self.git("rev-parse", "HEAD").strip()

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = tmp_path / "team"
    root.mkdir()
    made = Repository(root)
    made.git("init", "-q", "-b", "main")
    (root / ".gitignore").write_text("/.cache/\n")
    return made


def test_a_documents_life_has_who_when_and_which_states(repository: Repository) -> None:
    repository.commit("calendar: draft the opening", {POST: document("draft")})
    repository.commit("calendar: ask for review", {POST: document("review")}, author="Designer")
    repository.commit("calendar: approve", {POST: document("approved")}, author="Approver")
    repository.commit("elsewhere", {"README.md": "no document"})
    known = history.load(repository.workspace)
    life = known.of(POST)
    assert life is not None
    assert life.contributors == ("Writer", "Designer", "Approver")
    assert (life.first.at, life.last.at) == (START, START + timedelta(days=2))
    assert [(step.was, step.became, step.author) for step in known.transitions(POST)] == [
        ("", "draft", "Writer"), ("draft", "review", "Designer"), ("review", "approved", "Approver"),
    ]  # fmt: skip
    assert len(known.commits) == 3
    assert known.of("content/calendar/unknown.md") is None


def test_a_rename_keeps_the_life_before_it(repository: Repository) -> None:
    body = "A long enough text that the new file is known to be the old one.\n" * 5
    repository.commit("a", {POST: document("draft", body=body)})
    repository.git("mv", POST, "content/calendar/first-morning.md")
    repository.commit("b", {})
    known = history.load(repository.workspace)
    life = known.of("content/calendar/first-morning.md")
    assert life is not None
    assert [version.file.what for version in life.versions] == ["added", "renamed"]
    assert known.of(POST) is None


def test_a_removed_document_keeps_its_life_and_says_so(repository: Repository) -> None:
    repository.commit("a", {POST: document("approved")})
    repository.commit("b", {POST: None})
    known = history.load(repository.workspace)
    life = known.of(POST)
    assert life is not None
    assert life.removed
    assert [(step.was, step.became) for step in known.transitions()] == [("", "approved"), ("approved", "")]


def test_a_branch_counts_when_it_is_merged(repository: Repository) -> None:
    repository.commit("start", {"content/policies/social.md": document("in-force")})
    repository.git("checkout", "-q", "-b", "opening")
    repository.commit("draft", {POST: document("draft")})
    repository.commit("approve", {POST: document("approved")}, author="Approver")
    repository.git("checkout", "-q", "main")
    repository.commit("meanwhile", {"content/policies/social.md": document("in-force", body="New.")})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge the opening", "opening", author="Social lead")
    merged_at = repository.now
    known = history.load(repository.workspace)
    assert [step.became for step in known.transitions(POST)] == ["approved"]
    assert known.main_lives[POST].first.at == merged_at
    assert known.lives[POST].contributors == ("Writer", "Approver")
    assert [commit.subject for commit in known.main] == ["start", "meanwhile", "Merge the opening"]


def test_changes_of_a_period_are_news(repository: Repository) -> None:
    repository.commit("before", {POST: document("draft")}, days=7)
    repository.commit(
        "calendar: approve", {POST: document("approved"), "content/about.md": "# Us", "content/media/a.svg": "<svg/>"}
    )
    week = Period.around("week", date(2026, 11, 16), BERLIN)
    found = history.changes(repository.workspace, week)
    assert [(change.kind, change.path, change.what, change.subject) for change in found] == [
        ("page", "content/about.md", "added", "calendar: approve"),
        ("post", POST, "draft → approved", "calendar: approve"),
        ("file", "content/media/a.svg", "added", "calendar: approve"),
    ]
    posts = history.load(repository.workspace).changes(week, kinds=["post"])
    assert [change.path for change in posts] == [POST]


@pytest.mark.parametrize("name", ["Zoë “the first” \N{HERB}", "tab\there", "-rf", "a\x02b"])
def test_any_name_and_subject_is_only_text(repository: Repository, name: str) -> None:
    path = "content/calendar/--output=x \N{SNOWMAN} “quoted”.md"
    repository.commit("--exec=touch x", {path: document("draft")}, author=name)
    known = history.load(repository.workspace)
    life = known.of(path)
    assert life is not None
    assert life.first.author in {name, name.partition("\x02")[0]}
    assert life.first.subject.endswith("--exec=touch x")


@pytest.mark.parametrize(
    ("front", "status", "due"),
    [
        ("status: draft", "draft", None),
        ('status: "in-force"  # since May', "in-force", None),
        ("review_by: 2026-11-01", "", date(2026, 11, 1)),
        ("review_by: 2026-13-01", "", None),
        ("nested:\n  status: draft", "", None),
        ("status: [a]", "", None),
    ],
)
def test_the_front_matter_of_old_versions_is_read_from_plain_lines(
    repository: Repository, front: str, status: str, due: date | None
) -> None:
    for name, ends in (("unix", "\n"), ("dos", "\r\n")):
        target = repository.root / f"content/policies/{name}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(f"---\ntitle: A\n{front}\n---\nstatus: approved\n".replace("\n", ends).encode())
    repository.commit("a", {})
    known = history.load(repository.workspace)
    for life in known.lives.values():
        assert (life.versions[0].facts.status, life.versions[0].facts.review_by) == (status, due)


def test_a_workspace_without_git_has_no_history_and_says_why(tmp_path: Path) -> None:
    known = history.load(Workspace(tmp_path))
    assert (bool(known), known.why, known.transitions()) == (False, history.NO_REPOSITORY, [])


def test_a_repository_without_a_commit_has_no_history_and_says_why(repository: Repository) -> None:
    assert history.load(repository.workspace).why == history.NO_COMMIT
    repository.commit("elsewhere", {"README.md": "x"})
    assert history.load(repository.workspace).why == history.NO_COMMIT


def test_a_clone_that_is_cut_off_has_no_history_and_says_what_to_do(repository: Repository, tmp_path: Path) -> None:
    """What a cut history says would be wrong: everything in it seems to begin with its last commit."""
    repository.commit("a", {POST: document("draft")})
    repository.commit("b", {POST: document("approved")})
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "cut"))
    known = history.load(Workspace(tmp_path / "cut"))
    assert not known
    assert "git fetch --unshallow" in known.why


def test_a_workspace_in_a_folder_of_a_repository_has_its_own_paths(repository: Repository) -> None:
    repository.commit("a", {f"team/{POST}": document("draft"), POST: document("approved")})
    known = history.load(Workspace(repository.root / "team"))
    assert [(step.path, step.became) for step in known.transitions()] == [(POST, "draft")]


def test_inside_a_hook_the_history_is_the_same(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit("a", {f"team/{POST}": document("draft")})
    monkeypatch.setenv("GIT_DIR", ".git")
    assert list(history.load(Workspace(repository.root / "team")).lives) == [POST]


def test_what_was_read_is_kept_and_only_what_is_new_is_read(repository: Repository) -> None:
    repository.commit("a", {POST: document("draft")})
    first = history.load(repository.workspace)
    cache = repository.workspace.cache / "history.json"
    kept = json.loads(cache.read_text())
    kept["commits"][0][1] = kept["main"][0][1] = "Whoever the cache says"
    cache.write_text(json.dumps(kept))
    repository.commit("b", {POST: document("approved")}, author="Approver")
    grown = history.load(repository.workspace)
    assert [commit.author for commit in grown.commits] == ["Whoever the cache says", "Approver"]
    cache.unlink()
    whole = history.load(repository.workspace)
    assert whole.commits[0] == first.commits[0]
    assert whole == history.load(repository.workspace)


def test_a_history_that_was_rewritten_is_read_anew(repository: Repository) -> None:
    repository.commit("a", {POST: document("draft")})
    repository.commit("b", {POST: document("approved")})
    history.load(repository.workspace)
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.commit("c", {POST: document("review")})
    assert [step.became for step in history.load(repository.workspace).transitions()] == ["draft", "review"]


def test_a_merge_from_the_other_side_is_read_anew(repository: Repository) -> None:
    """After this merge the main line is another one: what was kept of it does not hold."""
    repository.commit("a", {"content/policies/social.md": document("draft")})
    repository.git("checkout", "-q", "-b", "other")
    repository.commit("b", {POST: document("draft")})
    repository.git("checkout", "-q", "main")
    repository.commit("c", {"content/policies/social.md": document("in-force")})
    history.load(repository.workspace)
    repository.git("checkout", "-q", "other")
    repository.git("merge", "-q", "-m", "the other way round", "main")
    kept = history.load(repository.workspace)
    shutil.rmtree(repository.workspace.cache)
    assert kept == history.load(repository.workspace)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "history-1", "facts": 1}', "[" * 100_000])
def test_a_cache_that_cannot_be_used_is_no_matter(repository: Repository, content: str) -> None:
    repository.commit("a", {POST: document("draft")})
    whole = history.load(repository.workspace)
    cache = repository.workspace.cache / "history.json"
    cache.write_text(content)
    assert history.load(repository.workspace) == whole


def test_a_repositorys_settings_start_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a", {POST: document("draft"), ".gitattributes": "*.md diff=evil filter=evil\n"})
    repository.commit("b", {POST: document("approved")})
    trap = tmp_path / "trap"
    started = tmp_path / "started"
    trap.write_text(f"#!/bin/sh\ntouch '{started}'\ncat\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv", "diff.evil.command", "gpg.program",
        "filter.evil.smudge", "filter.evil.clean", "core.sshCommand", "credential.helper", "core.editor",
    ):  # fmt: skip
        repository.git("config", key, str(trap))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "alias.log", "!touch started")
    known = history.load(repository.workspace)
    assert len(known.commits) == 2
    assert not started.exists()


def test_a_clock_that_was_wrong_does_not_turn_the_main_line_round(repository: Repository) -> None:
    repository.commit("a", {POST: document("draft")}, days=-100)
    repository.commit("b", {POST: document("approved")})
    known = history.load(repository.workspace)
    assert [commit.at for commit in known.main] == [START, START]
    assert known.commits[1].at < START


def test_a_file_can_be_read_as_it_was_at_a_revision(repository: Repository) -> None:
    first = repository.commit("a", {f"team/{POST}": document("draft")})
    repository.commit("b", {f"team/{POST}": document("approved")})
    workspace = Workspace(repository.root / "team")
    assert history.revision(workspace, "main~1") == first
    assert history.file_at(workspace, first, POST) == document("draft").encode()
    assert history.file_at(workspace, first, "content/calendar/unknown.md") is None
    for name in ("nowhere", "--help", "--output=x", "", "main:team"):
        assert history.revision(workspace, name) is None
    assert history.file_at(workspace, "main", POST) is None
