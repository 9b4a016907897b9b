"""Who must read a policy has read the version in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pipelines.judging import after, in_post, today
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Acknowledgement, Person, Policy
from signalbook.rule import Ask, rule

_EVERYONE = frozenset({"everyone", "everybody", "all", "team"})
_GROUPS: Mapping[str, frozenset[str]] = {
    "marketing-pr": frozenset({"social-lead", "writer", "designer", "analyst", "spokesperson"}),
    "service": frozenset({"community-manager"}),
    "executives": frozenset({"executive"}),
    "spokespeople": frozenset({"spokesperson"}),
    "moderators": frozenset({"community-manager", "moderator", "duty-officer"}),
}


@rule("ack-coverage", level=Level.WARN, about="Everybody in post who must read a policy has read the version in force.",
      waive="A")  # fmt: skip
def ack_coverage(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find policies that part of their readers have not read. Names stay out of the finding, PRACTICE 2.13."""
    day = today(book, now)
    people = in_post(book)
    given: dict[str, list[Acknowledgement]] = {}
    for ack in book.all(Acknowledgement):
        if ack.of and ack.by and ack.state in {"given", "exempt"}:
            given.setdefault(ack.of, []).append(ack)
    for policy in book.all(Policy):
        if policy.state != "in-force" or not policy.must_read or not people:
            continue
        asked: set[str] = set()
        for index, group in enumerate(policy.must_read):
            members = _members(group, people)
            asked |= members
            if not members and group.lower() not in _GROUPS:
                yield ask(
                    policy, f"must_read.{index}",
                    f"“{group}” must read this, and nobody in content/people/ is in it, so nobody is asked.",
                    "Write everyone, a role, a department, or one of: " + ", ".join(_GROUPS) + ".",
                )  # fmt: skip
        if not asked:
            continue
        least = (policy.version or 1) - (1 if policy.substantive is False else 0)
        read = {ack.by for ack in given.get(policy.slug, ()) if ack.by in asked and (ack.version or 0) >= least}
        if len(read) == len(asked):
            continue
        due = after(policy.in_force_from, policy.acknowledge_within, days=14) if policy.in_force_from else None
        late = due is None or day > due
        yield ask(
            policy, "must_read",
            f"{len(read)} of the {len(asked)} people who must have read version {policy.version or 1}"
            + (f"; all should have by {due}." if late and due else f"; they have until {due}." if due else ".")
            + (" What the others do not know, they cannot follow." if late else ""),
            "Ask those who have not; each adds a file of their own under content/policies/acknowledgements/. The missing "
            "roles are listed to the policy's owner.",
            level=ask.level if late else Level.INFORM,
        )  # fmt: skip


def _members(group: str, people: list[Person]) -> set[str]:
    key = group.lower()
    if key in _EVERYONE:
        return {person.slug for person in people}
    wide = _GROUPS.get(key, frozenset({key}))
    return {
        person.slug
        for person in people
        if wide & {person.slug, *person.roles} or (person.department or "").lower() == key
    }
