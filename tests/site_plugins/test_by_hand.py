"""What people place by hand: a task with its text, its media and the exact words that say that it is done."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make

SETTINGS = (
    make.SETTINGS
    + '\n[channels.linkedin]\nconnector = "manual"\nname = "LinkedIn"\nurl = "https://www.linkedin.com/"\nowner = "writer"\nmax_late = "8h"\n'
)


def place(tmp_path: Path, **more: object) -> Workspace:
    body = "Words for all.\n\n## linkedin\n\nFirst line.\n\nSecond <line> & more.\n"
    facts = {
        "title": "Doors open", "status": "approved", "channels": ["linkedin"], "publish_at": "2026-11-23 08:00", "body": body,
        "media": [{"src": "door.png", "alt": "A door at seven"}],
    } | more  # fmt: skip
    made = make.workspace(tmp_path, {"calendar/door": make.post(**facts)}, settings=SETTINGS)
    make.write(made.content / "calendar" / "door.png", b"png")
    return made


def text_of(page: str, of: str) -> str:
    """What the copy button of something copies."""
    ident = re.search(rf'data-sb-copy="#([^"]+)" hidden>(?:(?!</button>).)*?<span class="sb-sr"> {of}', page, re.DOTALL)
    assert ident, of
    found = re.search(rf'id="{ident[1]}"[^>]*>(.*?)</(?:pre|code)>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_a_task_holds_the_final_text_the_files_and_the_command(tmp_path: Path) -> None:
    page = (build(place(tmp_path)).site_dir / "calendar" / "by-hand.html").read_text(encoding="utf-8")
    assert text_of(page, "Text") == "First line.\n\nSecond <line> & more."
    assert 'href="../files/calendar/door.png" download="door.png"' in page
    assert text_of(page, "What door.png tells") == "A door at seven"
    command = re.search(r"<span>It is placed</span><code>(.*?)</code>", page)
    assert command
    assert unescape(command[1]) == "signalbook publish settle door/linkedin --sent https://…"
    assert "until 16:00" in page
    assert "https://www.linkedin.com/" in page
    assert "<script>" not in page


def test_home_and_the_posts_page_lead_to_the_task(tmp_path: Path) -> None:
    made = build(place(tmp_path)).site_dir
    home = (made / "index.html").read_text(encoding="utf-8")
    assert re.search(r'href="calendar/by-hand\.html#place-\w{8}"', home)
    assert "settle door/linkedin --sent" in (made / "calendar" / "posts" / "door.html").read_text(encoding="utf-8")


def test_a_week_without_a_task_says_so(tmp_path: Path) -> None:
    made = build(place(tmp_path, publish_at="2027-02-01 08:00")).site_dir
    assert "Nothing to place within a week" in (made / "calendar" / "by-hand.html").read_text(encoding="utf-8")
    assert "To place by hand" not in (made / "index.html").read_text(encoding="utf-8")


def test_a_team_that_places_nothing_by_hand_has_no_such_page(tmp_path: Path) -> None:
    made = build(make.workspace(tmp_path)).site_dir
    assert not (made / "calendar" / "by-hand.html").exists()
