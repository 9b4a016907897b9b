"""People's text becomes HTML that cannot do anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_plugins.pages import ROOT
from site_plugins.text import author_fences, linkify, plain, render_markdown, targets, words

ALERT = "alert(1)"
INJECTIONS = [
    f"<script>{ALERT}</script>",
    f"<ScRiPt src=//evil.example/x.js>{ALERT}</sCrIpT>",
    f"<img src=x onerror={ALERT}>",
    f'<img src="x" onerror="{ALERT}" style="background:url(//evil.example)">',
    f"<svg onload={ALERT}><animate onbegin={ALERT}></svg>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={ALERT}></style></mglyph></math>",
    f'<a href="javascript:{ALERT}">x</a>',
    f"[x](javascript:{ALERT})",
    f"[x](JaVaScRiPt:{ALERT})",
    f"[x](&#106;avascript:{ALERT})",
    f"[x](java\tscript:{ALERT})",
    f"[x]( javascript:{ALERT})",
    f"[x](\x01javascript:{ALERT})",
    f"![x](javascript:{ALERT})",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "[x](data:text/html,<script>alert(1)</script>)",
    f"[x](vbscript:{ALERT})",
    "[x](//evil.example/)",
    "[x](\\\\evil.example\\share)",
    f"[x]: javascript:{ALERT}\n\n[x]",
    f"<javascript:{ALERT}>",
    f'text {{: onclick="{ALERT}" }}',
    f"# Heading {{: onclick={ALERT} }}",
    f'<iframe srcdoc="<script>{ALERT}</script>"></iframe>',
    f"<object data='javascript:{ALERT}'></object><embed src=x>",
    "<form action=//evil.example><input name=q><button formaction=//evil.example>go</button></form>",
    "<style>body{display:none}</style>",
    '<link rel=stylesheet href="//evil.example/x.css"><meta http-equiv=refresh content="0;url=//evil.example">',
    '<base href="//evil.example/">',
    f"<details open ontoggle={ALERT}>x</details>",
    f'<noscript><p title="</noscript><img src=x onerror={ALERT}>"></noscript>',
    f"<!--><img src=x onerror={ALERT}>-->",
    f"<![CDATA[<img src=x onerror={ALERT}>]]>",
    f'<p title="`\n```chart\nx\n```\n" onclick={ALERT}>',
    f"`<img src=x onerror={ALERT}>`",
    f"```\n</code></pre><img src=x onerror={ALERT}>\n```",
    f'```"onmouseover={ALERT}\nx\n```',
    f"| a |\n| --- |\n| <img src=x onerror={ALERT}> |",
    f"[^1]\n\n[^1]: <img src=x onerror={ALERT}>",
    f'!!! note "<img src=x onerror={ALERT}>"\n    x',
    '<p id="sb-main" class="md-overlay sb-btn" name="config">x</p>',
    "{{ 7 * 7 }} {% include 'x' %} ${7*7} <%= 7 %>",
    '--8<-- "/etc/passwd"',
    "\x02\x03body\x03\x050\x05",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "x" * 5000 + "<" * 2000,
    "[" * 3000,
    "> " * 400 + "x",
]
OURS = {"sb-task-box", "sb-scroll"}
URLS = {"a": ("http:", "https:", "mailto:", "#", ROOT), "img": (ROOT,)}


class Judge(HTMLParser):
    """Reads HTML as a browser would and notes whatever could act."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.trouble: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "iframe", "object", "embed", "form", "input", "button", "svg", "math", "link",
                   "meta", "base", "template", "noscript", "video", "audio", "title", "textarea", "select"}:  # fmt: skip
            self.trouble.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "srcset", "action", "formaction", "name", "ping"}:
                self.trouble.append(f"{tag} {name}")
            if name in {"href", "src"} and not (value or "").startswith(URLS.get(tag, ())):
                self.trouble.append(f"{tag} {name}={value}")
            if name == "id" and not (value or "").startswith("t-"):
                self.trouble.append(f"id {value}")
            if name == "class" and re.search(r"\b(sb|md)-", value or "") and (value or "").split()[0] not in OURS:
                self.trouble.append(f"class {value}")


