"""Ask all sources that are due, at the same time, and give what they told. One broken source never stops the others.

::

    settings ──opened──► Sources ──┐
    data/private/sources.json ─────┴─ hear(now) ──► Heard: mentions, states, failures ──► whoever keeps them

A source is a channel that listens (its key is the channel's), or an address that a Watch names (its key is the address).
What comes back is hostile: every mention passes ``cleaned`` here, whatever connector made it. Nothing is written here:
whoever calls appends the mentions first and writes the states after that, so that a run that is killed hears again what it
had not kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from pipelines import accounts, answers, feeds_beside, feeds_fast, feeds_in, fetching
from pipelines.fetching import Guard, Page, Trouble, Wanted
from pipelines.services import Inside, Listen, Listener, Listens, Reads, Told, carefully
from signalbook import sources as states_
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, NotSent, SettingsError, SignalbookError
from signalbook.settings import Channel
from signalbook.sources import MOST_SEEN, Source

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.book import Book
    from signalbook.records import Mention, Receipt
    from signalbook.secrecy import Veil
    from signalbook.settings import Settings

READERS = 2
"""So many processes read the feeds that need care."""
MANY = 60
"""When more feeds than this wait to be read, a second process takes some of them, ``A_FEW`` at a time."""
A_FEW = 12
AT_ONCE = 16
"""So many services are asked at the same time."""
LONGEST = timedelta(days=1)
"""However often a source fails, it is asked again after so long."""
FOLLOWED = timedelta(days=90)
"""So long after a post of ours went out its answers are asked for."""
MOST_TITLE = 1_000
MOST_TEXT = 20_000
MOST_WORD = 500
MOST_ADDRESS = 2_000
MOST_LINKS = 50


@dataclass(frozen=True, slots=True)
class Sources:
    """The open sources of a workspace.

    Attributes:
        listeners: source → what hears it.
        closed: source → why it cannot be opened: a sentence that names the line to write, and no secret.
        notes: what a person should know of channels that were left out.
        veil: what covers secrets in whatever is said.
        guard: who may be asked, how patiently, and how many at once.
    """

    listeners: Mapping[str, Listener | Reads] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    veil: Veil | None = field(default=None, repr=False)
    guard: Guard = field(default_factory=Guard)


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be heard; the others went on.

    Attributes:
        message: what happened and what to do. No secret, no word of anybody outside.
        times: how often in a row it has failed now.
        again_at: when it is asked again.
    """

    source: str
    message: str
    times: int = 1
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What all sources told.

    Attributes:
        mentions: what is new since the states given, each key once, in the order of the sources.
        states: source → its state now; those that were not asked are as they were.
        asked: the sources that were asked.
        waiting: source → when it is due, for those that were not asked.
        new: source → how many of its mentions are new.
        left_out: source → reason → how many were left out.
        failures: the sources that could not be heard.
        notes: sentences a person should see.
    """

    mentions: tuple[Mention, ...] = ()
    states: Mapping[str, Source] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    waiting: Mapping[str, datetime] = field(default_factory=dict)
    new: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


def opened(
    settings: Settings,
    environment: Mapping[str, str],
    client: Client,
    *,
    only: Collection[str] = (),
    book: Book | None = None,
) -> Sources:
    """Open every channel that listens and is not retired, and every address that a Watch of the book names; no request.

    A channel whose secrets are not set here is not asked, and a note says so. ``listen = false`` under a channel leaves it
    out without a word; so is a feed that is the team's own: one that posts go to, or on one of its own domains.
    """
    veil = accounts.veil_of(settings, environment)
    listeners: dict[str, Listener | Reads] = {}
    closed: dict[str, str] = {}
    notes: list[str] = []
    ours = states_.speaking(book) if book else frozenset()
    for key, channel in settings.channels.items():
        connector = accounts.known(channel.connector)
        if (only and key not in only) or channel.status == "retired" or not isinstance(connector, Listens):
            continue
        if channel.more.get("listen") is False:
            continue
        if channel.connector == "feed" and not states_.is_heard(channel, settings, ours):
            continue
        secrets = accounts.secrets_of(channel, environment)
        unset = [name for role, name in channel.secrets.items() if role not in secrets]
        if unset:
            notes.append(f"{key}: not heard, {unset[0]} is not set here.")
            continue
        try:
            listener: Any = connector.listener(channel, secrets, client)
            if book is not None and isinstance(listener, Inside):
                listener = listener.inside(book.workspace.root, settings.team.zone)
            if listener is not None:
                listeners[key] = listener
        except SignalbookError as error:
            closed[key] = veil(str(error))
        except Exception as error:  # noqa: BLE001 - one broken connector must not close the other sources
            closed[key] = f"Its connector broke off ({type(error).__name__})."
    known = {listener.address for listener in listeners.values() if isinstance(listener, Reads)}
    feeds: Any = accounts.known("feed")
    for address in watched(book) if book else ():
        if address not in known and (not only or address in only):
            found = feeds.listener(Channel(address, "feed", url=address), {}, client)
            if found is not None:
                # Content names it and not the settings: no host of a private network is meant.
                listeners[address] = replace(found, own=False)
    try:
        guard = guard_of(settings)
    except SettingsError as error:
        return Sources({}, {key: str(error) for key in listeners} or {"listen": str(error)}, tuple(notes), veil)
    return Sources(listeners, closed, tuple(notes), veil, guard)


def guard_of(settings: Settings) -> Guard:
    """What ``[listen]`` says of hosts, patience and numbers.

    Raises:
        SettingsError: a value is none of its kind.
    """
    table = settings.more.get("listen", {})
    table = table if isinstance(table, dict) else {}
    hosts = table.get("private_hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise SettingsError('signalbook.toml, [listen]: write private_hosts = ["feeds.intranet.example"]')
    base = Guard()

    def number(key: str, usual: float, most: float) -> float:
        value = table.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise SettingsError(f"signalbook.toml, [listen]: {key} is a number above 0 and up to {most:g}.")
        return value

    return replace(
        base,
        private=frozenset(host.strip().strip("[]").rstrip(".").lower() for host in hosts),
        seconds=float(number("seconds", base.seconds, 120)),
        connections=int(number("connections", base.connections, 512)),
        per_host=int(number("per_host", base.per_host, 512)),
    )


def watched(book: Book) -> tuple[str, ...]:
    """The addresses that Watches name as sources; those of retired and paused ones are left out."""
    from signalbook.model.people import Watch

    named = (one for watch in book.all(Watch) if watch.status not in {"retired", "paused"} for one in watch.sources)
    return tuple(dict.fromkeys(one for one in named if one.startswith(("http://", "https://"))))


def asks(book: Book, now: datetime, states: Mapping[str, Source]) -> dict[str, Listen]:
    """Channel → what to search for there and whose answers are wanted, from the channel's settings and the book."""
    from signalbook.delivery import PUBLISHED

    words = searches(book)
    sent: dict[str, list[Receipt]] = {}
    for receipt in sorted(book.receipts, key=lambda receipt: receipt.at, reverse=True):
        if receipt.what in PUBLISHED and receipt.id and now - receipt.at <= FOLLOWED:
            sent.setdefault(receipt.channel, []).append(receipt)
    found = {}
    for key, channel in book.settings.channels.items():
        own = channel.more.get("search")
        chosen = tuple(str(one) for one in own) if isinstance(own, list) else (own,) if isinstance(own, str) else words
        found[key] = Listen(states.get(key, Source()), now, chosen, tuple(sent.get(key, ())))
    return found


