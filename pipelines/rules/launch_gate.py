"""A launch is ready when everything the documents can tell is ready, or the executive says in writing why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from pipelines.judging import after, at, both_away, counted, current, in_post, listed, local, says, today, trained_until
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import (
    Acknowledgement,
    Campaign,
    Event,
    Message,
    Objective,
    Playbook,
    Policy,
    Post,
    Training,
    Watch,
)
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

Item = tuple[str, str, str]
"""The field it is about, what is open, what to do."""

_GO = pattern(r"\bgo\b.{0,12}\bno[ -]?go\b", re.IGNORECASE)
_STOP = pattern(r"\bstop(s|ped)?\b|\bstop rule\b|\babbruch", re.IGNORECASE)


@rule(
    "launch-gate",
    level=Level.BLOCK,
    about="A launch campaign is ready when every item of the launch gate that documents can tell is met.",
    waive="executive",
)
def launch_gate(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find launches that would begin with something open; before they are ready, say in one line what is left."""
    for campaign in book.all(Campaign):
        if campaign.type != "launch" or campaign.state not in {"draft", "review", "ready", "live"}:
            continue
        items = list(_open(book, campaign, now, ask.limit("answers", 10)))
        if not items:
            continue
        if campaign.state in {"draft", "review"}:
            yield ask(
                campaign, "status",
                f"Before this launch may be ready, {counted(len(items), 'item')} of the gate "
                f"{'is' if len(items) == 1 else 'are'} open: " + "; ".join(what for _, what, _ in items) + ".",
                f"Begin with the first: {items[0][2]}", level=Level.INFORM,
            )  # fmt: skip
            continue
        excepted = says(campaign.launch_gate, least=4)
        for field, what, remedy in items:
            yield ask(
                campaign, field,
                f"The launch gate is not passed: {what}."
                + (" The executive's exception is on this page." if excepted else " On the day, nobody has time to mend it."),
                remedy + ("" if excepted else " Or let the executive write the exception: `launch_gate: …, because …`."),
                level=Level.INFORM if excepted else None,
            )  # fmt: skip


def _open(book: Book, campaign: Campaign, now: datetime, answers: int) -> Iterator[Item]:
    begin = campaign.period.from_ if campaign.period and campaign.period.from_ else today(book, now)
    yield from _said(book, campaign, begin, answers)
    yield from _people(book, campaign, begin)
    yield from _day(book, campaign, begin, now)


def _said(book: Book, campaign: Campaign, begin: date, answers: int) -> Iterator[Item]:
    """Objectives, messages, answers, landing page."""
    for index, slug in enumerate(campaign.objectives):
        objective = book.get(Objective, slug)
        if objective and (objective.baseline is None or objective.state == "draft"):
            lack = "has no baseline" if objective.baseline is None else "is still a draft"
            yield f"objectives.{index}", f"the objective {slug} {lack}", f"Finish {objective.path}."
    for index, name in enumerate(campaign.messages):
        message = book.get(Message, name)
        if message is None:
            continue
        gone = min((day for day in (message.expires, message.review_by) if day and day < begin), default=None)
        if message.state != "approved":
            yield (
                f"messages.{index}",
                f"the message {name} is {message.state}",
                f"Have it approved, or take it out: {message.path}.",
            )
        elif gone:
            yield (
                f"messages.{index}",
                f"the message {name} is in date only until {gone}",
                f"Prove it again: {message.path}.",
            )
    ready = sum(1 for message in book.all(Message) if message.type == "answer" and message.state == "approved")
    if ready < answers:
        yield "messages", f"of the {answers} questions we fear most, {ready or 'none'} {'has' if ready == 1 else 'have'} an approved answer", (
            "Write the answers as messages with `type: answer`, and have them approved."
        )  # fmt: skip
    if not (campaign.call_to_action and campaign.call_to_action.url):
        yield "call_to_action", "no landing page is named", "Write `call_to_action: {text, url}`."
    if not (campaign.utm and campaign.utm.campaign):
        yield (
            "utm",
            "no link tag is set, so nobody can tell later what came of it",
            f"Write `utm: {{campaign: {campaign.slug}}}`.",
        )
    if not any(says(row.it_failed_because) for row in campaign.premortem):
        yield "premortem", "nobody has imagined it going wrong", "Add a line to `premortem:`."


