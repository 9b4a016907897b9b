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

from signalbook import guide, scaffold, store
from signalbook import settings as settings_
from signalbook.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
HOURS = sorted(DOCS.glob("first-hour-*.md"))
NOW = "2026-11-24T09:00:00+01:00"
"""The morning on which every walk of the guide takes place."""


def reference(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def lacking(text: str, names: Iterable[str]) -> list[str]:
    """The names that stand nowhere in a text as code."""
    prose = re.sub(r"^(`{3,}).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    code = {word for span in re.findall(r"`([^`\n]+)`", prose) for word in re.findall(r"[\w.-]+", span)}
    return sorted(set(names) - code)


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
        out.append(
            Step(found["lang"], found["body"], found.start("body"), found.end("body"), named[1] if named else "")
        )
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


# --- the reference is whole ------------------------------------------------------------------------------------------


def section(text: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no part called {title}"
    return found[1]


def test_every_command_and_every_flag_is_in_the_reference():
    from typer.main import get_command

    from signalbook.cli import app

    text, missing = reference("commands"), []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        part = section(text, name)
        flags = [flag for given in command.params for flag in given.opts if flag.startswith("-")]
        missing += [f"{name} {flag}" for flag in flags if f"`{flag}" not in part]
    assert not missing


def test_every_common_flag_and_exit_status_is_in_the_reference():
    from signalbook import cli

    part = section(reference("commands"), "Common flags")
    assert not [flag for flag in (*cli._TAKES_VALUE, *cli._SWITCHES) if f"`{flag}" not in part]
    assert not [status for status in (0, 1, 2, 130) if f"| {status} |" not in part]


def test_no_command_of_the_reference_is_made_up():
    from signalbook import cli

    known = {name for name, _ in cli.commands()}
    told = set(re.findall(r"^## ([a-z]+)$", reference("commands"), re.MULTILINE))
    assert told == known


def test_the_keys_of_json_are_in_the_reference():
    from pipelines import check, doctor
    from signalbook.findings import Finding, Level

    finding = Finding("a.md", 1, 1, "", "rule", Level.INFORM, "What.", "How.")
    text = reference("commands")
    assert not lacking(section(text, "check"), check.as_json(finding))
    assert not lacking(section(text, "doctor"), [key.name for key in fields(doctor.Trial)])


def test_the_reference_of_documents_is_what_the_declarations_say():
    assert reference("documents") == guide.documents(), "write it anew: python -m signalbook.guide"


def test_every_rule_stands_in_the_reference_with_its_weight_and_who_may_waive_it():
    from signalbook import checking

    text = reference("rules")
    rows = {
        row[0].strip("` "): [cell.strip() for cell in row]
        for line in text.splitlines()
        if line.startswith("| `") and len(row := line.strip("| ").split(" | ")) >= 5
    }
    who = {
        "": "–", "A": "an approver who did not write it", "L": "legal", "D": "the duty officer",
        "executive": "the executive", "release": "released", "owner": "the owner",
    }  # fmt: skip
    for name, rule in checking.rules().items():
        assert name in rows, name
        assert rows[name][1].rstrip(".") == rule.about.rstrip("."), name
        assert rows[name][2] == rule.level.value, name
        assert rows[name][4].startswith(who[rule.waive]), name
    assert set(rows) == set(checking.rules())


def test_every_connector_chart_and_room_is_in_the_reference():
    from signalbook import registry

    assert not lacking(reference("settings"), {*registry.group("signalbook.connectors"), *settings_.CONNECTORS})
    assert not lacking(reference("fences"), registry.group("signalbook.charts"))
    site = reference("site")
    # A feed stands below its channel's key; the team's own news and the tables have addresses that say what they are.
    rooms = set(registry.group("signalbook.rooms")) - {"home", "documents", "feeds", "exports", "news"}
    addresses = {*(f"{room}/index.html" for room in rooms), "data/index.html", "calendar/feeds.html"}
    assert not [address for address in addresses if f"`{address}`" not in site]


def test_every_layout_of_an_export_is_in_the_reference():
    from signalbook import registry

    connectors = [connector for _, connector in registry.everything("signalbook.connectors")]
    found = [layout for connector in connectors for layout in getattr(connector, "layouts", ())]
    names = {layout if isinstance(layout, str) else layout.name for layout in found}
    told = reference("imports")
    assert names
    # A family is told by its first name and the others' ends: `search-console-queries`, `-pages`.
    assert not [name for name in lacking(told, names) if f"`-{name.rpartition('-')[2]}`" not in told]


