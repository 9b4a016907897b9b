"""``signalbook evaluate``: score what the system understands on labelled data, a team's own included.

A file is CSV, or tab-separated where its name ends in ``.tsv``; its first line names the columns. Needs no workspace, reads the
file it is given and writes nothing, but for the alerts where they are asked for.
"""

from __future__ import annotations

import csv
import itertools
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from signalbook.errors import UsageError
from signalbook.sense import duplicates, match, route, sentiment, spikes, vectors

Row = dict[str, str]
QUIET = timedelta(days=14)
"""How long the quiet time before a snowball is."""


def rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a labelled file.

    Raises:
        UsageError: the file cannot be read or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not saved as UTF-8"
        message = f"{path} cannot be read: {why}."
        raise UsageError(message) from error
    lines = text.splitlines()
    reader = (
        csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if path.suffix.lower() in {".tsv", ".tab"} or ("\t" in lines[0] if lines else False)
        else csv.DictReader(lines)
    )
    lacking = [name for name in columns if name not in (reader.fieldnames or ())]
    if lacking:
        message = (
            f"{path} has no column {', '.join(f'`{name}`' for name in lacking)}; its first line names "
            f"{', '.join(reader.fieldnames or ()) or 'none'}. Name the columns {', '.join(columns)} there."
        )
        raise UsageError(message)
    return [{name: value or "" for name, value in row.items() if isinstance(name, str)} for row in reader]


def matching(path: Path) -> dict[str, Any]:
    """Each topic is a query, as a quoted phrase; a text counts as found under its own topic.

    ``recall`` is the share of texts found so, ``precision`` the share of all finds that are; ``queries_per_s`` counts one
    query asked of one text.
    """
    found = rows(path, ("topic", "text"))
    topics = sorted({row["topic"] for row in found})
    queries = match.Queries.of({topic: '"{}"'.format(topic.replace('"', " ")) for topic in topics})
    start = time.process_time()
    answers = [queries.found(match.Said(row["text"])) for row in found]
    took = time.process_time() - start
    right = sum(row["topic"] in names for row, names in zip(found, answers, strict=True))
    finds = sum(map(len, answers))
    return {
        "n": len(found),
        "recall": _share(right, len(found)),
        "precision": _share(right, finds),
        "queries_per_s": round(len(topics) * len(found) / max(took, 1e-9)),
    }


def merging(path: Path, *, at_least: float = duplicates.ALIKE) -> dict[str, Any]:
    """Pairs rated 0 to 5: how many below 3 would be merged, and how many at 4.6 or more."""
    found = rows(path, ("similarity_0_5", "a", "b"))
    merged: dict[bool, list[bool]] = {True: [], False: []}
    for number, row in enumerate(found, 2):
        try:
            rated = float(row["similarity_0_5"])
        except ValueError as error:
            message = f"{path}, line {number}: “{row['similarity_0_5'][:20]}” is no number from 0 to 5."
            raise UsageError(message) from error
        if rated >= 4.6 or rated < 3:
            same = duplicates.alike(duplicates.gist(row["a"]), duplicates.gist(row["b"])) >= at_least
            merged[rated >= 4.6].append(same)
    return {
        "n": len(found),
        "merged_different": _share(sum(merged[False]), len(merged[False])),
        "found_same": _share(sum(merged[True]), len(merged[True])),
    }


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


# --- tone and routing ------------------------------------------------------------------------------------------------

LANGUAGES = {
    "arabic": "ar", "english": "en", "french": "fr", "german": "de", "hindi": "hi", "italian": "it", "portuguese": "pt",
    "spanish": "es", "dutch": "nl", "polish": "pl", "turkish": "tr", "swedish": "sv", "danish": "da", "japanese": "ja",
}  # fmt: skip
"""Names that labelled files use for languages → BCP 47."""


def _lang(row: Row) -> str:
    said = row.get("lang", "").strip().lower()
    return LANGUAGES.get(said, said.partition("-")[0]) or "en"


def _labelled(path: Path, column: str) -> list[tuple[Row, sentiment.Label]]:
    """The rows whose label is one of the three, with it.

    Raises:
        UsageError: no row is.
    """
    found = []
    for row in rows(path, (column, "text")):
        label = next((known for known in sentiment.LABELS if known == row[column].strip().lower()), None)
        if label:
            found.append((row, label))
    if not found:
        message = f"{path}: no row has negative, neutral or positive in `{column}`."
        raise UsageError(message)
    return found


