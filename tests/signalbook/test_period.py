"""Days, weeks, months, odd local times and business time."""

from __future__ import annotations

import calendar as standard
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook.period import (
    Fold,
    Gap,
    Hours,
    Period,
    add_business,
    add_business_days,
    add_elapsed,
    business_between,
    month_grid,
    resolve_local,
    start_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
OFFICE = Hours.parse("Mon-Fri 09:00-17:00", BERLIN)
OVERSEAS = Hours(NEW_YORK, OFFICE.week, closed=frozenset({date(2026, 11, 26)}))
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)


def berlin(day: int, clock: str, month: int = 11, year: int = 2026) -> datetime:
    """An instant by the clock of the office."""
    hour, minute = map(int, clock.split(":"))
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


# Local times


def test_a_usual_local_time_is_one_instant() -> None:
    assert resolve_local(datetime.fromisoformat("2026-11-24T09:30"), BERLIN) == datetime(
        2026, 11, 24, 8, 30, tzinfo=UTC
    )


def test_a_time_in_the_spring_jump_names_the_times_on_both_sides() -> None:
    meant = resolve_local(datetime.fromisoformat("2027-03-28T02:30"), BERLIN)
    assert isinstance(meant, Gap)
    assert meant.before.isoformat() == "2027-03-28T01:30:00+01:00"
    assert meant.after.isoformat() == "2027-03-28T03:30:00+02:00"


def test_a_time_in_the_autumn_hour_names_both_instants() -> None:
    meant = resolve_local(datetime.fromisoformat("2026-10-25T02:30"), BERLIN)
    assert isinstance(meant, Fold)
    assert meant.first.isoformat() == "2026-10-25T02:30:00+02:00"
    assert meant.second.isoformat() == "2026-10-25T02:30:00+01:00"


def test_a_time_with_an_offset_is_not_asked_about() -> None:
    with pytest.raises(ValueError, match="already says its offset"):
        resolve_local(NOW, BERLIN)


@given(st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01")), ZONES)
@settings(deadline=None)
def test_every_local_time_is_one_instant_or_a_gap_or_a_fold(naive: datetime, zone: ZoneInfo) -> None:
    meant = resolve_local(naive, zone)
    if isinstance(meant, Gap):
        assert meant.before < meant.after
        assert meant.before.replace(tzinfo=None) < naive < meant.after.replace(tzinfo=None)
    elif isinstance(meant, Fold):
        assert meant.first.astimezone(UTC) < meant.second.astimezone(UTC)
        assert meant.first.replace(tzinfo=None, fold=0) == meant.second.replace(tzinfo=None, fold=0) == naive
    else:
        assert meant.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), ZONES)
@settings(deadline=None)
def test_days_follow_each_other_without_a_hole(day: date, zone: ZoneInfo) -> None:
    start, end = start_of(day, zone), start_of(day + timedelta(days=1), zone)
    assert start.astimezone(UTC) <= end.astimezone(UTC)
    if start.astimezone(UTC) < end.astimezone(UTC):
        assert start.astimezone(UTC).astimezone(zone).date() == day
        assert (start.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone).date() != day


def test_a_day_that_begins_with_a_jump_begins_at_the_jump() -> None:
    """In Beirut clocks went from midnight to one in the spring of 2024."""
    assert start_of(date(2024, 3, 31), ZoneInfo("Asia/Beirut")).isoformat() == "2024-03-31T01:00:00+03:00"


def test_a_day_that_a_country_left_out_has_no_length() -> None:
    """Samoa went over the date line at the end of 29 December 2011."""
    day = Period.parse("2011-12-30", ZoneInfo("Pacific/Apia"), NOW)
    assert day.start == day.end


# Periods