MOST_SEARCHES = 30


def searches(book: Book) -> tuple[str, ...]:
    """What to search for where no channel says it: names of subjects and competitors, and the words that queries need."""
    from signalbook.model.people import Competitor, Subject, Watch
    from signalbook.sense import match

    queries = [query for subject in book.all(Subject) for query in subject.queries]
    queries += [watch.query for watch in book.all(Watch) if watch.query and watch.status not in {"retired", "paused"}]
    named = [name for subject in book.all(Subject) for name in subject.names]
    named += [name for rival in book.all(Competitor) for name in rival.names]
    for query in queries:
        try:
            named += _needed(match.parse(query))
        except match.QueryError:  # a finding says so already
            continue
    distinct = {one.casefold(): one for one in reversed(named) if len(one) > 2}
    return tuple(reversed(distinct.values()))[:MOST_SEARCHES]


def _needed(node: object) -> list[str]:
    """Words of which a text must hold one to fit a query: the longest of those that stand together, each of a choice."""
    from signalbook.sense import match

    if isinstance(node, match.Words):
        return [f"{node.mark}{' '.join(node.forms)}"]
    if isinstance(node, match.Raw):
        return [node.text]
    if isinstance(node, match.Any):
        return [word for one in node.nodes for word in _needed(one)]
    if isinstance(node, match.All | match.Near):
        parts = node.nodes if isinstance(node, match.All) else (node.left, node.right)
        found = [words for one in parts if (words := _needed(one))]
        return min(found, key=lambda words: (len(words), -min(map(len, words))), default=[])
    return []


