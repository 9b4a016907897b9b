"""Listening: heard once, understood with its reason, told once; and what a person had forgotten is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines import hearing, listen, replay, summary
from pipelines.diff import Diff
from signalbook import book, heard, store
from signalbook.records import Alert, Intent, Judgement, Mention, Receipt, digest
from signalbook.sources import Source
from signalbook.workspace import Workspace

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DOCUMENTS = {
    "people/head-baker.md": "title: Head baker\nside: inside\nroles: [head-baker]\nowner: head-baker\nzone: Europe/Berlin",
    "people/subjects/bakery.md": (
        'title: The bakery\ntype: brand\nowner: head-baker\nnames: ["Crumb Lane"]\n'
        "queries: ['\"crumb lane\" OR crumblane']\nexpert: head-baker\nbackup: head-baker"
    ),
    "people/competitors/chain.md": 'title: The chain\nowner: head-baker\nnames: ["Chain on the Square"]',
    "people/watches/allergens.md": (
        "title: Allergens\nstatus: on\nowner: head-baker\ntopic: food-safety\n"
        "query: '(nut* OR allerg*) NEAR/12 \"crumb lane\"'\nsources: [mastodon, bluesky]\nexpert: head-baker\n"
        "backup: head-baker\nact: head-baker\nalert: {at_least: 5, times: 3, pause: 2h}\nsensitivity: law"
    ),
    "policies/playbooks/product-failure.md": (
        "title: Product failure\ntype: crisis\nstatus: approved\nowner: head-baker\ndefault_severity: S2\n"
        "triggers:\n  - {signal: severity, threshold: 20, severity: S3}"
    ),
}
SETTINGS = """
[team]
name = "Crumb Lane"
timezone = "Europe/Berlin"
languages = ["en", "de"]

[channels.mastodon]
connector = "mastodon"
url = "https://social.example.org"
account = "crumblane"
keep = "30d"

