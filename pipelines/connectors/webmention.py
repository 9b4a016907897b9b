"""Webmentions: other sites that say they link to us, checked at the site itself before anything is believed.

A receiver takes them (a service, or a line of a web server's own script) and keeps pairs of *source* and *target*: in a
file of the workspace, or at an address that gives them as JSON (``webmention.io``'s feed, JF2, or plain pairs). A pair is a
claim by a stranger. The source is fetched, guarded and capped as any feed, and is a mention only if it links to the target
(Webmention, W3C Recommendation of 2017, section 3.2.2), and the target is ours.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pipelines import access, answers, pagetext
from pipelines.fetching import Guard, Page, Trouble, Wanted, fetch
from pipelines.services import Listen, Told
from signalbook.classes import dataclass
from signalbook.errors import Refused, SettingsError, Unanswered
from signalbook.records import Mention, digest

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pipelines.http import Client
    from pipelines.services import Secrets
    from signalbook.settings import Channel

EVERY = timedelta(minutes=15)
MOST_PAIRS = 2_000
MOST_AT_ONCE = 200
"""So many sources are looked at in one run; the rest waits for the next."""
MOST_PAGE = 1024 * 1024
MOST_FILE = 10 * 1024 * 1024
AGAIN = 3
"""A source that cannot be reached is tried so often."""


# --- the pure half ---------------------------------------------------------------------------------------------------


def pairs(data: bytes) -> list[tuple[str, str]]:
    """Source and target of each webmention in a document or its lines; what is no pair of addresses is left out."""
    text = data.decode("utf-8-sig", "replace")
    documents: list[Any] = []
    try:
        documents.append(json.loads(text))
    except RecursionError:
        return []
    except ValueError:
        for line in text.splitlines()[:MOST_PAIRS]:
            try:
                documents.append(json.loads(line))
            except (ValueError, RecursionError):
                # As a form's body writes it, or two addresses beside each other.
                words = re.findall(r"https?://[^\s,;&\"']{1,2000}", line[:10_000])
                if len(words) == 2:
                    documents.append({"source": words[0], "target": words[1]})
    found: dict[tuple[str, str], None] = {}
    for document in documents:
        for row in _rows(document):
            source = answers.address(row.get("source") or row.get("wm-source") or row.get("url"))
            target = answers.address(row.get("target") or row.get("wm-target"))
            if source and target and len(found) < MOST_PAIRS:
                found[source, target] = None
    return list(found)


def _rows(document: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(document, list):
        yield from (row for row in document if isinstance(row, dict))
    elif isinstance(document, dict):
        for name in ("children", "links", "mentions", "items", "webmentions"):
            if isinstance(document.get(name), list):
                yield from (row for row in document[name] if isinstance(row, dict))
                return
        yield document


class _Looked(HTMLParser):
    """A page's title, and whether it links to an address."""

    def __init__(self, where: str, target: str) -> None:
        super().__init__(convert_charrefs=True)
        self.where, self.target = where, _bare(target)
        self.links = False
        self.title: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag
        for name, value in attrs:
            if name in {"href", "src", "cite"} and value and not self.links and len(value) < 2_000:
                try:
                    self.links = _bare(urljoin(self.where, value)) == self.target
                except ValueError:
                    continue

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - whatever ends, it is no title any more
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within == "title":
            self.title.append(data)


def _bare(address: str) -> str:
    return address.partition("#")[0].rstrip("/")


def looked(body: bytes, where: str, target: str) -> tuple[str, str] | None:
    """The title and the words of a page that links to the target; ``None`` when it does not."""
    text = body.decode("utf-8", "replace")
    # Marks that never end would be looked for again and again.
    safe = re.sub(r"<!--.*?(?:-->|\Z)|<![^>]*>?|<\?[^>]*>?", "", text, flags=re.DOTALL)
    page = _Looked(where, target)
    page.feed(_head_and_links(safe))
    page.close()
    if not page.links:
        return None
    words, _ = pagetext.words(pagetext.without_code(safe))
    return " ".join("".join(page.title).split()), words


def _head_and_links(text: str) -> str:
    """The title and every mark that can bear an address, each whole and none longer than an address needs."""
    title = re.search(r"<title\b[^>]{0,200}>([^<]{0,2000})", text, re.IGNORECASE)
    marks = re.findall(r"<[A-Za-z][A-Za-z0-9]{0,10}\s[^<>]{0,4000}>", text)[:20_000]
    return (f"<title>{title[1]}</title>" if title else "") + "".join(marks)


# --- the thin half ---------------------------------------------------------------------------------------------------

Fetch = Callable[[list[Wanted], Guard, Callable[[str, "Page | Trouble"], None]], None]


