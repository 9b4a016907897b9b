"""The workspace as tables: one a kind of document, one a folder of records, and what follows from both.

``known`` lists them with every column and what it means; ``cells`` gives one column by column, ``table`` as Arrow. Queries
in pages and the files for other tools are made from here, so that they show the same numbers under the same names. What is
not in the Book is not in the tables: a Book narrowed to an audience gives that audience's tables.

Other people's words stay where they can be forgotten: a table of mentions holds where and when, never who or what; a table of
contacts holds stages, never names or addresses.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, cached_property, partial
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal

from signalbook import delivery, store
from signalbook.book import references
from signalbook.classes import dataclass
from signalbook.decode import encode, fields_of, kinds_of, remembered, type_of
from signalbook.model import KINDS, Document, Money, Post
from signalbook.model.base import Duration
from signalbook.records import LEDGER, PRIVATE, digest

if TYPE_CHECKING:
    from signalbook.book import Book, Found
    from signalbook.delivery import Delivery

Type = Literal["text", "whole number", "number", "yes or no", "day", "instant", "texts", "parts"]
ARROW: Final[Mapping[Type, str]] = {
    "text": "string", "whole number": "int64", "number": "float64", "yes or no": "bool", "day": "date32",
    "instant": "timestamp[us, tz=UTC]", "texts": "list<string>", "parts": "string",
}  # fmt: skip
"""Type of a column → its name in Arrow and Parquet. Parts are JSON."""
WITHHELD: Final[Mapping[str, frozenset[str]]] = {
    "mentions": frozenset({"id", "author", "title", "text", "links"}),
    "judgements": frozenset({"who", "why"}),
    "corrections": frozenset({"by", "why"}),
    "contacts": frozenset({"id", "name", "email", "fields"}),
}
"""Table → columns that never leave ``data/private``."""
NAMES: Final[Mapping[str, str]] = {"cases": "case_events"}
"""Folder of records → its table, where a kind of document is called the same."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: lower snake case.
        about: one sentence.
        values: the closed set it is one of; empty for any.
    """

    name: str
    type: Type
    about: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table before anything is read.

    Attributes:
        about: one sentence.
        told: its columns, or what tells them when somebody asks.
        kind: the kind of document it lists, ``None`` for anything else.
        folder: the folder of records it lists, empty for anything else.
        day: the columns by whose month a large table is cut, the first that says one; none for a table that stays small.
    """

    name: str
    about: str
    told: tuple[Column, ...] | Callable[[], tuple[Column, ...]]
    kind: type[Document] | None = None
    folder: str = ""
    day: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """In order."""
        return self.told() if callable(self.told) else self.told


@cache
def known() -> Mapping[str, Table]:
    """Every table by its name."""
    made = [_of_kind(kind) for kind in KINDS]
    made += [_of_records(folder) for folder in (*LEDGER, *PRIVATE)]
    made += [_DELIVERIES, _LINKS, _BUILD]
    return {table.name: table for table in made}


def table(book: Book, name: str, now: datetime, *, month: str = "") -> Any:
    """A table as Arrow, in the order of its files; of a table of records also one month's files alone.

    Raises:
        KeyError: there is no such table.
        StoreError: ``data/`` is damaged.
    """
    import pyarrow as pa

    found = known()[name]
    if found.folder:
        tables = store.tables(book.workspace, [month]) if month else book.tables
        read = tables.table(found.folder)
        return read.select(*(column.name for column in found.columns)).to_pyarrow().cast(schema(found))
    made = cells(book, name, now)
    # ``Table.from_pylist`` would load pandas, which takes longer than all the rest.
    nothing = [None] * made.count
    columns = [pa.array(made.columns.get(one.name, nothing), one.type) for one in schema(found)]
    return pa.Table.from_arrays(columns, schema=schema(found))


