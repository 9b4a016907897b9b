"""A forecast that is too sure is worse than none."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from signalbook.sense.forecast import ENOUGH, forecast

DAY = date(2026, 11, 1)


def line(*values: float, step: int = 4) -> list[tuple[date, float]]:
    return [(DAY + timedelta(days=step * number), value) for number, value in enumerate(values)]


def test_a_straight_line_goes_on_and_is_sure() -> None:
    found = forecast(line(0, 4, 8, 12, 16, 20), DAY + timedelta(days=30))
    assert found is not None
    assert found.middle == pytest.approx(30)
    assert found.high - found.low == pytest.approx(0, abs=1e-6)


def test_four_futures_in_five_are_inside() -> None:
    chance = random.Random(20261127)
    inside = asked = 0
    for _ in range(400):
        number, slope, noise = chance.randint(8, 40), chance.uniform(-2, 2), chance.uniform(0.5, 8)
        days = [DAY + timedelta(days=3 * n) for n in range(number)]
        points = [(day, slope * (day - DAY).days + chance.gauss(0, noise)) for day in days]
        on = days[-1] + timedelta(days=3 * number // 2)
        found = forecast(points, on)
        assert found is not None
        comes = slope * (on - DAY).days + chance.gauss(0, noise)
        asked += 1
        inside += found.low <= comes <= found.high
    assert 0.76 <= inside / asked <= 0.84


@pytest.mark.parametrize(
    ("points", "ahead"),
    [
        (line(*range(ENOUGH - 1)), 5),  # too few
        (line(*range(10), step=1), 5),  # too short
        (line(*range(10)), 36 * 4),  # too far
        (line(*range(10)), -10),  # the past
        ([], 1),
        (line(*[float("nan")] * 20), 5),
    ],
)
def test_nobody_can_tell(points: list[tuple[date, float]], ahead: int) -> None:
    last = max((day for day, _ in points), default=DAY)
    assert forecast(points, last + timedelta(days=ahead)) is None


def test_the_order_of_the_readings_does_not_matter() -> None:
    points = line(1, 5, 2, 8, 3, 9, 4)
    assert forecast(points, DAY + timedelta(days=40)) == forecast(points[::-1], DAY + timedelta(days=40))
