"""A report as a file to hand on: a page, a letter, or paper. Whoever gets it needs no login, no network and no Signalbook.

::

    the report's file, Book ──sheet_of──► Sheet ──page──► one HTML file ──print──► PDF
                                               └──letter──► a draft that every mail program opens (RFC 5322)

Nothing in such a file runs, loads or leads into the repository: links to other documents are their words, and what the
site draws (numbers, charts) stands as a table. The same report and Book give the same bytes, but for paper, which
bears the moment it was printed at.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signalbook import caching, frontmatter, hypertext, tally
from signalbook.classes import dataclass
from signalbook.errors import ContentError, UsageError
from signalbook.model import Metric
from signalbook.period import Period, day_of, span, spoken

if TYPE_CHECKING:
    from signalbook.book import Book

FORMS: Final = {"html": ".html", "mail": ".eml", "pdf": ".pdf"}
"""What a report can be handed on as, and how its file ends."""
FOLDER: Final = "reports"
"""Below the workspace; not content, so git leaves it alone."""
WEEKS: Final = 9
"""So many weeks of a chart stand in its table."""
PEOPLES: Final = {
    "restated": "Corrected", "decisions_last": "Decided last time", "notes": "Notes", "asks": "We ask for",
}  # fmt: skip
"""Fields that people fill in, with the heading each gets: first of all."""
LACKS: Final = {"gaps": "What these numbers lack"}
PRINT_S: Final = 60
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_MARK = re.compile(r"^<!--[ \t]*/?[ \t]*signalbook\b.*?-->[ \t]*$\n?", re.MULTILINE)
_BLOCK = re.compile(r"^```(kpi|chart|query)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_DEAD = re.compile(r"<a(?: rel=\"[^\"]*\")?>(.*?)</a>", re.DOTALL)
_STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 44rem; color: #17211f; background: #fff;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header { border-bottom: 2px solid #0f6b5c; margin-bottom: 1.5rem; padding-bottom: 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; break-after: avoid; }
p, ul, ol { margin: .5rem 0; } ul, ol { padding-left: 1.25rem; } li { margin: .25rem 0; }
a { color: #0f6b5c; } .of, footer { color: #4d5b57; font-size: .875rem; } .of { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #d8dfdc; padding: .4rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 600; } td[align=right], th[align=right] { text-align: right; } tr { break-inside: avoid; }
blockquote { border-left: 3px solid #d8dfdc; margin: .75rem 0; padding: 0 0 0 1rem; }
pre { white-space: pre-wrap; background: #f3f6f5; padding: .75rem; border-radius: 4px; font-size: .8125rem; }
footer { border-top: 1px solid #d8dfdc; margin-top: 2.5rem; padding-top: .75rem; }
@media (max-width: 30rem) { table { display: block; overflow-x: auto; } }
@page { size: A4; margin: 18mm 16mm 20mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt; } }
@media print { body { padding: 0; max-width: none; font-size: 10.5pt; } a { color: inherit; text-decoration: none; } }
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is handed on.

    Attributes:
        slug: the file's stem, e.g. ``2026-W47``.
        title: the report's.
        of: one line below it: whose it is, what it covers, how far it has come.
        body: Markdown without blocks that only the site can draw.
        foot: what it was built from.
        lang: of the words, e.g. ``en``.
    """

    slug: str
    title: str
    of: str
    body: str
    foot: str
    lang: str = "en"


