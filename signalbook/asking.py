"""SQL over the workspace's tables: what a ``query`` block asks, answered by an engine that can do nothing else.

A block is a few fields and then one statement::

    title: Posts that wait for a review
    chart: bar
    select owner, count(*) as posts
    from posts
    where status = 'review'
    group by owner order by posts desc, owner

The engine is a DuckDB of its own in memory. It holds the tables that the statement names (``signalbook.tabling``) and has no
file, no network and no extension; its settings are locked before the statement runs; it has one thread, ``MEMORY`` and
``SECONDS``. One statement that selects is all it takes. The clock and chance are refused, so that an answer is
the same at every build of the same workspace: ``(select now from build)`` is the moment.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from signalbook import caching, tabling
from signalbook.classes import dataclass
from signalbook.decode import near, shortened
from signalbook.pattern import pattern
from signalbook.records import digest

if TYPE_CHECKING:
    from signalbook.book import Book

MEMORY: Final = "256MB"
SECONDS: Final = 10.0
"""Longer than any honest question takes, also on a busy machine."""
MOST_ROWS: Final = 500
MOST_COLUMNS: Final = 20
LONGEST: Final = 500
"""Characters of a cell."""
LONGEST_SQL: Final = 10_000
FIELDS: Final = ("title", "chart", "x", "y", "unit")
CHARTS: Final = ("bar", "line")
VERSION: Final = "query-1"
_ANY_FIELD: Final = pattern(r"([a-z_]+)[ \t]*:(?!:)[ \t]*(.*)")
_COMMENT: Final = pattern(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT: Final = pattern(r"'(?:[^']|'')*'")
_WORD: Final = pattern(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
_CHANGES: Final = pattern(
    r"\b(now|today|age|random|uuid|uuidv[47]|gen_random_uuid|setseed|current_setting|getvariable|get_current_(?:time|timestamp)|"
    r"transaction_timestamp|(?:txid|version|current_(?:query|database|schema|schemas|user|role|catalog))|query|query_table|"
    r"duckdb_\w+|pragma_\w+|pg_\w+|sniff_csv|which_secret|read_\w+|glob|parquet_\w+|arrow_scan\w*|pandas_scan|python_map_function)\s*\(|"
    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp|using\s+sample|tablesample|information_schema|"
    r"pg_catalog|sqlite_master|duckdb_\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a block cannot be answered.

    Attributes:
        line: 1-based inside the block.
    """

    line: int
    field: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a block asks.

    Attributes:
        sql: the statement.
        line: 1-based line of the block on which it begins.
        x: the column that names a bar or a point; the first if empty.
        y: the columns that are drawn; every number if empty.
    """

    sql: str
    line: int
    title: str = ""
    chart: str = ""
    x: str = ""
    y: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out.

    Attributes:
        columns: their names.
        numbers: whether each is a number.
        rows: texts, numbers and ``None``; days and instants as ISO 8601, instants in the team's zone.
    """

    columns: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


def read(source: str) -> tuple[Question | None, list[Wrong]]:
    """Take a block apart."""
    lines = source.rstrip("\n").split("\n")
    values: dict[str, str] = {}
    first = len(lines)
    wrong: list[Wrong] = []
    for index, line in enumerate(lines):
        text = line.strip()
        if not text:
            continue
        found = _ANY_FIELD.fullmatch(text)
        if found is None:
            first = index
            break
        key, value = found[1], found[2].strip().strip("\"'")
        if key not in FIELDS:
            wrong.append(Wrong(index + 1, key, f"“{shortened(key)}” is no field of a query.{near(key, FIELDS)}",
                               f"Fields: {', '.join(FIELDS)}; then the statement."))  # fmt: skip
        elif key in values:
            wrong.append(Wrong(index + 1, key, f"`{key}` stands here twice.", "Keep one of the two."))
        values[key] = value
    sql = "\n".join(lines[first:]).strip().rstrip(";").rstrip()
    if not sql:
        wrong.append(
            Wrong(len(lines), "", "The block asks nothing.", "Write a statement: select slug, title from posts")
        )
    elif len(sql) > LONGEST_SQL:
        wrong.append(
            Wrong(first + 1, "", f"The statement is longer than {LONGEST_SQL:,} characters.", "Ask less at once.")
        )
    if (chart := values.get("chart", "")) and chart not in CHARTS:
        wrong.append(Wrong(1, "chart", f"“{shortened(chart)}” is no chart of a query.{near(chart, CHARTS)}",
                           f"Charts: {', '.join(CHARTS)}; without one there is the table."))  # fmt: skip
    if wrong:
        return None, wrong
    ys = tuple(one.strip() for one in values.get("y", "").strip("[]").split(",") if one.strip())
    return Question(
        sql, first + 1, values.get("title", "")[:160], chart, values.get("x", ""), ys, values.get("unit", "")
    ), []


