"""``signalbook import``: exports of other tools → readings, mentions and contacts; Markdown and calendars → documents.

::

    bytes | recognise (which connector knows the columns) | read | decode (the connector's) | append

``read_export`` decides and is pure; ``run`` reads the files, calls it and appends. A file is read right, or refused
with what was seen, what is known and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cells import Order, fold, text_of
from pipelines.layouts import Context, Decoded, Documents, Match, Tables, find, fingerprint, read
from pipelines.tables import MAX_FILE, Grid, Unreadable, decoded, read_grids
from signalbook.errors import SignalbookError, UsageError
from signalbook.records import Contact, Mention, Number, Reading, Record

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pipelines.documents_in import Arrival

OWN = (
    "bluesky", "facebook", "ga4", "hubspot", "linkedin", "mastodon", "salesforce", "search_console", "x", "youtube",
)  # fmt: skip
"""Our connectors that read exports; those of other distributions are found in the group ``signalbook.connectors``."""
NETWORKS = (*OWN, "instagram")
TABLES_OF_WORDS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".zip", ".json", ".jsonl", ".ndjson", ".html", ".htm")
"""Endings of exports. Inside a folder other files are left alone; a file that is named is read whatever its ending."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One file that was read.

    Attributes:
        file: as given.
        layout: e.g. ``linkedin-content``.
        network: the connector's name.
        posts: how many posts it holds numbers of.
        days: how many days.
        rows: rows of data.
        mentions: things that others said.
        totals: metric → sum, the tool's English name in lower snake case.
        first_published: ``2020-02-10T18:00:00Z``, or ``2026-07-12`` when the file has no zone, or ``None``.
        unknown_columns: headers that the layout does not know; what stood there is kept.
        added: records that are new, by folder of the store.
        warnings: what a person should know and what does not make a number wrong.
        records: what was read.
    """

    file: str
    layout: str
    network: str
    posts: int = 0
    days: int = 0
    rows: int = 0
    mentions: int = 0
    totals: Mapping[str, Number] = field(default_factory=dict)
    first_published: str | None = None
    unknown_columns: tuple[str, ...] = ()
    added: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    records: tuple[Record, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """The object of the line that ``--json`` prints."""
        return {
            "file": self.file,
            "layout": self.layout,
            "network": self.network,
            "posts": self.posts,
            "days": self.days,
            "rows": self.rows,
            "mentions": self.mentions,
            "totals": dict(sorted(self.totals.items())),
            "first_published": self.first_published,
            "unknown_columns": list(self.unknown_columns),
            "added": dict(self.added),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """One file that was not read, with the sentence that says why and what to do."""

    file: str
    error: str

    def as_json(self) -> dict[str, Any]:
        """The object of the line that ``--json`` prints: the same keys, empty, and ``error``."""
        return Imported(self.file, "", "").as_json() | {"layout": None, "network": None, "error": self.error}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, in the order of the files."""

    files: tuple[Imported | Refused, ...] = ()

    @property
    def status(self) -> int:
        """Exit status: 1 when a file was refused."""
        return 1 if any(isinstance(file, Refused) for file in self.files) else 0

    def lines(self) -> list[str]:
        """One line of JSON a file."""
        return [json.dumps(file.as_json(), ensure_ascii=False) for file in self.files]

    def said(self) -> list[str]:
        """The same for a person."""
        out: list[str] = []
        for file in self.files:
            if isinstance(file, Refused):
                out.append(f"{file.file}\n  not read: {file.error}")
                continue
            parts = [
                f"{number:,} {name}"
                for name, number in (("posts", file.posts), ("days", file.days), ("mentions", file.mentions), ("rows", file.rows))
                if number
            ]
            new = ", ".join(f"{number:,} {name}" for name, number in file.added.items()) or "nothing added"
            out.append(f"{file.file}\n  {file.layout}: {', '.join(parts) or 'empty'}; new: {new}")
            out += [f"  {name}: {value:,}" for name, value in sorted(file.totals.items())]
            if file.unknown_columns:
                out.append(f"  columns that are not known, kept as they are: {', '.join(file.unknown_columns)}")
            out += [f"  {warning}" for warning in file.warnings]
        return out


