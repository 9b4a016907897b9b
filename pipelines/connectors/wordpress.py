"""WordPress over its REST API with an application password: posts with pictures, terms, a time; amended, taken down, counted.

A post is made in two steps, and only the second makes it public: a draft with our mark, then «publish» on that draft, which
can be said any number of times. Our mark is an HTML comment with the delivery's digest in the text: the server keeps it,
its search finds it, readers never see it. Whoever comes second finds the draft or the post of the first and goes on with
it; so a repeat publishes nothing twice, for good.

Handbook: developer.wordpress.org/rest-api/reference/posts, /media, /categories, /tags, /comments.
"""

from __future__ import annotations

import base64
import html
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from pipelines import access, answers, pagetext
from pipelines.services import Absence, Ask, Attached, Item, Listen, Repeats, Secrets, Sent, Told, Trial
from signalbook import hypertext
from signalbook.classes import dataclass
from signalbook.errors import ConnectorError, Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.records import Mention, Reading, digest

if TYPE_CHECKING:
    from pipelines.http import Answer, Client
    from signalbook.settings import Channel

EVERY = timedelta(minutes=15)
"""So often comments are asked for when nobody says how often."""
STATES = "publish,future,draft,pending,private,trash"
"""Every state a post of ours can be in; ``any`` would leave out the trash."""
PUBLIC = ("publish", "future", "private")
"""States of a post that was published, or will be by the service."""
PAGES = 10
"""So many pages of a hundred terms are read; a site with more has to be told by slug."""
RECENT = 30
"""So many posts that changed last are looked at, for a site whose search was replaced."""


# --- the pure half ---------------------------------------------------------------------------------------------------


def mark(key: str) -> str:
    """The comment by which a delivery's post is found again."""
    return f"signalbook-{digest('wordpress', key)}"


def slug_of(item: Item) -> str:
    """The post's slug: the one its options ask for, else from the delivery's key; small letters, digits and dashes."""
    asked = str(item.options.get("slug") or "").strip()
    if asked:
        return re.sub(r"[^\w-]+", "-", asked.lower()).strip("-")
    post = item.key.partition("/")[0]
    return re.sub(r"[^a-z0-9]+", "-", post.lower()).strip("-")


def body_of(item: Item, pictures: Mapping[str, str], figures: Iterable[str] = ()) -> str:
    """The content: one block of HTML, so that the server adds no paragraphs of its own, with our mark at its end."""
    written = hypertext.render(item.text, pictures=pictures) if item.text else hypertext.sanitise(item.html)
    inside = "\n".join([written, *figures, f"<!-- {mark(item.key)} -->"])
    return f"<!-- wp:html -->\n{inside}\n<!-- /wp:html -->"


def figure(one: Attached, url: str) -> str:
    """A picture, film or sound below the text."""
    source, alt = html.escape(url), html.escape(one.alt)
    if one.mime.startswith("video/"):
        return f'<figure class="wp-block-video"><video controls src="{source}" title="{alt}"></video></figure>'
    if one.mime.startswith("audio/"):
        return f'<figure class="wp-block-audio"><audio controls src="{source}" title="{alt}"></audio></figure>'
    return f'<figure class="wp-block-image"><img src="{source}" alt="{alt}"></figure>'


def named_in(text: str) -> dict[str, list[str]]:
    """File name → the addresses under which the copy shows it, e.g. ``door.jpg`` → ``media/door.jpg``."""
    found: dict[str, list[str]] = {}
    for address in re.findall(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)", text):
        found.setdefault(address.rsplit("/", 1)[-1], []).append(address)
    return found


def media_slug(one: Attached) -> str:
    """A file's name on the site: from its bytes and its alternative text, so that the same one is put there once."""
    return f"sb-{digest(one.digest or digest(one.data.hex()), one.alt)[:24]}"


def decode(post: Mapping[str, Any]) -> Sent:
    """The service's post as our answer. A planned one has only its short address yet."""
    facts = {"status": str(post.get("status", "")), "slug": str(post.get("slug", ""))}
    at = _instant(post.get("date_gmt"))
    return Sent(
        str(post["id"]), str(post.get("link") or ""), at, {name: value for name, value in facts.items() if value}
    )


def comment_in(address: str) -> int:
    """The comment that an address leads to; 0 for none."""
    found = re.search(r"#comment-([0-9]{1,15})\Z", address)
    return int(found[1]) if found else 0


