"""Which tier a post is: the highest of its topic, claims, people, channels, country and campaign."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from signalbook.classes import dataclass
from signalbook.model import Competitor, Person

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.posts import View

SERIOUS = frozenset(
    {"legal", "law", "court", "finance", "money", "results", "investors", "health", "staff", "hr", "layoffs", "executive",
     "recht", "gericht", "finanzen", "geld", "ergebnisse", "gesundheit", "personal", "kündigungen", "vorstand"}
)  # fmt: skip
"""Labels and pillars of tier 3: law, money, health, staff, the executive's voice, what moves a market."""

OUTSIDE = frozenset({"spotlight", "quote", "repost", "incentive", "reactive"})


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier and why.

    Attributes:
        number: 1 routine, 2 approver and expert, 3 approver, legal and the speaker.
        why: what makes it so, in words; empty for routine.
    """

    number: int
    why: str


def computed(book: Book, view: View) -> Tier:
    """The tier that follows from what a post is; a tier typed into it is not looked at."""
    post = view.post
    topics = {label.lower() for label in post.labels} | ({post.pillar.lower()} if post.pillar else set())
    if found := sorted(topics & SERIOUS):
        return Tier(3, f"its topic is {found[0]}")
    author = book.get(Person, post.author)
    if author and "executive" in {author.slug, *author.roles}:
        return Tier(3, "an executive speaks")
    best = Tier(1, "")
    if view.campaign and (view.campaign.tier or 1) > best.number:
        best = Tier(view.campaign.tier or 1, f"its campaign {view.campaign.name} asks for it")
    if best.number < 3:
        for channel in view.channels:
            raised = channel.more.get("tier")
            if isinstance(raised, int) and raised > best.number:
                best = Tier(raised, f"{channel.name} asks for it")
    return best if best.number >= 2 else _second(book, view, author) or best


def _second(book: Book, view: View, author: Person | None) -> Tier | None:
    post = view.post
    if any(message.type == "claim" for message in view.messages):
        return Tier(2, "it makes a claim")
    if any(message.valid_in for message in view.messages):
        return Tier(2, "what it says holds in some countries only")
    if author and author.side == "outside":
        return Tier(2, "somebody from outside speaks")
    if post.disclosure not in {None, "not-needed"} or post.partner:
        return Tier(2, "a partner or a connection stands behind it")
    if post.incentive or post.type == "incentive":
        return Tier(2, "it gives people something for taking part")
    if post.type in OUTSIDE or post.permission:
        return Tier(2, "it shows other people or their words")
    if name := rival(book, view):
        return Tier(2, f"it names {name}")
    return None


def rival(book: Book, view: View) -> str:
    """The first competitor that a post names, as it is written; empty when it names none."""
    found = rivals(book)
    if found is None or view.words.isdisjoint(found[1]):
        return ""
    return next((match[0] for said in view.said if (match := found[0].search(said.prose.bare))), "")


def rivals(book: Book) -> tuple[re.Pattern[str], frozenset[str]] | None:
    """What finds a competitor's name, written with its capitals, and the words to look for first."""
    names = tuple(name for document in book.all(Competitor) for name in (document.names or (document.name,)) if name)
    return _names(names) if names else None


@functools.lru_cache(maxsize=4)
def _names(names: tuple[str, ...]) -> tuple[re.Pattern[str], frozenset[str]]:
    ordered = sorted(set(names), key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in ordered)
    firsts = frozenset(re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", " ".join(ordered).lower()))
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), firsts
