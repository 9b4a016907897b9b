"""Spikes: told once, at once, and only when it is more than usual."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook.sense.spikes import Listener, spikes

START = datetime(2026, 11, 2, tzinfo=UTC)
STEP = timedelta(minutes=10)


def quiet(rows: int, *, most: int = 3, seed: int = 1) -> list[tuple[datetime, float]]:
    chance = Random(seed)
    return [(START + number * STEP, float(chance.randint(0, most))) for number in range(rows)]


def test_a_quiet_month_tells_nobody_anything():
    assert list(spikes(quiet(4_000))) == []


def test_a_sudden_rise_is_told_in_its_first_row_with_what_was_usual():
    rows = quiet(2_000)
    rows += [(rows[-1][0] + STEP, 40.0)]
    (found,) = spikes(rows)
    assert (found.at, found.count, found.more) == (rows[-1][0], 40.0, False)
    assert found.usual < 3
    assert found.times > 10
    assert 0.5 <= found.score <= 1


def test_a_rise_that_stays_is_told_once_and_ten_times_more_is_told_again():
    rows = quiet(2_000)
    for number, count in enumerate([40.0] * 20 + [900.0] * 20 + [30_000.0] * 20 + [900_000.0] * 20, 1):
        rows.append((rows[1_999][0] + number * STEP, count))
    found = list(spikes(rows))
    assert [spike.more for spike in found] == [False, True, True]


def test_nothing_is_told_while_the_usual_is_still_learnt():
    rows = quiet(100)
    assert list(spikes([*rows, (rows[-1][0] + STEP, 500.0)])) == []


def test_fewer_than_asked_for_is_never_a_spike():
    rows = quiet(2_000, most=0)
    assert list(spikes([*rows, (rows[-1][0] + STEP, 4.0)])) == []
    assert len(list(spikes([*rows, (rows[-1][0] + STEP, 5.0)]))) == 1


def test_each_row_is_decided_by_the_rows_before_it_alone():
    rows = quiet(1_500)
    rows += [
        (rows[-1][0] + (number + 1) * STEP, float(value)) for number, value in enumerate([30, 2, 50, 1, 400, 3] * 20)
    ]
    whole = list(spikes(rows, step=STEP))
    assert whole
    for end in range(1_490, len(rows), 7):
        assert list(spikes(rows[:end], step=STEP)) == [spike for spike in whole if spike.at <= rows[end - 1][0]]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
@settings(max_examples=100, deadline=None)
def test_no_count_is_too_odd(values):
    rows = quiet(400)
    rows += [(rows[-1][0] + (number + 1) * STEP, value) for number, value in enumerate(values)]
    for spike in spikes(rows):
        assert 0.5 <= spike.score <= 1


def test_rows_must_be_some_time_apart():
    with pytest.raises(ValueError, match="more than nothing"):
        Listener(timedelta())
