"""What several rooms show alike: a status, a channel, a bar, a row, an empty state. One function a component.

Every function returns ``Markup`` and escapes what it is given, so a room never writes a component's HTML by hand.
In a template they are all there as ``sb``: ``{{ sb.status("approved") }}``. Components that wrap a block
(panel, note, empty state) are macros for ``{% call %}`` in ``components/templates/blocks.html``.

No function here writes a ``style`` attribute: widths are attributes of SVG, hues are classes.
"""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signalbook.classes import dataclass
from site_plugins.components import icons as glyphs
from site_plugins.components.icons import NAMES
from site_plugins.markup import Markup, escape, fill, html, lean, quoted, safe
from site_plugins.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from jinja2 import Environment

    from signalbook.findings import Finding

EMPTY: Final = Markup()
SPACE: Final = Markup(" ")


@dataclass(frozen=True, slots=True)
class Status:
    """How a state is shown: its word first, its glyph second, its hue third.

    Attributes:
        word: as people read it.
        icon: a name of ``icons.NAMES``.
        hue: grey, violet, blue, teal, green, amber, red or plum.
        loud: filled, because a person must act.
    """

    word: str
    icon: str
    hue: str
    loud: bool = False


STATUSES: Final[dict[str, Status]] = {
    # A post and its deliveries.
    "idea": Status("Idea", "lightbulb-outline", "grey"),
    "draft": Status("Draft", "pencil-outline", "grey"),
    "review": Status("In review", "eye-outline", "violet"),
    "approved": Status("Approved", "check-circle-outline", "blue"),
    "scheduled": Status("Scheduled", "clock-outline", "blue"),
    "due": Status("Due now", "send-clock-outline", "teal"),
    "held": Status("Held", "pause-circle", "amber", loud=True),
    "missed": Status("Missed", "calendar-clock-outline", "amber", loud=True),
    "sending": Status("Sending", "send", "teal"),
    "published": Status("Published", "check-circle", "green"),
    "unknown": Status("Unknown", "help-circle", "plum", loud=True),
    "failed": Status("Failed", "alert-circle", "red", loud=True),
    "overdue": Status("Late", "clock-alert", "amber", loud=True),
    "cancelled": Status("Cancelled", "cancel", "grey"),
    "withdrawn": Status("Withdrawn", "undo-variant", "grey"),
    # Plans, campaigns, channels, experiments.
    "active": Status("Active", "play-circle-outline", "green"),
    "live": Status("Live", "play-circle-outline", "green"),
    "running": Status("Running", "play-circle-outline", "green"),
    "planned": Status("Planned", "clock-start", "blue"),
    "ready": Status("Ready", "rocket-launch-outline", "blue"),
    "stopped": Status("Stopped", "stop-circle-outline", "amber"),
    "closed": Status("Closed", "archive-outline", "grey"),
    "decided": Status("Decided", "gavel", "blue"),
    "test": Status("On test", "flask-outline", "violet"),
    "retired": Status("Retired", "archive-outline", "grey"),
    # Policies and playbooks.
    "in-force": Status("In force", "shield-check-outline", "green"),
    "superseded": Status("Superseded", "swap-horizontal", "grey"),
    "expired": Status("Expired", "timer-sand", "amber", loud=True),
    "current": Status("Current", "check-circle-outline", "green"),
    # Holds and incidents.
    "open": Status("Open", "alert-circle-outline", "amber", loud=True),
    "suspected": Status("Suspected", "alert-circle-outline", "amber", loud=True),
    "contained": Status("Contained", "shield-outline", "teal"),
    "monitoring": Status("Monitoring", "pulse", "teal"),
    "false-alarm": Status("False alarm", "close-circle-outline", "grey"),
    "released": Status("Released", "play-circle-outline", "green"),
    "renewed": Status("Renewed", "pause-circle", "amber", loud=True),
    # People and communities.
    "prospect": Status("Prospect", "account-outline", "grey"),
    "known": Status("Known", "account-outline", "blue"),
    "ambassador": Status("Ambassador", "account-voice", "green"),
    "dormant": Status("Dormant", "timer-sand", "grey"),
    "erased": Status("Erased", "broom", "grey"),
    "found": Status("Found", "map-marker-outline", "grey"),
    "listening": Status("Listening", "ear-hearing", "blue"),
    "taking-part": Status("Taking part", "forum-outline", "green"),
    "hosting": Status("Hosting", "human-greeting-variant", "green"),
    "watched": Status("Watched", "eye-outline", "blue"),
    # Watches, systems, metrics.
    "proposed": Status("Proposed", "lightbulb-outline", "grey"),
    "tuning": Status("Tuning", "tune-variant", "violet"),
    "on": Status("On", "radio-tower", "green"),
    "paused": Status("Paused", "pause-circle-outline", "amber"),
    "connected": Status("Connected", "link-variant", "green"),
    "in-use": Status("In use", "check-circle-outline", "green"),
    "deprecated": Status("On its way out", "timer-sand", "amber"),
    # Training and acknowledgements.
    "took-place": Status("Took place", "check-circle-outline", "blue"),
    "valid": Status("Valid", "check-decagram-outline", "green"),
    "lapsed": Status("Lapsed", "timer-sand", "amber", loud=True),
    "given": Status("Given", "check-circle-outline", "green"),
    "outdated": Status("Outdated", "clock-alert-outline", "amber", loud=True),
    "exempt": Status("Exempt", "equal", "grey"),
    # Audiences, messages, insights, assets, reports.
    "assumed": Status("Assumed", "lightbulb-outline", "grey"),
    "researched": Status("Researched", "check-decagram-outline", "green"),
    "agreed": Status("Agreed", "handshake-outline", "blue"),
    "read": Status("Read", "eye-check-outline", "blue"),
    "noted": Status("Noted", "note-outline", "grey"),
    "checked": Status("Checked", "check-outline", "blue"),
    "refuted": Status("Refuted", "close-circle-outline", "grey"),
    "cleared": Status("Cleared", "check-circle-outline", "green"),
    "built": Status("Built", "file-document-outline", "grey"),
    "annotated": Status("Annotated", "note-edit-outline", "blue"),
    "sent": Status("Sent", "send-check-outline", "green"),
    "restated": Status("Restated", "update", "amber"),
    "away": Status("Away", "calendar-clock-outline", "grey"),
    "left": Status("Left", "account-outline", "grey"),
    # Cases.
    "new": Status("New", "alert-circle-outline", "amber", loud=True),
    "waiting-inside": Status("Waits for us", "progress-clock", "amber"),
    "waiting-outside": Status("Waits for them", "progress-clock", "grey"),
    "owned": Status("Owned", "account-outline", "blue"),
    "answered": Status("Answered", "reply", "green"),
    "escalated": Status("Escalated", "arrow-up", "red", loud=True),
    "reopened": Status("Reopened", "history", "amber", loud=True),
    # Objectives, actions, insights.
    "on-track": Status("On track", "trending-up", "green"),
    "at-risk": Status("At risk", "alert", "amber", loud=True),
    "off": Status("Off track", "trending-down", "red", loud=True),
    "met": Status("Met", "flag-checkered", "green"),
    "done": Status("Done", "check-circle", "green"),
    "to-do": Status("To do", "circle-outline", "grey"),
    "late": Status("Late", "clock-alert", "amber", loud=True),
    "dropped": Status("Dropped", "cancel", "grey"),
    "accepted": Status("Accepted", "check-circle-outline", "green"),
    "declined": Status("Declined", "close-circle-outline", "grey"),
    "parked": Status("Parked", "pause-circle-outline", "grey"),
    "test-first": Status("Test first", "flask-outline", "violet"),
    "proven": Status("Proven", "check-decagram-outline", "green"),
    "missing": Status("Missing", "alert", "amber", loud=True),
    # Levels of findings.
    "block": Status("Blocks", "alert-octagon-outline", "red", loud=True),
    "warn": Status("Warning", "alert", "amber", loud=True),
    "inform": Status("Note", "information-outline", "blue"),
    "waived": Status("Waived", "check-circle-outline", "grey"),
}
"""Every state of a document or a delivery. A word that is not here is shown in grey, as it stands."""

