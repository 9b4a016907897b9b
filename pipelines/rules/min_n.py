"""No number rests on too few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Audience, Campaign, Competitor, Metric, Objective
from signalbook.rule import Ask, rule

_SHARES = {"percent": "percentage", "ratio": "ratio", "score": "score"}


@rule("min-n", level=Level.WARN, about="A share says from how many on it is shown, and no baseline rests on fewer.",
      source="statistics")  # fmt: skip
def min_n(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find shares and baselines over too few to mean anything."""
    rated = ask.limit("rated", 50)
    replies = ask.limit("replies", 20)
    for metric in book.all(Metric):
        if metric.unit in _SHARES and metric.min_n is None and not is_over(metric):
            yield ask(
                metric, "unit",
                f"{metric.name} is a {_SHARES[metric.unit]}, and nobody has said from how many on it is shown: one of two is 50 %.",
                "Add `min_n: 30`, or as many as you would want before you act on it.",
                level=ask.level if metric.is_ready else Level.INFORM,
            )  # fmt: skip
    for objective in book.all(Objective):
        found, start = book.get(Metric, objective.metric), objective.baseline
        if not found or not found.min_n or not start or start.n is None or is_over(objective):
            continue
        if start.value and start.n < found.min_n:
            yield ask(
                objective, "baseline.n",
                f"The baseline of {start.value:g} was counted over {start.n}; {found.name} is shown from {found.min_n} on. "
                "A change from it may be nothing but chance.",
                "Wait for more, count over a longer time, or say in the text how unsure the start is.",
            )  # fmt: skip
    for audience in book.all(Audience):
        tone = audience.sentiment_baseline
        if tone and tone.n is not None and tone.n < rated:
            yield ask(
                audience, "sentiment_baseline.n",
                f"How this audience felt was read from {tone.n} mentions; below {rated} one loud person moves it.",
                "Take it out until there are more, or widen the period.",
            )  # fmt: skip
    for rival in book.all(Competitor):
        view = rival.reputation
        if view and view.n is not None and view.n < rated:
            yield ask(
                rival, "reputation.n",
                f"What is said of {rival.name} was read from {view.n} mentions; below {rated} it is an anecdote.",
                "Take it out until there are more, or widen the period.",
            )  # fmt: skip
    for campaign in book.all(Campaign):
        if is_over(campaign) or not campaign.backlash or campaign.backlash.min_replies is None:
            continue
        if campaign.backlash.min_replies < replies:
            yield ask(
                campaign, "backlash.min_replies",
                f"After {campaign.backlash.min_replies} replies the campaign would stop itself; so few angry people can "
                "agree to that.",
                f"Write `min_replies: {replies}` or more.",
            )  # fmt: skip
