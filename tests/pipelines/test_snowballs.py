"""Snowballs through ``signalbook listen``: exports put into a folder, run by run, on the real shapes and words of four crises."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from pipelines import evaluate, listening
from signalbook import book as books
from signalbook import store
from signalbook.records import Alert, Judgement, Mention, digest
from signalbook.workspace import Workspace
from tests.conftest import SHARED

BIN = timedelta(minutes=10)
SETTINGS = """
[team]
name = "Plant"
timezone = "UTC"
languages = ["en"]

[channels.exports]
connector = "files"
folder = "exports"
"""
SUBJECT = "title: The plant\ntype: brand\nowner: writer\nqueries: ['plant']\nexpert: writer\nbackup: writer"
PERSON = "title: Writer\nside: inside\nroles: [writer]\nowner: writer\nzone: Europe/Berlin"


def team(root: Path) -> Workspace:
    for name, front in {"subjects/plant.md": SUBJECT, "writer.md": PERSON}.items():
        path = root / "content/people" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front}\n---\n", encoding="utf-8")
    (root / "signalbook.toml").write_text(SETTINGS, encoding="utf-8")
    (root / "mkdocs.yml").write_text("site_name: x\n", encoding="utf-8")
    (root / "exports").mkdir()
    return Workspace(root)


def quiet(place: Workspace, until: datetime) -> None:
    """What runs in time would have left of a quiet fortnight, the same that ``evaluate snowball`` puts before a series."""
    chance, rows = Random(7), int(timedelta(days=14) / BIN)
    mentions, judged = [], []
    for number in range(rows, 0, -1):
        if chance.random() < 0.3:
            at, name = until - number * BIN, str(number)
            key = digest("exports", name)
            mentions.append(Mention(key, "files", name, f"https://talk.example/{name}", f"a{name}", "", f"the plant {name}", "en",
                                    at, at, channel="exports"))  # fmt: skip
            judged.append(Judgement(key, "quiet", at, at, "files", "exports", "talk.example", f"a{name}", "en", "", 0.0, "nobody", 0,
                                    "", "voice", ("subject/plant",), key, key, (), "routine", 0, 0))  # fmt: skip
    store.append(place, [*mentions, *judged])


def exported(place: Workspace, name: str, rows: list[tuple[datetime, str, int]]) -> None:
    """What another tool's export holds: time, words, and a number that no other post has."""
    lines = [
        json.dumps({"id": f"t{n}", "url": f"https://talk.example/t{n}", "author": f"b{n}", "text": f"{text} (plant)",
                    "date": at.isoformat(), "language": "en"})
        for at, text, n in rows
    ]  # fmt: skip
    for old in (place.root / "exports").iterdir():
        old.unlink()
    (place.root / "exports" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def replayed(
    place: Workspace, counts: list[tuple[datetime, int]], words: list[str], runs: list[datetime]
) -> list[Alert]:
    """Run by run: each hears what was said since the one before."""
    said, number = 0, 0
    for now in runs:
        rows = []
        while said < len(counts) and counts[said][0] + BIN <= now:
            at, count = counts[said]
            for place_in in range(count):
                rows.append((at + BIN * place_in / count, words[number % len(words)], number))
                number += 1
            said += 1
        exported(place, f"{now:%Y%m%d%H%M}", rows)
        told = listening.heard(place, books.load(place), now, environment={})
        assert told.status == 0, told.notes
    return list(store.read(place, Alert)[0])


@pytest.mark.shared
@pytest.mark.parametrize("name", ["2012_Venezuela_refinery", "2013_NY_train_crash", "2013_Savar_building_collapse", "2013_West_Texas_explosion"])  # fmt: skip
def test_a_real_crisis_is_told_within_the_hour_and_at_most_twice_more_in_a_day(tmp_path, name):
    """Deaths and injuries are reported by hundreds in other words each: they must not ring hundreds of times."""
    counts = [
        (at.replace(tzinfo=UTC), int(count))
        for at, count, _ in evaluate.series(SHARED / f"crisis/timelines/{name}.csv")
    ]
    with (SHARED / "crisis/crisislex_tweets.tsv").open(encoding="utf-8", newline="") as file:
        words = [
            row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["event"] == name
        ]
    place = team(tmp_path)
    quiet(place, counts[0][0])
    ten = next(at for at, count in counts if count >= 10)
    first = ten + BIN
    runs = [first + BIN * number for number in (0, 2, 4)] + [first + timedelta(hours=n) for n in (8, 24)]
    alerts = replayed(place, counts, words, runs)
    told = [one for one in alerts if one.about == "subject/plant"]
    assert told, "nobody was told"
    assert told[0].at <= ten + timedelta(minutes=60)
    day = [one for one in told if one.at < told[0].at + timedelta(hours=24)]
    assert 1 <= len(day) <= 3, [(one.kind, one.at, one.floor, one.times) for one in day]
    spikes = [one for one in told if one.kind == "spike"]
    assert spikes[0].at <= ten + timedelta(minutes=60), "the flood itself is told as well"


def test_reports_of_harm_ring_once_a_pause_and_again_when_they_are_graver(tmp_path):
    place, begin = team(tmp_path), datetime(2026, 11, 24, 9, tzinfo=UTC)
    words = [
        "Two workers are injured at the mill, an ambulance is there.",
        "A visitor was injured by the fence as well.",
        "A third person has been injured, the street is closed for hours.",
        "One of the workers has died of her injuries this morning.",
        "Somebody else was injured when the roof came down on them.",
    ]
    counts = [(begin + BIN * number, 1) for number in range(len(words))]
    replayed(place, counts[:1], words, [begin + BIN])
    first = store.read(place, Alert)[0]
    assert [(one.kind, one.severity, one.floor) for one in first] == [("claim", 2, "injury")]
    exported(place, "more", [(at, words[n], n) for n, (at, _) in enumerate(counts)][1:])
    listening.heard(place, books.load(place), begin + BIN * 6, environment={})
    told = store.read(place, Alert)[0]
    assert [(one.severity, one.floor) for one in told] == [(2, "injury"), (1, "death")]
    later = begin + timedelta(hours=25)
    exported(place, "later", [(later, "A visitor was injured by the fence today.", 9)])
    listening.heard(place, books.load(place), later + BIN, environment={})
    assert len(store.read(place, Alert)[0]) == 3, "after the pause a report rings again"


def test_a_report_that_was_corrected_keeps_no_later_one_quiet(tmp_path):
    place, begin = team(tmp_path), datetime(2026, 11, 24, 9, tzinfo=UTC)
    words = [
        "Two workers are injured at the mill, an ambulance is there.",
        "A visitor was injured by the fence today.",
    ]
    exported(place, "one", [(begin, words[0], 0)])
    listening.heard(place, books.load(place), begin + BIN, environment={})
    (first,) = store.read(place, Alert)[0]
    listening.corrected(place, books.load(place), begin + 2 * BIN, key=first.first, by="writer", tone="", about=(),
                        not_about=("claim/injury",), alone=False, why="It was a play.")  # fmt: skip
    exported(place, "two", [(begin + BIN, words[1], 1)])
    listening.heard(place, books.load(place), begin + 3 * BIN, environment={})
    assert [one.floor for one in store.read(place, Alert)[0]] == ["injury", "injury"]
