"""A chart's specification → one SVG for both schemes, kept in the cache by the digest of all that goes into it.

The libraries that draw are imported only when a drawing is not kept yet.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from signalbook.pattern import pattern
from site_plugins.fences.charts import THEME, Chart, config
from site_plugins.markup import Markup, escape
from site_plugins.pages import digest

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTHS: Final = {"wide": 760, "narrow": 340}
"""Each chart is drawn twice: a wide drawing shrunk to a phone has letters nobody can read."""

TOKENS: Final = {
    "#2f58d0": "--sb-c1", "#0b7d74": "--sb-c2", "#b7611a": "--sb-c3", "#8a3fa8": "--sb-c4", "#5d6b7c": "--sb-c5",
    "#a32d50": "--sb-c6", "#eef0f4": "--sb-h0", "#d5defa": "--sb-h1", "#a9bcf3": "--sb-h2", "#5f7fe0": "--sb-h3",
    "#2749c4": "--sb-h4", "#b5451f": "--sb-neg", "#8d97a5": "--sb-neu", "#e6e9ee": "--sb-grid", "#5c6673": "--sb-ink-3",
    "#434c59": "--sb-ink-2", "#12161c": "--sb-ink", "#7d8794": "--sb-edge", "#ffffff": "--sb-surface",
}  # fmt: skip
"""Values of the light palette → the tokens that stand for them in both schemes."""

_DROPPED: Final = (
    pattern(r'\s(?:style|role|aria-[a-z]+|font-family|pointer-events|xmlns:xlink|version|class)="[^"]*"'),
    pattern(r'<path(?:\s[^>]*)?\sd=""[^>]*/>'),
    pattern(r'<path d="M0,0h0v0h0Z"/>'),
    pattern(r'<(text|line|path)\b[^>]*\sopacity="0"[^>]*(?:/>|>[^<]*</\1>)'),
    pattern(r'\s(?:opacity|stroke-opacity|fill-opacity)="1"'),
)
_EMPTY_GROUP = pattern(r"<g(?:\s[^>]*)?></g>")
_LONG = pattern(r"(\d+\.\d{3,})")


def drawn(chart: Chart, cache: Path) -> tuple[Markup, str]:
    """A chart's pictures, wide and narrow, and its specification as JSON; from the cache where it knows them."""
    assert chart.spec is not None  # noqa: S101 - a chart without numbers is not drawn
    key = digest("drawing-3", version("altair"), version("vl-convert-python"), _code(), chart.data, chart.says)
    kept = _kept(cache / "charts" / f"{key}.json", lambda: _draw(chart))
    return Markup(kept["svg"]), kept["spec"]


def _draw(chart: Chart) -> dict[str, str]:
    import vl_convert

    assert chart.spec is not None  # noqa: S101 - see drawn
    specs = {name: chart.spec(width) for name, width in WIDTHS.items()}
    pictures = [
        tidy(vl_convert.vegalite_to_svg(one | {"config": config()}), says=chart.says, name=name)
        for name, one in specs.items()
    ]
    wide = specs["wide"] | {"width": "container"}
    wide.pop("config", None)
    return {
        "svg": "".join(pictures),
        "spec": json.dumps(wide, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
    }


def tidy(svg: str, *, says: str, name: str) -> str:
    """An SVG of the library as it may stand in a page: tokens for colours, no style, one picture with one description."""
    head, _, inner = svg.partition(">")
    box = re.search(r'viewBox="([^"]+)"', head)
    for dropped in _DROPPED:
        inner = dropped.sub("", inner)
    while _EMPTY_GROUP.search(inner):
        inner = _EMPTY_GROUP.sub("", inner)
    inner = _LONG.sub(lambda match: f"{float(match[1]):.2f}".rstrip("0").rstrip("."), inner)
    inner = re.sub(r"(#[0-9a-fA-F]{6})(?=\")", lambda m: _token(m[1]), inner)
    inner = _named(inner)
    title = f"<title>{escape(says)}</title>"
    return (
        f'<svg class="sb-plot sb-plot--{name}" viewBox="{box[1] if box else "0 0 640 220"}" role="img">{title}{inner}'
    )


def _named(inner: str) -> str:
    """Names of clips that are the same in every process, and on no other picture of the page."""
    names = {old: f"{number}" for number, old in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', inner)))}
    inner = re.sub(r'\bid="([^"]+)"', lambda m: f'id="{names[m[1]]}"', inner)
    inner = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{names.get(m[1], m[1])})", inner)
    mark = digest(inner)[:8]
    inner = re.sub(r'\bid="([^"]+)"', rf'id="c{mark}-\1"', inner)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#c{mark}-\1)", inner)


def _token(value: str) -> str:
    token = TOKENS.get(value.lower())
    return f"var({token})" if token else value


def bundle(cache: Path) -> bytes:
    """The interactive library as one script: Vega, Vega-Lite and Vega-Embed as the drawing library carries them."""
    path = cache / "charts" / f"vega-{version('vl-convert-python')}.js"
    if not path.is_file():
        import vl_convert

        made: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        put(path, made)
    return path.read_bytes()


def _kept(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = make()
        put(path, json.dumps(kept, ensure_ascii=False))
    return kept


def put(path: Path, text: str) -> None:
    """Put a file in its place as a whole, so that a build beside this one never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def _code() -> str:
    files: list[Any] = [*sorted(Path(__file__).parent.rglob("*.py")), *sorted(THEME.glob("*.json"))]
    return digest(*((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files))
