"""Every table as CSV, JSON and Parquet, and the page that says what its columns mean."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbook import book as books
from signalbook import spreadsheet, store, tabling
from signalbook.records import Contact, Mention, Reading, Told
from signalbook.tabling import Cells, Column
from site_plugins.exports import pages as exports
from site_plugins.exports import parquet, parts
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
                         Contact("k", "hubspot", "1", "Ada", "ada@x.example", "Lead", "SOCIAL", at, NOW, ("a=b",)),
                         Told("duty/1", "claimed", "duty", NOW, "run", 1, None, ("alert/1 > duty",), ("duty",), 1)])  # fmt: skip
    return place


def files(place) -> dict[str, Asset]:
    book = books.load(place)
    made = exports.pages(book, NOW, Site(book, NOW, "x"))
    return {one.address: one for one in made if isinstance(one, Asset)}


def unpacked(asset: Asset) -> list[dict]:
    return json.loads(gzip.decompress(asset.data()))


def sheet(made: dict[str, Asset], address: str) -> str:
    """A sheet's text; that of links is packed."""
    packed = made.get(f"{address}.gz")
    return (gzip.decompress(packed.data()) if packed else made[address].data()).decode("utf-8-sig")


def month_of(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def test_the_three_files_of_a_table_hold_the_same_rows(place):
    made = files(place)
    for name in ("posts", "readings", "people", "deliveries", "links", "mentions", "contacts", "told"):
        rows = json.loads(made[f"data/{name}.json"].data())
        table = pq.read_table(io.BytesIO(made[f"data/{name}.parquet"].data()))
        sheet = list(csv.DictReader(io.StringIO(made[f"data/{name}.csv"].data().decode("utf-8-sig"))))
        assert len(rows) == table.num_rows == len(sheet) > 0, name
        columns = [column.name for column in tabling.known()[name].columns if column.name != "body"]
        assert list(rows[0]) == table.column_names == list(sheet[0]) == columns
    assert not [address for address in made if address.startswith("data/build.")]
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
    monkeypatch.setattr(parts, "LARGE", 10)
    made = files(place)
    months = sorted(name for name in made if name.startswith("data/readings/") and name.endswith(".json.gz"))
    assert [month_of(name) for name in months] == ["2026-08", "2026-09", "2026-10", "2026-11"]
    assert "data/readings.json" not in made
    rows = [row for name in months for row in unpacked(made[name])]
    assert len({row["key"] for row in rows}) == len(rows) == 90
    assert all(row["on"].startswith(month_of(name)) for name in months for row in unpacked(made[name]))
    assert len(unpacked(made["data/mentions/2026-10.json.gz"])) == 1


def test_what_did_not_change_keeps_its_key_and_what_did_does_not(place, monkeypatch):
    monkeypatch.setattr(parts, "LARGE", 10)
    before = {name: one.key for name, one in files(place).items()}
    store.append(place, [reading(-1, 7)])
    make.document(place, "plans/p", {"title": "P", "owner": "writer", "status": "draft", "route": "one-page"})
    after = {name: one.key for name, one in files(place).items()}
    changed = {name.partition(".")[0] for name in after if before.get(name) != after[name]}
    assert {"data/readings/2026-11", "data/plans", "data/links"} <= changed
    assert not changed & {"data/posts", "data/readings/2026-10", "data/mentions/2026-10", "data/people"}


def test_the_same_rows_give_the_same_bytes(place):
    first, second = files(place), files(place)
    for name in first:
        assert first[name].data() == second[name].data(), name


# --- many posts


@pytest.fixture
def many(tmp_path, monkeypatch):
    """Posts of three months, one without a time, and what refers to what."""
    monkeypatch.setattr(parts, "MANY", 4)
    place = make.workspace(tmp_path / "many")
    for number, at in enumerate(("2026-09-30 23:30", "2026-11-01 00:30", "2026-11-05 10:00", "2026-12-02 10:00", None)):
        made = make.post(
            title=f"Post {number}", status="approved", publish_at=at, reuse_of="p2" if number == 3 else None
        )
        make.document(place, f"calendar/p{number}", {key: value for key, value in made.items() if value is not None})
    return place


def test_tables_of_many_posts_are_cut_by_month_and_no_row_is_lost_or_told_twice(many):
    made = files(many)
    book = books.load(many)
    for name in ("posts", "deliveries", "links"):
        assert f"data/{name}.csv" not in made
        names = [one for one in made if one.startswith(f"data/{name}/") and one.endswith(".json.gz")]
        rows = [row for one in names for row in unpacked(made[one])]
        wanted = tabling.table(book, name, NOW).to_pylist()
        keys = {"posts": ("slug",), "deliveries": ("key",), "links": ("source_kind", "source", "field", "target")}[name]
        assert sorted(tuple(row[key] for key in keys) for row in rows) == sorted(tuple(row[key] for key in keys) for row in wanted)  # fmt: skip
        sheets = [list(csv.DictReader(io.StringIO(sheet(made, one.replace("json.gz", "csv"))))) for one in names]
        tables = [pq.read_table(io.BytesIO(made[one.replace("json.gz", "parquet")].data())) for one in names]
        assert [len(unpacked(made[one])) for one in names] == [len(one) for one in sheets] == [one.num_rows for one in tables]  # fmt: skip
    cut = {month_of(name): unpacked(made[name]) for name in made if name.startswith("data/posts/") and "json" in name}
    assert list(cut) == ["2026-09", "2026-10", "2026-11", "2026-12", "undated"]
    assert all(row["publish_at"].startswith(month) for month, rows in cut.items() if month != "undated" for row in rows)
    assert "data/links/others.csv.gz" in made


def test_an_edit_of_one_post_of_many_changes_the_files_of_its_month_alone(many):
    before = {name: one.key for name, one in files(many).items()}
    changed = make.post(title="Post 2", status="approved", publish_at="2026-11-05 10:00", labels=["new"])
    make.document(many, "calendar/p2", changed)
    after = {name: one.key for name, one in files(many).items()}
    assert before.keys() == after.keys()
    assert {name.partition(".")[0] for name in after if before[name] != after[name]} == {
        "data/posts/2026-11", "data/links/2026-11",
    }  # fmt: skip


def test_a_link_that_leads_elsewhere_now_changes_the_files_of_who_refers(many):
    before = {name: one.key for name, one in files(many).items()}
    (many.root / "content/calendar/p2.md").unlink()
    after = {name: one.key for name, one in files(many).items()}
    changed = {name.partition(".")[0] for name in after if before[name] != after[name]}
    assert "data/links/2026-12" in changed
    assert "data/posts/2026-11.csv" not in after
    assert not changed & {"data/posts/2026-12", "data/links/2026-10", "data/deliveries/2026-12"}


def test_a_delivery_that_stands_elsewhere_now_changes_its_month_and_time_alone_changes_nothing(many):
    def keys(now: datetime) -> dict[str, str]:
        book = books.load(many)
        made = exports.pages(book, now, Site(book, now, "x"))
        return {one.address: one.key for one in made if one.address.startswith("data/deliveries/")}

    early = datetime(2026, 10, 20, 9, tzinfo=UTC)
    assert keys(early) == keys(early + timedelta(minutes=5))
    later = keys(datetime(2026, 11, 3, 9, tzinfo=UTC))
    assert {name.partition(".")[0] for name, key in keys(early).items() if later[name] != key} == {
        "data/deliveries/2026-10"
    }


def test_files_of_documents_load_no_table_engine(many):
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from signalbook import book as books; from signalbook.workspace import Workspace\n"
        "from site_plugins.exports import pages; from site_plugins.pages import Asset; from site_plugins.site import Site\n"
        "book = books.load(Workspace(Path(sys.argv[1]))); now = datetime(2026, 11, 24, 8, tzinfo=UTC)\n"
        "made = [one.data() for one in pages.pages(book, now, Site(book, now, 'x')) if isinstance(one, Asset)]\n"
        "assert len(made) > 10\n"
        "sys.exit(', '.join({'pyarrow', 'pandas', 'duckdb', 'ibis', 'numpy'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(many.root)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# --- Parquet

COLUMNS = (
    Column("text", "text", ""), Column("whole", "whole number", ""), Column("number", "number", ""), Column("bool", "yes or no", ""),
    Column("day", "day", ""), Column("at", "instant", ""), Column("texts", "texts", ""), Column("parts", "parts", ""),
    Column("nothing", "text", ""), Column("no_lists", "texts", ""),
)  # fmt: skip


def row(number: int) -> dict:
    at = datetime(1969, 12, 1, 3, tzinfo=UTC) + timedelta(days=number % 20_000, microseconds=number)
    found = {
        "text": f"ä{number}" if number % 3 else None, "whole": number - 5, "number": number / 3 if number % 2 else None,
        "bool": number % 5 == 0 if number % 7 else None, "day": date(1960, 1, 1) + timedelta(number), "at": at,
        "texts": None if number % 4 == 0 else ["a", "é", "a"][: number % 4 - 1], "parts": "{}",
    }  # fmt: skip
    return {key: value for key, value in found.items() if value is not None}


def by_column(rows: list[dict]) -> Cells:
    told = {name for one in rows for name in one}
    return Cells(len(rows), {name: [one.get(name) for one in rows] for name in told})


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 300, 66_000])
def test_arrow_and_duckdb_read_what_we_write(count, tmp_path):
    rows = [row(number) for number in range(count)]
    wanted = [{column.name: one.get(column.name) for column in COLUMNS} for one in rows]
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet.file(COLUMNS, by_column(rows)))
    table = pq.read_table(path)
    assert [str(one) for one in table.schema.types] == [
        "string", "int64", "double", "bool", "date32[day]", "timestamp[us, tz=UTC]", "list<element: string>", "string", "string",
        "list<element: string>",
    ]  # fmt: skip
    assert table.to_pylist() == wanted
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute("FROM read_parquet(?)", [str(path)]).fetchall()
    plain = [[one.astimezone(UTC) if isinstance(one, datetime) else one for one in line] for line in found]
    assert plain == [list(one.values()) for one in wanted]


