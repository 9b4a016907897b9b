"""Rules about every kind but posts: what they find, and what they leave in peace.

A wrong workspace for each of them stands in ``tests/workspaces/wrong/``.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.judging import listed, says, words
from pipelines.rules import case_due, experiment_size, policy_questions, query, required
from signalbook import book, checking
from signalbook.findings import Finding, Level
from signalbook.model import Audience, Case, Person, Policy, Post
from signalbook.workspace import Workspace

ROOT = Path(__file__).parents[2]
NOW = datetime.fromisoformat("2026-11-23T09:00:00+01:00")
SETTINGS = '[team]\nname = "The bakery"\ntimezone = "Europe/Berlin"\n'
NAMES = frozenset(
    "account-access ack-coverage acknowledgement action-complete audience-evidence ave body-link campaign-result case-due "
    "case-silence enforce erase-due experiment-peek experiment-size hold-end hold-reason hold-scope holding-slots incident-close "
    "incident-update insight-decision launch-gate load metric-not-for metric-unit min-n objective-measurable "
    "objective-vanity orphan person-basis plan-questions playbook-current policy-questions policy-review premortem query "
    "report-gaps report-vanity required route-coverage settings skills-gap training-current watch-coverage "
    "watch-precision".split()
)


def person(slug: str, more: str = "") -> str:
    title = slug.replace("-", " ").capitalize()
    return f"title: {title}\nside: inside\nroles: [{slug}]\nowner: social-lead\nzone: Europe/Berlin\n{more}"


def written(root: Path, files: dict[str, str], *, settings: str = SETTINGS) -> book.Book:
    """A Book of files that hold front matter only; a social lead is there unless the case has one."""
    (root / "signalbook.toml").write_text(settings, encoding="utf-8")
    for path, text in {"people/social-lead": person("social-lead"), **files}.items():
        file = root / "content" / f"{path}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        front, _, body = text.partition("\n\n")
        file.write_text(f"---\n{front.strip()}\n---\n\n{body}", encoding="utf-8")
    return book.load(Workspace(root), use_cache=False)


def asked(found: book.Book, name: str, now: datetime = NOW) -> list[Finding]:
    return list(checking.rules()[name](found, now))


def test_every_rule_here_is_registered_under_its_own_id():
    known = checking.rules()
    assert known.keys() >= NAMES
    assert all(known[name].about.endswith(".") for name in NAMES)


def test_every_rule_here_has_a_wrong_workspace_that_it_finds():
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/workspaces/wrong").glob("*.yml"))
    assert {name for name in NAMES if f"rule: {name}," not in text} == set()


def test_every_rule_here_is_in_the_guide():
    guide = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    assert {name for name in NAMES if f"`{name}`" not in guide} == set()


def test_an_empty_workspace_has_no_findings(tmp_path):
    found = book.load(Workspace(tmp_path), use_cache=False)
    assert [row for name in sorted(NAMES) for row in asked(found, name)] == []


def test_messages_end_their_sentences_and_never_call_anything_invalid(tmp_path):
    import yaml

    rows: list[Finding] = []
    for number, path in enumerate(sorted((ROOT / "tests/workspaces/wrong").glob("*.yml"))):
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        if (
            path.stem.startswith("_")
            or case.get("team")
            or any(not isinstance(text, str) for text in case["files"].values())
        ):
            continue  # those about posts are read in the golden file
        root = tmp_path / str(number)
        for name, text in case["files"].items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        found = book.load(Workspace(root), use_cache=False)
        rows += [row for name in NAMES for row in asked(found, name, datetime.fromisoformat(str(case["now"])))]
    assert len(rows) > 60
    for row in rows:
        text = f"{row.message} {row.remedy}"
        assert row.message.endswith((".", "?")), row
        assert row.remedy.rstrip("`)’]").endswith(tuple(".}")) or "`" in row.remedy, row
        assert not any(word in text.lower() for word in ("invalid", "please", "!", "error:", "none)")), row
        assert len(row.message) < 700, row


def test_five_thousand_posts_are_judged_in_a_blink():
    """A tenth of a second on a quiet machine; the bound is five times that."""
    whole = book.load(Workspace(ROOT), use_cache=False)
    first = Post(slug="a", path="content/calendar/a.md", title="A", owner="writer", status="draft", body="Words. " * 40)
    posts = tuple(replace(first, slug=f"p{n}", path=f"content/calendar/p{n}.md") for n in range(5000))
    large = replace(whole, documents={**whole.documents, Post: posts})
    rules = [checking.rules()[name] for name in sorted(NAMES)]
    begin = time.process_time()
    for rule in rules:
        list(rule(large, NOW))
    assert time.process_time() - begin < 0.5


# --- required --------------------------------------------------------------------------------------------------------


def test_a_network_playbook_needs_no_crisis_roles(tmp_path):
    found = written(
        tmp_path, {"policies/playbooks/bluesky": "title: Bluesky\ntype: network\nstatus: approved\nowner: social-lead"}
    )
    assert asked(found, "required") == []


def test_who_approved_is_not_asked_before_anybody_could(tmp_path):
    found = written(
        tmp_path,
        {
            "plans/messages/open": "title: Open\ntype: promise\nstatus: proposed\nsays: We open at seven\nowner: social-lead\n"
            "review_by: 2027-02-01"
        },
    )
    assert asked(found, "required") == []


def test_what_is_over_is_left_alone(tmp_path):
    found = written(tmp_path, {"plans/old": "title: Old\nroute: one-page\nstatus: closed\nowner: social-lead"})
    assert asked(found, "required") == []
    assert asked(found, "plan-questions") == []


def test_a_field_that_could_not_be_read_is_not_also_called_missing(tmp_path):
    found = written(tmp_path, {"people/writer": person("writer").replace("Europe/Berlin", "Bakerland")})
    assert [row.rule for row in found.findings] == ["field-type"]
    assert asked(found, "required") == []


def test_needed_fields_are_found_inside_parts():
    (size,) = [need for need in required._needs(Audience) if need.key == "size"]
    assert [need.key for need in size.inside] == ["source"]
    assert not size.needed


# --- judging ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", None, "tbd", "TODO", "…", "n/a", " - ", "to do.", "??"])
def test_a_placeholder_says_nothing(text):
    assert not says(text)


def test_words_and_lists_are_counted_as_people_do():
    assert words("We don't guess: ninety-nine [next time]") == 6
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed("abcdefgh", most=3) == "a, b, c and 5 more"


# --- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "severity", "inside", "owner", "due"),
    [
        ("complaint", "S3", "2026-11-27 16:30", "baker", "2026-11-30 10:30"),
        ("question", "S4", "2026-11-28 10:00", "baker", "2026-11-30 13:00"),
        ("praise", "S4", "2026-11-24 17:00", "baker", "2026-11-25 17:00"),
        ("praise", "S4", "2026-11-25 16:00", "new-york", "2026-11-27 16:00"),
        ("security", "S3", "2027-03-28 01:30", "baker", "2027-03-28 03:30"),
        ("question", "S2", "2026-11-28 10:00", "baker", "2026-11-28 14:00"),
        ("safety", "S3", "2026-11-28 10:00", "baker", "2026-11-28 10:15"),
        ("question", "S4", "2026-12-01 10:00", "away", "2026-12-03 13:00"),
    ],
)
def test_a_case_is_due_by_the_owner_s_own_clock(tmp_path, kind, severity, inside, owner, due):
    """The rows of the practice's table; a holiday in New York closes New York only."""
    files = {
        "people/baker": person("baker", "hours: Mon-Fri 09:00-17:00"),
        "people/new-york": person("new-york", "hours: Mon-Fri 09:00-17:00").replace(
            "Europe/Berlin", "America/New_York"
        ),
        "people/away": person(
            "away", "hours: Mon-Fri 09:00-17:00\naway: [{from: 2026-12-01, to: 2026-12-02, backup: baker}]"
        ),
        "calendar/events/thanks": "title: Thanksgiving\nowner: social-lead\nwhen: 2026-11-26\nkind: holiday\neffect: quiet\n"
        "countries: [US]",
        "cases/one": f"title: One\nowner: {owner}\ntype: {kind}\nseverity: {severity}\nstatus: owned\nmention: m\n"
        f"received_at: {inside}\ninside_at: {inside}",
    }
    found = written(tmp_path, files)
    (case,) = found.all(Case)
    want = datetime.fromisoformat(due).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert case_due.due_at(case, found) == want
    assert asked(found, "case-due", want) == []
    assert len(asked(found, "case-due", want + timedelta(minutes=1))) == 1


