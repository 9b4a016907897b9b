"""A strict double of a Bluesky PDS: the part of its XRPC that a publisher needs.

Written from the lexicons ``com.atproto.repo.*``, ``com.atproto.server.createSession`` and ``app.bsky.feed.post``, the AT
Protocol's data model (DAG-CBOR, CIDs) and the network's published limits; it knows nothing of our connector. It refuses
whatever the documents do not allow, with the status and the error name that they give.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.campaign.door import Answer, Request

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}\Z")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of the test
    """An answer with an error's name."""

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = Answer.of({"error": error, "message": message}, status)


@dataclass
class Held:
    """One record as it lies in the repository."""

    collection: str
    rkey: str
    value: dict[str, Any]
    cid: str
    at: float


@dataclass
class Pds:
    """The room. ``history`` keeps every write that was accepted, in order: (when, what, uri, cid)."""

    handle: str = "team.test"
    password: str = "test-password-1"
    clock: Callable[[], float] = time.time
    sessions_per_5_min: int = 10**9
    did: str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
    records: dict[tuple[str, str], Held] = field(default_factory=dict)
    blobs: dict[str, tuple[str, int]] = field(default_factory=dict)
    history: list[tuple[float, str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._tokens: dict[str, str] = {}
        self._logins: list[float] = []
        self._next = int(self.clock() * 1_000_000)

    # --- what the campaign asks at the end -------------------------------------------------------------------------

    def held(self) -> list[Held]:
        """Every post and repost it holds, oldest first."""
        with self._lock:
            return sorted(self.records.values(), key=lambda record: record.at)

    def created(self) -> list[str]:
        """The address of every record that was ever made, also those that are gone; a repeat stands twice."""
        with self._lock:
            return [uri for _, what, uri, _ in self.history if what == "create"]

    # --- the door's side -------------------------------------------------------------------------------------------

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            try:
                return self._answer(request)
            except Refusal as refusal:
                return refusal.answer

    def _answer(self, request: Request) -> Answer:
        if not request.path.startswith("/xrpc/"):
            return Answer.of({"error": "NotFound", "message": "no such page"}, 404)
        name = request.path.removeprefix("/xrpc/")
        known = {
            "com.atproto.server.createSession": ("POST", self._session),
            "com.atproto.server.refreshSession": ("POST", self._refresh),
            "com.atproto.server.getSession": ("GET", self._who),
            "com.atproto.server.describeServer": ("GET", self._server),
            "com.atproto.identity.resolveHandle": ("GET", self._resolve),
            "com.atproto.repo.putRecord": ("POST", self._put),
            "com.atproto.repo.createRecord": ("POST", self._create),
            "com.atproto.repo.deleteRecord": ("POST", self._delete),
            "com.atproto.repo.getRecord": ("GET", self._get),
            "com.atproto.repo.listRecords": ("GET", self._list),
            "com.atproto.repo.uploadBlob": ("POST", self._blob),
        }
        if name not in known:
            raise Refusal("MethodNotImplemented", f"{name} is not part of this double", 501)
        method, act = known[name]
        if request.method != method:
            raise Refusal("InvalidRequest", f"Incorrect HTTP method ({request.method}) expected {method}", 405)
        return act(request)

    def _signed(self, request: Request, kind: str = "access") -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise Refusal("AuthMissing", "Authentication Required", 401)
        if scheme != "Bearer" or self._tokens.get(token) != kind:
            raise Refusal("InvalidToken", "Token could not be verified", 400)

    def _body(self, request: Request, needed: set[str], allowed: set[str]) -> dict[str, Any]:
        if request.mime != "application/json":
            raise Refusal("InvalidRequest", f"Wrong request encoding (Content-Type): {request.mime}")
        try:
            given = request.json()
        except ValueError:
            raise Refusal("InvalidRequest", "Unable to parse request body") from None
        if not isinstance(given, dict) or not needed <= given.keys():
            raise Refusal("InvalidRequest", f"Input must have the property {', '.join(sorted(needed))}")
        if extra := given.keys() - needed - allowed:
            raise Refusal("InvalidRequest", f"Input has unknown properties: {', '.join(sorted(extra))}")
        return given

    def _session(self, request: Request) -> Answer:
        given = self._body(request, {"identifier", "password"}, {"authFactorToken", "allowTakendown"})
        now = self.clock()
        self._logins = [at for at in self._logins if at > now - 300]
        if len(self._logins) >= self.sessions_per_5_min:
            refusal = Refusal("RateLimitExceeded", "Rate Limit Exceeded", 429)
            body, reset = refusal.answer.body, str(int(self._logins[0] + 300))
            raise _with_head(
                refusal, body, ratelimit_reset=reset, retry_after=str(int(self._logins[0] + 300 - now) + 1)
            )
        self._logins.append(now)
        if given["identifier"] not in {self.handle, self.did} or given["password"] != self.password:
            raise Refusal("AuthenticationRequired", "Invalid identifier or password", 401)
        return self._tokens_of()

    def _tokens_of(self) -> Answer:
        pair = {kind: _token(kind, self.did, self.clock()) for kind in ("access", "refresh")}
        self._tokens |= {token: kind for kind, token in pair.items()}
        return Answer.of({
            "did": self.did, "handle": self.handle, "accessJwt": pair["access"], "refreshJwt": pair["refresh"],
            "active": True,
        })  # fmt: skip

    def _refresh(self, request: Request) -> Answer:
        self._signed(request, "refresh")
        return self._tokens_of()

    def _who(self, request: Request) -> Answer:
        self._signed(request)
        return Answer.of({"did": self.did, "handle": self.handle, "active": True})

    def _server(self, request: Request) -> Answer:
        return Answer.of({"did": "did:web:localhost", "availableUserDomains": [".test"], "inviteCodeRequired": False})

    def _resolve(self, request: Request) -> Answer:
        if request.asked("handle") != self.handle:
            raise Refusal("HandleNotFound", "Unable to resolve handle")
        return Answer.of({"did": self.did})

    def _repo(self, given: str) -> None:
        if given not in {self.did, self.handle}:
            raise Refusal("InvalidRequest", f"Could not find repo: {given}")

    def _put(self, request: Request) -> Answer:
        self._signed(request)
        given = self._body(request, {"repo", "collection", "rkey", "record"}, {"validate", "swapRecord", "swapCommit"})
        self._repo(given["repo"])
        place = given["collection"], given["rkey"]
        self._valid(*place, given["record"])
        cid, current = cid_of(given["record"]), self.records.get(place)
        if current is not None and current.cid == cid:
            # The same bytes again change nothing, whatever swapRecord says.
            return Answer.of({"uri": self._uri(*place), "cid": cid, "validationStatus": "valid"})
        if "swapRecord" in given and given["swapRecord"] != (current.cid if current else None):
            raise Refusal("InvalidSwap", f"Record was at {current.cid if current else 'null'}")
        return self._write(place, given["record"], "update" if current else "create")

    def _create(self, request: Request) -> Answer:
        self._signed(request)
        given = self._body(request, {"repo", "collection", "record"}, {"rkey", "validate", "swapCommit"})
        self._repo(given["repo"])
        self._next = max(self._next + 1, int(self.clock() * 1_000_000))
        place = given["collection"], given.get("rkey") or tid(self._next)
        self._valid(*place, given["record"])
        if place in self.records:
            raise Refusal("InternalServerError", "Internal Server Error", 500)
        return self._write(place, given["record"], "create")

    def _write(self, place: tuple[str, str], record: dict[str, Any], what: str) -> Answer:
        cid, now = cid_of(record), self.clock()
        held = self.records.get(place)
        self.records[place] = Held(*place, record, cid, held.at if held else now)
        self.history.append((now, what, self._uri(*place), cid))
        commit = {"cid": cid_of({"at": len(self.history)}), "rev": tid(int(now * 1_000_000))}
        return Answer.of({"uri": self._uri(*place), "cid": cid, "commit": commit, "validationStatus": "valid"})

    def _delete(self, request: Request) -> Answer:
        self._signed(request)
        given = self._body(request, {"repo", "collection", "rkey"}, {"swapRecord", "swapCommit"})
        self._repo(given["repo"])
        place = given["collection"], given["rkey"]
        current = self.records.get(place)
        if current is None:
            return Answer.of({})
        if "swapRecord" in given and given["swapRecord"] != current.cid:
            raise Refusal("InvalidSwap", f"Record was at {current.cid}")
        del self.records[place]
        self.history.append((self.clock(), "delete", self._uri(*place), current.cid))
        return Answer.of({"commit": {"cid": current.cid, "rev": tid(int(self.clock() * 1_000_000))}})

    def _get(self, request: Request) -> Answer:
        self._repo(request.asked("repo"))
        place = request.asked("collection"), request.asked("rkey")
        held = self.records.get(place)
        if held is None or (request.asked("cid") and request.asked("cid") != held.cid):
            raise Refusal("RecordNotFound", f"Could not locate record: {self._uri(*place)}")
        return Answer.of({"uri": self._uri(*place), "cid": held.cid, "value": held.value})

    def _list(self, request: Request) -> Answer:
        self._repo(request.asked("repo"))
        limit = int(request.asked("limit", "50"))
        if not 1 <= limit <= 100:
            raise Refusal("InvalidRequest", "limit must be between 1 and 100")
        up = request.asked("reverse") == "true"
        cursor = request.asked("cursor")
        rows = sorted((held for held in self.records.values() if held.collection == request.asked("collection")),
                      key=lambda held: held.rkey, reverse=not up)  # fmt: skip
        if cursor:
            rows = [held for held in rows if (held.rkey > cursor if up else held.rkey < cursor)]
        page = rows[:limit]
        told: dict[str, Any] = {
            "records": [{"uri": self._uri(h.collection, h.rkey), "cid": h.cid, "value": h.value} for h in page]
        }
        if page:
            told["cursor"] = page[-1].rkey
        return Answer.of(told)

    def _blob(self, request: Request) -> Answer:
        self._signed(request)
        if not request.mime or not request.body:
            raise Refusal("InvalidRequest", "Request encoding (Content-Type) required but not provided")
        if len(request.body) > 52_428_800:
            raise Refusal("PayloadTooLarge", "request entity too large", 413)
        cid = _cid(0x55, request.body)
        self.blobs[cid] = request.mime, len(request.body)
        return Answer.of({"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": request.mime,
                                   "size": len(request.body)}})  # fmt: skip

    def _uri(self, collection: str, rkey: str) -> str:
        return f"at://{self.did}/{collection}/{rkey}"

    # --- the lexicon -----------------------------------------------------------------------------------------------

    def _valid(self, collection: str, rkey: str, record: Any) -> None:
        if not isinstance(record, dict) or record.get("$type") != collection:
            raise Refusal("InvalidRequest", f"Invalid $type: expected {collection}")
        if collection in {POST, REPOST} and not _TID.match(rkey):
            raise Refusal("InvalidRequest", f"Invalid record key: expected a tid, got {rkey}")
        if not _DATETIME.match(str(record.get("createdAt", ""))):
            raise Refusal("InvalidRequest", f"Invalid {collection} record: createdAt must be a datetime")
        datetime.fromisoformat(record["createdAt"])
        if collection == REPOST:
            self._strong(record.get("subject"))
            return
        if collection != POST:
            raise Refusal("InvalidRequest", f"{collection} is not part of this double")
        known = {"$type", "text", "createdAt", "facets", "reply", "embed", "langs", "labels", "tags", "entities", "via"}
        if extra := record.keys() - known:
            raise Refusal("InvalidRequest", f"unknown fields in a post: {', '.join(sorted(extra))}")
        text = record.get("text")
        if not isinstance(text, str):
            raise Refusal("InvalidRequest", "Record/text must be a string")
        size = len(text.encode())
        if size > 3000:
            raise Refusal("InvalidRequest", "Record/text must not be longer than 3000 bytes")
        if len(_GRAPHEMES().findall(text)) > 300:
            raise Refusal("InvalidRequest", "Record/text must not be longer than 300 graphemes")
        if len(record.get("langs", ())) > 3:
            raise Refusal("InvalidRequest", "Record/langs must not have more than 3 elements")
        if "reply" in record:
            self._strong(record["reply"].get("root"))
            self._strong(record["reply"].get("parent"))
        self._facets(record.get("facets", ()), text)
        if "embed" in record:
            self._embed(record["embed"])

    def _facets(self, facets: Any, text: str) -> None:
        data, end = text.encode(), 0
        for facet in sorted(facets, key=lambda facet: facet["index"]["byteStart"]):
            first, last = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            if not end <= first < last <= len(data):
                raise Refusal("InvalidRequest", "facets must lie inside the text and may not overlap")
            data[first:last].decode()
            end = last
            for feature in facet["features"]:
                needed = {"link": "uri", "mention": "did", "tag": "tag"}.get(feature["$type"].rpartition("#")[2])
                if needed is None or not isinstance(feature.get(needed), str):
                    raise Refusal("InvalidRequest", f"a facet that is none: {feature['$type']}")

    def _embed(self, embed: dict[str, Any]) -> None:
        kind = embed.get("$type", "")
        if kind == "app.bsky.embed.images":
            images = embed.get("images", ())
            if not 1 <= len(images) <= 4:
                raise Refusal("InvalidRequest", "images must not have more than 4 elements")
            for image in images:
                if not isinstance(image.get("alt"), str):
                    raise Refusal("InvalidRequest", 'Record/embed/images must have the property "alt"')
                self._stored(image.get("image"), 1_000_000, "image/")
        elif kind == "app.bsky.embed.external":
            external = embed.get("external", {})
            if not all(isinstance(external.get(name), str) for name in ("uri", "title", "description")):
                raise Refusal("InvalidRequest", "external needs uri, title and description")
            if "thumb" in external:
                self._stored(external["thumb"], 1_000_000, "image/")
        elif kind == "app.bsky.embed.record":
            self._strong(embed.get("record"))
        elif kind == "app.bsky.embed.recordWithMedia":
            self._strong(embed.get("record", {}).get("record"))
            self._embed(embed.get("media", {}))
        elif kind == "app.bsky.embed.video":
            self._stored(embed.get("video"), 100_000_000, "video/mp4")
        else:
            raise Refusal("InvalidRequest", f"unknown embed {kind}")

    def _stored(self, blob: Any, most: int, mime: str) -> None:
        link = blob.get("ref", {}).get("$link") if isinstance(blob, dict) else None
        if link not in self.blobs:
            raise Refusal("BlobNotFound", f"Could not find blob: {link}")
        if self.blobs[link] != (blob.get("mimeType"), blob.get("size")) or not blob["mimeType"].startswith(mime):
            raise Refusal("InvalidMimeType", "Referenced Mimetype does not match stored mimetype")
        if blob["size"] > most:
            raise Refusal("BlobTooLarge", f"This file is too large. It is {blob['size']} but the maximum is {most}")

    def _strong(self, ref: Any) -> None:
        if not isinstance(ref, dict) or not str(ref.get("uri", "")).startswith("at://") or not ref.get("cid"):
            raise Refusal("InvalidRequest", "a reference needs uri and cid")


def _with_head(refusal: Refusal, body: bytes, **head: str) -> Refusal:
    named = tuple((name.replace("_", "-"), said) for name, said in head.items())
    refusal.answer = Answer(refusal.answer.status, body, (("content-type", "application/json"), *named))
    return refusal


def _GRAPHEMES() -> Any:  # noqa: N802 - a constant that is made late
    import regex

    return regex.compile(r"\X")


def _token(kind: str, did: str, now: float) -> str:
    """What looks like a JWT, since clients read the expiry out of it."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"scope": f"com.atproto.{kind}", "sub": did, "iat": int(now), "exp": int(now) + 7200,
              "jti": secrets.token_hex(8)}  # fmt: skip
    return f"{part({'typ': 'at+jwt', 'alg': 'HS256'})}.{part(claims)}.{secrets.token_urlsafe(24)}"


def tid(microseconds: int) -> str:
    """A record key from an instant: 13 letters that sort by time."""
    letters, number = "234567abcdefghijklmnopqrstuvwxyz", (microseconds << 10) & (2**63 - 1)
    return "".join(letters[(number >> shift) & 31] for shift in range(60, -1, -5))


# --- DAG-CBOR, as far as records use it ------------------------------------------------------------------------------


def cid_of(value: Any) -> str:
    """The CID of a record: version 1, DAG-CBOR, SHA-256."""
    return _cid(0x71, _cbor(value))


def _cid(codec: int, data: bytes) -> str:
    raw = bytes([1, codec, 0x12, 32]) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def _cbor(value: Any) -> bytes:
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, str):
        data = value.encode()
        return _head(3, len(data)) + data
    if isinstance(value, list | tuple):
        return _head(4, len(value)) + b"".join(map(_cbor, value))
    if isinstance(value, dict):
        if value.keys() == {"$link"}:
            text = value["$link"][1:].upper()
            raw = b"\x00" + base64.b32decode(text + "=" * (-len(text) % 8))
            return b"\xd8\x2a" + _head(2, len(raw)) + raw
        if value.keys() == {"$bytes"}:
            raw = base64.b64decode(value["$bytes"] + "==")
            return _head(2, len(raw)) + raw
        pairs = sorted((name.encode(), held) for name, held in value.items())
        pairs.sort(key=lambda pair: len(pair[0]))
        return _head(5, len(pairs)) + b"".join(_head(3, len(k)) + k + _cbor(v) for k, v in pairs)
    raise Refusal("InvalidRequest", "a record may hold no number with a fraction")


def _head(major: int, size: int) -> bytes:
    first = major << 5
    if size < 24:
        return bytes([first | size])
    for extra, form, top in ((24, ">B", 2**8), (25, ">H", 2**16), (26, ">I", 2**32), (27, ">Q", 2**64)):
        if size < top:
            return bytes([first | extra]) + struct.pack(form, size)
    raise Refusal("InvalidRequest", "a number too large for a record")
