"""The query language: what it finds, what it refuses and where, and that the quick way finds what the plain way finds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalbook.sense.match import Index, Queries, QueryError, Said, explain, holds, parse


def finds(query: str, text: str, **said: str) -> bool:
    quick = Queries.of({"q": query}).found(Said(text, **said)) == ["q"]
    plain = holds(parse(query), Index(Said(text, **said)))
    assert quick == plain
    return quick


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("apple", "Apple’s event"),
        ("apple", "#Apple, again"),
        ("apple", "@apple hello"),
        ('"ant-man"', "#AntMan tonight"),
        ('"ant-man"', "I saw ant man"),
        ('"ant man"', "@ant_man"),
        ("antman", "Ant-Man is out"),
        ('"ac/dc"', "ACDC live"),
        ('"katy perry"', "#KatyPerryConcert"),
        ('"katy perry"', "Katy Perry's concert"),
        ("perry", "#KatyPerryConcert"),
        ("beyonce", "Beyoncé sang"),
        ("straße", "In der STRASSE"),
        ("été", "pendant l’été"),
        ("東京", "昨日東京で見た"),
        ("서울", "서울에서"),
        ("🎉", "done 🎉"),
        ("allerg*", "allergisch"),
        ("*book", "handbook"),
        ("analy?e", "to analyse"),
        ("#launch", "our #Launch"),
        ("nut NEAR/3 bakery", "the bakery has a nut"),
        ('(nut OR allerg*) NEAR/8 ("our bakery" OR bakery-handle)', "any allergens in our bakery today?"),
        ('raw:"C++"', "I write C++ all day"),
        ("title:opening", "nothing here"),
        ("one NOT two", "one three"),
        ("one two", "two, then one"),
        ("one OR two AND three", "one"),
        ("don't", "dont do it"),
    ],
)
def test_it_finds_what_people_mean(query, text):
    assert finds(query, text, title="The opening")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("apple", "pineapple"),
        ("schön", "schon gut"),
        ('"ant man"', "man ant"),
        ("#launch", "the launch"),
        ("@team", "our #team"),
        ("nut NEAR/2 bakery", "nut one two three bakery"),
        ('raw:"IT"', "it is late"),
        ("one two", "one"),
        ("one NOT two", "one and two"),
        ("title:door", "the door"),
        ('"the end begins"', "the end, she said"),
        ("opening NEAR/5 first", "first words of the text"),  # the title's words are not near the text's
        ("us", "https://example.org/about"),
    ],
)
def test_it_leaves_out_what_people_do_not_mean(query, text):
    assert not finds(query, text, title="The opening")


def test_fields_ask_where_it_comes_from():
    said = {"author": "@Alice.example", "site": "https://www.News.example/a?b", "lang": "de-AT", "source": "forum-feed"}
    for query in (
        "x author:alice.example",
        "x site:news.example",
        "x site:example",
        "x lang:de",
        "x source:(mail OR forum-feed)",
        "x author:alice*",
    ):
        assert finds(query, "x", **said), query
    for query in ("x author:alice", "x site:ews.example", "x lang:d", "x source:forum", 'x site:"other.example"'):
        assert not finds(query, "x", **said), query


@pytest.mark.parametrize(
    ("query", "column", "words"),
    [
        ("", 1, "empty"),
        ('posted "twice', 8, "never closed"),
        ("(one OR two", 1, "never closed"),
        ("one) two", 4, "closes what was never opened"),
        ("one ()", 5, "nothing between"),
        ("one OR", 5, "nothing on one side"),
        ("AND one", 1, "nothing on one side"),
        ("one && two", 5, "no operator"),
        ("one near/3 two", 5, "no operator"),
        ("one NEAR/0 two", 5, "joins nothing"),
        ("one NEAR/5 NOT two", 5, "NEAR joins words"),
        ("NOT one", 1, "does not want"),
        ("one OR NOT two", 1, "does not want"),
        ("“one”", 1, "printed quotation mark"),
        ("one -two", 5, "means nothing here"),
        ("colour:red", 1, "no field"),
        ("site:", 1, "no value"),
        ("raw:x", 1, "quotation marks"),
        ("a*", 1, "nearly every word"),
        ("!!! ???", 1, "no operator"),
    ],
)
def test_an_error_points_at_its_column_and_says_what_to_write(query, column, words):
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert (caught.value.column, words in caught.value.message) == (column, True), str(caught.value)
    assert caught.value.remedy.endswith(".")


# --- against a plain evaluator ---------------------------------------------------------------------------------------

_WORDS = ("door", "opens", "seven", "bakery", "nut", "queue", "rain", "voucher")


def _tree(rng: random.Random, depth: int) -> tuple[str, object]:
    """A query and the same as nested tuples, for an evaluator that knows nothing of ours."""
    kind = rng.choice(
        ("word", "word", "phrase", "wild", "near") if depth == 0 else ("all", "any", "and-not", "near", "word")
    )
    if kind == "word":
        word = rng.choice(_WORDS)
        return word, ("phrase", [word])
    if kind == "phrase":
        words = [rng.choice(_WORDS) for _ in range(rng.randint(2, 3))]
        return f'"{" ".join(words)}"', ("phrase", words)
    if kind == "wild":
        start = rng.choice(_WORDS)[:3]
        return f"{start}*", ("wild", start)
    if kind == "near":
        (left, a), (right, b) = (_tree(rng, 0) for _ in range(2))
        words = rng.randint(1, 4)
        return f"({left} NEAR/{words} {right})", ("near", a, b, words)
    if kind == "and-not":
        (left, a), (right, b) = (_tree(rng, depth - 1) for _ in range(2))
        return f"({left} NOT {right})", ("and-not", a, b)
    parts = [_tree(rng, depth - 1) for _ in range(rng.randint(2, 3))]
    joined = (" OR " if kind == "any" else rng.choice((" AND ", " "))).join(text for text, _ in parts)
    return f"({joined})", (kind, [tree for _, tree in parts])


def _spans(tree, words):
    kind = tree[0]
    if kind == "phrase":
        size = len(tree[1])
        return {(at, at + size) for at in range(len(words) - size + 1) if words[at : at + size] == tree[1]}
    if kind == "wild":
        return {(at, at + 1) for at, word in enumerate(words) if word.startswith(tree[1])}
    found = set()
    for a in _spans(tree[1], words):
        for b in _spans(tree[2], words):
            first, second = sorted((a, b))
            if first[1] <= second[0] and second[0] - first[1] < tree[3]:
                found.add((first[0], second[1]))
    return found


def _plain(tree, words):
    kind = tree[0]
    if kind == "all":
        return all(_plain(one, words) for one in tree[1])
    if kind == "any":
        return any(_plain(one, words) for one in tree[1])
    if kind == "and-not":
        return _plain(tree[1], words) and not _plain(tree[2], words)
    return bool(_spans(tree, words))


def test_ten_thousand_random_queries_find_what_a_plain_evaluator_finds():
    rng = random.Random(2026)
    texts = [[rng.choice((*_WORDS, "and", "the")) for _ in range(rng.randint(1, 12))] for _ in range(40)]
    made = [_tree(rng, rng.randint(0, 3)) for _ in range(10_000)]
    queries = Queries.of({str(number): text for number, (text, _) in enumerate(made)})
    hits = 0
    for words in texts:
        expected = [str(number) for number, (_, tree) in enumerate(made) if _plain(tree, words)]
        assert queries.found(Said(" ".join(words))) == expected
        hits += len(expected)
    assert hits > 10_000  # neither everything nor nothing


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_is_read_or_refused_with_a_column(text):
    column = 1
    try:
        node = parse(text)
    except QueryError as error:
        column = error.column
    else:
        holds(node, Index(Said(text, title=text)))
        assert all(explain(node))
    assert 1 <= column <= len(text) + 1


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_is_indexed_within_its_places(text):
    index = Index(Said(text))
    assert all(start < end for places in index.forms.values() for start, end in places)


def test_parentheses_too_deep_and_queries_too_long_are_refused_at_once():
    for query in ("(" * 20_000 + "a", "a " * 6_000, "NOT " * 3_000 + "a", '"' + "a" * 20_000 + '"'):
        with pytest.raises(QueryError):
            parse(query)