SEVERITIES: Final = {1: "critical", 2: "major", 3: "minor", 4: "watch"}

CHANNELS: Final[dict[str, str]] = {
    "bluesky": "cloud-outline",
    "mastodon": "elephant",
    "linkedin": "briefcase-outline",
    "x": "alpha-x",
    "facebook": "account-group-outline",
    "instagram": "camera-outline",
    "threads": "at",
    "reddit": "forum-outline",
    "youtube": "video-outline",
    "flickr": "image-multiple-outline",
    "feed": "rss",
    "wordpress": "post-outline",
    "mail": "email-outline",
    "matrix": "chat-outline",
    "apprise": "bell-outline",
    "manual": "hand-back-right-outline",
    "console": "console-line",
    "blog": "post-outline",
    "newsletter": "email-newsletter",
    "press": "bullhorn-outline",
}
"""Connector, or a channel's own key where that says more, → the plain glyph on its tile. Never a logo."""


@lru_cache(maxsize=2048)
def icon(name: str, label: str = "") -> Markup:
    """A glyph from the picture of all of them. Screen readers hear its ``label``, and nothing without one.

    Raises:
        KeyError: the name is not in ``icons.NAMES``; add it there.
    """
    if name not in NAMES:
        raise KeyError(f"{name!r} is not in site_plugins/components/icons.py; add it to NAMES")
    heard = fill(' role="img" aria-label="{}"', label) if label else EMPTY
    return lean(fill('<i class="sb-i-{}"{}></i>', name, heard))


