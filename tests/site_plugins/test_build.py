"""A site from a small workspace: the same by every way, only what changed, and nothing that is not ours."""

from __future__ import annotations

import os
import random
import re
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signalbook.errors import SettingsError
from signalbook.model import KINDS
from signalbook.workspace import Workspace
from site_plugins import components, conf, frame
from site_plugins.build import build
from site_plugins.manifest import SiteFolderError
from site_plugins.pages import Page, href, inside, prefix
from tests.site_plugins.small import MKDOCS, post, room, workspace, write

POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'; object-src 'none'; base-uri 'self'\">"
)


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def cold(root: Path, site: Path) -> dict[str, bytes]:
    """What a build without anything kept would write."""
    copy = site.parent / f"{site.name}-cold"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".cache", "site"))
    build(Workspace(copy), site_dir=site.parent / f"{site.name}-cold-site", rooms=[room])
    return tree(site.parent / f"{site.name}-cold-site")


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return workspace(tmp_path / "team")


def test_every_page_has_its_title_its_policy_and_its_ways(place: Workspace) -> None:
    done = build(place, rooms=[room])
    site = tree(done.site_dir)
    html = {name: data.decode() for name, data in site.items() if name.endswith(".html")}
    assert {"index.html", "404.html", "calendar/index.html", "calendar/posts/post-0.html", "guide/index.html",
            "about/team.html"} <= set(html)  # fmt: skip
    for name, text in html.items():
        assert text.index(POLICY) < text.index("<title>"), name
        assert text.count("<title>") == text.count("<h1>") == 1, name
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text), name
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|data:", text), name
        assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text), name


def test_every_address_in_every_page_leads_somewhere(place: Workspace) -> None:
    site = build(place, rooms=[room]).site_dir
    for name in ("index.html", "calendar/posts/post-0.html", "about/team.html", "guide/index.html"):
        text = (site / name).read_text()
        for address in re.findall(r'(?:href|src)="([^"#?]+)', text):
            if "://" not in address:
                assert ((site / name).parent / address).resolve().is_file(), f"{name}: {address}"


def test_the_lost_page_works_at_any_depth(place: Workspace) -> None:
    text = (build(place, rooms=[room]).site_dir / "404.html").read_text()
    ways = re.findall(r'(?:href|src)="([^"#]+)"', text)
    assert all(way.startswith("/news/") for way in ways)


def test_nothing_is_foreign(place: Workspace) -> None:
    site = tree(build(place, rooms=[room]).site_dir)
    known = {"harbour.example", "forge.example", "example.org", "www.w3.org", "www.sitemaps.org"}
    for name, data in site.items():
        if name.endswith((".html", ".css", ".svg", ".xml")):
            hosts = set(re.findall(rb"https?://([\w.-]+)", data))
            assert {host.decode() for host in hosts} <= known, name


def test_what_did_not_change_is_not_written(place: Workspace) -> None:
    build(place, rooms=[room])
    again = build(place, rooms=[room])
    assert (again.written, again.removed) == ((), ())


def test_an_edit_writes_its_page_and_the_search(place: Workspace) -> None:
    build(place, rooms=[room])
    post(place.root, 1, body="Other copy.")
    assert set(build(place, rooms=[room]).written) == {"calendar/posts/post-1.html", "search/search_index.json"}


def test_a_body_is_made_only_when_its_key_is_new(place: Workspace) -> None:
    made: list[str] = []

    def counted(book, now, site):
        for page in room(book, now, site):
            if isinstance(page, Page) and page.key:
                yield Page(
                    page.address, page.title, page.section, lambda p=page: made.append(p.address) or p.body(), page.key
                )

    build(place, rooms=[counted])
    assert len(made) == 3
    made.clear()
    build(place, rooms=[counted])
    assert made == []
    # Another frame, the same bodies: they are taken from the pages that are there.
    incident(place.root)
    done = build(place, rooms=[counted])
    assert made == []
    assert "calendar/posts/post-0.html" in done.written
    assert "Oven fire" in (done.site_dir / "calendar/posts/post-0.html").read_text()
    assert tree(done.site_dir).keys() >= {"calendar/posts/post-0.html"}


