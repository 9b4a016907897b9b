"""What a change does to what goes out: two Books compared, and `signalbook diff` on a real repository."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipelines import diff as diffs
from pipelines import summary
from signalbook import approval, delivery, store
from signalbook.errors import UsageError
from signalbook.model import Post
from signalbook.records import Receipt
from tests import build as make
from tests.build import NOW, ZONE

LATER = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)


def approved(**more):
    return make.post(
        status="approved", publish_at="2026-11-25 10:00", channels=["blog", "bluesky"], body="Come in.\n", **more
    )


def compared(tmp_path, base, head, *, now=NOW, receipts=(), settings=(make.SETTINGS, make.SETTINGS)):
    one = make.book(make.workspace(tmp_path / "base", base, settings=settings[0]))
    two = make.book(make.workspace(tmp_path / "head", head, settings=settings[1]))
    return diffs.decide(replace(one, receipts=tuple(receipts)), replace(two, receipts=tuple(receipts)), now)


def receipt(post, channel="blog", **more):
    return Receipt(f"{post}/{channel}", post, channel, 1, NOW, "1", f"https://blog.example/{post}", "hash", **more)


def what(diff):
    return {change.slug: change.what for change in diff.posts}


def test_posts_are_added_changed_moved_renamed_and_removed(tmp_path):
    base = {
        "calendar/same": approved(title="Same"),
        "calendar/words": approved(title="Words"),
        "calendar/time": approved(title="Time"),
        "calendar/old-name": approved(title="Name", labels=["a"]),
        "calendar/gone": approved(title="Gone"),
    }
    head = {
        "calendar/same": base["calendar/same"],
        "calendar/words": approved(title="Words") | {"body": "Do come in.\n"},
        "calendar/time": approved(title="Time") | {"publish_at": "2026-11-26 10:00"},
        "calendar/new-name": base["calendar/old-name"],
        "calendar/fresh": approved(title="Fresh"),
    }
    diff = compared(tmp_path, base, head)
    assert what(diff) == {
        "words": "changed", "time": "moved", "new-name": "renamed", "fresh": "added", "gone": "removed",
    }  # fmt: skip
    by_slug = {change.slug: change for change in diff.posts}
    assert by_slug["words"].fields == ("body",)
    assert by_slug["time"].due == LATER
    assert by_slug["time"].was_due == LATER - timedelta(days=1)
    assert by_slug["new-name"].was == "old-name"


def test_a_post_that_is_moved_and_rewritten_counts_as_changed(tmp_path):
    base = {"calendar/a": approved()}
    head = {"calendar/a": approved() | {"publish_at": "2026-11-26 10:00", "body": "Other.\n"}}
    diff = compared(tmp_path, base, head)
    assert what(diff) == {"a": "changed"}
    assert diff.posts[0].due != diff.posts[0].was_due


def test_an_event_that_moves_takes_the_posts_that_hang_on_it_along(tmp_path):
    """The post's own file is not in the change; the person who approves would not see it otherwise."""
    hanging = approved(relative_to={"event": "fair", "offset": "-1d"})
    del hanging["publish_at"]

    def event(day):
        return {"title": "Fair", "owner": "writer", "when": day, "kind": "own"}

    base = {"calendar/a": hanging, "calendar/events/fair": event("2026-12-05")}
    head = {"calendar/a": hanging, "calendar/events/fair": event("2026-12-12")}
    [change] = compared(tmp_path, base, head).posts
    assert (change.what, change.indirect) == ("moved", True)
    assert change.due - change.was_due == timedelta(days=7)


def test_each_channel_has_its_final_text_and_its_count_part_by_part(tmp_path):
    body = "One.\n\n---\n\nTwo.\n\n## blog\n\nThe whole story.\n"
    diff = compared(tmp_path, {}, {"calendar/a": approved() | {"body": body}})
    copies = {copy.channel: copy for copy in diff.posts[0].copies}
    assert [part.text for part in copies["bluesky"].parts] == ["One.", "Two."]
    assert [(part.count, part.limit, part.fits) for part in copies["bluesky"].parts] == [(4, 300, True)] * 2
    assert [part.text for part in copies["blog"].parts] == ["The whole story."]
    assert copies["blog"].was == ()


