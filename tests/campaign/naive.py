"""The publisher that everybody writes first: send what is due, then note that it was sent.

It is careful in every way but one: it reads the ledger before it sends, writes it after, tries a rejected push again on the
new head, and repeats what failed. It claims nothing first. The campaign has to find the duplicates it makes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from tests.campaign.scenario import Proof, Scenario
from tests.campaign.world import Branch, Later, Lost, Rejected, Service, Silence, World


@dataclass(frozen=True, slots=True)
class Note:
    """«It was sent», as the ledger keeps it."""

    key: str
    id: str


def run(world: World, scenario: Scenario, branch: Branch, services: Mapping[str, Service]) -> None:
    """Publish whatever is due and not noted."""
    try:
        _, notes = branch.fetch()
    except Silence:
        return
    done = {note.key for note in notes}
    world.step("fetch main", 0.2)
    main = scenario.main(world.now)
    assert world.runner is not None
    world.runner.read_at = world.now
    for copy in main.posts:
        for key, channel, part in copy.deliveries():
            held = any(stop.covers(channel, world.now) for stop in main.stops)
            if key in done or copy.status != "approved" or copy.due_s > world.now or held:
                continue
            world.step("before the request")
            try:
                thing = services[channel].post(key, copy.parts_on(channel)[part - 1], key)
            except (Later, Lost):
                break
            _note(branch, Note(key, thing.id))


def _note(branch: Branch, note: Note) -> None:
    for _ in range(5):
        with contextlib.suppress(Rejected, Silence):
            head, notes = branch.fetch()
            if any(found.key == note.key for found in notes):
                return
            branch.push(head, [note], what="note")
            return


def proofs(branch: Branch) -> dict[str, Proof]:
    """What its ledger says."""
    return {note.key: Proof("published", (note.id,)) for note in branch.records}
