"""The doctor tries every channel for real, apart from the others, and sends nothing unless that is asked for."""

from __future__ import annotations

import mailbox
import socket
import subprocess
import threading
import time
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from pipelines import doctor
from pipelines.doctor import Watched
from signalbook import store
from signalbook.records import Receipt
from tests import build as make

NOW = make.NOW
ME = {"id": 1, "slug": "writer", "capabilities": {"publish_posts": True, "upload_files": False}}


def channel(key, connector, url="", **more):
    rows = [f"[channels.{key}]", f'connector = "{connector}"', f'url = "{url}"']
    rows += [f"{name} = {value}" for name, value in more.items()]
    return "\n".join(rows) + "\n"


def place(tmp_path, *channels, documents=None):
    return make.workspace(
        tmp_path / "team", documents or {}, settings="[team]\nname = 'Harbour'\n" + "\n".join(channels)
    )


def visit(where, environment=None, *, client=None, send=False, now=NOW):
    with client or Watched(timeout_s=2) as opened:
        found = list(doctor.run(where, environment or {}, now, client=opened, send=send))
    return {(trial.name, trial.what): trial for trial in found}


WORDPRESS = {"secrets": '{user = "BLOG_USER", password = "BLOG_PASSWORD"}'}
MATRIX = {"secrets": '{token = "ROOM_TOKEN"}', "room": '"!r:localhost"'}
SECRETS = {"BLOG_USER": "writer", "BLOG_PASSWORD": "hunter2-hunter2", "ROOM_TOKEN": "hunter3-hunter3"}


def test_a_channel_is_logged_in_to_and_what_it_may_not_do_is_told_with_the_way_out(tmp_path, httpserver):
    httpserver.expect_request("/wp-json/wp/v2/users/me").respond_with_json(ME)
    found = visit(place(tmp_path, channel("blog", "wordpress", httpserver.url_for(""), **WORDPRESS)), SECRETS)
    assert found["channel blog", "log in"].detail == "as writer"
    assert found["channel blog", "may publish"].ok
    assert not found["channel blog", "may put files there"].ok
    assert "Author" in found["channel blog", "may put files there"].remedy
    assert [request.method for request, _ in httpserver.log] == ["GET"]


def test_one_broken_channel_never_hides_the_others_and_costs_no_more_than_its_time_out(tmp_path, threaded):
    httpserver = threaded
    stop = threading.Event()
    httpserver.expect_request("/slow/wp-json/wp/v2/users/me").respond_with_handler(lambda _: stop.wait(20))
    httpserver.expect_request("/down/wp-json/wp/v2/users/me").respond_with_data("<h1>oops</h1>", status=500)
    httpserver.expect_request("/bad/wp-json/wp/v2/users/me").respond_with_json({"message": "no such user"}, status=401)
    httpserver.expect_request("/good/wp-json/wp/v2/users/me").respond_with_json(ME)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = taken.getsockname()[1]
    rows = [
        channel(key, "wordpress", httpserver.url_for(f"/{key}"), **WORDPRESS) for key in ("slow", "down", "bad", "good")
    ]
    rows += [
        channel("dead", "wordpress", f"http://127.0.0.1:{dead}", **WORDPRESS),
        channel("wrong", "wordpress", "http://blog.harbour.test", **WORDPRESS),
        channel("later", "nothing-yet"), channel("shown", "wordpress", "https://blog.example", **WORDPRESS),
    ]  # fmt: skip
    begun = time.monotonic()
    found = visit(place(tmp_path, *rows), SECRETS)
    assert time.monotonic() - begun < 12
    stop.set()
    told = {
        name.removeprefix("channel "): trial
        for (name, _), trial in found.items()
        if name.startswith("channel") and not trial.ok
    }
    assert sorted(told) == ["bad", "dead", "down", "good", "later", "shown", "slow", "wrong"]
    assert told["good"].what == "may put files there"
    assert "did not answer in time" in told["slow"].detail
    assert "status 500" in told["down"].detail
    assert "new one at the service" in told["bad"].remedy
    assert "refused" in told["dead"].detail
    assert "over http" in told["wrong"].detail
    assert "Nothing is installed" in told["later"].detail
    assert "reserved for examples" in told["shown"].detail
    assert all(trial.remedy for trial in told.values())


def test_a_clock_that_is_wrong_is_told(tmp_path, httpserver):
    headers = {"Date": "Tue, 01 Sep 2020 09:00:00 GMT"}
    httpserver.expect_request("/wp-json/wp/v2/users/me").respond_with_json(ME, headers=headers)
    found = visit(place(tmp_path, channel("blog", "wordpress", httpserver.url_for(""), **WORDPRESS)), SECRETS)
    assert not found["channel blog", "this machine's clock"].ok
    assert "NTP" in found["channel blog", "this machine's clock"].remedy


