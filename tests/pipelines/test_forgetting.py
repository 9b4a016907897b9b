"""Forgetting: after it no byte of somebody's words or name is left in any file, cache, site, branch or object of git."""

from __future__ import annotations

import gzip
import subprocess
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import forgetting, listen, private
from signalbook import heard, store
from signalbook.errors import SettingsError, StoreError
from signalbook.records import Contact, Judgement, Mention, Reply, digest
from signalbook.workspace import Workspace
from tests.pipelines import test_listen as team

NOW = team.NOW
WORDS = "The crumb lane counter smelled of petrol last Tuesday and I told them so"
NAME = "edda-unverwechselbar"
PRIVATE = '\n[data]\nprivate = "branch:signalbook-private"\n'


def git(folder: Path, *words: str) -> str:
    me = ["-c", "user.name=W", "-c", "user.email=w@harbour.example", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *me, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(bare))
    first = team.workspace(tmp_path / "first", PRIVATE)
    (first.root / ".gitignore").write_text("/data/private/\n/.cache/\n/site/\n", encoding="utf-8")
    git(first.root, "init", "--quiet", "--initial-branch", "main")
    git(first.root, "add", ".")
    git(first.root, "commit", "--quiet", "--message", "Begin")
    git(first.root, "push", "--quiet", str(bare), "main")
    return bare


def clone(remote: Path, name: str) -> Workspace:
    git(remote.parent, "clone", "--quiet", str(remote), name)
    return Workspace(remote.parent / name)


def push(place: Workspace, *, bring: bool = True) -> private.Outcome:
    return private.push(place, NOW, lambda _: None, bring=bring)


def spoken() -> list[Mention]:
    return [
        team.said("1", WORDS, author=NAME),
        team.said("2", f"@{NAME} is right about crumb lane", author="other"),
        team.said("3", "Crumb Lane is lovely", author="third"),
    ]


def everything(root: Path) -> list[tuple[str, bytes]]:
    """Every file below a folder; what is packed is opened too."""
    found = []
    for path in root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found.append((path.as_posix(), content))
            if content[:1] == b"\x78":
                found.append((f"{path} opened", zlib.decompressobj().decompress(content)))
            if content[:2] == b"\x1f\x8b":
                found.append((f"{path} opened", gzip.decompress(content)))
    for folder in [path.parent for path in root.rglob("HEAD") if (path.parent / "objects").is_dir()]:
        names = git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
        for name, kind in (row.split() for row in names.splitlines()):
            shown = subprocess.run(["git", "cat-file", kind, name], cwd=folder, check=True, capture_output=True)
            found.append((f"{folder} object {name}", shown.stdout))
    return found


def holding(root: Path, *words: str) -> list[str]:
    return [name for name, content in everything(root) for word in words if word.lower().encode() in content.lower()]