def model(path: Path) -> sentiment.Model:
    """A model that ``train sentiment`` wrote.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        learnt = sentiment.Model.load(path.read_bytes())
        if learnt.net is not None:
            vectors.of(["words"])
    except vectors.MissingVectors as error:
        message = f"{path} was learnt with vectors beside words, and cannot judge without them: {error}"
        raise UsageError(message) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path} cannot be used: {why}. Write it anew: signalbook train sentiment FILE --out {path.name}"
        raise UsageError(message) from error
    return learnt


def tone(path: Path, learnt: Path | None = None) -> dict[str, Any]:
    """Judge each text and compare with its label; texts that are not rated are counted apart.

    A column ``sentiment`` serves as the label where there is no ``label``.
    """
    trained = model(learnt) if learnt else None
    columns = _columns(path)
    found = _labelled(path, "sentiment" if "sentiment" in columns and "label" not in columns else "label")
    sentiment.tones([("warm up", "en")], model=trained)
    start = time.process_time()
    judged = sentiment.tones([(row["text"], _lang(row)) for row, _ in found], model=trained)
    took = time.process_time() - start
    pairs = [(label, one.label) for (_, label), one in zip(found, judged, strict=True) if one.label]
    return _scores(pairs) | {
        "n": len(found),
        "not_rated": len(found) - len(pairs),
        "texts_per_s": round(len(found) / max(took, 1e-9)),
    }


def _columns(path: Path) -> tuple[str, ...]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(name.strip('"') for name in first.split("\t" if "\t" in first else ","))


def _scores(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Macro F1, macro recall and accuracy of pairs (true, given)."""
    recall, f1 = {}, []
    for label in sentiment.LABELS:
        right = sum(true == label == given for true, given in pairs)
        there = sum(true == label for true, _ in pairs)
        said = sum(given == label for _, given in pairs)
        recall[label] = _share(right, there)
        f1.append(2 * right / (there + said) if there + said else 0.0)
    return {
        "n": len(pairs),
        "macro_f1": round(sum(f1) / len(f1), 4),
        "macro_recall": round(sum(recall.values()) / len(recall), 4),
        "accuracy": _share(sum(true == given for true, given in pairs), len(pairs)),
        "recall": recall,
    }


def complaining(path: Path, corrections: Path | None = None, first: int | None = None) -> dict[str, Any]:
    """Complaint or not; a complaint is ``sentiment`` = negative. With corrections, the first so many of them teach.

    Texts that taught are not scored.
    """
    found = rows(path, ("sentiment", "text"))
    learnt = None
    if corrections:
        taught = _labelled(corrections, "sentiment")[:first]
        try:
            examples = [sentiment.Example(row["text"], label, _lang(row)) for row, label in taught]
            learnt = sentiment.train(examples)
        except ValueError as error:
            message = f"{corrections}: {error}."
            raise UsageError(message) from error
        known = {row["text"] for row, _ in taught}
        found = [row for row in found if row["text"] not in known]
    judged = sentiment.complaints([(row["text"], _lang(row)) for row in found], model=learnt)
    true = [row["sentiment"].strip().lower() == "negative" for row in found]
    right = sum(one and said for one, (said, _) in zip(true, judged, strict=True))
    there, said = sum(true), sum(said for said, _ in judged)
    return {
        "n": len(found),
        "precision": _share(right, said),
        "recall": _share(right, there),
        "f1": _share(2 * right, there + said),
    }


