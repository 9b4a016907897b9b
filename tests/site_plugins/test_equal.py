"""One site, whatever made it: three commands, two builders, from nothing or from what was there."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from signalbook import store
from signalbook.model import KINDS, base
from signalbook.records import Reading, Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.build import NOW, TODAY, write

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
WORDS = "open door harbour ferry morning bread letter window bridge evening".split()
FENCES = "\n```chart\nmetric: metric-0\nperiod: 90d\n```\n\n```kpi\nmetric: metric-0\n```\n"


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def same(one: Path, other: Path) -> list[str]:
    """The addresses that differ; the generator's name is that of Signalbook in both, so nothing is excused."""
    first, second = tree(one), tree(other)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def document(kind: Any, turn: int, chance: random.Random) -> dict[str, Any]:
    def words(of: type, key: str) -> str:
        return "https://harbour.example/a" if of is base.Url else " ".join(chance.choices(WORDS, k=3))

    front = make.full(kind, words, turn=turn, names=lambda found: f"{found.KIND}-{chance.randrange(3)}")
    if kind.KIND == "post":
        front |= {
            "channels": ["blog", "bluesky"],
            "publish_at": f"{TODAY + timedelta(days=chance.randrange(-20, 40))} 10:00",
        }
    link = f"[there](../{chance.choice(KINDS).FOLDER}/x.md) ![a door](/media/door-{chance.randrange(3)}.png)"
    return front | {"audiences": [], "body": f"# Of the {kind.KIND}\n\n{link}\n{FENCES if turn == 0 else ''}"}


