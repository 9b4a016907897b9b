"""The glyphs the site may show: one picture that carries them, and the rules that cut each out of it.

A glyph on a page is an empty element with two classes. The picture is a mask, so that the glyph takes the colour of the
text around it; a page names it in 40 bytes, and there are thirty of them on a page. Every glyph a room uses is named in ``NAMES``: the sprite is the same whichever pages were made anew, so a warm build
and a cold one agree. Names are those of the theme's ``material/`` set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES: frozenset[str] = frozenset(
    """
    account-alert-outline account-circle-outline account-group-outline account-outline account-tie-outline
    account-voice alert alert-circle alert-circle-outline alert-octagon-outline alpha-x archive-outline arrow-down
    arrow-left arrow-right arrow-up at bell-outline book-open-outline book-open-variant-outline briefcase-outline
    broom bullhorn-outline bullseye-arrow calendar-blank-outline calendar-clock-outline calendar-export-outline
    calendar-month calendar-month-outline calendar-outline calendar-plus-outline calendar-range-outline
    calendar-star-outline calendar-today-outline camera-outline cancel card-account-details-outline cash chart-bar
    chart-line chart-timeline-variant chat-outline check check-all check-circle check-circle-outline
    check-decagram-outline check-outline checkbox-blank-outline checkbox-marked-outline chevron-down chevron-left
    chevron-right chevron-up circle-outline clipboard-check-outline clipboard-list-outline clipboard-text-outline
    clock-alert clock-alert-outline clock-outline clock-start close close-circle-outline cloud-outline
    comment-quote-outline comment-text-outline compass-outline console-line content-copy cursor-default-click-outline
    database-outline domain download dots-horizontal ear-hearing earth elephant email-newsletter email-outline
    emoticon-outline equal eye-check-outline eye-off-outline eye-outline facebook
    file-document-check-outline file-document-edit-outline file-document-outline file-edit-outline file-outline
    filter-variant fire-alert flag-checkered flag-outline flask-outline folder-outline format-quote-close forum-outline
    gavel hand-back-right-outline handshake-outline heart-outline help-circle help-circle-outline history
    hospital-box-outline hub-outline human-greeting-variant image-broken-variant image-multiple-outline image-outline
    incognito information-outline instagram key-outline label-outline lightbulb-on-outline lightbulb-outline
    link-variant lock-outline magnify map-marker-outline matrix menu message-reply-text-outline message-text-outline
    microphone-outline minus music-accidental-sharp newspaper-variant-outline note-edit-outline note-outline
    notebook-check-outline open-in-new package-variant-closed palette-outline pause-circle pause-circle-outline pencil
    pencil-outline phone-outline play-circle-outline plus poll post-outline printer-outline progress-check
    progress-clock pulse puzzle-outline radio-tower reddit reload repeat reply rocket-launch-outline rss ruler
    scale-balance school-outline send send-check-outline send-clock-outline share-variant-outline shield-alert-outline
    shield-check-outline shield-outline signal-cellular-3 source-branch source-commit source-pull speedometer
    sprout-outline star-outline stop-circle-outline swap-horizontal tag-outline target target-account text-box-outline
    text-long thumb-up-outline timeline-clock-outline timer-sand tools translate trending-down trending-up
    trophy-outline tune-variant undo-variant update upload-outline video-outline view-column-outline volume-off
    weather-night weather-sunny web wordpress wrench-clock youtube
    """.split()
)

_VIEW = re.compile(r'viewBox="([^"]+)"')
_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


_GLYPH: Final = 24
"""Units a glyph is wide and high."""
_CELL: Final = 32
"""Units from one glyph to the next: the room between them keeps a neighbour's edge out at any scale."""
_COLUMNS: Final = 16


def sprite(icons: Path, names: frozenset[str] = NAMES) -> bytes:
    """One SVG picture with a cell for each name, in order, row by row.

    ``icons`` is the theme's folder of glyphs that holds ``material/``.

    Raises:
        FileNotFoundError: the theme has no glyph of that name.
    """
    cells = []
    for number, name in enumerate(sorted(names)):
        svg = (icons / "material" / f"{name}.svg").read_text(encoding="utf-8")
        view, drawing = _VIEW.search(svg), _INSIDE.search(svg)
        if view is None or drawing is None:
            raise ValueError(f"{name}: not a glyph this can read")
        x, y = _place(number)
        cells.append(
            f'<svg id="{name}" x="{x}" y="{y}" width="{_GLYPH}" height="{_GLYPH}" viewBox="{view[1]}">{drawing[1]}</svg>'
        )
    wide, high = _size(len(names))
    top = f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">'
    return (top + "".join(cells) + "</svg>\n").encode()


def _place(number: int) -> tuple[int, int]:
    """The upper left corner of a glyph in the picture."""
    edge = (_CELL - _GLYPH) // 2
    return number % _COLUMNS * _CELL + edge, number // _COLUMNS * _CELL + edge


def _size(count: int) -> tuple[int, int]:
    return _COLUMNS * _CELL, -(-count // _COLUMNS) * _CELL


def sheet(states: Mapping[str, tuple[str, str]], channels: Mapping[str, str], address: str) -> str:
    """Style rules: where each glyph lies in the picture, and the glyph of each state and channel.

    ``states`` is state → glyph and hue, ``channels`` class of a channel → glyph, ``address`` the picture's from the sheet.
    Shares of a mask's size and place are those of css-masking-1: 100 % is what the picture is larger than its window.
    """
    order = sorted(NAMES)
    wide, high = _size(len(order))
    places = {}
    for number, name in enumerate(order):
        x, y = _place(number)
        places[name] = f"{x / (wide - _GLYPH):.4%} {y / (high - _GLYPH):.4%}"
    drawn = (
        ".sb-icon",
        ".sb-ch > i::before",
        '.sb-status[class*="--"]::before',
        ".sb-net__face::before",
        ".sb-glyph::before",
    )
    shares = f"{wide / _GLYPH:.4%} {high / _GLYPH:.4%}"
    lines = [f'{", ".join(drawn)} {{ mask: url("{address}") var(--i) / {shares} no-repeat; }}']
    lines.append(f".sb-net__face {{ --i: {places['signal-cellular-3']} }}")
    lines += [f".sb-i-{name} {{ --i: {place} }}" for name, place in places.items()]
    lines += [f".sb-ch--{key} {{ --i: {places[glyph]} }}" for key, glyph in channels.items()]
    lines += [
        f".sb-status--{key} {{ --i: {places[glyph]}; --_f: var(--sb-{hue}); --_b: var(--sb-{hue}-soft) }}"
        for key, (glyph, hue) in states.items()
    ]
    return "\n".join(lines) + "\n"
