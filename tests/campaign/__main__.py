"""The fault campaign: does each approved post go out once, whatever dies on the way?

``python -m tests.campaign --real N --simulated M --seed S`` runs schedules: each is a small team's posts, a few racing
runners, and faults drawn by the seed. When the dust has settled the services are asked what they hold, and that is
compared with what the posts and the ledger say. A schedule fails on a duplicate, on a loss, on something that went out in
spite of a hold, and on a doubtful delivery that is neither reconciled nor shown as unknown.

==============  ====================================================================================================
``door``        an HTTP server in which every request can meet a fault; in front of a double, or of a real server
``pds`` …       strict doubles of the services, written from their documentation and apart from our connectors
``world``       virtual time, runners that race, a branch that decides, services that obey or do not
``scenario``    what a team wants, and the judgement of what came of it
``naive``       a publisher that sends and then records: the campaign has to find its duplicates
``simulated``   git, services and time in one process: many schedules a second
``mutants``     the engine with one fence taken out at a time: the campaign has to find each
``real``        processes, clones, a git server, services on loopback, SIGKILL and SIGSTOP
==============  ====================================================================================================
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from random import SystemRandom

from tests.campaign import engine, mutants, simulated
from tests.campaign.simulated import Tally

BATCH = 250


def main() -> int:
    """Run what was asked for; 0 when nothing was wrong, and the naive publisher and every mutant were found out."""
    asked = argparse.ArgumentParser(prog="python -m tests.campaign", description="The fault campaign.")
    asked.add_argument("--real", type=int, default=0, help="schedules of real processes against real servers")
    asked.add_argument("--simulated", type=int, default=0, help="schedules in one process, in virtual time")
    asked.add_argument("--seed", type=int, default=None, help="the seed of the first schedule; by chance if absent")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    asked.add_argument("--mutant", default="", help="take out one fence, and see what happens")
    asked.add_argument("--trace", action="store_true", help="tell one simulated schedule, step by step")
    given = asked.parse_args()
    seed = SystemRandom().randrange(1, 10**9) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    if given.trace:
        return _trace(seed, given.mutant)
    failed = False
    if given.simulated:
        tally = spread(given.mutant or "engine", range(seed, seed + given.simulated), given.jobs)
        tell(f"{tally.schedules:,} simulated schedules" + (f", without: {given.mutant}" if given.mutant else ""), tally)
        failed |= bool(tally.failures) != bool(given.mutant)
        if not given.mutant and given.simulated >= 1000:
            failed |= not _found_out(seed, given.jobs)
    if given.real:
        from tests.campaign import real

        failed |= not real.campaign(given.real, seed=seed, jobs=given.jobs)
    print("\nThe campaign failed." if failed else "\nThe campaign holds.")
    return int(failed)


def spread(who: str, seeds: range, jobs: int) -> Tally:
    """Run simulated schedules in several processes, and add up."""
    tally, begun = Tally(), time.perf_counter()
    batches = list(_batches(seeds))
    with ProcessPoolExecutor(max(1, min(jobs, len(batches)))) as pool:
        waiting = [pool.submit(_batch, who, batch) for batch in batches]
        for number, done in enumerate(as_completed(waiting), start=1):
            tally.add(done.result())
            if sys.stderr.isatty():
                print(f"\r{number * BATCH:,} of {len(seeds):,}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    tally.seconds = time.perf_counter() - begun
    return tally


def _batches(seeds: range) -> Iterator[range]:
    for first in range(seeds.start, seeds.stop, BATCH):
        yield range(first, min(first + BATCH, seeds.stop))


def _batch(who: str, seeds: range) -> Tally:
    if who == "naive":
        return simulated.campaign(seeds, simulated.Naive)
    if who == "engine":
        return simulated.campaign(seeds, engine.Engine)
    with mutants.taken_out(who) as make:
        return simulated.campaign(seeds, make, weather=mutants.MUTANTS[who].weather, stop_after=5)


def _found_out(seed: int, jobs: int) -> bool:
    """The naive publisher and every mutant must fail."""
    print("\nPublishers that must be found out, and in how many schedules they were:")
    well = True
    rows = [("naive: sends, then records", spread("naive", range(seed, seed + 2000), jobs))]
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {name: pool.submit(_batch, name, range(seed, seed + 10_000)) for name in mutants.MUTANTS}
        rows += [(f"without: {name}", done.result()) for name, done in waiting.items()]
    for name, tally in rows:
        found = len({number for number, _ in tally.failures})
        sorts = ", ".join(f"{count} {sort}" for sort, count in sorted(tally.wrong.items()))
        print(f"  {name:<58} {found:>5} of {tally.schedules:>6,}  {sorts or 'NOT FOUND'}")
        well &= bool(found)
    return well


def tell(title: str, tally: Tally) -> None:
    """Print what a campaign saw."""
    speed = tally.schedules / tally.seconds if tally.seconds else 0
    print(f"\n{title}: {tally.seconds:.1f} s, {speed:,.0f} a second")
    print(f"  deliveries {tally.deliveries:,}: published {tally.published:,}, unknown {tally.unknown:,}, "
          f"kept back {tally.kept_back:,}")  # fmt: skip
    for sort in ("duplicate", "lost", "forbidden", "phantom", "unrecorded", "misnoted", "claimed twice", "not claimed"):
        print(f"  {sort:<12} {tally.wrong.get(sort, 0)}")
    for name, counted in (("step", tally.steps), ("killed at", tally.kills), ("fault", tally.faults)):
        print(f"\n  {name:<44} schedules")
        for what, count in sorted(counted.items()):
            print(f"  {what:<44} {count:>9,}")
    for number, sentence in tally.failures[:20]:
        print(f"  seed {number}: {sentence}")


def _trace(seed: int, mutant: str) -> int:
    with mutants.taken_out(mutant) as make:
        weather = mutants.MUTANTS[mutant].weather if mutant else ""
        world, wrong, proofs = simulated.one(seed, make(), weather=weather, trace=True)
    for at, who, what in world.log:
        print(f"{at:10.1f}  {who:<10} {what}")
    for key, proof in sorted(proofs.items()):
        print(f"{key:<28} {proof.state:<12} {', '.join(proof.ids)}")
    for sentence in wrong:
        print(sentence)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
