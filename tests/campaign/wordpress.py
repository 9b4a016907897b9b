"""A strict double of a WordPress site: the part of its REST API that a publisher needs.

Written from developer.wordpress.org/rest-api/reference (posts, media, users, categories, tags) and apart from our
connector. A slug that is taken gets ``-2`` behind it, and nothing is refused: that is the trap. Meta that nobody
registered is dropped without a word, as on a site as it comes out of the box.
"""

from __future__ import annotations

import base64
import re
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.campaign.door import Answer, Request

STATUSES = ("publish", "future", "draft", "pending", "private", "trash")
FIELDS = frozenset({
    "date", "date_gmt", "slug", "status", "password", "title", "content", "author", "excerpt", "featured_media",
    "comment_status", "ping_status", "format", "meta", "sticky", "template", "categories", "tags",
})  # fmt: skip


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of the test
    def __init__(self, code: str, message: str, status: int, **more: object) -> None:
        super().__init__(message)
        self.answer = Answer.of({"code": code, "message": message, "data": {"status": status, **more}}, status)


@dataclass
class Entry:
    """One post as the site keeps it."""

    id: int
    at: float
    slug: str
    status: str
    title: str
    content: str
    excerpt: str = ""
    featured: int = 0
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
    date_gmt: str = ""
    modified_gmt: str = ""


