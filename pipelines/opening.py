"""Open what publishing needs: the approved Book, the place for claims, and each channel's account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines import approved
from pipelines.ledger import KINDS, BranchLedger, Decide, FolderLedger, GitBranch, Ledger, Snapshot
from pipelines.repository import Repository, around
from signalbook import settings as settings_
from signalbook.classes import dataclass
from signalbook.errors import SettingsError
from signalbook.records import Intent, Receipt

if TYPE_CHECKING:
    from pipelines import accounts
    from pipelines.http import Client
    from signalbook.book import Book
    from signalbook.settings import Settings
    from signalbook.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Opened:
    """Where publishing reads and writes.

    Attributes:
        source: the approved Book, read anew at every call.
        branch: the branch of the ledger; ``None`` where it is the folder ``data/``.
        notes: what a person should know about this setting, as sentences.
    """

    source: Callable[[], Book]
    ledger: Ledger
    repository: Repository | None = None
    branch: GitBranch | None = None
    notes: tuple[str, ...] = ()


def place(
    workspace: Workspace,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    *,
    kinds: tuple[str, ...] = KINDS,
) -> Opened:
    """Find out how this workspace is kept, and open it accordingly; ``kinds`` are the folders the ledger is about.

    Raises:
        SettingsError: the settings cannot be used, or name a remote that the clone does not have.
        RepositoryError: the remote cannot be reached.
    """
    repository = around(workspace.root)
    folder = FolderLedger(workspace, kinds=kinds)
    if repository is None:
        return Opened(lambda: approved.files(workspace, claims=kinds != KINDS), folder)
    here = settings_.read(workspace.settings).publish
    remotes = repository.remotes()
    if not remotes:
        return Opened(approved.Committed(workspace, repository), folder, repository)
    if here.remote not in remotes:
        message = (
            f"signalbook.toml publishes by the remote “{here.remote}”, and this clone has {', '.join(remotes)}. "
            f'Write [publish] remote = "{remotes[0]}", or add the remote.'
        )
        raise SettingsError(message)
    source = approved.Protected(workspace, repository, here.remote, here.branch)
    # The branch of the records is the one that the protected branch names: this clone may be old.
    name = source().settings.data_branch
    if not name:
        note = (
            "There is a git remote and no [data] branch, so claims are made in this clone's data/ alone: a run on another "
            'machine cannot see them, and could send the same. Write [data] branch = "signalbook-data".'
        )
        merged = GitBranch(repository, here.remote, source.name, clock, kinds, workspace.cache)
        return Opened(source, FolderLedger(workspace, merged.fetch, kinds), repository, notes=(note,))
    branch = GitBranch(repository, here.remote, name, clock, kinds, workspace.cache)
    return Opened(source, BranchLedger(branch, folder, sleep), repository, branch)


def channels(
    settings: Settings, environment: Mapping[str, str], client: Client, *, only: Collection[str] = ()
) -> accounts.Opened:
    """Open each channel that a machine fills. One that names a secret which is not set here stays closed, and says so."""
    from pipelines import accounts

    opened = accounts.open_all(settings, environment, client, only=only)
    closed = dict(opened.closed)
    for key, channel in settings.channels.items():
        if key not in opened.publishers:
            continue
        missing = [name for name in channel.secrets.values() if not environment.get(name)]
        if missing:
            closed[key] = (
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set here. Set the environment "
                f"{'variable' if len(missing) == 1 else 'variables'} where `signalbook publish` runs."
            )
    return accounts.Opened({key: one for key, one in opened.publishers.items() if key not in closed}, {}, closed)


# --- a dry run -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class DryLedger:
    """A ledger whose claims are made in memory: the real one is read and never written."""

    real: Ledger
    made: list[Intent | Receipt] = field(default_factory=list)

    def read(self) -> Snapshot:
        """The real state with what this run would have added."""
        found = self.real.read()
        intents = [row for row in self.made if isinstance(row, Intent)]
        receipts = [row for row in self.made if isinstance(row, Receipt)]
        return Snapshot((*found.intents, *intents), (*found.receipts, *receipts), f"{found.head}+{len(self.made)}")

    def append(self, decide: Decide) -> Snapshot:
        """Decide, and keep it in memory."""
        self.made += [row for row in decide(self.read()) if isinstance(row, Intent | Receipt)]
        return self.read()


def consoles(
    settings: Settings, client: Client, write: Callable[[str], object], *, only: Collection[str] = ()
) -> accounts.Opened:
    """A console in the place of every channel that a machine fills; no secret is read."""
    from pipelines import accounts
    from pipelines.connectors import console

    return accounts.open_all(settings, {}, client, only=only, instead=console.printing(write))
