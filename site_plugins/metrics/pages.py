"""Book → the metric dictionary: an index by stage with what was read last, and a page for each metric."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from signalbook import fence as fences_
from signalbook import tally
from signalbook.content import Ordinary
from signalbook.model import Document, Metric, Objective
from signalbook.model.base import Duration
from signalbook.period import day_of, spoken
from site_plugins import components as sb
from site_plugins.documents import values
from site_plugins.documents.pages import page_of
from site_plugins.fences import numbers
from site_plugins.markup import Markup
from site_plugins.pages import Page, SearchEntry, digest, href

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from signalbook.book import Book
    from site_plugins.pages import Asset
    from site_plugins.site import Site

STAGES: Final[dict[str, tuple[str, str]]] = {
    "impact": ("Impact", "What changed for the organisation or for society."),
    "outcome": ("Outcome", "What somebody knows, feels or does now."),
    "out-take": ("Out-take", "What people noticed and how they answered."),
    "output": ("Output", "What went out and whom it could reach."),
    "process": ("Process", "How we work: read from our own history."),
    "input": ("Input", "What we put in."),
}
"""Stage → its name and what it is about, the weightiest first."""
WINDOW: Final = {"day": "90d", "week": "182d", "post": "90d", "month": "730d", "quarter": "1460d"}
"""Grain → how far back the chart on a metric's page reaches."""
APART: Final = frozenset({"means", "formula", "not_for", "informs", "how_to_get", "body"})


def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
    """The index and a page for each metric."""
    metrics = book.all(Metric)
    ground = digest(numbers.stamp(book), book.settings.digest, site.today)
    promises = [one.digest for one in book.all(Objective) if one.metric]
    key = digest(
        ground, site.repo, site.edit, *((m.digest, m.path, m.slug, _leads(m, site), *site.of(m.path)) for m in metrics)
    )
    search = (SearchEntry("", "Metrics", "What each number means, what it must not be used for, what was read last"),)
    if metrics:
        yield Page("metrics/index.html", "Metrics", "metrics", partial(_index, book, now, site), key, search=search)
    shown = _shown(book, now)
    for metric in metrics:
        used = tuple(shown.get(metric.slug, ()))
        # The promises an objective makes are drawn into the chart.
        more = digest(ground, _leads(metric, site), *promises, *((one.path, one.digest) for one in used))
        yield page_of(metric, site, body=partial(_page, book, now, used), more=more)


def _leads(metric: Metric, site: Site) -> str:
    return site.markdown_key(metric.informs or "", metric.path)


def _informs(metric: Metric, site: Site) -> str | Markup:
    """What a metric decides; a link in it is a link."""
    said = metric.informs or ""
    if not any(mark in said for mark in ("](", "`", "*")):
        return said
    return Markup(str(site.markdown(said, metric.path)).strip().removeprefix("<p>").removesuffix("</p>"))


Text = Document | Ordinary


def _shown(book: Book, now: datetime) -> dict[str, list[Text]]:
    """Metric → the documents and pages that show it in a chart, a number or a question, by path."""
    known = {metric.slug: tally.name_of(metric) for metric in book.all(Metric)}
    found: dict[str, list[Text]] = {}
    texts: list[Text] = [one for one in book.everything() if "```" in one.body or "~~~" in one.body]
    texts += [page for page in book.pages if "```" in page.body or "~~~" in page.body]
    for one in sorted(texts, key=lambda text: text.path):
        named: set[str] = set()
        for block in fences_.find(one.body):
            if block.lang == "query":  # it names a metric as its readings do, in quotes
                named |= {slug for slug, name in known.items() if f"'{name}'" in block.source}
            elif (asked := fences_.read(book, block.lang, block.source, now)[0]) is not None:
                named.update(asked.metrics)
        for slug in named & known.keys():
            found.setdefault(slug, []).append(one)
    return found


# --- index -----------------------------------------------------------------------------------------------------------


def _index(book: Book, now: datetime, site: Site) -> str:
    metrics = [metric for metric in book.all(Metric) if not metric.unreadable]
    broken = [metric for metric in book.all(Metric) if metric.unreadable]
    read = numbers.known(book)
    with_readings = sum(tally.name_of(metric) in read for metric in metrics)
    acts = []
    if new := site.new_url("content/metrics", "untitled.md"):
        acts.append(sb.button("New metric", new, glyph="plus", main=True))
    sub = [
        f"{len(metrics)} definitions",
        f"{with_readings} with readings" if with_readings else "none with readings yet",
    ]
    parts: list[Markup] = [sb.head("Metrics", sub=sub, acts=acts)]
    if not with_readings:
        own = sum("git" in (metric.source or "") for metric in metrics)
        more = f" {own} of them come from this repository's own history and need no account." if own > 1 else ""
        text = "The definitions stand before the numbers do. Each metric's page says how to get its first reading."
        parts.append(sb.note("No number has been read yet.", f"{text}{more}"))
    stages = [*STAGES, ""]
    for stage in stages:
        mine = sorted(
            (m for m in metrics if (m.stage or "") == stage), key=lambda m: (m.state == "deprecated", m.name.lower())
        )
        if not mine:
            continue
        name, about = STAGES.get(stage, ("No stage yet", "Their files do not say where they stand."))
        body = _table(book, mine, read, now, site, name)
        parts.append(sb.panel(name, body, scope=f"{len(mine)}: {about}", ident=f"stage-{stage or 'none'}"))
    if broken:
        rows = [
            sb.row(site.anchor(metric), "Its front matter cannot be read.", lead=sb.status("block"))
            for metric in broken
        ]
        parts.append(sb.panel("Cannot be read", sb.rows(rows, kind="status"), loud=True))
    return f'<div class="sb-stack">{"".join(map(str, parts))}</div>'