def sheet(address: str) -> str:
    """The style rules of glyphs, states and channels; ``address`` is that of the picture of all glyphs."""
    return glyphs.sheet({key: (it.icon, it.hue) for key, it in STATUSES.items()}, CHANNELS, address)


def status_of(key: str) -> Status:
    """The status of that name, or a quiet one that shows the word as it stands."""
    known = STATUSES.get(str(key))
    return known or Status(str(key).replace("-", " ").capitalize(), "label-outline", "grey")


@lru_cache(maxsize=2048)
def status(key: str, word: str = "", *, bare: bool = False) -> Markup:
    """Glyph and word, e.g. ``status("held", "Held, 3")``; filled by itself when a person must act, unless ``bare``."""
    it = status_of(key)
    loud = " is-loud" if it.loud and not bare else ""
    if key in STATUSES:
        return lean(fill('<span class="sb-status--{}{}">{}</span>', key, loud, word or it.word))
    return fill('<span class="sb-status">{}{}</span>', icon(it.icon), word or it.word)


@lru_cache(maxsize=256)
def status_icon(key: str) -> Markup:
    """The glyph alone, its word kept for screen readers and as a tooltip; for chips and dense tables."""
    it = status_of(key)
    if key in STATUSES:
        return lean(fill('<i class="sb-status--{}" role="img" title="{}"></i>', key, it.word))
    return fill('<span class="sb-status" title="{}">{}</span>', it.word, icon(it.icon, it.word))


@lru_cache(maxsize=16)
def severity(level: int | str, *, word: bool = True) -> Markup:
    """Four signal bars and a word. ``level`` is 1 to 4 or ``S1`` to ``S4``; 1 is the worst."""
    n = int(str(level).upper().removeprefix("S"))
    bars = "".join(
        f'<rect x="{i * 4.6:g}" y="{12 - i * 4}" width="3.4" height="{4 + i * 4}" rx="1"'
        + (' class="is-off"/>' if i > 4 - n else "/>")
        for i in range(4)
    )
    said = f", {SEVERITIES[n]}" if word else ""
    drawn = Markup(bars)
    return fill(
        '<span class="sb-sev sb-sev--{}"><svg viewBox="0 0 18 16" aria-hidden="true">{}</svg>Severity {}{}</span>',
        n,
        drawn,
        n,
        said,
    )


@lru_cache(maxsize=1024)
def channel(name: str, connector: str, *, key: str = "", bare: bool = False) -> Markup:
    """A channel's tile and its name; ``bare`` keeps the name for screen readers where the row or column says it.

    ``Site.channel(key)`` looks name and connector up in the settings. A blog or a newsletter (by ``key``) keeps its
    own glyph whichever connector carries it.
    """
    kind = key if key in CHANNELS else connector if connector in CHANNELS else "manual"
    if bare:
        return lean(fill('<i class="sb-ch--{}" role="img" title="{}"></i>', kind, name))
    return lean(fill('<span class="sb-ch--{}">{}</span>', kind, name))


