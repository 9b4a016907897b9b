"""The store: nothing is lost, nothing is counted twice, nothing is rounded, and a damaged line is told."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalbook import book, store
from signalbook.errors import StoreError
from signalbook.records import (
    LEDGER,
    PRIVATE,
    Alert,
    CaseEvent,
    Contact,
    Intent,
    Judgement,
    Mention,
    Reading,
    Receipt,
)
from signalbook.workspace import Workspace

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KINDS = [*LEDGER.values(), *PRIVATE.values()]
SOURCE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Place:
    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def private(self) -> Path:
        return self.root / "data" / "private"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "a [workspace] of=ours*")


def reading(number: float = 1, on: date = date(2026, 11, 16), **more: Any) -> Reading:
    values: dict[str, Any] = {"source": "x", "subject": "account", "metric": "views", "origin": "x.csv", **more}
    return Reading.of(on=on, value=number, taken_at=NOW, **values)


def mention(name: str, published: datetime | None = None, text: str = "words") -> Mention:
    return Mention(f"x:{name}", "x", name, "", "", "", text, "en", published, NOW)


def judgement(key: str, at: datetime) -> Judgement:
    return Judgement(
        key,
        "r1",
        NOW,
        at,
        "x",
        "x",
        "",
        "",
        "en",
        "",
        0.0,
        "nobody",
        0,
        "",
        "voice",
        (),
        key,
        key,
        (),
        "routine",
        0,
        0,
        (),
        (),
    )


def receipt(what: Literal["sent", "amended"], at: datetime = NOW) -> Receipt:
    return Receipt("opening:bluesky:0", "opening", "bluesky", 0, at, "3k", "https://example.org/3k", "c0", what)


def intent(run: str) -> Intent:
    return Intent("opening:bluesky:0", "opening", "bluesky", 0, run, "c0", NOW, NOW + timedelta(minutes=10))


def alert(name: str) -> Alert:
    return Alert(name, "topic", "spike", 3, NOW, "Three times the usual.")


# Any value that a declaration allows. Text holds every character there is, and those that end a line somewhere.

TEXT = st.text(max_size=20) | st.sampled_from(
    ["\x00", "\u2028\u2029\x85\r\n\v\f\x1c", '"\\', "\ufeff", "🧑‍🍳", "\x7f", "</script>"]
)
INSTANTS = st.datetimes(
    datetime.fromisoformat("0001-01-03"),
    datetime.fromisoformat("9999-12-29"),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=11))]),
)
NUMBERS = (
    st.integers(-(10**38) + 1, 10**38 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([2**53 + 1, 0.1 + 0.2, 1e-300, 5e-324, 1.7976931348623157e308, -0.0, 3.0])
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    known: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        int: st.integers(-(2**63), 2**63 - 1),
        date: st.dates(),
        datetime: INSTANTS,
        tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
    }
    if hint == datetime | None:
        return st.none() | INSTANTS
    return known.get(hint, NUMBERS)


def records_of(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values(hints[name]) for name in kind.__dataclass_fields__})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_record_is_read_as_it_was_written(kind: Any, data: st.DataObject) -> None:
    record = data.draw(records_of(kind))
    line = store.encode(record)
    assert store.decode(line, kind) == (record, ())
    assert line.count(b"\n") == 1
    assert len(line.decode().splitlines()) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_engine_reads_the_same_values(
    kind: Any, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = Place(tmp_path_factory.mktemp("engine"))
    given_records = data.draw(st.lists(records_of(kind), max_size=5, unique_by=lambda record: record.key))
    store.append(place, given_records)
    tables = store.tables(place)
    rows = tables.table(store.FOLDERS[kind]).to_pyarrow().to_pylist()
    assert tables.problems() == ()
    assert {store._from_row(row, kind) for row in rows} == set(given_records)


@given(st.lists(st.sampled_from([reading(n, date(2026, m, 1)) for n in range(3) for m in (9, 10, 11)]), max_size=12))
@settings(max_examples=25, deadline=None)
def test_appending_twice_is_appending_once(tmp_path_factory: pytest.TempPathFactory, records: list[Reading]) -> None:
    place = Place(tmp_path_factory.mktemp("twice"))
    first = store.append(place, records)
    files = {path: path.read_bytes() for path in place.data.rglob("*.jsonl")}
    assert sum(first.values()) == len(set(records))
    assert sum(store.append(place, reversed(records)).values()) == 0
    assert files == {path: path.read_bytes() for path in place.data.rglob("*.jsonl")}


def test_a_record_lies_in_the_month_it_is_about(place: Place) -> None:
    eve = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    found = [
        reading(on=date(2026, 10, 31)),
        mention("a", published=eve),
        mention("b"),
        Contact("h:1", "h", "1", "", "", "Lead", "", None, NOW),
        intent("r1"),
        receipt("sent"),
        alert("a1"),
        CaseEvent("c:1", "c", "opened", eve, "duty-officer"),
    ]
    added = store.append(place, found)
    assert added == dict.fromkeys(("readings", "mentions", "contacts", "intents", "receipts", "alerts", "cases"), 1) | {
        "mentions": 2
    }
    assert sorted(path.relative_to(place.data).as_posix() for path in place.data.rglob("*.*")) == [
        "alerts/2026-11.jsonl",
        "cases/2026-11.jsonl",
        "intents/2026-11.jsonl",
        "private/contacts/2026-11.jsonl",
        "private/mentions/2026-11.jsonl",
        "readings/2026-10.jsonl",
        "receipts/2026-11.jsonl",
    ]


def test_the_line_of_a_record_keeps_the_order_of_its_declaration(place: Place) -> None:
    """The diff of a data commit is read by people."""
    store.append(place, [CaseEvent("c1", "case-1", "owned", NOW, "head-baker", ("due=2026-11-23T10:00:00Z",))])
    assert (place.data / "cases/2026-11.jsonl").read_text() == (
        '{"key":"c1","case":"case-1","what":"owned","at":"2026-11-23T08:00:00Z",'
        '"by":"head-baker","facts":["due=2026-11-23T10:00:00Z"]}\n'
    )


def test_a_delivery_keeps_all_its_receipts_and_the_claims_of_two_runs(place: Place) -> None:
    later = NOW + timedelta(hours=1)
    store.append(place, [receipt("sent"), receipt("amended", later), receipt("sent"), intent("r1"), intent("r2")])
    assert [found.what for found in store.read(place, Receipt)[0]] == ["sent", "amended"]
    assert [found.run for found in store.read(place, Intent)[0]] == ["r1", "r2"]
    tables = store.tables(place)
    assert (tables.receipts.count().to_pyarrow().as_py(), tables.intents.count().to_pyarrow().as_py()) == (2, 2)


def test_a_mention_heard_again_in_another_month_is_no_new_one(place: Place) -> None:
    store.append(place, [mention("a", published=datetime(2026, 9, 1, tzinfo=UTC))])
    assert store.append(place, [mention("a")]) == {"mentions": 0}


def test_of_repeats_that_a_merge_made_the_first_counts(place: Place) -> None:
    folder = place.private / "mentions"
    folder.mkdir(parents=True)
    (folder / "2026-10.jsonl").write_bytes(store.encode(mention("a", text="first")))
    (folder / "2026-11.jsonl").write_bytes(store.encode(mention("a", text="second")) * 2)
    assert [found.text for found in store.read(place, Mention)[0]] == ["first"]
    assert store.tables(place).mentions.text.to_pyarrow().to_pylist() == ["first"]


def test_whole_numbers_are_summed_without_rounding(place: Place) -> None:
    store.append(place, [reading(2**53 + 1), reading(2)])
    table = store.tables(place).readings
    assert int(table.value_whole.sum().to_pyarrow().as_py()) == 2**53 + 3


def test_an_empty_store_has_empty_tables_with_every_column(place: Place) -> None:
    tables = store.tables(place)
    assert tables.problems() == ()
    for folder, kind in store.KINDS.items():
        table = tables.table(folder)
        assert [name for name in table.columns if not name.endswith("_whole")] == list(kind.__dataclass_fields__)
        assert table.count().to_pyarrow().as_py() == 0
    assert not place.data.exists()


def test_one_month_is_read_without_the_others_and_its_stamp_changes_with_its_files_alone(place: Place) -> None:
    store.append(place, [reading(1, date(2026, 10, 1)), reading(2, date(2026, 11, 1)), reading(3, date(2026, 11, 2))])
    before = store.months(place, "readings")
    tables = store.tables(place, ["2026-11"])
    assert sorted(tables.readings.value.to_pyarrow().to_pylist()) == [2.0, 3.0]
    assert store.tables(place, []).readings.count().to_pyarrow().as_py() == 0
    store.append(place, [reading(4, date(2026, 11, 3))])
    after = store.months(place, "readings")
    assert list(before) == ["2026-10", "2026-11"]
    assert before["2026-10"] == after["2026-10"]
    assert before["2026-11"] != after["2026-11"]


def test_half_a_surrogate_pair_becomes_the_replacement_character_and_still_repeats(place: Place) -> None:
    broken = mention("\ud83d", text="cut \ud83d")
    assert store.append(place, [broken, broken]) == {"mentions": 1}
    assert store.append(place, [broken]) == {"mentions": 0}
    assert store.read(place, Mention)[0][0].text == "cut \ufffd"


# Damage


def ledger(place: Place, content: bytes) -> Path:
    path = place.data / "readings/2026-11.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_line_cut_short_is_told_and_the_next_append_starts_afresh(place: Place) -> None:
    whole = store.encode(reading(1))
    path = ledger(place, whole + store.encode(reading(2))[:60])
    (problem,) = store.read(place, Reading)[1]
    assert (problem.path, problem.line, problem.skipped) == ("data/readings/2026-11.jsonl", 2, True)
    assert problem.sentence.startswith("The last line was cut short")
    assert store.tables(place).problems("readings") == (problem,)
    assert store.cut_lines(place) == (problem,)
    # The record whose line was cut is not there, so that it may be added.
    assert store.append(place, [reading(1), reading(2)]) == {"readings": 1}
    assert path.read_bytes().startswith(whole)
    assert set(store.read(place, Reading)[0]) == {reading(1), reading(2)}
    assert store.tables(place).readings.count().to_pyarrow().as_py() == 2


def test_the_book_tells_of_a_cut_line_in_every_kind_of_record(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for record in (reading(1), mention("a"), receipt("sent")):
        store.append(workspace, [record])
    for path in workspace.data.rglob("*.jsonl"):
        path.write_bytes(path.read_bytes() + b'{"key":"cut')
    told = [(found.path, found.line) for found in book.load(workspace).findings if found.rule == "store-line"]
    assert sorted(told) == [
        ("data/private/mentions/2026-11.jsonl", 2),
        ("data/readings/2026-11.jsonl", 2),
        ("data/receipts/2026-11.jsonl", 2),
    ]


def test_a_last_line_without_its_end_is_a_record_when_it_is_whole(place: Place) -> None:
    path = ledger(place, store.encode(reading(1)).rstrip(b"\n"))
    assert store.read(place, Reading) == ((reading(1),), ())
    assert store.cut_lines(place) == ()
    assert store.append(place, [reading(1), reading(2)]) == {"readings": 1}
    assert path.read_bytes() == store.encode(reading(1)) + store.encode(reading(2))


LINE = store.encode(reading(1)).rstrip(b"\n")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"<<<<<<< main", "not one JSON object"),
        (b"[1]", "not one JSON object"),
        (LINE + LINE, "not one JSON object"),
        (LINE[:-1] + b',"key":"again"}', "says a field twice"),
        (LINE.replace(b'"views"', b'"vi\xffews"'), "not UTF-8"),
        (LINE.replace(b'"source":"x",', b""), "“source” is missing"),
        (LINE.replace(b'"value":1', b'"value":NaN'), "not one JSON object"),
        (LINE.replace(b'"value":1', b'"value":1e999'), "“value” is not a number"),
        (LINE.replace(b'"value":1', b'"value":"1"'), "“value” is not a number"),
        (LINE.replace(b'"value":1', b'"value":null'), "“value” is not a number"),
        (LINE.replace(b"2026-11-16", b"2026-11-31"), "“on” is not a day such as 2026-11-24"),
        (LINE.replace(b'"2026-11-23T08', b'"2026-11-23T88'), "“taken_at” is not an instant"),
        (LINE.replace(b'"dims":[]', b'"dims":"none"'), "“dims” is not a list of texts"),
        (b'{"key":' + b"[" * 20_000 + b"}", ""),
    ],
)
def test_a_damaged_line_is_skipped_and_told_with_its_number(place: Place, line: bytes, why: str) -> None:
    ledger(place, LINE.replace(b'"value":1', b'"value":7') + b"\n\n" + line + b"\n" + store.encode(reading(2)))
    found, problems = store.read(place, Reading)
    tables = store.tables(place)
    assert {record.value for record in found} == {7, 2}
    assert [(problem.line, problem.skipped) for problem in problems] == [(3, True)]
    assert why in problems[0].sentence
    assert tables.problems() == problems
    assert tables.readings.count().to_pyarrow().as_py() == len(found)


def test_a_field_of_a_later_version_is_told_and_the_record_kept(place: Place) -> None:
    """A receipt that is not understood in full must still stop a second sending."""
    path = place.data / "receipts/2026-11.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(store.encode(receipt("sent")).replace(b'"why":""', b'"why":"","boost":1'))
    found, (problem,) = store.read(place, Receipt)
    assert found == (receipt("sent"),)
    assert "boost" in problem.sentence
    assert not problem.skipped


def test_a_folder_in_the_place_of_a_file_stops_everything(place: Place) -> None:
    (place.data / "readings/2026-11.jsonl").mkdir(parents=True)
    for act in (
        lambda: store.append(place, [alert("a1"), reading(1)]),
        lambda: store.read(place, Reading),
        lambda: store.tables(place).readings,
    ):
        with pytest.raises(StoreError, match=r"data/readings/2026-11\.jsonl"):
            act()
    assert not (place.data / "alerts").exists()


def test_a_file_in_the_place_of_a_folder_stops_everything(place: Place) -> None:
    place.data.mkdir(parents=True)
    (place.data / "readings").write_text("")
    with pytest.raises(StoreError, match="data/readings"):
        store.append(place, [reading(1)])
    with pytest.raises(StoreError, match="data/readings"):
        store.read(place, Reading)


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(place: Place) -> None:
    (place.data / "readings").mkdir(parents=True)
    os.mkfifo(place.data / "readings/2026-11.jsonl")
    with pytest.raises(StoreError, match="should be a file"):
        store.append(place, [reading(1)])


@pytest.mark.parametrize("link", ["data", "data/readings", "data/readings/2026-11.jsonl"])
def test_a_link_out_of_the_workspace_is_refused(place: Place, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    if link.endswith("jsonl"):
        outside.write_bytes(store.encode(reading(5)))
    else:
        outside.mkdir()
    (place.root / link).parent.mkdir(parents=True)
    (place.root / link).symlink_to(outside)
    for act in (
        lambda: store.append(place, [reading(1)]),
        lambda: store.read(place, Reading),
        lambda: store.tables(place).readings,
    ):
        with pytest.raises(StoreError, match="leads out of the workspace"):
            act()
    assert list(tmp_path.rglob("*.jsonl")) == ([place.root / link] if link.endswith("jsonl") else [])


def test_a_link_that_leads_to_itself_is_refused(place: Place) -> None:
    (place.data / "readings").mkdir(parents=True)
    (place.data / "readings/2026-11.jsonl").symlink_to("2026-11.jsonl")
    with pytest.raises(StoreError):
        store.append(place, [reading(1)])


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (reading(float("nan")), "Reading.value: nan is not a finite number"),
        (reading(float("inf")), "Reading.value: inf is not a finite number"),
        (reading(True), "Reading.value: True is not a number"),
        (reading(1, grain="hour"), "Reading.grain: 'hour' is not one of day, week, post, total"),
        (receipt("sent", datetime.fromisoformat("2026-11-23T08:00")), "has no zone"),
        (mention("a", text="x" * 9_000_000), "too long for a line"),
    ],
)
def test_a_record_that_breaks_its_declaration_writes_nothing(place: Place, record: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        store.append(place, [alert("a1"), record])
    assert not place.data.exists()


def test_a_full_disk_leaves_the_file_as_it_was(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(place, [reading(1)])
    path = place.data / "readings/2026-11.jsonl"
    before = path.read_bytes()
    write, calls = os.write, iter([10])

    def full(handle: int, content: bytes) -> int:
        for room in calls:
            return write(handle, bytes(content)[:room])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StoreError, match="No space left on device"):
            store.append(place, [reading(2)])
    assert path.read_bytes() == before


# Compaction


def test_a_closed_month_becomes_parquet_and_reads_the_same(place: Place) -> None:
    before = [reading(n, date(2026, 9, 1)) for n in (2**60 + 1, 1.5, 3.0, -7)] + [reading(1)]
    store.append(place, before)
    assert store.compact(place, NOW) == {"data/readings/2026-09.parquet": 4}
    assert sorted(path.name for path in (place.data / "readings").iterdir()) == ["2026-09.parquet", "2026-11.jsonl"]
    found, problems = store.read(place, Reading)
    assert (list(found), problems) == (before, ())
    assert [type(record.value) for record in found] == [int, float, float, int, int]
    assert store.append(place, before) == {"readings": 0}
    assert store.compact(place, NOW) == {}


def test_a_late_record_joins_a_compacted_month(place: Place) -> None:
    store.append(place, [reading(1, date(2026, 9, 1))])
    store.compact(place, NOW)
    assert store.append(place, [reading(1, date(2026, 9, 1)), reading(2, date(2026, 9, 2))]) == {"readings": 1}
    assert store.tables(place).readings.count().to_pyarrow().as_py() == 2
    assert store.compact(place, NOW) == {"data/readings/2026-09.parquet": 2}


def test_a_month_whose_compaction_was_interrupted_is_read_once(place: Place) -> None:
    store.append(place, [reading(1, date(2026, 9, 1))])
    lines = place.data / "readings/2026-09.jsonl"
    kept = lines.read_bytes()
    store.compact(place, NOW)
    lines.write_bytes(kept)
    assert len(store.read(place, Reading)[0]) == 1
    assert store.tables(place).readings.count().to_pyarrow().as_py() == 1


def test_a_damaged_month_and_a_number_too_large_stay_as_lines(place: Place) -> None:
    path = place.data / "readings/2026-09.jsonl"
    store.append(place, [reading(10**40, date(2026, 9, 1))])
    with pytest.raises(StoreError, match="It stays as lines"):
        store.compact(place, NOW)
    path.write_bytes(path.read_bytes() + b"{")
    with pytest.raises(StoreError, match="cut short"):
        store.compact(place, NOW)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


# Several processes, and processes that die


def write_many(root: Path, writer: int, count: int) -> None:
    place = Place(root)
    for number in range(count):
        store.append(place, [reading(writer * 1000 + number), reading(number + 1_000_000)])


def test_writers_at_once_lose_nothing_and_double_nothing(place: Place) -> None:
    context = multiprocessing.get_context("spawn" if sys.platform == "darwin" else "fork")
    with_writers = [context.Process(target=write_many, args=(place.root, writer, 15)) for writer in range(4)]
    for process in with_writers:
        process.start()
    for process in with_writers:
        process.join()
    assert [process.exitcode for process in with_writers] == [0] * 4
    lines = (place.data / "readings/2026-11.jsonl").read_bytes().splitlines()
    assert len(lines) == len(set(lines)) == 4 * 15 + 15


KILLED = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from signalbook import store
from signalbook.records import Reading
root = Path(sys.argv[1])
place = SimpleNamespace(root=root, data=root / "data", private=root / "data/private")
now = datetime(2026, 11, 23, 8, tzinfo=UTC)
print("ready", flush=True)
number = int(sys.argv[2])
while True:
    batch = [
        Reading.of(source="x", subject="s" * 2000, metric="m", on=date(2026, 11, 1), value=number * 100 + n,
                   taken_at=now, origin="o") for n in range(100)
    ]
    store.append(place, batch)
    print(number, flush=True)
    number += 1
"""