def test_everything_that_is_added_on_the_way_is_in_the_final_text(tmp_path):
    settings = make.SETTINGS + '\n[tracking]\nutm_source = "{channel}"\n'
    given = approved(
        link="https://harbour.example/doors", disclosure="employee", options={"mastodon": {"visibility": "unlisted"}}
    )
    head = {"calendar/a": given | {"channels": ["mastodon", "blog"]}}
    diff = compared(tmp_path, {}, head, settings=(make.SETTINGS, settings))
    copies = {copy.channel: copy for copy in diff.posts[0].copies}
    [part] = copies["mastodon"].parts
    assert part.text.startswith("I work here.")
    assert "https://harbour.example/doors" in part.text
    assert ("visibility", "unlisted") in copies["mastodon"].more
    assert ("title", "Doors open") in copies["blog"].more


def test_settings_that_change_what_is_added_change_every_post_that_is_not_out(tmp_path):
    post = {"calendar/a": approved(), "calendar/out": approved(title="Out")}
    signed = make.SETTINGS.replace('connector = "bluesky"', 'connector = "bluesky"\nsignature = "Harbour"')
    diff = compared(tmp_path, post, post, settings=(make.SETTINGS, signed), receipts=[receipt("out")])
    assert [(change.slug, change.what, change.indirect) for change in diff.posts] == [("a", "changed", True)]


def test_deliveries_say_what_is_sent_at_once_later_and_no_longer(tmp_path):
    base = {"calendar/later": approved(), "calendar/stopped": approved()}
    head = {
        "calendar/now": approved() | {"publish_at": "2026-11-23 08:55"},
        "calendar/later": approved() | {"publish_at": "2026-11-26 10:00"},
        "calendar/stopped": approved() | {"status": "cancelled"},
    }
    rows = {(row.post, row.channel): (row.was, row.state) for row in compared(tmp_path, base, head).planned}
    assert rows["now", "blog"] == ("", "due")
    assert rows["later", "bluesky"] == ("scheduled", "scheduled")
    assert rows["stopped", "blog"] == ("scheduled", "cancelled")


def test_a_hold_that_comes_with_the_change_shows_what_it_stops(tmp_path):
    hold = {"title": "Stop", "owner": "writer", "status": "open", "reason": "An outage.", "from": "2026-11-23 08:00"}
    base = {"calendar/a": approved()}
    diff = compared(tmp_path, base, base | {"policies/holds/stop": hold})
    assert diff.posts == ()
    assert {(row.was, row.state) for row in diff.planned} == {("scheduled", "held")}


def test_a_changed_post_that_is_out_says_so_and_where(tmp_path):
    base = {"calendar/a": approved()}
    head = {"calendar/a": approved() | {"body": "Come in!\n"}}
    [change] = compared(tmp_path, base, head, receipts=[receipt("a")]).posts
    assert change.sent
    blog = next(copy for copy in change.copies if copy.channel == "blog")
    assert (blog.url, blog.same, blog.was) == ("https://blog.example/a", False, ("Come in.",))


def test_what_stands_close_by_on_the_same_channel_is_named(tmp_path):
    base = {"calendar/there": approved(title="There") | {"publish_at": "2026-11-25 15:00"},
            "calendar/far": approved(title="Far") | {"publish_at": "2026-11-28 15:00"}}  # fmt: skip
    diff = compared(tmp_path, base, base | {"calendar/new": approved()})
    assert {(row.channel, row.post) for row in diff.beside} == {("blog", "new"), ("bluesky", "new")}
    assert {other[1] for row in diff.beside for other in row.others} == {"there"}


def test_nothing_changed_is_nothing_to_tell(tmp_path):
    base = {"calendar/a": approved()}
    diff = compared(tmp_path, base, base)
    assert diff.quiet
    assert diff.planned == diff.posts == diff.files == ()


# --- on a real repository --------------------------------------------------------------------------------------------


