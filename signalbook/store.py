"""``data/``: append records, and read them back as values or as tables on DuckDB.

A record is one line of JSON in ``data/<records>/<year>-<month>.jsonl``; other people's words lie the same way below
``data/private/``. The month is taken from the record itself, never from a clock, so that the same record always lands
in the same file:

===============  =======================================================
records          month of
===============  =======================================================
``readings``     ``on``
``intents``      ``at``, in UTC
``receipts``     ``at``, in UTC
``alerts``       ``at``, in UTC
``cases``        ``at``, in UTC
``mentions``     ``published_at``, else ``heard_at``, in UTC
``judgements``   ``said_at``, in UTC: that of its mention
``corrections``  ``at``, in UTC
``forgotten``    ``at``, in UTC
``contacts``     ``created_at``, else ``heard_at``, in UTC
===============  =======================================================

What happens when a process dies inside an append: each file is written by one call under a lock, so at worst its last
line is cut short. Readers report that line and skip it; the next append starts on a fresh line.

A closed month may be compacted to ``<year>-<month>.parquet``. Readers take both forms; of records that repeat, the
first one counts.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import math
import os
import re
import stat
from collections import deque
from dataclasses import MISSING, fields, make_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, get_args, get_origin, get_type_hints

from signalbook.classes import dataclass
from signalbook.errors import StoreError
from signalbook.pattern import pattern
from signalbook.records import (
    LEDGER,
    PRIVATE,
    Contact,
    Intent,
    Judgement,
    Mention,
    Reading,
    Receipt,
    Record,
    Told,
    digest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path


class Place(Protocol):
    """What the store asks of a workspace."""

    @property
    def data(self) -> Path:
        """The ledger's folder."""

    @property
    def private(self) -> Path:
        """The folder of what may be forgotten, usually ``data/private``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the store that could not be used, or not in full.

    Attributes:
        path: posix path relative to the workspace.
        line: 1-based.
        sentence: what is wrong with the line and what was done about it.
        skipped: whether the record is missing from what was read.
    """

    path: str
    line: int
    sentence: str
    skipped: bool = True


Kind = Any
"""One of the record classes. (A class of records is hashable, which the type checker does not believe.)"""
KINDS: dict[str, Kind] = {**LEDGER, **PRIVATE}
"""Folder → record, both natures."""
FOLDERS: dict[type, str] = {kind: folder for folder, kind in KINDS.items()}
IDENTITY: dict[type, tuple[str, ...]] = {
    Intent: ("key", "run", "attempt"),
    Receipt: ("key", "what", "at"),
    Judgement: ("key", "rule"),
    Told: ("key", "what", "attempt"),
}
"""The fields that make two records the same one. A delivery has several receipts (sent, amended, withdrawn) and may have
intents of two runs, which whoever sends must see both; a mention may be judged by several rules; for everything else the
key alone decides."""
LONGEST = 8 * 1024 * 1024
"""The most bytes a line may have; the engine's JSON reader stops at twice that."""
_MONTH = pattern(r"\A\d{4}-\d{2}\Z")
_KEY = re.compile(rb'\{"key":("(?:[^"\\]|\\.)*")')
_SURROGATES = pattern("[\ud800-\udfff]")
# Python, git and editors see line ends in these; as escapes they are harmless everywhere.
_LINE_ENDS = (("\x7f", "\\u007f"), ("\x85", "\\u0085"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))


def append(workspace: Place, records: Iterable[Record]) -> dict[str, int]:
    """Add the records that are not there yet, and say how many of each folder were new.

    Safe to repeat, to interrupt and to run in several processes at once. Every folder among the records is in the
    answer, with 0 when nothing of it was new. The records are written in the order given.

    Raises:
        StoreError: the store is damaged, leads out of the workspace or cannot be written. The file at hand is then
            as it was.
        ValueError: a record breaks its own declaration, e.g. an instant without a zone. Nothing is written.
    """
    months: dict[str, dict[str, list[tuple[Record, bytes]]]] = {}
    for record in records:
        line = encode(record)
        months.setdefault(FOLDERS[type(record)], {}).setdefault(month_of(record), []).append((record, line))
    # All places are looked at before the first byte is written.
    for folder in months:
        for path in _files(workspace, folder):
            _guard(workspace, path)
    return {folder: _append_folder(workspace, folder, batch) for folder, batch in months.items()}


def read(workspace: Place, kind: Kind | str) -> tuple[tuple[Any, ...], tuple[Problem, ...]]:
    """Read all records of a kind (or of a folder's name) into memory, oldest file first, repeats dropped.

    For what stays small: intents, receipts, alerts, case events. Readings and mentions are read as ``tables``.

    Raises:
        StoreError: a file cannot be read at all.
    """
    folder = kind if isinstance(kind, str) else FOLDERS[kind]
    found: dict[tuple[object, ...], Record] = {}
    problems: list[Problem] = []
    cache: Path | None = getattr(workspace, "cache", None)
    for path in _files(workspace, folder):
        _guard(workspace, path)
        if path.suffix == ".parquet":
            for record in _read_parquet(path, KINDS[folder]):
                found.setdefault(identity(record), record)
            continue
        content = _bytes(path)
        name = f"{folder}-{path.stem}"
        known = _remembered(cache, name, content, KINDS[folder])
        if known is not None:
            # The first one counts; there may be a hundred thousand, and this loop is not one of Python's.
            deque(map(found.setdefault, map(_identity(KINDS[folder]), known), known), maxlen=0)
            continue
        before = len(problems)
        records: list[Any] = []
        for number, raw in enumerate(_lines(content), start=1):
            if not raw.strip():
                continue
            try:
                record, unknown = decode(raw, KINDS[folder])
            except ValueError as error:
                cut = not raw.endswith(b"\n")
                problems.append(Problem(_name(workspace, path), number, _sentence(error, cut=cut)))
                continue
            if unknown:
                sentence = (
                    f"The record has fields this version of Signalbook does not know: {', '.join(unknown)}. "
                    "The record was read without them."
                )
                problems.append(Problem(_name(workspace, path), number, sentence, skipped=False))
            records.append(record)
            found.setdefault(identity(record), record)
        if len(problems) == before:
            _remember(cache, name, content, KINDS[folder], records)
    return tuple(found.values()), tuple(problems)


_SHARED = frozenset({str, datetime, tuple})
WORTH = 256 * 1024
"""From so many bytes on it pays to remember what the lines of a file said."""