def _table(
    book: Book,
    metrics: Sequence[Metric],
    read: dict[str, tuple[tuple[str, str], ...]],
    now: datetime,
    site: Site,
    name: str,
) -> Markup:
    rows = []
    for metric in metrics:
        flags = Markup("")
        if metric.vanity:
            flags += Markup(' <span class="sb-label" title="{}">vanity</span>').format(
                "It flatters without informing: never alone in an objective or a headline."
            )
        if metric.state != "in-use":
            flags += Markup(" {}").format(sb.label(metric.state))
        value, fresh = _last(book, metric, read, now)
        rows.append(
            (
                Markup("{}{}").format(site.anchor(metric), flags),
                metric.means or "",
                Markup('{}<br><span class="sb-faint">{}</span>').format(value, fresh) if value else Markup('<span class="sb-faint">{}</span>').format(fresh),
                metric.source or "",
                _informs(metric, site),
            )
        )  # fmt: skip
    return Markup('<div class="sb-metrics">{}</div>').format(
        sb.table(f"Metrics: {name}", ["Metric", "Means", "Last value", "Source", "Decides"], rows, cards=True)
    )


def _last(book: Book, metric: Metric, read: dict[str, tuple[tuple[str, str], ...]], now: datetime) -> tuple[str, str]:
    """The newest value with its unit, and how fresh it is."""
    places = read.get(tally.name_of(metric), ())
    if not places:
        return "", "no reading yet"
    today = day_of(now, book.settings.team.zone)
    try:
        last = tally.latest(book.tables, tally.name_of(metric))
    except tally.Mixed:
        last = None
    if last is None:
        return "", f"read, by channel ({len(places)})"
    days = (today - last.on).days
    age = "today" if days == 0 else "yesterday" if days == 1 else f"{days} d ago"
    week = (
        f"week {last.on.isocalendar()[1]}"
        if metric.grain == "week"
        else spoken(last.on, year=last.on.year != today.year)
    )
    if metric.min_n and numbers.adds_of(metric) != "sum":
        return "", f"read, last of {week}"
    return numbers.said(last.value, last.unit), f"{week}, {age}"


# --- a metric --------------------------------------------------------------------------------------------------------


def _page(book: Book, now: datetime, used: tuple[Text, ...], document: Document, site: Site) -> str:
    assert isinstance(document, Metric)  # noqa: S101 - the room's own kind
    metric = document
    if metric.unreadable:
        return f'<div class="sb-stack">{values.head(metric, site)}{values.findings(metric, site)}</div>'
    sub = [sb.label("vanity")] if metric.vanity else []
    main = [
        _meaning(metric, site),
        _limits(metric),
        _series(book, metric, now, site),
        values.sections(metric, site, without={*APART, "breaks"}),
        _text(metric, site),
        _breaks(metric, site),
    ]
    side = [
        values.facts(metric, site, without={*APART, "breaks", "vanity", "status", "readings"}, title="Definition"),
        _freshness(book, metric, now),
        _promises(book, metric, site),
        _used(used, site),
        values.backlinks(metric, site) or (Markup() if used else _unused()),
    ]
    return (
        f'<div class="sb-stack">{values.head(metric, site, sub=sub)}{values.findings(metric, site)}'
        f'<div class="sb-split"><div class="sb-stack">{_joined(main)}</div><div class="sb-stack">{_joined(side)}</div></div></div>'
    )


def _freshness(book: Book, metric: Metric, now: datetime) -> Markup:
    """From where the newest reading came, when it was taken, and whether the next one is late."""
    places = numbers.known(book).get(tally.name_of(metric), ())
    if not places:
        return Markup()
    zone = book.settings.team.zone
    rows: list[tuple[str, str | Markup]] = []
    for source, channel in places:
        last = tally.last_read(book.tables, tally.name_of(metric), source=source, channel=channel)
        if last is None:
            continue
        on, read_at = last
        known = book.settings.channels.get(channel)
        name = known.name or channel if known else channel
        where = ", ".join(part for part in (source if source != channel else "", name) if part)
        late = _late(metric, read_at, now)
        said = Markup("{}{}, read {}{}").format(
            _value(book, metric, source, channel),
            spoken(on, year=on.year != now.year),
            spoken(read_at.astimezone(zone).date(), year=read_at.year != now.year),
            Markup(" {}").format(sb.label(late)) if late else "",
        )
        rows.append((where, said))
    return sb.panel("Newest reading", sb.facts(rows), padded=True, ident="freshness") if rows else Markup()


