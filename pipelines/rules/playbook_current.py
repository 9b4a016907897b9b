"""A playbook can be acted on tonight: drilled, its roles held and backed up, its statements in date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime

from pipelines.judging import after, counted, current, listed, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Duration, Message, Person, Playbook, Training
from signalbook.rule import Ask, rule


@rule("playbook-current", level=Level.WARN, about="A playbook was drilled in time, its roles are held, its statements in date.",
      waive="executive")  # fmt: skip
def playbook_current(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find playbooks that would fail somebody at three in the morning."""
    day = today(book, now)
    channels = book.settings.channels
    for playbook in book.all(Playbook):
        if playbook.state != "approved":
            continue
        if playbook.type == "network":
            key = playbook.channel
            if key and channels and (key not in channels or channels[key].status == "retired"):
                yield ask(
                    playbook, "channel",
                    f"The channel “{key}” is " + ("retired" if key in channels else "not in signalbook.toml")
                    + ", so this playbook tells how to behave where we are not.",
                    "Write the key of a channel we use, or `status: retired`.",
                )  # fmt: skip
            continue
        yield from _drilled(book, playbook, day, ask)
        yield from _roles(book, playbook, ask)
        for index, slug in enumerate(playbook.statements):
            message = book.get(Message, slug)
            if message is None:
                continue
            gone = message.expires if message.expires and message.expires < day else None
            if gone or (message.review_by and message.review_by < day) or message.state != "approved":
                why = f"ended on {gone}" if gone else (
                    f"is {message.state}" if message.state != "approved" else f"was due for review on {message.review_by}"
                )  # fmt: skip
                yield ask(
                    playbook, f"statements.{index}",
                    f"The statement {message.slug} {why}: the first public word would wait for an approval at night.",
                    "Have it approved anew, or name another statement.",
                )  # fmt: skip


def _drilled(book: Book, playbook: Playbook, day: date, ask: Ask) -> Iterator[Finding]:
    every = playbook.drill_every or Duration(180, "d")
    drills = [t for t in book.all(Training) if t.kind == "drill" and playbook.slug in t.teaches]
    planned = min((t.planned_on for t in drills if t.planned_on and t.planned_on >= day), default=None)
    level = Level.INFORM if planned else ask.level
    soon = f" A drill is planned for {planned}." if planned else ""
    if playbook.last_drilled is None:
        yield ask(
            playbook, "last_drilled",
            f"{playbook.name} has never been drilled; what is missing in it would be found on the day itself.{soon}",
            "Book a desk drill of 45 minutes, and write its day: `last_drilled:`.", level=level,
        )  # fmt: skip
        return
    age = (day - playbook.last_drilled).days
    if after(playbook.last_drilled, every, days=180) < day:
        deputy = playbook.roles.deputy if playbook.roles else None
        new = deputy and drills and not any(deputy in sitting.attended for drill in drills for sitting in drill.held)
        yield ask(
            playbook, "last_drilled",
            f"{playbook.name} was last drilled {counted(age, 'day')} ago"
            + ("; the deputy named in it has never taken part." if new else f", and is to be drilled every {every}.") + soon,
            "Book a desk drill of 45 minutes.", level=level,
        )  # fmt: skip


def _roles(book: Book, playbook: Playbook, ask: Ask) -> Iterator[Finding]:
    if not playbook.roles:
        return
    backups = playbook.roles.backups or {}
    alone = []
    for field in fields(playbook.roles):
        slug = getattr(playbook.roles, field.name)
        if field.name == "backups" or not slug:
            continue
        person = book.get(Person, slug)
        if person is not None and current(book, slug) is None:
            yield ask(
                playbook, f"roles.{field.name}",
                f"{person.name} has left and is still the {field.name} here; at night somebody would ring an empty desk.",
                f"Name who does it now: `{field.name}: duty-officer`.",
            )  # fmt: skip
        stands_in = backups.get(field.name) or (playbook.roles.deputy if field.name == "lead" else None)
        if field.name != "deputy" and (not stands_in or stands_in == slug):
            alone.append(field.name)
    if alone:
        yield ask(
            playbook, "roles",
            f"Nobody stands in for {listed(alone)}: if that person sleeps, the hour is lost.",
            f"Add `backups: {{{alone[0]}: social-lead}}`, somebody else for each.",
        )  # fmt: skip
