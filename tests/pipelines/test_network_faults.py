"""Bluesky and Mastodon behind a door with faults: whatever a request meets, the errors say no more than is true.

The servers are the campaign's strict doubles. For each fault, at each request of a sending: ``NotSent`` and ``Refused`` mean
that nothing is there; after ``Unanswered`` a look tells which; and sending until it is sent leaves one post.
"""

from __future__ import annotations

import io
import itertools
import time
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from pipelines.connectors import bluesky, mastodon
from pipelines.http import client
from pipelines.services import Absence, Attached, Item, Sent
from signalbook.errors import NotSent, Refused, Unanswered
from signalbook.records import Receipt
from signalbook.settings import Channel
from tests.campaign.door import FAULTS, OBEYED, Door, Fault
from tests.campaign.mastodon import Mastodon
from tests.campaign.pds import Pds

PATIENCE_S = 1.5
SLOW_S = 3.0


def attached() -> Attached:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "PNG")
    return Attached("box.png", data.getvalue(), "image/png", "A teal box", 64, 48)


def item(text: str = "Doors open ☕ https://example.org/door #Doors", key: str = "opening", **more) -> Item:
    return Item(
        **{"key": f"{key}/net", "post": key, "text": text, "created_at": datetime.now(UTC), "lang": "en", **more}
    )


def opened(room: Pds | Mastodon, door: Door, http):
    if isinstance(room, Pds):
        channel = Channel("net", "bluesky", url=door.url, account=room.handle, secrets={"password": "P"})
        return bluesky.CONNECTOR.publisher(channel, {"password": room.password}, http)
    channel = Channel("net", "mastodon", url=door.url, secrets={"token": "T"})
    return mastodon.CONNECTOR.publisher(channel, {"token": room.token}, http)


@pytest.mark.parametrize("kind", sorted(FAULTS))
@pytest.mark.parametrize("which", range(3), ids=["first", "file", "post"])
@pytest.mark.parametrize("make", [Pds, Mastodon], ids=["bluesky", "mastodon"])
def test_whatever_a_request_meets_the_error_says_no_more_than_is_true(make, which, kind):
    room = make()
    given = item(media=(attached(),))
    with Door(room) as door:
        door.arm([Fault(kind, "", skip=which, wait_s=SLOW_S)])
        with client(timeout_s=PATIENCE_S) as http:
            account = opened(room, door, http)
            try:
                account.send(given)
            except (NotSent, Refused):
                settle(kind)
                assert room.held() == []
            except Unanswered:
                settle(kind)
                there = bool(room.held())
                assert there == (kind in OBEYED)
                door.arm([])
                seen = account.look(given, since=given.created_at - timedelta(minutes=1))
                assert isinstance(seen, Sent) if there else seen is Absence.PROVEN
            door.arm([])
            if not room.held():
                account.send(given)
            account.send(given)
            assert len(room.held()) == 1
            assert len(room.created()) == 1
            assert sum(door.met.values()) == 1


def settle(kind: str) -> None:
    """Let a request that was heard late be obeyed."""
    if kind.startswith("slow"):
        time.sleep(SLOW_S)


@pytest.mark.parametrize("kind", sorted(FAULTS))
@pytest.mark.parametrize("make", [Pds, Mastodon], ids=["bluesky", "mastodon"])
def test_an_edit_and_a_withdrawal_can_be_said_again_after_every_fault(make, kind):
    room = make()
    given = item()
    later = item("Other words", created_at=given.created_at)
    with Door(room) as door, client(timeout_s=PATIENCE_S) as http:
        account = opened(room, door, http)
        sent = account.send(given)
        for act in (lambda: account.amend(later, sent), lambda: account.withdraw(sent)):
            door.arm([Fault(kind, method, wait_s=SLOW_S) for method in ("POST", "PUT", "DELETE")])
            try:
                act()
            except (NotSent, Refused, Unanswered):
                settle(kind)
            door.arm([])
            act()
        assert room.held() == []
        assert len(room.created()) == 1


@pytest.mark.parametrize("make", [Pds, Mastodon], ids=["bluesky", "mastodon"])
def test_a_thread_that_broke_anywhere_is_whole_in_the_end(make):
    for broken in range(3):
        room = make()
        with Door(room) as door, client(timeout_s=PATIENCE_S) as http:
            account = opened(room, door, http)
            before: list[Receipt] = []
            for part in range(1, 4):
                given = item(f"Part {part}", part=part, parts=3, before=tuple(before))
                if part == broken + 1:
                    path = "putRecord" if make is Pds else "/statuses"
                    door.arm([Fault("drop-after", "POST", path)])
                    with pytest.raises(Unanswered):
                        account.send(given)
                found = account.look(given, since=given.created_at - timedelta(minutes=1))
                sent = found if isinstance(found, Sent) else account.send(given)
                facts = tuple(f"{name}={value}" for name, value in sent.facts.items())
                before.append(
                    Receipt(given.key, "opening", "net", part, given.created_at, sent.id, sent.url, "", facts=facts)
                )
            held = room.held()
            assert len(held) == 3
            if isinstance(room, Pds):
                pairs = itertools.pairwise(sorted(held, key=lambda row: row.value["text"]))
                assert all(two.value["reply"]["parent"]["cid"] == one.cid for one, two in pairs)
            else:
                assert [row.reply for row in held] == ["", held[0].id, held[1].id]
