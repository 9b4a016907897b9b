"""The installed thing: built, put into a fresh environment without the source tree, and used as a newcomer would.

The environments are made without the network: what the wheel's own metadata asks for, and nothing else, is linked from
the environment that runs the tests. So a dependency that is used and not declared fails here. ``.ci/run`` does the same
once more from the package registry.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ROOMS = ("signalbook", "pipelines", "site_plugins")
PROMISE_S = 60
"""A newcomer looks at an open site this long after the installation, at most."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def environment(folder: Path, wheel: Path, *extras: str) -> Path:
    """A fresh environment with the wheel and exactly what it asks for; gives its ``bin`` folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    install = ["install", "--quiet", "--no-index", "--no-deps", "--no-warn-script-location", str(wheel)]
    subprocess.run([*pip, *install], check=True)
    (target,) = folder.glob("lib/python*/site-packages")
    own = importlib.metadata.PathDistribution(next(target.glob("signalbook-*.dist-info")))
    _link(_closure(own, frozenset(extras)), target)
    return folder / "bin"


def _closure(dist, extras) -> dict[str, importlib.metadata.Distribution]:
    """Name → each distribution that the given one needs, directly or not."""
    found: dict[str, importlib.metadata.Distribution] = {}
    seen = set()
    ahead = [(dist, extras)]
    while ahead:
        one, wanted = ahead.pop()
        for line in one.requires or ():
            need = Requirement(line)
            fits = need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in wanted | {""})
            if not fits or (key := (need.name.lower(), frozenset(need.extras))) in seen:
                continue
            seen.add(key)
            found[need.name.lower()] = importlib.metadata.distribution(need.name)
            ahead.append((found[need.name.lower()], frozenset(need.extras)))
    return found


def _link(dists, target: Path) -> None:
    """Link each distribution's folders and files; file by file only where two share a folder."""
    held: dict[str, set[str]] = {}
    for name, dist in dists.items():
        for file in dist.files or ():
            held.setdefault(file.parts[0], set()).add(name)
    for dist in dists.values():
        for file in dist.files or ():
            if ".." in file.parts or file.suffix == ".pyc":
                continue
            part = PurePosixPath(file if len(held[file.parts[0]]) > 1 else file.parts[0])
            link = target / part
            if not link.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(Path(str(dist.locate_file(part))).resolve())


def run(*command: object, cwd: Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
    """Run as a person would: no variable of this process but the path, and a home of one's own."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert not ok or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done


def first_minutes(command: Path, cwd: Path) -> tuple[Path, float]:
    """From the installed command to an open site: the repository made, and the seconds it took."""
    start = time.perf_counter()
    run(command, "new", "my-team", cwd=cwd)
    team = cwd / "my-team"
    run(command, "check", cwd=team)
    run(command, "build", "--strict", cwd=team)
    return team, time.perf_counter() - start


@pytest.fixture(scope="session")
def bare(tmp_path_factory, wheel) -> Path:
    return environment(tmp_path_factory.mktemp("bare") / "venv", wheel)


@pytest.fixture(scope="session")
def full(tmp_path_factory, wheel) -> Path:
    return environment(tmp_path_factory.mktemp("full") / "venv", wheel, "site")


def test_the_wheel_holds_every_file_of_the_three_rooms_and_nothing_else(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *ROOMS]
    kept = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    assert held == {path for path in kept if path and (ROOT / path).is_file()}


def test_the_wheel_names_no_machine_and_no_tool_for_developers(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
    asked = re.findall(r"^Requires-Dist: ([\w.-]+)", archive.read(name).decode(), re.MULTILINE)
    assert not {"pytest", "ruff", "mypy", "playwright", "properdocs", "zizmor"} & set(asked)


def test_every_registered_entry_point_loads_from_the_wheel(full, tmp_path):
    program = (
        "import importlib.metadata as m, json\n"
        "d = m.distribution('signalbook')\n"
        "for e in d.entry_points:\n    e.load()\n"
        "print(json.dumps([e.name for e in d.entry_points]))"
    )
    assert "signalbook" in json.loads(run(full / "python", "-I", "-c", program, cwd=tmp_path).stdout)


def test_without_extras_a_team_can_be_made_and_checked(bare, tmp_path):
    run(bare / "signalbook", "--help", cwd=tmp_path)
    run(bare / "signalbook", "new", "my-team", cwd=tmp_path)
    run(bare / "signalbook", "check", cwd=tmp_path / "my-team")


def test_without_extras_a_build_says_what_to_install(bare, tmp_path):
    run(bare / "signalbook", "new", "my-team", cwd=tmp_path)
    done = run(bare / "signalbook", "build", cwd=tmp_path / "my-team", ok=False)
    assert done.returncode != 0
    assert "signalbook[site]" in done.stderr


def test_a_newcomer_has_an_open_site_within_a_minute_of_the_installation(full, tmp_path, capsys):
    team, took = first_minutes(full / "signalbook", tmp_path)
    with capsys.disabled():
        print(f"\nnew, check, strict build from the wheel: {took:.1f} s")
    assert (team / "site" / "index.html").is_file()
    assert took < PROMISE_S


def test_a_second_build_of_a_new_team_changes_nothing(full, tmp_path):
    team, _ = first_minutes(full / "signalbook", tmp_path)
    before = {path: path.read_bytes() for path in (team / "site").rglob("*") if path.is_file()}
    run(full / "signalbook", "build", "--strict", cwd=team)
    assert {path: path.read_bytes() for path in (team / "site").rglob("*") if path.is_file()} == before


@pytest.mark.registry
def test_the_same_from_the_package_registry(wheel, tmp_path, capsys):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    pip = [str(tmp_path / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[site]"]
    subprocess.run(pip, check=True, capture_output=True)
    installed = time.perf_counter() - start
    _, took = first_minutes(tmp_path / "venv" / "bin" / "signalbook", tmp_path)
    with capsys.disabled():
        print(f"\ninstallation from the registry: {installed:.1f} s; new, check, strict build: {took:.1f} s")
    assert took < PROMISE_S
