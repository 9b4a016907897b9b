"""A question on a page: its table, its file, its chart, and what of it goes out to whom."""

from __future__ import annotations

import csv
import io
import re

import pytest

from signalbook import spreadsheet
from site_plugins.build import build
from tests import build as make
from tests.build import write

PAGE = """# Desk

```query
title: Posts by state
select title, status, length(title) as letters from posts order by slug
```

```query
title: Letters
chart: bar
select title, length(title) as letters from posts order by slug
```

````markdown
```query
select 'quoted' as x
```
````
"""
TITLES = {
    "a": '=HYPERLINK("https://evil.example","x")',
    "b": "<img src=x onerror=alert(1)>",
    "c": "Zucker, Mehl; „Hefe“",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    settings = make.SETTINGS + '\n[audiences.company]\nmay_see = ["home", "calendar"]\n'
    place = make.workspace(tmp_path_factory.mktemp("asked") / "team", settings=settings)
    for slug, title in TITLES.items():
        make.document(place, f"calendar/{slug}", make.post(title=title))
    make.document(place, "calendar/d", make.post(title="Only for us", audiences=["executives"]))
    write(place.content / "notes" / "desk.md", PAGE)
    return place


def test_a_question_becomes_a_table_a_chart_and_files_that_no_spreadsheet_runs(place, tmp_path):
    site = build(place, site_dir=tmp_path / "site").site_dir
    text = (site / "notes/desk.html").read_text(encoding="utf-8")
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert text.count("How this was asked") == 2
    assert text.count('<svg class="sb-plot') == 2
    found = re.findall(r'href="\.\./(data/queries/[0-9a-f]{16}\.csv)"', text)
    assert len(found) == len(set(found)) == 2
    assert {path.name for path in (site / "data/queries").iterdir()} == {name.rpartition("/")[2] for name in found}
    data = (site / found[0]).read_bytes()
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [
        ["title", "status", "letters"],
        [f"'{TITLES['a']}", "draft", "38"], [TITLES["b"], "draft", "28"], [TITLES["c"], "draft", "20"], ["Only for us", "draft", "11"],
    ]  # fmt: skip
    warm = {path: path.stat().st_mtime_ns for path in site.rglob("*.csv")}
    assert build(place, site_dir=site).written == ()
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*.csv")} == warm


def test_an_audience_gets_its_own_answer_and_not_the_question(place, tmp_path):
    site = build(place, site_dir=tmp_path / "site", audience="company").site_dir
    # The page lies in no room, and the front page's room is open to this audience.
    text = (site / "notes/desk.html").read_text(encoding="utf-8")
    assert "Zucker" in text
    assert "How this was asked" not in text
    for path in (site / "data/queries").iterdir():
        assert b"Only for us" not in path.read_bytes()


def test_a_question_that_cannot_be_answered_fails_the_strict_build_with_its_line(tmp_path):
    place = make.workspace(tmp_path / "team")
    write(place.content / "desk.md", "# Desk\n\n```query\nselect slug\nfrom pots\n```\n")
    done = build(place, strict=True)
    assert not done.done
    (finding,) = [one for one in done.findings if one.rule == "fence"]
    assert (finding.path, finding.line) == ("content/desk.md", 5)
    text = (build(place).site_dir / "desk.html").read_text(encoding="utf-8")
    assert "This answer cannot be shown." in text
    assert "Line 2 of the block" in text


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "  =1", "|cmd", "%x", "\r=1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_text(text):
    assert spreadsheet.safe(text).startswith("'")


@pytest.mark.parametrize("text", ["", "a=1", "-5", "+49", "-1.5e3", "Mon-Fri"])
def test_other_text_stays_as_it_is(text):
    assert spreadsheet.safe(text) == text
