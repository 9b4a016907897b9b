"""Bluesky: posts as its API writes them: search results, feeds, threads, notifications of posts.

Links sit in byte ranges of the UTF-8 text (facets), and the shown text is cut short; the address of the facet is the
true one. A repost (``reason``) is spread, not a voice. Lexicons: ``app.bsky.feed.defs``, ``app.bsky.richtext.facet``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines import answers
from pipelines.cells import moment
from pipelines.layouts import Context, Decoded, Documents, as_first
from signalbook.records import Mention, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTS = "bluesky-posts"
ENGAGED = ("likeCount", "repostCount", "replyCount", "quoteCount")


def recognises(document: object) -> bool:
    """Whether a JSON document holds posts of Bluesky."""
    found = list(posts_of(document))
    return bool(found) or (
        isinstance(document, dict)
        and any(isinstance(document.get(name), list) and not document[name] for name in ("posts", "feed"))
        and ("cursor" in document or "hitsTotal" in document)
    )


def _is_post(value: object) -> bool:
    return (
        isinstance(value, dict)
        and str(value.get("uri", "")).startswith("at://")
        and isinstance(value.get("record"), dict)
        and isinstance(value.get("author"), dict)
    )


def posts_of(document: object) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each post with the reason why it stands there (a repost), empty for none, in reading order."""
    waiting: list[tuple[object, dict[str, Any]]] = [(document, {})]
    while waiting:
        value, reason = waiting.pop()
        if isinstance(value, list):
            waiting.extend((item, {}) for item in reversed(value))
        elif _is_post(value) and isinstance(value, dict):
            yield value, reason
        elif isinstance(value, dict):
            why = value.get("reason")
            found = why if isinstance(why, dict) else {}
            waiting.extend(
                (value[name], found if name == "post" else {})
                for name in ("notifications", "replies", "post", "parent", "thread", "feed", "posts")
                if isinstance(value.get(name), dict | list)
            )


def decode(document: object, context: Context) -> Decoded:
    """Posts → mentions; ``boosts_seen`` and ``replies`` beside them. A post that stands there twice counts once."""
    voices: dict[str, Mention] = {}
    boosts: set[tuple[str, str]] = set()
    records: list[Mention] = []
    rows = 0
    for post, reason in posts_of(document):
        rows += 1
        said = mention_of(post, context)
        voices.setdefault(said.id, said)
        if str(reason.get("$type", "")).endswith("#reasonRepost"):
            by = reason.get("by")
            who = str(by.get("did") or by.get("handle") or "") if isinstance(by, dict) else ""
            if (who, said.id) not in boosts:
                boosts.add((who, said.id))
                handle = str(by.get("handle") or who) if isinstance(by, dict) else ""
                at = _instant(reason.get("indexedAt"))
                address = str(reason.get("uri") or f"{said.id}#repost-{who}")
                records.append(
                    Mention(
                        digest("bluesky", address),
                        "bluesky",
                        address,
                        "",
                        handle,
                        "",
                        "",
                        "",
                        at,
                        context.taken_at,
                        boosts=said.id,
                    )
                )
    return Decoded(
        POSTS, "bluesky", (*voices.values(), *records), rows=rows, mentions=len(voices),
        totals={"boosts_seen": len(boosts), "replies": sum(1 for said in voices.values() if said.reply_to)},
        first_published=as_first(said.published_at for said in voices.values() if said.published_at),
    )  # fmt: skip


def mention_of(post: dict[str, Any], context: Context) -> Mention:
    """A post with its ``uri``, ``record`` and ``author`` as a mention."""
    record, author = post["record"], post["author"]
    uri = str(post["uri"])
    text = str(record.get("text") or "")
    handle = str(author.get("handle") or author.get("did") or "")
    langs = record.get("langs")
    reply = record.get("reply")
    parent = reply.get("parent") if isinstance(reply, dict) else None
    return Mention(
        key=digest("bluesky", uri),
        source="bluesky",
        id=uri,
        url=f"https://bsky.app/profile/{handle}/post/{uri.rsplit('/', 1)[-1]}" if handle else "",
        author=handle,
        title="",
        text=text,
        lang=str(langs[0]) if isinstance(langs, list) and langs else "",
        published_at=_instant(record.get("createdAt")) or _instant(post.get("indexedAt")),
        heard_at=context.taken_at,
        reply_to=str(parent.get("uri") or "unknown") if isinstance(parent, dict) else "unknown" if reply else "",
        links=tuple(_links(record, text)),
        engaged=sum(answers.number(post.get(name)) or 0 for name in ENGAGED),
    )


def _links(record: dict[str, Any], text: str) -> list[str]:
    """The true addresses in the order of the text, then that of a link card; each once."""
    size = len(text.encode())
    found: list[tuple[int, str]] = []
    facets = record.get("facets")
    for facet in facets if isinstance(facets, list) else ():
        if not isinstance(facet, dict):
            continue
        index = facet.get("index")
        start = index.get("byteStart") if isinstance(index, dict) else None
        place = start if isinstance(start, int) and 0 <= start < size else size
        features = facet.get("features")
        found.extend(
            (place, str(feature.get("uri") or ""))
            for feature in (features if isinstance(features, list) else ())
            if isinstance(feature, dict) and str(feature.get("$type", "")).endswith("#link")
        )
    links = [address for _, address in sorted(found, key=lambda pair: pair[0])]
    embed = record.get("embed")
    card = embed.get("external") if isinstance(embed, dict) else None
    if isinstance(card, dict):
        links.append(str(card.get("uri") or ""))
    return [address for address in dict.fromkeys(links) if address.startswith(("http://", "https://"))]


def _instant(written: object) -> datetime | None:
    at = moment(written) if isinstance(written, str) else None
    value = at.day_first if at else None
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


DOCUMENTS = Documents(recognises, decode, (POSTS,))
