"""Mail: how a letter is made, and a real server whose mailbox is read afterwards."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import io
import mailbox
import re
import socket
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipelines.connectors import mail
from pipelines.http import Client
from pipelines.services import Absence, Attached, Item, Sent
from signalbook.errors import ConnectorError, Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
(SENDER,) = mail.people("Harbour <letters@example.com>")


def item(**given) -> Item:
    return Item(**{
        "key": "letter/news", "post": "letter", "title": "Café news ☕", "text": "Hello *you*, read [this](https://x.example/?a=1&b=2).",
        "created_at": AT, "lang": "en", **given,
    })  # fmt: skip


def picture(name="door.png", alt="The door at “seven”", colour="teal") -> Attached:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(out, "PNG")
    return Attached(name, out.getvalue(), "image/png", alt, 8, 6)


def read(message) -> email.message.EmailMessage:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return email.message_from_bytes(data, policy=email.policy.default)


# --- the pure half ---------------------------------------------------------------------------------------------------


def test_a_letter_has_text_and_html_and_its_pictures_inside():
    made = read(
        mail.letter(
            item(text="# Hi\n\nSee ![a map](media/map.png).", media=(picture(), picture("map.png", "A map"), Attached("plan.pdf", b"%PDF", "application/pdf"))),
            SENDER, mail.people("list@example.org"),
        )
    )  # fmt: skip
    assert [part.get_content_type() for part in made.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png",
        "application/pdf",
    ]  # fmt: skip
    text, html = (made.get_body((sort,)).get_content() for sort in ("plain", "html"))
    assert text.replace("\r\n", "\n") == "Hi\n\nSee [a map].\n\n[The door at “seven”]\n"
    sources = re.findall(r'src="cid:([^"]+)" alt="([^"]*)"', html)
    assert [alt for _, alt in sources] == ["a map", "The door at “seven”"]
    inside = {part["Content-ID"].strip("<>"): part.get_content() for part in made.walk() if part["Content-ID"]}
    assert inside[sources[0][0]] == picture("map.png").data
    assert inside[sources[1][0]] == picture().data


def test_every_attempt_has_the_same_name_and_date():
    first, again = (mail.letter(item(), SENDER, mail.people("a@example.org")) for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"] == mail.message_id("letter/news", SENDER)
    assert first["Date"] == again["Date"]
    assert mail.message_id("other/news", SENDER) != first["Message-ID"]


def test_several_recipients_do_not_learn_of_each_other():
    to = mail.people(["a@example.org", "Ben <b@example.org>", "A@example.org"])
    assert [one.addr_spec for one in to] == ["a@example.org", "b@example.org"]
    assert "example.org" not in str(mail.letter(item(), SENDER, to))
    assert mail.letter(item(), SENDER, to, shown=True)["To"] == "a@example.org, Ben <b@example.org>"


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=40))
def test_no_text_can_begin_another_header(title, name):
    made = mail.letter(
        item(title=f"x{title}\r\nBcc: evil@example.org\n", options={}, media=(picture(name=f"a{name}\r\nX: y"),)),
        SENDER, mail.people("a@example.org"), unsubscribe="https://u.example/\r\nX-Evil: 1",
    )  # fmt: skip
    again = read(made)
    assert again["Bcc"] is None
    assert again["X-Evil"] is None
    assert again["To"] == "a@example.org"


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        "a@b@c",
        "a@example.org\r\nBcc: x@example.org",
        "a@-x.example",
        "ü@example.org",
        "a@example.org, b@example.org",
    ],
)
def test_what_is_no_address_is_said_without_repeating_it(bad):
    with pytest.raises(ValueError, match="number 1 is no address") as caught:
        mail.people([bad])
    assert bad not in str(caught.value)


def test_a_servers_words_lose_everybodys_address():
    assert mail.covered("5.1.1 <jane.doe@example.org>:\r\n no such user") == "5.1.1 <j…@example.org>: no such user"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "https://mail.example"}, 'Write url = "smtp://'),
        ({"url": "smtp://me:hunter2@mail.example"}, "Take it out, renew it"),
        ({"account": ""}, 'Write account = "letters@example.org"'),
        ({"secrets": {}}, "the password is not named"),
        ({"more": {"to": ["fine@example.org", "hunter2"]}}, "in `to`, number 2 is no address"),
    ],
)
def test_a_channel_that_cannot_work_is_told_what_to_write(given, words):
    channel = Channel(**{
        "key": "news", "connector": "mail", "url": "smtp://mail.example:587", "account": "letters@example.org",
        "secrets": {"password": "P"}, **given,
    })  # fmt: skip
    with pytest.raises(SettingsError, match=re.escape(words)) as caught:
        mail.CONNECTOR.publisher(channel, {"password": "hunter2"} if channel.secrets else {}, Client())
    assert "hunter2" not in str(caught.value)


# --- a server that misbehaves ----------------------------------------------------------------------------------------


class Script:
    """A server that says its lines, one for each command, and notes what it was told; ``None`` hangs up."""

    def __init__(self, **answers) -> None:
        self.answers = answers
        self.told: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        with self.listener:
            line, _ = self.listener.accept()
        with line, line.makefile("rwb") as stream:
            self.say(stream, "220 ready")
            while data := stream.readline():
                verb = data.split()[0].decode().upper() if data.split() else ""
                self.told.append(verb)
                answer = self.answers.get(verb, "250 ok")
                if answer is None:
                    return
                self.say(stream, answer)
                if verb == "DATA" and answer.startswith("354"):
                    while stream.readline() not in {b".\r\n", b""}:
                        pass
                    if self.answers.get("DOT", "250 taken") is None:
                        return
                    self.say(stream, self.answers.get("DOT", "250 taken"))
                if verb == "QUIT":
                    return

    @staticmethod
    def say(stream, text) -> None:
        stream.write(text.encode() + b"\r\n")
        stream.flush()


def at(script, **more):
    channel = Channel(
        "news",
        "mail",
        url=f"smtp://127.0.0.1:{script.port}",
        account="letters@example.com",
        more={"to": ["a@example.org", "b@example.org"], **more},
    )
    return mail.CONNECTOR.publisher(channel, {}, Client(timeout_s=5))


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"MAIL": "550 not you"}, Refused),
        ({"MAIL": "451 later"}, NotSent),
        ({"RCPT": "550 jane@example.org unknown"}, Refused),
        ({"RCPT": "452 full"}, NotSent),
        ({"RCPT": None}, NotSent),
        ({"DATA": "554 no"}, Refused),
        ({"DATA": "421 later"}, NotSent),
        ({"DATA": None}, NotSent),
        ({"DATA": "354 go", "DOT": None}, Unanswered),
        ({"DATA": "354 go", "DOT": "451 later"}, NotSent),
        ({"DATA": "354 go", "DOT": "554 spam"}, Refused),
    ],
)
def test_what_a_failure_means_depends_on_whether_the_server_had_the_letter(answers, error):
    script = Script(**answers)
    with pytest.raises(ConnectorError) as caught:
        at(script).send(item())
    assert type(caught.value) is error
    assert "jane@" not in str(caught.value)


def test_after_the_last_dot_nothing_that_goes_wrong_makes_the_letter_unsent():
    script = Script(DATA="354 go", QUIT=None)
    assert at(script).send(item()).facts == {"recipients": "2"}


def test_one_refused_recipient_spares_all_of_them_unless_the_rest_is_to_get_it():
    class Second(Script):
        def serve(self) -> None:
            real = self.say
            count = iter(range(9))
            self.say = lambda stream, text: real(
                stream, "550 no" if self.told[-1:] == ["RCPT"] and next(count) == 1 else text
            )
            super().serve()

    script = Second(DATA="354 go")
    with pytest.raises(Refused, match="recipient 2 of 2"):
        at(script).send(item())
    assert "DATA" not in script.told
    assert at(Second(DATA="354 go"), partial=True).send(item()).facts == {"recipients": "1", "refused": "1"}


def test_an_unreachable_server_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    channel = Channel(
        "news", "mail", url=f"smtp://127.0.0.1:{port}", account="a@example.com", more={"to": "b@example.org"}
    )
    with pytest.raises(NotSent, match="connection was refused"):
        mail.CONNECTOR.publisher(channel, {}, Client()).send(item())


def test_a_server_without_encryption_gets_no_password():
    script = Script()
    opened = dataclasses.replace(at(script), open=False, password="hunter2", user="me")
    with pytest.raises(Refused, match="offers no encryption"):
        opened.send(item())
    assert not {"AUTH", "MAIL"} & set(script.told)


# --- the real server -------------------------------------------------------------------------------------------------

servers = pytest.mark.servers("email")


@pytest.fixture
def post(server):
    facts = server("email")

    def opened(password="", **more):
        channel = Channel(
            "news", "mail", url=f"smtp://{facts['host']}:{facts['smtp_port']}", account="Harbour <letters@example.com>",
            secrets={"user": "U", "password": "P"}, more={"to": "list@example.org", **more},
        )  # fmt: skip
        secrets = {"user": facts["user"], "password": password or facts["password"]}
        return mail.CONNECTOR.publisher(channel, secrets, Client(timeout_s=10, verify=facts["ca"]))

    opened.facts = facts
    return opened


def delivered(facts, name):
    """Every letter of a name that the server holds."""
    found = [read(bytes(one)) for one in mailbox.Maildir(facts["maildir"], create=False)]
    return [one for one in found if one["Message-ID"] == name]


@servers
def test_a_letter_is_read_back_field_by_field(post):
    one = item(
        key="back/news",
        media=(picture(),),
        text="Hello *you*.\n\n.A line with a dot\n\nRead [this](https://x.example/?a=1&b=2).\n\n![d](media/door.png)",
    )
    sent = post(reply_to="desk@example.org", unsubscribe="https://example.com/u", one_click=True).send(one)
    (found,) = delivered(post.facts, sent.id)
    assert found["Subject"] == "Café news ☕"
    assert found["From"] == "Harbour <letters@example.com>"
    assert found["To"] == "list@example.org"
    assert found["X-Envelope-To"] == "list@example.org"
    assert found["Reply-To"] == "desk@example.org"
    assert found["List-Unsubscribe"] == "<https://example.com/u>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Date"].datetime == AT
    text, html = (found.get_body((sort,)).get_content() for sort in ("plain", "html"))
    assert text == "Hello you.\n\n.A line with a dot\n\nRead this (https://x.example/?a=1&b=2).\n\n[d]\n"
    assert 'href="https://x.example/?a=1&amp;b=2"' in html
    cid, alt = re.search(r'<img src="cid:([^"]+)" alt="([^"]+)"', html).groups()
    assert alt == "d"
    (inside,) = [part for part in found.walk() if part["Content-ID"] == f"<{cid}>"]
    assert inside.get_content() == picture().data


@servers
def test_a_post_can_name_its_own_subject_and_recipients(post):
    sent = post().send(
        item(key="own/news", options={"subject": "For you", "to": ["press@example.org", "desk@example.org"]})
    )
    (found,) = delivered(post.facts, sent.id)
    assert found["Subject"] == "For you"
    assert found["To"] == "undisclosed-recipients:;"
    assert found["X-Envelope-To"] == "press@example.org, desk@example.org"


@servers
@pytest.mark.parametrize(("who", "error"), [("bounce@example.org", Refused), ("defer@example.org", NotSent)])
def test_a_refused_recipient_means_that_nobody_got_it(post, who, error):
    one = item(key=f"{who}/news", options={"to": ["fine@example.org", who]})
    with pytest.raises(ConnectorError, match="nobody got it") as caught:
        post().send(one)
    assert type(caught.value) is error
    assert who not in str(caught.value)
    assert delivered(post.facts, mail.message_id(one.key, SENDER)) == []


@servers
def test_a_line_that_dies_after_the_letter_was_taken_leaves_it_open_and_a_look_finds_it(post):
    one = item(key="silent/news", options={"to": "silent@example.org"})
    with pytest.raises(Unanswered):
        post().send(one)
    name = mail.message_id(one.key, SENDER)
    assert len(delivered(post.facts, name)) == 1
    assert not post().repeats.looks
    assert post().look(one, since=AT) is Absence.UNSEEN
    # The test server has one mailbox for all that went through it; a real one has a folder of sent letters.
    looking = post(sent=f"imap://{post.facts['host']}:{post.facts['imap_port']}/INBOX")
    assert looking.repeats.looks
    assert looking.look(one, since=AT) == Sent(name)
    assert looking.look(item(key="never/news"), since=AT) is Absence.UNSEEN


@servers
def test_a_wrong_password_is_denied_and_said_without_it(post):
    with pytest.raises(Denied) as caught:
        post(password="hunter2-wrong").send(item(key="denied/news"))
    assert "hunter2" not in str(caught.value)
    assert delivered(post.facts, mail.message_id("denied/news", SENDER)) == []


def test_a_password_with_letters_beyond_ascii_is_sent_as_utf_8_and_a_wrong_one_denied():
    class Asking(Script):
        def say(self, stream, text) -> None:  # type: ignore[override]
            stream.write(
                b"250-here\r\n250 AUTH PLAIN LOGIN\r\n" if self.told[-1:] == ["EHLO"] else text.encode() + b"\r\n"
            )
            stream.flush()

    script = Asking(AUTH="235 welcome", DATA="354 go")
    dataclasses.replace(at(script), password="Größe-77", user="me").send(item())
    assert script.told[:3] == ["EHLO", "AUTH", "MAIL"]
    with pytest.raises(Denied):
        dataclasses.replace(at(Asking(AUTH="535 no")), password="Größe-77", user="me").send(item())


@servers
def test_a_certificate_nobody_vouches_for_ends_it_before_the_password(post):
    opened = dataclasses.replace(post(), client=Client(timeout_s=10))
    with pytest.raises(NotSent, match="certificate is not trusted"):
        opened.send(item(key="untrusted/news"))


@servers
def test_the_trials_log_in_and_send_nothing(post):
    before = len(mailbox.Maildir(post.facts["maildir"], create=False))
    found = list(post(sent=f"imap://{post.facts['host']}:{post.facts['imap_port']}/Nowhere").trials())
    assert [(trial.what, trial.ok) for trial in found] == [
        ("an encrypted line", True), ("log in", True), ("write under our sender", True), ("somebody gets it", True),
        ("see what was sent", False),
    ]  # fmt: skip
    assert len(mailbox.Maildir(post.facts["maildir"], create=False)) == before


def test_an_answer_hangs_below_the_letter_it_answers_and_no_address_of_a_page_does():
    answer = dataclasses.replace(item(), in_reply_to="<abc.1@example.org>")
    made = mail.letter(answer, SENDER, mail.people("a@example.org"))
    assert (made["In-Reply-To"], made["References"]) == ("<abc.1@example.org>", "<abc.1@example.org>")
    for other in ("https://example.org/1", "<a b@example.org>", "<a@example.org>\nBcc: x@example.org"):
        plain = mail.letter(dataclasses.replace(answer, in_reply_to=other), SENDER, mail.people("a@example.org"))
        assert plain["In-Reply-To"] is None