@pytest.mark.parametrize(
    ("text", "first", "last", "label"),
    [
        ("2026-W47", "2026-11-16", "2026-11-22", "week 47 of 2026, 16 to 22 November"),
        ("2026-W49", "2026-11-30", "2026-12-06", "week 49 of 2026, 30 November to 6 December"),
        ("2026-W53", "2026-12-28", "2027-01-03", "week 53 of 2026, 28 December 2026 to 3 January 2027"),
        ("2026-11", "2026-11-01", "2026-11-30", "November 2026"),
        ("2028-02", "2028-02-01", "2028-02-29", "February 2028"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "fourth quarter of 2026, October to December"),
        ("2026", "2026-01-01", "2026-12-31", "2026"),
        ("28d", "2026-10-27", "2026-11-23", "the 28 days to 23 November 2026"),
        ("1d", "2026-11-23", "2026-11-23", "23 November 2026"),
        ("2026-11-24", "2026-11-24", "2026-11-24", "24 November 2026"),
        ("2026-11-01..2026-11-23", "2026-11-01", "2026-11-23", "1 to 23 November 2026"),
        ("2026-12-30..2027-01-02", "2026-12-30", "2027-01-02", "30 December 2026 to 2 January 2027"),
    ],
)
def test_a_period_is_read_and_named(text: str, first: str, last: str, label: str) -> None:
    period = Period.parse(text, BERLIN, NOW)
    assert (period.first.isoformat(), period.last.isoformat(), period.label) == (first, last, label)
    assert Period.parse(str(period), BERLIN, NOW).days() == period.days()


@pytest.mark.parametrize(
    "text",
    ["", "2026-W54", "2026-W00", "2026-13", "2026-Q5", "0d", "26", "2026-02-30", "2026-11-23..2026-11-01", "2026-W47x"],
)
def test_what_is_no_period_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        Period.parse(text, BERLIN, NOW)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026-W01", "2025-W52"),
        ("2026-01", "2025-12"),
        ("2026-Q1", "2025-Q4"),
        ("2026", "2025"),
        ("2026-03-01", "2026-02-28"),
        ("28d", "2026-09-29..2026-10-26"),
        ("2026-11-01..2026-11-23", "2026-10-09..2026-10-31"),
    ],
)
def test_the_previous_period_has_the_same_shape(text: str, before: str) -> None:
    assert str(Period.parse(text, BERLIN, NOW).previous()) == before


def test_a_period_holds_its_first_instant_and_not_its_end() -> None:
    week = Period.parse("2026-W43", BERLIN, NOW)
    assert week.start in week
    assert week.end not in week
    assert week.end - timedelta(microseconds=1) in week
    # The week in which clocks go back has an hour more.
    assert week.end.astimezone(UTC) - week.start.astimezone(UTC) == timedelta(days=7, hours=1)


def test_the_weeks_of_a_month_cover_it() -> None:
    weeks = Period.parse("2026-11", BERLIN, NOW).weeks()
    assert [str(week) for week in weeks] == ["2026-W44", "2026-W45", "2026-W46", "2026-W47", "2026-W48", "2026-W49"]


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_grid_holds_each_day_once_and_starts_on_mondays(year: int, month: int) -> None:
    if (year, month) == (9999, 12):
        with pytest.raises(ValueError, match="9999-12"):
            month_grid(year, month)
        return
    weeks = month_grid(year, month)
    days = [day for week in weeks for day in week]
    assert all(len(week) == 7 and week[0].weekday() == 0 for week in weeks)
    assert days == sorted(set(days))
    inside = [day.day for day in days if (day.year, day.month) == (year, month)]
    assert inside == list(range(1, standard.monthrange(year, month)[1] + 1))
    assert len(days) - len(inside) < 14


@given(st.integers(1900, 2100), st.integers(1, 12), ZONES)
@settings(deadline=None)
def test_each_instant_of_a_month_falls_on_one_day_of_its_grid(year: int, month: int, zone: ZoneInfo) -> None:
    period = Period.around("month", date(year, month, 1), zone)
    grid = [day for week in month_grid(year, month) for day in week]
    for day in period.days():
        assert grid.count(start_of(day, zone).astimezone(UTC).astimezone(zone).date()) == 1


# Business time: the worked examples of the response clock, in the office's hours unless said


@pytest.mark.parametrize(
    ("inside", "hours", "due"),
    [
        (berlin(27, "16:30"), 2, berlin(30, "10:30")),
        (berlin(28, "10:00"), 4, berlin(30, "13:00")),
        (berlin(24, "17:00"), 8, berlin(25, "17:00")),
        (berlin(24, "09:00"), 8, berlin(24, "17:00")),
        (berlin(24, "08:59"), 0.5, berlin(24, "09:30")),
    ],
)
def test_working_hours_run_only_while_the_office_is_open(inside: datetime, hours: float, due: datetime) -> None:
    assert add_business(inside, hours, OFFICE) == due


