"""The glyphs the site may show: one font that carries them, and the rules that give each its letter.

A glyph on a page is an empty element with two classes, in 40 bytes; there are thirty of them on a page and two thousand on a
full month. The letter stands in the style sheet with no words beside it, so that a screen reader says the element's own.
Every glyph a room uses is named in ``NAMES``: the font is the same whichever pages were made anew, so a warm build and a cold
one agree. Names are those of the theme's ``material/`` set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signalbook.pattern import pattern
from site_plugins.components.font import FIRST, VIEW, woff

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

FAMILY: Final = "sb-glyphs"
_PATH = pattern(r'<path d="([^"]+)"')


def letters(icons: Path, names: frozenset[str] = NAMES) -> bytes:
    """A font with a letter for each name, in order; ``icons`` is the theme's folder of glyphs that holds ``material/``.

    Raises:
        FileNotFoundError: the theme has no glyph of that name.
        ValueError: the glyph is drawn in a way that this cannot read.
    """
    drawings = {}
    for name in sorted(names):
        svg = (icons / "material" / f"{name}.svg").read_text(encoding="utf-8")
        found = _PATH.findall(svg)
        if len(found) != 1 or svg.count("<") != 3 or f'viewBox="0 0 {VIEW} {VIEW}"' not in svg:
            message = f"{name}: not one path of {VIEW} by {VIEW} units"
            raise ValueError(message)
        drawings[name] = found[0]
    return woff(drawings, FAMILY)


def sheet(states: Mapping[str, tuple[str, str]], channels: Mapping[str, str], address: str) -> str:
    """Style rules: the font, the letter of each glyph, and the glyph of each state and channel.

    ``states`` is state → glyph and hue, ``channels`` class of a channel → glyph, ``address`` the font's from the sheet.
    What follows the stroke in ``content`` is what is read aloud instead of the letter (css-content-3, alternative text).
    """
    letter = {name: f'"\\{FIRST + number:x}"' for number, name in enumerate(sorted(NAMES))}
    drawn = (
        '[class^="sb-i-"]::before, [class^="sb-ch--"]::before, [class^="sb-status--"]::before, .sb-chip > i::before, '
        ".sb-net__face::before, .sb-net__by::before, .sb-glyph::before"
    )
    lines = [
        f'@font-face {{ font-family: {FAMILY}; src: url("{address}") format("woff"); font-display: block }}',
        f"{drawn} {{ content: var(--i, none) }}",
        f'@supports (content: "a" / "b") {{ {drawn} {{ content: var(--i, "") / "" }} }}',
        f".sb-net__face, .sb-net__by {{ --i: {letter['signal-cellular-3']} }}",
    ]
    lines += [f".sb-i-{name} {{ --i: {one} }}" for name, one in letter.items()]
    lines += [f".sb-ch--{key} {{ --i: {letter[glyph]} }}" for key, glyph in channels.items()]
    lines += [
        f".sb-status--{key} {{ --i: {letter[glyph]}; --_f: var(--sb-{hue}); --_b: var(--sb-{hue}-soft) }}"
        for key, (glyph, hue) in states.items()
    ]
    return "\n".join(lines) + "\n"