class Cells:
    """A table column by column, as everything that shows one wants it.

    Attributes:
        count: how many rows there are.
        columns: column → its values, row by row; a column that is not there has nothing in any row. Values are texts, whole
            numbers, numbers, yes or no, days, aware instants, sequences of texts; ``None`` for nothing.
    """

    def __init__(self, count: int, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take the values as they are."""
        self.count = count
        self.columns = columns
        self._said: dict[str, Sequence[str | None]] = {}

    def said(self, name: str) -> Sequence[str | None]:
        """A column of days or instants as ISO 8601, in UTC; made once for all that write it."""
        found = self._said.get(name)
        if found is None:
            values = self.columns[name]
            # Deliveries of one post are due at the very same moment. Equal ones may differ, in the hour that comes twice.
            known = {id(one): None if one is None else said(one) for one in {id(one): one for one in values}.values()}
            found = self._said[name] = [known[id(one)] for one in values]
        return found


def said(value: date) -> str:
    """A day or an instant as ISO 8601, in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


def cells(book: Book, name: str, now: datetime) -> Cells:
    """A table's cells, in the order of its files. Only a table of records asks an engine.

    Raises:
        KeyError: there is no such table.
        StoreError: ``data/`` is damaged.
    """
    found = known()[name]
    if found.folder:
        return cells_of_records(book, name, now)
    if found.kind is not None:
        return cells_of(book.all(found.kind))
    return _DERIVED[name](book, now)


def cells_of_records(book: Book, name: str, now: datetime, *, month: str = "") -> Cells:
    """The same of a table of records, or of one month's files alone."""
    made = table(book, name, now, month=month)
    return Cells(made.num_rows, made.to_pydict())


def schema(found: Table) -> Any:
    """A table's columns as Arrow has them."""
    import pyarrow as pa

    types = {
        "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_(), "date32": pa.date32(),
        "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"), "list<string>": pa.list_(pa.string()),
    }  # fmt: skip
    return pa.schema([(column.name, types[ARROW[column.type]]) for column in found.columns])


def stamp(book: Book, name: str, now: datetime) -> str:
    """A digest of everything a table holds, without reading it: equal stamps, equal tables."""
    found = known()[name]
    if found.folder:
        files = store.files(book.workspace, found.folder)
        return digest(name, *((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in files))
    if found.kind is not None:
        return digest(name, *((one.path, one.digest) for one in book.all(found.kind)))
    if name == "build":
        return digest(name, now, book.settings.team.zone.key)
    return digest(name, book.digest, now if name != "links" else "")


def holds(book: Book, name: str) -> bool:
    """Whether a table has a row, without reading it."""
    found = known()[name]
    if found.folder:
        return any(one.stat().st_size for one in store.files(book.workspace, found.folder))
    if found.kind is not None:
        return bool(book.all(found.kind))
    return name == "build" or any(True for _ in (book.all(Post) if name == "deliveries" else book.named()))


# --- documents -------------------------------------------------------------------------------------------------------


def _of_kind(kind: type[Document]) -> Table:
    return Table(table_of(kind), kind.ABOUT, partial(_columns_of_kind, kind), kind=kind)


def _columns_of_kind(kind: type[Document]) -> tuple[Column, ...]:
    columns = [
        Column("slug", "text", "the file's name without .md; unique within the kind"),
        Column("path", "text", "the file, relative to the workspace"),
    ]
    for key, field in fields_of(kind).items():
        tp = type_of(kind, key)
        values = tuple(str(one) for one in typing.get_args(tp)) if typing.get_origin(tp) is Literal else ()
        about = field.metadata.get("help", "")
        if kinds := kinds_of(tp):
            about = f"{about}; a slug of {' or '.join(table_of(one) for one in kinds)}"
        columns.append(Column(_column(key), _type_of(tp), about, values))
        if _worded(tp):
            columns.append(Column(f"{_column(key)}_said", "text", f"{about}; as the file says it"))
        if tp is Money:
            columns += [
                Column(f"{_column(key)}_amount", "number", f"{about}: the amount"),
                Column(f"{_column(key)}_currency", "text", f"{about}: the currency"),
            ]
    columns.append(Column("body", "text", "the Markdown below the front matter"))
    return tuple(columns)


def table_of(kind: type[Document]) -> str:
    """What the table of a kind is called: its plural, e.g. ``posts``, ``playbooks``."""
    return re.sub(r"\W+", "_", kind.PLURAL.casefold())


def _column(key: str) -> str:
    return key.replace("-", "_")


def _type_of(tp: Any) -> Type:
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if origin is Literal:
        return "whole number" if all(isinstance(one, int) for one in args) else "text"
    if origin is tuple:
        return "texts" if _type_of(args[0]) == "text" else "parts"
    plain: dict[Any, Type] = {bool: "yes or no", int: "whole number", float: "number", date: "day", datetime: "instant", str: "text"}  # fmt: skip
    if tp in plain:
        return plain[tp]
    if tp == int | float or getattr(tp, "__supertype__", None) is float:
        return "number"
    if kinds_of(tp) or tp is Duration or getattr(tp, "__supertype__", None) is str:
        return "text"
    if _worded(tp):
        return "instant"
    if origin in {typing.Union, type(int | str)} and not any(dataclasses.is_dataclass(one) for one in args):
        kinds = {_type_of(one) for one in args}
        return "text" if kinds <= {"text", "day", "instant", "whole number", "number"} else "parts"
    return "parts"


def _worded(tp: Any) -> bool:
    """Whether a field holds an instant or a word in its place, such as ``on-merge``."""
    args = typing.get_args(tp)
    return len(args) == 2 and datetime in args and any(typing.get_origin(one) is Literal for one in args)


def cells_of(documents: Sequence[Document]) -> Cells:
    """Documents of one kind as the table of their kind. A document says a fifth of what it could: most columns are not there."""
    columns: dict[str, Sequence[Any]] = {}
    if documents:
        kind = type(documents[0])
        columns = {name: [getattr(one, name) for one in documents] for name in ("slug", "path", "body")}
        # What no file says is in no object: it is the default of the class.
        told = set(chain.from_iterable(map(vars, documents)))
        for attribute, name, tp, in_words, money in _plan(kind):
            values: list[Any]
            if name == "status":
                values = [one.state for one in documents]
            elif attribute in told or getattr(kind, attribute) not in _NOTHING:
                values = list(map(attrgetter(attribute), documents))
            else:
                if tp == "texts":
                    columns[name] = [()] * len(documents)
                continue
            columns[name] = _column_of(values, tp)
            if in_words:
                columns[in_words] = _column_of(values, "text")
            if money:
                columns[f"{name}_amount"] = [None if one is None else float(one.amount) for one in values]
                columns[f"{name}_currency"] = [None if one is None else one.currency for one in values]
    return Cells(len(documents), columns)


@remembered
def _plan(kind: type[Document]) -> tuple[tuple[str, str, Type, str, bool], ...]:
    """The fields of a kind: attribute, column, its type, the column that says it in words, whether it is money."""
    types = {column.name: column.type for column in known()[table_of(kind)].columns}
    return tuple(
        (
            field.name,
            name := _column(key),
            types[name],
            f"{name}_said" if f"{name}_said" in types else "",
            f"{name}_amount" in types,
        )
        for key, field in fields_of(kind).items()
    )


_NOTHING: Final = (None, ())


def _column_of(values: list[Any], tp: Type) -> Sequence[Any]:
    """Values of a field as a column of that type has them."""
    # Nearly every text is one already, and a look at all types at once is cheaper than at each.
    if tp == "text" and _TEXTS.issuperset(map(type, values)):
        return values
    if tp == "texts" and _LISTS.issuperset(map(type, values)):
        texts = [value or () for value in values]
        if set(map(type, chain.from_iterable(texts))) <= {str}:
            return texts
    return [_cell(value, tp) for value in values]


_TEXTS: Final = frozenset({str, type(None)})
_LISTS: Final = frozenset({tuple, type(None)})


def _cell(value: Any, tp: Type) -> Any:
    if value is None or value == ():
        return () if tp == "texts" else None
    if tp == "parts":
        return _json(_plain(value))
    if tp == "text":
        return value.isoformat() if isinstance(value, date) else str(value)
    if tp == "texts":
        return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)
    if tp == "instant" and not isinstance(value, datetime):
        return None
    if tp == "whole number" and not -(1 << 63) <= value < 1 << 63:
        return None
    return float(value) if tp == "number" else value


