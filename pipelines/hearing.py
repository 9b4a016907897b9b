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

import hashlib
import random
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import accounts, answers
from pipelines.services import Listen, Listener, Listens, Told
from signalbook import sources as states_
from signalbook.errors import ConnectorError, SignalbookError
from signalbook.sources import MOST_SEEN, Source

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.records import Mention
    from signalbook.secrecy import Veil
    from signalbook.settings import Settings

AT_ONCE = 16
"""So many services are asked at the same time."""
LONGEST = timedelta(days=1)
"""However often a source fails, it is asked again after so long."""
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
    """

    listeners: Mapping[str, Listener] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    veil: Veil | None = field(default=None, repr=False)


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
    settings: Settings, environment: Mapping[str, str], client: Client, *, only: Collection[str] = ()
) -> Sources:
    """Open every channel that listens and is not retired; makes no request.

    A channel whose secrets are not set here is not asked, and a note says so. ``listen = false`` under a channel leaves it
    out without a word.
    """
    veil = accounts.veil_of(settings, environment)
    listeners: dict[str, Listener] = {}
    closed: dict[str, str] = {}
    notes: list[str] = []
    for key, channel in settings.channels.items():
        connector = accounts.known(channel.connector)
        if (only and key not in only) or channel.status == "retired" or not isinstance(connector, Listens):
            continue
        if channel.more.get("listen") is False:
            continue
        secrets = accounts.secrets_of(channel, environment)
        unset = [name for role, name in channel.secrets.items() if role not in secrets]
        if unset:
            notes.append(f"{key}: not heard, {unset[0]} is not set here.")
            continue
        try:
            listeners[key] = connector.listener(channel, secrets, client)
        except SignalbookError as error:
            closed[key] = veil(str(error))
        except Exception as error:  # noqa: BLE001 - one broken connector must not close the other sources
            closed[key] = f"Its connector broke off ({type(error).__name__})."
    return Sources(listeners, closed, tuple(notes), veil)


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
    found: dict[str, Told | SignalbookError] = {}

    def ask(key: str) -> Told | SignalbookError:
        given = (asks or {}).get(key)
        state = states.get(key, Source())
        wanted = Listen(state, now, given.search, given.sent) if given else Listen(state, now)
        return _careful(key, lambda: sources.listeners[key].listen(wanted))

    if ready:
        with ThreadPoolExecutor(min(AT_ONCE, len(ready)), thread_name_prefix="listen") as pool:
            found = dict(zip(ready, pool.map(ask, ready), strict=True))
    return _gathered(sources, states, found, waiting, now, jitter)


def _gathered(
    sources: Sources,
    states: Mapping[str, Source],
    found: Mapping[str, Told | SignalbookError],
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
        kept, dropped = _fresh(told, state, mentions)
        mentions.update((mention.key, mention) for mention in kept)
        new[key] = len(kept)
        if dropped:
            left_out[key] = dropped
        notes += [f"{key}: {veil(note)}" for note in told.notes]
        after[key] = answered(state, told, kept, dropped, now, every)
    return Heard(
        tuple(mentions.values()), after, tuple(found), waiting, new, left_out, tuple(failures), tuple(notes)
    )  # fmt: skip


def _fresh(told: Told, state: Source, known: Collection[str]) -> tuple[list[Mention], dict[str, int]]:
    """The mentions that are new, cleaned; and what was left out."""
    dropped = dict(told.left_out)
    seen = set(state.seen)
    kept: dict[str, Mention] = {}
    for mention in told.mentions:
        if _mark(mention.key) in seen or mention.key in known or mention.key in kept:
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
    state: Source, told: Told, kept: Iterable[Mention], dropped: Mapping[str, int], now: datetime, every: timedelta
) -> Source:
    """The state of a source after it told something, or that nothing is new."""
    kept = list(kept)
    marks = [_mark(mention.key) for mention in told.mentions]
    seen = tuple(dict.fromkeys([*(one for one in state.seen if one not in set(marks)), *marks]))[-MOST_SEEN:]
    times = states_.with_times(state, (m.published_at or m.heard_at for m in kept), now)
    return replace(
        state,
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
    return " ".join(plain(value, most).split())


def cleaned(mention: Mention) -> Mention:
    """A mention whose every field is what it is called: capped, without control signs, its addresses http or https."""
    links = [address for link in mention.links[: MOST_LINKS * 2] if (address := answers.address(link))]
    return replace(
        mention,
        id=line(mention.id, MOST_ADDRESS),
        url=answers.address(mention.url),
        author=line(mention.author, MOST_WORD),
        title=line(mention.title, MOST_TITLE),
        text=plain(mention.text, MOST_TEXT).strip(),
        lang=line(mention.lang, 35),
        reply_to=line(mention.reply_to, MOST_ADDRESS),
        boosts=line(mention.boosts, MOST_ADDRESS),
        links=tuple(dict.fromkeys(links))[:MOST_LINKS],
    )


def _careful(source: str, act: Callable[[], Told]) -> Told | SignalbookError:
    """Do something; whatever goes wrong is a value, and says nothing that a stranger wrote."""
    try:
        return act()
    except SignalbookError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a connector's own mistake must not stop the other sources
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        return ConnectorError(source, f"the connector broke off ({type(error).__name__} in {where})")
