"""Markdown and calendars become drafts that a check has nothing to block in, and that a second import finds again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from pipelines import imports
from pipelines.documents_in import Setting, Wording, from_ics, from_markdown, from_table, load_mapping, reads_as_steps
from pipelines.tables import Unreadable
from signalbook.content import read
from signalbook.errors import UsageError
from signalbook.findings import Level
from signalbook.model import Event, Playbook, Policy, Post
from signalbook.workspace import Workspace

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CHANNELS = MappingProxyType(
    {"bluesky": ("bluesky", "Bluesky"), "news": ("mail", "Newsletter"), "office": ("manual", "Office")}
)
SETTING = Setting(NOW, BERLIN, "writer", CHANNELS, frozenset({"opening-week"}))
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "content"
ROLE = "---\ntitle: {0}\nowner: writer\nside: inside\nroles: [{0}]\nzone: Europe/Berlin\n---\n"


@pytest.fixture
def workspace(tmp_path):
    for name in ("writer", "analyst"):
        path = tmp_path / "content" / "people" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ROLE.format(name), encoding="utf-8")
    (tmp_path / "signalbook.toml").write_text(
        '[team]\nname = "Team"\ntimezone = "Europe/Berlin"\n[channels.bluesky]\nconnector = "bluesky"\nname = "Bluesky"\n'
        '[channels.office]\nconnector = "manual"\n',
        encoding="utf-8",
    )
    return Workspace(tmp_path)


def run(workspace, *paths, **options):
    return imports.run(workspace, paths, now=NOW, **options)


def documents(workspace, kind):
    return {document.slug: document for document in read(workspace, BERLIN, use_cache=False).documents[kind]}


def blocks(workspace):
    return [finding for finding in read(workspace, BERLIN, use_cache=False).findings if finding.level is Level.BLOCK]


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


GUIDE = "# Social *media* guide\r\n\r\n{{ secret }} {% raw %}\r\n\r\n| a | b |\r\n|---|---|\r\n| 1 | [x](gone.md) |\r\n\r\n---\r\n\r\n- one\r\n"


def test_a_markdown_file_becomes_a_policy_in_draft_with_every_line(workspace, tmp_path):
    source = write(tmp_path / "in", "Social__Media Guide.md", GUIDE)
    row = run(workspace, source).rows[0]
    assert (row["layout"], row["added"]) == ("markdown-policy", {"policies": 1})
    policy = documents(workspace, Policy)["social-media-guide"]
    assert (policy.title, policy.version, policy.status, policy.owner) == ("Social media guide", 1, "draft", "analyst")
    assert policy.body.strip().splitlines() == GUIDE.strip().splitlines()
    assert not blocks(workspace)


def test_steps_become_a_playbook():
    assert reads_as_steps("Opening a shop", "\n".join(f"{number}. do it" for number in range(1, 7)))
    assert reads_as_steps("How to publish", "words")
    assert not reads_as_steps("Publishing guidelines", "1. a\n2. b\n3. c\n4. d\n5. e\n")
    draft = from_markdown("outage.md", "# Outage checklist\n\n1. Ring\n", SETTING)
    assert draft.kind is Playbook
    assert draft.values["type"] == "crisis"


def test_a_kind_that_was_asked_for_holds(workspace, tmp_path):
    source = write(tmp_path / "in", "how-to.md", "# How to\n")
    assert run(workspace, source, as_kind="policy").rows[0]["layout"] == "markdown-policy"
    with pytest.raises(UsageError, match="no kind"):
        run(workspace, source, as_kind="recipe")


def test_a_second_import_adds_nothing_also_after_an_edit(workspace, tmp_path):
    source = write(tmp_path / "in", "guide.md", GUIDE)
    run(workspace, source)
    path = workspace.content / "policies" / "guide.md"
    path.write_text(path.read_text(encoding="utf-8").replace("version: 1", "version: 2") + "More.\n", encoding="utf-8")
    assert run(workspace, source).rows[0]["added"] == {"policies": 0}
    assert list(documents(workspace, Policy)) == ["guide"]


def test_equal_stems_get_a_suffix_and_nothing_is_written_over(workspace, tmp_path):
    write(
        workspace.content / "policies" / "deeper",
        "GUIDE.md",
        "---\ntitle: Ours\nowner: writer\nversion: 1\nstatus: draft\n---\n",
    )
    write(tmp_path / "in", "a/guide.md", "# One\n")
    write(tmp_path / "in", "b/guide.md", "# Two\n")
    run(workspace, tmp_path / "in")
    assert sorted(documents(workspace, Policy)) == ["GUIDE", "guide-2", "guide-3"]
    assert not blocks(workspace)


def test_a_folder_is_read_in_full_and_its_readme_only_when_named(workspace, tmp_path):
    readme = write(tmp_path / "in", "README.md", "# Read me\n")
    write(tmp_path / "in", "x/policy.markdown", "# P\n")
    write(tmp_path / "in", ".git/hooks.md", "# no\n")
    write(tmp_path / "in", "picture.png", b"\x89PNG")
    assert len(run(workspace, tmp_path / "in").rows) == 1
    assert run(workspace, readme).rows[0]["added"] == {"policies": 1}
    assert "read-me" in documents(workspace, Policy)


def test_a_dry_run_writes_nothing(workspace, tmp_path):
    source = write(tmp_path / "in", "guide.md", GUIDE)
    assert run(workspace, source, dry_run=True).rows[0]["added"] == {"policies": 0}
    assert not (workspace.content / "policies").exists()


def test_front_matter_of_another_tool_is_kept_as_text():
    text = "---\ntitle: Theirs\nstatus: approved\n---\n# Heading\n"
    draft = from_markdown("theirs.md", text, SETTING)
    assert draft.values["status"] == "draft"
    assert draft.values["title"] == "Theirs"
    assert [line for line in draft.body.splitlines() if not line.startswith("```")] == text.splitlines()


def test_a_file_without_a_role_to_own_it_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "signalbook.toml").write_text("[team]\n", encoding="utf-8")
    (tmp_path / "content").mkdir()
    source = write(tmp_path / "in", "guide.md", GUIDE)
    outcome = run(Workspace(tmp_path), source)
    assert "--owner" in outcome.failures[0]
    assert outcome.rows[0]["error"]
    assert run(Workspace(tmp_path), source, owner="writer").rows[0]["added"] == {"policies": 1}


def test_an_unknown_owner_is_a_misuse(workspace, tmp_path):
    with pytest.raises(UsageError, match="analyst, writer"):
        run(workspace, write(tmp_path / "in", "guide.md", GUIDE), owner="nobody")


PLAN = (
    "Go-live date;Time;Platform;Copy;Campaign;Status;Link;Tags;Mood\n"
    '24.11.2026;09:30;"Bluesky, Pinterest";"First morning\n\n---\n\nSecond part";Opening week;Approved;https://example.org/a;#opening;calm\n'
    "25.11.2026;;Office;Only a day;;Idea;;;\n"
)


def test_a_plan_of_posts_becomes_drafts_and_nothing_arrives_approved(workspace, tmp_path):
    source = write(tmp_path / "in", "plan.csv", PLAN)
    row = run(workspace, source).rows[0]
    assert (row["layout"], row["posts"], row["added"], row["unknown_columns"]) == (
        "calendar-posts",
        2,
        {"posts": 2},
        ["Mood"],
    )
    assert any("Pinterest" in warning for warning in row["warnings"])
    found = documents(workspace, Post)
    first, second = found["2026-11-24-first-morning"], found["2026-11-25-only-a-day"]
    assert (first.status, first.channels, first.link) == ("draft", ("bluesky",), "https://example.org/a")
    assert first.publish_at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert first.body.strip() == "First morning\n\n---\n\nSecond part"
    assert (second.status, second.publish_at) == ("idea", None)
    text = (workspace.root / first.path).read_text(encoding="utf-8")
    assert "# Mood: calm" in text
    assert "# Status: Approved" in text
    assert not blocks(workspace)
    assert run(workspace, source).rows[0]["added"] == {"posts": 0}


def test_a_mapping_names_columns_and_words_and_is_saved(workspace, tmp_path):
    table = "Wann genau;Wohin;Wortlaut\n2026-11-24 10:00;Blauer Himmel;Hallo\n"
    source = write(tmp_path / "in", "plan.csv", table)
    mapping = write(
        tmp_path, "map.toml",
        '[columns]\ndate = "Wann genau"\ntext = "Wortlaut"\nchannels = "Wohin"\n[channels]\n"Blauer Himmel" = "bluesky"\n',
    )  # fmt: skip
    assert run(workspace, source).failures
    saved = tmp_path / "saved.toml"
    row = run(workspace, source, mapping=mapping, save_mapping=saved).rows[0]
    assert row["added"] == {"posts": 1}
    assert documents(workspace, Post)["2026-11-24-hallo"].channels == ("bluesky",)
    assert load_mapping(saved) == load_mapping(mapping)


def test_a_plan_whose_days_can_be_months_is_asked_about():
    with pytest.raises(Unreadable, match="--dates"):
        from_table("plan.csv", b"Datum;Text\n03/04/2027;a\n", SETTING)


def test_a_plan_may_lie_in_the_future():
    drafts = from_table("plan.csv", b"Date,Text\n2028-02-29,Leap\n", SETTING)
    assert drafts[0].slug == "2028-02-29-leap"


ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
X-WR-CALNAME:Team\r
BEGIN:VEVENT\r
UID:1@test\r
SUMMARY:Open day\r
DTSTART;TZID=Europe/Berlin:20261124T093000\r
DTEND;TZID=Europe/Berlin:20261124T110000\r
LOCATION:Main street\r
URL:https://example.org/open\r
DESCRIPTION:Come {{ all }}\\nand see\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2@test\r
SUMMARY:Two holidays\r
DTSTART;VALUE=DATE:20261225\r
DTEND;VALUE=DATE:20261227\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3@test\r
SUMMARY:Check-in\r
DTSTART;TZID=Europe/Berlin:20261019T093000\r
DURATION:PT30M\r
RRULE:FREQ=WEEKLY;COUNT=8\r
EXDATE;TZID=Europe/Berlin:20261026T093000\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3@test\r
SUMMARY:Check-in moved\r
RECURRENCE-ID;TZID=Europe/Berlin:20261102T093000\r
DTSTART;TZID=Europe/Berlin:20261103T093000\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4@test\r
SUMMARY:Not any more\r
STATUS:CANCELLED\r
DTSTART:20261103T093000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_ics_calendar_becomes_events(workspace, tmp_path):
    source = write(tmp_path / "in", "team.ics", ICS)
    row = run(workspace, source).rows[0]
    assert row["layout"] == "calendar-events"
    found = documents(workspace, Event)
    assert not blocks(workspace)
    opening = found["2026-11-24-open-day"]
    assert opening.when == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    assert opening.until == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert (opening.place, opening.url, opening.body.strip()) == (
        "Main street",
        "https://example.org/open",
        "Come {{ all }}\nand see",
    )
    holidays = found["2026-12-25-two-holidays"]
    assert (str(holidays.when), str(holidays.until), holidays.kind, holidays.effect) == (
        "2026-12-25",
        "2026-12-26",
        "holiday",
        "avoid",
    )
    assert "2026-10-26-check-in" not in found
    assert "2026-11-02-check-in" not in found
    assert {"2026-11-03-check-in-moved", "2026-11-09-check-in", "2026-12-07-check-in"} <= set(found)
    assert not any("not-any-more" in slug for slug in found)
    assert run(workspace, source).rows[0]["added"] == {"events": 0}


def test_a_weekly_event_keeps_its_hour_when_the_clocks_change():
    drafts = from_ics("team.ics", ICS, SETTING)
    times = [draft.values["when"] for draft in drafts if draft.values["title"] == "Check-in"]
    assert {text[11:16] for text in times} == {"09:30"}


@pytest.mark.parametrize("data", [b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"BEGIN:VCALENDAR", b"hello"])
def test_a_calendar_without_events_is_refused(data):
    with pytest.raises(Unreadable):
        from_ics("x.ics", data, SETTING)


def test_an_event_that_never_ends_is_written_out_for_a_while():
    data = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:5\r\nSUMMARY:Daily\r\nDTSTART:20261101T080000Z\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    drafts = from_ics(
        "x.ics", data, Setting(NOW, BERLIN, "writer", mapping=Wording(event_kind="own", event_effect="quiet"))
    )
    assert len(drafts) == 60
    assert drafts[0].values["effect"] == "quiet"


@pytest.mark.shared
def test_the_shared_guides_arrive_whole_and_without_a_block(workspace):
    if not SHARED.is_dir():
        pytest.skip("the folder of shared content is not beside this clone")
    outcome = run(workspace, SHARED)
    assert not outcome.failures
    assert sum(sum(row["added"].values()) for row in outcome.rows) == 5
    assert not blocks(workspace)
    bodies = [document.body for kind in (Policy, Playbook) for document in documents(workspace, kind).values()]
    for path in SHARED.rglob("*.md"):
        if path.name != "README.md":
            lines = path.read_text(encoding="utf-8").splitlines()
            assert any(
                lines == body.strip("\n").splitlines() or lines == body.splitlines()[: len(lines)] for body in bodies
            )
    assert all(sum(row["added"].values()) == 0 for row in run(workspace, SHARED).rows)


def test_contacts_and_mentions_go_to_the_private_store_only(workspace):
    exports = Path(__file__).parent / "exports"
    outcome = run(
        workspace, exports / "salesforce-leads.csv", exports / "mastodon-statuses.json", exports / "x-days.csv"
    )
    assert not outcome.failures
    ledger = "".join(path.read_text(encoding="utf-8") for path in (workspace.data / "readings").glob("*.jsonl"))
    private = "".join(path.read_text(encoding="utf-8") for path in workspace.private.rglob("*.jsonl"))
    assert "example.org" not in ledger
    assert "Hello team.test" not in ledger
    assert "ada@example.org" in private
    assert "Hello team.test" in private
    again = run(workspace, exports / "salesforce-leads.csv", exports / "mastodon-statuses.json", exports / "x-days.csv")
    assert [sum(row["added"].values()) for row in again.rows] == [0, 0, 0]


def test_a_table_without_dates_adds_nothing_when_imported_again_in_another_month(workspace):
    export = Path(__file__).parent / "exports" / "search-console-queries-in-german.csv"
    assert run(workspace, export).rows[0]["added"]["readings"] > 0
    later = imports.run(workspace, [export], now=datetime(2027, 2, 3, 8, tzinfo=UTC))
    assert later.rows[0]["added"] == {"readings": 0}


def test_one_refused_file_does_not_stop_the_others(workspace):
    exports = Path(__file__).parent / "exports"
    outcome = run(workspace, exports / "unknown-table.csv", exports / "x-days.csv")
    assert len(outcome.failures) == 1
    assert outcome.rows[1]["added"]["readings"] > 0
    assert imports.as_text(outcome.rows[1]).startswith(str(exports / "x-days.csv"))
    assert "not read" in imports.as_text(outcome.rows[0])


def test_a_path_that_is_not_there_is_a_misuse(workspace):
    with pytest.raises(UsageError, match="does not exist"):
        run(workspace, "nowhere.csv")


def test_a_channel_of_the_workspace_is_named_in_its_readings(workspace):
    exports = Path(__file__).parent / "exports"
    (workspace.settings).write_text(
        '[team]\ntimezone = "Europe/Berlin"\n[channels.corporate]\nconnector = "x"\n', encoding="utf-8"
    )
    run(workspace, exports / "x-days.csv")
    text = next((workspace.data / "readings").glob("*.jsonl")).read_text(encoding="utf-8")
    assert '"channel":"corporate"' in text
