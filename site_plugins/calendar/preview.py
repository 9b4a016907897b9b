"""A post as each network will show it: the final text, nothing less and nothing else, and how long it is there.

What is shown comes from ``posts.outgoing``: the text that is counted, approved, hashed and sent. The look is a likeness,
not a copy of anybody's brand: links, mentions and hashtags stand out, a thread is a thread, a long text is folded
about where the network folds it, a picture shows what it tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from signalbook import counting, posts, prose
from site_plugins import components as sb
from site_plugins import text
from site_plugins.markup import Markup, escape, fill, html, safe

if TYPE_CHECKING:
    from signalbook.copytext import Outgoing
    from signalbook.model import Post
    from site_plugins.calendar.entries import Entry
    from site_plugins.site import Site

FOLDS: Final = {"linkedin": (210, "see more"), "instagram": (125, "more"), "facebook": (477, "See more")}
"""Network → after about so many characters it hides the rest behind these words. Networks measure lines, not characters,
and change it often; the place is a guess and is called one."""

SHORT_LINKS: Final = {"mastodon": 30}
"""Network → of a link so many characters are shown, without its scheme."""

FACE: Final = Markup("<i class=sb-net__face></i>")
PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif")
CARDS: Final = frozenset({"mastodon", "x", "threads"})
"""Networks that look at a linked page by themselves and show a card, where no picture takes its place."""


def previews(entry: Entry, site: Site) -> Markup:
    """One preview a channel; before there is a channel, the copy as it stands.

    The head of the page says where the post stands; a preview does where channels differ, and where one must be looked at.
    """
    document = entry.post
    states = {found.channel: found.state for found in entry.deliveries}
    apart = len({states.get(key, entry.state) for key in document.channels}) > 1
    shown: list[Markup] = []
    told = False
    for key in document.channels:
        out = posts.outgoing(site.book, document, key, at=entry.at)
        state = states.get(key, entry.state)
        where = state if apart or state == "unknown" else ""
        shown.append(_preview(document, out, where, site, first=not told))
        told = told or bool(out.parts)
    if not document.channels and document.body.strip():
        copy = fill("<div class=sb-net>{}</div>", text.plain(document.body))
        shown = [_card("No channel yet", "", copy, Markup())]
    if not shown:
        return Markup()
    return html(
        '<section class=sb-stack aria-labelledby=copy><div class=sb-toolbar><h2 id="copy">As it will look</h2>'
        '<p class="sb-small sb-faint">What is counted, approved and sent, all that is added included</p></div>'
        "<div class=sb-previews>",
        *shown,
        "</div></section>",
    )


def _preview(document: Post, out: Outgoing, state: str, site: Site, *, first: bool) -> Markup:
    """A post as one channel shows it; what its pictures tell is written out at the ``first`` channel that has them."""
    key = out.channel
    if not out.parts:
        inner = Markup("<div class=sb-net><p class=sb-faint>No words for this channel yet.</p></div>")
        return _card(site.channel(key), state, inner, Markup(), ident=f"copy-{key}")
    inner = _article(document, out, site, first) if out.form == "markdown" else _note(document, out, site, first)
    return _card(site.channel(key), state, inner, _foot(key, out, site), ident=f"copy-{key}")


def _card(name: str | Markup, state: str, inner: Markup, foot: Markup, *, ident: str = "") -> Markup:
    return html(
        '<article class="sb-preview is-loud"' if state == "unknown" else "<article class=sb-preview",
        *((' id="', safe(ident), '"') if ident else ()), "><header><h3>", safe(name), "</h3>",
        sb.status(state) if state else "", "</header>", inner,
        *(("<footer>", foot, "</footer>") if foot else ()), "</article>",
    )  # fmt: skip


# --- channels of short texts -----------------------------------------------------------------------------------------


def _note(document: Post, out: Outgoing, site: Site, first: bool) -> Markup:
    key = out.channel
    network = out.network or _connector(key, site)
    look = network if network in {"mastodon", "linkedin"} else "plain"
    channel = site.book.settings.channels.get(key)
    account = channel.account if channel else ""
    ends = html(
        _media(document, site, first) if document.media else "",
        _poll(document) if document.poll is not None else "",
        _linked(document, out, site) if out.link else "",
        _repeats(document),
    )
    warning = (
        fill(
            "<p class=sb-net__warn>{}<span><b>{}</b> The text is hidden behind these words.</span></p>",
            sb.icon("eye-off-outline"),
            out.warning,
        )
        if out.warning
        else ""
    )
    if len(out.parts) > 1:
        total = len(out.parts)
        pieces = []
        for number, part in enumerate(out.parts, 1):
            more = html(warning, ends) if number == 1 else ""
            pieces.append(
                fill(
                    '<div class=sb-part>{}<div class=sb-part__by><b>{}</b><span class="sb-faint sb-small">{}/{}</span></div>{}{}</div>',
                    FACE,
                    site.name,
                    number,
                    total,
                    said(part.text, network),
                    more,
                )
            )
        return fill('<div class="sb-net sb-net--thread sb-net--{}">{}</div>', look, Markup("").join(pieces))
    return html(
        f'<div class="sb-net sb-net--{look}"><div class=sb-net__by>', "<b>", safe(site.name), "</b>",
        *(("<span>", safe(account), "</span>") if account else ()), "</div>", warning,
        _folded(out.parts[0].text, network), ends, _comment(out, network) if out.first_comment else "", "</div>",
    )  # fmt: skip


def _connector(key: str, site: Site) -> str:
    channel = site.book.settings.channels.get(key)
    return channel.connector if channel else key


def _folded(words: str, network: str) -> Markup:
    """A text with the place about where the network folds it."""
    fold, word = FOLDS.get(network, (0, ""))
    if not fold or len(words) <= fold * 1.15:
        return said(words, network)
    at = max(words.rfind(" ", 0, fold), words.rfind("\n", 0, fold))
    at = at if at > fold // 2 else fold
    # Of a text that holds nothing a page may not hold, neither half does.
    show = _said if text.clean(words) == words else said
    return html(
        show(words[:at].rstrip(), network), "<p class=sb-net__fold>about here: “", safe(word),
        "”</p><div class=sb-net__cut>", show(words[at:].lstrip(), network), "</div>",
    )  # fmt: skip


def said(words: str, network: str = "") -> Markup:
    """Copy as it is sent: escaped, its lines kept, its links, mentions and hashtags marked as the network marks them."""
    return _said(text.clean(words), network)


def _said(clean: str, network: str) -> Markup:
    """The same of a text without the characters that no page may hold."""
    clean = clean.replace("\r", "")
    plain = "://" not in clean and "#" not in clean and "@" not in clean and network != "x"
    out: list[str] = []
    for block in (safe(clean) if plain else clean).split("\n\n"):
        if not block or block.isspace():
            continue
        lines = block.strip("\n").split("\n")
        out += ("<p>", "<br>".join(lines if plain else [_line(line, network) for line in lines]))
    return html(*out, "</p>") if out else sb.EMPTY


def _line(line: str, network: str) -> Markup:
    found = []
    if "." in line:
        found += [(one.start, one.end, "link") for one in prose.links(line) if "://" in one.text or network == "x"]
    if "#" in line:
        found += [(one.start, one.end, "tag") for one in prose.hashtags(line)]
    if "@" in line:
        found += [(one.start, one.end, "tag") for one in prose.mentions(line)]
    if not found:
        return Markup(str(escape(line)))
    out, at = Markup(), 0
    for start, end, kind in sorted(found):
        if start < at:
            continue
        word = line[start:end]
        out += escape(line[at:start])
        if kind == "link" and word.lower().startswith(("https://", "http://")):
            shown = _shown(word, network)
            out += fill('<a class=sb-net__tag href="{}" rel="noopener noreferrer">{}</a>', word, shown)
        else:
            out += fill("<span class=sb-net__tag>{}</span>", word)
        at = end
    return out + escape(line[at:])


def _shown(link: str, network: str) -> str:
    most = SHORT_LINKS.get(network)
    if not most:
        return link
    bare = link.partition("://")[2].removeprefix("www.")
    return bare if len(bare) <= most else f"{bare[:most]}…"


def _comment(out: Outgoing, network: str) -> Markup:
    return fill(
        '<div class=sb-net__comment><p class="sb-faint sb-small">First comment, by us</p>{}</div>',
        said(out.first_comment, network),
    )


def _poll(document: Post) -> Markup:
    if document.poll is None or not document.poll.options:
        return Markup()
    rows = Markup("").join(fill("<li>{}</li>", option) for option in document.poll.options)
    open_for = f"open for {document.poll.closes}" if document.poll.closes else ""
    return fill('<ul class=sb-net__poll>{}</ul><p class="sb-faint sb-small">{}</p>', rows, open_for)


def _repeats(document: Post) -> Markup:
    pairs = (("Answers", document.in_reply_to), ("Quotes", document.quote_of), ("Repeats", document.repost_of))
    if not (document.in_reply_to or document.quote_of or document.repost_of):
        return sb.EMPTY
    return Markup("").join(
        fill('<div class=sb-cardlink><div class=sb-cardlink__txt><span>{}</span> <a href="{}" rel="noopener noreferrer">{}</a></div></div>', word, address, address)
        for word, address in pairs if address and address.startswith(("https://", "http://"))
    )  # fmt: skip


def _linked(document: Post, out: Outgoing, site: Site) -> Markup:
    """The card of the linked page: made by the sender, or by the network where no picture takes its place."""
    made = out.link_in == "card"
    if not out.link or not (made or (out.link_in == "text" and out.network in CARDS and not document.media)):
        return Markup()
    title = _title_of(out.link, document, site)
    host = out.link.partition("://")[2].partition("/")[0]
    return fill(
        "<div class=sb-cardlink><div class=sb-cardlink__txt><span>{}</span><b>{}</b>{}</div></div>", host, title or "Title and picture of the linked page", Markup("<span>as the page says when it is sent</span>") if not title else "")  # fmt: skip


def _title_of(link: str, document: Post, site: Site) -> str:
    """The title of an article of ours that a link leads to; empty for a page we do not know."""
    name = link.partition("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".html")
    for options in (document.options or {}).values():
        if options.get("slug") == name:
            return document.name
    return articles(site).get(name, "")


def key(document: Post, site: Site) -> str:
    """What a preview takes from other posts: the title of the article of ours that it links to."""
    return _title_of(document.link, document, site) if document.link else ""


_articles: list[tuple[object, dict[str, str]]] = []


def articles(site: Site) -> dict[str, str]:
    """Name in the address → title, of every article of ours."""
    if _articles and _articles[0][0] is site.book:
        return _articles[0][1]
    from signalbook.model import Post as Posts

    found: dict[str, str] = {}
    for one in site.book.all(Posts):
        for options in (one.options or {}).values():
            if isinstance(slug := options.get("slug"), str):
                found.setdefault(slug, one.name)
    _articles[:] = [(site.book, found)]
    return found


# --- articles and letters --------------------------------------------------------------------------------------------


def _article(document: Post, out: Outgoing, site: Site, first: bool) -> Markup:
    """A text that goes out as HTML: its head, and its body in a frame of its own."""
    connector = _connector(out.channel, site)
    channel = site.book.settings.channels.get(out.channel)
    if connector == "mail":
        to = out.options.get("to")
        head = sb.facts(
            [
                ("From", channel.account if channel else ""),
                ("To", to if isinstance(to, str) else ""),
                ("Subject", fill("<b>{}</b>", out.title)),
            ]
        )
        top = fill("<div class=sb-net__mail>{}</div>", head)
    else:
        author = site.book.person(document.author or document.owner)
        top = fill(
            '<p class=sb-net__title>{}</p><p class="sb-small sb-faint">{}</p>',
            out.title or document.name,
            f"By the {author[:1].lower()}{author[1:]}" if author else "",
        )
    return html(
        '<div class="sb-net sb-net--long" tabindex=0 role=region aria-label="The whole text on ',
        safe(_name(out.channel, site)), '">', top, _media(document, site, first) if document.media else "", "<div class=sb-prose>",
        _bare(site.markdown(out.parts[0].text, document.path, heading=4)), "</div></div>",
    )  # fmt: skip


def _bare(body: Markup) -> Markup:
    """Markdown as HTML without the ends and breaks that say nothing."""
    for whole, kept in (("</p>\n<p>", "<p>"), ("</li>\n", ""), ("<ul>\n", "<ul>")):
        body = str.replace(body, whole, kept)  # type: ignore[assignment]  # the one of markup would escape
    return Markup(body)


def _media(document: Post, site: Site, first: bool) -> Markup:
    return html(
        *[
            _figure(
                media.src or "",
                site.resolve(document.path, media.src) if media.src else None,
                media.alt or "",
                bool(media.decorative),
                first,
            )
            for media in document.media
        ]
    )


@lru_cache(maxsize=512)
def _figure(src: str, address: str | None, alt: str, decorative: bool, told: bool) -> Markup:
    """A file of a post; the same one stands in the preview of each of its channels, and one picture in many posts."""
    if address and src.lower().endswith(PICTURES):
        shown = "" if decorative else alt
        picture = fill('<img src="{}" alt="{}" loading="lazy">', address, shown)
        picture = html("<span>" if alt and not decorative else "<span class=is-bare>", picture, "</span>")
    else:
        picture = fill(
            "<p class=sb-faint>{}{}</p>",
            sb.icon("image-broken-variant"),
            f" {src or 'no file'}: not among the team’s files",
        )
    if not told:
        return html("<figure class=sb-figure>", picture, "</figure>")
    words = "decorative" if decorative else f"“{alt}”" if alt else "no alternative text yet"
    return fill("<figure class=sb-figure>{}<figcaption>{}</figcaption></figure>", picture, words)


# --- how long it is --------------------------------------------------------------------------------------------------


def _foot(key: str, out: Outgoing, site: Site) -> Markup:
    rows: list[Markup]
    notes: list[str | Markup]
    if out.form == "markdown":
        number = text.word_count(out.parts[0].text)
        minutes = max(1, round(number / 220))
        rows, notes = [html("<span>", sb.amount(number), f" words, {minutes} min to read</span>")], []
    else:
        rows, notes = _meters(key, out, site)
    if out.disclosure:
        notes.append(fill("Disclosure, put first: “{}”", out.disclosure))
    if out.signature:
        notes.append("The channel’s signature comes last.")
    if out.tracking and (out.link or any("://" in part.text for part in out.parts)):
        notes.append(fill("Links carry <code>{}</code>", "&".join(f"{k}={v}" for k, v in out.tracking.items())))
    if out.link_in == "card":
        notes.append("The link goes beside the text, as a card.")
    elif out.link_in == "field":
        notes.append(fill("The link has a field of its own: {}", out.link))
    rows += [html("<span>", safe(note), "</span>") for note in notes]
    return sb.EMPTY.join(rows)


def _meters(key: str, out: Outgoing, site: Site) -> tuple[list[Markup], list[str | Markup]]:
    name = _name(key, site)
    network = out.network or _connector(key, site)
    rows: list[Markup] = []
    rules: dict[str, None] = {}
    limit = counting.limits().get(network)
    for number, part in enumerate(out.parts, 1):
        counted = counting.count(out.network, part.text, before=out.warning, limit=site.limit(key))
        if counted.limit:
            unit = f"part {number}" if len(out.parts) > 1 else limit.unit if limit else name
            rows.append(sb.meter(counted.count, counted.limit, unit))
        else:
            length = sb.amount(counted.count)
            rows.append(html("<span>", length, " characters; ", safe(name), " names no limit</span>"))
        if counted.parts:
            rules |= {_rule(one): None for one in counted.parts}
    notes: list[str | Markup] = [f"{rule[:1].upper()}{rule[1:].rstrip('.')}." for rule in list(rules)[:3] if rule]
    return rows, notes


def _rule(part: counting.Part) -> str:
    """Why something counts otherwise, in a few words: what it is, and what it counts."""
    if part.rule.endswith("sent with a backslash before it"):
        return f"“{part.text}” is sent with a backslash before it and counts double"
    if "://" in part.text:
        return f"a link counts {part.counts}, whatever its length"
    return part.rule


def _name(key: str, site: Site) -> str:
    channel = site.book.settings.channels.get(key)
    return (channel.name or key) if channel else key


def texts(entry: Entry, key: str, site: Site) -> Sequence[str]:
    """The final text of every part on a channel, for a person to place."""
    return [part.text for part in posts.outgoing(site.book, entry.post, key, at=entry.at).parts]
