"""Days and times that cannot be: what is near them fits, and nothing of another meaning is ever proposed."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from signalbook import decode, settings
from signalbook.misdated import slip
from signalbook.model import KINDS, Post
from signalbook.period import Period

UTC = ZoneInfo("UTC")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says", "instead"),
    [
        ("2026-11-31", "November 2026 has only 30 days", "2026-11-30 09:00"),
        ("2026-11-31 13:00", "has only 30 days", "2026-11-30 13:00"),
        ("2026-02-30 09:00", "February 2026 has only 28 days", "2026-02-28 09:00"),
        ("2028-02-30T09:00:30Z", "February 2028 has only 29 days", "2028-02-29 09:00:30Z"),
        ("2026-11-24 24:00", "00:00 of the next", "2026-11-25 00:00"),
        ("2026-12-31 24:00 +0100", "00:00 of the next", "2027-01-01 00:00+0100"),
        ("2026-11-24 25:00", "No clock shows 25 hours", "2026-11-24 09:00"),
        ("2026-11-24 09:60", "No clock shows 60 minutes", "2026-11-24 09:00"),
        ("2026-11-24 09:30:60", "No clock shows 60 seconds", "2026-11-24 09:30"),
        ("2026-11-24 09:30 +25:00", "offsets go to 14 hours", "2026-11-24 09:30"),
        ("2026-11-24", "The hour is missing", "2026-11-24 09:00"),
        ("2026-24-11 09:00", "There is no month 24", "2026-11-24 09:00"),
        ("2026-00-11 09:00", "There is no month 00", "2026-01-11 09:00"),
        ("2026-11-00 09:00", "counted from 01", "2026-11-01 09:00"),
        ("24.11.2026, 9.30", "year first", "2026-11-24 09:30"),
        ("11/24/2026 9:30 pm", "year first", "2026-11-24 21:30"),
        ("2026-11-24 12:15am", "without am and pm", "2026-11-24 00:15"),
        ("2026-11-24  09:30", "one space apart", "2026-11-24 09:30"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_keeps_its_day_and_its_hour_near(text, says, instead):
    found = slip(text, day=False, timed=True)
    assert says in found.why
    assert found.instead == (instead,)
    decode.read_instant(instead, UTC)


def test_a_day_that_may_be_two_is_told_as_two():
    assert slip("3/4/2026").instead == ("2026-04-03", "2026-03-04")


def test_a_whole_day_takes_no_hour():
    assert slip("2026-11-31 09:30").instead == ("2026-11-30",)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "on-merge", "2026-11", "2026-11-24 at nine", "9" * 5000, "٢٠٢٦-11-24"]
)
def test_what_resembles_no_day_is_left_to_others(text):
    assert slip(text, timed=True) is None


@given(
    st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99),
    st.sampled_from(["-", ".", "/"]), st.sampled_from(["", " ", "T", ", "]), st.booleans(), st.booleans(),
)  # fmt: skip
@tried(deadline=None)
def test_whatever_is_proposed_is_taken(year, month, day, hour, minute, mark, gap, last, timed):
    parts = (f"{day}", f"{month}", f"{year:04}") if last else (f"{year:04}", f"{month:02}", f"{day:02}")
    text = mark.join(parts) + (f"{gap}{hour:02}:{minute:02}" if gap else "")
    found = slip(text, day=not timed, timed=timed)
    for one in found.instead if found else ():
        assert decode.read_instant(one, UTC) if timed else decode.read_date(one)
    if found is None:
        assert decode.read_instant(text, UTC) if timed else decode.read_date(text)


def test_no_kind_answers_an_impossible_day_with_anything_but_a_day():
    asked = 0
    for kind in KINDS:
        for key in decode.fields_of(kind):
            tp = decode.type_of(kind, key)
            if decode.slip_of(tp, "2026-11-31 09:00") is None:
                continue
            asked += 1
            _, wrongs = decode.decode(kind, {key: "2026-11-31 09:00"}, zone=UTC, marks={})
            (found,) = (one for one in wrongs if one.field == key)
            assert f"Write `{key}: 2026-11-30" in found.remedy
            assert "November 2026 has only 30 days" in found.message
    assert asked > 20


@pytest.mark.parametrize("text", ["2026-11-31", "tomorrow", "2026-11-24 25:00", "soon-merging", "09:00"])
def test_on_merge_is_proposed_only_to_who_nearly_wrote_it(text):
    _, wrongs = decode.decode(Post, {"publish_at": text}, zone=UTC, marks={})
    (found,) = (one for one in wrongs if one.field == "publish_at")
    assert ("on-merge" in found.remedy) == ("merg" in text)


def test_a_channels_day_that_cannot_be_is_told_and_not_dropped_silently(tmp_path):
    file = tmp_path / "signalbook.toml"
    for written, says in [
        ('"2026-11-31"', "has only 30 days"),
        ('"2026-11-24"', "without quotes"),
        ("3", "without quotes"),
    ]:
        file.write_text(f'[channels.blog]\nconnector = "manual"\nstart = {written}\n', encoding="utf-8")
        (found,) = settings.read(file).findings
        assert says in found.message
        assert (found.line, found.field) == (3, "channels.blog.start")
    file.write_text('[channels.blog]\nconnector = "manual"\nstart = 2026-11-31 # new\n', encoding="utf-8")
    with pytest.raises(settings.SettingsError, match=r"November 2026 has only 30 days\. Write 2026-11-30\."):
        settings.read(file)
    file.write_text('[channels.blog]\nconnector = "manual"\nstart = 2026-11-30\n', encoding="utf-8")
    assert settings.read(file).channels["blog"].start == date(2026, 11, 30)


def test_a_period_that_ends_on_an_impossible_day_names_the_last():
    with pytest.raises(ValueError, match=r"November 2026 has only 30 days\. Write 2026-11-30"):
        Period.parse("2026-11-01..2026-11-31", UTC, NOW)
