"""The fields of a document as HTML, derived from the declaration of its kind."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from signalbook.decode import fields_of, kinds_of, type_of, without_none
from signalbook.model import Document, Duration, Markdown, Money, Span, Url
from site_plugins import components as sb
from site_plugins import text
from site_plugins.markup import Markup
from site_plugins.pages import digest, href
from site_plugins.site import HEARD, heard_address

if TYPE_CHECKING:
    from site_plugins.site import Site

SHORT: Final = 90
"""A text up to so many characters is a fact in the margin; a longer one is a section."""

SAID_ELSEWHERE: Final = frozenset({"title", "owner", "status", "waive"})
"""Fields that the head or the findings show."""

WORDS: Final[Mapping[str, str]] = {
    "it_partner": "Technical partner",
    "utm": "Link tags",
    "ai": "Made by machine",
    "n": "Counted over",
    "waive": "Checks waived",
    "audiences": "May see it",
    "audiences_served": "Audiences",
    "review_by": "Next review",
    "not": "Not meant",
    "for": "For",
    "as_named_there": "Called there",
    "not_for": "Not for",
    "of": "Read",
    "on": "On",
    "url": "Address",
    "max_cases_per_day": "Cases a day",
    "wants_from_us": "Wants from us",
    "min_n": "Shown from",
    "tier": "Approval tier",
}


def named(key: str) -> str:
    """A field's name as people read it."""
    return WORDS.get(key) or key.replace("_", " ").capitalize()


def day(value: date) -> str:
    """``Tue 24 Nov 2026``."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def instant(value: datetime, site: Site) -> str:
    """``Tue 24 Nov 2026, 09:30``, in the team's zone."""
    local = value.astimezone(site.book.settings.team.zone)
    return f"{day(local)}, {local:%H:%M}"


def word(value: str) -> str:
    """A word of a closed set: ``not-needed`` → ``not needed``."""
    return value.replace("-", " ")


def html(value: Any, tp: Any, document: Document, site: Site) -> Markup | str:
    """A value as its declared type asks for it."""
    tp = without_none(tp)
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value, site)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Duration):
        return duration(value)
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, Span):
        return f"{day(value.from_) if value.from_ else '…'} to {day(value.to) if value.to else '…'}"
    if isinstance(value, int | float):
        return sb.amount(value)
    if kinds := kinds_of(tp):
        found = site.book.find(kinds, str(value))
        return site.anchor(found) if found is not None else str(value)
    if tp is Markdown:
        return Markup('<div class="sb-prose">{}</div>').format(site.markdown(str(value), document.path, heading=3))
    if tp is Url:
        return Markup('<a href="{0}" rel="noopener noreferrer">{1}</a>').format(value, str(value).split("://", 1)[-1])
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if isinstance(value, str):
        return word(value) if origin is typing.Literal else text.linkify(value)
    if dataclasses.is_dataclass(value):
        return compact(value, document, site) if is_small(value) else sb.facts(pairs(value, document, site))
    if isinstance(value, Mapping):
        held = args[1] if origin is Mapping else Any
        return sb.facts((str(key), html(item, held, document, site)) for key, item in value.items())
    if isinstance(value, tuple):
        return many(value, args[0] if origin is tuple else _item(tp, value), document, site)
    return str(value)


def is_small(value: Any) -> bool:
    """Whether a group of fields fits into one line."""
    held = [item for field in dataclasses.fields(value) if (item := getattr(value, field.name)) not in (None, (), {})]
    return len(held) <= 4 and all(
        isinstance(item, int | float | bool | date | Duration) or (isinstance(item, str) and len(item) <= SHORT)
        for item in held
    )


def compact(value: Any, document: Document, site: Site) -> Markup:
    """A small group of fields in one line: ``planned 96, spent 12``."""
    return Markup("<br>").join(
        Markup('<span class="sb-faint">{}</span> {}').format(name.lower(), shown)
        for name, shown in pairs(value, document, site)
        if shown
    )


def _item(tp: Any, value: Sequence[Any]) -> Any:
    for part in typing.get_args(tp):
        if typing.get_origin(part) is tuple:
            inner = typing.get_args(part)[0]
            if not dataclasses.is_dataclass(inner) or dataclasses.is_dataclass(value[0]):
                return inner
    return str


def duration(value: Duration) -> str:
    """``4 business hours``."""
    words = {"m": "minute", "h": "hour", "d": "day", "w": "week", "bh": "business hour", "bd": "business day"}
    return f"{value.amount:g} {words[value.unit]}{'s' if value.amount != 1 else ''}"


def money(value: Money) -> str:
    """``EUR 600, 180 spent``."""
    amount = f"{value.currency or ''} {sb.amount(value.amount)}".strip() if value.amount is not None else ""
    return f"{amount}, {sb.amount(value.spent)} spent" if value.spent is not None else amount