def _comment(row: Mapping[str, Any]) -> Sent:
    """The service's comment as our answer."""
    return Sent(str(whole(row.get("id"))), answers.address(row.get("link")), _instant(row.get("date_gmt")),
                {"status": answers.text(row.get("status"), most=40)})  # fmt: skip


def whole(value: object) -> int:
    """An id as the service gives it; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def whole_text(value: object) -> int:
    """A number that was written as text; 0 for what is none."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else 0


def _hides_states(found: object) -> bool:
    """Whether the service says that whoever asks may not see drafts; it calls that a wrong parameter."""
    details = found.get("data") if isinstance(found, dict) and found.get("code") == "rest_invalid_param" else None
    return isinstance(details, dict) and "status" in (details.get("params") or ())


def _instant(written: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(written)).replace(tzinfo=UTC)
    except ValueError:
        return None


def moment_of(item: Item) -> datetime | None:
    """The time at which the service itself is to show the post; ``None`` for at once.

    Raises:
        ValueError: ``date`` is no instant with a zone.
    """
    asked = item.options.get("date")
    if not asked:
        return None
    found = asked if isinstance(asked, datetime) else datetime.fromisoformat(str(asked))
    if found.tzinfo is None:
        raise ValueError("no zone")
    return found.astimezone(UTC)


def texts(value: object) -> tuple[str, ...]:
    """One word or several, as the options write them."""
    if isinstance(value, list | tuple):
        return tuple(str(one).strip() for one in value if str(one).strip())
    return (str(value).strip(),) if value and str(value).strip() else ()


def first_ours(posts: Iterable[Mapping[str, Any]], key: str) -> Mapping[str, Any] | None:
    """Of the posts with our mark the one that counts: a public one, then one in the trash, then the oldest draft."""
    ours = [post for post in posts if mark(key) in str((post.get("content") or {}).get("raw", ""))]

    def rank(post: Mapping[str, Any]) -> tuple[int, int]:
        state = post.get("status")
        return 0 if state in PUBLIC else 1 if state == "trash" else 2, int(post["id"])

    return min(ours, key=rank, default=None)


KINDS = ("comment", "pingback", "trackback")
"""What people leave below a post themselves, and what other sites leave when they link to it."""


def heard(comment: Mapping[str, Any], channel: str, site: str, now: datetime) -> Mention | None:
    """A comment, or a link from another site, as a mention; ``None`` for what is neither."""
    number = whole(comment.get("id"))
    kind = comment.get("type")
    if not number or not isinstance(kind, str) or kind not in KINDS:
        return None
    text, links = pagetext.words(
        answers.text(answers.table(comment.get("content")).get("rendered"), most=pagetext.MOST)
    )
    name = html.unescape(answers.text(comment.get("author_name"), most=500))
    linking = kind != "comment"
    theirs = answers.address(comment.get("author_url"))
    above = whole(comment.get("parent"))
    return Mention(
        key=digest("wordpress", site, number),
        source="wordpress",
        id=str(number),
        # What another site said of us stands there, and not below our post.
        url=theirs if linking and theirs else answers.address(comment.get("link")),
        author="" if linking else name,
        title=name if linking else "",
        text=text,
        lang="",
        published_at=_instant(comment.get("date_gmt")) if isinstance(comment.get("date_gmt"), str) else None,
        heard_at=now,
        reply_to=str(above) if above else f"post-{whole(comment.get('post'))}",
        links=tuple(dict.fromkeys([theirs, *links] if linking and theirs else links)),
        channel=channel,
    )


