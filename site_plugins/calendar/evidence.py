"""What shows where a delivery stands: who approved which bytes, when it was claimed and sent, what differs since.

Everything here is read from git and from the ledger; nothing is inferred that neither of them says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from signalbook import approval, delivery, sent
from site_plugins import components as sb
from site_plugins.components import EMPTY
from site_plugins.markup import Markup, fill

if TYPE_CHECKING:
    from signalbook.delivery import Delivery
    from signalbook.history import Life, Version
    from signalbook.model import Post
    from signalbook.records import Receipt
    from site_plugins.site import Site

SHORT: Final = 8
"""So many letters of a hash tell it apart on a page."""
LATEST: Final = 12
"""So many steps are shown; the earliest of the ledger are left out first, approval never."""

Step = tuple[datetime | None, str, str, Markup]
"""When, the state of its dot, a glyph, what happened."""


def key(document: Post, found: Sequence[Delivery], site: Site) -> list[str]:
    """What the evidence on a post's page depends on beside the post: its commits, its receipts and claims."""
    past = site.past
    life = past.main_lives.get(document.path)
    rows = ["evidence"]
    rows += [version.commit.sha for version in life.versions[-2:]] if life else [past.why]
    # Where each delivery stands is in the keys of the entries; most have neither a claim nor a receipt yet.
    rows += [
        f"{one.key} {one.intent.key if one.intent else ''} {one.intent.attempt if one.intent else ''} "
        f"{[(row.what, str(row.at), row.url, row.content, row.why) for row in one.receipts]}"
        for one in found if one.receipts or one.intent
    ]  # fmt: skip
    if document.media:
        _files(document, site, rows)
    return rows


def _files(document: Post, site: Site, rows: list[str]) -> None:
    """The files of a post as they lie there: their bytes are part of what is hashed."""
    folder = document.path.rpartition("/")[0]
    for media in document.media:
        for src in (media.src, media.captions):
            if src:
                found = site.stats.get((folder, src))
                if found is None:
                    found = site.stats[folder, src] = _stat(document, src, site)
                rows.append(found)


def _stat(document: Post, src: str, site: Site) -> str:
    try:
        state = approval.media_path(site.book, document, src).stat()
    except (OSError, ValueError):
        return f"{src} 0 0"
    return f"{src} {state.st_size} {state.st_mtime_ns}"


def panel(document: Post, found: Sequence[Delivery], site: Site) -> Markup:
    """How it came to stand where it does, step by step; nothing where neither git nor the ledger knows of it."""
    if not site.past and not any(one.receipts or one.intent or one.state == "unknown" for one in found):
        return EMPTY
    first = list(_approval(document, site))
    ledger = sorted(_ledger(found, site), key=lambda step: step[0] or site.now)
    steps = [*first, *ledger[-LATEST:]]
    if not steps or not (site.past or ledger):
        return Markup()
    rows = Markup("").join(
        fill(
            '<li class="{}">{}{}{}</li>',
            dot,
            sb.icon(glyph),
            text,
            fill("<br><time>{}</time>", _when(at, site)) if at else "",
        )
        for at, dot, glyph, text in steps
    )
    scope = "from git and the ledger" if ledger else "from git"
    foot = "" if site.audience else _foot(found)  # the hashes it compares are the team's
    return sb.panel(
        "Evidence", fill('<div class="sb-panel__body"><ol class="sb-steps">{}</ol></div>', rows), scope=scope, foot=foot,
        ident="evidence",
    )  # fmt: skip


_UNPROVEN: Final = "Approval is not proven here."
_NOTHING_YET: Final = "Nothing is committed yet."


def missing(found: Sequence[Delivery], site: Site) -> str:
    """What is said in place of the panel: that git knows nothing, of this post as of all others, and why."""
    if site.past or any(one.receipts or one.intent for one in found):
        return ""
    return f"{_UNPROVEN} {site.past.why or _NOTHING_YET}"


def _when(at: datetime, site: Site) -> str:
    here = at.astimezone(site.book.settings.team.zone)
    year = f" {here.year}" if here.year != site.today.year else ""
    return f"{here:%a} {here.day} {here:%b}{year}, {here:%H:%M}"


def _sha(version: Version) -> Markup:
    return fill('<span class="sb-mono">{}</span>', version.commit.sha[:SHORT])


