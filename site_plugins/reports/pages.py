"""Book → every report: an index, newest first, and a page that is read on a screen and fits a sheet of paper."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from signalbook.model import Report
from signalbook.pattern import pattern
from signalbook.period import Period
from site_plugins import components as sb
from site_plugins.documents import values
from site_plugins.documents.pages import page_of
from site_plugins.markup import Markup
from site_plugins.pages import Page, SearchEntry, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signalbook.book import Book
    from signalbook.model import Document
    from site_plugins.pages import Asset
    from site_plugins.site import Site

_HEADING = pattern(r"^##[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = pattern(r"^(`{3,}|~{3,})")
_MARKER = pattern(r"^<!--[ \t]*/?signalbook\b[^>]*-->[ \t]*$", re.MULTILINE)


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The index and a page for each report; nothing while there is none."""
    reports = newest(book, now)
    if not reports:
        return
    key = digest(
        site.repo,
        site.edit,
        book.settings.digest,
        site.today,
        *((r.digest, r.path, r.slug, *site.of(r.path)) for r in reports),
    )
    search = (SearchEntry("", "Reports", Report.ABOUT),)
    yield Page("reports/index.html", "Reports", "reports", partial(_index, book, now, site), key, search=search)
    for index, report in enumerate(reports):
        after = reports[index - 1] if index else None
        before = reports[index + 1] if index + 1 < len(reports) else None
        beside = [(one.digest, one.slug) for one in (before, after) if one]
        yield page_of(report, site, body=partial(_page, before, after, now), more=digest(*beside))


def newest(book: Book, now: datetime) -> list[Report]:
    """Every report, that of the latest period first."""
    return sorted(
        book.all(Report), key=lambda one: (_ends(one, book, now), str(one.as_of or ""), one.slug), reverse=True
    )


def _period(report: Report, book: Book, now: datetime) -> Period | None:
    try:
        return Period.parse(report.period or "", book.settings.team.zone, now)
    except ValueError:
        return None


def _ends(report: Report, book: Book, now: datetime) -> str:
    period = _period(report, book, now)
    return f"{period.last}" if period else ""


def _named(report: Report, book: Book, now: datetime) -> str:
    period = _period(report, book, now)
    label = period.label if period else report.period or ""
    return label[:1].upper() + label[1:]


# --- index -----------------------------------------------------------------------------------------------------------


def _index(book: Book, now: datetime, site: Site) -> str:
    rows = []
    for report in newest(book, now):
        gaps = len(report.gaps) if report.gaps is not None else None
        blocking = sum(finding.blocks for finding in site.of(report.path))
        mark = Markup(" {}").format(sb.status("block", f"{blocking} to mend")) if blocking else ""
        rows.append(
            (
                Markup("{}{}").format(site.anchor(report), mark),
                values.word(report.kind or ""),
                _named(report, book, now),
                report.for_ or "",
                sb.status(report.state, bare=True),
                "not said" if gaps is None else "none" if not gaps else f"{gaps}",
                values.instant(report.as_of, site) if report.as_of else "",
            )
        )
    head = sb.head("Reports", sub=[Report.ABOUT])
    table = sb.table(
        "Reports, newest first", ["Report", "Kind", "Period", "For", "State", "Gaps", "As of"], rows, cards=True
    )
    word = "report" if len(rows) == 1 else "reports"
    foot = Markup("A week's report is built by <code>signalbook report week</code>; what people wrote in it stays.")
    return f'<div class="sb-stack">{head}{sb.panel(f"{len(rows)} {word}", table, foot=foot)}</div>'


# --- a report --------------------------------------------------------------------------------------------------------


