"""What the team's own records say by themselves: posts sent, how long people waited, what others began to say."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines import measure
from pipelines.connectors import ledger, listening
from signalbook import book as books
from signalbook import cases, store, tally
from signalbook.period import Period
from signalbook.records import Judgement, Mention, Receipt
from tests import build as make
from tests import said
from tests.build import ZONE

if TYPE_CHECKING:
    from signalbook.records import CaseEvent, Reading
    from signalbook.workspace import Workspace

NOW = datetime(2026, 11, 27, 9, tzinfo=ZONE)
CONNECTORS = {"ledger": ledger.CONNECTOR, "listening": listening.CONNECTOR}


def receipt(at: str, what: str = "sent", *, post: str = "one", channel: str = "blog", part: int = 1) -> Receipt:
    when = datetime.fromisoformat(at).replace(tzinfo=ZONE).astimezone(UTC)
    name = f"{post}/{channel}" + (f"/{part}" if part > 1 else "")
    return Receipt(name, post, channel, part, when, f"id-{name}", "", "bytes", what)  # type: ignore[arg-type]


def readings(place: Workspace) -> list[tuple[str, str, date, float]]:
    measure.run(place, CONNECTORS, NOW)
    rows = books.load(place).tables.readings.order_by(["metric", "channel", "on", "subject"]).to_pyarrow().to_pylist()
    return [(row["metric"], row["channel"], row["on"], row["value"]) for row in rows]


def test_posts_sent_count_once_on_the_day_they_first_went_out_and_quiet_days_read_nought(tmp_path: Path) -> None:
    place = make.workspace(tmp_path)
    store.append(
        place,
        [
            receipt("2026-11-23 10:00"), receipt("2026-11-23 10:01", part=2), receipt("2026-11-24 09:00", "amended"),
            receipt("2026-11-25 23:59", post="two"), receipt("2026-11-25 12:00", post="two", channel="bluesky"),
            receipt("2026-11-25 12:00", "refused", post="three"), receipt("2026-11-26 08:00", "withdrawn"),
            receipt("2026-11-27 08:00", post="four"),
        ],
    )  # fmt: skip

    assert readings(place) == [
        ("posts_sent", "blog", date(2026, 11, 23), 1), ("posts_sent", "blog", date(2026, 11, 24), 0), ("posts_sent", "blog", date(2026, 11, 25), 1),
        ("posts_sent", "blog", date(2026, 11, 26), 0), ("posts_sent", "bluesky", date(2026, 11, 25), 1), ("posts_sent", "bluesky", date(2026, 11, 26), 0),
    ]  # fmt: skip
    assert len(readings(place)) == 6, "asked again, nothing is added"
    week = Period.parse("2026-W48", ZONE, NOW)
    assert tally.total(books.load(place).tables, "posts_sent", week, channel="blog").value == 2


def opened(name: str, wrote: datetime, *, inside: timedelta, **more: object) -> CaseEvent:
    facts = {
        "mention": name, "row": "question", "severity": "S4", "owner": "writer", "inside_at": wrote + inside,
        "received_at": wrote,
    }  # fmt: skip
    return cases.event(cases.case_id(name), "opened", wrote + inside, "", facts | more)


def answered(name: str, at: datetime) -> CaseEvent:
    return cases.event(cases.case_id(name), "answered", at, "writer", {"url": "https://example.org/a"})


def test_times_of_cases_are_told_one_by_one_in_the_owners_working_time(tmp_path: Path) -> None:
    place = make.workspace(
        tmp_path, {"people/writer": make.person(title="Writer", hours="Mon-Fri 09:00-17:00", zone="Europe/Berlin")}
    )
    friday = datetime(2026, 11, 20, 16, tzinfo=ZONE)
    store.append(
        place,
        [
            opened("soon", friday, inside=timedelta(minutes=30)), answered("soon", datetime(2026, 11, 23, 10, tzinfo=ZONE)),
            opened("late", friday, inside=timedelta(hours=2)), answered("late", datetime(2026, 11, 26, 16, tzinfo=ZONE)),
            opened("never", friday, inside=timedelta(0)),
            opened("no", friday, inside=timedelta(0)),
            cases.event(cases.case_id("no"), "declined", friday + timedelta(hours=1), "writer", {"why": "not ours"}),
            opened("grave", friday, inside=timedelta(minutes=6), severity="S2"), answered("grave", friday + timedelta(hours=1)),
        ],
    )  # fmt: skip
    measure.run(place, CONNECTORS, NOW)
    tables = books.load(place).tables
    rows: list[Reading] = tables.readings.to_pyarrow().to_pylist()
    told = {(row["metric"], row["subject"]): row["value"] for row in rows}  # type: ignore[index]
    soon, late, never, grave = (cases.case_id(name) for name in ("soon", "late", "never", "grave"))
    assert told["time_to_inside", soon] == 0.5
    assert told["time_to_inside", never] == 0
    assert told["first_reply_time", soon] == 2, "an hour on Friday, one on Monday"
    assert ("first_reply_time", grave) not in told
    assert ("first_reply_time", never) not in told
    assert told["answered_in_time", soon] == 100
    assert told["answered_in_time", late] == told["answered_in_time", never] == 0
    assert ("answered_in_time", cases.case_id("no")) not in told
    month = Period.parse("2026-11", ZONE, NOW)
    share = tally.total(tables, "answered_in_time", month, adds="mean")
    assert share.value == pytest.approx(100 * sum(v == 100 for (m, _), v in told.items() if m == "answered_in_time") / sum(m == "answered_in_time" for m, _ in told))  # fmt: skip
    assert tally.total(tables, "time_to_inside", month, adds="never").value == pytest.approx(0.1)


def test_a_workspace_without_records_has_no_readings_and_no_trouble(tmp_path: Path) -> None:
    done = measure.run(make.workspace(tmp_path), CONNECTORS, NOW)
    assert (done.added, done.failures, done.notes) == (0, (), ())


def heard(
    number: int, day: int, *, about: str = "subject/harbour", story: int = 0, **more: str
) -> list[Mention | Judgement]:
    at = datetime(2026, 11, day, 10, number, tzinfo=ZONE).astimezone(UTC)
    key, begun = f"forum:{number}", f"forum:{story or number}"
    mention = Mention(key, "forum", str(number), "", f"account{number}", "", "words", "en", at, at)
    judged = Judgement(
        key, "r", at, at, "forum", "", "forum.example", f"w{number}", "en", "neutral", 0.9, "rules", 0, "",
        more.get("spread", "voice"), (about,), f"forum:{more.get('same', number)}", begun, (), "routine", 0, 0,  # type: ignore[arg-type]
    )  # fmt: skip
    return [mention, judged]


def test_a_story_about_us_counts_once_on_the_day_others_began_it(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, said.DOCUMENTS)
    rows = [
        heard(1, 20), heard(2, 20, story=1), heard(3, 23, story=1), heard(4, 23), heard(5, 23, spread="repeat"),
        heard(6, 23, spread="own"), heard(7, 23, same="4"), heard(8, 23, about="competitor/lake-line"),
        heard(9, 23, about="subject/ferry"), heard(10, 24), heard(11, 24), heard(12, 27),
    ]  # fmt: skip
    store.append(place, [record for pair in rows for record in pair])
    assert [(on.day, value) for _, _, on, value in readings(place)] == [
        (20, 1), (21, 0), (22, 0), (23, 1), (24, 2), (25, 0), (26, 0),
    ]  # fmt: skip
    # A source that is late tells of a day that was counted already.
    store.append(place, heard(13, 25))
    later = NOW + timedelta(days=1)
    measure.run(place, CONNECTORS, later)
    days = tally.series(
        books.load(place).tables, "earned_mentions", Period.parse("2026-11", ZONE, NOW), source="listening"
    )
    assert [point.value for point in days[19:27]] == [1, 0, 0, 1, 2, 1, 0, 1]


def test_days_are_not_read_as_nought_where_the_private_store_is_not_here(tmp_path: Path) -> None:
    place = make.workspace(tmp_path, said.DOCUMENTS)
    store.append(place, heard(1, 20))
    measure.run(place, CONNECTORS, NOW)
    shutil.rmtree(place.data / "private")
    done = measure.run(place, CONNECTORS, NOW + timedelta(days=2))
    assert done.added == 0
    assert any("store fetch --private" in note for note in done.notes)