def reading(day: int, value: int) -> Reading:
    return Reading.of(source="git", subject="account", metric="metric_0", on=TODAY - timedelta(days=day), value=value,
                      taken_at=NOW - timedelta(hours=1), origin="git")  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A workspace with two documents of every kind, pictures, an ordinary page, records and a history."""
    chance = random.Random(7)
    place = make.workspace(tmp_path / "team")
    for kind in KINDS:
        for turn in range(2):
            make.document(place, f"{kind.FOLDER}/{kind.KIND}-{turn}", document(kind, turn, chance))
    metric = {
        "title": "Doors",
        "owner": "writer",
        "status": "in-use",
        "unit": "count",
        "grain": "day",
        "adds": "sum",
        "stage": "output",
    }
    make.document(place, "metrics/metric-0", metric)
    for number in range(3):
        write(place.content / "media" / f"door-{number}.png", PNG)
    write(place.content / "about" / "house.md", f"# House\n\n![](../media/door-0.png)\n{FENCES}")
    store.append(place, [reading(day, day * 3) for day in range(1, 40)])
    store.append(
        place, [Receipt("post-0/blog", "post-0", "blog", 1, NOW - timedelta(days=2), "7", "https://x.example/7", "c")]
    )
    return place


def git(place: Workspace, subject: str) -> None:
    when = {"GIT_AUTHOR_DATE": NOW.isoformat(), "GIT_COMMITTER_DATE": NOW.isoformat(), "GIT_AUTHOR_NAME": "Writer",
            "GIT_COMMITTER_NAME": "Writer", "GIT_AUTHOR_EMAIL": "w@x.example", "GIT_COMMITTER_EMAIL": "w@x.example"}  # fmt: skip
    if not (place.root / ".git").exists():
        subprocess.run(["git", "init", "-q", str(place.root)], check=True)
        write(place.root / ".gitignore", ".cache/\nsite/\n")
    for words in (["add", "-A"], ["commit", "-q", "--allow-empty", "-m", subject]):
        subprocess.run(["git", *words], cwd=place.root, env=os.environ | when, check=True, capture_output=True)


def run(*words: str, at: Path) -> None:
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=at, env=quiet, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_both_builders_and_our_command_agree_on_every_kind(place: Workspace, tmp_path: Path) -> None:
    """Each from nothing, in a folder of its own, so that none can lean on what another kept."""
    git(place, "All of it")
    commands = {
        "ours": ("signalbook.cli", "build", "-q", "--site-dir"),
        "mkdocs": ("mkdocs", "build", "-q", "-d"),
        "properdocs": ("properdocs", "build", "-q", "-f", "mkdocs.yml", "-d"),
    }
    for name, words in commands.items():
        copy = tmp_path / f"{name}-team"
        shutil.copytree(place.root, copy)
        run(*words, str(tmp_path / name), at=copy)
    assert len(tree(tmp_path / "ours")) > 100
    assert same(tmp_path / "ours", tmp_path / "mkdocs") == []
    assert same(tmp_path / "ours", tmp_path / "properdocs") == []


def test_two_builds_on_two_days_differ_where_the_day_is_told(place: Workspace, tmp_path: Path) -> None:
    """Warm from another day: nothing of yesterday stays."""
    site = tmp_path / "site"
    for days in (0, 1, 9, 0):
        build(place, site_dir=site, now=NOW + timedelta(days=days))
    fresh = tmp_path / "fresh"
    shutil.copytree(place.root, fresh, ignore=shutil.ignore_patterns(".cache"))
    build(Workspace(fresh), site_dir=tmp_path / "fresh-site", now=NOW)
    assert same(site, tmp_path / "fresh-site") == []


class Changes:
    """People at work, all in a hurry; seeded."""

    def __init__(self, place: Workspace, seed: int) -> None:
        self.place, self.chance, self.number = place, random.Random(seed), 0

    def files(self, ending: str) -> list[Path]:
        return sorted(self.place.content.rglob(f"*{ending}"))

    def any(self) -> str:
        """Change one thing and say what."""
        self.number += 1
        acts = [self.edit, self.edit, self.front, self.add, self.rename, self.remove, self.picture, self.setting, self.record,
                self.whole_folder, self.damage]  # fmt: skip
        act = self.chance.choice(acts)
        return f"{self.number} {act.__name__} {act()}"

    def edit(self) -> object:
        path = self.chance.choice(self.files(".md"))
        path.write_text(
            f"{path.read_text(encoding='utf-8', errors='replace')}\n{self.chance.choice(WORDS)} {self.number}\n",
            encoding="utf-8",
        )
        return path

    def front(self) -> object:
        path = self.chance.choice(self.files(".md"))
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = [index for index, line in enumerate(text.split("\n")) if re.match(r"[a-z_]+: \S", line)]
        if lines:
            rows = text.split("\n")
            at = self.chance.choice(lines)
            key = rows[at].partition(":")[0]
            kept = {
                "status": self.chance.choice(["draft", "approved", "active", "open", "in-force"]),
                "title": f'"T{self.number}"',
            }
            rows[at] = f"{key}: {kept.get(key, self.chance.choice(WORDS))}"
            path.write_text("\n".join(rows), encoding="utf-8")
        return path

    def add(self) -> object:
        kind = self.chance.choice(KINDS)
        turn = self.chance.randrange(9)
        return make.document(
            self.place, f"{kind.FOLDER}/{kind.KIND}-{self.chance.randrange(5)}", document(kind, turn, self.chance)
        )

    def rename(self) -> object:
        path = self.chance.choice(self.files(".md"))
        return path.rename(path.with_name(self.chance.choice(self.files(".md")).name))

    def remove(self) -> object:
        path = self.chance.choice(self.files(".md"))
        path.unlink()
        return path

    def picture(self) -> object:
        path = self.place.content / "media" / f"door-{self.chance.randrange(4)}.png"
        if path.exists() and self.chance.random() < 0.5:
            path.unlink()
            return path
        return write(path, PNG + bytes([self.chance.randrange(256)]))

    def setting(self) -> object:
        text = make.SETTINGS
        if self.chance.random() < 0.5:
            text += f'\n[channels.letter]\nconnector = "mail"\nowner = "writer"\nname = "Letter {self.chance.randrange(3)}"\n'
        if self.chance.random() < 0.3:
            text = text.replace("Europe/Berlin", "Asia/Tokyo")
        return write(self.place.settings, text)

    def record(self) -> object:
        store.append(self.place, [reading(self.chance.randrange(1, 60), self.chance.randrange(100))])
        post = f"post-{self.chance.randrange(4)}"
        at = NOW - timedelta(days=self.chance.randrange(9))
        return store.append(
            self.place, [Receipt(f"{post}/blog", post, "blog", 1, at, str(self.number), "https://x.example/", "c")]
        )

    def whole_folder(self) -> object:
        one = self.chance.choice(["about", "guide", "plans", "media"])
        path = self.place.content / one
        if path.exists() and one != "plans":
            shutil.rmtree(path)
            return path
        return write(path / "house.md", f"# House {self.number}\n\n![](../media/door-0.png) [in](index.md)\n")

    def damage(self) -> object:
        path = self.chance.choice(self.files(".md"))
        return write(
            path,
            self.chance.choice(
                [b"---\ntitle: [open\n---\n", b"\xff\xfe", b"", b"---\n", b"plain\n", b"---\nnope: 1\n---\n"]
            ),
        )


def test_warm_equals_cold_after_two_hundred_changes_of_every_sort(place: Workspace, tmp_path: Path) -> None:
    changes = Changes(place, 20261123)
    site, said = tmp_path / "warm", []
    build(place, site_dir=site)
    for batch in range(1, 21):
        said += [changes.any() for _ in range(10)]
        if batch % 4 == 0:
            git(place, f"Batch {batch}")
        build(place, site_dir=site)
        if batch in {1, 7, 14, 20}:
            fresh = tmp_path / f"cold-{batch}"
            shutil.copytree(place.root, fresh, ignore=shutil.ignore_patterns(".cache"))
            build(Workspace(fresh), site_dir=tmp_path / f"cold-{batch}-site")
            assert same(site, tmp_path / f"cold-{batch}-site") == [], said[-70:]
    assert len(said) == 200