def _page(before: Report | None, after: Report | None, now: datetime, document: Document, site: Site) -> str:
    assert isinstance(document, Report)  # noqa: S101 - the room's own kind
    report = document
    if report.unreadable:
        return f'<div class="sb-stack">{values.head(report, site)}{values.findings(report, site)}</div>'
    book = site.book
    printed = Markup('<button class="sb-btn" type="button" data-sb-print>{}Print</button>').format(
        sb.icon("printer-outline")
    )
    sub = [
        _named(report, book, now) or "",
        f"for {report.for_}" if report.for_ else "",
        f"as of {values.instant(report.as_of, site)}" if report.as_of else "",
    ]
    intro, sections = parts(report.body)
    blocks = [sb.panel(title, _prose(text, report, site), padded=True) for title, text in sections]
    top = Markup('<div class="sb-prose">{}</div>').format(site.markdown(intro, report.path)) if intro else Markup()
    return (
        f'<div class="sb-stack sb-report">{values.head(report, site, sub=sub, acts=[printed])}{values.findings(report, site)}'
        f"{_gaps(report)}{_restated(report, site)}{top}"
        f'<div class="sb-report__parts">{_people(report, site)}{Markup("").join(blocks)}</div>'
        f"{_foot(report, before, after, site)}</div>"
    )


def parts(body: str) -> tuple[str, list[tuple[str, str]]]:
    """A report's text cut at its second-level headings: what stands before the first, then heading and text in turn."""
    intro: list[str] = []
    found: list[tuple[str, list[str]]] = []
    fence = ""
    for line in _MARKER.sub("", body).split("\n"):
        if mark := _FENCE.match(line):
            fence = "" if fence and line.startswith(fence) else fence or mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading:
            found.append((re.sub(r"\\(.)", r"\1", heading[1]), []))
        else:
            (found[-1][1] if found else intro).append(line)
    return "\n".join(intro).strip(), [(title, "\n".join(lines).strip()) for title, lines in found]


def _prose(text: str, report: Report, site: Site) -> Markup:
    return Markup('<div class="sb-prose">{}</div>').format(site.markdown(text, report.path, heading=3))


def _gaps(report: Report) -> Markup:
    if report.gaps is None:
        return sb.note(  # type: ignore[unreachable]  # the field is there and may be silent
            "What is missing in this report?", "Its file does not say.", kind="ask"
        )
    if not report.gaps:
        return Markup('<p class="sb-faint">No gaps: nothing is missing in these numbers.</p>')
    return sb.note("What is missing:", "; ".join(gap.rstrip(".") for gap in report.gaps) + ".", kind="warn")


def _restated(report: Report, site: Site) -> Markup:
    if not report.restated:
        return Markup()
    return sb.panel("Corrected numbers", values.table(report.restated, report, site))


def _people(report: Report, site: Site) -> Markup:
    """What people wrote into the front matter: notes, what became of decisions, what is asked of whom."""
    out = Markup()
    if report.notes:
        rows = Markup("").join(
            Markup('<p>{}</p><p class="sb-faint">{}</p>').format(
                note.text or "", " · ".join(_by(note.by, note.at, site))
            )
            for note in report.notes
        )
        out += sb.panel("Notes", Markup('<div class="sb-prose">{}</div>').format(rows), padded=True)
    if report.asks:
        out += sb.panel("What we need", values.table(report.asks, report, site))
    if report.decisions_last:
        out += sb.panel("What became of last time's decisions", values.table(report.decisions_last, report, site))
    return out


def _by(who: str | None, at: date | None, site: Site) -> Iterator[str]:
    if who:
        yield site.book.person(who)
    if isinstance(at, datetime):
        yield values.instant(at, site)
    elif at is not None:
        yield values.day(at)


def _foot(report: Report, before: Report | None, after: Report | None, site: Site) -> Markup:
    built = report.built_from
    said: list[str | Markup] = []
    if built and built.commit:
        said.append(Markup("Built from <code>{}</code>").format(built.commit))
    if built and built.queries:
        said.append(f"by {', '.join(built.queries)}")
    if report.approved_by:
        said.append(f"approved by {', '.join(site.book.person(one) for one in report.approved_by)}")
    if report.kind == "week" and report.period:
        said.append(Markup("build again with <code>signalbook report week --period {}</code>").format(report.period))
    line = Markup("; ").join(said)
    ways = Markup("").join(
        Markup('<a href="{}">{}{}</a>').format(site.link(one), word, one.name)
        for one, word in ((before, "Before: "), (after, "After: "))
        if one
    )
    return Markup('<div class="sb-report__foot"><p>{}{}</p><p class="sb-no-print">{}</p></div>').format(
        line, "." if said else "", ways
    )