def _people(book: Book, campaign: Campaign, begin: date) -> Iterator[Item]:
    """Briefings, acknowledgements, spokesperson, playbooks, watches."""
    briefed = any(
        training.kind == "briefing"
        and any(sitting.on and sitting.on <= begin for sitting in training.held)
        and (campaign.slug in {*training.labels, *training.teaches} or set(training.teaches) & set(campaign.messages)
             or set(training.labels) & set(campaign.labels))
        for training in book.all(Training)
    )  # fmt: skip
    if not briefed:
        yield "", "nobody has been briefed", (
            f"Hold a briefing for those who answer customers and write it down: a training with `kind: briefing`, "
            f"`labels: [{campaign.slug}]` and `held:`."
        )  # fmt: skip
    service = {p.slug for p in in_post(book) if {"community-manager", "service"} & {p.slug, *p.roles}}
    read = {(ack.of, ack.by) for ack in book.all(Acknowledgement) if ack.state in {"given", "exempt"}}
    unread = [
        policy.slug
        for policy in book.all(Policy)
        if policy.state == "in-force"
        and {"everyone", "service", "community-manager"} & set(policy.must_read)
        and any((policy.slug, slug) not in read for slug in service)
    ]
    if unread:
        yield "", f"not everybody who answers customers has read {listed(unread)}", (
            "Ask those who have not; the launch needs all of them."
        )  # fmt: skip
    speakers = [p for p in in_post(book) if "spokesperson" in {p.slug, *p.roles}]
    if not any((until := trained_until(book, person.slug)) and until >= begin for person in speakers):
        yield "", "no spokesperson is trained for that day", "Hold a session for spokespeople before it."
    drilled = [
        playbook for playbook in book.all(Playbook)
        if playbook.type == "crisis" and playbook.state == "approved" and playbook.last_drilled
        and after(playbook.last_drilled, playbook.drill_every, days=180) >= begin
    ]  # fmt: skip
    if not drilled:
        yield "", "no crisis playbook will be drilled in time", "Book a desk drill of 45 minutes."
    heard = [watch for watch in book.all(Watch) if watch.state == "on"]
    if not heard:
        yield "", "nobody listens: no watch is on", "Switch a watch on a week before, so that it knows what is usual."
    end = after(begin, None, days=2)
    for watch in heard:
        expert, backup = current(book, watch.expert), current(book, watch.backup)
        if expert and backup and any(first <= end for first, _ in both_away(expert, backup, begin)):
            yield "", f"expert and backup of {watch.slug} are both away in the first three days", "Name a third."


def _day(book: Book, campaign: Campaign, begin: date, now: datetime) -> Iterator[Item]:
    """The day itself: what else is on it, who reads the answers, what stops it, who says go."""
    day = local(campaign.event_at, book).date() if campaign.event_at else begin
    for event in book.all(Event):
        if event.effect not in {"avoid", "quiet"} or event.when is None:
            continue
        first = event.when.date() if isinstance(event.when, datetime) else event.when
        last = event.until.date() if isinstance(event.until, datetime) else event.until or first
        if first <= day <= last:
            yield "event_at" if campaign.event_at else "period", f"the day is also {event.name}", "Move it by a day."
    posts = [
        post for post in book.all(Post) if post.campaign == campaign.slug and post.state not in {"cancelled", "idea"}
    ]
    early = [
        post for post in posts
        if isinstance(post.publish_at, datetime) and local(post.publish_at, book).date() <= after(begin, None, days=2)
    ]  # fmt: skip
    if not early:
        yield "", "no post for its first three days is written", f"Write one with `campaign: {campaign.slug}`."
    elif silent := [post for post in early if not (post.watch_replies and post.watch_replies.by)]:
        first_at = min(post.publish_at for post in silent if isinstance(post.publish_at, datetime))
        yield "", f"nobody is named to read the answers to {listed([p.slug for p in silent], most=2)} ({at(first_at, book, now)})", (
            "Add `watch_replies: {by: community-manager, until: 4h}` to each."
        )  # fmt: skip
    if not campaign.backlash and not _STOP.search(campaign.body):
        yield "backlash", "nothing says what would stop it", "Write `backlash:`, or a stop rule in the text."
    if not _GO.search(campaign.body) and not any(
        _GO.search(event.title or "") for event in book.all(Event) if event.campaign in {None, campaign.slug}
    ):
        yield "", "nobody is named to say go or no-go", "Write in the text who says it, and when."
