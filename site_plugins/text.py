"""People's words as HTML that cannot do anything: Markdown through a sanitiser, copy as plain text.

The order is the safety: control characters out, author fences set aside under tokens nobody can write, Markdown,
sanitiser, and only then our own components in the place of the tokens. What people and the world write is never
trusted, not even in our own repository: a pull request is text by a stranger until somebody has read it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from signalbook.pattern import pattern
from signalbook.prose import holds
from site_plugins.markup import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable

    import markdown
    import nh3

FENCES: Final = ("chart", "kpi", "query")
"""The author fences: a block of text in a page that becomes a component of ours."""

_CONTROL = pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")
_CONTROLS: Final = "".join(map(chr, {*range(0x20), 0x7F} - set(b"\t\n\r")))
"""Those of them that are ASCII."""
_SPACES: Final = "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""The white space of ASCII beside the blank and the line break."""
_MARK: Final = "\x05"
_FENCE = pattern(
    r"^(?P<ticks>`{3,}|~{3,})[ \t]*(?P<lang>" + "|".join(FENCES) + r")[^\n`]*\n(?P<source>.*?)^(?P=ticks)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_LINK_TARGET = pattern(
    r"\]\(\s*<?([^)\s>]+)|^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)|\b(?:href|src)\s*=\s*[\"']?([^\"'\s>]+)", re.MULTILINE
)
_SCHEME = pattern(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_URL = pattern(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}…]")
_TASK = pattern(r"(<li>\s*(?:<p>)?)\[([ xX])\] ")
_CLASS: Final = frozenset(
    "admonition admonition-title note warning danger tip info important caution attention hint error footnote "
    "footnote-ref footnote-backref".split()
)
_TAGS: Final = frozenset(
    "a abbr b blockquote br cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins "
    "kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var".split()
)
_ATTRIBUTES: Final = {
    "*": {"id", "class", "lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "details": {"open"},
}
_PREFIX: Final = "t-"
"""Goes before every id that people's text gives, so that none can stand for one of ours."""


@lru_cache(maxsize=32)
def clean(text: str) -> str:
    """Without the characters that no page may hold: controls but tab and line breaks, and non-characters.

    Asked once for a text that stands on one page several times.
    """
    if text.isascii() and not holds(text, _CONTROLS):
        return text
    # None of them is printable, and of lines that are nothing has to be taken.
    return text if text.replace("\n", " ").isprintable() else _CONTROL.sub("", text)


def render_markdown(
    text: str,
    *,
    resolve: Callable[[str], str | None] | None = None,
    fences: Callable[[str, str], str | None] | None = None,
    heading: int = 2,
) -> Markup:
    """Markdown as safe HTML: tables, sane lists, fenced code, footnotes, admonitions, ids on headings.

    ``resolve`` is asked for every relative address and answers with one that starts at ``ROOT``, or ``None``: then the
    link stays as text. ``fences`` is asked for every author fence (language, source) and answers with trusted HTML,
    or ``None``: then the fence stays as code. The highest level of headings in the text becomes ``heading``.
    """
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    if (simple := simply(text)) is not None:
        return Markup(simple)
    kept: list[str] = []

    def aside(match: re.Match[str]) -> str:
        made = fences(match["lang"], match["source"]) if fences else None
        if made is None:
            return match[0]
        kept.append(made)
        return f"\n{_MARK}{len(kept) - 1}{_MARK}\n"

    if fences is not None and ("```" in text or "~~~" in text):
        text = _outside_code(text, aside)
    converter = _converter()
    converter.reset()
    html = _lowered(_sanitise(converter.convert(text), resolve), heading)
    if "<table" in html or "<pre" in html:
        html = _scrolls(html)
    if "[" in html:
        html = _TASK.sub(_task, html)
    if kept:
        html = re.sub(rf"<p>{_MARK}(\d+){_MARK}</p>", lambda m: kept[int(m[1])], html)
        html = re.sub(rf"{_MARK}(\d+){_MARK}", lambda m: kept[int(m[1])], html)
    return Markup(html)


_LINE = r"(?=[^\W\d_])[^*_`#<>&\[\]|\\~{}\t\xa0\n\u0085\u2028\u2029]*[^*_`#<>&\[\]|\\~{}\s]"
_MEANT: Final = "*_`#<>&[]|\\~{}\t"
"""What may mean something in Markdown; no line of plain words holds any of it."""
_PARAGRAPH = pattern(rf"{_LINE}(?:\n{_LINE})*")
_LIST = pattern(rf"- {_LINE}(?:\n- {_LINE})*")


def simply(text: str) -> str | None:
    """HTML of a text that holds nothing but paragraphs and lists of plain words, as the converter would make it.

    Most copy is such a text, and the converter takes a hundred times as long. ``None`` when anything in it could mean
    something in Markdown: then the converter decides.
    """
    if holds(text, _MEANT):
        return None
    out: list[str] = []
    listed = False
    # Of ASCII that holds nothing of that, only how each line begins and ends is left to look at.
    quick = text.isascii()
    for block in text.strip("\n").split("\n\n"):
        if _begins_lines("", block) if quick else _PARAGRAPH.fullmatch(block):
            out.append(f"<p>{block}</p>")
            listed = False
        elif not listed and (_begins_lines("- ", block) if quick else _LIST.fullmatch(block)):
            items = "\n".join(f"<li>{item}</li>" for item in block[2:].split("\n- "))
            out.append(f"<ul>\n{items}\n</ul>")
            listed = True  # a list after a list would be one list to the converter
        else:
            return None
    return "\n".join(out)


def _begins_lines(mark: str, block: str) -> bool:
    """Whether each line of a block is the mark and then words: from a letter to what is no white space."""
    at = len(mark)
    for line in block.split("\n"):
        if not (line[at : at + 1].isalpha() and line.startswith(mark)) or line[-1].isspace():
            return False
    return True


def one_line(text: str) -> str:
    """A text with single blanks in the place of all white space."""
    if text.isascii():  # then there are few sorts of it, and most texts hold two
        flat = text.strip().replace("\n\n", " ").replace("\n", " ")
        if "  " not in flat and not holds(flat, _SPACES):
            return flat
    return " ".join(text.split())


def word_count(text: str) -> int:
    """How many words stand between white space."""
    line = one_line(text)
    return line.count(" ") + 1 if line else 0


def plain(text: str) -> Markup:
    """Copy as it will be sent: escaped, line breaks kept, an empty line a paragraph, addresses as links."""
    paragraphs = re.split(r"\n[ \t]*\n+", clean(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n"))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(linkify(line) for line in part.split("\n")))
        for part in paragraphs
        if part.strip()
    )


def linkify(line: str) -> Markup:
    """One line of text, escaped, its web addresses made links."""
    if "://" not in line:
        return Markup(str(escape(line)))
    out, at = Markup(), 0
    for match in _URL.finditer(line):
        out += escape(line[at : match.start()])
        out += Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(match[0], match[0])
        at = match.end()
    return out + escape(line[at:])


def targets(text: str) -> list[str]:
    """The relative addresses a Markdown text names, in order: what a page's key has to know besides the text."""
    if "](" not in text and "]:" not in text and "href" not in text and "src" not in text:
        return []
    found = (next(filter(None, match.groups())) for match in _LINK_TARGET.finditer(text))
    return [target for target in found if not _SCHEME.match(target) and not target.startswith(("#", "//"))]


def author_fences(text: str) -> list[tuple[str, str]]:
    """The author fences of a text as (language, source), in order."""
    found: list[tuple[str, str]] = []

    def note(match: re.Match[str]) -> str:
        found.append((match["lang"], match["source"]))
        return ""

    if "```" in text or "~~~" in text:
        _outside_code(text, note)
    return found


def replace_fences(text: str, component: Callable[[str, str], str | None]) -> str:
    """A Markdown text with its author fences replaced by what ``component`` answers to (language, source)."""

    def one(match: re.Match[str]) -> str:
        made = component(match["lang"], match["source"])
        return match[0] if made is None else f"\n{made}\n"

    return _outside_code(text, one)


def words(html: str, limit: int = 0) -> str:
    """The text of some HTML on one line, for search and descriptions; cut at a word when longer than ``limit``."""
    kept = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL | re.IGNORECASE)
    text = Markup(kept).striptags()
    if limit and len(text) > limit:
        text = text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return text


def _scrolls(html: str) -> str:
    """Tables and code may be wider than a phone: their frames scroll, and keys reach them."""
    html = html.replace("<pre>", '<pre tabindex="0">')
    html = re.sub(r"<table\b", '<div class="sb-scroll" role="group" aria-label="Table" tabindex="0"><table', html)
    # A corner of a table that says nothing heads nothing.
    html = re.sub(r"<th\b([^>]*)></th>", r"<td\1></td>", html)
    return html.replace("</table>", "</table></div>")


_H = pattern(r"<(/?)h([1-6])\b")


def _lowered(html: str, heading: int) -> str:
    """Headings moved so that the highest of them is ``heading``: the page's own title is the only first level."""
    levels = [int(level) for _, level in _H.findall(html)]
    down = heading - min(levels) if levels else 0
    return _H.sub(lambda m: f"<{m[1]}h{min(max(int(m[2]) + down, 1), 6)}", html) if down else html


_ANY_FENCE = pattern(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def _outside_code(text: str, replace: Callable[[re.Match[str]], str]) -> str:
    """Replace author fences, but none that is itself quoted inside a longer fence."""

    def one(match: re.Match[str]) -> str:
        fence = _FENCE.fullmatch(match[0])
        return replace(fence) if fence else match[0]

    return _ANY_FENCE.sub(one, text)


def _task(match: re.Match[str]) -> str:
    done = match[2] != " "
    word = "done" if done else "to do"
    return f'{match[1]}<span class="sb-task-box{" is-done" if done else ""}" role="img" aria-label="{word}"></span>'


_CONVERTERS: list[markdown.Markdown] = []
_CLEANERS: list[nh3.Cleaner] = []
_RESOLVE: list[Callable[[str], str | None] | None] = [None]


def _converter() -> Any:
    """The one Markdown object of this process: building it costs more than a page."""
    if not _CONVERTERS:
        import markdown

        _CONVERTERS.append(
            markdown.Markdown(
                extensions=["tables", "sane_lists", "fenced_code", "footnotes", "admonition", "toc", "def_list"],
                extension_configs={"toc": {"permalink": False}, "footnotes": {"UNIQUE_IDS": False}},
                output_format="html",
            )
        )
    return _CONVERTERS[0]


def _sanitise(html: str, resolve: Callable[[str], str | None] | None) -> str:
    """Keep the allowed tags and attributes, address by address and id by id."""
    if not _CLEANERS:
        import nh3

        _CLEANERS.append(
            nh3.Cleaner(
                tags=set(_TAGS),
                attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
                attribute_filter=_attribute,
                url_schemes={"http", "https", "mailto"},
                link_rel="noopener noreferrer",
                strip_comments=True,
                clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "svg", "math"},
            )
        )
    _RESOLVE[0] = resolve
    try:
        return _CLEANERS[0].clean(html)
    finally:
        _RESOLVE[0] = None


def _attribute(tag: str, name: str, value: str) -> str | None:
    if _CONTROL.search(value):  # a token inside an attribute would be our HTML inside theirs
        return None
    if name == "id":
        return value if not value else _PREFIX + re.sub(r"\s+", "-", value)
    if name == "class":
        if tag == "code":
            return " ".join(c for c in value.split() if c.startswith("language-")) or None
        return " ".join(c for c in value.split() if c in _CLASS) or None
    if name in ("href", "src"):
        return _address(tag, value.strip())
    return value


def _address(tag: str, value: str) -> str | None:
    if value.startswith("#"):
        return f"#{_PREFIX}{value[1:]}" if tag == "a" else None
    if value.startswith(("//", "\\\\", "/\\", "\\/")):
        return None
    if scheme := _SCHEME.match(value):
        # Pictures from other hosts are refused by the policy, and would tell those hosts who reads.
        return value if tag == "a" and scheme[0].lower() in ("http:", "https:", "mailto:") else None
    resolve = _RESOLVE[0]
    return resolve(value) if resolve else None
