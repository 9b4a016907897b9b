"""No secret is in anything that comes out: planted everywhere, in every kind of failure, and every byte is searched.

Each service here is one program that repeats what it was told, in every place in which a service can repeat something. The
commands run as they do in CI, in a process of their own. Then everything they wrote is read: both streams, every file of the
workspace, of its history, of the hub, of the home and of the folder for temporary files.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests import build as make

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = "2026-11-23T10:00:00+01:00"
PLANTED = {
    "BLOG_PASSWORD": "kf7Q zz1R pp0W mm3T",
    "ROOM_TOKEN": "syt_planted_/+=&tok\"en'7",
    "MAIL_PASSWORD": "Über-geheim-planted-77",
    "SKY_PASSWORD": "plant-abcd-efgh-1234",
    "TOOT_TOKEN": "planted<toot>&token-9",
    "OFFICE_ROOM": "",  # an address; its secret part is OFFICE_KEY
    "CRASH_TOKEN": "planted-crash-token-\u2603-5",
    "GITHUB_TOKEN": "ghs_plantedplantedplanted00",
    "PUBLISH_PING_URL": "",
}
OFFICE_KEY = "planted-office-key-4711"
PING_KEY = "planted-ping-key-0815"
IN_REMOTE = "planted-remote-pass-31"
NAMED_BY_MISTAKE = "planted-instead-of-a-name-99"
IN_ADDRESS = "planted-in-the-address-55"
EVERY = [*(value for value in PLANTED.values() if value), OFFICE_KEY, PING_KEY]


def forms(secret: str) -> set[str]:
    """The ways in which a secret may come back."""
    raw = secret.encode()
    plain = {
        secret, secret.replace(" ", ""), quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret),
        json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1], raw.hex(),
    }  # fmt: skip
    # Base64 at each of its three places, without what the neighbours decide; half of a long secret is too much, too.
    for ahead in range(3):
        coded = base64.b64encode(b"\0" * ahead + raw).decode().rstrip("=")
        plain.add(coded[(ahead * 8 + 5) // 6 : (ahead + len(raw)) // 3 * 4])
    return {form for form in plain if len(form) > 5} | {secret[: len(secret) * 2 // 3]}


# --- the services ----------------------------------------------------------------------------------------------------


def told(request: Request) -> str:
    """Everything that a request said, and every secret there is: a service that keeps nothing to itself."""
    heads = " ".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"{heads} {request.full_path} {request.get_data(as_text=True)[:3000]} {' '.join(EVERY)}"


def echoed(request: Request) -> Any:
    """An answer that has whatever is asked for, and every secret in it; only ids that have to be numbers are."""
    said = " ".join(EVERY)
    names = (
        "uri", "cid", "url", "link", "event_id", "room_id", "user_id", "accessJwt", "refreshJwt", "did", "handle", "source_url",
        "content_uri", "slug", "date_gmt", "username", "acct", "name", "title", "version", "domain", "description",
    )  # fmt: skip
    found: dict[str, Any] = dict.fromkeys(names, said)
    found |= {"id": 7 if "/wp/" in request.path else said, "status": "draft", "content_uri": f"mxc://{said}"}
    found |= {"capabilities": {"publish_posts": True, "upload_files": True}, "chunk": [], "joined_rooms": [said]}
    found |= {"followersCount": 3, "followers_count": 3, "posts": [], "content": {"raw": said}}
    if request.method == "GET" and re.search(r"/(posts|media|tags|categories|comments|statuses)$", request.path):
        return [found]
    return found


def answer(kind: str, request: Request) -> Response:
    said = told(request)
    safe = {"X-Wp-Total": "3", "X-Echo": re.sub(r"[^\x20-\x7e]", "?", said)[:2000]}

    if kind == "no":
        return Response(
            json.dumps({"error": said, "message": said, "error_description": said}),
            422,
            safe,
            content_type="application/json",
        )
    if kind == "unknown-secret":
        return Response(
            json.dumps({"error": f"bad token {said}", "errcode": said}), 401, safe, content_type="application/json"
        )
    if kind == "broken":
        return Response(f"<pre>Traceback: {said}</pre>", 500, safe, content_type="text/html")
    if kind == "later":
        return Response(
            json.dumps({"message": said}), 429, {**safe, "Retry-After": EVERY[0]}, content_type="application/json"
        )
    if kind == "elsewhere":
        return Response("", 302, {**safe, "Location": f"https://elsewhere.invalid/?token={quote(EVERY[1])}"})
    if kind == "rubbish":
        return Response(f"{{{said}", 200, safe, content_type="application/json")
    if request.path.endswith("/state/m.room.encryption/"):
        return Response("{}", 404, safe)
    return Response(json.dumps(echoed(request)), 200, safe, content_type="application/json")


KINDS = ("no", "unknown-secret", "broken", "later", "elsewhere", "rubbish", "yes")


@contextmanager
def web(kind: str) -> Iterator[str]:
    with HTTPServer(threaded=True) as server:
        server.expect_request(re.compile(".*")).respond_with_handler(lambda request: answer(kind, request))
        yield server.url_for("").rstrip("/")


class Letters(socketserver.StreamRequestHandler):
    """A mail server that repeats what it is told, decoded, and then refuses."""

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            words = line.decode("utf-8", "replace").split()
            verb = words[0].upper() if words else ""
            if verb == "EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
            elif verb == "AUTH":
                self.say(f"535 {' '.join(words)} {' '.join(EVERY)}")
            elif verb == "QUIT":
                return
            else:
                self.say(f"550 {' '.join(EVERY)}")

    def say(self, text: str) -> None:
        self.wfile.write(text.encode()[:480] + b"\r\n")


@contextmanager
def mail() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Letters) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


CRASH = """
class Crash:
    def __init__(self, secret):
        self.secret = secret

    def publisher(self, channel, secrets, client):
        return Crash(secrets.get("token"))

    counter = publisher

    @property
    def repeats(self):
        from pipelines.services import Repeats
        return Repeats()

    def _fall(self, *args, **more):
        try:
            raise KeyError(self.secret)
        except KeyError as error:
            raise RuntimeError(f"GET https://me:{self.secret}@service.example failed") from error

    send = look = amend = withdraw = trials = limits = readings = _fall


