"""The server: only for this machine, shows an edit, survives what cannot be built."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from signalbook.errors import SignalbookError
from site_plugins.serve import HEADERS, Server
from tests.site_plugins.small import MKDOCS, post, room, workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    one = Server(workspace(tmp_path / "team"), port=0, rooms=[room])
    one.start()
    yield one
    one.stop()


def get(server: Server, address: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    asked = urllib.request.Request(server.address + address, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def test_every_answer_carries_the_policy(server: Server) -> None:
    for address in ("", "calendar/posts/post-0.html", "assets/signalbook.css", "nowhere/at-all", "_live"):
        _, _, headers = get(server, address)
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, address


def test_an_edit_is_told_and_shown(server: Server) -> None:
    before = server.state.build
    post(server.workspace.root, 0, body="Changed while serving.")
    _, told, _ = get(server, f"_live?after={before}")
    assert json.loads(told)["build"] > before
    assert "Changed while serving." in get(server, "calendar/posts/post-0.html")[1]


def test_pages_ask_for_the_next_build_only_while_serving(server: Server) -> None:
    assert "assets/live.js" in get(server, "index.html")[1]
    assert get(server, "assets/live.js")[0] == 200


def test_trouble_is_told_and_the_last_good_site_stays(server: Server) -> None:
    server.workspace.builder.write_text("site_name: [")
    server.rebuild()
    told = json.loads(get(server, "_live")[1])
    assert "not YAML" in " ".join(told["trouble"])
    assert get(server, "calendar/posts/post-0.html")[0] == 200
    server.workspace.builder.write_text(MKDOCS)
    server.rebuild()
    assert json.loads(get(server, "_live")[1])["trouble"] == []


def test_an_address_without_a_page_shows_ours(server: Server) -> None:
    code, text, _ = get(server, "nowhere/at-all")
    assert code == 404
    assert "There is no page here" in text
    assert 'href="/assets/signalbook.css' in text


def test_a_folder_is_not_listed(server: Server) -> None:
    assert get(server, "assets/")[0] == 404


def test_a_foreign_name_that_leads_here_is_refused(server: Server) -> None:
    assert get(server, "index.html", Host="evil.example")[0] == 403
    assert get(server, "index.html", Host=f"localhost:{server.address.rsplit(':', 1)[1].strip('/')}")[0] == 200


def test_nothing_outside_the_site_is_served(server: Server) -> None:
    for address in ("../team/signalbook.toml", "..%2f..%2fsignalbook.toml", "%2e%2e/%2e%2e/signalbook.toml"):
        assert get(server, address)[0] == 404


def test_it_listens_on_the_loopback_only(server: Server) -> None:
    assert server._http.server_address[0] == "127.0.0.1"


def test_a_taken_port_is_said(server: Server) -> None:
    port = int(server.address.rsplit(":", 1)[1].strip("/"))
    with pytest.raises(SignalbookError, match="--port"):
        Server(server.workspace, port=port)


def test_before_the_first_build_the_page_says_why(tmp_path: Path) -> None:
    one = Server(workspace(tmp_path / "team", mkdocs="site_name: x\nplugins: [search]\n"), port=0, rooms=[room])
    one.rebuild()
    assert "does not name the plugin" in one.state.trouble[0]
    one._http.server_close()
