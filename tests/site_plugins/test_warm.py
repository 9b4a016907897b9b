"""A warm build of this repository's own workspace is equal byte for byte to a cold one after many changes; 200 of every sort: ``test_equal``."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from signalbook.workspace import Workspace
from site_plugins.build import build
from tests.site_plugins.small import MKDOCS

ROOT = Path(__file__).parents[2]
ROUNDS, CHANGES, COMPARED_EVERY = 8, 8, 4
STATES = ("draft", "approved", "cancelled", "active", "review")


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def change(content: Path, chance: random.Random) -> str:
    """Change one file as people do; say what was done."""
    one = chance.choice(sorted(content.rglob("*.md")))
    act = chance.choice(["title", "status", "remove", "rename", "add", "text", "date"])
    text = one.read_text(encoding="utf-8")
    if act == "remove" and chance.random() < 0.4:
        one.unlink()
    elif act == "rename":
        one.rename(one.with_name(f"r{chance.randint(0, 999)}-{one.name}"))
    elif act == "add":
        shutil.copyfile(one, one.with_name(f"a{chance.randint(0, 999)}-{one.name}"))
    elif act == "title":
        one.write_text(re.sub(r"^title: .*$", f'title: "T{chance.randint(0, 99)}"', text, count=1, flags=re.MULTILINE))
    elif act == "status":
        one.write_text(re.sub(r"^status: .*$", f"status: {chance.choice(STATES)}", text, count=1, flags=re.MULTILINE))
    elif act == "date":
        one.write_text(text.replace("2026-12", "2027-01", 1))
    else:
        one.write_text(f"{text}\nMore {chance.random()}.\n")
    return f"{act} {one.relative_to(content)}"


def test_a_warm_build_equals_a_cold_one_after_many_changes(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    team, site = tmp_path / "team", tmp_path / "site"
    team.mkdir()
    for name in ("content", "docs"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, team / name)
    shutil.copyfile(ROOT / "signalbook.toml", team / "signalbook.toml")
    (team / "mkdocs.yml").write_text(MKDOCS, encoding="utf-8")
    done: list[str] = []
    for step in range(1, ROUNDS + 1):
        done += [change(team / "content", chance) for _ in range(CHANGES)]
        build(Workspace(team), site_dir=site)
        if step % COMPARED_EVERY == 0:
            fresh = tmp_path / f"cold{step}"
            shutil.copytree(team, fresh, ignore=shutil.ignore_patterns(".cache"))
            build(Workspace(fresh), site_dir=tmp_path / f"cold{step}-site")
            warm, cold = tree(site), tree(tmp_path / f"cold{step}-site")
            different = sorted(name for name in warm.keys() | cold.keys() if warm.get(name) != cold.get(name))
            assert different == [], done[-CHANGES * COMPARED_EVERY :]
    assert len(done) == ROUNDS * CHANGES
