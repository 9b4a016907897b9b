"""The same site from every command that can build it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from signalbook.workspace import Workspace
from site_plugins.build import build
from tests.site_plugins.small import post, workspace, write


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def run(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    quiet = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=at,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return workspace(tmp_path / "team")


def test_both_builders_and_our_own_command_give_the_same_bytes(place: Workspace, tmp_path: Path) -> None:
    sites = {name: tmp_path / name for name in ("ours", "again", "mkdocs", "properdocs")}
    build(place, site_dir=sites["ours"])
    first = run("mkdocs", "build", "-q", "-d", str(sites["mkdocs"]), at=place.root)
    second = run("properdocs", "build", "-q", "-f", "mkdocs.yml", "-d", str(sites["properdocs"]), at=place.root)
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    build(place, site_dir=sites["again"])
    expected = tree(sites["ours"])
    assert len(expected) > 15
    for name in ("again", "mkdocs", "properdocs"):
        assert tree(sites[name]) == expected, name


def test_a_plain_strict_build_fails_with_a_finding_that_blocks(place: Workspace, tmp_path: Path) -> None:
    write(place.content / "calendar" / "broken.md", "---\ntitle: [unclosed\n---\n")
    done = run("mkdocs", "build", "--strict", "-d", str(tmp_path / "site"), at=place.root)
    assert done.returncode != 0
    assert "content/calendar/broken.md" in done.stderr
    assert not (tmp_path / "site").exists()


def test_a_folder_of_the_builders_own_beside_content(place: Workspace, tmp_path: Path) -> None:
    """A team that keeps its builder's pages elsewhere gets both, in one frame."""
    text = place.builder.read_text().replace("docs_dir: content", "docs_dir: handbook")
    place.builder.write_text(text)
    write(place.root / "handbook" / "house.md", "# House rules\n\nTea at four. [More](more.md)\n")
    write(place.root / "handbook" / "more.md", "# More\n")
    post(place.root, 1)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    build(place, site_dir=ours)
    done = run("mkdocs", "build", "-q", "-d", str(theirs), at=place.root)
    assert done.returncode == 0, done.stderr
    assert tree(ours) == tree(theirs)
    page = (ours / "house.html").read_text()
    assert "Tea at four" in page
    assert "<header class=" in page
    assert "\x02" not in page
    assert "\x03" not in page
    assert "Tea at four" in (ours / "search" / "search_index.json").read_text()


def test_the_builder_never_reads_what_people_wrote(place: Workspace, tmp_path: Path) -> None:
    """Broken front matter is a finding of ours, not a surprise of the builder's."""
    write(place.content / "about" / "odd.md", "---\n{{ jinja }}: [\n---\n# Odd\n")
    done = run("mkdocs", "build", "-q", "-d", str(tmp_path / "site"), at=place.root)
    assert "Error reading page" not in done.stderr
    assert done.returncode == 0, done.stderr