def test_every_template_is_in_the_reference():
    text = reference("templates")
    for kind in KINDS:
        if known := scaffold.templates(kind.KIND):
            assert re.findall(r"^\| `([a-z-]+)` \|", section(text, kind.KIND), re.MULTILINE) == known


def test_every_setting_is_in_the_reference():
    text = reference("settings")
    renamed = {"zone": "timezone"}
    keys = {renamed.get(key.name, key.name) for key in fields(settings_.Team)}
    keys |= {key.name for key in fields(settings_.Channel)} - {"key", "more"}
    keys |= {key.name for key in fields(settings_.Cadence)}
    keys |= {"domains", "own", "shorteners", "branch", "private", "url", "may_see"}
    assert not lacking(text, keys)
    assert keys >= settings_._TEAM | settings_._CHANNEL


def test_every_key_a_rule_reads_from_a_channel_is_in_the_reference():
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("signalbook", "pipelines", "site_plugins")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert not lacking(reference("settings"), set(re.findall(r"channel\.more\.get\(\"(\w+)\"", source)))


def test_every_option_of_the_plugin_is_in_the_reference():
    from site_plugins._mkdocs import Options

    options = [name for name in vars(Options) if not name.startswith("_")]
    assert options
    assert not lacking(section(reference("settings"), "mkdocs.yml"), options)


def test_every_make_target_is_in_the_reference():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    assert set(re.findall(r"^\| `make ([a-z-]+)` \|", reference("make"), re.MULTILINE)) == set(phony[1].split())


def test_every_column_of_every_record_is_in_the_data_dictionary():
    text = reference("data")
    for record in store.KINDS.values():
        part = re.search(rf"^### {record.__name__}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
        assert part, record.__name__
        columns = [key.name for key in fields(record)]
        assert re.findall(r"^\| `(\w+)` \|", part[1], re.MULTILINE) == columns, record.__name__


def test_every_state_of_a_delivery_is_in_the_reference():
    from signalbook import delivery

    assert not lacking(section(reference("commands"), "why"), delivery.STATES)


def test_every_field_of_a_fence_is_in_the_reference():
    from signalbook import fence

    text = reference("fences")
    assert not [language for language in fence.LANGUAGES if f"```{language}\n" not in text]
    assert not lacking(text, {key.rstrip(":") for keys in fence.KEYS.values() for key in keys})


def test_every_workflow_and_every_host_file_of_a_team_is_explained():
    starter = ROOT / "signalbook" / "starter"
    files = [*(starter / ".github" / "workflows").iterdir(), *(starter / "hosting").iterdir()]
    assert not lacking((DOCS / "first-hour-ci.md").read_text(encoding="utf-8"), [file.name for file in files])


def test_the_headers_of_the_reference_are_those_of_the_host_files():
    host = (ROOT / "signalbook" / "starter" / "hosting" / "_headers").read_text(encoding="utf-8")
    sent = dict(re.findall(r"^  ([\w-]+): (.+)$", host, re.MULTILINE))
    told = dict(
        re.findall(r"^\| `([\w-]+)` \| `(.+)` \|$", section(reference("site"), "Security policy"), re.MULTILINE)
    )
    assert sent
    assert told == sent


# --- links -----------------------------------------------------------------------------------------------------------

PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CHANGELOG.md", "ARCHITECTURE.md", "STYLE.md"))]
)


def anchors(page: Path) -> set[str]:
    from markdown.extensions.toc import slugify

    text = re.sub(r"^(```|~~~).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#{1,6} +(.+?) *$", text, re.MULTILINE)
    return {slugify(re.sub(r"[`*]", "", title), "-") for title in titles}


def links(text: str) -> list[str]:
    prose = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"(?<!\[)`[^`\n]*`(?!\])", "", prose)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page):
    lost = []
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        outside = page.is_relative_to(DOCS) and not target.is_relative_to(DOCS)
        if not target.exists() or outside or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost


def test_every_page_of_the_guide_can_be_reached_from_its_front_page():
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or not page.exists():
            continue
        seen.add(page)
        for link in links(page.read_text(encoding="utf-8")):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_relative_to(DOCS):
                waiting.append(target)
    assert seen == set(DOCS.rglob("*.md"))


def test_the_guide_says_how_many_kinds_there_are():
    assert f"{len(KINDS)} kinds" in (DOCS / "index.md").read_text(encoding="utf-8")


def test_the_guide_holds_no_html():
    for page in DOCS.rglob("*.md"):
        prose = re.sub(
            r"^(```|~~~).*?^\1|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        assert not re.search(r"</?[a-z]+[ >]", prose), page.name