def _approval(document: Post, site: Site) -> Iterator[Step]:
    """Who wrote it and whose merge approved it, as git tells."""
    past = site.past
    if not past:
        yield None, "is-ask", "source-branch", fill("<b>{}</b> {}", _UNPROVEN, past.why or _NOTHING_YET)
        return
    life = past.main_lives.get(document.path)
    if life is None:
        yield (
            None,
            "is-ask",
            "source-branch",
            Markup("<b>Not committed yet.</b> Until it is merged, nobody approved it."),
        )
        return
    yield (
        life.first.at,
        "is-done",
        "pencil-outline",
        fill("<b>Written</b> by {} {}", life.first.author, _sha(life.versions[0])),
    )
    judged = approval.evidence(site.book, document)
    if not judged.approved:
        yield None, "", "eye-outline", fill("<b>Not approved.</b> {}", sb.with_code(judged.why))
        return
    since = _since(life)
    if since is None:
        yield (
            None,
            "is-ask",
            "help-circle-outline",
            Markup("<b>Approved in the file, and not on the main line.</b> Commit and merge it."),
        )
        return
    yield (
        since.commit.at,
        "is-done",
        "check-circle",
        fill("<b>Approved</b> by the merge of {} {}", since.commit.author, _sha(since)),
    )
    last = life.versions[-1]
    if last.commit.sha != since.commit.sha:
        yield (
            last.commit.at,
            "is-done",
            "file-edit-outline",
            fill("<b>Changed since</b>, and merged as approved, by {} {}", last.commit.author, _sha(last)),
        )


def _since(life: Life) -> Version | None:
    """The version on the main line since which it is approved without a break."""
    found = None
    for version in reversed(life.versions):
        if version.facts.status != "approved":
            break
        found = version
    return found


_STEPS: Final = {
    "sent": ("is-done", "check-circle", "Sent"),
    "amended": ("is-done", "update", "Changed on the network"),
    "withdrawn": ("is-bad", "undo-variant", "Taken down"),
    "settled": ("is-done", "check-circle-outline", "Seen live by a person"),
    "cancelled": ("is-bad", "cancel", "Let go by a person"),
    "refused": ("is-bad", "alert-circle", "Refused"),
    "released": ("", "source-commit", "Claim given back: nothing went out"),
    "scheduled": ("", "calendar-clock-outline", "Given a new time"),
    "unseen": ("is-ask", "help-circle", "Looked for and not settled"),
}


def _ledger(found: Sequence[Delivery], site: Site) -> Iterator[Step]:
    for one in found:
        name = _named(one, site)
        if one.intent is not None:
            attempt = f", attempt {one.intent.attempt}" if one.intent.attempt > 1 else ""
            yield (
                one.intent.at,
                "is-done",
                "source-commit",
                fill(
                    '<b>Claimed</b> for {}{} <span class="sb-mono">{}</span>', name, attempt, one.intent.content[:SHORT]
                ),
            )
        for row in one.receipts:
            dot, glyph, word = _STEPS.get(row.what, ("", "circle-outline", row.what.capitalize()))
            by = f" ({site.book.person(row.by)})" if row.by else ""
            bytes_ = fill(' <span class="sb-mono">{}</span>', row.content[:SHORT]) if row.content else ""
            why = fill("<br>{}", row.why) if row.why and row.what != "sent" else ""
            yield row.at, dot, glyph, fill("<b>{}</b> on {}{}{}{}", word, name, by, bytes_, why)
        if one.state == "unknown":
            yield None, "is-ask", "help-circle", fill("<b>Unknown</b> on {}: waits for a person", name)


def _named(one: Delivery, site: Site) -> str:
    channel = site.book.settings.channels.get(one.channel)
    name = (channel.name or one.channel) if channel else one.channel
    which = f", part {one.part}" if one.parts > 1 else ""
    return f"{name}{which}{f', {one.occurrence}' if one.occurrence else ''}"


def _foot(found: Sequence[Delivery]) -> Markup | str:
    """Whether the bytes that went out are those that were claimed."""
    out = [
        (one, row) for one in found if (row := one.sent) is not None and row.what == "sent" and one.intent is not None
    ]
    if not out:
        return ""
    same = all(one.intent is not None and one.intent.content == row.content for one, row in out)
    return (
        "Every delivery that went out is, byte for byte, what its claim says."
        if same
        else "A delivery went out with other bytes than its claim says: look at the receipts."
    )


