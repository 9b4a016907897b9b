"""Text → front matter as plain values, body, and the line of every field.

Most documents are written in the plainest way: a field a line, lists and groups in brackets or a part a line. Those are
read here. What is written in any other way is left to python-frontmatter, which finds the fences, and to PyYAML
(``signalbook.nodes``), which also says what is wrong; a property test holds the two ways equal. The values are texts,
whole numbers, decimals, true and false, lists and mappings: nothing is turned into a time, so that ``12:30`` stays as it
was written, and ``no`` and ``on`` are words.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from signalbook.classes import dataclass
from signalbook.model.base import Marks
from signalbook.pattern import pattern

Mark = tuple[int, int]
"""1-based line and column in the file."""

MAX_FILE_BYTES = 2_000_000
MAX_HEAD_CHARS = 100_000
MAX_DIGITS = 18
SHARED = 40
"""Characters of a value that is kept once however many documents say it: names of roles, channels, states."""

_INT = pattern(r"[-+]?(0|[1-9][0-9]*)$")
_FLOAT = pattern(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+$")
WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something in the text that is not as it should be.

    Attributes:
        mark: where.
        field: the field's path, empty when it is about the text as a whole.
        message: what is wrong.
        remedy: what to write instead.
        fatal: whether the front matter cannot be used at all.
    """

    mark: Mark
    field: str
    message: str
    remedy: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Split:
    r"""A file taken apart.

    Attributes:
        values: the front matter; empty when there is none or it cannot be read.
        body: the text below it, as written, with ``\n`` as the end of a line.
        body_line: 1-based line of the body's first line.
        marks: field path → where its key, or its list item, begins.
        troubles: everything found wrong, in order.
        present: whether the file begins with front matter at all.
        head: hex of a digest of the front matter's text; empty where it cannot be read.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    marks: Mapping[str, Mark] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    present: bool = False
    head: str = ""

    @property
    def readable(self) -> bool:
        """Whether the front matter can be used."""
        return self.present and not any(trouble.fatal for trouble in self.troubles)


def text_of(data: bytes) -> tuple[str, Trouble | None]:
    """Decode a file: UTF-8, with or without a byte-order mark, any end of line; else empty text and what to do."""
    if len(data) > MAX_FILE_BYTES:
        size = f"{len(data) / 1_000_000:.1f} MB"
        return "", Trouble(
            (1, 1),
            "",
            f"The file holds {size}. A document is text that people read; it ends at {MAX_FILE_BYTES // 1_000_000} MB.",
            "Move pictures and tables into files of their own and link to them.",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Trouble(
            (1, 1),
            "",
            "The file is saved as UTF-16, which neither git nor this site can show line by line.",
            "Save it again as UTF-8.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return "", Trouble(
            (line, column),
            "",
            f"The byte 0x{data[error.start]:02X} here is not UTF-8, so the letters after it cannot be trusted.",
            "Save the file again as UTF-8; in most editors: Save with encoding, UTF-8.",
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, None


def split(text: str) -> Split:
    """Take a document's text apart; whatever is wrong becomes a trouble, never an exception."""
    if not text.startswith("---"):
        return Split(body=text, body_line=1)
    try:
        found = _fenced(text)
    except ValueError:
        return Split(
            present=True,
            troubles=(
                Trouble(
                    (1, 1),
                    "",
                    "The front matter begins with a line of three dashes and never ends.",
                    "Write a second line of three dashes, --- , below the last field.",
                ),
            ),
        )
    if found is None:
        return Split(body=text, body_line=1)
    head, body = found
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    if body.startswith("\n"):
        body, body_line = body[1:], body_line + 1
    if len(head) > MAX_HEAD_CHARS:
        trouble = Trouble(
            (1, 1),
            "",
            f"The front matter is {len(head):,} characters long; it ends at {MAX_HEAD_CHARS:,}.",
            "Keep fields short and put the text below the second line of dashes.",
        )
        return Split(body=body, body_line=body_line, present=True, troubles=(trouble,))
    known = hashlib.blake2b(head.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    if taken := plainly(head):
        return Split(taken[0], body, body_line, taken[1], present=True, head=known)
    from signalbook import nodes

    values, marks, troubles = nodes.read(head)
    return Split(values, body, body_line, marks, troubles, present=True, head=known)


def _fenced(text: str) -> tuple[str, str] | None:
    """What stands between the fences and what behind them, each from the end of its fence on; ``None`` without a fence.

    Raises:
        ValueError: there is one fence only.
    """
    end = text.find("\n---", 3)
    if text.startswith("---\n") and not text[4:5].isspace() and text.startswith("\n---\n", end):
        # Empty lines below a fence belong to it.
        begun = len(text) - len(text[end + 4 :].lstrip())
        return text[3 : end + 1], text[text.rindex("\n", 0, begun) :] if begun < len(text) else ""
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    return handler.split(text) if handler.detect(text) else None


# --- values ----------------------------------------------------------------------------------------------------------


def kept(text: str) -> str:
    """The same text, kept once if it is short."""
    return sys.intern(text) if len(text) <= SHARED else text


def plain(text: str) -> str | int | float | bool | None:
    """What a text without quotes stands for."""
    first = text[:1]
    if first.isdigit() or first in {"+", "-"}:
        if len(text) <= MAX_DIGITS:
            if _INT.match(text):
                return int(text)
            if _FLOAT.match(text):
                return float(text)
        return text
    if text in WORDS:
        return WORDS[text]
    return None if text in NOTHING else text


# --- the plainest way ------------------------------------------------------------------------------------------------

MAX_PLAIN_CHARS = 8_000
"""A longer front matter could hold more values than a document may."""
MAX_PLAIN_DEPTH = 4
"""Brackets within brackets."""

_NAME = pattern(r"([a-z][a-z0-9_-]{0,60}):(?: |$)")
_QUOTED = pattern(r"\"([^\"\\]*)\"|'([^']*)'")
_SIGNS = frozenset("-?:,[]{}#&*!|>'\"%@` ")
"""What a text without quotes does not begin with."""
_WORD = pattern(r"[^-?:,\[\]{}#&*!|>'\"%@` ][^,\[\]{}:?]*(?::(?=[\w/])[^,\[\]{}:?]*)*(?<! )")
"""A text without quotes in brackets."""

_Marks = list[tuple[str, int]]
_Line = tuple[str, Any, str, bool]
"""Of a line: the field's name, its value, its marks, and whether nothing stands behind the name."""


class _OtherwiseError(Exception):
    """Something that is not written in the plainest way; it says nothing more."""


def plainly(head: str) -> tuple[dict[str, Any], Marks] | None:
    """Values and marks of a front matter that is written in the plainest way; ``None`` for every other."""
    # What cannot be printed may end a line, or may not be there at all.
    if len(head) > MAX_PLAIN_CHARS or not head.replace("\n", "").isprintable():
        return None
    out: dict[str, Any] = {}
    marks = ["\n"]
    above = ""  # the field whose parts stand below it
    parts: Any = None
    group: Any = None  # the group that the last part of a list is
    dash = 0
    for number, written in enumerate(head.split("\n"), 1):
        line = _uncommented(written) if "#" in written else written
        if line is None:
            return None
        if not line:
            continue
        if line[0] not in " -":
            found = _field(line, number, 1, "")
            if found is None or found[0] in out:
                return None
            name, value, mark, bare = found
            out[name] = value if value.__class__ in _ALONE else _copy(value)
            above, parts, group = name if bare else "", None, None
        elif not above:
            return None
        else:
            text = line.lstrip(" ")
            column = len(line) - len(text) + 1
            if text.startswith("- "):
                if parts is None:
                    parts = out[above] = []
                    dash = column
                elif parts.__class__ is not list or column != dash:
                    return None
                item = _item(text[2:], number, column + 2, f"{above}.{len(parts)}")
                if item is None or column not in {1, 3}:
                    return None
                value, mark, grouped = item
                value = value if value.__class__ in _ALONE else _copy(value)
                group = value if grouped else None
                parts.append(value)
            else:
                if parts is None:
                    parts = group = out[above] = {}
                    dash = column - 2
                if group is None or column != dash + 2 or column < 3:
                    return None
                found = _field(text, number, column, f"{above}." if parts is group else f"{above}.{len(parts) - 1}.")
                if found is None or found[0] in group:
                    return None
                name, value, mark, _ = found
                group[name] = value if value.__class__ in _ALONE else _copy(value)
        marks.append(mark)
    return (out, Marks(sys.intern("".join(marks)))) if out else None


def _uncommented(line: str) -> str | None:
    """A line without its comment; ``None`` where a number sign may be no comment, or not meant as one."""
    before, _, behind = line.partition("#")
    if not before.strip(" "):
        return ""
    sure = (
        before[-1] == " " and behind[:1] in {" ", ""} and "#" not in behind and '"' not in before and "'" not in before
    )
    return before.rstrip(" ") if sure else None


_ALONE = frozenset({str, int, float, bool, type(None)})


def _copy(value: Any) -> Any:
    """A value of one's own, for lines are remembered."""
    if value.__class__ is list:
        return [one if one.__class__ in _ALONE else _copy(one) for one in value]
    return {key: one if one.__class__ in _ALONE else _copy(one) for key, one in value.items()}


# Documents of one template say the same on the same lines.
@functools.lru_cache(maxsize=1024)
def _field(text: str, number: int, column: int, before: str) -> _Line | None:
    """``name: value`` on one line; ``before`` stands before the name in its path."""
    found = _NAME.match(text)
    if found is None:
        return None
    name = found[1]
    here = before + name
    marks: _Marks = [(here, 0)]
    bare = found.end() == len(text)
    try:
        value = None if bare else _value(text, found.end(), here, marks)
    except _OtherwiseError:
        return None
    return name, value, _marked(marks, number, column), bare


@functools.lru_cache(maxsize=256)
def _item(text: str, number: int, column: int, path: str) -> tuple[Any, str, bool] | None:
    """A part of a list on a line of its own; whether it is the first field of a group."""
    if _NAME.match(text):
        found = _field(text, number, column, f"{path}.")
        return found and ({found[0]: found[1]}, _marked([(path, 0)], number, column) + found[2], True)
    marks: _Marks = [(path, 0)]
    try:
        value = _value(text, 0, path, marks)
    except _OtherwiseError:
        return None
    return value, _marked(marks, number, column), False


def _marked(marks: _Marks, number: int, column: int) -> str:
    return "".join([f"{path}\t{number}\t{column + at}\n" for path, at in marks])


def _value(text: str, at: int, path: str, marks: _Marks) -> Any:
    """The value from a place to the end of a line."""
    if at == len(text):
        raise _OtherwiseError
    if text[at] in "[{\"'":
        value, end = _bracketed(text, at, path, marks, 0)
        if end != len(text):
            raise _OtherwiseError
        return value
    if text[at] in _SIGNS or text[-1] in ": " or ": " in text[at:]:
        raise _OtherwiseError
    return plain(kept(text[at:]))


def _bracketed(text: str, at: int, path: str, marks: _Marks, depth: int) -> tuple[Any, int]:
    """A list, a group or a text from a place on; and where it ends."""
    sign = text[at : at + 1]
    if sign in {'"', "'"}:
        if found := _QUOTED.match(text, at):
            return kept(found[1] if sign == '"' else found[2]), found.end()
        raise _OtherwiseError
    if sign not in {"[", "{"}:
        if found := _WORD.match(text, at):
            return plain(kept(found[0])), found.end()
        raise _OtherwiseError
    closed = "]" if sign == "[" else "}"
    out: Any = [] if sign == "[" else {}
    if depth > MAX_PLAIN_DEPTH:
        raise _OtherwiseError
    if text.startswith(closed, at + 1):
        return out, at + 2
    while True:
        at += 1
        if sign == "[":
            here = f"{path}.{len(out)}"
            marks.append((here, at))
            value, at = _bracketed(text, at, here, marks, depth + 1)
            out.append(value)
        else:
            found = _NAME.match(text, at)
            if found is None or found[1] in out:
                raise _OtherwiseError
            here = f"{path}.{found[1]}"
            marks.append((here, at))
            out[found[1]], at = _bracketed(text, found.end(), here, marks, depth + 1)
        if text.startswith(", ", at):
            at += 1
        elif text.startswith(closed, at):
            return out, at + 1
        else:
            raise _OtherwiseError


# --- writing ---------------------------------------------------------------------------------------------------------


def dump(values: Mapping[str, Any]) -> str:
    """Write values as front matter without the fences, fields in the order given; ``split`` reads the same again."""
    from signalbook import nodes

    return nodes.dump(values)
