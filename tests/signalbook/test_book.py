"""The Book: everything a workspace holds, one question away."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from signalbook import book as books
from signalbook import decode, workspace
from signalbook.errors import SettingsError
from signalbook.model import KINDS, Asset, Campaign, Event, Person, Plan, Post
from signalbook.model.base import Url
from tests import build as make


def test_a_document_is_found_by_its_slug_whatever_the_case(tmp_path):
    book = make.book(make.workspace(tmp_path, {"calendar/Opening": make.post()}))
    assert book.get(Post, "opening") is book.get(Post, "OPENING") is book.by_path("content/calendar/Opening.md")
    assert book.get(Post, "nothing") is book.get(Post, None) is book.get(Event, "opening") is None


def test_a_role_is_called_by_its_title_or_by_its_slug(tmp_path):
    book = make.book(make.workspace(tmp_path))
    assert book.person("writer") == "Writer"
    assert book.person("duty-officer") == "Duty officer"
    assert book.person(None) == ""


def test_references_are_followed_from_both_ends(tmp_path):
    book = make.book(
        make.workspace(
            tmp_path,
            {
                "calendar/a": make.post(
                    campaign="Spring", reuse_of="picture", media=[{"src": "x.png", "rights": "picture"}]
                ),
                "plans/campaigns/spring": {"title": "Spring", "owner": "writer"},
                "plans/assets/picture": {"title": "Picture", "owner": "writer"},
            },
        )
    )
    post = book.get(Post, "a")
    assert {(link.field, link.slug) for link in book.links() if link.source is post} == {
        ("owner", "writer"), ("campaign", "Spring"), ("reuse_of", "picture"), ("media.0.rights", "picture"),
    }  # fmt: skip
    assert [link.field for link in book.backlinks(book.get(Campaign, "spring"))] == ["campaign"]
    assert {link.field for link in book.backlinks(book.get(Asset, "picture"))} == {"reuse_of", "media.0.rights"}
    assert {link.source.slug for link in book.backlinks(book.get(Person, "writer"))} == {"a", "spring", "picture"}, (
        "not itself"
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_every_reference_a_kind_declares_is_a_link(kind, tmp_path):
    """Derived from the declaration, so that a new field is linked without anybody's doing."""
    front = make.full(
        kind, lambda of, _: "https://x.example/" if of is Url else "w", names=lambda found: f"to-{found.KIND}"
    )
    document, wrongs = decode.decode(kind, front, zone=make.ZONE, slug="x", marks={})
    assert wrongs == []
    declared = {path for path, tp in references(kind)}
    found = {
        ".".join(part for part in path.split(".") if not part.isdigit() and part not in {"w", "plain"})
        for path, _, _ in books.references(document)
    }
    assert found == declared


def references(cls, prefix=""):
    for key in decode.fields_of(cls):
        tp = decode.type_of(cls, key)
        inner = tp.__args__[0] if getattr(tp, "__origin__", None) is tuple else tp
        if getattr(tp, "__origin__", None) is Mapping:
            inner = tp.__args__[1]
        if decode.kinds_of(inner):
            yield prefix + key, inner
        elif (part := decode._part(tp)) is not None:
            yield from references(part, f"{prefix}{key}.")


def test_equal_workspaces_make_equal_digests_and_an_edit_another(tmp_path):
    one, other = (make.workspace(tmp_path / name, {"calendar/a": make.post()}) for name in "ab")
    assert make.book(one).digest == make.book(other).digest
    make.document(other, "calendar/a", make.post(body="Other words.\n"))
    assert make.book(one).digest != make.book(other).digest


def test_the_workspace_is_found_from_anywhere_inside(tmp_path):
    place = make.workspace(tmp_path / "team", {"calendar/a": make.post()})
    assert workspace.find(place.content / "calendar").root == place.root.resolve()
    assert workspace.find(place.root).root == place.root.resolve()
    with pytest.raises(SettingsError, match="Name it: -C team"):
        workspace.find(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="signalbook new"):
        workspace.find(tmp_path / "empty")


def test_a_book_is_read_again_the_same_from_what_was_kept(tmp_path):
    place = make.workspace(tmp_path, {"calendar/a": make.post(), "plans/p": {"title": "P", "owner": "writer"}})
    first = books.load(place)
    again = books.load(place)
    assert again.documents == first.documents
    assert again.findings == first.findings == make.book(place).findings
    assert again.get(Plan, "p").title == "P"
