"""No request that changes something starts after its time: the last fence of publishing once."""

from __future__ import annotations

import pytest

from pipelines.http import Client
from signalbook.errors import NotSent
from tests.campaign.door import Answer, Door


@pytest.fixture
def door():
    with Door(lambda request: Answer.of({"method": request.method})) as opened:
        yield opened


def test_nothing_is_sent_once_the_time_is_over_and_reading_goes_on(door):
    with Client(timeout_s=5) as client:
        with client.closing(lambda: True):
            with pytest.raises(NotSent, match="was over before the request began"):
                client.request("POST", door.url, channel="c", json={})
            assert client.request("GET", door.url, channel="c").ok
        assert client.request("POST", door.url, channel="c", json={}).ok
    assert [method for _, method, _, _ in door.heard] == ["GET", "POST"]


def test_a_connection_that_came_about_too_late_carries_nothing(door):
    asked = iter((False, True, False, False))
    with Client(timeout_s=5) as client, client.closing(lambda: next(asked)):
        with pytest.raises(NotSent):
            client.request("POST", door.url, channel="c", json={})
        assert client.request("POST", door.url, channel="c", json={}).ok
    assert len(door.heard) == 1
