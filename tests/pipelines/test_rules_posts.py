"""Rules about posts: what they find, and above all what they leave in peace.

The messages stand in ``tests/golden/messages.txt``, a wrong workspace for each rule in ``tests/workspaces/wrong/``.
"""

from __future__ import annotations

import subprocess
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.rules import collision, hashtag_case, post_past
from signalbook import book as books
from signalbook import checking, copytext, posts, prose, tier
from signalbook.errors import UsageError
from signalbook.findings import Finding, Level
from signalbook.model import Duration, Evergreen, Utm
from signalbook.records import Receipt
from signalbook.settings import Cadence
from signalbook.workspace import Workspace
from tests import values
from tests.values import BERLIN, NOW, TUESDAY, book, channel, message, person, picture, post

ROOT = Path(__file__).parents[2]


def asked(rule: str, *documents: object, now: datetime = NOW, **more: object) -> list[Finding]:
    """What one rule says about a Book of these documents."""
    return list(checking.rules()[rule](book(*documents, **more), now))


def said(rule: str, body: str, **fields: object) -> list[str]:
    """What one rule quotes or says about a post with this copy."""
    return [finding.message for finding in asked(rule, post(body=body, **fields))]


# --- registration and the guide --------------------------------------------------------------------------------------


def test_every_rule_file_is_registered_under_the_rules_own_id():
    names = {path.stem for path in (ROOT / "pipelines" / "rules").glob("*.py") if path.stem != "__init__"}
    assert {name.replace("-", "_") for name in checking.rules()} == names


def test_the_guide_lists_every_rule_with_its_level():
    lines = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8").splitlines()
    rows = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    for name, rule in checking.rules().items():
        assert name in rows, name
        assert f"| {rule.level.value} |" in rows[name], name


def test_a_post_without_faults_has_no_finding_of_a_rule_about_posts():
    clean = book(
        posts=[post(body="The second shop opens at seven. Come by when you pass the station.")],
        people=[person()],
        settings={"link_domains": ("bakery.example",)},
    )
    kinds = {"reference", "orphan", "settings", "required", "account-access", "skills-gap"}
    assert [row for name, rule in checking.rules().items() if name not in kinds for row in rule(clean, NOW)] == []


# --- what is left in peace -------------------------------------------------------------------------------------------

PEACE = [
    ("claim-proof", "20 % off on Monday. Chapter 40 begins. We are safe and well, the door is green."),
    ("claim-proof", "More than a hundred people came. It is easier said than done."),
    ("claim-proof", "Mehr als hundert Menschen kamen. Besser spät als nie."),
    (
        "superlative",
        "The first line is long. Our only question: who comes first? Best regards. It is the best time we had.",
    ),
    ("superlative", "Die erste Zeile ist lang. Das ist die einzige Frage, die bleibt."),
    ("superlative", "What is the first thing you do on a Monday, and the last?"),
    ("competitor-fair", "Buffer and we sit in the same room."),
    ("hashtag-case", "#Sustainability #Newsletter #Barrierefreiheit"),
    ("hashtag-case", "#accessibility #bread"),
    ("emoji-use", "Open at seven. 🥐 Bread and rolls. → More in the shop ✓"),
    ("emoji-use", "How long is this family emoji? 👨‍👩‍👧 One, five or eight."),
    ("fancy-letters", "Ångström, Übung, Москва, αβγ and x² are letters."),
    ("plain-words", "We open at seven. " * 30),
    ("plain-words", "See https://bakery.example/" + "a-b" * 90 + " for all of it."),
    ("link-text", "Come here and see. Hier ist es schön."),
    ("copy-markdown", "2 * 3 * 4 is 24. snake_case_name and #Tag. a < b > c"),
    ("copy-markdown", "- bread\n- rolls\n\n> a guest"),
    (
        "personal-data",
        "Write to info@bakery.example. Open 09:00-17:00, since 1 November 2026, 12 345 loaves, room 0815.",
    ),
    ("personal-data", "Ring 0800 123 4567. ISBN 978-3-16-148410-0."),
    ("personal-data", "@ana@art.example drew it."),
    ("disclosure", "We paid for the flour ourselves. Add your name: an ad hoc list."),
    ("incentive", "We win when you come. Draw the door, share your bread."),
    ("utm", "https://bakery.example/?utm_source=bluesky&utm_medium=social&utm_campaign=opening-week"),
    ("thread-alone", "The second shop opens at seven on Tuesday morning.\n\n---\n\nBread and rolls."),
    ("count-limit", "a" * 277 + " https://bakery.example/"[:23]),
    ("ai-media", "We bake with a machine."),
]


