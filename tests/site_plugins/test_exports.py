"""Every table as CSV, JSON and Parquet, and the page that says what its columns mean."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from signalbook import book as books
from signalbook import store, tabling
from signalbook.records import Contact, Mention, Reading
from site_plugins.exports import pages as exports
from site_plugins.pages import Asset
from site_plugins.site import Site
from tests import build as make
from tests.build import NOW


def reading(day: int, value: float) -> Reading:
    on = NOW.date() - timedelta(days=day)
    return Reading.of(source="x", subject="account", metric="clicks", on=on, value=value, taken_at=NOW, origin="=cmd()")


@pytest.fixture
def place(tmp_path):
    place = make.workspace(tmp_path / "team")
    make.document(place, "calendar/a", make.post(title="=1+1", labels=["x", "y"], publish_at="2026-11-24 09:30"))
    store.append(place, [reading(day, day + 0.5 * (day % 2)) for day in range(90)])
    at = NOW - timedelta(days=40)
    store.append(place, [Mention("m1", "feed", "1", "https://x.example/1", "Ada", "Title", "Words of hers", "en", at, NOW),
                         Contact("k", "hubspot", "1", "Ada", "ada@x.example", "Lead", "SOCIAL", at, NOW, ("a=b",))])  # fmt: skip
    return place


def files(place) -> dict[str, Asset]:
    book = books.load(place)
    made = exports.pages(book, NOW, Site(book, NOW, "x"))
    return {one.address: one for one in made if isinstance(one, Asset)}


def test_the_three_files_of_a_table_hold_the_same_rows(place):
    made = files(place)
    for name in ("posts", "readings", "people", "deliveries", "links", "build", "mentions", "contacts"):
        rows = json.loads(made[f"data/{name}.json"].data())
        table = pq.read_table(io.BytesIO(made[f"data/{name}.parquet"].data()))
        sheet = list(csv.DictReader(io.StringIO(made[f"data/{name}.csv"].data().decode("utf-8-sig"))))
        assert len(rows) == table.num_rows == len(sheet) > 0, name
        columns = [column.name for column in tabling.known()[name].columns]
        assert list(rows[0]) == table.column_names == list(sheet[0]) == columns
    assert sum(row["value"] for row in json.loads(made["data/readings.json"].data())) == pytest.approx(
        sum(range(90)) + 22.5
    )


def test_text_that_would_run_in_a_spreadsheet_is_text_there_and_itself_elsewhere(place):
    made = files(place)
    assert b"'=1+1" in made["data/posts.csv"].data()
    assert json.loads(made["data/posts.json"].data())[0]["title"] == "=1+1"
    assert b"'=cmd()" in made["data/readings.csv"].data()
    assert b"x; y" in made["data/posts.csv"].data()


def test_other_peoples_words_are_in_no_file(place):
    for name, one in files(place).items():
        data = pq.read_table(io.BytesIO(one.data())).to_pylist() if name.endswith(".parquet") else one.data()
        for word in ("Words of hers", "Ada", "ada@x"):
            assert word not in str(data), name


def test_a_table_without_a_row_has_no_file_and_no_engine_is_asked(place):
    made = files(place)
    assert "data/holds.csv" not in made
    assert "data/alerts.json" not in made


def test_a_large_table_is_cut_by_month_and_no_row_is_lost_or_told_twice(place, monkeypatch):
    monkeypatch.setattr(exports, "LARGE", 10)
    made = files(place)
    months = sorted(name for name in made if name.startswith("data/readings/") and name.endswith(".json"))
    assert [name[-12:-5] for name in months] == ["2026-08", "2026-09", "2026-10", "2026-11"]
    assert "data/readings.json" not in made
    rows = [row for name in months for row in json.loads(made[name].data())]
    assert len({row["key"] for row in rows}) == len(rows) == 90
    assert all(row["on"].startswith(name[-12:-5]) for name in months for row in json.loads(made[name].data()))
    assert len(json.loads(made["data/mentions/2026-10.json"].data())) == 1


def test_what_did_not_change_keeps_its_key_and_what_did_does_not(place, monkeypatch):
    monkeypatch.setattr(exports, "LARGE", 10)
    before = {name: one.key for name, one in files(place).items()}
    store.append(place, [reading(-1, 7)])
    make.document(place, "plans/p", {"title": "P", "owner": "writer", "status": "draft", "route": "one-page"})
    after = {name: one.key for name, one in files(place).items()}
    changed = {name.rpartition(".")[0] for name in after if before.get(name) != after[name]}
    assert {"data/readings/2026-11", "data/plans", "data/links"} <= changed
    assert not changed & {"data/posts", "data/readings/2026-10", "data/mentions/2026-10", "data/people"}


def test_the_same_rows_give_the_same_bytes(place):
    first, second = files(place), files(place)
    for name in first:
        assert first[name].data() == second[name].data(), name