def channels(tiles: Iterable[Markup]) -> Markup:
    """Several tiles in a row, from ``channel(..., bare=True)``."""
    return html("<span class=sb-chs>", SPACE.join(tiles), "</span>")


@lru_cache(maxsize=1024, typed=True)
def who(role: str, address: str = "") -> Markup:
    """A role with its initials; a link when ``address`` (from ``Site.link`` or ``href``) is given."""
    initials = "".join(w[0] for w in role.replace("-", " ").split()[:2]).upper()
    inner = fill('<a href="{}">{}</a>', address, role) if address else escape(role)
    return html("<span class=sb-who data-i=", *quoted(initials), ">", inner, "</span>")


@lru_cache(maxsize=1024, typed=True)
def label(text: str) -> Markup:
    """A label as people wrote it."""
    return fill('<span class="sb-label">{}</span>', text)


def count(number: int) -> Markup:
    """A number beside a heading."""
    return fill('<span class="sb-count">{}</span>', amount(number))


def amount(value: float, *, digits: int | None = None) -> str:
    """A number with thin groups and a real minus: ``48,210``, ``−0.3``. ``digits`` fixes the decimals."""
    text = f"{value:,.{digits}f}" if digits is not None else f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"
    if "e" in text:
        text = f"{value:,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def button(text: str, address: str, *, glyph: str = "", main: bool = False, bare: bool = False) -> Markup:
    """A link that looks like the act it is. One ``main`` a page. ``text`` is a verb: *Edit the file*."""
    kind = " sb-btn--main" if main else " sb-btn--bare" if bare else ""
    return fill('<a class="sb-btn{}" href="{}">{}{}</a>', kind, address, icon(glyph) if glyph else EMPTY, text)


def chip(
    address: str,
    title: str,
    state: str,
    *,
    time: str | Markup = "",
    tiles: Sequence[Markup] = (),
    data: Mapping[str, str | Iterable[str] | None] | None = None,
) -> Markup:
    """A post in a month, a lane or an agenda: time, tiles, status, title.

    Leave ``tiles`` empty where the row says the channel. ``data`` feeds the filters: ``{"channel": ["blog"],
    "owner": "writer"}`` becomes ``data-channel=blog data-owner=writer``; its status is in its class.
    """
    where = channels(tiles) if tiles else ""
    return Markup(chip_of(safe(address), safe(title), state, safe(time), where, data_of(data or {})))


def chip_of(address: str, title: str, state: str, time: str, tiles: str, data: str) -> str:
    """The same of pieces that are HTML already, as a text to join; views of the calendar hold thousands."""
    start, glyph = _chip(state)
    when = ("<span>", time, "</span>") if time else ()
    return "".join((start, address, '"', data, "><span>", *when, tiles, "</span>", glyph, "<b>", title, "</b></a>"))


def data_of(facts: Mapping[str, str | Iterable[str] | None]) -> Markup:
    """Facts as ``data-`` attributes, those that say nothing left out; several words are set apart by blanks.

    ``None`` is an attribute without a value: there is none, whatever holds for the others around it.
    """
    out: list[str] = []
    for name, value in facts.items():
        if value is None:
            out += (" data-", safe(name))
        elif value:
            out += (" data-", safe(name), "=", *quoted(value if isinstance(value, str) else " ".join(value)))
    return html(*out)


@lru_cache(maxsize=256)
def _chip(state: str) -> tuple[Markup, Markup]:
    """How a chip of a state begins, and its glyph."""
    it = status_of(state)
    loud = " is-loud" if it.loud else ""
    if state in STATUSES:
        glyph = lean(fill('<i role="img" title="{}"></i>', it.word))
        return fill('<a class="sb-chip sb-status--{}{}" href="', state, loud), glyph
    return fill('<a class="sb-chip sb-hue-grey" data-status="{}" href="', state), status_icon(state)


