"""No key, token or internal address in any text of any document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from signalbook.book import Book
from signalbook.decode import remembered
from signalbook.findings import Finding, Level
from signalbook.model import Document
from signalbook.pattern import pattern
from signalbook.rule import Ask, rule

_KINDS = {
    "aws": "a key of Amazon Web Services", "github": "a token of GitHub", "gitlab": "a token of GitLab", "slack": "a token of Slack",
    "stripe": "a key of Stripe", "google": "a key of Google", "openai": "a key of a language model's service", "telegram": "a token of a Telegram bot",
    "hook": "the address of a webhook, with which anybody can post", "jwt": "a signed token", "private": "a private key", "login": "a password inside an address",
    "password": "a password", "internal": "an address inside the organisation",
}  # fmt: skip
_SECRET = pattern(
    r"(?P<aws>\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)"
    r"|(?P<github>\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b)"
    r"|(?P<gitlab>\bglpat-[\w-]{20,})"
    r"|(?P<slack>\bxox[abeoprs]-[\w-]{10,})"
    r"|(?P<stripe>\b[rs]k_live_[A-Za-z0-9]{16,}\b)"
    r"|(?P<google>\bAIza[\w-]{35})"
    r"|(?P<openai>\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,})"
    r"|(?P<telegram>\b\d{8,10}:AA[\w-]{33}\b)"
    r"|(?P<hook>https://(?:hooks\.slack\.com/services/T\w+/\w+/\w+|discord(?:app)?\.com/api/webhooks/\d+/[\w-]+|[\w-]+\.webhook\.office\.com/\S+))"
    r"|(?P<jwt>\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})"
    r"|(?P<private>-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----)"
    r"|(?P<login>\b[a-z][a-z0-9+.-]*://[^\s/:@]+:(?!\*|\.\.\.|…|<|\{|\$)[^\s/:@]{3,}@[\w.-]+)"
    r"|(?P<password>\b(?:password|passwd|api[_-]?key|secret|token|passwort|kennwort)\s*[:=]\s*[\"']?(?=[^\s\"']*\d)(?=[^\s\"']*[A-Za-z])(?![A-Z][A-Z0-9_]*\b)[^\s\"',;{}()]{10,})"
    r"|(?P<internal>\bhttps?://(?:10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}|[\w.-]+\.(?:internal|intranet|corp|lan))\b)",
    re.IGNORECASE,
)
_SIGNS = {
    "_": ("ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "k_live_"), "-": ("glpat-", "sk-"), "K": ("AKIA", "PRIVATE KEY"),
    ":": (":AA", "://10.", "://192.168.", "://172."), "hook": ("hooks.slack", "/api/webhooks", "webhook.office"), "J": ("eyJ",),
    ".int": (".internal", ".intranet"), ".corp": (".corp",), ".lan": (".lan",), "ASIA": ("ASIA",), "AIza": ("AIza",), "xox": ("xox",),
}  # fmt: skip
"""What a text without secrets seldom holds, by what all of a row have in common: looked for first because it is quick."""
_SHORTEST = 16
"""Characters of the shortest text that is looked at."""
_GIVEN = pattern(r"[dntyDNTY]\s*[:=]")
"""Behind the words of the group ``password`` stands what they give: a colon or an equals sign after their last letter."""
_SKIPPED = frozenset({"slug", "path", "digest", "head", "marks", "body_line", "unreadable"})


@rule("secret", level=Level.BLOCK, about="No key, token or internal address stands in any text.", alone=True)
def secret(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Look through every field and body of every document."""
    for document in book.everything():
        texts: list[str] = []
        _gather([value for name, value in document.__dict__.items() if name not in _SKIPPED], texts)
        if not _suspicious("\n".join(texts)):  # as nearly all are: one look at all the texts of a document
            continue
        for name, value in document.__dict__.items():
            if name in _SKIPPED or not _may_hold(value):
                continue
            for field, text in _texts(value, name.removesuffix("_")):
                if _suspicious(text):
                    yield from _found(document, field, text, ask)


def _found(document: Document, field: str, text: str, ask: Ask) -> Iterator[Finding]:
    for found in _SECRET.finditer(text):
        kind = str(found.lastgroup)
        line = document.body_line + text.count("\n", 0, found.start()) if field == "body" else document.line(field)
        column = found.start() - text.rfind("\n", 0, found.start()) if field == "body" else document.mark(field)[1]
        internal = kind == "internal"
        yield Finding(
            document.path, line, column, "" if field == "body" else field, "secret", ask.level,
            f"“{found[0][:6]}…” looks like {_KINDS[kind]}. "
            + ("It tells outsiders how we are built, and leads them nowhere." if internal
               else "Whoever can read this repository, now or later, can use it."),
            "Write the public address." if internal
            else "Renew it where it came from, because history keeps this one; then name an environment variable instead.",
        )  # fmt: skip


def _suspicious(text: str) -> bool:
    for shared, signs in _SIGNS.items():
        if shared in text:
            for sign in signs:
                if sign in text:
                    return True
    if ":" not in text and "=" not in text:
        return False
    return ("@" in text and "://" in text) or _GIVEN.search(text) is not None


def _gather(values: Iterable[object], texts: list[str]) -> None:
    """Add to texts what of these values ``_texts`` would give, in any order and without the fields."""
    for value in values:
        if isinstance(value, str):
            if len(value) >= _SHORTEST:
                texts.append(value)
        elif value and (held := _inside(type(value))):
            _gather(held(value), texts)


@remembered
def _inside(kind: type) -> Callable[[Any], Iterable[object]] | None:
    """What a value of this kind is made of; ``None`` when it holds no texts."""
    if issubclass(kind, tuple):
        return iter
    if issubclass(kind, Mapping):
        return kind.values
    names = [part.name for part in fields(kind)] if is_dataclass(kind) else []
    return (lambda value: [getattr(value, name) for name in names]) if names else None


def _may_hold(value: object) -> bool:
    """Whether a value is worth a look: most are words, too short for a secret."""
    return bool(value) and (not isinstance(value, str) or len(value) >= _SHORTEST)


def _texts(value: object, field: str) -> Iterator[tuple[str, str]]:
    """Every text in a value that is long enough to hold a secret, with its field."""
    inner: Iterable[tuple[object, object]] = ()
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, tuple):
        inner = enumerate(value)
    elif isinstance(value, Mapping):
        inner = value.items()
    elif is_dataclass(value):
        inner = ((part.name.removesuffix("_"), getattr(value, part.name)) for part in fields(value))
    for name, held in inner:
        if _may_hold(held):
            yield from _texts(held, f"{field}.{name}")