def test_an_answered_case_is_never_late(tmp_path):
    text = "title: One\nowner: social-lead\ntype: safety\nseverity: S2\nstatus: answered\nmention: m\nreceived_at: 2026-11-20 10:00\nanswered_at: 2026-11-20 12:00"
    assert asked(written(tmp_path, {"cases/one": text}), "case-due") == []


# --- holds -----------------------------------------------------------------------------------------------------------

HOLD = (
    "title: Quiet\nowner: social-lead\nreason: Accident at the station\nscope: {channels: all}\nopened_by: social-lead\n"
    "after_release: decide-each\n"
)


def test_a_renewed_hold_may_reach_a_day_ahead_of_now(tmp_path):
    found = written(
        tmp_path, {"policies/holds/one": HOLD + "status: renewed\nfrom: 2026-11-21 07:40\nexpires: 2026-11-24 08:00"}
    )
    assert asked(found, "hold-end") == []


def test_a_policy_may_set_a_shorter_hold(tmp_path):
    policy = (
        "title: Crisis lane\nversion: 1\nstatus: in-force\nowner: social-lead\n"
        "enforce: [{rule: hold-end, level: block, limits: {hours: 2}}]"
    )
    hold = HOLD + "from: 2026-11-23 08:00\nexpires: 2026-11-23 12:00"
    found = written(tmp_path, {"policies/lane": policy, "policies/holds/one": hold})
    (row,) = asked(found, "hold-end")
    assert "more than 2 hours" in row.message
    assert "2026-11-23 10:00" in row.remedy


