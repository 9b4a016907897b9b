"""A report handed on: one file that says what the report says, and in which nothing runs, loads or leads inside."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import handout, report
from signalbook import cli, hypertext, store
from signalbook.errors import UsageError
from signalbook.records import Reading
from tests import build

if TYPE_CHECKING:
    from signalbook.workspace import Workspace

NOW = build.NOW
WEEK = "2026-W47"
METRIC: dict[str, Any] = {
    "title": "Posts | merged", "status": "in-use", "owner": "writer", "means": "Posts that arrived", "formula": "count",
    "unit": "count", "grain": "week", "stage": "process", "source": "git history", "adds": "sum", "direction": "none",
    "informs": "pace", "not_for": "posts sent", "vanity": False, "how_to_get": "Run `signalbook measure`.",
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """A team with nine weeks of one number, the last of them far above the rest."""
    place = build.workspace(tmp_path, {"people/analyst": build.person(title="Analyst"), "metrics/posts-merged": METRIC})
    days = [(0, 40), *((week, 5 + week % 2) for week in range(1, 9))]
    store.append(
        place,
        [
            Reading.of(
                source="git", subject="content", metric="posts_merged", on=date(2026, 11, 16) - timedelta(weeks=week),
                grain="week", value=value, taken_at=NOW.astimezone(UTC), origin="git commit abc",
            )
            for week, value in days
        ],
    )  # fmt: skip
    return place


def sheet(place: Workspace, **fields: str) -> handout.Sheet:
    path = report.run(place, "week", WEEK, NOW)
    text = path.read_text()
    for line, value in fields.items():
        text = re.sub(rf"^{line}: .*$", f"{line}: {value}", text, flags=re.MULTILINE)
    path.write_text(text)
    return handout.sheet_of(build.book(place), path, NOW)


def test_the_page_says_what_the_report_says_with_its_numbers_as_tables(place: Workspace) -> None:
    page = handout.page(sheet(place, notes='[{at: 2026-11-23, by: analyst, text: "Half term."}]'))
    words = hypertext.words(page[page.index("<body>") :])
    assert "16 to 22 November 2026" in words
    assert "not approved by anybody yet" in words
    assert "text: Half term." in words
    assert "Posts | merged | 40 | 6" in words, "this week, and the one before"
    assert "lies above what is usual" in words
    weeks = re.findall(r"^.*\d{4} \| \d+$", words, re.MULTILINE)
    assert len(weeks) == 9, "the weeks of the chart that people see on the site"
    assert "```" not in words
    assert "signalbook: " not in words, "marks of generated parts are for the program that builds"


def test_nothing_in_it_runs_loads_or_leads_into_the_repository(place: Workspace) -> None:
    hostile = (
        '["<script>alert(1)</script><img src=//x.example/p.gif onerror=alert(1)>[here](javascript:alert(1)) {{ 7*7 }}"]'
    )
    page = handout.page(sheet(place, asks=hostile, title='"</title><script>alert(2)</script>"'))
    assert "<script" not in page
    assert not re.search(r"<[^>]+\son\w+=", page)
    assert "<img" not in page
    assert "javascript:" not in re.sub(r">[^<]*<", "><", page)
    assert "{{ 7*7 }}" in page
    assert re.findall(r'href="(?!https?:|mailto:)', page) == []
    assert "<a" not in re.sub(r"<a [^>]*href=", "", page), "a link to another document is its words"
    assert "default-src 'none'" in page


def test_the_letter_is_a_draft_with_both_forms_and_no_recipient(place: Workspace) -> None:
    made = sheet(place)
    data = handout.letter(made)
    assert data == handout.letter(made), "the same report gives the same bytes"
    read = email.message_from_bytes(data, policy=email.policy.default)
    assert read["To"] is None
    assert read["X-Unsent"] == "1"
    assert read["Subject"].startswith("Week 47 · ")
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Posts | merged | 40 | 6" in plain.get_content()
    assert "<style" not in plain.get_content()
    assert html.get_content().replace("\r\n", "\n") == handout.page(made)


@pytest.mark.browser
def test_paper_has_the_words_of_the_page(place: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "paper" / "week.pdf"
    handout.write(sheet(place), "pdf", out, lambda html: handout.printed(html, handout.browser(os.environ)))
    data = out.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(data) > 5000
    assert [one.name for one in out.parent.iterdir()] == ["week.pdf"], "nothing half-made is left"


def test_without_a_browser_paper_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--format html"):
        handout.browser({"PATH": str(tmp_path)})
    silent = tmp_path / "chromium"
    silent.write_text("#!/bin/sh\necho no display >&2\n")
    silent.chmod(0o755)
    assert handout.browser({"PATH": str(tmp_path)}) == str(silent)
    with pytest.raises(UsageError, match="no display"):
        handout.printed("<p>x", str(silent))


def run(place: Workspace, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["-C", str(place.root), "--now", NOW.isoformat(), *words])
    return int(ended.value.code or 0)


def test_the_command_writes_the_file_and_leaves_a_sent_report_as_it_is(
    place: Workspace, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert run(place, "report", "week", "--period", WEEK, "--format", "html", "--json") == 0
    assert capsys.readouterr().out == '{"path": "reports/2026-W47.html"}\n'
    path = place.content / "reports" / "2026-W47.md"
    path.write_text(path.read_text().replace("status: built", "status: sent"))
    sent, out = path.read_bytes(), tmp_path_factory.mktemp("elsewhere") / "x.eml"
    assert run(place, "report", "week", "--period", WEEK, "--format", "mail", "--out", str(out), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(out)}, "also outside of the workspace"
    assert path.read_bytes() == sent
    assert b"sent" in out.read_bytes()
    assert run(place, "report", "week", "--period", WEEK) != 0, "built again it is not"
    assert run(place, "report", "digest", "--format", "html") == 0
    assert len(list((place.root / "reports").glob("digest-team-*.html"))) == 1
    capsys.readouterr()
    assert run(place, "report", "week", "--format", "word", "--json") == 2
    assert "none of md, html, mail, pdf" in capsys.readouterr().out
    assert run(place, "report", "week", "--out", "x.md") == 2


def test_a_moment_in_another_zone_is_told_in_the_teams(place: Workspace) -> None:
    made = handout.sheet_of_digest(
        build.book(place), "# Digest\n\nNothing.", "", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    )
    assert made.slug == "digest-team-2026-11-24"
