"""WordPress, heard on a real site and on answers that no honest site gives."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.connectors.wordpress import CONNECTOR, WordPress, heard
from pipelines.hearing import Sources, cleaned, hear
from pipelines.http import Answer, Client
from pipelines.services import Listen, Listens
from signalbook.errors import Refused
from signalbook.settings import Channel
from signalbook.sources import Source

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.servers("wordpress")
def test_comments_and_links_are_heard_once_also_those_that_wait(server):
    facts = server("wordpress")
    secret = b64encode(f"{facts['user']}:{facts['app_password']}".encode()).decode()

    def write(path: str, **values: object) -> dict:
        head = {"authorization": f"Basic {secret}", "content-type": "application/json"}
        request = urllib.request.Request(f"{facts['url']}/wp-json/wp/v2/{path}", json.dumps(values).encode(), head)
        with urllib.request.urlopen(request, timeout=30) as got:
            return json.loads(got.read())

    post = write("posts", title="Doors", content="They open at seven", status="publish")["id"]
    outside = {"author_name": "A reader", "author_email": "r@example.org"}
    first = write("comments", post=post, content="The door was <b>locked</b> &amp; cold", status="approve", **outside)
    below = write("comments", post=post, parent=first["id"], content="Same here", status="hold", **outside)
    link = write(
        "comments", post=post, content="[…] the harbour doors […]", author_name="The harbour paper", status="approve",
        author_url="https://paper.example/doors", author_email="p@example.org",
    )  # fmt: skip
    junk = write("comments", post=post, content="Buy now", status="spam", **outside)
    channel = Channel("blog", "wordpress", url=facts["url"], secrets={"user": "U", "password": "P"})
    with Client() as client:
        assert isinstance(CONNECTOR, Listens)
        source = CONNECTOR.listener(channel, {"user": facts["user"], "password": facts["app_password"]}, client)
        sources = Sources({"blog": source})
        heard_ = hear(sources, {}, NOW)
        assert heard_.failures == ()
        said = {mention.id: mention for mention in heard_.mentions}
        assert str(junk["id"]) not in said
        mention = said[str(first["id"])]
        assert (mention.text, mention.author, mention.reply_to) == (
            "The door was locked & cold",
            "A reader",
            f"post-{post}",
        )
        assert mention.url.endswith(f"#comment-{first['id']}")
        assert said[str(below["id"])].reply_to == str(first["id"])
        assert str(link["id"]) in said
        assert "r@example.org" not in repr(heard_)
        assert hear(sources, heard_.states, NOW, again=True).mentions == ()
        late = write("comments", post=post, content="Open now", status="approve", **outside)
        assert [m.id for m in hear(sources, heard_.states, NOW, again=True).mentions] == [str(late["id"])]


def comment(number: int = 7, **more: object) -> dict:
    return {
        "id": number, "post": 3, "parent": 0, "author_name": "A &amp; B", "author_url": "", "date_gmt": "2026-11-27T08:00:00",
        "content": {"rendered": "<p>Locked <a href='https://h.example/'>door</a></p>"}, "link": "https://b.example/#comment-7",
        "status": "approved", "type": "comment", **more,
    }  # fmt: skip


class Site(WordPress):
    """A site whose answers are written here."""

    answers: dict[str, object] = {}  # noqa: RUF012 - set anew in each test

    def _answer(self, method, path, query, **more):
        key = next((key for key in self.answers if key in urllib.parse.urlencode(query)), "")
        value = self.answers.get(key, [])
        status, body = (value, b"{}") if isinstance(value, int) else (200, json.dumps(value).encode())
        return Answer(status, {}, body)


def site(**answers: object) -> Site:
    found = Site("blog", "https://b.example/wp-json", Client(), "secret")
    Site.answers = {name if name == "per_page" else name.replace("_", "="): value for name, value in answers.items()}
    return found


def test_a_link_from_another_site_leads_there_and_names_no_person():
    found = heard(comment(type="pingback", author_url="https://p.example/x", author_name="Paper"), "blog", "api", NOW)
    assert (found.url, found.title, found.author, found.links) == (
        "https://p.example/x", "Paper", "", ("https://p.example/x", "https://h.example/"),
    )  # fmt: skip
    plain = heard(comment(), "blog", "api", NOW)
    assert (plain.author, plain.text, plain.published_at) == (
        "A & B",
        "Locked door",
        datetime(2026, 11, 27, 8, tzinfo=UTC),
    )
    assert heard(comment(type="review"), "blog", "api", NOW) is None


def test_a_user_who_may_not_moderate_hears_what_is_public():
    told = site(
        type_pingback=400, type_trackback=400, status_all=403, per_page=[comment(8), comment(9, status="spam")]
    ).listen(Listen(Source(), NOW))
    assert [mention.id for mention in told.mentions] == ["8"]
    assert told.left_out == {"spam, as the site says": 1}
    assert len(told.notes) == 1
    with pytest.raises(Refused):
        site(per_page=404).listen(Listen(Source(), NOW))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("9" * 40),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*comment(), "rendered"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*comment()]), VALUES), VALUES)
@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
def test_no_answer_raises(changes, anything):
    for body in ([{**comment(), **changes}, anything], {"rows": anything}):
        for mention in site(per_page=body).listen(Listen(Source(cursor={"comment": "3"}), NOW)).mentions:
            cleaned(mention)