@pytest.mark.parametrize(("rule", "body"), PEACE)
def test_ordinary_copy_is_left_in_peace(rule, body):
    found = asked(rule, post(body=body), values.competitor("Buffer"), settings={"own_domains": ("bakery.example",)})
    assert [finding.message for finding in found] == []


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("claim-proof", "Bread 40 % faster."),
        ("claim-proof", "Unsere Brote sind günstiger als alle anderen."),
        ("claim-proof", "Twice as fresh as usual."),
        ("claim-proof", "Klimaneutrales Brot."),
        ("superlative", "The world's best bakery."),
        ("superlative", "An unrivalled loaf."),
        ("superlative", "Wir sind der größte Anbieter."),
        ("competitor-fair", "Unlike Buffer we open at seven."),
        ("hashtag-case", "#behindthescenes"),
        ("hashtag-case", "#Writinginpublic"),
        ("fancy-letters", "𝓑𝓻𝓮𝓪𝓭 and ⒷⓇⒺⒶⒹ"),
        ("copy-markdown", "Read *this* and [that](https://bakery.example/)."),
        ("link-text", "Hier klicken: https://bakery.example/"),
        ("personal-data", "Ring me on 0151 23456789."),
        ("personal-data", "Our colleague was diagnosed with measles."),
        ("incentive", "Win a basket of bread."),
    ],
)
def test_what_it_is_for_is_found(rule, body):
    assert len(asked(rule, post(body=body), values.competitor("Buffer"))) == 1


def test_one_proven_message_answers_for_the_whole_post():
    claim = message("faster")
    assert asked("claim-proof", post(body="Bread 40 % faster.", messages=("faster",)), claim) == []


def test_a_superlative_needs_a_superlative_proof():
    plain, proved = message("best"), message("best", superlative=True)
    sentence = post(body="We are the best bakery.", messages=("best",))
    assert len(asked("superlative", sentence, plain)) == 1
    assert asked("superlative", sentence, proved) == []


def test_a_line_of_the_teams_own_may_be_named():
    own = post(body="Ring us on +49 30 1234567.")
    assert len(asked("personal-data", own)) == 1
    assert asked("personal-data", own, values.policy("personal-data", "block", allow=["+49 30 1234567"])) == []


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("openfromseven", ("open", "from", "seven")),
        ("gutesleben", ()),
        ("newsletter", ()),
        ("guterwein", ()),
        ("kaffeewelt", ()),
        ("brotundwein", ("brot", "und", "wein")),
    ],
)
def test_a_tag_is_split_only_into_words_it_surely_is_made_of(tag, parts):
    assert hashtag_case.split(tag) == parts


# --- places ----------------------------------------------------------------------------------------------------------


def test_a_finding_in_copy_names_the_line_and_column_of_the_word():
    (finding,) = asked("fancy-letters", post(body="Bread.\n\n## bluesky\n\nWe are 𝗼𝗽𝗲𝗻."))
    assert (finding.line, finding.column) == (15, 8)


