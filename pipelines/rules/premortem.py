"""Before a campaign with something at stake goes out, somebody imagines it going wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over, listed, says
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Campaign, Message, Post
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
    stakes: dict[str, str] = {}
    for post in book.all(Post):
        if post.campaign and post.campaign not in stakes and post.state != "cancelled":
            if (post.tier or 0) >= 2:
                stakes[post.campaign] = f"its post {post.slug} is tier {post.tier}"
            elif post.incentive:
                stakes[post.campaign] = f"its post {post.slug} gives people something"
    for campaign in campaigns:
        claims = [m.slug for slug in campaign.messages if (m := book.get(Message, slug)) and m.type == "claim"]
        why = (
            f"it is set to tier {campaign.tier}"
            if (campaign.tier or 0) >= 2
            else f"it stands on the claim {listed(claims, most=2)}"
            if claims
            else "it is made with a partner"
            if campaign.partner
            else stakes.get(campaign.slug, "")
        )
        if why:
            yield ask(
                campaign,
                "premortem",
                f"Nobody has yet imagined this going wrong, and {why}: somebody may take it amiss, and we would find "
                "out in public.",
                "Add one line to `premortem:`. It is half a year later and people are angry about this campaign; what "
                "did they read in it? `premortem: [{it_failed_because: free coffee drew queues that regulars hated, "
                "sign: negative replies, answer: vouchers for quiet hours only}]`",
            )
