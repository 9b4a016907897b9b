"""The forge's API: pull requests, comments, artifacts of a run, protection of a branch.

Addresses and answers are those of GitHub's REST API (2022-11-28); Gitea and Forgejo answer the same ones below
``/api/v1``, artifacts and rule sets apart. The token is a workflow's own and goes to this one address only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any
from urllib.parse import quote

from pipelines.http import Answer, Client
from signalbook.classes import dataclass
from signalbook.errors import Refused, SettingsError

NAME = "forge"
"""What errors call it."""

MOST_PAGES = 30
MOST_ARCHIVE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Forge:
    """One repository on one forge.

    Attributes:
        api: where the API begins, without a slash at the end.
        server: where people look, without a slash at the end.
        repository: ``owner/name``.
    """

    api: str
    server: str
    repository: str
    token: str = field(repr=False)
    client: Client = field(repr=False)

    def ask(self, method: str, path: str, *, json: Any = None, most_bytes: int = 0) -> Answer:
        """Ask about this repository; any status is an answer.

        Raises:
            ConnectorError: no answer came.
        """
        more: dict[str, Any] = {"most_bytes": most_bytes} if most_bytes else {}
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.client.request(
            method, f"{self.api}/repos/{self.repository}{path}", channel=NAME, headers=headers, json=json, **more
        )

    def get(self, path: str, what: str) -> Any:
        """What stands at a path, as JSON.

        Raises:
            ConnectorError: the forge does not answer, or does not let us.
        """
        return self.ask("GET", path).demand(NAME, what).json()

    def pages(self, path: str, what: str) -> Iterator[Mapping[str, Any]]:
        """Every row of a list, page by page, at most ``MOST_PAGES`` of a hundred; see ``every``."""
        return self.every(path, what)

    def every(self, path: str, what: str, **query: str) -> Iterator[Mapping[str, Any]]:
        """Every row of a list that a query narrows, page by page, at most ``MOST_PAGES`` of a hundred.

        Raises:
            ConnectorError: the forge does not answer, or does not let us.
        """
        for number in range(1, MOST_PAGES + 1):
            more = "".join(f"&{name}={quote(value)}" for name, value in query.items())
            rows = self.get(f"{path}?per_page=100&limit=100&page={number}{more}", what)
            found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            yield from found
            if len(found) < 50:  # the smallest page that a forge is set up to give
                return
        raise Refused(NAME, f"the forge will not {what} to the end: there are more than {MOST_PAGES} pages")

    def run(self, run: int) -> Mapping[str, Any]:
        """A run of a workflow."""
        found = self.get(f"/actions/runs/{run}", "read the run")
        return found if isinstance(found, dict) else {}

    def pull(self, number: int) -> Mapping[str, Any]:
        """A pull request."""
        found = self.get(f"/pulls/{number}", "read the pull request")
        return found if isinstance(found, dict) else {}

    def artifact(self, run: int, name: str) -> bytes | None:
        """The archive of a run's artifact, never written anywhere; ``None`` when there is none of that name.

        Raises:
            ConnectorError: the forge does not give it, or it is longer than ``MOST_ARCHIVE``.
        """
        listed = self.get(f"/actions/runs/{run}/artifacts?per_page=100&name={quote(name)}", "list the artifacts")
        rows = listed.get("artifacts") if isinstance(listed, dict) else None
        found = [
            row
            for row in rows or ()
            if isinstance(row, dict) and row.get("name") == name and isinstance(row.get("id"), int)
        ]
        if not found or found[-1].get("expired"):
            return None
        if (found[-1].get("size_in_bytes") or 0) > MOST_ARCHIVE:
            raise Refused(NAME, f"the artifact {name} is longer than {MOST_ARCHIVE:,} bytes, and is not read")
        what = "read the artifact"
        answer = self.ask("GET", f"/actions/artifacts/{found[-1]['id']}/zip", most_bytes=MOST_ARCHIVE)
        if answer.status in {302, 307}:
            # The store's address carries its own permission; our token is not for it.
            answer = self.client.request(
                "GET", answer.headers.get("location", ""), channel=NAME, most_bytes=MOST_ARCHIVE
            )
        return answer.demand(NAME, what).body


_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://git@|git@)([\w.-]+)(?::\d+)?[:/](?:\d+/)?([\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


def here(environment: Mapping[str, str], client: Client) -> Forge:
    """The forge that runs this, as it tells every step of a workflow.

    Raises:
        SettingsError: this is no run of a workflow, or the step was not given its token.
    """
    found = of(environment, client)
    if found is None or not found.token:
        message = (
            "This is for a workflow: it needs GITHUB_API_URL and GITHUB_REPOSITORY, which the forge sets, and GH_TOKEN, "
            "which the step sets: `GH_TOKEN: ${{ github.token }}`."
        )
        raise SettingsError(message)
    return found


def of(environment: Mapping[str, str], client: Client, remote: str = "") -> Forge | None:
    """The forge that runs this, else the one a remote leads to; ``None`` when neither is known.

    A token is only ever given to the forge that it was made for: ``GH_TOKEN`` and ``GITHUB_TOKEN`` to the one that runs
    this or to github.com, ``GITEA_TOKEN`` and ``FORGEJO_TOKEN`` to the one the remote leads to.
    """
    token = environment.get("GH_TOKEN") or environment.get("GITHUB_TOKEN") or ""
    api, repository = environment.get("GITHUB_API_URL", ""), environment.get("GITHUB_REPOSITORY", "")
    if api and _REPOSITORY.fullmatch(repository):
        server = environment.get("GITHUB_SERVER_URL", "").rstrip("/")
        return Forge(api.rstrip("/"), server, repository, token, client)
    match = _REMOTE.fullmatch(remote)
    if match is None:
        return None
    host, repository = match[1].lower(), match[2]
    if host == "github.com":
        return Forge("https://api.github.com", "https://github.com", repository, token, client)
    own = environment.get("FORGEJO_TOKEN") or environment.get("GITEA_TOKEN") or ""
    return Forge(f"https://{host}/api/v1", f"https://{host}", repository, own, client)
