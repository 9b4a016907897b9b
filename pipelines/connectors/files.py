"""Files of other tools: what a listening suite exports, put into a folder, becomes mentions.

CSV, TSV, workbooks, JSON and JSON lines. Columns are found by name, whatever their order and in whatever row the header stands;
the names are those that the suites use. A file is read once; the same file under the same name is not read again, and the
same post in two exports is one mention. Saved answers of networks are read by ``signalbook import``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import access, answers, pagetext, tables, unwrapping
from pipelines.cells import Moment, Order, moment, orders, text_of
from pipelines.services import Listen, Told
from signalbook.classes import dataclass
from signalbook.errors import Refused, SettingsError
from signalbook.records import Mention, digest

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pipelines.http import Client
    from pipelines.services import Secrets
    from signalbook.settings import Channel

EVERY = timedelta(minutes=1)
MOST_FILES = 200
MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
ENDINGS = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xls", ".json", ".jsonl", ".ndjson", ".zip"})

_NAMES: Mapping[str, str] = {
    "id": "id|mention id|document id|resource id|post id|tweet id|message id|uuid|guid|article id|external id",
    "url": "url|link|permalink|mention url|article url|post url|source url|web url|uri|address|original url|thread url",
    "title": "title|headline|subject|article title|post title",
    "text": "full text|text|content|message|body|snippet|hit sentence|opening text|description|excerpt|mention content|"
    "post content|post text|tweet|sound bite text|summary|comment|review",
    "author": "author|author name|influencer|username|user name|user|handle|screen name|author handle|sender screen name|"
    "from|by|profile|x author id|author username|extra author attributes name",
    "date": "date|published|published at|publication date|created|created at|created time|timestamp|time|posted|post date|"
    "date published|published date|publish date|created date|datetime|date and time|alternate date format|pubdate",
    "clock": "hour|time of day|clock",
    "lang": "language|lang|language code|content language",
    "followers": "followers|author followers|followers count|twitter followers|x followers|user followers|follower count|"
    "extra author attributes followers|sender followers count",
    "engaged": "engagement|engagements|total engagement|total engagements|interactions|total interactions|engagement count",
    "reply_to": "reply to|in reply to|in reply to id|in reply to status id|parent id|thread id|reply to id",
}  # fmt: skip
_MEANS = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_RANK = {name: place for names in _NAMES.values() for place, name in enumerate(names.split("|"))}
_ROWS = ("mentions", "results", "result_content", "data", "items", "documents", "posts", "hits", "rows", "articles")


# --- the pure half ---------------------------------------------------------------------------------------------------


def decode(
    data: bytes, channel: str, now: datetime, zone: ZoneInfo, order: Order | None = None
) -> tuple[list[Mention], dict[str, int]]:
    """An export as mentions, and what was left out of it.

    Where ``03/04/2026`` could be either day, the file's other dates tell, else ``order`` does, else such a date is left out:
    a wrong day is worse than none.

    Raises:
        Unreadable: it is none, or nobody can tell what its columns mean.
    """
    left: Counter[str] = Counter()
    found: dict[str, Mention] = {}
    rows: list[Mapping[str, object]] = []
    for row in _json(data) if _is_json(data) else _tables(data):
        if len(rows) < MOST_ROWS:
            rows.append(row)
        else:
            left[f"more than {MOST_ROWS} rows"] += 1
    written = [at for row in rows if (at := _moment(row.get("date")))]
    fitting = orders(written)
    known: Order | None = next(iter(fitting)) if len(fitting) == 1 else order
    if known is None and (unsure := sum(at.ambiguous for at in written)):
        left["a date that can be read in two ways"] = unsure
    for row in rows:
        mention = _mention(row, channel, now, zone, known)
        if mention is None:
            left["no words and no address"] += 1
        elif mention.key in found:
            left["twice in the file"] += 1
        else:
            found[mention.key] = mention
    return list(found.values()), dict(left)


def _is_json(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def _json(data: bytes) -> Iterator[Mapping[str, object]]:
    """The objects of a document, of its first list of objects, or of its lines; nested names joined by a space."""
    text = data.decode("utf-8-sig", "replace")
    try:
        rows: Iterable[Any] = _list(json.loads(text))
    except RecursionError:
        raise tables.Unreadable("It nests deeper than any export does.") from None
    except ValueError:
        rows = _lines(text)
    known = False
    for row in rows:
        if not isinstance(row, dict):
            continue
        named = _named(_flat(row))
        known = known or _enough(named)
        if known:
            yield named
    if not known:
        raise tables.Unreadable(
            "None of its objects has words, an address and a date or author under a name that is known."
        )


def _list(document: object) -> list[Any]:
    for _ in range(4):
        if isinstance(document, list):
            return document
        if not isinstance(document, dict):
            return []
        inner = next((document[name] for name in _ROWS if isinstance(document.get(name), list | dict)), None)
        if inner is None:
            return [document]
        document = inner
    return []


def _lines(text: str) -> Iterator[Any]:
    wrong = 0
    for line in text.splitlines():
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                wrong += 1
                if wrong > 100:
                    raise tables.Unreadable("It begins like JSON, and its lines are none.") from None


def _flat(row: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    for name, value in list(row.items())[:300]:
        whole = f"{before} {name}" if before else name
        if isinstance(value, dict) and depth < 3:
            yield from _flat(value, whole, depth + 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield whole, value


def _tables(data: bytes) -> Iterator[Mapping[str, object]]:
    """The rows below the first header that is understood, of the reading that understands the most."""
    best: tuple[int, tables.Grid, int, dict[int, str]] | None = None
    for grids in tables.read_grids(data):
        for grid in grids:
            for place, row in enumerate(grid.rows[:30]):
                header = {n: name for n, cell in enumerate(row.cells[:300]) if (name := _name(text_of(cell))) in _MEANS}
                means = {_MEANS[name] for name in header.values()}
                if _enough(dict.fromkeys(means)) and (best is None or len(means) > best[0]):
                    best = (len(means), grid, place, header)
    if best is None:
        raise tables.Unreadable(
            "No row names columns that are known: words or a title, and beside them an address, a date or an author."
        )
    _, grid, place, header = best
    for row in grid.rows[place + 1 :]:
        yield _named((header[n], cell) for n, cell in enumerate(row.cells) if n in header)


def _name(text: str) -> str:
    """A column's name as it is looked up: ``Author.Name`` and ``author_name`` are ``author name``."""
    return " ".join(re.sub(r"[^\w]+|_", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:80])).split()).casefold()


