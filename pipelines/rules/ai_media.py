"""A picture, sound or film that a machine made is labelled as such."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Asset, Media
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_LABEL = pattern(
    r"\b(?:ai|ki)[- ](?:generated|made|created|generiert\w*|erzeugt\w*|bild)\b|\b(?:generated|made|created|drawn) (?:with|by) (?:an? )?(?:ai|machine|artificial)"
    r"|\bmit (?:einer )?(?:ki|künstlicher intelligenz) (?:erzeugt|erstellt|gemacht)|\bcomputer-generated\b|\bcomputergeneriert\w*|\bsynthetic\b|\bsynthetisch\w*"
)


@rule(
    "ai-media",
    level=Level.BLOCK,
    about="Media that a machine made or altered is labelled.",
    source="Regulation (EU) 2024/1689, article 50",
    waive="L",
    alone=True,
)
def ai_media(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find generated media without a label, and media that hides what its asset says."""
    for view in posts.views(book):
        for index, media in enumerate(view.post.media):
            asset = book.get(Asset, media.rights) if media.rights else None
            if asset and asset.ai in {"assisted", "generated"} and media.ai in {None, "none"}:
                yield ask(
                    view.post, f"media.{index}.ai" if media.ai else f"media.{index}",
                    f"{asset.name} says that a machine {_did(asset.ai)} {_name(media)}, and the post does not, so it would go out unlabelled.",
                    f"Write `ai: {asset.ai}`.",
                )  # fmt: skip
            elif (
                media.ai == "generated"
                and not _LABEL.search((media.alt or "").lower())
                and not any(_LABEL.search(said.prose.low) for said in view.said)
            ):
                yield ask(
                    view.post, f"media.{index}.ai",
                    f"A machine made {_name(media)}, and neither the copy nor the alt text says so; people would take it for real.",
                    "Say it in the copy or in `alt`: “AI-generated picture: …”.",
                )  # fmt: skip


def _name(media: Media) -> str:
    return (media.src or "").rpartition("/")[2]


def _did(how: str | None) -> str:
    return "made" if how == "generated" else "helped to make"
