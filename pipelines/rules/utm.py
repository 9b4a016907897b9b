"""Tracking words are lower case, known, and tell nothing about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from urllib.parse import unquote_plus

from signalbook import counting, posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Campaign
from signalbook.pattern import pattern
from signalbook.posts import View
from signalbook.rule import Ask, rule
from signalbook.tracking import FIELDS, MEDIUMS, WORDS

_PAIR = pattern(r"[?&;](utm_\w+)=([^&;#]*)", re.IGNORECASE)
_FIELD = pattern(r"\{(\w*)\}")
_PERSON = pattern(r"@|%40|\d{6,}")


@rule(
    "utm",
    level=Level.WARN,
    about="Tracking words are lower case, known and free of personal data.",
    source="analytics practice",
    waive="A",
    alone=True,
)
def utm(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find tracking words that would split the numbers, one finding a link."""
    mediums = tuple(str(word) for word in ask.limit("mediums", list(MEDIUMS)))
    sources = {
        *book.settings.channels,
        *counting.limits(),
        *(c.connector for c in book.settings.channels.values()),
        "newsletter",
    }
    yield from _templates(book, ask, mediums)
    for view in posts.views(book):
        if view.post.utm is not None:
            for word, fault in _template(asdict(view.post.utm), mediums):
                yield ask(view.post, f"utm.{word}", *fault)
        if (
            view.post.link
            and "utm_" in view.post.link.lower()
            and (wrong := _wrong(view.post.link, view, mediums, sources))
        ):
            yield ask(view.post, "link", *wrong)
        for said in view.said:
            if said.prose.links and "utm_" in said.text.lower():
                for link in said.prose.links:
                    if "utm_" in link.text.lower() and (wrong := _wrong(link.text, view, mediums, sources)):
                        yield ask(view.post, said.field, *wrong, **posts.where(said, link.start))


def _templates(book: Book, ask: Ask, mediums: tuple[str, ...]) -> Iterator[Finding]:
    """The words that signalbook.toml and the campaigns ask for."""
    links = book.settings.more.get("links")
    tables = [("links", links.get("utm") if isinstance(links, dict) else None)]
    tables += [(f"channels.{key}", channel.more.get("utm")) for key, channel in book.settings.channels.items()]
    for table, said in tables:
        for word, wrong in _template(said, mediums) if isinstance(said, dict) else ():
            line = posts.settings_line(book, table, "utm")
            yield ask(book.workspace.settings.name, f"{table}.utm.{word}", *wrong, line=line)
    for campaign in book.all(Campaign):
        if campaign.utm is not None:
            for word, wrong in _template(asdict(campaign.utm), mediums):
                yield ask(campaign, f"utm.{word}", *wrong)


def _template(said: Mapping[str, object], mediums: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, str]]]:
    for word, text in said.items():
        if text is None:
            continue
        if word not in WORDS:
            yield word, (f"`{word}` is no tracking word, so it is left out.", f"Write one of: {', '.join(WORDS)}.")
            continue
        plain = str(text)
        unknown = next((name for name in _FIELD.findall(plain) if name not in FIELDS), "")
        if unknown:
            yield (
                word,
                (
                    f"`{{{prose.short(unknown, 30)}}}` stands for nothing, so the word would have a hole.",
                    f"Write one of: {', '.join(f'{{{name}}}' for name in FIELDS)}.",
                ),
            )
        elif _PERSON.search(plain):
            yield (
                word,
                (
                    f"`utm_{word}` holds what may tell who somebody is, and every tool on the way keeps it.",
                    "Take it out; count people where they agreed to it.",
                ),
            )
        elif word == "medium" and plain and "{" not in plain and plain not in mediums:
            yield (
                word,
                (
                    f"`utm_medium={prose.short(plain, 30)}` is not one of our words, so these visits stand in no report.",
                    f"Write one of: {', '.join(mediums)}.",
                ),
            )


def _wrong(address: str, view: View, mediums: tuple[str, ...], sources: set[str]) -> tuple[str, str] | None:
    pairs = [
        (key, unquote_plus(value) if "%" in value or "+" in value else value) for key, value in _PAIR.findall(address)
    ]
    held: dict[str, str] = {}
    for key, value in pairs:
        name = prose.short(f"{key}={value}", 50)
        if key in held:
            return f"`{key}` stands twice in the link, and each tool counts another one.", "Keep one of the two."
        held[key] = value
        if key != key.lower() or value != value.lower():
            return f"`{name}` has capitals, so it is counted apart from {name.lower()}.", f"Write `{name.lower()}`."
        if _PERSON.search(value):
            return (
                f"`{key}` holds what may tell who somebody is, and every tool on the way keeps it.",
                "Take it out; count people where they agreed to it.",
            )
    if (medium := held.get("utm_medium")) and medium not in mediums:
        return (
            f"`utm_medium={prose.short(medium, 30)}` is not one of our words, so these visits stand in no report.",
            f"Write one of: {', '.join(mediums)}.",
        )
    if (source := held.get("utm_source")) and source not in sources:
        return (
            f"`utm_source={prose.short(source, 30)}` is no channel of ours, so these visits stand in no report.",
            "Write the channel's key, or leave it out: it is added for each channel.",
        )
    wanted = view.campaign.utm.campaign if view.campaign and view.campaign.utm else None
    if wanted and "{" not in wanted and (found := held.get("utm_campaign")) and found != wanted:
        return (
            f"The link says `utm_campaign={prose.short(found, 30)}` and the campaign says {wanted}.",
            f"Write `utm_campaign={wanted}`, or leave it out: it is added.",
        )
    return None
