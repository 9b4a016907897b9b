"""The command ``case``: each step once, an answer that goes out once whatever dies, and nothing that must not go out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipelines import caseboard, casework, ledger
from pipelines.caseboard import Asked
from pipelines.ledger import FolderLedger
from pipelines.publishing import Effects
from pipelines.services import Absence, Repeats
from signalbook import cases, store
from signalbook.errors import NotSent, Refused, UsageError
from signalbook.records import Mention, Reply, digest
from tests import build as make
from tests.build import NOW, ZONE
from tests.fakes import Clock, KilledError, Network, die_at
from tests.pipelines.test_publishing import Terminal

KEY = digest("mastodon", "1")
CASE = cases.case_id(KEY)
MENTION = Mention(
    key=KEY, source="mastodon", id="1", url="https://social.example/@ana/1", author="ana@social.example", title="",
    text="The door was locked at half past seven. When do you open?", lang="en", published_at=NOW - timedelta(minutes=8),
    heard_at=NOW - timedelta(minutes=3), channel="mastodon",
)  # fmt: skip
PEOPLE: dict[str, Any] = {
    "people/community-manager": make.person(title="Community manager", roles=["community-manager"], backup="writer"),
    "people/social-lead": make.person(title="Social lead", roles=["social-lead"], owner="social-lead"),
    "plans/messages/opening-hours": {
        "title": "When do we open?", "type": "answer", "status": "approved", "owner": "writer", "review_by": date(2027, 2, 1),
        "says": {"en": "We open at seven on weekdays.", "de": "Wir öffnen werktags um sieben."},
        "questions": ["When do you open the door?"], "approved_by": ["social-lead"], "never": "Not true of public holidays",
        "proof": [{"kind": "own-record", "source": "opening hours, version 3", "date": date(2026, 11, 1)}], "body": "",
    },
    "plans/messages/old": {"title": "Old", "type": "answer", "status": "approved", "owner": "writer", "says": "No.",
                           "review_by": date(2026, 11, 1), "questions": ["When do you open the door?"], "body": ""},
}  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    made = make.workspace(tmp_path, PEOPLE)
    opened = cases.event(CASE, "opened", NOW - timedelta(minutes=2), "", {
        "mention": KEY, "source": "mastodon", "channel": "mastodon", "row": "question", "type": "question", "severity": "S4",
        "lang": "en", "owner": "community-manager", "backup": "writer", "received_at": MENTION.published_at,
        "inside_at": MENTION.heard_at, "why": "It asks something.",
    })  # fmt: skip
    store.append(made, [MENTION, opened])
    return made


def call(
    place,
    word="list",
    case="",
    *,
    net=None,
    clock=None,
    as_json=True,
    run="r1",
    step=lambda _step, _case: None,
    **asked,
):
    shown = Terminal()
    effects = Effects(
        {}, clock or Clock(), lambda _: None, run, shown.said.append, shown.write, as_json,
        lambda text: datetime.fromisoformat(text).replace(tzinfo=ZONE), {"mastodon": net or Network()}, step,
    )  # fmt: skip
    return caseboard.run(place, Asked(word, case, **asked), effects), shown


def told(place, word, case=CASE, **asked) -> dict[str, Any]:
    return json.loads(call(place, word, case, **asked)[1].out)


# --- steps -----------------------------------------------------------------------------------------------------------


def test_the_list_is_in_the_order_of_work_and_says_when_each_is_due(place):
    status, shown = call(place, as_json=False)
    assert status == 0
    assert shown.out.splitlines() == [
        f"{CASE}  S4 question  due 13:00 (in 4 h 0 min)  Community manager  new  mastodon",
        "    ana@social.example: The door was locked at half past seven. When do you open?",
    ]
    assert shown.said[-1] == "Open: Community manager 1."
    (row,) = json.loads(call(place)[1].out)
    assert (row["case"], row["due"], row["stage"], row["target"]) == (
        CASE,
        "2026-11-23T13:00:00+01:00",
        "running",
        "4bh",
    )


def test_the_list_tells_how_long_words_begin_on_one_line_and_does_without_those_that_are_gone(place):
    long = replace(MENTION, text="Where\n\x1b[2Jis " + "the bread " * 40, heard_at=NOW)
    store.rewrite(place, "mentions", lambda _: long)
    last = call(place, as_json=False)[1].out.splitlines()[1]
    assert last.startswith("    ana@social.example: Where ")
    assert last.endswith("the…")
    assert "\x1b" not in last
    assert len(last) < 120
    store.rewrite(place, "mentions", lambda _: None)
    assert len(call(place, as_json=False)[1].out.splitlines()) == 1


def test_a_case_is_shown_with_their_words_reviewed_answers_and_their_proof(place):
    found = told(place, "show", CASE[:9])
    assert found["quote"]["text"] == MENTION.text
    (offer,) = found["suggestions"]
    assert (offer["message"], offer["text"], offer["proof"]) == ("opening-hours", "We open at seven on weekdays.", ["own-record, opening hours, version 3, 2026-11-01"])  # fmt: skip
    shown = call(place, "show", CASE, as_json=False)[1].out
    assert "Never: Not true of public holidays" in shown
    assert "Old" not in shown, "a message whose day is over is not offered"


def test_taking_is_once_and_the_second_is_told_who_has_it(place):
    assert told(place, "take")["owner"] == "community-manager"
    with pytest.raises(UsageError, match="To have it: signalbook case hand"):
        call(place, "take", CASE, by="social-lead")
    assert told(place, "hand", to="social-lead", why="her topic")["owner"] == "social-lead"
    assert told(place, "hand", to="community-manager")["backup"] == "social-lead"


def test_declining_takes_a_reason_and_a_new_message_is_not_lost(place):
    with pytest.raises(UsageError, match="Say why"):
        call(place, "decline", CASE)
    found = told(place, "decline", why="already answered in the thread")
    assert (found["state"], found["outcome"], found["reason"]) == (
        "declined",
        "no-reply",
        "already answered in the thread",
    )
    assert call(place)[1].out == "[]\n"
    with pytest.raises(UsageError, match="is declined"):
        call(place, "take", CASE)
    assert told(place, "reopen", why="she wrote again")["round"] == 2


def test_escalating_goes_to_whoever_leads_and_says_why(place):
    with pytest.raises(UsageError, match="Say why it is escalated"):
        call(place, "escalate", CASE)
    found = told(place, "escalate", why="she asks for a refund")
    assert (found["state"], found["owner"], found["backup"]) == ("escalated", "writer", "community-manager")


def test_waiting_for_somebody_who_had_no_answer_is_refused(place):
    with pytest.raises(UsageError, match="Answer first"):
        call(place, "wait", CASE, on="outside")
    assert told(place, "wait", on="inside", why="asks the bakery")["state"] == "waiting-inside"


def test_raising_is_anybody_s_and_lowering_takes_a_reason(place):
    assert told(place, "correct", severity="S2")["severity"] == "S2"
    with pytest.raises(UsageError, match="takes a reason"):
        call(place, "correct", CASE, severity="S4")
    assert told(place, "correct", severity="S4", why="it was another shop")["severity"] == "S4"
    assert told(place, "correct", type="lead")["type"] == "lead"
    with pytest.raises(UsageError, match="line of the response matrix"):
        call(place, "correct", CASE, type="rant")


def test_misuse_is_told_with_what_to_write(place):
    for asked, words in (
        ({"word": "tkae"}, "Did you mean `take`"), ({"word": "take"}, "needs a case"), ({"word": "list", "case": CASE}, "takes nothing behind it"),
        ({"word": "answer", "case": CASE}, "takes one of"), ({"word": "take", "case": "case-zz"}, "There is no case"),
        ({"word": "hand", "case": CASE, "to": "writre"}, "Did you mean `writer`"), ({"word": "close", "case": CASE}, "Say how it ended"),
        ({"word": "close", "case": CASE, "outcome": "solved"}, "Nobody was answered"), ({"word": "answer", "case": CASE, "sent": "there"}, "takes the address"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words):
            call(place, **asked)


# --- the answer ------------------------------------------------------------------------------------------------------


def test_an_answer_goes_to_the_person_on_their_channel_and_the_case_knows_its_address(place):
    net = Network()
    found = told(place, "answer", text="We open at seven.", net=net)
    (item,) = net.posts
    assert (item.text, item.in_reply_to, item.lang) == ("@ana@social.example We open at seven.", MENTION.url, "en")
    assert (found["state"], found["url"], found["answer"]["what"]) == ("answered", "https://net.example/1", "sent")
    assert told(place, "close", outcome="explained")["state"] == "closed"


def test_a_reviewed_answer_is_said_in_their_language_and_its_message_is_on_record(place):
    net = Network()
    told(place, "answer", message="opening-hours", net=net)
    assert net.posts[0].text.endswith("We open at seven on weekdays.")
    (row,) = [row for row in store.read(place, "cases")[0] if row.what == "answered"]
    assert cases.facts(row)["claims"] == "opening-hours"
    with pytest.raises(UsageError, match="may not be said"):
        call(place, "answer", CASE, message="old")


def test_the_ledger_holds_no_word_of_theirs_nor_of_the_answer(place):
    told(place, "answer", text="Dear Ana, at seven.")
    written = b"".join(path.read_bytes() for path in (place.data / "cases").iterdir())
    for word in (b"ana@", b"locked", b"Dear", b"@ana"):
        assert word not in written
    assert store.read(place, Reply)[0][0].text == "@ana@social.example Dear Ana, at seven."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Please post your order number here", "asks for something about the person"),
        ("Bitte nennen Sie Ihre Kundennummer", "asks for something about the person"),
        ("Call me on +49 30 1234567", "privately"),
        ("x" * 600, "Shorten it"),
        ("   ", "needs words"),
    ],
)
def test_what_must_not_go_out_does_not(place, text, words):
    net = Network()
    with pytest.raises(UsageError, match=words):
        call(place, "answer", CASE, text=text, net=net)
    assert net.posts == []


def test_a_hold_stops_answers_too_unless_somebody_says_why_not(place):
    hold = {"title": "Quiet", "reason": "An accident at the station", "scope": {"channels": "all"}, "from": NOW - timedelta(hours=1),
            "expires": NOW + timedelta(hours=2), "opened_by": "writer", "owner": "writer", "body": ""}  # fmt: skip
    make.document(place, "policies/holds/quiet", hold)
    with pytest.raises(UsageError, match="An accident at the station"):
        call(place, "answer", CASE, text="At seven.")
    assert told(place, "answer", text="At seven.", despite_hold="she stands at the door")["state"] == "answered"


def test_what_is_refused_or_did_not_arrive_is_given_back_and_can_be_sent_again(place):
    for error, what in ((Refused("mastodon", "too long"), "refused"), (NotSent("mastodon", "no line"), "failed")):
        status, shown = call(place, "answer", CASE, text="At seven.", net=Network(answers=[error]))
        assert (status, json.loads(shown.out)["answer"]["what"]) == (1, what)
    assert told(place, "answer", text="At seven.")["state"] == "answered"


BOUNDARIES = ("claimed", "before the request", "after the request", "unanswered", "recorded")


def desk(place, net, clock, *, run="r1", step=lambda _step, _case: None, kept=None):
    """A desk whose private store is a mapping; everything else is as the command has it."""
    memory: dict[str, Reply] = {} if kept is None else kept
    return casework.Desk(
        lambda: make.book(place), FolderLedger(place, kinds=ledger.CASES), {"mastodon": net}, clock, run, {KEY: MENTION}.get,
        lambda reply: memory.update({reply.key: reply}), memory.get, step=step,
    )  # fmt: skip


def state(place, clock) -> cases.Case:
    (found,) = cases.read(make.book(place), clock())
    return found


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("looks", [True, False])
def test_whatever_dies_the_answer_goes_out_at_most_once_and_is_never_forgotten(place, boundary, looks):
    """Killed between any two effects; then time passes, a later run looks, and the person tries again."""
    net = Network(Repeats(looks=looks), answers=["lost"] if boundary == "unanswered" else [])
    clock, kept = Clock(), {}
    with pytest.raises(KilledError):
        casework.answer(desk(place, net, clock, step=die_at(boundary), kept=kept), CASE, "At seven.")
    before = len(net.posts)
    with pytest.raises(UsageError, match=r"is on its way|was answered"):
        casework.answer(desk(place, net, clock, kept=kept), CASE, "At seven.")
    clock.forward(minutes=20)
    net.seen = Absence.PROVEN if looks else Absence.UNSEEN
    casework.settle(desk(place, net, clock, kept=kept))
    if state(place, clock).claim is not None:
        # Nobody can tell: a person looks at the conversation and says so.
        mine = desk(place, net, clock, kept=kept)
        if before:
            casework.by_hand(mine, CASE, "https://net.example/1")
        else:
            casework.not_sent(mine, CASE)
    if state(place, clock).state != "answered":
        assert casework.answer(desk(place, net, clock, kept=kept), CASE, "At seven.").what == "sent"
    found = state(place, clock)
    assert (found.state, found.claim) == ("answered", None)
    assert len(net.posts) == 1


def test_a_lost_answer_that_a_service_recognises_is_repeated_at_once_under_one_key(place):
    net = Network(Repeats(same_key_s=3600, looks=True), answers=["lost"])
    assert casework.answer(desk(place, net, Clock()), CASE, "At seven.").what == "sent"
    assert {item.key for item in net.posts} == {f"{CASE}/1"}


def test_what_a_claim_sent_is_not_recognised_without_its_words_and_then_a_person_decides(place):
    """The machine that sent it is gone, and its private store with it."""
    net, clock = Network(Repeats(looks=True)), Clock()
    with pytest.raises(KilledError):
        casework.answer(desk(place, net, clock, step=die_at("after the request")), CASE, "At seven.")
    clock.forward(minutes=20)
    (done,) = casework.settle(desk(place, net, clock))
    assert done.what == "unknown"
    found = state(place, clock).claim
    assert found is not None
    assert found.unseen


@pytest.mark.parametrize("when", ["before the claim", "claimed"])
def test_of_two_people_who_answer_at_the_same_time_one_does(place, when):
    """The other claims just before us, or just after: the ledger decides, and whoever is second is told."""
    net, clock, told_ = Network(), Clock(), []

    def other(step, _case):
        if step == when:
            try:
                casework.answer(desk(place, net, clock, run="r2"), CASE, "From the other one.")
            except UsageError as error:
                told_.append(str(error))

    try:
        casework.answer(desk(place, net, clock, step=other), CASE, "From me.")
    except UsageError as error:
        told_.append(str(error))
    assert len(net.posts) == len(told_) == 1


def test_saying_more_is_said_so(place):
    net = Network()
    mine = desk(place, net, Clock())
    casework.answer(mine, CASE, "At seven.")
    assert casework.answer(mine, CASE, "And at eight on Saturdays.", again=True).what == "sent"
    assert [item.key for item in net.posts] == [f"{CASE}/1", f"{CASE}/2"]


def test_an_answer_where_nothing_of_ours_speaks_is_given_by_hand(place):
    other = replace(MENTION, key=digest("x", "2"), id="2", source="forum", channel="")
    opened = cases.event(
        cases.case_id(other.key), "opened", NOW, "", {"mention": other.key, "owner": "writer", "row": "question"}
    )
    store.append(place, [other, opened])
    with pytest.raises(UsageError, match="cannot be answered from here"):
        call(place, "answer", opened.case, text="At seven.")
    assert (
        told(place, "answer", opened.case, sent="https://forum.example/t/2#3")["url"] == "https://forum.example/t/2#3"
    )


LETTERS = """
[channels.mailbox]
connector = "imap"
url = "imaps://mail.harbour.test/INBOX"

