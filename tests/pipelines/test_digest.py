"""The digest: a person's own queue and what they must know, the team's times, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines import digest
from signalbook import cases
from signalbook.errors import UsageError
from signalbook.records import Alert
from tests import build as make
from tests.build import NOW

ALERT = Alert(
    "a", "subject/bread", "spike", 3, NOW - timedelta(hours=2), "Bread is talked about 4 times as much as usual."
)


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    place = make.workspace(tmp_path, {
        "people/baker": make.person(title="Baker", roles=["baker"], hours="Mon-Fri 09:00-17:00"),
    })  # fmt: skip
    rows = []
    for name, owner, at in (("1", "baker", NOW - timedelta(days=3)), ("2", "writer", NOW), ("3", "", NOW)):
        facts = {
            "mention": name,
            "row": "question",
            "severity": "S4",
            "owner": owner,
            "inform": "baker" if name == "2" else "",
            "inside_at": at,
        }
        rows.append(cases.event(cases.case_id(name), "opened", at, "", facts))
    rows.append(
        cases.event(
            cases.case_id("2"), "answered", NOW + timedelta(minutes=30), "writer", {"url": "https://x.example/1"}
        )
    )
    return replace(
        make.book(place), case_events=tuple(rows), alerts=(ALERT, replace(ALERT, key="old", at=NOW - timedelta(days=3)))
    )


def test_a_person_reads_what_waits_for_them_and_what_they_must_know(book):
    found = digest.made(book, NOW + timedelta(hours=1), "baker")
    assert [one["case"] for one in found["cases"]] == [cases.case_id("1")]
    assert [one["case"] for one in found["know"]] == [cases.case_id("2")]
    assert (found["open"], found["late"]) == (1, 1)
    text = digest.as_markdown(found, book)
    assert text.startswith("# Digest for Baker\n\n1 open, 1 late, 0 due within a day.")
    assert "LATE since Fri 20 Nov, 13:00" in text
    assert text.count("Bread is talked about") == 1


def test_the_team_reads_how_it_stands_and_that_something_has_no_owner(book):
    found = digest.made(book, NOW + timedelta(hours=1))
    assert (found["open"], found["unassigned"], found["week"]["answered"]) == (3, 1, 1)
    assert (found["week"]["in_time"], found["week"]["felt_min"]) == (1.0, 30)
    text = digest.as_markdown(found, book)
    assert "1 have no owner" in text
    assert "100% of first answers in time" in text


def test_nobody_of_that_name_is_told_with_the_nearest(book):
    with pytest.raises(UsageError, match="Did you mean `baker`"):
        digest.made(book, NOW, "bakre")