_json: Final = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Duration):
        return str(value)
    if dataclasses.is_dataclass(value):
        return encode(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value.isoformat() if isinstance(value, date) else value


# --- records ---------------------------------------------------------------------------------------------------------

_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "readings": ("on",), "mentions": ("published_at", "heard_at"), "judgements": ("said_at",),
    "contacts": ("created_at", "heard_at"),
}  # fmt: skip
"""The columns that ``store.month_of`` looks at."""
_PLAIN: Final = {
    "at": "when", "by": "the role that did it", "channel": "a key of signalbook.toml", "heard_at": "when it reached us", "id": "the service’s id",
    "key": "names the record", "kind": "which sort", "lang": "its language", "part": "part of a thread, from 1", "post": "a slug of posts",
    "severity": "1 (worst) to 4", "source": "where it comes from", "unit": "what the number counts", "url": "its address",
    "value": "the number", "attempt": "which claim", "on": "the day", "what": "what happened", "why": "a sentence",
}  # fmt: skip
"""What a field of a record says with its name alone."""
_RECORD_TYPES: Final[Mapping[str, Type]] = {"date": "day", "datetime": "instant", "str": "text", "int": "whole number"}


def _of_records(folder: str) -> Table:
    kind: Any = {**LEDGER, **PRIVATE}[folder]
    about, said = _described(kind)
    if folder in WITHHELD:
        about = f"{about.partition('.')[0]}; {', '.join(sorted(WITHHELD[folder]))} stay in data/private."
    told = partial(_columns_of_records, folder, kind, said)
    return Table(NAMES.get(folder, folder), about, told, folder=folder, day=_DAYS.get(folder, ()))


def _columns_of_records(folder: str, kind: Any, said: Mapping[str, str]) -> tuple[Column, ...]:
    columns = []
    for name, hint in typing.get_type_hints(kind).items():
        if name not in WITHHELD.get(folder, frozenset()):
            values = tuple(map(str, typing.get_args(hint))) if typing.get_origin(hint) is Literal else ()
            columns.append(Column(name, _record_type(hint), said.get(name) or _PLAIN.get(name, ""), values))
    return tuple(columns)


