"""WordPress: what goes over the wire, and a real site that is asked what it holds."""

from __future__ import annotations

import base64
import dataclasses
import html
import io
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from PIL import Image

from pipelines.connectors import wordpress
from pipelines.http import Client
from pipelines.services import Absence, Ask, Attached, Item, Poll, Sent
from signalbook.errors import Denied, NotSent, Refused, SettingsError, Unanswered
from signalbook.records import Receipt, digest
from signalbook.settings import Channel

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def item(**given) -> Item:
    return Item(
        **{
            "key": "opening/blog",
            "post": "opening",
            "title": "Doors open",
            "text": "Come *in*.",
            "created_at": AT,
            **given,
        }
    )


def picture(name="door.png", alt="The door at seven, six people waiting", colour="teal", size=(64, 48)) -> Attached:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return Attached(name, out.getvalue(), "image/png", alt, *size, digest(out.getvalue().hex()))


# --- the pure half ---------------------------------------------------------------------------------------------------


def test_the_content_is_one_block_with_our_mark_and_our_pictures():
    made = wordpress.body_of(
        item(text="A [link](https://x.example) ![d](media/door.png)"), {"media/door.png": "https://b.example/d.png"}
    )
    assert made == (
        '<!-- wp:html -->\n<p>A <a href="https://x.example" rel="noopener noreferrer">link</a> '
        '<img src="https://b.example/d.png" alt="d"></p>\n'
        f"<!-- {wordpress.mark('opening/blog')} -->\n<!-- /wp:html -->"
    )


def test_copy_cannot_forge_another_deliverys_mark():
    forged = f"<!-- {wordpress.mark('other/blog')} -->"
    assert wordpress.mark("other/blog") not in wordpress.body_of(item(text=forged), {})


@pytest.mark.parametrize(
    ("key", "options", "slug"),
    [
        ("opening/blog", {}, "opening"),
        ("2026-11-24-opening/blog", {}, "2026-11-24-opening"),
        ("tip@2026-12-01/blog", {}, "tip-2026-12-01"),
        ("opening/blog", {"slug": "First Morning!"}, "first-morning"),
    ],
)
def test_a_slug_follows_from_the_delivery_or_from_what_was_asked(key, options, slug):
    assert wordpress.slug_of(item(key=key, options=options)) == slug


def test_of_several_posts_with_our_mark_the_public_one_counts_then_the_oldest():
    def post(number, status, key="opening/blog"):
        return {"id": number, "status": status, "content": {"raw": f"<!-- {wordpress.mark(key)} -->"}}

    drafts = [post(9, "draft"), post(4, "draft"), post(2, "draft", "other/blog")]
    assert wordpress.first_ours(drafts, "opening/blog")["id"] == 4
    assert wordpress.first_ours([*drafts, post(11, "publish")], "opening/blog")["id"] == 11
    assert wordpress.first_ours([], "opening/blog") is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": ""}, "address is missing"),
        ({"url": "http://blog.example"}, "over http"),
        ({"url": "https://me:hunter2@blog.example"}, "Take it out, renew it"),
        ({"url": "ftp://blog.example"}, "no address of a service"),
        ({"secrets": {}}, "secrets = {password"),
        ({"account": "a:b"}, "holds no colon"),
    ],
)
def test_a_channel_that_cannot_work_is_told_what_to_write(given, words):
    channel = Channel(**{
        "key": "blog", "connector": "wordpress", "url": "https://blog.example", "account": "writer",
        "secrets": {"password": "BLOG_PASSWORD"}, **given,
    })  # fmt: skip
    secrets = {"password": "x y z"} if channel.secrets else {}
    with pytest.raises(SettingsError, match=re.escape(words)) as caught:
        wordpress.CONNECTOR.publisher(channel, secrets, Client())
    assert "hunter2" not in str(caught.value)


def test_no_secret_is_in_what_a_debugger_prints():
    channel = Channel("blog", "wordpress", url="https://b.example", account="writer", secrets={"password": "P"})
    opened = wordpress.CONNECTOR.publisher(channel, {"password": "hunter2 hunter2"}, Client())
    assert "hunter2" not in repr(opened)
    assert base64.b64encode(b"writer:hunter2hunter2").decode() not in repr(opened)


# --- the real server -------------------------------------------------------------------------------------------------


class Losing(Client):
    """A client whose answer to the nth changing request is lost after the server has worked on it, or before it goes out."""

    def __init__(self, lose: int, *, before: bool = False) -> None:
        super().__init__(timeout_s=30)
        self.lose, self.before, self.changes = lose, before, 0
        self.asked: list[str] = []

    def request(self, method, url, **rest):
        self.asked.append(f"{method} {urlsplit(url).path}")
        if method == "GET":
            return super().request(method, url, **rest)
        self.changes += 1
        if self.changes == self.lose and self.before:
            raise NotSent(rest["channel"], "the line was dead")
        answer = super().request(method, url, **rest)
        if self.changes == self.lose:
            raise Unanswered(rest["channel"], "the line died")
        return answer