def test_at_s1_the_opener_does_not_release(tmp_path):
    incident = (
        "title: Fire\nowner: social-lead\nseverity: S1\nstatus: monitoring\ndetected_at: 2026-11-23 07:00\n"
        "aware_at: 2026-11-23 07:00"
    )
    hold = (
        HOLD + "status: released\nincident: fire\nfrom: 2026-11-23 07:40\nexpires: 2026-11-23 18:00\n"
        "released: {by: social-lead, at: 2026-11-23 08:30, why: the road is open again}"
    )
    found = written(tmp_path, {"policies/incidents/fire": incident, "policies/holds/one": hold})
    assert [row.field for row in asked(found, "hold-end")] == ["released.by"]


# --- queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '(nut OR allerg*) NEAR/8 ("our bakery" OR bakery-handle)',
        '"chain on the square" AND breakfast NOT recipe',
        "hootsuite",
        "AC/DC".lower(),
        "NASA OR ESA",
        'bread NOT ("gluten free" OR recipe)',
        "café* OR #OpenFromSeven OR @bakery",
    ],
)
def test_a_query_as_people_write_it_is_left_alone(text):
    assert query.wrong(text) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('"posted twice', "never closed"),
        ("(bread OR rolls", "never closed"),
        ("bread)", "never opened"),
        ("()", "nothing between"),
        ("OR bread", "nothing on one side"),
        ("(bread OR) rolls", "nothing on one side"),
        ("bread AND OR rolls", "nothing on one side"),
        ("bread NOT", "nothing on one side"),
        ("NOT bread", "only says what it does not want"),
        ("bread && rolls", "no operator"),
        ("bread near/5 rolls", "no operator"),
        ("bread W/5 rolls", "no operator"),
        ("bread NEAR rolls", "no operator"),
        ("“posted twice”", "printed quotation mark"),
    ],
)
def test_a_query_nobody_could_run_is_told(text, part):
    fault = query.wrong(text)
    assert fault is not None
    assert part in fault[0]


# --- experiments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deviation", "change", "need"),
    [(1.5, 0.5, 144), (1.5, 1.0, 36), (0.4, 0.05, 1024), (1e300, 1e-300, None), (1e6, 1e-6, None), (0.1, 5.0, 1)],
)
def test_units_per_arm_follow_lehr(deviation, change, need):
    assert experiment_size.needed(deviation, change) == need


@pytest.mark.parametrize("size", [0, -5])
def test_an_experiment_of_nothing_is_told(tmp_path, size):
    text = (
        "title: One\nowner: social-lead\nstatus: running\nhypothesis: If we ask, then more reply, because it invites\n"
        f"metric: replies\nspread: 1.5\nsmallest_change: -0.5\nsize: {size}"
    )
    (row,) = asked(written(tmp_path, {"plans/experiments/one": text}), "experiment-size")
    assert "nothing can be learnt" in row.message


# --- policies and people ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(policy_questions._QUESTIONS))
def test_a_policy_whose_headings_are_the_questions_answers_them(name):
    whole = book.Book(Workspace(ROOT))
    headings = "\n\n".join(f"## {question}" for question in policy_questions._QUESTIONS[name])
    full = Policy(
        slug=name, path=f"content/policies/{name}.md", title=name, status="in-force", version=1, body=headings
    )
    rule = checking.rules()["policy-questions"]
    assert list(rule(replace(whole, documents={Policy: (full,)}), NOW)) == []
    (row,) = rule(replace(whole, documents={Policy: (replace(full, body="Be nice."),)}), NOW)
    assert row.level is Level.BLOCK


