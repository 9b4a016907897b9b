"""A strict double of a forge's API, on loopback: pull requests, comments, runs, artifacts, branches.

Written from GitHub's REST reference (2022-11-28), apart from the code that asks it. What it knows lies in files below
``root``, so that stand-ins of actions can put an artifact there; a request without the token, to an unknown address or
with a body of another shape is refused as the forge would refuse it.

::

    pulls/<n>.json   runs/<id>.json   branches/<name>.json   rules/<name>.json   files/<n>.json
    artifacts/<run>/<name>/…          comments.json
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "run-token-1"
BOT = "github-actions[bot]"


@dataclass
class Forge:
    """What the forge holds, and what it was asked."""

    root: Path
    url: str = ""
    repository: str = "harbour/news"
    asked: list[tuple[str, str]] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    may_write: bool = True
    private: bool = True
    meanwhile: dict[str, str] = field(default_factory=dict)
    """Files that somebody else adds to a branch between our reading and our writing, once."""

    @property
    def environment(self) -> dict[str, str]:
        """What a step of a workflow is told."""
        return {"GITHUB_API_URL": self.url, "GITHUB_SERVER_URL": self.url, "GITHUB_REPOSITORY": self.repository,
                "GH_TOKEN": TOKEN}  # fmt: skip

    def put(self, path: str, value: Any) -> None:
        """Write down what the forge knows."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")

    def get(self, path: str, default: Any = None) -> Any:
        """What the forge knows."""
        file = self.root / path
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else default

    def pull(self, number: int, sha: str, **more: Any) -> None:
        """Open a pull request."""
        self.put(f"pulls/{number}.json", {"number": number, "state": "open", "head": {"sha": sha}} | more)

    def run(self, number: int, sha: str, **more: Any) -> None:
        """Note a run of a workflow that has ended."""
        self.put(f"runs/{number}.json", {"id": number, "head_sha": sha, "event": "pull_request"} | more)

    def artifact(self, run: int, name: str, files: dict[str, bytes]) -> None:
        """Keep an artifact as the upload action would."""
        for path, content in files.items():
            file = self.root / "artifacts" / str(run) / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    @property
    def comments(self) -> list[dict[str, Any]]:
        """Every comment, oldest first."""
        return list(self.get("comments.json", []))

    def said(self, number: int) -> list[str]:
        """The bodies of the comments below a pull request."""
        return [row["body"] for row in self.comments if row["number"] == number]

    def issue(self, number: int, row: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
        """Open or change an issue, as whoever has the token may."""
        unknown = set(changes) - {"title", "body", "labels", "state"}
        if unknown or len(str(changes.get("title", ""))) > 256:
            raise ValueError(f"the forge would refuse {unknown or 'the title'}")
        made = row | {
            key: [{"name": name} for name in value] if key == "labels" else value for key, value in changes.items()
        }
        if made["state"] != row["state"] or "closed_by" not in made:
            shut = made["state"] == "closed"
            made |= {
                "closed_by": {"login": BOT} if shut else None,
                "closed_at": _now() if shut else None,
                "state_reason": None,
            }
        self.put(f"issues/{number}.json", made)
        return made

    def close(self, number: int, login: str, reason: str = "completed", at: str = "") -> None:
        """A person closes an issue."""
        changed = {"state": "closed", "closed_by": {"login": login}, "closed_at": at or _now(), "state_reason": reason}
        self.put(f"issues/{number}.json", self.get(f"issues/{number}.json") | changed)

    def did(self, number: int, login: str, event: str, what: str, at: str = "") -> None:
        """A person sets a label (``labeled``), takes one away (``unlabeled``) or assigns somebody (``assigned``)."""
        rows = self.get(f"events/{number}.json", [])
        about = {"assignee": {"login": what}} if event == "assigned" else {"label": {"name": what}}
        row = {"id": 1000 + len(rows), "event": event, "actor": {"login": login}, "created_at": at or _now()} | about
        self.put(f"events/{number}.json", [*rows, row])
        issue = self.get(f"issues/{number}.json")
        key, name = ("assignees", "login") if event == "assigned" else ("labels", "name")
        kept = [one for one in issue.get(key, []) if one[name] != what]
        self.put(f"issues/{number}.json", issue | {key: kept + ([] if event == "unlabeled" else [{name: what}])})

    def told(self, number: int, body: str, login: str, association: str = "MEMBER") -> None:
        """A comment that a person writes below an issue."""
        row = self.say(number, body, login)
        rows = self.comments
        rows[-1] = row | {"author_association": association}
        self.put("comments.json", rows)
        issue = self.get(f"issues/{number}.json")
        self.put(f"issues/{number}.json", issue | {"comments": issue["comments"] + 1})

    def branch(self, name: str) -> dict[str, str]:
        """The files of a branch that was made through the API, with what they hold."""
        tip = self.get("git.json", {"refs": {}})["refs"].get(f"refs/heads/{name}")
        git = self.get("git.json", {})
        return git["trees"][git["commits"][tip]["tree"]] if tip else {}

    def git(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Trees, commits and references, as far as a few text files need them: nothing is moved but forwards."""
        held = self.get("git.json", {"trees": {}, "commits": {}, "refs": {}})
        if method == "GET":
            if path.startswith("/git/ref/") and (tip := held["refs"].get(f"refs/{path.removeprefix('/git/ref/')}")):
                return 200, {"object": {"type": "commit", "sha": tip}}
            if (sha := path.removeprefix("/git/commits/")) in held["commits"]:
                return 200, {"sha": sha, "tree": {"sha": held["commits"][sha]["tree"]}}
            return 404, {"message": "Not Found"}
        if not self.may_write:
            return 403, {"message": "Resource not accessible by integration"}
        if (method, path) == ("POST", "/git/trees") and set(body) <= {"tree", "base_tree"}:
            rows = {**held["trees"].get(body.get("base_tree", ""), {})}
            for row in body["tree"]:
                if set(row) != {"path", "mode", "type", "content"} or (row["mode"], row["type"]) != ("100644", "blob"):
                    return 422, {"message": "tree.sha wasn't supplied"}
                rows[row["path"]] = row["content"]
            kind, made = "trees", rows
        elif (method, path) == ("POST", "/git/commits") and body["tree"] in held["trees"] and body["message"]:
            kind, made = "commits", {"tree": body["tree"], "parents": body["parents"]}
            if self.meanwhile:
                [(name, tip)] = held["refs"].items()
                held["trees"]["e" * 40] = {**held["trees"][held["commits"][tip]["tree"]], **self.meanwhile}
                held["commits"]["f" * 40] = {"tree": "e" * 40, "parents": [tip]}
                held["refs"][name] = "f" * 40
                self.meanwhile = {}
        elif method in {"POST", "PATCH"} and path.startswith("/git/refs") and body["sha"] in held["commits"]:
            name = body["ref"] if method == "POST" else f"refs/{path.removeprefix('/git/refs/')}"
            tip = held["refs"].get(name)
            if (tip is None) != (method == "POST") or (tip and tip not in held["commits"][body["sha"]]["parents"]):
                return 422, {"message": "Update is not a fast forward"}
            held["refs"][name] = body["sha"]
            self.put("git.json", held)
            return (201 if method == "POST" else 200), {"ref": name, "object": {"sha": body["sha"]}}
        else:
            return 422, {"message": "Validation Failed"}
        sha = hashlib.sha1(json.dumps([kind, made], sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        held[kind][sha] = made
        self.put("git.json", held)
        return 201, {"sha": sha}

    def say(self, number: int, body: str, login: str = BOT) -> dict[str, Any]:
        """Add a comment."""
        rows = self.comments
        row = {"id": len(rows) + 1, "number": number, "body": body, "user": {"login": login},
               "html_url": f"{self.url}/{self.repository}/pull/{number}#issuecomment-{len(rows) + 1}"}  # fmt: skip
        self.put("comments.json", [*rows, row])
        return row


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    forge: Forge

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(self._body())

    def do_PATCH(self) -> None:
        self._answer(self._body())

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _body(self) -> Any:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(raw or b"null")

    def _answer(self, body: Any) -> None:
        parts = urlsplit(self.path)
        self.forge.asked.append((self.command, parts.path))
        if parts.path.startswith("/stored/"):
            # The store behind the forge: it takes no token, and must be given none.
            if self.headers.get("Authorization"):
                return self._send(400, {"message": "a token came to the wrong place"})
            return self._send(200, self.forge.stored[unquote(parts.path)])
        if self.headers.get("Authorization") not in {f"Bearer {TOKEN}", f"token {TOKEN}"}:
            return self._send(401, {"message": "Bad credentials"})
        start = f"/repos/{self.forge.repository}"
        if parts.path == start and self.command == "GET":
            return self._send(200, {"full_name": self.forge.repository, "private": self.forge.private})
        if not parts.path.startswith(f"{start}/"):
            return self._send(404, {"message": "Not Found"})
        return self._route(unquote(parts.path.removeprefix(start)), parse_qs(parts.query), body)

    def _route(self, path: str, query: dict[str, list[str]], body: Any) -> None:
        forge = self.forge
        page, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])

        def paged(rows: list[Any]) -> list[Any]:
            return rows[(page - 1) * size : page * size]

        if path.startswith("/git/"):
            return self._send(*forge.git(self.command, path, body))
        if self.command == "GET":
            if match := re.fullmatch(r"/(pulls|runs|branches)/([\w./-]+)", path.replace("/actions/runs/", "/runs/")):
                if match[1] == "pulls" and match[2].endswith("/files"):
                    return self._send(200, paged(forge.get(f"files/{match[2].split('/')[0]}.json", [])))
                if match[1] == "runs" and match[2].endswith("/artifacts"):
                    return self._send(200, self._artifacts(match[2].split("/")[0], query.get("name", [""])[0]))
                return self._found(f"{match[1]}/{match[2]}.json")
            if path == "/pulls":
                return self._send(
                    200, paged([forge.get(f"pulls/{file.name}") for file in sorted((forge.root / "pulls").glob("*"))])
                )
            if match := re.fullmatch(r"/rules/branches/([\w.-]+)", path):
                return self._send(200, forge.get(f"rules/{match[1]}.json", []))
            if path == "/issues":
                rows = [forge.get(f"issues/{file.name}") for file in sorted((forge.root / "issues").glob("*"))]
                wanted = {name for one in query.get("labels", []) for name in one.split(",")}
                state = query.get("state", ["open"])[0]
                # A list does not say who closed an issue; the issue itself does.
                rows = [{key: value for key, value in row.items() if key != "closed_by"} for row in rows]
                return self._send(200, paged([
                    row for row in rows if state in {"all", row["state"]} and wanted <= {one["name"] for one in row["labels"]}
                ]))  # fmt: skip
            if match := re.fullmatch(r"/issues/(\d+)", path):
                return self._found(f"issues/{match[1]}.json")
            if match := re.fullmatch(r"/issues/(\d+)/events", path):
                return self._send(200, paged(forge.get(f"events/{match[1]}.json", [])))
            if match := re.fullmatch(r"/issues/(\d+)/comments", path):
                return self._send(200, paged([row for row in forge.comments if row["number"] == int(match[1])]))
            if match := re.fullmatch(r"/actions/artifacts/(\d+)/zip", path):
                return self._archive(int(match[1]))
        text = body.get("body") if isinstance(body, dict) else None
        if isinstance(text, str) and len(text) > 65_536:
            return self._send(422, {"message": "body is too long (maximum is 65536 characters)"})
        if self.command == "POST" and (match := re.fullmatch(r"/issues/(\d+)/comments", path)) and text:
            return self._send(201, forge.say(int(match[1]), text))
        if self.command == "POST" and path == "/issues" and isinstance(body, dict) and body.get("title"):
            number = len(list((forge.root / "issues").glob("*.json"))) + 1
            return self._send(201, forge.issue(number, {"number": number, "state": "open", "comments": 0}, body))
        if self.command == "PATCH" and (match := re.fullmatch(r"/issues/(\d+)", path)) and isinstance(body, dict):
            return self._send(200, forge.issue(int(match[1]), forge.get(f"issues/{match[1]}.json"), body))
        if self.command == "PATCH" and (match := re.fullmatch(r"/issues/comments/(\d+)", path)) and text:
            rows = forge.comments
            for row in rows:
                if row["id"] == int(match[1]):
                    row["body"] = text
                    forge.put("comments.json", rows)
                    return self._send(200, row)
        if self.command == "POST" and path == "/pulls" and isinstance(body, dict):
            number = len(list((forge.root / "pulls").glob("*.json"))) + 1
            forge.pull(number, "", **body)
            return self._send(201, forge.get(f"pulls/{number}.json"))
        return self._send(404, {"message": "Not Found"})

    def _folders(self) -> list[Path]:
        return sorted((self.forge.root / "artifacts").glob("*/*"))

    def _artifacts(self, run: str, name: str) -> dict[str, Any]:
        rows = [
            {"id": number, "name": folder.name, "expired": False,
             "size_in_bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())}
            for number, folder in enumerate(self._folders(), 1)
            if folder.parent.name == run and name in {"", folder.name}
        ]  # fmt: skip
        return {"total_count": len(rows), "artifacts": rows}

    def _archive(self, number: int) -> None:
        folder = self._folders()[number - 1]
        raw = folder / ".archive"
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    file.write(path, path.relative_to(folder).as_posix())
        name = f"/stored/{number}"
        self.forge.stored[name] = raw.read_bytes() if raw.exists() else made.getvalue()
        self.send_response(302)
        self.send_header("Location", f"{self.forge.url}{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _found(self, path: str) -> None:
        value = self.forge.get(path)
        return self._send(200, value) if value is not None else self._send(404, {"message": "Not Found"})

    def _send(self, status: int, value: Any) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def serve(root: Path) -> Iterator[Forge]:
    """Run the forge on a free port of this machine."""
    root.mkdir(parents=True, exist_ok=True)
    made = Forge(root)
    handler = type("Handler", (_Handler,), {"forge": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
