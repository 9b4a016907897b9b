"""Publications and public voices: whose word carries on which topic, with the formula and what went into it.

Ordinary people have no score and no name here, whatever they said.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from signalbook.sense import influence
from site_plugins import components as sb
from site_plugins.listening import parts
from site_plugins.markup import Markup

if TYPE_CHECKING:
    from signalbook.store import Tables
    from site_plugins.listening.parts import View

SPAN: Final = timedelta(days=90)
MOST: Final = 10


def page(view: View) -> str:
    """A panel a topic, and the sites that are heard most."""
    blocks = [sb.head("Voices", sub=["90 days", "public voices only"], acts=[parts.seg("Voices")], path=parts.path())]
    ranked = _ranked(view)
    months = list(view.heard.months)[:4]
    names = view.heard.names(months, {who for rows in ranked.values() for who, *_ in rows})
    shown = [_topic(view, name, rows, names) for name, rows in ranked.items() if rows]
    if shown:
        note = (
            f"Points = {influence.FORMULA}. Bound to a topic; percentiles among all who spoke on it. It orders work and never decides who deserves an "
            f"answer. Accounts with fewer than {sb.amount(influence.LEAST_FOLLOWERS)} followers that are no publication have no score and no name here: "
            "no profiles of ordinary people. Sources left out: none, unless a panel says so."
        )
        blocks += [sb.note("How far a voice carries.", note), *shown]
    else:
        why = "Once public accounts (from 1,000 followers) or publications speak about a subject or a watch, they are ranked here, with the formula."
        blocks.append(sb.panel("Voices", sb.empty("No public voice yet", why, glyph="account-voice")))
    blocks.append(_sites(view))
    return f'<div class="sb-stack">{"".join(str(block) for block in blocks if block)}</div>'


Row = tuple[str, str, int, tuple[tuple[str, float], ...], int, int, int, bool]
"""Pseudonym, source, points, parts, followers, mentions on the topic, in all, whether it is a publication."""


def _ranked(view: View) -> dict[str, list[Row]]:
    today = datetime.combine(view.today, datetime.min.time(), UTC) + timedelta(days=1)
    topics = sorted(name for name in view.topics if not name.startswith("message/"))
    months = [month for month in view.heard.months if month >= f"{today - SPAN:%Y-%m}"]
    if not topics or not months:
        return {}

    def ask(tables: Tables) -> Any:
        from signalbook import heard

        found: dict[str, list[Row]] = {}
        for name in topics:
            speakers = heard.speakers(tables, name, today - SPAN, today)
            known = {(one.who, one.source): one for one in speakers}
            rows = []
            for one in influence.ranked(speakers, today)[:MOST]:
                it = known[one.who, one.source]
                rows.append(
                    (one.who, one.source, one.points, one.parts, it.followers, it.on_topic, it.in_all, it.outlet)
                )
            found[name] = rows
        return found

    kept: dict[str, list[Row]] = view.heard.ask(f"voices {view.today} {' '.join(topics)}", months, ask) or {}
    return dict(sorted(kept.items(), key=lambda item: (-sum(row[5] for row in item[1]), item[0])))


def _topic(view: View, name: str, rows: list[Row], names: dict[str, tuple[str, str]]) -> Markup:
    lines = []
    for who, source, points, made, followers, on, in_all, outlet in rows:
        author, site = names.get(who, ("", ""))
        called = (site or author) if outlet else author
        said = Markup("{}{}").format(
            called or "a public voice whose words are gone",
            Markup(' <span class="sb-label">publication</span>') if outlet else "",
        )
        parts_ = Markup(" + ").join(Markup("{} {}").format(f"{value:.0f}", word) for word, value in made)
        inputs = f"{sb.amount(followers)} followers, " if followers else ""
        lines.append((said, source, str(points), parts_, f"{inputs}{on} of {in_all} mentions on the topic"))
    table = sb.table(
        f"Voices on {name}", ["Who", "Where", "Points", "Made of", "From"], lines, numbers=(2,), cards=True
    )
    return sb.panel(getattr(view.topics[name], "name", name), table, scope=view.topic(name))


def _sites(view: View) -> Markup:
    counts: dict[str, int] = {}
    for month in list(view.heard.months)[:3]:
        for site, n in view.heard.sums(month).sites.items():
            counts[site] = counts.get(site, 0) + n
    if not counts:
        return sb.EMPTY
    lines = [(site, sb.amount(n)) for site, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]]
    return sb.panel("Sites heard most", sb.table("Sites", ["Site", "Voices"], lines, numbers=(1,)), scope="3 months")
