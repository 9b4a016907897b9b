"""Whoever is given something for taking part knows the terms, the end and who may take part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Post
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_FIRST = frozenset(
    "giveaway giveaways raffle raffles sweepstake sweepstakes prize draw win gewinnspiel verlosung verlosen gewinnen tag share like teile markiere".split()
)
_GIFTS = frozenset(
    "giveaway giveaways raffle raffles sweepstake sweepstakes prize win gewinnspiel gewinnspiele verlosung verlosen".split()
)
_STEMS = ("giveaway", "raffle", "sweepstake", "prize", "win", "verlos")
"""What is in every one of these words: a first look, before a post's words are read one by one."""
_GIVES = pattern(
    r"\bgiveaways?\b|\braffles?\b|\bsweepstakes?\b|\bprize draw\b|\bwin (?:an?|one of|two|three|\d+) \w+|\bgewinnspiel\w*|\bverlosung\w*|\bwir verlosen\b"
)
_BAIT = pattern(
    r"\b(?:tag (?:a|two|three|\d+) friends?|share (?:this|and tag|to win)|like and share|like,? (?:comment|share)[\w ,]{0,20}to win"
    r"|teile diesen beitrag|markiere (?:zwei|drei|einen|deine|\d+)?\s*freunde?)\b"
)


def _perhaps(post: Post) -> bool:
    low = f"{post.title or ''} {post.body}".lower()
    return any(stem in low for stem in _STEMS)


@rule(
    "incentive",
    level=Level.BLOCK,
    about="An incentive has terms, an end, a cost and a day of review, and no bait.",
    source="promotion law; the networks",
    waive="L",
    look=_perhaps,
)
def incentive(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find promotions without their terms, after their end, or with what networks forbid."""
    for view in posts.views(book):
        post = view.post
        given = post.incentive
        if given is None and not view.ahead(now):
            continue
        if given is None:
            if post.type == "incentive":
                yield ask(
                    post, "type", "The post gives people something for taking part, and no terms say what, until when and for whom.",
                    "Add `incentive: {purpose: …, terms: https://…, cost: {amount: …, currency: EUR}, ends: …, review: …}`.",
                )  # fmt: skip
            elif (
                ask.first(post)
                and not view.words.isdisjoint(_GIFTS)
                and ("prize" not in view.words or "draw" in view.words or not view.words.isdisjoint(_GIFTS - {"prize"}))
            ):
                for said in view.said:
                    if found := _GIVES.search(said.prose.low):
                        yield ask(
                            post, said.field,
                            f"“{found[0]}” promises people something, and the post names no terms: who may take part, until when, how winners "
                            "are found.",
                            "Add `incentive:` with its terms, or take the promise out.", **posts.where(said, found.start()),
                        )  # fmt: skip
                        break
        elif given.ends and given.ends < view.due(now).astimezone(book.settings.team.zone).date():
            yield ask(
                post,
                "incentive.ends",
                f"It ends on {given.ends}, before the post goes out.",
                "Move the end or the post.",
            )
        if (given or post.type == "incentive") and not view.words.isdisjoint(_FIRST):
            for said in view.said:
                if found := _BAIT.search(said.prose.low):
                    yield ask(
                        post, said.field,
                        f"“{found[0]}” asks people to spread it for a prize; networks forbid that and show such posts to fewer people.",
                        "Ask for an answer or a visit instead.", **posts.where(said, found.start()),
                    )  # fmt: skip
                    break
