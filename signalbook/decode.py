"""Plain mappings ⇄ dataclasses, every problem at once; and their JSON Schema.

The dataclasses are plain Python. Here each becomes a Pydantic type: unknown keys are forbidden, a number never becomes
a text nor a text a number, and times are read in the team's zone. What Pydantic refuses is told in the writer's words
by walking the same declaration to the place it names.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
import types
import typing
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from signalbook import meant
from signalbook.model import Document, base, hints
from signalbook.period import Fold, Gap, resolve_local

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from signalbook.misdated import Slip

MAX_TEXT = 20_000
"""The longest text a field may hold, in characters."""

_RESERVED = frozenset({"slug", "path", "body", "digest", "head", "marks", "body_line", "unreadable"})


@dataclasses.dataclass(frozen=True, slots=True)
class Wrong:
    """A value that does not fit its field.

    Attributes:
        field: the field's path, e.g. ``media.0.alt``.
        rule: ``unknown-field``, ``field-type``, ``local-time`` or ``required``.
        message: what is wrong and why it matters.
        remedy: what to write instead.
    """

    field: str
    rule: str
    message: str
    remedy: str


F = TypeVar("F", bound=Callable[..., Any])


def remembered(function: F) -> F:
    """``functools.cache`` for functions of a class; a type checker takes a dataclass for unhashable, a class is not."""
    return typing.cast("F", functools.cache(function))


# --- names -----------------------------------------------------------------------------------------------------------


def key_of(name: str) -> str:
    """A field's name in files: ``from_`` stands for ``from``."""
    return name.removesuffix("_")


@remembered
def fields_of(cls: type) -> Mapping[str, dataclasses.Field[Any]]:
    """Key in files → the dataclass's field, in the order of the declaration, without what machines fill in."""
    return {
        key_of(field.name): field
        for field in dataclasses.fields(cls)
        if not (issubclass(cls, Document) and field.name in _RESERVED)
    }


@remembered
def type_of(cls: type, key: str) -> Any:
    """The declared type of a field, without ``None``."""
    return without_none(hints(cls)[fields_of(cls)[key].name])


def without_none(tp: Any) -> Any:
    """A type without ``None`` among its parts."""
    args = [arg for arg in typing.get_args(tp) if arg is not types.NoneType]
    if typing.get_origin(tp) in (typing.Union, types.UnionType) and len(args) < len(typing.get_args(tp)):
        return typing.Union[tuple(args)]  # noqa: UP007 - the parts are known only now
    return tp


def is_ref(tp: Any) -> bool:
    """Whether a type is a reference to another kind."""
    return typing.get_origin(tp) is base.Ref


def kinds_of(tp: Any) -> tuple[type[Document], ...]:
    """The kinds a reference may lead to; empty for any other type."""
    if is_ref(tp):
        (kind,) = typing.get_args(tp)
        return (kind,)
    if typing.get_origin(tp) in (typing.Union, types.UnionType):
        return tuple(kind for arg in typing.get_args(tp) for kind in kinds_of(arg))
    return ()


# --- the Pydantic side -----------------------------------------------------------------------------------------------

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years in which a document's days and times lie."""

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]((?:[01]\d|2[0-3]):\d{2})(:\d{2})?(\.\d+)?(Z| ?[+-]\d{2}:?\d{2})?$")


class LocalTimeError(ValueError):
    """A local time that no clock shows, or that clocks show twice."""

    def __init__(self, message: str, remedy: str) -> None:
        """Keep the remedy apart."""
        super().__init__(message)
        self.remedy = remedy