def git(place, *words):
    me = ["-c", "user.name=Writer", "-c", "user.email=writer@harbour.example", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *me, *words], cwd=place.root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def place(tmp_path):
    """A team's repository with a branch that adds a post, while main goes on by itself."""
    made = make.workspace(tmp_path / "team", {"calendar/a": approved(title="A")})
    git(made, "init", "--quiet", "--initial-branch", "main")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "Begin")
    git(made, "switch", "--quiet", "--create", "change")
    make.document(made, "calendar/b", approved(title="B") | {"publish_at": "2026-11-27 10:00"})
    make.write(made.root / ".github" / "workflows" / "x.yml", "on: push\n")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "Add B")
    git(made, "switch", "--quiet", "main")
    make.document(made, "calendar/c", approved(title="C"))
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "Add C meanwhile")
    git(made, "switch", "--quiet", "change")
    return made


def test_what_others_merged_meanwhile_is_not_taken_for_ours(place):
    diff = diffs.run(place, NOW, base="main")
    assert what(diff) == {"b": "added"}
    assert diff.files == (".github/workflows/x.yml",)
    assert diff.with_rights == (".github/workflows/x.yml",)


def test_a_merge_as_the_forge_makes_it_shows_the_change_alone(place):
    git(place, "switch", "--quiet", "--detach", "main")
    git(place, "merge", "--quiet", "--no-edit", "change")
    assert what(diffs.run(place, NOW, base="main")) == {"b": "added"}


def test_what_differs_from_what_was_sent_is_found_in_git(place):
    """What main says may have changed since; what people read is what was sent."""
    book = make.book(place)
    [row] = [one for one in delivery.of(book, book.get(Post, "a"), NOW) if one.channel == "blog"]
    sent = Receipt(row.key, "a", "blog", 1, NOW, "1", "https://blog.example/a", approval.content(book, row))
    store.append(place, [sent])
    make.document(place, "calendar/a", approved(title="A") | {"body": "Come in, all of you.\n"})
    git(place, "commit", "--quiet", "--all", "--message", "Say more")
    [since] = diffs.run(place, NOW, base="main").since
    assert (since.deliveries, since.exact) == (("a/blog",), True)
    assert since.rows == (("copy", "Come in.", "Come in, all of you."),)
    shown = summary.as_markdown(diffs.run(place, NOW, base="main"))
    assert "```diff\n  copy\n-Come in.\n+Come in, all of you.\n```" in shown
    assert "which holds exactly what was sent" in shown


def test_findings_in_the_change_come_first(place):
    make.document(place, "calendar/a", approved(title="A") | {"channels": ["mastadon"]})
    diff = diffs.run(place, NOW, base="main")
    assert diff.blocks
    assert diff.findings[0].here
    assert {row.path for row in diff.here} <= {"content/calendar/a.md", "content/calendar/b.md"}


def test_a_change_that_approves_a_post_for_a_time_that_is_over_is_stopped(place):
    make.document(place, "calendar/late", approved(title="Late") | {"publish_at": "2026-11-20 10:00"})
    rules = {row.rule for row in diffs.run(place, NOW, base="main").here if row.path.endswith("late.md")}
    assert "post-past" in rules


def test_a_word_that_is_no_revision_is_told(place):
    with pytest.raises(UsageError, match="no revision"):
        diffs.run(place, NOW, base="--output=/tmp/x")


def test_without_a_word_main_is_what_a_change_is_compared_with(place):
    assert what(diffs.run(place, NOW, base="")) == {"b": "added"}
    git(place, "branch", "--quiet", "--delete", "--force", "main")
    with pytest.raises(UsageError, match="neither origin/main nor main"):
        diffs.run(place, NOW, base="")


def test_a_link_in_the_base_is_not_followed(place, tmp_path):
    secret = make.write(tmp_path / "secret.md", "---\ntitle: secret\n---\n")
    (place.content / "calendar" / "link.md").symlink_to(secret)
    git(place, "add", ".")
    git(place, "commit", "--quiet", "--message", "A link")
    book = diffs.at(place, git(place, "rev-parse", "HEAD"), make.book(place))
    assert "link" not in {doc.slug for doc in book.everything()}


def test_the_command_prints_text_markdown_and_json(place, signalbook):
    def printed(*words):
        command = [signalbook, "-C", str(place.root), "--now", NOW.isoformat(), "diff", "--base", "main", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert printed().startswith("Posts: 1 added.")
    assert printed("--format", "md").startswith("<!-- signalbook:summary -->\n")
    found = json.loads(printed("--json"))
    assert [(post["slug"], post["what"]) for post in found["posts"]] == [("b", "added")]
    assert found == json.loads(printed("--format", "json"))
