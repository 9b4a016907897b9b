"""From a complaint on a real server to the answer that is seen there: heard, understood, a case, its owner, its clock, answered once."""

from __future__ import annotations

import json
import mailbox
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines import caseboard, listening
from pipelines.caseboard import Asked
from pipelines.publishing import Effects
from signalbook import book as books
from signalbook import cases, store
from signalbook.records import CaseEvent
from signalbook.workspace import Workspace
from tests import build as make
from tests.pipelines.test_bluesky import xrpc
from tests.pipelines.test_listening_bluesky import naming, post
from tests.pipelines.test_listening_mastodon import Place
from tests.pipelines.test_publishing import Terminal

COMPLAINT = "the bread I bought at Crumb Lane was mouldy again and nobody answers my mails. Terrible!"
SETTINGS = """\
[team]
name = "Crumb Lane"
timezone = "Europe/Berlin"
languages = ["en"]

[channels.{name}]
connector = "{name}"
url = "{url}"
account = "{account}"
owner = "social-lead"
secrets = {{{secrets}}}
"""


def team(root, name: str, url: str, account: str, secrets: str) -> Workspace:
    everyday = {"hours": "Mon-Sun 00:00-24:00"}
    documents: dict[str, Any] = {
        "people/community-manager": make.person(title="Community manager", roles=["community-manager"], **everyday),
        "people/head-baker": make.person(title="Head baker", roles=["head-baker"], backup="community-manager", **everyday),
        "people/social-lead": make.person(title="Social lead", roles=["social-lead"], owner="social-lead", **everyday),
        "people/watches/bread": {
            "title": "Bread", "status": "on", "owner": "social-lead", "topic": "bread", "query": 'bread NEAR/6 "crumb lane"',
            "sources": [name], "expert": "head-baker", "backup": "community-manager", "act": "head-baker", "inform": ["social-lead"],
            "alert": {"at_least": 5, "times": 3, "pause": "2h"}, "body": "",
        },
    }  # fmt: skip
    settings = SETTINGS.format(name=name, url=url, account=account, secrets=secrets)
    return make.workspace(root, documents, settings=settings)


def hear(place: Workspace, environment: dict[str, str]) -> listening.Said:
    """Ask the one channel, due or not."""
    book = books.load(place, use_cache=False)
    (name,) = book.settings.channels
    told = listening.heard(place, book, datetime.now(UTC), environment=environment, source=name)
    assert told.data["asked"] == [name]
    return told


def case(place: Workspace, environment: dict[str, str], word: str, name: str = "", **asked: Any) -> dict[str, Any]:
    shown = Terminal()
    effects = Effects(
        environment, lambda: datetime.now(UTC), lambda _: None, "r1", shown.said.append, shown.write, as_json=True
    )
    status = caseboard.run(place, Asked(word, name, **asked), effects)
    found = json.loads(shown.out)
    assert status == 0, found
    return found


def worked(place: Workspace, environment: dict[str, str]) -> dict[str, Any]:
    """Hear, and do with the one case that opens what its owner does; the case as it is after the answer."""
    told = hear(place, environment)
    assert told.data["failures"] == {}
    (opened,) = told.data["cases"]
    assert opened["what"] == "opened"
    (found,) = case(place, environment, "list")
    assert (found["row"], found["severity"], found["owner"], found["backup"]) == (
        "complaint",
        "S4",
        "head-baker",
        "community-manager",
    )
    assert found["why"][0].endswith("The watch “Bread” names Head baker to act on it.")
    # Two working hours of somebody who works all day, from when it reached us.
    due, inside = datetime.fromisoformat(found["due"]), datetime.fromisoformat(found["inside_at"])
    assert due - inside == timedelta(hours=2)
    assert datetime.fromisoformat(found["received_at"]) <= inside
    shown = case(place, environment, "show", found["case"])
    assert "mouldy again" in shown["quote"]["text"]
    case(place, environment, "take", found["case"])
    answered = case(
        place,
        environment,
        "answer",
        found["case"],
        text="We are sorry. Bring it back and take a fresh one; we look at the oven now.",
    )
    assert (answered["state"], answered["answer"]["what"]) == ("answered", "sent")
    # Hearing again opens nothing, and our own answer is nobody's complaint.
    assert hear(place, environment).data["cases"] == []
    written = b"".join(path.read_bytes() for path in (place.data / "cases").iterdir())
    assert b"mouldy" not in written
    return answered