# --- the thin half ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordPress:
    """One site, as one of its users.

    Attributes:
        api: ``https://example.org/wp-json``, or ``https://example.org/?rest_route=`` on a site without pretty addresses.
        new_tags: whether a tag the site does not know is made.
        new_categories: the same for a category.
    """

    channel: str
    api: str
    client: Client = field(repr=False)
    secret: str = field(repr=False)
    new_tags: bool = True
    new_categories: bool = False
    every: timedelta = EVERY

    @property
    def repeats(self) -> Repeats:
        """Our own mark decides for good, and can be seen."""
        return Repeats(longest_request_s=120, same_key_s=math.inf, looks=True, amends=True, withdraws=True)

    # -- requests

    def _ask(self, method: str, path: str, what: str, **query: object) -> Answer:
        return self._answer(method, path, query).demand(self.channel, what)

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        *,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Answer:
        url = f"{self.api}{quote(path)}"
        if query:
            url += ("&" if "?" in self.api else "?") + urlencode(query)
        head = {"Authorization": f"Basic {self.secret}", **(headers or {})}
        return self.client.request(method, url, channel=self.channel, headers=head, **body)

    def _change(self, path: str, what: str, values: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._answer("POST", path, {"context": "edit"}, json=values).demand(self.channel, what)
        found = answer.json()
        if not isinstance(found, dict) or not whole(found.get("id")):
            raise Unanswered(self.channel, f"the site answered something that is no post when we tried to {what}")
        return found

    def _posts(self, **query: object) -> list[dict[str, Any]]:
        what = "look among its posts"
        answer = self._answer("GET", "/wp/v2/posts", {"context": "edit", "status": STATES, "per_page": RECENT, **query})
        if answer.status == 400 and _hides_states(answer.json()):
            raise Denied(
                self.channel,
                f"the service does not let us {what}: it does not know the user or the password, or the user may not edit",
            )
        found = answer.demand(self.channel, what).json()
        if not isinstance(found, list):
            raise Unanswered(self.channel, "the site answered something that is no list of posts")
        return [post for post in found if isinstance(post, dict) and whole(post.get("id"))]

    # -- publishing

    def send(self, item: Item) -> Sent:
        """Make a draft with our mark, or take the one there is; then publish it.

        Raises:
            NotSent, Refused, Unanswered: as the protocol says; only the last step can leave it open.
        """
        if number := comment_in(item.in_reply_to):
            return self._answered(item, number)
        try:
            values = self._prepared(item)
            found = self._find(item)
            if found is not None and found.get("status") in PUBLIC:
                return decode(found)
            if found is not None and found.get("status") == "trash":
                raise Refused(
                    self.channel, "a person moved it to the site's trash. Restore it there, or delete it for good"
                )
            self._free(item)
            made = found or self._draft(item, values)
        except Unanswered as error:
            # Whatever became of a picture or a draft: nobody but the team can see it, and the next try finds it.
            raise NotSent(self.channel, f"nothing was published: {error.message}") from error
        if made.get("status") in PUBLIC:
            return decode(made)
        at = moment_of(item)
        final = {**values, "status": "future" if at else "publish"}
        if at:
            final["date_gmt"] = at.strftime("%Y-%m-%dT%H:%M:%S")
        return decode(self._change(f"/wp/v2/posts/{made['id']}", "publish it", final))

    def _answered(self, item: Item, number: int) -> Sent:
        """Answer a comment below it. The site itself refuses the same words below the same post twice."""
        try:
            if (there := self._below(item, number)) is not None:
                return _comment(there)
            above = self._ask("GET", f"/wp/v2/comments/{number}", "read the comment").json()
        except Unanswered as error:
            raise NotSent(self.channel, f"nothing was published: {error.message}") from error
        post = whole(answers.table(above).get("post"))
        if not post:
            raise Refused(self.channel, "the comment that is answered belongs to no post any more")
        said = {"post": post, "parent": number, "content": html.escape(item.text, quote=False)}
        return _comment(self._change("/wp/v2/comments", "answer the comment", said))

    def _below(self, item: Item, number: int) -> dict[str, Any] | None:
        """Our answer with these words below a comment, whether it is shown already or waits for a moderator."""
        me = whole(answers.table(self._ask("GET", "/wp/v2/users/me", "ask who we are").json()).get("id"))
        query = {"parent": number, "author": me, "per_page": 100, "status": "all", "context": "edit"}
        rows = self._ask("GET", "/wp/v2/comments", "look among the answers", **query).json()
        wanted = html.escape(item.text, quote=False).split()
        for row in answers.rows(rows, most=100):
            if answers.text(answers.table(row.get("content")).get("raw"), most=100_000).split() == wanted:
                return row
        return None

    def _draft(self, item: Item, values: Mapping[str, Any]) -> Mapping[str, Any]:
        mine = self._change("/wp/v2/posts", "save the draft", {**values, "status": "draft"})
        # Two at once: both see both, both take the same one, and the other draft goes.
        chosen = self._find(item) or mine
        if chosen["id"] != mine["id"]:
            self._answer("DELETE", f"/wp/v2/posts/{mine['id']}", {"force": "true"})
        return chosen

    def _prepared(self, item: Item) -> dict[str, Any]:
        """What a post is made of; its pictures and terms are on the site afterwards."""
        if item.repost_of or item.quote_of or item.poll:
            raise Refused(
                self.channel, "WordPress has no reposts, quotes or polls. Write a post of its own for this channel"
            )
        try:
            moment_of(item)
        except ValueError:
            raise Refused(
                self.channel, "the option `date` needs an instant with its offset: date: 2026-12-01T09:00:00+01:00"
            ) from None
        put = [(one, *self._put(one)) for one in item.media]
        named = named_in(item.text)
        pictures = {address: url for one, _, url in put for address in named.get(one.name, ())}
        featured = self._featured(item, [(one, number) for one, number, _ in put])
        below = [
            figure(one, url) for one, number, url in put
            if one.name not in named and number != featured
        ]  # fmt: skip
        values: dict[str, Any] = {
            "title": item.title,
            "slug": slug_of(item),
            "content": body_of(item, pictures, below),
            "excerpt": str(item.options.get("excerpt") or ""),
        }
        if featured:
            values["featured_media"] = featured
        for kind, new in (("categories", self.new_categories), ("tags", self.new_tags)):
            if wanted := texts(item.options.get(kind)):
                values[kind] = self._terms(kind, wanted, new=new)
        return values

    def _featured(self, item: Item, put: list[tuple[Attached, int]]) -> int:
        """The picture that stands for the post: the first, the one that ``featured`` names, or none."""
        asked = item.options.get("featured", True)
        pictures = [(one, number) for one, number in put if one.mime.startswith("image/")]
        if asked is False or not pictures:
            return 0
        if asked is True:
            return pictures[0][1]
        name = str(asked).rsplit("/", 1)[-1]
        found = next((number for one, number in pictures if one.name == name), 0)
        if not found:
            raise Refused(self.channel, f"`featured` names {name}, which is not among the post's pictures")
        return found

    def _put(self, one: Attached) -> tuple[int, str]:
        """Have a file in the site's library: (id, address). The same file with the same words is put there once."""
        slug = media_slug(one)
        found = self._ask("GET", "/wp/v2/media", "look among its files", slug=slug, context="edit").json()
        known: dict[str, Any] | None = (
            next((m for m in found if isinstance(m, dict)), None) if isinstance(found, list) else None
        )
        if known is None:
            kind = one.name.rsplit(".", 1)[-1].lower()
            file = f"{slug}.{kind}" if re.fullmatch(r"[a-z0-9]{1,5}", kind) else slug
            known = self._answer(
                "POST", "/wp/v2/media", {"slug": slug, "title": one.name.rsplit(".", 1)[0], "alt_text": one.alt},
                headers={"Content-Type": one.mime, "Content-Disposition": f'attachment; filename="{file}"'},
                body=one.data,
            ).demand(self.channel, f"put {one.name} into its library").json()  # fmt: skip
        if not isinstance(known, dict) or not whole(known.get("id")) or not known.get("source_url"):
            raise Unanswered(self.channel, f"the site did not say where it put {one.name}")
        return whole(known["id"]), str(known["source_url"])

    def _terms(self, kind: str, wanted: Iterable[str], *, new: bool) -> list[int]:
        known: dict[str, int] = {}
        for page in range(1, PAGES + 1):
            found = self._ask(
                "GET", f"/wp/v2/{kind}", f"read its {kind}", per_page=100, page=page, hide_empty="false"
            ).json()
            terms = [term for term in found if isinstance(term, dict)] if isinstance(found, list) else []
            for term in terms:
                known[str(term.get("slug", "")).casefold()] = whole(term.get("id"))
                known[html.unescape(str(term.get("name", ""))).casefold()] = whole(term.get("id"))
            if len(terms) < 100:
                break
        ids = []
        for name in wanted:
            number = known.get(name.casefold()) or (self._new_term(kind, name) if new else 0)
            if not number:
                way = f"Make it on the site, or write new_{kind} = true under [channels.{self.channel}]"
                raise Refused(self.channel, f"the site has no “{name}” among its {kind}. {way}")
            ids.append(number)
        return list(dict.fromkeys(ids))

    def _new_term(self, kind: str, name: str) -> int:
        answer = self._answer("POST", f"/wp/v2/{kind}", {}, json={"name": name})
        found = answer.json()
        if answer.status == 400 and isinstance(found, dict) and found.get("code") == "term_exists":
            data = found.get("data")
            return whole(data.get("term_id")) if isinstance(data, dict) else 0
        made = answer.demand(self.channel, f"make “{name}” among its {kind}").json()
        return whole(made.get("id")) if isinstance(made, dict) else 0

    def _free(self, item: Item) -> None:
        """See that an address somebody asked for is free: the site would make another of it.

        Raises:
            Refused: a post that is not ours has it.
        """
        if not item.options.get("slug"):
            return
        slug = slug_of(item)
        taken = [post for post in self._posts(slug=slug) if mark(item.key) not in str(post["content"].get("raw", ""))]
        if any(post.get("status") in {"publish", "future", "private"} for post in taken):
            raise Refused(
                self.channel, f"the address “{slug}” belongs to another post of the site. Choose another `slug`"
            )

    def _find(self, item: Item) -> Mapping[str, Any] | None:
        """The post with our mark, by its slug, by the site's search, or among those that changed last."""
        for query in ({"slug": slug_of(item)}, {"search": mark(item.key)}, {"orderby": "modified"}):
            if found := first_ours(self._posts(**query), item.key):
                return found
        return None

    def look(self, item: Item, *, since: datetime) -> Sent | Absence:  # noqa: ARG002 - the mark is for all time
        """Look for our mark. A draft is nothing yet: sending goes on with it. What is in the trash may have been out."""
        if number := comment_in(item.in_reply_to):
            there = self._below(item, number)
            return Absence.PROVEN if there is None else _comment(there)
        found = self._find(item)
        if found is not None and found.get("status") == "trash":
            return Absence.UNSEEN
        return decode(found) if found is not None and found.get("status") in PUBLIC else Absence.PROVEN

    def amend(self, item: Item, sent: Sent) -> Sent:
        """Replace title, text, terms and pictures; address and time stay."""
        values = self._prepared(item)
        values.pop("slug")
        return decode(self._change(f"/wp/v2/posts/{_number(sent.id)}", "change it", values))

    def withdraw(self, sent: Sent) -> None:
        """Move it to the trash, out of which a person can take it again."""
        answer = self._answer("DELETE", f"/wp/v2/posts/{_number(sent.id)}", {})
        if answer.status not in {404, 410}:  # gone, or in the trash already
            answer.demand(self.channel, "take it down")

    # -- trying

    def trials(self) -> Iterator[Trial]:
        """Whether the user is known and may publish and put files there."""
        name = f"channel {self.channel}"
        answer = self._answer("GET", "/wp/v2/users/me", {"context": "edit"})
        me = answer.demand(self.channel, "log in").json()
        if not isinstance(me, dict) or "capabilities" not in me:
            yield Trial(
                name, "log in", ok=False, detail="this address does not answer as WordPress does",
                remedy="Write the site's own address as `url`; without pretty addresses, api = \"https://…/?rest_route=\"",
            )  # fmt: skip
            return
        may = me["capabilities"] if isinstance(me["capabilities"], dict) else {}
        yield Trial(name, "log in", ok=True, detail=f"as {str(me.get('slug', ''))[:60]}")
        for able, words in (("publish_posts", "publish"), ("upload_files", "put files there")):
            good = bool(may.get(able))
            yield Trial(
                name, f"may {words}", ok=good, detail="yes" if good else "no",
                remedy="" if good else "Give this user the role Author, or Editor if it is to change others' posts.",
            )  # fmt: skip

    def limits(self) -> Mapping[str, int]:
        """None: a post may be as long as it likes."""
        return {}

    # -- listening

    def listen(self, ask: Listen) -> Told:
        """Comments and links from other sites since the last time, also those that wait for a moderator where we may see them."""
        found: dict[str, Mention] = {}
        left: Counter[str] = Counter()
        cursor: dict[str, str] = {}
        notes: list[str] = []
        for kind in KINDS:
            try:
                rows = self._since(kind, whole_text(ask.state.cursor.get(kind)))
            except Refused as error:
                # A user without the right to moderate may not ask for anything but comments.
                if kind == "comment":
                    raise
                notes += [] if notes else [f"links from other sites are not heard: {error.message}"]
                continue
            if rows:
                cursor[kind] = str(max(whole(row.get("id")) for row in rows))
            for row in rows:
                mention = heard(row, self.channel, self.api, ask.now)
                if mention is None:
                    left["no comment"] += 1
                elif str(row.get("status")) in {"spam", "trash"}:
                    left["spam, as the site says"] += 1
                else:
                    found.setdefault(mention.key, mention)
        return Told(tuple(found.values()), cursor, dict(left), tuple(notes))

    def _since(self, kind: str, known: int) -> list[dict[str, Any]]:
        """Comments of a kind with ids above ``known``, newest first; the first time one page."""
        found: list[dict[str, Any]] = []
        query: dict[str, object] = {"per_page": 100, "orderby": "id", "order": "desc"}
        query |= {"type": kind} if kind != "comment" else {}
        all_states = {**query, "status": "all"}
        for page in range(1, (PAGES if known else 1) + 1):
            answer = self._answer("GET", "/wp/v2/comments", {**all_states, "page": page})
            if all_states is not query and answer.status in {400, 401, 403}:
                all_states = query
                answer = self._answer("GET", "/wp/v2/comments", {**query, "page": page})
            rows = answers.rows(answer.demand(self.channel, "read its comments").json(), most=100)
            fresh = [row for row in rows if whole(row.get("id")) > known]
            found += fresh
            if len(rows) < 100 or len(fresh) < len(rows):
                break
        return found

    # -- counting

    def readings(self, ask: Ask) -> Iterable[Reading]:
        """Posts and comments of the site, comments of each post. WordPress itself counts no visits."""
        origin = self.api.partition("?")[0] + "/wp/v2"

        def reading(subject: str, metric: str, value: int, on: date, grain: Literal["day", "post"]) -> Reading:
            return Reading.of(
                source="wordpress", channel=self.channel, subject=subject, metric=metric, on=on, value=value,
                taken_at=ask.now, origin=origin, grain=grain,
            )  # fmt: skip

        yield reading("account", "posts", self._total("/wp/v2/posts", status="publish"), ask.today, "day")
        yield reading("account", "comments", self._total("/wp/v2/comments"), ask.today, "day")
        for receipt in ask.sent:
            if receipt.id.isascii() and receipt.id.isdigit():
                try:
                    said = self._total("/wp/v2/comments", post=receipt.id)
                except Refused:  # the post is gone: what was read of it stays
                    continue
                yield reading(receipt.id, "comments", said, ask.day_of(receipt), "post")

    def _total(self, path: str, **query: object) -> int:
        answer = self._ask("GET", path, "count", per_page=1, **query)
        total = answer.headers.get("x-wp-total", "")
        if not total.isdigit():
            raise ConnectorError(self.channel, "the site does not say how many there are")
        return int(total)


def _number(identity: str) -> str:
    """An id for an address: a receipt is text, and only digits are a post."""
    return identity if identity.isascii() and identity.isdigit() else "0"


class Connector:
    """What is registered."""

    def publisher(self, channel: Channel, secrets: Secrets, client: Client) -> WordPress:
        """Open a site.

        Raises:
            SettingsError: the address, the user or the application password is missing.
        """
        url = access.address(channel, "https://example.org")
        user = secrets.get("user") or channel.account or access.secret(channel, secrets, "user")
        if ":" in user:
            raise SettingsError(f"signalbook.toml, [channels.{channel.key}]: a user's name holds no colon.")
        password = access.secret(channel, secrets, "password")
        return WordPress(
            channel.key, str(channel.more.get("api") or f"{url}/wp-json").rstrip("/"), client,
            base64.b64encode(f"{user}:{password}".encode()).decode(),
            new_tags=bool(channel.more.get("new_tags", True)), new_categories=bool(channel.more.get("new_categories", False)),
            every=access.every(channel, EVERY),
        )  # fmt: skip

    def counter(self, channel: Channel, secrets: Secrets, client: Client) -> WordPress:
        """The same account counts."""
        return self.publisher(channel, secrets, client)

    def listener(self, channel: Channel, secrets: Secrets, client: Client) -> WordPress:
        """The same account listens."""
        return self.publisher(channel, secrets, client)


CONNECTOR = Connector()