[channels.news]
connector = "feed"
url = "https://news.example.org/feed"
"""


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return workspace(tmp_path / "team")


def workspace(root: Path, more: str = "", **documents: str) -> Workspace:
    for name, front in {**DOCUMENTS, **documents}.items():
        path = root / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front}\n---\n\nWords.\n", encoding="utf-8")
    (root / "signalbook.toml").write_text(SETTINGS + more, encoding="utf-8")
    (root / "mkdocs.yml").write_text("site_name: x\n", encoding="utf-8")
    return Workspace(root)


def said(name: str, text: str, at: datetime = NOW, **more: Any) -> Mention:
    values: dict[str, Any] = {
        "source": "mastodon", "author": f"somebody-{name}", "title": "", "lang": "en", "channel": "mastodon",
        "url": f"https://social.example.org/@s/{name}", **more,
    }  # fmt: skip
    return Mention(
        key=digest(values["source"], name), id=name, text=text, published_at=at, heard_at=more.pop("heard_at", at + timedelta(minutes=5)),
        **{key: value for key, value in values.items() if key != "heard_at"},
    )  # fmt: skip


def hearing_of(*mentions: Mention, **states: Source) -> listen.Hear:
    told = hearing.Heard(tuple(mentions), states, asked=("mastodon",))
    return lambda _book, _states: told


def judged(place: Workspace) -> dict[str, Judgement]:
    return {one.key: one for one in store.read(place, Judgement)[0]}


def test_a_mention_is_kept_and_judged_once_however_often_it_is_heard(place: Workspace) -> None:
    one = said("1", "Crumb Lane sold me mouldy bread and nobody answers, terrible.")
    first = listen.run(place, NOW, hearing_of(one))
    again = listen.run(place, NOW + timedelta(minutes=10), hearing_of(one))
    assert (first.added, first.judged, again.added, again.judged) == (1, 1, 0, 0)
    found = judged(place)[one.key]
    assert found.about == ("subject/bakery",)
    assert found.tone == "negative"
    assert found.rated_by == "rules"
    assert found.spread == "voice"
    assert found.rule
    assert any("crumb lane" in why for why in found.why)
    assert "nobody answers" not in (place.data / "private/judgements/2026-11.jsonl").read_text()


def test_what_a_killed_run_kept_and_did_not_judge_is_judged_by_the_next(place: Workspace) -> None:
    store.append(place, [said("1", "Crumb Lane is lovely")])
    assert listen.run(place, NOW, hearing_of()).judged == 1


def test_one_article_in_two_feeds_is_one_mention_and_its_copies_one_story(place: Workspace) -> None:
    text = "The bakery Crumb Lane has opened a second shop beside the station and hires twelve people this winter."
    feed = {"source": "feed", "author": "", "channel": "news"}
    first = said(
        "a", text, title="Crumb Lane opens at the station", url="https://news.example.org/a?utm_source=rss", **feed
    )
    other = said("b", "", NOW, title="Crumb Lane opens at the station", url="https://links.example.org/x9", **feed)
    same = said("c", text, NOW + timedelta(hours=1), url="http://www.news.example.org/a/", **feed)
    copy = said(
        "d",
        text + " (agency)",
        NOW + timedelta(hours=2),
        title="Crumb Lane opens at the station",
        url="https://other.example.org/1",
        **feed,
    )
    listen.run(place, NOW, hearing_of(first, other, same, copy))
    found = judged(place)
    assert len({found[one.key].same for one in (first, other, same)}) == 1
    assert found[copy.key].same == copy.key
    assert len({one.story for one in found.values()}) == 1
    assert [
        story.appearances
        for story in heard.stories(store.tables(place), NOW - timedelta(days=1), NOW + timedelta(days=1))
    ] == [4]


def test_a_copy_that_is_heard_by_a_later_run_joins_the_same_story(place: Workspace) -> None:
    text = "The bakery Crumb Lane has opened a second shop beside the station and hires twelve people this winter."
    first, later = said("a", text), said("b", text, NOW + timedelta(hours=5))
    listen.run(place, NOW, hearing_of(first))
    listen.run(place, NOW + timedelta(hours=6), hearing_of(later))
    assert judged(place)[later.key].story == first.key


def test_our_own_posts_are_kept_and_never_counted(place: Workspace) -> None:
    receipt = Receipt("p/mastodon", "p", "mastodon", 1, NOW, "77", "https://social.example.org/@crumblane/77", "c")
    store.append(place, [receipt])
    ours = said("77", "New at Crumb Lane: rye", author="someone-else")
    mine = said("78", "Open at Crumb Lane", author="@CrumbLane")
    listen.run(place, NOW, hearing_of(ours, mine))
    assert {one.spread for one in judged(place).values()} == {"own"}
    assert heard.counted(store.tables(place)).count().to_pyarrow().as_py() == 0


def test_a_language_nobody_rates_is_not_rated_and_the_text_wins_over_a_forgotten_setting(place: Workspace) -> None:
    german = said(
        "1",
        "Das Brot von Crumb Lane war heute leider wieder steinhart und niemand hat sich dafür entschuldigt.",
        lang="en",
    )
    listen.run(place, NOW, hearing_of(german))
    found = judged(place)[german.key]
    assert (found.lang, found.tone, found.rated_by) == ("de", "", "nobody")


def test_a_query_that_cannot_be_read_is_named_and_stops_nothing(tmp_path: Path) -> None:
    broken = DOCUMENTS["people/subjects/bakery.md"].replace("bakery", "rye").replace("crumblane'", "(crumblane'")
    place = workspace(tmp_path / "t", **{"people/subjects/rye.md": broken})
    outcome = listen.run(place, NOW, hearing_of(said("1", "crumblane is fine")))
    assert judged(place)[digest("mastodon", "1")].about == ("subject/bakery",)
    assert any(note.startswith("subject/rye: a query of it cannot be read") for note in outcome.notes)


def quiet_then(
    burst: int, *, before: timedelta = timedelta(days=8), each: timedelta = timedelta(hours=3)
) -> list[Mention]:
    start, calm = NOW - before, []
    number = 0
    while start + number * each < NOW - timedelta(minutes=20):
        calm.append(said(f"q{number}", f"passing by crumb lane, number {number}", start + number * each))
        number += 1
    loud = [
        said(
            f"b{n}",
            f"crumb lane is awful today, my order {n} never came",
            NOW - timedelta(minutes=9) + timedelta(seconds=n * 20),
        )
        for n in range(burst)
    ]
    return [*calm, *loud]


def heard_in_time(place: Workspace, mentions: list[Mention]) -> None:
    """Judge each when it was said, as runs every few minutes would have."""
    from signalbook import understanding

    rules = listen.rules(book.load(place))
    store.append(place, mentions)
    made = [replace(one, at=one.said_at) for one in understanding.judge(mentions, rules, understanding.Past(), NOW)]
    store.append(place, made)


def test_a_spike_is_told_once_with_curve_baseline_cause_and_playbook(place: Workspace) -> None:
    heard_in_time(place, quiet_then(18)[:-1])
    outcome = listen.run(place, NOW, hearing_of(quiet_then(18)[-1]))
    assert [one.kind for one in outcome.alerts] == ["spike"]
    alert = outcome.alerts[0]
    assert alert.about == "subject/bakery"
    assert alert.count >= 10
    assert len(alert.curve) == len(alert.baseline) == 145
    assert sum(map(int, alert.curve)) >= 18
    assert alert.accounts == 18
    assert alert.sources[0].startswith("mastodon=")
    assert alert.mentions
    assert alert.first
    assert alert.playbook == "product-failure"
    assert alert.points >= 20
    assert "awful" not in str(alert)
    assert "somebody" not in str(alert)
    again = listen.run(
        place, NOW + timedelta(minutes=10), hearing_of(said("z", "crumb lane again", NOW + timedelta(minutes=2)))
    )
    assert again.alerts == ()
    assert len(store.read(place, Alert)[0]) == 1


def test_a_spike_names_one_account_and_our_own_post_that_set_it_off(place: Workspace) -> None:
    store.append(
        place,
        [
            Receipt(
                "p/mastodon",
                "new-rye",
                "mastodon",
                1,
                NOW - timedelta(hours=1),
                "77",
                "https://social.example.org/@crumblane/77",
                "c",
            )
        ],
    )
    calm = quiet_then(0)
    answers = [
        said(f"b{n}", f"crumb lane answer {n} to you", NOW - timedelta(minutes=8), reply_to="77") for n in range(15)
    ]
    heard_in_time(place, calm)
    (alert,) = listen.run(place, NOW, hearing_of(*answers)).alerts
    assert alert.post == "new-rye"
    assert "Our own post new-rye set it off." in alert.why


def test_history_that_is_imported_raises_no_alert(place: Workspace) -> None:
    old = [
        replace(one, published_at=one.published_at - timedelta(days=20)) for one in quiet_then(30) if one.published_at
    ]
    assert listen.run(place, NOW, hearing_of(*old)).alerts == ()


def test_one_credible_report_of_injury_is_told_at_once_as_s2(place: Workspace) -> None:
    one = said(
        "1", "My daughter had an allergic reaction after the nut bread from Crumb Lane, we are at the hospital now."
    )
    outcome = listen.run(place, NOW, hearing_of(one))
    claims = [alert for alert in outcome.alerts if alert.kind == "claim"]
    assert {alert.about for alert in claims} == {"subject/bakery", "watch/allergens"}
    assert {(alert.severity, alert.floor) for alert in claims} == {(2, "injury")}
    assert listen.run(place, NOW + timedelta(minutes=10), hearing_of(one)).alerts == ()


@pytest.mark.parametrize(
    "text",
    [
        "Nobody was injured when the sign of Crumb Lane fell.",
        "Crumb Lane before the deadline: I'm dead tired.",
        "Has anybody been in hospital after eating at Crumb Lane?",
        "The Crumb Lane cake is to die for",
    ],
)
def test_what_is_denied_asked_or_a_figure_of_speech_is_no_report(place: Workspace, text: str) -> None:
    assert [a for a in listen.run(place, NOW, hearing_of(said("1", text))).alerts if a.kind == "claim"] == []


def test_a_report_of_harm_is_never_bright_whatever_its_words(place: Workspace) -> None:
    words = "Crumb Lane recalls its loaves, says the office for food safety: I bit on glass in the bread"
    listen.run(place, NOW, hearing_of(said("1", words)))
    (one,) = judged(place).values()
    assert one.claims
    assert (one.tone, one.rated_by, one.confidence) == ("negative", "rules", 0.5)


def test_a_source_that_falls_silent_is_told_once(place: Workspace) -> None:
    times = tuple(NOW - timedelta(hours=100 - n) for n in range(20))
    state = Source(since=times[0], times=times, answered_at=NOW)
    first = listen.run(place, NOW, hearing_of(news=state))
    assert [(one.kind, one.about) for one in first.alerts] == [("silence", "news")]
    assert listen.run(place, NOW + timedelta(hours=1), hearing_of(news=state)).alerts == ()


def test_a_correction_wins_over_every_judgement_and_teaches(place: Workspace) -> None:
    one, other = said("1", "Crumb Lane, just great, burnt again"), said("2", "Crumb Lane is fine")
    listen.run(place, NOW, hearing_of(one, other))
    listen.correction(place, one.key, NOW, by="community-manager", tone="negative", not_about=["subject/bakery"])
    listen.correction(place, other.key, NOW, by="community-manager", tone="unclear")
    rows = {row["key"]: row for row in heard.understood(store.tables(place)).to_pyarrow().to_pylist()}
    assert rows[one.key]["tone"] == "negative"
    assert rows[one.key]["about"] == []
    assert rows[other.key]["tone"] == ""
    assert listen.lessons(place) == [("negative", "en", "Crumb Lane, just great, burnt again")]
    with pytest.raises(LookupError):
        listen.correction(place, "nobody", NOW, by="community-manager", tone="negative")


def test_a_mention_that_a_person_took_out_of_a_story_stays_out_and_is_counted(place: Workspace) -> None:
    text = "The bakery Crumb Lane has opened a second shop beside the station and hires twelve people this winter."
    first, other = said("a", text), said("b", text, NOW + timedelta(minutes=1))
    listen.run(place, NOW, hearing_of(first, other))
    listen.correction(place, other.key, NOW, by="community-manager", alone=True)
    stories = heard.stories(store.tables(place), NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert sorted(story.key for story in stories) == sorted([first.key, other.key])


def test_the_error_is_that_of_the_sample_and_not_of_what_people_happened_to_correct(place: Workspace) -> None:
    mentions = [said(str(n), f"Crumb Lane is great, visit {n}") for n in range(40)]
    listen.run(place, NOW, hearing_of(*mentions))
    keys = heard.sample(store.tables(place), "2026-11", "en")
    assert len(keys) == 30
    outside = next(one.key for one in mentions if one.key not in keys)
    listen.correction(place, outside, NOW, by="analyst", tone="negative")
    assert heard.error(store.tables(place)).checked == 0
    for number, key in enumerate(keys):
        tone = "negative" if number < 3 else "unclear" if number == 3 else "positive"
        listen.correction(place, key, NOW + timedelta(seconds=number), by="analyst", tone=tone)
    error = heard.error(store.tables(place), months=["2026-11"], lang="en")
    assert (error.checked, error.wrong) == (29, 3)
    assert "Of 29 checked, 3 were wrong (10%; between 4% and 26%)" in error.sentence


def test_share_of_voice_counts_stories_and_prints_what_it_leaves_out(place: Workspace) -> None:
    listen.run(
        place, NOW,
        hearing_of(
            said("1", "Crumb Lane again"), said("2", "I like Crumb Lane and its rye"), said("3", "the chain on the square is cheaper"),
            said("4", "Crumb Lane by itself", author="crumblane"),
        ),
    )  # fmt: skip
    share = heard.share_of_voice(
        store.tables(place), NOW - timedelta(days=1), NOW + timedelta(days=1), ours=["subject/bakery"], rivals=["competitor/chain", "competitor/gone"],
        left_out={"competitor/gone": "closed in May"},
    )  # fmt: skip
    assert (share.ours, share.theirs) == (2, (("competitor/chain", 1),))
    assert share.share == pytest.approx(2 / 3)
    assert "1 of our own posts" in share.excluded
    assert "competitor/gone: closed in May" in share.excluded


def test_words_are_erased_when_their_time_is_over_and_the_counts_stay(place: Workspace) -> None:
    old, new = said("1", "Crumb Lane in October", NOW - timedelta(days=40)), said("2", "Crumb Lane now")
    feed = said("3", "Crumb Lane in the paper", NOW - timedelta(days=40), source="feed", channel="news", author="")
    outcome = listen.run(place, NOW, hearing_of(old, new, feed))
    assert outcome.erased == 1
    assert {one.key for one in store.read(place, Mention)[0]} == {new.key, feed.key}
    found = judged(place)
    assert (found[old.key].who, found[old.key].why) == ("", ())
    assert found[old.key].about == ("subject/bakery",)
    assert found[new.key].who


def test_a_month_of_which_everything_is_over_loses_words_and_names_and_keeps_what_is_counted(place: Workspace) -> None:
    ages = {"1": 500, "2": 470, "3": 364, "4": 366}
    many = [
        said(name, f'Crumb Lane "and" \\ so on, {name}', NOW - timedelta(days=age), source="feed", channel="news")
        for name, age in ages.items()
    ]
    outcome = listen.run(place, NOW, hearing_of(*many))
    assert (outcome.judged, outcome.erased) == (4, 3)
    assert [one.key for one in store.read(place, Mention)[0]] == [many[2].key]
    assert sorted(path.stem for path in (place.private / "mentions").iterdir()) == ["2025-11"]
    found = judged(place)
    assert {one.key for one in found.values() if one.who or one.why} == {many[2].key}
    assert all(one.about == ("subject/bakery",) for one in found.values())
    again = listen.run(place, NOW + timedelta(days=1), hearing_of())
    assert (again.judged, again.erased) == (0, 0)


def test_a_run_leaves_intents_and_receipts_alone(place: Workspace) -> None:
    listen.run(place, NOW, hearing_of(said("1", "Crumb Lane")))
    assert store.read(place, Intent)[0] == ()
    assert sorted(path.name for path in place.data.iterdir()) == ["private"]


def test_a_replay_says_what_changed_queries_find_and_what_would_fire(place: Workspace) -> None:
    heard_in_time(place, quiet_then(18))
    since = (NOW - timedelta(days=1)).date()
    before = book.load(place)
    told = replay.run(place, NOW, since, before=before)
    assert (told.differs, told.same) == (False, 1)
    subject = place.root / "content/people/subjects/bakery.md"
    subject.write_text(subject.read_text(encoding="utf-8").replace('"crumb lane" OR', '"crumb lane" NOT order OR'))
    told = replay.run(place, NOW, since, before=before)
    assert [one.about for one in told.silent] == ["subject/bakery"]
    (moved,) = told.topics
    assert (moved.was - moved.now, len(moved.lost)) == (18, 5)
    text = "\n".join(replay.sentences(told))
    assert "no longer" in text
    assert "finds other  subject/bakery" in text
    assert "awful" not in text
    assert store.read(place, Alert)[0] == ()


def test_the_summary_of_a_change_says_what_it_would_have_told_or_how_to_see_it() -> None:
    diff = Diff("base", NOW, "Europe/Berlin", "Crumb Lane", heard=("no longer    2026-11-24 09:00 UTC  S3  `x` ```",))
    assert "What is heard:" in summary.as_text(diff)
    assert "### What is heard" in summary.as_markdown(diff)
    assert summary.from_json(json.dumps(summary.as_json(diff), default=str).encode()).heard == diff.heard
    assert replay.touches(["content/people/watches/allergens.md"])
    assert not replay.touches(["content/calendar/x.md"])