def test_a_cell_is_the_same_whether_it_is_looked_at_closely_or_not():
    for text in (
        "",
        "a",
        "ä b",
        "=1",
        " =1",
        "a\x00b",
        "a\nb",
        "-3",
        "-x",
        "\u00a0@x",
        "＝1",
        "٣=1",
        "a\x7f",
        "5",
        "\t=1",
    ):
        cleaned = spreadsheet._CONTROL.sub("", text)
        risky = cleaned.lstrip(" \u00a0").startswith(spreadsheet._STARTS) and not spreadsheet._NUMBER.fullmatch(cleaned)
        assert spreadsheet.safe(text) == (f"'{cleaned}" if risky else cleaned)


# --- CSV and JSON


@given(st.lists(st.tuples(*[st.none() | st.text() | st.sampled_from(["a,b", 'say "x"', "a\r\nb", "=1", ""])] * 2)))
def test_a_sheet_is_what_the_standard_library_writes(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        [["a", "b"], *[[cell and spreadsheet.safe(cell) for cell in row] for row in rows]]
    )
    cells = list(zip(*rows, strict=True)) or [None, None]
    for texts in ((), ("a",), ("a", "b")):
        made = spreadsheet.csv(["a", "b"], cells, len(rows), texts=texts, mark=False)
        assert made == out.getvalue().encode("utf-8", "replace")


