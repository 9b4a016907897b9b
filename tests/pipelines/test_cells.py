"""Numbers, dates and ids in the manners of many tools: what can be read in one way is read, nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cells import (
    consecutive,
    figure,
    fold,
    id_of,
    is_empty,
    is_total,
    moment,
    orders,
    points,
    shortened,
    snake,
)

GROUPS = {
    "point": (".", ","),
    "comma": (",", "."),
    "space": (",", " "),
    "narrow": (",", "\u202f"),
    "apostrophe": (".", "’"),
}


def written(value: Decimal, manner: str) -> str:
    point, group = GROUPS[manner]
    whole, _, tail = f"{abs(value):f}".partition(".")
    parts = []
    while len(whole) > 3:
        whole, last = whole[:-3], whole[-3:]
        parts.insert(0, last)
    text = group.join([whole, *parts]) + (f"{point}{tail}" if tail else "")
    return f"-{text}" if value < 0 else text


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(GROUPS)))
def test_a_count_is_read_in_every_manner_or_in_none(value, manner):
    seen = figure(written(Decimal(value), manner))
    assert seen is not None
    possible = points([seen], [])
    assert possible
    assert {seen.read(point) for point in possible} == {Decimal(value)}


@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from(sorted(GROUPS)))
def test_two_decimals_decide_the_decimal_sign(value, manner):
    seen = figure(written(value, manner))
    assert seen is not None
    assert points([], [seen]) == {GROUPS[manner][0]}
    assert seen.read(GROUPS[manner][0]) == value


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.decimals(0, 100, places=2))
def test_one_clear_number_decides_for_the_file(counts, rate):
    for manner in ("point", "comma"):
        seen = [figure(written(Decimal(count), manner)) for count in counts]
        others = [figure(written(rate, manner))]
        assert points(seen, others) == {GROUPS[manner][0]}


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_none_and_never_an_error(text):
    figure(text)
    moment(text)
    is_empty(text)
    is_total(text)
    assert fold(fold(text)) == fold(text)
    snake(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", None), ("1.234", None), ("1203.0", "1203"), ("3.53%", "3.53"), ("3,53 %", "3.53"), ("12K", "12000"),
        ("1,2 Mio.", "1200000"), ("(1,234.50)", "-1234.50"), ("−7", "-7"), ("7-", "-7"), ("EUR 1,234.50", "1234.50"),
        ("1.234,50 €", "1234.50"), ("€12", "12"), ("1 204", "1204"), ("1'204", "1204"), ("12,34,567", "1234567"),
        (".5", "0.5"), ("0,123", "0.123"), ("+4", "4"),
    ],
)  # fmt: skip
def test_manners_of_writing_a_number(text, value):
    seen = figure(text)
    assert seen is not None
    found = {seen.point, seen.comma} - {None}
    assert len(found) == 2 if value is None else found == {Decimal(value)}


@pytest.mark.parametrize(
    "text",
    ["", "-", "many", "1.2.3", "1,2,3", "12 3", "1e5", "2.07E+18", "1-2", "12:30", "0,,1", "1 2345", "10²", "½", "Ⅷ"],
)
def test_what_is_no_number(text):
    assert figure(text) is None


def test_a_count_never_has_three_decimals():
    """``1.000`` in a column of counts is a thousand."""
    seen = figure("1.000")
    assert seen is not None
    assert points([seen], []) == {","}


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MANNERS = {
    "%Y-%m-%d": None, "%d.%m.%Y": "day-first", "%d/%m/%Y": "day-first", "%m/%d/%Y": "month-first", "%Y%m%d": None,
    "%b %d, %Y": None, "%a, %b %d, %Y": None, "%d %B %Y": None, "%Y/%m/%d": None, "%d-%m-%Y": "day-first",
}  # fmt: skip


@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(sorted(MANNERS)))
def test_a_column_of_days_keeps_the_true_order_among_the_possible(days, manner):
    seen = [moment(day.strftime(manner)) for day in days]
    assert all(seen)
    possible = orders(seen)
    order = MANNERS[manner] or "day-first"
    assert order in possible
    assert [found.read(order) for found in seen] == days


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - a wall clock is meant
def test_an_instant_with_a_zone_is_that_instant(at):
    seen = moment(at.replace(microsecond=0, tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S +0000"))
    assert seen is not None
    assert seen.day_first == at.replace(microsecond=0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14. Juli 2026", date(2026, 7, 14)), ("14 juil. 2026", date(2026, 7, 14)), ("14 de julio de 2026", date(2026, 7, 14)),
        ("14 luglio 2026", date(2026, 7, 14)), ("14 de jul. de 2026", date(2026, 7, 14)), ("14 mrt 2026", date(2026, 3, 14)),
        ("1er août 2026", date(2026, 8, 1)), ("Tue, Jul 14, 2026", date(2026, 7, 14)), ("Di., 14. Juli 2026", date(2026, 7, 14)),
        ("July 4th, 2026", date(2026, 7, 4)), ("1/8/26", None), ("1785000000", datetime.fromtimestamp(1785000000, UTC)),
    ],
)  # fmt: skip
def test_manners_of_writing_a_date(text, day):
    seen = moment(text)
    assert seen is not None
    assert seen.ambiguous if day is None else seen.day_first == day


@pytest.mark.parametrize(
    "text", ["Lifetime", "32.01.2026", "2026-02-30", "13/13/2026", "soon", "2026", "46217", "Mon 2026"]
)
def test_what_is_no_date(text):
    assert moment(text) is None


def test_days_that_follow_one_another_tell_the_order():
    seen = [moment("07/01/2026"), moment("07/02/2026")]
    assert consecutive(found.month_first for found in seen)
    assert not consecutive(found.day_first for found in seen)


def test_a_date_after_the_export_is_not_meant():
    seen = [moment("12/11/2026")]
    assert orders(seen, not_after=date(2026, 11, 24)) == {"day-first"}


@given(st.integers(1, 10**19))
def test_an_id_keeps_every_digit(number):
    assert id_of(number) == str(number)
    assert id_of(str(number)) == str(number)


@pytest.mark.parametrize("cell", ["2.07E+18", "1,22E+17", 2.07e18, 1.5])
def test_a_shortened_id_is_refused(cell):
    with pytest.raises(ValueError, match=r"\d"):
        id_of(cell)


def test_ids_that_all_end_in_zeros_after_fifteen_digits_are_shortened():
    assert shortened(["2074000000000000000", "2073000000000000000"])
    assert not shortened(["2074000000000000000", "2073000000000000002"])
