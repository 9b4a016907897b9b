"""What is said about one subject, competitor or watch: how much, how meant, the newest, who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from site_plugins import components as sb
from site_plugins import fences
from site_plugins.listening import alerts, charts, parts
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from signalbook.model import Document
    from signalbook.monthly import Said
    from site_plugins.listening.parts import View

SHOWN: Final = 12


def page(view: View, name: str, document: Document) -> str:
    """A topic's page, beside its document."""
    days = parts.days(view.today, 28)
    counts = parts.by_tone(view.heard, days, name)
    whole = sum(counts.values())
    kind = type(document).KIND
    sub = [kind, f"{sb.amount(whole)} {'voice' if whole == 1 else 'voices'} in 28 days", view.site.status(document)]
    acts = [sb.button(f"The {kind}", view.site.link(document), glyph="file-document-outline")]
    head = sb.head(document.name, sub=sub, path=parts.path(), acts=acts)
    main = [_volume(view, name, days, whole), _said(view, name)]
    side = [_meaning(view, counts, whole), _who(view, document), _told(view, name)]
    return (
        f'<div class="sb-stack">{head}<div class="sb-split"><div class="sb-stack">{"".join(str(p) for p in main if p)}</div>'
        f'<div class="sb-stack">{"".join(str(p) for p in side if p)}</div></div></div>'
    )


def _volume(view: View, name: str, days: list[str], whole: int) -> Markup:
    if not whole:
        why = "Its query found nothing in 28 days. Look for 20 mentions by hand: at least 18 of them should be here."
        return sb.panel("Voices a day", sb.empty("Nothing was heard of it", why, glyph="ear-hearing"))
    found = dict.fromkeys(days, 0)
    for month in parts.months_of(days):
        for (day, topic, _), n in view.heard.sums(month).cells.items():
            if topic == name and day in found:
                found[day] += n
    return Markup('<section class="sb-panel">{}</section>').format(
        fences.figure(view.book, charts.volume(days, list(found.values()), "all sources; days in UTC"))
    )


def _said(view: View, name: str) -> Markup:
    found: list[Said] = []
    for month in list(view.heard.months)[:2]:
        if len(found) < SHOWN and any(topic == name for _, topic, _ in view.heard.sums(month).cells):
            found += view.heard.newest(month, SHOWN - len(found), about=name)
    if not found:
        return sb.panel("What is said", parts.unworded(view)) if view.heard else sb.EMPTY
    more = Markup('<a href="{}">All of them, to filter</a>').format(
        f"{href('listening/mentions.html')}?topic={name.replace('/', '%2F')}"
    )
    return sb.panel("What is said", parts.quotes(found, view), padded=True, scope="the newest", foot=more)


def _meaning(view: View, counts: dict[str, int], whole: int) -> Markup:
    if not whole:
        return sb.EMPTY
    rated = parts.rated(counts)
    lines = [
        (parts.tone(key), sb.amount(n), parts.share(n, rated) if key else f"{100 * n / whole:.0f} % of all")
        for key, n in counts.items()
    ]
    table = sb.table("Meaning", ["Meaning", "Voices", "Share of rated"], lines, numbers=(1, 2))
    body = Markup('<div class="sb-panel__body">{}</div>{}').format(parts.tones(counts, "Meaning"), table)
    return sb.panel(
        "How it is meant", body, scope="28 days", foot=f"± is the sampling error (95 %). {parts.error(view)[0]}"
    )


def _who(view: View, document: Any) -> Markup:
    """Who answers for it, and what is asked of the sources."""
    queries = getattr(document, "queries", ()) or ((query,) if (query := getattr(document, "query", None)) else ())
    inform = Markup(" ").join(view.site.who(slug) for slug in getattr(document, "inform", ()))
    pairs: list[tuple[str, str | Markup]] = [
        ("Can act", view.site.who(getattr(document, "act", None) or getattr(document, "expert", None))),
        ("Backup", view.site.who(getattr(document, "backup", None))),
        ("Must know", inform),
        ("Query", Markup("<br>").join(Markup("<code>{}</code>").format(text) for text in queries)),
        ("Left out", getattr(document, "excludes", None) or ""),
    ]
    checked = getattr(document, "precision_checked", None)
    foot = (
        f"Of {checked.n} sampled, {checked.right} were about us ({checked.on:%d %b %Y})."
        if checked and checked.n and checked.on
        else ""
    )
    return sb.panel("Who and how", sb.facts(pairs), padded=True, foot=foot)


def _told(view: View, name: str) -> Markup:
    found = [one for one in view.alerts if one.about == name][:5]
    return sb.panel("Alerts", sb.rows(alerts.row(one, view) for one in found)) if found else sb.EMPTY