def _record_type(hint: Any) -> Type:
    if hint == tuple[str, ...]:
        return "texts"
    if hint == int | float:
        return "number"
    if typing.get_origin(hint) is Literal:
        return "text"
    args = [one for one in typing.get_args(hint) if one is not type(None)]
    return _RECORD_TYPES.get((args[0] if args else hint).__name__, "parts")


def _described(kind: type) -> tuple[str, dict[str, str]]:
    """What a record's docstring says of it and of each of its fields."""
    text = inspect.cleandoc(kind.__doc__ or "")
    first, _, rest = text.partition("\nAttributes:\n")
    found = {}
    for match in re.finditer(r"^    (\w+): (.*(?:\n {5,}.*)*)", rest, re.MULTILINE):
        found[match[1]] = re.sub(r"``([^`]*)``", r"\1", " ".join(match[2].split()))
    return " ".join(first.split()), found


# --- what follows ----------------------------------------------------------------------------------------------------

_DELIVERIES: Final = Table(
    "deliveries",
    "Each post on each of its channels, on each of its days and in each of its parts: where it stands, and why.",
    (
        Column("key", "text", "the delivery's name in commands and records"),
        Column("post", "text", "a slug of posts"),
        Column("channel", "text", "a key of signalbook.toml"),
        Column("occurrence", "text", "which time of a post that comes again; empty otherwise"),
        Column("part", "whole number", "part of a thread, from 1"),
        Column("parts", "whole number", "how many parts there are"),
        Column("state", "text", "where it stands", delivery.STATES),
        Column("due", "instant", "when it goes out; empty while nobody has said"),
        Column("reason", "text", "why it stands so"),
        Column("sent_at", "instant", "when the service took it; empty while it has not"),
        Column("url", "text", "its live address"),
    ),
)
_LINKS: Final = Table(
    "links",
    "Each reference from one document to another.",
    (
        Column("source_kind", "text", "the kind of the document that refers"),
        Column("source", "text", "its slug"),
        Column("field", "text", "the field that holds the reference"),
        Column("target_kind", "text", "the kind it leads to; empty when it leads nowhere"),
        Column("target", "text", "the slug it names"),
    ),
)
_BUILD: Final = Table(
    "build",
    "One row: the moment everything here is told at. Use it where another database has now().",
    (
        Column("now", "instant", "the moment"),
        Column("today", "day", "its day in the team's zone"),
        Column("zone", "text", "the team's zone"),
    ),
)


def cells_of_deliveries(deliveries: Sequence[Delivery]) -> Cells:
    """Deliveries as the table of deliveries."""
    names = ("key", "channel", "occurrence", "part", "parts", "state", "due", "reason")
    columns: dict[str, Sequence[Any]] = {name: list(map(attrgetter(name), deliveries)) for name in names}
    sent = [one.sent if one.receipts else None for one in deliveries]
    columns["post"] = [one.post.slug for one in deliveries]
    columns["sent_at"] = [one.at if one else None for one in sent]
    columns["url"] = [one.url if one else "" for one in sent]
    return Cells(len(deliveries), columns)


def cells_of_links(book: Book, documents: Iterable[Document]) -> Cells:
    """What documents refer to as the table of links."""
    begins: list[tuple[str, str]] = []
    ends: list[tuple[str, str, str]] = []
    known: dict[Found, tuple[str, str, str]] = {}  # thousands of posts say the same in a field
    for one in documents:
        found = references(one)
        begins += [(one.KIND, one.slug)] * len(found)
        for each in found:
            end = known.get(each)
            if end is None:
                end = known[each] = _end(book, *each)
            ends.append(end)
    names = ("source_kind", "source", "field", "target_kind", "target")
    values = [*zip(*begins, strict=True), *zip(*ends, strict=True)]
    return Cells(len(ends), dict(zip(names, values, strict=True)) if ends else {})


def _end(book: Book, field: str, kinds: tuple[type[Document], ...], name: str) -> tuple[str, str, str]:
    """The field of a reference, and the kind and slug it leads to."""
    found = book.find(kinds, name)
    return (field, found.KIND, found.slug) if found else (field, "", str(name))


def _build(book: Book, now: datetime) -> Cells:
    zone = book.settings.team.zone
    return Cells(1, {"now": [now], "today": [now.astimezone(zone).date()], "zone": [zone.key]})


_DERIVED: Final[Mapping[str, Callable[[Book, datetime], Cells]]] = {
    "deliveries": lambda book, now: cells_of_deliveries(delivery.deliveries(book, now)),
    "links": lambda book, _: cells_of_links(book, book.everything()),
    "build": _build,
}
