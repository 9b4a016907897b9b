"""What a channel offers, helps with and talks about keeps to its targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.judging import mistyped
from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_ENOUGH = 8
"""Fewer posts than this make no share."""


@rule(
    "mix",
    level=Level.INFORM,
    about="Each post says its part in the mix, and a channel's next 28 days keep to its shares.",
    waive="A",
)
def mix(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts without a part, and channels whose next 28 days lean to one side."""
    slack = int(ask.limit("slack", 15))
    end = now + timedelta(days=28)
    slipped = mistyped(book)
    planned: dict[str, Counter[str]] = {}
    for view in posts.views(book):
        post = view.post
        if post.mix is None:
            if post.is_ready and (post.path, "mix") not in slipped:
                yield ask(
                    post, "status", "The post does not say whether it offers, helps or talks, so the mix cannot be told.",
                    "Write `mix: own-offer`, `mix: useful` or `mix: conversation`.",
                )  # fmt: skip
        elif post.status != "idea" and view.at and now <= view.at < end:
            for channel in view.channels:
                if channel.mix:
                    planned.setdefault(channel.key, Counter())[post.mix] += 1
    for key, counted in sorted(planned.items()):
        total = counted.total()
        if total < _ENOUGH:
            continue
        channel = book.settings.channels[key]
        shares = {part: round(100 * counted[part] / total) for part in channel.mix}
        if any(abs(shares[part] - target) > slack for part, target in channel.mix.items()):
            told = ", ".join(
                f"{shares[part]} % {_word(part)} (target {target} %)" for part, target in channel.mix.items()
            )
            least = min(channel.mix, key=lambda part: shares[part] - channel.mix[part])
            yield ask(
                "signalbook.toml", f"channels.{key}.mix",
                f"{channel.name} leans to one side: of its {total} posts in the next 28 days {told}.",
                f"Plan more of the kind `{least}` there, or change the target.",
                line=posts.settings_line(book, f"channels.{key}", "mix"),
            )  # fmt: skip


def _word(part: str) -> str:
    return {"own-offer": "offer something of ours", "useful": "help", "conversation": "talk with people"}.get(
        part, part
    )