def bar(value: float, said: str, *, ahead: float | None = None, target: float | None = None, tone: str = "") -> Markup:
    """A share of 100 as a bar: what is, what is expected (``ahead``, pale), what was promised (``target``, a tick).

    ``said`` is what a screen reader hears, with its unit; nothing where the text beside it says the same. ``tone``: empty, ``green``, ``amber`` or ``red``.
    """
    pale = f'<rect class="sb-bar__ahead" width="{_wide(ahead)}"/>' if ahead is not None else ""
    tick = (
        f'<rect class="sb-bar__target" x="{_wide(target)}" y="-3" width="2" height="14"/>' if target is not None else ""
    )
    return html(
        f'<svg class="sb-bar sb-bar--{safe(tone)}"' if tone else "<svg class=sb-bar",
        *((' role=img aria-label="', safe(said), '">') if said else (" aria-hidden=true>",)),
        pale, f'<rect class="sb-bar__fill" width="{_wide(value)}"/>', tick, "</svg>",
    )  # fmt: skip


def _wide(share: float) -> str:
    return f"{min(max(share, 0.0), 100.0):.4g}%"


@lru_cache(maxsize=1024)
def meter(used: int, limit: int, unit: str) -> Markup:
    """Characters used against a limit: amber from 95 %, red above."""
    tone = "red" if used > limit else "amber" if used > limit * 0.95 else ""
    share = used / limit * 100 if limit else 0.0
    return html(
        "<span class=sb-meter><span>", amount(used), " / ", amount(limit), "</span>",
        bar(share, "", tone=tone), "<span>", safe(unit), "</span></span>",
    )  # fmt: skip


def spark(values: Sequence[float | None], said: str, *, target: float | None = None) -> Markup:
    """A small line over the last periods; a gap in the values is a gap in the line."""
    width, height, pad = 92.0, 30.0, 3.0
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return EMPTY
    ends = [*known, target] if target is not None else known
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    step = (width - 2 * pad) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return round(height - pad - (value - low) / span * (height - 2 * pad), 1)

    runs: list[list[str]] = [[]]
    for i, value in enumerate(values):
        if value is None or not math.isfinite(value):
            runs.append([])
        else:
            runs[-1].append(f"{pad + i * step:.1f} {y(value)}")
    line = "".join("M" + "L".join(run) for run in runs if run)
    areas = "".join(
        f"M{'L'.join(run)}L{run[-1].split()[0]} {height:g}L{run[0].split()[0]} {height:g}Z"
        for run in runs
        if len(run) > 1
    )
    goal = (
        f'<path class="sb-target" vector-effect="non-scaling-stroke" d="M{pad} {y(target)}L{width - pad} {y(target)}"/>'
        if target is not None
        else ""
    )
    return Markup(
        '<svg class="sb-kpi__spark" viewBox="0 0 92 30" preserveAspectRatio="none" role="img" aria-label="{}">'
        f'{goal}<path class="sb-area" d="{areas}"/><path class="sb-line" d="{line}"/></svg>'
    ).format(said)


def kpi(
    name: str,
    value: str,
    *,
    address: str = "",
    change: str = "",
    good: bool | None = None,
    against: str = "the period before",
    promise: str = "",
    values: Sequence[float | None] = (),
    target: float | None = None,
    source: str = "",
) -> Markup:
    """A number with its change, its promise and its last periods.

    ``value``, ``change``, ``promise`` (``target 45,000``) come formatted with their units. ``good`` colours the change
    by what it means; ``None`` leaves it grey. ``source`` names where the number is from and its age.
    """
    named = fill('<a href="{}">{}</a>', address, name) if address else escape(name)
    tone = "" if good is None else "sb-up" if good else "sb-down"
    moved = (
        fill('<span class="{} sb-num">{} <span class="sb-sr">against {}</span></span>', tone, change, against)
        if change
        else EMPTY
    )
    known = [v for v in values if v is not None]
    line = (
        spark(
            values, f"{name}, last {len(values)} periods, from {amount(known[0])} to {amount(known[-1])}", target=target
        )
        if len(known) > 1
        else EMPTY
    )
    promised = fill('<span class="sb-num">{}</span>', promise) if promise else EMPTY
    origin = fill('<span class="sb-kpi__source">{}</span>', source) if source else EMPTY
    foot = fill('<div class="sb-kpi__foot">{}{}{}</div>', moved, promised, origin)
    return fill(
        '<div class="sb-kpi"><div class="sb-kpi__name">{}</div><div class="sb-kpi__value">{}</div>{}{}</div>',
        named,
        value,
        line,
        foot if change or promise or source else EMPTY,
    )


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str | Markup]],
    *,
    numbers: Iterable[int] = (),
    cards: bool = False,
    labels: bool = True,
    sort: bool = False,
    show_caption: bool = False,
) -> Markup:
    """Data as a table: the first cell of a row names it, ``numbers`` are the columns set right.

    ``cards`` turns rows into cards on a phone, each cell with its column's name unless the stylesheet knows them without
    (``labels``); ``sort`` makes the heads buttons. Units belong in ``head``.
    """
    top, opened = _columns(tuple(head), frozenset(numbers), cards=cards and labels, sort=sort)
    # Written as text and escaped cell by cell: there are tables by the thousand.
    out = [
        '<table class="sb-table sb-table--cards">' if cards else "<table class=sb-table>",
        "<caption>" if show_caption else "<caption class=sb-sr>",
        safe(caption), top,
    ]  # fmt: skip
    for row in rows:
        for start, value in zip(opened, row, strict=False):
            out.append(start)
            out.append(value if type(value) is Markup else safe(value))
    out.append("</table>")
    return html(*out)