def test_waiting_for_an_answer_from_outside_stops_the_clock() -> None:
    used = business_between(berlin(24, "10:00"), berlin(24, "12:00"), OFFICE)
    assert add_business(berlin(25, "15:00"), timedelta(hours=8) - used, OFFICE) == berlin(26, "13:00")


def test_the_clock_is_the_owners_with_the_owners_holidays() -> None:
    due = add_business(berlin(25, "16:00"), 8, OVERSEAS)
    assert due.isoformat() == "2026-11-27T10:00:00-05:00"
    assert due == berlin(27, "16:00")


def test_handing_over_keeps_the_time_used() -> None:
    used = business_between(berlin(30, "15:00"), berlin(30, "16:00"), OFFICE)
    due = add_business(berlin(30, "16:00"), timedelta(hours=4) - used, OVERSEAS)
    assert due.isoformat() == "2026-11-30T13:00:00-05:00"
    assert due == berlin(30, "19:00")


def test_a_short_day_and_a_holiday_are_left_out() -> None:
    office = Hours(
        BERLIN,
        OFFICE.week,
        closed=frozenset({date(2026, 12, 25)}),
        special={date(2026, 12, 24): ((9 * 60, 13 * 60),)},
    )
    assert add_business(berlin(24, "12:00", month=12), 4, office) == berlin(28, "12:00", month=12)


def test_elapsed_time_goes_on_while_clocks_jump() -> None:
    due = add_elapsed(berlin(28, "01:30", month=3, year=2027), timedelta(hours=1))
    assert due.isoformat() == "2027-03-28T03:30:00+02:00"


def test_an_absence_moves_the_answer_to_the_return() -> None:
    away = Hours(BERLIN, OFFICE.week, away=((date(2026, 12, 21), date(2027, 1, 3)),))
    assert add_business(berlin(18, "16:00", month=12), 2, away) == berlin(4, "10:00", month=1, year=2027)


def test_a_night_shift_loses_the_hour_that_clocks_skip() -> None:
    night = Hours.parse("Sun 00:00-08:00", BERLIN)
    assert business_between(
        berlin(28, "00:00", month=3, year=2027), berlin(29, "00:00", month=3, year=2027), night
    ) == (timedelta(hours=7))
    assert business_between(berlin(25, "00:00", month=10), berlin(26, "00:00", month=10), night) == timedelta(hours=9)


def test_opening_is_inside_and_closing_is_outside() -> None:
    assert OFFICE.is_open(berlin(24, "09:00"))
    assert not OFFICE.is_open(berlin(24, "17:00"))
    assert not OFFICE.is_open(berlin(28, "10:00"))


def test_working_days_end_when_the_office_shuts() -> None:
    assert add_business_days(berlin(27, "10:00"), 2, OFFICE) == berlin(1, "17:00", month=12)


@pytest.mark.parametrize(
    ("text", "weekday", "shifts"),
    [
        ("Mon-Fri 09:00-17:00", 4, ((540, 1020),)),
        ("Mon-Thu 09:00-12:00 13:00-17:00, Fri 09:00-15:00", 0, ((540, 720), (780, 1020))),
        ("Sat-Mon 22:00-24:00", 6, ((1320, 1440),)),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, weekday: int, shifts: object) -> None:
    assert Hours.parse(text, BERLIN).week[weekday] == shifts


@pytest.mark.parametrize(
    "text", ["", "Mon-Fri", "Mun-Fri 09:00-17:00", "Mon-Fri 17:00-09:00", "Mon 9-17", "Mon 09:00-12:00 11:00-13:00"]
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|days|times"):
        Hours.parse(text, BERLIN)


def test_a_calendar_without_hours_says_so() -> None:
    with pytest.raises(ValueError, match="too few working hours"):
        add_business(NOW, 1, Hours(BERLIN, {}))


@given(
    st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-01-01"), timezones=st.just(UTC)),
    st.integers(1, 5000).map(lambda minutes: timedelta(minutes=minutes)),
    st.sampled_from([OFFICE, OVERSEAS, Hours.parse("Sat-Sun 00:00-24:00, Wed 01:00-04:00", BERLIN)]),
)
@settings(deadline=None)
def test_what_is_added_is_what_lies_between(start: datetime, hours: timedelta, office: Hours) -> None:
    due = add_business(start, hours, office)
    assert business_between(start, due, office) == hours
    # Due at the first instant by which the work fits: an instant earlier it does not.
    assert business_between(start, due - timedelta(microseconds=1), office) < hours
