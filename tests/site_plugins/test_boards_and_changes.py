"""Boards say who must do what; changes say what was decided. Both only say what files and git say."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make

SETTINGS = make.SETTINGS.replace(
    "[channels.blog]", "[channels.blog]\nmix = {own-offer = 20, useful = 60, conversation = 20}"
)


def git(place: Workspace, *words: str, at: str = "2026-11-20T10:00:00+01:00") -> None:
    environment = {
        "GIT_AUTHOR_NAME": "Writer", "GIT_AUTHOR_EMAIL": "writer@harbour.example", "GIT_COMMITTER_NAME": "Writer",
        "GIT_COMMITTER_EMAIL": "writer@harbour.example", "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at,
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": "/usr/bin:/bin:/usr/local/bin",
    }  # fmt: skip
    subprocess.run(["git", *words], cwd=place.root, env=environment, check=True, capture_output=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts in every state, one that is late, one far off; two weeks of history."""
    place = make.workspace(
        tmp_path_factory.mktemp("boards"),
        {
            "calendar/late": make.post(title="Too late", status="approved", publish_at="2026-11-20 10:00", channels=["bluesky"]),
            "calendar/draft": make.post(title="A draft", publish_at="2026-11-27 10:00", campaign="spring"),
            "calendar/review": make.post(title="A review", status="review", publish_at="2026-11-26 10:00", mix="useful"),
            "calendar/idea": make.post(title="An idea", status="idea", owner="duty-officer"),
            "calendar/far": make.post(title="Far off", publish_at="2027-05-01 10:00"),
            "calendar/gone": make.post(title="Called off", status="cancelled", publish_at="2026-11-26 11:00"),
            "people/duty-officer": make.person(title="Duty officer", roles=["duty-officer"]),
            "plans/campaigns/spring": {"title": "Spring", "owner": "writer", "status": "live", "type": "launch"},
            "policies/quiet": {"title": "Quiet hours", "owner": "writer", "status": "review", "version": 1},
        },
        settings=SETTINGS,
    )  # fmt: skip
    for number in range(8):
        extra = {"mix": "conversation"} if number < 2 else {"mix": "own-offer"}
        make.document(place, f"calendar/more-{number}", make.post(title=f"More {number}", publish_at=f"2026-12-0{number + 1} 10:00", **extra))  # fmt: skip
    git(place, "init", "-q", "-b", "main")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "begin", at="2026-11-12T10:00:00+01:00")
    make.document(
        place, "policies/quiet", {"title": "Quiet hours", "owner": "writer", "status": "in-force", "version": 1}
    )
    make.document(place, "calendar/draft", make.post(title="A draft", publish_at="2026-11-27 11:00", campaign="spring"))
    git(place, "add", "-A")
    git(place, "commit", "-qm", "people wrote at night")
    return build(place).site_dir


def columns(site: Path, name: str) -> dict[str, list[str]]:
    text = (site / "boards" / f"{name}.html").read_text(encoding="utf-8")
    found = re.findall(r'<section class="?sb-col[^>]*>(.*?)</section>', text, re.DOTALL)
    said = [re.sub(r"<[^>]+>", "", re.search(r"<h2[^>]*>(.*?)</h2>", one, re.DOTALL)[1]) for one in found]  # type: ignore[index]
    cards = [re.findall(r"sb-card__title><a[^>]*>([^<]+)", one) for one in found]
    return dict(zip(said, cards, strict=True))


def test_a_post_stands_in_the_column_that_its_file_and_receipts_say(site: Path) -> None:
    by = columns(site, "index")
    assert by["Needs a person"] == ["Too late"]
    assert by["Idea"] == ["An idea"]
    assert by["Draft"][0] == "A draft", "the earliest first"
    assert by["In review"] == ["A review"]
    everything = [title for cards in by.values() for title in cards]
    assert "Far off" not in everything
    assert "Called off" not in everything
    assert len(everything) == len(set(everything)) == 12


def test_the_other_boards_hold_the_same_posts_otherwise_grouped(site: Path) -> None:
    everything = sorted(title for cards in columns(site, "index").values() for title in cards)
    assert sorted(title for cards in columns(site, "owner").values() for title in cards) == everything
    assert columns(site, "campaign")["Spring"] == ["A draft"]
    assert columns(site, "channel")["Bluesky"] == ["Too late"]
    assert columns(site, "owner")["Duty officer"] == ["An idea"]


