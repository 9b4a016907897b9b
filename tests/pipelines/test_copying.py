"""Records from one workspace to another: each once, compacted ones too, and nobody who was forgotten comes back."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from pipelines import copying, forgotten
from signalbook import store
from signalbook.errors import UsageError
from signalbook.records import Forgotten, Mention, Reading, digest
from tests import build as make
from tests.build import NOW


def reading(number: int) -> Reading:
    on = (NOW - timedelta(days=40 * number)).date()
    return Reading(
        f"r{number}", "mastodon", "mastodon", "account", "followers", on, "total", float(number), "count", (), NOW, "by hand"
    )  # fmt: skip


def mention(author: str, text: str) -> Mention:
    return Mention(digest("mastodon", text), "mastodon", text, "", author, "", text, "en", NOW, NOW)


@pytest.fixture
def old(tmp_path):
    place = make.workspace(tmp_path / "old")
    store.append(place, [reading(number) for number in range(6)])
    store.append(place, [mention("ana", "It was open."), mention("ben", "It was locked.")])
    return place


@pytest.fixture
def new(tmp_path):
    return make.workspace(tmp_path / "new")


def test_every_record_is_copied_once_compacted_months_too_and_no_words(old, new):
    store.compact(old, datetime(2027, 6, 1, tzinfo=UTC))
    assert any(path.suffix == ".parquet" for path in store.files(old, "readings"))
    assert copying.run(old.root, new.root).added == {"readings": 6}
    assert copying.run(old.root, new.root).added == {}
    assert set(store.read(new, "readings")[0]) == set(store.read(old, "readings")[0])
    assert not list(new.private.rglob("*.jsonl"))


def test_words_go_along_when_asked_but_not_of_those_who_were_forgotten_in_either_place(old, new):
    store.append(old, [mention("cleo", "Loud.")])
    store.append(new, [mention("dora", "Kind.")])
    forgotten.learn(old, [mark("cleo")])
    forgotten.learn(new, [mark("ben")])
    copying.run(old.root, new.root, private=True)
    assert {one.author for one in store.read(new, Mention)[0]} == {"ana", "dora"}


def mark(author: str) -> Forgotten:
    return Forgotten(forgotten.mark_of_account("mastodon", author), "account", NOW)


def test_a_line_that_cannot_be_read_is_named_and_stops_no_other(old, new):
    [path, *_] = store.files(old, "readings")
    path.write_bytes(path.read_bytes() + b"{broken}\n")
    done = copying.run(old.root, new.root)
    assert done.added == {"readings": 6}
    assert len(done.unread) == 1


@pytest.mark.parametrize("to", ["old", "nowhere"])
def test_what_is_no_other_workspace_is_said(old, to, tmp_path):
    with pytest.raises(UsageError, match=r"same workspace|one with a signalbook\.toml"):
        copying.run(old.root, tmp_path / to)


def test_the_command_copies_and_says_so(old, new, signalbook):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([signalbook, "-C", str(new.root), *words], capture_output=True, text=True, check=False)

    assert json.loads(run("--json", "store", "copy", "../old", ".").stdout)["added"] == {"readings": 6}
    for words in (("copy", "../old"), ("fetch", "../old"), ("move",)):
        done = run("store", *words)
        assert done.returncode != 0
        assert "signalbook store" in done.stderr