CONNECTOR = Crash(None)
"""
"""A connector of somebody else, with a mistake in it."""


# --- the workspace ---------------------------------------------------------------------------------------------------


def settings(url: str, letters: int) -> str:
    return f"""
[team]
name = "Harbour"
timezone = "Europe/Berlin"

[publish]
ping = "PUBLISH_PING_URL"

[channels.blog]
connector = "wordpress"
url = "{url}"
account = "writer"
secrets = {{password = "BLOG_PASSWORD"}}
status = "test"

[channels.room]
connector = "matrix"
url = "{url}"
room = "!r:localhost"
secrets = {{token = "ROOM_TOKEN"}}
status = "test"

[channels.letters]
connector = "mail"
url = "smtp://127.0.0.1:{letters}"
account = "letters@example.com"
to = "list@example.org"
secrets = {{password = "MAIL_PASSWORD"}}
status = "test"

[channels.sky]
connector = "bluesky"
url = "{url}"
account = "harbour.test"
secrets = {{password = "SKY_PASSWORD"}}
status = "test"

[channels.toot]
connector = "mastodon"
url = "{url}"
account = "@harbour@localhost"
secrets = {{token = "TOOT_TOKEN"}}
status = "test"

[channels.office]
connector = "apprise"
secrets = {{url = "OFFICE_ROOM"}}
status = "test"

