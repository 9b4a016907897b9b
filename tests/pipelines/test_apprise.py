"""Chat through Apprise, to a receiver on this machine: sent once, told apart where that can be, unknown where not."""

from __future__ import annotations

import base64
import re
import socket
from datetime import UTC, datetime

import pytest

from pipelines.connectors import apprise
from pipelines.http import Client
from pipelines.services import Absence, Attached, Item
from signalbook.errors import Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def item(**given) -> Item:
    return Item(
        **{
            "key": "opening/office",
            "post": "opening",
            "text": "Doors open.\n*Really* https://x.example/?a=1&b=2",
            "created_at": AT,
            **given,
        }
    )


def room(address, client=None):
    channel = Channel("office", "apprise", secrets={"url": "OFFICE_ROOM"})
    return apprise.CONNECTOR.publisher(channel, {"url": address}, client or Client())


def at(httpserver, path="/hook-secret"):
    return f"json://{httpserver.host}:{httpserver.port}{path}"


def test_the_room_gets_the_text_exactly_and_the_files_with_what_they_tell(httpserver):
    httpserver.expect_oneshot_request("/hook-secret", method="POST").respond_with_json({})
    sent = room(at(httpserver)).send(item(media=(Attached("door.png", b"\x89PNG", "image/png", "The door at seven"),)))
    ((request, _),) = httpserver.log
    said = request.get_json()
    assert said["message"] == "Doors open.\n*Really* https://x.example/?a=1&b=2\n\n[The door at seven]"
    assert said["title"] == ""
    (file,) = said["attachments"]
    assert (file["filename"], file["mimetype"], base64.b64decode(file["base64"])) == (
        "door.png",
        "image/png",
        b"\x89PNG",
    )
    assert (sent.id, sent.url) == ("opening/office", "")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, Denied),
        (404, Denied),
        (429, NotSent),
        (413, Refused),
        (500, Unanswered),
        (502, Unanswered),
        (408, Unanswered),
    ],
)
def test_what_a_failure_means(httpserver, status, error):
    httpserver.expect_oneshot_request("/hook-secret").respond_with_data("token hook-secret", status=status)
    with pytest.raises((NotSent, Refused, Unanswered)) as caught:
        room(at(httpserver)).send(item())
    assert type(caught.value) is error
    assert "hook-secret" not in str(caught.value)
    assert len(httpserver.log) == 1, "it is never repeated"


def test_no_connection_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent):
        room(f"json://127.0.0.1:{port}/x").send(item())


def test_a_line_that_dies_after_the_message_leaves_it_open():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        import threading

        def hang_up() -> None:
            line, _ = listener.accept()
            line.recv(65536)
            line.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        opened = room(f"json://127.0.0.1:{listener.getsockname()[1]}/x")
        with pytest.raises(Unanswered):
            opened.send(item())
        thread.join()
    assert opened.look(item(), since=AT) is Absence.UNSEEN
    assert not opened.repeats.looks


def test_of_several_rooms_nobody_can_say_which_has_it():
    assert isinstance(apprise.meaning("office", "\tWARNING\tFailed, error=401.", 1), Denied)
    assert isinstance(apprise.meaning("office", "\tWARNING\tFailed, error=401.", 2), Unanswered)
    assert isinstance(apprise.meaning("office", "\tINFO\tSent.\n\tWARNING\tFailed, error=401.", 1), Unanswered)


def test_a_run_whose_time_is_over_sends_nothing(httpserver):
    client = Client()
    with client.closing(lambda: True), pytest.raises(NotSent):
        room(at(httpserver), client).send(item())
    assert httpserver.log == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nonsense://hunter2", "holds no address that Apprise knows"),
        ("json://a.example/hunter2 json://b.example", "several addresses"),
        ("json://a.example/hunter2?retry=3", "could come twice"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_it(address, words):
    with pytest.raises(SettingsError, match=re.escape(words)) as caught:
        room(address)
    assert "hunter2" not in str(caught.value)
    assert "OFFICE_ROOM" in str(caught.value)


def test_a_service_that_takes_no_files_is_not_sent_half_of_a_post():
    opened = room("growl://127.0.0.1:9") if _known("growl://127.0.0.1:9") else room("syslog://")
    assert not opened.room.attachment_support
    with pytest.raises(Refused, match="takes no files"):
        opened.send(item(media=(Attached("a.png", b"x", "image/png", "a"),)))


def _known(address):
    import apprise as library

    return library.Apprise.instantiate(address, suppress_exceptions=True) is not None


def test_the_trials_send_nothing_and_say_what_only_sending_can_show(httpserver):
    found = list(room(at(httpserver)).trials())
    assert [(trial.what, trial.ok) for trial in found] == [("the room's address", True)]
    assert "hook-secret" not in repr(found)
    assert "hook-secret" not in repr(room(at(httpserver)))
    assert httpserver.log == []
