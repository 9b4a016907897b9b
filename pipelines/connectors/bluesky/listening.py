"""What is said on Bluesky: to us, below our posts, and where the app view searches.

The app view answers three questions, and one that it does not answer never stops the others:

* ``app.bsky.notification.listNotifications``: whoever names, answers or quotes us;
* ``app.bsky.feed.getPostThread``: answers below our newest posts, however deep;
* ``app.bsky.feed.searchPosts``: words.

A server of one's own may have no app view. Then the accounts on it are heard themselves (``com.atproto.sync.listRepos``,
``com.atproto.repo.listRecords``): of their newest posts those that name us, answer us or hold the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pipelines import answers
from pipelines.connectors.bluesky.documents import mention_of, posts_of
from pipelines.connectors.bluesky.records import POST
from pipelines.layouts import Context
from pipelines.services import Listen, Told
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, Denied, NotSent, SignalbookError

if TYPE_CHECKING:
    from pipelines.http import Answer
    from signalbook.records import Mention

EVERY = timedelta(minutes=5)
PAGE = 50
PAGES = 5
FOLLOWED = 10
"""The newest of our posts whose answers are asked for at each run."""
MOST_ACCOUNTS = 100
"""A server with more accounts than these is nobody's own, and has an app view."""
TO_US = ("mention", "reply", "quote")
MOST_POSTS = 2_000

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Ear:
    """One account's ears.

    Attributes:
        view: asks the app view as the account.
        server: asks the account's server.
        me: the account's DID and handle; asks the server once.
        owned: the post of a receipt's id, as the protocol names it; empty for what is none of ours.
    """

    channel: str
    view: Callable[[str, Params], Answer] = field(repr=False)
    server: Callable[[str, Params], Answer] = field(repr=False)
    me: Callable[[], tuple[str, str]] = field(repr=False)
    owned: Callable[[Any], str] = field(repr=False)
    every: timedelta = EVERY

    def listen(self, ask: Listen) -> Told:
        """Hear what is new; see ``Listener.listen``."""
        hearing = _Hearing(self, ask)
        hearing.part("notifications", hearing.notifications)
        if hearing.blocked:
            raise next(iter(hearing.errors.values()))
        for uri in [uri for receipt in ask.sent[:FOLLOWED] if (uri := self.owned(receipt))]:
            hearing.part("answers", lambda: hearing.thread(uri))  # noqa: B023
        for words in ask.search:
            hearing.part("search", lambda: hearing.search(words))  # noqa: B023
        if not hearing.well:
            hearing.part("accounts", hearing.accounts)
        return hearing.told()


