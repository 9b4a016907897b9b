"""What is remembered of sources between two runs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalbook import sources
from signalbook.sources import Source
from signalbook.workspace import Workspace

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
FULL = Source(
    etag='"a"', modified="Fri", content="c", moved_to="https://h.example/", cursor={"since_id": "1"}, tried_at=AT,
    answered_at=AT, heard_at=AT, due_at=AT, failures=2, error="e", since=AT, times=(AT,), seen=("k",), read=3,
    left_out={"why": 1},
)  # fmt: skip


def test_states_come_back_as_they_were_written(tmp_path):
    place = Workspace(tmp_path)
    assert sources.read(place) == {}
    sources.write(place, {"b": FULL, "a": Source()})
    assert sources.read(place) == {"a": Source(), "b": FULL}
    assert [file.name for file in place.private.iterdir()] == [sources.NAME]
    assert not FULL.working
    assert Source(answered_at=AT).working


@pytest.mark.parametrize("text", ["", "[", "[]", '{"a": 3}', "[" * 100_000])
def test_a_file_that_is_broken_is_as_good_as_none(tmp_path, text):
    place = Workspace(tmp_path)
    place.private.mkdir(parents=True)
    sources.path(place).write_text(text)
    assert sources.read(place) == {}


def test_a_failed_write_leaves_what_was_there(tmp_path):
    place = Workspace(tmp_path)
    sources.write(place, {"a": FULL})
    with pytest.raises(TypeError):
        sources.write(place, {"a": Source(read=object())})  # type: ignore[arg-type]
    assert sources.read(place) == {"a": FULL}
    assert [file.name for file in place.private.iterdir()] == [sources.NAME]


VALUES = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*sources.encode(FULL), "more"]), VALUES))
def test_no_plain_value_raises(plain):
    sources.encode(sources.decode(plain))
