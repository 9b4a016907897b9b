"""The one comment below a pull request: written with rights, from a stranger's data."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import comment, forge, http, pictures, summary
from pipelines.diff import Change, Copy, Diff, Picture, Text
from signalbook.errors import ConnectorError, SettingsError, UsageError
from tests import forge as double

SHA, OLD = "a" * 40, "b" * 40
DIFF = Diff(
    base="c" * 40, now=datetime(2026, 11, 24, 9, tzinfo=UTC), zone="Europe/Berlin", team="Harbour",
    posts=(Change("added", "opening", "Doors open", "content/calendar/opening.md", "approved"),),
)  # fmt: skip


@pytest.fixture
def there(tmp_path):
    with double.serve(tmp_path / "forge") as made:
        yield made


@pytest.fixture
def ask(there):
    with http.client(timeout_s=10) as client:
        yield forge.here(there.environment, client)


def plain(value):
    return getattr(value, "value", None) or value.isoformat()


def written(diff=DIFF):
    return json.dumps(summary.as_json(diff), default=plain).encode()


def checked(there, *, number=7, run=70, sha=SHA, diff=DIFF, **more):
    """A run of the check workflow that left its summary."""
    there.pull(number, sha)
    there.run(run, sha, **more)
    there.artifact(run, "summary", {"changes.json": written(diff), "number": f"{number}\n".encode()})


def test_the_first_run_writes_the_comment_and_the_next_changes_it(there, ask):
    checked(there)
    assert comment.run(ask, 70).what == "created"
    checked(there, run=71, sha=OLD, diff=replace(DIFF, posts=(replace(DIFF.posts[0], status="review"),)))
    assert comment.run(ask, 71).what == "updated"
    [body] = there.said(7)
    assert body.startswith(summary.MARK)
    assert "`review`" in body
    assert f"[this run]({there.url}/harbour/news/actions/runs/71)" in body


LOUD = "<script>alert(1)</script> ]]> @harbour ](https://x.example) \u202e \x1b &amp; 🌊"
SHOWN = replace(
    DIFF,
    posts=(replace(DIFF.posts[0], copies=(
        Copy("bluesky", "Bluesky <b>", (Text(LOUD, 80, 300, fits=True),), network="bluesky"),
        Copy("mastodon", "Mastodon", (Text("Short.", 6, 500, fits=True),), network="mastodon"),
        Copy("office", "Office", ()),
    )),),
)  # fmt: skip


def test_the_comment_shows_each_post_as_a_picture_that_we_drew(there, ask):
    checked(there, diff=SHOWN)
    comment.run(ask, 70)
    held = there.branch(comment.BRANCH)
    [body] = there.said(7)
    shown = re.findall(r"!\[The post as a picture\]\(([^)]*)\)", body)
    assert len(held) == 2
    assert {address.rpartition("/")[2] for address in shown} == set(held)
    assert all(address.startswith(f"{there.url}/harbour/news/raw/signalbook-previews/") for address in shown)


def test_a_picture_holds_letters_and_shapes_and_nothing_that_somebody_wrote_can_be_more(there, ask):
    checked(there, diff=SHOWN)
    comment.run(ask, 70)
    for text in there.branch(comment.BRANCH).values():
        tree = ET.fromstring(text)  # noqa: S314 - our own, a moment old
        assert {one.tag.rpartition("}")[2] for one in tree.iter()} <= {"svg", "style", "rect", "circle", "text"}
        allowed = {"width", "height", "viewBox", "x", "y", "cx", "cy", "r", "rx", "class"}
        assert {key.rpartition("}")[2] for one in tree.iter() for key in one.attrib} <= allowed | {"space"}
        assert "url(" not in text
        assert "\u202e" not in text
    assert any("&lt;script&gt;alert(1)" in text for text in there.branch(comment.BRANCH).values())


def test_the_same_pictures_are_kept_once_and_others_beside_them(there, ask):
    checked(there, diff=SHOWN)
    comment.run(ask, 70)
    before = there.get("git.json")["refs"]
    checked(there, run=71, diff=SHOWN)
    assert comment.run(ask, 71).what == "unchanged"
    assert there.get("git.json")["refs"] == before
    other = replace(SHOWN.posts[0], copies=(replace(SHOWN.posts[0].copies[1], name="Mastodon two"),))
    checked(there, number=8, run=72, sha=OLD, diff=replace(SHOWN, posts=(other,)))
    comment.run(ask, 72)
    assert len(there.branch(comment.BRANCH)) == 3


def test_a_picture_has_the_colours_that_the_site_gives_its_network():
    sheet = (Path(__file__).parents[2] / "site_plugins/assets/signalbook.css").read_text(encoding="utf-8")
    drawn = pictures.drawn(SHOWN.posts[0], SHOWN.posts[0].copies[0])
    fills = re.findall(r"\.n\{fill:(#[0-9a-f]{6})\}", drawn)
    assert len(fills) == 2, "light and dark"
    assert all(fill in sheet for fill in fills)


def test_a_token_that_may_not_write_leaves_the_comment_without_pictures(there, ask):
    there.may_write = False
    checked(there, diff=SHOWN)
    assert comment.run(ask, 70).what == "created"
    assert "![" not in there.said(7)[0]
    assert there.branch(comment.BRANCH) == {}


def test_a_run_that_was_overtaken_adds_its_pictures_on_top(there, ask):
    """Between reading the branch and moving it, another run moved it."""
    comment.keep(ask, ["<svg>first</svg>"])
    there.meanwhile = {"other.svg": "<svg>other</svg>"}
    [name] = comment.keep(ask, ["<svg>second</svg>"])
    assert set(there.branch(comment.BRANCH)) >= {name, "other.svg"}
    assert len(there.branch(comment.BRANCH)) == 3


def test_a_picture_of_a_long_thread_stays_small_and_says_what_is_left_out():
    endless = Copy("x", "X" * 400, tuple(Text("wör" * 3000, 9000, 280, fits=False) for _ in range(40)))
    drawn = pictures.drawn(SHOWN.posts[0], endless)
    assert len(drawn.encode()) < comment.MOST_DRAWN
    assert "more lines" in drawn
    assert "… and 30 more parts" in drawn
    assert "9,000 of 280: too long" in drawn


@given(st.text(max_size=400), st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_gives_a_picture_that_can_be_read(words, fold):
    copy = Copy(
        "x", words, (Text(words, 1, None, fits=True, fold=fold),), more=(("title", words), ("link card", words))
    )
    post = replace(SHOWN.posts[0], media=(Picture(words, words),))
    tree = ET.fromstring(pictures.drawn(post, copy))  # noqa: S314 - our own, a moment old
    assert tree.tag.endswith("svg")


def test_a_run_with_nothing_new_to_say_writes_nothing(there, ask):
    checked(there)
    comment.run(ask, 70)
    checked(there, run=71, diff=replace(DIFF, now=datetime(2026, 11, 24, 10, tzinfo=UTC)))
    assert comment.run(ask, 71).what == "unchanged"
    assert [method for method, _ in there.asked if method != "GET"] == ["POST"]


def test_a_change_of_nothing_that_goes_out_gets_no_comment_until_there_is_one(there, ask):
    quiet = replace(DIFF, posts=())
    checked(there, diff=quiet)
    assert comment.run(ask, 70).what == "unchanged"
    assert there.said(7) == []
    checked(there, run=71)
    comment.run(ask, 71)
    checked(there, run=72, diff=quiet)
    assert comment.run(ask, 72).what == "updated"
    assert "It changes no post." in there.said(7)[0]


def test_a_run_for_an_older_commit_is_not_told(there, ask):
    checked(there, sha=OLD)
    there.pull(7, SHA)
    assert comment.run(ask, 70).what == "skipped"
    assert there.said(7) == []


def test_a_number_that_is_not_the_runs_own_gets_nothing(there, ask):
    """A stranger's run may name any pull request; only the one with its commit counts."""
    checked(there)
    there.pull(8, "d" * 40)
    there.artifact(70, "summary", {"number": b"8"})
    assert comment.run(ask, 70).what == "skipped"
    assert there.comments == []