def test_a_channels_own_copy_is_judged_for_that_channel_only():
    (finding,) = asked("copy-markdown", post(body="**Bread**\n\n## blog\n\n**Bread**", channels=("mastodon", "blog")))
    assert "Mastodon" in finding.message
    assert "Blog" not in finding.message


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_post_that_has_gone_out_is_not_asked_to_move():
    past = post(publish_at=NOW - timedelta(days=30, hours=12))
    assert asked("quiet-hours", past) == []


def test_a_claim_that_ended_after_the_post_went_out_is_no_finding():
    old = message("open", expires=date(2026, 11, 1))
    out = post(publish_at=datetime(2026, 10, 1, 9, tzinfo=BERLIN), messages=("open",))
    sent = Receipt("opening/bluesky/0", "opening", "bluesky", 0, out.publish_at, "1", "", "x")
    assert asked("claim-expired", out, old, receipts=[sent]) == []
    assert len(asked("claim-expired", out, old)) == 1


def test_quiet_hours_go_by_the_audiences_zones():
    abroad = values.audience(zones=("America/New_York", "America/Chicago", "Europe/Berlin"))
    (finding,) = asked("quiet-hours", post(), abroad)
    assert "New York" in finding.message
    assert asked("quiet-hours", post(), values.audience(zones=("Europe/Berlin", "America/New_York"))) == []
    assert asked("quiet-hours", post(channels=("blog",)), abroad) == []


def test_the_spacing_of_a_channel_beats_the_policys():
    near = [post("one"), post("two", body="Rolls too.", publish_at=TUESDAY + timedelta(hours=2))]
    wide = values.policy("collision", spacing="4h")
    assert len(asked("collision", *near, wide)) == 1
    narrow = channel("bluesky", cadence=Cadence(spacing=Duration(1, "h")))
    assert asked("collision", *near, wide, channels=[narrow]) == []


def test_a_near_copy_counts_on_one_channel_and_within_fourteen_days():
    body = "The second shop opens at seven on Tuesday, opposite the station."
    one = post("one", body=body)

    def other(days, **fields):
        return post("two", body=f"{body} Really.", publish_at=TUESDAY + timedelta(days=days), **fields)

    assert len(asked("collision", one, other(7))) == 1
    assert asked("collision", one, other(15)) == []
    assert asked("collision", one, other(7, channels=("mastodon",))) == []
    assert asked("collision", one, other(7, evergreen=Evergreen(every=Duration(7, "d")))) == []


def test_a_correction_may_go_out_on_a_day_of_silence():
    day = values.event("mourning", date(2026, 11, 24), kind="mourning", effect="quiet", countries=("DE",))
    assert len(asked("blackout", post(), day)) == 1
    assert asked("blackout", post(type="correction"), day) == []
    assert asked("blackout", post(locale="de-AT"), day) == []


def test_the_latest_embargo_wins():
    later = values.campaign(embargo_until=TUESDAY + timedelta(days=2))
    (finding,) = asked("embargo", post(embargo_until=TUESDAY + timedelta(days=1), campaign=later.slug), later)
    assert "campaign" in finding.message
    assert "2026-11-26 09:30" in finding.remedy
    assert asked("embargo", post(embargo_until=TUESDAY)) == []


def test_money_may_be_spoken_of_on_notified_channels_and_outside_the_closed_period():
    results = values.event("results", date(2026, 12, 4), kind="results-day")
    money = post(body="Bread brings more profit.")
    assert len(asked("market-silence", money, results)) == 1
    assert asked("market-silence", money, results, values.policy("market-silence", "block", channels=["bluesky"])) == []
    assert asked("market-silence", money) == []


