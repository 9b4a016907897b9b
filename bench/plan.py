"""``python -m bench.plan``: ``signalbook publish plan`` of 20,000 posts on ten channels, with what went out behind them.

Posts every half hour, the first sixth of them out on the six channels that a machine fills: about 20,000 claims and as many
receipts. Measured in three settings, each command a process of its own, from its start to its end; the first run fills
the caches and does not count:

==========  ===========================================================================
plain       a folder without git
committed   a clone without a remote
remote      a clone whose protected branch and records lie in another repository
==========  ===========================================================================
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import clock
from signalbook import store
from signalbook.records import Intent, Receipt
from signalbook.workspace import Workspace

BIN = Path(sys.executable).parent
MACHINES = ("bluesky", "mastodon", "wordpress", "matrix", "console", "feed")
HANDS = ("x", "linkedin", "facebook", "threads")
START = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)
STEP = dt.timedelta(minutes=30)
OUT = 6
"""One post in so many, the first ones, is out."""
ZONE = ZoneInfo("Europe/Berlin")
MOST_S, MOST_MIB = 2.0, 300.0


def team(root: Path, posts: int, *, branch: str = "") -> Workspace:
    """A workspace with that many approved posts on ten channels, and the records of those that are out."""
    for folder in ("content/calendar", "content/people"):
        (root / folder).mkdir(parents=True)
    (root / "mkdocs.yml").write_text(
        "site_name: Bench\ndocs_dir: content\ntheme: {name: material}\nplugins: [search, signalbook]\n",
        encoding="utf-8",
    )
    settings = '[team]\nname = "Bench"\ntimezone = "Europe/Berlin"\n'
    settings += f'[data]\nbranch = "{branch}"\n' if branch else ""
    for name in (*MACHINES, *HANDS):
        connector = name if name in MACHINES else "manual"
        settings += f'[channels.{name}]\nconnector = "{connector}"\nurl = "https://x.example"\naccount = "a"\n'
        settings += 'owner = "writer"\nbackup = "lead"\n'
    (root / "signalbook.toml").write_text(settings, encoding="utf-8")
    for role in ("writer", "lead"):
        (root / f"content/people/{role}.md").write_text(
            f"---\ntitle: {role}\nside: inside\nroles: [{role}]\nowner: lead\nzone: Europe/Berlin\n---\n",
            encoding="utf-8",
        )
    channels = ", ".join((*MACHINES, *HANDS))
    for number in range(posts):
        at = f"{(START + number * STEP).astimezone(ZONE):%Y-%m-%d %H:%M}"
        (root / f"content/calendar/p{number:05d}.md").write_text(
            f"---\ntitle: Post {number}\nstatus: approved\npublish_at: {at}\nchannels: [{channels}]\nowner: writer\n"
            "author: writer\nmix: useful\ndisclosure: not-needed\n---\n"
            f"A sentence number {number} about the shop that opens at seven.\n",
            encoding="utf-8",
        )
    place = Workspace(root)
    store.append(place, [row for number in range(posts // OUT) for row in proofs(number)])
    return place


def proofs(number: int) -> list[Intent | Receipt]:
    """The claim and the receipt of one post on each channel that a machine fills."""
    at = START + number * STEP
    rows: list[Intent | Receipt] = []
    for channel in MACHINES:
        slug, run, content = f"p{number:05d}", f"{at:%Y%m%dT%H%M}-bench", f"{number:032x}"
        rows += [
            Intent(f"{slug}/{channel}", slug, channel, 1, run, content, at, at + dt.timedelta(minutes=5), 1, at),
            Receipt(f"{slug}/{channel}", slug, channel, 1, at, f"at://{number}", f"https://x.example/{slug}", content,
                    run=run, facts=(f"cid=bafy{number}",), attempt=1),
        ]  # fmt: skip
    return rows


def _git(root: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0", *words],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip


def kept(root: Path, posts: int, how: str) -> Path:
    """A workspace that is kept in that way; its root."""
    place = root / how
    team(place, posts, branch="signalbook-data" if how == "remote" else "")
    if how == "plain":
        return place
    _git(place, "init", "-q", "-b", "main")
    (place / ".gitignore").write_text(".cache/\n", encoding="utf-8")
    _git(place, "add", ".gitignore", "content", "mkdocs.yml", "signalbook.toml")
    _git(place, "commit", "-q", "-m", "posts")
    if how == "remote":
        bare = root / "remote.git"
        _git(root, "init", "-q", "--bare", "-b", "main", str(bare))
        _git(place, "remote", "add", "origin", str(bare))
        _git(place, "push", "-q", "origin", "main")
        _git(place, "checkout", "-q", "--orphan", "signalbook-data")
        _git(place, "rm", "-q", "-r", "--cached", ".")
        _git(place, "add", "-f", "data/intents", "data/receipts")
        _git(place, "commit", "-q", "-m", "records")
        _git(place, "push", "-q", "origin", "signalbook-data")
        _git(place, "checkout", "-q", "-f", "main")
    return place


def main() -> int:
    """Make, measure, print; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.plan", description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=Path, default=None, help="where the workspaces are made; kept when it is named")
    asked = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    now = START + STEP * (asked.posts // OUT) + dt.timedelta(minutes=-10)
    missed = 0
    with tempfile.TemporaryDirectory(prefix="signalbook-bench-") as folder:
        root = asked.work or Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        for how in ("plain", "committed", "remote"):
            place = root / how if (root / how).exists() else kept(root, asked.posts, how)
            for words in (["publish", "plan"], ["publish", "plan", "--json"]):
                command: list[str | Path] = [BIN / "signalbook", "--now", now.isoformat(), *words]
                cold = clock.run(command, cwd=place, log=root / "log")
                took = clock.median(clock.run(command, cwd=place, log=root / "log") for _ in range(asked.runs))
                held = took.cpu_s <= MOST_S and took.memory_mib <= MOST_MIB
                missed += not held
                print(
                    f"{'held  ' if held else 'MISSED'}  {how:<9} {' '.join(words):<21} {took.wall_s:5.2f} s {took.cpu_s:5.2f} s CPU "
                    f"{took.memory_mib:4.0f} MiB (aim: {MOST_S:g} s, {MOST_MIB:g} MiB; before: {cold.wall_s:.1f} s)",
                    flush=True,
                )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
