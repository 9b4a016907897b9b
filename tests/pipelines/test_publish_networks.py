"""``signalbook publish`` from a folder of text to real servers: one command, read back by other code, run again, amended."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from pipelines.connectors.mastodon.statuses import plain
from tests import build

SETTINGS = """\
[team]
name = "Harbour"
timezone = "Europe/Berlin"

[channels.sky]
connector = "bluesky"
url = "{pds}"
account = "alice.test"
secrets = {{password = "SKY_PASSWORD"}}
owner = "writer"

[channels.town]
connector = "mastodon"
url = "{town}"
account = "@alice"
secrets = {{token = "TOWN_TOKEN"}}
owner = "writer"
"""
FIRST = "Doors open at seven ☕ https://example.org/door #Doors"
SECOND = "Bring a friend."


def get(url: str, token: str = ""):
    head = {"authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=head), timeout=30) as found:
        return json.loads(found.read())


class Team:
    """A workspace, its servers and its command."""

    def __init__(self, root: Path, pds: dict, town: dict, command: str) -> None:
        self.pds, self.town, self.command = pds, town, command
        self.token = town["accounts"]["alice"]["token"]
        self.secrets = {"SKY_PASSWORD": pds["app_password"], "TOWN_TOKEN": self.token}
        self.place = build.workspace(root, settings=SETTINGS.format(pds=pds["url"], town=town["url"]))
        self.said = ""

    def write(self, slug: str, **front) -> None:
        at = datetime.now(UTC) - timedelta(minutes=3)
        base = build.post(
            status="approved", publish_at=at.isoformat(), channels=["sky", "town"], locale="en", body=f"{FIRST}\n\n---\n\n{SECOND}\n",
            media=[{"src": "media/door.png", "alt": "The door at seven"}],
        )  # fmt: skip
        picture = self.place.content / "calendar" / "media" / "door.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 48), "teal").save(picture)
        build.document(self.place, f"calendar/{slug}", {**base, **front})

    def run(self, *words: str, status: int = 0):
        env = {**os.environ, **self.secrets}
        argv = [self.command, "-C", str(self.place.root), "--json", *words]
        done = subprocess.run(argv, capture_output=True, text=True, env=env, check=False, timeout=120)
        self.said += done.stdout + done.stderr
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout)

    def records(self, folder: str) -> list[dict]:
        """The lines of the store."""
        files = sorted(self.place.data.glob(f"{folder}/*.jsonl"))
        return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]

    def sky(self) -> list[dict]:
        """Our records on the PDS, oldest first."""
        query = urllib.parse.urlencode({"repo": self.pds["did"], "collection": "app.bsky.feed.post", "limit": 100})
        return get(f"{self.pds['url']}/xrpc/com.atproto.repo.listRecords?{query}")["records"][::-1]

    def streets(self) -> list[dict]:
        """Our statuses on the other server, oldest first."""
        me = get(f"{self.town['url']}/api/v1/accounts/verify_credentials", self.token)["id"]
        return get(f"{self.town['url']}/api/v1/accounts/{me}/statuses?limit=40", self.token)[::-1]


@pytest.fixture
def team(server, tmp_path, signalbook, request) -> Team:
    pds = server("bluesky-pds", fresh=True)
    return Team(tmp_path, pds, server(request.param, fresh=True), signalbook)


@pytest.mark.parametrize(
    "team",
    [
        pytest.param(name, marks=pytest.mark.servers("bluesky-pds", name), id=name)
        for name in ("mastodon-snac", "mastodon-emulator")
    ],
    indirect=True,
)
def test_one_command_publishes_a_thread_everywhere_once_and_takes_it_back(team):
    team.write("door")
    team.run("publish")
    one, two = team.sky()
    assert one["value"]["text"] == FIRST
    assert one["value"]["langs"] == ["en"]
    assert [facet["features"][0].get("uri") or facet["features"][0].get("tag") for facet in one["value"]["facets"]] == [
        "https://example.org/door", "Doors",
    ]  # fmt: skip
    assert [image["alt"] for image in one["value"]["embed"]["images"]] == ["The door at seven"]
    assert two["value"]["text"] == SECOND
    assert two["value"]["reply"]["parent"] == {"uri": one["uri"], "cid": one["cid"]}
    first, second = team.streets()
    assert "https://example.org/door" in first["content"]
    assert [medium["description"] for medium in first["media_attachments"]] == ["The door at seven"]
    assert plain(second["content"]) == SECOND
    assert second["in_reply_to_id"] == first["id"]

    receipts = {row["key"]: row for row in team.records("receipts")}
    assert sorted(receipts) == ["door/sky", "door/sky/2", "door/town", "door/town/2"]
    assert receipts["door/sky"]["id"] == one["uri"]
    assert receipts["door/town/2"]["id"] == second["id"]

    team.run("publish")
    assert (len(team.sky()), len(team.streets())) == (2, 2)

    # A PDS without an app view counts nothing; the other channel is read all the same.
    counted = team.run("measure", status=1)
    assert [row["channel"] for row in counted["failures"]] == ["sky"]
    rows = team.records("readings")
    town = {(row["subject"], row["metric"]): row["value"] for row in rows if row["channel"] == "town"}
    assert town[first["id"], "likes"] == first["favourites_count"] == 0

    team.write("door", body=f"{FIRST} Now!\n\n---\n\n{SECOND}\n")
    team.run("publish", "amend", "door")
    assert [row["value"]["text"] for row in team.sky()] == [f"{FIRST} Now!", SECOND]
    assert "Now!" in team.streets()[0]["content"]

    # snac deletes nothing for other programs: that is said, and the other channel is taken back all the same.
    snac = "snac" in get(f"{team.town['url']}/api/v1/instance")["version"]
    team.run("publish", "withdraw", "door", "--why", "The door is broken.", "--by", "writer", status=1 if snac else 0)
    assert team.sky() == []
    assert len(team.streets()) == (2 if snac else 0)

    for secret in (*team.secrets.values(), team.pds["password"]):
        assert secret not in team.said
        for path in team.place.root.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path
