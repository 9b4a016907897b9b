"""Where we listen: what works, what is broken, what is silent for longer than its own rhythm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from signalbook.classes import dataclass
from signalbook.model import System, Watch
from signalbook.sense.silence import rhythm, silence
from site_plugins import components as sb
from site_plugins.listening import parts
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalbook.sources import Source
    from site_plugins.listening.parts import View


@dataclass(frozen=True, slots=True)
class Line:
    """One source as it stands.

    Attributes:
        state: ``failed``, ``silent``, ``new`` (asked, nothing heard yet) or ``well``.
        why: a sentence, with what to do where something is wrong.
        loud: whether a person should look.
        since: since when it is so; ``None`` when it works.
        n: mentions of the last three months.
    """

    name: str
    state: str
    why: str
    loud: bool
    since: timedelta | None
    last: datetime | None
    usual: timedelta | None
    n: int


@dataclass(frozen=True, slots=True)
class Health:
    """All sources, the loudest first."""

    rows: tuple[Line, ...]
    last: datetime | None
    newest_word: str

    @property
    def word(self) -> str:
        """``28 well, 1 broken, 2 silent``."""
        counts = {state: sum(one.state == state for one in self.rows) for state in ("well", "failed", "silent", "new")}
        words = {"well": "well", "failed": "broken", "silent": "silent", "new": "not heard yet"}
        return ", ".join(f"{n} {words[state]}" for state, n in counts.items() if n)


def health(view: View, states: Mapping[str, Source]) -> Health:
    """Every source that was asked or heard, judged at ``now``."""
    counted: dict[str, tuple[int, datetime]] = {}
    for month in list(view.heard.months)[:3]:
        for name, (n, last) in view.heard.sums(month).sources.items():
            known = counted.get(name, (0, last))
            counted[name] = (known[0] + n, max(known[1], last))
    expected = _expected(view)
    lines = []
    for name in sorted({*states, *counted}):
        state = states.get(name)
        n, heard_at = counted.get(name, (0, None))
        lines.append(_line(view, name, state, n, heard_at, expected.get(name)))
    order = {"failed": 0, "silent": 1, "new": 2, "well": 3}
    lines.sort(key=lambda one: (order[one.state], -(one.since or timedelta()), one.name))
    newest = max((one.last for one in lines if one.last), default=None)
    return Health(tuple(lines), newest, view.when(newest) if newest else "")


def _expected(view: View) -> dict[str, timedelta]:
    """What people say is usual: a watch of its sources, a system of itself; the shortest counts."""
    found: dict[str, timedelta] = {}
    for watch in view.book.all(Watch):
        if watch.expect_every and watch.state == "on":
            for name in watch.sources:
                found[name] = min(found.get(name, timedelta.max), watch.expect_every.elapsed)
    for system in view.book.all(System):
        if system.expect_every:
            found[system.slug] = min(found.get(system.slug, timedelta.max), system.expect_every.elapsed)
    return found


def _line(
    view: View, name: str, state: Source | None, n: int, heard: datetime | None, expected: timedelta | None
) -> Line:
    times = state.times if state else ()
    last = max((at for at in (heard, state.heard_at if state else None) if at), default=None)
    usual = expected or rhythm(times)
    if state is not None and state.failures:
        since = view.now - (state.answered_at or state.since or state.tried_at or view.now)
        due = f" Next try {view.when(state.due_at)}." if state.due_at else " The next run tries again."
        why = f"{state.error or 'It does not answer.'} Failed {state.failures} {'time' if state.failures == 1 else 'times'} in a row.{due}"
        return Line(name, "failed", why, True, since, last, usual, n)
    asked = state.since if state else None
    quiet = silence(times or ((heard,) if heard else ()), view.now, since=asked, expect_every=expected)
    if quiet is not None:
        by = "its watch says" if quiet.expected else "its own rhythm is at most"
        why = f"Silent; {by} {sb.age(quiet.usual.total_seconds() / 60)}. Look at it by hand: has it moved, or stopped?"
        return Line(name, "silent", why, True, quiet.lasts(view.now), last, usual, n)
    if last is None:
        return Line(name, "new", "It answers and has told us nothing yet.", False, None, None, usual, n)
    why = (
        f"Usually at least every {sb.age(usual.total_seconds() / 60)}."
        if usual
        else "Too little was heard to know its rhythm."
    )
    return Line(name, "well", why, False, None, last, usual, n)


_MARK = {
    "failed": ("failed", ""),
    "silent": ("", "volume-off"),
    "new": ("", "progress-clock"),
    "well": ("published", ""),
}


def row(one: Line) -> Markup:
    """A source as a row."""
    state, glyph = _MARK[one.state]
    lead = sb.status_icon(state) if state else sb.icon(glyph, "Silent" if one.state == "silent" else "Not heard yet")
    end = Markup('<span class="sb-down">{}</span>').format(sb.age(one.since.total_seconds() / 60)) if one.since else ""
    return sb.row(one.name, one.why, lead=lead, end=end)


def page(view: View, states: Mapping[str, Source]) -> str:
    """All sources with their rhythm."""
    found = health(view, states)
    loud = [row(one) for one in found.rows if one.loud]
    lines = [
        (
            one.name,
            {"failed": "Broken", "silent": "Silent", "new": "Not heard yet", "well": "Well"}[one.state],
            view.when(one.last) if one.last else "–",
            sb.age(one.usual.total_seconds() / 60) if one.usual else "not known",
            sb.amount(one.n),
            _asked(view, states.get(one.name)),
        )
        for one in found.rows
    ]
    blocks = [sb.head("Sources", sub=[found.word], acts=[parts.seg("Sources")], path=parts.path())]
    if loud:
        blocks.append(sb.panel("Needs a look", sb.rows(loud, kind="tight"), scope="as loud as a spike", loud=True))
    if lines:
        head = ["Source", "State", "Last heard", "Rhythm", "Mentions, 3 months", "Last asked"]
        foot = "Rhythm: the longest pause in twenty, half as long again, at least 6 h; or what a watch expects."
        blocks.append(
            sb.panel("All sources", sb.table("Sources", head, lines, numbers=(4,), cards=True, sort=True), foot=foot)
        )
    else:
        why = "A source is a table under [channels] in signalbook.toml. signalbook doctor tries it, signalbook listen asks it."
        blocks.append(sb.panel("Sources", sb.empty("No source was asked yet", why, glyph="radio-tower")))
    watches = [
        (
            view.site.anchor(one),
            view.site.status(one),
            ", ".join(one.sources) or "all",
            view.site.who(one.expert),
            view.site.who(one.backup),
        )
        for one in view.book.all(Watch)
    ]
    if watches:
        blocks.append(
            sb.panel("Watches", sb.table("Watches", ["Watch", "State", "Sources", "Expert", "Backup"], watches, cards=True),
                     foot=Markup('<a href="{}">What a watch is</a>').format(href("people/watches/index.html")))
        )  # fmt: skip
    return f'<div class="sb-stack">{"".join(map(str, blocks))}</div>'


def _asked(view: View, state: Source | None) -> str:
    if state is None:
        return "read from files"
    return view.when(state.tried_at) if state.tried_at else "never"
