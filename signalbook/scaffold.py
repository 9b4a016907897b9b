"""New files: a team's repository from ``starter/``, and one document from ``templates/`` or from its declaration.

A file of the starter that ends in ``.tmpl`` loses that ending and has its fields filled; every other is copied byte for
byte and holds no field. A template of a document always has its fields filled. A field is ``{{ name }}``; a name of a
day may be moved by days, ``{{ today+14 }}``. ``${{ … }}`` belongs to the forge and stays.

==============  =======================================================================  ==========
field           value                                                                    where
==============  =======================================================================  ==========
``name``        the team's name, as it was typed                                         starter
``name_text``   the same as a quoted string, good in YAML, TOML and JSON                 starter
``zone_text``   the team's time zone as a quoted string                                  starter
``package``     the name as lower-case words joined by hyphens                           starter
``version``     the version of Signalbook that made the repository                       starter
``today``       the day on which it is made, ``2026-11-23``                              both
``slug``        the document's slug                                                      templates
``title``       the slug in words, with a capital                                        templates
``owner``       the workspace's first role, in the order of the alphabet                 templates
==============  =======================================================================  ==========
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import difflib
import functools
import importlib.metadata
import importlib.resources
import json
import re
import shutil
import tempfile
import typing
import unicodedata
import zoneinfo
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from signalbook.errors import UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from signalbook.model import Document

_FIELD = re.compile(r"(?<!\$)\{\{ ([a-z_]+)(?:([+-]\d{1,4}))? \}\}")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})
# What may lie in a folder that counts as empty: a clone of a repository in which nothing has been committed.
_HARMLESS = frozenset({".git", ".DS_Store"})


class Place(Protocol):
    """What this module asks of a workspace."""

    @property
    def content(self) -> Path:
        """The folder of the documents."""


def fill(text: str, values: Mapping[str, str | dt.date], *, source: str) -> str:
    """Put the values into the fields of a text.

    Raises:
        ValueError: the text has a field without a value, or moves one that is no day. ``source`` names the file.
    """

    def value(found: re.Match[str]) -> str:
        name, days = found[1], found[2]
        if name not in values:
            raise ValueError(f"{source}: no value for {{{{ {name} }}}}; known are {', '.join(sorted(values))}")
        known = values[name]
        if days and not isinstance(known, dt.date):
            raise ValueError(f"{source}: {{{{ {name} }}}} is no day and cannot be moved by {days}")
        if isinstance(known, dt.date):
            return (known + dt.timedelta(days=int(days or 0))).isoformat()
        return known

    return _FIELD.sub(value, text)


# --- a team's repository ---------------------------------------------------------------------------------------------


def new_team(folder: Path, *, name: str, zone: str, today: dt.date) -> list[Path]:
    """Make a team's repository in ``folder``; give the files made, sorted.

    Everything is read and filled before the first file is written, and what was written goes again if writing fails.

    Raises:
        UsageError: the folder holds something, or the name or the zone cannot be used. Nothing was written.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or any(unicodedata.category(letter).startswith("C") for letter in name):
        raise UsageError("The team's name is empty or holds characters that cannot be seen. Write it as people say it.")
    if zone not in zoneinfo.available_timezones():
        raise UsageError(_unknown(zone, "a time zone", zoneinfo.available_timezones(), "Europe/Berlin"))
    if folder.exists():
        if not folder.is_dir():
            raise UsageError(f"{folder} is a file. Name a folder that does not exist yet, or an empty one.")
        if any(entry.name not in _HARMLESS for entry in folder.iterdir()):
            raise UsageError(
                f"{folder} is not empty, and nothing in it was touched. Name a folder that does not exist yet, "
                "or an empty one."
            )
    values: dict[str, str | dt.date] = {
        "name": name,
        "name_text": json.dumps(name, ensure_ascii=False),
        "zone_text": json.dumps(zone),
        "package": _package(name),
        "version": importlib.metadata.version("signalbook"),
        "today": today,
    }
    return _write(folder, dict(_starter_files(values)))


