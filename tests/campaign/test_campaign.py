"""A small campaign in every test run: the engine holds, the naive publisher does not, and no fence is there for nothing."""

from __future__ import annotations

import pytest

from tests.campaign import mutants, simulated
from tests.campaign.engine import Engine
from tests.campaign.simulated import STEPS, WEATHERS, Naive

SEED = 20_261_124


def test_every_schedule_publishes_each_delivery_once_whatever_dies():
    tally = simulated.campaign(range(SEED, SEED + 400), Engine)
    assert tally.failures == []
    assert tally.published > 800
    assert set(STEPS) <= tally.steps.keys()
    assert {f"weather: {name}" for name in WEATHERS} <= tally.faults.keys()


def test_a_publisher_that_sends_and_then_records_is_found_out():
    tally = simulated.campaign(range(SEED, SEED + 300), Naive)
    assert tally.wrong["duplicate"] > 10


@pytest.mark.parametrize("fence", mutants.MUTANTS)
def test_no_fence_can_be_taken_out_unseen(fence):
    with mutants.taken_out(fence) as make:
        tally = simulated.campaign(range(SEED, SEED + 5000), make, weather=mutants.MUTANTS[fence].weather, stop_after=1)
    assert tally.failures


def test_a_schedule_is_its_seed():
    told = []
    for _ in range(2):
        world, _, proofs = simulated.one(SEED, Engine(), weather="all at once", trace=True)
        told.append((world.log, proofs))
    assert told[0] == told[1]


def test_a_mutant_that_no_longer_fits_the_engine_says_so():
    with pytest.raises(LookupError, match="0 times, not once"):
        mutants.changed(mutants.PUBLISH, (("these words stand nowhere", ""),))
