"""What a hold stops is there: a channel, a campaign and a sort of post that somebody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from signalbook import delivery
from signalbook.book import Book
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Document, Hold, HoldScope, Playbook
from signalbook.model.calendar import PostType
from signalbook.rule import Ask, rule


@rule(
    "hold-scope",
    level=Level.BLOCK,
    about="What a hold stops, or a playbook would, is a channel, campaign or type that exists.",
)
def hold_scope(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find names in the scopes of holds and playbooks that nobody knows."""
    holds = [one for one in book.all(Hold) if one.state in {"open", "renewed"} and not one.released]
    scopes: list[tuple[Document, str, HoldScope | None, str]] = [
        (one, "scope", one.scope, "the hold stops") for one in holds
    ]
    scopes += [
        (one, "hold_scope", one.hold_scope, "a hold made from it would stop")
        for one in book.all(Playbook)
        if one.state != "retired"
    ]
    for document, name, scope, stops in scopes:
        for field, said in delivery.unknown(book, scope) if scope else ():
            kind = field.partition(".")[0]
            if kind == "campaigns":
                continue  # the rule `reference` says so
            known = ("all", *book.settings.channels) if kind == "channels" else get_args(PostType)
            thing = "a channel" if kind == "channels" else "a type of post"
            does = "it excepts nothing" if kind == "except_types" else f"{stops} everything until it is mended"
            yield ask(
                document,
                f"{name}.{field}",
                f"“{shortened(said)}” is not {thing}, so {does}.{near(said, known)}",
                f"Write one of: {', '.join(known)}.",
            )
