"""Every export beside this file is read exactly as its ``.expected.json`` says, or refused with that reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.imports import read_export
from pipelines.tables import Unreadable
from signalbook.records import Contact, Mention, Reading

EXPORTS = Path(__file__).parent / "exports"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "exports"
CASES = sorted(path.name.removesuffix(".expected.json") for path in EXPORTS.glob("*.expected.json"))
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def imported(name, data=None, **options):
    return read_export(
        name, (EXPORTS / name).read_bytes() if data is None else data, taken_at=NOW, zone=BERLIN, **options
    )


def test_there_are_enough_cases():
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_an_export_is_read_exactly_or_refused_with_the_reason(name):
    expected = json.loads((EXPORTS / f"{name}.expected.json").read_text(encoding="utf-8"))
    if "error" in expected:
        with pytest.raises(Unreadable) as refused:
            imported(name)
        assert expected["error"] in str(refused.value)
        return
    found = imported(name)
    row = found.as_json()
    totals = expected.pop("totals")
    assert {key: row["totals"].get(key) for key in totals} == totals
    assert not set(expected.pop("absent", [])) & set(row["totals"])
    readings = [record for record in found.records if isinstance(record, Reading)]
    people = [record for record in found.records if isinstance(record, Contact)]
    heard = [record for record in found.records if isinstance(record, Mention)]
    if "ids" in expected:
        ids = {record.subject for record in readings} | {person.id for person in people}
        assert ids >= set(expected.pop("ids"))
    if "contacts" in expected:
        assert len(people) == expected.pop("contacts")
    if "texts" in expected:
        assert [mention.text for mention in heard if not mention.boosts] == expected.pop("texts")
    if "links" in expected:
        assert list(heard[0].links) == expected.pop("links")
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize("name", CASES)
def test_reading_a_file_twice_gives_the_same_keys(name):
    """What makes a second import add nothing."""
    try:
        first = imported(name)
    except Unreadable:
        return
    later = read_export(name, (EXPORTS / name).read_bytes(), taken_at=datetime(2027, 3, 1, 8, tzinfo=UTC), zone=BERLIN)
    assert [record.key for record in first.records] == [record.key for record in later.records]
    assert len({(type(record), record.key) for record in first.records}) == len(first.records)


@pytest.mark.shared
def test_the_shared_exports_are_exact():
    if not SHARED.is_dir():
        pytest.skip("the folder of shared exports is not beside this clone")
    wanted = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))
    for name, expected in wanted.items():
        found = read_export(name, (SHARED / name).read_bytes(), taken_at=NOW, zone=BERLIN)
        row = found.as_json()
        flat = row | row["totals"]
        told = {key: value for key, value in expected.items() if key not in {"quirk", "links", "text"}}
        assert {key: flat.get(key, "absent") for key in told} == told, name
        heard = [record for record in found.records if isinstance(record, Mention) and not record.boosts]
        if "text" in expected:
            assert [mention.text for mention in heard] == [expected["text"]]
        if "links" in expected:
            assert [link for mention in heard for link in mention.links] == expected["links"]
