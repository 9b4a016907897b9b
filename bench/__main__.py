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
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench import clock, posts

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent
NOW = "2026-11-23T09:00:00+01:00"

# What is aimed at, at 5,000 posts: (what, of ours, of theirs, measure, at most).
AIMS = (
    ("cold build, CPU, of the blog plugin's", "build", "blog", "cpu_s", 0.10),
    ("cold build, wall, of Hugo's", "build", "hugo", "wall_s", 1.5),
    ("build after one edit, CPU, of the blog plugin's", "build after an edit", "blog after an edit", "cpu_s", 0.03),
    ("build after one edit, CPU, of Hugo's full build", "build after an edit", "hugo", "cpu_s", 0.30),
    ("memory, of the blog plugin's", "build", "blog", "memory_mib", 0.35),
    ("output, of the blog plugin's", "build", "blog", "size_mib", 0.30),
)


def main() -> int:
    """Measure, print as it goes, keep the numbers; 1 when a command failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[500, 2000, 5000, 10000])
    parser.add_argument("--runs", type=int, default=3, help="turns of each; the blog plugin gets one from 2,000 on")
    parser.add_argument("--work", type=Path, default=Path(".cache/bench"), help="where the projects are made")
    parser.add_argument("--alone", action="store_true", help="without the other builders")
    asked = parser.parse_args()
    work = asked.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    results: dict[str, dict[int, dict[str, float]]] = defaultdict(dict)
    help_took = clock.median(clock.run([BIN / "signalbook", "--help"], cwd=work, log=work / "log") for _ in range(5))
    _say("--help", 0, help_took)
    if not asked.alone and not shutil.which("hugo"):
        print("Hugo is not installed here, so nothing is compared with it.")
    for count in asked.posts:
        try:
            _measure(count, work / str(count), asked.runs, results, alone=asked.alone)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(work / str(count), ignore_errors=True)
    _judge(results)
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
                ("hugo", lambda: shutil.rmtree(work / "hugo" / "public", ignore_errors=True), ["hugo", "--quiet"],
                 work / "hugo", work / "hugo" / "public"),
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
    shutil.rmtree(team / "site", ignore_errors=True)
    shutil.rmtree(team / ".cache", ignore_errors=True)


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


def _judge(results: dict[str, dict[int, dict[str, float]]]) -> None:
    count = 5000
    for what, ours, theirs, measure, most in AIMS:
        mine, other = results.get(ours, {}).get(count), results.get(theirs, {}).get(count)
        if mine and other:
            ratio = mine[measure] / other[measure]
            print(f"{what}: {ratio:.3f} (aim: at most {most}) {'held' if ratio <= most else 'MISSED'}")
    points = [(size, row["cpu_s"]) for size, row in sorted(results["build"].items())]
    if len(points) > 1:
        grown = clock.exponent(points)
        print(
            f"growth of a cold build: exponent {grown:.2f} (aim: at most 1.05) {'held' if grown <= 1.05 else 'MISSED'}"
        )


if __name__ == "__main__":
    sys.exit(main())