@lru_cache(maxsize=256)
def _columns(head: tuple[str, ...], right: frozenset[int], *, cards: bool, sort: bool) -> tuple[str, tuple[str, ...]]:
    """The heads of a table, and the tag of each cell of a row; what follows ends the one before."""
    named = [str(escape(text)) for text in head]
    sides = [' class="sb-n"' if i in right else "" for i in range(len(named))]
    order = ' aria-sort="none"' if sort else ""
    tops = "".join(
        f"<th{side}{order}>" + (f'<button class="sb-sort" type="button">{text}</button>' if sort else text) + "</th>"
        for text, side in zip(named, sides, strict=True)
    )
    opened: list[str] = [
        lean(f'<td data-th="{text}"{side}>' if cards else f"<td{side}>")
        for text, side in zip(named, sides, strict=True)
    ]
    if opened:
        opened[0] = "<tr><th scope=row>"
    return lean(f"</caption><thead><tr>{tops}</tr></thead><tbody>"), tuple(opened)


def row(
    title: str | Markup, why: str | Markup = "", *, lead: Markup = EMPTY, end: str | Markup = "", address: str = ""
) -> Markup:
    """One ``li`` of ``rows``: a status or glyph in front, what and why, an age or a channel at the end."""
    return Markup(row_of(safe(title), safe(why), lead=safe(lead), end=safe(end), address=safe(address)))


def row_of(title: str, why: str, *, lead: str, end: str, address: str, facts: str = "") -> str:
    """The same of pieces that are HTML already, as a text to join; ``facts`` are attributes of the whole."""
    named = ('<a href="', address, '">', title, "</a>") if address else (title,)
    reason = ("<p class=sb-row__why>", why) if why else ()
    return "".join((
        "<li", facts, "><div>", lead, "</div><div><p class=sb-row__title>", *named, *reason,
        "</div><div class=sb-row__end>", end, "</div>",
    ))  # fmt: skip


def tiles(made: Sequence[Markup]) -> Markup:
    """Numbers side by side; four of them are never three and one."""
    opened = '<div class="sb-kpis sb-kpis--four">' if len(made) == 4 else "<div class=sb-kpis>"
    return html(opened, EMPTY.join(made), "</div>")


def rows(items: Iterable[Markup], *, kind: str = "") -> Markup:
    """A list of ``row``. ``kind``: empty (a glyph in front), ``status`` (a status in front), ``tight``."""
    opened = f'<ul class="sb-rows sb-rows--{safe(kind)}">' if kind else "<ul class=sb-rows>"
    return html(opened, EMPTY.join(items), "</ul>")


def facts(pairs: Iterable[tuple[str, str | Markup]], *, two: bool = False) -> Markup:
    """Names and values; a pair without a value is left out. ``two``: two pairs a row where there is room."""
    out = ['<dl class="sb-kv sb-kv--two">' if two else "<dl class=sb-kv>"]
    for name, value in pairs:
        if value:
            out += ("<dt>", safe(name), "<dd>", safe(value))
    return html(*out, "</dl>") if len(out) > 1 else EMPTY


