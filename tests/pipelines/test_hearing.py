"""Sources, heard over real connections on loopback: what is new comes once, and one bad server never stops the others."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from pipelines import doctor, fetching, hearing
from pipelines.connectors.feed import CONNECTOR
from pipelines.feeds_beside import Beside, Question, answer
from pipelines.fetching import Guard, Page, Trouble
from pipelines.hearing import Sources, cleaned, hear
from pipelines.http import Client
from pipelines.services import Listen, Told
from signalbook.errors import NotSent
from signalbook.records import Mention
from signalbook.settings import Channel, Settings
from signalbook.sources import Source, is_heard
from signalbook.workspace import Workspace

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ITEM = """<item><title>{title}</title><link>https://harbour.example/{n}</link><guid>https://harbour.example/{n}</guid>
<pubDate>Fri, 27 Nov 2026 0{n}:00:00 GMT</pubDate><description>&lt;p&gt;Come in&lt;/p&gt;</description></item>"""


def rss(*titles: str) -> bytes:
    items = "".join(ITEM.format(title=title, n=n) for n, title in enumerate(titles))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


@dataclass
class Server:
    """Answers with bytes as they are written here, path → the whole answer or a coroutine that writes one."""

    answers: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader, writer):
        self.writers.append(writer)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            self.asked.append((path, headers))
            answer = self.answers.get(path, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
            if callable(answer) and not asyncio.iscoroutinefunction(answer):
                answer = answer(headers)
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        self.busy -= 1
        writer.close()


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def leads(status: int, where: str) -> bytes:
    return f"HTTP/1.1 {status} Go\r\nLocation: {where}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    opened = []

    async def run() -> None:
        opened.append(await asyncio.start_server(server.handle, "127.0.0.1", 0))
        server.port = opened[0].sockets[0].getsockname()[1]
        ready.set()

    def live() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.run_forever()
        opened[0].close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
        for writer in server.writers:  # an answer that was cut off here leaves its connection open
            writer.transport.abort()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    thread = threading.Thread(target=live)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def feed(key: str, url: str, **more: object):
    return CONNECTOR.listener(Channel(key, "feed", url=url, more=more), {}, Client())


def sources(guard: Guard | None = None, **feeds: str) -> Sources:
    return Sources({key: feed(key, url) for key, url in feeds.items()}, guard=guard or Guard(seconds=1))


def test_a_feed_is_heard_and_a_second_time_says_nothing_new(server):
    server.answers["/a"] = ok(rss("One", "Two &lt;b&gt;loud&lt;/b&gt;"))
    found = sources(a=f"{server.url}/a")
    heard = hear(found, {}, NOW)
    first, second = heard.mentions
    assert (first.source, first.channel, first.title, first.text) == ("feed", "a", "One", "Come in")
    assert (first.url, first.id) == ("https://harbour.example/0", "https://harbour.example/0")
    assert (first.published_at, first.heard_at) == (datetime(2026, 11, 27, tzinfo=UTC), NOW)
    assert second.title == "Two loud"
    state = heard.states["a"]
    assert (state.answered_at, state.heard_at, state.read, state.failures) == (NOW, NOW, 2, 0)
    assert state.times == (datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 27, 1, tzinfo=UTC))

    soon = hear(found, heard.states, NOW + timedelta(minutes=5))
    assert (soon.asked, soon.waiting) == ((), {"a": NOW + timedelta(minutes=15)})
    again = hear(found, heard.states, NOW + timedelta(hours=1))
    assert (again.mentions, again.asked) == ((), ("a",))
    assert again.states["a"].heard_at == NOW
    server.answers["/a"] = ok(rss("One", "Two &lt;b&gt;loud&lt;/b&gt;", "Three"))
    later = hear(found, again.states, NOW + timedelta(hours=2))
    assert [mention.title for mention in later.mentions] == ["Three"]


def test_validators_go_back_as_they_came_and_nothing_new_is_believed(server):
    server.answers["/a"] = lambda headers: (
        b"HTTP/1.1 304 Same\r\nConnection: close\r\n\r\n"
        if headers.get("if-none-match") == 'w/"x"' and headers.get("if-modified-since")
        else ok(rss("One"), 'ETag: W/"x"', "Last-Modified: Fri, 27 Nov 2026 08:00:00 GMT")
    )
    found = sources(a=f"{server.url}/a")
    once = hear(found, {}, NOW)
    assert once.states["a"].etag == 'W/"x"'
    twice = hear(found, once.states, NOW, again=True)
    assert twice.mentions == ()
    assert twice.states["a"].read == 1
    assert twice.states["a"].etag == 'W/"x"'


def test_a_feed_that_moved_for_good_is_asked_there_the_next_time(server):
    server.answers |= {"/a": leads(301, "/b"), "/b": ok(rss("One")), "/c": leads(302, "/b")}
    found = sources(a=f"{server.url}/a", c=f"{server.url}/c")
    states = hear(found, {}, NOW).states
    assert (states["a"].moved_to, states["c"].moved_to) == (f"{server.url}/b", "")
    server.asked.clear()
    assert hear(found, states, NOW, again=True).failures == ()
    assert [path for path, _ in server.asked].count("/a") == 0


async def drip(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        writer.write(b"X")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    while True:
        writer.write(b"<rss>" * 20_000)
        await writer.drain()


async def headers(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"".join(b"X-%d: y\r\n" % n for n in range(1_000)))
        await writer.drain()


async def short(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + rss("One"))
    await writer.drain()


HOSTILE = {
    "/slow": (drip, "did not answer in 1 s"),
    "/endless": (endless, "longer than 1 MiB"),
    "/headers": (headers, "broke off or is not HTTP"),
    "/short": (short, "broke off"),
    "/bomb": (ok(gzip.compress(b"<" * 30_000_000), "Content-Encoding: gzip"), "longer than 1 MiB"),
    "/cut": (ok(gzip.compress(rss("One"))[:-9], "Content-Encoding: gzip"), "breaks off"),
    "/strange": (ok(b"x", "Content-Encoding: br"), "nobody asked for"),
    "/loop": (leads(302, "/loop"), "more than 5 times"),
    "/private": (leads(302, "http://169.254.169.254/latest/meta-data"), "private network (169.254.169.254)"),
    "/other-port": (leads(307, "http://127.0.0.1:1/"), "private network (127.0.0.1)"),
    "/mapped": (leads(302, "http://[::ffff:10.0.0.1]/"), "private network"),
    "/numbers": (leads(302, "http://2130706433/"), "none that can be asked"),
    "/file": (leads(302, "file:///etc/passwd"), "not http or https"),
    "/named": (leads(302, "http://root:secret@harbour.example/"), "stands in its address"),
    "/gone": (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", "gone for good"),
    "/down": (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "status 503"),
    "/mail": (b"220 mail.example ESMTP\r\n", "not HTTP"),
    "/page": (ok(b"<html><head><link rel=alternate type=application/rss+xml href=/real></head></html>"), "/real"),
    "/empty": (ok(b""), "empty"),
    "/deep": (ok(b"<rss>" + b"<a>" * 100_000), "nest"),
    "/laughs": (
        ok(b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'),
        "entities",
    ),
}


def test_no_server_holds_up_the_others_and_each_trouble_is_told(server):
    server.answers |= {path: answer for path, (answer, _) in HOSTILE.items()} | {"/good": ok(rss("One"))}
    found = sources(
        Guard(seconds=1, most_bytes=2**20), good=f"{server.url}/good", **{p[1:]: f"{server.url}{p}" for p in HOSTILE}
    )
    start = time.monotonic()
    heard = hear(found, {}, NOW, jitter=lambda: 0.5)
    assert time.monotonic() - start < 15
    assert [mention.title for mention in heard.mentions] == ["One"]
    told = {f"/{failure.source}": failure.message for failure in heard.failures}
    assert {path: words for path, (_, words) in HOSTILE.items() if words not in told.get(path, "")} == {}
    assert "secret" not in repr(heard)
    for failure in heard.failures:
        assert failure.again_at is not None
        assert failure.again_at >= NOW + timedelta(minutes=15)


def test_who_fails_again_is_asked_later_each_time_and_never_before_it_said(server):
    found = sources(a=f"{server.url}/a")
    states: dict[str, Source] = {}
    waits = []
    for _ in range(12):
        states = dict(hear(found, states, NOW, again=True, jitter=lambda: 0).states)
        waits.append(states["a"].due_at - NOW)
    assert waits[:3] == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert waits[-1] == timedelta(days=1)
    server.answers["/a"] = b"HTTP/1.1 429 No\r\nRetry-After: 90000\r\nContent-Length: 0\r\n\r\n"
    found_again = hear(found, {}, NOW, jitter=lambda: 0).states["a"]
    assert found_again.due_at == NOW + timedelta(seconds=86_400)
    server.answers["/a"] = ok(rss("One"))
    well = hear(found, states, NOW, again=True).states["a"]
    assert (well.failures, well.error, well.working) == (0, "", True)


def test_a_private_address_is_refused_unless_the_settings_name_it(server):
    server.answers["/a"] = ok(rss("One"))
    strict = Guard(seconds=1)
    url = f"{server.url}/a"
    assert "private network" in fetching.fetch_one(url, strict).message
    assert isinstance(fetching.fetch_one(url, Guard(seconds=1, private=frozenset({"127.0.0.1"}))), Page)
    assert isinstance(fetching.fetch_one(url, strict, own=True), Page)
    assert isinstance(fetching.fetch_one(url.replace("127.0.0.1", "localhost"), strict, own=True), Page)
    for host in ("localhost", "feeds.localhost", "10.1.2.3", "[::1]", "[fe80::1]", "[64:ff9b::a00:1]", "printer.local"):
        assert isinstance(fetching.fetch_one(f"http://{host}:{server.port}/a", strict), Trouble), host
    assert len(server.asked) == 3


def test_a_name_that_leads_into_a_private_network_is_refused(server, monkeypatch):
    import socket

    inner = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: inner("127.0.0.1", *more, **named))
    url = f"http://feeds.harbour.example:{server.port}/a"
    server.answers["/a"] = ok(rss("One"))
    found = fetching.fetch_one(url, Guard(seconds=2))
    assert isinstance(found, Trouble)
    assert "feeds.harbour.example" in found.message
    assert server.asked == []
    assert isinstance(fetching.fetch_one(url, Guard(seconds=2, private=frozenset({"feeds.harbour.example"}))), Page)


def test_a_host_is_asked_by_few_at_a_time_unless_it_is_our_own(server):
    async def wait(writer):
        await asyncio.sleep(0.02)
        writer.write(ok(rss("One")))

    server.answers |= {f"/{n}": wait for n in range(24)}
    many = {f"s{n}": f"{server.url}/{n}" for n in range(24)}
    assert len(hear(sources(Guard(seconds=5), **many), {}, NOW).mentions) == 24
    assert server.busiest > 8


def test_a_slow_host_takes_its_few_turns_and_never_those_of_the_others(server, monkeypatch):
    async def wait(writer):
        await asyncio.sleep(0.02)
        writer.write(ok(b"x"))

    # Names that lead to the one server; the guard knows neither, so each host gets its two turns.
    monkeypatch.setattr(fetching, "is_private", lambda _: False)
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda host, port, *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))],
    )
    server.answers |= {f"/{n}": wait for n in range(14)}
    wanted = [
        fetching.Wanted(f"{host}{n}", f"http://{host}.harbour.example:{server.port}/{n}")
        for host in ("one", "two")
        for n in range(14 if host == "one" else 2)
    ]
    came: list[str] = []
    fetching.fetch(wanted, Guard(seconds=10, connections=8, per_host=2), lambda key, _: came.append(key))
    assert sorted(came) == sorted(page.key for page in wanted)
    assert server.busiest == 4
    assert {"two0", "two1"} <= set(came[:6])


def test_a_connector_that_breaks_off_is_a_failure_without_a_word_of_what_came():
    class Broken:
        every = timedelta(hours=1)

        def listen(self, ask):
            raise ValueError("the secret words of somebody")

    class Slow:
        every = timedelta(hours=1)

        def listen(self, ask):
            raise NotSent("slow", "later", retry_after_s=7_200)

    class Fine:
        every = timedelta(hours=1)

        def listen(self, ask):
            return Told(cursor={"since": "3"}, notes=("all is well",))

    heard = hear(Sources({"broken": Broken(), "slow": Slow(), "fine": Fine()}), {}, NOW, jitter=lambda: 0)
    assert [failure.source for failure in heard.failures] == ["broken", "slow"]
    assert "secret" not in repr(heard)
    assert heard.states["slow"].due_at == NOW + timedelta(hours=2)
    assert heard.states["fine"].cursor == {"since": "3"}
    assert heard.notes == ("fine: all is well",)


def test_a_clock_that_was_wrong_once_does_not_silence_a_source():
    found = sources(a="http://127.0.0.1:1/")
    ready, waiting = hearing.due(found, {"a": Source(due_at=NOW + timedelta(days=900))}, NOW)
    assert (ready, waiting) == (["a"], {})


@pytest.mark.parametrize(
    ("table", "words"),
    [({"private_hosts": "x"}, "private_hosts"), ({"seconds": 0}, "seconds"), ({"connections": True}, "connections")],
)
def test_settings_that_say_nothing_sensible_close_the_sources(table, words):
    found = hearing.opened(
        Settings(channels={"a": Channel("a", "feed", url="http://127.0.0.1:1/a")}, more={"listen": table}), {}, Client()
    )
    assert words in found.closed["a"]
    assert found.listeners == {}


@pytest.mark.parametrize(
    ("more", "heard"),
    [
        ({"url": "https://paper.org/feed"}, True), ({}, False), ({"url": "https://h.example/feed"}, False),
        ({"url": "https://ours.org/blog/"}, False), ({"url": "https://paper.org/feed", "voice": "A letter"}, False),
        ({"url": "https://paper.org/feed", "voice": "A letter", "more": {"listen": True}}, True),
        ({"url": "https://paper.org/feed", "more": {"listen": False}}, False),
    ],
)  # fmt: skip
def test_a_feed_of_our_own_is_not_heard(more, heard):
    channel = Channel("blog", "feed", **more)
    settings = Settings(channels={"blog": channel}, own_domains=("ours.org",))
    assert bool(hearing.opened(settings, {}, Client()).listeners) == heard
    assert not is_heard(Channel("blog", "feed", url="https://paper.org/feed"), settings, {"blog"})


def test_the_doctor_tries_a_source_for_real(server, tmp_path):
    server.answers["/a"] = ok(rss("One", "Two"))
    (tmp_path / "content").mkdir()
    channels = "".join(f'[channels.{key}]\nconnector = "feed"\nurl = "{server.url}/{key}"\n' for key in ("a", "gone"))
    (tmp_path / "signalbook.toml").write_text(channels + '[channels.inbox]\nconnector = "files"\n', encoding="utf-8")
    with doctor.Watched() as client:
        trials = {trial.name: trial for trial in doctor.run(Workspace(tmp_path), {}, NOW, client=client)}
    assert (trials["channel a"].ok, trials["channel a"].detail) == (True, "2 found there")
    assert "status 404" in trials["channel gone"].detail
    assert "Make it" in trials["channel inbox"].detail


CORPUS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "{{ 7 * 7 }}", "{: onclick=x }",
    '"><svg/onload=alert(1)>', "javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>x</script>",
    'https://h.example/"onmouseover=alert(1)', "\x00\x1b[2J", "\u202egnp.exe", "=cmd|' /C calc'!A0", '--8<-- "/etc/passwd"',
    "]]><x/>", "\ud800", "x" * 100_000,
)  # fmt: skip


@pytest.mark.parametrize("evil", CORPUS)
def test_whatever_stands_in_a_field_is_capped_words_or_a_plain_address(evil):
    hostile = Mention(
        "k", "s", evil, evil, evil, evil, evil, evil, None, NOW, evil, evil, (evil, "https://h.example/"), "c"
    )
    clean = cleaned(hostile)
    for address in (clean.url, *clean.links):
        assert address == "" or re.fullmatch(r"https?://[^\s<>\"']+", address)
    words = (clean.id, clean.author, clean.title, clean.text, clean.lang, clean.reply_to, clean.boosts)
    assert all(sign.isprintable() or sign == "\n" for text in words for sign in text)
    assert max(map(len, words)) <= hearing.MOST_TEXT
    assert "\u202e" not in "".join(words)


def test_a_source_with_nothing_new_is_remembered_as_any_other_answer_would_be():
    """The short way for the many that have nothing new leaves what the long way leaves."""
    page = fetching.Page("https://a.example/feed", b"", "https://b.example/feed", "e2", "m2", "c2", unchanged=True)
    state = Source(
        etag="e1", modified="m1", content="c1", seen=("a", "b"), times=(NOW - timedelta(days=2), NOW - timedelta(days=1)),
        since=NOW - timedelta(days=9), heard_at=NOW - timedelta(days=1), failures=3, error="it was away", read=7, left_out={"x": 1},
    )  # fmt: skip
    long = hearing.answered(state, Told(unchanged=True), [], {}, NOW, timedelta(minutes=30))
    long = replace(long, etag="e2", modified="m2", content="c2", moved_to="https://b.example/feed")
    assert hearing.still(state, page, NOW, timedelta(minutes=30)) == long
    assert hearing.still(Source(), None, NOW, timedelta(minutes=30)) == hearing.answered(
        Source(), Told(unchanged=True), [], {}, NOW, timedelta(minutes=30)
    )


def test_a_second_process_hears_what_the_first_would_and_its_end_loses_nothing():
    def question(body: bytes, key: str = "a") -> Question:
        return Question(
            key, feed(key, "https://feeds.harbour.dev/a"), Listen(Source(), NOW), body, "https://feeds.harbour.dev/a"
        )

    plain, odd = question(rss("One", "Two")), question(b"<rss><channel><item><title>Three")
    empty = question(rss(), "b")

    async def asked() -> None:
        beside = Beside(free=True)
        try:
            for questions in ([plain, odd], [empty]):
                assert await beside.ask(questions) == [answer(one) for one in questions]
            told = (await beside.ask([plain]))[0]
            assert isinstance(told, Told)
            assert [mention.title for mention in told.mentions] == ["One", "Two"]
            assert beside.free
            assert beside._worker is not None
            beside._worker.kill()
            assert await beside.ask([plain, odd]) == [told, None]
            assert not beside.free
        finally:
            beside.close()

    asyncio.run(asked())


def test_many_feeds_are_heard_by_two_processes_as_by_one(server, monkeypatch):
    for n in range(40):
        server.answers[f"/{n}"] = ok(rss("One", "Two") if n % 5 else b"<rss><channel><item><title>Odd</title></item>")
    found = sources(Guard(seconds=5, per_host=40), **{str(n): f"{server.url}/{n}" for n in range(40)})
    alone = hear(found, {}, NOW)
    monkeypatch.setattr(hearing, "MANY", 3)
    monkeypatch.setattr(hearing, "A_FEW", 3)
    together = hear(found, {}, NOW)
    assert len(alone.mentions) == 72
    assert (together.mentions, together.states, together.failures) == (alone.mentions, alone.states, alone.failures)
