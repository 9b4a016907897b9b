"""Files that were made to hurt: refused with a sentence, quickly, and nothing of them runs."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import tables
from pipelines.imports import read_export
from pipelines.tables import Unreadable

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def imported(name, data):
    return read_export(name, data, taken_at=NOW, zone=ZoneInfo("Europe/Berlin"))


def answer(name, data):
    """What a person is told of a file; any other error than a refusal is a failure of the test."""
    try:
        return imported(name, data).layout
    except Unreadable as refused:
        return str(refused)


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused_unread():
    bomb = zipped(Queries_DOT_csv=b"\0" * 300_000_000)
    started = time.perf_counter()
    with pytest.raises(Unreadable, match="unpacks to"):
        imported("bomb.zip", bomb)
    assert time.perf_counter() - started < 5


def test_an_archive_of_thousands_of_parts_is_refused():
    with pytest.raises(Unreadable, match="parts"):
        imported("parts.zip", zipped(**{f"a{number}_DOT_csv": b"" for number in range(2_001)}))


def test_a_workbook_that_declares_entities_is_refused():
    bad = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>'
    with pytest.raises(Unreadable, match="entities"):
        imported("laughs.xlsx", zipped(xl__workbook_DOT_xml=bad))


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, workbook(["a"])[:-200], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])  # fmt: skip
def test_a_damaged_workbook_is_refused(data):
    with pytest.raises(Unreadable):
        imported("damaged.xlsx", data)


def test_json_that_is_nested_too_deeply_is_refused():
    for data in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 50_000 + b"]" * 50_000):
        with pytest.raises(Unreadable):
            imported("deep.json", data)


def test_a_thread_of_thousands_of_answers_is_read():
    node: dict = {}
    for number in range(300):
        post = {
            "uri": f"at://did:plc:a/app.bsky.feed.post/{number}", "author": {"handle": "a.test"},
            "record": {"text": "x", "createdAt": "2026-07-14T09:00:00Z"},
        }  # fmt: skip
        node = {"post": post, "replies": [node] if node else []}
    assert imported("thread.json", json.dumps({"thread": node}).encode()).mentions == 300


@pytest.mark.parametrize(
    "document",
    [
        [{"id": None, "account": {}, "content": ""}], [{"id": 1.5e17, "account": {}, "content": ""}],
        [{"id": [], "account": {"acct": []}, "content": {}}], [None], [[]], {"posts": [None]}, {"feed": [{"post": 1}]},
        [{"uri": "at://x", "record": {"facets": [None, {"index": 3}, {"index": {"byteStart": -9}, "features": [{"$type": 1}]}], "text": 5, "langs": 3, "reply": 3, "createdAt": 9}, "author": {}}],
        {"orderedItems": [None, {"type": "Create", "object": 3}, {"type": "Create", "object": {"id": 3}}]},
    ],
)  # fmt: skip
def test_json_of_odd_types_is_read_or_refused_and_never_an_error(document):
    assert answer("odd.json", json.dumps(document).encode())


def test_formulas_and_markup_are_text():
    rows = [
        ["Post id", "Date", "Post text", "Impressions"],
        ["1990000000000000001", "2026-07-14", "=cmd|' /C calc'!A0 {{ 7*7 }} <script>", 5],
    ]
    found = imported("posts.xlsx", workbook(*rows[:1], [rows[1][0], rows[1][1], "'" + rows[1][2], rows[1][3]]))
    assert found.totals["impressions"] == 5


@pytest.mark.parametrize(("cell", "ids"), [("1990000000000000123", {"1990000000000000123"}), ("1.99E+18", set())])
def test_an_id_that_is_a_number_in_a_workbook_keeps_its_digits_or_is_refused(cell, ids):
    with zipfile.ZipFile(
        io.BytesIO(workbook(["Post id", "Date", "Post text", "Impressions"], [7, "2026-07-14", "x", 5]))
    ) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert b"<v>7</v>" in parts[sheet]
    parts[sheet] = parts[sheet].replace(b"<v>7</v>", f"<v>{cell}</v>".encode())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    if ids:
        assert {record.subject for record in imported("posts.xlsx", out.getvalue()).records} == ids
    else:
        with pytest.raises(Unreadable, match="cut the digits"):
            imported("posts.xlsx", out.getvalue())


def test_a_table_larger_than_the_caps_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 10)
    with pytest.raises(Unreadable, match="larger than"):
        imported("long.csv", b"Top queries,Clicks,Impressions\n" + b"a,1,2\n" * 11)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_never_an_error(data):
    for prefix in (b"", b"PK\x03\x04", b"\xff\xfe", b"[", b"<table>", b"Post id,Date,Post text,Impressions\n"):
        assert answer("x", prefix + data)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=5), max_size=6))
def test_any_rows_below_a_known_header_are_read_or_refused(rows):
    text = "Post id,Date,Post text,Impressions\n" + "\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows
    )
    assert answer("x.csv", text.encode("utf-8", "replace"))
