"""Rows → a Parquet file, without a table engine: loading one costs a build more than making the file.

What is written is the plain middle of the format that every reader knows: one row group, a page a column, optional
columns, texts by dictionary, pages packed with gzip where that pays. The same rows give the same bytes. Source: Apache
Parquet, ``parquet.thrift``, Encodings and Logical Types; Thrift's compact protocol.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from signalbook.tabling import Cells, Column, Type

_MAGIC: Final = b"PAR1"
_WORTH: Final = 100
"""Bytes of a column from which on packing pays."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)

# Thrift's compact protocol: the sorts of a field.
_TRUE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 5, 6, 8, 9, 12
# parquet.thrift: encodings, codecs, pages, repetition.
_PLAIN, _RLE, _BY_DICTIONARY = 0, 3, 8
_UNPACKED, _GZIP = 0, 2
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_OPTIONAL, _REPEATED = 1, 2


class _Kind(NamedTuple):
    """How a type is stored: physical type, converted type (``None`` for none), logical type as a union's field and value."""

    physical: int
    converted: int | None = None
    logical: bytes = b""


_BYTE: Final = [bytes([value]) for value in range(256)]


def _number(value: int) -> bytes:
    """A whole number that is not negative, seven bits a byte, least first."""
    if value <= 0x7F:
        return _BYTE[value]
    return _BYTE[value & 0x7F | 0x80] + _number(value >> 7)


def _sequence(sort: int, values: Sequence[bytes]) -> bytes:
    count = len(values)
    head = _BYTE[count << 4 | sort] if count < 15 else _BYTE[0xF0 | sort] + _number(count)
    return head + b"".join(values)


def _signed(value: int) -> bytes:
    return _number(value << 1 if value >= 0 else (-value << 1) - 1)


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    return _number(len(data)) + data


def _fields(*fields: tuple[int, int, bytes], after: int = 0) -> bytes:
    """Fields of a struct, each as (number, sort, value), numbers rising from that of the field before."""
    out: list[bytes] = []
    for number, sort, value in fields:
        out += _BYTE[number - after << 4 | sort], value
        after = number
    return b"".join(out)


_END: Final = b"\x00"


def _record(*fields: tuple[int, int, bytes]) -> bytes:
    """A struct of (number, sort, value), numbers rising."""
    return _fields(*fields) + _END


_NOTHING: Final = b"\x00"
"""A struct without a field."""
_STRING: Final = _Kind(6, 0, _record((1, _STRUCT, _NOTHING)))
_KINDS: Final[Mapping[Type, _Kind]] = {
    "text": _STRING,
    "parts": _STRING,
    "texts": _STRING,
    "whole number": _Kind(2),
    "number": _Kind(5),
    "yes or no": _Kind(0),
    "day": _Kind(1, 6, _record((6, _STRUCT, _NOTHING))),
    "instant": _Kind(2, 10, _record((8, _STRUCT, _record((1, _TRUE, b""), (2, _STRUCT, _record((2, _STRUCT, _NOTHING))))))),
}  # fmt: skip


def file(columns: Sequence[Column], cells: Cells) -> bytes:
    """The file."""
    out = bytearray(_MAGIC)
    chunks = []
    schema = [_record((4, _BINARY, _text("schema")), (5, _I32, _signed(len(columns))))]
    nothing = (None,) * cells.count
    for column in columns:
        schema += _declared(column.name, column.type)
        chunks.append(_chunk(column, cells.columns.get(column.name, nothing), out))
    size = len(out) - len(_MAGIC)
    group = _record(
        (1, _LIST, _sequence(_STRUCT, chunks)), (2, _I64, _signed(size)), (3, _I64, _signed(cells.count))
    )  # fmt: skip
    foot = _record(
        (1, _I32, _signed(1)),
        (2, _LIST, _sequence(_STRUCT, schema)),
        (3, _I64, _signed(cells.count)),
        (4, _LIST, _sequence(_STRUCT, [group])),
        (6, _BINARY, _text("signalbook")),
    )
    return bytes(out + foot + struct.pack("<I", len(foot)) + _MAGIC)