def read_date(text: str) -> date:
    """Read ``2026-11-24``.

    Raises:
        ValueError: it is no day of the calendar, or none of the years 1900 to 2199.
    """
    found = _DATE.match(text)
    # Far from here a zone's clocks cannot be counted, and a slip of the finger is all that such a year is.
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        message = f"“{text}” is no day"
        raise ValueError(message)
    return date.fromisoformat(text)


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read ``2026-11-24 09:30``, in ``zone`` unless it says its offset.

    Raises:
        LocalTimeError: that time does not exist in the zone, or occurs twice.
        ValueError: it is no time.
    """
    found = _TIME.match(text)
    if not found:
        message = f"“{text}” is no time"
        raise ValueError(message)
    day, clock, seconds, _, offset = found.groups()
    naive = datetime.combine(read_date(day), time.fromisoformat(clock + (seconds or "")))
    if offset:
        offset = offset.strip().replace("Z", "+00:00")
        return datetime.fromisoformat(naive.isoformat() + offset)
    instant = resolve_local(naive, zone)
    if isinstance(instant, Gap):
        raise LocalTimeError(
            f"{clock} on {day} does not exist in {zone.key}: the clocks jump over it.",
            f"Write `{_wall(instant.before)}` or `{_wall(instant.after)}`.",
        )
    if isinstance(instant, Fold):
        raise LocalTimeError(
            f"{clock} on {day} happens twice in {zone.key}, because the clocks go back: it is "
            f"{_utc(instant.first)} UTC and again {_utc(instant.second)} UTC.",
            f"Write the one you mean with its offset: `{_offset(instant.first)}` or `{_offset(instant.second)}`.",
        )
    return instant


def _wall(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(ZoneInfo('UTC')):%H:%M}"


def _offset(instant: datetime) -> str:
    return instant.isoformat(sep=" ", timespec="minutes")


def _shape(tp: Any) -> Any:
    """The Pydantic type for a declared one."""
    from pydantic import BeforeValidator, Field, Strict, ValidationInfo, WithJsonSchema

    def parsed(read: Callable[[str, ValidationInfo], Any], schema: dict[str, Any]) -> Any:
        def check(value: object, info: ValidationInfo) -> Any:
            if not isinstance(value, str):
                message = "no text"
                raise ValueError(message)  # noqa: TRY004 - Pydantic collects these
            return read(value, info)

        return typing.Annotated[Any, BeforeValidator(check), WithJsonSchema(schema)]

    text = typing.Annotated[str, Strict(), Field(max_length=MAX_TEXT)]
    if tp is Any:
        return Any
    if tp is base.Duration:
        return parsed(
            lambda value, _: base.Duration.parse(value),
            {"type": "string", "pattern": f"^{base.Duration.PATTERN.pattern}$", "examples": ["4bh"]},
        )
    if tp is datetime:
        return parsed(
            lambda value, info: read_instant(value, (info.context or {})["zone"]),
            {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", "examples": ["2026-11-24 09:30"]},
        )
    if tp is date:
        return parsed(
            lambda value, _: read_date(value), {"type": "string", "format": "date", "examples": ["2026-11-24"]}
        )
    if isinstance(tp, typing.NewType):
        return _named(tp, text, parsed)
    if is_ref(tp) or tp is str:
        return text
    if tp in (int, float, bool):
        return typing.Annotated[tp, Strict()]
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if origin is Literal:
        return tp
    if origin is tuple:
        return list[_shape(args[0])]  # type: ignore[misc]  # built while running
    if origin in (dict, Mapping):
        return dict[str, _shape(args[1])]  # type: ignore[misc]  # built while running
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_shape(arg) for arg in args)]  # noqa: UP007
    if dataclasses.is_dataclass(tp):
        return _record(typing.cast("type", tp))
    message = f"no rule for the type {tp}"
    raise TypeError(message)


def _named(tp: Any, text: Any, parsed: Callable[..., Any]) -> Any:
    if tp is base.Percent:
        from pydantic import Field, Strict

        return typing.Annotated[float, Strict(), Field(ge=0, le=100)]
    check = {base.Url: _is_url, base.Lang: _is_lang, base.Country: _is_country, base.Zone: _is_zone}.get(tp)
    if check is None:
        return text

    def read(value: str, _: object) -> str:
        if not check(value):
            message = f"“{value}” does not fit"
            raise ValueError(message)
        return value

    return parsed(read, {"type": "string", "examples": [_EXAMPLE[tp]]})


def _is_url(value: str) -> bool:
    return bool(re.match(r"https?://[^\s/]+", value)) and not re.search(r"[\s<>\"\x00-\x1f]", value)


def _is_lang(value: str) -> bool:
    return bool(re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", value))


def _is_country(value: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{2}", value))


def _is_zone(value: str) -> bool:
    return known_zone(value)


@functools.cache
def known_zone(name: str) -> bool:
    """Whether the IANA database has this zone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return "/" in name or name == "UTC"


