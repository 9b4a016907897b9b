"""One account on one server that speaks Mastodon's API: sending, looking, changing, taking down, counting. The thin half.

Sending: files are uploaded and addresses resolved first; nothing of that is public. ``POST /api/v1/statuses`` is the last
request. Mastodon keeps its ``Idempotency-Key`` for an hour, and answers a repeat with the first status; after that, and on
servers that only speak its API, our own list of statuses is looked through for the same words. Absent is proven only when
that list is seen to reach back far enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pipelines import access, answers
from pipelines.connectors.mastodon import statuses
from pipelines.connectors.mastodon.listening import EVERY, Ear
from pipelines.connectors.mastodon.statuses import NUMBER, Server
from pipelines.services import (
    Absence,
    Ask,
    Attached,
    Item,
    Repeats,
    Secrets,
    Sent,
    Trial,
    nothing_public,
    something_public,
)
from signalbook.errors import ConnectorError, Denied, NotSent, Refused, Unanswered
from signalbook.records import Reading

if TYPE_CHECKING:
    from pipelines.http import Answer, Client
    from signalbook.settings import Channel

KEPT_S = 3_600 - 300
"""Mastodon keeps a key for an hour; we rely on it for five minutes less."""
LONGEST_S = 90.0
UPLOAD_S = 120.0
READY = 30
"""So often we ask whether a file is ready, a little longer apart each time: two minutes in all."""
PAGE = 40
PAGES = 10
REPEATED = timedelta(minutes=1)
"""A status so much older than the server's answer was made by an earlier request."""
SEVERAL = 20
"""So many statuses are asked for at once."""
COUNTS = (
    ("likes", "favourites_count"),
    ("reposts", "reblogs_count"),
    ("replies", "replies_count"),
    ("quotes", "quotes_count"),
)
"""Metric → its name in the entity Status."""


