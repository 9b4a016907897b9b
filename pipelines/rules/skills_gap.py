"""For each skill the team's roles need, two people can do it alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from pipelines.judging import in_post, listed
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person
from signalbook.rule import Ask, rule

TARGETS: Mapping[str, Mapping[str, int]] = {
    "social-lead": {"writing": 3, "pr": 3, "crisis": 3, "analytics": 2},
    "writer": {"writing": 4, "accessibility": 3, "psychology": 2},
    "community-manager": {"moderation": 4, "writing": 3, "sociology": 2, "crisis": 2},
    "designer": {"design": 4, "video": 3, "accessibility": 3},
    "analyst": {"analytics": 4, "direct-response": 2},
    "spokesperson": {"pr": 3, "crisis": 4},
    "duty-officer": {"crisis": 3, "moderation": 2},
}
"""Role → skill → the level it usually needs: 2 with help, 3 alone, 4 teaches."""

_LEVELS = ("none", "knows of it", "with help", "alone", "teaches")


def _skills(person: Person) -> dict[str, int]:
    return {name.lower().replace(" ", "-"): level for name, level in (person.skills or {}).items()}


@rule(
    "skills-gap", level=Level.INFORM, about="Each role has the skills it usually needs, and each skill has two people."
)
def skills_gap(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find skills below a role's target, and skills that one absence would take away."""
    team = [(person, _skills(person)) for person in in_post(book) if person.skills]
    wanted: dict[str, int] = {}
    for person, has in team:
        held = {person.slug, *person.roles} & TARGETS.keys()
        needs: dict[str, int] = {}
        for role in held:
            for skill, level in TARGETS[role].items():
                needs[skill] = max(level, needs.get(skill, 0))
        below = [
            f"{skill} {has.get(skill, 0)} of {level}"
            for skill, level in sorted(needs.items())
            if has.get(skill, 0) < level
        ]
        if below:
            yield ask(
                person, "skills", f"Below what the role usually needs: {listed(below)}.",
                "Plan a training, or let somebody else carry that part; 3 means alone, 4 means able to teach.",
            )  # fmt: skip
        for skill, level in needs.items():
            wanted[skill] = max(wanted.get(skill, 0), min(level, 3))
    if len(team) < 2:
        return
    for skill, target in sorted(wanted.items()):
        ranked = sorted(team, key=lambda row: (-row[1].get(skill, 0), row[0].slug))
        able = [person for person, has in ranked if has.get(skill, 0) >= target]
        if len(able) >= 2:
            continue
        nearly = [person for person, has in ranked if has.get(skill, 0) == target - 1]
        if able:
            message = f"Only {able[0].name} reaches level {target} in {skill}; one absence and nobody does it alone."
        else:
            message = f"Nobody reaches level {target} in {skill} ({_LEVELS[target]}); the team needs two."
        who = f"{listed([person.name for person in nearly], most=3)} at level {target - 1} would be next." if nearly else (
            "Nobody is close: book a course, or hire for it."
        )  # fmt: skip
        yield ask((able or [ranked[0][0]])[0], f"skills.{skill}", message, f"Plan a training in {skill}. {who}")
