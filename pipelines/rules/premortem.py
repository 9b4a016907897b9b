"""Before a campaign with something at stake goes out, somebody imagines it going wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, listed, says
from signalbook import posts
from signalbook import tier as tiers
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Campaign, Message
from signalbook.rule import Ask, rule


@rule(
    "premortem",
    level=Level.BLOCK,
    about="From tier 2 on, a campaign has a pre-mortem: why it failed, the sign, the answer.",
    waive="A",
)
def premortem(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find campaigns at tier 2 or above that nobody has imagined failing."""
    campaigns = [
        c for c in book.all(Campaign) if not is_over(c) and not any(says(p.it_failed_because) for p in c.premortem)
    ]
    if not campaigns:
        return
    wanted = {campaign.slug for campaign in campaigns}
    stakes: dict[str, str] = {}
    for view in posts.views(book):
        if view.campaign and view.campaign.slug in wanted and view.campaign.slug not in stakes:
            found = tiers.computed(book, view)
            if max(found.number, view.post.tier or 0) >= 2:
                number = max(found.number, view.post.tier or 0)
                why = f", because {found.why}" if found.why else ""
                stakes[view.campaign.slug] = f"its post {view.post.slug} is tier {number}{why}"
    for campaign in campaigns:
        claims = [m.slug for slug in campaign.messages if (m := book.get(Message, slug)) and m.type == "claim"]
        stake = (
            f"it is set to tier {campaign.tier}"
            if (campaign.tier or 0) >= 2
            else f"it stands on the claim {listed(claims, most=2)}"
            if claims
            else "it is made with a partner"
            if campaign.partner
            else stakes.get(campaign.slug, "")
        )
        if stake:
            yield ask(
                campaign,
                "premortem",
                f"Nobody has yet imagined this going wrong, and {stake}: somebody may take it amiss, and we would find "
                "out in public.",
                "Add one line to `premortem:`. It is half a year later and people are angry about this campaign; what "
                "did they read in it? `premortem: [{it_failed_because: free coffee drew queues that regulars hated, "
                "sign: negative replies, answer: vouchers for quiet hours only}]`",
            )
