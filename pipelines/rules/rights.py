"""Media has a licence that covers the use, the place and the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Asset
from signalbook.posts import View
from signalbook.rule import Ask, rule


@rule(
    "rights",
    level=Level.BLOCK,
    about="Media has a licence that covers use, place and time.",
    source="copyright",
    waive="L",
)
def rights(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find media that we may not use, or cannot show that we may."""
    for view in posts.views(book):
        for index, media in enumerate(view.post.media):
            if not media.rights:
                if view.post.is_ready and media.src:
                    yield ask(
                        view.post, f"media.{index}",
                        f"Nothing says that we may use {media.src.rpartition('/')[2]}; if somebody asks, we could not answer.",
                        "Write the licence down with `signalbook new asset`, and name it: `rights: its-name`.",
                    )  # fmt: skip
                continue
            asset = book.get(Asset, media.rights)
            if asset and (wrong := _wrong(book, asset, view, now)):
                yield ask(view.post, f"media.{index}.rights", *wrong)


def _wrong(book: Book, asset: Asset, view: View, now: datetime) -> tuple[str, str] | None:
    if asset.status in {"withdrawn", "expired"}:
        return (
            f"{asset.name} is {asset.status}: we may no longer use it.",
            "Use another picture, or have the right renewed.",
        )
    if asset.status != "cleared":
        return (
            f"{asset.name} is not cleared yet, so we do not know that we may use it.",
            "Have it cleared first: `status: cleared`, with its source and licence.",
        )
    if not (asset.expires or asset.channels or asset.countries):
        return None
    when = view.due(now).astimezone(book.settings.team.zone).date()
    if asset.expires and asset.expires < when:
        return (
            f"The right to {asset.name} ends on {asset.expires}, and this post goes out on {when}.",
            "Move the post, have the right renewed, or use another picture.",
        )
    outside = [channel for channel in view.post.channels if asset.channels and channel not in asset.channels]
    if outside:
        return (
            f"{asset.name} may be used on {', '.join(asset.channels)}; this post goes to {', '.join(outside)} too.",
            "Have the right widened, or make a post without the picture for those channels.",
        )
    country = posts.country_of(view)
    if asset.countries and country and country not in asset.countries:
        return (
            f"{asset.name} may be shown in {', '.join(asset.countries)}; this post is for {country}.",
            "Use a picture that may be shown there.",
        )
    return None