# --- what differs since ----------------------------------------------------------------------------------------------


def since(found: Sequence[Delivery], site: Site) -> Markup:
    """What the file says now and people cannot read: nothing while they are the same.

    Nothing for an audience: what was sent is known by its hash, and hashes are the team's.
    """
    if site.audience:
        return EMPTY
    parts: dict[tuple[tuple[str, str, str], ...], list[tuple[Delivery, sent.Copy | None]]] = {}
    for one in found:
        if one.state != "published" or not sent.changed(site.book, one):
            continue
        copy = sent.copy_of(site.book, site.past, one)
        told = tuple((d.what, d.was, d.now) for d in sent.differences(site.book, copy.post, one)) if copy else ()
        parts.setdefault(told, []).append((one, copy))
    if not parts:
        return EMPTY
    body = Markup("").join(_difference(told, mine, site) for told, mine in parts.items())
    number = sum(map(len, parts.values()))
    return sb.panel(
        "What differs from what was sent", body, scope=f"on {number} of {len(found)} deliveries" if len(found) > 1 else "",
        ident="since",
    )  # fmt: skip


def _difference(
    told: tuple[tuple[str, str, str], ...], mine: Sequence[tuple[Delivery, sent.Copy | None]], site: Site
) -> Markup:
    one, copy = mine[0]
    names = Markup(" ").join(site.channel(d.channel) for d, _ in mine)
    if copy is None:
        how = "Git does not know what was sent, so only this is known: the copy, the link, the media or the disclosure changed."
    elif copy.exact:
        how = f"Compared with commit {copy.commit[:SHORT]}, which holds exactly what was sent."
    elif told:
        how = f"No commit holds exactly what was sent; compared with {copy.commit[:SHORT]}, the last merge before it."
    else:
        how = (
            f"The words are those of {copy.commit[:SHORT]}, the last merge before it was sent. "
            "A picture’s bytes, or what the settings add, changed since."
        )
    rows = Markup("").join(
        fill("<dt>{}</dt><dd>{}</dd>", what.capitalize(), _diff(was, now)) for what, was, now in told
    )
    listed = fill('<dl class="sb-kv sb-diff">{}</dl>', rows) if rows else ""
    act = sb.command(
        f"signalbook publish amend {one.post.slug}", "Change it on the network too, where that can be done"
    )
    return fill(
        '<div class="sb-panel__body"><p class="sb-diff__on">{}<span class="sb-small sb-faint">{}</span></p>{}{}</div>',
        names,
        how,
        listed,
        act,
    )


def _diff(was: str, now: str) -> Markup:
    """Two texts as one, what went struck through and what came underlined; long stretches that stayed are folded."""
    if not was or not now:
        tag = "ins" if now else "del"
        return fill("<{0}>{1}</{0}>", Markup(tag), now or was)
    out = Markup()
    told = sent.words(was, now)
    for index, (sort, text) in enumerate(told):
        if sort == "gone":
            out += fill('<del><span class="sb-sr">[was: </span>{}<span class="sb-sr">]</span></del>', text)
        elif sort == "new":
            out += fill('<ins><span class="sb-sr">[now: </span>{}<span class="sb-sr">]</span></ins>', text)
        else:
            out += fill("{}", _folded(text, first=index == 0, last=index == len(told) - 1))
    return fill('<span class="sb-diff__text">{}</span>', out)


KEPT: Final = 90
"""Characters of what stayed that are shown on either side of a change."""


def _folded(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * KEPT + 20:
        return text
    head = "" if first else text[:KEPT].rpartition(" ")[0]
    tail = "" if last else text[-KEPT:].partition(" ")[2]
    return f"{head} … {tail}"


def live(row: Receipt) -> str:
    """A live address that may be followed; empty for none."""
    return row.url if row.url.startswith(("https://", "http://")) else ""


def receipts_out(found: Delivery) -> Receipt | None:
    """The newest receipt of what people can read, with its address."""
    return next((row for row in reversed(found.receipts) if row.what in delivery.PUBLISHED and live(row)), None)
