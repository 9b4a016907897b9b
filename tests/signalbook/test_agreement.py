"""Our counts are the networks' own: a table of texts by hand and by their parsers, and ten thousand random ones.

``counts.jsonl`` holds texts with their count on each network; its first line names the source of each network's column, and
a row names another in ``by`` where one was worked by hand. ``agreed.jsonl`` holds what the published parsers said of random
texts when both agreed, figures only, so that every test run compares with them; ``make test-servers`` asks the parsers
themselves (``SIGNALBOOK_SEED`` chooses other texts), and ``--golden-update`` there writes the file anew. Mastodon publishes no
parser, neither for Node nor for Python: its column is worked from the text of its source.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from signalbook import facets
from signalbook.counting import count
from tests.texts import texts

HERE = Path(__file__).parent
TABLE = [json.loads(line) for line in (HERE / "counts.jsonl").read_text(encoding="utf-8").strip().split("\n")]
SOURCES, ROWS = TABLE[0]["sources"], TABLE[1:]
AGREED = HERE / "agreed.jsonl"
SORTS = sorted({row["sort"] for row in ROWS})
INSTALLED = Path(os.environ.get("SIGNALBOOK_SERVERS") or HERE.parents[1] / ".cache/servers")
SEED = 597_270
KEPT, ASKED = 2_000, 10_000


@pytest.mark.parametrize("sort", SORTS)
def test_every_text_of_the_table_counts_as_its_source_says(sort):
    wrong = [
        f"{network}: {count(network, row['text']).count}, not {wanted}: {row['text'][:60]!a}"
        for row in ROWS
        if row["sort"] == sort
        for network, wanted in row["counts"].items()
        if count(network, row["text"]).count != wanted
    ]
    assert not wrong, "\n".join(wrong)


def test_the_table_holds_what_counting_stumbles_over_and_says_where_each_figure_is_from():
    assert len({row["text"] for row in ROWS}) == len(ROWS) >= 300
    for row in ROWS:
        assert row["counts"].keys() == SOURCES.keys()
        assert set(row.get("by", ())) <= SOURCES.keys()
    assert min(Counter(row["sort"] for row in ROWS).values()) >= 9
    assert {"zwj", "flags", "keycaps", "combining", "scripts", "right to left", "links", "bare domains", "idn", "mentions",
            "linkedin", "skin tones", "variation selectors", "newlines"} <= set(SORTS)  # fmt: skip


def figures(text):
    """What the published parsers are asked of a text, as we see it."""
    found = facets.found(text)
    return {
        "weighted": count("x", text).count,
        "graphemes": count("bluesky", text).count,
        "bytes": len(text.encode()),
        "facets": sorted([one.byte_start, one.byte_end, one.kind, one.value] for one in found),
    }


def differing(asked, answers):
    """Texts on which we and the parsers disagree, with both answers."""
    out = []
    for text, answer in zip(asked, answers, strict=True):
        ours, theirs = figures(text), {**answer, "facets": sorted(answer["facets"])}
        if ours != theirs:
            out.append(f"{text!a}\n  they: {theirs!a}\n  we:   {ours!a}")
    return out


def test_what_the_published_parsers_said_we_say_too():
    answers = [json.loads(line) for line in AGREED.read_text(encoding="utf-8").strip().split("\n")]
    seed = answers[0]["seed"]
    asked = list(texts(seed, KEPT))
    assert len(answers) == KEPT + 1
    assert sum(bool(row["facets"]) for row in answers[1:]) > KEPT // 20, "some texts lead somewhere"
    wrong = differing(asked, answers[1:])
    assert not wrong, f"{len(wrong)} of {KEPT}\n" + "\n".join(wrong[:5])


@pytest.mark.servers("parsers")
def test_ten_thousand_random_texts_count_as_the_published_parsers_count(golden_update):
    seed = int(os.environ.get("SIGNALBOOK_SEED") or SEED)
    asked = list(texts(seed, ASKED))
    answers = told(asked)
    wrong = differing(asked, answers)
    assert not wrong, f"seed {seed}: {len(wrong)} of {ASKED}\n" + "\n".join(wrong[:5])
    assert sum(len(row["facets"]) for row in answers) > ASKED // 20
    print(f"seed {seed}: {ASKED} texts agree with twitter-text and @atproto/api")
    if golden_update:
        rows = [{"seed": seed}, *answers[:KEPT]]
        AGREED.write_text("".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows), encoding="utf-8")


def told(asked):
    """What the parsers say of texts."""
    argv = ["node", str(HERE.parent / "servers/parsers/count.mjs"), str(INSTALLED / "parsers")]
    lines = "".join(json.dumps(text) + "\n" for text in asked)
    done = subprocess.run(argv, input=lines, capture_output=True, text=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.strip("\n").split("\n")]