def test_what_one_run_kept_the_next_one_brings_and_the_branch_has_one_commit(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    listen.run(one, NOW, team.hearing_of(*spoken()[:2]))
    push(one)
    listen.run(two, NOW, team.hearing_of(spoken()[2]))
    assert "replaced" in push(two).why
    assert len(store.read(two, Mention)[0]) == 3
    private.fetch(one)
    assert len(store.read(one, Mention)[0]) == 3
    assert git(remote, "rev-list", "--count", "signalbook-private").strip() == "1"
    assert "just this" in push(one).why
    # Nothing of it lies in a clone's own objects: they went through a folder that is gone.
    assert holding(one.root / ".git", WORDS) == []


def test_after_forget_no_byte_of_words_or_name_is_left_anywhere(remote: Path) -> None:
    place = clone(remote, "one")
    listen.run(place, NOW, team.hearing_of(*spoken()))
    store.append(place, [Contact("x:1", "x", "1", "Edda", f"{NAME}@mail.example", "Lead", "", None, NOW)])
    listen.correction(place, spoken()[0].key, NOW, by="head-baker", tone="negative")
    # What we answered may repeat what they said, or name them in an answer to somebody else.
    answers = (
        (spoken()[0].key, f"You say “{WORDS}”. We look at it."),
        (spoken()[2].key, f"As @{NAME} says, it is open."),
    )
    store.append(
        place,
        [
            Reply(f"case-{n}/1", f"case-{n}", about, "mastodon", "en", said, NOW)
            for n, (about, said) in enumerate(answers)
        ],
    )
    push(place)
    git(place.root, "fetch", "--quiet")  # as anybody's clone does: now its objects hold the words
    store.tables(place).mentions.count().to_pyarrow()
    (place.root / "site").mkdir()
    (place.root / "site/mentions.html").write_text(f"<p>{WORDS}</p>", encoding="utf-8")
    (place.root / "site/other.html").write_text("<p>nothing</p>", encoding="utf-8")
    (place.cache / "rendered.html").write_text(WORDS, encoding="utf-8")
    (place.cache / "parts.pickle").write_bytes(WORDS.encode())
    assert holding(place.root, WORDS, NAME)
    assert holding(remote, WORDS)

    dry = forgetting.run(place, NAME, NOW, dry=True)
    assert (dry.mentions, dry.dry) == (1, True)
    assert holding(place.root, WORDS)

    outcome = forgetting.run(place, f"@{NAME.title()}", NOW, replace_branch=lambda: push(place, bring=False).why)
    assert outcome.mentions == 2
    assert outcome.others["judgements"] == 1
    assert outcome.others["corrections"] == 1
    assert outcome.others["contacts"] == 1
    assert "site/mentions.html" in outcome.removed
    assert (place.root / "site/other.html").exists()
    assert outcome.left == ()
    assert holding(place.root, WORDS, NAME) == []
    git(remote, "gc", "--quiet", "--prune=now")
    assert holding(remote, WORDS, NAME) == []
    kept = {one.key: one.text for one in store.read(place, Mention)[0]}
    assert kept == {spoken()[1].key: "[forgotten] is right about crumb lane", spoken()[2].key: "Crumb Lane is lovely"}


def test_what_still_holds_the_name_is_listed_and_left_to_people(remote: Path) -> None:
    place = clone(remote, "one")
    listen.run(place, NOW, team.hearing_of(*spoken()))
    (place.root / "content/note.md").write_text(f"# A talk with {NAME}\n", encoding="utf-8")
    assert forgetting.run(place, NAME, NOW).left == ("content/note.md",)


def test_what_is_forgotten_is_not_heard_again_and_not_brought_back_by_another_clone(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    listen.run(one, NOW, team.hearing_of(*spoken()))
    push(one)
    private.fetch(two)
    forgetting.run(one, NAME, NOW, replace_branch=lambda: push(one, bring=False).why)
    again = listen.run(
        one, NOW + timedelta(hours=1), team.hearing_of(spoken()[0], team.said("9", "Crumb Lane, more", author=NAME))
    )
    assert (again.added, again.forgotten) == (0, 2)
    listen.run(two, NOW, team.hearing_of(team.said("8", "Crumb Lane once more", author="eighth")))
    push(two)
    assert {mention.author for mention in store.read(two, Mention)[0]} == {"other", "third", "eighth"}
    private.fetch(one)
    assert holding(one.root, WORDS) == []
    assert digest("mastodon", "1") not in {found.key for found in store.read(two, Judgement)[0]}


def test_peoples_own_lost_commits_survive_forgetting(remote: Path) -> None:
    place = clone(remote, "one")
    (place.root / "note.txt").write_text("precious", encoding="utf-8")
    git(place.root, "add", "note.txt")
    git(place.root, "commit", "--quiet", "--message", "Precious")
    lost = git(place.root, "rev-parse", "HEAD").strip()
    git(place.root, "reset", "--quiet", "--hard", "HEAD~1")
    git(place.root, "reflog", "expire", "--expire=now", "--all")
    listen.run(place, NOW, team.hearing_of(*spoken()))
    push(place)
    git(place.root, "fetch", "--quiet")
    forgetting.run(place, NAME, NOW, replace_branch=lambda: push(place, bring=False).why)
    assert git(place.root, "show", f"{lost}:note.txt") == "precious"


def test_two_that_replace_the_branch_at_once_keep_both_their_lines(remote: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    listen.run(one, NOW, team.hearing_of(spoken()[0]))
    listen.run(two, NOW, team.hearing_of(spoken()[2]))
    push(one)
    push(two)
    private.fetch(one)
    assert len(store.read(one, Mention)[0]) == 2


def test_a_link_in_the_private_folder_is_not_written_through(remote: Path, tmp_path: Path) -> None:
    one, two = clone(remote, "one"), clone(remote, "two")
    listen.run(one, NOW, team.hearing_of(spoken()[0]))
    push(one)
    (two.private).mkdir(parents=True)
    (two.private / "mentions").symlink_to(tmp_path)
    with pytest.raises(StoreError, match="link"):
        private.fetch(two)


def test_nobody_of_that_name_and_no_such_place_say_so(remote: Path, tmp_path: Path) -> None:
    place = clone(remote, "one")
    with pytest.raises(LookupError):
        forgetting.run(place, "nobody-here", NOW)
    other = team.workspace(tmp_path / "other", '\n[data]\nprivate = "s3://bucket"\n')
    with pytest.raises(SettingsError, match="branch:signalbook-private"):
        private.fetch(other)
    assert "names no" in private.fetch(team.workspace(tmp_path / "third")).why


def test_the_counts_of_the_ledger_stay_when_words_go(remote: Path) -> None:
    place = clone(remote, "one")
    harm = team.said("1", "My son was injured at crumb lane and is in hospital", author=NAME)
    listen.run(place, NOW, team.hearing_of(harm))
    before = (place.data / "alerts/2026-11.jsonl").read_bytes()
    forgetting.run(place, NAME, NOW)
    assert (place.data / "alerts/2026-11.jsonl").read_bytes() == before
    assert heard.texts(store.tables(place), [harm.key]) == {}
    assert datetime(2026, 11, 1, tzinfo=UTC) < NOW
