"""What we say about an audience, somebody of it has told us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.judging import is_over, today
from signalbook.book import Book
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Audience, Campaign, Insight, Objective, Plan
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_SLUG = pattern(r"[a-z0-9]+(?:-[a-z0-9]+)+")


@rule(
    "audience-evidence",
    level=Level.WARN,
    about="An audience rests on evidence of the last 12 months; until then it counts as assumed.",
    waive="A",
)
def audience_evidence(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find audiences in use that nobody has asked."""
    used = {
        slug
        for kind, states in ((Plan, {"active"}), (Campaign, {"ready", "live"}), (Objective, {"agreed", "running"}))
        for doc in book.all(kind)
        if doc.state in states
        for slug in (getattr(doc, "audiences_served", ()) or (getattr(doc, "audience", None),))
        if slug
    }
    day = today(book, now)
    insights = {insight.slug: insight for insight in book.all(Insight)}
    known = tuple(insights)
    for audience in book.all(Audience):
        if is_over(audience):
            continue
        for index, text in enumerate(audience.evidence):
            if _SLUG.fullmatch(text) and text not in insights:
                yield ask(
                    audience,
                    f"evidence.{index}",
                    f"“{shortened(text)}” reads like an insight, and there is none of that name; the evidence cannot be "
                    f"looked up.{near(text, known)}",
                    "Write the insight's name or an address, or add the insight.",
                )
        if audience.state == "assumed":
            yield ask(
                audience,
                "status" if audience.status else "evidence",
                "Everything here is assumed. Two conversations or one survey make it researched; until then reports "
                "print “assumed audience”.",
                "Hold them, write each as an insight, and name them: `status: researched`, "
                "`evidence: [interviews-october]`.",
                level=ask.level if audience.slug in used else Level.INFORM,
            )
            continue
        dates = [
            insight.observed_on or insight.decided_on for text in audience.evidence if (insight := insights.get(text))
        ]
        newest = max((found for found in dates if found), default=None)
        if newest and len(dates) == len(audience.evidence) and newest < day - timedelta(days=365):
            yield ask(
                audience,
                "evidence",
                f"The newest evidence is of {newest}, more than a year old; people's needs and places move on.",
                "Ask two people again and add the insight, or write `status: assumed`.",
            )
