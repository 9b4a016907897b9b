"""What waits for whom: drafts, approvals, reviews, actions, decisions and open cases, by role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from signalbook import cases
from signalbook.classes import dataclass
from signalbook.model import Insight, Person, Plan, Playbook, Policy
from site_plugins.calendar.entries import Entry, entries
from site_plugins.listening import acting
from site_plugins.listening.parts import case_address
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.site import Site

DAYS_AHEAD: Final = 7


@dataclass(frozen=True, slots=True, order=True)
class Wait:
    """One thing that waits for somebody.

    Attributes:
        day: the day it is wanted; ``date.max`` for one that nobody named.
        words: the thing to do, as one would say it.
        address: where it is done.
        due: the instant a running clock ends.
    """

    day: date
    words: str
    address: str
    due: datetime | None = None


_last: list[tuple[Book, datetime, Mapping[str, Sequence[Wait]]]] = []


def waiting(book: Book, now: datetime, site: Site) -> Mapping[str, Sequence[Wait]]:
    """Role → what waits for it, the earliest first; under the empty name the cases that nobody owns. Told once a build."""
    if not _last or _last[0][0] is not book or _last[0][1] != now:
        _last[:] = [(book, now, _waiting(book, entries(book, now), now, site))]
    return _last[0][2]


def _waiting(book: Book, found: Sequence[Entry], now: datetime, site: Site) -> dict[str, list[Wait]]:
    """Role → what waits for it, the earliest first; under the empty name the cases that nobody owns."""
    out: dict[str, list[Wait]] = defaultdict(list)
    soon = site.today + timedelta(days=14)
    far = date.max
    approver = _approver(book)
    for entry in found:
        if entry.state == "review":
            day = entry.at.date() if entry.at else far
            out[approver or entry.post.owner or ""].append(
                Wait(day, f"Approve “{entry.post.name}”", site.link(entry.post))
            )
        elif entry.state == "draft" and entry.at and entry.at.date() <= site.today + timedelta(days=DAYS_AHEAD):
            out[entry.post.owner or ""].append(
                Wait(entry.at.date(), f"Finish “{entry.post.name}”", site.link(entry.post))
            )
    for kind in (Policy, Playbook, Plan):
        for document in book.all(kind):
            if document.state == "review":
                out[approver or document.owner or ""].append(
                    Wait(far, f"Approve “{document.name}”", site.link(document))
                )
    for policy in book.all(Policy):
        if policy.state == "in-force" and policy.review_by and site.today <= policy.review_by <= soon:
            out[policy.owner or ""].append(Wait(policy.review_by, f"Review “{policy.name}”", site.link(policy)))
    for plan in book.all(Plan):
        for action in plan.actions:
            if (
                plan.state == "active"
                and action.due
                and site.today <= action.due <= soon
                and (action.status or "open") == "open"
            ):
                out[action.owner or ""].append(Wait(action.due, action.what or plan.name, site.link(plan)))
    for insight in book.all(Insight):
        if insight.state in {"noted", "checked"} and insight.act and insight.decision is None:
            out[insight.act].append(Wait(far, f"Decide on “{insight.name}”", site.link(insight)))
    out.pop("", None)
    for case in cases.queue(cases.read(book, now)):
        if case.replied_at is not None and case.due is None:
            continue  # it waits for them
        verb = "Answer" if case.waits else "Settle"
        day = case.due.astimezone(book.settings.team.zone).date() if case.due else far
        words = f"{verb if case.owner else 'Take'}: {acting.title(case)}"
        out[case.owner].append(Wait(day, words, href(case_address(case)), case.due))
    return {role: sorted(rows, key=earliest) for role, rows in out.items()}


def earliest(one: Wait) -> tuple[date, bool, str, str]:
    """Earliest first; on the same day what has an hour comes before what has the day."""
    return one.day, one.due is None, one.due.astimezone(UTC).isoformat() if one.due else "", one.words


def _approver(book: Book) -> str:
    return next((person.slug for person in book.all(Person) if "approver" in {person.slug, *person.roles}), "")


def wanted(one: Wait, book: Book) -> Markup:
    """What is wanted, and the clock that runs for it, which a script counts down."""
    link = Markup('<a href="{}">{}</a>').format(one.address, one.words)
    if one.due is None:
        return link
    local = one.due.astimezone(book.settings.team.zone)
    return Markup('{} <time class="sb-num" data-sb-deadline datetime="{}">by {:%a %H:%M}</time>').format(
        link, local.isoformat(timespec="minutes"), local
    )