def routing(path: Path, train: Path, per_label: int | None = None) -> dict[str, Any]:
    """Learn from labelled texts and count how often the best suggestion is right.

    ``per_label`` takes so many examples of each label, spread evenly over its rows.
    """
    by_label: dict[str, list[str]] = {}
    for row in _whole(train):
        by_label.setdefault(row["intent"], []).append(row["text"])
    examples = [
        (text, label)
        for label, texts in by_label.items()
        for text in (
            texts
            if per_label is None
            else [texts[number * len(texts) // per_label] for number in range(min(per_label, len(texts)))]
        )
    ]
    try:
        router = route.learn(examples)
    except ValueError as error:
        message = f"{train}: {error}."
        raise UsageError(message) from error
    found = _whole(path)
    best = router.ranked([row["text"] for row in found], most=1)
    return {
        "n": len(found),
        "accuracy": _share(sum(row["intent"] == one[0][0] for row, one in zip(found, best, strict=True)), len(found)),
    }


def _whole(path: Path) -> list[Row]:
    return [row for row in rows(path, ("intent", "text")) if row["intent"] and row["text"]]


OWN_WEIGHT = 3.0
"""What the team corrected itself counts so many times: it is their trade and their tone."""


def teach(
    paths: Sequence[Path], out: Path, *, corrected: Sequence[tuple[str, str, str]] = (), extra: bool = False
) -> dict[str, Any]:
    """Learn a model of sentiment from labelled files and write it to one file; scored by cross-validation.

    ``corrected`` are the team's own corrections: label, language, text. They come first and weigh more. ``extra`` learns
    from vectors of the texts beside their words.

    Raises:
        UsageError: a file cannot be read or written, there is too little to learn from, or the extra is not installed.
    """
    examples = [
        sentiment.Example(text, label, lang, OWN_WEIGHT) for label, lang, text in corrected if label in sentiment.LABELS
    ]
    examples += [
        sentiment.Example(row["text"], label, _lang(row)) for path in paths for row, label in _labelled(path, "label")
    ]
    try:
        learnt, judged = sentiment.learn(examples, extra=extra)
        data = learnt.dump()
    except vectors.MissingVectors as error:
        message = f"--extra cannot be used: {error}. Without it a model is learnt from words alone."
        raise UsageError(message) from error
    except ValueError as error:
        where = ", ".join(map(str, paths)) or "The corrections of this workspace"
        message = f"{where}: {error}."
        raise UsageError(message) from error
    try:
        new = out.with_name(f"{out.name}.new")
        new.write_bytes(data)
        new.replace(out)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}."
        raise UsageError(message) from error
    pairs = [(example.label, one.label or "") for example, one in zip(examples, judged, strict=True)]
    return {"n": len(examples), "macro_f1": _scores(pairs)["macro_f1"]}


# --- series ----------------------------------------------------------------------------------------------------------


def series(path: Path) -> list[tuple[datetime, float, str]]:
    """Times and counts of a series, each with its time as it is written.

    Raises:
        UsageError: a time or a count cannot be read.
    """
    out = []
    for number, row in enumerate(rows(path, ("timestamp", "value")), 2):
        written = row["timestamp"].strip()
        try:
            at = datetime.fromisoformat(written)
            out.append((at.replace(tzinfo=None), float(row["value"] or 0), written))
        except ValueError as error:
            message = f"{path}, line {number}: `{written[:30]}` and `{row['value'][:20]}` are no time and count, e.g. 2026-11-24 08:30:00,12."
            raise UsageError(message) from error
    return out


def alerts(folder: Path, detections: Path | None = None) -> dict[str, Any]:
    """Read every series of a folder once, oldest row first; ``detections`` gets a line an alert.

    Raises:
        UsageError: there is no series, or a file cannot be read or written.
    """
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else [folder]
    if not files:
        message = f"{folder} holds no CSV file with the columns timestamp and value."
        raise UsageError(message)
    read, lines = 0, []
    for file in files:
        found = series(file)
        read += len(found)
        written = {at: text for at, _, text in found}
        lines += [
            (file.name, written[spike.at], f"{spike.score:.4f}")
            for spike in spikes.spikes((at, count) for at, count, _ in found)
        ]
    if detections:
        try:
            with detections.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows([("series", "timestamp", "score"), *lines])
        except OSError as error:
            message = f"{detections} cannot be written: {error.strerror}."
            raise UsageError(message) from error
    return {"rows": read, "alerts": len(lines), "alerts_per_1000": round(1000 * len(lines) / read, 3) if read else 0.0}


def snowball(path: Path) -> dict[str, Any]:
    """Put a quiet fortnight before a series and see when it is told.

    ``first_alert_min`` counts from the first row with ten or more to the first alert at or after the series' beginning
    (negative: before that row; null: never); ``alerts_24h`` are the alerts in the 24 hours from the first one on.
    """
    found = series(path)
    if len(found) < 2:
        message = f"{path} has fewer than two rows, which is no series."
        raise UsageError(message)
    step = min(
        (later[0] - earlier[0] for earlier, later in itertools.pairwise(found) if later[0] > earlier[0]),
        default=timedelta(minutes=10),
    )
    told = [
        spike.at
        for spike in spikes.spikes(((at, count) for at, count in _quiet_then(found, step)), step=step)
        if spike.at >= found[0][0]
    ]
    ten = next((at for at, count, _ in found if count >= 10), None)
    return {
        "first_alert_min": round((told[0] - ten).total_seconds() / 60, 1) if told and ten else None,
        "alerts_24h": sum(at < told[0] + timedelta(hours=24) for at in told) if told else 0,
    }


def _quiet_then(found: list[tuple[datetime, float, str]], step: timedelta) -> Iterator[tuple[datetime, float]]:
    chance = Random(7)  # noqa: S311 - a made-up quiet time, not a key
    for number in range(int(QUIET / step), 0, -1):
        yield found[0][0] - number * step, float(chance.random() < 0.3)
    for at, count, _ in found:
        yield at, count