[channels.letters]
connector = "mail"
url = "smtp://mail.harbour.test"
"""


@pytest.mark.parametrize(
    ("channel", "author", "words"),
    [
        ("mailbox", "Somebody", 'the mailbox “mailbox” only listens.*answer_by = "letters"'),
        (
            "letters",
            "Somebody",
            "nobody here knows who wrote it: it was heard before `answer_by`.*from now on are answered from here",
        ),
    ],
)
def test_a_letter_whose_writer_is_not_known_is_answered_from_the_mailbox(place, channel, author, words):
    file = place.root / "signalbook.toml"
    file.write_text(file.read_text(encoding="utf-8") + LETTERS, encoding="utf-8")
    letter = replace(
        MENTION, key=digest("imap", "3"), id="<3@mail>", source="imap", url="", author=author, channel="mailbox"
    )
    opened = cases.event(
        cases.case_id(letter.key),
        "opened",
        NOW,
        "",
        {"mention": letter.key, "owner": "writer", "row": "question", "channel": channel},
    )
    store.append(place, [letter, opened])
    post = Network()
    effects = Effects(
        {}, Clock(), lambda _: None, "r1", print, print, True, lambda _: NOW, {"letters": post} if channel == "letters" else {},
        lambda _step, _case: None,
    )  # fmt: skip
    with pytest.raises(UsageError, match=words):
        caseboard.run(place, Asked("answer", opened.case, text="At seven."), effects)
    assert not post.posts
    assert told(place, "answer", opened.case, sent="mailto:them@mail.harbour.test")["state"] == "answered"


def test_further_accounts_with_the_same_words_stand_in_the_list_and_in_the_case(place):
    more = [cases.event(CASE, "echoed", NOW, "", {"mention": digest("mastodon", n), "inside_at": NOW}) for n in (2, 3)]
    store.append(place, more)
    assert "2 more accounts wrote the same words." in call(place, as_json=False)[1].out
    assert "2 more accounts wrote the same words." in call(place, "show", CASE, as_json=False)[1].out
    assert told(place, "show")["echoes"] == 2


def test_steps_go_through_the_ledger_of_cases_and_leave_deliveries_alone(place):
    told(place, "take")
    found = FolderLedger(place, kinds=ledger.CASES).read()
    assert [row.what for row in found.cases] == ["opened", "owned"]
    assert found.intents == found.receipts == ()
    assert FolderLedger(place).read().cases == ()
