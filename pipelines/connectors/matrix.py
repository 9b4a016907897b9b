"""Matrix over the client-server API: messages with formatted text, pictures, threads; edited, taken down, looked for.

A message is repeated safely in two ways. Its transaction id follows from the delivery, and the server answers the same
token's second request of one id with the first message. That memory is short; so each message also bears a mark of ours in
its content, which servers keep and programs do not show, and every send first reads back what the account said last.

Specification: spec.matrix.org/v1.11/client-server-api, sections “Sending events”, “Event replacements”, “Threading”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from json import dumps
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

from pipelines import access
from pipelines.services import Absence, Attached, Item, Repeats, Secrets, Sent, Trial
from signalbook import hypertext
from signalbook.classes import dataclass
from signalbook.errors import NotSent, Refused, SettingsError, Unanswered
from signalbook.records import digest

if TYPE_CHECKING:
    from pipelines.http import Answer, Client
    from signalbook.settings import Channel

API = "/_matrix/client/v3"
MARK = "org.signalbook.delivery"
"""The key in a message's content under which our mark stands."""
PAGES = 20
"""So many pages of a hundred own messages are read when one is looked for."""
MOST_BYTES = 60_000
"""Bytes of a message's content: an event has 65,536 at most, with what the server adds."""


# --- the pure half ---------------------------------------------------------------------------------------------------


def transaction(key: str, what: str) -> str:
    """The transaction id of one request of a delivery."""
    return f"sb{digest('matrix', key, what)}"


def message(item: Item) -> dict[str, Any]:
    """The text of a delivery as content of ``m.room.message``, with its place in the thread and our mark."""
    return {
        "msgtype": "m.text",
        "body": item.text,
        "format": "org.matrix.custom.html",
        "formatted_body": hypertext.plain(item.text),
        MARK: digest("matrix", item.key),
        **_relation(item),
    }


def picture(item: Item, number: int, one: Attached, mxc: str) -> dict[str, Any]:
    """A picture, film or sound; its alternative text is what programs show and read out where they show no picture."""
    kind = one.mime.partition("/")[0]
    sort = {"image": "m.image", "video": "m.video", "audio": "m.audio"}.get(kind, "m.file")
    size = {"w": one.width, "h": one.height} if one.width and one.height else {}
    return {
        "msgtype": sort,
        "body": one.alt or one.name,
        "filename": one.name,
        "url": mxc,
        "info": {"mimetype": one.mime, "size": len(one.data), **size},
        MARK: f"{digest('matrix', item.key)}/{number}",
        **_relation(item),
    }


def _relation(item: Item) -> dict[str, Any]:
    """``m.relates_to`` of a thread's later part, or of an answer; nothing for a message of its own."""
    if item.before:
        first, last = item.before[0].id, item.before[-1].id
        return {
            "m.relates_to": {
                "rel_type": "m.thread", "event_id": first, "is_falling_back": True, "m.in_reply_to": {"event_id": last},
            }
        }  # fmt: skip
    if item.in_reply_to:
        return {"m.relates_to": {"m.in_reply_to": {"event_id": event_of(item.in_reply_to)}}}
    return {}


def event_of(address: str) -> str:
    """The message that an address leads to (``https://matrix.to/#/!room/$event``); empty when it leads to none."""
    found = re.search(r"/(\$[\w+/=.:-]+)", unquote(address))
    return found[1] if found else ""


def edited(item: Item, event: str) -> dict[str, Any]:
    """The content that replaces a message's text; programs that know no edits show it with a star."""
    # The mark stands in the new content, for servers that show it in the place of the old; the edit itself bears none.
    new = {name: value for name, value in message(item).items() if name != "m.relates_to"}
    return {
        "msgtype": new["msgtype"],
        "format": new["format"],
        "body": f"* {item.text}",
        "formatted_body": f"* {new['formatted_body']}",
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }


def link(room: str, event: str) -> str:
    """A message's address for people."""
    return f"https://matrix.to/#/{quote(room, safe='!:#@')}/{quote(event, safe='$:')}"


def marks(events: Iterator[Mapping[str, Any]], key: str) -> dict[str, str]:
    """Which requests of a delivery have arrived: ``""`` for the text, ``1`` for the first picture → the message's id.

    The oldest of each counts. One that was taken down has no content left and is not seen.
    """
    own = digest("matrix", key)
    found: dict[str, str] = {}
    for event in events:  # newest first
        said = event.get("content")
        mark = said.get(MARK) if isinstance(said, dict) else None
        if isinstance(mark, str) and mark.partition("/")[0] == own:
            found[mark.partition("/")[2]] = str(event.get("event_id", ""))
    return found


