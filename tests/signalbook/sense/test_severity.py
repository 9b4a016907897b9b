"""Severity: the practice's worked example to the point, and floors that hold."""

from __future__ import annotations

import pytest

from signalbook.sense.severity import FLOORS, judge, worse


def test_the_worked_example_at_ten_is_62_and_s2():
    """10:00: 23 sources, 6.5 times the usual, a trade outlet, 96 of 118 negative, product quality, a burnt hand claimed."""
    seen = judge(
        sources=23,
        times_usual=6.5,
        voice="trade",
        negative=96,
        rated=118,
        matter="quality",
        claims=frozenset({"injury"}),
    )
    assert (seen.points, seen.level, seen.floor) == (62, "S2", "")
    assert seen.parts == {"spread": 20, "speed": 14, "voice": 10, "tone": 10, "sensitivity": 8}
    assert "(81%)" in " ".join(seen.why)


def test_at_eleven_it_is_88_and_s1_and_stays_so_without_the_floor():
    for claims in (frozenset({"injury"}), frozenset[str]()):
        seen = judge(
            sources=55, times_usual=9, voice="national", negative=79, rated=100, matter="quality", claims=claims
        )
        assert (seen.points, seen.level) == (88, "S1")


@pytest.mark.parametrize(
    ("claim", "level"),
    [("death", "S1"), ("injury", "S2"), ("personal-data", "S2"), ("authority", "S2"), ("executive", "S3")],
)
def test_one_credible_report_is_enough_for_its_floor(claim, level):
    seen = judge(sources=1, times_usual=1, claims=frozenset({claim}), echo=False)
    assert (seen.level, seen.floor, seen.points) == (level, claim, 0)
    assert seen.why[-1].endswith("whatever the points.")


def test_of_several_claims_the_worst_decides():
    assert judge(sources=0, times_usual=0, claims=frozenset(FLOORS)).floor == "death"


@pytest.mark.parametrize(
    ("sources", "times", "negative", "points"),
    [(2, 1.9, 39, 0), (3, 2, 40, 23), (10, 4, 70, 39), (50, 8, 71, 60), (9, 3.9, 0, 18), (49, 7.9, 0, 34)],
)
def test_each_step_begins_where_the_practice_says(sources, times, negative, points):
    assert judge(sources=sources, times_usual=times, negative=negative, rated=100).points == points


@pytest.mark.parametrize(("points_of", "level"), [("law", "S1"), ("quality", "S1")])
def test_one_voice_without_echo_is_at_most_s3(points_of, level):
    loud = {"sources": 60, "times_usual": 10, "voice": "national", "negative": 9, "rated": 10, "matter": points_of}
    assert judge(**loud).level == level
    assert judge(**loud, echo=False).level == "S3"


def test_unsure_means_the_higher():
    assert worse("S3", "S2") == "S2"


@pytest.mark.parametrize("wrong", [{"sources": -1}, {"negative": 3, "rated": 2}, {"claims": frozenset({"rumour"})}])
def test_numbers_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"at least 0|no such claim"):
        judge(**({"sources": 1, "times_usual": 1} | wrong))