def named(sql: str) -> tuple[str, ...]:
    """The tables a statement names; a word too many costs time and nothing else."""
    bare = _TEXT.sub("''", _COMMENT.sub(" ", sql))
    words = {word.casefold() for word in _WORD.findall(bare)}
    return tuple(name for name in tabling.known() if name in words)


def key(book: Book, source: str, now: datetime) -> str:
    """A digest of everything the answer depends on; no engine is started."""
    question, wrong = read(source)
    if question is None:
        return digest(VERSION, source, *(one.message for one in wrong))
    return digest(
        VERSION, source, book.settings.team.zone.key, *(tabling.stamp(book, name, now) for name in named(question.sql))
    )


def answer(book: Book, source: str, now: datetime) -> tuple[Question | None, Answer | None, list[Wrong]]:
    """Ask; what was asked before of the same tables is remembered in the cache."""
    question, wrong = read(source)
    if question is None:
        return None, None, wrong
    place = book.workspace.cache / "queries" / key(book, source, now)
    kept = caching.load(place, VERSION)
    if not isinstance(kept, tuple) or len(kept) != 2:
        kept = _asked(book, question, now)
        caching.save(place, VERSION, kept)
    told, complaint = kept
    if complaint is not None:
        return question, None, [Wrong(*complaint)]
    found = Answer(*told)
    wrong = list(_unfit(question, found))
    return question, None if wrong else found, wrong


def _unfit(question: Question, found: Answer) -> Iterator[Wrong]:
    for field, names in (("x", (question.x,) if question.x else ()), ("y", question.y)):
        for name in names:
            if name not in found.columns:
                listed = ", ".join(found.columns)
                yield Wrong(
                    1,
                    field,
                    f"The answer has no column “{shortened(name)}”.{near(name, found.columns)}",
                    f"Columns: {listed}.",
                )
            elif field == "y" and not found.numbers[found.columns.index(name)]:
                yield Wrong(1, field, f"`{name}` is no number and cannot be drawn.", "Name a column of numbers.")
    if question.chart and not question.y and not any(found.numbers[1:]):
        yield Wrong(
            1,
            "chart",
            "The answer has no number to draw.",
            "Select a number behind the first column, e.g. count(*) as posts.",
        )


# --- the engine ------------------------------------------------------------------------------------------------------


def _asked(book: Book, question: Question, now: datetime) -> tuple[Any, Any]:
    """Columns, numbers and rows, or what is wrong; both as plain values, for the cache."""
    import duckdb

    if (changing := _changing(question)) is not None:
        return None, changing
    connection = _engine()
    try:
        statements = duckdb.extract_statements(question.sql)
    except duckdb.Error as error:
        return None, _told(str(error), question, 0)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        what = "There is more than one statement." if len(statements) > 1 else "The statement does not select."
        return None, (question.line, "", what, "Write one statement that begins with select, with or from.")
    _fill(connection, book, question, now)
    # Settings are locked from here on: no statement can open what was closed.
    connection.execute("SET lock_configuration = true")
    clock = threading.Timer(SECONDS, connection.interrupt)
    clock.start()
    try:
        found = connection.execute(f"SELECT * FROM (\n{question.sql}\n) LIMIT {MOST_ROWS + 1}")  # noqa: S608 - one select, in a cage
        columns = tuple(str(one[0]) for one in found.description or ())
        types = [str(one[1]) for one in found.description or ()]
        rows = found.fetchall()
    except duckdb.InterruptException:
        return None, (question.line, "", f"The statement took longer than {SECONDS:g} seconds and was stopped.", "Ask less: narrow it with where, or count instead of listing.")  # fmt: skip
    except duckdb.Error as error:
        return None, _told(str(error), question, 1)
    finally:
        clock.cancel()
        connection.close()
    if len(columns) > MOST_COLUMNS:
        return None, (question.line, "", f"The answer has {len(columns)} columns; a page holds {MOST_COLUMNS}.", "Name the columns you need instead of *.")  # fmt: skip
    if len(rows) > MOST_ROWS:
        return None, (question.line, "", f"The answer has more than {MOST_ROWS} rows; a page holds no more.", f"Add limit {MOST_ROWS}, or sum up.")  # fmt: skip
    zone = book.settings.team.zone
    numbers = tuple(one in _NUMBERS or one.startswith("DECIMAL") for one in types)
    return (columns, numbers, tuple(tuple(_cell(value, zone) for value in row) for row in rows)), None