def sheet_of(book: Book, path: Path, now: datetime) -> Sheet:
    """The sheet of a report's file.

    Raises:
        ContentError: the file cannot be read.
    """
    text, trouble = frontmatter.text_of(path.read_bytes())
    where = book.workspace.relative(path)
    if trouble:
        raise ContentError(where, trouble.mark[0], f"{trouble.message} {trouble.remedy}")
    taken = frontmatter.split(text)
    if fatal := next((one for one in taken.troubles if one.fatal), None):
        raise ContentError(where, fatal.mark[0], f"{fatal.message} {fatal.remedy}")
    values = taken.values
    covers = ""
    try:
        period = Period.parse(str(values.get("period", "")), book.settings.team.zone, now)
        covers = span(period.first, period.last)
    except ValueError:
        pass  # a finding of `check`; the page still says everything else
    built = values.get("built_from")
    commit = str(built.get("commit", "")) if isinstance(built, dict) else ""
    foot = [f"As of {values['as_of']}" if values.get("as_of") else "", f"built from commit {commit}" if commit else ""]
    state = str(values.get("status") or "built")
    return Sheet(
        slug=path.stem,
        title=str(values.get("title") or path.stem),
        of=_joined(book.settings.team.name, covers, {"built": "not approved by anybody yet"}.get(state, state)),
        body="\n\n".join(
            part for part in (_said(values, PEOPLES), _drawn(book, taken.body, now), _said(values, LACKS)) if part
        ),
        foot=f"{_joined(*foot)}.",
        lang=next(iter(book.settings.team.languages), "en"),
    )


def sheet_of_digest(book: Book, text: str, reader: str, now: datetime) -> Sheet:
    """The sheet of a digest, from its Markdown; ``reader`` is a role, the team if empty."""
    at = now.astimezone(book.settings.team.zone)
    head, _, rest = text.partition("\n")
    return Sheet(
        slug=f"digest-{reader or 'team'}-{at:%Y-%m-%d}",
        title=head.lstrip("# ").strip() or "Digest",
        of=_joined(book.settings.team.name, spoken(at.date()), f"{at:%H:%M}"),
        body=rest.strip(),
        foot=f"As of {at.isoformat(timespec='minutes')}.",
        lang=next(iter(book.settings.team.languages), "en"),
    )


def _joined(*words: str) -> str:
    return " · ".join(word for word in words if word)


def _said(values: Mapping[str, Any], fields: Mapping[str, str]) -> str:
    """What stands in the report's fields, each below its heading."""
    parts = []
    for name, head in fields.items():
        rows = values.get(name)
        if isinstance(rows, list) and rows:
            parts.append(f"## {head}\n\n" + "\n".join(f"- {_one(row)}" for row in rows))
    return "\n\n".join(parts)


def _one(row: Any) -> str:
    if isinstance(row, dict):
        return ", ".join(f"{str(key).replace('_', ' ')}: {_one(value)}" for key, value in row.items())
    return " ".join(str(row).split())


# --- what only the site draws ----------------------------------------------------------------------------------------


def _drawn(book: Book, body: str, now: datetime) -> str:
    """A body whose blocks of numbers are tables, and whose marks of generated parts are gone."""
    return _BLOCK.sub(lambda found: _table(book, found[1], found[2], now), _MARK.sub("", body)).strip()


def _table(book: Book, kind: str, text: str, now: datetime) -> str:
    asked = frontmatter.split(f"---\n{text}---\n").values if kind != "query" else {}
    names = asked.get("metrics") or asked.get("metric") or ()
    slugs = [names] if isinstance(names, str) else [str(name) for name in names]
    metrics = [found for slug in slugs if (found := book.get(Metric, slug))]
    try:
        period = Period.parse(str(asked.get("period", "")), book.settings.team.zone, now)
    except ValueError:
        metrics = []
    if not metrics:
        return "*What stands here is drawn on the report's page of the site.*"
    place = str(asked["channel"]) if asked.get("channel") else None
    if kind == "chart":
        return "\n\n".join(_by_week(book, metric, period, place) for metric in metrics)
    rows = [_now_and_before(book, metric, period, place, now) for metric in metrics]
    return "\n".join(("| Number | This time | The time before |  |", "| --- | ---: | ---: | --- |", *rows))


def _now_and_before(book: Book, metric: Metric, period: Period, place: str | None, now: datetime) -> str:
    name, until = tally.name_of(metric), day_of(now, book.settings.team.zone)
    try:
        found = tally.change(book.tables, name, period, adds=metric.adds or "sum", until=until, channel=place)
    except tally.Mixed as error:
        return f"| {_cell(metric.title)} | – | – | {_cell(str(error))} |"
    values = (_number(one.value, one.unit) for one in (found.current, found.before))
    return f"| {_cell(metric.title)} | {' | '.join(values)} | {_cell(found.why)} |"