def due(sources: Sources, states: Mapping[str, Source], now: datetime) -> tuple[list[str], dict[str, datetime]]:
    """Which sources are to be asked now, and when the others are."""
    ready, waiting = [], {}
    for key in sources.listeners:
        at = states.get(key, Source()).due_at
        # A time far ahead was written by a clock that was wrong.
        if at is not None and now < at <= now + LONGEST * 2:
            waiting[key] = at
        else:
            ready.append(key)
    return ready, waiting


def hear(
    sources: Sources,
    states: Mapping[str, Source],
    now: datetime,
    *,
    asks: Mapping[str, Listen] | None = None,
    again: bool = False,
    jitter: Callable[[], float] = random.random,
) -> Heard:
    """Ask every source that is due.

    Args:
        sources: the open ones.
        states: source → what was remembered.
        now: the ``heard_at`` of every mention.
        asks: source → what to search for and whose answers are wanted; only ``search`` and ``sent`` count.
        again: ask also those that are not due yet.
        jitter: from 0 to 1; spreads the sources that failed over time.
    """
    ready, waiting = due(sources, states, now)
    if again:
        ready, waiting = list(sources.listeners), {}
    pages: dict[str, Reads] = {}
    talks: dict[str, Listener] = {}
    # Asked of a class once: a protocol looks at every method of it, and there may be thousands of sources of one kind.
    kinds: dict[type, bool] = {}
    for key in ready:
        source = sources.listeners[key]
        kind = type(source)
        if kind not in kinds:
            kinds[kind] = isinstance(source, Reads)
        if kinds[kind]:
            pages[key] = cast("Reads", source)
        else:
            talks[key] = cast("Listener", source)

    def wanted(key: str) -> Listen:
        given = (asks or {}).get(key)
        state = states.get(key, Source())
        return Listen(state, now, given.search, given.sent) if given else Listen(state, now)

    def ask(key: str, source: Listener) -> Told | SignalbookError:
        return carefully(key, lambda: source.listen(wanted(key)))

    found: dict[str, Told | SignalbookError] = {}
    validators: dict[str, Page] = {}
    with ThreadPoolExecutor(max(1, min(AT_ONCE, len(talks))), thread_name_prefix="listen") as pool:
        answers_ = {key: pool.submit(ask, key, source) for key, source in talks.items()}
        if pages:
            found, validators = asyncio.run(_read(pages, states, wanted, sources.guard))
        found |= {key: answer.result() for key, answer in answers_.items()}
    found = {key: found[key] for key in ready}
    return _gathered(sources, states, found, validators, waiting, now, jitter)


