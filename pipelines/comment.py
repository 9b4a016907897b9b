"""``signalbook comment``: the summary of a pull request, kept up to date in one comment below it.

Two jobs, because a change may come from anybody. The first runs the change's own files without a secret, and leaves
``changes.json`` and ``number`` in an artifact. This one runs our files with the right to comment, and takes the artifact
for what it is: a stranger's data. It is read in memory, capped, taken apart by its declared shape and said anew in our
words (``pipelines.summary``); the number counts only when that pull request's newest commit is the one the run was for.

A comment shows only pictures that have an address, so those of the posts (``pipelines.pictures``: drawn here, from letters and
rectangles) are added to a branch of their own. Where the token may not write it, the comment goes without them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pipelines import pictures, summary
from pipelines.diff import Diff
from pipelines.forge import NAME, Forge
from pipelines.summary import Around
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, Refused, UsageError

ARTIFACT = "summary"
"""The artifact of the check workflow that holds the two files."""

PREVIEW = "site-preview"
"""The artifact that holds the site as it would be."""

BRANCH = "signalbook-previews"
"""The branch that holds the pictures and nothing else. It may be deleted at any time: older comments lose their pictures."""

MOST_PICTURES = 60
MOST_DRAWN = 64 * 1024
"""The longest picture that is kept, in bytes."""

BOTS = frozenset({"github-actions[bot]", "gitea-actions", "forgejo-actions"})
"""Whose comments a workflow's own token writes; somebody else's that begins with our mark is not ours."""

MAKERS = (".github/", ".forgejo/", ".gitea/", ".ci/", "pyproject.toml", "requirements", "Makefile")
"""Beginnings of paths that decide what the first job says."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the comment.

    Attributes:
        number: of the pull request; 0 when none was found.
        why: a sentence.
        url: of the comment; empty when there is none.
    """

    what: Literal["created", "updated", "unchanged", "skipped"]
    number: int
    why: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What to do with the comment: ``comment`` is the one to update, 0 for a new one."""

    what: Literal["create", "update", "leave"]
    comment: int = 0
    url: str = ""


def run(forge: Forge, run: int) -> Outcome:
    """Say what a run of the check workflow found, below the pull request it ran for.

    Raises:
        ConnectorError: the forge does not answer, or does not let us.
        UsageError: the artifact is not what our check leaves.
    """
    told = forge.run(run)
    sha = str(told.get("head_sha", ""))
    if told.get("event") != "pull_request":
        return Outcome("skipped", 0, "The run was not for a pull request.")
    archive = forge.artifact(run, ARTIFACT)
    if archive is None:
        return Outcome("skipped", 0, "The run left no summary: it ended before, or the artifact is gone.")
    text, number = opened(archive)
    pull = forge.pull(number)
    head = pull.get("head")
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", sha) or not isinstance(head, dict) or head.get("sha") != sha:
        return Outcome(
            "skipped", number, "The pull request has another newest commit than the run; its own run will tell."
        )
    if pull.get("state") != "open":
        return Outcome("skipped", number, "The pull request is closed.")
    around = Around(
        run=summary.link(f"{forge.server}/{forge.repository}/actions/runs/{run}"),
        files=summary.link(f"{forge.server}/{forge.repository}/blob/{sha}/"),
        preview=PREVIEW,
        whole=ARTIFACT,
        own_rules=_own_rules(forge, number),
    )
    diff = summary.from_json(text)
    kept = keep(
        forge, [picture for change in diff.posts for copy in change.copies if (picture := pictures.drawn(change, copy))]
    )
    if kept:
        where = summary.link(f"{forge.server}/{forge.repository}/raw/{BRANCH}/")
        around = replace(around, pictures=where, drawn=kept)
    return put(forge, number, diff, around)


def keep(forge: Forge, drawn: Iterable[str]) -> frozenset[str]:
    """Add pictures to their branch, in one commit on top of what it holds; the names of those that lie there now.

    None when the token may not write, or the forge has no such way (Gitea and Forgejo take no trees): a picture is a help, and
    the comment does without.

    Raises:
        ConnectorError: the forge does not answer.
    """
    files = {pictures.name(picture): picture for picture in drawn if len(picture.encode()) <= MOST_DRAWN}
    files = dict(list(files.items())[:MOST_PICTURES])
    for _ in range(3):
        if not files:
            break
        tip, tree = _tip(forge)
        rows = [{"path": name, "mode": "100644", "type": "blob", "content": text} for name, text in files.items()]
        made = _made(forge, "/git/trees", {"tree": rows} | ({"base_tree": tree} if tree else {}))
        if not made:
            break
        if made == tree:
            return frozenset(files)
        said = {"message": "Add pictures of posts", "tree": made, "parents": [tip] if tip else []}
        commit = _made(forge, "/git/commits", said)
        if not commit:
            break
        if tip:
            answer = forge.ask("PATCH", f"/git/refs/heads/{BRANCH}", json={"sha": commit, "force": False})
        else:
            answer = forge.ask("POST", "/git/refs", json={"ref": f"refs/heads/{BRANCH}", "sha": commit})
        if answer.status in {200, 201}:
            return frozenset(files)
        if answer.status not in {409, 422}:  # another run was quicker: once more, on top of it
            break
    return frozenset()


