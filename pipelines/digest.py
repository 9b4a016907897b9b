"""A digest of what is heard: for one person what waits for them and what they must know; for the team how it stands.

It tells what alerts do not: what is no news any more, what comes due today, how long people waited. Times and load are of the team;
of a person only that person's own queue.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from signalbook import cases
from signalbook.errors import UsageError
from signalbook.model import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalbook.book import Book
    from signalbook.cases import Case
    from signalbook.records import Alert

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MOST: Final = 30


def made(book: Book, now: datetime, who: str = "") -> dict[str, Any]:
    """The digest as values; ``who`` is a role, the team if empty.

    Raises:
        UsageError: there is nobody of that name.
    """
    person = book.get(Person, who) if who else None
    if who and (person is None or person.side == "outside"):
        from signalbook.decode import near

        inside = tuple(one.slug for one in book.all(Person) if one.side != "outside")
        message = f"There is nobody called “{who}” in content/people/.{near(who, inside)}"
        raise UsageError(message)
    known = cases.read(book, now)
    rows = cases.queue(known)
    alerts = [one for one in book.alerts if now - DAY <= one.at <= now]
    times = cases.times(one for one in known if one.opened_at >= now - WEEK)
    if who:
        mine = [one for one in rows if one.owner == who]
        rows = mine
        told = [one for one in cases.queue(known) if who in one.inform and one.owner != who]
        stands = [one for one in cases.queue(known) if one.backup == who and one.stage(now) in {"backup", "over"}]
    else:
        told, stands = [], []
    return {
        "for": who or "team", "at": now.isoformat(), "open": len(rows),
        "late": sum(one.stage(now) == "over" for one in rows),
        "today": sum(one.due is not None and now < one.due <= now + DAY for one in rows),
        "cases": [_row(one, now) for one in rows[:MOST]], "know": [_row(one, now) for one in told[:MOST]],
        "stand_in": [_row(one, now) for one in stands[:MOST]],
        "unassigned": sum(not one.owner for one in rows) if not who else 0,
        "alerts": [{"severity": one.severity, "about": one.about, "why": one.why, "at": one.at.isoformat()} for one in _worst(alerts)],
        "week": {"cases": times.n, "answered": times.answered, "declined": times.declined, "in_time": times.in_time,
                 "to_inside_min": _minutes(times.inside), "to_owner_min": _minutes(times.owner),
                 "to_answer_min": _minutes(times.answer), "felt_min": _minutes(times.public)},
    }  # fmt: skip


def _worst(alerts: Sequence[Alert]) -> list[Alert]:
    return sorted(alerts, key=lambda one: (one.severity, one.at))[:MOST]


def _minutes(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds() / 60)


def _row(one: Case, now: datetime) -> dict[str, Any]:
    return {"case": one.id, "row": one.row.name, "severity": one.severity, "state": one.state, "owner": one.owner,
            "topic": one.topic, "due": one.due.isoformat() if one.due else None, "stage": one.stage(now)}  # fmt: skip


def as_markdown(found: dict[str, Any], book: Book) -> str:
    """The digest for reading, and for a letter."""
    zone = book.settings.team.zone
    who = book.settings.team.name if found["for"] == "team" else book.person(found["for"])
    out = [f"# Digest for {who}", "", f"{found['open']} open, {found['late']} late, {found['today']} due within a day."]
    if found["unassigned"]:
        out.append(f"{found['unassigned']} have no owner: nobody who may act is there and has room.")
    for title, key in (("Waits for you" if found["for"] != "team" else "In the order of work", "cases"),
                       ("You stand in", "stand_in"), ("You must know", "know")):  # fmt: skip
        if found[key]:
            out += ["", f"## {title}", ""]
            for one in found[key]:
                due = datetime.fromisoformat(one["due"]).astimezone(zone) if one["due"] else None
                when = (
                    f"{'LATE since' if one['stage'] == 'over' else 'due'} {due:%a %d %b, %H:%M}"
                    if due
                    else "no clock runs"
                )
                owner = f", {book.person(one['owner'])}" if one["owner"] and one["owner"] != found["for"] else ""
                out.append(f"- {one['severity']} {one['row']} `{one['case']}`: {when}{owner}")
    if found["alerts"]:
        out += ["", "## Alerts of the last day", ""]
        out += [f"- S{one['severity']} {one['why']}" for one in found["alerts"]]
    week = found["week"]
    out += [
        "",
        "## The team's week",
        "",
        f"{week['cases']} cases, {week['answered']} answered, {week['declined']} declined with a reason.",
    ]
    if week["in_time"] is not None:
        out.append(
            f"{week['in_time']:.0%} of first answers in time; half of the people waited {week['felt_min']} min or less."
        )
    return "\n".join(out) + "\n"


__all__ = ["as_markdown", "made"]