_NUMBERS: Final = frozenset(
    "NUMBER TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE".split()
)


def _engine() -> Any:
    import duckdb

    settings: Mapping[str, str] = {
        "enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
        "allow_community_extensions": "false", "memory_limit": MEMORY, "threads": "1", "max_temp_directory_size": "0B",
        "python_enable_replacements": "false",
    }  # fmt: skip
    return duckdb.connect(":memory:", config=dict(settings))


def _fill(connection: Any, book: Book, question: Question, now: datetime) -> None:
    for name in named(question.sql):
        held = tabling.table(book, name, now)
        connection.register(f"_{name}", held)
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM "_{name}"')  # noqa: S608 - a name of our own
        connection.unregister(f"_{name}")
    connection.execute(f"SET TimeZone = '{book.settings.team.zone.key}'")


def _changing(question: Question) -> tuple[int, str, str, str] | None:
    """A word whose answer is another tomorrow, or on another machine."""
    blank = re.compile(r"[^\n]")
    bare = _COMMENT.sub(lambda match: blank.sub(" ", match[0]), question.sql)
    bare = _TEXT.sub(lambda match: blank.sub(" ", match[0]), bare)
    found = _CHANGES.search(bare)
    if found is None:
        return None
    word = (found[1] or found[2]).lower()
    line = question.line + bare.count("\n", 0, found.start())
    remedy = "Use the table build: (select now from build), (select today from build)."
    if word not in {"now", "today", "age"} and not word.startswith(
        ("current_t", "current_d", "local", "get_current", "transaction")
    ):
        remedy = "Ask the tables: the guide lists them under “Queries”."
    return (line, "", f"`{word}` is not there: an answer must be the same at every build of the same files.", remedy)


def _told(error: str, question: Question, before: int) -> tuple[int, str, str, str]:
    """The engine's complaint with the block's line, and what there is instead."""
    first, _, rest = error.partition("\n")
    line = question.line
    if found := re.search(r"^LINE (\d+):", rest, re.MULTILINE):
        line = max(question.line, question.line + int(found[1]) - 1 - before)
    first = re.sub(r"^(Catalog|Binder|Parser|Conversion|Invalid Input|Out of Range|Out of Memory|Permission|Not implemented) Error: ", "", first)  # fmt: skip
    remedy = "Correct the statement."
    if missing := re.match(r"Table with name (\S+) does not exist", first):
        remedy = f"Tables:{near(missing[1], tuple(tabling.known()))} {', '.join(tabling.known())}."
    elif hint := re.search(r"Candidate bindings: ([^\n]+)", rest):
        remedy = f"Columns that come near: {shortened(hint[1], 200)}."
    elif "memory" in error.lower() or "failed to allocate" in error:
        first, remedy = f"The statement needs more than {MEMORY} of memory.", "Ask less: narrow it with where."
    elif "file system operations" in first or "xtension" in first:
        first, remedy = (
            "A query reads the workspace's tables and nothing else: no file, no address, no extension.",
            "Ask the tables.",
        )
    return (line, "", shortened(first.rstrip(".!") + ".", 300), remedy)


def _cell(value: Any, zone: Any) -> str | float | None:
    if value is None or isinstance(value, bool):
        return None if value is None else "yes" if value else "no"
    if isinstance(value, int | float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - not a number
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        here = value.astimezone(zone) if value.tzinfo else value
        return here.isoformat(sep=" ", timespec="minutes" if not here.second else "seconds")[
            : 16 if not here.second else 19
        ]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, list | tuple):
        return ", ".join("" if one is None else str(_cell(one, zone)) for one in value)[:LONGEST]
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
