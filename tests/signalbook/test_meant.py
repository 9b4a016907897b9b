"""What a writer meant by a day in words or an address without its beginning, and nothing where it cannot be told."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalbook import meant
from signalbook.decode import read_instant, slip_of


def proposed(written, kind=datetime):
    said = slip_of(kind, written)
    return said.instead if said and said.sure else ()


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("25.11.26, 9.30 Uhr", "2026-11-25 09:30"),
        ("25.11.2026 um 9 Uhr", "2026-11-25 09:00"),
        ("2026-11-25 12:15 a.m.", "2026-11-25 00:15"),
        ("Nov 25, 2026 at 9:30", "2026-11-25 09:30"),
        ("Wednesday, November 25th, 2026 9:30 pm", "2026-11-25 21:30"),
        ("25. Dezember 2026 9:30", "2026-12-25 09:30"),
        ("“2026-11-25 09:30”", "2026-11-25 09:30"),
        ("2026-11-25 09:30 CET", "2026-11-25 09:30+01:00"),
        ("11/25/26 9:30", "2026-11-25 09:30"),
    ],
)
def test_a_time_as_people_write_it_becomes_the_line_to_write(written, right):
    assert proposed(written) == (right,)


@pytest.mark.parametrize(
    "written", ["9:30", "tomorrow 9:30", "next Monday", "2026-11-25 09:30 Europe/Berlin", "25 Foo 2026"]
)
def test_what_is_no_day_is_not_made_one(written):
    assert proposed(written) == ()


def test_two_readings_are_both_told():
    assert set(proposed("03/04/26 9:30")) == {"2026-04-03 09:30", "2026-03-04 09:30"}


def test_a_day_in_words_is_a_day():
    assert proposed("25.11.26", date) == ("2026-11-25",)
    assert proposed("25 November 2026", date) == ("2026-11-25",)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("www.example.org", "https://www.example.org"),
        ("//example.org/a", "https://example.org/a"),
        ("https:/example.org/a b", "https://example.org/a%20b"),
        ("[us](https://example.org/x)", "https://example.org/x"),
        ("javascript:alert(1)", ""),
        ("the page", ""),
        ("", ""),
    ],
)
def test_an_address_is_completed_or_left(written, right):
    assert meant.address(written) == right


@given(st.text(alphabet="0123456789./-: apmUhrNovDez,ZCETGM“", max_size=30))
def test_whatever_is_proposed_can_be_read(text):
    for found in proposed(text):
        read_instant(found, ZoneInfo("UTC"))
