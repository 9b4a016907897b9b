"""Copy in Markdown → HTML for channels that take HTML: the feed, WordPress, mail. Pure; the same text gives the same HTML.

What comes out is sanitised: a post is text by whoever wrote the pull request, and readers' programs show it as theirs.
Addresses lead to http, https or mailto; a picture is there only when it is one of the post's own (``pictures``), since a
picture from elsewhere tells a stranger who reads.
"""

from __future__ import annotations

import functools
import html as html_
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from signalbook import prose
from signalbook.pattern import pattern

if TYPE_CHECKING:
    import nh3

TAGS: Final = frozenset(
    "a abbr b blockquote br cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins "
    "kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var".split()
)
"""What may stand in a body that is sent."""
ATTRIBUTES: Final = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "code": {"class"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_CONTROL = pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")
_HEADING = pattern(r"<(/?)h([1-6])\b")
_IMAGE = pattern(r"<img\b[^>]*>")
_EMPTY = pattern(r"<p>\s*</p>\n?")
_CLEANERS: list[nh3.Cleaner] = []


def clean(text: str) -> str:
    """Without the characters that no page, feed or letter may hold: controls but tab and line breaks, non-characters."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def render(text: str, *, heading: int = 2, pictures: Mapping[str, str] | None = None) -> str:
    """Markdown as HTML: tables, sane lists, fenced code, footnotes, definition lists.

    The highest heading of the text becomes ``heading``: the title is shown by whoever shows the post. ``pictures`` is
    the address as written in the copy → the address that is sent (``cid:…`` in a letter); every other picture is left
    out, and its alternative text stays.
    """
    return sanitise(_converter().reset().convert(clean(text)), heading=heading, pictures=pictures)


@functools.cache
def _converter() -> Any:
    """The one Markdown object of this process; a bare address in the copy is a link, as it is on every network."""
    from xml.etree import ElementTree as ET

    import markdown
    from markdown.inlinepatterns import InlineProcessor

    class Bare(InlineProcessor):
        ANCESTOR_EXCLUDES = ("a",)

        def handleMatch(  # type: ignore[override]  # noqa: N802 - the library's name
            self,
            m: re.Match[str],
            data: str,  # noqa: ARG002
        ) -> tuple[ET.Element | None, int | None, int | None]:
            found = next(iter(prose.links(m[0])), None)
            if found is None or found.start:
                return None, None, None
            link = ET.Element("a", href=found.text)
            link.text = markdown.util.AtomicString(found.text)
            return link, m.start(0), m.start(0) + found.end

    made = markdown.Markdown(
        extensions=["tables", "sane_lists", "fenced_code", "footnotes", "def_list"],
        # As an attribute a column's side passes the cleaner, which lets no style through.
        extension_configs={"tables": {"use_align_attribute": True}},
        output_format="html",
    )
    # After everything that has a meaning of its own: code, links, addresses in angle brackets.
    made.inlinePatterns.register(Bare(prose.URL.pattern), "bare", 65)
    return made


def plain(text: str) -> str:
    """Copy that is plain text as HTML: escaped, an empty line a paragraph, line breaks kept, addresses as links."""
    out = []
    for part in re.split(r"\n[ \t]*\n+", clean(text).strip("\n")):
        pieces, last = [], 0
        for link in prose.links(part):
            address = html_.escape(link.text)
            pieces += [html_.escape(part[last : link.start]), f'<a href="{address}">{address}</a>']
            last = link.end
        pieces.append(html_.escape(part[last:]))
        out.append(f"<p>{''.join(pieces)}</p>".replace("\n", "<br>"))
    return "".join(out)


def sanitise(html: str, *, heading: int = 0, pictures: Mapping[str, str] | None = None) -> str:
    """HTML of which nothing runs, loads or poses as anything else; see ``render``. ``heading`` 0 leaves levels alone."""
    if not _CLEANERS:
        import nh3

        _CLEANERS.append(
            nh3.Cleaner(
                tags=set(TAGS),
                attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
                attribute_filter=_attribute,
                url_schemes={"http", "https", "mailto"},
                link_rel="noopener noreferrer",
                strip_comments=True,
                clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "svg", "math"},
            )
        )
    # Pictures leave before the cleaner, which knows no cid: addresses, and come back as tokens nobody can write.
    kept: list[str] = []

    def aside(found: re.Match[str]) -> str:
        tag = _Picture()
        tag.feed(found[0])
        sent = (pictures or {}).get(tag.src)
        alt = html_.escape(tag.alt)
        if sent is None:
            return alt
        kept.append(f'<img src="{html_.escape(sent)}" alt="{alt}">')
        return f"\x05{len(kept) - 1}\x05"

    out = _CLEANERS[0].clean(_IMAGE.sub(aside, clean(html)))
    if heading and (levels := [int(level) for _, level in _HEADING.findall(out)]):
        down = heading - min(levels)
        out = _HEADING.sub(lambda m: f"<{m[1]}h{min(max(int(m[2]) + down, 1), 6)}", out)
    out = re.sub(r"\x05(\d+)\x05", lambda m: kept[int(m[1])] if int(m[1]) < len(kept) else "", out)
    return _EMPTY.sub("", out).strip()


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if "\x05" in value:  # a token inside an attribute would be our HTML inside theirs
        return None
    if name == "class":
        return " ".join(part for part in value.split() if part.startswith("language-")) or None
    if name == "href":
        return value if value.lower().startswith(("http://", "https://", "mailto:")) else None
    return value


class _Picture(HTMLParser):
    """One ``img`` tag's address and alternative text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.src = self.alt = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            given = dict(attrs)
            self.src, self.alt = given.get("src") or "", given.get("alt") or ""


class _Words(HTMLParser):
    """HTML as plain text with its links written out: what somebody reads whose program shows no HTML."""

    _BLOCKS: Final = frozenset(
        "p div blockquote pre ul ol dl table tr h1 h2 h3 h4 h5 h6 hr figure figcaption details".split()
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.lists: list[list[Any]] = []
        self.link: list[tuple[str, int]] = []
        self.raw = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"ul", "ol"}:
            if not self.lists:
                self._gap("\n\n")
            start = given.get("start", "1")
            self.lists.append([tag, int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1])
        elif tag in {"li", "dt"}:
            self._gap("\n")
            if tag == "li":
                kind, number = self.lists[-1] if self.lists else ("ul", 1)
                self.out.append("  " * max(0, len(self.lists) - 1) + (f"{number}. " if kind == "ol" else "- "))
                if self.lists:
                    self.lists[-1][1] = number + 1
        elif tag == "dd":
            self._gap("\n")
            self.out.append("  ")
        elif tag == "br":
            self.out.append("\n")
        elif tag in {"td", "th"}:
            self.out.append("" if not self.out or self.out[-1].endswith("\n") else " | ")
        elif tag == "tr":
            self._gap("\n")
        elif tag == "img":
            self.out.append(f"[{given['alt']}]" if given.get("alt") else "")
        elif tag == "a":
            self.link.append((given.get("href", ""), len(self.out)))
        elif tag == "hr":
            self._gap("\n\n")
            self.out.append("---")
        # A paragraph inside an item goes on in its line.
        elif tag in self._BLOCKS and not (self.lists and self.out and re.search(r"(?:\d+\.|-) $", self.out[-1])):
            self._gap("\n\n")
        if tag == "pre":
            self.raw += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
            if not self.lists:
                self._gap("\n\n")
        elif tag == "a" and self.link:
            address, start = self.link.pop()
            said = "".join(self.out[start:]).strip()
            plain = address.removeprefix("mailto:")
            if address and said.rstrip("/") != plain.rstrip("/"):
                self.out.append(f" ({plain})" if said else plain)
        elif tag in self._BLOCKS and tag not in {"tr", "hr"}:
            self._gap("\n\n")
        if tag == "pre":
            self.raw = max(0, self.raw - 1)

    def handle_data(self, data: str) -> None:
        if self.raw:
            self.out.append(data)
        elif data.strip():
            words = re.sub(r"\s+", " ", data)
            self.out.append(words.lstrip() if not self.out or self.out[-1].endswith("\n") else words)
        elif self.out and not self.out[-1].endswith((" ", "\n")) and "\n" not in data:
            self.out.append(" ")

    def _gap(self, gap: str) -> None:
        if self.out:
            self.out.append(gap)


def words(html: str) -> str:
    """HTML as plain text: paragraphs apart, lists with their marks, links with their addresses."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    text = "".join(reader.out)
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def excerpt(html: str, most: int = 300) -> str:
    """The first words of some HTML on one line, cut at a word."""
    text = " ".join(words(html).split())
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
