"""What is said on Mastodon: to us, below our posts, under tags and where the server searches.

Four questions, each with its own place to go on from; one that the server does not answer never stops the others:

* ``notifications``: whoever names us or answers us (``GET /api/v1/notifications?types[]=mention``);
* ``context``: answers to our newest posts that do not name us (``GET /api/v1/statuses/:id/context``);
* ``tag``: a tag's public timeline (``GET /api/v1/timelines/tag/:tag``);
* ``search``: words, where the server keeps an index (``GET /api/v2/search``).

What is said to us is heard whatever its visibility; elsewhere only what is public, and nobody who asks not to be indexed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from pipelines import answers, pagetext
from pipelines.connectors.mastodon.documents import mention_of
from pipelines.connectors.mastodon.statuses import NUMBER
from pipelines.layouts import Context
from pipelines.services import Listen, Told
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, Denied, NotSent, SignalbookError, Unanswered

if TYPE_CHECKING:
    from pipelines.http import Answer
    from signalbook.records import Mention

EVERY = timedelta(minutes=5)
PAGE = 40
PAGES = 5
"""So many pages are turned back for what came since the last time."""
FOLLOWED = 10
"""The newest of our posts whose answers are asked for at each run."""
OPEN = frozenset({"public", "unlisted", ""})

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Ear:
    """One account's ears.

    Attributes:
        ask: makes a request with the account's token: method, path.
        tags: without their mark.
    """

    channel: str
    ask: Callable[[str, str], Answer] = field(repr=False)
    tags: tuple[str, ...] = ()
    every: timedelta = EVERY

    def listen(self, ask: Listen) -> Told:
        """Hear what is new; see ``Listener.listen``."""
        hearing = _Hearing(self, ask)
        hearing.part("notifications", "hear who names us", hearing.notifications)
        for receipt in ask.sent[:FOLLOWED]:
            if NUMBER.fullmatch(receipt.id):
                hearing.part("context", "hear the answers to our posts", lambda: hearing.context(receipt.id))  # noqa: B023
        tags = dict.fromkeys([*self.tags, *(word.removeprefix("#") for word in ask.search if word.startswith("#"))])
        for tag in tags:
            hearing.part(f"tag {tag}", f"hear the tag #{tag}", lambda: hearing.tag(tag))  # noqa: B023
        for words in ask.search:
            if not words.startswith(("#", "@")):
                hearing.part(f"search {words}", "search", lambda: hearing.search(words))  # noqa: B023
        return hearing.told()


class _Hearing:
    """One round of questions."""

    def __init__(self, ear: Ear, ask: Listen) -> None:
        self.ear = ear
        self.asked = ask
        self.found: dict[str, Mention] = {}
        self.left: Counter[str] = Counter()
        self.cursor: dict[str, str] = {}
        self.errors: dict[str, ConnectorError] = {}
        self.well = 0

    def part(self, name: str, what: str, act: Callable[[], None]) -> None:
        """Ask one question. One that fails is told once for its kind; the service's «later» ends the round."""
        kind = name.partition(" ")[0]
        if isinstance(self.errors.get(kind), Denied) or any(isinstance(e, NotSent) for e in self.errors.values()):
            return
        try:
            act()
            self.well += 1
        except ConnectorError as error:
            self.errors.setdefault(kind, error)
            if isinstance(error, Denied) and kind == "search":
                self.errors[kind] = Denied(self.ear.channel, f"{what}: the token may not. Give it `read:search`")

    def notifications(self) -> None:
        """Whoever names us."""
        query = urlencode({"types[]": "mention", "limit": str(PAGE)})
        rows = self._newer("notifications", f"/api/v1/notifications?{query}")
        said = [row["status"] for row in rows if row.get("type") == "mention" and isinstance(row.get("status"), dict)]
        self._keep(said, to_us=True)

    def context(self, number: str) -> None:
        """The answers below a post of ours."""
        answer = self.ear.ask("GET", f"/api/v1/statuses/{number}/context")
        if answer.status in {404, 410}:
            return
        found = answers.table(answer.demand(self.ear.channel, "hear the answers to our posts").json())
        self._keep(answers.rows(found.get("descendants"), most=500), to_us=False)

    def tag(self, tag: str) -> None:
        """What is said under a tag."""
        path = f"/api/v1/timelines/tag/{quote(tag, safe='')}?limit={PAGE}"
        self._keep(self._newer(f"tag {tag.casefold()}", path), to_us=False)

    def search(self, words: str) -> None:
        """What the server's index holds of some words; it gives the newest."""
        phrase = f'"{words}"' if " " in words and '"' not in words else words
        query = urlencode({"q": phrase, "type": "statuses", "limit": str(PAGE)})
        answer = self.ear.ask("GET", f"/api/v2/search?{query}").demand(self.ear.channel, "search")
        self._keep(answers.rows(answers.table(answer.json()).get("statuses"), most=200), to_us=False)

    def told(self) -> Told:
        """What came of it.

        Raises:
            ConnectorError: no question was answered.
        """
        if not self.well and self.errors:
            raise next(iter(self.errors.values()))
        notes = tuple(f"{error.message}; the rest was heard." for error in self.errors.values())
        return Told(tuple(self.found.values()), self.cursor, dict(self.left), notes)

    def _newer(self, name: str, path: str) -> Rows:
        """Everything since the last time, newest first, page by page; the first time one page."""
        since = self.asked.state.cursor.get(name, "")
        since = since if NUMBER.fullmatch(since) else ""
        found: Rows = []
        below = ""
        for _ in range(PAGES if since else 1):
            more = {**({"since_id": since} if since else {}), **({"max_id": below} if below else {})}
            answer = self.ear.ask("GET", path + ("&" + urlencode(more) if more else ""))
            body = answer.demand(self.ear.channel, "hear what is new").json()
            if not isinstance(body, list):
                raise Unanswered(self.ear.channel, "the service answered something that is no list")
            page = [row for row in answers.rows(body) if NUMBER.fullmatch(str(row.get("id", "")))]
            fresh = [row for row in page if not _known(row["id"], since, below)]
            found += fresh
            if not fresh or len(fresh) < len(page) or len(page) < PAGE // 2:
                break
            below = str(fresh[-1]["id"])
        if found:
            self.cursor[name] = max((str(row["id"]) for row in found), key=lambda number: (len(number), number))
        return found

    def _keep(self, rows: Rows, *, to_us: bool) -> None:
        for mention, status in _said(rows, self.ear.channel, self.asked):
            if mention is None:
                self.left["no post"] += 1
            elif not to_us and str(status.get("visibility", "")) not in OPEN:
                self.left["not public"] += 1
            elif not to_us and _asks_not_to(status):
                self.left["its author asks not to be indexed"] += 1
            else:
                self.found.setdefault(mention.key, mention)


def _known(number: str, since: str, below: str) -> bool:
    """Whether an entry is one of before; ids grow, and those of equal length compare as text."""
    old = bool(since) and (len(number), number) <= (len(since), since)
    return old or (bool(below) and (len(number), number) >= (len(below), below))


def _said(rows: Rows, channel: str, ask: Listen) -> Iterator[tuple[Mention | None, Mapping[str, Any]]]:
    """Each status as a mention; ``None`` for one that cannot be read."""
    context = Context("", "", ask.now, ZoneInfo("UTC"))
    for row in rows:
        status = row.get("reblog") if isinstance(row.get("reblog"), dict) else row
        if not isinstance(status, dict) or not isinstance(status.get("account"), dict):
            yield None, row
            continue
        tidy = {**status, "content": pagetext.tidy(status.get("content"))}
        try:
            yield replace(mention_of(tidy, context), channel=channel), status
        except (ValueError, SignalbookError):
            yield None, status


def _asks_not_to(status: Mapping[str, Any]) -> bool:
    account = answers.table(status.get("account"))
    return account.get("noindex") is True or "#nobot" in answers.text(account.get("note"), most=20_000).lower()