@dataclass
class WordPress:
    """The room. ``history`` keeps every change that was accepted, in order: (when, what, id, slug)."""

    user: str = "editor"
    password: str = "abcd efgh ijkl mnop"
    url: str = "https://blog.test"
    registered: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.time
    entries: dict[int, Entry] = field(default_factory=dict)
    media: dict[int, dict[str, Any]] = field(default_factory=dict)
    terms: dict[str, dict[int, str]] = field(default_factory=lambda: {"categories": {1: "Uncategorized"}, "tags": {}})
    history: list[tuple[float, str, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._last = 10

    # --- what the campaign asks at the end -------------------------------------------------------------------------

    def held(self) -> list[Entry]:
        """Every post it holds outside the bin, oldest first."""
        with self._lock:
            return [entry for entry in self.entries.values() if entry.status != "trash"]

    def created(self) -> list[str]:
        """The slug of every post that was ever made, also of those that are gone."""
        with self._lock:
            return [slug for _, what, _, slug in self.history if what == "create"]

    # --- the door's side -------------------------------------------------------------------------------------------

    def __call__(self, request: Request) -> Answer:
        with self._lock:
            try:
                return self._answer(request)
            except Refusal as refusal:
                return refusal.answer

    def _answer(self, request: Request) -> Answer:
        path = request.path
        if path.startswith("/index.php") or (path == "/" and request.asked("rest_route")):
            path = "/wp-json" + request.asked("rest_route")
        ask = f"{request.method} {path.rstrip('/')}"
        for pattern, act in (
            (r"GET /wp-json/wp/v2/posts\Z", self._list),
            (r"POST /wp-json/wp/v2/posts\Z", self._create),
            (r"GET /wp-json/wp/v2/posts/(\d+)\Z", self._one),
            (r"(?:POST|PUT|PATCH) /wp-json/wp/v2/posts/(\d+)\Z", self._update),
            (r"DELETE /wp-json/wp/v2/posts/(\d+)\Z", self._delete),
            (r"POST /wp-json/wp/v2/media\Z", self._media),
            (r"GET /wp-json/wp/v2/media\Z", self._pictures),
            (r"(?:POST|PUT|PATCH) /wp-json/wp/v2/media/(\d+)\Z", self._medium),
            (r"GET /wp-json/wp/v2/users/me\Z", self._me),
            (r"GET /wp-json/wp/v2/(categories|tags)\Z", self._terms),
            (r"POST /wp-json/wp/v2/(categories|tags)\Z", self._term),
            (r"GET /wp-json\Z", self._root),
        ):
            if found := re.match(pattern, ask):
                return act(request, *found.groups())
        raise Refusal("rest_no_route", "No route was found matching the URL and request method.", 404)

    def _is_signed(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if not given:
            return False
        try:
            user, _, password = base64.b64decode(given).decode().partition(":")
        except ValueError:
            user = password = ""
        if scheme != "Basic" or user != self.user or password.replace(" ", "") != self.password.replace(" ", ""):
            raise Refusal("incorrect_password", "The provided password is an invalid application password.", 401)
        return True

    def _signed(self, request: Request) -> None:
        if not self._is_signed(request):
            raise Refusal("rest_cannot_create", "Sorry, you are not allowed to create posts as this user.", 401)

    def _given(self, request: Request) -> dict[str, Any]:
        try:
            if request.mime == "application/json":
                given = request.json()
            elif request.mime == "application/x-www-form-urlencoded":
                given = dict(request.form())
            else:
                given = {}
        except ValueError:
            raise Refusal("rest_invalid_json", "Invalid JSON body passed.", 400) from None
        if not isinstance(given, dict):
            raise Refusal("rest_invalid_json", "Invalid JSON body passed.", 400)
        if extra := given.keys() - FIELDS - {"alt_text", "caption", "description", "post", "force"}:
            raise Refusal("rest_invalid_param", f"Not in the reference: {', '.join(sorted(extra))}", 400)
        return given

    def _create(self, request: Request) -> Answer:
        self._signed(request)
        given = self._given(request)
        title, content = _raw(given.get("title")), _raw(given.get("content"))
        if not title and not content and not _raw(given.get("excerpt")):
            raise Refusal("empty_content", "Content, title, and excerpt are empty.", 400)
        self._last += 1
        entry = Entry(self._last, self.clock(), "", "draft", title, content)
        entry.date_gmt = _time(entry.at)
        self._fill(entry, given, fresh=True)
        self.entries[entry.id] = entry
        self.history.append((entry.at, "create", entry.id, entry.slug))
        return Answer.of(self._shown(entry, edit=True), 201, location=f"{self.url}/wp-json/wp/v2/posts/{entry.id}")

    def _fill(self, entry: Entry, given: dict[str, Any], *, fresh: bool) -> None:
        entry.modified_gmt = _time(self.clock())
        if "status" in given:
            if given["status"] not in STATUSES[:-1]:
                raise Refusal("rest_invalid_param", "Invalid parameter(s): status", 400)
            entry.status = given["status"]
        for name in ("title", "content", "excerpt"):
            if name in given:
                setattr(entry, name, _raw(given[name]))
        for name in ("categories", "tags"):
            if name in given:
                numbers = tuple(int(number) for number in given[name])
                for number in numbers:
                    if number not in self.terms[name]:
                        raise Refusal("rest_invalid_term_id", "Invalid term ID.", 400)
                setattr(entry, name, numbers)
        if given.get("featured_media"):
            if int(given["featured_media"]) not in self.media:
                raise Refusal("rest_invalid_featured_media", "Invalid featured media ID.", 400)
            entry.featured = int(given["featured_media"])
        if given.get("date_gmt"):
            try:
                when = datetime.fromisoformat(str(given["date_gmt"]).rstrip("Z")).replace(tzinfo=UTC)
            except ValueError:
                raise Refusal("rest_invalid_param", "Invalid parameter(s): date_gmt", 400) from None
            entry.date_gmt = when.strftime("%Y-%m-%dT%H:%M:%S")
            if entry.status in {"publish", "future"}:
                entry.status = "future" if when.timestamp() > self.clock() + 60 else "publish"
        elif entry.status == "future":
            entry.status = "publish"
        entry.meta |= {name: value for name, value in (given.get("meta") or {}).items() if name in self.registered}
        if fresh or "slug" in given:
            wanted = slugged(str(given.get("slug") or "")) or slugged(entry.title) or str(entry.id)
            entry.slug = self._free(wanted, entry.id)

    def _free(self, wanted: str, number: int) -> str:
        taken = {entry.slug for entry in self.entries.values() if entry.id != number}
        slug, count = wanted, 2
        while slug in taken:
            slug, count = f"{wanted}-{count}", count + 1
        return slug

    def _found(self, request: Request, number: str) -> Entry:
        entry = self.entries.get(int(number))
        if entry is None:
            raise Refusal("rest_post_invalid_id", "Invalid post ID.", 404)
        if entry.status != "publish" and not self._is_signed(request):
            raise Refusal("rest_forbidden", "Sorry, you are not allowed to do that.", 401)
        return entry

    def _one(self, request: Request, number: str) -> Answer:
        edit = request.asked("context") == "edit"
        if edit:
            self._signed(request)
        return Answer.of(self._shown(self._found(request, number), edit=edit))

    def _update(self, request: Request, number: str) -> Answer:
        self._signed(request)
        entry = self._found(request, number)
        self._fill(entry, self._given(request), fresh=False)
        self.history.append((self.clock(), "update", entry.id, entry.slug))
        return Answer.of(self._shown(entry, edit=True))

    def _delete(self, request: Request, number: str) -> Answer:
        self._signed(request)
        entry = self._found(request, number)
        before = self._shown(entry, edit=True)
        if request.asked("force") in {"true", "1"}:
            del self.entries[entry.id]
            self.history.append((self.clock(), "delete", entry.id, entry.slug))
            return Answer.of({"deleted": True, "previous": before})
        if entry.status == "trash":
            raise Refusal("rest_already_trashed", "The post has already been deleted.", 410)
        entry.status, entry.slug = "trash", f"{entry.slug}__trashed"
        self.history.append((self.clock(), "trash", entry.id, entry.slug))
        return Answer.of(self._shown(entry, edit=True))

    def _list(self, request: Request) -> Answer:
        wanted: dict[str, list[str]] = {}
        for name, value in request.query:
            wanted.setdefault(name.removesuffix("[]"), []).extend(part for part in value.split(",") if part)
        signed = self._is_signed(request)
        statuses = set(wanted.get("status", ["publish"]))
        if not statuses <= {*STATUSES, "any"} or (not signed and statuses != {"publish"}):
            raise Refusal("rest_invalid_param", "Invalid parameter(s): status", 400)
        edit = request.asked("context") == "edit"
        if edit:
            self._signed(request)
        per_page, page = int(request.asked("per_page", "10")), int(request.asked("page", "1"))
        if not 1 <= per_page <= 100:
            raise Refusal("rest_invalid_param", "Invalid parameter(s): per_page", 400)
        rows = [entry for entry in self.entries.values() if entry.status in statuses
                or ("any" in statuses and entry.status != "trash")]  # fmt: skip
        if "slug" in wanted:
            rows = [entry for entry in rows if entry.slug in {slugged(slug) for slug in wanted["slug"]}]
        if term := request.asked("search").lower():
            rows = [entry for entry in rows if term in entry.title.lower() or term in entry.content.lower()]
        if after := request.asked("after"):
            edge = datetime.fromisoformat(after)
            edge = edge if edge.tzinfo else edge.replace(tzinfo=UTC)
            rows = [entry for entry in rows if datetime.fromisoformat(entry.date_gmt).replace(tzinfo=UTC) > edge]
        by = "modified_gmt" if request.asked("orderby") == "modified" else "date_gmt"
        rows.sort(key=lambda entry: (getattr(entry, by), entry.id), reverse=request.asked("order", "desc") == "desc")
        pages = -(-len(rows) // per_page)
        if page > max(pages, 1):
            raise Refusal("rest_post_invalid_page_number", "The page number requested is larger than the number of pages "
                          "available.", 400)  # fmt: skip
        shown = [self._shown(entry, edit=edit) for entry in rows[(page - 1) * per_page : page * per_page]]
        return Answer.of(shown, X_WP_Total=str(len(rows)), X_WP_TotalPages=str(pages))

    def _media(self, request: Request) -> Answer:
        self._signed(request)
        if request.mime == "multipart/form-data":
            data = next((value for _, value in request.form() if isinstance(value, bytes)), b"")
            name = (re.search(rb'filename="([^"]+)"', request.body) or [b"", b""])[1].decode()
        else:
            found = re.search(r'filename="?([^";]+)', request.headers.get("content-disposition", ""))
            data, name = request.body, found[1] if found else ""
            if not name:
                raise Refusal("rest_upload_no_content_disposition", "No Content-Disposition supplied.", 400)
        if not data:
            raise Refusal("rest_upload_no_data", "No data supplied.", 400)
        self._last += 1
        slug = slugged(request.asked("slug") or name.rpartition(".")[0])
        self.media[self._last] = {"size": len(data), "slug": slug, "name": name, "alt": request.asked("alt_text")}
        return Answer.of(self._picture(self._last), 201)

    def _picture(self, number: int) -> dict[str, Any]:
        held = self.media[number]
        return {"id": number, "slug": held["slug"], "media_type": "image", "alt_text": held["alt"],
                "source_url": f"{self.url}/wp-content/uploads/{held['name']}", "media_details": {"sizes": {}}}  # fmt: skip

    def _pictures(self, request: Request) -> Answer:
        wanted = request.asked("slug")
        found = [number for number, held in self.media.items() if not wanted or held["slug"] == wanted]
        return Answer.of([self._picture(number) for number in found])

    def _medium(self, request: Request, number: str) -> Answer:
        self._signed(request)
        if int(number) not in self.media:
            raise Refusal("rest_post_invalid_id", "Invalid post ID.", 404)
        given = self._given(request)
        self.media[int(number)]["alt"] = _raw(given.get("alt_text"))
        return Answer.of(self._picture(int(number)))

    def _me(self, request: Request) -> Answer:
        if not self._is_signed(request):
            raise Refusal("rest_not_logged_in", "You are not currently logged in.", 401)
        may = {"edit_posts": True, "publish_posts": True, "upload_files": True}
        return Answer.of({"id": 2, "name": self.user, "slug": self.user, "roles": ["editor"], "capabilities": may})

    def _terms(self, request: Request, kind: str) -> Answer:
        wanted, term = request.asked("slug"), request.asked("search").lower()
        rows = [{"id": number, "name": name, "slug": slugged(name), "taxonomy": kind}
                for number, name in self.terms[kind].items()
                if (not wanted or slugged(name) == wanted) and (not term or term in name.lower())]  # fmt: skip
        return Answer.of(rows, X_WP_Total=str(len(rows)), X_WP_TotalPages="1")

    def _term(self, request: Request, kind: str) -> Answer:
        self._signed(request)
        name = str(request.json().get("name") or "")
        for number, held in self.terms[kind].items():
            if slugged(held) == slugged(name):
                message = "A term with the name provided already exists with this parent."
                raise Refusal("term_exists", message, 400, term_id=number)
        self._last += 1
        self.terms[kind][self._last] = name
        return Answer.of({"id": self._last, "name": name, "slug": slugged(name), "taxonomy": kind}, 201)

    def _root(self, request: Request) -> Answer:
        return Answer.of({"name": "a double", "url": self.url, "home": self.url, "gmt_offset": 0, "timezone_string": "",
                          "namespaces": ["wp/v2"], "authentication": {"application-passwords": {}}})  # fmt: skip

    def _shown(self, entry: Entry, *, edit: bool) -> dict[str, Any]:
        def text(raw: str, *, html: bool = False) -> dict[str, Any]:
            shown = raw if html else raw.replace("&", "&#038;").replace("'", "&#8217;")
            return {"rendered": shown} | ({"raw": raw} if edit else {})

        return {
            "id": entry.id, "date": entry.date_gmt, "date_gmt": entry.date_gmt, "modified_gmt": entry.modified_gmt,
            "slug": entry.slug, "status": entry.status, "type": "post", "link": f"{self.url}/{entry.slug}/",
            "title": text(entry.title), "content": text(entry.content, html=True) | {"protected": False},
            "excerpt": text(entry.excerpt, html=True), "author": 2, "featured_media": entry.featured,
            "categories": list(entry.categories or (1,)), "tags": list(entry.tags), "meta": dict(entry.meta),
            "format": "standard", "sticky": False, "comment_status": "open", "ping_status": "open",
        }  # fmt: skip


def slugged(text: str) -> str:
    """As the site makes a slug of a title."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:200]


def _raw(value: Any) -> str:
    return str(value.get("raw", "")) if isinstance(value, dict) else str(value or "")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
