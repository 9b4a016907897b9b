"""Alert mail, heard from a real mailbox, and letters that nobody should send."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.connectors.imap import CONNECTOR, decode
from pipelines.hearing import Sources, cleaned, hear
from pipelines.http import Client
from pipelines.services import Listens
from signalbook.errors import SettingsError
from signalbook.settings import Channel

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ALERT = """<html><body><h3>harbour bakery</h3><table><tr><td>
<a href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://paper.example/doors&amp;ct=ga"><b>Harbour</b> bakery opens its doors</a>
<div>The <b>bakery</b> at the harbour …</div><a href="https://www.google.com/alerts/feedback?x=1">Flag</a></td></tr><tr><td>
<a href="https://www.google.com/url?url=https://blog.example/rye%3Fa%3D1">A week of rye</a><p>We tried it.</p>
<a href="https://www.google.com/url?url=javascript:alert(1)">Not a find</a></td></tr></table></body></html>"""


def letter(subject: str, *, html: str = "", text: str = "", name: str = "<1@alerts.example>") -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "Alerts <alerts@alerts.example>", "us@example.org"
    made["Message-ID"], made["Date"] = name, "Fri, 27 Nov 2026 09:00:00 +0100"
    made.set_content(text or "See the other part")
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


def test_each_find_of_an_alert_is_a_mention_with_its_true_address():
    first, second = decode(letter("Alert: harbour bakery", html=ALERT), "alerts", NOW)
    assert (first.title, first.url) == ("Harbour bakery opens its doors", "https://paper.example/doors")
    assert first.text.startswith("The bakery at the harbour …")
    assert (second.title, second.url) == ("A week of rye", "https://blog.example/rye?a=1")
    assert first.published_at == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert first.channel == "alerts"


def test_any_other_letter_is_one_mention_without_the_writers_address():
    (only,) = decode(letter("Your  door", text="It was locked. See https://p.example/a."), "alerts", NOW)
    assert (only.title, only.author, only.id) == ("Your door", "Alerts", "<1@alerts.example>")
    assert (only.text, only.links) == ("It was locked. See https://p.example/a.", ("https://p.example/a",))
    assert "alerts@" not in repr(only.author)


@pytest.mark.parametrize(
    ("more", "kept"),
    [({}, "reader@home.example"), ({"Reply-To": "desk@home.example"}, "desk@home.example")],
)
def test_a_letter_that_is_answered_keeps_the_address_an_answer_goes_to(more, kept):
    made = EmailMessage()
    made["From"], made["Subject"] = "A Reader <reader@home.example>", "Your door"
    for name, value in more.items():
        made[name] = value
    made.set_content("It was locked.")
    (only,) = decode(made.as_bytes(), "box", NOW, answered=True)
    assert only.author == kept


@pytest.mark.servers("email")
def test_letters_are_heard_once_and_left_as_they_are(server):
    facts = server("email")
    folder = Path(facts["maildir"])

    def deliver(number: int, data: bytes) -> None:
        (folder / "new" / f"179000000{number}.M{number}P1.test").write_bytes(data)

    deliver(1, letter("Alert: harbour bakery", html=ALERT))
    deliver(2, letter("Your door", text="It was locked", name="<2@x.example>"))
    channel = Channel(
        "alerts", "imap", url=f"imap://localhost:{facts['imap_port']}/INBOX", secrets={"user": "U", "password": "P"}
    )
    with Client(verify=facts["ca"]) as client:
        assert isinstance(CONNECTOR, Listens)
        secrets = {"user": facts["user"], "password": facts["password"]}
        sources = Sources({"alerts": CONNECTOR.listener(channel, secrets, client)})
        heard = hear(sources, {}, NOW)
        assert heard.failures == ()
        titles = {mention.title for mention in heard.mentions}
        assert {"Harbour bakery opens its doors", "A week of rye", "Your door"} <= titles
        again = hear(sources, heard.states, NOW, again=True)
        assert (again.mentions, again.failures) == ((), ())
        deliver(3, letter("Another", text="Still locked", name="<3@x.example>"))
        late = hear(sources, again.states, NOW, again=True)
        assert [mention.title for mention in late.mentions] == ["Another"]
        flags = [file.name.partition(":2,")[2] for file in folder.rglob("179*") if file.is_file()]
        assert len(flags) >= 3
        assert not any("S" in one for one in flags)
        wrong = Sources({"alerts": CONNECTOR.listener(channel, {**secrets, "password": "hunter2"}, client)})
        (failure,) = hear(wrong, {}, NOW).failures
        assert "does not know this user or password" in failure.message
        assert "hunter2" not in repr(failure)


@pytest.mark.parametrize("url", ["", "https://mail.example.org", "imaps://user:secret@mail.example.org/A"])
def test_an_address_that_is_none_names_its_line(url):
    channel = Channel("alerts", "imap", url=url, secrets={"user": "U", "password": "P"})
    with pytest.raises(SettingsError, match="imaps://mail"):
        CONNECTOR.listener(channel, {"user": "u", "password": "p"}, Client())


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"Subject: =?utf-8?q?", b"From: ", b"Content-Type: text/html; charset=", b"Date: "]),
)
@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
def test_no_letter_raises(data, before):
    whole = letter("x", html=ALERT)
    for one in (
        before + data,
        before + data + b"\n\n" + data,
        whole.replace(b"text/html", before + data),
        whole[: len(data) * 4],
    ):
        for mention in decode(one, "alerts", NOW):
            cleaned(mention)
