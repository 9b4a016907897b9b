"""Every workflow of a team's repository runs: pull request, merge, publish, and again; with act, git and forge on loopback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from signalbook import scaffold
from tests import build as make
from tests import forge as double
from tests.act import Runner
from tests.servers.running import running

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.servers("git-http")

POST = """\
---
title: Doors open
status: approved
publish_at: on-merge
channels: [blog, sandbox]
owner: social-lead
author: writer
audience: first-audience
objective: first-objective
mix: useful
disclosure: not-needed
---

The doors are open from seven on. @harbour
"""


def git(place: Path, *words: str) -> str:
    me = ["-c", "user.name=Writer", "-c", "user.email=writer@harbour.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *me, *words], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Team:
    """A team's repository on the server, and a clone of whoever prepares the test."""

    def __init__(self, desk: Path, bare: Path, run: Runner) -> None:
        self.desk = desk
        self.bare = bare
        self.run = run

    def push(self, *refs: str) -> None:
        git(self.desk, "push", "--quiet", self.run.authorised, *refs)

    def heads(self) -> dict[str, str]:
        rows = git(self.desk, "ls-remote", self.run.authorised).splitlines()
        return {name: sha for sha, name in (row.split("\t") for row in rows)}

    def change(self, branch: str, files: dict[str, str], number: int = 0) -> tuple[int, str]:
        """A pull request as the forge holds it: the branch, and what merging it would give; or one more commit in it."""
        git(self.desk, "switch", "--quiet", *([branch] if number else ["--create", branch, "main"]))
        for path, text in files.items():
            make.write(self.desk / path, text)
        git(self.desk, "add", ".")
        git(self.desk, "commit", "--quiet", "--message", f"Propose {branch}")
        sha = git(self.desk, "rev-parse", "HEAD")
        number = number or len(list((self.run.forge.root / "pulls").glob("*.json"))) + 1
        git(self.desk, "switch", "--quiet", "--detach", "main")
        git(self.desk, "merge", "--quiet", "--no-ff", "--no-edit", branch)
        git(self.desk, "update-ref", "refs/test/merge", "HEAD")
        git(self.desk, "switch", "--quiet", "main")
        self.push(f"{branch}:{branch}")
        # The forge makes this one by itself.
        git(self.bare, "fetch", "--quiet", str(self.desk), f"+refs/test/merge:refs/pull/{number}/merge")
        self.run.forge.pull(number, sha)
        self.run.forge.put(f"files/{number}.json", [{"filename": path} for path in files])
        return number, sha

    def check(self, number: int, sha: str):
        """What the forge runs for a pull request."""
        payload = {"number": number, "pull_request": {"number": number, "head": {"sha": sha}, "base": {"ref": "main"}}}
        done = self.run(self.desk, "check.yml", "pull_request", payload, ref=f"refs/pull/{number}/merge")
        self.run.forge.run(int(self.run.last), sha)
        return done

    def tell(self):
        """What the forge runs when a check has ended."""
        about = {"id": int(self.run.last), "event": "pull_request", "head_branch": "x", "head_repository": {"id": 1}}
        return self.run(self.desk, "comment.yml", "workflow_run", {"action": "completed", "workflow_run": about})

    def merge(self, branch: str) -> None:
        git(self.desk, "switch", "--quiet", "main")
        git(self.desk, "merge", "--quiet", "--no-ff", "--no-edit", branch)
        self.push("main")


@pytest.fixture
def team(tmp_path):
    options = {"repos": "news", "user": "x-access-token", "password": double.TOKEN}
    with running("git-http", tmp_path / "git", **options) as server, double.serve(tmp_path / "forge") as forge:
        run = Runner(tmp_path / "home", f"{server['url']}/news.git", forge)
        desk = tmp_path / "desk"
        scaffold.new_team(desk, name="Harbour", zone="Europe/Berlin", today=make.TODAY)
        git(desk, "init", "--quiet", "--initial-branch", "main")
        git(desk, "fetch", "--quiet", run.authorised, "main")
        git(desk, "reset", "--quiet", "FETCH_HEAD")
        git(desk, "add", ".")
        git(desk, "commit", "--quiet", "--message", "Begin")
        made = Team(desk, tmp_path / "git" / "repos" / "news.git", run)
        made.push("main")
        yield made
        run.clean()


def test_a_pull_request_gets_its_summary_its_preview_and_one_comment(team):
    number, sha = team.change("opening", {"content/calendar/opening.md": POST})
    done = team.check(number, sha)
    assert done.ok, done.log
    changes = json.loads((team.run.artifact("summary") / "changes.json").read_bytes())
    assert [(post["slug"], post["what"]) for post in changes["posts"]] == [("opening", "added")]
    assert (team.run.artifact("site-preview") / "calendar" / "posts" / "opening.html").is_file()
    assert double.TOKEN not in done.log

    done = team.tell()
    assert done.ok, done.log
    [body] = team.run.forge.said(number)
    assert "Posts: 1 added." in body
    assert "```text\nThe doors are open from seven on. @harbour\n```" in body

    # A second commit changes the comment that is there.
    more = {"content/calendar/opening.md": POST.replace("seven", "eight")}
    number, sha = team.change("opening", more, number)
    assert team.check(number, sha).ok
    assert team.tell().ok
    [body] = team.run.forge.said(number)
    assert "from eight on" in body


def test_a_change_that_blocks_fails_the_check_and_is_told_all_the_same(team):
    wrong = POST.replace("channels: [blog, sandbox]", "channels: [blgo]")
    number, sha = team.change("wrong", {"content/calendar/wrong.md": wrong})
    done = team.check(number, sha)
    assert not done.ok
    assert "::error" in done.log or "blgo" in done.log
    assert team.tell().ok
    assert "### Stops the merge" in team.run.forge.said(number)[0]


def test_a_strangers_summary_is_said_in_our_words_and_only_below_their_change(team):
    """Their run may have left anything: it is taken apart by its shape, and the number counts with its commit alone."""
    theirs, sha = team.change(
        "theirs", {"content/calendar/opening.md": POST, ".github/workflows/check.yml": "on: push\n"}
    )
    other, _ = team.change("other", {"content/calendar/opening.md": POST})
    forge = team.run.forge
    forge.run(int(team.run.last), sha)
    forge.artifact(
        int(team.run.last), "summary", {"changes.json": b"<h1>Approved</h1> @harbour", "number": str(theirs).encode()}
    )
    assert not team.tell().ok
    assert forge.comments == []
    forge.artifact(int(team.run.last), "summary", {"number": str(other).encode()})
    forge.run(int(team.run.last), sha)
    team.tell()
    assert forge.comments == []
