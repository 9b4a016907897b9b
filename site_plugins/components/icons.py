"""The glyphs the site may show, and the one file that carries them.

Every glyph a room uses is named in ``NAMES``: the sprite is the same whichever pages were made anew, so a warm build
and a cold one agree. Names are those of the theme's ``material/`` set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    trophy-outline tune-variant undo-variant update upload-outline video-outline view-column-outline
    weather-night weather-sunny web wordpress wrench-clock youtube
    """.split()
)

_VIEW = re.compile(r'viewBox="([^"]+)"')
_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def sprite(icons: Path, names: frozenset[str] = NAMES) -> bytes:
    """One SVG file with a ``symbol`` for each name, in order; addressed as ``assets/icons.svg#name``.

    ``icons`` is the theme's folder of glyphs that holds ``material/``.

    Raises:
        FileNotFoundError: the theme has no glyph of that name.
    """
    symbols = []
    for name in sorted(names):
        svg = (icons / "material" / f"{name}.svg").read_text(encoding="utf-8")
        view, drawing = _VIEW.search(svg), _INSIDE.search(svg)
        if view is None or drawing is None:
            raise ValueError(f"{name}: not a glyph this can read")
        symbols.append(f'<symbol id="{name}" viewBox="{view[1]}">{drawing[1]}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n").encode()