[channels.crash]
connector = "crash"
secrets = {{token = "CRASH_TOKEN"}}
status = "test"
"""


CHANNELS = ("blog", "room", "letters", "sky", "toot", "office", "crash")


class Team:
    """A team's repository with its hub, and the environment in which its commands run."""

    def __init__(self, folder: Path, url: str, letters: int, *, more: str = "") -> None:
        self.folder = folder
        picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        documents = {
            f"calendar/to-{key}": make.post(
                title=f"For {key}", status="approved", channels=[key], publish_at="2026-11-23 09:30", body="Doors open https://harbour.test/.\n",
                media=[{"src": "media/a.png", "alt": "A teal dot"}] if key in {"blog", "sky"} else [],
            )
            for key in CHANNELS
        }  # fmt: skip
        self.place = make.workspace(folder / "team", documents, settings=settings(url, letters) + more)
        make.write(self.place.content / "calendar/media/a.png", base64.b64decode(picture))
        extra = folder / "installed"
        make.write(extra / "crash.py", CRASH)
        make.write(extra / "crash-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: crash\nVersion: 1\n")
        make.write(extra / "crash-1.dist-info/entry_points.txt", "[signalbook.connectors]\ncrash = crash:CONNECTOR\n")
        at = urlsplit(url).netloc
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(extra), "GIT_CONFIG_NOSYSTEM": "1", "NO_MKDOCS_2_WARNING": "1",
            "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.com",
            **PLANTED, "OFFICE_ROOM": f"json://me:{OFFICE_KEY}@{at}/hook/{OFFICE_KEY}", "PUBLISH_PING_URL": f"{url}/ping/{PING_KEY}",
        }  # fmt: skip
        self.said: list[bytes] = []

    def git(self, *words: str) -> bytes:
        done = subprocess.run(
            ["git", "-C", str(self.place.root), *words], env=self.environment, capture_output=True, check=True
        )
        return done.stdout

    def commit(self) -> None:
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-qm", "first")

    def run(self, *words: str) -> str:
        """Run a command as CI does; everything it says is kept."""
        return self.runs(words)

    def runs(self, *commands: tuple[str, ...]) -> str:
        """Run commands one after the other, in one process of their own: starting one costs more than most commands."""
        code = (
            "import json, sys\nfrom signalbook.cli import main\n"
            "for words in json.loads(sys.argv[1]):\n"
            "    try:\n        main(words)\n    except SystemExit as left:\n        print('left with', left.code, flush=True)\n"
        )
        given = [words if "--now" in words else ("--now", NOW, *words) for words in commands]
        argv = [sys.executable, "-c", code, json.dumps(given)]
        done = subprocess.run(
            argv, cwd=self.place.root, env=self.environment, capture_output=True, check=False, timeout=120
        )
        self.said += [done.stdout, done.stderr]
        return (done.stdout + done.stderr).decode()

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Every byte that came out, by where it was found."""
        for number, said in enumerate(self.said):
            yield f"stream {number}", said
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and "installed" not in path.parts:
                data = path.read_bytes()
                yield str(path.relative_to(self.folder)), data
                if "objects" in path.parts:  # git keeps each thing deflated
                    with suppress(zlib.error):
                        yield f"{path.name} (object)", zlib.decompress(data)

    def search(self, secrets: list[str], *, but: tuple[str, ...] = ()) -> None:
        """Fail with the places in which a secret can be read."""
        wanted = {form.encode(): secret for secret in secrets for form in forms(secret)}
        found, searched = set(), 0
        for where, data in self.everything():
            searched += len(data)
            if not where.endswith(but) or not but:
                found |= {(where, secret) for form, secret in wanted.items() if form in data}
        assert searched > 1000, "there was something to search"
        assert not found


@contextmanager
def team(folder: Path, kind: str, **more: Any) -> Iterator[Team]:
    with web(kind) as url, mail() as letters:
        yield Team(folder, url, letters, **more)


# --- the proof -------------------------------------------------------------------------------------------------------


def test_the_search_itself_finds_a_secret_in_each_of_its_forms_and_places(tmp_path):
    with team(tmp_path, "no") as here:
        here.search(EVERY)
        for number, form in enumerate(sorted(forms(PLANTED["ROOM_TOKEN"]))):
            here.said = [f"x{form}y".encode()]
            with pytest.raises(AssertionError, match="stream 0"):
                here.search(EVERY)
            here.said = []
            make.write(here.place.data / "receipts/2026-11.jsonl", form)
            with pytest.raises(AssertionError, match="receipts"):
                here.search(EVERY)
            (here.place.data / "receipts/2026-11.jsonl").unlink()
            assert number >= 0
        make.write(here.place.root / "note.txt", PLANTED["CRASH_TOKEN"])
        here.commit()
        (here.place.root / "note.txt").unlink()
        with pytest.raises(AssertionError, match="object"):
            here.search(EVERY)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_services_answer_no_secret_comes_out(tmp_path, kind):
    later = ("publish", "-v", "--now", "2026-11-23T10:20:00+01:00")  # it looks for what was not answered
    with team(tmp_path, kind) as here:
        here.commit()
        said = here.runs(("publish", "-v", "--json"), later, ("doctor", "--send", "-v", "--json"), ("measure", "-v"))
        assert said.count("the connector broke off (RuntimeError in crash.py, line ") >= 3, (
            "one broken channel stops no other"
        )
        assert "Traceback" not in said
        if kind == "yes":
            receipts = "".join(path.read_text() for path in here.place.data.rglob("*.jsonl"))
            assert "•••" in receipts, (
                "services repeated secrets where ids and addresses are kept, and they were covered"
            )
            here.runs(
                *(("publish", "amend", post, "-v") for post in ("to-blog", "to-room", "to-toot")),
                *(("publish", "withdraw", post, "--why", "a test", "--by", "writer", "-v") for post in ("to-blog", "to-room", "to-toot")),
            )  # fmt: skip
        here.search(EVERY)


def test_dry_runs_plans_previews_checks_and_the_site_hold_no_secret(tmp_path):
    with team(tmp_path, "no") as here:
        here.commit()
        said = here.runs(
            ("publish", "--dry-run", "-v"), ("publish", "--dry-run", "--json"), ("publish", "plan"), ("publish", "plan", "--json"),
            ("why", "to-room"), ("preview", "content/calendar/to-room.md"), ("check", "-v"), ("check", "--json"), ("build", "-v"),
        )  # fmt: skip
        assert "Traceback" not in said
        assert "would be sent" in said
        assert (here.place.root / "site" / "index.html").exists()
        here.search(EVERY)


def test_an_address_of_the_remote_with_a_password_comes_out_nowhere(tmp_path):
    with team(tmp_path, "broken", more='\n[data]\nbranch = "signalbook-data"\n') as here:
        here.commit()
        at = urlsplit(here.environment["PUBLISH_PING_URL"]).netloc
        here.git("remote", "add", "origin", f"http://bot:{IN_REMOTE}@{at}/team.git")
        said = here.runs(
            ("publish", "-v"), ("publish", "plan", "--json"), ("doctor", "-v"), ("check", "--base", "origin/main")
        )
        assert "500" in said, "git told what happened"
        here.search([*EVERY, IN_REMOTE], but=("team/.git/config",))


def test_with_a_hub_the_commits_of_claims_and_receipts_hold_no_secret(tmp_path):
    with team(tmp_path, "yes", more='\n[data]\nbranch = "signalbook-data"\n') as here:
        here.commit()
        hub = tmp_path / "hub.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(hub)], check=True)
        here.git("remote", "add", "origin", str(hub))
        here.git("push", "-q", "origin", "main")
        here.run("publish", "-v")
        shown = subprocess.run(
            ["git", "-C", str(hub), "log", "-p", "signalbook-data"], capture_output=True, check=True
        ).stdout
        assert b"to-crash" in shown
        here.said.append(shown)
        here.search(EVERY)


def test_a_secret_in_the_place_of_a_name_or_in_an_address_is_told_of_and_not_repeated(tmp_path):
    wrong = f"""
