"""The overview: how much, how it is meant, whose voice, what stands out, which sources work, what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from site_plugins import components as sb
from site_plugins import fences
from site_plugins.listening import acting, alerts, charts, parts, sources
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signalbook.sources import Source
    from site_plugins.listening.parts import View

MOST: Final = 7
WEEKS: Final = 12
SHOWN_DAYS: Final = 28


def page(view: View, states: Mapping[str, Source]) -> str:
    """The front of the room."""
    health = sources.health(view, states)
    if not view.heard and not view.cases and not view.alerts:
        return _empty(view, health)
    week = parts.days(view.today, 7)
    blocks = [
        _head(view, week, health),
        _loudest(view),
        _tiles(view, week),
        Markup('<div class="sb-cols sb-cols--21"><section class="sb-panel">{}</section>{}</div>').format(
            _volume(view, health), _spikes(view)
        ),
        Markup('<div class="sb-cols sb-cols--21">{}{}</div>').format(
            acting.head_of_queue(view), _sources(view, health)
        ),
        Markup('<div class="sb-cols">{}{}</div>').format(_meaning(view, week), _voice(view)),
    ]
    return f'<div class="sb-stack">{"".join(str(block) for block in blocks if block)}</div>'


def _head(view: View, week: list[str], health: sources.Health) -> Markup:
    n = sum(parts.by_day(view.heard, week))
    last = health.last
    sub = [
        f"{sb.amount(n)} {'voice' if n == 1 else 'voices'} in 7 days",
        f"{len(health.rows)} {'source' if len(health.rows) == 1 else 'sources'}" if health.rows else "",
        f"last heard {view.when(last)}" if last else "",
    ]
    return sb.head("Listening", sub=sub, acts=[parts.seg("Overview")])


def _empty(view: View, health: sources.Health) -> str:
    waits = [
        f"{len(names)} {word if len(names) != 1 else one}"
        for kind, one, word in (("subject", "subject", "subjects"), ("competitor", "competitor", "competitors"), ("watch", "watch", "watches"))
        if (names := [name for name in view.topics if name.startswith(f"{kind}/")])
    ]  # fmt: skip
    asks = f" {', '.join(waits)} with their queries are written down and wait for it." if waits else ""
    steps = [
        ("Name a source", 'A table under [channels] in signalbook.toml with connector = "feed" (or mastodon, bluesky, imap, files) and what to listen to.', "radio-tower"),
        ("Run signalbook doctor", "It tries every source for real and says what is missing.", "hospital-box-outline"),
        ("Run signalbook listen", "By hand first, then by the listen workflow; what it hears is judged and stands here.", "ear-hearing"),
    ]  # fmt: skip
    rows = sb.rows(sb.row(title, why, lead=sb.icon(glyph)) for title, why, glyph in steps)
    why = (
        "This room shows what others say of us, how it is meant and what waits for an answer. Nothing was heard so far."
    )
    if view.site.audience:
        why = "What others say is not part of this build."
    blocks = [
        sb.head("Listening", acts=[parts.seg("Overview")]),
        sb.panel(
            "Nobody listens yet",
            Markup("{}{}").format(sb.empty("Nothing was heard yet", why + asks, glyph="ear-hearing"), rows),
        ),
        _topics(view),
        _sources(view, health) if health.rows else sb.EMPTY,
    ]
    return f'<div class="sb-stack">{"".join(str(block) for block in blocks if block)}</div>'


def _topics(view: View) -> Markup:
    """What is listened for, once somebody listens."""
    lines = [
        (view.topic(name), type(one).KIND, " · ".join(_queries(one)) or "no query yet")
        for name, one in view.topics.items()
        if not name.startswith("message/")
    ]
    if not lines:
        return sb.EMPTY
    return sb.panel(
        "What is listened for", sb.table("Topics and their queries", ["Topic", "Kind", "Query"], lines, cards=True)
    )


def _queries(one: object) -> list[str]:
    found = getattr(one, "queries", ()) or ((query,) if (query := getattr(one, "query", None)) else ())
    return [str(text) for text in found]


def _loudest(view: View) -> Markup:
    """The worst alert of the last day, as the note on top."""
    recent = [
        one
        for one in view.alerts
        if view.now - one.at <= timedelta(hours=24) and one.kind != "silence" and one.severity <= 3
    ]
    if not recent:
        return sb.EMPTY
    one = min(recent, key=lambda one: (one.severity, -one.at.timestamp()))
    ways = [
        Markup('<a href="{}">See the curve and the mentions</a>').format(href(parts.alert_address(one))),
        alerts.playbook(one, view, lead="playbook: "),
    ]
    line = Markup("{} {} {}").format(
        one.why, sb.severity(one.severity, word=False), Markup(" · ").join(way for way in ways if way)
    )
    return sb.note(f"{alerts.title(one, view)}, {view.when(one.at)}.", line, kind="bad")


def _tiles(view: View, week: list[str]) -> Markup:
    heard = view.heard
    weeks = [parts.days(view.today - timedelta(days=7 * back), 7) for back in range(WEEKS - 1, -1, -1)]
    volumes: list[float | None] = [sum(parts.by_day(heard, days)) for days in weeks]
    now, before = int(volumes[-1] or 0), int(volumes[-2] or 0)
    moved = f"{'+' if now >= before else '−'}{abs(now - before) / before:.0%}".replace("%", " %") if before else ""
    tones, earlier = parts.by_tone(heard, week), parts.by_tone(heard, weeks[-2])
    rated, rated_before = parts.rated(tones), parts.rated(earlier)
    negative = [
        100 * t["negative"] / n if (n := parts.rated(t := parts.by_tone(heard, days))) else None for days in weeks
    ]
    tiles = [
        sb.kpi("Voices, 7 days", sb.amount(now), change=moved, values=volumes, address=href("listening/mentions.html"),
               against="the 7 days before", source="each once, repeats and our own left out"),
        sb.kpi(
            "Negative share", parts.share(tones["negative"], rated), values=negative, against="the 7 days before",
            change=_points(tones["negative"], rated, earlier["negative"], rated_before), good=_better(tones, earlier),
            source=f"of {sb.amount(rated)} rated; {sb.amount(tones[''])} not rated. Meaning: {parts.error(view)[1]}.",
        ),
        _voice_tile(view),
        acting.tile(view),
    ]  # fmt: skip
    return sb.tiles(tiles)


def _points(part: int, whole: int, part_before: int, whole_before: int) -> str:
    """A change in points, unless it is within what two samples may differ by chance."""
    if not whole or not whole_before:
        return ""
    change = 100 * part / whole - 100 * part_before / whole_before
    if abs(change) <= (parts.margin(part, whole) ** 2 + parts.margin(part_before, whole_before) ** 2) ** 0.5:
        return "within the error"
    return f"{'+' if change > 0 else '−'}{abs(change):.0f} pt"


def _better(now: Mapping[str, int], before: Mapping[str, int]) -> bool | None:
    said = _points(now["negative"], parts.rated(now), before["negative"], parts.rated(before))
    return None if not said or said.startswith("within") else said.startswith("−")


def _voice_tile(view: View) -> Markup:
    found = parts.share_of_voice(view, parts.days(view.today, 28))
    before = parts.share_of_voice(view, parts.days(view.today - timedelta(days=28), 28))
    if not found.whole:
        return sb.kpi("Share of voice", "–", source="Nothing named us or a competitor in 28 days.")
    return sb.kpi(
        "Share of voice, 28 days", parts.share(found.ours, found.whole), source=f"of {sb.amount(found.whole)} stories; the formula is below",
        change=_points(found.ours, found.whole, before.ours, before.whole), against="the 28 days before",
    )  # fmt: skip


def _volume(view: View, health: sources.Health) -> Markup:
    names = parts.days(view.today, SHOWN_DAYS)
    last = f", last heard {view.when(health.last)}" if health.last else ""
    source = f"{len(health.rows)} {'source' if len(health.rows) == 1 else 'sources'}{last}; days in UTC"
    return fences.figure(view.book, charts.volume(names, parts.by_day(view.heard, names), source))


def _spikes(view: View) -> Markup:
    recent = [one for one in view.alerts if view.now - one.at <= timedelta(days=14)]
    recent.sort(key=lambda one: (one.severity, -one.at.timestamp()))
    if not recent:
        why = "No topic was louder than usual, and no source quieter, in 14 days. New watches tune for 7 days before they tell."
        return sb.panel("What stands out", sb.empty("Nothing stands out", why, glyph="pulse"), scope="14 days")
    rows = [alerts.row(one, view) for one in recent[:MOST]]
    more = Markup('<a href="{}">All alerts</a>').format(href("listening/alerts.html"))
    return sb.panel("What stands out", sb.rows(rows), scope="14 days, the worst first", foot=more)


def _sources(view: View, health: sources.Health) -> Markup:
    del view
    if not health.rows:
        return sb.panel(
            "Sources",
            sb.empty("No source yet", "Name one in signalbook.toml; signalbook doctor tries it.", glyph="radio-tower"),
        )
    rows = [sources.row(one) for one in health.rows if one.loud][:MOST]
    rest = [one for one in health.rows if not one.loud]
    if rest:
        well = f"{len(rest)} {'other works' if rows and len(rest) == 1 else 'others work' if rows else 'works' if len(rest) == 1 else 'work'}"
        why = f"Newest {health.newest_word}." if health.newest_word else ""
        rows.append(sb.row(well, why, lead=sb.status_icon("published"), address=href("listening/sources.html")))
    return sb.panel("Sources", sb.rows(rows, kind="tight"), scope=health.word)


def _meaning(view: View, week: list[str]) -> Markup:
    topics = parts.by_topic(view.heard, week)
    ranked = sorted((name for name in topics if name), key=lambda name: (-sum(topics[name].values()), name))[:MOST]
    if not ranked:
        why = "A subject, competitor or watch with a query gives what is said a topic."
        return sb.panel(
            "How it is meant", sb.empty("Nothing has a topic yet", why, glyph="tag-outline"), scope="by topic, 7 days"
        )
    lines = [
        (
            view.topic(name),
            sb.amount(sum(counts.values())),
            parts.tones(counts, name.partition("/")[2]),
            parts.share(counts["negative"], parts.rated(counts)),
            sb.amount(counts[""]),
        )
        for name in ranked
        for counts in (topics[name],)
    ]
    table = sb.table(
        "Meaning by topic, seven days",
        ["Topic", "Voices", "Shares", "Negative of rated", "Not rated"],
        lines,
        numbers=(1, 3, 4),
        cards=True,
    )
    foot = Markup("± is the sampling error (95 %). {} Negative is not the same as against us.").format(
        parts.error(view)[0]
    )
    return sb.panel(
        "How it is meant", Markup("{}{}").format(table, parts.legend()), scope="by topic, 7 days", foot=foot
    )


def _voice(view: View) -> Markup:
    found = parts.share_of_voice(view, parts.days(view.today, 28))
    if not found.whole:
        why = "Subjects of the type brand or product, and competitors, each with queries, are compared here."
        return sb.panel(
            "Share of voice", sb.empty("Nothing to compare yet", why, glyph="scale-balance"), scope="28 days"
        )
    named = [
        (Markup("<b>{}</b>").format(view.book.settings.team.name), found.ours),
        *((view.topic(name), n) for name, n in found.theirs),
    ]
    lines = [
        (
            who,
            sb.amount(n),
            parts.share(n, found.whole),
            sb.bar(100 * n / found.whole, f"{100 * n / found.whole:.0f} %"),
        )
        for who, n in sorted(named, key=lambda row: -row[1])
    ]
    table = sb.table("Share of voice, 28 days", ["Who", "Stories", "Share", "Bar"], lines, numbers=(1, 2), cards=True)
    titles = {name: getattr(one, "name", name) for name, one in view.topics.items()}
    out = (
        titles.get(name, name) + why
        for name, mark, why in (f"{text}".partition(":") for text in found.excluded)
        for why in (mark + why,)
    )
    foot = f"Share = {found.formula}; a story about two counts for both. Left out: {'; '.join(out)}."
    return sb.panel("Share of voice", table, scope="28 days", foot=foot)