@pytest.fixture
def threaded():
    with HTTPServer(threaded=True) as opened:
        yield opened


@pytest.mark.parametrize(("days", "ok"), [(-1, False), (3, False), (60, True)])
def test_a_secret_that_ends_is_told_of_before_it_does(tmp_path, days, ok):
    ends = (NOW + timedelta(days=days)).date().isoformat()
    found = visit(
        place(tmp_path, channel("blog", "wordpress", "https://b.example", secret_ends=ends, **WORDPRESS)), SECRETS
    )
    assert found["channel blog", "how long the secret lasts"].ok is ok


def test_the_last_success_comes_from_the_receipts(tmp_path):
    where = place(tmp_path, channel("blog", "feed", "https://harbour.test/blog/"), channel("other", "console"))
    for days, key in ((9, "old/blog"), (3, "new/blog")):
        store.append(where, [Receipt(key, key[:3], "blog", 1, NOW - timedelta(days=days), "1", "", "c")])
    found = visit(where)
    assert found["channel blog", "last success"].detail == "new/blog, 3 days ago"
    assert found["channel other", "last success"].detail == "nothing has gone out here yet"


def test_a_missing_secret_is_said_once_and_nothing_is_asked(tmp_path, httpserver):
    found = visit(
        place(tmp_path, channel("blog", "wordpress", httpserver.url_for(""), **WORDPRESS)), {"BLOG_USER": "writer"}
    )
    assert [what for (name, what), trial in found.items() if name == "channel blog" and not trial.ok] == [
        "the password"
    ]
    assert httpserver.log == []


def test_a_store_that_cannot_be_written_is_told(tmp_path):
    where = place(tmp_path)
    where.data.mkdir(exist_ok=True)
    assert visit(where)["store", "write to data/"].ok
    where.data.rmdir()
    where.data.write_text("")
    assert visit(where)["store", "write to data/"].ok, "it would be made below the workspace"


def test_without_a_history_it_says_how_to_begin_one(tmp_path):
    where = place(tmp_path)
    assert "git init" in visit(where)["history", "read git"].remedy
    subprocess.run(["git", "init", "--quiet"], cwd=where.root, check=True)
    begun = visit(where)["history", "read git"]
    assert not begun.ok
    assert begun.remedy.startswith("Commit what is there: git add")


def test_without_send_nothing_changes_anything_and_with_it_only_test_channels_get_one_message(tmp_path, httpserver):
    room = "/_matrix/client/v3/rooms/!r:localhost"
    for path, told in (
        ("/_matrix/client/v3/account/whoami", {"user_id": "@bot:localhost"}),
        ("/_matrix/client/v3/joined_rooms", {"joined_rooms": ["!r:localhost"]}),
        (f"{room}/state/m.room.power_levels/", {}), (f"{room}/state/m.room.create/", {}), (f"{room}/messages", {"chunk": []}),
        ("/_matrix/media/v3/config", {"m.upload.size": 5}),
    ):  # fmt: skip
        httpserver.expect_request(path, method="GET").respond_with_json(told)
    httpserver.expect_request(f"{room}/state/m.room.encryption/").respond_with_json({}, status=404)
    changed = []

    def change(request):
        from werkzeug import Response

        changed.append((request.path, request.get_json()))
        return Response('{"event_id": "$1"}', content_type="application/json")

    import re

    httpserver.expect_request(re.compile(".*/(send|redact)/.*"), method="PUT").respond_with_handler(change)
    url = httpserver.url_for("")
    where = place(
        tmp_path, channel("trial", "matrix", url, status='"test"', **MATRIX), channel("live", "matrix", url, **MATRIX)
    )
    assert all(trial.ok for (name, _), trial in visit(where, SECRETS).items() if name.startswith("channel"))
    assert changed == []
    found = visit(where, SECRETS, send=True)
    assert found["channel trial", "send a test message"].ok
    assert found["channel trial", "take it down again"].ok
    assert ("channel live", "send a test message") not in found
    assert ["send" in path for path, _ in changed] == [True, False]
    assert changed[0][1]["body"].startswith("A test of this channel")


