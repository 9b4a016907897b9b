"""What a watch finds is about us: somebody has looked at a sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Watch
from signalbook.rule import Ask, rule


@rule(
    "watch-precision", level=Level.WARN,
    about="Of 50 sampled mentions of a watch that is on, 45 are about us; looked at again every quarter.", waive="A",
)  # fmt: skip
def watch_precision(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find watches whose query catches other things."""
    day = today(book, now)
    share, sample, age = ask.limit("share", 0.9), ask.limit("n", 50), ask.limit("days", 120)
    for watch in book.all(Watch):
        if watch.state != "on":
            continue
        check = watch.precision_checked
        if check is None or not check.n or check.right is None:
            yield ask(
                watch, "query",
                "Nobody has looked at what this query finds; experts stop reading a watch that is wrong half the time.",
                f"Look at {sample} mentions and write how many were about us: "
                f"`precision_checked: {{on: {day}, n: {sample}, right: 46}}`.",
            )  # fmt: skip
            continue
        if check.right < share * check.n:
            need = -(-int(share * check.n * 100) // 100)
            yield ask(
                watch, "precision_checked",
                f"Of {check.n} sampled mentions {check.right} were about us.",
                f"Narrow the query, rather by a nearby word (`NEAR/8`) than by `NOT`, until {need} are, and write what "
                "you dropped in `excludes:`.",
            )  # fmt: skip
        elif check.n < sample:
            yield ask(
                watch, "precision_checked",
                f"{check.n} mentions are a small sample: the share found in it can be far off.",
                f"Look at {sample} when there are so many.", level=Level.INFORM,
            )  # fmt: skip
        elif check.on and (day - check.on).days > age:
            yield ask(
                watch, "precision_checked",
                f"The sample is of {check.on}; words and neighbours have changed since.",
                f"Look at {sample} mentions again.", level=Level.INFORM,
            )  # fmt: skip
