"""A source that is quieter than it ever is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from signalbook.sense.silence import rhythm, silence

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def daily(days: int, *, end: datetime = NOW) -> list[datetime]:
    return [end - n * DAY for n in range(days)]


def test_a_daily_source_is_quiet_after_a_day_and_a_half():
    times = daily(20)
    assert rhythm(times) == 1.5 * DAY
    assert silence(times, NOW + 1.5 * DAY) is None
    found = silence(times, NOW + 1.6 * DAY)
    assert found is not None
    assert (found.since, found.expected) == (NOW, False)
    assert found.lasts(NOW + 2 * DAY) == 2 * DAY


def test_one_holiday_does_not_hide_the_next_silence():
    times = [*daily(30), *daily(30, end=NOW - 44 * DAY)]
    assert rhythm(times) == 1.5 * DAY


def test_weekends_are_a_rhythm():
    times = [at for at in daily(60) if at.weekday() < 5]
    monday = max(times) + 3 * DAY
    assert silence(times, monday) is None


@pytest.mark.parametrize("times", [[], daily(3), [NOW] * 30])
def test_whoever_said_too_little_has_no_rhythm(times):
    assert rhythm(times) is None
    assert silence(times, NOW + 300 * DAY) is None


def test_what_a_person_expects_counts_also_where_nothing_was_ever_heard():
    assert silence([], NOW, since=NOW - 2 * DAY, expect_every=3 * DAY) is None
    found = silence([], NOW, since=NOW - 4 * DAY, expect_every=3 * DAY)
    assert found is not None
    assert found.expected


def test_a_burst_is_no_reason_to_worry_the_next_minute():
    assert rhythm([NOW + timedelta(minutes=n) for n in range(40)]) == timedelta(hours=6)
