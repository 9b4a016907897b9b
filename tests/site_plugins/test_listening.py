"""The listening room: strangers' words stay words, numbers carry their error, clocks run in the reader's browser."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines import forgetting
from signalbook import cases, sources, store
from signalbook.records import Judgement, Mention
from signalbook.workspace import Workspace
from site_plugins.build import build
from site_plugins.text import words
from tests import build as make
from tests.browser import pages, serving
from tests.said import DOCUMENTS, NOW, case, said, spike
from tests.site_plugins import hostile
from tests.site_plugins.test_injection import ACTIVE

GOLDEN = Path(__file__).parents[1] / "golden" / "listening.txt"


def team(root: Path) -> Workspace:
    """A small team that listens: five sources, two months, an alert, a silence, four cases."""
    place = make.workspace(root, DOCUMENTS)
    pairs = list(said(240, days=40))
    store.append(place, [one for pair in pairs for one in pair])
    negative = [mention for mention, judged in pairs if judged.tone == "negative" and judged.spread == "voice"][-5:]
    alert = replace(spike(), first=negative[0].key, mentions=tuple(one.key for one in negative[1:]))
    quiet = replace(
        spike(), key="silence:forum", about="forum", source="forum", kind="silence", severity=3, why="Nothing from forum for three days.",
        curve=(), baseline=(), playbook="", reasons=(), count=0, times=0, accounts=0, mentions=(), sources=(),
    )  # fmt: skip
    opened = [
        case(mention, mention.heard_at + timedelta(minutes=2), severity=severity, kind=kind)
        for mention, severity, kind in zip(
            negative, ("S3", "S2", "S4", "S3"), ("complaint", "safety", "question", "press"), strict=False
        )
    ]
    done = [
        cases.event(
            opened[3].case, "answered", opened[3].at + timedelta(minutes=40), "writer", {"url": "https://x.example/1"}
        ),
        cases.event(opened[3].case, "closed", opened[3].at + timedelta(minutes=90), "writer", {"outcome": "solved"}),
    ]
    store.append(place, [alert, quiet, *opened, *done])
    hours = [NOW - timedelta(hours=number) for number in range(30)]
    well = sources.Source(
        tried_at=NOW, answered_at=NOW, heard_at=NOW, since=NOW - timedelta(days=60), times=tuple(hours)
    )
    silent = replace(well, times=tuple(at - timedelta(days=4) for at in hours))
    broken = replace(well, failures=3, error="The server answers 403.", answered_at=NOW - timedelta(days=2))
    sources.write(place, {"mastodon": well, "bluesky": well, "forum": silent, "news": broken})
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return team(tmp_path_factory.mktemp("listening") / "team")


@pytest.fixture(scope="module")
def site(place: Workspace) -> Path:
    return build(place).site_dir


def text(page: Path) -> str:
    """What stands in the main part of a page, a line a block."""
    inner = re.search(r"<main\b.*?</main>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert inner
    kept = re.sub(r"<(script|svg)\b.*?</\1>", " ", inner[0], flags=re.DOTALL)
    lines = (
        words(part)
        for part in re.split(r"</(?:p|[ou]l|table|h[1-3]|section|figure|dl|nav)>|(?=<(?:p|li|tr|dt)\b)", kept)
    )
    return "\n".join(line.strip() for line in lines if line.strip())


def test_the_pages_read_as_they_did(site: Path, golden_update: bool) -> None:
    room = site / "listening"
    alert, silence = sorted(
        (room / "alerts").glob("*.html"), key=lambda one: "is silent" in one.read_text(encoding="utf-8")
    )
    named = {
        "overview": room / "index.html", "queue": room / "queue.html", "sources": room / "sources.html", "an alert": alert, "a silence": silence,
        "a topic": room / "subject-harbour.html", "a case": min((room / "cases").glob("*.html")), "an older month": room / "mentions" / "2026-10.html",
    }  # fmt: skip
    shown = "\n".join(f"=== {name}\n{text(page)}\n" for name, page in named.items())
    if golden_update:
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_a_build_after_a_new_mention_rewrites_no_older_month(tmp_path: Path) -> None:
    place = team(tmp_path / "team")
    first = build(place)
    assert build(place).written == ()
    store.append(place, [Mention("x:new", "x", "new", "", "", "", "A new word about the harbour", "en", NOW, NOW)])
    written = build(place).written
    assert any("2026-11" in address or address == "listening/mentions.html" for address in written)
    assert not [address for address in written if "2026-10" in address]
    kept = {path.relative_to(first.site_dir): path.read_bytes() for path in first.site_dir.rglob("*") if path.is_file()}
    shutil.rmtree(place.cache)
    cold = build(place, site_dir=tmp_path / "cold").site_dir
    assert kept == {path.relative_to(cold): path.read_bytes() for path in cold.rglob("*") if path.is_file()}


def test_no_word_of_a_mention_is_in_the_search_nor_outside_the_room(site: Path) -> None:
    for path in site.rglob("*"):
        if path.is_file() and path.relative_to(site).parts[0] != "listening":
            assert b"nobody said a word" not in path.read_bytes(), path


def test_a_build_without_the_private_store_counts_nothing_and_says_why(tmp_path: Path) -> None:
    place = team(tmp_path / "team")
    shutil.rmtree(place.private)
    site = build(place).site_dir
    alert = next(
        one
        for one in (site / "listening" / "alerts").glob("*.html")
        if "is silent" not in one.read_text(encoding="utf-8")
    )
    for page in (alert, min((site / "listening" / "cases").glob("*.html")), site / "listening" / "mentions.html"):
        assert "private store" in text(page), page
    assert not list(site.rglob("listening/mentions/*"))
    assert "88 mentions in an hour" in text(alert), "the alert's own account stays"


def test_a_team_that_hears_nothing_yet_is_told_how_to_begin(tmp_path: Path) -> None:
    place = make.workspace(tmp_path / "team", DOCUMENTS)
    site = build(place).site_dir
    assert "Run signalbook listen" in text(site / "listening" / "index.html")
    assert "Nothing was heard yet" in text(site / "listening" / "mentions.html")
    for page in (site / "listening").rglob("*.html"):
        assert len(text(page)) > 40, page


def test_who_neither_listens_nor_plans_to_has_no_such_room(tmp_path: Path) -> None:
    assert not (build(make.workspace(tmp_path / "team")).site_dir / "listening").exists()


# --- in a browser ----------------------------------------------------------------------------------------------------


def hostile_team(root: Path) -> Workspace:
    """A team whose every mention, judgement, alert, case and source state is full of code."""
    place = make.workspace(root, DOCUMENTS)
    rows: list[Any] = []
    for number, ((mention, judged), line) in enumerate(
        zip(said(len(hostile.LINES), days=3), hostile.LINES, strict=True)
    ):
        long = hostile.chunk(number)
        key = f"{number} {line}"
        rows += [
            replace(
                mention, key=key, source=line, id=line, url=hostile.ADDRESSES[number % len(hostile.ADDRESSES)] if number % 2 else f"javascript:{hostile.RUN}",
                author=line, title=line, text=f"{long}\n{hostile.BODIES[number % len(hostile.BODIES)]}", lang=line, channel=line, links=(line,), followers=5_000,
            ),
            replace(
                judged, key=key, source=line, channel=line, site=line, who=line, lang=line, about=(line, "subject/harbour", "watch/delays"), same=key,
                story="0 story", spread="voice", why=(line,), rule=line,
            ),
        ]  # fmt: skip
    keys = [row.key for row in rows if isinstance(row, Mention)]
    for number, line in enumerate(hostile.LINES):
        alert = replace(
            spike(), key=f"a{line}", about=line if number % 2 else "subject/harbour", why=hostile.chunk(number), source=line, reasons=(line,), playbook=line,
            sources=(f"{line}=3",), story="0 story", first=keys[number], mentions=tuple(keys[:3]), post=line, rule=line, floor=line,
        )  # fmt: skip
        facts = dict.fromkeys(
            ("owner", "backup", "inform", "source", "channel", "topic", "lang", "why", "playbook"), line
        )
        opened = cases.event(
            f"case-{line}",
            "opened",
            NOW - timedelta(hours=5),
            line,
            {"mention": keys[number], "type": "complaint", "severity": "S3", **facts},
        )
        told = cases.event(
            f"case-{line}",
            "answered",
            NOW - timedelta(hours=4),
            line,
            {"url": f"javascript:{hostile.RUN}", "why": line},
        )
        rows += [alert, opened, told]
    store.append(place, rows)
    state = sources.Source(failures=2, error=hostile.chunk(3), moved_to=hostile.LINES[0], since=NOW)
    sources.write(place, dict.fromkeys(hostile.LINES, state))
    return place


@pytest.mark.browser
def test_nothing_that_a_stranger_wrote_runs_on_any_page_of_the_room(browser: Any, tmp_path: Path) -> None:
    from urllib.parse import quote

    site = build(hostile_team(tmp_path / "team")).site_dir
    found: list[str] = []
    shown = 0
    with serving(site) as address, browser.page(address) as page:
        for path in [one for one in pages(site) if one.startswith("listening/")]:
            page.goto(quote(path))
            if path == "listening/mentions.html":
                page.driver.wait_for_selector("[data-sb-ready]", timeout=15_000)
                more = page.driver.locator("[data-sb-heard-more]")
                while more.is_visible():
                    more.click()
                assert page.driver.locator(".sb-heard tbody tr").count() == len(hostile.LINES)
            found += [f"{path}: {one}" for one in page.driver.evaluate(ACTIVE)]
            inner = page.driver.evaluate("() => document.documentElement.textContent")
            shown += hostile.RUN in inner
            found += [f"{path}: obeyed or quoted" for word in (hostile.OBEYED, hostile.SECRET) if word in inner]
        found += page.complaints
    assert not found, f"{len(found)} in all:\n" + "\n".join(found[:20])
    assert shown > 2 * len(hostile.LINES)


@pytest.mark.browser
def test_every_page_of_the_room_is_clean_for_everybody_narrow_and_wide(browser: Any, site: Path) -> None:
    chosen = [one for one in pages(site) if one.startswith("listening/")]
    one_each = {re.sub(r"/[^/]+\.html$", "/x", one) if one.count("/") > 1 else one: one for one in chosen}
    found: list[str] = []
    with serving(site) as address:
        for width, dark in ((390, True), (1440, False)):
            with browser.page(address, width=width, dark=dark) as page:
                for path in one_each.values():
                    page.goto(path, wait="networkidle")
                    found += page.axe()
                    found += [f"{path} at {width}: {page.overflow()} too wide"] * (page.overflow() > 0)
                found += page.complaints
    assert found == []


@pytest.mark.browser
def test_without_scripts_the_newest_stand_there_with_the_export(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address, scripts=False) as page:
        page.goto("listening/mentions.html")
        assert page.driver.locator(".sb-heard tbody tr").count() == 60
        assert page.driver.locator('a[href$="2026-11.csv"]').is_visible()
        assert not page.driver.locator("form.sb-filter").is_visible()
        page.goto("listening/queue.html")
        assert re.search(r"by \w{3} \d+ \w{3}, \d\d:\d\d", page.driver.inner_text("main"))


@pytest.mark.browser
def test_fifty_thousand_mentions_are_filtered_within_a_blink(browser: Any, site: Path, tmp_path: Path) -> None:
    """From the key to the paint, the middle one of five: 100 ms is what people feel as at once."""
    large = tmp_path / "large"
    shutil.copytree(site, large)
    part = json.loads((large / "listening/mentions/2026-11-1.json").read_text(encoding="utf-8"))
    columns = [
        name
        for name in part
        if isinstance(part[name], list) and len(part[name]) == len(part["at"]) and name not in {"sources", "topics"}
    ]
    times = -(-4_000 // len(part["at"]))
    whole = part | {name: (part[name] * times)[:4_000] for name in columns}
    for number in range(1, 14):
        (large / f"listening/mentions/2026-11-{number}.json").write_text(json.dumps(whole), encoding="utf-8")
    page_file = large / "listening/mentions.html"
    files = " ".join(f"mentions/2026-11-{number}.json" for number in range(1, 14))
    page_file.write_text(
        re.sub(r'data-files="[^"]*"', f'data-files="{files}"', page_file.read_text(encoding="utf-8")), encoding="utf-8"
    )
    with serving(large) as address, browser.page(address) as page:
        page.goto("listening/mentions.html?tone=negative")
        page.driver.wait_for_selector("[data-sb-ready]", timeout=30_000)
        total = page.driver.locator("[data-sb-heard-total]")
        assert "of 52,000 shown" in total.inner_text()
        # The time of the page's own thread, so that other work on this machine does not count.
        session = page.driver.context.new_cdp_session(page.driver)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def worked() -> float:
            found = session.send("Performance.getMetrics")["metrics"]
            return float(next(one["value"] for one in found if one["name"] == "TaskDuration"))

        spent = []
        for word in ("late", "ferry", "nobody", "zzz", "ticket"):
            before = worked()
            page.driver.evaluate(
                """async (word) => {
                  const field = document.querySelector('[data-sb-heard-filter] [name=q]');
                  field.value = word;
                  field.dispatchEvent(new Event('input', { bubbles: true }));
                  await new Promise((done) => requestAnimationFrame(() => {
                    const way = new MessageChannel(); way.port1.onmessage = done; way.port2.postMessage(0);
                  }));
                }""",
                word,
            )
            spent.append(1_000 * (worked() - before))
        assert "q=ticket" in page.driver.url
        assert "tone=negative" in page.driver.url
        assert page.complaints == []
    assert 0 < sorted(spent)[2] < 100, spent


@pytest.mark.browser
def test_the_filter_works_by_keyboard_and_leads_to_the_case(browser: Any, site: Path) -> None:
    with serving(site) as address, browser.page(address) as page:
        page.goto("listening/mentions.html")
        page.driver.wait_for_selector("[data-sb-ready]", timeout=15_000)
        page.driver.keyboard.press("/")
        page.driver.keyboard.type("LATE nobody")
        rows = page.driver.locator(".sb-heard tbody tr")
        assert rows.count() > 0
        assert all("late again and nobody" in one for one in page.driver.locator(".sb-heard__said").all_inner_texts())
        page.driver.keyboard.press("Control+a")
        page.driver.keyboard.type("no such words at all")
        assert "Nothing fits this filter" in rows.first.inner_text()
        page.driver.locator("[data-sb-heard-filter] button[type=reset]").click()
        page.driver.locator('.sb-heard td[data-th="State"] a').first.click()
        assert "/listening/cases/" in page.driver.url
        assert page.complaints == []


def told(place: Workspace, number: int, words: str, at: datetime, story: int) -> list[Mention | Judgement]:
    """One voice about the harbour; the first of a story has its number."""
    key = f"forum:{number}"
    mention = Mention(
        key, "forum", f"{number}", f"https://forum.example/{number}", f"teller{number}", "", words, "en", at, at
    )
    judged = Judgement(key, "r", at, at, "forum", "", "forum.example", f"w{number}", "en", "neutral", 0.9, "rules", 0, "", "voice",
                       ("subject/harbour",), key, f"forum:{story}", (), "routine", 0, 0)  # fmt: skip
    return [mention, judged]


def test_a_story_is_called_by_its_first_words_however_old_and_forgets_them_with_their_author(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, DOCUMENTS)
    rows = told(place, 1, "The old pier is for sale", NOW - timedelta(days=80), 1)
    for number in (2, 3, 4, 5):
        again = "Sold: the pier" if number < 5 else "RT sold — the pier!"
        rows += told(place, number, again, NOW - timedelta(days=6 - number), 1)
    store.append(place, rows)
    room = build(place).site_dir / "listening"
    (page,) = (room / "stories").glob("*.html")
    assert "The old pier is for sale" in text(room / "stories.html")
    assert "The old pier is for sale" in text(page)
    assert "3 others wrote the same" in text(page)
    assert text(page).count("Sold: the pier") == 1
    forgetting.run(place, "teller1", NOW)
    build(place)
    assert "Sold: the pier" in text(room / "stories.html")
    assert not [one for one in room.rglob("*.html") if "old pier" in one.read_text(encoding="utf-8")]
