"""The branch as the lock: real git repositories, runs that race, pushes that are rejected or not answered."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines import ledger, opening, publish, publishing
from pipelines.approved import Protected
from pipelines.ledger import BranchLedger, FolderLedger, GitBranch, LedgerError, Snapshot
from pipelines.repository import Pushed, Repository, RepositoryError, around, said
from signalbook import delivery, store
from signalbook.errors import SettingsError
from signalbook.model import Hold, Post
from signalbook.records import Intent, Receipt
from signalbook.workspace import Workspace
from tests import build as make
from tests.build import NOW
from tests.fakes import Clock, KilledError, Network, desk, die_at

WHO = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.com"}  # fmt: skip
SETTINGS = make.SETTINGS + '\n[data]\nbranch = "signalbook-data"\n'
AT = "2026-11-23 08:55"


def git(cwd, *words, **more):
    done = subprocess.run(
        ["git", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **WHO, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def post(**more):
    return make.post(**({"status": "approved", "publish_at": AT, "channels": ["bluesky"]} | more))


def commit(place, message="change", at=None):
    git(place.root, "add", "-A")
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at} if at else {}
    git(place.root, "commit", "-qm", message, **dates)


@dataclass
class Team:
    """A hub and the first clone of it."""

    hub: Path
    place: Workspace
    folder: Path
    count: int = 0

    def clone(self, *words):
        """Another clone, as another machine has it."""
        self.count += 1
        target = self.folder / f"clone-{self.count}"
        git(self.folder, "clone", "-q", *words, self.url, target)
        return Workspace(target)

    @property
    def url(self):
        return self.hub if isinstance(self.hub, str) else self.hub.as_uri()

    def push(self, message="change", at=None):
        """Merge what stands in the first clone."""
        commit(self.place, message, at)
        git(self.place.root, "push", "-q", "origin", "main")

    def log(self, form="%s", branch="signalbook-data"):
        return git(self.hub, "log", f"--format={form}", branch).splitlines()


def started(folder, hub, **documents):
    place = make.workspace(folder / "first", {"calendar/a": post()} | documents, settings=SETTINGS)
    make.write(place.root / ".gitignore", ".cache/\ndata/\n")
    git(place.root, "init", "-q", "-b", "main")
    git(place.root, "remote", "add", "origin", hub)
    commit(place, "first")
    return place


@pytest.fixture
def team(tmp_path):
    hub = tmp_path / "hub.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", hub)
    place = started(tmp_path, hub.as_uri())
    git(place.root, "push", "-q", "origin", "main")
    return Team(hub, place, tmp_path)


def table(place, nets, run="run-1", clock=None, **more):
    at = clock or Clock()
    opened = opening.place(place, at, lambda _: None)
    assert not opened.notes
    return desk(place, nets, clock=at, ledger=opened.ledger, source=opened.source, run=run, **more)


def branch_of(place, clock=None):
    repository = around(place.root)
    assert repository is not None
    return GitBranch(repository, "origin", "signalbook-data", clock or Clock())


# --- what a clone knows, and what it does not ------------------------------------------------------------------------


def test_two_clones_publish_once_and_the_branch_reads_as_news(team):
    net = Network()
    publish.run(table(team.place, {"bluesky": net}))
    outcome = publish.run(table(team.clone(), {"bluesky": net}, run="run-2"))
    assert not outcome.did
    assert net.keys == ["a/bluesky"]
    assert team.log() == ["publish: a is out on bluesky", "publish: a to bluesky"]


def test_a_run_with_nothing_due_pushes_nothing_and_touches_no_file(team):
    make.document(team.place, "calendar/a", post(publish_at="2026-12-01 09:00"))
    team.push()
    net = Network()
    publish.run(table(team.place, {"bluesky": net}))
    assert git(team.hub, "branch", "--list", "signalbook-data") == ""
    assert not net.asked
    assert git(team.place.root, "status", "--porcelain") == ""


def test_a_clone_a_week_old_sends_todays_words(team):
    old = team.clone()
    make.document(team.place, "calendar/a", post(body="The words of today.\n"))
    team.push()
    net = Network()
    publish.run(table(old, {"bluesky": net}))
    assert [item.text for item in net.posts] == ["The words of today."]


@pytest.mark.parametrize(
    ("path", "front"),
    [("calendar/a", post(status="cancelled")), ("calendar/a", post(status="draft")), ("calendar/a", post(publish_at="2026-12-01 09:00")),
     ("policies/holds/h", {"title": "Storm", "owner": "writer", "status": "open", "reason": "Storm", "scope": {"channels": "all"},
                           "from": "2026-11-23 08:00", "expires": "2026-11-24 08:00"})],
    ids=["cancelled", "draft", "moved", "hold"],
)  # fmt: skip
def test_a_clone_a_week_old_misses_no_cancellation_no_hold_and_no_move(team, path, front):
    old = team.clone()
    make.document(team.place, path, front)
    team.push()
    net = Network()
    publish.run(table(old, {"bluesky": net}))
    assert not net.posts


def test_edits_that_nobody_merged_are_not_sent(team):
    make.document(team.place, "calendar/a", post(body="Not merged.\n"))
    make.document(team.place, "calendar/b", post(body="Not merged either.\n"))
    commit(team.place)
    make.document(team.place, "calendar/c", post(body="Not even committed.\n"))
    git(team.place.root, "checkout", "-qb", "topic")
    net = Network()
    publish.run(table(team.place, {"bluesky": net}))
    assert [item.text for item in net.posts] == ["Come in."]
    assert git(team.place.root, "branch", "--show-current") == "topic"
    assert git(team.place.root, "status", "--porcelain") == "?? content/calendar/c.md"


def test_a_clone_that_is_cut_off_publishes_too_and_stays_as_it_is(team):
    for number in range(3):
        make.document(team.place, f"calendar/old-{number}", post(status="draft"))
        team.push()
    shallow = team.clone("--depth=1")
    net = Network()
    publish.run(table(shallow, {"bluesky": net}))
    assert net.keys == ["a/bluesky"]
    publish.run(table(team.clone("--depth=1"), {"bluesky": net}, run="run-2"))
    assert len(net.posts) == 1
    assert git(shallow.root, "rev-parse", "--is-shallow-repository") == "true"


def test_a_workspace_in_a_folder_of_a_repository(tmp_path):
    hub = tmp_path / "hub.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", hub)
    place = make.workspace(tmp_path / "mono" / "news", {"calendar/a": post()}, settings=SETTINGS)
    make.write(place.root / ".gitignore", ".cache/\ndata/\n")
    for words in (("init", "-q", "-b", "main"), ("remote", "add", "origin", hub.as_uri())):
        git(place.root.parent, *words)
    commit(place)
    git(place.root, "push", "-q", "origin", "main")
    net = Network()
    publish.run(table(place, {"bluesky": net}))
    publish.run(table(place, {"bluesky": net}, run="run-2"))
    assert net.keys == ["a/bluesky"]
    assert "news/data/intents/2026-11.jsonl" in git(hub, "ls-tree", "-r", "--name-only", "signalbook-data")


def test_on_merge_counts_from_the_merge_also_in_a_clone_that_is_cut_off(team):
    make.document(team.place, "calendar/m", post(publish_at="on-merge"))
    team.push(at="2026-11-23T08:50:00+01:00")
    make.document(team.place, "calendar/other", post(status="draft"))
    team.push(at="2026-11-23T08:58:00+01:00")
    for place in (team.place, team.clone("--depth=1")):
        book = opening.place(place, Clock(), lambda _: None).source()
        assert f"{book.approved_at['m']:%H:%M}" == "07:50"
    late = Clock(NOW + timedelta(hours=3))
    net = Network()
    publish.run(table(team.place, {"bluesky": net}, clock=late))
    assert not net.posts, "three hours after the merge it is missed"


def test_on_merge_counts_from_the_last_time_it_became_approved(team):
    for status, at in (("approved", "08:10"), ("draft", "08:20"), ("approved", "08:50"), ("approved", "08:55")):
        make.document(team.place, "calendar/m", post(publish_at="on-merge", status=status, body=f"{at}\n"))
        team.push(at=f"2026-11-23T{at}:00+01:00")
    book = opening.place(team.place, Clock(), lambda _: None).source()
    assert f"{book.approved_at['m']:%H:%M}" == "07:50"
    assert opening.place(team.place, Clock(), lambda _: None).source().approved_at == book.approved_at


def test_without_a_remote_the_last_commit_counts(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": post()})
    git(place.root, "init", "-q", "-b", "main")
    with pytest.raises(RepositoryError, match="Nothing has been committed"):
        opening.place(place, Clock(), lambda _: None).source()
    commit(place)
    make.document(place, "calendar/a", post(body="Not committed.\n"))
    net = Network()
    publish.run(table(place, {"bluesky": net}))
    assert [item.text for item in net.posts] == ["Come in."]


def test_without_git_the_files_count(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    place = make.workspace(tmp_path, {"calendar/a": post()})
    net = Network()
    publish.run(table(place, {"bluesky": net}))
    assert len(net.posts) == 1


def test_a_remote_without_a_data_branch_is_told(team):
    make.write(team.place.settings, make.SETTINGS)
    team.push()
    opened = opening.place(team.place, Clock(), lambda _: None)
    assert isinstance(opened.ledger, FolderLedger)
    assert "another machine cannot see" in opened.notes[0]


def test_what_is_recorded_on_the_protected_branch_counts_in_an_old_clone_too(team):
    """A team without a data branch commits data/ with the rest; a clone of last week does not have it."""
    make.write(team.place.settings, make.SETTINGS)
    make.write(team.place.root / ".gitignore", ".cache/\n")
    team.push()
    old = team.clone()
    store.append(team.place, [intent(), receipt()])
    team.push()
    net = Network()
    opened = opening.place(old, Clock(), lambda _: None)
    run = desk(old, {"bluesky": net}, ledger=opened.ledger, source=opened.source)
    assert not publish.run(run).did
    team.hub.rename(team.hub.with_name("away"))
    with pytest.raises(LedgerError, match="protected branch"):
        opened.ledger.read()


@pytest.mark.parametrize(
    ("table_", "says"), [('remote = "upstream"', "this clone has origin"), ('branch = "trunk"', "has no branch trunk")]
)
def test_a_remote_or_a_branch_that_is_not_there_is_told(team, table_, says):
    make.write(team.place.settings, f"{SETTINGS}\n[publish]\n{table_}\n")
    with pytest.raises(SettingsError, match=says):
        opening.place(team.place, Clock(), lambda _: None)


def test_a_protected_branch_without_a_workspace_is_told_and_nothing_is_sent(team):
    git(team.place.root, "rm", "-rq", "--cached", "content", "signalbook.toml", "mkdocs.yml")
    git(team.place.root, "commit", "-qm", "all of it is gone")
    git(team.place.root, "push", "-q", "origin", "main")
    with pytest.raises(SettingsError, match="holds no workspace"):
        opening.place(team.place, Clock(), lambda _: None).source()


def test_a_remote_that_cannot_be_reached_sends_nothing(team):
    table_ = table(team.place, {"bluesky": (net := Network())})
    team.hub.rename(team.hub.with_name("away"))
    outcome = publish.run(table_)
    assert outcome.failures
    assert not net.asked


def test_what_a_tree_calls_outside_of_its_folder_is_not_written(team):
    repository = around(team.place.root)
    assert repository is not None
    assert not {"../evil", "a/../../evil", "/etc/evil", ".git/config", "content//x"} & {
        path for path in ("../evil", "a/../../evil", "/etc/evil", ".git/config", "content//x") if _plain(path)
    }  # fmt: skip


def _plain(path):
    from pipelines import approved

    return approved._plain(path)


def test_a_new_commit_costs_only_what_changed(team):
    source = Protected(team.place, around(team.place.root), "origin")
    first = source()
    make.document(team.place, "calendar/b", post(status="draft"))
    team.push()
    second = source()
    same = [(book.workspace.root / "content/calendar/a.md").stat().st_ino for book in (first, second)]
    assert same[0] == same[1]
    assert second.get(Post, "b") is not None
    assert source() is second
    for number in range(6):
        make.document(team.place, "calendar/b", post(status="draft", body=f"{number}\n"))
        team.push()
        source()
    assert second.workspace.root.parent.is_dir()


def test_another_run_may_have_put_the_same_commit_there_first(team):
    from pipelines import approved

    repository = around(team.place.root)
    head = git(team.place.root, "rev-parse", "HEAD")
    checkout, _ = approved.checkout(team.place, repository, head)
    (checkout.root.parent / f"{head}.json").unlink()
    again, blobs = approved.checkout(team.place, repository, head)
    assert again.root == checkout.root
    assert "content/calendar/a.md" in blobs
    assert len(list(again.root.parent.glob(".*"))) == 0


# --- races -----------------------------------------------------------------------------------------------------------


def test_four_runs_at_once_send_once(team):
    net = Network()
    places = [team.place, *(team.clone() for _ in range(3))]

    def worker(number):
        return publish.run(table(places[number], {"bluesky": net}, run=f"run-{number}"))

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(worker, range(4)))
    assert net.keys == ["a/bluesky"]
    assert sum(done.what == "sent" for outcome in outcomes for done in outcome.did) == 1


@pytest.mark.servers("git-http")
def test_three_runs_at_once_over_http_send_once(server, tmp_path):
    url = server("git-http", repos="publish")["repos"]["publish"]
    place = started(tmp_path, url)
    git(place.root, "push", "-q", "--force", "origin", "main:trunk")
    make.write(place.settings, f'{SETTINGS}\n[publish]\nbranch = "trunk"\n')
    commit(place)
    git(place.root, "push", "-q", "origin", "main:trunk")
    team_ = Team(url, place, tmp_path)
    places = [place, *(team_.clone("-b", "trunk") for _ in range(2))]
    net = Network()
    with ThreadPoolExecutor(3) as pool:
        list(
            pool.map(lambda number: publish.run(table(places[number], {"bluesky": net}, run=f"run-{number}")), range(3))
        )
    assert net.keys == ["a/bluesky"]


def test_a_run_that_dies_after_its_claim_is_finished_by_another_machine(team):
    clock, net = Clock(), Network()
    with pytest.raises(KilledError):
        publish.run(table(team.place, {"bluesky": net}, clock=clock, step=die_at("after the request")))
    other = team.clone()
    for number in range(2):
        clock.forward(minutes=12)
        publish.run(table(other, {"bluesky": net}, clock=clock, run=f"run-{number + 2}"))
    assert len(net.posts) == 1
    assert team.log()[0] == "publish: a is out on bluesky"


def test_a_hold_that_is_merged_between_reserve_and_send_stops_it(team):
    net = Network()
    run = table(team.place, {"bluesky": net})
    outcome = publish.Outcome("run-1")
    publish.reserve(run, outcome)
    other = team.clone()
    make.document(other, "policies/holds/h", {"title": "Storm", "owner": "writer", "status": "open", "reason": "Storm", "from": "2026-11-23 08:54:59",
                                              "scope": {"channels": "all"}, "expires": "2026-11-24 08:00"})  # fmt: skip
    commit(other)
    git(other.root, "push", "-q", "origin", "main")
    publish.send(run, outcome)
    assert [done.what for done in outcome.did] == ["claimed", "stopped"]
    assert not net.asked
    assert len(run.book().all(Hold)) == 1
    assert delivery.find(run.book(), "a/bluesky", NOW).state == "missed"


# --- pushing ---------------------------------------------------------------------------------------------------------


def intent(key="a/bluesky", run="run-1", attempt=1):
    return Intent(key, "a", "bluesky", 1, run, "c", NOW, NOW + timedelta(minutes=10), attempt, NOW)


def receipt(key="a/bluesky", what="sent", **more):
    given = {
        "key": key,
        "post": "a",
        "channel": "bluesky",
        "part": 1,
        "at": NOW,
        "id": "1",
        "url": "",
        "content": "c",
        "what": what,
        "attempt": 1,
    }
    return Receipt(**(given | more))


@dataclass
class Remote:
    """A branch in memory, whose next pushes do what they are told: ``rejected``, ``lost`` (arrives), ``dropped``, ``away``."""

    plan: list[str] = field(default_factory=list)
    commits: list[tuple[str, Snapshot]] = field(default_factory=list)
    down: int = 0

    def fetch(self):
        if self.down:
            self.down -= 1
            raise RepositoryError("no line")
        return self.commits[-1][1] if self.commits else Snapshot()

    def push(self, onto, records):
        told = self.plan.pop(0) if self.plan else ""
        name = f"c{len(self.commits) + 1}-{told}"
        head = self.commits[-1][0] if self.commits else ""
        if told == "rejected" or (onto.head and onto.head != head):
            if told == "rejected":
                self._add("other", onto, [intent("b/bluesky", "other")])
            return Pushed.REJECTED, name, "fetch first"
        if told != "dropped":
            self._add(name, onto, records)
        return (Pushed.UNANSWERED if told in {"lost", "dropped"} else Pushed.YES), name, "no answer" if told else ""

    def _add(self, name, onto, records):
        intents = tuple(row for row in records if isinstance(row, Intent))
        receipts = tuple(row for row in records if isinstance(row, Receipt))
        self.commits.append((name, Snapshot((*onto.intents, *intents), (*onto.receipts, *receipts), name)))

    def holds(self, head, commit_):
        return any(name == commit_ for name, _ in self.commits) and bool(head)


def shared(remote, place=None, **more):
    return BranchLedger(remote, FolderLedger(place) if place else None, lambda _: None, lambda: 0.5, **more)


@pytest.mark.parametrize(
    "plan", [[], ["rejected"], ["lost"], ["dropped"], ["rejected", "dropped", "lost"], ["rejected"] * 5]
)
def test_whatever_becomes_of_a_push_a_claim_is_there_once(plan):
    remote = Remote(list(plan))
    asked = []

    def decide(snapshot):
        asked.append(len(snapshot.intents))
        return [] if any(row.key == "a/bluesky" for row in snapshot.intents) else [intent()]

    after = shared(remote).append(decide)
    assert [row for row in after.intents if row.key == "a/bluesky"] == [intent()]
    assert after == replace(remote.fetch(), head=after.head)
    assert len(asked) >= 1 + plan.count("rejected")


def test_a_rejected_push_is_decided_again_on_the_new_head():
    remote = Remote(["rejected"])
    after = shared(remote).append(lambda snapshot: [] if snapshot.intents else [intent()])
    assert [row.run for row in after.intents] == ["other"]


def test_a_claim_that_could_never_be_pushed_is_an_error_and_no_claim(tmp_path):
    place = make.workspace(tmp_path)
    with pytest.raises(LedgerError) as raised:
        shared(Remote(["dropped"] * 99), place, tries=3).append(lambda _: [intent()])
    assert not raised.value.kept
    assert not make.book(place).intents


def test_a_receipt_that_could_not_be_pushed_is_kept_here_and_goes_with_the_next_push(tmp_path):
    place = make.workspace(tmp_path)
    remote = Remote()
    book = shared(remote, place)
    book.append(lambda _: [intent()])
    remote.plan = ["dropped"] * 99
    with pytest.raises(LedgerError) as raised:
        book.append(lambda _: [receipt()])
    assert raised.value.kept
    assert book.read().receipts == (receipt(),), "it counts already"
    remote.plan = []
    book.append(lambda _: [])
    assert remote.fetch().receipts == (receipt(),)


def test_a_receipt_survives_a_branch_that_cannot_even_be_read(tmp_path):
    place = make.workspace(tmp_path)
    remote = Remote()
    book = shared(remote, place)
    book.append(lambda _: [intent()])
    remote.down = 99
    with pytest.raises(LedgerError) as raised:
        book.append(lambda _: [receipt()])
    assert raised.value.kept
    with pytest.raises(LedgerError, match="nobody knows what is claimed"):
        book.read()
    remote.down = 0
    assert book.read().receipts == (receipt(),)


def test_a_fetch_that_fails_once_is_made_again():
    remote = Remote(down=1)
    assert shared(remote).append(lambda _: [intent()]).intents == (intent(),)


def test_a_push_whose_fate_cannot_be_fetched_is_decided_again():
    remote = Remote(["lost"])
    fetch = remote.fetch
    calls = []

    def flaky():
        calls.append(1)
        if len(calls) == 2:
            raise RepositoryError("no line")
        return fetch()

    remote.fetch = flaky  # type: ignore[method-assign]
    after = shared(remote).append(lambda snapshot: [] if snapshot.intents else [intent()])
    assert after.intents == (intent(),)


def test_records_of_before_the_branch_are_brought_to_it(team):
    """A team that had none so far must not send everything anew."""
    store.append(team.place, [intent(), receipt()])
    net = Network()
    publish.run(table(team.place, {"bluesky": net}))
    assert not net.posts
    assert branch_of(team.place).fetch().receipts == (receipt(),)


def test_the_branch_is_brought_into_data_and_what_stands_only_here_stays(team):
    publish.run(table(team.place, {"bluesky": Network()}))
    other = team.clone()
    mine = receipt("z/bluesky", at=NOW)
    store.append(other, [mine])
    branch = branch_of(other)
    branch.fetch()
    assert ledger.bring(branch.repository, branch.head, other) == [
        "data/intents/2026-11.jsonl",
        "data/receipts/2026-11.jsonl",
    ]
    assert {row.key for row in make.book(other).receipts} == {"a/bluesky", "z/bluesky"}
    assert ledger.bring(branch.repository, branch.head, team.place) == []
    assert ledger.bring(branch.repository, "", other) == []


def test_a_compacted_month_on_the_branch_is_read(team):
    book = table(team.place, {"bluesky": Network()})
    publish.run(book)
    branch = branch_of(team.place)
    before = branch.fetch()
    store.compact(team.place, NOW + timedelta(days=60))
    files = {
        f"data/{kind}/2026-11.parquet": (team.place.data / kind / "2026-11.parquet").read_bytes()
        for kind in ledger.KINDS
    }
    head = branch.repository.commit(before.head, files, "data: compact\n", at=0)
    git(team.place.root, "push", "-q", "origin", f"{head}:refs/heads/signalbook-data")
    after = branch.fetch()
    assert (after.intents, after.receipts) == (before.intents, before.receipts)


def test_damage_on_the_branch_stops_everything_and_a_line_cut_short_does_not(team):
    publish.run(table(team.place, {"bluesky": Network()}))
    branch = branch_of(team.place)
    head = branch.fetch().head
    path = "data/intents/2026-11.jsonl"
    good = branch.repository.blobs(branch.repository.files(head, path).values())
    (content,) = good.values()
    cut = branch.repository.commit(head, {path: content + content[:40]}, "cut\n", at=0)
    assert len(branch.at(cut).intents) == 1
    became, _, _ = branch.push(replace(branch.at(cut), head=cut), [intent("b/bluesky")])
    assert became is Pushed.YES
    assert {row.key for row in branch.fetch().intents} == {"a/bluesky", "b/bluesky"}, "the next line begins afresh"
    torn = branch.repository.commit(head, {path: b"<<<<<<< HEAD\n" + content}, "torn\n", at=0)
    with pytest.raises(LedgerError, match=r"intents/2026-11.jsonl:1"):
        branch.at(torn)


def test_damage_in_the_folder_stops_everything(tmp_path):
    place = make.workspace(tmp_path)
    store.append(place, [intent()])
    with (place.data / "intents" / "2026-11.jsonl").open("a", encoding="utf-8") as file:
        file.write("=======\n")
    with pytest.raises(LedgerError, match="no record"):
        FolderLedger(place).read()


def test_a_folder_that_cannot_be_locked_is_told(tmp_path):
    place = make.workspace(tmp_path)
    make.write(place.data, "no folder")
    with pytest.raises(LedgerError, match="data/"):
        FolderLedger(place).append(lambda _: [intent()])


# --- git at the edge -------------------------------------------------------------------------------------------------


def test_a_password_in_an_address_is_never_said():
    assert "hunter2" not in said(b"fatal: unable to access 'https://bot:hunter2@forge.example/x.git': \x1b[31mno")
    assert "\x1b" not in said(b"\x1b[31mno")


def test_hooks_of_the_clone_do_not_run(team):
    make.write(team.place.root / ".git/hooks/pre-push", "#!/bin/sh\nexit 1\n").chmod(0o755)
    make.write(team.place.root / ".git/hooks/reference-transaction", "#!/bin/sh\nexit 1\n").chmod(0o755)
    net = Network()
    publish.run(table(team.place, {"bluesky": net}))
    assert len(net.posts) == 1


@pytest.mark.parametrize("hook", ["exit 1", "sleep 20"])
def test_a_push_that_the_forge_refuses_or_does_not_answer_sends_nothing(team, hook):
    make.write(team.hub / "hooks/pre-receive", f"#!/bin/sh\n{hook}\n").chmod(0o755)
    clock = Clock()
    opened = opening.place(team.place, clock, lambda _: None)
    assert isinstance(opened.ledger, BranchLedger)
    branch = branch_of(team.place)
    branch.repository = replace(branch.repository, timeout_s=1.5)
    opened.ledger.branch = branch
    opened.ledger.tries = 2
    net = Network()
    outcome = publish.run(desk(team.place, {"bluesky": net}, clock=clock, ledger=opened.ledger, source=opened.source))
    assert "could not be written" in outcome.failures[0]
    assert not net.asked


def test_git_that_fails_or_is_missing_is_told(tmp_path, monkeypatch):
    here = Repository(tmp_path)
    with pytest.raises(RepositoryError, match="git write-tree failed"):
        here.read("write-tree")
    with pytest.raises(RepositoryError, match="git ls-remote failed"):
        here.heads("nowhere")
    assert here.maybe("write-tree") == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="not installed"):
        here.run("status")
    assert around(tmp_path) is None


def test_an_object_that_is_not_there_is_told(team):
    repository = around(team.place.root)
    assert repository is not None
    with pytest.raises(RepositoryError, match="does not hold"):
        repository.blobs(["0" * 40])
    assert not repository.has("no commit")
    assert repository.blobs([]) == {}
    with pytest.raises(RepositoryError, match="named a commit"):
        repository.fetch("origin", "main", "1" * 40)


@pytest.mark.parametrize(
    ("records", "says"),
    [([intent(), intent("a/mastodon")], "publish: a to bluesky\n"), ([receipt(what="settled")], "publish: a was seen on bluesky\n"),
     ([intent(), receipt()], "publish: 2 things\n\na to bluesky\na is out on bluesky\n")],
)  # fmt: skip
def test_a_commit_says_what_it_brings(records, says):
    assert ledger.subject(records) == says


# --- nothing due -----------------------------------------------------------------------------------------------------


def test_a_run_with_nothing_due_makes_no_request_and_no_commit_and_one_with_something_does(team, httpserver):
    """With the channels' real accounts: opening them must not ask a service anything either."""
    address = httpserver.url_for("/").rstrip("/")
    tables = "".join(
        f'\n[channels.{name}]\nconnector = "{name}"\nowner = "writer"\nurl = "{address}"\naccount = "desk"\n'
        f'secrets = {{{role} = "SERVICE"}}\n'
        for name, role in (("bluesky", "password"), ("mastodon", "token"), ("wordpress", "password"))
    )
    settings = f'[team]\nname = "Harbour"\ntimezone = "Europe/Berlin"\n\n[data]\nbranch = "signalbook-data"\n{tables}'
    make.write(team.place.settings, settings)
    channels = ["bluesky", "mastodon", "wordpress"]
    make.document(team.place, "calendar/later", post(publish_at="2026-11-24 08:55", channels=channels))
    make.document(team.place, "calendar/idea", post(status="draft", channels=channels))
    team.push()
    clone = team.clone()
    assert publish.run(table(clone, {"bluesky": Network()})).did, (
        "the post of the fixture is out, so that there are records"
    )

    def call(clock):
        said = []
        effects = publishing.Effects(
            {"SERVICE": "hunter2hunter2"}, clock, lambda _: None, "run-2", said.append, lambda text: len(said.append(text) or text)
        )  # fmt: skip
        publishing.run(clone, publishing.Asked(), effects)
        return said

    def state():
        refs = (
            git(team.hub, "for-each-ref"),
            git(clone.root, "for-each-ref", "refs/heads"),
            git(clone.root, "status", "-s"),
        )
        return refs, git(team.hub, "count-objects"), len(team.log())

    before = state()
    assert call(Clock()) == ["Nothing is due."]
    assert (state(), httpserver.log) == (before, [])
    call(Clock(NOW + timedelta(days=1)))
    assert len(team.log()) > before[2], "a claim is a commit"
    assert httpserver.log, "what is due is asked of its service"
