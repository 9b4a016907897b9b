"""Book → the listening room: overview, mentions, queue, stories, voices, alerts, sources, and a page for each topic."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signalbook import cases as cases_
from signalbook import sources as sources_
from signalbook.model import Message, Playbook
from signalbook.monthly import Heard
from site_plugins.listening import acting, alerts, mentions, overview, parts, sources, stories, topics, voices
from site_plugins.listening.parts import ABOUT, View
from site_plugins.pages import Asset, Page, SearchEntry, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from signalbook.book import Book
    from site_plugins.site import Site

SCRIPT: Final = Path(__file__).parent / "assets" / "heard.js"


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """Every page of the room; none at all while nobody listens and nobody plans to."""
    heard = Heard(book.workspace, words=_may_quote(book, site))
    cases = cases_.read(book, now)
    watched = {f"{key}/{one.slug}": one for key, kind in ABOUT.items() for one in book.all(kind)}
    listens = any(not name.startswith("message/") for name in watched)
    if not (heard or cases or listens or any(one.kind in {"spike", "claim", "silence"} for one in book.alerts)):
        return
    view = View(book, now, site, heard, cases, cases_.queue(cases), watched)
    states = sources_.read(book.workspace)
    yield _page("index", "Listening", partial(overview.page, view, states), "", "What others say of us, and what waits")
    yield from _mentions(view)
    yield from _acting(view)
    yield from _stories(view)
    yield from _alerts(view)
    yield from _topics(view)
    key = digest("voices", _recent(view), site.today, _names(view))
    yield _page(
        "voices", "Voices", partial(voices.page, view), key, "Publications and public voices, and how far they carry"
    )
    yield _page("sources", "Sources", partial(sources.page, view, states), "", "Where we listen, and what is silent")


def _may_quote(book: Book, site: Site) -> bool:
    """Whether other people's words may stand in this build: in the team's own, and in one that may see people outside."""
    known = book.settings.audiences.get(site.audience)
    return not site.audience or (known is not None and "staff" in known.may_see)


def _page(name: str, title: str, body: object, key: str, about: str = "", search: bool = True) -> Page:
    found = (SearchEntry("", title, about),) if search and about else ()
    return Page(f"listening/{name}.html", title, "listening", body, key, search=found)  # type: ignore[arg-type]


def _names(view: View) -> str:
    """What the titles of topics and the ways to them depend on."""
    return digest(*((name, one.name, view.site.address(one)) for name, one in view.topics.items()))


def _recent(view: View, count: int = 3) -> str:
    """A digest of the newest months."""
    return digest(*list(view.heard.months.items())[:count])


def _mentions(view: View) -> Iterator[Page | Asset]:
    """A table a month, its rows in files beside it; a month whose files are unchanged is not opened."""
    months = list(view.heard.months)
    names = _names(view)
    around = digest(*months)
    for month in months or [""]:
        stamp = view.heard.months.get(month, "")
        address = parts.month_address(month, months[0] if months else month)
        cases = digest(*((one.id, one.state) for one in view.cases)) if month == (months or [""])[0] else ""
        key = digest("mentions", month, stamp, names, around, cases, view.local(view.now).year)
        search = (SearchEntry("", "Mentions", "Everything that was heard, to filter and to export"),)
        newest = address == "listening/mentions.html"
        yield Page(
            address, f"Mentions, {mentions.month_name(month)}" if month else "Mentions", "listening",
            partial(mentions.page, view, month), key, search=search if newest else (),
        )  # fmt: skip
        if month:
            yield from mentions.files(view, month, stamp)
    if months:
        stat = SCRIPT.stat()
        yield Asset("assets/heard.js", SCRIPT.read_bytes, digest(stat.st_size, stat.st_mtime_ns))
        yield mentions.cases_file(view)


def _acting(view: View) -> Iterator[Page]:
    yield _page("queue", "Queue", partial(acting.queue, view), "", "What waits for an answer, and whose it is")
    answers = digest(*(one.digest for one in view.book.all(Message) if one.type == "answer"))
    for one in view.cases:
        months = {f"{at:%Y-%m}" for at in (one.received_at, one.inside_at)}
        words = digest(*(view.heard.months.get(month, "") for month in sorted(months)))
        key = digest("case", *(row.key for row in one.events), one.owner, one.backup, one.document, words, answers, _names(view),
                     _people(view), view.site.repo, view.site.today if one.open else "", one.stage(view.now))  # fmt: skip
        yield Page(
            parts.case_address(one), acting.title(one), "listening", partial(acting.case, view, one), key,
            search=(SearchEntry("", acting.title(one), one.row.what),),
        )  # fmt: skip


def _people(view: View) -> str:
    from signalbook.model import Person

    return digest(*(one.digest for one in view.book.all(Person)))


def _stories(view: View) -> Iterator[Page]:
    told = stories.told(view)
    key = digest(
        "stories", *((name, story) for name, story in told.items()), _recent(view, stories.BEGAN), view.site.today
    )
    yield _page("stories", "Stories", partial(stories.index, view, told), key, "The same thing, told in many places")
    # A story may have begun in an older month: whoever is forgotten there is gone from here too.
    words = view.heard.words(list(view.heard.months)[: stories.BEGAN])
    for name, story in list(told.items())[: stories.PAGES]:
        own = digest("story", name, story, words, _names(view), view.local(view.now).year)
        yield Page(
            parts.story_address(name), "A story", "listening", partial(stories.page, view, name, story), own, search=()
        )


def _alerts(view: View) -> Iterator[Page]:
    key = digest("alerts", *(one.key for one in view.alerts), _names(view), view.site.today)
    yield _page("alerts", "Alerts", partial(alerts.index, view), key, "What somebody was told, and why")
    books = digest(*(one.digest for one in view.book.all(Playbook)))
    for one in view.alerts:
        stamps = digest(*(view.heard.months[month] for month in alerts.months(view, one)))
        cases = digest(*((c.id, c.state) for c in view.cases if c.mention in one.mentions)) if one.mentions else ""
        own = digest("alert", one, stamps, books, cases, _names(view), view.local(view.now).year)
        yield Page(
            parts.alert_address(one), alerts.title(one, view), "listening", partial(alerts.page, view, one), own,
            search=(SearchEntry("", alerts.title(one, view), one.why),),
        )  # fmt: skip


def _topics(view: View) -> Iterator[Page]:
    for name, document in view.topics.items():
        if name.startswith("message/"):
            continue
        told = digest(*(one.key for one in view.alerts if one.about == name))
        key = digest("topic", document.digest, view.heard.stamp and _recent(view), view.site.today, _names(view), told)
        yield Page(
            parts.topic_address(name), f"Heard about {document.name}", "listening", partial(topics.page, view, name, document), key,
            search=(SearchEntry("", f"Heard about {document.name}", f"What is said about {document.name}"),),
        )  # fmt: skip