# --- deciding --------------------------------------------------------------------------------------------------------


def read_export(
    name: str,
    data: bytes,
    *,
    taken_at: datetime,
    zone: ZoneInfo,
    channels: Mapping[str, str] | None = None,
    kind: str = "",
    dates: Order | None = None,
) -> Imported:
    """Read one export; what it is, is decided by its content, and by *kind* (``--as``) where a person says more.

    Raises:
        Unreadable: the layout is not known, or something in the file could be read in two ways.
        UsageError: *kind* is no network and no layout.
    """
    wanted = _wanted(kind)
    network = kind if kind in {"facebook", "instagram"} else ""
    context = Context(
        Path(name).name, fingerprint(data), taken_at, zone, channels or {}, dates, network or kind.partition("-")[0]
    )
    if len(data) > MAX_FILE:
        raise Unreadable(f"The file has {len(data) // 2**20} MB; {MAX_FILE // 2**20} MB is the most that is read.")
    made = _document(data, context, wanted) if _is_json(data) else _tables(name, data, context, wanted)
    records = tuple({(type(record), record.key): record for record in made.records}.values())
    return Imported(
        name, made.layout, made.network, len(made.posts), len(made.days), made.rows, made.mentions, made.totals,
        made.first_published, made.unknown, {}, made.warnings, records,
    )  # fmt: skip


def connectors() -> dict[str, object]:
    """Name → module of every connector that reads exports, ours and those that others registered."""
    found: dict[str, object] = {name: import_module(f"pipelines.connectors.{name}") for name in OWN}
    for entry in entry_points(group="signalbook.connectors"):
        module = entry.value.partition(":")[0]
        if entry.name not in found and not module.startswith("pipelines."):
            loaded = import_module(module)
            if hasattr(loaded, "TABLES") or hasattr(loaded, "DOCUMENTS"):
                found[entry.name] = loaded
    return found


def _wanted(kind: str) -> dict[str, object]:
    """The connectors that may read the file: all, or the one that ``--as`` names by network or layout."""
    known = connectors()
    if not kind:
        return known
    name = "facebook" if kind.partition("-")[0] == "instagram" else kind
    chosen = {
        key: module for key, module in known.items() if name == key or name in _layout_names(module) or name.replace("-", "_") == key
    }
    if not chosen:
        raise UsageError(f"“{kind}” is no kind of export. Known: {', '.join(NETWORKS)}; for documents: policy, playbook, post, event.")
    return chosen


def _layout_names(module: object) -> tuple[str, ...]:
    tables: Tables | None = getattr(module, "TABLES", None)
    documents: Documents | None = getattr(module, "DOCUMENTS", None)
    return (*(layout.name for layout in tables.layouts), *()) if tables else documents.layouts if documents else ()


def _is_json(data: bytes) -> bool:
    start = data[:400].removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip(b"\xff\xfe").lstrip()
    return start[:1] in {b"{", b"["}


