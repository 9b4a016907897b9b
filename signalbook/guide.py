"""The guide's reference of documents and their fields, derived from the declarations.

``docs/reference/documents.md`` holds what ``documents()`` returns; a test compares the two, and
``python -m signalbook.guide > docs/reference/documents.md`` writes it anew.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Iterator

from signalbook.decode import describe, example, fields_of, is_ref, kinds_of, type_of, without_none
from signalbook.model import KINDS, Document, base

HEAD = """# Documents and their fields

Every document is a Markdown file with front matter. The folder decides the kind; folders below it are free. The file's
name without `.md` is the document's slug, by which others refer to it.

In the column *needed*, **always** means that the document cannot be saved without the field, **ready** that it must be
there before the document may become approved, active or open, and an empty cell that it is optional. Times are in the
team's zone unless they say an offset. `signalbook schema KIND` prints the same as JSON Schema for editors.

## Fields that every kind has

"""

NEED = {"!": "always", "^": "ready", "": ""}


def documents() -> str:
    """The whole reference page as Markdown."""
    parts = [HEAD, *_table(Document), ""]
    for kind in KINDS:
        parts += [f"\n## {kind.KIND.capitalize()}\n", f"{kind.ABOUT} Lies in `content/{kind.FOLDER}/`.\n"]
        states = kind.states()
        if states:
            ready = [state for state in states if state in kind.READY]
            after = f" Nothing may be missing from {_listed(ready)} on." if ready else ""
            parts.append(f"States: {', '.join(f'`{state}`' for state in states)}.{after}\n")
        parts += _table(kind, leave=frozenset(fields_of(Document)))
        for part in _parts(kind):
            parts += [f"\nInside `{_where(kind, part)}`:\n", *_table(part)]
    return "\n".join(parts).rstrip() + "\n"


def _listed(words: list[str]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _table(cls: type, leave: frozenset[str] = frozenset()) -> list[str]:
    rows = ["| field | needed | takes | about |", "| --- | --- | --- | --- |"]
    for key, field in fields_of(cls).items():
        if key in leave:
            continue
        about = str(field.metadata.get("help", ""))
        rows.append(f"| `{key}` | {NEED[field.metadata.get('need', '')]} | {_takes(cls, key)} | {about} |")
    return rows


def _takes(cls: type, key: str) -> str:
    tp = type_of(cls, key)
    if _dataclass(tp):
        one = "a list of groups" if typing.get_origin(tp) is tuple else "a group"
        return f"{one}, for example `{example(cls, key)}`"
    return describe(tp).replace("|", "\\|")


def _dataclass(tp: typing.Any) -> type | None:
    tp = without_none(tp)
    if is_ref(tp) or kinds_of(tp):
        return None
    if dataclasses.is_dataclass(tp) and tp is not base.Duration:
        return typing.cast("type", tp)
    for arg in typing.get_args(tp):
        if found := _dataclass(arg):
            return found
    return None


def _parts(kind: type) -> Iterator[type]:
    """The groups of fields inside a kind, each once, outer ones first; shared ones (waivers) only where they are told."""
    seen: set[type] = set()
    waiting: list[type] = [kind]
    while waiting:
        cls = waiting.pop(0)
        for key in fields_of(cls):
            part = _dataclass(type_of(cls, key))
            if part and part not in seen and (cls is not kind or key not in fields_of(Document)):
                seen.add(part)
                waiting.append(part)
                yield part


def _where(kind: type, wanted: type, prefix: str = "") -> str:
    for key in fields_of(kind):
        part = _dataclass(type_of(kind, key))
        if part is wanted:
            return prefix + key
        if part and (found := _where(part, wanted, f"{prefix}{key}.")):
            return found
    return ""


if __name__ == "__main__":
    sys.stdout.write(documents())