def _value(book: Book, metric: Metric, source: str, channel: str) -> Markup:
    """The newest number of one place with its unit, where one alone may be shown."""
    if metric.min_n and numbers.adds_of(metric) != "sum":
        return Markup()
    try:
        last = tally.latest(book.tables, tally.name_of(metric), source=source, channel=channel or None)
    except tally.Mixed:
        return Markup()
    return Markup("<b>{}</b>, ").format(numbers.said(last.value, last.unit)) if last else Markup()


def _late(metric: Metric, read_at: datetime, now: datetime) -> str:
    """What is said of a number that should have come; empty while it is in time."""
    try:
        every = Duration.parse(metric.expect_every or "")
    except ValueError:
        return ""
    return f"late: expected every {every}" if now - read_at > every.elapsed else ""


def _used(used: tuple[Text, ...], site: Site) -> Markup:
    rows = []
    for one in used:
        address = (
            site.link(one)
            if isinstance(one, Document)
            else href(site.texts[one.path])
            if one.path in site.texts
            else ""
        )
        name = one.name if isinstance(one, Document) else one.title
        rows.append(sb.row(name, address=address, lead=sb.icon("chart-line")))
    return sb.panel("Shown on", sb.rows(rows, kind="tight"), ident="shown") if rows else Markup()


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(part for part in parts if part)


def _meaning(metric: Metric, site: Site) -> Markup:
    formula = Markup("<code>{}</code>").format(metric.formula) if metric.formula else ""
    adds = {
        "sum": "Days and channels may be added.",
        "last": "The last value counts; days are never added.",
        "mean": "Periods are the mean of their readings.",
        "never": "Never added over days or channels.",
    }.get(metric.adds or "", "")
    rows = [
        ("Means", metric.means or ""),
        ("Formula", formula),
        ("Over time", adds),
        ("Decides", _informs(metric, site)),
    ]
    return sb.panel("What it says", sb.facts(rows), padded=True, ident="meaning")


def _limits(metric: Metric) -> Markup:
    least = f" Below {metric.min_n} it is not shown." if metric.min_n else ""
    flatters = (
        " It is a vanity number: it flatters without informing, so it never stands alone in an objective or a headline."
        if metric.vanity
        else ""
    )
    if not metric.not_for:
        return sb.note("What must it not be used for?", f"The file does not say.{least}{flatters}", kind="ask")
    return sb.note("Must not be used for:", f"{metric.not_for.rstrip('.')}.{least}{flatters}", kind="warn")


def _series(book: Book, metric: Metric, now: datetime, site: Site) -> Markup:
    if site.fences is None:
        return Markup()
    window = WINDOW.get(metric.grain or "day", "365d")
    shown = site.fences.html("chart", f"metric: {metric.slug}\nperiod: {window}\n")
    asked, _ = fences_.read(book, "chart", f"metric: {metric.slug}\n", now)
    if shown is None or asked is None:
        return Markup()
    return Markup('<section class="sb-panel" id="readings">{}</section>').format(Markup(shown))


def _text(metric: Metric, site: Site) -> Markup:
    if not metric.body.strip():
        return Markup()
    return sb.panel(
        "Notes",
        Markup('<div class="sb-prose">{}</div>').format(site.markdown(metric.body, metric.path)),
        padded=True,
        ident="text",
    )


def _breaks(metric: Metric, site: Site) -> Markup:
    del site
    if not metric.breaks:
        return Markup()
    rows = [sb.row(spoken(one.on) if one.on else "", one.what or "", lead=sb.icon("alert")) for one in metric.breaks]
    return sb.panel("Not comparable across", sb.rows(rows))


def _promises(book: Book, metric: Metric, site: Site) -> Markup:
    rows = [
        sb.row(
            site.anchor(one),
            f"target {sb.amount(one.target)}" + (f" by {spoken(one.by)}" if one.by else "")
            if one.target is not None
            else "no target yet",
            end=sb.status(one.state, bare=True),
            lead=sb.icon("target"),
        )
        for one in book.all(Objective)
        if one.metric == metric.slug
    ]
    return sb.panel("Promised by", sb.rows(rows, kind="tight")) if rows else Markup()


def _unused() -> Markup:
    text = "An objective, an experiment or an action may measure itself by it."
    return sb.panel("Named by", sb.empty("Nothing names it yet", text, glyph="link-variant"))