def _memory(cache: Path | None, name: str, content: bytes, kind: Kind) -> tuple[Path, str] | None:
    """Where the records of a file are remembered, and the version that is right for just these bytes."""
    if cache is None or len(content) < WORTH:
        return None
    import hashlib

    hashed = hashlib.blake2b(content, digest_size=16).hexdigest()
    return cache / f"records-{name}.pickle", f"2 {hashed} {' '.join(_declared(kind))}"


def _remembered(cache: Path | None, name: str, content: bytes, kind: Kind) -> list[Any] | None:
    place = _memory(cache, name, content, kind)
    if place is None:
        return None
    from signalbook import caching

    columns = caching.load(*place)
    if not isinstance(columns, list) or len(columns) != len(_declared(kind)) or len(set(map(len, columns))) != 1:
        return None
    # A class that is not frozen takes its values in a fifth of the time; having the same slots, it may become the frozen one.
    made = list(map(_open(kind), *columns))
    for record in made:
        record.__class__ = kind
    return made


@cache
def _open(kind: Kind) -> Any:
    """The same class of records, not frozen."""
    return make_dataclass(f"_{kind.__name__}", [(one.name, Any) for one in fields(kind)], slots=True)


def _remember(cache: Path | None, name: str, content: bytes, kind: Kind, records: list[Any]) -> None:
    place = _memory(cache, name, content, kind)
    if place is not None:
        from signalbook import caching

        # By columns, and each text and instant once: a run and an hour stand in many lines.
        same: dict[object, object] = {}
        columns = [[getattr(record, name) for record in records] for name in _declared(kind)]
        for column in columns:
            column[:] = [same.setdefault((type(one), one), one) if type(one) in _SHARED else one for one in column]
        caching.save(*place, columns)


def read_bytes(
    path: str, content: bytes, folder: str, *, cache: Path | None = None
) -> tuple[tuple[Any, ...], tuple[tuple[int, bytes], ...]]:
    """Read a month's file that lies elsewhere, e.g. on a branch: its records, and its lines (1-based) that are none.

    In ``cache`` it is remembered what a long file said.

    Raises:
        StoreError: it is no file of records at all.
    """
    if path.endswith(".parquet"):
        import io

        return tuple(_read_parquet(io.BytesIO(content), KINDS[folder])), ()
    if not path.endswith(".jsonl"):
        return (), ()
    name = f"there-{folder}-{path.rpartition('/')[2].removesuffix('.jsonl')}"
    if (known := _remembered(cache, name, content, KINDS[folder])) is not None:
        return tuple(known), ()
    rows: list[Any] = []
    problems: list[tuple[int, bytes]] = []
    for number, raw in enumerate(_lines(content), start=1):
        if raw.strip():
            try:
                rows.append(decode(raw, KINDS[folder])[0])
            except ValueError:
                problems.append((number, raw))
    if not problems:
        _remember(cache, name, content, KINDS[folder], rows)
    return tuple(rows), tuple(problems)


def merge_file(workspace: Place, path: str, content: bytes) -> bool:
    """Put a month's file as it lies elsewhere into the ledger's place, with the lines that stand here only behind it.

    ``path`` is relative to the workspace, ``data/<records>/<month>.jsonl``. Says whether anything changed.

    Raises:
        StoreError: it cannot be written, or leads elsewhere.
    """
    folder, name = path.split("/")[-2:]
    base = _base(workspace, folder)
    if folder not in LEDGER:
        message = f"{path}: this is no place of the ledger."
        raise StoreError(message)
    target = base / name
    _guard(workspace, target)
    try:
        base.mkdir(parents=True, exist_ok=True)
        with _locked(workspace, base):
            _guard(workspace, target)
            _plain_file(workspace, target)
            before = _bytes(target) if target.exists() else b""
            if name.endswith(".jsonl") and before:
                known = set(_lines(content))
                mine = [line for line in _lines(before) if line.endswith(b"\n") and line not in known]
                content += (b"" if content.endswith(b"\n") or not mine else b"\n") + b"".join(mine)
            if content == before:
                return False
            fresh = target.with_name(f".{name}.part")
            fresh.write_bytes(content)
            with fresh.open("rb") as handle:
                os.fsync(handle.fileno())
            fresh.replace(target)
            return True
    except OSError as error:
        message = f"{path}: the file cannot be written ({error.strerror}). It is as it was."
        raise StoreError(message) from error


def files(workspace: Place, folder: str) -> list[Path]:
    """List the files of a folder's months in order, the compacted form of a month first.

    Raises:
        StoreError: one leads out of the workspace, or is no file.
    """
    return _files(workspace, folder)


def values(path: Path, kind: Kind) -> Iterator[Any]:
    """Read one month's file record by record, as it lies; lines that are none are left out.

    Raises:
        StoreError: it cannot be read at all.
    """
    if path.suffix == ".parquet":
        yield from _read_parquet(path, kind)
        return
    for raw in _lines(_bytes(path)):
        with contextlib.suppress(ValueError):
            yield decode(raw, kind)[0]


def cut_lines(workspace: Place) -> tuple[Problem, ...]:
    """Look at the last line of every file, all kinds, and report those cut short by a crash.

    It reads a few bytes a file and starts no engine; ``Tables.problems`` finds damage anywhere, for the price of reading
    everything.

    Raises:
        StoreError: a file cannot be read at all.
    """
    return tuple(
        problem
        for folder, kind in KINDS.items()
        for path in _files(workspace, folder)
        if path.suffix == ".jsonl" and (problem := _cut_line(workspace, path, kind))
    )


def _cut_line(workspace: Place, path: Path, kind: Kind) -> Problem | None:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if not size or (file.seek(size - 1), file.read(1))[1] == b"\n":
                return None
            file.seek(max(0, size - LONGEST))
            line = file.read().rpartition(b"\n")[2]
    except OSError as error:
        message = f"{_name(workspace, path)}: the file cannot be read ({error.strerror})."
        raise StoreError(message) from error
    try:
        decode(line, kind)
    except ValueError as error:
        number = _bytes(path).count(b"\n") + 1
        return Problem(_name(workspace, path), number, _sentence(error, cut=True))
    return None


def month_of(record: Record) -> str:
    """Say which month's file a record belongs to, e.g. ``"2026-11"``."""
    moment: date | None
    if isinstance(record, Reading):
        return record.on.isoformat()[:7]
    if isinstance(record, Mention):
        moment = record.published_at or record.heard_at
    elif isinstance(record, Judgement):
        moment = record.said_at
    elif isinstance(record, Contact):
        moment = record.created_at or record.heard_at
    else:
        moment = record.at
    return moment.astimezone(UTC).date().isoformat()[:7]


def identity(record: Record) -> tuple[object, ...]:
    """Give the values that make two records the same one."""
    kind: Kind = type(record)
    return _identity(kind)(record)


