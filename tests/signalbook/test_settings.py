"""`signalbook.toml`: what is wrong in it is a finding at its line; what makes it useless stops everything."""

from __future__ import annotations

import pytest

from signalbook import settings
from signalbook.errors import SettingsError
from signalbook.model.base import Duration
from tests.build import write

CHANNEL = '[channels.blog]\nconnector = "feed"\n'


def read(tmp_path, text):
    return settings.read(write(tmp_path / "signalbook.toml", text))


def test_a_workspace_without_settings_gets_the_defaults(tmp_path):
    found = settings.read(tmp_path / "signalbook.toml")
    assert (found.team.zone.key, found.channels, found.findings) == ("UTC", {}, ())


@pytest.mark.parametrize(
    ("text", "word"),
    [("[team\nx", "line 1"), (b"\xff\xfe", "UTF-8"), ('[team]\ntimezone = "Mars/Olympus"\n', "signalbook.toml:2"),
     ('[team]\ntimezone = "../../etc/passwd"\n', "time zone"), ("a = 1\na = 2\n", "line 2")],
)  # fmt: skip
def test_what_cannot_be_used_stops_with_its_place(tmp_path, text, word):
    with pytest.raises(SettingsError, match=word):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("[team]\nnmae = 'x'\n", 2, "team.nmae"),
        ("channels = 3\n", 1, ".channels"),
        ("[channels]\nblog = 3\n", 2, "channels.blog"),
        ('[channels.blog]\nname = "x"\n', 1, "channels.blog"),
        (CHANNEL + 'secrets = {token = "ghp_abc"}\n', 3, "channels.blog.secrets"),
        (CHANNEL + 'secrets = "TOKEN"\n', 3, "channels.blog.secrets"),
        (CHANNEL + 'status = "on"\n', 3, "channels.blog.status"),
        (CHANNEL + 'max_late = "late"\n', 3, "channels.blog.max_late"),
        (CHANNEL + "cadence = 3\n", 3, "channels.blog.cadence"),
        ('[channels."My Blog"]\nconnector = "feed"\n', 1, "channels.My Blog"),
    ],
)
def test_what_is_wrong_is_a_finding_at_its_line(tmp_path, text, line, field):
    (finding,) = read(tmp_path, text).findings
    assert (finding.line, finding.field.lstrip("."), finding.rule) == (line, field.lstrip("."), "settings")
    assert finding.remedy


def test_a_secret_never_reaches_a_message(tmp_path):
    found = read(tmp_path, CHANNEL + 'secrets = {token = "hunter2"}\n')
    assert "hunter2" not in repr(found.findings)
    assert found.channels["blog"].secrets == {}


@pytest.mark.parametrize(
    "text",
    [CHANNEL + "cadence = {min = 'two', max = 'x'}\n", CHANNEL + "mix = {useful = 'much'}\n", CHANNEL + "name = 3\nurl = []\naccess = 5\n",
     "[team]\nlanguages = 'de'\nhours = 3\nname = []\n", "[links]\ndomains = 'a.example'\nown = 3\n", "[audiences]\nx = 3\n",
     "[audiences.board]\nmay_see = 'plans'\n", "data = 3\nstore = []\nlinks = 1\nteam = 2\naudiences = 1\n", CHANNEL + "cadence = {min = -3, spacing = 'x'}\n"],
)  # fmt: skip
def test_a_value_of_another_form_never_raises(tmp_path, text):
    assert read(tmp_path, text).digest


def test_a_whole_channel_is_read(tmp_path):
    found = read(
        tmp_path,
        CHANNEL + 'name = "News"\nmax_late = "4h"\nreview_by = 2027-01-01\ntwo_factor = true\nfeed_length = 20\n'
        'cadence = {min = 1, max = 3, per = "day", spacing = "90m"}\nmix = {useful = 60}\nsecrets = {password = "BLOG_PASSWORD"}\n',
    ).channels["blog"]
    assert (found.name, found.max_late, found.cadence.spacing) == ("News", Duration(4, "h"), Duration(90, "m"))
    assert (found.secrets, found.mix, found.more) == (
        {"password": "BLOG_PASSWORD"},
        {"useful": 60},
        {"feed_length": 20},
    )
    assert found.two_factor is True
