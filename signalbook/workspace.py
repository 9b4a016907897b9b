"""Find the workspace and name its paths."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signalbook.errors import SettingsError

SETTINGS = "signalbook.toml"
BUILDER = "mkdocs.yml"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that holds ``mkdocs.yml``, ``signalbook.toml``, ``content/`` and ``data/``."""

    root: Path

    @property
    def content(self) -> Path:
        """What people write."""
        return self.root / "content"

    @property
    def data(self) -> Path:
        """What machines append."""
        return self.root / "data"

    @property
    def private(self) -> Path:
        """Other people's words; never in git."""
        return self.data / "private"

    @property
    def cache(self) -> Path:
        """What can be made again at any time; never in git."""
        return self.root / ".cache" / "signalbook"

    @property
    def settings(self) -> Path:
        """The team's only configuration."""
        return self.root / SETTINGS

    @property
    def builder(self) -> Path:
        """The site builder's configuration."""
        return self.root / BUILDER

    def relative(self, path: Path) -> str:
        """A path inside the workspace as findings name it: posix, relative to the root."""
        return path.relative_to(self.root).as_posix()


def find(start: Path) -> Workspace:
    """The workspace that ``start`` is, or lies in.

    Raises:
        SettingsError: no folder from here up holds ``signalbook.toml``, nor ``mkdocs.yml`` with ``content/``.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file() or ((folder / BUILDER).is_file() and (folder / "content").is_dir()):
            return Workspace(folder)
    message = (
        f"{start} is not a workspace, and no folder above it is: there is no {SETTINGS}. "
        "Go to your team's folder, name it with -C, or make one with `signalbook new my-team`."
    )
    raise SettingsError(message)