def states(place: Workspace) -> dict[str, str]:
    events = store.read(place, CaseEvent)[0]
    return {one.id: one.state for one in cases.read(books.load(place, use_cache=False), datetime.now(UTC), events)}


@pytest.mark.servers("bluesky-pds")
def test_a_complaint_on_a_pds_is_answered_below_it(server, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    facts = server("bluesky-pds", fresh=True)
    url = facts["url"]
    account = {"handle": "dora.test", "email": "d@example.com", "password": "test-password-4"}
    dora = xrpc(url, "com.atproto.server.createAccount", account)
    said = post(url, dora, f"@alice.test {COMPLAINT}", facets=naming("@alice.test", "@alice.test", facts["did"]))
    place = team(tmp_path / "team", "bluesky", url, "alice.test", 'password = "BLUESKY"')
    environment = {"BLUESKY": facts["app_password"]}
    answered = worked(place, environment)
    listed = xrpc(url, "com.atproto.repo.listRecords", repo=facts["did"], collection="app.bsky.feed.post")["records"]
    (ours,) = [row for row in listed if row["value"]["text"].startswith("We are sorry")]
    assert ours["value"]["reply"]["parent"]["uri"] == said["uri"]
    assert answered["url"].endswith(ours["uri"].rpartition("/")[2])
    # She is not content: what she writes below our answer opens the same case again.
    ref = {"uri": ours["uri"], "cid": ours["cid"]}
    post(
        url,
        dora,
        "The fresh one is mouldy too!",
        reply={"root": {"uri": said["uri"], "cid": said["cid"]}, "parent": ref},
    )
    again = hear(place, environment).data["cases"]
    assert again == [{"case": answered["case"], "what": "heard"}]
    assert states(place) == {answered["case"]: "owned"}


@pytest.mark.servers("mastodon-emulator")
def test_a_complaint_on_mastodon_is_answered_below_it_and_names_the_person(server, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    there = Place(server("mastodon-emulator", fresh=True))
    said = there.post("bob", f"@alice {COMPLAINT}")
    place = team(tmp_path / "team", "mastodon", there.url, "@alice", 'token = "MASTODON"')
    environment = {"MASTODON": there.tokens["alice"]}
    answered = worked(place, environment)
    number = re.sub(r".*/", "", answered["url"])
    import urllib.request

    request = urllib.request.Request(
        f"{there.url}/api/v1/statuses/{number}", headers={"authorization": f"Bearer {there.tokens['bob']}"}
    )
    with urllib.request.urlopen(request, timeout=30) as got:
        ours = json.loads(got.read())
    assert str(ours["in_reply_to_id"]) == str(said["id"])
    assert "We are sorry" in ours["content"]
    assert "bob" in ours["content"]
    there.post("bob", "@alice still nothing", in_reply_to_id=ours["id"])
    assert hear(place, environment).data["cases"] == [{"case": answered["case"], "what": "heard"}]


@pytest.mark.servers("wordpress")
def test_a_comment_on_a_site_is_answered_below_it_once(server, tmp_path, monkeypatch):
    import urllib.request
    from base64 import b64encode

    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    facts = server("wordpress")
    secret = b64encode(f"{facts['user']}:{facts['app_password']}".encode()).decode()

    def rest(path: str, **values: object) -> Any:
        head = {"authorization": f"Basic {secret}", "content-type": "application/json"}
        data = json.dumps(values).encode() if values else None
        request = urllib.request.Request(f"{facts['url']}/wp-json/wp/v2/{path}", data, head)
        with urllib.request.urlopen(request, timeout=30) as got:
            return json.loads(got.read())

    article = rest("posts", title="Our bread", content="Crumb Lane bakes at four", status="publish")["id"]
    outside = {"author_name": "A reader", "author_email": "r@example.org"}
    said = rest("comments", post=article, content=COMPLAINT, status="approve", **outside)
    place = team(tmp_path / "team", "wordpress", facts["url"], "", 'user = "WP_USER", password = "WP_PASSWORD"')
    environment = {"WP_USER": facts["user"], "WP_PASSWORD": facts["app_password"]}
    told = hear(place, environment)
    mine = [one["case"] for one in told.data["cases"]]
    (found,) = [one for one in case(place, environment, "list") if one["case"] in mine and one["row"] == "complaint"]
    answer = "We are sorry. Bring it back & take a fresh one."
    answered = case(place, environment, "answer", found["case"], text=answer)
    (ours,) = rest(f"comments?parent={said['id']}")
    assert "We are sorry. Bring it back &amp; take a fresh one." in ours["content"]["rendered"].replace(
        "&#038;", "&amp;"
    )
    assert answered["url"] == ours["link"]


@pytest.mark.servers("email")
def test_a_letter_of_complaint_is_answered_by_a_letter_to_whoever_wrote_it(server, tmp_path, monkeypatch):
    """Heard in a mailbox, answered by the channel that ``answer_by`` names, in the same conversation, once."""
    facts = server("email")
    monkeypatch.setenv("SSL_CERT_FILE", facts["ca"])
    written = EmailMessage()
    written["Subject"], written["From"], written["To"] = (
        "Mouldy bread",
        "A Reader <reader@home.example>",
        "us@example.org",
    )
    written["Message-ID"], written["Date"] = "<mould-1@home.example>", format_datetime(datetime.now(UTC))
    written.set_content(COMPLAINT)
    maildir = mailbox.Maildir(facts["maildir"], create=False)
    (Path(facts["maildir"]) / "new" / "1790000077.M1P1.test").write_bytes(written.as_bytes())
    place = team(
        tmp_path / "team",
        "imap",
        f"imap://localhost:{facts['imap_port']}/INBOX",
        "",
        'user = "MAIL_USER", password = "MAIL_PASSWORD"',
    )
    letters = f"""answer_by = "letters"

[channels.letters]
connector = "mail"
url = "smtp://{facts["host"]}:{facts["smtp_port"]}"
account = "Crumb Lane <hello@example.com>"
owner = "social-lead"
secrets = {{user = "MAIL_USER", password = "MAIL_PASSWORD"}}
"""
    settings = place.root / "signalbook.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + letters, encoding="utf-8")
    environment = {"MAIL_USER": facts["user"], "MAIL_PASSWORD": facts["password"]}

    book = books.load(place, use_cache=False)
    told = listening.heard(place, book, datetime.now(UTC), environment=environment, source="imap")
    mine = [one["case"] for one in told.data["cases"]]
    (found,) = [one for one in case(place, environment, "list") if one["case"] in mine and one["row"] == "complaint"]
    assert found["channel"] == "letters"
    assert found["owner"] == "head-baker"
    case(place, environment, "answer", found["case"], text="We are sorry. A fresh loaf waits for you.")
    answers = [one for one in maildir if one["In-Reply-To"] == "<mould-1@home.example>"]
    assert [one["X-Envelope-To"] for one in answers] == ["reader@home.example"]
    assert answers[0]["Subject"] == "Re: Mouldy bread"
    assert "A fresh loaf waits for you." in str(answers[0])
    kept = "".join(
        file.read_text("utf-8") for file in (place.root / "data").rglob("*.jsonl") if "private" not in file.parts
    )
    assert "reader@" not in kept
    assert "mouldy" not in kept
