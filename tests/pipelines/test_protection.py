"""What `doctor` says of the branch on which approved means approved, of code owners and of workflows."""

from __future__ import annotations

import subprocess

import pytest

from pipelines import http, protection
from pipelines.protection import Guard
from tests import build as make
from tests import forge as double


@pytest.fixture
def place(tmp_path):
    made = make.workspace(tmp_path / "team")
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main", made.root], check=True)
    return made


@pytest.fixture
def there(tmp_path):
    with double.serve(tmp_path / "forge") as made:
        yield made


def tried(place, environment=None, **more):
    with http.client(timeout_s=5) as client:
        return {f"{row.name}, {row.what}": row for row in protection.trials(place, environment or {}, client, **more)}


def main(place, environment=None):
    return tried(place, environment)["main branch, protection of main"]


def remote(place, url):
    subprocess.run(["git", "remote", "add", "origin", url], cwd=place.root, check=True)


def test_without_a_remote_whoever_writes_approves(place):
    assert "no remote" in main(place).detail


@pytest.mark.parametrize(
    "url", ["../forge.git", "https://forge.example/harbour/news.git", "git@github.com:harbour/news.git"]
)
def test_what_cannot_be_told_is_not_claimed(place, url):
    remote(place, url)
    row = main(place)
    assert row.ok
    assert row.detail.startswith("cannot tell")


def test_a_forge_that_does_not_answer_is_no_verdict(place):
    row = main(place, {"GITHUB_API_URL": "http://127.0.0.1:9", "GITHUB_REPOSITORY": "a/b", "GH_TOKEN": "secret-1"})
    assert row.detail.startswith("cannot tell: 127.0.0.1 cannot be reached")
    assert "secret-1" not in f"{row}"


def test_a_wrong_token_is_no_verdict_and_is_not_printed(place, there):
    row = main(place, there.environment | {"GH_TOKEN": "wrong-1"})
    assert row.detail.startswith("cannot tell")
    assert "wrong-1" not in f"{row}"


def test_an_unprotected_branch_is_told(place, there):
    there.put("branches/main.json", {"name": "main", "protected": False})
    row = main(place, there.environment)
    assert not row.ok
    assert "whoever can push can approve and publish" in row.detail
    assert "protect main" in row.remedy


def test_a_rule_set_protects_too(place, there):
    there.put("branches/main.json", {"name": "main", "protected": False})
    more = {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
    }
    there.put("rules/main.json", [{"type": "pull_request", "parameters": more}, {"type": "required_status_checks"}])
    row = main(place, there.environment)
    assert (row.ok, row.detail) == (True, "main is protected, 1 review needed")


def test_a_branch_that_asks_for_no_review_lets_its_author_approve(place, there):
    there.put("branches/main.json", {"name": "main", "protected": True})
    there.put("rules/main.json", [{"type": "pull_request", "parameters": {"required_approving_review_count": 0}}])
    row = main(place, there.environment)
    assert not row.ok
    assert "its author may merge alone" in row.detail


def test_the_details_of_the_older_protection_are_read_where_the_token_may(place, there):
    there.put("branches/main.json", {"name": "main", "protected": True})
    assert "may not see its rules about reviews and checks" in main(place, there.environment).detail
    reviews = {"required_approving_review_count": 2, "dismiss_stale_reviews": False}
    there.put("branches/main/protection.json", {"required_pull_request_reviews": reviews})
    row = main(place, there.environment)
    assert row.detail == (
        "main is protected, 2 reviews needed; it does not ask for that a new commit takes earlier reviews back and that "
        "the check is green"
    )


@pytest.mark.parametrize(
    ("told", "ok"),
    [
        ({"protected": False, "required_approvals": 0, "enable_status_check": False}, False),
        ({"protected": True, "required_approvals": 0, "enable_status_check": True}, False),
        ({"protected": True, "required_approvals": 1, "enable_status_check": True}, True),
    ],
)
def test_gitea_and_forgejo_say_it_in_one_answer(place, there, told, ok):
    there.put("branches/main.json", {"name": "main", "effective_branch_protection_name": "main"} | told)
    assert main(place, there.environment).ok is ok


def test_the_branch_of_the_settings_is_the_one_that_is_tried(place, there):
    there.put("branches/release.json", {"name": "release", "protected": False})
    with http.client(timeout_s=5) as client:
        first = next(iter(protection.trials(place, there.environment, client, branch="release")))
    assert not first.ok
    assert "release is not protected" in first.detail


def test_two_sets_of_rules_hold_at_once():
    joined = protection._joined(Guard(True, 1, False, None, None), Guard(None, 2, True, None, False))
    assert joined == Guard(True, 2, True, None, False)


# --- files -----------------------------------------------------------------------------------------------------------


def test_code_owners_who_are_still_behind_number_signs_are_nobody(place):
    make.write(place.root / ".github" / "CODEOWNERS", "# /.github/  @harbour/maintainers\n\n")
    remote(place, "../forge.git")
    row = tried(place)["code owners, who must agree to what"]
    assert not row.ok
    make.write(place.root / ".github" / "CODEOWNERS", "# why\n/.github/  @harbour/maintainers\n")
    assert tried(place)["code owners, who must agree to what"].ok


@pytest.mark.parametrize(
    ("used", "ok"),
    [
        ("actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", True),
        ("actions/checkout@v6", False),
        ("actions/checkout@main", False),
        ('"actions/checkout@v6"', False),
        ("./.github/workflows/site.yml", True),
        ("$/.github/workflows/site.yml", True),
        ("docker://alpine:3", False),
    ],
)
def test_an_action_that_may_change_under_you_is_told(place, used, ok):
    text = f"jobs:\n  a:\n    steps:\n      - uses: {used}\n      - run: signalbook check && signalbook publish\n"
    make.write(place.root / ".github" / "workflows" / "all.yml", text)
    rows = tried(place)
    assert rows["workflows, actions pinned by commit"].ok is ok
    assert rows["workflows, what runs by itself"].ok


def test_workflows_that_never_publish_are_told(place):
    make.write(place.root / ".forgejo" / "workflows" / "check.yml", "jobs: {a: {steps: [{run: signalbook check}]}}\n")
    row = tried(place)["workflows, what runs by itself"]
    assert not row.ok
    assert "none runs `publish`" in row.detail