def trouble(html: str) -> list[str]:
    judge = Judge()
    judge.feed(html)
    judge.close()
    return judge.trouble


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_people_write_can_act(text: str) -> None:
    html = render_markdown(text, resolve=lambda _: None, fences=lambda _lang, _source: "<p>component</p>")
    assert trouble(html) == []
    assert "\x02" not in html
    assert "\x05" not in html


@pytest.mark.parametrize("text", INJECTIONS)
def test_plain_copy_shows_what_was_written(text: str) -> None:
    html = plain(text)
    assert trouble(html) == []
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br", "a"}


@given(st.text(alphabet=st.sampled_from("<>\"'`[](){}!#*_~:|&;/\\= \n\tajx\x02\x03\x05:-0"), max_size=120))
def test_no_mixture_of_marks_can_act(text: str) -> None:
    assert trouble(render_markdown(text, resolve=lambda _: None, fences=lambda *_: "<p>c</p>")) == []
    assert trouble(plain(text)) == []


def test_a_component_is_set_in_after_the_sanitiser() -> None:
    html = render_markdown(
        "Before\n\n```chart\nname: reach\n```\n\nAfter", fences=lambda lang, text: f"<sb-{lang}>{text}"
    )
    assert "<sb-chart>name: reach\n" in html
    assert "<p>Before</p>" in html
    assert "<p>After</p>" in html


def test_a_fence_that_nobody_knows_stays_code() -> None:
    assert "<code" in render_markdown("```chart\nname: x\n```", fences=lambda *_: None)


def test_a_fence_quoted_inside_a_longer_one_stays_as_written() -> None:
    text = "````markdown\n```chart\nname: x\n```\n````\n"
    assert "COMPONENT" not in render_markdown(text, fences=lambda *_: "COMPONENT")
    assert author_fences(text) == []


@pytest.mark.parametrize("tag", ["a", "p", "div", "td", "img"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_component_never_lands_inside_an_attribute(tag: str, gap: str) -> None:
    text = f'<{tag} title="{gap}```chart\nq\n```{gap}" id="x">z</{tag}>\n'
    seen: list[str] = []

    class Attributes(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.extend(f"{name}={value}" for name, value in attrs)

    Attributes().feed(render_markdown(text, fences=lambda *_: '<b title="own">COMPONENT</b>'))
    assert not [one for one in seen if "COMPONENT" in one]


def test_a_link_to_a_document_leads_to_its_page_and_a_dead_one_is_text() -> None:
    html = render_markdown("[a](x.md) [b](y.md)", resolve=lambda to: f"{ROOT}p/x.html" if to == "x.md" else None)
    assert f'<a href="{ROOT}p/x.html" rel="noopener noreferrer">a</a>' in html
    assert '<a rel="noopener noreferrer">b</a>' in html


def test_a_picture_from_elsewhere_is_not_fetched() -> None:
    assert "src" not in render_markdown("![x](https://example.org/x.png)")


def test_a_link_to_a_heading_finds_it() -> None:
    html = render_markdown("[go](#two-words)\n\n## Two words")
    assert 'href="#t-two-words"' in html
    assert 'id="t-two-words"' in html


@pytest.mark.parametrize("first", ["#", "##", "###"])
def test_the_highest_heading_comes_right_below_the_title(first: str) -> None:
    html = render_markdown(f"{first} One\n\n{first}# Two")
    assert re.findall(r"<(h\d)", html) == ["h2", "h3"]


def test_rendering_twice_gives_the_same() -> None:
    text = "# A\n\n# A\n\nx[^1]\n\n[^1]: y"
    assert render_markdown(text) == render_markdown(text)


def test_copy_keeps_its_lines_and_its_links() -> None:
    assert plain("One\ntwo\n\nthree") == "<p>One<br>two</p><p>three</p>"
    assert linkify("See https://example.org/a?b=1&c=2.") == (
        'See <a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">https://example.org/a?b=1&amp;c=2</a>.'
    )


def test_targets_are_the_relative_addresses_only() -> None:
    text = '[a](x.md) [b](https://e.org) [c](#d) ![e](q.png)\n<a href="z.md">\n\n[r]: ../y.md'
    assert targets(text) == ["x.md", "q.png", "z.md", "../y.md"]


def test_words_are_cut_at_a_word() -> None:
    assert words("<p>one two three</p>", 8) == "one two …"
