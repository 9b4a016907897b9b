"""``signalbook doctor``: each thing the workspace stands on, tried for real; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from signalbook import settings as settings_
from signalbook.errors import SignalbookError
from signalbook.settings import Settings
from signalbook.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that was tried.

    Attributes:
        name: e.g. ``settings``, ``channel bluesky``.
        what: what was tried, in a few words.
        detail: what was seen; never a secret.
        remedy: what to do, empty when all is well.
    """

    name: str
    what: str
    ok: bool
    detail: str
    remedy: str = ""


def run(workspace: Workspace, environment: Mapping[str, str], now: datetime) -> Iterator[Trial]:
    """Try settings, content, store, history and the secrets of every channel, in that order."""
    try:
        settings = settings_.read(workspace.settings)
    except SignalbookError as error:
        yield Trial("settings", "read signalbook.toml", ok=False, detail=str(error), remedy="Mend the line it names.")
        return
    wrong = settings.findings
    yield Trial(
        "settings", "read signalbook.toml", ok=not wrong,
        detail=f"{len(settings.channels)} channels, times in {settings.team.zone.key}" if not wrong else wrong[0].message,
        remedy=wrong[0].remedy if wrong else "",
    )  # fmt: skip
    yield _content(workspace, now)
    yield from _store(workspace)
    yield _history(workspace)
    yield from _secrets(settings, environment)


def _content(workspace: Workspace, now: datetime) -> Trial:
    from signalbook import book as books
    from signalbook import checking

    try:
        book = books.load(workspace)
    except SignalbookError as error:
        return Trial("content", "read every document", ok=False, detail=str(error), remedy="Mend what it names.")
    blocking = sum(finding.blocks for finding in checking.findings(book, now))
    documents = sum(1 for _ in book.everything())
    return Trial(
        "content", "read every document", ok=not blocking, detail=f"{documents} documents, {blocking} findings that block",
        remedy="Run `signalbook check`." if blocking else "",
    )  # fmt: skip


def _store(workspace: Workspace) -> Iterator[Trial]:
    from signalbook import store

    for name in store.KINDS:
        try:
            rows, problems = store.read(workspace, name)
        except SignalbookError as error:
            yield Trial(f"store {name}", "read the records", ok=False, detail=str(error), remedy="Mend what it names.")
            continue
        if rows or problems:
            said = f"{len(rows)} records" + (f", {len(problems)} lines not usable" if problems else "")
            remedy = f"Look at {problems[0].path}, line {problems[0].line}." if problems else ""
            yield Trial(f"store {name}", "read the records", ok=not problems, detail=said, remedy=remedy)


def _history(workspace: Workspace) -> Trial:
    from signalbook import history

    past = history.load(workspace)
    if past:
        return Trial("history", "read git", ok=True, detail=f"{len(past.commits)} commits that touch content/")
    return Trial(
        "history",
        "read git",
        ok=False,
        detail=past.why,
        remedy="The site says so too; numbers from history stay empty.",
    )


def _secrets(settings: Settings, environment: Mapping[str, str]) -> Iterator[Trial]:
    for key, channel in settings.channels.items():
        for role, name in channel.secrets.items():
            there = bool(environment.get(name))
            yield Trial(
                f"channel {key}", f"the {role}", ok=there,
                detail=f"{name} is set" if there else f"{name} is not set here",
                remedy="" if there else f"Set the environment variable {name} where the pipelines run.",
            )  # fmt: skip
