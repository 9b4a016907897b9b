"""What stands around every page: the rooms, who is on duty, what is on fire, when the site was built.

All of it is finished words. Ages and countdowns do not belong here: every page would change with them.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from signalbook.classes import dataclass
from site_plugins import components, shells
from site_plugins.markup import Markup, escape
from site_plugins.pages import ROOT, SECTIONS, digest, href
from site_plugins.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from site_plugins.moment import Moment
    from site_plugins.pages import Page
    from site_plugins.site import Site

OPEN_INCIDENT: Final = frozenset({"suspected", "open", "contained", "monitoring"})
OPEN_HOLD: Final = frozenset({"open", "renewed"})


@dataclass(frozen=True, slots=True)
class Room:
    """A word of the header.

    Attributes:
        key: the section.
        word: as people read it, as HTML.
        address: ready for an ``href``.
        slot: the mark where the lit room gets its attribute.
    """

    key: str
    word: Markup
    address: str
    slot: Markup


@dataclass(frozen=True, slots=True)
class Notice:
    """An open incident or hold in the banner: ``incident`` or ``hold``, a name for screen readers, its words."""

    kind: str
    name: Markup
    html: Markup


@dataclass(frozen=True)
class Frame:
    """Everything the templates of the theme may show; ``bundle`` is the file name of the theme's script.

    The builder's templates escape nothing by themselves, so whatever people wrote is HTML here already, and holds no mark.
    """

    name: Markup
    version: str
    stamp: str
    fixed: str
    rooms: tuple[Room, ...]
    duty: Markup
    banner: tuple[Notice, ...]
    built: Markup
    feeds: tuple[Markup, ...] = ()
    search: bool = True
    favicon: str = "assets/favicon.svg"
    bundle: str = ""
    root: str = ROOT
    slots: dict[str, Markup] = field(default_factory=lambda: {name: shells.slot(name) for name in shells.SLOTS})

    @staticmethod
    def icon(name: str) -> Markup:
        """A glyph of our font."""
        return components.icon(name)

    @property
    def key(self) -> str:
        """Equal key, equal shell, as far as the frame goes."""
        return digest(
            self.name, self.version, self.stamp, self.fixed, self.rooms, self.duty, self.banner, self.built, self.feeds, self.search,
            self.favicon, self.bundle,
        )  # fmt: skip


def frame(site: Site, pages: Iterable[Page], moment: Moment, *, stamp: str, version: str) -> Frame:
    """The frame of one build. ``stamp`` is a digest of our own files, so that browsers load new ones."""
    return Frame(
        name=_word(site.name),
        version=version,
        stamp=stamp[:8],
        fixed=moment.now.isoformat(timespec="seconds") if moment.fixed else "",
        rooms=tuple(rooms(pages)),
        duty=_unmarked(on_duty(site)),
        banner=tuple(notices(site)),
        built=built(site, moment),
        feeds=tuple(feeds(site, pages)),
    )


def feeds(site: Site, pages: Iterable[Page]) -> Iterable[Markup]:
    """The team's own feeds, for the head of every page; a channel without its page on this site has none.

    The second word of ``rel`` is for the theme, which takes every plain ``alternate`` for a translation and asks for a
    site map there; readers look for the first among the words.
    """
    from site_plugins.feeds.pages import links

    there = {page.address for page in pages}
    for title, mime, address in links(site.book, site):
        if f"{address.rpartition('/')[0]}/index.html" in there:
            yield _unmarked(
                Markup('<link rel="alternate feed" type="{}" title="{}" href="{}">').format(
                    mime, clean(title), href(address)
                )
            )


def rooms(pages: Iterable[Page]) -> list[Room]:
    """The sections that have a page, in the header's order; those we do not know by name come last, by their index."""
    first: dict[str, str] = {}
    index: dict[str, tuple[str, str]] = {}
    for page in pages:
        first.setdefault(page.section, page.address)
        if page.address == ("index.html" if page.section == "home" else f"{page.section}/index.html"):
            index[page.section] = (page.address, page.title)
    known = [key for key in SECTIONS if key in first]
    others = sorted(key for key in first if key not in SECTIONS and key in index)
    return [
        Room(
            key,
            _word(SECTIONS.get(key) or index[key][1]),
            href(index[key][0] if key in index else first[key]),
            Markup(f"{shells.MARK}room:{key}{shells.MARK}"),
        )
        for key in (*known, *others)
    ]


