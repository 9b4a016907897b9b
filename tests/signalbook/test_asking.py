"""Questions in SQL: what they may see, what stops them, and that a mistake is told with its line."""

from __future__ import annotations

import json

import pytest

from signalbook import asking, checking, tabling
from signalbook import book as books
from signalbook.book import Book
from signalbook.model import KINDS
from signalbook.records import LEDGER, PRIVATE
from tests import build as make
from tests.build import NOW, write


@pytest.fixture
def book(tmp_path) -> Book:
    place = make.workspace(tmp_path / "team")
    make.document(
        place,
        "calendar/opening",
        make.post(title="Doors open", status="review", publish_at="2026-11-24 09:30", labels=["a", "b"]),
    )
    make.document(
        place, "calendar/evening", make.post(title="Evening", owner="editor", cost={"amount": 12.5, "currency": "EUR"})
    )
    return books.load(place)


def asked(book: Book, sql: str):
    _, answer, wrong = asking.answer(book, sql, NOW)
    return answer.rows if answer else [(one.line, one.message) for one in wrong]


def wrong(book: Book, sql: str) -> asking.Wrong:
    _, answer, found = asking.answer(book, sql, NOW)
    assert answer is None
    assert found[0].remedy
    return found[0]


def test_documents_and_what_follows_from_them_are_tables(book):
    assert asked(book, "select slug, status, publish_at, cost_amount from posts order by slug") == (
        ("evening", "draft", None, 12.5), ("opening", "review", "2026-11-24 09:30", None),
    )  # fmt: skip
    assert asked(book, "select labels from posts where slug = 'opening'") == (("a, b",),)
    assert asked(book, "select post, channel, state from deliveries order by all") == (
        ("evening", "blog", "draft"), ("opening", "blog", "review"),
    )  # fmt: skip
    assert asked(book, "from links select source, field, target where field = 'owner' order by source limit 1") == (
        ("evening", "owner", "editor"),
    )  # fmt: skip
    assert asked(book, "select today, zone from build") == (("2026-11-23", "Europe/Berlin"),)
    assert asked(book, "select count(*) from readings") == ((0,),)


def test_every_table_can_be_asked_and_every_column_says_what_it_is(book):
    known = tabling.known()
    assert len(known) == len(KINDS) + len(LEDGER) + len(PRIVATE) + 3
    for name, table in known.items():
        assert tabling.table(book, name, NOW).column_names == [column.name for column in table.columns]
        assert table.about, name
        assert [column.name for column in table.columns if not column.about] == [], name


def test_other_peoples_words_are_in_no_table():
    for name, columns in tabling.WITHHELD.items():
        assert not columns & {column.name for column in tabling.known()[name].columns}


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "select * from 'https://example.org/x.csv'",
        "select * from sqlite_scan('x.db', 'y')",
        "select * from query('select 1')",
        "select getenv('HOME')",
        "select current_setting('home_directory')",
        "select * from duckdb_settings()",
        "select * from information_schema.tables",
        "select * from pg_catalog.pg_tables",
        "copy posts to '/tmp/x.csv'",
        "attach 'x.db'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '10GB'",
        "pragma version",
        "create table x as select 1",
        "insert into posts select * from posts",
        "drop table posts",
        "delete from posts",
        "call pragma_version()",
        "export database '/tmp/x'",
        "explain analyze select 1",
        "select 1; select 2",
        "select 1) limit 1; drop table posts; select * from (select 1",
        "with x as (delete from posts returning *) select * from x",
        "select nextval('x')",
        "select book from book",
        "select * from question",
    ],
)  # fmt: skip
def test_a_query_reads_the_tables_and_can_do_nothing_else(book, sql, tmp_path):
    before = sorted(path for path in tmp_path.rglob("*") if ".cache" not in path.parts)
    assert wrong(book, sql).line == 1
    assert sorted(path for path in tmp_path.rglob("*") if ".cache" not in path.parts) == before