@cache
def _identity(kind: Kind) -> Callable[[Record], tuple[object, ...]]:
    names = IDENTITY.get(kind, ("key",))
    # One name alone gives the bare value.
    return attrgetter(*names) if len(names) > 1 else lambda record: (record.key,)


def encode(record: Record) -> bytes:
    """Write a record as its line, line end included.

    UTF-8, fields in the order of the declaration, instants in UTC with a ``Z``, whole numbers in full. Half a
    surrogate pair, which is no character and has no UTF-8, becomes U+FFFD.

    Raises:
        ValueError: a value does not fit the declaration.
    """
    kind: Kind = type(record)
    if kind not in FOLDERS:
        message = f"{kind.__name__} is not a record (known: {', '.join(known.__name__ for known in FOLDERS)})"
        raise ValueError(message)
    line = {}
    for name, plain in _plainers(kind):
        try:
            line[name] = plain(getattr(record, name))
        except ValueError as error:
            message = f"{kind.__name__}.{name}: {error}"
            raise ValueError(message) from None
    text = _one_line(_WRITER.encode(line)) + "\n"
    try:
        written = text.encode()
    except UnicodeEncodeError:
        written = _SURROGATES.sub("\ufffd", text).encode()
    if len(written) > LONGEST:
        message = f"{kind.__name__}: a record of {len(written):,} bytes is too long for a line (at most {LONGEST:,})"
        raise ValueError(message)
    return written


def decode(line: bytes, kind: Kind) -> tuple[Any, tuple[str, ...]]:
    """Read a line as a record; the second value names fields that the declaration does not know.

    Raises:
        ValueError: the line is no such record; the message is a clause that says why.
    """
    if len(line) > LONGEST:
        message = f"it has {len(line):,} bytes, more than a record may have"
        raise ValueError(message)
    try:
        given = _READER.decode(line.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        message = "it is not UTF-8 text"
        raise ValueError(message) from None
    except json.JSONDecodeError:
        message = "it is not one JSON object"
        raise ValueError(message) from None
    except RecursionError:
        message = "it is nested too deep"
        raise ValueError(message) from None
    if not isinstance(given, dict):
        message = "it is not one JSON object"
        raise ValueError(message)  # noqa: TRY004 - wrong text, not a caller's mistake
    values: dict[str, Any] = {}
    for name, typed in _typers(kind):
        if name not in given:
            if name in _optional(kind):
                continue
            message = f"“{name}” is missing"
            raise ValueError(message)
        try:
            values[name] = typed(given[name])
        except ValueError as error:
            message = f"“{name}” {error}"
            raise ValueError(message) from None
    # All that stands there may be declared: then nothing has to be looked for.
    unknown = () if len(values) == len(given) else tuple(name for name in given if name not in values)
    return kind(**values), unknown


# Values


@cache
def _declared(kind: Kind) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


@cache
def _plainers(kind: Kind) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    return tuple((name, _plainly(hint)) for name, hint in _declared(kind).items())


@cache
def _typers(kind: Kind) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    return tuple((name, _typed(hint)) for name, hint in _declared(kind).items())


@cache
def _optional(kind: Kind) -> frozenset[str]:
    return frozenset(item.name for item in fields(kind) if item.default is not MISSING)


def _plainly(hint: Any) -> Callable[[Any], object]:
    """What turns a field's value into what JSON holds; it raises ``ValueError`` that says what is wrong with it."""
    if hint is str:
        return lambda value: str(value) if isinstance(value, str) else _wrong(value, "a text")
    if hint is date:
        return lambda value: (
            value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else _wrong(value, "a day")
        )
    if hint is datetime:
        return lambda value: _instant(value) if isinstance(value, datetime) else _wrong(value, "an instant")
    if hint == datetime | None:
        return lambda value: None if value is None else _plainly(datetime)(value)
    if hint == tuple[str, ...]:
        text = _plainly(str)
        return lambda value: (
            [text(item) for item in value] if isinstance(value, tuple) else _wrong(value, "a tuple of texts")
        )
    if get_origin(hint) is Literal:
        known = get_args(hint)
        return lambda value: str(value) if value in known else _wrong(value, f"one of {', '.join(known)}")
    types, wanted = _numbers(hint)

    def number(value: Any) -> object:
        if isinstance(value, bool) or not isinstance(value, types):
            return _wrong(value, wanted)
        if isinstance(value, float) and not math.isfinite(value):
            return _wrong(value, "a finite number")
        return value

    return number


def _wrong(value: object, wanted: str) -> object:
    message = f"{value!r} is not {wanted}"
    raise ValueError(message)


def _numbers(hint: Any) -> tuple[tuple[type, ...], str]:
    return ((int,), "a whole number") if hint is int else ((int, float), "a number")


def _instant(value: datetime) -> str:
    if value.utcoffset() is None:
        message = f"{value!r} has no zone"
        raise ValueError(message)
    try:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    except OverflowError:
        message = f"{value!r} lies outside the years that UTC can tell"
        raise ValueError(message) from None


def _typed(hint: Any) -> Callable[[Any], object]:
    """What turns what JSON holds into a field's value; it raises ``ValueError`` that says in a clause what is wrong."""
    if hint is str:
        return lambda value: value if isinstance(value, str) else _none_of("is not a text")
    if hint is date:
        return _day
    if hint is datetime:
        return _moment
    if hint == datetime | None:
        return lambda value: None if value is None else _moment(value)
    if hint == tuple[str, ...]:
        return _texts
    if get_origin(hint) is Literal:
        known = get_args(hint)
        return lambda value: (
            value if isinstance(value, str) and value in known else _none_of(f"is none of {', '.join(known)}")
        )
    types, wanted = _numbers(hint)

    def number(value: Any) -> object:
        finite = not isinstance(value, float) or math.isfinite(value)
        if isinstance(value, types) and not isinstance(value, bool) and finite:
            return value
        return _none_of(f"is not {wanted}")

    return number


def _none_of(message: str) -> object:
    raise ValueError(message)


def _day(value: Any) -> object:
    if isinstance(value, str) and len(value) == len("2026-11-24"):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value)
    return _none_of("is not a day such as 2026-11-24")


def _moment(value: Any) -> object:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    return _none_of("is not an instant such as 2026-11-24T08:30:00Z")


def _texts(value: Any) -> object:
    if isinstance(value, list):
        for item in value:
            if not isinstance(item, str):
                break
        else:
            return tuple(value)
    return _none_of("is not a list of texts")


def _no_constant(name: str) -> object:
    message = f"{name} is not a number"
    raise json.JSONDecodeError(message, name, 0)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    given = dict(pairs)
    if len(given) != len(pairs):
        message = "it says a field twice"
        raise ValueError(message)
    return given