def notices(site: Site) -> list[Notice]:
    """Open incidents, worst first, then open holds."""
    from signalbook.model import Hold, Incident, Playbook

    book = site.book
    out = []
    incidents = [one for one in book.all(Incident) if one.status in OPEN_INCIDENT]
    for one in sorted(incidents, key=lambda i: (i.severity or "S4", i.slug)):
        words = [
            components.severity(one.severity) if one.severity else Markup(),
            Markup("<span><b>{}</b></span>").format(site.anchor(one)),
            _since("open since", one.aware_at or one.detected_at, site),
            Markup('<span class="sb-only-wide">lead: {}</span>').format(book.person(one.lead))
            if one.lead
            else Markup(),
        ]
        playbook = book.get(Playbook, one.playbook)
        if playbook is not None:
            words.append(Markup('<span><a href="{}">Open the playbook</a></span>').format(site.link(playbook)))
        if one.updates and one.updates[-1].next_at:
            words.append(_since("Next update due", one.updates[-1].next_at, site))
        out.append(
            Notice("incident", _word(f"Open incident: {one.name}"), _unmarked(Markup("\n").join(w for w in words if w)))
        )
    holds = [one for one in book.all(Hold) if holds_now(one, site)]
    for hold in sorted(holds, key=lambda h: h.slug):
        until = _since("until", hold.expires, site) if hold.expires else Markup()
        words = [
            components.status("held", "Hold"),
            Markup("<span><b>{}</b></span>").format(site.anchor(hold)),
            Markup('<span class="sb-only-wide">{}</span>').format(_first(hold.reason)) if hold.reason else Markup(),
            until,
        ]
        out.append(
            Notice("hold", _word(f"Open hold: {hold.name}"), _unmarked(Markup("\n").join(w for w in words if w)))
        )
    return out


def holds_now(hold: Any, site: Site) -> bool:
    """Whether a hold stops anything at the moment of the build."""
    if (hold.status or "open") not in OPEN_HOLD or hold.released is not None:
        return False
    return (hold.from_ is None or hold.from_ <= site.now) and (hold.expires is None or site.now < hold.expires)


def on_duty(site: Site) -> Markup:
    """Who is on duty: the role that says so, or who stands in while it is away; empty when nobody is named."""
    from signalbook.model import Person

    found = next((p for p in site.book.all(Person) if p.slug == "duty-officer" or "duty-officer" in p.roles), None)
    if found is None or (found.status or "active") != "active":
        return Markup()
    for absence in found.away:
        if absence.from_ and absence.to and absence.from_ <= site.today <= absence.to:
            stand_in = site.book.get(Person, absence.backup or found.backup)
            return (
                Markup('<span class="sb-muted">On duty</span> {}').format(site.anchor(stand_in))
                if stand_in
                else Markup()
            )
    return Markup("{}").format(site.anchor(found))


def built(site: Site, moment: Moment) -> Markup:
    """When, in which zone, from which commit. To the minute only for a fixed moment: else no build would be like the last."""
    when = f"{moment.now:%a} {moment.now.day} {moment.now:%b %Y}"
    zone = site.book.settings.team.zone.key.rsplit("/", 1)[-1].replace("_", " ")
    said = f"Built {when}, {moment.now:%H:%M} ({zone}), a fixed moment" if moment.fixed else f"Built {when} ({zone})"
    found = commit(site.book.workspace.root)
    return Markup('{} from <span class="sb-mono">{}</span>').format(said, found) if found else Markup("{}").format(said)


def commit(root: Path) -> str:
    """The short hash of what is checked out, read from git's own files; empty without git.

    gitrepository-layout(5): ``HEAD`` names a ref or a commit; a ref is a file or a line of ``packed-refs``; ``.git`` may
    be a file that leads elsewhere, and ``commondir`` leads from a worktree to the refs.
    """
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.exists():
            break
    else:
        return ""
    try:
        if git.is_file():
            git = (folder / git.read_text().removeprefix("gitdir:").strip()).resolve()
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref:"):
            return head[:7]
        name = head.removeprefix("ref:").strip()
        common = git / "commondir"
        for place in (git, (git / common.read_text().strip()).resolve()) if common.is_file() else (git,):
            if (place / name).is_file():
                return (place / name).read_text().strip()[:7]
            packed = place / "packed-refs"
            for line in packed.read_text().splitlines() if packed.is_file() else ():
                if line.endswith(f" {name}"):
                    return line[:7]
    except OSError:
        return ""
    return ""


def _word(text: str) -> Markup:
    """A word of somebody's as HTML without a control character: it stands in the shell, where marks are slots."""
    return Markup(escape(clean(text)))


def _unmarked(html: Markup) -> Markup:
    """HTML of ours whose words can stand for no slot of the shell."""
    return Markup(str(html).replace(shells.MARK, ""))


def _first(text: str) -> str:
    """The first sentence of a reason."""
    return text.strip().split("\n", 1)[0].split(". ", 1)[0].rstrip(".")


def _since(words: str, at: Any, site: Site) -> Markup:
    local = at.astimezone(site.now.tzinfo) if at else None
    if local is None:
        return Markup()
    day = "" if local.date() == site.today else f"{local.day} {local:%b} "
    return Markup('<span class="sb-num">{} {}{}</span>').format(words, day, f"{local:%H:%M}")