def lines(items: Iterable[Markup]) -> Markup:
    """Links below one another, far enough apart for a thumb; one alone stands as it is."""
    known = [item for item in items if item]
    if len(known) < 2:
        return EMPTY.join(known)
    return html("<span class=sb-lines>", EMPTY.join(known), "</span>")


def empty(
    title: str, text: str | Markup, *, glyph: str = "information-outline", act: str = "", address: str = ""
) -> Markup:
    """Nothing here: what would be, why it is not, and the one thing to do."""
    one = button(act, address) if act and address else EMPTY
    return fill(
        '<div class="sb-empty">{}<p class="sb-empty__title">{}</p><p>{}</p>{}</div>', icon(glyph), title, text, one
    )


NOTES: Final = {"": "information-outline", "warn": "alert", "ask": "help-circle", "bad": "alert-circle"}


def note(title: str, text: str | Markup = "", *, kind: str = "") -> Markup:
    """One a page, above the thing it is about. ``kind``: empty, ``warn``, ``ask`` (only a person can decide), ``bad``."""
    return html(
        f'<div class="sb-note sb-note--{safe(kind)}"' if kind else "<div class=sb-note", " role=note>", icon(NOTES[kind]),
        "<div><p><b>", safe(title), "</b> ", safe(text), "</div></div>",
    )  # fmt: skip


def copier(target: str, of: str = "") -> Markup:
    """A button that copies the text of the element with an id; ``of`` tells those who only hear it what it copies.

    Born hidden: without the script the text is selected by hand.
    """
    more = f'<span class="sb-sr"> {escape(of)}</span>' if of else ""
    return Markup(
        f'<button class="sb-btn sb-btn--small sb-no-print" type="button" data-sb-copy="#{escape(target)}" hidden>'
        f"{icon('content-copy')}<span data-sb-word>Copy</span>{more}</button>"
    )


def command(text: str, said: str = "") -> Markup:
    """A command to copy, with ``said``, what it is for, in front of it. The script gives it its button."""
    if not said:
        return html("<span class=sb-cmd><code>", safe(text), "</code></span>")
    return html("<span class=sb-cmd><span>", safe(said), "</span><code>", safe(text), "</code></span>")


def clock(deadline: datetime, now: datetime) -> Markup:
    """A promise running out, as text that a script keeps running: ``1 h 48 min left``."""
    minutes = round((deadline - now).total_seconds() / 60)
    said = f"{age(abs(minutes))} {'left' if minutes >= 0 else 'over'}"
    tone = " sb-down" if minutes < 0 else ""
    return fill(
        '<time class="sb-num{}" data-sb-deadline datetime="{}">{}</time>',
        tone,
        deadline.isoformat(timespec="minutes"),
        said,
    )


