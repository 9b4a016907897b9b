"""``make bench-tasks``: five everyday tasks with the mouse and with the keyboard, on this build and on an earlier one of ours.

The earlier one is installed from its commit into a folder of its own and builds the same workspace. Each task begins on the home
page and ends when its answer is on the screen. Printed are the actions (links and buttons that somebody chose), the keys that
took, and the milliseconds of the browser between the first and the answer, the median of several turns in which the two builds
alternate. Nobody's reading or aiming is in them: actions and keys stand for those.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser import Page
    from tests.tasks import Hands

ROOT = Path(__file__).parents[1]
NOW = "2026-11-23T09:00:00+01:00"
WAYS = {"mouse": False, "keyboard": True}
PATIENCE_MS = 4_000
"""So long a thing may take to be there before a way counts as not leading to it."""


def earlier() -> str:
    """The last commit of the day before the newest one's."""
    newest = _git("log", "-1", "--format=%cd", "--date=format:%Y-%m-%dT00:00:00%z")
    return _git("rev-list", "-1", f"--before={newest}", "HEAD")


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True, text=True).stdout.strip()


def built(revision: str, workspace: Path, folder: Path) -> Path:
    """The site that a commit's software makes of a workspace; an empty ``revision`` is the software as it lies here."""
    site = folder / "site"
    environment = dict(os.environ)
    if revision:
        tree, code = folder / "tree", folder / "code"
        _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
        try:
            subprocess.run(
                [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(code), str(tree)],
                check=True,
            )  # fmt: skip
        finally:
            _git("worktree", "remove", "--force", str(tree))
        environment["PYTHONPATH"] = str(code)
    start = "from signalbook.cli import main; raise SystemExit(main())"
    subprocess.run(
        [sys.executable, "-c", start, "-q", "build", "--now", NOW, "--site-dir", str(site)],
        check=True, cwd=workspace, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return site


def timed(page: Page, task: Callable[[Hands], None], *, keys: bool) -> tuple[int, int, float] | None:
    """Actions, keys and milliseconds of one task; nothing where this way does not lead to its answer."""
    from playwright.sync_api import Error

    from tests.tasks import Hands

    page.goto("index.html", wait="networkidle")
    hands = Hands(page, keys=keys)
    begun = time.perf_counter()
    try:
        task(hands)
    except (AssertionError, Error):
        return None
    return hands.acts, hands.presses, (time.perf_counter() - begun) * 1_000


def main() -> int:
    """Build twice, do every task, print; 1 when a task takes more actions than it may or cannot be done."""
    from tests import build as make
    from tests.browser import running, serving
    from tests.tasks import CONTENT, MOST_ACTIONS, TASKS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--earlier", default="", help="the commit to compare with; without: the last one of an earlier day"
    )
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    before = given.earlier or earlier()
    found: dict[tuple[str, str, str], list[tuple[int, int, float] | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        sites = {}
        for build, revision in (("now", ""), ("earlier", before)):
            place = Path(folder) / build
            workspace = make.workspace(place / "team", CONTENT)
            sites[build] = built(revision, workspace.root, place)
        with serving(sites["now"]) as now, serving(sites["earlier"]) as then, running() as browser:
            for _ in range(given.turns):
                for build, address in (("now", now), ("earlier", then)):
                    with browser.page(address) as page:
                        page.driver.set_default_timeout(PATIENCE_MS)
                        page.driver.context.grant_permissions(["clipboard-read", "clipboard-write"])
                        for name, task in TASKS.items():
                            for way, keys in WAYS.items():
                                found.setdefault((name, way, build), []).append(timed(page, task, keys=keys))
    rows = [
        {"task": name, "with": way, "build": build if build == "now" else before[:10], **_row(turns)}
        for (name, way, build), turns in sorted(found.items())
    ]
    print(json.dumps(rows, indent=2))
    mine = [turn for (_, _, build), turns in found.items() if build == "now" for turn in turns]
    return int(any(turn is None or turn[0] > MOST_ACTIONS for turn in mine))


def _row(turns: list[tuple[int, int, float] | None]) -> dict[str, object]:
    done = [turn for turn in turns if turn is not None]
    if not done:
        return {"actions": None, "keys": None, "ms": None}
    return {"actions": done[0][0], "keys": done[0][1], "ms": round(statistics.median(turn[2] for turn in done))}


if __name__ == "__main__":
    sys.exit(main())
