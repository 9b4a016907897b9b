"""``make bench``: builds and checks of generated posts, in turn with other builders on the same posts.

The machine is shared, so what counts are CPU seconds and ratios of runs that took turns; wall seconds stand beside them.
Nothing is compared with a number from another day.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench import clock, posts

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent
NOW = "2026-11-23T09:00:00+01:00"

# What is aimed at, at 5,000 posts: (what, of ours, of theirs, measure, at most); theirs empty: in itself.
AIMS = (
    ("cold build, CPU, of the blog plugin's", "build", "blog", "cpu_s", 0.10),
    ("cold build, wall, of Hugo's", "build", "hugo", "wall_s", 1.5),
    ("build after one edit, CPU, of the blog plugin's", "build after an edit", "blog after an edit", "cpu_s", 0.03),
    ("build after one edit, CPU, of Hugo's full build", "build after an edit", "hugo", "cpu_s", 0.30),
    ("memory, of the blog plugin's", "build", "blog", "memory_mib", 0.35),
    ("output, of the blog plugin's", "build", "blog", "size_mib", 0.30),
    ("check, cold, s", "check", "", "wall_s", 3.0),
    ("check again, s", "check again", "", "wall_s", 1.0),
)
HELP_S = 0.3
SERVED = 2000
"""Posts of the team whose site is served."""
VISIBLE_S = 1.0
GROWTH = 1.05


def main() -> int:
    """Measure, print as it goes, keep the numbers; 1 when a command failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[500, 2000, 5000, 10000])
    parser.add_argument("--runs", type=int, default=3, help="turns of each; the blog plugin gets one from 2,000 on")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "signalbook-bench",
        help="where the projects are made; outside of a repository, whose history a build would read",
    )  # fmt: skip
    parser.add_argument("--alone", action="store_true", help="without the other builders")
    asked = parser.parse_args()
    work = asked.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every program as it is installed: compiled at its first run
    results: dict[str, dict[int, dict[str, float]]] = defaultdict(dict)
    help_took = clock.median(clock.run([BIN / "signalbook", "--help"], cwd=work, log=work / "log") for _ in range(5))
    _say("--help", 0, help_took)
    if not asked.alone and not shutil.which("hugo"):
        print("Hugo is not installed here, so nothing is compared with it.")
    try:
        for count in asked.posts:
            _measure(count, work / str(count), asked.runs, results, alone=asked.alone)
            if count == SERVED:
                results["serve"][count] = {"wall_s": _visible(work / "served", work / "log")}
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for name in ("served", *map(str, asked.posts)):
            shutil.rmtree(work / name, ignore_errors=True)
    _judge(results, help_took)
    (work / "results.json").write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"All numbers are in {work / 'results.json'}.")
    return 0


