"""Chart functions: a Book and a period in, a ``Chart`` out. Each module has ``chart(frame)`` for notebooks too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from signalbook.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from signalbook.book import Book
    from signalbook.fence import Fence
    from signalbook.period import Period

THEME: Final = Path(__file__).parent.parent / "theme"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart before it is drawn.

    Attributes:
        title: its subject.
        unit: what the numbers count; empty for plain counts.
        source: where the numbers come from and when they were read.
        columns: the heads of its table; units belong here.
        rows: its table: the first cell names the row, an empty cell is a gap.
        says: the chart in a sentence, for those who cannot see it.
        spec: makes the Vega-Lite specification, without a config, for a width in pixels.
        data: everything ``spec`` depends on, as text; equal data, equal drawing.
        note: what has to be said beside it, e.g. that the axis does not begin at zero.
        spans: what its rows span, in words; from the first row to the last if empty.
        why: why there is nothing to draw, and then everything but the title may be empty.
        remedy: how to get what is missing.
    """

    title: str
    unit: str = ""
    source: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    says: str = ""
    spec: Callable[[int], dict[str, Any]] | None = None
    data: str = ""
    note: str = ""
    spans: str = ""
    why: str = ""
    remedy: str = ""


class Draw(Protocol):
    """What the entry-point group ``signalbook.charts`` names."""

    def __call__(self, book: Book, period: Period, fence: Fence, now: datetime) -> Chart:
        """The chart an author asked for, made from the Book alone."""
        ...


def config(scheme: str = "light") -> dict[str, Any]:
    """The team's look as a Vega-Lite config, ``light`` or ``dark``."""
    made: dict[str, Any] = json.loads((THEME / f"{scheme}.json").read_text(encoding="utf-8"))
    return made


def use_theme(scheme: str = "light") -> None:
    """Make every Altair chart of this process look as on the site; for notebooks."""
    import altair as alt

    alt.theme.register(f"signalbook-{scheme}", enable=True)(lambda: alt.theme.ThemeConfig(config=config(scheme)))  # type: ignore[typeddict-item]
