"""A strict double of a Mastodon server: the part of its API that a publisher needs.

Written from docs.joinmastodon.org (methods statuses, media, accounts, instance; rate limits) and apart from our connector.
The idempotency key is kept for one hour of the clock it is given, as documented, and no longer; it is noted after the
status was made, so that a repeat that overtakes the first request makes a second status, as on the real server.
"""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.campaign.door import Answer, Request

KEPT_S = 3600
URL = re.compile(r"https?://[^\s<]+[^\s<.,;:!?)]")


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of the test
    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.answer = Answer.of({"error": message}, status)


@dataclass
class Status:
    """One status as the server keeps it."""

    id: str
    text: str
    at: float
    key: str = ""
    visibility: str = "public"
    spoiler: str = ""
    sensitive: bool = False
    language: str = ""
    reply: str = ""
    media: tuple[str, ...] = ()
    poll: tuple[str, ...] = ()
    reblog: str = ""
    edited: float = 0.0


@dataclass
class Mastodon:
    """The room. ``history`` keeps every change that was accepted, in order: (when, what, id, text)."""

    token: str = "token-1"
    account: str = "team"
    url: str = "https://social.test"
    clock: Callable[[], float] = time.time
    kept_s: float = KEPT_S
    most: int = 500
    statuses: dict[str, Status] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[tuple[float, str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._keys: dict[str, tuple[float, str]] = {}
        self._last = 0

    # --- what the campaign asks at the end -------------------------------------------------------------------------

    def held(self) -> list[Status]:
        """Every status it holds, oldest first."""
        with self._lock:
            return sorted(self.statuses.values(), key=lambda status: int(status.id))

    def created(self) -> list[str]:
        """The text of every status that was ever made, also of those that are gone."""
        with self._lock:
            return [text for _, what, _, text in self.history if what == "create"]

    # --- the door's side -------------------------------------------------------------------------------------------

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            try:
                return self._answer(request)
            except Refusal as refusal:
                return refusal.answer

    def _answer(self, request: Request) -> Answer:
        ask = f"{request.method} {request.path}"
        for pattern, act, public in (
            (r"POST /api/v1/statuses\Z", self._post, False),
            (r"GET /api/v1/statuses/(\d+)\Z", self._one, True),
            (r"PUT /api/v1/statuses/(\d+)\Z", self._edit, False),
            (r"DELETE /api/v1/statuses/(\d+)\Z", self._delete, False),
            (r"GET /api/v1/statuses/(\d+)/source\Z", self._source, False),
            (r"POST /api/v1/statuses/(\d+)/reblog\Z", self._reblog, False),
            (r"POST /api/v[12]/media\Z", self._media, False),
            (r"GET /api/v1/media/(\d+)\Z", self._medium, False),
            (r"PUT /api/v1/media/(\d+)\Z", self._describe, False),
            (r"GET /api/v1/accounts/verify_credentials\Z", self._me, False),
            (r"GET /api/v1/accounts/(\d+)/statuses\Z", self._list, True),
            (r"GET /api/v2/instance\Z", self._instance, True),
            (r"GET /api/v1/instance\Z", self._instance, True),
        ):
            if found := re.match(pattern, ask):
                if not public or "authorization" in request.headers:
                    self._signed(request)
                return act(request, *found.groups())
        raise Refusal("Record not found", 404)

    def _signed(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refusal("The access token is invalid", 401)

    def _given(self, request: Request) -> dict[str, Any]:
        """A form's fields or a JSON body as one mapping; ``a[]`` and JSON's ``a`` are the same list."""
        try:
            if request.mime == "application/json":
                given = dict(request.json())
                poll = given.pop("poll", None) or {}
                return given | {f"poll[{name}]": value for name, value in poll.items()}
            found: dict[str, Any] = {}
            for name, value in request.form() if request.body else []:
                if name.endswith("[]"):
                    found.setdefault(name.removesuffix("[]"), []).append(value)
                else:
                    found[name] = value
        except (ValueError, KeyError) as error:
            raise Refusal(f"Error occurred while parsing request parameters: {error}", 400) from None
        return found

    def _id(self) -> str:
        self._last = max(self._last + 1, int(self.clock() * 1000) << 16)
        return str(self._last)

    def _post(self, request: Request) -> Answer:
        given = self._given(request)
        known = {
            "status", "media_ids", "poll[options]", "poll[expires_in]", "poll[multiple]", "poll[hide_totals]",
            "in_reply_to_id", "sensitive", "spoiler_text", "visibility", "language", "scheduled_at",
            "quoted_status_id", "quote_approval_policy",
        }  # fmt: skip
        if extra := given.keys() - known:
            raise Refusal(f"not part of this request: {', '.join(sorted(extra))}", 400)
        key = request.headers.get("idempotency-key", "")
        noted = self._keys.get(key) if key else None
        if noted and self.clock() - noted[0] < self.kept_s:
            if noted[1] not in self.statuses:
                raise Refusal("Record not found", 404)
            return Answer.of(self._shown(self.statuses[noted[1]]))
        text = str(given.get("status", "")).strip()
        media = tuple(map(str, given.get("media_ids") or ()))
        poll = tuple(map(str, given.get("poll[options]") or ()))
        self._check(text, media, poll, given)
        if given.get("in_reply_to_id") and str(given["in_reply_to_id"]) not in self.statuses:
            raise Refusal("Record not found", 404)
        if "scheduled_at" in given:
            raise Refusal("Validation failed: Scheduled at The scheduled date must be in the future")
        status = Status(
            self._id(), text, self.clock(), key, str(given.get("visibility") or "public"),
            str(given.get("spoiler_text") or ""), str(given.get("sensitive")).lower() == "true",
            str(given.get("language") or "en"), str(given.get("in_reply_to_id") or ""), media, poll,
        )  # fmt: skip
        if status.visibility not in {"public", "unlisted", "private", "direct"}:
            raise Refusal("'visibility' is not a valid visibility")
        self.statuses[status.id] = status
        for number in media:
            self.media[number]["status"] = status.id
        self.history.append((status.at, "create", status.id, text))
        if key:
            self._keys[key] = self.clock(), status.id
        return Answer.of(self._shown(status))

    def _check(self, text: str, media: tuple[str, ...], poll: tuple[str, ...], given: dict[str, Any]) -> None:
        if not text and not media:
            raise Refusal("Validation failed: Text can't be blank")
        if media and poll:
            raise Refusal("Validation failed: cannot attach media to a status with a poll")
        if poll and (not 2 <= len(poll) <= 4 or not 300 <= int(given.get("poll[expires_in]") or 0) <= 2_629_746):
            raise Refusal("Validation failed: Poll options or duration out of range")
        counted = URL.sub("x" * 23, text)
        if len(counted) + len(str(given.get("spoiler_text") or "")) > self.most:
            raise Refusal(f"Validation failed: Text character limit of {self.most} exceeded")
        if len(media) > 4:
            raise Refusal("Validation failed: Cannot attach more than 4 files")
        for number in media:
            held = self.media.get(number)
            if held is None or held["status"] not in {"", given.get("id", "")}:
                raise Refusal("Validation failed: Media attachment not found or already used")

    def _one(self, request: Request, number: str) -> Answer:
        return Answer.of(self._shown(self._found(number)))

    def _found(self, number: str) -> Status:
        if number not in self.statuses:
            raise Refusal("Record not found", 404)
        return self.statuses[number]

    def _source(self, request: Request, number: str) -> Answer:
        status = self._found(number)
        return Answer.of({"id": status.id, "text": status.text, "spoiler_text": status.spoiler})

    def _edit(self, request: Request, number: str) -> Answer:
        status, given = self._found(number), self._given(request)
        attributes = {name for name in given if name.startswith("media_attributes")}
        known = {"status", "spoiler_text", "sensitive", "language", "media_ids", "poll[options]", "poll[expires_in]",
                 "poll[multiple]", "poll[hide_totals]", "quote_approval_policy"}  # fmt: skip
        if extra := given.keys() - known - attributes:
            raise Refusal(f"not part of this request: {', '.join(sorted(extra))}", 400)
        media = tuple(map(str, given.get("media_ids") or ()))
        text = str(given.get("status", "")).strip()
        self._check(text, media, tuple(given.get("poll[options]") or ()), given | {"id": number})
        status.text, status.media, status.edited = text, media, self.clock()
        status.spoiler = str(given.get("spoiler_text") or "")
        self.history.append((status.edited, "edit", number, text))
        return Answer.of(self._shown(status))

    def _delete(self, request: Request, number: str) -> Answer:
        status = self._found(number)
        del self.statuses[number]
        self.history.append((self.clock(), "delete", number, status.text))
        return Answer.of(self._shown(status) | {"text": status.text})

    def _reblog(self, request: Request, number: str) -> Answer:
        self._found(number)
        for status in self.statuses.values():
            if status.reblog == number:
                raise Refusal("Validation failed: Reblog of status already exists")
        status = Status(self._id(), "", self.clock(), reblog=number)
        self.statuses[status.id] = status
        self.history.append((status.at, "create", status.id, f"reblog {number}"))
        return Answer.of(self._shown(status))

    def _media(self, request: Request) -> Answer:
        if request.mime != "multipart/form-data":
            raise Refusal("Validation failed: File can't be blank")
        given = self._given(request)
        if not isinstance(given.get("file"), bytes) or not given["file"]:
            raise Refusal("Validation failed: File can't be blank")
        description = str(given.get("description") or "")
        if len(description) > 1500:
            raise Refusal("Validation failed: Description is too long")
        number = self._id()
        self.media[number] = {"id": number, "description": description, "size": len(given["file"]), "status": ""}
        return Answer.of(self._medium_shown(number))

    def _medium(self, request: Request, number: str) -> Answer:
        if number not in self.media:
            raise Refusal("Record not found", 404)
        return Answer.of(self._medium_shown(number))

    def _describe(self, request: Request, number: str) -> Answer:
        if number not in self.media or self.media[number]["status"]:
            raise Refusal("Record not found", 404)
        self.media[number]["description"] = str(self._given(request).get("description") or "")
        return Answer.of(self._medium_shown(number))

    def _medium_shown(self, number: str) -> dict[str, Any]:
        held = self.media[number]
        return {"id": number, "type": "image", "url": f"{self.url}/media/{number}.png", "preview_url": None,
                "remote_url": None, "meta": {}, "description": held["description"] or None, "blurhash": None}  # fmt: skip

    def _me(self, request: Request) -> Answer:
        return Answer.of(self._account() | {"source": {"privacy": "public", "language": "en"}})

    def _account(self) -> dict[str, Any]:
        return {"id": "1", "username": self.account, "acct": self.account, "display_name": self.account, "bot": False,
                "locked": False, "url": f"{self.url}/@{self.account}", "followers_count": 0, "following_count": 0,
                "statuses_count": len(self.statuses), "created_at": "2026-01-01T00:00:00.000Z"}  # fmt: skip

    def _list(self, request: Request, number: str) -> Answer:
        if number != "1":
            raise Refusal("Record not found", 404)
        limit = min(int(request.asked("limit", "20")), 40)
        rows = sorted(self.statuses.values(), key=lambda status: int(status.id), reverse=True)
        if request.asked("exclude_replies") in {"true", "1"}:
            rows = [row for row in rows if not row.reply]
        if request.asked("exclude_reblogs") in {"true", "1"}:
            rows = [row for row in rows if not row.reblog]
        if below := request.asked("max_id"):
            rows = [row for row in rows if int(row.id) < int(below)]
        if above := request.asked("since_id"):
            rows = [row for row in rows if int(row.id) > int(above)]
        if least := request.asked("min_id"):
            rows = [row for row in rows if int(row.id) > int(least)][-limit:]
        page = rows[:limit]
        link = f'<{self.url}{request.path}?max_id={page[-1].id}>; rel="next"' if page else ""
        return Answer.of([self._shown(row) for row in page], **({"link": link} if link else {}))

    def _instance(self, request: Request) -> Answer:
        limits = {
            "statuses": {"max_characters": self.most, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            "media_attachments": {"description_limit": 1500, "image_size_limit": 16_777_216,
                                  "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"]},
            "polls": {"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300,
                      "max_expiration": 2_629_746},
        }  # fmt: skip
        return Answer.of({"domain": "social.test", "uri": "social.test", "title": "a double", "version": "4.5.0",
                          "languages": ["en"], "configuration": limits, "api_versions": {"mastodon": 7}})  # fmt: skip

    def _shown(self, status: Status) -> dict[str, Any]:
        address = f"{self.url}/@{self.account}/{status.id}"
        return {
            "id": status.id, "created_at": _time(status.at), "edited_at": _time(status.edited) if status.edited else None,
            "in_reply_to_id": status.reply or None, "in_reply_to_account_id": "1" if status.reply else None,
            "sensitive": status.sensitive or bool(status.spoiler), "spoiler_text": status.spoiler,
            "visibility": status.visibility, "language": status.language,
            "uri": f"{self.url}/users/{self.account}/statuses/{status.id}", "url": address,
            "replies_count": 0, "reblogs_count": 0, "favourites_count": 0, "quotes_count": 0,
            "content": rendered(status.text), "account": self._account(),
            "reblog": self._shown(self.statuses[status.reblog]) if status.reblog in self.statuses else None,
            "media_attachments": [self._medium_shown(number) for number in status.media],
            "mentions": [], "tags": [], "emojis": [], "card": None,
            "poll": {"id": status.id, "options": [{"title": o, "votes_count": 0} for o in status.poll],
                     "expired": False, "multiple": False, "votes_count": 0} if status.poll else None,
            "application": {"name": "double", "website": None},
        }  # fmt: skip


def rendered(text: str) -> str:
    """Plain text as the server shows it: paragraphs, breaks, links and hashtags in HTML."""

    def link(found: re.Match[str]) -> str:
        address = found.group()
        scheme, _, rest = address.partition("://")
        head, tail = rest[:30], rest[30:]
        more = "ellipsis" if tail else ""
        return (f'<a href="{address}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">'
                f'{scheme}://</span><span class="{more}">{head}</span><span class="invisible">{tail}</span></a>')  # fmt: skip

    def tagged(line: str) -> str:
        return re.sub(
            r"(?<![\w/&])#(\w*[^\W\d]\w*)",
            lambda tag: f'<a href="https://social.test/tags/{tag[1].lower()}" class="mention hashtag" rel="tag">'
            f"#<span>{tag[1]}</span></a>", line)  # fmt: skip

    def words(part: str) -> str:
        out, end = "", 0
        safe = html.escape(part, quote=True)
        for found in URL.finditer(safe):
            out += tagged(safe[end : found.start()]) + link(found)
            end = found.end()
        return out + tagged(safe[end:])

    return "".join(
        f"<p>{words(part).replace(chr(10), '<br />')}</p>" for part in re.split(r"\n{2,}", text.strip()) if part
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