# --- tiers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "documents", "number"),
    [
        ({}, [], 1),
        ({"messages": ("open",)}, [message("open")], 2),
        ({"messages": ("promise",)}, [message("promise", type="promise")], 1),
        ({"disclosure": "paid"}, [], 2),
        ({"type": "spotlight"}, [], 2),
        ({"body": "Buffer is in the same room."}, [values.competitor("Buffer")], 2),
        ({"labels": ("Legal",)}, [], 3),
        ({"author": "executive"}, [person("executive")], 3),
        ({"campaign": "opening-week"}, [values.campaign(tier=3)], 3),
        ({"author": "ana"}, [person("ana", side="outside")], 2),
    ],
)
def test_the_tier_is_the_highest_of_what_a_post_is(fields, documents, number):
    found = book(post(**fields), *documents)
    (view,) = posts.views(found)
    assert tier.computed(found, view).number == number


def test_a_tier_may_be_raised_by_hand():
    assert asked("tier", post(tier=3)) == []


# --- media -----------------------------------------------------------------------------------------------------------


def test_a_path_from_the_content_folder_is_found():
    files = ["content/calendar/media/door.jpg", "content/shared/mark.png"]
    good = post(media=(picture(), picture("/shared/mark.png"), picture("../shared/mark.png")))
    assert asked("media", good, files=files) == []
    (finding,) = asked("media", post(media=(picture("/../secret.jpg"),)), files=files)
    assert "leaves content/" in finding.message


@pytest.mark.parametrize(
    "alt", ["Six people wait in the rain", "“Open from seven” on a board", "Photographers at the door"]
)
def test_an_alt_text_that_tells_something_is_left_in_peace(alt):
    assert asked("alt-text", post(media=(picture(alt=alt),))) == []


# --- counting --------------------------------------------------------------------------------------------------------


def test_a_server_of_its_own_limit_is_counted_by_that():
    long = post(body="a" * 900, channels=("mastodon",))
    assert len(asked("count-limit", long)) == 1
    assert asked("count-limit", long, channels=[channel("mastodon", more={"max_characters": 1000})]) == []


def test_between_the_lowest_and_the_highest_limit_is_a_warning():
    (finding,) = asked("count-limit", post(body="a" * 6000, channels=("facebook",)), channels=[channel("facebook")])
    assert finding.level is Level.WARN


def test_a_content_warning_counts_on_mastodon():
    long = post(body="a" * 490, channels=("mastodon",), options={"mastodon": {"content_warning": "b" * 20}})
    assert len(asked("count-limit", long)) == 1


# --- a change against a base -----------------------------------------------------------------------------------------


def git(root: Path, *words: str) -> None:
    environment = {
        "GIT_AUTHOR_NAME": "W",
        "GIT_AUTHOR_EMAIL": "w@bakery.example",
        "GIT_COMMITTER_NAME": "W",
        "GIT_COMMITTER_EMAIL": "w@bakery.example",
    }
    subprocess.run(
        ["git", *words],
        cwd=root,
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(root)} | environment,
    )


def written(root: Path, status: str, at: str) -> None:
    file = root / "content" / "calendar" / "opening.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"---\ntitle: Opening\nstatus: {status}\npublish_at: {at}\nchannels: [bluesky]\nowner: writer\n---\nBread.\n",
        encoding="utf-8",
    )


def test_a_change_that_approves_a_post_for_the_past_is_found_and_an_old_approval_is_not(tmp_path):
    (tmp_path / "signalbook.toml").write_text(
        '[team]\ntimezone = "Europe/Berlin"\n[channels.bluesky]\nconnector = "bluesky"\n', encoding="utf-8"
    )
    written(tmp_path, "draft", "2026-11-20 09:30")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "draft")
    written(tmp_path, "approved", "2026-11-20 09:30")
    place = Workspace(tmp_path)
    (finding,) = post_past.since(books.load(place, use_cache=False), NOW, "HEAD")
    assert (finding.rule, finding.level, finding.field) == ("post-past", Level.BLOCK, "publish_at")
    git(tmp_path, "commit", "-qam", "approved")
    assert post_past.since(books.load(place, use_cache=False), NOW, "HEAD") == []
    with pytest.raises(UsageError, match="no revision"):
        post_past.since(books.load(place, use_cache=False), NOW, "--output=x")


