"""Front matter: nothing is guessed, nothing is copied unseen, every problem says its line."""

from __future__ import annotations

import time

import pytest

from signalbook import frontmatter


def split(head: str) -> frontmatter.Split:
    return frontmatter.split(f"---\n{head}\n---\nBody\n")


@pytest.mark.parametrize(
    ("written", "value"),
    [("12:30", "12:30"), ("no", "no"), ("on", "on"), ("yes", "yes"), ("2026-11-24", "2026-11-24"), ("1_000", "1_000"),
     ("0x1F", "0x1F"), ("007", "007"), ("1e3", "1e3"), (".5", ".5"), ("3", 3), ("-3", -3), ("2.50", 2.5), ("true", True),
     ("FALSE", False), ("~", None), ("", None), ("'3'", "3"), ('"true"', "true"), ("[a, 1]", ["a", 1]), ("{a: 1}", {"a": 1})],
)  # fmt: skip
def test_a_value_is_what_it_looks_like(written, value):
    assert split(f"key: {written}").values == {"key": value}


@pytest.mark.parametrize(
    ("head", "line", "word"),
    [
        ("title: A\ntitle: B", 3, "line 2"),
        ("a: &x 1\nb: *x", 2, "aliases"),
        ("a: {<<: {b: 1}}", 2, "<<"),
        ("title: Doors: seven", 2, "colon"),
        ("title: 'open", 2, "closed"),
        ("media: [a, b", 2, "bracket"),
        ("\ttitle: x", 2, "tab"),
        ("a: !!python/object/apply:os.system [x]", 2, "tag"),
        ("- a\n- b", 2, "fields"),
        ("just words", 2, "fields"),
        ("[a]: b", 2, "name"),
    ],
)
def test_a_problem_says_its_line_and_what_to_write(head, line, word):
    taken = split(head)
    told = [trouble for trouble in taken.troubles if word.lower() in f"{trouble.message} {trouble.remedy}".lower()]
    assert told, taken.troubles
    assert told[0].mark[0] == line or told[0].fatal
    assert told[0].remedy
    assert taken.body == "Body\n"


@pytest.mark.parametrize(
    "head",
    ["a: " + "[" * 20_000, "a: " + "{b: " * 3_000, "- " * 5_000 + "x", "\n".join("  " * n + "a:" for n in range(2_000)),
     "a: &a [x]\n" + "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(20)),
     "\n".join(f"k{n}: 1" for n in range(50_000)), "a: " + "x" * 10_000_000, "? " * 5_000, "a: '" + "\\" * 50_000],
    ids=["brackets", "braces", "dashes", "indent", "aliases", "keys", "long", "questions", "backslashes"],
)  # fmt: skip
def test_a_bomb_is_a_trouble_within_two_seconds(head):
    start = time.process_time()
    taken = split(head)
    assert time.process_time() - start < 2
    assert not taken.readable or taken.troubles == ()
    assert taken.body == "Body\n"


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"\xff\xfe-\x00", "UTF-16"), (b"---\ntitle: caf\xe9\n---\n", "0xE9"), (b"x" * 2_000_001, "MB")],
)
def test_a_file_of_another_encoding_or_size_says_so(data, word):
    text, trouble = frontmatter.text_of(data)
    assert text == ""
    assert trouble is not None
    assert word in trouble.message


def test_the_place_of_a_wrong_byte_is_told():
    _, trouble = frontmatter.text_of(b"---\ntitle: caf\xe9\n")
    assert trouble is not None
    assert trouble.mark == (2, 11)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ends_of_lines_and_a_byte_order_mark_change_nothing(end, mark):
    text, trouble = frontmatter.text_of(mark + f"---{end}title: A{end}---{end}One{end}Two".encode())
    taken = frontmatter.split(text)
    assert trouble is None
    assert (taken.values, taken.body, taken.body_line) == ({"title": "A"}, "One\nTwo", 4)


def test_front_matter_without_an_end_is_told():
    taken = frontmatter.split("---\ntitle: A\n")
    assert not taken.readable
    assert "never ends" in taken.troubles[0].message


def test_a_text_without_front_matter_is_all_body():
    taken = frontmatter.split("# Title\n\n---\n\nmore\n")
    assert (taken.present, taken.values, taken.body_line) == (False, {}, 1)
    assert taken.body.startswith("# Title")


def test_every_field_knows_its_line_and_column():
    taken = split("title: A\nmedia:\n  - src: a.png\n    alt: b\n  - {src: c}")
    assert taken.marks["media.0.alt"] == (5, 5)
    assert taken.marks["media.1"] == (6, 5)
    assert taken.marks["media.1.src"] == (6, 6)


@pytest.mark.parametrize(
    "head",
    ['title: A\nchannels: [blog, bluesky]\nmedia:\n  - {src: a.png, alt: "Our mark: a book", tags: [x, y]}\n  - src: b\n    alt: c',
     "labels:\n- a\n- 'b: c'\n\nlink: https://a.example/b", "utm:\n  source: x\n  term:\ntitle: What? No",
     "title: A # words\n# by: \nneeds: []  # - {x: }\nmedia: # more\n  # one\n  - a"],
)  # fmt: skip
def test_what_is_written_plainly_is_read_without_the_library(head):
    assert frontmatter.plainly(f"\n{head}\n")
    assert frontmatter.plainly(f"\n{head}\nlast: &a x\n") is None


def test_what_is_remembered_of_a_line_is_nobodys():
    first = split("labels: [a]\nmedia:\n  - {src: x, tags: [y]}")
    first.values["labels"].append("b")
    first.values["media"][0]["tags"].append("z")
    assert split("labels: [a]\nmedia:\n  - {src: x, tags: [y]}").values == {
        "labels": ["a"], "media": [{"src": "x", "tags": ["y"]}],
    }  # fmt: skip
