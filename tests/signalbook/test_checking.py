"""Rules, their levels and their waivers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signalbook import checking
from signalbook.findings import Level
from signalbook.model import Post
from signalbook.rule import rule
from tests import build as make
from tests.build import NOW, TODAY


@rule("shout", level=Level.BLOCK, about="Nobody shouts.", waive="A")
def shout(book, now, ask):
    for post in book.all(Post):
        if post.title and post.title.isupper():
            yield ask(post, "title", "This shouts.", "Write it in small letters.")


PEOPLE = {
    "people/approver": make.person(title="Approver", roles=["approver"]),
    "people/legal": make.person(title="Legal", roles=["legal"]),
}


def ask(tmp_path, only=shout, documents=None, **more):
    place = make.workspace(
        tmp_path,
        PEOPLE | {"calendar/a": make.post(**({"title": "LOUD", "status": "approved"} | more))} | (documents or {}),
    )
    return [
        f for f in checking.findings(make.book(place), NOW, only={only.name: only}) if f.rule in {only.name, "waiver"}
    ]


def waiver(**more):
    return {
        "rule": "shout",
        "why": "the brand is written this way",
        "by": "approver",
        "until": str(TODAY + timedelta(days=20)),
    } | more


def test_a_finding_stands_at_its_field(tmp_path):
    (found,) = ask(tmp_path)
    assert (found.path, found.line, found.field, found.blocks) == ("content/calendar/a.md", 2, "title", True)


@pytest.mark.parametrize(
    ("status", "level"),
    [("idea", Level.INFORM), ("draft", Level.WARN), ("review", Level.BLOCK), ("approved", Level.BLOCK)],
)
def test_before_review_what_would_block_is_only_told(tmp_path, status, level):
    assert ask(tmp_path, status=status)[0].level is level


def test_a_waiver_answers_a_finding_with_its_reason(tmp_path):
    (found,) = ask(tmp_path, waive=[waiver()])
    assert (found.blocks, found.waived) == (False, "the brand is written this way")


@pytest.mark.parametrize(
    ("more", "says"),
    [({"rule": "shuot"}, "no rule called"), ({"why": "because"}, "does not tell a reader"), ({"until": "2026-11-22"}, "ended on"),
     ({"until": "2027-11-22"}, "30 days ahead"), ({"by": "nobody"}, "no role"), ({"by": "writer"}, "needs an approver")],
    ids=str,
)  # fmt: skip
def test_a_waiver_that_does_not_count_is_a_finding_and_answers_nothing(tmp_path, more, says):
    found = {one.rule: one for one in ask(tmp_path, waive=[waiver(**more)])}
    assert found["shout"].blocks
    assert says in found["waiver"].message
    assert found["waiver"].line > 1


def test_what_is_there_to_be_mended_cannot_be_waived(tmp_path):
    strict = rule("shout", level=Level.BLOCK, about="x", waive="")(shout.judge)
    assert ask(tmp_path, strict, waive=[waiver()])[-1].blocks or ask(tmp_path, strict, waive=[waiver()])[0].blocks


def test_a_policy_in_force_sets_the_level_and_a_draft_of_it_does_not(tmp_path):
    def policy(status, level):
        return {
            "policies/p": {
                "title": "P",
                "owner": "writer",
                "status": status,
                "version": 1,
                "enforce": [{"rule": "shout", "level": level}],
            }
        }

    assert ask(tmp_path / "a", documents=policy("in-force", "warn"))[0].level is Level.WARN
    assert ask(tmp_path / "b", documents=policy("draft", "warn"))[0].level is Level.BLOCK


def test_a_document_that_cannot_be_read_is_left_to_the_finding_that_says_so(tmp_path):
    place = make.workspace(tmp_path)
    make.write(place.content / "calendar" / "a.md", "---\ntitle: [\n---\n")
    found = checking.findings(make.book(place), NOW)
    assert {f.rule for f in found if f.path.endswith("a.md")} == {"front-matter"}


def test_every_registered_rule_says_what_holds_and_on_what_it_stands():
    rules = checking.rules()
    assert len(rules) > 50
    for name, found in rules.items():
        assert found.name == name
        assert found.about.endswith(".")
        assert found.source
        assert found.waive in {"", "A", "L", "D", "executive", "release", "owner"}


def test_two_checks_print_the_same_list(tmp_path):
    place = make.workspace(
        tmp_path, PEOPLE | {f"calendar/p{n}": make.post(title="LOUD", status="approved") for n in range(9)}
    )
    assert checking.findings(make.book(place), NOW) == checking.findings(make.book(place), NOW)
