"""Every workflow of a team's repository runs: pull request, merge, publish, and again; with act, git and forge on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signalbook import scaffold
from tests import build as make
from tests import forge as double
from tests.act import ACTIONS, Runner
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


def git(place: Path, *words: str, committed_at: str = "") -> str:
    me = ["-c", "user.name=Writer", "-c", "user.email=writer@harbour.example", "-c", "commit.gpgsign=false"]
    environment = os.environ | ({"GIT_COMMITTER_DATE": committed_at} if committed_at else {})
    done = subprocess.run(["git", *me, *words], cwd=place, env=environment, check=True, capture_output=True, text=True)
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


@contextmanager
def repository(folder: Path, prepare: Callable[[Path], None]) -> Iterator[Team]:
    """A new team's repository on the git server, begun a month ago."""
    options = {"repos": "news", "user": "x-access-token", "password": double.TOKEN}
    with running("git-http", folder / "git", **options) as server, double.serve(folder / "forge") as forge:
        run = Runner(folder / "home", f"{server['url']}/news.git", forge)
        desk = folder / "desk"
        scaffold.new_team(desk, name="Harbour", zone="Europe/Berlin", today=make.TODAY)
        prepare(desk)
        git(desk, "init", "--quiet", "--initial-branch", "main")
        git(desk, "fetch", "--quiet", run.authorised, "main")
        git(desk, "reset", "--quiet", "FETCH_HEAD")
        git(desk, "add", ".")
        a_month_ago = (datetime.now(UTC) - timedelta(days=30)).isoformat()
        git(desk, "commit", "--quiet", "--message", "Begin", "--date", a_month_ago, committed_at=a_month_ago)
        made = Team(desk, folder / "git" / "repos" / "news.git", run)
        made.push("main")
        try:
            yield made
        finally:
            run.clean()


@pytest.fixture
def team(tmp_path):
    with repository(tmp_path, lambda desk: None) as made:
        yield made


@pytest.fixture
def own(tmp_path):
    """A repository with the workflows of this one, which keeps its records on main."""

    def prepare(desk: Path) -> None:
        shutil.rmtree(desk / ".github")
        shutil.copytree(ROOT / ".github", desk / ".github")
        make.write(desk / ".ci" / "run", 'echo "every test" >>"$TEST_FORGE/made"\n')
        for name, line in (("signalbook.toml", "branch = "), (".gitignore", "/data/\n")):
            text = (desk / name).read_text(encoding="utf-8")
            kept = [
                row
                for row in text.splitlines(keepends=True)
                if not (row.startswith(line) if line[-1] == " " else row == line)
            ]
            make.write(desk / name, "".join(kept))

    with repository(tmp_path, prepare) as made:
        made.run.path = (ACTIONS / "own",)
        yield made


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


def receipts(team) -> list[dict]:
    rows = git(team.bare, "grep", "--no-color", "-h", "", "signalbook-data", "--", "data/receipts").splitlines()
    return [json.loads(row) for row in rows]


def test_a_merge_publishes_once_and_the_next_runs_find_nothing_to_do(team):
    team.change("opening", {"content/calendar/opening.md": POST})
    before = team.heads()
    assert "refs/heads/signalbook-data" not in before
    assert team.run(team.desk, "publish.yml", "push").ok, "nothing is due before the merge"
    assert "refs/heads/signalbook-data" not in team.heads(), "a run with nothing due makes no commit"

    team.merge("opening")
    done = team.run(team.desk, "publish.yml", "push")
    assert done.ok, done.log
    sent = receipts(team)
    assert sorted((row["post"], row["channel"], row["what"]) for row in sent) == [
        ("opening", "blog", "sent"), ("opening", "sandbox", "sent"),
    ]  # fmt: skip
    # The site was built after it, by the same run, and shows the proof.
    assert "published" in (team.run.artifact("site") / "calendar" / "posts" / "opening.html").read_text(
        encoding="utf-8"
    )
    assert double.TOKEN not in done.log

    # Whatever starts the next runs, they do the same, which is nothing.
    head = team.heads()
    for event in ("schedule", "workflow_dispatch"):
        done = team.run(team.desk, "publish.yml", event)
        assert done.ok, done.log
        assert not team.run.artifact("site").exists(), "the site is built when something changed"
    assert team.heads() == head

    # A run that is started again with a clone of before the merge sends nothing either.
    old = git(team.desk, "rev-parse", "main^")
    git(team.desk, "switch", "--quiet", "--create", "old", old)
    assert team.run(team.desk, "publish.yml", "push").ok
    assert team.heads() == head
    assert len(receipts(team)) == 2


