"""Who holds an account is here, is not alone, and needs more than a password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import current, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person
from signalbook.rule import Ask, rule
from signalbook.settings import line_of

_OURS = frozenset({"console", "feed", "files", "git", "sql", "webmention"})
"""Connectors that need no account with anybody else."""


@rule("account-access", level=Level.BLOCK,
      about="Each account has two holders, none of them gone, a second factor, and a review date that has not passed.")  # fmt: skip
def account_access(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find accounts that could be lost, or that somebody who has left could still use."""
    settings = book.workspace.settings
    softer = Level.WARN if ask.level is Level.BLOCK else ask.level
    day = today(book, now)
    for key, channel in book.settings.channels.items():
        if channel.status == "retired":
            continue
        table, name = f"channels.{key}", channel.name or key

        def say(field: str, message: str, remedy: str, level: Level | None = None, table: str = table) -> Finding:
            line = line_of(settings, table, field)
            return ask(settings.name, f"{table}.{field}", message, remedy, level=level, line=line)

        for slug in channel.access:
            person = book.get(Person, slug)
            if person is None and book.all(Person):
                yield say("access", f"“{slug}” holds access to {name}, and there is no such role in content/people/; who is it?",
                          "Write the role that holds it, or take the access away.")  # fmt: skip
            elif person is not None and current(book, slug) is None:
                yield say("access", f"{person.name} has left and still holds access to {name}.",
                          "Take the access away at the network today, change what was shared, then take the role out here.")  # fmt: skip
        if channel.review_by and channel.review_by < day:
            yield say("review_by", f"Who holds access to {name} was to be looked at by {channel.review_by}.",
                      "Look at the network's list of sessions and holders, then write the next day.")  # fmt: skip
        if channel.connector in _OURS:
            continue
        level = None if channel.status == "live" else softer
        if not channel.access:
            yield say("access", f"Nobody is named who can get into {name}; if the account is locked, nobody knows whom to ask.",
                      'Write access = ["social-lead", "writer"].', softer)  # fmt: skip
        elif len(set(channel.access)) == 1:
            yield say("access", f"Only {book.person(channel.access[0])} can get into {name}; on the day they cannot, we are mute.",
                      "Give a second person access and name both.", level)  # fmt: skip
        if channel.two_factor is None:
            yield say("two_factor", f"Nobody has written whether a second factor guards {name}; without one, whoever learns a "
                      "password speaks in our name.",
                      "Look at the network's settings, then write two_factor = true.", softer)  # fmt: skip
        elif not channel.two_factor:
            yield say("two_factor", f"A password alone opens {name}; whoever learns it speaks in our name.",
                      "Switch the second factor on at the network, then write two_factor = true.", level)  # fmt: skip
