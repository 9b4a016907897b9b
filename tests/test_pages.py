"""This repository's own site as a whole; what a browser says of its pages stands in ``site_plugins/test_axe.py``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.browser import pages

ROOT = Path(__file__).parents[1]
NOW = re.search(r"^ *now: (\S+)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The site as `make site` builds it, in a folder of its own."""
    folder = tmp_path_factory.mktemp("own") / "site"
    command = [str(Path(sys.executable).with_name("signalbook")), "build", "--strict", "--now", NOW]
    done = subprocess.run([*command, "--site-dir", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_the_site_has_at_least_sixty_pages(site):
    assert len(pages(site)) >= 60


def looked_at(site: Path) -> list[str]:
    """All pages in ``.ci/run``; else every index and the first two pages of each folder, which take all layouts."""
    every = pages(site)
    if os.environ.get("SIGNALBOOK_RUN_ALL"):
        return every
    folders: dict[str, list[str]] = {}
    for path in every:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return [path for held in folders.values() for path in held if path.endswith("index.html") or path in held[:2]]


def test_no_page_links_to_a_page_that_is_not_there(site):
    """The builder checks only what it renders, so every address is looked up here."""
    wrong = []
    for path in pages(site):
        text = (site / path).read_text(encoding="utf-8")
        for found in re.findall(r'(?:href|src)="([^"]*)"', text):
            target = found.split("#")[0].split("?")[0]
            if not target or re.match(r"[a-z][a-z0-9+.-]*:|//", target):
                continue
            place = (site / path).parent / unquote(target) if not target.startswith("/") else site / unquote(target)[1:]
            if target.endswith("/") or place.is_dir():
                place /= "index.html"
            if not place.exists():
                wrong.append(f"{path}: {found}")
    assert not wrong, "\n".join(wrong[:40])
