"""The clock of an answer: the practice's worked examples come out to the minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from signalbook.clock import Step, due, share_used
from signalbook.model.base import Duration
from signalbook.period import Hours

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE = Hours.parse("Mon-Fri 09:00-17:00", BERLIN)
THERE = Hours.parse("Mon-Fri 09:00-17:00", NEW_YORK)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("inside", "target", "expected"),
    [
        ("2026-11-27 16:30", "2bh", "2026-11-30 10:30"),
        ("2026-11-28 10:00", "4bh", "2026-11-30 13:00"),
        ("2026-11-24 17:00", "8bh", "2026-11-25 17:00"),  # closed at 17:00 sharp
    ],
)
def test_the_worked_examples_of_one_office(inside, target, expected):
    assert due(berlin(inside), Duration.parse(target), OFFICE) == berlin(expected)


def test_waiting_for_them_pauses_what_is_to_be_solved():
    steps = (Step(berlin("2026-11-24 12:00"), "paused"), Step(berlin("2026-11-25 15:00"), "resumed"))
    assert due(berlin("2026-11-24 10:00"), Duration.parse("8bh"), OFFICE, steps) == berlin("2026-11-26 13:00")
    assert due(berlin("2026-11-24 10:00"), Duration.parse("8bh"), OFFICE, steps[:1]) is None


def test_the_owner_s_zone_and_holidays_count():
    thanksgiving = replace(THERE, closed=frozenset({date(2026, 11, 26)}))
    found = due(berlin("2026-11-25 16:00"), Duration.parse("8bh"), thanksgiving)
    assert found == datetime(2026, 11, 27, 10, tzinfo=NEW_YORK) == berlin("2026-11-27 16:00")


def test_handing_over_keeps_the_minutes_used():
    steps = (Step(berlin("2026-11-30 16:00"), "handed", THERE),)
    found = due(berlin("2026-11-30 15:00"), Duration.parse("4bh"), OFFICE, steps)
    assert found == datetime(2026, 11, 30, 13, tzinfo=NEW_YORK) == berlin("2026-11-30 19:00")
    with pytest.raises(ValueError, match="new owner"):
        due(berlin("2026-11-30 15:00"), Duration.parse("4bh"), OFFICE, (Step(berlin("2026-11-30 16:00"), "handed"),))


def test_a_short_day_before_a_holiday_is_short():
    hours = replace(OFFICE, special={date(2026, 12, 24): ((9 * 60, 13 * 60),)}, closed=frozenset({date(2026, 12, 25)}))
    assert due(berlin("2026-12-24 12:00"), Duration.parse("4bh"), hours) == berlin("2026-12-28 12:00")


def test_elapsed_targets_know_no_office_and_no_jump_of_the_clock():
    found = due(berlin("2027-03-28 01:30"), Duration.parse("1h"), OFFICE)
    assert found == berlin("2027-03-28 03:30")
    assert found is not None
    assert (found.hour, found.minute) == (3, 30)


def test_what_comes_after_the_due_changes_nothing():
    steps = (Step(berlin("2026-11-24 16:00"), "paused"),)
    assert due(berlin("2026-11-24 10:00"), Duration.parse("2bh"), OFFICE, steps) == berlin("2026-11-24 12:00")
    assert due(berlin("2026-11-24 10:00"), Duration.parse("1bd"), OFFICE) == berlin("2026-11-25 17:00")


def test_raising_takes_the_earlier_due():
    s3 = due(berlin("2026-11-27 16:30"), Duration.parse("4bh"), OFFICE)
    s2 = due(berlin("2026-11-27 17:30"), Duration.parse("30m"), OFFICE)
    assert s2 is not None
    assert s3 is not None
    assert min(s3, s2) == berlin("2026-11-27 18:00")


def test_a_reminder_comes_at_half_the_time():
    assert share_used(
        berlin("2026-11-24 10:00"), berlin("2026-11-24 14:00"), berlin("2026-11-24 12:00")
    ) == pytest.approx(0.5)
    assert share_used(berlin("2026-11-24 10:00"), berlin("2026-11-24 10:00"), berlin("2026-11-24 12:00")) == 1.0