def _tip(forge: Forge) -> tuple[str, str]:
    """The newest commit of the pictures' branch and its tree; empty when there is none."""
    answer = forge.ask("GET", f"/git/ref/heads/{BRANCH}")
    tip = _inside(answer.json(), "object", "sha") if answer.status == 200 else ""
    answer = forge.ask("GET", f"/git/commits/{tip}") if tip else answer
    return tip, _inside(answer.json(), "tree", "sha") if tip and answer.status == 200 else ""


def _made(forge: Forge, path: str, body: Mapping[str, Any]) -> str:
    answer = forge.ask("POST", path, json=body)
    return _inside(answer.json(), "sha") if answer.status == 201 else ""


def _inside(found: object, *keys: str) -> str:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", found) else ""


def put(forge: Forge, number: int, diff: Diff, around: Around) -> Outcome:
    """Write the comment, or change the one that is there."""
    body = summary.as_markdown(diff, around)
    action = decide(forge.pages(f"/issues/{number}/comments", "read the comments"), body, quiet=diff.quiet)
    if action.what == "leave":
        return Outcome("unchanged", number, "There is nothing new to say.", action.url)
    if action.what == "update":
        path, method, done = f"/issues/comments/{action.comment}", "PATCH", "updated"
    else:
        path, method, done = f"/issues/{number}/comments", "POST", "created"
    what = "write the comment"
    made = forge.ask(method, path, json={"body": body}).demand(NAME, what).json()
    url = str(made.get("html_url", "")) if isinstance(made, dict) else ""
    return Outcome("updated" if done == "updated" else "created", number, f"The comment is {done}.", url)


def decide(comments: Iterable[Mapping[str, Any]], body: str, *, quiet: bool) -> Action:
    """Choose what to do: one comment, the first that is ours; none for a change that touches nothing that goes out."""
    for row in comments:
        user, said, number = row.get("user"), row.get("body"), row.get("id")
        ours = isinstance(user, dict) and user.get("login") in BOTS
        if ours and isinstance(said, str) and isinstance(number, int) and said.startswith(summary.MARK):
            same = _unmade(said) == _unmade(body)
            return Action("leave" if same else "update", number, str(row.get("html_url", "")))
    return Action("leave") if quiet else Action("create")


def _unmade(body: str) -> str:
    """A comment without what differs at every run: its moment, the run's address, how a forge ends lines."""
    flat = body.replace("\r\n", "\n").strip()
    return re.sub(r"/actions/runs/\d+|judged at `[^`]*`|/blob/[0-9a-f]+/", "", flat)


def opened(archive: bytes) -> tuple[bytes, int]:
    """The summary and the pull request's number in an artifact's archive; nothing else in it is looked at.

    Raises:
        UsageError: it is not what our check leaves.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            text = _entry(file, "changes.json", summary.MOST_READ)
            number = _entry(file, "number", 20)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        message = "The artifact is no archive that can be read."
        raise UsageError(message) from error
    said = number.strip()
    if not re.fullmatch(rb"[1-9][0-9]{0,9}", said):
        message = "The artifact does not say which pull request it is about."
        raise UsageError(message)
    return text, int(said)


def _entry(file: zipfile.ZipFile, name: str, most: int) -> bytes:
    rows = [info for info in file.infolist() if info.filename == name]
    if len(rows) != 1 or rows[0].file_size > most:
        message = f"The artifact holds no {name}, several, or one longer than {most:,} bytes."
        raise UsageError(message)
    with file.open(rows[0]) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        message = f"The artifact's {name} is longer than {most:,} bytes."
        raise UsageError(message)
    return content


def _own_rules(forge: Forge, number: int) -> bool:
    """Whether the change touches what the first job runs; also when the forge does not tell."""
    try:
        rows = list(forge.pages(f"/pulls/{number}/files", "list the changed files"))
    except ConnectorError as error:
        if not isinstance(error, Refused):
            raise
        return True
    paths = {str(row.get(key, "")) for row in rows for key in ("filename", "previous_filename")}
    return any(path.startswith(MAKERS) or path.endswith(".py") for path in paths)
