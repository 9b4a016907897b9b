"""The guide tells the truth: its commands print what it says, its reference is whole, its links lead somewhere.

A guide page is run from top to bottom in an empty folder, as its reader would: a ``console`` block is typed in, a block
that follows “… in `path`:” or “… into `path`:” is a file that is written (or, as ``diff``, lines of it that change).
``pytest --golden-update`` writes what the commands print into the pages; look at the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from signalbook import guide, records, scaffold, store
from signalbook import settings as settings_
from signalbook.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
HOURS = sorted(DOCS.glob("first-hour-*.md"))
NOW = "2026-11-24T09:00:00+01:00"
"""The morning on which every walk of the guide takes place."""


def reference(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def lacking(text: str, names: object) -> list[str]:
    """The names that stand nowhere in a text as code."""
    assert isinstance(names, list | tuple | set | frozenset | dict)
    return sorted(name for name in names if not re.search(rf"`[^`\n]*(?<![\w-]){re.escape(name)}(?![\w-])[^`\n]*`", text))


# --- the first hours are walked --------------------------------------------------------------------------------------

_BLOCK = re.compile(r"^```(?P<lang>[a-z]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.(?:md|toml|yml|py))`[^`]*:\s*\Z")


@dataclass
class Step:
    """A block of a page: what it is, where it stands, and the file it is about."""

    lang: str
    body: str
    start: int
    end: int
    file: str


def steps(text: str) -> list[Step]:
    out = []
    for found in _BLOCK.finditer(text):
        before = text[: found.start()].rstrip("\n").rpartition("\n\n")[2]
        named = _FILE.search(before)
        out.append(Step(found["lang"], found["body"], found.start("body"), found.end("body"), named[1] if named else ""))
    return out


class Walk:
    """Somebody who types what a page says, in a folder of their own, on a fixed morning."""

    def __init__(self, home: Path, signalbook: str) -> None:
        self.home = self.here = home / "you"
        self.home.mkdir()
        self.status = 0
        commands = home / "commands"
        commands.mkdir()
        shim = commands / "signalbook"
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(signalbook)} --now {NOW} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
        self.environment = {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "NO_COLOR": "1",
            "NO_MKDOCS_2_WARNING": "1",
            "DISABLE_MKDOCS_2_WARNING": "true",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_NAME": "You" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "you@team.example" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_DATE": NOW for who in ("AUTHOR", "COMMITTER")},
        }

    def type(self, command: str) -> str:
        """What the terminal shows for a command; the folder and the status carry over to the next."""
        place = self.home.parent / "place"
        script = f"(exit {self.status})\n{command}\nstatus=$?\npwd >{shlex.quote(str(place))}\nexit $status\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.here, env=self.environment, text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
        )  # fmt: skip
        self.status = done.returncode
        self.here = Path(place.read_text(encoding="utf-8").strip())
        shown = done.stdout.replace(str(self.home), "/home/you")
        return "\n".join(line.rstrip() for line in shown.strip("\n").split("\n"))

    def write(self, step: Step) -> None:
        """Write a block's file, or change lines of it."""
        path = self.here / step.file
        if step.lang != "diff":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.body, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        old = "".join(line[1:] + "\n" for line in step.body.splitlines() if line[:1] in "- ")
        new = "".join(line[1:] + "\n" for line in step.body.splitlines() if line[:1] in "+ ")
        assert f"\n{text}".count(f"\n{old}") == 1, f"{step.file} does not hold these lines once:\n{old}"
        path.write_text(text.replace(old, new), encoding="utf-8")


def typed(body: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what the page says it prints."""
    command: list[str] = []
    output: list[str] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), "\n".join(output).strip("\n")
            command, output = [line[2:]], []
        elif command and command[-1].endswith("\\") and not output:
            command.append(line)
        else:
            output.append(line)
    if command:
        yield "\n".join(command), "\n".join(output).strip("\n")


def told(expected: str, seen: str) -> bool:
    """Whether a page tells what was seen; a line of `…` stands for lines that are left out."""
    pattern = "\n".join(r"(?:.*\n)*?.*" if line == "…" else re.escape(line) for line in expected.split("\n"))
    return re.fullmatch(pattern, seen) is not None


@pytest.mark.parametrize("page", HOURS, ids=lambda page: page.stem)
def test_what_a_first_hour_types_prints_what_it_says(page, tmp_path, signalbook, golden_update):
    text = page.read_text(encoding="utf-8")
    walk = Walk(tmp_path, signalbook)
    wrong, new = [], text
    for step in steps(text):
        if step.lang == "console":
            shown = []
            for command, expected in typed(step.body):
                seen = walk.type(command)
                assert "Traceback (most recent call last)" not in seen, f"{command}\n{seen}"
                right = told(expected, seen)
                if not right:
                    wrong.append(f"$ {command}\n--- the page says\n{expected}\n--- it prints\n{seen}")
                says = expected if right else seen
                shown.append(f"$ {command}\n" + (f"{says}\n" if says else ""))
            body = "\n".join(shown) if any("\n\n" in one for one in shown) else "".join(shown)
            at = len(text) - step.start
            end = len(text) - step.end
            new = new[: len(new) - at] + body + new[len(new) - end :]
        elif step.file:
            walk.write(step)
    if golden_update:
        page.write_text(new, encoding="utf-8")
    else:
        assert not wrong, "\n\n".join(wrong)


def test_the_rule_in_the_guide_is_asked_with_the_others(tmp_path, signalbook):
    """The package is registered as an installer would, by the file of entry points that stands beside it."""
    walk = Walk(tmp_path, signalbook)
    walk.type("signalbook new my-team --name 'My team' --zone Europe/Berlin && cd my-team")
    text = (DOCS / "first-hour-ci.md").read_text(encoding="utf-8")
    for step in steps(text):
        if step.file in {"ours/sundays.py", "pyproject.toml"}:
            walk.write(step)
    groups = tomllib.loads((walk.here / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    registered = walk.here / "ours-0.dist-info"
    registered.mkdir()
    (registered / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 0\n", encoding="utf-8")
    (registered / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in points.items())
            for group, points in groups.items()
        ),
        encoding="utf-8",
    )
    walk.environment["PYTHONPATH"] = str(walk.here)
    walk.type("signalbook new post brunch --on 2026-11-29")
    post = walk.here / "content" / "calendar" / "brunch.md"
    post.write_text("---\ntitle: Brunch\nstatus: draft\npublish_at: 2026-11-29 10:00\nchannels: [blog]\n"
                    "owner: writer\nauthor: writer\n---\n\nSee you at ten.\n", encoding="utf-8")  # fmt: skip
    said = next(step.body for step in steps(text) if step.lang == "text")
    assert said.strip() in walk.type("signalbook check content/calendar/brunch.md")