async def _read(
    pages: Mapping[str, Reads], states: Mapping[str, Source], wanted: Callable[[str], Listen], guard: Guard
) -> tuple[dict[str, Told | SignalbookError], dict[str, Page]]:
    """Fetch and read all feeds; whatever has come is read while the others are on their way."""
    found: dict[str, Told | SignalbookError] = {}
    validators: dict[str, Page] = {}
    came: asyncio.Queue[tuple[str, Page]] = asyncio.Queue()

    def took(key: str, page: Page | Trouble) -> None:
        if isinstance(page, Trouble):
            found[key] = NotSent(key, page.message, retry_after_s=page.retry_after_s)
        elif page.unchanged:
            validators[key] = page
            found[key] = Told(unchanged=True)
        else:
            came.put_nowait((key, page))

    def tell(key: str, page: Page, feed: feeds_in.Feed) -> None:
        if feed.damaged and not feed.entries:
            found[key] = ConnectorError(key, _no_feed(feed, page.url))
            return
        keep(key, page, carefully(key, lambda: pages[key].told(wanted(key), feed, page.url)))

    def keep(key: str, page: Page, told: Told | SignalbookError) -> None:
        validators[key] = page
        found[key] = told

    async def slowly(key: str, page: Page) -> None:
        tell(key, page, await loop.run_in_executor(readers, _read_apart, spare, page.body))

    def odd(key: str, page: Page) -> None:
        if feed := _json(page.body):
            tell(key, page, feed)
        else:
            slow.append(asyncio.create_task(slowly(key, page)))

    async def elsewhere(few: list[tuple[str, Page]]) -> None:
        questions = [feeds_beside.Question(key, pages[key], wanted(key), page.body, page.url) for key, page in few]
        for (key, page), told in zip(few, await beside.ask(questions), strict=True):
            if told is None:
                odd(key, page)
            else:
                keep(key, page, told)
            came.task_done()

    async def take() -> None:
        # One feed at a time, and the network first: whoever waits for an answer of ours is never kept waiting by this.
        while True:
            key, page = await came.get()
            if beside.free and came.qsize() >= MANY:
                few = [(key, page), *(came.get_nowait() for _ in range(A_FEW - 1))]
                elsewheres.append(asyncio.create_task(elsewhere(few)))
            else:
                if feed := feeds_fast.decode(page.body):
                    tell(key, page, feed)
                else:
                    odd(key, page)
                came.task_done()
            await asyncio.sleep(0)

    loop = asyncio.get_running_loop()
    slow: list[asyncio.Task[None]] = []
    elsewheres: list[asyncio.Task[None]] = []
    beside = feeds_beside.Beside()
    spare: SimpleQueue[feeds_in.Reader] = SimpleQueue()
    for _ in range(READERS):
        spare.put(feeds_in.Reader())
    with ThreadPoolExecutor(READERS, thread_name_prefix="read") as readers:
        taking = asyncio.create_task(take())
        try:
            await fetching.fetch_all([_wanted(key, source, states) for key, source in pages.items()], guard, took)
            await came.join()
            await asyncio.gather(*slow)
        finally:
            taking.cancel()
            beside.close()
            while not spare.empty():
                spare.get().close()
    return found, validators


def _wanted(key: str, source: Reads, states: Mapping[str, Source]) -> Wanted:
    state = states.get(key, Source())
    # Where it moved to for good; the settings wrote out the first address only.
    url = state.moved_to or source.address
    own = source.own and (not state.moved_to or fetching.same_origin(url, source.address))
    return Wanted(key, url, state.etag, state.modified, state.content, own=own, seconds=source.seconds)


def _read_apart(spare: SimpleQueue[feeds_in.Reader], body: bytes) -> feeds_in.Feed:
    """Read a feed in a process of its own."""
    reader = spare.get()
    try:
        return reader.read(body)
    finally:
        spare.put(reader)


def _json(body: bytes) -> feeds_in.Feed | None:
    """A JSON Feed that is short enough to be read here."""
    if len(body) <= feeds_fast.MOST_BYTES and body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return feeds_in.decode(body)
    return None


def _no_feed(feed: feeds_in.Feed, where: str) -> str:
    offered = [address for link in feed.links if (address := answers.address(urljoin(where, link)))]
    if offered:
        return f"{feed.error} It offers one: {offered[0]}"
    return feed.error or "There is no feed in it."


