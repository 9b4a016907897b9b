"""What holds for any values, any bytes and any text: nothing is lost on the way to a file and back, nothing raises."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import UnionType
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signalbook import content, copytext, counting, decode, frontmatter, nodes
from signalbook.content import Ordinary
from signalbook.findings import Finding
from signalbook.model import KINDS, Document, Post, base
from signalbook.settings import Channel

ZONE = ZoneInfo("Europe/Berlin")
CALM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

# --- front matter ----------------------------------------------------------------------------------------------------

# Text without what no page may hold: halves of pairs and controls. Everything else that a keyboard or a paste can bring.
LETTERS = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\n\t\x85"
)
TEXT = st.text(LETTERS, max_size=60)
LOOKALIKES = st.sampled_from(
    ["no", "yes", "on", "off", "~", "null", "true", "12:30", "1_000", "0x10", "0o7", "1e3", ".5", "-", "---", "...", "- a",
     "a: b", "a #b", "&a", "*a", "!a", "|", ">", "%", "@", "`", "? x", "<<", "=", "2026-11-24", "12:30:59", "+1", "01", "1.",
     " x ", "", "'", '"', "\\", "#", "[]", "{}", "é\u2028è\u2029", "\u0085x", "\ufeffx", "x\n\n y\n", "\U0001f600"]
)  # fmt: skip
SCALARS = st.one_of(
    TEXT, LOOKALIKES, st.booleans(), st.none(), st.integers(1 - 10**17, 10**17),
    st.decimals(-(10**6), 10**6, places=3).map(float),
)  # fmt: skip
KEYS = st.one_of(st.text(LETTERS, min_size=1, max_size=12), LOOKALIKES).filter(lambda key: key != "<<")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(values=st.dictionaries(KEYS, VALUES, max_size=6), body=st.text(LETTERS, max_size=200))
@CALM
def test_front_matter_reads_back_as_it_was_written(values: dict[str, Any], body: str) -> None:
    text = f"---\n{frontmatter.dump(values)}---\n{body}"
    read, trouble = frontmatter.text_of(text.encode())
    assert trouble is None
    taken = frontmatter.split(read)
    assert taken.troubles == ()
    assert taken.values == values
    assert list(taken.values) == list(values)
    if body.partition("\n")[0].strip():
        assert taken.body == body
    else:  # empty lines before the first word are nobody's
        assert taken.body.strip() == body.strip()
    if taken.body.strip():
        assert read.split("\n")[taken.body_line - 1 :] == taken.body.split("\n")


@given(values=st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), VALUES, min_size=1, max_size=5))
@CALM
def test_every_field_has_the_line_it_stands_on(values: dict[str, Any]) -> None:
    text = f"---\n{frontmatter.dump(values)}---\n"
    lines = text.split("\n")
    for key, (line, column) in frontmatter.split(text).marks.items():
        if "." not in key:
            assert lines[line - 1][column - 1 :].startswith((f"{key}:", f'"{key}":'))  # `no` is written in quotes


@given(
    st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda data: b"---\n" + data + b"\n---\n" + data))
)
@CALM
def test_no_bytes_make_reading_fail(data: bytes) -> None:
    for kind in KINDS[::5]:
        thing, findings = content.parse(f"content/{kind.FOLDER}/x.md", data, ZONE)
        assert isinstance(thing, Document)
        assert all(isinstance(one, Finding) and one.line >= 1 and one.column >= 1 for one in findings)
    thing, _ = content.parse("content/about/x.md", data, ZONE)
    assert isinstance(thing, Ordinary)


YAML_ISH = st.lists(
    st.sampled_from(["title: ", "status: ", "media:\n", "  - ", "- ", "x", "{", "}", "[", "]", "'", '"', "|\n", ">\n", "\n", "  ",
                     "\t", "# ", ": ", "&a ", "*a", "!!python/x ", "? ", "%YAML 1.1\n", "---\n", "...\n", "<<: ", "2026-11-24", "\u2028",
                     "owner: writer\n", "channels: [blog]\n", "publish_at: 2027-03-28 02:30\n", "tier: 9\n", "\\x00", '"\\x02"']),
    max_size=30,
).map("".join)  # fmt: skip


PLAIN_ISH = st.lists(
    st.sampled_from(["title: ", "owner: writer\n", "channels: [blog, x]\n", "media:\n", "  - ", "- ", "    alt: b\n", "  src: ", "x",
                     "3", "-3", "2.50", "true", "~", "12:30", "https://a.b/c", "{a: b, c: [d, e]}", "[]", "{", "}", "[", "]", ", ",
                     ": ", "'", '"', "'a: b'", '"c, d"', "é", "?", "\n", "\n", "\n", "  ", " ", "#", " # ", "|", "&a", "\\", "\u2028", "\xa0"]),
    max_size=14,
).map("".join)  # fmt: skip


@given(PLAIN_ISH)
@settings(CALM, max_examples=600)
def test_the_plainest_way_reads_what_the_long_way_reads(head: str) -> None:
    """The straight reader gives up or gives the same values, in the same order, at the same places."""
    if taken := frontmatter.plainly(f"\n{head}\n"):
        values, marks, troubles = nodes.read(f"\n{head}\n")
        assert troubles == ()
        assert repr(taken[0]) == repr(values)
        assert list(taken[1].items()) == list(marks.items())


@given(
    st.lists(st.sampled_from(["---", "-", "\n", "\n", "\n---\n", " ", "\t", "a: b", "\u2028", "\x0b"]), max_size=9).map(
        "".join
    )
)
@settings(CALM, max_examples=300)
def test_the_fences_are_where_the_library_finds_them(text: str) -> None:
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    boundaries = len(handler.FM_BOUNDARY.findall(f"---{text}"))
    taken = frontmatter.split(f"---{text}")
    assert taken.present == handler.detect(f"---{text}")
    if taken.present and boundaries > 1:
        _, body = handler.split(f"---{text}")
        assert taken.body == body.removeprefix("\n")


@given(YAML_ISH)
@CALM
def test_no_front_matter_makes_reading_fail(text: str) -> None:
    for kind in KINDS:
        thing, findings = content.parse(f"content/{kind.FOLDER}/x.md", f"---\n{text}\n---\nBody\n".encode(), ZONE)
        assert isinstance(thing, kind)
        assert thing.unreadable <= bool(findings)


@given(
    st.dictionaries(
        st.sampled_from(sorted({key for kind in KINDS for key in decode.fields_of(kind)})), VALUES, max_size=8
    )
)
@CALM
def test_every_wrong_value_is_told_once_and_hides_no_other(values: dict[str, Any]) -> None:
    for kind in KINDS[:4]:
        _, together = decode.decode(kind, values, zone=ZONE)
        told = [wrong.field for wrong in together]
        assert len(told) == len(set(told))
        for key, value in values.items():
            _, alone = decode.decode(kind, {key: value}, zone=ZONE)
            assert {
                wrong.field for wrong in alone if wrong.field.split(".")[0] == key and wrong.rule != "required"
            } <= set(told)


@given(
    st.sampled_from(KINDS),
    st.dictionaries(
        st.sampled_from(sorted({key for kind in KINDS for key in decode.fields_of(kind)} | {"nonsense"})),
        VALUES,
        max_size=5,
    ),
)
@settings(CALM, max_examples=400)
def test_the_straight_way_makes_what_the_long_way_makes(kind: type[Document], values: dict[str, Any]) -> None:
    straight = decode.decode(kind, values, zone=ZONE, marks={})
    assert told(straight) == told(decode.closely(kind, values, zone=ZONE, marks={}))


def told(made: tuple[Any, list[decode.Wrong]]) -> str:
    """An object and its problems as text, in which 1, 1.0 and true are different things."""
    thing, wrongs = made
    return f"{thing!r} {wrongs}"


# --- documents -------------------------------------------------------------------------------------------------------

INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)


def of_type(tp: Any) -> st.SearchStrategy[Any]:
    """Any value that a declared type takes, as the model holds it."""
    fixed: dict[Any, st.SearchStrategy[Any]] = {
        base.Duration: st.builds(base.Duration, st.integers(0, 999).map(float), st.sampled_from(["m", "h", "d", "w", "bh", "bd"])),
        base.Lang: st.sampled_from(["en", "de", "pt-BR", "zh-Hant-TW", "es-419"]),
        base.Country: st.sampled_from(["DE", "AT", "BR"]),
        base.Zone: st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
        base.Percent: st.integers(0, 100).map(float),
        base.Url: st.sampled_from(["https://x.example/", "http://x.example/a?b=c#d'e", "https://ä.example/ü"]),
        str: TEXT, base.Markdown: TEXT, base.Path: TEXT, bool: st.booleans(), int: st.integers(-(10**15), 10**15),
        float: st.decimals(-(10**6), 10**6, places=3).map(float), datetime: INSTANTS,
        date: st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    }  # fmt: skip
    if tp is Any:
        return st.one_of(TEXT, st.integers(-(10**9), 10**9), st.booleans())
    if tp in fixed:
        return fixed[tp]
    if decode.is_ref(tp):
        return TEXT
    origin, args = typing.get_origin(tp), typing.get_args(tp)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(of_type(args[0]), min_size=1, max_size=2).map(tuple)
    if origin in {dict, Mapping}:
        return st.dictionaries(st.text(LETTERS, min_size=1, max_size=8), of_type(args[1]), min_size=1, max_size=2)
    if origin in {typing.Union, UnionType}:
        return (
            st.one_of([of_type(arg) for arg in args if arg is not str] or [TEXT])
            if datetime in args or date in args
            else st.one_of([of_type(arg) for arg in args])
        )
    assert is_dataclass(tp), tp
    return things(typing.cast("type", tp))


@cache
def things(cls: type) -> st.SearchStrategy[Any]:
    """Objects of a class of the model, some fields left out."""
    fields = {
        field.name: st.one_of(st.just(MISSING), of_type(decode.type_of(cls, key))) if key != "title" else TEXT
        for key, field in decode.fields_of(cls).items()
    }
    return st.fixed_dictionaries(fields).map(
        lambda held: cls(**{name: value for name, value in held.items() if value is not MISSING})
    )


MISSING = object()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_document_reads_back_as_it_was(kind: type[Document], data: st.DataObject) -> None:
    """Through plain values, and through a file."""
    thing = data.draw(things(kind))
    again, wrongs = decode.decode(kind, decode.encode(thing), zone=ZONE, marks={})
    assert [wrong for wrong in wrongs if wrong.rule != "required"] == []
    assert again == thing
    straight = decode.decode(kind, decode.encode(thing), zone=ZONE, marks={})
    assert told(straight) == told(decode.closely(kind, decode.encode(thing), zone=ZONE, marks={}))
    taken = frontmatter.split(f"---\n{frontmatter.dump(decode.encode(thing))}---\n")
    assert taken.troubles == ()
    filed, wrongs = decode.decode(kind, taken.values, zone=ZONE, marks={})
    assert [wrong for wrong in wrongs if wrong.rule != "required"] == []
    assert filed == thing


# --- copy ------------------------------------------------------------------------------------------------------------

CHANNELS = {
    "blog": Channel("blog", "feed"),
    "bluesky": Channel("bluesky", "bluesky"),
    "linkedin": Channel("linkedin", "linkedin"),
}
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "---",
                "--- ",
                "## bluesky",
                "## blog",
                "## Bluesky",
                "##bluesky",
                "## nowhere",
                "```",
                "~~~",
                "",
                "  ",
                "> ---",
            ]
        ),
        st.text(LETTERS, max_size=20).map(lambda text: text.replace("\n", " ")),
    ),
    max_size=20,
)


@given(LINES)
@CALM
def test_the_sections_of_a_body_together_are_the_body(lines: list[str]) -> None:
    body = "\n".join(lines)
    found = copytext.sections(body, CHANNELS)
    headings = [f"## {section.channel}" for section in found[1:]]
    said = [line.rstrip() for section in found for line in section.text.split("\n") if line.strip()]
    written = [line.rstrip() for line in body.split("\n") if line.strip()]
    assert sorted(said + headings) == sorted(
        re.sub(r"^##[ \t]+(bluesky|blog|linkedin)$", r"## \1", line) for line in written
    )
    for section in found:
        if section.text:
            assert body.split("\n")[section.line - 1].rstrip() == section.text.split("\n")[0]


@given(LINES)
@CALM
def test_the_parts_of_a_thread_lose_no_word(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = copytext.split_thread(text)
    kept = [line.split() for part in found for line in part.text.split("\n") if line.strip()]
    assert kept == [line.split() for line in text.split("\n") if line.strip() and not re.fullmatch(r"---[ \t]*", line)]
    assert all(part.text.strip() for part in found)


@given(LINES)
@CALM
def test_every_channel_gets_its_own_copy_or_everybodys(lines: list[str]) -> None:
    post = Post(slug="x", body="\n".join(lines))
    for key, channel in CHANNELS.items():
        found = copytext.parts(post, key, CHANNELS)
        section = copytext.section_for(post, key, CHANNELS)
        assert section.channel in {key, ""}
        assert bool(found) == bool(section.text and copytext.split_thread(section.text)) or channel.connector == "feed"
        if channel.connector not in copytext.THREAD_CONNECTORS:
            assert len(found) <= 1
        for part in found:
            counted = counting.count(channel.connector, part.text)
            assert counted.count >= 0
            assert counted.fits or counted.limit


# --- calendars -------------------------------------------------------------------------------------------------------


@given(
    titles=st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=120), min_size=1, max_size=4),
    moment=st.datetimes(datetime(2026, 6, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 - the zone is drawn
    zone=st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "UTC"]),
)
@settings(max_examples=40, deadline=None)
def test_a_calendar_file_holds_the_same_titles_and_instants(titles: list[str], moment: datetime, zone: str) -> None:
    from pathlib import Path

    import icalendar

    from signalbook.book import Book
    from signalbook.workspace import Workspace
    from site_plugins.calendar import feeds
    from site_plugins.calendar.entries import Entry, Span
    from site_plugins.site import Site
    from tests.build import NOW

    site = Site(Book(Workspace(Path("nowhere"))), NOW, "Harbour", url="https://harbour.example/")
    at = moment.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    entries = [
        Entry(Post(slug=f"p{n}", title=title), at + timedelta(days=n), "scheduled", ())
        for n, title in enumerate(titles)
    ]
    spans = [Span(titles[0], "hold", at.date(), at.date() + timedelta(days=2), "plans/x.html")]
    data = feeds.calendar(titles[-1], entries, spans, site)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    events = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert len(events) == len(entries) + 1
    assert len({str(event["UID"]) for event in events}) == len(events)
    for entry, event in zip(entries, events, strict=False):
        assert event["DTSTART"].dt == entry.at
        assert event["DTEND"].dt > event["DTSTART"].dt
        wanted = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", entry.post.name)
        assert str(event["SUMMARY"]) == wanted
    assert events[-1]["DTEND"].dt - events[-1]["DTSTART"].dt == timedelta(days=3)
