"""A query can be read the way it was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pipelines.judging import is_over
from signalbook.book import Book
from signalbook.decode import shortened
from signalbook.findings import Finding, Level
from signalbook.model import Competitor, Subject, Watch
from signalbook.rule import Ask, rule

_PIECE = re.compile(r'"[^"]*"|\(|\)|[^\s()"]+')
_JOIN = frozenset({"AND", "OR"})
_NEAR = re.compile(r"NEAR/\d+")
_FOREIGN = re.compile(r"[A-Z]+/\S*|&&|\|\|?|!+|XOR|NAND|NEAR|ADJ|WITHIN|(?:near|within|adj)/\d+", re.ASCII)


@rule(
    "query",
    level=Level.BLOCK,
    about="Quotation marks and parentheses of a query are closed, and its operators are known.",
)
def query(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find queries that would find nothing, or everything."""
    for watch in book.all(Watch):
        if watch.query and not is_over(watch) and (fault := wrong(watch.query)):
            yield ask(watch, "query", *fault)
    documents: tuple[Subject | Competitor, ...] = (*book.all(Subject), *book.all(Competitor))
    for document in documents:
        for index, text in enumerate(() if is_over(document) else document.queries):
            if fault := wrong(text):
                yield ask(document, f"queries.{index}", *fault)


def wrong(text: str) -> tuple[str, str] | None:
    """What a reader of queries would stumble over, and what to write; ``None`` when it can be read."""
    shown = shortened(text, 50)
    if re.search(r"[“”„«»]", text):
        return (
            f"The query {shown} has printed quotation marks, which do not keep the words between them together.",
            'Use straight ones: "posted twice".',
        )
    if text.count('"') % 2:
        return (
            f"A quotation mark in {shown} is never closed, so everything after it is one long phrase that nobody writes.",
            "Close it after the last word that belongs together.",
        )
    pieces = _PIECE.findall(text)
    depth = 0
    before = ""
    for piece in pieces:
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
            if depth < 0 or before == "(":
                return (
                    f"A parenthesis in {shown} closes what was never opened."
                    if depth < 0
                    else f"Empty parentheses in {shown}.",
                    "Count them: each ( has its ), with words between.",
                )
        if _FOREIGN.fullmatch(piece) and not _NEAR.fullmatch(piece):
            return (
                f"`{piece}` in {shown} is no operator here, so it would be searched for as a word.",
                "Write AND, OR, NOT or NEAR/8 (words at most eight apart), in capitals.",
            )
        joins = piece in _JOIN or _NEAR.fullmatch(piece) is not None
        if (joins and before in {"", "("}) or ((joins or piece == ")") and _operator(before)):
            return (
                f"`{piece if joins else before}` in {shown} has nothing on one side, so it joins nothing.",
                "Write a word or a group before and after it.",
            )
        before = piece
    if depth:
        return f"A parenthesis in {shown} is never closed.", "Count them: each ( has its )."
    if _operator(before):
        return f"The query {shown} ends with `{before}`, so it joins nothing.", "Write what follows, or take it out."
    if pieces and all(piece == "NOT" or before == "NOT" for before, piece in zip(["", *pieces], pieces, strict=False)):
        return (
            f"The query {shown} only says what it does not want, so it finds everything else in the world.",
            "Begin with what you look for.",
        )
    return None


def _operator(piece: str) -> bool:
    return piece in _JOIN or piece == "NOT" or _NEAR.fullmatch(piece) is not None
