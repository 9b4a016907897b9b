"""A market that has its own yes is asked for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from signalbook import posts
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.model import Person
from signalbook.rule import Ask, rule


@rule(
    "local-approver",
    level=Level.BLOCK,
    about="A post for a market with its own approver can be approved there.",
    waive="A",
)
def local_approver(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:
    """Find posts for a country whose approver, as the policy names it, cannot say yes."""
    markets: Mapping[str, object] = ask.limit("markets", {})
    if not markets:
        return
    for view in posts.views(book):
        country = posts.country_of(view)
        slug = str(markets.get(country, "")) if country else ""
        if not slug or not view.ahead(now):
            continue
        person = book.get(Person, slug)
        if person is None or person.state != "active":
            what = "nobody holds that role" if person is None else f"{person.name} is {person.state}"
            yield ask(
                view.post, "locale", f"Posts for {country} need the yes of {slug}, and {what}.",
                f"Fill the role in content/people/, or name another approver for {country} in the policy.",
            )  # fmt: skip
        elif view.post.author == slug:
            yield ask(
                view.post, "author", f"{person.name} wrote this post and would have to approve it for {country}.",
                "Let somebody else write it, or name a second approver for that market.",
            )  # fmt: skip
