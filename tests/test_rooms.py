"""The switchboard is true, imports go one way, and nothing that is locked or pinned has come loose."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TABLES = PROJECT["project"]["entry-points"]
WORKFLOWS = sorted(
    path
    for folder in (ROOT / ".github", ROOT / "signalbook" / "starter" / ".github")
    for path in folder.glob("workflows/*")
)
EXTENSIONS = {
    "signalbook.connectors": "pipelines/connectors",
    "signalbook.rules": "pipelines/rules",
    "signalbook.charts": "site_plugins/fences/charts",
}


@pytest.mark.parametrize("group", sorted(TABLES))
def test_every_registered_name_loads(group):
    installed = {entry.name: entry for entry in entry_points(group=group)}
    for name, target in TABLES[group].items():
        assert name in installed, f"{name} is registered but not installed: run `make site` once more"
        assert installed[name].value == target
        installed[name].load()


@pytest.mark.parametrize("group", sorted(TABLES))
def test_the_tables_are_in_alphabetical_order(group):
    assert list(TABLES[group]) == sorted(TABLES[group])


@pytest.mark.parametrize("group", sorted(EXTENSIONS))
def test_every_file_in_an_extension_folder_is_registered(group):
    registered = {target.split(":")[0] for target in TABLES[group].values()}
    folder = ROOT / EXTENSIONS[group]
    for path in (*folder.glob("[!_]*.py"), *(init.parent for init in folder.glob("[!_]*/__init__.py"))):
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        assert module in registered, f"{module} is not registered under {group}"


def test_imports_go_one_way():
    check = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_a_lock_holds_names_versions_and_hashes_and_no_address(path):
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    names = re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(names) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_locks_agree_with_each_other():
    def versions(name):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9][\w.-]*==\S+)", text, re.MULTILINE))

    assert versions("bootstrap") <= versions("site") <= versions("dev")


def test_every_dependency_is_in_its_lock():
    def names(lines):
        return {re.match(r"[A-Za-z0-9_.-]+", line)[0].lower() for line in lines if isinstance(line, str)}

    site = (ROOT / "requirements" / "site.txt").read_text(encoding="utf-8")
    dev = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    project = PROJECT["project"]
    for name in names(project["dependencies"]) | names(project["optional-dependencies"]["site"]):
        assert re.search(rf"^{re.escape(name)}==", site, re.MULTILINE), f"{name}: run `make lock`"
    for group in PROJECT["dependency-groups"].values():
        for name in names(group):
            assert re.search(rf"^{re.escape(name)}==", dev, re.MULTILINE), f"{name}: run `make lock`"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_workflow_asks_for_no_more_than_it_needs(path):
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}, "nothing is granted to a whole workflow"
    assert workflow["concurrency"]["group"]
    for name, job in workflow["jobs"].items():
        assert job["permissions"], f"{name} says what it needs"
        assert "uses" in job or job["timeout-minutes"] <= 60
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{ github." not in step.get("run", ""), "values of an event come by env:"
    for used in re.findall(r"uses: (?!\$/)(.+)", text):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used
    assert "pull_request_target" not in text


def test_the_same_action_is_pinned_to_the_same_commit_everywhere():
    pins = {}
    for path in WORKFLOWS:
        for action, pin in re.findall(r"uses: ([\w-]+/[\w-]+)@(.+)", path.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add(pin)
    assert {action: pin for action, pin in pins.items() if len(pin) > 1} == {}


def test_the_security_headers_are_the_same_wherever_they_are_written():
    from tests.browser import HEADERS

    hosting = ROOT / "signalbook" / "starter" / "hosting"
    for name, value in HEADERS.items():
        assert f"  {name}: {value}\n" in (hosting / "_headers").read_text(encoding="utf-8")
        assert re.search(
            rf'add_header {name} "?{re.escape(value)}"? always;', (hosting / "nginx.conf").read_text(encoding="utf-8")
        )


def test_the_fixed_moment_is_written_in_one_place():
    moment = re.search(r"^ *now: (\S+)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)[1]
    for path in (ROOT / ".ci" / "run", ROOT / "Makefile", *WORKFLOWS):
        if path.exists():
            assert moment not in path.read_text(encoding="utf-8"), path