@pytest.mark.parametrize("more", [{"event": "push"}, {"event": "workflow_dispatch"}, {"event": "pull_request_target"}])
def test_a_run_for_anything_else_is_left_alone(there, ask, more):
    checked(there, **more)
    assert comment.run(ask, 70).what == "skipped"
    assert there.comments == []


def test_a_closed_pull_request_is_left_alone(there, ask):
    checked(there)
    there.pull(7, SHA, state="closed")
    assert comment.run(ask, 70).what == "skipped"


def test_somebody_elses_comment_with_our_mark_is_not_ours(there, ask):
    checked(there)
    there.say(7, f"{summary.MARK}\nApproved by everybody.", login="stranger")
    assert comment.run(ask, 70).what == "created"
    assert len(there.said(7)) == 2
    assert there.said(7)[0].endswith("Approved by everybody.")


def test_our_comment_is_found_behind_a_hundred_others(there, ask):
    checked(there)
    for _ in range(120):
        there.say(7, "Looks good.", login="colleague")
    there.say(7, f"{summary.MARK}\nold")
    assert comment.run(ask, 70).what == "updated"
    assert len(there.said(7)) == 121


@pytest.mark.parametrize(
    "path", [".github/workflows/check.yml", "pyproject.toml", "requirements/site.txt", "ours/rule.py"]
)
def test_a_change_of_what_makes_the_summary_is_said_above_it(there, ask, path):
    checked(there)
    there.put("files/7.json", [{"filename": "content/calendar/a.md"}, {"filename": path}])
    comment.run(ask, 70)
    assert "made by its own version" in there.said(7)[0]


