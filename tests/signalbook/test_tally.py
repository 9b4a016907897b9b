"""Numbers from readings: what is added, what is refused, what is a gap and what is unusual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from signalbook import store, tally
from signalbook.period import Period
from signalbook.records import Reading

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
WEEK = Period.around("week", MONDAY, BERLIN)


@dataclass(frozen=True)
class Place:
    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def private(self) -> Path:
        return self.root / "data" / "private"


def reading(value: float, day: int = 0, *, later: int = 0, **more: Any) -> Reading:
    """A reading so many days after the Monday of the week, taken so many hours later than usual."""
    given: dict[str, Any] = {"source": "x", "channel": "x", "subject": "account", "metric": "clicks", "origin": "x.csv"}
    return Reading.of(
        on=MONDAY + timedelta(days=day), value=value, taken_at=NOW + timedelta(hours=later), **{**given, **more}
    )


@pytest.fixture
def told(tmp_path: Path) -> Any:
    def tables(*readings: Reading) -> store.Tables:
        store.append(Place(tmp_path), readings)
        return store.tables(Place(tmp_path))

    return tables


def test_a_series_has_a_point_for_each_day_and_none_where_nothing_was_read(told: Any) -> None:
    points = tally.series(told(reading(3), reading(5, 2), reading(9, 7)), "clicks", WEEK)
    assert [point.value for point in points] == [3, None, 5, None, None, None, None]
    assert (points[0].first, points[-1].last) == (WEEK.first, WEEK.last)


def test_a_zero_that_was_read_is_no_gap(told: Any) -> None:
    assert [point.value for point in tally.series(told(reading(0)), "clicks", WEEK)][:2] == [0, None]


def test_weeks_and_months_add_their_days(told: Any) -> None:
    tables = told(*(reading(1, day) for day in range(-20, 7)))
    month = Period.parse("2026-11", BERLIN, NOW)
    weeks = tally.series(tables, "clicks", month, by="week")
    assert [(point.value, point.n) for point in weeks] == [(1, 1), (7, 7), (7, 7), (7, 7), (None, 0), (None, 0)]
    assert (weeks[0].first, weeks[-1].last) == (date(2026, 11, 1), date(2026, 11, 30))
    (whole,) = tally.series(tables, "clicks", month, by="month")
    assert whole.value == 22


def test_the_newest_reading_of_a_day_counts(told: Any) -> None:
    tables = told(reading(5, later=2), reading(3), reading(4, later=1))
    assert tally.total(tables, "clicks", WEEK).value == 5


def test_channels_are_added_and_can_be_told_apart(told: Any) -> None:
    tables = told(reading(3), reading(4, source="linkedin", channel="linkedin"))
    amount = tally.total(tables, "clicks", WEEK)
    assert (amount.value, amount.places) == (7, (("linkedin", "linkedin"), ("x", "x")))
    assert tally.total(tables, "clicks", WEEK, channel="linkedin").value == 4
    assert tally.names(tables) == {"clicks": (("linkedin", "linkedin"), ("x", "x"))}


def test_a_whole_is_not_counted_again_in_its_parts(told: Any) -> None:
    tables = told(
        reading(10), reading(4, dims=("page=A",)), reading(6, dims=("page=B",)), reading(2, 1, dims=("page=A",)),
        reading(3, 1, dims=("page=B",)),
    )  # fmt: skip
    assert tally.total(tables, "clicks", WEEK).value == 15
    assert tally.total(tables, "clicks", WEEK, dims=["page=A"]).value == 6


def test_what_a_post_reached_since_publication_counts_once(told: Any) -> None:
    post = {"metric": "views", "grain": "post"}
    tables = told(
        reading(10, 0, subject="1", **post),
        reading(25, 3, later=1, subject="1", **post),
        reading(7, subject="2", **post),
    )
    assert tally.total(tables, "views", WEEK).value == 32


def test_a_total_over_a_whole_export_belongs_to_no_day(told: Any) -> None:
    assert tally.total(told(reading(99, grain="total")), "clicks", WEEK).value is None


def test_followers_are_the_last_days_and_do_not_add_over_channels(told: Any) -> None:
    tables = told(
        reading(100, metric="followers"), reading(104, 3, metric="followers"),
        reading(50, metric="followers", source="linkedin", channel="linkedin"),
    )  # fmt: skip
    with pytest.raises(tally.Mixed, match="followers comes from linkedin and x"):
        tally.total(tables, "followers", WEEK, adds="last")
    assert tally.total(tables, "followers", WEEK, adds="last", channel="x").value == 104


def test_reach_never_adds_up(told: Any) -> None:
    tables = told(reading(100, metric="reach"), reading(120, 1, metric="reach"))
    amount = tally.total(tables, "reach", WEEK, adds="never")
    assert (amount.value, amount.why) == (None, "reach never adds up over days; ask for one day.")
    assert [point.value for point in tally.series(tables, "reach", WEEK, adds="never")][:3] == [100, 120, None]


def test_durations_told_post_by_post_have_a_median(told: Any) -> None:
    days = {"metric": "drafts_to_approval", "grain": "post", "unit": "days"}
    tables = told(
        *(reading(value, index % 2, subject=str(index), **days) for index, value in enumerate((1.5, 9, 2, 4)))
    )
    amount = tally.total(tables, "drafts_to_approval", WEEK, adds="never", min_n=4)
    assert (amount.value, amount.unit) == (3.0, "days")
    few = tally.total(tables, "drafts_to_approval", WEEK, adds="never", min_n=5)
    assert (few.value, few.why) == (None, "4 is too few to show; this metric is shown from 5.")


def test_a_mean_is_over_readings_and_not_over_means(told: Any) -> None:
    tables = told(*(reading(value, 0, subject=str(value)) for value in (1, 2, 3)), reading(10, 1, subject="4"))
    assert tally.total(tables, "clicks", WEEK, adds="mean").value == 4


def test_two_currencies_give_no_number(told: Any) -> None:
    with pytest.raises(tally.Mixed, match="EUR and USD"):
        tally.total(told(reading(5, unit="EUR"), reading(5, 1, unit="USD")), "clicks", WEEK)


def test_too_few_are_not_shown(told: Any) -> None:
    tables = told(reading(12))
    amount = tally.total(tables, "clicks", WEEK, min_n=30)
    assert (amount.value, amount.why) == (None, "12 is too few to show; this metric is shown from 30.")
    assert tally.total(tables, "clicks", WEEK, min_n=12).value == 12


def test_days_without_a_reading_are_named_but_days_to_come_are_not(told: Any) -> None:
    amount = tally.total(told(reading(1), reading(1, 2)), "clicks", WEEK, until=date(2026, 11, 19))
    assert amount.missing == (date(2026, 11, 17), date(2026, 11, 19))


def test_no_reading_is_no_number_and_says_so(told: Any) -> None:
    amount = tally.total(told(), "clicks", WEEK)
    assert (amount.value, amount.n) == (None, 0)
    assert amount.why == "No readings of clicks in week 47 of 2026, 16 to 22 November."
    assert tally.latest(told(), "clicks") is None
    assert tally.names(told()) == {}


def test_large_whole_numbers_are_added_in_full(told: Any) -> None:
    tables = told(reading(2**60 + 1), reading(2**60, 1))
    assert tally.total(tables, "clicks", WEEK).value == 2**61 + 1


def test_the_latest_number_says_when_it_was_read(told: Any) -> None:
    tables = told(reading(100, metric="followers"), reading(104, 3, later=5, metric="followers"))
    found = tally.latest(tables, "followers")
    assert found == tally.Latest(104, "count", date(2026, 11, 19), NOW + timedelta(hours=5), "x", "x")
    earlier = tally.latest(tables, "followers", until=date(2026, 11, 18))
    assert earlier is not None
    assert earlier.value == 100


def test_a_change_is_against_the_period_before(told: Any) -> None:
    tables = told(*(reading(10, day) for day in range(-7, 0)), *(reading(15, day) for day in range(7)))
    found = tally.change(tables, "clicks", WEEK)
    assert (found.difference, found.share, found.why) == (35, 0.5, "")


def test_a_change_with_gaps_or_without_a_before_says_so(told: Any) -> None:
    tables = told(reading(10, -7), *(reading(15, day) for day in range(7)))
    assert tally.change(tables, "clicks", WEEK).why == (
        "The two stand on unlike numbers of days: 0 without a reading now, 6 before."
    )
    nothing = tally.change(tables, "clicks", WEEK.previous())
    assert (nothing.difference, nothing.why) == (
        None,
        "Nothing to compare with: no readings of clicks in week 45 of 2026, 2 to 8 November.",
    )


def weeks(*values: float, **more: Any) -> list[Reading]:
    """Weekly readings, the last one in the week in question."""
    return [reading(value, -7 * back, grain="week", **more) for back, value in enumerate(reversed(values))]


def test_a_number_beyond_its_usual_variation_is_told(told: Any) -> None:
    tables = told(
        *weeks(100, 104, 98, 97, 101, 103, 99, 100, 160),
        *weeks(100, 104, 98, 97, 101, 103, 99, 100, 105, metric="calm"),
        *weeks(100, 104, 98, 97, 101, 103, 99, 100, 20, metric="quiet"),
    )
    found = tally.unusual(tables, WEEK, [("clicks", "sum"), ("calm", "sum"), ("quiet", "sum")])
    assert [(judged.metric, judged.verdict) for judged in found] == [
        ("quiet", "below"), ("clicks", "above"), ("calm", "usual"),
    ]  # fmt: skip
    assert (found[1].usual, found[1].low, found[1].high, found[1].n) == (100, 70, 130, 8)


def test_one_wild_week_before_does_not_hide_another(told: Any) -> None:
    """The median and the median distance do not move for one outlier."""
    (judged,) = tally.unusual(told(*weeks(100, 104, 98, 97, 900, 103, 99, 100, 160)), WEEK, [("clicks", "sum")])
    assert judged.verdict == "above"


def test_with_too_few_weeks_nothing_is_called_unusual(told: Any) -> None:
    (judged,) = tally.unusual(told(*weeks(1, 1, 1, 1, 900)), WEEK, [("clicks", "sum")])
    assert (judged.verdict, judged.n, judged.usual) == ("too few", 4, None)


def test_a_week_with_gaps_is_not_judged_and_not_compared(told: Any) -> None:
    whole = [reading(10, day) for day in range(-8 * 7, 7) if day not in {-3, -10, -17, -24}]
    (judged,) = tally.unusual(told(*whole), WEEK, [("clicks", "sum")])
    assert (judged.verdict, judged.n) == ("too few", 4)
    (judged,) = tally.unusual(told(), Period.around("week", MONDAY - timedelta(days=7), BERLIN), [("clicks", "sum")])
    assert judged.verdict == "gaps"


def test_what_is_unusual_of_a_metric_that_never_adds_up_is_not_asked(told: Any) -> None:
    assert tally.unusual(told(*weeks(1, 2, 3)), WEEK, [("clicks", "never")]) == []


def test_weekly_readings_are_points_of_their_week(told: Any) -> None:
    points = tally.series(told(*weeks(3, 4)), "clicks", Period.parse("2026-11-09..2026-11-22", BERLIN, NOW))
    assert [(point.first.isoformat(), point.value) for point in points] == [("2026-11-09", 3), ("2026-11-16", 4)]


def test_a_frame_has_a_row_for_each_place_and_bucket(told: Any) -> None:
    tables = told(reading(3), reading(4, 1, source="linkedin", channel="linkedin"))
    table = tally.frame(tables, ["clicks", "unknown"], WEEK)
    assert list(table.columns) == ["metric", "source", "channel", "unit", "first", "last", "value", "n"]
    assert len(table) == 14
    assert table.groupby("channel")["value"].sum().to_dict() == {"linkedin": 4.0, "x": 3.0}
    assert list(tally.frame(tables, ["unknown"], WEEK).columns) == list(table.columns)