@cache
def _declared(name: str, sort: Type) -> list[bytes]:
    """A column's lines in the schema."""
    kind = _KINDS[sort]
    if sort == "texts":
        logical = _record((3, _STRUCT, _NOTHING))
        return [
            _record((3, _I32, _signed(_OPTIONAL)), (4, _BINARY, _text(name)), (5, _I32, _signed(1)),
                    (6, _I32, _signed(3)), (10, _STRUCT, logical)),
            _record((3, _I32, _signed(_REPEATED)), (4, _BINARY, _text("list")), (5, _I32, _signed(1))),
            _leaf("element", kind),
        ]  # fmt: skip
    return [_leaf(name, kind)]


def _leaf(name: str, kind: _Kind) -> bytes:
    fields = [(1, _I32, _signed(kind.physical)), (3, _I32, _signed(_OPTIONAL)), (4, _BINARY, _text(name))]
    if kind.converted is not None:
        fields += [(6, _I32, _signed(kind.converted)), (10, _STRUCT, kind.logical)]
    return _record(*fields)


def _chunk(column: Column, values: Sequence[Any], out: bytearray) -> bytes:
    """Write a column's pages to the end of ``out``; gives its line in the row group."""
    kind = _KINDS[column.type]
    if column.type == "texts":
        repeated, defined, held = _flat(values)
        levels = _levels(repeated) + _levels(defined)
        count = len(defined)
    else:
        held = [value for value in values if value is not None]
        count = len(values)
        levels = _levels(_filled(values, held))
    pages: list[tuple[int, int, bytes]] = []
    encoding = _PLAIN
    if held and kind.physical == _STRING.physical:
        encoding = _BY_DICTIONARY
        places = dict(zip(dict.fromkeys(held), range(len(held)), strict=False))
        pages.append((_DICTIONARY_PAGE, len(places), _counted(places)))
        pages.append((_DATA_PAGE, count, levels + _places(places, held)))
    else:
        pages.append((_DATA_PAGE, count, levels + _plain(column.type, held)))
    codec = _GZIP if sum(len(data) for _, _, data in pages) >= _WORTH else _UNPACKED
    begin, whole = len(out), 0
    offsets = []
    for sort, number, data in pages:
        stored = packed(data) if codec else data
        head = _head(sort, number, encoding, len(data), len(stored))
        offsets.append(len(out))
        out += head + stored
        whole += len(head) + len(data)
    said = [
        (4, _I32, _signed(codec)),
        (5, _I64, _signed(count)),
        (6, _I64, _signed(whole)),
        (7, _I64, _signed(len(out) - begin)),
        (9, _I64, _signed(offsets[-1])),
    ]
    if len(offsets) > 1:
        said.append((11, _I64, _signed(offsets[0])))
    about = _named(column.name, column.type, encoding) + _fields(*said, after=3) + _END
    return _record((2, _I64, _signed(begin)), (3, _STRUCT, about))


@cache
def _named(name: str, sort: Type, encoding: int) -> bytes:
    """The first three fields of a column's line: its type, its encodings, its name."""
    path = [name, "list", "element"] if sort == "texts" else [name]
    return _fields(
        (1, _I32, _signed(_KINDS[sort].physical)),
        (2, _LIST, _sequence(_I32, [_signed(one) for one in sorted({_PLAIN, _RLE, encoding})])),
        (3, _LIST, _sequence(_BINARY, [_text(one) for one in path])),
    )