# Made once: a decoder of its own for each line costs as much as the line.
_READER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once)
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _one_line(text: str) -> str:
    """A text of JSON in which nothing ends a line."""
    for sign, written in _LINE_ENDS:
        text = text.replace(sign, written)
    return text


def _sentence(error: ValueError, *, cut: bool) -> str:
    if cut:
        return f"The last line was cut short: {error}. It was skipped; the next append starts on a fresh line."
    return f"The line was skipped: {error}."


# Files


def _base(workspace: Place, folder: str) -> Path:
    return (workspace.private if folder in PRIVATE else workspace.data) / folder


def _root(workspace: Place) -> Path:
    root: Path = getattr(workspace, "root", workspace.data.parent)
    return root


def _name(workspace: Place, path: Path) -> str:
    with contextlib.suppress(ValueError):
        return path.relative_to(_root(workspace)).as_posix()
    return path.name


def _guard(workspace: Place, path: Path) -> None:
    """Refuse what is not a plain file or a folder inside the workspace. What is not there yet is fine."""
    root = _root(workspace)
    home = root if path.is_relative_to(root) else workspace.data
    try:
        inside = path.resolve().is_relative_to(home.resolve())
    except (OSError, RuntimeError) as error:
        message = f"{_name(workspace, path)}: this link cannot be followed. Put the file itself in its place."
        raise StoreError(message) from error
    if not inside:
        message = (
            f"{_name(workspace, path)}: this leads out of the workspace, so nothing was read or written there. "
            "Put the file itself in its place."
        )
        raise StoreError(message)