def many(values: Sequence[Any], tp: Any, document: Document, site: Site) -> Markup | str:
    """Several values: links in a row, short words as labels, sentences as a list, groups of fields as a table."""
    if dataclasses.is_dataclass(values[0]):
        return table(values, document, site)
    if kinds_of(without_none(tp)):
        return Markup(", ").join(html(value, tp, document, site) for value in values)
    texts = [str(value) for value in values]
    if any(_insight(item, site) for item in texts):
        return Markup(", ").join(soft(item, site) for item in texts)
    if all(len(item) <= 28 for item in texts) and not any("://" in item for item in texts):
        return Markup(" ").join(
            sb.label(word(item) if typing.get_origin(tp) is typing.Literal else item) for item in texts
        )
    return Markup("<ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(soft(item, site)) for item in texts)
    )


def _insight(item: str, site: Site) -> Document | None:
    from signalbook.model import Insight

    return site.book.get(Insight, item)


def soft(item: str, site: Site) -> Markup:
    """A text that may be an address, or the name of an insight."""
    found = _insight(item, site)
    return site.anchor(found) if found is not None else text.linkify(item)


def table(values: Sequence[Any], document: Document, site: Site) -> Markup:
    """Groups of fields as a table whose columns are the fields that any of them has."""
    cls = type(values[0])
    keys = [
        key
        for key, field in fields_of(cls).items()
        if any(getattr(value, field.name) not in (None, ()) for value in values)
    ]
    rows = [
        [html(getattr(value, fields_of(cls)[key].name), type_of(cls, key), document, site) for key in keys]
        for value in values
    ]
    numbers = [
        i for i, key in enumerate(keys)
        if i and all(isinstance(getattr(value, fields_of(cls)[key].name), int | float | None) for value in values)
    ]  # fmt: skip
    return sb.table(cls.__name__, [named(key) for key in keys], rows, cards=True, numbers=numbers)


def pairs(value: Any, document: Document, site: Site) -> list[tuple[str, Markup | str]]:
    """The fields of a group with their names."""
    cls = type(value)
    return [
        (named(key), html(getattr(value, field.name), type_of(cls, key), document, site))
        for key, field in fields_of(cls).items()
    ]


def shown(document: Document, *, without: Iterable[str] = ()) -> list[tuple[str, Any, Any]]:
    """The fields of a document that hold something: key, type, value."""
    left_out = SAID_ELSEWHERE | frozenset(without)
    cls = type(document)
    return [
        (key, type_of(cls, key), value)
        for key, field in fields_of(cls).items()
        if key not in left_out and (value := getattr(document, field.name)) not in (None, (), {})
    ]


def is_long(tp: Any, value: Any) -> bool:
    """Whether a value wants a section of its own."""
    tp = without_none(tp)
    if tp is Markdown:
        return True
    if isinstance(value, str):
        return len(value) > SHORT
    if isinstance(value, tuple):
        return dataclasses.is_dataclass(value[0]) or (
            not kinds_of(_inner(tp)) and any(isinstance(item, str) and len(item) > 28 for item in value)
        )
    if isinstance(value, Mapping):
        return len(value) > 4 or any(isinstance(item, str) and len(item) > SHORT for item in value.values())
    return dataclasses.is_dataclass(value) and not isinstance(value, Money | Span | Duration) and not is_small(value)


def _inner(tp: Any) -> Any:
    args = typing.get_args(tp)
    return args[0] if typing.get_origin(tp) is tuple else tp


def facts(document: Document, site: Site, *, without: Iterable[str] = (), title: str = "Facts") -> Markup:
    """The short fields, as a panel."""
    rows = [
        (named(key), _channels(value, site) if key == "channels" else html(value, tp, document, site))
        for key, tp, value in shown(document, without=without)
        if not is_long(tp, value)
    ]
    return sb.panel(title, sb.facts(rows), padded=True) if rows else Markup()


def _channels(keys: object, site: Site) -> Markup:
    """Channels by their tiles and names, one below the other."""
    return sb.lines(site.channel(str(key)) for key in keys) if isinstance(keys, tuple) else site.channel(str(keys))


def sections(document: Document, site: Site, *, without: Iterable[str] = ()) -> Markup:
    """The long fields, a panel each, and the text below the front matter."""
    out: list[Markup] = []
    for key, tp, value in shown(document, without=without):
        if not is_long(tp, value):
            continue
        inner = html(value, tp, document, site)
        tabular = isinstance(value, tuple) and dataclasses.is_dataclass(value[0])
        if not tabular:
            inner = Markup('<div class="sb-prose">{}</div>').format(inner)
        scope = f"{len(value)}" if tabular and len(value) > 1 else ""
        out.append(sb.panel(named(key), Markup(inner), padded=not tabular, scope=scope, ident=f"f-{key}"))
    if document.body.strip() and "body" not in set(without):
        out.append(
            Markup('<div class="sb-prose" id="text">{}</div>').format(site.markdown(document.body, document.path))
            if not out
            else sb.panel("Text", Markup('<div class="sb-prose">{}</div>').format(site.markdown(document.body, document.path)),
                          padded=True, ident="text")
        )  # fmt: skip
    return Markup("").join(out)


