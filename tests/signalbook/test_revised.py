"""What a new version of a document changed, as people would say it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook.frontmatter import dump
from signalbook.revised import Revised, differences


def file(body: str = "", **values: object) -> bytes:
    return f"---\n{dump(values)}---\n{body}".encode()


def test_a_field_is_changed_added_or_taken_out_and_the_state_is_not_told() -> None:
    was = file(title="One", status="draft", owner="writer", budget={"planned": 5, "spent": 0})
    now = file(title="One", status="approved", owner="editor", budget={"planned": 5, "spent": 2}, tier=1)
    assert differences(was, now) == (
        Revised("owner", "changed", "writer", "editor"),
        Revised("budget.spent", "changed", 0, 2),
        Revised("tier", "added", None, 1),
    )
    assert Revised("tier", "removed", 1, None) in differences(now, was)


def test_a_field_that_says_nothing_is_no_field() -> None:
    assert differences(file(a="", b=[]), file(b=None)) == ()
    assert differences(file(a=""), file(a="x")) == (Revised("a", "added", None, "x"),)


def test_a_list_of_words_tells_what_came_and_what_went() -> None:
    (one,) = differences(file(channels=["a", "b"]), file(channels=["b", "c"]))
    assert one == Revised("channels", "changed", ("a",), ("c",))
    assert differences(file(channels=["a", "b"]), file(channels=["b", "a"])) == (Revised("channels"),)


def test_groups_in_a_list_are_told_apart_by_their_names() -> None:
    was = file(actions=[{"what": "call", "owner": "a"}, {"what": "write", "owner": "a"}])
    now = file(actions=[{"what": "write", "owner": "b"}, {"what": "wait", "owner": "a"}])
    assert differences(was, now) == (
        Revised("actions", "changed", ("call",), ("wait",)),
        Revised("actions.write.owner", "changed", "a", "b"),
    )
    assert differences(file(x=[{"y": 1}]), file(x=[{"y": 2}])) == (Revised("x"),)


def test_a_text_tells_how_many_words_came_and_went_and_a_moved_sentence_is_neither() -> None:
    assert differences(file("one two three\n"), file("one three four five\n")) == (Revised("body", new=2, gone=1),)
    (moved,) = differences(file("one two\n\nthree four\n"), file("three four\n\none two\n"))
    assert (moved.new, moved.gone) == (0, 0)
    long = "word " * 30
    assert differences(file(summary=long), file(summary=long + "more")) == (Revised("summary", new=1),)


def test_a_version_that_cannot_be_read_is_one_without_fields() -> None:
    for broken in (
        b"\xff\xfe\x00",
        b"---\na: [\n---\n",
        b"---\nnever ends",
        b"",
        b"---\n" + b"[" * 20_000 + b"\n---\n",
    ):
        assert all(one.how == "added" or one.field == "body" for one in differences(broken, file(title="x")))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("abc -\n", max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcwhat"), inner, max_size=3),
    max_leaves=8,
)
_FILES = st.dictionaries(st.sampled_from(["title", "status", "x", "y"]), _VALUES, max_size=4)


@given(_FILES, _FILES)
@settings(deadline=None)
def test_any_two_versions_compare_and_one_equals_itself(was: dict[str, object], now: dict[str, object]) -> None:
    assert differences(file(**was), file(**was)) == ()
    assert all(one.field for one in differences(file(**was), file(**now)))
