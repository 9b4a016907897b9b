"""Every text fits its network, counted as the network counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import copytext, counting, posts, prose
from signalbook.book import Book
from signalbook.counting import Limit
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule
from signalbook.settings import Channel

_CUTS = {"linkedin": "LinkedIn cuts the rest off without a word", "slack": "Slack cuts the rest off"}


@rule(
    "count-limit",
    level=Level.BLOCK,
    about="The final text fits each network as it will be sent.",
    source="the networks",
    alone=True,
)
def count_limit(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find texts and titles that are too long."""
    channels = book.settings.channels
    networks = {key: counting.network_of(channel) for key, channel in channels.items()}
    limits = {key: counting.limit_of(channel) for key, channel in channels.items()}
    known = counting.limits()
    titles = {key: known.get(f"{networks[key] or channel.connector}.title") for key, channel in channels.items()}
    for view in posts.views(book):
        post = view.post
        for channel in view.channels:
            network, limit = networks[channel.key], limits[channel.key]
            title = titles[channel.key]
            if title is None and (
                limit is None
                or (
                    copytext.as_written(post, channel)
                    and counting.surely_fits(network, post.body, limit)
                    and not limit.hashtags
                )
            ):
                continue
            out = posts.outgoing(book, post, channel.key)
            threads = channel.connector in copytext.THREAD_CONNECTORS
            for number, part in enumerate(out.parts if limit else ()):
                for level, message, remedy in _wrong(out.warning, part.text, channel, limit, threads=threads):
                    told = message if not number else f"Part {number + 1}: {message}"
                    yield ask(post, "", told, remedy, line=part.line, level=level or ask.level)
            if title is not None:
                own = next(
                    (
                        key
                        for key in ("title", "subject")
                        if isinstance((post.options or {}).get(channel.key, {}).get(key), str)
                    ),
                    "",
                )
                for level, message, remedy in _wrong("", out.title, channel, title, threads=False):
                    told = message if message.startswith(channel.name) else message[:1].lower() + message[1:]
                    yield ask(
                        post, f"options.{channel.key}.{own}" if own else "title", f"As a title, {told}", remedy, level=level or ask.level
                    )  # fmt: skip


def _wrong(
    before: str, text: str, channel: Channel, limit: Limit | None, *, threads: bool
) -> Iterator[tuple[Level | None, str, str]]:
    if limit is None:
        return
    yield from _crowded(text, channel, limit)
    if not before and counting.surely_fits(limit.name, text, limit):
        return
    counted = counting.count(limit.name, text, before=before, limit=limit)
    over = counted.count - limit.limit
    if counted.fits:
        return
    where = f"or give {channel.name} its own copy below `## {channel.key}`"
    if over <= 0:
        size = counted.parts[-1].counts
        yield (
            None,
            f"{channel.name} takes {limit.bytes:,} bytes and this text has {size:,}, most of them in emoji or signs of several bytes.",
            f"Use fewer of them, {where}.",
        )
        return
    if counted.count <= limit.highest:
        yield (
            Level.WARN,
            f"{channel.name}: {counted.count:,} characters. Sources name limits from {limit.limit:,} to {limit.highest:,}, so it may be refused or cut.",
            f"Try it on the test account, or cut {over:,}.",
        )
        return
    parts = [part for part in counted.parts if part.text]
    why = f" “{prose.short(parts[0].text, 30)}” counts {parts[0].counts}." if parts else ""
    cut = _CUTS.get(limit.name, "the network would refuse it")
    yield (
        None,
        f"{channel.name} takes {limit.limit:,} characters and this text has {counted.count:,}, {over:,} too many; {cut}.{why}",
        f"Cut {over:,}, {'begin another part with a line of three dashes, ' if threads else ''}{where}.",
    )


def _crowded(text: str, channel: Channel, limit: Limit) -> Iterator[tuple[Level | None, str, str]]:
    """More hashtags or mentions than a network takes; only reports say how many, so that it is told and does not block."""
    for sign, name, most, found in (
        ("#", "hashtags", limit.hashtags, prose.hashtags),
        ("@", "mentions", limit.mentions, prose.mentions),
    ):
        if most and text.count(sign) > most and (number := len(found(text))) > most:
            yield (
                Level.WARN,
                f"{channel.name} takes {most} {name if most > 1 else name[:-1]} in a post and this one has {number}; the others would be plain words.",
                "Keep those that people look for.",
            )
