"""Whatever a document needs in its state is written in it, whole parts and single fields alike."""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pipelines.judging import OVER, counted, listed, mistyped
from signalbook.book import Book
from signalbook.decode import a, example, fields_of, type_of
from signalbook.findings import Finding, Level
from signalbook.model import KINDS, Document, Duration, Person, Plan, Playbook
from signalbook.rule import Ask, rule

_LONGER = frozenset({"findings", "analysis", "interpretation", "it_partner"})
"""Parts that a plan on one page does without."""
_EMPTY: tuple[Any, ...] = (None, (), "")


@rule(
    "required",
    level=Level.BLOCK,
    about="A document that is approved, active or open has every field it then needs.",
    alone=True,
)
def required(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find the fields that are missing; before that state, tell in one line what is still to come."""
    told = {(finding.path, finding.field) for finding in book.findings} | mistyped(book)
    for kind in KINDS:
        rows = book.all(kind)
        needs = _needs(typing.cast("type", kind)) if rows else ()
        if not needs:
            continue
        for document in rows:
            state = document.state
            if document.unreadable or state in OVER or _exempt(document):
                continue
            missing = [row for row in _missing(document, needs, "") if (document.path, row[0]) not in told]
            if isinstance(document, Plan) and document.route == "one-page":
                missing = [row for row in missing if row[2] not in _LONGER]
            if not missing:
                continue
            if not document.is_ready:  # who approved it is written by the step itself
                missing = [row for row in missing if row[2] != "approved_by"]
            if document.is_ready:
                for path, cls, key in missing:
                    yield ask(
                        document,
                        path,
                        f"`{key}` is missing: {fields_of(cls)[key].metadata['help']}. {_why(document)}",
                        f"Write `{key}: [{', '.join(list(book.settings.channels)[:2])}]`."
                        if key == "channels" and book.settings.channels
                        else f"Write `{example(cls, key)}`.",
                    )
            elif missing:
                yield ask(
                    document,
                    "status" if state else "",
                    f"Before {a(document.KIND)} may be {_goal(kind)}, it still needs {counted(len(missing), 'field')}: "
                    f"{listed([f'`{path}`' for path, _, _ in missing], most=9)}.",
                    f"Begin with `{example(missing[0][1], missing[0][2])}`; the form and the guide tell what each is for.",
                    level=Level.INFORM,
                )


def _exempt(document: Document) -> bool:
    """A network's playbook needs no crisis roles, and a contact outside no working hours."""
    return (isinstance(document, Playbook) and document.type != "crisis") or (
        isinstance(document, Person) and document.side == "outside"
    )


def _why(document: Document) -> str:
    return (
        f"The {document.KIND} is {document.state}, so others already rely on it."
        if document.state
        else f"Others rely on {a(document.KIND)} from its first day."
    )


def _goal(kind: type[Document]) -> str:
    if not kind.READY:
        return "relied on"
    return next((state for state in kind.states() if state in kind.READY), min(kind.READY)).replace("-", " ")


@dataclasses.dataclass(frozen=True, slots=True)
class _Need:
    """One field to look at: needed itself, or with needed fields inside."""

    key: str
    name: str
    needed: bool
    inside: tuple[_Need, ...]
    cls: type


@functools.cache
def _needs(cls: type) -> tuple[_Need, ...]:
    out = []
    for key, field in fields_of(cls).items():
        needed = field.metadata.get("need") == "^" and not field.metadata.get("rule")
        part = _part(type_of(cls, key))
        inside = _needs(part) if part else ()
        if needed or inside:
            out.append(_Need(key, field.name, needed, inside, cls))
    return tuple(out)


def _part(tp: Any) -> type | None:
    """The group of fields inside a type."""
    if dataclasses.is_dataclass(tp):
        return (
            typing.cast("type", tp)
            if tp is not Duration and not issubclass(typing.cast("type", tp), Document)
            else None
        )
    if (
        typing.get_origin(tp) is not None
        and isinstance(typing.get_origin(tp), type)
        and issubclass(typing.get_origin(tp), str)
    ):
        return None
    return next((found for arg in typing.get_args(tp) if (found := _part(arg)) is not None), None)


def _missing(thing: Any, needs: tuple[_Need, ...], prefix: str) -> Iterator[tuple[str, type, str]]:
    held = thing.__dict__
    for need in needs:
        value = held.get(need.name)
        if not value and value in _EMPTY:
            if need.needed:
                yield prefix + need.key, need.cls, need.key
        elif need.inside:
            if isinstance(value, tuple):
                for index, item in enumerate(value):
                    if dataclasses.is_dataclass(item):
                        yield from _missing(item, need.inside, f"{prefix}{need.key}.{index}.")
            elif dataclasses.is_dataclass(value):
                yield from _missing(value, need.inside, f"{prefix}{need.key}.")