def _files(workspace: Place, folder: str) -> list[Path]:
    """List a folder's months in order, the compacted form of a month first. Other files are none of ours."""
    base = _base(workspace, folder)
    _guard(workspace, base)
    try:
        names = sorted(path.name for path in base.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"{_name(workspace, base)}: this should be a folder that can be read ({error.strerror})."
        raise StoreError(message) from error
    months = [name.rpartition(".")[::2] for name in names]
    wanted = [(month, suffix != "parquet", suffix) for month, suffix in months if _MONTH.match(month)]
    paths = [base / f"{month}.{suffix}" for month, _, suffix in sorted(wanted) if suffix in {"jsonl", "parquet"}]
    for path in paths:
        _guard(workspace, path)
        _plain_file(workspace, path)
    return paths


def _plain_file(workspace: Place, path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"{_name(workspace, path)}: the file cannot be read ({error.strerror})."
        raise StoreError(message) from error
    if not stat.S_ISREG(mode):
        message = f"{_name(workspace, path)}: this should be a file of records, and it is none. Move it away."
        raise StoreError(message)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path.parent.name}/{path.name}: the file cannot be read ({error.strerror})."
        raise StoreError(message) from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """A file to read line by line: a month may be larger than the memory."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        message = f"{path.parent.name}/{path.name}: the file cannot be read ({error.strerror})."
        raise StoreError(message) from error


def _lines(content: bytes) -> list[bytes]:
    """Split at line feeds only: text may hold every other line end there is."""
    lines = content.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


# Appending


def _append_folder(workspace: Place, folder: str, months: Mapping[str, list[tuple[Record, bytes]]]) -> int:
    base = _base(workspace, folder)
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{_name(workspace, base)}: the folder cannot be made ({error.strerror})."
        raise StoreError(message) from error
    with _locked(workspace, base):
        wanted = {_written(record) for batch in months.values() for record, _ in batch}
        # A reading's key holds its day, so that a repeat can only lie in its own month. Of the others a repeat may
        # lie in another month: a mention heard once with its time and once without.
        looked_at = [
            path
            for path in _files(workspace, folder)
            if KINDS[folder] is not Reading or path.name.partition(".")[0] in months
        ]
        known = _known(workspace, folder, looked_at, wanted)
        added = 0
        for month, batch in sorted(months.items()):
            fresh = []
            for record, line in batch:
                name = _written(record)
                if name not in known:
                    known.add(name)
                    fresh.append(line)
            if fresh:
                _write(workspace, base / f"{month}.jsonl", b"".join(fresh))
                added += len(fresh)
    return added


def _written(record: Record) -> tuple[object, ...]:
    """Give the identity as it will be read back: half a surrogate pair repeats itself too."""
    return tuple(_SURROGATES.sub("\ufffd", part) if isinstance(part, str) else part for part in identity(record))


@contextlib.contextmanager
def _locked(workspace: Place, base: Path) -> Iterator[None]:
    """Hold the folder's lock. The folder itself is locked: no file of ours is left behind, and a crash lets go."""
    import fcntl

    try:
        handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        message = f"{_name(workspace, base)}: this should be a folder that can be written ({error.strerror})."
        raise StoreError(message) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _known(
    workspace: Place, folder: str, paths: Iterable[Path], wanted: set[tuple[object, ...]]
) -> set[tuple[object, ...]]:
    """Say which of the wanted identities are there already, on lines that can be read."""
    kind = KINDS[folder]
    known: set[tuple[object, ...]] = set()
    keys = {str(name[0]) for name in wanted}
    tokens = {_one_line(json.dumps(key, ensure_ascii=False)).encode() for key in keys}
    for path in paths:
        if path.suffix == ".parquet":
            known.update(identity(record) for record in _read_parquet(path, kind, keys))
            continue
        if folder in LARGE and (shadow := _copy_of(workspace, folder, path)) is not None:
            known |= _known_there(shadow, kind, keys)
            continue
        with _opened(path) as file:
            for line in file:
                # Most lines are decided by the bytes of their key; a line in another writer's hand is read in full.
                match = _KEY.match(line)
                if match and match[1] not in tokens and b"\\" not in match[1]:
                    continue
                with contextlib.suppress(ValueError):
                    known.add(identity(decode(line, kind)[0]))
    return known


def _copy_of(workspace: Place, folder: str, path: Path) -> Path | None:
    """The copy by column of a month, where there is one that is not older than the month's file."""
    cache = getattr(workspace, "cache", None)
    if cache is None:
        return None
    shadow: Path = cache / SHADOWS / _shadow_name(folder, path)
    return shadow if shadow.is_file() and shadow.with_suffix(".json").is_file() else None


def _known_there(shadow: Path, kind: Kind, keys: set[str]) -> set[tuple[object, ...]]:
    """Which identities with one of these keys a copy by column holds; only their columns are read."""
    import pyarrow as pa
    from pyarrow import compute, parquet

    names = list(IDENTITY.get(kind, ("key",)))
    table = parquet.read_table(shadow, columns=names, partitioning=None)
    table = table.filter(compute.is_in(table["key"], value_set=pa.array(sorted(keys), pa.string())))
    return {tuple(row[name] for name in names) for row in table.to_pylist()}


def _write(workspace: Place, path: Path, content: bytes) -> None:
    """Add bytes to the end of a file in one call, on a fresh line, and see them on the disk."""
    _guard(workspace, path)
    _plain_file(workspace, path)
    handle = -1
    try:
        new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            content = b"\n" + content
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
        if new:
            _sync_folder(path.parent)
    except OSError as error:
        message = f"{_name(workspace, path)}: the file cannot be written ({error.strerror}). It is as it was."
        raise StoreError(message) from error
    finally:
        if handle >= 0:
            os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Erasing


def rewrite(
    workspace: Place,
    folder: str,
    change: Callable[[Any], Any],
    *,
    months: Iterable[str] | None = None,
    quick: Callable[[bytes], bytes | None] | None = None,
) -> int:
    """Put each record of a private folder through ``change``: what it gives is kept in its place, ``None`` erases it.

    Say how many were changed or erased. A file is replaced whole when anything in it changed; a line that cannot be read is
    erased with it, for nobody can say whose words it holds. ``quick`` may answer for a whole line without its being read: what it
    gives stands in its place, nothing erases it, and ``None`` has it read. Copies of the folder by column are removed, an empty
    file too.

    Raises:
        StoreError: a file cannot be read or written. It is then as it was.
        ValueError: the folder is the ledger's, which is never rewritten.
    """
    if folder not in PRIVATE:
        message = f"{folder} is of the ledger, which is only ever added to"
        raise ValueError(message)
    wanted = None if months is None else frozenset(months)
    changed = 0
    base = _base(workspace, folder)
    paths = [path for path in _files(workspace, folder) if wanted is None or path.name.partition(".")[0] in wanted]
    if not paths:
        return 0
    with _locked(workspace, base):
        for path in paths:
            changed += _rewritten(workspace, path, KINDS[folder], change, quick)
    return changed


def behind(workspace: Place, folder: str, other: str) -> frozenset[str]:
    """The months of a folder that hold a record which another folder has none of by its key.

    Only keys are read, where they stand first on their line as ``append`` writes them: it takes a tenth of what tables take.

    Raises:
        StoreError: a file cannot be read.
    """
    there = {key for path in _files(workspace, other) for key in _keys(path, KINDS[other])}
    return frozenset(
        path.name.partition(".")[0]
        for path in _files(workspace, folder)
        if any(key not in there for key in _keys(path, KINDS[folder]))
    )


def _keys(path: Path, kind: Kind) -> Iterator[bytes]:
    """The keys of a file's lines as JSON writes them; lines that are no records are left out where that is seen at once."""
    if path.suffix != ".jsonl":
        yield from (json.dumps(record.key).encode() for record in _values(path, kind))
        return
    with _opened(path) as file:
        for raw in file:
            match = _KEY.match(raw)
            if match and b"\\" not in match[1]:
                yield match[1]
                continue
            with contextlib.suppress(ValueError):
                yield _one_line(json.dumps(decode(raw, kind)[0].key, ensure_ascii=False)).encode()


def read_large(workspace: Place, folder: str, months: Iterable[str] | None = None) -> Iterator[Any]:
    """Every record of a folder's lines one by one, in little memory; repeats and all, lines that cannot be read left out.

    Raises:
        StoreError: a file cannot be read.
    """
    wanted = None if months is None else frozenset(months)
    for path in _files(workspace, folder):
        if path.suffix == ".jsonl" and (wanted is None or path.stem in wanted):
            with _opened(path) as file:
                for raw in file:
                    with contextlib.suppress(ValueError):
                        yield decode(raw, KINDS[folder])[0]


def merge_private(workspace: Place, name: str, content: bytes) -> bool:
    """Put a private month as it lies elsewhere in its place, with the lines that stand here only behind it; whether it changed.

    ``name`` is ``<records>/<month>.jsonl``.

    Raises:
        StoreError: it cannot be written, or is no place of ours.
    """
    folder, _, file = name.partition("/")
    if folder not in PRIVATE or not re.fullmatch(r"\d{4}-\d{2}\.jsonl", file):
        message = f"data/private/{name}: this is no place of private records."
        raise StoreError(message)
    base = _base(workspace, folder)
    target = base / file
    _guard(workspace, target)
    with _locked(workspace, base):
        before = _bytes(target) if target.exists() else b""
        known = set(_lines(content))
        mine = [line for line in _lines(before) if line.endswith(b"\n") and line not in known]
        if not mine and content == before:
            return False
        fresh = target.with_name(f".{file}.part")
        try:
            fresh.write_bytes(content + (b"" if content.endswith(b"\n") or not content else b"\n") + b"".join(mine))
            fresh.replace(target)
        except OSError as error:
            message = f"data/private/{name}: the file cannot be written ({error.strerror}). It is as it was."
            raise StoreError(message) from error
    return True


def _rewritten(
    workspace: Place,
    path: Path,
    kind: Kind,
    change: Callable[[Any], Any],
    quick: Callable[[bytes], bytes | None] | None = None,
) -> int:
    if path.suffix != ".jsonl":
        message = f"{_name(workspace, path)}: what is private is kept as lines, and this is none of them. Move it away."
        raise StoreError(message)
    changed = kept = 0
    fresh = path.with_name(f".{path.name}.part")
    try:
        with path.open("rb") as file, fresh.open("wb") as out:
            for raw in file:
                if quick and raw.endswith(b"}\n") and (written := quick(raw)) is not None:
                    changed += written != raw
                    kept += bool(written)
                    out.write(written)
                    continue
                try:
                    record = decode(raw, kind)[0]
                except ValueError:
                    changed += 1
                    continue
                made = change(record)
                if made is record:
                    out.write(raw if raw.endswith(b"\n") else raw + b"\n")
                    kept += 1
                    continue
                changed += 1
                if made is not None:
                    out.write(encode(made))
                    kept += 1
            out.flush()
            os.fsync(out.fileno())
        if not changed:
            fresh.unlink()
            return 0
        if kept:
            fresh.replace(path)
        else:
            fresh.unlink()
            path.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        message = f"{_name(workspace, path)}: the file cannot be written ({error.strerror}). It is as it was."
        raise StoreError(message) from error
    shadows = getattr(workspace, "cache", None)
    for name in (f"{path.parent.name}-{path.stem}-*", f"{SAID}-*-{path.stem}-*"):
        for old in (shadows / SHADOWS).glob(name) if shadows else ():
            old.unlink()
    return changed


# Tables


class Tables:
    """The store as lazy tables (Ibis expressions on DuckDB), for what can grow without end.

    ``tables.readings``, ``.mentions``, ``.contacts``, ``.intents``, ``.receipts``, ``.alerts``, ``.cases``: one table a
    kind, its columns named as the record's fields; repeats of a record dropped, the first one kept; damaged lines left
    out and told by ``problems``. A kind is read when it is first asked for, and stays as it was then. A kind without
    records is an empty table with the same columns. Types of the columns:

    =====================  ==========================================================================================
    field                  column
    =====================  ==========================================================================================
    text, closed set       ``string``
    day                    ``date``
    instant                ``timestamp('UTC')``, null where the source does not say
    texts                  ``array<string>``
    whole number           ``int64``
    number (``value``)     ``float64``, and beside it ``value_whole``, ``decimal(38, 0)``: the number in full when it is
                           a whole one, null otherwise. Sums of whole numbers are taken from there, so nothing rounds.
    =====================  ==========================================================================================
    """

    def __init__(self, workspace: Place, months: Iterable[str] | None = None) -> None:
        """Remember the workspace; no file is opened and no engine imported yet.

        With ``months`` (``"2026-11"``) only these are read: what repeats a record of another month is not known then.
        """
        self._workspace = workspace
        self._months = frozenset(months) if months is not None else None
        self._backend: Any = None
        self._loaded: dict[str, Any] = {}
        self._problems: dict[str, tuple[Problem, ...]] = {}
        self._kept: dict[str, Any] = {}
        self.answers: dict[Any, Any] = {}
        """What ``tally`` was asked already, for as long as these tables live."""

    @property
    def connection(self) -> Any:
        """The Ibis backend that the tables live on."""
        if self._backend is None:
            import ibis

            self._backend = ibis.duckdb.connect(autoinstall_known_extensions=False)
            # A question that takes long would draw a bar into what a command prints.
            self._backend.raw_sql("SET enable_progress_bar = false")
        return self._backend

    def table(self, folder: str) -> Any:
        """Give the table of a folder's records, e.g. ``"readings"``.

        Raises:
            StoreError: a file cannot be read at all.
            KeyError: no records have that name.
        """
        if folder not in self._loaded:
            self._problems[folder] = _load(self._workspace, self.connection, folder, self._months)
            self._loaded[folder] = self.connection.table(folder)
        return self._loaded[folder]

    def keep(self, name: str, make: Callable[[], Any], *, lazily: bool = False) -> Any:
        """Run an expression once and give its result as a table of that name, for questions asked again and again.

        ``lazily`` keeps the expression alone, of what would be too much to hold.
        """
        if name not in self._kept:
            made = make()
            self._kept[name] = made if lazily else self.connection.create_table(name, made, temp=True)
        return self._kept[name]

    readings = property(lambda self: self.table("readings"))
    mentions = property(lambda self: self.table("mentions"))
    judgements = property(lambda self: self.table("judgements"))
    corrections = property(lambda self: self.table("corrections"))
    forgotten = property(lambda self: self.table("forgotten"))
    contacts = property(lambda self: self.table("contacts"))
    intents = property(lambda self: self.table("intents"))
    receipts = property(lambda self: self.table("receipts"))
    alerts = property(lambda self: self.table("alerts"))
    cases = property(lambda self: self.table("cases"))

    def problems(self, *folders: str) -> tuple[Problem, ...]:
        """List the lines that were left out: of the folders named, or of all."""
        for folder in folders or KINDS:
            # A folder without files has no damage: no engine is started to find that out.
            if folder in self._loaded or _files(self._workspace, folder):
                self.table(folder)
        return tuple(problem for folder in folders or KINDS for problem in self._problems.get(folder, ()))


def tables(workspace: Place, months: Iterable[str] | None = None) -> Tables:
    """Give the store, or some months of it, as tables; nothing is read until a table is asked for."""
    return Tables(workspace, months)


def months(workspace: Place, folder: str) -> dict[str, str]:
    """The months a folder holds, oldest first, each with a digest of its files as they lie there: equal, unchanged.

    No file is opened.

    Raises:
        StoreError: the folder leads out of the workspace or cannot be read.
    """
    found: dict[str, list[object]] = {}
    for path in _files(workspace, folder):
        facts = path.stat()
        found.setdefault(path.name.partition(".")[0], []).append((path.name, facts.st_size, facts.st_mtime_ns))
    return {month: digest(*files) for month, files in found.items()}


def compact(workspace: Place, now: datetime) -> dict[str, int]:
    """Turn the ledger's closed months into Parquet, and say how many records each new file holds, by its path.

    A month is closed when it ended at least a week before ``now`` (UTC): late readings still find the JSON lines. What
    is private stays as lines, which can be forgotten one by one. Safe to repeat and to interrupt: the lines are removed
    when the Parquet file is on the disk, and until then readers see each record once.

    Raises:
        StoreError: a month holds a line that cannot be read; mend or remove it first. Nothing of that month changes.
    """
    done = {}
    closed = (now.astimezone(UTC) - timedelta(days=7)).date().isoformat()[:7]
    for folder in LEDGER:
        for path in _files(workspace, folder):
            if path.suffix == ".jsonl" and path.stem < closed:
                target = path.with_suffix(".parquet")
                done[_name(workspace, target)] = _compact_month(workspace, folder, path, target)
    return done


# The engine's side of it. Names of columns and files go into these statements, never text of a record.


@dataclass(frozen=True, slots=True)
class _Column:
    """A field as the engine sees it.

    Attributes:
        name: the field's.
        given: the type that the JSON reader is told.
        value: SQL of the value, from the column as given.
        broken: SQL that is true where the line does not fit the declaration.
        type: the type in the table.
    """

    name: str
    given: str
    value: str
    broken: str
    type: str


_WHOLE = "DECIMAL(38, 0)"


@cache
def _columns(kind: Kind) -> tuple[_Column, ...]:
    defaults = {item.name: item.default for item in fields(kind) if item.default is not MISSING}
    columns = []
    for name, hint in _declared(kind).items():
        column = f'"{name}"'
        text = f"({column} ->> '$')"
        simple = {date: "DATE", datetime: "TIMESTAMPTZ", tuple[str, ...]: "VARCHAR[]", int: "BIGINT"}
        if hint == datetime | None:
            # Read as JSON, so that "no time" and "no such time" are told apart.
            value = f"TRY_CAST({text} AS TIMESTAMPTZ)"
            columns.append(_Column(name, "JSON", value, f"({text} IS NOT NULL AND {value} IS NULL)", "TIMESTAMPTZ"))
        elif hint == int | float:
            # Read as JSON too: it keeps the digits as they stand in the line.
            value = f"TRY_CAST({column}::VARCHAR AS DOUBLE)"
            broken = f"({value} IS NULL OR NOT isfinite({value}))"
            if name in defaults:
                broken = f"({column} IS NOT NULL AND {broken})"
                value = f"COALESCE({value}, {defaults[name]})"
            whole = f"CASE WHEN regexp_full_match({column}::VARCHAR, '-?[0-9]+') THEN "
            whole += f"TRY_CAST({column}::VARCHAR AS {_WHOLE}) END"
            columns.append(_Column(name, "JSON", value, broken, "DOUBLE"))
            columns.append(_Column(f"{name}_whole", "", whole, "", _WHOLE))
        else:
            given = simple.get(hint, "VARCHAR")
            if name in defaults:
                default = "[]::VARCHAR[]" if given == "VARCHAR[]" else f"'{defaults[name]}'"
                columns.append(_Column(name, given, f"COALESCE({column}, {default})", "", given))
            else:
                columns.append(_Column(name, given, column, f"{column} IS NULL", given))
    return tuple(columns)


def _load(workspace: Place, backend: Any, folder: str, months: frozenset[str] | None = None) -> tuple[Problem, ...]:
    """Make the table of a folder in the engine, and find the lines that did not fit."""
    paths = [path for path in _files(workspace, folder) if months is None or path.name.partition(".")[0] in months]
    large = folder in LARGE and all(path.suffix == ".jsonl" for path in paths) and getattr(workspace, "cache", None)
    if large and sum(path.stat().st_size for path in paths) >= WORTH:
        return _view(workspace, backend, folder, paths)
    counts = _gather(workspace, backend, folder, KINDS[folder], paths)
    return _damage(workspace, folder, [path for path in paths if path.suffix == ".jsonl"], counts)


LARGE = frozenset({"mentions", "judgements"})
"""Folders that grow to millions of records, each read by the columns that are asked for."""
SAID = "said"
"""How the names of those files begin in which ``monthly`` keeps the rows of a month, words and judgements together."""
SHADOWS = "columns"
"""The folder of the cache in which months of these lie by column. It holds other people's words: ``forget`` empties it."""


def _view(workspace: Place, backend: Any, folder: str, paths: list[Path]) -> tuple[Problem, ...]:
    """Make a table that reads only the columns and rows that are asked for, from a copy of each month by column.

    A copy is made anew when its month's file changed. What repeats a record of another month is kept: ``append`` looks at all
    months and writes none.
    """
    shadows = workspace.cache / SHADOWS  # type: ignore[attr-defined]  # asked for before it is called
    shadows.mkdir(parents=True, exist_ok=True)
    kind, problems, parts = KINDS[folder], [], []
    names = ", ".join(f'"{column.name}"' for column in _columns(kind))
    for path in paths:
        shadow = shadows / _shadow_name(folder, path)
        notes = shadow.with_suffix(".json")
        if not (shadow.exists() and notes.exists()):
            for old in shadows.glob(f"{folder}-{path.stem}-*"):
                old.unlink()
            found = _shadow(workspace, backend, kind, path, shadow)
            notes.write_text(json.dumps([[one.line, one.sentence, one.skipped] for one in found]), encoding="utf-8")
        problems += [Problem(_name(workspace, path), *row) for row in json.loads(notes.read_text(encoding="utf-8"))]
        parts.append(_pattern(shadow))
    backend.raw_sql(
        f'CREATE OR REPLACE TEMP VIEW "{folder}" AS SELECT {names} '  # noqa: S608
        f"FROM read_parquet([{', '.join(parts)}], hive_partitioning = false)"
    )
    return tuple(problems)


def _shadow_name(folder: str, path: Path) -> str:
    """The name of a month's copy: another one whenever the month's file or the form of its kind is another."""
    columns, facts = _columns(KINDS[folder]), path.stat()
    form = digest(", ".join(f'"{column.name}"' for column in columns), *(column.type for column in columns))[:8]
    return f"{folder}-{path.stem}-{digest(form, facts.st_size, facts.st_mtime_ns, facts.st_ino)}.parquet"


def _shadow(workspace: Place, backend: Any, kind: Kind, path: Path, shadow: Path) -> list[Problem]:
    """Write a month by column, in the order of its lines, in little memory; name the lines that did not fit."""
    names = ", ".join(f'"{column.name}"' for column in _columns(kind))
    values = ", ".join(f'{column.value} AS "{column.name}"' for column in _columns(kind))
    broken = " OR ".join(column.broken for column in _columns(kind) if column.broken)
    inner = (
        f"SELECT {names} FROM (SELECT {values}, ({broken}) AS _broken FROM {_rows(kind, path)[1]}) WHERE NOT _broken"  # noqa: S608
    )
    same = ", ".join(f'"{name}"' for name in IDENTITY.get(kind, ("key",)))
    fresh = shadow.with_suffix(".part")
    options = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)"
    backend.raw_sql("SET memory_limit = '512MB'")
    try:
        backend.raw_sql(f"COPY ({inner}) TO {_quoted(str(fresh))} {options}")
        read = f"read_parquet({_pattern(fresh)})"
        count, different = backend.raw_sql(
            f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {same} FROM {read})) FROM {read}"  # noqa: S608
        ).fetchone()
        if count != different:
            once = shadow.with_suffix(".once")
            read = f"read_parquet({_pattern(fresh)}, file_row_number = true)"
            backend.raw_sql(
                f"COPY (SELECT {names} FROM {read} QUALIFY row_number() OVER "  # noqa: S608
                f"(PARTITION BY {same} ORDER BY file_row_number) = 1 ORDER BY file_row_number) "
                f"TO {_quoted(str(once))} {options}"
            )
            once.replace(fresh)
    except _engine_error() as error:
        message = f"{_name(workspace, path)}: the file cannot be read as records ({str(error).splitlines()[0]})."
        raise StoreError(message) from error
    problems: list[Problem] = []
    if count != _line_count(path):
        with _opened(path) as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    problems += _problems_of(_name(workspace, path), number, raw, kind)
    fresh.replace(shadow)
    return problems


