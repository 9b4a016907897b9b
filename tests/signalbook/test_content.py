"""From `content/` to documents: the folder decides the kind, and no file hides another."""

from __future__ import annotations

import os

import pytest

from signalbook import content
from signalbook.model import KINDS, Post
from tests import build as make
from tests.build import ZONE


def read(place):
    return content.read(place, ZONE, use_cache=False)


def told(found):
    return {(finding.path.rpartition("/")[2], finding.rule) for finding in found.findings}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_the_folder_decides_the_kind_and_folders_below_are_free(kind):
    assert content.kind_of(f"{kind.FOLDER}/x.md") is kind
    assert content.kind_of(f"{kind.FOLDER}/2026/deep/x.md") is kind
    assert content.kind_of(f"{kind.FOLDER}/README.md") is None
    assert content.kind_of(f"{kind.FOLDER}/index.md") is None


def test_markdown_elsewhere_is_an_ordinary_page_named_by_its_heading():
    thing, findings = content.parse("content/about/house.md", b"Hi\n\n# The house #\n", ZONE)
    assert (thing.title, findings) == ("The house", ())
    assert content.parse("content/about/open-hours.md", b"Hi", ZONE)[0].title == "Open hours"


def test_a_file_that_cannot_be_read_is_a_document_with_its_finding(tmp_path):
    place = make.workspace(tmp_path, {"calendar/good": make.post()})
    make.write(place.content / "calendar" / "broken.md", b"---\ntitle: [\n---\nBody stays\n")
    make.write(place.content / "calendar" / "plain.md", b"no front matter")
    make.write(place.content / "calendar" / "latin.md", b"---\ntitle: caf\xe9\n---\n")
    found = read(place)
    by_slug = {post.slug: post for post in found.documents[Post]}
    assert set(by_slug) == {"good", "broken", "plain", "latin"}
    assert by_slug["broken"].unreadable
    assert by_slug["broken"].body == "Body stays\n"
    assert told(found) == {(f"{name}.md", "front-matter") for name in ("broken", "plain", "latin")}


def test_slugs_that_differ_by_case_or_accents_alone_collide(tmp_path):
    place = make.workspace(
        tmp_path,
        {f"calendar/{name}": make.post() for name in ("Opening", "opening", "caf\u00e9", "sub/cafe\u0301", "other")},
    )
    assert sum("Another post is called" in finding.message for finding in read(place).findings) == 2


@pytest.mark.parametrize("name", ["two words", "a&b", "<b>", "-dash", "ä:ö", "'"])
def test_a_name_that_is_no_address_is_told_with_one_that_is(tmp_path, name):
    place = make.workspace(tmp_path, {f"calendar/{name}": make.post()})
    (finding,) = read(place).findings
    assert finding.rule == "slug"
    assert content._SLUG.fullmatch(content.slugified(name))


@pytest.mark.parametrize("name", ["opening", "2026-11-24-opening", "v1.2", "größe", "привет", "a_b"])
def test_a_name_in_any_script_is_a_slug(tmp_path, name):
    assert read(make.workspace(tmp_path, {f"calendar/{name}": make.post()})).findings == ()


def test_links_lead_nowhere_and_are_told(tmp_path):
    outside = make.write(tmp_path / "outside" / "secret.md", "---\ntitle: Secret\n---\n")
    place = make.workspace(tmp_path / "team", {"calendar/good": make.post()})
    (place.content / "calendar" / "file.md").symlink_to(outside)
    (place.content / "calendar" / "folder").symlink_to(outside.parent, target_is_directory=True)
    (place.content / "calendar" / "loop").symlink_to(place.content, target_is_directory=True)
    (place.content / "calendar" / "gone.md").symlink_to(tmp_path / "nowhere")
    found = read(place)
    assert [post.slug for post in found.documents[Post]] == ["good"]
    assert [finding.rule for finding in found.findings] == ["link"] * 4


def test_hidden_files_and_pipes_are_passed_over(tmp_path):
    place = make.workspace(tmp_path)
    make.write(place.content / "calendar" / ".draft.md", "x")
    make.write(place.content / ".obsidian" / "x.md", "x")
    os.mkfifo(place.content / "calendar" / "pipe.md")
    found = read(place)
    assert found.documents[Post] == ()
    assert found.findings == ()


def test_other_files_are_listed_and_not_read(tmp_path):
    place = make.workspace(tmp_path)
    make.write(place.content / "media" / "door.png", b"\xff")
    assert read(place).files == ("content/media/door.png",)


def test_a_workspace_without_content_is_empty(tmp_path):
    found = content.read(make.Workspace(tmp_path), ZONE)
    assert found.findings == ()
    assert not any(found.documents.values())


@pytest.mark.parametrize(
    ("text", "slug"), [("Große Öffnung!", "grosse-offnung"), ("日本", "untitled"), ("a" * 99, "a" * 60), ("--A--", "a")]
)
def test_any_text_becomes_a_name(text, slug):
    assert content.slugified(text) == slug
