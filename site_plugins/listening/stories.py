"""The stories: the same thing told in many places, counted once, with every appearance behind it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from signalbook.classes import dataclass
from site_plugins import components as sb
from site_plugins.listening import parts
from site_plugins.markup import Markup
from site_plugins.pages import href

if TYPE_CHECKING:
    from signalbook.monthly import Said
    from site_plugins.listening.parts import View

SHOWN: Final = 40
PAGES: Final = 60
"""Stories with a page: the largest of this month and the one before."""
BEGAN: Final = 4
"""Months in which the beginning of a story is looked for."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story of this month and the one before.

    Attributes:
        n: appearances.
        sources: so many different sources, at least.
        months: the months it was told in.
    """

    n: int
    sources: int
    first: datetime
    last: datetime
    months: tuple[str, ...]


def told(view: View) -> dict[str, Story]:
    """Key of the first mention → its story, the largest first."""
    found: dict[str, Story] = {}
    for month in list(view.heard.months)[:2]:
        for name, (n, sources, first, last) in view.heard.sums(month).stories.items():
            known = found.get(name)
            found[name] = (
                Story(n, sources, first, last, (month,))
                if known is None
                else Story(
                    known.n + n,
                    max(known.sources, sources),
                    min(first, known.first),
                    max(last, known.last),
                    (*known.months, month),
                )
            )
    return dict(sorted(found.items(), key=lambda item: (-item[1].n, item[0])))


def index(view: View, found: dict[str, Story]) -> str:
    """The largest stories, each by the words it began with."""
    blocks = [
        sb.head(
            "Stories",
            sub=[f"{len(found)} told at least three times"] if found else [],
            acts=[parts.seg("Stories")],
            path=parts.path(),
        )
    ]
    if not found:
        why = "A story is the same thing told at least three times: an agency's text in many papers, a post that is copied. None was heard this month or the last."
        blocks.append(sb.panel("Stories", sb.empty("No story yet", why, glyph="newspaper-variant-outline")))
        return f'<div class="sb-stack">{"".join(map(str, blocks))}</div>'
    firsts = view.heard.find(list(found)[:PAGES], list(view.heard.months)[:BEGAN])
    for name, story in list(found.items())[:PAGES]:
        if name not in firsts and (left := view.heard.newest(story.months[-1], SHOWN, story=name)):
            firsts[name] = left[-1]
    lines = [
        (
            Markup('<a href="{}">{}</a>').format(href(parts.story_address(name)), headline(firsts.get(name))),
            sb.amount(one.n),
            sb.amount(one.sources),
            view.when(one.first),
            view.when(one.last),
        )
        for name, one in list(found.items())[:PAGES]
    ]
    table = sb.table("Stories", ["Story", "Appearances", "Sources", "First", "Last"], lines, numbers=(1, 2), cards=True)
    foot = "One story is one mention with several appearances: it is counted once, and told how often it appeared."
    blocks.append(sb.panel("This month and the last", table, foot=foot))
    return f'<div class="sb-stack">{"".join(map(str, blocks))}</div>'


def headline(first: Said | None) -> str:
    """What a story is called: its first words, or the oldest that are left of it."""
    if first is None:
        return "A story whose words are gone"
    said = " ".join((first.title or first.text).split())
    return said if len(said) <= 120 else f"{said[:120].rsplit(' ', 1)[0]} …"


def page(view: View, name: str, story: Story) -> str:
    """A story: how it began, and every appearance."""
    found: list[Said] = []
    for month in story.months:
        found += view.heard.newest(month, SHOWN, story=name)
    found = sorted(found, key=lambda one: (one.at, one.key))
    first = next((one for one in found if one.key == name), None) or view.heard.find(
        [name], list(view.heard.months)[:BEGAN]
    ).get(name)
    sub = [
        f"{sb.amount(story.n)} appearances",
        f"{story.sources} {'source' if story.sources == 1 else 'sources'}",
        f"{view.when(story.first)} to {view.when(story.last)}",
    ]
    blocks = [
        sb.head(
            headline(first or next(iter(found), None)), sub=sub, path=parts.path(("Stories", "listening/stories.html"))
        )
    ]
    if first is not None:
        blocks.append(sb.panel("How it began", parts.quote(first, view), padded=True))
    rest = [one for one in found if first is None or one.key != first.key]
    if rest:
        more = f"The newest {len(rest)} of {sb.amount(story.n)}." if story.n > len(rest) + 1 else ""
        blocks.append(
            sb.panel("Where it appeared", parts.quotes(rest, view), padded=True, scope=f"{len(rest)}", foot=more)
        )
    elif first is None:
        blocks.append(sb.panel("Where it appeared", parts.unworded(view)))
    blocks.append(_undo(view, name, rest))
    return f'<div class="sb-stack">{"".join(str(block) for block in blocks if block)}</div>'


def _undo(view: View, name: str, rest: list[Said]) -> Markup:
    """How to take a mention out of a story: nothing is merged for good."""
    del view, name
    example = rest[0].key if rest else "MENTION"
    text = Markup(
        "<p>Two things that only look alike? Take one out: it stands alone from the next build on, and a person's word wins over the "
        "machine's every time it judges again.</p><p>{}</p>"
    ).format(sb.command(f"signalbook listen correct {example} --alone --by ROLE", "Take it out"))
    return sb.panel("Not the same?", text, padded=True, scope="nothing is merged for good")
