"""``signalbook import``: exports of other tools → readings, mentions and contacts; Markdown and calendars → documents.

::

    bytes | recognise (which connector knows the columns) | read | decode (the connector's) | append

``read_export`` decides and is pure; ``run`` reads the files, calls it and appends. A file is read right, or refused
with what was seen, what is known and what to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cells import Order, fold, text_of
from pipelines.layouts import Context, Decoded, Documents, Match, Tables, find, fingerprint, read
from pipelines.tables import MAX_FILE, Grid, Unreadable, decoded, read_grids
from signalbook import registry
from signalbook.classes import dataclass
from signalbook.errors import UsageError
from signalbook.records import Contact, Mention, Number, Reading, Record

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pipelines.documents_in import Draft, Taken
    from signalbook.workspace import Workspace

ENDINGS = frozenset({
    ".csv", ".htm", ".html", ".ics", ".json", ".jsonl", ".markdown", ".md", ".ndjson", ".tsv", ".xls", ".xlsx", ".zip",
})  # fmt: skip
"""What is read of a folder. A file that is named is read whatever its ending."""


class UnknownLayout(Unreadable):
    """A file whose columns no connector knows."""


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
    def rows(self) -> list[dict[str, Any]]:
        """One JSON object a file, those that were refused among them."""
        return [file.as_json() for file in self.files]

    @property
    def failures(self) -> list[str]:
        """Which files were refused, and why; the exit status is 1 when there is one."""
        return [f"{file.file}: {file.error}" for file in self.files if isinstance(file, Refused)]


def as_text(row: Mapping[str, Any]) -> str:
    """One row of an outcome for a person."""
    if row.get("error"):
        return f"{row['file']}\n  not read"
    counted = ", ".join(f"{row[name]:,} {name}" for name in ("posts", "days", "mentions", "rows") if row[name])
    new = ", ".join(f"{number:,} {name}" for name, number in row["added"].items()) or "nothing"
    lines = [f"{row['file']}", f"  {row['layout']}: {counted or 'empty'}; added: {new}"]
    lines += [f"  {name}: {value:,}" for name, value in row["totals"].items()]
    if row["unknown_columns"]:
        lines.append(f"  columns that are not known, kept as they are: {', '.join(row['unknown_columns'])}")
    return "\n".join([*lines, *(f"  {warning}" for warning in row["warnings"])])


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
    """Name → module of every registered connector that reads exports, in alphabetical order."""
    found: dict[str, object] = {}
    for name, entry in registry.group("signalbook.connectors").items():
        module = import_module(entry.value.partition(":")[0])
        if hasattr(module, "TABLES") or hasattr(module, "DOCUMENTS"):
            found[name] = module
    return found


def _wanted(kind: str) -> dict[str, object]:
    """The connectors that may read the file: all, or the one that ``--as`` names by network or layout."""
    known = connectors()
    if not kind:
        return known
    name = "facebook" if kind.partition("-")[0] == "instagram" else kind
    chosen = {
        key: module
        for key, module in known.items()
        if name == key or name in _layout_names(module) or name.replace("-", "_") == key
    }
    if not chosen:
        raise UsageError(
            f"“{kind}” is no kind of export. Known: {', '.join(sorted({*known, 'instagram'}))}; for documents: policy, playbook, post, event."
        )
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
    seen = (
        list(document)
        if isinstance(document, dict)
        else list(document[0])
        if isinstance(document, list) and document and isinstance(document[0], dict)
        else []
    )
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
    readings = read_grids(data)
    ways = [
        way
        for grids in readings
        for key, module in wanted.items()
        if (tables := getattr(module, "TABLES", None)) is not None
        and (way := _way(name, key, tables, grids, said=len(wanted) == 1))
    ]
    if not ways:
        raise UnknownLayout(_unknown(readings, wanted))
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
        if found:
            continue
        left.append(grid.name or "a table")
        for key, module in wanted.items():
            other: Tables | None = getattr(module, "TABLES", None)
            if other is not None and key != best.name and _way(name, key, other, [grid], said=False):
                raise Unreadable(
                    f"The file holds tables of {best.name} and, in “{left[-1]}”, of {key}. Save each tool's tables as a "
                    "file of its own and import both."
                )
    decoded_ = best.tables.decode(read([match for match in matches if match.rows] or matches, context), context)
    warnings = (f"Not read, since the columns are not known: {', '.join(left)}.",) if left else ()
    return replace(decoded_, warnings=(*decoded_.warnings, *warnings))


def _way(file: str, key: str, tables: Tables, grids: Sequence[Grid], *, said: bool) -> _Way | None:
    """How well a connector knows the first rows of a file."""
    matches = [
        match
        for grid in grids
        for match in find(
            replace(grid, rows=grid.rows[:200], breaks=frozenset(at for at in grid.breaks if at < 200)), tables.layouts
        )
    ]
    if not matches:
        return None
    words = f"{fold(Path(file).name)} {' '.join(fold(grid.name) for grid in grids)}"
    hints = {fold(hint) for match in matches for hint in match.layout.hints}
    known, seen = sum(match.known for match in matches), sum(len(match.found) for match in matches)
    sure = any(
        not match.layout.sure or any(set(need) <= {found.name for found in match.found} for need in match.layout.sure)
        for match in matches
    )
    if not said and (known * 3 < seen or not (sure or any(hint in words for hint in hints if hint))):
        return None
    return _Way(
        key, tables, tuple(grids), sum(match.known for match in matches), sum(1 for hint in hints if hint and hint in words),
        sum(len(match.found) for match in matches),
    )  # fmt: skip


def _unknown(readings: Sequence[Sequence[Grid]], wanted: Mapping[str, object]) -> str:
    grids = max(
        readings, key=lambda grids: max((len(row.cells) for grid in grids for row in grid.rows[:20]), default=0)
    )
    rows = [row for grid in grids for row in grid.rows[:20] if len(row.cells) > 1] or [
        row for grid in grids for row in grid.rows[:1]
    ]
    header = next(
        (row for row in rows if all(isinstance(cell, str) or cell is None for cell in row.cells)),
        rows[0] if rows else None,
    )
    seen = _quoted(text_of(cell) for cell in header.cells) if header else ""
    known = ", ".join(sorted({name for module in wanted.values() for name in _layout_names(module)}))
    if not header:
        return "The file holds no cell with anything in it. Export it again."
    return (
        f"The layout is not known. The first header cells are {seen}. Known layouts: {known}. If it is one of them, export "
        "it again without editing it, without comparing two periods, and in English if its language may be the reason; "
        "where only a few columns are there, say which it is with --as."
    )


def _quoted(words: Iterable[object]) -> str:
    return ", ".join(f"“{str(word)[:40]}”" for word in list(filter(None, words))[:8])


# --- doing -----------------------------------------------------------------------------------------------------------


def run(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    now: datetime,
    as_kind: str = "",
    owner: str = "",
    dry_run: bool = False,
    dates: str = "",
    mapping: Path | None = None,
    save_mapping: Path | None = None,
) -> Outcome:
    """Read files and folders, and add what they hold; one file that is refused does not stop the others.

    Records go to the store, contacts and mentions to its private half. Documents arrive below ``content/`` as drafts;
    nothing that is there is written over. A second import adds nothing.

    Raises:
        UsageError: a path does not exist, or a word of the command is unknown.
        StoreError: the store is damaged; nothing is written.
    """
    from pipelines import documents_in
    from signalbook import settings, store

    if dates not in {"", "day-first", "month-first"}:
        raise UsageError(f"--dates takes day-first or month-first, not “{dates}”.")
    order: Order | None = "day-first" if dates == "day-first" else "month-first" if dates == "month-first" else None
    team = settings.read(workspace.settings)
    by_connector: dict[str, list[str]] = {}
    for key, channel in team.channels.items():
        by_connector.setdefault(channel.connector, []).append(key)
    channels = {connector: keys[0] for connector, keys in by_connector.items() if len(keys) == 1}
    setting = documents_in.setting_of(workspace, team, now=now, owner=owner, dates=order, mapping=mapping)
    taken = documents_in.Taken(workspace, team.team.zone)
    done: list[Imported | Refused] = []
    for path in files_of(paths):
        try:
            if path.stat().st_size > MAX_FILE:
                raise Unreadable(
                    f"The file has {path.stat().st_size // 2**20} MB; {MAX_FILE // 2**20} MB is the most that is read."
                )
            data = path.read_bytes()
            made: Imported | None = None
            if not documents_in.is_document(path, data, as_kind):
                try:
                    made = read_export(
                        str(path), data, taken_at=now, zone=team.team.zone, channels=channels, kind=as_kind, dates=order
                    )
                except UnknownLayout:
                    # A team's own plan of posts has no tool behind it; only its columns tell.
                    if as_kind or not documents_in.is_calendar(data, setting):
                        raise
            if made is not None:
                added = {} if dry_run else store.append(workspace, _as_before(workspace, made.records))
                done.append(replace(made, added={**dict.fromkeys(_folders(made.records), 0), **added}))
                continue
            drafts = documents_in.read_file(path, data, setting, kind=as_kind)
            done.append(_arrived(str(path), drafts, workspace, taken, dry_run=dry_run))
            if save_mapping is not None and not dry_run:
                save_mapping.write_text(documents_in.found_mapping(setting, data).toml(), encoding="utf-8")
        except (Unreadable, OSError) as error:
            done.append(Refused(str(path), _why(error, workspace)))
    return Outcome(tuple(done))


def _why(error: Exception, workspace: Workspace | None) -> str:
    """What stopped a file, in words; a path of the workspace as it is called there."""
    if not isinstance(error, OSError):
        return str(error)
    place = Path(str(error.filename or "The file"))
    inside = workspace is not None and place.is_relative_to(workspace.root)
    name = workspace.relative(place) if workspace and inside else str(place)
    return f"{name}: {error.strerror}, so nothing of this file was taken in. Let this account read and write there."


def _as_before(workspace: Workspace, records: Sequence[Record]) -> list[Record]:
    """The records, those of a table without dates under the day on which the same bytes were first imported.

    Such readings are named after the file's bytes, and the store looks for a repeat in the month of the day only.
    """
    from signalbook import store

    undated = [record for record in records if isinstance(record, Reading) and not _is_dated(record)]
    if not undated:
        return list(records)
    folder = workspace.data / "readings"
    mark = undated[0].key
    first: date | None = None
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        found = re.search(rb'"key":"%b"[^\n]*?"on":"(\d{4}-\d{2}-\d{2})"' % mark.encode(), path.read_bytes())
        if found:
            first = date.fromisoformat(found[1].decode())
            break
    if first is None and any(folder.glob("*.parquet")):
        known, _ = store.read(workspace, "readings")
        first = next((record.on for record in known if record.key == mark), None)
    if first is None:
        return list(records)
    keys = {record.key for record in undated}
    return [
        replace(record, on=first) if isinstance(record, Reading) and record.key in keys else record
        for record in records
    ]


def _is_dated(record: Reading) -> bool:
    made = Reading.of(
        source=record.source, channel=record.channel, subject=record.subject, metric=record.metric, on=record.on,
        grain=record.grain, dims=record.dims, value=record.value, taken_at=record.taken_at, origin=record.origin,
    )  # fmt: skip
    return made.key == record.key


def _folders(records: Iterable[Record]) -> list[str]:
    kinds = {type(record) for record in records}
    return [
        name for kind, name in ((Reading, "readings"), (Mention, "mentions"), (Contact, "contacts")) if kind in kinds
    ]


def _arrived(file: str, drafts: Sequence[Draft], workspace: Workspace, taken: Taken, *, dry_run: bool) -> Imported:
    """Write the drafts of one file, and say how many of each kind were new."""
    from pipelines import documents_in

    added = {draft.folder: 0 for draft in drafts}
    warnings: list[str] = []
    for draft in drafts:
        said = documents_in.write(workspace, draft, taken, dry_run=dry_run)
        if said is None:
            continue
        added[draft.folder] += 0 if dry_run else 1
        warnings += [*draft.warnings, *said]
    dated = [
        str(draft.values[name])[:10] for draft in drafts for name in ("publish_at", "when") if draft.values.get(name)
    ]
    return Imported(
        file,
        drafts[0].layout,
        "",
        posts=sum(1 for draft in drafts if draft.folder == "posts"),
        days=len(set(dated)),
        rows=len(drafts),
        unknown_columns=tuple(dict.fromkeys(name for draft in drafts for name in draft.unknown)),
        added=added,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def files_of(paths: Sequence[str | Path]) -> list[Path]:
    """The files to read; a folder is read in full, in order, its hidden files and ``README.md`` left out.

    Raises:
        UsageError: a path does not exist.
    """
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            found += [
                file
                for file in sorted(path.rglob("*"))
                if file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
                and file.resolve().is_relative_to(path.resolve())
                and file.suffix.casefold() in ENDINGS
                and file.name.casefold() != "readme.md"
            ]
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(f"“{path}” does not exist.")
    return found
