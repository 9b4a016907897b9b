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
    limits = counting.limits()
    for view in posts.views(book):
        post = view.post
        for channel in view.channels:
            network = networks[channel.key]
            if not network:
                continue
            if (
                counting.surely_fits(network, post.body)
                and f"{network}.title" not in limits
                and copytext.as_written(post, channel)
                and not channel.more.get("max_characters")
            ):
                continue
            out = posts.outgoing(book, post, channel.key)
            for number, (part, text) in enumerate(zip(out.parts, out.counted, strict=True)):
                if wrong := _wrong(
                    network,
                    text,
                    channel,
                    limits[network],
                    threads=channel.connector in copytext.THREAD_CONNECTORS,
                ):
                    level, message, remedy = wrong
                    yield ask(
                        post,
                        "",
                        message if not number else f"Part {number + 1}: {message}",
                        remedy,
                        line=part.line,
                        level=level or ask.level,
                    )
            title = f"{network}.title"
            if title in limits:
                own = isinstance((post.options or {}).get(channel.key, {}).get("title"), str)
                text = out.title
                if wrong := _wrong(title, text, channel, limits[title], threads=False):
                    level, message, remedy = wrong
                    yield ask(post, f"options.{channel.key}.title" if own else "title", f"As a title, {message[:1].lower() + message[1:] if not message.startswith(channel.name) else message}",
                              remedy, level=level or ask.level)  # fmt: skip


def _wrong(
    network: str, text: str, channel: Channel, limit: Limit, *, threads: bool
) -> tuple[Level | None, str, str] | None:
    most = channel.more.get("max_characters")
    most = most if isinstance(most, int) and not isinstance(most, bool) and most > 0 else 0
    if not most and counting.surely_fits(network, text):
        return None
    counted = counting.count(network, text)
    allowed = most or limit.limit
    over = counted.count - allowed
    if over <= 0 and (counted.fits or most):
        return None
    where = f"or give {channel.name} its own copy below `## {channel.key}`"
    if over <= 0:
        size = counted.parts[-1].counts
        return (
            None,
            f"{channel.name} takes {limit.bytes:,} bytes and this text has {size:,}, most of them in emoji or signs of several bytes.",
            (f"Use fewer of them, {where}."),
        )
    if not most and counted.count <= limit.highest:
        return (
            Level.WARN,
            (
                f"{channel.name}: {counted.count:,} characters. Sources name limits from {limit.limit:,} to {limit.highest:,}, so it may be refused."
            ),
            f"Try it on the test account, or cut {over:,}.",
        )
    parts = [part for part in counted.parts if part.text]
    why = f" “{prose.short(parts[0].text, 30)}” counts {parts[0].counts}." if parts else ""
    cut = _CUTS.get(network, "the network would refuse it")
    return (
        None,
        f"{channel.name} takes {allowed:,} characters and this text has {counted.count:,}, {over:,} too many; {cut}.{why}",
        (f"Cut {over:,}, {'begin another part with a line of three dashes, ' if threads else ''}{where}."),
    )
