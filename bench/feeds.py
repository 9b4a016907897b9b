"""``make bench-feeds``: a thousand feeds on loopback, each answer 50 ms away, over 64 connections.

Ours is measured in turn with httpx that hands its bodies to feedparser in a pool of processes, and against the floor: the
time that the latency alone costs, whatever the client. Only ratios of one run count. Ours is the whole of listening: fetching,
reading, making mentions, finding what is new, and the states that are kept; the other reads feeds and throws them away.

=======================  ====================================================================
first fetch              nothing is known; at most 0.15 of httpx with feedparser in a pool
a later poll             one feed in twenty has news; at most 1.3 times the floor
=======================  ====================================================================
"""

from __future__ import annotations

import argparse
import asyncio
import email.utils
import hashlib
import multiprocessing
import os
import random
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.hearing import Heard, Sources

CONNECTIONS = 64
FIRST = 0.15
LATER = 1.3
NEWS = 20
"""One feed in so many has something new."""
WORDS = "door oven bread street morning queue smell early winter letter market harbour table cup light floor".split()


def main() -> int:
    """Measure, print, and end with 1 when a ratio is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.feeds", description=__doc__)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--runs", type=int, default=3, help="turns of ours; the other gets one")
    parser.add_argument("--alone", action="store_true", help="without the other client")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    later = context.Value("i", 0)
    server = context.Process(target=serve, args=(port, later, asked.feeds, asked.latency), daemon=True)
    server.start()
    try:
        place = f"http://127.0.0.1:{port.get(timeout=120)}"
        urls = [f"{place}/f/{n}" for n in range(asked.feeds)]
        floor = asked.feeds * asked.latency / CONNECTIONS
        first, poll = [], []
        for turn in range(asked.runs):
            later.value = 2 * turn
            cold, warm = ours(urls, later)
            first.append(cold)
            poll.append(warm)
        other = None if asked.alone else theirs(urls)
    finally:
        server.terminate()
        server.join()
    return _said(floor, statistics.median(first), statistics.median(poll), other)


def _said(floor: float, first: float, poll: float, other: float | None) -> int:
    missed = 0
    print(f"the floor of the latency            {floor:6.2f} s")
    print(f"first fetch, ours                   {first:6.2f} s  {first / floor:5.2f} of the floor")
    if other is not None:
        held = first / other <= FIRST
        missed += not held
        print(f"first fetch, httpx and feedparser   {other:6.2f} s")
        print(
            f"first fetch, ours of theirs         {first / other:6.3f}    aim {FIRST}: {'held' if held else 'MISSED'}"
        )
    held = poll / floor <= LATER
    missed += not held
    print(f"a later poll, one in {NEWS} has news    {poll:6.2f} s  {poll / floor:5.2f} of the floor, aim {LATER}: "
          f"{'held' if held else 'MISSED'}")  # fmt: skip
    return 1 if missed else 0


# --- ours ------------------------------------------------------------------------------------------------------------


def ours(urls: list[str], later: Any) -> tuple[float, float]:
    """Seconds of a first fetch and of a later poll."""
    from pipelines.hearing import hear

    sources = _sources(urls)
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    start = time.perf_counter()
    heard = hear(sources, {}, now)
    first = time.perf_counter() - start
    _right(heard, 20 * len(urls), len(urls))
    later.value += 1
    start = time.perf_counter()
    again = hear(sources, heard.states, now + timedelta(hours=1))
    poll = time.perf_counter() - start
    _right(again, len(range(0, len(urls), NEWS)), len(urls))
    return first, poll


def _sources(urls: list[str]) -> Sources:
    from pipelines.connectors.feed import CONNECTOR
    from pipelines.fetching import Guard
    from pipelines.hearing import Sources
    from pipelines.http import Client
    from signalbook.settings import Channel

    made = {f"f{n}": CONNECTOR.listener(Channel(f"f{n}", "feed", url=url), {}, Client()) for n, url in enumerate(urls)}
    return Sources(
        {key: source for key, source in made.items() if source},
        guard=Guard(private=frozenset({"127.0.0.1"}), connections=CONNECTIONS, seconds=30),
    )


def _right(heard: Heard, mentions: int, asked: int) -> None:
    """See that the work was done.

    Raises:
        RuntimeError: something was lost.
    """
    if len(heard.mentions) != mentions or len(heard.asked) != asked or heard.failures:
        raise RuntimeError(
            f"{len(heard.mentions)} of {mentions} mentions, {len(heard.asked)} asked, {heard.failures[:1]}"
        )


# --- theirs ----------------------------------------------------------------------------------------------------------


def theirs(urls: list[str]) -> float | None:
    """Seconds in which httpx fetches all and feedparser reads them in a pool of as many processes as there are cores."""
    try:
        import httpx
    except ImportError:
        print("httpx is not installed here, so nothing is compared with it: .venv/bin/pip install httpx")
        return None

    async def fetch(pool: ProcessPoolExecutor) -> int:
        loop = asyncio.get_running_loop()
        left = iter(urls)
        reading = []

        async def worker(client: httpx.AsyncClient) -> None:
            for url in left:
                answer = await client.get(url)
                reading.append(loop.run_in_executor(pool, entries, answer.content))

        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=CONNECTIONS), timeout=60) as client:
            await asyncio.gather(*(worker(client) for _ in range(CONNECTIONS)))
        return sum(await asyncio.gather(*reading))

    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(entries, [feed(1, 0)] * 8))
        start = time.perf_counter()
        read = asyncio.run(fetch(pool))
        took = time.perf_counter() - start
    if read != 20 * len(urls):
        raise RuntimeError(f"{read} entries of {20 * len(urls)}")
    return took


def entries(data: bytes) -> int:
    """How many entries feedparser finds."""
    import feedparser

    return len(feedparser.parse(data).entries)


# --- the server ------------------------------------------------------------------------------------------------------


def feed(number: int, news: int) -> bytes:
    """A feed of twenty entries of some eight sentences, 17 kB; each ``news`` puts another one on top."""
    atom = number % 3 == 0
    items = [_item(number, n, atom=atom) for n in range(20 + news)][-20:][::-1]
    if atom:
        text = (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>Feed {number}</title><id>urn:{number}</id><updated>2026-01-01T00:00:00Z</updated>{''.join(items)}</feed>"
        )
    else:
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
            f"<title>Feed {number}</title><link>https://feed{number}.example/</link><description>d</description>"
            f"{''.join(items)}</channel></rss>"
        )
    return text.encode()


def _item(number: int, n: int, *, atom: bool) -> str:
    chance = random.Random(number * 1_000 + n)
    title = " ".join(chance.choices(WORDS, k=7)).capitalize()
    body = "<p>" + ". ".join(" ".join(chance.choices(WORDS, k=14)).capitalize() for _ in range(8)) + ".</p>"
    at = 1_790_000_000 + number * 50 + n * 3_600
    link = f"https://feed{number}.example/{n}?utm_source=rss&amp;x={n}"
    if atom:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        return (
            f"<entry><title>{title} &amp; co</title><id>tag:feed{number}.example,2026:{n}</id>"
            f'<link rel="alternate" href="{link}"/><updated>{stamp}</updated><published>{stamp}</published>'
            f'<author><name>Desk</name></author><content type="html"><![CDATA[{body}]]></content></entry>'
        )
    return (
        f'<item><title>{title} &amp; co</title><link>{link}</link><guid isPermaLink="false">{number}-{n}</guid>'
        f"<pubDate>{email.utils.formatdate(at)}</pubDate><dc:creator>Desk</dc:creator><category>news</category>"
        f"<description><![CDATA[{body}]]></description></item>"
    )


def serve(port: Any, later: Any, feeds: int, latency: float) -> None:
    """Serve the feeds, every second one with an ``ETag``; news come with each step of ``later``."""

    def tag(body: bytes) -> str:
        return '"' + hashlib.blake2b(body, digest_size=8).hexdigest() + '"'

    steps = 12
    bodies = [[feed(n, step) for step in range(steps)] if n % NEWS == 0 else [feed(n, 0)] for n in range(feeds)]
    tags = [[tag(body) for body in each] for each in bodies]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(one.split(": ", 1) for one in rest if ": " in one)
                number = int(line.split(" ")[1].rsplit("/", 1)[1])
                step = min(later.value, len(bodies[number]) - 1)
                body, name = bodies[number][step], tags[number][step]
                given = {key.lower(): value for key, value in headers.items()}.get("if-none-match")
                await asyncio.sleep(latency)
                if number % 2 == 0 and given == name:
                    writer.write(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n")
                else:
                    head = f"ETag: {name}\r\n" if number % 2 == 0 else ""
                    head = (
                        f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n{head}Content-Length: {len(body)}\r\n\r\n"
                    )
                    writer.write(head.encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=2048)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