def _line_count(path: Path) -> int:
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            count += part.count(b"\n")
            last = part[-1:]
    return count + (last != b"\n")


def _gather(workspace: Place, backend: Any, table: str, kind: Kind, paths: list[Path]) -> dict[str, tuple[int, int]]:
    """Make a table of what the files hold, repeats dropped; say of each file its rows and how many did not fit."""
    lines = f'"{table}_lines"'
    names = ", ".join(f'"{column.name}"' for column in _columns(kind))
    # The schema is given, never guessed: guessing changes types with the data, and costs six times as much.
    declared = ", ".join(f'"{column.name}" {column.type}' for column in _columns(kind))
    backend.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE {lines} ({declared}, "_broken" BOOLEAN, "_path" VARCHAR, "_file" INTEGER, '
        '"_line" BIGINT)'
    )
    for number, path in enumerate(paths):
        rows, source = _rows(kind, path)
        statement = (
            f"INSERT INTO {lines} SELECT {rows}, {_quoted(str(path))}, {number}, row_number() OVER () FROM {source}"  # noqa: S608
        )
        try:
            backend.raw_sql(statement)
        except _engine_error() as error:
            message = f"{_name(workspace, path)}: the file cannot be read as records ({str(error).splitlines()[0]})."
            raise StoreError(message) from error
    same = ", ".join(f'"{name}"' for name in IDENTITY.get(kind, ("key",)))
    backend.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{table}" AS SELECT {names} FROM {lines} WHERE NOT "_broken" '  # noqa: S608
        f'QUALIFY row_number() OVER (PARTITION BY {same} ORDER BY "_file", "_line") = 1 ORDER BY "_file", "_line"'
    )
    counts = backend.raw_sql(
        f'SELECT "_path", count(*), count_if("_broken") FROM {lines} GROUP BY "_path"'  # noqa: S608
    ).fetchall()
    backend.raw_sql(f"DROP TABLE {lines}")
    return {path: (rows, broken) for path, rows, broken in counts}