def _gathered(
    sources: Sources,
    states: Mapping[str, Source],
    found: Mapping[str, Told | SignalbookError],
    validators: Mapping[str, Page],
    waiting: Mapping[str, datetime],
    now: datetime,
    jitter: Callable[[], float],
) -> Heard:
    """Sort what came back into mentions, states and failures."""
    after = dict(states)
    mentions: dict[str, Mention] = {}
    new: dict[str, int] = {}
    left_out: dict[str, Mapping[str, int]] = {}
    failures = [Failure(key, why) for key, why in sources.closed.items()]
    notes = list(sources.notes)
    veil = sources.veil or str
    for key, told in found.items():
        state = states.get(key, Source())
        every = sources.listeners[key].every
        if isinstance(told, SignalbookError):
            asked_to_wait = timedelta(seconds=getattr(told, "retry_after_s", 0) or 0)
            after[key] = failed(state, veil(getattr(told, "message", str(told))), now, every, asked_to_wait, jitter())
            failures.append(Failure(key, after[key].error, after[key].failures, after[key].due_at))
            continue
        page = validators.get(key)
        if told.unchanged and not told.mentions and not told.cursor and not told.left_out and not told.notes:
            new[key] = 0
            after[key] = still(state, page, now, every)
            continue
        marks = [_mark(mention.key) for mention in told.mentions]
        kept, dropped = _fresh(told, marks, state, mentions)
        kept = [mention if mention.channel else replace(mention, channel=key) for mention in kept]
        mentions.update((mention.key, mention) for mention in kept)
        new[key] = len(kept)
        if dropped:
            left_out[key] = dropped
        notes += [f"{key}: {veil(note)}" for note in told.notes]
        after[key] = answered(state, told, kept, dropped, now, every, page=page, marks=marks)
    return Heard(
        tuple(mentions.values()), after, tuple(found), waiting, new, left_out, tuple(failures), tuple(notes)
    )  # fmt: skip


def _fresh(
    told: Told, marks: Iterable[str], state: Source, known: Collection[str]
) -> tuple[list[Mention], dict[str, int]]:
    """The mentions that are new, cleaned; and what was left out."""
    dropped = dict(told.left_out)
    seen = set(state.seen)
    kept: dict[str, Mention] = {}
    for mention, mark in zip(told.mentions, marks, strict=True):
        if mark in seen or mention.key in known or mention.key in kept:
            continue
        clean = cleaned(mention)
        if not (clean.title or clean.text or clean.url or clean.boosts):
            dropped["nothing in it"] = dropped.get("nothing in it", 0) + 1
            continue
        kept[clean.key] = clean
    return list(kept.values()), dropped


def _mark(key: str) -> str:
    """A key, shorter: what is remembered of it need only tell the items of one source apart."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()


def answered(
    state: Source,
    told: Told,
    kept: Iterable[Mention],
    dropped: Mapping[str, int],
    now: datetime,
    every: timedelta,
    *,
    page: Page | None = None,
    marks: Iterable[str] | None = None,
) -> Source:
    """The state of a source after it told something, or that nothing is new.

    ``page`` is where its validators stand, for a source that is a page; ``marks`` are those of all mentions it told, for
    whoever has them.
    """
    kept = list(kept)
    newest = dict.fromkeys([_mark(mention.key) for mention in told.mentions] if marks is None else marks)
    seen = (*(one for one in state.seen if one not in newest), *newest)[-MOST_SEEN:]
    times = states_.with_times(state, (m.published_at or m.heard_at for m in kept), now)
    return replace(
        state,
        **_validators(state, page),
        cursor={**state.cursor, **told.cursor},
        tried_at=now,
        answered_at=now,
        heard_at=now if kept else state.heard_at,
        due_at=now + every,
        failures=0,
        error="",
        since=state.since or now,
        times=times,
        seen=seen,
        read=state.read if told.unchanged else len(told.mentions),
        left_out=state.left_out if told.unchanged else dict(dropped),
    )


def still(state: Source, page: Page | None, now: datetime, every: timedelta) -> Source:
    """The state of a source that has nothing new: what ``answered`` makes of that, at once."""
    told = {
        "tried_at": now, "answered_at": now, "due_at": now + every, "failures": 0, "error": "", "since": state.since or now,
        "times": states_.with_times(state, (), now),
    }  # fmt: skip
    return replace(state, **_validators(state, page), **told)  # type: ignore[arg-type]  # each by its own name


def _validators(state: Source, page: Page | None) -> dict[str, Any]:
    """What of a source's state a page says."""
    if page is None:
        return {}
    moved_to = page.moved_to or state.moved_to
    return {"etag": page.etag, "modified": page.modified, "content": page.content, "moved_to": moved_to}


