"""Posts lead to the domains the team has listed, and to no shortener of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose, tracking
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

SHORTENERS = frozenset(
    """bit.ly t.co tinyurl.com buff.ly ow.ly goo.gl is.gd lnkd.in rebrand.ly cutt.ly t.ly dlvr.it shorturl.at tiny.cc rb.gy bl.ink
    hubs.ly hubs.la trib.al spr.ly shor.by linktr.ee v.gd t1p.de kurzelinks.de""".split()
)


@rule(
    "link-domain",
    level=Level.BLOCK,
    about="Links lead to listed domains, and through no foreign shortener.",
    waive="A",
    alone=True,
)
def link_domain(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find links that hide where they lead, or lead where nobody decided to send people."""
    listed = book.settings.link_domains
    known = (*listed, *book.settings.own_domains)
    own = frozenset(book.settings.shorteners)
    for view in posts.views(book):
        for said, link in _links(view):
            host = tracking.host_of(link.text)
            where = posts.where(said, link.start) if said else {}
            field = said.field if said else "link"
            if host.removeprefix("www.") in SHORTENERS - own:
                yield ask(
                    view.post, field,
                    f"{prose.short(link.text)} hides where it leads, and stops leading there when {host} decides so.",
                    "Write the address itself.", **where,
                )  # fmt: skip
            elif listed and host and not tracking.within(host, known):
                yield ask(
                    view.post, field,
                    f"{host} is not among the domains this team sends people to.",
                    f"Add it to `domains` under [links] in signalbook.toml when somebody has looked at it; listed are {_few(listed)}.",
                    **where,
                )  # fmt: skip


def _links(view: posts.View) -> Iterator[tuple[posts.Said | None, prose.Found]]:
    seen: set[str] = set()
    if view.post.link:
        seen.add(view.post.link)
        yield None, prose.Found(view.post.link, 0, len(view.post.link))
    for said in view.said:
        for link in said.prose.links:
            if link.text not in seen:
                seen.add(link.text)
                yield said, link


def _few(listed: tuple[str, ...]) -> str:
    return ", ".join(listed[:4]) + (f" and {len(listed) - 4} more" if len(listed) > 4 else "")