CHANNEL = """
[channels.bluesky]
connector = "bluesky"
url = "{url}"
account = "{handle}"
secrets = {{password = "BLUESKY_PASSWORD"}}
purpose = "Short notes for people who do the same work."
voice = "A colleague at the next desk."
owner = "social-lead"
backup = "writer"
access = ["social-lead", "writer"]
two_factor = true
status = "test"

[data]
"""


@pytest.mark.servers("git-http", "bluesky-pds")
def test_a_merge_reaches_a_real_network_once_with_the_environments_secret(team, server):
    pds = server("bluesky-pds", handle="harbour.test")
    settings = (team.desk / "signalbook.toml").read_text(encoding="utf-8")
    file = ".github/workflows/publish.yml"
    workflow = (team.desk / file).read_text(encoding="utf-8")
    line = "# MASTODON_TOKEN: ${{ secrets.MASTODON_TOKEN }}"
    assert line in workflow, "the guide tells to write a line in its place"
    files = {
        "content/calendar/opening.md": POST.replace("[blog, sandbox]", "[blog, bluesky]"),
        "signalbook.toml": settings.replace("\n[data]\n", CHANNEL.format(url=pds["url"], handle="harbour.test")),
        file: workflow.replace(line, "BLUESKY_PASSWORD: ${{ secrets.BLUESKY_PASSWORD }}"),
    }
    number, sha = team.change("opening", files)
    done = team.check(number, sha)
    assert done.ok, done.log
    assert team.tell().ok
    [told] = team.run.forge.said(number)
    assert "made by its own version" in told, "the change touches a workflow"
    assert "`bluesky` 42 of 300" in told

    def there() -> list[dict]:
        query = f"repo={pds['did']}&collection=app.bsky.feed.post"
        with urllib.request.urlopen(f"{pds['url']}/xrpc/com.atproto.repo.listRecords?{query}", timeout=20) as answer:
            return json.load(answer)["records"]

    team.merge("opening")
    done = team.run(team.desk, "publish.yml", "push")
    assert not done.ok, "the environment holds no secret yet"
    assert "BLUESKY_PASSWORD" in done.log
    assert there() == []
    assert [row["channel"] for row in receipts(team)] == ["blog"], "one channel that cannot be reached stops no other"
    assert (team.run.artifact("site") / "index.html").is_file(), done.log

    team.run.secrets["BLUESKY_PASSWORD"] = pds["app_password"]
    done = team.run(team.desk, "publish.yml", "schedule")
    assert done.ok, done.log
    [record] = there()
    assert record["value"]["text"] == "The doors are open from seven on. @harbour"
    assert team.run(team.desk, "publish.yml", "schedule").ok
    assert len(there()) == 1
    secret = pds["app_password"].encode()
    assert secret.decode() not in done.log
    left = [path for path in team.run.forge.root.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert left == []
    assert secret.decode() not in git(team.bare, "log", "--all", "--patch")


HEARD = """
[channels.suite]
connector = "files"
folder = "exports"

[channels.news]
connector = "feed"
url = "http://127.0.0.1:9/feed.xml"
listen = true

[alerts]
channel = "sandbox"

[cases]
issues = true
people = {ana-cm = "social-lead"}

[data]
"""
SUBJECT = (
    "---\ntitle: Harbour\ntype: topic\nnames: [Harbour]\nowner: social-lead\nexpert: social-lead\nbackup: writer\n---\n"
)
WORDS = "Harbour never sent my order and nobody answers. Where is my money?"


def hears(team) -> None:
    """A complaint lies in an export, one source is broken, the team wants alerts and issues; whoever owns it works day and night."""
    settings = (team.desk / "signalbook.toml").read_text(encoding="utf-8")
    said = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    lead = (team.desk / "content/people/social-lead.md").read_text(encoding="utf-8")
    row = {"url": "https://forum.example/9", "text": WORDS, "author": "reader-77", "date": said}
    files = {
        "signalbook.toml": settings.replace("\n[data]\n", HEARD),
        "content/people/subjects/harbour.md": SUBJECT,
        "content/people/social-lead.md": lead.replace("Mon-Fri 09:00-17:00", "Mon-Sun 00:00-24:00"),
        "exports/heard.jsonl": json.dumps(row) + "\n",
    }
    team.change("hears", files)
    team.merge("hears")


def on(team, branch: str, folder: str) -> str:
    """Every line of a folder of a branch."""
    return git(team.bare, "grep", "--no-color", "-h", "", branch, "--", folder)


def test_what_is_heard_becomes_a_case_somebody_is_told_of_also_when_a_source_is_broken(team):
    hears(team)
    done = team.run(team.desk, "listen.yml", "schedule")
    assert not done.ok, "one source is broken, and the run says so"
    [opened] = [
        row
        for row in map(json.loads, on(team, "signalbook-data", "data/cases").splitlines())
        if row["what"] == "opened"
    ]
    assert WORDS in on(team, "signalbook-private", "data/private/mentions")
    assert WORDS not in on(team, "signalbook-data", "data")
    assert [row["what"] for row in map(json.loads, on(team, "signalbook-data", "data/told").splitlines())] == [
        "claimed",
        "sent",
    ]
    issue = team.run.forge.get("issues/1.json")
    assert opened["case"] in issue["title"]
    assert "reader-77" not in str(issue)
    assert (team.run.artifact("site") / "index.html").is_file(), "the site is built anew although a source is broken"
    assert double.TOKEN not in done.log

    # Somebody closes the issue; the next run reads that, and tells nobody anything again.
    told = on(team, "signalbook-data", "data/told")
    team.run.forge.close(1, "ana-cm", "not_planned")
    team.run(team.desk, "listen.yml", "schedule")
    assert on(team, "signalbook-data", "data/told") == told
    ended = [
        row
        for row in map(json.loads, on(team, "signalbook-data", "data/cases").splitlines())
        if row["what"] == "declined"
    ]
    assert [(row["case"], row["by"]) for row in ended] == [(opened["case"], "social-lead")]


def test_a_run_that_hears_nothing_is_no_failure_and_builds_no_site(team):
    """No source, no channel for alerts, no issues asked for."""
    head = team.heads()
    done = team.run(team.desk, "listen.yml", "schedule")
    assert done.ok, done.log
    assert team.heads() | head == team.heads(), "nothing that was there has moved"
    assert "refs/heads/signalbook-data" not in team.heads(), "a run with nothing to note makes no commit of records"
    assert not team.run.artifact("site").exists()


def test_a_hold_that_is_merged_stops_the_next_run(team):
    hold = (
        "---\ntitle: Everything stops\nowner: duty-officer\nstatus: open\nreason: An outage.\n"
        "from: 2026-01-01 08:00\nreview_by: 2099-01-01\nby: duty-officer\n---\n\nWe say nothing while people wait.\n"
    )
    team.change("opening", {"content/calendar/opening.md": POST, "content/policies/holds/stop.md": hold})
    team.merge("opening")
    done = team.run(team.desk, "publish.yml", "push")
    assert done.ok, done.log
    assert "refs/heads/signalbook-data" not in team.heads()


def test_the_numbers_are_read_and_kept_and_the_site_shows_them(team):
    done = team.run(team.desk, "measure.yml", "schedule")
    assert done.ok, done.log
    assert (team.run.artifact("site") / "index.html").is_file()
    files = (
        git(team.bare, "ls-tree", "-r", "--name-only", "signalbook-data")
        if "signalbook-data" in git(team.bare, "branch")
        else ""
    )
    assert all(path.startswith("data/readings/") for path in files.split())


def test_the_week_is_proposed_as_a_pull_request(team):
    done = team.run(team.desk, "report.yml", "schedule")
    assert done.ok, done.log
    [name] = [ref for ref in team.heads() if ref.startswith("refs/heads/report/")]
    week = name.rpartition("/")[2]
    assert git(team.bare, "show", f"report/{week}:content/reports/{week}.md").startswith("---\n")
    assert team.run.forge.get("pulls/1.json")["title"] == f"The week {week}"
    # Once more: it stands already, or is proposed anew from the same main; nothing on main has moved.
    assert git(team.bare, "rev-parse", "main") == git(team.desk, "rev-parse", "main")


def test_the_site_is_built_and_goes_to_the_forges_pages_only_when_the_team_says_so(team):
    done = team.run(team.desk, "site.yml", "push")
    assert done.ok, done.log
    assert (team.run.artifact("site") / "_headers").is_file()
    assert not (team.run.forge.root / "pages").exists()
    assert "signalbook-private" not in done.log
    team.run.variables |= {"SIGNALBOOK_PAGES": "true", "SIGNALBOOK_WORDS": "true"}
    done = team.run(team.desk, "site.yml", "schedule")
    assert done.ok, done.log
    assert "signalbook-private" not in done.log
    assert (team.run.forge.root / "pages" / "index.html").is_file()


def test_other_peoples_words_are_in_the_site_only_where_it_is_read_inside(team):
    """Without a word from the team, in a public repository, and with pages, the private store is not even fetched."""
    missing = "There is no branch signalbook-private yet"
    team.run.variables["SIGNALBOOK_WORDS"] = "true"
    done = team.run(team.desk, "site.yml", "push")
    assert done.ok, done.log
    assert missing in done.log
    team.run.forge.private = False
    done = team.run(team.desk, "site.yml", "push")
    assert done.ok, done.log
    assert missing not in done.log
    assert "other people's words stay out of the site" in done.log


# --- the workflows of this repository --------------------------------------------------------------------------------


def waiting(own, kind: str) -> str:
    return git(own.bare, "grep", "--no-color", "-h", "", "records/next", "--", f"data/{kind}")


def test_here_a_change_is_checked_as_code_and_as_documents_and_told(own):
    number, sha = own.change("opening", {"content/calendar/opening.md": POST})
    done = own.check(number, sha)
    assert done.ok, done.log
    assert "make check\n" in (own.run.forge.root / "made").read_text(encoding="utf-8")
    assert (own.run.artifact("site-preview") / "calendar" / "posts" / "opening.html").is_file()
    done = own.tell()
    assert done.ok, done.log
    assert "Posts: 1 added." in own.run.forge.said(number)[0]


def test_here_receipts_wait_to_be_merged_and_count_while_they_wait(own):
    own.change("opening", {"content/calendar/opening.md": POST})
    own.merge("opening")
    main = own.heads()["refs/heads/main"]
    done = own.run(own.desk, "publish.yml", "push")
    assert done.ok, done.log
    assert len(waiting(own, "receipts").splitlines()) == 2
    assert own.heads()["refs/heads/main"] == main, "main is protected; nobody pushes there"
    proposed = [
        row for row in own.run.forge.root.glob("pulls/*.json") if "note what is out" in row.read_text(encoding="utf-8")
    ]
    assert len(proposed) == 1

    head = own.heads()
    done = own.run(own.desk, "publish.yml", "schedule")
    assert done.ok, done.log
    assert own.heads() == head, "what waits counts as noted: nothing is sent again"

    # The readings of the day join them, and nothing that waits is lost.
    done = own.run(own.desk, "measure.yml", "schedule")
    assert done.ok, done.log
    assert len(waiting(own, "receipts").splitlines()) == 2
    assert waiting(own, "readings")
    assert (
        git(own.bare, "merge-base", "records/next", head["refs/heads/records/next"]) == head["refs/heads/records/next"]
    )
    assert len(list(own.run.forge.root.glob("pulls/*.json"))) == 2, "one proposal, however many runs"


def test_here_cases_wait_to_be_merged_and_other_peoples_words_do_not(own):
    hears(own)
    main = own.heads()["refs/heads/main"]
    done = own.run(own.desk, "listen.yml", "schedule")
    assert not done.ok, "one source is broken, and the run says so"
    assert "refs/heads/records/next" in own.heads(), done.log
    assert '"what":"opened"' in waiting(own, "cases")
    assert WORDS in on(own, "signalbook-private", "data/private/mentions")
    assert WORDS not in on(own, "records/next", "data")
    assert own.run.forge.get("issues/1.json")["state"] == "open"
    assert own.heads()["refs/heads/main"] == main


def test_here_a_branch_of_records_that_holds_more_is_not_taken(own):
    """Whoever may push that branch must not get an unread document published."""
    git(own.desk, "switch", "--quiet", "--create", "sly")
    make.write(own.desk / "content" / "calendar" / "sly.md", POST)
    git(own.desk, "add", ".")
    git(own.desk, "commit", "--quiet", "--message", "Records, honestly")
    own.push("sly:records/next")
    git(own.desk, "switch", "--quiet", "main")
    done = own.run(own.desk, "publish.yml", "schedule")
    assert not done.ok
    assert "holds more than records" in done.log
    assert "data/receipts" not in git(own.bare, "ls-tree", "-r", "--name-only", "records/next")


def test_here_the_site_the_week_and_every_test_run_too(own):
    for workflow in ("site.yml", "report.yml", "test.yml"):
        done = own.run(own.desk, workflow, "push" if workflow != "report.yml" else "schedule")
        assert done.ok, done.log
    assert (own.run.forge.root / "pages" / "index.html").is_file()
    assert (own.run.forge.root / "made").read_text(encoding="utf-8").count("every test\n") == 2, "on two Pythons"


def test_every_workflow_is_run_here():
    """A new file in either folder needs its test above."""
    text = Path(__file__).read_text(encoding="utf-8")
    for folder in (ROOT / ".github" / "workflows", ROOT / "signalbook" / "starter" / ".github" / "workflows"):
        assert not [file.name for file in folder.iterdir() if f'"{file.name}"' not in text]
