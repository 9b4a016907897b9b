"""People who can be recognised agreed, minors through their guardians."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Asset
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_MINOR = pattern(
    r"\b(?:child|children|kids?|minors?|pupils?|toddler|baby|teenagers?|kind(?:er|ern|es)?|jugendliche\w?|schüler\w*|minderjährige\w?)\b"
)


@rule(
    "people-consent",
    level=Level.BLOCK,
    about="Recognisable people agreed, minors through guardians.",
    source="GDPR; image rights",
    waive="L",
)
def people_consent(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find media of people whose yes is over, or is not theirs to give."""
    for view in posts.views(book):
        when = None
        for index, media in enumerate(view.post.media):
            asset = book.get(Asset, media.rights) if media.rights else None
            if asset is None or not asset.people:
                continue
            when = when or view.due(now).astimezone(book.settings.team.zone).date()
            for release in asset.people:
                who = release.who or "somebody"
                if release.until and release.until < when:
                    yield ask(
                        view.post, f"media.{index}.rights",
                        f"In {asset.name}, {who} agreed to be shown until {release.until}; this post goes out on {when}.",
                        "Ask again and write down the new date, or use another picture.",
                    )  # fmt: skip
                elif not release.minor and _MINOR.search(who.lower()):
                    yield ask(
                        view.post, f"media.{index}.rights",
                        f"{asset.name} shows {who}, and nothing says that a guardian agreed.",
                        "When a guardian has agreed, write `minor: true` with that person in the asset; until then use another picture.",
                    )  # fmt: skip