# --- text ------------------------------------------------------------------------------------------------------------


def test_links_end_where_the_sentence_does():
    found = prose.links("See https://a.example/b_(c)?x=1, (https://b.example/) and <https://c.example>.")
    assert [link.text for link in found] == ["https://a.example/b_(c)?x=1", "https://b.example/", "https://c.example"]


def test_sentences_keep_their_places():
    text = "One. Two!  “Three?” he said.\n\n- four\nfive"
    assert [text[s.start : s.end] for s in prose.sentences(text)] == [
        "One.",
        "Two!",
        "“Three?”",
        "he said.",
        "- four",
        "five",
    ]


def test_a_post_of_two_languages_of_small_words_is_told_apart():
    assert prose.language(prose.read("Wir sind für euch da und backen.").words) == "de"
    assert prose.language(prose.read("We are here for you and bake.").words) == "en"


# --- speed and hostile text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "*[",
        "#",
        "a.",
        "@a.",
        "(",
        "1 ",
        "**",
        "__",
        "<b",
        "http://",
        "http://a.b ",
        "🥐",
        "𝗼",
        "the best ",
        "\n",
        "---\n",
        "%1",
    ],
)
def test_no_text_makes_a_rule_slow(text):
    """A pattern that goes back over its steps shows on long runs: four times the text, not sixteen times the time."""
    long = post(body=text * (60_000 // len(text)), title=text * 200, media=(picture(alt=text * 2000),))
    begun = time.process_time()
    found = book(long, values.competitor("Buffer"), person())
    for name, rule in checking.rules().items():
        start = time.process_time()
        list(rule(found, NOW))
        assert time.process_time() - start < 1, name
    assert time.process_time() - begun < 2


# --- disclosures come first ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ({"disclosure": "not-needed"}, "The second shop"),
        ({"disclosure": "paid"}, "Ad. The second shop"),
        ({"disclosure": "paid", "locale": "de"}, "Anzeige. The second shop"),
        ({"disclosure": "gifted"}, "I got this free of charge. The second shop"),
        ({"disclosure": "paid", "body": "Ad: the second shop"}, "Ad: the second shop"),
        ({"disclosure": "paid", "body": "Advent begins"}, "Ad. Advent begins"),
    ],
)
def test_a_disclosure_is_the_first_thing_readers_see_on_every_channel(fields, first):
    channels = book().settings.channels
    for key in ("bluesky", "linkedin", "blog"):
        text = copytext.parts(post(**fields), key, channels)[0].text
        assert (text.replace("\n\n", " ") if key == "blog" else text).startswith(first)


def test_a_disclosure_stands_in_the_first_part_of_a_thread_only_and_is_counted():
    thread = post(body=f"{'a' * 296}\n\n---\n\nBread.", disclosure="paid")
    found = copytext.parts(thread, "bluesky", book().settings.channels)
    assert [part.text[:4] for part in found] == ["Ad. ", "Brea"]
    assert len(asked("count-limit", thread)) == 0
    assert len(asked("count-limit", post(body="a" * 297, disclosure="paid"))) == 1


# --- files that a network takes --------------------------------------------------------------------------------------


def test_a_file_is_judged_by_its_bytes_for_each_network_it_goes_to(tmp_path):
    from dataclasses import replace

    from signalbook.workspace import Workspace
    from tests.values import picture

    folder = tmp_path / "content/calendar/media"
    folder.mkdir(parents=True)
    (folder / "door.jpg").write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    files = ("content/calendar/media/door.jpg",)

    both = (picture(), picture())

    def found(*channels, media=both):
        made = book(posts=[post(channels=channels, media=media)], people=[person()], files=files)
        return list(checking.rules()["media-fit"](replace(made, workspace=Workspace(tmp_path)), NOW))

    (wrong,) = found("bluesky")
    assert (wrong.level, wrong.field) == (Level.BLOCK, "media")
    assert "1 video in a post and this one has 2" in wrong.message
    assert found("bluesky", media=(picture(),)) == []
    assert found("blog") == []
    assert found("bluesky", media=(picture("media/lost.jpg"),)) == [], "another rule says that it is not there"
    assert found("bluesky", media=()) == []


