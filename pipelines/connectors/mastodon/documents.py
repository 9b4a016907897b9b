"""Mastodon: statuses as its API writes them, and the outbox of an account's archive.

Read: arrays of the entity Status (timelines, search results, contexts), one status, or one a line; an archive's
``outbox.json`` (ActivityPub, our own posts). A boost is spread, not a voice: it is kept with the id it repeats and
counted apart. Entities: docs.joinmastodon.org/entities/Status.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines import answers
from pipelines.cells import moment
from pipelines.layouts import Context, Decoded, Documents, as_first
from pipelines.pagetext import Text
from pipelines.tables import Unreadable
from signalbook.records import Mention, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGAGED = ("favourites_count", "reblogs_count", "replies_count", "quotes_count")
STATUSES = "mastodon-statuses"
OUTBOX = "mastodon-outbox"


def recognises(document: object) -> bool:
    """Whether a JSON document holds statuses of Mastodon, or an archive's outbox."""
    if isinstance(document, dict) and isinstance(document.get("orderedItems"), list):
        return True
    found = list(_statuses(document))
    return bool(found) and all(_is_status(status) for status in found)


def _is_status(status: object) -> bool:
    return (
        isinstance(status, dict)
        and "id" in status
        and isinstance(status.get("account"), dict)
        and ("content" in status or "reblog" in status)
    )


def _statuses(document: object) -> Iterator[Any]:
    """The statuses of an array, a search result, a context or a single one, in order."""
    if isinstance(document, list):
        yield from document
    elif isinstance(document, dict) and isinstance(document.get("statuses"), list):
        yield from document["statuses"]
    elif isinstance(document, dict) and isinstance(document.get("ancestors"), list):
        yield from document["ancestors"]
        yield from document.get("descendants") or ()
    elif isinstance(document, dict) and _is_status(document):
        yield document


def decode(document: object, context: Context) -> Decoded:
    """Statuses → mentions; ``boosts_seen``, ``bots`` and ``replies`` beside them.

    What somebody boosted counts as a mention of its author, once.
    """
    if isinstance(document, dict) and isinstance(document.get("orderedItems"), list):
        return _outbox(document, context)
    voices: dict[str, Mention] = {}
    boosts: dict[str, Mention] = {}
    bots: set[str] = set()
    for status in _statuses(document):
        inner = status.get("reblog")
        if isinstance(inner, dict):
            boost = mention_of(status, context, boosted=_id(inner))
            boosts.setdefault(boost.id, boost)
            status = inner  # noqa: PLW2901 - what is said is said by the inner one
        said = mention_of(status, context)
        voices.setdefault(said.id, said)
        account = status.get("account")
        if isinstance(account, dict) and account.get("bot") is True:
            bots.add(said.id)
    return Decoded(
        STATUSES, "mastodon", (*voices.values(), *boosts.values()), rows=len(voices) + len(boosts), mentions=len(voices),
        totals={
            "boosts_seen": len(boosts),
            "bots": len(bots),
            "replies": sum(1 for said in voices.values() if said.reply_to),
        },
        first_published=as_first(said.published_at for said in voices.values() if said.published_at),
    )  # fmt: skip


def _id(status: dict[str, Any]) -> str:
    """The id as text. Raises ``Unreadable`` when a program wrote it as a shortened number."""
    found = status.get("id")
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not text or ("." in text and text[:1].isdigit() and any(sign in text for sign in "eE+")):
        raise Unreadable(f"A status has the id {found!r}, which is not one. Save the answer of the server as it came.")
    return text


def mention_of(status: dict[str, Any], context: Context, *, boosted: str = "") -> Mention:
    """A status as a mention; ``boosted`` is the id it repeats.

    Raises:
        Unreadable: its id is none.
    """
    number = _id(status)
    account = status.get("account")
    account = account if isinstance(account, dict) else {}
    page = Text()
    page.feed(str(status.get("content") or ""))
    page.close()
    warned = str(status.get("spoiler_text") or "").strip()
    text = page.text
    return Mention(
        key=digest("mastodon", status.get("uri") or number),
        source="mastodon",
        id=number,
        url=str(status.get("url") or status.get("uri") or ""),
        author=str(account.get("acct") or account.get("username") or ""),
        title="",
        text=f"{warned}\n{text}" if warned and text else warned or text,
        lang=str(status.get("language") or ""),
        published_at=_instant(status.get("created_at")),
        heard_at=context.taken_at,
        reply_to=str(status.get("in_reply_to_id") or ""),
        boosts=boosted,
        links=tuple(page.links),
        followers=answers.number(account.get("followers_count")) or 0,
        engaged=sum(answers.number(status.get(name)) or 0 for name in ENGAGED),
    )


def _instant(written: object) -> datetime | None:
    at = moment(written) if isinstance(written, str) else None
    value = at.day_first if at else None
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


def _outbox(document: dict[str, Any], context: Context) -> Decoded:
    """Our own archive: posts, boosts of others and replies, kept as they were written."""
    own: dict[str, Mention] = {}
    boosts = 0
    for item in document["orderedItems"]:
        if not isinstance(item, dict):
            continue
        if item.get("type") == "Announce":
            boosts += 1
            continue
        note = item.get("object")
        if item.get("type") != "Create" or not isinstance(note, dict) or not note.get("id"):
            continue
        page = Text()
        page.feed(str(note.get("content") or ""))
        page.close()
        address = str(note["id"])
        said = Mention(
            key=digest("mastodon", address),
            source="mastodon",
            id=address.rstrip("/").rsplit("/", 1)[-1],
            url=str(note.get("url") or address),
            author=str(note.get("attributedTo") or item.get("actor") or ""),
            title="",
            text=page.text,
            lang=next(iter(note["contentMap"]), "") if isinstance(note.get("contentMap"), dict) else "",
            published_at=_instant(note.get("published")),
            heard_at=context.taken_at,
            reply_to=str(note.get("inReplyTo") or ""),
            links=tuple(page.links),
        )
        own.setdefault(said.id, said)
    return Decoded(
        OUTBOX, "mastodon", tuple(own.values()), posts=frozenset(own), rows=len(document["orderedItems"]),
        totals={"boosts_seen": boosts, "replies": sum(1 for said in own.values() if said.reply_to)},
        first_published=as_first(said.published_at for said in own.values() if said.published_at),
    )  # fmt: skip


DOCUMENTS = Documents(recognises, decode, (STATUSES, OUTBOX))