class Connector:
    """What is registered."""

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Keep how to wait, in seconds, while a server works on a file."""
        self._pause = pause

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Account:
        """Open a channel's account. Makes no request.

        Raises:
            SettingsError: the channel says no address or no token.
        """
        url = access.address(channel, "https://mastodon.social")
        return Account(channel, url, access.secret(channel, secrets, "token"), client, self._pause)

    def counter(self, channel: Channel, secrets: Secrets, client: Client) -> Account:
        """Open a channel's account for counting. Makes no request.

        Raises:
            SettingsError: the channel says no address or no token.
        """
        return self.publisher(channel, secrets, client)

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Ear:
        """Open a channel's account for listening. Makes no request.

        Raises:
            SettingsError: the channel says no address or no token.
        """
        return self.publisher(channel, secrets, client).ear(channel)


class Account:
    """One channel's account: ``Publisher`` and ``Counter``."""

    def __init__(self, channel: Channel, url: str, token: str, client: Client, pause: Callable[[float], None]) -> None:
        """Keep what is needed; nothing is asked yet."""
        self._key = channel.key
        self._name = channel.account.strip().removeprefix("@")
        self._url = url
        self._token = token
        self._client = client
        self._pause = pause
        self._known: Server | None = None
        self._me: dict[str, Any] | None = None

    def ear(self, channel: Channel) -> Ear:
        """The account's ears."""
        tags = [tag.strip().removeprefix("#") for tag in access.texts(channel, "tags")]
        return Ear(self._key, self._ask, tuple(tag for tag in tags if tag), access.every(channel, EVERY))

    # --- publishing ---------------------------------------------------------------------------------------------------

    @property
    def repeats(self) -> Repeats:
        """Mastodon answers a repeat for an hour; from another program's server we expect nothing. Asks the server once."""
        try:
            own = self._server().own
        except ConnectorError:
            own = False
        return Repeats(
            longest_request_s=LONGEST_S, same_key_s=KEPT_S if own else 0, looks=True, amends=True, withdraws=True
        )

    def send(self, item: Item) -> Sent:
        """Publish a status, or boost one; see ``Publisher.send``."""
        if item.repost_of:
            return self._boost(item)
        with nothing_public():
            if why := statuses.wrong(item, self._server()):
                raise Refused(self._key, why)
            reply_to = self._reply_to(item)
            quoted = self._number(item.quote_of) if item.quote_of else ""
            media = [self._upload(item, medium) for medium in item.media]
        said = statuses.body(item, media=media, reply_to=reply_to, quoted=quoted)
        head = {"Idempotency-Key": statuses.key_of(item)}
        answer = self._ask("POST", "/api/v1/statuses", headers=head, json=said).demand(self._key, "publish")
        sent = self._sent(answer.json(), {"media": ",".join(media), "digests": _digests(item)})
        if sent.at and answer.date and answer.date - sent.at > REPEATED:
            # The answer to an earlier request under the same key, which may have had other words.
            return replace(sent, same=statuses.same(answers.table(answer.json()), item, reply_to=reply_to))
        return sent

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:
        """Look through our own statuses for the same words since then, with the service's clock taken into account."""
        number, listed = self._account()["id"], self._server()
        if item.repost_of:
            return self._look_boost(item)
        reply_to = self._reply_to(item)
        first, seen, below, found = since, set[str](), "", None
        for _ in range(PAGES):
            query = {"limit": str(PAGE), **({"max_id": below} if below else {})}
            answer = self._ask("GET", f"/api/v1/accounts/{number}/statuses?{urlencode(query)}")
            rows = answers.rows(answer.demand(self._key, "look through our own posts").json(), most=200)
            first = since + timedelta(seconds=answer.skew_s or 0) - timedelta(seconds=2)
            fresh = [row for row in rows if _number(row) not in seen]
            for row in fresh:
                at = answers.instant(row.get("created_at"))
                if _number(row) and at and at >= first and statuses.same(row, item, reply_to=reply_to):
                    found = row  # the list runs backwards: the first of several is the one that a repeat repeated
            if found is not None and (not fresh or not _all_since(fresh, first)):
                break
            if not fresh:
                # The end of the list, if this server turns pages at all.
                sure = not rows or len(seen) < SEVERAL
                return self._found(found) if found else self._absent(item, listed, sure=sure)
            if not _all_since(fresh, first):
                return self._absent(item, listed, sure=True)
            seen |= {_number(row) for row in fresh}
            below = _number(fresh[-1])
        return self._found(found) if found else Absence.UNSEEN

    def amend(self, item: Item, sent: Sent) -> Sent:
        """Edit the status. Files that did not change keep their place; answers, boosts and the address stay.

        Raises:
            Refused: it is a boost, or it is not there any more.
        """
        if sent.facts.get("boosts"):
            raise Refused(self._key, "a boost cannot be changed; withdraw it")
        number = self._own(sent)
        with nothing_public():
            if why := statuses.wrong(item, self._server()):
                raise Refused(self._key, why)
            kept = dict(zip(_split(sent.facts.get("digests")), _split(sent.facts.get("media")), strict=False))
            media = [kept.get(_digest(medium)) or self._upload(item, medium) for medium in item.media]
        answer = self._ask("PUT", f"/api/v1/statuses/{number}", json=statuses.changed(item, media=media))
        if answer.status in {404, 410}:
            raise Refused(self._key, "it is not there any more, so there is nothing to change", status=answer.status)
        answer.demand(self._key, "change the post")
        # The id of before: snac writes another one after a change, and knows both.
        made = self._sent(answer.json(), {"media": ",".join(media), "digests": _digests(item)})
        return replace(made, id=number)

    def withdraw(self, sent: Sent) -> None:
        """Delete the status, or take the boost back; what is gone already is fine."""
        if boosted := sent.facts.get("boosts"):
            answer = self._ask("POST", f"/api/v1/statuses/{_checked(boosted, self._key)}/unreblog")
            if answer.status not in {404, 410}:
                answer.demand(self._key, "take the boost back")
            return
        number = self._own(sent)
        answer = self._ask("DELETE", f"/api/v1/statuses/{number}")
        if answer.status not in {404, 410}:
            answer.demand(self._key, "take the post down")
            return
        if self._ask("GET", f"/api/v1/statuses/{number}").ok:
            raise Refused(
                self._key,
                f"this server deletes nothing for other programs; delete it there by hand: {sent.url}",
                status=404,
            )

    def limits(self) -> Mapping[str, int]:
        """Characters of a post, what an address counts, characters of an alt text, files: as this server says."""
        found = self._server()
        return {"limit": found.limit, "link": found.link, "alt": found.alt, "media": found.media}

    def trials(self) -> Iterable[Trial]:
        """Try the address, the token, whose it is, and what it may do; nothing is sent."""
        name = f"channel {self._key}"
        try:
            host = self._server()
        except ConnectorError as error:
            yield Trial(
                name, "reach the service", ok=False, detail=error.message, remedy="Look at `url` and the network."
            )
            return
        kind = f"version {host.version}" if host.version else "it does not say its version"
        note = "" if host.own else "; it is not Mastodon itself, so an answer that is lost is settled by a look"
        yield Trial(name, "reach the service", ok=True, detail=f"{self._url}, {kind}{note}")
        try:
            answer = self._ask("GET", "/api/v1/accounts/verify_credentials")
            me = self._read_me(answer)
        except ConnectorError as error:
            remedy = "Make a new application under Preferences, Development, and set its access token."
            yield Trial(name, "sign in", ok=False, detail=error.message, remedy=remedy)
            return
        who = answers.text(me.get("acct"), most=300)
        right = not self._name or who.lower() == self._name.partition("@")[0].lower()
        yield Trial(
            name, "sign in", ok=right, detail=f"as {who}" if right else f"the token is {who}'s, and `account` says {self._name}",
            remedy="" if right else "Correct the one or the other.",
        )  # fmt: skip
        yield self._rights(name)
        yield Trial(name, "expiry", ok=True, detail="the token ends when somebody takes it back, not by itself")
        left = answer.headers.get("x-ratelimit-remaining", "")
        if left.isdigit() and len(left) < 9:
            many = int(left) > 20
            yield Trial(
                name, "requests left", ok=many, detail=f"{int(left)} in the present five minutes",
                remedy="" if many else "Something asks too often with this token.",
            )  # fmt: skip

    def _rights(self, name: str) -> Trial:
        """What the token may do, where the server tells (since 4.3)."""
        answer = self._ask("GET", "/api/v1/apps/verify_credentials")
        told = answers.table(answer.json()).get("scopes") if answer.ok else None
        scopes = {scope for scope in told if isinstance(scope, str)} if isinstance(told, list) else set()
        if not scopes:
            return Trial(name, "allowed to post", ok=True, detail="the server does not tell what the token may do")
        lacking = [scope for scope in ("read", "write") if scope not in scopes]
        if "write" in lacking and {"write:statuses", "write:media"} <= scopes:
            lacking.remove("write")
        if "read" in lacking and {"read:accounts", "read:statuses"} <= scopes:
            lacking.remove("read")
        return Trial(
            name, "allowed to post", ok=not lacking, detail="yes" if not lacking else f"the token lacks: {', '.join(lacking)}",
            remedy="" if not lacking else "Make an application with read, write:statuses and write:media.",
        )  # fmt: skip

    # --- counting -----------------------------------------------------------------------------------------------------

    def readings(self, ask: Ask) -> Iterator[Reading]:
        """The account's numbers of today, and those of each post since it was published."""
        me = self._read_me(self._ask("GET", "/api/v1/accounts/verify_credentials"))
        for metric, name, unit in (
            ("followers", "followers_count", "people"),
            ("following", "following_count", "people"),
            ("posts", "statuses_count", "count"),
        ):
            value = answers.number(me.get(name))
            # snac answers 0 when it does not want to tell. An empty cell is no zero.
            if value is not None and not (value == 0 and self._server().snac):
                yield self._reading(ask, "account", metric, ask.today, value, "day", unit)
        numbers = ((receipt.id or statuses.number_in(receipt.url, self._url), receipt) for receipt in ask.sent)
        boosts = {receipt.key for receipt in ask.sent if any(fact.startswith("boosts=") for fact in receipt.facts)}
        sent = {number: row for number, row in numbers if NUMBER.fullmatch(number) and row.key not in boosts}
        for number, status in self._several(list(sent)):
            receipt = sent.get(number)
            if receipt is None or status.get("reblog"):
                continue
            for metric, name in COUNTS:
                if (value := answers.number(status.get(name))) is not None:
                    yield self._reading(
                        ask, receipt.id or receipt.url, metric, ask.day_of(receipt), value, "post", "count"
                    )

    def _reading(self, ask: Ask, subject: str, metric: str, on: Any, value: int, grain: Any, unit: str) -> Reading:
        return Reading.of(
            source="mastodon", channel=self._key, subject=subject, metric=metric, on=on, value=value, grain=grain, unit=unit,
            taken_at=ask.now, origin=self._url,
        )  # fmt: skip

    def _several(self, numbers: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The statuses that are still there: many at once where the server can (since 4.3), else one by one."""
        at_once = True
        for start in range(0, len(numbers), SEVERAL):
            some = numbers[start : start + SEVERAL]
            if at_once:
                answer = self._ask("GET", f"/api/v1/statuses?{urlencode([('id[]', number) for number in some])}")
                if answer.ok and isinstance(answer.json(), list):
                    yield from ((_number(row), row) for row in answers.rows(answer.json(), most=SEVERAL))
                    continue
                if answer.status not in {200, 400, 404, 405}:
                    answer.demand(self._key, "read the counts")
                at_once = False
            for number in some:
                answer = self._ask("GET", f"/api/v1/statuses/{number}")
                if answer.status not in {404, 410}:
                    yield number, answers.table(answer.demand(self._key, "read the counts").json())

    # --- what a status needs ------------------------------------------------------------------------------------------

    def _reply_to(self, item: Item) -> str:
        if item.before:
            last = item.before[-1]
            return last.id if NUMBER.fullmatch(last.id) else self._number(last.url)
        return self._number(item.in_reply_to) if item.in_reply_to else ""

    def _number(self, address: str) -> str:
        """The id that this server gives to the status at an address, its own or another server's."""
        if number := statuses.number_in(address, self._url):
            answer = self._ask("GET", f"/api/v1/statuses/{number}")
            if answer.ok and address in {answers.table(answer.json()).get(name) for name in ("url", "uri")}:
                return number
        query = urlencode({"q": address, "resolve": "true", "type": "statuses", "limit": "5"})
        answer = self._ask("GET", f"/api/v2/search?{query}").demand(self._key, "find the post that is meant")
        for row in answers.rows(answers.table(answer.json()).get("statuses"), most=20):
            if address in {row.get("url"), row.get("uri")} and _number(row):
                return _number(row)
        raise Refused(
            self._key, f"this server cannot find the post at {address[:200]}; was it deleted, or is it private?"
        )

    def _upload(self, item: Item, medium: Attached) -> str:
        """Upload a file with its description and wait until the server has worked on it."""
        form = {"description": medium.alt} if medium.alt else {}
        if point := statuses.focus(item, medium):
            form["focus"] = point
        files = {"file": (medium.name, medium.data, medium.mime)}
        answer = self._ask("POST", "/api/v2/media", form=form, files=files, timeout_s=UPLOAD_S)
        if answer.status == 404:  # before 3.1.3
            answer = self._ask("POST", "/api/v1/media", form=form, files=files, timeout_s=UPLOAD_S)
        answer.demand(self._key, f"upload {medium.name}")
        number = str(answers.table(answer.json()).get("id") or "")
        if not number or len(number) > 200 or set(number) & set("/?#&% ,"):
            raise Unanswered(self._key, "the service's answer to an upload names no file")
        turn = 0
        while answer.status in {202, 206}:
            if turn == READY:
                raise NotSent(self._key, f"the server is still working on {medium.name}", retry_after_s=300)
            self._pause(min(0.5 + turn * 0.25, 5.0))
            turn += 1
            answer = self._ask("GET", f"/api/v1/media/{number}").demand(self._key, f"work on {medium.name}")
        return number

    def _boost(self, item: Item) -> Sent:
        with nothing_public():
            number = self._number(item.repost_of)
        # Boosting a second time answers with the first boost, or refuses.
        answer = self._ask("POST", f"/api/v1/statuses/{number}/reblog")
        if answer.status == 422:
            with something_public():
                there = self._look_boost(item)
            if isinstance(there, Sent):
                return there
        return self._sent(answer.demand(self._key, "boost the post").json(), {"boosts": number})

    def _look_boost(self, item: Item) -> Sent | Absence:
        number = self._number(item.repost_of)
        answer = self._ask("GET", f"/api/v1/statuses/{number}").demand(self._key, "look at the post that is boosted")
        boosted = answers.table(answer.json()).get("reblogged")
        if boosted is True:
            return Sent(number, item.repost_of, None, {"boosts": number})
        return Absence.PROVEN if boosted is False and not self._server().snac else Absence.UNSEEN

    def _found(self, status: Mapping[str, Any]) -> Sent:
        return self._sent(status, {})

    @staticmethod
    def _absent(item: Item, host: Server, *, sure: bool) -> Absence:
        """Whether not to see it proves that it is not there: some servers leave out of the list what is not public."""
        listed = host.own or statuses.visibility(item) in {"", "public"}
        return Absence.PROVEN if sure and listed else Absence.UNSEEN

    def _sent(self, status: object, facts: Mapping[str, str]) -> Sent:
        found = answers.table(status)
        number = answers.need(_number(found), self._key, "the post's id")
        url = answers.address(found.get("url")) or answers.address(found.get("uri"))
        at = answers.instant(found.get("created_at"))
        return Sent(number, url, at, {name: value for name, value in facts.items() if value})

    def _own(self, sent: Sent) -> str:
        return sent.id if NUMBER.fullmatch(sent.id) else self._number(sent.url)

    def _server(self) -> Server:
        """What the server says of itself, asked once."""
        if self._known is None:
            answer = self._client.request("GET", f"{self._url}/api/v2/instance", channel=self._key)
            if answer.status in {404, 405, 410}:  # before 4.0, and other programs
                answer = self._client.request("GET", f"{self._url}/api/v1/instance", channel=self._key)
            told = answer.demand(self._key, "ask what it is").json()
            if not isinstance(told, dict):
                raise Refused(self._key, f"{self._url} does not answer as Mastodon does; look at `url`")
            self._known = statuses.server(told)
        return self._known

    def _account(self) -> dict[str, Any]:
        if self._me is None:
            self._me = self._read_me(self._ask("GET", "/api/v1/accounts/verify_credentials"))
        return self._me

    def _read_me(self, answer: Answer) -> dict[str, Any]:
        if answer.status == 422:  # snac says so of a token that it does not know
            raise Denied(self._key, "the service does not let us sign in (status 422)", status=422)
        me = answers.table(answer.demand(self._key, "sign in").json())
        if not (isinstance(me.get("id"), str) and NUMBER.fullmatch(me["id"])):
            raise Unanswered(self._key, "the service's answer to the sign-in names no account")
        return me

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        head = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        return self._client.request(method, f"{self._url}{path}", channel=self._key, headers=head, **more)


def _number(status: Mapping[str, Any]) -> str:
    found = status.get("id")
    return found if isinstance(found, str) and NUMBER.fullmatch(found) else ""


def _checked(number: str, channel: str) -> str:
    if not NUMBER.fullmatch(number):
        raise Refused(channel, "the receipt names no post")
    return number


def _all_since(rows: list[dict[str, Any]], first: datetime) -> bool:
    """Whether all of a page is younger, so that the list has to be read on. A page without times is no proof of anything."""
    times = [answers.instant(row.get("created_at")) for row in rows]
    return all(at is None or at >= first for at in times)


def _split(fact: str | None) -> list[str]:
    return [part for part in (fact or "").split(",") if part]


def _digest(medium: Attached) -> str:
    from signalbook.records import digest

    return medium.digest or digest("mastodon", medium.data)


def _digests(item: Item) -> str:
    return ",".join(_digest(medium) for medium in item.media)