def _engine_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


def _damage(
    workspace: Place, folder: str, paths: Iterable[Path], counts: Mapping[str, tuple[int, int]]
) -> tuple[Problem, ...]:
    """Read the files in full whose rows are not their lines, to name the lines that did not fit."""
    problems: list[Problem] = []
    for path in paths:
        rows, broken = counts.get(str(path), (0, 0))
        content = _bytes(path)
        lines = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
        if rows == lines and not broken:
            continue
        named = _problems(_name(workspace, path), content, KINDS[folder])
        problems += named
        if len([problem for problem in named if problem.skipped]) < broken:
            problems.append(
                Problem(
                    _name(workspace, path), 1, f"{broken} lines of this file do not fit their fields and were skipped."
                )
            )
    return tuple(problems)


def _problems(name: str, content: bytes, kind: Kind) -> list[Problem]:
    problems = []
    for number, raw in enumerate(_lines(content), start=1):
        if raw.strip():
            problems += _problems_of(name, number, raw, kind)
    return problems


def _problems_of(name: str, number: int, raw: bytes, kind: Kind) -> list[Problem]:
    try:
        decode(raw, kind)
    except ValueError as error:
        return [Problem(name, number, _sentence(error, cut=not raw.endswith(b"\n")))]
    return []


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pattern(path: Path) -> str:
    """Quote a path for a reader that takes patterns: marks of a pattern stand for themselves in brackets."""
    return _quoted(re.sub(r"([*?\[])", r"[\1]", str(path)))


