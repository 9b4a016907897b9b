"""What a post stands on is approved and in date, in the country it is for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Message
from signalbook.posts import View
from signalbook.rule import Ask, rule

Wrong = tuple[str, str]


@rule(
    "claim-expired",
    level=Level.BLOCK,
    about="Every message a post stands on is approved, proved and in date for its country.",
    source="advertising law",
    waive="L",
)
def claim_expired(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts that stand on what no longer, or not yet, stands; and approved claims without proof."""
    zone = book.settings.team.zone
    unsent: dict[str, int] = {}
    views = posts.views(book)
    for view in views:
        if not view.sent:
            for slug in view.post.messages:
                unsent[slug] = unsent.get(slug, 0) + 1
    for message in book.all(Message):
        if message.type == "claim" and message.status == "approved" and not message.proof and not message.unreadable:
            posts_of = unsent.get(message.slug, 0)
            yield ask(
                message, "status",
                "This claim is approved and names no proof, so nobody who is asked could show that it is true."
                + (f" {_posts(posts_of)} on it." if posts_of else ""),
                "Add `proof:` with its kind, source, date and what it covers; or set `status: proposed`.",
            )  # fmt: skip
    for view in views:
        if not view.post.messages:
            continue
        when = view.due(now).astimezone(zone).date()
        for index, slug in enumerate(view.post.messages):
            known = book.get(Message, slug)
            wrong = _wrong(known, when, view) if known else None
            if wrong:
                yield ask(view.post, f"messages.{index}", *wrong)


def _posts(number: int) -> str:
    return "One unsent post stands" if number == 1 else f"{number} unsent posts stand"


def _wrong(message: Message, when: date, view: View) -> Wrong | None:
    name = message.name
    if message.type == "do-not-say":
        return f"“{name}” is written down as something we do not say.", "Take it out of `messages`."
    if message.status in {"expired", "withdrawn"}:
        return (
            f"“{name}” is {message.status}, so the post says what we no longer stand behind.",
            "Name another message, or prove this one anew and have it approved.",
        )
    if message.status != "approved":
        what = message.status or "draft"
        return (
            f"“{name}” is {'a draft' if what == 'draft' else f'only {what}'}: nobody has said yet that it is true and well said.",
            f"Have the message approved first (expert for truth, approver for wording), or take `{message.slug}` out of `messages`.",
        )
    if message.expires and message.expires < when:
        return _ended(message, message.expires, "", view)
    ends = [proof.until for proof in message.proof if proof.until]
    if ends and len(ends) == len(message.proof) and max(ends) < when:
        return _ended(message, max(ends), "The proof of ", view)
    country = posts.country_of(view)
    if message.valid_in and country and country not in message.valid_in:
        return (
            f"“{name}” may be said in {', '.join(message.valid_in)}; this post is for {country}.",
            f"Have it proved for {country}, or say something else there.",
        )
    return None


def _ended(message: Message, end: date, what: str, view: View) -> Wrong:
    subject = f"{what}“{message.name}” ended on {end}" if what else f"“{message.name}” may be said until {end}"
    tail = (
        ""
        if not isinstance(view.at, datetime)
        else f", and this post goes out on {view.at:%Y-%m-%d}"
        if not view.sent
        else ""
    )
    return f"{subject}{tail}.", "Prove it again and move its date, or name another message."
