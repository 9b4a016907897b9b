"""Run workflows with ``act`` on this machine: no container, actions from ``tests/actions``, git and forge on loopback.

What a forge adds by itself is added here: the event, the reference a pull request is checked at, the number of the run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.forge import TOKEN, Forge

ACTIONS = Path(__file__).parent / "actions"
SECONDS = 480
_USES = re.compile(r"uses: ([\w.-]+/[\w.-]+)@([0-9a-f]{40})")


@dataclass(frozen=True)
class Done:
    """What became of a workflow."""

    status: int
    log: str

    @property
    def ok(self) -> bool:
        """Whether every job succeeded."""
        return self.status == 0


@dataclass
class Runner:
    """A repository on the git server, its forge, and a home for act that is nobody's.

    Attributes:
        remote: the repository's address, without a password.
        secrets: name → value, as an environment of the forge would give them.
        path: folders that come first in the search path of every step.
    """

    home: Path
    remote: str
    forge: Forge
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    path: tuple[Path, ...] = ()
    runs: int = 100

    @property
    def authorised(self) -> str:
        """The address with the token, for whoever prepares the test."""
        return self.remote.replace("://", f"://x-access-token:{TOKEN}@")

    def __call__(
        self, source: Path, workflow: str, event: str, payload: dict[str, Any] | None = None, *, ref: str = "main"
    ) -> Done:
        """Run one workflow of a clone as the forge would for an event."""
        self.runs += 1
        folder = self.home / "runs" / str(self.runs)
        place = folder / "repository"
        subprocess.run(["git", "clone", "--quiet", "--no-local", str(source), str(place)], check=True)
        text = ""
        for file in sorted((place / ".github" / "workflows").glob("*.yml")):
            # act does not know this spelling of «this repository at this commit»; the guide says the two are one.
            said = file.read_text(encoding="utf-8").replace("uses: $/", "uses: ./")
            file.write_text(said, encoding="utf-8")
            text += said
        given = folder / "event.json"
        given.write_text(
            json.dumps({"repository": {"full_name": self.forge.repository}} | (payload or {})), encoding="utf-8"
        )
        command = [
            str(Path(sys.executable).with_name("act")), event, "-W", f".github/workflows/{workflow}", "-e", str(given),
            "-P", "ubuntu-24.04=-self-hosted", "-P", "ubuntu-latest=-self-hosted", "--no-skip-checkout",
            "--no-cache-server", "--concurrent-jobs", "1", "--strict",
        ]  # fmt: skip
        for action, pin in sorted(set(_USES.findall(text))):
            stand_in = ACTIONS / action.split("/")[1]
            assert (stand_in / "action.yml").is_file(), f"tests/actions has no stand-in for {action}"
            command += ["--local-repository", f"{action}@{pin}={stand_in}"]
        for name, value in {**self.forge.environment, **self._told(ref)}.items():
            if name != "GH_TOKEN":
                command += ["--env", f"{name}={value}"]
        secret_file = folder / "secrets"
        secret_file.write_text(
            "".join(f"{k}={v}\n" for k, v in {"GITHUB_TOKEN": TOKEN, **self.secrets}.items()), encoding="utf-8"
        )
        command += ["--secret-file", str(secret_file)]
        for name, value in self.variables.items():
            command += ["--var", f"{name}={value}"]
        done = subprocess.run(
            command, cwd=place, env=self._environment(), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return Done(done.returncode, done.stdout + done.stderr)

    def _told(self, ref: str) -> dict[str, str]:
        return {
            "GITHUB_RUN_ID": str(self.runs),
            "TEST_REMOTE": self.remote,
            "TEST_REF": ref,
            "TEST_FORGE": str(self.forge.root),
            "TEST_PYTHON": sys.executable,
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
        }

    def _environment(self) -> dict[str, str]:
        folders = [*map(str, self.path), str(ACTIONS / "bin"), os.environ["PATH"]]
        (self.home / "tmp").mkdir(parents=True, exist_ok=True)
        return {"HOME": str(self.home), "PATH": os.pathsep.join(folders), "LANG": "C.UTF-8", "TMPDIR": str(self.home / "tmp"),
                "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
                "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}  # fmt: skip

    @property
    def last(self) -> str:
        """The number of the run that ended last."""
        return str(self.runs)

    def artifact(self, name: str) -> Path:
        """What the last run left under a name."""
        return self.forge.root / "artifacts" / self.last / name

    def clean(self) -> None:
        """Take away act's copies."""
        shutil.rmtree(self.home / ".cache", ignore_errors=True)
