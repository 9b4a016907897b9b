"""Scores on labelled files: the keys, what is refused, and the bars that must not fall."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pipelines import evaluate
from signalbook import cli
from signalbook.errors import UsageError
from tests.conftest import SHARED


def run(*argv: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main([*argv])
    return int(left.value.code or 0)


def test_a_topic_is_a_quoted_phrase_and_counts_for_its_own_texts(tmp_path, capsys):
    file = tmp_path / "own.csv"
    file.write_text('topic,text\nant-man,"See #AntMan, now"\nrain,"no word of it"\n', encoding="utf-8")
    assert run("evaluate", "matching", str(file), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {key: found[key] for key in ("n", "recall", "precision")} == {"n": 2, "recall": 0.5, "precision": 1.0}
    assert found["queries_per_s"] > 0


def test_pairs_are_counted_at_both_ends(tmp_path):
    file = tmp_path / "pairs.tsv"
    file.write_text(
        "similarity_0_5\ta\tb\n5\tThe shop opens on Monday morning\tThe shop opens Monday morning\n"
        "1\tThe shop opens on Monday morning\tRain is expected tonight\n3.5\tx\tx\n",
        encoding="utf-8",
    )
    assert evaluate.merging(file) == {"n": 3, "merged_different": 0.0, "found_same": 1.0}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("no-column.csv", "topic,words\na,b\n", "no column `text`"),
        ("empty.csv", "", "its first line names none"),
        ("latin.csv", b"topic,text\na,\xe4\n", "not saved as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, name, text, words):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=words):
        evaluate.matching(file)


def test_what_cannot_be_evaluated_is_named(tmp_path, capsys):
    assert run("evaluate", "matchin", str(tmp_path), "--json") == 2
    assert "Did you mean" in json.loads(capsys.readouterr().out)["error"]
    broken = tmp_path / "s.csv"
    broken.write_text("timestamp,value\nyesterday,3\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no time and count"):
        evaluate.alerts(tmp_path)


def test_alerts_name_times_that_stand_in_the_file(tmp_path):
    folder = tmp_path / "series"
    folder.mkdir()
    lines = [
        f"2026-11-{day:02d} {hour:02d}:{minute:02d}:00,1"
        for day in range(1, 15)
        for hour in range(24)
        for minute in range(0, 60, 10)
    ]
    lines.append("2026-11-15 00:00:00,60")
    (folder / "one.csv").write_text("timestamp,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "alerts.csv"
    found = evaluate.alerts(folder, out)
    assert found == {"rows": len(lines), "alerts": 1, "alerts_per_1000": round(1000 / len(lines), 3)}
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (row["series"], row["timestamp"]) == ("one.csv", "2026-11-15 00:00:00")
    assert 0.5 <= float(row["score"]) <= 1
    assert evaluate.snowball(folder / "one.csv")["alerts_24h"] == 1


@pytest.mark.shared
def test_the_shared_data_is_scored_above_the_bars():
    assert evaluate.matching(SHARED / "matching" / "topic_tweets.tsv")["recall"] >= 0.995
    assert evaluate.merging(SHARED / "dedupe" / "sts_news_pairs.tsv")["merged_different"] <= 0.01
    assert evaluate.alerts(SHARED / "volume" / "series")["alerts_per_1000"] <= 1.5
    for file in sorted(Path(SHARED / "crisis" / "timelines").glob("*.csv")):
        found = evaluate.snowball(file)
        assert found["first_alert_min"] <= 60
        assert 1 <= found["alerts_24h"] <= 3


def test_a_model_is_trained_used_and_scored_from_the_command_line(tmp_path, capsys):
    lines = ["label\ttext\tlang"]
    for number in range(12):
        lines += [
            f"negative\tbroken again {number}\tgerman",
            f"positive\tlovely day {number}\tgerman",
            f"neutral\tat seven {number}\tgerman",
        ]
    file = tmp_path / "own.tsv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run("-C", str(tmp_path), "train", "sentiment", "own.tsv", "--out", "own.model", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n"] == 36
    assert run("-C", str(tmp_path), "evaluate", "sentiment", "own.tsv", "--json") == 0
    untrained = json.loads(capsys.readouterr().out)
    assert (untrained["not_rated"], untrained["n"]) == (36, 36)
    assert run("-C", str(tmp_path), "evaluate", "sentiment", "own.tsv", "--model", "own.model", "--json") == 0
    trained = json.loads(capsys.readouterr().out)
    assert (trained["not_rated"], trained["macro_f1"]) == (0, 1.0)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "own.model", file]
    assert run("evaluate", "spikes", str(tmp_path), "--model", "x") == 2


def test_complaints_that_taught_are_not_scored(tmp_path):
    file = tmp_path / "said.tsv"
    rows = ["sentiment\ttext"] + [
        f"{'negative' if n % 2 else 'positive'}\t{'late again' if n % 2 else 'thanks'} {n}" for n in range(40)
    ]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert evaluate.complaining(file)["n"] == 40
    found = evaluate.complaining(file, file, 20)
    assert (found["n"], found["f1"]) == (20, 1.0)


@pytest.mark.shared
def test_complaints_and_routing_are_scored_above_the_bars():
    crisis = SHARED / "crisis"
    assert evaluate.complaining(crisis / "airline.tsv")["f1"] >= 0.75
    assert evaluate.complaining(crisis / "airline.tsv", crisis / "airline.tsv", 500)["f1"] >= 0.82
    found = evaluate.routing(crisis / "banking77_test.tsv", crisis / "banking77_train.tsv", 10)
    assert found["accuracy"] >= 0.72