def _package(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", plain)
    own = "-".join(words) or "team"
    # A team's own distribution must not stand in the way of the one it installs.
    return f"{own}-team" if own in {"signalbook", "pipelines", "site-plugins"} else own


def _starter_files(values: Mapping[str, str | dt.date]) -> Iterator[tuple[str, bytes]]:
    """Posix path in the new repository → its bytes."""
    for path, source in _walk(_resources("starter")):
        content = source.read_bytes()
        if path.endswith(".tmpl"):
            yield path.removesuffix(".tmpl"), fill(content.decode(), values, source=f"starter/{path}").encode()
        else:
            yield path, content


def _resources(folder: str) -> Traversable:
    return importlib.resources.files("signalbook").joinpath(folder)


def _walk(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name in {"__pycache__", ".DS_Store"}:
            continue
        path = f"{above}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{path}/")
        else:
            yield path, entry


def _write(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write all files or none: beside the folder first, then moved into it, a name at a time."""
    folder = folder.absolute()
    made_folders = []
    for missing in (folder, *folder.parents):
        if missing.exists():
            break
        made_folders.append(missing)
    moved: list[Path] = []
    scratch: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Inside the folder, so that a move never crosses a file system.
        scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        for path, content in files.items():
            target = scratch / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for entry in sorted(scratch.iterdir()):
            entry.rename(folder / entry.name)
            moved.append(folder / entry.name)
    except BaseException:
        for entry in moved:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
        for made in made_folders:
            with contextlib.suppress(OSError):
                made.rmdir()
        raise
    scratch.rmdir()
    return sorted(folder / path for path in files)


# --- one document ----------------------------------------------------------------------------------------------------


def templates(kind: str) -> list[str]:
    """The names of the templates of a kind, sorted; every kind has one more, derived from its declaration."""
    folder = _resources("templates").joinpath(kind)
    if not folder.is_dir():
        return []
    return sorted(entry.name.removesuffix(".md") for entry in folder.iterdir() if entry.name.endswith(".md"))


def new_document(workspace: Place, kind: str, slug: str, *, template: str | None = None, on: dt.date) -> Path:
    """Write a new document and give its path.

    Without a template it holds every field of its kind: those that are needed now ready to fill, the others as
    comments that say what they are for. ``on`` is the day it is about, a post's day for instance.

    Raises:
        UsageError: there is no such kind or template, or the slug cannot be used or is taken. Nothing was written.
    """
    cls = _kind(kind)
    if not _SLUG.fullmatch(slug) or slug in _DEVICES:
        better = "-".join(re.findall(r"[a-z0-9]+", slug.casefold()))
        hint = f' Write "{better}", for instance.' if better and better != slug and better not in _DEVICES else ""
        raise UsageError(f'"{slug}" cannot be a slug: it takes lower-case letters, digits and hyphens.{hint}')
    taken = next((path for path in _documents(workspace, cls) if path.stem.casefold() == slug), None)
    if taken:
        where = taken.relative_to(workspace.content.parent).as_posix()
        raise UsageError(f'"{slug}" is taken: {where} is a {cls.KIND} with that slug. Choose another.')
    values: dict[str, str | dt.date] = {
        "slug": slug,
        "title": _title(slug),
        "owner": _first(workspace, "person"),
        "today": on,
    }
    if template is None:
        text = _declared(workspace, cls, values, on)
    elif template in (known := templates(cls.KIND)):
        source = _resources("templates").joinpath(cls.KIND, f"{template}.md")
        text = fill(source.read_text(encoding="utf-8"), values, source=f"templates/{cls.KIND}/{template}.md")
    else:
        raise UsageError(
            _unknown(template, f"a template for a {cls.KIND}", known, None)
            if known
            else f"A {cls.KIND} has no templates by name. Leave out --template, and its fields are explained in the file."
        )
    path = workspace.content / cls.FOLDER / f"{slug}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Exclusive: what somebody else made in the meantime is never written over.
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already. Choose another slug.") from error
    return path


@functools.cache
def _kinds() -> Mapping[str, type[Document]]:
    from signalbook.model import KINDS

    return {cls.KIND: cls for cls in KINDS}


def _kind(name: str) -> type[Document]:
    known = _kinds()
    if name not in known:
        raise UsageError(_unknown(name, "a kind of document", known, None))
    return known[name]


def _unknown(word: str, what: str, known: typing.Iterable[str], example: str | None) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    listing = f' Write one like "{example}".' if example else f" (known: {', '.join(names)})"
    return f'"{word}" is not {what}.{meant or ""}{listing if example is None or not close else ""}'


def _documents(workspace: Place, cls: type[Document]) -> Iterator[Path]:
    """The files of a kind: below its folder, but not below a folder that decides another kind."""
    folder = workspace.content / cls.FOLDER
    others = [
        workspace.content / other.FOLDER
        for other in _kinds().values()
        if other is not cls and other.FOLDER.startswith(f"{cls.FOLDER}/")
    ]
    for path in sorted(folder.rglob("*.md")):
        if not any(path.is_relative_to(other) for other in others):
            yield path


def _first(workspace: Place, kind: str) -> str:
    """The first slug of a kind in the order of the alphabet, or nothing; of roles the social lead, who may write."""
    cls = _kinds().get(kind)
    slugs = sorted(path.stem for path in _documents(workspace, cls)) if cls else []
    return "social-lead" if kind == "person" and "social-lead" in slugs else next(iter(slugs), "")


def _title(slug: str) -> str:
    words = slug.replace("-", " ")
    return words[:1].upper() + words[1:]


def _declared(workspace: Place, cls: type[Document], values: Mapping[str, str | dt.date], on: dt.date) -> str:
    """The front matter of a kind with every field explained, in the order of the declaration."""
    from signalbook import decode

    declaration: Any = cls
    lines = ["---", f"# {_sentence(cls.ABOUT)}" if cls.ABOUT else f"# A {cls.KIND}."]
    parts: dict[str, list[tuple[str, Any]]] = {"!": [], "^": [], "": []}
    for key, declared in decode.fields_of(declaration).items():
        need = declared.metadata.get("need", "")
        # A status has a default, and a post's time can wait; a reader looks for both first.
        parts["!" if key in {"status", "publish_at"} else need].append((key, declared))
    heads = {
        "!": "Needed from the start.",
        "^": f"Needed before it is {_either(sorted(cls.READY, key=_order(cls)))}.",
        "": "As you need them; take away the number sign.",
    }
    for need, fields in parts.items():
        if not fields:
            continue
        lines += ["", f"# --- {heads[need]}", ""]
        for key, declared in fields:
            tp = decode.type_of(declaration, key)
            lines.append(f"# {_sentence(declared.metadata.get('help') or key)}{_choices(tp)}{_keys(tp)}")
            value = _value(workspace, tp, key, values, on)
            lines.append(f"{'' if need == '!' else '# '}{key}:{' ' if value else ''}{value}")
    lines += ["---", "", "Write here.", ""]
    return "\n".join(lines)


def _order(cls: type[Document]) -> typing.Callable[[str], int]:
    states = cls.states()
    return lambda state: states.index(state) if state in states else len(states)


def _either(states: typing.Sequence[str]) -> str:
    return states[0] if states else "final"


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?")) else f"{text}."


def _parts(tp: Any) -> tuple[Any, ...]:
    return tuple(arg for arg in typing.get_args(tp) if arg is not type(None))


def _literal(tp: Any) -> tuple[str, ...]:
    if typing.get_origin(tp) is typing.Literal:
        return tuple(str(arg) for arg in typing.get_args(tp))
    return tuple(word for part in _parts(tp) for word in _literal(part)) if typing.get_origin(tp) is not tuple else ()


def _choices(tp: Any) -> str:
    inner = _parts(tp)[0] if typing.get_origin(tp) is tuple and _parts(tp) else tp
    words = _literal(inner)
    return f" One of: {', '.join(words)}." if words else ""


def _keys(tp: Any) -> str:
    """The keys of what a field holds, for a field that holds more than a word."""
    from signalbook import decode

    held: Any = next((part for part in (tp, *_parts(tp)) if dataclasses.is_dataclass(part)), None)
    if held is None or held.__name__ == "Duration" or decode.kinds_of(tp):
        return ""
    return f" Keys: {', '.join(decode.fields_of(held))}."


def _value(workspace: Place, tp: Any, key: str, values: Mapping[str, str | dt.date], on: dt.date) -> str:
    """What to write for a field as long as nobody has: its first choice, its day, or nothing."""
    from signalbook import decode

    if key in {"title", "owner"}:
        return str(values[key])
    if tp is dt.datetime or dt.datetime in _parts(tp):
        return f"{on.isoformat()} {'23:59' if key == 'expires' else '09:00'}"
    if words := _literal(tp):
        return words[0]
    if tp is dt.date:
        return on.isoformat()
    if kinds := decode.kinds_of(tp):
        return _first(workspace, kinds[0].KIND)
    origin = typing.get_origin(tp)
    if origin is tuple:
        return "[]"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "{}"
    return ""