def _by_week(book: Book, metric: Metric, period: Period, place: str | None) -> str:
    try:
        points = tally.series(
            book.tables, tally.name_of(metric), period, adds=metric.adds or "sum", by="week", channel=place
        )
    except tally.Mixed as error:
        return f"*{_cell(metric.title)}: {_cell(str(error))}*"
    rows = [f"| {span(one.first, one.last)} | {_number(one.value, '')} |" for one in points[-WEEKS:]]
    return "\n".join((f"| Week | {_cell(metric.title)} |", "| --- | ---: |", *rows))


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return text if unit in {"", "count"} else f"{text} {unit}"


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


# --- the three forms -------------------------------------------------------------------------------------------------


def page(sheet: Sheet) -> str:
    """One HTML file with everything in it; a policy inside forbids it to load or run anything."""
    body = _DEAD.sub(r"<b>\1</b>", hypertext.render(sheet.body, heading=2))
    return (
        f'<!doctype html>\n<html lang="{escape(sheet.lang)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(sheet.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<header><h1>{escape(sheet.title)}</h1>\n<p class="of">{escape(sheet.of)}</p></header>\n'
        f"<main>\n{body}\n</main>\n<footer>{escape(sheet.foot)}</footer>\n</body>\n</html>\n"
    )


def letter(sheet: Sheet) -> bytes:
    """A draft with the report as text and as HTML. Who it goes to, the person who sends it writes."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = " ".join(f"{sheet.title} · {sheet.of}".split())[:250]
    made["X-Unsent"] = "1"  # mail programs open such a file for writing
    html = page(sheet)
    made.set_content(hypertext.words(html[html.index("<body>") :]) + "\n", cte="quoted-printable")
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    made.set_boundary(f"=_{sheet.slug}_signalbook")
    return made.as_bytes()


def browser(environ: Mapping[str, str]) -> str:
    """The Chromium that prints: the one ``CHROMIUM`` names, else the first on the path.

    Raises:
        UsageError: there is none.
    """
    named = environ.get("CHROMIUM", "")
    known: Iterator[str | None] = (
        shutil.which(name, path=environ.get("PATH")) for name in ([named] if named else NAMES)
    )
    if found := next((one for one in known if one), None):
        return found
    message = (
        "Paper is printed by Chromium, and there is none here. Install it (Debian and Ubuntu: apt-get install chromium), or "
        "name one in the environment variable CHROMIUM; or write --format html, open that file and print it."
    )
    raise UsageError(message)


def printed(html: str, program: str) -> bytes:
    """The page as PDF. The browser has an empty profile and no network; the page itself forbids scripts.

    Raises:
        UsageError: the browser made none; says what it said.
    """
    with tempfile.TemporaryDirectory(prefix="signalbook-print-") as name:
        folder = Path(name)
        (folder / "report.html").write_text(html, encoding="utf-8")
        words = [
            program, "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={folder / 'report.pdf'}",
            *(("--no-sandbox",) if os.geteuid() == 0 else ()), (folder / "report.html").as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PRINT_S, check=False, errors="replace")
            said = " ".join(done.stderr.split())[-300:]
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
        made = folder / "report.pdf"
        if not made.is_file() or not (data := made.read_bytes()).startswith(b"%PDF-"):
            message = f"Chromium printed nothing, so no PDF was written. It said: {said or 'nothing'}. --format html works without it."
            raise UsageError(message)
        return data


def write(sheet: Sheet, form: str, out: Path, printer: Callable[[str], bytes]) -> None:
    """Write a sheet in one of ``FORMS``; the file is whole or not there."""
    data = letter(sheet) if form == "mail" else printer(page(sheet)) if form == "pdf" else page(sheet).encode()
    caching.replace(out, data)
