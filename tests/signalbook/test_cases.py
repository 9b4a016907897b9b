"""Cases: what events make of them, to the minute, and the order in which they are worked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from signalbook import cases, matrix
from signalbook.book import Book
from signalbook.cases import Case
from signalbook.model import Event, Person
from signalbook.model.people import Away
from signalbook.model.policies import Enforce, Policy
from signalbook.records import CaseEvent
from signalbook.settings import Settings, Team
from signalbook.workspace import Workspace
from tests.build import ZONE

NEW_YORK = ZoneInfo("America/New_York")


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def person(slug: str, **more: object) -> Person:
    return Person(slug=slug, title=slug, side="inside", roles=(slug,), hours="Mon-Fri 09:00-17:00", **more)  # type: ignore[arg-type]


PEOPLE = (
    person("community-manager", zone="Europe/Berlin", max_cases_per_day=2),
    person("overseas", zone="America/New_York"),
    person("duty-officer", zone="Europe/Berlin"),
)
EVENTS = (
    Event(slug="thanks", title="Thanksgiving", kind="holiday", when=date(2026, 11, 26), countries=("US",)),
    Event(slug="eve", title="Eve", kind="holiday", when=berlin("2026-12-24 13:00"), until=berlin("2026-12-25 00:00"), countries=("DE",)),
    Event(slug="day", title="Day", kind="holiday", when=date(2026, 12, 25), countries=("DE",)),
)  # fmt: skip


def book(**more: object) -> Book:
    documents = {Person: PEOPLE, Event: EVENTS, **more.pop("documents", {})}  # type: ignore[dict-item]
    return Book(
        Workspace("/nowhere"),  # type: ignore[arg-type]
        settings=Settings(team=Team("Harbour", ZONE)), documents=documents, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def opened(
    inside: str, *, row: str = "question", owner: str = "community-manager", name: str = "m1", **more: object
) -> CaseEvent:
    facts = {"mention": name, "row": row, "severity": "S4", "owner": owner, "inside_at": berlin(inside)} | more
    return cases.event(cases.case_id(name), "opened", berlin(inside), "", facts)


def then(at: str, what: str, *, by: str = "community-manager", name: str = "m1", **facts: object) -> CaseEvent:
    return cases.event(cases.case_id(name), what, berlin(at), by, facts)


def one(*events: CaseEvent, now: str = "2027-06-01 00:00") -> Case:
    (found,) = cases.read(book(), berlin(now), events)
    return found


@pytest.mark.parametrize(
    ("inside", "row", "expected"),
    [
        ("2026-11-27 16:30", "complaint", "2026-11-30 10:30"),  # 2bh
        ("2026-11-28 10:00", "question", "2026-11-30 13:00"),  # 4bh
        ("2026-11-24 17:00", "praise", "2026-11-25 17:00"),  # 8bh, closed at 17:00 sharp
        ("2026-12-24 12:00", "question", "2026-12-28 12:00"),  # 4bh, the office shuts at 13:00
        ("2027-03-28 01:30", "security", "2027-03-28 03:30"),  # 1h, the clocks jump at 02:00
    ],
)
def test_the_worked_examples_of_the_practice_come_out_to_the_minute(inside, row, expected):
    assert one(opened(inside, row=row)).due == berlin(expected)


def test_an_owner_elsewhere_answers_in_their_own_time_and_keeps_their_own_holidays():
    found = one(opened("2026-11-25 16:00", row="praise", owner="overseas"))
    assert found.due == datetime(2026, 11, 27, 10, tzinfo=NEW_YORK) == berlin("2026-11-27 16:00")


def test_handing_over_keeps_the_minutes_used_and_goes_on_in_the_new_owner_s_calendar():
    found = one(opened("2026-11-30 15:00"), then("2026-11-30 16:00", "handed", owner="overseas", why="their topic"))
    assert found.due == datetime(2026, 11, 30, 13, tzinfo=NEW_YORK) == berlin("2026-11-30 19:00")
    assert (found.owner, found.state, found.reason) == ("overseas", "owned", "their topic")


def test_asking_back_is_an_answer_and_pauses_what_is_to_be_solved():
    asked = (
        opened("2026-11-24 10:00", row="complaint"),
        then("2026-11-24 11:55", "answered", url="https://social.example/1"),
        then("2026-11-24 12:00", "waiting", **{"for": "outside"}),
    )
    waiting = one(*asked)
    assert (waiting.state, waiting.due, waiting.stage(berlin("2026-11-25 10:00"))) == (
        "waiting-outside",
        None,
        "paused",
    )
    back = one(*asked, then("2026-11-25 15:00", "heard", mention="m2"))
    assert back.solve is not None
    assert back.solve.due == berlin("2026-11-26 13:00")
    assert (back.state, back.newest, back.mention) == ("owned", "m2", "m1")


def test_the_first_reply_never_pauses():
    """Whoever has had no answer does not know that we wait for them."""
    found = one(opened("2026-11-24 10:00"), then("2026-11-24 11:00", "waiting", **{"for": "outside"}))
    assert found.first is not None
    assert found.first.due == berlin("2026-11-24 14:00")


def test_raising_the_severity_takes_the_earlier_due_and_lowering_goes_back():
    begun = opened("2026-11-24 10:00", row="complaint")
    raised = then("2026-11-24 11:00", "judged", severity="S2", why="an authority asks")
    assert one(begun, raised).due == berlin("2026-11-24 11:30")
    late = then("2026-11-24 11:50", "judged", severity="S2")
    assert one(begun, late).due == berlin("2026-11-24 12:00"), "the old due was earlier than a new half hour"
    lowered = then("2026-11-24 11:20", "judged", severity="S3", why="another maker's oven")
    assert one(begun, raised, lowered).due == berlin("2026-11-24 12:00")
    assert one(begun, raised, lowered).why == ("an authority asks", "another maker's oven")


def test_a_new_message_after_the_end_starts_a_new_clock_in_the_hours_of_whoever_has_it_now():
    found = one(
        opened("2026-11-23 10:00"),
        then("2026-11-23 10:30", "handed", owner="overseas"),
        then("2026-11-23 16:00", "answered", by="overseas"),
        then("2026-11-23 16:01", "closed", by="overseas", outcome="explained"),
        then("2026-11-24 10:00", "heard", mention="m2"),
    )
    assert (found.state, found.round, found.outcome, found.open) == ("owned", 2, "", True)
    assert found.due == datetime(2026, 11, 24, 13, tzinfo=NEW_YORK)
    assert found.answered_at == berlin("2026-11-23 16:00"), "our first answer stays what it was"


def test_a_journalist_s_deadline_is_the_due():
    found = one(
        opened("2026-11-24 10:00", row="press"),
        then("2026-11-24 10:05", "corrected", deadline=berlin("2026-11-24 18:00")),
    )
    assert found.due == berlin("2026-11-24 18:00")
    assert found.stage(berlin("2026-11-24 14:00")) == "reminder"


def test_reminders_come_by_the_owner_s_working_time_not_by_the_clock_on_the_wall():
    """Half of two business hours that begin on Friday at 16:30 is Monday 09:30, not some hour of Sunday."""
    found = one(opened("2026-11-27 16:30", row="complaint"))
    assert found.first is not None
    assert found.first.remind_at == berlin("2026-11-30 09:30")
    assert found.first.backup_at == berlin("2026-11-30 10:06")
    stages = [
        found.stage(berlin(at))
        for at in ("2026-11-29 12:00", "2026-11-30 09:30", "2026-11-30 10:06", "2026-11-30 10:30")
    ]
    assert stages == ["running", "reminder", "backup", "over"]


def test_at_s1_and_s2_time_elapses_also_for_what_is_else_counted_in_working_hours():
    found = one(opened("2026-11-28 23:00", severity="S2"))
    assert found.due == berlin("2026-11-29 03:00")
    assert found.hard


def test_a_policy_in_force_sets_other_times():
    policy = Policy(slug="matrix", status="in-force", version=1, enforce=(Enforce(rule="case-due", level="warn", limits={"question": "1bh / 10m", "rant": "2h", "praise": "soon"}),))  # fmt: skip
    mine = book(documents={Policy: (policy,)})
    (found,) = cases.read(mine, berlin("2027-01-01 00:00"), [opened("2026-11-24 10:00")])
    assert found.due == berlin("2026-11-24 11:00")
    assert matrix.rows(mine)["rant"].stands
    assert matrix.rows(mine)["praise"] == matrix.ROWS["praise"]


def test_somebody_away_does_not_work_and_somebody_without_hours_has_the_team_s():
    gone = replace(PEOPLE[0], away=(Away(from_=berlin("2026-11-24").date(), to=berlin("2026-11-25").date()),))
    mine = book(documents={Person: (gone, *PEOPLE[1:])})
    (found,) = cases.read(mine, berlin("2027-01-01 00:00"), [opened("2026-11-24 10:00")])
    assert found.due == berlin("2026-11-26 13:00")
    nobody = one(opened("2026-11-24 10:00", owner=""))
    assert nobody.due == berlin("2026-11-24 14:00")


def test_the_queue_is_safety_then_the_clock_then_complaints_and_keeps_places_for_questions_and_leads():
    """Twenty complaints and two questions: the questions are the fifth and the tenth, not the last."""
    rows = [opened("2026-11-24 10:00", row="complaint", name=f"c{at}") for at in range(20)]
    rows += [opened("2026-11-24 09:00", row="question", name=f"q{at}") for at in range(2)]
    rows += [opened("2026-11-24 12:00", row="safety", name="hurt", severity="S2")]
    rows += [opened("2026-11-24 12:00", row="complaint", name="grave", severity="S1")]
    rows += [opened("2026-11-24 12:00", row="praise", name="nice")]
    order = cases.queue(cases.read(book(), berlin("2026-11-24 12:30"), rows))
    assert [one.row.name for one in order[:2]] == ["safety", "complaint"]
    behind = [one.row.name for one in order[2:]]
    assert [at for at, name in enumerate(behind) if name == "question"] == [4, 9]
    assert behind[-1] == "praise"
    assert len(order) == len(rows)


def test_load_is_counted_by_the_day_of_the_person_and_says_when_it_is_full():
    rows = [opened("2026-11-24 10:00", name=f"c{at}") for at in range(2)] + [opened("2026-11-23 10:00", name="old")]
    found = cases.loads(book(), cases.read(book(), berlin("2026-11-24 11:00"), rows), berlin("2026-11-24 11:00"))
    mine = found["community-manager"]
    assert (mine.open, mine.today, mine.limit, mine.full, mine.late) == (3, 2, 2, True, 1)
    assert not found["overseas"].full


def test_times_are_measured_from_what_they_felt_and_from_what_we_knew():
    row = opened("2026-11-24 10:00", received_at=berlin("2026-11-24 09:40"))
    rows = cases.read(book(), berlin("2026-11-25 00:00"), [row, then("2026-11-24 10:30", "owned"), then("2026-11-24 11:00", "answered")])  # fmt: skip
    found = cases.times(rows)
    minutes = [span and span / timedelta(minutes=1) for span in (found.inside, found.owner, found.answer, found.public)]
    assert minutes == [20, 30, 60, 80]
    assert (found.n, found.in_time, found.answered) == (1, 1.0, 1)


def test_a_case_opens_once_whoever_of_two_runs_writes_it_down():
    early, late = opened("2026-11-24 10:00"), replace(opened("2026-11-24 10:00"), at=berlin("2026-11-24 10:01"))
    assert early.key == late.key
    assert then("2026-11-24 10:00", "owned").key != then("2026-11-24 10:01", "owned").key
    with pytest.raises(ValueError, match="knows no"):
        cases.event("case-1", "vanished", berlin("2026-11-24 10:00"), "")


def test_hostile_facts_never_raise():
    row = CaseEvent(
        "k",
        "case-x",
        "opened",
        berlin("2026-11-24 10:00"),
        "",
        ("inside_at=never", "severity=S9", "row=\x00", "deadline=0001-01-01", "=", ""),
    )
    more = CaseEvent("k2", "case-x", "answering", berlin("2026-11-24 10:01"), "", ("attempt=９", "send_before=x"))
    (found,) = cases.read(book(), berlin("2026-11-25 00:00"), [row, more])
    assert (found.severity, found.row.name, found.state) == ("S4", "question", "new")
    assert cases.read(book(), berlin("2026-11-25 00:00"), [more]) == []


def test_a_case_is_found_by_the_beginning_of_its_name():
    rows = cases.read(book(), berlin("2026-11-25 00:00"), [opened("2026-11-24 10:00", name=n) for n in ("a", "b")])
    assert cases.find(rows, rows[0].id.removeprefix("case-")[:5]) == rows[0]
    assert cases.find(rows, "case-") is None
    assert cases.find(rows, "nothing") is None


def test_every_type_of_a_document_has_its_row():
    assert set(matrix.types()) <= set(matrix.ROWS)
    assert {row.type for row in matrix.ROWS.values() if not row.stands} <= set(matrix.types())
