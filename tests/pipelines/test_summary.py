"""The comment below a pull request: whatever a stranger writes, it stays their words in code, and it fits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipelines import summary
from pipelines.diff import Beside, Change, Copy, Diff, Picture, Planned, Said, Since, Text
from pipelines.summary import Around
from signalbook.errors import UsageError
from signalbook.findings import Level

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AROUND = Around(
    run="https://forge.example/team/news/actions/runs/7",
    files="https://forge.example/team/news/blob/" + "a" * 40 + "/",
    preview="site-preview",
    whole="summary",
)
HOSTILE = [
    "@team and @harbour/everyone",
    "![pixel](https://evil.example/p.png)",
    "[click](https://evil.example)",
    "<img src=x onerror=alert(1)>",
    "</details></summary><h1>Approved</h1>",
    "<!-- -->\n<b>x</b>",
    "-->\n<script>x</script>",
    "```\n@team\n```",
    "````\n@team\n````",
    "~~~\n@team",
    "` @team `",
    "``` ` `` @team",
    "a | b | c\n--- | --- | ---\n@team | x | y",
    "closes #12, GH-12, other/repo#1",
    "https://evil.example and www.evil.example and a@evil.example",
    "line\r@team\u2028@team\u0085@team\x0b@team\x0c@team",
    "\\`@team\\`",
    "`" * 400 + "@team",
    "# Heading\n\n- list\n> quote\n\n---\n",
    "[ref]: https://evil.example\n[ref]",
    "&#64;team &lt;b&gt;",
    "approved \u202eton si siht\u202c",
    "    indented\n\t@team",
    "\x1b[2J\x07@team",
    "$x$ $$@team$$",
    ":tada: \\",
]


def diff(words: str = "words", *, posts: int = 1, **more) -> Diff:
    """A summary in which every text that a stranger writes says the same."""
    text = Text(words, 3, 300, fits=True)
    change = Change(
        "changed", words, words, words, words, words, words, words, (words,), sent=True, due=NOW,
        copies=(Copy(words, words, (text, text), ("before",), ((words, words),), url=words), Copy(words + "2", words, (text,))),
        media=(Picture(words, words),),
    )  # fmt: skip
    found = Diff(
        base="b" * 40, now=NOW, zone=words, team=words,
        posts=tuple(replace(change, slug=f"{words}{number}") for number in range(posts)),
        planned=(Planned(words, words, words, "due", words, NOW),),
        findings=tuple(Said(words, 1, words, level, words, words, "", here=True) for level in Level),
        since=(Since((words, words), words, words, False, ((words, words, words),)),),
        beside=(Beside(words, words, NOW, ((NOW, words, words),)),),
        files=(words, ".github/workflows/check.yml"),
    )  # fmt: skip
    return replace(found, **more)


def outside_code(markdown: str) -> tuple[str, list[str], list[str]]:
    """What a forge would look at for mentions and references, the links, and the raw HTML."""
    text, links, html = [], [], []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        if token.type == "html_block":
            html.append(token.content)
        for child in token.children or ():
            if child.type == "text":
                text.append(child.content)
            elif child.type == "link_open":
                links.append(str(child.attrs["href"]))
            elif child.type == "image":
                links.append(str(child.attrs["src"]))
            elif child.type == "html_inline":
                html.append(child.content)
    return "\n".join(text), links, html


def harmless(markdown: str) -> None:
    text, links, html = outside_code(markdown)
    assert "team" not in text.replace("the team's settings", "")
    assert "evil" not in text
    assert not any(mark in text for mark in ("@", "#", "://", "www."))
    assert all(link.startswith("https://forge.example/team/news/") for link in links)
    allowed = {"<details>", "</details>", "<sub>", "</sub>", summary.MARK}
    for piece in html:
        for line in piece.strip().split("\n"):
            assert line in allowed or line.startswith("<details><summary>"), line
            assert "team" not in line
    assert not {*"\x00\x07\x0b\x0c\r\x1b\x85\u2028\u2029\u202a\u202e\u2066\u2069"} & {*markdown}


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("around", [Around(), AROUND, replace(AROUND, own_rules=True)])
def test_a_strangers_words_ping_nobody_and_lead_nowhere(words, around):
    harmless(summary.as_markdown(diff(words), around))


@settings(deadline=None)
@given(st.lists(st.sampled_from([*HOSTILE, "`", "~", "\n", " ", "|", "\\", "<", "x"]), max_size=6).map("".join))
def test_no_mixture_of_them_gets_out_either(words):
    harmless(summary.as_markdown(diff(words), AROUND))


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_shown_in_code_alone(words):
    text, links, html = outside_code(summary.as_markdown(diff(f"w{words}")))
    plain, _, plain_html = outside_code(summary.as_markdown(diff("words")))
    assert text == plain
    assert links == []
    assert [piece.strip() for piece in html] == [piece.strip() for piece in plain_html]


def test_the_final_text_is_shown_as_it_is_with_its_count():
    shown = summary.as_markdown(diff("Grüße 👩‍👩‍👧, 日本 and مرحبا."))
    assert "3 of 300" in shown
    assert shown.count("Grüße 👩‍👩‍👧, 日本 and مرحبا.") > 5


@pytest.mark.parametrize("words", ["x" * 5000, "日本語の文。" * 900, "``` " * 1500, "@a " * 2000])
def test_the_comment_fits_and_says_where_the_rest_is(words):
    shown = summary.as_markdown(diff(words, posts=400), AROUND)
    assert len(shown.encode()) <= summary.MOST < 65_536
    assert "Too long for a comment" in shown
    assert "the artifact `summary` of [the run](https://forge.example/team/news/actions/runs/7)" in shown
    assert shown.endswith("by itself.</sub>\n")
    harmless(shown.replace("日本語の文。", ""))


def test_what_stops_the_merge_is_shown_also_when_the_posts_are_too_long():
    shown = summary.as_markdown(diff("x" * 5000, posts=400))
    assert "### Stops the merge" in shown
    assert "### What goes out if this is merged now" in shown


def test_a_post_that_is_out_says_what_merging_does_not_do():
    assert "It is out. Merging changes our text, not theirs" in summary.as_markdown(diff())
    removed = diff(posts=0)
    gone = Change("removed", "a", "A", "content/calendar/a.md", "", "approved", sent=True)
    assert "takes nothing down" in summary.as_markdown(replace(removed, posts=(gone,)))
    renamed = replace(gone, what="renamed", was="b")
    assert "would be sent again" in summary.as_markdown(replace(removed, posts=(renamed,)))


def test_the_parts_of_a_thread_stand_on_one_line():
    rows = [Planned(f"a/bluesky/{number}", "a", "bluesky", "due", "Now.", NOW) for number in (1, 2, 3)]
    rows.append(replace(rows[0], delivery="a/blog", channel="blog"))
    shown = summary.as_markdown(replace(diff(posts=0), planned=tuple(rows)))
    assert "bluesky  a (3 parts): due. Now.\n" in shown
    assert "blog  a: due. Now.\n" in shown
    assert "4 deliveries go out with the next run" in shown


def test_a_change_of_the_workflow_itself_is_the_first_thing_said():
    shown = summary.as_markdown(diff(), replace(AROUND, own_rules=True))
    assert shown.index("made by its own version") < shown.index("###")


def test_what_differs_is_shown_line_by_line():
    change = replace(
        diff().posts[0], copies=(Copy("c", "C", (Text("One.\nTwo!", 9, None, fits=True),), ("One.\nTwo.",)),)
    )
    shown = summary.as_markdown(replace(diff(), posts=(change,)))
    assert "```diff\n@@ -1,2 +1,2 @@\n One.\n-Two.\n+Two!\n```" in shown


# --- JSON ------------------------------------------------------------------------------------------------------------


def plain(value):
    return value.value if isinstance(value, Level) else value.isoformat()


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_what_diff_prints_is_read_back_as_it_was(words):
    made = diff(words)
    again = summary.from_json(json.dumps(summary.as_json(made), default=plain).encode())
    assert again == made
    assert summary.as_markdown(again) == summary.as_markdown(made)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"base": 1}', b'{"base": "x", "now": "y"}',
        b'{"base":"b","now":"2026-11-24T09:00:00Z","zone":"z","team":"t","posts":[{"what":"owned"}]}',
        b'{"base":"b","now":"2026-11-24T09:00:00Z","zone":"z","team":"t","files":[1]}',
        b" " * (summary.MOST_READ + 1),
    ],
)  # fmt: skip
def test_what_is_not_a_summary_is_refused(text):
    with pytest.raises(UsageError):
        summary.from_json(text)


def test_an_instant_at_the_end_of_time_breaks_nothing():
    late = b'{"base":"b","now":"9999-12-31T23:59:59-12:00","zone":"z","team":"t"}'
    assert summary.as_markdown(summary.from_json(late))


@pytest.mark.parametrize("url", ["https://x.example/a) [b](c", "javascript:alert(1)", "https://x.example/\n@team", ""])
def test_an_address_that_could_end_a_link_is_refused(url):
    with pytest.raises(UsageError):
        summary.link(url)
