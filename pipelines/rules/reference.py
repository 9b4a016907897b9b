"""Every reference leads to a document, every channel is one of the team's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signalbook.book import Book, Link
from signalbook.content import folded, slugified
from signalbook.decode import near, shortened
from signalbook.findings import Finding, Level
from signalbook.model import Document
from signalbook.rule import Ask, rule


@rule("reference", level=Level.BLOCK, about="A name in a field is the name of a document that exists.")
def reference(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find names that lead nowhere."""
    known: dict[tuple[type[Document], ...], tuple[str, ...]] = {}
    for link in book.unanswered():
        if link.kinds not in known:
            known[link.kinds] = tuple(doc.slug for kind in link.kinds for doc in book.all(kind))
        yield _lost(link, known[link.kinds], ask)


def _lost(link: Link, known: tuple[str, ...], ask: Ask) -> Finding:
    what = " or ".join(kind.KIND for kind in link.kinds)
    key = next(part for part in reversed(link.field.split(".")) if not part.isdigit())
    # A name may be written as the way to its file, as one calls somebody, or as its title.
    bare = link.slug.removeprefix("@").rpartition("/")[2].removesuffix(".md")
    meant = next((name for name in (bare, slugified(bare)) if name in known), "")
    hint = "" if meant else near(folded(bare), known)
    place = (
        f"content/{link.kinds[0].FOLDER}/{shortened(slugified(bare) if bare != link.slug or ' ' in bare else bare)}.md"
    )
    if meant:
        remedy = f"Write `{meant}`: the file's name without its folder and its ending."
    elif hint:
        remedy = f"Write {hint.removeprefix(' Did you mean ').removesuffix('?')}, or add {place}."
    elif known:
        few = ", ".join(known[:8]) + (" …" if len(known) > 8 else "")
        remedy = f"Write one of: {few}; or add {place}."
    else:
        remedy = f"Add {place}: `signalbook new {link.kinds[0].KIND} {shortened(link.slug)}`."
    line, column = link.source.mark(link.field)
    return ask(
        link.source.path, link.field,
        f"`{key}` names “{shortened(link.slug)}”, and there is no {what} of that name.{hint}",
        remedy, line=line, column=column,
    )  # fmt: skip