def test_a_renamed_workflow_counts_as_touched(there, ask):
    checked(there)
    there.put("files/7.json", [{"filename": "x.yml", "previous_filename": ".github/workflows/check.yml"}])
    comment.run(ask, 70)
    assert "made by its own version" in there.said(7)[0]


def test_more_files_than_the_forge_lists_count_as_touched(there, ask):
    checked(there)
    there.put("files/7.json", [{"filename": f"content/{number}.md"} for number in range(3100)])
    comment.run(ask, 70)
    assert "made by its own version" in there.said(7)[0]


def test_the_artifact_is_fetched_from_the_store_without_our_token(there, ask):
    """The double answers 400 when the token comes along."""
    checked(there)
    comment.run(ask, 70)
    assert ("GET", "/stored/1") in there.asked


def test_a_run_that_left_nothing_is_skipped(there, ask):
    there.run(70, SHA)
    assert comment.run(ask, 70).what == "skipped"


# --- what a stranger may put into the archive ------------------------------------------------------------------------


def archive(*entries):
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")  # a name twice is one of the cases
        for name, content in entries:
            file.writestr(name, content)
    return made.getvalue()


GOOD = ("changes.json", b"{}")


def test_other_files_in_the_archive_are_not_looked_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = comment.opened(archive(GOOD, ("number", "12"), ("../../evil", "x"), ("/etc/evil", "x"), ("a/number", "13")))
    assert found == (b"{}", 12)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no archive",
        archive(GOOD),
        archive(("number", "1")),
        archive(GOOD, ("number", "1"), ("number", "2")),
        archive(GOOD, ("number", "0")),
        archive(GOOD, ("number", "-1")),
        archive(GOOD, ("number", "1\n2")),
        archive(GOOD, ("number", "1/../2")),
        archive(GOOD, ("number", "\u0661")),
        archive(GOOD, ("number", "1" * 40)),
        archive(("changes.json", b" " * (summary.MOST_READ + 1)), ("number", "1")),
    ],
)
def test_an_archive_of_another_shape_is_refused(content):
    with pytest.raises(UsageError):
        comment.opened(content)


def test_an_archive_that_lies_about_its_length_is_refused():
    honest = archive(("changes.json", b" " * (summary.MOST_READ + 1)), ("number", "1"))
    size = (summary.MOST_READ + 1).to_bytes(4, "little")
    with pytest.raises(UsageError):
        comment.opened(honest.replace(size, (10).to_bytes(4, "little")))


def test_an_artifact_that_is_too_long_is_not_fetched(there, ask):
    checked(there)
    there.artifact(70, "summary", {"ballast": b"x" * (forge.MOST_ARCHIVE + 1)})
    with pytest.raises(ConnectorError, match="not read"):
        comment.run(ask, 70)
    assert not any(path.startswith("/stored/") for _, path in there.asked)


# --- which forge, and whose token ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remote", "api", "repository"),
    [
        ("https://github.com/harbour/news.git", "https://api.github.com", "harbour/news"),
        ("git@github.com:harbour/news.git", "https://api.github.com", "harbour/news"),
        ("ssh://git@forge.example:2222/harbour/news.git", "https://forge.example/api/v1", "harbour/news"),
        ("https://user:secret@forge.example/harbour/news", "https://forge.example/api/v1", "harbour/news"),
    ],
)
def test_a_remote_tells_the_forge(remote, api, repository):
    found = forge.of({}, http.Client(), remote)
    assert (found.api, found.repository) == (api, repository)


@pytest.mark.parametrize(
    "remote", ["", "../forge.git", "/srv/git/news.git", "file:///srv/news.git", "https://forge.example/"]
)
def test_a_folder_is_no_forge(remote):
    assert forge.of({}, http.Client(), remote) is None


def test_a_token_goes_to_no_forge_it_was_not_made_for():
    given = {"GH_TOKEN": "secret-1", "GITHUB_TOKEN": "secret-1", "FORGEJO_TOKEN": "own"}
    assert forge.of(given, http.Client(), "https://forge.example/a/b").token == "own"
    assert forge.of({"GH_TOKEN": "secret-1"}, http.Client(), "https://forge.example/a/b").token == ""
    assert forge.of(given, http.Client(), "https://github.com/a/b").token == "secret-1"
    assert "secret-1" not in repr(forge.of(given, http.Client(), "https://github.com/a/b"))


def test_outside_a_workflow_the_command_says_what_it_needs():
    with pytest.raises(SettingsError, match="GH_TOKEN"):
        forge.here({}, http.Client())
