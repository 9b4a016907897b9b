"""Above the playbook's line: one pull request with incident, hold and holding statement; an automatic hold only as allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import git
import pytest

from pipelines import check, forge, http, incidents, repository
from signalbook.errors import SettingsError
from signalbook.model import Hold, Incident, Post
from signalbook.records import Alert
from tests import build as make
from tests import forge as double
from tests.build import NOW

SETTINGS = (
    make.SETTINGS
    + """
[alerts]
hold = [{topic = "subject/bread", campaigns = ["opening"]}]
"""
)
DOCUMENTS: dict[str, Any] = {
    "people/duty-officer": make.person(title="Duty officer", roles=["duty-officer"]),
    "plans/campaigns/opening": {"title": "Opening", "status": "idea", "owner": "writer", "body": ""},
    "plans/messages/holding-product-failure": {
        "title": "Product failure", "type": "holding", "status": "approved", "owner": "writer", "review_by": date(2027, 2, 1),
        "approved_by": ["writer"], "says": "Some of you report [what] since [time]. Please [action]. Next word: [time].", "body": "",
    },
    "policies/playbooks/product-failure": {
        "title": "Product failure", "type": "crisis", "status": "approved", "owner": "writer", "default_severity": "S2", "cluster": "accident",
        "triggers": [{"signal": "severity", "threshold": 45, "severity": "S2"}], "statements": ["holding-product-failure"],
        "roles": {"lead": "duty-officer", "spokesperson": "writer", "scribe": "writer"}, "close_elsewhere": ["ads"],
        "hold_scope": {"channels": "all", "except_types": ["holding", "correction"]}, "first_five": ["Is it real?"], "body": "",
    },
}  # fmt: skip
ALERT = Alert(
    key="k1", about="subject/bread", kind="spike", severity=2, at=NOW - timedelta(minutes=5), why="Bread is talked about 9 times as much as usual.",
    playbook="product-failure", points=62, reasons=("23 independent sources in 24 hours: 20.",),
)  # fmt: skip


@pytest.fixture
def place(tmp_path):
    return make.workspace(tmp_path / "team", DOCUMENTS, settings=SETTINGS)


def book(place, *alerts):
    return replace(make.book(place), alerts=alerts)


def test_the_prepared_files_read_back_without_a_finding_that_blocks(place):
    made = incidents.prepare(book(place), ALERT, NOW)
    for path, content in made.files.items():
        make.write(place.root / path, content)
    mine = make.book(place)
    (incident,), (hold,), (statement,) = mine.all(Incident), mine.all(Hold), mine.all(Post)
    assert (incident.severity, incident.lead, incident.playbook) == ("S2", "duty-officer", "product-failure")
    assert hold.expires == NOW + incidents.LASTS
    assert (hold.incident, hold.scope.channels) == (incident.slug, "all")
    assert (statement.type, statement.state, statement.messages) == ("holding", "draft", ("holding-product-failure",))
    paths = tuple(place.root / path for path in made.files)
    assert [row for row in check.run(place, NOW, paths=paths).findings if row.blocks] == []
    assert "Close elsewhere: ads." in made.body


def test_what_is_below_the_line_old_followed_or_without_an_approved_playbook_opens_nothing(place):
    assert incidents.wanted(book(place, ALERT), NOW) == [ALERT]
    for other in (
        replace(ALERT, severity=3),
        replace(ALERT, at=NOW - timedelta(days=2)),
        replace(ALERT, playbook="none"),
    ):
        assert incidents.wanted(book(place, other), NOW) == []
    made = incidents.prepare(book(place), ALERT, NOW)
    for path, content in made.files.items():
        make.write(place.root / path, content)
    assert incidents.wanted(book(place, ALERT), NOW) == [], "the incident is there"


@pytest.fixture
def clone(place, tmp_path):
    """The team's repository with a remote beside it."""
    remote = git.Repo.init(tmp_path / "hub.git", bare=True, initial_branch="main")
    mine = git.Repo.init(place.root, initial_branch="main")
    mine.git.config("user.name", "Team")
    mine.git.config("user.email", "team@harbour.example")
    mine.git.add("-A")
    mine.git.commit("-qm", "begin")
    mine.create_remote("origin", str(tmp_path / "hub.git"))
    mine.git.push("-q", "origin", "main")
    yield remote
    remote.close()
    mine.close()


def test_the_pull_request_is_opened_once_also_when_a_run_died_before_it(place, clone, tmp_path):
    made = incidents.prepare(book(place), ALERT, NOW)
    found = repository.around(place.root)
    assert found is not None
    with double.serve(tmp_path / "forge") as server, http.client() as client:
        here = forge.here(server.environment, client)
        nowhere = replace(here, repository="harbour/none")
        first = incidents.propose(made, found, nowhere, remote="origin", base="main", at=NOW)
        assert first.what == "failed", "the branch is there, and the forge did not answer"
        second = incidents.propose(made, found, here, remote="origin", base="main", at=NOW)
        third = incidents.propose(made, found, here, remote="origin", base="main", at=NOW)
        assert (second.what, third.what) == ("opened", "there")
        (pull,) = (tmp_path / "forge" / "pulls").iterdir()
        said = server.get(f"pulls/{pull.name}")
        assert (said["title"], said["base"], said["head"]) == ("S2: Product failure", "main", made.branch)
    files = clone.git.ls_tree("-r", "--name-only", made.branch).splitlines()
    assert set(made.files) <= set(files)
    assert clone.git.rev_list("--count", "main") == "1", "nothing reaches the protected branch without a person"


def test_an_automatic_hold_is_narrow_an_hour_long_and_rests_on_a_rule_of_the_team(place, clone):
    made = incidents.automatic(book(place), ALERT, NOW)
    assert made is not None
    make.write(place.root / made[0], made[1])
    (hold,) = make.book(place).all(Hold)
    assert hold.expires - hold.from_ == timedelta(hours=1)
    assert (hold.scope.campaigns, hold.scope.channels, hold.opened_by) == (("opening",), None, "duty-officer")
    assert incidents.automatic(make.book(place), ALERT, NOW) is None, "not a second one"
    found = repository.around(place.root)
    assert found is not None
    assert incidents.hold(*made, found, remote="origin", base="main", at=NOW).what == "opened"
    assert incidents.hold(*made, found, remote="origin", base="main", at=NOW).what == "there"


def test_what_the_team_did_not_allow_or_allowed_too_widely_holds_nothing(place):
    assert incidents.automatic(book(place), replace(ALERT, about="subject/other"), NOW) is None
    assert incidents.automatic(book(place), replace(ALERT, severity=3), NOW) is None
    for rule, words in (
        ('{topic = "subject/bread"}', "neither campaigns nor labels"),
        ('{topic = "subject/bread", campaigns = ["none"]}', "does not exist"),
    ):
        make.write(place.settings, make.SETTINGS + f"\n[alerts]\nhold = [{rule}]\n")
        with pytest.raises(SettingsError, match=words):
            incidents.automatic(book(place), ALERT, NOW)
