"""What goes out on a channel: everything that is added, where, and that it is added once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook import copytext, counting, prose, tracking
from signalbook.copytext import outgoing
from signalbook.model import Event, Media, Post, Utm
from signalbook.model.calendar import Poll, Relative
from signalbook.settings import Channel, Settings, Team
from tests import values

BERLIN = ZoneInfo("Europe/Berlin")
OWN = "https://bakery.example/opening"
NETWORKS = ("bluesky", "mastodon", "x", "instagram", "reddit")


def team(links=None, **channels):
    """Settings with the networks, a blog on our own site, a letter; ``channels`` adds keys to their tables."""
    known = {
        **{key: Channel(key, key, name=key.capitalize()) for key in NETWORKS},
        "linkedin": Channel("linkedin", "manual", name="LinkedIn"),
        "blog": Channel("blog", "feed", name="Blog", url="https://bakery.example/blog/"),
        "letter": Channel("letter", "mail", name="Letter"),
    }
    for key, more in channels.items():
        known[key] = replace(known[key], more=more)
    links = {"own": ["bakery.example"], **(links or {})}
    return Settings(
        team=Team("The bakery", BERLIN, ("en", "de")),
        channels=known,
        own_domains=tuple(links["own"]),
        link_domains=tuple(links.get("domains", ())),
        more={"links": links},
    )


def said(post, key, where=None, **facts):
    return [part.text for part in outgoing(post, key, where or team(), **facts).parts]


def post(body="The doors open at seven.", **more):
    return Post(slug="opening", title="Doors open", body=body, **more)


# --- the link --------------------------------------------------------------------------------------------------------


def test_a_link_that_the_copy_does_not_hold_comes_after_it():
    assert said(post(link=OWN), "mastodon") == [f"The doors open at seven.\n\n{OWN}"]
    assert said(post(link=OWN), "letter") == [f"The doors open at seven.\n\n<{OWN}>"]


@pytest.mark.parametrize(
    "body",
    [
        f"Come: {OWN}",
        "Come: bakery.example/opening",
        f"{OWN}/ is where.",
        f"See {OWN}?utm_source=other.",
        "See www.bakery.example/opening!",
    ],
)
def test_a_link_that_the_copy_holds_is_not_said_twice(body):
    assert said(post(body, link=OWN), "mastodon") == [body]


@pytest.mark.parametrize("body", ["Come: bakery.example/opening-week", "my-bakery.example/opening", "bakery.example"])
def test_another_address_that_looks_like_it_is_another(body):
    assert said(post(body, link=OWN), "mastodon") == [f"{body}\n\n{OWN}"]


def test_the_link_of_a_thread_goes_with_its_first_part():
    assert said(post("One\n\n---\n\nTwo", link=OWN), "mastodon") == [f"One\n\n{OWN}", "Two"]


def test_where_the_sender_makes_the_card_the_text_stays_as_it_is():
    out = outgoing(post(link=OWN), "bluesky", team())
    assert (out.link_in, out.link, out.parts[0].text) == ("card", OWN, "The doors open at seven.")


@pytest.mark.parametrize("more", [{"media": (Media(src="media/door.jpg"),)}, {"poll": Poll(options=("Rye", "Wheat"))}])
def test_a_picture_takes_the_cards_place_so_the_link_goes_into_the_text(more):
    out = outgoing(post(link=OWN, **more), "bluesky", team())
    assert out.link_in == "text"
    assert out.parts[0].text.endswith(OWN)


def test_a_network_with_a_field_for_the_link_gets_it_there_and_one_without_links_nowhere():
    assert (outgoing(post(link=OWN), "reddit", team()).link_in, said(post(link=OWN), "reddit")) == (
        "field",
        ["The doors open at seven."],
    )
    assert (outgoing(post(link=OWN), "instagram", team()).link_in, said(post(link=OWN), "instagram")) == (
        "",
        ["The doors open at seven."],
    )


def test_our_own_site_does_not_link_to_itself_below_every_post():
    assert said(post(link=OWN), "blog") == ["The doors open at seven."]
    assert said(post(link="https://other.example/a"), "blog")[0].endswith("<https://other.example/a>")


# --- tracking words --------------------------------------------------------------------------------------------------

UTM = {"utm": True}


def test_tracking_words_say_network_medium_campaign_and_post():
    found = outgoing(post(link=OWN), "mastodon", team(UTM), campaign=values.campaign("opening-week"))
    assert found.link == f"{OWN}?utm_source=mastodon&utm_medium=social&utm_campaign=opening-week&utm_content=opening"
    assert found.parts[0].text.endswith(found.link)


def test_without_a_template_nothing_is_added():
    assert outgoing(post(link=OWN), "mastodon", team(), campaign=values.campaign("opening-week")).link == OWN


def test_a_campaign_that_names_its_words_turns_them_on():
    campaign = values.campaign("opening-week", utm=Utm(campaign="Launch 26", medium="social"))
    found = outgoing(post(link=OWN), "letter", team(), campaign=campaign)
    assert found.tracking == {
        "utm_source": "mail",
        "utm_medium": "email",
        "utm_campaign": "launch-26",
        "utm_content": "opening",
    }


def test_every_level_adds_to_the_one_before_word_by_word():
    where = team({"utm": {"source": "s", "content": "{lang}"}}, mastodon={"utm": {"medium": "paid_social"}})
    one = post(
        link=OWN,
        locale="de-AT",
        utm=Utm(term="rye"),
        options={"mastodon": {"utm": {"campaign": ""}}, "x": {"utm": False}},
    )
    campaign = values.campaign("opening-week", utm=Utm(campaign="c", medium="social"))
    assert outgoing(one, "mastodon", where, campaign=campaign).tracking == {
        "utm_source": "s",
        "utm_medium": "social",
        "utm_term": "rye",
        "utm_content": "de",
    }
    assert outgoing(one, "x", where, campaign=campaign).tracking == {}


def test_the_arm_of_an_experiment_is_the_variant():
    assert outgoing(post(link=OWN, arm="B"), "x", team(UTM)).tracking["utm_content"] == "opening-b"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://bakery.example", "https://bakery.example?utm_source=x"),
        ("https://bakery.example/a?b=1#c", "https://bakery.example/a?b=1&utm_source=x#c"),
        ("https://bakery.example/a?b=1&", "https://bakery.example/a?b=1&utm_source=x"),
        ("https://bakery.example/#/a?b=1", "https://bakery.example/?utm_source=x#/a?b=1"),
        ("https://bakery.example/?utm_source=letter", "https://bakery.example/?utm_source=letter"),
        ("https://bakery.example/?UTM_Source=Letter", "https://bakery.example/?UTM_Source=Letter"),
        ("https://bakery.example/?utm_source=", "https://bakery.example/?utm_source="),
        ("https://shop.bakery.example/%C3%BC", "https://shop.bakery.example/%C3%BC?utm_source=x"),
        ("https://other.example/", "https://other.example/"),
        ("https://bakery.example.evil.example/", "https://bakery.example.evil.example/"),
    ],
)
def test_what_stands_in_an_address_is_never_touched(before, after):
    where = team({"utm": {"medium": "", "campaign": "", "content": ""}})
    assert outgoing(post(link=before), "x", where).link == after
    assert said(post(f"Look ({before}), friends"), "x", where) == [f"Look ({after}), friends"]


def test_an_empty_query_is_filled():
    assert tracking.tagged("https://bakery.example/?", {"utm_source": "x"}) == "https://bakery.example/?utm_source=x"


def test_our_own_site_gets_no_words_for_links_to_itself():
    body = f"[Come]({OWN})"
    assert said(post(body, link=OWN), "blog", team(UTM)) == [body]


def test_in_markdown_code_and_pictures_stay_as_they_are():
    body = f"[Come]({OWN})\n\n`{OWN}`\n\n```\n{OWN}\n```\n\n![Door]({OWN}.jpg)\n\n<{OWN}>"
    where = team({"utm": {"source": "letter", "medium": "", "campaign": "", "content": ""}})
    tagged = f"{OWN}?utm_source=letter"
    assert said(post(body), "letter", where) == [
        f"[Come]({tagged})\n\n`{OWN}`\n\n```\n{OWN}\n```\n\n![Door]({OWN}.jpg)\n\n<{tagged}>"
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "?a=1", "#b", "?utm_source=q#x"]))
def test_words_are_added_once_and_hold_no_sign_that_tools_split_at(name, tail):
    where = team({"utm": {"source": name, "campaign": "{post}"}})
    link = outgoing(post(link=OWN + tail), "x", where).link
    again = outgoing(post(link=link), "x", where).link
    assert again == link
    assert unquote(link) == unquote(link).lower()
    assert prose.links(link)[0].text == link
    assert link.isascii()


# --- signature, disclosure, warning ----------------------------------------------------------------------------------


def test_a_signature_comes_last_and_once():
    where = team(mastodon={"signature": "#Harbour"}, letter={"signature": "The bakery"})
    assert said(post(link=OWN), "mastodon", where) == [f"The doors open at seven.\n\n{OWN}\n\n#Harbour"]
    assert said(post("One\n\n---\n\nTwo"), "mastodon", where) == ["One", "Two\n\n#Harbour"]
    assert said(post("Bread. #Harbour"), "mastodon", where) == ["Bread. #Harbour"]
    assert said(post(), "letter", where) == ["The doors open at seven.\n\nThe bakery"]


def test_a_post_may_sign_otherwise_or_not_at_all():
    where = team(mastodon={"signature": "#Harbour"})
    assert said(post(options={"mastodon": {"signature": False}}), "mastodon", where) == ["The doors open at seven."]
    assert said(post(options={"mastodon": {"signature": "Yours"}}), "mastodon", where)[0].endswith("\n\nYours")


@pytest.mark.parametrize("key", ["bluesky", "mastodon", "x", "linkedin", "instagram"])
def test_a_disclosure_is_the_first_word_in_the_language_of_the_post(key):
    assert said(post(disclosure="paid"), key)[0].startswith("Ad. The doors")
    assert said(post("Wir öffnen um sieben.", locale="de-AT", disclosure="paid"), key)[0].startswith("Anzeige. Wir")


def test_in_markdown_a_disclosure_is_a_paragraph_so_that_a_heading_stays_one():
    assert said(post("# Bread\n\nWarm.", disclosure="paid"), "letter") == ["Ad.\n\n# Bread\n\nWarm."]


def test_before_a_warning_the_disclosure_comes_first_there():
    out = outgoing(
        post(disclosure="paid", options={"mastodon": {"content_warning": "Sugar", "visibility": "unlisted"}}),
        "mastodon",
        team(),
    )
    assert (out.warning, out.parts[0].text) == ("Ad. Sugar", "The doors open at seven.")
    (found,) = copytext.counts(out, team().channels)
    assert found.count == len("Ad. Sugar") + len("The doors open at seven.")
    assert out.options == {"content_warning": "Ad. Sugar", "visibility": "unlisted"}


def test_a_team_may_say_it_in_words_of_its_own():
    where = replace(team(), more={"disclosure": {"fr": {"paid": "Pub."}}})
    assert said(post("Le pain", locale="fr", disclosure="paid"), "x", where) == ["Pub. Le pain"]


# --- the rest --------------------------------------------------------------------------------------------------------


def test_a_countdown_says_the_days_that_are_left_when_it_goes_out():
    event = Event(slug="opening-day", when=date(2026, 12, 1))
    one = post("{days} days to go", type="countdown", relative_to=Relative("opening-day", "-3d"))
    at = datetime(2026, 11, 28, 23, 30, tzinfo=BERLIN)
    assert said(one, "x", event=event, at=at) == ["3 days to go"]
    assert said(replace(one, type="original"), "x", event=event, at=at) == ["{days} days to go"]


def test_a_picture_without_words_is_one_part_without_words():
    assert said(post("", media=(Media(src="media/door.jpg"),)), "instagram") == [""]
    assert said(post("", media=(Media(src="media/door.jpg"),), disclosure="paid"), "instagram") == ["Ad."]
    assert said(post(""), "instagram") == []


def test_a_title_is_there_where_people_read_one():
    one = post(options={"letter": {"subject": "Seven!"}, "reddit": {"title": "We open"}})
    assert [outgoing(one, key, team()).title for key in ("letter", "reddit", "blog", "x")] == [
        "Seven!",
        "We open",
        "Doors open",
        "",
    ]


def test_what_is_hashed_changes_with_everything_that_readers_see_and_with_nothing_else():
    one = post(link=OWN, media=(Media(src="media/door.jpg", alt="A door"),), body_line=5)
    base = copytext.hashed(one, outgoing(one, "x", team()))
    moved = replace(one, body_line=9, owner="writer", labels=("product",), status="approved")
    assert copytext.hashed(moved, outgoing(moved, "x", team())) == base
    changed = [
        replace(one, body="Else"), replace(one, link=f"{OWN}/b"), replace(one, disclosure="paid"), replace(one, locale="de"),
        replace(one, media=(Media(src="media/door.jpg", alt="The door"),)), replace(one, media=()), replace(one, quote_of="https://x.example/1"),
        replace(one, first_comment="More"), replace(one, options={"x": {"reply": "followers"}}), replace(one, poll=Poll(options=("a", "b"))),
    ]  # fmt: skip
    hashes = [copytext.hashed(other, outgoing(other, "x", team())) for other in changed]
    assert base not in hashes
    assert all(hashes.count(found) == 1 for found in hashes)


@settings(max_examples=60, deadline=None)
@given(
    body=st.text(st.characters(exclude_categories=("Cs",)), max_size=120),
    disclosure=st.sampled_from([None, "paid", "employee"]),
    key=st.sampled_from([*NETWORKS, "linkedin", "blog", "letter"]),
    link=st.sampled_from([None, OWN]),
)
def test_what_is_counted_is_what_is_sent(body, disclosure, key, link):
    where = team(UTM, mastodon={"signature": "Yours"})
    out = outgoing(post(body, disclosure=disclosure, link=link), key, where)
    assert out == outgoing(post(body, disclosure=disclosure, link=link), key, where)
    assert [found.count for found in copytext.counts(out, where.channels)] == [
        counting.count(out.network, part.text).count for part in out.parts
    ]
    if out.parts and out.disclosure:
        assert out.parts[0].text.startswith(out.disclosure)