def test_a_network_that_takes_no_words_alone_is_told_before():
    made = book(posts=[post(channels=("instagram",))], people=[person()], channels=[channel("instagram")])
    (wrong,) = checking.rules()["media-fit"](made, NOW)
    assert (wrong.level, wrong.field) == (Level.WARN, "channels")


@pytest.mark.parametrize(
    ("own", "body", "level"),
    [
        ({}, "a" * 501, Level.BLOCK),
        ({"limits": {"limit": 1000}}, "a" * 501, None),
        ({"limits": {"limit": 100}}, "a" * 101, Level.BLOCK),
        ({"max_characters": 1000}, "a" * 501, None),
        ({"limits": {"limit": "many", "bytes": True}}, "a" * 400, None),
    ],
)
def test_a_servers_own_limit_holds(own, body, level):
    made = book(
        posts=[post(body=body, channels=("mastodon",))], people=[person()], channels=[channel("mastodon", more=own)]
    )
    found = list(checking.rules()["count-limit"](made, NOW))
    assert [one.level for one in found] == ([level] if level else [])


def test_more_hashtags_than_a_network_takes_are_told():
    made = book(
        posts=[post(body="Bread #rye #wheat", channels=("threads",))], people=[person()], channels=[channel("threads")]
    )
    (found,) = checking.rules()["count-limit"](made, NOW)
    assert found.level is Level.WARN
    assert "1 hashtag in a post and this one has 2" in found.message


# --- tracking words that are asked for -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({"medium": "socials"}, "socials"),
        ({"campaign": "{campagne}"}, "{campagne}"),
        ({"content": "ana@bakery.example"}, "who somebody is"),
        ({"contents": "x"}, "no tracking word"),
    ],
)
def test_a_template_that_would_spoil_the_numbers_is_found_where_it_stands(template, words):
    links = {"links": {"utm": template}}
    (found,) = asked("utm", settings={"more": links})
    assert (found.path, words in found.message) == ("signalbook.toml", True)
    (found,) = asked("utm", channels=[channel("x", more={"utm": template})])
    assert found.field.startswith("channels.x.utm.")
    if "contents" not in template:
        (found,) = asked("utm", values.campaign(utm=Utm(**template)))
        assert found.path.endswith("opening-week.md")
        (found,) = asked("utm", post(utm=Utm(**template)))
        assert found.path.endswith("opening.md")


@pytest.mark.parametrize("template", [True, False, {"medium": "offline", "content": "{post}-{lang}"}, {"medium": ""}])
def test_a_good_template_is_left_in_peace(template):
    assert asked("utm", settings={"more": {"links": {"utm": template}}}) == []


def test_a_disclosure_that_readers_cannot_read_is_told():
    (found,) = asked("disclosure-place", post(locale="pl", disclosure="paid"))
    assert "[disclosure.pl]" in found.remedy
    assert (
        asked(
            "disclosure-place",
            post(locale="pl", disclosure="paid"),
            settings={"more": {"disclosure": {"pl": {"paid": "Reklama."}}}},
        )
        == []
    )
    assert asked("disclosure-place", post(locale="fr-CA", disclosure="paid")) == []


@given(st.text(st.sampled_from("ab1_-.!?…' \n\t\r\x0b\x1céß\x85\u2028"), max_size=40))
@settings(deadline=None)
def test_the_short_way_to_the_words_of_a_sentence_is_the_long_way(text: str) -> None:
    slow = [collision._LETTERS.findall(sentence) for sentence in collision._SENTENCE.split(text)]
    assert [words for words in collision._words(text) if words] == [words for words in slow if words]
