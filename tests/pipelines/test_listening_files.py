"""Exports of listening suites in a folder, and files that nobody exported."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import hearing
from pipelines.connectors.files import CONNECTOR, decode
from pipelines.hearing import Sources, cleaned, hear
from pipelines.http import Client
from pipelines.services import Listens
from pipelines.tables import Unreadable
from signalbook.book import Book
from signalbook.errors import SettingsError
from signalbook.settings import Channel, Settings
from signalbook.workspace import Workspace

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)

SUITES = {
    "one": "Report:,Brand\nFrom:,24/11/2026\n\nQuery Id,Date,Title,Snippet,Url,Domain,Language,Author,Full Text,Twitter Followers\n"
    '7,2026-11-24 09:30:00.0,Doors,The door…,https://h.example/1,h.example,en,reader,"The door was <b>locked</b>, again",1200\n',
    "two": "Date\tHeadline\tURL\tOpening Text\tHit Sentence\tSource\tInfluencer\tLanguage\tReach\n"
    "24-Nov-2026 09:30AM\tDoors\thttps://h.example/1\tSo it began\tThe door was locked, again\tPaper\treader\ten\t1200\n",
    "three": json.dumps({"result_content": {"data": [{
        "url": "https://h.example/1", "title": "Doors", "content": "The door was locked, again", "published": 1795509000000,
        "lang": "en", "extra_author_attributes": {"name": "reader", "followers": 1200},
    }]}}),
    "four": '{"permalink": "https://h.example/1", "title": "Doors", "message": "The door was locked, again",'
    ' "createdAt": "2026-11-24T08:30:00Z", "user": {"name": "reader"}, "language": "en", "followers": "1,200"}\nnot a line\n',
}  # fmt: skip


@pytest.mark.parametrize("name", SUITES)
def test_each_suite_says_the_same_of_the_same_post(name):
    (mention,), _ = decode(SUITES[name].encode(), "suite", NOW, ZONE)
    assert (mention.url, mention.title, mention.lang) == ("https://h.example/1", "Doors", "en")
    assert mention.author == "reader"
    assert mention.published_at == AT
    assert "The door was locked, again" in mention.text or name == "two"
    assert mention.channel == "suite"
    assert {decode(SUITES[other].encode(), "s", NOW, ZONE)[0][0].key for other in SUITES} == {mention.key}


def test_a_date_that_could_be_either_day_is_told_by_the_others_or_left_out():
    def dates(*written: str, order=None):
        rows = "".join(f"https://h.example/{n},words,{one}\n" for n, one in enumerate(written))
        mentions, left = decode(f"url,text,date\n{rows}".encode(), "s", NOW, ZONE, order)
        return [mention.published_at.date().isoformat() if mention.published_at else None for mention in mentions], left

    assert dates("03/04/2026 12:00", "25/04/2026 12:00") == (["2026-04-03", "2026-04-25"], {})
    assert dates("03/04/2026 12:00", "04/25/2026 12:00") == (["2026-03-04", "2026-04-25"], {})
    assert dates("03/04/2026 12:00") == ([None], {"a date that can be read in two ways": 1})
    assert dates("03/04/2026 12:00", order="month-first")[0] == ["2026-03-04"]


def opened(tmp_path, **more: object) -> Sources:
    channel = Channel("suite", "files", more=more)
    settings_ = Settings(channels={"suite": channel})
    return hearing.opened(settings_, {}, Client(), book=Book(Workspace(tmp_path), settings_))


def test_a_folder_is_heard_once_and_a_bad_file_never_stops_the_others(tmp_path):
    assert isinstance(CONNECTOR, Listens)
    inbox = tmp_path / "data" / "private" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text(SUITES["one"], encoding="utf-8")
    (inbox / "b.csv").write_text("colour,size\nred,3\n", encoding="utf-8")
    (inbox / "c.jsonl").write_text(SUITES["four"], encoding="utf-8")
    (inbox / "d.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "secret.csv").write_text(SUITES["one"].replace("/1", "/2"), encoding="utf-8")
    sources = opened(tmp_path)
    heard = hear(sources, {}, NOW)
    assert [mention.url for mention in heard.mentions] == ["https://h.example/1"]
    assert len(heard.notes) == 1
    assert "b.csv: No row names columns" in heard.notes[0]
    assert hear(sources, heard.states, NOW, again=True).mentions == ()
    (inbox / "e.csv").write_text(SUITES["one"].replace("/1", "/3"), encoding="utf-8")
    assert [m.url for m in hear(sources, heard.states, NOW, again=True).mentions] == ["https://h.example/3"]


def test_no_folder_outside_of_the_workspace_is_read(tmp_path):
    with pytest.raises(SettingsError, match="folder of the workspace"):
        CONNECTOR.listener(Channel("s", "files", more={"folder": "../.."}), {}, Client())
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "in").symlink_to(tmp_path)
    (failure,) = hear(opened(tmp_path / "team", folder="in"), {}, NOW).failures
    assert "outside of the workspace" in failure.message
    (failure,) = hear(opened(tmp_path / "team"), {}, NOW).failures
    assert "Make it" in failure.message


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode),
    st.sampled_from([b"", b"[", b"{", b"url,text\n", b"url;text;date\n1;2;"]),
)
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
def test_no_file_raises_anything_but_that_it_is_none(data, before):
    try:
        mentions, _ = decode(before + data, "s", NOW, ZONE)
    except Unreadable:
        return
    for mention in mentions:
        cleaned(mention)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "text", "date", "data", "author", "followers", "id"]), inner, max_size=5),
    max_leaves=15,
))  # fmt: skip
@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
def test_no_document_raises_anything_but_that_it_is_none(document):
    try:
        mentions, _ = decode(json.dumps([document]).encode(), "s", NOW, ZONE)
    except Unreadable:
        return
    for mention in mentions:
        cleaned(mention)
