"""Build workspaces and Books from values: the builders that every test arranges with.

A workspace is a folder of text, and so is one in a test. ``workspace`` writes it, ``book`` reads it::

    place = workspace(tmp_path, {"calendar/opening": post(title="Doors open", channels=["blog"])})
    shown = book(place).get(Post, "opening")

``full`` fills every field a kind declares, so that a test can speak of all of them without naming any.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from signalbook import book as books
from signalbook import decode, frontmatter
from signalbook.book import Book
from signalbook.model import base
from signalbook.workspace import Workspace

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
TODAY = NOW.date()

MKDOCS = """\
site_name: Harbour News
site_url: https://harbour.example/news/
repo_url: https://forge.example/harbour/news
edit_uri: edit/main/content/
docs_dir: content
theme: {name: material}
plugins:
  - search
  - signalbook: {now: 2026-11-23T09:00:00+01:00}
"""
SETTINGS = """\
[team]
name = "Harbour"
timezone = "Europe/Berlin"

[channels.blog]
connector = "feed"
owner = "writer"

[channels.bluesky]
connector = "bluesky"
owner = "writer"
cadence = {min = 2, max = 5}

[channels.mastodon]
connector = "mastodon"
owner = "writer"
"""

Front = Mapping[str, Any]
"""A document's front matter; the key ``body`` is the text below it."""


def write(path: Path, text: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def text_of(front: Front) -> str:
    """A document's file: what stands in ``body`` below, all the rest above."""
    above = {key: value for key, value in front.items() if key != "body"}
    return f"---\n{frontmatter.dump(above)}---\n{front.get('body', '')}"


def document(place: Workspace, path: str, front: Front) -> Path:
    """Write one document: ``path`` below ``content/``, without its ending."""
    return write(place.content / f"{path}.md", text_of(front))


def workspace(
    root: Path, documents: Mapping[str, Front] | None = None, *, settings: str = SETTINGS, mkdocs: str = MKDOCS
) -> Workspace:
    """Write a workspace with a writer in it, and with ``documents``: path below ``content/`` → front matter and body."""
    place = Workspace(root)
    write(place.settings, settings)
    write(place.builder, mkdocs)
    for path, front in {"people/writer": person(), **(documents or {})}.items():
        document(place, path, front)
    return place


def book(place: Workspace) -> Book:
    """Read a workspace, with nothing kept from before."""
    return books.load(place, use_cache=False)


def person(**more: Any) -> dict[str, Any]:
    """A role that everything may belong to."""
    return {"title": "Writer", "side": "inside", "roles": ["writer"], "owner": "writer", "zone": "Europe/Berlin"} | more


def post(**more: Any) -> dict[str, Any]:
    """A post that says the least a post must."""
    return {
        "title": "Doors open",
        "status": "draft",
        "owner": "writer",
        "channels": ["blog"],
        "body": "Come in.\n",
    } | more


# --- every field of a kind -------------------------------------------------------------------------------------------

Words = Callable[[type, str], Any]
"""(class, key) → what a free text of that field says; ``Url`` stands for the class where it must be an address."""


def full(cls: type, words: Words, *, turn: int = 0, names: Callable[[type], str] | None = None) -> dict[str, Any]:
    """Plain values for every field that a kind, or a part of one, declares.

    ``turn`` chooses among the words of a closed set and the forms a field may take, so that a few turns show them
    all; ``names`` gives the slug that a reference to a kind holds, the text of ``words`` when absent.
    """
    made = _Full(words, itertools.count(turn), turn, names)
    return {key: made.value(cls, key, decode.type_of(cls, key), 0) for key in decode.fields_of(cls)}


@dataclasses.dataclass
class _Full:
    words: Words
    count: Iterator[int]
    turn: int
    names: Callable[[type], str] | None

    def value(self, cls: type, key: str, tp: Any, depth: int) -> Any:
        number = next(self.count)
        if tp is date:
            return (TODAY + timedelta(days=number % 40 - 10)).isoformat()
        if tp is datetime:
            return f"{TODAY + timedelta(days=number % 40 - 10)} {8 + number % 10:02}:30"
        plain = {
            base.Duration: "4bh", base.Lang: ("en", "de", "pt-BR")[number % 3], base.Country: "DE",
            base.Zone: ("Europe/Berlin", "Asia/Tokyo")[number % 2], base.Percent: float(number % 100), bool: number % 2 == 0,
            int: number % 5 + 1, float: number % 7 + 0.5,
        }  # fmt: skip
        if tp in plain:
            return plain[tp]
        kinds = decode.kinds_of(tp)
        if kinds and self.names is not None:
            return self.names(kinds[number % len(kinds)])
        origin, args = typing.get_origin(tp), typing.get_args(tp)
        if origin is Literal:
            return args[(self.turn + depth) % len(args)]
        if origin is tuple:
            return [self.value(cls, key, args[0], depth + 1) for _ in range(2)]
        if origin in {dict, Mapping}:
            # A channel's own options are found by the channel's key.
            first = "blog" if key == "options" else str(self.words(cls, f"{key}.*"))
            return {name: self.value(cls, key, args[1], depth + 1) for name in (first, "plain")}
        if origin in {typing.Union, UnionType} and not kinds:
            return self.value(cls, key, args[(self.turn + depth) % len(args)], depth)
        if dataclasses.is_dataclass(tp):
            return {one: self.value(tp, one, decode.type_of(tp, one), depth + 1) for one in decode.fields_of(tp)}
        return self.words(tp if tp is base.Url else cls, key)


def every_text(cls: type, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The path and the type of every field of a class in which people may write words of their own."""
    for key in decode.fields_of(cls):
        tp = decode.type_of(cls, key)
        if _free(tp):
            yield prefix + key, tp
        part = decode._part(tp)
        if part is not None:
            yield from every_text(part, f"{prefix}{key}.")


def _free(tp: Any) -> bool:
    if tp in {str, Any, base.Markdown, base.Path, base.Url} or decode.is_ref(tp):
        return True
    if dataclasses.is_dataclass(tp) or typing.get_origin(tp) is Literal:
        return False
    return typing.get_origin(tp) in {dict, Mapping} or any(_free(arg) for arg in typing.get_args(tp))
