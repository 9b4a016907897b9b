"""One account on one PDS: sending, looking, changing, taking down, counting. The thin half.

Sending: pictures are uploaded and addresses resolved first; nothing of that is public. ``putRecord`` under our own key
with ``swapRecord: null`` is the last request and creates the record, or meets the one that is there (``InvalidSwap``).
So a failure before it is ``NotSent``, whatever it was, and after it one look at the key tells what became of it.
Methods: ``com.atproto.server.createSession``, ``com.atproto.repo.putRecord`` and their kin; the counts are the app view's
(``app.bsky.feed.getPosts``, ``app.bsky.actor.getProfile``): the PDS itself knows no likes.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from pipelines import access, answers
from pipelines.connectors.bluesky import records
from pipelines.connectors.bluesky.listening import EVERY, Ear
from pipelines.connectors.bluesky.records import POST, REPOST, Around, Ref
from pipelines.http import Answer
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
from signalbook.errors import ConnectorError, Denied, Refused, SettingsError, Unanswered
from signalbook.records import Reading, Receipt

if TYPE_CHECKING:
    from pipelines.http import Client
    from signalbook.settings import Channel

REPEATS = Repeats(longest_request_s=90, same_key_s=float("inf"), looks=True, amends=True, withdraws=True)
SEVERAL = 25
"""So many posts are asked about at once (``app.bsky.feed.getPosts``)."""
UPLOAD_S = 120.0


@dataclass(slots=True)
class Session:
    """A signed-in account. Kept for a run: a PDS lets nobody sign in more than 300 times a day."""

    did: str
    handle: str
    access: str
    refresh: str
    active: bool
    answer: Answer


class Connector:
    """What is registered. Accounts opened with one client share their session."""

    def __init__(self) -> None:
        """Know no session."""
        self._sessions: WeakKeyDictionary[Client, dict[tuple[str, str], Session]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Account:
        """Open a channel's account. Makes no request.

        Raises:
            SettingsError: the channel says no address, account or password.
        """
        url = access.address(channel, "https://bsky.social")
        if not channel.account:
            raise SettingsError(
                f"signalbook.toml, [channels.{channel.key}]: the account is missing. "
                'Write its handle or its DID: account = "team.example.org"'
            )
        password = access.secret(channel, secrets, "password")
        with self._lock:
            known = self._sessions.setdefault(client, {})
        return Account(channel, url, password, client, known)

    def counter(self, channel: Channel, secrets: Secrets, client: Client) -> Account:
        """Open a channel's account for counting. Makes no request.

        Raises:
            SettingsError: the channel says no address, account or password.
        """
        return self.publisher(channel, secrets, client)

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> Ear:
        """Open a channel's account for listening. Makes no request.

        Raises:
            SettingsError: the channel says no address, account or password.
        """
        return self.publisher(channel, secrets, client).ear(channel)


class Account:
    """One channel's account: ``Publisher`` and ``Counter``."""

    def __init__(
        self, channel: Channel, url: str, password: str, client: Client, sessions: dict[tuple[str, str], Session]
    ) -> None:
        """Keep what is needed; nothing is asked yet."""
        self._key = channel.key
        self._url = url
        self._name = channel.account.strip().removeprefix("@")
        self._password = password
        self._client = client
        self._sessions = sessions
        self._web = str(channel.more.get("web") or "https://bsky.app").rstrip("/")
        self._appview = str(channel.more.get("appview") or "")

    def ear(self, channel: Channel) -> Ear:
        """The account's ears."""

        def me() -> tuple[str, str]:
            session = self._session()
            return session.did, session.handle

        return Ear(self._key, self._seen, self._get, me, self._uri, access.every(channel, EVERY))

    # --- publishing ---------------------------------------------------------------------------------------------------

    @property
    def repeats(self) -> Repeats:
        """Our own key decides for good."""
        return REPEATS

    def send(self, item: Item) -> Sent:
        """Create the record of a post, or of a repost, under our own key; see ``Publisher.send``."""
        collection, rkey = _place(item)
        with nothing_public():
            session = self._session()
            if not session.active:
                raise Denied(self._key, "the account is deactivated or suspended; sign in on the web to see why")
            record, facts = self._record(item)
        answer = self._post(
            "com.atproto.repo.putRecord",
            {"repo": session.did, "collection": collection, "rkey": rkey, "record": record, "swapRecord": None},
        )
        if _error(answer) == "InvalidSwap":
            with something_public():
                there = self._there(collection, rkey)
            if there is None:
                raise Unanswered(self._key, "the service says that the record is there, and then that it is not")
            found = self._sent(collection, rkey, there[0], there[1], facts)
            return replace(found, same=_same(there[1], record))
        answer.demand(self._key, "publish")
        cid = answers.need(_cid(answers.table(answer.json()).get("cid")), self._key, "the record's version")
        return self._sent(collection, rkey, cid, record, facts)

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - our key tells, not the time
        """Look under our own key: what is there is ours, and what is not there is nowhere."""
        collection, rkey = _place(item)
        there = self._there(collection, rkey)
        if there is None:
            return Absence.PROVEN
        found = self._sent(collection, rkey, there[0], there[1], {})
        return replace(found, same=bool(item.repost_of) or there[1].get("text") == item.text)

    def amend(self, item: Item, sent: Sent) -> Sent:
        """Put the new record in the place of the one we sent. Replies, likes and the address stay.

        Raises:
            Refused: it is a repost, or somebody changed or deleted the record since.
        """
        _, collection, rkey = self._own(sent)
        if collection != POST:
            raise Refused(self._key, "a repost cannot be changed; withdraw it")
        with nothing_public():
            there = self._there(collection, rkey)
            if there is None:
                raise Refused(self._key, "it is not there any more, so there is nothing to change")
            record, facts = self._record(item)
            # The first words may change; the moment they were said at and what they answer may not.
            record |= {name: there[1][name] for name in ("createdAt", "reply") if name in there[1]}
        if _same(there[1], record):
            return self._sent(collection, rkey, there[0], record, facts)
        old = str(sent.facts.get("cid") or there[0])
        if old != there[0]:
            raise Refused(self._key, f"it was changed elsewhere since we sent it: {sent.url}. Look at it first")
        answer = self._post(
            "com.atproto.repo.putRecord",
            {"repo": self._session().did, "collection": collection, "rkey": rkey, "record": record, "swapRecord": old},
        )
        if _error(answer) == "InvalidSwap":
            now = self._there(collection, rkey)
            if now is None or not _same(now[1], record):
                raise Refused(self._key, f"it was changed elsewhere since we sent it: {sent.url}. Look at it first")
            return self._sent(collection, rkey, now[0], now[1], facts)
        answer.demand(self._key, "change the post")
        cid = answers.need(_cid(answers.table(answer.json()).get("cid")), self._key, "the record's version")
        return self._sent(collection, rkey, cid, record, facts)

    def withdraw(self, sent: Sent) -> None:
        """Delete the record; what is gone already is fine."""
        did, collection, rkey = self._own(sent)
        body = {"repo": did, "collection": collection, "rkey": rkey}
        self._post("com.atproto.repo.deleteRecord", body).demand(self._key, "take the post down")

    def limits(self) -> Mapping[str, int]:
        """None: a PDS does not say them; they stand in the lexicon."""
        return {}

    def trials(self) -> Iterable[Trial]:
        """Try the address, the password, whose it is, and whether the account may post; nothing is sent."""
        name = f"channel {self._key}"
        try:
            hello = self._client.request(
                "GET", f"{self._url}/xrpc/com.atproto.server.describeServer", channel=self._key
            )
            hello.demand(self._key, "ask what it is")
        except ConnectorError as error:
            yield Trial(
                name, "reach the service", ok=False, detail=error.message, remedy="Look at `url` and the network."
            )
            return
        yield Trial(name, "reach the service", ok=True, detail=self._url)
        try:
            session = self._session()
        except ConnectorError as error:
            remedy = "Make a new app password (Settings, Privacy and security, App passwords) and set it."
            yield Trial(name, "sign in", ok=False, detail=error.message, remedy=remedy)
            return
        if self._name.lower() not in {session.handle.lower(), session.did.lower()}:
            detail = f"this password opens {session.handle}, and `account` says {self._name}"
            yield Trial(name, "sign in", ok=False, detail=detail, remedy="Correct the one or the other.")
            return
        app = _claims(session.access).get("scope") in {"com.atproto.appPass", "com.atproto.appPassPrivileged"}
        yield Trial(
            name, "sign in", ok=True, detail=f"as {session.handle}, " + ("with an app password" if app else "with the account's own password"),
            remedy="" if app else "Use an app password: it can be taken back and cannot delete the account.",
        )  # fmt: skip
        yield Trial(
            name, "allowed to post", ok=session.active, detail="yes" if session.active else "the account is not active",
            remedy="" if session.active else "Sign in on the web to see what the service wants.",
        )  # fmt: skip
        yield Trial(name, "expiry", ok=True, detail="a password ends when somebody takes it back, not by itself")
        left = session.answer.headers.get("ratelimit-remaining", "")
        if left.isdigit():
            many = int(left) > 10
            yield Trial(
                name, "sign-ins left", ok=many, detail=f"{int(left)} in the present window",
                remedy="" if many else "Something signs in too often: 300 a day is the most.",
            )  # fmt: skip

    # --- counting -----------------------------------------------------------------------------------------------------

    def readings(self, ask: Ask) -> Iterator[Reading]:
        """The account's numbers of today, and those of each post since it was published."""
        profile = answers.table(self._view("app.bsky.actor.getProfile", {"actor": self._session().did}).json())
        for metric, name, unit in (
            ("followers", "followersCount", "people"),
            ("following", "followsCount", "people"),
            ("posts", "postsCount", "count"),
        ):
            if (value := answers.number(profile.get(name))) is not None:
                yield self._reading(ask, "account", metric, ask.today, value, "day", unit)
        sent = {uri: receipt for receipt in ask.sent if (uri := self._uri(receipt))}
        uris = list(sent)
        for start in range(0, len(uris), SEVERAL):
            asked = [("uris", uri) for uri in uris[start : start + SEVERAL]]
            found = answers.table(self._view("app.bsky.feed.getPosts", asked).json())
            for view in answers.rows(found.get("posts"), most=SEVERAL):
                receipt = sent.get(answers.text(view.get("uri"), most=1_000))
                if receipt is None:
                    continue
                for metric, name in COUNTS:
                    if (value := answers.number(view.get(name))) is not None:
                        yield self._reading(
                            ask, receipt.id or receipt.url, metric, ask.day_of(receipt), value, "post", "count"
                        )

    def _uri(self, receipt: Receipt) -> str:
        """The post of a receipt as the protocol names it; empty for a repost, and for what is no post of ours."""
        found = records.place(receipt.id) or records.place(receipt.url)
        session = self._session()
        if found is None or found[1] != POST or found[0].lower() not in {session.did.lower(), session.handle.lower()}:
            return ""
        return f"at://{session.did}/{POST}/{found[2]}"

    def _reading(self, ask: Ask, subject: str, metric: str, on: Any, value: int, grain: Any, unit: str) -> Reading:
        return Reading.of(
            source="bluesky", channel=self._key, subject=subject, metric=metric, on=on, value=value, grain=grain, unit=unit,
            taken_at=ask.now, origin=self._appview if self._appview.startswith("http") else self._url,
        )  # fmt: skip

    def _view(self, method: str, params: Mapping[str, str] | Sequence[tuple[str, str]]) -> Answer:
        """Ask the app view: through the PDS, which knows its own, or another one that the channel names."""
        if self._appview.startswith(("https://", "http://")):
            url = f"{self._appview.rstrip('/')}/xrpc/{method}?{urlencode(params)}"
            return self._client.request("GET", url, channel=self._key).demand(self._key, "read the counts")
        return self._seen(method, params).demand(self._key, "read the counts")

    def _seen(self, method: str, params: Mapping[str, str] | Sequence[tuple[str, str]]) -> Answer:
        """Ask the app view as the account, through the PDS; an address of another one cannot know whose account it is."""
        named = self._appview if self._appview.startswith("did:") else ""
        return self._get(method, params, headers={"atproto-proxy": named} if named else {})

    # --- the record and what it needs -----------------------------------------------------------------------------------

    def _record(self, item: Item) -> tuple[dict[str, Any], dict[str, str]]:
        """What will be written, and the facts that a later part of the thread needs. Uploads and resolves on the way."""
        if item.repost_of:
            return records.repost(item, self._resolve(item.repost_of)[0]), {}
        if why := records.wrong(item):
            raise Refused(self._key, why)
        people = {}
        for handle in records.handles(item.text):
            if did := self._did(handle):
                people[handle] = did
        parent, root = self._parent(item)
        quoted = self._resolve(item.quote_of)[0] if item.quote_of else None
        blobs = [self._upload(medium.data, medium.mime) for medium in item.media]
        captions = [self._upload(medium.captions, "text/vtt") if medium.captions else None for medium in item.media]
        picture = item.card.image if item.card and records.card_address(item) else None
        thumb = self._thumb(picture) if picture else None
        around = Around(people, parent, root, quoted, blobs, captions, thumb)
        facts = {"root": root.uri, "root_cid": root.cid} if root else {}
        return records.post(item, around), facts

    def _thumb(self, picture: Attached) -> Mapping[str, Any] | None:
        # The picture of a card is somebody else's and may be anything; a card without one is better than no post.
        fits = picture.mime.startswith("image/") and len(picture.data) <= records.THUMB_BYTES
        return self._upload(picture.data, picture.mime) if fits else None

    def _parent(self, item: Item) -> tuple[Ref | None, Ref | None]:
        """What the item answers, and the root of that conversation."""
        if item.before:
            last, first = item.before[-1], item.before[0]
            known = dict(fact.split("=", 1) for fact in last.facts if "=" in fact)
            if not (last.id.startswith("at://") and _cid(known.get("cid"))):  # a person settled it
                return self._conversation(last.url or last.id)
            parent = Ref(last.id, known["cid"])
            if known.get("root") and _cid(known.get("root_cid")):
                return parent, Ref(known["root"], known["root_cid"])
            return parent, parent if first is last else self._conversation(last.id)[1]
        return self._conversation(item.in_reply_to) if item.in_reply_to else (None, None)

    def _conversation(self, address: str) -> tuple[Ref, Ref]:
        parent, value = self._resolve(address)
        root = answers.table(answers.table(value.get("reply")).get("root"))
        uri, cid = answers.text(root.get("uri"), most=1_000), _cid(root.get("cid"))
        return parent, Ref(uri, cid) if records.place(uri) and cid else parent

    def _resolve(self, address: str) -> tuple[Ref, dict[str, Any]]:
        """The record behind an address for people, or behind one of the protocol."""
        found = records.place(address)
        if found is None:
            example = "https://bsky.app/profile/team.example.org/post/3kabc"
            raise Refused(self._key, f"“{address[:200]}” is no post of Bluesky; write its address as {example}")
        repo, collection, rkey = found
        did = repo if records.is_did(repo) else self._did(repo)
        if not did:
            raise Refused(self._key, f"nobody is called {repo} on Bluesky")
        params = {"repo": did, "collection": collection, "rkey": rkey}
        answer = self._get("com.atproto.repo.getRecord", params)
        if answer.status in {400, 404}:
            raise Refused(self._key, f"there is no post at {address[:200]}; was it deleted?")
        got = answers.table(answer.demand(self._key, "read the post that is meant").json())
        cid = answers.need(_cid(got.get("cid")), self._key, "the version of the post that is meant")
        return Ref(f"at://{did}/{collection}/{rkey}", cid), answers.table(got.get("value"))

    def _did(self, handle: str) -> str:
        """Who a handle is; empty for nobody."""
        answer = self._get("com.atproto.identity.resolveHandle", {"handle": handle})
        if answer.status in {400, 404}:
            return ""
        did = answers.table(answer.demand(self._key, "find out who is mentioned").json()).get("did")
        return did if isinstance(did, str) and records.is_did(did) else ""

    def _upload(self, data: bytes, mime: str) -> dict[str, Any]:
        answer = self._post("com.atproto.repo.uploadBlob", data, mime=mime).demand(self._key, "upload a file")
        blob = answers.table(answers.table(answer.json()).get("blob"))
        link = _cid(answers.table(blob.get("ref")).get("$link"))
        size, kind = answers.number(blob.get("size")), answers.text(blob.get("mimeType"), most=200)
        if blob.get("$type") != "blob" or not link or size is None or not kind:
            raise Unanswered(self._key, "the service's answer to an upload names no file")
        return {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": size}

    def _there(self, collection: str, rkey: str) -> tuple[str, dict[str, Any]] | None:
        """Version and value of our own record under a key; ``None`` when the service says that there is none."""
        params = {"repo": self._session().did, "collection": collection, "rkey": rkey}
        answer = self._get("com.atproto.repo.getRecord", params)
        if answer.status == 400 and _error(answer) == "RecordNotFound":
            return None
        got = answers.table(answer.demand(self._key, "look at our own post").json())
        value = answers.table(got.get("value"))
        if not _cid(got.get("cid")) or value.get("$type") != collection:
            raise Unanswered(self._key, "the service's answer to a look is no record")
        return _cid(got.get("cid")), value

    def _own(self, sent: Sent) -> tuple[str, str, str]:
        found = records.place(sent.id) or records.place(sent.url)
        if found is None:
            raise Refused(self._key, f"the receipt names no post of Bluesky: {sent.id[:200]}")
        did = self._session().did
        if found[0] not in {did, self._session().handle}:
            raise Refused(self._key, "the post is another account's")
        return did, found[1], found[2]

    def _sent(self, collection: str, rkey: str, cid: str, record: Mapping[str, Any], facts: Mapping[str, str]) -> Sent:
        reply = answers.table(answers.table(record.get("reply")).get("root"))
        told = {"root": answers.text(reply.get("uri")), "root_cid": _cid(reply.get("cid"))} if reply else facts
        uri = f"at://{self._session().did}/{collection}/{rkey}"
        return Sent(uri, self._page(collection, rkey), answers.instant(record.get("createdAt")), {"cid": cid, **told})

    def _page(self, collection: str, rkey: str) -> str:
        who = self._session().handle or self._session().did
        return f"{self._web}/profile/{quote(who, safe=':.')}/post/{rkey}" if collection == POST else ""

    # --- requests -------------------------------------------------------------------------------------------------------

    def _session(self, *, anew: bool = False) -> Session:
        """The session of this run; ``anew`` when its token is over."""
        place = (self._url, self._name)
        old = self._sessions.get(place)
        if old and not anew:
            return old
        answer = None
        if old and old.refresh:
            head = {"Authorization": f"Bearer {old.refresh}"}
            answer = self._client.request(
                "POST", f"{self._url}/xrpc/com.atproto.server.refreshSession", channel=self._key, headers=head
            )
        if answer is None or not answer.ok:
            body = {"identifier": self._name, "password": self._password}
            answer = self._client.request(
                "POST", f"{self._url}/xrpc/com.atproto.server.createSession", channel=self._key, json=body
            )
        if answer.status == 401 and _error(answer) == "AuthFactorTokenRequired":
            raise Denied(
                self._key, "the account asks for a second factor; make an app password and use that", status=401
            )
        got = answers.table(answer.demand(self._key, "sign in").json())
        did, access = got.get("did"), answers.text(got.get("accessJwt"), most=8_000)
        if not (isinstance(did, str) and records.is_did(did) and access):
            raise Unanswered(self._key, "the service's answer to the sign-in names no account")
        session = Session(
            did, answers.text(got.get("handle"), most=300), access, answers.text(got.get("refreshJwt"), most=8_000),
            got.get("active") is not False, answer,
        )  # fmt: skip
        self._sessions[place] = session
        return session

    def _get(
        self,
        method: str,
        params: Mapping[str, str] | Sequence[tuple[str, str]],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._call("GET", f"{method}?{urlencode(params)}", headers=headers)

    def _post(self, method: str, body: Mapping[str, Any] | bytes, *, mime: str = "") -> Answer:
        if isinstance(body, bytes):
            return self._call("POST", method, headers={"Content-Type": mime}, body=body, timeout_s=UPLOAD_S)
        return self._call("POST", method, json=body)

    def _call(self, verb: str, what: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """One request as the account; once more after the token ran out, which the service says before it does anything."""
        answer = self._once(verb, what, self._session(), headers, more)
        if answer.status in {400, 401} and _error(answer) in {"ExpiredToken", "InvalidToken"}:
            answer = self._once(verb, what, self._session(anew=True), headers, more)
        return answer

    def _once(
        self, verb: str, what: str, session: Session, headers: Mapping[str, str] | None, more: Mapping[str, Any]
    ) -> Answer:
        head = {"Authorization": f"Bearer {session.access}", **(headers or {})}
        return self._client.request(verb, f"{self._url}/xrpc/{what}", channel=self._key, headers=head, **more)


COUNTS = (
    ("likes", "likeCount"),
    ("reposts", "repostCount"),
    ("replies", "replyCount"),
    ("quotes", "quoteCount"),
    ("bookmarks", "bookmarkCount"),
)
"""Metric → its name in ``app.bsky.feed.defs#postView``."""


def _place(item: Item) -> tuple[str, str]:
    return REPOST if item.repost_of else POST, records.key_of(item.key, item.part, item.created_at)


def _error(answer: Answer) -> str:
    return "" if answer.ok else answers.text(answers.table(answer.json()).get("error"), most=200)


def _cid(value: object) -> str:
    return value if isinstance(value, str) and 20 <= len(value) <= 200 and value.isascii() and value.isalnum() else ""


def _same(there: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Whether two records say the same; what the service added of its own does not count."""
    names = ("$type", "text", "createdAt", "facets", "reply", "embed", "langs", "labels", "subject")
    return all(_plain(there.get(name)) == _plain(ours.get(name)) for name in names)


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unproven: good enough to tell a person what kind it is."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return answers.table(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
    except ValueError:
        return {}
