"""A site of an old commit is, byte for byte, the one that was built then."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signalbook import asof, store
from signalbook import book as books
from signalbook.errors import UsageError
from signalbook.model import Plan, Post
from signalbook.records import Mention, Reading, Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.build import NOW, write

DATA = '\n[data]\nbranch = "signalbook-data"\n'


def git(root: Path, *words: str, at: datetime = NOW) -> str:
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Writer"), ("EMAIL", "a@b.example"), ("DATE", at.isoformat()))}  # fmt: skip
    done = subprocess.run(["git", *words], cwd=root, env=os.environ | who, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, subject: str, at: datetime) -> str:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", subject, at=at)
    return git(root, "rev-parse", "HEAD")


def reading(day: datetime, value: int) -> Reading:
    return Reading.of(
        source="x", subject="account", metric="clicks", on=day.date(), value=value, taken_at=day, origin="x.csv"
    )


def mention(number: int, at: datetime) -> Mention:
    return Mention(f"m{number}", "feed", str(number), f"https://open.example/{number}", "a", "", "words", "en", at, at)


METRIC = {
    "title": "Clicks", "means": "x", "formula": "x", "unit": "count", "grain": "day", "stage": "out-take", "source": "x", "adds": "sum",
    "direction": "up", "informs": "x", "not_for": "x", "vanity": False, "status": "in-use", "owner": "writer", "how_to_get": "x",
}  # fmt: skip


@pytest.mark.parametrize("below", ["", "comms"])
def test_the_site_of_each_commit_is_built_again_byte_for_byte(tmp_path, below):
    """Whether the workspace is the repository or a folder of it, with what was added, changed, renamed and removed since."""
    repository = tmp_path / "repository"
    root = repository / below if below else repository
    place = make.workspace(root)
    write(root / ".gitignore", "site/\n.cache/\ndata/private/\n")
    write(repository / "README.md", "Beside.\n")
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    make.document(place, "calendar/opening", make.post(publish_at="2026-11-24 09:30", status="approved"))
    made: list[tuple[str, dict[str, bytes]]] = []

    def step(number: int, subject: str) -> None:
        at = NOW + timedelta(days=number)
        name = commit(repository, subject, at)
        site = build(place, site_dir=tmp_path / f"then-{number}", now=at).site_dir
        made.append((name, files(site)))

    if below:  # the script of the charts takes its time: once is enough
        make.document(place, "metrics/clicks", METRIC)
        store.append(place, [reading(NOW - timedelta(days=day), day) for day in range(1, 9)])
    step(0, "plans: begin")
    make.document(place, "plans/second-shop", {"title": "Second shop", "status": "draft", "route": "one-page", "owner": "writer",
                                               "body": "Why.\n\n```chart\nmetric: clicks\n```\n"})  # fmt: skip
    write(root / "content/calendar/media/door.png", b"first picture")
    (root / "content/calendar/opening.md").rename(root / "content/calendar/doors.md")
    store.append(
        place,
        [Receipt("doors/blog", "doors", "blog", 1, NOW + timedelta(hours=30), "1", "https://open.example/1", "x")],
    )
    step(2, "plans: a second shop")
    write(root / "content/calendar/media/door.png", b"another picture")
    (root / "content/plans/second-shop.md").unlink()
    if below:
        store.append(place, [reading(NOW + timedelta(days=2), 99)])
    write(root / "mkdocs.yml", make.MKDOCS.replace("Harbour News", "Harbour Weekly"))
    step(3, "plans: no second shop")
    for index, (name, then) in enumerate(made):
        past = asof.at(place, name)
        again = files(build(past.workspace, site_dir=tmp_path / f"now-{index}", now=past.at).site_dir)
        assert sorted(again) == sorted(then)
        assert [path for path in then if again[path] != then[path]] == []
    assert len({tuple(sorted(then.items())) for _, then in made}) == len(made)


def files(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_records_are_those_of_the_branch_at_its_last_commit_not_later(tmp_path):
    place = make.workspace(tmp_path / "team", settings=make.SETTINGS + DATA)
    root = place.root
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    first = commit(root, "begin", NOW)
    git(root, "checkout", "-q", "--orphan", "signalbook-data")
    git(root, "rm", "-rqf", ".")
    store.append(Workspace(root), [reading(NOW, 1)])
    early = commit(root, "data: one", NOW + timedelta(hours=1))
    store.append(Workspace(root), [reading(NOW + timedelta(days=1), 2)])
    commit(root, "data: two", NOW + timedelta(days=2))
    git(root, "checkout", "-q", "main")
    write(root / "content" / "about.md", "# About\n")
    second = commit(root, "more", NOW + timedelta(days=1))
    past = asof.at(place, second)
    assert past.records == early
    assert past.at == NOW + timedelta(days=1)
    assert [row for (row,) in rows(past.workspace)] == [1]
    assert asof.at(place, first).records == ""
    write(root / "content" / "about.md", "# About us\n")
    third = commit(root, "still more", NOW + timedelta(days=3))
    assert [row for (row,) in rows(asof.at(place, third).workspace)] == [1, 2]


def rows(place: Workspace) -> list[tuple[Any, ...]]:
    found = store.tables(place).readings.order_by("on").select("value").to_pyarrow().to_pylist()
    return [(row["value"],) for row in found]


def test_what_others_said_later_is_not_there_and_what_was_forgotten_stays_forgotten(tmp_path):
    place = make.workspace(tmp_path / "team")
    subprocess.run(["git", "init", "-q", str(place.root)], check=True)
    write(place.root / ".gitignore", "data/private/\n.cache/\n")
    name = commit(place.root, "begin", NOW)
    store.append(place, [mention(1, NOW - timedelta(days=1)), mention(2, NOW + timedelta(days=1))])
    kept, _ = store.read(asof.at(place, name).workspace, "mentions")
    assert [one.key for one in kept] == ["m1"]


def test_history_ends_at_the_commit(tmp_path):
    from signalbook import history

    place = make.workspace(tmp_path / "team")
    subprocess.run(["git", "init", "-q", str(place.root)], check=True)
    make.document(place, "plans/first", {"title": "First", "owner": "writer", "status": "draft", "route": "one-page"})
    first = commit(place.root, "plans: first", NOW)
    make.document(place, "calendar/later", make.post())
    commit(place.root, "calendar: later", NOW + timedelta(days=1))
    past = asof.at(place, first).workspace
    assert [one.subject for one in history.load(past).commits] == ["plans: first"]
    book = books.load(past)
    assert len(book.all(Plan)) == 1
    assert book.all(Post) == ()
    assert git(place.root, "status", "--porcelain", "--", "content") == ""
    assert git(place.root, "worktree", "list").count("\n") == 0


@pytest.mark.parametrize("name", ["", "nowhere", "--all", "HEAD:content", "-h"])
def test_a_name_that_is_no_commit_is_told(tmp_path, name):
    place = make.workspace(tmp_path / "team")
    subprocess.run(["git", "init", "-q", str(place.root)], check=True)
    commit(place.root, "begin", NOW)
    with pytest.raises(UsageError, match="no commit"):
        asof.at(place, name)


def test_without_git_there_is_no_then(tmp_path):
    with pytest.raises(UsageError, match="commit"):
        asof.at(make.workspace(tmp_path / "team"), "HEAD")
