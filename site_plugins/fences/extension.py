"""A Python-Markdown extension: author fences in any builder of this family.

::

    markdown.markdown(text, extensions=["signalbook_fences"],
                      extension_configs={"signalbook_fences": {"workspace": ".", "root": "/"}})

The scripts, styles and settings that charts need are those of the site: ``assets/`` of a build.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from site_plugins import fences, text
from site_plugins.pages import ROOT

if TYPE_CHECKING:
    from markdown import Markdown


class FencesExtension(Extension):
    """Sets components in the place of author fences, before code blocks are looked for."""

    def __init__(self, **settings: Any) -> None:
        """Take ``workspace`` (a folder), ``root`` (the address the site stands at) and ``now`` (an instant)."""
        self.config = {
            "workspace": [".", "a folder in the workspace"],
            "root": ["/", "what addresses of the site begin with"],
            "now": ["", "the moment the page is made at, such as 2026-11-23T09:00:00+01:00; the clock if absent"],
        }
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        """Put the preprocessor in front of the one that makes code blocks."""
        md.preprocessors.register(_Fences(md, self.getConfigs()), "signalbook_fences", 27)


class _Fences(Preprocessor):
    def __init__(self, md: Markdown, settings: dict[str, Any]) -> None:
        super().__init__(md)
        self.settings = settings

    def run(self, lines: list[str]) -> list[str]:
        """Replace each author fence by its component, put aside where Markdown does not touch it."""
        whole = "\n".join(lines) + "\n"
        if not text.author_fences(whole):
            return lines
        made = self._made()
        store = self.md.htmlStash.store

        def aside(lang: str, source: str) -> str | None:
            html = made.html(lang, source)
            return None if html is None else store(html.replace(ROOT, self.settings["root"]))

        return text.replace_fences(whole, aside).split("\n")

    def _made(self) -> fences.Fences:
        from signalbook import book as books
        from signalbook.workspace import find
        from site_plugins.moment import moment

        book = books.load(find(Path(self.settings["workspace"])))
        when = moment(book.settings.team.zone, option=self.settings["now"] or None)
        return fences.make(book, when.now)


def makeExtension(**settings: Any) -> FencesExtension:  # noqa: N802 - the library's name
    """Make the extension, as Python-Markdown asks for it."""
    return FencesExtension(**settings)
