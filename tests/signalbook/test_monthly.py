"""Months of mentions: counted once, never all at once, and never a formula in what is exported."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signalbook import store
from signalbook.monthly import PART, Heard
from signalbook.records import Correction, Mention
from signalbook.workspace import Workspace
from tests.said import NOW, said
from tests.site_plugins import hostile

FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", '"=1', "＝1", "a;=cmd|' /C calc'!A0", "a\n=1", "a\t@x", "\x00=1",
)  # fmt: skip


def place(root: Path, count: int = 0) -> Workspace:
    workspace = Workspace(root)
    pairs = list(said(count))
    store.append(workspace, [one for pair in pairs for one in pair])
    return workspace


def mention(name: str, text: str = "words", at: datetime = NOW, **more: object) -> Mention:
    made = Mention(f"x:{name}", "x", name, f"https://x.example/{name}", "somebody", "", text, "en", at, at)
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    return Heard(place(tmp_path_factory.mktemp("said"), 400))


def test_sums_count_voices_once_and_leave_repeats_and_our_own_out(heard: Heard) -> None:
    judged = [judgement for _, judgement in said(400)]
    for month in heard.months:
        sums = heard.sums(month)
        inside = [one for one in judged if f"{one.said_at:%Y-%m}" == month]
        voices = [one for one in inside if one.spread == "voice"]
        assert sums.rows == len(inside)
        assert sums.n == len(voices) == sum(sums.hours.values()) == sum(sums.tones.values())
        assert sums.own == sum(one.spread == "own" for one in inside)
        assert sums.spread == sum(one.spread == "repeat" for one in inside)
        named = sum(max(1, len(one.about)) for one in voices)
        assert sum(sums.cells.values()) == named
    assert len(heard.months) >= 2


def test_an_unchanged_month_is_counted_once_and_a_changed_one_again(tmp_path: Path) -> None:
    workspace = place(tmp_path, 40)
    first = Heard(workspace)
    month = next(iter(first.months))
    before = first.sums(month)
    again = Heard(workspace)
    again.rows = None  # type: ignore[assignment,method-assign]  # nothing may be opened
    assert again.sums(month) == before
    store.append(workspace, [mention("new")])
    assert Heard(workspace).sums(month).rows == before.rows + 1


def test_the_rows_of_a_month_are_put_together_once_and_lie_nowhere_when_words_are_erased(tmp_path: Path) -> None:
    workspace = place(tmp_path, 40)
    month = next(iter(Heard(workspace).months))
    assert Heard(workspace).newest(month, 5)
    (kept,) = (workspace.cache / store.SHADOWS).glob(f"{store.SAID}-*-{month}-*")
    made = kept.stat().st_mtime_ns
    again = Heard(workspace)
    assert again.part(month, 1)
    assert again.export(month, 1)
    assert kept.stat().st_mtime_ns == made, "pages, tables and exports read what is put together already"
    assert store.rewrite(workspace, "mentions", lambda _: None, months=[month])
    assert not list((workspace.cache / store.SHADOWS).glob(f"{store.SAID}-*-{month}-*"))
    assert Heard(workspace).newest(month, 5) == []


def test_a_judgement_without_its_mention_counts_and_has_no_words(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (one, judged), *_ = said(1)
    store.append(workspace, [judged])
    heard = Heard(workspace)
    month = f"{judged.said_at:%Y-%m}"
    assert heard.sums(month).n + heard.sums(month).spread + heard.sums(month).own == 1
    assert heard.sums(month).rows == 0
    assert heard.parts(month) == heard.exports(month) == 0
    assert heard.find([one.key], [month]) == {}


def test_a_persons_word_wins_and_what_they_cannot_tell_is_not_rated(tmp_path: Path) -> None:
    workspace = place(tmp_path)
    store.append(
        workspace,
        [
            mention("a"),
            mention("b"),
            Correction("1", "x:a", NOW, "writer", tone="negative", about=("subject/boat",)),
            Correction("2", "x:a", NOW + timedelta(hours=1), "writer", tone="positive", not_about=("subject/boat",)),
            Correction("3", "x:b", NOW, "writer", tone="unclear", story="x:a"),
        ],
    )
    found = Heard(workspace).find(["x:a", "x:b"], ["2026-11"])
    assert (found["x:a"].tone, found["x:a"].sure, found["x:a"].about) == ("positive", 1.0, ())
    assert (found["x:b"].tone, found["x:b"].sure, found["x:b"].story) == ("", None, "x:a")


def test_ordinary_people_have_no_name_and_public_voices_have_one(tmp_path: Path) -> None:
    workspace = place(tmp_path)
    store.append(
        workspace,
        [
            mention("private", followers=999),
            mention("public", followers=1_000),
            mention("byline", title="An article", author="Desk"),
        ],
    )
    found = Heard(workspace).find(["x:private", "x:public", "x:byline"], ["2026-11"])
    assert {key: one.author for key, one in found.items()} == {
        "x:private": "", "x:public": "somebody", "x:byline": "Desk",
    }  # fmt: skip
    assert b"somebody" in Heard(workspace).part("2026-11", 1)
    assert Heard(workspace).export("2026-11", 1).count(b"somebody") == 1


def test_no_address_but_http_comes_out(tmp_path: Path) -> None:
    workspace = place(tmp_path)
    odd = (
        "javascript:alert(1)",
        " https://x.example",
        "https://us@x.example/",
        "data:text/html,x",
        "//x.example",
        "https:x",
        "HTTPS://X.example/ok",
    )
    addresses = (*odd, *hostile.ADDRESSES, *hostile.LINKS)
    store.append(workspace, [mention(str(number), url=address) for number, address in enumerate(addresses)])
    heard = Heard(workspace)
    keys = [f"x:{number}" for number in range(len(addresses))]
    found = heard.find(keys, ["2026-11"])
    urls = [*(found[key].url for key in keys), *json.loads(heard.part("2026-11", 1))["u"]]
    assert "HTTPS://X.example/ok" in urls
    for url in filter(None, urls):
        assert url.lower().startswith(("http://", "https://"))
        assert not any(sign in url for sign in "\"'<>` \t\r\n\\")
        assert "@" not in url.split("/")[2]


def test_no_cell_of_an_export_is_calculated_by_a_spreadsheet(tmp_path: Path) -> None:
    workspace = place(tmp_path)
    store.append(
        workspace,
        [
            mention(f"{number}-{text}", text, source=text, author=text, title=text, url=text, lang=text, channel=text)
            for number, text in enumerate((*FORMULAS, *hostile.LINES))
        ],
    )
    content = Heard(workspace).export("2026-11", 1).decode()
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter):
            for cell in row:
                for line in cell.replace("\r", "\n").split("\n")[:1]:
                    assert not line.lstrip(' "\x00\xa0').startswith(tuple("=+-@\t＝＋－＠")), (delimiter, cell)
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert len(rows) == 1 + len(FORMULAS) + len(hostile.LINES)


def test_rows_come_in_files_of_a_fixed_size_whose_earlier_ones_do_not_change(tmp_path: Path) -> None:
    workspace = place(tmp_path)
    at = datetime(2026, 11, 2, tzinfo=UTC)
    store.append(workspace, [mention(str(n), at=at + timedelta(seconds=n)) for n in range(PART + 5)])
    heard = Heard(workspace)
    assert heard.parts("2026-11") == 2
    first, second = heard.part("2026-11", 1), heard.part("2026-11", 2)
    assert [len(json.loads(part)["at"]) for part in (first, second)] == [PART, 5]
    store.append(workspace, [mention("later", at=at + timedelta(days=1))])
    later = Heard(workspace)
    assert later.part("2026-11", 1) == first
    assert later.part("2026-11", 2) != second


def test_an_answer_is_kept_until_a_file_of_its_months_changes(tmp_path: Path) -> None:
    workspace = place(tmp_path, 20)
    asked: list[str] = []

    def question(tables: store.Tables) -> int:
        asked.append("once")
        return int(tables.mentions.count().to_pyarrow().as_py())

    months = list(Heard(workspace).months)
    assert (
        Heard(workspace).ask("how many", months, question) == Heard(workspace).ask("how many", months, question) == 20
    )
    assert len(asked) == 1
    store.append(workspace, [mention("new")])
    assert Heard(workspace).ask("how many", [*months, "2026-11"], question) == 21
    assert Heard(workspace).ask("how many", ["1999-01"], question) is None


def test_without_words_everything_is_counted_and_nothing_is_quoted(tmp_path: Path) -> None:
    workspace = place(tmp_path, 30)
    told, mute = Heard(workspace), Heard(workspace, words=False)
    for month in told.months:
        assert mute.sums(month).n == told.sums(month).n > 0
        assert mute.sums(month).rows == mute.parts(month) == mute.exports(month) == 0
        assert mute.newest(month, 5) == []
        assert mute.months[month] != told.months[month]