@pytest.fixture
def site(server):
    facts = server("wordpress")
    channel = Channel(
        "blog", "wordpress", url=facts["url"], secrets={"user": "U", "password": "P"},
        more={"new_categories": True},
    )  # fmt: skip
    secrets = {"user": facts["user"], "password": facts["app_password"]}
    with Client() as client:
        yield Site(channel, secrets, client)


class Site:
    """A site, opened with any client, and asked beside our code what it holds."""

    def __init__(self, channel, secrets, client) -> None:
        self.channel, self.secrets, self.client = channel, secrets, client

    def open(self, client=None, **more):
        channel = dataclasses.replace(self.channel, more={**self.channel.more, **more})
        return wordpress.CONNECTOR.publisher(channel, self.secrets, client or self.client)

    def ask(self, path, **query):
        return self.open()._ask("GET", f"/wp/v2/{path}", "ask", context="edit", **query).json()

    def ours(self, key):
        found = self.ask("posts", status=wordpress.STATES, search=wordpress.mark(key), per_page=50)
        return [(post["id"], post["status"]) for post in found]


servers = pytest.mark.servers("wordpress")


@servers
def test_a_post_is_read_back_field_by_field(site):
    door, map_ = picture(), picture("map.png", "A map: left at the ‘fountain’ & up", "navy")
    sent = site.open().send(
        item(
            key="field-by-field/blog", title="Doors “open” & more",
            text="# Why\n\nRead [the reason](https://example.org/?utm_source=blog&utm_medium=social), see ![A map: left](media/map.png).\n\n- one\n- two",
            media=(door, map_), options={"slug": "doors-open", "categories": ["News & views"], "tags": ["opening", "harbour"], "excerpt": "In short."},
        )
    )  # fmt: skip
    post = site.ask(f"posts/{sent.id}")
    assert post["status"] == "publish"
    assert post["title"]["raw"] == "Doors “open” & more"
    assert post["slug"] == "doors-open"
    assert post["excerpt"]["raw"] == "In short."
    assert sent.url == post["link"]
    assert sent.at == datetime.fromisoformat(post["date_gmt"]).replace(tzinfo=UTC)
    shown = post["content"]["rendered"]
    assert "<h2>Why</h2>" in shown
    assert 'href="https://example.org/?utm_source=blog&amp;utm_medium=social"' in shown
    assert "<li>one</li>" in shown
    assert "<p></p>" not in shown.replace("\n", "")
    featured = site.ask(f"media/{post['featured_media']}")
    assert featured["alt_text"] == door.alt
    picture_address = re.search(r'<img[^>]*\bsrc="([^"]+)"', shown)[1]
    other = site.ask("media", slug=wordpress.media_slug(map_))[0]
    assert html.unescape(picture_address) == other["source_url"]
    assert other["alt_text"] == map_.alt
    assert site.client.request("GET", other["source_url"], channel="blog").body == map_.data
    assert site.client.request("GET", featured["source_url"], channel="blog").body == door.data
    assert [html.unescape(site.ask(f"categories/{n}")["name"]) for n in post["categories"]] == ["News & views"]
    assert {site.ask(f"tags/{n}")["name"] for n in post["tags"]} == {"opening", "harbour"}
    assert site.client.request("GET", sent.url, channel="blog").status == 200


@servers
def test_sending_again_finds_the_post_and_makes_no_second(site):
    one = item(key="again/blog", media=(picture(colour="red"),), options={"tags": ["opening"]})
    first = site.open().send(one)
    client = Losing(0)
    with client:
        assert site.open(client).send(one) == first
    assert [asked for asked in client.asked if not asked.startswith("GET")] == []
    assert site.open().look(one, since=AT) == first
    assert site.ours("again/blog") == [(int(first.id), "publish")]
    assert len(site.ask("media", slug=wordpress.media_slug(one.media[0]))) == 1


@servers
@pytest.mark.parametrize(("lost", "error"), [(1, NotSent), (2, NotSent), (3, Unanswered)])
def test_a_lost_answer_at_any_step_leaves_one_post_after_the_next_try(site, lost, error):
    one = item(key=f"lost-{lost}/blog", media=(picture(colour=(lost, 1, 1)),))
    with Losing(lost) as client, pytest.raises(error):
        site.open(client).send(one)
    looked = site.open().look(one, since=AT)
    assert isinstance(looked, Sent) if error is Unanswered else looked is Absence.PROVEN
    sent = site.open().send(one)
    assert site.ours(one.key) == [(int(sent.id), "publish")]
    assert len(site.ask("media", slug=wordpress.media_slug(one.media[0]))) == 1