@pytest.mark.parametrize(
    "word", ["now()", "current_date", "current_timestamp", "random()", "uuid()", "today()", "age(publish_at)"]
)
def test_the_clock_and_chance_are_not_there(book, word):
    assert "every build" in wrong(book, f"select\n  slug,\n  {word}\nfrom posts").message
    assert wrong(book, f"select\n  slug,\n  {word}\nfrom posts").line == 3
    assert asked(book, f"select '{word}' as word -- {word}") == ((word,),)


def test_time_and_memory_have_an_end(book, monkeypatch):
    monkeypatch.setattr(asking, "SECONDS", 0.3)
    assert "longer than" in wrong(book, "select count(*) from range(1000000000000)").message
    monkeypatch.setattr(asking, "SECONDS", 60.0)
    assert "memory" in wrong(book, "select list(range) from range(10000000000)").message


@pytest.mark.parametrize(
    ("sql", "line", "says", "remedy"),
    [
        ("select titel\nfrom posts", 1, "titel", "title"),
        ("select title\nfrom pots", 2, "pots", "posts"),
        ("title: A\nchart: bar\n\nselect title,\n  from from posts", 5, "syntax", ""),
        ("select title\nfrom posts\nwhere publish_at = 'soon'", 3, "", ""),
        ("titel: A\nselect 1", 1, "titel", "title"),
        ("chart: pie\nselect 1", 1, "pie", "bar"),
        ("title: A", 1, "asks nothing", "select"),
        ("y: owner\nselect slug, owner from posts", 1, "no number", ""),
        ("x: when\nselect slug from posts", 1, "when", "slug"),
        ("chart: line\nselect slug from posts", 1, "no number", ""),
        ("select * from range(1000)", 1, "500 rows", "limit 500"),
        ("select * from posts", 1, "columns", "Name"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_write(book, sql, line, says, remedy):
    found = wrong(book, sql)
    assert (found.line, says in found.message, remedy in found.remedy) == (line, True, True), found


def test_the_check_names_the_line_in_the_file_and_blocks(tmp_path):
    place = make.workspace(tmp_path / "team")
    write(place.content / "desk.md", "# Desk\n\nWords.\n\n```query\ntitle: A\nselect slug\nfrom pots\n```\n")
    found = [one for one in checking.findings(books.load(place), NOW) if one.rule == "fence"]
    assert [(one.path, one.line, one.blocks) for one in found] == [("content/desk.md", 8, True)]


def test_an_answer_is_remembered_until_something_it_depends_on_changes(tmp_path):
    place = make.workspace(tmp_path / "team")
    make.document(place, "calendar/a", make.post(title="A"))
    sql = "select title from posts order by title"
    first = books.load(place)
    keys = [asking.key(first, sql, NOW)]
    assert asked(first, sql) == (("A",),)
    make.document(place, "plans/x", {"title": "X", "owner": "writer", "status": "draft", "route": "one-page"})
    assert asking.key(books.load(place), sql, NOW) == keys[0]
    make.document(place, "calendar/b", make.post(title="B"))
    assert asking.key(books.load(place), sql, NOW) != keys[0]
    assert asked(books.load(place), sql) == (("A",), ("B",))


def test_a_damaged_memory_is_asked_again(book):
    sql = "select count(*) from posts"
    assert asked(book, sql) == ((2,),)
    for path in (book.workspace.cache / "queries").iterdir():
        path.write_bytes(b"no answer")
    assert asked(book, sql) == ((2,),)


def test_parts_of_documents_are_json(tmp_path):
    place = make.workspace(tmp_path / "team")
    make.document(place, "calendar/a", make.post(media=[{"src": "a.png", "alt": "A door"}]))
    ((media,),) = asked(books.load(place), "select media from posts")
    assert json.loads(media) == [{"src": "a.png", "alt": "A door"}]
    assert asked(books.load(place), "select media ->> '$[0].alt' as alt from posts") == (("A door",),)