def _measure(
    count: int, work: Path, runs: int, results: dict[str, dict[int, dict[str, float]]], *, alone: bool
) -> None:
    made = posts.posts(count)
    work.mkdir(parents=True, exist_ok=True)
    team, folder = work / "ours", posts.ours(work / "ours", made)
    edited = sorted(folder.glob("*.md"))[count // 2]
    signalbook = [BIN / "signalbook", "--now", NOW]
    steps: list[tuple[str, Callable[[], object], list[str | Path], Path, Path | None]] = [
        ("check", lambda: _forget(team), [*signalbook, "check"], team, None),
        ("check again", _nothing, [*signalbook, "check"], team, None),
        ("build", lambda: _forget(team), [*signalbook, "build"], team, team / "site"),
        ("build again", _nothing, [*signalbook, "build"], team, None),
        ("build after an edit", lambda: _edit(edited), [*signalbook, "build"], team, None),
    ]
    if not alone:
        blog = posts.blog(work / "blog", made)
        theirs = sorted(blog.glob("*.md"))[count // 2]
        command: list[str | Path] = [BIN / "mkdocs", "build", "--quiet"]
        steps += [
            ("blog", _nothing, command, work / "blog", work / "blog" / "site"),
            ("blog after an edit", lambda: _edit(theirs), command, work / "blog", None),
        ]
        if shutil.which("hugo"):
            posts.hugo(work / "hugo", made)
            steps.append(
                ("hugo", lambda: _aside(work / "hugo" / "public"), ["hugo", "--quiet"], work / "hugo", work / "hugo" / "public"),
            )  # fmt: skip
    took: dict[str, list[clock.Took]] = defaultdict(list)
    sizes: dict[str, float] = {}
    for turn in range(runs):
        for name, before, words, cwd, output in steps:
            if turn and name.startswith("blog") and count >= 2000:
                continue
            before()
            took[name].append(clock.run(words, cwd=cwd, log=work / "log"))
            if output:
                sizes[name] = clock.size_mib(output)
    for name, *_ in steps:
        middle = clock.median(took[name])
        results[name][count] = dataclasses.asdict(middle) | ({"size_mib": sizes[name]} if name in sizes else {})
        _say(name, count, middle, sizes.get(name))


def _nothing() -> None:
    """Leave everything as the step before left it."""


def _forget(team: Path) -> None:
    _aside(team / "site")
    _aside(team / ".cache")


def _aside(folder: Path) -> None:
    """Put away what an earlier turn made, until the end.

    It is not removed: for a minute a file system may pass over each place that was just freed, whenever it makes a file, so
    that a build would pay for what the build before it left.
    """
    if folder.exists():
        place = folder.parent.parent / "aside"
        place.mkdir(exist_ok=True)
        folder.rename(place / f"{folder.parent.name}-{folder.name}-{len(list(place.iterdir()))}")


def _edit(file: Path) -> None:
    with file.open("a", encoding="utf-8") as text:
        text.write("\nOne line more.\n")


def _say(name: str, count: int, took: clock.Took, size: float | None = None) -> None:
    posts_word = f"{count:>6} posts" if count else " " * 12
    output = f"  {size:8.1f} MiB out" if size is not None else ""
    print(
        f"{posts_word}  {name:<20} {took.wall_s:8.2f} s  {took.cpu_s:8.2f} s CPU  {took.memory_mib:7.0f} MiB{output}",
        flush=True,
    )


def _visible(team: Path, log: Path) -> float:
    """Seconds from an edit to the page that shows it, while the site is served; the median of five."""
    folder = posts.ours(team, posts.posts(SERVED))
    edited = sorted(folder.glob("*.md"))[SERVED // 2]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/calendar/posts/{edited.stem}.html"
    took = []
    with log.open("wb") as output, subprocess.Popen(
        [BIN / "signalbook", "--now", NOW, "serve", "--port", str(port)], cwd=team, stdout=output, stderr=output
    ) as server:  # fmt: skip
        try:
            _until(address, "")
            for number in range(5):
                with edited.open("a", encoding="utf-8") as text:
                    text.write(f"\nSeen {number} times.\n")
                took.append(_until(address, f"Seen {number} times."))
        finally:
            server.terminate()
    middle = statistics.median(took)
    print(f"{SERVED:>6} posts  served: an edit shows after {middle:.2f} s", flush=True)
    return middle


def _until(address: str, words: str) -> float:
    """Seconds until a page answers and holds some words.

    Raises:
        RuntimeError: it does not within two minutes.
    """
    start = time.perf_counter()
    while time.perf_counter() - start < 120:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
                if words in answer.read().decode():
                    return time.perf_counter() - start
        except OSError:
            pass
        time.sleep(0.02)
    message = f"{address} does not show “{words}”."
    raise RuntimeError(message)


def _judge(results: dict[str, dict[int, dict[str, float]]], help_took: clock.Took) -> None:
    """Print every aim that was measured, and whether it held."""
    _aim("--help, s", help_took.wall_s, HELP_S)
    for what, ours, theirs, measure, most in AIMS:
        mine, other = results.get(ours, {}).get(5000), results.get(theirs, {}).get(5000)
        if mine and (other or not theirs):
            _aim(f"5,000 posts: {what}", mine[measure] / (other[measure] if other else 1), most)
    for row in results["serve"].values():
        _aim(f"{SERVED:,} posts served: from an edit to its page, s", row["wall_s"], VISIBLE_S)
    points = [(size, row["cpu_s"]) for size, row in sorted(results["build"].items())]
    if len(points) > 1:
        _aim(
            f"growth of a cold build from {points[0][0]:,} to {points[-1][0]:,}, exponent",
            clock.exponent(points),
            GROWTH,
        )


def _aim(what: str, found: float, most: float) -> None:
    print(f"{'held  ' if found <= most else 'MISSED'}  {what}: {found:.3f} (aim: at most {most:g})")


if __name__ == "__main__":
    sys.exit(main())