def _rows(kind: Kind, path: Path) -> tuple[str, str]:
    """Give the SQL of a file's values, ended by whether the row fits, and the SQL of where they are read from."""
    if path.suffix == ".parquet":
        names = ", ".join(f'"{column.name}"' for column in _columns(kind))
        return f"{names}, false", f"read_parquet({_pattern(path)}, hive_partitioning = false)"
    given = ", ".join(f"{_quoted(column.name)}: '{column.given}'" for column in _columns(kind) if column.given)
    values = ", ".join(column.value for column in _columns(kind))
    broken = " OR ".join(column.broken for column in _columns(kind) if column.broken)
    source = f"read_json({_pattern(path)}, format = 'newline_delimited', ignore_errors = true, "
    source += f"hive_partitioning = false, columns = {{{given}}})"
    return f"{values}, {broken}", source


def _compact_month(workspace: Place, folder: str, path: Path, target: Path) -> int:
    import ibis

    kind = KINDS[folder]
    with _locked(workspace, path.parent):
        problems = _problems(_name(workspace, path), _bytes(path), kind)
        if problems:
            message = (
                f"{problems[0].path}:{problems[0].line}: {problems[0].sentence} Mend it before compacting the month."
            )
            raise StoreError(message)
        sources = [source for source in (target, path) if source.exists()]
        before = [record for source in sources for record in _values(source, kind)]
        kept = {identity(record): record for record in reversed(before)}
        backend = ibis.duckdb.connect(autoinstall_known_extensions=False)
        _gather(workspace, backend, folder, kind, sources)
        fresh = target.with_name(f".{target.name}.part")
        backend.raw_sql(f'COPY "{folder}" TO {_quoted(str(fresh))} (FORMAT parquet, COMPRESSION zstd)')
        # Nothing is removed before the new file has been read back and says the same.
        if _values(fresh, kind) != list(reversed(kept.values())):
            fresh.unlink()
            message = f"{_name(workspace, path)}: the month holds values that Parquet would change. It stays as lines."
            raise StoreError(message)
        with fresh.open("rb") as handle:
            os.fsync(handle.fileno())
        fresh.replace(target)
        path.unlink()
        _sync_folder(path.parent)
        return len(kept)


def _values(path: Path, kind: Kind) -> list[Any]:
    if path.suffix == ".jsonl":
        return [decode(raw, kind)[0] for raw in _lines(_bytes(path)) if raw.strip()]
    return _read_parquet(path, kind)


def _read_parquet(path: Path | IO[bytes], kind: Kind, keys: set[str] | None = None) -> list[Any]:
    """Read a compacted month, a file or its bytes, into records in its order; with ``keys`` only those."""
    import pyarrow as pa
    from pyarrow import compute, parquet

    try:
        table = parquet.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        name = "the file" if hasattr(path, "read") else f"{path.parent.name}/{path.name}: the file"
        message = f"{name} cannot be read as a compacted month."
        raise StoreError(message) from error
    if keys is not None:
        table = table.filter(compute.is_in(table["key"], value_set=pa.array(sorted(keys), pa.string())))
    return [_from_row(row, kind) for row in table.to_pylist()]


def _from_row(row: dict[str, Any], kind: Kind) -> Any:
    values: dict[str, Any] = {}
    for name in _declared(kind):
        value = row[name]
        if isinstance(value, list):
            value = tuple(value)
        elif isinstance(value, datetime):
            value = value.astimezone(UTC)
        elif row.get(f"{name}_whole") is not None:
            value = int(row[f"{name}_whole"])
        values[name] = value
    return kind(**values)
