"""The records between a working tree and their branch: lines are only ever added, whoever races."""

from __future__ import annotations

import subprocess
from datetime import date

import pytest

from pipelines import sharing
from signalbook import store
from signalbook.errors import SettingsError, StoreError
from signalbook.records import Alert, Intent, Reading, Receipt
from signalbook.workspace import Workspace
from tests import build as make
from tests.build import NOW

SETTINGS = make.SETTINGS + '\n[data]\nbranch = "signalbook-data"\n'


def git(folder, *words):
    me = ["-c", "user.name=W", "-c", "user.email=w@harbour.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *me, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def remote(tmp_path):
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(bare))
    first = make.workspace(tmp_path / "first", settings=SETTINGS)
    make.write(first.root / ".gitignore", "/data/\n/.cache/\n")
    git(first.root, "init", "--quiet", "--initial-branch", "main")
    git(first.root, "add", ".")
    git(first.root, "commit", "--quiet", "--message", "Begin")
    git(first.root, "push", "--quiet", str(bare), "main")
    return bare


def clone(remote, name):
    git(remote.parent, "clone", "--quiet", str(remote), name)
    return Workspace(remote.parent / name)


def reading(value, day=23):
    return Reading.of(
        source="test",
        subject="account",
        metric="followers",
        on=date(2026, 11, day),
        value=value,
        taken_at=NOW,
        origin="test",
    )


def push(place):
    return sharing.push(place, NOW, lambda _: None)


def values(place):
    return sorted(row.value for row in store.read(place, "readings")[0])


def test_what_one_clone_pushed_another_fetches(remote):
    one, two = clone(remote, "one"), clone(remote, "two")
    store.append(one, [reading(1), reading(2)])
    assert push(one).lines == 2
    assert sharing.fetch(two).files == ("data/readings/2026-11.jsonl",)
    assert values(two) == [1, 2]


def test_two_that_push_keep_both_their_lines(remote):
    one, two = clone(remote, "one"), clone(remote, "two")
    store.append(one, [reading(1)])
    store.append(two, [reading(1), reading(2)])
    push(one)
    assert push(two).lines == 1
    assert push(one).lines == 0
    sharing.fetch(one)
    assert values(one) == values(two) == [1, 2]


def test_a_push_that_somebody_beats_is_tried_on_their_state(remote):
    one, two = clone(remote, "one"), clone(remote, "two")
    store.append(one, [reading(1)])
    store.append(two, [reading(2)])
    hook = remote / "hooks" / "update"
    hook.write_text("#!/bin/sh\n[ -e beaten ] || { touch beaten; echo 'fetch first' >&2; exit 1; }\n")
    hook.chmod(0o755)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        push(two)

    assert sharing.push(one, NOW, sleep).lines == 1
    assert len(slept) == 1
    third = clone(remote, "third")
    sharing.fetch(third)
    assert values(third) == [1, 2]


def test_a_push_that_is_never_taken_says_that_the_records_are_kept(remote):
    one = clone(remote, "one")
    store.append(one, [reading(1)])
    hook = remote / "hooks" / "update"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(StoreError, match="go out with the next push"):
        push(one)
    assert values(one) == [1]


def test_nothing_new_makes_no_commit(remote):
    one = clone(remote, "one")
    assert push(one).lines == 0
    assert "signalbook-data" not in git(remote, "branch")
    store.append(one, [reading(1)])
    push(one)
    head = git(remote, "rev-parse", "signalbook-data")
    push(one)
    assert git(remote, "rev-parse", "signalbook-data") == head


def test_claims_and_receipts_are_left_to_publishing(remote):
    """A claim in this folder is none before the ledger has it; pushing one from here could make two runs believe in it."""
    one = clone(remote, "one")
    intent = Intent("a/blog", "a", "blog", 1, "run", "hash", NOW, NOW)
    receipt = Receipt("a/blog", "a", "blog", 1, NOW, "1", "", "hash")
    store.append(one, [intent, receipt, Alert("k", "a", "late", 3, NOW, "why")])
    assert push(one).files == ("data/alerts/2026-11.jsonl",)


def test_other_peoples_words_and_links_are_never_taken(remote):
    one = clone(remote, "one")
    make.write(one.private / "mentions" / "2026-11.jsonl", '{"key":"x"}\n')
    secret = make.write(one.root.parent / "secret", "secret-1\n")
    (one.data / "alerts").mkdir(parents=True)
    (one.data / "alerts" / "2026-11.jsonl").symlink_to(secret)
    store.append(one, [reading(1)])
    push(one)
    assert git(remote, "ls-tree", "-r", "--name-only", "signalbook-data").split() == ["data/readings/2026-11.jsonl"]


def test_a_line_that_a_crash_cut_short_is_not_taken(remote):
    one = clone(remote, "one")
    store.append(one, [reading(1)])
    with (one.data / "readings" / "2026-11.jsonl").open("ab") as file:
        file.write(b'{"key":"half')
    push(one)
    assert "half" not in git(remote, "show", "signalbook-data:data/readings/2026-11.jsonl")


def test_offline_takes_the_branch_as_the_clone_knows_it(remote):
    """The job of a pull request has no right to ask the remote; its checkout has brought every branch."""
    one = clone(remote, "one")
    store.append(one, [reading(1)])
    push(one)
    two = clone(remote, "two")
    git(two.root, "remote", "set-url", "origin", str(remote / "gone"))
    assert sharing.fetch(two, offline=True).files
    assert values(two) == [1]


def test_without_a_branch_or_a_remote_the_records_stay(remote, tmp_path):
    plain = make.workspace(tmp_path / "plain")
    assert "names no [data] branch" in sharing.fetch(plain).why
    alone = make.workspace(tmp_path / "alone", settings=SETTINGS)
    assert "no git remote" in push(alone).why
    other = clone(remote, "other")
    git(other.root, "remote", "rename", "origin", "upstream")
    with pytest.raises(SettingsError, match="none of that name"):
        sharing.fetch(other)