def _head(sort: int, count: int, encoding: int, whole: int, packed: int) -> bytes:
    """A page's head; both sizes are of what follows it, in bytes."""
    sizes = [(1, _I32, _signed(sort)), (2, _I32, _signed(whole)), (3, _I32, _signed(packed))]
    if sort == _DICTIONARY_PAGE:
        about = _record((1, _I32, _signed(count)), (2, _I32, _signed(_PLAIN)))
        return _record(*sizes, (7, _STRUCT, about))
    about = _fields((1, _I32, _signed(count)), (2, _I32, _signed(encoding))) + _LEVELS
    return _record(*sizes, (5, _STRUCT, about))


_LEVELS: Final = _fields((3, _I32, _signed(_RLE)), (4, _I32, _signed(_RLE)), after=2) + _END
"""How a data page has its levels."""


def packed(data: bytes) -> bytes:
    """Data as gzip has it, without a name or a time: the same data give the same bytes."""
    packer = zlib.compressobj(3, zlib.DEFLATED, 31)  # 6 saves another tenth and takes three times as long
    return packer.compress(data) + packer.flush()


# --- levels and values -----------------------------------------------------------------------------------------------


def _levels(levels: bytes) -> bytes:
    """Levels as runs, with their length in front."""
    if levels.count(levels[:1]) == len(levels) > 0:  # as in most columns
        runs = _number(len(levels) << 1) + levels[:1]
    else:
        runs = b"".join([_number(len(run[0]) << 1) + run[0][:1] for run in _RUN.finditer(levels)])
    return struct.pack("<I", len(runs)) + runs


_RUN: Final = re.compile(rb"\x00+|\x01+|\x03+")


def _filled(values: Sequence[Any], held: Sequence[Any]) -> bytes:
    """Where there is a value (1) and where none (0)."""
    if not held:
        return bytes(len(values))
    return b"\1" * len(held) if len(held) == len(values) else bytes([value is not None for value in values])


def _flat(values: Sequence[Any]) -> tuple[bytes, bytes, list[str]]:
    """Lists one after the other: where each begins (0), what each place holds (0 no list, 1 an empty one, 3 a text), the texts."""
    held = list(chain.from_iterable(filter(None, values)))
    if not held:
        return bytes(len(values)), bytes([value is not None for value in values]), held
    sizes = [-1 if value is None else len(value) for value in values]
    repeated = {size: b"\0" + b"\1" * (size - 1) for size in set(sizes)}
    defined = {size: b"\3" * size or b"\1" for size in repeated} | {-1: b"\0"}
    return b"".join([repeated[size] for size in sizes]), b"".join([defined[size] for size in sizes]), held


def _counted(texts: Iterable[str]) -> bytes:
    """Texts one after the other, each with its length in front."""
    encoded = [text.encode("utf-8", "replace") for text in texts]
    sizes = {size: struct.pack("<I", size) for size in set(map(len, encoded))}
    return b"".join([sizes[len(text)] + text for text in encoded])


def _places(places: Mapping[str, int], held: Sequence[str]) -> bytes:
    """Each text's place in the dictionary, in one run of whole bytes."""
    width, sign = (1, "B") if len(places) <= 1 << 8 else (2, "H") if len(places) <= 1 << 16 else (4, "I")
    groups = -(-len(held) // 8)
    found = map(places.__getitem__, held)
    filled = struct.pack(f"<{len(held)}{sign}", *found) + bytes((groups * 8 - len(held)) * width)
    return bytes([width * 8]) + _number(groups << 1 | 1) + filled


def _plain(sort: Type, held: Sequence[Any]) -> bytes:
    if sort == "whole number":
        return struct.pack(f"<{len(held)}q", *held)
    if sort == "number":
        return struct.pack(f"<{len(held)}d", *held)
    if sort == "day":
        return struct.pack(f"<{len(held)}i", *(value.toordinal() - _FIRST_DAY for value in held))
    if sort == "instant":
        return struct.pack(f"<{len(held)}q", *((value - _EPOCH) // _MICROSECOND for value in held))
    if sort == "yes or no":
        bits = sum(1 << place for place, value in enumerate(held) if value)
        return bits.to_bytes(-(-len(held) // 8), "little")
    return b""
