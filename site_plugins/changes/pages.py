"""Git → what the team decided and changed, week by week, in words that need no git."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.classes import dataclass
from signalbook.history import contents
from signalbook.model import Document
from signalbook.pattern import pattern
from signalbook.prose import short as short_
from signalbook.revised import Revised, differences
from site_plugins import components as sb
from site_plugins.calendar.controls import monday_of, step, week_name
from site_plugins.calendar.entries import MONTHS
from site_plugins.documents.values import day, instant, named, word
from site_plugins.markup import Markup, fill
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from signalbook.history import Change
    from site_plugins.site import Site

WEEKS: Final = 53
"""So many weeks with a change have a page; older ones are in git."""
MOST: Final = 40
"""Rows in a section of a week."""
TOLD: Final = 4
"""Differences of a document that a row tells before it counts the rest."""
DAY: Final = len("2026-12-01")
CLOCK: Final = pattern(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?")
SLUG: Final = pattern(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
NAMED: Final = 3
"""Documents a row names before it counts the rest."""

BECAME: Final = {
    "approved": "approved", "in-force": "put in force", "review": "sent to review", "draft": "back to draft",
    "active": "made active", "live": "made live", "ready": "made ready", "closed": "closed", "cancelled": "cancelled",
    "released": "released", "superseded": "superseded", "withdrawn": "withdrawn", "open": "opened", "contained": "contained",
    "decided": "decided", "agreed": "agreed", "stopped": "stopped", "running": "started", "met": "met", "retired": "retired",
}  # fmt: skip
WHAT: Final = {"added": "added", "changed": "changed", "renamed": "renamed", "removed": "removed"}
DECISIONS: Final = frozenset(
    {"approved", "in-force", "active", "live", "closed", "cancelled", "released", "superseded", "withdrawn", "open",
     "contained", "decided", "agreed", "stopped", "met"}
)  # fmt: skip
SECTIONS: Final = (
    ("decided", "Decided", "gavel"),
    ("plans", "Plans, policies and playbooks", "flag-outline"),
    ("posts", "Posts", "post-outline"),
    ("rest", "Everything else", "file-document-outline"),
)
PLANS: Final = frozenset(
    {"plan", "objective", "campaign", "audience", "message", "policy", "playbook", "hold", "incident", "training", "experiment",
     "insight"}
)  # fmt: skip
SORTS: Final = 2
"""Sorts of change that the title of a step names by their titles; the others are counted."""
PLURALS: Final = {"policy": "policies", "person": "roles", "community": "communities", "watch": "watches"}


@dataclass(frozen=True, slots=True)
class Row:
    """What one step did to one kind of thing in one way.

    Attributes:
        did: how, e.g. ``approved``.
        changes: the documents it did it to.
    """

    section: str
    kind: str
    did: str
    changes: tuple[Change, ...]


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:  # noqa: ARG001 - a room's shape
    """The latest weeks on one page, and a page for each week; none where git knows nothing."""
    past = site.past
    if not past:
        return
    zone = book.settings.team.zone
    weeks: dict[date, list[Change]] = defaultdict(list)
    for change in past.everything:
        weeks[monday_of(change.when.astimezone(zone).date())].append(change)
    order = sorted(weeks, reverse=True)[:WEEKS]
    keys = {monday: _key(weeks[monday], book) for monday in order}
    search = (SearchEntry("", "Changes", "What the team decided and changed, week by week"),)
    yield Page(
        "changes/index.html", "Changes", "changes", partial(front, order, weeks, site),
        digest("changes", site.repo, site.today, book.settings.digest, order, *(keys[monday] for monday in order[:1])), search=search,
    )  # fmt: skip
    for index, monday in enumerate(order):
        after = order[index - 1] if index else None
        before = order[index + 1] if index + 1 < len(order) else None
        yield Page(
            f"changes/{week_name(monday)}.html", f"Changes in week {monday.isocalendar()[1]}", "changes",
            partial(week, monday, weeks[monday], before, after, site),
            digest("changes of", monday, before, after, site.repo, book.settings.digest, keys[monday]), search=(),
        )  # fmt: skip


def _key(changes: Sequence[Change], book: Book) -> str:
    named = [thing.name for change in changes if isinstance(thing := book.by_path(change.path), Document)]
    return digest(*(f"{c.sha}{c.path}{c.what}" for c in changes), *named)


def front(order: Sequence[date], weeks: dict[date, list[Change]], site: Site) -> str:
    """The newest week in full, then the others in a line each."""
    head = sb.head(
        "Changes", sub=["what the team decided and changed, week by week", "from git: who merged what, and why"]
    )
    newest = order[0]
    rows = [
        sb.row(
            _week_title(monday), short(weeks[monday]), lead=sb.icon("calendar-blank-outline"),
            address=href(f"changes/{week_name(monday)}.html"), end=f"{len({c.sha for c in weeks[monday]})} steps",
        )
        for monday in order[1:]
    ]  # fmt: skip
    earlier = sb.panel("Earlier weeks", sb.rows(rows), scope=f"{len(rows)}") if rows else Markup()
    return (
        f'<div class="sb-stack">{head}<h2>{_week_title(newest)}</h2>'
        f"{_summary(weeks[newest])}{_sections(weeks[newest], site)}{earlier}</div>"
    )


def week(monday: date, changes: Sequence[Change], before: date | None, after: date | None, site: Site) -> str:
    """One week in full."""
    acts = [
        step(href(f"changes/{week_name(other)}.html"), f"Week {other.isocalendar()[1]}", f"chevron-{side}", way)
        for other, side, way in ((before, "left", "prev"), (after, "right", "next"))
        if other is not None
    ]
    head = sb.head(_week_title(monday), path=[("Changes", href("changes/index.html"))], acts=acts)
    return f'<div class="sb-stack">{head}{_summary(changes)}{_sections(changes, site)}</div>'


def _week_title(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    first = f"{monday.day}" + (f" {MONTHS[monday.month]}" if monday.month != sunday.month else "")
    return f"Week {monday.isocalendar()[1]}, {first} to {sunday.day} {MONTHS[sunday.month]} {sunday.year}"


def rows_of(changes: Iterable[Change]) -> list[Row]:
    """Steps in words: what one step did alike to things of one kind is one row, newest first."""
    groups: dict[tuple[str, str, str], list[Change]] = defaultdict(list)
    for change in changes:
        _, arrow, became = change.what.partition(" → ")
        did = BECAME.get(became, f"now {became.replace('-', ' ')}") if arrow else WHAT.get(change.what, change.what)
        groups[change.sha, change.kind, did].append(change)
    out = []
    for (_, kind, did), mine in groups.items():
        became = mine[0].what.partition(" → ")[2]
        section = (
            "decided" if became in DECISIONS else "plans" if kind in PLANS else "posts" if kind == "post" else "rest"
        )
        out.append(Row(section, kind, did, tuple(mine)))
    return out


def counted(number: int, kind: str) -> str:
    """``1 post``, ``3 policies``."""
    return f"{number} {kind if number == 1 else PLURALS.get(kind, kind + 's')}"


def short(changes: Iterable[Change]) -> str:
    """A week in one sentence: decisions first, then what there was most of."""
    totals: dict[tuple[bool, str, str], int] = defaultdict(int)
    for row in rows_of(changes):
        totals[row.section != "decided", row.did, row.kind] += len(row.changes)
    ranked = sorted(totals.items(), key=lambda item: (item[0][0], -item[1], item[0][1:]))
    words = [f"{counted(number, kind)} {did}" for (_, did, kind), number in ranked[:5]]
    rest = len(ranked) - 5
    return ", ".join(words) + (f", and {rest} other sorts of change" if rest > 0 else "") + "."


def _summary(changes: Sequence[Change]) -> Markup:
    authors = sorted({change.author for change in changes})
    who = ", ".join(authors[:5]) + (f" and {len(authors) - 5} more" if len(authors) > 5 else "")
    return Markup('<p class="sb-lead">{} <span class="sb-faint">By {}.</span></p>').format(short(changes), who)


def _sections(changes: Sequence[Change], site: Site) -> Markup:
    rows = rows_of(changes)
    parts = []
    for key, title, glyph in SECTIONS:
        steps: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.section == key:
                steps[row.changes[0].sha].append(row)
        if not steps:
            continue
        scope = f"{len(steps)}" if len(steps) <= MOST else f"the newest {MOST} of {len(steps)}"
        shown = list(steps.values())[:MOST]
        told = _told((change for mine in shown for row in mine[:SORTS] for change in row.changes[:NAMED]), site)
        listed = sb.rows([_row(mine, glyph, site, told) for mine in shown], kind="tight")
        parts.append(sb.panel(title, listed, scope=scope, ident=key))
    return Markup("").join(parts)


def _row(rows: Sequence[Row], glyph: str, site: Site, told: Mapping[tuple[str, str], tuple[Revised, ...]]) -> Markup:
    """One step: all that it did in one section, why, and what it changed in the documents it names."""
    title = Markup("; ").join(_did(row, site, first=not index) for index, row in enumerate(rows[:SORTS]))
    if len(rows) > SORTS:
        rest = [counted(len(row.changes), row.kind) for row in rows[SORTS:]]
        title += Markup('<span class="sb-faint">; and {}</span>').format(", ".join(rest))
    first = rows[0].changes[0]
    when = first.when.astimezone(site.book.settings.team.zone)
    why = Markup("{} ({})").format(first.subject, first.author)
    many = sum(len(row.changes) for row in rows) > 1
    for change in (change for row in rows[:SORTS] for change in row.changes[:NAMED]):
        if found := told.get((change.sha, change.path), ()):
            thing = site.book.by_path(change.path)
            name = thing.name if isinstance(thing, Document) else _bare(change.path)
            said = Markup("; ").join(revision(one, site) for one in found[:TOLD])
            over = f"; and {len(found) - TOLD} more fields" if len(found) > TOLD else ""
            who = Markup('<span class="sb-faint">{}:</span> ').format(name) if many else Markup()
            why += Markup('<span class="sb-told">{}{}{}</span>').format(who, said, over)
    return sb.row(title, why, lead=sb.icon(glyph), end=f"{when:%a %H:%M}")


def revision(one: Revised, site: Site) -> Markup:
    """One difference in words: ``owner Press officer → Social lead``, ``words 12 new, 3 gone``."""
    name = _field(one.field)
    if one.gone or one.new:
        return Markup("{}: {}").format(name, _counted(one.new, one.gone))
    listed = isinstance(one.was, tuple) or isinstance(one.now, tuple)
    went, came = (
        Markup("") if value is None else fill("<{0}>{1}</{0}>", Markup(tag), _listed(value, site) if listed else _value(value, site))
        for tag, value in (("del", one.was), ("ins", one.now))
    )  # fmt: skip
    if went and came and not listed:
        return Markup("{}: {} → {}").format(name, went, came)
    told = [fill("{} {}", shown, word) for shown, word in ((came, "added"), (went, "removed")) if shown]
    return Markup("{}: {}").format(name, Markup(", ").join(told)) if told else Markup("{} {}").format(name, one.how)


def _counted(new: int, gone: int) -> str:
    """``12 words new, 1 gone``."""
    parts = [(number, word) for number, word in ((new, "new"), (gone, "gone")) if number]
    first = f"{parts[0][0]} {'word' if parts[0][0] == 1 else 'words'} {parts[0][1]}"
    return ", ".join([first, *(f"{number} {word}" for number, word in parts[1:])])


def _field(path: str) -> str:
    """``objectives.open-rate.target`` → ``Objectives, open rate, target``; the text below the fields is ``Text``."""
    first, *rest = path.split(".")
    words = ["Text" if first == "body" else named(first), *(named(part).replace("-", " ").lower() for part in rest)]
    return ", ".join(words)


def _listed(values: Sequence[str], site: Site) -> str:
    more = len(values) - NAMED
    return ", ".join(_value(value, site) for value in values[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _value(value: object, site: Site) -> str:
    """A value as people read it: times in the team's zone, the name of a document for its key."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        zone = site.book.settings.team.zone
        return instant(value if value.tzinfo else value.replace(tzinfo=zone), site)
    if isinstance(value, date):
        return day(value)
    text = str(value)
    if CLOCK.fullmatch(text):
        with contextlib.suppress(ValueError):
            return _value(datetime.fromisoformat(text) if len(text) > DAY else date.fromisoformat(text), site)
    return short_(word(text) if SLUG.fullmatch(text) else text, 48)