def test_coverage_is_told_without_naming_who_has_not_read(tmp_path):
    policy = "title: Quiet hours\nversion: 1\nstatus: in-force\nowner: social-lead\nin_force_from: 2026-10-01\nmust_read: [everyone]"
    found = written(tmp_path, {"policies/quiet-hours": policy, "people/duty-officer": person("duty-officer")})
    (row,) = asked(found, "ack-coverage")
    assert row.message.startswith("0 of the 2 people")
    assert "duty" not in (row.message + row.remedy).lower()


def test_a_version_that_changed_no_duty_keeps_what_was_read(tmp_path):
    policy = (
        "title: Quiet hours\nversion: 3\nsubstantive: false\nstatus: in-force\nowner: social-lead\nin_force_from: 2026-10-01\n"
        "must_read: [everyone]"
    )
    read = (
        "title: Read\nowner: social-lead\nof: quiet-hours\nversion: 2\nby: social-lead\non: 2026-10-02\nhow: own-commit"
    )
    found = written(tmp_path, {"policies/quiet-hours": policy, "policies/acknowledgements/one": read})
    assert asked(found, "ack-coverage") == []


def test_a_team_of_one_is_not_told_to_find_a_backup(tmp_path):
    channel = '\n[channels.site]\nconnector = "feed"\nowner = "social-lead"\n'
    policy = "title: Quiet hours\nversion: 1\nstatus: in-force\nowner: social-lead"
    found = written(tmp_path, {"policies/quiet-hours": policy}, settings=SETTINGS + channel)
    assert asked(found, "orphan") == []
    assert asked(found, "settings") == []


@pytest.mark.parametrize(
    "source",
    [
        'connector = "feed"\nurl = "https://forum.example.org/latest.rss"\nevery = "15m"',
        'connector = "feed"\nurl = "https://forum.example.org/latest.rss"\nlisten = true',
        'connector = "webmention"\nurl = "https://mentions.example.org"',
    ],
)
def test_a_place_where_only_others_speak_needs_nobody_who_answers_for_it(tmp_path, source):
    people = {"people/writer": person("writer", ""), "people/second-writer": person("second-writer", "")}
    ours = '[channels.ours]\nconnector = "feed"\n'
    found = written(tmp_path, people, settings=f"{SETTINGS}\n{ours}\n[channels.heard]\n{source}\n")
    told = {one.field for one in asked(found, "settings") if one.field.endswith((".owner", ".backup"))}
    assert told == {"channels.ours.owner", "channels.ours.backup"}


def test_a_skill_that_two_can_do_alone_is_no_gap(tmp_path):
    skills = "skills: {writing: 4, accessibility: 3, psychology: 2}"
    found = written(
        tmp_path, {"people/writer": person("writer", skills), "people/second-writer": person("writer", skills)}
    )
    assert asked(found, "skills-gap") == []


def test_a_far_absence_of_both_experts_is_told_and_does_not_block(tmp_path):
    away = "away: [{{from: 2027-06-01, to: 2027-06-05, backup: {}}}]"
    found = written(
        tmp_path,
        {
            "people/baker": person("baker", away.format("social-lead")),
            "people/miller": person("miller", away.format("social-lead")),
            "people/subjects/bread": "title: Bread\nowner: social-lead\nnames: [bread]\ntype: topic\nexpert: baker\nbackup: miller",
        },
    )
    (row,) = asked(found, "watch-coverage")
    assert row.level is Level.WARN
    assert "1 to 5 June 2027" in row.message


def test_a_waiver_of_four_words_by_an_approver_answers_and_a_shorter_one_does_not(tmp_path):
    objective = (
        "title: {0}\nowner: social-lead\nstatus: running\nchange: Raise awareness of the shop\naudience: regulars\n"
        "metric: recall\nstage: outcome\nwaive: [{{rule: objective-measurable, why: {1}, by: social-lead, until: 2026-12-10}}]"
    )
    found = written(
        tmp_path,
        {
            "people/social-lead": person("social-lead", "approves: [1, 2]"),
            "plans/objectives/long": objective.format("Long", "the January survey measures it"),
            "plans/objectives/short": objective.format("Short", "no time"),
        },
    )
    rules = {"objective-measurable": checking.rules()["objective-measurable"]}
    rows = {row.path.rpartition("/")[2]: row for row in checking.findings(found, NOW, only=rules) if row.rule in rules}
    assert rows["long.md"].waived == "the January survey measures it"
    assert rows["short.md"].blocks


def test_somebody_outside_keeps_no_working_hours_but_needs_a_ground(tmp_path):
    found = written(tmp_path, {"people/blogger": "title: A blogger\nowner: social-lead\nside: outside"})
    assert asked(found, "required") == []
    assert {row.field for row in asked(found, "person-basis")} == {"basis", "side"}
    assert {row.field for row in asked(found, "erase-due")} == {"erase_by"}


