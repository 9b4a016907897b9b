"""Every kind has an index and a page, every reference a way back, every problem its place on the page."""

from __future__ import annotations

import re
from html import unescape
from os.path import relpath
from pathlib import Path

import pytest

from signalbook.model import KINDS, Document, Post
from signalbook.model.base import Url
from site_plugins.build import Built, build
from site_plugins.site import folder_of
from tests import build as make


def full(kind: type[Document], turn: int) -> dict[str, object]:
    """A document that holds everything and leads to one of every kind."""
    front = make.full(
        kind,
        lambda of, key: "https://harbour.example/a" if of is Url else f"{key} of {kind.KIND}",
        turn=turn,
        names=lambda found: f"{found.KIND}-0",
    )
    more = {"channels": ["blog", "bluesky"], "publish_at": "2026-11-25 10:00"} if kind is Post else {}
    return (
        front
        | more
        | {
            "title": f"The {kind.KIND} {turn}",
            "audiences": [],
            "owner": "writer",
            "body": f"Words of {kind.KIND} {turn}.\n",
        }
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Built:
    documents = {f"{kind.FOLDER}/{kind.KIND}-{turn}": full(kind, turn) for kind in KINDS for turn in range(2)}
    return build(make.workspace(tmp_path_factory.mktemp("kinds"), documents))


def text(done: Built, address: str) -> str:
    return (done.site_dir / address).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_a_kind_has_a_page_for_every_document(done: Built, kind: type[Document]) -> None:
    for turn in range(2):
        page = text(done, f"{folder_of(kind)}/{kind.KIND}-{turn}.html")
        assert f"The {kind.KIND} {turn}" in page
        assert f"Words of {kind.KIND} {turn}." in page
        assert f"content/{kind.FOLDER}/{kind.KIND}-{turn}.md" in page
        assert page.count("<h1") == 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Post], ids=lambda kind: kind.KIND)
def test_a_kind_has_an_index_that_leads_to_every_document(done: Built, kind: type[Document]) -> None:
    """Posts have the calendar."""
    page = text(done, f"{folder_of(kind)}/index.html")
    for turn in range(2):
        assert f'href="{kind.KIND}-{turn}.html"' in page


def test_a_reference_is_a_link_on_both_pages(done: Built) -> None:
    """Whatever leads to a document stands on its page."""
    book = make.book(make.Workspace(done.site_dir.parent))
    for document in book.everything():
        page = text(done, f"{folder_of(type(document))}/{document.slug}.html")
        for source in {link.source.path: link.source for link in book.backlinks(document)}.values():
            way = relpath(f"{folder_of(type(source))}/{source.slug}.html", folder_of(type(document)))
            assert f'href="{way}' in page, f"{document.path} does not name {source.path}"


def test_a_finding_stands_on_the_page_of_its_document(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"plans/campaigns/spring": {"title": "Spring", "owner": "nobody", "nonsense": 1}})
    page = unescape(text(build(place), "plans/campaigns/spring.html"))
    assert (
        "`nonsense` is not a field" in page
        or "nonsense</code> is not a field" in page
        or "nonsense is not a field" in page
    )
    assert "nobody" in page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_a_document_that_cannot_be_read_has_a_page_that_says_why(tmp_path: Path, kind: type[Document]) -> None:
    place = make.workspace(tmp_path)
    make.write(place.content / kind.FOLDER / "broken.md", "---\ntitle: [open\n---\nThe text stays.\n")
    page = text(build(place), f"{folder_of(kind)}/broken.html")
    assert "The front matter cannot be read" in page
    assert "broken" in page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
def test_an_empty_document_has_a_page(tmp_path: Path, kind: type[Document]) -> None:
    place = make.workspace(tmp_path)
    make.write(place.content / kind.FOLDER / "bare.md", "---\n---\n")
    assert "<h1" in text(build(place), f"{folder_of(kind)}/bare.html")


def test_no_page_of_a_full_workspace_leads_nowhere(done: Built) -> None:
    wrong = []
    for path in done.site_dir.rglob("*.html"):
        if path.name == "404.html":
            continue
        found = path.read_text(encoding="utf-8")
        ids = set(re.findall(r'\bid="([^"]+)"', found))
        for address in re.findall(r'(?:href|src)="([^"]*)"', found):
            target, _, anchor = unescape(address).partition("#")
            target = target.partition("?")[0]
            if not target:
                wrong += [f"{path.name}: #{anchor}"] if anchor and anchor not in ids else []
            elif (
                "://" not in target
                and not target.startswith("mailto:")
                and not (path.parent / target).resolve().exists()
            ):
                wrong.append(f"{path.name}: {address}")
    assert wrong == []


def test_a_slug_called_index_does_not_replace_the_index(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"plans/audiences/Index-of-all": {"title": "A", "owner": "writer"}})
    make.write(place.content / "plans" / "audiences" / "index.md", "# Our readers\n\nAn ordinary page.\n")
    site = build(place).site_dir
    assert (site / "plans" / "audiences" / "index.html").is_file()
    assert "An ordinary page" in "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