def failed(
    state: Source,
    why: str,
    now: datetime,
    every: timedelta,
    asked_to_wait: timedelta = timedelta(0),
    share: float = 0.0,
) -> Source:
    """The state of a source after it failed: asked again later each time, and never before it said.

    Twice as long each time, up to ``LONGEST``, and up to half of that longer by ``share`` (0 to 1), so that sources that
    failed together are not asked together.
    """
    times = state.failures + 1
    wait = min(LONGEST, every * 2 ** min(times - 1, 20))
    wait = max(wait * (1 + share / 2), asked_to_wait)
    return replace(
        state,
        tried_at=now,
        due_at=now + min(wait, LONGEST * 2),
        failures=times,
        error=why[:500],
        since=state.since or now,
    )


# --- what comes from outside -----------------------------------------------------------------------------------------

_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Signs that turn the direction of all that follows: they would turn our page too."""


def plain(value: object, most: int) -> str:
    """A text that is safe to keep: no control signs but the line's end, nothing that turns what follows, at most so long."""
    if not isinstance(value, str):
        return ""
    if len(value) <= most and value.isprintable():
        return value
    text = value[: most * 4].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").translate(_TURNS)
    if not text.isprintable():
        text = "".join(
            sign
            for sign in text
            if sign.isprintable() or sign in "\n\u00a0\u200d\u200c\ufe0f\u3000" or "\U000e0020" <= sign <= "\U000e007f"
        )
        text = text.encode("utf-8", "ignore").decode()
    return text[:most]


def line(value: object, most: int) -> str:
    """The same, as one line with single spaces."""
    if isinstance(value, str) and len(value) <= most and value.isprintable() and "  " not in value:
        return value.strip()
    return " ".join(plain(value, most).split())


def cleaned(mention: Mention) -> Mention:
    """A mention whose every field is what it is called: capped, without control signs, its addresses http or https."""
    if _is_clean(mention):
        return mention
    links = tuple(dict.fromkeys(a for link in mention.links[: MOST_LINKS * 2] if (a := answers.address(link))))
    changed = {
        "id": line(mention.id, MOST_ADDRESS),
        "url": answers.address(mention.url),
        "author": line(mention.author, MOST_WORD),
        "title": line(mention.title, MOST_TITLE),
        "text": plain(mention.text, MOST_TEXT).strip(),
        "lang": line(mention.lang, 35),
        "reply_to": line(mention.reply_to, MOST_ADDRESS),
        "boosts": line(mention.boosts, MOST_ADDRESS),
        "links": links[:MOST_LINKS],
    }
    if all(getattr(mention, name) == value for name, value in changed.items()):
        return mention
    return replace(mention, **changed)  # type: ignore[arg-type]


def _is_clean(mention: Mention) -> bool:
    """Whether a mention is so plain that all its fields can be seen at once; the others are looked at one by one."""
    if mention.links or len(mention.lang) > 35 or (mention.url and answers.address(mention.url) != mention.url):
        return False
    words = ("", mention.id, mention.author, mention.title, mention.lang, mention.reply_to, mention.boosts, "")
    try:
        whole = _EDGE.join(words)
    except TypeError:
        return False
    # A sign that can be printed and is white space is a space, and none stands at an edge or beside another.
    if len(whole) > MOST_WORD or not whole.isprintable() or _SPACED(whole):
        return False
    text = mention.text
    plainly = len(text) <= MOST_TEXT and text.isprintable() and text[:1] != " " and text[-1:] != " "
    return plainly or text == plain(text, MOST_TEXT).strip()


_EDGE = "\u00a6"
_SPACED = re.compile(f"  | {_EDGE}|{_EDGE} ").search