[channels.misnamed]
connector = "matrix"
url = "https://127.0.0.1:9"
room = "!r:x"
secrets = {{token = "{NAMED_BY_MISTAKE}"}}

[channels.misplaced]
connector = "wordpress"
url = "https://me:{IN_ADDRESS}@127.0.0.1:9"
secrets = {{password = "BLOG_PASSWORD"}}
"""
    with team(tmp_path, "no", more=wrong) as here:
        here.commit()
        for words in (
            ("check",),
            ("check", "--json"),
            ("doctor", "--json"),
            ("publish", "-v"),
            ("publish", "plan"),
            ("build",),
            ("measure",),
        ):
            here.run(*words)
        assert "looks like a secret itself" in here.run("check")
        assert "stands in `url`" in here.run("doctor")
        # The file in which they stand, and its copies in git, are what has to be mended.
        kept = [
            item for item in here.everything() if not item[0].startswith("stream") and b'url = "https://me:' in item[1]
        ]
        names = tuple(name for name, _ in kept)
        here.search([*EVERY, NAMED_BY_MISTAKE, IN_ADDRESS], but=names)


def test_a_traceback_of_our_own_shows_no_secret(tmp_path):
    """The worst case: something of ours falls over with a secret in its message."""
    code = (
        "import sys, signalbook.cli as cli\n"
        "import pipelines.doctor as doctor, os\n"
        "def fall(*args, **more):\n"
        "    token = os.environ['ROOM_TOKEN']\n"
        "    raise RuntimeError(f'here it is: {token} and {os.environ[\"BLOG_PASSWORD\"]}')\n"
        "doctor.run = fall\n"
        "cli.main(['doctor', '-v'])\n"
    )
    with team(tmp_path, "no") as here:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=here.place.root, env=here.environment, capture_output=True, check=False
        )
        here.said += [done.stdout, done.stderr]
        assert done.returncode == 1
        assert b"RuntimeError: here it is: " in done.stderr
        here.search(EVERY)


def test_a_service_that_hangs_up_leaves_no_secret_behind(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def hang_up() -> None:
            listener.settimeout(0.2)
            while not stop.is_set():
                try:
                    line, _ = listener.accept()
                except TimeoutError:
                    continue
                with line, suppress(OSError):
                    line.settimeout(0.2)
                    line.recv(100)

        thread = threading.Thread(target=hang_up)
        thread.start()
        port = listener.getsockname()[1]
        here = Team(tmp_path, f"http://127.0.0.1:{port}", port)
        here.commit()
        here.runs(("publish", "-v"), ("doctor", "-v"), ("measure", "-v"))
        stop.set()
        thread.join()
        here.search(EVERY)