@remembered
def _record(cls: type) -> Any:
    from pydantic import ConfigDict, Field
    from typing_extensions import TypedDict

    shape = {
        key: typing.Annotated[_shape(type_of(cls, key)), Field(description=str(field.metadata.get("help", "")))]
        for key, field in fields_of(cls).items()
    }
    typed = typing.cast("Any", TypedDict)
    made = typed(cls.__name__, shape, total=False)
    made.__pydantic_config__ = ConfigDict(extra="forbid")
    return made


@remembered
def _adapter(cls: type) -> TypeAdapter[dict[str, Any]]:
    from pydantic import TypeAdapter

    return TypeAdapter(_record(cls))


# --- reading ---------------------------------------------------------------------------------------------------------


def decode(cls: type, values: Mapping[str, Any], *, zone: ZoneInfo, **given: Any) -> tuple[Any, list[Wrong]]:
    """Make a dataclass of plain values; whatever does not fit is left out and told.

    ``given`` fills the fields that no file holds (a document's slug, path, body …).
    """
    try:
        return _straight(cls)(values, zone, given), []
    except _UnfitError:
        return closely(cls, values, zone=zone, **given)


def closely(cls: type, values: Mapping[str, Any], *, zone: ZoneInfo, **given: Any) -> tuple[Any, list[Wrong]]:
    """The same the long way, which finds out what does not fit and why."""
    from pydantic import ValidationError

    wrongs: list[Wrong] = []
    plain: Any = _without_nothing(values)
    for _ in range(4):
        try:
            clean = _adapter(cls).validate_python(plain, context={"zone": zone})
            break
        except ValidationError as error:
            found = list(_told(cls, plain, error.errors(include_url=False)))
            wrongs += [wrong for wrong, _ in found]
            for _, place in sorted(found, key=lambda item: [str(part).rjust(9) for part in item[1]], reverse=True):
                plain = _pruned(plain, place)
    else:
        clean = {}
    told = {wrong.field for wrong in wrongs}
    mistyped = {meant_by(wrong.rule, wrong.field, wrong.message) for wrong in wrongs}
    wrongs += [wrong for wrong in _lacking(cls, clean, "", mistyped) if wrong.field not in told]
    return _build(cls, clean, given), wrongs


class _UnfitError(Exception):
    """Something that the straight way does not take; it says nothing more."""


_Take = Callable[[Any, ZoneInfo], Any]
"""Plain value and the team's zone → the declared value."""


@remembered
def _straight(cls: type) -> Callable[[Any, ZoneInfo, Mapping[str, Any]], Any]:
    """The straight way from plain values to an object, for values that fit in every way: most documents do.

    It makes what Pydantic and ``_build`` make together, or gives up; a property test holds the two equal.
    """
    takes = {key: (field.name, _take(type_of(cls, key))) for key, field in fields_of(cls).items()}
    needed = [
        key
        for key, field in fields_of(cls).items()
        if field.metadata.get("need") == "!" and not field.metadata.get("rule")
    ]

    def make(values: Any, zone: ZoneInfo, given: Mapping[str, Any]) -> Any:
        if type(values) is not dict:
            raise _UnfitError
        out: Any = object.__new__(cls)
        held = out.__dict__
        held.update(given)
        for key, value in values.items():
            if value is None:
                continue
            known = takes.get(key)
            if known is None:
                raise _UnfitError
            held[known[0]] = known[1](value, zone)
        for key in needed:
            if values.get(key) is None:
                raise _UnfitError
        return out

    return make