def test_the_board_says_who_carries_how_much_what_is_missing_and_the_mix(site: Path) -> None:
    text = (site / "boards" / "index.html").read_text(encoding="utf-8")
    assert re.search(r"<th scope=row>Writer<td class=sb-n>2<td class=sb-n>6\b", text), "weeks 48 and 49"
    assert "Week 48: 0 of 2 planned." in text, "what was to go out last Friday is no post of this week"
    assert "channels%3A%20%5Bbluesky%5D" in text, "the way to fill the gap"
    assert "Own offer 67%" in text
    assert "Broadcast ratio 0.82: 9 of 11 posts ask or answer nobody." in text
    assert "Channels aim at 20 % of own offer." in text


def test_changes_tell_decisions_first_with_who_and_why(site: Path) -> None:
    text = (site / "changes" / "index.html").read_text(encoding="utf-8")
    assert "Week 47, 16 to 22 November 2026" in text
    words = re.sub(r"<[^>]+>", "", text)
    assert "1 policy put in force, 1 post changed." in words
    assert "Policy put in force: Quiet hours" in words
    assert "people wrote at night (Writer)" in words
    assert words.index("Decided") < words.index("Post changed: A draft")
    assert 'href="2026-W46.html"' in text
    older = (site / "changes" / "2026-W46.html").read_text(encoding="utf-8")
    assert "16 posts" not in older
    assert re.search(r"1[0-9] posts added: ", older)
    assert "and 1" in older


def test_without_git_there_is_no_room_of_changes(tmp_path: Path) -> None:
    done = build(
        make.workspace(tmp_path, {"calendar/a": make.post(publish_at="2026-11-25 09:30")}),
        now=make.NOW + timedelta(hours=1),
    )
    assert not (done.site_dir / "changes").exists()
    assert "Changes</a>" not in (done.site_dir / "index.html").read_text(encoding="utf-8")


def test_a_board_of_five_thousand_posts_stays_small(tmp_path: Path) -> None:
    """A column shows 25 and says where the rest is."""
    from site_plugins.boards import pages as boards
    from site_plugins.site import Site

    place = make.workspace(tmp_path)
    text = make.text_of(make.post(status="idea"))
    for number in range(1000):
        make.write(place.content / "calendar" / f"p{number}.md", text)
    book = make.book(place)
    site = Site(book, make.NOW, "Harbour")
    page: Any = next(iter(boards.pages(book, make.NOW, site)))
    body = page.body()
    assert body.count("data-sb-item") == 25
    assert "975 more in the calendar" in body


def test_changes_say_what_a_step_changed_inside_a_document(tmp_path: Path) -> None:
    began = {"title": "A plan", "owner": "writer", "status": "draft", "summary": "Be heard"}
    place = make.workspace(
        tmp_path,
        {
            "calendar/one": make.post(title="One", publish_at="2026-11-27 10:00"),
            "policies/quiet": {**began, "version": 1},
        },
        settings=SETTINGS,
    )
    make.document(place, "policies/evil", {**began, "title": "Evil", "summary": "<script>alert(1)</script>"})
    git(place, "init", "-q", "-b", "main")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "begin", at="2026-11-12T10:00:00+01:00")
    make.document(
        place,
        "calendar/one",
        make.post(title="One", publish_at="2026-11-30 11:30", channels=["bluesky"], labels=["launch-week"]),
    )
    make.document(place, "policies/quiet", {**began, "version": 2, "body": "Nobody rings at night.\n"})
    make.document(place, "policies/evil", {**began, "title": "Evil", "summary": "<img src=x onerror=alert(2)>"})
    git(place, "add", "-A")
    git(place, "commit", "-qm", "move")
    text = (build(place).site_dir / "changes" / "index.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", "", text).split())
    assert "Publish at: Fri 27 Nov 2026, 10:00 → Mon 30 Nov 2026, 11:30" in words
    assert "Labels: launch week added" in words
    assert re.search(r"A plan: Version: 1 → 2; Text: \d words new", words)
    assert "<img src=x" not in text
    assert "<script>alert(1)" not in text
    assert "&lt;img src=x" in text
