"""Channels and audiences in the settings fit the documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import in_post, is_over
from signalbook import registry
from signalbook.book import Book
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Audience, Person, Post
from signalbook.period import Hours
from signalbook.rule import Ask, rule
from signalbook.settings import CONNECTORS, Channel, heard_only, line_of


@rule(
    "settings",
    level=Level.BLOCK,
    about="Each channel in signalbook.toml has people, an audience and a connector that exist.",
)
def settings(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find settings that lead nowhere."""
    channels = book.settings.channels
    connectors = {*CONNECTORS, *registry.group("signalbook.connectors")}
    for key, channel in channels.items():
        if channel.status != "retired":
            yield from _channel(book, key, channel, connectors, ask)
    yield from _hours(book, ask)
    retired = {key for key, channel in channels.items() if channel.status == "retired"}
    for post in book.all(Post) if retired else ():
        for index, key in enumerate(post.channels):
            if key in retired and post.state == "approved" and (
                post.publish_at == "on-merge" or (isinstance(post.publish_at, datetime) and post.publish_at > now)
            ):  # fmt: skip
                yield ask(
                    post, f"channels.{index}",
                    f"This post is still to go out on {channels[key].name or key}, which is retired; it would wait for ever.",
                    "Take the channel out, or write another one.",
                )  # fmt: skip
    known = {*book.settings.audiences, "team", "public"}
    for document in book.everything():
        for index, name in enumerate(document.__dict__.get("audiences") or ()):
            if name not in known:
                yield ask(
                    document.path, f"audiences.{index}",
                    f"“{shortened(name)}” is no audience of signalbook.toml, so nobody it was meant for will see this."
                    f"{near(name, tuple(known))}",
                    f"Write one of: {', '.join(sorted(known))}; or add [audiences.{shortened(name)}] to signalbook.toml.",
                    line=document.line(f"audiences.{index}"),
                )  # fmt: skip


def _channel(book: Book, key: str, channel: Channel, connectors: set[str], ask: Ask) -> Iterator[Finding]:
    path, table = book.workspace.settings, f"channels.{key}"
    name = channel.name or key
    people = tuple(person.slug for person in book.all(Person))
    softer = Level.WARN if ask.level is Level.BLOCK else ask.level
    missing = None if channel.status == "live" else softer

    def say(field: str, message: str, remedy: str, level: Level | None = None) -> Finding:
        return ask(path.name, f"{table}.{field}", message, remedy, level=level, line=line_of(path, table, field))

    for field, slug in (("owner", channel.owner), ("backup", channel.backup)):
        if slug and people and book.get(Person, slug) is None:
            yield say(
                field, f"“{shortened(slug)}” is the {field} of {name}, and there is no such role in content/people/."
                f"{near(slug, people)}",
                f"Write one of: {', '.join(people[:8])}{' …' if len(people) > 8 else ''}.",
            )  # fmt: skip
        elif not slug and not heard_only(channel) and len(in_post(book)) > (1 if field == "backup" else 0):
            yield say(
                field,
                f"{name} has no {field}: on a bad day nobody knows who "
                + ("answers for it." if field == "owner" else "takes over."),
                f'Write {field} = "social-lead".', missing,
            )  # fmt: skip
    if channel.owner and channel.owner == channel.backup:
        yield say(
            "backup", f"Owner and backup of {name} are the same person, so nobody is there on their day off.",
            "Name somebody else as backup.",
        )  # fmt: skip
    audiences = tuple(audience.slug for audience in book.all(Audience))
    if channel.audience and book.get(Audience, channel.audience) is None:
        yield say(
            "audience", f"{name} is for “{shortened(channel.audience)}”, and there is no such audience, so reports cannot say "
            f"whom it reached.{near(channel.audience, audiences)}",
            f"Write one of: {', '.join(audiences[:8])}; or add content/plans/audiences/{shortened(channel.audience)}.md."
            if audiences else f"Add content/plans/audiences/{shortened(channel.audience)}.md.",
            None if audiences else softer,
        )  # fmt: skip
    if channel.connector not in connectors:
        yield say(
            "connector", f"“{shortened(channel.connector)}” is no connector, so nothing can be sent to or read from {name}."
            f"{near(channel.connector, tuple(connectors))}",
            "Write one that `signalbook doctor` lists, or manual if people place its posts by hand.",
        )  # fmt: skip
    if channel.mix and any(channel.mix.values()) and sum(channel.mix.values()) != 100:
        yield say(
            "mix", f"The mix of {name} adds up to {sum(channel.mix.values())} %, so no week can ever meet it.",
            "Let own-offer, useful and conversation add up to 100.", softer,
        )  # fmt: skip
    if channel.hours and (fault := _unreadable(book, channel.hours)):
        yield say(
            "hours", f"The hours of {name} cannot be read: {fault}.", 'Write hours = "Mon-Fri 09:00-17:00".', softer
        )


def _hours(book: Book, ask: Ask) -> Iterator[Finding]:
    """Working hours that no clock could follow; due times would silently use others."""
    path = book.workspace.settings
    if book.settings.team.hours and (fault := _unreadable(book, book.settings.team.hours)):
        yield ask(
            path.name, "team.hours", f"The team's hours cannot be read: {fault}. No answer has a due time.",
            'Write hours = "Mon-Fri 09:00-17:00".', line=line_of(path, "team", "hours"),
        )  # fmt: skip
    for person in book.all(Person):
        if person.hours and not is_over(person) and (fault := _unreadable(book, person.hours)):
            yield ask(
                person, "hours",
                f"These hours cannot be read: {fault}. Until then answers of this role are due by the team's hours.",
                "Write `hours: Mon-Fri 09:00-17:00`.", level=Level.WARN if ask.level is Level.BLOCK else ask.level,
            )  # fmt: skip


def _unreadable(book: Book, text: str) -> str:
    try:
        Hours.parse(text, book.settings.team.zone)
    except ValueError as error:
        return str(error).rstrip(".")
    return ""