def _take(tp: Any) -> _Take:
    """What takes a plain value of a declared type, and nothing that Pydantic would have to turn into it."""
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if tp is Any:
        return lambda value, _: _without_nothing(value)
    if tp is base.Duration:
        return _parsed(lambda value, _: base.Duration.parse(value))
    if tp is datetime:
        return _parsed(read_instant)
    if tp is date:
        return _parsed(lambda value, _: read_date(value))
    if isinstance(tp, typing.NewType):
        return _take_named(tp)
    if is_ref(tp) or tp is str:
        return _take_text
    if tp in (int, float, bool):
        return _take_plain(typing.cast("type", tp))
    if origin is Literal:
        return _take_word(args)
    if origin is tuple:
        return _take_many(_take(args[0]))
    if origin in (dict, Mapping):
        return _take_group(_take(args[1]))
    if origin in (typing.Union, types.UnionType):
        return _take_one_of([_take(arg) for arg in args])
    if dataclasses.is_dataclass(tp):
        return lambda value, zone: _straight(typing.cast("type", tp))(value, zone, {})
    message = f"no rule for the type {tp}"
    raise TypeError(message)


def _parsed(read: _Take) -> _Take:
    def take(value: Any, zone: ZoneInfo) -> Any:
        if type(value) is not str:
            raise _UnfitError
        try:
            return read(value, zone)
        except ValueError:
            raise _UnfitError from None

    return take


def _take_text(value: Any, _: ZoneInfo) -> Any:
    if type(value) is not str or len(value) > MAX_TEXT:
        raise _UnfitError
    return value


def _take_plain(cls: type) -> _Take:
    def take(value: Any, _: ZoneInfo) -> Any:
        if type(value) is not cls:
            raise _UnfitError
        return value

    return take


def _take_named(tp: Any) -> _Take:
    if tp is base.Percent:

        def percent(value: Any, _: ZoneInfo) -> Any:
            if type(value) is not float or not 0 <= value <= 100:
                raise _UnfitError
            return value

        return percent
    check = {base.Url: _is_url, base.Lang: _is_lang, base.Country: _is_country, base.Zone: _is_zone}.get(tp)
    if check is None:
        return _take_text

    def checked(value: Any, _: ZoneInfo) -> Any:
        if type(value) is not str or not check(value):
            raise _UnfitError
        return value

    return checked


def _take_word(words: tuple[Any, ...]) -> _Take:
    known = {(type(word), word): word for word in words}

    def take(value: Any, _: ZoneInfo) -> Any:
        try:
            return known[type(value), value]
        except (KeyError, TypeError):
            raise _UnfitError from None

    return take


def _take_many(item: _Take) -> _Take:
    def take(value: Any, zone: ZoneInfo) -> Any:
        if type(value) is not list:
            raise _UnfitError
        return tuple([item(one, zone) for one in value])

    return take


def _take_group(item: _Take) -> _Take:
    def take(value: Any, zone: ZoneInfo) -> Any:
        if type(value) is not dict:
            raise _UnfitError
        return {key: item(one, zone) for key, one in value.items() if one is not None}

    return take


def _take_one_of(parts: list[_Take]) -> _Take:
    def take(value: Any, zone: ZoneInfo) -> Any:
        found: list[Any] = []
        for part in parts:
            try:
                found.append(part(value, zone))
            except _UnfitError:
                continue
        if not found or any(type(other) is not type(found[0]) or other != found[0] for other in found[1:]):
            raise _UnfitError  # nothing fits, or several do, and the long way decides between them
        return found[0]

    return take