def age(minutes: float) -> str:
    """``42 min``, ``1 h 12 min``, ``3 d 4 h``."""
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    if whole < 24 * 60:
        return f"{whole // 60} h {whole % 60} min" if whole % 60 else f"{whole // 60} h"
    days, hours = divmod(whole // 60, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, as ``age`` says it."""
    return age(max((now - then).total_seconds() / 60, 0))


def crumbs(parts: Iterable[tuple[str, str]]) -> Markup:
    """The way back: pairs of word and address, from the room down."""
    out = ["<nav aria-label=Path><ol class=sb-crumbs>"]
    for word, to in parts:
        out += ('<li><a href="', safe(to), '">', safe(word), "</a>")
    return html(*out, "</ol></nav>")


def head(
    title: str,
    *,
    sub: Iterable[str | Markup] = (),
    path: Iterable[tuple[str, str]] = (),
    way: Markup = EMPTY,
    acts: Iterable[Markup] = (),
) -> Markup:
    """The top of a page: the way back (``path``, or ``crumbs`` of it), the title, a line of facts, the acts on the right."""
    parts, buttons = list(path), list(acts)
    out = ["<header class=sb-head><div>", crumbs(parts) if parts else way, "<h1>", safe(title), "</h1>"]
    opened = "<p class=sb-head__sub><span>"
    for one in sub:
        if one:
            out += (opened, safe(one), "</span>")
            opened = "<span>"
    out.append("</div>")
    if buttons:
        out += ("<div class=sb-head__actions>", EMPTY.join(buttons), "</div>")
    return html(*out, "</header>")


def panel(
    title: str,
    body: Markup,
    *,
    scope: str | Markup = "",
    foot: str | Markup = "",
    ident: str = "",
    loud: bool = False,
    padded: bool = False,
) -> Markup:
    """One question and its answer: title left, scope right, source at the foot.

    ``padded`` for prose and facts; rows, tables and empty states bring their own room. ``ident`` is the id that
    links and the search point at.
    """
    return html(
        '<section class="sb-panel sb-panel--loud"' if loud else "<section class=sb-panel",
        *((' id="', safe(ident), '"') if ident else ()), "><header><h2>", safe(title), "</h2>", *(("<span>", safe(scope), "</span>") if scope else ()),
        "</header>", *(("<div class=sb-panel__body>", safe(body), "</div>") if padded else (safe(body),)),
        *(("<footer>", safe(foot), "</footer>") if foot else ()), "</section>",
    )  # fmt: skip


def seg(links: Iterable[tuple[str, str]], current: str, name: str) -> Markup:
    """Views of the same thing as one control: pairs of word and address; ``current`` is the word that is on."""
    inner = Markup("").join(
        fill('<a href="{}"{}>{}</a>', to, Markup(' aria-current="page"') if word == current else EMPTY, word)
        for word, to in links
    )
    return fill('<nav class="sb-seg" aria-label="{}">{}</nav>', name, inner)


@lru_cache(maxsize=8)
def level(key: str) -> Markup:
    """How much a finding weighs, as a word in its hue; a list of many needs no glyph on each line."""
    it = status_of(key)
    return fill('<span class="sb-status sb-hue-{}{}">{}</span>', it.hue, " is-loud" if it.loud else "", it.word)


def with_code(text: str) -> Markup:
    """A sentence whose `words in backticks` are set as code, all of it escaped."""
    if "`" not in text:
        return fill("{}", text)
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one mark without its other half is a character like any
        return fill("{}", text)
    return Markup("").join(
        fill("<code>{}</code>", part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def finding_list(findings: Iterable[Finding], edit: str = "") -> Markup:
    """What the checks say about a document: level, sentence, what to write, and the line it is about.

    ``edit`` is the address of the file on the forge (``Site.edit_url``); without it the line is text. Empty for none.
    """
    lines = []
    for it in findings:
        state = "waived" if it.waived else str(it.level)
        place = f"line {it.line}" + (f", {it.field}" if it.field else "")
        spot = fill('<a href="{}#L{}">{}</a>', edit, it.line, place) if edit else escape(place)
        answer = f"{it.remedy} Waived: {it.waived}" if it.waived else it.remedy
        lines.append(row(with_code(it.message), with_code(answer), lead=level(state), end=spot))
    if not lines:
        return EMPTY
    return rows(lines, kind="status")


@lru_cache(maxsize=64)
def environment(room: str = "", cache: str = "") -> Environment:
    """Jinja for a room's templates: escapes everything, refuses a name that is not there.

    ``room`` is the package's ``__name__``: its ``templates/`` come first, then the shared blocks. Every function of
    this module is ``sb.<name>``; ``href`` and ``ROOT`` are there too. ``cache`` is a folder for compiled templates.
    """
    import jinja2

    folders = [Path(__file__).parent / "templates"]
    if room:
        origin = sys.modules[room].__file__
        assert origin is not None  # noqa: S101 - a package with templates has a file
        folders.insert(0, Path(origin).parent / "templates")
    compiled = None
    if cache:
        Path(cache).mkdir(parents=True, exist_ok=True)
        compiled = jinja2.FileSystemBytecodeCache(cache)
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=compiled,
        auto_reload=False,
    )
    from site_plugins.pages import href

    made.globals.update(sb=sys.modules[__name__], href=href, ROOT=ROOT)
    return made


def render(room: str, template: str, **values: Any) -> Markup:
    """One of a room's templates with values: ``render(__package__, "month.html", month=month)``."""
    return Markup(environment(room).get_template(template).render(**values))
