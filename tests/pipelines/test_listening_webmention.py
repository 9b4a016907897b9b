"""Webmentions are claims: each is looked up at its source before it is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import hearing
from pipelines.connectors.webmention import CONNECTOR, Receiver, looked, pairs
from pipelines.fetching import Guard
from pipelines.hearing import Sources, hear
from pipelines.http import Client
from pipelines.services import Listens
from signalbook.book import Book
from signalbook.errors import SettingsError
from signalbook.settings import Channel, Settings
from signalbook.workspace import Workspace
from tests.pipelines.test_hearing import ok, serving

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TARGET = "https://harbour.example/doors"
LINKING = b"""<html><head><title>A week
 of rye</title><style>x</style></head><body><p>We liked <a href="https://harbour.example/doors/#top">the doors</a></p><script>bad()</script>"""


def test_a_claim_is_believed_only_when_the_source_links_to_a_page_of_ours():
    with serving() as server:
        server.answers |= {
            "/good": ok(LINKING), "/liar": ok(b"<a href=https://other.example/>x</a>" + TARGET.encode()),
            "/mark": ok(b"<!-- <a href='https://harbour.example/doors'> -->nothing"),
        }  # fmt: skip
        claims = [(f"{server.url}/{name}", TARGET) for name in ("good", "liar", "mark", "gone")]
        claims.append((f"{server.url}/good", "https://other.example/"))
        body = json.dumps({"links": [{"source": source, "target": target} for source, target in claims]}).encode()
        source = Receiver(
            "links",
            "https://r.example",
            "",
            ("harbour.example",),
            lambda _: body,
            Guard(private=frozenset({"127.0.0.1"})),
        )
        heard = hear(Sources({"links": source}), {}, NOW)
        (mention,) = heard.mentions
        assert (mention.title, mention.url, mention.reply_to) == ("A week of rye", f"{server.url}/good", TARGET)
        assert mention.text == "We liked the doors"
        assert heard.left_out["links"] == {
            "its target is not ours": 1, "its source does not link to us": 2, "its source cannot be reached": 1,
        }  # fmt: skip
        server.asked.clear()
        states = heard.states
        for _ in range(4):
            again = hear(Sources({"links": source}), states, NOW, again=True)
            assert again.mentions == ()
            states = again.states
        assert [path for path, _ in server.asked] == ["/gone", "/gone"]


def test_a_source_inside_our_network_is_never_asked():
    with serving() as server:
        server.answers["/good"] = ok(LINKING)
        body = json.dumps({"source": f"{server.url}/good", "target": TARGET}).encode()
        source = Receiver("links", "https://r.example", "", ("harbour.example",), lambda _: body, Guard())
        assert hear(Sources({"links": source}), {}, NOW).mentions == ()
        assert server.asked == []


def test_a_receivers_file_lies_in_the_workspace(tmp_path):
    assert isinstance(CONNECTOR, Listens)
    more = {"file": "data/private/webmentions.jsonl", "targets": ["harbour.example"]}
    settings_ = Settings(channels={"links": Channel("links", "webmention", more=more)})
    sources = hearing.opened(settings_, {}, Client(), book=Book(Workspace(tmp_path), settings_))
    (failure,) = hear(sources, {}, NOW).failures
    assert "data/private/webmentions.jsonl" in failure.message
    (tmp_path / "data" / "private").mkdir(parents=True)
    (tmp_path / "data" / "private" / "webmentions.jsonl").write_text("https://x.example/a https://other.example/\n")
    assert hear(sources, {}, NOW).left_out == {"links": {"its target is not ours": 1}}


@pytest.mark.parametrize(
    "text",
    [
        '[{"source": "https://a.example/", "target": "https://b.example/"}]',
        '{"type": "feed", "children": [{"wm-source": "https://a.example/", "wm-target": "https://b.example/"}]}',
        '{"source": "https://a.example/", "target": "https://b.example/"}\n{"source": "javascript:x", "target": "y"}\n',
        "https://a.example/ https://b.example/\n\n",
    ],
)
def test_every_receivers_way_of_writing_them_is_read(text):
    assert pairs(text.encode()) == [("https://a.example/", "https://b.example/")]


@pytest.mark.parametrize(
    "more",
    [{}, {"file": "/etc/passwd", "targets": ["h.example"]}, {"file": "../x", "targets": ["h.example"]}, {"file": "x"}],
)
def test_settings_that_lack_something_name_their_line(more):
    with pytest.raises(SettingsError, match=r"signalbook\.toml"):
        CONNECTOR.listener(Channel("links", "webmention", more=more), {}, Client())


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<a href=", b"<!", b"<![CDATA[", b"{", b'[{"source":', b"<title>"])
)
@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
def test_no_bytes_raise(data, before):
    pairs(before + data)
    looked(before + data, "https://a.example/", TARGET)


@pytest.mark.parametrize(
    "piece", [b"<!", b"<a ", b"<a href='", b"<!--", b"</", b"<a><", b"&#", b"<title>", b"<body", b"<script>"]
)
def test_no_page_takes_long(piece):
    import time

    start = time.process_time()
    looked(piece * (1_000_000 // len(piece)), "https://a.example/", TARGET)
    assert time.process_time() - start < 5
