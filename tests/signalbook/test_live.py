"""What services say of their own limits, kept beside the records."""

from __future__ import annotations

from datetime import date

import pytest

from signalbook import book, counting, live
from signalbook.settings import Said
from signalbook.workspace import Workspace

SERVER = Said("https://social.example.org", date(2026, 11, 24), {"limit": 5000, "link": 30, "alt": 1500})


@pytest.fixture
def place(tmp_path):
    (tmp_path / "mkdocs.yml").write_text("site_name: Harbour\nplugins: [signalbook]\n")
    (tmp_path / "signalbook.toml").write_text('[channels.mastodon]\nconnector = "mastodon"\n')
    return Workspace(tmp_path)


def test_what_a_server_says_is_what_counts_with_its_address_and_its_day(place):
    before = book.load(place)
    assert live.write(place, {"mastodon": SERVER})
    after = book.load(place)
    limit = counting.limit_of(after.settings.channels["mastodon"])
    assert (limit.limit, limit.highest, limit.link, limit.alt) == (5000, 5000, 30, 1500)
    assert (limit.source, limit.as_of, limit.strength) == ("https://social.example.org", date(2026, 11, 24), "official")
    assert counting.limit_of(before.settings.channels["mastodon"]).limit == 500
    assert before.digest != after.digest


def test_the_teams_own_limit_beats_what_the_server_says(place):
    place.settings.write_text('[channels.mastodon]\nconnector = "mastodon"\nmax_characters = 300\n')
    live.write(place, {"mastodon": SERVER})
    limit = counting.limit_of(book.load(place).settings.channels["mastodon"])
    assert (limit.limit, limit.link, limit.source != SERVER.source) == (300, 30, True)


def test_the_same_answer_on_a_later_day_writes_nothing_and_a_channel_not_asked_keeps_its_own(place):
    live.write(
        place, {"mastodon": SERVER, "forum": Said("https://forum.example.org", date(2026, 11, 24), {"limit": 9})}
    )
    assert not live.write(place, {"mastodon": Said(SERVER.source, date(2026, 12, 1), SERVER.limits)})
    assert live.write(place, {"mastodon": Said(SERVER.source, date(2026, 12, 1), {"limit": 700})})
    said = live.read(place)
    assert (said["mastodon"].as_of, said["mastodon"].limits) == (date(2026, 12, 1), {"limit": 700})
    assert said["forum"].limits == {"limit": 9}
    assert [path.name for path in place.data.iterdir()] == ["limits.json"]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "[" * 20_000, '{"mastodon": 5}', '{"mastodon": {"limits": {"limit": 9}}}', "\ufeff",
        '{"mastodon": {"as_of": "yesterday", "limits": {"limit": 9}}}',
        '{"mastodon": {"as_of": "2026-11-24", "limits": {"limit": true, "link": -1, "alt": 1e99, "media": "4"}}}',
        '{"mastodon": {"as_of": "2026-11-24", "limits": {"limit": 99999999999}}}',
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_leaves_the_figures_that_are_brought_along(place, text):
    place.data.mkdir()
    (place.data / "limits.json").write_text(text, encoding="utf-8")
    assert counting.limit_of(book.load(place).settings.channels["mastodon"]).limit == 500
