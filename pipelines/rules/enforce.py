"""What a policy says it enforces, a rule enforces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook import checking
from signalbook.book import Book
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Policy
from signalbook.rule import Ask, rule

_READING = frozenset(
    {"field-type", "file", "front-matter", "link", "local-time", "slug", "store-line", "unknown-field", "waiver"}
)
"""Ids of findings that arise while files are read; no policy can set them."""

_SENDING = frozenset({"hold"})
"""Kept when a post is due, by what every post goes through, and not by a check."""


@rule(
    "enforce",
    level=Level.WARN,
    about="A policy names rules that exist, and no two policies in force set one differently.",
)
def enforce(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find promises in policies that nothing keeps."""
    policies = [policy for policy in book.all(Policy) if policy.enforce and not is_over(policy)]
    if not policies:
        return
    known = checking.rules()
    first: dict[str, tuple[Policy, str]] = {}
    for policy in policies:
        for index, row in enumerate(policy.enforce):
            if not row.rule:
                continue
            field = f"enforce.{index}.rule"
            if row.rule in _READING:
                yield ask(
                    policy, field,
                    f"`{row.rule}` is found while a file is read and always counts; a policy cannot set it.",
                    "Take the line out.",
                )  # fmt: skip
            elif row.rule not in known and row.rule not in _SENDING:
                yield ask(
                    policy, field,
                    f"There is no rule called “{shortened(row.rule)}”, so the policy promises a check that nobody makes."
                    f"{near(row.rule, tuple(known))}",
                    "Write the id as the guide's list of rules has it, or take the line out and say who looks instead.",
                )  # fmt: skip
            elif policy.state == "in-force" and row.level:
                other, level = first.setdefault(row.rule, (policy, row.level))
                if other is not policy and level != row.level:
                    yield ask(
                        policy, field,
                        f"{other.name} sets `{row.rule}` to {level} and this policy to {row.level}; readers of one will be "
                        "surprised by the other.",
                        "Let one of the two set it.",
                    )  # fmt: skip