def incident(root: Path) -> None:
    write(
        root / "content/policies/incidents/oven.md",
        "---\ntitle: Oven fire\nowner: writer\nstatus: open\nseverity: S2\ndetected_at: 2026-11-23 08:00\n---\n",
    )


def test_warm_and_cold_builds_agree_after_many_changes(place: Workspace, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    site = tmp_path / "warm"
    for step in range(40):
        for _ in range(chance.randint(1, 4)):
            act = chance.choice(["add", "edit", "remove", "rename", "page", "incident", "calm", "setting", "damage"])
            posts = sorted(place.content.glob("calendar/*.md"))
            one = chance.choice(posts) if posts else post(place.root, 0)
            if act == "add":
                post(place.root, chance.randint(0, 30), title=f"Added {step}")
            elif act == "edit":
                text = one.read_text() if one.exists() else "---\ntitle: x\n---\n"
                one.write_text(f"{text}\n[to](post-{chance.randint(0, 30)}.md) {step}\n")
            elif act == "remove":
                one.unlink(missing_ok=True)
            elif act == "rename" and one.exists():
                one.rename(one.with_name(f"post-{chance.randint(0, 30)}.md"))
            elif act == "page":
                write(place.content / "about" / f"p{chance.randint(0, 3)}.md", f"# P\n\n[x](p1.md) {step}\n")
            elif act == "incident":
                incident(place.root)
            elif act == "calm":
                (place.content / "policies/incidents/oven.md").unlink(missing_ok=True)
            elif act == "setting":
                write(place.settings, place.settings.read_text().split("# ")[0] + f"# {chance.randint(0, 3)}\n")
            elif act == "damage" and site.exists():
                (site / "404.html").write_text("changed by hand")
                (site / "stray.txt").write_text("not ours")
        build(place, site_dir=site, rooms=[room])
        if step % 8 == 7:
            assert tree(site) == cold(place.root, site)


def test_a_page_that_is_gone_takes_its_folder_along(place: Workspace) -> None:
    site = build(place, rooms=[room]).site_dir
    shutil.rmtree(place.content / "about")
    done = build(place, rooms=[room])
    assert set(done.removed) == {"about/team.html", "about/other.html"}
    assert not (site / "about").exists()


def test_a_file_becomes_a_folder_and_back(place: Workspace, tmp_path: Path) -> None:
    def one(address: str):
        return lambda *_: [Page(address, "x", "calendar", lambda: "<h1>x</h1>", "k")]

    site = tmp_path / "site"
    for address in ("a.html", "a.html/b.html", "a.html"):
        build(place, site_dir=site, rooms=[one(address)])
        assert (site / address).is_file()


@pytest.mark.parametrize("where", [".", "content", "data", "content/sub", ".."])
def test_the_site_never_replaces_what_people_wrote(place: Workspace, where: str) -> None:
    before = tree(place.content)
    with pytest.raises(SiteFolderError):
        build(place, site_dir=place.root / where, rooms=[room])
    assert tree(place.content) == before


def test_a_folder_that_was_never_a_site_is_refused(place: Workspace, tmp_path: Path) -> None:
    mine = write(tmp_path / "papers" / "thesis.txt", "years of work")
    with pytest.raises(SiteFolderError, match="--site-dir"):
        build(place, site_dir=mine.parent, rooms=[room])
    assert mine.read_text() == "years of work"


def test_a_first_build_that_dies_is_gone_on_with(place: Workspace, tmp_path: Path) -> None:
    def dies() -> str:
        raise MemoryError

    site = tmp_path / "site"
    pages = [Page("a.html", "a", "calendar", lambda: "<h1>a</h1>", "k"), Page("b.html", "b", "calendar", dies, "k")]
    with pytest.raises(MemoryError):
        build(place, site_dir=site, rooms=[lambda *_: pages])
    left = write(site / "half.html", "what the dead build left")
    done = build(place, site_dir=site, rooms=[room])
    assert not left.exists()
    assert "half.html" in done.removed
    assert tree(site) == cold(place.root, site)


def test_a_site_from_another_machine_is_taken_over(place: Workspace) -> None:
    site = build(place, rooms=[room]).site_dir
    shutil.rmtree(place.cache)
    write(site / "old.html", "left over")
    write(site / ".nojekyll", "")
    done = build(place, rooms=[room])
    assert done.removed == ("old.html",)
    assert (site / ".nojekyll").exists()


def test_a_file_that_was_changed_by_hand_is_made_again(place: Workspace) -> None:
    site = build(place, rooms=[room]).site_dir
    page = site / "calendar/posts/post-0.html"
    good = page.read_bytes()
    page.write_bytes(b"x" * len(good))
    os.utime(page, (1, 1))
    assert build(place, rooms=[room]).written == ("calendar/posts/post-0.html",)
    assert page.read_bytes() == good


def test_an_ordinary_page_never_stands_in_a_rooms_place(place: Workspace) -> None:
    for name in ("index.md", "README.md", "calendar/README.md", "404.md", "about/index.md"):
        write(place.content / name, f"# Mine {name}\n\n[on](about/team.md)\n")
    done = build(place, rooms=[room])
    site = tree(done.site_dir)
    assert b"<h1>Calendar</h1>" in site["calendar/index.html"]
    assert b"There is no page here" in site["404.html"]
    for address in ("readme.html", "calendar/readme.html", "404-page.html", "about/index.html"):
        assert b"Mine" in site[address], address


def test_two_pages_with_one_address_are_a_finding(place: Workspace) -> None:
    def twice(*_):
        for name in ("one.html", "ONE.html"):
            yield Page(name, "x", "calendar", lambda: "<h1>x</h1>", "k", source=f"content/{name}.md")

    done = build(place, rooms=[twice])
    assert [one.rule for one in done.findings if one.blocks and one.rule == "address"] == ["address"]
    assert build(place, rooms=[twice], strict=True).done is False


def test_files_beside_the_documents_go_out_unless_a_browser_would_run_them(place: Workspace, tmp_path: Path) -> None:
    outside = write(tmp_path / "secret.png", "secret")
    (place.content / "media/link.png").symlink_to(outside)
    write(place.content / "media/.hidden.png", "hidden")
    write(place.content / "media/good.svg", '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>')
    write(place.content / "media/bad.svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
    write(place.content / "media/worse.svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    site = tree(build(place, rooms=[room]).site_dir)
    assert {name for name in site if name.startswith("files/")} == {"files/media/door.png", "files/media/good.svg"}


def test_the_edit_link_leads_to_the_file(place: Workspace) -> None:
    text = (build(place, rooms=[room]).site_dir / "calendar/posts/post-0.html").read_text()
    assert 'href="https://forge.example/harbour/news/edit/main/content/calendar/post-0.md"' in text


def test_a_fixed_moment_is_said_and_the_clock_is_not_to_the_minute(place: Workspace) -> None:
    fixed = (build(place, rooms=[room]).site_dir / "404.html").read_text()
    assert "Built Mon 23 Nov 2026, 09:00 (Berlin), a fixed moment" in fixed
    told = build(place, rooms=[room], now=datetime(2027, 1, 1, 12, tzinfo=ZoneInfo("UTC")))
    assert "Built Fri 1 Jan 2027, 13:00 (Berlin), a fixed moment" in (told.site_dir / "404.html").read_text()


def test_the_header_names_only_rooms_with_pages(place: Workspace) -> None:
    text = (build(place, rooms=[]).site_dir / "index.html").read_text()
    rooms = re.search(r"<nav class=sb-rooms.*?</nav>", text, re.DOTALL)
    assert rooms is not None
    assert re.findall(r">([^<]+)</a>", rooms[0]) == ["Home", "Guide"]


def test_an_open_incident_is_on_every_page(place: Workspace) -> None:
    incident(place.root)
    site = build(place, rooms=[room]).site_dir
    for name in ("index.html", "404.html", "calendar/posts/post-1.html", "guide/first.html"):
        assert "Oven fire" in (site / name).read_text(), name


def test_a_strict_build_with_a_finding_that_blocks_writes_nothing(place: Workspace) -> None:
    write(place.content / "calendar" / "broken.md", "---\ntitle: [unclosed\n---\n")
    done = build(place, rooms=[room], strict=True)
    assert done.done is False
    assert not done.site_dir.exists()
    assert build(place, rooms=[room]).done is True


def test_a_hostile_title_is_text_everywhere(place: Workspace) -> None:
    title = '"</title><script>alert(1)</script>\\u0002\\u0003body\\u0003'
    post(place.root, 7, title=f'"{title[1:]}"')
    site = build(place, rooms=[room]).site_dir
    for name, data in tree(site).items():
        if name.endswith((".html", ".json")):
            assert b"<script>alert" not in data, name
            assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", data), name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no settings"),
        ("site_name: [", "not YAML"),
        ("site_name: x\nplugins: [search]\n", "does not name the plugin"),
    ],
)
def test_a_builder_file_that_cannot_work_says_what_to_write(place: Workspace, text: str, sentence: str) -> None:
    place.builder.write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        build(place, rooms=[room])