# --- the thin half ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matrix:
    """One account in one room."""

    channel: str
    server: str
    room: str
    client: Client = field(repr=False)
    token: str = field(repr=False)

    @property
    def repeats(self) -> Repeats:
        """Synapse remembers transactions for half an hour at least; our mark stays."""
        return Repeats(longest_request_s=90, same_key_s=1800, looks=True, amends=True, withdraws=True)

    # -- requests

    def _answer(
        self,
        method: str,
        path: str,
        *,
        api: str = API,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Answer:
        url = f"{self.server}{api}{path}" + (f"?{urlencode(query)}" if query else "")
        head = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.request(method, url, channel=self.channel, headers=head, **body)

    def _ask(self, method: str, path: str, what: str, **rest: Any) -> dict[str, Any]:
        answer = self._answer(method, path, **rest)
        found = answer.json()
        if answer.status == 429 and isinstance(found, dict) and isinstance(found.get("retry_after_ms"), int):
            raise NotSent(
                self.channel,
                f"the server asks us to wait before we {what}",
                retry_after_s=found["retry_after_ms"] / 1000,
            )
        answer.demand(self.channel, what)
        if not isinstance(found, dict):
            raise Unanswered(self.channel, f"the server answered something that is no answer when we tried to {what}")
        return found

    def _place(self) -> str:
        """The room's id."""
        if not self.room.startswith("#"):
            return self.room
        found = self._ask("GET", f"/directory/room/{quote(self.room, safe='')}", f"find the room {self.room}")
        return str(found.get("room_id", ""))

    def _put(self, room: str, key: str, what: str, content: Mapping[str, Any]) -> str:
        path = f"/rooms/{quote(room, safe='')}/send/m.room.message/{transaction(key, what)}"
        found = self._ask("PUT", path, "send the message", json=content)
        if not found.get("event_id"):
            raise Unanswered(self.channel, "the server did not say under which id it took the message")
        return str(found["event_id"])

    def _upload(self, one: Attached) -> str:
        found = self._ask(
            "POST", "/upload", f"put {one.name} there", api="/_matrix/media/v3", query={"filename": one.name},
            headers={"Content-Type": one.mime}, body=one.data,
        )  # fmt: skip
        address = str(found.get("content_uri", ""))
        if not address.startswith("mxc://"):
            raise Unanswered(self.channel, f"the server did not say where it put {one.name}")
        return address

    def _own(self, room: str, *, since: datetime | None = None, pages: int = PAGES) -> Iterator[dict[str, Any]]:
        """What the account said in the room, newest first; ends with an empty mapping when all since then was seen."""
        me = str(self._ask("GET", "/account/whoami", "log in").get("user_id", ""))
        asked = {"dir": "b", "limit": "100", "filter": dumps({"types": ["m.room.message"], "senders": [me]})}
        for _ in range(pages):
            found = self._ask("GET", f"/rooms/{quote(room, safe='')}/messages", "read what we said", query=asked)
            events = [
                event for event in found.get("chunk") or [] if isinstance(event, dict) and event.get("sender") == me
            ]
            yield from events
            oldest = min((int(event.get("origin_server_ts") or 0) for event in events), default=0) / 1000
            if not found.get("end") or (since is not None and events and oldest < since.timestamp()):
                yield {}
                return
            asked["from"] = str(found["end"])

    # -- publishing

    def send(self, item: Item) -> Sent:
        """Send the pictures, then the text; what is there already from an earlier try is not sent again.

        Raises:
            NotSent, Refused, Unanswered: as the protocol says.
        """
        self._possible(item)
        try:
            room = self._place()
            self._clear(room)
            there = marks(self._own(room, pages=1), item.key)
            ready = [
                (number, picture(item, number, one, self._upload(one)))
                for number, one in enumerate(item.media, 1)
                if str(number) not in there
            ]
        except Unanswered as error:  # nobody sees a file that no message names
            raise NotSent(self.channel, f"nothing was sent: {error.message}") from error
        for number, content in ready:
            there[str(number)] = self._put(room, item.key, str(number), content)
        event = there.get("") or self._put(room, item.key, "", message(item))
        pictures = " ".join(there[name] for name in sorted(there, key=lambda n: int(n or 0)) if name)
        return Sent(event, link(room, event), facts={"room": room, **({"pictures": pictures} if pictures else {})})

    def _possible(self, item: Item) -> None:
        if item.repost_of or item.quote_of or item.poll:
            raise Refused(
                self.channel, "reposts, quotes and polls are not sent to Matrix. Write a message for this channel"
            )
        if item.in_reply_to and not item.before and not event_of(item.in_reply_to):
            raise Refused(
                self.channel, "`in_reply_to` leads to no message: copy its link, https://matrix.to/#/!room/$message"
            )
        size = len(dumps(message(item), ensure_ascii=False).encode("utf-8", "replace"))
        if size > MOST_BYTES:
            raise Refused(self.channel, f"the message has {size} bytes with its formatting; a room takes {MOST_BYTES}")

    def _clear(self, room: str) -> None:
        """Refuse an encrypted room: what we send would be the one message there that anybody on the way can read."""
        answer = self._answer("GET", f"/rooms/{quote(room, safe='')}/state/m.room.encryption/")
        if answer.ok:
            raise Refused(self.channel, "the room is encrypted, and this account cannot write encrypted messages")
        if answer.status != 404:
            answer.demand(self.channel, "see whether the room is encrypted")

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:
        """Read back what the account said and look for our mark.

        A message that was taken down bears no mark any more, and is absent; so is a delivery of which only pictures are there:
        the next send goes on with them.
        """
        room = self._place()
        seen = list(self._own(room, since=since))
        there = marks(iter(seen), item.key)
        if event := there.get(""):
            pictures = " ".join(there[name] for name in sorted(there, key=lambda n: int(n or 0)) if name)
            return Sent(event, link(room, event), facts={"room": room, **({"pictures": pictures} if pictures else {})})
        return Absence.PROVEN if seen and not seen[-1] else Absence.UNSEEN

    def amend(self, item: Item, sent: Sent) -> Sent:
        """Replace the text; pictures stay as they are."""
        self._possible(item)
        room = sent.facts.get("room") or self._place()
        what = digest("amend", item.content, item.text)
        self._put(room, item.key, what, edited(item, sent.id))
        return sent

    def withdraw(self, sent: Sent) -> None:
        """Take the message and its pictures down."""
        room = sent.facts.get("room") or self._place()
        for event in (sent.id, *sent.facts.get("pictures", "").split()):
            path = f"/rooms/{quote(room, safe='')}/redact/{quote(event, safe='')}/{transaction(event, 'redact')}"
            self._ask("PUT", path, "take the message down", json={})

    # -- trying

    def trials(self) -> Iterator[Trial]:
        """Whether the token is known, the account is in the room and may speak there, and the room is not encrypted."""
        name = f"channel {self.channel}"
        me = str(self._ask("GET", "/account/whoami", "log in").get("user_id", ""))
        yield Trial(name, "log in", ok=True, detail=f"as {me[:100]}")
        room = self._place()
        rooms = self._ask("GET", "/joined_rooms", "see its rooms").get("joined_rooms")
        inside = isinstance(rooms, list) and room in rooms
        yield Trial(
            name, "in the room", ok=inside, detail=self.room,
            remedy="" if inside else f"Invite {me[:100]} to the room and accept, or write another `room`.",
        )  # fmt: skip
        if not inside:
            return
        state = f"/rooms/{quote(room, safe='')}/state"
        levels = self._answer("GET", f"{state}/m.room.power_levels/").json()
        made = self._answer("GET", f"{state}/m.room.create/", query={"format": "event"}).json()
        may = _founded(made, me) or _may_speak(levels if isinstance(levels, dict) else {}, me)
        yield Trial(
            name, "may speak there", ok=may, detail="yes" if may else "its power level is too low",
            remedy="" if may else "Ask a moderator of the room for a higher power level.",
        )  # fmt: skip
        encrypted = self._answer("GET", f"{state}/m.room.encryption/").ok
        yield Trial(
            name, "a room that is not encrypted", ok=not encrypted, detail="encrypted" if encrypted else "not encrypted",
            remedy="Use a room without encryption; announcements are for everybody in it anyway." if encrypted else "",
        )  # fmt: skip

    def limits(self) -> Mapping[str, int]:
        """How large a file may be, in bytes."""
        found = self._answer("GET", "/config", api="/_matrix/media/v3").json()
        most = found.get("m.upload.size") if isinstance(found, dict) else None
        return {"image_bytes": most} if isinstance(most, int) else {}


def _founded(event: object, me: str) -> bool:
    """Whether the account made the room, in a room of version 12 or later: then it may do everything there."""
    content = event.get("content") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(content, dict):
        return False
    version = str(content.get("room_version", "1"))
    others = content.get("additional_creators")
    founders = [event.get("sender"), *(others if isinstance(others, list) else [])]
    return me in founders and version not in {str(number) for number in range(1, 12)}


def _may_speak(levels: Mapping[str, Any], me: str) -> bool:
    """What the room's power levels say; the defaults are the specification's."""
    users, events = levels.get("users"), levels.get("events")
    have = (users if isinstance(users, dict) else {}).get(me, levels.get("users_default", 0))
    need = (events if isinstance(events, dict) else {}).get("m.room.message", levels.get("events_default", 0))
    try:
        return int(have) >= int(need)
    except (TypeError, ValueError):
        return False


class Connector:
    """What is registered."""

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> Matrix:
        """An account in a room.

        Raises:
            SettingsError: the homeserver, the room or the token is missing.
        """
        server = access.address(channel, "https://matrix.example.org")
        room = str(channel.more.get("room") or "")
        if not re.fullmatch(r"[!#][^\s/]{1,255}", room):
            raise SettingsError(
                f"signalbook.toml, [channels.{channel.key}]: the room is missing. "
                'Write room = "#news:example.org", or its id, which begins with !'
            )
        return Matrix(channel.key, server, room, client, access.secret(channel, secrets, "token"))


CONNECTOR = Connector()
