"""Which mentions open a case, and whom it goes to: rules first, room and presence next, and every answer with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from signalbook import cases, matrix, routing, triage
from signalbook.book import Book
from signalbook.model import Person, Subject, Watch
from signalbook.model.people import Away, Speaks
from signalbook.records import Judgement, Mention, Receipt, digest
from signalbook.sense.route import learn as learn_router
from signalbook.settings import Channel, Settings, Team
from signalbook.workspace import Workspace
from tests.build import ZONE

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZONE)


def person(slug: str, **more: Any) -> Person:
    fields = {"roles": (slug,), "hours": "Mon-Fri 09:00-17:00", "zone": "Europe/Berlin", **more}
    return Person(slug=slug, title=slug.replace("-", " ").capitalize(), side="inside", **fields)


PEOPLE = (
    person("community-manager", max_cases_per_day=3, reports_to="social-lead", languages=(Speaks(lang="de"), Speaks(lang="en"))),
    person("head-baker", practitioner=True, backup="product-owner"),
    person("product-owner"),
    person("social-lead"),
    person("legal"),
    person("spokesperson"),
    person("duty-officer", hours="Mon-Sun 00:00-24:00"),
)  # fmt: skip
ALLERGENS = Watch(slug="allergens", title="Allergens", status="on", topic="food", expert="product-owner", backup="product-owner", act="head-baker", inform=("social-lead",))  # fmt: skip
BREAD = Subject(
    slug="bread", title="Bread", names=("bread",), type="topic", expert="head-baker", backup="product-owner"
)


def book(*people: Person, **more: Any) -> Book:
    channel = Channel(
        "social", "mastodon", name="Mastodon", owner="community-manager", account="@harbour@social.example"
    )
    kept = {one.slug: one for one in (*PEOPLE, *people)}
    return Book(
        Workspace("/nowhere"),  # type: ignore[arg-type]
        settings=Settings(team=Team("Harbour", ZONE), channels={"social": channel}),
        documents={Person: tuple(kept.values()), Watch: (ALLERGENS,), Subject: (BREAD,)}, **more,
    )  # fmt: skip


def said(text: str, *, name: str = "1", **more: Any) -> tuple[Mention, Judgement]:
    mention = Mention(
        key=digest("mastodon", name), source="social", id=name, url=f"https://social.example/@ana/{name}", author="ana@social.example",
        title="", text=text, lang="en", published_at=NOW - timedelta(minutes=9), heard_at=NOW - timedelta(minutes=2), channel="social",
        reply_to=more.pop("reply_to", ""),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "key": mention.key, "rule": "r", "at": NOW, "said_at": mention.published_at, "source": "social", "channel": "social",
        "site": "social.example", "who": "p", "lang": "en", "tone": "neutral", "confidence": 0.9, "rated_by": "rules",
        "complaint": 0, "asks": "", "spread": "voice", "about": ("subject/bread",), "same": mention.key, "story": mention.key,
        "claims": (), "matter": "routine", "followers": 0, "engaged": 0,
    }  # fmt: skip
    return mention, Judgement(**fields | more)


def one(text: str, **more: Any) -> dict[str, str]:
    (event,) = triage.decide(book(), [said(text, **more)], NOW)
    return cases.facts(event)


# --- what opens a case ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "judged", "row", "severity"),
    [
        ("My bread was stale again", {"complaint": 81, "tone": "negative"}, "complaint", "S4"),
        ("When do you open?", {"asks": "yes"}, "question", "S4"),
        ("My son had an allergic reaction to your bread", {"claims": ("injury",), "tone": "negative"}, "safety", "S2"),
        ("She died of it", {"claims": ("death",)}, "safety", "S1"),
        ("Anyone can see my order on your page", {"claims": ("personal-data",)}, "private-data", "S2"),
        ("You will hear from my lawyer", {"complaint": 90, "tone": "negative"}, "legal", "S4"),
        ("I am a journalist and have a question", {"asks": "yes"}, "press", "S4"),
        ("There is a vulnerability in your shop", {"complaint": 60}, "security", "S4"),
        ("Going to kill you for that", {"tone": "negative", "complaint": 80}, "abuse", "S4"),
        ("The health department was here", {"claims": ("authority",)}, "legal", "S2"),
        ("Where can I buy forty of them?", {"asks": "yes"}, "lead", "S4"),
        ("That is not true, you close at six", {}, "correction", "S4"),
        ("You should bake with spelt", {}, "suggestion", "S4"),
        ("Thank you for the lovely bread", {"tone": "positive"}, "praise", "S4"),
    ],
)
def test_what_asks_for_somebody_opens_a_case_of_its_kind(text, judged, row, severity):
    facts = one(text, **judged)
    assert (facts["row"], facts["severity"]) == (row, severity)
    assert facts["type"] == matrix.ROWS[row].type
    assert text not in facts["why"], "no word of theirs stands in the ledger"


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("The bread there is brown", {}),
        ("Crumb Lane", {"complaint": 50}),
        ("When do you open?", {"asks": "yes", "spread": "own"}),
        ("When do you open?", {"asks": "yes", "spread": "repeat"}),
        ("When do you open?", {"asks": "yes", "same": "another"}),
        ("When do they open?", {"asks": "yes", "about": ("competitor/mill",)}),
        ("When do they open?", {"asks": "yes", "about": ()}),
    ],
)
def test_what_is_ours_a_repeat_about_others_or_asks_nothing_opens_none(text, judged):
    assert triage.decide(book(), [said(text, **judged)], NOW) == []


def test_what_was_said_long_ago_opens_none_however_late_it_is_heard():
    mention, judged = said("When do you open?", asks="yes")
    old = replace(mention, published_at=NOW - timedelta(days=4))
    assert triage.decide(book(), [(old, judged)], NOW) == []


def test_a_call_by_our_name_or_an_answer_to_our_post_is_for_us_without_any_query():
    receipt = Receipt("doors/social", "doors", "social", 1, NOW, "77", "https://social.example/@harbour/77", "c")
    assert triage.decide(book(), [said("@harbour when do you open?", asks="yes", about=())], NOW) == []
    named = said("@harbour@social.example when do you open?", asks="yes", about=())
    answering = said("When?", asks="yes", about=(), name="2", reply_to="77")
    assert len(triage.decide(book(receipts=(receipt,)), [named, answering], NOW)) == 2


def test_deciding_again_opens_nothing_twice():
    first = triage.decide(book(), [said("When do you open?", asks="yes")], NOW)
    again = triage.decide(book(case_events=tuple(first)), [said("When do you open?", asks="yes")], NOW)
    assert [event.what for event in first] == ["opened"]
    assert again == []


COPIED = "Their bread made my whole family wait an hour and it was stale again"


def echo(text: str, name: str, story: str, **more: Any) -> tuple[Mention, Judgement]:
    mention, judged = said(text, name=name, complaint=90, tone="negative", story=digest("mastodon", story), **more)
    return replace(mention, author=f"account{name}@social.example"), judged


def test_the_same_sentence_from_many_accounts_is_one_case_that_names_them():
    told = [echo(COPIED, "1", "1"), *(echo(f"@harbour {COPIED}!!", str(n), "1") for n in range(2, 7))]
    made = triage.decide(book(), told, NOW)
    assert [event.what for event in made] == ["opened", *["echoed"] * 5]
    assert len({event.case for event in made}) == 1
    (one,) = cases.read(book(case_events=tuple(made)), NOW)
    assert one.echoes == tuple(mention.key for mention, _ in told[1:])
    assert (one.newest, one.round, one.state) == (told[0][0].key, 1, "new")
    # A run later the first is told of as an earlier mention; what is noted already is not noted twice.
    late = echo(COPIED, "9", "1")
    again = triage.decide(book(case_events=tuple(made)), [*told, late], NOW, firsts={told[0][0].key: told[0][0]})
    assert [(event.what, cases.facts(event)["mention"]) for event in again] == [("echoed", late[0].key)]


@pytest.mark.parametrize(
    "second",
    [
        echo(COPIED.replace("stale", "mouldy"), "2", "1"),  # another harm in a story of the same kind
        echo(COPIED, "2", "2"),  # nobody found it alike
    ],
)
def test_two_people_with_a_word_of_difference_stay_two_cases(second):
    assert [event.what for event in triage.decide(book(), [echo(COPIED, "1", "1"), second], NOW)] == ["opened"] * 2


def test_a_short_sentence_may_be_said_by_two_people_of_two_things():
    made = triage.decide(book(), [echo("My bread was stale again", str(n), "1") for n in (1, 2)], NOW)
    assert [event.what for event in made] == ["opened", "opened"]


def test_who_writes_the_same_after_it_was_answered_waits_for_an_answer_of_their_own():
    (opened,) = triage.decide(book(), [echo(COPIED, "1", "1")], NOW - timedelta(minutes=1))
    answered = cases.event(
        opened.case, "answered", NOW, "community-manager", {"id": "500", "url": "https://social.example/1"}
    )
    first, _ = echo(COPIED, "1", "1")
    late = triage.decide(book(case_events=(opened, answered)), [echo(COPIED, "2", "1")], NOW, firsts={first.key: first})
    assert [event.what for event in late] == ["opened"]


def test_an_answer_to_our_answer_goes_on_in_the_same_case_and_reopens_it():
    (opened,) = triage.decide(book(), [said("When do you open?", asks="yes")], NOW - timedelta(minutes=1))
    answered = cases.event(
        opened.case, "answered", NOW, "community-manager", {"id": "500", "url": "https://social.example/@harbour/500"}
    )
    mine = book(case_events=(opened, answered))
    later = NOW + timedelta(hours=1)
    (heard,) = triage.decide(mine, [said("And on Sundays?", asks="yes", name="9", reply_to="500")], later)
    assert (heard.what, heard.case) == ("heard", opened.case)
    (found,) = cases.read(mine, later, [opened, answered, heard])
    assert (found.state, found.round, found.newest) == ("owned", 2, digest("mastodon", "9"))
    assert (
        triage.decide(
            book(case_events=(opened, answered, heard)),
            [said("And on Sundays?", asks="yes", name="9", reply_to="500")],
            later,
        )
        == []
    )


def test_a_batch_does_not_give_one_person_more_than_their_day_holds():
    rows = [said("When do you open?", asks="yes", name=str(at), about=(), reply_to="77") for at in range(5)]
    receipt = Receipt("doors/social", "doors", "social", 1, NOW, "77", "", "c")
    owners = [cases.facts(event).get("owner") for event in triage.decide(book(receipts=(receipt,)), rows, NOW)]
    assert owners[:3] == ["community-manager"] * 3
    assert "community-manager" not in owners[3:]


# --- whom it goes to --------------------------------------------------------------------------------------------------


def routed(
    mine: Book, *, now: datetime = NOW, row: str = "question", severity: str = "S4", **more: Any
) -> routing.Routed:
    return routing.route(mine, now, row=matrix.ROWS[row], severity=severity, **more)


def test_the_watch_decides_before_the_matrix_and_both_answers_are_given():
    found = routed(book(), about=("watch/allergens",))
    assert (found.act, found.backup, found.rule) == ("head-baker", "product-owner", "watch/allergens")
    assert found.inform == ("social-lead", "product-owner")
    assert found.why == ("The watch “Allergens” names Head baker to act on it.",)


def test_without_a_watch_the_subject_s_expert_then_the_matrix_then_the_channel():
    assert routed(book(), about=("subject/bread",)).act == "head-baker"
    assert routed(book(), row="legal").act == "legal"
    assert routed(book(), row="employee", channel="social").act == "social-lead"
    nobody = book(replace(PEOPLE[3], status="left"))
    assert routed(nobody, row="employee", channel="social").rule == "channel"


def test_who_is_away_or_full_or_does_not_speak_it_is_passed_over_and_the_reason_stands():
    away = replace(PEOPLE[1], away=(Away(from_=date(2026, 11, 20), to=date(2026, 11, 30), backup="social-lead"),))
    assert routed(book(away), about=("watch/allergens",)).why[-1] == "Head baker is away."
    full = {"community-manager": cases.Load("community-manager", 9, 3, 3, 0)}
    found = routed(book(), loads=full)
    assert found.act != "community-manager"
    assert "Community manager has 3 today, and 3 is their limit." in found.why
    assert "Community manager does not answer in fr." in routed(book(), lang="fr").why


def test_at_s1_and_s2_who_is_at_work_this_minute_acts_also_over_their_limit():
    full = {"community-manager": cases.Load("community-manager", 9, 3, 3, 0)}
    assert routed(book(), severity="S2", loads=full).act == "community-manager"
    night = routed(book(), now=NIGHT, severity="S2", about=("watch/allergens",))
    assert night.act == "duty-officer"
    assert {"social-lead", "product-owner"} <= set(night.inform)
    asleep = routed(book(replace(PEOPLE[-1], hours="Mon-Fri 09:00-17:00")), now=NIGHT, severity="S1")
    assert asleep.act == "duty-officer"
    assert "rings also now" in asleep.why[0]
    assert routed(book(), now=NIGHT, about=("watch/allergens",)).act == "head-baker", "S4 waits for the morning"


def test_where_no_rule_speaks_past_routing_does_and_only_when_it_is_sure():
    examples = [(f"invoice number {at} is wrong", "legal") for at in range(12)] + [
        (f"the bread of day {at} was stale", "head-baker") for at in range(12)
    ]
    router = learn_router(examples)
    found = routed(book(), router=router, text="my invoice is wrong")
    assert (found.act, found.rule) == ("legal", "learnt")
    assert found.learnt[0][0] == "legal"
    assert (
        routed(book(), router=router, text="my invoice is wrong", about=("watch/allergens",)).rule == "watch/allergens"
    )
    assert routed(book(), router=router, text="xyzzy").rule == "matrix"


def test_what_is_learnt_comes_from_cases_that_people_took():
    rows = []
    for at in range(24):
        opened = triage.decide(book(), [said("When do you open?", asks="yes", name=str(at))], NOW)[0]
        owner = ("legal", "head-baker")[at % 2]
        rows += [opened, cases.event(opened.case, "owned", NOW, owner, {"owner": owner})]
    known = cases.read(book(), NOW, rows)
    texts = {one.mention: "invoice wrong" if one.owner == "legal" else "bread stale" for one in known}
    router = routing.learn(known, texts)
    assert router is not None
    assert router.ranked(["the invoice is wrong"])[0][0][0] == "legal"
    assert routing.learn(known[:10], texts) is None
    assert routing.learn(known, {}) is None


def test_when_nobody_can_act_it_says_so_and_whoever_leads_knows():
    gone = [replace(one, status="away") for one in PEOPLE]
    found = routed(book(*gone), channel="social")
    assert found.act == ""
    assert found.why[-1].startswith("Nobody who may act on it is there")
    assert routing.manager(book(), "community-manager") == "social-lead"