def _document(data: bytes, context: Context, wanted: Mapping[str, object]) -> Decoded:
    text = decoded(data)
    try:
        document = _parse(text)
    except RecursionError as error:
        raise Unreadable("The JSON is nested too deeply. Nothing that a network writes is.") from error
    except ValueError as error:
        try:
            document = [_parse(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise Unreadable(f"The file begins as JSON and is not: {error}. Export it again.") from error
    for module in wanted.values():
        documents: Documents | None = getattr(module, "DOCUMENTS", None)
        try:
            if documents and documents.recognises(document):
                return documents.decode(document, context)
        except RecursionError as error:
            raise Unreadable("The JSON is nested too deeply. Nothing that a network writes is.") from error
    seen = list(document) if isinstance(document, dict) else list(document[0]) if isinstance(document, list) and document and isinstance(document[0], dict) else []
    raise Unreadable(
        f"This JSON is no layout that is known here. Its first keys are {_quoted(seen) or 'none'}. "
        "Known: statuses of Mastodon (an array, or an archive's outbox.json) and posts of Bluesky (search, feed, thread)."
    )


def _parse(text: str) -> Any:
    def constant(word: str) -> object:
        raise ValueError(f"{word} is no number of JSON")

    return json.loads(text, parse_constant=constant, parse_float=str)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to read the tables of a file: a connector and a delimiter, and how well the columns fit."""

    name: str
    tables: Tables
    grids: tuple[Grid, ...]
    known: int
    named: int
    seen: int

    @property
    def rank(self) -> tuple[int, int, int]:
        return (self.known, -self.seen, self.named)


def _tables(name: str, data: bytes, context: Context, wanted: Mapping[str, object]) -> Decoded:
    readings = read_grids(name, data)
    ways = [
        way
        for grids in readings
        for key, module in wanted.items()
        if (tables := getattr(module, "TABLES", None)) is not None and (way := _way(name, key, tables, grids))
    ]
    if not ways:
        raise Unreadable(_unknown(readings, wanted))
    ways.sort(key=lambda way: way.rank, reverse=True)
    best = ways[0]
    equal = {way.name for way in ways if way.rank == best.rank}
    if len(equal) > 1:
        raise Unreadable(
            f"The columns fit {' and '.join(sorted(equal))} equally well. Import the file again with --as {best.name}, or "
            f"with --as {max(equal)}."
        )
    matches: list[Match] = []
    left: list[str] = []
    for grid in best.grids:
        found = find(grid, best.tables.layouts)
        matches += found
        if not found:
            left.append(grid.name or "a table")
    decoded_ = best.tables.decode(read([match for match in matches if match.rows] or matches, context), context)
    warnings = (f"Not read, since the columns are not known: {', '.join(left)}.",) if left else ()
    return replace(decoded_, warnings=(*decoded_.warnings, *warnings))


def _way(file: str, key: str, tables: Tables, grids: Sequence[Grid]) -> _Way | None:
    """How well a connector knows the first rows of a file."""
    matches = [
        match
        for grid in grids
        for match in find(replace(grid, rows=grid.rows[:200], breaks=frozenset(at for at in grid.breaks if at < 200)), tables.layouts)
    ]
    if not matches:
        return None
    words = f"{fold(Path(file).name)} {' '.join(fold(grid.name) for grid in grids)}"
    hints = {fold(hint) for match in matches for hint in match.layout.hints}
    return _Way(
        key, tables, tuple(grids), sum(match.known for match in matches), sum(1 for hint in hints if hint and hint in words),
        sum(len(match.found) for match in matches),
    )  # fmt: skip


def _unknown(readings: Sequence[Sequence[Grid]], wanted: Mapping[str, object]) -> str:
    grids = max(readings, key=lambda grids: max((len(row.cells) for grid in grids for row in grid.rows[:20]), default=0))
    rows = [row for grid in grids for row in grid.rows[:20] if len(row.cells) > 1] or [row for grid in grids for row in grid.rows[:1]]
    header = next((row for row in rows if all(isinstance(cell, str) or cell is None for cell in row.cells)), rows[0] if rows else None)
    seen = _quoted(text_of(cell) for cell in header.cells) if header else "nothing"
    known = ", ".join(sorted({name for module in wanted.values() for name in _layout_names(module)}))
    return f"The layout is not known. The first header cells are {seen}. Known layouts: {known}. If it is one of them, export it again without editing it, or say which with --as."


def _quoted(words: Iterable[object]) -> str:
    return ", ".join(f"“{str(word)[:40]}”" for word in list(filter(None, words))[:8])


# --- doing -----------------------------------------------------------------------------------------------------------


def run(
    workspace: Any,
    paths: Sequence[str | Path],
    *,
    now: datetime,
    zone: ZoneInfo,
    channels: Mapping[str, str] | None = None,
    dry_run: bool = False,
    kind: str = "",
    owner: str = "",
    dates: Order | None = None,
    mapping: Path | None = None,
    save_mapping: Path | None = None,
) -> Outcome:
    """Read files and folders, and append what they hold; one file that is refused does not stop the others.

    *workspace* has ``root``, ``content``, ``data`` and ``private``. *channels* maps a network to the workspace's
    channel of that connector. Documents are written below ``content/``; nothing that is there is overwritten.

    Raises:
        UsageError: a path does not exist, or *kind* is unknown.
        StoreError: the store is damaged; nothing is written.
    """
    from pipelines import documents_in
    from signalbook import store

    done: list[Imported | Refused] = []
    arrivals = documents_in.Arrivals.of(workspace, now=now, zone=zone, owner=owner, channels=channels or {})
    for path, named in _files(paths):
        try:
            if documents_in.is_document(path, kind, named=named):
                arrived = documents_in.read_file(path, arrivals, kind=kind, mapping=mapping)
                done.append(_written(str(path), arrived, arrivals, workspace, dry_run=dry_run))
                if save_mapping is not None and not dry_run:
                    documents_in.save_mapping(save_mapping, arrived)
                continue
            if path.stat().st_size > MAX_FILE:
                raise Unreadable(f"The file has {path.stat().st_size // 2**20} MB; {MAX_FILE // 2**20} MB is the most that is read.")
            made = read_export(
                str(path), path.read_bytes(), taken_at=now, zone=zone, channels=channels, kind=kind, dates=dates
            )
            added = {} if dry_run else store.append(workspace, made.records)
            done.append(replace(made, added={**dict.fromkeys(_folders(made.records), 0), **added}))
        except UsageError:
            raise
        except (Unreadable, OSError) as error:
            done.append(Refused(str(path), str(error)))
        except SignalbookError as error:
            done.append(Refused(str(path), str(error)))
    return Outcome(tuple(done))


def _folders(records: Iterable[Record]) -> list[str]:
    names = {Reading: "readings", Mention: "mentions", Contact: "contacts"}
    return [name for kind, name in names.items() if any(isinstance(record, kind) for record in records)]


def _written(file: str, arrived: Sequence[Arrival], arrivals: Any, workspace: Any, *, dry_run: bool) -> Imported:
    """Write the documents of one file and say how many of each kind were new."""
    added: dict[str, int] = {}
    warnings: list[str] = []
    for arrival in arrived:
        added.setdefault(arrival.folder, 0)
        warnings += arrival.warnings
        if arrival.known:
            continue
        if not dry_run:
            arrivals.write(workspace, arrival)
            added[arrival.folder] += 1
    layout = arrived[0].layout if arrived else "empty"
    return Imported(
        file, layout, "", rows=len(arrived), posts=sum(1 for arrival in arrived if arrival.folder == "posts"),
        unknown_columns=tuple(dict.fromkeys(name for arrival in arrived for name in arrival.unknown)),
        added=added, warnings=tuple(dict.fromkeys(warnings)),
    )  # fmt: skip


def _files(paths: Sequence[str | Path]) -> list[tuple[Path, bool]]:
    """The files to read, and whether each was named by a person; a folder is read in full, in order.

    Raises:
        UsageError: a path does not exist.
    """
    found: list[tuple[Path, bool]] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink()]
            found += [
                (file, False)
                for file in inside
                if not any(part.startswith(".") for part in file.relative_to(path).parts)
                and (file.suffix.casefold() in {*TABLES_OF_WORDS, ".md", ".markdown", ".ics"})
                and file.name.casefold() != "readme.md"
            ]
        elif path.exists():
            found.append((path, True))
        else:
            raise UsageError(f"“{path}” does not exist.")
    return found
