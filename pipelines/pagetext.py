"""HTML that strangers wrote → plain text and the addresses in it. Nothing is run, nothing is fetched, no mark survives.

First a real HTML parser (nh3) makes well-formed markup of a few kinds of it, whatever came; then the text is taken out.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

MOST = 60_000
"""So many letters of markup are looked at."""
_KEPT = {"p", "br", "a", "blockquote", "pre", "ul", "ol", "li", "h1", "h2", "h3", "h4", "div", "tr", "td", "span"}
_PAIR = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>")
_DROPPED = re.compile(r"<(script|style|template|iframe|object)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_MARKS = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "cite", "code", "del", "div", "em", "font", "h1", "h2",
    "h3", "h4", "hr", "i", "img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "small", "span",
    "strike", "strong", "sub", "sup", "svg", "table", "td", "tr", "tt", "u", "ul", "video", "audio", "wbr",
})  # fmt: skip
_ALONE = frozenset({"br", "hr", "img", "input", "wbr"})


class Text(HTMLParser):
    """A page's HTML as plain text; links are those that are no mention and no hashtag. Nothing is run."""

    def __init__(self) -> None:
        """Have read nothing."""
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Break lines, keep links, begin what is hidden."""
        values = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "template"}:
            self.hidden += 1
        if tag == "br":
            self.parts.append("\n")
        if tag in {"p", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3"} and self.parts:
            self.parts.append("\n\n")
        if tag == "li":
            self.parts.append("\n")
        classes = values.get("class", "").split()
        address = values.get("href", "")
        own = address.startswith(("http://", "https://")) and not {"mention", "hashtag"} & set(classes)
        if tag == "a" and own and address not in self.links:
            self.links.append(address)

    def handle_endtag(self, tag: str) -> None:
        """End what is hidden."""
        if tag in {"script", "style", "template"}:
            self.hidden = max(0, self.hidden - 1)

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self.hidden:
            self.parts.append(data)

    @property
    def text(self) -> str:
        """The text, at most one empty line between paragraphs."""
        return re.sub(r"\n{3,}", "\n\n", "".join(self.parts)).strip()


def words(markup: str) -> tuple[str, tuple[str, ...]]:
    """The text of a piece of HTML, and the http addresses it links to, in order, each once."""
    if "<" not in markup:
        return html.unescape(markup[:MOST]).strip(), ()
    if len(markup) <= MOST:
        rest = _BREAKS.sub(_break, markup)
        if "<" not in rest:
            return _lines(html.unescape(rest) if "&" in rest else rest), ()
    page = Text()
    page.feed(tidy(markup).replace("<div>", "<p>").replace("<tr>", "<p>").replace("</td>", " </td>"))
    page.close()
    return _lines(page.text), tuple(page.links)


_BREAKS = re.compile(r"<(/?)(p|b|i|em|strong|br)\s{0,3}/?>")
"""Marks so plain that what has no others can be taken apart without a parser."""


def _break(mark: re.Match[str]) -> str:
    return "\n\n" if mark[2] == "p" and not mark[1] else "\n" if mark[2] == "br" else ""


def _lines(text: str) -> str:
    text = text.strip()
    if "  " not in text and text.isprintable():
        return text
    lines = (re.sub(r"[ \t\r\f\v\u00a0]+", " ", one).strip() for one in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def tidy(markup: object) -> str:
    """A piece of HTML made well-formed and plain, so that any parser is quick with it; empty for what is no text."""
    if not isinstance(markup, str):
        return ""
    import nh3

    return nh3.clean(
        markup[:MOST], tags=_KEPT, attributes={"a": {"href", "class"}}, url_schemes={"http", "https"}, link_rel=None
    )


def without_code(markup: str) -> str:
    """A page without its scripts, styles and head, of which no word is said to anybody."""
    start = re.search(r"<body\b[^>]{0,500}>", markup, re.IGNORECASE)
    return _DROPPED.sub("", markup[start.end() if start else 0 :])


def title(text: str) -> str:
    """A title without the markup that search alerts and some feeds put into it; what only looks like it stays.

    ``<b>`` with its ``</b>`` is markup, ``List<String>`` and a lone ``<b>`` are words.
    """
    found = text
    if "<" in found:
        found = _DROPPED.sub("", found)
        closed = {name.lower() for slash, name in _PAIR.findall(found) if slash}

        def stripped(mark: re.Match[str]) -> str:
            name = mark[2].lower()
            known = name in _MARKS and (name in closed or name in _ALONE or mark[0].endswith("/>") or " " in mark[0])
            return (" " if name in _ALONE else "") if known else mark[0]

        found = _PAIR.sub(stripped, found)
    return " ".join((html.unescape(found) if "&" in found else found).split())