def _without_nothing(value: Any) -> Any:
    """An empty field (``link:``) is an absent one."""
    if isinstance(value, Mapping):
        return {key: _without_nothing(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return value


def _pruned(value: Any, place: Sequence[str | int]) -> Any:
    if not place:
        return None
    head, rest = place[0], place[1:]
    if isinstance(value, dict) and head in value:
        copy = dict(value)
        if rest:
            copy[str(head)] = _pruned(value[str(head)], rest)
        else:
            del copy[str(head)]
        return copy
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        items = list(value)
        if rest:
            items[head] = _pruned(items[head], rest)
        else:
            del items[head]
        return items
    return value


def _build(cls: type, values: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """Make the object with only what differs from the class's own defaults in it; see ``model.base``."""
    makers = _makers(cls)
    out: Any = object.__new__(cls)
    held = out.__dict__
    held.update(given)
    for key, value in values.items():
        name, make = makers[key]
        held[name] = make(value) if make else value
    return out


@remembered
def _makers(cls: type) -> Mapping[str, tuple[str, Callable[[Any], Any] | None]]:
    return {key: (field.name, _maker(type_of(cls, key))) for key, field in fields_of(cls).items()}


def _maker(tp: Any) -> Callable[[Any], Any] | None:
    """What turns Pydantic's plain value into the declared one; ``None`` where they are the same."""
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if dataclasses.is_dataclass(tp) and tp is not base.Duration:
        return lambda value: _build(typing.cast("type", tp), value, {})
    if origin is tuple:
        item = _maker(args[0])
        return (lambda value: tuple(map(item, value))) if item else tuple
    if origin in (typing.Union, types.UnionType):
        made = [
            (arg, maker)
            for arg in args
            if (maker := _maker(arg)) and (dataclasses.is_dataclass(arg) or typing.get_origin(arg) is tuple)
        ]
        if made:
            return lambda value: _first_fit(value, made)
    return None


def _first_fit(value: Any, makers: list[tuple[Any, Callable[[Any], Any]]]) -> Any:
    """Which part of a union a plain value belongs to: a list to a tuple, a mapping to a dataclass."""
    if isinstance(value, list):
        rows = [m for tp, m in makers if typing.get_origin(tp) is tuple]
        deep = value and isinstance(value[0], dict)
        return (rows[-1] if deep else rows[0])(value)
    if isinstance(value, dict):
        for tp, make in makers:
            if dataclasses.is_dataclass(tp):
                return make(value)
    return value


# --- telling ---------------------------------------------------------------------------------------------------------


def _lacking(
    cls: type, values: Mapping[str, Any], prefix: str, mistyped: Container[str] = frozenset()
) -> Iterator[Wrong]:
    """The ``!`` fields that are missing, here and in every part, and are not there under a mistyped name."""
    for key, field in fields_of(cls).items():
        path = prefix + key
        if key not in values:
            if field.metadata.get("need") == "!" and not field.metadata.get("rule") and path not in mistyped:
                about = field.metadata["help"]
                yield Wrong(path, "required", f"`{key}` is missing: {about}.", f"Write `{example(cls, key)}`.")
            continue
        tp, value = type_of(cls, key), values[key]
        part = _part(tp)
        if part is None:
            continue
        if isinstance(value, dict):
            yield from _lacking(part, value, path + ".", mistyped)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _lacking(part, item, f"{path}.{index}.", mistyped)


@remembered
def _part(tp: Any) -> type | None:
    """The dataclass inside a type, if there is one."""
    if dataclasses.is_dataclass(tp) and tp is not base.Duration:
        return typing.cast("type", tp)
    if is_ref(tp):
        return None
    for arg in typing.get_args(tp):
        if (found := _part(arg)) is not None:
            return found
    return None


def _told(cls: type, values: Any, errors: list[Any]) -> Iterator[tuple[Wrong, list[str | int]]]:
    """Turn Pydantic's errors into ours, one a place."""
    seen: set[tuple[str | int, ...]] = set()
    for error in errors:
        place, inside, tp, value = _walk(cls, values, error["loc"])
        if tuple(place) in seen or not place:
            continue
        seen.add(tuple(place))
        path = ".".join(map(str, place))
        if error["type"] == "extra_forbidden" and tp is None:
            yield _unknown(inside, str(place[-1]), path), place
            continue
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, LocalTimeError):
            yield Wrong(path, "local-time", str(cause), cause.remedy), place
            continue
        yield _unfit(inside, place, path, tp, value), place


def _walk(cls: type, values: Any, loc: Sequence[str | int]) -> tuple[list[str | int], type, Any, Any]:
    """Follow Pydantic's location through the declaration, past the names it gives to parts of a union.

    Returns the place in the values, the dataclass around it, the declared type (``None``: unknown key), the value.
    """
    place: list[str | int] = []
    inside, tp, value = cls, typing.cast("Any", cls), values
    for step in loc:
        if isinstance(value, dict) and isinstance(step, str) and step in value:
            part = typing.cast("type", tp) if dataclasses.is_dataclass(tp) else _part(tp)
            place.append(step)
            value = value[step]
            if part is None:
                tp = typing.get_args(tp)[1] if typing.get_origin(tp) in (dict, Mapping) else str
            else:
                inside = part
                tp = type_of(part, step) if step in fields_of(part) else None
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            place.append(step)
            value = value[step]
            tp = _item(tp)
    return place, inside, tp, value


def _item(tp: Any) -> Any:
    if typing.get_origin(tp) is tuple:
        return typing.get_args(tp)[0]
    for arg in typing.get_args(tp):
        if typing.get_origin(arg) is tuple:
            return typing.get_args(arg)[0]
    return str


@functools.lru_cache(maxsize=4096)
def near(word: str, known: tuple[str, ...]) -> str:
    """“ Did you mean …?”, or nothing."""
    found = difflib.get_close_matches(word.lower(), [k for k in known if k], n=1, cutoff=0.6) if len(word) < 60 else []
    return f" Did you mean `{found[0]}`?" if found else ""


def meant_by(rule: str, field: str, message: str) -> str:
    """The field that a finding is about: for an unknown one the known one it was taken for, empty when there is none."""
    if rule != "unknown-field":
        return field if rule in {"field-type", "local-time"} else ""
    hint = message.rpartition(" Did you mean `")[2].removesuffix("`?") if message.endswith("`?") else ""
    return f"{field.rpartition('.')[0]}.{hint}".lstrip(".") if hint else ""


def _plain_key(key: str) -> str:
    return key.strip().lower().replace("-", "_").replace(" ", "_")


def _unknown(cls: type, key: str, path: str) -> Wrong:
    return Wrong(path, "unknown-field", *_unknown_words(cls, key, path.rpartition(".")[0]))


@functools.lru_cache(maxsize=4096)
def _unknown_words(cls: type, key: str, around: str) -> tuple[str, str]:
    known = tuple(fields_of(cls))
    where = f"of {a(cls.KIND)}" if issubclass(cls, Document) else f"inside `{around}`"
    hint = near(_plain_key(key), known)
    message = f"`{shortened(key)}` is not a field {where}, so nothing would ever read it.{hint}"
    if hint:
        return message, f"Write `{hint.split('`')[1]}:` in its place, or take the line out."
    return message, f"Take it out, or use one of: {', '.join(known)}."


def a(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def shortened(text: str, most: int = 60) -> str:
    """A text cut to what a sentence can carry, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _unfit(cls: type, place: list[str | int], path: str, tp: Any, value: Any) -> Wrong:
    key = next((part for part in reversed(place) if isinstance(part, str)), path)
    if isinstance(value, str) and (said := slip_of(tp, value)) is not None:
        return Wrong(path, "field-type", f"“{shortened(value)}” does not fit `{key}`, which counts as empty until it does. "
                     f"{said.why}", _instead(key, said, tp))  # fmt: skip
    takes = describe(tp)
    hint = ""
    sample = example(cls, key) if key in fields_of(cls) else f"{key}: {sample_of(tp)}"
    choices = [c for arg in (tp, *typing.get_args(tp)) if typing.get_origin(arg) is Literal
               for c in typing.get_args(arg)]  # fmt: skip
    taken = set(typing.get_args(tp)) | {tp}
    only = value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else ""
    if cls.__name__ == "Post" and key == "status" and isinstance(value, str) and value in _DERIVED:
        return Wrong(
            path, "field-type",
            f"“{value}” is worked out from the time and from what was sent; nobody types it. `{key}` takes {takes}.",
            "Write `status: approved` if it may go out, `status: cancelled` if it must not.",
        )  # fmt: skip
    plain = f"`{key}` takes {takes}, and here it is {_seen(value)}."
    if isinstance(value, str) and base.Url in taken:
        if found := meant.address(value):
            return Wrong(path, "field-type", plain, f"Write `{key}: {found}`.")
        return Wrong(path, "field-type", plain, f"Write the whole address, as in `{sample}`.")
    if choices:
        close = {str(choice): choice for choice in choices}
        hint = near(str(value), tuple(close)) if str(value) not in close else ""
        closest = str(value) if str(value) in close else hint.partition("`")[2].rpartition("`")[0]
        if closest:
            sample = f"{key}: {closest}"
        elif datetime in taken:
            return Wrong(path, "field-type", plain, f"Write the day and the hour out, as in `{sample}`.")
        elif typing.get_origin(tp) is Literal:
            return Wrong(path, "field-type", plain, f"Write one of them, such as `{sample}`.")
    elif tp in (str, None) or is_ref(tp) or isinstance(tp, typing.NewType) or kinds_of(tp):
        if isinstance(value, bool | int | float) and kinds_of(tp):
            pass  # no document is called by a number: the example says what a name looks like
        elif isinstance(value, bool | int | float):
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            sample = f'{key}: "{shown}"'
        elif re.fullmatch(r"[\w .-]{1,60}", only):
            sample = f"{key}: {only}"
    elif tp is bool and isinstance(value, str) and value.lower() in {"yes", "no", "on", "off"}:
        sample = f"{key}: {'true' if value.lower() in {'yes', 'on'} else 'false'}"
    elif typing.get_origin(tp) is tuple and isinstance(value, str):
        sample = (
            f"{key}: [{value}]"
            if len(value) < 60
            and re.fullmatch(r"[\w .-]+(?:, ?[\w .-]+)*", value)
            and not dataclasses.is_dataclass(_item(tp))
            else f"{key}: [{sample_of(_item(tp))}]"
        )
    return Wrong(
        path, "field-type", f"`{key}` takes {takes}, and here it is {_seen(value)}.{hint}", f"Write `{sample}`."
    )


def slip_of(tp: Any, text: str) -> Slip | None:
    """What is wrong with a day or a time that a field of this type refused; ``None`` for all else."""
    parts = {tp, *typing.get_args(tp)}
    if not parts & {date, datetime}:
        return None
    from signalbook import misdated

    said = misdated.slip(text, day=date in parts, timed=datetime in parts)
    if said is not None or (spelled := meant.in_numbers(text)) == text:
        return said
    return misdated.slip(spelled, day=date in parts, timed=datetime in parts) or misdated.alone(spelled)


def _instead(key: str, said: Slip, tp: Any) -> str:
    days = [f"`{key}: {one}`" for one in said.instead or (sample_of(tp),)]
    if said.sure and said.instead:
        return f"Write {' or '.join(days)}" + (", or the day you mean." if len(days) == 1 else ".")
    return f"Write the one you mean, for example {days[0]}."


def _seen(value: Any) -> str:
    if isinstance(value, bool):
        return f"the word {str(value).lower()} without quotes"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"“{shortened(value)}”" if value else "empty"
    if isinstance(value, Mapping):
        return "a group of fields"
    return "a list"


_EXAMPLE: dict[Any, str] = {
    base.Url: "https://example.org/opening",
    base.Lang: "en",
    base.Country: "DE",
    base.Zone: "Europe/Berlin",
    base.Percent: "80",
    base.Path: "media/door.jpg",
    base.Markdown: "a sentence or more",
    base.Duration: "4h",
    datetime: "2026-11-24 09:30",
    date: "2026-11-24",
    bool: "true",
    int: "3",
    float: "2.5",
    str: "a few words",
}

_NAMED: dict[Any, str] = {
    base.Url: "an address that begins with https://",
    base.Lang: "a language such as `en` or `pt-BR`",
    base.Country: "a country such as `DE`",
    base.Zone: "a time zone such as `Europe/Berlin`",
    base.Percent: "a number from 0 to 100",
    base.Path: "a file's path",
    base.Markdown: "text",
    base.Duration: "a duration such as `30m`, `4h`, `4bh`, `2bd` or `90d`",
    datetime: "a day and a time such as `2026-11-24 09:30`",
    date: "a day such as `2026-11-24`",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}


def describe(tp: Any) -> str:
    """What a field takes, in words."""
    if tp in _NAMED:
        return _NAMED[tp]
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if kinds := kinds_of(tp):
        return f"the name of {' or '.join(a(kind.KIND) for kind in kinds)}"
    if origin is Literal:
        words = [str(arg) for arg in args]
        return words[0] if len(words) == 1 else "one of " + ", ".join(words)
    if origin is tuple:
        return f"a list, each item {describe(args[0])}"
    if origin in (dict, Mapping):
        return f"a group of names, each with {describe(args[1])}"
    if origin in (typing.Union, types.UnionType):
        if set(args) == {int, float}:
            return "a number"
        return ", or ".join(describe(arg) for arg in args)
    if dataclasses.is_dataclass(tp):
        return "a group of fields: " + ", ".join(fields_of(typing.cast("type", tp)))
    return "text"


def sample_of(tp: Any) -> str:
    """A value that a field would take, as it is written in a file."""
    if tp in _EXAMPLE:
        return _EXAMPLE[tp]
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if kinds := kinds_of(tp):
        return {"person": "social-lead"}.get(kinds[0].KIND, f"name-of-{kinds[0].KIND}")
    if origin is Literal:
        return str(args[0])
    if origin is tuple:
        return f"[{sample_of(args[0])}]"
    if origin in (dict, Mapping):
        return f"{{name: {sample_of(args[1])}}}"
    if origin in (typing.Union, types.UnionType):
        return sample_of(args[0])
    if dataclasses.is_dataclass(tp):
        cls = typing.cast("type", tp)
        needed = [key for key, field in fields_of(cls).items() if field.metadata.get("need") == "!"]
        return "{" + ", ".join(f"{key}: {sample_of(type_of(cls, key))}" for key in needed) + "}"
    return "…"


def example(cls: type, key: str) -> str:
    """``key: value`` as it could be written."""
    special = _SPECIAL.get((cls.__name__, key)) or _SPECIAL.get(("", key))
    return f"{key}: {special or sample_of(type_of(cls, key))}"


_DERIVED = frozenset({
    "scheduled", "due", "held", "missed", "sending", "published", "failed", "unknown", "overdue", "withdrawn", "sent", "posted",
})  # fmt: skip
"""States of a delivery, which follow from the time and the receipts; and two words for the last of them."""
_SPECIAL = {
    ("", "title"): "First morning",
    ("", "owner"): "social-lead",
    ("", "channels"): "[bluesky, mastodon]",
    ("", "currency"): "EUR",
    ("Post", "status"): "draft",
    ("Hold", "scope"): "{channels: all}",
    ("Waiver", "rule"): "alt-text",
    ("Waiver", "why"): "shown only until the designer is back",
    ("Person", "skills"): "{writing: 3, crisis: 2}",
    ("Report", "period"): "2026-W47",
}


# --- writing ---------------------------------------------------------------------------------------------------------


def encode(thing: Any) -> dict[str, Any]:
    """The plain values of a document or a part of one; ``decode`` makes the same object of them again."""
    out: dict[str, Any] = {}
    held = vars(thing)
    for key, name, default in _keys_of(type(thing)):
        value = held.get(name, default)
        if type(value) is str:
            out[key] = value
        elif value is not None and value != ():
            out[key] = _plain(value)
    return out


@remembered
def _keys_of(cls: type) -> tuple[tuple[str, str, Any], ...]:
    """The fields of a class: key in files, attribute, and what an object has that was given nothing."""
    return tuple((key, field.name, getattr(cls, field.name, None)) for key, field in fields_of(cls).items())


def _plain(value: Any) -> Any:
    if isinstance(value, base.Duration):
        return str(value)
    if dataclasses.is_dataclass(value):
        return encode(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, base.Ref) else value


def schema(kind: type[Document]) -> dict[str, Any]:
    """The JSON Schema of a kind's front matter, for editors and for the web form."""
    made = _adapter(kind).json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = kind.KIND
    made["description"] = kind.ABOUT
    made["required"] = [
        key
        for key, field in fields_of(kind).items()
        if field.metadata.get("need") == "!" and not field.metadata.get("rule")
    ]
    return made