def _told(changes: Iterable[Change], site: Site) -> dict[tuple[str, str], tuple[Revised, ...]]:
    """What each change did inside its document, from the two versions in git; empty where only the new one is known."""
    steps = site.past.steps
    pairs = {
        (change.sha, change.path): steps[change.sha, change.path]
        for change in changes
        if (change.sha, change.path) in steps
    }
    texts = contents(site.book.workspace, sorted({blob for pair in pairs.values() for blob in pair}))
    return {
        key: differences(texts[was], texts[now])
        for key, (was, now) in pairs.items()
        if was in texts and now in texts
    }  # fmt: skip


def _did(row: Row, site: Site, *, first: bool) -> Markup:
    named = []
    for change in row.changes[:NAMED]:
        thing = site.book.by_path(change.path)
        named.append(site.anchor(thing) if isinstance(thing, Document) else Markup("{}").format(_bare(change.path)))
    rest = len(row.changes) - NAMED
    more = f" and {rest} more" if rest > 0 else ""
    number = len(row.changes)
    kind = row.kind if number == 1 else counted(number, row.kind)
    return Markup("{} {}: {}{}").format(kind.capitalize() if first else kind, row.did, Markup(", ").join(named), more)


def _bare(path: str) -> str:
    """A file that is gone or is no document, by its name."""
    return path.rpartition("/")[2].removesuffix(".md").replace("-", " ")
