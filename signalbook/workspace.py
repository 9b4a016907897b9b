"""Find the workspace and name its paths."""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import shutil
import tempfile
from dataclasses import field
from pathlib import Path

from signalbook.classes import dataclass
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
        """What can be made again at any time; never in git.

        What this machine did not put there itself is thrown away when it is first asked for: a folder of finished pages
        and scripts could come with a pull request.
        """
        return _claimed(self.root / ".cache" / "signalbook")

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


@dataclass(frozen=True, slots=True)
class Narrowed(Workspace):
    """A workspace as one audience may see it: records of its own, a cache of its own, only the history of what it holds.

    Whoever is handed it reads ``data`` and ``history`` in the usual way and cannot come upon anything else.

    Attributes:
        audience: its name.
        held: paths of the documents and pages it holds.
        history: whether it may know who changed what, and when.
    """

    audience: str = ""
    held: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    history: bool = False

    @property
    def whole(self) -> Workspace:
        """The workspace with everything in it."""
        return Workspace(self.root)

    @property
    def data(self) -> Path:
        """The records this audience may see, laid out by ``signalbook.audience``."""
        return self.cache / "data"

    @property
    def cache(self) -> Path:
        """Apart from everybody else's."""
        name = hashlib.blake2b(self.audience.encode(), digest_size=8).hexdigest()
        return self.whole.cache / "audiences" / name


@functools.cache
def _claimed(folder: Path) -> Path:
    """The folder, emptied unless it bears this machine's mark; elsewhere when nothing can be written there."""
    mark = hashlib.sha256(_token()).hexdigest()
    owner = folder / "owner"
    try:
        plain = not folder.is_symlink() and not folder.parent.is_symlink() and not owner.is_symlink()
        if plain and owner.is_file() and owner.read_text(encoding="ascii", errors="replace") == mark:
            return folder
        if folder.parent.is_symlink() or folder.is_symlink():
            (folder.parent if folder.parent.is_symlink() else folder).unlink()
        elif folder.is_dir():
            shutil.rmtree(folder)
        elif folder.exists():
            folder.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        owner.write_text(mark, encoding="ascii")
    except OSError:
        return Path(tempfile.mkdtemp(prefix="signalbook-"))
    return folder


@functools.cache
def _token() -> bytes:
    """A secret of this machine's user, made at the first run; no repository can know it."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "signalbook"
    file = home / "token"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            made = home / f"token-{secrets.token_hex(8)}"
            made.touch(mode=0o600)
            made.write_bytes(secrets.token_bytes(32))
            try:
                os.link(made, file)  # the first of several at once wins
            except FileExistsError:
                pass
            finally:
                made.unlink()
        token = file.read_bytes()
    except (OSError, RuntimeError):
        token = b""
    return token if len(token) == 32 else secrets.token_bytes(32)


def find(start: Path) -> Workspace:
    """The workspace that ``start`` is, or lies in.

    Raises:
        SettingsError: no folder from here up holds ``signalbook.toml``, nor ``mkdocs.yml`` with ``content/``.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file() or ((folder / BUILDER).is_file() and (folder / "content").is_dir()):
            return Workspace(folder)
    below = sorted(path.parent.name for path in here.glob(f"*/{SETTINGS}"))
    if len(below) == 1:
        message = f"{start} is not a workspace; {below[0]}, a folder in it, is one. Name it: -C {below[0]}."
        raise SettingsError(message)
    message = (
        f"{start} is not a workspace, and no folder above it is: there is no {SETTINGS}. "
        "Go to your team's folder, name it with -C, or make one with `signalbook new my-team`."
    )
    raise SettingsError(message)