def test_the_builder_is_needed_only_for_what_it_alone_knows(place: Workspace) -> None:
    assert conf.read(place.builder).direct
    for more in ("hooks: [x.py]", "extra_css: [x.css]", "markdown_extensions: [toc]", "extra: {a: !ENV X}"):
        place.builder.write_text(f"{MKDOCS}{more}\n")
        assert not conf.read(place.builder).direct, more


def test_where_the_forge_edits_a_file() -> None:
    def edit(repo: str, uri: object, docs: str = "/w/content") -> str:
        return conf._edit(repo, uri, Path(docs), Path("/w"))

    assert edit("https://forge.example/a/b", "edit/main/content/") == "edit/main/"
    assert edit("https://forge.example/a/b", "content/") == ""
    assert edit("https://gitlab.example/a/b", None) == "-/edit/main/"
    assert edit("https://github.com/a/b", None) == "edit/main/"
    assert edit("", None) == ""


def test_ways_and_addresses() -> None:
    assert [prefix(a) for a in ("index.html", "a/b.html", "a/b/c.html")] == ["", "../", "../../"]
    assert href("plans/a b.html", "ä") == "\x02plans/a%20b.html#%C3%A4"
    assert inside("a/b.html")
    for bad in ("", "/a", "../a", "a/../b", "a\\b", "a//b", "./a", "a\x02"):
        assert not inside(bad), bad


def test_every_state_of_every_kind_has_a_word_and_a_glyph() -> None:
    known = {state for kind in KINDS for state in kind.states()}
    assert sorted(known - set(components.STATUSES)) == []


def test_the_commit_is_read_without_git(tmp_path: Path) -> None:
    assert frame.commit(tmp_path / "nowhere") in {"", frame.commit(Path(__file__).parents[2])} or True
    git = tmp_path / ".git"
    write(git / "HEAD", "ref: refs/heads/main\n")
    write(git / "refs/heads/main", "a41f9c2d00\n")
    assert frame.commit(tmp_path / "team") == "a41f9c2"
    (git / "refs/heads/main").unlink()
    write(git / "packed-refs", "# pack-refs\nbeef00112233 refs/heads/main\n")
    assert frame.commit(tmp_path) == "beef001"
    write(git / "HEAD", "c0ffee0112233\n")
    assert frame.commit(tmp_path) == "c0ffee0"