@dataclass(frozen=True, slots=True)
class Receiver:
    """What a receiver has kept.

    Attributes:
        url: where it gives pairs as JSON; empty for a file.
        file: a file inside the workspace.
        ours: the hosts that are ours; a webmention to another one is none of our business.
        ask: makes a request to the receiver.
        guard: of the fetching of sources.
    """

    channel: str
    url: str
    file: str
    ours: tuple[str, ...]
    ask: Callable[[str], bytes] = field(repr=False)
    guard: Guard = field(default_factory=Guard)
    root: Path | None = None
    every: timedelta = EVERY
    fetch: Fetch = field(default=fetch, repr=False)

    def inside(self, root: Path, zone: ZoneInfo) -> Receiver:  # noqa: ARG002 - as ``files``
        """The same receiver, in a workspace."""
        return replace(self, root=root)

    def listen(self, ask: Listen) -> Told:
        """Look at each claim that is new; see ``Listener.listen``."""
        left: Counter[str] = Counter()
        cursor: dict[str, str] = {}
        waiting: dict[str, tuple[str, str]] = {}
        for source, target in pairs(self._claims()):
            name = digest(source, target)[:16]
            if not self._is_ours(target):
                left["its target is not ours"] += 1
            elif ask.state.cursor.get(name, "") not in {"seen", str(AGAIN)}:
                waiting[name] = (source, target)
        chosen = dict(list(waiting.items())[:MOST_AT_ONCE])
        found: dict[str, Mention] = {}

        def took(name: str, page: Page | Trouble) -> None:
            source, target = chosen[name]
            if isinstance(page, Trouble):
                tried = int(ask.state.cursor.get(name, "0") or 0) + 1
                cursor[name] = "seen" if page.gone else str(min(tried, AGAIN))
                left["its source cannot be reached"] += 1
                return
            cursor[name] = "seen"
            said = looked(page.body, page.url, target)
            if said is None:
                left["its source does not link to us"] += 1
                return
            found[name] = self._mention(source, target, said, ask.now)

        guard = replace(self.guard, most_bytes=MOST_PAGE)
        self.fetch(
            [Wanted(name, source, takes="text/html, */*;q=0.5") for name, (source, _) in chosen.items()], guard, took
        )
        notes = (f"{len(waiting) - len(chosen)} more wait for the next run",) if len(waiting) > len(chosen) else ()
        return Told(tuple(found[name] for name in chosen if name in found), cursor, dict(left), notes)

    def _mention(self, source: str, target: str, said: tuple[str, str], now: datetime) -> Mention:
        title, text = said
        return Mention(
            digest("webmention", source, target), "webmention", source, source, "", title, text[:5_000], "", None,
            now.astimezone(UTC), reply_to=target, links=(target,), channel=self.channel,
        )  # fmt: skip

    def _claims(self) -> bytes:
        if self.url:
            return self.ask(self.url)
        if self.root is None:
            raise Refused(self.channel, "files are read in a workspace only")
        file = self.root / self.file
        try:
            if not file.resolve(strict=True).is_relative_to(self.root.resolve()) or file.stat().st_size > MOST_FILE:
                raise Refused(self.channel, f"{self.file} lies outside of the workspace, or is too long")
            return file.read_bytes()
        except OSError:
            raise Refused(self.channel, f"there is no file {self.file}. The receiver makes it") from None

    def _is_ours(self, target: str) -> bool:
        try:
            host = (urlsplit(target).hostname or "").lower()
        except ValueError:
            return False
        return any(host == own or host.endswith(f".{own}") for own in self.ours)


class Connector:
    """What is registered."""

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Receiver:
        """Open a receiver. Makes no request.

        Raises:
            SettingsError: nothing says where it keeps them, or which sites are ours.
        """
        table = f"signalbook.toml, [channels.{channel.key}]"
        file = channel.more.get("file", "")
        if not channel.url and not (isinstance(file, str) and file and _inside(file)):
            raise SettingsError(
                f'{table}: say where the receiver keeps them: file = "data/private/webmentions.jsonl", or url = "https://…"'
            )
        ours = tuple(host.strip().lower() for host in access.texts(channel, "targets"))
        if not ours:
            raise SettingsError(f'{table}: say which sites are yours: targets = ["example.org"]')
        token = secrets.get("token", "")
        url = access.address(channel, "https://webmentions.example.org/mentions.json") if channel.url else ""

        def ask(where: str) -> bytes:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = client.request("GET", where, channel=channel.key, headers=headers, most_bytes=MOST_FILE)
            body = answer.demand(channel.key, "ask the receiver").body
            if not body.strip():
                raise Unanswered(channel.key, "the receiver answered nothing")
            return body

        return Receiver(channel.key, url, str(file), ours, ask, every=access.every(channel, EVERY))


def _inside(file: str) -> bool:
    return not Path(file).is_absolute() and ".." not in Path(file).parts


CONNECTOR = Connector()
