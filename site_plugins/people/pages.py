"""Book → the people's front page and a page for every role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.model import Community, Competitor, Document, Person, Subject, System, Watch
from site_plugins import components as sb
from site_plugins.documents import pages as documents
from site_plugins.documents import values
from site_plugins.home.waits import waiting, wanted
from site_plugins.markup import Markup
from site_plugins.pages import Asset, Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from signalbook.book import Book
    from site_plugins.home.waits import Wait
    from site_plugins.site import Site

LEVELS: Final = ("none", "knows of it", "with help", "alone", "teaches")
MOST: Final = 12
"""Things waited for that a role's page lists."""
SKILLED: Final = 3
"""From this level on somebody does it alone; a skill wants two such people."""
AHEAD: Final = timedelta(days=28)


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The front page of the section, and the roles."""
    kinds = (Person, Subject, Watch, Community, Competitor, System)
    if any(book.all(kind) for kind in kinds):
        around = digest(*((doc.digest, doc.path) for kind in kinds for doc in book.all(kind)))
        search = (SearchEntry("", "People", "Roles, skills, who can answer, who stands in"),)
        key = digest("people", around, site.today, site.repo)
        yield Page("people/index.html", "People", "people", partial(front, book, site), key, search=search)
    for person in book.all(Person):
        waits = waiting(book, now, site).get(person.slug, ())
        yield documents.page_of(person, site, partial(page, waits), "".join(map(repr, waits)))


def front(book: Book, site: Site) -> str:
    """Who is here and away, the skills and their gaps, who answers which topic."""
    people = [person for person in book.all(Person) if person.side != "outside"]
    parts: list[Markup] = []
    if people:
        parts.append(_duty(people, site))
        roles = sb.rows([_row(person, site) for person in people], kind="grid")
        parts.append(sb.panel("Roles", roles, scope=f"{len(people)}", ident="roles"))
        parts.append(_skills(people))
        parts.append(_languages(people, site))
    outside = [person for person in book.all(Person) if person.side == "outside"]
    if outside:
        rows = [_row(person, site) for person in outside]
        parts.append(sb.panel("Outside the team", sb.rows(rows), scope=f"{len(outside)}"))
    both = [part for part in (_topics(book, site), _coverage(people) if people else "") if part]
    parts.append(
        Markup('<div class="sb-cols">{}</div>').format(Markup("").join(both))
        if len(both) == 2
        else Markup("").join(both)
    )
    rest = [
        sb.row(kind.PLURAL, kind.ABOUT, lead=sb.icon(glyph), end=f"{len(book.all(kind))}", address=href(f"{kind.FOLDER}/index.html"))
        for kind, glyph in (
            (Community, "forum-outline"), (Competitor, "domain"), (Watch, "ear-hearing"), (Subject, "tag-outline"), (System, "database-outline"),
        )
        if book.all(kind)
    ]  # fmt: skip
    if rest:
        parts.append(sb.panel("Places, topics and sources", sb.rows(rest)))
    head = sb.head("People", sub=["roles, not names: who decides, who answers, who stands in"])
    return f'<div class="sb-stack">{head}{Markup("").join(part for part in parts if part)}</div>'


def _duty(people: list[Person], site: Site) -> Markup:
    """Who is on duty now, who is away now or soon and who stands in."""
    rows = []
    for person in people:
        if "duty-officer" not in {person.slug, *person.roles} or (person.status or "active") == "left":
            continue
        away = next((a for a in person.away if a.from_ and a.to and a.from_ <= site.today <= a.to), None)
        stand_in = site.book.get(Person, (away.backup or person.backup) if away else None)
        holder = stand_in or person
        why = f"Stands in for {person.name}, who is back {_back(away.to)}." if away and away.to and stand_in else (
            f"Away until {_back(away.to)}, and nobody stands in." if away and away.to else f"Backup: {site.book.person(person.backup)}." if person.backup else "Nobody stands in."
        )  # fmt: skip
        lead = sb.status("missing", "nobody") if away and stand_in is None else sb.status("on", "on duty")
        rows.append(sb.row(holder.name, why, lead=lead, address=site.link(holder)))
    soon = sorted(
        (
            (a.from_, person.slug, person, a)
            for person in people
            for a in person.away
            if a.from_ and a.to and site.today <= a.to and a.from_ <= site.today + AHEAD
        ),
        key=lambda row: row[:2],
    )[:7]
    for _, _, person, a in soon:
        stand = site.book.person(a.backup or person.backup) if a.backup or person.backup else ""
        lead = sb.status("away", "away") if stand else sb.status("missing", "nobody")
        rows.append(
            sb.row(person.name, f"{stand} stands in." if stand else "Nobody stands in.", lead=lead, address=site.link(person),
                   end=absence(person, site.today))
        )  # fmt: skip
    if not rows:
        return sb.panel("On duty", sb.empty("Nobody is named", "The role with `roles: [duty-officer]` would stand here.", glyph="account-alert-outline"))  # fmt: skip
    return sb.panel("On duty, and away in the next four weeks", sb.rows(rows, kind="status"), ident="duty")


def _back(last: date) -> str:
    back = last + timedelta(days=1)
    return f"{back.day} {back:%b}"


def _languages(people: list[Person], site: Site) -> Markup:
    """Who answers in which language, the best first; a language of the team that only one speaks is a gap."""
    spoken: dict[str, list[tuple[str, Person]]] = defaultdict(list)
    for person in people:
        for language in person.languages:
            if language.lang:
                spoken[language.lang].append((language.level or "", person))
    wanted = [lang for lang in site.book.settings.team.languages if lang not in spoken]
    rows = []
    for lang in sorted({*spoken, *wanted}, key=lambda lang: (lang not in site.book.settings.team.languages, lang)):
        mine = sorted(spoken.get(lang, ()), key=lambda row: (_RANK.get(row[0].lower(), 9), row[1].name))
        names = Markup(", ").join(Markup("{} {}").format(site.anchor(person), level) for level, person in mine)
        able = sum(_RANK.get(level.lower(), 9) <= FLUENT for level, _ in mine)
        gap: Markup | str = (
            sb.status("missing", "gap") if able < 2 and lang in site.book.settings.team.languages else f"{able}"
        )
        rows.append((lang, names or "nobody", gap))
    if not rows:
        return Markup()
    table = sb.table("Languages", ("Language", "Who", "Fluent"), rows, numbers=(2,))
    return sb.panel(
        "Languages",
        table,
        foot=sb.with_code(
            "Fluent from C1 on. The team’s languages want two people each: `languages` in a person’s file says who."
        ),
        ident="languages",
    )


_RANK: Final = {"native": 0, "c2": 1, "c1": 2, "b2": 3, "b1": 4, "a2": 5, "a1": 6}
FLUENT: Final = 2


def _coverage(people: list[Person]) -> Markup:
    """Topic × department: how many answer what where; a topic that one alone knows is a gap."""
    count: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for person in people:
        for topic in person.expertise:
            count[topic][person.department or ""] += 1
    departments = sorted({place for row in count.values() for place in row}, key=lambda place: (not place, place))
    if not count:
        return Markup()
    topics = sorted(count, key=lambda topic: (sum(count[topic].values()), topic))
    rows = []
    for topic in topics:
        total = sum(count[topic].values())
        cells = [f"{count[topic][place]}" if count[topic][place] else "·" for place in departments]
        rows.append((topic.replace("-", " "), *cells, sb.status("missing", "one alone") if total < 2 else f"{total}"))
    heads = ("Topic", *(place or "no department" for place in departments), "In all")
    table = Markup(
        '<div class="sb-scroll" tabindex="0" role="region" aria-label="Coverage, scrolls sideways">{}</div>'
    ).format(sb.table("Topics by department", heads, rows, numbers=range(1, len(heads))))
    alone = sum(1 for topic in topics if sum(count[topic].values()) < 2)
    foot = "A person’s file says `department:` and `expertise:`." if departments == [""] else ""
    return sb.panel(
        "Topics by department",
        table,
        scope=f"{alone} with one alone" if alone else "no gap",
        ident="coverage",
        foot=foot,
    )


def absence(person: Person, today: date) -> str:
    """Away now or soon, with the one who stands in; empty otherwise."""
    for away in person.away:
        if away.from_ and away.to and today <= away.to and away.from_ <= today + AHEAD:
            when = "away now, back" if away.from_ <= today else f"away {away.from_.day} {away.from_:%b}, back"
            back = away.to + timedelta(days=1)
            return f"{when} {back.day} {back:%b}"
    return ""


def _row(person: Person, site: Site) -> Markup:
    topics = ", ".join(topic.replace("-", " ") for topic in person.expertise[:4])
    why = f"Knows {topics}." if topics else ""
    if person.backup:
        why = f"{why} Backup: {site.book.person(person.backup)}.".strip()
    return sb.row(
        person.name, why, lead=sb.icon("account-outline"), end=absence(person, site.today), address=site.link(person)
    )


def _skills(people: list[Person]) -> Markup:
    """The skills matrix: level 0 to 4, and a gap where fewer than two do it alone."""
    names = sorted({skill for person in people for skill in person.skills or {}})
    if not names:
        return Markup()
    rows = []
    for skill in names:
        levels = [(person.skills or {}).get(skill) for person in people]
        able = sum(level is not None and level >= SKILLED for level in levels)
        gap: Markup | str = sb.status("missing", "gap") if able < 2 else f"{able}"
        rows.append((skill.replace("-", " "), *(_level(level) for level in levels), gap))
    heads = ("Skill", *(person.name for person in people), "At 3 or more")
    table = Markup(
        '<div class="sb-scroll sb-matrix" tabindex="0" role="region" aria-label="Skills, scrolls sideways">{}</div>'
    ).format(sb.table("Skills of each role, 0 to 4", heads, rows, numbers=range(1, len(heads))))
    foot = "; ".join(f"{i} {word}" for i, word in enumerate(LEVELS))
    gaps = sum(1 for row in rows if isinstance(row[-1], Markup))
    return sb.panel(
        "Skills", table, scope=f"{gaps} gap{'s' * (gaps != 1)}" if gaps else "no gap", foot=foot, ident="skills"
    )


def _level(level: int | None) -> str | Markup:
    """Who can do it alone stands out; who cannot do it at all does not."""
    if level is None or level == 0:
        return Markup('<span class="sb-faint">{}</span>').format("·" if level is None else level)
    return Markup("<b>{}</b>").format(level) if level >= SKILLED else f"{level}"


def _topics(book: Book, site: Site) -> Markup:
    """Topic → who answers and who stands in, from subjects and watches; then expertise nobody has claimed."""
    rows: list[tuple[Markup | str, ...]] = []
    seen: set[str] = set()
    watched: tuple[Subject | Watch, ...] = (*book.all(Subject), *book.all(Watch))
    for document in watched:
        rows.append(
            (
                site.anchor(document),
                site.who(document.expert) or sb.status("missing"),
                site.who(document.backup) or sb.status("missing"),
                type(document).KIND,
            )
        )
        seen.add(document.slug)
    experts: dict[str, list[Person]] = defaultdict(list)
    for person in book.all(Person):
        for topic in person.expertise:
            experts[topic].append(person)
    for topic, known in sorted(experts.items()):
        if topic not in seen:
            rows.append(
                (
                    topic.replace("-", " "),
                    site.anchor(known[0]),
                    site.anchor(known[1]) if len(known) > 1 else "",
                    "expertise",
                )
            )
    if not rows:
        return Markup()
    table = sb.table("Who answers", ("Topic", "Answers", "Stands in", "From"), rows, cards=True, sort=len(rows) > 7)
    return sb.panel("Who answers", table, ident="topics")


def page(waits: Sequence[Wait], document: Document, site: Site) -> str:
    """The page of a role: what waits for it first."""
    assert isinstance(document, Person)  # noqa: S101 - only people come here
    person = document
    if person.unreadable:
        return documents.default(person, site)
    side = [
        values.facts(person, site, without=("skills", "away", "side")),
        _levels(person),
        _away(person, site),
    ]
    main = values.sections(person, site, without=("skills", "away", "languages")) or sb.empty(
        "No text yet", "Say what the role decides, opens first and must never have to do.", glyph="account-outline"
    )
    head = values.head(person, site, sub=[absence(person, site.today)])
    named = values.backlinks(person, site, wide=True)
    return (
        f'<div class="sb-stack">{head}{values.findings(person, site)}{_waits(waits, site)}<div class="sb-split"><div class="sb-stack">{main}{named}</div>'
        f'<div class="sb-stack">{Markup("").join(part for part in side if part)}</div></div></div>'
    )


def _waits(waits: Sequence[Wait], site: Site) -> Markup:
    """What the role is waited for, the earliest first."""
    if not waits:
        return Markup()
    rows = [
        sb.row(wanted(one, site.book), lead=sb.icon("calendar-blank-outline"), end="" if one.day == date.max or one.due else values.day(one.day))
        for one in waits[:MOST]
    ]  # fmt: skip
    more = len(waits) - MOST
    return sb.panel(
        "Waiting for this role", sb.rows(rows, kind="tight"), scope=f"{len(waits)}", ident="waits",
        foot=f"and {more} more, which come later" if more > 0 else "",
    )  # fmt: skip


def _levels(person: Person) -> Markup:
    if not person.skills:
        return Markup()
    rows = Markup("").join(
        Markup('<dt>{}</dt><dd>{} <span class="sb-faint sb-small">{}</span></dd>').format(
            skill.replace("-", " ").capitalize() if skill != "pr" else "PR",
            sb.bar(level * 25, f"{skill}: {level} of 4, {LEVELS[level] if 0 <= level < len(LEVELS) else ''}"),
            LEVELS[level] if 0 <= level < len(LEVELS) else f"{level}",
        )
        for skill, level in sorted(person.skills.items(), key=lambda item: (-item[1], item[0]))
    )
    return sb.panel("Skills", Markup('<dl class="sb-kv">{}</dl>').format(rows), padded=True, scope="0 to 4")


def _away(person: Person, site: Site) -> Markup:
    rows = [
        (f"{values.day(away.from_)} to {values.day(away.to)}" if away.from_ and away.to else "", site.who(away.backup))
        for away in person.away
    ]
    return sb.panel("Away", sb.table("Days off", ("When", "Stands in"), rows)) if rows else Markup()
