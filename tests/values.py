"""Builders without files: a Book made of values, with a sensible default for whatever a case does not care about.

::

    book(post("opening", body="We open at seven.", channels=("bluesky",)), person("writer"))
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signalbook.book import Book
from signalbook.model import (
    Audience,
    Campaign,
    Competitor,
    Document,
    Event,
    Media,
    Message,
    Person,
    Policy,
    Post,
    Proof,
)
from signalbook.model.policies import Enforce
from signalbook.records import Receipt
from signalbook.settings import Channel, Settings, Team
from signalbook.workspace import Workspace

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=BERLIN)
NETWORKS = ("bluesky", "mastodon", "x", "linkedin", "threads", "blog")
NAMES = {"x": "X", "linkedin": "LinkedIn"}


def document(kind: type[Document], slug: str, /, **values: Any) -> Any:
    """A document of any kind, as if ten lines of front matter stood above its body."""
    plain = {
        "slug": slug,
        "path": f"content/{kind.FOLDER}/{slug}.md",
        "title": slug.replace("-", " ").capitalize(),
        "owner": "writer",
        "body_line": 11,
        "digest": hashlib.sha256(f"{slug}{values}".encode()).hexdigest(),
    }
    return kind(**(plain | values))


def post(slug: str = "opening", body: str = "The second shop opens at seven.", **values: Any) -> Post:
    """A post that is ready for review and has no finding."""
    plain = {
        "status": "review", "publish_at": TUESDAY, "channels": ("bluesky",), "author": "writer",
        "audience": "early-birds", "mix": "useful", "disclosure": "not-needed",
    }  # fmt: skip
    return document(Post, slug, body=body, **(plain | values))


def picture(src: str = "media/door.jpg", **values: Any) -> Media:
    """A picture that says what it tells."""
    return Media(**({"src": src, "alt": "The door at seven, six people waiting in the rain", "ai": "none"} | values))


def message(slug: str, says: str = "We open at seven", **values: Any) -> Message:
    """An approved claim with a proof."""
    proof = (Proof(kind="own-record", source="opening hours", date=NOW.date(), covers="weekdays"),)
    plain = {"type": "claim", "status": "approved", "says": says, "proof": proof, "review_by": NOW.date()}
    return document(Message, slug, **(plain | values))


def person(slug: str = "writer", **values: Any) -> Person:
    """A role in post."""
    return document(Person, slug, **({"side": "inside", "roles": (slug,), "status": "active"} | values))


def event(slug: str, when: Any, **values: Any) -> Event:
    """A day the calendar knows."""
    return document(Event, slug, **({"when": when, "kind": "own", "effect": "promote"} | values))


def policy(rule: str, level: str = "warn", **limits: Any) -> Policy:
    """A policy in force that sets one rule."""
    sets = (Enforce(rule=rule, level=level, limits=limits),)
    return document(Policy, f"about-{rule}", version=1, status="in-force", enforce=sets)


def competitor(*names: str) -> Competitor:
    """A competitor by its names."""
    return document(Competitor, names[0].lower(), names=names)


def campaign(slug: str = "opening-week", **values: Any) -> Campaign:
    """A campaign."""
    return document(Campaign, slug, **({"status": "live", "type": "launch"} | values))


def audience(slug: str = "early-birds", **values: Any) -> Audience:
    """An audience."""
    return document(Audience, slug, **values)


def channel(key: str, **values: Any) -> Channel:
    """A channel of the service it is called after; ``linkedin`` is placed by hand, ``blog`` is a feed."""
    connector = {"linkedin": "manual", "blog": "feed", "letter": "mail"}.get(key, key)
    return Channel(**({"key": key, "connector": connector, "name": NAMES.get(key, key.capitalize())} | values))


def book(
    *documents: Document,
    posts: Iterable[Post] = (),
    people: Iterable[Person] = (),
    channels: Iterable[Channel] | None = None,
    settings: Mapping[str, Any] | None = None,
    files: Iterable[str] = (),
    receipts: Iterable[Receipt] = (),
) -> Book:
    """A Book of documents, on a workspace that is never read."""
    rows: dict[type[Document], list[Document]] = {}
    for row in (*posts, *people, *documents):
        rows.setdefault(type(row), []).append(row)
    known = channels if channels is not None else [channel(key) for key in NETWORKS]
    team = Team("The bakery", BERLIN, ("en", "de"))
    return Book(
        workspace=Workspace(Path("/nowhere")),
        settings=Settings(team=team, channels={row.key: row for row in known}, **(settings or {})),
        documents={kind: tuple(sorted(held, key=lambda row: row.slug)) for kind, held in rows.items()},
        files=tuple(files),
        receipts=tuple(receipts),
        digest=hashlib.sha256("".join(row.digest for held in rows.values() for row in held).encode()).hexdigest(),
    )