def test_an_absence_without_days_is_no_absence():
    from pipelines.judging import away_on, both_away
    from signalbook.model.people import Away

    one = Person(slug="one", away=(Away(None, None, None),))
    assert away_on(one, date(2026, 11, 23)) is None
    assert list(both_away(one, one, date(2026, 11, 23))) == []


def test_days_at_the_ends_of_the_calendar_and_endless_spans_are_judged_too(tmp_path):
    """Nobody means them; a check that stops at one says nothing about the rest."""
    far, long = "2199-12-31", "36500d"
    files = {
        "policies/lane": "title: Lane\nversion: 1\nstatus: in-force\nowner: social-lead\nin_force_from: 2199-12-31\n"
        f"review_by: {far}\nmust_read: [everyone]\nacknowledge_within: {long}\nenforce:\n"
        "  - {rule: hold-end, level: block, limits: {hours: 99999999999999}}\n"
        "  - {rule: watch-coverage, level: block, limits: {days: 99999999999999}}\n"
        "  - {rule: route-coverage, level: block, limits: {days: 99999999999999}}\n"
        "  - {rule: campaign-result, level: warn, limits: {days: -99999999999999}}",
        "people/baker": person("baker", f"away: [{{from: 1900-01-01, to: {far}, backup: social-lead}}]"),
        "people/social-lead": person("social-lead", f"away: [{{from: 1900-01-01, to: {far}, backup: baker}}]"),
        "people/watches/bread": "title: Bread\nstatus: on\nowner: social-lead\ntopic: bread\nquery: bread\nsources: [x]\n"
        "expert: baker\nbackup: social-lead\nact: social-lead\nlang: de",
        "policies/training/one": "title: One\nowner: social-lead\nkind: session\nstatus: held\nfor: spokespeople\n"
        f"teaches: [pr]\nvalid_for: {long}\nheld: [{{on: {far}, lead: baker, attended: [baker]}}]",
        "policies/playbooks/one": f"title: One\nowner: social-lead\ntype: crisis\nstatus: approved\nlast_drilled: {far}\n"
        f"drill_every: {long}\ncadence: {{first: {long}, then: {long}}}\nroles: {{spokesperson: baker}}",
        "policies/incidents/one": "title: One\nowner: social-lead\nseverity: S1\nstatus: open\nplaybook: one\n"
        "detected_at: 1900-01-01 00:00\naware_at: 1900-01-01 00:00",
        "policies/incidents/two": "title: Two\nowner: social-lead\nseverity: S1\nstatus: open\nplaybook: one\n"
        "detected_at: 1900-01-01 00:00\nupdates: [{at: 1900-01-01 00:00, said: one, where: [x]}]",
        "policies/holds/one": HOLD + "from: 2199-12-31 23:59",
        "policies/holds/two": HOLD + "from: 1900-01-01 00:00\nexpires: 1900-01-01 00:01",
        "cases/early": "title: One\nowner: social-lead\ntype: safety\nseverity: S2\nstatus: new\nmention: m\n"
        "received_at: 1900-01-01 00:00",
        "cases/late": "title: Two\nowner: baker\ntype: question\nseverity: S4\nstatus: new\nmention: m\n"
        "received_at: 2199-12-31 23:59",
        "calendar/events/always": "title: Always\nowner: social-lead\nwhen: 1900-01-01 00:00\nuntil: 2199-12-31 23:59\n"
        "kind: holiday\neffect: avoid",
        "plans/campaigns/one": "title: One\nowner: social-lead\ntype: launch\nstatus: ready\nplan: shop\n"
        f"period: {{from: {far}, to: {far}}}\nevent_at: 2199-12-31 23:59",
        "plans/campaigns/two": "title: Two\nowner: social-lead\ntype: launch\nstatus: live\nplan: shop\n"
        "period: {from: 1900-01-01, to: 1900-01-01}\nevent_at: 1900-01-01 00:00",
    }
    found = written(tmp_path, files)
    assert [row for row in found.findings if row.path.startswith("content/")] == []
    for name in sorted(NAMES):
        asked(found, name)


# --- our own workspace -----------------------------------------------------------------------------------------------


def test_our_own_documents_have_nothing_that_blocks():
    whole = book.load(Workspace(ROOT), use_cache=False)
    rows = [row for name in sorted(NAMES) for row in asked(whole, name, NOW.astimezone(UTC))]
    assert [(row.path, row.line, row.rule, row.message) for row in rows if row.blocks] == []
