"""The mentions: a month's newest as a plain table, all of them in files that a script filters, and an export."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook.monthly import CUT
from site_plugins import components as sb
from site_plugins.listening import parts
from site_plugins.markup import Markup
from site_plugins.pages import Asset, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signalbook.monthly import Said
    from site_plugins.listening.parts import View

SHOWN: Final = 60
"""Rows that stand in the page itself, for readers without scripts and before the files are there."""


def month_name(month: str) -> str:
    """``November 2026``."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}" if month else ""


def files(view: View, month: str, stamp: str) -> Iterator[Asset]:
    """The month's rows for browsers and its export; made only when the month's files changed."""
    for number in range(1, view.heard.parts(month) + 1):
        yield Asset(
            f"listening/mentions/{month}-{number}.json",
            partial(view.heard.part, month, number),
            digest("part", stamp, number),
        )
    for number in range(1, view.heard.exports(month) + 1):
        yield Asset(_export(month, number), partial(view.heard.export, month, number), digest("export", stamp, number))


def _export(month: str, number: int) -> str:
    return f"listening/mentions/{month}{f'.{number}' if number > 1 else ''}.csv"


def cases_file(view: View) -> Asset:
    """Key of a mention → where its case stands, its state in words."""
    rows = {
        key: [f"{parts.case_address(one)}", sb.status_of(one.state).word]
        for key, one in sorted(view.by_mention.items())
    }
    data = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return Asset("listening/mentions/cases.json", lambda: data, digest(data.hex()))


def page(view: View, month: str) -> str:
    """A month's page."""
    heard = view.heard
    months = list(heard.months)
    if not month:
        return _none(view)
    sums = heard.sums(month)
    acts = [parts.seg("Mentions")]
    acts += [
        sb.button("CSV" if number == 1 else f"CSV {number}", href(_export(month, number)), glyph="download")
        for number in range(1, heard.exports(month) + 1)
    ]
    sub = [
        month_name(month),
        f"{sb.amount(sums.n)} {'voice' if sums.n == 1 else 'voices'}",
        f"{sb.amount(sums.spread)} repeats and further appearances" if sums.spread else "",
        f"{sb.amount(sums.own)} of our own left out" if sums.own else "",
    ]
    rows = heard.newest(month, SHOWN) if sums.rows else []
    panels: list[Markup] = [sb.head("Mentions", sub=sub, acts=acts, path=parts.path())]
    if rows:
        panels += [_filter(view), _table(view, month, rows, sums.rows)]
    else:
        panels.append(sb.panel("Mentions", parts.unworded(view)))
    panels.append(_months(months, month))
    script = Markup('<script src="{}" defer></script>').format(href("assets/heard.js")) if rows else ""
    return f'<div class="sb-stack">{"".join(map(str, panels))}{script}</div>'


def _none(view: View) -> str:
    head = sb.head("Mentions", acts=[parts.seg("Mentions")], path=parts.path())
    why = (
        "Add a source to signalbook.toml and run signalbook listen: what it hears stands here, to filter and to export."
    )
    body = (
        parts.unworded(view)
        if view.site.audience or view.cases or view.alerts
        else sb.empty("Nothing was heard yet", why, glyph="ear-hearing")
    )
    return f'<div class="sb-stack">{head}{sb.panel("Mentions", body)}</div>'


def _filter(view: View) -> Markup:
    topics = {name: one.name for name, one in view.topics.items()}
    options = Markup("").join(
        Markup('<option value="{}">{}</option>').format(key or "none", word) for key, word in parts.WORDS.items()
    )
    return Markup(
        '<form class="sb-filter" data-sb-heard-filter aria-label="Filter mentions" data-topics="{}">'
        '<input class="sb-input" type="search" name="q" placeholder="Words, author, site" aria-label="Words, author, site" autocomplete="off">'
        '<select class="sb-select" name="tone" aria-label="Meaning"><option value="">Any meaning</option>{}</select>'
        '<select class="sb-select" name="topic" aria-label="Topic"><option value="">Any topic</option></select>'
        '<select class="sb-select" name="source" aria-label="Source"><option value="">Any source</option></select>'
        '<select class="sb-select" name="lang" aria-label="Language"><option value="">Any language</option></select>'
        '<select class="sb-select" name="order" aria-label="Order"><option value="">Newest first</option><option value="old">Oldest first</option><option value="neg">Negative first</option></select>'
        '<button class="sb-btn sb-btn--bare" type="reset">Clear</button>'
        '<span class="sb-faint sb-small" data-sb-heard-total role="status"></span></form>'
    ).format(json.dumps(topics, ensure_ascii=False), options)


def _table(view: View, month: str, rows: list[Said], all_: int) -> Markup:
    zone = view.book.settings.team.zone.key
    body = Markup("").join(_row(view, one) for one in rows)
    files_ = Markup(" ").join(
        Markup("{}").format(href(f"listening/mentions/{month}-{n}.json")) for n in range(1, view.heard.parts(month) + 1)
    )
    more = f"The newest {len(rows)} of {sb.amount(all_)}. " if all_ > len(rows) else ""
    return Markup(
        '<section class="sb-panel" data-sb-heard data-files="{}" data-cases="{}" data-zone="{}" data-root="{}">'
        '<table class="sb-table sb-table--cards sb-heard"><caption class="sb-sr">Mentions of {}</caption>'
        '<thead><tr><th scope="col">When</th><th scope="col">What was said</th><th scope="col">Where</th>'
        '<th scope="col">Meaning</th><th scope="col">Topic</th><th scope="col">State</th></tr></thead><tbody>{}</tbody></table>'
        '<p class="sb-heard__more"><button class="sb-btn" type="button" data-sb-heard-more hidden>Show more</button></p>'
        '<div class="sb-panel__foot"><span data-sb-heard-note>{}The export above holds all of them.</span> '
        "Rows are quoted text: nothing in them is run, and the time leads to where it was said. Times: {}. "
        "Names are shown of public voices and bylines only.</div></section>"
    ).format(files_, href("listening/mentions/cases.json"), zone, href(""), month_name(month), body, more, zone)


def _row(view: View, one: Said) -> Markup:
    said = parts.words_of(one)
    said = said if len(said) <= CUT else f"{said[:CUT].rstrip()}…"
    when: Markup | str = view.when(one.at)
    if one.url:
        when = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(one.url, when)
    case = view.by_mention.get(one.key)
    state = (
        Markup('<a href="{}">{}</a>').format(href(parts.case_address(case)), sb.status_of(case.state).word)
        if case
        else ""
    )
    return Markup(
        '<tr><td class="sb-num sb-nowrap" data-th="When">{}</td><td class="sb-heard__said" dir="auto">{}</td>'
        '<td class="sb-muted" data-th="Where">{}</td><td class="sb-nowrap" data-th="Meaning">{}</td><td data-th="Topic">{}</td><td data-th="State">{}</td></tr>'
    ).format(when, said, parts.where(one), parts.tone(one.tone, one.sure), view.titles(one.about), state)


def _months(months: list[str], current: str) -> Markup:
    if len(months) < 2:
        return sb.EMPTY
    links = Markup("").join(
        Markup('<li><a href="{}"{}>{}</a></li>').format(
            href(parts.month_address(month, months[0])),
            Markup(' aria-current="page"') if month == current else "",
            month_name(month),
        )
        for month in months
    )
    return Markup('<nav class="sb-panel sb-months" aria-label="Months"><h2>Months</h2><ul>{}</ul></nav>').format(links)