def findings(document: Document, site: Site) -> Markup:
    """What the checks say, loudest when something blocks; empty when nothing is to be said."""
    found = site.of(document.path)
    if not found:
        return Markup()
    blocking = sum(finding.blocks for finding in found)
    listed = sb.finding_list(found, site.edit_url(document.path))
    scope = f"{blocking} to mend" if blocking else f"{len(found)} to look at"
    return sb.panel("What the checks say", listed, scope=scope, loud=bool(blocking), ident="findings")


def head(document: Document, site: Site, *, sub: Iterable[str | Markup] = (), acts: Iterable[Markup] = ()) -> Markup:
    """Path, title, state, owner, and the way to the file."""
    kind = type(document)
    buttons = list(acts)
    if kind.KIND in HEARD and not site.audience:
        buttons.append(sb.button("What is said", href(heard_address(kind.KIND, document.slug)), glyph="ear-hearing"))
    if edit := site.edit_url(document.path):
        buttons.append(sb.button("Edit the file", edit, glyph="pencil", main=True))
    return sb.head(
        document.name,
        path=path(kind),
        sub=[sb.status(document.state) if document.state else "", site.who(document.owner), *sub],
        acts=buttons,
    )


def path(kind: type[Document]) -> list[tuple[str, str]]:
    """The way back from a document of a kind."""
    from site_plugins.pages import SECTIONS
    from site_plugins.site import folder_of

    folder = folder_of(kind)
    section = folder.partition("/")[0]
    way = [(SECTIONS[section], href(f"{section}/index.html"))]
    if folder != section:
        way.append((kind.PLURAL, href(f"{folder}/index.html")))
    return way


def backlinks(document: Document, site: Site, *, without: Iterable[type[Document]] = (), wide: bool = False) -> Markup:
    """Every document that names this one, by kind; ``without`` those that the page shows elsewhere.

    ``wide``: several beside one another, for the main column of a page that says little itself.
    """
    left_out = {kind.PLURAL for kind in without}
    groups = [group for group in _naming(document, site) if group[0] not in left_out]
    if not groups:
        return Markup()
    body = Markup("")
    for plural, count, shown in groups:
        once: dict[str, tuple[Document, list[str]]] = {}  # who names it in three ways is one row with three words
        for (_, field), source in shown:
            once.setdefault(source.path, (source, []))[1].append(named(field).lower())
        rows = [sb.row(site.anchor(source), "", end=", ".join(words)) for source, words in once.values()]
        if count > len(shown):
            rows.append(
                Markup('<li><div></div><div class="sb-faint">and {} more</div><div></div></li>').format(
                    count - len(shown)
                )
            )
        body += Markup('<h3 class="sb-group">{}</h3>{}').format(plural, sb.rows(rows, kind="grid" if wide else "tight"))
    seen = sum(count for _, count, _ in groups)
    return sb.panel("Named by", body, scope=f"{seen}", ident="named-by")


MOST_NAMING: Final = 12
"""Documents of one kind that are listed by name as naming another; the rest is counted."""
_Naming = tuple[str, int, list[tuple[tuple[str, str], Document]]]


def _naming(document: Document, site: Site) -> list[_Naming]:
    """Who names a document: plural of the kind, how many, and the first of them as ((path, field), source)."""
    counts: dict[type[Document], int] = {}
    first: dict[type[Document], list[tuple[tuple[str, str], Document]]] = {}
    last: Document | None = None
    fields: set[str] = set()
    for source, (path, _, _) in site.book.naming(document):  # source by source
        field = path.partition(".")[0] if "." in path else path
        if source is not last:
            last, fields = source, set()
        elif field in fields:
            continue
        fields.add(field)
        kind = type(source)
        counts[kind] = count = counts.get(kind, 0) + 1
        if count <= MOST_NAMING:
            first.setdefault(kind, []).append(((source.path, field), source))
    return [(kind.PLURAL, count, first[kind]) for kind, count in counts.items()]


def key(document: Document, site: Site) -> str:
    """What the page of a document depends on besides its room's own facts."""
    book = site.book
    named_here = [
        (target.digest, target.path) if (target := book.find(kinds, slug)) else slug
        for _, kinds, slug in _references(document)
    ]
    naming = [
        (plural, count, *((source.name, field, source.slug, type(source).KIND) for (_, field), source in shown))
        for plural, count, shown in _naming(document, site)
    ]
    # A plain list may name insights without being declared as references; their titles are shown.
    named_here += [
        (found.digest, found.path)
        for _, _, value in shown(document)
        if isinstance(value, tuple)
        for item in value
        if isinstance(item, str) and (found := _insight(item, site)) is not None
    ]
    return digest(
        document.digest, document.path, document.slug, book.settings.digest, site.repo, site.edit, site.today,
        *named_here, *naming, site.findings_key(document.path), site.markdown_key(document.body, document.path),
        *(site.markdown_key(str(value), document.path) for _, tp, value in shown(document) if without_none(tp) is Markdown),
    )  # fmt: skip


def _references(document: Document) -> list[tuple[str, tuple[type[Document], ...], str]]:
    from signalbook.book import references

    return list(references(document))
