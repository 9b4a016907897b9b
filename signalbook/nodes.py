"""Front matter by PyYAML, for whatever is not written in the plainest way; see ``frontmatter``.

PyYAML's C loader reads the text into nodes; one walk over the nodes refuses what a document has no use for (anchors and
aliases, duplicate keys, tags, great depth) and builds the values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from signalbook.frontmatter import NOTHING, WORDS, Mark, Trouble, kept, plain
from signalbook.pattern import pattern

MAX_DEPTH = 24
MAX_NODES = 20_000

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_STR, _MAP, _SEQ = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"


def read(head: str) -> tuple[dict[str, Any], dict[str, Mark], tuple[Trouble, ...]]:
    """The values of a front matter, the place of each, and everything found wrong, in order."""
    reader = _Reader()
    values = reader.read(head)
    return values, reader.marks, tuple(reader.troubles)


class _TooDeepError(Exception):
    """The nodes nest further than a document ever needs."""


class _Loader(yaml.CSafeLoader):
    """The C loader without its guess at what a plain word is, which takes longer than all the rest; ``scalar`` tells that."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        """The tag of a node that names none."""
        del value, implicit
        return _STR if kind is yaml.ScalarNode else _MAP if kind is yaml.MappingNode else _SEQ


class _Reader:
    """One walk over the nodes of one front matter. Its text begins on line 1 with the newline after the fence."""

    def __init__(self) -> None:
        self.marks: dict[str, Mark] = {}
        self.troubles: list[Trouble] = []
        self.seen: set[int] = set()
        self.nodes = 0
        self.cut: dict[int, re.Match[str]] = {}

    def read(self, head: str) -> dict[str, Any]:
        try:
            _refuse_depth(head)
            loader = _Loader(head)
            try:
                node = loader.get_single_node()
            finally:
                loader.dispose()
            if node is None:
                return {}
            if "#" in head:
                self.cut = {head.count("\n", 0, at.start()): at for at in _CUT.finditer(head)}
            if not isinstance(node, yaml.MappingNode):
                self.trouble(node, "", "The front matter is not a list of fields.", "Write one field a line: title: …")
                return {}
            return self.mapping(node, "", 0)
        except _TooDeepError:
            self.troubles.append(_TOO_DEEP)
        except yaml.YAMLError as error:
            self.troubles.append(_explain(error, head))
        except ValueError as error:  # a character that YAML does not allow
            self.troubles.append(Trouble((1, 1), "", f"The front matter cannot be read: {error}.", "Type it anew."))
        return {}

    def trouble(self, node: yaml.Node, path: str, message: str, remedy: str, *, fatal: bool = True) -> None:
        mark = node.start_mark
        self.troubles.append(Trouble((mark.line + 1, mark.column + 1), path, message, remedy, fatal))

    def mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        self.enter(node, path, depth, _MAP)
        out: dict[str, Any] = {}
        prefix = path + "." if path else ""
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.trouble(key, path, "A field's name is a word, not a list.", "Write name: value.", fatal=False)
                continue
            name = key.value
            if name == "<<":
                self.trouble(key, path, "<< copies fields unseen.", "Write the fields out.", fatal=False)
                continue
            here = prefix + name
            mark = key.start_mark
            if name in out:
                first = self.marks[here][0]
                self.trouble(
                    key,
                    here,
                    f"`{name}` stands here and on line {first}; one of the two would be lost without a word.",
                    f"Keep one `{name}`.",
                    fatal=False,
                )
                continue
            self.marks[here] = (mark.line + 1, mark.column + 1)
            out[name] = self.value(value, here, depth + 1)
        return out

    def value(self, node: yaml.Node, path: str, depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        self.enter(node, path, depth, _SEQ)
        out = []
        for index, item in enumerate(node.value):
            here = f"{path}.{index}"
            mark = item.start_mark
            self.marks[here] = (mark.line + 1, mark.column + 1)
            out.append(self.value(item, here, depth + 1))
        return out

    def enter(self, node: yaml.Node, path: str, depth: int, tag: str) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise _TooDeepError
        if id(node) in self.seen:
            self.alias(node, path)
            raise _TooDeepError
        self.seen.add(id(node))
        if node.tag != tag:
            self.tag(node, path)

    def scalar(self, node: yaml.ScalarNode, path: str) -> str | int | float | bool | None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _TooDeepError
        text = kept(node.value)
        if node.style:
            if node.tag != _STR:
                self.tag(node, path)
            return text
        if node.tag not in _PLAIN_TAGS:
            self.tag(node, path)
            return text
        if text and self.cut and (cut := self.cut.get(node.end_mark.line)):
            self.trouble(
                node, path,
                f"From “{cut[1]}” on, the line is a comment, for a number sign behind a space begins one; it would be lost "
                "without a word.",
                f'Put the text in quotes: "{text} {cut[1]}". A comment has a space behind its number sign.', fatal=False,
            )  # fmt: skip
        return plain(text)

    def tag(self, node: yaml.Node, path: str) -> None:
        self.trouble(node, path, f"The tag {node.tag} asks for more than text.", "Take the tag away.", fatal=False)

    def alias(self, node: yaml.Node, path: str) -> None:
        self.trouble(
            node,
            path,
            "Anchors (&) and aliases (*) are not used here: a reader would have to look elsewhere for the words.",
            "Write the value out where it belongs.",
        )


_CUT = pattern(r"(?<=[^\s\"'\]}])[ \t]+(#[^\W_]\w*)(?![^\n]*[\"'])")
"""A hashtag in a text without quotes; a comment as people write one has a space behind the sign."""
_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])[&*][^\s,\[\]{}]", re.MULTILINE)


_INDENTED = "\n" + " " * (MAX_DEPTH * 4)
"""The beginning of a line that may be nested too deeply."""


def _refuse_depth(head: str) -> None:
    """Look at the events first where the text could nest deeply or repeat itself; nodes would be built recursively."""
    shallow = head.count("[") + head.count("{") < MAX_DEPTH and "- - - -" not in head and not _ANCHOR.search(head)
    if shallow and head.count("? ") < MAX_DEPTH and head.count("\n") < MAX_NODES and _INDENTED not in f"\n{head}":
        return
    depth = 0
    for nodes, event in enumerate(yaml.parse(head, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or nodes > 2 * MAX_NODES:
            raise _TooDeepError
        if isinstance(event, yaml.AliasEvent) or (isinstance(event, yaml.NodeEvent) and event.anchor):
            raise _AliasError("alias", None, None, event.start_mark)  # type: ignore[arg-type]  # the C parser has its own marks


class _AliasError(yaml.MarkedYAMLError):
    """An anchor or an alias."""


_ADVICE = (
    ("mapping values are not allowed", "A second colon in one line reads as a second field.",
     'Put the text in quotes: title: "Doors open: seven"'),
    ("found character '\\t'", "A tab stands where YAML wants spaces.", "Indent with spaces."),
    ("found character that cannot start any token", "A text cannot begin with {sign} here.",
     'Put the text in quotes: title: "@team opens".'),
    ("could not find expected ':'", "A line has a name and no value.",
     "Write a name, a colon, a space and the value: status: draft."),
    ("found unexpected end of stream", "A quote or a bracket is opened here and never closed.", "Close it on this line."),
    ("did not find expected ',' or ']'", "The list in brackets is not closed, or a comma is missing.",
     "Write [one, two, three]."),
    ("did not find expected ',' or '}'", "The fields in braces are not closed, or a comma is missing.",
     "Write {name: value, name: value}."),
    ("did not find expected key", "This line is indented differently from its neighbours, or a quote ends too early.",
     "Begin every field in the same column, and put text with quotes in it in other quotes."),
    ("did not find expected alphabetic or numeric character", "& and * have a meaning of their own at the start of a value.", "Put the text in quotes."),
    ("control characters are not allowed", "There is a control character here, which nobody can see.",
     "Delete the line and type it anew."),
)  # fmt: skip


_TOO_DEEP = Trouble(
    (1, 1),
    "",
    f"The front matter nests deeper than {MAX_DEPTH} levels or holds more than {MAX_NODES:,} values.",
    "Write plain fields; no field of any document needs more than four levels.",
)


_BEGUN = (
    "could not find expected ':'",
    "found unexpected end of stream",
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
)
"""Where the parser gives up lines below the slip, the place where the thing began is the one to tell."""


def _explain(error: yaml.YAMLError, head: str) -> Trouble:
    """Say in the writer's words what the parser met."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "maximum nesting depth" in problem:  # libyaml of PyYAML 6.0.4 has a limit of its own
        return _TOO_DEEP
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if isinstance(error, _AliasError):
        return Trouble(
            where,
            "",
            "Anchors (&) and aliases (*) are not used here: a reader would have to look elsewhere for the words.",
            "Write the value out where it belongs, or put a text that begins with & or * in quotes.",
        )
    begun = getattr(error, "context_mark", None)
    if begun and any(sign in problem for sign in _BEGUN):
        where = (begun.line + 1, begun.column + 1)
    for sign, message, remedy in _ADVICE:
        if sign in problem:
            if "{sign}" in message:
                lines = head.split("\n")
                there = lines[where[0] - 1][where[1] - 1 : where[1]] if where[0] <= len(lines) else ""
                if there == "\t":
                    message, remedy = "A tab stands where YAML wants spaces.", "Indent with spaces."  # noqa: PLW2901
                else:
                    message = message.replace("{sign}", f"“{there}”" if there else "this character")  # noqa: PLW2901
            return Trouble(where, "", f"The front matter cannot be read here. {message}", remedy)
    return Trouble(
        where, "", f"The front matter cannot be read here: {problem}.", "Compare the line with the one above it."
    )


def dump(values: Mapping[str, Any]) -> str:
    """Write values as front matter without the fences, fields in the order given; ``split`` reads the same again."""
    return str(yaml.dump(dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


class _Dumper(yaml.SafeDumper):
    """Quotes every text that a reader of ours, or of YAML 1.1, could take for something else."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the interface of the library
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = bool(re.fullmatch(r"[^\W\d_][\w ./+-]*", text)) and text not in WORDS and text not in NOTHING
    style = None if plain and len(text) < 80 else '"'
    return dumper.represent_scalar(_STR, text, style=style)


_Dumper.add_representer(str, _text)