class _Hearing:
    """One round of questions."""

    def __init__(self, ear: Ear, ask: Listen) -> None:
        self.ear = ear
        self.asked = ask
        self.context = Context("", "", ask.now, ZoneInfo("UTC"))
        self.found: dict[str, Mention] = {}
        self.left: Counter[str] = Counter()
        self.cursor: dict[str, str] = {}
        self.errors: dict[str, ConnectorError] = {}
        self.well = 0

    @property
    def blocked(self) -> bool:
        """Whether the service said «later», or that the secret is wrong: then nothing more is asked."""
        return any(isinstance(error, NotSent | Denied) for error in self.errors.values())

    def part(self, name: str, act: Callable[[], None]) -> None:
        """Ask one question; of a kind that fails only the first is tried."""
        if name in self.errors or any(isinstance(error, NotSent) for error in self.errors.values()):
            return
        try:
            act()
            self.well += 1
        except ConnectorError as error:
            self.errors[name] = error

    def notifications(self) -> None:
        """Whoever names, answers or quotes us, since the last time."""
        since = self.asked.state.cursor.get("notifications", "")
        newest, cursor = "", ""
        for _ in range(PAGES if since else 1):
            params = [("limit", str(PAGE)), *(("reasons", reason) for reason in TO_US)]
            params += [("cursor", cursor)] if cursor else []
            answer = self.ear.view("app.bsky.notification.listNotifications", params)
            body = answers.table(answer.demand(self.ear.channel, "hear who names us").json())
            rows = answers.rows(body.get("notifications"), most=200)
            times = [answers.text(row.get("indexedAt"), most=40) for row in rows]
            newest = max([newest, *times])
            self._keep((row for row in rows if row.get("reason") in TO_US), to_us=True)
            cursor = answers.text(body.get("cursor"), most=1_000)
            if not rows or not cursor or min(times) <= since:
                break
        if newest:
            self.cursor["notifications"] = newest

    def thread(self, uri: str) -> None:
        """The answers below a post of ours."""
        answer = self.ear.view("app.bsky.feed.getPostThread", [("uri", uri), ("depth", "10"), ("parentHeight", "0")])
        if answer.status == 400 and answers.table(answer.json()).get("error") == "NotFound":
            return
        body = answers.table(answer.demand(self.ear.channel, "hear the answers to our posts").json())
        thread = answers.table(body.get("thread"))
        self._keep((post for post, _ in posts_of(thread.get("replies"))), to_us=False)

    def search(self, words: str) -> None:
        """What the app view finds of some words, newest first."""
        phrase = f'"{words}"' if " " in words and '"' not in words else words
        params = [("q", phrase), ("sort", "latest"), ("limit", "100")]
        body = answers.table(
            self.ear.view("app.bsky.feed.searchPosts", params).demand(self.ear.channel, "search").json()
        )
        self._keep((post for post, _ in posts_of(body.get("posts"))), to_us=False)

    def accounts(self) -> None:
        """The newest posts of the other accounts on a server without an app view."""
        me, _ = self.ear.me()
        answer = self.ear.server("com.atproto.sync.listRepos", [("limit", str(MOST_ACCOUNTS))])
        body = answers.table(answer.demand(self.ear.channel, "see who is there").json())
        repos = answers.rows(body.get("repos"), most=MOST_ACCOUNTS)
        if body.get("cursor") and len(repos) >= MOST_ACCOUNTS:
            raise ConnectorError(
                self.ear.channel,
                f"its app view does not answer, and with more than {MOST_ACCOUNTS} accounts it needs one",
            )
        words = [word.casefold() for word in self.asked.search]
        for did in [did for repo in repos if (did := answers.text(repo.get("did"), most=300)) and did != me]:
            said = list(self._newest(did))
            ours = [post for post in said if _about(post, me)]
            self._keep(ours, to_us=True)
            held = (
                post for post in said if any(word in str(post["record"].get("text", "")).casefold() for word in words)
            )
            self._keep(held, to_us=False)

    def _newest(self, did: str) -> Iterator[dict[str, Any]]:
        """An account's newest posts, as the app view would show them."""
        answer = self.ear.server("com.atproto.repo.listRecords", [("repo", did), ("collection", POST), ("limit", "50")])
        if not answer.ok:
            return
        rows = answers.rows(answers.table(answer.json()).get("records"), most=100)
        if not rows:
            return
        about = answers.table(self.ear.server("com.atproto.repo.describeRepo", [("repo", did)]).json())
        author = {"did": did, "handle": answers.text(about.get("handle"), most=300) or did}
        for row in rows:
            if isinstance(row.get("value"), dict):
                yield {"uri": row.get("uri"), "author": author, "record": row["value"]}

    def told(self) -> Told:
        """What came of it.

        Raises:
            ConnectorError: no question was answered.
        """
        if not self.well and self.errors:
            raise next(reversed(self.errors.values()))
        # Without an app view there is nothing to say about each of its questions.
        told = [] if "notifications" in self.errors and self.well == 1 else list(self.errors.values())
        notes = tuple(f"{error.message}; the rest was heard." for error in told)
        return Told(tuple(self.found.values()), self.cursor, dict(self.left), notes)

    def _keep(self, rows: Iterable[Mapping[str, Any]], *, to_us: bool) -> None:
        for row in rows:
            mention = self._read(row)
            if mention is None:
                self.left["no post"] += 1
            elif not to_us and _asks_not_to(row):
                self.left["its author asks to be shown to nobody who is not signed in"] += 1
            elif len(self.found) < MOST_POSTS:
                self.found.setdefault(mention.key, mention)

    def _read(self, row: Mapping[str, Any]) -> Mention | None:
        """A post as a mention; ``None`` for one that cannot be read."""
        whole = str(row.get("uri", "")).startswith("at://")
        if not whole or not isinstance(row.get("record"), dict) or not isinstance(row.get("author"), dict):
            return None
        try:
            return replace(mention_of(dict(row), self.context), channel=self.ear.channel)
        except (ValueError, SignalbookError):
            return None


def _about(post: Mapping[str, Any], me: str) -> bool:
    """Whether a post names us, answers us or quotes us: our DID stands in what it refers to."""
    record = post["record"]
    waiting = [record.get(name) for name in ("facets", "reply", "embed")]
    for _ in range(500):
        if not waiting:
            return False
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and (value == me or value.startswith(f"at://{me}/")):
            return True
    return False


def _asks_not_to(post: Mapping[str, Any]) -> bool:
    labels = answers.rows(answers.table(post.get("author")).get("labels"), most=50)
    return any(label.get("val") == "!no-unauthenticated" for label in labels)
