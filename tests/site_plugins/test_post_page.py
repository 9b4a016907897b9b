"""A post's page: what will be sent, what was, who approved it, what differs, what it brought, what to do next."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from html import unescape
from pathlib import Path

import pytest

from signalbook import approval, delivery, store
from signalbook.records import Intent, Reading, Receipt
from signalbook.workspace import Workspace
from site_plugins.build import build
from tests import build as make
from tests.build import NOW, TODAY
from tests.signalbook.test_sent import commit


def page(place: Workspace, slug: str = "door") -> str:
    return unescape((build(place).site_dir / "calendar" / "posts" / f"{slug}.html").read_text(encoding="utf-8"))


def panel(html: str, ident: str) -> str:
    return html.partition(f'id="{ident}"')[2].partition("</section>")[0]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def post(**more: object) -> dict[str, object]:
    facts = {
        "title": "Doors",
        "status": "approved",
        "channels": ["bluesky"],
        "publish_at": "2026-11-23 06:00",
        "body": "We open at seven.\n",
    }
    return make.post(**(facts | more))


def out(place: Workspace, *, part: int = 1, url: str = "https://x.example/1", number: str = "1") -> None:
    book = make.book(place)
    key = "door/bluesky" if part == 1 else f"door/bluesky/{part}"
    found = delivery.find(book, key, NOW)
    assert found
    said = approval.content(book, found)
    at = NOW - timedelta(hours=3)
    store.append(
        place,
        [
            Intent(key, "door", "bluesky", part, "run-7", said, at - timedelta(seconds=4), at + timedelta(minutes=5), 2, at),
            Receipt(key, "door", "bluesky", part, at, number, url, said, run="run-7", attempt=2),
        ],
    )  # fmt: skip


# --- evidence --------------------------------------------------------------------------------------------------------


def test_the_merge_that_approved_it_the_claim_and_the_sending_stand_in_order(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post(status="draft")})
    commit(place, 30)
    make.document(place, "calendar/door", post())
    commit(place, 20)
    out(place)
    said = words(panel(page(place), "evidence"))
    steps = [
        said.index(word)
        for word in (
            "Written by Writer",
            "Approved by the merge of Writer",
            "Claimed for Bluesky, attempt 2",
            "Sent on Bluesky",
        )
    ]
    assert steps == sorted(steps)
    assert "byte for byte" in said


def test_a_change_after_the_approval_is_told_with_its_author(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post()})
    commit(place, 30)
    make.document(place, "calendar/door", post(body="We open at eight.\n"))
    commit(place, 20)
    assert "Changed since , and merged as approved, by Writer" in words(panel(page(place), "evidence"))


def test_without_git_no_approval_is_claimed(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post()})
    said = words(panel(page(place), "deliveries"))
    assert "Approval is not proven here. The workspace is not in git" in said
    assert 'id="evidence"' not in page(place)
    out(place)
    said = words(panel(page(place), "evidence"))
    assert "Approval is not proven here. The workspace is not in git" in said
    assert "Sent on Bluesky" in said
    assert "Approved by" not in said


def test_an_address_that_is_none_is_never_a_link(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post()})
    out(place, url="javascript:alert(1)")
    html = page(place)
    assert 'href="javascript' not in html
    assert "it has no address of its own" in html


# --- what differs ----------------------------------------------------------------------------------------------------


def test_what_differs_from_what_was_sent_is_told_word_by_word(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post()})
    commit(place, 30)
    out(place)
    assert "What differs" not in page(place)
    make.document(place, "calendar/door", post(body="We open at eight.\n"))
    commit(place, 1)
    html = panel(page(place), "since")
    assert re.search(r"<del>.*seven\..*</del>", html)
    assert re.search(r"<ins>.*eight\..*</ins>", html)
    assert "holds exactly what was sent" in html
    assert "signalbook publish amend door" in html


# --- results ---------------------------------------------------------------------------------------------------------


def likes(day: int, value: int, subject: str = "1") -> Reading:
    return Reading.of(source="bluesky", channel="bluesky", subject=subject, metric="likes", on=TODAY - timedelta(days=day), grain="post",
                      value=value, taken_at=(NOW - timedelta(days=day)).astimezone(UTC), origin="bluesky")  # fmt: skip


def test_results_are_the_readings_of_what_was_sent(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post()})
    out(place)
    assert "signalbook measure" in panel(page(place), "results")
    store.append(place, [likes(2, 3), likes(1, 9), likes(0, 12), likes(0, 4000, subject="somebody else's")])
    html = panel(page(place), "results")
    assert re.search(r"class=sb-n>12<", html)
    assert "4,000" not in html
    assert 'aria-label="from 3 on 2026-11-21 to 12 on 2026-11-23"' in html


def test_a_new_reading_changes_the_page_of_a_warm_build(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post()})
    out(place)
    store.append(place, [likes(1, 9)])
    assert ">9<" in panel(page(place), "results")
    store.append(place, [likes(0, 12)])
    assert ">12<" in panel(page(place), "results")


# --- what to do ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "command"),
    [
        ("unknown", "signalbook publish settle door/bluesky --not-sent"),
        ("missed", "signalbook publish settle door/bluesky --send-at 2026-11-24T10:00+01:00"),
        ("overdue", "signalbook publish"),
    ],
)
def test_every_state_that_waits_for_a_person_names_the_exact_command(tmp_path: Path, state: str, command: str) -> None:
    at = {"unknown": "2026-11-23 08:00", "missed": "2026-11-20 08:00", "overdue": "2026-11-23 08:30"}[state]
    place = make.workspace(tmp_path, {"calendar/door": post(publish_at=at)})
    if state == "unknown":
        store.append(
            place,
            [
                Intent(
                    "door/bluesky",
                    "door",
                    "bluesky",
                    1,
                    "r",
                    "c",
                    NOW - timedelta(hours=1),
                    NOW - timedelta(minutes=50),
                )
            ],
        )
    assert f">{command}</code>" in page(place)
    assert ">signalbook publish" in (place.root / "site" / "index.html").read_text(encoding="utf-8")


def test_what_was_missed_on_several_channels_is_one_decision(tmp_path: Path) -> None:
    settings = make.SETTINGS + '\n[channels.office]\nconnector = "manual"\n'
    missed = post(publish_at="2026-11-20 08:00", channels=["bluesky", "mastodon", "office"])
    html = page(make.workspace(tmp_path, {"calendar/door": missed}, settings=settings))
    assert "3 deliveries were missed" in html
    commands = [unescape(found) for found in re.findall(r"<code>(signalbook publish settle [^<]*)</code>", html)]
    whole, each = commands[:2], commands[2:]
    assert whole == [
        "signalbook publish settle door --send-at 2026-11-24T10:00+01:00",
        'signalbook publish settle door --cancel --why "…"',
    ]
    assert each == [
        f"signalbook publish settle door/{key} --sent https://…" for key in ("bluesky", "mastodon", "office")
    ]


# --- previews --------------------------------------------------------------------------------------------------------


def test_a_preview_is_the_text_as_it_is_sent_with_what_the_network_marks(tmp_path: Path) -> None:
    body = "Ask @team.example about #Doors <b>now</b>.\n\n## mastodon\n\nSee https://x.example/a/very/long/path/that/goes/on/and/on today.\n"
    html = page(
        make.workspace(
            tmp_path, {"calendar/door": post(channels=["bluesky", "mastodon"], body=body, disclosure="paid")}
        )
    )
    bluesky, mastodon = (
        html.partition(f'id="copy-{key}"')[2].partition("</article>")[0] for key in ("bluesky", "mastodon")
    )
    assert "<p>Ad. Ask" in bluesky
    assert "<span class=sb-net__tag>#Doors</span>" in bluesky
    assert "<span class=sb-net__tag>@team.example</span>" in bluesky
    assert "Disclosure, put first" in bluesky
    assert ">x.example/a/very/long/path/tha…</a>" in mastodon
    assert "a link counts 23" in mastodon.lower()


def test_markup_in_the_copy_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post(body="<script>alert(1)</script> <b>now</b>\n")})
    raw = (build(place).site_dir / "calendar" / "posts" / "door.html").read_text(encoding="utf-8")
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in raw


def test_a_thread_is_a_thread_and_each_part_has_its_count_and_its_delivery(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, {"calendar/door": post(body="One.\n\n---\n\nTwo, longer.\n")})
    out(place)
    html = page(place)
    assert len(re.findall(r"class=sb-part>", html)) == 2
    assert "part 2 of 2" in words(panel(html, "deliveries"))
    assert "4 / 300" in words(html)
    assert "12 / 300" in words(html)


def test_a_post_that_comes_again_has_one_page_and_stands_on_each_of_its_days(tmp_path: Path) -> None:
    again = {"every": "7d", "max": 3}
    place = make.workspace(tmp_path, {"calendar/door": post(publish_at="2026-11-24 09:00", evergreen=again)})
    made = build(place).site_dir
    html = words(panel(page(place), "deliveries"))
    assert all(day in html for day in ("2026-11-24", "2026-12-01", "2026-12-08"))
    december = (made / "calendar" / "2026-12.html").read_text(encoding="utf-8")
    assert december.count('href="posts/door.html"') == 2