def test_under_an_open_hold_no_test_message_goes_out(tmp_path, httpserver):
    hold = {"title": "Stop", "reason": "Accident near the shop, nothing at all", "from": NOW - timedelta(hours=1),
            "expires": NOW + timedelta(hours=5), "opened_by": "writer", "owner": "writer"}  # fmt: skip
    documents = {"policies/holds/stop": hold, "people/writer": {"title": "Writer"}}
    httpserver.expect_request("/_matrix/client/v3/account/whoami").respond_with_json({"user_id": "@bot:localhost"})
    httpserver.expect_request("/_matrix/client/v3/joined_rooms").respond_with_json({"joined_rooms": []})
    httpserver.expect_request("/_matrix/media/v3/config").respond_with_json({})
    where = place(
        tmp_path, channel("trial", "matrix", httpserver.url_for(""), status='"test"', **MATRIX), documents=documents
    )
    trial = visit(where, SECRETS, send=True)["channel trial", "send a test message"]
    assert not trial.ok
    assert "a hold is open" in trial.detail
    assert all(request.method == "GET" for request, _ in httpserver.log)


def test_no_secret_is_in_anything_the_doctor_says(tmp_path, httpserver):
    def echo(request):
        from werkzeug import Response

        said = f'{{"message": "bad header {request.headers["Authorization"]} hunter2-hunter2 hunter3-hunter3"}}'
        return Response(said, status=401, content_type="application/json")

    httpserver.expect_request("/wp-json/wp/v2/users/me").respond_with_handler(echo)
    httpserver.expect_request("/_matrix/client/v3/account/whoami").respond_with_handler(echo)
    url = httpserver.url_for("")
    found = visit(
        place(tmp_path, channel("blog", "wordpress", url, **WORDPRESS), channel("room", "matrix", url, **MATRIX)),
        SECRETS,
    )
    said = repr(found)
    assert "bad header" in said, "the service's words are there"
    for secret in ("hunter2", "hunter3", "d3JpdGVyOmh1bnRlcjItaHVudGVyMg"):
        assert secret not in said


def _git(where, *words):
    subprocess.run(
        ["git", "-C", str(where), "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
        check=True,
        capture_output=True,
    )


def test_the_data_branch_is_reached_and_the_right_to_write_there_is_tried_without_writing(tmp_path):
    hub = tmp_path / "hub.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(hub)], check=True)
    where = make.workspace(
        tmp_path / "team", {}, settings='[team]\nname = "Harbour"\n[data]\nbranch = "signalbook-data"\n'
    )
    _git(where.root, "init", "-q", "-b", "main")
    _git(where.root, "remote", "add", "origin", str(hub))
    _git(where.root, "add", "-A")
    _git(where.root, "commit", "-qm", "first")
    found = visit(where)
    reach = "reach signalbook-data at origin"
    assert found["data branch", reach].detail == "not there yet: the first record makes it"
    assert found["data branch", "write to signalbook-data"].ok
    assert subprocess.run(["git", "-C", str(hub), "branch"], capture_output=True, text=True, check=True).stdout == ""
    hub.rename(tmp_path / "gone.git")
    assert not visit(where)["data branch", reach].ok


@pytest.mark.servers("email", "matrix")
def test_on_real_servers_a_test_message_goes_to_ourselves_or_is_taken_down_again(tmp_path, server):
    mail, matrix = server("email"), server("matrix")
    where = place(
        tmp_path,
        channel("letters", "mail", f"smtp://{mail['host']}:{mail['smtp_port']}", status='"test"', account='"bot@example.com"',
                to='"everybody@example.org"', secrets='{user = "MAIL_USER", password = "MAIL_PASSWORD"}'),
        channel("room", "matrix", matrix["url"], status='"test"', secrets='{token = "ROOM_TOKEN"}', room=f'"{matrix["room"]}"'),
    )  # fmt: skip
    secrets = {"MAIL_USER": mail["user"], "MAIL_PASSWORD": mail["password"], "ROOM_TOKEN": matrix["token"]}
    before = len(mailbox.Maildir(mail["maildir"], create=False))
    assert all(
        trial.ok
        for (name, _), trial in visit(where, secrets, client=Watched(verify=mail["ca"])).items()
        if name.startswith("channel")
    )
    assert len(mailbox.Maildir(mail["maildir"], create=False)) == before
    found = visit(where, secrets, client=Watched(verify=mail["ca"]), send=True)
    assert all(trial.ok for (name, _), trial in found.items() if name.startswith("channel"))
    new = [
        letter
        for letter in mailbox.Maildir(mail["maildir"], create=False)
        if "A test of this channel" in letter["Subject"]
    ]
    assert [letter["X-Envelope-To"] for letter in new] == ["bot@example.com"]
    assert ("channel letters", "take it down again") not in found
    assert ("channel room", "take it down again") in found