@servers
def test_a_run_that_wakes_up_after_another_has_sent_makes_no_second_post(site):
    one = item(key="woken/blog")

    class Asleep(Client):
        """Sleeps before its first changing request; meanwhile somebody else sends the whole delivery."""

        woken = False

        def request(self, method, url, **rest):
            if method == "POST" and not self.woken:
                self.woken = True
                self.other = site.open().send(one)
            return super().request(method, url, **rest)

    with Asleep() as client:
        sent = site.open(client).send(one)
        assert sent.id == client.other.id
    assert site.ours(one.key) == [(int(sent.id), "publish")]


@servers
def test_an_address_of_somebody_elses_post_is_not_taken(site):
    site.open().send(item(key="first-owner/blog", options={"slug": "the-address"}))
    with pytest.raises(Refused, match="belongs to another post"):
        site.open().send(item(key="second/blog", options={"slug": "the-address"}))
    assert site.ours("second/blog") == []


@servers
def test_a_change_keeps_address_and_time_and_a_removal_goes_to_the_trash(site):
    one = item(key="changed/blog", options={"tags": ["opening"]})
    sent = site.open().send(one)
    before = site.ask(f"posts/{sent.id}")
    changed = site.open().amend(dataclasses.replace(one, title="Doors open later", text="At *nine*."), sent)
    after = site.ask(f"posts/{sent.id}")
    assert (changed.id, changed.url) == (sent.id, sent.url)
    assert after["title"]["raw"] == "Doors open later"
    assert "<em>nine</em>" in after["content"]["rendered"]
    assert (after["slug"], after["date_gmt"], after["tags"]) == (before["slug"], before["date_gmt"], before["tags"])
    for _ in range(2):  # safe to repeat
        site.open().withdraw(sent)
    assert site.ask(f"posts/{sent.id}")["status"] == "trash"
    assert site.open().look(one, since=AT) is Absence.UNSEEN
    with pytest.raises(Refused, match="trash"):
        site.open().send(one)


@servers
def test_a_time_in_the_future_is_kept_by_the_site_itself(site):
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    sent = site.open().send(item(key="later/blog", options={"date": at.isoformat()}))
    post = site.ask(f"posts/{sent.id}")
    assert post["status"] == "future"
    assert post["date_gmt"] == at.strftime("%Y-%m-%dT%H:%M:%S")
    assert sent.facts["status"] == "future"


@servers
def test_a_category_the_site_does_not_know_is_refused_unless_new_ones_are_wanted(site):
    with pytest.raises(Refused, match="no “Never heard of” among its categories"):
        site.open(new_categories=False).send(item(key="terms/blog", options={"categories": "Never heard of"}))
    assert site.ours("terms/blog") == []


@servers
def test_a_wrong_password_is_denied_and_said_without_the_password(site):
    opened = wordpress.CONNECTOR.publisher(
        site.channel, {"user": site.secrets["user"], "password": "wrong wrong"}, site.client
    )
    with pytest.raises(Denied) as caught:
        opened.send(item(key="denied/blog"))
    assert "wrong" not in str(caught.value)
    assert site.ours("denied/blog") == []


@servers
def test_what_wordpress_has_not_is_refused_before_anything_is_sent(site):
    with Losing(0) as client, pytest.raises(Refused, match="polls"):
        site.open(client).send(item(key="poll/blog", poll=Poll(("a", "b"), 60)))
    assert client.changes == 0


@servers
def test_the_trials_say_what_the_user_may_do(site):
    found = list(site.open().trials())
    assert [(trial.what, trial.ok) for trial in found] == [
        ("log in", True),
        ("may publish", True),
        ("may put files there", True),
    ]


@servers
def test_the_numbers_equal_what_the_site_shows(site):
    sent = site.open().send(item(key="counted/blog"))
    site.open()._change(
        "/wp/v2/comments",
        "comment",
        {
            "post": int(sent.id),
            "content": "Well said.",
            "author_name": "a",
            "author_email": "a@example.com",
            "status": "approved",
        },
    )
    receipt = Receipt("counted/blog", "counted", "blog", 1, AT, sent.id, sent.url, "c")
    found = {
        (r.subject, r.metric): r.value for r in site.open().readings(Ask(None, date(2026, 11, 23), (receipt,), AT))
    }
    assert found[sent.id, "comments"] == 1
    answer = site.client.request("GET", f"{site.channel.url}/wp-json/wp/v2/posts?per_page=1", channel="blog")
    assert found["account", "posts"] == int(answer.headers["x-wp-total"])