def test_a_killed_append_leaves_a_store_that_reads_and_grows(place: Place) -> None:
    """Twelve writers are killed at whatever instruction they are; what they had reported as added is there."""
    place.root.mkdir(parents=True)
    promised: set[int] = set()
    for round_ in range(12):
        first = round_ * 1000
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(place.root), str(first)],
            stdout=subprocess.PIPE,
            cwd=SOURCE,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(0.02 + 0.013 * round_)
            process.send_signal(signal.SIGKILL)
            said = process.stdout.read().split(b"\n")[:-1]
        promised |= {int(number) * 100 + n for number in said for n in range(100)}
        found, problems = store.read(place, Reading)
        values = [record.value for record in found]
        assert promised <= set(values)
        assert len(values) == len(set(values))
        assert all("cut short" in problem.sentence or "not one JSON object" in problem.sentence for problem in problems)
    assert promised
    assert store.append(place, [reading(1)]) == {"readings": 1}
    tables = store.tables(place)
    found, problems = store.read(place, Reading)
    assert tables.readings.count().to_pyarrow().as_py() == len(found)
    assert tables.problems("readings") == problems


@given(st.integers(0, 900))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_at_any_byte_reads_up_to_there_and_grows(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """What a kill leaves is a beginning of what was to be written: every such beginning is tried."""
    place = Place(tmp_path_factory.mktemp("cut"))
    batch = [reading(n, source="zürich \u2028") for n in range(4)]
    whole = b"".join(map(store.encode, batch))
    path = ledger(place, whole[: cut % (len(whole) + 1)])
    complete = path.read_bytes().count(b"\n")
    found, problems = store.read(place, Reading)
    assert len(found) in {complete, complete + 1}
    assert len(found) + len(problems) in {complete, complete + 1}
    assert store.append(place, batch) == {"readings": 4 - len(found)}
    assert set(store.read(place, Reading)[0]) == set(batch)
    assert store.append(place, batch) == {"readings": 0}


# The data dictionary


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_data_dictionary_names_each_column_of_each_record(kind: Any) -> None:
    page = (SOURCE / "docs/reference/data.md").read_text(encoding="utf-8")
    assert f"`data/{'private/' if kind in PRIVATE.values() else ''}{store.FOLDERS[kind]}/`" in page
    part = page.partition(f"\n### {kind.__name__}\n")[2].partition("\n#")[0]
    columns = [line.split("|")[1].strip(" `") for line in part.splitlines() if line.startswith("| `")]
    assert columns == list(kind.__dataclass_fields__)


def test_the_query_of_the_data_dictionary_runs(place: Place) -> None:
    import duckdb

    page = (SOURCE / "docs/reference/data.md").read_text(encoding="utf-8")
    query = page.partition("```sql\n")[2].partition("```")[0]
    store.append(place, [reading(1), reading(2)])
    folder = place.root.with_name("plain")
    shutil.copytree(place.root, folder)
    rows = duckdb.sql(query.replace("data/readings", f"{folder}/data/readings")).fetchall()
    assert sorted(row[2] for row in rows) == [1.0, 2.0]


def test_a_long_month_is_remembered_and_read_anew_when_a_line_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learnt of a file counts for just its bytes: one line more, and all of it is read again."""
    from signalbook.workspace import Workspace

    place = Workspace(tmp_path)
    rows = [replace(receipt("sent"), key=f"post-{number}/bluesky", facts=("cid=x",)) for number in range(40)]
    monkeypatch.setattr(store, "WORTH", 100)
    store.append(place, rows)
    assert store.read(place, Receipt) == (tuple(rows), ())
    (kept,) = place.cache.glob("records-*")
    monkeypatch.setattr(store, "decode", lambda *_: pytest.fail("it was remembered"))
    assert store.read(place, Receipt) == (tuple(rows), ())
    monkeypatch.undo()
    monkeypatch.setattr(store, "WORTH", 100)
    more = replace(receipt("sent"), key="one-more/bluesky")
    store.append(place, [more])
    assert store.read(place, Receipt)[0] == (*rows, more)
    kept.write_bytes(b"rubbish")
    assert store.read(place, Receipt)[0] == (*rows, more)


def test_a_long_month_with_a_damaged_line_is_told_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from signalbook.workspace import Workspace

    place = Workspace(tmp_path)
    monkeypatch.setattr(store, "WORTH", 100)
    store.append(place, [receipt("sent")])
    with (place.data / "receipts" / f"{store.month_of(receipt('sent'))}.jsonl").open("a", encoding="utf-8") as file:
        file.write("rubbish\n")
    for _ in range(2):
        assert len(store.read(place, Receipt)[1]) == 1


def test_large_private_months_are_read_by_column_with_the_same_rows_and_problems(tmp_path: Path) -> None:
    (tmp_path / "signalbook.toml").write_text("", encoding="utf-8")
    place = Workspace(tmp_path)
    many = [mention(f"m{number}", NOW + timedelta(minutes=number), "words " * 60) for number in range(1_200)]
    store.append(place, many)
    month = place.private / "mentions/2026-11.jsonl"
    lines = month.read_bytes().splitlines(keepends=True)
    month.write_bytes(b"".join(lines) + lines[3] + b'{"key":"x:odd"}\n{"key":"cut')
    tables = store.tables(place)
    assert sorted(tables.mentions.key.to_pyarrow().to_pylist()) == sorted(one.key for one in many)
    assert [problem.line for problem in tables.problems("mentions")] == [1202, 1203]
    assert list((place.cache / store.SHADOWS).glob("mentions-2026-11-*.parquet"))
    store.append(place, [mention("later", NOW)])
    assert store.tables(place).mentions.count().to_pyarrow().as_py() == 1_201
    assert [problem.line for problem in store.tables(place).problems("mentions")] == [1202, 1203]


def test_rewriting_erases_and_changes_private_lines_and_refuses_the_ledger(place: Place) -> None:
    store.append(place, [mention("a", NOW), mention("b", NOW), mention("c", NOW - timedelta(days=40))])
    changes: dict[str, Any] = {"x:a": None, "x:b": replace(mention("b", NOW), text="gone")}
    assert store.rewrite(place, "mentions", lambda one: changes.get(one.key, one), months=["2026-11"]) == 2
    assert [(one.key, one.text) for one in store.read(place, Mention)[0]] == [("x:c", "words"), ("x:b", "gone")]
    assert store.rewrite(place, "mentions", lambda _: None, months=["2026-11"]) == 1
    assert not (place.private / "mentions/2026-11.jsonl").exists()
    with pytest.raises(ValueError, match="ledger"):
        store.rewrite(place, "alerts", lambda _: None)


def test_a_whole_line_is_answered_for_unread_and_a_cut_one_is_not(place: Place) -> None:
    store.append(place, [mention("a", NOW), mention("b", NOW), mention("c", NOW)])
    month = place.private / "mentions/2026-11.jsonl"
    with month.open("ab") as file:
        file.write(b'{"key":"x:cut","te')
    read: list[str] = []

    def change(one: Mention) -> Mention:
        read.append(one.key)
        return one

    def quick(line: bytes) -> bytes | None:
        return b"" if b'"x:a"' in line else None if b'"x:b"' in line else line

    assert store.rewrite(place, "mentions", change, quick=quick) == 2  # the first, and the line nobody can read
    assert read == ["x:b"]
    assert [one.key for one in store.read(place, Mention)[0]] == ["x:b", "x:c"]


def test_the_months_that_are_behind_are_those_with_a_key_the_other_folder_lacks(place: Place) -> None:
    older = NOW - timedelta(days=40)
    odd = mention('\u2028 \x7f "quoted"', older)
    store.append(place, [mention("a", NOW), odd])
    assert store.behind(place, "mentions", "judgements") == {"2026-10", "2026-11"}
    done = [judgement("x:a", NOW), judgement(odd.key, older)]
    store.append(place, done[1:])
    assert store.behind(place, "mentions", "judgements") == {"2026-11"}
    with (place.private / "judgements/2026-11.jsonl").open("wb") as file:  # in another writer's hand, and a cut line
        line = json.loads(store.encode(done[0]))
        file.write(json.dumps(dict(reversed(line.items()))).encode() + b'\n{"key":"x:z')
    assert store.behind(place, "mentions", "judgements") == frozenset()