def test_a_sheet_of_one_column_has_no_empty_line():
    made = spreadsheet.csv(["a"], [[None, "", "x", 1.5, -0.0, 0.0, True]], 7, mark=False)
    assert made == b'a\r\n""\r\n""\r\nx\r\n1.5\r\n-0.0\r\n0.0\r\nTrue\r\n'


@pytest.mark.parametrize("count", [1, 2, 50])
def test_json_leaves_out_what_there_is_nothing_of_and_changes_no_number(count):
    rows = [row(number) | {"number": (0.0, -0.0, 1e300)[number % 3]} for number in range(count)]
    rows[-1] |= {"text": 'a"b\\\n\u2028é', "at": datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))}
    made = json.loads(exports.json_(COLUMNS, by_column(rows)))
    assert list(made[0]) == [column.name for column in COLUMNS]
    wanted = [
        {name: tabling.said(cell) if isinstance(cell, date) else cell for name, cell in one.items()} for one in rows
    ]
    assert [{name: cell for name, cell in one.items() if cell is not None} for one in made] == wanted
    assert [str(one["number"]) for one in made] == [str(one["number"]) for one in rows]
    assert exports.json_(COLUMNS, by_column([])) == b"[]\n"


def test_an_hour_that_comes_twice_is_told_twice():
    berlin = ZoneInfo("Europe/Berlin")
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold) for fold in (0, 1)]
    made = json.loads(exports.json_(COLUMNS, Cells(2, {"at": twice})))
    assert [one["at"] for one in made] == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]


def test_a_month_of_a_large_table_is_made_without_reading_another_one(place, monkeypatch):
    """A million mentions are never in memory together: each part opens the files of its own month."""
    monkeypatch.setattr(parts, "LARGE", 10)
    made = files(place)
    opened: list[str] = []
    read = store.Tables.table

    def spied(self, folder):
        opened.append(f"{folder} {sorted(self._months or ['all'])}")
        return read(self, folder)

    monkeypatch.setattr(store.Tables, "table", spied)
    made["data/readings/2026-10.csv"].data()
    assert opened == ["readings ['2026-10']"]