def _named(cells: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Field → value; of several columns for one field the one whose name says it best, and that holds something."""
    found: dict[str, tuple[int, object]] = {}
    for name, value in cells:
        known = _name(name)
        means = _MEANS.get(known)
        if means is None or value is None or value == "":
            continue
        if means not in found or _RANK[known] < found[means][0]:
            found[means] = (_RANK[known], value)
    return {means: value for means, (_, value) in found.items()}


def _enough(named: Mapping[str, object]) -> bool:
    return bool({"text", "title"} & named.keys()) and bool({"url", "date", "author"} & named.keys())


def _mention(
    row: Mapping[str, object], channel: str, now: datetime, zone: ZoneInfo, order: Order | None
) -> Mention | None:
    text, links = pagetext.words(_text(row.get("text")))
    title = pagetext.title(_text(row.get("title"), 2_000))
    url = unwrapping.true(answers.address(_text(row.get("url"), 2_000).strip()))
    if not (text or title or url):
        return None
    author, number = _text(row.get("author"), 500).strip(), _text(row.get("id"), 900).strip()
    # The address names a post whatever tool exported it; numbers of rows are the tool's own.
    named = (url,) if url else (number,) if number else (author, title, text)
    return Mention(
        digest("files", *named), "files", number or url or digest(*named), url, author, "" if title == text else title, text,
        _text(row.get("lang"), 35).strip(), _instant(row.get("date"), zone, order), now, reply_to=_text(row.get("reply_to"), 900).strip(),
        links=links, channel=channel, followers=_count(row.get("followers")), engaged=_count(row.get("engaged")),
    )  # fmt: skip


def _text(value: object, most: int = pagetext.MOST) -> str:
    if isinstance(value, str):
        return value[:most]
    return text_of(value)[:most] if isinstance(value, int | float | date) and not isinstance(value, bool) else ""


def _count(value: object) -> int:
    text = re.sub(r"[\s.,'\u00a0\u202f](?=\d{3}(?:\D|$))", "", _text(value, 40).strip())
    whole = re.fullmatch(r"(\d{1,15})(?:[.,]0+)?", text)
    return int(whole[1]) if whole else 0


def _moment(value: object) -> Moment | None:
    written = value.strip()[:60] if isinstance(value, str) else value
    return moment(written) if isinstance(written, str | date) else None


def _instant(value: object, zone: ZoneInfo, order: Order | None) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 10**11 else value
        return datetime.fromtimestamp(seconds, UTC) if 10**8 < seconds < 10**10 else None
    found = _moment(value)
    if found is None or (order is None and found.ambiguous):
        return None
    at = found.read(order) if order and found.ambiguous else found.day_first or found.month_first
    if at is None:
        return None
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    try:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# --- the thin half ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of exports.

    Attributes:
        folder: where they lie, inside the workspace.
        root: the workspace; ``None`` until it is known.
        zone: of times without one.
        order: how dates are to be read that could be either day.
    """

    channel: str
    folder: str
    root: Path | None = None
    zone: ZoneInfo | None = None
    order: Order | None = None
    every: timedelta = EVERY

    def inside(self, root: Path, zone: ZoneInfo) -> Folder:
        """The same folder, in a workspace."""
        return replace(self, root=root, zone=zone)

    def listen(self, ask: Listen) -> Told:
        """Read the files that are new or changed; one that cannot be read is told, and the others are read."""
        found: dict[str, Mention] = {}
        left: Counter[str] = Counter()
        cursor: dict[str, str] = {}
        notes = []
        for file in self._files():
            name = f"file {file.name}"
            try:
                if file.stat().st_size > MOST_BYTES:
                    raise tables.Unreadable(f"It has more than {MOST_BYTES // 2**20} MiB.")
                data = file.read_bytes()
                known = hashlib.blake2b(data, digest_size=12).hexdigest()
                if ask.state.cursor.get(name) == known:
                    continue
                mentions, dropped = decode(data, self.channel, ask.now, self.zone or _utc(), self.order)
            except OSError as error:
                notes.append(f"{_shown(file)} cannot be read: {error.strerror}.")
                continue
            except tables.Unreadable as error:
                notes.append(f"{_shown(file)}: {error}")
                continue
            cursor[name] = known
            left.update(dropped)
            for mention in mentions:
                found.setdefault(mention.key, mention)
        return Told(tuple(found.values()), cursor, dict(left), tuple(notes))

    def _files(self) -> list[Path]:
        if self.root is None:
            raise Refused(self.channel, "files are read in a workspace only")
        folder = self.root / self.folder
        try:
            here = folder.resolve(strict=True)
            files = sorted(here.iterdir()) if here.is_relative_to(self.root.resolve()) else None
        except OSError:
            raise Refused(self.channel, f"there is no folder {self.folder}. Make it, and put exports into it") from None
        if files is None:
            raise Refused(self.channel, f"the folder {self.folder} lies outside of the workspace")
        plain = [file for file in files if file.suffix.lower() in ENDINGS and file.is_file() and not file.is_symlink()]
        return plain[:MOST_FILES]


def _shown(file: Path) -> str:
    return file.name if file.name.isprintable() else "a file"


def _utc() -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo("UTC")


class Connector:
    """What is registered."""

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Folder:  # noqa: ARG002 - needs neither
        """A folder. Reads nothing yet.

        Raises:
            SettingsError: it is named by no path inside the workspace.
        """
        folder = channel.more.get("folder", "data/private/inbox")
        if not isinstance(folder, str) or not folder or Path(folder).is_absolute() or ".." in Path(folder).parts:
            raise SettingsError(
                f'signalbook.toml, [channels.{channel.key}]: name a folder of the workspace: folder = "data/private/inbox"'
            )
        dates = channel.more.get("dates")
        if dates not in {None, "day-first", "month-first"}:
            raise SettingsError(
                f'signalbook.toml, [channels.{channel.key}]: write dates = "day-first", or "month-first".'
            )
        return Folder(channel.key, folder, order=dates, every=access.every(channel, EVERY))


CONNECTOR = Connector()
